"""Places are found by the words around them and the gazetteer; governments and surnames are not places."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from afterstrike.reading import read_document
from afterstrike.reading._actor import find_actors
from afterstrike.reading._country import country_words, role
from afterstrike.reading._place import find_places
from afterstrike.reading._place_context import context_countries, person_names


def names(text: str) -> list[tuple[str, str | None]]:
    skip = [(m.start, m.end) for m in find_actors(text)]
    return [(p.text, p.adm0) for p in find_places(text, context=context_countries(text), skip=skip)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A raid near Kismayo in Somalia.", [("Kismayo", "SOM"), ("Somalia", "SOM")]),
        ("Shells fell on Taiz, Yemen.", [("Taiz", "YEM"), ("Yemen", "YEM")]),
        ("Malian troops entered Kidal.", [("Kidal", "MLI")]),
        (
            "They fled 12 km south-east of Ramadi in Iraq.",
            [("12 km south-east of Ramadi", "IRQ"), ("Iraq", "IRQ")],
        ),
        ("Ukraine said Lviv oblast was hit.", [("Lviv oblast", "UKR")]),
        ("Most of Washington slept.", [("Washington", "USA")]),
        ("Washington denied it.", []),
        ("In May, officers in Syria met.", [("Syria", "SYR")]),
        ("Reading the report in Syria was Nice.", [("Syria", "SYR")]),
        ("Col. Aleppo spoke in Syria.", [("Syria", "SYR")]),
        ("Outpost 9 in Syria was hit.", [("Syria", "SYR")]),
        ("A base at Outpost 9 in Syria was hit.", [("Outpost 9", None), ("Syria", "SYR")]),
        ("They met near the Zzyzva gas field in Syria.", [("Zzyzva gas field", None), ("Syria", "SYR")]),
        ("Somali forces advanced in Middle Juba.", [("Middle Juba", "SOM")]),
        ("About 4,500 people left Syria", [("Syria", "SYR")]),
        ("Somali officers met in Istanbul.", [("Istanbul", "TUR")]),
    ],
)
def test_places(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert names(text) == expected


def test_a_country_has_no_point_and_an_unknown_place_no_country() -> None:
    text = "The Zzyzva gas field in Syria burned near Homs."
    field, country, town = find_places(text, context=("SYR",))
    assert (field.lat, field.geo_precision, field.adm0) == (None, None, None)
    assert (country.lat, country.geo_precision) == (None, 6)
    assert town.lat == pytest.approx(34.7, abs=0.1)
    assert town.geo_precision == 2  # "near" is not at


def test_a_place_is_looked_up_in_the_articles_countries_first() -> None:
    def country(text: str) -> str | None:
        return find_places(text, context=context_countries(text), skip=())[-1].adm0

    assert country("Libyan units fought in Libya. Shells hit Tripoli.") == "LBY"
    assert country("Lebanese units fought in Lebanon. Shells hit Tripoli.") == "LBN"


def test_context_is_what_is_named_not_who_acts() -> None:
    assert context_countries("Moscow denied it. A raid in northern Yemen hit Yemeni farms.") == ("YEM",)
    assert context_countries("It rained.") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in Washington", "place"),
        ("Washington denied it", "actor"),
        ("between Washington and Moscow", "actor"),
        ("the road between Damascus and Homs", "place"),
        ("a mess that Damascus cannot handle", "actor"),
        ("the US struck", "actor"),
        ("in the US", "place"),
        ("US-backed units", "modifier"),
        ("Syrian units", "modifier"),
        ("Syria, a country", "place"),
    ],
)
def test_role(text: str, expected: str) -> None:
    assert role(text, country_words(text)[0]) == expected


def test_spans_on_coded_news(shared: Path) -> None:
    """Precision and recall of place spans on the development half of GeoVirus, by overlap."""
    hits = found = gold = 0
    with gzip.open(shared / "data/text/geoparsing/geovirus_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text = row["text"]
            spans = [(t["start"], t["end"]) for t in row["toponyms"]]
            skip = [(m.start, m.end) for m in find_actors(text)]
            got = find_places(text, context=context_countries(text), skip=skip)
            hits += sum(any(p.start < b and a < p.end for a, b in spans) for p in got)
            found += len(got)
            gold += len(spans)
    assert hits / found > 0.88
    assert hits / gold > 0.55


def test_a_town_named_with_its_state_is_not_the_one_abroad() -> None:
    text = "A man from Paris, Texas, was held. The Paris police said so. Rain fell in Athens, Ohio."
    found = {p.text: (p.adm0, p.lat) for p in find_places(text)}
    assert found["Paris"][0] == "USA" and 33 < (found["Paris"][1] or 0) < 34
    assert found["Athens"][0] == "USA" and found["Texas"] == ("USA", 31.54)


@pytest.mark.parametrize(("state", "lat"), [("Illinois", 39.80), ("Missouri", 37.22)])
def test_a_town_lies_in_the_state_the_text_is_about(state: str, lat: float) -> None:
    text = f"A fire in {state} killed two men. Three people died in Springfield, police said."
    found = {p.text: p.lat for p in read_document(text).places}
    assert found["Springfield"] == pytest.approx(lat, abs=0.01)


def test_people_streets_and_works_are_no_places() -> None:
    text = "Ambassador Firstname Karlov died. The killing of Karlov was condemned. Fire on al-Rashid Street."
    assert [p.lat for p in find_places(text, context=("TUR",), people=person_names(text))] in ([], [None])
    assert find_places("A Brief History of Time sold well.") == []
    assert [p.adm0 for p in find_places("A raid in El Salvador.")] == ["SLV"]


def test_letters_before_people_are_an_adjective_and_no_place() -> None:
    text = "The killing of UK pilots and of US commanders began the war in Yemen."
    assert [p.text for p in find_places(text)] == ["Yemen"]
    assert [p.adm0 for p in find_places("A total of 12 bombs fell in the US on Monday.")] == ["USA"]
