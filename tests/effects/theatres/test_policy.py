"""The truth of a stochastic intervention against brute force, whole wars and weights of known chances."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from afterstrike.effects.theatres import (
    Effect,
    PolicyTruth,
    SimulatedTheatre,
    StrikeScenario,
    Theatre,
    calibrate,
    long_run_strikes,
    policy_theatre,
    policy_truth,
    relocated,
    responding,
    scaled,
    simulate_theatre,
    strike_intensity,
)
from afterstrike.effects.theatres import _run as run
from afterstrike.effects.theatres import _simulate as kernel
from afterstrike.errors import UsageError

Floats = NDArray[np.float64]
TINY: dict[str, Any] = {"side_km": 120.0, "places": 30, "towns": 3, "attacks_per_day": 8.0}


def tiny(effect: str | Effect = "lull", *, seed: int = 1, **changes: Any) -> SimulatedTheatre:
    """Make a theatre of thirty places, two strikes a day and sixty days."""
    parts = {"days": 60} | TINY | changes
    return simulate_theatre(policy_theatre(effect, **parts), seed=seed)  # type: ignore[arg-type]


def pair(theatre: SimulatedTheatre, low: float = 0.5, high: float = 1.5) -> list[StrikeScenario]:
    return [scaled(theatre, low, name="fewer"), scaled(theatre, high, name="more")]


def effect_of(theatre: SimulatedTheatre, lag: int, **changes: Any) -> tuple[float, float]:
    """Give the effect of more strikes against fewer, and its error."""
    found = policy_truth(theatre, scenarios=pair(theatre), lag=lag, **changes)
    return found.difference("more", "fewer")


@cache
def of_kind(effect: str, strikes: str) -> SimulatedTheatre:
    return tiny(effect, strikes=strikes, seed=3)


def log_ratios(theatre: SimulatedTheatre, scenario: StrikeScenario) -> Floats:
    """Give each day's log ratio of the scenario's to the true density of its strikes."""
    strikes = theatre.state.strikes[theatre.fixed.first :]
    own = strike_intensity(theatre)
    other = own * scenario.factor if scenario.factor is not None else scenario.expected[None, :]
    return np.asarray((strikes * np.log(other / own) + own - other).sum(axis=1))


@pytest.mark.parametrize("strikes", ["random", "reactive", "hidden_threat", "offensive", "reporting_falls"])
@pytest.mark.parametrize("single_day", [False, True])
def test_without_effect_every_difference_is_exactly_zero(strikes: str, single_day: bool) -> None:
    spec = Theatre.preset("null", strikes=strikes, overlap=None, days=60, places=80, excitation=0.3)  # type: ignore[arg-type]
    theatre = simulate_theatre(spec, seed=1)
    scenarios = [*pair(theatre), responding(theatre, 3.0)]
    found = policy_truth(theatre, scenarios=scenarios, lag=4, draws=3, single_day=single_day)
    frame = found.to_frame()
    differences = frame[frame["minus"].notna()]
    assert len(differences) == 3
    assert (differences["attacks_per_day"] == 0).all() and (differences["standard_error"] == 0).all()
    first = theatre.fixed.first
    np.testing.assert_allclose(
        found.daily[0, 0], theatre.state.attack_rate[first + 4 : first + 60].sum(axis=1), rtol=1e-12
    )


@pytest.mark.parametrize("strikes", ["random", "reactive"])
@pytest.mark.parametrize(("effect", "sign"), [("lull", -1), ("surge", 1)])
def test_the_effect_has_its_sign_and_grows_with_the_lag(effect: str, sign: int, strikes: str) -> None:
    theatre = of_kind(effect, strikes)
    days = range(7, 60)
    sizes = [effect_of(theatre, lag, days=days) for lag in (1, 2, 3, 5)]
    for (size, error), (longer, longer_error) in pairwise(sizes):
        assert sign * size > 5 * error
        assert sign * (longer - size) > 3 * math.hypot(error, longer_error)
    # The effect lasts five days: strikes of earlier days make no difference.
    (five, error), (seven, other) = effect_of(theatre, 5, days=days), effect_of(theatre, 7, days=days)
    assert seven == pytest.approx(five, abs=4 * math.hypot(error, other))


def test_stronger_scenarios_come_in_order() -> None:
    theatre = of_kind("lull", "reactive")
    scenarios = [scaled(theatre, c, name=str(c)) for c in (0, 0.5, 1, 2)]
    found = policy_truth(theatre, scenarios=scenarios, lag=3)
    means = [found.mean(name) for name in found.scenarios]
    assert means == sorted(means, reverse=True) and means[0] > 1.1 * means[-1]
    assert found.errors[0, 0, 0] == pytest.approx(0.0, abs=1e-12)  # no strikes: nothing is drawn


@pytest.mark.parametrize("effect", ["lull", "surge"])
def test_the_truth_is_that_of_brute_force_from_the_definition(effect: str) -> None:
    """Strikes from NumPy's generator, the effect from its definition: no compiled step."""
    theatre = tiny(effect, seed=5, strikes_per_day=4.0)
    lag, picked, draws = 3, [10, 25, 40, 55], 4000
    scenarios = pair(theatre)
    found = policy_truth(theatre, scenarios=scenarios, lag=lag, days=picked, draws=2000)
    near = (theatre.world.apart_km <= 30.0).astype(float)
    log_factor = np.log(0.7 if effect == "lull" else 1.3)
    rng = np.random.default_rng(1)
    for s, scenario in enumerate(scenarios):
        for i, day in enumerate(picked):
            row = theatre.fixed.first + day - 1
            earlier = (theatre.state.strikes[row - 4 : row - lag + 1] > 0).sum(axis=0)
            drawn = (rng.poisson(scenario.expected, (draws, lag, near.shape[0])) > 0).sum(axis=1)
            factor = np.clip(np.exp(log_factor * ((drawn + earlier) @ near)), 0.1, 4.0)
            attacks = factor @ theatre.fixed.base[row + 1]
            error = attacks.std() * math.sqrt(1 / draws + 1 / found.draws)
            assert found.daily[s, 0, i] == pytest.approx(attacks.mean(), abs=4.5 * error)


