"""Declared gaps: stretches of days without recording, held inside the record they are gaps of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import UsageError

__all__ = ["gap_days", "stretch_of_days"]


def stretch_of_days(name: str, span: Sequence[Any]) -> tuple[int, int]:
    """Read a first and last day, both inclusive, as days since 1970.

    Raises
    ------
    UsageError
        They are no two dates, or the last lies before the first; `name` is the option it is said of.
    """
    if isinstance(span, str) or len(span) != 2:
        raise UsageError(f"{name} holds {span!r}; allowed (first day, last day), as YYYY-MM-DD")
    one, two = (_day(name, span, day) for day in span)
    if two < one:
        raise UsageError(f"{name} holds {tuple(span)!r}: the last day lies before the first; turn them round")
    return one, two


def gap_days(gap: Sequence[Any], first: int, last: int, *, name: str = "gaps") -> tuple[int, int]:
    """Read a gap, and give the part of it that lies in the record.

    Parameters
    ----------
    gap
        First and last day without recording, both inclusive.
    first, last
        First and last day of the record, as days since 1970.
    name
        The option it is said of.

    Raises
    ------
    UsageError
        It is no stretch of days, or none of it lies in the record: most often a year written wrongly.

    Examples
    --------
    >>> gap_days(("1970-01-05", "1970-03-01"), 0, 30)
    (4, 30)
    """
    one, two = stretch_of_days(name, gap)
    if two < first or one > last:
        ends = " to ".join(str(np.datetime64(int(day), "D")) for day in (first, last))
        raise UsageError(
            f"{name} holds {tuple(gap)!r}, which lies outside the record, {ends}; check the years"
        )
    return max(one, first), min(two, last)


def _day(name: str, span: Sequence[Any], day: Any) -> int:
    text = str(day)[:10]
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError(text)
        return int(np.datetime64(text, "D").astype(np.int64))
    except ValueError:
        raise UsageError(f"{name} holds {tuple(span)!r}; allowed days as YYYY-MM-DD, not {day!r}") from None
