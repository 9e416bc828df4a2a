"""Lines of a scenario: what they mean day by day, and what is refused, all at once."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.containment import load_scenario, scenarios
from afterstrike.containment._layout import (
    CAMP_LEVERS,
    CUSTODY_LEVERS,
    SEAM_LEVERS,
    ZONE_LEVERS,
    Levers,
)
from afterstrike.containment._scenario import Scenario
from afterstrike.containment._scenario_grammar import LEVERS, read_change, read_changes
from afterstrike.containment._world import World, load_world
from afterstrike.errors import UsageError

START = date(2026, 2, 14)


@pytest.fixture(scope="module")
def world() -> World:
    return load_world("feb2026")


def made(*lines: str, name: str = "own") -> Scenario:
    changes, faults = read_changes(lines)
    assert not faults, faults
    return Scenario(name, changes=changes)


def levers(world: World, *lines: str, steps: int = 365, step_days: float = 1.0) -> Levers:
    return made(*lines).levers(world, START, steps, step_days)


def zone(levers: Levers, lever: str, at: int) -> np.ndarray:
    return np.asarray(levers.zone[:, at, ZONE_LEVERS.index(lever)])


def custody(levers: Levers, lever: str, at: int) -> np.ndarray:
    return np.asarray(levers.custody[:, at, CUSTODY_LEVERS.index(lever)])


# ---- the grammar


def test_every_lever_of_the_model_can_be_written() -> None:
    assert set(LEVERS) == {*ZONE_LEVERS, *CUSTODY_LEVERS, *CAMP_LEVERS, *SEAM_LEVERS, "transfer", "campaign"}


@pytest.mark.parametrize(
    ("line", "first", "last", "lever", "op", "value", "place", "towards"),
    [
        ("2026-06-01..2026-12-31 coordination = 1 at a/b", "2026-06-01", "2026-12-31", "coordination", "=", 1, "a/b", ""),
        ("start transfer = 100 from a to b", "start", None, "transfer", "=", 100, "a", "b"),
        ("start repatriation = 50 at a", "start", None, "repatriation", "=", 50, "a", ""),
        ("start strikes x 0", "start", None, "strikes", "x", 0, "", ""),
        ("start campaign = on", "start", None, "campaign", "=", 1, "", ""),
        ("start campaign = chance", "start", None, "campaign", "=", -1, "", ""),
        ("start+90d..start+120d guard + 0.5", "start+90d", "start+120d", "guard", "+", 0.5, "", ""),
        ("  start   guard   -   0.5  ", "start", None, "guard", "-", 0.5, "", ""),
        ("2026-06-01 handover = on at a", "2026-06-01", None, "handover", "=", 1, "a", ""),
    ],
)  # fmt: skip
def test_a_line_is_read(
    line: str, first: str, last: str | None, lever: str, op: str, value: float, place: str, towards: str
) -> None:
    change = read_change(line)
    assert (str(change.first), str(change.last) if change.last else None) == (first, last)
    assert (change.lever, change.op, change.value, change.place, change.towards) == (
        lever, op, value, place, towards,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("start strike x 0", "did you mean strikes?"),
        ("start strikes", "FROM[..UNTIL] LEVER OP VALUE"),
        ("", "FROM[..UNTIL] LEVER OP VALUE"),
        ("start strikes * 2", "allowed = (set), x (multiply)"),
        ("start strikes x many", "'many' is no value of strikes; allowed a number"),
        ("start strikes x -1", "no number from 0"),
        ("start strikes x nan", "no number from 0"),
        ("start strikes x inf", "no number from 0"),
        ("2026-13-01 strikes x 0", "'2026-13-01' is no day"),
        ("begin strikes x 0", "'begin' is no day"),
        ("start+999999999d strikes x 0", "is no day"),
        ("2026-06-01..2026-05-31 strikes x 0", "ends before it begins"),
        ("start+9d..start+8d strikes x 0", "ends before it begins"),
        ("start coordination = 1.2", "coordination would be 1.2; allowed 0 to 1"),
        ("start coordination + 0.1", "can only be set"),
        ("start campaign x 2", "can only be set"),
        ("start campaign = 1", "allowed on, off, chance"),
        ("start campaign = on at iraq", "leave the place out"),
        ("start handover = 0.5 at iraq", "allowed on, off"),
        ("start transfer = 251 from a to b", "transfer would be 251; allowed 0 to 250"),
        ("start transfer = 100", "from SYSTEM to SYSTEM"),
        ("start transfer = 100 at a", "from SYSTEM to SYSTEM"),
        ("start transfer = 100 from a to a", "moves nobody"),
        ("start repatriation = 1000", "about 248 a day"),
        ("start strikes x 0 in iraq", "a place is written `at PLACE`"),
        ("start strikes x 0 at iraq and more", "a place is written `at PLACE`"),
        ("start command = 1.5", "command would be 1.5; allowed 0 to 1"),
    ],
)
def test_a_wrong_line_says_what_is_wrong(line: str, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_change(line)
    assert words in str(caught.value)


PARTS = st.sampled_from(
    ["start", "start+9d", "2026-06-01", "..", "strikes", "transfer", "coordination", "=", "x", "+", "0.5", "-1", "on",
     "at", "from", "to", "iraq", "a/b", "9" * 400, "١"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PARTS).map(" ".join), st.lists(PARTS).map("".join)))
def test_any_text_is_a_change_or_told_to_be_none(text: str) -> None:
    try:
        change = read_change(text)
    except ValueError as problem:
        assert str(problem)
    else:
        assert change.lever in LEVERS and np.isfinite(change.value)
        again = read_change(change.text)
        assert again == change


def test_all_faults_of_all_lines_come_together() -> None:
    changes, faults = read_changes(["start strike x 0", "start guard = 1", "later missions = some"])
    assert len(changes) == 1
    assert len(faults) == 2
    assert "change 1, 'start strike x 0'" in faults[0]
    assert "'later' is no day" in faults[1] and "'some' is no value" in faults[1]
    assert "change 1 is 5" in read_changes([5])[1][0]


# ---- what lines mean


def test_no_line_changes_nothing(world: World) -> None:
    neutral = Levers.neutral(365, zones=4, systems=2, camps=2, seams=5)
    found = levers(world)
    for name in ("zone", "custody", "camp", "coordination", "transfers", "campaign"):
        np.testing.assert_array_equal(getattr(found, name), getattr(neutral, name))


def test_dates_are_inclusive_and_places_apart(world: World) -> None:
    found = zone(levers(world, "2026-03-01..2026-03-31 strikes x 0.5 at iraq"), "strikes", 3)
    first = (date(2026, 3, 1) - START).days
    assert found[first - 1] == 1 and (found[first : first + 31] == 0.5).all() and found[first + 31] == 1
    assert (zone(levers(world, "start strikes x 0.5 at iraq"), "strikes", 0) == 1).all()


def test_lines_add_up_in_any_order(world: World) -> None:
    lines = [
        "start missions = 2",
        "start missions x 3 at iraq",
        "start missions + 0.5",
        "start missions - 0.25",
    ]
    there, back = levers(world, *lines), levers(world, *reversed(lines))
    np.testing.assert_array_equal(there.zone, back.zone)
    assert (zone(there, "missions", 3) == 6.25).all() and (zone(there, "missions", 0) == 2.25).all()


def test_a_set_value_keeps_its_fraction(world: World) -> None:
    found = levers(
        world, "start missions = 0.4 at iraq", "start guard = 1.5", "start repatriation = 0.5 at iraq"
    )
    assert (zone(found, "missions", 3) == 0.4).all()
    assert (custody(found, "guard", 0) == 1.5).all() and (custody(found, "repatriation", 1) == 0.5).all()


def test_a_line_for_a_place_goes_before_one_for_all(world: World) -> None:
    found = levers(world, "start coordination = 0.2 at ne_syria/iraq", "start coordination = 1")
    assert found.coordination[0].tolist() == [1, 1, 1, 0.2, 1]


def test_a_seam_may_be_named_from_either_side(world: World) -> None:
    found = levers(world, "start coordination = 0.3 at iraq/ne_syria")
    assert found.coordination[0, 3] == 0.3 and np.isnan(found.coordination[0, 0])


def test_transfers_camps_campaign_and_handover(world: World) -> None:
    found = levers(
        world,
        "start..start+9d transfer = 100 from ne_syria to iraq",
        "start+10d returns x 3 at roj",
        "start+10d campaign = on",
        "start..start+4d handover = on at ne_syria",
    )
    assert found.transfers[:, 0, 1].tolist() == [100.0] * 10 + [0.0] * 355
    assert (found.transfers[:, 1, 0] == 0).all()
    assert (found.camp[10:, 1, 0] == 3).all() and (found.camp[:, 0, 0] == 1).all()
    assert found.campaign.dtype == np.int8 and found.campaign[9] == -1 and found.campaign[10] == 1
    assert custody(found, "handover", 0).sum() == 5


def test_a_loss_of_command_is_of_its_day_alone(world: World) -> None:
    found = zone(levers(world, "start+5d command = 0.3 at iraq"), "command", 3)
    assert np.flatnonzero(found).tolist() == [5] and found[5] == pytest.approx(0.3)
    half = zone(levers(world, "start+5d command = 0.3 at iraq", steps=100, step_days=0.5), "command", 3)
    assert np.flatnonzero(half).tolist() == [10] and half[10] == pytest.approx(0.3)
    weeks = zone(levers(world, "start+7d..start+8d command = 0.5", steps=10, step_days=7.0), "command", 0)
    assert np.flatnonzero(weeks).tolist() == [1] and weeks[1] == pytest.approx(0.75)


def test_a_finer_step_sees_the_same_days(world: World) -> None:
    line = "2026-03-01..2026-03-31 strikes x 0.5"
    day = levers(world, line, steps=100).zone
    third = levers(world, line, steps=300, step_days=1 / 3).zone
    np.testing.assert_array_equal(np.repeat(day, 3, axis=0), third)


# ---- what is refused


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["start strikes x 0 at irak"], "did you mean iraq?"),
        (["start guard = 2 at central_desert"], "acts on custody systems, and the world feb2026 has none"),
        (["start transfer = 9 from ne_syria to irq"], "did you mean iraq?"),
        (["start coordination = 1 at iraq/rest_of_syria"], "acts on seams"),
        (["2025-01-01 strikes x 0"], "before the run does"),
        (["2030-01-01 strikes x 0"], "after the run has ended"),
        (["2025-01-01..2025-02-01 strikes x 0"], "before the run begins"),
        (["start+10d..2026-02-15 strikes x 0"], "before it begins on 2026-02-24"),
        (["start guard = 2", "start+30d..start+40d guard = 3"], "set guard to different values from 2026-03-16 to 2026-03-26"),
        (["start transfer = 9 from ne_syria to iraq", "start transfer = 8 from ne_syria to iraq"], "different values"),
        (["start campaign = on", "start campaign = off"], "different values"),
        (["start coordination = 1 at iraq/ne_syria", "start coordination = 0 at ne_syria/iraq"], "different values"),
        (["start repatriation = 200", "start repatriation + 100 at iraq"], "repatriation would be 300; allowed 0 to 250"),
        (["start guard - 2"], "guard would be -1; allowed 0 to 5"),
        (["start repatriation x 2"], "0 times anything is 0"),
    ],
)  # fmt: skip
def test_contradictions_and_places_and_days_are_refused(world: World, lines: list[str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        levers(world, *lines)
    assert words in str(caught.value)


def test_every_fault_is_told_at_once(world: World) -> None:
    with pytest.raises(UsageError) as caught:
        levers(
            world,
            "start strikes x 0 at irak",
            "2030-01-01 missions x 0",
            "start guard = 1",
            "start guard = 2",
        )
    told = str(caught.value)
    assert "irak" in told and "2030-01-01" in told and "set guard to different values" in told


def test_what_is_no_contradiction(world: World) -> None:
    levers(
        world, "start guard = 2", "start guard = 2", "start..start+9d missions = 1", "start+10d missions = 2"
    )
    levers(world, "start guard = 2 at iraq", "start guard = 3 at ne_syria")


def test_the_last_day_may_lie_past_the_run(world: World) -> None:
    found = zone(levers(world, "start+360d..2040-01-01 strikes x 0"), "strikes", 0)
    assert found[359] == 1 and (found[360:] == 0).all()


def test_more_moved_than_ever_is_said(world: World) -> None:
    assert made("start repatriation = 200").warnings(world, START, 30) == [
        "repatriation: up to 400 persons a day over all places together; the most on record is about 248 a day, by "
        "air, over 23 days of early 2026"
    ]
    assert not made("start repatriation = 50").warnings(world, START, 30)


# ---- files and presets


@pytest.mark.parametrize("name", ["strikes_only", "repatriate", "coordinate", "all", "withdraw"])
@pytest.mark.parametrize("other", ["article", "mid2024", "feb2026"])
def test_general_presets_run_on_every_world(name: str, other: str) -> None:
    known = load_world(other)
    one = load_scenario(name)
    assert one.title and one.note and one.assumptions and not one.worlds
    one.levers(known, known.as_of + timedelta(days=1), 1000)


def test_presets_of_a_world_say_which(world: World) -> None:
    assert set(scenarios()) == {
        "strikes_only",
        "repatriate",
        "coordinate",
        "all",
        "withdraw",
        "article",
        "feb2026",
    }
    load_scenario("feb2026").levers(world, START, 400)
    load_scenario("article").levers(load_world("article"), date(2024, 12, 8), 400)
    with pytest.raises(UsageError, match=r"places of the world feb2026\).*did you mean al_hol_roj"):
        load_scenario("feb2026").levers(load_world("mid2024"), date(2024, 7, 18), 1000)


def test_presets_do_what_they_say(world: World) -> None:
    found = load_scenario("all").levers(world, START, 10)
    assert (found.coordination == 1).all()
    assert (custody(found, "repatriation", 0) == 50).all() and (custody(found, "adjudication", 1) == 5).all()
    gone = load_scenario("withdraw").levers(world, START, 300)
    assert (zone(gone, "strikes", 0)[180:] == 0).all() and (zone(gone, "reactive", 0)[180:] == 0).all()
    assert (zone(gone, "strikes", 0)[:180] == 1).all()
    assert custody(gone, "handover", 0).sum() == 60


FILE = """
name = "own"
title = "Own"
note = "A note."
changes = ["start strikes x 0.5"]
assumptions = ["Something."]
"""


def test_a_file_of_ones_own(tmp_path: Path, world: World) -> None:
    path = tmp_path / "own.toml"
    path.write_text(FILE, encoding="utf-8")
    one = load_scenario(path)
    assert (one.name, one.source, one.lines) == ("own", "own.toml", ("start strikes x 0.5",))
    assert one.with_changes(["start guard = 2"]).name == "own, changed"
    assert one.with_changes([]) is one
    assert load_scenario(one) is one


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "Own"', "", "title is missing"),
        ('title = "Own"', 'titel = "Own"', "key 'titel': did you mean title?"),
        ('name = "own"', 'name = ""', "name is empty"),
        ('name = "own"', "name = 5", "name is 5; allowed text"),
        ('["Something."]', "[5]", "assumptions holds what is no text"),
        ('assumptions = ["Something."]', "", "assumptions is missing"),
        ("strikes x 0.5", "strike x 0.5", "did you mean strikes?"),
        ('changes = ["start strikes x 0.5"]', "changes = 1", "changes is 1; allowed a list"),
        ("note", "note = = ", "is no TOML file"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "own.toml"
    assert old in FILE
    path.write_text(FILE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_scenario(path)
    assert words in str(caught.value)


def test_faults_of_keys_and_of_lines_come_together(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('name = "own"\nchanges = ["start strike x 0"]\n', encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_scenario(path)
    told = str(caught.value)
    assert all(words in told for words in ("title is missing", "note is missing", "did you mean strikes?"))


def test_an_unknown_scenario_names_those_near() -> None:
    with pytest.raises(UsageError, match="did you mean repatriate"):
        load_scenario("repatriat")
    with pytest.raises(UsageError, match="no such file"):
        load_scenario("nowhere/own.toml")
