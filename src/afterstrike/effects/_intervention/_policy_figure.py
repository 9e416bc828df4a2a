"""The figure of a stochastic intervention: contrasts by lag, one panel an area."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...charts import Chart
from ...charts._chart import base_spec, facet_by
from ...charts._palette import LIGHT

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["policies_figure"]

_MINUS = {"labelExpr": "replace(datum.label, '−', '-')"}


def policies_figure(table: pd.DataFrame, time_unit: str, estimand: str, *, width: int = 190) -> Chart:
    """Draw one panel, of the given width, for each area and policy; estimates without an interval are open
    marks.
    """
    rows = [
        {
            "lag": int(row["lag"]),
            "panel": f"{row['area']}: {row['policy_2']}",
            "known": math.isfinite(row["low"]),
            **{name: _number(row[name]) for name in ("estimate", "low", "high")},
        }
        for row in table.to_dict("records")
    ]
    bare = sum(not row["known"] for row in rows)
    caption = f"Against '{table['policy_1'].iloc[0]}'."
    if bare:
        caption += (
            f" Open marks: {bare} of {len(rows)} without an interval, the effective sample being below 30."
        )
    alt = f"Difference in outcome events a {time_unit} between policies, by lag. {caption} {estimand}"
    x = {
        "field": "lag",
        "type": "quantitative",
        "title": f"lag, {time_unit}s",
        "axis": {"values": sorted({int(lag) for lag in table["lag"]}), "grid": False, **_MINUS},
        "scale": {"zero": True},
    }
    y = {
        "field": "estimate",
        "type": "quantitative",
        "title": f"events a {time_unit}, difference",
        "axis": _MINUS,
    }
    spec = base_spec(description=alt)
    spec["data"] = {"values": rows}
    spec["facet"] = facet_by("panel", [row["panel"] for row in rows])
    spec["columns"] = min(3, max(1, len({row["panel"] for row in rows})))
    spec["spec"] = {"width": width, "height": 150, "layer": _layers(x, y)}
    return Chart(spec, alt=alt, caption=caption)


def _layers(x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
    marks: list[dict[str, Any]] = [
        {
            "transform": [{"filter": "datum.known" if known else "!datum.known"}],
            "mark": {
                "type": "point", "filled": known, "size": 45, "color": LIGHT["attack"], "opacity": 1,
            },
            "encoding": {"x": x, "y": y},
        }
        for known in (True, False)
    ]  # fmt: skip
    return [
        {"mark": {"type": "rule", "color": LIGHT["axis"]}, "encoding": {"y": {"datum": 0}}},
        {
            "transform": [{"filter": "datum.known"}],
            "mark": {"type": "rule", "color": LIGHT["attack"], "strokeWidth": 2},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        *marks,
    ]


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
