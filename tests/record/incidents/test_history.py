"""What became of incidents is kept, and only real differences are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from afterstrike.errors import RecordError
from afterstrike.record import Record, open_record
from afterstrike.record.incidents import incident_changes

FIRST = {
    "id": "a",
    "outlet": "First",
    "text": "An airstrike hit Raqqa in Syria on 6 May 2024 and killed nine civilians, medics said.",
}
SECOND = {
    "id": "b",
    "outlet": "Second",
    "text": "Eleven civilians were killed when an airstrike hit Raqqa, Syria, on 6 May 2024, residents said.",
}


def add(record: Record, *reports: dict[str, Any]) -> str:
    path = record.path.with_name("reports.jsonl")
    lines = (json.dumps({"published": "2024-05-08"} | report) + "\n" for report in reports)
    path.write_text("".join(lines), encoding="utf-8")
    return record.add(path).import_id


@pytest.fixture
def record(tmp_path: Path) -> Any:
    with open_record(tmp_path / "r.duckdb") as opened:
        yield opened


def test_new_then_changed_then_gone(record: Record) -> None:
    add(record, FIRST)
    (new,) = incident_changes(record.connection)
    assert (new["change"], new["before"]) == ("added", None)
    assert (new["after"]["grade"], new["after"]["civilian_fatalities_high"]) == ("weak", 9)
    second = add(record, SECOND)
    (changed,) = incident_changes(record.connection)[1:]
    assert (changed["change"], changed["incident_id"]) == ("changed", new["incident_id"])
    assert changed["before"] == new["after"]
    assert (changed["after"]["grade"], changed["after"]["civilian_fatalities_high"]) == ("fair", 11)
    record.undo(second)
    assert incident_changes(record.connection)[-1]["after"] == new["after"]
    record.undo("import-1")
    gone = incident_changes(record.connection, incident_id=new["incident_id"])[-1]
    assert (gone["change"], gone["before"], gone["after"]) == ("removed", new["after"], None)


def test_what_is_the_same_is_no_change(record: Record) -> None:
    add(record, FIRST, SECOND)
    held = incident_changes(record.connection)
    add(record, SECOND, FIRST)
    record.build_incidents()
    assert incident_changes(record.connection) == held


def test_a_decision_is_a_change(record: Record) -> None:
    add(record, FIRST)
    (one,) = record.incidents()
    record.decide("grade", one["incident_id"], grade="contested")
    last = incident_changes(record.connection)[-1]
    assert (last["before"]["grade"], last["after"]["grade"]) == ("weak", "contested")


def test_changes_are_chosen_by_time(record: Record) -> None:
    add(record, FIRST)
    at = incident_changes(record.connection)[0]["changed_at"]
    assert incident_changes(record.connection, since=str(at))
    assert not incident_changes(record.connection, until=str(at))


def test_incidents_alone_are_not_undone(record: Record) -> None:
    add(record, FIRST)
    (built,) = [row for row in record.log() if row["layout"] == "incidents"]
    with pytest.raises(RecordError, match="undo the import that brought the reports"):
        record.undo(built["import_id"])
    assert record.rows(dataset="incidents")


def test_an_incident_whose_row_is_refused_still_says_what_it_is(record: Record) -> None:
    add(record, FIRST)
    (before,) = record.incidents()
    record.connection.execute("DELETE FROM events WHERE dataset = 'incidents'")
    (after,) = record.incidents()
    for name in ("kind", "place", "grade", "civilian_fatalities_high"):
        assert after[name] == before[name]
    assert str(after["date_start"]) == str(before["date_start"])


def test_an_incident_keeps_its_id_whatever_comes_in_or_is_taken_back(record: Record) -> None:
    add(record, SECOND)
    (before,) = record.incidents()
    later = add(record, FIRST)  # its id sorts before that of the report told first
    (now,) = record.incidents()
    assert now["incident_id"] == before["incident_id"] and len(now["tellings"]) == 2
    record.decide("split", now["incident_id"], tellings=["a#0"])
    ids = {one["incident_id"] for one in record.incidents()}
    assert before["incident_id"] in ids and len(ids) == 2
    record.undo(later)
    assert [one["incident_id"] for one in record.incidents()] == [before["incident_id"]]
