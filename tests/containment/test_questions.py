"""Answers to an article's questions: each from its output, none claiming more than it may."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from afterstrike.containment import QUESTIONS, Answers, answer_questions, load_world
from afterstrike.containment._forecast._cases import years_with_strikes
from afterstrike.containment._question_words import answer_of
from afterstrike.errors import UsageError


@pytest.fixture(scope="module")
def found() -> Answers:
    return answer_questions("feb2026", until="2027-12-31", members=240, drivers_n=64)


def with_runs(found: Answers, **counts: float) -> Answers:
    """The same answers with every count of an output of the base run, or of `name__scenario`, set to a number a month."""
    ensembles = dict(found.runs.ensembles)
    for named, value in counts.items():
        output, _, scenario = named.partition("__")
        scenario = scenario or "strikes_only"
        old = ensembles[scenario]
        arrays = {"zone": old.zone.copy(), "custody": old.custody.copy(), "camp": old.camp.copy()}
        part, _, column = replace(old, **arrays)._part(output)  # a view of the copy
        part[..., column] = 0
        part[:, :, 0, column] = value
        ensembles[scenario] = replace(old, **arrays)
    return replace(found, runs=replace(found.runs, ensembles=ensembles))


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
    assert not frame["what"].str.contains("recruited|demobilised").any()
    assert ((middle["low"] <= middle["median"]) & (middle["median"] <= middle["high"])).all()
    assert set(frame["key"]) == set(QUESTIONS)


def test_attacks_averted_are_read_from_paired_runs(found: Answers) -> None:
    """Ten a month without strikes and eight with, four targets a month: five averted by ten targets, in every draw."""
    made = answer_of("lull", with_runs(found, attacks=8, attacks__without_strikes=10, targets_hit=4).runs)
    share, each = made.figures
    assert share.median == 1.0 and each.median == pytest.approx(5.0)
    assert "fewer attacks with them in 100 %" in made.text and "5 (5 to 5 in 80 % of draws)" in made.text
    turned = answer_of("lull", with_runs(found, attacks=10, attacks__without_strikes=8, targets_hit=4).runs)
    assert turned.figures[0].median == 0.0 and turned.figures[1].median == pytest.approx(-5.0)
    none = answer_of("lull", with_runs(found, targets_hit=0).runs)
    assert none.standing == "cannot be answered"


def test_what_is_put_in_is_called_so(found: Answers) -> None:
    """Materiel, command and fighters can only lower attacks: no answer calls the whole an open question."""
    text = answer_of("lull", found.runs).text
    assert "is put in" in text and "assumption" in answer_of("lull", found.runs).standing


def test_growth_and_removal_are_read_from_the_runs(found: Answers) -> None:
    """Fighters at the end and removed, against the fighters at the start, a year; joining is never told alone."""
    fixed = with_runs(
        found,
        killed_by_strikes=3,
        killed_by_missions=1,
        captured=4,
        fighters=2000,
        fighters__without_strikes=2000,
    )
    base = fixed.runs.base
    answer = answer_of("recruitment", fixed.runs)
    start = np.rint(base.draws["fighters"])
    years = ((base.periods[-1] - base.start).days + 1) / 365.25
    months = len(base.periods)
    growth, _, by_air, by_ground = answer.figures
    assert growth.median == pytest.approx(np.median(100 * (2000 - start) / start / years))
    assert by_air.median == pytest.approx(np.median(100 * 3 * months / start / years))
    assert by_ground.median == pytest.approx(np.median(100 * 5 * months / start / years))
    assert not any(
        word in figure.what for figure in answer.figures for word in ("recruit", "joined", "demobilised")
    )


def test_escapes_are_told_to_an_order_of_magnitude_alone(found: Answers) -> None:
    """No share of runs but powers of ten; escapes of every run are seen, and none where there are none."""
    shares = {figure.median for figure in answer_of("escapes", found.runs).figures}
    assert shares <= {0.0, 1.0, 0.1, 0.01, 0.001, 0.0001}
    assert (
        "pass 100 in most runs" in answer_of("escapes", with_runs(found, escapes=50, recaptured=0).runs).text
    )
    assert (
        "in none of 240 runs" in answer_of("escapes", with_runs(found, escapes=50, recaptured=50).runs).text
    )


def test_half_lives_are_those_of_the_draws(found: Answers) -> None:
    """Twice the half-life in the draws is twice the half-life told."""
    base = found.runs.base
    doubled = replace(base, draws={**base.draws, "lull_halflife": 2 * base.draws["lull_halflife"]})
    runs = replace(found.runs, ensembles={**found.runs.ensembles, "strikes_only": doubled})
    before, after = (answer_of("depreciation", one).figures[0].median for one in (found.runs, runs))
    assert before is not None and after == pytest.approx(2 * before)


def test_parts_of_the_spread_are_those_of_the_drivers(found: Answers) -> None:
    """The largest part named is the largest in the table."""
    assert found.runs.drivers is not None
    table = found.runs.drivers.table.copy()
    rows = (table["output"] == "net_escapes") & (table["group"] == "camps")
    table.loc[table["output"] == "net_escapes", ["reason"]] = ""
    table.loc[rows, ["total", "total_low", "total_high"]] = [0.97, 0.9, 1.0]
    runs = replace(found.runs, drivers=replace(found.runs.drivers, table=table))
    assert "camps 97 %" in answer_of("prison_weight", runs).text


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
    years = years_with_strikes(["SYR", "IRQ"], as_of=date(2026, 2, 13))
    assert years[2016] and years[2025] and years[2021] == ""
    assert list(years) == list(range(min(years), max(years) + 1))
    assert years_with_strikes(["NOR"], as_of=date(2026, 2, 13)) == {}


def test_a_class_holds_nothing_of_what_it_is_asked_about(found: Answers) -> None:
    """No year after the world's day, and years without a figure widen the range."""
    assert max(years_with_strikes(["SYR", "IRQ"], as_of=date(2019, 12, 31))) == 2019
    older = replace(found.runs, world=load_world("mid2024"))
    answer = answer_of("missions_ahead", older)
    assert "2025 and for 2026" in answer.text and "2024 to" not in answer.text
    low, high = (
        answer_of("missions_ahead", found.runs).figures[0].low,
        answer_of("missions_ahead", found.runs).figures[0].high,
    )
    assert low is not None and high is not None and low < 0.7 < 0.95 < high


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
    assert not re.search(r"one run in (?!two|10*\b)\d|\d %[^.]*escape", escapes)


@pytest.mark.parametrize("arguments", [{"members": 3, "repeats": 2}, {"members": 1}, {"repeats": 0}])
def test_bad_numbers_are_refused(arguments: dict[str, int]) -> None:
    """Before anything is run."""
    with pytest.raises(UsageError, match="allowed members as a multiple"):
        answer_questions("feb2026", **arguments)  # type: ignore[arg-type]


def test_the_open_sign_is_that_of_the_range_and_after_calibration_of_the_draws(found: Answers) -> None:
    """A range centred at zero is a half, whatever a few draws say; calibrated draws speak for themselves."""
    base = found.runs.base
    fewer = replace(base, draws={**base.draws, "strike_effect": np.full(base.members, 0.2)})
    runs = replace(found.runs, ensembles={**found.runs.ensembles, "strikes_only": fewer})
    assert "fewer in 50 % of its range" in answer_of("depreciation", runs).text
    calibrated = answer_of("depreciation", replace(runs, calibrated=("strike_effect",))).text
    assert "is fewer, by association" in calibrated and "fewer in 100 %" in calibrated
