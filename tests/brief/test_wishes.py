"""What somebody believes is no count of his own; what somebody fears, plans or asks for is not held against figures."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from afterstrike.brief import _check as check_module
from afterstrike.brief._check import check_claims
from afterstrike.brief._context import is_wished
from afterstrike.brief._effect_words import direction_of
from afterstrike.brief._flag import flag_article
from afterstrike.brief._model import Check
from afterstrike.brief._rows import who_says
from afterstrike.reading import Claim, read_document
from afterstrike.record.shipped import Figure


def troops(value: float, origin: str = "US Department of Defense") -> Figure:
    fields: dict[str, Any] = {
        "figure_id": f"t.{value}.{origin}", "measure": "us_troops", "area": "IRQ", "period_start": date(2031, 5, 1),
        "period_end": date(2031, 5, 1), "value": value, "low": None, "high": None, "unit": "people", "approx": "exact",
        "source": "Invented Gazette", "origin": origin, "source_url": "https://example.org/figure", "note": None,
    }  # fmt: skip
    return Figure(**fields)


@pytest.fixture(autouse=True)
def _no_shipped_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_module, "shipped_figures", lambda extra=(): ())


def read(text: str) -> tuple[Claim, Check]:
    ledger = read_document(text, published="2031-05-10")
    (check,) = check_claims(ledger, extra_figures=[troops(4000)])
    return ledger.claims[0], check


@pytest.mark.parametrize("verb", ["wants", "plans to keep", "demands", "fears that it needs"])
def test_a_wish_is_not_held_against_figures(verb: str) -> None:
    claim, check = read(f"The ministry {verb} 9,000 American troops in Iraq.")
    assert claim.is_wish
    if claim.kind == "figure":
        assert check.verdict == "not_checkable" and not check.evidence
        assert check.rule == "fears, plans and demands are not checked"
    assert check.verdict not in ("supported", "same_source", "contradicted", "contested")


def test_a_statement_of_the_same_number_is() -> None:
    _, check = read("The ministry said 9,000 American troops are stationed in Iraq.")
    assert check.verdict in ("contested", "contradicted") and check.evidence


def test_a_number_beside_the_wish_is_checked() -> None:
    claim, check = read("The ministry fears more raids after 9,000 American troops were stationed in Iraq.")
    assert claim.is_wish
    assert check.verdict != "not_checkable"


def test_who_believes_a_number_has_no_count_of_his_own() -> None:
    said, stated = read("Airwars said 9,000 American troops are stationed in Iraq.")
    held, believed = read("Airwars believes 9,000 American troops are stationed in Iraq.")
    assert (said.attribution_kind, held.attribution_kind) == ("says", "believes")
    assert stated.verdict == "contested"  # one word against another
    assert believed.verdict != "contested"
    assert "One word stands against another" not in believed.sentence


def test_a_hope_says_nothing_of_what_strikes_do() -> None:
    for text, expected in (
        ("The ministry said the strikes will lead to fewer attacks in Iraq.", "fewer"),
        ("The ministry hopes the strikes will lead to fewer attacks in Iraq.", None),
    ):
        ledger = read_document(text, published="2031-05-10")
        assert [direction_of(ledger, claim) for claim in ledger.claims] == [expected]


def test_a_wish_is_not_the_one_source_of_an_event() -> None:
    wished = read_document(
        "The ministry demanded that 12 raids near Taiz stop. The ministry demanded that 30 strikes near Taiz stop."
    )
    told = read_document("The ministry said 12 raids hit Taiz. The ministry said 30 strikes hit Taiz.")
    assert "single_source" not in {f.kind for f in flag_article(wished, [])}
    assert "single_source" in {f.kind for f in flag_article(told, [])}


def test_the_reader_of_a_brief_is_told_what_the_source_does() -> None:
    claim, _ = read("The ministry wants 9,000 American troops in Iraq.")
    assert who_says(claim) == "ministry (official), who plans, wants or supports it"
    said, _ = read("The ministry said 9,000 American troops are in Iraq.")
    assert who_says(said) == "ministry (official)"


def test_a_house_that_passes_it_on_is_named_beside_the_source() -> None:
    (claim,) = read_document("Sputnik reported, citing CENTCOM, that 12 fighters were killed.").claims
    assert who_says(claim) == "US Central Command (official), relayed by Sputnik"


TOLD = [
    "The ministry fears that 9,000 American troops were stationed in Iraq.",
    "The ministry fears 9,000 American troops, including 40 pilots, have been stationed in Iraq.",
    "The ministry plans to send food to Iraq and says 9,000 American troops are stationed in Iraq.",
    "The ministry wants an inquiry into the death of 9,000 American troops in Iraq.",
    "The ministry wants answers on the raid that killed 9,000 American troops in Iraq.",
    "The ministry asked for doctors for 9,000 American troops wounded in Iraq.",
    "The ministry hopes to send food; 9,000 American troops are stationed in Iraq.",
]


@pytest.mark.parametrize("text", TOLD)
def test_what_is_feared_to_be_so_and_what_a_wish_rests_on_is_checked(text: str) -> None:
    ledger = read_document(text, published="2031-05-10")
    (claim, number) = next((c, q) for c in ledger.claims for q in c.quantities if q.value == 9000)
    assert not is_wished(ledger, claim, number)


@pytest.mark.parametrize(
    "text",
    [
        "The ministry hopes that 9,000 American troops will be stationed in Iraq.",
        "The ministry fears that the toll could rise to 9,000 American troops.",
        "The ministry fears that it needs up to 9,000 American troops in Iraq.",
        "The ministry wants to see 9,000 American troops in Iraq.",
        "The ministry demanded that 9,000 American troops leave Iraq.",
    ],
)
def test_what_is_only_to_come_is_a_wish(text: str) -> None:
    ledger = read_document(text, published="2031-05-10")
    claim = ledger.claims[0]
    assert claim.is_wish
    assert all(is_wished(ledger, claim, number) for number in claim.quantities)


def test_who_hopes_for_one_thing_has_not_said_another() -> None:
    ledger = read_document(
        "UN officials hope to reach 2 million people; 30,000 have died since the war began."
    )
    hoped, told = ledger.claims
    assert hoped.is_wish and hoped.source == "UN"
    assert (told.source, told.attribution_kind, told.hedging) == (None, None, "stated")
