"""Zones: each row is in one, and none is invented."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.effects import Study
from afterstrike.effects._zones import study_days, zones_of
from afterstrike.errors import EstimateRefused, UsageError


def _study(**columns: list[object]) -> Study:
    rows = {
        "kind": ["strike", "strike", "attack", "attack", "attack"],
        "date_start": ["2018-01-02", "2018-01-05", "2018-01-03", "2018-01-04", "2018-01-09"],
        "lat": [35.0, 36.0, 35.0, 35.1, 36.0],
        "lon": [40.0, 41.0, 40.0, 40.0, 41.0],
    }
    return Study.from_frame(pd.DataFrame(rows | columns), treatment="strike", outcome="attack")


def test_a_row_without_a_zone_is_left_out_and_counted() -> None:
    study = _study(adm1=["A", "Z", "A", None, "B"])
    found = zones_of(study, "adm1")
    assert found.names == ("A", "B")
    assert found.outcome.tolist() == [0, -1, 1]
    assert found.treatment.tolist() == [0, -1]
    assert found.exclusions == {
        "outcome: no adm1 stated": 1,
        "treatment: in a zone without a recorded outcome row": 1,
    }


def test_no_zones_is_one_zone() -> None:
    found = zones_of(_study(), None)
    assert found.names == ("whole region",)
    assert set(found.outcome) | set(found.treatment) == {0}


@settings(max_examples=30, deadline=None)
@given(km=st.floats(1, 2000))
def test_rows_at_one_point_share_a_cell(km: float) -> None:
    found = zones_of(_study(), km)
    assert found.outcome[0] == found.treatment[0]
    assert found.outcome[2] == found.treatment[1]
    assert (found.outcome >= 0).all()


@pytest.mark.parametrize("zones", ["nothing", 0.5, 2001, True, float("nan")])
def test_zones_that_are_none(zones: object) -> None:
    with pytest.raises(UsageError, match="zones="):
        zones_of(_study(), zones)  # type: ignore[arg-type]


def test_no_outcome_with_a_zone() -> None:
    with pytest.raises(EstimateRefused, match="none of 3 outcome rows"):
        zones_of(_study(adm1=["A", "A", None, None, None]), "adm1")


def test_days_are_those_declared() -> None:
    study = _study()
    first, last = study_days(study)
    assert [str(np.datetime64(day, "D")) for day in (first, last)] == ["2018-01-02", "2018-01-09"]
