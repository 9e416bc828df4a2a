"""The column `afterstrike` of docs/conventions.md: each test holds the row that names it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import Study, WakeDesign, matched_wakes
from afterstrike.effects._pairs import EARTH_KM_PER_DEGREE, Points, count_pairs
from afterstrike.effects._wakes import WakeEstimates, estimate_wakes
from afterstrike.effects._wakes._checks import design_checks
from afterstrike.effects._wakes._match import match_wakes, variables
from afterstrike.effects._wakes._outcome import adjusters
from afterstrike.effects._wakes._place_days import CHECK_BIN, PRE_BINS, STRIKE, Counted, Events
from afterstrike.effects._wakes._radius import on_record
from afterstrike.effects._wakes._risk_set import RiskSet, history
from afterstrike.effects.theatres import Theatre, simulate_theatre
from afterstrike.errors import UsageError

DAY = pd.Timestamp("2001-01-02")
HOME = np.array([[33.0, 44.0]])


def rows(*events: tuple[Any, ...]) -> pd.DataFrame:
    """Give events as (days from the start, kind, degrees to the north)."""
    return pd.DataFrame(
        {
            "kind": [event[1] for event in events],
            "time": DAY + pd.to_timedelta([event[0] for event in events], unit="D"),
            "lat": [33 + (event[2] if len(event) > 2 else 0.0) for event in events],
            "lon": 44.0,
        }
    )


def events_of(*events: tuple[Any, ...], **declared: Any) -> Events:
    return Events.of(study_of(rows((-300, "attack"), *events, (300, "attack")), **declared))


def study_of(frame: pd.DataFrame, **declared: Any) -> Study:
    return Study.from_frame(frame, treatment="strike", outcome="attack", columns={"time": "time"}, **declared)


def around(events: Events, *, km: float = 25.0, day: int = 0) -> Counted:
    """Count around the place-day at home, `day` days from the start."""
    first = (DAY - pd.Timestamp(0)).days + day
    radii = (km / 2, km, 2 * km)
    return Counted.around(np.array([first]), HOME, events, radii_km=radii, horizon=14)


@pytest.fixture(scope="module")
def theatre() -> pd.DataFrame:
    frame = simulate_theatre(Theatre.preset("displacement", strikes="random", overlap=None), seed=3).events
    frame = frame.astype({"kind": str, "time_start": "datetime64[ns]"})
    # The first 220 days: enough for every row of the page, in a tenth of the time.
    return frame[frame["time_start"] < frame["time_start"].min() + pd.Timedelta(days=220)]


@pytest.fixture(scope="module")
def made(theatre: pd.DataFrame) -> WakeEstimates:
    study = Study.from_frame(theatre, treatment="strike", outcome="attack")
    return estimate_wakes(study, days=(7, 14), km=(10, 25), seed=1, draws=2)


def test_the_comparison_is_drawn_in_proportion_to_intensity() -> None:
    pool = Counted.around(
        np.array([11_000, 11_001, 11_002]), np.repeat(HOME, 3, axis=0), events_of((0, "strike")),
        radii_km=(25.0,), horizon=14,
    )  # fmt: skip
    risk = RiskSet(pool, pool, np.zeros(3), np.log([1.0, 2.0, 7.0]))
    drawn = risk.draw(50_000, np.random.default_rng(0))
    np.testing.assert_allclose(np.bincount(drawn) / 50_000, [0.1, 0.2, 0.7], atol=0.01)


def test_intensity_looks_at_earlier_days_only() -> None:
    before = [(-5, "attack"), (-20, "attack", 0.1), (0, "strike"), (-9, "strike")]
    one = events_of(*before, (3, "attack"), (9, "strike"))
    two = events_of(*before, (11, "attack"), (2, "strike"))
    np.testing.assert_array_equal(
        history(around(one), one, 25.0, horizon=14), history(around(two), two, 25.0, horizon=14)
    )
    three = events_of(*before, (-2, "attack"), (9, "strike"))
    assert (
        history(around(one), one, 25.0, horizon=14) != history(around(three), three, 25.0, horizon=14)
    ).any()


def test_the_estimand_is_a_ratio_of_sums_and_their_difference(made: WakeEstimates) -> None:
    for row in made.rows:
        assert row["rate_ratio"] == pytest.approx(row["observed"] / row["expected"], rel=0.01)
        assert row["estimate"] == pytest.approx(row["observed"] - row["expected"], abs=1e-9)
        struck = made.radii[row["km"]].draws[0].matched.struck
        attacks = made.radii[row["km"]].plan.risk.struck.between(1, row["days"], row["km"])
        assert row["observed"] == pytest.approx(attacks[struck].mean(), rel=0.02)
    assert "over the strike place-days there were" in made.estimand


def test_one_matched_set_a_radius(made: WakeEstimates) -> None:
    for km in (10, 25):
        of_radius = [row for row in made.rows if row["km"] == km]
        names = ("n_treated", "n_treated_matched", "n_control_matched", "l1_before", "l1_after")
        assert len(of_radius) == 2
        assert all(of_radius[0][name] == of_radius[1][name] for name in names)


def test_coordinates_are_used_as_they_are() -> None:
    frame = rows((0, "strike", 1 / 3e6), (3, "attack", 1e-9), (5, "attack", 1e-5), (200, "strike"))
    events = Events.of(study_of(frame))
    assert events.attack_at[:, 0].tolist() == [33 + 1e-9, 33 + 1e-5]
    assert events.strike_at[0, 0] == 33 + 1 / 3e6


def test_codes_are_compared_by_value() -> None:
    frame = rows((0, "strike"), (3, "attack"), (5, "other"), (200, "strike"))
    coded = frame.assign(kind=frame["kind"].map({"strike": 10, "attack": 1, "other": 100}))
    by_code = Study.from_frame(coded, treatment=10, outcome=1, columns={"time": "time"})
    assert by_code.rows.role.tolist() == study_of(frame).rows.role.tolist()
    ours, theirs = Events.of(by_code), Events.of(study_of(frame))
    assert ours.attack_day.tolist() == theirs.attack_day.tolist() and len(ours.strike_day) == 2


def test_only_the_day_counts(theatre: pd.DataFrame) -> None:
    # Late in the evening and early the next morning are a day apart.
    near = around(events_of((0.99, "strike"), (1.01, "attack")))
    assert near.between(1, 1, 25.0).item() == 1
    hours = np.random.default_rng(0).uniform(0, 23.9, len(theatre))
    moved = theatre["time_start"].dt.floor("D") + pd.to_timedelta(hours, unit="h")
    one, two = (
        Events.of(Study.from_frame(frame, treatment="strike", outcome="attack"))
        for frame in (theatre, theatre.assign(time_start=moved))
    )
    for name in ("attack_day", "attack_at", "strike_day", "strike_at", "first_day", "last_day"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name


def test_a_degree_of_arc_is_111_195_km() -> None:
    assert pytest.approx(111.19508, abs=1e-5) == EARTH_KM_PER_DEGREE
    events = events_of((0, "strike"), (3, "attack", 1.0))
    assert around(events, km=111.12).between(1, 7, 111.12).item() == 0
    assert around(events, km=111.2).between(1, 7, 111.2).item() == 1


def test_an_event_exactly_at_the_radius_is_inside() -> None:
    time, turn = np.zeros(1, np.int64), np.radians(1.0)
    wake = Points(time, np.array([0.0]), np.array([0.0]), np.array([-1]))
    event = Points(time, np.array([0.0]), np.array([1.0]), np.array([0]))
    km = float(np.degrees(np.arctan2(np.sin(turn), np.cos(turn))) * EARTH_KM_PER_DEGREE)
    for radius, inside in ((km, 1), (float(np.nextafter(km, 0)), 0)):
        found = count_pairs(
            wake, event, np.zeros(1, np.int8), lag_edges_ms=[0, 1], radii_km=[radius], n_categories=1
        )
        assert found.sum() == inside


def test_stretches_before_are_whole_days() -> None:
    assert PRE_BINS == ((-7, -1), (-14, -8), (-28, -15)) and CHECK_BIN == (-56, -29)
    for first, last in (*PRE_BINS, CHECK_BIN):
        inside = [(float(first), "attack"), (last + 0.99, "attack")]
        outside = [(first - 0.01, "attack"), (last + 1.0, "attack")]
        events = events_of((0, "strike"), *inside, *outside)
        assert around(events).between(first, last, 25.0).item() == 2
        if (first, last) != CHECK_BIN:
            design = adjusters(around(events), events, 25.0, horizon=14)[0]
            assert design[2 + PRE_BINS.index((first, last))] == 2 / (last - first + 1)


def test_after_is_days_1_to_h_and_day_0_apart() -> None:
    days = [0.0, 0.5, 0.99, 1.0, 14.99, 15.0]
    counted = around(events_of((0.5, "strike"), *((day, "attack") for day in days)))
    assert counted.between(1, 14, 25.0).item() == 2
    assert counted.between(0, 0, 25.0).item() == 3
    assert counted.between(-7, -1, 25.0).item() == 0


def test_days_needed_lie_in_the_study_period() -> None:
    first = (DAY - pd.Timestamp(0)).days
    spanned = events_of((0, "strike"))
    days = first + np.array([-245, -244, 286, 287])
    assert on_record(days, spanned, 14).tolist() == [False, True, True, False]
    # A horizon longer than eight weeks needs as many days before, for the difference of equal spans.
    assert on_record(first + np.array([-201, -200]), spanned, 100).tolist() == [False, True]
    declared = events_of((0, "strike"), (10, "attack"), period=("2000-01-01", "2001-01-20"))
    assert on_record(first + np.array([4, 5]), declared, 14).tolist() == [True, False]


def test_strikes_off_the_record_are_left_out_at_that_radius_and_counted(made: WakeEstimates) -> None:
    for km, radius in made.radii.items():
        kept = radius.plan.risk.struck.day
        assert on_record(kept, radius.plan.events, 14).all()
        for row in (row for row in made.rows if row["km"] == km):
            assert row["n_left_out"] == radius.plan.n_place_days - len(kept) > 0
            assert row["n_treated"] == len(kept)


def test_level_and_trend_are_matched_stretch_by_stretch() -> None:
    before = [(-3, "attack"), *[(-10, "attack")] * 2, *[(-20, "attack")] * 4]
    counted = around(events_of((0, "strike"), *before))
    assert variables(counted, 25.0, np.array([-1.5])).tolist() == [[1, 2, 4, -1.5]]


def test_earlier_strikes_are_in_intensity_and_regression() -> None:
    few = [(-5, "attack"), (0, "strike"), (100, "attack"), (107, "attack")]
    one, two = events_of(*few), events_of(*few, (-3, "strike"))
    assert around(two).between(-7, -1, 25.0, STRIKE).item() == 1
    for give in (history, adjusters):
        with_one, with_two = (give(around(e), e, 25.0, horizon=14) for e in (one, two))
        assert (with_one != with_two).any(), give.__name__


def test_bins_are_quantiles_of_the_struck_coarser_where_there_is_no_match() -> None:
    rng = np.random.default_rng(2)
    struck = np.column_stack([np.arange(40.0), np.zeros((40, 2)), np.zeros(40)])
    drawn = np.column_stack([rng.uniform(0, 9.4, 400), np.zeros((400, 2)), np.zeros(400)])
    drawn[:3, 0] = [12.0, 15.0, 38.0]
    found = match_wakes(struck, drawn, np.ones(400))
    # The first step cuts at the struck quartiles: two of the four quarters hold comparison.
    assert (found.step[:20] == 0).all() and (found.step[20:] > 0).all()
    assert len(found.struck) == 40 and found.weight.sum() == pytest.approx(40)


@pytest.mark.parametrize(
    "choice",
    [
        {"cutpoints": {"dependent_trend": [0, 1]}},
        {"match_on": ("population",)},
        {"controls": ("population",)},
        {"match_overlap": True},
        {"drop_overlaps": True},
        {"weighted": False},
        {"model": "att"},
        {"model": "negative_binomial"},
    ],
)
def test_choices_of_the_peer_are_refused(choice: dict[str, Any]) -> None:
    study = study_of(rows(*((10 * i, "strike") for i in range(30)), (5, "attack")))
    with pytest.raises(UsageError, match=r"afterstrike"):
        matched_wakes(study, days=7, km=25, design=WakeDesign(**choice), convention="afterstrike")


def test_both_forms_are_reported_and_opposite_signs_fail(made: WakeEstimates) -> None:
    design = WakeDesign(model="difference")
    other = estimate_wakes(made.study, days=(7, 14), km=(10,), seed=1, draws=2, design=design)
    for mine, row in zip(other.rows, [row for row in made.rows if row["km"] == 10], strict=True):
        assert mine["lagged"] == row["lagged"] == row["estimate"]
        assert mine["difference"] == row["difference"] == mine["estimate"]
    names = ("lagged", "difference")
    for low, passed in ((-0.1, True), (0.1, False)):
        turned = [
            row | dict.fromkeys(names, 1.0) | {"difference": -1.0, "lagged_low": low, "lagged_high": 2.0,
                                                "difference_low": -2.0, "difference_high": 0.1}
            for row in made.rows
        ]  # fmt: skip
        check = design_checks(turned, made.radii, level=0.95)[0]
        assert check.check_name == "signs of both forms" and check.passed is passed


@pytest.fixture(scope="module")
def given(theatre: pd.DataFrame) -> WakeEstimates:
    rng = np.random.default_rng(2)
    strikes = theatre[theatre["kind"] == "strike"]
    moved = strikes["time_start"] + pd.to_timedelta(rng.integers(30, 60, len(strikes)), unit="D")
    shows = strikes.assign(kind="show", time_start=moved, event_id=[f"c{i}" for i in range(len(strikes))])
    study = Study.from_frame(
        pd.concat([theatre, shows]), treatment="strike", control="show", outcome="attack",
        columns={"time": "time_start"},
    )  # fmt: skip
    return estimate_wakes(study, days=(7, 14), km=(25,))


def test_the_difference_takes_equal_spans_and_the_weights_of_the_matched_set(given: WakeEstimates) -> None:
    radius = given.radii[25.0]
    risk, (draw,) = radius.plan.risk, radius.draws
    for number, days in enumerate((7, 14)):
        struck, pool = (
            part.between(1, days, 25.0) - part.between(-days, -1, 25.0) for part in (risk.struck, risk.pool)
        )
        weight = draw.matched.weight
        assert len(set(weight)) > 3
        expected = struck[draw.matched.struck].mean() - weight @ pool / weight.sum()
        assert given.rows[number]["difference"] == pytest.approx(expected)


def test_named_rows_are_the_comparison(given: WakeEstimates) -> None:
    assert given.radii[25.0].plan.is_given and len(given.radii[25.0].draws) == 1
    assert given.rows[0]["n_control"] == len(given.radii[25.0].plan.risk.pool) < 1000


def test_one_critical_value_serves_all_windows(made: WakeEstimates) -> None:
    assert 1.96 < made.critical < 3.2
    for row in made.rows:
        widths = [
            np.log(row[f"rate_ratio_high{end}"] / row[f"rate_ratio_low{end}"]) for end in ("_joint", "")
        ]
        assert widths[0] / widths[1] == pytest.approx(made.critical / 1.959964, rel=1e-5)


def test_every_window_has_a_row(made: WakeEstimates) -> None:
    assert [(row["days"], row["km"]) for row in made.rows] == [(7, 10), (7, 25), (14, 10), (14, 25)]


def test_imbalance_and_support_are_on_the_strata_matched(given: WakeEstimates) -> None:
    # Two strata, cut at the struck median: half of the struck in each, and of the drawn 1 in 5.
    struck = np.column_stack([np.repeat([0.0, 1.0], 50), np.zeros((100, 3))])
    drawn = np.column_stack([np.repeat([0.0, 1.0], [400, 100]), np.zeros((500, 3))])
    found = match_wakes(struck, drawn, np.ones(500))
    assert found.l1_before == pytest.approx(0.3) and found.l1_after == pytest.approx(0)
    assert found.support_before == found.support_after == 100
    three = np.vstack([drawn, [[3.0, 0, 0, 0]]])
    assert match_wakes(struck, three, np.ones(501)).support_before == 200 / 3
    row, matched = given.rows[0], given.radii[25.0].draws[0].matched
    assert row["l1_after"] == matched.l1_after and row["common_support_before"] == matched.support_before


def test_overlap_is_of_struck_and_of_comparison(given: WakeEstimates) -> None:
    risk = given.radii[25.0].plan.risk
    for number, days in enumerate((7, 14)):
        row = given.rows[number]
        for name, part in (("so", risk.struck), ("mo", risk.pool)):
            before, after = (part.between(*span, 25.0, STRIKE) > 0 for span in ((-days, -1), (1, days)))
            assert row[f"{name}_pre"] == before.mean() and row[f"{name}_post"] == after.mean()
