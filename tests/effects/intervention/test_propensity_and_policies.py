"""Propensities by exact likelihood, policies, weights and what they are worth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from afterstrike.effects import (
    SpaceTime,
    Surface,
    expected_effective_sample,
    fit_propensity,
    policy_of_intensity,
    policy_weights,
    power_density,
    relocated_strikes,
    scaled_density,
    scaled_strikes,
)
from afterstrike.effects._intervention._density import log_density
from afterstrike.effects._intervention._fit import fit_pixels
from afterstrike.errors import EstimateRefused, UsageError

N = 60
WINDOW = [(0, 0), (100, 0), (80, 60), (20, 60)]


@pytest.fixture(scope="module")
def space() -> SpaceTime:
    return SpaceTime.from_km(WINDOW, shape=(18, 30), n_periods=N)


@pytest.fixture(scope="module")
def surfaces(space: SpaceTime) -> list[Surface]:
    rng = np.random.default_rng(2)
    x, _ = np.meshgrid(space.x_km, space.y_km)
    return [
        Surface("east", x / 100),
        Surface("moving", rng.normal(size=(N, *space.shape))),
        Surface("day", np.linspace(-1, 1, N)),
    ]


@pytest.fixture(scope="module")
def strikes(space: SpaceTime, surfaces: list[Surface]):
    rng = np.random.default_rng(3)
    log = -8 + 1.5 * surfaces[0].values + 0.5 * surfaces[1].values + 0.7 * surfaces[2].values[:, None, None]
    counts = rng.poisson(np.where(space.inside, np.exp(log), 0) * space.pixel_km2 * 1.5)
    t, row, column = np.nonzero(counts)
    each = counts[t, row, column]
    t, row, column = (np.repeat(index, each) for index in (t, row, column))
    return space.points_km(space.x_km[column], space.y_km[row], t)


def test_the_fit_solves_the_score_and_finds_the_truth(space, surfaces, strikes) -> None:
    fitted = fit_propensity(space, strikes, surfaces)
    assert fitted.expected.sum() == pytest.approx(len(strikes), rel=1e-9)
    error = np.sqrt(np.diag(fitted.covariance))
    truth = np.array([-8 + math.log(1.5), 1.5, 0.5, 0.7])
    assert (np.abs(fitted.coefficients - truth) < 4 * error).all()
    # The score of each covariate: sum over strikes equals the integral.
    for k, surface in enumerate(surfaces):
        values = surface.inside(space)
        image = np.exp(fitted.log_inside(0, N)) * space.pixel_km2
        row, column = space.pixel_of(strikes.x_km, strikes.y_km)
        full = np.broadcast_to(
            surface.values if surface.values.ndim != 1 else surface.values[:, None, None], (N, *space.shape)
        )
        assert full[strikes.period, row, column].sum() == pytest.approx((image * values).sum(), rel=1e-8), k


def test_static_and_repeated_surfaces_give_the_same_fit(space, surfaces, strikes) -> None:
    east = surfaces[0]
    still, errors = fit_pixels(space, strikes, [east])
    moving, same = fit_pixels(space, strikes, [Surface("east", np.repeat(east.values[None], N, axis=0))])
    np.testing.assert_allclose(still, moving, rtol=1e-9)
    np.testing.assert_allclose(errors, same, rtol=1e-8)


def test_expected_strikes_add_up_but_not_under_the_peer(space, surfaces, strikes) -> None:
    ours = fit_propensity(space, strikes, surfaces[:1])
    peer = fit_propensity(space, strikes, surfaces[:1], convention="geocausal-0.4")
    assert ours.expected.sum() == pytest.approx(len(strikes), rel=1e-9)
    assert abs(peer.expected.sum() - len(strikes)) > 1e-4 * len(strikes)
    np.testing.assert_allclose(peer.coefficients, ours.coefficients, rtol=0.1)


def test_propensity_refusals(space, surfaces, strikes) -> None:
    east = surfaces[0]
    with pytest.raises(EstimateRefused, match="linear combinations"):
        fit_propensity(space, strikes, [east, Surface("west", 1 - 2 * east.values)])
    with pytest.raises(EstimateRefused, match="same everywhere"):
        fit_propensity(space, strikes, [Surface("flat", np.ones(space.shape))])
    with pytest.raises(EstimateRefused, match="no strikes"):
        fit_propensity(space, space.points_km([], [], []), [east])
    with pytest.raises(UsageError, match="shape"):
        fit_propensity(space, strikes, [Surface("x", np.ones((3, 3)))])
    with pytest.raises(UsageError, match="model"):
        fit_propensity(space, strikes, [east], model="gaussian")  # type: ignore[arg-type]


def test_coefficients_on_other_periods(space, surfaces, strikes) -> None:
    fitted = fit_propensity(space, strikes, surfaces[:1])
    again = fitted.on(space, strikes, surfaces[:1])
    np.testing.assert_allclose(again.log_density, fitted.log_density)
    policy = scaled_strikes(again, 2.0)
    np.testing.assert_allclose(policy.expected, 2 * fitted.expected)
    np.testing.assert_allclose(policy.sum_log, fitted.sum_log + fitted.n_strikes * math.log(2))
    with pytest.raises(UsageError, match="in this order"):
        fitted.on(space, strikes, [])


@pytest.mark.parametrize("size", [math.inf, 0.4, 5.0])
def test_density_is_that_of_number_and_places(size: float) -> None:
    n, expected, places = np.arange(6), np.full(6, 2.5), 3.0
    # n strikes where the intensity is expected / places everywhere.
    ours = log_density(n, expected, n * np.log(expected / places), size)
    number = poisson.logpmf(n, 2.5) if math.isinf(size) else nbinom.logpmf(n, size, size / (size + 2.5))
    from scipy.special import gammaln

    np.testing.assert_allclose(ours, number + gammaln(n + 1) - n * math.log(places), rtol=1e-10)


def test_dispersion_is_tested_and_fitted() -> None:
    rng = np.random.default_rng(4)
    space = SpaceTime.from_km((0, 0, 10, 10), shape=4, n_periods=2000)
    for size, passed in ((math.inf, True), (0.5, False)):
        mean = 3.0 if math.isinf(size) else 3.0 * rng.gamma(size, 1 / size, 2000)
        counts = rng.poisson(mean, 2000)
        t = np.repeat(np.arange(2000), counts)
        strikes = space.points_km(rng.uniform(0, 10, len(t)), rng.uniform(0, 10, len(t)), t)
        fitted = fit_propensity(space, strikes, [], model="negative_binomial")
        assert fitted.dispersion.passed is passed
        if passed:
            assert fitted.size > 30
        else:
            assert fitted.size == pytest.approx(0.5, rel=0.1)
            # Errors allow for it: the rate's relative error is that of a mean of such counts.
            error = math.sqrt(fitted.covariance[0, 0])
            assert error == pytest.approx(math.sqrt((3 + 9 / 0.5) / 2000) / 3, rel=0.15)


def test_policies_and_how_densities_are_read(space, surfaces, strikes) -> None:
    even = np.where(space.inside, 1.0, np.nan)
    policy = scaled_density(space, strikes, even, 3.0)
    np.testing.assert_allclose(policy.expected, 3.0)
    area = space.inside.sum() * space.pixel_km2
    np.testing.assert_allclose(policy.sum_log, strikes.per_period(N) * math.log(3 / area))
    east = np.exp(surfaces[0].values)
    power = power_density(space, [(east, 2.0), (even, 0.0)])
    moved = relocated_strikes(space, strikes, even, 3.0, power)
    np.testing.assert_allclose(moved.expected, 3.0)
    stack = np.repeat((even * 3 / area)[None], N, axis=0)
    np.testing.assert_allclose(policy_of_intensity(space, strikes, stack).sum_log, policy.sum_log)
    with pytest.raises(UsageError, match="negative"):
        policy_of_intensity(space, strikes, -even)
    with pytest.raises(UsageError, match="shape"):
        policy_of_intensity(space, strikes, lambda period: np.ones((2, 2)))


def test_strikes_at_the_border_are_kept_but_dropped_by_the_peer(space) -> None:
    # In the half pixel at the border some of the four surrounding centres lie outside.
    strikes = space.points_km([18.6, 50.0], [55.0, 30.0], [0, 1])
    even = np.where(space.inside, 1.0, np.nan)
    ours = scaled_density(space, strikes, even, 1.0)
    peer = scaled_density(space, strikes, even, 1.0, convention="geocausal-0.4")
    assert (ours.n_unread, peer.n_unread) == (0, 1)
    assert ours.sum_log[0] == pytest.approx(ours.sum_log[1])
    assert peer.sum_log[0] == 0


def test_weights_of_what_was_done_are_one(space, surfaces, strikes) -> None:
    fitted = fit_propensity(space, strikes, surfaces)
    same = policy_weights(fitted, scaled_strikes(fitted, 1.0), lag=3)
    np.testing.assert_allclose(same.weights, 1.0, rtol=1e-12)
    assert same.effective_sample == pytest.approx(N - 3)
    assert same.outcome_period.tolist() == list(range(3, N))
    more = scaled_strikes(fitted, 1.3)
    ratio = more.log_density - fitted.log_density
    three = policy_weights(fitted, more, lag=3)
    np.testing.assert_allclose(three.log_weights[5], ratio[5:8].sum())
    first = policy_weights(fitted, more, lag=3, span="first_period")
    np.testing.assert_allclose(first.log_weights, ratio[: N - 3])
    now = policy_weights(fitted, more, lag=1, same_period=True)
    assert now.outcome_period.tolist() == list(range(N))


def test_no_truncation_by_default_but_the_peers_default_is_missing(space, surfaces, strikes) -> None:
    fitted = fit_propensity(space, strikes, surfaces[:1])
    policy = scaled_strikes(fitted, 2.0)
    plain = policy_weights(fitted, policy, lag=1)
    assert np.isfinite(plain.weights).all() and plain.n_truncated == 0 and math.isinf(plain.truncated_at)
    peer = policy_weights(fitted, policy, lag=1, convention="geocausal-0.4")
    assert np.isnan(peer.weights).all()
    cut = policy_weights(fitted, policy, lag=1, truncation=0.9)
    assert cut.weights.max() == pytest.approx(np.quantile(plain.weights, 0.9))
    assert cut.n_truncated == (plain.weights > cut.truncated_at * (1 + 1e-12)).sum() > 0
    assert cut.effective_sample > plain.effective_sample


def test_weights_too_large_for_a_number(space, surfaces, strikes) -> None:
    fitted = fit_propensity(space, strikes, surfaces[:1])
    tiny = policy_of_intensity(space, strikes, np.where(space.inside, 1e300, np.nan))
    made = policy_weights(fitted, tiny, lag=1)
    assert np.isfinite(made.shares).all() and made.shares.sum() == pytest.approx(1)
    assert policy_weights(fitted, tiny, lag=1, truncation=0.9).effective_sample >= 1


def test_weight_refusals(space, surfaces, strikes) -> None:
    fitted = fit_propensity(space, strikes, surfaces[:1])
    policy = scaled_strikes(fitted, 1.1)
    for bad in ({"lag": 0}, {"lag": N}, {"lag": 1, "truncation": 0.2}, {"lag": 1, "span": "all"}):
        with pytest.raises(UsageError):
            policy_weights(fitted, policy, **bad)
    never = policy_of_intensity(space, strikes, np.where(space.inside, 0.0, np.nan))
    assert np.isneginf(never.sum_log[never.n_strikes > 0]).all()
    quiet = never.n_strikes == 0
    if not quiet.any():
        with pytest.raises(EstimateRefused, match="no chance"):
            policy_weights(fitted, never, lag=1)
    with pytest.raises(UsageError, match="factor"):
        scaled_strikes(fitted, -1)


@pytest.mark.parametrize("size", [math.inf, 3.0])
def test_expected_sample_of_a_relocation_is_what_weights_leave(size: float) -> None:
    n, mean = 20_000, 1.5
    rng = np.random.default_rng(12)
    space = SpaceTime.from_km((0, 0, 10, 10), shape=2, n_periods=n)
    counts = rng.poisson(mean if math.isinf(size) else mean * rng.gamma(size, 1 / size, n), n)
    t = np.repeat(np.arange(n), counts)
    strikes = space.points_km(rng.uniform(0, 10, len(t)), rng.uniform(0, 10, len(t)), t)
    fitted = fit_propensity(space, strikes, [], model="poisson" if math.isinf(size) else "negative_binomial")
    even, tilt = np.ones((2, 2)), np.array([[1.0, 1.0], [1.0, 2.0]])
    policy = relocated_strikes(space, strikes, even, 1.2 * mean, tilt, size=fitted.size)
    for lag in (1, 3):
        made = policy_weights(fitted, policy, lag=lag)
        assert made.mean_weight == pytest.approx(1, abs=0.03)
        assert made.effective_sample == pytest.approx(made.expected_sample, rel=0.08)
    moving = policy_of_intensity(
        space, strikes, lambda period: np.full((2, 2), 0.014 + 0.004 * (period % 2)), size=fitted.size
    )
    made = policy_weights(fitted, moving, lag=2)
    assert made.effective_sample == pytest.approx(made.expected_sample, rel=0.1)


def test_expected_sample_where_the_laws_of_the_number_differ() -> None:
    n, size = 40_000, 4.0
    rng = np.random.default_rng(13)
    space = SpaceTime.from_km((0, 0, 10, 10), shape=2, n_periods=n)
    counts = rng.poisson(1.5 * rng.gamma(size, 1 / size, n))
    t = np.repeat(np.arange(n), counts)
    strikes = space.points_km(rng.uniform(0, 10, len(t)), rng.uniform(0, 10, len(t)), t)
    fitted = fit_propensity(space, strikes, [], model="negative_binomial")
    even = np.ones((2, 2))
    made = policy_weights(fitted, scaled_density(space, strikes, even, 1.4), lag=1)
    assert made.mean_weight == pytest.approx(1, abs=0.02)
    assert made.effective_sample == pytest.approx(made.expected_sample, rel=0.05)
    close = policy_weights(fitted, scaled_density(space, strikes, even, 1.5, size=fitted.size * 1.001), lag=1)
    same = policy_weights(fitted, scaled_density(space, strikes, even, 1.5, size=fitted.size), lag=1)
    assert close.expected_sample == pytest.approx(same.expected_sample, rel=1e-3)
    poisson_fit = fit_propensity(space, strikes, [])
    never = policy_weights(poisson_fit, scaled_density(space, strikes, even, 1.5, size=0.5), lag=1)
    assert never.usable_sample == 0


def test_rare_weights_that_were_not_drawn_are_counted(space, surfaces, strikes) -> None:
    """Sixfold strikes: the weights at hand look usable, the policy says that they are not."""
    fitted = fit_propensity(space, strikes, surfaces)
    made = policy_weights(fitted, scaled_strikes(fitted, 6.0), lag=1)
    assert made.effective_sample > 1 and made.expected_sample < 1e-6
    assert made.usable_sample == made.expected_sample
    cut = policy_weights(fitted, scaled_strikes(fitted, 6.0), lag=1, truncation=0.5)
    assert cut.effective_sample > 30 > cut.usable_sample
    same = policy_weights(fitted, scaled_strikes(fitted, 1.0), lag=4)
    assert same.usable_sample == pytest.approx(N - 4)


@pytest.mark.parametrize("size", [math.inf, 0.4, 3.0])
def test_expected_effective_sample_is_what_weights_leave(size: float) -> None:
    rng = np.random.default_rng(6)
    n, mean, factor = 200_000, 1.2, 1.5
    counts = rng.poisson(mean if math.isinf(size) else mean * rng.gamma(size, 1 / size, n), n)
    one, two = np.full(n, mean), np.full(n, factor * mean)
    zero = np.zeros(n)
    ratio = log_density(counts, two, zero + counts * math.log(factor), size) - log_density(
        counts, one, zero, size
    )
    weight = np.exp(ratio)
    found = weight.sum() ** 2 / (weight**2).sum()
    told = expected_effective_sample(n_periods=n, strikes_per_period=mean, factor=factor, lag=1, size=size)
    assert weight.mean() == pytest.approx(1, abs=0.02)
    assert found == pytest.approx(told, rel=0.05)


def test_doubling_iraqs_strikes_is_known_to_be_hopeless() -> None:
    asked = {"n_periods": 499, "strikes_per_period": 4.9, "factor": 2.0}
    assert expected_effective_sample(**asked, lag=1) == pytest.approx(3.7, abs=0.05)
    assert expected_effective_sample(**asked, lag=7) < 1e-10
    assert expected_effective_sample(n_periods=9, strikes_per_period=0, factor=2, lag=1) == 9
    assert expected_effective_sample(n_periods=9, strikes_per_period=50, factor=9, lag=1, size=0.01) < 9
    with pytest.raises(UsageError):
        expected_effective_sample(n_periods=9, strikes_per_period=-1, factor=2, lag=1)
