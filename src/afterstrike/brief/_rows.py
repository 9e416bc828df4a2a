"""Numbers, dates and sources as a reader meets them in the tables of a brief."""

from __future__ import annotations

from typing import Any

from ..reading._claim import Claim, DateMention, PlaceMention, Quantity
from ._model import Evidence
from ._wording import ATTRIBUTION_WORDS, SOURCE_WORDS

__all__ = ["amount", "evidence_row", "facts_of", "number", "period", "who_says"]

_PLACE_PRECISION = {3: "district", 4: "governorate", 5: "area", 6: "country", 7: "not known more closely"}


def number(value: float) -> str:
    """Write a number with thousands separated and no more digits than it has.

    Examples
    --------
    >>> number(10000.0), number(0.25)
    ('10,000', '0.25')
    """
    return f"{value:,.10g}" if abs(value) < 1e10 else f"{value:,.0f}"


def amount(value: float | None, low: float | None, high: float | None, unit: str | None) -> str:
    """Write a figure with its range and unit; empty where there is no figure.

    Examples
    --------
    >>> amount(2000, 1800, 2100, "troops")
    '2,000 (1,800 to 2,100) troops'
    >>> amount(None, 10, None, "people")
    'at least 10 people'
    >>> amount(90, 90, None, "munitions")
    'at least 90 munitions'
    """
    span = ""
    if low is not None and high is not None and low != high:
        span = f"{number(low)} to {number(high)}"
    elif low is not None and high is None:
        span = f"at least {number(low)}"
    elif high is not None and low is None:
        span = f"at most {number(high)}"
    if value is None or (span.startswith("at ") and value in (low, high)):
        text = span
    else:
        text = number(value) + (f" ({span})" if span else "")
    return f"{text} {unit}" if text and unit and unit not in ("count", "1") else text


def period(start: str | None, end: str | None) -> str:
    """Write a period of ISO dates; empty where none is known.

    Examples
    --------
    >>> period("2017-01-01", "2017-12-31"), period("2024-12-19", "2024-12-19")
    ('2017', '2024-12-19')
    """
    if not start and not end:
        return ""
    if not end or start == end:
        return str(start)
    if not start:
        return f"to {end}"
    if start[5:] == "01-01" and end[5:] == "12-31":
        return start[:4] if start[:4] == end[:4] else f"{start[:4]} to {end[:4]}"
    return f"{start} to {end}"


def evidence_row(
    item: Evidence, numbers: dict[tuple[str, str | None], int], *, mark: str = ""
) -> dict[str, Any]:
    """Give one row of an evidence table."""
    name = item.source or item.source_url
    return {
        "mark": mark,
        "text": item.text,
        "note": item.note,
        "rows": item.rows[:8],
        "figure": amount(item.value, item.low, item.high, item.unit),
        "period": period(item.date_start, item.date_end),
        "source": name,
        "url": item.source_url,
        "number": numbers.get((name or "", item.source_url)),
        "licence": item.licence,
    }


def who_says(claim: Claim) -> str:
    """Name the source of a claim with what kind of source it is."""
    kind = SOURCE_WORDS[claim.source_kind]
    if not claim.source:
        return kind[:1].upper() + kind[1:]
    who = f"{claim.source} ({kind})" if claim.source_kind not in ("author", "person") else claim.source
    if claim.relayed_by:
        who += ", relayed by " + " and ".join(m.name or m.text for m in claim.relayed_by)
    held = ATTRIBUTION_WORDS.get(claim.attribution_kind or "says")
    return f"{who}, {held}" if held else who


def _quantity(quantity: Quantity) -> str:
    text = amount(quantity.value, quantity.low, quantity.high, quantity.unit) or quantity.text
    if quantity.about and quantity.about.lower() not in text.lower():
        text += f", {quantity.about}"
    if quantity.figure_of_speech:
        return f"{quantity.text} (a figure of speech)"
    if quantity.cumulative:
        text += " (running total)"
    return f"about {text}" if quantity.approx else text


def _place(place: PlaceMention) -> str:
    if place.name is None and place.lat is None:
        return f"{place.text} (not found in the gazetteer)"
    precision = _PLACE_PRECISION.get(place.geo_precision or 0)
    name = place.name or place.text
    shown = place.text if name.lower() == place.text.lower() else f"{place.text} = {name}"
    return f"{shown} ({precision})" if precision else shown


def _date(mention: DateMention) -> str:
    found = period(mention.date_start, mention.date_end)
    time = f" {mention.time}" if mention.time and mention.time not in mention.text else ""
    return f"{mention.text}{time}" + (f" = {found}" if found and found != mention.text else "")


def facts_of(claim: Claim) -> list[dict[str, str]]:
    """List what a claim counts, names, places and dates, each under its own word."""
    facts = [{"label": "number", "text": _quantity(q)} for q in claim.quantities]
    facts += [{"label": "place", "text": _place(p)} for p in claim.places]
    facts += [{"label": "date" if d.date_start else "time", "text": _date(d)} for d in claim.dates]
    actors = list(dict.fromkeys(a.name or a.text for a in claim.actors))
    facts += [{"label": "actor", "text": ", ".join(actors)}] if actors else []
    return facts
