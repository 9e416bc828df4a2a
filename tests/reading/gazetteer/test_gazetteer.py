"""The shipped gazetteer: what it resolves, at which precision, and what it leaves open."""

from __future__ import annotations

import doctest
import importlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.reading.gazetteer import Gazetteer, PlaceQuery, default_gazetteer, timezone_of
from afterstrike.reading.gazetteer._rank import distance_km


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return default_gazetteer()


@pytest.mark.parametrize(
    "name",
    [
        "Raqqa",
        "Ar Raqqah",
        "ar-raqqah",
        "Rakka",
        "RAQQA",
        "الرقة",
        "الرقه\u200e",
        "Raqqah city",
        "مدينة الرقة",
    ],
)
def test_spellings_of_one_town(gazetteer: Gazetteer, name: str) -> None:
    answer = gazetteer.resolve(PlaceQuery(name, adm0="SYR"))
    assert (answer.gazetteer, answer.gazetteer_id) == ("geonames", "172955")
    assert answer.geo_precision == 1
    assert answer.adm1 == "Ar-Raqqah"


def test_codes_of_airports_are_no_names(gazetteer: Gazetteer) -> None:
    # "Ar Rut" was once read as RUT, the airport of a town in Vermont
    assert gazetteer.resolve("Ar Rut").gazetteer_id is None
    assert gazetteer.resolve(PlaceQuery("RUT", adm0="USA")).gazetteer_id is None
    assert gazetteer.resolve(PlaceQuery("Rutland", adm0="USA", adm1="Vermont")).lat is not None


@pytest.mark.parametrize(
    ("name", "adm0", "adm1", "code"),
    [
        ("Springfield", "USA", "Illinois", "IL"),
        ("Springfield", "USA", "Massachusetts", "MA"),
        ("Springfield, Illinois", "USA", None, "IL"),
        ("Newport", "GBR", "Wales", "WLS"),
    ],
)
def test_states_and_provinces_of_every_country_decide_between_namesakes(
    gazetteer: Gazetteer, name: str, adm0: str, adm1: str | None, code: str
) -> None:
    answer = gazetteer.resolve(PlaceQuery(name, adm0=adm0, adm1=adm1))
    assert answer.lat is not None and answer.geo_precision == 1, answer.reason
    chosen = next(c for c in answer.candidates if c.gazetteer_id == answer.gazetteer_id)
    assert chosen.adm1_code == code


def test_query_text_is_kept_untouched(gazetteer: Gazetteer) -> None:
    name = "الرَّقــة\u200e"
    assert gazetteer.resolve(PlaceQuery(name, adm0="SYR")).query.name == name


def test_country_decides_between_namesakes(gazetteer: Gazetteer) -> None:
    libya = gazetteer.resolve(PlaceQuery("Tripoli", adm0="LBY"))
    lebanon = gazetteer.resolve(PlaceQuery("Tripoli", adm0="Lebanon"))
    assert (libya.adm0, lebanon.adm0) == ("LBY", "LBN")
    assert libya.lat is not None and lebanon.lat is not None and abs(libya.lat - lebanon.lat) > 1


def test_namesakes_without_context_stay_open(gazetteer: Gazetteer) -> None:
    answer = gazetteer.resolve("Tripoli")
    assert answer.lat is None and answer.geo_precision is None
    assert answer.reason.startswith("ambiguous")
    assert {"LBY", "LBN"} <= {c.adm0 for c in answer.candidates}
    assert all(c.reason for c in answer.candidates)


