"""The distributed-lag series: what it gives, what it refuses, what its checks see."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import CheckResult, SeriesResult, Study, distributed_lag
from afterstrike.effects._result import COLUMNS
from afterstrike.effects._series._checks import autocorrelation_check, trend_check, within
from afterstrike.effects._series._counts import count_zones
from afterstrike.effects._series._model import fit_series
from afterstrike.effects.theatres import SimulatedTheatre, Theatre, simulate_theatre
from afterstrike.errors import EstimateRefused, UsageError

TOOLS = str(Path(__file__).parents[3] / "tools")


@lru_cache
def theatre(effect: str, strikes: str, seed: int = 1) -> SimulatedTheatre:
    spec: Any = Theatre.preset
    return simulate_theatre(
        spec(effect, strikes=strikes, overlap=None).with_strikes(rate_factor=1.0), seed=seed
    )


@lru_cache
def study(effect: str, strikes: str, seed: int = 1) -> Study:
    return Study.from_frame(theatre(effect, strikes, seed).events, treatment="strike", outcome="attack")


@lru_cache
def result(effect: str, strikes: str, by: str = "week", zones: Any = "adm2") -> SeriesResult:
    return distributed_lag(study(effect, strikes), zones=zones, by=by)  # type: ignore[arg-type]


def check(found: SeriesResult, name: str) -> CheckResult:
    return next(one for one in found.checks if one.check_name == name)


def test_rows_hold_what_a_table_of_all_designs_reads() -> None:
    table = result("lull", "random").to_frame()
    assert tuple(table.columns[: len(COLUMNS) - 1]) == COLUMNS[:-1] and table.columns[-1] == "reason"
    assert table["days"].tolist() == [7, 14, 30] and (table["reason"] == "").all()
    np.testing.assert_allclose(table["rate_ratio"], table["observed"] / table["expected"])
    np.testing.assert_allclose(table["estimate"], table["observed"] - table["expected"])
    np.testing.assert_allclose(table["quiet_days"], table["days"] * (1 - table["rate_ratio"]))
    assert (table["rate_ratio_low_joint"] < table["rate_ratio_low"]).all()
    assert (table["low"] < table["estimate"]).all() and (table["rate_ratio_high"] < 1).all()


def test_words_put_harm_first_then_power_and_say_what_cannot_be_told() -> None:
    found = result("null", "random")
    lines = found.summary().splitlines()
    assert lines[0].startswith("Civilian deaths") and lines[1].startswith("Smallest change")
    assert any(line.startswith("In the 14 days after a week with strikes") for line in lines)
    assert "Cannot tell: anything from" in found.summary() and "no effect" not in found.summary().lower()
    assert found.estimand in found.summary() and len(repr(found)) < 100
    assert all(one.spec["layer"] for one in found.figures()) and found.provenance["seed"] == 0


def test_lags_have_a_band_wider_than_their_intervals() -> None:
    lags = result("lull", "random", "day").detail("lags")
    assert lags["first_day"].tolist()[:3] == [1, 4, 8] and lags["last_day"].iloc[-1] >= 30
    assert (lags["low_joint"] < lags["low"]).all() and (lags["high_joint"] > lags["high"]).all()
    early, late = lags[lags["last_day"] <= 14], lags[lags["first_day"] > 14]
    assert (early["rate_ratio"] < 0.9).all() and (late["rate_ratio"] > 0.9).all()


def test_the_order_of_rows_and_names_of_zones_do_not_matter() -> None:
    events = theatre("lull", "random").events
    mixed = events.sample(frac=1, random_state=1).assign(adm2=lambda f: "Q" + f["adm2"].str[::-1])
    again = distributed_lag(Study.from_frame(mixed, treatment="strike", outcome="attack"), zones="adm2")
    names = ["rate_ratio", "rate_ratio_low", "rate_ratio_high_joint", "observed"]
    np.testing.assert_allclose(again.to_frame()[names], result("lull", "random").to_frame()[names], rtol=1e-5)


def test_strikes_that_answer_to_attacks_are_seen_to_do_so() -> None:
    for strikes, answers in (("random", False), ("reactive", True)):
        table = result("null", strikes).detail("policy")
        row = table.iloc[0]
        assert bool(row["low"] > 1.2) is answers, strikes
        assert check(result("null", strikes), "strikes to come").passed is True


def test_hidden_offensives_are_seen_and_random_strikes_pass() -> None:
    name = "room for a hidden cause"
    assert check(result("null", "random"), name).passed is True
    seen = [
        check(distributed_lag(study("null", "offensive", seed), zones="adm2", days=14), name).passed
        for seed in (101, 102, 103, 104)
    ]
    assert seen.count(False) >= 1 and True not in seen


def test_a_fall_in_one_source_of_two_is_seen_and_one_source_alone_cannot_be_looked_at() -> None:
    assert check(result("null", "random"), "reporting by source").passed is None
    sys.path.insert(0, TOOLS)
    try:
        from series_truth import two_sources
    finally:
        sys.path.remove(TOOLS)
    verdicts = {}
    for strikes in ("reporting_falls", "random"):
        rows = two_sources(theatre("null", strikes), 1)
        found = distributed_lag(
            Study.from_frame(rows, treatment="strike", outcome="attack"), zones="adm2", days=14
        )
        verdicts[strikes] = check(found, "reporting by source")
    assert verdicts["reporting_falls"].passed is False and verdicts["random"].passed is True
    table = verdicts["reporting_falls"].table.set_index("source")
    assert table.loc["local", "rate_ratio_high"] < 0.95 < table.loc["agency", "rate_ratio"] < 1.06


def test_a_silence_nobody_declared_is_named_and_a_declared_one_is_not() -> None:
    events = theatre("null", "random").events
    hole = (events["date_start"] >= "2001-06-04") & (events["date_start"] < "2001-07-02")
    holed = Study.from_frame(
        events[~(hole & (events["kind"] == "attack"))], treatment="strike", outcome="attack"
    )
    named = check(distributed_lag(holed, zones="adm2", days=14), "silence in the record")
    assert named.passed is False and "2001-06" in named.text
    told = distributed_lag(holed, zones="adm2", days=14, gaps=[("2001-06-04", "2001-07-01")])
    assert check(told, "silence in the record").passed is True
    assert told.provenance["exclusions"]["zone-weeks in declared gaps"] >= 160


def test_a_zone_that_cannot_be_left_out_is_named_and_the_estimate_stays() -> None:
    """Strikes at two of three places late in the record: without the third, long lags would say nothing."""
    rng, days = np.random.default_rng(2), 400
    rows = [("attack", int(day), zone) for zone in "ABC" for day in rng.integers(0, days, 600)]
    rows += [("strike", int(day), "A") for day in rng.choice(np.arange(30, days - 40), 60, replace=False)]
    rows += [("strike", days - 31, zone) for zone in "BC"]
    start = np.datetime64("2018-01-01")
    frame = pd.DataFrame({
        "kind": [row[0] for row in rows], "date_start": [str(start + row[1]) for row in rows], "lat": 35.0,
        "lon": [40.0 + "ABC".index(row[2]) for row in rows], "adm1": [row[2] for row in rows],
    })  # fmt: skip
    three = Study.from_frame(
        frame, treatment="strike", outcome="attack", period=("2018-01-01", str(start + days - 1))
    )
    found = distributed_lag(three, zones="adm1", by="day")
    told = check(found, "leave one zone out")
    assert np.isfinite(found.to_frame()["rate_ratio"]).all()
    assert told.passed is not True and "Without A the lags cannot be told apart" in told.text
    assert told.table["zone"].tolist() == ["B", "C"]


def test_another_trend_is_held_to_the_interval_of_the_declared_one() -> None:
    assert within(0.1, 0.2, 0.01) is True
    assert within(0.3, 0.2, 0.5) is None  # known too badly to contradict
    assert within(0.3, 0.2, 0.25) is False
    fit = fit_series(
        count_zones(study("null", "random"), zones=None, by="week"), days=(14,), blocks=((1, 1), (2, 2), (3, 3)),
        season="none", trend="common", trend_days=180.0,
    )  # fmt: skip
    assert trend_check({"common": fit}, "common", 0.95).passed is None
    far = replace(fit, log_ratio=fit.log_ratio + 4 * fit.std_error)
    wide = replace(far, log_ratio_covariance=25 * fit.log_ratio_covariance)
    nothing = replace(fit, log_ratio=fit.log_ratio * np.nan)
    for other, passed in ((fit, True), (far, False), (wide, None), (nothing, None)):
        assert trend_check({"common": fit, "none": other}, "common", 0.95).passed is passed


@pytest.mark.parametrize("shared", [0.0, 0.9])
def test_what_moves_all_zones_in_one_period_is_no_correlation_in_time(shared: float) -> None:
    """Residuals without any correlation in time, most of which all zones share: 5% may fail, not most."""
    rng, failed = np.random.default_rng(4), 0
    for _ in range(100):
        whole, own = rng.normal(size=104), rng.normal(size=(20, 104))
        residual = np.sqrt(shared) * whole + np.sqrt(1 - shared) * own
        failed += autocorrelation_check(residual, "week", (1, 2, 4)).passed is False
    assert failed <= 12
    lasting = np.convolve(rng.normal(size=106), np.ones(3), "valid") + 0.1 * rng.normal(size=(20, 104))
    assert autocorrelation_check(lasting, "week", (1, 2, 4)).passed is False


def _small(n_attacks: int, n_strikes: int, seed: int = 0, weeks: int = 60) -> Study:
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2018-01-01") + pd.to_timedelta(
        rng.integers(0, 7 * weeks, n_attacks + n_strikes), unit="D"
    )
    kind = ["attack"] * n_attacks + ["strike"] * n_strikes
    frame = pd.DataFrame({"kind": kind, "date_start": days, "lat": 35.0, "lon": 40.0})
    return Study.from_frame(frame, treatment="strike", outcome="attack", period=("2018-01-01", "2019-02-24"))


def test_few_strikes_get_a_reason_instead_of_a_number() -> None:
    found = distributed_lag(_small(600, 4), zones=None, days=7, season="none")
    row = found.to_frame().iloc[0]
    assert np.isnan(row["rate_ratio"]) and "an interval needs 10" in row["reason"]
    assert "Cannot tell what followed" in found.summary() and check(found, "strikes to come").passed is None
    assert "strike place-days; how strikes follow attacks needs" in check(found, "strikes to come").text


def test_strikes_in_the_last_week_alone_cannot_be_followed() -> None:
    small = _small(600, 12)
    late = small.treatment.assign(date_start="2019-02-20").drop(columns=["time_ms", "time_text"])
    both = pd.concat(
        [small.outcome.assign(date_start=pd.to_datetime(small.outcome["time_ms"], unit="ms")), late]
    )
    last = Study.from_frame(
        both[["kind", "date_start", "lat", "lon"]].assign(date_start=lambda f: pd.to_datetime(f["date_start"])),
        treatment="strike", outcome="attack", period=("2018-01-01", "2019-02-24"),
    )  # fmt: skip
    with pytest.raises(EstimateRefused, match="strikes 1 week back cannot be told apart"):
        distributed_lag(last, zones=None, days=7, season="none")


def test_few_attacks_get_a_reason_and_one_attack_is_refused() -> None:
    row = distributed_lag(_small(25, 14), zones=None, days=7, season="none", trend="none").to_frame().iloc[0]
    assert np.isnan(row["rate_ratio"]) and "a ratio needs 10 expected" in row["reason"]
    with pytest.raises(EstimateRefused):
        distributed_lag(_small(1, 40), zones=None, days=30)


def test_one_zone_says_that_it_leans_on_time_alone() -> None:
    found = result("null", "random", "week", None)
    assert "leans on time alone" in check(found, "few zones").text
    assert check(found, "leave one zone out").passed is None
    assert "in the whole region" in found.summary()


def test_many_events_at_one_time_are_counted_and_not_lost() -> None:
    small = _small(600, 60)
    tied = pd.concat([small.outcome, small.outcome.head(50)]).assign(date_start=lambda f: f["time_ms"])
    both = pd.concat([tied, small.treatment])[["kind", "time_ms", "lat", "lon"]]
    both["date_start"] = pd.to_datetime(both.pop("time_ms"), unit="ms")
    again = Study.from_frame(both, treatment="strike", outcome="attack", period=("2018-01-01", "2019-02-24"))
    assert again.duplicates["outcome"] >= 50
    assert distributed_lag(again, zones=None, days=7).detail("fitted")["attacks"].sum() == len(again.outcome)


@pytest.mark.parametrize(
    "options",
    [{"zones": "adm9"}, {"zones": 0.5}, {"by": "month"}, {"days": ()}, {"days": 0}, {"days": 366}, {"level": 2},
     {"season": "x"}, {"trend": "x"}, {"trend_days": 3}, {"trend_days": True}, {"lags": (2,)}],
)  # fmt: skip
def test_options_that_are_not_allowed_say_what_is(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="allowed"):
        distributed_lag(study("null", "random"), **({"zones": "adm2"} | options))


def test_a_short_study_is_refused_with_what_to_do() -> None:
    rows = pd.DataFrame({"kind": ["strike", "attack"] * 30, "date_start": pd.date_range("2018-01-01", periods=60),
                         "lat": 35.0, "lon": 40.0})  # fmt: skip
    short = Study.from_frame(rows, treatment="strike", outcome="attack")
    with pytest.raises(EstimateRefused, match=r"8 whole weeks.*use a longer period"):
        distributed_lag(short, zones=None)
