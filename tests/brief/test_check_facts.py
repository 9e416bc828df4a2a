"""Dated facts: names they have overtaken, spans counted from them, and comparisons with an earlier time."""

from __future__ import annotations

import pytest

from afterstrike.brief._check import check_claims
from afterstrike.brief._model import Check
from afterstrike.reading import read_document


def checks_of(text: str, published: str | None) -> list[Check]:
    """The checks of a text."""
    return check_claims(read_document(text, published=published))


FORCES = "The Assad regime's forces still hold the roads around Palmyra in Syria."


def test_a_name_a_dated_fact_has_overtaken_is_outdated() -> None:
    found = checks_of(FORCES, "2025-06-01")[0]
    assert found.verdict == "outdated"
    assert "8 December 2024" in found.sentence
    assert found.assumption == "assuming publication on 2025-06-01"
    assert found.evidence[0].kind == "fact"
    assert found.evidence[0].date_start == "2024-12-08"
    assert found.evidence[0].source_url


@pytest.mark.parametrize("published", ["2024-12-07", "2024-12-08", "2017-03-01", None])
def test_before_the_fact_or_without_a_date_the_name_stands(published: str | None) -> None:
    assert checks_of(FORCES, published)[0].verdict != "outdated"


@pytest.mark.parametrize(
    "text",
    [
        "The fall of the Assad regime changed the war in Syria.",
        "The former Assad regime's forces held the roads around Palmyra in Syria.",
        "In 2016 the Assad regime's forces held the roads around Palmyra in Syria.",
        "The Assad regime ruled Syria with an iron fist.",
        "The Assad regime collapsed in Syria within days.",
    ],
)
def test_a_sentence_about_the_past_is_not_outdated(text: str) -> None:
    assert {c.verdict for c in checks_of(text, "2025-06-01")} <= {
        "opinion", "not_checkable", "outside_record", "cannot_tell", "not_in_record",
    }  # fmt: skip


def test_the_same_words_in_another_theatre_are_left_alone() -> None:
    text = "The regime-backed militia in Sagaing, Myanmar, burned two villages. Regime-held towns in Myanmar are quiet."
    assert "outdated" not in {c.verdict for c in checks_of(text, "2025-06-01")}


def test_a_number_a_fact_has_overtaken_cites_the_fact_and_the_figures() -> None:
    found = checks_of("There are currently 900 US troops in Syria.", "2026-01-20")[0]
    assert found.verdict == "outdated"
    assert "19 December 2024" in found.sentence
    kinds = {e.kind for e in found.evidence}
    assert kinds == {"fact", "figure"}
    assert all(e.date_end is None or e.date_end <= "2026-01-20" for e in found.evidence)


def test_a_span_of_years_is_counted_and_shown() -> None:
    text = "The Islamic State was territorially defeated in Syria seven years ago."
    found = checks_of(text, "2026-01-20")[0]
    assert found.verdict == "same_source"
    assert "2026-01-20 minus 2019-03-23 = 6 years 9 months" in found.sentence
    assert "arithmetic" in {e.kind for e in found.evidence}


@pytest.mark.parametrize(
    ("span", "expected"), [("six", "same_source"), ("ten", "contradicted"), ("two", "contradicted")]
)
def test_a_span_beyond_rounding_is_contradicted(span: str, expected: str) -> None:
    text = f"The Islamic State was territorially defeated in Syria {span} years ago."
    assert checks_of(text, "2026-01-20")[0].verdict == expected


def test_a_span_that_fits_another_start_is_not_contradicted() -> None:
    text = "The self-styled caliphate was proclaimed, and ended in Syria, five years ago."
    assert "contradicted" not in {c.verdict for c in checks_of(text, "2024-03-23")}
    text = "The group announced a caliphate five years ago in Syria and Iraq."
    found = checks_of(text, "2024-03-23")[0]
    assert found.verdict == "not_in_record"
    assert "Baghuz" in found.sentence, "the start that would fit is named"


def test_a_caliphate_declared_beaten_is_no_caliphate_declared() -> None:
    text = "Five years ago the last pocket of the caliphate in Syria was declared beaten."
    assert "contradicted" not in {c.verdict for c in checks_of(text, "2024-03-23")}


def test_a_span_without_a_publication_date_is_left_open() -> None:
    text = "The Islamic State was territorially defeated in Syria ten years ago."
    assert checks_of(text, None)[0].verdict == "not_checkable"


def test_a_span_of_something_else_is_not_counted_from_the_fact() -> None:
    text = "The bakery in Hama opened ten years ago."
    assert "contradicted" not in {c.verdict for c in checks_of(text, "2026-01-20")}


def test_a_comparison_is_set_beside_the_closest_measure_and_not_decided() -> None:
    text = "US aircraft over Syria are flying sortie rates reminiscent of 2017."
    found = checks_of(text, "2026-01-20")[0]
    assert found.verdict == "outside_record"
    assert "39,577" in found.sentence and "not sorties" in found.sentence
    assert "10 January 2026" in found.sentence
    assert all((e.date_end or "") <= "2026-01-20" for e in found.evidence)
    earlier = checks_of(text, "2025-12-30")[0]
    assert "10 January 2026" not in earlier.sentence


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The strikes will likely bring a temporary lull in attacks.", "forecast"),
        ("Every strike like this buys time for the coalition.", "causal"),
    ],
)
def test_forecasts_and_causes_get_no_verdict_but_their_own(text: str, kind: str) -> None:
    ledger = read_document(text, published="2026-01-20")
    assert [c.kind for c in ledger.claims] == [kind]
    found = check_claims(ledger)[0]
    assert found.verdict == "cannot_tell"
    assert "No estimate is made for this strike." in found.sentence


def test_opinion_stays_opinion() -> None:
    assert checks_of("The strategy is a disgrace.", "2026-01-20")[0].verdict == "opinion"
