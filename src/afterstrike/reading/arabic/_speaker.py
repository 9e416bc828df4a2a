"""Finds who says an Arabic sentence, on which word, and how surely it is said."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from afterstrike.reading._actor import actor_kind
from afterstrike.reading._claim import ActorMention, Hedging, SourceKind
from afterstrike.reading._country import government_of
from afterstrike.reading._hedge import stronger
from afterstrike.reading._speaker import AUTHOR, Attribution, kind_of
from afterstrike.reading.arabic._fold import Folded, Phrases, Token, fold_words, words
from afterstrike.reading.gazetteer._shipped import country_of

__all__ = ["attribute", "grade_hedging"]

_MOST_WORDS = 9


@cache
def _verbs() -> Phrases:
    speech = words()["speech"]
    return Phrases({grade: speech[grade] for grade in ("reported", "doubted", "denied", "likely")})


@cache
def _by_phrase() -> Phrases:
    return Phrases({"reported": [p.removesuffix(" ل") for p in words()["speech"]["phrases"]]})


@cache
def _ends() -> frozenset[str]:
    return frozenset(fold_words(w) for w in words()["speech"]["end"])


@cache
def _deeds() -> frozenset[str]:
    """Give the nouns of what is condemned or claimed: "أدانت السعودية القصف" names Saudi Arabia only."""
    events = words()["events"]
    named = (fold_words(w) for kind in ("strike", "attack") for w in events[kind] if " " not in w)
    return frozenset(named)


@cache
def _ends_phrases() -> Phrases:
    return Phrases({"end": words()["speech"]["end"]})


@cache
def _heads(name: str) -> frozenset[str]:
    return frozenset(fold_words(w) for w in words()["speech"][f"sources_{name}"])


@cache
def _hedges() -> Phrases:
    hedges = words()["hedges"]
    return Phrases(
        {grade: hedges[grade] for grade in ("approximate", "likely", "possible", "doubted", "denied")}
    )


def grade_hedging(folded: Folded, row: list[Token]) -> tuple[Hedging, str | None]:
    """Grade a sentence by its words of doubt; give the words, as written, that decided.

    Examples
    --------
    >>> from afterstrike.reading.arabic._fold import fold, tokens
    >>> folded = fold("قصف يُعتقد أن مصدره التحالف")
    >>> grade_hedging(folded, tokens(folded.text))[0]
    'likely'
    """
    best: Hedging = "stated"
    cue = None
    for a, b, grade in _hedges().find(row):
        if stronger([best, grade]) != best:  # type: ignore[list-item]
            best = grade  # type: ignore[assignment]
            cue = folded.original[slice(*folded.back(row[a].start, row[b - 1].end))]
    return best, cue


def attribute(folded: Folded, row: list[Token], actors: list[ActorMention], last: Attribution) -> Attribution:
    """Say who stands behind a sentence; spans are of the folded text.

    Arabic puts the speaker behind the verb ("قال مراسلنا إن"), or behind "بحسب". A verb with nobody behind it
    ("وأضاف أن") points back to `last`.

    Examples
    --------
    >>> from afterstrike.reading.arabic._actor import find_actors
    >>> from afterstrike.reading.arabic._fold import fold, tokens
    >>> folded = fold("وقالت مصادر محلية لنورث برس إن غارة وقعت")
    >>> row = tokens(folded.text)
    >>> found = attribute(folded, row, find_actors(folded, row), AUTHOR)
    >>> found.source, found.source_kind
    ('مصادر محلية', 'anonymous')
    """
    for place in range(len(row)):
        hit = _by_phrase().at(row, place)
        grade: Hedging = "reported"
        if hit:
            first = place + hit[0]
            if first < len(row) and row[first].text in ("ل", "لما", "ما"):
                first += 1
        else:
            verb = _verbs().at(row, place)
            if not verb or not _is_speech(row, place, verb[0]):
                continue
            first, grade = place + verb[0], verb[1]  # type: ignore[assignment]
        cue = folded.original[slice(*folded.back(row[place].start, row[max(place, first - 1)].end))]
        stop = _name_end(folded, row, first, actors)
        if stop == first:
            if last.source is not None:
                return Attribution(last.source, last.source_kind, last.span, cue, grade)
            continue
        found = _named(folded, row, first, stop, actors, cue, grade)
        return _through_whom(found, folded, row, stop, actors)
    return AUTHOR


def _through_whom(
    found: Attribution, folded: Folded, row: list[Token], stop: int, actors: list[ActorMention]
) -> Attribution:
    """Give whom a house had it from ("نقلت الوكالة عن مصدر", "نقلا عن"), or the house it was told to ("لوكالة")."""
    if stop >= len(row):
        return found
    if found.source_kind in ("media", "organisation", "official"):
        behind = [token.text for token in row[stop : stop + 2]]
        passes_on = behind == ["نقلا", "عن"] or (
            behind[0] == "عن" and (found.cue or "").strip("و").startswith("نقل")
        )
        if passes_on:
            first = stop + (2 if behind[0] == "نقلا" else 1)
            end = _name_end(folded, row, first, actors) if first < len(row) else first
            if end > first:
                origin = _named(folded, row, first, end, actors, found.cue or "", found.hedging)
                if origin.source != found.source and found.span:
                    return replace(origin, relayed_by=(ActorMention("", *found.span, found.source),))
            return found
    if found.source_kind != "media" and _is_told_to(row[stop], actors):
        end = _name_end(folded, row, stop + 1, actors) if stop + 1 < len(row) else stop + 1
        start = row[stop].start
        house = next((m for m in actors if m.name and start <= m.start and m.end <= row[end - 1].end), None)
        if house:
            return replace(found, relayed_by=(ActorMention("", house.start, house.end, house.name),))
    return found


def _is_speech(row: list[Token], place: int, size: int) -> bool:
    """Say whether a verb reports: "أن", "إن", a masdar with "ب" or a name follows soon; "بين" is mostly
    "between".
    """
    text = row[place].text.lstrip("و")
    if text in ("بين", "رصد", "رصدت", "دعا", "دعت", "تابع", "سجل", "سجلت", "نشر", "بث", "كشف"):
        follow = [t.text for t in row[place + size : place + size + 9]]
        if text == "بين":
            return bool({"ان", "بان", "انه", "انها"} & set(follow[:5]))
        return any(word in ("ان", "بان", "عن", "انه", "انها") for word in follow)
    return True


def _name_end(folded: Folded, row: list[Token], first: int, actors: list[ActorMention]) -> int:
    """Give the token behind a speaker's name: a colon, a comma, "أن" or a masdar ends it."""
    at = first
    while at < len(row) and at - first < _MOST_WORDS:
        token = row[at]
        if at > first:
            between = folded.text[row[at - 1].end : token.start]
            if any(c in between for c in ":,.;!?()\n"):
                break
            if token.text == "ل" or _is_told_to(token, actors):
                break
        elif any(c in folded.text[row[at - 1].end : token.start] for c in ":,;") if at else False:
            break
        if (
            token.text in _ends()
            or token.stems[-1] in ("ان", "بان")
            or (at > first and set(token.stems) & _deeds())
        ):
            break
        hit = _ends_phrases().at(row, at, exact=True)
        if hit and hit[0] > 1:
            break
        at += 1
    return at


