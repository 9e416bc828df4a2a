"""Every event file beside the repository goes through the record with counts that add up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from afterstrike.record import open_record

# file: (layout, rows read, events, rejected)
FILES = {
    "oir_strike_releases_2014_2016/all.csv": ("centcom", 4127, 4127, 0),
    "oir_strike_releases_2014_2016/all-edited-refined.csv": ("centcom", 5531, 5531, 0),
    "airwars_syria/incidents.parquet": ("airwars", 5668, 5667, 1),
    "tbij_us_strikes/yemen.csv": ("tbij", 138, 138, 0),
    "tbij_us_strikes/somalia.csv": ("tbij", 41, 41, 0),
    "sigacts_iraq_2004_2007/sigacts_iraq.parquet": ("sigacts", 162_852, 158_026, 4826),
    "geocausal_iraq_2007/airstrikes.parquet": ("geocausal", 3938, 3938, 0),
    "mwa_synthetic/mwa_data.parquet": ("mwa", 394, 394, 0),
}


@pytest.mark.parametrize("name", FILES)
def test_counts_add_up_and_a_second_time_changes_nothing(shared: Path, tmp_path: Path, name: str) -> None:
    layout, read, events, rejected = FILES[name]
    with open_record(tmp_path / "r.duckdb") as record:
        first = record.add(shared / "data" / name)
        assert (first.layout, first.read, first.added, first.rejected) == (layout, read, events, rejected)
        again = record.add(shared / "data" / name)
        assert (again.added, again.updated, again.unchanged, again.rejected) == (0, 0, events, rejected)


def test_every_row_of_the_dutch_release_is_accounted_for(shared: Path, tmp_path: Path) -> None:
    name = "nl_mod_oir_strikes_2014_2018/UNCLASS_20230330_Nederlandse_luchtaanvallen_OIR.csv"
    with open_record(tmp_path / "r.duckdb") as record:
        report = record.add(shared / "data" / name)
        targets = sum(row["targets"] for row in record.rows())
        again = record.add(shared / "data" / name)
    assert (report.read, report.added, report.updated) == (2188, 1392, 0)
    assert (report.unchanged, report.rejected) == (796, 0), "further weapons of a strike are no faults"
    assert targets == 2188
    assert (again.added, again.updated, again.unchanged) == (0, 0, 2188)


def test_both_release_files_make_one_record_in_either_order(shared: Path, tmp_path: Path) -> None:
    plain, edited = (
        shared / "data/oir_strike_releases_2014_2016" / f for f in ("all.csv", "all-edited-refined.csv")
    )
    for number, order in enumerate(((plain, edited), (edited, plain))):
        with open_record(tmp_path / f"{number}.duckdb") as record:
            reports = [record.add(path) for path in order]
        assert sum(r.added for r in reports) == 4127 + 5531 - 4050


def airwars_row(**changes: str) -> dict[str, str]:
    from afterstrike.record.layouts._staging import read_table

    arabic = {r["key"]: r["arabic"] for r in read_table("airwars_columns")}
    values = {
        "code": "EX001", "airwars_id": "900001", "incident_date": "2017-07-17", "latitude": "35.95",
        "longitude": "39.0", "belligerents_original": "U.S.-led Coalition",
        "strike_type_original": "Airstrike",
    }  # fmt: skip
    return {arabic[k]: v for k, v in (values | changes).items()}


def test_held_back_faults_are_rejected_with_their_reason(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        airwars_row(),
        airwars_row(airwars_id="900002"),  # the same code again
        airwars_row(airwars_id="900003", longitude="4239.00416"),
        airwars_row(airwars_id="900004", incident_date="31 ديسمبر 0399"),
        airwars_row(airwars_id="900005", incident_date=""),
    ]
    file = tmp_path / "incidents.csv"
    lines = [",".join(rows[0]), *(",".join(r.values()) for r in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with open_record(tmp_path / "r.duckdb") as record:
        report = record.add(file)
        assert (report.layout, report.read, report.added, report.rejected) == ("airwars", 5, 3, 2)
        reasons = " | ".join(str(r) for r in record.rejected())
    assert "longitude 4239.00416 is outside -180 to 180" in reasons
    assert "0399' is a sentinel of the publisher" in reasons


def acled_row(**changes: str) -> dict[str, str]:
    return {
        "event_id_cnty": "SYR1", "event_date": "2024-03-01", "event_type": "Battles",
        "actor1": "Example Group",
        "latitude": "35.1", "longitude": "40.2", "fatalities": "3", "timestamp": "1710000000",
    } | changes  # fmt: skip


def test_an_older_acled_export_does_not_overwrite_a_newer_one(tmp_path: Path) -> None:
    old = [acled_row()]
    new = [acled_row(fatalities="5", timestamp="1720000000")]
    for name, rows in (("old.csv", old), ("new.csv", new)):
        lines = [",".join(rows[0]), *(",".join(r.values()) for r in rows)]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    with open_record(tmp_path / "r.duckdb") as record:
        assert record.add(tmp_path / "old.csv").added == 1
        assert record.add(tmp_path / "new.csv").updated == 1
        assert record.add(tmp_path / "old.csv").unchanged == 1
        assert [r["fatalities_best"] for r in record.rows()] == [5]
