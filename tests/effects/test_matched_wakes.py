"""Matched wakes as a user meets them: the table, the words, the figure, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import EffectResult, Study, WakeDesign, count_wakes, matched_wakes
from afterstrike.effects._result import COLUMNS
from afterstrike.errors import EstimateRefused, UsageError


def events(n: int = 900, *, extra: int = 0, seed: int = 5) -> pd.DataFrame:
    """Random events; each strike is followed by `extra` attacks two and a half days later at its place."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "kind": rng.choice(["strike", "show_of_force", "attack"], n, p=[0.06, 0.14, 0.8]),
            "time": pd.Timestamp("2018-01-01") + pd.to_timedelta(np.sort(rng.uniform(0, 400, n)), unit="D"),
            "lat": rng.normal(35, 0.15, n),
            "lon": rng.normal(40, 0.15, n),
            "people": rng.lognormal(8, 1, n),
        }
    )
    strikes = frame[frame["kind"] == "strike"]
    after = strikes.assign(kind="attack", time=strikes["time"] + pd.Timedelta(days=2.5))
    return pd.concat([frame, *[after] * extra], ignore_index=True)


def study_of(frame: pd.DataFrame) -> Study:
    return Study.from_frame(
        frame, treatment="strike", control="show_of_force", outcome="attack", columns={"time": "time"}
    )


@pytest.fixture(scope="module")
def result() -> EffectResult:
    design = WakeDesign(match_on=("people",), match_overlap=True)
    return matched_wakes(
        study_of(events(extra=2)), days=(2, 4, 7), km=(5, 10), design=design, convention="mwa-0.5"
    )


def test_the_table_has_the_promised_columns_and_one_row_a_window(result: EffectResult) -> None:
    table = result.to_frame()
    assert tuple(table.columns) == COLUMNS
    assert table[["days", "km"]].to_numpy().tolist() == [[2, 5], [2, 10], [4, 5], [4, 10], [7, 5], [7, 10]]
    table["estimate"] = 0.0
    assert (result.to_frame()["estimate"] != 0).all(), "to_frame() gives a copy"


def test_two_attacks_after_each_strike_are_found(result: EffectResult) -> None:
    table = result.to_frame()
    assert (table["low"] < 2).all() and (table["high"] > 2).all()
    assert (table["p_value"] < 1e-4).all()
    nothing = matched_wakes(
        study_of(events()), days=(2, 4, 7), km=(5, 10), design=WakeDesign(("people",)), convention="mwa-0.5"
    ).to_frame()
    assert (nothing["estimate"].abs() < 1).all()


def test_the_interval_agrees_with_the_p_value(result: EffectResult) -> None:
    table = result.to_frame()
    assert ((table["low"] > 0) == ((table["p_value"] < 0.05) & (table["estimate"] > 0))).all()
    np.testing.assert_allclose((table["low"] + table["high"]) / 2, table["estimate"])


def test_the_summary_says_size_interval_and_what_must_be_believed(result: EffectResult) -> None:
    text = result.summary()
    assert "6 of 6 windows can be estimated" in text
    assert "In the 7 days after, within 10 km" in text
    assert "95% interval" in text and "one must believe" in text
    assert "\n" not in repr(result)


def test_windows_without_an_estimate_say_why() -> None:
    frame = events(300)
    found = matched_wakes(study_of(frame), days=(2, 500), km=(0.001, 20), convention="mwa-0.5")
    table = found.to_frame().set_index(["days", "km"])
    assert table.loc[(2, 0.001), "reason"] == "dependent_pre is the same at all matched wakes"
    assert np.isnan(table.loc[(2, 0.001), "estimate"])
    assert table.loc[(500, 20.0), "reason"].startswith(
        "no treatment or control row has the first and last row"
    )
    assert table.loc[(500, 20.0), "n_treated"] == 0
    assert np.isnan(table.loc[(500, 20.0), "l1_before"])


def test_the_figure_draws_estimates_only_and_counts_the_rest() -> None:
    found = matched_wakes(study_of(events(300)), days=(2, 4), km=(0.001, 20), convention="mwa-0.5")
    chart = found.plot()
    values = chart.spec["data"]["values"]
    assert [value["estimate"] is None for value in values] == found.to_frame()["estimate"].isna().tolist()
    assert chart.caption == "2 of 4 windows estimated; × marks the 2 that could not be."
    svg = chart.to_svg()
    assert "within 20 km" in svg and svg.count("×") == 2
    json.dumps(chart.spec, allow_nan=False)


def test_provenance_tells_input_version_and_choices(result: EffectResult) -> None:
    assert len(result.provenance["input_sha256"]) == 64
    assert result.provenance["parameters"]["days"] == [2, 4, 7]
    assert result.provenance["parameters"]["match_on"] == ["people"]
    json.dumps(dict(result.provenance))


def test_details_by_name(result: EffectResult) -> None:
    wakes = result.detail("wakes")
    table = result.to_frame()
    matched = wakes[wakes["matched"]].groupby(["days", "km", "treated"]).size()
    for row in table.to_dict("records"):
        assert matched[(row["days"], row["km"], True)] == row["n_treated_matched"]
        assert matched[(row["days"], row["km"], False)] == row["n_control_matched"]
    with pytest.raises(UsageError, match="allowed wakes, cutpoints"):
        result.detail("wake")


