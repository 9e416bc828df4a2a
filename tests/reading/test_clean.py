"""Marks that are no words are left out of the reading and never out of the quotes; capitals are read too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.reading import read_document
from afterstrike.reading._clean import clean


def every_span_holds(text: str) -> None:
    ledger = read_document(text, published="2024-05-08")
    for claim in ledger.claims:
        assert ledger.text[claim.start : claim.end] == claim.quote
        for m in (*claim.quantities, *claim.places, *claim.dates, *claim.actors):
            assert ledger.text[m.start : m.end] == m.text
            assert claim.start <= m.start < m.end <= claim.end


@pytest.mark.parametrize(
    "text",
    [
        "Medics counted 14 sol\u00addiers dead near Hodeidah.",
        "Medics counted \u200f14\u200f soldiers\u200b dead near Hodeidah.",
        "Medics counted **14** soldiers dead near [Hodeidah](https://example.org/2024/99-dead).[^3]",
        "Medics counted 14 soldiers dead near Hodeidah [12], see https://example.org/77 for more.",
        "Medics counted 14\u00a0soldiers dead\r\nnear Hodeidah.\r\n",
        "\U0001f4a5 Medics counted 14 soldiers dead near Hodeidah \U0001f1fe\U0001f1ea",
        "\ufeffMedics counted 14 soldiers dead near Hodeidah.",
        "Me\u0301dics counted 14 soldiers dead near Hodeidah.",
    ],
)
def test_marks_hide_neither_numbers_nor_words(text: str) -> None:
    (claim,) = read_document(text).claims
    assert [(q.value, q.unit) for q in claim.quantities] == [(14, "soldiers")]
    assert [p.adm0 for p in claim.places] == ["YEM"]
    every_span_holds(text)


def test_nothing_is_taken_out_of_plain_text() -> None:
    text = "Two of 14 * 3 boats sank_near the pier; m\u00b2 stays."
    assert clean(text).text == text


@given(st.text(alphabet="12 dead men.\u00ad\u200f\u0301*_[]()^\r\n\u00b2\U0001f4a5e", max_size=80))
def test_every_character_leads_back(text: str) -> None:
    cleaned = clean(text)
    for at, char in enumerate(cleaned.text):
        a, b = cleaned.back(at, at + 1)
        assert 0 <= a < b <= len(text)
        assert text[a] == char or not char.isascii()
    if any(c.isalnum() for c in text):
        every_span_holds(text)


CAPITALS = (
    "LIMA, 5 JAN 90 (RADIO) -- [TEXT] POLICE SAID TODAY THAT GUERRILLAS KILLED 12 SOLDIERS AND WOUNDED 30\n"
    "IN AN AMBUSH IN PERU ON 3 JANUARY.  THE GOVERNMENT OF COLOMBIA CONDEMNED\n"
    "THE ATTACK.  TWO U.S. CITIZENS, WHO WERE TRAVELLING IN A BUS, ARE MISSING."
)


def test_text_in_capitals_is_read_in_sentences() -> None:
    ledger = read_document(CAPITALS, published="1990-01-06")
    first, second, third = ledger.claims
    assert first.quote.startswith("POLICE SAID") and first.quote.endswith("3 JANUARY.")
    assert [(q.text, q.unit) for q in first.quantities] == [("12", "soldiers"), ("30", "people")]
    assert first.source == "POLICE" and first.source_kind == "official"
    assert [p.adm0 for p in first.places] == ["PER"]
    assert first.dates[-1].date_start == "1990-01-03"
    assert second.kind == "event" and third.quantities[0].unit == "citizens"
    assert not any(m.text == "WHO" for m in third.actors)
