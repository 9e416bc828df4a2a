"""One line, one change: `FROM[..UNTIL] LEVER OP VALUE [at PLACE]`, dated and additive."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ._layout import CAMP_LEVERS, CUSTODY_LEVERS, SEAM_LEVERS, ZONE_LEVERS

__all__ = ["LEVERS", "Change", "Lever", "Moment", "nearest", "read_change", "read_changes"]

MOST_MOVED_A_DAY = 250.0
"""Persons a day. The most on record is about 248 a day, by air, over 23 days of early 2026."""


@dataclass(frozen=True)
class Lever:
    """What a line may change.

    Parameters
    ----------
    kind
        Where it acts: `zone`, `system`, `camp`, `seam`, `pair` (from one custody system to another), or
        `world`.
    neutral
        The value that changes nothing; nan where the world's own number holds.
    low, high
        Allowed values.
    unit
        What a value of it counts.
    why
        Where the limit comes from.
    """

    kind: str
    neutral: float
    low: float
    high: float
    unit: str
    why: str = "beyond it nothing in the sources of the worlds says what would follow"


_MOVED = "the most on record is about 248 a day, by air, in early 2026"
_OWN = {
    "strikes": Lever("zone", 1, 0, 10, "times the world's own rate"),
    "reactive": Lever("zone", 1, 0, 10, "times the world's own answer to attacks"),
    "missions": Lever("zone", 1, 0, 10, "times the world's own rate"),
    "inflow": Lever("zone", 0, 0, 100, "fighters arriving a day"),
    "command": Lever("zone", 0, 0, 1, "share of command lost on the day", "it is a share"),
    "guard": Lever("system", 1, 0, 5, "relative to the guard at the start"),
    "handover": Lever("system", 0, 0, 1, "on or off", "custody changes hands or it does not"),
    "repatriation": Lever("system", 0, 0, MOST_MOVED_A_DAY, "persons a day from each system", _MOVED),
    "adjudication": Lever("system", 0, 0, MOST_MOVED_A_DAY, "persons a day from each system", _MOVED),
    "returns": Lever("camp", 1, 0, 20, "times the world's own rate"),
    "exposure": Lever("camp", 1, 0, 5, "times the world's own rate"),
    "coordination": Lever("seam", math.nan, 0, 1, "0 hostile to 1 joint", "it runs from 0 to 1"),
    "transfer": Lever("pair", 0, 0, MOST_MOVED_A_DAY, "persons a day", _MOVED),
    "campaign": Lever("world", -1, -1, 1, "on, off or chance", "it is on, off or left to chance"),
}
LEVERS: dict[str, Lever] = {
    name: _OWN[name]
    for name in (*ZONE_LEVERS, *CUSTODY_LEVERS, *CAMP_LEVERS, *SEAM_LEVERS, "transfer", "campaign")
}
"""Every lever by name, in the order of the model's own lists."""

_ONLY_SET = {"coordination", "campaign", "handover", "command"}
_WORDS = {"campaign": {"on": 1.0, "off": 0.0, "chance": -1.0}, "handover": {"on": 1.0, "off": 0.0}}
_LINE = re.compile(r"(?P<when>\S+)\s+(?P<lever>\S+)\s+(?P<op>\S+)\s+(?P<value>\S+)(?P<rest>(\s+.*)?)")
_RELATIVE = re.compile(r"start(?:\+(\d+)d)?")
_FORM = "write it as `FROM[..UNTIL] LEVER OP VALUE [at PLACE]`, as in `start strikes x 0.5`"


@dataclass(frozen=True)
class Moment:
    """A day: of the calendar, or so many days after the run begins."""

    day: date | None = None
    after: int = 0

    def on(self, start: date) -> date:
        """Give the day in a run that begins on `start`."""
        return self.day if self.day is not None else start + timedelta(days=self.after)

    def __str__(self) -> str:
        if self.day is not None:
            return self.day.isoformat()
        return f"start+{self.after}d" if self.after else "start"


@dataclass(frozen=True)
class Change:
    """One line of a scenario.

    Parameters
    ----------
    text
        The line as it was written.
    first, last
        First and last day on which it holds; no last day: to the end of the run.
    lever, op, value
        `=` sets, `x` multiplies, `+` adds, `-` takes away.
    place
        Id of a zone, custody system, camp or seam (`a/b`); empty: all of them.
    towards
        For a transfer, the system that persons are moved to; empty otherwise.
    """

    text: str
    first: Moment
    last: Moment | None
    lever: str
    op: str
    value: float
    place: str = ""
    towards: str = ""


def nearest(given: str, allowed: Sequence[str]) -> str:
    """Give "; did you mean ..." where a name is near to one that is allowed, and else those allowed."""
    folded = {one.casefold(): one for one in allowed}
    near = difflib.get_close_matches(given.casefold(), list(folded), n=2, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(folded[name] for name in near)}?"
    return f"allowed {', '.join(allowed) or 'none: the world has no such place'}"


