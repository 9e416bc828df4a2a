"""Figures of a calibration: prior beside posterior for every number, and the weekly series against its fit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...charts import Chart
from ...charts._chart import base_spec
from ...charts._palette import LIGHT

if TYPE_CHECKING:
    from ._calibration import Calibration
    from ._series_fit import SeriesFit

__all__ = ["prior_posterior_figure", "series_figure"]

_SCALED = ("lognormal", "logit_normal")
_ROW = 17


def prior_posterior_figure(found: Calibration) -> Chart:
    """Draw a row a number: grey the range before, a line the range after; not identified: hollow, and said in words.

    Each row has its own scale: 0 is the 5 % and 1 the 95 % point before the data, on the log scale where the number has
    one.
    """
    table = found.to_frame()
    rows = []
    for order, row in enumerate(table.to_dict("records")):
        place = _scale(found, row)
        known = bool(row["identified"])
        word = "" if known else "fixed" if not math.isfinite(row["contraction"]) else "not identified"
        rows.append(
            {
                "name": row["name"],
                "order": order,
                "begin": 0,
                "end": 1,
                "group": row["group"],
                "low": place(row["posterior_low"]),
                "middle": place(row["posterior_median"]),
                "high": place(row["posterior_high"]),
                "prior_middle": place(row["prior_median"]),
                "kind": "identified" if known else "not identified",
                "told": f"{_short(row['posterior_median'])} ({_short(row['posterior_low'])} to {_short(row['posterior_high'])})"
                f" {row['unit']}",
                "word": f"from {row['basis']}" if known else word + _also(row),
            }
        )
    known_names = [row["name"] for row in rows if row["kind"] == "identified"]
    caption = (
        f"World {found.world.name}, as of {found.world.as_of}. Grey: the 90 % range before the data, each row on its own "
        f"scale. Line and dot: after. {len(known_names)} of {len(rows)} numbers are identified; the hollow ones are not: "
        "their posterior rests on their prior."
    )
    alt = f"Prior beside posterior. {caption} Identified: {', '.join(known_names) or 'none'}."
    spec = base_spec(description=alt)
    spec["data"] = {"values": rows}
    spec["facet"] = {"row": {
        "field": "group", "type": "nominal", "title": None, "sort": list(dict.fromkeys(table["group"])),
        "header": {"labelAngle": 0, "labelAlign": "left", "labelAnchor": "start", "labelOrient": "top",
                   "labelColor": LIGHT["ink"], "labelFontSize": 13, "labelFontWeight": 600},
    }}  # fmt: skip
    spec["spacing"] = 8
    spec["resolve"] = {"scale": {"y": "independent"}}
    spec["spec"] = {"width": 300, "height": {"step": _ROW}, "layer": _layers()}
    return Chart(spec, alt=alt, caption=caption)


def _also(row: Mapping[Any, Any]) -> str:
    return "" if row["basis"] == "prior only" else f" (from {row['basis']})"


def _scale(found: Calibration, row: Mapping[Any, Any]) -> Any:
    """Give the function from a number to its place: 0 at the prior's 5 %, 1 at its 95 % point."""
    number = found.world.numbers.get(row["name"])
    is_log = row["name"] == "attacks_per_day" or (number is not None and number.distribution in _SCALED)
    low, high = row["prior_low"], row["prior_high"]

    def there(value: float) -> float:
        return math.log(max(value, 1e-300)) if is_log and low > 0 else value

    width = there(high) - there(low)

    def place(value: float) -> float:
        return 0.5 if width <= 0 else float(np.clip((there(value) - there(low)) / width, -0.35, 1.35))

    return place


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"


