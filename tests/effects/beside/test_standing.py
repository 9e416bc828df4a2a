"""What a row may say: a sign only where nothing stands against it, and the same words for either sign."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.effects import CheckResult
from afterstrike.effects._beside._agreement import agreement
from afterstrike.effects._beside._designs import DESIGNS, _standing
from afterstrike.effects._beside._standing import ESTIMANDS, Standing, open_points_of, refused


def _check(passed: bool | None) -> CheckResult:
    return CheckResult("leads", passed, pd.DataFrame(), "")


def _row(value: float, low: float, high: float, **further: object) -> Standing:
    told: dict[str, object] = {"estimand": "discs", "design": "matched wakes", "form": "", "role": "design"}
    told |= {"measure": "rate ratio", "days": 14.0, "km": 25.0} | further
    if "points" not in told:
        bounds = {"low": low, "high": high}
        told["points"] = open_points_of(bounds, (), 1.0 if told["measure"] == "rate ratio" else 0.0)
    return Standing(value=value, low=low, high=high, **told)  # type: ignore[arg-type]


@given(st.floats(0.05, 20), st.floats(1.01, 5), st.sampled_from(["rate ratio", "recorded attacks a day"]))
def test_a_sign_needs_an_interval_without_no_change(ratio: float, width: float, measure: str) -> None:
    value, low, high = ratio, ratio / width, ratio * width
    if measure != "rate ratio":
        value, low, high = (math.log(number) for number in (value, low, high))
    row = _row(value, low, high, measure=measure)
    none = row.none
    expected = "fewer" if high < none else "more" if low > none else "cannot tell"
    assert row.answer == expected
    assert ("Cannot tell" in row.sentence()) == (expected == "cannot tell")


def test_a_failed_check_takes_the_sign_back() -> None:
    points = open_points_of({"low": 0.5, "high": 0.8}, (_check(True), _check(None), _check(False)), 1.0)
    assert points == ('the check "leads" failed',)
    row = _row(0.6, 0.5, 0.8, points=points)
    assert row.answer == "cannot tell"
    assert 'because the check "leads" failed' in row.sentence()


def test_the_interval_for_all_windows_decides_where_there_is_one() -> None:
    bounds = {"low": 0.5, "high": 0.8, "low_joint": 0.4, "high_joint": 1.1}
    held = "the interval that serves all windows at once holds no change"
    assert open_points_of(bounds, (), 1.0) == (held,)
    row = _row(0.6, 0.5, 0.8, low_joint=0.4, high_joint=1.1, points=open_points_of(bounds, (), 1.0))
    assert f"Cannot tell, because {held}" in row.sentence()
    assert open_points_of({"low": 0.5, "high": 1.1}, (), 1.0) == ("the interval holds no change",)
    assert open_points_of(bounds | {"low_joint": math.nan, "high_joint": math.nan}, (), 1.0) == ()


def test_no_interval_is_no_sign() -> None:
    points = open_points_of({"low": math.nan, "high": math.nan}, (), 1.0)
    row = _row(0.2, math.nan, math.nan, points=points)
    assert row.answer == "cannot tell"
    assert "no interval" in row.sentence()


def test_ends_that_meet_are_no_interval() -> None:
    design = next(design for design in DESIGNS if design.name == "naive before and after")
    points = open_points_of({"low": 0.0, "high": 0.0, "low_joint": 0.0, "high_joint": 0.0}, (), 1.0)
    assert points == ("there is no interval",)
    ends = {
        "rate_ratio": 0.0,
        "rate_ratio_low": 0.0,
        "rate_ratio_high": 0.0,
        "days": 7,
        "km": 25.0,
        "reason": "",
    }
    row = _standing(design, ends, points=points)
    assert row.answer == "cannot tell" and "no interval" in row.sentence()
    assert math.isnan(row.low) and math.isnan(row.high)


def test_a_refusal_says_why() -> None:
    row = refused("discs", "matched wakes", "design", "two strikes.", days=14, km=25.0)
    assert row.answer == "not estimated"
    assert row.sentence() == "matched wakes: not estimated (two strikes)."


def test_words_are_the_same_for_either_sign() -> None:
    lull, surge = _row(0.5, 0.4, 0.6).sentence(), _row(2.0, 1.6, 2.5).sentence()
    assert lull.replace("50% lower", "X") != lull
    shape = [text.translate(str.maketrans("", "", "0123456789%")) for text in (lull, surge)]
    assert shape[0].replace("lower", "higher") == shape[1]


def test_every_design_has_an_estimand_in_words() -> None:
    assert {design.estimand for design in DESIGNS} == set(ESTIMANDS)


def test_agreement_counts_designs_only() -> None:
    rows = [
        _row(0.7, 0.6, 0.8),
        _row(0.9, 0.7, 1.2, design="mutual excitation", estimand="zone-days"),
        _row(0.3, 0.2, 0.4, design="naive before and after", role="bad example", estimand="before and after"),
    ]
    text = " ".join(agreement(rows))
    assert "1 of 2: recorded attacks were fewer than expected (matched wakes)" in text
    assert "1 of 2: cannot tell (mutual excitation)" in text
    assert "Of the 1 that cannot tell, 1 leans to fewer; a lean is no finding." in text
    assert "Kept to be seen failing" in text


def test_designs_that_disagree_are_told_apart_by_what_they_estimate() -> None:
    rows = [
        _row(0.7, 0.6, 0.8),
        _row(1.4, 1.2, 1.6, design="mutual excitation", estimand="zone-days"),
    ]
    text = " ".join(agreement(rows))
    assert "They disagree in sign: matched wakes against mutual excitation." in text
    assert "They do not estimate the same thing" in text


def test_where_no_design_can_tell_that_is_the_first_word() -> None:
    assert agreement([_row(0.9, 0.7, 1.2)])[0].startswith("No design can tell what followed these strikes.")


@pytest.mark.parametrize("answer", ["a check"])
def test_an_assumption_in_doubt_is_named(answer: str) -> None:
    points = (f'the check "{answer}" failed',)
    text = " ".join(agreement([_row(0.5, 0.4, 0.6, points=points)]))
    assert "An interval leaves out no change, but an assumption is in doubt" in text
    assert answer in text


def test_no_assumption_is_said_to_decide_where_the_interval_for_all_windows_holds_no_change() -> None:
    points = ("the interval that serves all windows at once holds no change", 'the check "leads" failed')
    row = _row(0.6, 0.5, 0.8, low_joint=0.4, high_joint=1.1, points=points)
    assert "an assumption is in doubt" not in " ".join(agreement([row]))
    outside = replace(row, high_joint=0.9, points=points[1:])
    assert "an assumption is in doubt" in " ".join(agreement([outside]))
