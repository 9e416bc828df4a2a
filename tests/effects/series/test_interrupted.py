"""The interrupted series: a campaign against the time before it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import Study, interrupted_from_file, interrupted_series
from afterstrike.effects._series._plain import plain_counts
from afterstrike.errors import EstimateRefused, UsageError

WEEKS = pd.date_range("2014-01-06", periods=160, freq="7D")
START = "2016-07-04"  # the first day of week 130


def made(seed: int, effect: float = 0.0, dispersion: float = 0.0, slope: float = 0.0) -> pd.Series:
    rng, t = np.random.default_rng(seed), np.arange(160)
    mean = 20 * np.exp(0.25 * np.sin(2 * np.pi * t / 52.18) + slope * (t - 80) + effect * (t >= 130))
    if dispersion:
        mean = mean * rng.gamma(1 / dispersion, dispersion, 160)
    return pd.Series(rng.poisson(mean).astype(float), index=WEEKS)


@pytest.mark.parametrize(("effect", "dispersion"), [(0.0, 0.0), (-0.4, 0.0), (0.0, 0.1), (-0.4, 0.1)])
def test_a_known_change_is_recovered_with_honest_intervals(effect: float, dispersion: float) -> None:
    rows = [
        interrupted_series(made(seed, effect, dispersion, 0.003), start=START, placebos=0).to_frame().iloc[-1]
        for seed in range(60)
    ]
    table = pd.DataFrame(rows)
    gap = np.log(table["rate_ratio"]) - effect
    assert abs(gap.mean()) < 0.05
    covered = (table["rate_ratio_low"] <= math.exp(effect)) & (math.exp(effect) <= table["rate_ratio_high"])
    # Fewer than 51 of 60 has a chance of one in a thousand where coverage is 95%.
    assert covered.sum() >= 51
    width = np.log(table["rate_ratio_high"] / table["rate_ratio"]).mean() / 2
    assert gap.std() > 0.5 * width, "intervals are far too wide"


def test_the_finding_the_changes_and_the_figure() -> None:
    found = interrupted_series(made(1, -0.5), start=START, end="2016-12-25", days=(30, 90))
    table = found.to_frame()
    assert table["days"].tolist() == [30, 90, 175] and (table["rate_ratio_high"] < 1).all()
    np.testing.assert_allclose(table["rate_ratio"], table["observed"] / table["expected"])
    campaign = made(1, -0.5)[130:155]
    assert table["observed"].iloc[-1] == campaign.sum()
    changes = found.detail("changes").set_index("what")
    assert changes.loc["level", "high"] < 1
    text = found.summary()
    assert text.startswith("Civilian deaths in this campaign: not in a series of counts.")
    assert "What else changed at that date is not known" in text and "no comparison group" in text
    marks = [layer for layer in found.plot().spec["layer"] if layer.get("data")]
    assert marks[0]["data"]["values"] == [{"start": START}]


def test_placebo_starts_rank_a_change_and_find_none_where_there_is_none() -> None:
    ranks = {}
    for effect in (0.0, -0.6):
        found = interrupted_series(made(3, effect), start=START)
        check = next(one for one in found.checks if one.check_name == "placebo starts")
        ranks[effect] = check.table["rank_p"].iloc[0]
        assert len(check.table) >= 19 and check.passed is not True
    assert ranks[-0.6] < 0.06 < ranks[0.0]


def test_a_trend_that_turns_before_the_start_fails_the_placebos() -> None:
    t = np.arange(160)
    bent = 20 * np.exp(-0.04 * np.abs(t - 75))
    series = pd.Series(np.random.default_rng(1).poisson(bent).astype(float), index=WEEKS)
    found = interrupted_series(series, start=START, season="none")
    check = next(one for one in found.checks if one.check_name == "placebo starts")
    assert check.passed is False


def test_missing_weeks_are_missing_whether_absent_or_nan_and_never_zero() -> None:
    whole = made(4, -0.3)
    nan, absent = whole.copy(), whole.drop(whole.index[40:50])
    nan.iloc[40:50] = np.nan
    one, two = (
        interrupted_series(part, start=START).to_frame()["rate_ratio"].iloc[-1] for part in (nan, absent)
    )
    gap = (
        interrupted_series(whole, start=START, gaps=[("2014-10-13", "2014-12-21")])
        .to_frame()["rate_ratio"]
        .iloc[-1]
    )
    zero = whole.copy()
    zero.iloc[40:50] = 0.0
    as_zero = interrupted_series(zero, start=START).to_frame()["rate_ratio"].iloc[-1]
    assert one == pytest.approx(two) and one == pytest.approx(gap)
    assert abs(as_zero - one) > 0.03
    counts = plain_counts(absent, by="week", gaps=())
    assert len(counts.count) == 160 and np.isnan(counts.count[40:50]).all()


def test_months_are_read_and_a_study_gives_the_same_as_its_counts() -> None:
    months = pd.date_range("2014-01-01", periods=60, freq="MS")
    count = np.random.default_rng(5).poisson(np.where(np.arange(60) < 48, 40, 20))
    found = interrupted_series(pd.DataFrame({"date": months, "count": count}), start="2018-01-01")
    assert found.to_frame()["days"].iloc[-1] == 365 and found.to_frame()["rate_ratio_high"].iloc[-1] < 0.8
    series = made(6).astype(int)
    days = np.repeat(series.index.to_numpy(), series.to_numpy())
    events = pd.DataFrame({"kind": "attack", "date_start": days, "lat": 35.0, "lon": 40.0})
    strike = pd.DataFrame({"kind": "strike", "date_start": pd.to_datetime([START]), "lat": 36.0, "lon": 41.0})
    study = Study.from_frame(
        pd.concat([events, strike]), treatment="strike", outcome="attack", period=("2014-01-06", "2017-01-29")
    )
    one = interrupted_series(study, start=START).to_frame()
    two = interrupted_series(series, start=START).to_frame()
    assert one["rate_ratio"].iloc[-1] == pytest.approx(two["rate_ratio"].iloc[-1])


def test_a_horizon_may_be_longer_than_a_year() -> None:
    weeks = pd.date_range("2012-01-02", periods=260, freq="7D")
    counts = pd.Series(np.random.default_rng(3).poisson(20, 260), index=weeks)
    found = interrupted_series(counts, start="2014-01-06", days=(90, 730)).to_frame()
    assert found["days"].tolist()[:2] == [90, 730]
    with pytest.raises(UsageError, match="from 1 to 3650"):
        interrupted_series(counts, start="2014-01-06", days=3651)


def test_rows_after_the_last_whole_week_are_counted_as_left_out(tmp_path: Path) -> None:
    days = pd.date_range("2014-01-06", "2017-02-01")  # 160 weeks and three days
    pd.DataFrame({"kind": "attack", "date_start": days.astype(str), "lat": 35.0, "lon": 40.0}).to_csv(
        tmp_path / "events.csv", index=False
    )
    found = interrupted_from_file(tmp_path / "events.csv", outcome="attack", start="2016-01-04")
    assert found.provenance["exclusions"] == {"outcome: after the last whole week": 3}


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (made(1), {"start": "soon"}, "allowed a date"),
        (made(1), {"end": "2015-01-01"}, "turn them round"),
        (made(1), {"season": "x"}, "allowed 'auto'"),
        (made(1), {"trend": "x"}, "allowed 'line'"),
        (made(1), {"placebos": -1}, "allowed a whole number"),
        (made(1), {"gaps": ["2016"]}, "gaps"),
        (made(1).to_frame(), {}, "date and count"),
        ([1, 2, 3], {}, "no series of counts"),
        (-made(1), {}, "below zero"),
        (made(1) + 0.5, {}, "no whole number"),
        (pd.concat([made(1), made(1)]), {}, "come twice"),
        (pd.Series([1.0] * 4, index=["2014-01-06", "b", "c", "d"]), {}, "cannot be read"),
        (made(1)[::2], {}, "14 days apart"),
    ],
)
def test_bad_input_says_what_is_allowed(data: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        interrupted_series(data, **({"start": START} | options))


def test_what_cannot_be_carried_is_refused_or_named() -> None:
    with pytest.raises(EstimateRefused, match="a trend needs 26"):
        interrupted_series(made(1), start="2014-03-03")
    with pytest.raises(EstimateRefused, match="the record ends"):
        interrupted_series(made(1), start="2018-01-01")
    with pytest.raises(EstimateRefused, match="no count above zero"):
        interrupted_series(made(1) * 0, start=START)
    row = (
        interrupted_series((made(1) > 24).astype(float), start=START, days=7, season="none")
        .to_frame()
        .iloc[0]
    )
    assert math.isnan(row["rate_ratio"]) and "a ratio needs 10 expected" in row["reason"]


def test_the_interval_holds_both_the_error_before_and_the_spread_of_the_counts() -> None:
    series = pd.Series(np.random.default_rng(8).poisson(30, 160).astype(float), index=WEEKS)
    row = (
        interrupted_series(series, start="2017-01-02", season="none", trend="none", placebos=0)
        .to_frame()
        .iloc[-1]
    )
    error = row["std_error"] / row["expected"]
    # Poisson sums of 156 weeks before and 4 after: each adds one over its count.
    wanted = math.sqrt(1 / series[:156].sum() + 1 / row["observed"])
    assert wanted * 0.95 < error < wanted * 1.4
    assert math.sqrt(1 / series[:156].sum()) < 0.3 * wanted