def test_nearness_decides_between_namesakes(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve(PlaceQuery("Tripoli", near=(33.9, 35.5))).adm0 == "LBN"
    assert gazetteer.resolve(PlaceQuery("Tripoli", near=(32.5, 13.5))).adm0 == "LBY"


def test_much_larger_namesake_wins(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve("Mosul").adm0 == "IRQ"
    assert gazetteer.resolve("Paris").adm0 == "FRA"


@pytest.mark.parametrize(
    ("name", "adm0"), [("Syria", "SYR"), ("سوريا", "SYR"), ("العراق", "IRQ"), ("UK", "GBR")]
)
def test_a_country_is_never_a_point(gazetteer: Gazetteer, name: str, adm0: str) -> None:
    answer = gazetteer.resolve(name)
    assert (answer.lat, answer.lon, answer.geo_precision, answer.adm0) == (None, None, 6, adm0)


@pytest.mark.parametrize("name", ["", "   ", "Unknown", "Qwxzzk", "؟", "near", "100 km"])
def test_no_place_is_no_answer(gazetteer: Gazetteer, name: str) -> None:
    answer = gazetteer.resolve(PlaceQuery(name, adm0="SYR"))
    assert answer.lat is None and answer.geo_precision is None
    assert answer.reason


def test_odd_country_counts_as_none(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve(PlaceQuery("Tikrit", adm0="Unknown")).adm0 == "IRQ"
    assert gazetteer.resolve(PlaceQuery("Tikrit", adm0="")).adm0 == "IRQ"


@pytest.mark.parametrize(
    ("name", "adm0", "precision"),
    [
        ("near Raqqa", "SYR", 2),
        ("9 km south-east of Mosul", "IRQ", 2),
        ("Raqqa governorate", "SYR", 4),
        ("محافظة نينوى", None, 4),
        ("northern countryside of Aleppo", "SYR", 4),
        ("several towns in Idlib", "SYR", 4),
        ("Syrian desert", None, 5),
        ("the Hamrin mountains", None, 5),
        ("Raqqa - Deir ez-Zor road", "SYR", 5),
        ("between Raqqa and Tabqa", "SYR", 2),
        ("Nowhereville, Mosul", "IRQ", 3),
        ("Nowhereville quarter, Mosul", "IRQ", 2),
        ("Nowhereville, Aleppo", "SYR", 4),
    ],
)
def test_precision_follows_the_words(
    gazetteer: Gazetteer, name: str, adm0: str | None, precision: int
) -> None:
    answer = gazetteer.resolve(PlaceQuery(name, adm0=adm0))
    assert answer.lat is not None
    assert answer.geo_precision == precision


@pytest.mark.parametrize(
    "name",
    [
        "Mosul air base",
        "Mosul prison",
        "سجن الموصل",
        "Blue prison, Mosul",
        "Mosul and Tal Afar air base",
        "checkpoint in Mosul",
    ],
)
def test_a_site_is_placed_at_its_division_only(gazetteer: Gazetteer, name: str) -> None:
    town = gazetteer.resolve(PlaceQuery("Mosul", adm0="IRQ"))
    site = gazetteer.resolve(PlaceQuery(name, adm0="IRQ"))
    assert site.geo_precision == 4
    assert None not in (site.lat, site.lon, town.lat, town.lon)
    assert distance_km(site.lat, site.lon, town.lat, town.lon) > 25  # type: ignore[arg-type]


def test_site_in_a_country_without_a_table_of_divisions(gazetteer: Gazetteer) -> None:
    town = gazetteer.resolve(PlaceQuery("Kandahar", adm0="AFG"))
    site = gazetteer.resolve(PlaceQuery("Kandahar prison", adm0="AFG"))
    assert site.geo_precision == 4
    assert (site.lat, site.lon) != (town.lat, town.lon)


def test_wrong_side_of_a_border_is_said(gazetteer: Gazetteer) -> None:
    answer = gazetteer.resolve(PlaceQuery("Raqqa", adm0="IRQ"))
    assert answer.adm0 == "SYR" and answer.geo_precision == 2
    assert "neighbour" in answer.reason
    assert gazetteer.resolve(PlaceQuery("Raqqa", adm0="MEX")).lat is None


def test_a_far_division_contradicts(gazetteer: Gazetteer) -> None:
    answer = gazetteer.resolve(PlaceQuery("Al Qamishli", adm0="SYR", adm1="Daraa"))
    assert answer.lat is None
    assert "km from Daraa" in answer.reason


def test_two_far_places_are_not_one(gazetteer: Gazetteer) -> None:
    answer = gazetteer.resolve(PlaceQuery("Al Hasakah and Dayr Az Zawr", adm0="SYR"))
    assert answer.lat is None and "apart" in answer.reason


def test_many_equals_one_by_one(gazetteer: Gazetteer) -> None:
    queries = [PlaceQuery(n, adm0="SYR") for n in ("Raqqa", "Homs", "Qwxzzk", "Raqqa", "near Palmyra")]
    assert gazetteer.resolve_many(queries) == [gazetteer.resolve(q) for q in queries]


@settings(deadline=None, max_examples=80)
@given(
    st.text(max_size=40),
    st.sampled_from([None, "SYR", "Unknown", "USA", "عراق"]),
    st.one_of(st.none(), st.text(max_size=9)),
)
def test_resolve_never_raises_and_never_gives_half_a_point(
    name: str, adm0: str | None, adm1: str | None
) -> None:
    answer = default_gazetteer().resolve(PlaceQuery(name, adm0=adm0, adm1=adm1))
    assert (answer.lat is None) == (answer.lon is None)
    assert answer.reason
    if answer.lat is not None:
        assert answer.geo_precision in range(1, 6)
        assert answer.gazetteer and answer.gazetteer_id


def test_names_and_exact_lookup(gazetteer: Gazetteer) -> None:
    assert {"Mosul", "الموصل"} <= set(gazetteer.names("IRQ"))
    assert "Mosul" not in gazetteer.names("SYR")
    assert set(gazetteer.lookup_exact(["Mosul", "Qwxzzk"])) == {"Mosul"}
    assert gazetteer.contains_name("ar-Raqqa") and gazetteer.contains_name("سوريا")
    assert not gazetteer.contains_name("Qwxzzk") and not gazetteer.contains_name("")


def test_time_zones() -> None:
    assert timezone_of(adm0="SYR") == "Asia/Damascus"
    assert timezone_of(adm0="USA") == "America/New_York"
    assert timezone_of(36.34, 43.13) == "Asia/Baghdad"
    assert timezone_of(0.0, -30.0) is None
    assert timezone_of(adm0="not a country") is None


@pytest.mark.parametrize("module", ["_names", "_phrase", "_gazetteer"])
def test_examples_in_docstrings(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"afterstrike.reading.gazetteer.{module}"))
    assert result.attempted > 0 and result.failed == 0
