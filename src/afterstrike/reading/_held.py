"""Who a claim may stand on where no plain cue decides, and all attributions of a text with their names."""

from __future__ import annotations

import re
from dataclasses import replace

from afterstrike.reading._actor import find_actors
from afterstrike.reading._attitude import Found, find_all
from afterstrike.reading._claim import (
    ActorMention,
    AttributionKind,
    AttributionMention,
    Hedging,
    Ledger,
    SourceKind,
)
from afterstrike.reading._clean import Cleaned, clean
from afterstrike.reading._country import plain
from afterstrike.reading._cue_words import cue_words
from afterstrike.reading._event import shown_source
from afterstrike.reading._hedge import stronger
from afterstrike.reading._sentence import blocks, sentences
from afterstrike.reading._speaker import Attribution, name_source

__all__ = [
    "GRADES",
    "attributions_of",
    "find_attributions",
    "graded",
    "held_by",
    "is_beside",
    "named",
    "told_by",
]

# What is held or wanted is never graded as a plain report.
GRADES: dict[AttributionKind, Hedging] = {
    "says": "reported",
    "perceives": "reported",
    "believes": "likely",
    "feels": "possible",
    "intends": "possible",
    "demands": "possible",
}
_NOT_THIRD = re.compile(
    r"^(?:I|we|you|it|that|this|these|those|who|which|my|our|your|what|there|one)\b", re.I
)
# helping verbs and adverbs, or what two commas set off: "Titan, which has not drilled here, plans"
_BESIDE = re.compile(
    r"\s+(?:(?:has|have|had|is|are|was|were|also|now|still|been|already|all|both|later|then|[a-z]+ly)\s+){0,3}"
    r"|,[^,\"]{2,90},\s+(?:also\s+|now\s+|still\s+)?"
)
_THAT = re.compile(r"\s+(?:[a-z]+ly\s+)?that\s")
_TOLD_THAT = re.compile(r"\s+(?:[\w'-]+\s+){1,3}that\s")  # "told reporters that"
_TELLING = frozenset(
    {"tell", "inform", "assure", "remind", "warn", "convince", "persuade", "notify", "advise"}
)
_QUOTED = re.compile(r"[^.;\"]{0,40}[,:\s]\s*\"\w")
_NOBODY_OF = re.compile(r"\b(?:nobody|no\s+one|none|neither)\s+(?:from|of|in|at)\s+(?:the\s+)?$", re.I)
_PRONOUN = re.compile(r"(?:he|she|they|it)\b", re.I)
_IF = re.compile(r"\b(?:if|should|unless|whether)\b", re.I)
_ONE = re.compile(r"(?:he|she|his|her|I|my|me)", re.I)
# what "to" or a clause makes of a verb of wanting or planning; "supports the army" attributes nothing that could be claimed
_CONTENT = re.compile(
    r"\s+(?:[a-z]+ly\s+)?(?:to\s+[a-z]|that\b|(?:the\s+)?\d|(?:it|he|she|they|its|their)\s)"
)


# "If talks fail, the ministry plans": what stands in front of the comma belongs to what is planned
_LEADING_CLAUSE = re.compile(
    r"\W*(?:if|when|once|unless|until|while|although|though|because|since|as|after|before|despite|following|by|in|on|at|with|"
    r"to|for|from|under|meanwhile|however)\b",
    re.I,
)
_TOLD_BEFORE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|kills?|hits?|strikes?|injures?|wounds?|dies?|died|fell|struck|[a-z]{3,}ed)\b"
)


def is_beside(got: Attribution, simple: str, start: int) -> bool:
    """Say whether a wish stands beside what a sentence tells: "Strikes kill 12, ministry hopes for calm"."""
    if got.kind not in ("feels", "intends", "demands") or got.span is None:
        return False
    before = re.sub(
        r"(?:\bthe|\ban?|\bits|\bbut|\band|\bas|\bwhile)\s+$",
        "",
        simple[: max(0, got.span[0] - start)],
        flags=re.I,
    )
    is_apart = before.rstrip().endswith((",", ";")) and not _LEADING_CLAUSE.match(before)
    return is_apart and _TOLD_BEFORE.search(before) is not None


def graded(got: Attribution, kind: AttributionKind) -> Attribution:
    """Give an attribution its kind: what is wanted or planned is at most possible, however surely it is wanted."""
    grade = got.hedging if kind == "says" else stronger([got.hedging, GRADES[kind]])
    return replace(got, kind=kind, hedging=grade)


def named(found: Found, simple: str, start: int, actors: tuple[ActorMention, ...]) -> Attribution | None:
    """Give the name and kind of a source by the rules for speakers; None where they know none."""
    cue, grade = simple[slice(*found.cue)], GRADES[found.kind]
    if found.kind == "says":
        grade = cue_words().plain.get(found.verb, grade)
    got = name_source(simple, *found.source, start, actors, cue, grade)
    return replace(got, kind=found.kind) if got else None


def _in_its_words(found: Found, simple: str, start: int) -> Attribution | None:
    """Give a source that no rule for speakers knows by its own words."""
    a, b = found.source
    phrase = re.sub(r"^(?:the|an?)\s+", "", simple[a:b], flags=re.I)
    if not phrase:
        return None
    is_person = phrase[0].isupper() and not _NOT_THIRD.match(phrase)
    kind: SourceKind = "person" if is_person or _ONE.fullmatch(phrase) else "anonymous"
    span = (start + b - len(phrase), start + b)
    return Attribution(phrase, kind, span, simple[slice(*found.cue)], GRADES[found.kind], found.kind)


