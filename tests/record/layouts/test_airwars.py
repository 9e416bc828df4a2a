"""Airwars incidents with Arabic column names: every quirk, on made-up rows and on the real file."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from afterstrike.errors import LayoutError, SourceError
from afterstrike.record.layouts._airwars import LAYOUT
from afterstrike.record.layouts._known_other import name_other
from afterstrike.record.layouts._staging import read_table

FILE = "data/airwars_syria/incidents.parquet"
ARABIC = {r["key"]: r["arabic"] for r in read_table("airwars_columns")}


def row(**changes: str | None) -> dict[str, str | None]:
    values: dict[str, str | None] = {
        "code": "EX001", "airwars_id": "900001", "incident_date": "2017-07-17", "incident_date_end": None,
        "incident_date_type_original": "date", "local_time_original": None, "local_time_start": None,
        "location_en": "Example town", "location_ar": "بلدة المثال", "region_original": "Raqqa",
        "country_ar": "سوريا",
        "latitude": "35.95", "longitude": "39.0", "geolocation_accuracy": "town",
        "belligerents_original": "U.S.-led Coalition", "strike_type_original": "Airstrike",
        "strike_status_original": "Likely strike", "civilian_harm_reported_original": "Yes",
        "civilian_harm_status_original": "Fair", "cause_of_death_original": None, "total_strikes": None,
        "civilians_killed_min": "2.0", "civilians_killed_max": "5.0",
        "civilians_injured_min": None, "civilians_injured_max": "3.0",
    }  # fmt: skip
    return {ARABIC[k]: v for k, v in (values | changes).items()}


def test_arabic_column_names_are_mapped_to_keys(stage_rows: Any) -> None:
    (staged,) = stage_rows("airwars", [row()])
    assert (staged["event_id"], staged["source_id"]) == ("airwars:900001", "EX001")
    assert (staged["date_start"], staged["place"], staged["adm0"], staged["adm1"]) == (
        date(2017, 7, 17), "Example town", "SYR", "Raqqa",
    )  # fmt: skip
    assert (staged["civilian_fatalities_low"], staged["civilian_fatalities_high"]) == (2, 5)
    assert staged["civilian_fatalities_best"] is None, "a range has no best value"
    assert (staged["injured_low"], staged["injured_high"]) == (None, 3), "missing is not zero"
    assert (staged["licence"], staged["hedging"]) == ("not stated", "Fair")


def test_technical_keys_are_read_as_well(stage_rows: Any) -> None:
    keyed = {key: row()[arabic] for key, arabic in ARABIC.items() if arabic in row()}
    (staged,) = stage_rows("airwars", [keyed])
    assert staged["event_id"] == "airwars:900001" and staged["adm1"] == "Raqqa"


def test_columns_csv_may_rename_columns(stage_rows: Any, tmp_path: Path) -> None:
    companion = tmp_path / "columns.csv"
    companion.write_text(
        "الورقة,اسم العمود بالعربية,المفتاح التقني\nالحوادث,اسم جديد,location_en\n", encoding="utf-8"
    )
    renamed = {("اسم جديد" if k == ARABIC["location_en"] else k): v for k, v in row(location_ar=None).items()}
    assert stage_rows("airwars", [renamed])[0]["place"] is None
    assert stage_rows("airwars", [renamed], companions=[str(companion)])[0]["place"] == "Example town"


def test_a_companion_that_explains_nothing_is_refused(stage_rows: Any, tmp_path: Path) -> None:
    companion = tmp_path / "other.csv"
    companion.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"other\.csv explains no columns.*it has a, b"):
        stage_rows("airwars", [row()], companions=[str(companion)])
    with pytest.raises(SourceError, match=r"gone\.csv cannot be read"):
        stage_rows("airwars", [row()], companions=[str(tmp_path / "gone.csv")])


def test_belligerent_is_a_comma_list(stage_rows: Any) -> None:
    rows = [
        row(belligerents_original="Russian Military, U.S.-led Coalition"),
        row(belligerents_original="Iranian Military, Unknown"),
        row(belligerents_original=None) | {ARABIC["belligerents_ar"]: "الجيش الروسي، الجيش الإيراني"},
        row(belligerents_original="U.S.-led Coalition"),
        row(belligerents_original=None),
    ]
    assert [(r["side_a"], r["initiator"]) for r in stage_rows("airwars", rows)] == [
        ("Government of Russia, US-led coalition", None),
        ("Government of Iran", None),
        ("Government of Russia, Government of Iran", None),
        ("US-led coalition", "US-led coalition"),
        (None, None),
    ]


@pytest.mark.parametrize("grade", ["Contested", "Fair", "Weak", "Confirmed", "Discounted", None])
def test_grades_become_hedging(stage_rows: Any, grade: str | None) -> None:
    assert stage_rows("airwars", [row(civilian_harm_status_original=grade)])[0]["hedging"] == grade


def test_grades_in_arabic_only(stage_rows: Any) -> None:
    arabic = row(civilian_harm_status_original=None) | {ARABIC["civilian_harm_status_ar"]: "أدلة ضعيفة"}
    assert stage_rows("airwars", [arabic])[0]["hedging"] == "Weak"


def test_one_date_1970_is_a_sentinel(stage_rows: Any) -> None:
    (staged,) = stage_rows("airwars", [row(incident_date="1970-01-01")])
    assert staged["reject_reason"] == "date 1970-01-01 is a sentinel of the publisher, no date"


def test_two_blank_dates_are_kept_without_a_date(stage_rows: Any) -> None:
    (staged,) = stage_rows("airwars", [row(incident_date=None)])
    assert staged["reject_reason"] is None
    assert (staged["date_start"], staged["date_precision"]) == (None, None)


@pytest.mark.parametrize("written", ["31 ديسمبر 0399", "0399-12-31", "٣١ كانون الأول ٠٣٩٩"])
def test_0399_sentinel_dates(stage_rows: Any, written: str) -> None:
    (staged,) = stage_rows("airwars", [row(incident_date=written)])
    assert staged["reject_reason"] == f"date '{written}' is a sentinel of the publisher, no date"


def test_dates_written_in_arabic(stage_rows: Any) -> None:
    (staged,) = stage_rows("airwars", [row(incident_date="٢ تشرين الأول 2015")])
    assert staged["date_start"] == date(2015, 10, 2)
    assert stage_rows("airwars", [row(incident_date="أمس")])[0]["reject_reason"] == "date 'أمس' is no date"


def test_longitude_4239_reaches_the_shared_check_unchanged(stage_rows: Any) -> None:
    (staged,) = stage_rows("airwars", [row(longitude="4239.00416")])
    assert staged["lon"] == 4239.00416 and staged["geo_precision"] == 7


def test_one_point_in_iraq_filed_under_syria(stage_rows: Any) -> None:
    (staged,) = stage_rows("airwars", [row(latitude="35.8", longitude="43.4", region_original="Deir Ezzor")])
    assert (staged["adm0"], staged["adm1"], staged["geo_precision"]) == (None, None, 7)
    assert staged["geo_precision_source"] == "town; the point lies outside SYR, under which it is filed"


def test_a_region_of_another_country_sets_the_country(stage_rows: Any) -> None:
    (staged,) = stage_rows("airwars", [row(region_original="Erbil", latitude="36.6", longitude="44.5")])
    assert (staged["adm0"], staged["adm1"], staged["geo_precision"]) == ("IRQ", "Erbil", 1)


def test_codes_used_twice_are_two_incidents(stage_rows: Any) -> None:
    first, second = stage_rows("airwars", [row(), row(airwars_id="900002")])
    assert first["source_id"] == second["source_id"] and first["event_id"] != second["event_id"]


def test_partial_imports_are_no_strikes(stage_rows: Any) -> None:
    empty = {"strike_type_original": None, "strike_status_original": None}
    rows = [
        row(**empty),
        row(**empty, civilians_killed_min=None, civilians_killed_max=None, civilians_injured_max=None,
            civilian_harm_reported_original=None),
        row(strike_type_original=None),
        row(strike_type_original=None, strike_status_original="Single source claim"),
        row(strike_type_original=None, cause_of_death_original="Small arms and light weapons"),
    ]  # fmt: skip
    staged = stage_rows("airwars", rows)
    assert [(r["kind"], r["confidence"]) for r in staged] == [
        ("violence_against_civilians", "low"), ("other", "low"), ("strike", "moderate"),
        ("violence_against_civilians", "low"), ("violence_against_civilians", "low"),
    ]  # fmt: skip
    assert staged[0]["coding_evidence"] == "strike type not stated"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Airstrike and/or Artillery", "strike"),
        ("Drone Strike", "strike"),
        ("Naval bombardment", "strike"),
        ("Airstrike, Counter-Terrorism Action (Ground)", "strike"),
        ("Ground operation", "violence_against_civilians"),
        ("Counter-Terrorism Action (Ground)", "violence_against_civilians"),
        ("قصف مدفعي", "strike"),
    ],
)
def test_strike_type_becomes_kind(stage_rows: Any, written: str, kind: str) -> None:
    assert stage_rows("airwars", [row(strike_type_original=written)])[0]["kind"] == kind


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("exact_location", 1),
        ("within_100m", 1),
        ("village", 1),
        ("city", 2),
        ("subdistrict", 3),
        ("محافظة", 4),
        ("12", None),
    ],
)
def test_precision_words(stage_rows: Any, words: str, code: int | None) -> None:
    (staged,) = stage_rows("airwars", [row(geolocation_accuracy=words)])
    assert (staged["geo_precision"], staged["geo_precision_source"]) == (code, words)


def test_a_local_clock_time_is_turned_into_utc(stage_rows: Any) -> None:
    night, word = stage_rows(
        "airwars", [row(local_time_original="02:00:00"), row(local_time_original="morning")]
    )
    assert night["time_start"] == datetime(2017, 7, 16, 23, 0) and night["date_start"] == date(2017, 7, 16)
    assert "local date: 2017-07-17" in night["date_precision_source"]
    assert word["time_start"] is None and word["date_start"] == date(2017, 7, 17)


def test_date_ranges(stage_rows: Any) -> None:
    ends = ["2017-07-17", "2017-07-18", "2017-08-10", "2018-02-01"]
    rows = [row(incident_date_end=e, incident_date_type_original="date_range") for e in ends]
    assert [r["date_precision"] for r in stage_rows("airwars", rows)] == [1, 2, 4, 5]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("A house of Somebody Invented near Example town, Raqqa", "A house near Example town, Raqqa"),
        ("the car of the Businessman Somebody Al Invented, on the road", "the car, on the road"),
        ("Near Somebody Al Invented’s farm in Example town", "a farm in Example town"),
        ("house of the Invented family in Example town", "house in Example town"),
        ("Shop of Somebody", "Shop"),
        ("the Somebody Invented family home near Example town", "a family home near Example town"),
        ("Example town: Invented family", "Example town: a family"),
        ("funeral of Somebody Invented in Example town", "funeral in Example town"),
        ("Invented house, Example town", "house, Example town"),
        ("Al Rashid Farm", "Al Rashid Farm"),
        ("in the city of Example, east of Idlib", "in the city of Example, east of Idlib"),
        ("residential houses and shops of Example", "residential houses and shops of Example"),
    ],
)
def test_a_place_text_keeps_no_persons_name(stage_rows: Any, written: str, kept: str) -> None:
    assert stage_rows("airwars", [row(location_en=written)])[0]["place"] == kept


def test_an_arabic_place_text_keeps_no_persons_name(stage_rows: Any) -> None:
    rows = [row(location_en=None, location_ar=t) for t in ("منزل فلان في المثال", "سيارة فلان", "بيت سابر")]
    assert [r["place"] for r in stage_rows("airwars", rows)] == ["منزل في المثال", "سيارة", "بيت سابر"]


def test_sources_of_incidents_are_refused_by_name(shared: Path, con: Any) -> None:
    described = con.execute(
        f"DESCRIBE SELECT * FROM '{shared / 'data/airwars_syria/incident_sources.parquet'}'"
    )
    columns = [str(r[0]) for r in described.fetchall()]
    assert not LAYOUT.matches(columns)
    assert name_other(columns) == "sources of Airwars incidents, not events"


def test_a_file_of_other_columns_is_refused_with_those_it_has(con: Any) -> None:
    from afterstrike.record.layouts._layout import LayoutOptions

    con.execute("CREATE TABLE raw AS SELECT 1 AS row_number, 'x' AS code, 'y' AS incident_dat")
    with pytest.raises(
        LayoutError, match=r"'incident_date' \(did you mean 'incident_dat'\?\).*the file has code"
    ):
        LAYOUT.stage(con, "raw", "staged", LayoutOptions())


def test_real_file_adds_up(shared: Path, stage_file: Any) -> None:
    staged = stage_file("airwars", shared / FILE, companions=[str(shared / "data/airwars_syria/columns.csv")])
    assert len({r["event_id"] for r in staged}) == 5668
    assert Counter(r["reject_reason"] is None for r in staged) == {True: 5667, False: 1}
    assert sum(r["date_start"] is None for r in staged) == 2
    assert sum(r["lat"] is not None for r in staged) == 4671
    coalition = [r for r in staged if "US-led coalition" in (r["side_a"] or "")]
    assert (len(coalition), sum(r["lat"] is not None for r in coalition)) == (1553, 1423)
    assert sum(r["initiator"] == "US-led coalition" for r in staged) == 1403
    assert {r["hedging"] for r in staged} >= {"Contested", "Fair", "Weak", "Confirmed", "Discounted", None}
    outside = [r for r in staged if r["geo_precision"] == 7]
    assert len(outside) == 1 and 43 < outside[0]["lon"] < 44
