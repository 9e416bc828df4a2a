"""US Central Command releases: every quirk of the files, on made-up lines and on the real ones."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.record.layouts._centcom import LAYOUT
from afterstrike.record.layouts._release_text import number_word, read_release, strike_count, target_count
from afterstrike.record.layouts._staging import read_table

FOLDER = "data/oir_strike_releases_2014_2016"


def row(
    day: str, place: str, words: str, number: str = "1", country: str = "Iraq", **more: Any
) -> dict[str, Any]:
    line = f"- Near {place}, {words}"
    description = words.partition(" ")[2]
    return {
        "date": day, "country": country, "location": place, "number": number, "description": description,
        "line": line, **more,
    }  # fmt: skip


def test_release_date_is_not_the_strike_date(stage_rows: Any) -> None:
    staged = stage_rows("centcom", [row("02/10/2016", "Hit", "one strike destroyed a bridge.")])[0]
    assert (staged["date_start"], staged["date_end"]) == (date(2016, 2, 9), date(2016, 2, 10))
    assert staged["date_precision"] == 2
    assert "release of 02/10/2016" in staged["date_precision_source"]


def test_days_without_release_are_covered_by_the_next_release(stage_rows: Any) -> None:
    silent = {date.fromisoformat(r["date"]) for r in read_table("oir_days_without_release")}
    assert len([d for d in silent if date(2014, 12, 19) <= d <= date(2016, 10, 17)]) == 99
    # the longest silence ended on 24 September 2015
    staged = stage_rows("centcom", [row("09/24/2015", "Hit", "one strike destroyed a bridge.")])[0]
    assert staged["date_end"] - staged["date_start"] == timedelta(days=8)
    assert staged["date_precision"] == 4


def test_dates_do_not_depend_on_the_other_rows_of_the_file(stage_rows: Any) -> None:
    late, early = (
        row("10/10/2016", "Hit", "one strike hit a van."),
        row("10/01/2016", "Hit", "one strike hit a car."),
    )
    alone = stage_rows("centcom", [late])[0]["date_start"]
    assert stage_rows("centcom", [early, late])[1]["date_start"] == alone


def test_beyond_the_known_days_the_file_tells_the_release_before(stage_rows: Any) -> None:
    rows = [row(d, "Hit", "one strike hit a van.") for d in ("03/01/2018", "03/04/2018", "05/01/2018")]
    starts = [r["date_start"] for r in stage_rows("centcom", rows)]
    assert starts == [date(2018, 2, 28), date(2018, 3, 1), date(2018, 4, 30)]


def test_unknown_country_rows_hold_many_places(stage_rows: Any) -> None:
    line = (
        "In Iraq, eight airstrikes near Mosul destroyed two vehicles. "
        "Near Hit, an airstrike struck a tunnel. "
        "Another airstrike north of Ramadi damaged a bridge. All aircraft departed the strike areas safely."
    )
    given_row = {
        "date": "12/17/2014", "country": "Unknown", "location": "Iraq", "number": "8",
        "description": line.partition(", ")[2], "line": line,
    }  # fmt: skip
    (staged,) = stage_rows("centcom", [given_row])
    assert (staged["place"], staged["adm0"], staged["geo_precision"]) == (None, "IRQ", 6)
    assert staged["geo_precision_source"] == "several places in one paragraph: Mosul, Hit, Ramadi"
    assert staged["strikes"] == 10 and staged["targets"] == 4
    assert staged["repairs"] == "number 8 -> 10, as in the words of the line"
    assert staged["lat"] is None and staged["lon"] is None


def test_unknown_country_row_with_a_single_place_keeps_it(stage_rows: Any) -> None:
    line = "In Syria, 14 airstrikes near Kobani destroyed a vehicle. Those airstrikes also struck a bunker."
    given_row = {
        "date": "12/03/2014",
        "country": "Unknown",
        "location": "Syria",
        "number": "14",
        "line": line,
    }
    (staged,) = stage_rows("centcom", [given_row])
    assert (staged["place"], staged["adm0"], staged["strikes"]) == ("Kobani", "SYR", 14)


def test_paragraph_on_two_countries_has_neither(stage_rows: Any) -> None:
    line = "In Syria, two airstrikes near Kobani hit a van. In Iraq, one airstrike near Bayji hit a van."
    given_row = {"date": "11/03/2014", "country": "Unknown", "location": "Syria", "number": "2", "line": line}
    (staged,) = stage_rows("centcom", [given_row])
    assert (staged["place"], staged["adm0"], staged["geo_precision"], staged["strikes"]) == (None, None, 7, 3)


def test_tikrit_iraq_as_a_country(stage_rows: Any) -> None:
    (staged,) = stage_rows(
        "centcom", [row("03/26/2015", "Tikrit", "17 airstrikes hit a van.", "17", "Tikrit, Iraq")]
    )
    assert (staged["place"], staged["adm0"], staged["strikes"]) == ("Tikrit", "IRQ", 17)
    assert "country 'Tikrit, Iraq' -> IRQ" in staged["repairs"]


def test_curly_apostrophe_of_mara(stage_rows: Any) -> None:
    rows = [row("02/10/2016", name, "one strike hit a van.", country="Syria") for name in ("Mar’a", "Mar'a")]
    curly, straight = stage_rows("centcom", rows)
    assert curly["place"] == straight["place"] == "Mar'a"


@pytest.mark.parametrize(
    ("variants", "place"),
    [
        (("Ar Raqqah", "Raqqa", "Al Raqqah"), "Raqqa"),
        (("Baghdadi", "Al Baghdadi", "Near Al Baghdadi"), "Al Baghdadi"),
        (("Dayz Ar Awr", "Dayr az Zawr", " Dayr Az Zawr"), "Dayr Az Zawr"),
    ],
)
def test_spelling_variants_become_one_place(stage_rows: Any, variants: tuple[str, ...], place: str) -> None:
    rows = [row("02/10/2016", name, "one strike hit a van.") for name in variants]
    assert {r["place"] for r in stage_rows("centcom", rows)} == {place}


def test_a_place_filed_under_the_wrong_country_is_mended(stage_rows: Any) -> None:
    (staged,) = stage_rows(
        "centcom", [row("02/10/2016", "Ar Raqqah", "one strike hit a van.", country="Iraq")]
    )
    assert staged["adm0"] == "SYR" and staged["repairs"] == "country 'Iraq' -> SYR: Raqqa lies there"


def test_near_a_place_is_not_in_it(stage_rows: Any) -> None:
    inside = row("03/26/2015", "Tikrit", "one airstrike hit a van.")
    inside["line"] = inside["line"].replace("Near", "In")
    near, within = stage_rows("centcom", [row("03/26/2015", "Tikrit", "one airstrike hit a van."), inside])
    assert (near["geo_precision"], near["geo_precision_source"]) == (2, "near Tikrit, as released")
    assert (within["geo_precision"], within["geo_precision_source"]) == (None, "in Tikrit, as released")


def test_repeated_date_place_and_line_rows_are_kept_apart(stage_rows: Any) -> None:
    same = row("06/30/2015", "Ar Raqqah", "one airstrike struck an excavator.", country="Syria")
    first, second = stage_rows("centcom", [same, same])
    assert first["event_id"].endswith("#1") and second["event_id"] == first["event_id"][:-1] + "2"


def test_the_same_line_in_both_files_is_one_event(stage_rows: Any) -> None:
    plain = row("10/17/2016", "Ar Raqqah", "one strike destroyed two pumps.", country="Syria")
    edited = {
        **plain,
        "location": "Raqqa",
        "manually_edited": None,
        "line": plain["line"].replace("- ", "-  "),
    }
    (a,), (b,) = stage_rows("centcom", [plain]), stage_rows("centcom", [edited])
    assert a["event_id"] == b["event_id"] and a["place"] == b["place"]
    assert LAYOUT.rank([*edited]) > LAYOUT.rank([*plain]), "the edited file is the richer one"


def test_row_order_does_not_change_ids(stage_rows: Any) -> None:
    line = "- Near Hit, one strike hit a van. Near Mosul, seven strikes hit three vans."
    rows = [
        {
            "date": "09/23/2016",
            "country": "Iraq",
            "location": p,
            "number": n,
            "manually_edited": "TRUE",
            "line": line,
        }
        for p, n in (("Hit", "1"), ("Mosul", "7"))
    ]
    ids = {r["place"]: (r["event_id"], r["strikes"]) for r in stage_rows("centcom", rows)}
    assert ids == {r["place"]: (r["event_id"], r["strikes"]) for r in stage_rows("centcom", rows[::-1])}
    assert [n for _, n in ids.values()] == [1, 7]
    assert ids["Hit"][0].endswith("#1")


def test_blank_text_columns_keep_number_and_place(stage_rows: Any) -> None:
    blank = {"date": "10/16/2016", "country": "Syria", "location": "Raqqa", "number": "4", "line": None}
    (staged,) = stage_rows("centcom", [blank])
    assert (staged["strikes"], staged["targets"], staged["source_text"]) == (4, None, None)
    assert staged["reject_reason"] is None and staged["confidence"] == "moderate"


def test_two_places_in_one_line_have_no_point(stage_rows: Any) -> None:
    blank = {
        "date": "11/21/2015",
        "country": "Syria",
        "location": "Al Hasakah and Dayr Az Zawr",
        "number": "1",
        "line": None,
    }
    (staged,) = stage_rows("centcom", [blank])
    assert staged["place"] is None and staged["geo_precision"] == 5


def test_a_date_of_another_form_is_rejected_with_its_text(stage_rows: Any) -> None:
    (staged,) = stage_rows("centcom", [row("17th October", "Hit", "one strike hit a van.")])
    assert staged["reject_reason"] == "release date '17th October' is not of the form 10/17/2016"


def test_the_definition_of_a_strike_is_not_counted() -> None:
    text = (
        "Near Hit, two strikes hit a van. A strike, as defined in the releases, means events; is one strike."
    )
    assert strike_count(text) == 2


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("strike destroyed six oil tanker trucks and an oil pump jack.", 7),
        (
            "strikes engaged two units and destroyed a command and control node, three rails, and a bunker.",
            7,
        ),
        (
            "airstrike struck a large ISIL unit; destroyed 12 vehicles; and suppressed three mortar systems.",
            16,
        ),
        ("strike destroyed a vehicle borne improvised explosive device (VBIED) and another vehicle.", 2),
        ("strikes destroyed a van and denied ISIL access to terrain.", 1),
        ("strikes struck ISIL fighters and destroyed a vehicle.", None),
        ("strike destroyed several ISIL buildings.", None),
        ("strike destroyed two vans and ISIL equipment.", None),
        ("strike produced inconclusive results.", None),
    ],
)
def test_targets_are_another_count_than_strikes(text: str, targets: int | None) -> None:
    assert target_count(text) == targets


@given(st.lists(st.integers(1, 99), min_size=1, max_size=5))
def test_number_words_add_up(counts: list[int]) -> None:
    text = " ".join(f"Near Place, {_words(n)} airstrike{'s' * (n > 1)} destroyed a van." for n in counts)
    assert strike_count(text) == sum(counts)
    assert [number_word(_words(n)) for n in counts] == counts


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    read = read_release(text, "Hit", None)
    assert read.strikes is None or read.strikes >= 0


def _words(n: int) -> str:
    units = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]  # fmt: skip
    tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    if n < 20:
        return units[n]
    return tens[n // 10] + (f"-{units[n % 10]}" if n % 10 else "")


def test_real_refined_file_adds_up(shared: Path, stage_file: Any) -> None:
    staged = stage_file("centcom", shared / FOLDER / "all-edited-refined.csv")
    assert len(staged) == len({r["event_id"] for r in staged}) == 5531
    assert sum(r["strikes"] for r in staged) == 12_241
    assert not [r for r in staged if r["reject_reason"]]
    assert Counter(r["adm0"] for r in staged) == {"IRQ": 3915, "SYR": 1616}
    assert {r["date_precision"] for r in staged} == {2, 3, 4}


def test_real_files_overlap_without_doubling(shared: Path, stage_file: Any) -> None:
    plain = {r["event_id"]: r for r in stage_file("centcom", shared / FOLDER / "all.csv")}
    edited = {r["event_id"]: r for r in stage_file("centcom", shared / FOLDER / "all-edited-refined.csv")}
    both = plain.keys() & edited.keys()
    assert len(plain) == 4127 and len(both) == 4050
    same = [
        k
        for k in both
        if plain[k]["strikes"] == edited[k]["strikes"] and plain[k]["date_start"] == edited[k]["date_start"]
    ]
    assert len(same) == len(both)
    # only in the plain file: the time before the edited one begins, and two lines it moved to their day
    later = [plain[k]["date_end"] for k in plain.keys() - both if plain[k]["date_end"] >= date(2014, 12, 19)]
    assert later == [date(2015, 11, 23)] * 2


def test_real_unknown_rows_are_read_by_their_words(shared: Path, stage_file: Any) -> None:
    staged = [
        r
        for r in stage_file("centcom", shared / FOLDER / "all.csv")
        if "paragraph" in r["geo_precision_source"]
    ]
    assert len(staged) == 75
    assert sum(r["strikes"] for r in staged) == 815
