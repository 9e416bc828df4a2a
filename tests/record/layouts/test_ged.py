"""UCDP GED in its four layouts: one test for each quirk of the files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from afterstrike.errors import LayoutError
from afterstrike.record import Record, open_record
from afterstrike.record.layouts import all_layouts, detect, known_columns, named
from afterstrike.record.layouts._ged import LAYOUT, country_codes
from afterstrike.record.layouts._layout import LayoutOptions

SYRIA = "ucdp_ged_syria/ged_syria_2016_2018.parquet"
YEAR_ONLY = "ucdp_ged_year_only/syria_iraq_region_2003_2018_noday.parquet"
MEXICO = "ucdp_ged_mexico/ged_mexico_1989_2022.parquet"
SAMPLE = "ucdp_ged_global_sample/ged_v25_1_sample.parquet"
THIN = {
    "id": 1,
    "conflict_id": 5,
    "latitude": 13.8,
    "longitude": -89.0,
    "date": "1989-05-22",
    "type_of_violence": 1,
    "best": 7,
    "civilian_deaths": 0,
    "combatant_deaths": 7,
    "country": "El Salvador",
    "region": "Americas",
}
NO_DAY = {
    "id": 1,
    "year": 2016,
    "dyad_name": "Government of Iran - Hill People",
    "longitude": 45.4,
    "latitude": 36.1,
    "where_prec": 1,
    "country": "Iran",
    "deaths_a": 2,
    "deaths_b": 1,
    "deaths_civilians": 4,
    "deaths_unknown": 1,
    "side_a": "Government of Iran",
    "side_b": "Hill People",
}

FULL = {
    "id": 1,
    "type_of_violence": 1,
    "code_status": "Clear",
    "event_clarity": 1,
    "side_a": "Government of Syria",
    "side_b": "Hill People",
    "source_article": "Agency, 2017-03-01, fighting",
    "where_prec": 1,
    "where_coordinates": "Quay town",
    "adm_1": "North",
    "adm_2": "Harbour",
    "latitude": 35.5,
    "longitude": 38.5,
    "country": "Syria",
    "date_prec": 1,
    "date_start": "2017-03-01",
    "date_end": "2017-03-01",
    "deaths_civilians": 0,
    "best": 3,
    "low": 3,
    "high": 4,
}


@pytest.fixture
def record(tmp_path):
    with open_record(tmp_path / "r.duckdb") as opened:
        yield opened


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_rows(rows: Sequence[dict[str, Any]], name: str) -> Path:
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write_rows


def query(record: Record, sql: str) -> list[tuple[Any, ...]]:
    return record.connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def syria(shared, tmp_path_factory):
    """The Syria file and then the year-only file, in one record."""
    with open_record(tmp_path_factory.mktemp("ged") / "s.duckdb") as opened:
        first = opened.add(shared / "data" / SYRIA)
        second = opened.add(shared / "data" / YEAR_ONLY)
        yield opened, first, second


def test_both_column_eras(shared, tmp_path, syria):
    opened, first, _ = syria
    assert (first.read, first.added, first.rejected) == (14_522, 14_522, 0)
    with open_record(tmp_path / "m.duckdb") as record:
        report = record.add(shared / "data" / MEXICO)
        assert (report.read, report.added) == (16_119, 16_119)
        [(text,)] = query(record, "SELECT publisher FROM publisher_columns LIMIT 1")
        assert len(json.loads(text)) == 49
        assert query(record, "SELECT DISTINCT adm0 FROM events") == [("MEX",)]
    [(text,)] = query(opened, "SELECT publisher FROM publisher_columns WHERE layout_rank = 100 LIMIT 1")
    assert len(json.loads(text)) == 41


def test_low_above_best_is_widened(shared, syria):
    opened, first, _ = syria
    path = shared / "data" / SYRIA
    wrong = duckdb.execute(
        f"SELECT count(*) FROM '{path}' WHERE low > least(best, high) OR high < greatest(low, best)"
    ).fetchall()[0][0]
    assert first.repaired == wrong > 22  # 22 rows have low > best; the others have high below best or low
    assert query(opened, "SELECT count(*) FROM events WHERE fatalities_low > fatalities_best "
                         "OR fatalities_best > fatalities_high") == [(0,)]  # fmt: skip
    originals = query(opened, "SELECT repairs FROM repairs")
    assert len(originals) == wrong
    assert all("fatalities_low=" in text and "widened" in text for (text,) in originals)


def test_zero_deaths_are_zero_and_not_missing(syria):
    opened, _, _ = syria
    assert query(
        opened, "SELECT count(*) FROM events WHERE fatalities_best = 0 AND date_start IS NOT NULL"
    ) == [(928,)]


def test_event_over_several_days_keeps_both_days(syria):
    opened, _, _ = syria
    assert query(opened, "SELECT count(*) FROM events WHERE date_end > date_start") == [(936,)]


def test_many_rows_at_one_coordinate(syria):
    opened, _, _ = syria
    assert query(opened, "SELECT count(*) AS n FROM events WHERE date_start IS NOT NULL "
                         "GROUP BY lat, lon ORDER BY n DESC LIMIT 1") == [(808,)]  # fmt: skip


def test_ids_held_as_floats_and_dates_as_text(syria):
    opened, _, _ = syria
    assert query(
        opened, "SELECT count(*) FROM events WHERE NOT regexp_full_match(event_id, 'ucdp-ged:\\d+')"
    ) == [(0,)]
    assert query(opened, "SELECT min(date_start)::VARCHAR, max(date_end)::VARCHAR FROM events") == [
        ("2016-01-01", "2018-12-31")
    ]


def test_ids_cross_match_between_releases(syria):
    opened, first, second = syria
    assert second.read == 56_807
    assert second.added + second.unchanged == second.read
    assert second.unchanged == 12_450  # the 2016+ Syria rows of the year-only file
    assert opened.summary().events == first.added + second.added


def test_poorer_layout_erases_nothing(syria):
    opened, _, second = syria
    assert query(opened, "SELECT count(*) FROM events WHERE date_start IS NOT NULL") == [(14_522,)]
    assert any("left as they are" in note for note in second.notes)


def test_richer_layout_fills_what_a_poorer_one_left_open(record, write, write_full):
    record.add(write([NO_DAY], "y.csv"))
    report = record.add(write_full([{"id": 1}]))
    assert report.updated == 1
    assert str(record.rows()[0]["date_start"]) == "2017-03-01"


def test_two_partial_layouts_leave_each_other_alone(record, write):
    record.add(write([NO_DAY], "y.csv"))
    report = record.add(write([THIN], "t.csv"))
    assert (report.updated, report.unchanged) == (0, 1)
    assert record.rows()[0]["side_b"] == "Hill People"


def test_year_only_invents_no_day(record, write):
    record.add(write([NO_DAY, NO_DAY | {"id": 2, "year": 2017}, NO_DAY | {"id": 3, "year": 399}], "y.csv"))
    first, second = record.rows()
    for row in (first, second):
        assert row["date_start"] is row["date_end"] is row["time_start"] is None
        assert row["date_precision"] == 5
    assert first["date_precision_source"] == "year 2016"
    assert "year 399" in record.rejected()[0]["reason"]
    # a row that has only a year is chosen where the whole year is asked for, and in no shorter period
    assert [row["event_id"] for row in record.rows(date_from="2016-01-01", date_to="2016-12-31")] == [
        "ucdp-ged:1"
    ]
    assert record.rows(date_from="2016-01-01", date_to="2016-06-30") == []
    assert len(record.rows(date_from="2015-06-01")) == 2
    assert record.weekly() == []
    assert record.weekly_left_out() == {"no_day": 2, "month_or_wider": 0}


def test_year_only_best_is_the_sum_that_ged_defines(syria, record, write):
    record.add(write([NO_DAY, NO_DAY | {"id": 2, "deaths_unknown": ""}], "y.csv"))
    best = {row["event_id"]: row["fatalities_best"] for row in record.rows()}
    assert best == {"ucdp-ged:1": 8, "ucdp-ged:2": None}  # a sum with a missing part is missing
    assert {row["fatalities_low"] for row in record.rows()} == {None}
    opened, _, _ = syria  # and the full file agrees with that definition
    assert query(
        opened,
        "SELECT count(*) FROM (SELECT fatalities_best AS best, publisher AS p FROM events "
        "JOIN publisher_columns USING (event_id) WHERE date_start IS NOT NULL) WHERE best <> "
        "(p->>'deaths_a')::INT + (p->>'deaths_b')::INT + "
        "(p->>'deaths_civilians')::INT + (p->>'deaths_unknown')::INT",
    ) == [(0,)]


def test_sample_flag(shared, record):
    report = record.add(shared / "data" / SAMPLE)
    assert (report.read, report.added, report.dataset_version) == (9_368, 9_368, "25.1")
    [dataset] = record.datasets()
    assert (dataset["dataset"], dataset["is_sample"]) == ("ucdp-ged-sample", True)
    assert "never sum it" in record.summary().summary()
    assert query(record, "SELECT count(*) FROM events WHERE adm0 IS NULL") == [(0,)]
    # no precision is stated, so none is claimed
    assert query(record, "SELECT count(date_precision), count(geo_precision), count(side_a) FROM events") == [
        (0, 0, 0)
    ]


@pytest.fixture
def write_full(write):
    return lambda rows, name="full.csv": write([FULL | row for row in rows], name)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"latitude": 4239}, "latitude 4239"),
        ({"date_start": "0399-12-31"}, "0399-12-31"),
        ({"date_start": "12/31/2017"}, "no day written as YYYY-MM-DD"),
        ({"best": "many"}, "best many is no number"),
        ({"type_of_violence": 7}, "type_of_violence 7"),
        ({"id": ""}, "no id"),
        ({"where_prec": 8}, "geo_precision 8"),
    ],
)
def test_bad_rows_are_rejected(record, write_full, fault, reason):
    report = record.add(write_full([fault, {"id": 2}]))
    assert (report.added, report.rejected) == (1, 1)
    assert reason in record.rejected()[0]["reason"]


def test_missing_values_as_r_writes_them(record, write_full):
    record.add(
        write_full([{"best": "NA", "adm_2": "NA", "date_prec": "NA", "latitude": "NA", "longitude": "NA"}])
    )
    [row] = record.rows()
    assert row["fatalities_best"] is row["adm2"] is row["date_precision"] is None


def test_candidate_events_say_how_sure_they_are(record, write_full):
    record.add(
        write_full(
            [
                {"code_status": "Check deaths", "event_clarity": 2},
                {"id": 2, "code_status": "Clear", "event_clarity": 1},
            ],
            "GEDEvent_v25_0_3.csv",
        )
    )
    first, second = record.rows()
    assert "Check deaths" in first["hedging"] and "clarity 2" in first["hedging"]
    assert second["hedging"] is None
    assert first["dataset_version"] == "25.0.3"


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("GEDEvent_v25_1.csv", "25.1"),
        ("GEDEvent_v24_01_24_06.csv", "24.01.24.06"),
        ("GEDEvent_v25_1_2024.csv", "25.1"),
        ("ged_v25_1_sample.parquet", "25.1"),
        ("ged_syria_2016_2018.parquet", None),
        ("mexico.csv", None),
    ],
)
def test_release_in_the_publishers_file_name(name, version):
    assert LAYOUT.version_in_name(name) == version


def test_the_same_row_from_parquet_and_csv_is_the_same(shared, tmp_path, record):
    part = f"SELECT * FROM '{shared / 'data' / SYRIA}' LIMIT 500"
    duckdb.execute(f"COPY ({part}) TO '{tmp_path / 'a.parquet'}' (FORMAT parquet)")
    duckdb.execute(
        f"COPY (SELECT * REPLACE (id::BIGINT AS id, best::INT AS best) FROM ({part})) "
        f"TO '{tmp_path / 'a.csv'}' (HEADER, DELIMITER ';')"
    )
    record.add(tmp_path / "a.parquet")
    kept = record.rows()
    record.add(tmp_path / "a.csv")
    same = [{key: value for key, value in row.items() if key != "import_id"} for row in record.rows()]
    assert same == [{key: value for key, value in row.items() if key != "import_id"} for row in kept]


def test_country_names_of_ucdp():
    codes = country_codes()
    assert codes["Syria"] == "SYR"
    assert codes["Yemen (North Yemen)"] == "YEM"
    assert codes["DR Congo (Zaire)"] == "COD"
    assert codes["Russia (Soviet Union)"] == "RUS"
    assert codes["Congo"] == "COG"
    assert all(len(code) == 3 and code.isupper() for code in codes.values())


def test_every_layout_matches_the_columns_it_is_said_to_be_known_by():
    assert set(known_columns()) == set(all_layouts())
    for name, variants in known_columns().items():
        for _, columns in variants:
            if name != "mapping":
                assert detect("f", columns, LayoutOptions()).name == name
                assert not all_layouts()[name].matches(columns[1:]), (name, columns[0])


def test_detection_and_names():
    assert detect("f", list(THIN), LayoutOptions()) is all_layouts()["ucdp-ged"]
    assert named("ucdp-ged") is LAYOUT
    assert not LAYOUT.matches(["isocode", "period", "fatalities_UCDP"])
    with pytest.raises(LayoutError, match="f is a table of columns a, b"):
        detect("f", ["a", "b"], LayoutOptions())
