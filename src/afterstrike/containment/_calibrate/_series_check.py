"""Threats to the fit of a weekly series, looked at: each check can fail."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from ...effects import CheckResult
from ...errors import EstimateRefused
from ._series_integrate import integrate
from ._series_model import season_columns, suppression
from ._series_peak import climb
from ._series_simulate import simulate_weeks

if TYPE_CHECKING:
    from ._series_fit import SeriesDraws, SeriesFit

__all__ = ["SIZE", "series_checks"]

Array = np.ndarray[Any, Any]

SIZE = 0.05
_REPLICATES = 400
_LEAST_PART = 0.25  # of the mean: a week at or below it is quiet
_FEWEST_SURPRISES = 40
_WIDE = 1.0


def series_checks(fit: SeriesFit) -> tuple[CheckResult, ...]:
    """Look at all threats."""
    return (
        *_replicated(fit),
        _strikes_to_come(fit),
        _prior_against_data(fit),
        _reporting(fit),
    )


def replicate(fit: SeriesFit, draws: SeriesDraws, rng: np.random.Generator) -> Array:
    """Draw series of the first source anew, with the strikes there were, (draws, weeks)."""
    weeks = len(fit.series.starts)
    season = season_columns(weeks, fit.harmonics, int(fit.series.starts[0].astype("int64")))
    counts, _ = simulate_weeks(
        draws.walk + draws.season @ season.T, draws.hyper, strike_effect=draws.strike_effect,
        strikes=fit.series.strikes, unit=fit.unit, lag=fit.lag_weeks, rng=rng,
    )  # fmt: skip
    return np.asarray(counts[:, 0])


def _statistics(counts: Array, seen: Array) -> dict[str, Array]:
    """Give what is compared, by row of counts."""
    used = counts[:, seen]
    mean = used.mean(axis=1, keepdims=True)
    off = used - mean
    variance = (off**2).mean(axis=1)
    return {
        "total": used.sum(axis=1),
        "variance": variance,
        "autocorrelation at one week": (off[:, 1:] * off[:, :-1]).mean(axis=1) / np.maximum(variance, 1e-12),
        "week-to-week change": (np.diff(used, axis=1) ** 2).mean(axis=1),
        "longest quiet run": _longest(used <= _LEAST_PART * mean),
    }


def _longest(quiet: Array) -> Array:
    run, best = np.zeros(len(quiet)), np.zeros(len(quiet))
    for column in quiet.T:
        run = np.where(column, run + 1, 0)
        best = np.maximum(best, run)
    return best


def _replicated(fit: SeriesFit) -> list[CheckResult]:
    """Compare the series with series drawn from the posterior, two-sided, 5 % each."""
    import pandas as pd

    rng = np.random.default_rng([fit.seed, 2])
    seen = fit.problem.seen[0] > 0
    drawn = _statistics(replicate(fit, fit.draws(_REPLICATES), rng), seen)
    there = _statistics(fit.problem.counts[:1], seen)
    found = []
    for name, values in drawn.items():
        own = float(there[name][0])
        # Ties count half: runs are whole numbers.
        below = float((values < own).mean() + (values == own).mean() / 2)
        p_value = 2 * min(below, 1 - below)
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
        table = pd.DataFrame(
            [{"recorded": own, "low": low, "median": middle, "high": high, "p_value": p_value}]
        )
        text = f"Recorded {own:.3g}; series drawn from the fit {middle:.3g} ({low:.3g} to {high:.3g}), p = {p_value:.2f}."
        found.append(CheckResult(f"replicated series: {name}", p_value >= SIZE, table, text))
    return found


def surprises(fit: SeriesFit) -> Array | None:
    """Give what strikes do beyond their answer to earlier attacks, standardised; None: too few weeks.

    Least squares of log(1 + strikes) on log(1 + recorded attacks) of the week before and the mean of the three before
    that, and the season. Earlier strikes stay out: a hidden cause that lasts shows in them.
    """
    attacks, strikes = np.log1p(fit.problem.carried), np.log1p(fit.series.strikes)
    weeks = len(strikes)
    if weeks - 4 < _FEWEST_SURPRISES:
        return None
    earlier = (attacks[: weeks - 4] + attacks[1 : weeks - 3] + attacks[2 : weeks - 2]) / 3
    columns = np.column_stack([np.ones(weeks - 4), attacks[3:-1], earlier, fit.problem.columns[4:]])
    told, *_ = np.linalg.lstsq(columns, strikes[4:], rcond=None)
    rest = strikes[4:] - columns @ told
    spread = float(rest.std())
    if spread < 1e-9:
        return None
    return np.concatenate([np.zeros(4), rest / spread])


def _strikes_to_come(fit: SeriesFit) -> CheckResult:
    """Test whether strikes two to four weeks ahead tell of attacks now, beyond their own answer to attacks; 5 %.

    The week ahead is left out: there a reaction and a hidden cause look alike. The other parameters stay at their most
    likely values.
    """
    import pandas as pd
    from scipy.special import ndtr

    name = "strikes to come"
    surprise = surprises(fit)
    if surprise is None:
        return CheckResult(
            name, None, pd.DataFrame(), "Cannot be looked at: too few weeks, or strikes do not vary."
        )
    ahead = np.zeros_like(surprise)
    ahead[:-4] = (surprise[2:-2] + surprise[3:-1] + surprise[4:]) / 3
    scale = float(ahead.std())
    spread = 0.35
    problem = dataclasses.replace(
        fit.problem, columns=np.column_stack([fit.problem.columns, ahead / scale]),
        column_sd=np.append(fit.problem.column_sd, spread),
    )  # fmt: skip
    top = int(np.argmax(fit.mixture.weights))
    peak = climb(problem, fit.mixture.hyper[top])
    at = fit.problem.columns.shape[1] + 1
    if peak is None:
        return CheckResult(
            name, None, pd.DataFrame(), "Cannot be looked at: the fit with strikes ahead has no peak."
        )
    mean, variance = float(peak.coefficients[at]), float(peak.covariance[at, at])
    precision = max(1 / variance - 1 / spread**2, 1e-12)
    z = mean / variance / np.sqrt(precision)
    p_value = float(2 * ndtr(-abs(z)))
    table = pd.DataFrame([{"change": mean, "std_error": np.sqrt(variance), "z": z, "p_value": p_value}])
    told = (
        "Strikes that are yet to come, beyond how strikes answer to attacks, "
        f"{'tell' if p_value < SIZE else 'do not tell'} of attacks now (p = {p_value:.2f})"
    )
    more = ": something moves both, and the association is not that of strikes." if p_value < SIZE else "."
    return CheckResult(name, p_value >= SIZE, table, told + more)


def _prior_against_data(fit: SeriesFit) -> CheckResult:
    """Test whether the strike effect the data speak for lies within what the prior allows; 5 %.

    What the data speak for is read off a fit with a wide prior: under a sure one the memory bends until it agrees.
    """
    import pandas as pd
    from scipy.special import ndtr

    name = "prior against data: strike effect"
    centre, spread = fit.prior.strike_effect
    problem = dataclasses.replace(fit.problem, strike_effect=(0.0, _WIDE))
    try:
        mixture = integrate(problem, fit.prior, seed=fit.seed, points=64)
    except EstimateRefused as refusal:
        return CheckResult(name, None, pd.DataFrame(), f"Cannot be looked at: {refusal}.")
    mean, sd = mixture.moments(0)
    whole = float(mixture.weights @ mean)
    variance = float(mixture.weights @ (sd**2 + (mean - whole) ** 2))
    precision = 1 / variance - 1 / _WIDE**2
    if precision <= _WIDE**-2:
        return CheckResult(name, None, pd.DataFrame(), "Cannot tell: the series says next to nothing of it.")
    told = whole / variance / precision
    z = (told - centre) / np.sqrt(1 / precision + spread**2)
    p_value = float(2 * ndtr(-abs(z)))
    table = pd.DataFrame([{"data": told, "std_error": precision**-0.5, "prior": centre, "prior_sd": spread,
                           "p_value": p_value}])  # fmt: skip
    text = (
        f"The data alone speak for {told:+.2f} (standard error {precision**-0.5:.2f}), the prior for {centre:+.2f} "
        f"(sd {spread:.2f}), p = {p_value:.2f}."
    )
    return CheckResult(name, p_value >= SIZE, table, text)


def _reporting(fit: SeriesFit) -> CheckResult:
    """Test whether a source's share drifts, steps or moves with the memory of strikes; 5 %, all at once.

    Logistic regression of the first source's part of the counts on time, its square and the memory, with the spread
    of the residuals; a Wald test of the three.
    """
    import pandas as pd
    from scipy.stats import f as f_distribution

    name = "reporting by source"
    if len(fit.series.sources) < 2:
        said = "Cannot be looked at with one source: a fall in reporting and a fall in attacks look alike."
        return CheckResult(name, None, pd.DataFrame(), said)
    halflife = fit.mixture.hyper[int(np.argmax(fit.mixture.weights))].lull_halflife
    x = suppression(fit.series.strikes, halflife, fit.unit, fit.lag_weeks)
    rows, passed = [], True
    others = range(1, len(fit.series.sources))
    for k in others:
        pair = fit.problem.counts[[0, k]]
        used = (fit.problem.seen[[0, k]].all(axis=0)) & (pair.sum(axis=0) > 0)
        statistic, freedom, told = _share_test(pair[:, used], np.flatnonzero(used) / len(used), x[used])
        p_value = float(f_distribution.sf(statistic, 3, freedom)) if freedom > 0 else 1.0
        # Several sources: Bonferroni.
        passed &= p_value >= SIZE / len(others)
        rows.append({"source": fit.series.sources[k], "against": fit.series.sources[0], "time": told[0],
                     "time_squared": told[1], "memory_of_strikes": told[2], "p_value": p_value})  # fmt: skip
    table = pd.DataFrame(rows)
    least = float(table["p_value"].min())
    text = (
        f"The sources {'part' if not passed else 'keep step'} over time and behind strikes (p = {least:.2g})"
        + (": at least one of them reports another share than before." if not passed else ".")
    )
    return CheckResult(name, passed, table, text)


def _share_test(pair: Array, time: Array, x: Array) -> tuple[float, int, Array]:
    """Give the F statistic, its lower degrees of freedom, and the three coefficients."""
    total = pair.sum(axis=0)
    slope = time - time.mean()
    columns = np.column_stack([np.ones(len(time)), slope, slope**2 - (slope**2).mean(), x - x.mean()])
    freedom = len(time) - columns.shape[1]
    told = np.zeros(columns.shape[1])
    if freedom < 1:
        return 0.0, 0, told[1:]
    for _ in range(50):
        chance = 1 / (1 + np.exp(-columns @ told))
        weight = np.maximum(total * chance * (1 - chance), 1e-9)
        information = columns.T @ (weight[:, None] * columns) + 1e-9 * np.eye(len(told))
        step = np.linalg.solve(information, columns.T @ (pair[0] - total * chance))
        told = told + np.clip(step, -3, 3)
        if float(np.abs(step).max()) < 1e-8:
            break
    spread = max(float(((pair[0] - total * chance) ** 2 / weight).sum()) / freedom, 1.0)
    part = np.linalg.inv(information)[1:, 1:] * spread
    statistic = float(told[1:] @ np.linalg.solve(part, told[1:])) / 3
    return statistic, freedom, told[1:]
