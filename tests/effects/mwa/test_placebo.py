"""Placebo labels: each swap equals a run on a relabelled table; under no effect the p-values are honest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterstrike.effects import LabelPlacebo, Study, WakeDesign, matched_wakes, placebo_labels
from afterstrike.effects._mwa._labels import plan_swaps
from afterstrike.errors import EstimateRefused, UsageError

DAYS, KM = (2, 5, 3), (8.0, 3.0)


def events(seed: int, n: int = 220, *, extra: int = 0) -> pd.DataFrame:
    """Events in order of time, many at the same time and place; `extra` attacks follow each strike."""
    rng = np.random.default_rng(seed)
    hours = np.sort(rng.integers(0, 60 * 4, n)) * 6
    hours[[0, -1]] = -2000, 4000
    towns = rng.normal([35.0, 40.0], 0.03, (5, 2))[rng.integers(0, 5, n)]
    frame = pd.DataFrame(
        {
            "kind": rng.choice(["strike", "show_of_force", "attack", "other"], n, p=[0.12, 0.2, 0.6, 0.08]),
            "time": pd.Timestamp("2018-01-01") + pd.to_timedelta(hours, unit="h"),
            "lat": towns[:, 0] + rng.normal(0, 0.01, n) * rng.integers(0, 2, n),
            "lon": towns[:, 1],
            "people": rng.integers(0, 9, n).astype(float),
        }
    )
    strikes = frame[frame["kind"] == "strike"]
    after = strikes.assign(kind="attack", time=strikes["time"] + pd.Timedelta(hours=37))
    together = pd.concat([frame, *[after] * extra], ignore_index=True)
    return together.sort_values("time", kind="stable", ignore_index=True)


def study_of(frame: pd.DataFrame) -> Study:
    return Study.from_frame(
        frame, treatment="strike", control="show_of_force", outcome="attack", columns={"time": "time"}
    )


DESIGNS = {
    "overlap": WakeDesign(("people",), match_overlap=True),
    "drop": WakeDesign(("people",), drop_overlaps=True),
    "both": WakeDesign(match_overlap=True, drop_overlaps=True, weighted=False),
    "plain": WakeDesign(model="difference"),
    "att": WakeDesign(("people",), model="att", cutpoints={"people": [0, 3, 9]}),
    "controls": WakeDesign(controls=("people", "SO_pre")),
    "counts": WakeDesign(model="negative_binomial"),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_a_swap_is_a_run_on_a_relabelled_table(name: str) -> None:
    frame, design = events(3), DESIGNS[name]
    study = study_of(frame)
    found = placebo_labels(study, days=DAYS, km=KM, design=design, repeats=6, seed=9)
    plan = plan_swaps(study, lengths=DAYS, radii_km=KM, time_unit="day", design=design)
    wakes = np.flatnonzero(frame["kind"].isin(["strike", "show_of_force"]))
    for repeat in range(6):
        labels = plan.labels(9, repeat)
        assert labels.sum() == (frame["kind"] == "strike").sum()
        relabelled = frame.copy()
        relabelled.loc[wakes, "kind"] = np.where(labels, "strike", "show_of_force")
        options: dict[str, Any] = {"days": DAYS, "km": KM, "design": design, "convention": "mwa-0.5"}
        table = matched_wakes(study_of(relabelled), **options).to_frame()
        np.testing.assert_array_equal(found.estimates[repeat], table["estimate"])
        np.testing.assert_array_equal(found.t[repeat], table["estimate"] / table["std_error"])
    own = matched_wakes(study, days=DAYS, km=KM, design=design, convention="mwa-0.5").to_frame()
    for column in ("days", "km", "estimate", "p_value", "reason"):
        assert found.to_frame()[column].equals(own[column]), column


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.sampled_from(["day", "hour"]), st.integers(0, 3))
def test_neighbours_are_counted_as_in_a_run(seed: int, unit: str, repeat: int) -> None:
    frame = events(seed, 140)
    lengths = (2, 4) if unit == "day" else (30, 96, 47)
    design = DESIGNS["overlap"]
    plan = plan_swaps(study_of(frame), lengths=lengths, radii_km=(9.0, 2.0), time_unit=unit, design=design)
    assert plan.earlier is not None
    labels = plan.labels(seed, repeat)
    relabelled = frame.copy()
    relabelled.loc[frame["kind"].isin(["strike", "show_of_force"]), "kind"] = np.where(
        labels, "strike", "show_of_force"
    )
    again = plan_swaps(
        study_of(relabelled), lengths=lengths, radii_km=(9.0, 2.0), time_unit=unit, design=design
    ).counts
    treated = np.where(labels[:, None, None], again.so_pre, again.mo_pre)
    np.testing.assert_array_equal(plan.earlier.treated(labels), treated)


def test_more_wakes_than_the_kernel_tells_apart_at_once() -> None:
    frame = events(5, 900)
    plan = plan_swaps(
        study_of(frame), lengths=(3,), radii_km=(5.0,), time_unit="day", design=DESIGNS["overlap"]
    )
    assert len(plan.table.wakes) > 200 and plan.earlier is not None
    own = plan.counts.treated[:, None, None]
    now = np.where(own, plan.counts.so_pre, plan.counts.mo_pre)
    np.testing.assert_array_equal(plan.earlier.treated(plan.counts.treated), now)


@pytest.fixture(scope="module")
def placebo() -> LabelPlacebo:
    return placebo_labels(study_of(events(4, extra=12)), days=DAYS, km=KM, repeats=99, seed=1)


def test_p_values_count_the_swaps_that_are_as_large(placebo: LabelPlacebo) -> None:
    table, draws = placebo.to_frame(), placebo.draws()
    assert len(draws) == 99 * 6
    size = draws["t"].abs().fillna(0.0)
    largest = size.groupby(draws["repeat"]).max()
    for row in table.to_dict("records"):
        of_window = (draws["days"] == row["days"]) & (draws["km"] == row["km"])
        limit = abs(row["t"]) * (1 - 1e-9)
        assert row["p_placebo"] == (1 + (size[of_window] >= limit).sum()) / 100
        assert row["p_adjusted"] == (1 + (largest >= limit).sum()) / 100
        known = draws.loc[of_window, "estimate"].dropna()
        assert row["n_placebos"] == len(known)
        assert row["placebo_low"] <= row["placebo_mean"] <= row["placebo_high"]
        np.testing.assert_allclose(row["placebo_sd"], known.std())
    assert (table["p_adjusted"] >= table["p_placebo"]).all()


def test_attacks_that_follow_every_strike_are_beyond_all_swaps(placebo: LabelPlacebo) -> None:
    # Near the strikes; further out other strikes' attacks are everywhere.
    table = placebo.to_frame().query("km == 3")
    assert (table["p_placebo"] == 0.01).all() and (table["p_adjusted"] == 0.01).all()
    assert (table["estimate"] > table["placebo_high"]).all()
    assert "Smallest p over swaps 0.01" in placebo.summary()
    assert repr(placebo) == "LabelPlacebo(99 swaps, 6 of 6 windows estimated)"
    assert placebo.provenance["parameters"]["repeats"] == 99


def test_repeats_have_streams_of_their_own_and_jobs_change_nothing() -> None:
    study = study_of(events(6))
    options: dict[str, Any] = {"days": 2, "km": (3.0, 8.0), "design": DESIGNS["overlap"], "seed": 2}
    few, many = (placebo_labels(study, repeats=n, **options) for n in (10, 60))
    np.testing.assert_array_equal(few.t, many.t[:10])
    np.testing.assert_array_equal(placebo_labels(study, repeats=60, jobs=2, **options).t, many.t)
    other = placebo_labels(study, repeats=10, **{**options, "seed": 3})
    assert not np.array_equal(few.t, other.t, equal_nan=True)


def test_without_an_effect_p_values_are_spread_evenly() -> None:
    rng = np.random.default_rng(8)
    raw, adjusted = [], []
    for seed in range(120):
        frame = events(seed, 160)
        wakes = frame["kind"].isin(["strike", "show_of_force"])
        # Labels by a coin that knows nothing: the null holds exactly.
        frame.loc[wakes, "kind"] = rng.permutation(frame.loc[wakes, "kind"].to_numpy())
        table = placebo_labels(study_of(frame), days=(2, 4), km=8.0, repeats=39, seed=seed).to_frame()
        raw.append(table["p_placebo"].iloc[0])
        adjusted.append(table["p_adjusted"].min())
    for values in (np.array(raw), np.array(adjusted)):
        known = values[~np.isnan(values)]
        assert len(known) > 100
        for level in (0.1, 0.25, 0.5, 0.75):
            spread = 3.5 * np.sqrt(level * (1 - level) / len(known))
            assert level - spread <= np.mean(known <= level) <= level + spread, level


def test_windows_without_an_estimate_have_no_p_value() -> None:
    found = placebo_labels(study_of(events(3)), days=(200, 2), km=8.0, repeats=5)
    table = found.to_frame()
    assert np.isnan(table["p_placebo"][0]) and table["reason"][0] != ""
    assert table["p_placebo"][1] >= 1 / 6
    few = events(3).query("kind != 'attack' or index == 100")
    nothing = placebo_labels(study_of(few), days=2, km=1.0, repeats=5)
    assert "Cannot tell" in nothing.summary()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"convention": "afterstrike"}, "allowed 'mwa-0.5'"),
        ({"repeats": 0}, "whole numbers from 1"),
        ({"repeats": 10.5}, "whole numbers from 1"),
        ({"jobs": 0}, "whole numbers from 1"),
        ({"seed": -1}, "whole numbers from 0"),
        ({"days": 1.5}, "whole numbers"),
        ({"time_unit": "week"}, "allowed day"),
    ],
)
def test_options_say_what_is_allowed(options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        placebo_labels(study_of(events(1, 80)), **{"days": 2, "km": 5, **options})


def test_what_cannot_be_compared_is_refused() -> None:
    frame = events(1, 80)
    with pytest.raises(EstimateRefused, match="no control rows"):
        study = Study.from_frame(frame, treatment="strike", outcome="attack", columns={"time": "time"})
        placebo_labels(study, days=2, km=5)
    with pytest.raises(EstimateRefused, match="longer than the data"):
        placebo_labels(study_of(frame), days=5000, km=5)
