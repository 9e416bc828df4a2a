"""Poor records: every design says in words what it cannot do, none raises, none takes silence for zero."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import LullComparison, Study, lull
from afterstrike.errors import EstimateRefused

DAYS = 120


def _events(attacks: list[int], strikes: list[int], *, apart: float = 0.0) -> pd.DataFrame:
    """Give attacks and strikes on days from the first; `apart` moves strikes east, in degrees."""
    start = pd.Timestamp("2018-01-01")
    rows = [("attack", start + pd.Timedelta(days=day), 35.0, 40.0) for day in attacks]
    rows += [("strike", start + pd.Timedelta(days=day), 35.0, 40.0 + apart) for day in strikes]
    return pd.DataFrame(rows, columns=["kind", "date_start", "lat", "lon"])


def _lull(events: pd.DataFrame, **options: object) -> LullComparison:
    study = Study.from_frame(
        events, treatment="strike", outcome="attack", period=("2018-01-01", "2018-04-30"), horizon_days=7,
        radius_km=25,
    )  # fmt: skip
    return lull(study, **options)  # type: ignore[arg-type]


POOR = {
    "one attack": _events([50], [10, 20, 40, 60, 80]),
    "one strike": _events(list(range(0, DAYS, 3)), [50]),
    "one of each": _events([50], [49]),
    "every attack at one time": _events([50] * 40, [10, 20, 40, 60, 80]),
    "a strike every day": _events(list(range(0, DAYS, 2)), list(range(DAYS))),
    "strikes where nothing is recorded": _events(list(range(0, DAYS, 2)), [10, 30, 60, 90], apart=5.0),
    "attacks end as strikes begin": _events(list(range(40)), [45, 60, 70, 80, 90]),
}


@pytest.mark.parametrize("name", POOR)
def test_poor_records_get_words_and_no_sign(name: str) -> None:
    found = _lull(POOR[name])
    for row in found.standings:
        assert row.reason or np.isfinite(row.value), row
        if row.role == "design":
            assert row.answer in ("cannot tell", "not estimated") or row.low < row.high
    assert found.summary().splitlines()[0].startswith("Civilian deaths")
    assert found.plot().to_svg()


@pytest.mark.parametrize("name", ["one attack", "one of each", "every attack at one time"])
def test_a_record_without_a_series_gives_no_word_on_a_sign(name: str) -> None:
    answers = {row.answer for row in _lull(POOR[name]).standings if row.role == "design"}
    assert answers <= {"cannot tell", "not estimated"}


def test_nothing_to_count_makes_no_study() -> None:
    with pytest.raises(EstimateRefused, match="no outcome rows"):
        _lull(_events([400], [10, 20]))
    with pytest.raises(EstimateRefused, match="do not overlap"):
        _lull(_events(list(range(40)), [60, 70, 80, 90]))


def test_a_gap_is_missing_and_not_zero() -> None:
    """A stretch without recording after every strike would be a lull if it were counted as silence."""
    rng = np.random.default_rng(1)
    days = np.sort(rng.integers(0, DAYS, 300))
    gap = (60, 80)
    kept = [int(day) for day in days if not gap[0] <= day <= gap[1]]
    events = _events(kept, [20, 40, 59, 90, 100, 110])
    names = ("mutual excitation", "distributed lags by day")
    covered = _lull(events, designs=names, zones=None, gaps=(("2018-03-02", "2018-03-22"),))
    silent = _lull(events, designs=names, zones=None)
    for name in names:
        with_gap = next(row for row in covered.standings if row.design == name and row.is_main)
        without = next(row for row in silent.standings if row.design == name and row.is_main)
        if with_gap.reason or without.reason:
            continue
        assert with_gap.value > without.value
    assert covered.provenance["parameters"]["gaps"] == [["2018-03-02", "2018-03-22"]]
