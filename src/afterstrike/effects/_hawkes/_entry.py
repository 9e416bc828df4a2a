"""Mutual excitation on a study: attacks excite attacks, strikes multiply what brings them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import AfterstrikeError, EstimateRefused, UsageError
from .._result import COLUMNS, CheckResult
from .._study import Study
from .._wakes._lull_make import harm_of
from .._wakes._words import civilian_harm
from ._apart import zones_check
from ._checks import branching_check, drift_check, gap_check, leads_check, residual_checks, ties_check
from ._data import Floats, HawkesData, Lag, hawkes_data
from ._effects import added
from ._fit import HawkesFit, fit_data
from ._model import Kernel, check_kernel
from ._prepare import Events, study_events
from ._reporting import reporting_check
from ._result import EXTRA_COLUMNS, ExcitationResult, effect_rows

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Run", "mutual_excitation"]

RATES = np.array([1.0, 0.4, 0.16, 0.064, 0.0256, 0.01])
CYCLES = (7.0, 365.25)
_LEADS: tuple[Lag, ...] = ((-21, -8), (-7, -1))
_TIE_DRAWS = 5
_SHORTEST_DAYS = 60

ASSUMPTIONS = (
    "given the attacks recorded before, the zone's usual level, slow drift and the cycles of week and year, chance "
    "decides which days are struck; nothing else that moves attacks comes with the strike; strikes act on what "
    "brings attacks about, not on how attacks excite attacks; excitation and effects are the same in all zones "
    "and at all times and stay within the zone; the drift is the same in all zones; nothing before the first day "
    "excites; recording of attacks does not change behind strikes; what else moves attacks, in one zone or in "
    "several at once, lasts for less than block_days"
)


def mutual_excitation(
    study: Study,
    *,
    days: Sequence[int] = (7, 14, 30),
    lags: Sequence[Lag] = ((0, 0), (1, 7), (8, 14), (15, 30)),
    zones: str | float | None = None,
    gaps: Sequence[tuple[str, str]] = (),
    kernel: Kernel = "exponential",
    rates: Sequence[float] = (1.0, 0.4, 0.16, 0.064, 0.0256, 0.01),
    drift_days: float = 180.0,
    cycles: Sequence[float] = (7.0, 365.25),
    block_days: int = 30,
    level: float = 0.95,
    seed: int = 0,
) -> ExcitationResult:
    """Estimate what strikes added to recorded attacks where attacks excite attacks, with a Hawkes model.

    `intensity = exp(zone + drift + cycles + sum over struck days of effect[lag]) + excitation by earlier
    attacks`. The model is always fitted twice, with the baseline constant and drifting (with cycles), and both
    are reported: a drift or cycle that is left out looks like excitation, or like an effect.

    Parameters
    ----------
    study
        Treatment and outcome rows. Rows without a clock time are moved to a random time within their day.
    days
        Horizons H, whole days from 1. Day 0 is apart.
    lags
        First and last day after a strike of each step of its effect on the log baseline.
    zones
        A column with the zone of each row (as `adm1`); a number: cells of that side in km; None: the whole
        region is one zone. Rows without one, and strikes in zones without attacks, are left out and counted.
        Strikes act, and attacks excite, in their own zone.
    gaps
        Stretches without recording, as pairs of dates, both inclusive.
    kernel, rates
        As in `fit_hawkes`.
    drift_days
        Distance between the knots of the drift; at most half the record is used. Excitation whose mean lag is
        longer than a quarter of it is not told from drift, and with the exponential kernel not looked for; with
        the kernel `power` the lowest of `rates` bounds the lags (100 days by default), so choose rates to fit.
    cycles
        Periods in days of cycles that are part of the drifting baseline; those that the record does not hold
        one and a half times are left out.
    block_days
        Length of the stretches over which scores are summed for the errors, zone by zone and over all zones
        together; the largest error is taken. See `HawkesFit.robust_covariance`.
    level
        Of the intervals, from 0.5 up to but not including 1.
    seed
        For the times within the day.

    Returns
    -------
    ExcitationResult
        One row a baseline and horizon.

    Raises
    ------
    UsageError
        An option is not one of these.
    EstimateRefused
        Fewer than 20 attacks, a record under 60 days, or effects of strikes that have no finite estimate.

    Examples
    --------
    >>> from afterstrike.effects.theatres import Theatre, simulate_theatre
    >>> theatre = simulate_theatre(Theatre.preset("null", strikes="random", overlap=0.05), seed=1)
    >>> study = Study.from_frame(theatre.events, treatment="strike", outcome="attack")
    >>> result = mutual_excitation(study, days=(14,))
    >>> result.to_frame()["baseline"].tolist()
    ['constant', 'drift']
    """
    fixed = np.sort(np.asarray(rates, np.float64))[::-1]
    check_kernel(kernel, fixed)
    horizons = _check(days, level)
    _check_lags(lags)
    events = study_events(study, zones=zones, gaps=gaps)
    if events.duration < _SHORTEST_DAYS:
        raise EstimateRefused(
            f"the record spans {events.duration} days; at least {_SHORTEST_DAYS} are needed to tell a baseline "
            "from excitation: widen period"
        )
    run = Run(
        events, lags, kernel=kernel, rates=fixed, drift_days=drift_days, cycles=cycles, block_days=block_days,
        seed=seed,
    )  # fmt: skip
    fits = {"constant": run.fit(), "drift": run.fit(drift=True)}
    rows = []
    for name, fit in fits.items():
        found = added(fit, horizons, block_days=block_days)
        rows += effect_rows(
            fit, found, baseline=name, n_strikes=int(fit.data.struck.sum()), level=level, seed=seed
        )
    import pandas as pd

    table = pd.DataFrame(rows)[[*COLUMNS[:-1], *EXTRA_COLUMNS, "reason"]]
    return ExcitationResult(
        table=table,
        estimand=_estimand(events.words),
        assumptions=f"{ASSUMPTIONS}.",
        checks=_checks(study, run, fits, table, horizons, level),
        provenance=_provenance(study, run, len(rows), horizons, zones, gaps, level),
        details={
            "parameters": lambda: _parameters(fits, level),
            "residuals": lambda: _residuals(fits["drift"]),
            "study": study.to_frame,
        },
        fits=fits,
        harm=civilian_harm(harm_of(study)),
    )


class Run:
    """The same fit under other baselines, lags and times within the day."""

    def __init__(
        self,
        events: Events,
        lags: Sequence[Lag],
        *,
        kernel: Kernel = "exponential",
        rates: Floats = RATES,
        drift_days: float = 180.0,
        cycles: Sequence[float] = CYCLES,
        block_days: int = 30,
        seed: int = 0,
    ) -> None:
        self.events, self.lags, self.kernel, self.rates = events, tuple(lags), kernel, rates
        self.drift_days = min(drift_days, events.duration / 2)
        self.cycles = tuple(period for period in cycles if 1.5 * period <= events.duration)
        self.block_days, self.seed = block_days, seed
        self.times, self.moved = events.spread(seed)

    def data(self, times: Floats, *, drift: bool, lags: tuple[Lag, ...]) -> HawkesData:
        events = self.events
        return hawkes_data(
            times, events.duration, zones=events.zones, strikes=events.strikes,
            strike_zones=events.strike_zones, lags=lags, drift_days=self.drift_days if drift else None,
            cycles=self.cycles if drift else (), gaps=events.gaps,
        )  # fmt: skip

    def fit(self, *, drift: bool = False, lead: bool = False, draw: int = 0, start: Any = None) -> HawkesFit:
        times = self.events.spread(self.seed + draw)[0] if draw else self.times
        lags = (*_LEADS, *self.lags) if lead else self.lags
        made = self.data(times, drift=drift, lags=lags)
        longest = self.drift_days / 4 if drift else None
        return fit_data(made, kernel=self.kernel, rates=self.rates, longest=longest, start=start)


def _check(days: Sequence[int], level: float) -> list[int]:
    if not len(days) or any(int(day) != day or not 1 <= day <= 365 for day in days):
        raise UsageError(f"days={tuple(days)!r}; allowed whole days from 1 to 365")
    if not 0.5 <= level < 1:
        raise UsageError(f"level={level!r}; allowed 0.5 up to but not including 1")
    return sorted({int(day) for day in days})


def _check_lags(lags: Sequence[Lag]) -> None:
    flat = [day for lag in lags for day in lag]
    if not flat or min(flat) < 0 or any(b[0] <= a[1] for a, b in pairwise(lags)):
        raise UsageError(
            f"lags={tuple(lags)!r}; allowed pairs of days from 0, in order and apart, such as ((0, 0), (1, 7))"
        )
    if max(flat) < 1:
        raise UsageError(f"lags={tuple(lags)!r} hold no day after the strike; day 0 is reported apart")


def _estimand(words: str) -> str:
    where = f"same zone ({words})"
    return (
        "ratio and mean difference of recorded outcome events on days 1 to H after a struck day, in the "
        f"{where}, attacks excited by those added or averted on these days included, and by those of day 0 not: "
        "that day's strikes against none on it, other strikes as they were; over the struck days there were; "
        "Hawkes model"
    )


def _checks(
    study: Study,
    run: Run,
    fits: dict[str, HawkesFit],
    table: pd.DataFrame,
    horizons: list[int],
    level: float,
) -> tuple[CheckResult, ...]:
    drift = fits["drift"]
    lead, why = None, ""
    try:
        lead = run.fit(drift=True, lead=True)
    except AfterstrikeError as problem:
        why = str(problem)
    return (
        *residual_checks(drift),
        drift_check(fits, table),
        branching_check(fits, level),
        zones_check(drift, run.drift_days / 2),
        leads_check(lead, why, run.block_days),
        reporting_check(drift, run.events, study.outcome, run.block_days),
        gap_check(drift, run.events),
        ties_check(_draws(run, drift, horizons), run.moved, len(run.times)),
    )


def _draws(run: Run, drift: HawkesFit, horizons: list[int]) -> pd.DataFrame:
    """Give the drifting fit under other times within the day, at the longest horizon."""
    import pandas as pd

    rows = []
    for draw in range(_TIE_DRAWS if run.moved else 1):
        fit = run.fit(drift=True, draw=draw, start=drift.estimate) if draw else drift
        found = added(fit, horizons[-1:], block_days=run.block_days)
        left = float(found.observed[0] - found.total[0])
        rows.append(
            {
                "draw": draw,
                "branching_ratio": fit.branching_ratio,
                "memory_days": fit.memory_days,
                "rate_ratio": found.observed[0] / left if left > 0 else math.nan,
                "log_std_error": math.sqrt(max(float(found.log_covariance[0, 0]), 0.0)),
            }
        )
    return pd.DataFrame(rows)


def _parameters(fits: dict[str, HawkesFit], level: float) -> pd.DataFrame:
    import pandas as pd

    frames = [fit.to_frame(level).assign(baseline=name) for name, fit in fits.items()]
    return pd.concat(frames, ignore_index=True)


def _residuals(fit: HawkesFit) -> pd.DataFrame:
    import pandas as pd

    data = fit.data
    sequence = np.searchsorted(data.bounds, np.arange(len(data.time)), "right") - 1
    zone = np.array(data.zones)[data.sequence_zone[sequence]]
    return pd.DataFrame({"zone": zone, "days_from_start": data.time, "rescaled_gap": fit.residuals()})


def _provenance(
    study: Study,
    run: Run,
    n_rows: int,
    horizons: list[int],
    zones: str | float | None,
    gaps: Sequence[tuple[str, str]],
    level: float,
) -> dict[str, Any]:
    from ... import __version__

    left_out = run.data(run.times, drift=False, lags=run.lags).left_out
    return {
        "input_sha256": study.fingerprint(),
        "version": __version__,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": run.seed,
        "parameters": {
            "days": horizons, "lags": [list(lag) for lag in run.lags], "zones": zones,
            "gaps": [list(gap) for gap in gaps], "kernel": run.kernel, "rates": run.rates.tolist(),
            "drift_days": run.drift_days, "cycles": list(run.cycles), "block_days": run.block_days,
            "level": level, "convention": "hawkes",
        },
        "exclusions": {**study.exclusions, **run.events.left_out, **left_out},
        "duplicates": dict(study.duplicates),
        "moved_within_day": run.moved,
        "study_sha256": study.declaration_sha256(),
        "specifications_run": n_rows,
    }  # fmt: skip
