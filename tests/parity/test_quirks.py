"""Every recorded quirk of mwa 0.5.0, read in place: what a hand-made table gave, and that ours gives it.

The file holds results, not tables. The tables here are made so that each rule decides one
of the recorded numbers.
"""

from __future__ import annotations

import inspect
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.effects import Study, WakeDesign, count_wakes, matched_wakes
from afterstrike.effects._mwa._text import as_text, through_text
from afterstrike.errors import UsageError

START = pd.Timestamp("2001-01-02")
ROLES = {"treatment": "treatment", "control": "control", "outcome": "dependent"}
RECORDED = {
    "treatment": "treated",
    "dependent_pre": "outcome_pre",
    "dependent_trend": "trend",
    "SO_pre": "so_pre",
    "MO_pre": "mo_pre",
    "dependent_post": "outcome_post",
    "SO_post": "so_post",
    "MO_post": "mo_post",
    "eventID": "position",
    "t_window": "days",
    "spat_window": "km",
}


@pytest.fixture(scope="module")
def quirks(shared: Path) -> dict[str, Any]:
    path = shared / "reference" / "mwa" / "quirks.json"
    if not path.is_file():
        pytest.skip("the recorded quirks of mwa are not beside this repository (../shared/reference/mwa)")
    return dict(json.loads(path.read_text()))


def rows(*events: tuple[float, str] | tuple[float, str, float]) -> pd.DataFrame:
    """Give events as (days from the start, kind, latitude); without a latitude at the equator."""
    return pd.DataFrame(
        {
            "type": [event[1] for event in events],
            "timestamp": (START + pd.to_timedelta([e[0] for e in events], unit="D")).strftime(
                "%Y-%m-%d %H:%M:%S"
            ),
            "lat": [float(event[2]) if len(event) > 2 else 0.0 for event in events],
            "lon": 0.0,
        }
    )


def study_of(frame: pd.DataFrame, roles: dict[str, Any] = ROLES) -> Study:
    present = {role: value for role, value in roles.items() if value in set(frame["type"])}
    return Study.from_frame(frame, columns={"time": "timestamp", "kind": "type"}, **present)


def counted(frame: pd.DataFrame, *, days: int = 2, km: Any = 5) -> pd.DataFrame:
    return count_wakes(study_of(frame), days=days, km=km, convention="mwa-0.5")


def assert_recorded(found: pd.DataFrame, recorded: list[dict[str, Any]]) -> None:
    assert len(found) == len(recorded)
    for mine, theirs in zip(found.to_dict("records"), recorded, strict=True):
        assert {peer: float(mine[our]) for peer, our in RECORDED.items()} == {
            peer: float(theirs[peer]) for peer in RECORDED
        }


def test_a_elapsed_days_and_not_calendar_days(quirks: dict[str, Any]) -> None:
    before = [(-3.0, "dependent"), (-2.9, "dependent"), (-1.5, "dependent"), (-0.9, "dependent")]
    after = [
        (0.9, "dependent"),
        (1.0, "dependent"),
        (1.9, "dependent"),
        (2.9, "dependent"),
        (3.0, "dependent"),
    ]
    # The strike is at noon: by calendar days, other rows would be in and out.
    moved = [(day + 0.5, kind) for day, kind in (*before, (0.0, "treatment"), *after, (50.0, "control"))]
    frame = rows((-400, "other"), *moved, (400, "other"))
    assert_recorded(counted(frame), quirks["A_elapsed_days_T2"])


def test_b_rows_at_one_time_are_before_only_if_above_in_the_file(quirks: dict[str, Any]) -> None:
    now = [(0, "dependent"), (0, "dependent"), (0, "treatment"), (0, "dependent"), (0, "control")]
    frame = rows((-400, "other"), *now, (50, "control"), (400, "other"))
    assert_recorded(counted(frame), quirks["B_ties_T2"])


@pytest.mark.parametrize("length", [2, 3, 4, 5, 6, 7])
def test_c_trend_weight_of_each_bin(quirks: dict[str, Any], length: int) -> None:
    found = []
    for elapsed in range(length + 1):
        frame = rows(
            (-400, "other"), (-elapsed - 0.5, "dependent"), (0, "treatment"), (50, "control"), (400, "other")
        )
        found.append(counted(frame, days=length)["trend"].iloc[0])
    assert found == quirks[f"C_trend_weight_of_bin_0_to_T_for_T{length}"]


