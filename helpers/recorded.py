"""What a run of the recorder would cost and has cost, and what it leaves old or unasked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers import recording
from helpers.recording import Recording
from helpers.testing.files import lessons, parse, text_of

__all__ = ["Sum", "old", "report", "summed", "unasked"]

LONG_ENOUGH = 30  # characters of an answer that stand in one lesson by no chance


@dataclass(frozen=True)
class Sum:
    """How many calls, of how many tokens in and out; ``dollars`` by the price of those named."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float = 0.0

    def __str__(self) -> str:
        tokens = f"{self.tokens_in:,} tokens in and {self.tokens_out:,} out"
        return f"{self.calls:,} calls, {tokens}: ${self.dollars:.4f} at the prices of those named"


def summed(recordings: Iterable[Recording]) -> Sum:
    """Return what ``recordings`` have cost, or would cost again; a stream counts if it tells."""
    every = list(recordings)
    counts = [_usage(one) for one in every]
    return Sum(
        calls=len(every),
        tokens_in=sum(given for given, _ in counts),
        tokens_out=sum(taken for _, taken in counts),
        dollars=sum(_price(one, *count) for one, count in zip(every, counts, strict=True)),
    )


def _usage(one: Recording) -> tuple[int, int]:
    body = one.response.get("body")
    usage = body.get("usage") if isinstance(body, dict) else None
    usage = usage if isinstance(usage, dict) else {}
    return int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)


def _price(one: Recording, tokens_in: int, tokens_out: int) -> float:
    import litellm

    model = str(one.request.get("model"))
    try:
        counts = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}
        return float(sum(litellm.cost_per_token(model=model, **counts)))
    except Exception:  # LiteLLM raises one that has no kind of its own for what it does not know
        return 0.0


def old(before: Mapping[str, Recording], after: Mapping[str, Recording]) -> list[Path]:
    """Return the lessons whose stored outputs show what was recorded ``before`` and is not now.

    Both are recordings by their file's name. Where they are of other models than before, all
    lessons are old: the first cell of each names the models.
    """
    speakers = [{one.speaker for one in each.values()} for each in (before, after)]
    if after and speakers[0] != speakers[1]:
        return lessons()
    gone = [one for name, one in before.items() if after.get(name) != one]
    said = {text[:LONG_ENOUGH] for one in gone for text in _texts(one.response)}
    said = {text for text in said if len(text) == LONG_ENOUGH}
    return [path for path in lessons() if any(text in _shown(path) for text in said)]


def _texts(response: object) -> Iterable[str]:
    if isinstance(response, str):
        yield response
    elif isinstance(response, (dict, list)):
        values = response.values() if isinstance(response, dict) else response
        for value in values:
            yield from _texts(value)


def _shown(path: Path) -> str:
    """Return what the cells of a notebook have put out."""
    cells = [cell for cell in parse(text_of(path)).cells if cell.cell_type == "code"]
    outputs = [output for cell in cells for output in cell.outputs]
    texts = [o.get("text") or o.get("data", {}).get("text/plain") for o in outputs]
    return "\n".join(text for text in texts if isinstance(text, str))


def unasked(folder: Path, used: Collection[str]) -> list[Path]:
    """Return the recordings of ``folder`` that are none of those that were ``used``, by name."""
    return [path for path in sorted(folder.glob("*.json")) if path.name not in used]


def report(folder: Path) -> list[str]:
    """Return a line for each model and set of versions: how many recordings, and of which days.

    Those of what learners may ask are counted apart. Raises ``RecordingError`` for a damaged one.
    """
    lines = []
    for place in (folder, folder / recording.MORE):
        groups: dict[tuple[str, str], list[str]] = {}
        for one in recording.load(place).values():
            versions = one.recorded.get("versions") or {}
            told = ", ".join(f"{name} {number}" for name, number in sorted(versions.items()))
            group = (str(one.recorded.get("model")), told or "no versions")
            groups.setdefault(group, []).append(str(one.recorded.get("date")))
        for (model, told), dates in sorted(groups.items()):
            days = f"{min(dates)} to {max(dates)}" if len(set(dates)) > 1 else dates[0]
            lines.append(f"{place.name}/: {len(dates)} of {model}, {days}; {told}")
    return lines
