"""The place-week panel: cells, towns, weeks, and what is missing rather than zero."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.effects import Study, place_weeks
from afterstrike.effects._panel._cells import cell_frame, cells_of
from afterstrike.errors import EstimateRefused, UsageError


def study_of(rows: list[tuple[str, str, float, float]], period: tuple[str, str] | None = None) -> Study:
    frame = pd.DataFrame(rows, columns=["kind", "date_start", "lat", "lon"])
    return Study.from_frame(frame, treatment="strike", outcome="attack", period=period)


JANUARY = ("2018-01-01", "2018-02-01")
ROWS = [
    ("attack", "2018-01-01", 35.0, 40.0),
    ("attack", "2018-01-07", 35.0, 40.0),
    ("strike", "2018-01-08", 35.0, 40.0),
    ("attack", "2018-01-22", 36.5, 40.0),
    ("strike", "2018-01-23", 50.0, 40.0),
    ("attack", "2018-01-30", 35.0, 40.0),
]


def test_counts_fall_in_their_place_and_week() -> None:
    panel = place_weeks(study_of(ROWS, JANUARY), cell_km=50)
    assert panel.outcome.shape == (2, 4)
    assert panel.outcome[0].tolist()[0] == 2 and panel.treated[0].tolist() == [False, True, False, False]
    assert panel.outcome[1, 3] == 1 and panel.outcome[0, 3] == 0
    assert str(panel.weeks[1]) == "2018-01-08"


def test_silence_everywhere_is_missing_and_left_out_rows_are_counted() -> None:
    panel = place_weeks(study_of(ROWS, JANUARY), cell_km=50)
    assert np.isnan(panel.outcome[:, 1:3]).all()
    assert panel.exclusions == {
        "rows after the last whole week": 1,
        "treatment rows at places without a recorded outcome row": 1,
        "weeks without a recorded outcome row anywhere": 2,
    }
    frame = panel.to_frame()
    assert len(frame) == 8 and frame["outcome"].sum() == 3 and frame["treated"].sum() == 1


def test_order_of_rows_is_of_no_consequence() -> None:
    one, two = (place_weeks(study_of(rows, JANUARY), cell_km=50) for rows in (ROWS, ROWS[::-1]))
    np.testing.assert_array_equal(one.outcome, two.outcome)
    np.testing.assert_array_equal(one.treated, two.treated)


def test_towns_take_the_rows_near_them() -> None:
    towns = pd.DataFrame({"place": ["east", "west"], "lat": [35.0, 35.0], "lon": [40.3, 39.9]})
    panel = place_weeks(study_of(ROWS, JANUARY), cell_km=30, towns=towns)
    assert panel.places["place"].tolist() == ["west"]
    assert panel.exclusions["rows without a town near"] == 2


@settings(max_examples=50, deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from([10.0, 50.0, 300.0]))
def test_a_cell_holds_its_points_and_knows_its_area(lat: float, lon: float, km: float) -> None:
    cell = cells_of(np.array([lat]), np.array([lon]), km)
    centre = cell_frame(cell, km)
    back = cells_of(centre["lat"].to_numpy(), centre["lon"].to_numpy(), km)
    assert back == cell
    assert cells_of(np.array([lat]), np.array([lon + 360]), km) == cell or abs(lon) > 179.999
    assert abs(centre["lat"][0] - lat) <= 180 / round(20015.1 / km)
    if abs(lat) < 80 and km <= 50:
        assert centre["area_km2"][0] == pytest.approx(km**2, rel=0.02)


def test_what_is_refused() -> None:
    study = study_of(ROWS, JANUARY)
    with pytest.raises(UsageError, match="cell_km=0"):
        place_weeks(study, cell_km=0)
    with pytest.raises(UsageError, match="towns has"):
        place_weeks(study, towns=pd.DataFrame({"lat": [35.0]}))
    with pytest.raises(EstimateRefused, match="at least 21"):
        place_weeks(study_of(ROWS[:3]))
    apart = [("attack", "2018-01-01", 35.0, 40.0), ("strike", "2018-01-09", 60.0, 40.0)]
    with pytest.raises(EstimateRefused, match="no treatment or no outcome"):
        place_weeks(study_of([*apart, ("attack", "2018-01-30", 35.0, 40.0)]))
