"""The balanced place-week panel of a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._study import OUTCOME, TREATMENT, Study
from ._cells import cell_frame, cells_of, towns_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PlaceWeeks", "place_weeks", "whole"]

DAY_MS = 86_400_000


@dataclass(frozen=True, eq=False)
class PlaceWeeks:
    """A balanced panel of places and weeks.

    Parameters
    ----------
    places
        One row a place: `place, lat, lon, area_km2` (no area for towns).
    weeks
        First day of each week; every week has seven days.
    outcome
        Recorded outcome rows, shape (places, weeks); NaN in weeks in which nothing was recorded anywhere.
    treated
        Whether treatment was recorded, shape (places, weeks).
    cell_km
        Side of a cell in km; for towns the greatest distance to one.
    exclusions
        Rows, places and weeks left out, by reason.
    """

    places: pd.DataFrame = field(repr=False)
    weeks: npt.NDArray[np.datetime64] = field(repr=False)
    outcome: npt.NDArray[np.float64] = field(repr=False)
    treated: npt.NDArray[np.bool_] = field(repr=False)
    cell_km: float
    exclusions: Mapping[str, int]

    def to_frame(self) -> pd.DataFrame:
        """Give one row a place and week: `place, lat, lon, week_start, outcome, treated`."""
        import pandas as pd

        n_places, n_weeks = self.outcome.shape
        repeated = self.places[["place", "lat", "lon"]].loc[np.repeat(np.arange(n_places), n_weeks)]
        return pd.DataFrame(
            {
                **{name: repeated[name].to_numpy() for name in repeated},
                "week_start": np.tile(self.weeks, n_places),
                "outcome": self.outcome.ravel(),
                "treated": self.treated.ravel(),
            }
        )

    def __repr__(self) -> str:
        n_places, n_weeks = self.outcome.shape
        return (
            f"PlaceWeeks({n_places} places, {n_weeks} weeks, {int(self.treated.sum())} treated place-weeks)"
        )


def place_weeks(
    study: Study, *, cell_km: float | None = None, towns: pd.DataFrame | None = None
) -> PlaceWeeks:
    """Count a study's outcome rows by place and week, and say which place-weeks were treated.

    Weeks are counted from the first day of the study's declared period, else from its first row; days beyond
    the last whole week are left out. Places are those with at least one recorded outcome row: where nothing
    was ever recorded, silence may be missing record. A place that has rows in other weeks counts as zero in a
    week without any; a week without an outcome row anywhere is missing.

    Parameters
    ----------
    study
        What is compared; its control rows play no part here.
    cell_km
        Side of the cells in km, 1 to 2000: bands of latitude of this height, each cut so that cells have this
        area. Twice the study's radius where None, 50 without a radius.
    towns
        Places of your own instead of cells, with `lat`, `lon` and, if wanted, `place`: a row belongs to the
        nearest within `cell_km`, others are left out and counted.

    Returns
    -------
    PlaceWeeks
        Outcome and treatment, in the same order of places and weeks for any order of rows.

    Raises
    ------
    UsageError
        A size of cells, or a table of towns, that is not allowed.
    EstimateRefused
        Fewer than three weeks, or no treatment or outcome in any whole week.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.to_datetime(["2018-01-01", "2018-01-09", "2018-01-23"])
    >>> events = pd.DataFrame({
    ...     "kind": ["attack", "strike", "attack"], "date_start": days, "lat": 35.0, "lon": 40.0})
    >>> study = Study.from_frame(events, treatment="strike", outcome="attack",
    ...                          period=("2018-01-01", "2018-01-28"))
    >>> panel = place_weeks(study, cell_km=50)
    >>> panel
    PlaceWeeks(1 places, 4 weeks, 1 treated place-weeks)
    >>> panel.outcome.tolist()
    [[1.0, nan, nan, 1.0]]
    """
    size = _cell_km(study, cell_km)
    rows = study.rows
    keep = np.isin(rows.role, (OUTCOME, TREATMENT))
    day, role = rows.time_ms[keep] // DAY_MS, rows.role[keep]
    first, n_weeks = _span(study, day)
    week = (day - first) // 7
    left_out: dict[str, int] = {}
    if towns is None:
        place = cells_of(rows.lat[keep], rows.lon[keep], size)
    else:
        place = towns_of(rows.lat[keep], rows.lon[keep], towns, size)
    inside = (week >= 0) & (week < n_weeks)
    _count(left_out, "rows after the last whole week", ~inside)
    _count(left_out, "rows without a town near", inside & (place < 0))
    inside &= place >= 0
    known = np.unique(place[inside & (role == OUTCOME)])
    never = inside & ~np.isin(place, known)
    _count(left_out, "treatment rows at places without a recorded outcome row", never)
    inside &= ~never
    at, week = np.searchsorted(known, place[inside]), week[inside]
    is_outcome = role[inside] == OUTCOME
    if not is_outcome.any() or is_outcome.all():
        raise EstimateRefused(
            "no treatment or no outcome row is left in the panel; rows left out: "
            + ("; ".join(f"{why} ({count})" for why, count in left_out.items()) or "none")
        )
    outcome = np.zeros((len(known), n_weeks))
    np.add.at(outcome, (at[is_outcome], week[is_outcome]), 1)
    treated = np.zeros(outcome.shape, bool)
    treated[at[~is_outcome], week[~is_outcome]] = True
    silent = outcome.sum(axis=0) == 0
    _count(left_out, "weeks without a recorded outcome row anywhere", silent)
    outcome[:, silent] = np.nan
    starts = (first + 7 * np.arange(n_weeks)).astype("datetime64[D]")
    return PlaceWeeks(_frame(known, size, towns), starts, outcome, treated, size, left_out)


def whole(name: str, value: int, low: int, high: int) -> int:
    """Give a whole number, or refuse one outside low..high."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise UsageError(f"{name}={value!r}; allowed a whole number from {low} to {high}")
    return int(value)


def _cell_km(study: Study, cell_km: float | None) -> float:
    value = cell_km if cell_km is not None else (2 * study.radius_km if study.radius_km else 50.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 2000:
        raise UsageError(f"cell_km={value!r}; allowed a number of km from 1 to 2000")
    return float(value)


def _span(study: Study, day: npt.NDArray[np.int64]) -> tuple[int, int]:
    """Give the first day and the number of whole weeks."""
    first, last = int(day.min()), int(day.max())
    if study.period is not None:
        first, last = (int(np.datetime64(str(end), "D").astype(np.int64)) for end in study.period)
    n_weeks = (last - first + 1) // 7
    if n_weeks < 3:
        raise EstimateRefused(
            f"the study spans {last - first + 1} days; a panel of weeks needs at least 21: use a longer "
            "period"
        )
    return first, n_weeks


def _count(left_out: dict[str, int], why: str, mask: npt.NDArray[np.bool_]) -> None:
    if mask.any():
        left_out[why] = int(mask.sum())


def _frame(known: npt.NDArray[np.int64], size: float, towns: pd.DataFrame | None) -> pd.DataFrame:
    if towns is None:
        return cell_frame(known, size)
    picked = towns.iloc[known].reset_index(drop=True)
    if "place" not in picked:
        picked = picked.assign(place=[f"town {number}" for number in known])
    return picked[["place", "lat", "lon"]].assign(area_km2=np.nan)
