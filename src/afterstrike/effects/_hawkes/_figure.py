"""The figure of mutual excitation: rate ratios by horizon, one panel a baseline."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...charts import Chart
from ...charts._chart import base_spec, facet_by
from ...charts._palette import LIGHT

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ratio_figure"]


def ratio_figure(table: pd.DataFrame, estimand: str) -> Chart:
    """Draw ratio and interval by horizon; what could not be estimated is named in the caption."""
    rows = [
        {
            "days": int(row["days"]),
            "panel": f"baseline: {row['baseline']}",
            "ratio": row["rate_ratio"],
            "low": row["rate_ratio_low"],
            "high": row["rate_ratio_high"],
        }
        for row in table.to_dict("records")
        if math.isfinite(row["rate_ratio"])
    ]
    missing = len(table) - len(rows)
    caption = f"{len(rows)} of {len(table)} windows estimated; vertical lines are intervals, 1 is no change."
    if missing:
        caption += f" {missing} could not be and are not drawn."
    alt = (
        f"Recorded attacks in the days after a struck day, against expected without it. {caption} {estimand}"
    )
    spec = base_spec(description=alt)
    spec["data"] = {"values": rows}
    spec["facet"] = facet_by("panel", [row["panel"] for row in rows])
    spec["columns"] = 2
    spec["spec"] = {"width": 220, "height": 180, "layer": _layers(sorted({row["days"] for row in rows}))}
    return Chart(spec, alt=alt, caption=caption)


def _layers(days: list[Any]) -> list[dict[str, Any]]:
    x = {
        "field": "days",
        "type": "quantitative",
        "title": "days after",
        "axis": {"values": days, "grid": False},
        "scale": {"zero": True},
    }
    y = {
        "field": "ratio",
        "type": "quantitative",
        "title": "recorded attacks, against expected",
        "scale": {"type": "log", "nice": False, "zero": False},
    }
    return [
        {
            "mark": {"type": "rule", "color": LIGHT["ink"], "strokeDash": [4, 3]},
            "encoding": {"y": {"datum": 1}},
        },
        {
            "mark": {"type": "rule", "color": LIGHT["attack"], "strokeWidth": 2},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 45, "color": LIGHT["attack"], "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
    ]
