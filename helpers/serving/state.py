"""The state of an application, as one typed value in place of attributes of Starlette's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["keep", "kept"]

T = TypeVar("T")


def keep(app: Starlette, state: object) -> None:
    """Make ``state`` the state of ``app``."""
    app.state.kept = state


def kept(app: Starlette, kind: type[T]) -> T:
    """Return the state of ``app``; raise ``TypeError`` when it is not a ``kind``."""
    state = getattr(app.state, "kept", None)
    if not isinstance(state, kind):
        raise TypeError(f"The state of this application is {state!r}, not a {kind.__qualname__}.")
    return state
