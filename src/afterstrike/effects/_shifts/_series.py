"""From events to series by period: counts, centre, spread and deaths, each with what its values weigh."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._gaps import gap_days
from .._standard import _period_ms
from ._find import Signal

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DAYS", "FEWEST", "Calendar", "Events", "calendar_of", "centre_of", "centre_signal", "count_signal",
           "deaths_of", "deaths_signal", "distance_km", "spread_signal"]  # fmt: skip

Floats = npt.NDArray[np.float64]
DAY_MS = 86_400_000
DAYS = {"day": 1, "week": 7}
FEWEST = 20
"""The fewest periods with data in which a shift is looked for."""
_YEAR_DAYS = 365.25
_EARTH_KM = 6371.0
# Nearer than a kilometre a place known to a village is not known.
_NEAREST_KM = 1.0


@dataclass(frozen=True, eq=False)
class Calendar:
    """Periods of equal length.

    Parameters
    ----------
    by
        `week` (seven days from the first day) or `day`.
    starts
        First day of each period.
    known
        Whether the source covers each period: one with a day that it does not cover is missing, not zero.
    cut_events
        Events in an unfinished last week.
    """

    by: Literal["week", "day"]
    starts: npt.NDArray[np.datetime64]
    known: npt.NDArray[np.bool_]
    cut_events: int

    def season(self, at: npt.NDArray[np.int64], yearly: bool) -> Floats:
        """Give waves of a year (where asked for) and, for days, of a week; shape (periods, waves)."""
        day = at * DAYS[self.by] + DAYS[self.by] / 2
        turns = [2 * np.pi * day / _YEAR_DAYS] if yearly else []
        turns += [2 * np.pi * day * k / 7 for k in (1, 2, 3)] if self.by == "day" else []
        waves = [wave(turn) for turn in turns for wave in (np.cos, np.sin)]
        return np.stack(waves, axis=1) if waves else np.zeros((len(at), 0))

    @property
    def years(self) -> float:
        """How long the record is."""
        return len(self.starts) * DAYS[self.by] / _YEAR_DAYS


@dataclass(frozen=True, eq=False)
class Events:
    """Events in order of time, each with its period; those of periods that are not known are left out."""

    period: npt.NDArray[np.int64]
    lat: Floats
    lon: Floats
    frame: pd.DataFrame


def calendar_of(
    frame: pd.DataFrame,
    *,
    by: Literal["week", "day"],
    period: tuple[str, str] | None,
    gaps: Sequence[tuple[str, str]],
) -> tuple[Calendar, Events]:
    """Lay periods over events.

    Parameters
    ----------
    frame
        With `time_ms`, `lat`, `lon`, as `standardise` gives it.
    period
        First and last day of the record, both inclusive; from the first to the last event where None.
    gaps
        First and last days of spans in which the source has no data.

    Raises
    ------
    UsageError
        A span is none, or a gap lies outside the period.
    EstimateRefused
        There are fewer than `FEWEST` whole periods.
    """
    days = frame["time_ms"].to_numpy(np.int64) // DAY_MS
    if period is not None:
        first, end = (ms // DAY_MS for ms in _period_ms(period))
    else:
        first, end = int(days.min()), int(days.max()) + 1
    length = DAYS[by]
    count = (end - first) // length
    if count < FEWEST:
        raise EstimateRefused(
            f"{count} whole {by}s from {np.datetime64(first, 'D')} to {np.datetime64(end - 1, 'D')} with "
            f"{len(days)} events; a shift needs at least {FEWEST}: take a longer period"
            + (", or by='day'" if by == "week" else "")
        )
    known = np.ones(count, bool)
    for span in gaps:
        one, two = gap_days(span, first, end - 1)
        known[(one - first) // length : (two - first) // length + 1] = False
    at = (days - first) // length
    inside = (at >= 0) & (at < count)
    cut = int((~inside).sum())
    inside[inside] = known[at[inside]]
    kept = frame[inside].assign(shift_period=at[inside]).sort_values("shift_period", kind="stable")
    starts = np.datetime64(int(first), "D") + np.arange(count) * length
    events = Events(
        kept["shift_period"].to_numpy(np.int64),
        kept["lat"].to_numpy(np.float64),
        kept["lon"].to_numpy(np.float64),
        kept.drop(columns="shift_period").reset_index(drop=True),
    )
    return Calendar(by, starts, known, cut), events


def count_signal(calendar: Calendar, events: Events, yearly: bool) -> Signal:
    """Count events in each period that the source covers; a period without any counts zero."""
    at = np.flatnonzero(calendar.known)
    counts = np.bincount(events.period, minlength=len(calendar.starts))[at].astype(float)
    return Signal(counts[:, None], np.ones(len(at)), at, calendar.season(at, yearly), "count")


def deaths_signal(calendar: Calendar, events: Events, deaths: Floats, yearly: bool) -> Signal:
    """Give the mean of log(1 + deaths) over the events of a period whose deaths are stated."""
    stated = np.isfinite(deaths)
    return _mean_signal(calendar, events.period[stated], np.log1p(deaths[stated])[:, None], yearly)


def centre_signal(calendar: Calendar, events: Events, yearly: bool) -> Signal:
    """Give the mean place of each period, km east and north of the centre of all."""
    lat, lon = centre_of(events.lat, events.lon)
    return _mean_signal(calendar, events.period, _plane_km(events, lat, lon), yearly)


def spread_signal(calendar: Calendar, events: Events, steps: Sequence[int], yearly: bool) -> Signal:
    """Give the mean log distance to the centre, which is each stretch's own between shifts of the centre.

    `steps` are periods of the calendar. So a move of the centre alone is no change of spread.
    """
    distance = np.empty(len(events.period))
    edges = [0, *steps, len(calendar.starts)]
    for a, b in itertools.pairwise(edges):
        inside = (events.period >= a) & (events.period < b)
        if inside.any():
            lat, lon = centre_of(events.lat[inside], events.lon[inside])
            distance[inside] = distance_km(events.lat[inside], events.lon[inside], lat, lon)
    return _mean_signal(calendar, events.period, np.log(np.maximum(distance, _NEAREST_KM))[:, None], yearly)


def centre_of(lat: Floats, lon: Floats) -> tuple[float, float]:
    """Give the middle of places on the globe, in degrees; the date line does not matter."""
    a, b = np.radians(lat), np.radians(lon)
    x, y, z = (np.cos(a) * np.cos(b)).mean(), (np.cos(a) * np.sin(b)).mean(), np.sin(a).mean()
    return float(np.degrees(np.arctan2(z, np.hypot(x, y)))), float(np.degrees(np.arctan2(y, x)))


def distance_km(lat: Floats, lon: Floats, to_lat: float, to_lon: float) -> Floats:
    """Give great-circle distances in km."""
    a, b = np.radians(lat), np.radians(to_lat)
    turn = np.radians(lon - to_lon)
    half = np.sin((a - b) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(turn / 2) ** 2
    found: Floats = 2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return found


def _plane_km(events: Events, lat: float, lon: float) -> Floats:
    turn = np.mod(events.lon - lon + 180, 360) - 180
    east = np.radians(turn) * np.cos(np.radians(lat)) * _EARTH_KM
    return np.stack([east, np.radians(events.lat - lat) * _EARTH_KM], axis=1)


def _mean_signal(calendar: Calendar, period: npt.NDArray[np.int64], values: Floats, yearly: bool) -> Signal:
    """Average by period; a period without a value is missing.

    Events of one period resemble each other, so a mean of n of them is not n times as sure: its weight is
    n / (1 + (n - 1) r), where r is the share of the variance that a period's events have in common.
    """
    n = len(calendar.starts)
    number = np.bincount(period, minlength=n).astype(float)
    at = np.flatnonzero(number)
    total = np.stack([np.bincount(period, column, minlength=n) for column in values.T], axis=1)
    mean = total[at] / number[at, None]
    shared = _shared_variance(mean, number[at], values, period)
    weights = number[at] / (1 + (number[at] - 1) * shared)
    return Signal(
        mean, weights / weights.mean() if len(at) else weights, at, calendar.season(at, yearly), "mean"
    )


def _shared_variance(mean: Floats, number: Floats, values: Floats, period: npt.NDArray[np.int64]) -> float:
    """Estimate r from differences of neighbouring periods, which a shift hardly moves."""
    spare = len(values) - len(mean)
    if spare < 1 or len(mean) < 3:
        return 0.0
    index = np.searchsorted(np.unique(period), period)
    within = ((values - mean[index]) ** 2).sum() / spare
    between = (np.diff(mean, axis=0) ** 2).sum(axis=1).mean() / 2
    own = (1 / number[1:] + 1 / number[:-1]).mean() / 2 * within
    common = max(between - own, 0.0)
    return float(common / (common + within)) if common + within > 0 else 0.0


def deaths_of(frame: pd.DataFrame, column: str) -> Floats:
    """Give stated deaths, NaN where none are stated.

    Raises
    ------
    UsageError
        A number is negative.
    """
    import pandas as pd

    found: Floats = pd.to_numeric(frame[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    found = np.where(np.isfinite(found), found, np.nan)
    if (found < 0).any():
        raise UsageError(
            f"{column} has {int((found < 0).sum())} negative numbers; allowed deaths from 0, empty where not stated"
        )
    return found
