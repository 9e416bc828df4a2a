"""Bayesian intervals of a Hawkes model: stated priors, draws, and both side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ...errors import EstimateRefused, UsageError
from .._result import CheckResult
from ._data import Floats, HawkesData
from ._effects import few_struck, record_cells, total_added, total_born
from ._fit import HawkesFit

if TYPE_CHECKING:
    import pandas as pd

    from ._sampler import Prior, Sampled

__all__ = ["HawkesPosterior", "sample_hawkes"]

# Beta with mean 0.40 of which 90% lie from 0.19 to 0.63: Lewis et al. 2012 found 37 to 50% of attacks in Iraq excited.
BETA = (4.8, 7.2)
MEMORY_DAYS = (7.0, 42.0)
STRIKE_SPREAD = 0.35
# Weak priors of the rest, on log rates: a zone's level round its plain rate, drift, cycles.
_SPREADS = {"log rate": 2.0, "drift": 1.0, "cycle": 0.5, "strike": STRIKE_SPREAD}
_Z90 = 1.6448536
_RATIO_COLUMNS = ("rate_ratio", "low", "high", "chance_fewer")
_MOST_R_HAT, _FEWEST_EFFECTIVE = 1.01, 400


@dataclass(frozen=True, eq=False)
class HawkesPosterior:
    """Draws from the posterior of a Hawkes model.

    Parameters
    ----------
    draws
        Shape (chains, draws, parameters), in the order of `names`.
    names
        As in `HawkesFit.names`; the last two are the branching ratio and the mean lag in days themselves.
    check
        Divergent transitions, R-hat and effective draws.
    fit
        The fit by maximum likelihood it stands beside.
    """

    draws: Floats = field(repr=False)
    names: tuple[str, ...]
    check: CheckResult
    fit: HawkesFit = field(repr=False)
    prior: Prior = field(repr=False)
    sampled: Sampled = field(repr=False)

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Give prior and posterior side by side: one row a parameter, with medians and intervals.

        `likelihood_*` is the estimate by maximum likelihood and its interval, NaN where there is none. Where
        prior and posterior are alike, the data say nothing.
        """
        import pandas as pd
        from scipy.special import betaincinv, ndtri

        z = float(ndtri((1 + level) / 2))
        ends = ((1 - level) / 2, (1 + level) / 2)
        prior, fit = self.prior, self.fit
        centre, spread = np.append(prior.mean, 0.0), np.append(prior.spread, 1.0)
        before = np.column_stack([centre, centre - z * spread, centre + z * spread])[:-1]
        share = [float(betaincinv(*prior.beta, at)) for at in (0.5, *ends)]
        lag = [math.exp(prior.log_memory[0] + turn * prior.log_memory[1]) for turn in (0.0, -z, z)]
        before = np.vstack([before, share, lag])
        after = np.quantile(self.draws.reshape(-1, len(self.names)), (0.5, *ends), axis=0).T
        error = np.sqrt(np.diag(fit.covariance))
        plain = np.column_stack([fit.estimate, fit.estimate - z * error, fit.estimate + z * error])
        plain[-2] = np.exp(plain[-2]) if fit.has_excitation else math.nan
        plain[-1] = np.exp(-plain[-1][[0, 2, 1]]) if fit.has_excitation else math.nan
        heads = [
            f"{what}{end}" for what in ("prior_", "", "likelihood_") for end in ("median", "low", "high")
        ]
        heads[6] = "likelihood_estimate"
        table = pd.DataFrame(np.hstack([before, after, plain]), columns=heads)
        table.insert(0, "parameter", self.names)
        return table.assign(r_hat=self.sampled.r_hat, effective_draws=self.sampled.effective)

    def rate_ratios(self, days: Sequence[int], *, level: float = 0.95, most: int = 400) -> pd.DataFrame:
        """Give what followed a struck day, as `mutual_excitation` does, from up to `most` draws.

        Parameters
        ----------
        days
            Horizons, whole days from 1.
        level
            Of the intervals.
        most
            Draws that are used, evenly spaced: each takes as long as an estimate.

        Returns
        -------
        DataFrame
            One row a horizon: days, rate_ratio (median), low, high, chance_fewer (of a ratio below 1), and
            reason: empty, or why the numbers are NaN (fewer than 10 struck days with those days on record).

        Raises
        ------
        EstimateRefused
            The fit has no strikes.
        UsageError
            A horizon is no whole day from 1.
        """
        import pandas as pd

        if not self.fit.data.lags:
            raise EstimateRefused("the fit has no strikes; give strikes to fit_hawkes")
        if any(int(day) != day or day < 1 for day in days):
            raise UsageError(f"days={tuple(days)!r}; allowed whole days from 1")
        flat = self.draws.reshape(-1, len(self.names))
        flat = flat[np.linspace(0, len(flat) - 1, min(most, len(flat))).astype(int)]
        q = flat.copy()
        q[:, -2], q[:, -1] = np.log(flat[:, -2]), -np.log(flat[:, -1])
        rows = []
        for horizon in days:
            cells, observed = record_cells(self.fit.data, int(horizon))
            reason = few_struck(len(cells), int(self.fit.data.struck.sum()), int(horizon))
            rows.append({"days": int(horizon), **dict.fromkeys(_RATIO_COLUMNS, math.nan), "reason": reason})
            if reason:
                continue
            found = np.array([total_added(self.fit.model, one, cells) for one in q])
            born = np.array([total_born(self.fit.model, one, cells) for one in q])
            # What was observed is chance too: of a draw it is what its baseline would bring, more or less.
            usual = np.maximum(observed + born - born.mean(), 1e-12)
            ratio = np.where(usual > found, usual / np.maximum(usual - found, 1e-12), math.inf)
            middle, low, high = np.quantile(ratio, (0.5, (1 - level) / 2, (1 + level) / 2))
            rows[-1] |= dict(zip(_RATIO_COLUMNS, (middle, low, high, float((ratio < 1).mean())), strict=True))
        return pd.DataFrame(rows)


