"""Measure whether the Hawkes model finds known parameters, and effects of strikes, with what coverage.

    python tools/measure_hawkes.py [--runs 200] [--large 100] [--no-write]
    python tools/measure_hawkes.py --effects [--runs 200] [--minutes 12]
    python tools/measure_hawkes.py --theatres [--hold] [--runs 60] [--minutes 25] [--work out/hawkes]

Prints a Markdown table and writes one of benchmarks/results/hawkes_recovery.md, hawkes_effects.md, hawkes_theatres.md and
(--hold) hawkes_theatres_hold.md. Seeds are the numbers of the runs.

The first: parameters, with errors of the model, of 1,000, 10,000 and 100,000 events of one process; a heavy tail; strikes at
random and strikes that answer to attacks, of either sign and without effect. The second: rate ratios as
`mutual_excitation` gives them, robust errors and cycles included, where attacks excite attacks. The others: simulated
theatres, whose truth comes from twin runs; their runs are kept one line each in the work folder, so that a stopped
measurement goes on.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from afterstrike.effects import fit_hawkes, simulate_hawkes

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "hawkes_recovery.md"
N, MEMORY, RATE = 0.5, 3.0, 0.5
HEAVY = np.array([1.0, 0.1, 0.01])
SLOPE = 0.3

Row = tuple[str, float, float, float, float]


def plain(events: int, seed: int) -> Iterator[Row]:
    """Give parameter, truth, estimate, low and high of one run with about so many events."""
    duration = events * (1 - N) / RATE
    times = simulate_hawkes(duration, rate=RATE, branching_ratio=N, memory_days=MEMORY, seed=seed)
    fit = fit_hawkes(times, duration)
    low, high = fit.branching_interval()
    yield "branching ratio", N, fit.branching_ratio, low, high
    table = fit.to_frame().set_index("parameter")
    for name, row, truth in (
        ("log rate", "log rate, all", math.log(RATE)),
        ("log memory", "log rate of decay", -math.log(MEMORY)),
    ):
        found = table.loc[row]
        yield name, truth, found["estimate"], found["low"], found["high"]


def heavy(seed: int) -> Iterator[Row]:
    """Give the same of a sum of exponentials, about 5,000 events."""
    shares = HEAVY**SLOPE / (HEAVY**SLOPE).sum()
    lags = (1 / HEAVY).tolist()
    times = simulate_hawkes(
        6000.0, rate=0.4, branching_ratio=N, memory_days=lags, shares=shares.tolist(), seed=seed
    )
    fit = fit_hawkes(times, 6000.0, kernel="power", rates=HEAVY.tolist())
    low, high = fit.branching_interval()
    yield "branching ratio", N, fit.branching_ratio, low, high
    row = fit.to_frame().iloc[-1]
    yield "slope of shares", SLOPE, row["estimate"], row["low"], row["high"]


def strikes(effect: float, reactive: bool, seed: int) -> Iterator[Row]:
    """Give the effect on days 1 to 7 of about 60 strikes in 1,500 days, with a drift in the fit."""
    times, days = struck(effect, reactive, seed)
    for name, drift in (("effect, constant baseline", None), ("effect, drift fitted", 180.0)):
        fit = fit_hawkes(
            times, 1500.0, strikes=days, lags=((0, 0), (1, 7), (8, 14)), drift_days=drift
        )  # fmt: skip
        row = fit.to_frame().set_index("parameter").loc["strike, days 1 to 7"]
        yield name, effect, row["estimate"], row["low"], row["high"]


def struck(effect: float, reactive: bool, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Simulate day by day; a reactive strike is the likelier, the more attacks in the week before."""
    rng = np.random.default_rng([seed, 99])
    n, rate, memory, duration = 0.4, 0.8, 3.0, 1500
    lift = np.zeros(duration + 8)
    pending: list[list[float]] = [[] for _ in range(duration)]
    days, week = [], [0] * 7
    for day in range(duration):
        today = (day + rng.random(rng.poisson(rate * math.exp(lift[day])))).tolist() + pending[day]
        at = 0
        while at < len(today):
            for lag in rng.exponential(memory, rng.poisson(n)):
                child = today[at] + lag
                if int(child) == day:
                    today.append(child)
                elif child < duration:
                    pending[int(child)].append(child)
            at += 1
        pending[day] = today
        if rng.random() < (min(0.004 * sum(week), 0.9) if reactive else 0.04):
            days.append(float(day))
            lift[day + 1 : day + 8] += effect
        week = [*week[1:], len(today)]
    return np.sort(np.concatenate([np.array(part) for part in pending])), np.array(days)


