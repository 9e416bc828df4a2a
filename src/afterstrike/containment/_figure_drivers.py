"""What an output hangs on: a tornado of the draws of a run, and bars of Sobol indices."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..charts import Chart
from ..charts._chart import number_format
from ..charts._palette import LIGHT
from ..errors import EstimateRefused
from ._drivers import ASSUMED, CHANCE
from ._figure import stamped
from ._layout import CAMP_PARAMETERS, CUSTODY_PARAMETERS
from ._scenario_outputs import OUTPUTS, draw_groups, outputs_named

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from ._drivers import Drivers
    from ._ensemble import Ensemble

__all__ = ["NOT_DRAWN", "driver_panel", "sobol_bars", "tornado_chart", "tornado_table"]

Array = np.ndarray[Any, Any]

NOT_DRAWN = frozenset(
    {
        "targets_per_month",
        "reactive_targets",
        "casualty_response",
        "casualty_events_per_year",
        "camp_recruitment",
    }
)
"""Numbers left out of a tornado: how many strikes there are, since a run is no dose-response of strikes, and the small
camp term, which is a bound and no finding."""
_TELLING = 3.3
"""Standard scores of a rank correlation from which a number is drawn: by chance, one in a thousand."""
_MOST = 10


def tornado_table(ensemble: Ensemble, output: str = "attacks") -> pd.DataFrame:
    """Give for each number of the world the output where it is low, and where it is high.

    Parameters
    ----------
    ensemble
        What `simulate` gave.
    output
        A name in `OUTPUTS`.

    Returns
    -------
    pandas.DataFrame
        One row a number that varies: `name`, `kind`, `low` and `high` (the middle output in the tenth of prior draws
        with its lowest, and with its highest, values: the median over draws of the mean over their repeats),
        `rank_correlation`, `score` (its standard score) and `drawn`.

    Raises
    ------
    EstimateRefused
        Fewer than 40 prior draws: a tenth of them says nothing.

    Assumes
    -------
    Nothing is held fixed: each bar averages over all other numbers. It is what the draws show, not the effect of
    changing one number.
    """
    import pandas as pd
    from scipy.stats import rankdata

    first = np.unique(draw_groups(ensemble), return_index=True)[1]
    if len(first) < 40:
        raise EstimateRefused(f"{len(first)} prior draws; a tornado takes at least 40: raise members")
    means = _draw_means(ensemble, output)
    ranks = rankdata(means)
    tenth, rows = max(len(first) // 10, 4), []
    for name, drawn in ensemble.draws.items():
        own = np.asarray(drawn, dtype=float)[first]
        if not np.isfinite(own).all() or np.ptp(own) <= 1e-12 * max(1.0, float(np.abs(own).max())):
            continue
        order = np.argsort(own, kind="stable")
        correlation = float(np.corrcoef(ranks, rankdata(own))[0, 1]) if np.ptp(means) > 0 else 0.0
        number = ensemble.world.numbers.get(name)
        rows.append(
            {
                "name": name,
                "kind": "" if number is None else "S" if number.is_assumption else number.kind,
                "low": float(np.median(means[order[:tenth]])),
                "high": float(np.median(means[order[-tenth:]])),
                "rank_correlation": correlation,
                "score": correlation * math.sqrt(len(first) - 1),
            }
        )
    table = pd.DataFrame(rows)
    own_name = table["name"].str.partition(".")[0]
    table["drawn"] = (table["score"].abs() >= _TELLING) & ~own_name.isin(NOT_DRAWN)
    return table.sort_values("score", key=abs, ascending=False, ignore_index=True)


def _draw_means(ensemble: Ensemble, output: str) -> Array:
    """Give an output's mean over the repeats of each prior draw."""
    groups = draw_groups(ensemble)
    values = np.asarray(outputs_named([output])[0].of(ensemble), dtype=float)
    found: Array = np.bincount(groups, weights=values) / np.bincount(groups)
    return found


