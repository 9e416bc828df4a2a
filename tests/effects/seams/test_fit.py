"""The fit against dummies and a general optimiser, and the error against fits without each zone."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import gammaln

from afterstrike.effects._seams._checks import quick_t
from afterstrike.effects._seams._fit import (
    CountPanel,
    Model,
    NoFit,
    fit_counts,
    leave_zones_out,
    residualise,
    without_empty,
)

Floats = npt.NDArray[np.float64]


def panel(
    seed: int = 0, zones: int = 6, periods: int = 12, columns: int = 1, missing: float = 0.0
) -> CountPanel:
    rng = np.random.default_rng(seed)
    exposure = rng.normal(size=(columns, zones, periods)).cumsum(axis=2) / 2
    mean = np.exp(1 + rng.normal(0, 0.5, (zones, 1)) + rng.normal(0, 0.3, periods) + 0.3 * exposure[0])
    counts = rng.negative_binomial(2, 2 / (2 + mean)).astype(float)
    return CountPanel(counts, exposure, rng.random((zones, periods)) >= missing)


def by_optimiser(data: CountPanel, dispersed: bool) -> tuple[Floats, float]:
    """Maximise the likelihood with one dummy a zone and period; give coefficients and alpha."""
    data = without_empty(data)
    zone, period = np.nonzero(data.known)
    y = data.counts[data.known]
    x = data.exposure[:, data.known].T
    n_zones, n_periods = data.counts.shape
    dummies = np.hstack([np.eye(n_zones)[zone], np.eye(n_periods)[period][:, 1:]])
    design = np.hstack([x, dummies[:, dummies.any(axis=0)]])

    def loss(parameters: Floats) -> tuple[float, Floats]:
        mean = np.exp(design @ parameters[:-1])
        if not dispersed:
            gradient = design.T @ (mean - y)
            return float((mean - y * np.log(mean)).sum()), np.append(gradient, 0.0)
        alpha = np.exp(parameters[-1])
        size = 1 / alpha

        def value(log_alpha: float) -> float:
            a = np.exp(log_alpha)
            terms = (
                gammaln(y + 1 / a) - gammaln(1 / a) - (y + 1 / a) * np.log1p(a * mean) + y * np.log(a * mean)
            )
            return -float(terms.sum())

        slope = design.T @ ((y + size) * alpha * mean / (1 + alpha * mean) - y)
        step = 1e-6
        tilt = (value(parameters[-1] + step) - value(parameters[-1] - step)) / (2 * step)
        return value(parameters[-1]), np.append(slope, tilt)

    start = np.zeros(design.shape[1] + 1)
    found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 5000})
    return found.x[: x.shape[1]], float(np.exp(found.x[-1]))


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_poisson_is_that_of_dummies(columns: int, missing: float) -> None:
    data = panel(1, columns=columns, missing=missing)
    expected, _ = by_optimiser(data, dispersed=False)
    np.testing.assert_allclose(fit_counts(data).beta, expected, atol=2e-5)


def test_negative_binomial_is_that_of_dummies() -> None:
    data = panel(2, zones=8, periods=20)
    expected, alpha = by_optimiser(data, dispersed=True)
    found = fit_counts(data, "negative_binomial")
    np.testing.assert_allclose(found.beta, expected, atol=5e-4)
    assert found.dispersion == pytest.approx(alpha, rel=5e-3)


@pytest.mark.parametrize("model", ["poisson", "negative_binomial"])
def test_the_error_is_that_of_fits_without_each_zone(model: Model) -> None:
    data = panel(3)
    whole = fit_counts(data, model)
    covariance, n = leave_zones_out(data, model, whole)
    betas = []
    for zone in range(6):
        kept = np.arange(6) != zone
        small = CountPanel(data.counts[kept], data.exposure[:, kept], data.known[kept])
        betas.append(fit_counts(small, model).beta[0])
    assert n == 6
    assert covariance[0, 0] == pytest.approx(
        5 / 6 * np.square(np.array(betas) - whole.beta[0]).sum(), rel=1e-3
    )


def test_the_error_in_one_step_is_near_that_of_fits() -> None:
    data = panel(4, zones=20, periods=40)
    whole = fit_counts(data)
    covariance, _ = leave_zones_out(data, "poisson", whole)
    assert quick_t(data, whole) == pytest.approx(whole.beta[0] / np.sqrt(covariance[0, 0]), rel=0.1)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), zones=st.integers(2, 9), periods=st.integers(2, 9))
def test_residuals_have_no_zone_or_period_left(seed: int, zones: int, periods: int) -> None:
    rng = np.random.default_rng(seed)
    weight = rng.gamma(1.0, size=(zones, periods)) * (rng.random((zones, periods)) > 0.2)
    left = residualise(rng.normal(size=(2, zones, periods)), weight) * weight
    assert np.abs(left.sum(axis=1)).max() < 1e-6 and np.abs(left.sum(axis=2)).max() < 1e-6


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(0.01, 100), shift=st.floats(-5, 5))
def test_units_and_levels_of_exposure_do_not_matter(seed: int, scale: float, shift: float) -> None:
    data = panel(seed)
    zone_level = shift * np.arange(6.0)[:, None]
    moved = CountPanel(data.counts, data.exposure * scale + zone_level, data.known)
    assert fit_counts(moved).beta[0] * scale == pytest.approx(fit_counts(data).beta[0], abs=1e-6)


def test_what_zone_and_period_explain_has_no_fit() -> None:
    data = panel(5)
    additive: Any = np.add.outer(np.arange(6.0), np.arange(12.0))[None]
    with pytest.raises(NoFit, match="zone and period explain"):
        fit_counts(CountPanel(data.counts, additive, data.known))
    twice = np.concatenate([data.exposure, 2 * data.exposure + 1])
    with pytest.raises(NoFit, match="cannot be told apart"):
        fit_counts(CountPanel(data.counts, twice, data.known))
    with pytest.raises(NoFit, match="no zone-period"):
        fit_counts(CountPanel(data.counts * 0, data.exposure, data.known))


def test_empty_zones_and_periods_change_nothing() -> None:
    data = panel(6)
    counts = np.pad(data.counts, ((0, 1), (0, 1)))
    exposure = np.pad(data.exposure, ((0, 0), (0, 1), (0, 1)), constant_values=3.0)
    wider = CountPanel(counts, exposure, np.ones(counts.shape, bool))
    assert fit_counts(wider).beta[0] == pytest.approx(fit_counts(data).beta[0], abs=1e-8)
