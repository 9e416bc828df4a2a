"""States and provinces whose names tell one town from the better known one abroad: "Paris, Missouri"."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Protocol

from afterstrike.reading._claim import PlaceMention
from afterstrike.reading._country import plain
from afterstrike.reading._mask_words import key_of, sort_of
from afterstrike.reading._vocabulary import phrase_pattern

if TYPE_CHECKING:
    from afterstrike.reading.gazetteer import PlaceQuery, Resolution

__all__ = [
    "Division",
    "PlaceResolver",
    "divisions_in",
    "find_states",
    "following_division",
    "towns_with_states",
]


class PlaceResolver(Protocol):
    """Anything that answers a place query; the gazetteer does."""

    def resolve(self, query: PlaceQuery | str) -> Resolution:
        """Resolve one place name."""
        ...


@dataclass(frozen=True)
class Division:
    """A state or province, and where its name stands."""

    start: int
    end: int
    name: str
    adm0: str
    code: str  # as the gazetteer's first-order divisions are coded
    lat: float | None = None  # the middle of its towns
    lon: float | None = None


_Row = tuple[str, str, str, float, float]


@cache
def _table() -> tuple[re.Pattern[str], re.Pattern[str], dict[str, _Row]]:
    known: dict[str, _Row] = {}
    alone: list[str] = []
    short: list[str] = []
    rows = files("afterstrike.reading").joinpath("divisions.csv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(rows):
        for name in filter(None, (row["name"], *row["alias"].split("|"))):
            known[name] = (row["name"], row["adm0"], row["code"], float(row["lat"]), float(row["lon"]))
        if row["alone"]:
            alone.append(row["name"])
        short += [alias for alias in row["alias"].split("|") if alias.endswith(".")]
    # a list ("Paris, Washington and London") is no town and its state
    behind = re.compile(rf",\s+(?P<name>{phrase_pattern(known)})(?=\W|$)(?!\s*(?:and|or|,\s+and)\b)")
    # what is shortened needs a word that locates it or a party before it: "in Ky.", "D-N.J."
    named = re.compile(
        rf"\b{phrase_pattern(alone)}\b|"
        rf"(?:(?<=\bin )|(?<=\bfrom )|(?<=\bof )|(?<=\bthe )|(?<=\b[A-Z]-)){phrase_pattern(short)}(?=\W|$)"
    )
    return behind, named, known


def following_division(simple: str, at: int) -> Division | None:
    """Give the state named right behind a place.

    Examples
    --------
    >>> found = following_division("in Paris, Missouri, on Friday", 8)
    >>> found.name, found.adm0
    ('Missouri', 'USA')
    """
    behind, _, known = _table()
    match = behind.match(simple, at)
    if not match:
        return None
    return Division(match.start("name"), match.end("name"), *known[" ".join(match["name"].split())])


def divisions_in(simple: str) -> list[Division]:
    """Find the states that are named, other than those whose name a country or a city has too."""
    _, alone, known = _table()
    return [
        Division(m.start(), m.end(), *known[" ".join(m.group().split())])
        for m in alone.finditer(simple)
        if not _is_of_a_name(simple, m.end())
    ]


_NEXT_NAME = re.compile(r"\s+([A-Z][a-z]+)")
# "Ohio State" is a university, "Texas Street" a street
_OTHER_THINGS = frozenset(
    {
        "State",
        "Tech",
        "University",
        "College",
        "Street",
        "Avenue",
        "Road",
        "Drive",
        "Lane",
        "Boulevard",
        "Hotel",
    }
)


def _is_of_a_name(simple: str, at: int) -> bool:
    """Say whether a state's name goes on as another one: "Virginia Woolf"; "Texas Senate" is of Texas."""
    following = _NEXT_NAME.match(simple, at)
    if following is None:
        return False
    word = following[1]
    return word in _OTHER_THINGS or sort_of(key_of(word)) not in ("head", "common", "cut", "title")


_LOCATES = re.compile(r"\b(?:in|near|at|of|from|outside|to|around)\s+$")
_TOWN = re.compile(r"(?<![\w'-])[^\W\d_a-z][\w'-]+(?: [^\W\d_a-z][\w'-]+){0,2}(?=,\s)")


def towns_with_states(text: str, gazetteer: PlaceResolver) -> dict[str, PlaceMention]:
    """Give the towns that a text names with their state at least once, by the name as written.

    A town that its state does not have here stays without a point: none of that name abroad stands for it.
    """
    simple = plain(text)
    towns: dict[str, PlaceMention] = {}
    for match in _TOWN.finditer(simple):
        state = following_division(simple, match.end())
        if state is None:
            continue
        written = match.group()
        answer = _town_of(written, state.adm0, state.code, gazetteer)
        if answer.lat is None and not _LOCATES.search(simple[max(0, match.start() - 12) : match.start()]):
            continue  # "Also, Missouri ..."
        towns.setdefault(written, answer)
        if written.isupper():
            towns.setdefault(written.title(), answer)  # of a dateline
    return towns


def find_states(
    text: str, start: int, simple: str, taken: bytearray, towns: Mapping[str, PlaceMention]
) -> list[PlaceMention]:
    """Find states and the given towns in a span; what is found is marked in `taken`."""
    found: list[PlaceMention] = []

    def take(a: int, b: int, made: PlaceMention) -> None:
        if not any(taken[a:b]):
            taken[a:b] = b"\x01" * (b - a)
            found.append(replace(made, text=text[start + a : start + b], start=start + a, end=start + b))

    for name, answer in towns.items():
        for match in re.finditer(rf"(?<![\w'-]){re.escape(name)}(?![\w-])", simple):
            take(match.start(), match.end(), answer)
            state = following_division(simple, match.end())
            if state:
                take(state.start, state.end, _state(state))
    for state in divisions_in(simple):
        take(state.start, state.end, _state(state))
    return found


def _state(division: Division) -> PlaceMention:
    return PlaceMention(
        "", 0, 0, division.name, division.lat, division.lon, 4, division.adm0, division.name, "afterstrike-divisions",
        f"{division.adm0}.{division.code}",
    )  # fmt: skip


def _town_of(name: str, adm0: str, code: str, gazetteer: PlaceResolver) -> PlaceMention:
    """Give the town of that name in a state; without a point where it is not known there."""
    from afterstrike.reading.gazetteer import PlaceQuery

    answer = gazetteer.resolve(PlaceQuery(name, adm0=adm0))
    for one in answer.candidates:
        if one.adm1_code == code and one.name.casefold() == name.casefold():
            return PlaceMention(
                name, 0, 0, one.name, one.lat, one.lon, one.geo_precision, one.adm0, one.adm1, one.gazetteer,
                one.gazetteer_id,
            )  # fmt: skip
    return PlaceMention(name, 0, 0, None, adm0=adm0)
