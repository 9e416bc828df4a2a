"""Publishers of event data, boundaries and place names, one module each."""

from __future__ import annotations

import importlib

from afterstrike.errors import UsageError
from afterstrike.sources.publishers._publisher import Delivery, Publisher, Request, Tell

__all__ = ["PUBLISHERS", "Delivery", "Publisher", "Request", "Tell", "publisher"]

PUBLISHERS: dict[str, tuple[str, str]] = {
    "acled": ("_acled", "ACLED"),
    "airwars": ("_airwars", "AIRWARS"),
    "boundaries": ("_places", "BOUNDARIES"),
    "feed": ("_any", "FEED"),
    "gdelt": ("_gdelt", "GDELT"),
    "ged": ("_ged", "GED"),
    "ged-candidate": ("_ged", "CANDIDATE"),
    "geonames": ("_places", "GEONAMES"),
    "url": ("_any", "URL"),
}
"""Name of each publisher, with its module and its name there."""


def publisher(name: str) -> Publisher:
    """Give the publisher of a name.

    Raises
    ------
    UsageError
        There is none of that name.

    Examples
    --------
    >>> publisher("geonames").licence
    'CC BY 4.0'
    """
    if name not in PUBLISHERS:
        raise UsageError(f"publisher {name!r} is not known; allowed: {', '.join(PUBLISHERS)}")
    module, attribute = PUBLISHERS[name]
    found: Publisher = getattr(importlib.import_module(f"{__name__}.{module}"), attribute)
    return found
