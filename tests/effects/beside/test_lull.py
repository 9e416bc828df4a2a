"""All designs on one study: nothing mixed, nothing lost, every run counted."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import EffectResult, LullComparison, Study, lull, matched_wakes, save_effect
from afterstrike.effects._beside._designs import DESIGNS, run_design
from afterstrike.effects._beside._setting import setting_of
from afterstrike.effects.theatres import Theatre, simulate_theatre
from afterstrike.errors import UsageError

FAST = ("matched wakes", "stacked event study", "naive before and after")


def _study(**declared: object) -> Study:
    events = simulate_theatre(Theatre.preset("null", strikes="random"), seed=1).events
    told: dict[str, object] = {"horizon_days": 7, "radius_km": 25} | declared
    return Study.from_frame(events, treatment="strike", outcome="attack", **told)


@pytest.fixture(scope="module")
def study() -> Study:
    return _study()


def test_a_row_is_what_the_design_gives_alone(study: Study) -> None:
    beside = lull(study, designs=("matched wakes",), seed=4, with_checks=False)
    alone = matched_wakes(study, days=(3, 7), km=25, seed=4).to_frame().set_index("days").loc[7]
    row = next(row for row in beside.standings if row.is_main)
    assert (row.value, row.low, row.high) == (
        alone["rate_ratio"],
        alone["rate_ratio_low"],
        alone["rate_ratio_high"],
    )


def test_only_equal_estimands_share_a_table(study: Study) -> None:
    beside = lull(study, designs=FAST, with_checks=False)
    tables = beside.tables()
    assert sum(len(table) for table in tables.values()) == len(beside.to_frame())
    for table in tables.values():
        assert table["design"].nunique() == 1
    text = beside.text_table()
    assert all(title in text for title, table in tables.items() if (table["reason"] == "").any())


def test_harm_is_first_and_never_zero_where_not_stated(study: Study) -> None:
    beside = lull(study, designs=("naive before and after",))
    assert beside.summary().splitlines()[0].startswith("Civilian deaths in these strikes")


def test_every_run_is_counted(study: Study) -> None:
    tried = {"days": (7, 14), "seed": (0, 1)}
    plain = lull(study, designs=FAST, with_checks=False)
    beside = lull(study, designs=FAST, with_checks=False, alternatives=tried)
    curve = beside.specifications
    assert curve is not None
    assert plain.provenance["specifications_run"] == len(plain.standings)
    others = int((~curve["is_main"]).sum())
    assert beside.provenance["specifications_run"] == len(beside.standings) + others
    assert (
        f"Specifications run on these data: {beside.provenance['specifications_run']:,}" in beside.summary()
    )
    # the declared one is on the curve once a design, with the number of the comparison
    for design in ("matched wakes", "naive before and after"):
        mine = curve[curve["is_main"] & (curve["design"] == design)]
        row = next(row for row in beside.standings if row.is_main and row.design == design)
        assert mine["rate_ratio"].tolist() == [row.value]
    wakes = curve[curve["design"] == "matched wakes"]
    assert sorted(wakes["days"]) == [7, 7, 14]  # no half horizon; two seeds of the declared one
    assert set(wakes["seed"]) == {0, 1}


@pytest.fixture(scope="module")
def crossed(study: Study) -> LullComparison:
    """Models in zones, with all that could give one run twice: trends, a horizon whose half is one, baselines."""
    tried = {"days": (7, 14), "trend_days": (90.0, 180.0)}
    names = ("mutual excitation", "distributed lags by day", "distributed lags by week")
    return lull(study, zones=200.0, designs=names, alternatives=tried)


def test_a_run_that_a_choice_does_not_change_is_counted_once(crossed: LullComparison) -> None:
    curve = crossed.specifications
    assert curve is not None
    numbers = ["design", "form", "days", "zones", "rate_ratio", "low", "high"]
    assert not curve.duplicated(numbers).any()
    forms = curve.groupby(["design", "form"]).size().to_dict()
    assert forms == {
        ("mutual excitation", "constant baseline"): 2,  # horizons: it has no trend
        ("mutual excitation", "drift baseline"): 2 * 2,
        ("distributed lags by day", ""): 2 * 2,
        ("distributed lags by week", ""): 2 * 2,
    }
    constant = curve[curve["form"] == "constant baseline"]
    assert set(constant["trend_days"]) == {180.0}  # the declared one stays
    # in the comparison and not on the curve: the half horizons, two of excitation and one of the lags by day
    assert crossed.provenance["specifications_run"] == len(curve) + 3
    known = curve["low"].notna().sum()
    assert (
        f"Specifications run on these data: {len(curve) + 3}, {known} of them on the curve"
        in crossed.summary()
    )


@pytest.mark.parametrize("name", ["mutual excitation", "distributed lags by day", "distributed lags by week"])
def test_the_declared_run_is_the_same_on_the_curve(crossed: LullComparison, name: str) -> None:
    curve = crossed.specifications
    assert curve is not None
    (on_curve,) = curve[curve["is_main"] & (curve["design"] == name)].to_dict("records")
    (row,) = [row for row in crossed.standings if row.is_main and row.design == name]
    assert (on_curve["rate_ratio"], on_curve["low"], on_curve["high"]) == (row.value, row.low, row.high)
    assert set(curve.loc[curve["design"] == name, "days"]) == {7, 14}


def test_a_design_that_cannot_be_carried_says_why() -> None:
    events = pd.DataFrame(
        {
            "kind": ["strike", "attack"],
            "date_start": ["2018-01-02", "2018-01-03"],
            "lat": [35.0, 35.0],
            "lon": [40.0, 40.0],
        }
    )
    study = Study.from_frame(events, treatment="strike", outcome="attack", horizon_days=7, radius_km=25)
    beside = lull(study, designs=FAST, alternatives={"km": (10.0, 25.0)})
    assert {row.answer for row in beside.standings} == {"not estimated"}
    assert all(row.reason for row in beside.standings)
    assert beside.agreement()[0].startswith("No design can tell")
    assert beside.plot().to_svg().startswith("<svg")
    assert beside.specifications is not None and beside.specifications["rate_ratio"].isna().all()


def test_what_was_not_declared_is_said() -> None:
    setting = setting_of(_study(horizon_days=None, radius_km=None), "auto")
    assert (setting.days, setting.km) == (14, 25.0)
    assert len(setting.not_declared) == 3
    assert setting.zones == 100.0
    assert setting_of(_study(radius_km=10), "auto").zones == 40.0
    assert setting_of(_study(), "adm1").not_declared == ()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"designs": ("guess",)}, "designs="),
        ({"designs": "matched wakes"}, "designs="),
        ({"designs": ()}, "designs="),
        ({"alternatives": {"colour": (1,)}}, "alternatives='colour'"),
        ({"alternatives": {"km": 25}}, "allowed a list"),
        ({"alternatives": {"km": ()}}, "allowed a list"),
        ({"alternatives": {"km": (25.0, -1.0)}}, r"alternatives\['km'\] holds -1.0"),
        ({"alternatives": {"days": (7, 400)}}, r"alternatives\['days'\] holds 400"),
        ({"alternatives": {"kernel": ("exponential", "gauss")}}, "kernel='gauss'"),
        ({"alternatives": {"trend_days": (90, 1)}}, "trend_days=1"),
        ({"alternatives": {"seed": (0.5,)}}, "seed=0.5"),
        ({"alternatives": {"zones": ([1, 2],)}}, "zones="),
        ({"kernel": "gauss"}, "kernel='gauss'"),
        ({"trend_days": 10}, "trend_days=10"),
        ({"trend_days": None}, "trend_days=None"),
        ({"trend_days": "slow"}, "trend_days='slow'"),
        ({"seed": -1}, "seed=-1"),
        ({"seed": 1.5}, "seed=1.5"),
        ({"zones": "nowhere"}, "zones='nowhere'"),
        ({"zones": 0.5}, "zones=0.5"),
        ({"gaps": (("1990-01-01", "1990-02-01"),)}, "outside the record, 2001-01-01 to 2002-12-31"),
        ({"gaps": (("2001", "2002"),)}, "allowed days as YYYY-MM-DD"),
        ({"gaps": ("2001-01-01",)}, "allowed .first day, last day."),
        ({"campaign": ("1990-01-01", None)}, "leaves the study"),
        ({"campaign": ("2002-01-01", "2005-01-01")}, "leaves the study"),
    ],
)
def test_bad_options(study: Study, options: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        lull(study, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"kernel": "gauss"}, {"trend_days": 10}, {"seed": -1}])
def test_a_choice_is_refused_though_no_design_asked_for_has_it(
    study: Study, options: dict[str, object]
) -> None:
    with pytest.raises(UsageError):
        lull(study, designs=("naive before and after",), **options)  # type: ignore[arg-type]


def test_a_fault_of_the_caller_is_no_fault_of_the_record(study: Study) -> None:
    def run(*_: object) -> EffectResult:
        raise UsageError("allowed something else")

    with pytest.raises(UsageError, match="something else"):
        run_design(replace(DESIGNS[0], run=run), study, setting_of(study, None))


@pytest.mark.parametrize("declared", [{"horizon_days": 365}, {"radius_km": 0.2}, {"radius_km": 2000.0}])
def test_every_horizon_and_radius_that_is_allowed_can_be_run(declared: dict[str, float]) -> None:
    found = lull(_study(**declared), zones=None, with_checks=False)
    assert {row.design for row in found.standings} == {design.name for design in DESIGNS}
    assert not any("allowed" in row.reason for row in found.standings)


def test_a_region_that_cannot_be_drawn_is_told_of_the_policy_alone() -> None:
    found = lull(_study(region=(-180.0, -90.0, 180.0, 90.0)), designs=("stochastic intervention", *FAST[2:]))
    policy, naive = found.standings
    assert policy.reason.startswith("no window can be made of the region of this study")
    assert not naive.reason


def test_a_policy_is_the_same_on_both_sides_of_the_date_line() -> None:
    events = simulate_theatre(Theatre.preset("null", strikes="random"), seed=1).events
    west, east = events["lon"].min() - 0.5, events["lon"].max() + 0.5
    south, north = events["lat"].min() - 0.5, events["lat"].max() + 0.5
    turn = 180 - (west + east) / 2
    moved = events.assign(lon=np.mod(events["lon"] + turn + 180, 360) - 180)
    assert moved["lon"].min() < 0 < moved["lon"].max()
    found = [
        lull(
            Study.from_frame(
                table, treatment="strike", outcome="attack", horizon_days=7, radius_km=25,
                region=(west + by, south, east + by - 360 * (by > 0), north),
            ),
            designs=("stochastic intervention",),
        )
        for table, by in ((events, 0.0), (moved, turn))
    ]  # fmt: skip
    for one, two in zip(found[0].standings, found[1].standings, strict=True):
        assert not one.reason and two.value == pytest.approx(one.value, rel=1e-3)


def test_files_hold_every_table_and_the_curve(study: Study, tmp_path: object) -> None:
    beside = lull(study, designs=FAST[1:], alternatives={"km": (20.0, 25.0)})
    written = {path.name: path for path in save_effect(beside, str(tmp_path), "lull")}
    assert {"lull.csv", "lull.json", "lull.html", "lull-specifications.csv"} <= set(written)
    told = json.loads(written["lull.json"].read_text())
    assert len(told["windows"]) == len(beside.standings)
    page = written["lull.html"].read_text()
    for title in beside.tables():
        assert title in page
    assert pd.read_csv(written["lull-specifications.csv"]).shape[0] == len(beside.specifications)  # type: ignore[arg-type]


def test_every_design_is_reachable_by_name() -> None:
    names = [design.name for design in DESIGNS]
    assert len(names) == len(set(names))


def test_the_bad_example_never_carries_a_word_on_a_sign() -> None:
    events = simulate_theatre(Theatre.preset("null", strikes="reactive"), seed=1).events
    study = Study.from_frame(events, treatment="strike", outcome="attack", horizon_days=7, radius_km=25)
    (row,) = lull(study, designs=("naive before and after",)).standings
    assert row.high < 1  # strikes answer to attacks, and nothing changed
    assert row.answer == "cannot tell" and row.points[0] == "there is no comparison group"


def test_a_design_that_cannot_leave_gaps_out_gives_no_sign(study: Study) -> None:
    gap = (("2001-06-01", "2001-06-20"),)
    found = lull(study, designs=("naive before and after", "distributed lags by day"), gaps=gap)
    naive, lags = (
        next(row for row in found.standings if row.design == name and row.is_main)
        for name in ("naive before and after", "distributed lags by day")
    )
    told = found.summary().splitlines()[1:4]
    assert (
        "Declared gaps: 2001-06-01 to 2001-06-20. Missing to distributed lags by day. Counted as days without attacks, "
        "so that no word on a sign is given, by naive before and after."
    ) in told
    assert "Declared gaps" not in lull(study, designs=("naive before and after",)).summary()
    assert any("declared gaps count here" in point for point in naive.points)
    assert not any("declared gaps" in point for point in lags.points)


def test_a_gap_that_leaves_the_study_counts_as_far_as_it_lies_in_it(study: Study) -> None:
    names = ("mutual excitation", "distributed lags by day")
    past, within = (
        lull(study, designs=names, gaps=(("2002-12-01", last),), zones=None)
        for last in ("2003-03-01", "2002-12-31")
    )
    assert past.provenance["parameters"]["gaps"] == [["2002-12-01", "2002-12-31"]]
    for one, two in zip(past.standings, within.standings, strict=True):
        assert not one.reason and one.value == two.value


def test_a_baseline_that_could_not_be_estimated_is_a_point_against_the_other(study: Study) -> None:
    design = next(design for design in DESIGNS if design.name == "mutual excitation")
    setting = setting_of(study, 100.0)
    result = design.run(study, setting)
    table = result.to_frame()
    failed = table["baseline"] == "constant"
    numbers = [name for name in table if name.startswith("rate_ratio")]
    table.loc[failed, numbers] = float("nan")
    table.loc[failed, "reason"] = "the effect has no finite estimate"
    read = design.read(replace(result, table=table), setting, design)
    drift = [row for row in read if row.form == "drift baseline"]
    assert drift and all(
        "the form constant could not be estimated: the effect has no finite estimate" in row.points
        for row in drift
    )
    assert {row.answer for row in drift} == {"cannot tell"}