def _layers() -> list[dict[str, Any]]:
    y = {"field": "name", "type": "nominal", "sort": {"field": "order"}, "title": None,
         "axis": {"labelLimit": 320, "labelFontSize": 11, "ticks": False, "domain": False}}  # fmt: skip
    x = {"field": "middle", "type": "quantitative", "scale": {"domain": [-0.4, 1.4], "nice": False},
         "axis": None}  # fmt: skip
    is_known = "datum.kind == 'identified'"
    colour = {"condition": {"test": is_known, "value": LIGHT["attack"]}, "value": LIGHT["other"]}
    return [
        {
            "mark": {"type": "bar", "color": LIGHT["grid"], "height": 11},
            "encoding": {"y": y, "x": {**x, "field": "begin"}, "x2": {"field": "end"}},
        },
        {
            "mark": {"type": "tick", "color": LIGHT["axis"], "thickness": 2, "height": 11},
            "encoding": {"y": y, "x": {**x, "field": "prior_middle"}},
        },
        {
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}, "color": colour},
        },
        {
            "transform": [{"filter": is_known}],
            "mark": {"type": "point", "filled": True, "size": 45, "color": LIGHT["attack"], "opacity": 1},
            "encoding": {"y": y, "x": x},
        },
        {
            "transform": [{"filter": f"!({is_known})"}],
            "mark": {"type": "point", "filled": True, "size": 40, "opacity": 1, "fill": LIGHT["paper"],
                     "stroke": LIGHT["other"], "strokeWidth": 1.5},
            "encoding": {"y": y, "x": x},
        },
        {
            "mark": {"type": "text", "align": "left", "fontSize": 11},
            "encoding": {"y": y, "x": {"value": 310}, "text": {"field": "told"},
                         "color": {"value": LIGHT["ink"]}},
        },
        {
            "mark": {"type": "text", "align": "left", "fontSize": 11},
            "encoding": {"y": y, "x": {"value": 570}, "text": {"field": "word"}, "color": colour},
        },
    ]  # fmt: skip


def series_figure(fit: SeriesFit) -> Chart:
    """Draw recorded attacks by week, what the fit gives for them, and the strikes below."""
    from ._series_check import replicate

    draws = fit.draws(400)
    again = replicate(fit, draws, np.random.default_rng([fit.seed, 5]))
    low, middle, high = np.quantile(again, [0.05, 0.5, 0.95], axis=0)
    seen = fit.problem.seen[0] > 0
    rows = [
        {
            "week": str(start),
            "recorded": float(fit.problem.counts[0, k]) if seen[k] else None,
            "low": float(low[k]),
            "middle": float(middle[k]),
            "high": float(high[k]),
            "strikes": float(fit.series.strikes[k]),
        }
        for k, start in enumerate(fit.series.starts)
    ]
    missing = int((~seen).sum())
    caption = (
        f"Dots: recorded attacks by week{f', {missing} weeks missing' if missing else ''}. Band: 90 % of series drawn from "
        "the fit. Below: strikes. " + fit.sign_words()
    )
    spec = base_spec(description=caption)
    x = {"field": "week", "type": "temporal", "title": None, "axis": {"grid": False}}
    spec["data"] = {"values": rows}
    band = {
        "width": 760,
        "height": 220,
        "layer": [
            {
                "mark": {"type": "area", "color": LIGHT["attack"], "opacity": 0.18},
                "encoding": {"x": x, "y": {"field": "low", "type": "quantitative", "title": "recorded attacks a week"},
                             "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "color": LIGHT["attack"], "strokeWidth": 1.2},
                "encoding": {"x": x, "y": {"field": "middle", "type": "quantitative"}},
            },
            {
                "transform": [{"filter": "isValid(datum.recorded)"}],
                "mark": {"type": "point", "filled": True, "size": 12, "color": LIGHT["ink"], "opacity": 0.7},
                "encoding": {"x": x, "y": {"field": "recorded", "type": "quantitative"}},
            },
        ],
    }  # fmt: skip
    below = {
        "width": 760,
        "height": 60,
        "mark": {"type": "bar", "color": LIGHT["strike"]},
        "encoding": {"x": x, "y": {"field": "strikes", "type": "quantitative", "title": "strikes"}},
    }
    spec["vconcat"] = [band, below]
    return Chart(spec, alt=caption, caption=caption)
