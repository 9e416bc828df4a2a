"""Finds through whom a statement came: "Sputnik, citing CENTCOM", "the Observatory told AFP"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from afterstrike.reading._actor import actor_kind
from afterstrike.reading._claim import ActorMention
from afterstrike.reading._speaker import NP_END, Attribution, name_source

__all__ = ["through_whom"]

# Finds who says what stands in a part of the sentence: (part, where it starts) -> attribution.
Speakers = Callable[[str, int], Attribution | None]

_CITED = re.compile(r"\b(?:citing|quoting)\s+(?:the\s+|an?\s+)?$", re.I)
_AS_SAYING = re.compile(
    r"\b(?:quot|cit)(?:ed|es|ing)\s+(?P<who>[^\";:]{2,120}?)\s+as\s+"
    r"(?:saying|telling|stating|claiming|warning|adding|denying|confirming|announcing)\b",
    re.I,
)
_WHICH_CITED = re.compile(r",\s+(?:which|who)\s+(?:also\s+|had\s+)?(?:cited|quoted|cites|quotes)\s+", re.I)
_TOLD = re.compile(r"\b(?:told|tells)\s+(?:the\s+)?", re.I)
_OUTLET = re.compile(
    r"(?:[A-Z][\w'.-]*\s+){0,4}(?:news\s+agency|news\s+site|agency|newspaper|daily|network|channel|television|TV|radio|"
    r"Radio|Television|Times|Post|News|Herald|Tribune|Channel)\b(?:(?:\s+(?:of|de))?\s+[A-Z][\w'-]*)*"
)
# Through these a statement may come; a private person who passes it on is not written down.
_HOUSES = ("media", "organisation", "official")


def through_whom(
    found: Attribution, simple: str, start: int, actors: tuple[ActorMention, ...], speakers: Speakers
) -> Attribution:
    """Give the source a statement goes back to, and in `relayed_by` the houses that pass it on.

    The source is who said it first: "SANA quoted a medical source as saying" is of the medical source,
    relayed by SANA. What comes from one mouth through one hand stays as it is.
    """
    if found.source is None or found.span is None or found.kind != "says" or not found.cue:
        return found
    a, b = found.span[0] - start, found.span[1] - start
    if a < 0 or b > len(simple):
        return found  # "he said": the source stands in another sentence
    return (
        _cited(found, a, b, simple, start, actors, speakers)
        or _as_saying(found, b, simple, start, actors)
        or _told_to(found, b, simple, start, actors)
        or _by_way_of(found, a, b, simple, start, actors, speakers)
        or found
    )


def _cited(
    found: Attribution, a: int, b: int, simple: str, start: int, actors: tuple[ActorMention, ...], speakers: Speakers
) -> Attribution | None:  # fmt: skip
    """Read "X reported, citing Y", "X, quoting Y, said" and "Citing Y, X reported"."""
    cited = _CITED.search(simple[:a])
    if not cited:
        return None
    before = simple[: cited.start()].rstrip(" ,")
    if not re.search(r"\w", before):
        comma = simple.find(",", b)
        return _passed_on(found, speakers(simple[comma + 1 :], start + comma + 1)) if comma >= 0 else None
    relay = speakers(before, start)
    if relay is None:
        first = max((m.end() for m in re.finditer(r"[,;:\"]\s*", before)), default=0)
        relay = name_source(simple, first, len(before), start, actors, "said", "reported")
    return _passed_on(found, relay)


def _as_saying(
    found: Attribution, b: int, simple: str, start: int, actors: tuple[ActorMention, ...]
) -> Attribution | None:
    """Read "X quoted Y as saying" and "according to X, which cited Y"."""
    match = _AS_SAYING.search(simple, b)
    if match:
        origin = name_source(simple, *match.span("who"), start, actors, "said", found.hedging)
    else:
        match = _WHICH_CITED.match(simple, b)
        if not match:
            return None
        stop = NP_END.search(simple, match.end())
        end = stop.start() if stop else len(simple)
        origin = name_source(simple, match.end(), end, start, actors, "said", found.hedging)
    return _passed_on(replace(origin, cue=found.cue), found) if origin else None


def _told_to(
    found: Attribution, b: int, simple: str, start: int, actors: tuple[ActorMention, ...]
) -> Attribution | None:
    """Read "Y told X", where X is an outlet."""
    told = _TOLD.search(simple, b) if (found.cue or "").lower() in ("told", "tells") else None
    if not told:
        return None
    at = start + told.end()
    house = next((m for m in actors if m.start == at and actor_kind(m.name or "") == "media"), None)
    if house is None:
        outlet = _OUTLET.match(simple, told.end())
        if not outlet:
            return None
        house = ActorMention(outlet.group(), start + outlet.start(), start + outlet.end())
    return replace(found, relayed_by=(house,))


def _by_way_of(
    found: Attribution, a: int, b: int, simple: str, start: int, actors: tuple[ActorMention, ...], speakers: Speakers
) -> Attribution | None:  # fmt: skip
    """Read "the ministry said, according to X" and "according to X, the ministry said", where X is an outlet."""
    cue = (found.cue or "").lower()
    if found.source_kind != "media" or not (cue.startswith("according") or cue.endswith((" by", " from"))):
        return None
    at = simple.lower().rfind(cue, 0, a)
    parts = [(simple[:at], 0), (simple[b:], b)] if at >= 0 else []
    for part, offset in parts:
        origin = speakers(part, start + offset) if re.search(r"\w", part) else None
        if origin and origin.kind == "says" and origin.span and origin.source_kind != "media":
            is_here = start <= origin.span[0] < start + len(simple)
            return _passed_on(origin, found) if is_here else None
    return None


def _passed_on(origin: Attribution, relay: Attribution | None) -> Attribution | None:
    if relay is None or relay.span is None or relay.source_kind not in _HOUSES:
        return None
    if relay.source == origin.source or relay.span == origin.span:
        return None
    # the words are filled in by the reader, which holds the text as written
    return replace(origin, relayed_by=(ActorMention("", *relay.span, relay.source),))
