"""What a number may take from the sentences before: measure, area, time; and what stands in the way."""

from __future__ import annotations

from datetime import date

import pytest

from afterstrike.brief._check import check_claims
from afterstrike.brief._context import context_of
from afterstrike.brief._model import Check
from afterstrike.brief._period import when_in
from afterstrike.brief._words import sentence_at
from afterstrike.reading import read_document

PUBLISHED = date(2026, 2, 17)


def of_number(text: str, published: str, number: str) -> Check:
    """The check of the claim that holds a number."""
    ledger = read_document(text, published=published)
    claim = next(c for c in ledger.claims if any(number in q.text for q in c.quantities))
    return next(c for c in check_claims(ledger) if c.claim_id == claim.id)


SPOKEN = [
    ("in the 23 days that ended on 12 February", "2026-01-21", "2026-02-12"),
    ("in the two weeks to 12 February", "2026-01-30", "2026-02-12"),
    ("the first twelve months of the operation, up to 7 August 2015", "2014-08-08", "2015-08-07"),
    ("from January to June of last year", "2025-01-01", "2025-06-30"),
    ("in the first six months of last year", "2025-01-01", "2025-06-30"),
    ("in the last week of September 2019", "2019-09-24", "2019-09-30"),
    ("in the second half of May 2017", "2017-05-16", "2017-05-31"),
    ("on the tenth of January", "2026-01-10", "2026-01-10"),
    ("on the night of 19 December", "2025-12-19", "2025-12-20"),
    ("hit them from 3 to 12 February, it said on 14 February", "2026-02-03", "2026-02-12"),
    ("from August 2014 up to the end of August 2019", "2014-08-01", "2019-08-31"),
]


@pytest.mark.parametrize(("words", "first", "last"), SPOKEN)
def test_periods_said_in_words(words: str, first: str, last: str) -> None:
    found = when_in(words, PUBLISHED)
    assert [(w.start.isoformat(), w.end.isoformat()) for w in found] == [(first, last)]


@pytest.mark.parametrize("words", ["a second may follow", "the first march on the capital", "in 900 days"])
def test_words_that_are_no_period(words: str) -> None:
    assert when_in(words, PUBLISHED) == []


def test_that_month_is_the_month_of_the_sentence_before_and_is_said() -> None:
    text = (
        "August 2017 was a month of heavy bombing in Iraq and Syria. "
        "Coalition aircraft released {} weapons that month."
    )
    wrong = of_number(text.format("9,075"), "2017-09-20", "9,075")
    assert wrong.verdict == "contradicted"
    assert "“that month” as August 2017" in wrong.sentence
    assert "Iraq and Syria" in wrong.sentence
    assert of_number(text.format("5,075"), "2017-09-20", "5,075").verdict == "same_source"


def test_two_dates_before_leave_the_month_open() -> None:
    text = (
        "June 2017 was heavy and August 2017 was heavier in Iraq and Syria. "
        "Coalition aircraft released 9,075 weapons that month."
    )
    assert of_number(text, "2017-09-20", "9,075").verdict not in ("contradicted", "outdated")


def test_a_hedged_number_is_not_contradicted_through_the_sentence_before() -> None:
    text = (
        "August 2017 was a month of heavy bombing in Iraq and Syria. "
        "Coalition aircraft possibly released 9,075 weapons that month."
    )
    assert of_number(text, "2017-09-20", "9,075").verdict != "contradicted"


def test_what_is_counted_comes_from_the_sentence_before() -> None:
    found = of_number(
        "The camp at al-Hol never emptied. Today some 36,000 people live between its fences.",
        "2025-10-10",
        "36,000",
    )
    assert found.verdict == "outdated"
    assert "what is counted" in found.sentence


def test_another_paragraph_gives_nothing() -> None:
    text = "The camp at al-Hol never emptied.\n\nSome 36,000 people live in it, a guard said."
    assert of_number(text, "2025-10-10", "36,000").verdict == "outside_record"


def test_a_heading_right_above_gives_what_is_counted() -> None:
    text = "The camp at al-Hol\nSome 27,000 people live there today, its managers say."
    assert of_number(text, "2025-10-10", "27,000").verdict == "same_source"


def test_a_present_number_does_not_take_an_old_date() -> None:
    text = "The caliphate in Syria fell in March 2019. There are 2,000 US troops in the country today."
    found = of_number(text, "2025-01-10", "2,000")
    assert "2019" not in found.sentence


def test_a_later_number_of_the_same_origin_replaces_the_earlier() -> None:
    text = "The US presence in Syria stands at 503 soldiers."
    assert of_number(text, "2018-01-20", "503").verdict == "outdated"
    assert of_number(text, "2017-12-01", "503").verdict == "same_source"


def test_a_denied_number_says_what_is_held() -> None:
    text = "Accounts said that 12 US soldiers were killed near Palmyra on 13 December 2025. That is false."
    found = of_number(text, "2025-12-20", "12")
    assert found.verdict == "not_checkable"
    assert "denies it" in found.sentence and "2: US soldiers killed" in found.sentence


def test_members_of_an_alliance_have_no_place() -> None:
    text = "Syria's accession brings the global coalition against the Islamic State to {} members."
    assert of_number(text.format(60), "2025-11-14", "60").verdict == "contradicted"
    assert of_number(text.format(90), "2025-11-14", "90").verdict == "same_source"


def test_facts_are_found_in_another_order_of_words() -> None:
    text = "In Hasakah stand the prisons that the Syrian Democratic Forces run. They hold 9,000 people."
    checks = check_claims(read_document(text, published="2026-03-11"))
    assert any("Syrian Democratic Forces" in c.sentence and c.verdict == "outdated" for c in checks)
    before = check_claims(read_document(text, published="2025-03-11"))
    assert not any(c.verdict == "outdated" for c in before)


def test_an_attack_count_is_set_beside_another_measure_and_not_decided() -> None:
    text = "In May 2016 Islamic State fighters mounted thirty assaults in Aleppo governorate."
    found = of_number(text, "2016-06-17", "thirty")
    assert found.verdict == "not_in_record"
    assert "UCDP" in found.sentence and found.evidence


def test_context_stops_at_the_paragraph() -> None:
    ledger = read_document("Old. Far away it rained.\n\nOne came. Two left. Three stayed.", published=None)
    at = ledger.text.index("Three")
    context = context_of(ledger, *sentence_at(ledger.text, at, at + 5))
    assert [text.strip() for _, text in context.before] == ["Two left.", "One came."]
