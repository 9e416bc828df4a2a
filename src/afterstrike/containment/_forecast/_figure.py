"""The figure of a forecast: the past of one unit, and the ranges of what may come."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from ...charts import Chart
from ...charts._chart import base_spec, number_format
from ...charts._palette import LIGHT
from ...errors import UsageError

if TYPE_CHECKING:
    from ._forecast import Forecast

__all__ = ["forecast_chart"]

_PAST = 36


def forecast_chart(forecast: Forecast, unit: Any = None, *, width: int = 720) -> Chart:
    """Draw the last three years (or 36 weeks) of a unit and, to the right, median and 50, 80 and 95% ranges.

    Raises
    ------
    UsageError
        The unit is not forecast.
    """
    table = forecast.quantiles()
    if unit is None:
        unit = table.groupby("unit", sort=False)["mean"].sum().idxmax()
    rows = table[table["unit"] == unit]
    if rows.empty:
        shown = ", ".join(str(one) for one in forecast.units[:8])
        raise UsageError(
            f"unit {unit!r} is not forecast; forecast are {shown}{', ...' if forecast.units[8:] else ''}"
        )
    future = [
        {"at": _place(row["time"]), **{name: float(row[name]) for name in rows.columns[3:]}}
        for row in rows.to_dict("records")
    ]
    past = _past(forecast, unit)
    largest = max([1.0, *(row["high_95"] for row in future), *(row["value"] or 0 for row in past)])
    kind = "quantitative" if isinstance(future[0]["at"], int) else "temporal"
    x: dict[str, Any] = {
        "field": "at",
        "type": kind,
        "title": None,
        "axis": {"grid": False, "labelOverlap": True},
    }
    x["scale"] = {"zero": False} if kind == "quantitative" else {"type": "utc"}
    y = {"type": "quantitative", "title": None, "scale": {"domain": [0, largest * 1.04], "nice": False},
         "axis": {"tickCount": 5, "format": number_format([{"top": largest}], "top")}}  # fmt: skip
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": future},
            "mark": {"type": "area", "color": LIGHT["attack"], "opacity": opacity},
            "encoding": {"x": x, "y": {**y, "field": f"low_{level}"}, "y2": {"field": f"high_{level}"}},
        }
        for level, opacity in ((95, 0.14), (80, 0.2), (50, 0.3))
    ]
    layers.append({"data": {"values": future}, "mark": {"type": "line", "color": LIGHT["attack"], "point": True},
                   "encoding": {"x": x, "y": {**y, "field": "median"}}})  # fmt: skip
    if past:
        layers.append({"data": {"values": past}, "mark": {"type": "line", "color": LIGHT["ink"], "interpolate": "step"},
                       "encoding": {"x": x, "y": {**y, "field": "value"}}})  # fmt: skip
    last = future[-1]
    alt = (
        f"{unit}: counts up to {forecast.origin}, then median and 50, 80 and 95% ranges from {rows['time'].iloc[0]} to "
        f"{rows['time'].iloc[-1]}. Last median {last['median']:,.0f}, 95% range {last['low_95']:,.0f} to "
        f"{last['high_95']:,.0f}."
    )
    spec = base_spec(description=alt)
    spec["background"] = LIGHT["paper"]
    spec |= {"width": width, "height": 260, "layer": layers, "title": {"text": str(unit), "anchor": "start"}}
    caption = (
        f"Dark steps: counted. Line and bands: median and 50, 80 and 95% of {forecast.draws.shape[2]:,} draws of the model "
        f"{forecast.model}, from counts up to {forecast.origin}. Vintage: {forecast.vintage}."
    )
    return Chart(spec, alt=alt, caption=caption)


def _place(label: Any) -> Any:
    """Give where a time stands along the axis: a number, or its first day."""
    if isinstance(label, int):
        return label
    return (
        f"{label}-01" if len(str(label)) == len("2024-01") else dt.date.fromisoformat(str(label)).isoformat()
    )


def _past(forecast: Forecast, unit: Any) -> list[dict[str, Any]]:
    panel = forecast.history
    if panel is None:
        return []
    values = panel.values[panel.units.index(unit)][-_PAST:]
    first = panel.last - len(values) + 1
    return [
        {"at": _place(panel.label(first + k)), "value": None if value != value else float(value)}
        for k, value in enumerate(values)
    ]
