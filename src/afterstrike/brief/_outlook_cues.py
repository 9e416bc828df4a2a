"""Which questions of the model an article raises: cue words of one table, and nothing cleverer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ..reading._claim import Claim, Ledger
from ._outlook_model import Raised
from ._tables import table
from ._words import sentence_at

__all__ = ["pattern", "raised_questions", "says"]

_ARGUES = ("forecast", "causal", "opinion")
# A line without an end mark is a heading, not a sentence.
_SENTENCE = re.compile(r"\S[^\n]*?[.!?؟]['\"’”»)]*(?=\s|$)")


@lru_cache(maxsize=256)
def pattern(written: str) -> re.Pattern[str]:
    """Give a pattern of whole words, in any case; `<name>` stands for a list of `[words]`."""
    words = table("outlook")["words"]
    body = re.sub(r"<(\w+)>", lambda found: "|".join(words[found[1]]), written)
    return re.compile(rf"(?<!\w)(?:{body})(?!\w)", re.IGNORECASE)


def says(cue: Sequence[str], text: str, quote: str | None = None) -> bool:
    """Say whether all patterns of a cue stand in a text, the last of them in the quote where one is given."""
    return all(pattern(one).search(text) for one in cue) and (
        quote is None or pattern(cue[-1]).search(quote) is not None
    )


def raised_questions(ledger: Ledger) -> dict[str, tuple[Raised, ...]]:
    """Give the questions that an article raises, in the order of the table, with the sentences that do.

    The rule. All patterns of one cue stand in a sentence, and the last of them in the claim. A sentence that only tells
    of a dated past raises nothing. Nothing is raised at all unless the article holds a forecast or one of the sentences
    looks ahead or argues: is a forecast, a judgement or a statement of cause, or holds a word of `ahead`.
    """
    looking = re.compile(rf"(?<!\w)(?:{'|'.join(table('outlook')['ahead'])})(?!\w)", re.IGNORECASE)
    found: dict[str, tuple[Raised, ...]] = {}
    is_argued = any(claim.kind == "forecast" for claim in ledger.claims)
    units = [*_claims(ledger), *_other_sentences(ledger)]
    for key, rule in table("outlook")["questions"].items():
        raised = []
        for claim, quote, sentence in units:
            ahead = looking.search(sentence) is not None or (claim is not None and claim.kind in _ARGUES)
            if not ahead and (rule.get("must_look_ahead") or _is_past(ledger, claim)):
                continue
            if any(says(cue, sentence, quote) for cue in rule["cues"]):
                raised.append(Raised(claim.id if claim else None, quote))
                is_argued |= ahead
        if raised:
            found[key] = tuple(raised)
    return found if is_argued else {}


def _claims(ledger: Ledger) -> Iterator[tuple[Claim | None, str, str]]:
    for claim in ledger.claims:
        left, right = sentence_at(ledger.text, claim.start, claim.end)
        yield claim, claim.quote, ledger.text[left:right]


def _other_sentences(ledger: Ledger) -> Iterator[tuple[Claim | None, str, str]]:
    """Give the sentences that are in no claim; a page's furniture and its title are none."""
    taken = [(claim.start, claim.end) for claim in ledger.claims] + list(ledger.furniture)
    if ledger.title_span:
        taken.append(ledger.title_span)
    for match in _SENTENCE.finditer(ledger.text):
        if not any(match.start() < end and start < match.end() for start, end in taken):
            yield None, match.group().strip(), match.group()


def _is_past(ledger: Ledger, claim: Claim | None) -> bool:
    """Say whether a claim only tells of days before the article."""
    if claim is None or not claim.dates or ledger.published is None:
        return False
    return all(one.date_end is not None and one.date_end < ledger.published for one in claim.dates)
