"""What every view calls a status, a duration, a count of tokens and a sum of money."""

from __future__ import annotations

from helpers.view.values import clip, plain

__all__ = ["dollars", "name", "seconds", "status", "tokens"]


def name(given: str) -> str:
    """Return a run's name on one line, in at most 60 characters."""
    return clip(" ".join(plain(given).split()), 60)


def status(stored: str) -> str:
    """Return the word for a run's status: ok, ✗ error or … pending."""
    return {"success": "ok", "error": "✗ error", "pending": "… pending"}[stored]


def seconds(duration: float) -> str:
    """Return a duration in seconds."""
    return f"{max(duration, 0.0):.2f} s"  # the one form that the sanitiser knows


def tokens(count: int) -> str:
    """Return a count of tokens."""
    return f"{count:,} token{'s' if count != 1 else ''}"


def dollars(cost: float) -> str:
    """Return US dollars, to a millionth."""
    if cost < 0.000001:
        return "<$0.000001"
    whole, fraction = f"{cost:.6f}".split(".")
    return f"${whole}.{fraction.rstrip('0').ljust(2, '0')}"
