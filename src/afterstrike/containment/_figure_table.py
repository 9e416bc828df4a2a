"""The decision table: scenarios down, outputs across; medians, ranges, paired differences, and what is not known."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from ..charts import Chart
from ..charts._palette import LIGHT
from ._compare import FEWEST_DRAWS, FLIPS_ALLOWED
from ._figure import stamped
from ._words import draw_shares, number, span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ._compare import Comparison

__all__ = ["decision_table"]

_FIRST, _COLUMN, _HEAD = 150, 126, 66
_BASE_ROW, _ROW = 62, 124
_SHORT = {
    "civilian_deaths": "civilian deaths by strikes",
    "attacks": "attacks",
    "attack_deaths": "deaths in attacks",
    "net_escapes": "net escapes from custody",
    "detained_at_end": "detained at the end",
    "camp_returns": "returns from camps",
    "repatriated": "taken home from custody",
    "reengaged": "taking part again elsewhere, over years",
}


def decision_table(
    comparison: Comparison,
    *,
    assumptions: Mapping[str, int] | None = None,
    spread: str = "",
    today: date | None = None,
) -> Chart:
    """Draw the comparison as a table.

    Parameters
    ----------
    comparison
        What `compare` gave.
    assumptions
        For each scenario, how many of its changes are assumptions; shown under its name.
    spread
        A line on the share of the spread that assumptions have a part in.
    today
        The day from which the world's age is counted; today if not given.

    Returns
    -------
    Chart
        Each cell has the median, the range that holds 80 % of runs, and below the first row the paired
        difference with its 80 % range and the order, or "order not known".
    """
    outputs = list(dict.fromkeys(comparison.levels["output"]))
    names = list(comparison.names)
    tops = [_HEAD, *(_HEAD + _BASE_ROW + _ROW * i for i in range(len(names)))]
    width, height = _FIRST + _COLUMN * len(outputs), tops[-1]
    texts = _heads(comparison, outputs) + _names(names, tops, assumptions or {})
    for i, name in enumerate(names):
        for j, output in enumerate(outputs):
            texts += _cell(comparison, name, output, _FIRST + _COLUMN * (j + 0.5), tops[i])
    rules = [{"y": top, "x": 0, "x2": width} for top in tops]
    orders = [row["order"] for row in _pairs(comparison)]
    alt = (
        f"Table of {len(names)} scenarios by {len(outputs)} outputs. Against {names[0]}: the order is told for "
        f"{orders.count('fewer') + orders.count('more')} comparisons and not known for {orders.count('not known')}."
    )
    spec = stamped("Scenarios beside each other, totals of the run", alt, comparison.world, today, width)
    if spread:
        spec["title"]["subtitle"].append(spread)
    spec |= {
        "width": width,
        "height": height,
        "layer": [_rules(rules, width, height), *_texts(texts, width, height)],
    }
    caption = (
        f"Large: median of the run's total; below it the range that holds 80 % of runs. From the second row on: paired "
        f"difference from {names[0]} (median and 80 % of pairs, same draws and same chance), and the share of prior draws "
        "that have fewer or more. An order stands only where it flips in at most 20 % of the draws that differ. [S]: "
        "changes of the scenario, all of them assumptions."
    )
    return Chart(spec, alt=alt, caption=caption)


def _pairs(comparison: Comparison) -> list[dict[str, Any]]:
    against = comparison.table[comparison.table["against"] == comparison.names[0]]
    return [{str(key): value for key, value in row.items()} for row in against.to_dict("records")]


def _text(x: float, y: float, text: str, style: str, align: str = "middle") -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "style": f"{style}-{align}"}


def _heads(comparison: Comparison, outputs: list[str]) -> list[dict[str, Any]]:
    found = []
    for j, output in enumerate(outputs):
        lines = textwrap.wrap(_SHORT.get(output, comparison.titles[output]), 17)
        for k, line in enumerate(lines):
            y = _HEAD - 12 - 15 * (len(lines) - 1 - k)
            found.append(_text(_FIRST + _COLUMN * (j + 0.5), y, line, "head"))
    return found


def _names(names: list[str], tops: list[int], assumptions: Mapping[str, int]) -> list[dict[str, Any]]:
    found = []
    for i, name in enumerate(names):
        lines = textwrap.wrap(name, 18)
        for k, line in enumerate(lines):
            found.append(_text(4, tops[i] + 24 + 16 * k, line, "name", "left"))
        if name in assumptions:
            count = assumptions[name]
            told = "no change of its own" if not count else f"{count} change{'s' if count > 1 else ''} [S]"
            found.append(_text(4, tops[i] + 24 + 16 * len(lines), told, "small", "left"))
    return found


def _cell(comparison: Comparison, name: str, output: str, x: float, top: float) -> list[dict[str, Any]]:
    levels = comparison.levels
    own = levels[(levels["output"] == output) & (levels["scenario"] == name)].iloc[0]
    found = [
        _text(x, top + 22, number(own["median"]), "value"),
        _text(x, top + 39, span(own["low_80"], own["high_80"]), "small"),
    ]
    row = next(
        (row for row in _pairs(comparison) if (row["scenario"], row["output"]) == (name, output)), None
    )
    if row is None:
        return found
    if row["order"] == "same":
        return [*found, _text(x, top + 62, "no difference", "small")]
    sign = "+" if row["median"] > 0 else ""
    told = f"{sign}{number(row['median'])} ({span(row['low_80'], row['high_80'])})"
    words = _unknown(row) if row["order"] == "not known" else draw_shares(row).split(", ")
    words = [w.replace("of prior draws", "of draws").replace("no difference", "same") for w in words]
    style = "unknown" if row["order"] == "not known" else "known"
    lines = [_text(x, top + 80 + 15 * k, word, style) for k, word in enumerate(words)]
    return [*found, _text(x, top + 62, told, "small"), *lines]


def _unknown(row: dict[str, Any]) -> list[str]:
    if row["flips"] > FLIPS_ALLOWED:
        return ["order not known:", f"flips in {100 * row['flips']:.0f} % of draws"]
    if row["draws_that_differ"] < FEWEST_DRAWS:
        return ["order not known:", "too few draws differ"]
    return ["order not known:", "average says other"]


_STYLES: dict[str, dict[str, Any]] = {
    "head": {"fontSize": 12, "color": LIGHT["muted"]},
    "name": {"fontSize": 13, "fontWeight": 600, "color": LIGHT["ink"]},
    "value": {"fontSize": 16, "fontWeight": 600, "color": LIGHT["ink"]},
    "small": {"fontSize": 11, "color": LIGHT["muted"]},
    "known": {"fontSize": 11, "color": LIGHT["source"]},
    "unknown": {"fontSize": 11, "color": LIGHT["claim"], "fontStyle": "italic"},
}


def _texts(texts: list[dict[str, Any]], width: int, height: int) -> list[dict[str, Any]]:
    layers = []
    for style, mark in _STYLES.items():
        for align in ("left", "middle"):
            values = [text for text in texts if text["style"] == f"{style}-{align}"]
            if values:
                layers.append(
                    {
                        "data": {"values": values},
                        "mark": {"type": "text", "align": {"middle": "center"}.get(align, align), **mark},
                        "encoding": _at(width, height) | {"text": {"field": "text", "type": "nominal"}},
                    }
                )
    return layers


def _at(width: int, height: int) -> dict[str, Any]:
    return {
        "x": {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [0, width], "nice": False}},
        "y": {"field": "y", "type": "quantitative", "axis": None,
              "scale": {"domain": [height, 0], "nice": False}},
    }  # fmt: skip


def _rules(rules: list[dict[str, Any]], width: int, height: int) -> dict[str, Any]:
    return {
        "data": {"values": rules},
        "mark": {"type": "rule", "color": LIGHT["grid"]},
        "encoding": _at(width, height) | {"x2": {"field": "x2"}},
    }
