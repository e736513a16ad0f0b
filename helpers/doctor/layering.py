"""The environment as each layer sees it, side by side.

Nothing is imported that the kernel has not imported, and no cache is asked: see ``cached``.
"""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from helpers.doctor import findings, kernel
from helpers.doctor.report import CELL, NOT_SET, Check, Shown, address, lines, masked, plain
from helpers.doctor.seen import SETTINGS, Seen
from helpers.doctor.views import callback_view, proxy_view, sdk_view
from helpers.view.table import grid, row

__all__ = ["Layers", "read"]


@dataclass(frozen=True, repr=False)
class Layers(Shown):
    """The table: ``variables`` is what the environment says, ``findings`` where layers differ."""

    variables: Mapping[str, Mapping[str, str]]
    seen: tuple[Seen, ...]
    findings: tuple[Check, ...] = ()

    def text(self) -> str:
        said = ["What each layer sees"]
        for setting, variables in self.variables.items():
            said.append(f"  {setting}")
            said += [f"    {name}: {value}" for name, value in variables.items()]
            said += [f"    {names}: {value}" for names, value in self._grouped(setting)]
        said.append("  state")
        said += [f"    {each.name}: {_state(each)}" for each in self.seen]
        return "\n".join([*said, *map(str, self.findings)])

    def html(self) -> str:
        heads = ("setting", "os.environ", *(each.name for each in self.seen))
        rows = [_row("th", heads)]
        for setting, variables in self.variables.items():
            environment = "\n".join(f"{name}: {value}" for name, value in variables.items())
            cells = (each.settings[setting] for each in self.seen)
            rows.append(_row("td", (setting, environment, *cells)))
        rows.append(_row("td", ("state", "", *map(_state, self.seen))))
        below = f"\n{lines(self.findings)}" if self.findings else ""
        return f"{grid(rows)}{below}"

    def _grouped(self, setting: str) -> Iterable[tuple[str, str]]:
        groups: dict[str, list[str]] = {}
        for each in self.seen:
            groups.setdefault(each.settings[setting], []).append(each.name)
        for value, names in groups.items():
            yield "every layer" if len(names) == len(self.seen) else ", ".join(names), value


def read(environ: Mapping[str, str] = os.environ) -> Layers:
    """Look at all layers of this process. Changes nothing: no import, no cache entry, no client."""
    state, logger = kernel.sdk_state(), kernel.logger()
    events, size = kernel.events(), kernel.batch_size()
    sdk = sdk_view(environ, **state)
    callback = callback_view(environ, logger=logger, events=events, batch_size=size)
    proxy = proxy_view(environ)
    found = [
        *findings.variables(environ),
        *findings.kept(sdk, sdk_view(environ), state),
        *findings.apart(environ, sdk, callback),
        *findings.callback(environ, callback, callback_view(environ, batch_size=size), events),
        *findings.twice(sdk, callback),
        *findings.proxy(proxy, proxy_view(environ, process=False)),
    ]
    variables = {setting: _variables(setting, environ) for setting in SETTINGS}
    return Layers(variables, (sdk, callback, proxy), tuple(found))


def _variables(setting: str, environ: Mapping[str, str]) -> dict[str, str]:
    names = SETTINGS[setting]
    always = names[: names.index(None)] if None in names else names
    shown = [name for name in names if name and (name in always or environ.get(name))]
    tell = _teller(setting)
    return {name: tell(environ.get(name)) if environ.get(name) else NOT_SET for name in shown}


def _teller(setting: str) -> Callable[[str | None], str]:
    return {"key": masked, "address": address}.get(setting, plain)


def _state(seen: Seen) -> str:
    if seen.waiting is None:
        return seen.state
    return f"{seen.state}, {seen.waiting} run{'' if seen.waiting == 1 else 's'} not sent yet"


def _row(tag: str, cells: Iterable[str]) -> str:
    texts = (html.escape(cell).replace("\n", "<br>") for cell in cells)
    return row(tag, texts, style=CELL)
