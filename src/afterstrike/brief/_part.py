"""Whether a number may be one of a part only, so that the figure of the whole cannot contradict it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from afterstrike.brief._context import cue
from afterstrike.brief._figure import area_label
from afterstrike.brief._tables import countries, phrase_pattern
from afterstrike.reading._claim import PlaceMention

__all__ = ["other_actor", "part_of_whole"]

_FORCE = r"\s+(?:jets?|aircraft|war ?planes|planes|air ?force|army|military|troops|forces|helicopters)\b"


def part_of_whole(
    places: Sequence[PlaceMention], sentence: str, words: str, area: str | None, known: str
) -> str | None:
    """Say why a number may be one of a part only, so that the whole cannot contradict it.

    Parameters
    ----------
    places : sequence of PlaceMention
        The places named there.
    sentence, words : str
        The sentence, and the number with its noun.
    area : str or None
        The area of the figures.
    known : str
        What the figure itself is about: places named there are the figure's own.
    """
    inside = {part.split("-")[0] for part in (area or "").split("+")}
    for place in places:
        fine = (place.geo_precision or 9) <= 4 or place.adm1
        if fine and place.text in sentence and not re.search(re.escape(place.text), known, re.IGNORECASE):
            whole = area_label(area) if area else "a whole country"
            return f"the sentence speaks of {place.text}, the figure of {whole}"
    if cue("part_of_force").search(sentence):
        return "the sentence may speak of a part of the force or of the operation"
    if cue("part_of_people").search(words):
        return "the number may be that of a part of the people counted"
    for adm0, country in countries().items():
        if adm0 != "USA" and country.demonyms:
            # "Iraqi jets" in Iraq are a part too; "Iraqi prisons" are only a place.
            pattern = phrase_pattern(tuple(country.demonyms), ignore_case=False).pattern
            found = re.search(f"(?:{pattern}){_FORCE if adm0 in inside else ''}", sentence)
            if found and not re.search(re.escape(found.group()), known, re.IGNORECASE):
                return f"the sentence may speak of the {found.group()} part only"
    return None


def other_actor(text: str, area: str | None) -> str | None:
    """Name another state, or its forces, that the sentences before speak of; a pronoun may mean that one.

    Parameters
    ----------
    text : str
        The sentences before the number's own.
    area : str or None
        The area of the number: its own countries are actors only by their forces.
    """
    inside = {part.split("-")[0] for part in (area or "").split("+")}
    for adm0, country in countries().items():
        if adm0 == "USA":
            continue
        demonyms = phrase_pattern(tuple(country.demonyms), ignore_case=False).pattern
        if adm0 in inside:
            found = re.search(f"(?:{demonyms}){_FORCE}", text) if country.demonyms else None
        else:
            words = (*country.names, *country.demonyms, *country.capitals)
            found = phrase_pattern(words, ignore_case=False).search(text)
        if found:
            return found.group()
    return None
