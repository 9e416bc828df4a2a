"""Finds what may be people's names in Arabic: behind titles and kinship, from a given name on, before an age."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from afterstrike.reading.arabic._actor import find_actors
from afterstrike.reading.arabic._fold import Folded, Token, fold, fold_words, tokens, words

__all__ = ["find_names"]

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
_FOLLOWS_NUMBER = re.compile(r"\s*\d")


@dataclass(frozen=True)
class _Lists:
    given: frozenset[str]
    weak: frozenset[str]
    person: frozenset[str]
    kin: frozenset[str]
    family: frozenset[str]
    bearers: frozenset[str]
    stop: frozenset[str]


@cache
def _lists() -> _Lists:
    text = files("afterstrike.reading.arabic").joinpath("mask_words.toml").read_text(encoding="utf-8")
    table = {
        k: frozenset(fold_words(w.replace("_", " ")) for w in v.split())
        for k, v in tomllib.loads(text).items()
    }
    stop = set(table["stop"])
    known = words()
    for group in ("people", "harm", "events", "counted", "speech", "hedges", "places"):
        for value in known[group].values():
            if isinstance(value, (list, dict)):
                stop |= {fold_words(w) for phrase in value for w in phrase.split() if len(w) > 2}
    stop |= {fold_words(w) for k in ("weekdays", "months") for p in known["dates"][k] for w in p.split()}
    stop |= {
        fold_words(w)
        for forms in known["countries"].values()
        for f in forms
        for w in f.split()
        if f != w or len(w) > 3
    }
    weak = table["weak_given"]
    given = table["given"] - weak
    stop = {w for w in stop if w not in given | weak or w in table["stop"]} - given
    bearers = table["bearers"] | {fold_words(w) for w in known["places"]["features"] if " " not in w}
    return _Lists(given, weak, table["person"], table["kin"], table["family"], bearers, frozenset(stop))


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


class _Finder:
    def __init__(self, folded: Folded) -> None:
        self._folded = folded
        self._text = folded.text
        self._row = [t for t in tokens(folded.text) if not t.is_number]
        self._lists = _lists()
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
        found = []
        for a, b in self._joined():
            start = self._row[a].start + self._offset[a]
            found.append(self._folded.back(start, self._row[b - 1].end))
        return found

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
        """Say what a word is: mark, kept, given, weak, person, kin, family, bearer, stop, part, latin or word."""
        token, lists = self._row[n], self._lists
        if n in self._marks:
            return "mark"
        if n in self._kept:
            return "kept"
        if not "\u0600" <= token.text[0] <= "\u06ff":
            return "latin"
        for form in (token.text, *([token.text[1:]] if token.text[0] == "و" and len(token.text) > 3 else [])):
            self._offset[n] = len(token.text) - len(form)
            if form == "علي":
                # the preposition is written with another last letter
                a, b = self._folded.back(token.start, token.end)
                return "stop" if "ى" in self._folded.original[a:b] else "weak"
            if form in ("بن", "ابن", "بنت", "ابو", "ابي", "ابا", "ام", "ال"):
                return "part"
            if form in lists.given or (form.startswith("عبد") and len(form) > 5 and form[3:5] == "ال"):
                return "given"
            for sort, group in (
                ("weak", lists.weak), ("person", lists.person), ("kin", lists.kin), ("family", lists.family),
                ("bearer", lists.bearers), ("stop", lists.stop),
            ):  # fmt: skip
                if form in group:
                    return sort
        for form in (s for s in token.stems if s != token.text):
            if form in lists.given and not token.text.startswith(("ال", "وال", "لل")) and len(form) > 3:
                self._offset[n] = len(token.text) - len(form)
                return "given"
            if form in lists.stop or form in lists.person:
                # "بالطفل", "لقصف": a particle and a word that is no name; "العلي" alone is one
                if not token.text.startswith("ال") or form in lists.person:
                    return "person" if form in lists.person and len(form) > 3 else "stop"
        self._offset[n] = 0
        if token.text.startswith("وال") and len(token.text) > 5:
            self._offset[n] = 1
        return "stop" if len(token.text) < 2 or self._is_verb(token) else "word"

    def _is_verb(self, token: Token) -> bool:
        text = token.text.removeprefix("و") if len(token.text) > 4 else token.text
        return (len(text) > 3 and text[0] in "يتن" and not text.endswith("ي")) or (
            len(text) > 4 and text.startswith(("سي", "ست"))
        )

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
            preceded = self._is_listed(n)
            return self._name(n) if follows or by_age or preceded or self._is_filial(n + 1) else n + 1
        if sort == "part":
            return self._behind_part(n)
        if sort == "mark":
            return self._listed_behind(n + 1)
        if sort == "word" and self._row[n].text == "عبد" and self._beside(n + 1):
            return self._name(n)
        return n + 1

    def _is_filial(self, n: int) -> bool:
        return self._beside(n) and self._row[n].text in ("بن", "ابن", "بنت")

    def _is_listed(self, n: int) -> bool:
        """Say whether a word is joined to a name before it by "and" or a comma."""
        if not self._names or self._names[-1][1] != n:
            return n > 0 and self._sorts[n - 1] == "mark" and self._gap_lists(n)
        return self._gap_lists(n)

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
                return self._skip_bearer(at)
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
        if self._sorts[first] == "part" or self._row[first].text == "عبد":
            last = min(first + 2, len(self._row))
        unknown = int(self._sorts[first] == "word")
        articles = 0
        while last < min(first + _LONGEST, len(self._row)) and self._beside(last):
            sort, text = self._sorts[last], self._row[last].text
            if sort == "part" and self._offset[last] == 0 and self._beside(last + 1):
                last += 2
                continue
            if self._offset[last] or (
                sort not in ("given", "weak", "word", "mark") and text not in ("الدين", "الله", "الاسلام")
            ):
                break
            if sort == "mark":
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
        return self._listed_behind(last)

    def _listed_behind(self, n: int) -> int:
        """Take the next of a list of names where it is one: a given name, or a word with a name's shape."""
        if n >= len(self._row) or not n or not self._gap_lists(n):
            return n
        sort = self._sorts[n]
        if sort == "weak" or (sort == "part" and self._beside(n + 1)):
            return self._name(n)
        is_word = sort == "word" and (self._beside(n + 1) or self._is_aged(n))
        if is_word and (
            self._sorts_at(n + 1) in ("given", "weak") or self._is_filial(n + 1) or self._is_aged(n)
        ):
            return self._name(n)
        return n

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

    def _joined(self) -> list[tuple[int, int]]:
        joined: list[tuple[int, int]] = []
        for a, b in sorted(self._names):
            if joined and a < joined[-1][1]:
                joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
            else:
                joined.append((a, b))
        return joined
