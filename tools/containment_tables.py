"""Tables, words and the figure of ranks of tools/measure_containment.py."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import stats

from afterstrike.charts import Chart
from afterstrike.charts._chart import base_spec, facet_by
from afterstrike.charts._palette import LIGHT
from afterstrike.containment._calibrate._calibration import CONTRACTION
from afterstrike.containment._calibrate._series_model import HYPER, SeriesPrior

ORDER = ("strike_effect", *HYPER, "share.second", "attacks_per_day", "quiet_days")
WRONG = ("flipped", "drift", "step", "behind strikes", "hidden")
BINS = 10


def tables(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Give everything measured, as plain values."""
    kept = [run for run in runs if not run.get("refused")]
    cells = list(dict.fromkeys(run["cell"] for run in runs))
    return {
        "command": "python tools/measure_containment.py",
        "runs": {cell: sum(run["cell"] == cell for run in runs) for cell in cells},
        "refused": {
            cell: sum(run["cell"] == cell and bool(run.get("refused")) for run in runs) for cell in cells
        },
        "seconds_median": float(np.median([run["seconds"] for run in kept])) if kept else None,
        "coverage": [row for cell in ("prior", "fixed") for row in _coverage(kept, cell)],
        "simulator": _coverage(kept, "simulator"),
        "ranks": _ranks(kept),
        "checks": _checks(kept),
        "strike_effect": _effects(kept),
    }


def _of(runs: list[dict[str, Any]], cell: str) -> list[dict[str, Any]]:
    return [run for run in runs if run["cell"] == cell]


def _prior_spread(name: str) -> tuple[float, bool] | None:
    """Give the prior's spread, and whether it is on the log scale."""
    prior = SeriesPrior()
    if name == "strike_effect":
        return prior.strike_effect[1], False
    if name == "share.second":
        return prior.share_sd, True
    if name not in HYPER:
        return None
    low, high = (float(prior.quantiles[name](np.array(u))) for u in (0.05, 0.95))
    is_log = name != "branching_ratio"
    return (math.log(high / low) if is_log else high - low) / 3.29, is_log


def _coverage(runs: list[dict[str, Any]], cell: str) -> list[dict[str, Any]]:
    mine = _of(runs, cell)
    rows = []
    for name in ORDER:
        each = [run["parameters"][name] for run in mine if name in run["parameters"]]
        if not each:
            continue
        covered = [one["covered"] for one in each]
        n, share = len(each), float(np.mean(covered))
        # What a true 90 % gives in so many runs, 19 times of 20.
        low, high = stats.binom.ppf([0.025, 0.975], n, 0.9) / n
        before = _prior_spread(name)
        contraction = None
        if before is not None:
            spread, is_log = before
            widths = [
                math.log(one["high"] / one["low"]) if is_log else one["high"] - one["low"] for one in each
            ]
            contraction = float(1 - np.mean(widths) / 3.29 / spread)
        gap = [one["median"] - one["truth"] for one in each]
        rows.append({
            "cell": cell, "parameter": name, "runs": n, "covered": share, "true_90_low": float(low),
            "true_90_high": float(high), "contraction": contraction,
            "identified": None if contraction is None else contraction >= CONTRACTION,
            "mean_error": float(np.mean(gap)), "truth": float(np.mean([one["truth"] for one in each])),
        })  # fmt: skip
    return rows


