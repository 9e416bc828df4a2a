"""The column `mwa-0.5` of docs/conventions.md: each test holds the row that names it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from afterstrike.effects import EffectResult, Study, WakeDesign, count_wakes, matched_wakes
from afterstrike.effects._mwa._imbalance import imbalance
from afterstrike.effects._mwa._table import peer_table

DAY = pd.Timestamp("2001-01-02")
ROLES = {"treatment": "strike", "control": "show", "outcome": "attack"}


def rows(*events: tuple[Any, ...]) -> pd.DataFrame:
    """Give events as (days from the start, kind, km to the north), with a lone early and a lone late row."""
    events = ((-400, "other"), *events, (400, "other"))
    return pd.DataFrame(
        {
            "kind": [event[1] for event in events],
            "time": (DAY + pd.to_timedelta([event[0] for event in events], unit="D")).strftime(
                "%Y-%m-%d %H:%M:%S"
            ),
            "lat": [33 + (event[2] if len(event) > 2 else 0.0) / 111.111 for event in events],
            "lon": 44.0,
        }
    )


def study_of(frame: pd.DataFrame, **roles: Any) -> Study:
    return Study.from_frame(frame, columns={"time": "time"}, **{**ROLES, **roles})


def counted(frame: pd.DataFrame, *, days: Any = 2, km: Any = 5.0) -> pd.DataFrame:
    return count_wakes(study_of(frame), days=days, km=km, convention="mwa-0.5")


def random_events(seed: int = 1, n: int = 700) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "kind": rng.choice(["strike", "show", "attack"], n, p=[0.1, 0.2, 0.7]),
            "time": pd.Timestamp("2018-01-01") + pd.to_timedelta(np.sort(rng.uniform(0, 200, n)), unit="D"),
            "lat": rng.normal(33, 0.05, n),
            "lon": rng.normal(44, 0.05, n),
            "people": rng.integers(0, 50, n),
        }
    )


def run(frame: pd.DataFrame, *, days: Any = (3, 6), km: Any = (4.0, 8.0), **choices: Any) -> EffectResult:
    design = WakeDesign(("people",), **choices)
    return matched_wakes(study_of(frame), days=days, km=km, design=design, convention="mwa-0.5")


@pytest.fixture(scope="module")
def plain() -> EffectResult:
    return run(random_events())


def matched(result: EffectResult, days: int, km: float) -> pd.DataFrame:
    wakes = result.detail("wakes")
    return wakes[(wakes["days"] == days) & (wakes["km"] == km) & wakes["matched"]]


def test_the_estimand_is_a_difference_of_events_a_wake() -> None:
    # Two attacks after each strike, none after each show, one before each third wake.
    events: list[tuple[Any, ...]] = []
    for i in range(24):
        kind = "strike" if i % 2 else "show"
        events += (
            [(20 * i - 0.5, "attack")] * (i % 3 == 0)
            + [(20 * i, kind)]
            + [(20 * i + 1.5, "attack")] * (2 * (i % 2) + (i == 5))
        )
    frame = rows(*((day - 250, *rest) for day, *rest in events))
    found = matched_wakes(study_of(frame), days=2, km=5, convention="mwa-0.5").to_frame().iloc[0]
    assert found["estimate"] == pytest.approx(2, abs=0.2) and found["unit"] == "outcome events per wake"


def test_each_strike_is_a_wake_of_its_own() -> None:
    found = counted(rows((0, "strike"), (0, "strike"), (0.1, "strike"), (20, "show"), (21.5, "attack")))
    assert found["treated"].sum() == 3


def test_a_matched_set_a_window(plain: EffectResult) -> None:
    sets = {frozenset(matched(plain, days, 8.0)["position"]) for days in (3, 6)}
    assert len(sets) == 2


def test_coordinates_go_through_text() -> None:
    frame = rows((0, "strike"), (1.5, "attack"), (20, "show"))
    exact = frame.assign(lat=frame["lat"] + 1 / 3e6, lon=44.123456789)
    table = peer_table(study_of(exact), ())
    assert set(table.lon) == {44.12346} and set(table.lat) == {33.0}


def test_a_first_date_without_a_clock_makes_all_dates() -> None:
    # Fourteen hours after the strike, and on the next date.
    frame = rows((0.9, "strike"), (1.5, "attack"), (20, "show"))
    assert counted(frame)["outcome_post"].iloc[0] == 0
    dated = frame.assign(time=[frame["time"][0][:10], *frame["time"][1:]])
    assert counted(dated)["outcome_post"].iloc[0] == 1
    later = frame.assign(time=[*frame["time"][:4], frame["time"][4][:10]])
    assert counted(later)["outcome_post"].iloc[0] == 0


@pytest.fixture
def berlin() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("berlin")
def test_a_day_has_24_hours_in_any_zone_of_the_machine() -> None:
    frame = rows((0, "strike"), (20, "show"), (21.5, "attack"))
    # The day on which that zone springs forward has 23 hours there, one in autumn 25.
    for switch in ("2001-03-25", "2001-10-28"):
        start = pd.Timestamp(switch)
        times = [start - pd.Timedelta(days=400), start, start + pd.Timedelta(days=1)]
        switched = pd.DataFrame(
            {"kind": ["other", "strike", "attack"], "time": times, "lat": 33.0, "lon": 44.0}
        )
        rest = rows((20, "show"), (400, "other")).iloc[1:]
        both = pd.concat([switched, rest.assign(time=pd.to_datetime(rest["time"]) + (start - DAY))])
        assert counted(both)["outcome_post"].iloc[0] == 1
    assert counted(frame)["outcome_post"].tolist() == [0, 1]


def test_clock_times_are_not_cut_to_days() -> None:
    # On the next date, but less than a day after; and a whole day after, on the next date but one.
    assert counted(rows((0.9, "strike"), (1.2, "attack"), (20, "show")))["outcome_post"].iloc[0] == 0
    assert counted(rows((0.9, "strike"), (3.8, "attack"), (20, "show")))["outcome_post"].iloc[0] == 1
    assert counted(rows((0.9, "strike"), (3.95, "attack"), (20, "show")))["outcome_post"].iloc[0] == 0


def test_a_degree_of_arc_is_111_111_km() -> None:
    frame = rows((-0.5, "attack", 111.111), (0, "strike"), (20, "show"))
    found = counted(frame, km=(111.10, 111.12, 111.20))
    assert found[found["treated"]]["outcome_pre"].tolist() == [0, 1, 1]


def test_a_wake_without_enough_data_is_dropped_at_all_radii() -> None:
    frame = rows((-398, "strike"), (0, "strike"), (0.5, "attack"), (20, "show"))
    found = counted(frame, days=(2, 3), km=(1.0, 5.0, 900.0))
    of_first = found[found["position"] == 2]
    assert of_first.empty and len(counted(frame, days=7)) == 2
    nearer = rows((-397, "strike"), (0, "strike"), (0.5, "attack"), (20, "show"))
    kept = counted(nearer, days=(2, 3), km=(1.0, 5.0, 900.0))
    assert kept[kept["position"] == 2][["days", "km"]].to_numpy().tolist() == [[2, 1], [2, 5], [2, 900]]


def variables(**choices: Any) -> set[str]:
    return set(run(random_events(), **choices).detail("cutpoints")["variable"])


def test_the_level_before_is_not_matched() -> None:
    assert variables() == {"people", "dependent_trend"}


def test_earlier_wakes_are_matched_only_if_asked() -> None:
    assert variables(match_overlap=True) == {"people", "dependent_trend", "SO_pre", "MO_pre"}


def test_dropping_overlaps_looks_before_only() -> None:
    found = run(random_events(), drop_overlaps=True).detail("wakes")
    assert (found[["so_pre", "mo_pre"]] == 0).all(axis=None)
    assert (found["so_post"] > 0).any() and (found["mo_post"] > 0).any()


@pytest.mark.parametrize("weighted", [True, False])
def test_models_are_fitted_to_the_matched_wakes(weighted: bool) -> None:
    for model in ("lagged", "difference"):
        result = run(random_events(), days=3, km=8.0, model=model, weighted=weighted)
        wakes, row = matched(result, 3, 8.0), result.to_frame().iloc[0]
        y, pre, treated = (wakes[name].to_numpy(float) for name in ("outcome_post", "outcome_pre", "treated"))
        root = np.sqrt(wakes["weight"].to_numpy()) if weighted else np.ones(len(wakes))
        # After minus before takes the four units before from the three after.
        columns = [np.ones(len(y)), pre, treated] if model == "lagged" else [np.ones(len(y)), treated]
        design, target = np.column_stack(columns) * root[:, None], (y - pre * (model == "difference")) * root
        beta, rss, *_ = np.linalg.lstsq(design, target, rcond=None)
        assert row["estimate"] == pytest.approx(beta[-1], rel=1e-9)
        # As if wakes were independent: the classical standard error.
        error = np.sqrt(np.linalg.inv(design.T @ design)[-1, -1] * rss[0] / (len(y) - len(beta)))
        assert row["std_error"] == pytest.approx(error, rel=1e-9)
        p_value = 2 * stats.t.sf(abs(beta[-1] / error), len(y) - len(beta))
        assert row["p_value"] == pytest.approx(p_value, rel=1e-7)


def test_the_default_design_is_weighted(plain: EffectResult) -> None:
    assert WakeDesign().weighted
    unweighted = run(random_events(), weighted=False).to_frame()
    assert (plain.to_frame()["estimate"] != unweighted["estimate"]).all()


def test_negative_binomial_is_never_weighted() -> None:
    one, two = (run(random_events(), model="negative_binomial", weighted=w).to_frame() for w in (True, False))
    assert one["estimate"].notna().any()
    pd.testing.assert_frame_equal(one, two)


def test_att_is_the_weighted_lagged_model_without_adjusted_r2(plain: EffectResult) -> None:
    att = run(random_events(), model="att", weighted=False).to_frame()
    assert att["adj_r2"].isna().all() and plain.to_frame()["adj_r2"].notna().all()
    pd.testing.assert_frame_equal(att.drop(columns="adj_r2"), plain.to_frame().drop(columns="adj_r2"))


def test_many_windows_are_not_corrected_but_told(plain: EffectResult) -> None:
    table = plain.to_frame()
    alone = run(random_events(), days=6, km=4.0).to_frame()
    assert alone["p_value"].item() == table.query("days == 6 and km == 4")["p_value"].item()
    least = table["p_value"].min()
    text = next(check.text for check in plain.checks if check.check_name == "many windows")
    assert f"smallest p {least:.2g} of 4; times their number {min(1.0, 4 * least):.2g}" in text


def test_all_windows_are_given(plain: EffectResult) -> None:
    assert len(plain.to_frame()) == 4 and (plain.to_frame()["p_value"] > 0.05).any()


def test_imbalance_has_bins_of_its_own_and_no_weights() -> None:
    # Strata cut by the user put all in one bin: everyone is matched and the groups are one, yet they differ.
    cut = {"people": [-1, 100], "dependent_trend": [-1000, 1000]}
    frame = random_events()
    struck = frame["kind"] == "strike"
    apart = frame.assign(people=frame["people"] + 40 * struck)
    row = run(apart, days=3, km=8.0, cutpoints=cut).to_frame().iloc[0]
    assert row["n_treated"] == row["n_treated_matched"] and row["n_control"] == row["n_control_matched"]
    assert row["l1_before"] == row["l1_after"] > 0.5
    assert round(row["l1_before"], 3) == row["l1_before"]
    assert round(row["common_support_before"], 1) == row["common_support_before"] < 100


def test_imbalance_has_3_decimals_and_support_1() -> None:
    values = np.array([0.0] * 3 + [9.0] * 4 + [0.0] * 2 + [9.0])
    treated = np.arange(10) < 7
    # Shares 3/7 and 2/3 in the one cell.
    assert imbalance([values], treated) == (0.238, 100.0)
    # And one treated alone in a third cell.
    both = [np.append(values, 9.0), np.append(np.zeros(10), 1.0)]
    assert imbalance(both, np.append(treated, True))[1] == 66.7


def test_imbalance_after_matching_takes_no_weights() -> None:
    result = run(random_events(3), days=3, km=8.0)
    wakes, row = matched(result, 3, 8.0), result.to_frame().iloc[0]
    assert wakes["weight"].nunique() > 2
    values = [wakes["people"].to_numpy(float), wakes["trend"].to_numpy(float)]
    assert imbalance(values, wakes["treated"].to_numpy(bool)) == (
        row["l1_after"],
        row["common_support_after"],
    )


def test_overlap_counts_all_wakes_matched_or_not(plain: EffectResult) -> None:
    for row in plain.detail("overlap").to_dict("records"):
        wakes = plain.detail("wakes").query(f"days == {row['days']} and km == {row['km']}")
        assert not wakes["matched"].all()
        for name in ("so_pre", "so_post", "mo_pre", "mo_post"):
            assert row[name] == pytest.approx((wakes[name] > 0).mean(), abs=0.0005000001)
            assert row[name] == round(row[name], 3)
        assert row["so"] == pytest.approx(
            ((wakes["so_pre"] > 0) | (wakes["so_post"] > 0)).mean(), abs=0.00051
        )