@pytest.mark.parametrize("single_day", [False, True])
def test_the_truth_is_that_of_many_independent_wars(single_day: bool) -> None:
    """Reactive strikes, attacks that set off attacks: counts in wars of other seeds, strikes by NumPy."""
    spec = calibrate(
        policy_theatre(
            Effect(kind="surge", size=0.8), strikes="reactive", excitation=0.4, **(TINY | {"days": 40})
        )
    )
    lag, day, wars, seeds = 3, 25, 1500, 250
    scenarios = pair(run.run_theatre(spec, 1), 0.2, 3.0)
    truths = [
        policy_truth(
            run.run_theatre(spec, seed),
            scenarios=scenarios,
            lag=lag,
            days=[day],
            draws=4,
            single_day=single_day,
        ).daily[:, 0, 0]
        for seed in range(seeds)
    ]
    rng = np.random.default_rng(2)
    none = np.empty((0, 2), dtype=np.int64)
    for s, scenario in enumerate(scenarios):
        counts = []
        for seed in range(10_000 + wars * s, 10_000 + wars * (s + 1)):
            theatre = run.run_theatre(spec, seed)
            fixed, state = theatre.fixed, theatre.state
            row = fixed.first + day - lag
            for drawn in range(row, row + (1 if single_day else lag)):
                kernel.run_days(fixed, state, drawn, drawn + 1, none, 0)
                state.strikes[drawn] = rng.poisson(scenario.expected)
            kernel.run_days(fixed, state, drawn + 1, row + lag + 1, none, 0)
            counts.append(state.attacks[row + lag].sum())
        ours = np.array(truths)[:, s]
        error = math.hypot(ours.std() / math.sqrt(seeds), np.std(counts) / math.sqrt(wars))
        assert ours.mean() == pytest.approx(np.mean(counts), abs=4 * error)
    gap = np.diff(np.array(truths), axis=1)
    assert gap.mean() > 3 * error  # the check above can tell the scenarios apart


