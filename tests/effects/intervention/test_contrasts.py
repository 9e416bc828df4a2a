"""Contrasts of policies: sums over areas, variances, modification, sensitivity; where the peer differs."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from scipy.optimize import linprog

from afterstrike.effects import (
    SpaceTime,
    Surface,
    areas_of,
    base_density,
    compare_policies,
    distance_areas,
    distance_surface,
    effect_modification,
    fit_propensity,
    hidden_bias_bounds,
    mean_surface,
    policy_weights,
    scaled_density,
    scaled_strikes,
    smooth_events,
)
from afterstrike.effects._intervention._regions import outcome_totals, peer_totals
from afterstrike.effects._intervention._sensitivity import _ratio_bounds, _zero_attainable
from afterstrike.errors import UsageError

PEER = "geocausal-0.4"
# A thin point to the east: the easternmost columns of a grid have no pixel centre inside.
WINDOW = [(0, 0), (60, 0), (70, 28), (100, 30), (70, 32), (60, 60), (0, 60)]
N = 80


class World:
    """Strikes and attacks that have nothing to do with each other."""

    def __init__(self, seed: int = 1, shape: int | tuple[int, int] = 24) -> None:
        rng = np.random.default_rng(seed)
        self.space = SpaceTime.from_km(WINDOW, shape=shape, n_periods=N)
        self.strikes = self.events(rng, 200)
        self.attacks = self.events(rng, 2000)
        self.propensity = fit_propensity(self.space, self.strikes, [])
        self.distance = distance_surface(self.space, (0.0, 30.0), in_km=True)

    def events(self, rng: np.random.Generator, n: int):
        x, y = rng.uniform(0, 100, 3 * n), rng.uniform(0, 60, 3 * n)
        kept = np.flatnonzero(self.space.in_window(x, y))[:n]
        return self.space.points_km(x[kept], y[kept], rng.integers(0, N, n))

    def weights(self, one: float, two: float, lag: int, **options):
        return tuple(
            policy_weights(self.propensity, scaled_strikes(self.propensity, c), lag=lag, **options)
            for c in (one, two)
        )

    def whole(self):
        return areas_of(self.space, {"whole": self.space.window}, in_km=True)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def test_sums_over_distance_bands_add_up_but_not_under_the_peer(world: World) -> None:
    images = smooth_events(world.space, world.attacks, bandwidth_km=10.0)
    areas = distance_areas(world.space, world.distance, (20, 40, 60, 80, 1000))
    ours = outcome_totals(world.space, images, areas)
    assert [area.name for area in areas][-1] == "whole window"
    np.testing.assert_allclose(ours[:, -1], world.attacks.per_period(N), rtol=1e-9)
    np.testing.assert_allclose(ours[:, -2], ours[:, -1])
    assert (np.diff(ours, axis=1) >= -1e-12).all()
    trimmed = distance_surface(world.space, (0.0, 30.0), in_km=True, convention=PEER)
    bands = distance_areas(world.space, trimmed, (20, 40, 60, 80))
    assert not world.space.inside[:, -1].any()
    theirs = np.stack([peer_totals(world.space, images, band, averaged=True) for band in bands], axis=1)
    # Stretched masks lose or double columns, and the farthest pixel is never included.
    assert np.abs(theirs[:, -1] / ours[:, -1] - 1).max() > 0.01


def test_counts_fall_where_they_lie(world: World) -> None:
    half = shapely.box(0, 0, 50, 60)
    areas = areas_of(
        world.space, {"west": half, "mask": world.space.inside & (world.space.x_km < 50)}, in_km=True
    )
    counts = outcome_totals(world.space, world.attacks, areas)
    expected = np.bincount(world.attacks.period[world.attacks.x_km <= 50], minlength=N)
    np.testing.assert_array_equal(counts[:, 0], expected)
    # A mask is known by its pixels only: events in a pixel across the line go with the pixel.
    assert np.abs(counts[:, 1] - expected).max() <= 12 and counts[:, 1].sum() > 0
    with pytest.raises(UsageError, match="no pixel"):
        areas_of(world.space, {"far": shapely.box(500, 500, 501, 501)}, in_km=True)


def test_grids_that_are_not_square_give_the_same_totals_and_the_peer_is_refused() -> None:
    square, flat = World(shape=24), World(shape=(12, 40))
    found = []
    for world in (square, flat):
        images = smooth_events(world.space, world.attacks, bandwidth_km=8.0)
        one, two = world.weights(1, 1.2, 1)
        found.append(compare_policies(world.space, images, world.whole(), one, two))
    np.testing.assert_allclose(found[0]["mean_2"], found[1]["mean_2"], rtol=1e-9)
    np.testing.assert_allclose(found[0]["std_error"], found[1]["std_error"], rtol=1e-6)
    one, two = flat.weights(1, 1.2, 1, truncation=1, convention=PEER)
    with pytest.raises(UsageError, match="12 x 40"):
        compare_policies(flat.space, images, flat.whole(), one, two, convention=PEER)


def test_hajek_ipw_and_surface_agree(world: World) -> None:
    one, two = world.weights(1, 1.5, 2)
    made = compare_policies(world.space, world.attacks, world.whole(), one, two).iloc[0]
    after = world.attacks.per_period(N)[two.outcome_period]
    assert made["mean_2"] == pytest.approx((two.weights * after).sum() / two.weights.sum())
    assert made["ipw_2"] == pytest.approx((two.weights * after).mean())
    assert (
        made["mean_1"] == pytest.approx(after.mean()) and made["estimate"] == made["mean_2"] - made["mean_1"]
    )
    images = smooth_events(world.space, world.attacks, bandwidth_km=5.0)
    surface = mean_surface(images, two)
    assert np.nansum(surface) * world.space.pixel_km2 == pytest.approx(made["mean_2"])


def test_the_bound_neither_explodes_nor_collapses(world: World) -> None:
    """Single weights rule: the peer's bound is wider than the outcome at lag 5, too narrow untruncated."""
    images = smooth_events(world.space, world.attacks, bandwidth_km=8.0)
    even = np.where(world.space.inside, 1.0, np.nan)
    where, spread = world.whole(), world.attacks.per_period(N).std()

    def compare(factors: tuple[float, float], lag: int, truncation: float | None, convention: str):
        policies = [scaled_density(world.space, world.strikes, even, c) for c in factors]
        pair = [
            policy_weights(world.propensity, p, lag=lag, truncation=truncation, convention=convention)
            for p in policies
        ]
        return compare_policies(world.space, images, where, *pair, convention=convention).iloc[0], pair

    peer, pair = compare((4, 12), 5, 0.95, PEER)
    assert min(w.effective_sample for w in pair) < 30
    assert peer["std_error"] > spread and np.isfinite(peer["low"])
    ours, _ = compare((4, 12), 5, 0.95, "afterstrike")
    assert np.isnan([ours["low"], ours["high"], ours["std_error"], ours["p_value"]]).all()
    assert "below 30" in ours["reason"] and np.isfinite(ours["estimate"])
    assert ours["variance_2"] < spread**2

    alone, pair = compare((8, 20), 1, 1, PEER)
    assert min(w.effective_sample for w in pair) < 3
    # As if thirty periods and more stood behind it.
    assert alone["std_error"] < spread / math.sqrt(30)
    ours, _ = compare((8, 20), 1, None, "afterstrike")
    assert np.isnan(ours["low"]) and "below 30" in ours["reason"]


