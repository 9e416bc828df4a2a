"""Places: from a name as a report writes it to a point with a precision, or to an honest "not resolved"."""

from __future__ import annotations

from afterstrike.reading.gazetteer._answer import PlaceQuery, Resolution
from afterstrike.reading.gazetteer._gazetteer import Gazetteer, default_gazetteer, timezone_of
from afterstrike.reading.gazetteer._rank import Candidate

__all__ = ["Candidate", "Gazetteer", "PlaceQuery", "Resolution", "default_gazetteer", "timezone_of"]
