"""One run of the recovery of stochastic interventions: a theatre, its truth, and every method's contrasts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

Cell = tuple[str, str]
LAGS = (1, 3, 7)
# Effective samples aimed at; the factor of a target and lag is the one that leaves it at best.
TARGETS = (500, 200, 100, 50, 30, 15, 5)
HISTORY_DAYS, DAYS, PER_DAY, SHAPE = 7, 607, 1.0, 16
REACH_KM, FLOOR = 100.0, 0.2
# Every fourth day and four draws of strikes: their error is small beside that of any estimate.
TRUTH_STEP, TRUTH_DRAWS = 4, 4
# Reactive strikes feed on the surge they cause; a larger one runs away.
SURGE = {"kind": "surge", "size": 0.15, "radius_km": 30.0, "duration_days": 5}
CATCH = ("mean weight", "outcomes before", "dispersion of strikes")
METHODS = ("default", "default, own covariates", "geocausal-0.4, truncated", "geocausal-0.4")


def factor_for(target: float, lag: int) -> float:
    """Give c of N exp(-M lambda (c - 1)^2) = target."""
    n_days = DAYS - HISTORY_DAYS - lag
    return 1 + math.sqrt(math.log(max(n_days / target, 1.02)) / (lag * PER_DAY))


def one_run(cell: Cell, seed: int, *, methods: tuple[str, ...] = METHODS) -> Iterator[dict[str, Any]]:
    """Simulate one theatre; give one row for each method, lag, target and area."""
    from afterstrike.effects import Study
    from afterstrike.effects.theatres import Effect, calibrate, policy_theatre, simulate_theatre

    name, rule = cell
    effect: Any = Effect(**SURGE) if name == "surge" else name  # type: ignore[arg-type]
    spec = calibrate(policy_theatre(effect, strikes=rule, strikes_per_day=PER_DAY, days=DAYS))  # type: ignore[arg-type]
    theatre, before = simulate_theatre(spec, seed=seed), simulate_theatre(spec, seed=seed + 500_000)
    lat, lon = theatre.world.lat, theatre.world.lon
    box = (lon.min() - 0.1, lat.min() - 0.1, lon.max() + 0.1, lat.max() + 0.1)
    middle = (box[0] + box[2]) / 2
    areas = {"everywhere": box, "western half": (box[0], box[1], middle, box[3])}
    study = Study.from_frame(theatre.events, treatment="strike", outcome="attack", region=box)
    given = _Given(theatre, before, box)
    windows = {"everywhere": np.ones(len(lat), bool), "western half": lon < middle}
    found = [row for method in methods for row in _method(method, study, given, areas)]
    truths = {fixed: _truths(theatre, windows, fixed=fixed) for fixed in {row["fixed"] for row in found}}
    for row in found:
        truth = truths[row.pop("fixed")][row["area"], row["lag"], row["target"]]
        yield {"cell": list(cell), "seed": seed, "truth": truth, **row}


class _Given:
    """What an analyst would hand in: where strikes usually fall, and attacks of the week before nearby."""

    def __init__(self, theatre: Any, before: Any, box: tuple[float, float, float, float]) -> None:
        from afterstrike.effects import SpaceTime, Surface, base_density

        start = np.datetime64(theatre.spec.start, "D") + HISTORY_DAYS
        self.space = SpaceTime.over(box, shape=SHAPE, start=str(start), n_periods=DAYS - HISTORY_DAYS)
        rows = before.events[before.events["kind"] == "strike"]
        points = self.space.points(rows["lon"], rows["lat"], np.repeat(start, len(rows)))
        self.density = base_density(self.space, points)
        attacks = theatre.events[theatre.events["kind"] == "attack"]
        x, y = self.space.to_km(attacks["lon"], attacks["lat"])
        day = (attacks["date_start"].to_numpy("datetime64[D]") - start).astype(int) + HISTORY_DAYS
        gap = np.hypot(self.space.x_km[None, :, None] - x, self.space.y_km[:, None, None] - y)
        near = (gap <= REACH_KM).reshape(-1, len(day)).astype(float)
        by_day = np.zeros((DAYS, near.shape[0]))
        np.add.at(by_day, day, near.T)
        running = np.vstack([np.zeros(near.shape[0]), np.cumsum(by_day, axis=0)])
        week = (running[HISTORY_DAYS:] - running[:-HISTORY_DAYS])[:-1]
        ratio = np.log((week + FLOOR) / (week.mean(axis=0) + FLOOR))
        self.surfaces = [
            Surface("log usual strikes", np.log(self.density + 1e-12)),
            Surface("log attacks of the week before", ratio.reshape(-1, *self.space.shape)),
        ]


def _method(method: str, study: Any, given: _Given, areas: Any) -> Iterator[dict[str, Any]]:
    from afterstrike.effects import InterventionDesign, scaled_density, stochastic_intervention

    factors = {(lag, target): factor_for(target, lag) for lag in LAGS for target in TARGETS}
    settings: dict[str, Any] = {"lags": LAGS, "areas": areas}
    peer = method.startswith("geocausal")
    names: dict[tuple[int, float], str] = {}
    if peer:
        told = "geocausal-0.4"

        def policy(factor: float) -> Any:
            def make(propensity: Any) -> Any:
                return scaled_density(
                    propensity.space, propensity.strikes, given.density, PER_DAY * factor,
                    name=f"{factor:.6f}", convention=told,
                )  # fmt: skip

            return make

        cut = 0.95 if method.endswith("truncated") else 1
        design = InterventionDesign(
            shape=SHAPE, surfaces=given.surfaces, history_days=(), trend_columns=0, model="poisson",
            outcome="smoothed", truncation=cut,
        )  # fmt: skip
        settings |= {"space": given.space, "convention": told}
        policies = [policy(factor) for factor in sorted({1.0, *factors.values()})]
        names = {key: f"{factor:.6f}" for key, factor in factors.items()}
    else:
        policies = sorted({1.0, *factors.values()})
        names = {key: f"{factor:g} times as observed" for key, factor in factors.items()}
        design = InterventionDesign(shape=SHAPE)
        if method == "default":
            design = InterventionDesign(
                shape=SHAPE, surfaces=given.surfaces, history_days=(), trend_columns=0
            )
            settings["space"] = given.space
    result = stochastic_intervention(study, policies=policies, design=design, **settings)
    caught = any(check.passed is False for check in result.checks if check.check_name in CATCH)
    table = result.to_frame().set_index(["policy_2", "lag", "area"])
    for (lag, target), name in names.items():
        for area in areas:
            row = table.loc[(name, lag, area)]
            yield {
                "method": method, "fixed": peer, "lag": lag, "target": target, "area": area,
                "estimate": float(row["estimate"]), "error": float(row["std_error"]),
                "low": float(row["low"]), "high": float(row["high"]),
                "sample": float(min(row["effective_sample_1"], row["effective_sample_2"])),
                "caught": caught,
            }  # fmt: skip


def _truths(theatre: Any, windows: Any, *, fixed: bool) -> dict[tuple[str, int, float], float]:
    """Give the true difference by area, lag and target; `fixed`: policies that answer to nothing."""
    from afterstrike.effects.theatres import policy_truth, responding, scaled

    make = scaled if fixed else responding
    found = {}
    for lag in LAGS:
        days = range(HISTORY_DAYS + lag, DAYS, TRUTH_STEP)
        more = [make(theatre, factor_for(target, lag), name=str(target)) for target in TARGETS]
        one = make(theatre, 1.0, name="one")
        truth = policy_truth(
            theatre, scenarios=[one, *more], lag=lag, windows=windows, days=days, draws=TRUTH_DRAWS,
            measure="recorded",
        )  # fmt: skip
        for area in windows:
            for target in TARGETS:
                found[area, lag, target] = truth.difference(str(target), "one", area)[0]
    return found
