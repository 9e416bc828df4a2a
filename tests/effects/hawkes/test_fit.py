"""Known parameters and known effects of strikes, found again."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from afterstrike.effects import fit_hawkes, simulate_hawkes
from afterstrike.effects._hawkes import _search
from afterstrike.effects._hawkes._checks import branching_check
from afterstrike.effects._hawkes._effects import added
from afterstrike.errors import EstimateRefused


def test_parameters_are_recovered_and_intervals_hold_them() -> None:
    """20 runs of about 1,000 events; with 95% coverage fewer than 15 within has a chance of 1 in 3,000."""
    held = {"n": 0, "rate": 0, "memory": 0}
    ratios = []
    for seed in range(20):
        times = simulate_hawkes(1000.0, rate=0.6, branching_ratio=0.4, memory_days=2.0, seed=seed)
        fit = fit_hawkes(times, 1000.0)
        low, high = fit.branching_interval()
        ratios.append(fit.branching_ratio)
        held["n"] += low <= 0.4 <= high
        table = fit.to_frame().set_index("parameter")
        for name, row, truth in (
            ("rate", "log rate, all", np.log(0.6)),
            ("memory", "log rate of decay", -np.log(2.0)),
        ):
            held[name] += table.loc[row, "low"] <= truth <= table.loc[row, "high"]
    assert np.mean(ratios) == pytest.approx(0.4, abs=0.04)
    assert min(held.values()) >= 15, held


def test_a_mixture_of_lags_is_found_by_the_heavy_tail() -> None:
    rates = np.array([1.0, 0.1, 0.01])
    shares = rates**0.3 / (rates**0.3).sum()
    times = simulate_hawkes(
        30_000.0,
        rate=0.4,
        branching_ratio=0.5,
        memory_days=(1 / rates).tolist(),
        shares=shares.tolist(),
        seed=4,
    )
    power = fit_hawkes(times, 30_000.0, kernel="power", rates=rates.tolist())
    one = fit_hawkes(times, 30_000.0)
    row = power.to_frame().iloc[-1]
    assert row["low"] < 0.3 < row["high"]
    low, high = power.branching_interval()
    assert low < 0.5 < high
    assert power.log_likelihood > one.log_likelihood + 20
    assert power.memory_days == pytest.approx(float(shares @ (1 / rates)), rel=0.35)


def test_without_excitation_none_is_found() -> None:
    fits = [
        fit_hawkes(simulate_hawkes(800.0, rate=1.0, branching_ratio=0.0, memory_days=1.0, seed=s), 800.0)
        for s in range(8)
    ]
    intervals = [fit.branching_interval() for fit in fits]
    assert sum(low == 0 for low, _ in intervals) >= 7
    for fit in fits:
        if not fit.has_excitation:
            assert fit.branching_ratio == 0 and np.isnan(fit.memory_days)
            assert fit.mean_rate == pytest.approx(len(fit.data.time) / 800, rel=1e-3)
            assert np.isfinite(fit.to_frame()["std_error"].iloc[0])


def test_a_drift_left_out_looks_like_excitation() -> None:
    daily = np.exp(0.8 * np.sin(np.arange(1500) * 2 * np.pi / 1500))
    times = simulate_hawkes(1500.0, rate=daily, branching_ratio=0.0, memory_days=1.0, seed=8)
    assert fit_hawkes(times, 1500.0).branching_interval()[0] > 0.1
    assert fit_hawkes(times, 1500.0, drift_days=300.0).branching_interval()[0] == 0.0


def struck(effect: float, seed: int, *, reactive: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Simulate 1,500 days in which strikes multiply the baseline on days 1 to 7 by exp(effect)."""
    rng = np.random.default_rng([seed, 99])
    n, rate, duration = 0.4, 0.8, 1500
    if not reactive:
        days = np.sort(rng.choice(duration, 60, replace=False))
        lift = np.zeros(duration)
        for day in days:
            lift[day + 1 : day + 8] += effect
        daily = rate * np.exp(lift)
        times = simulate_hawkes(float(duration), rate=daily, branching_ratio=n, memory_days=3.0, seed=rng)
        return times, days.astype(float)
    # Day by day: the more attacks in the week before, the likelier a strike.
    lift, pending = np.zeros(duration + 8), [[] for _ in range(duration)]
    strikes, week = [], [0] * 7
    for day in range(duration):
        young = (day + rng.random(rng.poisson(rate * np.exp(lift[day])))).tolist() + pending[day]
        at = 0
        while at < len(young):
            for lag in rng.exponential(3.0, rng.poisson(n)):
                child = young[at] + lag
                if int(child) == day:
                    young.append(child)
                elif child < duration:
                    pending[int(child)].append(child)
            at += 1
        pending[day] = young
        if rng.random() < min(0.012 * sum(week), 0.9):
            strikes.append(float(day))
            lift[day + 1 : day + 8] += effect
        week = [*week[1:], len(young)]
    return np.sort(np.concatenate([np.array(part) for part in pending])), np.array(strikes)


