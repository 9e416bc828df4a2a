"""Judges whether a phrase names a source, and of which kind: official, media, organisation, person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from afterstrike.reading._actor import actor_kind
from afterstrike.reading._claim import ActorMention, Hedging, SourceKind
from afterstrike.reading._vocabulary import vocabulary

__all__ = ["AUTHOR", "Attribution", "kind_of", "name_source"]


@dataclass(frozen=True)
class Attribution:
    """Who says it, in the article's words or by canonical name, on which cue."""

    source: str | None
    source_kind: SourceKind
    span: tuple[int, int] | None = None
    cue: str | None = None
    hedging: Hedging = "stated"


AUTHOR = Attribution(None, "author")


_SOME = re.compile(
    r"(?:many|most|some|several|others|both|few)(?:\s+(?:people|of\s+them|others))?|(?:these|those|other)\s+people|"
    r"[\w-]+\s+(?:percent|per\s+cent|%)(?:\s+of\s+.{1,40})?",
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
        or re.search(r"\b(?:who|which|that|I|we|you)$", phrase)
    ):
        return None
    inside = [m for m in actors if start + a <= m.start and m.end <= start + b and m.name]
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
    if name_only and phrase not in vocabulary().places["never"]:
        if _OFFICE.search(phrase):
            return Attribution(phrase, "official", span, cue, hedging)
        is_body = _BODY.search(phrase) is not None
        return Attribution(phrase, "organisation" if is_body else "person", span, cue, hedging)
    if _is_speech(cue) and len(phrase.split()) <= 6 and not set(phrase.lower().split()) & words["verbs"]:
        return Attribution(phrase, "person" if has_name else "anonymous", span, cue, hedging)
    return None


def _is_speech(cue: str) -> bool:
    return cue.lower() in _ALWAYS_SPEECH or cue.lower().startswith("according")


def kind_of(name: str) -> SourceKind:
    kind = actor_kind(name)
    if kind in ("state", "coalition"):
        return "official"
    if kind == "media":
        return "media"
    return "organisation"