@pytest.mark.parametrize("strikes", ["random", "reactive"])
@pytest.mark.parametrize("single_day", [False, True])
def test_weights_with_the_true_intensity_find_the_truth(strikes: str, single_day: bool) -> None:
    """The mean of w (Y - N) is zero where N is what weights estimate and the intensity is right."""
    effect = Effect(kind="surge", size=2.0, duration_days=3)
    parts: dict[str, Any] = TINY | {
        "strikes": strikes,
        "strikes_per_day": 0.5,
        "days": 120,
        "excitation": 0.3,
    }
    spec = calibrate(policy_theatre(effect, **parts))
    factor = 2.0 if single_day else 1.5
    lag, seeds = 3, 60
    off: dict[str, list[float]] = {}
    for seed in range(seeds):
        theatre = run.run_theatre(spec, seed)
        attacks = theatre.state.attack_rate[theatre.fixed.first :].sum(axis=1)  # less noise than counts
        scenarios = [scaled(theatre, 1.2, name="fixed"), responding(theatre, factor, name="answering")]
        usual = responding(theatre, 1.0, name="usual")
        found = policy_truth(theatre, scenarios=[*scenarios, usual], lag=lag, draws=4, single_day=single_day)
        for i, scenario in enumerate(scenarios):
            total = np.concatenate([[0.0], np.cumsum(log_ratios(theatre, scenario))])
            span = 1 if single_day else lag
            weight = np.exp(total[found.days - lag + span] - total[found.days - lag])
            off.setdefault(scenario.name, []).append(
                float((weight * (attacks[found.days] - found.daily[i, 0])).mean())
            )
            # The same sum with the truth of another scenario is off.
            wrong = float((weight * (attacks[found.days] - found.daily[2, 0])).mean())
            off.setdefault(f"{scenario.name}, wrong", []).append(wrong)
    score = {name: np.mean(x) / (np.std(x) / math.sqrt(seeds)) for name, x in off.items()}
    assert abs(score["fixed"]) < 3.5 and abs(score["answering"]) < 3.5
    assert score["answering, wrong"] > 3.5


def test_displacement_moves_attacks_and_keeps_their_number() -> None:
    theatre = simulate_theatre(
        policy_theatre(Effect(kind="displacement", size=0.5, radius_km=25.0, ring_km=90.0)), seed=2
    )
    at = (float(theatre.world.lat[0]), float(theatre.world.lon[0]))
    only = np.zeros(100)
    only[0] = 1.0
    scenarios = [StrikeScenario("none", 0 * only), StrikeScenario("one place", only)]
    windows = {"all": np.ones(100, dtype=bool), "disc": (*at, 25.0), "wide": (*at, 90.0)}
    found = policy_truth(theatre, scenarios=scenarios, lag=2, windows=windows, draws=10)
    change = {window: found.difference("one place", "none", window) for window in windows}
    assert change["all"][0] == pytest.approx(0.0, abs=1e-9)
    assert change["wide"][0] == pytest.approx(0.0, abs=0.5 * abs(change["disc"][0]))
    assert change["disc"][0] < -5 * change["disc"][1] < 0
    outside = ~(theatre.world.apart_km[0] <= 25.0)
    ring = policy_truth(theatre, scenarios=scenarios, lag=2, windows={"ring": outside}, draws=10)
    assert ring.difference("one place", "none")[0] == pytest.approx(-change["disc"][0], rel=1e-9)


def test_windows_that_divide_the_region_add_up() -> None:
    theatre = of_kind("lull", "random")
    west = theatre.world.lon < np.median(theatre.world.lon)
    found = policy_truth(theatre, scenarios=pair(theatre), lag=3, windows={"west": west, "east": ~west})
    whole = policy_truth(theatre, scenarios=pair(theatre), lag=3)
    np.testing.assert_allclose(found.daily.sum(axis=1), whole.daily[:, 0], rtol=1e-12)
    assert found.mean("more", "west") != pytest.approx(found.mean("more", "east"), rel=1e-3)


def test_strikes_that_move_take_the_lull_with_them() -> None:
    theatre = simulate_theatre(policy_theatre("lull"), seed=1)
    corner = (float(theatre.world.lat.max()), float(theatre.world.lon.max()))
    usual, moved = scaled(theatre, 1, name="usual"), relocated(theatre, 1, towards=corner, name="moved")
    assert moved.per_day == pytest.approx(usual.per_day)
    km = theatre.world.apart_km[int(np.argmax(moved.expected / usual.expected))]
    order = np.argsort(km)
    tilt = moved.expected / usual.expected
    assert tilt[order[:10]].mean() > 1 > tilt[order[-10:]].mean()
    windows = {"near": km <= 60, "far": km > 200}
    found = policy_truth(theatre, scenarios=[usual, moved], lag=5, windows=windows)
    near, far = (found.difference("moved", "usual", window) for window in windows)
    assert near[0] < -5 * near[1] < 0 < 5 * far[1] < far[0]
    by_weight = relocated(theatre, 1, towards=tilt)
    np.testing.assert_allclose(by_weight.expected, moved.expected, rtol=1e-9)


