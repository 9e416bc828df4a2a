"""Does a claim say that an armed group's activity rose or fell, and when? Cue words, and nothing cleverer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from ..reading._claim import Claim, Ledger
from ._effect_words import phrases
from ._period import when_in
from ._tables import table
from ._words import parse_day, period, sentence_at

__all__ = ["ClaimedShift", "shift_cue", "shift_of"]

Aspect = Literal["tempo", "spread", "lethality"]
RECENT_DAYS = 365
"""A change that is told without a date is taken to lie within so many days before publication."""


@dataclass(frozen=True)
class ClaimedShift:
    """A change that an article tells of.

    Parameters
    ----------
    way
        `up` or `down`.
    aspect
        What changed: number of attacks, their spread, deaths an attack.
    actor
        Whose activity.
    start, end
        Days within which it is said to have come.
    assumption
        Where the article gives no date: what was taken.
    """

    way: Literal["up", "down"]
    aspect: Aspect
    actor: str
    start: date
    end: date
    assumption: str | None


@lru_cache(maxsize=16)
def shift_cue(name: str) -> re.Pattern[str]:
    """Give one list of `tables/shifts.toml` as a pattern of whole words, in any case."""
    body = "|".join(f"(?:{entry})" for entry in table("shifts")[name])
    return re.compile(rf"(?<![\w-])(?:{body})(?![\w-])", re.IGNORECASE)


def shift_of(ledger: Ledger, claim: Claim) -> ClaimedShift | None:
    """Read a claim of a change in what an armed group does; None where its words do not settle it.

    It must be no forecast, judgement, statement of cause or number, deny nothing, point one way, and name one group
    before the words of change, or else after them. A time may stand in it; several times leave it open.
    """
    if claim.kind not in ("event", "figure") or claim.quantities or claim.hedging == "denied":
        return None
    left, right = sentence_at(ledger.text, claim.start, claim.end)
    if phrases("against").search(ledger.text[left:right]):
        return None
    found = _way(claim.quote)
    if found is None:
        return None
    way, at = found
    actor = _actor(claim, claim.start + at)
    times = _times(ledger, ledger.text[left:right], left)
    if actor is None or times is None:
        return None
    aspect: Aspect = "tempo"
    for name in ("lethality", "spread"):
        if shift_cue(name).search(claim.quote):
            aspect = "lethality" if name == "lethality" else "spread"
            break
    return ClaimedShift(way, aspect, actor, *times)


def _way(quote: str) -> tuple[Literal["up", "down"], int] | None:
    """Give the direction and where its words begin."""
    found: dict[Literal["up", "down"], int] = {}
    for match in shift_cue("from_to").finditer(quote):
        before = [one.start() for one in shift_cue("change").finditer(quote[: match.start()])]
        ends = [
            (bool(shift_cue("low").search(part)), bool(shift_cue("high").search(part)))
            for part in match.group("from", "to")
        ]
        if before and ends == [(True, False), (False, True)]:
            found["up"] = before[-1]
        if before and ends == [(False, True), (True, False)]:
            found["down"] = before[-1]
    if not found:
        for way in ("up", "down"):
            one = shift_cue(way).search(quote)
            if one is not None:
                found["up" if way == "up" else "down"] = one.start()
    return next(iter(found.items())) if len(found) == 1 else None


def _actor(claim: Claim, at: int) -> str | None:
    """Give the group named last before a place in the text, else the first after it."""
    known = sorted((one.start, one.name) for one in claim.actors if one.name)
    before = [name for start, name in known if start < at]
    if before:
        return before[-1]
    return known[0][1] if known else None


def _times(ledger: Ledger, sentence: str, left: int) -> tuple[date, date, str | None] | None:
    published = parse_day(ledger.published)
    mentions = [one for claim in ledger.claims for one in claim.dates]
    inside = [one for one in mentions if left <= one.start and one.end <= left + len(sentence)]
    whens = when_in(sentence, published, inside, left)
    if len(whens) == 1:
        start, end = whens[0].start, whens[0].end
        # "Since 2024" begins then and reaches to the day of publication.
        return start, end if published is None else min(end, published), None
    if whens or published is None:
        return None
    start = published - timedelta(days=RECENT_DAYS - 1)
    return start, published, f"no date is given for the change: taken as {period(start, published)}"
