"""The two charts of the outlook, each drawn for a wide page and for a phone."""

from __future__ import annotations

import math
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ._outlook_model import Outlook
from ._pictures import NARROW_PX, chart_view

if TYPE_CHECKING:
    from ..charts import Chart

__all__ = ["fan_view", "spread_view"]

_WIDE_PX = 860
_STAMP = "What follows from stated assumptions, no forecast"


def fan_view(outlook: Outlook) -> dict[str, Any] | None:
    """Draw attacks a month with strikes as they are: median, 50, 80 and 95 % of runs."""
    if not outlook.fan:
        return None
    return chart_view(*(_fan(outlook, width) for width in (_WIDE_PX, NARROW_PX)))


def _fan(outlook: Outlook, width: int) -> Chart:
    from ..charts import Chart
    from ..containment._figure import fan_panel

    rows = [asdict(month) for month in outlook.fan]
    last = outlook.fan[-1]
    alt = (
        f"Attacks a month in {outlook.members:,} runs of world {outlook.world}, strikes as they are, {outlook.start} to "
        f"{outlook.until}: median and 50, 80 and 95 % bands. In the last month the median is {last.median:,.0f}, the 95 % "
        f"band {last.low_95:,.0f} to {last.high_95:,.0f}. {_STAMP}."
    )
    caption = (
        f"Line: median; bands: 50, 80 and 95 % of {outlook.members:,} runs, from {outlook.draws:,} draws of the world's "
        "numbers. Part months are drawn as the rate of a whole one, and left out below two weeks."
    )
    largest = max(month.high_95 for month in outlook.fan)
    panel = fan_panel("", rows, [], largest, (width - 60, 230))
    del panel["title"]
    return Chart(_stamped(outlook, alt, width) | panel, alt=alt, caption=caption)


def _stamped(outlook: Outlook, alt: str, width: int) -> dict[str, Any]:
    """Give the head of a drawing with what it is written on it: a drawing travels without its page."""
    from ..charts._chart import base_spec
    from ..charts._palette import LIGHT

    told = f"World {outlook.world}, as of {outlook.as_of}; {outlook.assumed} of its {outlook.numbers} numbers are assumptions"
    return base_spec(description=alt) | {
        "title": {
            "text": textwrap.wrap(_STAMP, max(30, width // 7)),
            "subtitle": textwrap.wrap(told, max(30, width // 7)),
            "subtitleColor": LIGHT["muted"],
            "subtitleFontSize": 12,
            "offset": 12,
            "anchor": "start",
        }
    }


def spread_view(outlook: Outlook) -> dict[str, Any] | None:
    """Draw which groups of numbers have a part in the spread of what comes out."""
    if not any(math.isfinite(part.total) for part in outlook.spread):
        return None
    return chart_view(_spread(outlook, narrow=False), _spread(outlook, narrow=True))


def _spread(outlook: Outlook, *, narrow: bool) -> Chart:
    from ..charts import Chart
    from ..containment._drivers import ASSUMED, CHANCE
    from ..containment._figure_drivers import driver_panel
    from ..containment._scenario_outputs import OUTPUTS

    by_output: dict[str, list[dict[str, Any]]] = {}
    for part in outlook.spread:
        by_output.setdefault(part.output, []).append(asdict(part))
    panels: list[dict[str, Any]] = []
    told = []
    for output, parts in by_output.items():
        title, width = OUTPUTS[output].title, 150 if narrow else 280
        panels.append(driver_panel(title.capitalize(), parts, first=narrow or not panels, width=width))
        apart = [part for part in parts if part["group"] != ASSUMED]
        largest = sorted(apart, key=lambda part: -part["total"])[:3]
        told.append(
            f"{title}: " + ", ".join(f"{part['group']} {100 * part['total']:.0f} %" for part in largest)
        )
    alt = f"Parts of the spread by group of numbers, the largest: {'; '.join(told)}. {_STAMP}."
    caption = (
        "Bar: all that a group of numbers has a part in; dot: what it makes by itself; line: 90 % interval of the bar. Parts "
        f"overlap and need not add up to one. “{CHANCE}”: what two runs of the same numbers differ in; “all [S] together”: "
        "every number that is an assumption, whatever its group."
    )
    spec = _stamped(outlook, alt, NARROW_PX if narrow else _WIDE_PX)
    spec |= {"concat": panels, "columns": 1 if narrow else 2, "spacing": 26}
    return Chart(spec, alt=alt, caption=caption)
