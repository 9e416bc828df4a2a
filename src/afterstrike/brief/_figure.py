"""A shipped figure as the checks need it: its interval, its words, its evidence, whose voice it is."""

from __future__ import annotations

import re
from functools import lru_cache
from math import inf

from afterstrike.brief._model import Evidence
from afterstrike.brief._tables import countries, phrase_pattern, table
from afterstrike.brief._words import day, number, period
from afterstrike.record.shipped import Fact, Figure, Measure, areas

__all__ = [
    "area_label",
    "evidence_of",
    "fact_evidence",
    "family_names",
    "family_of",
    "interval_of",
    "middle_of",
    "words_of",
]


def middle_of(figure: Figure) -> float:
    """Give the one number that stands for a figure: its value, else the middle of its range."""
    if figure.value is not None:
        return figure.value
    ends = [x for x in (figure.low, figure.high) if x is not None]
    return sum(ends) / len(ends)


def interval_of(figure: Figure) -> tuple[float, float]:
    """Give the lowest and highest number a figure allows; an open side is infinite or zero."""
    if figure.low is not None and figure.high is not None:
        return figure.low, figure.high
    if figure.approx == "over" or figure.low is not None:
        return figure.low if figure.low is not None else middle_of(figure), inf
    if figure.approx == "under" or figure.high is not None:
        return 0.0, figure.high if figure.high is not None else middle_of(figure)
    return middle_of(figure), middle_of(figure)


def words_of(figure: Figure) -> str:
    """Give the number of a figure with its bound, in words."""
    if figure.value is None and figure.low is not None and figure.high is not None:
        return f"{number(figure.low)} to {number(figure.high)}"
    low, high = interval_of(figure)
    if high == inf:
        return (
            f"{'at least' if 'at least' in (figure.note or '') else 'more than'} {number(middle_of(figure))}"
        )
    if low == 0.0 < high:
        return f"just under {number(high)}"
    return f"{'about ' if figure.approx == 'about' else ''}{number(middle_of(figure))}"


def area_label(code: str) -> str:
    """Give the words for an area code."""
    known = areas()
    return known[code].label if code in known else code


def said_by(figure: Figure) -> str:
    """Name who states a figure and where it was published."""
    return figure.origin if figure.origin == figure.source else f"{figure.origin}, in {figure.source}"


def when_of(figure: Figure, measure: Measure | None) -> str:
    """Give the date of a stock figure or the period of a flow, in words."""
    if measure is not None and measure.kind == "stock":
        return f"on {day(figure.period_end)}"
    words = period(figure.period_start, figure.period_end)
    if figure.period_start == figure.period_end:
        return f"on {words}"
    return f"from {words}" if " to " in words else f"in {words}"


def evidence_of(figure: Figure, measure: Measure | None, note: str | None = None) -> Evidence:
    """Give a figure as evidence: one sentence, its source, address and dates."""
    what = measure.label if measure else figure.measure
    where = "" if measure and len(measure.areas) == 1 else f", {area_label(figure.area)}"
    return Evidence(
        kind="figure",
        text=f"{words_of(figure)}: {what}{where}, {when_of(figure, measure)}, by {said_by(figure)}.",
        source=said_by(figure),
        source_url=figure.source_url,
        licence="a fact with its citation",
        date_start=figure.period_start.isoformat(),
        date_end=figure.period_end.isoformat(),
        value=figure.value,
        low=figure.low,
        high=figure.high,
        unit=figure.unit,
        rows=(figure.figure_id,),
        note=note or figure.note,
    )


def fact_evidence(fact: Fact) -> Evidence:
    """Give a dated fact as evidence."""
    return Evidence(
        kind="fact",
        text=fact.statement,
        source=fact.source,
        source_url=fact.source_url,
        licence="a fact with its citation",
        date_start=fact.date.isoformat(),
        date_end=fact.date.isoformat(),
        rows=(fact.fact_id,),
        note=fact.note,
    )


@lru_cache(maxsize=1)
def _families() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (f["name"], re.compile("|".join(f["patterns"]), re.IGNORECASE)) for f in table("origins")["family"]
    )


_STATE = re.compile(
    r"\b(government|ministry|minister|army|military|officials?|authorit\w+|state|police|judiciary|national"
    r"|air force)\b",
    re.IGNORECASE,
)


def family_names() -> frozenset[str]:
    """Give the names of the families listed in the origins table."""
    return frozenset(name for name, _ in _families())


@lru_cache(maxsize=2048)
def family_of(origin: str) -> str:
    """Give the family an origin speaks for; two origins of one family are not independent.

    Examples
    --------
    >>> family_of("CENTCOM") == family_of("an unnamed US official")
    True
    >>> family_of("Government of Iraq") == family_of("unnamed Iraqi officials")
    True
    >>> family_of("Airwars") == family_of("CENTCOM")
    False
    """
    for name, pattern in _families():
        if pattern.search(origin):
            return name
    if _STATE.search(origin):
        for adm0, country in countries().items():
            words = (*country.names, *country.demonyms, *country.capitals)
            if phrase_pattern(words, ignore_case=False).search(origin):
                return f"government of {adm0}"
    return " ".join(re.sub(r"\W+", " ", origin).casefold().split())
