"""Who is accused of an event, or claims it, and how surely that is said: a charge is no finding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from afterstrike.reading._actor import actor_kind
from afterstrike.reading._claim import ActorMention, Hedging
from afterstrike.reading._country import country_words, government_of, plain
from afterstrike.reading._event import Mark

__all__ = ["SIDES", "Blame", "find_blame", "is_harmed", "is_no_agent", "is_no_doer"]

# Kinds of actors that can strike or be struck.
SIDES = ("state", "coalition", "insurgent", "militia")

# "accused X of", "blamed X for", "held X responsible for": what X is charged with stands behind
_CHARGED = (
    (re.compile(r"\baccus(?:ed|es|ing)\s+(?:the\s+)?$", re.I), re.compile(r"(?:\s+[\w'-]+){0,4}?\s+of\b", re.I)),
    (re.compile(r"\bblam(?:ed|es|ing)\s+(?:the\s+)?$", re.I), re.compile(r"(?:\s+[\w'-]+){0,4}?\s+for\b", re.I)),
    (
        re.compile(r"\b(?:held|holds?|holding)\s+(?:the\s+)?$", re.I),
        re.compile(r"(?:\s+[\w'-]+){0,4}?\s+responsible\s+for\b", re.I),
    ),
    (
        re.compile(r"", re.I),
        re.compile(
            r"(?:\s+[\w'-]+){0,3}?\s+(?:(?:is|are|was|were|(?:has|have|had)\s+been)\s+(?:being\s+|widely\s+|also\s+)?)?"
            r"(?:accused\s+of|blamed\s+for|suspected\s+of|held\s+responsible\s+for)\b",
            re.I,
        ),
    ),
)  # fmt: skip
_CLAIMS = re.compile(
    r"(?:\s+[\w'-]+){0,3}?\s+(?:(?:has|have|had)\s+)?(?:claimed|claims|took|taken|accepted|admitted)\s+(?:\w+\s+)?"
    r"(?:responsibility|credit)\s+for\b",
    re.I,
)
# "blamed on X", "attributed to X", "claimed by X": what X is charged with stands in front
_BEFORE: tuple[tuple[re.Pattern[str], Hedging], ...] = (
    (re.compile(r"\b(?:blamed|pinned)\s+(?:\w+\s+){0,2}?on\s+(?:the\s+)?$", re.I), "possible"),
    (re.compile(r"\b(?:attributed|ascribed|traced)\s+to\s+(?:the\s+)?$", re.I), "likely"),
    (re.compile(r"\bclaimed\s+by\s+(?:the\s+)?$", re.I), "reported"),
)
# Behind these, or another clause, an event is not what somebody is charged with.
_OTHER = re.compile(
    r"[.;:\"]|\b(?:after|following|when|while|since|because|during|before|failing|support\w*|funding|who|which)\b",
    re.I,
)
_FAR = 90
_NOT = re.compile(
    r"\b(?:not|never|neither|nor|cannot|no\s+longer)\b(?!\s+only\b)|n't\b(?!\s+only\b)|\b(?:den(?:y|ies|ied|ying)|disown\w*)\b",
    re.I,
)
# What a side does about an event of others, or suffers in it; the event is the object of these words.
_ABOUT = re.compile(
    r"\b(?:condemn|denounc|deplor|decr(?:y|ied)|criticis|criticiz|mourn|lament|investigat|prob(?:e|ed|ing)\b|examin|review|survive|"
    r"suffer|foil|thwart|repel|repuls|avenge|commemorat|protest|welcom|prais|knowledge\b|aware\b|unaware\b|warn|"
    r"died\b|dies\b|dead\b|victims?\b|survivors?\b|react|summon|sanction|demand|urge)\w*"
    r"|\b(?:revenge|vengeance|retaliat\w+|reprisals?|condolences|sympathy)\s+(?:for|to)\b"
    r"|\b(?:after|following|since|over|about)\s+(?:the|an?|this|that|these|those|its|their)\b"
    r"(?!\s+(?:weekend|past|last|course|border|night|years?|months?|weeks?|days?)\b)",
    re.I,
)
# "by" of these leads to who tells of an event or holds the place of it
_BY_OTHERS = re.compile(
    r"\b(?:condemned|denounced|criticised|criticized|reported|confirmed|documented|verified|recorded|investigated|described|"
    r"witnessed|monitored|foiled|repelled|controlled|held|ruled|governed|run|occupied|administered|seized|captured|annexed|"
    r"besieged|guarded|defended|used|owned)\s+by\b[^,;]{0,30}$",
    re.I,
)


@dataclass(frozen=True)
class Blame:
    """Somebody named as having done it, and the least doubt that the words leave."""

    actor: ActorMention
    hedging: Hedging
    end: int = 0  # of the words of the charge behind the actor: "Mali and Russia of"


def find_blame(
    text: str, start: int, end: int, marks: Sequence[Mark], actors: Sequence[ActorMention]
) -> Blame | None:
    """Find who is charged with the event of a sentence, or claims it; None where nobody is.

    A charge leaves who did it open (`possible`), an attribution leaves some doubt (`likely`), and who claims it
    is `reported` to have.

    Examples
    --------
    >>> text = "Residents blamed Yemen for the strike."
    >>> mark = Mark("strike", 31, 37)
    >>> blame = find_blame(text, 0, len(text), [mark], [])
    >>> blame.actor.name, blame.hedging
    ('Government of Yemen', 'possible')
    """
    if not marks:
        return None
    simple = plain(text)
    for actor in _sides(text, start, end, actors):
        before, after = simple[max(start, actor.start - 40) : actor.start], simple[actor.end : end]
        for left, right in _CHARGED:
            charge = right.match(after) if left.search(before) else None
            if charge and _is_behind(simple, actor.end + charge.end(), marks):
                return Blame(actor, "possible", actor.end + charge.end())
        claim = _CLAIMS.match(after)
        is_open = claim is None or _NOT.search(before[-20:] + after[: claim.end()]) is not None
        if claim and not is_open and _is_behind(simple, actor.end + claim.end(), marks):
            return Blame(actor, "reported")
        for pattern, grade in _BEFORE:
            cue = pattern.search(before)
            at = max(start, actor.start - 40) + cue.start() if cue else 0
            if cue and any(m.start < at and _is_joined(simple[m.end : at]) for m in marks):
                return Blame(actor, grade, actor.end)
    return None


def is_no_doer(between: str) -> bool:
    """Say whether the words between a side and an event behind it keep it from being who did it.

    Examples
    --------
    >>> is_no_doer(" condemned the "), is_no_doer(" did not carry out the "), is_no_doer(" carried out the ")
    (True, True, False)
    """
    return (_NOT.search(between) or _ABOUT.search(between)) is not None


# a participle without an object, as headlines have it: whoever stands in front of it was harmed
_HARMED = re.compile(
    r"(?:killed|shot\s+dead|slain|executed|beheaded|murdered|assassinated|massacred|abducted|kidnapped|captured|wounded|injured)"
    r"\s*(?:$|[.,;:]|\b(?:in|by|near|after|as|during|at|on|when|while|outside|inside|across|since|amid|following|overnight)\b)",
    re.I,
)


def is_harmed(words: str) -> bool:
    """Say whether a word of harm and what follows it say that the side in front was harmed.

    Examples
    --------
    >>> is_harmed("killed in Homs"), is_harmed("killed 12 soldiers in Homs")
    (True, False)
    """
    return _HARMED.match(words) is not None


def is_no_agent(before: str) -> bool:
    """Say whether the "by" in front of a side is of somebody other than who did it: "a town held by"."""
    return _BY_OTHERS.search(before) is not None


def _sides(text: str, start: int, end: int, actors: Sequence[ActorMention]) -> Iterator[ActorMention]:
    """Give the sides named in a sentence, in order, states by their country's name as well."""
    named = [m for m in actors if m.name and start <= m.start < end and actor_kind(m.name) in SIDES]
    taken = [(m.start, m.end) for m in named]
    for word in country_words(text, start, end):
        is_taken = any(a < word.end and word.start < b for a, b in taken)
        if word.sort != "demonym" and not is_taken:
            named.append(ActorMention(word.text, word.start, word.end, government_of(word.adm0)))
    yield from sorted(named, key=lambda m: m.start)


def _is_behind(simple: str, at: int, marks: Sequence[Mark]) -> bool:
    return any(m.start >= at and _is_joined(simple[at : m.start]) for m in marks)


def _is_joined(between: str) -> bool:
    return len(between) <= _FAR and _OTHER.search(between) is None
