"""Dates in many forms, resolved against the publication date and never further than the words go."""

from __future__ import annotations

from datetime import date

import pytest

from afterstrike.reading import read_document
from afterstrike.reading._date import find_dates

TUESDAY = date(2026, 1, 20)


@pytest.mark.parametrize(
    ("words", "found", "first", "last", "precision"),
    [
        ("on 2025-12-13", "2025-12-13", "2025-12-13", "2025-12-13", 1),
        ("on 13/12/2025", "13/12/2025", "2025-12-13", "2025-12-13", 1),
        ("on 12/13/2025", "12/13/2025", "2025-12-13", "2025-12-13", 1),
        ("on 13 Dec 2025", "13 Dec 2025", "2025-12-13", "2025-12-13", 1),
        ("on December 13th, 2025", "December 13th, 2025", "2025-12-13", "2025-12-13", 1),
        ("on Saturday, 13 December", "Saturday, 13 December", "2025-12-13", "2025-12-13", 1),
        ("on March 3-5, 2019", "March 3-5, 2019", "2019-03-03", "2019-03-05", 2),
        ("in February 2024", "February 2024", "2024-02-01", "2024-02-29", 4),
        ("in May", "May", "2025-05-01", "2025-05-31", 4),
        ("will meet in May", "May", "2026-05-01", "2026-05-31", 4),
        ("in 2027", "2027", "2027-01-01", "2027-12-31", 5),
        ("from 2014 to 2016", "2014 to 2016", "2014-01-01", "2016-12-31", 5),
        ("the summer of 2016", "the summer of 2016", "2016-06-01", "2016-08-31", 5),
        ("in Q3 2019", "Q3 2019", "2019-07-01", "2019-09-30", 5),
        ("in the 1990s", "1990s", "1990-01-01", "1999-12-31", 5),
        ("early 2019", "early 2019", "2019-01-01", "2019-04-30", 5),
        ("this morning", "this morning", "2026-01-20", "2026-01-20", 1),
        ("last night", "last night", "2026-01-19", "2026-01-19", 1),
        ("overnight", "overnight", "2026-01-19", "2026-01-20", 2),
        ("Today", "Today", "2026-01-20", "2026-01-20", 1),
        ("Last week", "Last week", "2026-01-12", "2026-01-18", 3),
        ("Two days ago", "Two days ago", "2026-01-18", "2026-01-18", 1),
        ("two days ago", "two days ago", "2026-01-18", "2026-01-18", 1),
        ("on Sunday", "Sunday", "2026-01-18", "2026-01-18", 1),
        ("on Tuesday", "Tuesday", "2026-01-20", "2026-01-20", 1),
        ("next Friday", "next Friday", "2026-01-23", "2026-01-23", 1),
        ("last week", "last week", "2026-01-12", "2026-01-18", 3),
        ("last month", "last month", "2025-12-01", "2025-12-31", 4),
        ("seven years ago", "seven years ago", "2019-01-01", "2019-12-31", 5),
        ("over the past three months", "over the past three months", "2025-10-21", "2026-01-20", 5),
    ],
)  # fmt: skip
def test_dates(words: str, found: str, first: str, last: str, precision: int) -> None:
    text = f"It happened {words}, they said."
    (mention,) = find_dates(text, published=TUESDAY)
    assert text[mention.start : mention.end] == mention.text
    assert mention.text.endswith(found)
    assert (mention.date_start, mention.date_end, mention.date_precision) == (first, last, precision)


@pytest.mark.parametrize(
    ("words", "time"),
    [
        ("at 02:00 local time", "02:00"),
        ("at 2 a.m. Damascus time", "02:00"),
        ("at 12:15 p.m.", "12:15"),
        ("at 12 am", "00:00"),
        ("at 0430 hours", "04:30"),
        ("at midnight", "00:00"),
    ],
)
def test_clock_times(words: str, time: str) -> None:
    (mention,) = find_dates(f"It fell {words} on the town.", published=TUESDAY)
    assert (mention.time, mention.date_start) == (time, None)


