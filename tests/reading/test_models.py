"""The small models: what ships is what the formula says, and sorts as it should."""

from __future__ import annotations

import math

import pytest

from afterstrike.reading.models import TextModel, incident_type, relevance, relevant_from, uncertainty
from afterstrike.reading.models._model import sentence_marks


@pytest.mark.parametrize(
    "sentence",
    [
        "Some experts believe that it may be one of the best.",
        "It is often considered the most important of its kind by many critics.",
        "Various sources suggest that he was probably born there.",
    ],
)
def test_uncertain_sentences(sentence: str) -> None:
    assert uncertainty(sentence) > 0.8


@pytest.mark.parametrize(
    "sentence", ["The bridge was built in 1901.", "She won 12 medals in Oslo in 1994.", "Early life"]
)
def test_certain_sentences(sentence: str) -> None:
    assert uncertainty(sentence) < 0.36


def test_texts_and_types() -> None:
    bomb = (
        "Guerrillas dynamited an electricity pylon; the bomb exploded at dawn and two peasants were wounded."
    )
    talk = "The president opened a trade fair and spoke of growth, exports and the harvest of coffee."
    assert relevance(bomb) > relevant_from() > relevance(talk)
    assert incident_type(bomb) == "bombing"
    assert (
        incident_type("The mayor was kidnapped by armed men who demanded a ransom for his release.")
        == "kidnapping"
    )


def test_the_score_is_the_formula() -> None:
    model = TextModel({"a": 2.0, "b": 1.0}, {"x": {"a": 0.5, "b": -1.0}}, {"x": ()}, {"x": 0.25}, 0.5, False)
    a, b = (1 + math.log(2)) * 2.0, 1.0
    expected = (0.5 * a - b) / math.hypot(a, b) + 0.25
    assert model.scores("a b a z")["x"] == pytest.approx(expected)
    assert model.scores("")["x"] == 0.25
    assert model.chance("a b a z") == pytest.approx(1 / (1 + math.exp(-expected)))


def test_marks_are_numbers_from_0_to_1() -> None:
    marks = sentence_marks('Some say "it may" be (2)')
    assert all(0 <= mark <= 1 for mark in marks) and len(marks) == len(sentence_marks(""))
