"""Area and time of a number: those of its own sentence, else those of the sentences before."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from afterstrike.brief._context import Context, cue
from afterstrike.brief._figure import area_label
from afterstrike.brief._period import When, when_in
from afterstrike.brief._period_words import COUNTS
from afterstrike.brief._point import whole_month
from afterstrike.brief._tables import countries, phrase_pattern
from afterstrike.brief._words import parse_day, period
from afterstrike.reading._claim import Ledger
from afterstrike.record.shipped import areas

__all__ = ["Setting", "area_of", "names_area", "names_elsewhere", "spoken_of", "whens_of"]


def _area_in(text: str) -> str | None:
    """Give the one area a stretch of text names; None where it names none or several."""
    found = {code for code, area in areas().items() if any(t.search(text) for t in area.terms)}
    if "IRQ+SYR" in found or {"IRQ", "SYR"} <= found:
        return "IRQ+SYR"
    for code in list(found):
        parent = areas()[code].part_of
        if parent:
            found.discard(parent)
    return found.pop() if len(found) == 1 else None


def names_elsewhere(text: str, adm0s: set[str]) -> bool:
    """Say whether a stretch names a country, as a place, outside the given ones."""
    for adm0, country in countries().items():
        if adm0 in adm0s or adm0 == "USA":
            continue
        if phrase_pattern((*country.names, *country.capitals), ignore_case=False).search(text):
            return True
    return False


def _scene(ledger: Ledger) -> str | None:
    """Give the area code most of the article's places lie in."""
    counts: dict[str, int] = {}
    for code, area in areas().items():
        if area.part_of or "+" in code:
            continue
        counts[code] = sum(len(t.findall(ledger.text[:20000])) for t in area.terms)
    total = sum(counts.values())
    top = max(counts, key=lambda c: counts[c], default=None)
    return top if top and counts[top] * 4 >= total * 3 and counts[top] > 0 else None


@lru_cache(maxsize=8)
def spoken_of(text: str) -> frozenset[str]:
    """Give the countries of the shipped areas that an article names at all."""
    found = [a for a in areas().values() if any(t.search(text[:20000]) for t in (*a.terms, *a.towns))]
    return frozenset(part.split("-")[0] for a in found for part in a.code.split("+"))


@dataclass(frozen=True)
class Setting:
    """An area or times, whether they are this number's beyond doubt, and what was taken over, in words."""

    area: str | None = None
    whens: tuple[When, ...] = ()
    sure: bool = True
    taken: str | None = None


def names_area(text: str) -> bool:
    """Say whether a stretch names any area that figures are stated for."""
    return any(t.search(text) for a in areas().values() for t in a.terms)


def area_of(ledger: Ledger, sentence: str, segment: str, context: Context) -> Setting:
    """Give the area a number is stated for.

    The one beside the number goes first, then the only one in its sentence, then the only one in the
    sentences before; last, never beyond doubt, the one most of the article speaks of.
    """
    for text in (segment, sentence):
        area = _area_in(text)
        if area:
            inside = {part.split("-")[0] for part in area.split("+")}
            return Setting(area, sure=not names_elsewhere(text, inside))
    # Several areas, none of them this number's for sure; or a country no figure is stated for.
    if names_area(sentence) or names_elsewhere(sentence, set()):
        return Setting(sure=False)
    for _, text in context.before:
        area = _area_in(text)
        if area:
            inside = {part.split("-")[0] for part in area.split("+")}
            whole = f"{context.text} {sentence}"
            alone = _area_in(whole) == area and not names_elsewhere(whole, inside)
            alone = alone and not _placed_elsewhere(ledger, context, inside)
            return Setting(area, sure=alone, taken=f"the area as {area_label(area)}")
        if names_area(text) or names_elsewhere(text, set()):
            return Setting(sure=False)
    return Setting(_scene(ledger), sure=False)


def _placed_elsewhere(ledger: Ledger, context: Context, inside: set[str]) -> bool:
    """Say whether a place of another country stands in the sentences before."""
    spans = [(start, start + len(text)) for start, text in context.before]
    return any(
        p.adm0 and p.adm0 not in inside | {"USA"} and any(a <= p.start < b for a, b in spans)
        for c in ledger.claims
        for p in c.places
    )


