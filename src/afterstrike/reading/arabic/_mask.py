"""Finds what may be people's names in Arabic: behind titles and kinship, from a given name on, before an age."""

from __future__ import annotations

import re
from itertools import groupby

from afterstrike.reading.arabic._actor import find_actors
from afterstrike.reading.arabic._fold import Folded, fold, tokens
from afterstrike.reading.arabic._mask_words import mask_lists, sort_of

__all__ = ["find_names", "find_runs"]

_LONGEST = 6  # words of a name
_MARK = re.compile(r"\[اسم محذوف\]")
_BESIDE = re.compile(r" *\n? *[\"'(]? *")
_LIST = re.compile(
    r"\s*(?:[,;/\-]|\n)\s*|\s*\(\s*\d{1,3}[^()\n]{0,20}\)\s*[,;]?\s*|\s*,\s*\d{1,3}\s*(?:عاما|سنه|سنوات|عام)?\s*[,;]?\s*"
)
_AGE = re.compile(
    r"[\s,(\-]*(?:(?:ذو|ذات|ابن|بعمر|عمره|عمرها|العمر)\s+)?(?:ال)?\d{1,3}\s*(?:عاما|عام|سنه|سنوات|سنين|ربيعا|اعوام|شهرا|اشهر|شهور)|\s*\(\s*\d{1,2}\s*\)"
)
_AGED = re.compile(r"\s*[,(]?\s*(?:البالغه?|البالغين|[وي]?يبلغ|تبلغ)\s+(?:من\s+العمر|عمره|عمرها|\d)")
_MOST_IN_RUN = 12  # words; more of them beside each other are a sentence, which `find_names` reads
_RUN_GAP = re.compile(r"[ \u00a0\"'()\u200b-\u200f\u202a-\u202e.،,\-]*")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_NAME_BEHIND = re.compile(r"[^\S\n]*[(\[/–—-][^\S\n]*\[name left out\]")
_NAME_BEFORE = re.compile(r"\[name left out\][^\S\n]*[(/–—-][^\S\n]*$")
_LETTER = re.compile("[\u0620-\u064a\u066e-\u06d3]")
_FOLLOWS_NUMBER = re.compile(r"\s*\d")


def find_names(text: str) -> tuple[list[tuple[int, int]], int]:
    """Give the spans of names in Arabic script, in text order and apart, and how many they are.

    A particle written on a name ("و", "ل") is none of its span.

    Examples
    --------
    >>> text = "أصيب الطفل زيدون القرمطي ووالدته فاطمة"
    >>> [text[a:b] for a, b in find_names(text)[0]]
    ['زيدون القرمطي', 'فاطمة']
    """
    spans = _Finder(fold(text)).find()
    return spans, len(spans)


def find_runs(text: str) -> tuple[list[tuple[int, int]], int]:
    """Give the spans of words that are not known, in the short Arabic runs of a text that is not mainly Arabic.

    There Arabic words are mostly somebody's name. Of a text mainly in Arabic only those beside a mark are given.

    Examples
    --------
    >>> text = "Zorvan Qarmuti (زورفان القرمطي) lived in Raqqa (الرقة)"
    >>> [text[a:b] for a, b in find_runs(text)[0]]
    ['زورفان القرمطي']
    """
    is_arabic = len(_LETTER.findall(text)) >= len(_LATIN.findall(text))
    if is_arabic and "[name left out]" not in text:
        return [], 0
    spans = _Finder(fold(text)).unknown_in_runs()
    if is_arabic:  # the same name again, in brackets or behind a stroke
        spans = [
            (a, b)
            for a, b in spans
            if _NAME_BEHIND.match(text, b) or _NAME_BEFORE.search(text, max(0, a - 24), a)
        ]
    return spans, len(spans)