def test_variance_is_that_of_a_mean_where_weights_are_equal(world: World) -> None:
    one, two = world.weights(1, 1, 1)
    made = compare_policies(world.space, world.attacks, world.whole(), one, two).iloc[0]
    assert made["estimate"] == 0 and made["std_error"] == 0
    after = world.attacks.per_period(N)[one.outcome_period]
    assert math.sqrt(made["variance_1"]) == pytest.approx(after.std() / math.sqrt(len(after)), rel=0.4)


def test_contrast_refusals(world: World) -> None:
    one, two = world.weights(1, 1.2, 1)
    other = world.weights(1, 1.2, 2)[1]
    with pytest.raises(UsageError, match="lags 1 and 2"):
        compare_policies(world.space, world.attacks, world.whole(), one, other)
    with pytest.raises(UsageError, match="areas is empty"):
        compare_policies(world.space, world.attacks, [], one, two)
    with pytest.raises(UsageError, match="takes images"):
        compare_policies(world.space, world.attacks, world.whole(), one, two, convention=PEER)
    with pytest.raises(UsageError, match="convention"):
        compare_policies(world.space, world.attacks, world.whole(), one, two, convention="R")  # type: ignore[arg-type]


def test_modification_reads_the_modifier_where_it_is(world: World) -> None:
    """Counts that are a line in x: the curve is that line, and the peer's stretched modifier misses it."""
    rng = np.random.default_rng(8)
    x = rng.beta(2, 1, 40_000) * 100
    y = rng.uniform(0, 60, len(x))
    keep = world.space.in_window(x, y)
    attacks = world.space.points_km(x[keep], y[keep], rng.integers(0, N, keep.sum()))
    east = np.where(world.space.inside, world.space.x_km[None, :], np.nan)
    one, two = world.weights(1, 1.3, 1)
    modifier = Surface("east", east)
    made = effect_modification(world.space, attacks, modifier, one, two, columns=1)
    # Under both policies the pattern is the same; the difference is a share of it.
    contrast = compare_policies(world.space, attacks, world.whole(), one, two).iloc[0]
    assert made.total == pytest.approx(contrast["estimate"], rel=1e-9)
    assert (made.variance >= 0).all() and 0 <= made.p_value <= 1
    single = effect_modification(world.space, attacks, modifier, one, two, columns=3)
    assert single.total == pytest.approx(contrast["estimate"], rel=1e-9) and len(single.coefficients) == 4
    pair = world.weights(1, 1.3, 1, truncation=1, convention=PEER)
    stretched = Surface("east", east, trim=True)
    peer = effect_modification(world.space, attacks, stretched, *pair, columns=1, convention=PEER)
    plain = effect_modification(world.space, attacks, modifier, *pair, columns=1, convention=PEER)
    assert peer.coefficients[1] != pytest.approx(plain.coefficients[1], rel=1e-3)
    with pytest.raises(UsageError, match="too few"):
        effect_modification(world.space, attacks, Surface("two", (east > 50) * 1.0), one, two)


