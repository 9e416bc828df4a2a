"""Lengths of borders: against counted edges of random grids, and unmoved by what makes no seam."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from afterstrike.effects._seams._borders import WeightedLines, contact_lines, km_within, partition

CELL = 4.0
# Parties of a grid, row by row; a blank is ground that nobody holds.
grids = st.lists(st.lists(st.sampled_from("AB C"), min_size=4, max_size=4), min_size=3, max_size=3)


def cell(row: int, column: int, dx: float = 0.0, dy: float = 0.0) -> BaseGeometry:
    west, south = CELL * column + dx, CELL * row + dy
    return shapely.box(west, south, west + CELL, south + CELL)


def held(grid: list[list[str]], dx: float = 0.0, dy: float = 0.0) -> list[tuple[str, BaseGeometry]]:
    places = product(range(len(grid)), range(len(grid[0])))
    return [(grid[r][c], cell(r, c, dx, dy)) for r, c in places if grid[r][c] != " "]


def counted(grid: list[list[str]]) -> dict[tuple[str, str], float]:
    """Count edges between neighbouring cells of different parties."""
    found: dict[tuple[str, str], float] = defaultdict(float)
    for r, c in product(range(len(grid)), range(len(grid[0]))):
        for r2, c2 in ((r + 1, c), (r, c + 1)):
            if r2 < len(grid) and c2 < len(grid[0]):
                one, two = sorted((grid[r][c], grid[r2][c2]))
                if one != two and one != " ":
                    found[one, two] += CELL
    return dict(found)


def length(lines: WeightedLines) -> float:
    return sum(weight * line.length for line, weight in lines)


def lengths(areas: list[tuple[str, BaseGeometry]], contact_km: float) -> dict[tuple[str, str], float]:
    return {pair: length(lines) for pair, lines in contact_lines(partition(areas)[0], contact_km).items()}


@settings(max_examples=60, deadline=None)
@given(grid=grids, contact_km=st.sampled_from([0.0, 0.3]))
def test_lengths_are_those_counted_on_a_grid(grid: list[list[str]], contact_km: float) -> None:
    assert lengths(held(grid), contact_km) == pytest.approx(counted(grid))


@settings(max_examples=30, deadline=None)
@given(grid=grids, dx=st.integers(-500, 500), dy=st.integers(-500, 500))
def test_moving_the_map_moves_no_length(grid: list[list[str]], dx: int, dy: int) -> None:
    assert lengths(held(grid, dx, dy), 0.3) == pytest.approx(lengths(held(grid), 0.3))


@settings(max_examples=30, deadline=None)
@given(grid=grids, at=st.floats(0.2, 3.8))
def test_cutting_a_party_into_parts_makes_no_seam(grid: list[list[str]], at: float) -> None:
    parts = []
    for party, area in held(grid):
        west, south, east, north = area.bounds
        parts += [
            (party, shapely.box(west, south, west + at, north)),
            (party, shapely.box(west + at, south, east, north)),
        ]
    found = lengths(parts, 0.0)
    assert all(one != two for one, two in found)
    assert found == pytest.approx(counted(grid), abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(grid=grids, x=st.floats(0, 16), y=st.floats(0, 12))
def test_borders_add_up_over_zones(grid: list[list[str]], x: float, y: float) -> None:
    """Zones cut anywhere, also along a border, share out every km once; the map's own edge counts half."""
    whole = shapely.box(-1, -1, 17, 13)
    parts = [
        zone
        for zone in (
            shapely.box(-1, -1, x, y), shapely.box(x, -1, 17, y), shapely.box(-1, y, x, 13), shapely.box(x, y, 17, 13)
        )
        if zone.area > 0
    ]  # fmt: skip
    for lines in contact_lines(partition(held(grid))[0], 0.3).values():
        assert sum(km_within(lines, zone) for zone in parts) == pytest.approx(km_within(lines, whole))


