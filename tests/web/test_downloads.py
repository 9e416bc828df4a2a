"""A download holds exactly what is shown, with licence, citation, date and the page it came from."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from .conftest import HOSTILE, Visitor

QUERIES = (
    "",
    "kind=strike&kind=attack",
    "bbox=36,33,38,35&precision=3",
    "harm=1&adm0=SYR",
    "from=2016-02-01&to=2017-07-09&side=IS",
    "initiator=Nobody",
)


def ids_shown(reader: Visitor, query: str) -> list[str]:
    """Give the events of a selection as the pages list them."""
    found: list[str] = []
    first = reader.get(f"/record.json?{query}&sort=date").json()
    for page in range(1, first["pages"] + 1):
        found += [
            row["event_id"]
            for row in reader.get(f"/record.json?{query}&sort=date&page={page}").json()["rows"]
        ]
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_each_format_holds_exactly_the_selection(reader: Visitor, query: str, tmp_path: Path) -> None:
    page = reader.get(f"/record.json?{query}").json()
    expected = ids_shown(reader, query)
    answers = {ending: reader.get(address) for ending, address in page["downloads"].items()}
    assert all(answer.status_code == 200 for answer in answers.values())

    rows = list(csv.DictReader(io.StringIO(answers["csv"].text)))
    assert [row["event_id"] for row in rows] == expected
    features = json.loads(answers["geojson"].text)["features"]
    assert [feature["properties"]["event_id"] for feature in features] == expected
    file = tmp_path / "x.parquet"
    file.write_bytes(answers["parquet"].content)
    with duckdb.connect() as con:
        assert [
            row[0] for row in con.execute("SELECT event_id FROM read_parquet(?)", [str(file)]).fetchall()
        ] == expected


def test_each_row_says_its_licence_and_citation_and_the_file_where_it_came_from(
    reader: Visitor, tmp_path: Path
) -> None:
    query = "kind=strike&dataset=made"
    as_of = reader.get("/record.json").json()["as_of"]
    address = f"http://127.0.0.1:8000/record?{query}"
    rows = list(csv.DictReader(io.StringIO(reader.get(f"/record/download.csv?{query}").text)))
    assert rows
    for row in rows:
        assert (row["licence"], row["citation"]) == ("CC0", "Made for a test")
        assert (row["record_as_of"], row["page"]) == (as_of, address)
    whole = json.loads(reader.get(f"/record/download.geojson?{query}").text)
    assert (whole["type"], whole["record_as_of"], whole["page"]) == ("FeatureCollection", as_of, address)
    assert "Made for a test" in whole["citation"]
    assert all(feature["properties"]["citation"] == "Made for a test" for feature in whole["features"])
    file = tmp_path / "x.parquet"
    file.write_bytes(reader.get(f"/record/download.parquet?{query}").content)
    with duckdb.connect() as con:
        told = dict(
            con.execute(
                "SELECT decode(key), decode(value) FROM parquet_kv_metadata(?)", [str(file)]
            ).fetchall()
        )
    assert (told["record_as_of"], told["page"]) == (as_of, address) and "Made for a test" in told["citation"]


def test_a_spreadsheet_runs_nothing_and_the_other_formats_keep_the_words(
    reader: Visitor, tmp_path: Path
) -> None:
    rows = list(csv.DictReader(io.StringIO(reader.get("/record/download.csv").text)))
    held = [row for row in rows if HOSTILE in row["place"]]
    assert held and all(row["place"] == f"'{HOSTILE}" for row in held)
    text = {
        name
        for row in rows
        for name, value in row.items()
        if value[:1] in tuple("=+-@\t\r") and name not in ("lat", "lon")
    }
    assert text == set(), "text that begins like a formula"
    features = json.loads(reader.get("/record/download.geojson").text)["features"]
    assert any(feature["properties"]["place"] == HOSTILE for feature in features)


def test_missing_stays_missing(reader: Visitor) -> None:
    rows = {
        row["event_id"]: row for row in csv.DictReader(io.StringIO(reader.get("/record/download.csv").text))
    }
    shown: list[dict[str, Any]] = reader.get("/record.json").json()["rows"]
    empty = [row for row in shown if row["fatalities_best"] is None]
    assert empty and all(rows[row["event_id"]]["fatalities_best"] == "" for row in empty)


def test_the_name_of_the_file_says_what_it_is_and_is_safe(reader: Visitor) -> None:
    day = reader.get("/record.json").json()["as_of"][:10]
    answer = reader.get("/record/download.csv?kind=strike")
    assert answer.headers["content-disposition"] == f'attachment; filename="made-events-{day}.csv"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert reader.get("/record/download.parquet").headers["content-type"] == "application/vnd.apache.parquet"


def test_no_file_is_left_behind(reader: Visitor) -> None:
    for ending in ("csv", "geojson", "parquet"):
        reader.get(f"/record/download.{ending}")
    folder = reader.app.web.store.current().path.parent.parent  # type: ignore[attr-defined]
    assert not list(folder.glob("download-*"))
