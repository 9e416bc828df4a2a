"""What a world may not hold: it is zone-level, public and aggregate."""

from __future__ import annotations

import re
from typing import Any

from ._parameters import parameters
from ._world_faults import Faults, Path_

__all__ = ["refuse_detail"]

_WORDS = frozenset(
    {"lat", "lats", "latitude", "lon", "lng", "long", "longitude", "coordinate", "coordinates", "coords", "geometry",
     "geojson", "mgrs", "site", "sites", "address", "route", "routes", "convoy", "guard", "guards", "guarding",
     "shift", "shifts", "layout", "layouts", "target", "facility", "facilities", "prison", "person", "names", "unit_name"}
)  # fmt: skip
_PAIR = re.compile(r"\b\d{2,3}\.\d{2,}\s*°?\s*[NS]?\s*[,;/ ]\s*\d{2,3}\.\d{2,}\s*°?\s*[EW]?\b")
_ONE_PLACE = re.compile(r"\b(prison|jail|facility|wing|block|tower|gate|barracks)\b", re.IGNORECASE)
_WHY = "worlds are zone-level, public and aggregate: no coordinates, sites, routes, guards or layouts"


def refuse_detail(data: dict[str, Any], faults: Faults) -> None:
    """Say where a file holds what a world may not: keys such as lat or guards, coordinates, one place of custody."""
    _walk(data, (), faults)
    custody = data.get("custody")
    for number, row in enumerate(custody if isinstance(custody, list) else ()):
        name = row.get("name") if isinstance(row, dict) else None
        if isinstance(name, str) and (match := _ONE_PLACE.search(name)):
            faults.say(
                ("custody", number, "name"),
                f"{match[0]!r} names a single place of custody; a system is all custody of one authority ({_WHY})",
            )


def _walk(value: Any, path: Path_, faults: Faults) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            parts = set(re.split(r"[^a-z]+", key.casefold()))
            bare = key.partition(".")[0]
            if parts & _WORDS and bare not in parameters():
                faults.say((*path, key), f"{key[:60]!r} is not taken: {_WHY}")
            _walk(inner, (*path, key), faults)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _walk(inner, (*path, number), faults)
    elif isinstance(value, str) and _PAIR.search(value):
        faults.say(path, f"this looks like coordinates: {_WHY}")
