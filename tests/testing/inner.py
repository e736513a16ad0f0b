"""The pytest that tests of plugins run within themselves, with what it needs and no more."""

import sys

# ``helpers.testing`` comes first, since it spares nbval a second; the rest is what to do without.
_WITHOUT = ("cacheprovider", "langsmith_plugin", "anyio", "hypothesispytest")
COMMAND = [sys.executable, "-m", "pytest", "-p", "helpers.testing"]
COMMAND += [part for name in _WITHOUT for part in ("-p", f"no:{name}")]
