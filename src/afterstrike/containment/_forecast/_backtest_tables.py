"""From scores of rows to tables: by vintage, window, part of the rows and model, with paired intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ._score_table import block_bootstrap

__all__ = [
    "ALL_WINDOWS",
    "BASE",
    "CLIMATOLOGY",
    "COVERED",
    "PARTS",
    "PIT_BINS",
    "SCORES",
    "heaviest_rows",
    "pit_table",
    "score_table",
]

Array = np.ndarray[Any, Any]
SCORES = ("crps", "crps_log1p", "ign", "mis", "log_score", "brier")
COVERED = {50: "covered_50", 80: "covered_80", 90: "covered_90", 95: "covered_95"}
BASE = "last12"
CLIMATOLOGY = "climatology"
"""The model that skill is told against: the last twelve values as draws."""
ALL_WINDOWS = "all windows"
REST = "windows without a regime change"
PARTS = {
    "all": "all rows",
    "positive": "rows with y > 0",
    "focus": "named units",
    "without_heaviest": "without the ten heaviest rows",
}
HEAVIEST = 10
PIT_BINS = 10
LEAST_BLOCKS = 6
LEVEL = 0.95
_KEYS = ["unit", "time", "window"]


def heaviest_rows(rows: pd.DataFrame, count: int = HEAVIEST) -> pd.DataFrame:
    """Give the rows that carry most of a window's total: `vintage, window, rank, unit, time, observed, share`.

    `share` is of the window's total, `share_so_far` of this row and those above it.
    """
    once = rows[rows["model"] == rows["model"].iloc[0]]
    found = []
    for (vintage, window), group in once.groupby(["vintage", "window"], sort=False):
        total = float(group["observed"].sum())
        first = group.nlargest(count, "observed")
        first = first[first["observed"] > 0]
        part = first[["unit", "time", "observed"]].reset_index(drop=True)
        share = part["observed"] / total if total > 0 else part["observed"]
        part.insert(0, "vintage", vintage)
        part.insert(1, "window", window)
        part.insert(2, "rank", np.arange(1, len(part) + 1))
        found.append(part.assign(share=share, share_so_far=share.cumsum()))
    table: pd.DataFrame = pd.concat(found, ignore_index=True)
    return table


def score_table(
    rows: pd.DataFrame,
    heaviest: pd.DataFrame,
    *,
    focus: Sequence[str],
    regimes: Mapping[str, str],
    replicates: int,
    seed: int,
) -> pd.DataFrame:
    """Give mean scores, coverage and skill by vintage, window, part and model.

    Windows in which a regime changed stand on their own and are in no pooled row. Vintages are never pooled.
    """
    heavy = set(heaviest[["vintage", *_KEYS]].itertuples(index=False, name=None))
    is_heavy = [key in heavy for key in rows[["vintage", *_KEYS]].itertuples(index=False, name=None)]
    parts = {
        "all": np.ones(len(rows), bool),
        "positive": (rows["observed"] > 0).to_numpy(),
        "focus": rows["unit"].astype(str).isin(list(focus)).to_numpy(),
        "without_heaviest": ~np.array(is_heavy, bool),
    }
    if not focus:
        del parts["focus"]
    found: list[dict[str, Any]] = []
    for vintage, mine in rows.groupby("vintage", sort=False):
        windows = list(dict.fromkeys(mine["window"]))
        calm = [one for one in windows if one not in regimes]
        groups = [(one, [one]) for one in windows]
        if len(calm) > 1:
            groups.append((REST if regimes else ALL_WINDOWS, calm))
        for window, members in groups:
            for part, chosen in parts.items():
                kept = mine[chosen[mine.index] & mine["window"].isin(members).to_numpy()]
                head = {
                    "vintage": vintage, "window": window, "windows": len(members), "part": part,
                    "regime": regimes.get(window, ""),
                }  # fmt: skip
                found += [head | row for row in _of_models(kept, replicates, seed)]
    return pd.DataFrame(found)


def _of_models(rows: pd.DataFrame, replicates: int, seed: int) -> list[dict[str, Any]]:
    """Score the models on one set of rows, each against `last12` and the unit's own whole past on the same rows."""
    known = rows[rows["observed"].notna()]
    if known.empty:
        return []
    models = list(dict.fromkeys(known["model"]))
    columns = [*SCORES, *COVERED.values()]
    values = known.set_index([*_KEYS, "model"])[columns].unstack("model")
    index = values["crps"].index
    blocks = _blocks(index)
    interval = _Intervals(blocks, replicates, seed)
    found = []
    for model in models:
        row: dict[str, Any] = {
            "model": model, "rows": len(index), "missing": int((rows["model"] == model).sum()) - len(index),
            "units": index.get_level_values("unit").nunique(), "blocks": len(set(blocks)),
        }  # fmt: skip
        row |= {name: float(values[name][model].mean()) for name in SCORES}
        row |= {f"coverage_{level}": float(values[name][model].mean()) for level, name in COVERED.items()}
        row |= interval.of("coverage_90", values["covered_90"][model].to_numpy(float))
        for name, title, against in (
            ("crps", "skill", BASE),
            ("crps_log1p", "skill_log1p", BASE),
            ("crps", "skill_climatology", CLIMATOLOGY),
        ):
            own, other = (values[name][one].to_numpy(float) for one in (model, against))
            total = float(other.sum())
            row[title] = float((other - own).sum()) / total if total > 0 else np.nan
            row |= interval.of(title, other - own, other)
            if title == "skill":
                row["difference"] = float((own - other).mean())
                row |= interval.of("difference", own - other)
        found.append(row | {"verdict": _verdict(row, model), "beyond_climatology": _beyond(row)})
    return found


