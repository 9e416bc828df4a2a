"""Comparators against known truth, a brute-force twin, and what they must refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import (
    EffectResult,
    Study,
    naive_before_after,
    panel_match,
    place_weeks,
    stacked_event_study,
)
from afterstrike.effects._panel._sets import matched_sets
from afterstrike.effects.theatres import Effect, SimulatedTheatre, Theatre, simulate_theatre
from afterstrike.errors import EstimateRefused, UsageError

SEEDS = range(4)


@lru_cache(maxsize=64)
def theatre(effect: str, strikes: str, seed: int) -> SimulatedTheatre:
    spec: Any = Theatre.preset
    return simulate_theatre(spec(effect, strikes=strikes, overlap=0.5), seed=seed)


@lru_cache(maxsize=64)
def study(effect: str, strikes: str, seed: int) -> Study:
    return Study.from_frame(
        theatre(effect, strikes, seed).events, treatment="strike", outcome="attack", radius_km=25
    )


def last(result: EffectResult) -> pd.Series:
    return result.to_frame().iloc[-1]


@lru_cache(maxsize=64)
def over_seeds(
    estimator: Callable[..., EffectResult], effect: str, strikes: str, **options: Any
) -> pd.DataFrame:
    return pd.DataFrame([last(estimator(study(effect, strikes, seed), **options)) for seed in SEEDS])


def true_change(seed: int) -> float:
    """Change in attacks a week, in weeks 1 to 4 after a first strike, against a twin without effects."""
    with_effect = theatre("lull", "random", seed)
    without = simulate_theatre(replace(with_effect.spec, effect=Effect(kind="none")), seed=seed)
    assert without.spec.strikes.rate_factor == with_effect.spec.strikes.rate_factor
    one, two = (
        place_weeks(Study.from_frame(t.events, treatment="strike", outcome="attack"), cell_km=50)
        for t in (with_effect, without)
    )
    frames = [panel.to_frame().set_index(["place", "week_start"])["outcome"] for panel in (one, two)]
    change = (frames[0] - frames[1]).unstack().to_numpy()
    treated = one.to_frame().set_index(["place", "week_start"])["treated"].unstack().to_numpy(bool)
    found = [
        np.nanmean(change[place, week + 1 : week + 5])
        for place, week in np.argwhere(treated)
        if 4 <= week < treated.shape[1] - 4 and not treated[place, week - 4 : week].any()
    ]
    return float(np.mean(found))


@pytest.mark.parametrize("estimator", [stacked_event_study, panel_match])
def test_random_strikes_without_effect_show_none(estimator: Callable[..., EffectResult]) -> None:
    found = over_seeds(estimator, "null", "random")
    assert ((found["low"] < 0) & (found["high"] > 0)).sum() >= 3
    assert abs(found["estimate"].mean()) < 0.25


def test_the_lull_after_random_strikes_is_recovered() -> None:
    truth = np.mean([true_change(seed) for seed in SEEDS])
    assert truth < -0.3, "the theatre has a lull to find"
    stacked = over_seeds(stacked_event_study, "lull", "random")
    assert abs(stacked["estimate"].mean() - truth) < 0.2
    matched = over_seeds(panel_match, "lull", "random")
    assert matched["estimate"].mean() < -0.15
    assert (matched["rate_ratio"] < 1).sum() >= 3


def test_a_lull_lowers_each_estimate_by_about_the_truth_on_shared_noise() -> None:
    truth = np.mean([true_change(seed) for seed in SEEDS])
    for estimator in (stacked_event_study, panel_match):
        lull, nothing = (
            over_seeds(estimator, effect, "random")["estimate"].mean() for effect in ("lull", "null")
        )
        assert 0.6 < (lull - nothing) / truth < 1.5


def test_the_naive_comparison_invents_a_lull_when_strikes_answer_to_attacks() -> None:
    found = over_seeds(naive_before_after, "null", "reactive", days=14)
    assert (found["high"] < 0).all(), "no effect, yet a lull at every seed"
    assert (found["rate_ratio"] < 0.9).all()
    sound = over_seeds(naive_before_after, "null", "random", days=14)
    assert sound["estimate"].abs().mean() < found["estimate"].abs().mean() / 4


def test_the_naive_check_sees_attacks_rise_before_reactive_strikes() -> None:
    for seed in SEEDS:
        check = naive_before_after(study("null", "reactive", seed), days=14).checks[0]
        assert check.passed is False and check.table["estimate"].iloc[0] > 0
    assert "Bad example" in naive_before_after(study("null", "random", 0)).summary()
    assert (
        "shown to fail when strikes answer to attacks"
        in naive_before_after(study("null", "random", 0)).summary()
    )


def test_reactive_strikes_bias_the_stacked_study_and_its_leads_tell() -> None:
    found = over_seeds(stacked_event_study, "null", "reactive")
    assert found["estimate"].mean() < -0.3
    failed = [not stacked_event_study(study("null", "reactive", seed)).checks[0].passed for seed in SEEDS]
    sound = [stacked_event_study(study("null", "random", seed)).checks[0].passed for seed in SEEDS]
    assert sum(failed) >= 3 and sum(map(bool, sound)) >= 3


def test_matching_on_outcomes_removes_part_of_the_reactive_bias() -> None:
    refined = over_seeds(panel_match, "null", "reactive")["estimate"].mean()
    weighted = over_seeds(panel_match, "null", "reactive", refine="propensity_weights")["estimate"].mean()
    plain = over_seeds(panel_match, "null", "reactive", refine="none")["estimate"].mean()
    assert plain < -0.4 and abs(refined) < 0.8 * abs(plain) and abs(weighted) < 0.5 * abs(plain)


def _brute_force(result_study: Study, before: int, after: int) -> tuple[np.ndarray, np.ndarray]:
    """Stack by hand, regress on dummies, cluster by place."""
    panel = place_weeks(result_study, cell_km=100)
    rows, target, cluster, blocks = [], [], [], []
    span = range(-before, after + 1)
    for week in range(before, panel.treated.shape[1] - after):
        window = panel.treated[:, week - before : week + after + 1]
        quiet = ~window[:, :before].any(axis=1)
        struck, clean = quiet & window[:, before], ~window.any(axis=1)
        if not struck.any() or not clean.any():
            continue
        for place in np.flatnonzero(struck | clean):
            for e in span:
                rows.append([struck[place] and e == k for k in span if k != -1])
                target.append(panel.outcome[place, week + e])
                cluster.append(place)
                blocks.append((f"{week}/{place}", f"{week}/week{e}"))
    x = np.array(rows, float)
    codes = [pd.factorize(np.array(labels))[0] for labels in zip(*blocks, strict=True)]
    y = np.array(target)
    for _ in range(500):  # both sets of effects swept out in turn
        for code in codes:
            size = np.bincount(code)
            y = y - (np.bincount(code, y) / size)[code]
            x = x - np.column_stack([np.bincount(code, col) / size for col in x.T])[code]
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ y
    score = pd.DataFrame(x * (y - x @ beta)[:, None]).groupby(np.array(cluster)).sum().to_numpy()
    g = len(np.unique(cluster))
    return beta, np.sqrt(np.diag(bread @ score.T @ score @ bread) * g / (g - 1))


def test_the_stacked_study_is_least_squares_with_errors_clustered_by_place() -> None:
    one = study("lull", "random", 1)
    table = stacked_event_study(one, cell_km=100, before=2, after=2).to_frame()
    beta, error = _brute_force(one, 2, 2)
    weekly = table[(table["role"] != "reference") & (table["role"] != "after, mean")]
    np.testing.assert_allclose(weekly["estimate"], beta, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(weekly["std_error"], error, rtol=1e-8)
    after = table[table["role"] == "after"]["estimate"]
    assert last_value(table) == pytest.approx(after.mean())


def last_value(table: pd.DataFrame) -> float:
    return float(table["estimate"].iloc[-1])


def test_matches_share_the_week_and_the_strike_history_and_are_unstruck() -> None:
    panel = place_weeks(study("lull", "reactive", 1), cell_km=50)
    sets = matched_sets(panel.outcome, panel.treated, 4, 6, 4, "mahalanobis", 10)
    assert sets.n_matched > 50
    by_hand = []
    for place, week, pool, weight in sets.pairs:
        assert panel.treated[place, week] and not panel.treated[place, week - 1]
        assert not panel.treated[pool, week].any()
        same = panel.treated[pool, week - 4 : week] == panel.treated[place, week - 4 : week]
        assert same.all() and weight.sum() == pytest.approx(1) and len(pool) >= 1
        change = panel.outcome[:, week + 1] - panel.outcome[:, week - 1]
        by_hand.append(change[place] - weight @ change[pool])
    table = panel_match(study("lull", "reactive", 1)).to_frame().set_index("week_first")
    one = table[table["role"] == "after"].loc[1]
    assert one["estimate"] == pytest.approx(np.mean(by_hand))


def test_seeds_and_cores_and_both_bootstraps() -> None:
    one = study("lull", "random", 1)
    first, again, other = (panel_match(one, seed=seed).to_frame() for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(first, again)
    assert first["std_error"].iloc[-1] != other["std_error"].iloc[-1]
    single, double = (
        panel_match(one, bootstrap="rematch", n_boot=100, seed=3, n_jobs=n).to_frame() for n in (1, 2)
    )
    pd.testing.assert_frame_equal(single, double)
    assert 0.5 < single["std_error"].iloc[-1] / first["std_error"].iloc[-1] < 2


def test_few_treated_places_get_no_interval() -> None:
    events = theatre("null", "random", 1).events
    strikes = events[events["kind"] == "strike"].iloc[40:160:20]
    few = Study.from_frame(
        pd.concat([events[events["kind"] == "attack"], strikes]), treatment="strike", outcome="attack"
    )
    for result in (panel_match(few), stacked_event_study(few)):
        row = last(result)
        assert np.isfinite(row["estimate"]) and np.isnan(row["low"]) and "treated places" in row["reason"]
        assert "no interval" in result.summary() and result.checks[0].passed is None


def test_results_are_told_drawn_and_traced() -> None:
    one = study("lull", "random", 1)
    estimands = set()
    for result in (panel_match(one), stacked_event_study(one), naive_before_after(one)):
        spec = result.plot().spec
        assert len(spec["data"]["values"]) >= 2 and result.provenance["input_sha256"] == one.fingerprint()
        assert result.estimand in result.summary() and len(repr(result)) < 100
        estimands.add(result.estimand)
    assert len(estimands) == 3, "no two comparators share an estimand"


@pytest.mark.parametrize(
    ("estimator", "options", "told"),
    [
        (stacked_event_study, {"before": 1}, "before=1"),
        (stacked_event_study, {"clean": "never"}, "clean='never'"),
        (stacked_event_study, {"level": 2}, "level=2"),
        (panel_match, {"refine": "best"}, "refine='best'"),
        (panel_match, {"n_boot": 3}, "n_boot=3"),
        (panel_match, {"n_jobs": 0}, "n_jobs=0"),
        (panel_match, {"cell_km": "wide"}, "cell_km='wide'"),
        (naive_before_after, {"days": 0}, "days=0"),
        (naive_before_after, {"days": "week"}, "days='week'"),
        (naive_before_after, {"km": -1}, "km=-1"),
    ],
)
def test_options_outside_their_range_are_refused(estimator: Any, options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        estimator(study("lull", "random", 1), **options)


def test_what_cannot_be_estimated_is_refused() -> None:
    one = study("lull", "random", 1)
    frame = one.rows.frame.assign(lat=20.0, lon=-40.0)
    alone = Study.from_frame(frame, treatment="strike", outcome="attack")
    for estimator in (stacked_event_study, panel_match):
        with pytest.raises(EstimateRefused, match="smaller cells"):
            estimator(alone)
    with pytest.raises(EstimateRefused, match="at least 2"):
        naive_before_after(
            Study.from_frame(one.rows.frame.head(400), treatment="strike", outcome="attack"), days=365
        )
