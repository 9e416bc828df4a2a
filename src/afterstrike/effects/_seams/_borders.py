"""Borders between parties: who holds what where areas overlap, and the lines along which parties meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["Pair", "WeightedLines", "contact_lines", "km_within", "partition"]

Pair = tuple[str, str]
# Lines with the weight of their length: a border drawn twice, with a gap between, counts half on each side.
WeightedLines = list[tuple["BaseGeometry", float]]
# An end of a line this near a border lies on it, km: the grid of coordinates and its rounding.
_ON = 2e-3
# Where a party's outline turns away from a border its first stretch is still within the tolerance. Such ends
# are no contact: up to 1.5 tolerances where they start on the border, up to 2.5 around a lone corner.
_END, _CORNER = 1.5, 2.5


def partition(areas: Iterable[tuple[str, BaseGeometry]]) -> tuple[dict[str, BaseGeometry], float]:
    """Give each party its ground: areas of one party are one, and ground of several goes to the smaller area.

    An enclave drawn on top of a larger area is thus kept, and ragged outlines that cross become one border.

    Parameters
    ----------
    areas
        Party and area, on a plane.

    Returns
    -------
    tuple
        Ground by party, without overlaps, in order of name; how much was claimed more than once.

    Examples
    --------
    >>> import shapely
    >>> parts, overlap = partition([("A", shapely.box(0, 0, 4, 4)), ("B", shapely.box(1, 1, 2, 2))])
    >>> {party: ground.area for party, ground in parts.items()}, overlap
    ({'A': 15.0, 'B': 1.0}, 1.0)
    """
    import shapely

    held: dict[str, list[BaseGeometry]] = {}
    for party, area in areas:
        held.setdefault(party, []).append(area)
    whole = {party: shapely.union_all(parts) for party, parts in sorted(held.items())}
    pieces = sorted(
        (
            (piece.area, party, piece)
            for party, ground in whole.items()
            for piece in shapely.get_parts(ground)
        ),
        key=lambda one: one[:2],
    )
    tree = shapely.STRtree([piece for *_, piece in pieces])
    kept: dict[str, list[BaseGeometry]] = {party: [] for party in whole}
    for number, (_, party, piece) in enumerate(pieces):
        over = [k for k in tree.query(piece, predicate="intersects") if k < number and pieces[k][1] != party]
        if over:
            piece = shapely.difference(piece, shapely.union_all([pieces[k][2] for k in over]))
        kept[party].append(piece)
    parts = {party: _areas_only(shapely.union_all(pieces)) for party, pieces in kept.items()}
    overlap = sum(ground.area for ground in whole.values()) - sum(ground.area for ground in parts.values())
    return parts, max(float(overlap), 0.0)


def contact_lines(parts: Mapping[str, BaseGeometry], contact_km: float) -> dict[Pair, WeightedLines]:
    """Give the lines along which each two parties meet.

    A border both share counts in full. Where outlines leave a gap of up to `contact_km` of ground that nobody
    is said to hold, each side counts half. Corners that only touch are no border.

    Parameters
    ----------
    parts
        Ground by party, without overlaps; see `partition`.
    contact_km
        Widest gap across which parties still meet, 0 or more.

    Examples
    --------
    >>> import shapely
    >>> parts = {"A": shapely.box(0, 0, 10, 20), "B": shapely.box(10, 0, 20, 20)}
    >>> lines = contact_lines(parts, 0)
    >>> [(pair, sum(weight * line.length for line, weight in found)) for pair, found in lines.items()]
    [(('A', 'B'), 20.0)]
    """
    import shapely

    outline = {party: ground.boundary for party, ground in parts.items()}
    shared: dict[Pair, BaseGeometry] = {}
    for one, two in combinations(sorted(parts), 2):
        # Parties far apart share nothing, and most are.
        if shapely.dwithin(parts[one], parts[two], contact_km + _ON):
            shared[one, two] = _lines_only(shapely.intersection(outline[one], outline[two]))
    found: dict[Pair, WeightedLines] = {
        pair: [(line, 1.0)] if not line.is_empty else [] for pair, line in shared.items()
    }
    if contact_km > 0:
        free = {
            party: _without(line, [border for pair, border in shared.items() if party in pair])
            for party, line in outline.items()
        }
        around = {party: shapely.buffer(parts[party], contact_km) for pair in shared for party in pair}
        ground = shapely.union_all(list(parts.values()))
        # Nearest first: what faces one party across a gap faces no second one behind it.
        for pair in sorted(shared, key=lambda pair: (shapely.distance(parts[pair[0]], parts[pair[1]]), pair)):
            border = shared[pair]
            for mine, other in (pair, pair[::-1]):
                near = _lines_only(shapely.intersection(free[mine], around[other]))
                near = _facing(near, parts[other], ground, contact_km)
                kept = _without_ends(near, border, contact_km)
                if not kept.is_empty:
                    found[pair].append((kept, 0.5))
                    free[mine] = _without(free[mine], [kept])
    return {pair: lines for pair, lines in found.items() if lines}


def km_within(lines: WeightedLines, area: BaseGeometry) -> float:
    """Give the length of lines within a zone; what runs along its border is half in it, half outside.

    Examples
    --------
    >>> import shapely
    >>> lines = [(shapely.LineString([(0, 0), (0, 4)]), 1.0)]
    >>> km_within(lines, shapely.box(-1, 0, 1, 2)), km_within(lines, shapely.box(0, 0, 1, 4))
    (2.0, 2.0)
    """
    import shapely

    total = 0.0
    for line, weight in lines:
        inside = shapely.intersection(line, area)
        if inside.is_empty or inside.length == 0:
            continue
        along = shapely.intersection(inside, area.boundary).length
        total += weight * (inside.length - along / 2)
    return total


def _facing(near: BaseGeometry, other: BaseGeometry, ground: BaseGeometry, contact_km: float) -> BaseGeometry:
    """Keep what faces the other party across ground that nobody holds: not through its own body, nor a third's."""
    import numpy as np
    import shapely

    if near.is_empty:
        return near
    corners = [
        shapely.get_coordinates(line) for line in shapely.get_parts(shapely.segmentize(near, contact_km / 2))
    ]
    ends = np.concatenate([np.stack([xy[:-1], xy[1:]], axis=1) for xy in corners])
    pieces = shapely.linestrings(ends)
    straight = shapely.get_coordinates(shapely.shortest_line(shapely.points(ends.mean(axis=1)), other))
    across = straight.reshape(-1, 2, 2)
    reach = np.hypot(*(across[:, 1] - across[:, 0]).T)
    # Both ends lie on outlines; what is between them decides.
    trim = np.divide(2 * _ON, reach, out=np.full(len(reach), 0.5), where=reach > 4 * _ON)[:, None]
    step = across[:, 1] - across[:, 0]
    between = shapely.linestrings(np.stack([across[:, 0] + trim * step, across[:, 1] - trim * step], axis=1))
    shapely.prepare(ground)
    open_ = (reach <= 4 * _ON) | ~shapely.intersects(ground, between)
    return _lines_only(shapely.union_all(pieces[open_]))


