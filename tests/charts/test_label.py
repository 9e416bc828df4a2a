from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from afterstrike.charts import MapPoint, event_map
from afterstrike.charts._label import MapName, _box, _overlap, name_layers, sides

names = st.lists(
    st.tuples(
        st.text("abcdef ", min_size=1, max_size=30),
        st.floats(0, 400),
        st.floats(0, 300),
        st.sampled_from([0.0, 3.0, 12.0]),
    ),
    max_size=15,
)


@given(names, names)
def test_no_name_lies_over_another_or_runs_out(places: list[MapName], taken: list[MapName]) -> None:
    found = sides(places, 400, 300, taken=taken)
    boxes = [_box(side, name) for side, name in zip(found, places, strict=True) if side]
    stand = [_box("centre", name) for name in taken]
    for i, box in enumerate(boxes):
        assert box[0] >= 0 and box[1] >= 0 and box[2] <= 400 and box[3] <= 300
        assert not any(_overlap(box, other) for other in boxes[i + 1 :] + stand)


def test_a_name_at_the_right_edge_stands_left_of_its_mark() -> None:
    assert sides([("Exampletown", 390.0, 100.0, 3.0)], 400, 300) == ["left"]


def test_the_name_of_an_area_stands_in_it() -> None:
    assert sides([("Example province", 200.0, 100.0, 0.0)], 400, 300) == ["centre"]


def test_a_name_without_room_is_left_out_and_not_the_first() -> None:
    crowd = [("Exampletown", 100.0, 50.0, 3.0)] * 6
    found = sides(crowd, 200, 100)
    assert found[0] is not None
    assert None in found


def test_a_layer_moves_a_name_off_its_disc() -> None:
    row = {"name": "Exampletown", "lat": 1.0, "lon": 2.0, "side": "left", "radius": 9.0}
    mark = name_layers([row])[0]["mark"]
    assert (mark["align"], mark["dx"], mark["dy"]) == ("right", -13.0, 0.0)


def test_a_map_names_its_places_only_when_asked() -> None:
    rows = [
        MapPoint(35.0, 39.0, 2, "other", place="Exampletown"),
        MapPoint(None, None, 6, "other", place="X"),
    ]
    assert "Exampletown" in event_map(rows, named=True).to_svg()
    assert "Exampletown" not in event_map(rows).to_svg()
    assert ">X<" not in event_map(rows, named=True).to_svg()
