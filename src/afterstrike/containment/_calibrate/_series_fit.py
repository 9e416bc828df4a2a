"""Fit weekly recorded attacks behind strikes: the posterior of what such a series can tell."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import UsageError
from ._series import WeeklySeries
from ._series_integrate import Mixture, integrate
from ._series_model import DAYS, HYPER, SeriesPrior, season_columns, unit_memory
from ._series_peak import Problem

if TYPE_CHECKING:
    import pandas as pd

    from ...effects import CheckResult

__all__ = ["SeriesDraws", "SeriesFit", "fit_series", "make_problem"]

Array = np.ndarray[Any, Any]

_HALF = 0.5
_POINTS = tuple(2**k for k in range(5, 13))


@dataclass(frozen=True, eq=False)
class SeriesDraws:
    """Draws from the posterior of a series.

    Parameters
    ----------
    hyper
        (n, parameters), columns `HYPER`.
    strike_effect
        b, (n,).
    season
        Coefficients of the yearly waves, (n, k).
    shares
        What each source records against the first, (n, sources).
    walk
        u by week, (n, weeks).
    """

    hyper: Array
    strike_effect: Array
    season: Array
    shares: Array
    walk: Array

    def parameter(self, name: str) -> Array:
        """Give the draws of one of `HYPER`."""
        return np.asarray(self.hyper[:, HYPER.index(name)])


@dataclass(frozen=True, eq=False)
class SeriesFit:
    """The posterior of a weekly series.

    Parameters
    ----------
    series
        What was fitted.
    prior
        What was known before.
    problem, mixture
        The columns, and the posterior as a mixture of normals.
    harmonics
        Yearly waves.
    lag_weeks
        Weeks a strike must lie back to count.
    seed
        Of the points and draws.
    """

    series: WeeklySeries
    prior: SeriesPrior
    problem: Problem = field(repr=False)
    mixture: Mixture = field(repr=False)
    harmonics: int
    lag_weeks: int
    seed: int

    def draws(self, n: int = 2000) -> SeriesDraws:
        """Draw from the posterior."""
        hyper, coefficients, walk = self.mixture.draw(n, np.random.default_rng([self.seed, 1]))
        waves = 2 * self.harmonics
        shares = np.exp(coefficients[:, 1 + self.problem.columns.shape[1] :])
        return SeriesDraws(
            hyper, coefficients[:, 0], coefficients[:, 1 : 1 + waves],
            np.column_stack([np.ones(n), shares]), walk,
        )  # fmt: skip

    @property
    def unit(self) -> float:
        """Memory that one strike adds, fixed by the normalisation (see `unit_memory`)."""
        return self.problem.unit

    @property
    def chance_fewer(self) -> float:
        """P(b > 0): strikes are followed by fewer recorded attacks, after adjustment. An association, no effect."""
        from scipy.special import ndtr

        mean, sd = self.mixture.moments(0)
        return float(self.mixture.weights @ ndtr(mean / sd))

    def quiet_days(self, draws: SeriesDraws) -> Array:
        """Give days' worth of attacks missing behind a middle struck week alone, over half a year (negative: extra)."""
        hit = self.series.strikes
        middle = float(np.median(hit[hit > 0]))
        weeks = np.arange(1, 27)
        left = 2.0 ** (-DAYS * weeks / draws.parameter("lull_halflife")[:, None])
        x = -np.expm1(-self.unit * middle * left)
        return np.asarray(DAYS * -np.expm1(-draws.strike_effect[:, None] * x).sum(axis=1))

    def rate_at_end(self, draws: SeriesDraws, weeks: int = 8) -> Array:
        """Give recorded attacks a day without season and strikes, over the last weeks: attacks_per_fighter x fighters."""
        return np.asarray(np.exp(draws.walk[:, -weeks:]).mean(axis=1) / DAYS)

    def parameters(self, draws: SeriesDraws) -> dict[str, Array]:
        """Give the draws by the names of the model, and two made of them."""
        found = {name: draws.parameter(name) for name in HYPER}
        found["strike_effect"] = draws.strike_effect
        for k, name in enumerate(self.series.sources[1:], start=1):
            found[f"share.{name}"] = draws.shares[:, k]
        found["attacks_per_day"] = self.rate_at_end(draws)
        found["quiet_days"] = self.quiet_days(draws)
        return found

    def to_frame(self, n: int = 4000) -> pd.DataFrame:
        """Give a row a parameter: name, low, median, high (5, 50, 95 %), mean, sd."""
        import pandas as pd

        rows = []
        for name, values in self.parameters(self.draws(n)).items():
            low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
            rows.append(
                {
                    "name": name,
                    "low": low,
                    "median": middle,
                    "high": high,
                    "mean": values.mean(),
                    "sd": values.std(),
                }
            )
        return pd.DataFrame(rows)

    def checks(self) -> tuple[CheckResult, ...]:
        """Give the checks: replicated series, strikes to come, prior against data, reporting by source."""
        from ._series_check import series_checks

        return series_checks(self)

    def sign_words(self) -> str:
        """Say which way it points, in a sentence."""
        chance = self.chance_fewer
        known = max(chance, 1 - chance)
        told = f"P(fewer recorded attacks behind strikes) = {chance:.2f}, after adjustment; an association, not an effect."
        if known < 0.9:
            return f"The sign of what followed strikes is not known: {told}"
        return f"{'Fewer' if chance > _HALF else 'More'} recorded attacks followed strikes: {told}"

    def __repr__(self) -> str:
        return (
            f"SeriesFit({len(self.series.starts)} weeks, P(fewer) {self.chance_fewer:.2f}, "
            f"{self.mixture.effective:.0f} effective points)"
        )


