"""Loads the reader's closed word lists from `vocabulary.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["Vocabulary", "phrase_pattern", "vocabulary"]


@dataclass(frozen=True)
class Abbreviations:
    """Words whose full stop does not end a sentence, and words that open one after "U.S."."""

    never_end: frozenset[str]
    sentence_openers: frozenset[str]


@dataclass(frozen=True)
class Vocabulary:
    """The word lists, each as it is used: sets to look words up in, tables of numbers."""

    abbreviations: Abbreviations
    numbers: dict[str, dict[str, float]]
    quantities: dict[str, Any]
    dates: dict[str, dict[str, int]]
    places: dict[str, frozenset[str]]
    kinds: dict[str, frozenset[str]]
    furniture: dict[str, frozenset[str]]


@cache
def vocabulary() -> Vocabulary:
    """Give the word lists, read once."""
    table = tomllib.loads(
        files("afterstrike.reading").joinpath("vocabulary.toml").read_text(encoding="utf-8")
    )
    quantities = {k: frozenset(v) if isinstance(v, list) else v for k, v in table["quantities"].items()}
    short = table["abbreviations"]
    return Vocabulary(
        Abbreviations(frozenset(short["never_end"]), frozenset(short["sentence_openers"])),
        table["numbers"],
        quantities,
        table["dates"],
        {k: frozenset(v) for k, v in table["places"].items()},
        {k: frozenset(v) for k, v in table["kinds"].items()},
        {k: frozenset(v) for k, v in table["furniture"].items()},
    )


def phrase_pattern(words: Any) -> str:
    """Give a regular expression for any of the phrases, longest first, any space between their words."""
    import re

    ordered = sorted(words, key=lambda phrase: (-len(phrase), phrase))
    return "(?:" + "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in ordered) + ")"
