"""Measure whether stochastic interventions find the truth in simulated theatres, by effective sample and lag.

Cells are effect x how strikes come about. In each run the same theatre is looked at under factors that leave
effective samples from 5 to 500, at lags 1, 3 and 7. The truth is that of `policy_truth` in the same theatre.
`default` is given the covariates that the theatre's strikes answer to, so its assumptions hold; beside it, in
fewer runs, its own covariates, and the convention geocausal-0.4 without truncation and truncated at 0.95, for
policies of a fixed density. Runs are kept, so that a stopped measurement goes on where it stopped:

    python tools/measure_policies.py --runs 200
    python tools/measure_policies.py --report
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure_recovery import read_runs
from policy_runs import DAYS, LAGS, METHODS, PER_DAY, TARGETS, Cell, one_run
from recovery_table import interval

if TYPE_CHECKING:
    import pandas as pd

EFFECTS, STRIKES = ("null", "lull", "surge"), ("random", "reactive")
BESIDE = 40
RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "policy_recovery.md"


def cells() -> list[Cell]:
    """Give all cells; the order decides seeds, so new cells go to the end."""
    return list(itertools.product(EFFECTS, STRIKES))


def _rows(cell: Cell, seed: int, beside: bool) -> list[dict[str, Any]]:
    return list(one_run(cell, seed, methods=METHODS if beside else METHODS[:1]))


def measure(runs: int, jobs: int, work: Path, minutes: float) -> None:
    """Run what is missing; seeds of all cells advance together, each cell with seeds of its own."""
    from joblib import Parallel, delayed
    from rich.progress import track

    work.mkdir(parents=True, exist_ok=True)
    store = work / "policies.jsonl"
    done = {(tuple(line["cell"]), line["seed"]) for line in read_runs(store)}
    todo = [
        (cell, 1000 * (place + 1) + number, number < BESIDE)
        for number in range(runs)
        for place, cell in enumerate(cells())
        if (cell, 1000 * (place + 1) + number) not in done
    ]
    stop, batch = time.monotonic() + 60 * minutes, 6 * jobs
    with Parallel(n_jobs=jobs) as parallel:
        for start in track(range(0, len(todo), batch), description="runs"):
            if time.monotonic() > stop:
                break
            made = parallel(delayed(_rows)(*one) for one in todo[start : start + batch])
            with store.open("a", encoding="utf-8") as file:
                for rows in made:
                    head = {"cell": rows[0]["cell"], "seed": rows[0]["seed"]}
                    kept = [{k: v for k, v in row.items() if k not in head} for row in rows]
                    file.write(json.dumps({**head, "rows": kept}) + "\n")


def read(work: Path) -> pd.DataFrame:
    """Read all runs, one row a method, lag, target and area."""
    import pandas as pd

    rows = [
        {"effect": line["cell"][0], "strikes": line["cell"][1], "seed": line["seed"], **row}
        for line in read_runs(work / "policies.jsonl")
        for row in line["rows"]
    ]
    table = pd.DataFrame(rows)
    table["gap"] = table["estimate"] - table["truth"]
    table["known"] = table["low"].notna() & table["high"].notna()
    table["covered"] = (table["low"] <= table["truth"]) & (table["truth"] <= table["high"])
    return table


def _share(part: pd.Series[Any]) -> str:
    """Give a share with its 95% interval (Wilson)."""
    low, high = interval(int(part.sum()), len(part))
    return f"{part.mean():.3f} | {max(low, 0):.3f}-{min(high, 1):.3f}"


def _table(table: pd.DataFrame, by: list[str]) -> list[str]:
    head = [*by, "runs", "bias", "spread", "mean error", "coverage", "(95%)", "refused", "caught"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for key, part in table.groupby(by, sort=False):
        held = part[part["known"]]
        told = [str(value) for value in (key if isinstance(key, tuple) else (key,))]
        if len(held):
            told += [
                f"{len(part)}", f"{held['gap'].mean():+.3f}", f"{held['gap'].std():.3f}",
                f"{held['error'].mean():.3f}", _share(held["covered"]),
            ]  # fmt: skip
        else:
            told += [f"{len(part)}", *["refused"] * 3, "refused | "]
        told += [f"{1 - part['known'].mean():.2f}", f"{part['caught'].mean():.2f}"]
        lines.append("| " + " | ".join(told) + " |")
    return lines


def _pivot(table: pd.DataFrame) -> list[str]:
    """Give coverage by method and lag (rows) and target (columns), where at least a tenth has an interval."""
    shares = table[table["known"]].groupby(["method", "lag", "target"])["covered"].mean()
    known = table.groupby(["method", "lag", "target"])["known"].mean()
    lines = [
        "| convention | lag | " + " | ".join(map(str, TARGETS)) + " |",
        "|---" * (len(TARGETS) + 2) + "|",
    ]
    for method in (name for name in METHODS if name in set(table["method"])):
        for lag in LAGS:
            keys = [(method, lag, target) for target in TARGETS]
            told = [f"{shares[key]:.3f}" if known[key] >= 0.1 else "refused" for key in keys]
            lines.append(f"| {method} | {lag} | " + " | ".join(told) + " |")
    return lines


def report(table: pd.DataFrame) -> str:
    """Give the page: in words, over all cells by lag and target, by cell, and in a part of the region."""
    ours = table[(table["method"] == "default") & table["known"]]
    enough = ours[ours["target"] >= 50]
    whole = table[table["area"] == "everywhere"]
    order = whole.sort_values(["lag", "target"], ascending=[True, False], kind="stable")
    runs = len(ours[["effect", "strikes", "seed"]].drop_duplicates())
    lines = [
        "# Recovery of the effect of policies in simulated theatres", "",
        f"Made by `python tools/measure_policies.py`. Theatres of {DAYS} days with ten attacks and "
        f"{PER_DAY:g} strike a day: no effect, or attacks within 30 km fall by 30% or rise by 15% for five "
        "days; strikes random, or reactive to recorded attacks of the week before. The policy is so many "
        "times the strikes against as observed; the factor is the one that leaves the sample named in "
        "`target`. The truth of each run is that of `policy_truth`. Bias, spread and mean error in recorded "
        "attacks a day, over runs with an interval. Coverage is of nominal 95% intervals. `refused`: share "
        "of runs without an interval. `caught`: share in which a check failed.", "",
        f"- Default convention, effective sample aimed at 50 and more, both areas: coverage "
        f"{enough['covered'].mean():.3f} in {len(enough)} intervals of {runs} runs; by lag "
        + ", ".join(
            f"{lag}: {part['covered'].mean():.3f}" for lag, part in enough.groupby("lag")
        )
        + f"; the lowest of its {len(LAGS) * 4} lags and targets "
        + f"{enough.groupby(['lag', 'target'])['covered'].mean().min():.3f}.",
        "- Targets of 5 and 15 are refused in "
        f"{1 - table[(table['method'] == 'default') & (table['target'] < 30)]['known'].mean():.3f} of runs, "
        "the target of 30 in "
        f"{1 - table[(table['method'] == 'default') & (table['target'] == 30)]['known'].mean():.3f}.",
    ]  # fmt: skip
    for method in METHODS[1:]:
        part = table[(table["method"] == method) & table["known"]]
        if len(part):
            big, small = part[part["target"] >= 50], part[part["target"] < 50]
            line = f"- {method}: coverage {big['covered'].mean():.3f} at 50 and more"
            if len(small):
                line += f", {small['covered'].mean():.3f} below"
            lines.append(line + ".")
    lines += ["", "## Coverage by effective sample aimed at, whole region", "", *_pivot(order)]
    for method in METHODS:
        part = order[order["method"] == method]
        if len(part):
            lines += ["", f"## {method}: by lag and target, whole region", ""]
            lines += _table(part, ["lag", "target"])
    ours = order[(order["method"] == "default") & order["target"].isin((500, 100, 50))]
    lines += ["", "## default: cell by cell, whole region", ""]
    lines += _table(
        ours.sort_values(["effect", "strikes"], kind="stable"), ["effect", "strikes", "lag", "target"]
    )
    half = table[(table["method"] == "default") & (table["area"] != "everywhere")]
    half = half.sort_values(["lag", "target"], ascending=[True, False], kind="stable")
    lines += ["", "## default: western half", "", *_table(half, ["lag", "target"])]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read the options, run what is missing, write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=200, help="runs a cell")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop starting batches after this long")
    parser.add_argument("--work", type=Path, default=Path("out/policies"), help="where runs are kept")
    parser.add_argument("--report", action="store_true", help="only write the tables from the runs there are")
    options = parser.parse_args()
    if not options.report:
        measure(options.runs, options.jobs, options.work, options.minutes)
    told = report(read(options.work))
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(told, encoding="utf-8")
    print(told)


if __name__ == "__main__":
    main()
