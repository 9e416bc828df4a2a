"""What each form of date means: the first and last day, the precision, and what had to be assumed."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from dataclasses import replace
from datetime import date, timedelta

from afterstrike.reading._claim import DateMention
from afterstrike.reading._country import plain
from afterstrike.reading._number import word_number
from afterstrike.reading._vocabulary import vocabulary

# A range: first day, last day, precision (1 day, 2 within 2-6 days, 3 week, 4 month, 5 year or wider).
_Range = tuple[date | None, date | None, int | None]


def _mention(
    span: _Range, *, time: str | None = None, relative: bool = False, assumption: str | None = None
) -> DateMention:
    first, last, precision = span
    return DateMention(
        "", 0, 0, first.isoformat() if first else None, last.isoformat() if last else None,
        precision if first else None, time, relative, assumption,
    )  # fmt: skip


_AHEAD = re.compile(
    r"\b(?:will|won't|may|might|could|would|expected|plans?|planned|upcoming|coming|due|scheduled|set)\b"
)


def _is_ahead(match: re.Match[str]) -> bool:
    """Say whether a verb of the future stands before: "polls will be held in June" is the June to come."""
    return _AHEAD.search(match.string, max(0, match.start() - 80), match.start()) is not None


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


def iso(match: re.Match[str], published: date | None) -> DateMention | None:
    span = _day(int(match["y"]), int(match["m"]), int(match["day"]))
    return _mention(span, time=match["clock"]) if span else None


def slashed(match: re.Match[str], published: date | None) -> DateMention | None:
    a, b, year = int(match["a"]), int(match["b"]), int(match["y"])
    span = _day(year, b, a)
    if span is None:
        span = _day(year, a, b)
        return _mention(span, assumption="read month first") if span else None
    both = a <= 12 and b <= 12 and a != b
    return _mention(span, assumption="read day first; month first is possible too" if both else None)


def day_month(match: re.Match[str], published: date | None) -> DateMention | None:
    month = vocabulary().dates["months"][match["month"].lower().rstrip(".")]
    groups = match.groupdict()
    first, last = int(groups["day"]), int(groups.get("last") or groups["day"])
    if groups.get("y"):
        year, relative = int(groups["y"]), False
    elif published is None:
        return _mention((None, None, None), relative=True) if 1 <= first <= 31 else None
    else:
        year, relative = published.year, True
        is_later = (month, first) > (published.month, published.day)
        year += (0 if is_later else 1) if _is_ahead(match) else (-1 if is_later else 0)
    if relative and (month, first) == (2, 29):
        while not isleap(year) and year > 4:
            year -= 1  # the latest year that has such a day
    a, b = _day(year, month, first), _day(year, month, last)
    if a is None or b is None or last < first:
        return None
    precision = 1 if a == b else (2 if last - first <= 6 else 4)
    return _mention(
        (a[0], b[0], precision), relative=relative, assumption=_assume(published) if relative else None
    )


def month_year(match: re.Match[str], published: date | None) -> DateMention | None:
    month = vocabulary().dates["months"][match["month"].lower().rstrip(".")]
    return _mention(_month(int(match["y"]), month, match["part"]))


def month_only(match: re.Match[str], published: date | None) -> DateMention | None:
    month = vocabulary().dates["months"][match["month"].lower().rstrip(".")]
    if published is None:
        return _mention((None, None, None), relative=True)
    year = published.year
    if _is_ahead(match):
        year += month < published.month
    else:
        year -= month > published.month
    if not 1 <= year <= 9999:
        return _mention((None, None, None), relative=True)
    if match["part"] in ("by", "until", "every"):
        return _mention((None, None, None), relative=True)
    part = match["part"] if match["part"] in ("early", "mid", "late") else None
    return _mention(_month(year, month, part), relative=True, assumption=_assume(published))


def season(match: re.Match[str], published: date | None) -> DateMention | None:
    year = int(match["y"])
    first = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}[match["season"]]
    last = (first + 1) % 12 + 1
    end_year = year + (last < first)
    span = (date(year, first, 1), date(end_year, last, monthrange(end_year, last)[1]), 5)
    return _mention(span, assumption="seasons of the northern hemisphere")


def part_of_year(match: re.Match[str], published: date | None) -> DateMention | None:
    year = int(match["y"])
    if match["half"]:
        first, last = (1, 6) if match["half"].lower() in ("first", "1st") else (7, 12)
    else:
        first, last = {"start": (1, 3), "beginning": (1, 3), "middle": (5, 8), "end": (10, 12)}[
            match["start"].lower()
        ]
    return _mention((date(year, first, 1), date(year, last, monthrange(year, last)[1]), 5))


def quarter(match: re.Match[str], published: date | None) -> DateMention | None:
    order = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "final": 4}
    order |= {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
    quarter = int(match["q"][1]) if match["q"] else order[match["ord"]]
    year, last = int(match["y"]), quarter * 3
    return _mention((date(year, last - 2, 1), date(year, last, monthrange(year, last)[1]), 5))


def clock(match: re.Match[str], published: date | None) -> DateMention | None:
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


def named_clock(match: re.Match[str], published: date | None) -> DateMention | None:
    return _mention(
        (None, None, None), time="00:00" if match["fixed"].lower() == "midnight" else "12:00", relative=True
    )


def _count(words: str) -> int | None:
    if words.isdigit():
        return int(words)
    if words.lower() in ("a", "an"):
        return 1
    value = word_number(words)
    return int(value) if value is not None and value == int(value) else None


def ago(match: re.Match[str], published: date | None) -> DateMention | None:
    count = _count(match["n"])
    if count is None:
        return None
    is_rate = match["n"].lower() in ("a", "an") and re.search(r"[a-z]s\s+$", match.string[: match.start()])
    if is_rate and match["way"].lower() != "ago":
        return None  # "500 trucks a day before the war"
    if match["way"].lower() != "ago" or published is None:
        return _mention((None, None, None), relative=True)
    try:
        return _mention(
            _span_ago(published, count, match["unit"].lower()), relative=True, assumption=_assume(published)
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


_STEP = re.compile(
    r"(?P<n>[\w-]+)\s+(?P<unit>day|night|week|month|year|decade|hour|minute)s?\s+(?P<way>earlier|later)", re.I
)
_COARSEST = {"month": 4, "year": 5, "decade": 5}  # the widest date such a step can be counted from


def from_anchor(mention: DateMention, anchor: DateMention | None, published: date | None) -> DateMention:
    """Resolve "two days earlier" and "a week later" against the date named before it.

    Without one, "earlier" is counted from the publication date and "later" stays unresolved: a report does
    not tell what came after it. A step finer than the date named before ("two days later" than a year) stays
    unresolved too.
    """
    match = _STEP.fullmatch(plain(mention.text))
    count = _count(match["n"]) if match else None
    if match is None or count is None:
        return mention
    unit, is_later = match["unit"].lower(), match["way"].lower() == "later"
    if anchor is not None and anchor.date_start:
        if (anchor.date_precision or 5) > _COARSEST.get(unit, 1):
            return mention
        base = date.fromisoformat(anchor.date_start)
        assumption = f"counted from {anchor.date_start}, the date named before it"
    elif published is not None and not is_later:
        base, assumption = published, _assume(published) or ""
    else:
        return mention
    try:
        span = _stepped(base, -count if is_later else count, unit)
    except (OverflowError, ValueError):
        return mention
    made = _mention(span, relative=True, assumption=assumption)
    return replace(made, text=mention.text, start=mention.start, end=mention.end)


def _stepped(base: date, count: int, unit: str) -> _Range:
    if count < 0 and unit in ("hour", "minute"):
        return base, base + timedelta(days=-count // 24 + 1 if unit == "hour" else 1), 2
    return _span_ago(base, count, unit)


def near_day(match: re.Match[str], published: date | None) -> DateMention | None:
    when = " ".join(match["when"].lower().split())
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


def near_span(match: re.Match[str], published: date | None) -> DateMention | None:
    unit = match["unit"].lower()
    shift = {"this": 0, "last": -1, "past": -1, "next": 1}[match["when"].lower()]
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


def window(match: re.Match[str], published: date | None) -> DateMention | None:
    count = _count(match["n"]) if match["n"] else 1
    is_plural = not match["n"] and match.group().rstrip().endswith("s")
    if (match["n"] or "").lower() in ("few", "several", "couple") or is_plural:
        count = 3  # "in the coming weeks": some, not one
    if published is None or count is None:
        return _mention((None, None, None), relative=True) if count is not None else None
    days = {"hour": 1, "day": 1, "night": 1, "week": 7, "month": 30.4, "year": 365.25, "decade": 3652.5}[
        match["unit"].lower()
    ]
    length = timedelta(days=max(1, round(count * days / (24 if match["unit"].lower() == "hour" else 1))))
    try:
        span = (
            (published - length, published)
            if match["when"].lower() in ("past", "last")
            else (published, published + length)
        )
    except OverflowError:
        return _mention((None, None, None), relative=True)
    whole = length.days + 1
    precision = 2 if whole <= 6 else 3 if whole <= 8 else 4 if whole <= 32 else 5
    return _mention((*span, precision), relative=True, assumption=_assume(published))


def weekday(match: re.Match[str], published: date | None) -> DateMention | None:
    if published is None:
        return _mention((None, None, None), relative=True)
    wanted = vocabulary().dates["weekdays"][match["weekday"].lower()]
    try:
        if (match["lead"] or "").lower() == "next" or (
            (match["lead"] or "").lower() in ("on", "by", "until") and _is_ahead(match)
        ):
            day = published + timedelta(days=(wanted - published.weekday() - 1) % 7 + 1)
        else:
            day = published - timedelta(days=(published.weekday() - wanted) % 7)
    except OverflowError:
        return _mention((None, None, None), relative=True)
    return _mention((day, day, 1), relative=True, assumption=_assume(published))


def years(match: re.Match[str], published: date | None) -> DateMention | None:
    first, last = int(match["y"]), int(match["y2"])
    return _mention(_year_span(first, last)) if first <= last else None


def decade(match: re.Match[str], published: date | None) -> DateMention | None:
    first = int(match["y"])
    parts = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}
    a, b = parts.get(match["part"] or "", (0, 9))
    return _mention(_year_span(first + a, first + b))


_COUNTED = re.compile(r"\s+(?:people|troops|men|women|children|dead|[a-z]{3,}(?<!ss)(?<!us)(?<!is)s)\b")
_TIME_WORD = re.compile(
    r"\b(?:in|since|of|from|until|by|during|the|early|mid|late|to|and|before|after|through|for)[\s-]+$", re.I
)


def year(match: re.Match[str], published: date | None) -> DateMention | None:
    # "2000 people" is a count; "the 2017 attacks" and "in 2015 strikes began" are years
    if not match["part"] and _COUNTED.match(match.string, match.end()):
        head = match.string[max(0, match.start("y") - 12) : match.start("y")]
        if not _TIME_WORD.search(head):
            return None
    return _mention(_year_span(int(match["y"]), part=match["part"]))
