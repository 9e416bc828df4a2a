"""Measure distributed-lag series on theatres with known truth, and write the tables of docs/series.md.

    python tools/measure_series.py                      # all cells, up to 25 minutes of one core
    python tools/measure_series.py --minutes 5 --runs 4 # a quick look

Cells: {null, lull, surge} x {random, reactive, hidden threat, offensive, reporting falls}. Zones are the 40
districts. The truth takes one zone's strikes of one period away, all others as they were (series_truth.py).
Beside each stands the naive before and after. Where reporting falls, a second source that does not fall is
added in a run of its own. Set OMP_NUM_THREADS=1: the fits are small, and more threads wait for each other.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from series_truth import two_sources, zone_truth

EFFECTS = ("null", "lull", "surge")
HOLDS, BROKEN = ("random", "reactive"), ("hidden_threat", "offensive", "reporting_falls")
DAYS, RADIUS = (7, 14, 30), 25.0
SHOWN = 14
RESULTS = Path(__file__).parent.parent / "benchmarks" / "results"


def one_run(effect: str, rule: str, seed: int) -> dict[str, Any]:
    """Simulate one theatre, take its truth, and estimate it by week and by day."""
    from afterstrike.effects import Study, distributed_lag, naive_before_after
    from afterstrike.effects.theatres import Theatre, simulate_theatre

    spec = Theatre.preset(effect, strikes=rule, overlap=None)  # type: ignore[arg-type]
    theatre = simulate_theatre(spec.with_strikes(rate_factor=0.7 if rule == "reactive" else 1.0), seed=seed)
    study = Study.from_frame(theatre.events, treatment="strike", outcome="attack")
    out: dict[str, Any] = {"effect": effect, "rule": rule, "seed": seed, "strikes": len(theatre.struck)}
    for by in ("week", "day"):
        truth = zone_truth(theatre, zones="adm2", by=by, days=DAYS)
        out[by] = _numbers(distributed_lag(study, zones="adm2", by=by, days=DAYS), truth)  # type: ignore[arg-type]
    naive = naive_before_after(study, days=SHOWN, km=RADIUS).to_frame().iloc[0]
    wake = math.log(theatre.truth(horizon_days=SHOWN, radius_km=RADIUS).rate_ratio)
    out["naive"] = [
        math.log(naive[name]) - wake for name in ("rate_ratio", "rate_ratio_low", "rate_ratio_high")
    ]
    out["naive_caught"] = naive_before_after(study, days=SHOWN, km=RADIUS).checks[0].passed is False
    if rule == "reporting_falls":
        both = Study.from_frame(two_sources(theatre, seed), treatment="strike", outcome="attack")
        result = distributed_lag(both, zones="adm2", by="week", days=DAYS)
        check = next(one for one in result.checks if one.check_name == "reporting by source")
        ratios = dict(zip(check.table["source"], np.log(check.table["rate_ratio"]).tolist(), strict=True))
        actual = zone_truth(theatre, zones="adm2", by="week", days=DAYS[-1:])[0]
        out["sources"] = {name: value - actual for name, value in ratios.items()} | {"passed": check.passed}
    return out


def _numbers(result: Any, truth: np.ndarray) -> dict[str, Any]:
    table = result.to_frame()
    gap = np.log(table["rate_ratio"].to_numpy()) - truth
    error = np.log(table["rate_ratio_high"] / table["rate_ratio"]).to_numpy() / 1.959964
    joint = np.log(table["rate_ratio_high_joint"] / table["rate_ratio"]).to_numpy()
    swings = next(one.table for one in result.checks if one.check_name == "room for a hidden cause")
    pull = float(np.sqrt(np.maximum(swings["relative_variance"], 0.0).prod())) if len(swings) else math.nan
    return {
        "truth": truth.tolist(),
        "gap": gap.tolist(),
        "error": error.tolist(),
        "pull": pull,
        "joint": bool((np.abs(gap) <= joint).all()),
        "checks": {check.check_name: check.passed for check in result.checks},
    }


def measure(runs: int, minutes: float, store: Path) -> None:
    """Run what is missing, seeds of all cells together, each written when done."""
    done = {(run["effect"], run["rule"], run["seed"]) for run in read(store)}
    stop = time.monotonic() + 60 * minutes
    store.parent.mkdir(parents=True, exist_ok=True)
    for number in range(runs):
        for place, (effect, rule) in enumerate((e, r) for e in EFFECTS for r in (*HOLDS, *BROKEN)):
            seed = 1000 * (place + 1) + number
            if (effect, rule, seed) in done or (rule in BROKEN and number % 2):
                continue
            if time.monotonic() > stop:
                return
            with store.open("a", encoding="utf-8") as file:
                file.write(json.dumps(one_run(effect, rule, seed)) + "\n")


def read(store: Path) -> list[dict[str, Any]]:
    """Read the runs there are."""
    if not store.exists():
        return []
    return [json.loads(line) for line in store.read_text(encoding="utf-8").splitlines() if line.endswith("}")]


def table_of(runs: list[dict[str, Any]]) -> str:
    """Write the table."""
    heads = ["strikes", "effect", "by", "runs", "truth", "bias", "spread", "error", "covered", "covered, all three",
             "sign", "told apart", "any check failed", "naive bias", "naive covered"]  # fmt: skip
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    at = DAYS.index(SHOWN)
    for rule in (*HOLDS, *BROKEN):
        for effect in EFFECTS:
            mine = [run for run in runs if run["effect"] == effect and run["rule"] == rule]
            if not mine:
                continue
            naive = np.array([run["naive"] for run in mine])
            held = ((naive[:, 1] <= 0) & (naive[:, 2] >= 0)).mean()
            for by in ("week", "day"):
                gap, error, truth = (
                    np.array([run[by][key][at] for run in mine]) for key in ("gap", "error", "truth")
                )
                found = gap + truth
                shown = np.abs(found) > 1.96 * error
                sign = np.sign(found[shown]) == np.sign(truth[shown]) if effect != "null" else ~shown
                failed = [any(value is False for value in run[by]["checks"].values()) for run in mine]
                lines.append("| " + " | ".join([
                    rule, effect, by, str(len(mine)), f"{truth.mean():+.3f}", f"{gap.mean():+.3f}",
                    f"{gap.std(ddof=1) if len(gap) > 1 else math.nan:.3f}", f"{error.mean():.3f}",
                    f"{(np.abs(gap) <= 1.96 * error).mean():.0%}", f"{np.mean([run[by]['joint'] for run in mine]):.0%}",
                    f"{sign.mean():.0%}" if len(sign) else "-", f"{shown.mean():.0%}", f"{np.mean(failed):.0%}",
                    f"{naive[:, 0].mean():+.3f}", f"{held:.0%}",
                ]) + " |")  # fmt: skip
    return "\n".join(lines)


def pooled(runs: list[dict[str, Any]], by: str) -> str:
    """Say the coverage over all cells in which the assumptions hold."""
    at = DAYS.index(SHOWN)
    mine = [run for run in runs if run["rule"] in HOLDS]
    one = [abs(run[by]["gap"][at]) <= 1.96 * run[by]["error"][at] for run in mine]
    joint = [run[by]["joint"] for run in mine]
    late = [run[by]["gap"][-1] for run in mine if run["rule"] == "reactive"]
    margin = 1.96 * math.sqrt(0.05 * 0.95 / max(len(mine), 1))
    return (
        f"By {by}, {len(mine)} runs with random or reactive strikes: 95% intervals held the truth in {np.mean(one):.1%}, "
        f"those for all three horizons at once in {np.mean(joint):.1%} (a true 95% gives {0.95 - margin:.1%} to "
        f"{min(0.95 + margin, 1):.1%}). "
        f"Behind reactive strikes the log ratio over {DAYS[-1]} days was {np.mean(late):+.3f} off on average."
    )


def pulls(runs: list[dict[str, Any]]) -> str:
    """Set the pull that the check gives beside the bias there is."""
    at = DAYS.index(SHOWN)
    told = []
    for rule in ("hidden_threat", "offensive"):
        mine = [run for run in runs if run["rule"] == rule and run["effect"] == "null"]
        for by in ("week", "day"):
            pull = np.mean([run[by]["pull"] for run in mine])
            bias = np.mean([run[by]["gap"][at] for run in mine])
            told.append(f"{rule} by {by} {pull:.2f} against {bias:+.2f}")
    return (
        "Mean pull of a hidden cause by the check, against the bias there was, without an effect: "
        + "; ".join(told)
        + "."
    )


def part_of_docs(runs: list[dict[str, Any]]) -> str:
    """Write what docs/series.md holds of it."""
    full = [line.split(" | ") for line in table_of(runs).splitlines()]
    kept = [[row[k] for k in (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13)] for row in full if len(row) > 2]
    lines = [" | ".join(row) + " |" for row in kept]
    lines.insert(1, "|" + "---|" * 12)
    return "\n\n".join([
        "## Where the truth is known",
        f"`tools/measure_series.py`, {len(runs)} theatres of two years, 40 districts, about 200 strikes; log rate ratios over "
        f"{SHOWN} days. The truth takes one zone's strikes of one period away in a run with the same draws, all other "
        "strikes as they were. Error: mean standard error; sign: right sign where shown (no effect: none shown); naive: "
        f"before and after within {RADIUS:g} km, against its own truth.",
        "\n".join(lines),
        pooled(runs, "week") + " " + pooled(runs, "day"),
        "The naive comparison invents a lull wherever strikes answer to attacks. Where something hidden moves both, or "
        "reporting falls, this design is biased too. Share of runs in which each check failed (did not pass), by week:",
        checks_of(runs, "week"),
        pulls(runs),
        "A fall in what the only source reports is not caught: it cannot be. With a second source that does not fall:",
        sources_of(runs),
    ])  # fmt: skip


def write_docs(runs: list[dict[str, Any]]) -> None:
    """Put it between its marks."""
    page = Path(__file__).parent.parent / "docs" / "series.md"
    before, _, rest = page.read_text(encoding="utf-8").partition("<!-- recovery -->")
    _, _, after = rest.partition("<!-- end -->")
    told = f"{before}<!-- recovery -->\n{part_of_docs(runs)}\n<!-- end -->{after}"
    page.write_text(told, encoding="utf-8")


def checks_of(runs: list[dict[str, Any]], by: str) -> str:
    """Write the share of runs in which each check failed, and in which it did not pass."""
    names = [
        name
        for name in runs[0][by]["checks"]
        if name not in ("dispersion", "few zones", "reporting by source")
    ]
    lines = ["| strikes, effect | " + " | ".join(names) + " |", "|" + "---|" * (len(names) + 1)]
    for rule in (*HOLDS, *BROKEN):
        for effect in EFFECTS:
            mine = [run[by]["checks"] for run in runs if run["effect"] == effect and run["rule"] == rule]
            if mine:
                verdicts = [[run[name] for run in mine] for name in names]
                shares = [
                    f"{np.mean([one is False for one in each]):.0%} ({np.mean([one is not True for one in each]):.0%})"
                    for each in verdicts
                ]
                lines.append(f"| {rule}, {effect} | " + " | ".join(shares) + " |")
    return "\n".join(lines)


def sources_of(runs: list[dict[str, Any]]) -> str:
    """Write what two sources show where one falls."""
    lines = [
        "| effect | runs | caught | bias, source that falls | bias, source that does not |",
        "|---|---|---|---|---|",
    ]
    for effect in EFFECTS:
        mine = [run["sources"] for run in runs if run["effect"] == effect and "sources" in run]
        if mine:
            frame = pd.DataFrame(mine)
            lines.append(
                f"| {effect} | {len(mine)} | {(frame['passed'] == False).mean():.0%} | "  # noqa: E712
                f"{frame['local'].mean():+.3f} | {frame['agency'].mean():+.3f} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Read the options, run what is missing, write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--runs", type=int, default=60, help="runs a cell; half as many where assumptions fail"
    )
    parser.add_argument("--minutes", type=float, default=25.0, help="start no run after this long")
    parser.add_argument("--work", type=Path, default=Path("out/series"), help="where runs are kept")
    parser.add_argument("--report", action="store_true", help="only write the tables from the runs there are")
    options = parser.parse_args()
    store = options.work / "runs.jsonl"
    if not options.report:
        measure(options.runs, options.minutes, store)
    runs = read(store)
    told = "\n\n".join([
        f"# Distributed-lag series where the truth is known\n\n`python tools/measure_series.py`: log rate ratios over "
        f"{SHOWN} days; {len(runs)} theatres.", table_of(runs),
        pooled(runs, "week") + " " + pooled(runs, "day"),
        "Checks that failed, by week (in brackets: that did not pass).", checks_of(runs, "week"),
        "The same by day.", checks_of(runs, "day"),
        f"Reporting falls for one source of two ({DAYS[-1]} days, by week).", sources_of(runs),
    ]) + "\n"  # fmt: skip
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "series.md").write_text(told, encoding="utf-8")
    write_docs(runs)
    print(told)


if __name__ == "__main__":
    main()
