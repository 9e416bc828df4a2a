"""A reported event against the rows of a record: kind, place within both precisions, days within both."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, Protocol

from afterstrike.brief._figure import family_of
from afterstrike.brief._model import Evidence
from afterstrike.brief._tables import countries, table
from afterstrike.brief._weigh import Outcome
from afterstrike.brief._words import day, joined, number, parse_day, period
from afterstrike.reading._claim import Claim, DateMention, Ledger, PlaceMention, Quantity

__all__ = ["EventRecord", "judge_event"]

MOST_ROWS = 200
COVER_DEGREES = 3.0  # only to ask whether a data set holds anything there at all, never to match
COUNT_TOLERANCE = 0.2  # deaths and strikes of one event, by different sources


class EventRecord(Protocol):
    """What the checks need of a record; `afterstrike.record.open_record` gives one."""

    def find(self, **filters: Any) -> list[dict[str, Any]]:
        """Give rows near a place and time."""

    def rows(self, **filters: Any) -> list[dict[str, Any]]:
        """Give rows of a data set, a country or a box."""

    def datasets(self) -> list[dict[str, Any]]:
        """Give the data sets in the record with their cover."""


def _kinds(text: str) -> tuple[str, list[str]] | None:
    for ask in table("events")["ask"]:
        if re.search(ask["pattern"], text, re.IGNORECASE):
            return ask["name"], list(ask["kinds"])
    return None


def _cover(record: EventRecord, place: PlaceMention, first: date, last: date) -> tuple[str, str]:
    """Name the data sets that cover the place on these days, and those that cover it on others."""
    on: list[str] = []
    off: list[str] = []
    for row in record.datasets():
        begin = parse_day(str(row.get("first_date") or row.get("first") or ""))
        end = parse_day(str(row.get("last_date") or row.get("last") or ""))
        if begin is None or end is None or not _holds(record, str(row.get("dataset")), place):
            continue
        sample = ", a sample" if row.get("is_sample") else ""
        events = number(float(row.get("events") or 0))
        words = f"{row.get('dataset')} ({events} events{sample}, {period(begin, end)})"
        (on if begin <= last and first <= end else off).append(words)
    return joined(on), joined(off)


def _holds(record: EventRecord, dataset: str, place: PlaceMention) -> bool:
    """Say whether a data set has events in the place's country or, where it names no country, around it."""
    if place.adm0 and record.rows(dataset=dataset, adm0=place.adm0, limit=1):
        return True
    if place.lat is None or place.lon is None:
        return False
    south, north = max(-90.0, place.lat - COVER_DEGREES), min(90.0, place.lat + COVER_DEGREES)
    west, east = ((place.lon + turn + 180.0) % 360.0 - 180.0 for turn in (-COVER_DEGREES, COVER_DEGREES))
    box = (west, south, east, north)
    near = record.rows(dataset=dataset, bbox=box, limit=20)
    return any(not r.get("adm0") for r in near)


def _best_date(claim: Claim) -> DateMention | None:
    dated = [d for d in claim.dates if d.date_start and (d.date_precision or 9) <= 4]
    return min(dated, key=lambda d: d.date_precision or 9, default=None)


def _best_place(claim: Claim) -> PlaceMention | None:
    placed = [p for p in claim.places if p.adm0 or p.lat is not None]
    return min(placed, key=lambda p: p.geo_precision or 7, default=None)


