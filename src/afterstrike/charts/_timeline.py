"""A claimed figure beside the dated figures that sources gave for the same measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ..errors import UsageError
from ._chart import Chart, base_spec, number_format
from ._palette import LIGHT

__all__ = ["TimelinePoint", "measure_timeline"]


@dataclass(frozen=True)
class TimelinePoint:
    """One dated figure.

    Parameters
    ----------
    start, end
        The days it is about, inclusive; the same day twice for a single date.
    value, low, high
        The figure and its bounds where it has any.
    label
        Short mark beside it, such as `[2]`, which the text explains.
    """

    start: date
    end: date
    value: float
    low: float | None = None
    high: float | None = None
    label: str = ""


def measure_timeline(
    points: Sequence[TimelinePoint],
    claim: TimelinePoint,
    *,
    unit: str,
    claim_label: str = "the article",
    width_px: int = 640,
    height_px: int = 200,
) -> Chart:
    """Draw a claimed figure against dated sourced figures.

    Parameters
    ----------
    points
        The sourced figures, in any order.
    claim
        The article's figure at the article's date.
    unit
        What is counted; the axis says so.
    claim_label
        Words beside the claim's mark.
    width_px, height_px
        Size of the drawing.

    Returns
    -------
    Chart
        Sourced figures as bars over the days they are about, with whiskers from low to high; the claim as a
        diamond. The value axis starts at zero.

    Raises
    ------
    UsageError
        There is no sourced figure.

    Examples
    --------
    >>> from datetime import date
    >>> day = lambda y, value: TimelinePoint(date(y, 1, 1), date(y, 1, 1), value)
    >>> measure_timeline([day(2021, 900.0), day(2024, 2000.0)], day(2026, 900.0), unit="troops").alt
    'troops over time: 900 on 2021-01-01; 2,000 on 2024-01-01. The article says 900 on 2026-01-01.'
    """
    if not points:
        raise UsageError(
            "no sourced figure; a timeline needs at least one beside the claim; leave the chart out"
        )
    ordered = sorted(points, key=lambda p: (p.start, p.end, p.value, p.label))
    alt = (
        f"{unit} over time: "
        + "; ".join(f"{p.value:,.10g} {_when(p)}" for p in ordered)
        + f". The article says {claim.value:,.10g} {_when(claim)}."
    )
    x: dict[str, Any] = {"type": "temporal", "title": None, "scale": {"type": "utc", "nice": True}}
    x["axis"] = {"grid": False, "tickCount": max(3, width_px // 110), "labelOverlap": True}
    y: dict[str, Any] = {"type": "quantitative", "title": unit, "scale": {"zero": True, "nice": True}}
    form = number_format([_row(p) for p in (*ordered, claim)], "value")
    y["axis"] = {"tickCount": 5, "format": form, "titleAnchor": "end"}
    source, mark = LIGHT["source"], LIGHT["claim"]
    at = {"x": {**x, "field": "mid"}, "y": {**y, "field": "value"}}
    text = {"type": "text", "dy": -11, "fontSize": 11}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": [_row(claim)]},
            "mark": {"type": "rule", "color": mark, "strokeDash": [2, 4], "opacity": 0.6},
            "encoding": {"y": {**y, "field": "value"}},
        },
        {
            "data": {"values": [_row(p) for p in ordered if p.end > p.start]},
            "mark": {
                "type": "rule",
                "color": source,
                "strokeWidth": 4,
                "opacity": 0.55,
                "strokeCap": "round",
            },
            "encoding": {"x": {**x, "field": "start"}, "x2": {"field": "end"}, "y": {**y, "field": "value"}},
        },
        {
            "data": {"values": [_row(p) for p in ordered if p.low is not None and p.high is not None]},
            "mark": {"type": "rule", "color": source, "strokeWidth": 1.2},
            "encoding": {"x": {**x, "field": "mid"}, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "data": {"values": [_row(p) for p in ordered]},
            "mark": {"type": "point", "filled": True, "color": source, "size": 55, "opacity": 1},
            "encoding": at,
        },
        {
            "data": {"values": [_row(p) for p in _labelled(ordered, claim)]},
            "mark": {**text, "color": LIGHT["muted"]},
            "encoding": {**at, "text": {"field": "label", "type": "nominal"}},
        },
        {
            "data": {"values": [_row(claim)]},
            "mark": {
                "type": "point",
                "shape": "diamond",
                "filled": True,
                "color": mark,
                "size": 130,
                "opacity": 1,
            },
            "encoding": at,
        },
        {
            "data": {"values": [_row(claim)]},
            "mark": {**text, **_beside(claim, ordered), "color": mark, "text": claim_label},
            "encoding": at,
        },
    ]
    spec = base_spec(description=alt)
    spec |= {"width": width_px, "height": height_px, "layer": layers}
    return Chart(spec, alt=alt, caption="")


def _row(point: TimelinePoint) -> dict[str, Any]:
    middle = point.start + (point.end - point.start) / 2
    return {
        "start": point.start.isoformat(),
        "end": point.end.isoformat(),
        "mid": middle.isoformat(),
        "value": point.value,
        "low": point.low,
        "high": point.high,
        "label": point.label,
    }


def _beside(claim: TimelinePoint, ordered: Sequence[TimelinePoint]) -> dict[str, Any]:
    """Keep the claim's words inside the drawing and off those of the sources, which stand above."""
    first, last = ordered[0].start, max(p.end for p in ordered)
    align = "right" if claim.start >= last else "left" if claim.start <= first else "center"
    low = claim.value < 0.2 * max(claim.value, *(p.value for p in ordered))
    return {"align": align, "dy": -14 if low else 16}


def _labelled(ordered: Sequence[TimelinePoint], claim: TimelinePoint) -> list[TimelinePoint]:
    """Put the labels of points that would lie on one another into one."""
    days = max(1, (max(claim.end, *(p.end for p in ordered)) - ordered[0].start).days)
    height = max(claim.value, *(p.value for p in ordered)) or 1.0
    kept: list[TimelinePoint] = []
    for point in (p for p in ordered if p.label):
        for i, other in enumerate(kept):
            near = abs((point.start - other.start).days) < 0.05 * days
            if near and abs(point.value - other.value) < 0.06 * height:
                kept[i] = replace(other, label=f"{other.label} {point.label}")
                break
        else:
            kept.append(point)
    return kept


def _when(point: TimelinePoint) -> str:
    return f"on {point.start}" if point.start == point.end else f"from {point.start} to {point.end}"
