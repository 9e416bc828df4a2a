"""Shifts as a result: a table with one row a shift or series, words, a figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .._result import EffectResult
from ._find import Found, Shift
from ._noise import segments
from ._series import Calendar, Events, centre_of, distance_km

if TYPE_CHECKING:
    import pandas as pd

    from ...charts import Chart

__all__ = ["RECORD_ONLY", "SHIFT_COLUMNS", "STRONG", "ShiftResult", "levels_of", "shift_rows", "shown_as"]

Floats = npt.NDArray[np.float64]

SHIFT_COLUMNS = (
    "series", "date", "low", "high", "before", "after", "change", "change_unit", "unit", "before_lat",
    "before_lon", "after_lat", "after_lon", "p_value", "p_adjusted", "size", "correlation", "n_periods",
    "n_events", "reason",
)  # fmt: skip
_UNITS = {
    "tempo": "recorded events a {by}",
    "centre": "middle of the places, degrees",
    "spread": "typical km from the middle (geometric mean)",
    "lethality": "typical recorded deaths an event (geometric mean of 1 + deaths, less 1)",
}
# Above this correlation of neighbours counts whose mean wanders are told apart most of the time (docs/shifts.md).
STRONG = 0.45
# A record whose first and last quarter are further apart than this factor is said to drift.
_DRIFTED = 2.0
_WORDS = {"tempo": "Tempo", "centre": "Centre", "spread": "Spread", "lethality": "Lethality"}


RECORD_ONLY = (
    "A shift in a record is a shift in what was recorded. It may be what was done, or how it was reported; no cause is "
    "shown, and nothing is said about what comes."
)
"""What stands below any finding of shifts."""


@dataclass(frozen=True, repr=False)
class ShiftResult(EffectResult):
    """An `EffectResult` of shifts. `to_frame()` has the columns of `SHIFT_COLUMNS`.

    Parameters
    ----------
    calendar
        The periods.
    found
        Shifts and the series they were found in, by series; without those that could not be tested.
    """

    calendar: Calendar | None = field(default=None, repr=False)
    found: Mapping[str, Found] = field(default_factory=dict, repr=False)

    def findings(self) -> list[str]:
        """Say what shifted, when and how far, series by series."""
        lines = [f"Estimand: {self.estimand}."]
        lines += self.sentences()
        lines.append(RECORD_ONLY)
        lines.append(f"To read this as a shift in the events themselves one must believe: {self.assumptions}")
        return lines

    def sentences(self) -> list[str]:
        """Give one sentence a row of the table."""
        by = self.calendar.by if self.calendar is not None else "week"
        return [_sentence(row, by) + self._drift(row, by) for row in self.table.to_dict("records")]

    def _drift(self, row: Mapping[Any, Any], by: str) -> str:
        """Say of counts without a shift how far they went from the first quarter of the record to the last.

        A slow rise or fall is no step, and as strong dependence it hides one; a reader must not take it for no change.
        """
        found = self.found.get(row["series"])
        if row["series"] != "tempo" or not row["reason"] or found is None:
            return ""
        values = found.signal.values[:, 0]
        quarter = len(values) // 4
        first, last = float(values[:quarter].mean()), float(values[-quarter:].mean())
        if not quarter or found.correlation <= STRONG or max(first, last) < _DRIFTED * min(first, last):
            return ""
        return (
            f" The record drifts: {_rate(first)} recorded events a {by} in its first quarter, {_rate(last)} in its last, "
            f"with neighbouring {by}s much alike, so that a step cannot be told from a slow change."
        )

    @property
    def page_title(self) -> str:
        """Heading of a page on this result."""
        return "Shifts in the record: tempo, place, lethality"

    def plot(self) -> Chart:
        """Draw each series with its levels, dated shifts and the intervals of the dates. Nothing is saved."""
        from ._figure import shifts_figure
        from ._panel import panels_of

        words = " ".join(
            f"{row['series']}: {row['reason'] or _dated(row)}." for row in self.table.to_dict("records")
        )
        return shifts_figure(panels_of(self), words)

    def text_table(self) -> str:
        """Give the shifts as a table for a terminal."""
        from .._save import aligned, shown

        rows = [row for row in self.to_frame().to_dict("records") if not row["reason"]]
        if not rows:
            return ""
        heads = [
            "series",
            "date",
            f"{1 - rows[0]['size']:.0%}",
            "before",
            "after",
            "change",
            "p over all tests",
        ]
        cells = [
            [
                row["series"], str(row["date"]), f"{row['low']} to {row['high']}", shown(row["before"]),
                shown(row["after"]), f"{row['change']:.3g} {row['change_unit']}", f"{row['p_adjusted']:.2g}",
            ]
            for row in rows
        ]  # fmt: skip
        return aligned(heads, cells)

    def __repr__(self) -> str:
        known = int(self.table["date"].notna().sum())
        return f"ShiftResult({known} shifts in {self.table['series'].nunique()} series, {len(self.checks)} checks)"


def shift_rows(
    results: Mapping[str, Found | str],
    calendar: Calendar,
    events: Events,
    stated: Floats | None,
    *,
    size: float,
    tests: int,
) -> pd.DataFrame:
    """Give the table: the shifts of each series in order of time, or one row that says why there is none."""
    import pandas as pd

    rows = []
    for name, found in results.items():
        row: dict[str, Any] = dict.fromkeys(SHIFT_COLUMNS, math.nan)
        row |= {"series": name, "unit": _UNITS[name].format(by=calendar.by), "size": size, "reason": ""}
        row |= {"date": None, "low": None, "high": None, "change_unit": ""}
        row["n_events"] = len(events.period) if name != "lethality" else _count(stated)
        if isinstance(found, str):
            rows.append(row | {"reason": found, "n_periods": 0})
            continue
        row |= {"n_periods": len(found.signal.at), "correlation": found.correlation}
        if not found.shifts:
            adjusted = min(1.0, found.p_value * tests)
            why = (
                f"too few {calendar.by}s to divide"
                if math.isnan(found.p_value)
                else "no shift at this size of test"
            )
            whole = _natural(name, levels_of(found)[0])
            rows.append(row | {"before": whole, "after": whole, "p_value": found.p_value, "p_adjusted": adjusted,
                               "reason": why})  # fmt: skip
        rows += [
            row | _shift_row(name, found, i, shift, calendar, events, tests)
            for i, shift in enumerate(found.shifts)
        ]
    return pd.DataFrame(rows, columns=list(SHIFT_COLUMNS))


def _count(stated: Floats | None) -> int:
    return 0 if stated is None else int(np.isfinite(stated).sum())


def levels_of(found: Found) -> list[Floats]:
    """Give the mean of each stretch between shifts, in the units of the series' values."""
    signal = found.signal
    return [
        np.average(signal.values[part], axis=0, weights=signal.weights[part])
        for part in segments([shift.step for shift in found.shifts], len(signal.weights))
    ]