def _whens_in(ledger: Ledger, text: str, left: int, year: int | None = None) -> list[When]:
    right = left + len(text)
    mentions = [d for c in ledger.claims for d in c.dates if left <= d.start and d.end <= right]
    return when_in(text, parse_day(ledger.published), mentions, left, year)


def whens_of(
    ledger: Ledger, sentence: str, segment: str, left: int, seg_left: int, context: Context
) -> Setting:
    """Give the days or periods a number is stated for.

    Those beside the number go first, then those of its sentence. Where it has none, the one date of the
    nearest sentence before is taken: beyond doubt if the sentence points to it ("that month", "those four
    weeks") or the date is the scope of what follows ("the tally covers January to June"), and no other date
    stands between.
    """
    years = re.findall(r"\b(?:19|20)\d\d\b", sentence[:seg_left])
    near = _whens_in(ledger, segment, left + seg_left, int(years[-1]) if years else None)
    if near:
        return Setting(whens=tuple(near), sure=len(near) == 1)
    whole = _whens_in(ledger, sentence, left)
    back = cue("that_time").search(segment) or cue("that_time").search(sentence)
    if back and _SOME_OF.search(back.string[: back.start()]):
        return Setting(sure=False)  # "on one day of that month"
    if whole and not back:
        return Setting(whens=tuple(whole), sure=len(whole) == 1)
    found = [(text, _whens_in(ledger, text, start)) for start, text in context.before]
    dated = [(text, whens) for text, whens in found if whens]
    if not dated:
        return Setting(whens=tuple(whole), sure=len(whole) == 1)
    text, whens = dated[0]
    if len(whens) != 1:
        return Setting(whens=tuple(whens) if back else (), sure=False)
    alone = sum(len(w) for _, w in dated) == 1 and not whole
    if back:
        one = _pointed_at(back, whens[0])
        if one is None:
            return Setting(whens=tuple(whens), sure=False)
        return Setting(
            whens=(one,), sure=alone, taken=f"“{back.group().strip()}” as {period(one.start, one.end)}"
        )
    one = whens[0]
    scope = cue("scope_of").search(text[: one.span[0]]) is not None
    if not scope and (cue("present_tense").search(sentence) or one.kind != "period"):
        return Setting()
    return Setting(whens=(one,), sure=scope and alone, taken=f"the time as {period(one.start, one.end)}")


_SOME_OF = re.compile(
    r"\b(?:days?|nights?|weeks?|months?|hours?|half|part|start|end|beginning|middle|most|rest) (?:of|in) $",
    re.IGNORECASE,
)
_UNITS = {"day": (1, 0), "week": (7, 1), "month": (30.44, 4), "year": (365.25, 3)}


def _pointed_at(back: re.Match[str], one: When) -> When | None:
    """Give the day, week, month or year that "that month" means beside a date; None where they do not fit."""
    groups = back.groupdict()
    unit, many, count = groups.get("unit"), groups.get("units"), groups.get("n")
    if many:
        length, slack = _UNITS[many.lower().rstrip("s")]
        word = (count or "").strip().lower()
        times = COUNTS.get(word) or (int(word) if word.isdigit() else 0)
        if times:
            return one if abs(one.days - times * length) <= slack else None
        return one if one.days >= 2 * length - slack and not word else None
    if groups.get("event"):
        return one if one.days <= 2 else None
    kind = (unit or "period").lower()
    if kind == "year" and one.start.year == one.end.year:
        return replace(one, start=date(one.start.year, 1, 1), end=date(one.start.year, 12, 31), kind="period")
    if kind == "month" and (one.start.year, one.start.month) == (one.end.year, one.end.month):
        start, end = whole_month(one.start.year, one.start.month)
        return replace(one, start=start, end=end, kind="period")
    if kind in ("day", "night", "morning", "evening", "afternoon", "date") and one.days <= 2:
        return one
    if kind in ("week", "weekend") and one.days <= 8:
        return one if one.days > 4 or kind == "weekend" else None
    if kind == "quarter" and 85 <= one.days <= 95:
        return one
    return one if kind in ("period", "time", "stretch", "span", "half-year", "half") else None
