"""Finds who says a statement: the author, a named institution or person, or a source without a name."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from afterstrike.reading._actor import actor_kind
from afterstrike.reading._claim import HEDGINGS, ActorMention, Hedging, SourceKind
from afterstrike.reading._country import plain
from afterstrike.reading._vocabulary import phrase_pattern, vocabulary

__all__ = ["AUTHOR", "Attribution", "attribute"]


@dataclass(frozen=True)
class Attribution:
    """Who says it, in the article's words or by canonical name, on which cue."""

    source: str | None
    source_kind: SourceKind
    span: tuple[int, int] | None = None
    cue: str | None = None
    hedging: Hedging = "stated"


AUTHOR = Attribution(None, "author")


@dataclass(frozen=True)
class _Cue:
    pattern: re.Pattern[str]
    hedging: Hedging
    is_base: bool  # "claim", "report": a noun as well, so only behind a plural
    needs_content: bool  # "found", "showed": an act as well, so only with "that", a colon or a quotation


@cache
def _cues() -> dict[str, tuple[_Cue, ...]]:
    """Give the cue words by their first word: looking words up is much faster than one long alternation."""
    table: dict[str, list[_Cue]] = {}
    rows = files("afterstrike.reading").joinpath("cues.csv").read_text(encoding="utf-8").splitlines()
    grades = dict(zip(HEDGINGS, HEDGINGS, strict=True))
    for row in csv.DictReader(rows):
        forms = row["forms"].split("|")
        for form in dict.fromkeys([*forms, row["cue"]]):
            pattern = re.compile(phrase_pattern([form]) + r"\b", re.I)
            is_base = form == row["cue"] and form != "said"
            cue = _Cue(pattern, grades[row["hedging"]], is_base, bool(row["needs_content"]))  # type: ignore[arg-type]
            table.setdefault(form.split()[0], []).append(cue)
    return {
        first: tuple(sorted(forms, key=lambda form: -len(form.pattern.pattern)))
        for first, forms in table.items()
    }


def _find_cues(simple: str) -> Iterator[tuple[re.Match[str], _Cue]]:
    cues = _cues()
    reached = 0
    for word in re.finditer(r"[A-Za-z]+", simple):
        if word.start() < reached:
            continue
        for cue in cues.get(word.group().lower(), ()):
            match = cue.pattern.match(simple, word.start())
            if match:
                reached = match.end()
                yield match, cue
                break


