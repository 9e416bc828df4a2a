"""The record of a theatre: the event table's columns, honest precision, missing numbers, silent districts."""

from __future__ import annotations

import pandas as pd
import pytest

from afterstrike.effects.theatres import (
    Effect,
    Reporting,
    SimulatedTheatre,
    StrikeRule,
    Theatre,
    simulate_theatre,
)
from afterstrike.record._schema import COLUMNS, DATE_PRECISIONS, GEO_PRECISIONS

COARSE = Reporting(
    attacks_share=0.8,
    strikes_share=0.9,
    week_share=0.25,
    month_share=0.15,
    district_share=0.3,
    province_share=0.1,
    gap_share=0.1,
    fatalities_missing=0.4,
)


@pytest.fixture(scope="module")
def theatre() -> SimulatedTheatre:
    rule = StrikeRule(place_days=400, rate_factor=1.0)
    return simulate_theatre(
        Theatre(reporting=COARSE, effect=Effect(kind="lull"), days=400, strikes=rule), seed=1
    )


@pytest.fixture(scope="module")
def joined(theatre: SimulatedTheatre) -> pd.DataFrame:
    return theatre.events.merge(theatre.complete, on="event_id", suffixes=("", "_true"), validate="1:1")


def test_the_columns_are_the_event_tables(theatre: SimulatedTheatre) -> None:
    events = theatre.events
    assert list(events.columns) == [column.name for column in COLUMNS]
    for column in COLUMNS:
        if not column.nullable:
            assert events[column.name].notna().all(), column.name
    assert events["event_id"].is_unique
    assert set(events["dataset"]) == {"simulated"} and events["adm0"].isna().all()
    assert events["date_start"].is_monotonic_increasing
    assert set(events["date_precision"]) <= set(DATE_PRECISIONS)
    assert set(events["geo_precision"]) <= set(GEO_PRECISIONS)
    strike = events["kind"] == "strike"
    assert (events.loc[strike, "strikes"] == 1).all() and events.loc[~strike, "strikes"].isna().all()
    assert events.loc[strike, "initiator"].nunique() == events.loc[~strike, "initiator"].nunique() == 1
    assert set(events.loc[strike, "initiator"]).isdisjoint(events.loc[~strike, "initiator"])


def test_counts_and_shares_are_as_asked(theatre: SimulatedTheatre, joined: pd.DataFrame) -> None:
    complete = theatre.complete
    assert len(joined) == complete["is_recorded"].sum() == len(theatre.events)
    attacks = complete[complete["kind"] == "attack"]
    assert len(attacks) == theatre.state.attacks[theatre.fixed.first :].sum() > 5000
    assert attacks["is_recorded"].mean() == pytest.approx(0.8 * 0.9, abs=0.06)  # gaps fall on districts
    strikes = complete[complete["kind"] == "strike"]
    assert len(strikes) == theatre.state.strikes.sum()
    assert strikes["is_recorded"].mean() == pytest.approx(0.9, abs=0.06)
    shares = joined["date_precision"].value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx({1: 0.6, 3: 0.25, 4: 0.15}, abs=0.03)
    shares = joined["geo_precision"].value_counts(normalize=True)
    assert shares.to_dict() == pytest.approx({1: 0.6, 3: 0.3, 4: 0.1}, abs=0.03)


def test_recorded_counts_agree_with_the_simulation(theatre: SimulatedTheatre) -> None:
    complete = theatre.complete
    kept = complete[complete["is_recorded"] & (complete["kind"] == "attack")]
    assert len(kept) == theatre.state.recorded[theatre.fixed.first :].sum()
    by_place = kept["place_index"].value_counts()
    assert by_place.to_dict() == {
        place: count
        for place, count in enumerate(theatre.state.recorded[theatre.fixed.first :].sum(axis=0).tolist())
        if count
    }