def shown_as(name: str, values: Floats, means: Sequence[Floats]) -> tuple[list[float], list[float]]:
    """Give values and levels as a reader counts; a move is shown along its own line."""
    levels = np.array(means)
    if name == "centre":
        way = levels[-1] - levels[0]
        size = float(np.hypot(*way))
        way = way / size if size > 0 else np.array([0.0, 1.0])
        return (values @ way).tolist(), (levels @ way).tolist()
    turn = {"spread": np.exp, "lethality": np.expm1}.get(name, np.asarray)
    return np.asarray(turn(values[:, 0])).tolist(), np.asarray(turn(levels[:, 0])).tolist()


def _natural(name: str, mean: Floats) -> float:
    """Turn a mean of values into what a reader counts in."""
    if name == "centre":
        return math.nan
    if name == "spread":
        return float(np.exp(mean[0]))
    return float(np.expm1(mean[0])) if name == "lethality" else float(mean[0])


def _shift_row(
    name: str, found: Found, which: int, shift: Shift, calendar: Calendar, events: Events, tests: int
) -> dict[str, Any]:
    starts, at = calendar.starts, found.signal.at
    means = levels_of(found)
    before, after = _natural(name, means[which]), _natural(name, means[which + 1])
    row: dict[str, Any] = {
        "date": _day(starts[at[shift.step]]),
        "low": _day(starts[at[shift.low]]),
        "high": _day(starts[at[shift.high]]),
        "before": before,
        "after": after,
        "p_value": shift.p_value,
        "p_adjusted": min(1.0, shift.p_value * tests),
    }
    if name != "centre":
        ratio = after / before if before > 0 else math.nan
        return row | {"change": ratio, "change_unit": "after / before"}
    edges = [0, *(int(at[one.step]) for one in found.shifts), len(starts)]
    middles = []
    for i in (which, which + 1):
        inside = (events.period >= edges[i]) & (events.period < edges[i + 1])
        middles.append(centre_of(events.lat[inside], events.lon[inside]))
    (lat, lon), (new_lat, new_lon) = middles
    moved = float(distance_km(np.array([lat]), np.array([lon]), new_lat, new_lon)[0])
    row |= {"before_lat": lat, "before_lon": lon, "after_lat": new_lat, "after_lon": new_lon}
    return row | {"change": moved, "change_unit": "km moved"}


def _day(moment: np.datetime64) -> date:
    return date.fromisoformat(str(moment.astype("datetime64[D]")))


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _dated(row: Mapping[Any, Any]) -> str:
    return f"shift on {row['date']} ({row['low']} to {row['high']})"


def _sentence(row: Mapping[Any, Any], by: str) -> str:
    name = _WORDS[row["series"]]
    if row["reason"]:
        if math.isnan(row["p_value"]):
            return f"{name}: cannot tell; {row['reason']}."
        return (
            f"{name}: no shift can be told from this record (p = {row['p_adjusted']:.2g} over all tests, "
            f"{row['n_periods']:.0f} {by}s). That is not evidence that nothing changed."
        )
    when = f"the {by} that begins on {row['date']} ({1 - row['size']:.0%} interval {row['low']} to {row['high']})"
    chance = f"p = {row['p_adjusted']:.2g} over all tests"
    if row["series"] == "centre":
        return (
            f"{name}: the middle of recorded places moved {row['change']:.0f} km, from "
            f"about {row['before_lat']:.1f}, {row['before_lon']:.1f} to {row['after_lat']:.1f}, {row['after_lon']:.1f}, "
            f"with {when}; {chance}."
        )
    ends = f"from {row['before']:.3g} to {row['after']:.3g}"
    return f"{name}: {row['unit']} went {ends} with {when}; {chance}."
