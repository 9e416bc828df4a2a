"""The charts of a brief, each drawn twice: for a wide page and for a phone."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

from markupsafe import Markup

from ..charts import MAP_KEY, Chart, MapPoint, event_map, weekly_chart
from ..errors import UsageError
from ..record._schema import GEO_PRECISIONS
from ._record_view import RecordView
from ._wording import plural

__all__ = ["NARROW_PX", "chart_view", "record_pictures"]

# Half a wide page or all of a phone: one drawing serves both.
WIDE_PX, HALF_PX, NARROW_PX = 860, 400, 310
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


def chart_view(wide: Chart, narrow: Chart | None = None, **more: Any) -> dict[str, Any]:
    """Give a chart as the templates take it: words, and one drawing for each width or one for all."""
    return {
        "alt": wide.alt,
        "caption": wide.caption,
        "wide": _drawn(wide),
        "narrow": _drawn(narrow) if narrow is not None else None,
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
            for width in (WIDE_PX, NARROW_PX)
        )
        pictures.append(
            {"title": "Events per week", "key": "", "charts": [chart_view(wide, narrow)], "rows": []}
        )
    if any(point.drawable() for point in record.points):
        pictures.append(_maps(record))
    return pictures


def _maps(record: RecordView) -> dict[str, Any]:
    """Draw one map for each kind, all of the same area: laid over each other they would run into one blot."""
    groups: dict[str, list[MapPoint]] = {"strikes": [], "attacks": [], "other events": []}
    for point in record.points:
        groups[{"strike": "strikes", "attack": "attacks"}.get(point.kind, "other events")].append(point)
    drawn = {name: points for name, points in groups.items() if any(p.drawable() for p in points)}
    left = sum(p.events for name, points in groups.items() if name not in drawn for p in points)
    charts = []
    for name, points in drawn.items():
        widths = (WIDE_PX, NARROW_PX) if len(drawn) == 1 else (HALF_PX,)
        made = [event_map(points, outline=record.outline, frame=record.points, width_px=w) for w in widths]
        caption = f"{name.capitalize()}: {made[0].caption.removesuffix(MAP_KEY).strip()}"
        charts.append({**chart_view(*made), "caption": caption})
    rows = _top_places(record)
    counts = record.map_counts() or {}
    total = (
        f"In all {counts['drawn']:,} drawn of {counts['events']:,} events; "
        f"{counts['without_place']:,} without a place that can be drawn; {counts['imprecise']:,} imprecise. "
    )
    hidden = f"{plural(left, 'event')} of kinds without any place are in no map. " if left else ""
    return {
        "title": "Where they happened",
        "key": total + hidden + MAP_KEY,
        "charts": charts,
        "rows": rows,
        "rows_title": f"The {len(rows)} places with most events",
        "rows_head": ("Place", "Events", "How well the place is known"),
    }


def _top_places(record: RecordView) -> list[tuple[str, str, str]]:
    counts: Counter[tuple[str, int]] = Counter()
    for point in record.points:
        if point.place and point.drawable():
            counts[point.place, point.geo_precision or 7] += point.events
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_TOP_PLACES]
    return [(place, f"{n:,}", GEO_PRECISIONS[precision]) for (place, precision), n in ranked]