def _without_ends(near: BaseGeometry, border: BaseGeometry, contact_km: float) -> BaseGeometry:
    import shapely

    if near.is_empty:
        return near
    merged = shapely.line_merge(near) if near.geom_type == "MultiLineString" else near
    kept = []
    for piece in shapely.get_parts(merged):
        on_border = 0
        if not piece.is_closed:
            ends = (shapely.get_point(piece, 0), shapely.get_point(piece, -1))
            on_border = (
                sum(bool(shapely.dwithin(end, border, _ON)) for end in ends) if not border.is_empty else 0
            )
        least = {0: _CORNER, 1: _END, 2: 0.0}[on_border] * contact_km
        if piece.length > least + _ON:
            kept.append(piece)
    return shapely.MultiLineString(kept)


def _without(line: BaseGeometry, others: Sequence[BaseGeometry]) -> BaseGeometry:
    import shapely

    there = [other for other in others if not other.is_empty]
    return _lines_only(shapely.difference(line, shapely.union_all(there))) if there else line


def _lines_only(found: BaseGeometry) -> BaseGeometry:
    """Keep the lines of an overlay, without the points where outlines cross."""
    import shapely

    parts = shapely.get_parts(shapely.get_parts(found))
    return shapely.MultiLineString(
        [part for part in parts if part.geom_type == "LineString" and part.length > 0]
    )


def _areas_only(found: BaseGeometry) -> BaseGeometry:
    import shapely

    parts = shapely.get_parts(shapely.get_parts(found))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon" and part.area > 0])