def told_by(simple: str) -> Found | None:
    """Choose who states a sentence: a verb of speech with its content, whose subject the plain rules did not reach."""
    table = cue_words()
    for found in find_all(simple):
        word = simple[slice(*found.cue)].lower()
        if found.kind != "says" or not found.verb or found.is_quoted or not _may_stand(found, simple):
            continue
        is_plain = found.verb in table.plain and found.verb in table.clausal | table.inverted
        is_finite = word in ("say", "tell") or (word != found.verb and not word.endswith("ing"))
        if (is_plain and is_finite) or (
            _has_content(found, simple) and not _PRONOUN.match(simple, *found.source)
        ):
            return found
    return None


def held_by(simple: str) -> Found | None:
    """Choose who believes, wants or plans what a sentence tells, where that is its first verb and the rest its content."""
    for found in find_all(simple):
        if found.is_quoted or found.kind == "says":
            continue
        if _PRONOUN.match(simple, *found.source) or _IF.search(simple[: found.source[0]]):
            return None  # whom "they" means is a guess, and a wish must not be given to the wrong one
        is_first = not re.search(r"[;\"]|,\s+(?:and|but)\s|\d", simple[: found.source[0]])
        between = simple[found.source[1] : found.cue[0]]
        is_beside = _BESIDE.fullmatch(between) and (
            not simple[slice(*found.cue)].endswith("ing")
            or re.search(r"\b(?:is|are|was|were|be|been)\b", between)
        )
        content = _CONTENT if found.verb in cue_words().holding else _THAT
        is_held = is_first and is_beside and _may_stand(found, simple) and content.match(simple, found.cue[1])
        return found if is_held else None
    return None


def _has_content(found: Found, simple: str) -> bool:
    """Say whether "that", a colon or a quotation stands beside a cue."""
    if found.verb in _TELLING and _TOLD_THAT.match(simple, found.cue[1]):
        return True
    if _THAT.match(simple, found.cue[1]) or _QUOTED.match(simple, found.cue[1]):
        return True
    return simple[: min(found.source[0], found.cue[0])].rstrip().endswith('"')


def _may_stand(found: Found, simple: str) -> bool:
    """Say whether a source is somebody a claim could be given to: a third person that stands beside its cue."""
    words = simple[slice(*found.source)]
    is_beside = max(found.cue[0] - found.source[1], found.source[0] - found.cue[1]) < 160
    is_third = not _NOT_THIRD.match(words)
    between = simple[found.source[1] : found.cue[0]]  # "did not say", "had nothing to say": nothing is told
    is_beside = is_beside and not re.search(r"\b(?:not|never|to|n't)\s|n't\s", between)
    is_third = is_third and not _NOBODY_OF.search(simple[: found.source[0]])
    return is_beside and is_third and not words.endswith((" who", " which", " that"))


def find_attributions(ledger: Ledger) -> tuple[AttributionMention, ...]:
    """Find everybody who says, believes, feels, intends, demands or perceives something in an English report.

    Parameters
    ----------
    ledger : Ledger
        A report that was read. Its page furniture is left out.

    Returns
    -------
    tuple of AttributionMention
        In text order, those inside quotations too. Spans point into `ledger.text`; private persons stand as
        "a person". None for a report that is not in English.

    Examples
    --------
    >>> from afterstrike.reading import read_document
    >>> found = find_attributions(read_document("The army plans to leave. Residents fear more raids."))
    >>> [(a.kind, a.source) for a in found]
    [('intends', 'army'), ('feels', 'Residents')]
    """
    if ledger.language != "en":
        return ()
    cleaned = clean(ledger.text)
    made: list[AttributionMention] = []
    for block in blocks(cleaned.text):
        first, last = cleaned.back(block.start, block.end)
        if any(first < b and a < last for a, b in ledger.furniture):
            continue
        for a, b in sentences(cleaned.text, block.start, block.end):
            actors = tuple(find_actors(cleaned.text, a, b))
            made += (_moved(one, cleaned, ledger.text) for one in attributions_of(cleaned.text, a, b, actors))
    return tuple(made)


def _moved(one: AttributionMention, cleaned: Cleaned, text: str) -> AttributionMention:
    """Give an attribution of the working copy with its spans in the text as it came."""
    (a, b), (first, last) = cleaned.back(one.start, one.end), cleaned.back(one.cue_start, one.cue_end)
    return replace(one, start=a, end=b, cue=text[first:last], cue_start=first, cue_end=last)


def attributions_of(
    text: str, start: int, end: int, actors: tuple[ActorMention, ...] = ()
) -> tuple[AttributionMention, ...]:
    """Give every attribution of a sentence: who, what kind, on which words.

    Parameters
    ----------
    text : str
        The whole text.
    start, end : int
        A sentence of it.
    actors : tuple of ActorMention
        The actors named in the sentence.

    Returns
    -------
    tuple of AttributionMention
        In text order; private persons stand as "a person" (see `shown_source`).

    Examples
    --------
    >>> text = "The army plans to leave, officials said."
    >>> [(a.source, a.kind, a.cue) for a in attributions_of(text, 0, len(text))]
    [('army', 'intends', 'plans'), ('officials', 'says', 'said')]
    """
    simple = plain(text[start:end])
    made = []
    for found in find_all(simple):
        got = named(found, simple, start, actors) or _in_its_words(found, simple, start)
        if got is None or got.span is None or got.source is None:
            continue
        a, b = got.span
        made.append(
            AttributionMention(
                found.kind,
                shown_source(got.source, got.source_kind),
                got.source_kind,
                a,
                b,
                text[start + found.cue[0] : start + found.cue[1]],
                start + found.cue[0],
                start + found.cue[1],
            )
        )
    return tuple(made)