def test_a_border_along_two_zones_is_half_in_each() -> None:
    lines: WeightedLines = [(shapely.LineString([(0, 0), (0, 10)]), 1.0)]
    assert km_within(lines, shapely.box(-5, 0, 0, 10)) == pytest.approx(5)
    assert km_within(lines, shapely.box(0, 0, 5, 10)) == pytest.approx(5)


@pytest.mark.parametrize("gap", [0.0, 0.4, 0.9])
def test_a_gap_is_contact_up_to_the_tolerance(gap: float) -> None:
    areas = [("A", shapely.box(0, 0, 10, 20)), ("B", shapely.box(10 + gap, 0, 30, 20))]
    assert lengths(areas, 1.0)["A", "B"] == pytest.approx(20, abs=1e-6)


def test_a_wider_gap_is_no_contact() -> None:
    assert lengths([("A", shapely.box(0, 0, 10, 20)), ("B", shapely.box(11.01, 0, 30, 20))], 1.0) == {}


def test_ends_of_a_border_across_a_gap_are_at_most_two_tolerances() -> None:
    # B goes on beyond A: what of B's outline lies within the tolerance of A's corner is counted with it.
    areas = [("A", shapely.box(0, 0, 10, 20)), ("B", shapely.box(10.5, -10, 30, 30))]
    found = lengths(areas, 1.0)["A", "B"]
    assert 20 <= found <= 20 + 2


def test_crossing_outlines_become_one_border() -> None:
    ragged = [(10 + (0.4 if k % 2 else -0.4), k) for k in range(21)]
    other = [(10 + (-0.4 if k % 2 else 0.4), k) for k in range(21)]
    west = shapely.Polygon([(0, 0), *ragged, (0, 20)])
    east = shapely.Polygon([(30, 0), *other, (30, 20)])
    found = lengths([("A", west), ("B", east)], 1.0)["A", "B"]
    # Where they overlap the smaller area's outline holds, in the gaps between half of each; never both in full.
    assert 20 < found <= shapely.LineString(ragged).length


def test_ground_of_several_parties_goes_to_the_smaller_area() -> None:
    parts, overlap = partition([("A", shapely.box(0, 0, 10, 10)), ("B", shapely.box(4, 4, 6, 6))])
    assert overlap == pytest.approx(4)
    assert (parts["A"].area, parts["B"].area) == pytest.approx((96, 4))
    assert lengths([("A", shapely.box(0, 0, 10, 10)), ("B", shapely.box(4, 4, 6, 6))], 1.0)[
        "A", "B"
    ] == pytest.approx(8)


@pytest.mark.parametrize("contact_km", [0.0, 1.0])
def test_corners_that_touch_are_no_border(contact_km: float) -> None:
    areas = [("A", shapely.box(0, 0, 10, 10)), ("B", shapely.box(10, 10, 20, 20))]
    assert lengths(areas, contact_km) == {}


@pytest.mark.parametrize(("near", "far"), [("B", "C"), ("C", "B")])
def test_a_party_behind_another_is_not_met(near: str, far: str) -> None:
    """A thin strip of one party, narrower than the tolerance, stands between."""
    strip = shapely.box(10.2, 0, 10.6, 20)
    found = lengths(
        [("A", shapely.box(0, 0, 10, 20)), (near, strip), (far, shapely.box(10.6, 0, 20, 20))], 1.0
    )
    assert found["A", near] == pytest.approx(20, abs=2)
    assert found[("B", "C")] == pytest.approx(20)
    assert ("A", far) not in found


def test_ground_between_two_parties_faces_one_of_them_once() -> None:
    # Three parties around a thin strip that nobody holds: the strip's sides are counted once.
    areas = [
        ("A", shapely.box(0, 0, 10, 20)),
        ("B", shapely.box(10.5, 0, 20, 10)),
        ("C", shapely.box(10.5, 10, 20, 20)),
    ]
    found = lengths(areas, 1.0)
    assert found["B", "C"] == pytest.approx(9.5)
    assert 20 <= found["A", "B"] + found["A", "C"] <= 20 + 2
