"""Blocks and sentences keep their offsets, whatever the line ends."""

from __future__ import annotations

import time

import pytest

from afterstrike.reading._sentence import MAX_SENTENCE, blocks, sentences


def cut(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(b.kind, text[b.start : b.end]) for b in blocks(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It fell. They ran.", ["It fell.", "They ran."]),
        ("The U.S. Navy fired 1.5 tons. It left.", ["The U.S. Navy fired 1.5 tons.", "It left."]),
        ("He left the U.S. The war went on.", ["He left the U.S.", "The war went on."]),
        ("Gen. Roe spoke at 2 a.m. on Sunday.", ["Gen. Roe spoke at 2 a.m. on Sunday."]),
        ("J. Doe said so. Dr. Roe denied it.", ["J. Doe said so.", "Dr. Roe denied it."]),
        ("“We left.” They stayed.", ["“We left.”", "They stayed."]),
        ('He asked: "Why?" Nobody knew.', ['He asked: "Why?"', "Nobody knew."]),
        ("Why now? Because it rained!", ["Why now?", "Because it rained!"]),
        ("No. 5 fell on Jan. 3 near the dam.", ["No. 5 fell on Jan. 3 near the dam."]),
        ("It cost 3.5 million... Then it rained.", ["It cost 3.5 million...", "Then it rained."]),
        ("One line\nthat goes on. Two.", ["One line\nthat goes on.", "Two."]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_bullets_do_not_stick_to_headings() -> None:
    text = (
        "The Numbers:\n\n  • Camps hit: 14\n  • The road is closed. Nobody came.\n\n"
        "    The Next Move\n\n    They wait.\n"
    )
    assert kinds(text) == [
        ("heading", "The Numbers:"),
        ("bullet", "Camps hit: 14"),
        ("bullet", "The road is closed. Nobody came."),
        ("heading", "The Next Move"),
        ("paragraph", "They wait."),
    ]


def test_markdown_marks_are_left_out() -> None:
    text = (
        "## By the Numbers\n\n> Quoted words of a witness\n\n"
        "* first item\n1. second item\n\n**Bold start** of text.\n"
    )
    assert [words for _, words in kinds(text)] == [
        "By the Numbers",
        "Quoted words of a witness",
        "first item",
        "second item",
        "Bold start** of text.",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_hard_wrapped_lines_are_joined(end: str) -> None:
    text = end.join(
        [
            "The convoy left the port at dawn and reached the river before the",
            "guards of the bridge were awake. Two trucks turned back because the",
            "road was closed by rain, and the others waited for the engineers who",
            "came at noon.",
            "",
            "A second convoy never left.",
        ]
    )
    assert len(blocks(text)) == 2
    assert len(cut(text)) == 3


def test_unwrapped_lines_are_not_joined() -> None:
    text = "A raid killed nine people in the town\nBy A Reporter\nThe town was quiet after the raid.\n"
    assert len(blocks(text)) == 3


def test_text_without_full_stops_is_cut_and_fast() -> None:
    text = "word " * 200_000
    began = time.perf_counter()
    spans = sentences(text)
    assert time.perf_counter() - began < 3
    assert max(b - a for a, b in spans) <= MAX_SENTENCE
    assert sum(text[a:b].count("word") for a, b in spans) == 200_000
