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


def _lull(
    events: pd.DataFrame, *, period: tuple[str, str] = ("2018-01-01", "2018-04-30"), **options: object
) -> LullComparison:
    study = Study.from_frame(
        events, treatment="strike", outcome="attack", period=period, horizon_days=7, radius_km=25
    )
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


LONG = ("2018-01-01", "2019-08-23")


def _long(attacks: int, strikes: list[int]) -> pd.DataFrame:
    """Give attacks on any day of 600; too few for a change to be shown, enough for some designs to be run."""
    return _events(sorted(np.random.default_rng(5).integers(0, 600, attacks).tolist()), strikes)


POOR_LONG = {
    "few attacks": _long(30, list(range(7, 600, 29))),
    "few strikes": _long(300, [100, 200, 300, 400, 450]),
}


@pytest.mark.parametrize("name", [*POOR, *POOR_LONG])
def test_poor_records_get_words_and_no_sign(name: str) -> None:
    found = _lull(POOR[name]) if name in POOR else _lull(POOR_LONG[name], period=LONG)
    for row in found.standings:
        assert row.reason or np.isfinite(row.value), row
        assert row.answer in ("cannot tell", "not estimated"), row
    if name == "few attacks":
        assert any(row.role == "design" and not row.reason for row in found.standings)
    assert found.summary().splitlines()[0].startswith("Civilian deaths")
    assert found.plot().to_svg()


def test_nothing_to_count_makes_no_study() -> None:
    with pytest.raises(EstimateRefused, match="no outcome rows"):
        _lull(_events([400], [10, 20]))
    with pytest.raises(EstimateRefused, match="do not overlap"):
        _lull(_events(list(range(40)), [60, 70, 80, 90]))


def test_a_gap_is_missing_and_not_zero() -> None:
    """A stretch without recording after every strike would be a lull if it were counted as silence."""
    rng = np.random.default_rng(1)
    strikes = sorted(rng.choice(np.arange(20, 980), 40, replace=False).tolist())
    # After every fourth strike nothing was recorded for a week.
    gaps = [(day + 1, day + 7) for day in strikes[::4]]
    days = rng.integers(0, 1000, 4000)
    kept = [int(day) for day in days if not any(low <= day <= high for low, high in gaps)]
    start = np.datetime64("2018-01-01")
    declared = [(str(start + low), str(start + high)) for low, high in gaps]
    names = ("mutual excitation", "distributed lags by day")
    covered, silent = (
        _lull(
            _events(kept, strikes), period=("2018-01-01", "2020-09-26"), designs=names, zones=None, gaps=given
        )
        for given in (declared, ())
    )
    for name in names:
        rows = [
            next(row for row in found.standings if row.design == name and row.is_main)
            for found in (covered, silent)
        ]
        assert not rows[0].reason and not rows[1].reason
        assert rows[0].low < 1 < rows[0].high
        assert rows[1].high < 0.9
    assert covered.provenance["parameters"]["gaps"] == [list(gap) for gap in declared]
