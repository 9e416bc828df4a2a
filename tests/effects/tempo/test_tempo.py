"""A rate against the past: sums that can be done by hand, what is refused, what silence and gaps do."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from afterstrike.effects import Study, tempo_against_past, tempo_from_file
from afterstrike.effects._save import report_text, result_dict
from afterstrike.effects._tempo._dated import Dated
from afterstrike.effects._tempo._ratio import Scatter, ratio_of, scatter_of
from afterstrike.errors import EstimateRefused, UsageError

DAYS = pd.date_range("2016-01-04", "2018-12-30")
PERIOD = ("2016-01-04", "2018-12-30")


def daily(now: float = 0.5, then: float = 1.0, seed: int = 1) -> pd.Series[Any]:
    rate = np.where(pd.Index(DAYS) >= pd.Timestamp("2018-07-01"), now, then)
    return pd.Series(np.random.default_rng(seed).poisson(rate), index=DAYS)


def events_of(counts: pd.Series[Any]) -> pd.DataFrame:
    return pd.DataFrame({"kind": "attack", "date_start": counts.index.repeat(counts.to_numpy())})


HALF = "2018-07-01/2018-12-30"


def test_ratio_of_poisson_counts_is_the_exact_binomial_interval() -> None:
    even = Scatter(0.0, 0.0, 100)
    ratio, low, high = ratio_of((30, 10), (80, 52), even, 0.05)
    exact = binomtest(30, 110).proportion_ci(0.95, "exact")
    turned = [p / (1 - p) * 52 / 10 for p in exact]
    assert (ratio, low, high) == pytest.approx((30 / 10 / (80 / 52), *turned))
    assert ratio_of((0, 10), (80, 52), even, 0.05)[:2] == (0, 0)
    assert ratio_of((5, 10), (0, 52), even, 0.05)[2] == np.inf


def test_scatter_widens_the_interval_as_the_variance_grows() -> None:
    def width(scatter: Scatter) -> float:
        _, low, high = ratio_of((60, 10), (300, 52), scatter, 0.05)
        return float(np.log(high / low))

    even = width(Scatter(0.0, 0.0, 100))
    # variance of a week 1 + 0.5 * 6 = 4 times the mean: twice as wide in logarithms
    assert width(Scatter(0.5, 0.0, 100)) == pytest.approx(2 * even, rel=0.05)
    inflation = Scatter(0.0, 0.5, 100).inflation(10)
    assert inflation == pytest.approx(1 + 2 * sum((1 - k / 10) * 0.5**k for k in range(1, 10)))
    assert width(Scatter(0.0, 0.5, 100)) > 1.5 * even


def test_scatter_is_that_of_the_counts_and_not_of_their_level() -> None:
    rng = np.random.default_rng(3)
    level = np.repeat([3.0, 30.0, 9.0], 52)
    made = rng.negative_binomial(2, 2 / (2 + level)).astype(float)
    dated = Dated(np.datetime64("2016-01-04"), 7, made, np.ones(156, bool), None, {})
    found = scatter_of(dated, [(0, 52), (52, 104)])
    assert found.excess == pytest.approx(0.5, abs=0.2) and found.weeks == 156 and found.correlation < 0.3


def test_a_fall_is_measured_and_told() -> None:
    found = tempo_against_past(daily(), window=HALF, reference="2017")
    row = found.to_frame().iloc[0]
    counts = daily()
    now, then = counts["2018-07-01":].sum(), counts["2017"].sum()  # type: ignore[misc]
    assert (
        row["observed"] == now
        and row["events"] == then
        and row["expected"] == pytest.approx(then / 365 * 183)
    )
    assert row["rate_ratio"] == pytest.approx(now / 183 / (then / 365))
    assert row["rate_ratio_low"] < row["rate_ratio"] < row["rate_ratio_high"] < 0.8
    assert "fewer (rate ratio" in found.summary() and "not a test" in found.summary()
    same = found.to_frame().iloc[1]
    assert (same["first"], same["last"]) == (date(2017, 7, 1), date(2017, 12, 30))


def test_equal_rates_cannot_be_told_apart_and_never_no_effect() -> None:
    text = tempo_against_past(daily(now=1.0), window=HALF, reference="2017").summary()
    assert "cannot tell; anything from" in text and "no effect" not in text


def test_ranking_and_the_closest_window_are_those_of_the_record() -> None:
    counts = pd.Series(1.0, index=DAYS)
    counts["2016-06-01":"2016-06-30"] = 5.0  # type: ignore[misc]
    counts["2018-12-01":"2018-12-30"] = 4.0  # type: ignore[misc]
    found = tempo_against_past(counts, window="2018-12-01/2018-12-30", reference="2017")
    windows = found.detail("windows")
    earlier = windows[windows["is_earlier"]]
    assert len(windows) == len(DAYS) - 29 and len(earlier) == len(DAYS) - 59
    higher = int((earlier["events_a_week"] >= 28 - 1e-9).sum())
    assert higher == 15 and "it ranks" in found.standing()
    closest = found.to_frame().iloc[-1]
    # of two windows with that very rate the later one
    assert closest["reference"] == "closest earlier window" and closest["events"] == 22 * 5 + 8
    assert closest["first"] == date(2016, 6, 9) and np.isnan(closest["rate_ratio_low"])
    assert (
        "chosen for being close" in closest["reason"] and "The closest measure is that of" in found.summary()
    )
    assert found.detail("years")["year"].tolist() == [2016, 2017, 2018]


def test_events_a_study_and_a_series_give_the_same() -> None:
    counts = daily()
    table = events_of(counts)
    one = tempo_against_past(counts, window=HALF, reference="2017").to_frame()
    two = tempo_against_past(
        table.sample(frac=1, random_state=2), window=HALF, reference="2017", period=PERIOD
    ).to_frame()
    pd.testing.assert_frame_equal(one, two)
    strike = pd.DataFrame({"kind": ["strike"], "date_start": ["2016-05-05"]})
    both = pd.concat([table.astype({"date_start": str}), strike]).assign(lat=35.0, lon=40.0)
    study = Study.from_frame(both, treatment="strike", outcome="attack", period=PERIOD)
    pd.testing.assert_frame_equal(one, tempo_against_past(study, window=HALF, reference="2017").to_frame())


def test_weeks_are_taken_whole() -> None:
    weeks = daily().resample("7D", origin="start").sum()
    row = tempo_against_past(weeks, window=HALF, reference="2017").to_frame().iloc[0]
    assert row["window_first"] == date(2018, 7, 2) and row["window_days"] == 182
    assert row["first"] == date(2017, 1, 2) and row["days"] == 52 * 7


def test_what_is_gaps_is_missing_and_not_zero() -> None:
    counts = daily(now=1.0)
    counts["2018-09-01":"2018-09-12"] = 0  # type: ignore[misc]
    gap = [("2018-09-01", "2018-09-12")]
    zero = tempo_against_past(counts, window=HALF, reference="2017").to_frame().iloc[0]
    told = tempo_against_past(counts, window=HALF, reference="2017", gaps=gap).to_frame().iloc[0]
    assert told["window_days"] == zero["window_days"] - 12 and told["rate_ratio"] > zero["rate_ratio"]
    missing = counts.astype(float)
    missing["2018-09-01":"2018-09-12"] = np.nan  # type: ignore[misc]
    left_out = tempo_against_past(missing, window=HALF, reference="2017").to_frame().iloc[0]
    assert left_out["rate_ratio"] == told["rate_ratio"]
    check = tempo_against_past(counts, window=HALF, reference="2017").checks[0]
    assert "longest silence 12 days" in check.text or "longest silence 1" in check.text


def test_a_source_that_begins_is_named() -> None:
    old = events_of(daily(now=1.0)).assign(dataset="one")
    new = events_of(daily(now=1.0, seed=2)["2018-01-01":]).assign(dataset="two")  # type: ignore[misc]
    found = tempo_against_past(pd.concat([old, new]), window=HALF, reference="2017", period=PERIOD)
    check = next(check for check in found.checks if check.check_name == "sources that come or go")
    assert "1 sources in the reference and 2 in the window" in check.text
    assert check.table["ratio"][0] > 1.7 and check.table["ratio_same_sources"][0] == pytest.approx(
        1, abs=0.25
    )


def test_silence_in_either_time_is_an_answer() -> None:
    counts = daily()
    none_now = counts.where(pd.Index(DAYS) < pd.Timestamp("2018-07-01"), 0)
    row = tempo_against_past(none_now, window=HALF, reference="2017").to_frame().iloc[0]
    assert row["rate_ratio"] == row["rate_ratio_low"] == 0 < row["rate_ratio_high"] < 0.3
    none_then = counts.where(pd.Index(DAYS).year != 2017, 0)
    found = tempo_against_past(none_then, window=HALF, reference="2017")
    assert np.isinf(found.to_frame()["rate_ratio_high"][0]) and "without limit" in found.summary()
    nothing = tempo_against_past(counts * 0, window=HALF, reference="2017")
    assert nothing.to_frame()["reason"][0] == "no event in either time" and "cannot tell" in nothing.summary()
    assert result_dict(found)["windows"][0]["rate_ratio_high"] is None


@pytest.mark.parametrize(
    "dates", [["2017-03-01"], ["2017-03-01"] * 400], ids=["one event", "all at one time"]
)
def test_one_event_and_ties(dates: list[str]) -> None:
    row = tempo_against_past(
        pd.DataFrame({"date": dates}), window=HALF, reference="2017", period=PERIOD
    ).to_frame().iloc[0]  # fmt: skip
    assert row["events"] == len(dates) and row["rate_ratio"] == 0 and row["rate_ratio_high"] > 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"window": "2015"}, "the record covers 0 of its 365 days"),
        ({"reference": "2015-06-01/2016-06-01"}, "the record covers 150 of its 367 days"),
        ({"gaps": [("2018-07-01", "2018-12-01")]}, "needed are 90%"),
    ],
)
def test_a_time_outside_the_record_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(EstimateRefused, match=words):
        tempo_against_past(daily(), **({"window": HALF, "reference": "2017"} | options))


def test_a_short_record_and_no_rows_are_refused() -> None:
    short = daily()["2018-01-01":"2018-02-28"]  # type: ignore[misc]
    with pytest.raises(EstimateRefused, match="needs at least 12"):
        tempo_against_past(short, window="2018-02-01/2018-02-28", reference="2018-01-01/2018-01-31")
    with pytest.raises(
        EstimateRefused, match=r"none of 2 rows can be counted by day: year or month only \(2\)"
    ):
        tempo_against_past(pd.DataFrame({"date": ["2017", "2018-03"]}), window=HALF, reference="2017")
    with pytest.raises(EstimateRefused, match="no rows"):
        tempo_against_past(pd.DataFrame({"date": []}), window=HALF, reference="2017")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"window": "last year"}, "allowed a year as '2017'"),
        ({"window": ("2018-06-30", "2018-01-01")}, "before the first"),
        ({"reference": "2018"}, "share days"),
        ({"level": 5}, "0.5 up to"),
        ({"period": PERIOD}, "a series says itself"),
    ],
)
def test_wrong_options_say_what_is_allowed(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        tempo_against_past(daily(), **({"window": HALF, "reference": "2017"} | options))


@pytest.mark.parametrize(
    ("series", "words"),
    [
        (pd.Series([1, 2, 3], index=["a", "b", "c"]), "holds none"),
        (pd.Series([1, 2, 3]), "holds none"),
        (pd.Series([1], index=["2017-01-01"]), "at least two"),
        (pd.Series([1, 2], index=["2017-01-01", "2017-01-01"]), "each period once"),
        (pd.Series([1, -2], index=["2017-01-01", "2017-01-02"]), "1 counts are negative"),
        (pd.Series([1, 2, 3], index=["2017-01-01", "2017-02-01", "2017-03-01"]), "sum months from days"),
        ([1, 2, 3], "events is a list"),
        (pd.DataFrame({"x": [1]}), "column of time"),
    ],
)
def test_what_is_no_record_is_named(series: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        tempo_against_past(series, window=HALF, reference="2017")


def test_a_file_words_and_figure(tmp_path: Path) -> None:
    table = events_of(daily()).assign(lat=35.0, lon=np.tile([40.0, 45.0], 2000)[: len(events_of(daily()))])
    table.to_csv(tmp_path / "events.csv", index=False)
    options: dict[str, Any] = {"outcome": "attack", "window": HALF, "reference": "2017", "period": PERIOD}
    whole = tempo_from_file(tmp_path / "events.csv", **options)
    half = tempo_from_file(tmp_path / "events.csv", region="39,34,41,36", **options)
    assert half.to_frame()["observed"][0] < whole.to_frame()["observed"][0]
    assert half.provenance["exclusions"]["outside the region"] == len(table) // 2
    text = report_text(whole)
    assert "rate ratio" in text and "2017, same days of the year" in text and "A rate of records" in text
    chart = whole.plot()
    rates = [layer for layer in chart.spec["layer"] if layer["mark"]["type"] == "rule"]
    drawn = [span["rate"] for span in rates[0]["data"]["values"]]
    assert drawn == whole.to_frame().iloc[0][["events_a_week", "window_events_a_week"]].tolist()
    assert chart.to_svg().startswith("<svg") and "Against 2017" in chart.alt and "not a zero" in chart.caption
    with pytest.raises(UsageError, match="chooses no row"):
        tempo_from_file(tmp_path / "events.csv", region="0,0,1,1", **options)
