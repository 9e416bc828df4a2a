"""Finds dates and clock times in Arabic and resolves relative ones against the publication date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache

from afterstrike.reading._claim import DateMention
from afterstrike.reading.arabic._fold import fold_words, words

__all__ = ["find_dates", "standing_date"]

_Made = tuple[
    date | None, date | None, int | None, bool, str | None
]  # start, end, precision, relative, assumption
_UNKNOWN: _Made = (None, None, None, True, None)


@cache
def _month_table() -> dict[str, int]:
    return {fold_words(word): int(n) for word, n in words()["dates"]["months"].items()}


@cache
def _weekday_table() -> dict[str, int]:
    return {fold_words(word): int(n) for word, n in words()["dates"]["weekdays"].items()}


@cache
def _ordinals() -> dict[str, int]:
    return {fold_words(word): int(n) for word, n in words()["numbers"]["ordinals"].items()}


def _any(table: dict[str, int]) -> str:
    return (
        "(?:"
        + "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(table, key=len, reverse=True))
        + ")"
    )


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date | None], _Made | None]], ...]:
    month, weekday = _any(_month_table()), _any(_weekday_table())
    w0, end = r"(?<![^\W_])", r"(?![^\W_])"
    pre = r"(?:[وفبل]{1,2})?"
    part = r"(?:(?:بعد\s+)?(?:منتصف\s+)?(?:صباح|ظهر|عصر|مساء|فجر|ليله|ليل|غروب|منتصف)\s+)"
    day_word = rf"(?:يوم\s+)?(?P<weekday>{weekday})"
    ordinal = _any(_ordinals())
    year = r"(?P<y>(?:19|20)\d\d)"
    rows: list[tuple[str, Callable[[re.Match[str], date | None], _Made | None]]] = [
        (
            rf"{w0}{pre}{part}?(?:اليوم\s*,?\s*|امس\s*,?\s*)?(?:{day_word}\s*[,(]?\s*)?(?P<day>\d{{1,2}}|{ordinal})\s*(?:من\s+)?(?:شهر\s+)?"
            rf"(?P<month>{month})(?:\s*[/(-]\s*{month}\)?)?(?:\s*,?\s*(?:من\s+عام\s+|عام\s+|من\s+العام\s+|سنه\s+)?{year}(?!\d))?",
            _day_month,
        ),
        (rf"(?<![\d/.-]){year}\s?[-/]\s?(?P<m>0?\d|1[0-2])\s?[-/]\s?(?P<day>[0-3]?\d)(?![\d/])", _numeric),
        (rf"(?<![\d/.-])(?P<day>[0-3]?\d)\s?[-/.]\s?(?P<m>[01]?\d)\s?[-/.]\s?{year}(?!\d)", _numeric),
        (
            rf"{w0}{pre}(?P<month>{month})(?:\s*/\s*{month})?\s*,?\s*(?:من\s+)?(?:عام\s+)?{year}(?!\d)",
            _month_year,
        ),
        (
            rf"{w0}{pre}شهر\s+(?P<month>{month}){end}(?:\s+(?P<last>الماضي|الفايت|المنصرم|الجاري|الحالي))?",
            _month_only,
        ),
        (rf"{w0}{pre}(?:{part})?(?:يوم\s+)?(?:اول\s+(?:من\s+)?امس|امس\s+الاول){end}", _ago(2)),
        (
            rf"{w0}{pre}(?:(?:بعد\s+)?(?:منتصف\s+)?ليل(?:ه)?\s+)(?:امس)\s*,?\s*(?:{day_word})?{end}|"
            rf"{w0}{pre}(?:الليله\s+الماضيه|الليله\s+الفايته|ليل\s+امس)",
            _yesterday,
        ),
        (rf"{w0}{pre}{part}?(?:يوم\s+)?(?:الامس|امس)\s*,?\s*(?:{day_word})?(?:\s+الماضي)?{end}", _yesterday),
        (rf"{w0}{pre}{part}?(?:هذا\s+)?اليوم\s*,?\s*(?:{day_word}){end}", _today),
        (rf"{w0}{pre}{part}?(?:هذا\s+)?(?:اليوم){end}(?!\s+(?:العالمي|الاول|الثاني|الثالث|التالي))", _today),
        (rf"{w0}{pre}(?:(?:بعد\s+)?(?:منتصف\s+)?ليل(?:ه)?)\s+{day_word}\s*-\s*{weekday}{end}", _weekday),
        (
            rf"{w0}{pre}{part}?{day_word}{end}(?:\s+(?P<way>الماضي|الفايت|المنصرم|القادم|المقبل))?",
            _weekday,
        ),
        (
            rf"{w0}{pre}(?:خلال|في)\s+(?:ال)?(?:ساعات\s+(?:ال\s?)?)?(?P<n>\d+)\s+(?:ساعه|ساعات)\s+(?:الماضيه|الاخيره)|"
            rf"{w0}{pre}(?:خلال\s+)?(?:ال)ساعات\s+ال\s?(?P<n2>\d+)\s+(?:الماضيه|الاخيره)",
            _hours,
        ),
        (rf"{w0}{pre}(?:الاسبوع|الشهر|العام)\s+(?:الماضي|الفايت|المنصرم|الجاري|الحالي){end}", _span),
        (rf"{w0}(?:من|منذ|في|خلال)?\s*(?:عام|العام|سنه)\s+{year}(?!\d)", _year),
    ]
    return tuple((re.compile(pattern), make) for pattern, make in rows)


_CLOCK = re.compile(
    r"(?:(?:تمام\s+)?الساعه\s+)(?:ال\s?)?(?P<hour>[0-2]?\d)(?:\s?[:.,]\s?(?P<min>[0-5]\d))?(?:\s*(?:من\s+)?(?P<half>صباحا?|ظهرا?|مساء|فجرا?|عصرا?|ليلا?))?"
    r"|(?<![\d:])(?P<h2>[0-2]?\d):(?P<m2>[0-5]\d)(?::\d\d)?(?!\d)(?:\s*(?P<half2>[صم])(?![^\W_]))?"
)


def _make(day: date | None, *, to: date | None = None, precision: int = 1, relative: bool = True,
          why: str | None = None) -> _Made:  # fmt: skip
    return day, to or day, precision if day else None, relative, why


def _day_number(word: str) -> int:
    return int(word) if word.isdecimal() else _ordinals()[" ".join(word.split())]


def _day_month(match: re.Match[str], published: date | None) -> _Made | None:
    day, month = _day_number(match["day"]), _month_table()[" ".join(match["month"].split())]
    year = int(match["y"]) if match["y"] else None
    why = None
    if year is None:
        if published is None:
            return None, None, None, True, "no year is stated"
        year = published.year
        if _date(year, month, day) is None or (month, day) > (published.month, published.day):
            later = _date(year, month, day)
            # a text may be published a day before the day it names, by the clock of another zone
            if later is None or (later - published).days > 1:
                year -= 1
        why = f"assuming publication on {published.isoformat()}"
    found = _date(year, month, day)
    if found is None:
        return None
    weekday = match.groupdict().get("weekday")
    if weekday and _weekday_table()[" ".join(weekday.split())] != found.weekday():
        why = "the weekday named does not fit the date; the date is taken"
    return _make(found, relative=match["y"] is None, why=why)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _numeric(match: re.Match[str], _: date | None) -> _Made | None:
    first, second = int(match["day"]), int(match["m"])
    found = _date(int(match["y"]), second, first)
    return _make(found, relative=False) if found else None


def _month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _month_year(match: re.Match[str], _: date | None) -> _Made | None:
    first = date(int(match["y"]), _month_table()[" ".join(match["month"].split())], 1)
    return _make(first, to=_month_end(first), precision=4, relative=False)


def _month_only(match: re.Match[str], published: date | None) -> _Made | None:
    if published is None:
        return _UNKNOWN
    month = _month_table()[" ".join(match["month"].split())]
    first = date(published.year - (month > published.month), month, 1)
    return _make(
        first, to=_month_end(first), precision=4, why=f"assuming publication on {published.isoformat()}"
    )


def _year(match: re.Match[str], _: date | None) -> _Made | None:
    year = int(match["y"])
    return _make(date(year, 1, 1), to=date(year, 12, 31), precision=5, relative=False)


def _from(published: date | None, days: int) -> _Made:
    if published is None:
        return _UNKNOWN
    return _make(published - timedelta(days=days), why=f"assuming publication on {published.isoformat()}")


def _ago(days: int) -> Callable[[re.Match[str], date | None], _Made | None]:
    return lambda match, published: _from(published, days)


def _named_weekday(match: re.Match[str], published: date | None, days: int) -> _Made:
    """Read "today, Sunday": a weekday that does not fit moves the day to the nearest that does."""
    weekday = match.groupdict().get("weekday")
    made = _from(published, days)
    if not weekday or made[0] is None or published is None:
        return made
    wanted = _weekday_table()[" ".join(weekday.split())]
    for shift in (0, 1, -1, 2, -2, 3, -3):
        day = made[0] - timedelta(days=shift)
        if day.weekday() == wanted:
            why = (
                made[4]
                if shift == 0
                else f"{made[4]}; the weekday named is {abs(shift)} days off it and is taken"
            )
            return _make(day, why=why)
    return made


def _today(match: re.Match[str], published: date | None) -> _Made:
    return _named_weekday(match, published, 0)


def _yesterday(match: re.Match[str], published: date | None) -> _Made:
    return _named_weekday(match, published, 1)


def _weekday(match: re.Match[str], published: date | None) -> _Made:
    if published is None:
        return _UNKNOWN
    wanted = _weekday_table()[" ".join(match["weekday"].split())]
    way = match.groupdict().get("way")
    back = (published.weekday() - wanted) % 7
    if way in ("القادم", "المقبل"):
        day = published + timedelta(days=((wanted - published.weekday()) % 7) or 7)
    else:
        day = published - timedelta(days=back or (7 if way in ("الماضي", "الفايت", "المنصرم") else 0))
    return _make(day, why=f"assuming publication on {published.isoformat()}")


def _hours(match: re.Match[str], published: date | None) -> _Made:
    if published is None:
        return _UNKNOWN
    n = int(match["n"] or match["n2"])
    days = max(1, -(-min(n, 24 * 60) // 24))
    return _make(
        published - timedelta(days=days),
        to=published,
        precision=2,
        why=f"assuming publication on {published.isoformat()}",
    )


def _span(match: re.Match[str], published: date | None) -> _Made:
    if published is None:
        return _UNKNOWN
    is_last = not any(word in match.group() for word in ("الجاري", "الحالي"))
    why = f"assuming publication on {published.isoformat()}"
    if "الاسبوع" in match.group():
        first = published - timedelta(days=published.weekday() + (7 if is_last else 0))
        return _make(first, to=first + timedelta(days=6), precision=3, why=why)
    if "الشهر" in match.group():
        first = published.replace(day=1)
        first = (first - timedelta(days=1)).replace(day=1) if is_last else first
        return _make(first, to=_month_end(first), precision=4, why=why)
    year = published.year - is_last
    return _make(date(year, 1, 1), to=date(year, 12, 31), precision=5, why=why)


@cache
def _may_hold() -> re.Pattern[str]:
    names = [fold_words(w) for w in (*words()["dates"]["months"], *words()["dates"]["weekdays"])]
    return re.compile(
        r"\d|امس|اليوم|الليله|ليله|الاسبوع|الشهر|العام|الساعه|" + "|".join({n.split()[0] for n in names})
    )


def find_dates(
    folded: str, start: int = 0, end: int | None = None, *, published: date | None = None
) -> list[DateMention]:
    """Find dates and clock times in a span of folded text; offsets and texts are of the folded text.

    A day and month without a year take the latest such day up to the publication date. A weekday beside
    "اليوم" or "أمس" outweighs the publication date by up to three days, and the assumption says so.

    Examples
    --------
    >>> from afterstrike.reading.arabic._fold import fold
    >>> found = find_dates(fold("مساء أمس السبت و٢٩ يوليو ٢٠٢٣").text, published=date(2023, 8, 6))
    >>> [(d.date_start, d.date_precision) for d in found]
    [('2023-08-05', 1), ('2023-07-29', 1)]
    """
    stop = len(folded) if end is None else end
    part = folded[start:stop]
    if not _may_hold().search(part):
        return []
    taken = bytearray(len(part))
    rows = [*_dates(part, taken, published), *_clocks(part, taken)]
    found = [
        DateMention(
            part[a:b],
            start + a,
            start + b,
            s.isoformat() if s else None,
            e.isoformat() if e else None,
            p,
            time,
            relative,
            why,
        )
        for a, b, s, e, p, time, relative, why in rows
    ]
    return sorted(found, key=lambda mention: mention.start)


_Row = tuple[int, int, date | None, date | None, int | None, str | None, bool, str | None]


def _dates(part: str, taken: bytearray, published: date | None) -> Iterator[_Row]:
    for pattern, make in _patterns():
        for match in pattern.finditer(part):
            a, b = match.span()
            while b > a and part[b - 1] in " ,(":
                b -= 1
            if any(taken[a:b]):
                continue
            try:
                made = make(match, published)
            except (OverflowError, ValueError):
                made = _UNKNOWN  # before the first or after the last day there is
            if made is None:
                continue
            taken[a:b] = b"\x01" * (b - a)
            s, e, p, relative, why = made
            yield a, b, s, e, p, None, relative, why


def _clocks(part: str, taken: bytearray) -> Iterator[_Row]:
    for match in _CLOCK.finditer(part):
        a, b = match.span()
        if any(taken[a:b]):
            continue
        hour, minute = int(match["hour"] or match["h2"]), int(match["min"] or match["m2"] or 0)
        half = match["half"] or match["half2"] or ""
        if half[:1] in ("م", "ع", "ظ") and hour < 12 and half != "":
            hour += 12
        if hour > 24 or (match["h2"] is None and match["hour"] is None):
            continue
        taken[a:b] = b"\x01" * (b - a)
        yield a, b, None, None, None, f"{hour % 24:02d}:{minute:02d}", False, None


_STANDING = re.compile(r"[\d\s/.,:\-|]*")


def standing_date(folded: str, limit: int = 700) -> date | None:
    """Give the date that stands alone on a line near the head of a page: "السبت, 29 يوليو 2023, 10:40".

    Such a line is the page's own date. Only a full date counts.
    """
    for line in folded[:limit].split("\n"):
        line = line.strip()
        if not 6 <= len(line) <= 60:
            continue
        for mention in find_dates(line):
            rest = line[: mention.start] + line[mention.end :]
            if (
                mention.date_start
                and mention.date_precision == 1
                and not mention.relative
                and len(re.sub(r"[^\w]", "", rest)) <= 14
            ):
                return date.fromisoformat(mention.date_start)
    return None
