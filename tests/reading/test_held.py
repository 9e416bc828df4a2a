"""Every attribution of a sentence: who says, believes, feels, intends, demands or perceives something."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.reading import find_attributions, read_document
from afterstrike.reading._actor import find_actors
from afterstrike.reading._attitude import find_all
from afterstrike.reading._attribution import attribute
from afterstrike.reading._held import attributions_of
from afterstrike.reading._subject import Clause

PIECES = Path(__file__).with_name("pieces.txt").read_text(encoding="utf-8").split("\n")
_PLAIN = (
    "the a his army ministry's residents First Last who which that to of in by and but , . ; : \" '' ( ) - said says claims "
    "wanting hopes fear believed saw asked was were has been not also Monday last week confident statement issued plans "
    "according they it he's they're telling adding told is are if after 12"
)
WORDS = _PLAIN.split(" ")


def found(text: str) -> list[tuple[str, str, str]]:
    return [(f.kind, text[slice(*f.source)], text[slice(*f.cue)]) for f in find_all(text)]


@pytest.mark.parametrize(
    ("text", "kind", "source", "cue"),
    [
        ("The mayor warned that the bridge was unsafe.", "says", "The mayor", "warned"),
        ("The head of the council in Homs, a doctor, said it fell.", "says", "The head of the council in Homs", "said"),
        ("First Last, who leads the council, said it fell.", "says", "First Last", "said"),
        ("The tally, released on Sunday by a clinic, showed 12 dead.", "says", "The tally", "showed"),
        ("The army left the town on Monday, saying the road was cut.", "says", "The army", "saying"),
        ("The council met twice and criticised the raid.", "says", "The council", "criticised"),
        ("Aid groups who work in the camps say the water is bad.", "says", "Aid groups who", "say"),
        ("“The water is bad,” replied the engineer.", "says", "the engineer", "replied"),
        ("The water is bad, in the view of engineers.", "believes", "engineers", "in the view of"),
        ("It was denounced by the governor.", "says", "the governor", "denounced"),
        ("The governor last week announced a curfew.", "says", "The governor", "announced"),
        ("The army's claim was never tested.", "says", "The army's", "claim"),
        ("A warning by the ministry went unheard.", "says", "the ministry", "warning"),
        ("The clinic issued a short statement.", "says", "The clinic", "issued a short statement"),
        ("The engineers believe the dam holds.", "believes", "The engineers", "believe"),
        ("Officials are confident that the dam holds.", "believes", "Officials", "confident"),
        ("Farmers are worried about the dam.", "feels", "Farmers", "worried"),
        ("Farmers fear more raids.", "feels", "Farmers", "fear"),
        ("The army plans to leave.", "intends", "The army", "plans"),
        ("The army asked residents to leave.", "demands", "The army", "asked"),
        ("Residents heard three blasts.", "perceives", "Residents", "heard"),
    ],
)  # fmt: skip
def test_kinds_and_sources(text: str, kind: str, source: str, cue: str) -> None:
    simple = text.replace("“", '"').replace("”", '"')
    hits = [one for one in found(simple) if one[2] == cue]
    assert len(hits) == 1, found(simple)
    assert hits[0][0] == kind
    assert hits[0][1].startswith(source), hits


@pytest.mark.parametrize(
    "text",
    [
        "The camp was hit.",
        "A man accused of arson fled.",
        "Twelve sailors are still reported missing.",
        "A boat, believed to have left Hodeidah, sank.",
        "The army attacked the village at dawn.",
        "Soldiers found 12 bodies in the ruins.",
        "The truck drove through the United States.",
    ],
)
def test_acts_and_nameless_words_are_no_attribution(text: str) -> None:
    assert found(text) == []


def test_all_of_a_sentence_are_found_each_with_its_own_kind() -> None:
    text = "The mayor wants calm, but residents fear more raids, a doctor said."
    assert found(text) == [
        ("intends", "The mayor", "wants"),
        ("feels", "residents", "fear"),
        ("says", "a doctor", "said"),
    ]


def test_who_is_asked_does_what_is_asked_of_him() -> None:
    text = "The ministry asked the hospital to report every death."
    assert ("says", "the hospital", "report") in found(text)


@pytest.mark.parametrize(
    ("text", "source", "kind", "hedging"),
    [
        ("The ministry said 12 men died.", "ministry", "says", "reported"),
        ("The ministry believes 12 men died.", "ministry", "believes", "likely"),
        ("The ministry fears 12 men died.", "ministry", "feels", "possible"),
        ("The ministry plans to send 200 trucks.", "ministry", "intends", "possible"),
        ("The ministry, which sent none before, plans to send 200 trucks.", "ministry", "intends", "possible"),
        ("The ministry demands 200 trucks.", "ministry", "demands", "possible"),
        ("The ministry demanded that 12 raids stop.", "ministry", "demands", "possible"),
        ("The ministry vowed that 200 trucks would come.", "ministry", "intends", "possible"),
        ("The ministry wants 200 trucks.", "ministry", "intends", "possible"),
    ],
)  # fmt: skip
def test_a_claim_records_what_its_source_does(text: str, source: str, kind: str, hedging: str) -> None:
    (claim,) = read_document(text).claims
    assert (claim.source, claim.attribution_kind, claim.hedging) == (source, kind, hedging)
    assert claim.is_wish == (kind in ("feels", "intends", "demands"))


def test_nobody_named_means_no_kind() -> None:
    (claim,) = read_document("Twelve men died near Taiz on Monday.", published="2024-05-08").claims
    assert claim.source is None and claim.attribution_kind is None and not claim.is_wish


def test_what_is_said_goes_before_what_is_feared_in_it() -> None:
    (claim,) = read_document("Residents fear that 12 men died, the mayor said.").claims
    assert (claim.source, claim.attribution_kind) == ("mayor", "says")
    (claim,) = read_document("Residents fear that the mayor said 12 men died.").claims
    assert (claim.source, claim.attribution_kind) == ("Residents", "feels")


@pytest.mark.parametrize(
    "text",
    [
        "They plan to free 200 men.",  # whom "they" means is a guess
        "If the army decides to leave, 200 men stay.",
        "After 12 men died the army plans to leave.",  # the deaths are not planned
        "Police did not say that 12 men died.",
    ],
)
def test_a_wish_is_not_given_to_whom_it_may_not_belong(text: str) -> None:
    ledger = read_document("Airwars said 900 people died in the city. " + text)
    assert ledger.claims[-1].source is None


def test_a_pronoun_is_not_a_ministry_that_only_wanted_something() -> None:
    ledger = read_document("A doctor said 12 boats sank. The aid groups want 40 boats. He said 5 men died.")
    assert [c.source for c in ledger.claims] == ["doctor", "aid groups", "doctor"]


def test_what_is_wanted_is_no_telling_of_an_event() -> None:
    ledger = read_document(
        "The ministry demanded that the army free 12 detained men.", published="2024-05-08"
    )
    assert all(event.source is None for event in ledger.events)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("The union, which stands for 2,500 nurses, said 12 clinics shut.", "union"),
        ("The state news agency, Example Wire, reported 12 dead.", "state news agency"),
        ("The minister named no town but said 12 men died.", "minister"),
        ("The council met on Monday and tweeted that 12 men died.", "council"),
    ],
)
def test_speakers_whose_verb_stands_further_off(text: str, source: str) -> None:
    got = attribute(text, 0, len(text), actors=tuple(find_actors(text)))
    assert (got.source, got.kind) == (source, "says")


def test_all_attributions_of_a_report_are_listed_and_names_no_private_person() -> None:
    text = "Marwen Teskal believes the road is safe. **The army** plans to leave, officials said."
    found = find_attributions(read_document(text))
    assert [(a.kind, a.source) for a in found] == [
        ("believes", "a person"),
        ("intends", "army"),
        ("says", "officials"),
    ]
    for one in found:
        assert text[one.cue_start : one.cue_end] == one.cue
    assert text[slice(found[1].start, found[1].end)] == "army"
    assert "Teskal" not in str([a.source for a in found])


def test_arabic_claims_are_statements() -> None:
    ledger = read_document("قالت وزارة الصحة إن 12 شخصا قتلوا في مدينة إدلب.", language="ar")
    assert {c.attribution_kind for c in ledger.claims if c.source} <= {"says"}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_any_words_are_read_and_every_span_holds(text: str) -> None:
    clause = Clause(text)
    assert len(clause.sorts) == len(clause.at) == len(clause.low) == len(clause.quoted)
    for one in find_all(text):
        for a, b in (one.source, one.cue):
            assert 0 <= a < b <= len(text) and text[a:b].strip()
    for got in attributions_of(text, 0, len(text), tuple(find_actors(text))):
        assert text[got.cue_start : got.cue_end] == got.cue
        assert 0 <= got.start < got.end <= len(text)
    attribute(text, 0, len(text))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80) | st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_any_text_keeps_its_spans(text: str) -> None:
    for got in attributions_of(text, 0, len(text)):
        assert text[got.cue_start : got.cue_end] == got.cue
        assert 0 <= got.start < got.end <= len(text)


def test_page_furniture_and_other_languages_attribute_nothing() -> None:
    ledger = read_document("The army said 12 men died.\n\nRelated articles\n\nMedics say the road is shut")
    assert [a.source for a in find_attributions(ledger)][:1] == ["army"]
    assert find_attributions(read_document("قالت وزارة الصحة إن 12 شخصا قتلوا.", language="ar")) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Relatives of Mirna Dolek said 4 people died in the strike on Rafah.",
        "Sources close to Mirna Dolek told Reuters that 4 people died in the strike on Rafah.",
        "A statement from Mirna Dolek said 4 people died in the strike on Rafah.",
        "نقل الناشط أورفيل دولك أن أربعة مدنيين قتلوا في قصف على رفح.",
    ],
)
def test_a_source_without_a_name_shows_no_name_inside_it(text: str) -> None:
    ledger = read_document(text, published="2024-05-10")
    shown = [e.source for e in ledger.events] + [a.source for a in find_attributions(ledger)]
    shown += [count.source for e in ledger.events for count in e.counts]
    assert shown
    assert not any("Dolek" in (s or "") or "دولك" in (s or "") for s in shown)


def test_a_place_or_house_in_such_a_source_stays() -> None:
    (event,) = read_document("Sources in Khan Younis said 4 people died in the strike on Rafah.").events
    assert event.source == "Sources in Khan Younis"


@pytest.mark.parametrize(
    ("text", "source", "kind"),
    [
        ("Strikes on Idlib kill 12, ministry hopes for calm.", None, None),
        ("Twelve people were killed in Idlib, and the ministry wants an inquiry.", None, None),
        ("Before talks began, the ministry hoped to send 200 trucks.", "ministry", "feels"),
        ("The ministry hopes to send 200 trucks next week.", "ministry", "feels"),
    ],
)
def test_a_wish_beside_what_is_told_is_not_its_source(
    text: str, source: str | None, kind: str | None
) -> None:
    claim = read_document(text, published="2031-05-10").claims[0]
    assert (claim.source, claim.attribution_kind) == (source, kind)
