"""Series of a record as a panel: events selected, counted by place and by week or month."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Unpack

import numpy as np

from ...errors import EstimateRefused, UsageError
from ._panel import Panel

if TYPE_CHECKING:
    from ...record._query import FilterOptions

__all__ = ["panel_of_record"]

By = Literal["all", "adm0", "adm1"]
Every = Literal["week", "month"]
_PRECISION = {"week": 3, "month": 4}
_MONDAY = dt.date(1970, 1, 5).toordinal()


def panel_of_record(
    path: str | Path, *, by: By = "adm1", every: Every = "month", **filters: Unpack[FilterOptions]
) -> tuple[Panel, str, tuple[str, ...]]:
    """Count a record's events by place and week or month.

    Within the days the record spans (its first to its last event of any kind, whole weeks or months only) a place
    without an event has zero recorded events; outside of them nothing is known.

    Parameters
    ----------
    path
        The record's file.
    by
        "adm1" or "adm0": a unit for each; "all": one unit for everything selected.
    every
        "week" (from Monday) or "month".
    **filters
        What is counted, as in `Record.events`: kind, initiator, adm0, ...

    Returns
    -------
    tuple
        The panel; the record's data sets and releases, as vintage; what was left out, in words.

    Raises
    ------
    EstimateRefused
        Nothing selected has a date and place that are known well enough.
    """
    from ...record import open_record

    if by not in ("all", "adm0", "adm1") or every not in _PRECISION:
        raise UsageError(f"by={by!r}, every={every!r}: give by all, adm0 or adm1, and every week or month")
    with open_record(path, read_only=True) as record:
        rows = record.events(**filters)
        vintage = ", ".join(
            sorted(
                {
                    f"{one['dataset']} {one['dataset_version'] or '(release not stated)'}"
                    for one in record.datasets()
                }
            )
        )
        first, last = record.connection.execute(
            "SELECT min(date_start), max(date_start) FROM events WHERE date_start IS NOT NULL "
            "AND coalesce(date_precision, 1) <= 3"
        ).fetchone() or (None, None)
    dated = rows["date_start"].notna() & (rows["date_precision"].fillna(1) <= _PRECISION[every])
    placed = rows[by].notna() if by != "all" else dated | True
    kept = rows[dated & placed]
    if kept.empty or first is None:
        raise EstimateRefused(
            f"{len(rows)} events were selected, and none has a date known to the {every}"
            f"{'' if by == 'all' else f' and an {by}'}; select other rows"
        )
    numbers = np.array([_number(day, every) for day in kept["date_start"]], np.int64)
    start, stop = _whole(_day(first), every, is_end=False), _whole(_day(last), every, is_end=True)
    if stop < start:
        raise EstimateRefused(f"the record spans {_day(first)} to {_day(last)}: not one whole {every}")
    inside = (numbers >= start) & (numbers <= stop)
    names = kept[by].astype(str).to_numpy() if by != "all" else np.full(len(kept), "all")
    units, codes = np.unique(names, return_inverse=True)
    values = np.zeros((len(units), stop - start + 1))
    np.add.at(values, (codes[inside], numbers[inside] - start), 1)
    panel = Panel(tuple(units.tolist()), start, values, every)
    return panel, vintage or "not stated", _notes(panel, len(rows), int((~dated).sum()), int((dated & ~placed).sum()),
                                                  int((~inside).sum()), by, every)  # fmt: skip


def _notes(
    panel: Panel, selected: int, undated: int, unplaced: int, outside: int, by: str, every: str
) -> tuple[str, ...]:
    notes = [
        f"{panel.values.sum():,.0f} of {selected:,} events selected are counted, {panel.label(panel.first)} to "
        f"{panel.label(panel.last)}; a {every} without one has zero recorded events."
    ]
    for count, why in (
        (undated, f"have no date known to the {every}"),
        (unplaced, f"have no {by}"),
        (outside, f"lie in a {every} the record does not span whole"),
    ):
        if count:
            notes.append(f"Left out: {count:,} that {why}.")
    return tuple(notes)


def _day(value: object) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else dt.date.fromisoformat(str(value)[:10])


def _number(value: object, every: str) -> int:
    day = _day(value)
    return (day.toordinal() - _MONDAY) // 7 if every == "week" else day.year * 12 + day.month - 1


def _whole(day: dt.date, every: str, *, is_end: bool) -> int:
    """Give the number of the first week or month that begins on `day` or later, or the last that ends by it."""
    number = _number(day, every)
    if is_end:
        return number - (_number(day + dt.timedelta(days=1), every) == number)
    return number + (_number(day - dt.timedelta(days=1), every) == number)
