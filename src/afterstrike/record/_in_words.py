"""Ranges of counts in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["civilian_status_of", "counts_in_words", "span"]

_COUNTS = {"civilian_fatalities": "civilians killed", "fatalities": "killed", "injured": "injured"}


def span(low: int | None, high: int | None) -> str:
    """Write a range of counts; an open bound is said.

    Examples
    --------
    >>> span(3, 3), span(3, None), span(None, 5), span(3, 5)
    ('3', 'at least 3', 'up to 5', '3 to 5')
    """
    if low is None:
        return f"up to {high}"
    if high is None:
        return f"at least {low}"
    return str(low) if low == high else f"{low} to {high}"


def counts_in_words(row: Mapping[str, Any]) -> list[str]:
    """Write the counts that an event has; what it does not state is left out.

    Examples
    --------
    >>> counts_in_words({"fatalities_low": 3, "fatalities_high": 5, "injured_low": None, "injured_high": None})
    ['killed 3 to 5']
    """
    found = []
    for name, words in _COUNTS.items():
        low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
        if (low, high) == (None, None):
            continue
        # nobody says that they were civilians, only nothing else
        is_presumed = name == "civilian_fatalities" and row.get("civilian_status") == "presumed" and high != 0
        found.append(f"{words} {span(low, high)}" + (" (presumed civilians)" if is_presumed else ""))
    return found


def civilian_status_of(tellings: Iterable[Mapping[str, Any]]) -> str | None:
    """Say on what the civilian count of an incident stands: "stated" where one telling says so, else "presumed" or None.

    Examples
    --------
    >>> civilian_status_of([{"civilian_status": "presumed"}, {"civilian_status": None}])
    'presumed'
    """
    held = {one.get("civilian_status") for one in tellings}
    return "stated" if "stated" in held else "presumed" if "presumed" in held else None