_ACCORDING = re.compile(
    r"\b(?:according\s+to|in\s+the\s+words\s+of|as\s+told\s+to|citing|quoting|as\s+(?:reported|stated|confirmed|announced|"
    r"claimed|described|documented)\s+by|(?:reported|confirmed|announced|claimed|documented|verified|cited|released|published|"
    r"recorded|estimated|counted)\s+by|figures\s+from|data\s+from|estimates\s+(?:by|from))\s+",
    re.I,
)
_TERMED = re.compile(
    r"\bwhat\s+(?P<who>[A-Z][\w.'-]*(?:\s+[A-Z][\w.'-]*){0,4}|they|it|he|she|the\s+[a-z]+(?:\s[a-z]+)?)\s+"
    r"(?:termed|called|calls|described\s+as|describes\s+as|dubbed|labelled|labeled|terms)\b"
)
_NP_END = re.compile(
    r"[,;:.!?()\"]|\s[-–—]\s|\b(?:that|which|who|whose|said|says|have|has|had|is|are|was|were|when|while|after|before|because|and\s+the)\b"
)
_PLURAL_BEFORE = re.compile(
    r"(?:[a-z]s|people|police|media|they|we|many|some)\s+(?:also\s+|now\s+|still\s+|\w+ly\s+)?$", re.I
)
_SOME = re.compile(
    r"(?:many|most|some|several|others|both|few)(?:\s+(?:people|of\s+them|others))?|(?:these|those|other)\s+people|"
    r"[\w-]+\s+(?:percent|per\s+cent|%)(?:\s+of\s+.{1,40})?",
    re.I,
)
# Behind these words any short noun phrase is a speaker ("the independent senator said").
_ALWAYS_SPEECH = frozenset(
    {"said", "says", "say", "told", "tells", "added", "wrote", "argued", "warned", "insisted"}
)
_NO_VERB = re.compile(
    r"\b(?:to|the|a|an|of|his|her|its|their|no|any|this|these|civilian|death)\s+$"
)  # an infinitive or a noun: "to report", "the report"
_INVERTED = frozenset(
    {
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
    }
)
# "First Last, the head of the council, said"
_APPOSED = re.compile(
    r"(?P<name>[A-Z][\w.'-]+(?:\s+[A-Z][\w.'-]+){0,4}),\s+(?:who|which|whose|a|an|the|head|chief|director|spokes\w+|"
    r"deputy|former|for\s+(?:his|her|its)\s+part)\b[^\"]{0,110},\s*(?:also\s+|has\s+|had\s+)?$"
)
# "claimed by the group in the first half of the year": what follows tells when and where
_PHRASE_END = re.compile(_NP_END.pattern + r"|\s(?:in|on|since|during)\s")
_PRONOUN = re.compile(r"^(?:he|she|they|it)$", re.I)
_ROLE_WORD = re.compile(r"[a-z]+(?:\s+tank)?")
_LEADING = re.compile(
    r"^(?:(?:and|but|yet|while|as|when|however|meanwhile|still|also|so|then|later|earlier|on\s+\w+day|"
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
        the words that name the source.

    Examples
    --------
    >>> a = attribute("According to residents, two boats sank.", 0, 39)
    >>> a.source, a.source_kind, a.cue
    ('residents', 'anonymous', 'According to')
    """
    simple = plain(text[start:end])
    found = (
        _by_phrase(simple, start, actors)
        or _by_verb(simple, start, actors, last)
        or _by_term(simple, start, actors, last)
    )
    return found or AUTHOR


def _by_phrase(simple: str, start: int, actors: tuple[ActorMention, ...]) -> Attribution | None:
    match = _ACCORDING.search(simple)
    if not match:
        return None
    stop = _PHRASE_END.search(simple, match.end())
    a, b = match.end(), stop.start() if stop else min(len(simple), match.end() + 80)
    cue = simple[match.start() : match.end()].strip()
    return _named(simple, a, b, start, actors, cue, "reported")


def _by_term(
    simple: str, start: int, actors: tuple[ActorMention, ...], last: Attribution
) -> Attribution | None:
    """Read "against what they termed 'camps'": the words in quotes are those of whoever acts."""
    match = _TERMED.search(simple)
    if not match:
        return None
    who = match["who"]
    if not _PRONOUN.match(who):
        return _named(simple, match.start("who"), match.end("who"), start, actors, match.group(), "reported")
    speakers = [m for m in actors if m.end <= start + match.start() and m.name and _speaks(m.name)]
    if speakers:
        actor = speakers[-1]
        return Attribution(
            actor.name, _kind_of(actor.name or ""), (actor.start, actor.end), match.group(), "reported"
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
    """Read "X said", "said X" and "X, the head of Y, said"; the first cue with a source decides."""
    for match, cue in _find_cues(simple):
        offset = max(0, match.start() - 160)
        before = simple[offset : match.start()]
        if _NO_VERB.search(before) or _is_inside_quote(simple, match.start()):
            continue
        words, grade = match.group(), cue.hedging
        apposed = _APPOSED.search(before)
        if apposed:
            a, b = offset + apposed.start("name"), offset + apposed.end("name")
            got = _named(simple, a, b, start, actors, words, grade)
            if got:
                return got
        if cue.is_base and not _PLURAL_BEFORE.search(before):
            continue
        if cue.needs_content and not _has_content(simple, match, actors, start):
            continue
        got = _behind(simple, match, before, grade, start, actors) or _in_front(
            simple, before, offset, words, grade, start, actors, last
        )
        if got:
            return got
    return None


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
    stop = _NP_END.search(simple, match.end())
    b = stop.start() if stop else min(len(simple), match.end() + 80)
    return _named(simple, match.end(), b, start, actors, match.group(), grade)


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
    a = max([0, *(m.end() for m in re.finditer(r"(?:[,;:\"]|'')\s*|\s[-–—]\s", before))])
    lead = _LEADING.match(before[a:])
    a += lead.end() if lead else 0
    phrase = before[a:].rstrip()
    trailing = _TRAILING.search(phrase)
    while trailing:
        phrase = phrase[: trailing.start()]
        trailing = _TRAILING.search(phrase)
    b = offset + a + len(phrase)
    if _PRONOUN.match(phrase.strip()):
        got = _back_to(last, words, grade)
        if got is None and phrase.strip().lower() in ("he", "she"):
            got = Attribution(phrase.strip(), "person", (start + offset + a, start + b), words, grade)
        return got
    return _named(simple, offset + a, b, start, actors, words, grade)


def _has_content(simple: str, match: re.Match[str], actors: tuple[ActorMention, ...], start: int) -> bool:
    after = simple[match.end() : match.end() + 60]
    if re.match(r"[^.;]{0,25}(?:\bthat\b|:|\")", after):
        return True
    before = [
        m for m in actors if m.name and m.end <= start + match.start() and m.end >= start + match.start() - 30
    ]
    return any(actor_kind(m.name or "") in ("ngo", "un", "media") for m in before)


def _named(
    simple: str, a: int, b: int, start: int, actors: tuple[ActorMention, ...], cue: str, hedging: Hedging
) -> Attribution | None:
    """Judge whether a phrase names a source, and of which kind."""
    phrase = simple[a:b]
    a += len(phrase) - len(phrase.lstrip())
    phrase = re.sub(r"^(?:the|a|an|its|their|his|her|our)\s+", "", phrase.strip(), flags=re.I)
    a = simple.find(phrase, a) if phrase else a
    b = a + len(phrase)
    phrase = re.sub(r"\s*\([^()]*\)?$", "", phrase)
    b = a + len(phrase)
    if not phrase or len(phrase.split()) > 14 or a < 0 or re.search(r"\b(?:who|which|that)$", phrase):
        return None
    inside = [m for m in actors if start + a <= m.start and m.end <= start + b and m.name]
    lowered = set(_ROLE_WORD.findall(phrase.lower()))
    words = vocabulary().kinds
    roles = lowered & words["roles"]
    span = (start + a, start + b)
    is_no_name = bool(
        re.search(
            r"\b(?:sources?|reports?|residents?|witness(?:es)?|eyewitness(?:es)?|locals|villagers|activists|analysts?|experts?|critics|observers)\b",
            phrase,
            re.I,
        )
    )
    # "Pentagon sources" have no name; "Reuters sources" and "SOHR activists" speak for their house
    is_house = bool(inside) and actor_kind(inside[0].name or "") in ("ngo", "un", "media")
    if inside and (is_house or not is_no_name or re.search(r"\b(?:report|statement)\b", phrase, re.I)):
        name = inside[0].name or ""
        return Attribution(name, _kind_of(name), span, cue, hedging)
    if is_no_name:
        return Attribution(phrase, "anonymous", span, cue, hedging)
    has_name = re.search(r"\b[A-Z][a-z]+", phrase) is not None
    if roles:
        if roles & words["official_roles"]:
            return Attribution(phrase, "official", span, cue, hedging)
        if roles & words["media_roles"]:
            return Attribution(phrase, "media", span, cue, hedging)
        if roles & words["organisation_roles"]:
            return Attribution(phrase, "organisation" if has_name else "anonymous", span, cue, hedging)
        return Attribution(phrase, "anonymous", span, cue, hedging)
    if _SOME.fullmatch(phrase):
        return Attribution(phrase, "anonymous", span, cue, hedging)
    name_only = re.fullmatch(
        r"(?:[A-Z][\w.'-]*)(?:\s+(?:of|for|al|de|bin|ibn|the|and|[A-Z][\w.'-]*)){0,10}", phrase
    )
    if name_only and phrase not in vocabulary().places["never"]:
        is_body = re.search(
            r"\b(?:Institute|Centre|Center|University|Council|Network|Group|Watch|Observatory|Organi[sz]ation|Foundation|Committee|Agency|Commission|Society|Project|Forces|Army|Command|Movement|Party|Front|Ministry|Office)\b",
            phrase,
        )
        return Attribution(phrase, "organisation" if is_body else "person", span, cue, hedging)
    if _is_speech(cue) and len(phrase.split()) <= 6 and not set(phrase.lower().split()) & words["verbs"]:
        return Attribution(phrase, "person" if has_name else "anonymous", span, cue, hedging)
    return None


def _is_speech(cue: str) -> bool:
    return cue.lower() in _ALWAYS_SPEECH or cue.lower().startswith("according")


def _kind_of(name: str) -> SourceKind:
    kind = actor_kind(name)
    if kind in ("state", "coalition"):
        return "official"
    if kind == "media":
        return "media"
    return "organisation"