def _blocks(index: pd.Index[Any]) -> list[str]:
    """Give each row's block: its unit, with all of its rows; where the units are few, its unit in one window."""
    units = [str(unit) for unit in index.get_level_values("unit")]
    if len(set(units)) >= LEAST_BLOCKS:
        return units
    return [f"{unit}\t{window}" for unit, window in zip(units, index.get_level_values("window"), strict=True)]


class _Intervals:
    """Intervals from drawing blocks again; fewer blocks than `LEAST_BLOCKS` carry none."""

    def __init__(self, blocks: Sequence[str], repeats: int, seed: int) -> None:
        self._codes = pd.factorize(pd.Index(blocks))[0]
        self._repeats, self._seed = repeats, seed
        self._few = len(set(blocks)) < LEAST_BLOCKS

    def of(self, name: str, values: Array, over: Array | None = None) -> dict[str, float]:
        """Give the interval of a mean, or of the ratio of two sums."""
        low = high = np.nan
        if not self._few and (over is None or over.sum() > 0):
            found = block_bootstrap(
                values, self._codes, over=over, repeats=self._repeats, level=LEVEL, seed=self._seed
            )
            low, high = found.low, found.high
        return {f"{name}_low": low, f"{name}_high": high}


def _beyond(row: Mapping[str, Any]) -> str:
    """Say whether a model is told to beat the unit's own whole past: yes, no, or cannot tell without an interval."""
    if row["model"] == CLIMATOLOGY:
        return ""
    low = row["skill_climatology_low"]
    return "cannot tell" if not np.isfinite(low) else "yes" if low > 0 else "no"


def _verdict(row: Mapping[str, Any], model: str) -> str:
    if model == BASE:
        return "the baseline"
    if not np.isfinite(row["skill_low"]):
        return "cannot tell: too few units"
    if row["skill_low"] > 0:
        return f"better than {BASE}"
    return f"worse than {BASE}" if row["skill_high"] < 0 else f"no skill beyond {BASE}"


def pit_table(rows: pd.DataFrame, regimes: Mapping[str, str]) -> pd.DataFrame:
    """Give the share of outcomes in each tenth of the forecast: `vintage, window, model, low, high, share, rows`."""
    found = []
    edges = np.linspace(0, 1, PIT_BINS + 1)
    title = REST if regimes else ALL_WINDOWS
    for vintage, known in rows[rows["pit"].notna()].groupby("vintage", sort=False):
        calm = known[~known["window"].isin(list(regimes))]
        sets = [known, calm.assign(window=title)] if calm["window"].nunique() > 1 else [known]
        for (window, model), group in pd.concat(sets).groupby(["window", "model"], sort=False):
            counts, _ = np.histogram(group["pit"], edges)
            found += [
                {"vintage": vintage, "window": window, "model": model, "low": edges[k], "high": edges[k + 1],
                 "share": count / len(group), "rows": len(group)}
                for k, count in enumerate(counts)
            ]  # fmt: skip
    return pd.DataFrame(found)
