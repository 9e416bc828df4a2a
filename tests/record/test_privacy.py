"""No private person's name reaches the record or what it gives out; the names here are invented."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from afterstrike.cli import main
from afterstrike.errors import LayoutError, UsageError
from afterstrike.record import LayoutOptions, Record, open_record
from afterstrike.record.layouts._staging import read_table

NAME = "Zzyxqor"
OTHER = "Qwvblat"
AIRWARS = {row["key"]: row for row in read_table("airwars_columns")}
WITHHELD = [key for key, row in AIRWARS.items() if row["stored"] == "no"]


def airwars_row(number: int, **changes: str) -> dict[str, str]:
    """One incident that names a person wherever the publisher writes free text, and in a new column."""
    free = dict.fromkeys(WITHHELD, f"text about {NAME} {OTHER}")
    values = free | {
        "code": f"EX{number:03}", "airwars_id": str(number), "incident_date": "2017-07-17",
        "latitude": "35.95", "longitude": "39.0", "belligerents_original": "U.S.-led Coalition",
        "strike_type_original": "Airstrike", "region_original": "Raqqa", "country_ar": "سوريا",
        "incident_url": f"https://example.org/incident-{number}",
        "location_en": f"house of {NAME} {OTHER}, Example town",
        "location_ar": f"منزل {NAME} {OTHER} في المثال",
        "civilians_killed_min": "1", "civilians_killed_max": "2",
    }  # fmt: skip
    named = {AIRWARS[key]["arabic"]: value for key, value in (values | changes).items()}
    return named | {"أسماء الضحايا": f"{NAME} {OTHER}"}


def write(path: Path, rows: list[dict[str, str]], further: str = "") -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        stream.write(further)
    return path


def everything(record: Record) -> str:
    """All text of all tables of the file."""
    con = record.connection
    tables = [row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    assert {"events", "publisher_columns", "rejected", "repairs", "changes", "imports"} <= set(tables)
    return json.dumps(
        {t: con.execute(f"FROM {t}").fetchall() for t in tables}, default=str, ensure_ascii=False
    )


def assert_nameless(text: str) -> None:
    assert NAME.casefold() not in text.casefold()
    assert OTHER.casefold() not in text.casefold()


@pytest.fixture
def incidents(tmp_path: Path) -> Path:
    rows = [
        airwars_row(1),
        airwars_row(2, incident_date="1970-01-01"),  # rejected: a sentinel
        airwars_row(3, civilians_killed_min="9"),  # repaired: low above high
        airwars_row(3, civilians_killed_min="1"),  # rejected: the id stands twice
        airwars_row(4, location_en="", latitude="", longitude=""),
        airwars_row(5, location_en=f"the {NAME} {OTHER} family home near Example town"),
        airwars_row(6, location_en=f"family of {NAME} {OTHER} in Example town", location_ar=""),
        airwars_row(7, location_en="", location_ar=f"منزل عائلة {NAME} {OTHER} في المثال"),
        airwars_row(8, location_en=f"Near {NAME} {OTHER}'s pharmacy"),
    ]
    return write(tmp_path / "incidents.csv", rows, f"EX9,{NAME} in a line that is cut off\n")


def test_airwars_names_appear_in_no_table_export_log_or_rejected_row(tmp_path: Path, incidents: Path) -> None:
    path = tmp_path / "r.duckdb"
    with open_record(path) as record:
        report = record.add(incidents)
        assert (report.layout, report.read, report.added, report.rejected) == ("airwars", 10, 7, 3)
        later = [airwars_row(1, civilians_killed_max="5"), airwars_row(10)]
        second = record.add(write(tmp_path / "later.csv", later))
        assert (second.added, second.updated) == (1, 1)
        seen = [
            everything(record), report.summary(), json.dumps(second.to_dict()), str(record.rows()),
            str(record.rejected()), str(record.log()), str(record.log(second.import_id)),
            str(record.points()), str(record.find(adm0="SYR")), str(record.datasets()),
        ]  # fmt: skip
        for name in ("o.csv", "o.geojson", "o.parquet"):
            assert record.export(tmp_path / name) == 8
        seen += [(tmp_path / name).read_text(encoding="utf-8") for name in ("o.csv", "o.geojson")]
        exported = record.connection.execute(f"FROM read_parquet('{tmp_path / 'o.parquet'}')").fetchall()
        seen.append(str(exported))
        record.undo(second.import_id)
        seen.append(everything(record))
    for text in seen:
        assert (
            "EX001" in text or "airwars" in text or "import-" in text or "Example" in text or "35.95" in text
        )
        assert_nameless(text)
    for content in (path, tmp_path / "o.parquet"):
        assert NAME.encode() not in content.read_bytes()
        assert OTHER.encode() not in content.read_bytes()


def test_what_is_left_out_is_counted_and_named(tmp_path: Path, incidents: Path) -> None:
    with open_record(tmp_path / "r.duckdb") as record:
        report = record.add(incidents)
        [kept] = record.connection.execute(
            "SELECT publisher FROM publisher_columns WHERE event_id = 'airwars:1'"
        ).fetchall()
        said = record.log()[0]["notes"]
    [note] = [note for note in report.notes if "columns are not stored" in note]
    assert note.startswith(f"{len(WITHHELD) + 1} columns")
    for name in [*(AIRWARS[key]["arabic"] for key in WITHHELD), "أسماء الضحايا"]:
        assert name in note
    assert any("1 lines of another width were rejected without their text" in note for note in report.notes)
    assert said == list(report.notes)
    # codes, counts and addresses of the publisher are kept
    stored = json.loads(kept[0])
    assert stored[AIRWARS["incident_url"]["arabic"]] == "https://example.org/incident-1"
    assert stored[AIRWARS["strike_type_original"]["arabic"]] == "Airstrike"
    assert len(stored) == len(airwars_row(1)) - len(WITHHELD) - 1


def test_nothing_that_the_commands_print_names_a_person(
    tmp_path: Path, incidents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = ["--record", str(tmp_path / "r.duckdb")]
    for command in (["add", str(incidents)], ["list"], ["list", "--json"], ["rejected"],
                    ["rejected", "--json"], ["log", "import-1"], ["log", "--json"], ["summary"],
                    ["summary", "--json"]):  # fmt: skip
        assert main(["record", *command, *record]) == 0
        printed = capsys.readouterr()
        assert printed.out
        assert_nameless(printed.out + printed.err)


def test_a_mapping_of_ones_own_does_not_bring_withheld_columns_back(tmp_path: Path, incidents: Path) -> None:
    mapping = {
        "columns": {
            "source_id": AIRWARS["airwars_id"]["arabic"],
            "date_start": AIRWARS["incident_date"]["arabic"],
        },
        "constants": {"kind": "strike"},
    }
    with open_record(tmp_path / "r.duckdb") as record:
        report = record.add(incidents, options=LayoutOptions(mapping=mapping))
        assert report.layout == "mapping" and report.added
        assert_nameless(everything(record))


def test_acled_notes_are_withheld(tmp_path: Path) -> None:
    row = {
        "event_id_cnty": "SYR1", "event_date": "2024-03-01", "event_type": "Battles",
        "actor1": "Example Group", "latitude": "35.1", "longitude": "40.2", "source": "Example Agency",
        "notes": f"{NAME} {OTHER} was killed.", "timestamp": "1710000000",
    }  # fmt: skip
    with open_record(tmp_path / "r.duckdb") as record:
        report = record.add(write(tmp_path / "acled.csv", [row]))
        assert report.added == 1 and "1 columns are not stored" in report.notes[0]
        assert [r["source_text"] for r in record.rows()] == ["source: Example Agency"]
        assert_nameless(everything(record))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return write(
        tmp_path / "own.csv", [{"day": "2017-03-01", "Victim": NAME}, {"day": "no day", "Victim": OTHER}]
    )


def mapped(**more: Any) -> LayoutOptions:
    columns = more.pop("columns", {"date_start": "day"})
    return LayoutOptions(mapping={"columns": columns, "constants": {"kind": "strike"}, **more})


def test_a_mapping_may_withhold_columns(tmp_path: Path, own: Path) -> None:
    with open_record(tmp_path / "r.duckdb") as record:
        report = record.add(own, options=mapped(withheld=["victim"]))
        assert (report.added, report.rejected) == (1, 1)
        assert_nameless(everything(record))
    with open_record(tmp_path / "other.duckdb") as record:  # and without it the row is kept whole
        record.add(own, options=mapped())
        assert NAME in everything(record) and OTHER in everything(record)


def test_a_withheld_column_that_is_not_there_or_also_mapped_is_refused(tmp_path: Path, own: Path) -> None:
    with open_record(tmp_path / "r.duckdb") as record:
        with pytest.raises(LayoutError, match="withheld 'Victims', but the file has no such column"):
            record.add(own, options=mapped(withheld="Victims"))
        with pytest.raises(UsageError, match="'Victim' is withheld and also the column of place"):
            record.add(
                own, options=mapped(withheld=["Victim"], columns={"date_start": "day", "place": "Victim"})
            )
        with pytest.raises(UsageError, match="withheld = 5; write one text or a list"):
            record.add(own, options=mapped(withheld=5))
