"""The change log: which imports, rows and columns changed between two days, and what was taken back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from afterstrike.record import open_record
from afterstrike.web import Settings

from .conftest import Visitor, visit


def rows_of(visitor: Visitor, **query: Any) -> list[dict[str, Any]]:
    first = visitor.get("/changes.json", params=query).json()
    rows = first["rows"]
    for page in range(2, first["pages"] + 1):
        rows += visitor.get("/changes.json", params=query | {"page": page}).json()["rows"]
    return list(rows)


def test_rows_are_added_and_updated_column_by_column(reader: Visitor) -> None:
    answer = reader.get("/changes.json").json()
    first, second = answer["imports"][:2]
    assert (first["rows_read"], first["added"], first["updated"]) == (400, 400, 0)
    assert (second["added"], second["updated"]) == (3, 2)
    assert first["file"] == "rows.csv" and second["columns_changed"] == [
        {"column": "fatalities_high", "rows": 2}
    ]
    rows = rows_of(reader)
    assert (
        len(rows)
        == answer["counts"]["rows"]
        == first["added"] + 5
        == sum(answer["counts"][k] for k in ("added", "updated", "removed", "restored"))
    )
    updated = [row for row in rows if row["change"] == "updated"]
    assert {row["event_id"] for row in updated} == {"made:1", "made:2"}
    for row in updated:
        (column,) = row["changed"]
        assert column["column"] == "fatalities_high" and column["after"] == "77"


def test_the_rows_of_one_import_and_the_rebuilds_apart(reader: Visitor) -> None:
    rows = rows_of(reader, **{"import": "import-2"})
    assert len(rows) == 5 and {row["import_id"] for row in rows} == {"import-2"}
    rebuilds = [one for one in reader.get("/changes.json").json()["imports"] if one["is_rebuild"]]
    assert rebuilds and not any(row["import_id"] == rebuilds[0]["import_id"] for row in rows_of(reader))
    assert rows_of(reader, **{"import": "import-99"}) == []


def test_what_was_undone_is_shown_as_taken_back(record_path: Path) -> None:
    with open_record(record_path) as record:
        record.undo("import-2")
    with visit(Settings(record_path)) as client:
        answer = client.get("/changes.json").json()
        assert (answer["counts"]["removed"], answer["counts"]["restored"]) == (3, 2)
        restored = [row for row in rows_of(client) if row["change"] == "restored"]
        assert {row["changed"][0]["before"] for row in restored} == {"77"} and all(
            row["by_undo"] for row in restored
        )
        assert client.get("/changes").status_code == 200


def test_another_span_of_days_is_another_log(reader: Visitor) -> None:
    today = dt.datetime.now(dt.UTC).date()
    answer = reader.get("/changes.json", params={"from": "2001-01-01", "to": "2001-12-31"}).json()
    assert answer["imports"] == answer["rows"] == [] and answer["counts"]["rows"] == 0
    whole = reader.get(
        "/changes.json", params={"from": "2001-01-01", "to": str(today + dt.timedelta(days=1))}
    ).json()
    assert len(whole["imports"]) >= 3
    default = reader.get("/changes.json").json()
    assert dt.date.fromisoformat(default["to"]) - dt.date.fromisoformat(default["from"]) == dt.timedelta(
        days=30
    )


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2018-02-01&to=2018-01-01", 400),
        ("from=0001-01-01&to=9999-12-31", 200),
        ("to=0001-01-01", 200),
        ("from=9999-12-31", 200),
        ("page=1000000", 200),
        ("import=%00", 400),
    ],
)
def test_the_ends_of_the_calendar(reader: Visitor, query: str, status: int) -> None:
    assert reader.get(f"/changes.json?{query}").status_code == status


def test_an_event_shows_its_history_and_the_publishers_own_row(reader: Visitor) -> None:
    answer = reader.get("/events/made:1.json").json()
    assert [entry["change"] for entry in answer["history"]] == ["added", "updated"]
    assert answer["event"]["fatalities_high"] == 77 and answer["publisher"][0]["columns"]["source_id"] == "1"
    assert (
        answer["dataset"]["citation"] == "Made for a test"
        and answer["meaning"]["lat"] == "WGS84 degrees north"
    )
    assert reader.get("/events/made:99999.json").status_code == 404
    assert reader.get("/events/made:99999").status_code == 404
