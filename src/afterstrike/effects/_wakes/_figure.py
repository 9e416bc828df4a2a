"""The chart of a lull: rate ratio against days since the strike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...charts import Chart
from ...charts._chart import base_spec
from ...charts._palette import LIGHT
from ...errors import EstimateRefused

if TYPE_CHECKING:
    from ._lull import Lull

__all__ = ["curve_figure", "lull_figure"]

_LINE, _BAND, _PLACEBO, _RULE = LIGHT["attack"], LIGHT["attack"], LIGHT["other"], LIGHT["ink"]


def lull_figure(lull: Lull) -> Chart:
    """Draw a lull's curve; refuse where there is none."""
    rows = lull_rows(lull)
    return curve_figure(
        rows,
        km=lull.km,
        finding=lull.sentence(),
        level=lull.level,
        n_place_days=lull.n_place_days,
    )


def lull_rows(lull: Lull) -> list[dict[str, float]]:
    """Give the rows of a lull's curve, what is missing left out; refuse where there is none."""
    if lull.curve is None:
        raise EstimateRefused(
            f"no curve to draw: {lull.reason or 'fewer than three days, or no attacks expected on one'}"
        )
    return [
        {str(key): float(value) for key, value in row.items() if value == value}
        for row in lull.curve.to_dict("records")
    ]


def curve_figure(
    rows: list[dict[str, float]],
    *,
    km: float,
    finding: str,
    level: float,
    n_place_days: int,
    width: int = 520,
) -> Chart:
    """Draw rows of `days_since, rate_ratio, low, high` and, where there are any, `placebo_low, placebo_high`.

    The band is for all days at once; the dashed line is no difference.
    """
    has_placebos = all("placebo_low" in row for row in rows)
    last = round(rows[-1]["days_since"])
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
    if has_placebos:
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
        f"Rate ratio of recorded attacks within {km:g} km on days 1 to {last} after strikes, from "
        f"{rows[0]['rate_ratio']:.2f} on day 1 to {rows[-1]['rate_ratio']:.2f} on day {last}. "
        f"{finding}"
    )
    spec = {
        **base_spec(description=alt),
        "width": width,
        "height": 280,
        "data": {"values": rows},
        "layer": layers,
    }
    behind = " Grey: the same curve behind placebo strikes." if has_placebos else ""
    caption = (
        f"Line: fitted rate ratio; band: {level:.0%}, for all days at once; dashed: no "
        f"difference.{behind} "
        f"{n_place_days} strike place-days; day 0 is apart."
    )
    return Chart(spec=spec, alt=alt, caption=caption)


def _domain(rows: list[dict[str, float]]) -> list[float]:
    low = min(min(row["low"], row.get("placebo_low", 1.0)) for row in rows)
    high = max(max(row["high"], row.get("placebo_high", 1.0)) for row in rows)
    return [max(min(low, 0.9), 0.05), min(max(high, 1.1), 20.0)]
