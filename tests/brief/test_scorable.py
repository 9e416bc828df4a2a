"""The article's own forecasts as questions, or why none can be made of one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.brief._samples import Sample, samples
from afterstrike.brief._scorable import ScorableForecast, scorable_forecasts
from afterstrike.reading import read_document


def found(
    sentence: str, published: str | None = "2026-02-14", place: str = "Damascus, Syria. "
) -> tuple[ScorableForecast, ...]:
    return scorable_forecasts(read_document(place + sentence, published=published))


def test_two_years_are_two_questions() -> None:
    """Each a year of its own; what is said of the time beyond is left out and told."""
    one, two = found(
        "American aircraft will be flying missions over Syria in 2027, 2028 and beyond, officials said."
    )
    assert (one.starts, one.ends, one.resolves) == (date(2027, 1, 1), date(2027, 12, 31), date(2028, 1, 30))
    assert (two.starts, two.ends) == (date(2028, 1, 1), date(2028, 12, 31))
    assert one.is_scorable and one.says == "yes" and "names no date" in one.note
    assert one.area == "Syria" and "Syria" in one.counts and one.stated is None


def test_the_country_is_the_one_where_things_happened() -> None:
    """Not the one whose aircraft strike, however often it is named; a case left open is told."""
    text = (
        "United States officials in the United States said the United States struck 12 targets near Raqqa, Syria, on "
        "10 February 2026. Without a deal, CENTCOM will be flying these missions in 2027."
    )
    (one,) = found(text, place="")
    assert one.area == "Syria" and "something else does not happen" in one.note


def test_ours_stands_beside_with_its_class() -> None:
    """From the shipped figures of that country, over by the article's day."""
    (one,) = found("US strikes on ISIS in Syria will continue in 2027.")
    assert one.ours is not None and one.ours.reference.count_words() == "2 in 2 years"
    assert max(case.end for case in one.ours.reference.cases) < date(2026, 2, 14)
    assert one.ours.key and 0.5 < one.ours.probability < 1
    (other,) = found("Strikes will continue in Norway in 2027.", place="Oslo, Norway. ")
    assert other.is_scorable and other.ours is None and "No shipped figure" in other.no_class


def test_a_break_has_a_rule_and_a_stated_chance_but_no_class() -> None:
    """The article's 70 percent is kept as its own; we give none without a class."""
    (one,) = found(
        "There is a 70 percent chance that prisoners will break out of a prison in Syria by June 2026."
    )
    assert one.is_scorable and one.stated == pytest.approx(0.7) and one.ours is None and one.no_class
    assert (one.starts, one.ends) == (date(2026, 2, 14), date(2026, 6, 30))


def test_a_denial_says_no() -> None:
    """The question is the same; the article's answer to it is no."""
    (one,) = found("The US will not strike ISIS in Iraq in 2027.")
    assert (one.says, one.area, one.is_scorable) == ("no", "Iraq", True)


def test_before_a_month_ends_with_the_day_before_it() -> None:
    """Before June is to the end of May; before the end of the year is to its end."""
    (one,) = found("The US will launch air strikes in Syria before June 2026.")
    assert (one.starts, one.ends) == (date(2026, 2, 14), date(2026, 5, 31))
    (two,) = found("The US military will carry out further strikes in Syria before the end of 2026.")
    assert two.ends == date(2026, 12, 31)
    (three,) = found("CENTCOM will launch air strikes in Syria in March 2026.", published="2026-03-10")
    assert (three.starts, three.ends) == (
        date(2026, 3, 10),
        date(2026, 3, 31),
    )  # what came before the article is no forecast


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("US strikes on ISIS in Syria will continue.", "No date"),
        ("If the truce fails, US strikes in Syria will continue in 2027.", "condition"),
        ("ISIS will be stronger in Syria next year.", "no outcome that can be counted"),
        ("US strikes in Syria will exceed 500 in 2027.", "does not name"),
        ("US strikes in Syria will stop in 2027.", "ends"),
    ],
)
def test_what_cannot_be_scored_says_why(sentence: str, reason: str) -> None:
    """One reason, no question, no probability."""
    (one,) = found(sentence)
    assert not one.is_scorable and reason in one.reason
    assert not one.text and one.ours is None and one.ends is None


def test_an_article_without_a_date_or_country() -> None:
    """No question."""
    (one,) = found("US strikes on ISIS in Syria will continue in 2027.", published=None)
    assert "has no date" in one.reason
    (two,) = found("The strikes will continue in 2027.", place="")
    assert "no country" in two.reason
    (three,) = found("The air strikes in Syria will continue in 2027.", published="2028-02-01")
    assert "over on the day" in three.reason


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)
def test_the_samples_forecast_nothing_that_can_be_scored(sample: Sample) -> None:
    """Soon, a while, within weeks: each with why."""
    text = sample.path.read_text(encoding="utf-8")
    rows = scorable_forecasts(read_document(text, published=sample.published))
    assert rows and not any(row.is_scorable for row in rows)


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    """Whatever is written, each forecast is a question or has a reason."""
    for row in scorable_forecasts(
        read_document("US strikes in Syria will continue in 2027. " + text, published="2026-02-14")
    ):
        assert bool(row.reason) != bool(row.text)
