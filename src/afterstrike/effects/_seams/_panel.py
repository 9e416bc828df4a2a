"""Recorded attacks and exposure by zone and period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._standard import Selector, select, standardise
from .._study import Study
from .._zones import DAY_MS, study_days, zones_of
from ._exposure import SeamExposure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["By", "SeamPanel", "make_panel"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
By = Literal["week", "month"]
# The coarsest codes that still say the zone (a first-order division) and the period (its week, its month).
_GEO, _DATE = 4, {"week": 3, "month": 4}


@dataclass(frozen=True, eq=False)
class SeamPanel:
    """Counts and exposure by zone and period.

    Parameters
    ----------
    zones
        In order of name.
    starts
        First day of each period.
    lengths
        Days of each period.
    counts
        Recorded attacks, shape (zones, periods).
    exposure
        Mean over the days of the period on which it is known, shape (zones, periods); NaN where it never is.
    events
        The rows counted, with `zone` and `period` as numbers.
    exclusions
        Rows and days left out, by reason.
    """

    zones: tuple[str, ...]
    starts: npt.NDArray[np.datetime64]
    lengths: Ints
    counts: Floats
    exposure: Floats
    events: pd.DataFrame = field(repr=False)
    exclusions: Mapping[str, int]

    def counts_of(self, rows: npt.NDArray[np.bool_]) -> Floats:
        """Count some of the events only."""
        found = np.zeros(self.counts.shape)
        chosen = self.events[rows]
        np.add.at(found, (chosen["zone"].to_numpy(), chosen["period"].to_numpy()), 1)
        return found

    def monthly(self) -> pd.DataFrame:
        """Give attacks and mean exposure by zone and month, the finest that is shown."""
        import pandas as pd

        n_zones, n_periods = self.counts.shape
        frame = pd.DataFrame(
            {
                "zone": np.repeat(self.zones, n_periods),
                "month": np.tile(self.starts.astype("datetime64[M]").astype("datetime64[s]"), n_zones),
                "recorded": self.counts.ravel(),
                "exposure": self.exposure.ravel(),
            }
        )
        grouped = frame.groupby(["zone", "month"], as_index=False)
        return grouped.agg(recorded=("recorded", "sum"), exposure=("exposure", "mean"))


def make_panel(
    events: Study | pd.DataFrame,
    exposure: SeamExposure,
    *,
    outcome: Selector | None,
    zones: str | None,
    by: By,
    period: tuple[str, str] | None,
    columns: Mapping[str, str] | None,
) -> SeamPanel:
    """Place events in zones and periods; arguments as in `seam_contrast`.

    Raises
    ------
    UsageError
        An option or column is not allowed, or events and exposure share no zone.
    EstimateRefused
        No whole period with exposure, or no event in it.
    """
    if by not in get_args(By):
        raise UsageError(f"by={by!r}; allowed {', '.join(map(repr, get_args(By)))}")
    _check_zones(exposure, zones)
    by_place = zones is None and exposure.areas is not None
    rows, exclusions = _rows(events, outcome=outcome, by_place=by_place, period=period, columns=columns)
    _need_rows(rows, exclusions)
    day = rows["time_ms"].to_numpy(np.int64) // DAY_MS
    span = study_days(events) if isinstance(events, Study) else (int(day.min()), int(day.max()))
    for name, most, why in (
        ("geo_precision", _GEO, "place known to no zone"),
        ("date_precision", _DATE[by], f"date known to no {by}"),
    ):
        # Where all is one zone, the coarsest place is known well enough.
        if name in rows and not (name == "geo_precision" and _is_one(exposure, zones)):
            coarse = (rows[name] > most).fillna(False).to_numpy(bool)
            rows = _dropped(rows, coarse, f"outcome: {why}", exclusions)
    _need_rows(rows, exclusions)
    zone = _zone(rows, exposure, zones, exclusions)
    rows, zone = rows[zone >= 0], zone[zone >= 0]
    known = exposure.table[exposure.table["exposure"].notna()]
    days = known["date"].to_numpy().astype("datetime64[D]")
    declared = events.period if period is None and isinstance(events, Study) else period
    starts, lengths = _periods(days, span, declared, by)
    at = _period_of(rows["time_ms"].to_numpy(np.int64) // DAY_MS, starts, lengths)
    outside = at < 0
    if outside.any():
        exclusions["outcome: outside the whole periods with exposure"] = int(outside.sum())
    rows = rows[~outside].assign(zone=zone[~outside], period=at[~outside])
    if not len(rows):
        told = "; ".join(f"{why} ({n})" for why, n in exclusions.items()) or "none"
        first, last = starts[0], starts[-1] + np.timedelta64(int(lengths[-1]) - 1, "D")
        raise EstimateRefused(f"no recorded attack from {first} to {last} in a zone; rows left out: {told}")
    panel = SeamPanel(
        exposure.zones, starts, lengths, np.zeros((len(exposure.zones), len(starts))),
        _mean_exposure(known, exposure.zones, starts, lengths), rows.reset_index(drop=True), exclusions,
    )  # fmt: skip
    np.add.at(panel.counts, (panel.events["zone"].to_numpy(), panel.events["period"].to_numpy()), 1)
    return panel


def _check_zones(exposure: SeamExposure, zones: str | None) -> None:
    if zones is not None and not isinstance(zones, str):
        raise UsageError(f"zones={zones!r}; allowed a column of the events that names the zone, or None")
    if zones is None and exposure.areas is None and len(exposure.zones) > 1:
        raise UsageError(
            f"the exposure has {len(exposure.zones)} zones without outlines; name the column of the events that "
            "holds the zone, as in zones='adm1'"
        )


def _need_rows(rows: pd.DataFrame, exclusions: Mapping[str, int]) -> None:
    if not len(rows):
        told = "; ".join(f"{why} ({n})" for why, n in exclusions.items()) or "none"
        raise EstimateRefused(f"no outcome row is left; rows left out: {told}")


def _is_one(exposure: SeamExposure, zones: str | None) -> bool:
    return zones is None and exposure.areas is None


def _rows(
    events: Study | pd.DataFrame, *, outcome: Selector | None, by_place: bool,
    period: tuple[str, str] | None, columns: Mapping[str, str] | None,
) -> tuple[pd.DataFrame, dict[str, int]]:  # fmt: skip
    """Give the outcome rows with `time_ms`, `lat`, `lon`, and why others were left out."""
    if isinstance(events, Study):
        if outcome is not None:
            raise UsageError("outcome= selects rows of a table; a Study has chosen its outcome already")
        kept = {why: n for why, n in events.exclusions.items() if why.startswith("outcome")}
        if period is None:
            return events.outcome, kept
        rows, left_out = standardise(
            events.outcome, role="outcome", columns=events.columns, region=None, period=period,
            coarse_dates="exclude", first_row=0,
        )  # fmt: skip
        return rows, kept | {f"outcome: {why}": n for why, n in left_out.items()}
    if not hasattr(events, "columns"):
        raise UsageError(f"events of type {type(events).__name__}; allowed a Study or a table of events")
    frame = events
    _need_rows(frame, {})
    if outcome is not None:
        frame = frame[select(frame, {"outcome": outcome}, columns)["outcome"]]
    if not by_place:
        # Where a column says the zone, or all is one, no place is needed, and rows without one are not lost.
        frame = frame.assign(lat=0.0, lon=0.0)
        columns = {what: name for what, name in (columns or {}).items() if what not in ("lat", "lon")}
    rows, left_out = standardise(
        frame,
        role="outcome",
        columns=columns,
        region=None,
        period=period,
        coarse_dates="exclude",
        first_row=0,
    )
    return rows, {f"outcome: {why}": n for why, n in left_out.items()}


def _zone(rows: pd.DataFrame, exposure: SeamExposure, zones: str | None, exclusions: dict[str, int]) -> Ints:
    """Give the number of each row's zone, -1 where it has none."""
    if _is_one(exposure, zones):
        return np.zeros(len(rows), np.int64)
    if zones is None:
        assert exposure.areas is not None
        found = exposure.areas.zone_of(rows["lon"].to_numpy(), rows["lat"].to_numpy())
        if outside := int((found < 0).sum()):
            exclusions["outcome: in no zone of the exposure"] = outside
        return found
    placed = zones_of(cast("Any", SimpleNamespace(outcome=rows, treatment=rows.iloc[:0])), zones)
    exclusions.update(placed.exclusions)
    number = {name: position for position, name in enumerate(exposure.zones)}
    here = np.array([number.get(name, -1) for name in placed.names] + [-1], np.int64)
    found = here[placed.outcome]
    if unknown := [name for name in placed.names if name not in number]:
        exclusions["outcome: in a zone that the exposure has not"] = int(
            ((found < 0) & (placed.outcome >= 0)).sum()
        )
        if len(unknown) == len(placed.names):
            raise UsageError(
                f"events and exposure share no zone: {zones} has {', '.join(unknown[:12])}; the exposure has "
                f"{', '.join(exposure.zones[:12])}"
            )
    return found