def fit_series(
    series: WeeklySeries,
    *,
    prior: SeriesPrior | None = None,
    lag_weeks: int = 1,
    harmonics: int | None = None,
    lull_per_target: float | None = None,
    seed: int = 0,
    points: int = 128,
) -> SeriesFit:
    """Fit the model of `_series_model` to a weekly series: walk, season, memory of strikes, self-excitation.

    Given half-life, drift, variance ratio and self-excitation all else is normal before the data, and its peak is
    found by Newton steps (Laplace, corrected for skew); those five are integrated over by weighted points. One to two
    seconds for 400 weeks.

    Parameters
    ----------
    series
        Recorded attacks and strikes by week.
    prior
        What is known before; None: `SeriesPrior()`.
    lag_weeks
        Weeks a strike must lie back to count, 1 to 8. Strikes of a week answer to attacks of that week, so those of the
        same week never count.
    harmonics
        Yearly waves, 0 to 4; None: two from four years on, one from two years on, else none.
    lull_per_target
        Memory that one strike adds, above 0. The data know b and the memory by their product only; None: such that x is
        one half just behind a middle struck week (`unit_memory`).
    seed
        Of points and draws.
    points
        A round of the integration, of three or more; a power of two, 32 to 4096.

    Returns
    -------
    SeriesFit
        Posterior; `draws`, `to_frame`, `checks`, `chance_fewer`.

    Raises
    ------
    UsageError
        An option is out of bounds.
    EstimateRefused
        The integration does not settle.

    Assumes
    -------
    Given past recorded attacks, season and the walk, strikes tell nothing more of what attacks would have been without
    them; recording does not change with strikes; the memory has one half-life.

    Examples
    --------
    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> weeks = pd.date_range("2016-01-04", periods=104, freq="7D")
    >>> table = pd.DataFrame({"week": weeks, "attacks": rng.poisson(9, 104), "strikes": rng.poisson(1, 104)})
    >>> fit = fit_series(WeeklySeries.from_frame(table))
    >>> 0 < fit.chance_fewer < 1
    True
    """
    if isinstance(lag_weeks, bool) or lag_weeks not in range(1, 9):
        raise UsageError(
            f"lag_weeks={lag_weeks!r}; allowed 1 to 8: strikes of the same week answer to its attacks"
        )
    weeks = len(series.starts)
    waves = harmonics if harmonics is not None else 2 if weeks >= 208 else 1 if weeks >= 104 else 0
    if isinstance(waves, bool) or waves not in range(5):
        raise UsageError(f"harmonics={harmonics!r}; allowed 0 to 4")
    if points not in _POINTS:
        raise UsageError(f"points={points!r}; allowed {', '.join(map(str, _POINTS))}")
    if lull_per_target is not None and not 0 < lull_per_target < 100:
        raise UsageError(
            f"lull_per_target={lull_per_target!r}; allowed above 0, or None for the normalisation"
        )
    known = prior or SeriesPrior()
    problem = make_problem(series, known, waves, lag_weeks, lull_per_target)
    return SeriesFit(
        series, known, problem, integrate(problem, known, seed=seed, points=points), waves, lag_weeks, seed
    )


def make_problem(
    series: WeeklySeries, prior: SeriesPrior, harmonics: int, lag: int, unit: float | None = None
) -> Problem:
    """Put a series and a prior into columns."""
    counts = series.attacks
    seen = (~np.isnan(counts)).astype(float)
    weeks = len(series.starts)
    first_year = counts[0, :52]
    level = prior.level or (math.log(max(float(np.nanmean(first_year)), 0.1)), 1.0)
    middle = float(prior.quantiles["lull_halflife"](np.array(_HALF)))
    season = season_columns(weeks, harmonics, int(series.starts[0].astype("int64")))
    return Problem(
        np.nan_to_num(counts), seen, _filled(counts, level[0]), series.strikes, season,
        np.full(season.shape[1], prior.season_sd), unit or unit_memory(series.strikes, middle), lag, level,
        prior.strike_effect, prior.share_sd,
    )  # fmt: skip


def _filled(counts: Array, level: float) -> Array:
    """Give the first source's counts with missing weeks drawn straight between those beside them."""
    own = counts[0]
    known = np.flatnonzero(~np.isnan(own))
    if not len(known):
        return np.full(len(own), math.exp(level))
    return np.asarray(np.interp(np.arange(len(own)), known, own[known]))
