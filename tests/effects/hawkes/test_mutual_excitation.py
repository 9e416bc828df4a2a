"""Mutual excitation on a study: what it finds, what it says, what it refuses."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import ExcitationResult, Study, mutual_excitation, save_effect, simulate_hawkes
from afterstrike.effects._hawkes._checks import drift_check
from afterstrike.effects._hawkes._effects import added
from afterstrike.effects._hawkes._result import effect_rows
from afterstrike.errors import EstimateRefused, UsageError

DAYS = 1000


@lru_cache(maxsize=8)
def events(effect: float = -0.8, *, dated: bool = False, seed: int = 1, drift: bool = False) -> pd.DataFrame:
    """Two zones in which strikes multiply the baseline on days 1 to 7 by exp(effect)."""
    rng = np.random.default_rng(seed)
    parts = []
    for zone, rate in (("north", 0.8), ("south", 0.5)):
        struck = np.sort(rng.choice(DAYS, 40, replace=False))
        lift = np.zeros(DAYS)
        for day in struck:
            lift[day + 1 : day + 8] += effect
        if drift:
            lift += np.sin(np.arange(DAYS) * 2 * np.pi / DAYS)
        times = simulate_hawkes(
            float(DAYS), rate=rate * np.exp(lift), branching_ratio=0.3, memory_days=3.0, seed=rng
        )
        if dated:
            times = np.floor(times)
        parts += [
            pd.DataFrame({"kind": "attack", "at": times, "zone": zone}),
            pd.DataFrame({"kind": "strike", "at": struck + 0.5, "zone": zone}),
        ]
    table = pd.concat(parts, ignore_index=True)
    table["date_start"] = pd.Timestamp("2001-01-01") + pd.to_timedelta(table.pop("at"), unit="D")
    if dated:
        table["date_start"] = table["date_start"].dt.normalize()
    return table.assign(lat=35.0, lon=40.0)


def study(table: pd.DataFrame) -> Study:
    return Study.from_frame(table, treatment="strike", outcome="attack", period=("2001-01-01", "2003-09-27"))


@lru_cache(maxsize=8)
def result(effect: float = -0.8, *, dated: bool = False, drift: bool = False) -> ExcitationResult:
    return mutual_excitation(study(events(effect, dated=dated, drift=drift)), zones="zone", days=(7, 14))


def check(found: ExcitationResult, start: str) -> Any:
    return next(one for one in found.checks if one.check_name.startswith(start))


@pytest.mark.parametrize("effect", [-0.8, 0.6])
def test_a_known_effect_is_found_in_both_baselines(effect: float) -> None:
    table = result(effect).to_frame()
    assert table["baseline"].tolist() == ["constant", "constant", "drift", "drift"]
    week = table[table["days"] == 7]
    assert ((week["rate_ratio_low"] > 1) if effect > 0 else (week["rate_ratio_high"] < 1)).all()
    parameters = result(effect).detail("parameters").query("parameter == 'strike, days 1 to 7'")
    assert ((parameters["low"] < effect) & (parameters["high"] > effect)).all()
    # Offspring of what is added or averted add to it, and the parts fit together.
    assert (table["estimate"].abs() > table["direct"].abs()).all()
    assert np.allclose(table["observed"] - table["expected"], table["estimate"])
    assert np.allclose(table["quiet_days"], table["days"] * (1 - table["rate_ratio"]))
    assert (table["rate_ratio_low_joint"] < table["rate_ratio_low"]).all()


def test_nothing_is_found_where_strikes_do_nothing() -> None:
    found = result(0.0)
    week = found.to_frame().iloc[2]
    assert week["rate_ratio_low"] < 1 < week["rate_ratio_high"]
    assert "Cannot tell: anything from" in found.summary()


def test_observed_is_a_plain_count() -> None:
    table = events(-0.8)
    moment = (table["date_start"] - pd.Timestamp("2001-01-01")) / pd.Timedelta(days=1)
    counts = []
    for zone in ("north", "south"):
        own = table["zone"] == zone
        attacks = moment[own & (table["kind"] == "attack")]
        struck = np.floor(moment[own & (table["kind"] == "strike")])
        counts += [((attacks >= day + 1) & (attacks < day + 8)).sum() for day in struck if day + 8 <= DAYS]
    row = result(-0.8).to_frame().iloc[0]
    assert row["observed"] == pytest.approx(np.mean(counts)) and row["n_treated"] == len(counts)


def test_checks_pass_where_the_model_holds() -> None:
    found = result(-0.8)
    for name in ("residuals, unit", "residuals, indep", "branching", "leads", "gaps"):
        assert check(found, name).passed is True, found.summary()
    assert check(found, "drift").passed is not False
    assert check(found, "times within").passed is None
    rows = check(found, "branching").table
    assert (rows["low"] < 0.3).all() and (rows["high"] > 0.3).all()


def test_a_drift_is_told_and_inflates_excitation_where_left_out() -> None:
    found = result(-0.8, drift=True)
    rows = check(found, "branching").table.set_index("baseline")
    assert rows.loc["constant", "branching_ratio"] > rows.loc["drift", "branching_ratio"] + 0.1
    assert rows.loc["drift", "low"] < 0.3 < rows.loc["drift", "high"]
    assert check(found, "drift").passed is not True
    assert check(found, "drift").table["p_value"].iloc[0] < 1e-6


def test_strikes_that_foresee_attacks_fail_the_leads() -> None:
    # Strikes moved to 22 days after they acted: attacks now rise 21 to 15 days before them.
    late = events(0.9).copy()
    moved = late["kind"] == "strike"
    late.loc[moved, "date_start"] += pd.Timedelta(days=22)
    late = late[late["date_start"] < pd.Timestamp("2003-09-28")]
    failed = check(mutual_excitation(study(late), zones="zone", days=(7,)), "leads")
    assert failed.passed is False and failed.table["log_effect"].iloc[0] > 0.2


def test_dates_without_clock_times_are_moved_by_the_seed_and_said() -> None:
    found = result(-0.8, dated=True)
    told = check(found, "times within").text
    total = int((events(-0.8, dated=True)["kind"] == "attack").sum())
    assert f"{total} of {total} events have no clock time" in told
    assert found.provenance["moved_within_day"] == total
    again = mutual_excitation(study(events(-0.8, dated=True)), zones="zone", days=(7, 14))
    pd.testing.assert_frame_equal(found.to_frame(), again.to_frame())
    other = mutual_excitation(study(events(-0.8, dated=True)), zones="zone", days=(7, 14), seed=9)
    assert not other.to_frame()["rate_ratio"].equals(found.to_frame()["rate_ratio"])
    assert other.to_frame().iloc[2]["rate_ratio_high"] < 1


def test_a_stop_in_recording_is_named_and_can_be_declared() -> None:
    table = events(-0.8)
    stop = table["date_start"].between("2002-03-01", "2002-04-14 23:59:59") & (table["kind"] == "attack")
    found = mutual_excitation(study(table[~stop]), zones="zone", days=(7,))
    failed = check(found, "gaps")
    assert failed.passed is False and failed.table["from"].iloc[0] <= "2002-03-01"
    declared = mutual_excitation(study(table), zones="zone", days=(7,), gaps=[("2002-03-01", "2002-04-14")])
    assert check(declared, "gaps").passed is True
    assert declared.provenance["exclusions"]["event: in a declared gap"] == int(stop.sum())
    assert declared.to_frame()["n_treated"].iloc[0] < found.to_frame()["n_treated"].iloc[0]


def test_a_stop_in_recording_that_lasts_until_the_end_is_named() -> None:
    table = events(-0.8)
    stop = (table["date_start"] >= "2003-08-10") & (table["kind"] == "attack") & (table["zone"] == "north")
    failed = check(mutual_excitation(study(table[~stop]), zones="zone", days=(7,)), "gaps")
    assert failed.passed is False
    row = failed.table.iloc[0]
    assert row["zone"] == "north" and "2003-08-01" < row["from"] < "2003-08-10" and row["to"] == "2003-09-27"
    # The residuals are of whole gaps only.
    assert check(result(-0.8), "residuals, unit").table["n"].iloc[0] == (table["kind"] == "attack").sum()


def test_zones_without_attacks_and_rows_without_a_zone_are_counted() -> None:
    table = events(-0.8).copy()
    extra = table[table["kind"] == "strike"].iloc[:3].assign(zone="empty")
    blank = table[table["kind"] == "attack"].iloc[:5].assign(zone=None)
    table = pd.concat([table, extra, blank], ignore_index=True)
    found = mutual_excitation(study(table), zones="zone", days=(7,))
    left_out = found.provenance["exclusions"]
    assert left_out["treatment: in a zone without a recorded outcome row"] == 3
    assert left_out["outcome: no zone stated"] == 5
    assert found.to_frame()["rate_ratio"].equals(
        mutual_excitation(study(events(-0.8)), zones="zone", days=(7,)).to_frame()["rate_ratio"]
    )


def test_a_window_with_few_struck_days_says_why() -> None:
    rows = events(-0.8)
    late = rows[(rows["kind"] != "strike") | (rows["date_start"] >= pd.Timestamp("2002-10-01"))]
    found = mutual_excitation(study(late), zones="zone", days=(7, 365))
    row = found.to_frame().iloc[1]
    assert np.isnan(row["rate_ratio"]) and "at least 10 are needed" in row["reason"]
    assert "Cannot tell what followed: in the 365 days" in found.summary()


def test_the_heavy_tail_agrees_on_the_effect() -> None:
    found = mutual_excitation(study(events(-0.8)), zones="zone", days=(7,), kernel="power")
    assert found.to_frame()["rate_ratio"].iloc[1] == pytest.approx(
        result(-0.8).to_frame()["rate_ratio"].iloc[2], abs=0.06
    )


def said(table: pd.DataFrame, days: int, baseline: str) -> str:
    found = replace(result(-0.8), table=table, checks=())
    head = f"In the {days} days after a struck day ({baseline} baseline)"
    return next(line for line in found.findings() if line.startswith(head))


def test_a_sign_is_said_only_where_joint_intervals_of_both_baselines_agree() -> None:
    table = result(-0.8).to_frame()
    assert (table["rate_ratio_high_joint"] < 1).all()
    assert all(
        "Cannot tell" not in said(table, days, name) for days in (7, 14) for name in ("constant", "drift")
    )
    row = table.iloc[2]
    low, high = (round(100 * (1 - row[f"rate_ratio_{end}_joint"])) for end in ("low", "high"))
    assert f"({low}% lower to {high}% lower)" in said(table, 7, "drift")
    # Of one baseline only the interval of a single horizon excludes no change: neither may say a sign.
    wide = table.copy()
    wide.loc[2, "rate_ratio_high_joint"] = 1.02
    assert "Cannot tell: anything from" in said(wide, 7, "drift") and "to 2% more fits" in said(
        wide, 7, "drift"
    )
    assert "because the drift baseline does not agree: anything from" in said(wide, 7, "constant")
    assert "Cannot tell" not in said(wide, 14, "drift")
    # Opposite signs, and nothing estimated.
    other = table.copy()
    other.loc[0, ["rate_ratio_low_joint", "rate_ratio_high_joint"]] = 1.1, 1.3
    assert "the constant baseline does not agree: anything from 10% more to 30% more" in said(
        other, 7, "drift"
    )
    other.loc[0, ["rate_ratio", "rate_ratio_low_joint", "rate_ratio_high_joint"]] = np.nan
    other.loc[0, "reason"] = "no strikes"
    assert said(other, 7, "drift").endswith("because the constant baseline does not agree: no strikes.")


def test_the_joint_interval_of_one_horizon_is_not_below_its_own() -> None:
    fit = result(-0.8).fits["drift"]
    for seed in range(6):
        row = effect_rows(fit, added(fit, [7]), baseline="drift", n_strikes=80, level=0.95, seed=seed)[0]
        assert row["rate_ratio_low_joint"] <= row["rate_ratio_low"]
        assert row["rate_ratio_high_joint"] == pytest.approx(row["rate_ratio_high"], rel=0.01)


def test_a_ratio_of_nought_has_no_interval_and_says_so() -> None:
    fit = result(-0.8).fits["drift"]
    found = added(fit, [7])
    none = replace(found, observed=np.zeros(1), total=-np.ones(1))
    row = effect_rows(fit, none, baseline="drift", n_strikes=80, level=0.95, seed=0)[0]
    assert "nothing was recorded" in row["reason"] and np.isnan(row["rate_ratio"])


def test_drift_is_compared_at_a_horizon_that_both_baselines_have() -> None:
    found = result(-0.8)
    table = found.to_frame()
    table.loc[3, ["estimate", "rate_ratio"]] = np.nan
    told = drift_check(dict(found.fits), table).text
    ratios = [f"{table['rate_ratio'][row]:.2f}" for row in (0, 2)]
    assert (
        f"over 7 days the rate ratio is {ratios[0]} with a constant baseline, {ratios[1]} with drift" in told
    )
    table.loc[2, "rate_ratio"] = np.nan
    assert "rate ratio" not in drift_check(dict(found.fits), table).text


def test_what_the_draw_of_times_would_add_to_the_intervals_is_small_and_said() -> None:
    one = check(result(-0.8, dated=True), "times within")
    moves = np.log(one.table["rate_ratio"]).std() / one.table["log_std_error"].mean()
    assert 0 < moves < 0.15 and len(one.table) == 5
    assert f"a spread of {moves:.0%} of a standard error, not in the intervals" in one.text
    assert one.table["log_std_error"].iloc[0] == pytest.approx(
        result(-0.8, dated=True).to_frame().eval("log(rate_ratio_high / rate_ratio)")[3] / 1.959964
    )


def test_the_same_drift_and_the_correlation_covered_are_among_what_must_be_believed() -> None:
    assert "the drift is the same in all zones" in result(-0.8).assumptions
    assert "in one zone or in several at once, lasts for less than block_days" in result(-0.8).assumptions
    assert check(result(-0.8), "zones drift").passed is True
    assert "by those of day 0 not" in result(-0.8).estimand


def test_files_and_words_are_made(tmp_path: Any) -> None:
    found = result(-0.8)
    names = [path.name for path in save_effect(found, tmp_path, "excitation")]
    assert "excitation.html" in names
    text = (tmp_path / "excitation.txt").read_text(encoding="utf-8")
    assert text.startswith("Civilian deaths in these strikes") and "Smallest falls" in text
    assert "nan" not in text and "drift" in text.split("Estimand")[0]
    assert found.plot().caption.startswith("4 of 4 windows")
    assert len(found.detail("residuals")) == (events(-0.8)["kind"] == "attack").sum()
    assert "bought" not in text


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"days": ()}, "days"),
        ({"days": (0,)}, "days"),
        ({"level": 1.0}, "level"),
        ({"zones": "nowhere"}, "column of the rows"),
        ({"lags": ((1, 7), (5, 9))}, "lags"),
        ({"lags": ((-7, -1), (1, 7))}, "lags"),
        ({"lags": ((0, 0),)}, "no day after"),
        ({"kernel": "gamma"}, "kernel"),
        ({"gaps": [("2002-13-01", "2002-14-01")]}, "YYYY-MM-DD"),
        ({"gaps": [("1999-01-01", "1999-02-01")]}, "gap"),
    ],
)
def test_options_that_are_not_allowed_are_told(options: dict[str, Any], word: str) -> None:
    with pytest.raises(UsageError, match=word):
        mutual_excitation(study(events(-0.8)), **options)


def test_too_little_is_refused() -> None:
    table = events(-0.8)
    few = pd.concat([table[table["kind"] == "strike"], table[table["kind"] == "attack"].iloc[:1]])
    with pytest.raises(EstimateRefused, match="1 events"):
        mutual_excitation(study(few))
    short = table[table["date_start"] < pd.Timestamp("2001-02-10")]
    with pytest.raises(EstimateRefused, match="at least 60"):
        mutual_excitation(Study.from_frame(short, treatment="strike", outcome="attack"))
    with pytest.raises(EstimateRefused, match="no outcome rows"):
        study(table.assign(lat=np.where(table["kind"] == "attack", np.nan, 35.0)))