def _periods(
    days: npt.NDArray[np.datetime64], recorded: tuple[int, int], declared: tuple[str, str] | None, by: By
) -> tuple[npt.NDArray[np.datetime64], Ints]:
    """Give the whole periods of the declared period, else of the days that have both exposure and a record.

    Before the first and after the last recorded row, silence may be missing record.
    """
    day = np.timedelta64(1, "D")
    if declared is not None:
        first, last = (np.datetime64(one, "D") for one in declared)
    else:
        start, end = (np.datetime64(one, "D") for one in recorded)
        after = days[days >= start]
        first = after.min() if len(after) else days.max()
        # The last map stands for its own week or month, of which it may be the only day.
        last = min(days.max() + (6 if by == "week" else 30) * day, end)
    if by == "week":
        n = max(int((last - first) / day) + 1, 0) // 7
        starts, lengths = first + 7 * np.arange(n), np.full(n, 7, np.int64)
    else:
        months = np.arange(first.astype("datetime64[M]"), last.astype("datetime64[M]") + 1)
        starts, ends = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")
        begin = first if declared is not None else start
        whole = (starts >= begin) & (ends <= last + day)
        starts, lengths = starts[whole], (ends - starts)[whole].astype(np.int64)
    if len(starts) < 3:
        raise EstimateRefused(
            f"{len(starts)} whole {by}s with both exposure and a record, from {first} to {last}; a panel needs three "
            "or more, in practice many: check that control and events are of the same time"
        )
    return starts, lengths


