"""Files as they come: encodings, delimiters, damage. Each fault is one clear line."""

from __future__ import annotations

import gzip
import json
import random
import time
import zipfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterstrike.errors import SourceError
from afterstrike.record._read_raw import read_raw
from afterstrike.record._sniff import read_header, sniff

TEXT = "id,place,deaths\n1,Quay,3\n2,Hill,4\n"


def rows(path: Path) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        read_raw(con, path)
        return con.execute("SELECT * FROM raw ORDER BY row_number").fetchall()


def refused(path: Path) -> str:
    with duckdb.connect() as con, pytest.raises(SourceError) as caught:
        read_raw(con, path)
    message = str(caught.value)
    assert "\n" not in message
    assert path.name in message
    return message


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path, delimiter):
    path = tmp_path / "a.txt"
    path.write_text(TEXT.replace(",", delimiter))
    assert rows(path) == [(1, "1", "Quay", "3"), (2, "2", "Hill", "4")]


def test_semicolons_with_decimal_commas(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a;lat;lon\n1;35,5;38,25\n2;36,5;39,25\n3;36,5;39,25\n")
    assert rows(path)[0] == (1, "1", "35,5", "38,25")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256"])
def test_encodings(tmp_path, encoding):
    check_encoding(tmp_path, encoding, "الرقة", "شهدت المدينة قصفا جويا على الأحياء السكنية")


@pytest.mark.parametrize("line", ["près de la frontière où été", "según el ejército cayó mañana en Ávila"])
def test_latin_code_page(tmp_path, line):
    check_encoding(tmp_path, "cp1252", "Mar'a, Alépo", line)


def check_encoding(tmp_path: Path, encoding: str, place: str, line: str) -> None:
    path = tmp_path / "a.csv"
    text = "id,place,note\n" + f'1,"{place}",{line}\n2,Hill,{line}\n'
    path.write_bytes(text.encode(encoding))
    assert rows(path) == [(1, "1", place, line), (2, "2", "Hill", line)]


def test_encoding_is_judged_by_the_whole_file_not_its_start(tmp_path):
    path = tmp_path / "late.csv"
    start = "id,place\n" + "".join(f"{i},Quay\n" for i in range(300_000))
    path.write_bytes(start.encode() + "300000,Sévérac où été près\n".encode("cp1252"))
    assert rows(path)[-1] == (300_001, "300000", "Sévérac où été près")


def test_quoted_line_breaks_and_order_of_many_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,note\n" + "".join(f'{i},"one, ""two""\nthree {i}"\n' for i in range(50_000)))
    found = rows(path)
    assert [int(str(row[1])) for row in found] == list(range(50_000))  # row_number follows the file
    assert found[7] == (8, "7", 'one, "two"\nthree 7')


def test_ragged_lines_are_rejected_with_their_original(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n")
    with duckdb.connect() as con:
        raw = read_raw(con, path)
        bad = con.execute("SELECT reason, original FROM raw_rejected").fetchall()
    assert (raw.rows, raw.ragged) == (2, 2)
    assert bad[0][0].startswith("line 3: missing columns")
    assert [json.loads(text)["line"] for _, text in bad] == ["4,5", "6,7,8,9"]


def test_lines_that_end_in_different_ways(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes('a,b\r\n1,"one\ntwo"\r\n2,x\n3\n4,ü\r\n'.encode())
    with duckdb.connect() as con:
        raw = read_raw(con, path)
        found = con.execute("SELECT row_number, a, b FROM raw ORDER BY row_number").fetchall()
    assert found == [(1, "1", "one\ntwo"), (2, "2", "x"), (3, "4", "ü")]
    assert raw.ragged == 1


def test_blank_and_repeated_and_reserved_column_names(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("\n\na,,a,row_number\n1,2,3,4\n5,6,7,8\n")
    with duckdb.connect() as con:
        assert read_raw(con, path).columns == ("a", "column1", "a_1", "row_number_1")


def test_row_names_of_r(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('"a","b"\n"1",2,3\n"2",4,5\n"3",4,5\n')
    assert rows(path)[0] == (1, "1", "2", "3")


@pytest.mark.parametrize("name", ["a.parquet", "misnamed.csv"])
def test_parquet_by_content_not_by_name(tmp_path, name):
    path = tmp_path / name
    duckdb.execute(
        f"COPY (SELECT 7 AS id, [1, 2] AS many, {{'x': 1}} AS nested) TO '{path}' (FORMAT parquet)"
    )
    assert rows(path) == [(1, 7, "[1,2]", '{"x":1}')]


def test_json_lines_arrays_and_geojson(tmp_path):
    objects = [{"id": 1, "p": {"en": "Quay"}}, {"id": 2, "p": None}]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(o) for o in objects))
    (tmp_path / "b.json").write_text(json.dumps(objects))
    assert rows(tmp_path / "a.jsonl") == rows(tmp_path / "b.json") == [(1, 1, '{"en":"Quay"}'), (2, 2, None)]
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [38.5, 35.5]},
        "properties": {"id": 5},
    }
    (tmp_path / "c.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature] * 2}))
    assert rows(tmp_path / "c.geojson")[0] == (1, 5, 38.5, 35.5)


def test_gzip_and_names_with_patterns(tmp_path):
    path = tmp_path / "a[1]*.csv.gz"
    path.write_bytes(gzip.compress(TEXT.encode("utf-16")))
    assert rows(path)[1] == (2, "2", "Hill", "4")
    plain = tmp_path / "b[2]'?.csv"
    plain.write_text(TEXT)
    assert len(rows(plain)) == 2


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.csv", TEXT)


def _cut_parquet(path: Path) -> None:
    duckdb.execute(f"COPY (SELECT range AS id FROM range(10000)) TO '{path}' (FORMAT parquet)")
    path.write_bytes(path.read_bytes()[:-500])


def _hollow_parquet(path: Path) -> None:
    path.write_bytes(b"PAR1" + b"\x07" * 4000 + b"PAR1")


def _empty_parquet(path: Path) -> None:
    duckdb.execute(f"COPY (SELECT 1 AS id WHERE false) TO '{path}' (FORMAT parquet)")


FAULTS = {
    "missing.csv": (lambda path: None, "does not exist"),
    "empty.csv": (lambda path: path.write_bytes(b""), "is empty"),
    "blank.csv": (lambda path: path.write_text("\n \n\n"), "blank lines"),
    "header.csv": (lambda path: path.write_text("id,place,deaths\n"), "header but no rows"),
    "binary.csv": (lambda path: path.write_bytes(random.Random(1).randbytes(20_000)), "binary"),
    "picture.csv": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(900)), "binary"),
    "folder": (lambda path: path.mkdir(), "is a folder"),
    "a.zip": (_zip, "zip archive"),
    "cut.parquet": (_cut_parquet, "cut off"),
    "hollow.parquet": (_hollow_parquet, "cannot be read as parquet"),
    "norows.parquet": (_empty_parquet, "no rows"),
    "prose.txt": (
        lambda path: path.write_text("It was a quiet day.\nThen, at noon, it was not.\n"),
        "no table",
    ),
    "cut.gz": (lambda path: path.write_bytes(gzip.compress(TEXT.encode() * 999)[:-30]), "cut-off .gz"),
    "hollow.gz": (lambda path: path.write_bytes(gzip.compress(b"")), "unpacks to nothing"),
    "cut.json": (lambda path: path.write_text('[{"id": 1}, {"id": '), "cannot be read as json"),
    "cut.geojson": (
        lambda path: path.write_text('{"type": "FeatureCollection", "features": ['),
        "no whole GeoJSON",
    ),
    "paper.pdf": (lambda path: path.write_bytes(b"%PDF-1.7\n" + bytes(100)), "PDF"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_named_in_one_line(tmp_path, name):
    make, expected = FAULTS[name]
    path = tmp_path / name
    make(path)
    assert expected in refused(path)


@pytest.mark.parametrize("start", [b"a,b,c,", b'{"a": "', b"\xff\xfea\x00"])
def test_hundred_megabytes_of_one_line(tmp_path, start):
    path = tmp_path / "line.csv"
    with path.open("wb") as stream:
        stream.write(start)
        for _ in range(100):
            stream.write(b"xyz," * 250_000)
    started = time.perf_counter()
    refused(path)
    assert time.perf_counter() - started < 10


def test_unreadable_byte_does_not_lose_the_file(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,place\n1,Quay\n2,\x81\x8d\n3,Hill\n")
    assert [row[1] for row in rows(path)] == ["1", "2", "3"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=600))
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path, content):
    path = tmp_path / "any"
    path.write_bytes(content)
    try:
        sniffed = sniff(path)
        if sniffed.kind == "csv":
            assert len(read_header(path, sniffed.sample).columns) >= 2
    except SourceError as problem:
        assert "\n" not in str(problem)


cell = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.lists(st.tuples(cell, cell, cell), min_size=3, max_size=12))
def test_what_a_csv_writer_wrote_is_read_back(tmp_path, table):
    import csv

    path = tmp_path / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow(["alpha", "beta", "gamma"])
        writer.writerows(table)
    found = [tuple(row[1:]) for row in rows(path)]
    assert found == [tuple(value or None for value in row) for row in table]
