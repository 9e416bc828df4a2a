"""Brings Arabic text into one spelling, offsets kept: hamza, ta marbuta, diacritics, digits, quotation
marks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

__all__ = ["Folded", "Phrases", "Token", "fold", "fold_words", "tokens", "words"]

_DROPPED = re.compile(
    "[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069"
    "\u061c\ufeff\ufe00-\ufe0f]"
)
_ONE_FOR_ONE = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي", "ة": "ه", "ھ": "ه", "ہ": "ه", "ؤ": "و",
        "ک": "ك", "گ": "ك", "،": ",", "؛": ";", "؟": "?", "٪": "%", "٫": ".", "٬": ",",
        **dict.fromkeys("“”„«»‹›″‟", '"'), **dict.fromkeys("’‘ʼ`", "'"), **dict.fromkeys("–—―−", "-"),
        **dict.fromkeys("\u00a0\u202f\u2009\t\u2028\u2029\x0b\x0c\x85", " "),
        **{chr(0x660 + n): str(n) for n in range(10)}, **{chr(0x6F0 + n): str(n) for n in range(10)},
    }
)  # fmt: skip


@dataclass(frozen=True)
class Folded:
    """The working copy, and for each of its characters the place of that character in the text as it came."""

    text: str
    original: str
    places: tuple[int, ...] | None = None

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the text as it came; marks on the last letter belong to it."""
        if self.places is None:
            return start, end
        if start >= end:
            return self.places[start], self.places[start]
        stop = self.places[end - 1] + 1
        while stop < self.places[end] and _MARK.match(self.original[stop]):
            stop += 1
        return self.places[start], stop


_MARK = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640]")


def fold(text: str) -> Folded:
    """Fold a text; each kept character stands for one character of the text.

    Examples
    --------
    >>> folded = fold("قُتِلَ ٣ مدنيّين")
    >>> folded.text
    'قتل 3 مدنيين'
    >>> a, b = folded.back(6, 12)
    >>> folded.original[a:b]
    'مدنيّين'
    """
    if not _DROPPED.search(text):
        return Folded(text.translate(_ONE_FOR_ONE), text)
    kept: list[str] = []
    places: list[int] = []
    at = 0
    for match in _DROPPED.finditer(text):
        kept.append(text[at : match.start()])
        places.extend(range(at, match.start()))
        at = match.end()
    kept.append(text[at:])
    places.extend(range(at, len(text) + 1))
    return Folded("".join(kept).translate(_ONE_FOR_ONE), text, tuple(places))


@lru_cache(maxsize=20_000)
def fold_words(phrase: str) -> str:
    """Fold one word or phrase of a list."""
    return " ".join(fold(phrase).text.split())


@cache
def words() -> dict[str, Any]:
    """Give the word lists of `words.toml`, read once."""
    return tomllib.loads(
        files("afterstrike.reading.arabic").joinpath("words.toml").read_text(encoding="utf-8")
    )


@dataclass(frozen=True)
class Token:
    """A word or number of the folded text, with the forms it may have without its prefixed particles."""

    start: int
    end: int
    text: str
    stems: tuple[str, ...]
    is_number: bool = False

    @property
    def is_joined(self) -> bool:
        """Say whether "and" is prefixed: "و" on a word that is one without it."""
        return self.text.startswith("و") and len(self.text) > 2


_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")


@lru_cache(maxsize=50_000)
def _stems(word: str) -> tuple[str, ...]:
    found = [word]
    if len(word) > 3 and word[0] in "وف":
        found.append(word[1:])
    found += [form[1:] for form in found if len(form) > 3 and form[0] in "بلك" and not form.startswith("لل")]
    found += [form[2:] for form in found if len(form) > 4 and form.startswith(("ال", "لل"))]
    return tuple(dict.fromkeys(found))


def tokens(folded: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Cut folded text into words and numbers; a particle in front of a number is a word of its own.

    Examples
    --------
    >>> [t.stems for t in tokens("والقري ب4")]
    [('والقري', 'القري', 'قري'), ('ب',), ('4',)]
    """
    stop = len(folded) if end is None else end
    return [
        Token(m.start(), m.end(), m.group(), _stems(m.group()), m.group()[0].isdigit())
        for m in _TOKEN.finditer(folded, start, stop)
    ]


class Phrases:
    """Looks up phrases of one or more words among tokens, longest first; each phrase has a label."""

    def __init__(self, table: Mapping[str, Iterable[str]]) -> None:
        by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for label, phrases in table.items():
            for phrase in phrases:
                parts = tuple(_TOKEN.findall(fold_words(phrase)))
                if parts:
                    by_first.setdefault(parts[0], []).append((parts, label))
        self._by_first = {
            first: sorted(entries, key=lambda entry: -len(entry[0])) for first, entries in by_first.items()
        }

    def at(self, row: list[Token], place: int, *, exact: bool = False) -> tuple[int, str] | None:
        """Give the number of tokens of the longest phrase at a place and its label.

        `exact` leaves prefixed particles on the first word, but for "and".
        """
        best: tuple[int, str] | None = None
        stems = row[place].stems
        for stem in stems[:2] if exact else stems:
            for parts, label in self._by_first.get(stem, ()):
                if best is not None and len(parts) <= best[0]:
                    continue
                if place + len(parts) <= len(row) and all(
                    part in row[place + n].stems for n, part in enumerate(parts) if n
                ):
                    best = (len(parts), label)
                    break
        return best

    def find(self, row: list[Token], *, exact: bool = False) -> list[tuple[int, int, str]]:
        """Give (first token, token behind the last, label) of every phrase, left to right, no overlaps."""
        found: list[tuple[int, int, str]] = []
        place = 0
        while place < len(row):
            hit = self.at(row, place, exact=exact)
            if hit:
                found.append((place, place + hit[0], hit[1]))
                place += hit[0]
            else:
                place += 1
        return found
