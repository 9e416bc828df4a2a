"""A flexible propensity, and what looks at it: checks pass where the model is right and fail where not."""

from __future__ import annotations

import numpy as np
import pytest

from afterstrike.effects import (
    SpaceTime,
    Surface,
    fit_propensity,
    propensity_checks,
    scaled_strikes,
    spline_surfaces,
    super_thinned,
)
from afterstrike.errors import EstimateRefused, UsageError

N = 120
SPACE = SpaceTime.from_km((0, 0, 120, 120), shape=24, n_periods=N)
EAST = Surface("east", np.ones((24, 1)) * (SPACE.x_km / 120))
SWING = Surface("swing", np.sin(np.arange(N) / 9))


def strikes_of(seed: int, *, hump: bool = False, per_period: float = 6.0):
    """Strikes more to the east (or in the middle), more when the swing is high."""
    rng = np.random.default_rng(seed)
    number = rng.poisson(per_period * np.exp(0.8 * SWING.values))
    x = SPACE.x_km / 120
    weight = np.exp(-30 * (x - 0.5) ** 2) if hump else np.exp(2 * x)
    column = rng.choice(24, number.sum(), p=weight / weight.sum())
    place = (column + rng.random(len(column))) * 5
    return SPACE.points_km(place, rng.uniform(0, 120, len(place)), np.repeat(np.arange(N), number))


def verdicts(fitted) -> dict[str, bool | None]:
    return {check.check_name: check.passed for check in propensity_checks(fitted)}


def test_checks_pass_where_the_model_is_right_and_fail_where_it_is_not() -> None:
    right = [verdicts(fit_propensity(SPACE, strikes_of(seed), [EAST, SWING])) for seed in range(6)]
    assert all(found["propensity out of sample"] for found in right)
    # Two tests of 5% each in six runs: more than two failures of one kind have a chance of one in 400.
    for name in ("places of strikes", "super-thinning"):
        assert sum(found[name] is False for found in right) <= 2
    flat = verdicts(fit_propensity(SPACE, strikes_of(1), [SWING]))
    assert flat["propensity out of sample"] and flat["places of strikes"] is False
    assert flat["super-thinning"] is False
    # Noise adds nothing out of sample.
    noise = Surface("noise", np.random.default_rng(5).normal(size=(N, 24, 24)))
    assert verdicts(fit_propensity(SPACE, strikes_of(2), [noise]))["propensity out of sample"] is not True
    assert verdicts(fit_propensity(SPACE, strikes_of(2), []))["propensity out of sample"] is None


def test_a_window_that_is_no_box_does_not_fail_a_right_model() -> None:
    angle = np.linspace(0, 2 * np.pi, 90)
    disc = SpaceTime.from_km(
        np.column_stack([100 * np.cos(angle), 100 * np.sin(angle)]), shape=16, n_periods=60
    )
    failed = {"places of strikes": 0, "super-thinning": 0}
    for seed in range(12):
        rng = np.random.default_rng(seed)
        turn, out = rng.uniform(0, 2 * np.pi, 4000), 100 * np.sqrt(rng.random(4000))
        x, y = out * np.cos(turn), out * np.sin(turn)
        kept = disc.in_window(x, y)
        strikes = disc.points_km(x[kept], y[kept], rng.integers(0, 60, kept.sum()))
        found = verdicts(fit_propensity(disc, strikes, []))
        for name in failed:
            failed[name] += found[name] is False
    # 5% of 12: four or more have a chance of two in a thousand.
    assert max(failed.values()) <= 3


def test_folds_without_strikes_and_surfaces_of_one_name() -> None:
    late = SPACE.points_km([10.0, 20.0], [10.0, 20.0], [0, 1])
    with pytest.raises(EstimateRefused, match="no strikes in the periods"):
        fit_propensity(SPACE, late, [], folds=2)
    rng = np.random.default_rng(1)
    one, two = (rng.normal(size=(N, 24, 24)) for _ in range(2))
    strikes = strikes_of(9)
    same = fit_propensity(SPACE, strikes, [Surface("x", one), Surface("x", two)])
    assert same.expected.sum() == pytest.approx(len(strikes))


