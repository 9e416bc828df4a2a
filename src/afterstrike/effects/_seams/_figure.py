"""Figures of seams: rate by fifth of exposure, and exposure along time in each zone. Never a map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...charts import Chart
from ...charts._chart import base_spec, facet_by
from ...charts._palette import LIGHT

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["fifths_figure", "paths_figure"]

_MOST_PANELS = 40


def fifths_figure(fifths: pd.DataFrame, estimand: str, unit: str) -> Chart:
    """Draw the ratio of each fifth of a zone's own exposure to the lowest, with intervals."""
    rows = [
        {
            "fifth": int(row["fifth"]),
            "reference": row["rate_ratio"] == 1.0 and math.isnan(row["low"]),
            **{name: _number(row[name]) for name in ("rate_ratio", "low", "high")},
        }
        for row in fifths.to_dict("records")
    ]
    missing = sum(row["rate_ratio"] is None for row in rows)
    caption = (
        "Each zone's periods in five parts by its own exposure, after effects of zone and period. Open mark: the "
        "part all others are compared with. Intervals one by one; an association, not an effect."
    )
    if missing:
        caption += f" {missing} parts could not be estimated and are not drawn."
    alt = f"Recorded attacks by fifth of exposure ({unit}) within zones. {caption} {estimand}"
    x = {
        "field": "fifth", "type": "ordinal", "title": "exposure within the zone, from least (1) to most (5)",
        "axis": {"grid": False, "labelAngle": 0}, "scale": {"domain": [1, 2, 3, 4, 5]},
    }  # fmt: skip
    y = {
        "field": "rate_ratio", "type": "quantitative", "title": "recorded attacks, ratio to the lowest",
        "scale": {"type": "log", "zero": False, "nice": False, "padding": 12},
    }  # fmt: skip
    spec = base_spec(description=alt)
    spec |= {"data": {"values": rows}, "width": 380, "height": 220, "layer": _marks(x, y)}
    return Chart(spec, alt=alt, caption=caption)


def _marks(x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"mark": {"type": "rule", "color": LIGHT["axis"]}, "encoding": {"y": {"datum": 1}}},
        {
            "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
            "mark": {"type": "rule", "color": LIGHT["attack"], "strokeWidth": 2},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        *(
            {
                "transform": [{"filter": f"isValid(datum.rate_ratio) && {which}datum.reference"}],
                "mark": {
                    "type": "point",
                    "filled": which == "!",
                    "size": 55,
                    "color": LIGHT["attack"],
                    "opacity": 1,
                },
                "encoding": {"x": x, "y": y},
            }
            for which in ("!", "")
        ),
    ]


def paths_figure(panel: pd.DataFrame, unit: str) -> Chart:
    """Draw the mean exposure of each month, one panel a zone, in order of name."""
    zones = list(dict.fromkeys(panel["zone"]))
    shown = zones[:_MOST_PANELS]
    rows = [
        {"panel": row["zone"], "month": f"{row['month']:%Y-%m-%d}", "exposure": _number(row["exposure"])}
        for row in panel.to_dict("records")
        if row["zone"] in shown
    ]
    missing = sum(row["exposure"] is None for row in rows)
    caption = f"Mean of each month, {unit}; zones in order of name, each with an axis of its own."
    if missing:
        caption += f" Gaps: {missing} zone-months in which control is not stated."
    if len(shown) < len(zones):
        caption += f" The first {len(shown)} of {len(zones)} zones."
    alt = f"Exposure to borders along time, by zone. {caption}"
    spec = base_spec(description=alt)
    spec["data"] = {"values": rows}
    spec["facet"] = facet_by("panel", shown)
    spec["columns"] = min(4, max(1, len(shown)))
    spec["resolve"] = {"scale": {"y": "independent"}, "axis": {"x": "independent"}}
    spec["spec"] = {
        "width": 150,
        "height": 80,
        "mark": {"type": "line", "point": {"size": 8, "color": LIGHT["other"]}, "color": LIGHT["other"],
                 "interpolate": "step-after"},
        "encoding": {
            "x": {"field": "month", "type": "temporal", "title": None,
                  "axis": {"format": "%Y", "tickCount": "year", "grid": False}},
            "y": {"field": "exposure", "type": "quantitative", "title": None, "axis": {"tickCount": 3},
                  "scale": {"zero": True}},
        },
    }  # fmt: skip
    return Chart(spec, alt=alt, caption=caption)


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
