"""From a study to what is fitted: window, events on the plane, covariates, areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...errors import EstimateRefused, UsageError
from .._study import TREATMENT, Study
from ._choices import InterventionDesign
from ._regions import Area, areas_of
from ._space import Convention, EventPoints, SpaceTime
from ._spline import natural_spline
from ._surfaces import Surface, prior_events_surface

__all__ = ["areas_on", "covariates", "points_of", "space_of"]

_DAY_MS = 86_400_000


def space_of(study: Study, design: InterventionDesign, *, window: Any = None) -> SpaceTime:
    """Make the window, grid and days from the study's region (or `window`) and period."""
    region = study.region if window is None else window
    if region is None or (isinstance(region, str) and not (len(region) == 3 and region.isupper())):
        raise UsageError(
            f"the study's region is {region!r}; for a window give space=SpaceTime.over(region, shape=64, "
            "start='2018-01-01', n_periods=365), or a study with a box (west, south, east, north) or a "
            "country code"
        )
    days = study.rows.time_ms // _DAY_MS
    first, last = int(days.min()), int(days.max())
    if study.period is not None:
        first, last = (int(np.datetime64(day, "D").astype(np.int64)) for day in study.period)
    start = first + max(design.history_days, default=0)
    if last - start < 2:
        raise EstimateRefused(
            f"{last - first + 1} days, of which {start - first} serve as history: none are left; use a "
            "longer period or a shorter history_days"
        )
    text = str(np.datetime64(start, "D"))
    return SpaceTime.over(region, shape=design.shape, start=text, n_periods=last - start + 1)


def points_of(
    study: Study, space: SpaceTime, role: int, design: InterventionDesign, convention: Convention
) -> EventPoints:
    """Project the rows of a role; refuse where none is left."""
    rows = study.rows
    chosen = rows.role == role
    times = rows.time_ms[chosen].astype("datetime64[ms]").astype("datetime64[D]")
    back = -(-max(design.history_days, default=0) // space.period_days)
    found = space.points(
        rows.lon[chosen], rows.lat[chosen], times, history_periods=back, convention=convention
    )
    if not ((found.period >= 0) & (found.period < space.n_periods)).any():
        what = "treatment" if role == TREATMENT else "outcome"
        raise EstimateRefused(
            f"no {what} row lies in the window and days of the analysis ({found.n_outside} outside the "
            f"window, {found.n_other_time} on other days); check region and period"
        )
    return found


def covariates(
    space: SpaceTime, strikes: EventPoints, attacks: EventPoints, design: InterventionDesign
) -> list[Surface]:
    """Make the covariates: one's own, what happened before, and a slow trend."""
    found = list(design.surfaces)
    for what, points in (("strikes", strikes), ("attacks", attacks)):
        for first, last in design.history_spans():
            periods = -(-first // space.period_days), -(-last // space.period_days)
            name = f"{what} {first} to {last} days before"
            made = prior_events_surface(
                space, points, periods=periods, bandwidth_km=design.history_km, name=name
            )
            # Without any event before, there is nothing to learn from.
            if float(np.ptp(made.values[..., space.inside])) > 0:
                found.append(made)
    if design.trend_columns and space.n_periods > 4 * design.trend_columns:
        time = np.arange(space.n_periods, dtype=np.float64)
        knots = np.quantile(time, np.arange(1, design.trend_columns) / design.trend_columns)
        columns = natural_spline(time, knots, (time[0], time[-1]))
        found += [Surface(f"time {k + 1}", column) for k, column in enumerate(columns.T)]
    return found


def areas_on(space: SpaceTime, areas: Mapping[str, Any] | Sequence[Area] | None) -> list[Area]:
    """Give areas of the grid; none named is the whole window."""
    if areas is None:
        return [Area("whole window", space.inside.copy(), space.window)]
    if isinstance(areas, Mapping):
        return areas_of(space, areas)
    found = list(areas)
    if not found or not all(isinstance(area, Area) and area.mask.shape == space.shape for area in found):
        raise UsageError(
            "areas are none of this grid; allowed a mapping of names to regions, or areas from distance_areas"
        )
    return found
