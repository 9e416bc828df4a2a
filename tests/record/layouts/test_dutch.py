"""Netherlands Ministry of Defence release: every quirk, on made-up rows and on the real file."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from afterstrike.record import open_record
from afterstrike.record.layouts._dutch import LAYOUT

FILE = "data/nl_mod_oir_strikes_2014_2018/UNCLASS_20230330_Nederlandse_luchtaanvallen_OIR.csv"


def row(**changes: str | None) -> dict[str, str | None]:
    values: dict[str, str | None] = {
        "Employment date": "7-Oct-14", "Time begin (Z)": "06:20", "Time end (Z)": "06:35",
        "Position MGRS": "38SKF 703 698", "Position LAT": "36,74615732", "Position LONG": "42,42718297",
        "Mission": "CAS", "Town": "Example village", "Province": "Ninewa", "Country": "Iraq", "Comment": None,
    }  # fmt: skip
    assert set(changes) <= set(values)
    return {f"{k} (UNCLASS)": v for k, v in (values | changes).items()}


def test_decimal_comma(stage_rows: Any) -> None:
    (staged,) = stage_rows("dutch", [row()])
    assert (staged["lat"], staged["lon"]) == (36.74615732, 42.42718297)


@pytest.mark.parametrize(
    ("written", "day"), [("7-Oct-14", date(2014, 10, 7)), ("27-dec-18", date(2018, 12, 27))]
)
def test_both_cases_of_the_month(stage_rows: Any, written: str, day: date) -> None:
    (staged,) = stage_rows("dutch", [row(**{"Employment date": written})])
    assert staged["date_start"] == staged["date_end"] == day


def test_times_are_zulu(stage_rows: Any) -> None:
    (staged,) = stage_rows("dutch", [row()])
    assert staged["time_start"] == datetime(2014, 10, 7, 6, 20)


def test_header_typo_undclass_does_not_matter(stage_rows: Any) -> None:
    (staged,) = stage_rows("dutch", [row() | {"Possible CDE issue (UNDCLASS)": "ND"}])
    assert staged["reject_reason"] is None


def test_exact_repeats_are_weapons_of_one_strike(stage_rows: Any) -> None:
    rows = [row(), row(), row(**{"Position MGRS": "38SKF 702 698"})]
    first, second, other = stage_rows("dutch", rows)
    assert first["event_id"] == second["event_id"] != other["event_id"]
    assert {k: v for k, v in first.items() if k != "row_number"} == {
        k: v for k, v in second.items() if k != "row_number"
    }
    assert (first["strikes"], first["targets"], other["targets"]) == (1, 2, 1)


def test_a_strike_does_not_depend_on_row_order(stage_rows: Any) -> None:
    rows = [row(Comment="b"), row(Comment="a"), row(Comment=None)]
    texts = {r["source_text"] for order in (rows, rows[::-1]) for r in stage_rows("dutch", order)}
    assert texts == {"Example village; Ninewa; a"}


def test_rows_of_one_strike_that_differ_in_a_remark_are_weapons_not_faults(tmp_path: Path) -> None:
    rows = [row(Comment="b"), row(Comment="a "), row(Comment="b"), row(**{"Position MGRS": "38SKF 702 698"})]

    def write(name: str, order: list[dict[str, str | None]]) -> Path:
        lines = [";".join(rows[0]), *(";".join(v or "" for v in r.values()) for r in order)]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return tmp_path / name

    with open_record(tmp_path / "r.duckdb") as record:
        report = record.add(write("a.csv", rows))
        assert (report.read, report.added, report.unchanged, report.rejected) == (4, 2, 2, 0)
        assert [r["targets"] for r in record.rows()] == [1, 3]
        stored = record.connection.execute(
            "SELECT publisher FROM publisher_columns ORDER BY event_id"
        ).fetchall()
        kept = [json.loads(text) for (text,) in stored]
        assert "further_rows" not in kept[0]
        remark = "Comment (UNCLASS)"
        assert [kept[1][remark], *(r[remark] for r in kept[1]["further_rows"])] == ["a ", "b"]
        # the same rows in another order are no update; a changed remark in a further row is one
        again = record.add(write("b.csv", rows[::-1]))
        assert (again.added, again.updated, again.unchanged) == (0, 0, 4)
        changed = record.add(write("c.csv", [*rows[:2], row(Comment="c"), rows[3]]))
        assert (changed.added, changed.updated, changed.unchanged) == (0, 1, 3)
        record.undo(changed.import_id)
        after = record.connection.execute(
            "SELECT publisher FROM publisher_columns ORDER BY event_id"
        ).fetchall()
        assert after == stored


def test_country_with_trailing_space(stage_rows: Any) -> None:
    assert [r["adm0"] for r in stage_rows("dutch", [row(Country="Iraq ")])] == ["IRQ"]


def test_blank_country_stays_missing(stage_rows: Any) -> None:
    (staged,) = stage_rows("dutch", [row(Country=None, Province=None)])
    assert staged["adm0"] is None and staged["adm1"] is None and staged["reject_reason"] is None


@pytest.mark.parametrize("written", ["Ninewa", "Ninawah ", "NINAWAH", "Ninawa", "Nineveh"])
def test_ninewa_and_ninawah_are_one_province(stage_rows: Any, written: str) -> None:
    assert [r["adm1"] for r in stage_rows("dutch", [row(Province=written)])] == ["Nineveh"]


def test_two_provinces_are_none(stage_rows: Any) -> None:
    (staged,) = stage_rows("dutch", [row(Province="on the border of Ninewa & Dahuk")])
    assert staged["adm1"] is None and "border of Ninewa & Dahuk" in staged["source_text"]


def test_nd_is_no_data(stage_rows: Any) -> None:
    (staged,) = stage_rows("dutch", [row(Town="ND", Mission="ND")])
    assert staged["place"] is None and staged["weapon"] == "Netherlands aircraft"


def test_mgrs_to_100_m_is_an_exact_place(stage_rows: Any) -> None:
    (staged,) = stage_rows("dutch", [row()])
    assert (staged["geo_precision"], staged["geo_precision_source"]) == (1, "MGRS to 100 m: 38SKF703698")


def test_a_dutch_strike_is_the_coalitions(stage_rows: Any) -> None:
    (staged,) = stage_rows("dutch", [row(Mission=" CAS")])
    assert staged["initiator"] == "US-led coalition"
    assert staged["weapon"] == "Netherlands aircraft, close air support"


def test_the_release_is_in_the_files_name() -> None:
    assert LAYOUT.version_in_name(FILE.rpartition("/")[2]) == "2023-03-30"
    assert LAYOUT.version_in_name("strikes.csv") is None


def test_real_file_adds_up(shared: Path, stage_file: Any) -> None:
    staged = stage_file("dutch", shared / FILE, ";")
    events = {r["event_id"]: r for r in staged}
    assert (len(staged), len(events)) == (2188, 1392)
    assert sum(e["targets"] for e in events.values()) == 2188
    assert Counter(r["adm0"] for r in staged) == {"IRQ": 1853, "SYR": 331, None: 4}
    assert Counter(r["date_start"].year for r in staged if r["adm0"] == "SYR") == {2016: 18, 2018: 313}
    assert not [r for r in staged if r["date_start"].year == 2017 or r["reject_reason"]]
    assert (min(r["date_start"] for r in staged), max(r["date_start"] for r in staged)) == (
        date(2014, 10, 7),
        date(2018, 12, 31),
    )
