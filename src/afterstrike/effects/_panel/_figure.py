"""The figure of a comparator: estimates by week from the strike week."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...charts import Chart
from ...charts._chart import base_spec
from ...charts._palette import LIGHT

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["weeks_figure"]

# Fonts without the typographic minus would show it in another font.
_MINUS = {"labelExpr": "replace(datum.label, '−', '-')"}


def weeks_figure(table: pd.DataFrame, estimand: str) -> Chart:
    """Draw one mark for each row that covers one week (or, before and after, for each length of days)."""
    by_days = bool((table["role"] == "before and after").all())
    shown = table if by_days else table[table["week_first"] == table["week_last"]]
    rows = [
        {
            "x": int(row["days"] if by_days else row["week_first"]),
            "role": row["role"],
            "estimate": 0.0 if row["role"] == "reference" else _number(row["estimate"]),
            "low": _number(row["low"]),
            "high": _number(row["high"]),
        }
        for row in shown.to_dict("records")
    ]
    caption = "Open mark: the reference. Weeks up to 0 are not after the strike."
    if by_days:
        caption = "A naive before and after: shown to fail when strikes answer to attacks."
    alt = f"Difference in outcome events by {'days' if by_days else 'week from the strike week'}. {estimand}"
    x = {
        "field": "x",
        "type": "quantitative",
        "title": "days after" if by_days else "week from the strike week",
        "axis": {"values": sorted({row["x"] for row in rows}), "grid": False, **_MINUS},
        "scale": {"zero": True, "nice": False, "padding": 12},
    }
    y = {"field": "estimate", "type": "quantitative", "title": "events, difference", "axis": _MINUS}
    spec = base_spec(description=alt)
    spec |= {"data": {"values": rows}, "width": 460, "height": 220, "layer": _layers(x, y)}
    return Chart(spec, alt=alt, caption=caption)


def _layers(x: dict[str, Any], y: dict[str, Any]) -> list[dict[str, Any]]:
    drawn, reference = "isValid(datum.estimate)", "datum.role === 'reference'"
    return [
        {"mark": {"type": "rule", "color": LIGHT["axis"]}, "encoding": {"y": {"datum": 0}}},
        {
            "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
            "mark": {"type": "rule", "color": LIGHT["attack"], "strokeWidth": 2},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "transform": [{"filter": f"{drawn} && !({reference})"}],
            "mark": {"type": "point", "filled": True, "size": 45, "color": LIGHT["attack"], "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
        {
            "transform": [{"filter": reference}],
            "mark": {"type": "point", "filled": False, "size": 45, "color": LIGHT["attack"], "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
    ]


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