@pytest.mark.parametrize("convention", ["afterstrike", PEER])
def test_a_modifier_may_move_with_time(world: World, convention: str) -> None:
    lag = 2
    more = {"truncation": 1} if convention == PEER else {}
    one, two = world.weights(1, 1.3, lag, convention=convention, **more)
    east = np.where(world.space.inside, world.space.x_km[None, :], np.nan)
    still = effect_modification(
        world.space, world.attacks, Surface("east", east), one, two, convention=convention
    )
    same = np.broadcast_to(east, (N, *east.shape))
    moving = effect_modification(
        world.space, world.attacks, Surface("east", same), one, two, convention=convention
    )
    assert moving.coefficients == pytest.approx(still.coefficients, rel=1e-9)
    assert moving.covariance == pytest.approx(still.covariance, rel=1e-9)
    assert moving.total == pytest.approx(still.total, rel=1e-9)
    # By hand: each outcome is projected on the modifier of the first day under the policy.
    rng = np.random.default_rng(4)
    drawn = np.where(world.space.inside, rng.normal(size=(N, *east.shape)), np.nan)
    made = effect_modification(
        world.space, world.attacks, Surface("drawn", drawn), one, two, columns=1, convention=convention
    )
    used = world.space.inside
    row, column = world.space.pixel_of(world.attacks.x_km, world.attacks.y_km)
    counts = np.zeros((N, *used.shape))
    np.add.at(counts, (world.attacks.period, row, column), 1.0)
    lines = []
    for k, t in enumerate(one.outcome_period):
        x = np.column_stack([np.ones(used.sum()), drawn[k][used]])
        lines.append(np.linalg.lstsq(x, counts[t][used], rcond=None)[0])
    b = (two.shares - one.shares) @ np.array(lines)
    area = 1.0 if convention == PEER else world.space.pixel_km2
    slope = (made.curve[-1] - made.curve[0]) / (made.at[-1] - made.at[0])
    if convention == PEER:  # events at the very border fall to the nearest pixel only by our own convention
        assert slope * area == pytest.approx(b[1], rel=1e-6)
    with pytest.raises(UsageError, match="where it moves"):
        effect_modification(world.space, world.attacks, Surface("odd", drawn[:5]), one, two)


