"""Counts per week, in panels one above the other that share the time axis."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from ..errors import UsageError
from ._chart import Chart, base_spec, number_format
from ._palette import LIGHT

__all__ = ["Panel", "weekly_chart"]

_WEEK = timedelta(days=7)
# Beyond this share of the drawn years an article's date would squeeze the data; an arrow says it instead.
_STRETCH = 0.35


@dataclass(frozen=True)
class Panel:
    """One row of a weekly chart.

    Parameters
    ----------
    title
        What is counted, for example `Strikes per week, US releases`.
    weeks
        `(first day of the week, count)`; a count of None is not known and is left open.
    coverage
        `(first day, last day)` of each period the source covers. Outside them there is no data, which the
        chart shades: it is not zero.
    colour
        `strike`, `attack` or `other`.
    """

    title: str
    weeks: Sequence[tuple[date, float | None]]
    coverage: Sequence[tuple[date, date]] = ()
    colour: Literal["strike", "attack", "other"] = "other"

    def covered(self) -> list[tuple[date, date]]:
        """Give the covered periods in order; without any, from the first to the last week counted."""
        if self.coverage:
            return sorted(self.coverage)
        known = [week for week, _ in self.weeks]
        return [(min(known), max(known) + _WEEK)] if known else []


def _domain(panels: Sequence[Panel], marked: date | None) -> tuple[date, date, bool]:
    """Give the first and last day drawn, and whether the marked date fits between them."""
    spans = [span for panel in panels for span in panel.covered()]
    first, last = min(a for a, _ in spans), max(b for _, b in spans)
    if marked is None:
        return first, last, False
    slack = max((last - first) * _STRETCH, timedelta(days=60))
    if first - slack <= marked <= last + slack:
        margin = (last - first) * 0.02
        return min(first, marked - margin), max(last, marked + margin), True
    return first, last, False


def _gaps(covered: Sequence[tuple[date, date]], first: date, last: date) -> list[dict[str, Any]]:
    """Give the parts of the axis that no coverage reaches."""
    gaps, at = [], first
    for start, end in covered:
        if (start - at).days > 7:
            gaps.append((at, start))
        at = max(at, end)
    if (last - at).days > 7:
        gaps.append((at, last))
    return [
        {
            "from": a.isoformat(),
            "mid": (a + (b - a) / 2).isoformat(),
            "to": b.isoformat(),
            "days": (b - a).days,
        }
        for a, b in gaps
    ]


def _panel_spec(panel: Panel, x: dict[str, Any], days: int, size: tuple[int, int]) -> dict[str, Any]:
    width, height = size
    values = [
        {"week": week.isoformat(), "end": (week + _WEEK).isoformat(), "count": count}
        for week, count in sorted(panel.weeks)
    ]
    first, last = (date.fromisoformat(v) for v in x["scale"]["domain"])
    gaps = _gaps(panel.covered(), first, last)
    roomy = [g for g in gaps if g["days"] / max(days, 1) * width > 60]
    y = {
        "field": "count",
        "type": "quantitative",
        "title": None,
        "axis": {"tickCount": 4, "format": number_format(values, "count")},
    }
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": gaps},
            "mark": {"type": "rect", "color": LIGHT["nodata"]},
            "encoding": {"x": {**x, "field": "from"}, "x2": {"field": "to"}},
        },
        {
            "data": {"values": roomy},
            "mark": {"type": "text", "text": "no data", "color": LIGHT["muted"]},
            "encoding": {"x": {**x, "field": "mid"}, "y": {"value": height / 2}},
        },
    ]
    if panel.colour == "strike":
        mark: dict[str, Any] = {"type": "rect", "color": LIGHT["strike"]}
        encoding: dict[str, Any] = {"x": {**x, "field": "week"}, "x2": {"field": "end"}, "y": y}
        encoding["y2"] = {"datum": 0}
    else:
        # A step, because a week has one count and nothing is known inside it.
        mark = {"type": "line", "interpolate": "step-after", "color": LIGHT[panel.colour], "strokeWidth": 1.6}
        encoding = {"x": {**x, "field": "week"}, "y": y}
    layers.append({"data": {"values": values}, "mark": mark, "encoding": encoding})
    return {
        "title": {
            "text": textwrap.wrap(panel.title, max(20, width // 7)),
            "offset": 8,
            "subtitleColor": LIGHT["claim"],
        },
        "width": width,
        "height": height,
        "layer": layers,
    }


def _marker(marked: date, label: str, x: dict[str, Any]) -> list[dict[str, Any]]:
    """Draw the marked date as a line with its words."""
    first, last = (date.fromisoformat(v) for v in x["scale"]["domain"])
    near_right = (marked - first) > (last - first) * 0.6
    data = {"values": [{"at": marked.isoformat()}]}
    text: dict[str, Any] = {"type": "text", "text": label, "color": LIGHT["claim"], "baseline": "top"}
    text |= {"align": "right" if near_right else "left", "dx": -5 if near_right else 5}
    at = {"x": {**x, "field": "at"}}
    line = {"type": "rule", "color": LIGHT["claim"], "strokeWidth": 1.5, "strokeDash": [4, 3]}
    return [
        {"data": data, "mark": line, "encoding": at},
        {"data": data, "mark": text, "encoding": {**at, "y": {"value": 0}}},
    ]


def _distance(marked: date, label: str, first: date, last: date) -> str:
    """Say how far outside the drawing the marked date lies."""
    if marked > last:
        return f"{label}: {(marked - last).days / 365.25:.1f} years after the last data drawn →"
    return f"← {label}: {(first - marked).days / 365.25:.1f} years before the first data drawn"


def weekly_chart(
    panels: Sequence[Panel],
    *,
    marked: date | None = None,
    marked_label: str = "article",
    width_px: int = 860,
    panel_height_px: int = 120,
) -> Chart:
    """Draw counts per week, one panel for each series, on one time axis.

    Parameters
    ----------
    panels
        What to draw, from top to bottom.
    marked
        A date to mark, such as the article's. Far outside the data it becomes an arrow with the distance.
    marked_label
        Words for that date.
    width_px, panel_height_px
        Size of each panel.

    Returns
    -------
    Chart
        Bars for strikes, steps for the rest; periods that a source does not cover are shaded and named.

    Raises
    ------
    UsageError
        No panel has a week.

    Examples
    --------
    >>> from datetime import date
    >>> panel = Panel("Strikes per week", [(date(2016, 1, 4), 12), (date(2016, 1, 11), 7)], colour="strike")
    >>> weekly_chart([panel]).alt
    'Strikes per week: 2 weeks from 2016-01-04 to 2016-01-11, 19 in all, most in a week 12.'
    """
    drawn = [panel for panel in panels if panel.weeks]
    if not drawn:
        raise UsageError("no panel with a week; a weekly chart needs at least one count; leave the chart out")
    first, last, inside = _domain(drawn, marked)
    if first == last:
        last = first + _WEEK
    words = " ".join(_describe(panel) for panel in drawn)
    spec = base_spec(description=words)
    rows = []
    for index, panel in enumerate(drawn):
        bottom = index == len(drawn) - 1
        axis: dict[str, Any] = {"grid": False, "tickCount": max(3, width_px // 110), "labels": bottom}
        axis |= {"ticks": bottom, "labelOverlap": True}
        x: dict[str, Any] = {
            "type": "temporal",
            "title": None,
            "scale": {"domain": [first.isoformat(), last.isoformat()], "type": "utc"},
            "axis": axis,
        }
        row = _panel_spec(panel, x, (last - first).days, (width_px, panel_height_px))
        if marked is not None and inside:
            row["layer"].extend(_marker(marked, marked_label if index == 0 else "", x))
        elif marked is not None and index == 0:
            row["title"]["subtitle"] = _distance(marked, marked_label, first, last)
        rows.append(row)
    spec |= {"vconcat": rows, "spacing": 14, "resolve": {"scale": {"x": "shared"}}}
    return Chart(spec, alt=words, caption="Shaded: the source has no data there, which is not zero.")


def _describe(panel: Panel) -> str:
    counts = [count for _, count in panel.weeks if count is not None]
    weeks = sorted(week for week, _ in panel.weeks)
    if not counts:
        return f"{panel.title}: no week with a known count."
    return (
        f"{panel.title}: {len(weeks)} weeks from {weeks[0]} to {weeks[-1]}, "
        f"{sum(counts):,.0f} in all, most in a week {max(counts):,.0f}."
    )