def test_relative_dates_state_the_assumption() -> None:
    (mention,) = find_dates("this morning", published=TUESDAY)
    assert mention.relative
    assert mention.assumption == "assuming publication on 2026-01-20"
    (mention,) = find_dates("on 3 May 2019", published=TUESDAY)
    assert (mention.relative, mention.assumption) == (False, None)


def test_without_a_publication_date_relative_dates_stay_open() -> None:
    for words in ("this morning", "on Tuesday", "last week", "seven years ago", "in May", "on 3 May"):
        (mention,) = find_dates(words)
        assert mention.relative
        assert (mention.date_start, mention.date_end, mention.date_precision) == (None, None, None)


def test_both_orders_possible_is_said() -> None:
    (mention,) = find_dates("on 03/04/2020")
    assert mention.date_start == "2020-04-03"
    assert mention.assumption == "read day first; month first is possible too"


@pytest.mark.parametrize(
    "text",
    ["it may rain", "31 February", "version 1.2.2020.1", "2000 people", "a march on the city", "99:99"],
)
def test_what_is_no_date(text: str) -> None:
    assert find_dates(text, published=TUESDAY) == []


def test_dates_near_the_ends_of_the_calendar() -> None:
    for day in (date.min, date.max):
        for words in ("last week", "next month", "99 years ago", "tomorrow", "overnight", "next Friday"):
            for mention in find_dates(words, published=day):
                assert mention.date_start is None or mention.date_start <= (mention.date_end or "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("between 2 and 29 January 2022", ("2022-01-02", "2022-01-29")),
        ("from 3 to 5 May 2022", ("2022-05-03", "2022-05-05")),
        ("in the first half of 2023", ("2023-01-01", "2023-06-30")),
        ("by mid-2023", ("2023-05-01", "2023-08-31")),
        ("on 29 February", ("2024-02-29", "2024-02-29")),
        ("in the coming weeks", ("2026-01-20", "2026-02-10")),
    ],
)
def test_dates_of_other_writers(text: str, expected: tuple[str, str]) -> None:
    (found,) = find_dates(text, published=date(2026, 1, 20))
    assert (found.date_start, found.date_end) == expected


def test_a_rate_is_no_date_and_military_time_is_a_time() -> None:
    assert find_dates("500 trucks a day before the war") == []
    assert [d.time for d in find_dates("at about 0430hrs")] == ["04:30"]
    assert find_dates("the MQ-2019 drone") == []


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("On 12 March 2017 it fell; two days earlier it burned.", ["2017-03-12", "2017-03-10"]),
        ("On 12 March 2017 it fell. Two days later it burned.", ["2017-03-12", "2017-03-14"]),
        ("Two days earlier it burned.", ["2024-05-06"]),
        ("Two days later it burned.", [None]),
        ("In May 2019 it fell; two days earlier it burned.", ["2019-05-01", None]),
        ("In May 2019 it fell; two years earlier it burned.", ["2019-05-01", "2017-01-01"]),
    ],
)
def test_earlier_and_later_count_from_the_date_before(text: str, days: list[str | None]) -> None:
    assert [d.date_start for d in find_dates(text, published=date(2024, 5, 8))] == days


def test_the_date_may_stand_in_the_sentence_before_and_the_step_is_no_quantity() -> None:
    ledger = read_document(
        "On 12 March 2017 the army took the town. Two days earlier, 12 boats sank near Hodeidah.",
        published="2024-05-08",
    )
    second = ledger.claims[1]
    assert [q.unit for q in second.quantities] == ["boats"]
    assert (second.dates[0].date_start, second.dates[0].relative) == ("2017-03-10", True)
    assert "2017-03-12" in (second.dates[0].assumption or "")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("in the last quarter of 2022", "2022-10-01", "2022-12-31"),
        ("in the 2nd quarter of 2022", "2022-04-01", "2022-06-30"),
        ("in the latter half of 2022", "2022-07-01", "2022-12-31"),
    ],
)
def test_more_parts_of_a_year(text: str, start: str, end: str) -> None:
    (found,) = find_dates(text)
    assert (found.date_start, found.date_end) == (start, end)
