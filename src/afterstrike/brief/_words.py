"""Numbers, dates and lists in the words a newspaper would print."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

__all__ = ["day", "joined", "number", "parse_day", "period", "sentence_at", "span"]

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
# A full stop ends a sentence unless it follows a single capital ("U.S.") or a short title.
_ENDS = re.compile(
    r"(?<![A-Z])(?<![ap]\.m)(?<!\bDr)(?<!\bMr)(?<!\bGen)(?<!\bCol)(?<!\bLt)(?<!\bNo)"
    r"[.!?]['\"’”)]*\s+(?![a-z])|\n+"
)


def parse_day(text: str | None) -> date | None:
    """Read an ISO date; None where there is none or it is not one."""
    if not text:
        return None
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def day(when: date) -> str:
    """Write a date as '20 January 2026'."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def _month_ends(start: date, end: date) -> bool:
    return start.day == 1 and (date.fromordinal(end.toordinal() + 1).day == 1)


def period(start: date, end: date) -> str:
    """Write a period: '2017', 'March 2016', 'January to June 2024', or two days."""
    if start == end:
        return day(start)
    if _month_ends(start, end):
        if (start.month, end.month) == (1, 12):
            return f"{start.year}" if start.year == end.year else f"{start.year} to {end.year}"
        if (start.year, start.month) == (end.year, end.month):
            return f"{_MONTHS[start.month - 1]} {start.year}"
        if start.year == end.year:
            return f"{_MONTHS[start.month - 1]} to {_MONTHS[end.month - 1]} {end.year}"
    return f"{day(start)} to {day(end)}"


def number(value: float) -> str:
    """Write a number with thousands separators and no idle decimals."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def joined(parts: Iterable[str]) -> str:
    """Join words as 'a', 'a and b', 'a, b and c', each once."""
    words = list(dict.fromkeys(p for p in parts if p))
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def span(start: date, end: date) -> str:
    """Write the time between two dates in years and months, or in days below two months."""
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    if months < 2:
        days = (end - start).days
        return f"{days} day{'' if days == 1 else 's'}"
    years, rest = divmod(months, 12)
    parts = [
        f"{years} year{'' if years == 1 else 's'}" if years else "",
        f"{rest} months" if rest > 1 else "",
    ]
    if rest == 1:
        parts[1] = "1 month"
    return " ".join(p for p in parts if p)


def sentence_at(text: str, start: int, end: int) -> tuple[int, int]:
    """Give the span of the sentence around text[start:end]; never narrower than the span given."""
    left = 0
    right = len(text)
    for match in _ENDS.finditer(text, max(0, start - 1500), min(len(text), end + 1500)):
        if match.end() <= start:
            left = match.end()
        elif match.start() >= end - 1:
            right = match.start() + 1
            break
    return left, max(right, end)
