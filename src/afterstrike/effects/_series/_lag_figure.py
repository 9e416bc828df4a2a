"""The figures of the distributed-lag model: effect by lag, and the record against the fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...charts import Chart
from ...charts._chart import base_spec
from ...charts._palette import LIGHT

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["lag_figure", "series_figure"]

_MINUS = {"labelExpr": "replace(datum.label, '−', '-')"}


def lag_figure(lags: pd.DataFrame, level: float, finding: str, by: str) -> Chart:
    """Draw the rate ratio of one strike place-day by days since, as steps with the band for all lags at once."""
    since = "days since the strike" if by == "day" else "days since the end of the strikes' week"
    rows = [
        {"from": float(row["first_day"]), "to": float(row["last_day"]) + 1, "ratio": float(row["rate_ratio"]),
         "low": float(row["low_joint"]), "high": float(row["high_joint"])}
        for row in lags.to_dict("records")
    ]  # fmt: skip
    low, high = min(0.9, *(r["low"] for r in rows)), max(1.1, *(r["high"] for r in rows))
    domain = [max(low * 0.98, 0.05), min(high * 1.02, 20.0)]
    x = {"field": "from", "type": "quantitative", "axis": {"title": since, "format": "d"},
         "scale": {"nice": False}}  # fmt: skip
    scale = {"type": "log", "nice": False, "domain": domain}
    axis = {"title": "recorded attacks, against without the strike", "format": ".2~f"}
    layers: list[dict[str, Any]] = [
        {"mark": {"type": "rect", "fill": LIGHT["attack"], "opacity": 0.28, "clip": True},
         "encoding": {"x": x, "x2": {"field": "to"},
                      "y": {"field": "low", "type": "quantitative", "scale": scale, "axis": axis},
                      "y2": {"field": "high"}}},
        {"mark": {"type": "rule", "color": LIGHT["ink"], "strokeDash": [4, 3]},
         "encoding": {"y": {"datum": 1, "scale": scale}}},
        {"mark": {"type": "rule", "color": LIGHT["attack"], "strokeWidth": 2.5},
         "encoding": {"x": x, "x2": {"field": "to"}, "y": {"field": "ratio", "type": "quantitative", "scale": scale}}},
    ]  # fmt: skip
    alt = (
        f"Rate ratio of recorded attacks by {since}, one strike place-day more, from {rows[0]['ratio']:.2f} to "
        f"{rows[-1]['ratio']:.2f}. {finding}"
    )
    spec = {
        **base_spec(description=alt),
        "width": 520,
        "height": 260,
        "data": {"values": rows},
        "layer": layers,
    }
    caption = (
        f"Line: one strike place-day more, direct effect by lag; band: {level:.0%}, for all lags at once; "
        "dashed: no difference."
    )
    return Chart(spec=spec, alt=alt, caption=caption)


def series_figure(
    starts: Any, recorded: Any, fitted: Any, without: Any, *, by: str, title: str, caption: str,
    marks: tuple[str, ...] = (),
) -> Chart:  # fmt: skip
    """Draw recorded counts, the fit, and the counterfactual; what is missing is not drawn."""
    rows = []
    for start, one, two, three in zip(starts, recorded, fitted, without, strict=True):
        base = {"start": str(np.datetime_as_string(start, unit="D"))}
        for series, value in (("recorded", one), ("fitted", two), ("without", three)):
            rows.append({**base, "series": series, "attacks": float(value) if np.isfinite(value) else None})
    x = {"field": "start", "type": "temporal", "axis": {"title": None, "grid": False}}
    y = {"field": "attacks", "type": "quantitative", "axis": {"title": f"count a {by}", **_MINUS}}

    def line(series: str, colour: str, **mark: Any) -> dict[str, Any]:
        return {
            "transform": [{"filter": f"datum.series === '{series}'"}],
            "mark": {"type": "line", "color": colour, **mark},
            "encoding": {"x": x, "y": y},
        }

    points = line("recorded", LIGHT["other"])
    points["mark"] = {"type": "point", "filled": True, "size": 14, "opacity": 0.7, "color": LIGHT["other"]}
    layers: list[dict[str, Any]] = [
        points,
        line("fitted", LIGHT["attack"], strokeWidth=2),
        line("without", LIGHT["strike"], strokeWidth=2, strokeDash=[5, 3]),
    ]
    layers += [
        {
            "data": {"values": [{"start": day} for day in marks]},
            "mark": {"type": "rule", "color": LIGHT["ink"], "strokeDash": [2, 2]},
            "encoding": {"x": x},
        }
    ]
    spec = {
        **base_spec(description=title),
        "width": 560,
        "height": 240,
        "data": {"values": rows},
        "layer": layers,
    }
    return Chart(spec=spec, alt=title, caption=caption)
