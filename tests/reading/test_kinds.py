"""The kind of a statement follows from its words, by rules in a fixed order."""

from __future__ import annotations

import pytest

from afterstrike.reading import read_document


def kind(text: str, published: str = "2024-02-01") -> str | None:
    claims = read_document(text, published=published).claims
    return claims[0].kind if claims else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There are currently 900 troops in the province.", "figure"),
        ("A raid killed 12 people in Taiz on Sunday.", "figure"),
        ("Bombs killed 12 people, hours after the minister said troops would leave.", "figure"),
        ("Why are they still flying sortie rates reminiscent of 2017?", "figure"),
        ("A raid hit the port of Hodeidah on Sunday.", "event"),
        ("CENTCOM executed airstrikes in Syria.", "event"),
        ("No civilians were harmed.", "event"),
        ("The raids will likely bring a temporary lull.", "forecast"),
        ("Jets will be flying these missions in 2027.", "forecast"),
        ("If the prisons fall, we are talking about an army.", "forecast"),
        ("Talks could collapse within weeks.", "forecast"),
        ("Every raid buys time.", "causal"),
        ("The raids led to a drought.", "causal"),
        ("They fled because the well was dry.", "causal"),
        ("That is absurd.", "opinion"),
        ("The valley is a geopolitical black hole.", "opinion"),
        ("What now?", None),
        ("Watch the news.", None),
        ("The weather was mild.", None),
        ("It is a bag that would hold a loaf.", None),
    ],
)
def test_kinds(text: str, expected: str | None) -> None:
    assert kind(text) == expected


def test_a_figure_of_speech_is_no_figure() -> None:
    assert kind("They drop billion-dollar jets on it.") == "opinion"


def test_headings_are_claims_only_with_a_figure() -> None:
    body = (
        "\n\nThe valley was quiet for a week after that, people who live near the river in the east said.\n"
    )
    quotes = [c.quote for c in read_document("A Title of Some Words\n\nThe Vacuum in Syria" + body).claims]
    assert "The Vacuum in Syria" not in quotes
    quotes = [c.quote for c in read_document("A Title of Some Words\n\n14 Camps in One Night" + body).claims]
    assert "14 Camps in One Night" in quotes


def test_wishes_and_doubts_are_no_figures_and_no_forecasts() -> None:
    def kinds(text: str) -> list[str]:
        return [c.kind for c in read_document(text).claims]

    assert kinds("Donors should set aside $1.4bn for Yemen.") == ["opinion"]
    assert kinds("The 900 troops in Yemen should leave.") == ["figure"]
    assert "forecast" not in kinds("Iran counted 12 dead. Neither number could be independently verified.")


@pytest.mark.parametrize(
    "text",
    [
        "The strikes have had no effect on the number of car bombs.",
        "The raids made little difference to the number of attacks.",
        "The raids did nothing to stop the smuggling.",
        "The bombing failed to reduce the attacks.",
    ],
)
def test_a_denied_effect_is_causal(text: str) -> None:
    assert [c.kind for c in read_document(text).claims] == ["causal"]
