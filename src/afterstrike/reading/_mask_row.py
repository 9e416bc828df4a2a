"""A text as words for `mask_names`: which are capitalised, what the tables know of them, which make a run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from afterstrike.reading._actor import find_actors
from afterstrike.reading._country import country_words, plain
from afterstrike.reading._division import divisions_in
from afterstrike.reading._mask_words import PREFIX, MaskWords, key_of, mask_words, sort_of

__all__ = ["Row", "Word"]

_NOT_ARABIC = "(?![\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff])"
_LETTER = rf"{_NOT_ARABIC}[^\W\d_][\u0300-\u036f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069]*"
_WORD = re.compile(
    rf"(?P<mark>\[name left out\])"
    rf"|(?P<initial>(?<![^\W_])(?:[A-Z]\.-?)+(?=\s|[A-Z]))"
    rf"|(?:{_LETTER})+(?:(?!'s(?!\w))['‘’ʻʼʿʾ`´\u2010\u2011-](?:{_LETTER})+)*"
)
_SPACE = re.compile(r"[^\S\n\r]*(?:\r?\n[^\S\n\r]*)?")
_DOT_SPACE = re.compile(r"\.[^\S\n\r]*(?:\r?\n[^\S\n\r]*)?")
_LISTED = re.compile(
    r"\s*(?:[,;/&+•·|]|[-–—](?=\s))\s*|\s*[\"“”'(]\s*|\s*[\"”')]\s*,?\s*|\s*\n\s*(?:[-*•·\d.)]+\s*)?"
    r"|\s*,?\s*\(?\s*(?:aged?\s+)?\d{1,3}(?:\s+years(?:\s+old)?)?\)?\s*[,;]?\s*"
)
_CAPS_LINE = 10  # a line with a lower-case letter for fewer than so many capitals is written in capitals
_LONGEST_PLACE = 4  # words
# what may stand between "in" and a place's name
_BETWEEN = frozenset(
    ["the", "north", "south", "east", "west", "northern", "southern", "eastern", "western", "central", "northeast", "northwest",
     "southeast", "southwest", "northeastern", "northwestern", "southeastern", "southwestern", "old", "new", "greater", "rural",
     "downtown", "neighboring", "neighbouring", "nearby", "occupied", "besieged"]
)  # fmt: skip


@dataclass(slots=True)
class Word:
    """One word of the text."""

    start: int
    end: int
    key: str
    sort: str  # see `sort_of`; also low, mark, initial, place, line
    gap: str  # what parts it from the word before: " " space, "\n" one line end, "," list, "" else
    is_shouted: bool  # in a line of capitals


class Row:
    """The words of a text, sorted; the base of the finder."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._simple = plain(text)
        self._lists: MaskWords = mask_words()
        self._words = self._cut_words()
        self._known_words: set[int] = set()  # single words that are a place's name to the gazetteer
        self._sort_known()
        self._find_places()

    # words

    def _cut_words(self) -> list[Word]:
        found: list[Word] = []
        shouted = self._shouted_lines()
        line = 0
        last = 0
        for match in _WORD.finditer(self._simple):
            a, b = match.span()
            while line + 1 < len(shouted) and shouted[line + 1][0] <= a:
                line += 1
            is_shouted = shouted[line][1]
            key = key_of(match.group())
            if match["mark"]:
                sort = "mark"
            elif match["initial"]:
                sort = "initial"
            else:
                sort = self._sort(match.group(), key, is_shouted)
            found.append(Word(a, b, key, sort, self._gap(last, a, found), is_shouted))
            last = b
        lower = {w.key for w in found if w.sort == "low" and len(w.key) > 2}
        for word in found:
            if word.sort == "name" and word.key in lower:
                word.sort = "common"  # the text writes it in lower case elsewhere
        return found

    def _shouted_lines(self) -> list[tuple[int, bool]]:
        lines: list[tuple[int, bool]] = []
        at = 0
        for line in re.split(r"(?<=\n)", self._text):
            bare = re.sub(r"\[name left out\]", "", line)
            upper = sum(map(str.isupper, bare))
            lower = sum(map(str.islower, bare))
            lines.append((at, upper > _CAPS_LINE and lower * _CAPS_LINE < upper))
            at += len(line)
        return lines

    def _sort(self, word: str, key: str, is_shouted: bool) -> str:
        prefix = PREFIX.match(word)
        if not word[0].isupper() and not (prefix and word[prefix.end() : prefix.end() + 1].isupper()):
            return "low"
        if len(word) == 1:
            return "low" if key in ("a", "i") else "initial"
        sort = sort_of(key)
        if sort == "weak" and is_shouted and (key in self._lists.common or key in self._lists.cut):
            return "common"
        if not is_shouted and sort in ("name", "common") and len(word) <= 6 and word.isupper():
            return "acronym"
        return sort

    def _gap(self, a: int, b: int, found: list[Word]) -> str:
        gap = self._text[a:b]
        if gap == " ":
            return gap
        if found and len(gap) < 40:
            match = _SPACE.fullmatch(gap)
            if match is None and found[-1].sort in ("title", "initial"):
                match = _DOT_SPACE.fullmatch(gap)
            if match is not None:
                return "\n" if "\n" in gap else " "
            if _LISTED.fullmatch(gap):
                return ","
        return ""

    def _sort_known(self) -> None:
        """Take out what the tables know: actors, countries and their people, states and provinces."""
        text = self._text
        titled = _titled(text) if any(word.is_shouted for word in self._words) else text
        known: list[tuple[int, int]] = []
        countries: list[tuple[int, int]] = []
        upper: list[tuple[int, int]] = []
        for a, b in self._stretches():
            known += [(m.start, m.end) for m in find_actors(text, a, b)]
            countries += [(w.start, w.end) for w in country_words(text, a, b)]
            if titled is not text:
                upper += [(w.start, w.end) for w in country_words(titled, a, b)]
        known += [(d.start, d.end) for d in divisions_in(self._simple)]
        for spans, is_sure in ((known, True), (countries, False), (upper, False)):
            at = 0
            for a, b in sorted(spans):
                while at < len(self._words) and self._words[at].end <= a:
                    at += 1
                first = at
                while at < len(self._words) and self._words[at].start < b:
                    at += 1
                if is_sure or not self._is_first_name(first, at):
                    for word in self._words[first:at]:
                        if word.sort != "mark":
                            word.sort = "place"

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """Give the parts of the text that hold what may be names; the tables are asked about these only."""
        begin = end = -1
        for word in self._words:
            if word.sort not in ("name", "given", "weak", "part", "title", "common", "head"):
                continue
            if word.start > end:
                if end > 0:
                    yield begin, end
                space = self._simple.find(" ", max(0, word.start - 80), word.start)
                begin = max(space + 1 if space >= 0 else word.start, end)
            end = min(len(self._text), word.end + 60)
        if end > 0:
            yield begin, end

    def _is_first_name(self, first: int, last: int) -> bool:
        """Say whether a country's name is a given name here: a given or weak one, a family name behind it."""
        words = self._words
        if last - first != 1 or words[first].sort not in ("given", "weak") or last >= len(words):
            return False
        return words[last].gap == " " and words[last].sort in ("name", "given")

    # places

    def _find_places(self) -> None:
        """Mark the words that the gazetteer knows: of several words anywhere, a single one behind "in"."""
        from afterstrike.reading.gazetteer import default_gazetteer

        asked: dict[str, list[tuple[int, int]]] = {}
        words = self._words
        for a, b in self._runs():
            for first in range(a, b):
                if words[first].sort in ("mark", "cut", "place", "low", "initial", "title"):
                    continue
                for last in range(first + 1, min(first + _LONGEST_PLACE, b) + 1):
                    if words[last - 1].sort in ("mark", "cut", "place", "initial"):
                        break
                    phrase = " ".join(self._simple[words[first].start : words[last - 1].end].split())
                    if len(phrase) > 2:
                        asked.setdefault(phrase, []).append((first, last))
        known = default_gazetteer().lookup_exact(asked)
        hits = sorted(
            ((a, b) for phrase in known for a, b in asked[phrase]), key=lambda hit: (hit[0] - hit[1], hit)
        )
        self._known_words = {a for a, b in hits if b - a == 1}
        for a, b in hits:
            if any(w.sort == "place" for w in words[a:b]):
                continue
            is_located = self._is_located(a) and not self._is_owner(b - 1)
            is_name = words[a].sort in ("given", "weak") or (
                a and words[a].gap == " " and words[a - 1].sort in ("title", "given")
            )
            is_alone = b == len(words) or words[b].gap != " " or not self._is_namelike(b)
            if (b - a > 1 and (is_located or not is_name)) or (b - a == 1 and is_located and is_alone):
                self._place(a, b)

    def _place(self, a: int, b: int) -> None:
        for word in self._words[a:b]:
            word.sort = "place"

    def _is_located(self, place: int) -> bool:
        """Say whether "in", "near" or the like stands before a word, with a compass point or "the" between."""
        words = self._words
        for n in range(place - 1, max(place - 4, -1), -1):
            if words[n + 1].gap not in (" ", "\n"):
                return False
            if words[n].key in self._lists.located:
                return True
            if words[n].key == "of" and n and words[n - 1].key in self._lists.lower_heads:
                return True
            if words[n].key not in _BETWEEN:
                return False
        return False

    def _is_owner(self, place: int) -> bool:
        return self._simple.startswith("'s", self._words[place].end)

    def _is_namelike(self, place: int) -> bool:
        return self._words[place].sort in ("name", "given", "weak", "mark", "initial", "part")

    # runs

    def _runs(self) -> Iterator[tuple[int, int]]:
        """Give runs of capitalised words with particles between; what is no part of a name ends one."""
        words = self._words
        place = 0
        while place < len(words):
            if words[place].sort in ("low", "cut", "acronym"):
                place += 1
                continue
            first = last = place
            place += 1
            while place < len(words):
                word = words[place]
                if word.gap not in (" ", "\n") or self._is_owner(place - 1):
                    break
                if word.sort not in ("low", "cut", "acronym"):
                    last = place
                elif word.key not in self._lists.particles or place - last > 3:
                    break
                place += 1
            place = last + 1
            yield first, last + 1

    def _is_known_place(self, a: int) -> bool:
        """Say whether a single word is a place's name to the gazetteer, and no common given name."""
        return a in self._known_words and self._words[a].sort != "given"


def _titled(text: str) -> str:
    """Give a text with words of capitals in title case, length unchanged, for tables written that way."""
    return re.sub(r"\b[A-Z]{4,}\b", lambda m: m.group()[0] + m.group()[1:].lower(), text)
