"""The day or period a number is stated for, read from the words around it."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from afterstrike.brief._words import parse_day
from afterstrike.reading._claim import DateMention

__all__ = ["When", "when_in"]

_MONTHS = {
    name: index
    for index, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
            "august aug", "september sept sep", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_M = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_Y = r"(?:19|20)\d\d"
_POINT = (
    rf"(?:(?P<iso>{_Y}-\d\d-\d\d)|(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<m1>{_M})(?:,?\s+(?P<y1>{_Y}))?"
    rf"|(?P<m2>{_M})\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*,?\d)(?:,?\s+(?P<y2>{_Y}))?"
    rf"|(?P<m3>{_M})\s+(?:of\s+)?(?P<y3>{_Y})|(?P<y4>{_Y})(?![-\d])(?!\s+(?:troops|people|fighters|strikes))"
    rf"|(?P<m5>(?-i:January|February|March|April|May|June|July|August|September|October|November|December))\b)"
)
_POINT_RE = re.compile(rf"(?<![\w.,$])(?:{_POINT})(?!\w)", re.IGNORECASE)
_PART = re.compile(
    rf"\bfirst\s+(?P<n>two|three|six|seven|eight|nine|ten|eleven)\s+months\s+of\s+(?P<y>{_Y})"
    rf"|\bfirst\s+(?P<half>half|quarter)\s+of\s+(?P<yh>{_Y})"
    rf"|\b(?P<which>second|third|fourth|last|final)\s+(?P<unit>half|quarter)\s+of\s+(?P<yw>{_Y})",
    re.IGNORECASE,
)
_DAYS = re.compile(
    rf"\b(?P<a>\d{{1,2}})(?:st|nd|rd|th)?\s*(?:to|and|through|until|–|—|-)\s*(?:the\s+)?(?P<b>\d{{1,2}})(?:st|nd|rd|th)?\s+"
    rf"(?:of\s+)?(?P<m>{_M})(?:,?\s+(?P<y>{_Y}))?(?!\w)"
    rf"|\b(?P<m2>{_M})\s+(?P<a2>\d{{1,2}})(?:st|nd|rd|th)?\s*(?:to|and|through|until|–|—|-)\s*(?P<b2>\d{{1,2}})(?:st|nd|rd|th)?\b"
    rf"(?:,?\s+(?P<y2>{_Y}))?",
    re.IGNORECASE,
)  # "between 3 and 12 February 2026", "February 3-12, 2026"
_COUNT = {"two": 2, "three": 3, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11}
_JOIN = re.compile(
    r"\s*(?:to|and|through|until|till|–|—|-)\s*(?:the\s+(?:end|start)\s+of\s+)?", re.IGNORECASE
)
_FROM = re.compile(r"\b(?:from|between)\s+(?:the\s+(?:end|start|beginning)\s+of\s+)?$", re.IGNORECASE)
_SINCE = re.compile(r"\b(?:since|starting(?: in)?|beginning(?: in)?)\s+(?:\w+\s+){0,5}$", re.IGNORECASE)
_BY = re.compile(
    r"\b(?:by|as of|until|up to|through|till)\s+"
    r"(?:the\s+(?:end|start|middle)\s+of\s+|mid-?|late\s+|early\s+)?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\b(?:after|before|prior to|not seen since|than in|than|compared with|from)\s+(?:in\s+)?$", re.IGNORECASE
)

WhenKind = Literal["period", "since", "as_of"]


@dataclass(frozen=True)
class When:
    """A stated day or period. `since` has an open end, `as_of` an open start."""

    start: date
    end: date
    kind: WhenKind
    span: tuple[int, int]
    assumption: str | None = None

    @property
    def days(self) -> int:
        """Length in days, both ends counted."""
        return (self.end - self.start).days + 1


def _month(text: str) -> int:
    return _MONTHS[text.lower().rstrip(".")]


def _whole_month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _point(match: re.Match[str], published: date | None) -> tuple[date, date, bool] | None:
    """Give first and last day a date expression means, and whether its year had to be assumed."""
    try:
        if match["iso"]:
            one = date.fromisoformat(match["iso"])
            return one, one, False
        if match["y4"]:
            year = int(match["y4"])
            return date(year, 1, 1), date(year, 12, 31), False
        if match["m3"]:
            return (*_whole_month(int(match["y3"]), _month(match["m3"])), False)
        if match["m5"]:
            # "may" and "march" are verbs too: only a capitalised month after a preposition reaches here.
            if published is None:
                return None
            month = _month(match["m5"])
            year = published.year - (month > published.month)
            return (*_whole_month(year, month), True)
        month, day_of = (
            (_month(match["m1"]), int(match["d1"]))
            if match["m1"]
            else (_month(match["m2"]), int(match["d2"]))
        )
        stated = match["y1"] or match["y2"]
        if stated:
            one = date(int(stated), month, day_of)
            return one, one, False
        if published is None:
            return None
        one = date(published.year, month, day_of)
        if one > published + timedelta(days=31):
            one = date(published.year - 1, month, day_of)
        return one, one, True
    except ValueError:
        return None


def _parts(text: str) -> list[When]:
    found = []
    for match in _PART.finditer(text):
        if match["n"]:
            first, last, year = 1, _COUNT[match["n"].lower()], int(match["y"])
        elif match["half"]:
            first, last, year = 1, 6 if match["half"].lower() == "half" else 3, int(match["yh"])
        else:
            size = 6 if match["unit"].lower() == "half" else 3
            index = {"second": 2, "third": 3, "fourth": 4}.get(match["which"].lower(), 12 // size)
            first, last, year = (index - 1) * size + 1, index * size, int(match["yw"])
        if last <= 12:
            found.append(When(date(year, first, 1), _whole_month(year, last)[1], "period", match.span()))
    return found


def when_in(
    text: str,
    published: date | None,
    mentions: Sequence[DateMention] = (),
    offset: int = 0,
    year: int | None = None,
) -> list[When]:
    """Find the days and periods stated in a stretch of text.

    Parameters
    ----------
    text : str
        The stretch, such as a sentence.
    published : date or None
        Completes a day without a year, and ends an open period.
    mentions : sequence of DateMention
        What reading resolved, used for relative dates ("on Friday", "last month").
    offset : int
        Where `text` starts in the article, for the mentions' offsets.
    year : int, optional
        The year last named before `text`, for a month without one.

    Returns
    -------
    list of When
        In order of their place in the text.

    Examples
    --------
    >>> [str(w.end) for w in when_in("153 attacks from January to June 2024", None)]
    ['2024-06-30']
    """
    found = _parts(text) + _day_ranges(text, published)
    taken = [w.span for w in found]
    matches = [
        m for m in _POINT_RE.finditer(text) if not any(a < m.end() and m.start() < b for a, b in taken)
    ]
    skip = False
    for index, match in enumerate(matches):
        if skip:
            skip = False
            continue
        following = matches[index + 1] if index + 1 < len(matches) else None
        joined = following is not None and _JOIN.fullmatch(text[match.end() : following.start()])
        opened = _FROM.search(text[: match.start()])
        if (
            following is not None
            and joined
            and (opened or text[match.end() : following.start()].strip() not in {"and"})
        ):
            pair = _range(match, following, published)
            if pair:
                found.append(When(*pair, "period", (match.start(), following.end())))
                skip = True
                continue
        stated = [int(y) for y in re.findall(_Y, text[: match.start()])]
        one = _when(text, match, published, stated[-1] if stated else year)
        if one:
            found.append(one)
    found += _relative(text, mentions, offset, [w.span for w in found])
    return sorted(found, key=lambda w: w.span)


def _day_ranges(text: str, published: date | None) -> list[When]:
    found = []
    for match in _DAYS.finditer(text):
        first, last, month = (match[k] or match[f"{k}2"] for k in ("a", "b", "m"))
        stated = match["y"] or match["y2"]
        if not stated and published is None:
            continue
        try:
            year = int(stated) if stated else published.year if published else 0
            start, end = date(year, _month(month), int(first)), date(year, _month(month), int(last))
            if not stated and published and end > published + timedelta(days=31):
                start, end = start.replace(year=year - 1), end.replace(year=year - 1)
        except ValueError:
            continue
        if start <= end:
            note = None if stated or published is None else f"assuming publication on {published}"
            found.append(When(start, end, "period", match.span(), note))
    return found


def _range(first: re.Match[str], second: re.Match[str], published: date | None) -> tuple[date, date] | None:
    end = _point(second, published)
    if end is None:
        return None
    # "January to June 2024": the year stands once, at the end.
    start = (
        _point(first, end[1])
        if (first["m5"] or not (first["y1"] or first["y2"]))
        else _point(first, published)
    )
    if start is None or start[0] > end[1]:
        return None
    return start[0], end[1]


def _when(text: str, match: re.Match[str], published: date | None, year: int | None) -> When | None:
    before = text[: match.start()]
    if match["m5"] and not re.search(
        r"\b(in|since|by|for|during|of|last|through|until|late|early|mid)[- ]$", before
    ):
        return None
    point = _point(match, published)
    if match["m5"] and year is not None:
        # "in January 2017 ..., in February": the year goes on.
        point = (*_whole_month(year, _month(match["m5"])), False)
    if point is None:
        return None
    start, end, assumed = point
    note = f"assuming publication on {published}" if assumed and published else None
    if _SINCE.search(before):
        if published is None:
            return None
        return When(
            start, max(start, published), "since", match.span(), f"assuming publication on {published}"
        )
    if _BY.search(before):
        return When(start, end, "as_of", match.span(), note)
    if _AFTER.search(before):
        return None
    return When(start, end, "period", match.span(), note)


def _relative(
    text: str, mentions: Sequence[DateMention], offset: int, taken: list[tuple[int, int]]
) -> list[When]:
    found = []
    for mention in mentions:
        start, end = mention.start - offset, mention.end - offset
        first, last = parse_day(mention.date_start), parse_day(mention.date_end)
        if not mention.relative or first is None or start < 0 or end > len(text):
            continue
        # "seven years ago" says when something began, not the period a number is counted over.
        if re.search(r"\bago\b|\blater\b|\bearlier\b", mention.text):
            continue
        # "up from October" is what the number is compared with, not when it was.
        if any(a < end and start < b for a, b in taken) or _AFTER.search(text[:start]):
            continue
        found.append(When(first, last or first, "period", (start, end), mention.assumption))
    return found
