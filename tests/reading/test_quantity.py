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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("between six and eight houses", [("six and eight", None, 6, 8, "houses")]),
        ("twenty-three boats", [("twenty-three", 23, 23, 23, "boats")]),
        (
            "a hundred and fifty thousand tents",
            [("a hundred and fifty thousand", 150_000, 150_000, 150_000, "tents")],
        ),
        ("1,700 500-pound bombs", [("1,700", 1700, 1700, 1700, "bombs"), ("500", 500, 500, 500, "pounds")]),
        ("two dozen 107mm rockets", [("two dozen", 24, 24, 24, "rockets")]),
        ("Seventeen (17) rebels fled", [("Seventeen", 17, 17, 17, "rebels")]),
        ("Two U.S. citizens", [("Two", 2, 2, 2, "citizens")]),
        ("14 soldiers dead", [("14", 14, 14, 14, "soldiers")]),
        ("weighing 250 kgs", [("250", 250, 250, 250, "kg")]),
        ("covers 15,000 square metres", [("15,000", 15000, 15000, 15000, "sq m")]),
        ("spread over 13,000 sq km", [("13,000", 13000, 13000, 13000, "sq km")]),
        ("12 nautical miles", [("12", 12, 12, 12, "nautical miles")]),
        ("40 metric tons of wheat", [("40", 40, 40, 40, "tonnes")]),
        ("12 women and children", [("12", 12, 12, 12, "people")]),
        ("300 drones and missiles.", [("300", 300, 300, 300, "drones and missiles")]),
        ("80 people and injured over 200", [("80", 80, 80, 80, "people"), ("200", 200, 200, None, "people")]),
        ("75 rocket and grenade launchers", [("75", 75, 75, 75, "launchers")]),
        ("30 Hamas and Islamic Jihad militants", [("30", 30, 30, 30, "militants")]),
        (
            "rose from 1,240 to 1,711 incidents",
            [("1,240", 1240, 1240, 1240, "incidents"), ("1,711", 1711, 1711, 1711, "incidents")],
        ),
        ("from 5 to 10 boats", [("5 to 10", None, 5, 10, "boats")]),
        (
            "9 attacks, compared with 14 a week before",
            [("9", 9, 9, 9, "attacks"), ("14", 14, 14, 14, "attacks")],
        ),
        ("16 raids, up from 11", [("16", 16, 16, 16, "raids"), ("11", 11, 11, 11, "raids")]),
        ("Of the 43 rockets, 29 were seen", [("43", 43, 43, 43, "rockets"), ("29", 29, 29, 29, "rockets")]),
        ("Twenty of his 30 guards fled", [("Twenty", 20, 20, 20, "guards"), ("30", 30, 30, 30, "guards")]),
        ("40 people, six of them children", [("40", 40, 40, 40, "people"), ("six", 6, 6, 6, "children")]),
        ("Twenty-three are still in hospital", [("Twenty-three", 23, 23, 23, "people")]),
        ("Sixteen remain missing", [("Sixteen", 16, 16, 16, "people")]),
        ("dozens were trampled", [("dozens", None, 24, None, "people")]),
        ("killed or wounded about 30", [("30", 30, None, None, "people")]),
        ("the camp (pop. approx. 24,000)", [("24,000", 24000, None, None, "people")]),
        ("the number fell by half", [("by half", 50, None, None, "percent")]),
    ],
)
def test_quantities_of_other_writers(text: str, expected: list[tuple[str, float, float, float, str]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "call +254 20 272 1100 or 0800-220-555",
        "call toll free 1-888-234-1294",
        "Tel: 555 0142",
        "in the first half of 2023",
        "Forty were shot down",
    ],
)
def test_codes_and_parts_of_years_are_no_quantities(text: str) -> None:
    assert read(text) == []


def test_a_headline_does_not_count_its_own_parts() -> None:
    assert find_quantities("Five lessons from the war", labels=False) == []
    assert find_quantities("Five raids in one night", labels=False)[0].unit == "raids"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Losses fell in the first half of 2024.", []),
        ("Losses fell in the opening half of 2024.", []),
        ("Losses fell in half of 2024.", []),
        ("A quarter of the year had passed.", []),
        ("Losses rose over a third of last month.", []),
        ("Half of 2,000 men fled.", [50, 2000]),
        ("A quarter of the fighters fled.", [25]),
        ("Half of the year's 40 raids failed.", [50, 40]),
    ],
)
def test_a_part_of_a_period_is_no_share(text: str, values: list[float]) -> None:
    skip = [(d.start, d.end) for d in find_dates(text)]
    assert [q.value for q in find_quantities(text, skip=skip)] == values
