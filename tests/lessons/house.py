"""The services and the one proxy that tests of several lessons share: a proxy costs ten seconds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from langsmith import run_trees

from helpers.environment import variables
from helpers.keys import Keys
from helpers.lessons import glossary
from helpers.proxy import launch as proxy
from helpers.services import create_app, guarded
from helpers.serving.server import Server
from helpers.session import clients
from tests.lessons.calls import NOTEBOOKS

__all__ = ["House", "opened"]


@dataclass(frozen=True)
class House:
    """Where the services are, and the config of the proxy that reports to them."""

    variables: dict[str, str]
    config: Path

    @contextmanager
    def lesson(self, project: str, **others: str) -> Iterator[pytest.MonkeyPatch]:
        """A lesson's circumstances here: the folder, the project, other variables."""
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(NOTEBOOKS)
            own = {"LANGSMITH_PROJECT": project, "ACME_PROJECT": "glossary-acme", **others}
            for name, value in {**self.variables, **own}.items():
                patch.setenv(name, value)
            patch.setattr(run_trees, "_CLIENT", None)
            patch.setattr(glossary, "CONFIG", str(self.config))
            clients.read_again()
            yield patch
        clients.read_again()

    def gateway(self) -> proxy.Proxy:
        """The proxy, as the service of lesson 16 starts it; that which runs, if it does."""
        with self.lesson(glossary.PROJECT) as patch:
            patch.delenv("LANGSMITH_TRACING", raising=False)  # it is of the SDK in this process
            environment = {"LANGSMITH_PROJECT": glossary.PROJECT}
            return proxy.start(glossary.CONFIG, environment=environment)


def _config(folder: Path) -> Path:
    """Write the config of lesson 16's service, with lesson 12's teams and lesson 03's models."""
    shutil.copytree(NOTEBOOKS / "proxy", folder)
    teams, models = (
        yaml.safe_load((folder / name).read_text()) for name in ("teams.yaml", "config.yaml")
    )
    config = yaml.safe_load((NOTEBOOKS / "service" / "config.yaml").read_text())
    known = {one["model_name"] for one in config["model_list"]}
    config["model_list"] += [m for m in models["model_list"] if m["model_name"] not in known]
    settings = teams["litellm_settings"]["default_team_settings"]
    for team in settings:  # a team may also have its messages left out
        team["turn_off_message_logging"] = team["team_id"] == "acme"
    config["litellm_settings"]["default_team_settings"] = settings
    config["general_settings"] = teams["general_settings"]
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


@contextmanager
def opened(folder: Path) -> Iterator[House]:
    """Serve both services, strict and without a pace, for as long as the block lasts."""
    keys = Keys()
    app = create_app(folder / "traces.sqlite", strict=True, pace=0, keys=keys)
    with Server(guarded(app), name="house") as server:
        yield House(variables(server.url, keys), _config(folder / "proxy"))
        proxy.stop()
