"""A fall in what one source reports after strikes is caught; one source is no comparison."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import Study, mutual_excitation
from afterstrike.effects._hawkes._entry import Run
from afterstrike.effects._hawkes._prepare import study_events
from afterstrike.effects._hawkes._reporting import reporting_check


@lru_cache
def rows(fall: float, seed: int) -> pd.DataFrame:
    """Two zones; strikes change nothing but how much the local press reports on days 1 to 7."""
    rng = np.random.default_rng(seed)
    parts = []
    for zone in ("north", "south"):
        struck = np.sort(rng.choice(600, 30, replace=False))
        after = np.zeros(620, bool)
        for day in struck:
            after[day + 1 : day + 8] = True
        at = np.sort(rng.uniform(0, 600, 1500))
        wire = rng.random(1500) < 0.4
        seen = wire | ~(after[at.astype(int)] & (rng.random(1500) < fall))
        attacks = pd.DataFrame({"kind": "attack", "at": at, "source": np.where(wire, "wire", "press")})[seen]
        parts += [
            attacks.assign(zone=zone),
            pd.DataFrame({"kind": "strike", "at": struck + 0.5, "zone": zone}),
        ]
    table = pd.concat(parts, ignore_index=True)
    table["date_start"] = pd.Timestamp("2001-01-01") + pd.to_timedelta(table.pop("at"), unit="D")
    return table.assign(lat=35.0, lon=40.0)


def looked_at(table: pd.DataFrame) -> Any:
    study = Study.from_frame(table, treatment="strike", outcome="attack")
    events = study_events(study, zones="zone", gaps=())
    run = Run(events, ((0, 0), (1, 7), (8, 14)))
    return reporting_check(run.fit(drift=True), events, study.outcome, 30)


def test_a_fall_of_one_source_is_caught_and_its_size_told() -> None:
    found = looked_at(rows(0.4, 1))
    assert found.passed is False
    week = found.table.iloc[0]
    # Of 0.6 press and 0.4 wire, 0.36 and 0.4 are left: the share falls from 0.60 to 0.47.
    assert week["days"] == "1 to 7" and week["change"] == pytest.approx(-0.13, abs=0.06)
    assert abs(found.table.iloc[1]["change"]) < 0.1


def test_without_a_fall_it_seldom_fails() -> None:
    found = [looked_at(rows(0.0, seed)).passed for seed in range(10)]
    assert found.count(False) <= 2 and found.count(True) >= 5


def test_one_source_is_no_comparison_and_rows_without_one_are_left_out() -> None:
    table = rows(0.4, 1)
    assert looked_at(table.drop(columns="source")).passed is None
    blank = table.copy()
    blank.loc[blank.index[::9], "source"] = None
    assert looked_at(blank).passed is False


def test_it_is_one_of_the_checks() -> None:
    study = Study.from_frame(rows(0.4, 1), treatment="strike", outcome="attack")
    found = mutual_excitation(study, zones="zone", days=(7,), lags=((0, 0), (1, 7)))
    check = next(one for one in found.checks if one.check_name == "reporting by source")
    assert check.passed is False and "press (source)" in check.text
