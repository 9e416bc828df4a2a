"""Finds places named in Arabic text and asks the gazetteer where they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from afterstrike.reading._claim import PlaceMention
from afterstrike.reading._place_answer import is_well_known
from afterstrike.reading.arabic._fold import Folded, Phrases, Token, fold_words, words

if TYPE_CHECKING:
    from afterstrike.reading._division import PlaceResolver
    from afterstrike.reading.gazetteer import Resolution

__all__ = ["context_countries", "find_places"]

_LONGEST = 3  # words of a name


# behind a name of two words one of these follows: where it lies, or what it belongs to
_BEHIND = re.compile(
    r"\s*(?:[,.:;!?\n)\"]|$|(?:[بفو]?)(?:ريف|منطقه|محافظه|ناحيه|مدينه|مقاطعه)(?!\w)|في\s|(?:ال)?(?:شمال|جنوب|شرق|غرب)|التابع|الواقع|قرب\s|ما\s+ا|"
    r"مما\s|اسفر|ادي|الاهله|القريب|المحاذي|الحدودي|بالقرب)"
)


@cache
def _features() -> Phrases:
    return Phrases({word: [word] for word in words()["places"]["features"]})


@cache
def _floors() -> dict[str, int]:
    return {word: int(n) for word, n in words()["places"]["features"].items()}


@cache
def _set(name: str) -> frozenset[str]:
    return frozenset(fold_words(word) for word in words()["places"][name])


@cache
def _strong() -> frozenset[str]:
    return frozenset(words()["places"]["strong"])


@cache
def _countries() -> Phrases:
    return Phrases(words()["countries"])


@cache
def _country_names() -> dict[str, str]:
    """Give the folded names, not the adjectives, that are places of their own."""
    names: dict[str, str] = {}
    for adm0, forms in words()["countries"].items():
        for form in forms:
            folded = fold_words(form)
            if not folded.endswith(("ي", "يه")) or folded in ("سوريه",):
                names[folded] = adm0
    return names


def _country_of(token: Token) -> str | None:
    """Give the country a word names; with an article it is an adjective, but where the name has one
    ("العراق").
    """
    names = _country_names()
    has_article = re.match(r"[وفبلك]{0,2}ال|[وف]?لل", token.text) is not None
    return next(
        (names[s] for s in token.stems if s in names and (s.startswith("ال") or not has_article)), None
    )


@cache
def _no_name() -> frozenset[str]:
    """Give the words that no place name begins with: people, weapons, verbs, weekdays."""
    table = words()
    found: set[str] = set(_set("stop"))
    for group in (table["people"], table["harm"], table["events"], table["counted"]):
        for value in group.values():
            if isinstance(value, list):
                found |= {fold_words(word) for word in value if " " not in word}
    found |= {fold_words(w) for w in (*table["dates"]["weekdays"], *table["dates"]["months"]) if " " not in w}
    found |= {fold_words(w) for name in ("reported", "end") for w in table["speech"][name] if " " not in w}
    return frozenset(found)


def context_countries(row: list[Token]) -> tuple[str, ...]:
    """Give the countries a text is about, most named first; see the English reader's."""
    votes: Counter[str] = Counter(label for _, _, label in _countries().find(row))
    total = sum(votes.values())
    return tuple(adm0 for adm0, count in votes.most_common(5) if count * 10 >= total)


def find_places(
    folded: Folded,
    row: list[Token],
    *,
    gazetteer: PlaceResolver,
    context: tuple[str, ...],
    skip: Iterable[tuple[int, int]] = (),
) -> list[PlaceMention]:
    """Find the places named in a sentence; offsets are of the folded text, names as they were written.

    A name behind a word such as "قرية" stays, unresolved, where the gazetteer does not know it; elsewhere a
    word is a place only where it is known in a country the text is about.
    """
    return _Finder(folded, row, gazetteer, context, tuple(skip)).find()