@pytest.mark.parametrize("reactive", [False, True])
@pytest.mark.parametrize("effect", [-0.7, 0.5])
def test_effects_of_either_sign_are_found_also_behind_reactive_strikes(effect: float, reactive: bool) -> None:
    found, held = [], 0
    for seed in range(8):
        times, strikes = struck(effect, seed, reactive=reactive)
        fit = fit_hawkes(times, 1500.0, strikes=strikes, lags=((0, 0), (1, 7), (8, 14)))
        row = fit.to_frame().set_index("parameter").loc["strike, days 1 to 7"]
        found.append(row["estimate"])
        held += row["low"] <= effect <= row["high"]
    assert np.mean(found) == pytest.approx(effect, abs=0.12)
    assert held >= 6


def test_reactive_strikes_that_do_nothing_show_nothing_here_but_a_fall_before_and_after() -> None:
    naive, held = [], 0
    for seed in range(8):
        times, strikes = struck(0.0, seed, reactive=True)
        fit = fit_hawkes(times, 1500.0, strikes=strikes, lags=((0, 0), (1, 7)))
        row = fit.to_frame().set_index("parameter").loc["strike, days 1 to 7"]
        held += row["low"] <= 0 <= row["high"]
        inside = strikes[(strikes > 7) & (strikes < 1492)]
        after = sum(((times >= d + 1) & (times < d + 8)).sum() for d in inside)
        before = sum(((times >= d - 7) & (times < d)).sum() for d in inside)
        naive.append(after / before)
    assert held >= 6
    assert np.mean(naive) < 0.93, "the plain comparison invents a fall"


@pytest.mark.parametrize("effect", [-0.7, 0.5])
def test_totals_with_offspring_are_those_of_twin_means(effect: float) -> None:
    """Expected counts with and without one strike, solved day by day on a fine grid, at the true parameters."""
    times, strikes = struck(effect, 1)
    fit = fit_hawkes(times, 1500.0, strikes=strikes, lags=((1, 7),))
    q = fit.estimate
    weight, rate = fit.model.parts(q)
    fine, horizon = 40, 14
    totals = []
    inside = [int(d) for d in strikes if d + horizon + 1 <= 1500]
    daily = np.exp(fit.model.log_base(q))
    for day in inside[:6]:
        lost = np.zeros(horizon * fine)
        window = daily[day + 1 : day + 1 + horizon].copy()
        window[7:] = 0
        lost += np.repeat(window * -np.expm1(-q[-3]), fine) / fine
        ages = (np.arange(horizon * fine) + 0.5) / fine
        density = (weight[0] * rate[0] * np.exp(-rate[0] * ages)) / fine
        mean = lost.copy()
        for _ in range(60):
            mean = lost + np.convolve(density, mean)[: len(lost)]
        totals.append(mean.sum())
    from afterstrike.effects._hawkes._effects import cells_by_day, total_added

    day = np.array(inside[:6])[:, None] + np.arange(1, horizon + 1)
    assert total_added(fit.model, q, cells_by_day(fit.data)[0, day]) == pytest.approx(
        np.mean(totals), rel=0.01
    )
    whole = added(fit, [horizon])
    assert np.sign(whole.total[0]) == np.sign(effect) and abs(whole.total[0]) > abs(whole.direct[0])


