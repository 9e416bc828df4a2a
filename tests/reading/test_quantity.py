"""Numbers, their bounds, what they count, and what is no quantity."""

from __future__ import annotations

import pytest

from afterstrike.reading._date import find_dates
from afterstrike.reading._number import find_numbers, word_number
from afterstrike.reading._quantity import find_quantities


def read(text: str) -> list[tuple[str, float | None, float | None, float | None, str]]:
    skip = [(d.start, d.end) for d in find_dates(text) if not d.text.endswith("later")]
    return [(q.text, q.value, q.low, q.high, q.unit) for q in find_quantities(text, skip=skip)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14 specific locations", [("14", 14, 14, 14, "locations")]),
        ("at least 14 dead", [("14", 14, 14, None, "people")]),
        ("more than 9,000 rockets", [("9,000", 9000, 9000, None, "rockets")]),
        ("up to 200 fighters", [("200", 200, None, 200, "fighters")]),
        ("fewer than 20 sorties", [("20", 20, None, 20, "sorties")]),
        ("nearly 300 hostages", [("300", 300, None, None, "hostages")]),
        ("some 28,000 American troops", [("28,000", 28000, None, None, "troops")]),
        ("50 or more mortar rounds", [("50", 50, 50, None, "rounds")]),
        ("between 5 and 10 soldiers", [("5 and 10", None, 5, 10, "soldiers")]),
        ("10 to 15 rockets", [("10 to 15", None, 10, 15, "rockets")]),
        ("10-15 boats", [("10-15", None, 10, 15, "boats")]),
        ("3 to 4 million people", [("3 to 4 million", None, 3e6, 4e6, "people")]),
        ("dozens of villagers", [("dozens", None, 24, None, "villagers")]),
        ("hundreds of thousands of people", [("hundreds of thousands", None, 200_000, None, "people")]),
        ("a dozen jets", [("a dozen", 12, 12, 12, "jets")]),
        ("two and a half thousand families", [("two and a half thousand", 2500, 2500, 2500, "families")]),
        ("nine hundred guards", [("nine hundred", 900, 900, 900, "guards")]),
        ("1.5m people", [("1.5m", 1.5e6, 1.5e6, 1.5e6, "people")]),
        ("40 tons of grain", [("40", 40, 40, 40, "tons")]),
        ("a 40-ton load", [("40", 40, 40, 40, "tons")]),
        ("a 7,000-strong force", [("7,000", 7000, 7000, 7000, "people")]),
        ("a three-day truce", [("three", 3, 3, 3, "days")]),
        ("$1.2 billion in aid", [("$1.2 billion", 1.2e9, 1.2e9, 1.2e9, "USD")]),
        ("up to €5 million", [("€5 million", 5e6, None, 5e6, "EUR")]),
        ("50% of the town", [("50%", 50, 50, 50, "percent")]),
        ("40 per cent", [("40 per cent", 40, 40, 40, "percent")]),
        ("two-thirds of the town", [("two-thirds of", 66.7, None, None, "percent")]),
        ("less than half of the villages", [("half of", 50, None, 50, "percent")]),
        ("one in three schools", [("one in three", 33.3, None, None, "percent")]),
        ("a three-to-one majority", [("three-to-one", 3, 3, 3, "ratio")]),
        ("seven years later", [("seven", 7, 7, 7, "years")]),
        ("one airstrike was carried out", [("one", 1, 1, 1, "strikes")]),
        ("10,000 detained militia fighters", [("10,000", 10000, 10000, 10000, "fighters")]),
        ("killing 12 and wounding 30", [("12", 12, 12, 12, "people"), ("30", 30, 30, 30, "people")]),
        ("The toll rose to 45.", [("45", 45, 45, 45, "people")]),
        ("30 vans, 12 of them burnt", [("30", 30, 30, 30, "vans"), ("12", 12, 12, 12, "vans")]),
        ("One of the men died", [("One", 1, 1, 1, "men")]),
        ("between the two lie three years", [("three", 3, 3, 3, "years")]),
        ("It passed 9,000.", [("9,000", 9000, 9000, 9000, "")]),
        ("It leaves 1.2m without power", [("1.2m", 1.2e6, 1.2e6, 1.2e6, "")]),
        ("Fighters killed: at least 112", [("112", 112, 112, None, "fighters")]),
    ],
)
def test_quantities(text: str, expected: list[tuple[str, float, float, float, str]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "F-15E and MQ-9 aircraft, a Hellfire R9X and an S-300 battery",
        "bases like Tower 22 or the old field",
        "Resolution 2254 calls for talks",
        "in 2026, since March 2019, on 13/12/2025 and at 02:00 local time",
        "a 14-year-old boy, aged 7, and a man (34)",
        "the 2nd battalion and the 1st phase",
        "155mm shells and 7.62 mm rounds",
        "no one wants to answer, one of us said",
        "the two-state solution and a five-star general",
        "see [12] and section 4",
        "the 2017 attacks",
        "a 9-storey house",
        "call 555-123-4567 after 4 PM",
        "a 4-2 win; Lastname, 23, of Elsewhere",
        "it stands at 12 Mill Lane",
        "one retired planner likes to put it so",
    ],
)
def test_what_is_no_quantity(text: str) -> None:
    assert read(text) == []


def test_what_is_counted_carries_modifiers_complement_and_label() -> None:
    def about(text: str) -> list[str]:
        return [q.about for q in find_quantities(text)]

    assert about("900 allied troops quickly holding 3,000 captured rebel fighters in army-run prisons") == [
        "allied troops",
        "captured rebel fighters in army-run prisons",
    ]
    assert about("Targets Hit: 14 specific places in the northern desert.") == [
        "Targets Hit: specific places in the northern desert"
    ]
    assert about("six boats sank on Monday") == ["boats"]


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("billion-dollar jets over hundred-dollar huts", [True, True]),
        ("a ten-cent answer", [True]),
        ("a billion-dollar jet", [True]),
        ("a $3 million missile", [False]),
        ("a two-million-dollar drone", [False]),
        ("they paid ten dollars", [False]),
        ("death by a thousand cuts", [True]),
        ("a thousand tents", [False]),
    ],
)
def test_figures_of_speech(text: str, marks: list[bool]) -> None:
    assert [q.figure_of_speech for q in find_quantities(text)] == marks


def test_running_totals() -> None:
    def total(text: str) -> bool:
        return find_quantities(text)[0].cumulative

    assert total("They have flown 3,000 strikes since the war began.")
    assert total("The strikes bring the toll to 45 people.")
    assert not total("It killed 12 people, the deadliest raid since May.")
    assert not total("It killed 12 people.")


def test_words_and_scales() -> None:
    assert word_number("nine hundred and five") == 905
    assert word_number("three million two hundred thousand") == 3_200_000
    assert word_number("half a million") == 500_000
    assert word_number("lorry") is None
    assert [n.value for n in find_numbers("2bn, 3k, 4 dozen, 1 000 000")] == [2e9, 3e3, 48, 1e6]


def test_a_table_is_no_statement() -> None:
    assert find_quantities("12 men " * 60) == []
