"""Measure the calibration where the truth is known, and write benchmarks/results/containment_recovery.json.

    python tools/measure_containment.py                      # all cells, about 45 minutes of one core
    python tools/measure_containment.py --runs 20 --minutes 5 # a quick look
    python tools/measure_containment.py --report             # only write the tables from the runs there are

Cells of weekly series, 400 weeks and two sources unless said:
  prior       every parameter drawn from the prior: coverage and ranks (simulation-based calibration)
  fixed       one truth (fewer attacks behind strikes): recovery
  null        no strike effect, all else as in `fixed`: how often a check fails for nothing
  flipped     a world that is sure of fewer attacks (prior +0.4, sd 0.1) where there are more (-0.4)
  drift, step, behind strikes   reporting of the first source falls (to 0.3 by and by; to 0.5 at once; by up to a half
              behind strikes), the second does not; fitted with both sources, and with the first alone
  simulator   one zone of the simulator itself, one source
  hidden      something unrecorded moves strikes and attacks; no strike effect
Set OMP_NUM_THREADS=1. Runs are kept in out/containment/runs.jsonl and not made again.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from containment_cells import CELLS, one_run
from containment_tables import docs_part, rank_figure, shipped_part, tables

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def measure(runs: int, minutes: float, store: Path) -> None:
    """Run what is missing, seeds of all cells together, each written when done."""
    done = {(run["cell"], run["seed"]) for run in read(store)}
    stop = time.monotonic() + 60 * minutes
    store.parent.mkdir(parents=True, exist_ok=True)
    for number in range(max(runs, 1)):
        for place, (cell, share) in enumerate(CELLS.items()):
            seed = 10_000 * (place + 1) + number
            if (cell, seed) in done or number >= runs * share:
                continue
            if time.monotonic() > stop:
                return
            with store.open("a", encoding="utf-8") as file:
                file.write(json.dumps(one_run(cell, seed)) + "\n")


def read(store: Path) -> list[dict[str, Any]]:
    """Read the runs there are."""
    if not store.exists():
        return []
    return [json.loads(line) for line in store.read_text(encoding="utf-8").splitlines() if line.endswith("}")]


def others(store: Path, *, again: bool) -> dict[str, Any]:
    """Measure what is beside the weekly series, unless it is there."""
    import containment_others as parts

    if store.exists() and not again:
        found: dict[str, Any] = json.loads(store.read_text(encoding="utf-8"))
        return found
    found = {name: getattr(parts, name)() for name in ("counts", "abc", "stocks", "nuts", "shipped")}
    store.parent.mkdir(parents=True, exist_ok=True)
    store.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return json.loads(store.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def write_docs(told: dict[str, Any]) -> None:
    """Put the tables between their marks."""
    page = ROOT / "docs" / "calibration.md"
    text = page.read_text(encoding="utf-8")
    for name, part in (("shipped", shipped_part(told)), ("recovery", docs_part(told))):
        before, _, rest = text.partition(f"<!-- {name} -->")
        _, _, after = rest.partition(f"<!-- end {name} -->")
        text = f"{before}<!-- {name} -->\n{part}\n<!-- end {name} -->{after}"
    page.write_text(text, encoding="utf-8")


def main() -> None:
    """Read the options, run what is missing, write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--runs", type=int, default=200, help="runs of the cells prior and fixed; others a fifth"
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="start no run after this long")
    parser.add_argument("--work", type=Path, default=ROOT / "out" / "containment", help="where runs are kept")
    parser.add_argument("--report", action="store_true", help="only write the tables from the runs there are")
    options = parser.parse_args()
    store = options.work / "runs.jsonl"
    if not options.report:
        measure(options.runs, options.minutes, store)
    runs = read(store)
    told = tables(runs) | others(options.work / "others.json", again=not options.report)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "containment_recovery.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    rank_figure(runs).save(ROOT / "docs" / "images" / "calibration-ranks.svg")
    write_docs(told)
    print(docs_part(told))


if __name__ == "__main__":
    main()
