"""Measure whether matched wakes find the truth in simulated theatres: bias, error, coverage, refusals.

Cells are effect x how strikes come about x overlap. In each run the truth comes from twin runs of the same
theatre. Beside the default convention stand, in the first runs of each cell, the naive before and after,
uniform comparison place-days, and the convention mwa-0.5 with uniform control place-days. Cells in which the
assumptions of the design do not hold get a share of the runs. Runs are kept one line each, so that a stopped
measurement goes on where it stopped, and `--keep` puts them, rounded, beside the tables, so that another
machine goes on from there:

    python tools/measure_recovery.py --runs 500
    python tools/measure_recovery.py --report --keep
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import time
from pathlib import Path
from typing import Any

from recovery_runs import Cell, one_run, why_not
from recovery_table import HOLDS, Runs, markdown, summarise

EFFECTS = ("null", "lull", "surge", "displacement")
BROKEN = ("hidden_threat", "offensive", "reporting_falls")
OVERLAPS = (0.05, 0.5, 0.95)
# Of the runs of other cells; and the runs of each cell in which other methods stand beside ours.
BROKEN_SHARE, BESIDE = 0.25, 60
RESULTS = Path(__file__).parent.parent / "benchmarks" / "results"
KEPT = RESULTS / "recovery_runs.jsonl.gz"


def cells() -> list[Cell]:
    """Give all cells; the order decides seeds, so new cells go to the end."""
    return list(itertools.product(EFFECTS, HOLDS + BROKEN, OVERLAPS))


def _safe_run(cell: Cell, seed: int, beside: bool) -> dict[str, Any]:
    started = time.perf_counter()
    return one_run(cell, seed, beside=beside) | {"seconds": time.perf_counter() - started}


def measure(runs: int, jobs: int, work: Path, minutes: float) -> None:
    """Run what is missing, in batches, each written when done; seeds of all cells advance together."""
    from joblib import Parallel, delayed
    from rich.progress import track

    work.mkdir(parents=True, exist_ok=True)
    store = work / "runs.jsonl"
    done = {(tuple(run["cell"]), run["seed"]) for run in all_runs(work)}
    reasons = Parallel(n_jobs=jobs)(delayed(why_not)(cell) for cell in cells())
    for cell, reason in zip(cells(), reasons, strict=True):
        if reason:
            print(f"{cell} is left out: {reason}")
    todo = []
    for number in range(runs):
        for place, cell in enumerate(cells()):
            if reasons[place]:
                continue
            # Each cell has seeds of its own: with common seeds one unlucky theatre would count in every cell.
            seed = 1_000_000 * (place + 1) + number
            if cell[1] in BROKEN and int(number * BROKEN_SHARE) == int((number - 1) * BROKEN_SHARE) != 0:
                continue
            if (cell, seed) not in done:
                todo.append((cell, seed, number < BESIDE))
    stop = time.monotonic() + 60 * minutes
    batch = 12 * jobs
    with Parallel(n_jobs=jobs) as parallel:
        for start in track(range(0, len(todo), batch), description="runs"):
            if time.monotonic() > stop:
                break
            lines = parallel(delayed(_safe_run)(*one) for one in todo[start : start + batch])
            with store.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)


def read_runs(store: Path) -> Runs:
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


def all_runs(work: Path) -> Runs:
    """Read the kept runs and those of the work folder, each cell and seed once."""
    lines = gzip.decompress(KEPT.read_bytes()).decode().splitlines() if KEPT.exists() else []
    found = [json.loads(line) for line in lines] + read_runs(work / "runs.jsonl")
    return list({(tuple(run["cell"]), run["seed"]): run for run in found}.values())


def keep(runs: Runs) -> None:
    """Put all runs beside the tables, numbers to five digits: more than any table shows."""

    def short(value: Any) -> Any:
        if isinstance(value, float):
            return float(f"{value:.5g}")
        if isinstance(value, list):
            return [short(one) for one in value]
        return {name: short(one) for name, one in value.items()} if isinstance(value, dict) else value

    ordered = sorted(runs, key=lambda run: (run["seed"], run["cell"]))
    text = "".join(json.dumps(short(run), separators=(",", ":")) + "\n" for run in ordered)
    KEPT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def main() -> None:
    """Read the options, run what is missing, write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=500, help="runs a cell")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop starting batches after this long")
    parser.add_argument("--work", type=Path, default=Path("out/recovery"), help="where runs are kept")
    parser.add_argument("--report", action="store_true", help="only write the tables from the runs there are")
    parser.add_argument("--keep", action="store_true", help="put the runs beside the tables")
    options = parser.parse_args()
    if not options.report:
        measure(options.runs, options.jobs, options.work, options.minutes)
    runs = all_runs(options.work)
    if options.keep:
        keep(runs)
    table = summarise(runs)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "recovery.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    told = markdown(table)
    (RESULTS / "recovery.md").write_text(told, encoding="utf-8")
    print(told)


if __name__ == "__main__":
    main()
