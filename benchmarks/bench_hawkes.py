"""Measure the fit of a Hawkes model, beside HawkesPyLib where it is installed.

    python benchmarks/bench_hawkes.py [--events 1000 10000 100000] [--no-write]

Prints a Markdown table and writes benchmarks/results/hawkes.json. Both fit an exponential kernel to the same
events in the same run, warm; the median of some runs is kept. HawkesPyLib starts from random values; its
estimate is the likeliest of its runs. It gives no standard errors; ours are in the time, the interval of the
branching ratio is timed apart. CPU seconds are what a busy machine does not change much. HawkesPyLib is no
dependency: install it into a folder and put that on PYTHONPATH.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from afterstrike.effects import fit_hawkes, simulate_hawkes

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks/results/hawkes.json"
RATE, N, MEMORY = 0.5, 0.5, 3.0


def timed(call: Callable[[], Any], repeats: int) -> tuple[float, float, list[Any]]:
    """Give the median wall and CPU seconds of some warm runs, and all answers."""
    call()
    seconds, busy, answers = [], [], []
    for _ in range(repeats):
        start, cpu = time.perf_counter(), time.process_time()
        answers.append(call())
        seconds.append(time.perf_counter() - start)
        busy.append(time.process_time() - cpu)
    return statistics.median(seconds), statistics.median(busy), answers


def peer(times: Any, duration: float, repeats: int) -> tuple[float, float, Any] | None:
    """Time HawkesPyLib, or give None where it is not installed; keep the likeliest of its estimates."""
    try:
        from HawkesPyLib.inference import ExpHawkesProcessInference
    except ImportError:
        return None

    def call() -> Any:
        made = ExpHawkesProcessInference()
        made.estimate(times, duration)
        return (float(made.logL), float(made.mu), float(made.eta), float(made.theta))

    seconds, busy, answers = timed(call, repeats)
    return seconds, busy, max(answers)


def measure(events: int, repeats: int) -> dict[str, Any]:
    """Time one size."""
    duration = events * (1 - N) / RATE
    times = simulate_hawkes(duration, rate=RATE, branching_ratio=N, memory_days=MEMORY, seed=events)
    seconds, busy, fits = timed(lambda: fit_hawkes(times, duration), repeats)
    fit = fits[-1]
    interval, _, _ = timed(fit.branching_interval, 3)
    row = {
        "events": len(times),
        "seconds": seconds,
        "cpu_seconds": busy,
        "seconds_interval": interval,
        "log_likelihood": fit.log_likelihood,
        "rate": fit.mean_rate,
        "branching_ratio": fit.branching_ratio,
        "memory_days": fit.memory_days,
    }
    other = peer(times, duration, repeats)
    if other is not None:
        row["peer_seconds"], row["peer_cpu_seconds"] = other[0], other[1]
        row["ratio"], row["cpu_ratio"] = other[0] / seconds, other[1] / busy
        row |= dict(
            zip(
                ("peer_log_likelihood", "peer_rate", "peer_branching_ratio", "peer_memory_days"),
                other[2],
                strict=True,
            )
        )
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--events", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--no-write", action="store_true")
    asked = parser.parse_args()
    rows = [measure(events, asked.repeats) for events in asked.events]
    print(
        "| events | fit, s | CPU, s | interval of n, s | HawkesPyLib, s | CPU, s | ratio | of CPU | n, memory | "
        "HawkesPyLib's | log-likelihood less HawkesPyLib's |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        beside = ["not installed", *["–"] * 5]
        if "ratio" in row:
            beside = [
                f"{row['peer_seconds']:.4f}",
                f"{row['peer_cpu_seconds']:.4f}",
                f"{row['ratio']:.1f}",
                f"{row['cpu_ratio']:.1f}",
                f"{row['peer_branching_ratio']:.4f}, {row['peer_memory_days']:.4f}",
                f"{row['log_likelihood'] - row['peer_log_likelihood']:.4f}",
            ]
        own = f"{row['branching_ratio']:.4f}, {row['memory_days']:.4f}"
        cells = [f"{row['events']:,}", f"{row['seconds']:.4f}", f"{row['cpu_seconds']:.4f}"]
        cells.append(f"{row['seconds_interval']:.3f}")
        print(f"| {' | '.join([*cells, *beside[:4], own, *beside[4:]])} |")
    if not asked.no_write:
        machine = {"python": platform.python_version(), "cores": os.cpu_count()}
        RESULTS.write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