def judge_event(ledger: Ledger, claim: Claim, record: EventRecord | None) -> Outcome | None:
    """Look a reported event up in the record.

    Parameters
    ----------
    ledger : Ledger
        The article.
    claim : Claim
        A claim that reports an event, or counts strikes or deaths of one.
    record : EventRecord or None
        None: no record was given.

    Returns
    -------
    Outcome or None
        None where the claim reports no kind of event a record holds.
    """
    asked = _kinds(claim.quote)
    if asked is None:
        return None
    name, kinds = asked
    mention, place = _best_date(claim), _best_place(claim)
    if mention is None and place is None:
        return Outcome(
            "not_checkable", f"This speaks of {name}, but names neither a date nor a place that "
            "could be looked up.",
            rule="no date or place",
        )  # fmt: skip
    if record is None:
        return Outcome(
            "outside_record",
            f"This reports {name}; no event record was given, and the figures held here list no "
            "single events of this "
            "kind. Add one with `afterstrike record add` and name it with --record.",
            rule="no event record",
        )
    if mention is None or place is None:
        missing = joined(w for w, gone in (("date", mention is None), ("place", place is None)) if gone)
        return Outcome(
            "not_checkable",
            f"This reports {name}, but names no {missing.replace(' and ', ' and no ')} that could "
            "be looked up in the record.",
            rule="no date or place",
        )
    first = parse_day(mention.date_start) or date.min
    last = parse_day(mention.date_end) or first
    words, elsewhere = _cover(record, place, first, last)
    if not words:
        there = f"The record holds {elsewhere}; {period(first, last)} lies outside it."
        return Outcome(
            "outside_record",
            there if elsewhere else "The record holds no event in that country.",
            rule="date outside the record",
            assumption=mention.assumption,
        )
    rows = _matching(record, place, kinds, first, last, mention.date_precision or 1)
    others = len(rows)
    rows = _by_the_same(claim, rows)
    if not rows:
        where = place.name or place.text
        return Outcome(
            "not_in_record",
            f"No event of this kind was found near {where} on {period(first, last)} in {words}"
            f"{f', only {others} that the record lays to others' if others else ''}. "
            "That is not evidence that it did not happen.",
            rule="looked for by kind, place and day within both precisions",
            tolerance=_tolerance_words(),
            assumption=mention.assumption,
        )
    return _found(claim, rows, mention)


def _tolerance_words() -> str:
    reach = table("events")["reach"]
    return (
        f"place within the sum of both precisions ({reach['1']} to {reach['5']} km each), day "
        "within both date "
        f"precisions and one day for the time zone, counts within {COUNT_TOLERANCE:.0%} of the recorded range"
    )


def _matching(
    record: EventRecord, place: PlaceMention, kinds: list[str], first: date, last: date, precision: int
) -> list[dict[str, Any]]:
    reach = {int(k): float(v) for k, v in table("events")["reach"].items()}
    days = {int(k): int(v) for k, v in table("events")["days"].items()}
    margin = timedelta(days=1 if precision <= 3 else 0)
    widest = timedelta(days=days[3])
    query: dict[str, Any] = {
        "kind": kinds,
        "date_from": first - widest,
        "date_to": last + widest,
        "limit": MOST_ROWS,
    }
    own = reach.get(place.geo_precision or 7)
    if own is not None and place.lat is not None and place.lon is not None:
        query |= {"lat": place.lat, "lon": place.lon, "km": own + reach[5]}
    elif place.adm0:
        query["adm0"] = place.adm0
    else:
        return []
    kept = []
    for row in record.find(**query):
        if "km" in query:
            there = reach.get(int(row.get("geo_precision") or 7))
            if there is None or (row.get("km") or 0.0) > (own or 0.0) + there:
                continue
        start, end = parse_day(str(row.get("date_start") or "")), parse_day(str(row.get("date_end") or ""))
        if start is None:
            continue
        off = timedelta(
            days=days.get(int(row.get("date_precision") or 1), 0)
            if (row.get("date_precision") or 1) > 1
            else 0
        )
        if start - off <= last + margin and (end or start) + off >= first - margin:
            kept.append(row)
    return kept


