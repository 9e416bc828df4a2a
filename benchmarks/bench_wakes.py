"""Measure the counting of neighbours and the matched wakes beside a plain NumPy twin and the recorded R
figures.

    python benchmarks/bench_wakes.py [--events 10000 100000 1000000] [--only placebos] [--no-write]

Prints a Markdown table and writes benchmarks/results/wakes.json. Coordinates of the counting runs are those
of UCDP GED Syria 2016-2018 drawn with replacement and moved by about two kilometres; without ../shared, 400
made towns. R figures are those of ../shared/reference/TIMINGS.md (mwa 0.5.0, R 4.2.2, OpenJDK 17, 2 virtual
cores).
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

from afterstrike.effects import Study, WakeDesign, matched_wakes, placebo_labels
from afterstrike.effects._mwa._labels import plan_swaps
from afterstrike.effects._pairs import Points, count_pairs, count_pairs_numpy

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
RESULTS = ROOT / "benchmarks/results/wakes.json"
DAY = 86_400_000
WAKES = 20_000
RADII_KM = [10.0, 20.0, 30.0, 40.0, 50.0]
LENGTHS = (6, 12, 18, 24, 30)
# The plain twin is timed on some of the wakes: all of a million would take an hour.
TWIN_WAKES = 200
# Seconds, ../shared/reference/TIMINGS.md: events -> (counting, all).
RECORDED_R = {394: (0.09, 3.2), 3_940: (2.4, 9.3), 19_700: (41.0, 77.0), 39_400: (185.0, 301.0)}
EVEN = (2, 4, 6, 8, 10)
CORES = 2
# Swaps that the plain loop is timed on.
LOOPED = 20


def places() -> tuple[np.ndarray, str]:
    """Give latitudes and longitudes that cluster as real events do."""
    path = SHARED / "data/ucdp_ged_syria/ged_syria_2016_2018.parquet"
    if path.is_file():
        import duckdb

        rows = duckdb.connect().execute(f"SELECT latitude, longitude FROM '{path}'").fetchall()
        return np.array(rows, float), "UCDP GED Syria 2016-2018, resampled"
    rng = np.random.default_rng(0)
    towns = rng.normal([35.0, 38.5], [0.9, 1.6], (400, 2))
    return towns[(rng.pareto(1.0, 20_000) * 4).astype(int) % 400], "400 made towns"


def clustered(n: int, days: float) -> tuple[Points, np.ndarray, Points]:
    """Give n events over a period, their categories, and the wakes among them."""
    rng = np.random.default_rng(n)
    base, _ = places()
    at = base[rng.integers(0, len(base), n)] + rng.normal(0, 0.02, (n, 2))
    moment = np.sort((rng.uniform(0, days, n) * DAY).astype(np.int64))
    events = Points(moment, at[:, 0], at[:, 1], np.arange(n))
    chosen = np.sort(rng.choice(n, min(WAKES, n // 5), replace=False))
    wakes = Points(moment[chosen], at[chosen, 0], at[chosen, 1], chosen)
    return events, rng.choice([0, 0, 0, 1, 2], n).astype(np.int8), wakes


def edges() -> list[int]:
    """Give the time bins that 25 windows need: halves and ends before the wake, ends after it."""
    before = {1 - b * DAY for length in LENGTHS for b in (length // 2, length + 1)}
    return sorted({1, DAY, *before, *((length + 1) * DAY for length in LENGTHS)})


def timed(call: Callable[[], Any], *, repeats: int = 3) -> tuple[float, float, Any]:
    """Give the median wall seconds and CPU seconds of some warm runs, and the last answer.

    Wall seconds are the bar; where other work shares the machine, CPU seconds say what a free one would need.
    """
    call()
    spent = []
    for _ in range(repeats):
        start, used = time.perf_counter(), time.process_time()
        answer = call()
        spent.append((time.perf_counter() - start, time.process_time() - used))
    wall, cpu = np.median(spent, axis=0)
    return float(wall), float(cpu), answer


def bench_counting(n: int, days: float) -> dict[str, Any]:
    """Count 25 windows around up to 20,000 wakes, and some of them with the plain twin."""
    events, category, wakes = clustered(n, days)
    options: dict[str, Any] = {"lag_edges_ms": edges(), "radii_km": RADII_KM, "n_categories": 3}
    seconds, cpu, counts = timed(lambda: count_pairs(wakes, events, category, **options))
    some = np.sort(
        np.random.default_rng(1).choice(len(wakes.lat), min(TWIN_WAKES, len(wakes.lat)), replace=False)
    )
    few = Points(wakes.time_ms[some], wakes.lat[some], wakes.lon[some], wakes.rank[some])
    start = time.perf_counter()
    twin = count_pairs_numpy(few, events, category, **options)
    twin_seconds = (time.perf_counter() - start) * len(wakes.lat) / len(some)
    if not np.array_equal(twin, counts[some]):
        raise SystemExit(f"{n} events: the kernel and its plain twin differ")
    return {
        "what": f"counting, {n:,} events, {len(wakes.lat):,} wakes, 25 windows, {days:.0f} days",
        "pairs": int(counts.sum()),
        "seconds": seconds,
        "cpu_seconds": cpu,
        "numpy_seconds": twin_seconds,
        "numpy_note": f"timed on {len(some)} of the wakes, scaled up",
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def grown(frame: pd.DataFrame, times: int) -> pd.DataFrame:
    """Copy each event `times` times, copies moved in space, time and match values, over the same span."""
    rng = np.random.default_rng(times)
    copies = pd.concat([frame] * times, ignore_index=True)
    moved = np.arange(len(copies)) >= len(frame)
    at = pd.to_datetime(copies["timestamp"]) + pd.to_timedelta(
        rng.uniform(-20, 20, len(copies)) * moved, unit="D"
    )
    return copies.assign(
        lat=copies["lat"] + rng.normal(0, 0.3, len(copies)) * moved,
        lon=copies["lon"] + rng.normal(0, 0.3, len(copies)) * moved,
        timestamp=at.dt.floor("s"),
        match1=copies["match1"] * (1 + rng.normal(0, 0.01, len(copies)) * moved),
        match2=copies["match2"] * (1 + rng.normal(0, 0.001, len(copies)) * moved),
    )


def bench_matched(frame: pd.DataFrame, times: int) -> dict[str, Any]:
    """Run the peer's documented example, counts, matching, diagnostics, regressions, at `times` its size."""
    data = frame if times == 1 else grown(frame, times)
    start = time.perf_counter()
    study = study_of(data)
    making = time.perf_counter() - start
    design = WakeDesign(("match1", "match2"), match_overlap=True)
    run = lambda: matched_wakes(study, days=EVEN, km=EVEN, design=design, convention="mwa-0.5")  # noqa: E731
    seconds, cpu, _ = timed(run, repeats=9 if times == 1 else 3)
    counting, everything = RECORDED_R.get(len(data), (None, None))
    return {
        "what": f"matched wakes, {len(data):,} events, 25 windows, all diagnostics",
        "seconds": seconds,
        "cpu_seconds": cpu,
        "study_seconds": making,
        "r_seconds": everything,
        "r_counting_seconds": counting,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def study_of(frame: pd.DataFrame) -> Study:
    return Study.from_frame(
        frame,
        treatment="treatment",
        control="control",
        outcome="dependent",
        columns={"time": "timestamp", "kind": "type"},
    )


def bench_placebos(frame: pd.DataFrame, repeats: int) -> dict[str, Any]:
    """Swap the labels of about 2,000 wakes in 25 windows, beside a plain loop of the whole analysis on some
    swaps.
    """
    data = grown(frame, 27).sort_values("timestamp", kind="stable", ignore_index=True)
    wakes = np.flatnonzero(data["type"].isin(["treatment", "control"]))
    design = WakeDesign(("match1", "match2"), match_overlap=True)
    study, options = study_of(data), {"days": EVEN, "km": EVEN, "design": design}
    # Warm: the workers too have compiled code on disk to load.
    placebo_labels(study, repeats=50, jobs=CORES, **options)
    start = time.perf_counter()
    found = placebo_labels(study, repeats=repeats, jobs=CORES, **options)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    placebo_labels(study, repeats=50, jobs=1, **options)
    alone = (time.perf_counter() - start) / 50 * repeats
    plan = plan_swaps(study, lengths=EVEN, radii_km=EVEN, time_unit="day", design=design)
    start = time.perf_counter()
    for repeat in range(LOOPED):
        relabelled = data.copy()
        relabelled.loc[wakes, "type"] = np.where(plan.labels(0, repeat), "treatment", "control")
        loop = matched_wakes(study_of(relabelled), convention="mwa-0.5", **options).to_frame()
        if not np.array_equal(loop["estimate"], found.estimates[repeat], equal_nan=True):
            raise SystemExit(f"swap {repeat}: placebo_labels and the plain loop differ")
    looped = (time.perf_counter() - start) / LOOPED * repeats
    return {
        "what": f"placebo labels, {repeats:,} swaps of {len(wakes):,} wakes, 25 windows",
        "events": len(data),
        "seconds": seconds,
        "jobs": CORES,
        "one_job_seconds": alone,
        "loop_seconds": looped,
        "loop_note": f"matched_wakes on {LOOPED} of the swaps, scaled up",
        "load": os.getloadavg()[0],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def print_placebos(row: dict[str, Any]) -> None:
    """Print the row of the placebo labels."""
    print("| run | seconds | one job | plain loop | load |")
    print("|---|---|---|---|---|")
    print(
        f"| {row['what']} | {row['seconds']:.1f} ({row['jobs']} jobs) | {row['one_job_seconds']:.1f} "
        f"| {row['loop_seconds']:,.1f} ({row['loop_seconds'] / row['seconds']:.1f}x) | {row['load']:.1f} |"
    )


def write_placebos(row: dict[str, Any]) -> None:
    """Put the row of the placebo labels into the file, leaving the other runs as they are."""
    document = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    document["placebos"] = row
    RESULTS.write_text(json.dumps(document, indent=1) + "\n")
    print(f"written: {RESULTS.relative_to(ROOT)}")


def main() -> None:
    """Run what the options ask for, print the table, write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--only", choices=["placebos"], help="Run that part alone, and keep the other runs.")
    parser.add_argument("--swaps", type=int, default=1000)
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    packaged = SHARED / "reference/mwa/input_mwa_data.csv"
    if options.only == "placebos":
        row = bench_placebos(pd.read_csv(packaged), options.swaps)
        print_placebos(row)
        if not options.no_write:
            write_placebos(row)
        return
    if packaged.is_file():
        frame = pd.read_csv(packaged)
        rows += [bench_matched(frame, times) for times in (1, 10, 50, 100)]
    else:
        print("without ../shared/reference/mwa: the peer's example is not measured")
    for n in options.events:
        rows.append(bench_counting(n, 1096))
    if options.events and max(options.events) >= 1_000_000:
        # The same events in a quarter of the time: about four times the pairs.
        rows.append(bench_counting(max(options.events), 274))
    print("| run | pairs | seconds | of CPU | plain NumPy | R, recorded | peak MB |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        pairs = f"{row['pairs'] / 1e6:,.1f} M" if "pairs" in row else ""
        twin = (
            f"{row['numpy_seconds']:,.1f} ({row['numpy_seconds'] / row['seconds']:,.0f}x)"
            if "pairs" in row
            else ""
        )
        peer = (
            f"{row['r_seconds']:,.1f} ({row['r_seconds'] / row['seconds']:,.0f}x)"
            if row.get("r_seconds")
            else ""
        )
        print(
            f"| {row['what']} | {pairs} | {row['seconds']:.3f} | {row['cpu_seconds']:.3f} | {twin} | {peer} "
            f"| {row['peak_mb']:,.0f} |"
        )
    if not options.no_write:
        machine = {
            "cores": os.cpu_count(),
            "machine": platform.machine(),
            "python": platform.python_version(),
        }
        load = {"load_before": os.getloadavg()[1]}
        document = {"places": places()[1], **machine, **load, "runs": rows}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(document, indent=1) + "\n")
        print(f"written: {RESULTS.relative_to(ROOT)}")
    if packaged.is_file():
        row = bench_placebos(pd.read_csv(packaged), options.swaps)
        print_placebos(row)
        if not options.no_write:
            write_placebos(row)


if __name__ == "__main__":
    main()
