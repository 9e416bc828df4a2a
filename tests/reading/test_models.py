"""The small models: what ships is what the formula says, and sorts as it should."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.reading._mask_words import sort_of
from afterstrike.reading.models import (
    RelevanceModel,
    TextModel,
    incident_type,
    relevance,
    relevant_from,
    uncertainty,
)
from afterstrike.reading.models._model import sentence_marks
from afterstrike.reading.models._relevance import class_terms, sentences, word_classes


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


INCIDENTS = [
    "A car bomb exploded outside a police station in the capital on Tuesday, killing at least seven people and wounding "
    "a dozen, officials said. No group claimed responsibility.",
    "Gunmen opened fire on worshippers at a mosque at dawn on Friday, leaving 11 people dead, residents said.\n\nPolice "
    "said the attackers fled on motorcycles.",
    "Militants kidnapped two aid workers on the road to the camp on Sunday and demanded a ransom, the charity said.",
    "An airstrike hit a market in the town overnight, killing 14 civilians including three children, medics said.",
]
OTHERS = [
    "The central bank held interest rates on Wednesday and said inflation would fall by the end of the year.",
    "The team won the final 3-1. The captain scored twice in the second half and dedicated the victory to the fans.",
    "Leaders met for a second round of peace talks. The minister said that dialogue was the only way to end years of "
    "violence and terrorism, and that elections would follow.",
    "Government troops clashed with rebels in the hills; the army said that its offensive would continue.",
    "The museum opens an exhibition about the bombing of the city in 1943. Visitors can see letters from the war years.",
    "Researchers said that a new vaccine cut deaths from malaria by a third in a trial with 4,000 children.",
]


@pytest.mark.parametrize("text", INCIDENTS)
def test_reports_of_today_in_mixed_case_are_relevant(text: str) -> None:
    assert relevance(text) > relevant_from()


@pytest.mark.parametrize("text", OTHERS)
def test_talk_clashes_and_history_are_not(text: str) -> None:
    assert relevance(text) < relevant_from() / 2


def test_capitals_make_no_difference() -> None:
    assert all(relevance(text) == relevance(text.upper()) for text in INCIDENTS + OTHERS)


def test_one_sentence_in_a_long_text_lifts_it() -> None:
    filler = " ".join(OTHERS[:2] * 3)
    assert relevance(f"{filler} {INCIDENTS[0]}") > 5 * relevance(filler)


def test_relevance_is_the_formula() -> None:
    model = RelevanceModel(
        words={"bomb": 2.0, "today": 1.0, "bomb today": 0.5, "noise": 9.0},
        classes={"bomb": 0.25, "bomb+recent": 0.125},
        sentence_constant=-1.0,
        ratio={"bomb": 3.0, "today": -4.0},
        text_words={"bomb": 1.5, "today": -0.5},
        text_constant=0.5,
        join=(1.0, 2.0, -0.75),
        threshold=0.5,
    )
    text = "They left it there then. He saw the bomb today"
    best = 3.5 / math.sqrt(3) + 0.375 - 1.0  # the second sentence; the first has no known word: -1
    whole = 1.0 / 5.0 + 0.5
    assert model.chance(text) == pytest.approx(1 / (1 + math.exp(-(best + 2 * whole - 0.75))))
    assert model.chance("") == pytest.approx(1 / (1 + math.exp(-(-1.0 + 2 * 0.5 - 0.75))))


def test_sentences_break_at_stops_brackets_and_blank_lines() -> None:
    assert [
        len(s)
        for s in sentences("It was said so.  [BEGIN RECORDING] We were all there\n\nand they ran off too")
    ] == [
        4,
        6,
        5,
    ]
    assert sentences("Too short.") == [["too", "short"]]
    assert sentences("") == [[]]


def test_classes_of_words() -> None:
    assert word_classes("dynamited") == {"bomb"} and word_classes("1943") == {"year"}
    assert not word_classes("skill")  # a class takes whole words
    assert class_terms(["bomb", "bombs", "may"]) == [
        "ahead",
        "bomb",
        "month",
        "ahead+bomb",
        "ahead+month",
        "bomb+month",
    ]


def test_weights_hold_no_words_that_may_be_names() -> None:
    relevant = RelevanceModel.load()
    terms = {*relevant.words, *relevant.ratio, *relevant.text_words}
    for name in ("incident_type", "uncertainty"):
        model = TextModel.load(name)
        terms |= {*model.idf, *(term for weights in model.weights.values() for term in weights)}
    words = {word for term in terms for word in term.split()}
    assert len(words) > 2000
    names = {w for w in words if sort_of(w) in ("given", "weak", "part", "name") and not word_classes(w)}
    assert not names


@given(st.text(max_size=300))
def test_relevance_of_any_text_is_a_likelihood(text: str) -> None:
    assert 0 <= relevance(text) <= 1
