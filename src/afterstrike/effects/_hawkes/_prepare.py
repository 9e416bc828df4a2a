"""From the rows of a study to the times of a Hawkes model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import UsageError
from .._study import Study
from ._data import Floats, Lag, spread_ties

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Events", "study_events"]

DAY_MS = 86_400_000


@dataclass(frozen=True, eq=False)
class Events:
    """Times of a study, in days from its first day.

    Parameters
    ----------
    first_day
        Days since 1970.
    duration
        Days, both ends of the period inclusive.
    times, strikes
        Attacks as given, and strikes.
    zones, strike_zones
        One label a row, or None.
    at_midnight
        Attacks without a clock time.
    gaps
        Declared gaps, in days from the first.
    left_out
        Rows without a zone, by role.
    """

    first_day: int
    duration: int
    times: Floats
    strikes: Floats
    zones: list[str] | None
    strike_zones: list[str] | None
    at_midnight: int
    gaps: list[Lag]
    left_out: dict[str, int]

    def spread(self, seed: int) -> tuple[Floats, int]:
        """Give the attacks with those at midnight, and those that share a time, moved within their day."""
        dated = self.times == np.floor(self.times)
        rng = np.random.default_rng([seed, 11])
        moved = np.where(dated, self.times + rng.random(len(self.times)), self.times)
        spread = spread_ties(moved, seed=seed)
        return spread, int((spread != self.times).sum())

    def date(self, day: float) -> str:
        """Give a day from the first as a date."""
        return str(np.datetime64(self.first_day + int(day), "D"))


def study_events(study: Study, *, zones: str | None, gaps: Sequence[tuple[str, str]]) -> Events:
    """Take the attacks and strikes of a study, with the zones named in a column."""
    rows = study.rows
    if study.period is not None:
        first, last = (int(np.datetime64(day, "D").astype(int)) for day in study.period)
    else:
        first, last = (int(ms // DAY_MS) for ms in (rows.time_ms.min(), rows.time_ms.max()))
    left_out: dict[str, int] = {}
    found: dict[str, tuple[Floats, list[str] | None]] = {}
    for role, frame in (("outcome", study.outcome), ("treatment", study.treatment)):
        kept = np.ones(len(frame), bool)
        labels = None
        if zones is not None:
            if zones not in frame:
                raise UsageError(f"zones={zones!r}; allowed a column of the study's rows: {_some(frame)}")
            kept = frame[zones].notna().to_numpy(bool)
            labels = frame[zones][kept].astype(str).tolist()
            if not kept.all():
                left_out[f"{role}: no {zones}"] = int((~kept).sum())
        found[role] = (frame["time_ms"].to_numpy(np.int64)[kept] / DAY_MS - first, labels)
    times, of_zone = found["outcome"]
    strikes, strike_zone = found["treatment"]
    return Events(
        first, last - first + 1, times, strikes, of_zone, strike_zone,
        int((times == np.floor(times)).sum()), [_gap(gap, first, last) for gap in gaps], left_out,
    )  # fmt: skip


def _some(frame: pd.DataFrame) -> str:
    return ", ".join(str(name) for name in frame.columns if name not in ("time_ms", "time_text", "row"))


def _gap(gap: tuple[str, str], first: int, last: int) -> Lag:
    try:
        low, high = (int(np.datetime64(day, "D").astype(int)) for day in gap)
    except (ValueError, TypeError):
        low, high = 1, 0
    if not first <= low <= high <= last:
        ends = " to ".join(str(np.datetime64(day, "D")) for day in (first, last))
        raise UsageError(
            f"gap {gap!r}; allowed two days as YYYY-MM-DD within {ends}, both inclusive, the first not after "
            "the last"
        )
    return low - first, high - first + 1
