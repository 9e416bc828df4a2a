"""The chart of a lull: rate ratio against days since the strike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...charts import Chart
from ...charts._chart import base_spec
from ...charts._palette import LIGHT
from ...errors import EstimateRefused

if TYPE_CHECKING:
    from ._lull import Lull

__all__ = ["lull_figure"]

_LINE, _BAND, _PLACEBO, _RULE = LIGHT["attack"], LIGHT["attack"], LIGHT["other"], LIGHT["ink"]


def lull_figure(lull: Lull) -> Chart:
    """Draw a lull's curve; refuse where there is none."""
    if lull.curve is None:
        raise EstimateRefused(
            f"no curve to draw: {lull.reason or 'fewer than three days, or no attacks expected on one'}"
        )
    rows = [
        {str(key): float(value) for key, value in row.items() if value == value}
        for row in lull.curve.to_dict("records")
    ]
    days = {
        "field": "days_since",
        "type": "quantitative",
        "axis": {"title": "days since the strike", "format": "d"},
    }
    scale = {"type": "log", "nice": False, "domain": _domain(rows)}
    ratio_axis = {"title": "recorded attacks, against expected (1 = as expected)", "format": ".2~f"}

    def band(low: str, high: str, colour: str, opacity: float) -> dict[str, Any]:
        return {
            "mark": {
                "type": "area",
                "color": colour,
                "opacity": opacity,
                "interpolate": "monotone",
                "clip": True,
            },
            "encoding": {
                "x": days,
                "y": {"field": low, "type": "quantitative", "scale": scale, "axis": ratio_axis},
                "y2": {"field": high},
            },
        }

    layers: list[dict[str, Any]] = []
    if "placebo_low" in lull.curve:
        layers.append(band("placebo_low", "placebo_high", _PLACEBO, 0.22))
    layers += [
        band("low", "high", _BAND, 0.28),
        {
            "mark": {"type": "rule", "color": _RULE, "strokeDash": [4, 3]},
            "encoding": {"y": {"datum": 1, "scale": scale}},
        },
        {
            "mark": {
                "type": "line",
                "color": _LINE,
                "strokeWidth": 2.5,
                "interpolate": "monotone",
                "clip": True,
            },
            "encoding": {"x": days, "y": {"field": "rate_ratio", "type": "quantitative", "scale": scale}},
        },
    ]
    alt = (
        f"Rate ratio of recorded attacks within {lull.km:g} km on days 1 to {lull.days} after strikes, from "
        f"{rows[0]['rate_ratio']:.2f} on day 1 to {rows[-1]['rate_ratio']:.2f} on day {lull.days}. "
        f"{lull.sentence()}"
    )
    spec = {
        **base_spec(description=alt),
        "width": 520,
        "height": 280,
        "data": {"values": rows},
        "layer": layers,
    }
    behind = " Grey: the same curve behind placebo strikes." if "placebo_low" in lull.curve else ""
    caption = (
        f"Line: fitted rate ratio; band: {lull.level:.0%}, for all days at once; dashed: no "
        f"difference.{behind} "
        f"{lull.n_place_days} strike place-days; day 0 is apart."
    )
    return Chart(spec=spec, alt=alt, caption=caption)


def _domain(rows: list[dict[str, float]]) -> list[float]:
    low = min(min(row["low"], row.get("placebo_low", 1.0)) for row in rows)
    high = max(max(row["high"], row.get("placebo_high", 1.0)) for row in rows)
    return [max(min(low, 0.9), 0.05), min(max(high, 1.1), 20.0)]
