"""Strikes that hide among outcomes: outcome rows whose own text tells of the strike beside them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import re

    import pandas as pd

__all__ = ["WHY", "own_events"]

WHY = "its text tells of a strike from the air, next to a treatment row"
# As near as a record that places events at towns and dates them by report may put the same event twice.
_DAYS, _KM = 1, 25.0
_DAY_MS = 86_400_000


def own_events(outcome: pd.DataFrame, treatment: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Say which outcome rows are a treatment's own doing: counting them would count the cause as its effect.

    A row is one where its `source_text` names a strike from the air, in the words of the record's coding
    rule, and a treatment row lies within a day and 25 km. Tables without `source_text` have none.
    """
    none = np.zeros(len(outcome), bool)
    if "source_text" not in outcome or not len(outcome) or not len(treatment):
        return none
    text = outcome["source_text"].fillna("").astype(str)
    named = text.str.contains(_air_words(), regex=True).to_numpy(bool)
    at = np.flatnonzero(named)
    if not len(at):
        return none
    near = _near(outcome.iloc[at], treatment)
    none[at[near]] = True
    return none


@lru_cache(maxsize=1)
def _air_words() -> re.Pattern[str]:
    import re

    from ..record._coding_rule import load_rule

    words = load_rule("ged-words").words["air"]
    return re.compile(r"(?<!\w)(?:" + "|".join(f"(?:{word})" for word in words) + r")(?!\w)", re.IGNORECASE)


def _near(rows: pd.DataFrame, strikes: pd.DataFrame) -> npt.NDArray[np.bool_]:
    from ._pairs import Points, count_pairs

    def points(frame: pd.DataFrame, rank: npt.NDArray[np.int64]) -> Points:
        day = frame["time_ms"].to_numpy(np.int64) // _DAY_MS * _DAY_MS
        return Points(day, frame["lat"].to_numpy(np.float64), frame["lon"].to_numpy(np.float64), rank)

    counts = count_pairs(
        points(rows, np.full(len(rows), -1, np.int64)),
        points(strikes, np.arange(len(strikes))),
        np.zeros(len(strikes), np.int8),
        lag_edges_ms=[-_DAYS * _DAY_MS, (_DAYS + 1) * _DAY_MS],
        radii_km=(_KM,),
        n_categories=1,
    )
    return np.asarray(counts.sum(axis=(1, 2, 3)) > 0)
