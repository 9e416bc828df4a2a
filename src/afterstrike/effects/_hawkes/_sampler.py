"""The posterior of a Hawkes model in JAX: prior and likelihood in one pass over the events, NUTS from NumPyro.

Kept apart because JAX and NumPyro are an extra, and take seconds to import. Parameters, in order: the
coefficients of the log baseline, the logit of the branching ratio, the log of the mean lag.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import xlog1py, xlogy
from numpyro.diagnostics import effective_sample_size, split_gelman_rubin
from numpyro.infer import MCMC, NUTS

from ._data import Floats, HawkesData

__all__ = ["Prior", "Sampled", "log_likelihood", "sample"]


@dataclass(frozen=True)
class Prior:
    """Normal for the baseline's coefficients and the log mean lag, Beta for the branching ratio."""

    mean: Floats
    spread: Floats
    beta: tuple[float, float]
    log_memory: tuple[float, float]


@dataclass(frozen=True)
class Sampled:
    """Draws of shape (chains, draws, parameters), divergent transitions, R-hat and effective draws."""

    draws: Floats
    divergent: int
    r_hat: Floats
    effective: Floats


def log_likelihood(data: HawkesData) -> Callable[[Any], Any]:
    """Give the log-likelihood as a function of the parameters.

    What is held of earlier events follows `held = fade * (held before + 1)`, one step an event.
    """
    gap = np.diff(data.time, prepend=0.0)
    is_first = np.zeros(len(data.time), bool)
    is_first[data.bounds[:-1][np.diff(data.bounds) > 0]] = True
    left = np.repeat(data.end, np.diff(data.bounds)) - data.time
    zones = len(data.zones)
    zone = data.sequence_zone[np.repeat(np.arange(len(data.begin)), np.diff(data.first_cell))]
    other = data.columns[:, zones:].toarray() if data.columns.shape[1] > zones else np.zeros((len(zone), 0))
    gap, is_first, left, zone, other, cell, width = (
        jnp.asarray(part) for part in (gap, is_first, left, zone, other, data.cell, data.width)
    )

    def step(held: Any, fade: Any) -> Any:
        held = fade * (held + 1.0)
        return held, held

    def value(theta: Any) -> Any:
        log_base = theta[:zones][zone] + other @ theta[zones:-2]
        n, rate = jax.nn.sigmoid(theta[-2]), jnp.exp(-theta[-1])
        fade = jnp.where(is_first, 0.0, jnp.exp(-rate * jnp.where(is_first, 0.0, gap)))
        held = jax.lax.scan(step, jnp.zeros_like(rate), fade)[1]
        intensity = jnp.exp(log_base)[cell] + n * rate * held
        spent = (width * jnp.exp(log_base)).sum() - n * jnp.expm1(-rate * left).sum()
        return jnp.log(intensity).sum() - spent

    return value


def _log_prior(theta: Any, prior: Prior) -> Any:
    """Give the log prior density, up to a constant, on the scale of the parameters."""
    a, b = prior.beta
    n = jax.nn.sigmoid(theta[-2])
    lag = (theta[-1] - prior.log_memory[0]) / prior.log_memory[1]
    base = (theta[:-2] - prior.mean) / prior.spread
    # With the Jacobian n (1 - n) of the logit.
    return xlogy(a, n) + xlog1py(b, -n) - 0.5 * lag**2 - 0.5 * (base**2).sum()


def sample(
    data: HawkesData, prior: Prior, start: Floats, *, draws: int, warmup: int, chains: int, seed: int
) -> Sampled:
    """Draw from the posterior with NUTS, on axes turned so that near its peak it is a round normal."""
    from scipy.optimize import minimize

    with jax.enable_x64(True):
        likelihood = log_likelihood(data)

        def loss(theta: Any) -> Any:
            return -likelihood(theta) - _log_prior(theta, prior)

        slope = jax.jit(jax.value_and_grad(loss))

        def with_numbers(theta: Floats) -> tuple[float, Floats]:
            value, gradient = slope(theta)
            return float(value), np.asarray(gradient, np.float64)

        peak = minimize(with_numbers, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000}).x
        moves = 1e-4 * np.eye(len(peak))
        slopes = [(with_numbers(peak + move)[1], with_numbers(peak - move)[1]) for move in moves]
        bend = np.array([up - down for up, down in slopes]) / 2e-4
        values, axes = np.linalg.eigh((bend + bend.T) / 2)
        turn = axes / np.sqrt(np.maximum(values, 1e-3 * np.median(values)))
        kernel = NUTS(potential_fn=lambda z: loss(peak + jnp.asarray(turn) @ z), target_accept_prob=0.9)
        mcmc = MCMC(
            kernel, num_warmup=warmup, num_samples=draws, num_chains=chains, chain_method="vectorized",
            progress_bar=False,
        )  # fmt: skip
        first = np.random.default_rng(seed).normal(0, 0.5, (chains, len(peak)))
        mcmc.run(
            jax.random.PRNGKey(seed), init_params=jnp.asarray(first if chains > 1 else first[0]),
            extra_fields=("diverging",),
        )  # fmt: skip
        drawn = np.asarray(mcmc.get_samples(group_by_chain=True))
        divergent = int(np.asarray(mcmc.get_extra_fields()["diverging"]).sum())
    found = peak + drawn @ turn.T
    return Sampled(
        found, divergent, np.asarray(split_gelman_rubin(found)), np.asarray(effective_sample_size(found))
    )
