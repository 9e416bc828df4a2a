"""Finds what may be people's names in Latin script: runs of capitalised words that are nothing else."""

from __future__ import annotations

import re
from itertools import pairwise

from afterstrike.reading._mask_harmed import SIBLINGS, find_harmed
from afterstrike.reading._mask_row import Row
from afterstrike.reading._mask_words import PREFIX

__all__ = ["find_names"]

_AGE = re.compile(
    r"(?:'s)?\s*(?:\(\s*(?:aged?\s*:?\s+)?\d{1,3}(?:\s*[-–]?\s*(?:years?|months?|yo|y/o)(?:[- ]old)?)?\s*[),;]"
    r"|,?\s+aged?\s+(?:about\s+|around\s+)?\d"
    r"|,\s*(?:aged\s+|age\s+)?\d{1,3}\s*(?:[,;.):]|$|\n|\s(?:and|who|was|were|years?|months?|yo)\b)"
    r"|,\s+(?:a|an|the|then)\s+\d{1,3}-(?:year|month|day)s?-old|\s+-?\s*\d{1,3}\s+years?\s+old|\s+\d{1,3}-year-old)",
    re.IGNORECASE,
)
_LONGEST_LEFT = 5  # words that belong to an institution behind them
_SHEIKH = frozenset(["sheikh", "shaikh", "shaykh", "sheik"])  # quarters and villages bear this title
# in lower case before a name they belong to it
_LEADS = frozenset(
    ["abu", "abou", "umm", "oum", "bin", "bint", "ibn", "al", "el", "de", "del", "von", "van", "der", "den", "di", "da", "dos",
     "la", "le"]
)  # fmt: skip


def find_names(text: str) -> tuple[list[tuple[int, int]], int]:
    """Give the spans of names in Latin script, in text order, and how many names they are.

    A name over a line end has a span on each line and counts once.
    """
    if not any(c.isupper() for c in text):
        return [], 0
    return _Finder(text).find()


class _Finder(Row):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._is_name = bytearray(len(self._words))

    def find(self) -> tuple[list[tuple[int, int]], int]:
        for a, b in self._runs():
            self._judge_run(a, b)
        for a, b in find_harmed(self):
            self._mask(a, b)
        self._spread_over_lists()
        self._spread_over_text()
        self._spread_over_lists()
        return self._spans()

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
        opening = a
        while opening < b and words[opening].sort in ("common", "low"):
            opening += 1
        if opening > a and self._has_strong(opening, b):
            a = opening
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
            speaks = after.key in lists.speech and not after.is_shouted and not self._is_known_place(a)
            is_siblings = after.key in SIBLINGS and after.sort == "low" and not self._is_known_place(a)
            if after.key in lists.family or speaks or is_siblings:
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
            if self._is_name[n] and w.sort in ("name", "given", "weak") and len(w.key) > 2
            and not (n in self._known_words and self._stands_alone(n))
        }  # fmt: skip
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

    def _stands_alone(self, n: int) -> bool:
        """Say whether a name is of this one word."""
        words = self._words
        is_behind = n > 0 and words[n].gap in (" ", "\n") and self._taken(n - 1)
        is_before = n + 1 < len(words) and words[n + 1].gap in (" ", "\n") and self._taken(n + 1)
        return not (is_behind or is_before)

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
            pieces = [n]
            while n + 1 < len(words) and self._is_name[n + 1] and words[n + 1].gap in (" ", "\n"):
                n += 1
                if words[n].gap == "\n":
                    pieces.append(n)
                if self._is_owner(n - 1):
                    pieces.append(n)
            n += 1
            pieces.append(n)
            lengths = [b - a for a, b in pairwise(pieces) if b > a]
            spans += [(words[a].start, words[b - 1].end) for a, b in pairwise(pieces) if b > a]
            # two whole names on two lines are two; a name that runs over the line's end is one
            count += len(lengths) if min(lengths) > 1 else 1
        return spans, count