def test_a_curve_by_lag_holds_the_effect_of_one_day_each() -> None:
    theatre = of_kind("lull", "random")
    curve = [effect_of(theatre, k, single_day=True, days=range(8, 60)) for k in range(1, 9)]
    assert curve[0] == effect_of(theatre, 1, days=range(8, 60))
    assert all(size < -3 * error < 0 for size, error in curve[:5])
    assert all(size == 0 for size, _ in curve[5:])  # beyond the five days that the effect lasts
    held = effect_of(theatre, 4, single_day=True, days=range(8, 60), later_strikes="observed")
    assert held == curve[3]  # random strikes answer to nothing


def test_later_strikes_that_answer_are_part_of_the_effect_unless_held() -> None:
    theatre = tiny(Effect(kind="surge", size=1.0), strikes="reactive", strikes_per_day=1.0, seed=2)
    ask: dict[str, Any] = {"single_day": True, "draws": 60, "days": range(10, 60)}
    follow, error = effect_of(theatre, 7, **ask)
    held, other = effect_of(theatre, 7, later_strikes="observed", **ask)
    # More strikes, more attacks, more strikes: what follows adds to what one day does.
    assert follow > held + 3 * math.hypot(error, other)
    assert held > 5 * other


def test_attacks_of_the_same_day_come_before_its_strikes() -> None:
    theatre = of_kind("surge", "random")
    assert effect_of(theatre, 1, time_after=False) == (0.0, 0.0)
    after, error = effect_of(theatre, 2, days=range(2, 59), draws=60)
    same, other = effect_of(theatre, 3, days=range(3, 60), time_after=False, draws=60)
    assert same == pytest.approx(after, abs=4 * math.hypot(error, other))
    found = policy_truth(theatre, scenarios=pair(theatre), lag=3, time_after=False, draws=2)
    assert (found.days[0], found.days[-1]) == (3, 60)


def test_a_fall_in_reporting_shows_in_recorded_attacks_only() -> None:
    theatre = simulate_theatre(
        Theatre.preset("null", strikes="reporting_falls", overlap=None, days=60, places=60), seed=1
    )
    size, error = effect_of(theatre, 7, measure="recorded", draws=10)
    assert effect_of(theatre, 7) == (0.0, 0.0) and size < -5 * error < 0


def test_one_seed_gives_one_truth_and_the_theatre_is_left_as_it_was() -> None:
    theatre = tiny("surge", strikes="reactive", excitation=0.3)
    kept = [table.copy() for table in theatre.state]
    ask: dict[str, Any] = {"scenarios": pair(theatre), "lag": 3, "draws": 5}
    first, again, other = (policy_truth(theatre, seed=seed, **ask) for seed in (4, 4, 5))
    assert all(np.array_equal(a, b) for a, b in zip(kept, theatre.state, strict=True))
    assert np.array_equal(first.daily, again.daily) and np.array_equal(first.errors, again.errors)
    assert not np.array_equal(first.daily, other.daily)
    # Days are drawn by themselves: a subset gives the same numbers, whatever other days are asked for.
    part = policy_truth(theatre, days=[9, 30], **(ask | {"seed": 4}))
    np.testing.assert_array_equal(part.daily, first.daily[:, :, [9 - 3, 30 - 3]])


def test_the_monte_carlo_error_is_what_repeats_show_and_shared_draws_shrink_it() -> None:
    theatre = tiny("surge", strikes_per_day=3.0)
    scenarios = pair(theatre, 1.0, 1.2)
    found: list[PolicyTruth] = [
        policy_truth(theatre, scenarios=scenarios, lag=3, days=range(3, 20), draws=6, seed=s)
        for s in range(80)
    ]
    differences = np.array([f.difference("more", "fewer") for f in found])
    stated = math.sqrt((differences[:, 1] ** 2).mean())
    assert differences[:, 0].std(ddof=1) == pytest.approx(stated, rel=0.3)  # four errors of a spread of 80
    levels = math.sqrt(np.mean([f.errors[0, 0, 0] ** 2 + f.errors[1, 1, 0] ** 2 for f in found]))
    assert stated < 0.5 * levels


