"""Judges whether a phrase names a source, and of which kind: official, media, organisation, person."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from afterstrike.reading._actor import actor_kind
from afterstrike.reading._claim import ActorMention, AttributionKind, Hedging, SourceKind
from afterstrike.reading._country import country_words, government_of, plain
from afterstrike.reading._vocabulary import vocabulary

__all__ = ["AUTHOR", "NP_END", "Attribution", "group_meant", "kind_of", "name_source", "subject_of"]


@dataclass(frozen=True)
class Attribution:
    """Who says it, in the article's words or by canonical name, on which cue."""

    source: str | None
    source_kind: SourceKind
    span: tuple[int, int] | None = None
    cue: str | None = None
    hedging: Hedging = "stated"
    kind: AttributionKind | None = "says"  # None where nobody is named
    relayed_by: tuple[ActorMention, ...] = ()  # houses through which it came


AUTHOR = Attribution(None, "author", kind=None)
# Where a noun phrase ends; the full stop of a title ("Capt.", "Gen.") does not end it.
_TITLES = (
    "Mr",
    "Ms",
    "Dr",
    "Lt",
    "St",
    "Mrs",
    "Gen",
    "Col",
    "Maj",
    "Sgt",
    "Sen",
    "Rep",
    "Gov",
    "Adm",
    "Brig",
    "Capt",
    "Cmdr",
)
NP_END = re.compile(
    r"[,;:!?()\"]|" + "".join(rf"(?<!\b{title})" for title in _TITLES) + r"\.|"
    r"\s[-–—]\s|\b(?:that|which|who|whose|said|says|have|has|had|is|are|was|were|when|while|after|before|because|and\s+the)\b"
)


_SOME = re.compile(
    r"(?:many|most|some|several|others|few)(?:\s+(?:people|of\s+them|others))?|(?:these|those|other)\s+people|"
    r"[\w-]+\s+(?:percent|per\s+cent|%)(?:\s+of\s+.{1,40})?",
    re.I,
)
# "Neither count includes", "by either ministry", "No group said": nobody says it; "Both", "both counts": things
# named before
_NOBODY = re.compile(
    r"(?:neither|either|none|nobody|no\s+[a-z]+|nothing)\b"
    r"|(?:both|each|all|these|those|the\s+two|two|one|another)(?:\s+of\s+(?:them|these|those))?"
    r"(?:\s+(?:counts?|tall(?:y|ies)|tolls?|totals?|numbers?|figures?|estimates?|sums?))?$",
    re.I,
)
_ACRONYM = re.compile(r"[A-Z][A-Z0-9&-]{2,9}")
_BODY = re.compile(
    r"\b(?:Institute|Centre|Center|University|Council|Network|Group|Watch|Observatory|Organi[sz]ation|Foundation|"
    r"Committee|Agency|Commission|Society|Project|Forces|Army|Command|Movement|Party|Front|Bank|Fund|Corps|Union|"
    r"Federation|Association|Board|Authority|Bureau|Company|Trust|Alliance|Coalition|Initiative|Programme|Program|"
    r"Campaign|Hospital|Crescent|Red\s+Cross|Rights|Monitor|Data|International|Borders|Tracker|Database|Lab|"
    r"Collective|Consortium|Forum|League|Congress|Brigades?|Church|School|College)\b"
)
_OFFICE = re.compile(
    r"\b(?:Ministry|Office|Service|Police|Directorate|Department|Headquarters|General\s+Staff|Guard|Guards|Navy|"
    r"Air\s+Force|Coast\s*guard|Embassy|Consulate|Court|Tribunal|Government|Cabinet|Presidency|Parliament|Senate|"
    r"Municipality|Governorate|Patrol|Sheriff|Prosecutor|Mayor|Governor|Minister|President|General|Colonel)\b"
)
# Behind these words any short noun phrase is a speaker ("the independent senator said").
_ALWAYS_SPEECH = frozenset(
    {"said", "says", "say", "told", "tells", "added", "wrote", "argued", "warned", "insisted"}
)


# "anti-Houthi coalition", "UN-backed tribunal": who is named only tells others apart
_AGAINST_OR_FOR = re.compile(r"\b(?:anti|pro)-$", re.I)
_BACKED = re.compile(r"-(?:backed|aligned|allied|linked|sponsored|supported|funded)\b", re.I)


def _of_others(simple: str, a: int, b: int) -> bool:
    return bool(_AGAINST_OR_FOR.search(simple[max(0, a - 5) : a]) or _BACKED.match(simple, b))


