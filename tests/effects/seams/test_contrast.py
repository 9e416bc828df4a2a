"""The contrast: its table, words, checks and figures."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import t as student

from afterstrike.effects import (
    SeamExposure,
    SeamResult,
    Study,
    save_effect,
    seam_contrast,
    seam_exposure,
    share_exposure,
)
from afterstrike.effects._result import COLUMNS
from afterstrike.effects._save import report_text, result_dict
from afterstrike.effects._seams._estimate import worth_of
from afterstrike.effects._seams._fifths import fifths_of

from .conftest import make_world

World = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def exposure(world: World) -> SeamExposure:
    return share_exposure(world[1], zone="zone")


@pytest.fixture(scope="module")
def result(world: World, exposure: SeamExposure) -> SeamResult:
    return seam_contrast(world[0], exposure, zones="zone", placebos=99)


def test_the_table_has_the_columns_of_every_result(result: SeamResult) -> None:
    table = result.to_frame()
    assert set(COLUMNS) <= set(table.columns)
    assert {"observed", "expected", "rate_ratio", "rate_ratio_low", "rate_ratio_high"} <= set(table.columns)
    assert table["reason"].eq("").all() and table["km"].isna().all() and table["days"].eq(7).all()
    np.testing.assert_allclose(table["observed"] / table["expected"], table["rate_ratio"])
    np.testing.assert_allclose(table["estimate"], table["observed"] - table["expected"])
    assert (table["low"] < table["estimate"]).all() and (table["estimate"] < table["high"]).all()
    # One coefficient, three sizes of contrast.
    per_unit = np.log(table["rate_ratio"]) / table["contrast_size"]
    np.testing.assert_allclose(per_unit, per_unit.iloc[0])


def test_the_ratio_of_one_unit_is_near_the_known_one(result: SeamResult) -> None:
    unit = result.to_frame().iloc[2]
    assert unit["contrast"] == "one unit" and unit["contrast_size"] == 1
    assert math.log(unit["rate_ratio_low"]) < 0.8 < math.log(unit["rate_ratio_high"])
    assert unit["p_value"] < 0.05


def test_the_smallest_change_stands_first_and_nothing_claims_an_effect(result: SeamResult) -> None:
    lines = result.summary().split("\n")
    assert lines[0].startswith("Smallest change this panel could show (80% power)")
    assert "This is an association after adjustment, not an effect" in result.summary()
    row = result.to_frame().iloc[0]
    t = student.ppf([0.975, 0.8], row["n_effective_zones"])
    error = math.log(row["rate_ratio_high"] / row["rate_ratio"]) / t[0]
    assert math.log1p(row["smallest_rise"]) == pytest.approx(t.sum() * error, rel=1e-5)


def test_an_interval_that_holds_no_change_cannot_tell() -> None:
    events, shares = make_world(seed=5, log_ratio=0.0)
    words = seam_contrast(events, share_exposure(shares, zone="zone"), zones="zone", placebos=0).summary()
    assert "Cannot tell: anything from" in words and "no effect" not in words


def test_no_result_is_given_by_place(result: SeamResult) -> None:
    assert set(result.details) == {"fifths", "panel", "study"}
    assert "zone" not in result.to_frame().columns and "zone" not in result.detail("fifths").columns
    panel = result.detail("panel")
    # By month at the finest, in order of name, whatever was recorded there.
    assert (panel["month"].dt.day == 1).all()
    assert panel["zone"].is_monotonic_increasing and not panel.duplicated(["zone", "month"]).any()
    for zone in (f"z{k}" for k in range(10)):
        assert zone not in result.summary()


def test_zones_count_by_the_information_they_carry() -> None:
    found = worth_of(
        np.array([[2.0, 2.0, 2.0, 2.0, 2.0], [1.0, 0.0, 0.0, 0.0, 0.0], [3.0, 1.0, 0.0, 0.0, 0.0]])
    )
    np.testing.assert_allclose(found, [5, 1, 1.6])


def test_placebos_give_paths_to_other_zones(result: SeamResult) -> None:
    check = next(check for check in result.checks if check.check_name.startswith("placebo"))
    t = check.table["t"].to_numpy()
    # The record has many more attacks with exposure; other zones' paths know nothing of that.
    assert len(t) == 99 and np.std(t) > 0.5 and abs(np.mean(t)) < 0.5
    assert check.passed is not False
    assert (
        "0% of draws are as far" in check.text or "1% of draws" in check.text or "2% of draws" in check.text
    )


@pytest.mark.parametrize(("lag", "failed"), [(0, None), (-3, False)])
def test_attacks_that_go_before_exposure_fail_the_leads(world: World, lag: int, failed: bool | None) -> None:
    """Maps drawn three weeks late: what is drawn later goes with attacks now."""
    late = world[1].copy()
    late["A"] = late.groupby("zone")["A"].shift(-lag).bfill()
    late["B"] = 100 - late["A"]
    events, _ = make_world(log_ratio=2.5)
    found = seam_contrast(events, share_exposure(late, zone="zone"), zones="zone", placebos=0)
    checks = {check.check_name: check.passed for check in found.checks}
    assert (checks["leads"] is False) == (failed is False)


def test_borders_that_follow_attacks_fail_the_check_for_reverse_cause() -> None:
    rng = np.random.default_rng(7)
    counts = rng.poisson(2.0, (12, 90))
    drift = np.zeros((12, 90))
    for week in range(1, 90):
        drift[:, week] = 0.9 * drift[:, week - 1] + 0.03 * (counts[:, week - 1] - 2)
    share = np.clip(25 + 40 * drift + rng.normal(0, 1, drift.shape), 0, 50)
    weeks, names = pd.date_range("2016-01-04", periods=90, freq="7D"), [f"z{k:02d}" for k in range(12)]
    shares = pd.DataFrame(
        {
            "zone": np.repeat(names, 90),
            "date": np.tile(weeks, 12),
            "A": share.ravel(),
            "B": 100 - share.ravel(),
        }
    )
    zone, week = (np.repeat(at.ravel(), counts.ravel()) for at in np.indices(counts.shape))
    events = pd.DataFrame({"date": weeks[week], "zone": np.array(names)[zone]})
    found = seam_contrast(events, share_exposure(shares, zone="zone"), zones="zone", placebos=0)
    checks = {check.check_name: check for check in found.checks}
    assert checks["reverse cause"].passed is False
    assert checks["reverse cause"].table["change"].iloc[0] > 0.1


def test_row_order_and_repeats_change_nothing(
    world: World, exposure: SeamExposure, result: SeamResult
) -> None:
    shuffled = world[0].sample(frac=1, random_state=3)
    again = seam_contrast(shuffled, exposure, zones="zone", placebos=99)
    pd.testing.assert_frame_equal(again.to_frame(), result.to_frame())
    assert [check.text for check in again.checks] == [check.text for check in result.checks]
    assert again.provenance["panel_sha256"] == result.provenance["panel_sha256"]


def test_events_placed_by_coordinates_are_those_placed_by_name(world: World, exposure: SeamExposure) -> None:
    zones = pd.DataFrame(
        {
            "zone": [f"z{k}" for k in range(10)],
            "geometry": [shapely.box(40 + k, 34, 41 + k, 35) for k in range(10)],
        }
    )
    control = pd.DataFrame(
        {"party": ["A"], "date": ["2016-01-04"], "geometry": [shapely.box(40, 34, 50, 35)]}
    )
    outlines = seam_exposure(control, zones=zones, dates=["2016-01-04"]).areas
    drawn = dataclasses.replace(exposure, areas=outlines)
    stray = pd.DataFrame(
        {"kind": ["attack"], "date": ["2016-03-01"], "lat": [10.0], "lon": [10.0], "zone": ["z1"]}
    )
    found = seam_contrast(pd.concat([world[0], stray]), drawn, placebos=0)
    named = seam_contrast(world[0], exposure, zones="zone", placebos=0)
    pd.testing.assert_frame_equal(found.to_frame(), named.to_frame())
    assert found.provenance["exclusions"]["outcome: in no zone of the exposure"] == 1


def test_a_study_counts_its_outcome(world: World, exposure: SeamExposure) -> None:
    strike = world[0].iloc[:3].assign(kind="strike")
    study = Study.from_frame(
        pd.concat([world[0], strike], ignore_index=True), treatment="strike", outcome="attack",
        period=("2016-01-04", "2017-07-16"),
    )  # fmt: skip
    found = seam_contrast(study, exposure, zones="zone", placebos=0)
    frame = seam_contrast(
        world[0],
        exposure,
        zones="zone",
        placebos=0,
        outcome="kind=attack",
        period=("2016-01-04", "2017-07-16"),
    )
    pd.testing.assert_frame_equal(found.to_frame(), frame.to_frame())
    assert found.provenance["input_sha256"] == study.fingerprint()


def test_months_are_whole_months(world: World, exposure: SeamExposure) -> None:
    found = seam_contrast(
        world[0], exposure, zones="zone", by="month", placebos=0, period=("2016-01-04", "2017-07-16")
    )
    row = found.to_frame().iloc[0]
    assert row["n_periods"] == 17  # February 2016 to June 2017
    assert row["days"] == pytest.approx(516 / 17)
    assert found.provenance["exclusions"]["outcome: outside the whole periods with exposure"] > 0


def test_a_negative_binomial_stands_beside(world: World, exposure: SeamExposure, result: SeamResult) -> None:
    other = seam_contrast(world[0], exposure, zones="zone", placebos=0, model="negative_binomial")
    one, two = (math.log(found.to_frame()["rate_ratio"].iloc[0]) for found in (result, other))
    assert abs(one - two) < 0.1
    assert other.checks[-1].check_name == "model: poisson"


def test_coarse_rows_are_left_out_and_counted(world: World, exposure: SeamExposure) -> None:
    n = len(world[0])
    events = world[0].assign(geo_precision=1, date_precision=1)
    events.loc[: n // 10, "geo_precision"] = 6
    events.loc[n // 2 : n // 2 + 20, "date_precision"] = 4
    events.loc[n - 40 :, "geo_precision"] = 4
    found = seam_contrast(events, exposure, zones="zone", placebos=0)
    assert found.provenance["exclusions"]["outcome: place known to no zone"] == n // 10 + 1
    assert found.provenance["exclusions"]["outcome: date known to no week"] == 21
    check = next(check for check in found.checks if check.check_name == "coarse rows")
    assert "Without the 40 of" in check.text
    monthly = seam_contrast(events, exposure, zones="zone", placebos=0, by="month")
    assert "outcome: date known to no month" not in monthly.provenance["exclusions"]


def test_rows_that_state_no_precision_are_told_of_apart(world: World, exposure: SeamExposure) -> None:
    events = world[0].assign(geo_precision=1.0, date_precision=1.0)
    events.loc[:29, "geo_precision"] = np.nan
    events.loc[30:49, "geo_precision"] = 3.0
    found = seam_contrast(events, exposure, zones="zone", placebos=0)
    check = next(check for check in found.checks if check.check_name == "coarse rows")
    assert check.text.startswith("Without the 50 of ")
    assert "six days (30 of them do not state it)" in check.text


def test_missing_exposure_is_no_zero(world: World, exposure: SeamExposure, result: SeamResult) -> None:
    gaps = world[1].copy()
    gaps.loc[gaps["zone"].eq("z3") & (gaps["date"] < "2016-06-01"), "A"] = None
    found = seam_contrast(world[0], share_exposure(gaps, zone="zone"), zones="zone", placebos=0)
    assert found.provenance["exclusions"]["zone-periods without a known exposure"] == 22
    assert found.provenance["exclusions"]["outcome: in a zone-period without a known exposure"] > 0
    zero = gaps.fillna({"A": 0.0})
    assert found.to_frame()["n_recorded"].iloc[0] < result.to_frame()["n_recorded"].iloc[0]
    assert zero is not gaps and found.to_frame()["rate_ratio"].iloc[2] == pytest.approx(
        result.to_frame()["rate_ratio"].iloc[2], rel=0.2
    )


def test_reporting_that_follows_borders_fails_its_check(world: World, exposure: SeamExposure) -> None:
    level = exposure.table.set_index(["zone", "date"])["exposure"]
    week = pd.to_datetime(world[0]["date"])
    week -= pd.to_timedelta((week - pd.Timestamp("2016-01-04")).dt.days % 7, unit="D")
    exposed = level.reindex(pd.MultiIndex.from_arrays([world[0]["zone"], week])).to_numpy()
    chance = np.random.default_rng(4).random(len(week))
    events = world[0].assign(source=np.where(chance < 0.2 + 1.2 * exposed, "wire", "local"))
    checks = {
        check.check_name: check for check in seam_contrast(events, exposure, zones="zone", placebos=0).checks
    }
    assert checks["reporting by source"].passed is False
    plain = {
        check.check_name: check
        for check in seam_contrast(world[0], exposure, zones="zone", placebos=0).checks
    }
    assert plain["reporting by source"].passed is not False


def test_without_a_source_reporting_cannot_be_compared(world: World, exposure: SeamExposure) -> None:
    found = seam_contrast(world[0].drop(columns="source"), exposure, zones="zone", placebos=0)
    check = next(check for check in found.checks if check.check_name == "reporting by source")
    assert check.passed is None and "No column says who reported" in check.text


def test_zones_without_attacks_are_named_exclusions(world: World, exposure: SeamExposure) -> None:
    found = seam_contrast(world[0][world[0]["zone"] != "z4"], exposure, zones="zone", placebos=0)
    assert found.provenance["exclusions"]["zones without a recorded attack (z4)"] == 1
    assert found.to_frame()["n_zones"].eq(9).all()


def test_exposure_that_moves_in_few_zones_has_no_interval(world: World) -> None:
    still = world[1].copy()
    still.loc[~still["zone"].isin(["z1", "z2"]), ["A", "B"]] = [30.0, 70.0]
    found = seam_contrast(world[0], share_exposure(still, zone="zone"), zones="zone", placebos=0)
    table = found.to_frame()
    assert table["rate_ratio"].isna().all()
    assert table["reason"].iloc[0].startswith("exposure moves mostly in few zones")
    assert "Cannot tell" in found.summary()


def test_fifths_of_a_zone_are_its_own() -> None:
    paths = np.array([[3.0, 1.0, 2.0, 5.0, 4.0, np.nan], [0.0, 0.0, 0.0, 9.0, 9.0, 9.0]])
    found = fifths_of(paths)
    assert found[0, :5].tolist() == [3, 1, 2, 5, 4] and np.isnan(found[0, 5])
    assert found[1].tolist() == [1, 1, 1, 3, 3, 3]


def test_rates_by_fifth_rise_with_the_known_ratio(result: SeamResult) -> None:
    fifths = result.detail("fifths")
    assert fifths["fifth"].tolist() == [1, 2, 3, 4, 5]
    assert fifths["rate_ratio"].iloc[-1] > 1 and math.isnan(fifths["low"].iloc[0])
    assert fifths["n_zone_periods"].sum() == 800


def test_figures_have_no_map_and_say_what_is_missing(result: SeamResult) -> None:
    fifths, paths = result.figures()
    assert "not an effect" in fifths.caption and "in order of name" in paths.caption
    for chart in (fifths, paths):
        spec = json.dumps(chart.spec)
        assert "geoshape" not in spec and "latitude" not in spec and "projection" not in spec
        assert chart.to_svg().startswith("<svg")
    assert paths.spec["facet"]["sort"] == sorted(paths.spec["facet"]["sort"])


def test_files_of_a_result(result: SeamResult, tmp_path: Path) -> None:
    names = [path.name for path in save_effect(result, tmp_path, "seams")]
    assert names == [f"seams.{end}" for end in ("csv", "json", "txt", "svg", "png", "html")]
    told = json.loads((tmp_path / "seams.json").read_text(encoding="utf-8"))
    assert told["windows"][0]["contrast"] == "one standard deviation within zones"
    assert "one unit (1 points of fragmentation" in (tmp_path / "seams.txt").read_text(encoding="utf-8")
    assert result_dict(result)["study"][0] == {"part": "outcome", "value": len(make_world()[0])}
    assert report_text(result).split("\n")[0].startswith("Smallest change")


def test_a_unit_far_beyond_the_record_stays_a_number(world: World, exposure: SeamExposure) -> None:
    tiny = dataclasses.replace(
        exposure, table=exposure.table.assign(exposure=exposure.table["exposure"] / 1e6)
    )
    found = seam_contrast(world[0], tiny, zones="zone", placebos=0)
    assert np.isfinite(found.to_frame()[["rate_ratio", "rate_ratio_low", "rate_ratio_high"]]).all(axis=None)
    plain = seam_contrast(world[0], exposure, zones="zone", placebos=0)
    assert found.to_frame()["rate_ratio"].iloc[0] == pytest.approx(plain.to_frame()["rate_ratio"].iloc[0])


def test_a_series_needs_no_coordinates() -> None:
    events, shares = make_world(zones=1, weeks=60)
    exposure = share_exposure(shares.drop(columns="zone"))
    bare = seam_contrast(events.drop(columns=["lat", "lon"]), exposure)
    pd.testing.assert_frame_equal(bare.to_frame(), seam_contrast(events, exposure).to_frame())


def test_one_zone_is_a_series_that_says_what_it_cannot_tell() -> None:
    events, shares = make_world(zones=1, weeks=100)
    found = seam_contrast(events, share_exposure(shares.drop(columns="zone")))
    assert found.to_frame()["rate_ratio"].isna().all() and found.to_frame()["low"].isna().all()
    assert (
        found.to_frame()["reason"]
        .eq("one zone: borders cannot be told from whatever else changed over time")
        .all()
    )
    assert "cannot tell borders from anything else that changed in the same weeks" in found.summary()
    series = found.detail("series")
    assert series["trend"].iloc[0] == "no trend" and len(series) == 5
    assert all(chart.to_svg() for chart in found.figures())


def test_a_series_whose_sign_hangs_on_the_trend_fails_its_check() -> None:
    weeks = pd.date_range("2016-01-04", periods=120, freq="7D")
    share = np.linspace(2, 45, 120) + 4 * np.sin(np.arange(120))
    shares = pd.DataFrame({"date": weeks, "A": share, "B": 100 - share})
    mean = np.exp(1 + np.linspace(0, 2, 120) - 0.4 * np.sin(np.arange(120)))
    counts = np.random.default_rng(2).poisson(mean)
    events = pd.DataFrame({"date": np.repeat(weeks, counts), "lat": 35.0, "lon": 40.0})
    found = seam_contrast(events, share_exposure(shares))
    ratio = found.detail("series").set_index("trend")["ratio"]
    assert ratio["no trend"] > 1.5 and ratio["straight trend"] < 1
    assert found.checks[0].passed is False and "The sign hangs on the trend" in found.checks[0].text
