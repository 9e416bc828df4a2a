from __future__ import annotations

import pytest

from afterstrike.brief._place_map import place_picture
from afterstrike.reading._claim import Claim, Ledger, PlaceMention
from afterstrike.record._schema import GEO_PRECISIONS


def place(
    text: str, lat: float | None, lon: float | None, precision: int | None, name: str | None = ""
) -> PlaceMention:
    found = text if name == "" else name
    return PlaceMention(text, 0, len(text), found, lat, lon, precision, gazetteer="geonames" if lat else None)


def ledger(*claims: list[PlaceMention]) -> Ledger:
    made = [
        Claim(f"c{i}", 0, 1, "x", "event", None, "author", "stated", places=tuple(places))
        for i, places in enumerate(claims, start=1)
    ]
    return Ledger("x", tuple(made))


TOWN = place("Exampletown", 35.0, 39.0, 1)
PROVINCE = place("Samplestan province", 36.0, 40.0, 4)
OVERSEAS = place("Farville", 38.9, -77.0, 1)
COUNTRY = place("Exampleland", 34.8, 38.9, 6)
LOST = place("Nowhereton", None, None, None, None)


def test_places_are_drawn_and_the_rest_is_counted_in_words() -> None:
    picture = place_picture(ledger([TOWN, COUNTRY], [TOWN, PROVINCE, LOST], [OVERSEAS]))
    assert picture is not None
    chart = picture["charts"][0]
    assert chart["caption"].startswith("2 places drawn. Outside the area drawn: Farville.")
    assert "only a country or wide area is named: 1 (Exampleland)" in chart["caption"]
    assert "Not found in the gazetteer: 1 (Nowhereton)" in chart["caption"]
    assert "Exampletown" in chart["wide"] and "Exampletown" in chart["narrow"]
    assert "Exampleland" not in chart["wide"]
    assert [row[:2] for row in picture["rows"]] == [("Exampletown", "c1, c2"), ("Samplestan province", "c2")]


@pytest.mark.parametrize("places", [[], [COUNTRY], [LOST, COUNTRY]])
def test_no_map_where_no_place_is_known_well_enough(places: list[PlaceMention]) -> None:
    assert place_picture(ledger(places)) is None


def test_places_far_apart_are_drawn_by_what_the_article_names_most() -> None:
    picture = place_picture(ledger([OVERSEAS], [OVERSEAS], [TOWN]))
    assert picture is not None
    assert [row[0] for row in picture["rows"]] == ["Farville"]
    assert "Outside the area drawn: Exampletown" in picture["charts"][0]["caption"]


def test_a_chain_of_neighbours_is_one_drawing() -> None:
    chain = [place(f"Town {i}", 35.0, 20.0 + 8 * i, 2) for i in range(4)]
    picture = place_picture(ledger(chain))
    assert picture is not None
    assert len(picture["rows"]) == 4


def test_the_articles_spelling_is_shown() -> None:
    picture = place_picture(ledger([place("Oldname", 35.0, 39.0, 2, "Newname")]))
    assert picture is not None
    assert picture["rows"][0][0] == "Oldname"


def test_a_place_named_twice_is_drawn_once_with_the_wider_doubt() -> None:
    picture = place_picture(ledger([TOWN], [place("Exampletown", 35.0, 39.0, 2)]))
    assert picture is not None
    assert picture["charts"][0]["caption"].startswith("1 place drawn.")
    assert picture["rows"] == [("Exampletown", "c1, c2", GEO_PRECISIONS[2])]
