"""Events from text: what belongs together, what stays apart, and what a count stands on."""

from __future__ import annotations

import pytest

from afterstrike.reading import read_document
from afterstrike.reading._event import READ_KINDS, Event
from afterstrike.record import EVENT_KINDS


def events(text: str, published: str | None = "2024-05-08") -> tuple[Event, ...]:
    ledger = read_document(text, published=published)
    for event in ledger.events:
        for found in event.spans.values():
            assert all(0 <= a < b <= len(text) for a, b in found)
        if event.place:
            assert text[slice(*event.spans["place"][0])] == event.place
    return ledger.events


def test_every_kind_read_is_a_kind_of_the_event_table() -> None:
    assert set(READ_KINDS) < set(EVENT_KINDS)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Two airstrikes hit a depot near Mosul, Iraq.", "strike"),
        ("Warplanes bombed the town of Taiz in Yemen.", "strike"),
        ("A car bomb exploded in Baghdad, Iraq.", "attack"),
        ("Clashes broke out near Marib, Yemen, killing four soldiers.", "clash"),
        ("Gunmen murdered a judge in Kabul, Afghanistan.", "violence_against_civilians"),
        (
            "Dozens of inmates escaped from prison in Hasakah, Syria, after a car bomb exploded.",
            "prison_break",
        ),
        ("Police arrested 12 men in Basra, Iraq.", "detention"),
        ("Some 400 families fled Idlib, Syria.", "displacement"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert [event.kind for event in events(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "Teachers went on strike in Lima.",
        "Prisoners began a hunger strike in Cairo.",
        "The general strike closed shops in Tunis.",
        "He died of a heart attack in Rome.",
        "The minister hopes that talks will resume.",
    ],
)
def test_no_event(text: str) -> None:
    assert [e.kind for e in events(text) if e.kind in ("strike", "attack")] == []


def test_strikes_and_targets_are_counted_apart() -> None:
    (event,) = events(
        "- Near Mosul, three airstrikes destroyed two ISIL buildings and an ISIL staging area and struck a tunnel."
    )
    assert (event.strikes, event.targets, event.side_b) == (3, 4, "IS")
    assert event.target_types == {"building": 2, "staging area": 1, "tunnel": 1}


def test_who_struck_whom() -> None:
    (event,) = events("Turkish warplanes bombed SDF positions near Manbij, Syria, on Monday.")
    assert (event.initiator, event.side_b, event.weapon) == ("Government of Turkey", "SDF", "airstrike")
    (event,) = events("A market in Taiz, Yemen, was struck by a missile; nobody said by whom.")
    assert event.initiator is None


def test_whoever_says_it_struck_is_who_struck() -> None:
    (event,) = events("Israel said it struck 20 targets in Syria; monitors said six fighters died.")
    assert (event.kind, event.initiator, event.fatalities_best) == ("strike", "Government of Israel", 6)


def test_what_is_denied_is_no_count_of_the_event() -> None:
    (event,) = events(
        "The ministry denied that 12 civilians were killed in Monday's strike on Kunduz, Afghanistan."
    )
    assert (event.hedging, event.fatalities_low, event.civilian_fatalities_best) == ("denied", None, None)
    assert [c.value for c in event.counts] == [12]


@pytest.mark.parametrize(
    ("told", "civilians", "all_killed"),
    [
        ("No civilians were harmed, the command said.", 0, None),
        ("It said that no civilians were killed or injured.", 0, None),
        ("Nobody was killed or injured.", 0, 0),
        ("There were no immediate reports of casualties.", None, None),
        ("No casualties were reported.", None, None),
        ("No civilian casualties have so far been reported.", None, None),
        ("No coalition soldiers were killed.", None, None),
    ],
)
def test_of_whom_none_is_said(told: str, civilians: int | None, all_killed: int | None) -> None:
    (event,) = events(f"The army said that an airstrike hit a depot in Raqqa, Syria, on Monday. {told}")
    assert (event.civilian_fatalities_high, event.fatalities_high) == (civilians, all_killed)


@pytest.mark.parametrize(
    ("who", "civilians"),
    [
        ("12 Islamic State members", None),
        ("two IS leaders", None),
        ("two Houthis", None),
        ("three Hezbollah officials", None),
        ("two policemen", None),
        ("two bodyguards", None),
        ("two people", 2),
        ("five Syrians", 5),
        ("two children of a policeman", 2),
    ],
)
def test_who_is_never_presumed_a_civilian(who: str, civilians: int | None) -> None:
    (event,) = events(f"An airstrike in Raqqa, Syria, killed {who} on Monday.")
    assert event.civilian_fatalities_best == civilians and event.fatalities_best


@pytest.mark.parametrize(
    "text",
    [
        "Correction: an earlier version of this story said nine people were killed. An airstrike on Raqqa, Syria, "
        "on Monday killed ten civilians.",
        "An airstrike on Raqqa, Syria, on Monday killed ten civilians, not nine people as previously reported.",
        "تصحيح: ذكرت نسخة سابقة من هذا الخبر أن تسعة أشخاص قتلوا. قُتل عشرة مدنيين بغارة على مدينة الرقة السورية، الاثنين.",
    ],
)
def test_what_a_correction_withdraws_is_no_count(text: str) -> None:
    (event,) = events(text)
    assert (event.civilian_fatalities_low, event.civilian_fatalities_high) == (10, 10)


def test_none_harmed_elsewhere_is_said_of_no_other_place() -> None:
    event = events("An airstrike hit Raqqa, Syria, on Monday. No civilians were killed in Mosul, Iraq.")[0]
    assert event.place == "Raqqa" and event.civilian_fatalities_high is None


def test_one_event_told_twice_is_one_and_two_places_are_two() -> None:
    found = events(
        "An airstrike hit the market of Raqqa, Syria, on Monday. The strike killed nine civilians, medics said. "
        "Separately, a car bomb killed three soldiers in Mosul, Iraq, on Sunday."
    )
    assert [(e.kind, e.place, e.fatalities_best, e.date_start) for e in found] == [
        ("strike", "Raqqa", 9, "2024-05-06"),
        ("attack", "Mosul", 3, "2024-05-05"),
    ]


def test_another_place_or_another_day_begins_another_event() -> None:
    found = events(
        "An airstrike killed nine civilians in Raqqa, Syria. An airstrike killed two civilians in Mosul, Iraq."
    )
    assert [(e.place, e.fatalities_best) for e in found] == [("Raqqa", 9), ("Mosul", 2)]
    found = events(
        "An airstrike on Raqqa, Syria, killed nine civilians on Monday. "
        "An airstrike on Raqqa killed two civilians on Tuesday."
    )
    assert [(e.date_start, e.fatalities_best) for e in found] == [("2024-05-06", 9), ("2024-05-07", 2)]


def test_counts_of_other_sources_widen_the_range_and_stay_beside() -> None:
    (event,) = events(
        "A strike on Homs, Syria, killed 12 civilians, the Syrian Observatory said. Reuters reported 15 civilians were killed."
    )
    assert (
        event.civilian_fatalities_low,
        event.civilian_fatalities_best,
        event.civilian_fatalities_high,
    ) == (12, 12, 15)
    assert [(c.source, c.value) for c in event.counts] == [("SOHR", 12), ("Reuters", 15)]


def test_on_what_a_civilian_count_stands() -> None:
    (event,) = events("A strike near Homs, Syria, killed three people.")
    assert (event.fatalities_best, event.civilian_fatalities_best, event.civilian_status) == (
        3,
        3,
        "presumed",
    )
    (event,) = events("A strike near Homs, Syria, killed three nurses.")
    assert event.civilian_status == "stated"
    (event,) = events("A strike near Homs, Syria, killed three fighters.")
    assert (event.fatalities_best, event.civilian_fatalities_best, event.civilian_status) == (3, None, None)
    (event,) = events("A strike near Homs, Syria, killed four fighters and three people.")
    assert (event.civilian_fatalities_best, event.civilian_status) == (None, None)
    (event,) = events("Clashes near Homs, Syria, killed three people.")
    assert (event.fatalities_best, event.civilian_fatalities_low) == (3, None)


def test_what_is_not_said_is_missing_and_none_is_zero() -> None:
    (event,) = events("A strike hit a bridge near Homs, Syria.")
    assert event.fatalities_low is event.injured_low is event.civilian_fatalities_high is None
    (event,) = events("A strike hit a bridge near Homs, Syria. Nobody was killed.")
    assert (event.fatalities_low, event.fatalities_high) == (0, 0)
    (event,) = events(
        "Nobody claimed responsibility for the attack that killed seven people in Baghdad, Iraq, on Monday."
    )
    assert event.fatalities_best == 7


def test_running_totals_and_forecasts_make_no_event_count() -> None:
    found = events("A strike hit Homs, Syria, on Monday. Since 2014 such strikes have killed 900 people.")
    assert [e.fatalities_best for e in found] == [None]
    (event,) = events(
        "A strike on Homs, Syria, killed nine civilians, bringing the total number of people killed since 2014 to 900."
    )
    assert (event.fatalities_best, event.fatalities_high) == (9, 9)
    assert events("If the raids go on, the group will attack Homs in Syria.") == ()


def test_no_private_persons_name_stands_in_an_event() -> None:
    text = "Firstname al-Surname, who lost her son Boyname in the strike on Homs, Syria, said two people were killed."
    (event,) = events(text)
    assert event.source == "a person" and event.fatalities_best == 2
    told = {k: v for k, v in event.to_dict().items() if k != "spans"}
    assert not any(name in str(told) for name in ("Surname", "Firstname", "Boyname"))
    assert "Surname" in text[slice(*event.spans["source"][0])]


def test_two_speakers_in_a_sentence_are_two_sources() -> None:
    (event,) = events(
        "Russia said its forces killed 30 militants in Palmyra, Syria, on Monday; activists said 8 civilians died."
    )
    assert (event.fatalities_best, event.civilian_fatalities_best) == (30, 8)
    assert [(c.source, c.value) for c in event.counts] == [("Government of Russia", 30), ("activists", 8)]


def test_a_familys_name_is_no_place() -> None:
    (event,) = events(
        "A strike destroyed 3 houses of the Masri family and killed 2 people near Raqqa, Syria."
    )
    assert (event.place, event.adm0) == ("Raqqa", "SYR")


def test_people_who_speak_are_not_harmed() -> None:
    (event,) = events("The strike killed two men in Homs, Syria, residents said.")
    assert event.fatalities_best == 2 and len(event.counts) == 1


def test_the_headline_tells_the_event_of_the_body() -> None:
    text = "Nine killed in strike on Raqqa\n\nAn airstrike on the market of Raqqa in Syria killed nine civilians on Monday."
    (event,) = events(text)
    assert (event.fatalities_best, event.in_headline) == (9, False)


def test_events_of_a_long_list_are_not_all_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from afterstrike.reading import _assemble

    compared = 0

    def differ(*_: object) -> bool:
        nonlocal compared
        compared += 1
        return False

    monkeypatch.setattr(_assemble, "_same_place", differ)
    monkeypatch.setattr(_assemble, "_MOST_OPEN", 10)
    ledger = read_document(" ".join(["A strike hit Homs and killed 3."] * 60), published="2018-10-08")
    assert len(ledger.events) == 60
    assert compared <= 60 * 10


@pytest.mark.parametrize(
    ("text", "killed", "initiator", "surely"),
    [
        ("The ELN kidnapped 6 soldiers and killed 2 in Arauca; the FARC denied involvement.", 2, "ELN", "stated"),
        ("Israel blamed Hezbollah for the attack on Haifa that killed 12; Hezbollah denied it.", 12, "Hezbollah", "possible"),
        ("Medics blamed Russia for the airstrike in Idlib that killed 30, but Moscow denied it.", 30, "Russia", "possible"),
        ("Russia shelled the Mugunga camp, killing 9, while Moscow rejected the accusation.", 9, "Russia", "stated"),
    ],
)  # fmt: skip
def test_who_denies_it_in_a_clause_of_its_own_takes_no_count_away(
    text: str, killed: int, initiator: str, surely: str
) -> None:
    event = read_document(text, published="2024-05-10").events[0]
    assert event.fatalities_best == killed
    assert (event.initiator or "").removeprefix("Government of ") == initiator
    assert event.initiator_hedging == surely


@pytest.mark.parametrize(
    "text",
    [
        "Had Israel bombed Tehran, 3,000 people would have died.",
        "If the army had shelled the market in Homs, it would have killed 300 people.",
        "The attack on Homs would have killed 300 people if it had not been foiled.",
    ],
)
def test_what_would_have_happened_did_not(text: str) -> None:
    assert all(event.fatalities_best is None for event in read_document(text).events)
