"""The figure of shifts: each series by period, its levels, and each dated shift with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ...charts import Chart
from ...charts._chart import base_spec, number_format
from ...charts._palette import LIGHT
from ._panel import ShiftPanel

__all__ = ["shifts_figure"]

_WIDTH = 760
_CAPTION = (
    "Steps: the record. Lines: the level between shifts. Broken line and band: the date of a shift and what it may be. "
    "A gap is a period without data, not a zero. A shift in a record may be a shift in reporting."
)


def shifts_figure(panels: Sequence[ShiftPanel], alt: str, *, width: int = _WIDTH) -> Chart:
    """Draw series below each other on one axis of time.

    Parameters
    ----------
    panels
        What `panels_of` gives; none: a line that says so.
    alt
        What the figure shows, in words.
    width
        Of the plot, in pixels.
    """
    spec = base_spec(description=alt)
    if not panels:
        spec |= {"data": {"values": [{"told": "No series could be tested."}]}, "width": width, "height": 60}
        spec |= {"mark": {"type": "text"}, "encoding": {"text": {"field": "told"}}}
        return Chart(spec, alt=alt, caption="No series could be tested; the table says why.")
    drawn = []
    for panel in panels:
        bottom = panel is panels[-1]
        axis = {"grid": False, "tickCount": max(3, width // 95), "labels": bottom, "ticks": bottom}
        ends = panel.day(0).isoformat(), panel.day(len(panel.values)).isoformat()
        x = {
            "type": "temporal",
            "title": None,
            "scale": {"domain": list(ends), "type": "utc"},
            "axis": axis | {"labelOverlap": True},
        }
        drawn.append(_panel(panel, x, width))
    spec |= {"vconcat": drawn, "spacing": 14, "resolve": {"scale": {"x": "shared"}}}
    return Chart(spec, alt=alt, caption=_CAPTION)


def _panel(panel: ShiftPanel, x: dict[str, Any], width: int) -> dict[str, Any]:
    # A period without data has no value: the line breaks there.
    values = [{"from": panel.day(i).isoformat(), "value": value} for i, value in enumerate(panel.values)]
    lines = [
        {"from": panel.day(a).isoformat(), "to": panel.day(b).isoformat(), "level": level}
        for a, b, level in panel.levels
    ]
    dated = [
        {
            "low": panel.day(low).isoformat(),
            "high": (panel.day(high) + timedelta(days=panel.days)).isoformat(),
            "at": panel.day(step).isoformat(),
        }
        for low, step, high in panel.shifts
    ]
    y = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "axis": {"tickCount": 4, "format": number_format(values, "value"),
                 "labelExpr": "replace(datum.label, '−', '-')"},
        "scale": {"zero": panel.series in ("tempo", "lethality")},
    }  # fmt: skip
    step_line = {
        "type": "line",
        "interpolate": "step-after",
        "color": LIGHT["attack"],
        "strokeWidth": 1,
        "opacity": 0.6,
    }
    level_line = {"type": "rule", "color": LIGHT["ink"], "strokeWidth": 2}
    at_line = {"type": "rule", "color": LIGHT["claim"], "strokeDash": [4, 3]}
    band = {"type": "rect", "color": LIGHT["nodata"]}
    return {
        "title": {"text": panel.title, "offset": 8, "limit": width},
        "width": width,
        "height": 110,
        "layer": [
            _layer(dated, band, x={**x, "field": "low"}, x2={"field": "high"}),
            _layer(dated, at_line, x={**x, "field": "at"}),
            _layer(values, step_line, x={**x, "field": "from"}, y=y),
            _layer(
                lines, level_line, x={**x, "field": "from"}, x2={"field": "to"}, y={**y, "field": "level"}
            ),
        ],
    }


def _layer(values: list[dict[str, Any]], mark: dict[str, Any], **encoding: Any) -> dict[str, Any]:
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}
