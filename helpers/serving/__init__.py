"""Serve on this machine and to this machine alone: addresses, the guard, a server in a thread."""
