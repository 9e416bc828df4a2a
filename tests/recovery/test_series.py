"""Series designs find known effects; `tools/measure_series.py` measures it at length."""

from __future__ import annotations

import math
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from afterstrike.effects import Study, naive_before_after
from afterstrike.effects._series._columns import check_blocks
from afterstrike.effects._series._counts import ZoneCounts, count_zones
from afterstrike.effects._series._model import SeriesFit, fit_series
from afterstrike.effects.theatres import Theatre, simulate_theatre

TOOLS = str(Path(__file__).parents[2] / "tools")
RUNS = 6
DAYS = (14,)


def fit(counts: ZoneCounts, **options: Any) -> SeriesFit:
    chosen = {"season": "auto", "trend": "zone", "trend_days": 180.0, "days": DAYS} | options
    return fit_series(counts, blocks=check_blocks(None, counts.step, max(chosen["days"])), **chosen)


@lru_cache
def recover(effect: str, rule: str) -> dict[str, np.ndarray]:
    """Give error, standard error and truth of the log ratio by week, and the naive estimate, over runs."""
    sys.path.insert(0, TOOLS)
    try:
        from series_truth import zone_truth
    finally:
        sys.path.remove(TOOLS)
    preset: Any = Theatre.preset
    spec = preset(effect, strikes=rule, overlap=None).with_strikes(
        rate_factor={"reactive": 0.7}.get(rule, 1.0)
    )
    rows = []
    for seed in range(300, 300 + RUNS):
        theatre = simulate_theatre(spec, seed=seed)
        truth = zone_truth(theatre, zones="adm2", by="week", days=DAYS)[0]
        study = Study.from_frame(theatre.events, treatment="strike", outcome="attack")
        made = fit(count_zones(study, zones="adm2", by="week"))
        naive = naive_before_after(study, days=14, km=25).to_frame().iloc[0]
        rows.append(
            (
                made.log_ratio[0] - truth,
                made.std_error[0],
                truth,
                naive["rate_ratio"],
                naive["rate_ratio_high"],
            )
        )
    return dict(zip(("gap", "error", "truth", "naive", "naive_high"), np.array(rows).T, strict=True))


@pytest.mark.parametrize(
    ("effect", "rule"),
    [("null", "reactive"), ("lull", "random"), ("lull", "reactive"), ("surge", "reactive")],
)
def test_little_bias_and_honest_errors(effect: str, rule: str) -> None:
    found = recover(effect, rule)
    assert abs(found["gap"].mean()) < 3.5 * found["error"].mean() / math.sqrt(RUNS)
    # Fewer than 4 of 6 has a chance of one in 500 where coverage is 95%.
    assert (np.abs(found["gap"]) < 1.96 * found["error"]).sum() >= 4
    assert found["error"].mean() < 0.04, "wider than a record of 700 days and 40 zones needs"


def test_effects_are_told_apart_and_the_naive_comparison_invents_a_lull() -> None:
    means = {
        effect: (recover(effect, "reactive")["gap"] + recover(effect, "reactive")["truth"]).mean()
        for effect in ("lull", "null", "surge")
    }
    assert means["lull"] < -0.06 < -0.03 < means["null"] < 0.04 < 0.05 < means["surge"]
    null = recover("null", "reactive")
    assert (null["naive_high"] < 1).all() and (null["naive"] < 0.9).all()


def test_a_fall_in_reporting_looks_like_a_lull_to_one_source() -> None:
    found = recover("null", "reporting_falls")
    assert found["truth"].mean() == 0 and found["gap"].mean() < -0.04


def own_world(seed: int, *, drift: float = 0.0, lag: float = -0.4, echo: float = 0.15) -> ZoneCounts:
    """Simulate the model itself: strikes answer to last week's attacks, attacks echo and fall after strikes."""
    rng = np.random.default_rng(seed)
    zones, n = 12, 160
    attacks, strikes = np.zeros((zones, n)), np.zeros((zones, n))
    level = rng.normal(1.2, 0.5, zones)
    own = rng.normal(0, drift, (zones, 1)) * np.linspace(-1, 1, n)
    size = 4.0
    for t in range(n):
        before = attacks[:, t - 1] if t else np.zeros(zones)
        rate = level + own[:, t] + 0.2 * np.sin(2 * np.pi * t / 52.18) + echo * np.log1p(before)
        if t:
            rate = rate + lag * strikes[:, t - 1]
        attacks[:, t] = rng.poisson(np.exp(rate) * rng.gamma(size, 1 / size, zones))
        strikes[:, t] = rng.poisson(0.05 + 0.02 * before)
    missing = np.zeros((zones, n), bool)
    names = tuple(f"Z{k}" for k in range(zones))
    return ZoneCounts(names, 16_000, 7, attacks, strikes, missing, {}, "simulated zones")


def test_the_model_recovers_itself_with_coverage() -> None:
    values, errors, dispersion = [], [], []
    for seed in range(60):
        made = fit(own_world(seed), days=(7,), trend="common")
        value, covariance = made.lag_effects()
        values.append(value[0])
        errors.append(math.sqrt(covariance[0, 0]))
        dispersion.append(made.model.dispersion)
    gap, error = np.array(values) + 0.4, np.array(errors)
    assert abs(gap.mean()) < 3.5 * error.mean() / math.sqrt(60) + 0.005
    # Fewer than 52 of 60 has a chance of one in 500 where coverage is 95%.
    assert (np.abs(gap) < 1.96 * error).sum() >= 52
    assert gap.std() > 0.6 * error.mean(), "standard errors are far too wide"
    assert np.mean(dispersion) == pytest.approx(0.25, abs=0.04)


def test_zones_own_trends_are_held_near_zero_unless_they_drift() -> None:
    still, drifting = (
        np.mean([fit(own_world(seed, drift=drift)).trend_spread for seed in range(5)]) for drift in (0.0, 0.8)
    )
    assert still < 0.15 < 0.3 < drifting
