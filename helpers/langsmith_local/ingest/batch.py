"""What one request brings: runs, changes of runs, attachments and feedback, read and checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from helpers.langsmith_local import body
from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ids import uuid_text
from helpers.langsmith_local.ingest import attachments, opinions, rules, usage
from helpers.langsmith_local.ingest.parts import Part
from helpers.langsmith_local.ingest.together import APART, together
from helpers.langsmith_local.ingest.write import Change
from helpers.langsmith_local.values import check_depth
from helpers.serving.bounds import RUNS

__all__ = ["Batch", "batch_json", "multipart"]

_EVENTS = ("post.", "patch.")


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request brings, checked; by id ``changed`` has what was said of posts after them."""

    posts: list[Change] = field(default_factory=list)
    patches: list[Change] = field(default_factory=list)
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)
    attachments: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    feedback: list[dict[str, Any]] = field(default_factory=list)


def batch_json(value: Any) -> Batch:
    """Return the checked batch of a POST /runs/batch body ``{"post": [...], "patch": [...]}``."""
    if not isinstance(value, dict):
        raise rules.schema_error("body", "must be object")
    batch = Batch()
    lists = [runs for runs in map(value.get, ("post", "patch")) if isinstance(runs, list)]
    if sum(map(len, lists)) > RUNS:
        raise body.too_large(f"at most {RUNS} runs are taken")
    for event, runs in (("post", batch.posts), ("patch", batch.patches)):
        given = [] if value.get(event) is None else value[event]
        if not isinstance(given, list):
            raise rules.schema_error(event, "must be array")
        for index, run in enumerate(given):
            if not isinstance(run, dict):
                raise rules.schema_error(f"{event}.{index}", "must be object")
            runs.append(_checked(run, {}, at=f"{event}.{index}", post=event == "post"))
    return batch


def multipart(given: Iterable[Part]) -> Batch:
    """Return the checked batch of a POST /runs/multipart body.

    Part names are ``post|patch.<run id>[.<field>]``, ``attachment.<run id>.<name>`` and
    ``feedback.<id>`` (LangSmith's OpenAPI document).
    """
    batch = Batch()
    changes: dict[str, Change] = {}
    # Runs of one program repeat themselves (``extra.runtime``, ``{}``): equal bytes are read once.
    seen: dict[bytes, tuple[Any, str]] = {}
    for name, kind, content in given:
        key, _, field_name = name.rpartition(".")
        change = changes.get(key)
        if field_name in APART and (change or key.startswith(_EVENTS)):
            found = seen.get(content)
            if found is None:
                found = seen[content] = _value(name, content), content.decode()
            run, texts = change or changes.setdefault(key, ({}, {}))
            run[field_name], text = found
            if field_name != "error":
                texts[field_name] = text
        elif key in ("post", "patch"):
            run, _ = changes.setdefault(name, ({}, {}))
            run["id"] = field_name
            run.update(_object(name, content))
        else:
            _add_other(batch, name, kind, content)
    for key in list(changes):
        if not (change := changes.pop(key, None)):
            continue  # it went with its run
        event, _, run_id = key.partition(".")
        later = changes.get(f"patch.{run_id}") if event == "post" else None
        if later and (whole := _whole(change, later, at=key)):
            del changes[f"patch.{run_id}"]
            batch.posts.append(whole)
            batch.changed[whole[0]["id"]] = later[0]
        elif event == "post":
            batch.posts.append(_checked(*change, at=key, post=True))
        else:
            batch.patches.append(_checked(*change, at=key, post=False))
    return batch


def _whole(run: Change, change: Change, *, at: str) -> Change | None:
    """Return a run with its change; None when they have to be checked one by one."""
    if not (found := together(run[0], change[0])):
        return None
    whole, replaced = found
    try:
        usage.check(rules.check_schema(replaced, at=at, post=False), at=at)
        return _checked(whole, run[1] | change[1], at=at, post=True)
    except Refusal:  # and which of the two it is about, is found so
        return None


def _add_other(batch: Batch, name: str, kind: str, content: bytes) -> None:
    event, _, rest = name.partition(".")
    its_id, _, title = rest.partition(".")
    if event == "attachment" and title:
        attachments.check(title, kind)
        batch.attachments.append((_uuid(its_id, name), title, kind, content))
    elif event == "feedback" and its_id:
        batch.feedback.append(opinions.columns(_object(name, content), at=name))
    else:
        raise rules.schema_error(name, "unknown part")


def _checked(run: dict[str, Any], texts: dict[str, str], *, at: str, post: bool) -> Change:
    if "id" not in run:
        raise rules.schema_error(at, "missing part")
    checked = rules.check_schema(run, at=at, post=post)
    rules.check_order(checked, at=at, required=True)
    usage.check(checked, at=at)
    texts.update(rules.as_texts(checked, at=at, apart=texts))
    return checked, texts


def _value(name: str, content: bytes) -> Any:
    try:
        check_depth(content)
    except ValueError as error:
        raise rules.schema_error(name, str(error)) from None
    try:
        return orjson.loads(content)  # parts() has weighed it
    except orjson.JSONDecodeError:
        return body.json_value(content, what=f"JSON in part {name}")


def _object(name: str, content: bytes) -> dict[str, Any]:
    value = _value(name, content)
    if not isinstance(value, dict):
        raise rules.schema_error(name, "must be object")
    return value


def _uuid(text: str, name: str) -> str:
    try:
        return uuid_text(text)
    except ValueError:
        raise rules.schema_error(name, "must have the id of a run") from None