def test_the_table_holds_scenarios_and_differences() -> None:
    theatre = of_kind("lull", "random")
    windows = {"all": np.ones(30, dtype=bool), "west": theatre.world.lon < np.median(theatre.world.lon)}
    scenarios = [*pair(theatre), scaled(theatre, 0, name="none")]
    found = policy_truth(theatre, scenarios=scenarios, lag=2, windows=windows, draws=3)
    frame = found.to_frame()
    assert list(frame) == ["window", "scenario", "minus", "attacks_per_day", "standard_error"]
    assert len(frame) == 2 * (3 + 3) and frame["minus"].isna().sum() == 6
    row = frame[(frame["window"] == "west") & (frame["scenario"] == "none") & (frame["minus"] == "more")]
    assert row["attacks_per_day"].item() == found.difference("none", "more", "west")[0]
    assert found.difference("none", "none") == (0.0, 0.0)
    daily = found.to_daily()
    assert daily.groupby(["scenario", "window"])["attacks"].mean()["none", "west"] == pytest.approx(
        found.mean("none", "west")
    )
    with pytest.raises(UsageError, match="allowed scenarios are 'fewer', 'more', 'none'"):
        found.mean("most")


def test_estimands_differ_in_words() -> None:
    theatre = of_kind("lull", "random")
    asks: list[dict[str, Any]] = [
        {"lag": 1}, {"lag": 3}, {"lag": 3, "single_day": True}, {"lag": 3, "time_after": False},
        {"lag": 3, "single_day": True, "later_strikes": "observed"}, {"lag": 3, "measure": "recorded"},
    ]  # fmt: skip
    words = {
        policy_truth(theatre, scenarios=pair(theatre), draws=2, days=[5], **ask).estimand for ask in asks
    }
    assert len(words) == len(asks)


def test_daily_strikes_are_poisson_around_the_stated_intensity() -> None:
    theatre = simulate_theatre(policy_theatre("lull", strikes_per_day=3.0, days=1500), seed=4)
    counts = theatre.state.strikes[theatre.fixed.first :].sum(axis=1)
    np.testing.assert_allclose(strike_intensity(theatre).sum(axis=1), 3.0, rtol=1e-9)
    assert counts.mean() == pytest.approx(3.0, abs=4 * math.sqrt(3 / 1500))
    assert counts.var() / counts.mean() == pytest.approx(1.0, abs=4 * math.sqrt(2 / 1500))
    np.testing.assert_allclose(long_run_strikes(theatre), strike_intensity(theatre)[0], rtol=1e-9)
    np.testing.assert_allclose(scaled(theatre, 1.2).expected, 1.2 * long_run_strikes(theatre), rtol=1e-12)


def test_reactive_intensity_is_log_linear_as_stated() -> None:
    theatre = simulate_theatre(policy_theatre("null", strikes="reactive", strikes_per_day=2.0), seed=6)
    intensity, first = strike_intensity(theatre), theatre.fixed.first
    near = (theatre.world.apart_km <= 100.0).astype(float)
    recorded = theatre.state.recorded
    days = range(0, 300, 7)
    seen = np.array([recorded[first + d - 7 : first + d].sum(axis=0) @ near for d in days])
    usual = 7 * 10.0 * (near @ theatre.world.share)
    log_share = np.log(intensity[list(days)]) - 2 * np.log((seen + 0.2) / (usual + 0.2))
    np.testing.assert_allclose(log_share, np.broadcast_to(log_share[0], log_share.shape), rtol=1e-9)
    daily = intensity.sum(axis=1)
    assert daily.std() > 0.2 * daily.mean()
    # Struck place-days are met on average, so strikes come out a little above.
    assert np.mean(long_run_strikes(theatre).sum()) == pytest.approx(2.0, rel=0.1)


