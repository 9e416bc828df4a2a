"""Any table by a mapping: what may be said, what is refused, and the page that explains it."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from afterstrike.errors import LayoutError, UsageError
from afterstrike.record.layouts._mapping import LAYOUT, load_mapping

MAPPING: dict[str, Any] = {
    "dataset": "field-notes", "licence": "CC0", "date_format": "%d.%m.%Y",
    "decimal_comma": True, "missing": ["-"],
    "columns": {
        "event_id": "Ref", "date_start": "Tag", "lat": "Breite", "lon": "Länge", "kind": "Art",
        "fatalities_best": "Tote", "adm0": "Land",
    },
    "constants": {"initiator": "US-led coalition"},
    "kinds": {"Luftangriff": "strike", "Anschlag": "attack"},
}  # fmt: skip


def row(**changes: str | None) -> dict[str, str | None]:
    return {
        "Ref": "7", "Tag": "05.03.2017", "Breite": "35,5", "Länge": "39,1", "Art": "Luftangriff", "Tote": "2",
        "Land": "Syria",
    } | changes  # fmt: skip


def test_a_row_is_read_as_the_mapping_says(stage_rows: Any) -> None:
    (staged,) = stage_rows("mapping", [row()], mapping=MAPPING)
    assert (staged["event_id"], staged["kind"], staged["date_start"]) == (
        "field-notes:7",
        "strike",
        date(2017, 3, 5),
    )
    assert (staged["lat"], staged["lon"], staged["adm0"], staged["fatalities_best"]) == (35.5, 39.1, "SYR", 2)
    assert (staged["initiator"], staged["licence"], staged["reject_reason"]) == (
        "US-led coalition",
        "CC0",
        None,
    )


def test_a_missing_word_is_missing(stage_rows: Any) -> None:
    (staged,) = stage_rows("mapping", [row(Tote="-", Breite="-")], mapping=MAPPING)
    assert staged["fatalities_best"] is None and staged["lat"] is None and staged["reject_reason"] is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Tote": "zwei"}, "fatalities_best 'zwei' in column 'Tote' is not a whole number"),
        ({"Tote": "2,5"}, "fatalities_best '2,5' in column 'Tote' is not a whole number"),
        ({"Tag": "2017-03-05"}, "date_start '2017-03-05' in column 'Tag' is not a date of the form %d.%m.%Y"),
        ({"Breite": "nördlich"}, "lat 'nördlich' in column 'Breite' is not a number"),
        ({"Art": "Raub"}, "kind 'Raub' in column 'Art' is not mapped under [kinds]"),
        ({"Art": None}, "kind missing in column 'Art' is not mapped under [kinds]"),
        ({"Land": "Atlantis"}, "adm0 'Atlantis' in column 'Land' is not a country or its three-letter code"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_column_and_value(
    stage_rows: Any, change: dict[str, str | None], reason: str
) -> None:
    assert stage_rows("mapping", [row(**change)], mapping=MAPPING)[0]["reject_reason"] == reason


def test_kinds_without_regard_to_case_and_a_default(stage_rows: Any) -> None:
    mapping = {**MAPPING, "kinds": {"LUFT-Angriff": "strike", "default": "other"}}
    rows = [row(Art="luft angriff"), row(Art="clash", Ref="8"), row(Art="Raub", Ref="9")]
    assert [r["kind"] for r in stage_rows("mapping", rows, mapping=mapping)] == ["strike", "clash", "other"]


def test_without_an_id_the_content_is_the_id_and_repeats_are_numbered(stage_rows: Any) -> None:
    mapping = {**MAPPING, "columns": {k: v for k, v in MAPPING["columns"].items() if k != "event_id"}}
    rows = [row(), row(Tote="3"), row()]
    ids = [r["event_id"] for r in stage_rows("mapping", rows, mapping=mapping)]
    assert len(set(ids)) == 3 and ids[2] == ids[0].replace("#1", "#2")
    assert set(ids) == {r["event_id"] for r in stage_rows("mapping", rows[::-1], mapping=mapping)}


def test_local_times_become_utc(stage_rows: Any) -> None:
    mapping = {"constants": {"kind": "strike"}, "columns": {"time_start": "when"}, "timezone": "Asia/Baghdad"}
    (staged,) = stage_rows("mapping", [{"when": "2017-03-05 02:30:00"}], mapping=mapping)
    assert staged["time_start"] == datetime(2017, 3, 4, 23, 30)


def test_columns_may_stand_without_a_table(stage_rows: Any) -> None:
    mapping = {"date_start": "day", "constants": {"kind": "attack"}}
    assert stage_rows("mapping", [{"day": "2017-03-05"}], mapping=mapping)[0]["date_start"] == date(
        2017, 3, 5
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"columns": {"date_start": "Tagg"}},
            r"the file has no such column \(did you mean 'Tag'\?\); it has Ref, Tag",
        ),
        (
            {"columns": {"date_stat": "Tag"}},
            r"'date_stat' is no column of an event \(did you mean 'date_start'\?\)",
        ),
        ({"colums": {}}, r"'colums' is not known \(did you mean 'columns'\?\)"),
        (
            {"kinds": {"Luftangriff": "bombing"}},
            "kind 'bombing' of 'Luftangriff' is not allowed; allowed: strike",
        ),
        ({"columns": {"lat": "Breite"}}, "kind is not set"),
        ({"constants": {"kind": "raid"}, "columns": {}}, "kind 'raid' is not allowed"),
        ({"decimal_comma": "perhaps"}, "decimal_comma = 'perhaps'; allowed: true or false"),
        (
            {"timezone": "Asia/Bagdad"},
            r"timezone 'Asia/Bagdad' is not known \(did you mean 'Asia/Baghdad'\?\)",
        ),
        ({"columns": "Tag"}, "'columns' is 'Tag'; it must be a table"),
    ],
)
def test_a_wrong_mapping_is_refused_in_one_line(
    stage_rows: Any, change: dict[str, Any], message: str
) -> None:
    with pytest.raises((LayoutError, UsageError), match=message) as caught:
        stage_rows("mapping", [row()], mapping={**MAPPING, **change})
    assert "\n" not in str(caught.value)


def test_the_layout_is_never_guessed() -> None:
    assert not LAYOUT.matches(["date", "lat", "lon", "kind"])


def test_a_mapping_may_be_toml_json_or_csv(tmp_path: Path) -> None:
    wanted = {
        "columns": {"date_start": "day"},
        "constants": {"kind": "strike"},
        "kinds": {},
        "date_format": "%d/%m/%Y",
    }
    files = {
        "m.toml": 'date_format = "%d/%m/%Y"\n[columns]\ndate_start = "day"\n'
        '[constants]\nkind = "strike"\n[kinds]\n',
        "m.json": json.dumps(wanted),
        "m.csv": "ours,theirs\ndate_start,day\nkind,=strike\ndate_format,%d/%m/%Y\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert load_mapping(tmp_path / name) == wanted


@pytest.mark.parametrize(("name", "text"), [("m.toml", "a = = 1"), ("m.json", "{"), ("m.json", "[1]")])
def test_a_broken_mapping_file_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=f"mapping {re.escape(name)}"):
        load_mapping(tmp_path / name)
    with pytest.raises(UsageError, match="cannot be opened"):
        load_mapping(tmp_path / "gone.toml")


def test_the_example_of_the_page_works(root: Path, stage_rows: Any) -> None:
    page = (root / "docs/mapping.md").read_text(encoding="utf-8")
    mapping = tomllib.loads(re.findall(r"```toml\n(.*?)```", page, re.DOTALL)[0])
    header, *lines = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)[0].strip().splitlines()
    rows = [dict(zip(header.split(";"), line.split(";"), strict=True)) for line in lines]
    staged = stage_rows("mapping", rows, mapping=mapping)
    assert [r["kind"] for r in staged] == ["strike", "attack", "other"]
    assert [r["reject_reason"] for r in staged] == [None, None, None]
    assert staged[0]["lat"] == 35.95 and staged[1]["fatalities_best"] is None