def _is_told_to(token: Token, actors: list[ActorMention]) -> bool:
    """Say whether "ل" opens to which outlet it is said: "لنورث برس", "لوكالة"; "لحقوق" belongs to the name."""
    if not token.text.startswith("ل") or len(token.text) < 4:
        return False
    outlets = [m for m in actors if m.name and m.start == token.start]
    return any(actor_kind(m.name or "") == "media" for m in outlets) or token.stems[-1] in _heads("media")


def _named(
    folded: Folded,
    row: list[Token],
    first: int,
    stop: int,
    actors: list[ActorMention],
    cue: str,
    grade: Hedging,
) -> Attribution:
    start, end = row[first].start, row[stop - 1].end
    original = folded.original[slice(*folded.back(start, end))].strip(' "“”«»')
    exact = set(row[first].stems)
    inside = [m for m in actors if start <= m.start and m.end <= end and m.name]
    house = next((m for m in inside if actor_kind(m.name or "") in ("ngo", "un", "media")), None)
    whole = next((m for m in inside if m.start <= start + 2), None)
    if house is not None and (house is whole or exact & (_heads("media") | _heads("organisation"))):
        return Attribution(house.name, kind_of(house.name or ""), (start, end), cue, grade)
    kind: SourceKind
    if exact & _heads("media"):
        kind = "media"
    elif exact & _heads("anonymous"):
        kind = "anonymous"
    elif whole is not None:
        return Attribution(whole.name, kind_of(whole.name or ""), (start, end), cue, grade)
    elif exact & _heads("official"):
        kind = "official"
    elif exact & _heads("organisation"):
        kind = "organisation"
    else:
        adm0 = country_of(original)
        if adm0:
            return Attribution(government_of(adm0), "official", (start, end), cue, grade)
        kind = "person"
    return Attribution(original, kind, (start, end), cue, grade)
