"""Errors that do not take the model at its word, second derivatives, cycles."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from afterstrike.effects import fit_hawkes, simulate_hawkes
from afterstrike.effects._hawkes._checks import leads_check
from afterstrike.effects._hawkes._data import hawkes_data
from afterstrike.effects._hawkes._effects import added
from afterstrike.effects._hawkes._model import Kernel, Model
from afterstrike.effects._hawkes._robust import daily_scores
from afterstrike.errors import UsageError

RATES = np.array([1.0, 0.2, 0.04])


def example(kernel: Kernel, *, daily: bool) -> tuple[Model, np.ndarray]:
    rng = np.random.default_rng(8)
    when = {"strikes": [5.5, 33.0, 44.0], "strike_zones": ["a", "b", "a"], "lags": ((1, 9),)} if daily else {}
    data = hawkes_data(
        rng.uniform(0, 60.5, 70), 60.5, zones=rng.choice(["a", "b"], 70).tolist(),
        drift_days=20.0 if daily else None, cycles=(7.0,) if daily else (), gaps=[(22.4, 30)], **when,
    )  # fmt: skip
    model = Model(data, kernel, RATES)
    q = rng.normal(0, 0.3, len(model.names))
    q[-2] = math.log(0.4)
    return model, q


@pytest.mark.parametrize("kernel", ["exponential", "power"])
@pytest.mark.parametrize("daily", [False, True])
def test_scores_by_day_add_up_to_the_gradient_and_each_is_that_of_its_days(
    kernel: Kernel, daily: bool
) -> None:
    model, q = example(kernel, daily=daily)
    of_base, of_kernel, zone, day = daily_scores(model, q)
    whole = np.concatenate([np.asarray(of_base.sum(axis=0)).ravel(), of_kernel.sum(axis=0)])
    assert whole == pytest.approx(model.value(q)[1], rel=1e-9, abs=1e-9)
    # The scores up to day 22 are the gradient of a record which ends there, with the same baseline.
    data = model.data
    event, cell = data.time < 22, data.cell_start < 22
    bounds = np.concatenate([[0], np.cumsum([event[a:b].sum() for a, b in pairwise(data.bounds)])])
    first_cell = np.concatenate([[0], np.cumsum([cell[a:b].sum() for a, b in pairwise(data.first_cell)])])
    short = replace(
        data, time=data.time[event], cell=(np.cumsum(cell) - 1)[data.cell[event]], bounds=bounds,
        first_cell=first_cell, end=np.where(data.begin < 22, 22.0, data.begin), cell_start=data.cell_start[cell],
        width=np.minimum(data.width[cell], 22 - data.cell_start[cell]), columns=data.columns[cell],
    )  # fmt: skip
    first = day < 22
    part = np.concatenate([np.asarray(of_base[first].sum(axis=0)).ravel(), of_kernel[first].sum(axis=0)])
    assert part == pytest.approx(Model(short, kernel, RATES).value(q)[1], rel=1e-9, abs=1e-9)
    assert sorted(set(zone)) == [0, 1] and not ((day > 22) & (day < 30)).any()


@pytest.mark.parametrize("kernel", ["exponential", "power"])
def test_second_derivatives_are_differences_of_the_gradient(kernel: Kernel) -> None:
    model, q = example(kernel, daily=True)
    found = model.hessian(q)
    for k in range(len(q)):
        move = np.zeros(len(q))
        move[k] = 1e-4
        slope = (model.value(q + move)[1] - model.value(q - move)[1]) / 2e-4
        assert found[k] == pytest.approx(slope, rel=1e-4, abs=1e-4)


def pooled(seed: int, wave: float) -> tuple[float, float, float]:
    """Give estimate and both errors where ten small zones and two large ones share one kernel, but not their
    waves.
    """
    rng = np.random.default_rng(seed)
    times, zones, strikes, struck = [], [], [], []
    for number, rate in enumerate([0.3] * 10 + [5.0, 5.0]):
        daily = rate * np.exp(wave * np.sin(2 * np.pi * (np.arange(720) / 120 + rng.random())))
        own = simulate_hawkes(720.0, rate=daily, branching_ratio=0.0, memory_days=1.0, seed=rng)
        days = rng.integers(0, 680) + np.arange(0, 40, 4)
        times.append(own)
        zones += [f"z{number}"] * len(own)
        strikes.append(days)
        struck += [f"z{number}"] * len(days)
    fit = fit_hawkes(
        np.concatenate(times), 720.0, zones=zones, strikes=np.concatenate(strikes), strike_zones=struck,
        lags=((1, 14),), longest_memory_days=45.0,
    )  # fmt: skip
    at = fit.names.index("strike, days 1 to 14")
    robust = fit.robust_covariance(30)
    return fit.estimate[at], math.sqrt(fit.covariance[at, at]), math.sqrt(robust[at, at])


def test_robust_errors_are_the_models_where_it_holds_and_larger_where_places_differ() -> None:
    _, model, robust = np.array([pooled(seed, 0.0) for seed in range(12)]).T
    # Strikes lie in twelve stretches only, so that the robust error comes out somewhat small.
    assert robust.mean() == pytest.approx(model.mean(), rel=0.25)
    value, model, robust = np.array([pooled(seed, 0.5) for seed in range(12)]).T
    assert robust.mean() > 1.2 * model.mean()
    assert abs(value.std() - robust.mean()) < abs(value.std() - model.mean())


@lru_cache
def shaken(shock: float) -> tuple[np.ndarray, ...]:
    """Give totals of strikes that do nothing and three errors, of 60 records: six zones struck on the same 40 days.

    Every day has a shock that all zones share and that lasts for some days.
    """
    rows = []
    for seed in range(60):
        rng = np.random.default_rng([seed, 5])
        shocks = np.zeros(1000)
        for day in range(1, 1000):
            shocks[day] = 0.8 * shocks[day - 1] + 0.6 * rng.normal()
        daily = 0.8 * np.exp(shock * shocks)
        own = [
            simulate_hawkes(1000.0, rate=daily, branching_ratio=0.3, memory_days=2.0, seed=rng)
            for _ in range(6)
        ]
        struck = rng.choice(970, 40, replace=False).astype(float)
        zones = [f"z{number}" for number in range(6)]
        fit = fit_hawkes(
            np.concatenate(own), 1000.0, zones=np.repeat(zones, [len(part) for part in own]).tolist(),
            strikes=np.tile(struck, 6), strike_zones=np.repeat(zones, 40).tolist(), lags=((0, 0), (1, 7)),
            drift_days=180.0, longest_memory_days=45.0,
        )  # fmt: skip
        found, at = added(fit, [7]), fit.names.index("strike, days 1 to 7")
        by_zone, model = fit.robust_covariance(30)[at, at], fit.covariance[at, at]
        rows.append([found.total[0], found.covariance[0, 0], found.model_covariance[0, 0], by_zone / model])
    total, variance, by_model, ratio = np.array(rows).T
    # By zone against the model's: what the error was before zones were taken together.
    return total, np.sqrt(variance), np.sqrt(by_model), np.sqrt(by_model * np.fmax(ratio, 1))


def test_shocks_shared_by_all_zones_widen_the_interval_and_it_covers() -> None:
    total, error, _, by_zone = shaken(0.4)
    assert (np.abs(total) < 1.96 * by_zone).mean() < 0.85, "zones taken as independent"
    assert error.mean() > 1.3 * by_zone.mean()
    # 95% of 60, less three standard errors.
    assert (np.abs(total) < 1.96 * error).mean() > 0.865
    assert error.mean() == pytest.approx(total.std(), rel=0.2)


def test_zones_that_share_nothing_are_not_widened_much() -> None:
    total, error, model, _ = shaken(0.0)
    assert error.mean() == pytest.approx(model.mean(), rel=0.1)
    assert (np.abs(total) < 1.96 * error).mean() > 0.865


def test_leads_are_judged_with_the_shared_error() -> None:
    rng = np.random.default_rng(3)
    wave = np.exp(0.5 * np.sin(2 * np.pi * np.arange(600) / 40))
    own = [
        simulate_hawkes(600.0, rate=wave, branching_ratio=0.0, memory_days=1.0, seed=rng) for _ in range(5)
    ]
    zones = [f"z{number}" for number in range(5)]
    struck = rng.choice(550, 15, replace=False).astype(float)
    fit = fit_hawkes(
        np.concatenate(own), 600.0, zones=np.repeat(zones, [len(part) for part in own]).tolist(),
        strikes=np.tile(struck, 5), strike_zones=np.repeat(zones, 15).tolist(), lags=((-21, -8), (-7, -1), (1, 7)),
    )  # fmt: skip
    error = leads_check(fit, "", 30).table["std_error"].to_numpy()
    at = [fit.names.index(f"strike, days {lag}") for lag in ("-21 to -8", "-7 to -1")]
    shared, by_zone, model = (
        np.sqrt(np.diag(one)[at])
        for one in (fit.robust_covariance(30, shared=True), fit.robust_covariance(30), fit.covariance)
    )
    assert (shared > 1.2 * np.maximum(by_zone, model)).any()
    assert error == pytest.approx(np.maximum(shared, np.maximum(by_zone, model)))


def test_with_one_zone_both_robust_errors_are_one() -> None:
    times = simulate_hawkes(300.0, rate=1.0, branching_ratio=0.3, memory_days=3.0, seed=1)
    fit = fit_hawkes(times, 300.0)
    assert np.allclose(fit.robust_covariance(20), fit.robust_covariance(20, shared=True))


@pytest.mark.parametrize("block_days", [0, 2.5, True])
def test_stretches_are_whole_days(block_days: object) -> None:
    times = simulate_hawkes(200.0, rate=1.0, branching_ratio=0.3, memory_days=3.0, seed=1)
    with pytest.raises(UsageError, match="block_days"):
        fit_hawkes(times, 200.0).robust_covariance(block_days)  # type: ignore[arg-type]


def test_a_cycle_left_out_looks_like_excitation() -> None:
    day = np.arange(1461)
    daily = 4 * (1 + 0.5 * np.cos(2 * np.pi * day / 7)) * (1 + 0.4 * np.cos(2 * np.pi * day / 365.25))
    times = simulate_hawkes(1461.0, rate=daily, branching_ratio=0.0, memory_days=1.0, seed=8)
    assert fit_hawkes(times, 1461.0, drift_days=730.0).branching_interval()[0] > 0.15
    fit = fit_hawkes(times, 1461.0, drift_days=730.0, cycles=(7.0, 365.25), longest_memory_days=45.0)
    assert fit.branching_interval()[0] == 0.0
    table = fit.to_frame().set_index("parameter")
    assert table.loc["cycle of 7 days, cos 1", "estimate"] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"cycles": (1.0,)}, "cycle of 1.0"),
        ({"cycles": (900.0,)}, "cycle of 900"),
        ({"longest_memory_days": 0}, "longest"),
    ],
)
def test_options_that_are_not_allowed_are_told(options: dict[str, object], word: str) -> None:
    times = simulate_hawkes(200.0, rate=1.0, branching_ratio=0.3, memory_days=3.0, seed=1)
    with pytest.raises(UsageError, match=word):
        fit_hawkes(times, 200.0, **options)  # type: ignore[arg-type]
