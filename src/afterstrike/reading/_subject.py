"""Finds who does what a verb says: the words in front of it, behind it, or those of the clause it hangs on."""

from __future__ import annotations

import re

from afterstrike.reading._cue_words import cue_words
from afterstrike.reading._words import Words

__all__ = ["Clause"]

_DAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
_TIMES = frozenset(
    {"week", "month", "year", "night", "summer", "autumn", "fall", "spring", "winter", "morning"}
)
_YEAR = re.compile(r"(?:1[89]|20)\d\d")


class Clause(Words):
    """The words of a sentence, asked for the subjects of its verbs.

    Examples
    --------
    >>> clause = Clause("First Last, who leads the council, said that 12 men had died.")
    >>> clause.text[slice(*clause.span(clause.subject(8)))]
    'First Last'
    """

    def subject(self, verb: int, depth: int = 0) -> tuple[int, int] | None:
        """Find who does what a verb says: the words in front of it, or those of the clause it hangs on.

        Returns
        -------
        (int, int) or None
            First and last word.
        """
        if depth > 6:
            return None
        form, j = self.forms[verb], verb - 1
        is_ing = self.low[verb].endswith("ing")
        j = self._before(j)
        if is_ing and any(s == "a" for s in self.sorts[j + 1 : verb]):
            is_ing = False
        if j < 0:
            return self._behind_opening(verb) if is_ing else None
        sort = self.sorts[j]
        if sort == "t":
            return self._controller(j, depth)
        if sort == "w":
            return self._antecedent(j)
        if sort in "c" or self.low[j] in ("but", "yet"):
            return self._verb_before(j, depth, is_main=j > 0 and self.sorts[j - 1] == ",")
        if sort == "s":
            if is_ing or self.low[j] == "than":
                return self._verb_before(j, depth, is_main=is_ing)
            return (
                self._antecedent(j) if self.low[j] == "that" and j > 0 and self.sorts[j - 1] in "n," else None
            )
        if sort in ",-":
            if not is_ing:
                got = self._apposed(j)
                if got:
                    return got
            return self._verb_before(j, depth, is_main=is_ing)
        if sort == ")":
            j = self.sorts.rfind("(", 0, j) - 1
            sort = self.sorts[j] if j >= 0 else ""
        if sort == "i" or sort == "v":
            return self._verb_before(j + (sort == "v"), depth, is_main=False) if is_ing else None
        if sort == '"':
            return None
        found = self.phrase_left(j)
        if found is None:
            return None
        k = found[0] - 1
        while k >= 0 and self.sorts[k] == "r":
            k -= 1
        if k >= 0 and self.sorts[k] == "v" and self.sorts[found[0]] != "h":
            other = self.forms[k]
            is_clause = other is not None and other.lemma in cue_words().clausal
            if form is not None and not is_clause and not is_ing:
                return self.subject(k, depth + 1) or found
        elif k >= 0 and self.sorts[k] == "i" and self.sorts[found[0]] != "h" and not is_ing:
            # "which began in May said": the phrase stands behind a preposition of a relative clause
            relative = self._relative(k)
            if relative:
                return relative
        return found

    def _before(self, j: int) -> int:
        """Go left past helping verbs, adverbs and words of time."""
        while j >= 0:
            before = self.low[j - 1] if j else ""
            is_time = self.low[j] in _TIMES and before in ("last", "this", "next", "that", "past")
            is_time = is_time or (self.low[j] in _DAYS and before == "on")
            if is_time or (before == "in" and _YEAR.fullmatch(self.low[j])):
                j -= 2
            elif self.sorts[j] in "ar" or self.low[j] in ("both", "all"):
                j -= 1
            else:
                break
        return j

    def _relative(self, k: int) -> tuple[int, int] | None:
        """Give the antecedent where "who" and a verb stand before a word with nothing that ends the clause between."""
        seen = False
        for i in range(k, max(-1, k - 14), -1):
            if self.sorts[i] in '",.shc-(':
                return None
            seen = seen or self.sorts[i] in "va"
            if self.sorts[i] == "w":
                return self._antecedent(i) if seen else None
        return None

    def _behind_opening(self, verb: int) -> tuple[int, int] | None:
        """Give the subject behind an opening participle: "Noting that ..., the mayor said"."""
        for i in range(verb + 1, len(self.sorts) - 1):
            if self.sorts[i] == "," and not self.quoted[i] and self.sorts[i + 1] in "ndhp":
                return self.phrase_right(i + 1)
        return None

    def _antecedent(self, j: int) -> tuple[int, int]:
        """Give what "who" stands for, with "who" itself."""
        k = j - 1
        if k >= 0 and self.sorts[k] == ",":
            k -= 1
        found = self.phrase_left(k)
        return (found[0], j) if found else (j, j)

    def _apposed(self, j: int) -> tuple[int, int] | None:
        """Give the phrase that what stands between two commas or dashes explains: "First Last, a friend, said"."""
        k = j - 1
        while k > 0 and (self.sorts[k] != self.sorts[j] or self.quoted[k] != self.quoted[j]):
            if self.sorts[k] in '".' and self.low[k] not in ("/",):
                return None
            k -= 1
        if k <= 0 or j - k > 40:
            return None
        between = self.sorts[k + 1 : j]
        # "released on Sunday by", "leaving the hall": not "happened when the army came"
        is_participle = self.low[k + 1].endswith("ing") or (
            self.low[k + 1].endswith("ed") and between[1:2] in ("i", "r", "t")
        )
        is_told = between[:1] == "v" and not is_participle
        if self.sorts[j] == "," and (between[:1] in ("h", "c", "a") or is_told):
            return None
        found = self.phrase_left(k - 1)
        if found and self.low[found[0]] not in ("him", "them", "me", "us"):
            before = self.sorts[found[0] - 1] if found[0] else ""
            if before == "i" and between[:1] in "ndp":
                # "In July, First Last, an aide": a day or place, and then the subject
                return self.phrase_left(j - 1)
            return found
        return None

    def _verb_before(self, j: int, depth: int, *, is_main: bool) -> tuple[int, int] | None:
        """Give the subject of the verb that a joined verb or a participle hangs on.

        The nearest verb is asked; with `is_main` the nearest one that states something, else the first of all.
        """
        table, first = cue_words(), None
        for i in range(j - 1, -1, -1):
            if (self.quoted[i] and not self.quoted[j]) or self.sorts[i] not in "vah.":
                continue
            if self.sorts[i] == ".":
                if self.low[i] == ";":
                    break
                continue
            if self.sorts[i] == "h":
                if "'" in self.low[i] and not is_main:
                    return i, i  # "they're hostile and agree"
                continue
            if self.sorts[i] == "a" and self.sorts[i + 1 : i + 2] in ("v", "a", "r"):
                continue
            is_ing = self.low[i].endswith("ing") and i > 0 and self.sorts[i - 1] != "a"
            if not is_main:
                if is_ing and not self.low[j - 1].endswith("ing"):
                    continue  # "her days growing up, and said"
                return self.subject(i, depth + 1)
            form = self.forms[i]
            if (
                form
                and form.kind == "says"
                and form.lemma in table.clausal | table.inverted
                and not form.is_ing
            ):
                return self.subject(i, depth + 1) or self.inverted(i)
            first = i
        return self.subject(first, depth + 1) if first is not None else None

    def _controller(self, j: int, depth: int) -> tuple[int, int] | None:
        """Give who does what stands behind "to": whoever wants it, or whoever was asked."""
        for i in range(j - 1, max(-1, j - 12), -1):
            if self.sorts[i] in '".':
                return None
            if self.sorts[i] == "v" or (
                self.sorts[i] == "a" and self.sorts[i + 1 : i + 2] not in ("v", "a", "r")
            ):
                form = self.forms[i]
                is_passive = self.sorts[:i].endswith(("a", "ar"))
                if form and form.lemma in cue_words().object_control and not is_passive:
                    told = self.phrase_left(j - 1)
                    if told and told[0] > i:
                        return told
                return self.subject(i, depth + 1)
        return None

    def inverted(self, verb: int) -> tuple[int, int] | None:
        """Give a speaker behind his verb: '"...", said the mayor'."""
        form = self.forms[verb]
        if form is None or form.lemma not in cue_words().inverted or form.is_ing or verb == 0:
            return None
        if self.sorts[verb - 1] == '"':
            return self.phrase_right(verb + 1)
        if self.sorts[verb - 1] != "," or (form.is_base and not form.is_past) or form.lemma == "tell":
            return None
        if self._apposed(verb - 1):
            return None
        found = self.phrase_right(verb + 1)
        if found is None:
            return None
        stop = self.sorts[found[1] + 1 : found[1] + 2]
        return found if stop in ("", ",", ".", "i", "s", "w", "c", '"') else None
