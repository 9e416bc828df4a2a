"""All designs on one study: nothing mixed, nothing lost, every run counted."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from afterstrike.effects import Study, lull, matched_wakes, save_effect
from afterstrike.effects._beside._designs import DESIGNS
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
    assert {7, 14} <= set(wakes["days"])
    assert set(wakes["seed"]) == {0, 1}


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
    ],
)
def test_bad_options(study: Study, options: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        lull(study, **options)  # type: ignore[arg-type]


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
    assert any("declared gaps count here" in point for point in naive.points)
    assert not any("declared gaps" in point for point in lags.points)
