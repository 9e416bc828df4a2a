"""One run of the recovery measurement: simulate a theatre, take its truth, estimate it by every method."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Cell = tuple[str, str, float]
# 75 km is where the theatres' displaced attacks end; the ring is a choice of the analyst.
HORIZON, RADIUS, RING = 14, 25.0, 75.0
DAYS = (7, HORIZON)
Z = 1.959964


def why_not(cell: Cell) -> str:
    """Say why a theatre of this cell cannot be made; empty where it can."""
    from afterstrike.effects.theatres import Theatre, calibrate
    from afterstrike.errors import UsageError

    effect, rule, overlap = cell
    try:
        calibrate(Theatre.preset(effect, strikes=rule, overlap=overlap))  # type: ignore[arg-type]
    except UsageError as error:
        return str(error)
    return ""


def one_run(cell: Cell, seed: int, *, beside: bool) -> dict[str, Any]:
    """Simulate one theatre and estimate it; with `beside` also by the methods that stand beside ours."""
    from afterstrike.effects import Study
    from afterstrike.effects.theatres import Theatre, calibrate, simulate_theatre, truth_unplanned

    effect, rule, overlap = cell
    spec = calibrate(Theatre.preset(effect, strikes=rule, overlap=overlap))  # type: ignore[arg-type]
    theatre = simulate_theatre(spec, seed=seed)
    aim = truth_unplanned(theatre, horizon_days=HORIZON, radius_km=RADIUS, ring_km=RING, merge_km=RADIUS)
    by_day = aim.sums.sum(axis=0)[:, 0, 0]
    out: dict[str, Any] = {
        "cell": list(cell),
        "seed": seed,
        "overlap": theatre.overlap,
        "truth": math.log(aim.rate_ratio),
        "truth_week": math.log(by_day[0, :7].sum() / by_day[1, :7].sum()),
        "truth_effect": -aim.averted,
        "truth_added": aim.more_nearby,
    }
    study = Study.from_frame(theatre.events, treatment="strike", outcome="attack")
    out["afterstrike"], radius = _ours(study, seed, by_day, out)
    if beside:
        kept = theatre.truth(horizon_days=HORIZON, radius_km=RADIUS)
        out["truth_planned"] = math.log(kept.rate_ratio)
        refused = {"refused": "no wakes"}
        out["uniform"] = _uniform(radius, seed) if radius is not None else refused
        out["before_after"] = _before_after(radius) if radius is not None else refused
        out["mwa-0.5"] = _mwa(theatre.events, seed)
    return out


def _ours(study: Any, seed: int, by_day: Any, truth: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    from afterstrike.effects import WakeDesign
    from afterstrike.effects._wakes import estimate_wakes

    made = estimate_wakes(study, days=DAYS, km=(RADIUS,), seed=seed, draws=5, design=WakeDesign(ring_km=RING))
    row = next(row for row in made.rows if row["days"] == HORIZON)
    radius = made.radii.get(RADIUS)
    if row["reason"] or radius is None:
        return {"refused": row["reason"]}, radius
    out = _numbers(radius)
    out["checks"] = {check.check_name: check.passed for check in made.checks}
    # One value serves both windows: is the truth of both inside at once?
    value, covariance = radius.part("log_ratio")
    gap = np.abs(value - np.array([truth["truth_week"], truth["truth"]]))
    out["joint"] = bool((gap <= made.critical * np.sqrt(np.diag(covariance))).all())
    lull = made.lull(days=HORIZON, km=RADIUS)
    out["band"] = None
    if lull.curve is not None:
        ratio = by_day[0] / by_day[1]
        out["band"] = bool(((lull.curve["low"] <= ratio) & (ratio <= lull.curve["high"])).all())
    if lull.displacement is not None:
        out["averted"], out["added"] = list(lull.displacement.averted), list(lull.displacement.added)
        out["net"] = list(lull.displacement.net)
        out["is_shown"] = lull.displacement.is_shown
    return out, radius


def _uniform(radius: Any, seed: int) -> dict[str, Any]:
    """Compare with place-days drawn evenly, as `estimate_wakes(..., controls="uniform")` does."""
    from afterstrike.effects._wakes._radius import estimate_radius

    rng = np.random.default_rng([seed, 3])
    return _numbers(estimate_radius(radius.plan, draws=5, rng=rng, uniform=True))


def _numbers(radius: Any) -> dict[str, Any]:
    number = radius.plan.days.index(HORIZON)
    out: dict[str, Any] = {}
    for name, key in (("log_ratio", "log_ratio"), ("lagged", "effect"), ("difference", "did")):
        value, covariance = radius.part(name)
        error = math.sqrt(float(covariance[number, number]))
        out[key] = float(value[number])
        if name == "log_ratio":
            out["error"] = error
        else:
            out |= {f"{key}_low": out[key] - Z * error, f"{key}_high": out[key] + Z * error}
    return out


def _before_after(radius: Any) -> dict[str, Any]:
    """Compare the days after strikes with as many days before them; what a newspaper would do."""
    from afterstrike.effects._wakes._hac import hac, overlap_kernel

    struck = radius.plan.risk.struck
    after, before = struck.between(1, HORIZON, RADIUS), struck.between(-HORIZON, -1, RADIUS)
    if not (after.sum() > 0 and before.sum() > 0):
        return {"refused": "no attacks"}
    part = (after / after.mean() - before / before.mean()) / len(struck)
    kernel = overlap_kernel(struck.day, struck.at, km=RADIUS, days=float(HORIZON))
    error = math.sqrt(float(hac(part[:, None], kernel, n_struck=len(struck))[0, 0]))
    return {"log_ratio": math.log(after.mean() / before.mean()), "error": error}


def _mwa(events: Any, seed: int) -> dict[str, Any]:
    """Run the peer's convention with three uniform control place-days a strike, as its users draw them."""
    import pandas as pd

    from afterstrike.effects import Study, matched_wakes

    rng = np.random.default_rng([seed, 5])
    strikes = events[events["kind"] == "strike"]
    places = events[["lat", "lon"]].drop_duplicates().to_numpy()
    days = pd.date_range(events["date_start"].min(), events["date_start"].max())
    size = 3 * len(strikes)
    drawn = places[rng.integers(0, len(places), size)]
    controls = pd.DataFrame({"kind": "control", "date_start": rng.choice(days.to_numpy(), size)})
    controls["lat"], controls["lon"] = drawn[:, 0], drawn[:, 1]
    rows = pd.concat([events[["kind", "date_start", "lat", "lon"]], controls])
    rows["date_start"] = pd.to_datetime(rows["date_start"])
    study = Study.from_frame(rows, treatment="strike", control="control", outcome="attack")
    table = matched_wakes(study, days=HORIZON, km=RADIUS, convention="mwa-0.5").to_frame()
    row = table.iloc[0]
    if not np.isfinite(row["estimate"]):
        return {"refused": str(row["reason"])}
    return {
        "effect": float(row["estimate"]),
        "effect_low": float(row["low"]),
        "effect_high": float(row["high"]),
    }
