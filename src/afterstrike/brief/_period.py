"""The day or period a number is stated for, read from the words around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from afterstrike.brief._period_words import worded, year_said
from afterstrike.brief._point import MONTH, POINT_RE, YEAR, When, month_of, point_of, whole_month
from afterstrike.brief._words import parse_day
from afterstrike.reading._claim import DateMention

__all__ = ["When", "when_in"]

_DAYS = re.compile(
    rf"\b(?P<a>\d{{1,2}})(?:st|nd|rd|th)?\s*(?:to|and|through|until|–|—|-)\s*(?:the\s+)?(?P<b>\d{{1,2}})(?:st|nd|rd|th)?\s+"
    rf"(?:of\s+)?(?P<m>{MONTH})(?:,?\s+(?P<y>{YEAR}))?(?!\w)"
    rf"|\b(?P<m2>{MONTH})\s+(?P<a2>\d{{1,2}})(?:st|nd|rd|th)?\s*(?:to|and|through|until|–|—|-)\s*(?P<b2>\d{{1,2}})(?:st|nd|rd|th)?\b"
    rf"(?:,?\s+(?P<y2>{YEAR}))?",
    re.IGNORECASE,
)  # "between 3 and 12 February 2026", "February 3-12, 2026"
_JOIN = re.compile(
    r"\s*,?\s*(?:up to|to|and|through|until|till|–|—|-)\s*"
    r"(?:the\s+(?:end|start|close|beginning)\s+of\s+)?",
    re.IGNORECASE,
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


_NIGHT = re.compile(
    r"\b(?:night|evening)\s+(?:of|on)\s+(?:the\s+)?$|\bovernight\s+(?:on|of)\s+$", re.IGNORECASE
)
_SAID = re.compile(
    r"\b(?:said|says|told\s+(?:\w+\s+)?\w+|announced|stated|noted|wrote|added|according to [^.;]{0,40})"
    r"(?:\s+in\s+(?:a|its|the)\s+(?:\w+\s+)?\w+)?\s+(?:late\s+|early\s+)?(?:on\s+|of\s+)?$",
    re.IGNORECASE,
)


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
    found = worded(text, published)
    taken = [w.span for w in found]
    found += [w for w in _day_ranges(text, published) if not _overlaps(w.span, taken)]
    taken = [w.span for w in found]
    matches = [m for m in POINT_RE.finditer(text) if not _overlaps(m.span(), taken)]
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
                whole = When(*pair, "period", (match.start(), following.end()))
                found.append(year_said(whole, text, published))
                skip = True
                continue
        stated = [int(y) for y in re.findall(YEAR, text[: match.start()])]
        one = _when(text, match, published, stated[-1] if stated else year)
        if one:
            found.append(year_said(_narrower(one, mentions, offset), text, published))
    found += _relative(text, mentions, offset, [w.span for w in found])
    return _without_said(text, sorted(found, key=lambda w: w.span))


def _overlaps(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    return any(a < span[1] and span[0] < b for a, b in taken)


def _narrower(one: When, mentions: Sequence[DateMention], offset: int) -> When:
    """ "The autumn of 2020" is not 2020: what reading resolved from more of the words goes first."""
    for mention in mentions:
        start, end = mention.start - offset, mention.end - offset
        first, last = parse_day(mention.date_start), parse_day(mention.date_end)
        wider = start <= one.span[0] and one.span[1] <= end and (start, end) != one.span
        if one.kind == "period" and wider and first and last and one.start <= last and first <= one.end:
            # "early March" holds part of March only; one day of a longer span is no reason to shrink it.
            return replace(one, start=first, end=last, span=(start, end))
    return one


def _without_said(text: str, found: list[When]) -> list[When]:
    """ "It said on Saturday" dates the saying; where another date stands, that one is the number's."""
    kept = [w for w in found if w.days > 2 or not _SAID.search(text[: w.span[0]])]
    return kept or found


def _day_ranges(text: str, published: date | None) -> list[When]:
    found = []
    for match in _DAYS.finditer(text):
        first, last, month = (match[k] or match[f"{k}2"] for k in ("a", "b", "m"))
        stated = match["y"] or match["y2"]
        if not stated and published is None:
            continue
        try:
            year = int(stated) if stated else published.year if published else 0
            start, end = date(year, month_of(month), int(first)), date(year, month_of(month), int(last))
            if not stated and published and end > published + timedelta(days=31):
                start, end = start.replace(year=year - 1), end.replace(year=year - 1)
        except ValueError:
            continue
        if start <= end:
            note = None if stated or published is None else f"assuming publication on {published}"
            found.append(When(start, end, "period", match.span(), note))
    return found


def _range(first: re.Match[str], second: re.Match[str], published: date | None) -> tuple[date, date] | None:
    end = point_of(second, published)
    if end is None:
        return None
    # "January to June 2024": the year stands once, at the end.
    start = (
        point_of(first, end[1])
        if (first["m5"] or not (first["y1"] or first["y2"]))
        else point_of(first, published)
    )
    if start is None or start[0] > end[1]:
        return None
    return start[0], end[1]


def _when(text: str, match: re.Match[str], published: date | None, year: int | None) -> When | None:
    before = text[: match.start()]
    if match["m5"] and not re.search(
        r"\b(in|since|by|for|during|of|last|through|until|late|early|mid)[- ]$", before, re.IGNORECASE
    ):
        return None
    point = point_of(match, published)
    if match["m5"] and year is None and re.search(rf"\b{YEAR}\b", text[match.end() :]):
        return None  # a year further on may be this month's or not
    if match["m5"] and year is not None:
        # "in January 2017 ..., in February": the year goes on.
        point = (*whole_month(year, month_of(match["m5"])), False)
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
    if start == end and _NIGHT.search(before):
        end += timedelta(days=1)  # a night belongs to two days
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