class _Finder:
    def __init__(self, folded: Folded) -> None:
        self._folded = folded
        self._text = folded.text
        self._row = [t for t in tokens(folded.text) if not t.is_number]
        self._lists = mask_lists()
        self._offset = [0] * len(self._row)  # letters in front of the name, such as "و"
        self._marks: set[int] = set()
        self._kept: set[int] = set()
        self._names: list[tuple[int, int]] = []
        self._find_marks()
        self._sorts = [self._sort(n) for n in range(len(self._row))]

    def find(self) -> list[tuple[int, int]]:
        place = 0
        while place < len(self._row):
            place = max(self._at(place), place + 1)
        self._backwards()
        self._spread_over_text()
        found = []
        for a, b in self._joined():
            start = self._row[a].start + self._offset[a]
            found.append(self._folded.back(start, self._row[b - 1].end))
        return found

    def unknown_in_runs(self) -> list[tuple[int, int]]:
        """Give the words of short runs that are in no table, those beside each other as one."""
        spans: list[tuple[int, int]] = []
        row = self._row
        first = 0
        while first < len(row):
            last = first + 1
            if self._is_foreign(first):
                first += 1
                continue
            while last < len(row) and not self._is_foreign(last) and self._runs_on(last):
                last += 1
            if last - first <= _MOST_IN_RUN:
                spans += self._unknown(first, last)
            first = last
        return spans

    def _is_foreign(self, n: int) -> bool:
        return self._sorts[n] in ("latin", "mark")

    def _runs_on(self, n: int) -> bool:
        return _RUN_GAP.fullmatch(self._text[self._row[n - 1].end : self._row[n].start]) is not None

    def _unknown(self, first: int, last: int) -> list[tuple[int, int]]:
        from afterstrike.reading.gazetteer import default_gazetteer

        asked: dict[str, list[tuple[int, int]]] = {}
        for a in range(first, last):
            for b in range(a + 1, min(a + 4, last) + 1):
                asked.setdefault(self._text[self._row[a].start : self._row[b - 1].end], []).append((a, b))
            for stem in self._row[a].stems[1:]:
                asked.setdefault(stem, []).append((a, a + 1))
        known: set[int] = set()
        for phrase in default_gazetteer().lookup_exact(asked):
            for a, b in asked[phrase]:
                if b - a > 1 or self._sorts[a] != "given":
                    known.update(range(a, b))
        taken = [
            n not in known and self._sorts[n] in ("word", "given", "weak", "part") for n in range(first, last)
        ]
        spans = []
        for is_taken, group in groupby(range(first, last), key=lambda n: taken[n - first]):
            if is_taken:
                numbers = list(group)
                start = self._row[numbers[0]].start + self._offset[numbers[0]]
                spans.append(self._folded.back(start, self._row[numbers[-1]].end))
        return spans

    # words

    def _find_marks(self) -> None:
        spans = [m.span() for m in _MARK.finditer(self._text)]
        actors = [(m.start, m.end) for m in find_actors(self._folded, self._row)]
        for spans_, found in ((spans, self._marks), (actors, self._kept)):
            at = 0
            for a, b in spans_:
                while at < len(self._row) and self._row[at].end <= a:
                    at += 1
                while at < len(self._row) and self._row[at].start < b:
                    found.add(at)
                    at += 1

    def _sort(self, n: int) -> str:
        """Say what a word is: mark, kept or what `sort_of` says."""
        token = self._row[n]
        if n in self._marks:
            return "mark"
        if n in self._kept:
            return "kept"
        sort, self._offset[n] = sort_of(token.text, token.stems)
        if sort == "weak" and token.text.removeprefix("و") == "علي":
            # the preposition is written with another last letter
            a, b = self._folded.back(token.start, token.end)
            return "stop" if "ى" in self._folded.original[a:b] else "weak"
        return sort

    def _beside(self, n: int) -> bool:
        """Say whether a word stands right behind the one before it."""
        if not 0 < n < len(self._row):
            return False
        between = self._text[self._row[n - 1].end : self._row[n].start]
        return _BESIDE.fullmatch(between) is not None

    # names

    def _at(self, n: int) -> int:
        """Take the name that begins at a word or right behind it; give the word to go on at."""
        sort = self._sorts[n]
        if self._is_next_in_list(n):
            return self._name(n)
        if sort == "bearer":
            return self._skip_bearer(n)
        if sort in ("person", "kin", "family"):
            return self._behind(n, sort)
        if sort == "given":
            return self._name(n)
        if sort == "weak":
            follows = (
                self._beside(n + 1)
                and self._offset[n + 1] == 0
                and self._sorts[n + 1] in ("given", "weak", "mark")
            )
            by_age = self._is_aged(n)
            return self._name(n) if follows or by_age or self._is_filial(n + 1) else n + 1
        if sort == "part":
            return self._behind_part(n)
        return n + 1

    def _is_filial(self, n: int) -> bool:
        return self._beside(n) and self._row[n].text in ("بن", "ابن", "بنت")

    def _gap_lists(self, n: int) -> bool:
        between = self._text[self._row[n - 1].end : self._row[n].start]
        return bool(_LIST.fullmatch(between)) or (self._offset[n] == 1 and between.strip(" ,") == "")

    def _is_aged(self, n: int) -> bool:
        return bool(_AGE.match(self._text, self._row[n].end) or _AGED.match(self._text, self._row[n].end))

    def _skip_bearer(self, n: int) -> int:
        """Step over the name of a place or house: "مستشفى X Y", "حي الشيخ X"; none where it has a article."""
        if self._row[n].text.startswith(("ال", "وال", "بال", "لل", "فال", "كال")):
            return n + 1
        at = n + 1
        while at < min(n + 4, len(self._row)) and self._beside(at) and self._offset[at] == 0:
            if self._sorts[at] in ("stop", "kept", "mark") and self._row[at].text not in ("الدين", "الله"):
                break
            if self._sorts[at] in ("bearer", "kin", "family") and at > n + 1:
                break
            if self._sorts[at] == "bearer":
                return at
            at += 1
            if self._sorts[at - 1] == "word" and self._row[at - 1].text.startswith("ال"):
                break
        return at

    def _behind(self, n: int, sort: str) -> int:
        """Take the name behind a title, a word of kinship or of family, known or not."""
        at = n + 1
        while (
            at < len(self._row) and self._beside(at) and self._sorts[at] == "person" and self._offset[at] == 0
        ):
            at += 1  # "الناشط الإعلامي X"
        if at >= len(self._row):
            return at
        between = self._text[self._row[at - 1].end : self._row[at].start]
        if not (self._beside(at) or re.fullmatch(r"\s*[:\"'(]+\s*", between)) or (
            self._offset[at] and self._sorts[at] != "given"
        ):
            return at
        if self._sorts[at] in ("given", "weak", "part"):
            return self._name(at)
        if self._sorts[at] != "word" or (self._row[at].text[0] in "بلفك" and self._is_particled(at)):
            return at
        if self._is_place(n, at):
            return at + 1
        return self._name(at)

    def _is_particled(self, n: int) -> bool:
        """Say whether a word begins with a particle and an article or a known word: "بالقصف", "لدفن"."""
        text = self._row[n].text
        return (
            text[1:3] == "ال"
            or text.startswith("لل")
            or any(s in self._lists.stop | self._lists.bearers for s in self._row[n].stems[1:])
        )

    def _is_place(self, n: int, at: int) -> bool:
        from afterstrike.reading.gazetteer import default_gazetteer

        if self._sorts[n] != "person" or "شيخ" not in self._row[n].text:
            return False
        phrase = self._text[self._row[n].start + self._offset[n] : self._row[at].end]
        return bool(default_gazetteer().lookup_exact([phrase]))

    def _behind_part(self, n: int) -> int:
        """Take "أبو X" and "آل X"; "ابن" and "أم" only where a given name follows."""
        part = self._row[n].text[self._offset[n] :]
        if not self._beside(n + 1) or self._offset[n + 1]:
            return n + 1
        follows = self._sorts[n + 1]
        if part == "ال":
            return self._name(n + 1) if follows in ("word", "given", "weak") else n + 1
        if follows in ("given", "weak") and not (part == "ام" and follows == "weak"):
            return n + 1 if self._is_known_place(n) else self._name(n)
        if part == "عبد":
            return self._name(n)
        if (
            part in ("ابو", "ابي", "بن")
            and follows in ("word", "person", "stop")
            and len(self._row[n + 1].text) > 2
        ):
            return n + 2 if self._is_known_place(n) else self._name(n)
        return n + 1

    def _is_known_place(self, n: int) -> bool:
        from afterstrike.reading.gazetteer import default_gazetteer

        start, end = self._row[n].start + self._offset[n], self._row[n + 1].end
        return bool(default_gazetteer().lookup_exact([self._text[start:end]]))

    def _name(self, first: int) -> int:
        """Take the words of a name from its first on, then the names listed behind it."""
        last = first + 1
        if self._sorts[first] == "part":
            last = min(first + 2, len(self._row))
        unknown = int(self._sorts[first] == "word")
        articles = 0
        while last < min(first + _LONGEST, len(self._row)) and self._beside(last):
            sort, text = self._sorts[last], self._row[last].text
            if sort == "part" and self._offset[last] == 0 and self._beside(last + 1):
                last += 2
                continue
            is_name = sort in ("given", "weak", "word") or text in ("الدين", "الله", "الاسلام")
            if self._offset[last] or not is_name:
                break
            if sort == "word":
                if text.startswith("ال"):
                    articles += 1
                elif self._row[last].text[0] in "بلفك" and self._is_particled(last):
                    break
                else:
                    unknown += 1
                if articles > 2 or unknown > 2 or (articles and not text.startswith("ال")):
                    break
            last += 1
        last = min(last, len(self._row))
        self._names.append((first, last))
        return last

    def _is_next_in_list(self, n: int) -> bool:
        """Say whether a word goes on a list of names: a given name, or a word with a name's shape."""
        is_behind = n > 0 and (
            self._sorts[n - 1] == "mark" or (bool(self._names) and self._names[-1][1] == n)
        )
        if not is_behind or not self._gap_lists(n):
            return False
        sort = self._sorts[n]
        if sort == "weak" or (sort == "part" and self._beside(n + 1)):
            return True
        if sort != "word":
            return False
        is_led = self._beside(n + 1) and (
            self._sorts_at(n + 1) in ("given", "weak") or self._is_filial(n + 1)
        )
        return is_led or self._is_aged(n)

    def _sorts_at(self, n: int) -> str:
        return self._sorts[n] if n < len(self._row) and not self._offset[n] else "end"

    def _backwards(self) -> None:
        """Take up to four words with a name's shape before an age or "بن", where no title led to them."""
        taken = {n for a, b in self._names for n in range(a, b)}
        for n in range(len(self._row)):
            if n in taken or self._sorts[n] not in ("word", "weak", "given"):
                continue
            if not (self._is_aged(n) or self._is_filial(n + 1)):
                continue
            first = n
            while (
                first
                and n - first < 3
                and self._beside(first)
                and not self._offset[first]
                and first - 1 not in taken
            ):
                if self._sorts[first - 1] not in ("word", "weak", "given"):
                    break
                first -= 1
            if self._sorts[first - 1] == "bearer" and first and self._beside(first):
                continue
            last = n + 3 if self._is_filial(n + 1) and n + 2 < len(self._row) else n + 1
            self._names.append((first, last))
            taken.update(range(first, last))
        self._names.sort()

    def _spread_over_text(self) -> None:
        """Take a family name with an article found in a longer name elsewhere too: "X القرمطي ... قال القرمطي"."""
        from afterstrike.reading.gazetteer import default_gazetteer

        def bare(n: int) -> str:
            return self._row[n].text[self._offset[n] :]

        inside = {n for a, b in self._names for n in range(a, b)}
        behind = {n for a, b in self._names for n in range(a + 1, b)}
        known = {
            bare(n)
            for n in behind
            if self._sorts[n] == "word" and bare(n).startswith("ال") and len(bare(n)) > 4
        }
        known -= set(default_gazetteer().lookup_exact(known))
        for n in range(len(self._row)):
            is_theirs = n > 0 and self._sorts[n - 1] in ("bearer", "kept") and self._beside(n)
            if n not in inside and not is_theirs and self._sorts[n] == "word" and bare(n) in known:
                self._names.append((n, n + 1))

    def _joined(self) -> list[tuple[int, int]]:
        joined: list[tuple[int, int]] = []
        for a, b in sorted(self._names):
            if joined and a < joined[-1][1]:
                joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
            else:
                joined.append((a, b))
        return joined
