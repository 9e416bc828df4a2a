"""Parts of the series designs against plain loops, brute force and closed forms."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import gammaln

from afterstrike.effects import Study
from afterstrike.effects._series._columns import block_sums, check_blocks, trend_columns
from afterstrike.effects._series._counts import count_zones
from afterstrike.effects._series._errors import by_time, by_zone
from afterstrike.effects._series._negbin import fit_counts
from afterstrike.effects._series._path import horizon_weights, log_ratios, totals, wakes_of
from afterstrike.errors import EstimateRefused, UsageError

RNG = np.random.default_rng


def test_sums_over_lags_agree_with_a_plain_loop() -> None:
    table = RNG(1).poisson(3, (2, 20)).astype(float)
    table[1, 7] = np.nan
    blocks = [(1, 2), (3, 5), (-4, -2)]
    found = block_sums(table, blocks)
    for zone in range(2):
        for t in range(20):
            for k, (near, far) in enumerate(blocks):
                at = [t - back for back in range(near, far + 1)]
                inside = min(at) >= 0 and max(at) < 20
                want = table[zone, at].sum() if inside else np.nan
                assert found[zone, t, k] == want or (np.isnan(want) and np.isnan(found[zone, t, k]))


def _simulated(seed: int, dispersion: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = RNG(seed)
    common = rng.normal(size=(6, 80, 2))
    mean = np.exp(rng.normal(1, 0.5, (6, 1)) + common @ [0.3, -0.2])
    if dispersion:
        mean = mean * rng.gamma(1 / dispersion, dispersion, mean.shape)
    return rng.poisson(mean).astype(float), common, np.ones((80, 1))


def test_the_fit_is_the_maximum_of_the_likelihood_with_a_dummy_for_each_zone() -> None:
    counts, common, local = _simulated(2, 0.3)
    used = RNG(3).random(counts.shape) < 0.9
    model = fit_counts(counts, common, local, used)

    def loss(theta: np.ndarray) -> float:
        mean, size = np.exp(theta[:6, None] + common @ theta[6:8]), np.exp(-theta[8])
        part = gammaln(counts + size) - gammaln(size) - gammaln(counts + 1)
        part += size * np.log(size / (size + mean)) + counts * np.log(mean / (size + mean))
        return -float(part[used].sum())

    best = minimize(loss, np.r_[np.zeros(8), -1.0], method="BFGS", options={"gtol": 1e-6}).x
    np.testing.assert_allclose(model.shared, best[6:8], atol=2e-4)
    np.testing.assert_allclose(model.own[:, 0], best[:6], atol=2e-4)
    assert model.dispersion == pytest.approx(math.exp(best[8]), rel=2e-3)
    # The inverse of the swept Hessian is the block of the inverse of the whole one, by finite differences.
    theta = np.r_[model.own[:, 0], model.shared, math.log(model.dispersion)]
    step, hessian = 1e-4, np.empty((8, 8))
    for i in range(8):
        for j in range(8):
            four = 0.0
            for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                moved = theta.copy()
                moved[i] += a * step
                moved[j] += b * step
                four += a * b * loss(moved)
            hessian[i, j] = four / (4 * step**2)
    np.testing.assert_allclose(model.bread, np.linalg.inv(hessian)[6:, 6:], rtol=2e-2)


def test_counts_that_spread_less_than_poisson_get_no_dispersion() -> None:
    counts, common, local = _simulated(4, 0.0)
    model = fit_counts(np.round(np.exp(common @ [0.3, -0.2]) * 3), common, local, np.ones(counts.shape, bool))
    assert model.dispersion == 0.0 and np.abs(model.score.sum(axis=(0, 1))).max() < 1e-5


def test_a_column_made_of_others_is_named() -> None:
    counts, common, local = _simulated(5, 0.0)
    doubled = np.concatenate([common, common[:, :, :1]], axis=2)
    with pytest.raises(EstimateRefused, match=r"(one|three) cannot be told apart"):
        fit_counts(counts, doubled, local, np.ones(counts.shape, bool), names=("one", "two", "three"))


def test_errors_agree_with_plain_loops() -> None:
    score, bread = RNG(6).normal(size=(4, 30, 2)), np.array([[2.0, 0.3], [0.3, 1.0]])
    total = score.sum(axis=0)
    meat = sum(
        max(1 - abs(s - t) / 4, 0) * np.outer(total[s], total[t]) for s in range(30) for t in range(30)
    )
    np.testing.assert_allclose(by_time(bread, score, 3, 5), 30 / 25 * bread @ meat @ bread)
    zones = score.sum(axis=1)
    np.testing.assert_allclose(by_zone(bread, score), 4 / 3 * bread @ (zones.T @ zones) @ bread)


def _study(n: int = 60, seed: int = 1, **declared: object) -> Study:
    rng = RNG(seed)
    days = pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 7 * n, 900), unit="D")
    kind = np.where(rng.random(900) < 0.1, "strike", "attack")
    zone = rng.choice(["A", "B", "C"], 900)
    frame = pd.DataFrame({"kind": kind, "date_start": days, "lat": 35.0, "lon": 40.0, "adm1": zone})
    frame["lat"] += frame["adm1"].map({"A": 0.0, "B": 1.0, "C": 2.0})
    return Study.from_frame(
        frame, treatment="strike", outcome="attack", period=("2018-01-01", str(pd.Timestamp("2018-01-01")
        + pd.Timedelta(days=7 * n - 1))[:10]), **declared,
    )  # fmt: skip


def test_counts_of_zones_and_weeks_agree_with_pandas() -> None:
    study = _study()
    found = count_zones(study, zones="adm1", by="week")
    day = (pd.to_datetime(study.outcome["time_ms"], unit="ms") - pd.Timestamp("2018-01-01")).dt.days
    want = pd.crosstab(study.outcome["adm1"], day // 7).to_numpy()
    np.testing.assert_array_equal(found.attacks, want)
    # Strikes of one day in one place are one place-day.
    rows = study.treatment.assign(day=(study.treatment["time_ms"] // 86_400_000)).drop_duplicates(
        ["day", "adm1"]
    )
    assert found.strikes.sum() == len(rows)
    assert str(found.starts[1]) == "2018-01-08" and found.zones == ("A", "B", "C")


def test_gaps_are_missing_and_not_zero() -> None:
    study = _study()
    found = count_zones(
        study, zones="adm1", by="week", gaps=[("B", "2018-01-10", "2018-01-16"), ("2018-03-01", "2018-03-02")]
    )
    assert found.missing[1, 1:3].all() and not found.missing[0, 1:3].any() and found.missing[:, 8].all()
    assert found.exclusions["zone-weeks in declared gaps"] == 5
    for gap in (("2018-03-02", "2018-03-01"), ("Z", "2018-03-01", "2018-03-02"), ("x", "2018-03-01"), "2018"):
        with pytest.raises(UsageError, match="gaps"):
            count_zones(study, zones="adm1", by="week", gaps=[gap])  # type: ignore[list-item]


def test_a_strike_without_echo_takes_its_own_effect_away() -> None:
    counts = count_zones(_study(), zones="adm1", by="week")
    wakes = wakes_of(counts, back=4, ahead=3)
    lags = np.array([-0.5, -0.2, 0.1])
    blocks = ((1, 1), (2, 2), (3, 3))
    found = log_ratios(wakes, np.zeros(1), lags, ((1, 1),), blocks)
    np.testing.assert_allclose(found, wakes.strikes[:, None] * lags)
    observed, expected = totals(wakes, found, [np.ones(3), np.array([1.0, 0.5])])
    for number, (zone, t, s) in enumerate(zip(wakes.zone, wakes.period, wakes.strikes, strict=True)):
        assert counts.strikes[zone, t] == s and s > 0 and t + 3 < 60, number
    by_hand = sum(
        counts.attacks[z, t + k] * math.exp(-s * lags[k - 1])
        for z, t, s in zip(wakes.zone, wakes.period, wakes.strikes, strict=True)
        for k in (1, 2, 3)
    )
    assert expected[0] == pytest.approx(by_hand)
    assert observed[1] == sum(
        counts.attacks[z, t + 1] + 0.5 * counts.attacks[z, t + 2]
        for z, t in zip(wakes.zone, wakes.period, strict=True)
    )


def test_the_echo_is_carried_period_by_period() -> None:
    counts = count_zones(_study(), zones="adm1", by="week")
    wakes = wakes_of(counts, back=1, ahead=3)
    found = log_ratios(wakes, np.array([0.5]), np.array([-0.7]), ((1, 1),), ((1, 1),))
    for k in range(len(wakes.zone)):
        recorded = wakes.recorded[k, 1:]
        first = recorded[1] * math.exp(0.7 * wakes.strikes[k])
        echo = 0.5 * (math.log1p(recorded[1]) - math.log1p(first))
        assert found[k, 0] == pytest.approx(-0.7 * wakes.strikes[k]) and found[k, 1] == pytest.approx(echo)
        second = recorded[2] * math.exp(-echo)
        assert found[k, 2] == pytest.approx(0.5 * (math.log1p(recorded[2]) - math.log1p(second)))
        assert abs(found[k, 2]) <= abs(found[k, 1]) <= abs(found[k, 0])


def test_horizons_in_weeks_hold_their_days() -> None:
    assert horizon_weights(30, 7).tolist() == pytest.approx([1, 1, 1, 1, 2 / 7])
    assert horizon_weights(14, 7).tolist() == [1, 1] and horizon_weights(3, 1).tolist() == [1, 1, 1]


@given(st.integers(1, 365), st.sampled_from([1, 7]))
@settings(max_examples=50, deadline=None)
def test_default_lags_reach_past_the_horizon_without_holes(days: int, step: int) -> None:
    blocks = check_blocks(None, step, days)
    assert blocks[0][0] == 1 and blocks[-1][1] * step >= days + (7 if step == 7 else 0)
    assert all(two[0] == one[1] + 1 for one, two in pairwise(blocks))


@pytest.mark.parametrize(
    "lags", [(), (2, 3), (1, 3), ((1, 3), (3, 5)), ((3, 1),), ("a",), (1.5,), (True,), (1,)]
)
def test_lags_that_do_not_follow_each_other_are_refused(lags: tuple[object, ...]) -> None:
    with pytest.raises(UsageError, match="lags"):
        check_blocks(lags, 1, 14)


def test_trends_have_a_knot_about_every_spacing_and_no_mean() -> None:
    made = trend_columns(104, 7, 180)
    assert made.shape == (104, 4)
    np.testing.assert_allclose(made.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(made.T @ made / 104, np.eye(4), atol=1e-9)
