"""The same posterior by NUTS: a check of the fast fit, minutes instead of a second. Needs `afterstrike[bayes]`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import UsageError
from ._series_fit import make_problem
from ._series_model import DAYS, HYPER, SeriesPrior

if TYPE_CHECKING:
    from ._series import WeeklySeries

__all__ = ["sample_series"]

Array = np.ndarray[Any, Any]


def sample_series(
    series: WeeklySeries, *, harmonics: int = 1, lag_weeks: int = 1, draws: int = 500, warmup: int = 500,
    chains: int = 2, seed: int = 0,
) -> dict[str, Array]:  # fmt: skip
    """Draw from the posterior of `fit_series` under its standard prior, with NUTS.

    Parameters
    ----------
    series, harmonics, lag_weeks
        As in `fit_series`.
    draws, warmup, chains
        Of the sampler.
    seed
        Of the sampler.

    Returns
    -------
    dict
        Draws of `strike_effect` and the parameters of `HYPER`, and `r_hat`, the largest of them.

    Raises
    ------
    UsageError
        NumPyro is not installed.
    """
    try:
        import jax
        import numpyro
    except ImportError:
        raise UsageError(
            "sampling needs NumPyro; install it with: pip install 'afterstrike[bayes]'"
        ) from None
    prior = SeriesPrior()
    problem = make_problem(series, prior, harmonics, lag_weeks)
    with jax.enable_x64(True):
        kernel = numpyro.infer.NUTS(_model(problem), target_accept_prob=0.9)
        run = numpyro.infer.MCMC(
            kernel, num_warmup=warmup, num_samples=draws, num_chains=chains, chain_method="sequential",
            progress_bar=False,
        )  # fmt: skip
        run.run(jax.random.PRNGKey(seed))
        grouped = run.get_samples(group_by_chain=True)
        names = ("strike_effect", *HYPER)
        r_hat = max(
            float(numpyro.diagnostics.split_gelman_rubin(np.asarray(grouped[name]))) for name in names
        )
        found = {name: np.asarray(grouped[name]).reshape(-1) for name in names}
    return {**found, "r_hat": np.array(r_hat)}


def _model(problem: Any) -> Any:
    """Give the model: priors as in `SeriesPrior()`, the walk by its steps, sums by matrix."""
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist
    from jax.scipy.special import gammaln

    counts, seen = jnp.asarray(problem.counts), jnp.asarray(problem.seen)
    weeks = counts.shape[1]
    gap = np.subtract.outer(np.arange(weeks), np.arange(weeks)).astype(float)
    behind, struck = jnp.asarray(gap), jnp.asarray(problem.strikes)
    before, enough = jnp.asarray(gap >= 1), jnp.asarray(gap >= problem.lag)
    carried, columns = jnp.asarray(problem.carried), jnp.asarray(problem.columns)

    def lognormal(name: str, low: float, high: float) -> Any:
        sd = math.log(high / low) / (2 * 1.6448536269514722)
        return numpyro.sample(name, dist.LogNormal(math.log(low * high) / 2, sd))

    def model() -> None:
        halflife = lognormal("lull_halflife", 5, 60)
        drift = numpyro.sample("drift_sd", dist.HalfNormal(0.04))
        ratio = numpyro.deterministic("variance_ratio", 1.0 + lognormal("excess", 0.1, 3.0))
        n = numpyro.sample("branching_ratio", dist.Beta(5.0, 7.5))
        days = lognormal("excitation_days", 7, 42)
        effect = numpyro.sample("strike_effect", dist.Normal(*problem.strike_effect))
        waves = numpyro.sample("waves", dist.Normal(0, jnp.asarray(problem.column_sd)).to_event(1))
        start = numpyro.sample("start", dist.Normal(*problem.level))
        moved = numpyro.sample("moved", dist.Normal(0, 1).expand([weeks - 1]).to_event(1))
        walk = start + jnp.concatenate([jnp.zeros(1), jnp.cumsum(moved) * drift * math.sqrt(DAYS)])
        keep = 2.0 ** (-DAYS / halflife)
        held = jnp.where(enough, keep ** jnp.where(enough, behind, 1.0), 0.0) @ struck
        rho = jnp.exp(-1.0 / days)
        week = rho**7
        own = 1.0 - (1.0 - week) / (7.0 * (1.0 - rho))
        later = jnp.where(before, week ** jnp.where(before, behind - 1.0, 1.0), 0.0) @ carried
        echo = later / 7.0 * (1.0 - week) ** 2 / (1.0 - rho)
        gain = 1.0 / (1.0 - n * own)
        eta = walk + columns @ waves + effect * jnp.expm1(-problem.unit * held)
        mean = gain * ((1.0 - n) * jnp.exp(eta) + n * echo)
        shares = jnp.ones(1)
        if len(counts) > 1:
            spread = dist.LogNormal(0, problem.share_sd).expand([len(counts) - 1]).to_event(1)
            shares = jnp.concatenate([shares, numpyro.sample("shares", spread)])
        excess = ratio * gain**2 - 1.0
        r = shares[:, None] * mean / excess
        each = (
            gammaln(counts + r)
            - gammaln(r)
            - r * jnp.log1p(excess)
            + counts * jnp.log(excess / (1.0 + excess))
        )
        numpyro.factor("counts", (each * seen).sum())

    return model
