"""Finds what may be people's names in Latin script: runs of capitalised words that are nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from afterstrike.reading._actor import find_actors
from afterstrike.reading._country import country_words, plain
from afterstrike.reading._division import divisions_in
from afterstrike.reading._mask_words import PREFIX, MaskWords, key_of, mask_words, sort_of

__all__ = ["find_names"]

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
_AGE = re.compile(
    r"(?:'s)?\s*(?:\(\s*(?:aged?\s*:?\s+)?\d{1,3}(?:\s*[-–]?\s*(?:years?|months?|yo|y/o)(?:[- ]old)?)?\s*[),;]"
    r"|,?\s+aged?\s+(?:about\s+|around\s+)?\d"
    r"|,\s*(?:aged\s+|age\s+)?\d{1,3}\s*(?:[,;.):]|$|\n|\s(?:and|who|was|were|years?|months?|yo)\b)"
    r"|,\s+(?:a|an|the|then)\s+\d{1,3}-(?:year|month|day)s?-old|\s+-?\s*\d{1,3}\s+years?\s+old|\s+\d{1,3}-year-old)",
    re.IGNORECASE,
)
_CAPS_LINE = 10  # a line with a lower-case letter for fewer than so many capitals is written in capitals
_LONGEST_PLACE = 4  # words
_LONGEST_LEFT = 5  # words that belong to an institution behind them


@dataclass(slots=True)
class _Word:
    start: int
    end: int
    key: str
    sort: str  # see `sort_of`; also low, mark, initial, place, line
    gap: str  # what parts it from the word before: " " space, "\n" one line end, "," list, "" else
    is_shouted: bool  # in a line of capitals


def find_names(text: str) -> tuple[list[tuple[int, int]], int]:
    """Give the spans of names in Latin script, in text order, and how many names they are.

    A name over a line end has a span on each line and counts once.
    """
    if not any(c.isupper() for c in text):
        return [], 0
    return _Finder(text).find()


class _Finder:
    def __init__(self, text: str) -> None:
        self._text = text
        self._simple = plain(text)
        self._lists: MaskWords = mask_words()
        self._words = self._cut_words()
        self._is_name = bytearray(len(self._words))
        self._sort_known()
        self._find_places()

    def find(self) -> tuple[list[tuple[int, int]], int]:
        for a, b in self._runs():
            self._judge_run(a, b)
        self._spread_over_lists()
        self._spread_over_text()
        self._spread_over_lists()
        return self._spans()

    # words

    def _cut_words(self) -> list[_Word]:
        text, found = self._text, []
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
            found.append(_Word(a, b, key, sort, self._gap(last, a, found), is_shouted))
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

    def _gap(self, a: int, b: int, found: list[_Word]) -> str:
        gap = self._text[a:b]
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
                begin = word.start
                begin = max(self._simple.rfind(" ", 0, max(0, begin - 60)) + 1, end, 0) if begin > 60 else 0
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
            if (b - a > 1 and (is_located or not is_name)) or (
                b - a == 1
                and is_located
                and (b == len(words) or words[b].gap != " " or not self._is_namelike(b))
            ):
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

    def _judge_run(self, a: int, b: int) -> None:
        """Cut a run at titles, places and institutions, and judge what is left between."""
        words = self._words
        begin = a
        is_titled = False
        is_theirs = (
            a > 1
            and words[a - 1].key in ("of", "for")
            and words[a].gap == " "
            and words[a - 2].sort == "head"
        )
        for n in range(a, b + 1):
            sort = words[n].sort if n < b else "end"
            if sort not in ("title", "place", "head", "prefix", "end"):
                continue
            if sort in ("head", "prefix") and self._is_surname(begin, n):
                continue
            is_kept = is_theirs and begin < n and (words[begin].sort != "given" or n - begin < 3)
            if sort == "head" and n - begin <= _LONGEST_LEFT and words[n].gap != "\n":
                is_kept = True  # what stands before "Hospital" is its name
            if begin < n and not is_kept:
                self._judge(begin, n, is_titled, is_last=n == b)
            is_theirs = sort == "prefix" or (sort == "head" and words[n].key in self._lists.prefix_heads)
            is_titled = sort == "title" or (is_titled and sort == "head" and n == begin)
            begin = n + 1

    def _is_surname(self, begin: int, n: int) -> bool:
        words = self._words
        if words[n].key not in self._lists.name_heads or n == begin:
            return False
        return words[begin].sort in ("given", "mark", "initial") or (
            words[begin].sort == "weak" and n - begin == 1
        )

    def _judge(self, a: int, b: int, is_titled: bool, *, is_last: bool) -> None:
        """Mark the words from a to b as a name where they may be one."""
        words = self._words
        while a < b and words[a].sort in ("common", "low") and self._has_strong(a + 1, b):
            a += 1
        while a < b and words[b - 1].sort in ("part", "low"):
            b -= 1
        if a >= b:
            return
        sorts = [w.sort for w in words[a:b]]
        strong = sum(s in ("name", "given", "mark") for s in sorts)
        names = strong + sorts.count("weak")
        if words[a].is_shouted:
            self._judge_shouted(a, b, is_titled)
            return
        if not is_last and not is_titled and a + 1 == b and sorts[0] != "given":
            return  # "Zyx Minister": what stands before a title is none of a name
        is_cued = is_titled or self._is_cued(a, b)
        is_sheikh = is_titled and words[a - 1].key in _SHEIKH
        if is_last and (not is_cued or is_sheikh) and self._is_placed(a, b):
            return
        has_opener = words[a].key in self._lists.openers and b - a > 1
        if (
            (len(sorts) - sorts.count("low") > 1 and (strong or names > 1))
            or has_opener
            or (names and is_cued)
            or (len(sorts) == 1 and sorts[0] == "given" and not self._is_known_place(a))
        ):
            self._mask(a, b)

    def _has_strong(self, a: int, b: int) -> bool:
        strong = [w.sort in ("name", "given", "mark") for w in self._words[a:b]]
        return sum(strong) > 1 or any(w.sort in ("given", "mark") for w in self._words[a:b])

    def _judge_shouted(self, a: int, b: int, is_titled: bool) -> None:
        """Judge words of a line of capitals, where a common word ends a name."""
        words = self._words
        n = a
        while n < b:
            if words[n].sort in ("common", "low", "part"):
                n += 1
                continue
            first = n
            while n < b and words[n].sort != "common":
                n += 1
            last = n
            while words[last - 1].sort in ("part", "low"):
                last -= 1
            sorts = [w.sort for w in words[first:last]]
            names = len(sorts) - sorts.count("part") - sorts.count("low")
            is_cued = (is_titled and first == a) or self._is_cued(first, last)
            is_placed = self._is_located(first) and "given" not in sorts
            if "given" in sorts or is_cued or (names > 1 and not is_placed):
                self._mask(first, last)

    def _is_cued(self, a: int, b: int) -> bool:
        """Say whether the words around tell that these are a person's name."""
        words, lists = self._words, self._lists
        after = words[b] if b < len(words) else None
        if _AGE.match(self._simple, words[b - 1].end) and not (b - a == 1 and self._is_known_place(a)):
            return True
        if after and after.gap in (" ", "\n"):
            if after.key in lists.family or (
                after.key in lists.speech and not after.is_shouted and not self._is_known_place(a)
            ):
                return True
        if not a:
            return False
        before = words[a - 1]
        if before.sort == "title" and words[a].gap in (" ", "\n"):
            return True
        if before.key in lists.kin and words[a].gap in (" ", "\n", ","):
            is_comma = "," in self._text[before.end : words[a].start]
            is_named = before.key in ("named", "called", "name", "dubbed")
            is_thing = is_named and a > 1 and words[a - 2].key in lists.lower_heads | lists.heads
            return not is_thing and not (is_comma and self._is_known_place(a))
        if before.key == "as" and a > 1 and words[a - 2].key in ("identified", "known", "named"):
            return not self._is_known_place(a)
        if before.key == "of" and a > 1 and words[a - 2].key in lists.family:
            return True
        return before.key in lists.harmed and words[a].gap == " " and not self._is_known_place(a)

    def _is_known_place(self, a: int) -> bool:
        """Say whether a single word is a place's name to the gazetteer, and no common given name."""
        return a in self._known_words and self._words[a].sort != "given"

    def _is_placed(self, a: int, b: int) -> bool:
        """Say whether the words around tell that this is a place's or a building's name."""
        words, lists = self._words, self._lists
        after = words[b] if b < len(words) else None
        if after and after.gap == " " and after.key in lists.lower_heads and not self._is_owner(b - 1):
            beyond = words[b + 1] if b + 1 < len(words) else None
            return not (beyond and beyond.gap == " " and beyond.key in lists.head_people)
        is_given = any(w.sort in ("given", "mark", "initial") for w in words[a:b])
        return (
            self._is_located(a - (words[a - 1].sort == "title" and words[a].gap == " "))
            and not is_given
            and not self._is_owner(b - 1)
        )

    # names found show others

    def _mask(self, a: int, b: int) -> None:
        words = self._words
        while a and words[a].gap == " " and words[a - 1].sort == "low" and words[a - 1].key in _LEADS:
            a -= 1
        for n in range(a, b):
            self._is_name[n] = words[n].sort != "mark"

    def _taken(self, n: int) -> bool:
        return bool(self._is_name[n]) or self._words[n].sort == "mark"

    def _spread_over_lists(self) -> None:
        """Take single words that are listed with a name: "X, Y and Z", where one of them is a name."""
        count = len(self._words)
        for order in (range(1, count), range(count - 2, -1, -1)):
            step = -1 if order.step > 0 else 1
            for n in order:
                if self._words[n].sort not in ("name", "given", "weak") or self._is_name[n]:
                    continue
                if self._is_known_place(n) and not _AGE.match(self._simple, self._words[n].end):
                    continue
                other = n + step
                if 0 <= other < count and self._words[other].key in ("and", "or", "y", "et", "e"):
                    other += step
                if not (0 <= other < count and self._taken(other)) or self._is_part_of_more(n):
                    continue
                gaps = {self._words[k].gap for k in range(min(n, other) + 1, max(n, other) + 1)}
                if "" not in gaps and not self._is_located(n):
                    self._mask(n, n + 1)

    def _is_part_of_more(self, n: int) -> bool:
        """Say whether a kept word stands right beside: "Zyx Hospital" in a list is no person."""
        words = self._words
        after = words[n + 1] if n + 1 < len(words) else None
        before = words[n - 1] if n else None
        kept = ("head", "place", "common")
        if (
            after
            and after.gap == " "
            and (after.sort in kept or after.key in self._lists.lower_heads)
            and not self._taken(n + 1)
        ):
            return True
        return bool(before and words[n].gap == " " and before.sort == "head")

    def _spread_over_text(self) -> None:
        """Take the family names found elsewhere in the text too: "X Y ... said Y"."""
        words = self._words
        known = {
            w.key
            for n, w in enumerate(words)
            if self._is_name[n]
            and w.sort in ("name", "given", "weak")
            and len(w.key) > 2
            and n not in self._known_words
        }
        kept = {w.key for w in words if w.sort == "place"}
        known = {k for k in known if k not in kept}
        known |= {PREFIX.sub("", k) for k in known}
        for n, word in enumerate(words):
            if (
                word.sort in ("name", "given", "weak")
                and not self._is_name[n]
                and PREFIX.sub("", word.key) in known
            ):
                if word.sort == "weak" or self._is_part_of_more(n) or self._is_theirs(n):
                    continue
                self._mask(n, n + 1)

    def _is_theirs(self, n: int) -> bool:
        """Say whether the word stands in the name of an institution, such as "X Y Hospital"."""
        words = self._words
        for last in range(n + 1, min(n + _LONGEST_LEFT, len(words))):
            if words[last].gap != " " or words[last].sort == "low":
                return words[last].gap == " " and words[last].key in self._lists.lower_heads
            if words[last].sort == "head":
                return True
        return False

    def _spans(self) -> tuple[list[tuple[int, int]], int]:
        """Join neighbouring words of a name into spans, one on each line."""
        spans: list[tuple[int, int]] = []
        count = 0
        words = self._words
        n = 0
        while n < len(words):
            if not self._is_name[n]:
                n += 1
                continue
            first = n
            pieces = [n]
            while n + 1 < len(words) and self._is_name[n + 1] and words[n + 1].gap in (" ", "\n"):
                n += 1
                if words[n].gap == "\n":
                    pieces.append(n)
                if self._is_owner(n - 1):
                    pieces.append(n)
            n += 1
            pieces.append(n)
            lengths = [b - a for a, b in zip(pieces, pieces[1:], strict=False) if b > a]
            spans += [
                (words[a].start, words[b - 1].end) for a, b in zip(pieces, pieces[1:], strict=False) if b > a
            ]
            # two whole names on two lines are two; a name that runs over the line's end is one
            count += len(lengths) if min(lengths) > 1 else 1
            del first
        return spans, count


_BETWEEN = frozenset(
    [
        "the",
        "north",
        "south",
        "east",
        "west",
        "northern",
        "southern",
        "eastern",
        "western",
        "central",
        "northeast",
        "northwest",
        "southeast",
        "southwest",
        "old",
        "new",
        "greater",
        "rural",
        "downtown",
        "neighboring",
        "neighbouring",
        "nearby",
        "northeastern",
        "northwestern",
        "southeastern",
        "southwestern",
        "northern-most",
        "occupied",
        "besieged",
    ]
)
_SHEIKH = frozenset(["sheikh", "shaikh", "shaykh", "sheik"])  # quarters and villages bear this title
_LEADS = frozenset(
    [
        "abu",
        "abou",
        "umm",
        "oum",
        "bin",
        "bint",
        "ibn",
        "al",
        "el",
        "de",
        "del",
        "von",
        "van",
        "der",
        "den",
        "di",
        "da",
        "dos",
        "la",
        "le",
    ]
)


def _titled(text: str) -> str:
    """Give a text with words of capitals in title case, length unchanged, for tables written that way."""
    return re.sub(r"\b[A-Z]{4,}\b", lambda m: m.group()[0] + m.group()[1:].lower(), text)
