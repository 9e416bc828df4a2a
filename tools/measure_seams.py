"""Measure whether seam contrasts find a known ratio in simulated panels, and whether checks catch what breaks them.

A panel has zones and weeks. Exposure of each zone wanders along time (autoregression 0.97, none below zero);
attacks are negative binomial counts around effects of zone and week, a noise of each zone that goes together along
time (autoregression 0.8), and the known ratio. Cells where the assumptions hold: three effects, 8, 14 and 30 zones,
exposure that moves as much in every zone or mostly in few, and weeks in which all zones change together with the
mean exposure. Cells where they do not: attacks of a week move the border after it; offensives raise attacks now and
borders in the weeks after; one of two sources reports more where borders are; zones go together with their
neighbours, in exposure and in noise.

    python tools/measure_seams.py            # writes benchmarks/results/seams_recovery.md
    python tools/measure_seams.py --runs 50 --checked 10
    python tools/measure_seams.py --real     # prints what weekly shares of Syria and coded attacks can tell

The last needs the shared data beside the repository.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from recovery_table import interval

if TYPE_CHECKING:
    import pandas as pd

    from afterstrike.effects import SeamExposure

Floats = npt.NDArray[np.float64]
RESULTS = Path(__file__).parent.parent / "benchmarks" / "results" / "seams_recovery.md"
DATA = Path(__file__).parents[2] / "shared" / "data"
WEEKS, START = 150, "2016-01-04"
MEMORY, NOISE_MEMORY, NOISE, SIZE = 0.97, 0.8, 0.2, 3.0
EFFECTS = {"none": 0.0, "more attacks": math.log(1.3), "fewer attacks": -math.log(1.3)}


@dataclass(frozen=True)
class Cell:
    """One kind of panel; `broken` says which assumption fails, if any."""

    effect: str = "none"
    zones: int = 14
    is_uneven: bool = False
    shared: float = 0.0
    broken: str = ""

    @property
    def name(self) -> str:
        told = f"{self.effect}, {self.zones} zones"
        told += ", mostly in few zones" if self.is_uneven else ""
        told += ", all zones drift together" if self.shared else ""
        return told + (f", {self.broken}" if self.broken else "")


HOLDS = [
    *(Cell(effect, zones) for zones in (8, 14, 30) for effect in EFFECTS),
    Cell("more attacks", is_uneven=True),
    Cell("none", is_uneven=True),
    Cell("none", zones=8, is_uneven=True),
    Cell("more attacks", shared=1.0),
    Cell("none", shared=1.0),
]
BROKEN = [Cell(broken=how) for how in ("attacks move borders", "offensives", "one source reports more")]


NEIGHBOURS = Cell(broken="neighbours go together")


def simulate(cell: Cell, seed: int) -> tuple[Floats, npt.NDArray[np.int64], Floats]:
    """Give exposure, recorded attacks and the share of each count that the first source reports."""
    rng = np.random.default_rng([seed, 5])
    n = cell.zones
    step = math.sqrt(1 - MEMORY**2)
    reach = np.exp(rng.normal(0, 1.0, n)) if cell.is_uneven else np.ones(n)
    level, zone = rng.uniform(0.5, 2.5, n), rng.normal(0.5, 0.6, n)
    near = np.eye(n)
    if cell.broken == "neighbours go together":
        # Zones on a ring, each half of what its neighbour is: exposure and noise alike.
        near = (np.eye(n) + np.roll(np.eye(n), 1, axis=1)) / math.sqrt(2)
    wander, noise, push = rng.normal(size=n), np.zeros(n), np.zeros(n)
    common, past_push = 0.0, np.zeros((3, n))
    exposure, counts = np.zeros((n, WEEKS)), np.zeros((n, WEEKS), np.int64)
    share = np.full((n, WEEKS), 0.5)
    for week in range(WEEKS):
        common = MEMORY * common + step * rng.normal()
        noise = NOISE_MEMORY * noise + NOISE * rng.normal(size=n)
        push = 0.9 * push + math.sqrt(1 - 0.81) * rng.normal(size=n)
        x = level + reach * (near @ wander) + cell.shared * common
        if cell.broken == "offensives":
            x = x + past_push.mean(axis=0)
        exposure[:, week] = np.maximum(x, 0.0)
        log_mean = zone + EFFECTS[cell.effect] * exposure[:, week] + near @ noise + rng.normal(0, 0.2)
        log_mean += 0.5 * cell.shared * common
        if cell.broken == "offensives":
            log_mean += 0.4 * push
            past_push = np.vstack([push, past_push[:-1]])
        mean = np.exp(log_mean - EFFECTS[cell.effect] * 1.5)
        if cell.broken == "one source reports more":
            extra = np.exp(0.4 * (exposure[:, week] - 1.5))
            share[:, week] = extra / (1 + extra)
            mean = mean * (1 + extra) / 2
        counts[:, week] = rng.negative_binomial(SIZE, SIZE / (SIZE + mean))
        wander = MEMORY * wander + step * rng.normal(size=n)
        if cell.broken == "attacks move borders":
            wander = wander + 0.10 * (counts[:, week] - mean) / np.sqrt(mean + mean**2 / SIZE)
    return exposure, counts, share


def as_tables(cell: Cell, seed: int) -> tuple[pd.DataFrame, SeamExposure]:
    """Give a simulated panel as a table of events and an exposure."""
    import pandas as pd

    from afterstrike.effects import SeamExposure

    exposure, counts, share = simulate(cell, seed)
    rng = np.random.default_rng([seed, 6])
    names = np.array([f"zone {k:02d}" for k in range(cell.zones)])
    weeks = pd.date_range(START, periods=WEEKS, freq="7D")
    zone, week = (np.repeat(at.ravel(), counts.ravel()) for at in np.indices(counts.shape))
    first = rng.random(len(zone)) < share[zone, week]
    events = pd.DataFrame(
        {
            "kind": "attack",
            "date": weeks[week] + pd.to_timedelta(rng.integers(0, 7, len(zone)), unit="D"),
            "zone": names[zone],
            "source": np.where(first, "wire", "local press"),
        }
    )
    table = pd.DataFrame(
        {"zone": np.repeat(names, WEEKS), "date": np.tile(weeks, cell.zones), "exposure": exposure.ravel()}
    ).assign(km=np.nan, covered_share=1.0, days_carried=0, reason="")
    return events, SeamExposure(table, table.iloc[:0], "units", "a simulated exposure", {}, {})


def one_run(cell: Cell, seed: int, placebos: int | None = None) -> dict[str, Any]:
    """Give estimate and interval per unit of exposure, and with `placebos` which checks failed."""
    from afterstrike.effects import seam_contrast
    from afterstrike.effects._seams._estimate import estimate, refuse_thin, spread_of
    from afterstrike.effects._seams._fit import CountPanel
    from afterstrike.errors import EstimateRefused

    truth = EFFECTS[cell.effect]
    found: dict[str, Any] = {"truth": truth}
    if placebos is None:
        exposure, counts, _ = simulate(cell, seed)
        panel = CountPanel(counts.astype(float), exposure[None], np.ones(counts.shape, bool))
        refuse_thin(spread_of(panel), "units")
        made = estimate(panel, "poisson")
        low, high = made.interval(0.95)
        return found | {"value": float(made.beta[0]), "low": low, "high": high, "error": made.error(),
                        "effective": made.effective_zones}  # fmt: skip
    events, exposed = as_tables(cell, seed)
    try:
        result = seam_contrast(events, exposed, zones="zone", placebos=placebos, seed=seed)
    except EstimateRefused as refusal:
        return found | {"refused": str(refusal)}
    row = result.to_frame().iloc[2]
    return found | {
        "value": math.log(row["rate_ratio"]),
        "low": math.log(row["rate_ratio_low"]),
        "high": math.log(row["rate_ratio_high"]),
        "checks": {check.check_name.split(":")[0]: check.passed for check in result.checks},
    }


def coverage_row(cell: Cell, runs: list[dict[str, Any]]) -> str:
    """Give a line of the table of coverage."""
    value, low, high, error, effective = (
        np.array([run[name] for run in runs]) for name in ("value", "low", "high", "error", "effective")
    )
    truth = EFFECTS[cell.effect]
    hits = int(((low <= truth) & (truth <= high)).sum())
    one, two = interval(hits, len(runs))
    thin = float((effective < 3).mean())
    return (
        f"| {cell.name} | {len(runs)} | {np.mean(value) - truth:+.3f} | {value.std():.3f} | {error.mean():.3f} | "
        f"{hits / len(runs):.3f} | {one:.3f}-{two:.3f} | {effective.mean():.1f} | {thin:.2f} |"
    )


def checked_row(cell: Cell, runs: list[dict[str, Any]]) -> str:
    """Give a line of the table of checks."""
    known = [run for run in runs if "value" in run and math.isfinite(run["low"])]
    truth = EFFECTS[cell.effect]
    hits = sum(run["low"] <= truth <= run["high"] for run in known)
    names = ("leads", "reverse cause", "placebo", "reporting by source")
    shares = [f"{np.mean([run['checks'][name] is False for run in known]):.2f}" for name in names]
    caught = np.mean([any(passed is False for passed in run["checks"].values()) for run in known])
    ratio = math.exp(np.mean([run["value"] for run in known]))
    return (
        f"| {cell.name} | {len(known)} | {ratio:.2f} | {hits / max(len(known), 1):.2f} | {' | '.join(shares)} | "
        f"{caught:.2f} |"
    )


def measure(runs: int, checked: int, minutes: float) -> str:
    """Run all cells and give the page."""
    begin = time.process_time()
    until = begin + 60 * minutes
    lines: dict[str, list[str]] = {"coverage": [], "checks": []}
    hits: list[bool] = []
    for place, cell in enumerate([*HOLDS, NEIGHBOURS]):
        made = []
        for number in range(runs):
            if time.process_time() > until:
                break
            made.append(one_run(cell, 10_000 * (place + 1) + number))
        if made:
            lines["coverage"].append(coverage_row(cell, made))
            if not cell.broken:
                hits += [run["low"] <= run["truth"] <= run["high"] for run in made]
            print(lines["coverage"][-1], flush=True)
    for place, cell in enumerate([Cell(), Cell("more attacks"), replace(Cell(), shared=1.0), *BROKEN]):
        made = []
        for number in range(checked):
            if time.process_time() > until:
                break
            made.append(one_run(cell, 500_000 + 10_000 * place + number, placebos=99))
        if made:
            lines["checks"].append(checked_row(cell, made))
            print(lines["checks"][-1], flush=True)
    one, two = interval(sum(hits), len(hits))
    took = (time.process_time() - begin) / 60
    return "\n".join(
        [
            "# Recovery of seam contrasts in simulated panels",
            "",
            f"Made by `python tools/measure_seams.py --runs {runs} --checked {checked}` in {took:.0f} minutes of one "
            f"core. Panels of {WEEKS} weeks; the known ratio is 1, 1.3 or 1/1.3 for one unit of exposure, about one "
            "standard deviation within zones. Bias, spread and mean standard error are of the log ratio. Coverage is "
            "of 95% intervals, with its own 95% interval. `effective`: how many equal zones the information is worth; "
            "`below 3`: share of panels whose interval `seam_contrast` would not give for that reason (they are kept "
            "here).",
            "",
            f"- Where the assumptions hold: coverage {sum(hits) / max(len(hits), 1):.3f} ({one:.3f} to {two:.3f}) in "
            f"{len(hits)} panels.",
            "",
            "## Where the assumptions hold",
            "",
            "In the last row they do not: exposure and noise of each zone are half those of its neighbour.",
            "",
            "| panel | runs | bias | spread | mean error | coverage | (95%) | effective | below 3 |",
            "|---|---|---|---|---|---|---|---|---|",
            *lines["coverage"],
            "",
            "## What the checks catch",
            "",
            "Share of panels in which each check failed; `caught`: at least one did. In the first three rows nothing "
            "is wrong, and a failure is a false alarm (leads, reverse cause and reporting have a size of 5%). `ratio`: "
            "the mean estimate, one unit, where the truth is 1 (1.3 in the second row).",
            "",
            "| panel | runs | ratio | coverage | leads | reverse cause | placebo | reporting | caught |",
            "|---|---|---|---|---|---|---|---|---|",
            *lines["checks"],
            "",
        ]
    )


def real() -> str:
    """Give the words of attacks by IS in Syria, as coded from GED, beside weekly shares of the ground."""
    import afterstrike as aft
    from afterstrike.effects import seam_contrast, share_exposure

    with tempfile.TemporaryDirectory() as folder, aft.open_record(Path(folder, "syria.duckdb")) as record:
        record.add(DATA / "ucdp_ged_syria" / "ged_syria_2016_2018.parquet")
        events = record.events(kind="attack", initiator="IS")
    weekly = DATA / "syria_territory_share_weekly" / "territory_control.csv"
    exposure = share_exposure(weekly, time_zone="Europe/Paris", carry_forward_days=6)
    return seam_contrast(events, exposure).summary()


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=400, help="panels a cell where assumptions hold")
    parser.add_argument("--checked", type=int, default=60, help="panels a cell with all checks")
    parser.add_argument("--minutes", type=float, default=10.0, help="stop after so many of processor time")
    parser.add_argument("--real", action="store_true", help="print what the shared data can tell")
    asked = parser.parse_args()
    if asked.real:
        print(real())
        return
    RESULTS.write_text(measure(asked.runs, asked.checked, asked.minutes), encoding="utf-8")
    print(f"wrote {RESULTS.name}")


if __name__ == "__main__":
    main()
