"""Who said it first, and through whom it came."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterstrike.reading import read_document

CHAINS = [
    ("Sputnik reported, citing CENTCOM, that 12 fighters were killed near Hajin.", "US Central Command", "Sputnik"),
    ("Twelve fighters were killed near Hajin, Sputnik reported, citing CENTCOM.", "US Central Command", "Sputnik"),
    ("Reuters, quoting witnesses, said 12 civilians were killed in Idlib.", "witnesses", "Reuters"),
    ("Citing local sources, Anadolu Agency reported that 12 people died in Idlib.", "local sources", "Anadolu Agency"),
    ("Twelve fighters died, the Syrian Observatory for Human Rights told AFP.", "SOHR", "AFP"),
    ("Residents told the Orvan Valley newspaper that 12 sheep were killed.", "Residents", "Orvan Valley newspaper"),
    ("Residents told Radio Free Orvany that 12 people died in Idlib.", "Residents", "Radio Free Orvany"),
    ("SANA quoted a military source as saying that 12 fighters were killed.", "military source", "SANA"),
    ("Twelve fighters died, the Defence Ministry said, according to TASS.", "Defence Ministry", "TASS"),
    ("According to TASS, the Defence Ministry said that 12 fighters were killed.", "Defence Ministry", "TASS"),
    ("According to SANA, which cited a medical source, 12 civilians died in Idlib.", "medical source", "SANA"),
    ("نقلت وكالة سانا عن مصدر عسكري مقتل 12 مدنيا في إدلب.", "مصدر عسكري", "وكالة سانا"),
    ("ونقلت وكالة سانا عن مصدر عسكري قوله إن 12 مسلحا قتلوا في إدلب.", "مصدر عسكري", "وكالة سانا"),
    ("أفادت وكالة سبوتنيك نقلا عن القيادة المركزية الأمريكية بمقتل 12 مسلحا.", "US Central Command", "وكالة سبوتنيك"),
    ("وقال المرصد السوري لحقوق الإنسان لوكالة فرانس برس إن 12 مدنيا قتلوا.", "SOHR", "فرانس برس"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "source", "relay"), CHAINS)
def test_the_source_is_who_said_it_first(text: str, source: str, relay: str) -> None:
    (claim,) = read_document(text, published="2018-10-08").claims
    assert claim.source == source
    assert [m.text for m in claim.relayed_by] == [relay]
    for m in claim.relayed_by:
        assert text[m.start : m.end] == m.text
    assert claim.source_span and text[slice(*claim.source_span)] not in [m.text for m in claim.relayed_by]


@pytest.mark.parametrize(
    "text",
    [
        "SOHR said that 12 fighters were killed near Hajin.",
        "According to TASS, 12 fighters were killed near Hajin.",
        "A spokesman told reporters that 12 fighters were killed.",
        "The minister told his deputy that 12 fighters were killed.",
        "Reuters reported that 12 fighters were killed near Hajin.",
        "قالت وكالة سانا إن 12 مدنيا قتلوا في إدلب.",
        "قال المرصد السوري لحقوق الإنسان إن 12 مدنيا قتلوا في إدلب.",
    ],
)
def test_what_comes_straight_has_no_relay(text: str) -> None:
    for claim in read_document(text, published="2018-10-08").claims:
        assert claim.relayed_by == ()


def test_a_private_person_who_passes_it_on_is_not_written_down() -> None:
    text = "Orvil Teskan said, citing UN figures, that 12 people were killed in Idlib."
    (claim,) = read_document(text, published="2018-10-08").claims
    assert claim.source == "UN" and claim.relayed_by == ()


def test_offsets_hold_through_markup_and_vowel_signs() -> None:
    for text in (
        "**Sputnik** reported, citing [CENTCOM](https://example.org), that 12 fighters were killed near Hajin.",
        "نقلت وكالة «سانا» عن مصدر عسكري مقتل ١٢ مدنيّاً في إدلب.",
    ):
        for claim in read_document(text, published="2018-10-08").claims:
            assert claim.relayed_by
            for m in claim.relayed_by:
                assert text[m.start : m.end] == m.text


PIECES = ["Sputnik", "reported", ", citing ", "CENTCOM", " that ", "12 people died", "told ", "AFP", "quoted ", " as saying ",
          "according to ", "TASS", ", which cited ", "، نقلا عن ", "وكالة سانا", "نقلت ", "عن ", '"', ". ", " "]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=14).map(lambda p: "Then " + "".join(p)))
def test_any_order_of_the_words_reads_and_slices_back(text: str) -> None:
    for claim in read_document(text, published="2018-10-08").claims:
        for m in claim.relayed_by:
            assert text[m.start : m.end] == m.text
