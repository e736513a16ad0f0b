"""Start and stop a LiteLLM proxy from a notebook.

The proxy is the real one, in its own process, with the environment of the kernel. It outlives an
interrupted cell and ends with the kernel, however that ends (see ``helpers.processes``).
"""

from __future__ import annotations

from helpers.proxy.launch import start, stop
from helpers.proxy.running import Proxy, ProxyError, current

__all__ = ["Proxy", "ProxyError", "current", "start", "stop"]
