"""One row of a user's file to one place, whatever the columns are called."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from afterstrike.reading.gazetteer._cache import Place
from afterstrike.reading.gazetteer._names import is_code, plain
from afterstrike.reading.gazetteer._shipped import country_by_iso2, country_of, division_name, division_of

__all__ = ["columns_of", "place_from_geonames", "place_from_row", "places_from_json"]

# A longer "name" is a sentence about a place.
_LONGEST_NAME = 60
_PRECISION_OF_FEATURE = {
    **dict.fromkeys(("adm1", "governorate", "province", "province_governorate", "state", "region"), 4),
    **dict.fromkeys(("adm2", "adm3", "adm4", "district", "subdistrict", "nahiya", "qada"), 3),
    **dict.fromkeys(("area", "desert", "mountains", "river", "valley", "lake", "plain"), 5),
    **dict.fromkeys(
        ("neighbourhood_area", "neighbourhood", "neighborhood", "nearby_landmark", "street", "camp"), 2
    ),
    **dict.fromkeys(
        ("military", "military_base", "prison", "airbase", "air_base", "base", "airfield", "barracks"), 4
    ),
}
_SITES = frozenset(
    {"military", "military_base", "prison", "airbase", "air_base", "base", "airfield", "barracks"}
)
# GeoNames feature codes of military sites and prisons.
_SITE_CODES = frozenset({"PRN", "MILB", "INSM", "AIRB", "NVB", "AIRF", "CMPMIL", "MILC", "FT", "GARR"})
_POINT_CODES = frozenset({"HLL", "MT", "PK", "TEL", "SPUR", "PASS", "OAS", "SPNG", "WLL", "RUIN"})


@cache
def _meanings() -> dict[str, str]:
    table = resources.files(__package__).joinpath("data", "user_columns.csv").read_text(encoding="utf-8")
    return {
        column: row["meaning"]
        for row in csv.DictReader(table.splitlines())
        for column in row["columns"].split("|")
    }


def _meaning(column: str) -> str | None:
    return _meanings().get(re.sub(r"[\s-]+", "_", column.strip().strip("\ufeff").casefold()))


def columns_of(header: Sequence[str]) -> dict[str, list[int]]:
    """Say where in a header the columns of each meaning stand."""
    found: dict[str, list[int]] = {}
    for i, column in enumerate(header):
        if meaning := _meaning(column):
            found.setdefault(meaning, []).append(i)
    if "name" not in found and "name_other" in found:
        found["name"] = found["name_other"]
    return found


def place_from_row(
    columns: Mapping[str, list[int]], row: Sequence[str], gazetteer: str, number: int
) -> Place | None:
    """Make a place of one table row; None where it has no name."""
    values = {
        meaning: [row[i].strip() for i in where if i < len(row) and row[i].strip()]
        for meaning, where in columns.items()
    }
    return _place(values, gazetteer, str(number), None)


def places_from_json(tree: Any, gazetteer: str) -> Iterator[Place]:
    """Give every place of a JSON tree: any object with a name, at any depth."""
    counter = 0
    stack: list[tuple[Any, str | None, str | None]] = [(tree, None, None)]
    while stack:
        node, adm0, level = stack.pop()
        if isinstance(node, list):
            stack += [(item, adm0, level) for item in reversed(node)]
        elif isinstance(node, dict):
            counter += 1
            values = _values(node)
            adm0 = _country(values, node) or adm0
            feature = values.get("feature") or [f for f in (_level_of(node, level),) if f]
            place = _place({**values, "feature": feature}, gazetteer, str(counter), adm0)
            if place is not None:
                yield place
            inner = [
                (k, v) for k, v in node.items() if isinstance(v, list) and k not in ("aliases", "sourceIds")
            ]
            stack += [(v, adm0, k) for k, v in reversed(inner)]


_LEVEL_OF_LIST = {
    "provinces": "adm1",
    "governorates": "adm1",
    "districts": "adm2",
    "subdistricts": "adm3",
    "villages": "village",
}


def _level_of(node: Mapping[str, Any], of_list: str | None) -> str | None:
    """Tell the level of a division from the parents it names, else from the list it stands in."""
    keys = {key.casefold() for key in node}
    if "districtid" in keys:
        return "adm3"
    if "governorateid" in keys or "provinceid" in keys:
        return "adm2"
    if keys & {"iso31662", "iso_3166_2", "iso3166_2"}:
        return "adm1"
    return _LEVEL_OF_LIST.get((of_list or "").casefold())


def _values(node: Mapping[str, Any]) -> dict[str, list[str]]:
    """Flatten the fields of one object by meaning."""
    values: dict[str, list[str]] = {}
    fields = dict(node)
    if isinstance(node.get("properties"), dict):
        fields.update(node["properties"])
    geometry = node.get("geometry")
    if (
        isinstance(geometry, dict)
        and geometry.get("type") == "Point"
        and len(geometry.get("coordinates", ())) >= 2
    ):
        fields["lon"], fields["lat"] = geometry["coordinates"][:2]
    for inner in ("centroid", "coordinates", "location", "position", "center", "centre"):
        if isinstance(node.get(inner), dict):
            fields.update({k: v for k, v in node[inner].items() if _meaning(k) in ("lat", "lon")})
    for column, value in fields.items():
        meaning = _meaning(column)
        if meaning is None or value is None:
            continue
        if isinstance(value, dict):
            texts = [str(v) for v in value.values() if isinstance(v, str | int | float)]
        elif isinstance(value, list):
            texts = [
                str(v.get("value") or v.get("name") or "") if isinstance(v, dict) else str(v) for v in value
            ]
        else:
            texts = [str(value)]
        values.setdefault(meaning, []).extend(t.strip() for t in texts if t.strip())
    return values


def _country(values: Mapping[str, list[str]], node: Mapping[str, Any]) -> str | None:
    for text in values.get("adm0", ()):
        cleaned = re.sub(r"\s*\(.*\)", "", text)
        code = country_of(cleaned) or (country_by_iso2(cleaned) if len(cleaned) == 2 else None)
        if code:
            return code
    for key in ("iso31662", "iso_3166_2", "iso3166_2"):
        if isinstance(node.get(key), str):
            return country_by_iso2(node[key][:2])
    return None


def _place(values: Mapping[str, list[str]], gazetteer: str, number: str, adm0: str | None) -> Place | None:
    names = [
        n for n in (*values.get("name", ()), *values.get("name_other", ()), *_aliases(values)) if _is_name(n)
    ]
    if not names:
        return None
    adm0 = _country(values, {}) or adm0
    adm1 = next(iter(values.get("adm1", ())), None)
    division = division_of(adm0, re.sub(r"^[a-z]{2}-(?=[a-z])", "", adm1)) if adm0 and adm1 else None
    feature = plain(next(iter(values.get("feature", ())), "")).replace(" ", "_") or "place"
    lat, lon = _degrees(values.get("lat"), 90.0), _degrees(values.get("lon"), 180.0)
    if feature in _SITES:
        # A site is never placed finer than its division, whatever the file says.
        lat, lon = (division[2], division[3]) if division else (None, None)
    return Place(
        name=names[0],
        names=tuple(dict.fromkeys(names[1:])),
        lat=lat if lon is not None else None,
        lon=lon if lat is not None else None,
        adm0=adm0,
        adm1=division[1] if division else adm1 if "-" not in (adm1 or "") else None,
        adm1_code=division[0] if division else None,
        population=_whole(values.get("population")),
        feature=feature,
        geo_precision=_precision(values, feature),
        gazetteer=gazetteer,
        gazetteer_id=next(iter(values.get("id", ())), number),
        timezone=next(iter(values.get("timezone", ())), None),
    )


def _precision(values: Mapping[str, list[str]], feature: str) -> int:
    stated = _whole(values.get("geo_precision"))
    if stated is not None and 1 <= stated <= 7:
        return max(stated, 4) if feature in _SITES else stated
    precision = _PRECISION_OF_FEATURE.get(feature, 1)
    spread = _number(values.get("spread_km"))
    if spread is not None and spread > 5:
        precision = max(precision, 2 if spread <= 25 else 3)
    return precision


def _aliases(values: Mapping[str, list[str]]) -> list[str]:
    found: list[str] = []
    for text in values.get("aliases", ()):
        found += re.split(r"[|;,،]", text)
    return [a.strip() for a in found]


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_NAME and bool(plain(text)) and not plain(text).replace(" ", "").isdigit()


def _number(texts: Sequence[str] | None) -> float | None:
    try:
        value = float(texts[0].replace(",", ".")) if texts else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _degrees(texts: Sequence[str] | None, limit: float) -> float | None:
    value = _number(texts)
    return value if value is not None and abs(value) <= limit else None


def _whole(texts: Sequence[str] | None) -> int | None:
    value = _number(texts)
    return int(value) if value is not None else None


def place_from_geonames(row: Sequence[str], gazetteer: str) -> Place | None:
    """Make a place of a row of a GeoNames dump; None for countries, sites without a division, odd rows."""
    if len(row) != 19 or not _is_name(row[1]):
        return None
    adm0 = country_by_iso2(row[8])
    code, feature_class = row[7], row[6]
    feature, precision = _geonames_feature(feature_class, code)
    lat, lon = _degrees([row[4]], 90.0), _degrees([row[5]], 180.0)
    if not feature or lat is None or lon is None:
        return None
    adm1 = division_name(adm0 or "", row[10])
    if feature == "military":
        division = division_of(adm0 or "", adm1) if adm1 else None
        if division is None:
            return None
        lat, lon = division[2], division[3]
    return Place(
        name=row[1],
        names=tuple(n for n in (row[2], *row[3].split(",")) if _is_name(n) and not is_code(n)),
        lat=lat,
        lon=lon,
        adm0=adm0,
        adm1=adm1,
        adm1_code=row[10] or None,
        population=int(row[14]) if row[14].isdigit() and row[14] != "0" else None,
        feature=feature,
        geo_precision=precision,
        gazetteer=gazetteer,
        gazetteer_id=row[0],
        timezone=row[17] or None,
    )


def _geonames_feature(feature_class: str, code: str) -> tuple[str, int]:
    if code in _SITE_CODES:
        return "military", 4
    if feature_class == "P":
        return "city", 2 if code == "PPLX" else 1
    if feature_class == "A":
        level = {"ADM1": ("adm1", 4), "ADM2": ("adm2", 3), "ADM3": ("adm3", 3), "ADM4": ("adm4", 3)}
        return level.get(code, ("", 0))
    if code in _POINT_CODES or feature_class in "SR":
        return "landmark", 2
    return "area", 5
