"""A region by areas: points inside, in holes, on several polygons, and files that hold none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.effects._region import inside_areas, read_box, rows_of_region
from afterstrike.errors import EstimateRefused, SourceError, UsageError

coordinates = st.floats(-5, 5, allow_nan=False)


def ring(angles: int, radius: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, angles + 1)
    return np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)])


@given(st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=30), st.integers(3, 40))
def test_a_convex_area_is_where_all_its_edges_turn_left(
    points: list[tuple[float, float]], angles: int
) -> None:
    at, border = np.array(points), ring(angles, 3.0)
    edges = np.diff(border, axis=0)
    side = edges[:, :1] * (at[:, 1] - border[:-1, 1:]) - edges[:, 1:] * (at[:, 0] - border[:-1, :1])
    clear = np.abs(side).min(axis=0) > 1e-9
    expected = (side > 0).all(axis=0)
    found = inside_areas(at[:, 0], at[:, 1], [[border]])
    assert found[clear].tolist() == expected[clear].tolist()


def test_holes_are_outside_and_areas_add_up() -> None:
    x, y = np.array([0.0, 2.0, 10.0, 5.0]), np.zeros(4)
    areas = [[ring(50, 3.0), ring(50, 1.0)], [ring(50, 3.0, x=10.0)], [ring(50, 3.0, x=10.5)]]
    assert inside_areas(x, y, areas).tolist() == [False, True, True, False]


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"lat": [0.0, 0.0, None, 9.0], "lon": [0.0, 2.0, 1.0, 9.0], "adm0": ["SYR", "IRQ", None, "SYR"]}
    )


@pytest.mark.parametrize("wrap", ["Feature", "FeatureCollection", "GeometryCollection", "MultiPolygon"])
def test_areas_of_a_file_wherever_they_stand(wrap: str, tmp_path: Path) -> None:
    polygon = {"type": "Polygon", "coordinates": [ring(20, 3.0).tolist()]}
    whole = {
        "Feature": {"type": "Feature", "properties": {}, "geometry": polygon},
        "FeatureCollection": {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "geometry": None}, {"type": "Feature", "geometry": polygon}],
        },
        "GeometryCollection": {"type": "GeometryCollection", "geometries": [polygon]},
        "MultiPolygon": {"type": "MultiPolygon", "coordinates": [polygon["coordinates"]]},
    }[wrap]
    path = tmp_path / "area.geojson"
    path.write_text(json.dumps(whole), encoding="utf-8")
    kept, outside = rows_of_region(frame(), str(path), None)
    # the row without coordinates stays, for the study to leave out by its own name
    assert (kept.index.tolist(), outside) == ([0, 1, 2], 1)


def test_country_by_code() -> None:
    kept, outside = rows_of_region(frame(), "SYR", None)
    assert (kept.index.tolist(), outside) == ([0, 3], 2)
    with pytest.raises(EstimateRefused, match="none of 4 rows"):
        rows_of_region(frame(), "FRA", None)


@pytest.mark.parametrize(
    ("content", "told"),
    [("{}", "no Polygon"), ("[1", "no GeoJSON"), ('{"type": "Polygon", "coordinates": [["a"]]}', "pairs")],
)
def test_files_without_areas(content: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "x.geojson").write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=told):
        rows_of_region(frame(), str(tmp_path / "x.geojson"), None)


def test_boxes() -> None:
    assert read_box("38,29,49.5,38") == (38.0, 29.0, 49.5, 38.0)
    assert read_box("SYR") is None
    for wrong in ("1,2,3", "1,2,3,nan", "7"):
        with pytest.raises(UsageError, match="west,south,east,north"):
            read_box(wrong)
