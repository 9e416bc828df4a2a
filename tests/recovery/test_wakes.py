"""Matched wakes find known effects; `tools/measure_recovery.py` measures it at length."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import pytest

from afterstrike.effects import Study
from afterstrike.effects._wakes import estimate_wakes
from afterstrike.effects._wakes._radius import estimate_radius
from afterstrike.effects.theatres import Theatre, simulate_theatre
from afterstrike.effects.theatres._unplanned import truth_unplanned

RUNS = 10


@lru_cache
def recover(effect: str, rule: str) -> dict[str, np.ndarray]:
    """Give error, standard error and truth of the log ratio over runs, for ours and for uniform controls."""
    # A given rate spares the pilot runs; it leads to about 200 strike place-days.
    factor = {"random": 1.0, "reactive": 0.7}[rule]
    spec = Theatre.preset(effect, strikes=rule, overlap=None).with_strikes(rate_factor=factor)
    rows = []
    for seed in range(100, 100 + RUNS):
        theatre = simulate_theatre(spec, seed=seed)
        truth = math.log(truth_unplanned(theatre, horizon_days=14, radius_km=25.0, merge_km=25.0).rate_ratio)
        study = Study.from_frame(theatre.events, treatment="strike", outcome="attack")
        made = estimate_wakes(study, days=(14,), km=(25.0,), seed=seed, draws=3)
        radius = made.radii[25.0]
        value, covariance = radius.part("log_ratio")
        rng = np.random.default_rng(seed)
        naive = estimate_radius(radius.plan, draws=2, rng=rng, uniform=True).part("log_ratio")[0][0]
        rows.append((value[0] - truth, math.sqrt(covariance[0, 0]), naive - truth, truth))
    return dict(zip(("gap", "error", "naive_gap", "truth"), np.array(rows).T, strict=True))


@pytest.mark.parametrize(
    ("effect", "rule"),
    [("null", "reactive"), ("lull", "random"), ("lull", "reactive"), ("surge", "reactive")],
)
def test_little_bias_and_honest_errors(effect: str, rule: str) -> None:
    found = recover(effect, rule)
    spread = found["error"].mean() / math.sqrt(RUNS)
    assert abs(found["gap"].mean()) < 3.5 * spread
    covered = np.abs(found["gap"]) < 1.96 * found["error"]
    # Fewer than 7 of 10 has a chance of one in a thousand where coverage is 95%.
    assert covered.sum() >= 7
    assert found["gap"].std() > 0.4 * found["error"].mean(), "standard errors are far too wide"


def test_effects_are_told_apart() -> None:
    estimates = {
        effect: (recover(effect, "reactive")["gap"] + recover(effect, "reactive")["truth"]).mean()
        for effect in ("lull", "null", "surge")
    }
    assert estimates["lull"] < -0.35 < -0.06 < estimates["null"] < 0.06 < 0.2 < estimates["surge"]


def test_uniform_controls_invent_a_lull_where_strikes_follow_attacks() -> None:
    found = recover("null", "reactive")
    assert found["naive_gap"].mean() < -0.07
    assert abs(found["gap"].mean()) < 0.5 * abs(found["naive_gap"].mean())
