"""mwa-style files: roles are no kinds, and simulated dates may lie anywhere."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

from afterstrike.record.layouts._mwa import LAYOUT


def row(role: str, moment: str = "1995-01-05 00:00:00") -> dict[str, str]:
    return {"type": role, "lon": "0.5", "lat": "-0.3", "timestamp": moment, "match1": "1.1", "match2": "0.9"}


def test_roles_are_not_kinds(stage_rows: Any) -> None:
    staged = stage_rows("mwa", [row("treatment"), row("control"), row("dependent")])
    assert {r["kind"] for r in staged} == {"other"}
    assert [r["source_text"] for r in staged] == ["role: treatment", "role: control", "role: dependent"]


def test_the_user_may_say_what_a_role_stands_for(stage_rows: Any) -> None:
    mapping = {"kinds": {"treatment": "strike", "dependent": "attack"}, "constants": {"initiator": "IS"}}
    staged = stage_rows("mwa", [row("treatment"), row("control"), row("dependent")], mapping=mapping)
    assert [r["kind"] for r in staged] == ["strike", "other", "attack"]
    assert {r["initiator"] for r in staged} == {"IS"}


def test_synthetic_dates_may_lie_in_the_future(stage_rows: Any) -> None:
    assert LAYOUT.synthetic and LAYOUT.latest_date > "2100"
    (staged,) = stage_rows("mwa", [row("dependent", "2100-09-26 00:00:00")])
    assert staged["date_start"] == date(2100, 9, 26) and staged["reject_reason"] is None


def test_midnight_is_a_date_without_a_time(stage_rows: Any) -> None:
    staged = stage_rows("mwa", [row("control"), row("control", "1995-01-05 13:45:00")])
    assert [r["time_start"] for r in staged] == [None, datetime(1995, 1, 5, 13, 45)]


def test_another_role_is_rejected(stage_rows: Any) -> None:
    (staged,) = stage_rows("mwa", [row("placebo")])
    assert staged["reject_reason"] == "type 'placebo' is none of treatment, control, dependent"


def test_real_file_adds_up(shared: Path, stage_file: Any) -> None:
    staged = stage_file("mwa", shared / "data/mwa_synthetic/mwa_data.parquet")
    roles = Counter(r["source_text"] for r in staged)
    assert roles == {"role: dependent": 319, "role: control": 50, "role: treatment": 25}
    assert (min(r["date_start"].year for r in staged), max(r["date_start"].year for r in staged)) == (
        1901,
        2100,
    )
    assert len({r["event_id"] for r in staged}) == 394
    assert not [r for r in staged if r["reject_reason"]]
