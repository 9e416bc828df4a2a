"""The figure of shifts: each series by period, its levels, and each dated shift with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ...charts import Chart
from ...charts._chart import base_spec, number_format
from ...charts._palette import LIGHT
from ._find import Found
from ._noise import segments
from ._result import levels_of
from ._series import DAYS, Calendar

if TYPE_CHECKING:
    from ._result import ShiftResult

__all__ = ["shifts_figure"]

_TITLES = {
    "tempo": "Recorded events a {by}",
    "centre": "Middle of the places: km from the middle of all, along the way it moved",
    "spread": "Typical km from the middle",
    "lethality": "Typical recorded deaths an event",
}
_CAPTION = (
    "Steps: the record. Lines: the level between shifts. Broken line and band: the date of a shift and what it may be. "
    "A gap is a period without data, not a zero. A shift in a record may be a shift in reporting."
)


def shifts_figure(result: ShiftResult) -> Chart:
    """Draw one panel a series that could be tested."""
    assert result.calendar is not None
    rows = result.table.to_dict("records")
    words = " ".join(
        f"{row['series']}: "
        + (row["reason"] or f"shift on {row['date']} ({row['low']} to {row['high']})")
        + "."
        for row in rows
    )
    spec = base_spec(description=words)
    panels = list(result.found.items())
    if not panels:
        spec |= {"data": {"values": [{"told": "No series could be tested."}]}, "width": 460, "height": 60}
        spec |= {"mark": {"type": "text"}, "encoding": {"text": {"field": "told"}}}
        return Chart(spec, alt=words, caption="No series could be tested; the table says why.")
    first = _day(result.calendar.starts[0])
    last = _day(result.calendar.starts[-1]) + timedelta(days=DAYS[result.calendar.by])
    drawn = []
    for name, found in panels:
        bands = [row for row in rows if row["series"] == name and row["date"] is not None]
        bottom = name == panels[-1][0]
        axis = {"grid": False, "tickCount": 8, "labels": bottom, "ticks": bottom, "labelOverlap": True}
        x = {
            "type": "temporal",
            "title": None,
            "scale": {"domain": [first.isoformat(), last.isoformat()], "type": "utc"},
            "axis": axis,
        }
        drawn.append(_panel(name, found, result.calendar, bands, x))
    spec |= {"vconcat": drawn, "spacing": 14, "resolve": {"scale": {"x": "shared"}}}
    return Chart(spec, alt=words, caption=_CAPTION)


def _panel(
    name: str, found: Found, calendar: Calendar, bands: Sequence[Mapping[Any, Any]], x: dict[str, Any]
) -> dict[str, Any]:
    shown, levels = _drawn(name, found)
    length = timedelta(days=DAYS[calendar.by])
    # A period that is not known has no value: the line breaks there.
    by_period = dict(zip(found.signal.at.tolist(), shown, strict=True))
    values = [
        {"from": _day(start).isoformat(), "value": by_period.get(i)}
        for i, start in enumerate(calendar.starts)
    ]
    lines = [
        {
            "from": _day(calendar.starts[found.signal.at[part.start]]).isoformat(),
            "to": (_day(calendar.starts[found.signal.at[part.stop - 1]]) + length).isoformat(),
            "level": level,
        }
        for part, level in zip(
            segments([shift.step for shift in found.shifts], len(shown)), levels, strict=True
        )
    ]
    dated = [
        {"low": str(row["low"]), "high": (row["high"] + length).isoformat(), "at": str(row["date"])}
        for row in bands
    ]
    y = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "axis": {"tickCount": 4, "format": number_format(values, "value"),
                 "labelExpr": "replace(datum.label, '−', '-')"},
        "scale": {"zero": name in ("tempo", "lethality")},
    }  # fmt: skip
    step = {
        "type": "line",
        "interpolate": "step-after",
        "color": LIGHT["attack"],
        "strokeWidth": 1,
        "opacity": 0.6,
    }
    return {
        "title": {"text": _TITLES[name].format(by=calendar.by), "offset": 8},
        "width": 760,
        "height": 110,
        "layer": [
            _layer(
                dated,
                {"type": "rect", "color": LIGHT["nodata"]},
                x={**x, "field": "low"},
                x2={"field": "high"},
            ),
            _layer(
                dated, {"type": "rule", "color": LIGHT["claim"], "strokeDash": [4, 3]}, x={**x, "field": "at"}
            ),
            _layer(values, step, x={**x, "field": "from"}, y=y),
            _layer(
                lines,
                {"type": "rule", "color": LIGHT["ink"], "strokeWidth": 2},
                x={**x, "field": "from"},
                x2={"field": "to"},
                y={**y, "field": "level"},
            ),
        ],
    }


def _layer(values: list[dict[str, Any]], mark: dict[str, Any], **encoding: Any) -> dict[str, Any]:
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _drawn(name: str, found: Found) -> tuple[list[float], list[float]]:
    """Give values and levels as a reader counts; a move is shown along its own line."""
    values, levels = found.signal.values, np.array(levels_of(found))
    if name == "centre":
        way = levels[-1] - levels[0]
        size = float(np.hypot(*way))
        way = way / size if size > 0 else np.array([0.0, 1.0])
        return (values @ way).tolist(), (levels @ way).tolist()
    turn = {"spread": np.exp, "lethality": np.expm1}.get(name, np.asarray)
    return np.asarray(turn(values[:, 0])).tolist(), np.asarray(turn(levels[:, 0])).tolist()


def _day(moment: np.datetime64) -> date:
    return date.fromisoformat(str(moment.astype("datetime64[D]")))
