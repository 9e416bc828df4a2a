"""Measure what every design answers in simulated theatres: how often a word is given, and how often the wrong one.

    python tools/measure_lull.py --runs 10 --minutes 40     # goes on where it stopped
    python tools/measure_lull.py --report                   # the table alone

Cells are {null, lull, surge} x how strikes come about, few wakes overlapping. `matched wakes` are run without the
checks that repeat an estimate many times. Strikes act within 25 km for some days; what is true in a zone is less than
around a strike, so a ratio is compared with the truth of its own estimand in each design's own table, and here only the
sign. Prints a Markdown table and writes benchmarks/results/lull_answers.md; runs are kept one line each.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

EFFECTS = ("null", "lull", "surge")
HOLDS = ("random", "reactive")
BROKEN = ("hidden_threat", "offensive", "reporting_falls")
RESULTS = Path(__file__).parent.parent / "benchmarks" / "results"
STORE = RESULTS / "lull_runs.jsonl"
DAYS, KM = 14, 25.0

Cell = tuple[str, str]


def one_run(cell: Cell, seed: int) -> dict[str, Any]:
    """Simulate one theatre and give what each design says of it."""
    from afterstrike.effects import Study, lull
    from afterstrike.effects.theatres import Theatre, simulate_theatre

    effect, strikes = cell
    events = simulate_theatre(Theatre.preset(effect, strikes=strikes, overlap=0.05), seed=seed).events
    study = Study.from_frame(events, treatment="strike", outcome="attack", horizon_days=DAYS, radius_km=KM)
    began = time.perf_counter()
    found = lull(study, seed=seed, with_checks=False)
    rows = {
        row.design: {
            "answer": row.answer, "value": row.value, "low": row.low, "high": row.high, "none": row.none,
            "failed": any("failed" in point for point in row.points), "points": list(row.points),
        }
        for row in found.standings if row.is_main
    }  # fmt: skip
    return {"cell": cell, "seed": seed, "rows": rows, "seconds": time.perf_counter() - began}


def measure(runs: int, minutes: float, jobs: int) -> None:
    """Run what is missing, seed by seed over all cells, until the time is over."""
    from joblib import Parallel, delayed
    from rich.progress import track

    done = {(tuple(run["cell"]), run["seed"]) for run in read_runs()}
    cells = list(itertools.product(EFFECTS, HOLDS + BROKEN))
    todo = [
        (cell, 10_000 * (place + 1) + number)
        for number in range(runs)
        for place, cell in enumerate(cells)
        if (cell, 10_000 * (place + 1) + number) not in done
    ]
    stop = time.monotonic() + 60 * minutes
    with Parallel(n_jobs=jobs) as parallel, STORE.open("a", encoding="utf-8") as file:
        for start in track(range(0, len(todo), jobs), description="runs"):
            if time.monotonic() > stop:
                break
            for line in parallel(delayed(one_run)(*one) for one in todo[start : start + jobs]):
                file.write(json.dumps(line) + "\n")
            file.flush()


def read_runs() -> list[dict[str, Any]]:
    """Read the runs kept."""
    if not STORE.exists():
        return []
    return [json.loads(line) for line in STORE.read_text(encoding="utf-8").splitlines() if line.endswith("}")]


def report() -> str:
    """Give the table: by cell and design how often each word was given, and what held the others back."""
    runs = read_runs()
    if not runs:
        return "no runs yet"
    head = ("effect", "strikes", "design", "runs", "fewer", "more", "cannot tell", "not estimated",
            "interval leaves out no change", "of these held back by a failed check", "by a point left open")  # fmt: skip
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for cell in itertools.product(EFFECTS, HOLDS + BROKEN):
        mine = [run["rows"] for run in runs if tuple(run["cell"]) == cell]
        for design in dict.fromkeys(name for rows in mine for name in rows):
            rows = [one[design] for one in mine if design in one]
            words = Counter(row["answer"] for row in rows)
            counts = [words[word] for word in ("fewer", "more", "cannot tell", "not estimated")]
            outside = [row for row in rows if row["high"] < row["none"] or row["low"] > row["none"]]
            failed = sum(row["failed"] for row in outside)
            left_open = sum(row["answer"] == "cannot tell" and not row["failed"] for row in outside)
            told = [
                cell[0],
                cell[1].replace("_", " "),
                design,
                len(rows),
                *counts,
                len(outside),
                failed,
                left_open,
            ]
            lines.append(f"| {' | '.join(map(str, told))} |")
    seconds = sorted(run["seconds"] for run in runs)
    said = "; ".join(_words_given(runs, role) for role in ("design", "comparator"))
    return "\n".join(
        [
            *lines, "",
            f"{len(runs)} theatres, {seconds[len(seconds) // 2]:.1f} s each in the middle. A point left open: an interval for "
            "all windows at once that holds no change, another form, a hidden cause not ruled out, or no comparison group.",
            "",
            f"Where assumptions hold (random, reactive): {said}. The naive before and after can give none.",
        ]
    )  # fmt: skip


def _words_given(runs: list[dict[str, Any]], role: str) -> str:
    """Say how many words on a sign a role gave where assumptions hold, and how many were wrong."""
    from afterstrike.effects._beside._designs import DESIGNS

    names = [design.name for design in DESIGNS if design.role == role]
    right = {"lull": "fewer", "surge": "more"}
    given = [
        right.get(run["cell"][0]) == row["answer"]
        for run in runs if run["cell"][1] in HOLDS
        for name, row in run["rows"].items() if name in names and row["answer"] in ("fewer", "more")
    ]  # fmt: skip
    return (
        f"{role}s ({', '.join(names)}) gave {len(given)} words on a sign, {given.count(False)} of them wrong"
    )


def main() -> None:
    """Run what is missing and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=16, help="theatres a cell")
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="stop after this long; run again to go on"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--report", action="store_true", help="no new runs")
    asked = parser.parse_args()
    if not asked.report:
        measure(asked.runs, asked.minutes, asked.jobs)
    text = report()
    told = (
        "# What every design answers in simulated theatres\n\nWritten by `python tools/measure_lull.py`.\n\n"
    )
    (RESULTS / "lull_answers.md").write_text(told + text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
