"""Parts and promises of matched wakes by the convention "afterstrike"."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import Study, WakeDesign
from afterstrike.effects._strike_units import strike_units
from afterstrike.effects._wakes import WakeEstimates, bootstrap_check, estimate_wakes
from afterstrike.effects._wakes._as_result import wake_result
from afterstrike.effects._wakes._curve import fit_curve
from afterstrike.effects._wakes._hac import hac, isolated_share, overlap_kernel, pool_draws
from afterstrike.effects._wakes._match import match_wakes
from afterstrike.effects._wakes._maxt import max_t
from afterstrike.effects._wakes._outcome import difference, lagged, usual_level
from afterstrike.effects._wakes._place_days import Counted, Events, arc_km, merge_strikes
from afterstrike.effects._wakes._risk_set import history, logistic
from afterstrike.effects.theatres import Theatre, simulate_theatre
from afterstrike.errors import EstimateRefused, UsageError

RNG = np.random.default_rng


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    return simulate_theatre(Theatre.preset("displacement", strikes="random", overlap=None), seed=3).events


def study_of(events: pd.DataFrame, **declared: object) -> Study:
    return Study.from_frame(events, treatment="strike", outcome="attack", **declared)


@pytest.fixture(scope="module")
def made(events: pd.DataFrame) -> WakeEstimates:
    study = study_of(events, horizon_days=14, radius_km=25)
    return estimate_wakes(study, days=(7, 14, 30), km=(10, 25), seed=1)


def test_strikes_of_one_day_nearby_are_one_place_day() -> None:
    day = np.array([3, 3, 3, 4])
    at = np.array([[10.0, 20.0], [10.1, 20.0], [12.0, 20.0], [10.0, 20.0]])
    days, places, counts = merge_strikes(day, at, 25.0)
    assert days.tolist() == [3, 3, 4]
    assert counts.tolist() == [2, 1, 1]
    order = RNG(0).permutation(4)
    again = merge_strikes(day[order], at[order], 25.0)
    assert np.array_equal(places, again[1])


def test_counts_agree_with_a_plain_loop(events: pd.DataFrame) -> None:
    source = Events.of(study_of(events))
    day, at = source.strike_day[20:40], source.strike_at[20:40]
    counted = Counted.around(day, at, source, radii_km=(25.0, 50.0), horizon=14)
    for first, last in ((1, 14), (-7, -1), (-28, -15), (0, 0)):
        lag = source.attack_day[None] - day[:, None]
        near = arc_km(at[:, None], source.attack_at[None]) <= 25.0
        expected = (near & (lag >= first) & (lag <= last)).sum(axis=1)
        assert counted.between(first, last, 25.0).tolist() == expected.tolist()
    assert np.array_equal(counted.daily(14, 25.0).sum(axis=1), counted.between(1, 14, 25.0))


def test_usual_level_leaves_out_the_days_near(events: pd.DataFrame) -> None:
    source = Events.of(study_of(events))
    day, at = source.strike_day[60:62], source.strike_at[60:62]
    counted = Counted.around(day, at, source, radii_km=(25.0,), horizon=14)
    lag = source.attack_day[None] - day[:, None]
    far = (arc_km(at[:, None], source.attack_at[None]) <= 25.0) & ((lag < -28) | (lag > 14))
    assert np.allclose(counted.usual(25.0, horizon=14), far.sum(axis=1) / (source.n_days - 43))
    halves = [counted.usual(25.0, horizon=14, half=half) for half in (0, 1)]
    odd = far & (source.attack_day // 7 % 2 == 1)
    days = np.arange(source.first_day, source.last_day + 1)
    kept = [((days // 7 % 2 == 1) & ((days < d - 28) | (days > d + 14))).sum() for d in day]
    assert np.allclose(halves[1], odd.sum(axis=1) / kept)


def test_row_order_and_longitude_convention_do_not_matter(events: pd.DataFrame, made: WakeEstimates) -> None:
    mixed = events.sample(frac=1, random_state=4)
    mixed = mixed.assign(lon=mixed["lon"] + 360)
    other = estimate_wakes(study_of(mixed), days=(30, 14, 7), km=(25, 10), seed=1)
    for one, two in zip(made.rows, other.rows, strict=True):
        assert one["rate_ratio"] == pytest.approx(two["rate_ratio"], rel=1e-6)
        assert one["std_error"] == pytest.approx(two["std_error"], rel=1e-6)


def test_a_shift_in_time_by_whole_weeks_moves_nothing(events: pd.DataFrame) -> None:
    study = study_of(events)
    ours = Events.of(study)
    moved = replace(
        ours,
        attack_day=ours.attack_day + 14,
        strike_day=ours.strike_day + 14,
        first_day=ours.first_day + 14,
        last_day=ours.last_day + 14,
    )
    found = [
        Counted.around(ours.strike_day + gap, ours.strike_at, source, radii_km=(25.0,), horizon=14).usual(
            25.0, horizon=14, half=0
        )
        for source, gap in ((ours, 0), (moved, 14))
    ]
    assert np.array_equal(*found)


def test_windows_are_consistent(made: WakeEstimates) -> None:
    assert [(row["days"], row["km"]) for row in made.rows] == [(h, r) for h in (7, 14, 30) for r in (10, 25)]
    for row in made.rows:
        assert row["reason"] == ""
        assert row["observed"] - row["expected"] == pytest.approx(row["lagged"], abs=1e-9)
        assert row["rate_ratio"] == pytest.approx(row["observed"] / row["expected"], rel=0.01)
        assert row["rate_ratio_low_joint"] < row["rate_ratio_low"] < row["rate_ratio"]
        assert row["quiet_days"] == pytest.approx(row["days"] * (1 - row["rate_ratio"]))
        assert row["quiet_days_low"] == pytest.approx(row["days"] * (1 - row["rate_ratio_high"]))
    assert 1.96 < made.critical < 3.2


def test_a_window_longer_than_the_record_says_why(events: pd.DataFrame) -> None:
    made = estimate_wakes(study_of(events), days=(14, 500), km=(25,))
    long = made.rows[1]
    assert math.isnan(long["rate_ratio"]) and "500 days after" in long["reason"]
    assert made.rows[0]["reason"] == ""
    assert "Cannot tell" in made.lull(days=500, km=25).summary()


def test_no_attack_behind_any_strike_is_not_a_ratio_of_zero(events: pd.DataFrame) -> None:
    far = events.copy()
    far.loc[far["kind"] == "attack", "lat"] += 20
    row = estimate_wakes(study_of(far), days=(14,), km=(25,)).rows[0]
    assert math.isnan(row["rate_ratio"]) and row["reason"].startswith("not estimable")


def test_few_strikes_are_refused(events: pd.DataFrame) -> None:
    one = pd.concat([events[events["kind"] == "attack"], events[events["kind"] == "strike"].iloc[100:101]])
    with pytest.raises(EstimateRefused, match="1 struck place-day"):
        estimate_wakes(study_of(one), days=(14,), km=(25,))


@pytest.mark.parametrize(
    "options",
    [
        {"draws": 1},
        {"level": 1.0},
        {"controls": "nearest"},
        {"design": WakeDesign(ring_km=5)},
        {"design": WakeDesign(match_on=("population",))},
        {"design": WakeDesign(drop_overlaps=True)},
        {"design": WakeDesign(weighted=False)},
        {"design": WakeDesign(model="att")},
    ],
)
def test_wrong_options_are_refused(events: pd.DataFrame, options: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"allow|leave this out"):
        estimate_wakes(study_of(events), days=(14,), km=(25,), **options)  # type: ignore[arg-type]


def test_uniform_controls_warn(events: pd.DataFrame) -> None:
    made = estimate_wakes(study_of(events), days=(14,), km=(25,), controls="uniform")
    assert "uniform" in made.warnings[0]


def test_control_rows_of_the_study_are_the_comparison(events: pd.DataFrame) -> None:
    rng = RNG(2)
    strikes = events[events["kind"] == "strike"]
    moved = pd.to_datetime(strikes["date_start"]) + pd.to_timedelta(
        rng.integers(30, 60, len(strikes)), unit="D"
    )
    controls = strikes.assign(kind="show", date_start=moved, event_id=[f"c{i}" for i in range(len(strikes))])
    both = pd.concat([events.assign(date_start=pd.to_datetime(events["date_start"])), controls])
    both = both.drop(columns="time_start")
    study = Study.from_frame(both, treatment="strike", control="show", outcome="attack")
    made = estimate_wakes(study, days=(14,), km=(25,))
    assert made.rows[0]["n_control"] <= len(strikes)
    assert "rather than a control row" in made.estimand
    assert made.rows[0]["between_draws_share"] == 0


def test_matching_weights_copy_the_struck_group() -> None:
    rng = RNG(1)
    struck, drawn = rng.poisson(4, (80, 4)).astype(float), rng.poisson(3, (900, 4)).astype(float)
    matched = match_wakes(struck, drawn, np.ones(900))
    assert matched.weight.sum() == pytest.approx(len(matched.struck))
    before = abs(drawn.mean(axis=0) - struck.mean(axis=0)).mean()
    after = abs(matched.weight @ drawn / matched.weight.sum() - struck[matched.struck].mean(axis=0)).mean()
    assert after < 0.3 * before
    assert matched.l1_after < matched.l1_before


def test_lagged_outcome_agrees_with_least_squares_and_its_influences() -> None:
    rng = RNG(3)
    x = np.column_stack([np.ones(400), rng.normal(size=400)])
    y = 2 + x[:, 1:] + rng.normal(size=(400, 1))
    struck, y_struck = x[:50] + np.array([0, 1.0]), y[:50] + 2.0
    means = lagged(struck, x[50:], np.ones(350), y_struck, y[50:])
    beta = np.linalg.lstsq(x[50:], y[50:], rcond=None)[0]
    assert means.expected[0] == pytest.approx((struck @ beta).mean())
    assert means.effect[0] == pytest.approx(2.0 - 1.0, abs=0.5)
    # Moving one comparison outcome moves the estimate by its influence.
    pushed = y[50:].copy()
    pushed[7] += 0.1
    moved = lagged(struck, x[50:], np.ones(350), y_struck, pushed).expected[0] - means.expected[0]
    gram = np.linalg.inv(x[50:].T @ x[50:])
    assert moved == pytest.approx(0.1 * float(x[57] @ gram @ struck.mean(axis=0)))


def test_difference_in_differences_by_hand() -> None:
    effect, part = difference(np.array([1.0, 3.0]), np.array([[4.0], [2.0]]), np.array([[1.0], [2.0]]))
    assert effect[0] == pytest.approx(3.0 - 1.75)
    assert part.sum() == pytest.approx(0)


def test_hac_holds_shared_noise_and_is_never_negative() -> None:
    rng = RNG(5)
    n, got, plain = 60, [], []
    day, at = np.repeat(np.arange(20) * 100, 3), np.tile([[10.0, 20.0]], (n, 1))
    kernel = overlap_kernel(day, at, km=25.0, days=14.0)
    for _ in range(200):
        shared = np.repeat(rng.normal(size=20), 3)[:, None] / n
        got.append(hac(shared, kernel, n_struck=n)[0, 0])
        plain.append(float((shared**2).sum()))
    truth = 20 * 9 / n**2
    assert np.mean(got) == pytest.approx(truth, rel=0.1)
    assert np.mean(plain) == pytest.approx(truth / 3, rel=0.1)
    day = rng.integers(0, 60, n)
    dense = overlap_kernel(day, at + rng.normal(size=(n, 2)) / 5, km=25.0, days=14.0).toarray()
    assert np.linalg.eigvalsh(dense).min() > -1e-9


def test_spread_between_draws_enters() -> None:
    values, covariances = np.array([[0.0], [1.0], [2.0]]), np.full((3, 1, 1), 0.5)
    mean, total, share = pool_draws(values, covariances)
    assert mean[0] == 1 and total[0, 0] == pytest.approx(0.5 + 4 / 3)
    assert share[0] == pytest.approx((4 / 3) / (0.5 + 4 / 3))


def test_isolated_share_by_hand() -> None:
    day = np.array([0, 13, 14, 200])
    at = np.array([[10.0, 20.0], [10.0, 20.0], [15.0, 20.0], [10.0, 20.0]])
    assert isolated_share(day, at, km=25.0, days=14) == 0.5
    assert isolated_share(day, at, km=25.0, days=13) == 1.0


def test_max_t_matches_independent_and_equal() -> None:
    sidak = 2.569  # two-sided normal quantile of 0.95 ** (1/5)
    assert max_t(np.eye(5), level=0.95, seed=0) == pytest.approx(sidak, abs=0.04)
    assert max_t(np.ones((5, 5)), level=0.95, seed=0) == pytest.approx(1.96, abs=0.04)


def test_logistic_finds_its_coefficients() -> None:
    rng = RNG(6)
    x = np.column_stack([np.ones(20_000), rng.normal(size=20_000)])
    y = (rng.random(20_000) < 1 / (1 + np.exp(2 - x[:, 1]))).astype(float)
    assert logistic(x, y, ridge=0.1) == pytest.approx([-2, 1], abs=0.08)


def test_curve_keeps_a_constant_ratio_and_bands_it() -> None:
    expected = np.full(14, 2.0)
    curve = fit_curve(0.7 * expected, expected, 1e-3 * np.eye(28), level=0.95, seed=0)
    assert curve is not None
    assert np.allclose(np.exp(curve.log_ratio), 0.7, atol=1e-6)
    assert curve.detectable_until() == 14
    wide = fit_curve(0.7 * expected, expected, np.eye(28), level=0.95, seed=0)
    assert wide is not None and wide.detectable_until() is None


def test_lull_says_what_it_must(made: WakeEstimates) -> None:
    lull = made.lull(placebos=10)
    text = lull.summary()
    assert text.startswith("Civilian deaths")
    assert text.index("Smallest change") < text.index(
        "In the 14 days after, within 25 km, recorded attacks were"
    )
    assert "No estimate is made" in text and "bought" not in text
    assert lull.displacement is not None
    averted, added, net = lull.displacement.averted[0], lull.displacement.added[0], lull.displacement.net[0]
    assert averted - added == pytest.approx(net) and averted > 0
    assert lull.curve is not None and len(lull.curve) == 14
    assert (lull.curve["placebo_low"] < 1.05).all() and (lull.curve["placebo_high"] > 0.95).all()
    assert "<svg" in lull.figure().to_svg()
    few = replace(lull, isolated_share=0.2)
    assert (
        "per strike place-day (" not in few.summary()
        and "nothing here can be said per strike" in few.summary()
    )


def test_words_are_the_same_for_either_sign(made: WakeEstimates) -> None:
    lull = made.lull()
    down = replace(lull, rate_ratio=0.87, low=0.70, high=1.08).sentence()
    up = replace(lull, rate_ratio=1.13, low=0.92, high=1.30).sentence()
    where = "In the 14 days after, within 25 km, recorded attacks were "
    assert down.startswith(where + "13% lower than expected (30% lower to 8% higher).")
    assert down.endswith("Cannot tell: anything from 30% fewer to 8% more fits these data.")
    assert up.startswith(where + "13% higher than expected (8% lower to 30% higher).")


def test_harm_is_missing_not_zero(events: pd.DataFrame) -> None:
    without = events.drop(columns=[name for name in events if name.startswith("civilian_fatalities")])
    lull = estimate_wakes(study_of(without), days=(14,), km=(25,)).lull()
    assert lull.harm.low is None
    assert "missing, not zero" in lull.summary()


def test_bootstrap_agrees_with_the_analytic_errors(made: WakeEstimates) -> None:
    check = bootstrap_check(made.radii[25.0], repeats=60, seed=2)
    assert check.table["ratio"].between(0.6, 1.6).all()


def test_result_has_the_common_columns(events: pd.DataFrame) -> None:
    result = wake_result(study_of(events), days=(14,), km=(25,), seed=3)
    frame = result.to_frame()
    assert list(frame.columns[:5]) == ["days", "km", "estimate", "std_error", "p_value"]
    assert frame["estimate"].iloc[0] == frame["lagged"].iloc[0]
    assert "recorded attacks were" in result.summary()
    with pytest.raises(UsageError, match="whole UTC days"):
        wake_result(study_of(events), days=(14,), km=(25,), time_unit="hour")


def test_the_middle_strike_of_a_row_makes_one_unit() -> None:
    """Three strikes 20 km apart in a line: round the middle one, all lie within 25 km."""
    at = np.array([[35.0, 40.0], [35.18, 40.0], [35.36, 40.0]])
    label, heads = strike_units(np.array([3, 3, 3]), at, 25.0)
    assert label.tolist() == [0, 0, 0] and heads.tolist() == [1]
    label, heads = strike_units(np.array([3, 3, 4]), at, 25.0)
    assert len(heads) == 2 and label[0] == label[1] != label[2]


def test_the_intensity_does_not_know_the_half_that_outcomes_are_measured_from() -> None:
    """Attacks of even weeks far away in time change what outcomes are measured from, not the history."""
    rng = np.random.default_rng(2)
    first = 7 * 2600
    attack_day = np.sort(rng.integers(first, first + 700, 3000))
    attack_at = np.column_stack([rng.uniform(34, 35, 3000), rng.uniform(40, 41, 3000)])
    strike_day, strike_at = np.array([first + 200, first + 400]), np.array([[34.5, 40.5], [34.4, 40.6]])
    even = (attack_day // 7) % 2 == 0
    far = even & (attack_day > first + 500)
    found = []
    for kept in (np.ones(3000, bool), ~far):
        events = Events(attack_day[kept], attack_at[kept], strike_day, strike_at, first, first + 699)
        counted = Counted.around(
            strike_day, strike_at, events, radii_km=(12.5, 25.0, 50.0), horizon=14, days=(14,)
        )
        found.append((history(counted, events, 25.0, horizon=14), usual_level(counted, 25.0, horizon=14)))
    # The last column is the region's attacks against its own mean, which all weeks make.
    np.testing.assert_allclose(found[0][0][:, :-1], found[1][0][:, :-1])
    assert (found[0][1] > found[1][1]).all()
