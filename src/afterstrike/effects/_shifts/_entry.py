"""Change points of a record of events: the public function."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._standard import standardise
from .._study import Study
from ._find import Found, Signal, find_shifts
from ._series import (
    FEWEST,
    Calendar,
    Events,
    calendar_of,
    centre_signal,
    count_signal,
    deaths_of,
    deaths_signal,
    spread_signal,
)

if TYPE_CHECKING:
    import pandas as pd

    from ._result import ShiftResult

__all__ = ["DEATHS", "change_points"]

_SERIES = ("tempo", "place", "lethality")
_PARTS = {"tempo": ("tempo",), "place": ("centre", "spread"), "lethality": ("lethality",)}
_ORDER = ("tempo", "centre", "spread", "lethality")
_MOST = 5
# Counts, km and logarithms: less than this between the largest and the smallest is rounding.
_SAME = 1e-6
_ESTIMAND = (
    "days on which the recorded series changed its level: events a {by} (tempo), the middle of their places and "
    "their distance to it (centre, spread), deaths an event (lethality). The record changed; why is not said"
)
_ASSUMPTIONS = (
    "between shifts each series stays around one level, with noise that fades within a few periods; reporting did "
    "not change with the shift. A slow trend is shown as steps."
)

DEATHS = "fatalities_best"
"""The column of deaths where none is named; a table need not have it."""


def change_points(
    events: pd.DataFrame | Study,
    *,
    by: Literal["week", "day"] = "week",
    series: Sequence[str] = _SERIES,
    size: float = 0.05,
    period: tuple[str, str] | None = None,
    gaps: Sequence[tuple[str, str]] = (),
    season: Literal["auto", "year", "none"] = "auto",
    deaths: str = DEATHS,
    columns: Mapping[str, str] | None = None,
    seed: int = 0,
    redraws: int = 999,
) -> ShiftResult:
    """Find the days on which a record of events shifted in tempo, place or lethality.

    Each series is tested for any shift at all; where there is one it is dated, the record divided, and what is left
    tested again. The chance of any false shift over all series together is at most about `size`.

    Parameters
    ----------
    events
        One row an event, with a time, a latitude and a longitude; or a `Study`, whose outcome rows are taken.
    by
        Periods: `week` (seven days from the first day) or `day`.
    series
        Any of `tempo` (events a period), `place` (centre and spread, two tests), `lethality` (deaths an event).
    size
        Chance of a false shift, 0.001 to 0.5. Intervals of dates cover 1 - size.
    period
        `(first day, last day)` of the record, both inclusive. From the first to the last event where None, or a
        study's own.
    gaps
        `(first day, last day)` of spans in which the source has no data: missing, not zero.
    season
        `year` takes out a yearly wave, `auto` does where the record has two years, `none` never. The week is always
        taken out of days.
    deaths
        The column with deaths; events that state none are left out of lethality, never counted as 0.
    columns
        Where the table keeps `time`, `lat`, `lon`, as in `Study`.
    seed
        Of all draws.
    redraws
        Series drawn for each test at most, from 199. A test ends early where it can no longer find a shift.

    Returns
    -------
    ShiftResult
        One row a shift, or a series without any, with `date` (first day of the first period after the shift), `low`,
        `high` (what that day may be), `before`, `after` (events a period, km, or deaths an event), `p_value`,
        `p_adjusted` (times the number of tests, at most 1) and `reason` where there is no date.

    Raises
    ------
    UsageError
        An option is not allowed, or a column is missing.
    EstimateRefused
        No events are left in periods that the source covers, or there are fewer than 20 periods.

    Notes
    -----
    The statistic is that of [1]_ over the windows of [2]_; it is compared with what it is in noise drawn from the
    series itself, sequentially as in [3]_. Shifts in the first and last 15% of the periods are not looked for, nor
    two nearer than that.

    References
    ----------
    .. [1] Shao X, Zhang X (2010), Testing for change points in time series. JASA 105:1228-1240,
       doi:10.1198/jasa.2010.tm10103.
    .. [2] Zhao Z, Jiang F, Shao X (2022), Segmenting time series via self-normalisation. JRSS B 84:1699-1725,
       doi:10.1111/rssb.12552.
    .. [3] Besag J, Clifford P (1991), Sequential Monte Carlo p-values. Biometrika 78:301-304,
       doi:10.1093/biomet/78.2.301.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> week = np.repeat(np.arange(100), rng.poisson(np.where(np.arange(100) < 60, 3, 9)))
    >>> day = np.datetime64("2016-01-04") + 7 * week + rng.integers(0, 7, len(week))
    >>> table = pd.DataFrame({"date": day, "lat": 35.0, "lon": 40 + 0 * week})
    >>> found = change_points(table, series=["tempo"], period=("2016-01-04", "2017-12-03"))
    >>> found.to_frame()[["series", "date"]].to_dict("records")
    [{'series': 'tempo', 'date': datetime.date(2017, 3, 6)}]
    """
    from ._result import ShiftResult, shift_rows

    _check(by, series, size, season, redraws)
    frame, span, exclusions = _usable(events, columns, period)
    calendar, inside = calendar_of(frame, by=by, period=span, gaps=gaps)
    if calendar.cut_events:
        exclusions["in an unfinished last week"] = calendar.cut_events
    if not len(inside.period):
        raise EstimateRefused(
            f"none of {len(frame)} events lies in a {by} that the source covers; look at gaps and period"
        )
    if missing := len(frame) - len(inside.period) - calendar.cut_events:
        exclusions["in periods the source does not cover"] = missing
    yearly = season == "year" or (season == "auto" and calendar.years >= 2)
    names = [part for name in _SERIES if name in series for part in _PARTS[name]]
    stated = None
    if "lethality" in names and deaths in inside.frame:
        stated = deaths_of(inside.frame, deaths)
    asked = _Asked(calendar, inside, stated, deaths, yearly, size / len(names), redraws, seed, 1 - size)
    results: dict[str, Found | str] = {}
    for name in names:
        results[name] = _find(name, asked, results)
    table = shift_rows(results, calendar, inside, stated, size=size, tests=len(names))
    from ._checks import shift_checks

    parameters = {
        "by": by, "series": list(series), "size": size, "period": span, "season": "year" if yearly else "none",
        "gaps": [list(pair) for pair in gaps], "deaths": deaths, "redraws": redraws,
        "convention": "shifts",
    }  # fmt: skip
    return ShiftResult(
        table=table,
        estimand=_ESTIMAND.format(by=by),
        assumptions=_ASSUMPTIONS,
        checks=shift_checks(results, table, calendar, inside, stated, yearly),
        provenance=_provenance(frame, stated, parameters, seed, exclusions),
        calendar=calendar,
        found={name: one for name, one in results.items() if not isinstance(one, str)},
    )


@dataclass(frozen=True, eq=False)
class _Asked:
    """What all series are asked with."""

    calendar: Calendar
    events: Events
    stated: npt.NDArray[np.float64] | None
    deaths: str
    yearly: bool
    size: float
    redraws: int
    seed: int
    coverage: float


def _find(name: str, asked: _Asked, before: Mapping[str, Found | str]) -> Found | str:
    """Look for shifts of one series; words where it cannot be done."""
    if name == "lethality" and asked.stated is None:
        return f"no column {asked.deaths!r}"
    signal = _signal(name, asked, before)
    unit = asked.calendar.by
    if len(signal.at) < FEWEST:
        what = "whose events state deaths" if name == "lethality" else "with events"
        what = "that the source covers" if name == "tempo" else what
        return f"{len(signal.at)} {unit}s {what}; a shift needs at least {FEWEST}"
    if np.ptp(signal.values, axis=0).max() < _SAME:
        return f"all {len(signal.at)} {unit}s have the same value"
    rng = np.random.default_rng([asked.seed, _ORDER.index(name)])
    return find_shifts(
        signal, size=asked.size, redraws=asked.redraws, most=_MOST, rng=rng, coverage=asked.coverage
    )


def _signal(name: str, asked: _Asked, before: Mapping[str, Found | str]) -> Signal:
    if name == "tempo":
        return count_signal(asked.calendar, asked.events, asked.yearly)
    if name == "lethality":
        assert asked.stated is not None
        return deaths_signal(asked.calendar, asked.events, asked.stated, asked.yearly)
    if name == "centre":
        return centre_signal(asked.calendar, asked.events, asked.yearly)
    centre = before.get("centre")
    steps = []
    if isinstance(centre, Found):
        steps = [int(centre.signal.at[shift.step]) for shift in centre.shifts]
    return spread_signal(asked.calendar, asked.events, steps, asked.yearly)


def _check(by: str, series: Sequence[str], size: float, season: str, redraws: int) -> None:
    if by not in ("week", "day"):
        raise UsageError(f"by={by!r}; allowed 'week', 'day'")
    if isinstance(series, str) or not series or set(series) - set(_SERIES):
        raise UsageError(f"series={series!r}; allowed a list of any of {', '.join(_SERIES)}")
    if isinstance(size, bool) or not isinstance(size, int | float) or not 0.001 <= size <= 0.5:
        raise UsageError(f"size={size!r}; allowed 0.001 to 0.5, the chance of a false shift")
    if season not in ("auto", "year", "none"):
        raise UsageError(f"season={season!r}; allowed 'auto', 'year', 'none'")
    if isinstance(redraws, bool) or not isinstance(redraws, int) or not 199 <= redraws <= 100_000:
        raise UsageError(f"redraws={redraws!r}; allowed whole numbers from 199 to 100000")
    tests = sum(len(_PARTS[name]) for name in set(series))
    if (redraws + 1) * size / tests < 1:
        raise UsageError(
            f"redraws={redraws} cannot show a chance of {size}/{tests}; give at least {int(tests / size)}"
        )


def _usable(
    events: pd.DataFrame | Study, columns: Mapping[str, str] | None, period: tuple[str, str] | None
) -> tuple[pd.DataFrame, tuple[str, str] | None, dict[str, int]]:
    if isinstance(events, Study):
        frame, exclusions = events.outcome, dict(events.exclusions)
        if period is None:
            return frame, events.period, exclusions
        raise UsageError("period is the study's own; declare it there: Study(..., period=...)")
    if not hasattr(events, "columns"):
        raise UsageError(f"events is a {type(events).__name__}; allowed a pandas DataFrame or a Study")
    if not len(events):
        raise EstimateRefused("the table has no rows; give at least one event in each of 20 periods or so")
    frame, exclusions = standardise(
        events,
        role="outcome",
        columns=columns,
        region=None,
        period=period,
        coarse_dates="exclude",
        first_row=0,
    )
    if not len(frame):
        told = "; ".join(f"{why} ({count})" for why, count in exclusions.items())
        raise EstimateRefused(f"no events are left; rows left out: {told}")
    return frame, period, exclusions


def _provenance(
    frame: pd.DataFrame, stated: Any, parameters: Mapping[str, Any], seed: int, exclusions: Mapping[str, int]
) -> dict[str, Any]:
    from ... import __version__

    digest = hashlib.sha256()
    for name in ("time_ms", "lat", "lon"):
        digest.update(np.ascontiguousarray(frame[name].to_numpy()).tobytes())
    if stated is not None:
        digest.update(stated.tobytes())
    return {
        "input_sha256": digest.hexdigest(),
        "version": __version__,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": seed,
        "parameters": dict(parameters),
        "exclusions": dict(exclusions),
    }