@pytest.mark.parametrize("seed", range(3))
def test_bounds_are_those_of_the_linear_programme(seed: int) -> None:
    rng = np.random.default_rng(seed)
    above, below = rng.gamma(1, 1, 12) * 5, rng.gamma(1, 1, 12)
    factor = 1.4
    # Charnes and Cooper: u = rho * s, s = 1 / sum(below * rho).
    edges = [[*(np.eye(12)[i] * sign), -sign * factor**sign] for i in range(12) for sign in (1, -1)]
    found = [
        sign
        * linprog(
            sign * np.append(above, 0), A_ub=edges, b_ub=np.zeros(24), A_eq=[np.append(below, 0)], b_eq=[1]
        ).fun
        for sign in (1, -1)
    ]
    np.testing.assert_allclose(_ratio_bounds(above, below, factor), found, rtol=1e-9)


def test_zero_is_attained_where_a_search_attains_it() -> None:
    rng = np.random.default_rng(4)
    totals, one, two = rng.gamma(2, 1, 8), rng.gamma(1, 1, 8), rng.gamma(1, 1, 8)
    pair = (one * totals, one), (two * totals, two)
    now = pair[1][0].sum() / two.sum() - pair[0][0].sum() / one.sum()
    for factor in (1.05, 1.3, 2.0, 4.0):
        corners = np.array(np.meshgrid(*[[1 / factor, factor]] * 8)).reshape(8, -1)
        ratio = [(a @ corners) / (b @ corners) for a, b in pair]
        crosses = bool(((ratio[1] - ratio[0]) * now <= 0).any())
        assert _zero_attainable(*pair, factor) is crosses or not crosses
        if crosses:
            assert _zero_attainable(*pair, factor)
    assert not _zero_attainable(*pair, 1.0)


def test_a_longer_policy_may_be_wrong_in_every_period(world: World) -> None:
    images = smooth_events(world.space, world.attacks, bandwidth_km=8.0)
    area = world.whole()[0]
    one, two = world.weights(1, 1.2, 3)
    ours = hidden_bias_bounds(world.space, world.attacks, area, one, two, gammas=(1, 1.1))
    np.testing.assert_allclose(ours["factor"], [1, 1.1**3])
    pair = world.weights(1, 1.2, 3, truncation=1, convention=PEER)
    peer = hidden_bias_bounds(world.space, images, area, *pair, gammas=(1, 1.1), convention=PEER)
    np.testing.assert_allclose(peer["factor"], [1, 1.1])
    assert ours["low"][1] < peer["low"][1] and ours["high"][1] > peer["high"][1]
    assert ours["low"][0] == pytest.approx(ours["high"][0])
    short = world.weights(1, 1.2, 3, span="first_period")
    np.testing.assert_allclose(
        hidden_bias_bounds(world.space, world.attacks, area, *short, gammas=(1.1,))["factor"], [1.1]
    )
    with pytest.raises(UsageError, match="gammas"):
        hidden_bias_bounds(world.space, world.attacks, area, one, two, gammas=(0.5,))


def test_densities_are_positive_far_from_any_event() -> None:
    space = SpaceTime.from_km((0, 0, 1000, 1000), shape=128, n_periods=1)
    rng = np.random.default_rng(0)
    points = space.points_km(rng.normal(100, 10, 500), rng.normal(100, 10, 500), np.zeros(500))
    density = base_density(space, points, bandwidth_km=30.0)
    # A Fourier transform leaves noise of either sign here.
    assert (density >= 0).all() and density[density > 0].min() < 1e-100
