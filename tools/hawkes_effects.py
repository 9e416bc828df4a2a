"""Runs of the Hawkes model as the product runs it, on attacks that excite attacks, with known effects of strikes.

See measure_hawkes.py. Zones of 1,000 days whose strikes multiply the baseline on days 1 to 7; horizon 7 days; errors as
`added` gives them, baseline constant and with drift and cycles. The truth is the model's own arithmetic at the true
parameters: what a struck day added, offspring included, all other strikes as they were.
"""

from __future__ import annotations

import math
import time
from typing import Any, NamedTuple

import numpy as np

HORIZON, DAYS, MEMORY = 7, 1000, 3.0
LAGS = ((0, 0), (1, 7), (8, 14), (15, 30))
Z = 1.959964


class Cell(NamedTuple):
    """What is simulated: effect on the log baseline, how strikes fall, excitation, a shock all zones share."""

    name: str
    effect: float
    reactive: bool = False
    n: float = 0.4
    shock: float = 0.0
    together: bool = False
    zones: int = 3


def cells() -> list[Cell]:
    """Give all cells; the order decides seeds, so new cells go to the end."""
    plain = [
        Cell(f"{'reactive' if reactive else 'random'} strikes", effect, reactive)
        for reactive in (False, True)
        for effect in (-0.7, 0.0, 0.5)
    ]
    return [
        *plain,
        Cell("random strikes, strong excitation", -0.7, n=0.7),
        Cell("random strikes, no excitation", -0.7, n=0.0),
        Cell("zones struck together, shared shocks", -0.7, shock=0.4, together=True, zones=6),
        Cell("zones struck together, shared shocks", 0.0, shock=0.4, together=True, zones=6),
    ]


def simulate(
    cell: Cell, rng: np.random.Generator
) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Give of each zone the attacks, the struck days, and the true baseline by day."""
    shocks = np.zeros(DAYS)
    for day in range(1, DAYS):
        shocks[day] = 0.8 * shocks[day - 1] + 0.6 * rng.normal()
    common = np.sort(rng.choice(DAYS - 31, 40, replace=False))
    found = []
    for _ in range(cell.zones):
        base = rng.uniform(0.5, 1.2) * np.exp(cell.shock * shocks)
        own = common if cell.together else np.sort(rng.choice(DAYS - 31, 40, replace=False))
        found.append(_zone(cell, base, None if cell.reactive else own, rng))
    return tuple(list(part) for part in zip(*found, strict=True))  # type: ignore[return-value]


def _zone(
    cell: Cell, base: np.ndarray, given: np.ndarray | None, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Go day by day; without days that are given, a strike is the likelier, the more attacks in the week before."""
    base = base.copy()
    pending: list[list[float]] = [[] for _ in range(DAYS)]
    planned = set() if given is None else set(given.tolist())
    usual = base.mean() / (1 - cell.n)
    days, week = [], [0] * 7
    for day in range(DAYS):
        today = (day + rng.random(rng.poisson(base[day]))).tolist() + pending[day]
        at = 0
        while at < len(today):
            for lag in rng.exponential(MEMORY, rng.poisson(cell.n)):
                child = today[at] + lag
                if int(child) == day:
                    today.append(child)
                elif child < DAYS:
                    pending[int(child)].append(child)
            at += 1
        pending[day] = today
        if day in planned if given is not None else rng.random() < min(0.04 * sum(week) / (7 * usual), 0.9):
            days.append(day)
            base[day + 1 : day + 8] *= math.exp(cell.effect)
        week = [*week[1:], len(today)]
    return np.sort(np.concatenate([np.array(part) for part in pending])), np.array(days, int), base


def one_run(cell: Cell, seed: int) -> dict[str, Any]:
    """Simulate, take the truth, and estimate with either baseline."""
    from afterstrike.effects._hawkes._effects import added, offspring
    from afterstrike.effects._hawkes._entry import Run
    from afterstrike.effects._hawkes._prepare import Events
    from afterstrike.effects._hawkes._result import effect_rows

    times, struck, base = simulate(cell, np.random.default_rng([seed, 41]))
    names = [f"z{number}" for number in range(cell.zones)]
    events = Events(
        0, DAYS, np.concatenate(times), np.concatenate(struck) + 0.5,
        np.repeat(names, [len(own) for own in times]).tolist(),
        np.repeat(names, [len(own) for own in struck]).tolist(), np.arange(0), [], {}, "simulated",
    )  # fmt: skip
    run = Run(events, LAGS)
    later = offspring(np.array([cell.n]), np.array([1 / MEMORY]), HORIZON)[::-1]
    parts = [
        (base[zone][day + 1 : day + 1 + HORIZON] * -math.expm1(-cell.effect)) @ later
        for zone, days in enumerate(struck)
        for day in days
        if day + HORIZON < DAYS
    ]
    truth, out = float(np.mean(parts)), {}
    for name in ("constant", "drift"):
        fit = run.fit(drift=name == "drift")
        found = added(fit, [HORIZON], block_days=run.block_days)
        row = effect_rows(fit, found, baseline=name, n_strikes=len(parts), level=0.95, seed=seed)[0]
        out[name] = {
            "log_ratio": math.log(row["rate_ratio"]),
            "error": math.log(row["rate_ratio_high"] / row["rate_ratio"]) / Z,
            "error_model": math.log(row["rate_ratio_high_model"] / row["rate_ratio"]) / Z,
            "observed": row["observed"],
            "added": truth,
        }
    return out


def measure(runs: int, minutes: float) -> list[str]:
    """Run all cells, seeds of all advancing together, until the time is over; give the lines of the table."""
    found: dict[int, list[dict[str, Any]]] = {place: [] for place in range(len(cells()))}
    stop = time.monotonic() + 60 * minutes
    for number in range(runs):
        if time.monotonic() > stop:
            break
        for place, cell in enumerate(cells()):
            found[place].append(one_run(cell, 1_000_000 * (place + 1) + number))
    heads = (
        "strikes", "effect on the log baseline", "n", "baseline", "runs", "truth", "bias (± MC error)", "spread",
        "mean error", "of the model", "coverage", "of the model's errors",
    )  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for place, cell in enumerate(cells()):
        lines += [_line(cell, name, [run[name] for run in found[place]]) for name in ("constant", "drift")]
    return lines


def _line(cell: Cell, name: str, own: list[dict[str, float]]) -> str:
    from hawkes_theatres import share

    value, error, by_model, observed, more = (
        np.array([run[key] for run in own])
        for key in ("log_ratio", "error", "error_model", "observed", "added")
    )
    # Sums over runs first: what the ratio is on average, not what it happened to be given what was observed.
    truth = math.log(observed.sum() / (observed - more).sum())
    gap = value - truth
    told = [
        cell.name, f"{cell.effect:+.1f}", f"{cell.n:.1f}", name, str(len(own)), f"{truth:+.3f}",
        f"{gap.mean():+.4f} (± {1.96 * gap.std(ddof=1) / math.sqrt(len(own)):.4f})", f"{gap.std(ddof=1):.3f}",
        f"{error.mean():.3f}", f"{by_model.mean():.3f}", share(np.abs(gap) < Z * error),
        share(np.abs(gap) < Z * by_model),
    ]  # fmt: skip
    return f"| {' | '.join(told)} |"
