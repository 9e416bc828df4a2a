"""The figure of a result by windows: estimates and intervals against window length, one panel a radius."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..charts import Chart
from ..charts._chart import base_spec
from ..charts._palette import LIGHT

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DIFFERENCE", "RATIO", "Measure", "windows_figure"]


@dataclass(frozen=True)
class Measure:
    """What a figure of windows draws: columns of the table, title of the axis, and the value of no change."""

    value: str
    low: str
    high: str
    title: str
    none: float
    scale: str = "linear"


DIFFERENCE = Measure("estimate", "low", "high", "events per wake, difference", 0.0)
RATIO = Measure(
    "rate_ratio", "rate_ratio_low", "rate_ratio_high", "recorded attacks, against expected", 1.0, "log"
)


def windows_figure(
    table: pd.DataFrame, time_unit: str, estimand: str, measure: Measure = DIFFERENCE
) -> Chart:
    """Draw one panel for each radius; windows without an estimate are named in the caption, not drawn as
    zero.
    """
    columns = {"estimate": measure.value, "low": measure.low, "high": measure.high}
    rows = [
        {
            "days": int(row["days"]),
            "panel": f"within {row['km']:g} km",
            "order": float(row["km"]),
            **{name: _number(row[column]) for name, column in columns.items()},
        }
        for row in table.to_dict("records")
    ]
    known = [row for row in rows if row["estimate"] is not None]
    missing = len(rows) - len(known)
    caption = f"{len(known)} of {len(rows)} windows estimated" + (
        f"; × marks the {missing} that could not be" if missing else ""
    )
    alt = f"By window: {measure.title}. {caption}. {estimand}"
    spec = base_spec(description=alt)
    spec["data"] = {"values": rows}
    spec["facet"] = {
        "field": "panel",
        "type": "nominal",
        "title": None,
        "sort": {"field": "order"},
        "header": {"labelColor": LIGHT["ink"], "labelFontSize": 12},
    }
    spec["columns"] = min(3, max(1, len({row["panel"] for row in rows})))
    spec["spec"] = {
        "width": 190,
        "height": 150,
        "layer": _layers(time_unit, sorted({int(days) for days in table["days"]}), measure),
    }
    return Chart(spec, alt=alt, caption=caption + ".")


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _layers(time_unit: str, ticks: list[int], measure: Measure) -> list[dict[str, Any]]:
    x = {
        "field": "days",
        "type": "quantitative",
        "title": f"{time_unit}s after",
        "axis": {"values": ticks, "grid": False},
        "scale": {"zero": True},
    }
    scale = {"type": measure.scale, "nice": measure.scale == "linear", "zero": measure.scale == "linear"}
    y = {"field": "estimate", "type": "quantitative", "title": measure.title, "scale": scale}
    drawn = {"filter": "isValid(datum.estimate)"}
    return [
        {"mark": {"type": "rule", "color": LIGHT["axis"]}, "encoding": {"y": {"datum": measure.none}}},
        {
            "transform": [drawn, {"filter": "isValid(datum.low) && isValid(datum.high)"}],
            "mark": {"type": "rule", "color": LIGHT["attack"], "strokeWidth": 2},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "transform": [drawn],
            "mark": {"type": "point", "filled": True, "size": 45, "color": LIGHT["attack"], "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
        # At the foot of the panel, away from any value: a window without an estimate is not a zero.
        {
            "transform": [{"filter": "!isValid(datum.estimate)"}],
            "mark": {"type": "text", "text": "×", "color": LIGHT["muted"], "fontSize": 12},
            "encoding": {"x": x, "y": {"value": 144}},
        },
    ]
