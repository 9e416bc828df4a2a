"""Measure stochastic interventions: the peer's workflow stage by stage, and our own at 500 days.

    python benchmarks/bench_intervention.py [--no-write]

Beside it stand grids of 64 to 256 pixels a side over 60 to 1,500 days, and two stages written plainly with
SciPy. Prints Markdown tables and writes benchmarks/results/intervention.json. Strikes and attacks are those
of Iraq 2006 to 2008 in ../shared; without it, made ones of the same numbers in the country's outline.
Recorded R seconds are those of ../shared/reference/TIMINGS.md (geocausal 0.4.2, R 4.2.2, 2 virtual cores),
for the same stages.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from afterstrike.effects import (
    EventPoints,
    InterventionDesign,
    SpaceTime,
    Study,
    base_density,
    compare_policies,
    distance_areas,
    distance_surface,
    effect_modification,
    fit_propensity,
    policy_weights,
    scaled_density,
    smooth_events,
    stochastic_intervention,
)

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
RESULTS = ROOT / "benchmarks/results/intervention.json"
PEER = "geocausal-0.4"
BAGHDAD = (44.366, 33.315)
START = {2006: "2006-01-01", 2007: "2007-02-23"}
# The recorded script smoothed with this bandwidth, km.
FIXED_KM = 41.5286870966736
# Seconds of the same stages, ../shared/reference/TIMINGS.md: (days, pixels a side) -> stage -> seconds.
STAGES = (
    "projection", "distance map", "propensity", "base density", "adaptive smoothing", "fixed smoothing",
    "estimates, lag 1", "estimates, lag 7", "effect modification",
)  # fmt: skip
RECORDED_R = {
    (60, 64): (2.6, 5.4, 16.2, 0.3, 15.6, 3.5, 1.5, 0.7, 0.5),
    (267, 64): (1.1, 4.5, 120.8, 0.3, 62.5, 10.5, 4.5, 3.0, 4.3),
    (267, 128): (0.8, 2.3, 105.3, 0.4, 170.0, 25.3, 5.0, 6.4, 13.5),
    (499, 128): (1.1, 3.8, 280.8, 0.4, None, 37.6, 6.8, 7.6, 26.1),
}


def events(year: int) -> tuple[pd.DataFrame, Any, str]:
    """Give strikes and attacks of 2006 or 2007-08, the window, and where they are from."""
    folder = SHARED / "reference/geocausal"
    if folder.is_dir():
        window = pd.read_csv(folder / "input_iraq_window_ring1_km.csv").to_numpy()
        if year == 2006:
            air, ins = (
                pd.read_csv(folder / f"input_{name}_2006.csv") for name in ("airstrikes", "insurgencies")
            )
            for frame in (air, ins):
                frame["date"] = frame["date"].to_numpy(np.int64).astype("datetime64[D]")
        else:
            import duckdb

            data = SHARED / "data/geocausal_iraq_2007"
            air, ins = (
                duckdb.sql(f"SELECT * FROM '{data / name}.parquet'").df()
                for name in ("airstrikes", "insurgencies")
            )
        air = air[air["type"] == "Airstrike"]
        table = pd.concat([air.assign(kind="strike"), ins.assign(kind="attack")], ignore_index=True)
        return table, window, "Iraq 2006 to 2008 (geocausal)"
    rng = np.random.default_rng(year)
    days, strikes, attacks = (267, 808, 37_701) if year == 2006 else (499, 2446, 68_573)
    n = strikes + attacks
    table = pd.DataFrame(
        {
            "kind": np.repeat(["strike", "attack"], [strikes, attacks]),
            "date": np.datetime64(START[year]) + rng.integers(0, days, n),
            "longitude": rng.normal(44.2, 0.8, n),
            "latitude": rng.normal(33.6, 0.7, n),
        }
    )
    return table, None, "made events, normal around one place"


def space_of(window: Any, year: int, days: int, side: int) -> SpaceTime:
    """Give the country's window, or its shipped outline."""
    options: dict[str, Any] = {"shape": side, "n_periods": days, "start": START[year], "crs": "EPSG:6646"}
    return SpaceTime.over("IRQ", **options) if window is None else SpaceTime.from_km(window, **options)


