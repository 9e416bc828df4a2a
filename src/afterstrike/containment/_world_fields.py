"""Reads single fields of a world file: words, days, figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from ._world_faults import Faults, Path_, did_you_mean, shown

__all__ = ["day", "find_figure", "is_number", "keys_of", "text_of"]


def keys_of(table: Mapping[str, Any], known: Iterable[str], path: Path_, faults: Faults) -> dict[str, Any]:
    """Give a table's keys that are known; each other one is a fault with the nearest known one."""
    allowed = tuple(known)
    told = {place for place, _ in faults.found}
    for key in table:
        if key not in allowed and (*path, key) not in told:
            faults.say(
                (*path, key), f"no such field{did_you_mean(key, allowed)}; allowed are {', '.join(allowed)}"
            )
    return {key: value for key, value in table.items() if key in allowed}


def text_of(
    row: Mapping[str, Any],
    name: str,
    path: Path_,
    faults: Faults,
    *,
    default: str | None = None,
    may_be_empty: bool = False,
) -> str:
    """Give words; without a default they are needed."""
    if name not in row and default is not None:
        return default
    value = row.get(name)
    if isinstance(value, str) and (value.strip() or may_be_empty):
        # one line, and nothing that a terminal would act on
        return "".join(letter for letter in " ".join(value.split()) if letter.isprintable())
    what = "is missing" if name not in row else f"is {shown(value)}"
    faults.say((*path, name) if name in row else path, f"{name} {what}; it is words")
    return default or ""


def day(
    row: Mapping[str, Any], name: str, path: Path_, faults: Faults, *, is_needed: bool = False
) -> date | None:
    """Give a day, written as 2026-02-13 with or without quotes."""
    if name not in row:
        if is_needed:
            faults.say(path, f"{name} is missing; write it as {name} = 2026-02-13")
        return None
    value = row[name]
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as problem:
            faults.say((*path, name), f"{name} is {shown(value)}, no day of the calendar ({problem})")
            return None
    faults.say((*path, name), f"{name} is {shown(value)}; write a day as {name} = 2026-02-13")
    return None


def is_number(value: Any) -> bool:
    """Say whether a value is a finite number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def find_figure(name: str, path: Path_, faults: Faults) -> Any:
    """Give a shipped figure by its id; None, and a fault, where there is none."""
    from afterstrike.record.shipped import figures

    known = {figure.figure_id: figure for figure in figures()}
    if name not in known:
        faults.say(path, f"no figure {shown(name)} is shipped{did_you_mean(name, known)}")
    return known.get(name)
