"""The English word lists of `mask_names`, and what sort of word a capitalised word is."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from afterstrike.reading._vocabulary import vocabulary

__all__ = ["PREFIX", "MaskWords", "key_of", "mask_words", "sort_of"]

PREFIX = re.compile(r"(?:a[ltrnsdz]|ash|adh|ath|el|e[dzrs]|ul|abd|abu|bin|ibn|ben|bint)-(?=\w)")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SUFFIX = re.compile(
    r"\w{2,}(?:tions?|sions?|ments?|ness|ships?|isms?|ology|ional|ically|izing|ising|ized|ised|fully|lessly|ously|ively|"
    r"ability|ibility|ative|itive|eous|ious)$"
)
_ENDINGS = (("ies", "y"), ("ied", "y"), ("es", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("ly", ""), ("ers", ""),
            ("er", ""), ("s", ""), ("al", ""), ("ally", ""), ("ier", "y"), ("iest", "y"), ("est", ""))  # fmt: skip


@dataclass(frozen=True)
class MaskWords:
    """The lists, each a set of words in lower case."""

    given: frozenset[str]
    weak_given: frozenset[str]
    particles: frozenset[str]
    openers: frozenset[str]
    titles: frozenset[str]
    kin: frozenset[str]
    heads: frozenset[str]
    name_heads: frozenset[str]
    prefix_heads: frozenset[str]
    lower_heads: frozenset[str]
    head_people: frozenset[str]
    located: frozenset[str]
    speech: frozenset[str]
    harmed: frozenset[str]
    family: frozenset[str]
    cut: frozenset[str]
    common: frozenset[str]


@cache
def mask_words() -> MaskWords:
    """Give the word lists, read once."""
    text = files("afterstrike.reading").joinpath("mask_words.toml").read_text(encoding="utf-8")
    table = {name: frozenset(words.split()) for name, words in tomllib.loads(text).items()}
    known = vocabulary()
    table["common"] |= {
        word
        for group in (known.kinds, known.furniture)
        for phrases in group.values()
        for phrase in phrases
        for word in re.findall(r"[a-z]{3,}", phrase.lower())
    }
    table["cut"] |= known.dates["months"].keys() | known.dates["weekdays"].keys()
    table["common"] |= table["kin"] | table["lower_heads"] | table["speech"] | table["head_people"]
    return MaskWords(**table)


@lru_cache(maxsize=100_000)
def key_of(word: str) -> str:
    """Give a word as the lists have it: lower case, no diacritics, no invisible marks, plain apostrophes.

    Examples
    --------
    >>> key_of("Zaïd"), key_of("O’Qarm")
    ('zaid', "o'qarm")
    """
    if word.isascii():
        return word.lower().rstrip(".")
    bare = unicodedata.normalize("NFKD", _INVISIBLE.sub("", word))
    bare = "".join(c for c in bare if not unicodedata.combining(c)).lower()
    return re.sub("[’‘ʻʼʿʾ`´]", "'", bare).replace("\u2010", "-").replace("\u2011", "-").rstrip(".")


@lru_cache(maxsize=100_000)
def sort_of(key: str) -> str:
    """Say what sort of word it is: given, weak, part, title, cut, head, prefix, common or name.

    A word in none of the lists is a "name".

    Examples
    --------
    >>> [sort_of(word) for word in ("ahmad", "hospital", "yesterday", "general", "bakers", "al-qarmuti")]
    ['given', 'head', 'cut', 'title', 'common', 'name']
    """
    words = mask_words()
    whole = key.replace("'", "")
    bare = PREFIX.sub("", key)
    if key in words.given or whole in words.given or bare in words.given:
        return "given"
    if key in words.particles or key in words.openers:
        return "part"
    for sort, group in (("title", words.titles), ("cut", words.cut), ("head", words.heads)):
        if key in group or whole in group:
            return sort
    if key in words.prefix_heads:
        return "prefix"
    if key in words.weak_given:
        return "weak"
    if "-" in bare:
        parts = bare.split("-")
        if parts[0] in words.given or parts[-1] in words.given:
            return "given"
        sorts = [sort_of(part) for part in parts if part]
        if "cut" in sorts or "head" in sorts:
            return "cut"
        return "common" if sorts and all(s in ("common", "title") for s in sorts) else "name"
    return "common" if bare == key and _is_common(key, words.common) else "name"


def _is_common(key: str, common: frozenset[str]) -> bool:
    if key in common or _SUFFIX.fullmatch(key):
        return True
    for ending, instead in _ENDINGS:
        if key.endswith(ending) and len(key) - len(ending) >= 3:
            stem = key[: len(key) - len(ending)]
            if stem + instead in common or (len(stem) > 3 and stem[-1] == stem[-2] and stem[:-1] in common):
                return True
    return False
