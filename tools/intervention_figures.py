"""Figures of the page of stochastic interventions: a map of contrasts and a curve by lag."""

from __future__ import annotations

from typing import Any

import numpy as np

from afterstrike.charts import Chart
from afterstrike.charts._chart import base_spec, facet_by
from afterstrike.charts._palette import LIGHT
from intervention_words import joint

_MINUS = {"labelExpr": "replace(datum.label, '−', '-')"}


def curve_figure(result: Any) -> Chart:
    """Draw differences per additional expected strike on one day, by lag, one panel an area."""
    one, two = result.run.policies
    extra = float((two.expected - one.expected).mean())
    rows = []
    for area, part in result.to_frame().groupby("area", sort=False):
        for row in joint(part).to_dict("records"):
            names = ("estimate", "low", "high", "joint_low", "joint_high")
            rows.append(
                {"lag": int(row["lag"]), "area": area, **{n: round(row[n] / extra, 4) for n in names}}
            )
    x = {"field": "lag", "type": "quantitative", "title": "days after the strikes' day",
         "axis": {"grid": False, "values": [1, 7, 14, 21, 30]}}  # fmt: skip
    y = {"field": "estimate", "type": "quantitative", "title": "recorded attacks that day", "axis": _MINUS}

    def band(low: str, high: str, opacity: float) -> dict[str, Any]:
        ends = {"y": {**y, "field": low}, "y2": {"field": high}}
        return {
            "mark": {"type": "area", "color": LIGHT["attack"], "opacity": opacity},
            "encoding": {"x": x, **ends},
        }

    caption = (
        "Difference in recorded attacks per additional expected strike on one day, later strikes as "
        "observed. "
        "Line: estimate; dark band: 95%, each lag by itself; light band: all lags of the panel at once. "
        "Scales "
        "differ."
    )
    spec = base_spec(description=caption)
    spec["data"] = {"values": rows}
    spec["facet"] = facet_by("area", [row["area"] for row in rows])
    spec["columns"] = 2
    spec["resolve"] = {"scale": {"y": "independent"}}
    spec["spec"] = {
        "width": 270,
        "height": 150,
        "layer": [
            band("joint_low", "joint_high", 0.15),
            band("low", "high", 0.3),
            {
                "mark": {"type": "rule", "color": LIGHT["ink"], "strokeDash": [3, 3]},
                "encoding": {"y": {"datum": 0}},
            },
            {
                "mark": {"type": "line", "color": LIGHT["attack"], "strokeWidth": 2},
                "encoding": {"x": x, "y": y},
            },
        ],
    }
    return Chart(spec, alt=caption, caption=caption)


def map_figure(result: Any, rings_km: tuple[float, float], centre: Any, least: int) -> tuple[Chart, str]:
    """Draw each square's difference over its standard error; grey where attacks are too few."""
    run, table = result.run, result.to_frame().set_index("area")
    enough = run.totals.sum(axis=0) >= least
    kept = [area.name for area, many in zip(run.areas, enough, strict=True) if many]
    known = joint(table.loc[kept].reset_index()).set_index("area")
    cells, marks = [], []
    for area in run.areas:
        score = None
        if area.name in known.index:
            row = known.loc[area.name]
            score = round(float(row["estimate"] / row["std_error"]), 3)
            if row["joint_low"] > 0 or row["joint_high"] < 0:
                r, c = np.argwhere(area.mask).mean(axis=0).round().astype(int)
                space = run.propensity.space
                marks.append({"x": float(space.x_km[c]), "y": float(space.y_km[r])})
        cells += [{**strip, "score": score} for strip in _strips(run.propensity.space, area.mask)]
    single = int(((known["low"] > 0) | (known["high"] < 0)).sum())
    row = result.to_frame().iloc[0]
    above, below = int((known["estimate"] > 0).sum()), int((known["estimate"] < 0).sum())
    line = (
        f"{len(known)} of {len(run.areas)} squares have at least {least} recorded attacks: {above} lie above "
        f"zero, {below} below; {single} intervals leave out zero by themselves, {len(marks)} for all squares "
        f"at once. By chance alone {0.05 * len(known):.1f} would by themselves."
    )
    side_km = 8 * run.propensity.space.step_km[0]
    caption = (
        f"Difference in recorded attacks a day over its standard error, {row['policy_2']} rather than "
        f"{row['policy_1']} for {row['lag']} days, in squares of about {side_km:.0f} km. Grey: fewer than "
        f"{least} recorded attacks. Circles: {rings_km[0]:g} and {rings_km[1]:g} km from Baghdad. A black "
        f"dot "
        f"would mean that the interval for all squares at once leaves out zero: {len(marks)} squares."
    )
    return Chart(_map_spec(run, cells, marks, rings_km, centre, caption), alt=caption, caption=caption), line


