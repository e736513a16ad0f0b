"""What a cell with many calls would cost, said before it makes them."""

from __future__ import annotations

from helpers.session import running

__all__ = ["estimate", "said"]

SHOWN = "gpt-4o-mini"  # the model that lessons name


def estimate(calls: int, tokens_in: int, tokens_out: int) -> str:
    """Say what ``calls`` calls would cost of the model that is asked: the learner's, if one is set.

    Tokens are those of a call. Where answers are recorded, it is what they would cost live.
    """
    current = running.current()
    wanted = current.choice.wanted if current else None
    return said(calls, tokens_in, tokens_out, model=wanted.model if wanted else SHOWN)


def said(calls: int, tokens_in: int, tokens_out: int, *, model: str = SHOWN) -> str:
    """Return in one sentence how many calls are meant, of how many tokens each, at which price.

    The price is that of LiteLLM's list, in US dollars, of ``model``; one that is not in it has
    none that is known.
    """
    import litellm

    about = f"{calls:,} calls, each of some {tokens_in} tokens in and {tokens_out} out"
    try:
        each = litellm.cost_per_token(
            model=model, prompt_tokens=tokens_in, completion_tokens=tokens_out
        )
    except Exception:  # LiteLLM raises one that has no kind of its own for what it does not know
        return f"{about}; LiteLLM knows no price of {model}."
    return f"{about}: ${calls * sum(each):.4f} at the price of {model}."
