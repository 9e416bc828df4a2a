"""The charts of a brief, each drawn twice: for a wide page and for a phone."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

from markupsafe import Markup

from ..charts import Chart, event_map, weekly_chart
from ..errors import UsageError
from ..record._schema import GEO_PRECISIONS
from ._record_view import RecordView

__all__ = ["NARROW_PX", "chart_view", "record_pictures"]

WIDE_PX, NARROW_PX = 860, 310
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


def chart_view(wide: Chart, narrow: Chart, **more: Any) -> dict[str, Any]:
    """Give a chart as the templates take it: words, and one drawing for each width."""
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
            for width in (WIDE_PX, NARROW_PX)
        )
        pictures.append(chart_view(wide, narrow, title="Events per week"))
    if any(point.drawable() for point in record.points):
        wide, narrow = (
            event_map(record.points, outline=record.outline, width_px=width) for width in (WIDE_PX, NARROW_PX)
        )
        rows = _top_places(record)
        pictures.append(
            chart_view(
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
