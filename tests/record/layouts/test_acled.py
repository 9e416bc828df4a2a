"""ACLED export of 31 columns. Its terms forbid a sample: every row here is made up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

COLUMNS = [
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type",
    "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "interaction",
    "civilian_targeting",
    "iso", "region", "country", "admin1", "admin2", "admin3", "location", "latitude", "longitude",
    "geo_precision", "source", "source_scale", "notes", "fatalities", "tags", "timestamp",
]  # fmt: skip


def row(**changes: str | None) -> dict[str, str | None]:
    values: dict[str, str | None] = dict.fromkeys(COLUMNS, "")
    values |= {
        "event_id_cnty": "SYR1", "event_date": "2024-03-01", "year": "2024", "time_precision": "1",
        "event_type": "Explosions/Remote violence", "sub_event_type": "Air/drone strike",
        "actor1": "Global Coalition Against Daesh", "actor2": "Islamic State (Syria)", "iso": "760",
        "country": "Syria", "admin1": "Example", "admin2": "Sample", "location": "Testville",
        "latitude": "35.1",
        "longitude": "40.2", "geo_precision": "1", "notes": "An invented note.", "fatalities": "3",
        "timestamp": "1710000000",
    }  # fmt: skip
    assert set(changes) <= set(COLUMNS)
    return values | changes


def test_the_31_columns() -> None:
    assert len(COLUMNS) == 31


def test_a_row_is_read(stage_rows: Any) -> None:
    (staged,) = stage_rows("acled", [row()])
    assert (staged["event_id"], staged["kind"], staged["adm0"]) == ("acled:SYR1", "strike", "SYR")
    assert (staged["side_a"], staged["side_b"]) == ("US-led coalition", "IS")
    assert staged["initiator"] == "US-led coalition"
    assert (staged["fatalities_best"], staged["date_start"]) == (3, date(2024, 3, 1))
    assert staged["licence"] == "ACLED terms of use (no redistribution)"


@pytest.mark.parametrize(("theirs", "ours"), [("1", 1), ("2", 2), ("3", 4), ("", None), ("9", None)])
def test_geo_precision_in_ucdp_order_with_the_original_kept(
    stage_rows: Any, theirs: str, ours: int | None
) -> None:
    (staged,) = stage_rows("acled", [row(geo_precision=theirs)])
    assert staged["geo_precision"] == ours
    assert staged["geo_precision_source"] == (f"geo_precision {theirs}" if theirs else None)


@pytest.mark.parametrize(("theirs", "ours"), [("1", 1), ("2", 3), ("3", 4), ("", None)])
def test_time_precision(stage_rows: Any, theirs: str, ours: int | None) -> None:
    assert stage_rows("acled", [row(time_precision=theirs)])[0]["date_precision"] == ours


@pytest.mark.parametrize(
    ("iso", "adm0"), [("760", "SYR"), ("8", "ALB"), ("368", "IRQ"), ("0", "XKX"), ("999", None)]
)
def test_iso_number_becomes_alpha_3(stage_rows: Any, iso: str, adm0: str | None) -> None:
    assert stage_rows("acled", [row(iso=iso, country="")])[0]["adm0"] == adm0


def test_country_name_where_the_number_is_missing(stage_rows: Any) -> None:
    assert stage_rows("acled", [row(iso="", country="Iraq")])[0]["adm0"] == "IRQ"


@pytest.mark.parametrize(
    ("event_type", "sub_event_type", "kind", "initiator"),
    [
        ("Explosions/Remote violence", "Shelling/artillery/missile attack", "strike", "US-led coalition"),
        ("Explosions/Remote violence", "Suicide bomb", "attack", "US-led coalition"),
        ("Battles", "Armed clash", "clash", None),
        ("Violence against civilians", "Attack", "violence_against_civilians", "US-led coalition"),
        ("Protests", "Peaceful protest", "other", None),
        ("Strategic developments", "Arrests", "detention", None),
        ("A type not known yet", "", "other", None),
    ],
)
def test_event_types_become_kinds(
    stage_rows: Any, event_type: str, sub_event_type: str, kind: str, initiator: str | None
) -> None:
    (staged,) = stage_rows("acled", [row(event_type=event_type, sub_event_type=sub_event_type)])
    assert (staged["kind"], staged["initiator"]) == (kind, initiator)
    assert staged["confidence"] == ("low" if "not known" in event_type else "high")


def test_an_unidentified_group_is_no_initiator(stage_rows: Any) -> None:
    (staged,) = stage_rows("acled", [row(actor1="Unidentified Armed Group (Syria)")])
    assert (staged["side_a"], staged["initiator"]) == ("Unidentified Armed Group (Syria)", None)


def test_the_years_of_a_government_are_no_part_of_its_name(stage_rows: Any) -> None:
    (staged,) = stage_rows("acled", [row(actor1="Military Forces of Syria (2000-2024)")])
    assert staged["side_a"] == "Government of Syria"


def test_an_update_is_told_by_its_timestamp(stage_rows: Any) -> None:
    old, new = stage_rows("acled", [row(fatalities="9"), row(timestamp="1720000000")])
    assert old["reject_reason"].startswith("older version of SYR1: timestamp 1710000000")
    assert new["reject_reason"] is None and new["fatalities_best"] == 3


def test_missing_fatalities_are_missing(stage_rows: Any) -> None:
    assert stage_rows("acled", [row(fatalities="")])[0]["fatalities_best"] is None


def test_a_date_of_the_older_export(stage_rows: Any) -> None:
    assert stage_rows("acled", [row(event_date="01 March 2024")])[0]["date_start"] == date(2024, 3, 1)
    assert "soon" in stage_rows("acled", [row(event_date="soon")])[0]["reject_reason"]


def test_the_newest_timestamp_is_the_release(stage_rows: Any) -> None:
    staged = stage_rows("acled", [row(), row(event_id_cnty="SYR2", timestamp="1720000000")])
    assert {r["dataset_version"] for r in staged} == {"2024-07-03 09:46:40"}
    assert stage_rows("acled", [row()], dataset_version="export 7")[0]["dataset_version"] == "export 7"
    assert stage_rows("acled", [row(timestamp="")])[0]["dataset_version"] is None
