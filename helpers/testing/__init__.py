"""What runs and tests notebooks: pytest plugins, and the runner that refreshes stored outputs."""

from __future__ import annotations

import sys

# jsonschema, which reads notebooks for nbval, checks international addresses where this package is
# installed, and it takes 1.3 s of every start to build its grammar. No notebook holds one.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None: no such module