def sample_hawkes(
    fit: HawkesFit,
    *,
    memory_days: tuple[float, float] = MEMORY_DAYS,
    draws: int = 500,
    warmup: int = 400,
    chains: int = 4,
    seed: int = 0,
) -> HawkesPosterior:
    """Draw from the posterior of a fitted Hawkes model, with NumPyro's NUTS.

    Priors: branching ratio Beta(4.8, 7.2) (mean 0.40, 90% from 0.19 to 0.63); mean lag lognormal, 90% within
    `memory_days`; each strike effect Normal(0, 0.35) on the log baseline; levels of zones Normal(log of the plain
    rate, 2), drift Normal(0, 1) and cycles Normal(0, 0.5) on the log rate.

    Parameters
    ----------
    fit
        From `fit_hawkes` or `mutual_excitation(...).fits`, with the exponential kernel.
    memory_days
        Bounds that hold the mean lag with 90%, days.
    draws, warmup, chains
        Draws kept and thrown away a chain, from 50; chains from 2 to 16.
    seed
        For the draws.

    Returns
    -------
    HawkesPosterior

    Raises
    ------
    UsageError
        NumPyro is not installed, or an option is not one of these.

    Examples
    --------
    >>> from afterstrike.effects import fit_hawkes, simulate_hawkes
    >>> times = simulate_hawkes(600.0, rate=1.0, branching_ratio=0.4, memory_days=8.0, seed=1)
    >>> posterior = sample_hawkes(fit_hawkes(times, 600.0), draws=200, warmup=200, chains=2)
    >>> row = posterior.to_frame().iloc[-2]
    >>> bool(row["low"] < 0.4 < row["high"])
    True
    """
    _check(fit, memory_days, draws, warmup, chains)
    try:
        from ._sampler import Prior, sample
    except ImportError as missing:
        raise UsageError(
            f"sample_hawkes needs NumPyro and JAX ({missing}); install them with: pip install "
            "'afterstrike[bayes]'"
        ) from None
    low, high = (math.log(day) for day in memory_days)
    mean, spread = _baseline_prior(fit.data)
    prior = Prior(mean, spread, BETA, ((low + high) / 2, (high - low) / (2 * _Z90)))
    start = fit.estimate.copy()
    n = min(max(fit.branching_ratio, 0.05), 0.9) if fit.has_excitation else 0.2
    lag = fit.memory_days if fit.has_excitation else math.exp(prior.log_memory[0])
    start[-2:] = math.log(n / (1 - n)), math.log(min(max(lag, 0.05), 20 * memory_days[1]))
    found = sample(fit.data, prior, start, draws=draws, warmup=warmup, chains=chains, seed=seed)
    natural = found.draws.copy()
    natural[..., -2] = 1 / (1 + np.exp(-natural[..., -2]))
    natural[..., -1] = np.exp(natural[..., -1])
    names = (*fit.names[:-2], "branching ratio", "memory, days")
    return HawkesPosterior(natural, names, _sampling_check(found, names), fit, prior, found)


def _check(fit: HawkesFit, memory_days: tuple[float, float], draws: int, warmup: int, chains: int) -> None:
    if fit.model.kernel != "exponential":
        raise UsageError(f"a fit with kernel {fit.model.kernel!r}; allowed 'exponential' here")
    if not (len(memory_days) == 2 and 0 < memory_days[0] < memory_days[1] < math.inf):
        raise UsageError(f"memory_days={memory_days!r}; allowed two positive numbers, the smaller first")
    for name, value, least, largest in (
        ("draws", draws, 50, 100_000), ("warmup", warmup, 50, 100_000), ("chains", chains, 2, 16),
    ):  # fmt: skip
        if isinstance(value, bool) or not (isinstance(value, int) and least <= value <= largest):
            raise UsageError(f"{name}={value!r}; allowed a whole number from {least} to {largest}")


def _baseline_prior(data: HawkesData) -> tuple[Floats, Floats]:
    """Give means and spreads of the coefficients of the log baseline."""
    by_cell = np.bincount(data.cell, minlength=len(data.width))
    mean, zones = np.zeros(len(data.names)), len(data.zones)
    counts, exposure = (np.asarray(data.columns.T @ part)[:zones] for part in (by_cell, data.width))
    mean[:zones] = np.log(counts / exposure)
    spread = [next(size for head, size in _SPREADS.items() if name.startswith(head)) for name in data.names]
    return mean, np.array(spread)


def _sampling_check(found: Sampled, names: tuple[str, ...]) -> CheckResult:
    """Say whether the draws can be used: no divergent transitions, chains alike, enough of them."""
    import pandas as pd

    r_hat, effective = float(np.max(found.r_hat)), float(np.min(found.effective))
    worst = names[int(np.argmax(found.r_hat))]
    passed = found.divergent == 0 and r_hat < _MOST_R_HAT and effective >= _FEWEST_EFFECTIVE
    row = {"divergent": found.divergent, "r_hat": r_hat, "worst": worst, "effective_draws": effective}
    total = found.draws.shape[0] * found.draws.shape[1]
    told = (
        f"{found.divergent} divergent transitions of {total}; largest R-hat {r_hat:.3f} ({worst}), fewest effective "
        f"draws {effective:.0f}. Asked: none, below {_MOST_R_HAT}, at least {_FEWEST_EFFECTIVE}."
    )
    return CheckResult("sampling", bool(passed), pd.DataFrame([row]), told)
