"""From the rows of a study to the times of a Hawkes model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import UsageError
from .._study import Study
from .._zones import DAY_MS, study_days, zones_of
from ._data import Floats, Ints, Lag, spread_ties

__all__ = ["Events", "study_events"]


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
        One label a row.
    rows
        Position of each attack among the study's outcome rows.
    gaps
        Declared gaps, in days from the first.
    left_out
        Rows without a zone, by reason.
    words
        What the zones are.
    """

    first_day: int
    duration: int
    times: Floats
    strikes: Floats
    zones: list[str]
    strike_zones: list[str]
    rows: Ints
    gaps: list[Lag]
    left_out: dict[str, int]
    words: str

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


def study_events(study: Study, *, zones: str | float | None, gaps: Sequence[tuple[str, str]]) -> Events:
    """Take the attacks and strikes of a study, each in its zone."""
    found = zones_of(study, zones)
    first, last = study_days(study)
    times: dict[str, Floats] = {}
    labels: dict[str, list[str]] = {}
    for role, at in (("outcome", found.outcome), ("treatment", found.treatment)):
        kept = at >= 0
        ms = getattr(study, role)["time_ms"].to_numpy(np.int64)[kept]
        times[role] = ms / DAY_MS - first
        labels[role] = [found.names[number] for number in at[kept]]
    return Events(
        first, last - first + 1, times["outcome"], times["treatment"], labels["outcome"], labels["treatment"],
        np.flatnonzero(found.outcome >= 0),
        [_gap(gap, first, last) for gap in gaps],
        dict(found.exclusions), found.words,
    )  # fmt: skip


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
