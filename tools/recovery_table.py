"""Tables of the recovery measurement, from its runs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from recovery_runs import HORIZON, RADIUS, RING, Z

METHODS = ("afterstrike", "before_after", "uniform", "mwa-0.5")
# Rules of strikes under which the assumptions of the default convention hold.
HOLDS = ("random", "reactive")
# What is asked of the coverage of a 95% interval.
BAND = (0.93, 0.97)
Runs = list[dict[str, Any]]


def interval(hits: int, count: int) -> tuple[float, float]:
    """Give the Wilson 95% interval of a share."""
    if count == 0:
        return math.nan, math.nan
    share, z2 = hits / count, Z * Z
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count * count)) / (1 + z2 / count)
    return middle - half, middle + half


def summarise(runs: Runs) -> list[dict[str, Any]]:
    """Give one entry a cell and method."""
    cells = dict.fromkeys(tuple(run["cell"]) for run in runs)
    table = []
    for cell in sorted(cells, key=lambda cell: (cell[1] not in HOLDS, cell[1], cell[0], cell[2])):
        here = [run for run in runs if tuple(run["cell"]) == cell]
        for method in METHODS:
            asked = [run for run in here if method in run]
            if asked:
                table.append(_entry(cell, method, asked))
    return table


def _entry(cell: tuple[Any, ...], method: str, here: Runs) -> dict[str, Any]:
    known = [run for run in here if "refused" not in run[method]]
    entry: dict[str, Any] = {
        "effect": cell[0], "strikes": cell[1], "overlap": cell[2], "method": method, "runs": len(here),
        "refused": 1 - len(known) / max(len(here), 1),
        "scale": "attacks per strike" if method == "mwa-0.5" else "log ratio",
    }  # fmt: skip
    if not known:
        return entry
    if method == "mwa-0.5":
        got, truth = _column(known, method, "effect"), np.array([run["truth_effect"] for run in known])
        low, high = _column(known, method, "effect_low"), _column(known, method, "effect_high")
    else:
        got, truth = _column(known, method, "log_ratio"), np.array([run["truth"] for run in known])
        error = _column(known, method, "error")
        low, high = got - Z * error, got + Z * error
        entry["mean_error"] = float(np.sqrt((error**2).mean()))
        entry["false_sign"] = float(((low > 0) & (truth <= 0) | (high < 0) & (truth >= 0)).mean())
    gap = got - truth
    hits = int(((low <= truth) & (truth <= high)).sum())
    entry |= {
        "truth": float(truth.mean()),
        "bias": float(gap.mean()),
        "bias_error": _spread(gap) / math.sqrt(len(gap)),
        "spread": _spread(gap),
        "rmse": float(np.sqrt((gap**2).mean())),
        "hits": hits,
        "coverage": hits / len(known),
        "coverage_interval": interval(hits, len(known)),
    }
    planned = [run for run in known if "truth_planned" in run]
    if planned and method != "mwa-0.5":
        z = [(run[method]["log_ratio"] - run["truth_planned"]) / run[method]["error"] for run in planned]
        entry["coverage_planned"] = float((np.abs(z) < Z).mean())
    if method == "afterstrike":
        entry |= _ours(known)
    return entry


def _ours(known: Runs) -> dict[str, Any]:
    """Say what only the default convention has: both forms, windows at once, band, displacement, checks."""
    mine = [run["afterstrike"] for run in known]
    aim = np.array([run["truth_effect"] for run in known])
    out: dict[str, Any] = {}
    for name in ("effect", "did"):
        low, high = (np.array([one[f"{name}_{end}"] for one in mine]) for end in ("low", "high"))
        out[f"coverage_{name}"] = float(((low <= aim) & (aim <= high)).mean())
    out["coverage_joint"] = float(np.mean([one["joint"] for one in mine]))
    bands = [one["band"] for one in mine if one["band"] is not None]
    out["coverage_band"] = float(np.mean(bands)) if bands else math.nan
    moved = [run for run in known if "added" in run["afterstrike"]]
    if moved:
        added = np.array([run["truth_added"] for run in moved])
        net = np.array([-run["truth_effect"] for run in moved]) - added
        for name, truth in (("added", added), ("net", net)):
            got = np.array([run["afterstrike"][name] for run in moved])
            out[f"truth_{name}"], out[f"bias_{name}"] = float(truth.mean()), float((got[:, 0] - truth).mean())
            out[f"coverage_{name}"] = float(((got[:, 1] <= truth) & (truth <= got[:, 2])).mean())
        out["shown_displacement"] = float(np.mean([run["afterstrike"]["is_shown"] for run in moved]))
    names = dict.fromkeys(name for one in mine for name in one["checks"])
    failed = {name: [one["checks"].get(name) is False for one in mine] for name in names}
    out["failed"] = {name: float(np.mean(hits)) for name, hits in failed.items() if any(hits)}
    caught = np.array([any(v is False for v in one["checks"].values()) for one in mine])
    out["caught"] = float(caught.mean())
    if not caught.all():
        inside = [
            abs(one["log_ratio"] - run["truth"]) < Z * one["error"]
            for one, run in zip(mine, known, strict=True)
        ]
        out["coverage_passed"] = float(np.array(inside)[~caught].mean())
    return out


def _column(runs: Runs, method: str, key: str) -> Any:
    return np.array([run[method][key] for run in runs])


def _spread(values: Any) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else math.nan


def holm(
    entries: list[dict[str, Any]], low: float = 0.95, high: float = 0.95
) -> list[tuple[float, dict[str, Any]]]:
    """Test of each cell whether its coverage is from `low` to `high`: exact binomial p-values, adjusted over
    cells (Holm).

    For a stretch, the p-value is of the nearer end, one-sided: the other end is then all but impossible.
    """
    from scipy.stats import binomtest

    found = []
    for entry in entries:
        count, hits = round(entry["runs"] * (1 - entry["refused"])), entry["hits"]
        if low == high:
            p = binomtest(hits, count, low).pvalue
        elif hits < low * count:
            p = binomtest(hits, count, low, alternative="less").pvalue
        elif hits > high * count:
            p = binomtest(hits, count, high, alternative="greater").pvalue
        else:
            p = 1.0
        found.append((float(p), entry))
    found.sort(key=lambda pair: pair[0])
    adjusted, floor = [], 0.0
    for rank, (p, entry) in enumerate(found):
        floor = max(floor, min(1.0, p * (len(found) - rank)))
        adjusted.append((floor, entry))
    return adjusted


def markdown(table: list[dict[str, Any]]) -> str:
    """Write the tables for people."""
    known = [entry for entry in table if "coverage" in entry]
    ours = [entry for entry in known if entry["method"] == "afterstrike"]
    lines = [
        "# Recovery of known effects by matched wakes",
        "",
        "Made by `python tools/measure_recovery.py`. Theatres of two years with 20 attacks a day; 200 strike "
        "place-days (700 at overlap 0.95). The truth of a run comes from twin runs: each strike place-day "
        f"against none planned there that day (`truth_unplanned`); RR on days 1 to {HORIZON} within "
        f"{RADIUS:g} km, ring to {RING:g} km. Bias, spread, mean standard error and RMSE are of the log "
        "ratio (for mwa-0.5: attacks per strike). Coverage is of nominal 95% intervals, with its own 95% "
        "interval. `caught`: share of runs in which any check failed; `where none`: coverage in the others.",
        "",
        *_verdict(ours),
        *_pooled(ours),
        "",
        "## The default convention",
        "",
        *_rows(
            ours,
            ("effect", "strikes", "overlap", "runs", "truth", "bias", "bias_error", "spread", "mean_error",
             "coverage", "coverage_interval", "false_sign", "refused", "caught", "coverage_passed"),
        ),
        "",
        "`false sign`: share of runs whose interval lies on the other side of no change than the truth, or "
        "beside it where there is no effect.",
        "",
        "## Both forms, both windows at once, the band, attacks nearby",
        "",
        "Coverage of: the difference in attacks by lagged outcome and by difference-in-differences; the "
        "intervals that serve 7 and 14 days at once; the band of the curve, on all 14 days at once; attacks "
        "added in the ring, and averted less added. `shown`: runs that may say \"more attacks nearby\".",
        "",
        *_rows(
            ours,
            ("effect", "strikes", "overlap", "coverage_effect", "coverage_did", "coverage_joint",
             "coverage_band", "truth_added", "bias_added", "coverage_added", "coverage_net",
             "shown_displacement"),
        ),
        "",
        "## Checks that failed, by share of runs",
        "",
        *[
            f"- {e['effect']}, {e['strikes']}, {e['overlap']}: "
            + ", ".join(f"{name} {share:.2f}" for name, share in e["failed"].items())
            for e in ours
            if e["failed"]
        ],
        "",
        "## What other comparisons make of the same theatres",
        "",
        "Before and after; place-days drawn evenly; mwa-0.5 with three even control place-days a strike. "
        "`planned`: coverage of the other truth, in which a strike taken away keeps its place in the plan.",
        "",
        *_rows(
            known,
            ("effect", "strikes", "overlap", "method", "runs", "truth", "bias", "spread", "coverage",
             "coverage_interval", "coverage_planned"),
        ),
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _verdict(ours: list[dict[str, Any]]) -> list[str]:
    lines = []
    for label, part in (
        ("where the assumptions hold (strikes random or reactive to recorded attacks)",
         [entry for entry in ours if entry["strikes"] in HOLDS]),
        ("where they do not", [entry for entry in ours if entry["strikes"] not in HOLDS]),
    ):  # fmt: skip
        if not part:
            continue
        count = sum(round(entry["runs"] * (1 - entry["refused"])) for entry in part)
        hits = sum(entry["hits"] for entry in part)
        low, high = interval(hits, count)
        inside = sum(BAND[0] <= entry["coverage"] <= BAND[1] for entry in part)
        lines += [
            f"- Coverage {label}: {hits / count:.3f} ({low:.3f} to {high:.3f}) in {count} runs of "
            f"{len(part)} cells; {inside} of {len(part)} cells between 0.93 and 0.97. Tested cell by cell "
            f"against 0.95 with Holm's correction: {_told(holm(part))} Tested in the same way against the "
            f"whole stretch from {BAND[0]} to {BAND[1]}: {_told(holm(part, *BAND))}"
        ]
    return lines


def _told(adjusted: list[tuple[float, dict[str, Any]]]) -> str:
    wrong = [e for p, e in adjusted if p < 0.05]
    names = (f"{e['effect']}, {e['strikes']}, {e['overlap']} ({e['coverage']:.3f})" for e in wrong)
    return f"{len(wrong)} differ at 5%" + (f": {'; '.join(names)}." if wrong else ".")


def _pooled(ours: list[dict[str, Any]]) -> list[str]:
    """Say over cells what the pages quote: joint coverage, words of displacement, what checks caught."""

    def mean(name: str, part: list[dict[str, Any]]) -> str:
        known = [entry for entry in part if math.isfinite(entry.get(name, math.nan))]
        runs = sum(entry["runs"] for entry in known)
        return f"{sum(entry[name] * entry['runs'] for entry in known) / runs:.3f}" if runs else "none"

    sound = [entry for entry in ours if entry["strikes"] in HOLDS]
    moved = [entry for entry in sound if entry["effect"] == "displacement"]
    still = [entry for entry in sound if entry["effect"] != "displacement"]
    null = [entry for entry in sound if entry["effect"] == "null"]
    lines = [
        f"- Over the cells in which they hold: both windows at once {mean('coverage_joint', sound)}, band on "
        f"all days {mean('coverage_band', sound)}, attacks added in the ring "
        f'{mean("coverage_added", sound)}; "more attacks nearby" may be said in '
        f"{mean('shown_displacement', moved)} of runs with displacement and "
        f"{mean('shown_displacement', still)} of others; a check failed in {mean('caught', null)} of runs "
        "without an effect."
    ]
    wide = []
    for overlap in sorted({entry["overlap"] for entry in sound}):
        part = [e for e in sound if e["overlap"] == overlap and e["caught"] <= 0.5]
        middle = float(np.median([e["mean_error"] / e["spread"] for e in part])) if part else math.nan
        wide.append(f"{middle:.2f} at overlap {overlap}")
    lines.append(
        f"- Mean standard error over the spread of the estimates, the middle cell: {', '.join(wide)} (cells in "
        "which a check fails in most runs left out). Above 1 intervals are wider than they need be."
    )
    # Where strikes feed on the surge they cause, hardly any place-day is like a struck one.
    bare = [entry for entry in sound if entry["caught"] > 0.5]
    if bare:
        kept = [entry for entry in sound if entry not in bare]
        hits = sum(entry["hits"] for entry in kept)
        count = sum(round(entry["runs"] * (1 - entry["refused"])) for entry in kept)
        low, high = interval(hits, count)
        told = "; ".join(
            f"{e['effect']}, {e['strikes']}, {e['overlap']} ({e['caught']:.2f}, where none failed coverage "
            f"{e.get('coverage_passed', math.nan):.3f})"
            for e in bare
        )
        lines.append(
            f"- A check fails in most runs of {told}: the design itself says that it does not hold there. "
            f"Without: coverage {hits / count:.3f} ({low:.3f} to {high:.3f}) in {count} runs of {len(kept)} "
            "cells."
        )
    for rule in dict.fromkeys(entry["strikes"] for entry in ours if entry["strikes"] not in HOLDS):
        part = [entry for entry in ours if entry["strikes"] == rule]
        lines.append(
            f"- {rule}: coverage {mean('coverage', part)}, a check failed in {mean('caught', part)}."
        )
    return lines


_HEADS = {"bias_error": "+-", "mean_error": "mean se", "coverage_interval": "(95%)",
          "coverage_planned": "planned", "coverage_effect": "lagged", "coverage_did": "difference",
          "coverage_joint": "7 and 14 days", "coverage_band": "band", "truth_added": "added",
          "bias_added": "bias", "coverage_added": "covered", "coverage_net": "net covered",
          "shown_displacement": "shown", "coverage_passed": "where none",
          "false_sign": "false sign"}  # fmt: skip


def _rows(entries: list[dict[str, Any]], names: tuple[str, ...]) -> list[str]:
    lines = ["| " + " | ".join(_HEADS.get(name, name) for name in names) + " |", "|---" * len(names) + "|"]
    return lines + ["| " + " | ".join(_cell(entry, name) for name in names) + " |" for entry in entries]


def _cell(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    if value is None:
        return ""
    if name == "coverage_interval":
        return f"{value[0]:.3f}-{value[1]:.3f}"
    if name in ("truth", "bias", "truth_added", "bias_added"):
        return f"{value:+.3f}"
    if isinstance(value, float) and name != "overlap":
        return f"{value:.3f}"
    return str(value)
