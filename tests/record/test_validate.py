"""The checks every row passes, seen through the layout that reads any table by a mapping."""

from __future__ import annotations

import csv
import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterstrike.record import EVENT_KINDS, ImportReport, LayoutOptions, Record, open_record

FIELDS = (
    "source_id",
    "kind",
    "date_start",
    "date_end",
    "date_precision",
    "geo_precision",
    "lat",
    "lon",
    "strikes",
    "strikes_low",
    "strikes_high",
    "fatalities_low",
    "fatalities_best",
    "fatalities_high",
    "injured_low",
    "injured_high",
)
PLAIN = {"source_id": "a", "kind": "attack", "date_start": "2017-03-01", "lat": "35.5", "lon": "38.5"}
TRIPLES = (
    ("fatalities_low", "fatalities_best", "fatalities_high"),
    ("strikes_low", "strikes", "strikes_high"),
    ("injured_low", "injured_low", "injured_high"),
)


def add_rows(record: Record, folder: Path, rows: list[dict[str, Any]], name: str = "t.csv") -> ImportReport:
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, FIELDS)
        writer.writeheader()
        writer.writerows(rows)
    options = LayoutOptions(dataset="mine", mapping={"columns": {field: field for field in FIELDS}})
    return record.add(path, options=options)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"lat": "4239"}, "latitude 4239"),
        ({"lon": "4239.00416"}, "longitude 4239.00416"),
        ({"lat": "-90.5"}, "latitude -90.5"),
        ({"date_start": "0399-12-31"}, "date_start 0399-12-31 is outside 1800-01-01"),
        ({"date_start": "2999-01-01"}, "date_start 2999-01-01 is outside"),
        ({"date_start": "2017-03-02", "date_end": "2017-03-01"}, "date_end 2017-03-01 is before date_start"),
        ({"geo_precision": "9"}, "geo_precision 9"),
        ({"date_precision": "0"}, "date_precision 0"),
        ({"fatalities_best": "-1"}, "-1"),
        ({"kind": "battle"}, "battle"),
        ({"source_id": "a", "date_start": "soon"}, "soon"),
    ],
)
def test_a_row_that_cannot_be_is_rejected_with_reason_and_original(record, tmp_path, fault, reason):
    report = add_rows(record, tmp_path, [PLAIN | fault, PLAIN | {"source_id": "good"}])
    assert (report.added, report.rejected) == (1, 1)
    [bad] = record.rejected()
    assert reason in bad["reason"]
    assert bad["row_number"] == 1
    assert json.loads(bad["original"]).items() >= (PLAIN | fault).items()


def test_low_above_best_is_widened_and_its_original_kept(record, tmp_path):
    row = PLAIN | {"fatalities_low": "9", "fatalities_best": "4", "fatalities_high": "3", "injured_low": "5",
                   "injured_high": "2"}  # fmt: skip
    report = add_rows(record, tmp_path, [row])
    assert (report.added, report.repaired) == (1, 1)
    [kept] = record.rows()
    assert [kept[name] for name in TRIPLES[0]] == [3, 4, 9]
    assert (kept["injured_low"], kept["injured_high"]) == (2, 5)
    [(text,)] = record.connection.execute("SELECT repairs FROM repairs").fetchall()
    assert "fatalities_low=9, fatalities_best=4, fatalities_high=3 widened" in text


def test_missing_stays_missing(record, tmp_path):
    add_rows(record, tmp_path, [{"source_id": "a", "kind": "attack", "fatalities_high": "3"}])
    [kept] = record.rows()
    assert kept["fatalities_high"] == 3
    for name in (
        "fatalities_low",
        "fatalities_best",
        "strikes",
        "injured_low",
        "lat",
        "lon",
        "date_start",
        "date_end",
    ):
        assert kept[name] is None


def test_half_a_coordinate_is_dropped_and_said(record, tmp_path):
    report = add_rows(record, tmp_path, [PLAIN | {"lon": ""}])
    assert report.repaired == 1
    assert record.rows()[0]["lat"] is None
    [(text,)] = record.connection.execute("SELECT repairs FROM repairs").fetchall()
    assert "lat=35.5, lon=missing" in text


def test_one_day_given_is_one_day_meant(record, tmp_path):
    add_rows(record, tmp_path, [PLAIN])
    assert record.rows()[0]["date_end"] == dt.date(2017, 3, 1)


number = st.one_of(
    st.just(""), st.integers(-3, 40).map(str), st.sampled_from(["4239", "1e99", "nan", "x", "NULL"])
)
day = st.one_of(
    st.just(""),
    st.dates().map(str),
    st.dates(dt.date(2010, 1, 1), dt.date(2020, 1, 1)).map(str),
    st.just("31/31/31"),
)
hostile_row = st.fixed_dictionaries(
    {
        "source_id": st.sampled_from(["a", "b", "c", "d", "e", "", "'; DROP TABLE events; --", "الرقة"]),
        "kind": st.sampled_from([*EVENT_KINDS, "", "battle"]),
        "date_start": day,
        "date_end": day,
        "lat": st.one_of(number, st.floats(-200, 200).map(str)),
        "lon": st.one_of(number, st.floats(-400, 400).map(str)),
        **{
            name: number
            for name in FIELDS
            if name not in ("source_id", "kind", "date_start", "date_end", "lat", "lon")
        },
    }
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(hostile_row, min_size=1, max_size=12), again=st.booleans())
def test_hostile_tables_add_up_and_keep_the_contract(rows, again):
    with tempfile.TemporaryDirectory() as name, open_record(Path(name) / "r.duckdb") as record:
        report = add_rows(record, Path(name), rows)
        assert report.read == len(rows)
        assert report.read == report.added + report.updated + report.unchanged + report.rejected
        kept = record.rows()
        assert len(kept) == report.added
        assert len(record.rejected()) == report.rejected
        for row in kept:
            assert row["kind"] in EVENT_KINDS
            for triple in TRIPLES:
                given_values = [row[column] for column in triple if row[column] is not None]
                assert given_values == sorted(given_values)
                assert all(value >= 0 for value in given_values)
            assert (row["lat"] is None) == (row["lon"] is None)
            assert row["lat"] is None or (-90 <= row["lat"] <= 90 and -180 <= row["lon"] <= 180)
            assert row["date_start"] is None or dt.date(1800, 1, 1) <= row["date_start"] <= row["date_end"]
        assert all(entry["reason"] for entry in record.rejected())
        if again:
            second = add_rows(record, Path(name), rows)
            assert (second.added, second.updated, second.rejected) == (0, 0, report.rejected)
            assert record.rows() == kept
        else:
            record.undo(report.import_id)
            assert record.rows() == record.rejected() == []
