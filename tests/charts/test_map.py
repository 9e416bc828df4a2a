from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.charts import MapPoint, event_map
from afterstrike.charts._map import RADIUS_KM, _merged, _view, _within
from afterstrike.errors import UsageError

points = st.lists(
    st.builds(
        MapPoint,
        st.none() | st.floats(-89, 89),
        st.none() | st.floats(-179, 179),
        st.none() | st.integers(1, 7),
        st.sampled_from(["strike", "attack", "clash"]),
        st.integers(1, 500),
    ),
    max_size=40,
)


@given(points)
def test_the_counts_of_the_caption_add_up(rows: list[MapPoint]) -> None:
    drawable = sum(p.events for p in rows if p.drawable())
    total = sum(p.events for p in rows)
    if not drawable:
        with pytest.raises(UsageError):
            event_map(rows)
        return
    caption = event_map(rows).caption
    assert caption.startswith(f"{drawable:,} drawn of {total:,} events; {total - drawable:,} without a place")


def test_a_country_is_never_drawn_as_a_point() -> None:
    rows = [MapPoint(34.8, 38.9, 6, "attack", 9), MapPoint(34.7, 38.3, 1, "attack", 1)]
    chart = event_map(rows)
    drawn = [v for layer in chart.spec["layer"] for v in layer["data"]["values"]]
    assert [v["lat"] for v in drawn] == [34.7]
    assert "1 drawn of 10 events; 9 without a place" in chart.caption


@pytest.mark.parametrize("precision", [1, 2, 3, 4])
def test_a_disc_is_as_wide_as_the_doubt(precision: int) -> None:
    row = MapPoint(35.0, 39.0, precision, "attack")
    chart = event_map([row])
    value = next(v for layer in chart.spec["layer"] for v in layer["data"]["values"])
    radius_px = math.sqrt(value["size"] / math.pi)
    # One degree of latitude is about 111 km; on a Mercator map it is stretched by 1 / cos(latitude).
    degree_px = chart.spec["projection"]["scale"] * math.radians(1) / math.cos(math.radians(35.0))
    assert radius_px / degree_px * 111.2 == pytest.approx(RADIUS_KM[precision], rel=0.01)


def test_putting_neighbours_together_moves_none_beyond_its_own_doubt() -> None:
    rows = [MapPoint(30 + i % 60 / 50, 35 + i // 60 / 50, 2, "clash", 1 + i % 3) for i in range(3000)]
    merged = _merged(rows)
    assert len(merged) < len(rows)
    assert sum(p.events for p in merged) == sum(p.events for p in rows)
    for row in rows[::37]:
        near = min(math.hypot((p.lat - row.lat) * 111.2, (p.lon - row.lon) * 111.2) for p in merged)  # type: ignore[operator]
        assert near <= RADIUS_KM[2]


@given(st.lists(st.tuples(st.floats(-80, 80), st.floats(-179, 179)), min_size=1, max_size=5))
def test_every_point_lies_inside_the_drawing(places: list[tuple[float, float]]) -> None:
    rows = [MapPoint(lat, lon, 1, "strike") for lat, lon in places]
    view, height = _view(rows, 800)
    middle = math.log(math.tan(math.pi / 4 + math.radians(view["center"][1]) / 2))
    for lat, lon in places:
        x = 400 + view["scale"] * math.radians(lon - view["center"][0])
        y = height / 2 - view["scale"] * (math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) - middle)
        assert -1 <= x <= 801
        assert -1 <= y <= height + 1


def test_a_name_is_put_inside_its_country() -> None:
    ring = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0)]
    assert _within((2.0, 2.0), ring)
    assert not _within((5.0, 2.0), ring)


def test_hostile_place_and_country_names_stay_text() -> None:
    ring = [[30.0, 28.0], [50.0, 28.0], [50.0, 42.0], [30.0, 42.0], [30.0, 28.0]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"name": "<script>x</script>&\"'"}, "geometry": shape}
    outline = {"type": "FeatureCollection", "features": [feature]}
    svg = event_map([MapPoint(35.0, 39.0, 1, "strike")], outline=outline).to_svg()
    assert "&lt;script" in svg
    assert "<script" not in svg


def test_the_same_map_is_the_same_text_every_time() -> None:
    chart = event_map([MapPoint(34.7, 38.3, 1, "attack", 1), MapPoint(35.7, 38.3, 4, "attack", 1)])
    first = chart.to_svg()
    event_map([MapPoint(30.0, 40.0, 2, "strike", 1)]).to_svg()
    assert "clip-path" in first
    assert chart.to_svg() == first
