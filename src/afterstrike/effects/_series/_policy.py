"""How strikes answer to recorded attacks, fitted beside the outcome, and what no record of attacks explains.

Two equations share their zones, days, season and slow trend. Strikes are negative binomial with a rate that
follows recorded attacks of the weeks before (the reaction) and earlier strikes. Its surprises, strikes beyond
what that rate says, cannot have moved attacks before them. If attacks were nevertheless high before a surprise
later on, something outside the record moved both. The lead effects measure that, in the unit of the strike
effect itself; the hidden cause is not fitted as a latent series, because with it free the effect is not
identified.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused
from ._columns import (
    Columns,
    Season,
    Trend,
    block_sums,
    own_trend,
    past_windows,
    season_columns,
    trend_columns,
)
from ._counts import ZoneCounts
from ._errors import by_time, reach
from ._model import SeriesFit, fit_shrunk, larger
from ._negbin import CountModel, fit_counts

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Leads", "Policy", "fit_policy", "lead_effects", "policy_columns", "sensitivity", "wald"]

Floats = npt.NDArray[np.float64]
_WEEKS_AHEAD = (1, 2, 3, 4)
_FEWEST_STRIKES = 20


@dataclass(frozen=True, eq=False)
class Policy:
    """The strike equation.

    Parameters
    ----------
    reaction
        Log ratio of strikes for a doubling of recorded attacks in the week before (of one more than their
        number), with its standard error.
    covariance, names, coefficients
        Of all its columns.
    surprise
        Strike place-days beyond the fitted rate, shape (zones, periods); NaN where not fitted.
    """

    reaction: tuple[float, float]
    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    surprise: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class Leads:
    """Attacks before surprises: log rate ratio by week ahead, one strike place-day more.

    `tested` says which weeks the test of `p_value` takes: those past the week that reaction looks at.
    """

    weeks: tuple[int, ...]
    effect: Floats
    covariance: Floats
    tested: tuple[int, ...]
    p_value: float

    @property
    def hidden(self) -> tuple[float, float]:
        """Mean of the tested weeks, and its standard error."""
        at = [self.weeks.index(week) for week in self.tested]
        part = self.covariance[np.ix_(at, at)]
        return float(self.effect[at].mean()), math.sqrt(max(float(part.mean()), 0.0))


def fit_policy(counts: ZoneCounts, *, season: Season, trend: Trend, trend_days: float) -> Policy:
    """Fit strikes on recorded attacks and strikes before, zones, season and slow trend.

    Raises
    ------
    EstimateRefused
        Fewer than 20 strike place-days, or a column that cannot be told apart.
    """
    if counts.strikes.sum() < _FEWEST_STRIKES:
        raise EstimateRefused(
            f"{counts.strikes.sum():.0f} strike place-days; how strikes follow attacks needs {_FEWEST_STRIKES}"
        )
    made = policy_columns(counts, season, trend, trend_days)
    usable = made.usable & ((counts.strikes * made.usable).sum(axis=1) > 0)[:, None]
    model, _ = fit_shrunk(counts.strikes, made, usable)
    together = reach(counts.attacks.shape[1], made.windows[-1][1])
    columns = len(made.names) + model.own.shape[1] - 1
    covariance = larger(by_time(model.bread, model.score, together, columns), model.bread)
    slope, error = float(model.shared[0]), math.sqrt(float(covariance[0, 0]))
    return Policy(
        (slope * math.log(2), error * math.log(2)), made.names, model.shared, covariance,
        np.where(model.used, counts.strikes - model.mean, np.nan),
    )  # fmt: skip


def policy_columns(counts: ZoneCounts, season: Season, trend: Trend, trend_days: float) -> Columns:
    zones, n = counts.attacks.shape
    windows = past_windows(counts.step)
    known = np.where(counts.missing, np.nan, counts.attacks)
    past = np.log1p(block_sums(known, windows))
    before = np.log1p(block_sums(counts.strikes, windows))
    waves, wave_names = season_columns(counts, season)
    slow = np.empty((n, 0)) if trend == "none" else trend_columns(n, counts.step, trend_days)
    shared = np.broadcast_to(np.hstack([waves, slow]), (zones, n, waves.shape[1] + slow.shape[1]))
    common = np.concatenate([past, before, shared], axis=2)
    usable = np.isfinite(common).all(axis=2) & ~counts.missing
    local, penalty = own_trend(n, counts.step, trend, trend_days)
    spans = [f"{near} to {far} {counts.by}s back" for near, far in windows]
    names = [f"{what} {span}" for what in ("attacks", "strikes") for span in spans]
    names += [*wave_names, *(f"slow trend {k + 1}" for k in range(slow.shape[1]))]
    m = len(windows)
    return Columns(
        np.where(usable[:, :, None], common, 0.0), local, penalty, tuple(names), slice(0, m), slice(m, 2 * m),
        windows, windows, usable,
    )  # fmt: skip


def lead_effects(fit: SeriesFit, policy: Policy) -> Leads:
    """Add surprises ahead to the outcome model and test that they move nothing.

    Raises
    ------
    EstimateRefused
        Too little is left to fit.
    """
    step = fit.counts.step
    periods = [((week - 1) * 7 // step + 1, week * 7 // step) for week in _WEEKS_AHEAD]
    ahead = block_sums(policy.surprise, [(-far, -near) for near, far in periods])
    model = _refit(fit, ahead, tuple(f"surprises {week} weeks ahead" for week in _WEEKS_AHEAD))
    together = max(fit.together, periods[-1][1])
    columns = model.bread.shape[0] + model.own.shape[1] - 1
    covariance = larger(by_time(model.bread, model.score, together, columns), model.bread)
    added = slice(len(fit.columns.names), None)
    tested = tuple(week for week in _WEEKS_AHEAD if week > 1)
    effect, part = model.shared[added], covariance[added, added]
    at = [_WEEKS_AHEAD.index(week) for week in tested]
    return Leads(_WEEKS_AHEAD, effect, part, tested, wald(effect[at], part[np.ix_(at, at)]))


def _refit(fit: SeriesFit, extra: Floats, names: tuple[str, ...]) -> CountModel:
    """Fit the outcome model with more columns, zones' own trends held as strongly as before."""
    made = fit.columns
    usable = fit.model.used & np.isfinite(extra).all(axis=2)
    usable &= ((fit.counts.attacks * usable).sum(axis=1) > 0)[:, None]
    alive = np.flatnonzero(usable.any(axis=1))
    if not len(alive):
        raise EstimateRefused("no zone and period is left in which strikes to come are known")
    common = np.concatenate([made.common, np.where(usable[:, :, None], extra, 0.0)], axis=2)
    slow = made.local.shape[1] - 1
    penalty = np.r_[0.0, np.full(slow, slow / fit.trend_spread**2)] if slow else made.penalty
    return fit_counts(
        fit.counts.attacks[alive], common[alive], made.local, usable[alive], penalty=penalty,
        names=(*made.names, *names),
    )  # fmt: skip