def _by_the_same(claim: Claim, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the one the claim names as striking; rows that do not say who stay where no other is left."""
    named = {family_of(a.name) for a in claim.actors if a.name and a.name != claim.source}
    if not named:
        return rows
    theirs = [r for r in rows if r.get("initiator") and family_of(str(r["initiator"])) in named]
    return theirs or [r for r in rows if not r.get("initiator")]


def _counts(claim: Claim) -> tuple[str, Quantity] | None:
    for q in claim.quantities:
        words = f"{q.unit} {q.about} {q.text}"
        if q.value is None or q.figure_of_speech:
            continue
        if re.search(r"\bstrikes?\b", words, re.IGNORECASE):
            return "strikes", q
        if re.search(r"\b(kill\w*|dead|deaths?|died|fatalities)\b", claim.quote, re.IGNORECASE) and re.search(
            r"\b(people|civilians?|soldiers?|fighters?|militants?|troops|deaths?|dead|children|women|men)\b",
            words,
            re.I,
        ):
            return ("civilian_fatalities" if re.search(r"\bcivilian", words, re.I) else "fatalities"), q
    return None


def _row_range(row: dict[str, Any], what: str) -> tuple[float, float] | None:
    best = row.get("strikes") if what == "strikes" else row.get(f"{what}_best")
    values = [v for v in (best, row.get(f"{what}_low"), row.get(f"{what}_high")) if v is not None]
    return (float(min(values)), float(max(values))) if values else None


def _found(claim: Claim, rows: list[dict[str, Any]], mention: DateMention) -> Outcome:
    counted = _counts(claim)
    agreeing = rows
    if counted is not None:
        what, quantity = counted
        value = float(quantity.value or 0)
        agreeing = []
        for row in rows:
            bounds = _row_range(row, what)
            if (
                bounds
                and bounds[0] * (1 - COUNT_TOLERANCE) - 0.5
                <= value
                <= bounds[1] * (1 + COUNT_TOLERANCE) + 0.5
            ):
                agreeing.append(row)
    shown = sorted(agreeing or rows, key=lambda r: (str(r.get("dataset")), str(r.get("event_id"))))[:5]
    evidence = tuple(_evidence(r) for r in shown)
    said = joined(f"{r.get('dataset')} {r.get('source_id') or r.get('event_id')}" for r in shown)
    base: dict[str, Any] = {
        "tolerance": _tolerance_words(),
        "assumption": mention.assumption,
        "evidence": evidence,
    }
    if not agreeing:
        return Outcome(
            "not_in_record",
            f"The record has {len(rows)} event{'s' if len(rows) > 1 else ''} of this kind there "
            f"and then ({said}), none with this "
            "number. The sources may count different things; that is not evidence that it is wrong.",
            rule="event found, count not found",
            **base,
        )
    sets = {str(r.get("dataset")) for r in agreeing}
    if len(sets) > 1:
        return Outcome(
            "supported", f"Independent data sets have such an event there and then: {said}.",
            rule="kind, place and day agree in two data sets", **base,
        )  # fmt: skip
    return Outcome(
        "same_source", f"One data set has such an event there and then: {said}.",
        rule="kind, place and day agree in one data set", **base,
    )  # fmt: skip


def _evidence(row: dict[str, Any]) -> Evidence:
    start = parse_day(str(row.get("date_start") or ""))
    deaths = row.get("fatalities_best")
    country = countries().get(str(row.get("adm0")))
    where = joined(w for w in (str(row.get("place") or ""), country.names[0] if country else "") if w)
    toll = f", {number(float(deaths))} deaths (best estimate)" if deaths is not None else ""
    return Evidence(
        kind="event",
        text=f"{row.get('kind')}, {where or 'place not stated'}, {day(start) if start else 'no day'}{toll}.",
        source=f"{row.get('dataset')} {row.get('dataset_version') or ''}".strip(),
        licence=row.get("licence"),
        date_start=str(row["date_start"])[:10] if row.get("date_start") else None,
        date_end=str(row["date_end"])[:10] if row.get("date_end") else None,
        value=float(deaths) if deaths is not None else None,
        unit="deaths" if deaths is not None else None,
        rows=(str(row.get("event_id")),),
    )
