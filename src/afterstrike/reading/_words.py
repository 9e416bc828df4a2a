"""Cuts a sentence into words of a few sorts: verbs, helping verbs, nouns, marks; no more grammar than speakers need."""

from __future__ import annotations

import re
from functools import cache

from afterstrike.reading._cue_words import Form, cue_words

__all__ = ["Words"]

_WORD = re.compile(r"[^\W\d_](?:[\w'&]|[.-](?=\w))*\.?|\d[\d.,]*\d|\d|--|''|\S")
_SORTS = {
    "d": "the a an this these those every no any some many most few several all both each another such what",
    "p": "his her its my our your their whose",  # whose something is
    "h": "he she it they i we you nobody everyone everybody someone anyone",
    "o": "him them me us",
    "a": "is are was were be been being has have had having do does did will would can could may might must should shall "
    "'s 're 've 'll 'd isn't aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't won't wouldn't can't cannot "
    "couldn't shouldn't mustn't",
    "i": "of in on at by for from with about against among between during under over into through across toward towards "
    "behind like within without amid near around upon outside inside including",
    "s": "that when while as if because although whether where since after before until unless than so why how but yet nor",
    "w": "who which",
    "c": "and or",
    "t": "to",
}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TITLES = _set("mr. mrs. ms. dr. sen. rep. gov. gen. col. lt. st. sgt. u.s. u.n.")
_PLURALS = _set(
    "people police media percent men women many some most others elite public children crew staff"
)
_COUNTING = _set(
    "the a an no these those many some all"
)  # "each" and "another" may stand alone before a verb
_MARKS = {
    '"': '"',
    "''": '"',
    "(": "(",
    "[": "(",
    ")": ")",
    "]": ")",
    ",": ",",
    "-": "-",
    "--": "-",
    "\u2013": "-",
    "\u2014": "-",
}
_LY_NOUNS = _set(
    "ally anomaly assembly family fly july reply supply rely rally tally bully comply apply multiply imply"
)
_ING_NOUNS = _set(
    "during evening morning meeting building polling spending training hearing fighting shelling funding bombing"
)
_LONGEST = 22  # words of a noun phrase


@cache
def _closed() -> dict[str, str]:
    return {word: sort for sort, words in _SORTS.items() for word in words.split()}


