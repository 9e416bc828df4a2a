"""Weighs the places of each name of a text by the people in them and by what else the text names around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, radians
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afterstrike.reading.gazetteer._cache import Hit

__all__ = ["Evidence", "is_same", "weigh"]

_ROUNDS = 3
_HILL = 0.35  # a place ten times as large is twice as likely to be meant
_SMALLEST = 300  # people of a place whose number is not known
_ALIAS, _STATE, _COUNTY = 0.5, 0.45, 0.5  # less than the size of such a place says
_CAPITAL = 1.5
_BASE = 0.03  # the weight of a place that nothing else speaks for, where one name beside it is 1
_BESIDE = 0.6  # of a name in the next cell of about 100 km, where one in the same is 1
_IN_STATE, _IN_COUNTRY = 0.8, 0.07
_ENOUGH = 3.0  # more names of one state or country say no more
_IN_DIVISION_SAID = 40.0  # "Paris, Missouri"
_SAME_DEGREES = 0.6


@dataclass(frozen=True)
class Evidence:
    """What a text says of its names, beside the names themselves."""

    said: Mapping[str, float]  # how far the words around a name make it a place, from 0 to 1
    pairs: Mapping[str, set[str]]  # the names that stand behind a name and a comma
    capitals: Mapping[str, str]  # capitals named, with their countries
    countries: Mapping[str, float]  # countries named, by how often
    states: Mapping[tuple[str, str], float]  # states named (country, code), by how often


def weigh(
    found: Mapping[str, Sequence[Hit]], evidence: Evidence
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Give for the places of each name their weights, which add up to 1, and how much stands around each.

    Parameters
    ----------
    found : mapping
        The places of each name.
    evidence : Evidence
        What else the text says.
    """
    priors = {
        name: _shares([_size(h) * _spoken_for(name, h, found, evidence) for h in places])
        for name, places in found.items()
    }
    weights, supports = priors, priors
    for _ in range(_ROUNDS):
        masses = _Masses()
        own = {}  # a name does not speak for itself, nor its namesakes for each other
        for name, places in found.items():
            own[name] = _Masses()
            for weight, hit in zip(weights[name], places, strict=True):
                masses.add(hit, weight * evidence.said[name])
                own[name].add(hit, weight * evidence.said[name])
        supports = {
            name: [masses.around(hit, own[name], evidence) for hit in places]
            for name, places in found.items()
        }
        weights = {
            name: _shares([p * (_BASE + s) for p, s in zip(priors[name], supports[name], strict=True)])
            for name in found
        }
    return weights, supports


def is_same(a: Hit, b: Hit) -> bool:
    """Say whether two rows are one place for our purpose: a town and its district, two rows of a town."""
    if a is b:
        return True
    apart = abs((a.lat or 0.0) - (b.lat or 0.0)) + abs((a.lon or 0.0) - (b.lon or 0.0))
    return a.adm0 == b.adm0 and apart < _SAME_DEGREES


def _size(hit: Hit) -> float:
    size = float(max(hit.population or 0, _SMALLEST) ** _HILL)
    if hit.feature.startswith("adm"):
        size *= _STATE if hit.feature == "adm1" else _COUNTY
    return size if hit.is_primary else size * _ALIAS


def _spoken_for(name: str, hit: Hit, found: Mapping[str, Sequence[Hit]], evidence: Evidence) -> float:
    """Weigh a division named behind the name, which decides between its namesakes, and a capital."""
    for larger in evidence.pairs.get(name, ()):
        for other in found.get(larger, ()):
            if other.feature.startswith("adm") and _state(other) == _state(hit):
                return _IN_DIVISION_SAID
    return _CAPITAL if evidence.capitals.get(name) == hit.adm0 else 1.0


def _shares(weights: list[float]) -> list[float]:
    total = sum(weights) or 1.0
    return [weight / total for weight in weights]


def _state(hit: Hit) -> tuple[str, str]:
    return hit.adm0 or "", hit.adm1_code or ""


# cells of about 100 km; one width for ten degrees of latitude, so that cells stand below each other
_WIDTHS = [max(0.1, cos(radians(abs(lat)))) for lat in range(-90, 91, 10)]


def _cell(hit: Hit) -> tuple[int, int]:
    lat = hit.lat or 0.0
    return round(lat), round((hit.lon or 0.0) * _WIDTHS[round(lat / 10) + 9])


@dataclass
class _Masses:
    """How much of what a text names lies in each cell of the map, each state and each country."""

    cells: dict[tuple[int, int], float] = field(default_factory=dict)
    states: dict[tuple[str, str], float] = field(default_factory=dict)
    lands: dict[str, float] = field(default_factory=dict)
    blocks: dict[tuple[int, int], float] = field(default_factory=dict)  # a cell with those beside it

    def add(self, hit: Hit, mass: float) -> None:
        """Add a place; a state lies in no cell."""
        if mass < 0.01:
            return
        if hit.feature != "adm1":
            cell = _cell(hit)
            self.cells[cell] = self.cells.get(cell, 0.0) + mass
        state = _state(hit)
        self.states[state] = self.states.get(state, 0.0) + mass
        self.lands[state[0]] = self.lands.get(state[0], 0.0) + mass

    def around(self, hit: Hit, own: _Masses, evidence: Evidence) -> float:
        """Give what stands around a place, without what its own name brought."""
        state = _state(hit)
        near = 0.0
        if hit.feature != "adm1":
            cell = _cell(hit)
            near = max(0.0, self._block(cell) - own._block(cell))
        in_state = evidence.states.get(state, 0.0) + self.states.get(state, 0.0) - own.states.get(state, 0.0)
        in_land = (
            evidence.countries.get(state[0], 0.0)
            + self.lands.get(state[0], 0.0)
            - own.lands.get(state[0], 0.0)
        )
        return (
            near
            + _IN_STATE * max(0.0, min(_ENOUGH, in_state))
            + _IN_COUNTRY * max(0.0, min(_ENOUGH, in_land))
        )

    def _block(self, cell: tuple[int, int]) -> float:
        found = self.blocks.get(cell)
        if found is None:
            lat, lon = cell
            get = self.cells.get
            beside = (
                get((lat - 1, lon - 1), 0.0) + get((lat - 1, lon), 0.0) + get((lat - 1, lon + 1), 0.0)
                + get((lat, lon - 1), 0.0) + get((lat, lon + 1), 0.0)
                + get((lat + 1, lon - 1), 0.0) + get((lat + 1, lon), 0.0) + get((lat + 1, lon + 1), 0.0)
            )  # fmt: skip
            found = self.blocks[cell] = get(cell, 0.0) + _BESIDE * beside
        return found
