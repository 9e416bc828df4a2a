"""Clock times against each other and against what is said of another city, by time-zone arithmetic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from afterstrike.brief._model import Evidence
from afterstrike.brief._tables import countries, phrase_pattern, table
from afterstrike.brief._words import day, joined, parse_day, sentence_at
from afterstrike.reading._claim import Claim, Ledger

__all__ = ["ClockFinding", "clock_findings", "zone_of_country"]

_TIME = re.compile(
    r"(?<![\d:.,$€£])(?P<h>[01]?\d|2[0-4])(?:[:.](?P<m>[0-5]\d))?\s?(?P<half>[ap])\.?m\b\.?"
    r"|(?<![\d:.,$€£])(?P<h24>[01]?\d|2[0-3]):(?P<m24>[0-5]\d)(?![\d:])"
    r"|(?<![\d:.,$€£])(?P<mil>(?:[01]\d|2[0-3])[0-5]\d)(?=\s?(?:hours|hrs|local|GMT|UTC|Z\b|ET\b|EST\b|EDT\b))",
    re.IGNORECASE,
)
_LOCAL = re.compile(r"\W{0,2}(?:hours\s+|hrs\s+)?local(?:\s+time)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class ClockFinding:
    """One comparison of clocks: where it stands, whether it fits, and the arithmetic."""

    start: int
    end: int
    claims: tuple[str, ...]
    fits: bool
    sentence: str
    tolerance: str
    assumption: str | None
    evidence: Evidence


@lru_cache(maxsize=64)
def zone_of_country(adm0: str) -> str | None:
    """Give the IANA time zone of a country's capital; None where it cannot be told.

    Parameters
    ----------
    adm0 : str
        ISO 3166 alpha-3 code, such as `SYR`.

    Examples
    --------
    >>> zone_of_country("SYR")
    'Asia/Damascus'
    """
    # The gazetteer is open by now; reading the list of cities for a capital would cost half a second.
    from afterstrike.reading.gazetteer import timezone_of

    return timezone_of(adm0=adm0)


@lru_cache(maxsize=1)
def _seats() -> tuple[re.Pattern[str], dict[str, str]]:
    """Names of capitals and metonyms, and the country each stands for."""
    names: dict[str, str] = {}
    for country in countries().values():
        for capital in country.capitals:
            names[capital.casefold()] = country.adm0
    for name, adm0 in table("clock")["metonyms"].items():
        names[re.sub(r"^the ", "", name).casefold()] = adm0
    return phrase_pattern(tuple(names), ignore_case=False), names


@lru_cache(maxsize=1)
def _seat_pattern() -> re.Pattern[str]:
    named = [c for country in countries().values() for c in country.capitals]
    named += [re.sub(r"^the ", "", m) for m in table("clock")["metonyms"]]
    return phrase_pattern(tuple(named), ignore_case=False)


@dataclass(frozen=True)
class _Clock:
    start: int
    end: int
    at: time
    zone: str | None  # where a label beside it says so
    text: str


def _clocks(text: str, offset: int) -> list[_Clock]:
    """Find the clock times of a sentence, with the zone a label beside them gives."""
    labels = table("clock")["labels"]
    pattern = phrase_pattern(tuple(labels), ignore_case=False)
    found = []
    for match in _TIME.finditer(text):
        at = _time_of(match)
        if at is None:
            continue
        end = match.end()
        zone = None
        label = pattern.match(text, end + (len(text[end:]) - len(text[end:].lstrip())))
        if label:
            zone, end = labels[label.group()], label.end()
        else:
            city = re.compile(r"\s+(?P<city>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?)\s+time\b").match(text, end)
            adm0 = _seats()[1].get(city["city"].casefold()) if city else None
            if city and adm0:
                zone, end = zone_of_country(adm0), city.end()
        found.append(_Clock(offset + match.start(), offset + end, at, zone, text[match.start() : end]))
    return found


def _time_of(match: re.Match[str]) -> time | None:
    if match["mil"]:
        return time(int(match["mil"][:2]), int(match["mil"][2:]))
    if match["h24"]:
        return time(int(match["h24"]), int(match["m24"]))
    hour, minute = int(match["h"]), int(match["m"] or 0)
    if not 1 <= hour <= 12:
        return None
    return time(hour % 12 + (12 if match["half"].lower() == "p" else 0), minute)


def _when(ledger: Ledger, claims: list[Claim]) -> tuple[list[date], str | None]:
    """Give the days on which to do the sum, and the assumption that makes them so."""
    for claim in claims:
        for mention in claim.dates:
            found = parse_day(mention.date_start)
            if found and mention.date_precision == 1:
                return [found], mention.assumption
    published = parse_day(ledger.published)
    if published:
        return [published], f"assuming publication on {published.isoformat()}"
    # No date at all: the sum is done for both halves of the year, so that summer time cannot decide.
    return [date(2025, 1, 15), date(2025, 7, 15)], "no date is known: done for January and for July 2025"


def _offset(zone: str, when: datetime) -> str:
    minutes = int((when.replace(tzinfo=ZoneInfo(zone)).utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


def _relative(shown: datetime, base: date) -> str:
    gap = (shown.date() - base).days
    if gap == 0:
        return "the same day"
    if gap < 0:
        return "the evening before" if shown.hour >= 17 else "the day before"
    return "the next day"


def _within(at: time, window: list[float]) -> bool:
    hour = at.hour + at.minute / 60
    low, high = window
    return low <= hour <= high if low <= high else hour >= low or hour <= high


def _scene(ledger: Ledger, claims: list[Claim], besides: str) -> str | None:
    """Give the country an unlabelled clock time belongs to: the claim's place, else the article's."""
    scenes = [p.adm0 for c in claims for p in c.places if p.adm0 and p.adm0 != besides]
    if scenes:
        return scenes[0] if len(set(scenes)) == 1 else None
    counts: dict[str, int] = {}
    for claim in ledger.claims:
        for place in claim.places:
            if place.adm0 and place.adm0 != besides:
                counts[place.adm0] = counts.get(place.adm0, 0) + 1
    if not counts:
        return None
    top = max(counts, key=lambda a: counts[a])
    return top if counts[top] * 2 > sum(counts.values()) else None


def clock_findings(ledger: Ledger) -> list[ClockFinding]:
    """Compare the clock times of an article with what it says of other cities at that hour.

    Parameters
    ----------
    ledger : Ledger
        The article; its publication date sets summer time where the text gives no day.

    Returns
    -------
    list of ClockFinding
        One for every comparison that could be made, fitting or not.
    """
    found = []
    seen: set[tuple[int, int]] = set()
    for match in _TIME.finditer(ledger.text):
        left, right = sentence_at(ledger.text, match.start(), match.end())
        if (left, right) in seen:
            continue
        seen.add((left, right))
        claims = [c for c in ledger.claims if c.start < right and c.end > left]
        clocks = _clocks(ledger.text[left:right], left)
        if not clocks:
            continue
        found += _against_cities(ledger, claims, clocks, left, right)
        found += _against_clocks(ledger, claims, clocks, left, right)
        found += _against_words(ledger, claims, clocks, left, right)
    return found


def _covering(claims: list[Claim], start: int, end: int) -> tuple[str, ...]:
    inside = [c.id for c in claims if c.start <= start and c.end >= end]
    return tuple(
        inside or [c.id for c in claims if c.start < end and c.end > start] or [c.id for c in claims[:1]]
    )


def _against_cities(
    ledger: Ledger, claims: list[Claim], clocks: list[_Clock], left: int, right: int
) -> list[ClockFinding]:
    """Hold 'at 02:00 local time, while Washington slept' against the hour in Washington."""
    text = ledger.text[left:right]
    out = []
    for seat in _seat_pattern().finditer(text):
        adm0 = _seats()[1].get(seat.group().casefold())
        activity = _activity_near(text, seat)
        if adm0 is None or activity is None:
            continue
        clock = min(clocks, key=lambda c: abs(c.start - left - seat.start()))
        if left + seat.start() < clock.end and left + seat.end() > clock.start:
            continue
        home = None if clock.zone else _scene(ledger, claims, adm0)
        here = clock.zone or (zone_of_country(home) if home else None)
        there = zone_of_country(adm0)
        if not here or not there or here == there:
            continue
        name = "the time given" if clock.zone or home is None else countries()[home].names[0]
        where = f"{clock.text} in {name}" if home else clock.text
        out.append(
            _compare_city(ledger, claims, clock, (here, there), where, seat.group(), activity, left, right)
        )
    return out


def _activity_near(text: str, seat: re.Match[str]) -> dict[str, object] | None:
    """Give what is said of the city: the phrase beside it within its own clause."""
    # A clause ends at a comma, semicolon or dash; "while most of Washington slept" stays whole.
    starts = [m.end() for m in re.finditer(r"[,;:—–(]\s|\s-\s", text[: seat.start()])]
    stop = re.compile(r"[,;:—–)]\s|\s-\s").search(text, seat.end())
    clause = text[starts[-1] if starts else 0 : stop.start() if stop else len(text)]
    clause = clause[: 160 + seat.end() - seat.start()]
    for activity in table("clock")["activity"]:
        if phrase_pattern(tuple(activity["phrases"])).search(clause) and not _TIME.search(clause):
            return dict(activity)
    return None


def _compare_city(
    ledger: Ledger,
    claims: list[Claim],
    clock: _Clock,
    zones: tuple[str, str],
    where: str,
    city: str,
    activity: dict[str, object],
    left: int,
    right: int,
) -> ClockFinding:
    here, there = zones
    days, assumption = _when(ledger, claims)
    sums, fits = [], False
    for when in days:
        local = datetime.combine(when, clock.at)
        shown = local.replace(tzinfo=ZoneInfo(here)).astimezone(ZoneInfo(there))
        fits = fits or _within(shown.time(), list(activity["window"]))  # type: ignore[call-overload]
        sums.append(
            f"{where} ({_offset(here, local)}) on {day(when)} is {shown:%H:%M} "
            f"{_relative(shown, when)} in {city} "
            f"({_offset(there, shown.replace(tzinfo=None))})"
        )
    verb = "fits" if fits else "does not fit"
    arithmetic = "; ".join(sums)
    sentence = (
        f"{arithmetic}: this {verb} “{activity['name']}”, even taken generously as {activity['words']}."
        if not fits
        else f"{arithmetic}: this fits “{activity['name']}”, taken as {activity['words']}."
    )
    return ClockFinding(
        start=min(clock.start, left),
        end=right,
        claims=_covering(claims, clock.start, clock.end),
        fits=fits,
        sentence=sentence,
        tolerance=f"“{activity['name']}” taken generously as {activity['words']}",
        assumption=assumption,
        evidence=Evidence(
            kind="arithmetic",
            text=f"{arithmetic}.",
            source="IANA time zone database",
            source_url="https://www.iana.org/time-zones",
            licence="public domain",
            date_start=days[0].isoformat(),
            date_end=days[-1].isoformat(),
            note=f"time zones: {here}, {there}",
        ),
    )


def _against_clocks(
    ledger: Ledger, claims: list[Claim], clocks: list[_Clock], left: int, right: int
) -> list[ClockFinding]:
    """Hold '2 a.m. local time (2300 GMT)' against itself: both must be one moment."""
    out = []
    for first, second in pairwise(clocks):
        gap = ledger.text[first.end : second.start]
        if second.zone is None or not re.fullmatch(r"(?:\W*local(?:\s+time)?\W*|\s*)\(\W*(?:or\s+)?", gap):
            continue
        home = None if first.zone else _scene(ledger, claims, "")
        here = first.zone or (zone_of_country(home) if home else None)
        if not here or here == second.zone:
            continue
        days, assumption = _when(ledger, claims)
        fits, sums = False, []
        for when in days:
            shown = datetime.combine(when, first.at, ZoneInfo(here)).astimezone(ZoneInfo(second.zone))
            fits = fits or (shown.hour, shown.minute) == (second.at.hour, second.at.minute)
            label = f" in {countries()[home].names[0]}" if home and not first.zone else ""
            sums.append(
                f"{first.text}{label} on {day(when)} is {shown:%H:%M} {_relative(shown, when)} in "
                f"{second.zone}"
            )
        text = joined(sums)
        out.append(
            ClockFinding(
                first.start,
                second.end,
                _covering(claims, first.start, second.end),
                fits,
                f"{text}; the article gives {second.text}.",
                "to the minute, on the day given",
                assumption,
                Evidence(
                    "arithmetic", f"{text}.", "IANA time zone database", "https://www.iana.org/time-zones"
                ),
            )
        )
    return out


def _against_words(
    ledger: Ledger, claims: list[Claim], clocks: list[_Clock], left: int, right: int
) -> list[ClockFinding]:
    """Hold 'at 14:00, just before dawn' against itself: the words beside a clock time must fit it."""
    out = []
    for clock in clocks:
        after = ledger.text[clock.end : min(right, clock.end + 60)]
        local = _LOCAL.match(after)
        after = after[local.end() :] if local else after
        for activity in table("clock")["activity"]:
            near = re.compile(
                r"\W{1,3}(?:just |shortly |well |and |in the |at |on (?:Sun|Mon|Tues|Wednes|Thurs|Fri|Satur)day )?"
                rf"(?P<phrase>{'|'.join(re.escape(p) for p in activity['phrases'])})(?!\w)",
                re.IGNORECASE,
            ).match(after)
            if not near:
                continue
            fits = _within(clock.at, activity["window"])
            taken = f"“{near['phrase']}” taken generously as {activity['words']}"
            text = f"{clock.text} is {clock.at:%H:%M}; {taken}"
            out.append(
                ClockFinding(
                    clock.start,
                    clock.end,
                    _covering(claims, clock.start, clock.end),
                    fits,
                    f"{text}.",
                    f"“{near['phrase']}” taken generously as {activity['words']}",
                    None,
                    Evidence("arithmetic", f"{text}.", "the article's own words"),
                )
            )
            break
    return out
