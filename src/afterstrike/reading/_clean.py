"""Gives the reader a text without marks that are no words, and leads its offsets back to the text as it came.

Soft hyphens and direction marks inside words, accents written as separate characters, Markdown's emphasis,
links and footnote marks, and web addresses hide words and numbers from the rules. They are taken out of a
working copy; every span is mapped back, so quotes are always the text as it came.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from afterstrike.reading._actor import find_actors
from afterstrike.reading._claim import Claim
from afterstrike.reading._country import country_words
from afterstrike.reading._vocabulary import vocabulary

__all__ = ["Cleaned", "clean"]

# Characters that print nothing: soft hyphen, zero width, direction and byte order marks, variation selectors.
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\u061c\ufeff\ufe00-\ufe0f"
_MARKS = "\u0300-\u036f"
_REMOVED = re.compile(
    rf"(?P<unseen>[{_UNSEEN}]+)"
    rf"|(?P<accent>[^\W\d_][{_MARKS}]+)"
    r"|(?P<note>(?<=\S)[ ]?\[\^?\d{1,3}\](?!:)|(?<!m)[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+(?=[\s.,;:]|$))"
    r"|(?P<image>!\[[^\]\n]{0,200}\]\([^)\s]{1,500}\))"
    r"|(?P<link>\[(?P<shown>[^\]\n]{1,200})\]\((?:[^()\s]|\([^()\s]*\)){1,500}(?:\s+\"[^\"\n]*\")?\))"
    r"|(?P<address>(?:(?<=[^\n] )|(?<=[(<]))(?:https?://|www\.)[^\s<>\"]+[^\s<>\".,;:!?)\]])"
    r"|(?P<strong>(?<![\w*])\*{1,3}(?=\S)|(?<=\S)\*{1,3}(?![\w*])|(?<!\w)_{1,3}(?=[^\W_])|(?<=[^\W_])_{1,3}(?!\w)"
    r"|`{1,3})"
)
_HAS_SOME = re.compile(rf"[{_UNSEEN}{_MARKS}*_`\u00b9\u00b2\u00b3\u2070\u2074-\u2079]|\]\(|\[\^?\d|://|www\.")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_MOSTLY = 0.8  # a text with so large a share of capitals is written in capitals throughout
_MIN_LETTERS = 100
_DATE_WORDS = frozenset(
    word
    for table in (vocabulary().dates["months"], vocabulary().dates["weekdays"])
    for word in table
    if len(word) > 2
)
_DAY = re.compile(r"\d")


@dataclass(frozen=True)
class Cleaned:
    """The working copy, and for each of its characters the place of that character in the text as it came."""

    text: str
    original: str
    places: tuple[int, ...] | None = None  # None: nothing was taken out

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the text as it came for a span of the working copy."""
        if self.places is None:
            return start, end
        if start >= end:
            return self.places[start], self.places[start]
        # up to the next kept character would take in marks behind; the last character's own marks are kept
        stop = self.places[end - 1] + 1
        while stop < self.places[end] and re.match(rf"[{_MARKS}]", self.original[stop]):
            stop += 1
        return self.places[start], stop

    def claim_back(self, claim: Claim) -> Claim:
        """Give a claim of the working copy with all its spans and quotes in the text as it came."""
        if self.places is None and self.text == self.original:
            return claim

        def moved(mention):  # type: ignore[no-untyped-def]
            a, b = self.back(mention.start, mention.end)
            return replace(mention, start=a, end=b, text=self.original[a:b])

        a, b = self.back(claim.start, claim.end)
        source = claim.source
        if source and claim.source_span:
            written = self.original[slice(*self.back(*claim.source_span))]
            source = written if written.casefold() == source.casefold() else source
        return replace(
            claim,
            source=source,
            start=a,
            end=b,
            quote=self.original[a:b],
            source_span=self.back(*claim.source_span) if claim.source_span else None,
            quantities=tuple(map(moved, claim.quantities)),
            places=tuple(map(moved, claim.places)),
            dates=tuple(map(moved, claim.dates)),
            actors=tuple(map(moved, claim.actors)),
            relayed_by=tuple(map(moved, claim.relayed_by)),
        )


def clean(text: str) -> Cleaned:
    """Take out of a text what is no word, and bring a text in capitals into small letters.

    Examples
    --------
    >>> cleaned = clean("Medics count **12** dead[^1] in the [old camp](https://example.org/99).")
    >>> cleaned.text
    'Medics count 12 dead in the old camp.'
    >>> a, b = cleaned.back(13, 15)
    >>> cleaned.original[a:b]
    '12'
    """
    if not _HAS_SOME.search(text):
        return Cleaned(_small_letters(text), text)
    pieces: list[str] = []
    places: list[int] = []
    at = 0
    for match in _REMOVED.finditer(text):
        pieces.append(text[at : match.start()])
        places.extend(range(at, match.start()))
        at = match.end()
        if match["shown"] is not None:
            pieces.append(match["shown"])
            places.extend(range(*match.span("shown")))
        elif match["accent"]:
            letters = unicodedata.normalize("NFC", match["accent"])
            whole = letters if len(letters) == 1 else match["accent"]
            pieces.append(whole)
            places.extend(range(match.start(), match.start() + len(whole)))
    pieces.append(text[at:])
    places.extend(range(at, len(text) + 1))
    return Cleaned(_small_letters("".join(pieces)), text, tuple(places))


def _small_letters(text: str) -> str:
    """Bring a text in capitals into small letters; first words, known names and acronyms keep their capitals.

    Each character stands for one character, so offsets stay. A name that stands in no table is lost among the
    small letters: such a text gives the countries, capitals and actors of the tables and no other place.
    """
    sample = text[:20_000]
    letters = sum(c.isalpha() for c in sample)
    if letters < _MIN_LETTERS or sum(c.isupper() for c in sample) < _MOSTLY * letters:
        return text
    titled = _WORD.sub(
        lambda m: m.group().capitalize() if len(m.group().capitalize()) == len(m.group()) else m.group(), text
    )
    kept = bytearray(len(text))  # 1: as it came, 2: first letter a capital
    for country in country_words(titled):
        kept[country.start : country.end] = b"\x02" * (country.end - country.start)
    for actor in find_actors(titled):
        kept[actor.start : actor.end] = b"\x02" * (actor.end - actor.start)
    for actor in find_actors(text):
        if len(actor.text) > 2 and actor.text.isalpha():
            kept[actor.start : actor.end] = b"\x01" * (actor.end - actor.start)

    def small(match: re.Match[str]) -> str:
        word, a, b = match.group(), match.start(), match.end()
        lowered = word.lower()
        if len(lowered) != len(word) or not word.isupper() or kept[a] == 1:
            return word
        if (len(word) == 1 and "." in text[max(0, a - 1) : b + 1]) or re.match(r"-?\d", text[b : b + 2]):
            return word  # U.S., F-16
        if word == "US" and text[:a].endswith(("THE ", "THE\n")):
            return word
        before = text[max(0, a - 3) : a].rstrip(" \n\r\"'([")
        is_first = not before or before[-1] in ".!?:" or text[max(0, a - 2) : a] == "\n\n" or word == "I"
        is_date = lowered in _DATE_WORDS and (
            lowered not in ("may", "march") or _DAY.search(text[max(0, a - 4) : b + 5])
        )
        return word.capitalize() if kept[a] == 2 or is_first or is_date else lowered

    return _WORD.sub(small, text)
