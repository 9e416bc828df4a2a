"""Where two policies differ: the contrast in each cell of a coarse grid, as a table and as a map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ...charts import Chart
from ...charts._chart import base_spec
from ...charts._palette import LIGHT
from ...errors import EstimateRefused, UsageError
from ._contrast import compare_policies
from ._regions import blocks_of, outcome_totals
from ._space import SpaceTime

if TYPE_CHECKING:
    import pandas as pd

    from ._run import Run

__all__ = ["MOST_CELLS", "cells_figure", "policy_cells"]

MOST_CELLS = 12
# Of a cell with fewer outcomes in the whole period there is nothing to say.
_FEWEST_OUTCOMES = 20


def policy_cells(run: Run, *, policy: str, lag: int, cells: int, level: float) -> pd.DataFrame:
    """Compare a policy with the first in each cell of a grid of `cells` by `cells` over the window.

    Returns
    -------
    pandas.DataFrame
        `cell, lat, lon, n_outcomes, estimate, low, high, level, is_shown, outline`. Intervals hold for all
        cells with a number at once (Bonferroni); `is_shown` says that one excludes zero. Cells with fewer
        than 20 outcomes have no number. `outline` is GeoJSON.

    Raises
    ------
    UsageError
        Policy, lag or cells are not allowed.
    EstimateRefused
        No cell has 20 outcomes.
    """
    if isinstance(cells, bool) or not isinstance(cells, int) or not 2 <= cells <= MOST_CELLS:
        raise UsageError(f"cells={cells!r}; allowed a whole number from 2 to {MOST_CELLS}")
    first = run.policies[0].name
    if not isinstance(lag, int) or (policy, lag) not in run.weights or policy == first:
        told = ", ".join(dict.fromkeys(name for name, _ in run.weights if name != first))
        raise UsageError(
            f"policy={policy!r}, lag={lag!r}; allowed policies {told}; lags "
            f"{', '.join(str(one) for one in sorted({lag for _, lag in run.weights}))}"
        )
    space = run.propensity.space
    areas = blocks_of(space, cells)
    totals = outcome_totals(space, run.outcome, areas).sum(axis=0)
    enough = totals >= _FEWEST_OUTCOMES
    if not enough.any():
        raise EstimateRefused(
            f"no cell of {cells} by {cells} holds {_FEWEST_OUTCOMES} outcomes; use fewer, larger cells"
        )
    counted = [area for area, is_enough in zip(areas, enough, strict=True) if is_enough]
    joint = 1 - (1 - level) / len(counted)
    table = compare_policies(
        space, run.outcome, counted, run.weights[first, lag], run.weights[policy, lag], level=joint
    ).set_index("area")
    import pandas as pd

    rows = []
    for area, total in zip(areas, totals.tolist(), strict=True):
        known = area.name in table.index
        values = {
            name: float(table[name].to_dict()[area.name]) if known else math.nan
            for name in ("estimate", "low", "high")
        }
        assert area.geometry is not None
        middle = area.geometry.representative_point()
        lon, lat = space.to_degrees([middle.x], [middle.y])
        shown = known and (values["low"] > 0 or values["high"] < 0)
        rows.append(
            {"cell": area.name, "lat": float(lat[0]), "lon": float(lon[0]), "n_outcomes": total, **values,
             "level": joint, "is_shown": shown, "outline": _degrees(space, area.geometry)}
        )  # fmt: skip
    return pd.DataFrame(rows)


def _degrees(space: SpaceTime, geometry: Any) -> dict[str, Any]:
    """Give a shape of the plane in degrees, rings wound as maps of the globe need them."""
    from shapely import make_valid, transform
    from shapely.geometry import MultiPolygon, mapping
    from shapely.geometry.polygon import orient

    def project(at: Any) -> Any:
        lon, lat = space.to_degrees(at[:, 0], at[:, 1])
        return np.column_stack([lon, lat])

    turned = transform(make_valid(geometry.simplify(min(space.step_km) / 4)), project)
    parts = [part for part in getattr(turned, "geoms", [turned]) if part.geom_type == "Polygon"]
    found: dict[str, Any] = mapping(MultiPolygon([orient(part, -1.0) for part in parts]))
    return found


def cells_figure(table: pd.DataFrame, *, title: str, unit: str, width: int = 520) -> Chart:
    """Draw the table of `policy_cells`: each cell with its number, bold where the interval excludes zero."""
    known = table[table["estimate"].notna()]
    largest = float(known["estimate"].abs().max()) if len(known) else 0.0
    features, labels = [], []
    for row in table.to_dict("records"):
        has = row["estimate"] == row["estimate"]
        kind = "none" if not has else "more" if row["estimate"] > 0 else "fewer"
        share = abs(row["estimate"]) / largest if has and largest > 0 else 0.0
        features.append(
            {"type": "Feature", "geometry": row["outline"], "kind": kind,
             "ink": round(0.06 + 0.44 * share, 3), "edge": 2.4 if row["is_shown"] else 0.6}
        )  # fmt: skip
        if has:
            labels.append(
                {"lat": row["lat"], "lon": row["lon"], "text": signed(row["estimate"]),
                 "weight": "bold" if row["is_shown"] else "normal"}
            )  # fmt: skip
    shown = int(table["is_shown"].sum())
    level = float(table["level"].iloc[0])
    bold = (
        f"Bold: {shown} of {len(known)} cells whose interval excludes zero, all cells at once (each at "
        f"{level:.2%})."
        if known["low"].notna().any()
        else "No cell has an interval: the effective sample is below 30."
    )
    caption = (
        f"{title}: difference in recorded outcome events a {unit} in each cell. {bold} "
        f"{len(table) - len(known)} cells without a number hold fewer than {_FEWEST_OUTCOMES} outcomes."
    )
    place = {
        "longitude": {"field": "lon", "type": "quantitative"},
        "latitude": {"field": "lat", "type": "quantitative"},
    }
    colour = {
        "field": "kind",
        "type": "nominal",
        "legend": None,
        "scale": {
            "domain": ["more", "fewer", "none"],
            "range": [LIGHT["strike"], LIGHT["attack"], LIGHT["nodata"]],
        },
    }
    alt = f"Map. {caption}"
    spec = base_spec(description=alt)
    spec |= {
        "width": width,
        "height": round(width * _aspect(table)),
        "projection": {"type": "mercator"},
        "layer": [
            {
                "data": {"values": features},
                "mark": {"type": "geoshape", "stroke": LIGHT["ink"]},
                "encoding": {
                    "fill": colour,
                    "fillOpacity": {"field": "ink", "type": "quantitative", "scale": None},
                    "strokeWidth": {"field": "edge", "type": "quantitative", "scale": None},
                },
            },
            *(
                {
                    "data": {"values": [label for label in labels if label["weight"] == weight]},
                    "mark": {
                        "type": "text", "fontSize": 11 if width > 400 else 9, "fontWeight": weight,
                        "color": LIGHT["ink"],
                    },
                    "encoding": {**place, "text": {"field": "text", "type": "nominal"}},
                }
                for weight in ("normal", "bold")
                if any(label["weight"] == weight for label in labels)
            ),
        ],
    }  # fmt: skip
    return Chart(spec, alt=alt, caption=caption)


def signed(value: float) -> str:
    """Write a difference to two digits, with a sign only where one is left after rounding."""
    return f"{value:+.2f}" if round(value, 2) else "0.00"


def _aspect(table: pd.DataFrame) -> float:
    """Give height over width of the map, degrees of longitude being shorter away from the equator."""
    from shapely.geometry import shape

    bounds = np.array([shape(outline).bounds for outline in table["outline"]])
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    wide = (east - west) * math.cos(math.radians((south + north) / 2))
    return float(np.clip((north - south) / max(wide, 1e-9), 0.4, 1.4))
