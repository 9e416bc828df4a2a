"""Finds who says a statement: the author, a named institution or person, or a source without a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import filterfalse

from afterstrike.reading._actor import actor_kind
from afterstrike.reading._claim import ActorMention, Hedging, SourceKind
from afterstrike.reading._country import plain
from afterstrike.reading._cue_words import find_cues, is_passive
from afterstrike.reading._hedge import denials_beside
from afterstrike.reading._held import GRADES, graded, held_by, is_beside, named, told_by
from afterstrike.reading._relay import through_whom
from afterstrike.reading._speaker import AUTHOR, NP_END, Attribution, kind_of, name_source

__all__ = ["AUTHOR", "Attribution", "attribute"]

_ACCORDING = re.compile(
    r"\b(?<!without )(?:according\s+to|in\s+the\s+words\s+of|as\s+told\s+to|citing|"
    r"quoting|as\s+(?:reported|stated|confirmed|announced|"
    r"claimed|described|documented)\s+by|(?:reported|confirmed|announced|claimed|documented|verified|cited|released|published|"
    r"recorded|estimated|counted)\s+by|figures\s+from|data\s+from|estimates\s+(?:by|from))\s+",
    re.I,
)
_TERMED = re.compile(
    r"\bwhat\s+(?P<who>[A-Z][\w.'-]*(?:\s+[A-Z][\w.'-]*){0,4}|they|it|he|she|the\s+[a-z]+(?:\s[a-z]+)?)\s+"
    r"(?:termed|called|calls|described\s+as|describes\s+as|dubbed|labelled|labeled|terms)\b"
)
_PLURAL_BEFORE = re.compile(
    r"(?:[a-z]s|people|police|media|they|we|many|some)\s+(?:also\s+|now\s+|still\s+|\w+ly\s+)?$", re.I
)
_NO_VERB = re.compile(
    r"\b(?:to|the|a|an|of|his|her|its|their|no|any|this|these|civilian|death)\s+$"
)  # an infinitive or a noun: "to report", "the report"
_INVERTED = frozenset(
    [
        "said",
        "says",
        "reported",
        "told",
        "added",
        "wrote",
        "claimed",
        "announced",
        "noted",
        "warned",
        "argued",
    ]
)
# "First Last, the head of the council, said"
_APPOSED = re.compile(
    r"(?P<name>[A-Z][\w.'-]+(?:\s+[A-Z][\w.'-]+){0,4}),\s+(?:who|which|whose|a|an|the|of|from|in|head|chief|director|spokes\w+|"
    r"deputy|former|for\s+(?:his|her|its)\s+part)\b[^\"]{0,110},\s*(?:also\s+|has\s+|had\s+)?$"
)
# "Firstname Lastname, Democrat of Ohio, said", "Murphy, though, said", "Sen. Rob Lee (R-Ohio), a friend,
# said"
_SET_OFF = re.compile(
    r"(?:^|[.;:\"]\s+|\b(?:and|but|while|when|as|after)\s+)\W?(?P<name>(?:(?:Rep|Sen|Gen|Gov|Mr|Mrs|Ms|Dr|Lt|Col|Maj|Capt)\.\s+|"
    r"[A-Z][\w'-]+\s+)*[A-Z][\w'-]+)(?:\s+\([^()]{1,30}\))?,\s+(?:[^\";:()]|\([^()]*\)){2,190},\s*(?:also\s+|has\s+|had\s+)?$"
)
# "Firstname Lastname, who noted"
_WHO = re.compile(
    r"(?P<name>(?:[A-Z][\w.'-]+|(?:the|an?|one|some)\s+[a-z]+)(?:\s+[A-Za-z][\w.'-]+){0,4}),?\s+(?P<who>who)\s+(?:also\s+|later\s+|has\s+|had\s+)?$"
)
# what shows by itself, without "that": "polls show", "the records show"
_SHOWING = re.compile(
    r"\b(?:polls?|surveys?|stud(?:y|ies)|e-?mails?|documents?|records?|data|figures?|reports?|research|statistics|footage|"
    r"video|videos|images?|photos?|photographs?|results?|numbers?|estimates?|filings?|transcripts?|logs?)\s+(?:also\s+)?$",
    re.I,
)
_SAYING = re.compile(
    r"(?:say|tell|call|not|add|warn|argu|claim|insist|suggest|accus|cit|stress|ask|writ|alleg)ing", re.I
)
# "A teacher, 36, said", "Firstname Lastname, 52, a shopkeeper in Homs, said"
_AGED = re.compile(
    r"(?:^|[.;:\"]\s+|,\s+(?:and|but|while)\s+)(?P<name>(?:[Aa]n?\s|[Tt]he\s|[A-Z])[\w\s.'-]{1,60}?),\s+(?:aged?\s+)?\d{1,3}"
    r"(?:,\s+[^,;\"]{1,80})?,\s*(?:also\s+|has\s+|had\s+)?$"
)
# "The movement's spokesman, Firstname Lastname, said"
_ROLE_NAMED = re.compile(
    r"(?:^|[.;:\"]\s+|,\s+(?:and|but|while)\s+)(?P<name>(?:The|An?|Its|His|Her|Their|the|its|a)\s[^,;:\".]{3,60}),"
    r"\s+[A-Z][\w.'-]+(?:\s+(?:al-|bin\s|de\s)?[A-Z][\w.'-]+){1,4},\s*(?:also\s+|has\s+|had\s+)?$"
)
# 'The governor\'s office: "We counted 12 drones"', "Hospital: nine dead"
_COLON = re.compile(r"^\W*(?:\d{1,2}[:.]\d{2}\s*\W\s*)?(?P<who>[^\W\d][^:\"?!]{1,60}):\s+(?P<said>\"|)(?=\S)")
# "claimed by the group in the first half of the year": what follows tells when and where
_PHRASE_END = re.compile(NP_END.pattern + r"|\s(?:in|on|since|during)\s")
_CLAUSE_VERBS = frozenset({"is", "are", "was", "were", "has", "have", "had"})
_HAS_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|did|does|do|can|could|may|might|must|should|[a-z]{3,}(?:ed|ing)|"
    r"struck|hit|fell|fled|took|lost|shot|left|sank|rose|held|holds|died|came|went|began|broke|made|kills?|hits?|"
    r"strikes?|saw|took|found|set|cut|led|ran|met|got|gave|put|sent|fought|won|[a-z]{3,}s)\b"
)
_COUNTING = frozenset({"counted", "counts", "recorded", "documented", "tallied"})
_COUNTING_OFFICE = re.compile(
    r"\b(?:ministry|authorit\w+|office|agency|police|army|hospital|court)\s+(?:(?:has|had|later|also)\s+)*$"
)
# "accused by the army of", "blamed on the rebels by officials"
_AGENT = re.compile(
    r"(?:\s+on\s+[^,;.\"]{2,50}?)?\s+by\s+(?P<who>[^,;.\"]{2,60}?)(?=[,;.\"]|\s(?:for|on|in|to|that|who|which)\s|\s+of\s+\w+ing\b|$)"
)
_CLOSING = re.compile(r"[,\"]\W*(?:(?:the|an?|its|their)\s+)?$", re.I)
_PRONOUN = re.compile(r"^(?:he|she|they|it)$", re.I)
_LEADING = re.compile(
    r"^(?:(?:and|but|yet|which|who|whom|(?:\w+\s+){1,3}ago|while|as|when|however|meanwhile|still|also|so|then|later|earlier|on\s+\w+day|"
    r"in\s+a\s+statement|that|how|what|(?:in|on|by|since|during)\s+[^,]{0,30}?\b(?:1[89]|20)\d\d)\s+)+",
    re.I,
)
_TRAILING = re.compile(
    r"(?:^|\s+)(?:also|has|have|had|later|then|further|first|himself|herself|itself|earlier|on\s+\w+day|\w+ly|\w+day|"
    r"is|was|are|were|to|not|did|does|do)$",
    re.I,
)


def attribute(
    text: str,
    start: int,
    end: int,
    *,
    actors: tuple[ActorMention, ...] = (),
    last: Attribution = AUTHOR,
) -> Attribution:
    """Say who stands behind the statement in a span.

    Parameters
    ----------
    text : str
        The whole text.
    start, end : int
        The statement.
    actors : tuple of ActorMention
        The actors named in it.
    last : Attribution
        The last named source before it; "he", "she", "they" point back to it.

    Returns
    -------
    Attribution
        AUTHOR where nobody is named. A known institution is given by its canonical name. `span` points at
        the words that name the source, who said it first; `relayed_by` at houses that pass it on.

    Examples
    --------
    >>> a = attribute("According to residents, two boats sank.", 0, 39)
    >>> a.source, a.source_kind, a.cue
    ('residents', 'anonymous', 'According to')
    """
    simple = plain(text[start:end])
    found = (
        _by_colon(simple, start, actors)
        or _by_phrase(simple, start, actors)
        or _by_verb(simple, start, actors, last)
        or _by_term(simple, start, actors, last)
        or _by_clause(simple, start, actors, last)
    )
    if found is None:
        return AUTHOR
    return through_whom(found, simple, start, actors, lambda part, at: _by_verb(part, at, actors, AUTHOR))


def _by_colon(simple: str, start: int, actors: tuple[ActorMention, ...]) -> Attribution | None:
    """Read a speaker before a colon: with a quotation behind it, any; without, a house that reports."""
    match = _COLON.match(simple)
    if not match:
        return None
    a, b = match.span("who")
    if _find_cues_in(match["who"]):
        return None
    if not match["said"]:
        houses = [m for m in actors if m.start == start + a and m.end == start + b and m.name]
        if not houses or actor_kind(houses[0].name or "") not in ("un", "ngo", "media"):
            return None
    return name_source(simple, a, b, start, actors, ":", "reported")


def _by_clause(
    simple: str, start: int, actors: tuple[ActorMention, ...], last: Attribution
) -> Attribution | None:
    """Read what the rules for single cues miss, by the subject of the clause: a statement, else what is held."""
    found = told_by(simple) or held_by(simple)
    if found is None:
        return None
    a, b = found.source
    if _PRONOUN.match(simple[a:b]):
        got = _meant_by(
            simple[a:b], (start + a, start + b), last, simple[slice(*found.cue)], GRADES[found.kind]
        )
        return replace(got, kind=found.kind) if got else None
    return named(found, simple, start, actors)


def _find_cues_in(phrase: str) -> bool:
    return next(find_cues(phrase), None) is not None


def _by_phrase(simple: str, start: int, actors: tuple[ActorMention, ...]) -> Attribution | None:
    match = _ACCORDING.search(simple)
    if not match:
        return None
    stop = _PHRASE_END.search(simple, match.end())
    a, b = match.end(), stop.start() if stop else min(len(simple), match.end() + 80)
    cue = simple[match.start() : match.end()].strip()
    return name_source(simple, a, b, start, actors, cue, "reported")


def _by_term(
    simple: str, start: int, actors: tuple[ActorMention, ...], last: Attribution
) -> Attribution | None:
    """Read "against what they termed 'camps'": the words in quotes are those of whoever acts."""
    match = _TERMED.search(simple)
    if not match:
        return None
    who = match["who"]
    if not _PRONOUN.match(who):
        return name_source(
            simple, match.start("who"), match.end("who"), start, actors, match.group(), "reported"
        )
    speakers = [m for m in actors if m.end <= start + match.start() and m.name and _speaks(m.name)]
    if speakers:
        actor = speakers[-1]
        return Attribution(
            actor.name, kind_of(actor.name or ""), (actor.start, actor.end), match.group(), "reported"
        )
    return _back_to(last, match.group(), "reported")


def _speaks(name: str) -> bool:
    return actor_kind(name) in ("state", "coalition", "un", "ngo", "media")


def _back_to(last: Attribution, cue: str, hedging: Hedging) -> Attribution | None:
    if last.source is None:
        return None
    return Attribution(last.source, last.source_kind, last.span, cue, hedging)


def _by_verb(
    simple: str, start: int, actors: tuple[ActorMention, ...], last: Attribution
) -> Attribution | None:
    """Take the first cue with a source; a statement behind a comma is of all before it: "residents fear A, X said"."""
    first: Attribution | None = None
    for got in filterfalse(lambda one: is_beside(one, simple, start), _sources(simple, start, actors, last)):
        if first is None:
            first = got
        elif got.kind == "says" and got.span and _CLOSING.search(simple[: max(0, got.span[0] - start)]):
            return got
        if first.kind == "says":
            return first
    return first


def _sources(
    simple: str, start: int, actors: tuple[ActorMention, ...], last: Attribution
) -> Iterator[Attribution]:
    """Read "X said", "said X" and "X, the head of Y, said", cue by cue."""
    for match, cue in find_cues(simple, denials_beside(simple)):
        offset = max(0, match.start() - 160)
        before = simple[offset : match.start()]
        if _NO_VERB.search(before) or _is_inside_quote(simple, match.start()):
            continue
        words, grade = match.group(), cue.hedging
        if is_passive(words.lower(), before, simple[match.end() : match.end() + 9]):
            by = _AGENT.match(simple, match.end())
            agent = name_source(simple, *by.span("who"), start, actors, words, grade) if by else None
            if agent:
                yield graded(agent, cue.kind)
            continue
        apposed = (
            _APPOSED.search(before) or _AGED.search(before) or _ROLE_NAMED.search(before) or _SET_OFF.search(before)
            or _WHO.search(before)
        )  # fmt: skip
        if apposed:
            a, b = offset + apposed.start("name"), offset + apposed.end("name")
            got = name_source(simple, a, b, start, actors, words, grade)
            if got and "who" in apposed.re.groupindex:
                got = replace(
                    got, span=(got.span[0], start + offset + apposed.end("who")) if got.span else None
                )
            if got:
                yield graded(got, cue.kind)
                continue
        if cue.is_base and not _PLURAL_BEFORE.search(before):
            continue
        is_finding = words.lower() in ("show", "shows", "showed", "find", "finds", "found")
        shows = is_finding and _SHOWING.search(before)
        if cue.needs_content and not shows and not _has_content(simple, match, actors, start):
            continue
        got = _behind(simple, match, before, grade, start, actors) or _in_front(
            simple, before, offset, words, grade, start, actors, last
        )
        if got is None and _SAYING.fullmatch(words) and re.search(r",\s*$", before):
            got = _subject_speaks(simple, match.start(), start, actors, words, grade)
        if got:
            yield graded(got, cue.kind)


def _subject_speaks(
    simple: str, stop: int, start: int, actors: tuple[ActorMention, ...], words: str, grade: Hedging
) -> Attribution | None:
    """Take the subject of a sentence for the speaker of ", saying": the words in front of its first verb."""
    lead = re.match(
        r"\W*(?:(?:but|and|yet|meanwhile|however|in|on|at|after|since|during|by)\b[^,]{0,60},\s+)?",
        simple,
        re.I,
    )
    a = lead.end() if lead else 0
    verb = _HAS_VERB.search(simple, a, stop)
    if not verb or verb.start() - a < 2 or verb.start() - a > 90:
        return None
    phrase = simple[a : verb.start()].rstrip()
    trailing = _TRAILING.search(phrase)
    phrase = phrase[: trailing.start()] if trailing else phrase
    if "," in phrase or _PRONOUN.match(phrase):
        return None
    return name_source(simple, a, a + len(phrase), start, actors, words, grade)


def _is_inside_quote(simple: str, at: int) -> bool:
    """Say whether the last quotation mark before is an opening one: then the cue is of others."""
    mark = simple.rfind('"', 0, at)
    if mark < 0:
        return False
    is_open_left = mark == 0 or simple[mark - 1] in " ([-"
    return is_open_left and simple[mark + 1 : mark + 2].isalnum()


def _behind(
    simple: str,
    match: re.Match[str],
    before: str,
    grade: Hedging,
    start: int,
    actors: tuple[ActorMention, ...],
) -> Attribution | None:
    """Read a source behind its verb: '..., said the ministry'."""
    after = simple[match.end() : match.end() + 120]
    if match.group().lower() not in _INVERTED or not re.search(r"[,\"']\s*$", before):
        return None
    if not re.match(r"\s+(?:the\s+|an?\s+)?[A-Za-z]", after):
        return None
    if not before.rstrip().endswith(('"', "'")) and not _HAS_VERB.search(before):
        return None  # "A man, 36, said the bomb fell": what follows is what is said
    stop = NP_END.search(simple, match.end())
    if stop and stop.group().strip() in _CLAUSE_VERBS:
        return None
    b = stop.start() if stop else min(len(simple), match.end() + 80)
    return name_source(simple, match.end(), b, start, actors, match.group(), grade)


def _in_front(
    simple: str,
    before: str,
    offset: int,
    words: str,
    grade: Hedging,
    start: int,
    actors: tuple[ActorMention, ...],
    last: Attribution,
) -> Attribution | None:
    """Read the noun phrase or pronoun in front of the verb, up to the last comma or quotation mark."""
    a = max([0, *(m.end() for m in re.finditer(r"(?:[,;:\"(]|'')\s*|\s[-–—]\s", before))])
    lead = _LEADING.match(before[a:])
    a += lead.end() if lead else 0
    phrase = before[a:].rstrip()
    trailing = _TRAILING.search(phrase)
    while trailing:
        phrase = phrase[: trailing.start()]
        trailing = _TRAILING.search(phrase)
    b = offset + a + len(phrase)
    if _PRONOUN.match(phrase.strip()):
        return _meant_by(phrase.strip(), (start + offset + a, start + b), last, words, grade)
    return name_source(simple, offset + a, b, start, actors, words, grade)


def _meant_by(
    pronoun: str, span: tuple[int, int], last: Attribution, words: str, grade: Hedging
) -> Attribution | None:
    got = _back_to(last, words, grade)
    if got is None and pronoun.lower() in ("he", "she", "they"):
        kind: SourceKind = "anonymous" if pronoun.lower() == "they" else "person"
        got = Attribution(pronoun, kind, span, words, grade)
    return got


def _has_content(simple: str, match: re.Match[str], actors: tuple[ActorMention, ...], start: int) -> bool:
    after = simple[match.end() : match.end() + 60]
    if re.match(r"[^.;]{0,25}(?:\bthat\b|:|\")", after):
        return True
    # "the ministry counted 30,228 dead": an office that counts is a source
    is_count = match.group().lower() in _COUNTING and re.match(r"\s+(?:[a-z]+\s+){0,3}\d", after)
    if is_count and _COUNTING_OFFICE.search(simple[: match.start()]):
        return True
    before = [
        m for m in actors if m.name and m.end <= start + match.start() and m.end >= start + match.start() - 30
    ]
    return any(actor_kind(m.name or "") in ("ngo", "un", "media") for m in before)
