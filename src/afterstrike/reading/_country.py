"""Countries, the adjectives made from them, and capitals that stand for governments."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from afterstrike.reading._vocabulary import phrase_pattern, vocabulary

__all__ = ["CountryWord", "Sort", "country_words", "government_of", "lends_its_name", "plain", "role"]

Sort = Literal["name", "demonym", "capital"]

# One character for one character, so that offsets into the plain text are offsets into the text.
_PLAIN = str.maketrans(
    {
        "’": "'", "‘": "'", "ʼ": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2011": "-", "\u2010": "-", "\t": " ",
        "\r": " ", "\n": " ", "\u2028": " ", "\u2029": " ", "\x0b": " ", "\x0c": " ", "\x85": " ",
    }
)  # fmt: skip

# UCDP writes one government differently from the country's common name.
_UCDP_NAME = {"USA": "United States of America"}


@dataclass(frozen=True)
class CountryWord:
    """One place in the text where a country is named, as a noun, an adjective or by its capital."""

    start: int
    end: int
    text: str
    adm0: str
    sort: Sort


def plain(text: str) -> str:
    """Give the text with curly quotes, special spaces and line ends as plain ones, length unchanged."""
    return text.translate(_PLAIN)


@cache
def _countries() -> tuple[dict[str, tuple[tuple[str, Sort, str, re.Pattern[str]], ...]], dict[str, str]]:
    by_first: dict[str, list[tuple[str, Sort, str, re.Pattern[str]]]] = {}
    governments: dict[str, str] = {}
    table = files("afterstrike.reading").joinpath("countries.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(table.splitlines()):
        names = row["names"].split("|")
        governments[row["adm0"]] = "Government of " + _UCDP_NAME.get(row["adm0"], names[0])
        columns: tuple[tuple[str, Sort], ...] = (
            ("names", "name"),
            ("demonyms", "demonym"),
            ("capitals", "capital"),
        )
        for column, sort in columns:
            for word in filter(None, plain(row[column]).split("|")):
                pattern = re.compile(r"\s+".join(map(re.escape, word.split())) + r"(?!\w)")
                first = re.match(r"\w+", word)
                if first:
                    by_first.setdefault(first.group(), []).append((word, sort, row["adm0"], pattern))
    for entries in by_first.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return {first: tuple(entries) for first, entries in by_first.items()}, governments


def government_of(adm0: str) -> str:
    """Give the canonical name of a country's government, as UCDP writes it.

    Examples
    --------
    >>> government_of("SYR")
    'Government of Syria'
    """
    return _countries()[1].get(adm0, f"Government of {adm0}")


def country_words(text: str, start: int = 0, end: int | None = None) -> list[CountryWord]:
    """Find every country name, adjective and capital in a span, longest match first.

    Examples
    --------
    >>> [(w.text, w.adm0, w.sort) for w in country_words("Yemeni officials in Sanaa")]
    [('Yemeni', 'YEM', 'demonym'), ('Sanaa', 'YEM', 'capital')]
    """
    return list(_country_words(text, start, len(text) if end is None else end))


@lru_cache(maxsize=64)  # of one sentence its actors, places and speakers are asked for in turn
def _country_words(text: str, start: int, stop: int) -> tuple[CountryWord, ...]:
    simple = plain(text[start:stop])
    by_first, _ = _countries()
    found: list[CountryWord] = []
    reached = 0
    for word in re.finditer(r"[^\W\d_]+", simple):
        if word.start() < reached:
            continue
        for _name, sort, adm0, pattern in by_first.get(word.group(), ()):
            match = pattern.match(simple, word.start())
            if match:
                reached = match.end()
                a, b = start + match.start(), start + reached
                found.append(CountryWord(a, b, text[a:b], adm0, sort))
                break
        else:
            # "Russians", "Houthis": a people's plural ends in s
            stem = word.group()[:-1] if word.group().endswith("s") else ""
            for name, sort, adm0, _pattern in by_first.get(stem, ()):
                if sort == "demonym" and name == stem:
                    a, b = start + word.start(), start + word.end()
                    found.append(CountryWord(a, b, text[a:b], adm0, "demonym"))
                    break
    return tuple(found)


_WHERE = re.compile(
    r"(?:\b(?:in|at|near|over|inside|across|around|outside|into|from|to|towards?|throughout|of|within|via|through|"
    r"leaving|entering|reach(?:ed|ing)?|north|south|east|west|central|northern|southern|eastern|western|"
    r"north-?eastern|north-?western|south-?eastern|south-?western|north-?east|north-?west|south-?east|south-?west|"
    r"mainland|neighbou?ring|downtown)\s+(?:the\s+)?)$",
    re.IGNORECASE,
)
_ACTS = re.compile(
    r"\s+(?:(?:also|still|now|just|again|later|itself|alone|has|have|had|never|[a-z]+ly)\s+)*"
    r"(?:is|are|was|were|has|have|had|will|would|can|cannot|can't|could|may|might|must|should|does|do|did|"
    r"say|says|said|wants?|hopes?|fears?|claims?|denies|knows?|thinks?|backs?|strikes?|hits?|bombs?|hit|struck|"
    r"holds?|controls?|insists?|sees|seeks|plans|needs|accuses|blames|supports|maintains|believes|refuses|rejects|"
    r"began|sent|gave|took|made|put|paid|told|held|lost|kept|cut|met|fought|withdrew|chose|sought|led|built|broke|"
    r"found|went|saw|won|spoke|stood|thought|knew|[a-z]+ed|[a-z]+s\s+(?:that|to|it))\b",
)
_IN_A_NAME = re.compile(
    r"\b(?:New|Latin|Radio|Air|Bank\s+of|University\s+of|Little|United|Native|North|South|Central|African)\s+$"
)
_SPOKEN = re.compile(r"\b(?:speaks?|spoke|speaking|translated\s+into|fluent\s+in)\s+$")
_BETWEEN = re.compile(r"\b(?:between|with|by|against)\s+(?:[A-Z][\w-]*\s+and\s+)?$")
_ROAD = re.compile(
    r"\b(?:road|highway|distance|border|route|km|miles|kilomet\w+|flight\w*|train)\b[^.]{0,20}$"
)


def role(text: str, word: CountryWord) -> Literal["place", "actor", "modifier"]:
    """Say whether a country or capital is named as a place or stands for its government.

    A location word before it makes it a place ("in Washington"). A verb behind it ("Damascus denied"), a
    partner ("between Washington and Moscow"), and "US", "UK" without a location word make it an actor. Else
    a capital's possessive is an actor and everything that is left is a place; an adjective is neither.
    """
    if word.sort == "demonym":
        return "modifier"
    if _IN_A_NAME.search(text[max(0, word.start - 30) : word.start]):
        return "modifier"  # "New America", "Radio Damascus": part of another name
    before = plain(text[max(0, word.start - 40) : word.start])
    after = plain(text[word.end : word.end + 40])
    if re.match(r"-[a-z]|\$", after):
        return "modifier"  # "US-backed", "Turkey-based", "US$5"
    if _WHERE.search(before):
        # "the killing of US commanders": before people, letters that stand for a country are an adjective
        is_adjective = (
            _is_letters(word) and _people().match(after) and not re.search(r"\bthe\s+$", before, re.I)
        )
        return "modifier" if is_adjective else "place"
    if _BETWEEN.search(before) and not _ROAD.search(before):
        return "actor"
    if _ACTS.match(after):
        return "actor"
    if word.sort == "capital" and after.startswith("'s"):
        return "actor"
    return "actor" if _is_letters(word) else "place"


def lends_its_name(text: str, word: CountryWord) -> bool:
    """Say whether a word of a country says whose something is: "Russian", "US-backed", but not "Native American".

    Nor is it where the language is meant ("spoke French") or money ("US$5").
    """
    before = plain(text[max(0, word.start - 30) : word.start])
    is_other = _IN_A_NAME.search(before) or _SPOKEN.search(before) or text[word.end : word.end + 1] == "$"
    return role(text, word) == "modifier" and not is_other


def _is_letters(word: CountryWord) -> bool:
    """Say whether a country is named by its letters: "US", "U.K.", "UAE"."""
    return word.text.isupper() and len(word.text) <= 6


@cache
def _people() -> re.Pattern[str]:
    words = vocabulary()
    nouns = {*words.quantities["sorts_of_people"], *words.kinds["roles"]}
    return re.compile(rf"(?:\s+[a-z]+)?\s+{phrase_pattern(nouns)}(?!\w)")
