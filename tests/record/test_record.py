"""What a record promises: counts that add up, imports that can be repeated, seen and taken back."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from afterstrike.errors import LayoutError, RecordError, SourceError, UsageError
from afterstrike.record import COLUMNS, ImportReport, LayoutOptions, Record, open_record


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    assert report.read == report.added + report.updated + report.unchanged + report.rejected
    return report.added, report.updated, report.unchanged, report.rejected


def snapshot(record: Record) -> list[Any]:
    """Everything a reader can see of the rows."""
    con = record.connection
    return [
        con.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall()
        for table in ("events", "publisher_columns", "rejected", "repairs")
    ]


def release(version: str | None) -> LayoutOptions:
    return LayoutOptions(dataset_version=version)


def test_adding_a_file_twice_changes_nothing(record, write_ged):
    path = write_ged([{"best": 3}, {"best": 2, "low": 3}, {"latitude": 4239}])
    assert counts(record.add(path)) == (2, 0, 0, 1)
    before = snapshot(record)[:2]
    again = record.add(path)
    assert counts(again) == (0, 0, 2, 1)
    assert again.repaired == 0  # nothing was written, so nothing was mended
    assert snapshot(record)[:2] == before
    assert [entry["added"] for entry in record.log()] == [2, 0]


def test_newer_release_updates_and_log_shows_what_changed(record, write_ged):
    record.add(write_ged([{}, {}, {}]), options=release("24.1"))
    report = record.add(write_ged([{}, {"best": 4}, {}, {"id": 9}], "new.csv"), options=release("25.1"))
    assert counts(report) == (1, 1, 2, 0)
    entry = record.log(report.import_id)[0]
    assert entry["changes"] == [
        {
            "event_id": "ucdp-ged:2",
            "changed": [
                {"column": "fatalities_best", "before": "3", "after": "4"},
                {"column": "dataset_version", "before": "24.1", "after": "25.1"},
            ],
        }
    ]
    assert {c["column"]: c["rows"] for c in entry["columns_changed"]}["fatalities_best"] == 1
    # rows that stay the same carry the number of the newer release, as a citation must
    assert {row["dataset_version"] for row in record.rows()} == {"25.1"}


@pytest.mark.parametrize("older", ["24.1", "24.0.12", None])
def test_older_or_unstated_release_does_not_overwrite(record, write_ged, older):
    record.add(write_ged([{"best": 4}]), options=release("25.1"))
    report = record.add(write_ged([{"best": 3}], "old.csv"), options=release(older))
    assert counts(report) == (0, 0, 1, 0)
    assert any("newer release" in note for note in report.notes)
    assert [row["fatalities_best"] for row in record.rows()] == [4]


def test_stated_release_overwrites_unstated(record, write_ged):
    record.add(write_ged([{"best": 3}]))
    assert counts(record.add(write_ged([{"best": 4}], "n.csv"), options=release("25.1"))) == (0, 1, 0, 0)


def test_correction_of_the_same_release_updates(record, write_ged):
    record.add(write_ged([{"best": 3}]), options=release("25.1"))
    assert counts(record.add(write_ged([{"best": 4}], "n.csv"), options=release("25.1"))) == (0, 1, 0, 0)


def test_change_in_a_column_we_do_not_carry_is_an_update(record, write_ged):
    record.add(write_ged([{"deaths_a": 1}]))
    report = record.add(write_ged([{"deaths_a": 0}], "n.csv"))
    assert counts(report) == (0, 1, 0, 0)
    assert record.log(report.import_id)[0]["changes"][0]["changed"][0]["column"] == "publisher's own columns"


def test_undo_restores_the_record_exactly(record, write_ged):
    record.add(write_ged([{}, {"low": 9}, {"latitude": 95}]), options=release("24.1"))
    before = snapshot(record)
    report = record.add(
        write_ged([{"best": 4, "latitude": 1.23456789012}, {"high": 12}, {}, {"id": 9}], "n.csv"),
        options=release("25.1"),
    )
    assert snapshot(record) != before
    assert record.undo(report.import_id) == {"deleted": 2, "restored": 2}
    assert snapshot(record) == before
    assert record.log()[1]["undone_at"] is not None
    assert counts(record.add(record.path.parent / "n.csv", options=release("25.1")))[:2] == (2, 2)


def test_undo_is_refused_while_a_later_import_stands_on_it(record, write_ged):
    first = record.add(write_ged([{}, {}]))
    second = record.add(write_ged([{"best": 4}], "n.csv"))
    with pytest.raises(RecordError, match=f"{second.import_id} later wrote 1 of the same rows"):
        record.undo(first.import_id)
    record.undo(second.import_id)
    record.undo(first.import_id)
    assert record.rows() == []
    with pytest.raises(RecordError, match="undone before"):
        record.undo(first.import_id)
    with pytest.raises(RecordError, match=r"not in this record; its imports: import-1, import-2"):
        record.undo("import-9")


def test_unrelated_later_import_does_not_block_undo(record, write_ged):
    first = record.add(write_ged([{}]))
    record.add(write_ged([{"id": 7}], "n.csv"))
    assert record.undo(first.import_id)["deleted"] == 1
    assert [row["event_id"] for row in record.rows()] == ["ucdp-ged:7"]


def test_same_id_twice_in_one_file(record, write_ged):
    report = record.add(write_ged([{"id": 5}, {"id": 5}, {"id": 5, "best": 4}, {"id": 6}]))
    assert counts(report) == (2, 0, 1, 1)
    [bad] = record.rejected()
    assert bad["row_number"] == 3
    assert "stands twice in the file with different values; row 1 was kept" in bad["reason"]
    assert json.loads(bad["original"])["best"] == "4"
    assert {row["fatalities_best"] for row in record.rows()} == {3}


def test_publisher_row_is_kept_whole(record, write_ged):
    record.add(write_ged([{"source_article": 'a "quoted"\nline'}]))
    [(text,)] = record.connection.execute("SELECT publisher FROM publisher_columns").fetchall()
    kept = json.loads(text)
    assert kept["deaths_b"] == "2"
    assert kept["source_article"] == 'a "quoted"\nline'
    assert len(kept) == 24


def test_file_fault_leaves_no_new_record(tmp_path, write_ged):
    path = tmp_path / "new.duckdb"
    bad = tmp_path / "bad.csv"
    bad.write_text("colour,taste\nred,sweet\nblue,sour\n")
    with open_record(path) as record, pytest.raises(LayoutError, match="colour, taste"):
        record.add(bad)
    assert not list(tmp_path.glob("*new.duckdb*"))


def test_file_fault_leaves_an_old_record_as_it_was(record, write_ged, tmp_path):
    record.add(write_ged([{}]))
    before = snapshot(record), record.log()
    with pytest.raises(SourceError):
        record.add(tmp_path / "absent.csv")
    with pytest.raises(UsageError, match="allowed: ucdp-ged"):
        record.add(write_ged([{}], "n.csv"), layout="nonsense")
    with pytest.raises(LayoutError):
        bad = tmp_path / "bad.csv"
        bad.write_text("id,best\n1,2\n")
        record.add(bad, layout="ucdp-ged")
    assert (snapshot(record), record.log()) == before


def test_record_in_use_says_by_whom(tmp_path, write_ged):
    path = tmp_path / "r.duckdb"
    with open_record(path) as record:
        record.add(write_ged([{}]))
        code = f"from afterstrike.record import open_record; open_record({str(path)!r}, read_only=True)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "is in use by process" in done.stderr
        assert "read-only" in done.stderr
        with pytest.raises(RecordError, match="open in this process"):
            open_record(path, read_only=True)


@pytest.mark.parametrize("content", [b"not a database" * 500, b""])
def test_file_that_is_no_record(tmp_path, content):
    path = tmp_path / "x.duckdb"
    path.write_bytes(content)
    with pytest.raises(RecordError, match="no record"):
        open_record(path)
    assert path.read_bytes() == content


def test_duckdb_file_that_is_no_record_and_another_schema(tmp_path, record, write_ged):
    path = tmp_path / "other.duckdb"
    duckdb.connect(str(path)).close()
    with pytest.raises(RecordError, match="no afterstrike record"):
        open_record(path)
    record.add(write_ged([{}]))
    record.connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema_version'")
    record.close()
    with pytest.raises(RecordError, match="schema 99, this version reads schema 1"):
        open_record(record.path)


def test_read_only_record_refuses_to_change(tmp_path, write_ged):
    path = tmp_path / "r.duckdb"
    with pytest.raises(RecordError, match="does not exist"):
        open_record(path, read_only=True)
    with open_record(path) as record:
        record.add(write_ged([{}]))
    with open_record(path, read_only=True) as record:
        with pytest.raises(RecordError, match="read-only"):
            record.add(write_ged([{}]))
        with pytest.raises(RecordError, match="read-only"):
            record.undo("import-1")
        assert len(record.rows()) == 1
    with pytest.raises(RecordError, match="closed"):
        record.rows()
    with pytest.raises(RecordError, match="folder"):
        open_record(tmp_path)
    with pytest.raises(RecordError, match="does not exist; make it first"):
        open_record(tmp_path / "nowhere" / "r.duckdb")


@pytest.fixture
def filled(record, write_ged):
    record.add(
        write_ged([
            {"date_start": "2017-03-01", "date_end": "2017-03-08"},
            {"date_start": "2017-03-06", "date_end": "2017-03-06", "latitude": 36.0, "country": "Iraq"},
            {"date_start": "2017-03-01", "date_end": "2017-03-31", "date_prec": 4, "side_b": "Hill People"},
            {"date_start": "2017-06-01", "date_end": "2017-06-01", "type_of_violence": 3,
             "side_b": "Civilians"},
        ])
    )  # fmt: skip
    return record


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, [1, 3, 2, 4]),
        ({"kind": "violence_against_civilians"}, [4]),
        ({"adm0": ["IRQ", "SYR"], "side": "Hill People"}, [3]),
        ({"date_from": "2017-03-07", "date_to": dt.date(2017, 3, 20)}, [1, 3]),
        ({"date_to": "2017-02-28"}, []),
        ({"bbox": (38, 35.9, 39, 36.1)}, [2]),
        ({"bbox": (170, 35, -170, 37)}, []),
        ({"dataset": "other"}, []),
        ({"adm1": "North", "date_from": "2017-05-01"}, [4]),
    ],
)
def test_filters(filled, filters, ids):
    assert [row["event_id"] for row in filled.rows(**filters)] == [f"ucdp-ged:{i}" for i in ids]
    assert len(filled.events(**filters)) == len(ids)


@pytest.mark.parametrize(
    "filters", [{"kind": "war"}, {"date_from": "March"}, {"bbox": (1, 2, 3)}, {"bbox": (0, 50, 1, 40)},
                {"date_from": "2018-01-01", "date_to": "2017-01-01"}],
)  # fmt: skip
def test_filters_refuse_what_cannot_be(filled, filters):
    with pytest.raises(UsageError):
        filled.rows(**filters)


def test_events_is_a_frame_of_the_contract(filled):
    frame = filled.events()
    assert list(frame.columns) == [column.name for column in COLUMNS]
    assert str(frame["fatalities_best"].dtype) == "Int64"
    assert frame["strikes"].isna().all()  # never stated, so missing and not zero
    assert frame["date_start"].dtype.kind == "M"


def test_weekly_leaves_out_what_has_no_week_and_counts_it(filled):
    weeks = filled.weekly(kind=["clash", "strike", "attack"])
    assert [(str(week["week"]), week["events"]) for week in weeks] == [("2017-02-27", 1), ("2017-03-06", 1)]
    assert weeks[0]["fatalities_best"] == 3
    assert weeks[0]["strikes"] is None
    left_out = filled.weekly_left_out()
    assert left_out == {"no_day": 0, "month_or_wider": 1}
    assert sum(week["events"] for week in filled.weekly()) + sum(left_out.values()) == len(filled.rows())


def test_points_sum_to_rows_with_a_coordinate(filled):
    points = filled.points()
    assert sum(point["events"] for point in points) == filled.summary().with_place == 4
    assert max(points, key=lambda point: point["events"])["place"] == "Quay town"


def test_find_measures_on_the_sphere(filled):
    # half a degree of latitude is 55.6 km, half a degree of longitude 45 km: degrees would not tell
    found = filled.find(lat=35.5, lon=38.0, km=50)
    assert {row["event_id"] for row in found} == {"ucdp-ged:1", "ucdp-ged:3", "ucdp-ged:4"}
    assert found[0]["km"] == pytest.approx(45.26, abs=0.1)
    near = filled.find(lat=35.5, lon=38.5, km=56, date_from="2017-03-01", limit=4)
    assert [row["km"] for row in near] == sorted(row["km"] for row in near)
    assert near[-1]["km"] == pytest.approx(55.6, abs=0.1)
    assert len(filled.find(adm0="IRQ")) == 1
    with pytest.raises(UsageError, match="lat and lon together"):
        filled.find(lat=35.5)


def test_summary_counts_add_up(filled):
    summary = filled.summary()
    assert summary.events == sum(summary.by_kind.values()) == sum(summary.by_geo_precision.values()) == 4
    [dataset] = summary.datasets
    assert dataset["events"] == 4
    assert dataset["licence"] == "CC BY 4.0"
    assert "Uppsala" in dataset["citation"]
    assert (summary.first_date, summary.last_date) == ("2017-03-01", "2017-06-01")
    assert json.loads(json.dumps(summary.to_dict()))["events"] == 4
    assert "4 events" in summary.summary()


@pytest.mark.parametrize("name", ["o.parquet", "o.csv", "o.geojson"])
def test_export_keeps_licence_citation_and_source(filled, tmp_path, name):
    path = tmp_path / name
    assert filled.export(path, side="Sea People") == 2
    if name.endswith("geojson"):
        features = json.loads(path.read_text())["features"]
        assert features[0]["geometry"]["coordinates"] == [38.5, 35.5]
        rows = [feature["properties"] for feature in features]
    else:
        scan = "read_csv" if name.endswith("csv") else "read_parquet"
        done = duckdb.execute(f"SELECT * FROM {scan}('{path}')")
        names = [column[0] for column in done.description]
        rows = [dict(zip(names, row, strict=True)) for row in done.fetchall()]
    assert {row["licence"] for row in rows} == {"CC BY 4.0"}
    assert all("Uppsala" in row["citation"] and "quay" in row["source_text"] for row in rows)
    assert sorted(p.name for p in tmp_path.glob("*o.*")) == [name]  # no half file beside it


def test_export_refuses_unknown_format_and_folder(filled, tmp_path):
    with pytest.raises(UsageError, match=r"\.parquet, \.csv or \.geojson"):
        filled.export(tmp_path / "o.xlsx")
    with pytest.raises(RecordError, match="does not exist"):
        filled.export(tmp_path / "no" / "o.csv")


def test_report_that_does_not_add_up_cannot_be_made():
    with pytest.raises(AssertionError, match="read 5, accounted for 4"):
        ImportReport("i", "p", "s", "l", "d", None, 5, 1, 1, 1, 1, 0, 0.1)


def test_record_path_type(tmp_path: Path, write_ged):
    with open_record(str(tmp_path / "s.duckdb")) as record:
        assert record.add(str(write_ged([{}]))).added == 1


FULL = """
import resource, sys
from afterstrike.cli import main
most = int(sys.argv[1]) * 1024
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
sys.exit(main(["record", "add", sys.argv[2], "--record", sys.argv[3]]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files")
@pytest.mark.parametrize("kilobytes", [200, 1000])
def test_disk_that_is_full_leaves_the_record_as_it_was(tmp_path, write_ged, kilobytes):
    long = "".join(chr(97 + i * i % 26) for i in range(800))  # so that the import does not fit
    file = write_ged([{"source_article": f"{i} {long[i % 700 :]} {i * 7919}"} for i in range(4000)])

    def add(path: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", FULL, str(kilobytes), str(file), str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = add(tmp_path / "new.duckdb")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("RecordError: ") and done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("*new.duckdb*"))
    if kilobytes < 1000:
        return
    with open_record(tmp_path / "old.duckdb") as record:
        record.add(write_ged([{}], "one.csv"))
        before = snapshot(record), record.log()
    done = add(tmp_path / "old.duckdb")
    assert done.returncode == 2 and "is as it was before" in done.stderr
    with open_record(tmp_path / "old.duckdb") as record:
        assert (snapshot(record), record.log()) == before
        assert record.add(file).read == 4000


def test_export_to_a_place_that_takes_no_file(filled, tmp_path):
    (tmp_path / "o.csv").mkdir()
    for path in (tmp_path / "o.csv", Path("/proc/o.csv")):
        if path.parent.is_dir():
            with pytest.raises(RecordError, match="cannot be written"):
                filled.export(path)


def test_another_file_under_the_name_of_a_record_is_refused(tmp_path, write_ged):
    path = write_ged([{}])  # DuckDB would open a CSV file as a database
    content = path.read_bytes()
    with pytest.raises(RecordError, match="is no afterstrike record"):
        open_record(path)
    assert path.read_bytes() == content
