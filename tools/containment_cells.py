"""One run of each cell of tools/measure_containment.py: simulate a series with a known truth, fit it, compare."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np

from afterstrike.containment._calibrate._series import WeeklySeries
from afterstrike.containment._calibrate._series_fit import fit_series
from afterstrike.containment._calibrate._series_model import HYPER, Hyper, SeriesPrior, season_columns
from afterstrike.containment._calibrate._series_simulate import simulate_weeks
from afterstrike.errors import EstimateRefused

WEEKS, HARMONICS = 400, 1
UNIT = 0.3  # memory that one strike adds, known to the fit too
LEVEL = (float(np.log(8.0)), 0.7)
TRUTH = Hyper(17.0, 0.02, 1.6, 0.35, 14.0)
EFFECT = 0.4
SHARE = 0.6
POINTS = 64  # half of the usual: quicker, a little rougher
# Cell -> runs, as a multiple of --runs.
CELLS = {
    "prior": 1.0, "fixed": 0.5, "null": 0.2, "flipped": 0.2, "drift": 0.2, "step": 0.2, "behind strikes": 0.2,
    "hidden": 0.2, "simulator": 0.2,
}  # fmt: skip


def one_run(cell: str, seed: int) -> dict[str, Any]:
    """Simulate and fit."""
    rng = np.random.default_rng(seed)
    prior = SeriesPrior(level=LEVEL)
    hyper, effect, waves, level, share = TRUTH, 0.0, np.array([0.1, -0.1]), LEVEL[0], SHARE
    if cell == "prior":
        hyper = prior.hyper(rng.standard_normal(len(HYPER)))
        effect = rng.normal(*prior.strike_effect)
        waves = rng.normal(0, prior.season_sd, 2 * HARMONICS)
        level, share = rng.normal(*LEVEL), float(np.exp(rng.normal(0, prior.share_sd)))
    elif cell in ("fixed", "flipped"):
        effect = EFFECT if cell == "fixed" else -EFFECT
    if cell == "simulator":
        effect = EFFECT
        series, walk = _simulator(seed, hyper, effect)
    else:
        series, walk = _simulate(cell, rng, hyper, effect, waves, level, share)
    out: dict[str, Any] = {"cell": cell, "seed": seed}
    if series is None:
        return out | {"refused": True}
    sure = dataclasses.replace(prior, strike_effect=(EFFECT, 0.1)) if cell == "flipped" else prior
    start = time.perf_counter()
    try:
        fit = fit_series(
            series, prior=sure, harmonics=HARMONICS, lull_per_target=UNIT, seed=seed, points=POINTS
        )
    except EstimateRefused as refusal:
        return out | {"refused": True, "why": str(refusal)}
    out["seconds"] = time.perf_counter() - start
    draws = fit.draws(2000)
    found = fit.parameters(draws)
    truth = {name: getattr(hyper, name) for name in HYPER} | {"strike_effect": effect}
    if cell != "simulator":
        truth |= {"share.second": share, "attacks_per_day": float(np.exp(walk[-8:]).mean() / 7)}
    exact = dataclasses.replace(
        draws, hyper=np.array([[getattr(hyper, name) for name in HYPER]]), strike_effect=np.array([effect])
    )
    truth["quiet_days"] = float(fit.quiet_days(exact)[0])
    out["chance_fewer"] = fit.chance_fewer
    out["effective"] = fit.mixture.effective
    out["parameters"] = {name: _compare(found[name], value) for name, value in truth.items()}
    if cell not in ("prior", "fixed"):
        out["checks"] = {check.check_name: check.passed for check in fit.checks()}
    if cell == "flipped":
        out["centred"] = fit_series(
            series, prior=prior, harmonics=HARMONICS, lull_per_target=UNIT, seed=seed, points=POINTS
        ).chance_fewer
    if cell in ("null", "drift", "step", "behind strikes"):
        alone = dataclasses.replace(series, attacks=series.attacks[:1], sources=("recorded",))
        one = fit_series(
            alone, prior=prior, harmonics=HARMONICS, lull_per_target=UNIT, seed=seed, points=POINTS
        )
        out["alone"] = {
            "chance_fewer": one.chance_fewer,
            "strike_effect": _compare(one.draws(2000).strike_effect, effect),
            "checks": {check.check_name: check.passed for check in one.checks()},
        }
    return out


def _simulate(
    cell: str,
    rng: np.random.Generator,
    hyper: Hyper,
    effect: float,
    waves: np.ndarray,
    level: float,
    share: float,
) -> tuple[WeeklySeries | None, np.ndarray]:
    steps = rng.normal(0, hyper.drift_sd * np.sqrt(7.0), WEEKS)
    steps[0] = level
    walk = np.cumsum(steps)
    start = np.datetime64("2010-01-04")
    season = season_columns(WEEKS, HARMONICS, int(start.astype("int64"))) @ waves
    hidden = np.zeros(WEEKS)
    if cell == "hidden":
        for week in range(1, WEEKS):
            hidden[week] = 0.8 * hidden[week - 1] + rng.normal(0, 0.3)
    active = rng.random(WEEKS) < 0.4

    def strikes(week: int, counts: np.ndarray, hit: np.ndarray, generator: np.random.Generator) -> float:
        if cell == "hidden":
            return float(generator.poisson(0.7 * np.exp(1.2 * hidden[week])))
        # Strikes answer to attacks of their own week, in some weeks more.
        return float(generator.poisson(min(0.3 + active[week] * 0.1 * counts[0, week], 50.0)))

    shares = np.ones((1, 2, WEEKS))
    shares[0, 1] = share
    row = np.array([[getattr(hyper, name) for name in HYPER]])
    counts, hit = simulate_weeks(
        (walk + season + hidden)[None], row, strike_effect=np.array([effect]), strikes=strikes, unit=UNIT,
        shares=shares, rng=rng,
    )  # fmt: skip
    recorded = counts[0]
    if (recorded > 1e6).any():
        return None, walk
    recorded[0] = rng.binomial(recorded[0].astype(int), _reported(cell, hit, hyper))
    try:
        return WeeklySeries(start + 7 * np.arange(WEEKS), recorded, hit, ("first", "second")), walk
    except EstimateRefused:
        return None, walk


def _simulator(seed: int, hyper: Hyper, effect: float) -> tuple[WeeklySeries | None, np.ndarray]:
    """Run the simulator for 400 weeks in a world of one zone, and count its attacks and targets by week."""
    from datetime import timedelta

    from afterstrike.containment import load_world
    from afterstrike.containment._layout import ZONE_OUTPUTS
    from afterstrike.containment._pack import pack
    from afterstrike.containment._scenario import load_scenario
    from afterstrike.containment._simulate import _Task, run_task

    world = load_world("mid2024")
    draws = world.draw(1, seed=seed)
    draws |= {name: np.array([getattr(hyper, name)]) for name in HYPER}
    draws |= {"strike_effect": np.array([effect]), "lull_per_target": np.array([UNIT])}
    # All in one zone; twice the middle number of attacks, and strikes that answer them.
    draws |= {
        "fighters": np.array([4000.0]),
        "attacks_per_fighter": np.array([4e-4]),
        "reactive_targets": np.array([0.1]),
    }
    for zone in world.zones:
        here = zone.id == "central_desert"
        draws[f"fighters_share.{zone.id}"] = np.array([1.0 if here else 0.0])
        draws[f"targets_per_month.{zone.id}"] = np.array([1.5 if here else 0.0])
        draws[f"attack_factor.{zone.id}"] = np.array([1.0])
    start, days = world.as_of + timedelta(days=1), WEEKS * 7
    levers = load_scenario("strikes_only").levers(world, start, days, 1.0)
    task = _Task(
        pack(world, draws, step_days=1.0),
        0,
        world,
        levers,
        np.arange(days) // 7,
        WEEKS,
        1.0,
        seed,
        "compiled",
    )
    zone_counts = run_task(task)[0][0].sum(axis=1)
    attacks, hit = (
        zone_counts[:, ZONE_OUTPUTS.index(name)].astype(float) for name in ("attacks", "targets_hit")
    )
    try:
        return WeeklySeries(np.datetime64(start) + 7 * np.arange(WEEKS), attacks, hit), np.zeros(WEEKS)
    except EstimateRefused:
        return None, np.zeros(WEEKS)


def _reported(cell: str, hit: np.ndarray, hyper: Hyper) -> np.ndarray:
    """Give the part of its attacks that the first source still reports."""
    from afterstrike.containment._calibrate._series_model import suppression

    if cell == "drift":
        return np.exp(np.log(0.3) * np.linspace(0, 1, WEEKS))
    if cell == "step":
        return np.where(np.arange(WEEKS) < WEEKS // 2, 1.0, 0.5)
    if cell == "behind strikes":
        return 1.0 - 0.5 * suppression(hit, hyper.lull_halflife, UNIT, 1)
    return np.ones(WEEKS)


def _compare(values: np.ndarray, truth: float) -> dict[str, float]:
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    below = float((values < truth).mean() + (values == truth).mean() / 2)
    return {
        "truth": truth, "low": float(low), "median": float(middle), "high": float(high), "sd": float(values.std()),
        "rank": below, "covered": bool(low <= truth <= high),
    }  # fmt: skip
