"""Finds dates and clock times and resolves relative ones against the publication date."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache

from afterstrike.reading import _date_span as spans
from afterstrike.reading._claim import DateMention
from afterstrike.reading._country import plain
from afterstrike.reading._vocabulary import phrase_pattern, vocabulary

__all__ = ["find_dates"]

_YEAR = r"(?:1[89]\d\d|20\d\d)"


_Row = tuple[str, Callable[..., DateMention | None]]


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Callable[..., DateMention | None]], ...]:
    """Give the forms of dates in the order they are tried: a longer form goes before its parts."""
    words = vocabulary().dates
    weekday = rf"(?P<weekday>{phrase_pattern(k.capitalize() for k in words['weekdays'])})\b"
    rows = [*_absolute(weekday), *_relative(weekday), *_years()]
    return tuple((re.compile(pattern), make) for pattern, make in rows)


def _absolute(weekday: str) -> list[_Row]:
    """Give the forms with a day, a month or a clock time in them."""
    words = vocabulary().dates
    month = rf"(?P<month>{phrase_pattern(k.capitalize() for k in words['months'])}|" + (
        phrase_pattern(k.upper() for k in words["months"] if len(k) > 3) + r")\b\.?"
    )
    day = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
    clock = r"(?P<hour>[01]?\d|2[0-4])"
    zone = (
        r"(?P<zone>\s*(?:hours|hrs)?\s*\(?(?:local(?:\s+time)?|GMT|UTC|Z|EST|EDT|CET|EEST|EET|AST|IST|MSK|"
        r"[A-Z][a-z]+(?:\s[A-Z][a-z]+)?(?:'s)?\s+time)\b\)?)"
    )

    return [
        (
            rf"\b(?:(?P<half>first|second|1st|2nd|latter|last)[\s-]+half|(?P<start>start|beginning|end|middle))\s+of\s+(?P<y>{_YEAR})\b",
            spans.part_of_year,
        ),
        (
            rf"\b(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\s*(?:-|–|\bto\b|(?<=between\s\d\s)and\b|(?<=between\s\d\d\s)and\b|\buntil\b|\bthrough\b)\s*(?P<last>[0-3]?\d)(?:st|nd|rd|th)?"
            rf"\s+(?:of\s+)?{month},?\s*(?P<y>{_YEAR})?(?!\d)",
            spans.day_month,
        ),
        (rf"\b(?P<y>{_YEAR})-(?P<m>0\d|1[0-2])-(?P<day>[0-3]\d)(?!\d)(?:T(?P<clock>\d\d:\d\d))?", spans.iso),
        (
            rf"(?<![\d/.])(?P<a>[0-3]?\d)(?P<sep>[/.])(?P<b>[0-3]?\d)(?P=sep)(?P<y>{_YEAR})(?!\d|[./]\d)",
            spans.slashed,
        ),
        (rf"\b(?:{weekday},?\s+)?{day}\s*(?:of\s+)?{month},?\s*(?P<y>{_YEAR})?(?!\d)", spans.day_month),
        (
            rf"\b(?:{weekday},?\s+)?{month}\s+{day}(?!\d|,\d{{3}})(?:\s*(?:-|–|to|and)\s*(?P<last>[0-3]?\d)(?:st|nd|rd|th)?(?!\d))?"
            rf"(?:,?\s+(?P<y>{_YEAR})\b)?",
            spans.day_month,
        ),
        (
            rf"\b(?P<part>early|mid|late)?[\s-]*{month},?\s+(?:of\s+)?(?P<y>{_YEAR})(?![\d-])",
            spans.month_year,
        ),
        (
            rf"\b(?P<part>in|since|during|by|until|from|of|early|mid|late|last|this|through|to|between|every)[\s-]+{month}(?![\w'])",
            spans.month_only,
        ),
        (
            rf"\b(?:in\s+)?(?:the\s+)?(?P<season>spring|summer|autumn|fall|winter)\s+(?:of\s+)?(?P<y>{_YEAR})\b",
            spans.season,
        ),
        (
            rf"\b(?:(?P<q>Q[1-4])|the\s+(?P<ord>first|second|third|fourth|1st|2nd|3rd|4th|last|final)[\s-]+quarter)\s+(?:of\s+)?(?P<y>{_YEAR})\b",
            spans.quarter,
        ),
        (
            rf"(?<![\w:.]){clock}(?::|\.(?=\d\d\s*(?:[aApP]\.?[mM]|local|hours|GMT)))(?P<min>[0-5]\d)(?::[0-5]\d)?"
            rf"(?![\d%/])\s*(?P<half>[aApP]\.?[mM]\b\.?)?{zone}?",
            spans.clock,
        ),
        (rf"(?<![\w:.,$€£]){clock}\s*(?P<half>[aApP]\.?[mM]\b\.?){zone}?", spans.clock),
        (
            r"\b(?P<hour>[01]\d|2[0-3])(?P<min>[0-5]\d)\s*(?:hours|hrs|h|local(?:\s+time)?|GMT|UTC|Z)\b",
            spans.clock,
        ),
    ]


def _relative(weekday: str) -> list[_Row]:
    """Give the forms that count from the publication date."""
    number = r"(?P<n>\d{1,3}|[A-Za-z]+(?:-[a-z]+)?)"
    unit = r"(?P<unit>day|night|week|month|year|decade|hour|minute)s?"
    return [
        (r"(?i)\b(?P<fixed>midnight|midday|noon)\b", spans.named_clock),
        (rf"(?i)\b{number}\s+{unit}\s+(?P<way>ago|earlier|later|on|before)\b", spans.ago),
        (
            r"(?i)\b(?P<when>earlier\s+today|today|tonight|tomorrow|yesterday|the\s+day\s+before\s+yesterday|"
            r"(?:this|yesterday|tomorrow|early\s+this)\s+(?:morning|afternoon|evening|night)|last\s+night|overnight)\b",
            spans.near_day,
        ),
        (
            r"(?i)\b(?P<when>this|last|past|next)\s+(?P<unit>week|weekend|month|year|decade|century)\b",
            spans.near_span,
        ),
        (
            r"(?i)\b(?:over|in|during|within|for)\s+the\s+(?P<when>past|last|next|coming)\s+(?:(?P<n>\d{1,3}|[A-Za-z]+(?:-[a-z]+)?)\s+)?"
            r"(?P<unit>day|night|week|month|year|decade|hour)s?\b",
            spans.window,
        ),
        (
            rf"\b(?:(?P<lead>(?i:on|since|until|by|from|of|before|after|next|last|this|late|early))\s+)?{weekday}",
            spans.weekday,
        ),
    ]


def _years() -> list[_Row]:
    """Give the forms that are years only."""
    return [
        (rf"\b(?P<y>{_YEAR})\s*(?:-|–|to)\s*(?P<y2>{_YEAR})(?![\w-])", spans.years),
        (rf"\b(?:the\s+)?(?P<part>early|mid|late)?[\s-]*(?P<y>{_YEAR})s\b", spans.decade),
        (
            rf"\b(?P<part>early|mid|late|end\s+of|beginning\s+of)?[\s-]*(?<![\d.,$€£/:])(?<![^a-z]-)(?<!\b\w-)"
            rf"(?P<y>{_YEAR})(?![\d%/:]|[.,]\d|-[a-z])",
            spans.year,
        ),
    ]


@cache
def _triggers() -> re.Pattern[str]:
    """Give what any date holds at least one of; most sentences hold none and are done at once."""
    words = vocabulary().dates
    names = [k[:3].capitalize() for k in (*words["months"], *words["weekdays"])]
    return re.compile(
        rf"\d|\b(?:{'|'.join(dict.fromkeys(names))})|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|"
        r"\b(?i:today|tonight|tomorrow|yesterday|morning|afternoon|evening|night|overnight|midnight|midday|noon|"
        r"ago|earlier|later|week|weekend|month|year|decade|century|past|last|next|coming|quarter|days?|hours?|weeks|months|years)\b"
    )


def find_dates(
    text: str,
    start: int = 0,
    end: int | None = None,
    *,
    published: date | None = None,
    anchor: DateMention | None = None,
) -> list[DateMention]:
    """Find dates and clock times in a span.

    Parameters
    ----------
    text : str
        The whole text; offsets point into it.
    start, end : int
        The span to look in; the whole text when left out.
    published : datetime.date, optional
        The day relative dates are counted from. Without it they keep their words and no day.
    anchor : DateMention, optional
        The last date named before the span; "two days earlier" is counted from the nearest date before it,
        and from the publication date where there is none.

    Returns
    -------
    list of DateMention
        In text order, without overlaps. A day and month without a year take the latest such day not after the
        publication date (for weekdays too: "on Tuesday" is the last Tuesday up to that day). 13/12/2025 is
        read day first; where both orders are possible the assumption says so.

    Examples
    --------
    >>> [(d.text, d.date_start, d.date_precision) for d in find_dates("last night and in May 2019",
    ...     published=date(2026, 1, 20))]
    [('last night', '2026-01-19', 1), ('May 2019', '2019-05-01', 4)]
    """
    stop = len(text) if end is None else end
    simple = plain(text[start:stop])
    if not _triggers().search(simple):
        return []
    found: list[DateMention] = []
    taken = bytearray(len(simple))
    for pattern, make in _patterns():
        for match in pattern.finditer(simple):
            a, b = match.span()
            while a < b and simple[a] in " -":
                a += 1
            while b > a and (
                simple[b - 1] in " ," or (simple[b - 1] == "." and simple[b - 5 : b - 1].isalpha())
            ):
                b -= 1
            if any(taken[a:b]):
                continue
            made = make(match, published)
            if made is None:
                continue
            lead = re.match(
                r"(?:in|since|during|by|until|from|of|on|before|after|through|to|between|every)[\s-]+(?:the\s+(?=[sfawm1-9]))?",
                simple[a:b],
            )
            if lead and make not in (spans.window, spans.near_span) and lead.end() < b - a:
                a += lead.end()
            taken[a:b] = b"\x01" * (b - a)
            found.append(
                DateMention(
                    text[start + a : start + b], start + a, start + b, made.date_start, made.date_end,
                    made.date_precision, made.time, made.relative, made.assumption,
                )
            )  # fmt: skip
    return _anchored(sorted(found, key=lambda mention: mention.start), published, anchor)


def _anchored(
    found: list[DateMention], published: date | None, anchor: DateMention | None
) -> list[DateMention]:
    """Count "two days earlier" and "a week later" from the date named before them."""
    made: list[DateMention] = []
    for mention in found:
        one = spans.from_anchor(mention, anchor, published)
        made.append(one)
        anchor = one if one.date_start and one.date_precision else anchor
    return made
