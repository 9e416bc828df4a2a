"""A source that reports less behind strikes is seen beside one that does not; one source alone is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from afterstrike.effects import Study
from afterstrike.effects._strike_units import arc_km
from afterstrike.effects._wakes import estimate_wakes
from afterstrike.effects.theatres import Theatre, simulate_theatre


def events_of(seed: int, *, silent: float = 0.0) -> pd.DataFrame:
    """Attacks told by A (60%) or B; of A's within 25 km and 14 days after a strike, a share is not told."""
    spec = replace(Theatre.preset("null", strikes="random", overlap=None), days=500)
    frame = simulate_theatre(spec.with_strikes(rate_factor=1.0), seed=seed).events
    frame = frame[["kind", "date_start", "lat", "lon"]].copy()
    rng = np.random.default_rng(seed)
    frame["source"] = np.where(rng.random(len(frame)) < 0.6, "A", "B")
    if silent:
        day = frame["date_start"].to_numpy("datetime64[D]").astype(int)
        at = frame[["lat", "lon"]].to_numpy()
        strike = frame["kind"].to_numpy() == "strike"
        near = np.zeros(len(frame), bool)
        for when, place in zip(day[strike], at[strike], strict=True):
            soon = (day > when) & (day <= when + 14)
            near[soon] |= arc_km(at[soon], place) <= 25
        lost = near & ~strike & (frame["source"] == "A").to_numpy() & (rng.random(len(frame)) < silent)
        frame = frame[~lost]
    return frame


def check_of(frame: pd.DataFrame):
    study = Study.from_frame(frame, treatment="strike", outcome="attack")
    made = estimate_wakes(study, days=(14,), km=(25.0,), draws=2)
    return next(check for check in made.checks if check.check_name == "reporting by source"), made


def test_sources_that_report_alike_are_told_from_one_that_falls_silent() -> None:
    alike = [check_of(events_of(seed))[0] for seed in range(5)]
    # 5% each: two or more of five have a chance of two in a hundred.
    assert sum(check.passed is False for check in alike) <= 1
    assert any(check.passed for check in alike)
    assert all(abs(check.table["struck_after"].iloc[0] - 0.6) < 0.1 for check in alike)
    row = alike[0].table.iloc[0]
    struck, compared = (row[f"{group}_after"] - row[f"{group}_before"] for group in ("struck", "compared"))
    assert row["change"] == pytest.approx(struck - compared) and compared != 0
    for seed in range(2):
        check, made = check_of(events_of(seed, silent=0.7))
        assert check.passed is False and check.table["change"].iloc[0] < -0.1
        # What looks like a lull is one source's silence.
        assert made.rows[0]["rate_ratio"] < 0.75 and "A fall that all sources share" in check.text


def test_rows_of_no_known_source_do_not_count_as_another() -> None:
    frame = events_of(1)
    frame["source"] = frame["source"].where(np.arange(len(frame)) % 2 == 0)
    check, _ = check_of(frame)
    assert abs(check.table["compared_before"].iloc[0] - 0.6) < 0.08


@pytest.mark.parametrize("source", [None, "one", "rare", "many"])
def test_one_source_cannot_be_compared(source: str | None) -> None:
    frame = events_of(1).drop(columns="source")
    if source:
        frame["source"] = "A"
    if source == "rare":
        frame.loc[frame.index[::50], "source"] = "B"
    if source == "many":
        frame["source"] = [f"paper {k % 40}" for k in range(len(frame))]
    check, _ = check_of(frame)
    assert check.passed is None and "cannot be compared" in check.text