def test_coarse_dates_hold_the_true_day_and_say_how_coarse_they_are(joined: pd.DataFrame) -> None:
    assert ((joined["date_start"] <= joined["date"]) & (joined["date"] <= joined["date_end"])).all()
    length = (joined["date_end"] - joined["date_start"]).dt.days + 1
    day, week, month = (joined["date_precision"] == code for code in (1, 3, 4))
    assert (length[day] == 1).all()
    assert (joined.loc[day, "time_start"].dt.normalize() == joined.loc[day, "date"]).all()
    assert joined.loc[~day, "time_start"].isna().all()
    assert (length[week] == 7).all() and (joined.loc[week, "date_start"].dt.day_of_week == 0).all()
    assert (joined.loc[month, "date_start"].dt.day == 1).all()
    assert (length[month] == joined.loc[month, "date_start"].dt.days_in_month).all()


def test_coarse_places_are_centroids_and_forget_the_place(
    theatre: SimulatedTheatre, joined: pd.DataFrame
) -> None:
    exact, district, province = (joined["geo_precision"] == code for code in (1, 3, 4))
    for axis in ("lat", "lon"):
        assert (joined.loc[exact, axis] == joined.loc[exact, f"{axis}_true"]).all()
        assert (joined[district].groupby("adm2")[axis].nunique() == 1).all()
        assert (joined[province].groupby("adm1")[axis].nunique() == 1).all()
    assert joined.loc[exact, "place"].notna().all() and joined.loc[~exact, "place"].isna().all()
    assert joined.loc[province, "adm2"].isna().all() and joined["adm1"].notna().all()
    centroid = joined[exact | district].groupby("adm2")[["lat", "lon"]].mean()
    assert len(centroid) > 20
    seen = joined[exact].groupby("adm2")["lat"].agg(["min", "max"])
    told = joined[district].groupby("adm2")["lat"].first()
    both = seen.join(told, how="inner")
    assert ((both["min"] - 0.2 <= both["lat"]) & (both["lat"] <= both["max"] + 0.2)).mean() > 0.95


def test_missing_deaths_stay_missing_and_bounds_are_ordered(theatre: SimulatedTheatre) -> None:
    events = theatre.events
    for prefix in ("", "civilian_"):
        low, best, high = (events[f"{prefix}fatalities_{end}"] for end in ("low", "best", "high"))
        assert (low.isna() == best.isna()).all() and (high.isna() == best.isna()).all()
        assert (low.dropna() <= best.dropna()).all() and (best.dropna() <= high.dropna()).all()
        assert low.min() >= 0 and best.nunique() > 3
    assert events["fatalities_best"].isna().mean() == pytest.approx(0.4, abs=0.03)
    both = events.dropna(subset=["fatalities_best", "civilian_fatalities_best"])
    assert (both["civilian_fatalities_best"] <= both["fatalities_best"]).all()
    silent = Theatre(days=60, reporting=Reporting(fatalities_missing=1.0))
    assert simulate_theatre(silent, seed=1).events["fatalities_best"].isna().all()


def test_nothing_is_recorded_from_a_silent_district(theatre: SimulatedTheatre) -> None:
    complete, gaps = theatre.complete, theatre.gaps
    attacks = complete[complete["kind"] == "attack"]
    number = pd.Series(theatre.world.district[attacks["place_index"]] + 1, index=attacks.index)
    unrecorded = pd.Series(False, index=attacks.index)
    for gap in gaps.itertuples():
        here = number == int(str(gap.adm2).split()[-1])
        unrecorded |= here & (attacks["date"] >= gap.date_start) & (attacks["date"] <= gap.date_end)
    assert unrecorded.sum() > 100
    assert not attacks.loc[unrecorded, "is_recorded"].any()
    assert attacks.loc[~unrecorded, "is_recorded"].mean() == pytest.approx(0.8, abs=0.03)
    assert simulate_theatre(Theatre(days=60), seed=1).gaps.empty


def test_the_name_of_an_event_does_not_tell_its_day(theatre: SimulatedTheatre) -> None:
    by_day = theatre.complete.sort_values("date", kind="stable")
    rank = by_day["event_id"].rank()
    assert abs(rank.corr(pd.Series(range(len(rank)), index=rank.index, dtype=float))) < 0.05
