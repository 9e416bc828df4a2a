"""Ranges of counts in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["counts_in_words", "span"]

_COUNTS = {"fatalities": "killed", "civilian_fatalities": "civilians killed", "injured": "injured"}


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
    bounds = ((words, row.get(f"{name}_low"), row.get(f"{name}_high")) for name, words in _COUNTS.items())
    return [f"{words} {span(low, high)}" for words, low, high in bounds if (low, high) != (None, None)]
