"""What an output hangs on: a tornado of the draws of a run, and bars of Sobol indices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..charts import Chart
from ..charts._chart import base_spec, number_format
from ..charts._palette import LIGHT
from ..errors import EstimateRefused
from ._drivers import ASSUMED, CHANCE
from ._scenario_outputs import OUTPUTS, draw_groups, outputs_named

if TYPE_CHECKING:
    import pandas as pd

    from ._drivers import Drivers
    from ._ensemble import Ensemble

__all__ = ["NOT_DRAWN", "sobol_bars", "tornado_chart", "tornado_table"]

Array = np.ndarray[Any, Any]

NOT_DRAWN = frozenset(
    {"targets_per_month", "reactive_targets", "casualty_response", "casualty_events_per_year", "camp_recruitment"}
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
        One row a number that varies: `name`, `kind`, `low` and `high` (mean output in the tenth of prior draws with
        its lowest, and highest, values), `rank_correlation`, `score` (its standard score) and `drawn`.

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

    groups = draw_groups(ensemble)
    first = np.unique(groups, return_index=True)[1]
    if len(first) < 40:
        raise EstimateRefused(f"{len(first)} prior draws; a tornado takes at least 40: raise members")
    values = np.asarray(outputs_named([output])[0].of(ensemble), dtype=float)
    means = np.bincount(groups, weights=values) / np.bincount(groups)
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
                "low": float(means[order[:tenth]].mean()),
                "high": float(means[order[-tenth:]].mean()),
                "rank_correlation": correlation,
                "score": correlation * math.sqrt(len(first) - 1),
            }
        )
    table = pd.DataFrame(rows)
    own_name = table["name"].str.partition(".")[0]
    table["drawn"] = (table["score"].abs() >= _TELLING) & ~own_name.isin(NOT_DRAWN)
    return table.sort_values("score", key=abs, ascending=False, ignore_index=True)


def tornado_chart(ensemble: Ensemble, output: str = "attacks", *, width: int = 520) -> Chart:
    """Draw the numbers that the output hangs on most; see `tornado_table`."""
    table = tornado_table(ensemble, output)
    title = f"{OUTPUTS[output].title.capitalize()} where a number is low, and where it is high"
    shown = table[table["drawn"]].head(_MOST)
    left = int((table["score"].abs() < _TELLING).sum())
    middle = float(np.mean(OUTPUTS[output].of(ensemble)))
    caption = (
        f"Scenario {ensemble.scenario.name}, world {ensemble.world.name}. Mean of the run's total in the tenth of prior draws "
        f"with the lowest and the highest values of a number, all else drawn; line: mean of all. {left} numbers that cannot "
        "be told from chance are left out, and so is how many strikes there are: this is no dose-response. [S]: assumption."
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
    alt = f"{title}: " + ("; ".join(f"{r['name']} {r['low']:,.1f} to {r['high']:,.1f}" for r in rows) or "none stands out")
    spec = base_spec(description=alt)
    spec["title"] = {"text": title, "offset": 10}
    if not rows:
        spec |= {"data": {"values": [{"told": "No number can be told from chance."}]}, "width": width, "height": 50}
        spec |= {"mark": {"type": "text"}, "encoding": {"text": {"field": "told"}}}
        return Chart(spec, alt=alt, caption=caption)
    spec |= {"width": width, "height": 30 * len(rows), "data": {"values": rows}, "layer": _tornado(rows, middle)}
    return Chart(spec, alt=alt, caption=caption)


def _label(name: str, ensemble: Ensemble) -> str:
    bare, _, at = name.partition(".")
    names = {
        place.id: place.name for place in (*ensemble.world.zones, *ensemble.world.systems, *ensemble.world.camps)
    }
    where = " / ".join(names.get(part, part) for part in at.split("/"))
    return bare.replace("_", " ") + (f", {where}" if at else "")


def _tornado(rows: list[dict[str, Any]], middle: float) -> list[dict[str, Any]]:
    order = [row["name"] for row in sorted(rows, key=lambda row: -row["width"])]
    y = {"field": "name", "type": "nominal", "sort": order, "title": None,
         "axis": {"labelLimit": 330, "ticks": False, "domain": False, "labelColor": LIGHT["ink"]}}  # fmt: skip
    form = number_format([{"top": max(max(r["low"], r["high"]) for r in rows)}], "top")
    x = {"type": "quantitative", "title": None, "scale": {"zero": False, "nice": True}, "axis": {"format": form}}
    ends = [
        ({"type": "point", "filled": True, "size": 95, "opacity": 1, "color": LIGHT["strike"], "shape": "diamond"}, "low"),
        ({"type": "point", "filled": True, "size": 95, "opacity": 1, "color": LIGHT["attack"]}, "high"),
    ]
    return [
        {"mark": {"type": "rule", "color": LIGHT["axis"], "strokeDash": [4, 3]}, "encoding": {"x": {"datum": middle}}},
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
            "data": {"values": [{"name": order[0], "at": _end_of(rows, order[0], e), "told": e} for e in ("low", "high")]},
            "mark": {"type": "text", "dy": -13, "fontSize": 11, "color": LIGHT["muted"]},
            "encoding": {"x": {**x, "field": "at"}, "y": y, "text": {"field": "told"}},
        },
    ]


def _end_of(rows: list[dict[str, Any]], name: str, end: str) -> float:
    """Give one end of the bar of a number."""
    return float(next(row[end] for row in rows if row["name"] == name))


def sobol_bars(drivers: Drivers) -> Chart:
    """Draw the share of the spread that each group of numbers has a part in, one panel an output."""
    panels, told = [], []
    for output in dict.fromkeys(drivers.table["output"]):
        mine = drivers.table[drivers.table["output"] == output]
        if mine["reason"].iloc[0]:
            told.append(f"{OUTPUTS[output].title}: {mine['reason'].iloc[0]}.")
            continue
        panels.append(_bars(OUTPUTS[output].title.capitalize(), mine, first=not panels))
    measure = "log(1 + total)" if drivers.scale == "log" else "the total"
    caption = (
        f"Share of the variance of {measure} over prior draws and chance; world {drivers.world}, scenario {drivers.scenario}, "
        f"{drivers.n:,} base draws. Bar: all that a group has a part in; dot: what it makes by itself; lines: 90 % by bootstrap. "
        f"`{CHANCE}`: what two runs of the same numbers differ in. `all [S] together` lies across the groups. {' '.join(told)}"
    ).strip()
    alt = "Shares of the spread by group of numbers. " + drivers.summary()
    spec = base_spec(description=alt)
    if not panels:
        spec |= {"data": {"values": [{"told": "No output varies."}]}, "width": 400, "height": 50}
        spec |= {"mark": {"type": "text"}, "encoding": {"text": {"field": "told"}}}
        return Chart(spec, alt=alt, caption=caption)
    spec |= {"concat": panels, "columns": 3, "spacing": 26}
    return Chart(spec, alt=alt, caption=caption)


def _bars(title: str, table: pd.DataFrame, *, first: bool) -> dict[str, Any]:
    rows = []
    for row in table.to_dict("records"):
        label = "all [S] together" if row["group"] == ASSUMED else row["group"]
        clipped = {k: min(max(float(row[k]), 0.0), 1.0) for k in row if k.partition("_")[0] in ("first", "total")}
        rows.append({"group": label, "across": row["group"] == ASSUMED, "dice": row["group"] == CHANCE, **clipped})
    names = [row["group"] for row in rows]
    y = {"field": "group", "type": "nominal", "sort": names, "title": None,
         "axis": {"ticks": False, "domain": False, "labelColor": LIGHT["ink"], "labels": first}}  # fmt: skip
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
        "width": 225,
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