def table(name: str, rows: list[Row], runs: int) -> list[str]:
    """Give the lines of one cell, one a parameter."""
    lines = []
    for parameter in dict.fromkeys(row[0] for row in rows):
        own = np.array([row[1:] for row in rows if row[0] == parameter])
        truth, estimate, low, high = own.T
        held = float(((low <= truth) & (truth <= high)).mean())
        error = math.sqrt(held * (1 - held) / len(own))
        lines.append(
            f"| {name} | {parameter} | {runs} | {truth[0]:.3f} | {estimate.mean():.3f} | {estimate.std():.3f} | "
            f"{100 * held:.1f}% (± {196 * error:.1f}) |"
        )
    return lines


def effects(asked: argparse.Namespace) -> None:
    """Measure rate ratios as the product gives them, and write the table."""
    from hawkes_effects import DAYS, HORIZON, measure

    lines = [
        "# Rate ratios of the Hawkes model where attacks excite attacks",
        "",
        "Written by `python tools/measure_hawkes.py --effects`.",
        f"Zones of {DAYS:,} days, about 40 struck days each, days 1 to {HORIZON}; n is the branching ratio. Estimates and "
        "errors as `mutual_excitation` gives them; 'drift' is with drift and cycles, of which there are none in truth. "
        "Truth is the ratio on average over runs, offspring included; bias, spread and errors are of its logarithm. "
        "Coverage is of 95% intervals, in per cent with its Monte Carlo error (95%).",
        "",
        *measure(asked.runs, asked.minutes),
    ]
    print("\n".join(lines))
    if not asked.no_write:
        RESULTS.with_name("hawkes_effects.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def theatres(asked: argparse.Namespace) -> None:
    """Measure on simulated theatres, and write the table."""
    from hawkes_theatres import HORIZON, ZONES_KM, measure
    from hawkes_theatres import table as theatre_table

    runs = measure(asked.runs, asked.work, asked.minutes, only_hold=asked.hold)
    lines = [
        "# The Hawkes model on simulated theatres",
        "",
        f"Written by `python tools/measure_hawkes.py --theatres{' --hold' if asked.hold else ''}`; {len(runs)} runs.",
        f"Two years, 20 attacks a day, about 200 strikes, no excitation; zones are cells of {ZONES_KM:g} km, days 1 to "
        f"{HORIZON}. Truth by twin runs: a struck day of a zone without its strikes, all others as they were. Bias, "
        "spread and error are of the log ratio with drift and cycles. Shares are in per cent with their Monte Carlo "
        "error (95%).",
        "",
        *theatre_table(runs),
    ]
    print("\n".join(lines))
    if not asked.no_write:
        name = "hawkes_theatres_hold.md" if asked.hold else "hawkes_theatres.md"
        RESULTS.with_name(name).write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--large", type=int, default=100, help="runs with 100,000 events")
    parser.add_argument("--no-write", action="store_true")
    parser.add_argument(
        "--effects", action="store_true", help="rate ratios where attacks excite attacks instead"
    )
    parser.add_argument("--theatres", action="store_true", help="simulated theatres instead")
    parser.add_argument(
        "--hold", action="store_true", help="with --theatres: only where the assumptions hold"
    )
    parser.add_argument("--minutes", type=float, default=1e9, help="of the last two: stop after so long")
    parser.add_argument(
        "--work", type=Path, default=Path("out/hawkes"), help="with --theatres: where runs are kept"
    )
    asked = parser.parse_args()
    if asked.effects or asked.theatres:
        (effects if asked.effects else theatres)(asked)
        return
    cells = [(f"{events:,} events", asked.runs, events) for events in (1_000, 10_000)]
    cells.append(("100,000 events", asked.large, 100_000))
    lines = [
        "# Recovery of the Hawkes model",
        "",
        "Written by `python tools/measure_hawkes.py`. Coverage is of 95% intervals: by profile likelihood for the",
        "branching ratio, from the observed information for the rest.",
        "",
        "| cell | parameter | runs | truth | mean estimate | spread | coverage |",
        "|---|---|---|---|---|---|---|",
    ]
    print("\n".join(lines))

    def add(name: str, rows: list[Row], runs: int, start: float) -> None:
        made = table(name, rows, runs)
        lines.extend(made)
        print("\n".join(made), f"  [{time.monotonic() - start:.0f} s]", flush=True)

    for name, runs, events in cells:
        start = time.monotonic()
        add(name, [row for seed in range(runs) for row in plain(events, seed)], runs, start)
    start = time.monotonic()
    add("heavy tail", [row for seed in range(asked.runs) for row in heavy(seed)], asked.runs, start)
    for reactive in (False, True):
        for effect in (-0.7, 0.0, 0.5):
            start = time.monotonic()
            rows = [row for seed in range(asked.runs) for row in strikes(effect, reactive, seed)]
            add(f"strikes, {'reactive' if reactive else 'random'}", rows, asked.runs, start)
    if not asked.no_write:
        RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
