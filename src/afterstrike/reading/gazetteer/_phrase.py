"""What stands around a place name: distances, directions, "near", "countryside", a larger place named too.

A phrase is taken apart without knowing any place: `9 km south-east of Hajin, Deir ez-Zor governorate` has the
name `Hajin`, a floor for the precision (an offset of 9 km is no exact place) and a larger place around it.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from afterstrike.reading.gazetteer._names import ARABIC, plain

__all__ = ["Phrase", "WordKind", "parse", "tidy"]

WordKind = Literal["settlement", "division", "district", "part", "rural", "area", "line", "sensitive"]
# The finest precision that is left when such a word stands with the name.
_FLOORS: dict[WordKind, int] = {
    "settlement": 1,
    "division": 4,
    "district": 3,
    "part": 2,
    "rural": 2,
    "area": 2,
    "line": 5,
    "sensitive": 4,
}


@dataclass(frozen=True)
class Phrase:
    """A place phrase taken apart."""

    names: tuple[str, ...]  # the place itself: other names of it, or each of the places
    relation: Literal["one", "between", "and"] = "one"
    within: tuple[str, ...] = ()  # larger places named with it, nearest first
    floor: int = 1  # the finest geo_precision the words allow
    kinds: frozenset[WordKind] = frozenset()
    notes: tuple[str, ...] = ()
    steps: tuple[Phrase, ...] = ()  # the phrase as it was before each word came off, the longest first


_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_COMPASS = (
    r"(?:north|south|east|west|northeast|northwest|southeast|southwest|centre|center)(?:ern)?"
    r"(?:[\s-]*(?:north|south|east|west)(?:ern)?)?"
)
_AR_COMPASS = r"(?:شمال|جنوب|شرق|غرب)ي?(?:\s+(?:شرق|غرب|شمال|جنوب)ي?)?"
_OFFSET = re.compile(
    r"^(?:(?:about|approximately|approx\.?|some|around|roughly|nearly|~|حوالي|نحو)\s*)?"
    r"(?P<n>\d+(?:[.,]\d+)?)\s*-?\s*"
    r"(?P<unit>km|kms|kilomet(?:er|re)s?|miles?|mi|m|met(?:er|re)s?|كم|كيلومترا?|كيلو متر)\.?\s+"
    rf"(?:(?:to\s+the\s+|الى\s+|إلى\s+)?(?:{_COMPASS}|[NSEW]{{1,3}}|{_AR_COMPASS})\s*)?"
    r"(?:of|from|outside|away\s+from|من|عن)?\s*(?P<rest>.+)$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"^(?:road\s+)?between\s+(?P<a>.+?)\s+and\s+(?P<b>.+)$|^(?:بين)\s+(?P<c>.+?)\s+و\s?(?P<d>.+)$",
    re.IGNORECASE,
)
_ROAD = re.compile(
    r"^(?P<a>.+?)\s*(?:[–—]|\s-\s|\sto\s)\s*(?P<b>.+?)\s+(?:road|highway|motorway|route)$", re.IGNORECASE
)
_SEVERAL = re.compile(
    r"^(?:(?:several|multiple|various|different|many|some|other)\s+(?:[\w-]+\s+){0,2}?(?:in|of|across|around|within)\s+"
    r"|(?:عدة\s+)?(?:بلدات|مناطق|قرى|احياء|أحياء|مدن|مواقع)\s+(?:متعددة|عدة|مختلفة|عديدة)?\s*(?:في|من)\s+)",
    re.IGNORECASE,
)
_QUANTIFIER = re.compile(
    rf"^(?:the|a|several|multiple|various|different|many|some|other|two|three|four|five|central|of|in|{_COMPASS})$"
)
_LEADS: tuple[tuple[re.Pattern[str], int, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), floor, note)
    for pattern, floor, note in (
        (
            r"^(?:just\s+)?(?:near(?:by)?(?:\s+to)?|close\s+to|around|outside(?:\s+of)?|off|next\s+to|opposite)\s+",
            2,
            "'near' a place",
        ),
        (
            r"^(?:in\s+|on\s+)?(?:the\s+)?(?:vicinity|outskirts|surroundings|suburbs|edge|environs|periphery)\s+of\s+",
            2,
            "around a place",
        ),
        (r"^(?:بالقرب\s+من|قرب|محيط|أطراف|اطراف|بجوار|قرب\s+من)\s+", 2, "'near' a place"),
        (rf"^(?:to\s+the\s+|in\s+the\s+|the\s+)?{_COMPASS}\s+of\s+", 2, "a direction from a place"),
        (rf"^{_AR_COMPASS}\s+", 2, "a direction from a place or a side of it"),
        (rf"^(?:the\s+)?{_COMPASS}\s+(?=\S)", 2, "a side of a place"),
        (r"^(?:in|at|inside|within|downtown|central)\s+", 1, ""),
        (r"^(?:في|داخل|وسط)\s+", 1, ""),
        (r"^the\s+", 1, ""),
    )
)
_AR_SIDE = re.compile(
    r"\s+(?:ال)?(?:شمالي|جنوبي|شرقي|غربي|اوسط|أوسط)(?:ة|ه)?(?:\s+ال(?:شرقي|غربي)(?:ة|ه)?)?$"
)
_AR_WITHIN = re.compile(
    r"\s+(?:ب|في\s+)(?=(?:ريف|محافظة|محافظه|مدينة|ناحية|منطقة|بلدة|بادية)\s)|\s*[،؛:–—]\s*|\s+-\s+"
)
_COMMA = re.compile(r"\s*[,;،؛]\s*|\s+[–—-]\s+|:\s+")
_PARENTHESIS = re.compile(r"\s*[(\[]\s*([^()\[\]]*?)\s*[)\]]\s*")
_AND = re.compile(r"\s+and\s+|\s+&\s+|\s+و\s+|\s+و(?=ال)", re.IGNORECASE)
_IN = re.compile(r"\s+(?:in|at|of)\s+(?:the\s+)?", re.IGNORECASE)


@cache
def _words() -> tuple[dict[str, WordKind], int]:
    table = resources.files(__package__).joinpath("data", "phrase_words.csv").read_text(encoding="utf-8")
    found: dict[str, WordKind] = {}
    for row in csv.DictReader(table.splitlines()):
        for word in row["words"].split("|"):
            found[plain(word)] = row["kind"]  # type: ignore[assignment]
    return found, max(len(word.split()) for word in found)


def tidy(text: str) -> str:
    """Drop invisible marks and surplus white space; the letters stay as they are."""
    return " ".join(_INVISIBLE.sub("", text).split()).strip(' .,;،؛:-–—"“”')


@lru_cache(maxsize=65536)
def parse(text: str) -> Phrase:
    """Take a place phrase apart.

    Examples
    --------
    >>> phrase = parse("9 km south-east of Hajin, Deir ez-Zor governorate")
    >>> phrase.names, phrase.within, phrase.floor
    (('Hajin',), ('Deir ez-Zor governorate',), 2)
    """
    text = tidy(text)
    if match := _BETWEEN.match(text):
        first, second = (match["a"], match["b"]) if match["a"] else (match["c"], match["d"])
        head, *larger = _parts(second) or (tidy(second),)
        return Phrase((tidy(first), head), "between", tuple(larger), 2, notes=("between two places",))
    if match := _ROAD.match(text):
        return Phrase(
            (tidy(match["a"]), tidy(match["b"])), "between", (), 5, notes=("a road between two places",)
        )
    aside = tuple(tidy(a) for a in _PARENTHESIS.findall(text) if tidy(a))
    parts = _parts(_PARENTHESIS.sub(" ", text))
    if not parts:
        parts, aside = aside[:1], aside[1:]
    if not parts:
        return Phrase((text,) if text else ())
    phrase = _lead(parts[0])
    within = (*phrase.within, *parts[1:], *aside)
    name = phrase.names[0] if phrase.names else ""
    if "/" in name:
        return replace(phrase, names=tuple(filter(None, map(tidy, name.split("/")))), within=within)
    both = _AND.split(name)
    if len(both) == 2 and all(both):
        return replace(
            phrase, names=(both[0], both[1]), relation="and", within=within, floor=max(phrase.floor, 2)
        )
    return replace(phrase, within=within)


def _parts(text: str) -> tuple[str, ...]:
    pieces = [
        p
        for piece in _COMMA.split(text)
        for p in (_AR_WITHIN.split(piece) if ARABIC.search(piece) else [piece])
    ]
    return tuple(p for p in map(tidy, pieces) if p)


def _lead(text: str) -> Phrase:
    """Strip what stands before and after the name, again and again until nothing more comes off."""
    phrase = Phrase((text,))
    if (match := _SEVERAL.match(text)) and match.end() < len(text):
        phrase = Phrase(
            (tidy(text[match.end() :]),), floor=2, kinds=frozenset({"rural"}), notes=("several places of it",)
        )
    steps: list[Phrase] = []
    for _ in range(8):
        name = phrase.names[0]
        smaller = _offset(phrase, name) or _prefix(phrase, name) or _kind_word(phrase, name)
        if smaller is None:
            break
        steps.append(smaller)
        phrase = smaller
    return replace(phrase, steps=tuple(steps[:-1]))


def _offset(phrase: Phrase, name: str) -> Phrase | None:
    match = _OFFSET.match(name)
    if not match:
        return None
    unit = match["unit"].casefold()
    per = 1.609 if unit.startswith("mi") else 0.001 if unit == "m" or unit.startswith("met") else 1.0
    km = float(match["n"].replace(",", ".")) * per
    # UCDP's code 2 is "within about 25 km"; farther away the name only says which part of the country.
    floor = 2 if km <= 25 else 5
    note = f"{km:.0f} km from the place, which stands for it"
    return replace(
        phrase, names=(tidy(match["rest"]),), floor=max(phrase.floor, floor), notes=(*phrase.notes, note)
    )


def _prefix(phrase: Phrase, name: str) -> Phrase | None:
    for pattern, floor, note in _LEADS:
        match = pattern.match(name)
        if match and match.end() < len(name):
            notes = (*phrase.notes, note) if note else phrase.notes
            return replace(
                phrase, names=(tidy(name[match.end() :]),), floor=max(phrase.floor, floor), notes=notes
            )
    return None


def _kind_word(phrase: Phrase, name: str) -> Phrase | None:
    """Take off one word that says what kind of place it is: "X city", "village of X", "مدينة X"."""
    table, longest = _words()
    tokens = name.split()
    for size in range(min(longest, len(tokens) - 1), 0, -1):
        head, tail = plain(" ".join(tokens[:size])), plain(" ".join(tokens[-size:]))
        if kind := table.get(head):
            rest = tokens[size:]
            if plain(rest[0]) in ("of", "in") and len(rest) > 1:
                rest = rest[1:]
            return _with_kind(phrase, " ".join(rest), kind, head)
        if (kind := table.get(tail)) and not ARABIC.search(tail):
            return _with_kind(phrase, " ".join(tokens[:-size]), kind, tail)
    if ARABIC.search(name) and "rural" in phrase.kinds and (match := _AR_SIDE.search(name)):
        return replace(phrase, names=(name[: match.start()],))
    return _inside(phrase, name, table)


def _inside(phrase: Phrase, name: str, table: dict[str, WordKind]) -> Phrase | None:
    """Take apart "X village in Y" and "eastern countryside of Y"."""
    match = _IN.search(name)
    if match is None or match.end() >= len(name):
        return None
    words = name[: match.start()].split()
    kinds = [table[plain(word)] for word in words if plain(word) in table]
    if not kinds:
        return None
    rest = tidy(name[match.end() :])
    own = [word for word in words if plain(word) not in table and not _QUANTIFIER.match(plain(word))]
    if own:
        smaller = _with_kind(phrase, " ".join(own), kinds[-1], plain(" ".join(words)))
        return replace(smaller, within=(*smaller.within, rest))
    smaller = _with_kind(phrase, rest, kinds[-1], plain(" ".join(words)))
    # "villages south of Y" are not Y.
    return replace(smaller, floor=max(2, smaller.floor))


def _with_kind(phrase: Phrase, name: str, kind: WordKind, word: str) -> Phrase:
    name = re.sub(r"['’]s?$", "", tidy(name)) if kind in ("rural", "area") else tidy(name)
    note = () if kind == "settlement" else (f"'{word}'",)
    return replace(
        phrase,
        names=(name,),
        floor=max(phrase.floor, _FLOORS[kind]),
        kinds=phrase.kinds | {kind},
        notes=(*phrase.notes, *note),
    )
