"""Names in a text that may be places: runs of capitalised words, cut where no place goes on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from afterstrike.reading._country import CountryWord
from afterstrike.reading._mask_words import key_of, sort_of
from afterstrike.reading._vocabulary import phrase_pattern, vocabulary

__all__ = [
    "IN",
    "OWNS",
    "SIDE",
    "SPEAKS",
    "TITLE_BEFORE",
    "FAMILY",
    "Patterns",
    "is_located",
    "patterns",
    "pieces",
]


@dataclass(frozen=True)
class Patterns:
    """What the words around a name are held against."""

    name: re.Pattern[str]
    feature: re.Pattern[str]
    strong: re.Pattern[str]
    feature_of: re.Pattern[str]
    before: re.Pattern[str]


TITLE_BEFORE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Gen|General|Col|Colonel|Lt|Maj|Major|Capt|Captain|Sgt|President|Minister|Senator|Sheikh|King|"
    r"Prince|Secretary|Spokesman|Spokeswoman|Commander|Chairman|Judge|Imam|Ayatollah|Pope|named|called)\.?\s+$"
)
SPEAKS = re.compile(r"\s*,?\s+(?:said|says|told|added|wrote|tweeted|argued|explained|joked|recalled)\b")
FAMILY = re.compile(r"\s+(?:famil(?:y|ies)|household|clan)\b")  # a family's name is no place
IN = re.compile(r"\b(?:in|near|at|outside|inside|around)\s+$")

# what belongs to a town stands behind its name: "Taiz police", "Homs residents", "Gainesville City Council"
OWNS = re.compile(
    r"(?:'s)?\s+(?:(?:[Cc]ity|[Tt]own|[Pp]ublic|[Cc]entral|[Gg]eneral|[Ll]ocal|[Mm]ilitary|[Cc]ivil|[Cc]ounty|[Hh]igh|[Mm]iddle|"
    r"[Ee]lementary|[Vv]olunteer|[Rr]egional)\s+)*(?:[Pp]olice|[Ff]ire\s+[Dd]epartment|[Cc]ouncil|[Hh]all|[Mm]ayor|[Hh]ospital|"
    r"[Ss]chools?|[Rr]esidents?|[Mm]an|[Ww]oman|[Oo]fficials?|[Dd]efen[cs]e|[Gg]overnorate|[Cc]ourt|[Ll]ibrary|[Dd]istrict|"
    r"[Nn]ative|[Pp]rison|[Mm]arket|[Uu]niversity|[Ff]irefighters?|[Ff]amily|[Tt]eenager|[Aa]irport|[Ss]uburbs?)\b"
)


# the side of a town, or the first word of its name: "East Aleppo", "East Lansing"
SIDE = re.compile(r"\b(?:North|South|East|West|Upper|Lower|Central)\s$")
_DATELINE = re.compile(r"(?:,[^\n]{2,20}?)?\s*(?:\([A-Z][\w/. ]{1,12}\)\s*)?(?:--|—|–|-)\s")
_BASED = re.compile(r"-(?:based|area|born|bound)\b")


def is_located(simple: str, a: int, b: int) -> bool:
    """Say whether the words around a name make it a place: "near X", "X police", "X-based", a dateline."""
    before = simple[max(0, a - 60) : a]
    if patterns().before.search(before) or OWNS.match(simple, b) or _BASED.match(simple, b):
        return True
    # a dateline opens a text, a line or what follows a heading
    opens = not before.strip() or before.rstrip()[-1] in ".!?" or before[-1] == "\n"
    return simple[a:b].isupper() and opens and _DATELINE.match(simple, b) is not None


@cache
def patterns() -> Patterns:
    """Give the patterns, made once of the word lists."""
    words = vocabulary().places
    prefix = r"(?:[Aa][ltrnsdz]|[Aa]sh|[Ee]l|[Ee][dzsr]|[Uu]l|[Uu]m)-"
    cap = rf"(?:{prefix})?[^\W\d_a-z][^\W\d_]*(?:['-](?!based\b|area\b|born\b|bound\b)[^\W\d_]+)*"
    join = r"(?:al|el|ez|ash|as|az|ad|ar|de|del|la|le|les|du|da|do|dos|bin|e|of)"
    return Patterns(
        re.compile(
            rf"(?<![\w'])(?:(?:St|Ste|Mt|Ft)\. +)?(?:{cap})(?: +(?:{join} +)?{cap}){{0,5}}(?: +\d{{1,3}}\b)?"
        ),
        re.compile(rf"\s+(?P<feature>{phrase_pattern(words['features'])})\b", re.I),
        re.compile(rf"{phrase_pattern(words['strong_features'])}", re.I),
        re.compile(rf"\b{phrase_pattern(words['feature_of'])}\s+(?:the\s+)?$", re.I),
        re.compile(rf"\b{phrase_pattern(words['before'])}\s+(?:the\s+)?$", re.I),
    )


def _ends_before_of(words: list[str]) -> bool:
    """Say whether "of" leads from a person or an institution to its place: "Jane Roe of Homs", "City of Homs"."""
    first, last = sort_of(key_of(words[0])), sort_of(key_of(words[-1]))
    return (len(words) > 1 and first in ("given", "weak")) or last == "head"


def pieces(simple: str, match: re.Match[str], by_start: dict[int, CountryWord]) -> list[tuple[int, int]]:
    """Cut a run of capitalised words at words that are never places ("The", "Near") and at countries."""
    never = vocabulary().places["never"]
    label_words = vocabulary().quantities["label_words"]
    found: list[tuple[int, int]] = []
    a: int | None = None
    b = 0
    reached = 0  # end of a country's name; its later words are no places ("El Salvador")
    for word in re.finditer(r"\S+", match.group()):
        w0 = match.start() + word.start()
        bare = word.group().removesuffix("'s").rstrip("'")
        country = by_start.get(w0)
        if country and country.sort == "name":
            reached = w0 + country.end - country.start
        is_cut = (
            w0 < reached
            or bare in never
            or (bare.casefold() == "of" and a is None)
            or (country and country.sort != "demonym")
        )
        if country and country.sort == "capital":
            is_cut = False  # "Middle Juba" is not Juba
        if bare.isdigit() and (
            a is None or simple[max(0, w0 - 30) : w0].rstrip().rsplit(" ", 1)[-1] not in label_words
        ):
            is_cut = True
        if is_cut:
            if a is not None:
                found.append((a, b))
            a = None
            continue
        if bare == "of" and a is not None and _ends_before_of(simple[a:b].split()):
            found.append((a, b))
            a = None
            continue
        if a is None:
            a = w0
        b = w0 + len(bare)
        if bare != word.group():
            found.append((a, b))
            a = None
    if a is not None:
        found.append((a, b))
    return found
