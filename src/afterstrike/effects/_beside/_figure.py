"""The figures of the comparison: main rows by estimand, and the specification curve."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...charts import Chart
from ...charts._chart import base_spec, facet_by
from ...charts._palette import LIGHT
from ._standing import Standing

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["beside_figure", "curve_figure"]

_SHORT = {
    "discs": "around each strike",
    "zone-days": "in its zone, a struck day",
    "zone-weeks": "in its zone, a struck week",
    "campaign": "whole region, since the first strike",
    "stacked": "struck places, first strikes",
    "matched panel": "struck places, same past",
    "before and after": "before and after: bad example",
}
_RATIO = {
    "field": "value",
    "type": "quantitative",
    "title": "recorded attacks, against expected (1: no change)",
    "scale": {"type": "log", "nice": False, "zero": False, "padding": 12},
    "axis": {"grid": False, "tickCount": 6, "format": "~g"},
}


def beside_figure(standings: tuple[Standing, ...], *, narrow: bool = False) -> Chart:
    """Draw ratio and interval of each design, one panel an estimand; what is no ratio is named, not drawn."""
    main = [row for row in standings if row.is_main]
    drawn = [row for row in main if row.measure == "rate ratio" and _is_drawn(row)]
    rows = [
        {
            "panel": _SHORT[row.estimand],
            "design": f"{row.design}{f', {row.form}' if row.form else ''}",
            "value": row.value,
            "low": row.low if math.isfinite(row.low) and row.low > 0 else None,
            "high": row.high if math.isfinite(row.high) else None,
            "answer": "no point stands against its sign"
            if row.answer in ("fewer", "more")
            else "cannot tell",
        }
        for row in sorted(drawn, key=lambda one: list(_SHORT).index(one.estimand))
    ]
    rest = [row.design for row in main if row not in drawn]
    caption = "Filled: no point stands against the sign. Open: cannot tell. Only marks of one panel estimate the same."
    if rest:
        caption += f" Not drawn (no ratio, or not estimated): {', '.join(dict.fromkeys(rest))}."
    alt = "Recorded attacks against expected, by design. " + " ".join(
        f"{row['design']}: {row['value']:.2f}." for row in rows
    )
    spec = base_spec(description=alt)
    names = {"labelLimit": 120 if narrow else 320}
    y = {"field": "design", "type": "nominal", "title": None, "sort": None, "axis": names}
    panels = facet_by("panel", [row["panel"] for row in rows])
    if narrow:
        panels["header"] |= {"labelAnchor": "start", "labelLimit": 300}
    else:
        panels["header"] |= {"labelAngle": 0, "labelAlign": "left", "labelLimit": 200}
    spec |= {
        "data": {"values": rows},
        **({"facet": panels, "columns": 1} if narrow else {"facet": {"row": panels}}),
        "resolve": {"scale": {"y": "independent"}},
        "spec": {"width": 190 if narrow else 380, "height": {"step": 24}, "layer": _forest(y)},
    }
    return Chart(spec, alt=alt, caption=caption)


def _is_drawn(row: Standing) -> bool:
    return math.isfinite(row.value) and row.value > 0 and row.answer != "not estimated"


def _forest(y: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "mark": {"type": "rule", "color": LIGHT["ink"], "strokeDash": [4, 3]},
            "encoding": {"x": {"datum": 1, "type": "quantitative"}},
        },
        {
            "transform": [{"filter": "isValid(datum.low) && isValid(datum.high)"}],
            "mark": {"type": "rule", "color": LIGHT["attack"], "strokeWidth": 2},
            "encoding": {"x": {**_RATIO, "field": "low"}, "x2": {"field": "high"}, "y": y},
        },
        {
            "mark": {"type": "point", "size": 60, "color": LIGHT["attack"], "opacity": 1, "strokeWidth": 2},
            "encoding": {
                "x": _RATIO,
                "y": y,
                "fill": {
                    "condition": {"test": "datum.answer !== 'cannot tell'", "value": LIGHT["attack"]},
                    "value": LIGHT["paper"],
                },
            },
        },
    ]


def curve_figure(table: pd.DataFrame) -> Chart | None:
    """Draw every specification in order of its ratio, one panel a design; None where none has an interval."""
    known = table[table["rate_ratio"].notna() & table["low"].notna() & (table["low"] > 0)]
    if not len(known):
        return None
    rows = []
    for design, part in known.groupby("design", sort=False):
        ordered = part.sort_values("rate_ratio", kind="stable")
        for rank, row in enumerate(ordered.to_dict("records"), 1):
            rows.append(
                {
                    "panel": str(design), "rank": rank, "value": float(row["rate_ratio"]), "low": float(row["low"]),
                    "high": float(row["high"]), "main": bool(row["is_main"]),
                }
            )  # fmt: skip
    caption = (
        f"{len(rows)} of {len(table)} specifications have an interval, in order of their ratio within each design. "
        "The declared one is orange. Panels estimate different things."
    )
    alt = f"Specification curve. {caption}"
    spec = base_spec(description=alt)
    x = {
        "field": "rank", "type": "quantitative", "title": "specifications, in order",
        "axis": {"grid": False, "tickMinStep": 1}, "scale": {"zero": True, "nice": False, "padding": 8},
    }  # fmt: skip
    y = {**_RATIO, "title": "recorded attacks, against expected"}
    colour = {"condition": {"test": "datum.main", "value": LIGHT["strike"]}, "value": LIGHT["attack"]}
    spec |= {
        "data": {"values": rows},
        "facet": facet_by("panel", [row["panel"] for row in rows]),
        "columns": 2,
        "resolve": {"scale": {"x": "independent"}},
        "spec": {
            "width": 280,
            "height": 150,
            "layer": [
                {
                    "mark": {"type": "rule", "color": LIGHT["ink"], "strokeDash": [4, 3]},
                    "encoding": {"y": {"datum": 1, "type": "quantitative"}},
                },
                {
                    "mark": {"type": "rule", "strokeWidth": 1.5},
                    "encoding": {
                        "x": x,
                        "y": {**y, "field": "low"},
                        "y2": {"field": "high"},
                        "color": colour,
                    },
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 28, "opacity": 1},
                    "encoding": {"x": x, "y": y, "color": colour},
                },
            ],
        },
    }
    return Chart(spec, alt=alt, caption=caption)
