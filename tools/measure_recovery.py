"""Measure whether matched wakes find the truth in simulated theatres: bias, error, coverage, refusals.

Cells are effect x how strikes come about x overlap. In each run the truth comes from twin runs of the same
theatre. Beside the default convention stand the naive before/after, uniform comparison place-days, and the
convention mwa-0.5 with uniform control place-days. Runs are kept one line each, so that a stopped
measurement goes on where it stopped:

    python tools/measure_recovery.py --runs 500
    python tools/measure_recovery.py --report
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

EFFECTS = ("null", "lull", "surge")
RULES = ("random", "reactive")
OVERLAPS = (0.05, 0.5)
# Cells in which the assumptions of the design do not hold; bias and what the checks caught are reported.
BROKEN = tuple((effect, rule, 0.05) for effect in ("null", "lull") for rule in ("hidden_threat", "offensive"))
HORIZON, RADIUS = 14, 25.0
METHODS = ("afterstrike", "before_after", "uniform", "mwa-0.5")
RESULTS = Path(__file__).parent.parent / "benchmarks" / "results"
Z = 1.959964


def one_run(cell: tuple[str, str, float], seed: int) -> dict[str, Any]:
    """Simulate one theatre and estimate it by every method."""
    from afterstrike.effects import Study
    from afterstrike.effects.theatres import Theatre, calibrate, simulate_theatre
    from afterstrike.effects.theatres._unplanned import truth_unplanned

    effect, rule, overlap = cell
    spec = calibrate(Theatre.preset(effect, strikes=rule, overlap=overlap))  # type: ignore[arg-type]
    theatre = simulate_theatre(spec, seed=seed)
    aim = truth_unplanned(theatre, horizon_days=HORIZON, radius_km=RADIUS, merge_km=RADIUS)
    kept = theatre.truth(horizon_days=HORIZON, radius_km=RADIUS)
    study = Study.from_frame(theatre.events, treatment="strike", outcome="attack")
    out: dict[str, Any] = {
        "cell": list(cell),
        "seed": seed,
        "truth": math.log(aim.rate_ratio),
        "truth_planned": math.log(kept.rate_ratio),
        "truth_effect": -aim.averted,
        "overlap": theatre.overlap,
    }
    out["afterstrike"], radius = _ours(study, seed)
    out["uniform"] = _uniform(radius, seed) if radius is not None else {"refused": "no wakes"}
    out["before_after"] = _before_after(radius) if radius is not None else {"refused": "no wakes"}
    out["mwa-0.5"] = _mwa(theatre.events, seed)
    return out


def _ours(study: Any, seed: int) -> tuple[dict[str, Any], Any]:
    from afterstrike.effects._wakes import estimate_wakes

    made = estimate_wakes(study, days=(7, HORIZON), km=(RADIUS,), seed=seed, draws=5)
    row = next(row for row in made.rows if row["days"] == HORIZON)
    radius = made.radii.get(RADIUS)
    if row["reason"] or radius is None:
        return {"refused": row["reason"]}, radius
    caught = [check.check_name for check in made.checks if check.passed is False]
    return _numbers(radius) | {"caught": caught}, radius


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


def _safe_run(cell: tuple[str, str, float], seed: int) -> dict[str, Any]:
    started = time.perf_counter()
    return one_run(cell, seed) | {"seconds": time.perf_counter() - started}


def measure(
    cells: Sequence[tuple[str, str, float]], runs: int, jobs: int, work: Path, minutes: float
) -> None:
    """Run what is missing, in batches, each written when done; seeds of all cells advance together."""
    from joblib import Parallel, delayed

    work.mkdir(parents=True, exist_ok=True)
    store = work / "runs.jsonl"
    done = {(tuple(run["cell"]), run["seed"]) for run in read_runs(store)}
    # Each cell has seeds of its own: with common seeds one unlucky theatre would count in every cell.
    todo = [
        (cell, seed)
        for number in range(runs)
        for place, cell in enumerate(cells)
        if (cell, seed := 1_000_000 * (place + 1) + number) not in done
    ]
    stop = time.monotonic() + 60 * minutes
    batch = 12 * jobs
    with Parallel(n_jobs=jobs) as parallel:
        for start in range(0, len(todo), batch):
            if time.monotonic() > stop:
                break
            lines = parallel(delayed(_safe_run)(cell, seed) for cell, seed in todo[start : start + batch])
            with store.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)


def read_runs(store: Path) -> list[dict[str, Any]]:
    """Read the runs; a last line cut short by a stop is left out."""
    if not store.exists():
        return []
    runs = []
    for line in store.read_text(encoding="utf-8").splitlines():
        try:
            runs.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return runs


def _interval(hits: int, count: int) -> tuple[float, float]:
    """Give the Wilson interval of a share."""
    if count == 0:
        return math.nan, math.nan
    share, z2 = hits / count, Z * Z
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count * count)) / (1 + z2 / count)
    return middle - half, middle + half


def summarise(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give one entry a cell and method."""
    table = []
    cells = dict.fromkeys(tuple(run["cell"]) for run in runs)
    for cell in sorted(cells, key=str):
        here = [run for run in runs if tuple(run["cell"]) == cell]
        table += [_entry(cell, method, here) for method in METHODS]
    return table


