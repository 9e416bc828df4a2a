"""Measure how well place names are resolved, on the shared test data: prints Markdown tables.

Run `python tools/measure_gazetteer.py`. Reads ../shared/data in place. `--dev` shows the half of the
Airwars names that rules may be written on instead of the half that is reported; `--misses` lists names of
that half that are not resolved or are far off.

A place counts as a point where its geo_precision is 3 or finer: a town, near it, or its district. An answer
to a whole governorate (4) or a region (5) is counted apart, never as a point.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from afterstrike.reading.gazetteer import Gazetteer, PlaceQuery, Resolution, default_gazetteer
from afterstrike.reading.gazetteer._names import folded
from afterstrike.reading.gazetteer._rank import distance_km

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
CENTCOM = DATA / "oir_strike_releases_2014_2016" / "all-edited-refined.csv"
DUTCH = DATA / "gazetteer_iraq" / "derived_places_from_nl_mod_strikes.csv"
AIRWARS = DATA / "airwars_syria" / "incidents.parquet"
AIRWARS_PLACES = DATA / "text" / "airwars_gazetteer" / "places.jsonl.gz"
USERS = [
    *(DATA / "gazetteer_syria" / f"{level}.json" for level in ("governorates", "districts", "subdistricts")),
    *(DATA / "gazetteer_iraq" / name for name in ("cities_data.json", "cities_dr5hn_extract.csv")),
]
COLUMNS = {
    "en": "الموقع بالإنجليزية",
    "ar": "الموقع بالعربية",
    "adm1": "المنطقة — الأصل",
    "lat": "خط العرض",
    "lon": "خط الطول",
}


@dataclass(frozen=True)
class Known:
    """A row with a place name and, where the publisher gives one, a coordinate."""

    query: PlaceQuery
    lat: float | None = None
    lon: float | None = None


def is_dev(name: str) -> bool:
    """Split names in two halves by hash, the same on every machine."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 0


def km_off(row: Known, answer: Resolution) -> float | None:
    """Give the distance from the publisher's coordinate, None where one of the two is missing."""
    if row.lat is None or row.lon is None or answer.lat is None or answer.lon is None:
        return None
    return distance_km(row.lat, row.lon, answer.lat, answer.lon)


def centcom() -> list[Known]:
    """Read the rows of the US releases that name a place."""
    with CENTCOM.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["location"].strip()]
    return [Known(PlaceQuery(row["location"], adm0=row["country"] or None)) for row in rows]


def dutch_positions() -> dict[str, tuple[float, float]]:
    """Give the median Dutch strike position by folded place name, spellings and repeats taken together."""
    found: dict[str, list[tuple[float, float, int]]] = {}
    with DUTCH.open(encoding="utf-8", errors="replace", newline="") as file:
        for row in csv.DictReader(file):
            name = re.sub(r"(?i)^(in|downtown)\s+|\s+(city|area|village|junction)$", "", row["place"].strip())
            found.setdefault(folded(name), []).append(
                (float(row["lat_median"]), float(row["lon_median"]), int(row["n"]))
            )
    best = {name: max(rows, key=lambda r: r[2]) for name, rows in found.items()}
    return {name: (lat, lon) for name, (lat, lon, _) in best.items()}


def airwars(language: str, *, dev: bool) -> list[Known]:
    """Read the Airwars incidents of one half of the names, in one language."""
    import duckdb

    picked = ", ".join(f'"{c}"' for c in (COLUMNS[language], COLUMNS["adm1"], COLUMNS["lat"], COLUMNS["lon"]))
    with duckdb.connect() as con:
        rows = con.execute(f"SELECT {picked} FROM read_parquet(?)", [str(AIRWARS)]).fetchall()
    return [
        Known(PlaceQuery(name, adm0="SYR", adm1=adm1), lat, lon)
        for name, adm1, lat, lon in rows
        if name and name.strip() and is_dev(name.strip()) == dev
    ]


def measure(
    label: str, rows: Sequence[Known], gazetteer: Gazetteer, show: Callable[[Known, Resolution], None] | None
) -> str:
    """Give one row of the table."""
    answers = gazetteer.resolve_many([row.query for row in rows])
    if show:
        for row, answer in zip(rows, answers, strict=True):
            show(row, answer)
    pairs = list(zip(rows, answers, strict=True))
    points = [(row, answer) for row, answer in pairs if is_point(answer)]
    coarse = sum(a.geo_precision is not None and not is_point(a) for a in answers)
    names = {row.query.name for row in rows}
    named = {row.query.name for row, _ in points}
    away = [km for row, answer in points if (km := km_off(row, answer)) is not None]
    close = sum(km <= 25 for km in away)
    within = f"{close}/{len(away)} = {close / len(away):.1%}" if away else "-"
    middle = f"{median(away):.1f}" if away else "-"
    total = max(1, len(rows))
    return (
        f"| {label} | {len(rows):,} | {len(points):,} = {len(points) / total:.1%} "
        f"| {len(named)}/{len(names)} | {coarse:,} = {coarse / total:.1%} | {within} | {middle} |"
    )


def is_point(answer: Resolution) -> bool:
    """Say whether an answer is a town, near it, or its district."""
    return answer.is_resolved and (answer.geo_precision or 9) <= 3


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Measure the gazetteer on the shared test data.")
    parser.add_argument("--dev", action="store_true", help="use the half that rules may be written on")
    parser.add_argument(
        "--misses", type=int, default=0, metavar="N", help="list N names missed (dev half only)"
    )
    given = parser.parse_args()
    shipped, added = default_gazetteer(), default_gazetteer(USERS)
    everything = default_gazetteer([AIRWARS_PLACES, *USERS])
    print(
        "| rows | n | resolved to a point | names | division or region only | within 25 km | median km off |"
    )
    print("|---|---|---|---|---|---|---|")
    releases, positions = centcom(), dutch_positions()
    with_position = [
        Known(r.query, *positions[folded(r.query.name)])
        for r in releases
        if folded(r.query.name) in positions
    ]
    missed: Counter[str] = Counter()

    def note(row: Known, answer: Resolution) -> None:
        km = km_off(row, answer)
        if not is_point(answer) or (km is not None and km > 25):
            far = f"{km:.0f} km off: " if km is not None else ""
            missed[f"{row.query.name} [{row.query.adm1 or row.query.adm0}] {far}{answer.reason[:150]}"] += 1

    show = note if given.misses else None
    print(measure("CENTCOM, shipped", releases, shipped, show))
    print(measure("CENTCOM, shared gazetteers added", releases, added, None))
    print(measure("CENTCOM places the Dutch release names too, shipped", with_position, shipped, show))
    own = [r for r in with_position if shipped.resolve(r.query).gazetteer == "geonames"]
    print(measure("the same, GeoNames rows only", own, shipped, None))
    for language, words in (("en", "English"), ("ar", "Arabic")):
        rows = airwars(language, dev=given.dev)
        half = "dev half" if given.dev else "held-out half"
        print(measure(f"Airwars {words}, {half}, shipped", rows, shipped, show if given.dev else None))
        print(measure(f"Airwars {words}, {half}, Syria and Iraq gazetteers added", rows, added, None))
        print(measure(f"Airwars {words}, {half}, Airwars gazetteer added too", rows, everything, None))
    for text, count in missed.most_common(given.misses):
        print(f"- {count} x {text}")


if __name__ == "__main__":
    main()
