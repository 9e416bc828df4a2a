"""Finds dates and clock times and resolves relative ones against the publication date."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from afterstrike.reading._claim import DateMention
from afterstrike.reading._country import plain
from afterstrike.reading._number import word_number
from afterstrike.reading._vocabulary import phrase_pattern, vocabulary

__all__ = ["find_dates"]

_Range = tuple[date | None, date | None, int | None]
_YEAR = r"(?:1[89]\d\d|20\d\d)"


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Callable[..., DateMention | None]], ...]:
    words = vocabulary().dates
    month = rf"(?P<month>{phrase_pattern(k.capitalize() for k in words['months'])}|" + (
        phrase_pattern(k.upper() for k in words["months"] if len(k) > 3) + r")\b\.?"
    )
    weekday = rf"(?P<weekday>{phrase_pattern(k.capitalize() for k in words['weekdays'])})\b"
    number = r"(?P<n>\d{1,3}|[a-z]+(?:-[a-z]+)?)"
    unit = r"(?P<unit>day|night|week|month|year|decade|hour|minute)s?"
    day = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
    clock = r"(?P<hour>[01]?\d|2[0-4])"
    zone = (
        r"(?P<zone>\s*(?:hours|hrs)?\s*\(?(?:local(?:\s+time)?|GMT|UTC|Z|EST|EDT|CET|EEST|EET|AST|IST|MSK|"
        r"[A-Z][a-z]+(?:\s[A-Z][a-z]+)?(?:'s)?\s+time)\b\)?)"
    )
    table: list[tuple[str, Callable[..., DateMention | None]]] = [
        (rf"\b(?P<y>{_YEAR})-(?P<m>0\d|1[0-2])-(?P<day>[0-3]\d)(?!\d)(?:T(?P<clock>\d\d:\d\d))?", _iso),
        (rf"(?<![\d/.])(?P<a>[0-3]?\d)(?P<sep>[/.])(?P<b>[0-3]?\d)(?P=sep)(?P<y>{_YEAR})(?!\d)", _slashed),
        (rf"\b(?:{weekday},?\s+)?{day}\s*(?:of\s+)?{month},?\s*(?P<y>{_YEAR})?(?!\d)", _day_month),
        (
            rf"\b(?:{weekday},?\s+)?{month}\s+{day}(?!\d|,\d{{3}})(?:\s*(?:-|–|to|and)\s*(?P<last>[0-3]?\d)(?:st|nd|rd|th)?(?!\d))?"
            rf"(?:,?\s+(?P<y>{_YEAR})\b)?",
            _day_month,
        ),
        (rf"\b(?P<part>early|mid|late)?[\s-]*{month},?\s+(?:of\s+)?(?P<y>{_YEAR})(?![\d-])", _month_year),
        (
            rf"\b(?P<part>in|since|during|by|until|from|of|early|mid|late|last|this|through|to|between|every)[\s-]+{month}(?![\w'])",
            _month_only,
        ),
        (
            rf"\b(?:in\s+)?(?:the\s+)?(?P<season>spring|summer|autumn|fall|winter)\s+(?:of\s+)?(?P<y>{_YEAR})\b",
            _season,
        ),
        (
            rf"\b(?:(?P<q>Q[1-4])|the\s+(?P<ord>first|second|third|fourth)\s+quarter)\s+(?:of\s+)?(?P<y>{_YEAR})\b",
            _quarter,
        ),
        (rf"(?<![\w:.]){clock}(?::|\.(?=\d\d\s*(?:[ap]\.?m|local|hours|GMT)))(?P<min>[0-5]\d)(?::[0-5]\d)?(?![\d%/])\s*(?P<half>[ap]\.?m\b\.?)?{zone}?", _clock),
        (rf"(?<![\w:.,$€£]){clock}\s*(?P<half>[ap]\.?m\b\.?){zone}?", _clock),
        (r"\b(?P<hour>[01]\d|2[0-3])(?P<min>[0-5]\d)\s+(?:hours|hrs|local\s+time|GMT|UTC)\b", _clock),
        (r"\b(?P<fixed>midnight|midday|noon)\b", _named_clock),
        (rf"\b{number}\s+{unit}\s+(?P<way>ago|earlier|later|on|before)\b", _ago),
        (
            r"\b(?P<when>earlier\s+today|today|tonight|tomorrow|yesterday|the\s+day\s+before\s+yesterday|"
            r"(?:this|yesterday|tomorrow|early\s+this)\s+(?:morning|afternoon|evening|night)|last\s+night|overnight)\b",
            _near_day,
        ),
        (r"\b(?P<when>this|last|past|next)\s+(?P<unit>week|weekend|month|year|decade|century)\b", _near_span),
        (
            r"\b(?:over|in|during|within|for)\s+the\s+(?P<when>past|last|next|coming)\s+(?:(?P<n>\d{1,3}|[a-z]+(?:-[a-z]+)?)\s+)?"
            r"(?P<unit>day|night|week|month|year|decade|hour)s?\b",
            _window,
        ),
        (rf"\b(?:(?P<lead>on|since|until|by|from|of|before|after|next|last|this|late|early)\s+)?{weekday}(?!\s+\w+\s+Prayers)", _weekday),
        (rf"\b(?P<y>{_YEAR})\s*(?:-|–|to)\s*(?P<y2>{_YEAR})(?![\w-])", _years),
        (rf"\b(?:the\s+)?(?P<part>early|mid|late)?[\s-]*(?P<y>{_YEAR})s\b", _decade),
        (rf"\b(?P<part>early|mid|late|end\s+of|beginning\s+of)?[\s-]*(?<![\d.,$€£/:-])(?P<y>{_YEAR})(?![\d%/:]|[.,]\d|-[a-z])", _year),
    ]  # fmt: skip
    return tuple((re.compile(pattern), make) for pattern, make in table)


def find_dates(
    text: str, start: int = 0, end: int | None = None, *, published: date | None = None
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

    Returns
    -------
    list of DateMention
        In text order, without overlaps. A day and month without a year take the latest such day not after the
        publication date (for weekdays too: "on Tuesday" is the last Tuesday up to that day). 13/12/2025 is read day
        first; where both orders are possible the assumption says so.

    Examples
    --------
    >>> [(d.text, d.date_start, d.date_precision) for d in find_dates("last night and in May 2019",
    ...     published=date(2026, 1, 20))]
    [('last night', '2026-01-19', 1), ('May 2019', '2019-05-01', 4)]
    """
    stop = len(text) if end is None else end
    simple = plain(text[start:stop])
    found: list[DateMention] = []
    taken = bytearray(len(simple))
    for pattern, make in _patterns():
        for match in pattern.finditer(simple):
            a, b = match.span()
            while a < b and simple[a] in " -":
                a += 1
            while b > a and simple[b - 1] in " ,":
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
            if lead and make not in (_window, _near_span) and lead.end() < b - a:
                a += lead.end()
            taken[a:b] = b"\x01" * (b - a)
            found.append(
                DateMention(
                    text[start + a : start + b], start + a, start + b, made.date_start, made.date_end,
                    made.date_precision, made.time, made.relative, made.assumption,
                )
            )  # fmt: skip
    return sorted(found, key=lambda mention: mention.start)


