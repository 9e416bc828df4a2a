"""Checks of matched wakes: each passes where it should, and fails on a fault made for it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import Study
from afterstrike.effects._wakes import estimate_wakes
from afterstrike.effects._wakes._as_result import WakeResult, wake_result
from afterstrike.effects._wakes._entry import WakeEstimates
from afterstrike.effects._wakes._leads import leads_check, pre_ratios
from afterstrike.effects._wakes._placebo import PlaceboRuns, placebo_check, placebo_runs, spread_verdict
from afterstrike.effects._wakes._redraw import slack_of
from afterstrike.effects._wakes._regions import parts_of_region, regions_check
from afterstrike.effects.theatres import Reporting, Theatre, simulate_theatre
from afterstrike.errors import UsageError

KM = 25.0


def study_of(events: pd.DataFrame) -> Study:
    return Study.from_frame(events, treatment="strike", outcome="attack", horizon_days=14, radius_km=KM)


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    return simulate_theatre(Theatre.preset("null", strikes="reactive", overlap=None), seed=4).events


@pytest.fixture(scope="module")
def made(events: pd.DataFrame) -> WakeEstimates:
    return estimate_wakes(study_of(events), days=(14,), km=(KM,), seed=1)


@pytest.fixture(scope="module")
def result(events: pd.DataFrame) -> WakeResult:
    return wake_result(study_of(events), days=(14,), km=(KM,), seed=1)


def check_of(checks: tuple[object, ...], name: str):  # type: ignore[no-untyped-def]
    return next(check for check in checks if check.check_name == name)  # type: ignore[attr-defined]


def with_values(made: WakeEstimates, name: str, values: np.ndarray):  # type: ignore[no-untyped-def]
    radius = made.radii[KM]
    moved = radius.values.copy()
    moved[radius.where[name]] = values
    return replace(radius, values=moved)


def test_leads_pass_alike_and_fail_apart(made: WakeEstimates) -> None:
    radius = made.radii[KM]
    alike = with_values(made, "check_struck", radius.part("check_expected")[0])
    exact = replace(alike, covariance=radius.covariance * 1e-4)
    assert leads_check({KM: exact}).passed is True
    assert leads_check({KM: alike}).passed is not False
    one_week = radius.part("check_expected")[0] * np.array([1, 1, 1, 2.0, 1])
    told = leads_check({KM: with_values(made, "check_struck", one_week)})
    assert told.passed is False
    assert told.table["ratio"].round(3).tolist() == [1, 1, 2, 1]
    assert told.table["first_day"].tolist() == [-35, -42, -49, -56]


def test_weeks_before_add_up_to_the_whole(made: WakeEstimates) -> None:
    radius = made.radii[KM]
    struck, _ = radius.part("check_struck")
    assert struck[0] == pytest.approx(struck[1:].sum())
    values, covariance = pre_ratios(radius)
    assert np.isfinite(values).all() and np.linalg.eigvalsh(covariance).min() > -1e-9


def test_parts_of_a_region_do_not_depend_on_the_order_of_rows_they_are_asked_for() -> None:
    rng = np.random.default_rng(1)
    at = np.vstack([rng.normal(place, 0.1, (30, 2)) for place in ((30, 40), (33, 44), (36, 38))])
    label = parts_of_region(at, at)
    assert len(np.unique(label)) >= 3
    for start in (0, 30, 60):
        others = np.setdiff1d(np.arange(90), np.arange(start, start + 30))
        assert not set(label[start : start + 30]) & set(label[others])
    assert parts_of_region(at[:15], at).tolist() == [0] * 90, "too few to cut"


def test_a_part_with_a_ratio_of_its_own_is_found() -> None:
    spec = Theatre.preset("null", strikes="random", overlap=None)
    events = simulate_theatre(spec, seed=9).events
    steady = estimate_wakes(study_of(events), days=(14,), km=(KM,), seed=1)
    assert check_of(steady.checks, "leave one region out").passed is not False
    # In the west each attack within the wake of a strike is told four times over.
    strikes = events[events["kind"] == "strike"]
    west = strikes[strikes["lon"] < strikes["lon"].quantile(0.3)]
    day = pd.to_datetime(events["date_start"])
    near = np.zeros(len(events), bool)
    for row in west.itertuples():
        lag = (day - pd.Timestamp(row.date_start)).dt.days
        close = np.hypot(events["lat"] - row.lat, (events["lon"] - row.lon) * 0.85) < 0.2
        near |= (events["kind"] == "attack") & lag.between(1, 14) & close
    more = pd.concat([events, *[events[near]] * 3]).drop(columns="event_id")
    moved = estimate_wakes(study_of(more), days=(14,), km=(KM,), seed=1)
    check = check_of(moved.checks, "leave one region out")
    assert check.passed is False
    assert check.table["p_shift"].min() < 0.001


def test_leaving_a_part_out_by_influence_is_close_to_leaving_it_out(made: WakeEstimates) -> None:
    from afterstrike.effects._wakes._radius import compare

    radius = made.radii[KM]
    told = regions_check(made.radii, level=0.95).table
    draw, risk = radius.draws[0], radius.plan.risk
    label = parts_of_region(draw.at[: len(draw.matched.struck)], risk.struck.at)
    pool_label = parts_of_region(draw.at[: len(draw.matched.struck)], risk.pool.at)
    drawn = risk.draw(20_000, np.random.default_rng(0))
    base = compare(radius.plan, risk.struck, risk.log_struck, drawn).values[radius.where["log_ratio"]][0]
    for part in told["part"]:
        keep = label != part - 1
        rest = drawn[pool_label[drawn] != part - 1]
        without = compare(radius.plan, risk.struck.take(keep), risk.log_struck[keep], rest)
        exact = without.values[radius.where["log_ratio"]][0] - base
        linear = math.log(told["rate_ratio"][part - 1]) - radius.part("log_ratio")[0][0]
        assert linear == pytest.approx(exact, abs=0.035)


def test_a_hidden_factor_is_as_strong_as_the_ratio_asks(made: WakeEstimates) -> None:
    row = check_of(made.checks, "hidden factor").table.iloc[0]
    away = max(row["rate_ratio"], 1 / row["rate_ratio"])
    assert row["e_value"] == pytest.approx(away + math.sqrt(away * (away - 1)))
    assert row["e_value_interval"] == 1  # the interval of no effect holds one


def test_spread_of_scores_is_tested() -> None:
    rng = np.random.default_rng(3)
    assert spread_verdict(rng.normal(0, 1.0, 400))[0] is True
    assert spread_verdict(rng.normal(0, 1.5, 400))[0] is False
    assert spread_verdict(rng.normal(0, 1.2, 40))[0] is None
    size = np.mean([spread_verdict(rng.normal(0, 1.2, 60))[0] is False for _ in range(2000)])
    assert size == pytest.approx(0.05, abs=0.015)


def test_placebo_strikes_pass_and_their_faults_are_told(made: WakeEstimates) -> None:
    radius = made.radii[KM]
    runs = placebo_runs(radius, repeats=40, seed=1)
    assert np.isfinite(runs.error).all() and runs.curve.shape[1] == 14
    assert placebo_check(radius, runs, seed=1).passed is not False
    again = placebo_runs(radius, repeats=40, seed=1, jobs=2)
    assert np.allclose(runs.log_ratio, again.log_ratio)
    shifted = PlaceboRuns(runs.log_ratio + 0.3, runs.error, runs.curve)
    assert placebo_check(radius, shifted, seed=1).passed is False
    narrow = PlaceboRuns(runs.log_ratio, runs.error / 2, runs.curve)
    told = placebo_check(radius, narrow, seed=1)
    assert told.passed is False and told.table["spread_of_scores"][0] > 1.4


def test_control_rows_pose_without_repeats(events: pd.DataFrame) -> None:
    rng = np.random.default_rng(2)
    strikes = events[events["kind"] == "strike"]
    day = pd.to_datetime(strikes["date_start"]) + pd.to_timedelta(
        rng.integers(30, 60, len(strikes)), unit="D"
    )
    shows = strikes.assign(kind="show", date_start=day, event_id=[f"c{i}" for i in range(len(strikes))])
    both = pd.concat([events.assign(date_start=pd.to_datetime(events["date_start"])), shows])
    study = Study.from_frame(
        both.drop(columns="time_start"), treatment="strike", control="show", outcome="attack"
    )
    radius = estimate_wakes(study, days=(14,), km=(KM,)).radii[KM]
    from afterstrike.effects._wakes._placebo import _pose

    posed, rest = _pose(radius, rng)
    assert len(np.unique(posed)) == len(posed) <= len(radius.plan.risk.pool) // 2
    assert not set(posed) & set(rest)


def test_more_checks_are_added_once(result: WakeResult) -> None:
    more = result.with_checks(placebos=5, bootstrap=5, redraws=2)
    names = [check.check_name for check in more.checks]
    assert names[-3:] == ["placebo strikes", "standard errors", "redraws within precision"]
    assert [c.check_name for c in more.with_checks(placebos=5, bootstrap=0, redraws=0).checks].count(
        "placebo strikes"
    ) == 1
    assert len(result.checks) == len(names) - 3
    with pytest.raises(UsageError, match="allowed whole numbers from 0"):
        result.with_checks(placebos=-1)
    with pytest.raises(UsageError, match="was not estimated"):
        result.with_checks(km=11.0)


def test_exact_rows_are_not_redrawn(result: WakeResult) -> None:
    check = result.with_checks(placebos=0, bootstrap=0, redraws=2).checks[-1]
    assert check.passed is None and "known to the day and to a point" in check.text


def test_coarse_rows_are_redrawn_within_what_is_stated() -> None:
    spec = replace(
        Theatre.preset("lull", strikes="random", overlap=None),
        reporting=Reporting(week_share=0.3, district_share=0.3),
    )
    events = simulate_theatre(spec, seed=5).events
    study = study_of(events)
    slack = slack_of(study)
    coarse = study.rows.frame
    assert slack.n_coarse == ((coarse["date_precision"] > 1) | (coarse["geo_precision"] > 1)).sum() > 0
    assert (slack.days[coarse["date_precision"] == 1] == 0).all()
    week = coarse["date_precision"] == 3
    assert week.any() and (slack.days[week] <= 6).all() and slack.days[week].max() > 0
    check = (
        wake_result(study, days=(14,), km=(KM,)).with_checks(placebos=0, bootstrap=0, redraws=4).checks[-1]
    )
    row = check.table.iloc[0]
    assert row["redraws"] == 4 and row["low"] < row["rate_ratio"] < row["high"]
    assert str(slack.n_coarse) in check.text


def test_outcomes_that_tell_of_the_strike_are_left_out_and_counted() -> None:
    events = pd.DataFrame(
        {
            "kind": ["strike", "strike", "attack", "attack", "attack", "attack"],
            "date_start": [f"2018-01-{day:02}" for day in (2, 3, 3, 3, 20, 4)],
            "lat": [35.0, 35.0, 35.1, 35.1, 35.1, 36.5],
            "lon": [40.0] * 6,
            "source_text": [None, None, "Five killed in air strikes", "Militants attack a post",
                            "Airstrikes recalled, attack on a post", "Air raids reported"],
        }
    )  # fmt: skip
    study = Study.from_frame(events, treatment="strike", outcome="attack")
    why = "outcome: its text tells of a strike from the air, next to a treatment row"
    assert study.exclusions == {why: 1}
    assert study.outcome["source_text"].str.contains("Five killed").sum() == 0
    assert len(study.outcome) == 3 and len(study.rows.role) == 5
