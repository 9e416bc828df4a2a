"""Finds actors in text and gives them one name each, from a table."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from afterstrike.reading._claim import ActorMention
from afterstrike.reading._country import country_words, government_of, plain, role

__all__ = ["ACTOR_KINDS", "Actor", "actor_kind", "canonical_actor", "find_actors"]

ACTOR_KINDS = ("state", "coalition", "insurgent", "militia", "media", "un", "ngo")

# What a state's adjective may stand before, when the two together mean the government.
_STATE_NOUN = re.compile(
    r"(?:'s)?(?:[- ]state)?\s+(?:(?:armed|security|air|military|special|ground|naval|defen[cs]e|interior|"
    r"foreign|central|federal|former|regular|operations|transitional|prime)\s+)*"
    r"(?:government|army|military|forces?|troops|regime|navy|ministry|ministries|authorities|officials?|officers?|"
    r"police|warplanes?|jets|fighter jets|aircraft|drones?|soldiers|parliament|administration|minister|"
    r"department|intelligence|commandos|marines|airstrikes?)(?!\w)",
    re.IGNORECASE,
)


# UCDP adds a former name in brackets
_FORMER = re.compile(
    r"Government of (?P<now>[^()]+?) "
    r"\((?!(?:North|South|East|West|Democratic Republic|People's Republic)\))[^()]+\)"
)


@dataclass(frozen=True)
class Actor:
    """One row of the actor table."""

    name: str
    kind: str
    adm0: str | None
    note: str | None


@dataclass(frozen=True)
class _Table:
    actors: dict[str, Actor]
    exact: dict[str, str]  # alias as written -> canonical name
    folded: dict[str, str]  # alias in lower case, for names long enough not to be a word or another acronym
    by_first: dict[str, tuple[tuple[str, str, re.Pattern[str]], ...]]


def _is_acronym(alias: str) -> bool:
    letters = [c for c in alias if c.isalpha()]
    return len(letters) <= 8 and sum(c.isupper() for c in letters) * 2 > len(letters)


@cache
def _table() -> _Table:
    actors: dict[str, Actor] = {}
    exact: dict[str, str] = {}
    folded: dict[str, str] = {}
    by_first: dict[str, list[tuple[str, str, re.Pattern[str]]]] = {}
    rows = files("afterstrike.reading").joinpath("actors.csv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(rows):
        name = row["canonical"]
        actors[name] = Actor(name, row["kind"], row["adm0"] or None, row["note"] or None)
        for alias in dict.fromkeys([name, *row["alias"].split("|")]):
            written = plain(alias)
            exact.setdefault(written, name)
            is_acronym = _is_acronym(written)
            if not is_acronym:
                folded.setdefault(written.casefold(), name)
            # An acronym matches only as written; a name also in capitals and in a headline's title case.
            flags = 0 if is_acronym else re.IGNORECASE
            pattern = re.compile(r"[\s]+".join(map(re.escape, written.split())) + r"(?![\w])", flags)
            first = re.match(r"\w+", written)
            if first:
                by_first.setdefault(first.group().casefold(), []).append((written, name, pattern))
    for entries in by_first.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return _Table(actors, exact, folded, {first: tuple(entries) for first, entries in by_first.items()})


def canonical_actor(name: str) -> str | None:
    """Give the one name under which an actor is kept, or None for a name the table does not know.

    Parameters
    ----------
    name : str
        A name as an article or a data set writes it. Acronyms must be in capitals ("IS", not "is").

    Returns
    -------
    str or None
        The canonical name. "Government of X" is given back for every country, as UCDP writes it but without a
        former name in brackets ("Government of X (Y)"). Callers that
        keep a publisher's own spelling write ``canonical_actor(name) or name``.

    Examples
    --------
    >>> canonical_actor("Daesh"), canonical_actor("Operation Inherent Resolve"), canonical_actor("nobody")
    ('IS', 'US-led coalition', None)
    >>> canonical_actor("Government of Turkey")
    'Government of Turkey'
    """
    written = " ".join(plain(name).split())
    written = re.sub(r"^[Tt]he ", "", written) if plain(name) not in _table().exact else written
    table = _table()
    known = table.exact.get(written) or table.folded.get(written.casefold())
    if known:
        return known
    if written.startswith("Government of "):
        return _without_former_name(written)
    words = country_words(written)
    if words and words[0].start == 0:
        rest = written[words[0].end :]
        if (not rest and words[0].sort == "name") or (rest and _STATE_NOUN.fullmatch(rest)):
            return government_of(words[0].adm0)
    return None


def _without_former_name(government: str) -> str:
    """Give a government by its country's present name: "Government of Myanmar (Burma)" is that of Myanmar.

    "Korea (North)" and "Congo (Democratic Republic)" keep the brackets: they tell two countries apart.
    """
    match = _FORMER.fullmatch(government)
    words = country_words(match["now"]) if match else []
    if match and words and words[0].sort == "name" and words[0].text == match["now"]:
        return government_of(words[0].adm0)
    return government


def actor_kind(name: str) -> str | None:
    """Give the kind of a canonical actor (one of ACTOR_KINDS), or None where it is not known.

    Examples
    --------
    >>> actor_kind("SOHR"), actor_kind("Government of Mali")
    ('ngo', 'state')
    """
    actor = _table().actors.get(name)
    if actor:
        return actor.kind
    return "state" if name.startswith("Government of ") else None


def find_actors(text: str, start: int = 0, end: int | None = None) -> list[ActorMention]:
    """Find the actors named in a span of a text, longest match first, whole words only.

    Parameters
    ----------
    text : str
        The whole text; offsets of the mentions point into it.
    start, end : int
        The span to look in; the whole text when left out.

    Returns
    -------
    list of ActorMention
        In text order, without overlaps. A country or capital is an actor where its role in the sentence
        says so (see `role`): "Damascus denied", not "in Damascus".

    Examples
    --------
    >>> [(m.text, m.name) for m in find_actors("CENTCOM said ISIS fled; Islam is a faith.")]
    [('CENTCOM', 'US Central Command'), ('ISIS', 'IS')]
    """
    stop = len(text) if end is None else end
    simple = plain(text[start:stop])
    spans: list[tuple[int, int, str]] = []
    by_first = _table().by_first
    reached = 0
    for word in re.finditer(r"\w+", simple):
        if word.start() < reached:
            continue
        for written, name, pattern in by_first.get(word.group().casefold(), ()):
            match = pattern.match(simple, word.start())
            # "Guardian" needs its capital; "coalition forces" does not
            if match and (not written[0].isupper() or match.group()[0].isupper()):
                spans.append((word.start(), match.end(), name))
                reached = match.end()
                break
    spans = _with_states(text, start, stop, spans)
    return [ActorMention(text[start + a : start + b], start + a, start + b, name) for a, b, name in spans]


def _with_states(
    text: str, start: int, stop: int, spans: list[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """Add governments named by a country's adjective and noun, or by a country or capital that acts."""
    simple = plain(text[start:stop])
    merged: list[tuple[int, int, str]] = []
    at = 0
    states: list[tuple[int, int, str]] = []
    for word in country_words(text, start, stop):
        a, b = word.start - start, word.end - start
        noun = _STATE_NOUN.match(simple, b)
        if noun and word.sort != "capital":
            states.append((a, noun.end(), government_of(word.adm0)))
        elif role(text, word) == "actor":
            states.append((a, b, government_of(word.adm0)))
    for span in states:
        while at < len(spans) and spans[at][0] < span[0]:
            merged.append(spans[at])
            at += 1
        inside_last = merged and span[0] < merged[-1][1]
        same_start = at < len(spans) and spans[at][0] < span[1] and spans[at][1] >= span[1]
        if inside_last or same_start:
            continue
        while at < len(spans) and spans[at][0] < span[1]:
            at += 1  # a shorter table name inside the longer government name
        merged.append(span)
    merged.extend(spans[at:])
    return merged
