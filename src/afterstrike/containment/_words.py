"""The words of scenarios: what follows from stated assumptions, and no order where none is known."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from ._compare import FLIPS_ALLOWED
from ._drivers import ASSUMED, CHANCE
from ._scenario_outputs import OUTPUTS

if TYPE_CHECKING:
    from ._compare import Comparison
    from ._drivers import Drivers
    from ._ensemble import Ensemble
    from ._run import ScenarioResult
    from ._world import World, WorldEvent

__all__ = [
    "FORBIDDEN",
    "assumed_share",
    "comparison_lines",
    "day_words",
    "draw_shares",
    "driver_lines",
    "number",
    "order_words",
    "outcome_lines",
    "span",
    "stamp_lines",
    "standing",
    "summary_lines",
]

FORBIDDEN: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a forecast in the future tense", re.compile(r"\bwill\b", re.I)),
    ("a prediction", re.compile(r"\bpredict\w*", re.I)),
    (
        "a dose",
        re.compile(r"\b(need\w*|requir\w*|enough)\b[^.]{0,40}\b\d[\d,]*\b[^.]{0,20}\bstrikes?\b", re.I),
    ),
    (
        "a dose",
        re.compile(r"\b\d[\d,]*\s+(more |further )?strikes?\s+(a|per|each)\s+(month|week|day)\b", re.I),
    ),
    (
        "children as a stock",
        re.compile(r"\b(child\w*|youths?|minors?|boys?|girls?)\b[^.]{0,80}\brecruit\w*", re.I),
    ),
    (
        "children as a stock",
        re.compile(r"\brecruit\w*[^.]{0,80}\b(child\w*|youths?|minors?|boys?|girls?)\b", re.I),
    ),
)
"""What no output may say, with the reason: a test looks for them in everything a run prints, draws or writes."""

NO_FORECAST = "This is what follows from stated assumptions. It is no forecast, and it says nothing of any place below a zone."
_FALLING = 0.03
"""A fall in the share of flips, from half the repeats to all of them, that is worth a word."""


def number(value: float) -> str:
    """Write a count so that it does not look more exact than it is: two digits from 100 on, tenths below 10."""
    if not math.isfinite(value):
        return "–"
    if abs(value) >= 100:
        return f"{round(value, 1 - math.floor(math.log10(abs(value)))):,.0f}"
    return f"{value:.1f}".removesuffix(".0") if abs(value) < 10 else f"{value:.0f}"


def span(low: float, high: float) -> str:
    """Write a range; a minus sign of its own stands before each end below zero."""
    return f"{number(low)} to {number(high)}"


def day_words(day: date) -> str:
    """Write a day in full."""
    return f"{day.day} {day:%B %Y}"


def assumed_share(world: World) -> tuple[int, int]:
    """Give how many numbers of a world are assumptions, and how many there are."""
    kinds = [one.is_assumption for one in world.numbers.values()]
    return sum(kinds), len(kinds)


def standing(world: World, ensembles: Sequence[Ensemble], today: date) -> list[str]:
    """Give what stands before any number: which world, how old, how much of it is assumed, what this is not."""
    assumed, total = assumed_share(world)
    first = ensembles[0]
    lines = [
        f"Run on {world.stamp(today)}, from {day_words(first.start)} to {day_words(first.periods[-1])}.",
        f"{assumed} of its {total} numbers ({100 * assumed / total:.0f} %) are assumptions that no data test [S]; every "
        "change a scenario makes is one more.",
        NO_FORECAST,
    ]
    claimed = [n for n in world.numbers.values() if n.claimed_by_article]
    if claimed:
        told = "; ".join(
            f"{n.name} {span(n.low, n.high) if n.low < n.high else number(n.low)} {n.unit}" for n in claimed
        )
        lines.append(f"Claimed by the article, and no data: {told}.")
    since = [event for event in world.events if event.date > world.as_of]
    if since:
        told = "; ".join(f"{_dated(event)} ({event.source})" for event in since)
        lines.append(f"Since the world's date, and not in its numbers: {told}.")
    return lines


def _dated(event: WorldEvent) -> str:
    what = event.what.rstrip(".")
    return what if day_words(event.date) in what else f"{day_words(event.date)}: {what}"


def stamp_lines(world: World, today: date | None = None) -> list[str]:
    """Give what every figure carries: which world, how old, how much of it is assumed, what this is not."""
    assumed, total = assumed_share(world)
    stamp = world.stamp(today or date.today())
    claimed = sum(one.claimed_by_article for one in world.numbers.values())
    told = f" ({claimed} claimed by the article)" if claimed else ""
    return [
        f"{stamp[0].upper()}{stamp[1:]}; {assumed} of its {total} numbers ({100 * assumed / total:.0f} %) are "
        f"assumptions [S]{told}.",
        "What follows from stated assumptions, no forecast.",
    ]


def outcome_lines(comparison_levels: Any, titles: Any, names: Sequence[str]) -> list[str]:
    """Say each scenario's own totals: medians and the range that holds 80 % of runs, civilian harm first."""
    lines = []
    for name in names:
        mine = comparison_levels[comparison_levels["scenario"] == name]
        parts = [
            f"{titles[row['output']]} {number(row['median'])} ({span(row['low_80'], row['high_80'])})"
            for row in mine.to_dict("records")
        ]
        lines.append(f"{name}: " + "; ".join(parts) + ".")
    return lines


def order_of_runs(share: float, runs: int) -> str:
    """Say a share of runs to no better than an order of magnitude."""
    if share <= 0:
        return f"in none of {runs:,} runs"
    if share >= 0.7:
        return "in most runs"
    if share >= 0.3:
        return "in the order of one run in two"
    return f"in the order of one run in {10 ** max(1, round(-math.log10(share))):,}"


