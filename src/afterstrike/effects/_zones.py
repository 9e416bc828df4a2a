"""The zones of a study: parts of its area within which attacks are counted and strikes act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import EstimateRefused, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from ._study import Study

__all__ = ["DAY_MS", "StudyZones", "study_days", "zones_of"]

DAY_MS = 86_400_000
WHOLE = "whole region"


@dataclass(frozen=True, eq=False)
class StudyZones:
    """Which zone holds each row of a study.

    Parameters
    ----------
    names
        Zones with at least one outcome row, in order of name.
    outcome, treatment
        Position in `names` of each row of `study.outcome` and `study.treatment`; -1: left out.
    exclusions
        Rows left out, by reason.
    words
        What the zones are, for an estimand.
    """

    names: tuple[str, ...]
    outcome: npt.NDArray[np.int64]
    treatment: npt.NDArray[np.int64]
    exclusions: Mapping[str, int] = field(default_factory=dict)
    words: str = WHOLE


def zones_of(study: Study, zones: str | float | None) -> StudyZones:
    """Place each outcome and treatment row of a study in a zone.

    A zone without one recorded outcome row is none: where nothing was ever recorded, silence may be missing
    record. Treatment rows there are left out and counted, as are rows whose zone is not stated.

    Parameters
    ----------
    study
        What is compared.
    zones
        A column of the rows that names the zone (as `adm1`); a number: cells of nearly equal area of that side in
        km, 1 to 2000; None: the whole region is one zone.

    Raises
    ------
    UsageError
        There is no such column, or the number is out of bounds.
    EstimateRefused
        No outcome row has a zone.

    Examples
    --------
    >>> import pandas as pd
    >>> from afterstrike.effects import Study
    >>> events = pd.DataFrame({
    ...     "kind": ["strike", "strike", "attack"], "date_start": ["2018-01-02", "2018-01-02", "2018-01-03"],
    ...     "lat": [35.0, 35.0, 35.0], "lon": [40.0, 40.0, 40.0], "adm1": ["A", "B", "A"]})
    >>> found = zones_of(Study.from_frame(events, treatment="strike", outcome="attack"), "adm1")
    >>> found.names, found.treatment.tolist(), found.exclusions
    (('A',), [0, -1], {'treatment: in a zone without a recorded outcome row': 1})
    """
    labels = {role: _labels(getattr(study, role), zones) for role in ("outcome", "treatment")}
    left_out: dict[str, int] = {}
    for role, found in labels.items():
        if missing := int((found == "").sum()):
            left_out[f"{role}: no {zones} stated"] = missing
    names = tuple(sorted(set(labels["outcome"].tolist()) - {""}))
    if not names:
        raise EstimateRefused(f"zones={zones!r}: none of {len(study.outcome)} outcome rows states a zone")
    number = {name: position for position, name in enumerate(names)}
    at = {
        role: np.array([number.get(label, -1) for label in found], np.int64) for role, found in labels.items()
    }
    if empty := int(((at["treatment"] < 0) & (labels["treatment"] != "")).sum()):
        left_out["treatment: in a zone without a recorded outcome row"] = empty
    return StudyZones(names, at["outcome"], at["treatment"], left_out, _words(zones))


def study_days(study: Study) -> tuple[int, int]:
    """Give the first and last day of a study, as days since 1970: the declared period, else those of its rows."""
    if study.period is not None:
        first, last = (int(np.datetime64(day, "D").astype(np.int64)) for day in study.period)
        return first, last
    times = np.concatenate([study.outcome["time_ms"].to_numpy(), study.treatment["time_ms"].to_numpy()])
    return int(times.min() // DAY_MS), int(times.max() // DAY_MS)


def _labels(frame: pd.DataFrame, zones: str | float | None) -> npt.NDArray[np.str_]:
    if zones is None:
        return np.full(len(frame), WHOLE)
    if isinstance(zones, str):
        if zones not in frame.columns:
            raise UsageError(
                f"zones={zones!r}; allowed a column of the rows ({_columns(frame)}), km, or None"
            )
        values = frame[zones]
        return np.where(values.isna(), "", values.astype(str).str.strip()).astype(np.str_)
    if isinstance(zones, bool) or not 1 <= zones <= 2000:
        raise UsageError(f"zones={zones!r}; allowed a side of 1 to 2000 km, a column of the rows, or None")
    from ._panel._cells import cell_frame, cells_of

    cells = cells_of(frame["lat"].to_numpy(np.float64), frame["lon"].to_numpy(np.float64), float(zones))
    known, inverse = np.unique(cells, return_inverse=True)
    return cell_frame(known, float(zones))["place"].to_numpy(np.str_)[inverse]


def _columns(frame: pd.DataFrame) -> str:
    hidden = ("time_ms", "time_text", "row")
    return ", ".join(str(name) for name in frame.columns if name not in hidden)


def _words(zones: Any) -> str:
    if zones is None:
        return WHOLE
    return f"zones by {zones}" if isinstance(zones, str) else f"cells of {zones:g} km a side"