class _Finder:
    def __init__(
        self,
        folded: Folded,
        row: list[Token],
        gazetteer: PlaceResolver,
        context: tuple[str, ...],
        skip: tuple[tuple[int, int], ...],
    ) -> None:
        self._folded = folded
        self._row = row
        self._gazetteer = gazetteer
        self._context = context
        self._taken = {n for n, t in enumerate(row) if any(a < t.end and t.start < b for a, b in skip)}

    def find(self) -> list[PlaceMention]:
        found: list[PlaceMention] = []
        place = 0
        while place < len(self._row):
            made = None if place in self._taken else self._at(place)
            if made is None:
                place += 1
                continue
            mention, last = made
            found.append(mention)
            place = max(last, place + 1)
            if self._is_list(mention):
                joined, place = self._joined(place)
                found += joined
        return found

    def _is_list(self, mention: PlaceMention) -> bool:
        """Say whether the word in front of a name is of two or more: "بلدتي نبل", "قرى"."""
        first = next((n for n, t in enumerate(self._row) if t.start == mention.start), 0)
        return first > 0 and any(stem in _set("several") for stem in self._row[first - 1].stems)

    def _joined(self, place: int) -> tuple[list[PlaceMention], int]:
        """Take the names joined by "and" to the first of several: "بلدات البارة، وكنصفرة، والفطيرة"."""
        found: list[PlaceMention] = []
        while place < len(self._row) and len(self._row[place].stems) > 1 and self._row[place].is_joined:
            token = self._row[place]
            between = self._folded.text[self._row[place - 1].end : token.start]
            if (
                place in self._taken
                or between.strip(" ,\"'")
                or _features().at(self._row, place)
                or token.text in _no_name()
                or token.stems[1] in _no_name()
            ):
                break
            first = token.start + 1
            size = 2 if token.stems[1] in _set("openers") and self._words(place, 2) else 1
            last = self._row[place + size - 1].end
            name = self._folded.original[slice(*self._folded.back(first, last))]
            answer = self._resolve(name)
            made = (
                PlaceMention(name, first, last)
                if answer is None
                else self._mention(place, place, size, answer, 1, "")
            )
            found.append(replace(made, text=name, start=first, end=last))
            place = self._end(place + size)
        return found, place

    def _at(self, place: int) -> tuple[PlaceMention, int] | None:
        hit = _features().at(self._row, place)
        if hit and not self._row[place].text.lstrip("وفبلك").startswith("ال"):
            return self._behind_feature(place, hit[0], hit[1])
        before = self._row[place - 1] if place else None
        token = self._row[place]
        is_led = before is not None and (
            before.text in _set("prepositions") or before.stems[-1] in _set("directions") or before.text in _set("directions")
            or before.stems[-1] in _set("prepositions")
        )  # fmt: skip
        if not is_led and place and self._is_fused(token):
            is_led = True
        if is_led:
            return self._known(
                place,
                fused=self._is_fused(token) and (before is None or before.text not in _set("prepositions")),
            )
        country = _country_of(token)
        return (self._country(place, country), place + 1) if country else None

    def _is_fused(self, token: Token) -> bool:
        """Say whether "in" or "to" is written on the word: "بإدلب", "لدمشق"."""
        return len(token.text) > 4 and token.text.lstrip("وف")[:1] in "بل" and token.text not in _no_name()

    def _words(self, first: int, size: int) -> str | None:
        """Give up to `size` words of a name as written, or None where they are no name."""
        row = self._row
        if first + size > len(row):
            return None
        for n in range(first, first + size):
            token = row[n]
            if n in self._taken or (token.is_number and n == first):
                return None
            if n > first and self._folded.text[row[n - 1].end : token.start].strip(" '\"") != "":
                return None
            if token.text in _no_name() or (
                token.stems[-1] in _no_name() and len(token.stems) > 1 and n == first
            ):
                return None
            if n > first and (
                token.text[0] in "بل" and len(token.text) > 4 and token.text not in _known_second()
            ):
                return None
            if n > first and token.is_joined and token.text not in _known_second():
                return None
        a, b = self._folded.back(row[first].start, row[first + size - 1].end)
        return self._folded.original[a:b].replace('"', " ").replace("”", " ").replace("“", " ")

    def _resolve(self, name: str) -> Resolution | None:
        from afterstrike.reading.gazetteer import PlaceQuery

        for adm0 in self._context:
            answer = self._gazetteer.resolve(PlaceQuery(name, adm0=adm0))
            if answer.lat is not None and answer.candidates and answer.candidates[0].match in "pbf":
                return answer
        if not self._context:
            # a text that names no country: a large city's name is meant where it says nothing else
            answer = self._gazetteer.resolve(PlaceQuery(name))
            if answer.lat is not None and answer.candidates[0].match == "p" and is_well_known(answer):
                return answer
        return None

    def _behind_feature(self, place: int, size: int, feature: str) -> tuple[PlaceMention, int] | None:
        first = place + size
        inner = _features().at(self._row, first) if first < len(self._row) else None
        if inner and fold_words(inner[1]) in _set("settled") and not self._row[first].text.startswith("ال"):
            return self._behind_feature(first, inner[0], inner[1])  # "أطراف بلدة X", "ريف مدينة X"
        if (
            first < len(self._row)
            and self._row[first].stems[-1] in _set("directions")
            and feature in ("ريف", "محيط", "أطراف")
        ):
            first += 1
        quoted = self._quoted(first)
        floor = _floors()[feature]
        for size_ in dict.fromkeys([*([quoted] if quoted else []), *range(_LONGEST, 0, -1)]):
            name = self._words(first, size_)
            if not name:
                continue
            answer = self._resolve(name)
            if answer is not None:
                return self._mention(place, first, size_, answer, floor, feature), self._end(first + size_)
        if feature not in _strong() and not self._is_placed(first):
            return None
        length = quoted or self._default_length(first)
        name = self._words(first, length) if length else None
        if not name:
            return None
        span = self._folded.back(self._row[first].start, self._row[first + length - 1].end)
        mention = PlaceMention(
            self._folded.original[slice(*span)], self._row[first].start, self._row[first + length - 1].end,
            name=None, geo_precision=None,
        )  # fmt: skip
        return mention, self._end(first + length)

    def _is_placed(self, first: int) -> bool:
        """Say whether a word is placed by what follows: "محيط X غربي إدلب"."""
        row = self._row
        if first + 1 >= len(row) or row[first].text.startswith("ال") or self._words(first, 1) is None:
            return False
        follow = row[first + 1]
        if row[first].stems[0] in _set("openers") and self._words(first, 2):
            return True  # "قرب عين عيسى"
        return follow.text in _set("directions") or follow.text in ("بريف", "في")

    def _quoted(self, first: int) -> int:
        """Give the number of words in quotation marks from a token on: مخيم "أرض الأمل"."""
        if first >= len(self._row):
            return 0
        text = self._folded.text
        before = text[max(0, self._row[first].start - 2) : self._row[first].start]
        if '"' not in before:
            return 0
        stop = text.find('"', self._row[first].end, self._row[first].end + 40)
        return sum(1 for t in self._row[first : first + 4] if stop > 0 and t.end <= stop)

    def _default_length(self, first: int) -> int:
        if first >= len(self._row) or self._words(first, 1) is None:
            return 0
        if self._row[first].stems[0] in _set("openers") and self._words(first, 2):
            return 2
        if self._words(first, 2) and not self._row[first + 1].text.startswith("ال"):
            # "قرية قرف مغار بمنطقة": two words, where what follows places them
            return 2 if _BEHIND.match(self._folded.text, self._row[first + 1].end) else 1
        if self._words(first, 2) and self._row[first + 1].text.startswith("ال"):
            follow = self._row[first + 1].text
            return 1 if follow in _set("adjectives") or follow in _no_name() else 2
        return 1

    def _end(self, at: int) -> int:
        """Step over "الشمالي", "الغربية" behind a name."""
        while at < len(self._row) and self._row[at].text in _set("adjectives"):
            at += 1
        return at

    def _known(self, place: int, *, fused: bool) -> tuple[PlaceMention, int] | None:
        """Take words behind a preposition for a place only where the gazetteer knows them."""
        token = self._row[place]
        country = _country_of(token)
        if country:
            return self._country(place, country), place + 1
        for size in range(_LONGEST, 0, -1):
            name = self._words(place, size)
            if not name or len(name) < 3 or (size == 1 and set(token.stems) & _set("buildings")):
                continue
            if fused:
                name = re.sub(r"^[وف]?[بل]\u0640*", "", name)
                if len(name) < 4:
                    continue
            answer = self._resolve(name)
            if answer is not None and answer.candidates[0].match in ("p", "b"):
                made = self._mention(place, place, size, answer, 1, "")
                if fused:
                    start = (
                        self._row[place].start + len(self._row[place].text) - len(fold_words(name).split()[0])
                    )
                    made = replace(made, text=name.strip(), start=start)
                return made, self._end(place + size)
        return None

    def _country(self, place: int, adm0: str) -> PlaceMention:
        token = self._row[place]
        # "وسوريا" names سوريا: the particle in front is none of the name
        stem = next((s for s in token.stems if s in _country_names()), token.text)
        start = token.end - len(stem)
        name = self._folded.original[slice(*self._folded.back(start, token.end))]
        return PlaceMention(name, start, token.end, name, geo_precision=6, adm0=adm0)

    def _mention(
        self, place: int, first: int, size: int, answer: Resolution, floor: int, feature: str
    ) -> PlaceMention:
        start, end = self._row[first].start, self._row[first + size - 1].end
        span = self._folded.back(start, end)
        made = PlaceMention(
            self._folded.original[slice(*span)], start, end, answer.name, answer.lat, answer.lon, answer.geo_precision,
            answer.adm0, answer.adm1, answer.gazetteer, answer.gazetteer_id,
        )  # fmt: skip
        if floor > (answer.geo_precision or 1):
            made = replace(made, geo_precision=floor)
        return made


@cache
def _known_second() -> frozenset[str]:
    return frozenset(
        fold_words(w)
        for w in (
            "بلدة",
            "البلد",
            "لاروز",
            "بكر",
            "برازي",
            "بحر",
            "بازار",
            "بليون",
            "لويزة",
            "بيانون",
            "بسين",
            "وسيم",
        )
    )
