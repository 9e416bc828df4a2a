"""Sorts a statement into the kinds of claim by rules on its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from afterstrike.reading._claim import ActorMention, ClaimKind, DateMention, PlaceMention, Quantity
from afterstrike.reading._vocabulary import phrase_pattern, vocabulary

__all__ = ["sort_claim"]

_SPANS_OF_TIME = frozenset(
    {"years", "months", "weeks", "days", "nights", "hours", "minutes", "decades", "seconds"}
)


@dataclass(frozen=True)
class _Patterns:
    forecast: re.Pattern[str]
    causal: re.Pattern[str]
    event: re.Pattern[str]
    opinion: re.Pattern[str]
    comparison: re.Pattern[str]
    measured: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    words = vocabulary().kinds

    def pattern(name: str) -> re.Pattern[str]:
        return re.compile(rf"\b{phrase_pattern(words[name])}\b", re.I)

    return _Patterns(
        *(pattern(n) for n in ("forecast", "causal", "event_verbs", "opinion", "comparison", "measured"))
    )


_CONDITIONAL = re.compile(
    r"^\W*(?:but\s+|and\s+|yet\s+)?(?:if|unless|should)\s+(?!.*\b(?:was|were|had|did)\b)", re.I
)
# "nodes that would coordinate": a relative clause tells what a thing is for, not what will come
_RELATIVE = re.compile(
    r"\b(?:that|which|who|where|whether|when|said\s+(?:it|he|she|they)|if)\s+(?:\w+\s+)?$", re.I
)
_WOULD = re.compile(r"\b(?:would|could|may|might|can)\s+(?!have\b|not\s+have\b)(?:\w+ly\s+)?[a-z]{2,}", re.I)
_FUTURE = re.compile(r"\b(?:'ll|will|won't|shall)\b", re.I)
_PAST = re.compile(r"\b(?:was|were|had|did)\b", re.I)
_IMPERATIVE = re.compile(
    r"^(?:watch|monitor|read|see|follow|subscribe|click|look|note|consider|imagine|remember|check|visit|download|sign)\s",
    re.I,
)
# nobody hurt is a count too, of none
_NO_HARM = re.compile(
    r"\bno\s+(?:one|body|civilians?|casualt\w+|injur\w+|deaths?|people|soldiers?|troops|victims?)\b.{0,40}"
    r"\b(?:killed|hurt|harmed|injured|wounded|reported|hit|died)\b|\bnobody\s+was\s+\w+ed\b",
    re.I,
)
# nothing to come: "could not be reached", "neither could be verified", "can be seen in footage"
_NO_FUTURE = re.compile(
    r"\b(?:could|would|can)\s+(?:not\s+)?(?:be\s+)?(?:immediately\s+|independently\s+|easily\s+|clearly\s+)*"
    r"(?:be\s+)?(?:verif\w+|confirm\w*|reach\w*|establish\w*|corroborat\w+|determin\w+|see|seen|hear|heard|say|identif\w+|"
    r"comment|provide|remember|afford|believe|feel|smell)\b",
    re.I,
)
# "Donors should set aside $1.4bn": what somebody wants is no figure about the world
_WANTED = re.compile(
    r"\b(?:should|must|ought\s+to|needs?\s+to)\s+(?!have\b|not\s+have\b)(?:not\s+)?[a-z]{2,}", re.I
)
# an effect that is denied is a statement about causes too
_EFFECT = re.compile(
    r"\b(?:ha[sd]|have|having|showed|shows?)\s+(?:\w+\s+){0,4}(?:effects?|impact|influence|bearing)\s+(?:on|upon)\b"
    r"|\b(?:made|makes?|making)\s+(?:\w+\s+){0,3}difference\s+(?:to|in)\b"
    r"|\b(?:did|does|do|done|doing)\s+(?:nothing|little|much|a\s+lot)\s+to\s+[a-z]+"
    r"|\bfail(?:s|ed|ing)?\s+to\s+(?:stop|reduce|prevent|halt|curb|deter|lower|end|slow|weaken|break|contain)\b",
    re.I,
)
_QUESTION = re.compile(r"\?[\"')\]]*$")


def sort_claim(
    simple: str,
    *,
    quantities: tuple[Quantity, ...] = (),
    places: tuple[PlaceMention, ...] = (),
    dates: tuple[DateMention, ...] = (),
    actors: tuple[ActorMention, ...] = (),
    is_attributed: bool = False,
    published: str | None = None,
    start: int = 0,
) -> ClaimKind | None:
    """Give the kind of a statement, or None where it says nothing that could be checked or judged.

    The first rule that fits decides:

    1. forecast: a future verb ("will", "is set to"), or "if ..." in the present.
    2. figure: a count, amount or share; or a measured thing compared with a dated one ("rates reminiscent
    of 2017").
       A statement with a count is a figure even when it reports an event: the number is what can be
       checked, and the claim keeps its places, dates and actors.
    3. causal: one thing brings about another ("led to", "buys", "because").
    4. event: something happened, or is so, with an actor, a place or a date; or a source reports it.
    5. opinion: a judgement no record can settle.

    A question is a claim only for what is checkable in it.

    Examples
    --------
    >>> sort_claim("The raids will bring calm."), sort_claim("It buys time."), sort_claim("What now?")
    ('forecast', 'causal', None)
    """
    patterns = _patterns()
    is_question = bool(_QUESTION.search(simple))
    counted = [q for q in quantities if not q.figure_of_speech]
    real = [q for q in counted if q.unit not in _SPANS_OF_TIME]
    compared = patterns.comparison.search(simple)
    is_comparison = bool(compared and dates and patterns.measured.search(simple[: compared.start() + 40]))
    if not is_question and _is_forecast(simple, dates, published) and not _is_past_count(simple, real, start):
        return "forecast"
    if real and not is_question and _is_wanted(simple, real, start):
        return "opinion"
    if real or is_comparison:
        return "figure"
    if _IMPERATIVE.match(simple):
        return None
    has_event = patterns.event.search(simple) is not None
    is_anchored = bool(actors or places or dates)
    if is_question:
        return "figure" if counted else None
    if patterns.causal.search(simple) or _EFFECT.search(simple):
        return "causal"
    is_judged = patterns.opinion.search(simple) is not None
    if has_event and is_anchored and (not is_judged or dates or is_attributed):
        return "event"
    if counted:
        return "figure"
    if _NO_HARM.search(simple):
        return "event"
    if is_judged or any(q.figure_of_speech for q in quantities):
        return "opinion"
    if has_event and is_attributed:
        return "event"
    if is_anchored and (is_attributed or len(actors) + len(places) + len(dates) >= 2):
        return "event"
    return None


def _is_wanted(simple: str, real: list[Quantity], start: int) -> bool:
    """Say whether every count stands behind "should" or "must": it is asked for, not reported."""
    found = _WANTED.search(simple)
    return bool(found and all(q.start - start > found.start() for q in real))


def _is_past_count(simple: str, real: list[Quantity], start: int) -> bool:
    """Say whether a count of something that happened stands before the future verb: "bombs killed 20, hours
    after the minister said the army would take over"."""
    future = _FUTURE.search(simple) or _WOULD.search(simple)
    event = _patterns().event.search(simple)
    if future is None or event is None or not real:
        return False
    return event.start() < future.start() and real[0].start - start < future.start()


def _is_forecast(simple: str, dates: tuple[DateMention, ...], published: str | None) -> bool:
    patterns = _patterns()
    if _FUTURE.search(simple):
        return True
    found = patterns.forecast.search(simple)
    if found and not _PAST.search(simple[max(0, found.start() - 12) : found.start()]):
        return True
    if _CONDITIONAL.match(simple):
        return True
    for match in _WOULD.finditer(simple):
        if _NO_FUTURE.match(simple, match.start()):
            continue
        if not _RELATIVE.search(simple[max(0, match.start() - 30) : match.start()]):
            modal = match.group().split()[0].lower()
            is_future = any(published and d.date_start and d.date_start > published for d in dates)
            if modal in ("would", "could") or is_future:
                return not re.match(r"\b(?:can|could)\s+not\b", match.group(), re.I)
    return False