def wald(value: Floats, covariance: Floats) -> float:
    """Give the p-value of all values being zero."""
    from scipy.special import chdtrc

    return float(chdtrc(len(value), float(value @ np.linalg.solve(covariance, value))))


def sensitivity(fit: SeriesFit, leads: Leads | None, level: float) -> pd.DataFrame:
    """Say, for each horizon, how strong a hidden common cause would have to be to take the ratio to 1.

    A cause that lasts, and that multiplies attacks by `a` and strikes by `s` for one standard deviation of its
    logarithm, moves the log ratio behind one strike place-day by `log(a) * log(s)`. `each_*` is the ratio that
    both would need alike; `ratio_if_as_leads` takes the mean of the leads for that product.
    """
    import pandas as pd
    from scipy.special import ndtri

    z = float(ndtri((1 + level) / 2))
    mean_strikes = float(fit.wakes.strikes.mean()) if len(fit.wakes.strikes) else math.nan
    shift, shift_error = leads.hidden if leads is not None else (math.nan, math.nan)
    rows = []
    for days, value, error in zip(fit.days, fit.log_ratio, fit.std_error, strict=True):
        nearest = max(abs(value) - z * error, 0.0)
        together = math.hypot(error, shift_error * mean_strikes)
        moved = value - shift * mean_strikes
        rows.append(
            {
                "days": days,
                "each_for_estimate": math.exp(math.sqrt(abs(value) / mean_strikes)),
                "each_for_interval": math.exp(math.sqrt(nearest / mean_strikes)),
                "ratio_if_as_leads": math.exp(moved),
                "ratio_if_as_leads_low": math.exp(moved - z * together),
                "ratio_if_as_leads_high": math.exp(moved + z * together),
            }
        )
    return pd.DataFrame(rows)