def read_change(text: str) -> Change:
    """Read one line.

    Parameters
    ----------
    text
        `FROM[..UNTIL] LEVER OP VALUE [at PLACE]`. FROM and UNTIL (the last day on which the change holds) are
        ISO dates, `start` or `start+90d`. A transfer ends in `from SYSTEM to SYSTEM`.

    Raises
    ------
    ValueError
        The line is none; the message says what is wrong with it, everything at once.

    Examples
    --------
    >>> read_change("start+90d strikes x 0.5 at iraq").value
    0.5
    >>> read_change("start strike x 0")
    Traceback (most recent call last):
    ...
    ValueError: lever 'strike': did you mean strikes?
    """
    found = _LINE.fullmatch(text.strip())
    if found is None:
        raise ValueError(_FORM)
    faults: list[str] = []
    first, last = _moments(found["when"], faults)
    name, op = found["lever"], found["op"]
    if name not in LEVERS:
        faults.append(f"lever {name!r}: {nearest(name, list(LEVERS))}")
    if op not in ("=", "x", "+", "-"):
        faults.append(f"{op!r} is no operation; allowed = (set), x (multiply), + (add), - (take away)")
    elif name in _ONLY_SET and op != "=":
        faults.append(f"{name} can only be set: write `{name} = VALUE`")
    value = _value(name, op, found["value"], faults)
    place, towards = _where(name, found["rest"].split(), faults)
    if faults:
        raise ValueError("; ".join(faults))
    return Change(text.strip(), first, last, name, op, value, place, towards)


def read_changes(lines: Iterable[Any]) -> tuple[tuple[Change, ...], list[str]]:
    """Read lines; give the changes, and what is wrong with the lines that are none."""
    changes, faults = [], []
    for number, line in enumerate(lines, 1):
        if not isinstance(line, str):
            faults.append(f"change {number} is {line!r}, not a line of text; {_FORM}")
            continue
        try:
            changes.append(read_change(line))
        except ValueError as problem:
            faults.append(f"change {number}, {line.strip()!r}: {problem}")
    return tuple(changes), faults


def _moments(when: str, faults: list[str]) -> tuple[Moment, Moment | None]:
    begin, dots, end = when.partition("..")
    first = _moment(begin, faults)
    last = _moment(end, faults) if dots else None
    same_scale = last is not None and (first.day is None) == (last.day is None)
    if last is not None and same_scale and _key(last) < _key(first):
        faults.append(f"{when}: it ends before it begins")
    return first, last


def _key(moment: Moment) -> int:
    return moment.day.toordinal() if moment.day is not None else moment.after


def _moment(text: str, faults: list[str]) -> Moment:
    if relative := _RELATIVE.fullmatch(text):
        after = int(relative[1] or 0)
        if after <= 100_000:
            return Moment(after=after)
    try:
        return Moment(date.fromisoformat(text))
    except ValueError:
        faults.append(f"{text!r} is no day; allowed a date as 2026-06-01, start, or start+90d")
        return Moment()


def _value(name: str, op: str, text: str, faults: list[str]) -> float:
    words = _WORDS.get(name, {})
    if text in words:
        return words[text]
    allowed = f"; allowed {', '.join(words)}" if words else ""
    try:
        value = float(text)
    except ValueError:
        faults.append(f"{text!r} is no value of {name}{allowed or '; allowed a number'}")
        return math.nan
    if name == "campaign" or (words and value not in (0, 1)):
        faults.append(f"{text!r} is no value of {name}{allowed}")
    elif not math.isfinite(value) or value < 0:
        faults.append(f"{text} is no number from 0; to lower a lever write `- VALUE` or `x 0.5`")
    elif name in LEVERS and op == "=" and not LEVERS[name].low <= value <= LEVERS[name].high:
        faults.append(outside(name, value))
    return value


def outside(name: str, value: float) -> str:
    """Say that a lever would have a value that is not allowed, and why that is so."""
    lever = LEVERS[name]
    return f"{name} would be {value:g}; allowed {lever.low:g} to {lever.high:g} ({lever.unit}): {lever.why}"


def _where(name: str, rest: list[str], faults: list[str]) -> tuple[str, str]:
    if name == "transfer":
        if len(rest) == 4 and rest[0] == "from" and rest[2] == "to":
            if rest[1] == rest[3]:
                faults.append(f"a transfer from {rest[1]} to itself moves nobody")
            return rest[1], rest[3]
        faults.append("a transfer says `from SYSTEM to SYSTEM`, as in `start transfer = 100 from a to b`")
        return "", ""
    if not rest:
        return "", ""
    if len(rest) != 2 or rest[0] != "at":
        faults.append(f"{' '.join(rest)!r}: a place is written `at PLACE`")
        return "", ""
    if name == "campaign":
        faults.append("a campaign is of the whole world: leave the place out")
    return rest[1], ""