def peer_workflow(year: int, days: int, side: int) -> dict[str, Any]:
    """Run the stages of the peer's documented example, from tables in degrees to estimates."""
    table, window, _ = events(year)
    space = space_of(window, year, days, side)
    space.inside  # noqa: B018 (made once, as the peer's window is)
    spent: dict[str, float] = {}

    def stage(name: str, call: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        made = call()
        spent[name] = spent.get(name, 0.0) + time.perf_counter() - start
        return made

    def points(kind: str) -> EventPoints:
        rows = table[table["kind"] == kind]
        where = rows["longitude"], rows["latitude"], rows["date"].to_numpy("datetime64[D]")
        return space.points(*where, convention=PEER)

    strikes, attacks = stage("projection", lambda: (points("strike"), points("attack")))
    distance = stage("distance map", lambda: distance_surface(space, BAGHDAD, convention=PEER))
    fitted = stage("propensity", lambda: fit_propensity(space, strikes, [distance], convention=PEER))
    base = stage("base density", lambda: base_density(space, attacks))
    images = stage("adaptive smoothing", lambda: smooth_events(space, attacks, convention=PEER))
    stage("fixed smoothing", lambda: smooth_events(space, attacks, bandwidth_km=FIXED_KM, convention=PEER))

    def estimate(lag: int) -> Any:
        policies = [scaled_density(space, strikes, base, c, convention=PEER) for c in (2, 4)]
        pair = [policy_weights(fitted, p, lag=lag, truncation=0.95, convention=PEER) for p in policies]
        areas = distance_areas(space, distance, (100, 200, 300))
        return pair, compare_policies(space, images, areas, *pair, convention=PEER)

    pair, _ = stage("estimates, lag 1", lambda: estimate(1))
    stage("estimates, lag 7", lambda: estimate(7))
    stage(
        "effect modification", lambda: effect_modification(space, attacks, distance, *pair, convention=PEER)
    )
    peer = dict(zip(STAGES, RECORDED_R[days, side], strict=True))
    compared = [name for name in STAGES if peer[name] is not None]
    return {
        "what": f"{days} days, {side} x {side}, convention geocausal-0.4",
        "stages": spent,
        "r_stages": peer,
        "seconds": sum(spent.values()),
        "compared_seconds": sum(spent[name] for name in compared),
        "r_seconds": sum(peer[name] for name in compared),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def own_workflow() -> dict[str, Any]:
    """Run 499 days on 128 x 128 pixels, three lags, four policies, covariates of history, all checks."""
    table, window, _ = events(2007)
    columns = {"time": "date", "lat": "latitude", "lon": "longitude"}
    study = Study.from_frame(table, treatment="strike", outcome="attack", columns=columns)
    space = space_of(window, 2007, 499, 128)
    start, used = time.perf_counter(), time.process_time()
    areas = distance_areas(space, distance_surface(space, BAGHDAD), (100, 200, 300))
    result = stochastic_intervention(
        study, policies=(1.0, 1.05, 1.1, 1.2), lags=(1, 3, 7), areas=areas, space=space,
        design=InterventionDesign(outcome="smoothed"),
    )  # fmt: skip
    return {
        "what": "499 days, 128 x 128, three lags, four policies, convention afterstrike, adaptive smoothing",
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - used,
        "dispersion": result.checks[1].text,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


SCALING = ((60, 64), (60, 256), (499, 64), (499, 128), (499, 256), (1500, 64), (1500, 128), (1500, 256))


def scaling(days: int, side: int) -> dict[str, Any]:
    """Run a tenth more strikes at three lags, counts as outcome; periods beyond 499 repeat the record."""
    table, window, _ = events(2007)
    offset = (table["date"].to_numpy("datetime64[D]") - np.datetime64(START[2007])).astype(int)
    parts = [
        table.assign(date=np.datetime64(START[2007]) + offset + 499 * turn)[offset + 499 * turn < days]
        for turn in range(-(-days // 499))
    ]
    columns = {"time": "date", "lat": "latitude", "lon": "longitude"}
    study = Study.from_frame(
        pd.concat(parts, ignore_index=True), treatment="strike", outcome="attack", columns=columns
    )
    space = space_of(window, 2007, days, side)
    start = time.perf_counter()
    stochastic_intervention(study, policies=(1.0, 1.1), lags=(1, 3, 7), space=space)
    return {
        "days": days, "side": side, "seconds": time.perf_counter() - start,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def plain_scipy() -> list[dict[str, Any]]:
    """Smooth 267 days on 64 x 64 pixels, and fit a propensity, as one would write it with SciPy."""
    from scipy.optimize import minimize
    from scipy.signal import fftconvolve

    table, window, _ = events(2006)
    space = space_of(window, 2006, 267, 64)
    inside = space.inside

    def points(kind: str) -> EventPoints:
        rows = table[table["kind"] == kind]
        return space.points(
            rows["longitude"], rows["latitude"], rows["date"].to_numpy("datetime64[D]")
        ).within(267)

    strikes, attacks = points("strike"), points("attack")
    distance = distance_surface(space, BAGHDAD)

    def timed(call: Callable[[], Any]) -> tuple[float, Any]:
        call()
        start = time.perf_counter()
        made = call()
        return time.perf_counter() - start, made

    wide, high = space.step_km
    offset = [np.arange(-63, 64) * step for step in (high, wide)]
    kernel = np.exp(-(offset[0][:, None] ** 2 + offset[1] ** 2) / (2 * FIXED_KM**2)) / (
        2 * np.pi * FIXED_KM**2
    )

    def smooth() -> Any:
        mass = fftconvolve(inside.astype(float), kernel, mode="same") * space.pixel_km2
        images = np.zeros((267, 64, 64))
        row, column = space.pixel_of(attacks.x_km, attacks.y_km)
        for day in range(267):
            here = attacks.period == day
            counts = np.zeros((64, 64))
            np.add.at(counts, (row[here], column[here]), 1.0)
            images[day] = np.where(inside, fftconvolve(counts, kernel, mode="same") / mass, np.nan)
        return images

    def fit() -> Any:
        row, column = space.pixel_of(strikes.x_km, strikes.y_km)
        z = (distance.values - distance.values[inside].mean()) / distance.values[inside].std()
        pixels, at = z[inside], z[row, column]
        rate = len(at) / (267 * len(pixels) * space.pixel_km2)

        def loss(b: Any) -> Any:
            total = 0.0
            for _ in range(267):
                total += np.exp(b[0] + b[1] * pixels).sum() * space.pixel_km2
            return total - (b[0] + b[1] * at).sum()

        return minimize(loss, [np.log(rate), 0.0], method="BFGS", options={"gtol": 1e-4}).x

    rows = []
    for what, plain, ours in (
        ("fixed smoothing", smooth, lambda: smooth_events(space, attacks, bandwidth_km=FIXED_KM)),
        ("propensity", fit, lambda: fit_propensity(space, strikes, [distance])),
    ):
        seconds, found = timed(ours)
        plain_seconds, by_hand = timed(plain)
        if what == "fixed smoothing":
            # Events lie at pixel centres in the plain version, so images agree only as sums over the country.
            gap = float(np.abs(np.nansum(found, axis=(1, 2)) / np.nansum(by_hand, axis=(1, 2)) - 1).max())
        else:
            gap = float(abs(found.expected.sum() / len(strikes) - 1))
        rows.append({"what": what, "seconds": seconds, "plain_seconds": plain_seconds, "gap": gap})
    return rows


def main() -> None:
    """Run everything, print the table, write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    load = os.getloadavg()[1]
    # Once, so that imports are not counted.
    peer_workflow(2006, 60, 64)
    rows = [peer_workflow(2007 if days == 499 else 2006, days, side) for days, side in RECORDED_R]
    rows.append(own_workflow())
    grids = [scaling(days, side) for days, side in SCALING]
    plain = plain_scipy()
    print("| run | seconds | R, recorded, same stages | peak MB |")
    print("|---|---|---|---|")
    for row in rows:
        r = (
            f"{row['r_seconds']:,.0f} ({row['r_seconds'] / row['compared_seconds']:,.0f}x)"
            if "r_seconds" in row
            else ""
        )
        print(f"| {row['what']} | {row['seconds']:.2f} | {r} | {row['peak_mb']:,.0f} |")
    print("\n| days | pixels a side | seconds | peak MB so far |\n|---|---|---|---|")
    for row in grids:
        print(f"| {row['days']} | {row['side']} | {row['seconds']:.2f} | {row['peak_mb']:,.0f} |")
    print("\n| stage, 267 days, 64 x 64 | seconds | plain SciPy | ratio |\n|---|---|---|---|")
    for row in plain:
        ratio = row["plain_seconds"] / row["seconds"]
        print(f"| {row['what']} | {row['seconds']:.3f} | {row['plain_seconds']:.3f} | {ratio:.1f}x |")
    print("\n| stage, 60 days, 64 x 64 | seconds | R, recorded |\n|---|---|---|")
    for name, seconds in rows[0]["stages"].items():
        print(f"| {name} | {seconds:.3f} | {rows[0]['r_stages'][name]:.1f} |")
    print(f"\n{rows[-1]['what']}: {rows[-1]['dispersion']}")
    if not options.no_write:
        machine = {
            "cores": os.cpu_count(),
            "machine": platform.machine(),
            "python": platform.python_version(),
        }
        document = {"data": events(2006)[2], **machine, "load_before": load, "runs": rows}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(document, indent=1) + "\n")
        print(f"written: {RESULTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
