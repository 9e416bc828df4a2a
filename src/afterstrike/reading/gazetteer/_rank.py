"""Which of several places of a name is meant, and in words why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from afterstrike.reading.gazetteer._cache import Hit
from afterstrike.reading.gazetteer._names import plain, sound

__all__ = ["Candidate", "Context", "distance_km", "rank", "rivals"]

# Two places nearer than this are one for our purpose: UCDP's code 2.
SAME_PLACE_KM = 25.0
# A rival must be this much worse to be dismissed: ten times the population, or one level of spelling.
MARGIN = 6.0

_LEVELS: dict[str, tuple[float, str]] = {
    "exact": (100.0, "the name as written"),
    "p": (97.0, "the name but for case and diacritics"),
    "b": (93.0, "the name but for its article or spaces"),
    "f": (74.0, "a common other spelling of the name"),
    "s": (58.0, "the same consonants"),
}
_ALIAS = 4.0
_LEAST_LIKENESS = 0.75
# Without a country the whole world is searched, where some place always sounds alike.
_SMALLEST_ABROAD = {"f": 100_000, "s": 1_000_000}


@dataclass(frozen=True)
class Candidate:
    """A place that a name may mean. `score` only ranks; `reason` says what speaks for it."""

    name: str
    lat: float | None
    lon: float | None
    adm0: str | None
    adm1: str | None
    population: int | None
    feature: str
    gazetteer: str
    gazetteer_id: str
    score: float
    reason: str
    geo_precision: int
    timezone: str | None = None
    adm1_code: str | None = None
    match: str = "p"  # kind of key it was found under


@dataclass(frozen=True)
class Context:
    """What is known beside the name."""

    adm0: str | None = None
    adm1_code: str | None = None
    adm1_name: str | None = None
    adm1_centre: tuple[float, float] | None = None
    near: tuple[float, float] | None = None
    wants_division: bool = False
    is_part: bool = False  # a quarter, school or street, which may be named after a town elsewhere


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Give the great-circle distance in kilometres."""
    a, b = math.radians(lat1), math.radians(lat2)
    half = (
        math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 12742.0176 * math.asin(math.sqrt(min(1.0, half)))


def rank(name: str, found: Iterable[tuple[str, bool, Hit]], context: Context) -> list[Candidate]:
    """Rank places found for a name, the best first; each place once, under its best spelling.

    Parameters
    ----------
    name
        The name looked for.
    found
        For each place: the key it was found under, whether it is from a user's gazetteer, and the place.
    context
        What is known beside the name.
    """
    best: dict[tuple[str, str], Candidate] = {}
    for key, is_users, hit in found:
        candidate = _candidate(name, key, is_users, hit, context)
        if candidate is None:
            continue
        identity = (candidate.gazetteer, candidate.gazetteer_id)
        if identity not in best or best[identity].score < candidate.score:
            best[identity] = candidate
    return sorted(best.values(), key=lambda c: (-c.score, c.gazetteer, c.gazetteer_id))


def _candidate(name: str, key: str, is_users: bool, hit: Hit, context: Context) -> Candidate | None:
    # A one-word name without article is stored under its plain key alone.
    kind = "b" if key[0] == "p" and key[1:] != plain(name) else key[0]
    level = "exact" if hit.spelling == name else kind
    if not _is_safe(name, key, hit, context):
        return None
    score, words = _LEVELS[level]
    if level in "fs":
        score += 20.0 * (_likeness(name, hit.spelling) - 1.0)
    reasons = [words]
    if not hit.is_primary:
        score -= _ALIAS
        reasons.append(f'alias "{hit.spelling}"')
    # The people of a district say nothing about the town that gave it its name.
    if hit.population and not hit.feature.startswith("adm"):
        score += 6.0 * math.log10(max(hit.population, 1000) / 1000)
        reasons.append(f"population {hit.population:,}")
    if is_users:
        # A division or district a user gives does not push aside the town it is named after.
        score += 5.0 if hit.feature.startswith("adm") else 40.0
        reasons.append("from a gazetteer you gave")
    elif hit.feature != "city":
        # The tables hold what the news names, so an entry there weighs like a town of half a million; a division
        # made of its towns gives way to a large one of its name.
        score += 10.0 if hit.gazetteer == "geonames-divisions" else 16.0
    if hit.feature in ("adm2", "adm3", "adm4"):
        score -= 12.0
    if context.wants_division:
        score += 30.0 if hit.feature == "adm1" else 0.0
    score += _weight_of_place(hit, context, reasons)
    return Candidate(
        hit.name, hit.lat, hit.lon, hit.adm0, hit.adm1, hit.population, hit.feature,
        hit.gazetteer, hit.gazetteer_id,
        round(score, 2), "; ".join(reasons), hit.geo_precision, hit.timezone, hit.adm1_code,
        kind,
    )  # fmt: skip


def _is_safe(name: str, key: str, hit: Hit, context: Context) -> bool:
    """Say whether a match by sound is close enough to be believed."""
    level = key[0]
    if level in "pb":
        return True
    if context.adm0 is None and context.near is None and (hit.population or 0) < _SMALLEST_ABROAD[level]:
        return False
    # Short keys meet by chance: four folded letters, three consonants at least.
    if len(key) < (5 if level == "f" else 4):
        return False
    # Three consonants, or the name of a quarter or street, need the division or a place nearby to agree.
    needs_place = context.is_part or (level == "s" and len(key) < 5)
    if needs_place and not _is_around(hit, context):
        return False
    return level == "f" or _likeness(name, hit.spelling) >= _LEAST_LIKENESS


def _likeness(name: str, spelling: str) -> float:
    return SequenceMatcher(None, sound(name), sound(spelling)).ratio()


def _is_around(hit: Hit, context: Context) -> bool:
    """Say whether a place lies in the division named, or near the place named with it."""
    if context.near is not None and hit.lat is not None and hit.lon is not None:
        return distance_km(*context.near, hit.lat, hit.lon) <= SAME_PLACE_KM
    return context.adm1_code is not None and hit.adm1_code == context.adm1_code


def _weight_of_place(hit: Hit, context: Context, reasons: list[str]) -> float:
    """Weigh where the place lies against what is known; adds its words to `reasons`."""
    weight = 0.0
    if context.adm0 is not None and hit.adm0 is not None:
        if hit.adm0 == context.adm0:
            reasons.append(f"in {hit.adm0}")
        else:
            weight -= 25.0
            reasons.append(f"in {hit.adm0}, not {context.adm0}")
    if context.adm1_code is not None and hit.adm0 == context.adm0:
        if hit.adm1_code == context.adm1_code:
            weight += 25.0
            reasons.append(f"in {context.adm1_name}")
        elif hit.adm1_code is not None:
            weight -= 8.0
            reasons.append(f"in {hit.adm1 or hit.adm1_code}, not {context.adm1_name}")
    if context.near is not None and hit.lat is not None and hit.lon is not None:
        km = distance_km(*context.near, hit.lat, hit.lon)
        weight += 30.0 * math.exp(-km / 150.0)
        reasons.append(f"{km:.0f} km from the place named with it")
    return weight


def rivals(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Give the candidates that are about as good as the first and lie elsewhere."""
    if not candidates:
        return []
    first = candidates[0]
    return [c for c in candidates[1:] if c.score > first.score - MARGIN and not _is_same_place(first, c)]


def _is_same_place(a: Candidate, b: Candidate) -> bool:
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return a.lat is b.lat and a.name == b.name
    if distance_km(a.lat, a.lon, b.lat, b.lon) <= SAME_PLACE_KM:
        return True
    # A town and the division named after it: the town is meant unless the words say otherwise.
    return "adm" in (a.feature[:3], b.feature[:3]) and a.adm0 == b.adm0 and a.adm1_code == b.adm1_code