@pytest.mark.parametrize(
    ("per_day", "days", "lag", "factor", "low", "high"),
    [
        (0.5, 1500, 1, 1.5, 400, 1498),
        (0.5, 1500, 7, 1.5, 400, 900),
        (2.0, 300, 3, 1.5, 30, 120),
        (5.0, 200, 7, 2.0, 1, 12),
    ],
)
def test_effective_samples_from_few_to_many_can_be_had(
    per_day: float, days: int, lag: int, factor: float, low: float, high: float
) -> None:
    theatre = simulate_theatre(policy_theatre("null", strikes_per_day=per_day, days=days), seed=1)
    total = np.concatenate([[0.0], np.cumsum(log_ratios(theatre, scaled(theatre, factor)))])
    weight = np.exp(total[lag:] - total[:-lag])
    assert low < weight.sum() ** 2 / (weight**2).sum() < high


@pytest.mark.parametrize(
    "changes",
    [
        {"lag": 0},
        {"lag": 60},
        {"lag": 2.5},
        {"draws": 1},
        {"seed": -1},
        {"days": []},
        {"days": [2, 61]},
        {"days": [1]},
        {"days": 7},
        {"days": ["x"]},
        {"windows": {}},
        {"windows": {"w": (0.0, 0.0, 10.0)}},
        {"windows": {"w": (0.0, 0.0)}},
        {"windows": {"w": [True, False]}},
        {"windows": {"w": [[1, 2], 3]}},
        {"windows": [1, 2]},
        {"scenarios": []},
        {"scenarios": "double"},
        {"scenarios": [StrikeScenario("other", np.ones(7))]},
        {"scenarios": [StrikeScenario("a", np.ones(30)), StrikeScenario("a", np.ones(30))]},
        {"time_after": "yes"},
        {"single_day": 1},
        {"later_strikes": "none"},
        {"measure": "deaths"},
    ],
)
def test_a_bad_question_is_refused(changes: dict[str, Any]) -> None:
    theatre = of_kind("lull", "random")
    with pytest.raises(UsageError, match="allowed") as caught:
        policy_truth(theatre, **({"scenarios": pair(theatre), "lag": 2} | changes))
    assert "\n" not in str(caught.value)
    name = next(iter(changes))
    assert name in str(caught.value) or name.rstrip("s") in str(caught.value)


def test_bad_scenarios_and_theatres_are_refused() -> None:
    theatre = of_kind("lull", "random")
    for make in (
        lambda: StrikeScenario("a", [1.0, -1.0]),  # type: ignore[arg-type]
        lambda: StrikeScenario("a", [1.0, math.nan]),  # type: ignore[arg-type]
        lambda: StrikeScenario("a", [[1.0]]),  # type: ignore[arg-type]
        lambda: StrikeScenario("a", "many"),  # type: ignore[arg-type]
        lambda: StrikeScenario("", [1.0]),  # type: ignore[arg-type]
        lambda: StrikeScenario("a", [1.0], factor=-1.0),  # type: ignore[arg-type]
        lambda: scaled(theatre, -1),
        lambda: scaled(theatre, 900),
        lambda: scaled(None, 1),  # type: ignore[arg-type]
        lambda: responding(theatre, math.inf),
        lambda: relocated(theatre, 1, towards=(95.0, 0.0)),
        lambda: relocated(theatre, 1, towards=np.zeros(30)),
        lambda: relocated(theatre, 1, towards=np.ones(29)),
        lambda: relocated(theatre, 1, towards="north"),
        lambda: relocated(theatre, 1, towards=(20.0, -40.0), halving_km=0),
        lambda: strike_intensity(None),  # type: ignore[arg-type]
        lambda: policy_truth(None, scenarios=pair(theatre), lag=1),  # type: ignore[arg-type]
        lambda: policy_theatre("calm"),  # type: ignore[arg-type]
        lambda: policy_theatre(strikes="offensive"),  # type: ignore[arg-type]
        lambda: policy_theatre(strikes_per_day=0),
        lambda: policy_theatre(strikes_per_day=math.nan),
        lambda: policy_theatre(days=3),
        lambda: policy_theatre(atacks_per_day=3),
    ):
        with pytest.raises(UsageError, match=r"allowed|weight lies") as caught:
            make()
        assert "\n" not in str(caught.value)


def test_a_theatre_that_explodes_under_a_scenario_is_refused() -> None:
    theatre = tiny(Effect(kind="surge", size=3.0), attacks_per_day=1000.0, strikes_per_day=0.05)
    with pytest.raises(UsageError, match="more than 500 attacks"):
        policy_truth(theatre, scenarios=[StrikeScenario("all", np.full(30, 3.0))], lag=2, draws=2)