def _mention(
    span: _Range, *, time: str | None = None, relative: bool = False, assumption: str | None = None
) -> DateMention:
    first, last, precision = span
    return DateMention(
        "", 0, 0, first.isoformat() if first else None, last.isoformat() if last else None,
        precision if first else None, time, relative, assumption,
    )  # fmt: skip


def _assume(published: date | None, *more: str) -> str | None:
    parts = [*more]
    if published:
        parts.append(f"assuming publication on {published.isoformat()}")
    return "; ".join(parts) or None


def _day(year: int, month: int, day: int) -> _Range | None:
    try:
        made = date(year, month, day)
    except ValueError:
        return None
    return made, made, 1


def _month(year: int, month: int, part: str | None = None) -> _Range:
    last = monthrange(year, month)[1]
    first, end = {"early": (1, 10), "mid": (11, 20), "late": (21, last)}.get(part or "", (1, last))
    return date(year, month, first), date(year, month, end), 4


def _year_span(first: int, last: int | None = None, part: str | None = None) -> _Range:
    months = {"early": (1, 4), "beginning of": (1, 3), "mid": (5, 8), "late": (9, 12), "end of": (10, 12)}
    a, b = months.get(" ".join((part or "").split()), (1, 12))
    end = last or first
    return date(first, a, 1), date(end, b, monthrange(end, b)[1]), 5


def _back(published: date, months: int) -> date:
    index = published.year * 12 + published.month - 1 - months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9998:
        raise OverflowError
    return date(year, month + 1, min(published.day, monthrange(year, month + 1)[1]))


def _iso(match: re.Match[str], published: date | None) -> DateMention | None:
    span = _day(int(match["y"]), int(match["m"]), int(match["day"]))
    return _mention(span, time=match["clock"]) if span else None


