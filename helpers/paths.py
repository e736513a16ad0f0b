"""Where things of this repository stand."""

from __future__ import annotations

from pathlib import Path

__all__ = ["CLIENT", "NOTEBOOKS", "PROXY_CONFIG", "RECORDINGS", "REFUSED", "REQUIREMENTS", "ROOT"]

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
RECORDINGS = NOTEBOOKS / "recordings"
CLIENT = NOTEBOOKS / "client"  # the JavaScript client and its packages
PROXY_CONFIG = NOTEBOOKS / "proxy" / "config.yaml"
REQUIREMENTS = ROOT / "requirements.txt"
REFUSED = ROOT / ".refused.txt"
