"""The places an article names, drawn as well as each is known."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from ..charts import PLACE_KEY, MapPoint, event_map
from ..reading._claim import Ledger, PlaceMention
from ..record._schema import GEO_PRECISIONS
from ._pictures import NARROW_PX, WIDE_PX, chart_view
from ._record_view import outline_around
from ._wording import plural
from ._words import joined

__all__ = ["place_picture"]

# One drawing for places no further from a neighbour than this: with a capital overseas in it,
# nothing of the theatre could be told apart.
_NEIGHBOUR_KM = 1000.0
_KM_A_RADIAN = 6371.0088
_MOST_NAMES = 8
_UNKNOWN = 7

Place = tuple[str, float | None, float | None, int | None]
"""Name, latitude, longitude and geo_precision."""
Mentions = dict[Place, list[str]]


def place_picture(ledger: Ledger) -> dict[str, Any] | None:
    """Draw the places that the claims of an article name and the gazetteer found.

    Parameters
    ----------
    ledger
        The article.

    Returns
    -------
    dict or None
        Title, words, drawings and a table, as `record_pictures` gives them; None where no place is known to
        a governorate or better. Names known to a country only are counted in the words and never drawn.
    """
    mentions = _mentions(ledger)
    points = {key: MapPoint(key[1], key[2], key[3], "other", 1, key[0]) for key in mentions}
    groups = _neighbours([key for key, point in points.items() if point.drawable()], points)
    if not groups:
        return None
    shown = max(groups, key=lambda group: (sum(len(mentions[key]) for key in group), len(group)))
    # The name that most claims use gets the best place on the map.
    shown = sorted(shown, key=lambda key: (-len(mentions[key]), key[0]))
    drawn = [points[key] for key in shown]
    outline = outline_around(drawn)
    wide, narrow = (
        event_map(drawn, outline=outline, named=True, width_px=width) for width in (WIDE_PX, NARROW_PX)
    )
    far = [key[0] for group in groups if group is not shown for key in group if key not in shown]
    words = f"{plural(len(drawn), 'place')} drawn"
    return {
        "title": "Places the article names",
        "key": f"A mark says that a claim names the place, not that anything happened there. {PLACE_KEY}",
        "charts": [
            {
                **chart_view(wide, narrow),
                "alt": f"Map with {words}: {_listed([p.place or '' for p in drawn])}.",
                "caption": " ".join([f"{words}.", *_left_out(ledger, mentions, points, far)]),
            }
        ],
        "rows": [
            (key[0], ", ".join(mentions[key]), GEO_PRECISIONS[key[3]]) for key in shown if key[3] is not None
        ],
        "rows_title": f"The {plural(len(drawn), 'place')} drawn, and the claims that name them",
        "rows_head": ("Place", "Claims", "How well the place is known"),
    }


def _resolved(place: PlaceMention) -> bool:
    return place.name is not None or place.lat is not None


def _mentions(ledger: Ledger) -> Mentions:
    """Give each place the gazetteer found, once, with the claims that name it."""
    users: dict[tuple[str, float | None, float | None], list[str]] = {}
    precisions: dict[tuple[str, float | None, float | None], list[int]] = {}
    spelled: dict[tuple[str, float | None, float | None], Counter[str]] = {}
    for claim in ledger.claims:
        for place in filter(_resolved, claim.places):
            key = (place.name or place.text, place.lat, place.lon)
            spelled.setdefault(key, Counter())[place.text] += 1
            precisions.setdefault(key, []).append(place.geo_precision or _UNKNOWN)
            users.setdefault(key, []).append(claim.id)
    merged: Mentions = {}
    for key, ids in users.items():
        # The article's own spelling: a reader looks for that, not for the gazetteer's. Where one claim says
        # "in" and another "near", the wider doubt is drawn.
        place_key = (spelled[key].most_common(1)[0][0], key[1], key[2], max(precisions[key]))
        merged[place_key] = list(dict.fromkeys([*merged.get(place_key, []), *ids]))
    return merged


def _km(a: MapPoint, b: MapPoint) -> float:
    assert a.lat is not None and a.lon is not None and b.lat is not None and b.lon is not None
    north, south = math.radians(a.lat), math.radians(b.lat)
    half = math.sin((north - south) / 2) ** 2
    half += math.cos(north) * math.cos(south) * math.sin(math.radians(a.lon - b.lon) / 2) ** 2
    return 2 * _KM_A_RADIAN * math.asin(math.sqrt(min(1.0, half)))


def _neighbours(keys: Sequence[Place], points: dict[Place, MapPoint]) -> list[list[Place]]:
    """Put places into groups in which each has a neighbour near enough for one drawing."""
    group = {key: i for i, key in enumerate(keys)}
    for a, b in combinations(keys, 2):
        if group[a] != group[b] and _km(points[a], points[b]) <= _NEIGHBOUR_KM:
            old, new = group[b], group[a]
            group = {key: new if i == old else i for key, i in group.items()}
    return [[key for key in keys if group[key] == i] for i in dict.fromkeys(group.values())]


def _listed(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = len(unique) - _MOST_NAMES
    return joined([*unique[:_MOST_NAMES], f"{more} more"] if more > 0 else unique)


def _left_out(
    ledger: Ledger, mentions: Mentions, points: dict[Place, MapPoint], far: Sequence[str]
) -> list[str]:
    """Say which names are not in the drawing, and why."""
    vague = list(dict.fromkeys(key[0] for key, point in points.items() if not point.drawable()))
    lost = list(dict.fromkeys(p.text for c in ledger.claims for p in c.places if not _resolved(p)))
    parts = []
    if far:
        parts.append(f"Outside the area drawn: {_listed(far)}.")
    if vague:
        parts.append(
            f"Not drawn, because only a country or wide area is named: {len(vague)} ({_listed(vague)})."
        )
    if lost:
        parts.append(f"Not found in the gazetteer: {len(lost)} ({_listed(lost)}).")
    gazetteers = {p.gazetteer for c in ledger.claims for p in c.places if p.gazetteer}
    if "geonames" in gazetteers:
        parts.append("Coordinates: GeoNames (CC BY 4.0).")
    return parts
