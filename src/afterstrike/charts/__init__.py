"""Charts: pure functions from a table to a drawing. A leaf: every stage may use it."""

from ._chart import Chart
from ._map import MAP_KEY, MapPoint, event_map
from ._timeline import TimelinePoint, measure_timeline
from ._weekly import Panel, weekly_chart

__all__ = [
    "MAP_KEY",
    "Chart",
    "MapPoint",
    "Panel",
    "TimelinePoint",
    "event_map",
    "measure_timeline",
    "weekly_chart",
]
