"""Who is accused of an event in an Arabic sentence: "اتهم ناشطون تركيا بقصف القرية"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from afterstrike.reading._actor import actor_kind
from afterstrike.reading._blame import SIDES, Blame
from afterstrike.reading._claim import ActorMention
from afterstrike.reading._country import government_of
from afterstrike.reading._event import Mark
from afterstrike.reading.arabic._fold import Token, fold_words, words
from afterstrike.reading.gazetteer._shipped import country_of

__all__ = ["find_blame", "is_no_doer"]

_NOT = frozenset({"لم", "لن", "لا", "ما", "ليس", "ليست"})
_NOT_DONE = re.compile(r"(?<!\w)و?(?:لم|لن|لا)\s+\S+\s+(?:\S+\s+)?$")
# verbs of who mourns, condemns or survives what others did, in folded spelling
_ABOUT = re.compile(
    r"(?<!\w)[وف]?(?:نعي|نعت|تنعي|شيع|شيعت|رثي|رثت|ادان|ادانت|تدين|ندد|نددت|تندد|استنكر|استنكرت|شجب|شجبت|نجا|نجت)\s+(?:\S+\s+)?$"
)


@cache
def _charges() -> frozenset[str]:
    return frozenset(fold_words(w) for w in words()["speech"]["charges"])


def is_no_doer(before: str) -> bool:
    """Say whether the folded words in front of a side keep it from being who did it: "لم يتبن تنظيم داعش".

    Examples
    --------
    >>> is_no_doer("لم يتبن "), is_no_doer("نعت حركه "), is_no_doer("تبني ")
    (True, True, False)
    """
    return (_NOT_DONE.search(before) or _ABOUT.search(before)) is not None


def find_blame(row: Sequence[Token], marks: Sequence[Mark], actors: Sequence[ActorMention]) -> Blame | None:
    """Find who is charged with the first event behind a verb of accusing; None where nobody is.

    Arabic puts the charged side last before the charge, which opens with "ب". Offsets are of the folded text.

    Examples
    --------
    >>> from afterstrike.reading.arabic._fold import fold, tokens
    >>> text = fold("اتهم ناشطون تركيا بقصف القرية").text
    >>> found = find_blame(tokens(text), [Mark("strike", text.index("قصف"), len(text))], [])
    >>> found.actor.name, found.hedging
    ('Government of Turkey', 'possible')
    """
    for place, token in enumerate(row):
        if not {token.text, *token.stems} & _charges():
            continue
        if place and row[place - 1].text.lstrip("و") in _NOT:
            continue
        stop = next((m.start for m in marks if m.start > token.end), None)
        if stop is None:
            return None
        for left, right in pairwise(row[place + 1 :]):
            if (left.text, right.text) == ("من", "قبل") and right.end < stop:
                stop = left.start  # passive: who charges stands behind
        sides = [m for m in actors if m.name and token.end <= m.start < stop and actor_kind(m.name) in SIDES]
        for other in row[place + 1 :]:
            adm0 = country_of(other.text) if other.end < stop else None
            if adm0 and not any(m.start <= other.start < m.end for m in actors):
                sides.append(ActorMention(other.text, other.start, other.end, government_of(adm0)))
        if sides:
            return Blame(max(sides, key=lambda m: m.start), "possible")
    return None