def name_source(
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
    if (
        not phrase
        or len(phrase.split()) > 14
        or a < 0
        or re.search(r"\b(?:who|which|that|I|we|you|and|but|or|nor|yet)$", phrase)
        or _NOBODY.match(phrase)
    ):
        return None
    inside = [
        m for m in actors
        if start + a <= m.start and m.end <= start + b and m.name and not _of_others(simple, m.start - start, m.end - start)
    ]  # fmt: skip
    tokens = re.findall(r"[a-z]+", phrase.lower())
    lowered = {*tokens, *(" ".join(pair) for pair in pairwise(tokens))}
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
        # "the UN peacekeeping force UNIFIL": the house named last is the one that speaks
        last = inside[-1]
        is_apposed = last.end == start + b and actor_kind(last.name or "") in ("ngo", "un", "media")
        is_apposed = is_apposed and " and " not in phrase
        name = (last if is_apposed else inside[0]).name or ""
        return Attribution(name, kind_of(name), span, cue, hedging)
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
    if _ACRONYM.fullmatch(phrase):
        return Attribution(phrase, "organisation", span, cue, hedging)
    country = next(iter(country_words(phrase)), None) if name_only else None
    if country and country.sort == "name" and country.text == phrase:
        return Attribution(government_of(country.adm0), "official", span, cue, hedging)
    if name_only and phrase not in vocabulary().places["never"]:
        if _OFFICE.search(phrase):
            return Attribution(phrase, "official", span, cue, hedging)
        is_body = _BODY.search(phrase) is not None
        return Attribution(phrase, "organisation" if is_body else "person", span, cue, hedging)
    if _is_speech(cue) and len(phrase.split()) <= 6 and not set(phrase.lower().split()) & words["verbs"]:
        return Attribution(phrase, "person" if has_name else "anonymous", span, cue, hedging)
    return None


# "On Monday the coalition has struck": what stands in front of the subject
_LEAD = re.compile(
    r"\W*(?:(?:but|and|yet|meanwhile|however|separately|later|earlier|also)\b,?\s+)?"
    r"(?:(?:in|on|since|by|during|after|until|at|over|for)\s+[^,]{1,60},\s+)?",
    re.I,
)
_PREDICATE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|did|does|do|can|could|may|might|must|should|also|now|"
    r"[a-z]{3,}(?:ed|[^s]s)|struck|hit|fell|fled|took|lost|shot|left|sank|rose|held|sent|made|gave|put|set|began|ran|won)\b"
)


def subject_of(simple: str, start: int, actors: tuple[ActorMention, ...]) -> Attribution:
    """Give the subject of a sentence where it is one that could speak: "The coalition has flown 12 sorties".

    Examples
    --------
    >>> subject_of("The coalition has flown 12 sorties.", 0, ()).source
    'coalition'
    >>> subject_of("The strikes have hit 12 houses.", 0, ()).source is None
    True
    """
    lead = _LEAD.match(simple)
    a = lead.end() if lead else 0
    opening = re.match(r"(?:the|an?)\s+", simple[a:], re.I)
    first = a + (opening.end() if opening else 0)
    named = next((m for m in actors if m.start == start + first and m.name), None)
    if named:
        rest = simple[named.end - start :]
        is_whole = re.match(r"(?:\s+[a-z]+ly)?\s+(?:who|which|that|has|have|had|is|was)\b", rest)
        if is_whole or _PREDICATE.match(rest.lstrip()) or rest.startswith(","):
            name = named.name or ""
            return Attribution(name, kind_of(name), (named.start, named.end))
        return AUTHOR
    if not opening:
        return AUTHOR
    verb = _PREDICATE.search(simple, first, first + 80)
    words = simple[first : verb.start()].strip() if verb else ""
    # a role as the last word: "the defence ministry", not "the ministry building"
    if not verb or not words or words.split()[-1].lower() not in vocabulary().kinds["roles"]:
        return AUTHOR
    found = name_source(simple, first, first + len(words), start, actors, "", "stated")
    return replace(found, cue=None) if found else AUTHOR


_BARE_GROUP = re.compile(r"(?:group|organi[sz]ation|monitor|charity|watchdog|movement|outlet|body)", re.I)


def group_meant(found: Attribution, text: str, last: Attribution) -> Attribution:
    """Give "the group said" to the organisation named before it; without one it stays as it is written."""
    if found.source is None or found.span is None or last.source_kind not in ("organisation", "media"):
        return found
    before = plain(text[max(0, found.span[0] - 4) : found.span[0]]).lower()
    if not _BARE_GROUP.fullmatch(found.source) or before != "the " or not last.source:
        return found
    return replace(found, source=last.source, source_kind=last.source_kind)


def _is_speech(cue: str) -> bool:
    return cue.lower() in _ALWAYS_SPEECH or cue.lower().startswith("according")


def kind_of(name: str) -> SourceKind:
    kind = actor_kind(name)
    if kind in ("state", "coalition"):
        return "official"
    if kind == "media":
        return "media"
    return "organisation"