def test_units_are_the_same_windows_in_other_words() -> None:
    study = study_of(events())
    by_hour = matched_wakes(study, days=(48, 96), km=(10,), time_unit="hour", convention="mwa-0.5").to_frame()
    by_minute = matched_wakes(
        study, days=(2880, 5760), km=10, time_unit="minute", convention="mwa-0.5"
    ).to_frame()
    by_second = count_wakes(study, days=172_800, km=10, time_unit="second", convention="mwa-0.5")
    # Only the extra unit before the wake differs, which shrinks with the unit.
    assert (by_hour["n_treated"] == by_minute["n_treated"]).all()
    np.testing.assert_allclose(by_hour["estimate"], by_minute["estimate"], atol=0.2)
    by_day = count_wakes(study, days=2, km=10, convention="mwa-0.5")
    both = by_day.merge(by_second, on="position", suffixes=("_day", "_second"))
    assert len(both) == len(by_day)
    assert (both["outcome_pre_second"] <= both["outcome_pre_day"]).all()
    # Up to a unit after the wake counts nowhere; and the last unit after it counts whole.
    assert both["outcome_post_second"].sum() != both["outcome_post_day"].sum()


def test_windows_in_any_order_and_together_or_alone() -> None:
    study = study_of(events())
    together = matched_wakes(study, days=(7, 3, 5), km=(10, 2), convention="mwa-0.5").to_frame()
    assert together[["days", "km"]].to_numpy().tolist() == [[7, 10], [7, 2], [3, 10], [3, 2], [5, 10], [5, 2]]
    for row in together.index:
        days, km = together.loc[row, ["days", "km"]]
        alone = matched_wakes(study, days=int(days), km=float(km), convention="mwa-0.5").to_frame()
        pd.testing.assert_frame_equal(alone, together.loc[[row]].reset_index(drop=True))


def test_the_file_order_of_rows_at_other_times_changes_nothing() -> None:
    frame = events()
    shuffled = frame.sample(frac=1, random_state=1)
    one = matched_wakes(study_of(frame), days=(2, 5), km=(5, 10), convention="mwa-0.5").to_frame()
    two = matched_wakes(study_of(shuffled), days=(2, 5), km=(5, 10), convention="mwa-0.5").to_frame()
    pd.testing.assert_frame_equal(one, two)


def test_cut_points_of_the_user_keep_values_outside_apart() -> None:
    design = WakeDesign(("people",), cutpoints={"people": [0, 3000, 1e4]})
    wakes = matched_wakes(study_of(events()), days=2, km=10, design=design, convention="mwa-0.5").detail(
        "wakes"
    )
    wakes["bin"] = pd.cut(wakes["people"], [0, 3000, 1e4], include_lowest=True, labels=False).fillna(-1)
    assert (wakes["bin"] == -1).any()
    wakes["stratum"] = (
        wakes["bin"].astype(str) + "/" + np.digitize(wakes["trend"], _breaks(wakes["trend"])).astype(str)
    )
    both = wakes.groupby("stratum")["treated"].transform("nunique") == 2
    assert (both == wakes["matched"]).all()
    treated, control = wakes[wakes["matched"] & wakes["treated"]], wakes[wakes["matched"] & ~wakes["treated"]]
    shares = control.groupby("stratum")["weight"].sum() / len(control)
    np.testing.assert_allclose(shares, treated.groupby("stratum").size() / len(treated))


def _breaks(values: pd.Series) -> np.ndarray:
    points = np.linspace(values.min(), values.max(), int(np.ceil(np.log2(len(values)) + 1)))
    return points[1:-1] + 1e-9


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"convention": "mwa-0.4"}, "allowed 'mwa-0.5'"),
        ({"days": ()}, "one or more finite numbers"),
        ({"days": 2.5}, "whole numbers"),
        ({"days": "7"}, "finite numbers"),
        ({"km": -1}, "positive"),
        ({"km": float("nan")}, "finite"),
        ({"time_unit": "week"}, "allowed day, hour, minute, second"),
        ({"design": WakeDesign(("nobody",))}, "no column 'nobody'"),
        ({"design": WakeDesign(("kind",))}, "need numbers"),
    ],
)
def test_options_say_what_is_allowed(options: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        matched_wakes(study_of(events(200)), **{"days": 2, "km": 5, "convention": "mwa-0.5", **options})


def test_what_cannot_be_estimated_is_refused() -> None:
    frame = events(200)
    without = frame[frame["kind"] != "show_of_force"]
    study = Study.from_frame(without, treatment="strike", outcome="attack", columns={"time": "time"})
    with pytest.raises(EstimateRefused, match="no control rows"):
        matched_wakes(study, days=2, km=5, convention="mwa-0.5")
    strikes = frame.index[frame["kind"] == "strike"]
    with pytest.raises(EstimateRefused, match="1 treatment row"):
        matched_wakes(study_of(frame.drop(strikes[1:])), days=2, km=5, convention="mwa-0.5")
    with pytest.raises(EstimateRefused, match="longer than the data"):
        matched_wakes(study_of(frame), days=5000, km=5, convention="mwa-0.5")
    empty = frame.assign(people=frame["people"].where(frame.index != strikes[0]))
    with pytest.raises(UsageError, match="empty at 1 treatment or control rows"):
        matched_wakes(study_of(empty), days=2, km=5, design=WakeDesign(("people",)), convention="mwa-0.5")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"model": "did"}, "allowed lagged, difference"),
        ({"match_on": "people"}, "a list of column names"),
        ({"cutpoints": {"people": [1]}}, "two or more"),
        ({"cutpoints": {"people": [1, float("inf")]}}, "finite"),
    ],
)
def test_a_design_says_what_is_allowed(options: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        WakeDesign(**options)
