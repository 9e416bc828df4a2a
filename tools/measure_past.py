"""Coverage of the rate ratio of `tempo_against_past` on simulated counts whose truth is known.

python tools/measure_past.py          # prints the table of docs/tempo.md, about six minutes of one core
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from afterstrike.effects import tempo_against_past
from afterstrike.effects._parallel import in_parallel
from measure_shifts import counts, share

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results" / "tempo_past.json"
WEEKS = 156
KINDS = ("poisson", "nb", "ar0.3", "ar0.5", "ar0.7", "ar0.9")
WINDOWS, RATIOS = (4, 13), (1.0, 0.5, 0.1)


def run(kind: str, weeks: int, ratio: float, seed: int) -> tuple[bool, float]:
    """Say whether the interval of the last weeks against the second year holds the truth, and how wide it is."""
    rng = np.random.default_rng([4, seed])
    mean = np.full(WEEKS, 6.0)
    mean[-weeks:] *= ratio
    index = pd.date_range("2016-01-04", periods=WEEKS, freq="7D")
    series = pd.Series(counts(kind, mean, rng), index=index)
    found = tempo_against_past(
        series,
        window=(str(index[-weeks].date()), str((index[-1] + pd.Timedelta(days=6)).date())),
        reference=(str(index[52].date()), str((index[104] - pd.Timedelta(days=1)).date())),
    )
    row = found.to_frame().iloc[0]
    low, high = float(row["rate_ratio_low"]), float(row["rate_ratio_high"])
    return bool(low <= ratio <= high), high / low if low > 0 else float("inf")


def table(found: dict[str, Any]) -> str:
    """Write the table of docs/tempo.md: one row a kind and length of window, one column a true ratio."""
    ratios = list(dict.fromkeys(row["ratio"] for row in found["rows"]))
    heads = [
        "counts",
        "weeks",
        *(f"true ratio {ratio:g}" for ratio in ratios),
        f"high / low at {ratios[0]:g}, median",
    ]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for kind, weeks in dict.fromkeys((row["kind"], row["weeks"]) for row in found["rows"]):
        mine = [row for row in found["rows"] if (row["kind"], row["weeks"]) == (kind, weeks)]
        cells = [share(row["covered"], found["runs"]) for row in mine]
        lines.append(f"| {' | '.join([kind, str(weeks), *cells, format(mine[0]['width'], '.1f')])} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, keep, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    rows = []
    for kind in KINDS:
        for weeks in WINDOWS:
            for ratio in RATIOS:
                made = in_parallel(partial(run, kind, weeks, ratio), range(asked.runs), jobs=asked.jobs)
                width = float(np.median([one[1] for one in made]))
                rows.append(
                    {"kind": kind, "weeks": weeks, "ratio": ratio, "covered": sum(one[0] for one in made),
                     "width": round(width, 2)}
                )  # fmt: skip
    found = {"runs": asked.runs, "rows": rows}
    if asked.runs >= 1000:
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table(found))


if __name__ == "__main__":
    main()
