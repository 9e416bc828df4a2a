"""Who says it, and how surely."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from afterstrike.reading import read_document
from afterstrike.reading._actor import find_actors
from afterstrike.reading._attribution import attribute
from afterstrike.reading._hedge import grade_hedging, stronger
from afterstrike.reading._sentence import sentences


@pytest.mark.parametrize(
    ("text", "source", "kind"),
    [
        ("The camp was hit.", None, "author"),
        ("According to residents, the camp was hit.", "residents", "anonymous"),
        ("The camp was hit, according to Airwars.", "Airwars", "organisation"),
        ("The camp was hit, the ministry said.", "ministry", "official"),
        ("The camp was hit, said a police officer.", "police officer", "official"),
        ("CENTCOM announced that the camp was hit.", "US Central Command", "official"),
        ("The Reuters report highlights that the camp was hit.", "Reuters", "media"),
        ("Intelligence sources suggest the camp was hit.", "Intelligence sources", "anonymous"),
        ("“The camp was hit,” a doctor at the clinic told Reuters.", "doctor at the clinic", "anonymous"),
        ("Kyiv says the camp was hit.", "Government of Ukraine", "official"),
        ("The army hit what it called a camp; the Pentagon agreed.", None, "author"),
        ("CENTCOM struck what they termed “camps” in the hills.", "US Central Command", "official"),
        ("Firstname Lastname, who runs the camp, said it was hit.", "Firstname Lastname", "person"),
        ("In September 2017 the coalition said the camp was hit.", "coalition", "official"),
        ("It was claimed by the group in the first half of 2024.", "group", "anonymous"),
        ("Airwars counted 12 dead.", "Airwars", "organisation"),
        ("Soldiers found 12 bodies.", None, "author"),
        ("They want to report the loss.", None, "author"),
        ("He wrote the report of the camp.", "He", "person"),
    ],
)
def test_sources(text: str, source: str | None, kind: str) -> None:
    got = attribute(text, 0, len(text), actors=tuple(find_actors(text)))
    assert (got.source, got.source_kind) == (source, kind)
    if got.span:
        assert text[slice(*got.span)]


def test_a_pronoun_points_back_to_the_last_source() -> None:
    ledger = read_document("Airwars said 12 people died in Raqqa. It said 30 were hurt. Six boats sank.")
    assert [c.source for c in ledger.claims] == ["Airwars", "Airwars", None]


def test_a_source_carries_over_a_clause_but_not_to_another_actor() -> None:
    ledger = read_document(
        "The army said it shot down 81 drones; 12 more fell in fields. "
        "The army said 81 drones came; Moscow has denied it."
    )
    assert [c.source for c in ledger.claims] == ["army", "army", "army", "Government of Russia"]
    assert ledger.claims[-1].hedging == "denied"


def test_the_count_of_sources_is_no_figure() -> None:
    (claim,) = read_document("Two boys died, three villagers told a radio station.").claims
    assert [q.text for q in claim.quantities] == ["Two"]


@pytest.mark.parametrize(
    ("text", "grade", "words"),
    [
        ("The camp was hit.", "stated", None),
        ("The camp was reportedly hit.", "reported", "reportedly"),
        ("Likely a mix of jets.", "likely", "Likely"),
        ("It may have been hit, reportedly.", "possible", "may"),
        ("In May it was hit.", "stated", None),
        ("The alleged raid.", "doubted", "alleged"),
        ("There is no evidence that it was hit.", "denied", "There is no evidence"),
        ("Maybelle mayor mightily", "stated", None),
    ],
)
def test_hedging(text: str, grade: str, words: str | None) -> None:
    assert grade_hedging(text) == (grade, words)


def test_the_stronger_hedge_wins() -> None:
    assert stronger([]) == "stated"
    assert stronger(["reported", "doubted", "likely"]) == "doubted"
    (claim,) = read_document("Officials said about 12 men probably died.").claims
    assert claim.hedging == "likely"
    (claim,) = read_document("Officials said about 12 men died.").claims
    assert claim.hedging == "approximate"


def test_sources_of_common_cues_on_coded_news(shared: Path) -> None:
    """Share of attributions by common cues whose source is found, on the development half of PolNeAR."""
    cues = {
        "said", "says", "say", "told", "according to", "added", "wrote", "announced", "reported", "confirmed",
        "warned", "claimed", "argued", "declared", "noted", "has said", "have said",
    }  # fmt: skip
    seen = found = 0
    path = shared / "data/text/polnear_attribution/dev.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text = row["text"]
            if " ".join(text[a:b] for a, b in row["cue"]).lower() not in cues:
                continue
            at = row["cue"][0][0]
            for a, b in sentences(text):
                if not (a <= at < b and any(a <= x < b for x, _ in row["source"])):
                    continue
                seen += 1
                span = attribute(text, a, b, actors=tuple(find_actors(text, a, b))).span
                found += bool(span and any(span[0] < y and x < span[1] for x, y in row["source"]))
    assert seen > 400
    assert found / seen > 0.8


@pytest.mark.parametrize(
    ("text", "source", "kind"),
    [
        ("A teacher, 36, said the second bomb came later.", "teacher", "anonymous"),
        ("Firstname Lastname, 52, a baker in Homs, said his shop was hit.", "Firstname Lastname", "person"),
        (
            "The movement's spokesman, Firstname Lastname, said it was hit.",
            "movement's spokesman",
            "official",
        ),
        ("The governor's office: “It was hit.”", "governor's office", "official"),
        ("The Emergency Service says it was hit.", "Emergency Service", "official"),
        ("Power is out, according to XQTEK.", "XQTEK", "organisation"),
        ("It was broken, according to the UN force UNIFIL.", "UNIFIL", "organisation"),
        ("The camp was hit, the agency said, without citing sources.", "agency", "media"),
        ("One article was said to be copied.", None, "author"),
        ("Four months ago she said the camp was hit.", "she", "person"),
        ("The ministry counted 30,228 dead.", "ministry", "official"),
    ],
)
def test_sources_of_other_writers(text: str, source: str | None, kind: str) -> None:
    got = attribute(text, 0, len(text), actors=tuple(find_actors(text)))
    assert (got.source, got.source_kind) == (source, kind)


def test_a_closing_attribution_covers_what_and_joins_before_it() -> None:
    ledger = read_document(
        "The economy has shrunk by half since 2019, and one in three families skips meals, "
        "the World Bank says. "
        "Jets struck 300 depots; 99% were empty, the army said."
    )
    assert [c.source for c in ledger.claims] == ["World Bank", "World Bank", None, "army"]


def test_a_shared_subject_is_one_claim() -> None:
    ledger = read_document(
        "The raid killed 12 people, including four children, and wounded 30, officials said."
    )
    (claim,) = ledger.claims
    assert [q.value for q in claim.quantities] == [12, 4, 30] and claim.source == "officials"


def test_a_clause_with_a_speaker_of_its_own() -> None:
    ledger = read_document("The army said 81 drones came; the hospital later counted 12 dead.")
    assert [c.source for c in ledger.claims] == ["army", "hospital"]


def test_a_quotation_over_several_sentences_has_one_speaker() -> None:
    ledger = read_document(
        '"The strike killed 20 people. We counted 14 bodies," said a doctor. '
        '"Six were children." Rain fell on 3 camps.'
    )
    assert [c.source for c in ledger.claims] == ["doctor", "doctor", "doctor", None]


def test_a_pronoun_takes_the_subject_before_it_in_its_paragraph() -> None:
    ledger = read_document(
        "Airwars said 900 people died in the city.\n\n"
        "The coalition has conducted 3,000 strikes since 2014. It says that 220 civilians were killed.\n\n"
        "The strikes hit 12 houses. It said that 30 were hurt."
    )
    sources = {c.quantities[0].value: c.source for c in ledger.claims}
    assert sources == {900: "Airwars", 3000: None, 220: "coalition", 12: None, 30: "coalition"}


def test_a_person_is_not_the_ministry_before() -> None:
    ledger = read_document("Residents said 12 boats sank. The ministry lost 4 boats. He said 5 men died.")
    assert [c.source for c in ledger.claims] == ["Residents", None, "Residents"]


def test_the_group_is_the_organisation_before() -> None:
    ledger = read_document(
        "The Houthis fired 30 rockets. The group said it sank 2 ships.\n\n"
        "Airwars counted 12 dead. The group said 9 were hurt."
    )
    assert [c.source for c in ledger.claims] == [None, "Ansarallah", "Airwars", "Airwars"]


@pytest.mark.parametrize(
    "text",
    [
        "Neither count includes 30 soldiers.",
        "Neither report says that 30 soldiers died.",
        "Neither said how 12 men died.",
        "Both said that 12 men died.",
        "Both counts say that 12 men died.",
        "Neither count matches the 40 deaths reported by either ministry.",
    ],
)
def test_words_that_point_at_what_was_named_are_no_source(text: str) -> None:
    assert attribute(text, 0, len(text)).source is None


def test_both_with_a_noun_that_speaks_is_a_source() -> None:
    assert attribute("Both ministries said that 12 men died.", 0, 38).source == "Both ministries"


@pytest.mark.parametrize(
    "text",
    [
        "Mali's army was accused of killing 300 civilians in Moura.",
        "The FARC was blamed for the bombing in Cali that killed 6.",
        "Army accused of killing 22 people in Ngarbuh, Cameroon",
        "Car bomb kills 15 in Manbij, SDF accused",
        "The attack that killed 9 was blamed on the Islamic State.",
        "Boko Haram is suspected of the raid in Zabarmari that killed 43 farmers.",
        "Israel is not thought to be behind the explosion in Isfahan that killed 4.",
        "The army was criticised for the strike that killed 30.",
        "The coalition was asked whether 14 civilians died.",
        "No group immediately claimed responsibility for the bombing that killed 14 people.",
        "No faction has said it carried out the bombing that killed 14 people.",
        "Nobody from the army said 14 people were killed.",
    ],
)
def test_who_is_spoken_of_and_who_is_nobody_say_nothing(text: str) -> None:
    (claim,) = read_document(text, published="2024-05-10").claims
    assert (claim.source, claim.source_kind) == (None, "author")


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Ukraine has been accused by Russia of shelling a market, killing 4 people.", "Government of Russia"),
        ("Hamas was condemned by the UN for the attack that killed 4.", "UN"),
        ("The attack was blamed on the Islamic State by Iraqi officials, who said 9 soldiers died.", "Government of Iraq"),
        ("Officials are worried that 14 people died.", "Officials"),
        ("The minister was quoted as saying 14 civilians died.", "minister"),
        ("Iran, which has arms plants, said 3 people died.", "Government of Iran"),
    ],
)  # fmt: skip
def test_who_speaks_of_somebody_is_the_source(text: str, source: str) -> None:
    (claim,) = read_document(text, published="2024-05-10").claims
    assert claim.source == source
    assert claim.source_kind in ("official", "organisation")


def test_who_puts_a_count_elsewhere_is_its_source() -> None:
    text = "The toll rose to 11,300, the Red Crescent said, but the health ministry put it at 3,166."
    first, second = read_document(text, published="2024-05-10").claims
    assert (first.source, second.source) == ("Red Crescent", "health ministry")


@pytest.mark.parametrize(
    ("text", "hedging"),
    [
        ("It is believed that the rebels killed 500 people in Homs.", "likely"),
        ("It is feared that 500 people were killed in Homs.", "possible"),
        ("As many as 500 people are feared to have died in Homs.", "possible"),
    ],
)
def test_what_is_believed_or_feared_by_nobody_named_keeps_its_doubt(text: str, hedging: str) -> None:
    ledger = read_document(text, published="2024-05-10")
    assert ledger.claims[0].hedging == hedging
    assert ledger.events[0].hedging == hedging


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Nine boats sank, according to Navy Capt. Orvil Teskan, a spokesman.", "Navy Capt. Orvil Teskan"),
        ("Nine boats sank, according to Dr. Teskan.", "Dr. Teskan"),
        ('"Nine boats sank," said Lt. Col. Teskan, who was there.', "Lt. Col. Teskan"),
        ("Nine boats sank, according to the harbour office. Dr. Teskan agreed.", "harbour office"),
    ],
)
def test_the_full_stop_of_a_title_does_not_end_a_name(text: str, source: str) -> None:
    assert attribute(text, 0, text.index("sank") + 60).source == source


@pytest.mark.parametrize(
    ("text", "source", "hedging"),
    [
        ("The army, which denies targeting civilians, bombed a school, killing 11 children.", None, "stated"),
        (
            "Iran, which denies arming the rebels, said 3 people were killed.",
            "Government of Iran",
            "reported",
        ),
        ("The army, which denied killing 11 children, bombed a school.", None, "denied"),
    ],
)
def test_a_denial_told_beside_does_not_deny_the_sentence(text: str, source: str | None, hedging: str) -> None:
    (claim,) = read_document(text, published="2024-05-10").claims
    assert (claim.source, claim.hedging) == (source, hedging)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("The anti-Houthi coalition said 12 fighters were killed in Marib.", "anti-Houthi coalition"),
        ("Pro-Russian officials said 28 people were killed.", "Pro-Russian officials"),
        ("A UN-backed tribunal said 22 people were killed.", "UN-backed tribunal"),
        ("The US-backed SDF said 22 people were killed.", "SDF"),
    ],
)
def test_who_is_backed_or_fought_is_not_who_says_it(text: str, source: str) -> None:
    (claim,) = read_document(text, published="2024-05-10").claims
    assert claim.source == source
