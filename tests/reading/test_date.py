"""Dates in many forms, resolved against the publication date and never further than the words go."""

from __future__ import annotations

from datetime import date

import pytest

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