def _strips(space: Any, mask: Any) -> list[dict[str, float]]:
    """Cut a mask into rectangles of whole pixels, in km."""
    wide, high = space.step_km
    found = []
    for r in np.flatnonzero(mask.any(axis=1)):
        columns = np.flatnonzero(mask[r])
        for run in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1):
            left, right = space.x_km[run[0]] - wide / 2, space.x_km[run[-1]] + wide / 2
            low = space.y_km[r] - high / 2
            ends = {"x": left, "x2": right, "y": low, "y2": low + high}
            strip = {name: round(float(value), 1) for name, value in ends.items()}
            last = found[-1] if found else {}
            if (last.get("x"), last.get("x2"), last.get("y2")) == (strip["x"], strip["x2"], strip["y"]):
                last["y2"] = strip["y2"]
            else:
                found.append(strip)
    return found


def _map_spec(run: Any, cells: Any, marks: Any, rings_km: Any, centre: Any, caption: str) -> dict[str, Any]:
    west, south, east, north = run.propensity.space.bounds
    x = {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [west, east], "nice": False}}
    y = {
        "field": "y",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [south, north], "nice": False},
    }
    outline = run.propensity.space.window.simplify(3).exterior.coords
    lines = [
        {"x": round(a, 1), "y": round(b, 1), "n": n, "line": "border"} for n, (a, b) in enumerate(outline)
    ]
    for km in rings_km:
        turn = np.linspace(0, 2 * np.pi, 73)
        ring = zip(centre[0][0] + km * np.cos(turn), centre[1][0] + km * np.sin(turn), strict=True)
        # A ring may leave the country; only what lies inside is drawn.
        lines += [
            {"x": round(float(a), 1), "y": round(float(b), 1), "n": n, "line": f"{km:g} km"}
            if run.propensity.space.in_window([a], [b])[0]
            else {"x": None, "y": None, "n": n, "line": f"{km:g} km"}
            for n, (a, b) in enumerate(ring)
        ]
    scale = {"domain": [-3, 0, 3], "range": [LIGHT[name] for name in ("source", "paper", "claim")]}
    colour = {
        "field": "score",
        "type": "quantitative",
        "title": "over its standard error",
        "scale": {**scale, "clamp": True},
        "legend": {"gradientLength": 120, "values": [-3, -2, -1, 0, 1, 2, 3], **_MINUS},
    }
    box = {"x": x, "y": y, "x2": {"field": "x2"}, "y2": {"field": "y2"}}
    place = {"x": float(centre[0][0]), "y": float(centre[1][0]), "name": "Baghdad"}
    path = {"type": "line", "color": LIGHT["muted"], "strokeWidth": 1, "invalid": "break-paths-show-domains"}
    grey = {"type": "rect", "color": LIGHT["grid"]}
    dot = {"type": "point", "filled": True, "color": LIGHT["ink"], "size": 30}
    order = {"order": {"field": "n"}, "detail": {"field": "line"}}
    known = [cell for cell in cells if cell["score"] is not None]
    bare = [cell for cell in cells if cell["score"] is None]
    spec = base_spec(description=caption)
    spec["width"], spec["height"] = 440, round(440 * (north - south) / (east - west))
    spec["layer"] = [
        {"data": {"values": bare}, "mark": grey, "encoding": box},
        {"data": {"values": known}, "mark": {"type": "rect"}, "encoding": {**box, "color": colour}},
        {"data": {"values": lines}, "mark": path, "encoding": {"x": x, "y": y, **order}},
        {"data": {"values": marks}, "mark": dot, "encoding": {"x": x, "y": y}},
        {
            "data": {"values": [place]},
            "mark": {"type": "text", "dy": -4},
            "encoding": {"x": x, "y": y, "text": {"field": "name"}},
        },
    ]
    return spec
