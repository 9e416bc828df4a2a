"""Grades how surely a statement is made."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from afterstrike.reading._claim import HEDGINGS, Hedging
from afterstrike.reading._vocabulary import phrase_pattern

__all__ = ["denials_beside", "grade_hedging", "stronger", "unreal"]

_WOULD_HAVE = re.compile(r"\bwould\s+(?:[a-z]+ly\s+)?have\b", re.I)
# a number inside may be what is denied: then it is no aside
_DENIAL_BESIDE = re.compile(
    r",\s+(?:who|which)\s+(?:(?:has|have|had)\s+)?(?:[a-z]+ly\s+)?(?:denied|denies|deny)\b[^,;.\d\"]{0,120},"
)
_CLAUSE_END = re.compile(r"[.,;:]")


@cache
def _hedges() -> tuple[re.Pattern[str], dict[str, Hedging]]:
    table: dict[str, Hedging] = {}
    rows = files("afterstrike.reading").joinpath("hedges.csv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(rows):
        for words in row["words"].split("|"):
            table[words] = _grade(row["hedging"])
    return re.compile(rf"\b{phrase_pattern(table)}\b"), table


def _grade(word: str) -> Hedging:
    for grade in HEDGINGS:
        if grade == word:
            return grade  # type: ignore[return-value]
    raise ValueError(f"hedging {word!r} in the table; allowed: {', '.join(HEDGINGS)}")


def stronger(grades: Iterable[Hedging]) -> Hedging:
    """Give the strongest of several hedges; none at all is "stated".

    Examples
    --------
    >>> stronger(["reported", "possible", "stated"])
    'possible'
    """
    return max(grades, key=HEDGINGS.index, default="stated")


def grade_hedging(simple: str) -> tuple[Hedging, str | None]:
    """Grade a statement by its hedging words, and give the words that decided.

    Parameters
    ----------
    simple : str
        The statement as plain text (see `plain`).

    Returns
    -------
    (str, str or None)
        A grade of HEDGINGS, "stated" where nothing hedges; and the words.

    Examples
    --------
    >>> grade_hedging("The blast may have killed two guards, reportedly at noon.")
    ('possible', 'may')
    """
    pattern, table = _hedges()
    best: tuple[Hedging, str | None] = ("stated", None)
    # "May" is a month; the modal is in lower case, or the first word of a wish, which is no statement
    lowered = re.sub(r"\bMay\b", "\u2014" * 3, simple).lower()
    beside = denials_beside(simple)
    for match in pattern.finditer(lowered):
        grade = table.get(" ".join(match.group().split()), "stated")
        if grade == "denied" and any(a <= match.start() < b for a, b in beside):
            continue
        if HEDGINGS.index(grade) > HEDGINGS.index(best[0]):
            best = (grade, simple[match.start() : match.end()])
    return best


def unreal(simple: str) -> list[tuple[int, int]]:
    """Give the spans of clauses that tell what would have happened, and so did not.

    Examples
    --------
    >>> text = "The raid killed 3, it would have killed 9."
    >>> [text[a:b] for a, b in unreal(text)]
    [' it would have killed 9']
    """
    found = []
    for match in _WOULD_HAVE.finditer(simple):
        begin = max((simple.rfind(mark, 0, match.start()) for mark in ".,;:"), default=-1) + 1
        stop = _CLAUSE_END.search(simple, match.end())
        found.append((begin, stop.start() if stop else len(simple)))
    return found


def denials_beside(simple: str) -> list[tuple[int, int]]:
    """Give the spans of denials that a sentence only mentions beside what it tells.

    Examples
    --------
    >>> text = "The army, which denies hitting homes, hit a school."
    >>> [text[a:b] for a, b in denials_beside(text)]
    [', which denies hitting homes,']
    """
    return [match.span() for match in _DENIAL_BESIDE.finditer(simple)]