def tornado_chart(
    ensemble: Ensemble, output: str = "attacks", *, width: int = 520, today: date | None = None
) -> Chart:
    """Draw the numbers that the output hangs on most; see `tornado_table`."""
    table = tornado_table(ensemble, output)
    title = f"{OUTPUTS[output].title.capitalize()} where a number is low, and where it is high"
    shown = table[table["drawn"]].head(_MOST)
    left = int((table["score"].abs() < _TELLING).sum())
    middle = float(np.median(_draw_means(ensemble, output)))
    caption = (
        f"Scenario {ensemble.scenario.name}, world {ensemble.world.name}. Middle of the run's total over the tenth of prior "
        "draws with the lowest and the highest values of a number, all else drawn; line: middle of all draws. Left out: "
        f"{left} numbers that cannot be told from chance, and how many strikes there are (this is no dose-response). [S]: "
        "assumption."
    )
    rows = [
        {
            "name": _label(row["name"], ensemble) + (" [S]" if row["kind"] == "S" else ""),
            "low": row["low"],
            "high": row["high"],
            "width": abs(row["high"] - row["low"]),
        }
        for row in shown.to_dict("records")
    ]
    alt = f"{title}: " + (
        "; ".join(f"{r['name']} {r['low']:,.1f} to {r['high']:,.1f}" for r in rows) or "none stands out"
    )
    spec = stamped(title, alt, ensemble.world, today, width + 300)
    if not rows:
        spec |= {
            "data": {"values": [{"told": "No number can be told from chance."}]},
            "width": width,
            "height": 50,
        }
        spec |= {"mark": {"type": "text"}, "encoding": {"text": {"field": "told"}}}
        return Chart(spec, alt=alt, caption=caption)
    spec |= {
        "width": width,
        "height": 30 * len(rows),
        "data": {"values": rows},
        "layer": _tornado(rows, middle),
    }
    return Chart(spec, alt=alt, caption=caption)


def _label(name: str, ensemble: Ensemble) -> str:
    bare, _, at = name.partition(".")
    world = ensemble.world
    # A zone and its custody may share an id.
    places = (
        world.systems
        if bare in CUSTODY_PARAMETERS
        else world.camps
        if bare in CAMP_PARAMETERS
        else world.zones
    )
    names = {place.id: place.name for place in places}
    where = " / ".join(names.get(part, part) for part in at.split("/"))
    return bare.replace("_", " ") + (f", {where}" if at else "")


def _tornado(rows: list[dict[str, Any]], middle: float) -> list[dict[str, Any]]:
    order = [row["name"] for row in sorted(rows, key=lambda row: -row["width"])]
    y = {"field": "name", "type": "nominal", "sort": order, "title": None,
         "axis": {"labelLimit": 440, "ticks": False, "domain": False, "labelColor": LIGHT["ink"]}}  # fmt: skip
    form = number_format([{"top": max(max(r["low"], r["high"]) for r in rows)}], "top")
    x = {
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False, "nice": True},
        "axis": {"format": form},
    }
    ends = [
        (
            {
                "type": "point",
                "filled": True,
                "size": 95,
                "opacity": 1,
                "color": LIGHT["strike"],
                "shape": "diamond",
            },
            "low",
        ),
        ({"type": "point", "filled": True, "size": 95, "opacity": 1, "color": LIGHT["attack"]}, "high"),
    ]
    return [
        {
            "mark": {"type": "rule", "color": LIGHT["axis"], "strokeDash": [4, 3]},
            "encoding": {"x": {"datum": middle, "axis": x["axis"]}},
        },
        {
            "mark": {"type": "bar", "height": 6, "color": LIGHT["grid"]},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
        },
        *(
            {
                "transform": [{"calculate": f"'number is {end}'", "as": "end"}],
                "mark": mark,
                "encoding": {"x": {**x, "field": end}, "y": y},
            }
            for mark, end in ends
        ),
        {
            "data": {
                "values": [
                    {"name": order[0], "at": _end_of(rows, order[0], e), "told": e} for e in ("low", "high")
                ]
            },
            "mark": {"type": "text", "dy": -13, "fontSize": 11, "color": LIGHT["muted"]},
            "encoding": {"x": {**x, "field": "at"}, "y": y, "text": {"field": "told"}},
        },
    ]


