"""The convention mwa-0.5 gives the numbers of the R package mwa 0.5.0, on every recorded run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import EffectResult, Study, WakeDesign, count_wakes, matched_wakes
from afterstrike.effects._mwa._text import as_text, through_text
from afterstrike.errors import UsageError

MATCH = ("match1", "match2")
EVEN = (2, 4, 6, 8, 10)
CUT = {
    "match1": np.round(np.arange(0.5, 1.51, 0.1), 1),
    "match2": [0.9, 0.95, 1, 1.05, 1.1],
    "dependent_trend": [-10, -0.5, 0.5, 10],
}


@dataclass(frozen=True)
class Run:
    """One recorded run and the call that must repeat it."""

    design: WakeDesign
    days: tuple[int, ...] = EVEN
    km: tuple[int, ...] = EVEN
    time_unit: str = "day"
    data: str = "input_mwa_data.csv"


TCM = WakeDesign(MATCH, match_overlap=True)
RUNS = {
    "example_weighted_TCM": Run(TCM),
    "unweighted_noTCM": Run(WakeDesign(MATCH, weighted=False)),
    "weighted_noTCM": Run(WakeDesign(MATCH)),
    "diff_formula": Run(WakeDesign(MATCH, match_overlap=True, model="difference")),
    "deleteSUTVA": Run(WakeDesign(MATCH, match_overlap=True, drop_overlaps=True)),
    "att_weighted_TCM": Run(WakeDesign(MATCH, match_overlap=True, model="att")),
    "cutpoints": Run(WakeDesign(MATCH, cutpoints=CUT)),
    "odd_windows": Run(TCM, days=(3, 5, 7, 9), km=(3, 6, 9, 12)),
    "controls_match1": Run(WakeDesign(MATCH, match_overlap=True, controls=("match1",))),
    "hours": Run(WakeDesign(MATCH), days=(48, 96, 144), time_unit="hour"),
    "scaled/x10": Run(TCM, data="scaled/input_x10.csv.gz"),
    "scaled/x50": Run(TCM, data="scaled/input_x50.csv.gz"),
}
_done: dict[str, EffectResult] = {}


@pytest.fixture(scope="session")
def mwa(shared: Path) -> Path:
    folder = shared / "reference" / "mwa"
    if not folder.is_dir():
        pytest.skip("the recorded runs of mwa are not beside this repository (../shared/reference/mwa)")
    return folder


def study_of(frame: pd.DataFrame) -> Study:
    columns = {"time": "timestamp", "kind": "type"}
    return Study.from_frame(
        frame, treatment="treatment", control="control", outcome="dependent", columns=columns
    )


def repeat(mwa: Path, name: str) -> EffectResult:
    if name not in _done:
        run = RUNS[name]
        _done[name] = matched_wakes(
            study_of(pd.read_csv(mwa / run.data)),
            days=run.days,
            km=run.km,
            time_unit=run.time_unit,
            design=run.design,
            convention="mwa-0.5",
        )
    return _done[name]


def recorded(mwa: Path, name: str, table: str) -> pd.DataFrame:
    path = mwa / f"{name}_{table}.csv"
    if not path.exists():
        pytest.skip(f"{path.name} was not recorded")
    return pd.read_csv(path)


@pytest.mark.parametrize("name", RUNS)
def test_estimates(mwa: Path, name: str) -> None:
    ours, theirs = repeat(mwa, name).to_frame(), recorded(mwa, name, "estimates")
    assert ours[["days", "km"]].to_numpy().tolist() == theirs[["t_window", "spat_window"]].to_numpy().tolist()
    pairs = {
        "estimate": "estimate",
        "p_value": "pvalue",
        "adj_r2": "adj.r.squared",
        "intercept": "intercept",
        "intercept_p": "intercept.pval",
    }
    for mine, peer in pairs.items():
        if peer in theirs:
            np.testing.assert_allclose(ours[mine], theirs[peer].astype(float), rtol=1e-10, atol=1e-10)
    # p-values far below 1e-10 must agree in their leading digits too.
    known = theirs["pvalue"].astype(float).to_numpy()
    np.testing.assert_allclose(ours["p_value"], known, rtol=1e-8)
    assert (ours["reason"] == "").to_numpy().tolist() == (~np.isnan(known)).tolist()


@pytest.mark.parametrize("name", RUNS)
def test_matching_table(mwa: Path, name: str) -> None:
    ours, theirs = repeat(mwa, name).to_frame(), recorded(mwa, name, "matching")
    pairs = {
        "n_control": "control_pre",
        "n_treated": "treatment_pre",
        "l1_before": "L1_pre",
        "common_support_before": "commonSupport_pre",
        "n_control_matched": "control_post",
        "n_treated_matched": "treatment_post",
        "l1_after": "L1_post",
        "common_support_after": "commonSupport_post",
    }
    for mine, peer in pairs.items():
        assert ours[mine].tolist() == theirs[peer].astype(float).tolist(), mine


@pytest.mark.parametrize("name", RUNS)
def test_overlap_table(mwa: Path, name: str) -> None:
    ours, theirs = repeat(mwa, name).detail("overlap"), recorded(mwa, name, "sutva")
    pairs = {
        "so_pre": "SO_pre",
        "so_post": "SO_post",
        "so": "SO",
        "mo_pre": "MO_pre",
        "mo_post": "MO_post",
        "mo": "MO",
    }
    for mine, peer in pairs.items():
        assert ours[mine].tolist() == theirs[peer].astype(float).tolist(), mine
    table = repeat(mwa, name).to_frame()
    assert table["so_pre"].tolist() == ours["so_pre"].tolist()
    assert table["mo_post"].tolist() == ours["mo_post"].tolist()


@pytest.mark.parametrize("name", ["example_weighted_TCM", "odd_windows", "hours"])
def test_every_wake(mwa: Path, name: str) -> None:
    ours, theirs = repeat(mwa, name).detail("wakes"), recorded(mwa, name, "wakes")
    pairs = {
        "position": "eventID",
        "days": "t_window",
        "km": "spat_window",
        "treated": "treatment",
        "outcome_pre": "dependent_pre",
        "trend": "dependent_trend",
        "so_pre": "SO_pre",
        "mo_pre": "MO_pre",
        "outcome_post": "dependent_post",
        "so_post": "SO_post",
        "mo_post": "MO_post",
        "match1": "match1",
        "match2": "match2",
    }
    for mine, peer in pairs.items():
        assert ours[mine].astype(float).tolist() == theirs[peer].astype(float).tolist(), mine


@pytest.mark.parametrize(
    "name", ["example_weighted_TCM", "unweighted_noTCM", "weighted_noTCM", "cutpoints", "odd_windows"]
)
def test_who_is_matched_and_where_bins_end(mwa: Path, name: str) -> None:
    wakes, theirs = repeat(mwa, name).detail("wakes"), recorded(mwa, name, "matched")
    assert wakes["matched"].astype(int).tolist() == theirs["matched"].tolist()
    cut = repeat(mwa, name).detail("cutpoints")
    bins = pd.read_csv(mwa / f"{name}_bins.csv", dtype=str)
    for row in bins.to_dict("records"):
        window = cut[(cut["days"] == int(row["t_window"])) & (cut["km"] == float(row["spat_window"]))]
        for variable, points in window.groupby("variable")["cutpoint"]:
            assert ", ".join(f"{point:.15g}" for point in points) == row[str(variable)], (row, variable)


@pytest.mark.parametrize("name", ["scaled/x10", "scaled/x50"])
def test_sums_over_wakes_at_size(mwa: Path, name: str) -> None:
    theirs = recorded(mwa, name, "wake_sums")
    sums = repeat(mwa, name).detail("wakes").groupby(["days", "km", "treated"]).sum()
    pairs = {
        "outcome_pre": "dependent_pre",
        "trend": "dependent_trend",
        "so_pre": "SO_pre",
        "mo_pre": "MO_pre",
        "outcome_post": "dependent_post",
        "so_post": "SO_post",
        "mo_post": "MO_post",
    }
    for row in theirs.to_dict("records"):
        mine = sums.loc[(row["t_window"], row["spat_window"], bool(row["treatment"]))]
        assert {peer: float(mine[our]) for our, peer in pairs.items()} == {
            peer: row[peer] for peer in pairs.values()
        }


def test_control_coefficients(mwa: Path) -> None:
    ours = repeat(mwa, "controls_match1").detail("coefficients").set_index(["days", "km"])
    theirs = recorded(mwa, "controls_match1", "estimates").set_index(["t_window", "spat_window"]).dropna()
    assert len(ours) == len(theirs) == 12
    np.testing.assert_allclose(ours["coefficient"], theirs["match1.coef"], rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(ours["p_value"], theirs["match1.pval"], rtol=1e-10, atol=1e-10)


def test_text_of_the_table(mwa: Path) -> None:
    raw = pd.read_csv(mwa / "input_mwa_data.csv").sort_values("timestamp", kind="stable")
    seen = pd.read_csv(mwa / "input_as_text_sorted.csv", dtype=str)
    for column in ("lon", "lat", *MATCH):
        values = raw[column].to_numpy()
        assert as_text(values) == seen[column].tolist()
        assert through_text(values).tolist() == seen[column].astype(float).tolist()


def around(offsets_days: list[float], kinds: list[str], lats: list[float] | None = None) -> pd.DataFrame:
    """Events at one place, around 2 January 2001, between a lone early and a lone late row."""
    at = pd.Timestamp("2001-01-02") + pd.to_timedelta([-400.0, *offsets_days, 400.0], unit="D")
    return pd.DataFrame(
        {
            "type": ["other", *kinds, "other"],
            "timestamp": at.strftime("%Y-%m-%d %H:%M:%S"),
            "lat": [0.0, *(lats or [0.0] * len(kinds)), 0.0],
            "lon": 0.0,
        }
    )


def wakes_of(frame: pd.DataFrame, **windows: object) -> pd.DataFrame:
    present = set(frame["type"])
    columns = {"time": "timestamp", "kind": "type"}
    control = "control" if "control" in present else None
    study = Study.from_frame(
        frame, treatment="treatment", control=control, outcome="dependent", columns=columns
    )
    return count_wakes(study, days=windows.get("days", 2), km=windows.get("km", 5), convention="mwa-0.5")


def test_pre_is_one_unit_longer_and_less_than_a_unit_after_is_nothing() -> None:
    offsets = [-3.0, -2.99, -1.0, 0.0, 0.99, 1.0, 2.99, 3.0, 90.0]
    kinds = ["dependent"] * 3 + ["treatment"] + ["dependent"] * 4 + ["control"]
    row = wakes_of(around(offsets, kinds)).iloc[0]
    assert (row["outcome_pre"], row["outcome_post"]) == (2, 2)


def test_row_order_within_a_time_changes_the_peers_counts_and_only_that() -> None:
    kinds = ["treatment", "dependent", "control"]
    first = wakes_of(around([0.0, 0.0, 50.0], kinds))
    frame = around([0.0, 0.0, 50.0], kinds).iloc[[0, 2, 1, 3, 4]]
    assert first["outcome_pre"].iloc[0] == 0
    assert wakes_of(frame)["outcome_pre"].iloc[0] == 1


def test_what_the_peer_cannot_do_is_refused_with_the_reason() -> None:
    frame = around([0.0, 1.5, 20.0, 30.0], ["treatment", "dependent", "control", "treatment"]).assign(x=1.0)
    study = study_of(frame)
    with pytest.raises(UsageError, match="object is not a matrix"):
        matched_wakes(
            study, days=2, km=5, design=WakeDesign(controls=("x",), model="difference"), convention="mwa-0.5"
        )
    with pytest.raises(UsageError, match="divides by zero"):
        matched_wakes(study, days=1, km=5, convention="mwa-0.5")
    with pytest.raises(UsageError, match="variable 'y'"):
        matched_wakes(study, days=2, km=5, design=WakeDesign(cutpoints={"y": [0, 1]}), convention="mwa-0.5")
