"""Repeats of an intervention: the bootstrap sees what it should, moved outcomes too, and a cluster gives the
same numbers.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import (
    InterventionDesign,
    SpaceTime,
    Study,
    Surface,
    policy_of_intensity,
    policy_weights,
    scaled_strikes,
    stochastic_intervention,
)
from afterstrike.effects._intervention._fit import fit_pixels
from afterstrike.effects._parallel import in_parallel
from afterstrike.errors import UsageError

BOX, DAYS = (40, 34, 41, 35), 300


def result_of(
    seed: int = 1, *, slow: float = 0.0, model: str = "poisson", policies=(1, 1.2), **design: object
):
    """Strikes at random; attacks with a slow swing of the given size, which no covariate knows."""
    rng = np.random.default_rng(seed)
    swing = slow * np.sin(2 * np.pi * np.arange(DAYS) / 75)
    counts = {"strike": rng.poisson(np.exp(swing)), "attack": rng.poisson(10 * np.exp(swing))}
    n = sum(int(count.sum()) for count in counts.values())
    frame = pd.DataFrame(
        {
            "kind": np.repeat(list(counts), [count.sum() for count in counts.values()]),
            "date_start": np.datetime64("2018-01-01")
            + np.concatenate([np.repeat(np.arange(DAYS), count) for count in counts.values()]),
            "lat": rng.uniform(34, 35, n),
            "lon": rng.uniform(40, 41, n),
        }
    )
    study = Study.from_frame(frame, treatment="strike", outcome="attack", region=BOX)
    space = SpaceTime.over(BOX, shape=4, n_periods=DAYS, start="2018-01-01")
    known = Surface("noise", np.random.default_rng(0).normal(size=DAYS))
    made = InterventionDesign(surfaces=[known], history_days=(), trend_columns=0, model=model, **design)
    return stochastic_intervention(study, policies=policies, lags=(1, 3), space=space, design=made)


def test_periods_counted_twice_fit_as_if_they_stood_twice() -> None:
    rng = np.random.default_rng(3)
    space = SpaceTime.from_km((0, 0, 10, 10), shape=3, n_periods=40)
    x = rng.normal(size=40)
    period = rng.integers(0, 40, 90)
    strikes = space.points_km(rng.uniform(0, 10, 90), rng.uniform(0, 10, 90), period)
    times = rng.integers(0, 3, 40).astype(float)
    weighted, _ = fit_pixels(space, strikes, [Surface("x", x)], times=times)
    # The same as a table in which each period stands so often.
    again = np.repeat(np.arange(40), times.astype(int))
    longer = SpaceTime.from_km((0, 0, 10, 10), shape=3, n_periods=len(again))
    rows = [(new, i) for new, old in enumerate(again) for i in np.flatnonzero(period == old)]
    index = np.array([i for _, i in rows])
    repeated = longer.points_km(strikes.x_km[index], strikes.y_km[index], np.array([new for new, _ in rows]))
    stood, _ = fit_pixels(longer, repeated, [Surface("x", x[again])])
    assert weighted == pytest.approx(stood, rel=1e-8)
    still = Surface("east", np.ones((3, 1)) * np.arange(3.0))
    one, _ = fit_pixels(space, strikes, [still], times=times)
    two, _ = fit_pixels(longer, repeated, [still])
    assert one == pytest.approx(two, rel=1e-8)


def test_the_bootstrap_spreads_as_the_analytic_errors_say_where_strikes_are_random() -> None:
    made = result_of().with_checks(bootstrap=150, moves=150, seed=4)
    table = made.detail("bootstrap")
    assert (table["n_repeats"] == 150).all()
    assert ((table["bootstrap_error"] / table["std_error"]).between(0.6, 1.25)).all()
    assert (
        (table["bootstrap_low"] < table["estimate"]) & (table["estimate"] < table["bootstrap_high"])
    ).all()
    checks = {check.check_name: check for check in made.checks}
    assert checks["standard errors"].passed and checks["outcomes moved in time"].passed
    # The spread is that of moved outcomes, not of the outcomes as they are.
    moved = checks["outcomes moved in time"].table
    assert (moved["spread"] - moved["estimate"].abs()).abs().min() > 1e-3 * moved["spread"].max()
    assert moved["spread"].between(0.5 * moved["std_error"], 1.4 * moved["std_error"]).all()
    assert (moved["share_as_large"] < 1).all()
    assert made.provenance["repeats"] == {"bootstrap": 150, "moves": 150, "block": None, "seed": 4}
    # The same seed, the same numbers; asked for again, a check stands once.
    assert made.with_checks(bootstrap=150, moves=0, seed=4).detail("bootstrap").equals(table)
    assert len(made.with_checks(bootstrap=2, moves=2).checks) == len(made.checks)


def test_moved_outcomes_show_a_slow_swing_that_the_errors_do_not_know() -> None:
    caught = [
        next(
            check.passed
            for check in result_of(seed, slow=1.2).with_checks(bootstrap=0).checks
            if check.check_name == "outcomes moved in time"
        )
        for seed in range(4)
    ]
    assert caught.count(False) >= 3
    made = result_of(0, slow=1.2).with_checks(bootstrap=0)
    assert any("outcomes moved in time" in line for line in made.findings() if line.startswith("Warning"))
    for wrong in ({"moves": -5}, {"moves": 2.5}, {"seed": "a"}):
        with pytest.raises(UsageError, match="whole numbers from 0"):
            result_of().with_checks(bootstrap=0, **wrong)


def test_a_policy_scaled_from_another_propensity_is_no_multiple_of_this_one() -> None:
    plain = result_of()
    fitted = plain.run.propensity
    other = replace(fitted, coefficients=fitted.coefficients + np.array([0.0, 0.3]))
    policy = scaled_strikes(other.on(fitted.space, fitted.strikes, fitted.surfaces), 1.0, name="earlier")
    assert policy.multiple_of(fitted) is None and scaled_strikes(fitted, 1.0).multiple_of(fitted) == 1
    by_hand = policy_of_intensity(fitted.space, fitted.strikes, policy.image_at, name="by hand")
    samples = [policy_weights(fitted, one, lag=2).expected_sample for one in (policy, by_hand)]
    assert samples[0] == pytest.approx(samples[1], rel=1e-9) and samples[0] < 297
    made = result_of(policies=(1, lambda fitted: replace(policy, name="earlier")))
    table = made.with_checks(bootstrap=20, moves=0, propensity=False).detail("bootstrap")
    assert (table["bootstrap_error"] > 0.3 * table["std_error"]).all()


def test_a_negative_binomial_is_fitted_again_and_weak_samples_have_no_bootstrap() -> None:
    made = result_of(slow=0.5, model="negative_binomial").with_checks(bootstrap=20, moves=0)
    assert np.isfinite(made.detail("bootstrap")["bootstrap_error"]).all()
    weak = stochastic_intervention(
        Study.from_frame(
            made.run.propensity.space and pd.DataFrame(
                {"kind": ["strike", "attack"] * 100, "date_start": pd.date_range("2018-01-01", periods=200),
                 "lat": 34.5, "lon": 40.5}
            ),
            treatment="strike", outcome="attack", region=BOX,
        ),
        policies=(1, 1.05, 4.0), lags=3,
        design=InterventionDesign(shape=3, history_days=(), trend_columns=0, model="poisson"),
    ).with_checks(bootstrap=5, moves=0)  # fmt: skip
    rows = weak.detail("bootstrap").set_index("policy_2")
    assert math.isnan(rows.loc["4 times as observed", "bootstrap_error"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"bootstrap": 1}, "whole numbers from 2"),
        ({"block": 0}, "allowed whole numbers of periods"),
        ({"block": 999}, "allowed whole numbers of periods"),
        ({"jobs": 0}, "whole numbers from 1"),
        ({"seed": -1}, "whole numbers from 0"),
        ({"cluster": 5}, "allowed an address"),
        ({"cluster": "tcp://127.0.0.1:9"}, "does not answer"),
    ],
)
def test_options_that_are_not_allowed(
    options: dict[str, object], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterstrike.effects._parallel.ANSWER_WITHIN", "1s")
    with pytest.raises(UsageError, match=said):
        result_of().with_checks(moves=0, **{"bootstrap": 3, **options})
    with pytest.raises(UsageError, match="truncation=None"):
        result_of(truncation=0.95).with_checks(bootstrap=3)


@pytest.mark.slow
def test_a_cluster_of_two_workers_gives_the_same_numbers() -> None:
    distributed = pytest.importorskip("distributed")
    made = result_of()
    here = made.with_checks(bootstrap=8, moves=0).detail("bootstrap")
    two = made.with_checks(bootstrap=8, moves=0, jobs=2).detail("bootstrap")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        there = made.with_checks(bootstrap=8, moves=0, cluster=address).detail("bootstrap")
        with pytest.raises(ValueError, match="negative"):
            in_parallel(math.factorial, [-1, 2], cluster=address)
        assert in_parallel(math.factorial, range(5), cluster=address) == [1, 1, 2, 6, 24]
    pd.testing.assert_frame_equal(here, two)
    pd.testing.assert_frame_equal(here, there)
