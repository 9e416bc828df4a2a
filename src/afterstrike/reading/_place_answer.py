"""Asks the gazetteer for a name in the countries and states a text is about, and judges the answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from afterstrike.reading._division import PlaceResolver
from afterstrike.reading._mask_words import key_of, sort_of

if TYPE_CHECKING:
    from afterstrike.reading.gazetteer import Resolution
    from afterstrike.reading.gazetteer._cache import Hit

__all__ = ["ask", "is_well_known", "largest"]

_WELL_KNOWN = 100_000  # people; smaller places abroad are mostly a word that only looks like one
# Where names are written in Latin letters as they are spelt, the same consonants are another name.
_SPELT = frozenset({"USA", "GBR", "CAN", "AUS", "NZL", "IRL"})


def ask(
    name: str,
    where: tuple[str, ...],
    gazetteer: PlaceResolver,
    *,
    is_open: bool = False,
    states: frozenset[tuple[str, str]] = frozenset(),
) -> Resolution | None:
    """Ask in each country of the context, then anywhere, and take the first answer."""
    from afterstrike.reading.gazetteer import PlaceQuery

    is_strange = _is_strange(name, gazetteer)
    for adm0 in where:
        if is_strange and adm0 in _SPELT:
            continue
        answer = gazetteer.resolve(PlaceQuery(name, adm0=adm0))
        inside = _in_state(answer, states)
        if inside is not None:
            return inside
        if answer.lat is not None and not _is_far_fetched(answer):
            return answer
    if is_open and not (is_strange and sort_of(key_of(name)) in ("common", "cut", "head", "title")):
        answer = gazetteer.resolve(PlaceQuery(name))
        if answer.lat is not None and (not where or is_well_known(answer)) and not _is_far_fetched(answer):
            return answer
    return None


def largest(name: str, adm0: str, gazetteer: PlaceResolver) -> Hit | None:
    """Give the largest town of a name in a country, None where it has none or the gazetteer cannot say."""
    namesakes = getattr(gazetteer, "namesakes", None)
    hits: list[Hit] = namesakes((name,)).get(name, []) if namesakes else []
    towns = [hit for hit in hits if hit.adm0 == adm0 and hit.feature == "city"]
    return max(towns, key=lambda hit: hit.population or 0, default=None)


def _is_strange(name: str, gazetteer: PlaceResolver) -> bool:
    """Say whether a single word is no place's name by its letters, so that only its sound could make it one."""
    namesakes = getattr(gazetteer, "namesakes", None)
    return namesakes is not None and name.isalpha() and not namesakes((name,))


def _in_state(answer: Resolution, states: frozenset[tuple[str, str]]) -> Resolution | None:
    """Give the answer with the one candidate of that very name in a state the text names; None where none
    is.
    """
    if not states:
        return None
    inside = [
        c for c in answer.candidates
        if c.match in ("exact", "p") and c.lat is not None and (c.adm0 or "", c.adm1_code or "") in states
    ]  # fmt: skip
    if not inside or (len(inside) > 1 and answer.lat is not None):
        return None
    best = max(inside, key=lambda c: c.population or 0)
    reason = f"{best.name} in {best.adm1 or best.adm1_code}, a state the text names ({best.reason})"
    return replace(
        answer, name=best.name, lat=best.lat, lon=best.lon, geo_precision=max(best.geo_precision, answer.geo_precision or 1),
        adm0=best.adm0, adm1=best.adm1, gazetteer=best.gazetteer, gazetteer_id=best.gazetteer_id,
        candidates=(best, *(c for c in answer.candidates if c is not best)), reason=reason,
    )  # fmt: skip


def _is_far_fetched(answer: Resolution) -> bool:
    """Say whether only the consonants agree, in a country whose names need no transliteration."""
    first = answer.candidates[0] if answer.candidates else None
    return first is not None and first.match == "s" and first.adm0 in _SPELT


def is_well_known(answer: Resolution) -> bool:
    """Say whether a place is large enough to be meant in an article about another country ("in Geneva")."""
    first = answer.candidates[0] if answer.candidates else None
    if first is None or answer.gazetteer != "geonames":
        return True
    return first.population is not None and first.population >= _WELL_KNOWN
