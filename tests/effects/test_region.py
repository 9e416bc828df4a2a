"""A region by areas: points inside, in holes, on several polygons, and files that hold none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.effects import Study
from afterstrike.effects._from_file import rows_within
from afterstrike.effects._region import inside_areas, read_box, rows_of_region
from afterstrike.effects._standard import inside_box
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


EVERYWHERE = pd.DataFrame({"lat": [0.0, 89.0, -90.0, 35.0, None], "lon": [-180.0, 0.0, 179.9, 380.0, 5.0]})


@pytest.mark.parametrize("box", ["-180,-90,180,90", "0,-90,360,90", "-20,-90,345,90"])
def test_a_box_that_goes_all_the_way_round_keeps_all(box: str) -> None:
    kept, outside = rows_within(EVERYWHERE, box, None)
    assert (len(kept), outside) == (5, 0)
    assert inside_box(*EVERYWHERE[["lat", "lon"]].to_numpy().T, read_box(box)).tolist() == [True] * 4 + [
        False
    ]  # type: ignore[arg-type]


@given(
    st.floats(-180, 180), st.floats(0.001, 359), st.lists(st.floats(-180, 360), min_size=1, max_size=20),
)  # fmt: skip
def test_a_box_holds_what_lies_east_of_its_west_end_and_no_further(
    west: float, width: float, places: list[float]
) -> None:
    lon = np.array(places)
    east = west + width
    east -= 360 * (east > 180)
    on = np.exp(1j * np.radians(lon - west - width / 2))
    from_middle = np.degrees(np.abs(np.angle(on)))
    clear = np.abs(from_middle - width / 2) > 1e-6
    found = inside_box(np.zeros(len(lon)), lon, (west, -1.0, east, 1.0))
    assert found[clear].tolist() == (from_middle < width / 2)[clear].tolist()


def test_a_study_of_the_whole_world_leaves_no_row_out() -> None:
    events = pd.DataFrame({
        "kind": ["strike", "attack", "attack"], "date_start": ["2018-01-01", "2018-01-02", "2018-01-03"],
        "lat": [35.0, -35.0, 90.0], "lon": [40.0, -170.0, 180.0],
    })  # fmt: skip
    study = Study.from_frame(
        events, treatment="strike", outcome="attack", region=(-180.0, -90.0, 180.0, 90.0)
    )
    assert len(study.outcome) == 2 and not study.exclusions


@pytest.mark.parametrize("box", ["10,40,20,30", "10,-95,20,30", "10,30,20,95"])
def test_a_box_upside_down_or_off_the_globe_is_refused(box: str) -> None:
    with pytest.raises(UsageError, match="south below north"):
        rows_within(EVERYWHERE, box, None)
