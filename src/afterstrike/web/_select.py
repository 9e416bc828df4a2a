"""What a selection holds: counts, facets, the weekly series and a page of rows, from the index alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from ..record._schema import EVENT_KINDS
from ._index import COUNTS, LATEST, NO_DAY, Bools, Index, Ints, iso_day
from ._selection import Selection

__all__ = [
    "FACETS",
    "PAGE_SIZE",
    "SORTS",
    "choose",
    "counts_of",
    "facets_of",
    "rows_of",
    "series_of",
    "weeks_left_out",
]

PAGE_SIZE = 100
FACETS = ("kind", "initiator", "side", "adm0", "adm1", "dataset")
MOST_VALUES = 60  # of a facet; what lies beyond is counted as `more`
# A run of weeks longer than this (some 57 years) is given without its empty weeks.
MOST_WEEKS = 3000
SORTS = ("-date", "date", "-fatalities", "fatalities", "-civilians", "civilians", "kind", "place")
_EPOCH = dt.date(1970, 1, 1)
_NO_PLACE = "\U0010ffff"  # sorts behind every name


def _days(day: dt.date) -> int:
    return (day - _EPOCH).days


def _facet_mask(index: Index, name: str, wanted: tuple[str, ...]) -> Bools:
    if name != "side":
        return index.coded[name].among(wanted)
    a, b, words = index.side
    table = np.isin(words, wanted)
    either: Bools = table[a] | table[b]
    return either


def _masks(index: Index, selection: Selection) -> tuple[Bools | None, dict[str, Bools]]:
    """Give which events pass the filters without a facet, and which pass each facet that is filtered by."""
    other: list[Bools] = []
    if selection.date_from:
        other.append(index.earliest_end >= _days(selection.date_from))
    if selection.date_to:
        # LATEST, which stands for a row without any day, is after every day
        other.append(index.latest_start <= _days(selection.date_to))
    if selection.bbox:
        west, south, east, north = selection.bbox
        lat, lon = index.lat, index.lon
        across = (lon >= west) & (lon <= east) if west <= east else (lon >= west) | (lon <= east)
        other.append(across & (lat >= south) & (lat <= north))
    if selection.precision:
        other.append((index.precision >= 1) & (index.precision <= selection.precision))
    if selection.harm:
        other.append(index.is_harm)
    facets = {
        name: _facet_mask(index, name, wanted) for name in FACETS if (wanted := getattr(selection, name))
    }
    return _all_of(other), facets


def _all_of(masks: list[Bools]) -> Bools | None:
    if not masks:
        return None
    whole = masks[0].copy() if len(masks) > 1 else masks[0]
    for mask in masks[1:]:
        whole &= mask
    return whole


def choose(index: Index, selection: Selection) -> tuple[Ints, dict[str, Ints]]:
    """Choose events.

    Parameters
    ----------
    index : Index
        The record's events.
    selection : Selection
        Which of them.

    Returns
    -------
    tuple
        The numbers of the chosen events in order; and for each facet that is filtered by, the numbers of those
        that all other filters choose, from which one learns what else the facet could show.
    """
    base, facets = _masks(index, selection)
    every = [mask for mask in (base, *facets.values()) if mask is not None]
    chosen = _all_of(every)
    without: dict[str, Ints] = {}
    for name in facets:
        rest = _all_of(
            [m for m in (base, *(mask for n, mask in facets.items() if n != name)) if m is not None]
        )
        without[name] = np.arange(index.size) if rest is None else np.flatnonzero(rest)
    return (np.arange(index.size) if chosen is None else np.flatnonzero(chosen)), without


def counts_of(index: Index, chosen: Ints) -> dict[str, int]:
    """Count the chosen events: `shown = exact + imprecise + without_place`.

    exact: a coordinate known within 25 km (geo_precision 1 and 2). imprecise: a coordinate that stands for a district
    or wider, or whose precision is not stated; of these `country_only` cannot be drawn at all.
    """
    placed = index.has_place[chosen]
    precision = index.precision[chosen]
    shown, with_place = len(chosen), int(placed.sum())
    exact = int((placed & (precision >= 1) & (precision <= 2)).sum())
    drawn = int(index.is_drawn[chosen].sum())
    return {
        "shown": shown,
        "total": index.size,
        "exact": exact,
        "imprecise": with_place - exact,
        "without_place": shown - with_place,
        "country_only": with_place - drawn,
        "drawn": drawn,
        "without_day": int((index.start[chosen] == NO_DAY).sum()),
    }


def _tally(index: Index, name: str, chosen: Ints) -> list[tuple[str | None, int]]:
    """Count events by the words of a facet, the most frequent first, None for those that state none."""
    if name == "side":
        a, b, words = index.side
        first, second = a[chosen], b[chosen]
        found = np.bincount(first, minlength=len(words)) + np.bincount(
            second[second != first], minlength=len(words)
        )
        # an event that names one side only states something
        found[0] = int(((first == 0) & (second == 0)).sum())
    else:
        coded = index.coded[name]
        words, found = coded.values, np.bincount(coded.codes[chosen], minlength=len(coded.values))
    there = np.flatnonzero(found)
    order = there[np.argsort(-found[there], kind="stable")]
    return list(zip(words[order].tolist(), found[order].tolist(), strict=True))


def facets_of(index: Index, chosen: Ints, without: dict[str, Ints]) -> dict[str, Any]:
    """Count the chosen events by each facet.

    Returns
    -------
    dict
        `facets`: [word or null, events], most frequent first. `more`: what lies beyond the first 60 words, so that
        for every facet but `side` the counts and `more.events` sum to `shown`. An event counts once for each of its
        two sides; those of `side` sum to `shown + two_sides`. `choices`: for a facet that is filtered by, the same
        counts as if it were not.
    """
    facets: dict[str, list[list[Any]]] = {}
    more: dict[str, dict[str, int]] = {}
    for name in FACETS:
        found = _tally(index, name, chosen)
        facets[name] = [list(pair) for pair in found[:MOST_VALUES]]
        rest = found[MOST_VALUES:]
        more[name] = {"values": len(rest), "events": sum(n for _, n in rest)}
    first, second = index.side[0][chosen], index.side[1][chosen]
    return {
        "facets": facets,
        "more": more,
        "two_sides": int(((first != second) & (first > 0) & (second > 0)).sum()),
        "choices": {
            name: [list(pair) for pair in _tally(index, name, rows)[:MOST_VALUES]]
            for name, rows in without.items()
        },
    }


def weeks_left_out(index: Index, chosen: Ints) -> dict[str, int]:
    """Count the chosen events that no week can hold."""
    outside = index.week[chosen] < 0
    no_day = index.start[chosen] == NO_DAY
    return {"no_day": int(no_day.sum()), "month_or_wider": int((outside & ~no_day).sum())}


def series_of(index: Index, chosen: Ints) -> dict[str, Any]:
    """Count the chosen events by week (its Monday) and kind.

    Returns
    -------
    dict
        `weeks`, `kinds` (one count a week), and `left_out`: `no_day` and `month_or_wider`. All counts and `left_out`
        sum to `shown`. `is_whole`: every week from the first to the last is there; in a span of more than 3,000 weeks
        only those with an event are.
    """
    week, kind = index.week[chosen], index.kind_of[chosen]
    known = week >= 0
    week, kind = week[known], kind[known]
    left_out = weeks_left_out(index, chosen)
    if not len(week):
        return {"weeks": [], "kinds": {}, "is_whole": True, "left_out": left_out}
    first, last = int(week.min()), int(week.max())
    width = len(EVENT_KINDS)
    table = np.bincount((week - first) * width + kind, minlength=(last - first + 1) * width).reshape(
        -1, width
    )
    kept = np.arange(last - first + 1)
    is_whole = len(kept) <= MOST_WEEKS
    if not is_whole:
        kept = np.flatnonzero(table.sum(axis=1))
    there = np.flatnonzero(table.sum(axis=0))
    mondays = index.mondays
    return {
        "weeks": [mondays[first + n] for n in kept.tolist()],
        "kinds": {EVENT_KINDS[k]: table[kept, k].tolist() for k in there.tolist()},
        "is_whole": is_whole,
        "left_out": left_out,
    }


def order_of(index: Index, sort: str) -> Ints | None:
    """Give all events in the order asked for, rows without the value last; None for the order they are kept in."""
    name, is_down = sort.removeprefix("-"), sort.startswith("-")
    if name == "date":
        if not is_down:
            return None
        return np.lexsort((np.arange(index.size), -np.where(index.start == NO_DAY, -LATEST, index.start)))
    if name in ("kind", "place"):
        words = index.coded["kind"].values[index.coded["kind"].codes] if name == "kind" else index.place
        return np.argsort(np.array([word or _NO_PLACE for word in words], dtype=object), kind="stable")
    column = "fatalities_best" if name == "fatalities" else "civilian_fatalities_best"
    values = index.counts[column]
    high = index.counts[column.replace("best", "high")]
    values = np.where(values == NO_DAY, high, values)
    missing = values == NO_DAY
    return np.lexsort((-values if is_down else values, missing))


def rows_of(index: Index, chosen: Ints, sort: str, page: int, order: Ints | None) -> list[dict[str, Any]]:
    """Give one page of the chosen events as dicts.

    Parameters
    ----------
    index, chosen
        The events and which of them.
    sort, page
        One of SORTS; from 1.
    order : array, optional
        What `order_of` gave for `sort`, kept by the caller.

    Returns
    -------
    list of dict
        At most PAGE_SIZE; missing is None.
    """
    if order is not None:
        mask = np.zeros(index.size, dtype=np.bool_)
        mask[chosen] = True
        chosen = order[mask[order]]
    return event_rows(index, chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])


def event_rows(index: Index, numbers: Ints) -> list[dict[str, Any]]:
    """Give these events as dicts; the words a row rests on are on the event's own page."""
    columns: dict[str, list[Any]] = {"event_id": index.event_id[numbers].tolist()}
    columns["kind"] = _words(index, "kind", numbers)
    columns["date_start"] = [None if n == NO_DAY else iso_day(n) for n in index.start[numbers].tolist()]
    columns["date_end"] = [None if n == NO_DAY else iso_day(n) for n in index.end[numbers].tolist()]
    columns["place"] = index.place[numbers].tolist()
    for name in ("lat", "lon"):
        values = getattr(index, name)[numbers].tolist()
        columns[name] = [None if value != value else value for value in values]
    for name in index.coded:
        if name != "kind":
            columns[name] = _words(index, name, numbers)
    for name in COUNTS:
        columns[name] = [None if n == NO_DAY else n for n in index.counts[name][numbers].tolist()]
    names = tuple(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _words(index: Index, name: str, numbers: Ints) -> list[Any]:
    coded = index.coded[name]
    words: list[Any] = coded.values[coded.codes[numbers]].tolist()
    return words
