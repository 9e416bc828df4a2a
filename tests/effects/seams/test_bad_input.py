"""What cannot carry a contrast is refused with what is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.effects import SeamExposure, Study, seam_contrast, share_exposure
from afterstrike.errors import AfterstrikeError, EstimateRefused, UsageError

from .conftest import make_world

World = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def exposure(world: World) -> SeamExposure:
    return share_exposure(world[1], zone="zone")


def contrast(events: Any, exposure: Any, **options: Any) -> Any:
    return seam_contrast(events, exposure, **({"zones": "zone", "placebos": 0} | options))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"by": "day"}, "by='day'; allowed 'week', 'month'"),
        ({"model": "normal"}, "model='normal'"),
        ({"level": 1.0}, "level=1.0"),
        ({"placebos": -1}, "placebos=-1"),
        ({"zones": "adm9"}, "zones='adm9'"),
        ({"zones": 25.0}, "zones=25.0"),
        ({"zones": None}, "has 10 zones without outlines"),
        ({"zones": "source"}, "share no zone"),
        ({"outcome": "strike"}, "chooses no row"),
        ({"columns": {"time": "when"}}, "no column 'when'"),
        ({"period": ("2017", "2016")}, "the last day is before the first"),
        ({"period": ("soon", "later")}, "allowed two days"),
    ],
)
def test_options_that_are_not_allowed(
    world: World, exposure: SeamExposure, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        contrast(world[0], exposure, **options)


def test_what_is_no_table_and_no_exposure(world: World, exposure: SeamExposure) -> None:
    with pytest.raises(UsageError, match="events of type list"):
        contrast([1, 2], exposure)
    with pytest.raises(UsageError, match="exposure of type DataFrame"):
        contrast(world[0], world[1])
    study = Study.from_frame(
        pd.concat([world[0], world[0].iloc[:2].assign(kind="strike")]), treatment="strike", outcome="attack"
    )
    with pytest.raises(UsageError, match="a Study has chosen its outcome"):
        contrast(study, exposure, outcome="attack")


@pytest.mark.parametrize(
    ("events", "error", "told"),
    [
        (make_world()[0].iloc[:0], EstimateRefused, "no outcome row is left"),
        (make_world()[0].assign(date="2016"), EstimateRefused, r"year or month only \("),
        (make_world()[0].assign(date=None), EstimateRefused, r"no date \("),
        (make_world()[0].assign(geo_precision=7), EstimateRefused, r"place known to no zone \("),
        (make_world()[0].assign(zone=None), EstimateRefused, "states a zone"),
        (make_world()[0].assign(date="2025-01-01"), EstimateRefused, "same time"),
        (make_world()[0].iloc[:1], EstimateRefused, "0 whole weeks|1 whole weeks|2 whole weeks"),
    ],
)
def test_events_that_carry_nothing(
    exposure: SeamExposure, events: pd.DataFrame, error: type[AfterstrikeError], told: str
) -> None:
    with pytest.raises(error, match=told):
        contrast(events, exposure)


def test_one_event_in_a_declared_period(world: World, exposure: SeamExposure) -> None:
    with pytest.raises(EstimateRefused, match="1 zones with recorded attacks and known exposure"):
        contrast(world[0].iloc[:1], exposure, period=("2016-01-04", "2016-12-31"))


def test_no_attack_in_a_declared_period(world: World, exposure: SeamExposure) -> None:
    late = world[0][world[0]["date"] > "2016-06-01"]
    with pytest.raises(EstimateRefused, match="no outcome row is left"):
        contrast(late, exposure, period=("2016-01-04", "2016-05-01"))


@pytest.mark.parametrize("zones", [2, 7])
def test_few_zones_are_refused(zones: int) -> None:
    events, shares = make_world(zones=zones)
    with pytest.raises(EstimateRefused, match=f"{zones} zones with recorded attacks .* needs 8"):
        contrast(events, share_exposure(shares, zone="zone"))


def test_exposure_that_never_changes_is_refused(world: World) -> None:
    with pytest.raises(EstimateRefused, match="hardly varies within zones"):
        contrast(world[0], share_exposure(world[1].assign(A=40.0, B=60.0), zone="zone"))


def test_exposure_that_differs_between_zones_only_is_refused(world: World) -> None:
    level = world[1]["zone"].str[1:].astype(float) * 4
    with pytest.raises(EstimateRefused, match="hardly varies within zones"):
        contrast(world[0], share_exposure(world[1].assign(A=level, B=100 - level), zone="zone"))


def test_exposure_that_moves_alike_everywhere_is_refused(world: World) -> None:
    common = world[1].groupby("date")["A"].transform("first")
    with pytest.raises(EstimateRefused, match="moves alike in all zones"):
        contrast(world[0], share_exposure(world[1].assign(A=common, B=100 - common), zone="zone"))


def test_a_gap_in_the_maps_is_left_out(world: World) -> None:
    gap = world[1][(world[1]["date"] < "2016-05-01") | (world[1]["date"] > "2016-09-01")]
    found = contrast(world[0], share_exposure(gap, zone="zone"))
    assert found.provenance["exclusions"]["zone-periods without a known exposure"] == 10 * 18
    assert np.isfinite(found.to_frame()["rate_ratio"]).all()


def test_a_short_or_flat_series_is_refused() -> None:
    events, shares = make_world(zones=1, weeks=12)
    one = share_exposure(shares.drop(columns="zone"))
    with pytest.raises(EstimateRefused, match="even a series needs 20 periods"):
        contrast(events, one, zones=None)
    events, shares = make_world(zones=1, weeks=60)
    flat = share_exposure(shares.drop(columns="zone").assign(A=50.0, B=50.0))
    with pytest.raises(EstimateRefused, match="standard deviation 0"):
        contrast(events, flat, zones=None)


def test_dates_of_two_times_are_refused(world: World) -> None:
    old = world[1].assign(date=pd.to_datetime(world[1]["date"]) - pd.Timedelta(days=4000))
    with pytest.raises(EstimateRefused, match="same time"):
        contrast(world[0], share_exposure(old, zone="zone"))


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    zones=st.integers(1, 11),
    weeks=st.integers(3, 30),
    rate=st.sampled_from([0.02, 0.2, 2.0]),
    missing=st.sampled_from([0.0, 0.3, 0.8]),
    by=st.sampled_from(["week", "month"]),
    model=st.sampled_from(["poisson", "negative_binomial"]),
)
def test_thin_panels_give_a_result_or_a_refusal(
    seed: int, zones: int, weeks: int, rate: float, missing: float, by: Any, model: Any
) -> None:
    events, shares = make_world(seed=seed, zones=zones, weeks=weeks, rate=rate)
    shares["A"] = shares["A"].where(np.random.default_rng(seed).random(len(shares)) >= missing)
    try:
        exposure = share_exposure(shares, zone="zone")
        found = seam_contrast(events, exposure, zones="zone", by=by, model=model, placebos=60)
    except EstimateRefused as refusal:
        assert len(str(refusal)) > 20
        return
    table = found.to_frame()
    known = table["reason"] == ""
    assert np.isfinite(table.loc[known, ["rate_ratio", "rate_ratio_low", "rate_ratio_high"]]).all(axis=None)
    assert (table.loc[known, "rate_ratio_low"] <= table.loc[known, "rate_ratio_high"]).all()
    assert table.loc[~known, "rate_ratio"].isna().all()
    assert found.summary() and all(chart.spec for chart in found.figures())