def _end_of(rows: list[dict[str, Any]], name: str, end: str) -> float:
    """Give one end of the bar of a number."""
    return float(next(row[end] for row in rows if row["name"] == name))


def sobol_bars(drivers: Drivers, *, today: date | None = None) -> Chart:
    """Draw the share of the spread that each group of numbers has a part in, one panel an output."""
    panels: list[dict[str, Any]] = []
    told = []
    for output in dict.fromkeys(drivers.table["output"]):
        mine = drivers.table[drivers.table["output"] == output]
        if mine["reason"].iloc[0]:
            told.append(f"{OUTPUTS[output].title}: {mine['reason'].iloc[0]}.")
            continue
        parts = [{str(key): value for key, value in row.items()} for row in mine.to_dict("records")]
        panels.append(driver_panel(OUTPUTS[output].title.capitalize(), parts, first=not panels))
    measure = "log(1 + total)" if drivers.scale == "log" else "the total"
    caption = (
        f"Share of the variance of {measure} over prior draws and chance; world {drivers.world.name}, scenario "
        f"{drivers.scenario}, {drivers.n:,} base draws. Bar: all that a group has a part in; dot: what it makes by itself; "
        f"line: 90 % interval of the bar, by bootstrap. `{CHANCE}`: what two runs of the same numbers differ in. `all [S] "
        f"together` lies across the groups. {' '.join(told)}"
    ).strip()
    alt = "Shares of the spread by group of numbers. " + drivers.summary()
    spec = stamped("What the spread comes from", alt, drivers.world, today, 860)
    if not panels:
        spec |= {"data": {"values": [{"told": "No output varies."}]}, "width": 400, "height": 50}
        spec |= {"mark": {"type": "text"}, "encoding": {"text": {"field": "told"}}}
        return Chart(spec, alt=alt, caption=caption)
    spec |= {"concat": panels, "columns": 3, "spacing": 26}
    return Chart(spec, alt=alt, caption=caption)


def driver_panel(
    title: str, parts: Sequence[Mapping[str, Any]], *, first: bool, width: int = 225
) -> dict[str, Any]:
    """Give the bars of one output, a part a group as in `Drivers.table`; only the first panel of a row names the groups."""
    rows = []
    for row in parts:
        label = "all [S] together" if row["group"] == ASSUMED else row["group"]
        clipped = {
            k: min(max(float(row[k]), 0.0), 1.0) for k in row if k.partition("_")[0] in ("first", "total")
        }
        rows.append(
            {"group": label, "across": row["group"] == ASSUMED, "dice": row["group"] == CHANCE, **clipped}
        )
    names = [row["group"] for row in rows]
    y = {"field": "group", "type": "nominal", "sort": names, "title": None,
         "axis": {"ticks": False, "domain": False, "labelPadding": 9, "labelColor": LIGHT["ink"], "labels": first}}  # fmt: skip
    x = {"type": "quantitative", "title": "share of the spread", "scale": {"domain": [0, 1]},
         "axis": {"format": ".0%", "tickCount": 5}}  # fmt: skip
    colour = {
        "condition": [
            {"test": "datum.across", "value": LIGHT["claim"]},
            {"test": "datum.dice", "value": LIGHT["other"]},
        ],
        "value": LIGHT["attack"],
    }
    return {
        "title": {"text": title, "offset": 8},
        "width": width,
        "height": 26 * len(rows),
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "bar", "height": 13, "opacity": 0.45},
                "encoding": {"y": y, "x": {**x, "field": "total"}, "color": colour},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 1.4, "color": LIGHT["ink"]},
                "encoding": {"y": y, "x": {**x, "field": "total_low"}, "x2": {"field": "total_high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 55, "opacity": 1, "color": LIGHT["ink"]},
                "encoding": {"y": y, "x": {**x, "field": "first"}},
            },
        ],
    }