def _slashed(match: re.Match[str], published: date | None) -> DateMention | None:
    a, b, year = int(match["a"]), int(match["b"]), int(match["y"])
    span = _day(year, b, a)
    if span is None:
        span = _day(year, a, b)
        return _mention(span, assumption="read month first") if span else None
    both = a <= 12 and b <= 12 and a != b
    return _mention(span, assumption="read day first; month first is possible too" if both else None)


def _day_month(match: re.Match[str], published: date | None) -> DateMention | None:
    month = vocabulary().dates["months"][match["month"].lower().rstrip(".")]
    groups = match.groupdict()
    first, last = int(groups["day"]), int(groups.get("last") or groups["day"])
    if groups.get("y"):
        year, relative = int(groups["y"]), False
    elif published is None:
        return _mention((None, None, None), relative=True) if 1 <= first <= 31 else None
    else:
        year, relative = published.year, True
        if (month, first) > (published.month, published.day):
            year -= 1
    a, b = _day(year, month, first), _day(year, month, last)
    if a is None or b is None or last < first:
        return None
    precision = 1 if a == b else (2 if last - first <= 6 else 4)
    return _mention(
        (a[0], b[0], precision), relative=relative, assumption=_assume(published) if relative else None
    )


def _month_year(match: re.Match[str], published: date | None) -> DateMention | None:
    month = vocabulary().dates["months"][match["month"].lower().rstrip(".")]
    return _mention(_month(int(match["y"]), month, match["part"]))


def _month_only(match: re.Match[str], published: date | None) -> DateMention | None:
    month = vocabulary().dates["months"][match["month"].lower().rstrip(".")]
    if published is None:
        return _mention((None, None, None), relative=True)
    year = published.year - (month > published.month)
    if match["part"] in ("by", "until", "every"):
        return _mention((None, None, None), relative=True)
    part = match["part"] if match["part"] in ("early", "mid", "late") else None
    return _mention(_month(year, month, part), relative=True, assumption=_assume(published))


def _season(match: re.Match[str], published: date | None) -> DateMention | None:
    year = int(match["y"])
    first = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}[match["season"]]
    last = (first + 1) % 12 + 1
    end_year = year + (last < first)
    span = (date(year, first, 1), date(end_year, last, monthrange(end_year, last)[1]), 5)
    return _mention(span, assumption="seasons of the northern hemisphere")


def _quarter(match: re.Match[str], published: date | None) -> DateMention | None:
    order = {"first": 1, "second": 2, "third": 3, "fourth": 4}
    quarter = int(match["q"][1]) if match["q"] else order[match["ord"]]
    year, last = int(match["y"]), quarter * 3
    return _mention((date(year, last - 2, 1), date(year, last, monthrange(year, last)[1]), 5))


def _clock(match: re.Match[str], published: date | None) -> DateMention | None:
    groups = match.groupdict()
    hour, half = int(groups["hour"]), (groups.get("half") or "").lower().replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 24 or (hour == 24 and int(groups.get("min") or 0)):
        return None
    return _mention(
        (None, None, None), time=f"{hour % 24:02d}:{int(groups.get('min') or 0):02d}", relative=True
    )


def _named_clock(match: re.Match[str], published: date | None) -> DateMention | None:
    return _mention(
        (None, None, None), time="00:00" if match["fixed"] == "midnight" else "12:00", relative=True
    )


def _count(words: str) -> int | None:
    if words.isdigit():
        return int(words)
    if words in ("a", "an"):
        return 1
    value = word_number(words)
    return int(value) if value is not None and value == int(value) else None


def _ago(match: re.Match[str], published: date | None) -> DateMention | None:
    count = _count(match["n"])
    if count is None:
        return None
    if match["way"] != "ago" or published is None:
        return _mention((None, None, None), relative=True)
    try:
        return _mention(
            _span_ago(published, count, match["unit"]), relative=True, assumption=_assume(published)
        )
    except (OverflowError, ValueError):
        return _mention((None, None, None), relative=True)