def escapes_line(name: str, values: Any) -> str:
    """Say how large escapes get, to no better than an order of magnitude."""
    told = order_of_runs(float((values > 1000).mean()), len(values))
    return (
        f"{name}: net escapes from custody pass 1,000 {told}. Breaks are too few on record (none to three a system) "
        "for more than an order of magnitude, and what is put in decides it."
    )


def order_words(row: dict[str, Any], title: str) -> str:
    """Say the order of two scenarios on one output, or that it is not known and why."""
    pair = f"{row['scenario']} against {row['against']}, {title}"
    if row["order"] == "same":
        return f"{pair}: no difference in any of {row['draws']} prior draws."
    difference = (
        f"paired difference {number(row['median'])} ({span(row['low_80'], row['high_80'])} in 80 % of runs; "
        f"{number(row['mean'])} on average)"
    )
    if row["order"] == "not known":
        return f"{pair}: the order is not known: {row['reason']}; {difference}{_chance_words(row)}."
    told = f"{pair}: {draw_shares(row)}"
    if row["flips_high"] > FLIPS_ALLOWED:
        told += (
            f" (it flips in {_share(row['flips'])} of those that differ, by their number {_share(row['flips_low'])} to "
            f"{_share(row['flips_high'])}; no order is told above {_share(FLIPS_ALLOWED)})"
        )
    return f"{told}; {difference}."


def draw_shares(row: dict[str, Any]) -> str:
    """Say in what share of prior draws a scenario has fewer or more than the other, and in what share neither."""
    total, differ = row["draws"], row["draws_that_differ"]
    flipped = round(row["flips"] * differ)
    other = "more" if row["order"] == "fewer" else "fewer"
    parts = [f"{row['order']} in {_share((differ - flipped) / total)} of prior draws"]
    parts += [f"{other} in {_share(flipped / total)}"] if flipped else []
    parts += [f"no difference in {_share((total - differ) / total)}"] if differ < total else []
    return ", ".join(parts)


def _chance_words(row: dict[str, Any]) -> str:
    """Say that chance within draws still has a part in the flips, where an order is refused for them."""
    if not row["flips"] > FLIPS_ALLOWED or not row["flips_half"] - row["flips"] > _FALLING:
        return ""
    return (
        f"; with half the runs of each draw it flips in {_share(row['flips_half'])}, so chance has a part, and more "
        "repeats may tell more"
    )


def comparison_lines(comparison: Comparison) -> list[str]:
    """Say every comparison with the first scenario."""
    base = comparison.names[0]
    against = comparison.table[comparison.table["against"] == base].to_dict("records")
    rows = [{str(key): value for key, value in row.items()} for row in against]
    lines = [order_words(row, comparison.titles[row["output"]]) for row in rows]
    if comparison.repeats < 2:
        lines.append("Each prior draw was run once, so chance within a draw counts as a flip here.")
    return lines


def driver_lines(drivers: Drivers) -> list[str]:
    """Say which groups of numbers make most of the spread of each output."""
    lines = []
    measure = "log(1 + total)" if drivers.scale == "log" else "the total"
    for output in dict.fromkeys(drivers.table["output"]):
        mine = drivers.table[drivers.table["output"] == output]
        title = OUTPUTS[output].title
        if mine["reason"].iloc[0]:
            lines.append(f"Spread of {title}: cannot be told, {mine['reason'].iloc[0]}.")
            continue
        parts = mine[mine["group"] != ASSUMED].sort_values("total", ascending=False)
        shown = [row for row in parts.to_dict("records") if row["total_low"] > 0.02][:4]
        told = ", ".join(
            f"{row['group']} {_share(row['total'])} ({_share(row['total_low'])} to {_share(row['total_high'])})"
            for row in shown
        )
        assumed = mine[mine["group"] == ASSUMED].iloc[0]
        part = (
            f"{_share(assumed['total'])} ({_share(assumed['total_low'])} to {_share(assumed['total_high'])})"
        )
        lines.append(
            f"Spread of {title} ({measure}), share each has a part in: {told or 'none stands out'}. Numbers marked [S] "
            f"have a part in {part}; `{CHANCE}` is what two runs of the same numbers differ in."
        )
    return lines


def _share(value: float) -> str:
    """Write a share; what is not nothing is not called 0 %, and what is not all is not called 100 %."""
    if 0 < value < 0.005:
        return "under 1 %"
    if 0.995 < value < 1:
        return "over 99 %"
    return f"{100 * min(max(value, 0.0), 1.0):.0f} %"


def summary_lines(result: ScenarioResult) -> list[str]:
    """Give the whole summary of a run."""
    ensembles = list(result.ensembles.values())
    lines = standing(result.world, ensembles, result.today)
    if result.provenance.get("draws") == "given":
        lines.append(
            "The numbers drawn were given (by a calibration, say); they are not the world's own ranges."
        )
    lines += ["", "Totals of the run: median (range that holds 80 % of runs)."]
    lines += outcome_lines(result.levels, result.titles, list(result.ensembles))
    lines += [escapes_line(name, OUTPUTS["net_escapes"].of(one)) for name, one in result.ensembles.items()]
    if result.comparison is not None:
        lines += ["", "Against the first scenario, same draws and same chance:"]
        lines += comparison_lines(result.comparison)
    if result.drivers is not None:
        lines += ["", *driver_lines(result.drivers)]
    lines += ["", *result.cost_lines]
    lines += ["", "What each scenario takes for granted:"]
    for one in result.ensembles.values():
        lines += [f"{one.scenario.name}: {text}" for text in one.scenario.assumptions]
    lines += [f"To be known: {text}." for text in result.warnings]
    return lines
