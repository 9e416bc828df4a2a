"""TBIJ files: two headers, ranges, line breaks, ground and naval operations, points found by name."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

US = "Government of United States of America"


def yemen(**changes: str | None) -> dict[str, str | None]:
    return {
        "Strike.ID": "YEM003", "Location.x": "Example", "Province.x": "Hadhramout", "locs": "Example, Yemen",
        "long": "48.2", "lat": "15.8", "Date": "07/12/2009", "Type.of.attack": "Airstrike",
        "Confirmed..possible.US.attack.": "Confirmed", "Minimum.number.of.strikes": "1",
        "Maximum.number.of.strikes": "3", "Minimum.people.killed": "30", "Maximum.people.killed": "34",
        "Minimum.civilians.reported.killed": "0", "Maximum.civilians.reported.killed": "0",
        "Minimum.people.injured": "0", "Maximum.people.injured": "2", "NAME_1": "Hadramawt",
    } | changes  # fmt: skip


def somalia(**changes: str | None) -> dict[str, str | None]:
    return {
        "X": "SOM003", "Date": "09/01/2007", "Location": "Example",
        "Confirmed..possible.US.strike": "Possible",
        "Strike.type": "Air assault - helicopter", "Minimum.strikes": "1", "Maximum.strikes": "1",
        "Minimum.people.killed": "4", "Maximum.people.killed": "31", "Minimum.civilians.killed": "NA",
        "Maximum.civilians.killed": "31", "locs": "Example, Somalia", "long": "41.8", "lat": "0.4",
        "NAME_1": "Jubbada Hoose",
    } | changes  # fmt: skip


def test_both_headers_are_read(stage_rows: Any) -> None:
    (a,), (b,) = stage_rows("tbij", [yemen()]), stage_rows("tbij", [somalia()])
    assert (a["event_id"], a["adm0"], a["strikes_high"]) == ("tbij:YEM003", "YEM", 3)
    assert (b["event_id"], b["adm0"], b["strikes"]) == ("tbij:SOM003", "SOM", 1)
    assert b["civilian_fatalities_low"] is None and b["civilian_fatalities_high"] == 31


def test_dates_are_day_before_month(stage_rows: Any) -> None:
    assert stage_rows("tbij", [yemen()])[0]["date_start"] == date(2009, 12, 7)
    assert "12/17/2009" in stage_rows("tbij", [yemen(Date="12/17/2009")])[0]["reject_reason"]


def test_ranges_have_no_best_value_unless_both_ends_agree(stage_rows: Any) -> None:
    (staged,) = stage_rows("tbij", [yemen()])
    assert (staged["strikes"], staged["strikes_low"], staged["strikes_high"]) == (None, 1, 3)
    assert (staged["fatalities_best"], staged["fatalities_low"], staged["fatalities_high"]) == (None, 30, 34)
    assert staged["civilian_fatalities_best"] == 0


def test_line_breaks_inside_quoted_fields(stage_rows: Any) -> None:
    attack = "US drone strike\nPossible naval bombardment\n"
    (staged,) = stage_rows("tbij", [yemen(**{"Type.of.attack": attack})])
    assert staged["weapon"] == "US drone strike; Possible naval bombardment"


def test_confirmed_and_possible_are_kept_apart(stage_rows: Any) -> None:
    (sure,), (unsure,) = stage_rows("tbij", [yemen()]), stage_rows("tbij", [somalia()])
    assert (sure["hedging"], sure["initiator"], sure["confidence"]) == ("confirmed", US, "high")
    assert (unsure["hedging"], unsure["initiator"], unsure["confidence"]) == ("possible", US, "low")


@pytest.mark.parametrize(
    ("attack", "kind", "initiator"),
    [
        ("US-Yemen ground operation\nPossible drone strike", "clash", US),
        ("Ground operation - amphibious assault", "clash", US),
        ("Ground operation - Somali-led operation", "clash", None),
        ("Naval operation - shore bombardment", "strike", US),
        ("Naval operation - cruise missile\nPossible air operation", "strike", US),
        ("US air and ground operation", "strike", US),
        ("Possible drone strike", "strike", US),
        (None, "other", US),
    ],
)
def test_ground_and_naval_operations_are_mixed_in(
    stage_rows: Any, attack: str | None, kind: str, initiator: str | None
) -> None:
    (staged,) = stage_rows("tbij", [yemen(**{"Type.of.attack": attack})])
    assert (staged["kind"], staged["initiator"]) == (kind, initiator)
    assert (staged["strikes_high"] is None) == (kind != "strike")


@pytest.mark.parametrize(
    ("province", "found", "precision"),
    [
        ("Hadhramout", "Hadramawt", 2),
        ("Sanaa", "San`a'", 2),
        (" Bayda", "Al Bayda'", 2),
        ("Shabwa/Mareb border", "Ma'rib", 2),
        ("Shabwa", "Ibb", 6),
        ("Marib", "NA", 6),
        (None, "Ibb", 2),
    ],
)
def test_points_found_by_name_are_no_exact_places(
    stage_rows: Any, province: str | None, found: str, precision: int
) -> None:
    (staged,) = stage_rows("tbij", [yemen(**{"Province.x": province, "NAME_1": found})])
    assert staged["geo_precision"] == precision
    assert ("the point lies in" in staged["geo_precision_source"]) == (precision == 6)


def test_real_files_add_up(shared: Path, stage_file: Any) -> None:
    folder = shared / "data/tbij_us_strikes"
    in_yemen, in_somalia = (stage_file("tbij", folder / f"{c}.csv") for c in ("yemen", "somalia"))
    assert (len({r["event_id"] for r in in_yemen}), len({r["event_id"] for r in in_somalia})) == (138, 41)
    assert Counter(r["hedging"] for r in in_yemen) == {"confirmed": 81, "possible": 57}
    assert Counter(r["kind"] for r in [*in_yemen, *in_somalia]) == {"strike": 175, "clash": 4}
    assert min(r["date_start"].year for r in in_somalia) == 2007
    assert max(r["date_start"].year for r in in_somalia) == 2020
    # a quarter of the points in Yemen lie in another province than the publisher names
    assert Counter(r["geo_precision"] for r in in_yemen) == {2: 104, 6: 34}
    assert not [r for r in [*in_yemen, *in_somalia] if r["reject_reason"]]
