"""geocausal-style files: repeats, shows of force, what the file does not say."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from afterstrike.record.layouts._geocausal import LAYOUT

FOLDER = "data/geocausal_iraq_2007"


def row(
    kind: str = "Airstrike", day: str = "2007-02-23", lon: str = "43.4594", lat: str = "33.4442"
) -> dict[str, str]:
    return {"date": day, "longitude": lon, "latitude": lat, "type": kind}


def test_sof_is_a_show_of_force_and_no_strike(stage_rows: Any) -> None:
    strike, show = stage_rows("geocausal", [row(), row("SOF")])
    assert (strike["kind"], strike["strikes"]) == ("strike", 1)
    assert (show["kind"], show["strikes"], show["weapon"]) == ("other", None, "show of force")


def test_exact_repeats_may_be_real(stage_rows: Any) -> None:
    ids = [r["event_id"] for r in stage_rows("geocausal", [row(), row("SOF"), row()])]
    assert len(set(ids)) == 3 and ids[2] == ids[0].replace("#1", "#2")


def test_ids_do_not_depend_on_row_order(stage_rows: Any) -> None:
    rows = [row(), row("SOF"), row(day="2007-02-24"), row()]
    assert {r["event_id"] for r in stage_rows("geocausal", rows)} == {
        r["event_id"] for r in stage_rows("geocausal", rows[::-1])
    }


def test_other_is_an_attack_only_among_insurgent_types(stage_rows: Any) -> None:
    assert [r["kind"] for r in stage_rows("geocausal", [row("IED"), row("other")])] == ["attack", "attack"]
    assert [r["kind"] for r in stage_rows("geocausal", [row(), row("other")])] == ["strike", "other"]


def test_actor_and_country_are_not_in_the_file(stage_rows: Any) -> None:
    (staged,) = stage_rows("geocausal", [row()])
    assert staged["initiator"] is None and staged["adm0"] is None
    (told,) = stage_rows(
        "geocausal", [row()], mapping={"constants": {"initiator": "US-led coalition", "adm0": "IRQ"}}
    )
    assert (told["initiator"], told["adm0"]) == ("US-led coalition", "IRQ")


def test_licence_is_stated_for_the_packages_own_data_only(stage_rows: Any) -> None:
    assert [r["licence"] for r in stage_rows("geocausal", [row()])] == ["MIT"]
    assert [r["licence"] for r in stage_rows("geocausal", [row(day="2019-01-01")])] == ["not stated"]


def test_a_row_with_neither_date_nor_position_is_rejected(stage_rows: Any) -> None:
    assert stage_rows("geocausal", [row(day="", lon="NA")])[0]["reject_reason"] == "neither date nor position"
    assert "23/02/2007" in stage_rows("geocausal", [row(day="23/02/2007")])[0]["reject_reason"]


def test_only_the_four_columns_are_taken_for_this_layout() -> None:
    assert LAYOUT.matches(["Type", "", "LATITUDE", "longitude", "date"])
    assert not LAYOUT.matches(["date", "longitude", "latitude", "type", "fatalities"])
    assert not LAYOUT.matches(["date", "longitude", "latitude"])


@pytest.mark.parametrize(
    ("name", "rows", "repeats", "kinds"),
    [
        ("airstrikes", 3938, 904, {"strike": 2446, "other": 1492}),
        ("insurgencies", 68573, 2095, {"attack": 68573}),
    ],
)
def test_real_files_add_up(
    shared: Path, stage_file: Any, name: str, rows: int, repeats: int, kinds: dict[str, int]
) -> None:
    staged = stage_file("geocausal", shared / FOLDER / f"{name}.parquet")
    assert len({r["event_id"] for r in staged}) == rows
    assert sum(not r["event_id"].endswith("#1") for r in staged) == repeats
    assert Counter(r["kind"] for r in staged) == kinds
    # the package's manual says March to June 2007; the data do not
    assert min(r["date_start"] for r in staged) == date(2007, 2, 23)
    assert max(r["date_start"] for r in staged) == date(2008, 7, 5)
