"""Answers to an article's questions: each from its output, none claiming more than it may."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from afterstrike.containment import QUESTIONS, Answers, answer_questions, load_world
from afterstrike.containment._forecast._cases import years_with_strikes
from afterstrike.containment._question_words import answer_of
from afterstrike.errors import UsageError


@pytest.fixture(scope="module")
def found() -> Answers:
    return answer_questions("feb2026", until="2027-12-31", members=240, drivers_n=64)


def told(found: Answers, key: str, **changes: object) -> str:
    """The text of one answer after the base run's draws are changed."""
    base = found.runs.base
    changed = replace(base, draws={**base.draws, **changes})  # type: ignore[arg-type]
    runs = replace(found.runs, ensembles={**found.runs.ensembles, "strikes_only": changed})
    return answer_of(key, runs).text


def test_every_question_has_an_answer_or_a_reason(found: Answers) -> None:
    """One answer each, in order; only what has no sourced input is left open."""
    assert [answer.key for answer in found.answers] == list(QUESTIONS)
    left_open = [answer.key for answer in found.answers if answer.standing == "cannot be answered"]
    assert left_open == ["cost_exchange"]
    for answer in found.answers:
        assert answer.text.endswith(".") and len(answer.text) > 60
        assert answer.figures or answer.key in left_open


def test_numbers_of_the_table_stand_in_the_text_and_are_ranges(found: Answers) -> None:
    """low <= median <= high, and each row of the table has its question."""
    frame = found.to_frame()
    ranged = frame.dropna(subset=["low", "high"])
    assert (ranged["low"] <= ranged["high"]).all()
    middle = ranged[ranged["unit"] != "probability"]
    assert ((middle["low"] <= middle["median"]) & (middle["median"] <= middle["high"])).all()
    assert set(frame["key"]) == set(QUESTIONS)


def test_the_sign_is_said_only_where_nearly_all_draws_agree(found: Answers) -> None:
    """Not known between 5 and 95 %; else a word, in either direction."""
    effect = np.linspace(0.01, 1.0, found.runs.base.members)
    assert "is not known" in told(found, "lull")
    assert "strikes lower attacks in 100 % of draws, by association" in told(
        found, "lull", strike_effect=effect
    )
    assert "strikes raise attacks in 100 % of draws, by association" in told(
        found, "lull", strike_effect=-effect
    )


def test_attacks_averted_follow_the_small_lull_formula(found: Answers) -> None:
    """10 * rate * b * q * half-life / ln 2: doubles with each of its parts, turns with the sign."""
    base = found.runs.base.draws

    def averted(**changes: object) -> float:
        ensemble = replace(found.runs.base, draws={**base, **changes})
        runs = replace(found.runs, ensembles={**found.runs.ensembles, "strikes_only": ensemble})
        median = answer_of("lull", runs).figures[1].median
        assert median is not None
        return median

    fixed = {"strike_effect": np.full(240, 0.2)}
    one = averted(**fixed)
    assert one > 0
    assert averted(strike_effect=np.full(240, 0.4)) == pytest.approx(2 * one)
    assert averted(strike_effect=np.full(240, -0.2)) == pytest.approx(-one)
    assert averted(**fixed, lull_halflife=2 * base["lull_halflife"]) == pytest.approx(2 * one)
    assert averted(**fixed, attacks_per_fighter=2 * base["attacks_per_fighter"]) == pytest.approx(2 * one)


def test_an_order_is_left_out_where_it_flips(found: Answers) -> None:
    """With the flips of one pair above a fifth the words say so."""
    comparison = found.runs.comparison
    table = comparison.table.copy()
    row = (
        (table["scenario"] == "coordinate")
        & (table["output"] == "attacks")
        & (table["against"] == "strikes_only")
    )
    table.loc[row, ["flips", "order", "reason"]] = [0.4, "not known", "it flips in 40 % of prior draws"]
    runs = replace(found.runs, comparison=replace(comparison, table=table))
    text = answer_of("seams", runs).text
    assert "the order is not known" in text and "fewer in" not in text


def test_a_year_without_a_figure_is_missing() -> None:
    """Years of which a figure speaks carry its source, the others nothing; another country has none."""
    years = years_with_strikes(["SYR", "IRQ"])
    assert years[2016] and years[2025] and years[2021] == ""
    assert list(years) == list(range(min(years), max(years) + 1))
    assert years_with_strikes(["NOR"]) == {}


def test_a_world_without_areas_has_no_reference_class(found: Answers) -> None:
    """No class, no probability."""
    runs = replace(found.runs, world=replace(load_world("feb2026"), areas=()))
    answer = answer_of("missions_ahead", runs)
    assert answer.standing == "cannot be answered" and not answer.figures


def test_words_claim_no_more_than_they_may(found: Answers) -> None:
    """No promise, no dose, no target, no child as a fighter to come; escapes to an order of magnitude."""
    text = found.summary()
    for forbidden in (
        r"\bwill\b", r"\bpredicts?\b", r"\bneed(ed)? \d+ strikes", r"strikes per month", r"\bshould\b",
        r"\bchild\w*[^.]*recruit", r"recruit[^.]*\bchild", r"\b(best|worst|optimal) (policy|scenario)",
    ):  # fmt: skip
        assert not re.search(forbidden, text, re.IGNORECASE), forbidden
    assert "no forecast" in text and "as of 13 February 2026" in text
    escapes = next(answer.text for answer in found.answers if answer.key == "escapes")
    assert re.search(r"in the order of one run in|in none of", escapes)


@pytest.mark.parametrize("arguments", [{"members": 3, "repeats": 2}, {"members": 1}, {"repeats": 0}])
def test_bad_numbers_are_refused(arguments: dict[str, int]) -> None:
    """Before anything is run."""
    with pytest.raises(UsageError, match="allowed members as a multiple"):
        answer_questions("feb2026", **arguments)  # type: ignore[arg-type]
