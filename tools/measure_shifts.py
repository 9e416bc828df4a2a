"""False alarms, power, dates and delay of change points on simulated series whose truth is known.

python tools/measure_shifts.py                 # prints the tables of docs/shifts.md, about 15 minutes of one core
python tools/measure_shifts.py --runs 40       # a short look
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from afterstrike.effects import change_points
from afterstrike.effects._parallel import in_parallel
from afterstrike.effects._shifts._find import Signal, find_shifts

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results" / "shifts.json"
WEEKS, STEP = 156, 94
SIZE, REDRAWS = 0.05, 999
YEAR = 365.25 / 7
Array = np.ndarray


def counts(kind: str, mean: Array, rng: np.random.Generator) -> Array:
    """Draw weekly counts around a mean: `poisson`, `nb` (size 2), `seasonal` (Poisson), or `ar0.5` and the like.

    `ar` lets the logarithmic mean wander with that correlation and a standard deviation of one half, so counts are
    over-dispersed and depend on each other; `seasonal` swings by a factor of 3 within a year.
    """
    n = len(mean)
    if kind == "nb":
        return rng.negative_binomial(2, 2 / (2 + mean))
    if kind == "seasonal":
        return rng.poisson(mean * np.exp(0.55 * np.sin(2 * np.pi * (np.arange(n) / YEAR + rng.random()))))
    if kind.startswith("ar"):
        rho = float(kind[2:])
        level = rng.normal(size=n)
        for t in range(1, n):
            level[t] = rho * level[t - 1] + np.sqrt(1 - rho**2) * level[t]
        return rng.poisson(mean * np.exp(0.5 * level - 0.125))
    return rng.poisson(mean)


def signal_of(values: Array, season: bool) -> Signal:
    """Make the tempo series of `change_points` from weekly counts."""
    n = len(values)
    turn = 2 * np.pi * (np.arange(n) * 7 + 3.5) / 365.25
    waves = np.stack([np.cos(turn), np.sin(turn)], axis=1) if season else np.zeros((n, 0))
    return Signal(values[:, None].astype(float), np.ones(n), np.arange(n), waves, "count")


def null_run(kind: str, mean: float, weeks: int, season: bool, seed: int) -> bool:
    """Say whether a series without a shift raised one."""
    rng = np.random.default_rng([1, seed])
    values = counts(kind, np.full(weeks, mean), rng)
    if not np.ptp(values):
        return False
    made = signal_of(values, season)
    return bool(find_shifts(made, size=SIZE, redraws=REDRAWS, most=1, rng=rng).shifts)


def table_of(n_events: Array, deaths_scale: float, rng: np.random.Generator) -> pd.DataFrame:
    """Make events: towns of unlike size, a few weeks in which most come from one town, heavy-tailed deaths."""
    week = np.repeat(np.arange(len(n_events)), n_events)
    towns = rng.normal(0, 60, (12, 2)) / 111
    weight = rng.dirichlet(np.ones(12), len(n_events)) * 0.5 + 0.5 / 12
    town = np.array([rng.choice(12, p=weight[w]) for w in week])
    deaths = np.floor(deaths_scale * rng.pareto(1.6, len(week)))
    day = np.datetime64("2016-01-04") + 7 * week + rng.integers(0, 7, len(week))
    stated = rng.random(len(week)) > 0.1
    return pd.DataFrame(
        {
            "date": day,
            "lat": 35 + towns[town, 0],
            "lon": 40 + towns[town, 1],
            "fatalities_best": np.where(stated, deaths, np.nan),
        }
    )


def all_series_run(seed: int) -> list[str]:
    """Give the series of a whole record without a shift in which one was found."""
    rng = np.random.default_rng([2, seed])
    table = table_of(counts("nb", np.full(WEEKS, 8.0), rng), 1.0, rng)
    period = ("2016-01-04", str(np.datetime64("2016-01-04") + 7 * WEEKS - 1))
    found = change_points(table, period=period, size=SIZE, redraws=REDRAWS, seed=seed).to_frame()
    return found.loc[found["date"].notna(), "series"].unique().tolist()


def shift_run(kind: str, factor: float, seed: int, delay: bool = False) -> dict[str, Any]:
    """Find one shift of tempo; with `delay`, how many weeks after it the test first finds one, looked for every eighth week."""
    rng = np.random.default_rng([3, seed])
    after = np.arange(WEEKS) >= STEP
    if (
        kind == "mean"
    ):  # of places or deaths: heavy tails, two to nine events a week, a step in standard deviations
        weights = rng.integers(2, 10, WEEKS).astype(float)
        values = rng.standard_t(4, WEEKS) / np.sqrt(2 * weights) + factor * after / np.sqrt(5.5)
        whole = replace(signal_of(values, False), kind="mean", weights=weights)
    else:
        whole = signal_of(counts(kind, np.where(after, 6.0 * factor, 6.0), rng), False)
    found = find_shifts(whole, size=SIZE, redraws=REDRAWS, most=5, rng=rng).shifts
    told: dict[str, Any] = {"found": len(found)}
    if found:
        nearest = min(found, key=lambda one: abs(one.step - STEP))
        told |= {"error": nearest.step - STEP, "width": nearest.high - nearest.low}
        told["covered"] = nearest.low <= STEP <= nearest.high
    for end in range(STEP + 6, WEEKS + 1, 8) if delay else ():
        made = replace(
            whole,
            values=whole.values[:end],
            weights=whole.weights[:end],
            at=whole.at[:end],
            season=whole.season[:end],
        )
        if find_shifts(made, size=SIZE, redraws=REDRAWS, most=1, rng=rng).shifts:
            return told | {"delay": end - STEP}
    return told | ({"delay": None} if delay else {})


NULLS: dict[str, tuple[str, float, int, bool]] = {
    "Poisson, 4 a week": ("poisson", 4, WEEKS, False),
    "Poisson, 0.4 a week": ("poisson", 0.4, WEEKS, False),
    "negative binomial, 8 a week, variance 5 times the mean": ("nb", 8, WEEKS, False),
    "negative binomial, one year": ("nb", 8, 52, False),
    "correlation 0.3": ("ar0.3", 8, WEEKS, False),
    "correlation 0.5": ("ar0.5", 8, WEEKS, False),
    "correlation 0.5, one year": ("ar0.5", 8, 52, False),
    "correlation 0.7": ("ar0.7", 8, WEEKS, False),
    "correlation 0.9 (slow waves)": ("ar0.9", 8, WEEKS, False),
    "seasonal, taken out": ("seasonal", 8, WEEKS, True),
    "seasonal, left in": ("seasonal", 8, WEEKS, False),
}
SHIFTS = [
    ("poisson", 1.5),
    ("nb", 1.5),
    ("nb", 2.0),
    ("nb", 3.0),
    ("nb", 0.5),
    ("ar0.5", 2.0),
    ("ar0.5", 3.0),
    ("mean", 1.0),
]


def share(hits: int, runs: int) -> str:
    """Write a share with its 95% interval (Wilson)."""
    p, z = hits / runs, 1.96
    middle, half = p + z * z / (2 * runs), z * np.sqrt(p * (1 - p) / runs + z * z / (4 * runs * runs))
    low, high = (middle - half) / (1 + z * z / runs), (middle + half) / (1 + z * z / runs)
    return f"{100 * p:.1f}% ({100 * low:.1f} to {100 * high:.1f})"


def many(run: Callable[[int], Any], runs: int, jobs: int) -> list[Any]:
    """Run with seeds 0 to runs - 1."""
    return in_parallel(run, range(runs), jobs=jobs)


def measure_nulls(runs: int, jobs: int) -> dict[str, Any]:
    """Count false alarms in `runs` series of each kind."""
    return {
        "runs": runs,
        "nulls": {name: sum(many(partial(null_run, *how), runs, jobs)) for name, how in NULLS.items()},
    }


def measure_records(runs: int, jobs: int) -> dict[str, Any]:
    """Count false alarms in `runs` whole records, all series together."""
    made = many(all_series_run, runs, jobs)
    by_series = {
        name: sum(name in one for one in made) for name in ("tempo", "centre", "spread", "lethality")
    }
    return {"records": len(made), "any": sum(map(bool, made)), "by_series": by_series}


def measure_shifts(runs: int, jobs: int) -> dict[str, Any]:
    """Find shifts; a fifth as many of each kind, as each is tested again and again to see its delay."""
    found = {}
    for kind, factor in SHIFTS:  # of "mean" a step in standard deviations of a week, not a factor
        name = f"mean, {factor:g} standard deviations" if kind == "mean" else f"{kind} times {factor:g}"
        found[name] = many(partial(shift_run, kind, factor, delay=True), max(runs // 5, 10), jobs)
    return {"shifts": found}


def tables(found: dict[str, Any]) -> str:
    """Write the tables of docs/shifts.md, of what was measured."""
    lines = []
    if "nulls" in found:
        runs = found["runs"]
        lines += [f"| no shift, {runs:,} series each | false alarms at 5% (95% interval) |", "|---|---|"]
        lines += [f"| {name} | {share(hits, runs)} |" for name, hits in found["nulls"].items()]
    if "records" in found:
        n = found["records"]
        lines += ["", f"| whole records without a shift, {n:,} | false alarms |", "|---|---|"]
        lines.append(f"| any of the four tests | {share(found['any'], n)} |")
        lines += [f"| {name} | {share(hits, n)} |" for name, hits in found["by_series"].items()]
    return "\n".join(lines + (shift_lines(found["shifts"]) if "shifts" in found else []))


def shift_lines(shifts: dict[str, Any]) -> list[str]:
    """Write the table of shifts."""
    heads = [
        "shift of tempo, 6 a week before",
        "found",
        "of these one shift",
        "date error, weeks: median, 90%",
    ]
    heads += ["interval covers", "its weeks, median", "weeks until found: median, 90%"]
    lines = ["", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, made in shifts.items():
        hit = [one for one in made if one["found"]]
        if not hit:
            lines.append(f"| {name} | {share(0, len(made))} | | | | | |")
            continue
        error = np.abs([one["error"] for one in hit])
        late = np.array([np.inf if one["delay"] is None else one["delay"] for one in made])
        middle, most = np.quantile(late, [0.5, 0.9], method="inverted_cdf")
        lines.append(
            f"| {name} | {share(len(hit), len(made))} | {np.mean([one['found'] == 1 for one in hit]):.0%} | "
            f"{np.median(error):.0f}, {np.quantile(error, 0.9):.0f} | "
            f"{share(sum(one['covered'] for one in hit), len(hit))} | {np.median([one['width'] for one in hit]):.0f} | "
            f"{_weeks(middle)}, {_weeks(most)} |"
        )
    return lines


def _weeks(late: float) -> str:
    return f"{late:.0f}" if np.isfinite(late) else f"over {WEEKS - STEP}"


PARTS = {"nulls": measure_nulls, "shifts": measure_shifts, "records": measure_records}


def keep(path: Path, found: dict[str, Any]) -> None:
    """Write what was measured, the runs of each kind as columns, one line a column."""
    columns = {
        name: {key: [run.get(key) for run in made] for key in ("found", "error", "width", "covered", "delay")}
        for name, made in found.get("shifts", {}).items()
    }
    text = json.dumps(found | ({"shifts": columns} if columns else {}), indent=1)
    text = re.sub(r"\[[^\[\]{}]*\]", lambda match: re.sub(r"\s+", " ", match.group()), text)
    path.write_text(text + "\n", encoding="utf-8")


def load(path: Path) -> dict[str, Any]:
    """Read what `keep` wrote."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for name, columns in found.get("shifts", {}).items():
        rows = zip(*columns.values(), strict=True)
        found["shifts"][name] = [dict(zip(columns, row, strict=True)) for row in rows]
    return found


def main() -> None:
    """Measure the parts asked for, keep them beside those measured before, print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=-1)
    parser.add_argument("--part", choices=list(PARTS), action="append", help="all where none is said")
    parser.add_argument(
        "--results", type=Path, help="where to keep them; the committed file from 1000 runs on"
    )
    asked = parser.parse_args()
    path = asked.results or (RESULTS if asked.runs >= 1000 else None)
    found = load(path) if path is not None and path.exists() else {}
    for part in asked.part or PARTS:
        found |= PARTS[part](asked.runs, asked.jobs)
        if path is not None:
            keep(path, found)
    print(tables(found))


if __name__ == "__main__":
    main()
