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
_PAIR = re.compile(
    r"\b\d{2,3}\.\d{2,}\s*°?\s*[NS]?\s*[,;/ ]\s*\d{2,3}\.\d{2,}\s*°?\s*[EW]?\b"
    r"|\b\d{1,2}(?:\.\d+)?\s*°?\s*[NS]\b[\s,;/]*\d{1,3}(?:\.\d+)?\s*°?\s*[EW]\b"
)
_ONE_PLACE = re.compile(
    r"(?<![a-z])(prison|jail|facility|wing|block|tower|gate|barracks|annex|checkpoint|base|outpost|compound|cell)(?![a-z])",
    re.IGNORECASE,
)
_WHY = "worlds are zone-level, public and aggregate: no coordinates, sites, routes, guards or layouts"


def refuse_detail(data: dict[str, Any], faults: Faults) -> None:
    """Say where a file holds what a world may not: keys such as lat or guards, coordinates, single places.

    Words tell a single place only where its name says what it is: no list knows every name.
    """
    _walk(data, (), faults)
    for table in ("zones", "custody", "camps"):
        rows = data.get(table)
        for number, row in enumerate(rows if isinstance(rows, list) else ()):
            for key in ("id", "name"):
                said = row.get(key) if isinstance(row, dict) else None
                if isinstance(said, str) and (match := _ONE_PLACE.search(said)):
                    faults.say(
                        (table, number, key),
                        f"{match[0]!r} names a single place; a zone is a part of a country, a custody system all custody of "
                        f"one authority ({_WHY})",
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
