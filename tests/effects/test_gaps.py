"""Declared gaps: read as days, held inside the record, refused where they are gaps of nothing; the same by all designs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import (
    Study,
    change_points,
    distributed_lag,
    interrupted_series,
    lull,
    tempo_against_past,
)
from afterstrike.effects._gaps import gap_days
from afterstrike.effects._series._counts import count_zones
from afterstrike.effects._series._plain import plain_counts
from afterstrike.errors import UsageError

FIRST, LAST = (int(np.datetime64(day, "D").astype(int)) for day in ("2016-01-04", "2018-12-30"))


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    day = np.sort(rng.integers(0, LAST - FIRST + 1, 900))
    day[[0, -1]] = 0, LAST - FIRST
    return pd.DataFrame({
        "kind": np.where(np.arange(900) % 9 == 4, "strike", "attack"),
        "date_start": (np.datetime64("2016-01-04") + day).astype(str), "lat": 35.0, "lon": 40.0,
    })  # fmt: skip


@pytest.fixture(scope="module")
def study(events: pd.DataFrame) -> Study:
    return Study.from_frame(events, treatment="strike", outcome="attack", horizon_days=7, radius_km=25)


@pytest.mark.parametrize(
    ("gap", "days"),
    [
        (("2016-02-01", "2016-02-01"), ("2016-02-01", "2016-02-01")),
        (("2000-01-01", "2016-01-04"), ("2016-01-04", "2016-01-04")),
        (("2018-12-30", "2030-01-01"), ("2018-12-30", "2018-12-30")),
        (["2000-01-01", "2030-01-01"], ("2016-01-04", "2018-12-30")),
        ((date(2016, 2, 1), pd.Timestamp("2016-02-03")), ("2016-02-01", "2016-02-03")),
    ],
)
def test_the_part_of_a_gap_in_the_record_counts(gap: Sequence[Any], days: tuple[str, str]) -> None:
    assert [str(np.datetime64(day, "D")) for day in gap_days(gap, FIRST, LAST)] == list(days)


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (("2016-01-01", "2016-01-03"), "outside the record, 2016-01-04 to 2018-12-30"),
        (("2018-12-31", "2019-01-31"), "outside the record, 2016-01-04 to 2018-12-30"),
        (("2016-02-03", "2016-02-01"), "turn them round"),
        (("2016", "2017"), "YYYY-MM-DD, not '2016'"),
        (("2016-02", "2016-03"), "YYYY-MM-DD"),
        (("2016-02-31", "2016-03-01"), "not '2016-02-31'"),
        (("soon", "later"), "YYYY-MM-DD"),
        ((None, None), "YYYY-MM-DD"),
        (("2016-02-01",), "first day, last day"),
        ("2016-02-01", "first day, last day"),
    ],
)
def test_what_is_no_gap_of_the_record_is_refused(gap: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        gap_days(gap, FIRST, LAST)


DESIGNS: dict[str, Callable[[Study, pd.DataFrame, list[tuple[str, str]]], object]] = {
    "lags by week": lambda study, events, gaps: distributed_lag(study, zones=None, gaps=gaps),
    "lags by day": lambda study, events, gaps: count_zones(study, zones=None, by="day", gaps=gaps),
    "interrupted series of a study": lambda study, events, gaps: interrupted_series(
        study, start="2018-01-01", gaps=gaps
    ),
    "interrupted series of counts": lambda study, events, gaps: interrupted_series(
        _weeks(events), start="2018-01-01", gaps=gaps
    ),
    "tempo": lambda study, events, gaps: tempo_against_past(
        events, window=("2018-07-01", "2018-12-30"), reference="2017", gaps=gaps
    ),
    "shifts": lambda study, events, gaps: change_points(events, series=["tempo"], gaps=gaps),
    "lull": lambda study, events, gaps: lull(study, designs=("naive before and after",), gaps=gaps),
}


def _weeks(events: pd.DataFrame) -> pd.Series:
    week = (pd.to_datetime(events["date_start"]) - pd.Timestamp("2016-01-04")).dt.days // 7
    count = week.value_counts().reindex(range(156), fill_value=0)
    return pd.Series(count.to_numpy(), index=pd.date_range("2016-01-04", periods=156, freq="7D"))


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("gap", [("2006-03-01", "2006-04-01"), ("2026-03-01", "2026-04-01")])
def test_no_design_takes_a_gap_outside_its_record(
    name: str, gap: tuple[str, str], study: Study, events: pd.DataFrame
) -> None:
    with pytest.raises(UsageError, match="outside the record, 2016-01-04 to 2018-12-30"):
        DESIGNS[name](study, events, [gap])


def test_a_gap_over_an_end_is_missing_as_far_as_the_record_goes(study: Study, events: pd.DataFrame) -> None:
    gaps = [("2015-01-01", "2016-01-12"), ("2018-12-24", "2019-06-01")]
    for by, lost in (("week", (2, 1)), ("day", (9, 7))):
        missing = count_zones(study, zones=None, by=by, gaps=gaps).missing[0]  # type: ignore[arg-type]
        assert missing[: lost[0]].all() and missing[-lost[1] :].all() and missing.sum() == sum(lost)
    counts = plain_counts(_weeks(events), by="week", gaps=gaps).count
    assert np.isnan(counts[[0, 1, -1]]).all() and np.isnan(counts).sum() == 3
