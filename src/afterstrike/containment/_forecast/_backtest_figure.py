"""Figures of a backtest: skill by window, coverage by level, PIT histograms; one panel a model, one vintage a figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ...charts import Chart
from ...charts._chart import base_spec, facet_by
from ...charts._palette import LIGHT
from ._backtest_tables import BASE, COVERED, PARTS, PIT_BINS

if TYPE_CHECKING:
    import pandas as pd

    from ._backtest_result import Backtest

__all__ = ["FIGURES"]

_FLOOR, _CEILING = -1.0, 0.6  # of the scale of skill, at the widest
_SIGNED = "datum.value < 0 ? '-' + format(-datum.value, '.2~f') : format(datum.value, '.2~f')"
# Told apart by shape as well as by colour.
_LOOKS = {"all": ("attack", "circle"), "positive": ("strike", "square"), "focus": ("source", "triangle-up")}


def _figure(title: str, backtest: Backtest, vintage: str, alt: str, caption: str, inner: Mapping[str, Any],
            models: list[str], rows: list[dict[str, Any]]) -> Chart:  # fmt: skip
    spec = base_spec(description=alt)
    spec["background"], spec["padding"] = LIGHT["paper"], 12
    stamp = (
        f"Outcomes of vintage: {vintage}. Horizons {_span(backtest.provenance['horizons'])}, "
        f"{backtest.provenance['draws']:,} draws, {len(backtest.windows)} windows."
    )
    spec["title"] = {"text": title, "subtitle": [stamp], "subtitleColor": LIGHT["muted"], "fontSize": 16, "offset": 14,
                     "subtitleFontSize": 12, "subtitlePadding": 5}  # fmt: skip
    spec["data"] = {"values": rows}
    spec["facet"] = facet_by("model", models)
    spec["columns"] = 3
    spec["spec"] = dict(inner)
    return Chart(spec, alt=alt, caption=caption)


def _span(steps: list[int]) -> str:
    if steps == list(range(steps[0], steps[-1] + 1)):
        return f"{steps[0]} to {steps[-1]}" if len(steps) > 1 else str(steps[0])
    return ", ".join(map(str, steps))


def _scale(table: pd.DataFrame, models: list[str]) -> tuple[float, float]:
    """Give the ends of the scale of skill: wide enough for the models asked for, not for every bad baseline."""
    mine = table[table["model"].isin(models)]
    values = [
        value for name in ("skill", "skill_low", "skill_high") for value in mine[name] if math.isfinite(value)
    ]
    low, high = min([-0.1, *values]), max([0.1, *values])
    return max(_FLOOR, 1.1 * low), min(_CEILING, 1.1 * high)


def skill_figure(backtest: Backtest, vintage: str) -> Chart:
    """Draw skill against `last12` by window, with its interval; what leaves the panel is marked at its edge."""
    models = [one for one in backtest.models if one != BASE]
    table = backtest.table[(backtest.table["vintage"] == vintage) & (backtest.table["part"] == "all")]
    windows = list(dict.fromkeys(table["window"]))
    asked = [one for one in backtest.provenance["asked"] if one in models] or models
    floor, ceiling = _scale(table, asked)

    def held(value: float) -> float | None:
        return min(max(value, floor), ceiling) if math.isfinite(value) else None

    rows = [
        {
            "model": row["model"], "window": row["window"], "told": _known(row["skill"]), "skill": held(row["skill"]),
            "low": held(row["skill_low"]), "high": held(row["skill_high"]),
            "out": "low" if row["skill"] < floor else "high" if row["skill"] > ceiling else "",
            "kind": "changed" if row["regime"] else "pooled" if row["windows"] > 1 else "window",
        }
        for row in table[table["model"].isin(models)].to_dict("records")
    ]  # fmt: skip
    y = {
        "field": "window",
        "type": "nominal",
        "sort": windows,
        "title": None,
        "axis": {"labelLimit": 240, "grid": False},
    }
    x = {"type": "quantitative", "title": f"skill against {BASE}", "scale": {"domain": [floor, ceiling]},
         "axis": {"tickCount": 4, "labelExpr": _SIGNED}}  # fmt: skip
    colour = {
        "condition": {"test": "datum.kind == 'changed'", "value": LIGHT["strike"]},
        "value": LIGHT["attack"],
    }
    drawn = {"filter": "isValid(datum.skill)"}
    shape = {"condition": [{"test": "datum.out == 'low'", "value": "triangle-left"},
                           {"test": "datum.out == 'high'", "value": "triangle-right"},
                           {"test": "datum.kind == 'pooled'", "value": "diamond"},
                           {"test": "datum.kind == 'changed'", "value": "square"}], "value": "circle"}  # fmt: skip
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "rule", "color": LIGHT["ink"], "strokeWidth": 1}, "encoding": {"x": {"datum": 0, **x}}},
        {"transform": [drawn, {"filter": "isValid(datum.low)"}], "mark": {"type": "rule", "strokeWidth": 2},
         "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}, "color": colour}},
        {"transform": [drawn], "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
         "encoding": {"y": y, "x": {**x, "field": "skill"}, "color": colour, "shape": shape}},
    ]  # fmt: skip
    first = models[0]
    told = "; ".join(f"{row['window']} {_words(row['told'])}" for row in rows if row["model"] == first)
    changed = " Squares: a window in which something changed, in no mean." if backtest.regimes else ""
    left = sum(bool(row["out"]) for row in rows)
    caption = (
        f"Mean CRPS of all rows against {BASE} on the same rows; right of the line is better. Bars: 95 % intervals, "
        f"units drawn again. Diamond: windows together.{changed}"
        + (
            f" {left} points lie outside the panel and are marked by triangles at its edge; bars are cut there too."
            if left
            else ""
        )
    )
    size = {"width": 190, "height": max(90, 24 * len(windows))}
    title, alt = "Skill against the last twelve values, by window", f"Skill by window. {first}: {told}."
    return _figure(title, backtest, vintage, alt, caption, {**size, "layer": layers}, models, rows)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _words(value: float | None) -> str:
    return "not told" if value is None else f"{value:+.3f}"


def coverage_figure(backtest: Backtest, vintage: str) -> Chart:
    """Draw how often central intervals held what came, against how often they say they do."""
    from ._backtest_result import pooled_title

    title = pooled_title(backtest, vintage)
    table = backtest.table[(backtest.table["vintage"] == vintage) & (backtest.table["window"] == title)]
    parts = [part for part in _LOOKS if (table["part"] == part).any()]
    rows = [
        {"model": row["model"], "part": PARTS[row["part"]], "level": level,
         "covered": 100 * row[f"coverage_{level}"]}
        for row in table[table["part"].isin(parts)].to_dict("records")
        for level in COVERED
    ]  # fmt: skip
    names = [PARTS[part] for part in parts]
    x = {"field": "level", "type": "quantitative", "title": "level of the interval, %", "scale": {"domain": [40, 100]},
         "axis": {"values": list(COVERED), "grid": False}}  # fmt: skip
    y = {"field": "covered", "type": "quantitative", "title": "held what came, %", "scale": {"domain": [0, 100]},
         "axis": {"values": [0, 25, 50, 75, 100]}}  # fmt: skip
    kinds = {
        "color": {"field": "part", "type": "nominal", "title": None, "sort": names,
                  "scale": {"domain": names, "range": [LIGHT[_LOOKS[part][0]] for part in parts]},
                  "legend": {"orient": "top", "labelLimit": 300}},
        "shape": {"field": "part", "type": "nominal", "title": None, "sort": names,
                  "scale": {"domain": names, "range": [_LOOKS[part][1] for part in parts]}},
    }  # fmt: skip
    line = {"values": [{"level": 40, "covered": 40}, {"level": 100, "covered": 100}]}
    layers: list[dict[str, Any]] = [
        {"data": line, "mark": {"type": "line", "color": LIGHT["axis"], "strokeDash": [4, 3]},
         "encoding": {"x": x, "y": y}},
        {"mark": {"type": "line", "strokeWidth": 1.5}, "encoding": {"x": x, "y": y, "color": kinds["color"]}},
        {"mark": {"type": "point", "filled": True, "size": 55, "opacity": 1}, "encoding": {"x": x, "y": y, **kinds}},
    ]  # fmt: skip
    first = backtest.models[0]
    told = ", ".join(
        f"{row['level']} %: {row['covered']:.0f} %"
        for row in rows
        if row["model"] == first and row["part"] == names[0]
    )
    caption = (
        f"Rows of {title}. On the dashed line intervals hold as often as they say; below it they are too narrow. Most rows of "
        "a panel of conflict are zero and easily held, so all rows together flatter; rows above zero are chosen by what came, "
        "and a right forecast holds fewer of those."
    )
    return _figure("Calibration: coverage of intervals", backtest, vintage, f"Coverage by level, {first}, {names[0]}: {told}.",
                   caption, {"width": 190, "height": 170, "layer": layers}, list(backtest.models), rows)  # fmt: skip


def pit_figure(backtest: Backtest, vintage: str) -> Chart:
    """Draw how often what came fell into each tenth of the forecast."""
    from ._backtest_result import pooled_title

    title = pooled_title(backtest, vintage)
    table = backtest.pit[(backtest.pit["vintage"] == vintage) & (backtest.pit["window"] == title)]
    rows = [
        {
            "model": row["model"],
            "low": row["low"],
            "high": row["high"],
            "share": 100 * row["share"],
            "none": 0,
        }
        for row in table.to_dict("records")
    ]
    largest = max([30.0, *(row["share"] * 1.05 for row in rows)])
    y = {
        "type": "quantitative",
        "title": "% of rows",
        "scale": {"domain": [0, largest]},
        "axis": {"tickCount": 4},
    }
    x = {"field": "low", "type": "quantitative", "title": "place of what came in the forecast",
         "axis": {"values": [0, 0.5, 1], "grid": False}, "scale": {"domain": [0, 1]}}  # fmt: skip
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "bar", "color": LIGHT["attack"], "stroke": LIGHT["paper"], "strokeWidth": 1},
         "encoding": {"x": x, "x2": {"field": "high"}, "y": {**y, "field": "share"}, "y2": {"field": "none"}}},
        {"mark": {"type": "rule", "color": LIGHT["strike"], "strokeDash": [4, 3], "strokeWidth": 1.5},
         "encoding": {"y": {"datum": 100 / PIT_BINS, **y}}},
    ]  # fmt: skip
    first = backtest.models[0]
    mine = [row for row in rows if row["model"] == first]
    told = (
        f"{mine[0]['share']:.0f} % in the lowest tenth, {mine[-1]['share']:.0f} % in the highest"
        if mine
        else "no rows"
    )
    caption = (
        f"Rows of {title}; ties are broken by chance. Bars at the dashed line: calibrated. High at both ends: too narrow; high "
        "on the left: what came was lower than forecast."
    )
    return _figure("Calibration: place of what came (PIT)", backtest, vintage, f"PIT histogram, {first}: {told}.", caption,
                   {"width": 190, "height": 140, "layer": layers}, list(backtest.models), rows)  # fmt: skip


FIGURES: dict[str, Callable[[Backtest, str], Chart]] = {
    "skill": skill_figure,
    "coverage": coverage_figure,
    "pit": pit_figure,
}
