"""The figure of a rate against the past: the record by week, both times marked, their rates as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...charts import Chart
from ...charts._chart import base_spec, number_format
from ...charts._palette import LIGHT

if TYPE_CHECKING:
    from ._dated import Dated
    from ._result import TempoResult

__all__ = ["tempo_figure"]

_CAPTION = (
    "Steps: recorded events a week. Bands: the times compared, with their rates as lines. A gap is a week the source does "
    "not cover, not a zero."
)


def tempo_figure(result: TempoResult, *, width: int = 760) -> Chart:
    """Draw the weeks of the record, the window and the reference."""
    assert result.dated is not None
    dated = result.dated
    words = " ".join(result.findings()[1:4])
    values = _weekly(dated)
    row = result.table.iloc[0]
    spans: list[dict[str, Any]] = []
    for name, span, rate in (
        (str(row["reference"]), result.reference, row["events_a_week"]),
        ("window", result.window, row["window_events_a_week"]),
    ):
        ends = {"from": str(dated.day(span[0])), "to": str(dated.day(span[1]))}
        spans.append({**ends, "rate": float(rate), "name": f"{name}: {rate:.3g} a week"})
    x = {"type": "temporal", "title": None, "scale": {"type": "utc"},
         "axis": {"grid": False, "tickCount": max(3, width // 95), "labelOverlap": True}}  # fmt: skip
    y = {
        "type": "quantitative",
        "title": "Recorded events a week",
        "scale": {"zero": True},
        "axis": {"tickCount": 4, "format": number_format(values, "value")},
    }
    middle = str(dated.day(len(dated.counts) * 3 // 5))
    ends_x = {"x": {**x, "field": "from"}, "x2": {"field": "to"}}
    step = {
        "type": "line",
        "interpolate": "step-after",
        "color": LIGHT["attack"],
        "strokeWidth": 1,
        "opacity": 0.6,
    }
    level = {"type": "rule", "color": LIGHT["claim"], "strokeWidth": 2}
    spec = base_spec(description=words) | {
        "width": width,
        "height": 200,
        "layer": [
            _layer(spans, {"type": "rect", "color": LIGHT["nodata"]}, **ends_x),
            _layer(values, step, x={**x, "field": "from"}, y={**y, "field": "value"}),
            _layer(spans, level, **ends_x, y={**y, "field": "rate"}),
            *(_label(span, number, x, late=span["from"] > middle) for number, span in enumerate(spans)),
        ],
    }
    return Chart(spec, alt=words, caption=_CAPTION)


def _label(span: dict[str, Any], line: int, x: dict[str, Any], *, late: bool) -> dict[str, Any]:
    """Name a time at the head of its band, one a line; late ones are written to the left of their end."""
    text = {
        "type": "text",
        "baseline": "top",
        "color": LIGHT["ink"],
        "align": "right" if late else "left",
        "dx": 0,
    }
    field = {**x, "field": "to" if late else "from"}
    return _layer([span], text, x=field, y={"value": 2 + 14 * line}, text={"field": "name"})


def _weekly(dated: Dated) -> list[dict[str, Any]]:
    """Sum days to weeks; a week of which a day is not covered has no value."""
    size = max(7 // dated.days, 1)
    n = len(dated.counts) // size
    counts = dated.counts[: n * size].reshape(n, size).sum(axis=1) * 7 / (size * dated.days)
    known = np.asarray(dated.known[: n * size].reshape(n, size).all(axis=1))
    return [
        {"from": str(dated.day(i * size)), "value": float(np.round(counts[i], 3)) if known[i] else None}
        for i in range(n)
    ]


def _layer(values: list[dict[str, Any]], mark: dict[str, Any], **encoding: Any) -> dict[str, Any]:
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}