def _period_of(day: Ints, starts: npt.NDArray[np.datetime64], lengths: Ints) -> Ints:
    first = starts.astype(np.int64)
    found = np.searchsorted(first, day, side="right") - 1
    inside = (found >= 0) & (day < first[np.maximum(found, 0)] + lengths[np.maximum(found, 0)])
    return np.where(inside, found, -1).astype(np.int64)


def _mean_exposure(
    known: pd.DataFrame, zones: tuple[str, ...], starts: npt.NDArray[np.datetime64], lengths: Ints
) -> Floats:
    at = _period_of(known["date"].to_numpy().astype("datetime64[D]").astype(np.int64), starts, lengths)
    number = {name: position for position, name in enumerate(zones)}
    zone = known["zone"].map(number).to_numpy(np.int64)
    total, n = np.zeros((len(zones), len(starts))), np.zeros((len(zones), len(starts)))
    inside = at >= 0
    np.add.at(total, (zone[inside], at[inside]), known["exposure"].to_numpy(np.float64)[inside])
    np.add.at(n, (zone[inside], at[inside]), 1)
    mean: Floats = np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)
    return mean


def _dropped(
    rows: pd.DataFrame, bad: npt.NDArray[np.bool_], why: str, exclusions: dict[str, int]
) -> pd.DataFrame:
    if bad.any():
        exclusions[why] = int(bad.sum())
    return rows[~bad]
