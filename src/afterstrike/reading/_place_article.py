"""What the names of a text mean, by everything else that the text names.

"Dublin" beside Columbus, Hilliard and Franklin County is the one in Ohio. Each name has a weight for each of its
namesakes, at first by their people alone; then a namesake gains by what else the text names near it, in its
state and in its country, and the others lose. No country is treated apart from another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterstrike.reading._country import CountryWord, country_words, plain
from afterstrike.reading._mask_words import key_of, sort_of
from afterstrike.reading._place_names import IN, SIDE, SPEAKS, TITLE_BEFORE, is_located, patterns, pieces
from afterstrike.reading._place_weigh import Evidence, is_same, weigh

if TYPE_CHECKING:
    from afterstrike.reading.gazetteer._cache import Hit

__all__ = ["Article", "Sense", "forms_of", "read_article"]

_MOST_NAMESAKES = 30
_LOCAL_SUPPORT, _LOCAL_SHARE = 0.5, 0.3
# "Georgia": the country gives way to a namesake that so much stands around, if nothing else of it is named
_NO_COUNTRY = 1.5
_LIST_OF_COUNTIES = re.compile(
    r"((?:[A-Z][\w'-]+(?: [A-Z][\w'-]+)?, )*[A-Z][\w'-]+(?: [A-Z][\w'-]+)?,? and [A-Z][\w'-]+(?: [A-Z][\w'-]+)?) "
    r"(?P<kind>counties|districts|provinces|states|governorates)\b"
)
_SINGULAR = {
    "counties": "County", "districts": "District", "provinces": "Province", "states": "State",
    "governorates": "Governorate",
}  # fmt: skip
# a street is named after a town anywhere
_STREETS = frozenset(
    {"Street", "St", "Avenue", "Ave", "Road", "Rd", "Drive", "Lane", "Boulevard", "Highway", "Way"}
)
_KINDS = (" City", " Town", " Village", " Township")
_SPLIT = re.compile(r",? and |, ")
_ABBREVIATED = {"St.": "Saint", "Mt.": "Mount", "Ft.": "Fort", "Pt.": "Point", "Ste.": "Sainte"}
_COMMA = re.compile(r",\s+(?:in\s+)?")


@dataclass(frozen=True, slots=True)
class Sense:
    """A place that a name means in a text."""

    hit: Hit
    support: float  # by how many other names of the text, about, it stands
    share: float  # of the weight of all places of that name, from 0 to 1

    @property
    def is_local(self) -> bool:
        """Say whether what else the text names leaves little doubt that this place is meant."""
        return self.support >= _LOCAL_SUPPORT and self.share >= _LOCAL_SHARE


@dataclass(frozen=True)
class Article:
    """The meaning of each name of a text, and the names in it that are of people."""

    senses: Mapping[str, Sense]
    people: frozenset[str] = frozenset()
    no_countries: frozenset[str] = frozenset()  # names of countries that mean a state or a town here


EMPTY = Article({})


def forms_of(words: str) -> list[tuple[int, str]]:
    """Give what of a run of capitalised words may be a place's name, each with where in the run it begins.

    That is the run, what an institution is named after, and the town of a member of parliament.

    Examples
    --------
    >>> forms_of("Gainesville Library"), forms_of("Bel Ami"), forms_of("R-Oakland")
    ([(0, 'Gainesville Library'), (0, 'Gainesville')], [(0, 'Bel Ami')], [(0, 'R-Oakland'), (2, 'Oakland')])
    """
    found = [(0, words)]
    parts = words.split()
    found += [
        (0, " ".join(parts[:n]))
        for n in range(len(parts) - 1, 0, -1)
        if sort_of(key_of(parts[n])) in ("head", "common", "cut", "title") and parts[n] not in _STREETS
    ]
    first, dash, _ = parts[0].partition("-")
    if dash and len(first) <= 3 and first.isupper():
        found.append((len(first) + 1, words[len(first) + 1 :]))
    elif dash:
        found.append((0, first))
    return found


def spelled(name: str) -> str:
    """Give a name with what is shortened in it written out: "St. Paul" is Saint Paul."""
    first, _, rest = name.partition(" ")
    return f"{_ABBREVIATED[first]} {rest}" if first in _ABBREVIATED else name


def read_article(text: str, gazetteer: object, states: Iterable[tuple[str, str]] = ()) -> Article:
    """Weigh what the names of a text mean.

    Parameters
    ----------
    text : str
        The text.
    gazetteer : object
        What knows places; one that cannot give all namesakes (`Gazetteer.namesakes`) leaves every name open.
    states : iterable of (str, str)
        Country and code of states the text names by names that need no gazetteer.

    Examples
    --------
    >>> from afterstrike.reading.gazetteer import default_gazetteer
    >>> article = read_article("From Dublin to Hilliard and Westerville, north of Columbus.", default_gazetteer())
    >>> article.senses["Dublin"].hit.adm1_code
    'OH'
    """
    namesakes = getattr(gazetteer, "namesakes", None)
    if namesakes is None:
        return EMPTY
    countries = country_words(text)
    said, people, pairs, halves = _names(plain(text), countries)
    doubtful = {
        w.text: w.adm0 for w in countries if w.sort == "name" and len(w.text) > 3 and " " not in w.text
    }
    for name in doubtful:
        said.setdefault(name, 0.0)
    hits: dict[str, list[Hit]] = namesakes({n for name in said for n in (name, spelled(name))})
    found: dict[str, list[Hit]] = {}
    for name in said:
        rows = hits.get(name, [])
        if (whole := spelled(name)) != name:
            rows = [*rows, *hits.get(whole, ())]
        # a user's GeoNames file has the shipped rows again, under the same numbers; the user's come first
        once: dict[tuple[str, int], Hit] = {}
        for hit in rows:
            if _is_meant(name, hit):
                once.setdefault((hit.gazetteer_id, round(hit.lat or 0.0)), hit)
        # half of a known name is no name: "Port-au-Prince" speaks for no place called Port
        if once and not any(hits.get(whole) for whole in halves.get(name, ())):
            found[name] = sorted(once.values(), key=lambda h: -(h.population or 0))[:_MOST_NAMESAKES]
    named: Counter[str] = Counter()
    for word in countries:
        named[word.adm0] += {"name": 1.0, "demonym": 0.5, "capital": 0.0}[word.sort]  # type: ignore[assignment]
    capitals = {word.text: word.adm0 for word in countries if word.sort == "capital"}
    evidence = Evidence(said, pairs, capitals, named, Counter(states))
    weights, supports = weigh(found, evidence)
    senses = {}
    for name, places in found.items():
        best = max(range(len(places)), key=lambda i: weights[name][i])
        near = sum(w for w, h in zip(weights[name], places, strict=True) if is_same(h, places[best]))
        senses[name] = Sense(places[best], supports[name][best], near)
    is_none = _no_countries(doubtful, senses, named, {w.adm0 for w in countries if w.sort != "name"})
    for name in doubtful.keys() - is_none:
        senses.pop(name, None)
    return Article(senses, people, is_none)


def _no_countries(
    doubtful: Mapping[str, str], senses: Mapping[str, Sense], named: Mapping[str, float], beside: set[str]
) -> frozenset[str]:
    """Give the names of countries that mean a namesake: much stands around it, and no other country is named."""
    found = set()
    for name, adm0 in doubtful.items():
        sense = senses.get(name)
        if sense is None or sense.support < _NO_COUNTRY or adm0 in beside or sense.hit.adm0 == adm0:
            continue
        if not {code for code, count in named.items() if count} - {adm0, sense.hit.adm0}:
            found.add(name)
    return frozenset(found)


def _names(
    simple: str, countries: list[CountryWord]
) -> tuple[dict[str, float], frozenset[str], dict[str, set[str]], dict[str, set[str]]]:
    """Give the names that may be of places, each with how far the words around it say so, and those of people.

    Beside them: the names that stand behind a name and a comma, and the names that a name is the first half of.
    """
    by_start = {word.start: word for word in countries}
    known = patterns()
    names: dict[str, float] = {}
    people: set[str] = set()
    pairs: dict[str, set[str]] = {}
    halves: dict[str, set[str]] = {}
    runs: set[str] = set()
    last: tuple[int, str] | None = None
    for match in known.name.finditer(simple):
        for a, b in pieces(simple, match, by_start):
            words = simple[a:b]
            if b - a < 3 or (words.isupper() and len(words) <= 4):
                continue
            before = simple[max(0, a - 40) : a]
            parts = words.split()
            sort = sort_of(key_of(parts[0]))
            is_in = IN.search(before) is not None
            if (TITLE_BEFORE.search(before) or SPEAKS.match(simple[b : b + 30])) and not is_in:
                people.add(parts[-1])
                continue
            if len(parts) > 1 and sort in ("given", "weak") and not is_in:
                people.update(part for part in parts[1:] if sort_of(key_of(part)) == "name")
            said = 1.0 if is_located(simple, a, b) else 0.3
            side = SIDE.search(before)
            if side:  # "East Lansing"; else a side of a town
                names[side.group() + words] = max(names.get(side.group() + words, 0.0), said)
            if sort in ("common", "cut", "title", "given") and len(parts) == 1:
                said = 0.5 if is_in else 0.0
            if last and _COMMA.fullmatch(simple, last[0], a):
                pairs.setdefault(last[1], set()).add(words)
                said = 1.0
            for _, form in forms_of(words):
                names[form] = max(names.get(form, 0.0), said)
                said = min(said, 0.5)
                if words.startswith(form + "-"):
                    halves.setdefault(form, set()).add(words)
            runs.add(words)
            last = (b, words)
    for match in _LIST_OF_COUNTIES.finditer(simple):
        for name in _SPLIT.split(match[1]):
            names[f"{name} {_SINGULAR[match['kind']]}"] = 1.0
    for name in names:
        # a name and the same with "City" behind it are one, and do not speak for each other
        if name in people or (name.endswith(_KINDS) and name.rsplit(" ", 1)[0] in names):
            names[name] = 0.0
    return names, frozenset(people), pairs, {half: halves[half] for half in halves.keys() - runs}


def _is_meant(name: str, hit: Hit) -> bool:
    """Say whether a row can be meant by a name alone: it has a point, and the spelling is no code or number."""
    if hit.lat is None or hit.lon is None or hit.adm0 is None:
        return False
    if hit.feature in ("landmark", "military", "area"):
        return False  # hills, farms and churches bear the names of people and of everything else
    return hit.is_primary or len(name) > 3