def peers_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Give the distance by the formula of the peer in the order a JVM since Java 9 takes it.

    `Math.toRadians` multiplies by a constant, and `Math.toDegrees` too; dividing by 180 first, or multiplying
    by pi first, moves other places across an edge.
    """
    a, b = lat * 0.017453292519943295, other_lat * 0.017453292519943295
    turn = other_lon * 0.017453292519943295 - lon * 0.017453292519943295
    east = math.cos(b) * math.sin(turn)
    north = math.cos(a) * math.sin(b) - math.sin(a) * math.cos(b) * math.cos(turn)
    along = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(turn)
    return math.atan2(math.sqrt(east * east + north * north), along) * 57.29577951308232 * 111.111


def test_d_a_degree_of_latitude_is_outside_111_111_km(quirks: dict[str, Any]) -> None:
    # At the latitude of the packaged data. The recorded table's own latitude is not known.
    frame = rows(
        (-400, "other"), (-1, "dependent", 34), (0, "treatment", 33), (50, "control"), (400, "other")
    )
    found = counted(frame, km=(111.11, 111.111, 111.112))
    assert found[found["treated"]]["outcome_pre"].tolist() == quirks["D_dist_111.111"]


@pytest.mark.parametrize("south", range(-60, 70))
def test_d_at_each_whole_degree_rounding_decides_as_in_the_peer(south: int) -> None:
    frame = rows(
        (-400, "other"),
        (-1, "dependent", south + 1),
        (0, "treatment", south),
        (50, "control"),
        (400, "other"),
    )
    inside = peers_km(south, 0.0, south + 1, 0.0) <= 111.111
    assert counted(frame, km=111.111)["outcome_pre"].iloc[0] == int(inside)


def test_d_rounding_puts_most_whole_degrees_outside() -> None:
    inside = [south for south in range(70) if peers_km(south, 0.0, south + 1, 0.0) <= 111.111]
    assert len(inside) == 28 and {0, 1, 10, 34, 49} <= set(inside) and not {30, 33, 35, 45, 50} & set(inside)


@settings(max_examples=80, deadline=None)
@given(st.floats(-80, 80), st.floats(-170, 170), st.floats(-2, 2), st.floats(-2, 2))
def test_d_at_any_edge_the_last_bit_decides(lat: float, lon: float, north: float, east: float) -> None:
    frame = rows((-400, "other"), (-1, "dependent"), (0, "treatment"), (50, "control"), (400, "other"))
    frame["lat"], frame["lon"] = [lat, lat + north, *[lat] * 3], [lon, lon + east, *[lon] * 3]
    (la, lo), (lb, lp) = (through_text(frame[name].to_numpy())[[2, 1]] for name in ("lat", "lon"))
    km = peers_km(la, lb, lo, lp)
    if km < 0.01:
        return
    found = counted(frame, km=(km, float(np.nextafter(km, 0))))
    assert found[found["treated"]]["outcome_pre"].tolist() == [1, 0]


def test_e_a_wake_needs_the_first_and_last_row_further_away_than_its_window(quirks: dict[str, Any]) -> None:
    frame = rows((-400, "other"), (0, "treatment"), (1, "treatment"), (2, "treatment"), (4, "other"))
    frame = pd.concat([frame, rows((4, "dependent", 9))], ignore_index=True)
    assert_recorded(counted(frame), quirks["E_complete_T2"])


def test_f_numbers_as_text(quirks: dict[str, Any]) -> None:
    values = np.array([1.23456789, 0.00123456789, 123456.789, 2])
    assert as_text(values) == quirks["F_text_form"]
    assert through_text(values)[0] == quirks["F_match_value_seen"]


@pytest.mark.parametrize(
    ("codes", "name"),
    [((10, 11, 1), "G_numeric_code_dependent_post"), ((10, 11, 12), "G_equal_width_dependent_post")],
)
def test_g_numeric_codes(quirks: dict[str, Any], codes: tuple[int, int, int], name: str) -> None:
    frame = rows((-400, "other"), (0, "treatment"), (1.5, "dependent"), (20, "control"), (400, "other"))
    roles = dict(zip(ROLES, codes, strict=True))
    coded = frame.assign(
        type=frame["type"].map({ROLES[role]: code for role, code in roles.items()} | {"other": 99})
    )
    found = count_wakes(study_of(coded, roles), days=2, km=5, convention="mwa-0.5")
    assert found["outcome_post"].tolist() == quirks[name]


def test_h_controls_with_the_difference_model_stop(quirks: dict[str, Any]) -> None:
    frame = rows((-400, "other"), (0, "treatment"), (1.5, "dependent"), (20, "control"), (30, "treatment"))
    study = study_of(frame.assign(x=1.0))
    with pytest.raises(UsageError, match=quirks["H_diff_plus_controls"]):
        matched_wakes(
            study, days=2, km=5, design=WakeDesign(controls=("x",), model="difference"), convention="mwa-0.5"
        )


def test_i_there_is_no_option_to_leave_out_the_matching(quirks: dict[str, Any]) -> None:
    assert quirks["I_no_matching"] == "object 'treatment' not found"
    options = {*inspect.signature(matched_wakes).parameters, *inspect.signature(WakeDesign).parameters}
    assert not {"match", "match_default", "matching"} & options


def test_j_negative_binomial(quirks: dict[str, Any], shared: Path) -> None:
    study = study_of(pd.read_csv(shared / "reference/mwa/input_mwa_data.csv"))
    design = WakeDesign(("match1", "match2"), model="negative_binomial")
    ours = matched_wakes(study, days=(8, 10), km=(8, 10), design=design, convention="mwa-0.5").to_frame()
    names = {
        "estimate": "estimate",
        "p_value": "pvalue",
        "intercept": "intercept",
        "intercept_p": "intercept.pval",
    }
    recorded = pd.DataFrame(quirks["J_nb"])
    for mine, peer in names.items():
        np.testing.assert_allclose(ours[mine], recorded[peer], rtol=0, atol=1e-10)


def test_every_recorded_quirk_has_its_test(quirks: dict[str, Any]) -> None:
    tested = {name.split("_")[1] for name in globals() if name.startswith("test_")}
    assert {name.split("_")[0].lower() for name in quirks} <= tested
