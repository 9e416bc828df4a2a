"""Finds places named in a text and asks the gazetteer where they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from afterstrike.reading._claim import PlaceMention
from afterstrike.reading._country import (
    CountryWord,
    country_words,
    government_of,
    lends_its_name,
    plain,
    role,
)
from afterstrike.reading._division import PlaceResolver, find_states, towns_with_states
from afterstrike.reading._place_answer import ask, is_well_known, largest
from afterstrike.reading._place_article import Article, Sense, read_article
from afterstrike.reading._place_meant import by_article, of_sense
from afterstrike.reading._place_names import FAMILY, IN, OWNS, SPEAKS, TITLE_BEFORE, patterns, pieces
from afterstrike.reading._vocabulary import vocabulary

if TYPE_CHECKING:
    from afterstrike.reading.gazetteer import Resolution

__all__ = ["PlaceResolver", "acting_countries", "find_places"]


_CAMP = re.compile(r"\b(?:displacement|refugee|detention|internment|IDP)\s+(?=camp|prison|cent)", re.I)


_CAPITAL_LEFT = re.compile(r"(?<![.!?:\"] )(?<!^)\b(?!The|In|At|From|Near)[A-Z][a-z]+ $")
_CAPITAL_RIGHT = re.compile(r" [A-Z][a-z]+")
_DIVISIONS = {
    "oblast": 4,
    "province": 4,
    "governorate": 4,
    "prefecture": 4,
    "region": 4,
    "state": 4,
    "district": 3,
    "subdistrict": 3,
    "county": 3,
}


_OFFSET = re.compile(
    r"(?:about\s+|around\s+|some\s+|roughly\s+)?\d[\d.,]*\s*-?(?:km|kms|kilomet(?:er|re)s?|miles?|mi|m|met(?:er|re)s?)\s*(?:\(\d[^)]{0,20}\)\s*)?"
    r"(?:(?:to\s+the\s+)?(?:north|south|east|west|north-?east|north-?west|south-?east|south-?west)\w*\s+)?(?:of|from|outside)\s+(?:the\s+)?(?:[a-z]+\s+of\s+)?$",
    re.I,
)
_NEAR = re.compile(
    r"\b(?:near|close\s+to|outside|around|outskirts\s+of|vicinity\s+of)\s+(?:the\s+)?(?:[a-z]+\s+of\s+)?$",
    re.I,
)
_OF_A_NAME = re.compile(r"\b(?!North|South|East|West|Republic|Kingdom)[A-Z][a-z]+\s+of\s+$")
_STREET = re.compile(
    r"\b(?:Street|St|Avenue|Road|Boulevard|Square|Roundabout|Lane|Highway|Hospital|School|University|Mosque|Church|"
    r"Hotel|Market|Stadium|Tower|Towers|Building|Bank|Museum|Clinic|College|Court|Palace|Embassy)$"
)
_NUMBERED = re.compile(
    r"(?:Route|Highway|Interstate|Gate|Building|Room|Grade|Chapter|Section|Article|Level|Flight|Page)\b"
)
_NEXT_IN = re.compile(r",\s+(?:in\s+)?(?:(?:north|south|east|west|central)\w*\s+)?")


def find_places(
    text: str,
    start: int = 0,
    end: int | None = None,
    *,
    context: tuple[str, ...] = (),
    skip: Iterable[tuple[int, int]] = (),
    gazetteer: PlaceResolver | None = None,
    people: frozenset[str] = frozenset(),
    towns: Mapping[str, PlaceMention] | None = None,
    states: frozenset[tuple[str, str]] = frozenset(),
    article: Article | None = None,
) -> list[PlaceMention]:
    """Find the places named in a span.

    Parameters
    ----------
    text : str
        The whole text; offsets point into it.
    start, end : int
        The span to look in; the whole text when left out.
    context : tuple of str
        Countries the article is about (see `context_countries`); names are looked up there first.
    skip : iterable of (int, int)
        Spans that are something else, such as actors.
    gazetteer : PlaceResolver, optional
        What resolves names; the default gazetteer when left out.
    people : frozenset of str
        Last names of people (see `person_names`); alone they are no places.
    towns : mapping, optional
        Towns that the text names with their state ("Paris, Missouri"; see `towns_with_states`); found in the
        text when left out.
    states : frozenset of (str, str)
        Country and code of the states the text names (see `states_named`); of several towns of a name the one
        in such a state is meant.
    article : Article, optional
        What the names of the whole text mean (see `read_article`); weighed from the text when left out.

    Returns
    -------
    list of PlaceMention
        A country has a code and no point. A name that words mark as a place ("near X", "X camp") and the
        gazetteer does not know stays, unresolved.

    Examples
    --------
    >>> [(p.text, p.adm0) for p in find_places("A raid near Kismayo in Somalia.", context=("SOM",))]
    [('Kismayo', 'SOM'), ('Somalia', 'SOM')]
    """
    if gazetteer is None:
        from afterstrike.reading.gazetteer import default_gazetteer

        gazetteer = default_gazetteer()
    stop = len(text) if end is None else end
    simple = plain(text[start:stop])
    taken = bytearray(len(simple))
    for a, b in skip:
        a, b = max(0, a - start), min(len(simple), b - start)
        taken[a:b] = b"\x01" * max(0, b - a)
    found: list[PlaceMention] = []
    if towns is None:
        towns = towns_with_states(text, gazetteer)
    if article is None:
        article = read_article(text, gazetteer, (pair for pair in states))
    countries = [w for w in country_words(text, start, stop) if w.text not in article.no_countries]
    by_start = {word.start - start: word for word in countries}
    found += find_states(text, start, simple, taken, towns)
    for match in patterns().name.finditer(simple):
        for a, b in pieces(simple, match, by_start):
            if b - a < 3 or any(taken[a:b]):
                continue
            if simple[a:b] in people and not IN.search(simple[max(0, a - 12) : a]):
                continue
            mention = _judge(simple, a, b, context, gazetteer, by_start, states)
            mention = by_article(simple, a, b, mention, article, context, by_start)
            if mention is None:
                continue
            if any(taken[mention.start : mention.end]):
                continue
            taken[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
            found.append(_shift(mention, text, start))
    for word in countries:
        a, b = word.start - start, word.end - start
        if word.sort == "capital" and (
            _CAPITAL_LEFT.search(simple[max(0, a - 30) : a]) or _CAPITAL_RIGHT.match(simple, b)
        ):
            continue  # part of another name
        if not any(taken[a:b]) and role(text, word) == "place":
            found.append(_country(word, gazetteer, article))
            taken[a:b] = b"\x01" * (b - a)
    return sorted(found, key=lambda mention: mention.start)


def _shift(mention: PlaceMention, text: str, start: int) -> PlaceMention:
    a, b = start + mention.start, start + mention.end
    return PlaceMention(
        text[a:b], a, b, mention.name, mention.lat, mention.lon, mention.geo_precision, mention.adm0,
        mention.adm1, mention.gazetteer, mention.gazetteer_id,
    )  # fmt: skip


def _country(word: CountryWord, gazetteer: PlaceResolver, article: Article | None) -> PlaceMention:
    if word.sort == "capital":
        meant = article.senses.get(word.text) if article else None
        if meant and meant.is_local and meant.hit.adm0 != word.adm0:
            return replace(of_sense(word.start, word.end, meant), text=word.text)
        answer = ask(word.text, (word.adm0,), gazetteer)
        if answer is not None:
            return _mention(word.start, word.end, answer, word.text)
        hit = largest(word.text, word.adm0, gazetteer)  # a state or another town has its name: "Washington"
        if hit is not None:
            return replace(of_sense(word.start, word.end, Sense(hit, 0.0, 1.0)), text=word.text)
    name = word.text if word.sort == "name" else government_of(word.adm0).removeprefix("Government of ")
    return PlaceMention(word.text, word.start, word.end, name, geo_precision=6, adm0=word.adm0)


def acting_countries(
    text: str,
    start: int,
    end: int,
    gazetteer: PlaceResolver,
    places: Iterable[PlaceMention],
    article: Article | None = None,
) -> list[PlaceMention]:
    """Give the countries of a span that act ("Moscow denied") or lend their adjective ("Russian"), no places of it.

    They are places on a map all the same; claims and events do not take them for where something happened.
    """
    taken = [(p.start, p.end) for p in places]
    found = []
    for word in country_words(text, start, end):
        if not (role(text, word) == "actor" or lends_its_name(text, word)):
            continue
        if article and word.text in article.no_countries:
            continue
        if not any(a < word.end and word.start < b for a, b in taken):
            found.append(_country(word, gazetteer, article))
    return found


def _judge(
    simple: str,
    a: int,
    b: int,
    context: tuple[str, ...],
    gazetteer: PlaceResolver,
    by_start: dict[int, CountryWord],
    states: frozenset[tuple[str, str]],
) -> PlaceMention | None:
    """Decide whether a capitalised phrase is a place, from the words around it and the gazetteer."""
    known = patterns()
    before = simple[max(0, a - 60) : a]
    name = simple[a:b]
    is_in = IN.search(before) is not None
    if (
        FAMILY.match(simple, b)
        or TITLE_BEFORE.search(before)
        or (SPEAKS.match(simple[b : b + 30]) and not is_in)
    ):
        return None
    if name.isupper() and len(name) <= 4:
        return None  # an acronym
    is_demonym = a in by_start and by_start[a].sort == "demonym"
    feature = known.feature.match(simple, b)
    is_strong = bool(feature and known.strong.fullmatch(feature["feature"]))
    whole = simple[a : feature.end()] if feature else name
    if is_demonym and len(name.split()) == 1 and not is_strong:
        return None
    is_number = re.search(r"\d$", name) is not None and not _NUMBERED.match(name)
    is_located = bool(known.before.search(before) or known.feature_of.search(before))
    if is_located and _OF_A_NAME.search(before) and not known.feature_of.search(before):
        is_located = False  # "A Brief History of Time": the name of a work, a house, an office
    first = name.split()[0]
    has_prefix = "-" in first[:4] or first in vocabulary().places["prefixes"]
    where = _following_country(simple, feature.end() if feature else b, by_start) or context
    offset = _OFFSET.search(before)
    is_near = bool(_NEAR.search(before))
    answer = None
    lead = offset.group() if offset else "near " if is_near else ""
    for words, asked in dict.fromkeys([(whole, whole), (whole, _CAMP.sub("", whole)), (name, name)]):
        # "Conoco gas field" is not the town of that name in another country
        is_open = (is_located and not is_strong) or (is_strong and words == whole)
        if _STREET.search(words):
            continue  # a street's or a hospital's name is not the town of that name
        answer = ask(lead + asked, where, gazetteer, is_open=is_open, states=states)
        if answer is not None:
            b = a + len(words)
            break
    begin = a - len(offset.group()) if offset else a
    if answer is not None:
        # a small place needs a word that locates it: most such names are surnames and common words too
        owns = OWNS.match(simple, b) is not None
        if not (
            is_located or is_strong or offset or owns or (answer.adm0 in where and is_well_known(answer))
        ):
            return None
        if is_demonym and not is_strong:
            return None
        found = _mention(begin, b, answer, simple[a:b])
        floor = _DIVISIONS.get(feature["feature"].lower(), 1) if feature else 1
        if b == a + len(name) and floor > (found.geo_precision or 1):
            # the division of that name is not known here; its town stands for it, and is no exact place
            return replace(found, end=feature.end() if feature else b, geo_precision=floor)
        return found
    marked = is_strong or offset or known.feature_of.search(before) or (is_near and len(name) > 3)
    marked = marked or (is_located and (has_prefix or is_number))
    if not marked or is_demonym:
        return None
    return PlaceMention("", begin, a + len(whole) if is_strong else b, geo_precision=None)


def _following_country(simple: str, at: int, by_start: dict[int, CountryWord]) -> tuple[str, ...]:
    match = _NEXT_IN.match(simple, at)
    word = by_start.get(match.end()) if match else None
    return (word.adm0,) if word and word.sort == "name" else ()


def _mention(a: int, b: int, answer: Resolution, text: str) -> PlaceMention:
    return PlaceMention(
        text, a, b, answer.name, answer.lat, answer.lon, answer.geo_precision, answer.adm0, answer.adm1,
        answer.gazetteer, answer.gazetteer_id,
    )  # fmt: skip
