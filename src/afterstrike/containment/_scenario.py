"""A scenario: a named list of dated changes to a world, with what it assumes."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ._scenario_grammar import Change, nearest, read_changes
from ._scenario_levers import check_changes, levers_of, warnings_of

if TYPE_CHECKING:
    from ._layout import Levers
    from ._world import World

__all__ = ["Scenario", "load_scenario", "scenarios"]

_FOLDER = Path(__file__).with_name("scenarios")
# The order in which they are listed: from what is there, to more and more assumed.
_ORDER = ("strikes_only", "repatriate", "coordinate", "all", "withdraw", "article", "feb2026")
_KEYS: dict[str, type] = {
    "name": str,
    "title": str,
    "note": str,
    "changes": list,
    "assumptions": list,
    "sources": list,
    "worlds": list,
}


@dataclass(frozen=True)
class Scenario:
    """Dated changes to a world.

    Parameters
    ----------
    name, title, note
        A word, a line and a paragraph.
    changes
        What differs from the world as its file states it; none: nothing does.
    assumptions
        What must be believed for the scenario to be worth running. No data test them.
    sources
        What the changes rest on, where anything.
    source
        Where it was read from.
    worlds
        The worlds whose places its lines name; empty: any world.
    """

    name: str
    title: str = ""
    note: str = ""
    changes: tuple[Change, ...] = ()
    assumptions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    source: str = ""
    worlds: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The changes as they were written."""
        return tuple(change.text for change in self.changes)

    @property
    def sha256(self) -> str:
        """Of the changes: two scenarios with the same one are the same policy."""
        return hashlib.sha256(json.dumps(self.lines).encode()).hexdigest()

    def faults(self, world: World, start: date, days: int) -> list[str]:
        """Give what is wrong with the scenario in a run of `days` days from `start`; empty: nothing."""
        return check_changes(self.changes, world, start, days)

    def warnings(self, world: World, start: date, days: int) -> list[str]:
        """Give what is allowed but beyond anything on record."""
        return warnings_of(self.changes, world, start, days)

    def levers(self, world: World, start: date, steps: int, step_days: float = 1.0) -> Levers:
        """Give the arrays of the model.

        Parameters
        ----------
        world
            Whose zones, custody systems, camps and seams the changes act on.
        start
            First day of the run.
        steps, step_days
            Number of steps, and the days in each (above 0). A step takes the day its middle lies in.

        Raises
        ------
        UsageError
            A place the world has not, days outside the run, lines that contradict each other, values outside
            their limits: all of them in one message.
        """
        told = ""
        if self.worlds and world.name not in self.worlds:
            told = f" (its lines name places of the world {' or '.join(self.worlds)})"
        return levers_of(self.name + told, self.changes, world, start, steps, step_days)

    def with_changes(self, lines: Iterable[str]) -> Scenario:
        """Give the same scenario with further lines.

        Raises
        ------
        UsageError
            A line is none; all that are none in one message.

        Examples
        --------
        >>> load_scenario("strikes_only").with_changes(["start strikes x 0.5"]).name
        'strikes_only, changed'
        """
        further, faults = read_changes(lines)
        if faults:
            raise UsageError(f"scenario {self.name}: " + "; ".join(faults))
        if not further:
            return self
        return replace(self, name=f"{self.name}, changed", changes=(*self.changes, *further))

    def __repr__(self) -> str:
        return f"Scenario({self.name!r}, {len(self.changes)} changes)"


def scenarios() -> tuple[str, ...]:
    """Give the names of the shipped scenarios.

    Examples
    --------
    >>> scenarios()[:3]
    ('strikes_only', 'repatriate', 'coordinate')
    """
    found = {path.stem for path in _FOLDER.glob("*.toml")}
    return (*(name for name in _ORDER if name in found), *sorted(found - set(_ORDER)))


def load_scenario(given: str | Path | Scenario) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    given
        The name of a shipped one, the path of a TOML file, or a `Scenario`, which is given back.

    Returns
    -------
    Scenario
        With every line read; its places and days are checked against a world by `Scenario.levers`.

    Raises
    ------
    UsageError
        There is no such scenario, or its file is wrong: everything that is, in one message.

    Examples
    --------
    >>> load_scenario("withdraw").title
    'The striking power leaves'
    """
    if isinstance(given, Scenario):
        return given
    text = str(given)
    if text in scenarios():
        return _read(_FOLDER / f"{text}.toml", "shipped")
    path = Path(text)
    if path.suffix != ".toml" and not path.exists():
        raise UsageError(
            f"scenario {text!r}: {nearest(text, scenarios())} Or give the path of a .toml file of your own"
        )
    return _read(path, path.name)


def _read(path: Path, source: str) -> Scenario:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; shipped scenarios are {', '.join(scenarios())}") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{path} cannot be read: {problem}") from None
    except tomllib.TOMLDecodeError as problem:
        raise UsageError(f"{path} is no TOML file: {problem}") from None
    faults = _faults_of_keys(raw)
    lines = raw.get("changes", [])
    changes, wrong = read_changes(lines if isinstance(lines, list) else [])
    if faults := faults + wrong:
        raise UsageError(f"{path.name}: " + "; ".join(faults))
    return Scenario(
        name=raw["name"].strip(),
        title=raw["title"].strip(),
        note=" ".join(raw["note"].split()),
        changes=changes,
        assumptions=tuple(raw.get("assumptions", ())),
        sources=tuple(raw.get("sources", ())),
        source=source,
        worlds=tuple(raw.get("worlds", ())),
    )


def _faults_of_keys(raw: dict[str, Any]) -> list[str]:
    faults = [f"key {key!r}: {nearest(key, list(_KEYS))}" for key in raw if key not in _KEYS]
    for key, kind in _KEYS.items():
        value: Any = raw.get(key)
        if value is None:
            if key in ("name", "title", "note", "changes"):
                faults.append(f"{key} is missing")
        elif not isinstance(value, kind):
            faults.append(f"{key} is {value!r}; allowed {'a list of texts' if kind is list else 'text'}")
        elif isinstance(value, str) and not value.strip():
            faults.append(f"{key} is empty")
        elif isinstance(value, list) and key != "changes" and not all(isinstance(one, str) for one in value):
            faults.append(f"{key} holds what is no text; allowed a list of texts")
    if isinstance(raw.get("changes"), list) and raw["changes"] and not raw.get("assumptions"):
        faults.append(
            "assumptions is missing: a scenario that changes something says what it takes for granted"
        )
    return faults
