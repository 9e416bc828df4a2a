"""How the relevance model is learnt and judged, and how the sureness of a perpetrator is measured."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture(scope="module")
def tools() -> Iterator[dict[str, ModuleType]]:
    pytest.importorskip("sklearn")
    sys.path.insert(0, str(TOOLS))
    try:
        import reading_more
        import train_relevance

        yield {"train": train_relevance, "more": reading_more}
    finally:
        sys.path.remove(str(TOOLS))


def row(text: str, **template: list[str]) -> dict[str, Any]:
    return {"text": text, "templates": [template] if template else [], "relevant": bool(template)}


def test_the_fullest_sentence_is_marked(tools: dict[str, ModuleType]) -> None:
    text = (
        "THE MAYOR SPOKE TO US TODAY. REBELS BURNED THE TOWN HALL WITH TORCHES. THE TOWN HALL WAS OLD THEN."
    )
    coded = row(text, phys_tgt_id=['"TOWN HALL" / "HALL"'], perp_individual_id=['? "REBELS"'])
    assert tools["train"].marked(coded) == [-1, 1, -1]
    assert tools["train"].marked(row(text)) == [0, 0, 0]
    assert tools["train"].marked(row(text, phys_tgt_id=['"A TOWER"'])) == [-1, -1, -1]  # nowhere in the text


def test_stretches_are_neighbours_and_leave_each_out_once(tools: dict[str, ModuleType]) -> None:
    folds = tools["train"].stretches(23, 5)
    assert np.concatenate([rest for _, rest in folds]).tolist() == list(range(23))
    for train, rest in folds:
        assert not set(train) & set(rest) and len(train) + len(rest) == 23
        assert np.all(np.diff(rest) == 1)


def test_best_f1_and_its_share(tools: dict[str, ModuleType]) -> None:
    truth = np.array([True, False, True, False])
    score = np.array([0.9, 0.8, 0.7, 0.1])
    assert tools["train"].best_f1(truth, score) == pytest.approx(0.8)  # three said, two right
    assert tools["train"].best_f1(truth, score, 0.5) == pytest.approx(0.8)
    # relevant texts count thrice: 6 right, 1 false, 6 coded
    assert tools["train"].best_f1(truth, score, 0.75) == pytest.approx(12 / 13)


def test_no_name_ships(tools: dict[str, ModuleType]) -> None:
    ships = tools["train"].ships
    assert ships("bomb") and ships("yesterday") and ships("fmln")
    assert not any(ships(word) for word in ("ahmad", "teskan", "maria", "november", "1989"))


@pytest.mark.parametrize(
    ("coded", "classes"),
    [
        ('REPORTED AS FACT: "X"', {"as fact"}),
        ('? SUSPECTED OR ACCUSED BY AUTHORITIES: "X"', {"in doubt"}),
        ('CLAIMED OR ADMITTED / REPORTED AS FACT: "X"', {"claimed", "as fact"}),
        ('POSSIBLE: "CLAIMED"', {"in doubt"}),
    ],
)
def test_sureness_of_coded_words(tools: dict[str, ModuleType], coded: str, classes: set[str]) -> None:
    assert tools["more"].sureness(coded) == classes


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("The Red Dawn Front killed three farmers near the mill on Monday.", "as fact"),
        ("The Red Dawn Front may have killed three farmers near the mill on Monday.", "in doubt"),
        ("Three farmers were killed near the mill on Monday.", None),
        ("The Red Dawn Fronts killed three farmers on Monday.", None),  # another name
    ],
)
def test_sureness_of_read_claims(tools: dict[str, ModuleType], text: str, given: str | None) -> None:
    from afterstrike.reading import read_document

    assert tools["more"]._named(read_document(text), ["red dawn front"]) == given


@pytest.mark.shared
def test_texts_with_incidents_are_found(tools: dict[str, ModuleType], shared: Path) -> None:
    import reading_tasks

    count = reading_tasks.muc("dev")
    assert 2 * count["both"] / (count["coded relevant"] + count["said relevant"]) > 0.83
    assert count["type right"] / count["coded incidents"] > 0.75
