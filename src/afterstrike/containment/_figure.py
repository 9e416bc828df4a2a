"""Fan charts: an output by month, one panel a scenario, with 50, 80 and 95 % bands."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ..charts import Chart
from ..charts._chart import base_spec, number_format
from ..charts._palette import LIGHT
from ..errors import UsageError
from ._scenario_grammar import nearest
from ._words import stamp_lines

if TYPE_CHECKING:
    import pandas as pd

    from ._ensemble import Ensemble
    from ._world import World

__all__ = ["FANS", "fan_chart", "fan_panel", "fan_rows", "stamped"]

Array = np.ndarray[Any, Any]
_MONTH = 365.25 / 12
_WIDTH = 900
_LEAST = 14

FANS: dict[str, tuple[str, str]] = {
    "attacks": ("Attacks a month", "rate"),
    "attack_deaths": ("Deaths in attacks a month", "rate"),
    "civilian_deaths": ("Civilian deaths by strikes a month", "rate"),
    "camp_returns": ("Returns from camps, since the start", "sum"),
    "repatriated": ("Taken home from custody, since the start", "sum"),
    "net_escapes": ("Net escapes from custody, since the start", "sum"),
    "detained_now": ("Detained at the end of each month", "state"),
}
"""What can be drawn: its title, and whether it is a rate by month, a sum since the start, or a state."""


def fan_chart(
    ensembles: Sequence[Ensemble] | Mapping[str, Ensemble],
    output: str = "attacks",
    *,
    past: pd.DataFrame | None = None,
    past_title: str = "recorded",
    width: int = _WIDTH,
    today: date | None = None,
) -> Chart:
    """Draw an output by month for each scenario.

    Parameters
    ----------
    ensembles
        What `simulate` gave; one panel each, on one scale.
    output
        A name in `FANS`.
    past
        A recorded series to stand to the left: columns `month` (a day of it) and `value`, a number a month. Months
        without a row are left open: they are not zero.
    past_title
        What that series is, for the caption.
    width
        Of all panels together, in pixels.
    today
        The day from which the world's age is counted; today if not given.

    Returns
    -------
    Chart

    Raises
    ------
    UsageError
        The output cannot be drawn, or the past has other columns.
    """
    given = list(ensembles.values() if isinstance(ensembles, Mapping) else ensembles)
    if output not in FANS:
        raise UsageError(f"output {output!r}: {nearest(output, list(FANS))}")
    title, kind = FANS[output]
    recorded = _recorded(past)
    rows = {one.scenario.name: fan_rows(one, output, kind) for one in given}
    drawn = [row for each in rows.values() for row in each] + recorded
    largest = max(1.0, *(max(row.get("high_95", 0), row.get("value", 0)) for row in drawn))
    columns = min(2 if len(given) in (2, 4) else 3, len(given))
    size = (int((width - 60 * columns) / columns), 230 if columns < 3 else 180)
    panels = [
        fan_panel(one.scenario.name, rows[one.scenario.name], recorded, float(largest), size) for one in given
    ]
    names = ", ".join(rows)
    alt = f"{title}, {names}: median and 50, 80 and 95 % bands. " + " ".join(
        f"{name}: last median {each[-1]['median']:,.0f}, 95 % band {each[-1]['low_95']:,.0f} to "
        f"{each[-1]['high_95']:,.0f}."
        for name, each in rows.items()
    )
    spec = stamped(title, alt, given[0].world, today, width)
    spec |= {"concat": panels, "columns": columns, "spacing": 24}
    return Chart(spec, alt=alt, caption=_caption(given, kind, past_title if recorded else ""))


def stamped(title: str, alt: str, world: World, today: date | None, width: int) -> dict[str, Any]:
    """Give the head of a figure, which carries its world, the world's age and how much of it is assumed.

    A figure travels without its caption.
    """
    spec = base_spec(description=alt)
    lines = [part for line in stamp_lines(world, today) for part in textwrap.wrap(line, max(40, width // 6))]
    # Bands are drawn with some of the paper shining through: on no paper a viewer may show them grey.
    spec["background"] = LIGHT["paper"]
    spec["padding"] = 12
    spec["title"] = {
        "text": title, "fontSize": 16, "offset": 14, "subtitle": lines, "subtitleColor": LIGHT["muted"],
        "subtitleFontSize": 12, "subtitlePadding": 5, "anchor": "start",
    }  # fmt: skip
    return spec


def _caption(ensembles: Sequence[Ensemble], kind: str, past_title: str) -> str:
    world = ensembles[0].world
    told = {
        "rate": "Part months at either end are drawn as the rate of a whole one, and left out below two weeks.",
        "sum": "Added up from the first day.",
        "state": "",
    }[kind]
    beside = f" Dark steps to the left: {past_title}." if past_title else ""
    return (
        f"Line: median; bands: 50, 80 and 95 % of {len(ensembles[0].total('attacks')):,} runs. World {world.name}, as "
        f"of {world.as_of.isoformat()}. {told}{beside}"
    ).strip()


def fan_rows(ensemble: Ensemble, output: str, kind: str) -> list[dict[str, Any]]:
    """Give one row a period: its middle or last day, median and bands."""
    ends = [ensemble.start.toordinal() - 1, *(day.toordinal() for day in ensemble.periods)]
    days = np.diff(ends).astype(float)
    if output == "net_escapes":
        values = ensemble.series("escapes") - ensemble.series("recaptured")
    else:
        values = ensemble.series(output)
    values = np.asarray(values, dtype=float)
    if kind == "rate":
        values = values * (_MONTH / days)
    elif kind == "sum":
        values = np.cumsum(values, axis=1)
    cuts = np.quantile(values, [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975], axis=0)
    names = ("low_95", "low_80", "low_50", "median", "high_50", "high_80", "high_95")
    found = []
    for k, last in enumerate(ensemble.periods):
        if kind == "rate" and days[k] < _LEAST and len(days) > 1:
            continue
        day = last - timedelta(days=int(days[k] // 2)) if kind == "rate" else last
        found.append({"day": day.isoformat()} | {n: float(c) for n, c in zip(names, cuts[:, k], strict=True)})
    return found


def _recorded(past: pd.DataFrame | None) -> list[dict[str, Any]]:
    if past is None:
        return []
    import pandas as pd

    if not {"month", "value"} <= set(past.columns):
        raise UsageError(f"past has columns {', '.join(map(str, past.columns))}; it takes month and value")
    months = pd.to_datetime(past["month"]).dt.to_period("M").sort_values()
    values = dict(zip(months, past.loc[months.index, "value"], strict=True))
    rows = []
    for month in pd.period_range(months.iloc[0], months.iloc[-1], freq="M"):
        value = float(values.get(month, math.nan))
        rows.append({"day": month.start_time.date().isoformat(), "value": value})
    # A step holds until the next one begins.
    rows.append({"day": (months.iloc[-1] + 1).start_time.date().isoformat(), "value": rows[-1]["value"]})
    return rows


def fan_panel(
    name: str,
    rows: list[dict[str, Any]],
    recorded: list[dict[str, Any]],
    largest: float,
    size: tuple[int, int],
) -> dict[str, Any]:
    """Give one panel: rows as `fan_rows` gives them, a recorded series or none, the top of the scale, width and height."""
    x = {"field": "day", "type": "temporal", "title": None, "scale": {"type": "utc"},
         "axis": {"grid": False, "tickCount": max(3, size[0] // 90), "labelOverlap": True}}  # fmt: skip
    y = {"type": "quantitative", "title": None, "scale": {"domain": [0, largest * 1.04], "nice": False},
         "axis": {"tickCount": 5, "format": number_format([{"top": largest}], "top")}}  # fmt: skip
    data = {"values": rows}
    layers: list[dict[str, Any]] = [
        {
            "data": data,
            "mark": {"type": "area", "color": LIGHT["attack"], "opacity": opacity, "interpolate": "linear"},
            "encoding": {"x": x, "y": {**y, "field": f"low_{level}"}, "y2": {"field": f"high_{level}"}},
        }
        for level, opacity in ((95, 0.14), (80, 0.2), (50, 0.3))
    ]
    layers.append(
        {
            "data": data,
            "mark": {"type": "line", "color": LIGHT["attack"], "strokeWidth": 2.2, "interpolate": "linear"},
            "encoding": {"x": x, "y": {**y, "field": "median"}},
        }
    )
    if recorded:
        known = [{**row, "value": None if math.isnan(row["value"]) else row["value"]} for row in recorded]
        layers.append(
            {
                "data": {"values": known},
                "mark": {
                    "type": "line",
                    "color": LIGHT["ink"],
                    "strokeWidth": 1.5,
                    "interpolate": "step-after",
                },
                "encoding": {"x": x, "y": {**y, "field": "value"}},
            }
        )
    return {
        "title": {"text": name, "offset": 6, "fontWeight": 600},
        "width": size[0],
        "height": size[1],
        "layer": layers,
    }