class Words:
    """The words of one sentence, each with its place and its sort.

    Sorts: those of the table above, and "v" verb, "r" adverb, "n" noun, adjective or name, "," '"' "(" ")" and
    "." for marks.

    Examples
    --------
    >>> words = Words("The head of the council, a doctor, said 12 men had died.")
    >>> words.sorts
    'dnidn,dn,vnnan'
    >>> words.span(words.phrase_left(4))
    (0, 23)
    """

    def __init__(self, simple: str) -> None:
        self.text = simple
        self.at: list[tuple[int, int]] = []
        self.low: list[str] = []
        self.forms: list[Form | None] = []
        self.quoted: list[bool] = []
        sorts: list[str] = []
        is_open, closed, stop = False, _closed(), len(simple.rstrip())
        for match in _WORD.finditer(simple):
            word = match.group()
            a, b = match.span()
            if b - a > 1 and word[-1] == "." and (b >= stop or b - a > 4) and word.lower() not in _TITLES:
                word, b = word[:-1], b - 1
            low = word.lower()
            known = closed.get(low)
            if known and low != "like":  # most words are of these; nothing else need be asked
                sort, form = known, None
            else:
                sort, form = self._sort(word, low, sorts)
                is_open ^= sort == '"'
            self.at.append((a, b))
            self.low.append(low)
            self.forms.append(form)
            self.quoted.append(is_open or sort == '"')
            sorts.append(sort)
        self.sorts = "".join(sorts)

    def _sort(self, word: str, low: str, before: list[str]) -> tuple[str, Form | None]:
        mark = _MARKS.get(word)
        if mark:
            return mark, None
        if low == "like" and not (self.low and self.low[-1] in ("would", "i'd")):
            return "i", None
        if not word[0].isalpha():
            return ("n" if word[0].isdigit() else "."), None
        table = cue_words()
        form = table.verbs.get(low)
        if form:
            if self._is_verb(form, word, before):
                return "v", form
        elif word[0].islower() and (low in table.adverbs or (low.endswith("ly") and low not in _LY_NOUNS)):
            return "r", None
        if "'" in low:
            head, _, tail = low.partition("'")
            if tail in ("re", "ve", "ll", "d", "m", "s") and head in _closed():
                return _closed()[head], None  # "they've": the pronoun; the verb behind it is what matters
        return ("v" if self._is_other_verb(low, word, before) else "n"), None

    def _is_verb(self, form: Form, word: str, before: list[str]) -> bool:
        """Say whether a form that may be a noun as well is a verb where it stands."""
        table = cue_words()
        k = len(before) - 1
        while k >= 0 and (before[k] == "r" or self.low[k] in ("both", "all")):
            k -= 1
        last, low = before[k] if k >= 0 else "", self.low[-1] if self.low else ""
        if word[0].isupper() and before:
            # a name ("United States"), unless its form says more
            is_name = low in ("united", "member") or not (form.is_past or (form.is_s and last == "n"))
            if is_name:
                return False
        if form.is_ing:
            return last not in ("d", "p")
        if form.is_past:
            if form.is_base and last == "i":
                return False
            return last not in ("d", "p") and (last != "i" or low == "by")
        if word.lower() in table.nouns and last == "n" and self.text[self.at[-1][0]].islower():
            # "fairly expansive plans": a noun, unless what stands before it begins a clause
            k = len(before) - 1
            while k >= 0 and before[k] in "ndpir":
                k -= 1
            if k >= 0 and before[k] in "vac":
                return False
        if form.is_s:
            return last in ("n", "h", "w", "c", ",", '"', ")") or (last == "d" and low not in _COUNTING)
        if last in ("t", "a", "h", "w"):
            return True
        if last == "c":
            return "v" in before
        if last in (",", '"'):
            return word[0].islower() and form.lemma in (
                "say",
                "argue",
                "think",
                "believe",
                "suggest",
                "insist",
            )
        if last != "n":
            return False
        is_plural = low in _PLURALS or (low.endswith("s") and not low.endswith(("ss", "'s", "us", "is")))
        return is_plural or (form.lemma in table.clausal and form.lemma not in table.nouns)

    def _is_other_verb(self, low: str, word: str, before: list[str]) -> bool:
        """Take an unknown word on -ed or -ing for a verb where a noun stands in front of it."""
        if not low.endswith(("ed", "ing")) or not word[0].islower() or len(low) < 5:
            return False
        last = before[-1] if before else ""
        if low.endswith("ed"):
            return last in ("n", "h", "a", "w", "r", "c", ")") and low not in ("hundred", "united")
        return last in ("a", "t", "i", "n", ",") and low not in _ING_NOUNS

    def span(self, found: tuple[int, int] | None) -> tuple[int, int] | None:
        """Give the offsets of words a to b, both inside."""
        return (self.at[found[0]][0], self.at[found[1]][1]) if found else None

    def phrase_left(self, end: int) -> tuple[int, int] | None:
        """Give the noun phrase that ends with a word; "of", "in" and their like join two nouns into one."""
        if end < 0 or self.sorts[end] not in "nhodp)":
            return None
        a = end
        while a > 0 and end - a < _LONGEST:
            sort, before = self.sorts[a - 1], self.sorts[a - 2] if a > 1 else ""
            if self.sorts[a] == "h" or self.low[a] in ("that", "what"):
                break
            if sort == ")":
                opening = self.sorts.rfind("(", 0, a - 1)
                if opening < 1:
                    break
                a = opening
            elif sort in "np" or (sort == "d" and self.low[a - 1] not in ("what", "such")):
                if self.sorts[a] in "dp" and sort == "n" and self.low[a] not in ("all", "both"):
                    break  # "Monday the army": two phrases
                a -= 1
            elif (
                sort == "i" and before in "n)" and self.low[a - 1] not in ("by", "during", "like", "without")
            ) or (sort == "r" and before in "dnip" and self.sorts[a] == "n"):
                a -= 1
            else:
                break
        while a < end and self.sorts[a] in "ri":
            a += 1
        return a, end

    def phrase_right(self, begin: int) -> tuple[int, int] | None:
        """Give the noun phrase that begins with a word."""
        b = begin
        if self.sorts[begin : begin + 1] == "i":
            return None
        while b < len(self.sorts) and b - begin < _LONGEST and self.sorts[b] in "ndphoi":
            if self.sorts[b] in "dph" and b > begin and self.sorts[b - 1] == "n":
                break
            if self.sorts[b] in "ho":
                b += 1
                break
            b += 1
        b -= 1
        while b > begin and self.sorts[b] in "idp":
            b -= 1
        return (begin, b) if b >= begin and self.sorts[b] in "nhod" else None
