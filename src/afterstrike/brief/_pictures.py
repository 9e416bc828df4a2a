"""The charts of a brief, each drawn twice: for a wide page and for a phone."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

from markupsafe import Markup

from ..charts import Chart, TimelinePoint, event_map, measure_timeline, weekly_chart
from ..errors import UsageError
from ..reading._claim import Claim, Quantity
from ..record._schema import GEO_PRECISIONS
from ._model import Check, Evidence
from ._record_view import RecordView

__all__ = ["claim_chart", "record_pictures"]

_WIDE_PX, _NARROW_PX = 860, 310
_TOP_PLACES = 10
# A drawing is text of ours around data of others; anything that could act or reach out is refused.
_UNSAFE = re.compile(r"<script|<foreignObject|<style|<image|<a[ >]|\son\w+=|href=|\sstyle=|url\((?!#)", re.I)


def _drawn(chart: Chart) -> Markup:
    svg = chart.to_svg(theme="page")
    # The words stand in the caption and label; the drawing's own parts would only be read out twice.
    svg = svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    svg = re.sub(r' (role|aria-roledescription|aria-label)="[^"]*"', "", svg)
    tags_only = re.sub(r">[^<]+<", "><", svg)
    if _UNSAFE.search(tags_only):
        raise UsageError(
            "a drawing holds a script, link or style; none is allowed in a brief; report this chart"
        )
    return Markup(svg)


def _view(wide: Chart, narrow: Chart, **more: Any) -> dict[str, Any]:
    return {
        "alt": wide.alt,
        "caption": wide.caption,
        "wide": _drawn(wide),
        "narrow": _drawn(narrow),
        "rows": [],
        **more,
    }


def record_pictures(record: RecordView, published: str | None) -> list[dict[str, Any]]:
    """Draw the record: counts per week, then places.

    Parameters
    ----------
    record
        What the record has to show.
    published
        The article's date, to mark.

    Returns
    -------
    list of dict
        For each chart its title, words and two drawings; empty where the record has nothing to draw.
    """
    marked = date.fromisoformat(published) if published else None
    label = f"article, {published}"
    pictures = []
    panels = [panel for panel in record.panels if panel.weeks]
    if panels:
        wide, narrow = (
            weekly_chart(panels, marked=marked, marked_label=label, width_px=width)
            for width in (_WIDE_PX, _NARROW_PX)
        )
        pictures.append(_view(wide, narrow, title="Events per week"))
    if any(point.drawable() for point in record.points):
        wide, narrow = (
            event_map(record.points, outline=record.outline, width_px=width)
            for width in (_WIDE_PX, _NARROW_PX)
        )
        rows = _top_places(record)
        pictures.append(
            _view(
                wide,
                narrow,
                title="Where they happened",
                rows=rows,
                rows_title=f"The {len(rows)} places with most events",
                rows_head=("Place", "Events", "How well the place is known"),
            )
        )
    return pictures


def _top_places(record: RecordView) -> list[tuple[str, str, str]]:
    counts: Counter[tuple[str, int]] = Counter()
    for point in record.points:
        if point.place and point.drawable():
            counts[point.place, point.geo_precision or 7] += point.events
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_TOP_PLACES]
    return [(place, f"{n:,}", GEO_PRECISIONS[precision]) for (place, precision), n in ranked]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def _point(item: Evidence, label: str) -> TimelinePoint | None:
    start, end = _day(item.date_start), _day(item.date_end)
    start, end = start or end, end or start
    if item.value is None or start is None or end is None or item.kind not in ("figure", "series"):
        return None
    return TimelinePoint(start, max(start, end), item.value, item.low, item.high, label)


def _claimed(claim: Claim, unit: str | None) -> Quantity | None:
    """Choose the number of the claim that the evidence is about: the one with its unit, or the only one."""
    numbers = [q for q in claim.quantities if q.value is not None and not q.figure_of_speech]
    alike = [q for q in numbers if unit and q.unit == unit]
    if len(alike) == 1:
        return alike[0]
    return numbers[0] if len(numbers) == 1 else None


def claim_chart(
    claim: Claim, check: Check, published: str | None
) -> tuple[dict[str, Any] | None, dict[int, str]]:
    """Draw a checked figure beside the dated figures it was held against.

    Returns
    -------
    tuple
        The chart, or None where there are fewer than two dated figures of one unit or the claim has no date;
        and the mark of each row of evidence that is drawn, such as `[2]`.
    """
    units = Counter(e.unit for e in check.evidence if e.value is not None and e.kind in ("figure", "series"))
    unit = units.most_common(1)[0][0] if units else None
    quantity = _claimed(claim, unit)
    dates = [d.date_start for d in claim.dates if d.date_start]
    day = _day(dates[0] if len(dates) == 1 else published)
    if quantity is None or quantity.value is None or day is None:
        return None, {}
    points: list[TimelinePoint] = []
    marks: dict[int, str] = {}
    for i, item in enumerate(check.evidence):
        label = f"[{len(points) + 1}]"
        point = _point(item, label) if item.unit == unit else None
        if point is not None:
            points.append(point)
            marks[i] = label
    if len(points) < 2:
        return None, {}
    said = TimelinePoint(day, day, quantity.value, quantity.low, quantity.high)
    words = quantity.about or unit or quantity.unit
    wide, narrow = (
        measure_timeline(points, said, unit=words, width_px=width, height_px=height)
        for width, height in ((620, 190), (_NARROW_PX - 20, 180))
    )
    return _view(wide, narrow), marks
