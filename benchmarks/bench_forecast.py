"""Measure the CRPS of 11,460 sets of 1,000 draws beside scoringrules and properscoring where they are installed.

    python benchmarks/bench_forecast.py [--no-write]

Draws are counts with heavy tails. Values are compared before times. Best of five, warm; set OMP_NUM_THREADS=1.
Writes benchmarks/results/forecast_speed.json.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).resolve().parent / "results/forecast_speed.json"


def best(work: Callable[[], object], times: int = 5) -> float:
    """Give the shortest of several times in seconds, after one that is not counted."""
    work()
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
    return min(took)


def main() -> None:
    """Compare, time, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    from afterstrike.containment._forecast import crps, crps_log1p, mis

    rng = np.random.default_rng(0)
    draws = np.floor(rng.gamma(0.5, 50, (11_460, 1000)))
    truth = np.floor(rng.gamma(0.5, 50, 11_460))
    ordered = np.sort(draws, axis=1)
    ours = crps(draws, truth)
    works: dict[str, Callable[[], Any]] = {
        "crps, unsorted": lambda: crps(draws, truth),
        "crps, unsorted, int32": lambda: crps(draws.astype(np.int32), truth),
        "crps, sorted": lambda: crps(ordered, truth, is_sorted=True),
        "crps_log1p, unsorted": lambda: crps_log1p(draws, truth),
        "mis, unsorted": lambda: mis(draws, truth),
    }
    try:
        from scoringrules import crps_ensemble as ensemble

        works["scoringrules qd, unsorted"] = lambda: ensemble(truth, draws, estimator="qd")
        works["scoringrules qd, sorted"] = lambda: ensemble(
            truth, ordered, estimator="qd", sorted_ensemble=True
        )
    except ImportError:
        print("scoringrules is not installed: left out")
    try:
        from properscoring import crps_ensemble as proper

        works["properscoring, unsorted"] = lambda: proper(truth, draws)
    except ImportError:
        print("properscoring is not installed: left out")
    rows = []
    for name, work in works.items():
        gap = None
        if "log1p" not in name and "mis" not in name:
            gap = float(np.abs(np.asarray(work()) - ours).max())
        rows.append({"what": name, "seconds": round(best(work), 4), "largest_difference": gap})
        print(f"| {name} | {rows[-1]['seconds']:.3f} s | {'' if gap is None else f'{gap:.1e}'} |")
    if not options.no_write:
        told = {
            "rows": 11_460,
            "draws": 1000,
            "machine": platform.machine(),
            "python": platform.python_version(),
            "times": rows,
        }
        RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
