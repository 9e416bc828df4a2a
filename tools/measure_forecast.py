"""Score the pooled model and every baseline on the windows of the VIEWS challenge; print the tables of docs/forecasts.md.

    python tools/measure_forecast.py ../shared/data/forecast --out benchmarks/results/forecast.json

A folder holds `cm_history_*.parquet` (the past), `cm_actuals_2*.parquet` (what came, by window), and, where they are to
be had, `bm_<name>_*.parquet` (draws of the challenge's benchmarks) and `reference_scores_2*.csv` (means of submissions).
Several folders may be given: a later window is scored by naming the folder that holds it too. The forecast for window Y
looks at nothing after October of Y-1: months to 2017 are those of the history, later ones the actuals of the windows before.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from afterstrike.containment import BASELINES, Panel, Scores, block_bootstrap, forecast, read_panel, score
from afterstrike.errors import EstimateRefused

HORIZONS = range(3, 15)
SYRIA_IRAQ = (220, 60)
SCORES = (
    "crps",
    "crps_log1p",
    "ign",
    "mis",
    "log_score",
    "covered_50",
    "covered_80",
    "covered_90",
    "covered_95",
)
BAR = "conflictology12"


def main(arguments: list[str] | None = None) -> int:
    """Read the folders, score every window, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--windows", default="", help="2018,2019,...; all with actuals if not said")
    parser.add_argument(
        "--vintage", default="UCDP, 2024 vintage; months before 2018 from an older one (about 2020-21)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(arguments)
    panel, actuals, names, benchmarks, means = read(options.folders)
    windows = [int(one) for one in options.windows.split(",") if one] or sorted(set(actuals["window"]))
    found = [
        window_scores(panel, actuals[actuals["window"] == window], window, benchmarks, options.seed)
        for window in windows
    ]
    told = tables(found, windows, names, means, options.vintage)
    print(in_words(told, windows))
    if options.out:
        options.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0


def load(path: Path) -> pd.DataFrame:
    """Read a Parquet file."""
    import duckdb

    with duckdb.connect() as con:
        return con.execute("SELECT * FROM read_parquet(?)", [str(path)]).df()


def read(
    folders: list[Path],
) -> tuple[Panel, pd.DataFrame, dict[int, str], dict[str, pd.DataFrame], pd.DataFrame]:
    """Give the panel, what came, the countries' names, the benchmarks' draws, and means of submissions."""

    def every(pattern: str) -> list[Path]:
        return [path for folder in folders for path in sorted(folder.glob(pattern))]

    history = pd.concat([load(path) for path in every("cm_history_*.parquet")])
    actuals = pd.concat([load(path) for path in every("cm_actuals_2*.parquet")], ignore_index=True)
    history = history[history["month_id"] < actuals["month_id"].min()]
    names = history.dropna(subset=["name"]).groupby("country_id")["name"].last().to_dict()
    columns = {"country_id": "unit", "month_id": "time"}
    parts = [
        history.rename(columns=columns | {"ged_sb": "value"}),
        actuals.rename(columns=columns | {"outcome": "value"}),
    ]
    long = pd.concat([part[["unit", "time", "value"]] for part in parts])
    panel = read_panel(long[long["unit"].isin(actuals["country_id"].unique())])
    benchmarks: dict[str, list[pd.DataFrame]] = {}
    for path in every("bm_*.parquet"):
        benchmarks.setdefault(path.stem.removeprefix("bm_").rstrip("0123456789_ "), []).append(load(path))
    means = [pd.read_csv(path) for path in every("reference_scores_2*.csv")]
    table = (
        pd.concat(means)
        if means
        else pd.DataFrame({"window": [], "vintage": [], "model": [], "crps": [], "ign": []})
    )
    return panel, actuals, names, {_name(n): pd.concat(t) for n, t in benchmarks.items()}, table


def _name(stem: str) -> str:
    return {"conflictology": BAR, "boot": "boot240"}.get(stem, stem)


def window_scores(
    panel: Panel, rows: pd.DataFrame, window: int, benchmarks: dict[str, pd.DataFrame], seed: int
) -> dict[str, Scores]:
    """Score every model on one window; rows of what is not known stay out."""
    origin = (window - 1980) * 12 + 1 - 3
    truth = rows.rename(columns={"country_id": "unit", "month_id": "time", "outcome": "value"})
    known, found = panel.until(origin), {}
    for model in ("pooled", *BASELINES):
        began = time.perf_counter()
        made = forecast(known, origin=origin, horizons=HORIZONS, model=model, seed=seed)
        found[model if model != "last12" else "last12 (rebuilt)"] = score(made, truth, seed=seed)
        if model == "pooled":
            print(f"{window}: fitted and drawn in {time.perf_counter() - began:.1f} s", file=sys.stderr)
    index = found["pooled"].table[["unit", "time", "observed"]]
    for name, draws in benchmarks.items():
        here = draws[draws["window"] == window].rename(columns={"country_id": "unit", "month_id": "time"})
        joined = index.merge(here[["unit", "time", "draws_sorted"]], on=["unit", "time"], how="left")
        if len(here) and joined["draws_sorted"].notna().all():
            one = score(np.stack(joined["draws_sorted"].to_numpy()), joined["observed"].to_numpy(), seed=seed)
            found[name] = Scores(one.table.assign(unit=index["unit"], time=index["time"]), name)
    found.setdefault(BAR, found["last12 (rebuilt)"])
    return {name: Scores(one.table[one.table["observed"].notna()], name) for name, one in found.items()}


def tables(
    found: list[dict[str, Scores]],
    windows: list[int],
    names: dict[int, str],
    means: pd.DataFrame,
    vintage: str,
) -> dict[str, Any]:
    """Put together everything that is told."""
    scored: dict[str, Any] = {}
    for model in found[0]:
        by_window = {
            str(w): subsets(one[model].table) for w, one in zip(windows, found, strict=True) if model in one
        }
        scored[model] = by_window | {
            "pooled": subsets(pd.concat([one[model].table for one in found if model in one]))
        }
    submissions = means[(means["vintage"] == "v2024") & means["model"].str.startswith("bodentien")]
    return {
        "vintage": vintage,
        "windows": windows,
        "rows": int(scored["pooled"]["pooled"]["all"]["n"]),
        "scores": scored,
        "submissions": [
            {"model": r["model"], "window": int(r["window"]), "crps": r["crps"], "ign": r["ign"]}
            for r in submissions.to_dict("records")
        ],
        "against": {
            bar: compare(found, windows, bar) for bar in (BAR, "last12 (rebuilt)") if bar in found[0]
        },
        "syria_iraq_coverage_90": covered(found, windows),
        "largest_rows": largest(found, windows, names),
    }


def subsets(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Give the means over all rows, over those where anything came, and over Syria and Iraq."""
    chosen = {
        "all": table,
        "above zero": table[table["observed"] > 0],
        "Syria and Iraq": table[table["unit"].isin(SYRIA_IRAQ)],
    }
    return {
        name: {"n": len(rows)} | {one: round(float(rows[one].mean()), 5) for one in SCORES}
        for name, rows in chosen.items()
    }


def compare(found: list[dict[str, Scores]], windows: list[int], bar: str) -> dict[str, Any]:
    """Give paired differences from a bar, with intervals from drawing countries, or country-months, again."""
    told: dict[str, Any] = {}
    for measure in ("crps", "crps_log1p"):
        ours = pd.concat([one["pooled"].table for one in found])
        theirs = pd.concat([one[bar].table for one in found])
        gap = ours[measure].to_numpy() - theirs[measure].to_numpy()
        months = [f"{unit}-{when}" for unit, when in zip(ours["unit"], ours["time"], strict=True)]
        ratios = [
            round(float(one["pooled"].table[measure].mean() / one[bar].table[measure].mean()), 4)
            for one in found
        ]
        told[measure] = {
            "by country": asdict(block_bootstrap(gap, ours["unit"].to_numpy(), repeats=10_000)),
            "by country-month": asdict(block_bootstrap(gap, months, repeats=2_000)),
            "ratio by window": dict(zip(map(str, windows), ratios, strict=True)),
        }
    return told


def covered(found: list[dict[str, Scores]], windows: list[int]) -> dict[str, Any]:
    """Give the 90% coverage on Syria and Iraq; blocks are a country's window, for its months fail together."""
    parts = []
    for window, one in zip(windows, found, strict=True):
        rows = one["pooled"].table
        parts.append(rows[rows["unit"].isin(SYRIA_IRAQ)].assign(window=window))
    rows = pd.concat(parts)
    try:
        blocks = [f"{unit}-{window}" for unit, window in zip(rows["unit"], rows["window"], strict=True)]
        return asdict(block_bootstrap(rows["covered_90"], blocks, repeats=10_000))
    except EstimateRefused as problem:
        return {"reason": str(problem)}


def largest(found: list[dict[str, Scores]], windows: list[int], names: dict[int, str]) -> dict[str, Any]:
    """Name the ten rows with most deaths of each window, and give the scores without them."""
    told = {}
    for window, one in zip(windows, found, strict=True):
        rows = one["pooled"].table.reset_index(drop=True)
        top = rows["observed"].nlargest(10).index
        rest = ~rows.index.isin(top)
        told[str(window)] = {
            "rows": [
                f"{names.get(r['unit'], r['unit'])} {1980 + (r['time'] - 1) // 12}-{(r['time'] - 1) % 12 + 1:02d}"
                for r in rows.loc[top].to_dict("records")
            ],
            "share_of_deaths": round(
                float(rows.loc[top, "observed"].sum() / max(rows["observed"].sum(), 1)), 3
            ),
            "crps_without": {
                name: round(float(each.table["crps"].to_numpy()[rest].mean()), 3)
                for name, each in one.items()
            },
            "crps_log1p_without": {
                name: round(float(each.table["crps_log1p"].to_numpy()[rest].mean()), 5)
                for name, each in one.items()
            },
        }
    return told


def in_words(told: dict[str, Any], windows: list[int]) -> str:
    """Write the tables of docs/forecasts.md."""
    heads = [*map(str, windows), "pooled"]
    lines = [f"Vintage: {told['vintage']}. {told['rows']:,} rows.", ""]
    for subset in ("all", "above zero", "Syria and Iraq"):
        for measure, places in (("crps", 2), ("crps_log1p", 4), ("ign", 3), ("mis", 1), ("covered_90", 3)):
            lines += [
                f"{measure}, {subset}",
                "",
                f"| model | {' | '.join(heads)} |",
                "|---" * (len(heads) + 1) + "|",
            ]
            for model, scored in told["scores"].items():
                cells = [f"{scored[h][subset][measure]:.{places}f}" if h in scored else "-" for h in heads]
                lines.append(f"| {model} | {' | '.join(cells)} |")
            lines.append("")
    for bar, each in told["against"].items():
        for measure, one in each.items():
            for blocks in ("by country", "by country-month"):
                i = one[blocks]
                lines.append(
                    f"{measure} less {bar}, blocks {blocks}: {i['estimate']:.4f} ({i['low']:.4f} to {i['high']:.4f})"
                )
            lines.append(f"{measure} ratio by window to {bar}: {one['ratio by window']}")
    c = told["syria_iraq_coverage_90"]
    if "low" in c:
        lines.append(f"90% coverage, Syria and Iraq: {c['estimate']:.3f} ({c['low']:.3f} to {c['high']:.3f})")
    for window, one in told["largest_rows"].items():
        lines.append(
            f"{window}: ten rows hold {one['share_of_deaths']:.0%} of deaths ({', '.join(one['rows'])}); without them CRPS "
            f"{one['crps_without']['pooled']:.2f}, {BAR} {one['crps_without'][BAR]:.2f}; log1p "
            f"{one['crps_log1p_without']['pooled']:.4f}, {one['crps_log1p_without'][BAR]:.4f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
