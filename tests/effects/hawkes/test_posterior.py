"""Bayesian intervals: the same likelihood, agreement where data are plenty, the prior where they are not."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from afterstrike.effects import HawkesPosterior, fit_hawkes, sample_hawkes, simulate_hawkes
from afterstrike.effects._hawkes._fit import HawkesFit
from afterstrike.errors import EstimateRefused, UsageError

needs_numpyro = pytest.mark.skipif(
    not all(find_spec(name) for name in ("jax", "numpyro")),
    reason="NumPyro is not installed (extra: bayes)",
)


def fitted(duration: int, seed: int, *, effect: float = -0.6) -> HawkesFit:
    rng = np.random.default_rng(seed)
    struck = np.sort(rng.choice(duration, max(duration // 25, 2), replace=False))
    lift = np.zeros(duration)
    for day in struck:
        lift[day + 1 : day + 8] += effect
    times = simulate_hawkes(duration, rate=2 * np.exp(lift), branching_ratio=0.4, memory_days=7.0, seed=rng)
    return fit_hawkes(times, float(duration), strikes=struck, lags=((1, 7),))


@pytest.fixture(scope="module")
def plenty() -> HawkesPosterior:
    return sample_hawkes(fitted(2500, 1), draws=300, warmup=200, chains=2)


@needs_numpyro
def test_the_likelihood_is_that_of_the_fit() -> None:
    import jax

    from afterstrike.effects._hawkes._sampler import log_likelihood

    rng = np.random.default_rng(3)
    fit = fit_hawkes(
        rng.uniform(0, 200, 120), 200.0, zones=rng.choice(["a", "b"], 120).tolist(), strikes=[20.0, 90.0, 150.0],
        strike_zones=["a", "a", "b"], lags=((1, 20),), drift_days=80.0, cycles=(7.0,), gaps=[(60, 75)],
    )  # fmt: skip
    q = rng.normal(0, 0.3, len(fit.names))
    q[-2:] = math.log(0.45), -1.2
    with jax.enable_x64(True):
        found = float(log_likelihood(fit.data)(np.array([*q[:-2], math.log(0.45 / 0.55), 1.2])))
    assert found == pytest.approx(fit.model.value(q)[0], rel=1e-9)


@pytest.mark.slow
@needs_numpyro
def test_posterior_and_likelihood_agree_where_data_are_plenty(plenty: HawkesPosterior) -> None:
    table = plenty.to_frame().set_index("parameter")
    for name in ("log rate, all", "strike, days 1 to 7", "branching ratio"):
        row = table.loc[name]
        spread = (row["likelihood_high"] - row["likelihood_low"]) / 3.92
        assert abs(row["median"] - row["likelihood_estimate"]) < 0.6 * spread, name
        assert 0.6 < (row["high"] - row["low"]) / (3.92 * spread) < 1.3, name
    assert table.loc["strike, days 1 to 7", "high"] < 0
    memory = table.loc["memory, days"]
    assert memory["low"] < 7 < memory["high"]
    told, before = (math.log(memory[f"{what}high"] / memory[f"{what}low"]) for what in ("", "prior_"))
    assert told < 0.7 * before


@pytest.mark.slow
@needs_numpyro
def test_priors_are_those_stated(plenty: HawkesPosterior) -> None:
    table = plenty.to_frame(0.9).set_index("parameter")
    n, lag, effect = (table.loc[name] for name in ("branching ratio", "memory, days", "strike, days 1 to 7"))
    assert n["prior_low"] == pytest.approx(0.2, abs=0.02) and n["prior_high"] == pytest.approx(0.65, abs=0.03)
    assert (lag["prior_low"], lag["prior_high"]) == pytest.approx((7, 42))
    assert (effect["prior_low"], effect["prior_high"]) == pytest.approx((-0.5757, 0.5757), abs=1e-3)


@needs_numpyro
def test_the_log_prior_is_the_density_of_the_unbounded_parameters() -> None:
    import jax
    from scipy.stats import beta, norm

    from afterstrike.effects._hawkes._sampler import Prior, _log_prior

    prior = Prior(np.array([0.3, 0.0]), np.array([2.0, 0.35]), (4.8, 7.2), (2.8, 0.5))

    def stated(theta: np.ndarray) -> float:
        n = 1 / (1 + math.exp(-theta[2]))
        density = beta.logpdf(n, 4.8, 7.2) + math.log(n * (1 - n)) + norm.logpdf(theta[3], 2.8, 0.5)
        return float(density + norm.logpdf(theta[:2], prior.mean, prior.spread).sum())

    one, two = np.array([0.1, -0.4, -0.7, 2.0]), np.array([1.0, 0.2, 0.9, 3.5])
    with jax.enable_x64(True):
        apart = float(_log_prior(one, prior) - _log_prior(two, prior))
    assert apart == pytest.approx(stated(one) - stated(two), rel=1e-9)


@pytest.mark.slow
@needs_numpyro
def test_ratios_are_those_of_the_totals(plenty: HawkesPosterior) -> None:
    from afterstrike.effects._hawkes._effects import added

    row = plenty.rate_ratios((7,)).iloc[0]
    found = added(plenty.fit, [7])
    ratio = found.observed[0] / (found.observed[0] - found.total[0])
    assert row["low"] < ratio < row["high"] < 1
    assert row["rate_ratio"] == pytest.approx(ratio, abs=0.03) and row["chance_fewer"] > 0.99
    assert row["reason"] == ""
    # The interval is as wide as that of the estimate, in which what was observed is chance too.
    width = math.log(row["high"] / row["low"]) / 3.92
    assert width == pytest.approx(math.sqrt(found.log_model_covariance[0, 0]), rel=0.25)


@pytest.mark.slow
@needs_numpyro
def test_sampling_is_checked_and_falls_back_on_the_prior_where_data_are_few(
    plenty: HawkesPosterior,
) -> None:
    assert plenty.check.table["divergent"].iloc[0] == 0 and plenty.check.table["r_hat"].iloc[0] < 1.05
    few = fitted(60, 5, effect=0.0)
    one = sample_hawkes(few, draws=50, warmup=50, chains=2, seed=4)
    # 100 draws are not enough, and the check says so.
    assert one.check.passed is False and "effective draws" in one.check.text
    row = one.to_frame().set_index("parameter").loc["strike, days 1 to 7"]
    prior, width = row["prior_high"] - row["prior_low"], row["high"] - row["low"]
    assert width > 0.5 * prior
    with pytest.raises(UsageError, match="whole days"):
        one.rate_ratios((0,))
    # Two strikes are no evidence, and none on record is not a chance of nought.
    ratios = one.rate_ratios((7, 59))
    assert (
        ratios["reason"].str.contains("of 2 struck days have").all() and "at least 10" in ratios["reason"][0]
    )
    assert ratios[["rate_ratio", "low", "high", "chance_fewer"]].isna().all(axis=None)
    with pytest.raises(EstimateRefused, match="no strikes"):
        replace(one, fit=fit_hawkes(few.data.time, 60.0)).rate_ratios((7,))


def test_what_is_not_allowed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fitted(200, 2)
    for options, word in (
        ({"memory_days": (9.0, 3.0)}, "memory_days"), ({"draws": 5}, "draws"), ({"chains": 1}, "chains"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=word):
            sample_hawkes(fit, **options)  # type: ignore[arg-type]
    times = fit.data.time
    with pytest.raises(UsageError, match="exponential"):
        sample_hawkes(fit_hawkes(times, 200.0, kernel="power"))
    for name in ("numpyro", "jax"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "afterstrike.effects._hawkes._sampler", raising=False)
    with pytest.raises(UsageError, match=r"afterstrike\[bayes\]"):
        sample_hawkes(fit)