def _span_ago(published: date, count: int, unit: str) -> _Range:
    if unit in ("day", "night"):
        day = published - timedelta(days=count)
        return day, day, 1
    if unit in ("hour", "minute"):
        return published - timedelta(days=count // 24 + 1 if unit == "hour" else 1), published, 2
    if unit == "week":
        day = published - timedelta(weeks=count)
        return day - timedelta(days=3), day + timedelta(days=3), 3
    if unit == "month":
        day = _back(published, count)
        return _month(day.year, day.month)
    years = count * (10 if unit == "decade" else 1)
    if published.year - years < 1:
        raise OverflowError
    return _year_span(published.year - years)


def _near_day(match: re.Match[str], published: date | None) -> DateMention | None:
    when = " ".join(match["when"].split())
    if published is None:
        return _mention((None, None, None), relative=True)
    shift = 0
    if "before" in when:
        shift = -2
    elif when.startswith("yesterday") or when == "last night":
        shift = -1
    elif when.startswith("tomorrow"):
        shift = 1
    try:
        day = published + timedelta(days=shift)
        first = day - timedelta(days=1) if when == "overnight" else day
    except OverflowError:
        return _mention((None, None, None), relative=True)
    span = (first, day, 1 if first == day else 2)
    return _mention(span, relative=True, assumption=_assume(published))


def _near_span(match: re.Match[str], published: date | None) -> DateMention | None:
    unit, shift = match["unit"], {"this": 0, "last": -1, "past": -1, "next": 1}[match["when"]]
    if published is None or unit == "century":
        return _mention((None, None, None), relative=True)
    try:
        if unit in ("week", "weekend"):
            monday = published - timedelta(days=published.weekday()) + timedelta(weeks=shift)
            span: _Range = (monday, monday + timedelta(days=6), 3)
            if unit == "weekend":
                span = (monday + timedelta(days=5), monday + timedelta(days=6), 2)
        elif unit == "month":
            other = _back(published, -shift)
            span = _month(other.year, other.month)
        elif unit == "decade":
            first = (published.year // 10 + shift) * 10
            span = _year_span(first, first + 9)
        else:
            span = _year_span(published.year + shift)
    except (OverflowError, ValueError):
        return _mention((None, None, None), relative=True)
    return _mention(span, relative=True, assumption=_assume(published))


def _window(match: re.Match[str], published: date | None) -> DateMention | None:
    count = _count(match["n"]) if match["n"] else 1
    if match["n"] in ("few", "several", "couple"):
        count = 3
    if published is None or count is None:
        return _mention((None, None, None), relative=True) if count is not None else None
    days = {"hour": 1, "day": 1, "night": 1, "week": 7, "month": 30.4, "year": 365.25, "decade": 3652.5}[
        match["unit"]
    ]
    length = timedelta(days=max(1, round(count * days / (24 if match["unit"] == "hour" else 1))))
    try:
        span = (
            (published - length, published)
            if match["when"] in ("past", "last")
            else (published, published + length)
        )
    except OverflowError:
        return _mention((None, None, None), relative=True)
    whole = length.days + 1
    precision = 2 if whole <= 6 else 3 if whole <= 8 else 4 if whole <= 32 else 5
    return _mention((*span, precision), relative=True, assumption=_assume(published))


def _weekday(match: re.Match[str], published: date | None) -> DateMention | None:
    if published is None:
        return _mention((None, None, None), relative=True)
    wanted = vocabulary().dates["weekdays"][match["weekday"].lower()]
    try:
        if match["lead"] == "next":
            day = published + timedelta(days=(wanted - published.weekday() - 1) % 7 + 1)
        else:
            day = published - timedelta(days=(published.weekday() - wanted) % 7)
    except OverflowError:
        return _mention((None, None, None), relative=True)
    return _mention((day, day, 1), relative=True, assumption=_assume(published))


def _years(match: re.Match[str], published: date | None) -> DateMention | None:
    first, last = int(match["y"]), int(match["y2"])
    return _mention(_year_span(first, last)) if first <= last else None


def _decade(match: re.Match[str], published: date | None) -> DateMention | None:
    first = int(match["y"])
    parts = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}
    a, b = parts.get(match["part"] or "", (0, 9))
    return _mention(_year_span(first + a, first + b))


_COUNTED = re.compile(r"\s+(?:people|troops|men|women|children|dead|[a-z]{3,}(?<!ss)(?<!us)(?<!is)s)\b")
_TIME_WORD = re.compile(
    r"\b(?:in|since|of|from|until|by|during|the|early|mid|late|to|and|before|after|through|for)[\s-]+$", re.I
)


def _year(match: re.Match[str], published: date | None) -> DateMention | None:
    # "2000 people" is a count; "the 2017 attacks" and "in 2015 strikes began" are years
    if not match["part"] and _COUNTED.match(match.string, match.end()):
        head = match.string[max(0, match.start("y") - 12) : match.start("y")]
        if not _TIME_WORD.search(head):
            return None
    return _mention(_year_span(int(match["y"]), part=match["part"]))
