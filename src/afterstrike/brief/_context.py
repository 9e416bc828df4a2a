"""The sentences around a number: what it may take from them, and what forbids it.

A number's own sentence often leaves measure, area or period to the one before it. They are taken from the
same paragraph, two sentences back at most, or from a heading right above; what was taken is said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from afterstrike.brief._tables import table
from afterstrike.brief._words import sentence_at
from afterstrike.reading._claim import Claim, Ledger, Quantity
from afterstrike.record.shipped import Measure, measures

__all__ = ["Context", "context_of", "cue", "disowned", "inherited_measures", "is_wished"]

SENTENCES_BACK = 2
LONGEST_HEADING = 110


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def cue(name: str) -> re.Pattern[str]:
    """Give one pattern of the cue table."""
    return _compiled(table("cues")[name])


# Behind these stands what a wish rests on: "help after 30 died", "the raid that killed 19", "the death of 40"
_WISH_ENDS = re.compile(
    r"[,;]|\b(?:after|following|when|while|as|since|because|where|which|who|but)\b"
    r"|\b(?:said|says|say|told|tells|added|adds|reported|reports)\b"
    r"|\bthat\s+(?:has|have|had|was|were|is|are|left|hit|struck|[a-z]+ed)\b"
    r"|\b(?:deaths?|killings?|murders?|massacres?|executions?|abductions?|kidnappings?|loss|displacement)\s+of\b",
    re.IGNORECASE,
)
_HARMED = re.compile(
    r"(?:\s+[\w-]+){0,2}?\s+(?:killed|injured|wounded|buried|trapped|missing|displaced)\b", re.IGNORECASE
)
# What is to come, and what is feared to be so
_TO_COME = re.compile(r"(?<!up )\bto\b|\b(?:will|would|could|may|might|can|should|needs?)\b", re.IGNORECASE)
_IS_SO = re.compile(
    r"\b(?:is|are|was|were|has|have|had|did|fell|fled|left|lost|hit|struck|[a-z]{2,}ed)\b", re.IGNORECASE
)


def is_wished(ledger: Ledger, claim: Claim, quantity: Quantity | None = None) -> bool:
    """Say whether a number of a claim, or the claim as a whole, is only feared, planned or asked for by its source.

    "The ministry asked for 12 trucks" is; the 30 of "The ministry asked for help after 30 died" are told, and
    what is feared to be so already ("fears that 30 died") is said with doubt.
    """
    if not claim.is_wish or claim.source_span is None:
        return False
    _, stop = claim.source_span
    if claim.attribution_kind == "feels" and _is_feared_to_be_so(ledger.text[stop : claim.end], claim.cue):
        return False
    at = quantity.start if quantity else claim.end
    is_harm = quantity is not None and _HARMED.match(ledger.text, quantity.end)
    return stop <= at and not is_harm and _WISH_ENDS.search(ledger.text[stop:at]) is None


def _is_feared_to_be_so(words: str, cue: str | None) -> bool:
    """Say whether the first verb behind "fears" or "hopes" tells of what is or was, not of what is to come."""
    _, _, content = words.partition(cue or "")
    so, to_come = _IS_SO.search(content), _TO_COME.search(content)
    return so is not None and (to_come is None or so.start() < to_come.start())


@dataclass(frozen=True)
class Context:
    """Sentences before a sentence, nearest first, each with where it starts; and the one after it."""

    before: tuple[tuple[int, str], ...]
    after: str

    @property
    def text(self) -> str:
        """The sentences before, in reading order."""
        return " ".join(text for _, text in reversed(self.before))


def context_of(ledger: Ledger, left: int, right: int) -> Context:
    """Give the sentences of the same paragraph around text[left:right], or the heading right above it."""
    text = ledger.text
    before: list[tuple[int, str]] = []
    while len(before) < SENTENCES_BACK and left > 0:
        end = len(text[:left].rstrip())
        if end == 0:
            break
        start, _ = sentence_at(text, end - 1, end)
        sentence = text[start:end]
        if "\n" in text[end:left]:
            # A line without a full stop right above is a heading; any other is another paragraph.
            if len(sentence) <= LONGEST_HEADING and sentence[-1] not in ".!?;,”\"'":
                before.append((start, sentence))
            break
        before.append((start, sentence))
        left = start
    rest = text[right : right + 400]
    begin = right + len(rest) - len(rest.lstrip())
    after = ""
    if rest.strip() and "\n" not in text[right:begin]:
        after = text[slice(*sentence_at(text, begin, begin + 1))]
    return Context(tuple(before), after)


def inherited_measures(words: str, sentence: str, start: int, context: Context) -> tuple[Measure, ...]:
    """Give the measures a number counts once the sentences before are read with its own.

    The number's own words must say what one of them is. Its sentence must hold a part of what makes the
    measure, or point back; and no excluding word may stand in any of the sentences.
    """
    points_back = cue("points_back").search(sentence) is not None
    for back in range(1, len(context.before) + 1):
        earlier = " ".join(text for _, text in reversed(context.before[:back]))
        found = []
        for measure in measures().values():
            own = any(term.search(f"{words} {sentence}") for term in measure.terms)
            if not (own or points_back) or any(t.search(earlier) for t in measure.not_terms):
                continue
            shift = len(earlier) + 1 + start
            if measure.speaks_of(words, f"{earlier} {sentence}", shift):
                found.append(measure)
        if found:
            return tuple(found)
    return ()


def disowned(sentence: str, before: str, after: str) -> str | None:
    """Say why a number is not the article's own: the text denies it, or lays it to a rumour.

    Parameters
    ----------
    sentence : str
        The number's own sentence.
    before : str
        The words just before the number.
    after : str
        The sentence after.
    """
    if cue("not_but").search(before):
        return "denies it"
    if cue("rumour").search(sentence):
        return "lays it to a rumour"
    if cue("unborne").search(sentence) or cue("unborne_after").search(after):
        return "denies it"
    return None