def test_residual_table_counts_every_strike_once() -> None:
    strikes = strikes_of(3)
    check = propensity_checks(fit_propensity(SPACE, strikes, [EAST, SWING], model="negative_binomial"))[1]
    assert check.table["strikes"].sum() == len(strikes) == pytest.approx(check.table["expected"].sum())
    assert check.table["residual"].abs().max() < 4


def test_super_thinning_keeps_only_strikes_where_nothing_is_added() -> None:
    fitted = fit_propensity(SPACE, strikes_of(4), [EAST, SWING])
    low = super_thinned(fitted, rate=1e-9)
    assert len(low) <= 2  # nearly all thinned, nothing added
    high = super_thinned(fitted, rate=float(fitted.expected.max()) / 100)
    area = 120 * 120
    # Even with the rate asked for.
    assert len(high) == pytest.approx(float(fitted.expected.max()) / 100 * area * N, rel=0.05)
    assert (high.x_km >= 0).all() and (high.x_km <= 120).all() and high.period.max() < N
    assert len(super_thinned(fitted, seed=1)) == len(super_thinned(fitted, seed=1))
    for wrong in (0, -1, float("nan"), "a"):
        with pytest.raises(UsageError, match="above 0"):
            super_thinned(fitted, rate=wrong)
    with pytest.raises(UsageError, match="seed"):
        super_thinned(fitted, seed=-1)


def test_a_spline_finds_a_hump_that_a_line_misses() -> None:
    strikes = strikes_of(6, hump=True)
    line = fit_propensity(SPACE, strikes, [EAST, SWING])
    bent = fit_propensity(SPACE, strikes, [*spline_surfaces(SPACE, EAST, columns=4), SWING])
    assert verdicts(line)["places of strikes"] is False and verdicts(bent)["places of strikes"] is True
    assert bent.log_density.sum() > line.log_density.sum() + 50
    # Columns are straight lines where one is asked for: the same fit.
    one = fit_propensity(SPACE, strikes, [*spline_surfaces(SPACE, EAST, columns=1), SWING])
    assert one.expected == pytest.approx(line.expected, rel=1e-6)
    for wrong in (0, 11, True):
        with pytest.raises(UsageError, match="from 1 to 10"):
            spline_surfaces(SPACE, EAST, columns=wrong)
    with pytest.raises(UsageError, match="too few different values"):
        spline_surfaces(SPACE, Surface("two", np.repeat([0.0, 1.0], 60)), columns=4)


def test_ridge_shrinks_and_folds_leave_out_their_own_periods() -> None:
    strikes = strikes_of(7, per_period=1.0)
    rng = np.random.default_rng(8)
    many = [Surface(f"noise {k}", rng.normal(size=N)) for k in range(12)]
    plain = fit_propensity(SPACE, strikes, [EAST, *many])
    small = fit_propensity(SPACE, strikes, [EAST, *many], ridge=200.0)
    assert np.abs(small.coefficients[2:]).sum() < 0.7 * np.abs(plain.coefficients[2:]).sum()
    assert small.expected.sum() == pytest.approx(len(strikes))  # the constant is not shrunk
    crossed = fit_propensity(SPACE, strikes, [EAST, *many], folds=5)
    assert crossed.by_period.shape == (N, 14) and len(np.unique(crossed.by_period[:, 0])) == 5
    # Overfitting shows: out of sample the same covariates are worth less.
    assert crossed.log_density.sum() < plain.log_density.sum()
    # A fold's coefficients are those of a fit without its periods.
    first = (crossed.by_period == crossed.by_period[0]).all(axis=1)
    alone = plain.refitted((~first).astype(float))
    assert crossed.by_period[0] == pytest.approx(alone.coefficients, rel=1e-6)
    t = 3
    image = crossed.intensity(t)
    assert float(np.nansum(image)) * SPACE.pixel_km2 == pytest.approx(crossed.expected[t])
    assert scaled_strikes(crossed, 2.0).expected == pytest.approx(2 * crossed.expected)
    for options in ({"ridge": -1}, {"ridge": float("inf")}, {"folds": 1}, {"folds": 99}, {"folds": True}):
        with pytest.raises(UsageError, match="allowed"):
            fit_propensity(SPACE, strikes, [EAST], **options)
    with pytest.raises(UsageError, match="without ridge or folds"):
        fit_propensity(SPACE, strikes, [EAST], convention="geocausal-0.4", folds=2)