def _ranks(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    mine = _of(runs, "prior")
    rows = []
    for name in ORDER:
        ranks = np.array([run["parameters"][name]["rank"] for run in mine if name in run["parameters"]])
        if len(ranks) < 20:
            continue
        counts = np.histogram(ranks, BINS, (0, 1))[0]
        rows.append({
            "parameter": name, "runs": len(ranks), "counts": counts.tolist(),
            "chi_square_p": float(stats.chisquare(counts).pvalue), "ks_p": float(stats.kstest(ranks, "uniform").pvalue),
        })  # fmt: skip
    return rows


def _checks(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for cell in ("null", *WRONG):
        for where in ("both sources", "one source"):
            told = [run.get("checks") if where == "both sources" else run.get("alone", {}).get("checks") for run in
                    _of(runs, cell)]  # fmt: skip
            told = [one for one in told if one]
            if not told:
                continue
            for name in told[0]:
                failed = [one[name] is False for one in told]
                rows.append({"cell": cell, "fitted": where, "check": name, "runs": len(told),
                             "failed": float(np.mean(failed))})  # fmt: skip
            failed = [any(value is False for value in one.values()) for one in told]
            rows.append(
                {
                    "cell": cell,
                    "fitted": where,
                    "check": "any",
                    "runs": len(told),
                    "failed": float(np.mean(failed)),
                }
            )
    return rows


def _effects(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for cell in ("fixed", "null", *WRONG, "simulator"):
        mine = _of(runs, cell)
        if not mine:
            continue
        for where in ("both sources", "one source", "centred prior"):
            if where == "both sources":
                chance = [run["chance_fewer"] for run in mine]
                each = [run["parameters"]["strike_effect"] for run in mine]
            elif where == "one source":
                chance = [run["alone"]["chance_fewer"] for run in mine if "alone" in run]
                each = [run["alone"]["strike_effect"] for run in mine if "alone" in run]
            else:
                chance, each = [run["centred"] for run in mine if "centred" in run], []
            if not chance:
                continue
            rows.append({
                "cell": cell, "fitted": where, "runs": len(chance),
                "says_fewer": float(np.mean(np.array(chance) > 0.95)),
                "says_more": float(np.mean(np.array(chance) < 0.05)),
                "mean_error": float(np.mean([one["median"] - one["truth"] for one in each])) if each else None,
                "covered": float(np.mean([one["covered"] for one in each])) if each else None,
            })  # fmt: skip
    return rows


def rank_figure(runs: list[dict[str, Any]]) -> Chart:
    """Draw the ranks of the truth among the draws, one panel a parameter, with the band of even ranks."""
    rows = []
    for row in _ranks([run for run in runs if not run.get("refused")]):
        n = row["runs"]
        low, high = stats.binom.ppf([0.005, 0.995], n, 1 / BINS)
        for k, count in enumerate(row["counts"]):
            rows.append({
                "panel": row["parameter"], "from": k / BINS, "to": (k + 1) / BINS, "count": count, "zero": 0, "low": float(low),
                "high": float(high), "even": n / BINS,
            })  # fmt: skip
    n = max((row["runs"] for row in _ranks([run for run in runs if not run.get("refused")])), default=0)
    caption = (
        f"Where the true value stands among the draws of the posterior, {n} series whose parameters were drawn from the "
        f"prior. Even bars are right. Grey: where 99 % of bars of even ranks lie."
    )
    spec = base_spec(description=caption)
    spec["data"] = {"values": rows}
    spec["facet"] = facet_by("panel", [row["panel"] for row in rows])
    spec["columns"] = 3
    x = {"field": "from", "type": "quantitative", "title": "rank of the truth", "scale": {"domain": [0, 1]},
         "axis": {"grid": False, "values": [0, 0.5, 1]}}  # fmt: skip
    y = {"type": "quantitative", "title": "series", "scale": {"zero": True}}
    spec["spec"] = {
        "width": 200,
        "height": 110,
        "layer": [
            {"mark": {"type": "rect", "color": LIGHT["grid"]},
             "encoding": {"x": x, "x2": {"field": "to"}, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
            {"mark": {"type": "rect", "color": LIGHT["attack"], "opacity": 0.65, "stroke": LIGHT["paper"]},
             "encoding": {"x": x, "x2": {"field": "to"}, "y": {**y, "field": "count"}, "y2": {"field": "zero"}}},
            {"mark": {"type": "rule", "color": LIGHT["ink"], "strokeDash": [4, 3]},
             "encoding": {"y": {**y, "field": "even"}}},
        ],
    }  # fmt: skip
    return Chart(spec, alt=caption, caption=caption)


def docs_part(told: dict[str, Any]) -> str:
    """Write what docs/calibration.md holds of it."""
    runs = told["runs"]
    parts = [
        "## Where the truth is known",
        f"`{told['command']}`: {sum(runs.values())} series of 400 weeks ("
        + ", ".join(f"{cell} {count}" for cell, count in runs.items())
        + f"); {sum(told['refused'].values())} refused. A fit took {told['seconds_median']:.1f} s at the median, on a "
        "machine shared with other work.",
        "**Coverage of 90 % intervals.** `prior`: every parameter drawn from its prior. `fixed`: one truth, fewer attacks "
        "behind strikes; near the middle of the prior, intervals hold it more often. In brackets: what a true 90 % gives "
        "in so many runs. Contraction: of the prior's spread, on average; identified from 0.3 on.",
        _coverage_words(told["coverage"]),
        "**Ranks** of the truth among the posterior's draws (simulation-based calibration), "
        "[figure](images/calibration-ranks.svg): p of even ranks by chi-square in ten bins, and by Kolmogorov and Smirnov.",
        _table(["parameter", "runs", "chi-square p", "KS p"],
               [[row["parameter"], str(row["runs"]), f"{row['chi_square_p']:.2f}", f"{row['ks_p']:.2f}"]
                for row in told["ranks"]]),
        "**Wrong worlds.** Share of runs in which a check failed. In `null` nothing is wrong: what fails there fails for "
        "nothing.",
        _check_words(told["checks"]),
        "**The strike effect** in the same runs: says fewer (P above 0.95), says more (P below 0.05), error of the median, "
        "coverage.",
        _table(["world", "fitted", "runs", "says fewer", "says more", "mean error", "covered"],
               [[row["cell"], row["fitted"], str(row["runs"]), f"{row['says_fewer']:.0%}", f"{row['says_more']:.0%}",
                 "-" if row["mean_error"] is None else f"{row['mean_error']:+.2f}",
                 "-" if row["covered"] is None else f"{row['covered']:.0%}"] for row in told["strike_effect"]]),
    ]  # fmt: skip
    if told["simulator"]:
        parts += [
            "**Series from the simulator itself** (one zone, its daily steps, its materiel, command, grievance and fighters, "
            "none of which the weekly model has): coverage.",
            _table(["parameter", "runs", "truth", "mean error", "covered"],
                   [[row["parameter"], str(row["runs"]), f"{row['truth']:.3g}", f"{row['mean_error']:+.3g}",
                     f"{row['covered']:.0%}"] for row in told["simulator"]]),
        ]  # fmt: skip
    if "counts" in told:
        parts += _others(told)
    return "\n\n".join(parts)


def shipped_part(told: dict[str, Any]) -> str:
    """Write what the shipped figures say of the shipped worlds."""
    parts = ["## What the shipped figures say"]
    for world in dict.fromkeys(row["world"] for row in told["shipped"]):
        mine = [row for row in told["shipped"] if row["world"] == world]
        known = sum(row["identified"] for row in mine)
        effective = mine[0]["effective"]
        later = f" {effective:,.0f} effective members of 4,000 meet the later states." if effective else ""
        parts.append(
            f"`afterstrike world calibrate {world}`, no series: {known} of {mine[0]['numbers']} numbers are identified.{later} "
            "The others are not shown here; they keep their range."
        )
        parts.append(_table(
            ["number", "unit", "before", "after", "contraction", "identified", "from"],
            [[row["name"], row["unit"], _span(row, "prior"), _span(row, "posterior"), f"{row['contraction']:.2f}",
              "yes" if row["identified"] else "no", row["basis"]] for row in mine],
        ))  # fmt: skip
    return "\n\n".join(parts)


def _span(row: dict[str, Any], which: str) -> str:
    low, middle, high = (row[f"{which}_{end}"] for end in ("low", "median", "high"))
    return f"{_number(middle)} ({_number(low)} to {_number(high)})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _others(told: dict[str, Any]) -> list[str]:
    """Write counts, regression adjustment, later states and NUTS."""
    abc, stocks = told["abc"], told["stocks"]
    gaps = ", ".join(f"{gap:.1%}" for gap in abc["worst_gap"])
    names = [row["parameter"] for row in told["nuts"]]
    return [
        "**Dated counts**, 200 each: coverage of 90 % intervals.",
        _table(["counts", "covered", "a true 90 % gives"],
               [[row["what"], f"{row['covered']:.1%}", f"{row['true_90_low']:.0%} to {row['true_90_high']:.0%}"]
                for row in told["counts"]]),
        f"**Simulation against the closed form** for attack counts, {abc['runs']} counts: "
        "the 5, 50 and 95 % points differ by at "
        f"most {gaps}; coverage {abc['covered']:.1%}.",
        f"**Later states**: each of 200 members of mid2024 in turn taken for the truth, its figures written with their error, "
        f"the others weighted. {stocks['refused']} were refused (fewer than 100 effective members).",
        _table(["number", "runs", "covered", "chi-square p", "KS p"],
               [[row["number"], str(row["runs"]), f"{row['covered']:.1%}", f"{row['chi_square_p']:.2f}", f"{row['ks_p']:.2f}"]
                for row in stocks["rows"]]),
        f"**NUTS** on one series of 80 weeks (R-hat {told['nuts'][0]['r_hat']:.3f}): 5, 50 and 95 % points.",
        _table(["parameter", "fit", "NUTS"],
               [[name, *(" ".join(f"{value:.3g}" for value in row[which]) for which in ("fast", "nuts"))]
                for name, row in zip(names, told["nuts"], strict=True)]),
    ]  # fmt: skip


def _coverage_words(rows: list[dict[str, Any]]) -> str:
    by = {(row["cell"], row["parameter"]): row for row in rows}
    names = list(dict.fromkeys(row["parameter"] for row in rows))
    cells = []
    for name in names:
        line = [name]
        for cell in ("prior", "fixed"):
            row = by.get((cell, name))
            if row is None:
                line += ["-", "-"]
                continue
            line.append(f"{row['covered']:.1%} ({row['true_90_low']:.0%} to {row['true_90_high']:.0%})")
            line.append("-" if row["contraction"] is None else f"{row['contraction']:.2f}")
        cells.append(line)
    return _table(["parameter", "prior: covered", "contraction", "fixed: covered", "contraction"], cells)


def _check_words(rows: list[dict[str, Any]]) -> str:
    names = [name for name in dict.fromkeys(row["check"] for row in rows) if name != "any"]
    shown = [*[name for name in names if not name.startswith("replicated")], "any"]
    cells = []
    for cell, where in dict.fromkeys((row["cell"], row["fitted"]) for row in rows):
        mine = {row["check"]: row for row in rows if (row["cell"], row["fitted"]) == (cell, where)}
        replicated = [row["failed"] for name, row in mine.items() if name.startswith("replicated")]
        cells.append([cell, where, str(next(iter(mine.values()))["runs"]), f"{np.mean(replicated):.0%}",
                      *(f"{mine[name]['failed']:.0%}" if name in mine else "-" for name in shown)])  # fmt: skip
    return _table(["world", "fitted", "runs", "replicated series (mean of five)", *shown], cells)


def _table(heads: list[str], cells: list[list[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(line) + " |" for line in cells])
