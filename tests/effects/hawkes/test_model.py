"""The likelihood against a literal one, gradients against differences, simulation against theory."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.effects import fit_hawkes, simulate_hawkes, spread_ties
from afterstrike.effects._hawkes._data import HawkesData, hawkes_data
from afterstrike.effects._hawkes._effects import offspring
from afterstrike.effects._hawkes._fit import HawkesFit
from afterstrike.effects._hawkes._model import Kernel, Model
from afterstrike.effects._hawkes._residuals import (
    exponential_test,
    independence_test,
    longest_quiet,
    rescaled_tails,
)
from afterstrike.errors import EstimateRefused, UsageError

RATES = np.array([1.0, 0.2, 0.04])


def example(seed: int, *, zones: bool, gap: bool, drift: bool, strikes: bool) -> HawkesData:
    rng = np.random.default_rng(seed)
    times = rng.uniform(0, 60, 45)
    labels = rng.choice(["a", "b"], 45).tolist() if zones else None
    when = rng.uniform(0, 60, 6)
    return hawkes_data(
        times,
        60.0,
        zones=labels,
        strikes=when if strikes else None,
        strike_zones=["a", "b", "a", "b", "a", "b"] if zones and strikes else None,
        lags=((1, 9),) if strikes else (),
        drift_days=20.0 if drift else None,
        gaps=[(22, 30)] if gap else (),
    )


def literal(model: Model, q: np.ndarray) -> float:
    """Add up the log-likelihood pair by pair, and the integral of the excitation one event at a time."""
    data = model.data
    weight, rate = model.parts(q)
    base = np.exp(data.columns @ q[:-2])
    total = -float((base * data.width).sum())
    for s in range(len(data.begin)):
        own = data.time[data.bounds[s] : data.bounds[s + 1]]
        cells = data.cell[data.bounds[s] : data.bounds[s + 1]]
        for i, t in enumerate(own):
            age = t - own[:i]
            total += math.log(base[cells[i]] + (weight * rate * np.exp(-np.outer(age, rate))).sum())
            total -= float((weight * -np.expm1(-rate * (data.end[s] - t))).sum())
    return total


cases = st.fixed_dictionaries({name: st.booleans() for name in ("zones", "gap", "drift", "strikes")})


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    case=cases,
    kernel=st.sampled_from(["exponential", "power"]),
    n=st.floats(0.01, 1.5),
    shape=st.floats(-3, 2),
)
def test_likelihood_and_gradient_are_those_of_the_definition(
    seed: int, case: dict[str, bool], kernel: Kernel, n: float, shape: float
) -> None:
    try:
        data = example(seed, **case)
    except EstimateRefused:
        return  # a drawn example whose strikes have no finite effect
    model = Model(data, kernel, RATES)
    q = np.random.default_rng(seed).normal(0, 0.3, len(model.names))
    q[-2:] = math.log(n), shape
    value, gradient = model.value(q)
    assert value == pytest.approx(literal(model, q), rel=1e-9, abs=1e-8)
    for k in range(len(q)):
        move = np.zeros(len(q))
        move[k] = 1e-5
        slope = (model.value(q + move)[0] - model.value(q - move)[0]) / 2e-5
        assert gradient[k] == pytest.approx(slope, rel=1e-5, abs=1e-4)


def test_cells_hold_the_strikes_of_the_days_before() -> None:
    rng = np.random.default_rng(0)
    times = rng.uniform(0, 40, 60)
    data = hawkes_data(times, 40.0, strikes=[10.3, 10.9, 12.0], lags=((0, 0), (1, 3), (-2, -1)))
    day, columns = data.cell_start.astype(int), data.columns.toarray()
    assert day[columns[:, 1] == 1].tolist() == [10, 12]  # two strikes of a day are one
    assert dict(zip(day, columns[:, 2].astype(int), strict=True)) | {
        11: 1,
        12: 1,
        13: 2,
        14: 1,
        15: 1,
    } == dict(zip(day, columns[:, 2].astype(int), strict=True))
    assert columns[:, 2].sum() == 6
    assert dict(zip(day, columns[:, 3], strict=True))[10] == 1
    assert day[columns[:, 3] > 0].tolist() == [8, 9, 10, 11]
    assert (np.floor(data.time) == data.cell_start[data.cell]).all()


def test_simulated_rate_and_variance_are_those_of_theory() -> None:
    n, rate, window = 0.5, 1.0, 400.0
    counts = []
    means = []
    for seed in range(6):
        times = simulate_hawkes(80_000.0, rate=rate, branching_ratio=n, memory_days=2.0, seed=seed)
        counts.append(np.bincount((times // window).astype(int), minlength=200))
        means.append(len(times) / 80_000)
    assert np.mean(means) == pytest.approx(rate / (1 - n), rel=0.02)
    every = np.concatenate(counts)
    # 1,200 windows: the ratio is known to about 4%, and the edges of windows take about a half per cent.
    assert every.var() / every.mean() == pytest.approx(1 / (1 - n) ** 2, rel=0.12)


def test_simulation_is_seeded_and_keeps_to_daily_rates() -> None:
    daily = np.where(np.arange(300) < 100, 0.0, 2.0)
    one = simulate_hawkes(300, rate=daily, branching_ratio=0.0, memory_days=1.0, seed=3)
    assert (one == simulate_hawkes(300, rate=daily, branching_ratio=0.0, memory_days=1.0, seed=3)).all()
    assert one.min() >= 100 and 330 < len(one) < 470


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"branching_ratio": 1.0}, "branching_ratio"),
        ({"rate": -1.0}, "rate"),
        ({"rate": [1.0, 2.0]}, "daily rates"),
        ({"memory_days": [1.0, 2.0]}, "one share"),
        ({"memory_days": [1.0, 2.0], "shares": [0.5, 0.6]}, "sum to"),
        ({"duration": 0.0}, "duration"),
    ],
)
def test_simulation_refuses_what_it_cannot_draw(options: dict[str, object], word: str) -> None:
    plain: dict[str, object] = {"duration": 10.0, "rate": 1.0, "branching_ratio": 0.2, "memory_days": 1.0}
    asked = plain | options
    with pytest.raises(UsageError, match=word):
        simulate_hawkes(asked.pop("duration"), **asked)  # type: ignore[arg-type]


def test_residuals_are_unit_exponential_under_the_model_and_not_without_it() -> None:
    times = simulate_hawkes(4000.0, rate=0.5, branching_ratio=0.5, memory_days=3.0, seed=5)
    gaps = fit_hawkes(times, 4000.0).residuals()
    assert len(gaps) == len(times) and gaps.mean() == pytest.approx(1, abs=0.01)
    assert gaps.var() == pytest.approx(1, abs=0.1)
    assert exponential_test(gaps)[1] > 0.1 and independence_test(gaps)[1] > 0.01
    # Without excitation the same events are no Poisson process.
    plain = np.diff(times, prepend=0.0) * len(times) / 4000
    assert exponential_test(plain)[1] < 1e-6 and independence_test(plain)[1] < 1e-6


def test_residuals_of_zones_gaps_drift_and_strikes_add_up_to_the_whole_integral() -> None:
    data = example(7, zones=True, gap=True, drift=True, strikes=True)
    model = Model(data, "power", RATES)
    q = np.full(len(model.names), 0.1)
    q[-2] = math.log(0.4)
    fit = HawkesFit(0.0, q, np.eye(len(q)), model.names, True, model)
    gaps = fit.residuals()
    base, (weight, rate) = np.exp(data.columns @ q[:-2]), model.parts(q)
    for s in range(len(data.begin)):
        own = slice(data.bounds[s], data.bounds[s + 1])
        last = data.time[own][-1]
        cells = slice(data.first_cell[s], data.first_cell[s + 1])
        spent = np.clip(last - data.cell_start[cells], 0, data.width[cells])
        age = last - data.time[own]
        expected = float((base[cells] * spent).sum() - (weight * np.expm1(-np.outer(age, rate))).sum())
        assert gaps[own].sum() == pytest.approx(expected, rel=1e-9)


def test_tails_are_what_the_intensity_holds_after_the_last_event() -> None:
    data = example(7, zones=True, gap=True, drift=True, strikes=True)
    model = Model(data, "power", RATES)
    q = np.random.default_rng(2).normal(0, 0.3, len(model.names))
    q[-2] = math.log(0.4)
    fit = HawkesFit(0.0, q, np.eye(len(q)), model.names, True, model)
    # Gaps and tails together are the whole integral.
    base, (weight, rate) = np.exp(data.columns @ q[:-2]), model.parts(q)
    left = np.repeat(data.end, np.diff(data.bounds)) - data.time
    whole = float(base @ data.width - (weight * np.expm1(-np.outer(left, rate))).sum())
    tails = rescaled_tails(fit)
    assert len(tails) == len(data.begin) and (tails > 0).all()
    assert fit.residuals().sum() + tails.sum() == pytest.approx(whole, rel=1e-9)
    # A stretch of a zone without an event is one tail.
    times = np.linspace(1, 30, 40)
    empty = hawkes_data(
        [*times, 45.0], 60.0, zones=["a"] * 40 + ["b"], gaps=[(32.0, 40.0)], drift_days=20.0
    )  # fmt: skip
    model = Model(empty, "exponential", RATES)
    q = np.full(len(model.names), -1.0)
    found = rescaled_tails(HawkesFit(0.0, q, np.eye(len(q)), model.names, True, model))
    first = slice(empty.first_cell[2], empty.first_cell[3])
    assert empty.bounds[2] == empty.bounds[3] and empty.zones[empty.sequence_zone[2]] == "b"
    assert found[2] == pytest.approx(float((np.exp(model.log_base(q)) * empty.width)[first].sum()))


@pytest.mark.parametrize("zones", [False, True])
def test_every_event_is_in_a_stretch_or_counted_also_at_the_edges_of_gaps(zones: bool) -> None:
    times = np.concatenate([np.linspace(0.5, 59.5, 60), [0.0, 10.0, 20.0, 30.0, 31.0, 50.0, 60.0]])
    labels = ["a", "b"] * 33 + ["a"] if zones else None
    for gaps in ([(10, 20), (30, 31)], [(0, 10)], [(50, 60)], []):
        data = hawkes_data(times, 60.0, zones=labels, gaps=gaps)
        gone = np.zeros(len(times), bool)
        for low, high in gaps:
            gone |= (times >= low) & ((times < high) | (high == 60))
        assert np.sort(data.time).tolist() == np.sort(times[~gone]).tolist()
        assert data.left_out.get("event: in a declared gap", 0) == gone.sum()
        sequence = np.searchsorted(data.bounds, np.arange(len(data.time)), "right") - 1
        assert (data.time >= data.begin[sequence]).all() and (data.time <= data.end[sequence]).all()


def test_a_stop_in_recording_is_the_longest_quiet() -> None:
    times = simulate_hawkes(1000.0, rate=1.0, branching_ratio=0.3, memory_days=3.0, seed=2)
    whole = fit_hawkes(times, 1000.0)
    stopped = fit_hawkes(times[(times < 400) | (times > 440)], 1000.0)
    assert longest_quiet(whole.residuals())[1] > 0.05
    at, p = longest_quiet(stopped.residuals())
    assert p < 1e-6 and stopped.data.time[at] > 440 > 400 > stopped.data.time[at - 1]
    declared = fit_hawkes(times, 1000.0, gaps=[(400, 440)])
    assert longest_quiet(declared.residuals())[1] > 0.05
    assert declared.data.exposure_days == 960
    assert declared.data.left_out == {"event: in a declared gap": int(((times > 400) & (times < 440)).sum())}


def test_offspring_are_a_geometric_series() -> None:
    born = offspring(np.array([0.4]), np.array([0.5]), 400)
    assert born[-1] == pytest.approx(1 / 0.6)
    # One exponential: an event at time u has 1 + n/(1-n) (1 - exp(-b (1-n) (d-u))) by day d; u is uniform.
    u = (np.arange(20_000) + 0.5) / 20_000
    by_third = np.mean(1 + 0.4 / 0.6 * -np.expm1(-0.5 * 0.6 * (3 - u)))
    assert born[2] == pytest.approx(by_third, rel=1e-6)
    assert offspring(np.array([0.1, 0.2]), np.array([2.0, 0.1]), 900)[-1] == pytest.approx(1 / 0.7)


def test_ties_are_moved_within_their_day_by_the_seed() -> None:
    moved = spread_ties([4.2, 4.2, 7.5], seed=1)
    assert moved[2] == 7.5 and (np.floor(moved) == [4, 4, 7]).all() and moved[0] != moved[1]
    assert (moved == spread_ties([4.2, 4.2, 7.5], seed=1)).all()


GOOD = np.arange(1.0, 50.0)


@pytest.mark.parametrize(
    ("times", "options", "error", "word"),
    [
        ([], {}, EstimateRefused, "0 events"),
        ([3.0], {}, EstimateRefused, "1 events"),
        ([*GOOD, math.nan], {}, UsageError, "1 event times are missing"),
        ([*GOOD, 500.0], {}, UsageError, "allowed 0 to the duration"),
        ([*GOOD, 3.0], {}, UsageError, "spread_ties"),
        (GOOD, {"kernel": "gamma"}, UsageError, "exponential"),
        (GOOD, {"kernel": "power", "rates": [1.0]}, UsageError, "two or more"),
        (GOOD, {"zones": ["a"]}, UsageError, "1 zones for 49"),
        (GOOD, {"zones": ["a"] * 49, "strikes": [3.0]}, UsageError, "go together"),
        (GOOD, {"gaps": [(10, 5)]}, UsageError, "gap"),
        (GOOD, {"gaps": [(0, 60)]}, EstimateRefused, "leave nothing"),
        (GOOD, {"drift_days": 90}, UsageError, "drift_days"),
        (GOOD, {"strikes": [3.0], "lags": ((5, 2),)}, UsageError, "lag"),
        (GOOD, {"strikes": range(60), "lags": ((0, 0),)}, EstimateRefused, "cannot be told"),
        (GOOD, {"strikes": [55.0], "lags": ((1, 2),)}, EstimateRefused, "no events 1 to 2"),
        (GOOD, {"strikes": [59.0], "lags": ((8, 9),)}, EstimateRefused, "no day of the record"),
    ],
)
def test_bad_input_is_told(times: object, options: dict, error: type[Exception], word: str) -> None:
    with pytest.raises(error, match=word):
        fit_hawkes(times, 60.0, **options)  # type: ignore[arg-type]


def test_strikes_in_zones_without_events_are_counted() -> None:
    rng = np.random.default_rng(1)
    times = rng.uniform(0, 200, 150)
    fit = fit_hawkes(
        times, 200.0, zones=["a"] * 150, strikes=[20.0, 90.0, 150.0], strike_zones=["a", "a", "c"],
        lags=((1, 7),),
    )  # fmt: skip
    assert fit.data.left_out == {"strike: in a zone without events": 1}
    assert fit.data.struck.sum() == 2 and fit.data.zones == ("a",)
