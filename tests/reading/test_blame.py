"""Who is charged with an event: a charge is no finding, and the initiator keeps its own doubt."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterstrike.reading import read_document

CHARGES = [
    ("The SDF accused Turkey of shelling a hospital in Afrin, killing 12 civilians.", "Turkey", "possible"),
    ("Twelve people were killed in an airstrike on Idlib that residents blamed on Russia.", "Russia", "possible"),
    ("Activists blamed the Syrian government for the shelling of Douma, which killed 12.", "Syria", "possible"),
    ("Doctors held Russia responsible for the airstrike that killed 12 people.", "Russia", "possible"),
    ("Russia was accused of bombing a market in Idlib, where 12 people died.", "Russia", "possible"),
    ("Russian army accused of bombing a market in Idlib, where 12 people died", "Russia", "possible"),
    ("An airstrike attributed to Israel killed 12 fighters near Abu Kamal.", "Israel", "likely"),
    ("اتهمت قوات سوريا الديمقراطية تركيا بقصف مستشفى في عفرين ما أدى إلى مقتل 12 مدنيا.", "Turkey", "possible"),
    ("واتهم ناشطون روسيا بقصف السوق في إدلب ومقتل 12 مدنيا.", "Russia", "possible"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "who", "hedging"), CHARGES)
def test_who_is_charged_is_named_with_doubt(text: str, who: str, hedging: str) -> None:
    event = read_document(text, published="2018-10-08").events[0]
    assert event.initiator == f"Government of {who}"
    assert event.initiator_hedging == hedging
    (span,) = event.spans["initiator"]
    assert text[slice(*span)].strip()


@pytest.mark.parametrize(
    "text",
    [
        "Islamic State claimed responsibility for the bombing that killed 12 people in Raqqa.",
        "The bombing that killed 12 people in Raqqa was claimed by Islamic State.",
    ],
)
def test_who_claims_it_is_reported_to_have(text: str) -> None:
    event = read_document(text, published="2018-10-08").events[0]
    assert (event.initiator, event.initiator_hedging) == ("IS", "reported")


@pytest.mark.parametrize(
    "text",
    [
        "Russia accused the United States of supporting militants after an airstrike killed 12 people in Idlib.",
        "Turkey blamed the United States for a delay; an airstrike killed 12 people in Idlib.",
        "An airstrike killed 12 people in Idlib, and the delay was blamed on the weather.",
    ],
)
def test_a_charge_of_something_else_names_nobody(text: str) -> None:
    for event in read_document(text, published="2018-10-08").events:
        assert event.initiator != "Government of United States of America"


def test_a_side_that_is_said_to_have_struck_is_as_sure_as_the_sentence() -> None:
    event = read_document("Israel struck a depot near Damascus, killing 12 fighters.").events[0]
    assert (event.initiator, event.initiator_hedging) == ("Government of Israel", "stated")


@pytest.mark.parametrize(
    "text",
    [
        "Al-Shabaab has not claimed responsibility for the attack in Mogadishu, which killed 5.",
        "The Islamic State did not claim responsibility for the attack in Kinshasa that killed 12.",
        "Neither Hamas nor Hezbollah has claimed responsibility for the attack in Haifa that killed 2.",
        "Israel said it was not responsible for the blast at the hospital in Gaza City that killed 12 people.",
        "The US military said it did not carry out the strike that killed 4 in Baghdad.",
        "Analysts say Iran did not order the attack on the refinery.",
        "لم يتبن تنظيم داعش التفجير الذي قتل 4 مدنيين في بغداد.",
        "لم تتهم المعارضة تركيا بقصف القرية ومقتل 4 مدنيين.",
    ],
)
def test_who_is_said_not_to_have_done_it_is_no_initiator(text: str) -> None:
    (event,) = read_document(text, published="2018-10-08").events
    assert event.initiator is None


@pytest.mark.parametrize(
    "text",
    [
        "Jordan said it condemned the strike in Gaza City that killed 20 people.",
        "Israel said it was investigating the strike in Homs that killed 4.",
        "Israel said it had no knowledge of a strike in Homs that killed 4.",
        "Iran vowed revenge for the attack in Kerman that killed 84.",
        "Ukraine mourned the victims of the attack on Odesa that killed 9.",
        "India reacted angrily to the attack in Pahalgam that killed 26.",
        "Egypt offered to mediate after the shelling in Khartoum killed 12.",
        "Iraq summoned the ambassador over the drone strikes in Duhok that killed 9 tourists.",
        "The United States sanctioned Iran over the drone attack that killed three soldiers in Jordan.",
        "Two Hezbollah commanders died in the attack on Beirut.",
        "Three American soldiers died in an attack in Jordan.",
        "Three Israeli soldiers killed in Gaza City",
        "Coalition says 12 Houthi fighters killed in Marib.",
        "Two al-Shabaab members executed in Mogadishu.",
        "نعت حركة حماس 3 من عناصرها قتلوا في غارة على جنين.",
        "An airstrike condemned by Jordan killed 4 people in Rafah.",
        "The attack, denounced by Hamas, killed 4 people in Gaza City.",
        "A strike on a village controlled by the SDF killed 4 people.",
        "Shelling hit areas held by the RSF in Khartoum, killing 4.",
    ],
)
def test_who_only_speaks_of_it_suffers_it_or_holds_the_place_is_no_initiator(text: str) -> None:
    (event,) = read_document(text, published="2024-05-10").events
    assert event.initiator is None


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Hamas fighters killed 12 soldiers in Rafah.", "Hamas"),
        ("Two Hamas fighters killed by Israel in Rafah.", "Government of Israel"),
        ("Al-Shabaab killed 4 soldiers in an attack near Kismayo.", "al-Shabaab"),
        ("The Islamic State carried out a series of attacks in Mopti that killed 12.", "IS"),
        ("Boko Haram took part in the attack on Damasak that killed 8.", "Boko Haram"),
        ("Strikes launched by Russia killed 4 in Odesa.", "Government of Russia"),
        ("Turkey confirmed it struck PKK targets in Duhok, killing 9.", "Government of Turkey"),
        ("The SDF not only shelled Afrin, killing 16 people.", "SDF"),
    ],
)
def test_who_did_it_stays_the_initiator(text: str, who: str) -> None:
    assert read_document(text, published="2024-05-10").events[0].initiator == who


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Kyiv blamed Moscow for the missile strike on Kharkiv that killed 7 people.", "Kharkiv"),
        ("Pakistan blames India for the attack in Quetta that killed 20.", "Quetta"),
        ("Human Rights Watch accused Mali and Russia of killing 300 civilians.", None),
    ],
)
def test_who_is_charged_is_not_where_it_happened(text: str, place: str | None) -> None:
    assert read_document(text, published="2024-05-10").events[0].place == place


PIECES = ["Russia ", "accused ", "of ", "the airstrike ", "blamed on ", "Turkey ", "killed 12 people ",
          "claimed responsibility for ", "اتهم ", "تركيا ", "بقصف ", "مقتل 12 مدنيا ", ". ", ", "]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map(lambda p: "Then " + "".join(p)))
def test_any_order_of_the_words_reads_and_spans_hold(text: str) -> None:
    for event in read_document(text, published="2018-10-08").events:
        assert all(0 <= a < b <= len(text) for spans in event.spans.values() for a, b in spans)
        assert (event.initiator is None) == (event.initiator_hedging is None)
