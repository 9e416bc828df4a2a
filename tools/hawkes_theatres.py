"""Runs of the Hawkes model on simulated theatres, and the table made of them; see measure_hawkes.py."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

HORIZON, ZONES_KM = 14, 75.0
LAGS = ((0, 0), (1, 7), (8, 14), (15, 30))
EFFECTS = ("null", "lull", "surge")
HOLDS = ("random", "reactive")
RULES = (*HOLDS, "hidden_threat", "offensive", "reporting_falls", "one_source_falls")
Z = 1.959964
Cell = tuple[str, str]


def cells() -> list[Cell]:
    """Give all cells; the order decides seeds, so new cells go to the end."""
    return [(effect, rule) for effect in EFFECTS for rule in RULES]


def simulated(cell: Cell, seed: int) -> tuple[Any, Any]:
    """Give a theatre and its rows. In `one_source_falls` a second source, which misses half of all attacks
    wherever they are, reports beside the first, whose reports fall behind strikes.
    """
    from afterstrike.effects.theatres import Theatre, calibrate, simulate_theatre

    effect, rule = cell
    preset = "reporting_falls" if rule == "one_source_falls" else rule
    theatre = simulate_theatre(calibrate(Theatre.preset(effect, strikes=preset)), seed=seed)  # type: ignore[arg-type]
    if rule != "one_source_falls":
        return theatre, theatre.events
    rows = theatre.complete.rename(columns={"date": "date_start"})
    by_wire = np.random.default_rng([seed, 7]).random(len(rows)) < 0.5
    rows["source"] = np.where(by_wire, "wire", "local press")
    return theatre, rows[by_wire | rows["is_recorded"]].reset_index(drop=True)


def one_run(cell: Cell, seed: int, zones: float | None = ZONES_KM) -> dict[str, Any]:
    """Simulate one theatre, take its truth, estimate it, and look at the checks."""
    from afterstrike.effects import Study
    from afterstrike.effects._hawkes._apart import zones_check
    from afterstrike.effects._hawkes._checks import drift_check, gap_check, leads_check, residual_checks
    from afterstrike.effects._hawkes._effects import added
    from afterstrike.effects._hawkes._entry import Run
    from afterstrike.effects._hawkes._prepare import study_events
    from afterstrike.effects._hawkes._reporting import reporting_check
    from afterstrike.effects._hawkes._result import effect_rows

    started = time.process_time()
    theatre, rows = simulated(cell, seed)
    study = Study.from_frame(rows, treatment="strike", outcome="attack")
    events = study_events(study, zones=zones, gaps=())
    run = Run(events, LAGS, seed=seed)
    fits = {"constant": run.fit(), "drift": run.fit(drift=True)}
    table, out = [], {"cell": list(cell), "seed": seed}
    for name, fit in fits.items():
        found = added(fit, [HORIZON])
        own = effect_rows(fit, found, baseline=name, n_strikes=len(events.strikes), level=0.95, seed=seed)
        table += own
        out[name] = {
            "log_ratio": math.log(own[0]["rate_ratio"]),
            "error": math.log(own[0]["rate_ratio_high"] / own[0]["rate_ratio"]) / Z,
            "error_model": math.log(own[0]["rate_ratio_high_model"] / own[0]["rate_ratio"]) / Z,
            "branching_ratio": fit.branching_ratio,
        }
    import pandas as pd

    drift = fits["drift"]
    checks = (
        *residual_checks(drift),
        drift_check(fits, pd.DataFrame(table)),
        zones_check(drift, run.drift_days / 2),
        leads_check(run.fit(drift=True, lead=True), "", run.block_days),
        reporting_check(drift, events, study.outcome, run.block_days),
        gap_check(drift, events),
    )
    out["checks"] = {check.check_name: check.passed for check in checks}
    out["truth"] = math.log(zone_truth(theatre, zones))
    out["before_after"] = math.log(before_after(drift.data))
    out["seconds"] = time.process_time() - started
    return out


def zone_truth(theatre: Any, zones: float | None, horizon: int = HORIZON) -> float:
    """Give expected attacks on days 1 to H in zones behind their struck days, against the same by twin runs
    in which that day's strikes in the zone are not carried out and all others are as they were.
    """
    from afterstrike.effects._panel._cells import cells_of
    from afterstrike.effects.theatres import _simulate as kernel
    from afterstrike.effects.theatres._run import copy_state

    world, state = theatre.world, theatre.state
    zone = np.zeros(len(world.lat), np.int64) if zones is None else cells_of(world.lat, world.lon, zones)
    carried = state.strikes > 0
    # A rate of 20 strikes a day is a strike, with certainty but for one in 5e8; 0 is none.
    held = theatre.fixed._replace(strike_base=np.where(carried, 20.0, 0.0), reaction=0.0, crowding=1.0)
    twin, last = copy_state(state), carried.shape[0] - 1
    sums = np.zeros(2)
    units = sorted({(int(row), int(zone[place])) for row, place in theatre.struck if row + horizon <= last})
    for row, number in units:
        inside = zone == number
        places = np.flatnonzero(carried[row] & inside)
        toggles = np.column_stack([np.full(len(places), row), places]).astype(np.int64)
        stop = row + horizon + 1
        kernel.run_days(held, twin, row, stop, toggles, 0)
        for world_number, one in enumerate((state, twin)):
            sums[world_number] += one.attack_rate[row + 1 : stop, inside].sum()
        for name in state._fields:
            getattr(twin, name)[row:stop] = getattr(state, name)[row:stop]
    return float(sums[0] / sums[1])


def before_after(data: Any) -> float:
    """Give attacks on days 1 to H in zones after their struck days over those on days -H to -1."""
    from afterstrike.effects._hawkes._effects import cells_by_day

    counts = np.bincount(data.cell, minlength=len(data.width))
    by_day = np.append(counts, 0)[cells_by_day(data)[:, :-1]]
    sums = np.pad(np.cumsum(by_day, axis=1), ((0, 0), (1, 0)))
    zone, day = np.nonzero(data.struck)
    kept = (day >= HORIZON) & (day + HORIZON < by_day.shape[1])
    zone, day = zone[kept], day[kept]
    after = sums[zone, day + HORIZON + 1] - sums[zone, day + 1]
    return float(after.sum() / (sums[zone, day] - sums[zone, day - HORIZON]).sum())


def whole(cell: Cell, seed: int) -> dict[str, Any]:
    """Estimate the whole region as one zone: constant, drift without cycles, drift with cycles."""
    from afterstrike.effects import Study
    from afterstrike.effects._hawkes._effects import added
    from afterstrike.effects._hawkes._entry import Run
    from afterstrike.effects._hawkes._prepare import study_events

    _, rows = simulated(cell, seed)
    events = study_events(Study.from_frame(rows, treatment="strike", outcome="attack"), zones=None, gaps=())
    out: dict[str, Any] = {"cell": [*cell, "whole"], "seed": seed}
    for name, cycles, drift in (
        ("constant", (), False),
        ("drift", (), True),
        ("cycles", (7.0, 365.25), True),
    ):
        fit = Run(events, LAGS, cycles=cycles, seed=seed).fit(drift=drift)
        found = added(fit, [HORIZON])
        expected = float(found.observed[0] - found.total[0])
        out[name] = {
            "log_ratio": math.log(float(found.observed[0]) / expected),
            "error": math.sqrt(float(found.log_covariance[0, 0])),
            "error_model": math.sqrt(float(found.log_model_covariance[0, 0])),
            "branching_ratio": fit.branching_ratio,
        }
    return out


def measure(runs: int, work: Path, minutes: float, *, only_hold: bool = False) -> list[dict[str, Any]]:
    """Run what is missing, seeds of all cells advancing together, one line a run; give all runs.

    With `only_hold` cells in which the assumptions hold, without those of the whole region.
    """
    work.mkdir(parents=True, exist_ok=True)
    store = work / "hawkes_theatres.jsonl"
    lines = store.read_text(encoding="utf-8").splitlines() if store.exists() else []
    found = [json.loads(line) for line in lines if line.endswith("}")]
    done = {(*run["cell"], run["seed"]) for run in found}
    stop = time.monotonic() + 60 * minutes
    with store.open("a", encoding="utf-8") as file:
        for cell, seed in _asked(runs, only_hold):
            if (*cell, seed) in done:
                continue
            if time.monotonic() > stop:
                break
            found.append(whole(cell[:2], seed) if len(cell) > 2 else one_run(cell, seed))
            file.write(json.dumps(found[-1]) + "\n")
            file.flush()
    return found


def _asked(runs: int, only_hold: bool) -> Iterator[tuple[Any, int]]:
    """Give cells and seeds: cells in which the assumptions do not hold get two runs in five."""
    for number in range(0 if only_hold else runs):
        for place, rule in enumerate(HOLDS):
            yield ("null", rule, "whole"), 1_000_000 * (place + 1) + number
    for number in range(runs):
        for place, cell in enumerate(cells()):
            # Each cell has seeds of its own: with common seeds one unlucky theatre would count in all.
            if cell[1] in HOLDS or (not only_hold and number % 5 in (0, 2)):
                yield cell, 1_000_000 * (place + 1) + number


def _pooled(runs: list[dict[str, Any]]) -> list[str]:
    """Say over cells what a page quotes."""
    lines = []
    for head, rules in (("hold", HOLDS), ("do not hold", RULES[len(HOLDS) :])):
        own = [run for run in runs if len(run["cell"]) == 2 and run["cell"][1] in rules]
        if not own:
            continue
        gap = np.abs(_column(own, "drift", "log_ratio") - np.array([run["truth"] for run in own]))
        caught = [any(passed is False for passed in run["checks"].values()) for run in own]
        lines.append(
            f"- Where the assumptions {head}: {len(own)} runs, coverage "
            f"{share(gap < Z * _column(own, 'drift', 'error'))}, a check failed in {share(caught)}."
        )
    return [*lines, ""] if lines else []


def share(hits: Any) -> str:
    """Write a share in per cent with its Monte Carlo error."""
    mean = float(np.mean(hits))
    return f"{100 * mean:.0f}% (± {196 * math.sqrt(mean * (1 - mean) / len(hits)):.0f})"


def table(runs: list[dict[str, Any]]) -> list[str]:
    """Give the lines of the tables, and which checks failed how often."""
    heads = (
        "effect", "strikes", "runs", "truth", "bias (± MC error)", "spread", "mean error", "coverage",
        "of the model's errors", "false sign", "constant: bias", "coverage", "before and after: bias",
        "a check failed",
    )  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    failed = []
    for cell in cells():
        own = [run for run in runs if tuple(run["cell"]) == cell]
        if not own:
            continue
        name = f"{cell[0]} | {cell[1].replace('_', ' ')}"
        lines.append(f"| {name} | {' | '.join(_line(own))} |")
        checks = {one: np.mean([run["checks"][one] is False for run in own]) for one in own[0]["checks"]}
        told = ", ".join(f"{one} {100 * value:.0f}%" for one, value in checks.items() if value)
        failed.append(f"- {name.replace(' |', ',')}: {told or 'none'}")
    return [
        *_pooled(runs),
        *lines,
        "",
        "Checks that failed, by share of runs:",
        "",
        *failed,
        "",
        *_whole_table(runs),
    ]


def _column(runs: list[dict[str, Any]], name: str, key: str) -> Any:
    return np.array([run[name][key] for run in runs])


def _line(own: list[dict[str, Any]]) -> list[str]:
    truth = np.array([run["truth"] for run in own])
    value, error = _column(own, "drift", "log_ratio"), _column(own, "drift", "error")
    gap, off = value - truth, _column(own, "constant", "log_ratio") - truth
    wrong = (value - Z * error > 0) & (truth <= 1e-9) | (value + Z * error < 0) & (truth >= -1e-9)
    plain = np.array([run["before_after"] for run in own]) - truth
    caught = [any(passed is False for passed in run["checks"].values()) for run in own]
    return [
        str(len(own)),
        f"{truth.mean():+.3f}",
        f"{gap.mean():+.3f} (± {1.96 * gap.std(ddof=1) / math.sqrt(len(own)):.3f})",
        f"{gap.std(ddof=1):.3f}",
        f"{error.mean():.3f}",
        share(np.abs(gap) < Z * error),
        share(np.abs(gap) < Z * _column(own, "drift", "error_model")),
        share(wrong),
        f"{off.mean():+.3f}",
        share(np.abs(off) < Z * _column(own, "constant", "error")),
        f"{plain.mean():+.3f}",
        share(caught),
    ]


def _whole_table(runs: list[dict[str, Any]]) -> list[str]:
    heads = (
        "strikes", "baseline", "runs", "bias (± MC error)", "spread", "mean error", "of the model",
        "false findings", "with the model's errors", "branching ratio (truth 0)",
    )  # fmt: skip
    if not any(len(run["cell"]) == 3 for run in runs):
        return []
    lines = ["The whole region as one zone, without an effect:", "", f"| {' | '.join(heads)} |"]
    lines.append("|---" * len(heads) + "|")
    named = {"constant": "constant", "drift": "drift, no cycles", "cycles": "drift and cycles"}
    for rule in HOLDS:
        own = [run for run in runs if tuple(run["cell"]) == ("null", rule, "whole")]
        for key, name in named.items():
            if not own:
                continue
            value = _column(own, key, "log_ratio")
            errors = [_column(own, key, one) for one in ("error", "error_model")]
            told = [
                rule, name, str(len(own)),
                f"{value.mean():+.4f} (± {1.96 * value.std(ddof=1) / math.sqrt(len(own)):.4f})",
                f"{value.std(ddof=1):.4f}", *(f"{error.mean():.4f}" for error in errors),
                *(share(np.abs(value) > Z * error) for error in errors),
                f"{_column(own, key, 'branching_ratio').mean():.2f}",
            ]  # fmt: skip
            lines.append(f"| {' | '.join(told)} |")
    return lines
