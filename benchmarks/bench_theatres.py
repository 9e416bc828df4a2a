"""Measure simulated theatres: the run, the events as a table, the truth by twin runs, the start.

    python benchmarks/bench_theatres.py [--no-write]

Prints a Markdown table and writes benchmarks/results/theatres.json. Times: best of five, warm, one thread.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results/theatres.json"
SIZES = {"1e4": (14.0, 400), "1e5": (140.0, 800), "1e6": (1400.0, 2500)}


def best(work: Callable[[], object], times: int = 5) -> float:
    """Give the shortest of several times in seconds."""
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
    return min(took)


def policy_rows() -> list[dict[str, object]]:
    """Time the truth of two scenarios over 300 days."""
    from afterstrike.effects.theatres import policy_theatre, policy_truth, scaled, simulate_theatre

    rows: list[dict[str, object]] = []
    for strikes in ("random", "reactive"):
        theatre = simulate_theatre(policy_theatre("lull", strikes=strikes, strikes_per_day=3.0), seed=1)
        pair = [scaled(theatre, 1.0), scaled(theatre, 1.5)]
        rows += [
            {
                "what": f"policy truth, {strikes} strikes, 300 days, 20 draws, 2 scenarios, lag {lag}",
                "seconds": best(lambda lag=lag, t=theatre, p=pair: policy_truth(t, scenarios=p, lag=lag), 3),
            }
            for lag in (1, 3, 7)
        ]
    return rows


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    begin = time.perf_counter()
    from afterstrike.effects.theatres import Theatre, calibrate, simulate_theatre

    simulate_theatre(Theatre(days=30, places=20), seed=1).truth(horizon_days=7, radius_km=25)
    rows = [
        {
            "what": "import, compile or load the cache, first run and truth",
            "seconds": time.perf_counter() - begin,
        }
    ]
    begin = time.perf_counter()
    calibrate(Theatre.preset("lull", strikes="reactive", overlap=0.5))
    rows.append(
        {"what": "calibrate a reactive preset to 50% overlap", "seconds": time.perf_counter() - begin}
    )
    for label, (attacks_per_day, places) in SIZES.items():
        spec = calibrate(Theatre.preset("lull", overlap=None, attacks_per_day=attacks_per_day, places=places))
        theatre = simulate_theatre(spec, seed=1)
        repeats = 5 if label != "1e6" else 2
        number = len(theatre.events)
        rows += [
            {
                "what": f"simulate, {number} events at {places} places",
                "seconds": best(lambda spec=spec: simulate_theatre(spec, seed=2), repeats),
            },
            {
                "what": f"simulate and list, {number} events",
                "seconds": best(lambda spec=spec: simulate_theatre(spec, seed=2).events, repeats),
            },
            {
                "what": f"truth of {len(theatre.struck)} struck place-days, {number} events",
                "seconds": best(lambda t=theatre: t.truth(horizon_days=14, radius_km=25), repeats),
            },
        ]
    rows += policy_rows()
    print("| what | seconds |\n|---|---|")
    for row in rows:
        print(f"| {row['what']} | {row['seconds']:.3f} |")
    if not options.no_write:
        RESULTS.parent.mkdir(exist_ok=True)
        found = {"machine": platform.machine(), "python": platform.python_version(), "rows": rows}
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
