"""What is asked of the gazetteer and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from afterstrike.reading.gazetteer._rank import Candidate

__all__ = ["PlaceQuery", "Resolution", "unresolved"]


@dataclass(frozen=True)
class PlaceQuery:
    """A place name and what is known beside it.

    `adm0` is an ISO alpha-3 code or a country's name, `adm1` the name of a first-order division, `near` a
    point (latitude, longitude) in degrees that the place is thought to be close to.
    """

    name: str
    adm0: str | None = None
    adm1: str | None = None
    near: tuple[float, float] | None = None


@dataclass(frozen=True)
class Resolution:
    """The answer to one query. Unresolved: `name`, `lat` and `lon` are None and `reason` says why.

    A country is an answer without a point: `name` and `adm0` are set, `geo_precision` is 6.
    """

    query: PlaceQuery
    name: str | None
    lat: float | None
    lon: float | None
    geo_precision: int | None
    adm0: str | None
    adm1: str | None
    gazetteer: str | None
    gazetteer_id: str | None
    candidates: tuple[Candidate, ...]
    reason: str

    @property
    def is_resolved(self) -> bool:
        """Say whether the answer is a point."""
        return self.lat is not None


def unresolved(query: PlaceQuery, candidates: tuple[Candidate, ...], reason: str) -> Resolution:
    """Give the answer that says there is none, and why."""
    return Resolution(query, None, None, None, None, None, None, None, None, candidates, reason)