@pytest.mark.parametrize(("effect", "narrower"), [(-0.7, True), (0.5, False)])
def test_errors_of_the_ratio_are_its_spread_over_records_not_given_what_was_observed(
    effect: float, narrower: bool
) -> None:
    value, error, given = [], [], []
    for seed in range(40):
        times, strikes = struck(effect, seed)
        found = added(fit_hawkes(times, 1500.0, strikes=strikes, lags=((0, 0), (1, 7))), [7])
        expected = found.observed[0] - found.total[0]
        value.append(math.log(found.observed[0] / expected))
        error.append(math.sqrt(found.log_covariance[0, 0]))
        given.append(math.sqrt(found.covariance[0, 0]) / expected)
    # A spread over 40 records is known to about 11%.
    assert np.mean(error) == pytest.approx(np.std(value), rel=0.33)
    assert (np.abs(np.array(value) - np.mean(value)) < 1.96 * np.array(error)).sum() >= 34
    # The error of what was added alone, over what was expected, is another number for either sign.
    assert (np.mean(given) < 0.75 * np.mean(error)) == narrower
    assert (np.mean(given) > 1.15 * np.mean(error)) != narrower


def test_a_search_that_stops_early_goes_on_and_arrives_at_the_same_top(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times, strikes = struck(-0.7, 3)
    options: dict[str, Any] = {"strikes": strikes, "lags": ((0, 0), (1, 7), (8, 14)), "drift_days": 180.0}
    whole = fit_hawkes(times, 1500.0, **options)
    monkeypatch.setattr(_search, "_STEPS", 3)
    with pytest.raises(EstimateRefused, match="did not arrive in 4 runs of 3 steps"):
        fit_hawkes(times, 1500.0, **options)
    monkeypatch.setattr(_search, "_STEPS", 8)
    short = fit_hawkes(times, 1500.0, **options)
    error = np.sqrt(np.diag(whole.covariance))
    assert (np.abs(short.estimate - whole.estimate) < 0.03 * error).all()


def test_a_last_step_that_fails_at_the_top_is_no_fault_and_one_below_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import scipy.optimize

    plain = scipy.optimize.minimize

    def failing(*given: Any, **options: Any) -> Any:
        found = plain(*given, **options)
        found.success, found.message = False, "ABNORMAL: line search"
        return found

    times = simulate_hawkes(800.0, rate=1.0, branching_ratio=0.3, memory_days=2.0, seed=1)
    whole = fit_hawkes(times, 800.0)
    monkeypatch.setattr(scipy.optimize, "minimize", failing)
    assert np.allclose(fit_hawkes(times, 800.0).estimate, whole.estimate, atol=1e-4)
    monkeypatch.setattr(_search, "_STEPS", 1)
    with pytest.raises(EstimateRefused, match="line search"):
        fit_hawkes(times, 800.0)


def test_a_branching_ratio_that_cannot_be_bounded_fails_its_check(monkeypatch: pytest.MonkeyPatch) -> None:
    times = simulate_hawkes(800.0, rate=1.0, branching_ratio=0.3, memory_days=2.0, seed=1)
    fit = fit_hawkes(times, 800.0)
    assert branching_check({"constant": fit}, 0.95).passed is True
    monkeypatch.setattr(_search, "_STEPS", 1)
    monkeypatch.setattr(_search, "_FLAT_ENOUGH", 0.0)
    found = branching_check({"constant": fit}, 0.95)
    assert found.passed is False and "0.00 to inf" in found.text


def test_a_record_that_is_silent_for_half_of_its_days_ends_in_words() -> None:
    """All attacks in the second half: what cannot be bounded is told or refused, and no search fails bare."""
    rng = np.random.default_rng(5)
    for drift_days in (None, 180.0, 60.0):
        times = np.sort(rng.uniform(300.0, 600.0, 300))
        try:
            fit = fit_hawkes(times, 600.0, drift_days=drift_days)
            low, high = fit.branching_interval()
        except EstimateRefused as refused:
            assert len(str(refused)) > 20
        else:
            assert 0.0 <= low <= fit.branching_ratio <= high


def test_the_estimate_itself_lies_inside_its_interval_whatever_a_search_held_at_it_finds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A search held at the estimate that ends far below it would leave the ends without a change of sign."""
    from afterstrike.effects._hawkes import _fit

    times = simulate_hawkes(600.0, rate=0.5, branching_ratio=0.4, memory_days=3.0, seed=2)
    fit = fit_hawkes(times, 600.0)
    honest = fit.branching_interval()
    search = _fit.maximise

    def early(model: Any, start: Any, fixed_n: float | None = None) -> Any:
        found = search(model, start, fixed_n=fixed_n)
        return (found[0], -1e6, *found[2:]) if fixed_n == fit.branching_ratio else found

    monkeypatch.setattr(_fit, "maximise", early)
    assert fit.branching_interval() == pytest.approx(honest, abs=2e-3)
