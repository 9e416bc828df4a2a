"""Counts of people harmed in English: who, how many, and what a count is a part of."""

from __future__ import annotations

import pytest

from afterstrike.reading._harm import Harm, find_harms
from afterstrike.reading._people import find_people, who_of


def told(text: str) -> list[tuple[str, float | None, float | None, float | None, str, bool]]:
    return [(h.outcome, h.value, h.low, h.high, h.who, h.is_part) for h in find_harms(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two civilians were killed.", [("killed", 2, 2, 2, "civilian", False)]),
        ("The raid killed twelve soldiers.", [("killed", 12, 12, 12, "combatant", False)]),
        ("A man was killed.", [("killed", 1, 1, 1, "unknown", False)]),
        ("A father and his four sons were killed.", [("killed", 5, 5, 5, "civilian", False)]),
        ("At least six people died.", [("killed", 6, 6, None, "unknown", False)]),
        ("Up to nine residents were killed.", [("killed", 9, None, 9, "civilian", False)]),
        ("between 13 and 15 members of one family were killed", [("killed", None, 13, 15, "unknown", False)]),
        ("Shelling killed two women, a boy and three men.", [("killed", 6, 6, 6, "civilian", False)]),
        (
            "The blast left 12 dead and 30 wounded.",
            [("killed", 12, 12, 12, "unknown", False), ("injured", 30, 30, 30, "unknown", False)],
        ),
        ("Some 20 people were killed or wounded.", [("killed_or_injured", 20, None, None, "unknown", False)]),
        ("At least 15 and up to 25 civilians were killed.", [("killed", None, 15, 25, "civilian", False)]),
        ("Dozens of villagers were injured.", [("injured", None, 24, None, "civilian", False)]),
        ("the death of three nurses", [("killed", 3, 3, 3, "civilian", False)]),
        ("Gunmen abducted five teachers.", [("detained", 5, 5, 5, "civilian", False)]),
    ],
)
def test_counts(text: str, expected: list[tuple[object, ...]]) -> None:
    assert told(text) == expected


def test_some_of_a_count_are_parts_of_it() -> None:
    found = told("Six people, including two children and a nurse, were killed and others were hurt.")
    assert found == [
        ("killed", 6, 6, 6, "unknown", False),
        ("killed", 2, 2, 2, "civilian", True),
        ("killed", 1, 1, 1, "civilian", True),
        ("injured", None, 2, None, "unknown", False),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wounding 14 workers, three of them seriously", [("injured", 14, False), ("injured", 3, True)]),
        ("five farmers were among the dead", [("killed", 5, True)]),
        ("a bomber killed himself and 12 worshippers", [("killed", 12, False)]),
        ("The army denied that any civilians were killed.", []),
    ],
)
def test_some_of_a_count_and_no_count(text: str, expected: list[tuple[object, ...]]) -> None:
    assert [(outcome, value, is_part) for outcome, value, _, _, _, is_part in told(text)] == expected


def test_people_in_apposition_are_not_counted_twice() -> None:
    assert told("Two people, a husband and wife, were killed.")[0][:2] == ("killed", 2)
    assert told("Three women, a boy and a girl were killed.")[0][:2] == ("killed", 5)


def test_both_sides_of_a_fight_stay_apart() -> None:
    found = told("The clash killed 12 soldiers and three civilians.")
    assert [(value, who) for _, value, _, _, who, _ in found] == [(12, "combatant"), (3, "civilian")]


@pytest.mark.parametrize(
    "text",
    [
        "A driver aged 34 spoke to medics.",
        "The 19-year-old works at the mill.",
        "Three houses burned and 40 sheep were lost.",
        "About 50,000 people live in the town.",
        "He has served for 12 years.",
    ],
)
def test_ages_houses_and_inhabitants_are_nobody_harmed(text: str) -> None:
    assert told(text) == []


def test_nobody_harmed_is_a_count_of_none_and_silence_is_none_at_all() -> None:
    (none,) = find_harms("No civilians were killed.")
    assert (none.is_none, none.low, none.high) == (True, 0, 0)
    assert find_harms("A strike hit the bridge.") == ()


@pytest.mark.parametrize(
    ("text", "is_total"),
    [
        ("Since 2014 the war has killed 900 people.", True),
        ("Nine more died, bringing the toll to 90 dead.", True),
        ("Nine people were killed on Monday.", False),
    ],
)
def test_running_totals(text: str, is_total: bool) -> None:
    assert all(h.cumulative == is_total for h in find_harms(text)) and find_harms(text)


def test_people_given_by_name_are_counted_without_their_names() -> None:
    text = "Firstname Lastname (39 years old) was killed, with two of her sons."
    (harm,) = find_harms(text)
    assert (harm.value, text[harm.start : harm.end]) == (3, "two")
    text = "Firstname Lastname was killed."
    (harm,) = find_harms(text)
    assert harm.is_named and text[harm.start : harm.end] == "killed"


def test_spans_are_of_the_words_that_count() -> None:
    text = "On Friday the raid killed at least 14 farmers near the river."
    harm: Harm = find_harms(text)[0]
    assert text[harm.start : harm.end] == "14 farmers"
    assert text[slice(*harm.trigger)] == "killed"


def test_who() -> None:
    assert who_of("armed men") == "combatant"
    assert who_of("civilian members of the brigade") == "civilian"
    assert who_of("people") == "unknown"
    assert [p.value for p in find_people("a family of five and an elderly couple", 0, 38)] == [5, 2]


@pytest.mark.parametrize(
    "text",
    [
        "30,000 people have died since the war began.",
        "Since October, 1,200 civilians were killed in Homs.",
        "Some 300 people have died in Homs since fighting broke out.",
        "At least 90 people were killed in Homs since the coup.",
    ],
)
def test_what_died_since_a_month_or_a_beginning_is_a_running_total(text: str) -> None:
    assert [h.cumulative for h in find_harms(text)] == [True]


def test_what_died_since_the_strike_is_of_the_strike() -> None:
    assert [h.cumulative for h in find_harms("At least 12 people have died since the strike.")] == [False]
