"""Periods said in words: "the 23 days that ended on 12 February", "the last week of September"."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

from afterstrike.brief._point import MONTH, POINT_RE, YEAR, When, month_of, point_of, whole_month

__all__ = ["COUNTS", "worded", "year_said"]

COUNTS = {
    word: index
    for index, word in enumerate(
        re.findall(
            r"\w+", "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        ),
        start=1,
    )
}
_N = rf"\d{{1,3}}|{'|'.join(COUNTS)}"
_Y = rf"{YEAR}|(?:this|last)\s+year"
_PART = re.compile(
    rf"\bfirst\s+(?P<n>two|three|four|five|six|seven|eight|nine|ten|eleven)\s+months\s+of\s+(?P<y>{_Y})"
    rf"|\bfirst\s+(?P<half>half|quarter)\s+of\s+(?P<yh>{_Y})"
    rf"|\b(?P<which>second|third|fourth|last|final)\s+(?P<unit>half|quarter)\s+of\s+(?P<yw>{_Y})",
    re.IGNORECASE,
)
_SLICE = re.compile(
    rf"\b(?P<which>first|second|third|fourth|last|final)\s+(?:full\s+)?(?P<unit>week|fortnight|ten\s+days|half)\s+of\s+"
    rf"(?P<m>{MONTH})(?:,?\s+(?:of\s+)?(?P<y>{YEAR}))?(?!\w)",
    re.IGNORECASE,
)
_MONTHS_LISTED = re.compile(
    rf"\b(?P<months>{MONTH}(?:,\s+{MONTH})+,?\s+and\s+{MONTH})\s+(?:of\s+)?(?P<y>{_Y})", re.IGNORECASE
)
_SLICE_DAYS = {"week": 7, "fortnight": 14, "ten days": 10, "half": 15}
# Counted back from a day: "the 23 days that ended on", "the first twelve months of the operation, up to".
_ENDED = re.compile(
    rf"\b(?:first\s+)?(?P<n>{_N})[\s-]+(?P<unit>days?|weeks?|months?|years?)"
    r"(?:\s+of\s+(?:the|its|this|their)\s+(?:\w+\s+)?\w+)?,?\s+"
    r"(?:(?:(?:that|which)\s+)?(?:ended|ends|ending|finished|closed|closing)(?:\s+(?:on|with))?|up\s+to|to|until|through|leading\s+up\s+to)"
    r"\s+(?:the\s+(?:night|evening|morning|day|end)\s+of\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_THIS_YEAR = re.compile(r"\s*,?\s*(?:of\s+)?(?P<which>this|last)\s+year\b", re.IGNORECASE)


def _year(text: str, published: date | None) -> tuple[int, str | None] | None:
    if text[0].isdigit():
        return int(text), None
    if published is None:
        return None
    year = published.year - (text.lower().startswith("last"))
    return year, f"assuming publication on {published.isoformat()}"


def worded(text: str, published: date | None) -> list[When]:
    """Find periods that are said in words around a date.

    Parameters
    ----------
    text : str
        The stretch, such as a sentence.
    published : date or None
        Completes "this year" and a day without a year.

    Examples
    --------
    >>> [(w.start.isoformat(), w.days) for w in worded("in the 23 days that ended on 12 February 2026", None)]
    [('2026-01-21', 23)]
    """
    found = _parts(text, published) + _slices(text, published) + _listed(text, published)
    for match in POINT_RE.finditer(text):
        head = _ENDED.search(text[: match.start()])
        point = point_of(match, published) if head else None
        if head is None or point is None:
            continue
        count = COUNTS.get(head["n"].lower()) or int(head["n"])
        start = _back(point[1], count, head["unit"].lower().rstrip("s"))
        if start is None or point[0] < start:
            continue
        note = f"assuming publication on {published}" if point[2] and published else None
        found.append(When(start, point[1], "period", (head.start(), match.end()), note))
    return found


def _back(end: date, count: int, unit: str) -> date | None:
    """Give the first day of so many days, weeks, months or years that end on a day, that day counted."""
    if unit in ("day", "week"):
        return end - timedelta(days=count * (7 if unit == "week" else 1) - 1)
    after = end + timedelta(days=1)
    months = after.year * 12 + after.month - 1 - count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    if year < 1:
        return None
    return date(year, month + 1, min(after.day, monthrange(year, month + 1)[1]))


def _parts(text: str, published: date | None) -> list[When]:
    found = []
    for match in _PART.finditer(text):
        said = _year(match["y"] or match["yh"] or match["yw"], published)
        if said is None:
            continue
        year, note = said
        if match["n"]:
            first, last = 1, COUNTS[match["n"].lower()]
        elif match["half"]:
            first, last = 1, 6 if match["half"].lower() == "half" else 3
        else:
            size = 6 if match["unit"].lower() == "half" else 3
            index = {"second": 2, "third": 3, "fourth": 4}.get(match["which"].lower(), 12 // size)
            first, last = (index - 1) * size + 1, index * size
        if last <= 12:
            days = date(year, first, 1), whole_month(year, last)[1]
            found.append(When(*days, "period", match.span(), note))
    return found


def _listed(text: str, published: date | None) -> list[When]:
    """Months in a row, named one by one: "January, February and March of 2017"."""
    found = []
    for match in _MONTHS_LISTED.finditer(text):
        said = _year(match["y"], published)
        months = [month_of(m) for m in re.findall(MONTH, match["months"], re.IGNORECASE)]
        if said and months == list(range(months[0], months[0] + len(months))):
            days = date(said[0], months[0], 1), whole_month(said[0], months[-1])[1]
            found.append(When(*days, "period", match.span(), said[1]))
    return found


def _slices(text: str, published: date | None) -> list[When]:
    """The weeks and halves of a month; the last week is its last seven days."""
    found = []
    for match in _SLICE.finditer(text):
        if not match["y"] and published is None:
            continue
        month = month_of(match["m"])
        year = (
            int(match["y"]) if match["y"] else published.year - (month > published.month) if published else 0
        )
        first, last = whole_month(year, month)
        size = _SLICE_DAYS[" ".join(match["unit"].lower().split())]
        which = match["which"].lower()
        index = {"first": 0, "second": 1, "third": 2, "fourth": 3}.get(which)
        if size == 15 and index != 0:
            days = first + timedelta(days=15), last
        elif index is None:
            days = last - timedelta(days=size - 1), last
        else:
            days = first + timedelta(days=index * size), first + timedelta(days=(index + 1) * size - 1)
        note = None if match["y"] or published is None else f"assuming publication on {published}"
        if days[1] <= last:
            found.append(When(*days, "period", match.span(), note))
    return found


def year_said(when: When, text: str, published: date | None) -> When:
    """Read "of this year" or "last year" behind a period whose own words name no year."""
    match = _THIS_YEAR.match(text, when.span[1])
    if match is None or published is None or re.search(YEAR, text[when.span[0] : when.span[1]]):
        return when
    shift = published.year - (match["which"].lower() == "last") - when.end.year
    note = f"assuming publication on {published.isoformat()}"
    try:
        start, end = when.start.replace(year=when.start.year + shift), when.end
        end = (
            whole_month(end.year + shift, end.month)[1]
            if end.day >= 28
            else end.replace(year=end.year + shift)
        )
    except ValueError:
        return when
    return replace(when, start=start, end=end, span=(when.span[0], match.end()), assumption=note)
