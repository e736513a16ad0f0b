"""Variables are set in the words of the shell that reads the line."""

import os
import shutil
import subprocess

import pytest

from helpers import shell

AWKWARD = "it's $HOME; a"


@pytest.mark.parametrize(
    ("environ", "system", "found"),
    [
        ({}, "posix", "sh"),
        ({"PSModulePath": "/opt/modules"}, "posix", "powershell"),
        ({"PSModulePath": "C:/modules"}, "nt", "powershell"),
        ({"PSModulePath": "C:/modules", "SHELL": "/usr/bin/bash"}, "nt", "sh"),
    ],
)
def test_the_shell_is_told_by_what_it_sets(environ, system, found):
    assert shell.detect(environ, system=system) == found


@pytest.mark.skipif(os.name == "nt" or not shutil.which("sh"), reason="needs a POSIX shell")
def test_a_posix_shell_reads_back_what_was_written():
    script = f'{shell.export("NAME", AWKWARD, "sh")}; printf %s "$NAME"'
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True).stdout == AWKWARD


def test_powershell_doubles_a_quote():
    assert shell.export("NAME", AWKWARD, "powershell") == "$env:NAME = 'it''s $HOME; a'"
