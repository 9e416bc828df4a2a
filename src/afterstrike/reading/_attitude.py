"""Finds every attribution of a sentence: who says, believes, feels, intends, demands or perceives something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from afterstrike.reading._claim import AttributionKind
from afterstrike.reading._cue_words import cue_words
from afterstrike.reading._subject import Clause

__all__ = ["Found", "find_all"]


@dataclass(frozen=True)
class Found:
    """One attribution; offsets are of the sentence."""

    kind: AttributionKind
    source: tuple[int, int]
    cue: tuple[int, int]
    verb: str = ""  # in its base form, where the cue is one
    is_quoted: bool = (
        False  # the cue stands inside a quotation: whose words it is in says nothing of who tells it
    )


_MAY_HOLD = re.compile(r"[A-Za-z]{3}")
_PHRASES = re.compile(
    r"\b(?<!without )(?:according\s+to|in\s+the\s+(?:words|view|opinion|eyes|judgment|judgement)\s+of|as\s+told\s+to)\s+",
    re.I,
)
_IN_POLL = re.compile(
    r"\b[Ii]n\s+(?P<poll>(?:(?:the|an?|one|most|some|several|recent|new|latest|national|state|public|early|opinion)\s+|[A-Z][\w./-]*\s+){0,6}"
    r"(?:polls?|surveys?|polling|Poll|Survey)\b)"
)
_COLON = re.compile(r"^\W*(?P<who>(?:[A-Z][\w.'-]*\s*){1,4}(?:\([^()]{1,30}\))?):\s+(?P<mark>\"|)(?=\S)")
_NOT_A_SPEAKER = re.compile(
    r"\b(?:Update|Live|Video|Watch|Photos?|Breaking|Read|Q|Poll|Exclusive|Report|Opinion|Attacks?)\b"
)


def find_all(simple: str) -> tuple[Found, ...]:
    """Find the attributions of a sentence, in text order.

    Parameters
    ----------
    simple : str
        A sentence as plain text (see `plain`).

    Returns
    -------
    tuple of Found
        At most one for a cue. A cue whose source the sentence does not name is left out.

    Examples
    --------
    >>> text = "The mayor wants calm, but residents fear more raids, a doctor said."
    >>> [(f.kind, text[slice(*f.source)], text[slice(*f.cue)]) for f in find_all(text)]
    [('intends', 'The mayor', 'wants'), ('feels', 'residents', 'fear'), ('says', 'a doctor', 'said')]
    """
    return _find(simple) if _MAY_HOLD.search(simple) else ()


_LETTERS = re.compile(r"[a-z]+")
_IN_PHRASES = frozenset(
    {
        "according",
        "view",
        "opinion",
        "eyes",
        "words",
        "judgment",
        "judgement",
        "told",
        "poll",
        "polls",
        "polling",
        "survey",
        "surveys",
    }
)


@cache
def _cues() -> frozenset[str]:
    table = cue_words()
    return (
        _IN_PHRASES | {w for w, form in table.verbs.items() if form.kind} | {*table.nouns, *table.adjectives}
    )


@lru_cache(maxsize=64)
def _find(simple: str) -> tuple[Found, ...]:
    has = set(_LETTERS.findall(simple.lower()))
    if has.isdisjoint(_cues()):  # most sentences attribute nothing
        return tuple(_by_colon(simple))
    words = Clause(simple)
    found = list(_by_colon(simple))
    if not has.isdisjoint(_IN_PHRASES):
        found += _by_phrase(simple, words)
    nouns, adjectives = cue_words().nouns, cue_words().adjectives
    for i, (sort, low) in enumerate(zip(words.sorts, words.low, strict=True)):
        if sort == "v":
            found += _by_verb(words, i)
        elif sort == "n" and low in nouns:
            found += _by_noun(words, i, nouns[low])
        if low in adjectives:
            found += _by_adjective(words, i, adjectives[low])
    seen: dict[tuple[int, int], Found] = {}
    for one in found:
        if not (one.cue[0] < one.source[1] and one.source[0] < one.cue[1]):
            seen.setdefault(one.cue, one)
    return tuple(sorted(seen.values(), key=lambda one: one.cue))


def _by_phrase(simple: str, words: Clause) -> Iterator[Found]:
    for match in _IN_POLL.finditer(simple):
        yield Found("says", match.span("poll"), (match.start(), match.start() + 2))
    for match in _PHRASES.finditer(simple):
        first = next((i for i, (a, _) in enumerate(words.at) if a >= match.end()), None)
        source = words.span(words.phrase_right(first)) if first is not None else None
        if source:
            kind: AttributionKind = (
                "believes" if re.search(r"view|opinion|eyes|judg", match.group(), re.I) else "says"
            )
            yield Found(kind, source, (match.start(), match.start() + len(match.group().rstrip())))


def _by_colon(simple: str) -> Iterator[Found]:
    match = _COLON.match(simple)
    if match is None or _NOT_A_SPEAKER.search(match["who"]):
        return
    if match["mark"] or match["who"].isupper() or " " in match["who"].strip():
        a, b = match.span("who")
        yield Found("says", (a, b), (b, b + 1))


def _by_verb(words: Clause, i: int) -> Iterator[Found]:
    form = words.forms[i]
    if form is None or form.kind is None:
        return
    if form.lemma in cue_words().only_with and not _is_of_words(words, i):
        return
    if _is_passive(words, i):
        by = i + 1
        while by < len(words.sorts) and words.sorts[by] == "r":
            by += 1
        source = words.phrase_right(by + 1) if by < len(words.low) and words.low[by] == "by" else None
    else:
        source = words.inverted(i) or words.subject(i)
    span = words.span(source)
    if span and source and not _is_thing(words, source):
        yield Found(form.kind, span, words.at[i], form.lemma, words.quoted[i])


_BEING = frozenset(
    ["is", "are", "was", "were", "be", "been", "being", "'s", "isn't", "wasn't", "weren't", "got"]
)
_HELD = frozenset({"believe", "think", "suspect", "know", "allege", "suppose", "expect"})


def _is_passive(words: Clause, i: int) -> bool:
    form = words.forms[i]
    if form is None or not form.is_past:
        return False
    j = i - 1
    while j >= 0 and words.sorts[j] == "r":
        j -= 1
    if j >= 0 and words.sorts[j] in "a":
        return words.low[j] in _BEING
    # "a man accused of", ", believed to be", "still reported missing": nobody is named who accuses or reports
    behind = words.low[i + 1] if i + 1 < len(words.low) else ""
    if behind == "by" or (behind == "to" and form.lemma in _HELD):
        return True
    if form.lemma == "report" and behind in ("missing", "dead", "killed", "wounded", "injured"):
        return True
    return behind == "of" and form.lemma in ("accuse", "suspect", "convict")


def _is_of_words(words: Clause, i: int) -> bool:
    """Say whether a verb of acts is one of words here: a quotation, "that", or "for" what somebody did behind it."""
    low = words.low[i + 1 : i + 14]
    for k, sort in enumerate(words.sorts[i + 1 : i + 14]):
        if sort in ",.":
            return False
        if sort == '"' or low[k] in ("that", "as"):
            return True
        following = low[k + 1] if k + 1 < len(low) else ""
        is_deed = following in ("his", "her", "its", "their", "not", "being") or following.endswith("ing")
        if low[k] in ("for", "over") and is_deed:
            return True
    return False


def _is_thing(words: Clause, source: tuple[int, int]) -> bool:
    """Say whether the source is a word that only points: "there", "that" alone."""
    return words.low[source[1]] in ("there", "nobody", "nothing", "none", "neither")


def _by_noun(words: Clause, i: int, kind: AttributionKind) -> Iterator[Found]:
    """Read "the army's claim", "a warning by the army", "the army issued a warning"."""
    j = i - 1
    while j >= 0 and words.sorts[j] == "n" and not words.low[j].endswith(("'s", "s'")) and i - j < 4:
        j -= 1
    if j >= 0 and (words.sorts[j] == "p" and words.low[j] != "whose"):
        yield Found(kind, words.at[j], words.at[i])
        return
    if j >= 0 and words.sorts[j] == "n" and words.low[j].endswith(("'s", "s'")):
        found = words.phrase_left(j)
        span = words.span(found)
        if span:
            yield Found(kind, span, words.at[i])
        return
    if i + 2 < len(words.low) and words.low[i + 1] in ("by", "from"):
        span = words.span(words.phrase_right(i + 2))
        if span:
            yield Found(kind, span, words.at[i])
            return
    for k in range(i - 1, max(-1, i - 6), -1):
        if words.sorts[k] in 'ht",.scw':
            return
        if words.sorts[k] == "v" or (words.sorts[k] == "a" and words.low[k] in ("has", "have", "had")):
            form = words.forms[k]
            is_light = words.sorts[k] == "a" or (form is not None and form.lemma in cue_words().light)
            span = words.span(words.subject(k)) if is_light and not _is_passive(words, k) else None
            if span:
                yield Found(kind, span, (words.at[k][0], words.at[i][1]))
            return


_LINKING = frozenset(
    {"is", "are", "was", "were", "be", "been", "being", "'s", "'re", "isn't", "aren't", "wasn't", "weren't"}
)
_LINKING_VERBS = frozenset({"seem", "appear", "remain", "become", "grow", "feel", "sound", "get", "stay"})


def _by_adjective(words: Clause, i: int, kind: AttributionKind) -> Iterator[Found]:
    """Read "the mayor is confident that"."""
    j = i - 1
    while j >= 0 and words.sorts[j] == "r":
        j -= 1
    if j < 0:
        return
    form = words.forms[j]
    if words.low[j] in _LINKING or (form and form.lemma in _LINKING_VERBS):
        span = words.span(words.subject(j))
        if span:
            yield Found(kind, span, words.at[i])
