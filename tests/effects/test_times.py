"""Dates of a table with nothing in them: no rows, or rows that are all empty."""

from __future__ import annotations

import pandas as pd
import pytest

from afterstrike.effects import Study
from afterstrike.effects._times import read_times
from afterstrike.errors import EstimateRefused

TYPES = ["object", "str", "string", "float64", "Int64", "datetime64[ns]"]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("fallback", [False, True])
def test_a_column_without_rows_has_no_times(dtype: str, fallback: bool) -> None:
    empty = pd.Series([], dtype=dtype)
    found = read_times(empty, fallback=empty if fallback else None)
    assert [len(part) for part in (found.ms, found.text, found.missing, found.coarse)] == [0, 0, 0, 0]
    assert found.zoned == 0


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([None, None], dtype=object),
        pd.Series([pd.NA, ""], dtype="string"),
        pd.Series([pd.NA, pd.NaT, float("nan"), None, " "], dtype=object),
        pd.Series([pd.NA, pd.NA], dtype="Int64"),
        pd.Series([float("nan")]),
    ],
)
def test_empty_cells_are_missing(values: pd.Series) -> None:
    found = read_times(values)
    assert found.missing.all() and not found.coarse.any()


def test_a_study_of_a_table_without_rows_says_that_none_is_left() -> None:
    some = pd.DataFrame({"date_start": ["2018-01-01"], "lat": [35.0], "lon": [40.0]})
    with pytest.raises(EstimateRefused, match="no treatment rows are left"):
        Study(treatment=some.iloc[:0], outcome=some)