def _entry(cell: tuple[Any, ...], method: str, here: list[dict[str, Any]]) -> dict[str, Any]:
    known = [run for run in here if "refused" not in run[method]]
    entry: dict[str, Any] = {
        "effect": cell[0], "strikes": cell[1], "overlap": cell[2], "method": method, "runs": len(here),
        "refused": 1 - len(known) / max(len(here), 1),
    }  # fmt: skip
    scale = "log ratio" if method != "mwa-0.5" else "attacks per strike"
    entry["scale"] = scale
    if not known:
        return entry
    if scale == "log ratio":
        got = np.array([run[method]["log_ratio"] for run in known])
        error = np.array([run[method]["error"] for run in known])
        truth = np.array([run["truth"] for run in known])
        planned = np.array([run["truth_planned"] for run in known])
        low, high = got - Z * error, got + Z * error
        entry["coverage_planned"] = float(((low <= planned) & (planned <= high)).mean())
        entry["mean_error"] = float(np.sqrt((error**2).mean()))
    else:
        got = np.array([run[method]["effect"] for run in known])
        truth = np.array([run["truth_effect"] for run in known])
        low = np.array([run[method]["effect_low"] for run in known])
        high = np.array([run[method]["effect_high"] for run in known])
    hits = int(((low <= truth) & (truth <= high)).sum())
    gap = got - truth
    entry |= {
        "truth": float(truth.mean()),
        "bias": float(gap.mean()),
        "bias_error": float(gap.std(ddof=1) / math.sqrt(len(gap))) if len(gap) > 1 else math.nan,
        "spread": float(gap.std(ddof=1)) if len(gap) > 1 else math.nan,
        "rmse": float(np.sqrt((gap**2).mean())),
        "coverage": hits / len(known),
        "coverage_interval": _interval(hits, len(known)),
    }
    if "caught" in known[0][method]:
        entry["caught"] = float(np.mean([bool(run[method]["caught"]) for run in known]))
    for name, key in (("effect", "coverage_effect"), ("did", "coverage_did")):
        if f"{name}_low" in known[0][method] and scale == "log ratio":
            aim = np.array([run["truth_effect"] for run in known])
            ends = [np.array([run[method][f"{name}_{end}"] for run in known]) for end in ("low", "high")]
            entry[key] = float(((ends[0] <= aim) & (aim <= ends[1])).mean())
    return entry


def markdown(table: list[dict[str, Any]]) -> str:
    """Write the table for people."""
    lines = [
        "# Recovery of known effects by matched wakes",
        "",
        f"Made by `python tools/measure_recovery.py`. RR on days 1 to {HORIZON} within {RADIUS:g} km; 200 "
        f"strike place-days "
        "in two years, 20 attacks a day in the region. Truth from twin runs: each strike place-day "
        "against none planned "
        "there that day (`truth_unplanned`). Bias, spread and RMSE are of the log ratio; for mwa-0.5 of "
        "attacks per strike. "
        "Coverage is of nominal 95% intervals, with its 95% binomial interval. `caught`: share of runs in "
        "which a check "
        "failed. `planned`: coverage of the other truth, in which a strike taken away keeps its place in "
        "the plan.",
        "",
        "| effect | strikes | overlap | method | runs | truth | bias | +- | spread | mean se | RMSE | coverage | (95%) | planned | refused | caught |",  # noqa: E501
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for e in table:
        if "coverage" not in e:
            continue
        low, high = e["coverage_interval"]
        lines.append(
            f"| {e['effect']} | {e['strikes']} | {e['overlap']} | {e['method']} | {e['runs']} | "
            f"{e['truth']:+.3f} | "
            f"{e['bias']:+.3f} | {e['bias_error']:.3f} | {e['spread']:.3f} | {_or_blank(e, 'mean_error')} "
            f"| {e['rmse']:.3f} | "
            f"{e['coverage']:.3f} | {low:.3f}-{high:.3f} | {_or_blank(e, 'coverage_planned')} | "
            f"{e['refused']:.2f} | "
            f"{_or_blank(e, 'caught')} |"
        )
    return "\n".join([*lines, ""])


def pooled(runs: list[dict[str, Any]]) -> str:
    """Say coverage over all cells in which the assumptions hold, and how many runs share seeds."""
    broken = {rule for _, rule, _ in BROKEN}
    here = [run for run in runs if "refused" not in run["afterstrike"] and run["cell"][1] not in broken]
    score = [(run["afterstrike"]["log_ratio"] - run["truth"]) / run["afterstrike"]["error"] for run in here]
    hits = int(sum(abs(z) < Z for z in score))
    low, high = _interval(hits, len(score))
    shared = sum(run["seed"] < 1_000_000 for run in here)
    return (
        f"\nOver all cells, afterstrike: coverage {hits / len(score):.3f} ({low:.3f}-{high:.3f}) in "
        f"{len(score)} runs; "
        f"error over standard error has mean {np.mean(score):+.3f} and spread {np.std(score):.3f}. "
        f"{shared} runs have "
        "seeds below a million, which all cells share, so that their errors go together between cells.\n"
    )


def _or_blank(entry: dict[str, Any], key: str) -> str:
    return f"{entry[key]:.3f}" if key in entry else ""


def main() -> None:
    """Read the options, run what is missing, write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500, help="runs a cell")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop starting batches after this long")
    parser.add_argument("--work", type=Path, default=Path("out/recovery"), help="where runs are kept")
    parser.add_argument("--report", action="store_true", help="only write the tables from the runs there are")
    parser.add_argument(
        "--broken", action="store_true", help="the cells in which assumptions do not hold, too"
    )
    options = parser.parse_args()
    cells = [tuple(cell) for cell in itertools.product(EFFECTS, RULES, OVERLAPS)]
    cells += list(BROKEN) if options.broken else []
    if not options.report:
        measure(cells, options.runs, options.jobs, options.work, options.minutes)
    runs = read_runs(options.work / "runs.jsonl")
    table = summarise(runs)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "recovery.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    told = markdown(table) + pooled(runs)
    (RESULTS / "recovery.md").write_text(told, encoding="utf-8")
    print(told)


if __name__ == "__main__":
    main()
