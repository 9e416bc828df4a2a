"""Change points: what is found, what is not, what is refused, and that nothing silent becomes a zero."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import Study, change_points, shifts_from_file
from afterstrike.effects._shifts import _find
from afterstrike.effects._shifts._find import Signal, find_shifts, gains
from afterstrike.effects._shifts._noise import noise_of, without_season
from afterstrike.effects._shifts._panel import panels_of
from afterstrike.effects._shifts._scan import scan
from afterstrike.errors import EstimateRefused, UsageError

FIRST = np.datetime64("2016-01-04")


def events(
    rate: Any, seed: int = 1, *, lat: Any = 35.0, deaths: Any = 1.0, kind: str = "attack"
) -> pd.DataFrame:
    """Poisson weeks; `rate`, `lat` and `deaths` by week or one for all."""
    rng = np.random.default_rng(seed)
    rate = np.asarray(rate, float)
    week = np.repeat(np.arange(len(rate)), rng.poisson(rate))
    by_week = [np.broadcast_to(np.asarray(one, float), len(rate))[week] for one in (lat, deaths)]
    return pd.DataFrame(
        {
            "kind": kind,
            "date_start": FIRST + 7 * week + rng.integers(0, 7, len(week)),
            "lat": by_week[0] + rng.normal(0, 0.2, len(week)),
            "lon": 40 + rng.normal(0, 0.2, len(week)),
            "fatalities_best": np.floor(by_week[1] * rng.pareto(1.6, len(week))),
        }
    )


def step(before: float, after: float, weeks: int = 120, at: int = 70) -> Any:
    return np.where(np.arange(weeks) < at, before, after)


def slow_scan(x: Any, w: Any, shortest: int) -> float:
    """The statistic as its formula says, without running sums."""
    n, best = len(w), 0.0
    for k in range(shortest, n - shortest + 1):
        for a in range(k - shortest, -1, -shortest):
            for b in range(k + shortest, n + 1, shortest):
                middle = np.average(x[a:b], axis=0, weights=w[a:b])
                gap = (w[a:k, None] * (x[a:k] - middle)).sum(0)
                spread = np.zeros((x.shape[1],) * 2)
                for low, high in ((a, k), (k, b)):
                    rest = x[low:high] - np.average(x[low:high], axis=0, weights=w[low:high])
                    bridge = np.cumsum(w[low:high, None] * rest, axis=0)
                    spread += (w[low:high, None, None] * bridge[:, :, None] * bridge[:, None, :]).sum(0)
                best = max(best, float(w[a:b].sum() * gap @ np.linalg.solve(spread, gap)))
    return best


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_running_sums_give_the_statistic_of_the_formula(parts: int) -> None:
    rng = np.random.default_rng(parts)
    x, w = rng.normal(size=(40, parts)), rng.uniform(0.5, 3, 40)
    assert scan(x, w, 5, np.zeros(parts)) == pytest.approx(slow_scan(x, w, 5), rel=1e-9)


def test_a_gain_is_the_log_likelihood_ratio_of_two_poisson_means() -> None:
    from scipy.stats import poisson

    y = np.array([3, 4, 2, 5, 9, 8, 12, 7, 3, 4.0])
    at, gain = gains("count", y[:, None], np.ones(10), 1)
    by_hand = [
        poisson.logpmf(y[:k], y[:k].mean()).sum() + poisson.logpmf(y[k:], y[k:].mean()).sum() for k in at
    ]
    assert gain - gain[0] == pytest.approx(np.array(by_hand) - by_hand[0])


def test_correlation_is_an_upper_limit_that_a_step_does_not_raise() -> None:
    rng = np.random.default_rng(3)
    plain, limit, stepped = [], [], []
    for _ in range(200):
        x = rng.normal(size=100)
        for t in range(1, 100):
            x[t] += 0.5 * x[t - 1]
        many = x[:, None], np.ones(100)
        plain.append(noise_of(*many, [], upper=0).correlation)
        limit.append(noise_of(*many, [], upper=1.28).correlation)
        shifted = (x + 5 * (np.arange(100) >= 50))[:, None]
        stepped.append(noise_of(shifted, many[1], [50], upper=1.28).correlation)
    assert np.mean(plain) == pytest.approx(0.5, abs=0.03)
    assert 0.8 < np.mean(np.array(limit) > 0.5) < 0.97
    assert np.mean(stepped) == pytest.approx(np.mean(limit), abs=0.03)


def test_noise_drawn_again_has_its_correlation_and_variance_one() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=400)
    for t in range(1, 400):
        x[t] += 0.6 * x[t - 1]
    noise = noise_of(x[:, None], np.ones(400), [], upper=0)
    drawn = noise.draw(200, 300, rng)[:, :, 0]
    assert drawn.var() == pytest.approx(1, abs=0.05)
    assert np.mean(drawn[:, 1:] * drawn[:, :-1]) == pytest.approx(noise.correlation, abs=0.03)


def test_a_season_goes_and_a_step_stays() -> None:
    t = np.arange(208)
    waves = np.stack([np.cos(2 * np.pi * t / 52), np.sin(2 * np.pi * t / 52)], axis=1)
    x = 3 * waves[:, 1] + 2 * (t >= 100)
    left = without_season(x[:, None], np.ones(208), [100], waves)[:, 0]
    assert left - left[0] == pytest.approx(2.0 * (t >= 100), abs=1e-9)


def test_a_shift_of_tempo_is_dated_and_measured() -> None:
    found = change_points(events(step(4, 12), seed=2), period=("2016-01-04", "2018-04-22"))
    row = found.to_frame().set_index("series").loc["tempo"]
    true = date(2017, 5, 8)
    assert row["low"] <= true <= row["high"] and abs((row["date"] - true).days) <= 14
    assert row["low"] <= row["date"] <= row["high"] and (row["high"] - row["low"]).days <= 70
    assert row["before"] == pytest.approx(4, rel=0.15) and row["after"] == pytest.approx(12, rel=0.15)
    assert row["p_adjusted"] <= 0.05 and row["p_adjusted"] == pytest.approx(4 * row["p_value"])
    others = found.to_frame().query("series != 'tempo'")
    assert others["date"].isna().all() and (others["reason"] == "no shift at this size of test").all()
    assert "no cause is shown" in found.summary() and "evidence that nothing changed" in found.summary()


def test_two_opposite_shifts_do_not_hide_each_other() -> None:
    rate = np.concatenate([np.full(45, 4.0), np.full(40, 14.0), np.full(45, 4.0)])
    table = change_points(events(rate), series=["tempo"]).to_frame()
    weeks = [(day - date(2016, 1, 4)).days // 7 for day in table["date"]]
    assert len(weeks) == 2 and abs(weeks[0] - 45) <= 2 and abs(weeks[1] - 85) <= 2


def test_a_move_of_the_centre_is_no_change_of_spread() -> None:
    found = change_points(events(np.full(120, 6.0), lat=step(35, 36.5)), series=["place"]).to_frame()
    centre = found[found["series"] == "centre"].iloc[0]
    assert centre["change"] == pytest.approx(1.5 * 111.2, rel=0.05) and centre["change_unit"] == "km moved"
    assert centre["after_lat"] - centre["before_lat"] == pytest.approx(1.5, abs=0.05)
    assert found.loc[found["series"] == "spread", "date"].isna().all()


def test_the_date_line_does_not_part_a_place() -> None:
    table = events(np.full(120, 6.0), lat=step(35, 36.5))
    here = change_points(table, series=["place"]).to_frame()
    there = table.assign(lon=(table["lon"] + 140 + 180) % 360 - 180)
    moved = change_points(there, series=["place"]).to_frame()
    assert moved["change"].round(6).equals(here["change"].round(6)) and moved["date"].equals(here["date"])


def test_a_rise_of_deaths_an_event_is_found_and_missing_stays_missing() -> None:
    table = events(np.full(120, 6.0), deaths=step(2, 12))
    table.loc[::5, "fatalities_best"] = None
    found = change_points(table, series=["lethality"])
    row = found.to_frame().iloc[0]
    assert abs((row["date"] - date(2016, 1, 4)).days // 7 - 70) <= 3
    assert row["after"] > 2 * row["before"] and row["n_events"] == table["fatalities_best"].notna().sum()
    # zeros instead of nothing would lower what a typical event is
    zeros = change_points(table.fillna({"fatalities_best": 0}), series=["lethality"]).to_frame().iloc[0]
    assert zeros["before"] < row["before"] and zeros["n_events"] == len(table)


def test_a_gap_of_the_source_is_no_shift() -> None:
    rate = np.full(120, 6.0)
    rate[50:75] = 0
    taken_for_zero = change_points(events(rate), series=["tempo"])
    assert taken_for_zero.to_frame()["date"].notna().any()
    assert "say so in gaps" in taken_for_zero.checks[0].text
    told = change_points(events(rate), series=["tempo"], gaps=[("2016-12-19", "2017-06-11")])
    row = told.to_frame().iloc[0]
    assert row["date"] is None and row["n_periods"] == 95 and row["before"] == pytest.approx(6, rel=0.1)


def test_a_source_that_begins_is_named() -> None:
    old = events(np.full(120, 5.0), seed=1).assign(dataset="one")
    new = events(step(0, 9), seed=2).assign(dataset="two")
    found = change_points(pd.concat([old, new]), series=["tempo"], season="none")
    check = next(check for check in found.checks if check.check_name == "sources that come or go")
    assert check.table["ratio"][0] > 2 and check.table["ratio_same_sources"][0] == pytest.approx(1, abs=0.2)
    assert "1 sources before and 2 after" in check.text


def test_order_of_rows_and_a_move_in_time_change_nothing() -> None:
    table = events(step(4, 9))
    columns = ["date", "low", "high", "before", "after", "p_value"]
    one = change_points(table).to_frame()
    shuffled = change_points(table.sample(frac=1, random_state=1)).to_frame()
    # Sums of places and deaths in another order differ in the last digit.
    assert one["date"].equals(shuffled["date"]) and one["p_value"].equals(shuffled["p_value"])
    later = change_points(table.assign(date_start=table["date_start"] + np.timedelta64(700, "D"))).to_frame()
    gap = [(b - a).days for a, b in zip(one["date"], later["date"], strict=True) if a is not None]
    assert gap and set(gap) == {700}
    assert change_points(table).to_frame()[columns].equals(one[columns])


def test_a_study_gives_its_outcomes() -> None:
    both = pd.concat([events(step(4, 12)), events(np.full(120, 1.0), seed=9, kind="strike")])
    study = Study.from_frame(both, treatment="strike", outcome="attack", period=("2016-01-04", "2018-04-22"))
    alone = change_points(events(step(4, 12)), series=["tempo"], period=("2016-01-04", "2018-04-22"))
    assert change_points(study, series=["tempo"]).to_frame().equals(alone.to_frame())


def test_days_take_the_week_out() -> None:
    rng = np.random.default_rng(5)
    day = np.arange(300)
    number = rng.poisson(np.where(day % 7 < 5, 6, 1) * np.where(day < 180, 1.0, 2.0))
    table = pd.DataFrame({"date": FIRST + np.repeat(day, number), "lat": 35.0, "lon": 40.0})
    row = change_points(table, by="day", series=["tempo"]).to_frame().iloc[0]
    assert abs((row["date"] - date(2016, 1, 4)).days - 180) <= 4
    assert row["after"] / row["before"] == pytest.approx(2, rel=0.15)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (events(np.full(120, 6.0)).iloc[:1], "with 1 events; a shift needs at least 20"),
        (events(np.full(120, 6.0)).iloc[:0], "no rows"),
        (events(np.full(15, 6.0)), "1[345] whole weeks"),
        (events(np.full(30, 6.0)).assign(lat=None), "no coordinates"),
    ],
)
def test_what_cannot_be_tested_is_refused(table: pd.DataFrame, words: str) -> None:
    with pytest.raises(EstimateRefused, match=words):
        change_points(table)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"by": "month"}, "allowed 'week', 'day'"),
        ({"series": ["pace"]}, "allowed a list of any of tempo"),
        ({"series": "tempo"}, "allowed a list"),
        ({"size": 5}, "allowed 0.001 to 0.5"),
        ({"size": 0.001, "redraws": 199}, "give at least 4000"),
        ({"season": "month"}, "allowed 'auto'"),
        ({"redraws": 10}, "from 199"),
        ({"gaps": [("2016-05-01", "2016-04-01")]}, "before the first"),
    ],
)
def test_wrong_options_say_what_is_allowed(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        change_points(events(np.full(60, 3.0)), **options)


def test_negative_deaths_are_refused() -> None:
    table = events(np.full(60, 3.0))
    table.loc[3, "fatalities_best"] = -1
    with pytest.raises(UsageError, match="1 negative"):
        change_points(table)


def test_series_that_cannot_be_tested_are_named() -> None:
    table = events(np.full(60, 3.0))
    rows = change_points(table.drop(columns="fatalities_best")).to_frame().set_index("series")
    assert rows.loc["lethality", "reason"] == "no column 'fatalities_best'"
    rows = change_points(table.assign(fatalities_best=0)).to_frame().set_index("series")
    assert "have the same value" in rows.loc["lethality", "reason"]
    # Everything at one place: neither centre nor spread can shift.
    rows = change_points(table.assign(lat=35.0, lon=40.0)).to_frame().set_index("series")
    assert "have the same value" in rows.loc["centre", "reason"]
    scarce = table.assign(fatalities_best=table["fatalities_best"].where(table.index < 5))
    reason = change_points(scarce).to_frame().set_index("series").loc["lethality", "reason"]
    assert "whose events state deaths; a shift needs at least 20" in reason


def on_days(days: Any) -> pd.DataFrame:
    return pd.DataFrame({"date": np.array(days, "datetime64[D]"), "lat": 35.0, "lon": 40.0})


@pytest.mark.parametrize("days", [["2017-03-01"], ["2017-03-01"] * 500], ids=["one event", "all at one time"])
def test_a_record_of_one_day_has_no_shift_and_says_why_not_more(days: list[str]) -> None:
    rows = change_points(on_days(days), period=("2016-01-04", "2018-12-30")).to_frame().set_index("series")
    assert (
        rows.loc["tempo", "reason"] == "no shift at this size of test"
        and rows.loc["tempo", "p_adjusted"] == 1
    )
    assert rows.loc["tempo", "n_periods"] == 156 and rows.loc["tempo", "n_events"] == len(days)
    assert "1 weeks with events; a shift needs at least 20" in rows.loc["centre", "reason"]


def test_a_record_with_no_covered_event_is_refused() -> None:
    with pytest.raises(EstimateRefused, match="none of 120 events lies in a week that the source covers"):
        change_points(
            on_days(FIRST + 7 * np.arange(120)),
            period=("2016-01-04", "2018-12-30"),
            gaps=[("2016-01-01", "2018-12-31")],
        )


def test_a_region_without_events_is_refused_and_zones_apart_are_tested_apart(tmp_path: Path) -> None:
    west, east = events(step(4, 12), seed=2), events(np.full(120, 6.0), seed=3).assign(lon=45.0)
    pd.concat([west, east]).to_csv(tmp_path / "two.csv", index=False)

    def of(region: str) -> Any:
        return shifts_from_file(tmp_path / "two.csv", outcome="attack", region=region, series=["tempo"])

    assert of("39,34,41,36").to_frame()["date"].notna().all()
    assert of("44,34,46,36").to_frame()["date"].isna().all()
    with pytest.raises(UsageError, match="chooses no row"):
        of("0,0,1,1")


@pytest.mark.parametrize("rate", [3.0, 12.0])
def test_a_test_that_ends_early_decides_as_all_redraws_would(
    rate: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.random.default_rng(7).poisson(np.where(np.arange(60) < 30, 3.0, rate))[:, None].astype(float)
    made = Signal(values, np.ones(60), np.arange(60), np.zeros((60, 0)), "count")
    told = []
    for enough in (20, 10_000):
        monkeypatch.setattr(_find, "_ENOUGH", enough)
        rng = np.random.default_rng(1)
        told.append(find_shifts(made, size=0.05, redraws=999, most=1, rng=rng))
    early, whole = told
    assert bool(early.shifts) == bool(whole.shifts) == (rate > 3)
    if not whole.shifts:
        assert early.p_value == pytest.approx(whole.p_value, rel=0.5) and early.p_value > 0.05


def test_no_variation_at_all_beside_a_step_is_a_shift() -> None:
    values = np.repeat([3.0, 5.0], 30)[:, None]
    made = Signal(values, np.ones(60), np.arange(60), np.zeros((60, 0)), "count")
    found = find_shifts(made, size=0.05, redraws=199, most=5, rng=np.random.default_rng(1))
    assert [(one.step, one.low, one.high) for one in found.shifts] == [(30, 30, 30)]


def test_the_figure_names_shifts_and_draws() -> None:
    found = change_points(events(step(4, 12)), series=["tempo", "lethality"])
    chart = found.plot()
    assert str(found.to_frame()["date"][0]) in chart.alt and chart.to_svg().startswith("<svg")
    panel = panels_of(found)[0]
    assert len(panel.values) == found.to_frame()["n_periods"][0] and panel.levels[0][0] == 0
    assert panel.day(panel.shifts[0][1]) == found.to_frame()["date"][0]
    assert "not a zero" in chart.caption and "shift in reporting" in chart.caption


def test_a_slow_fall_is_told_where_no_step_can_be() -> None:
    rng = np.random.default_rng(4)
    rate = np.exp(np.linspace(np.log(60), np.log(12), 71))
    week = np.repeat(np.arange(71), rng.poisson(rate))
    day = np.datetime64("2016-01-04") + 7 * week + rng.integers(0, 7, len(week))
    table = pd.DataFrame({"date": day, "lat": 35.0, "lon": 40.0})
    found = change_points(table, series=("tempo",), period=("2016-01-04", "2017-05-14"), redraws=199)
    (said,) = found.sentences()
    if "no shift can be told" in said:
        assert "The record drifts" in said
    level = pd.DataFrame(
        {"date": np.datetime64("2016-01-04") + rng.integers(0, 497, 2000), "lat": 35.0, "lon": 40.0}
    )
    flat = change_points(level, series=("tempo",), period=("2016-01-04", "2017-05-14"), redraws=199)
    assert "drifts" not in " ".join(flat.sentences())
