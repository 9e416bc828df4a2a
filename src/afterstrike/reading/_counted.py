"""Finds what a number counts where no noun follows it: a toll, a part of what was named, a predicate."""

from __future__ import annotations

import re
from functools import cache

from afterstrike.reading._noun import Counted, counted_behind
from afterstrike.reading._vocabulary import phrase_pattern, vocabulary

__all__ = ["counted_around"]

_DET = r"(?:the|its|their|his|her|those|these|our|all|some|about|around|nearly)"
# "Twenty of his 30 co-defendants", "three of the eight tanks"
_PART_OF = re.compile(rf"\s+of\s+(?:{_DET}\s+)*(?:\d[\d,]*|[a-z]+(?:-[a-z]+)?)(?=\s)", re.I)
# "Of the 43 strikes, 29 were ..."
_OF_WHICH = re.compile(
    r"(?:^|[.;:,]\s+|\b(?:and|but)\s+)of\s+(?:\w+\s+)?[\w,]+\s[^,;:.]{2,60},\s+[^;:.]{0,80}$", re.I
)
_OF_THEM = re.compile(
    r"\s+of\s+(?:them|those|whom|which)\b[\s,]*(?:were\s+|was\s+|are\s+)?(?:just\s+|mostly\s+)?(?P<noun>[a-z]+)?"
)
# "compared with 14", "up from 11", "against 30 the year before"
_COMPARED = re.compile(
    r"\b(?:compared\s+(?:with|to)|up\s+from|down\s+from|versus|(?:rose|grew|fell|dropped|climbed|"
    r"increased|decreased|jumped|declined|went)\s+to|to\s+[A-Z]\w+'s)\s+(?:{bound}\s+)?$"
)
_POPULATION = r"\b(?:population|pop\.?|inhabitants)(?:\s+of|:|,|\s+is|\s+was)?\s+(?:{bound}\s+)?$"
_BOTH_HARMS = re.compile(
    r"\bkill(?:ed|ing|s)\s+(?:and|or)\s+(?:wound|injur|maim)(?:ed|ing|s|es)\s+(?:[a-z]+\s+){0,3}$", re.I
)


@cache
def _bounded(pattern: str) -> re.Pattern[str]:
    words = vocabulary().quantities
    bound = phrase_pattern([*words["low_before"], *words["high_before"], *words["approx_before"]])
    return re.compile(pattern.replace("{bound}", bound), re.I)


@cache
def _harmed() -> re.Pattern[str]:
    """Give what can only be said of people: "23 are still in hospital", "dozens were trampled"."""
    words = phrase_pattern(vocabulary().quantities["said_of_people"])
    return re.compile(
        r"\s+(?:(?:were|was|are|is|have|had|has|been|remain|remained|remains|still|also|now|being|later|reportedly|"
        rf"either)\s+){{0,4}}{words}\b",
        re.I,
    )


def counted_around(simple: str, start: int, end: int, last_unit: str) -> Counted:
    """Find what a bare number counts from the words around it.

    Parameters
    ----------
    simple : str
        Plain text of a sentence.
    start, end : int
        The number in it.
    last_unit : str
        What the number before it in the sentence counts; empty where there is none.

    Returns
    -------
    Counted
        An empty unit where nothing says what is counted.

    Examples
    --------
    >>> text = "Of the 43 rockets, 29 were seen."
    >>> counted_around(text, 19, 21, "rockets").unit
    'rockets'
    """
    before, after = simple[max(0, start - 100) : start], simple[end : end + 80]
    if _BOTH_HARMS.search(before):
        return Counted("people", "killed and wounded", end)
    part = _PART_OF.match(after)
    if part:
        whole = counted_behind(simple, end + part.end())
        if whole.unit:
            return Counted(whole.unit, whole.about, end, whole.is_sure)
    them = _OF_THEM.match(after)
    if them and last_unit:
        noun = them["noun"] or ""
        is_people = noun in vocabulary().quantities["sorts_of_people"]
        return Counted(noun if is_people else last_unit, noun if is_people else "", end)
    head = re.split(r"[.;:]", simple[max(0, start - 45) : start].lower())[-1]
    toll_words = vocabulary().quantities["toll_words"]
    if any(word in toll_words for word in re.findall(r"[a-z]+", head)):
        return Counted("people", "", end)
    if last_unit and (
        re.match(r"\s+(?:others|more)\b", after)
        or _OF_WHICH.search(before)
        or _bounded(_COMPARED.pattern).search(before)
    ):
        return Counted(last_unit, "", end, True)
    if _bounded(_POPULATION).search(before):
        return Counted("people", "population", end)
    if _harmed().match(after):
        return Counted("people", "", end)
    return Counted("", "", end)
