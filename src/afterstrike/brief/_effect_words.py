"""Does a claim say that fewer, or more, attacks follow strikes? Cue words, and nothing cleverer."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from ..reading._claim import Claim, Ledger
from ._tables import table
from ._words import sentence_at

__all__ = ["Direction", "direction_of", "phrases"]

Direction = Literal["fewer", "more"]


@lru_cache(maxsize=8)
def phrases(name: str) -> re.Pattern[str]:
    """Give one list of `tables/effects.toml` as a pattern of whole words, in any case."""
    joined = "|".join(f"(?:{entry})" for entry in table("effects")[name])
    return re.compile(
        rf"(?<![\w-])(?:{joined})(?![\w-])|n't\b"
        if name == "against"
        else rf"(?<![\w-])(?:{joined})(?![\w-])",
        re.IGNORECASE,
    )


def direction_of(ledger: Ledger, claim: Claim) -> Direction | None:
    """Say which way a causal claim or forecast points, None where its words do not settle it.

    It must name strikes, in the claim or in its sentence, and one direction only; words that deny or doubt
    leave it open, and so does what somebody only fears, plans or asks for.
    """
    if claim.kind not in ("causal", "forecast") or claim.hedging in ("denied", "doubted") or claim.is_wish:
        return None
    left, right = sentence_at(ledger.text, claim.start, claim.end)
    sentence = ledger.text[left:right]
    if not phrases("strikes").search(sentence) or phrases("against").search(sentence):
        return None
    found = [way for way in ("fewer", "more") if phrases(way).search(claim.quote)]
    if len(found) != 1:
        return None
    return "fewer" if found[0] == "fewer" else "more"
