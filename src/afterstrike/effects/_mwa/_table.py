"""The study's rows as the peer's counter sees them.

Sorted by the text of their time, numbers through text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._study import CONTROL, OTHER, OUTCOME, TREATMENT, Study
from ._text import category_text, through_text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PeerTable", "peer_table"]

Floats = npt.NDArray[np.float64]
_DAY_MS = 86_400_000
_LARGEST_INTEGER = 2**31 - 1


@dataclass(frozen=True)
class PeerTable:
    """Rows in the peer's order; position + 1 is its `eventID`.

    Parameters
    ----------
    time_ms, lat, lon, role
        As in `StudyRows`, coordinates rounded.
    wakes
        Positions of the treatment and control rows.
    values
        The match and control columns at the wakes, rounded.
    """

    time_ms: npt.NDArray[np.int64]
    lat: Floats
    lon: Floats
    role: npt.NDArray[np.int8]
    wakes: npt.NDArray[np.int64]
    values: dict[str, Floats]


def peer_table(study: Study, columns: Sequence[str]) -> PeerTable:
    """Sort and round the rows of a study.

    Raises
    ------
    UsageError
        A column is missing, not numeric, or empty at a treatment or control row.
    EstimateRefused
        Fewer than two wakes, with which the peer stops too.
    """
    rows = study.rows
    order = _text_order(rows.time_text, rows.time_ms)
    role = _peer_roles(study)[order]
    wakes = np.flatnonzero((role == TREATMENT) | (role == CONTROL))
    if len(wakes) < 2:
        raise EstimateRefused(
            f"{len(wakes)} rows are treatment or control by the text comparison of mwa 0.5.0, which stops "
            "with fewer "
            "than two; numeric codes of unequal width or with decimals never match there: use words for kinds"
        )
    time_ms = rows.time_ms[order]
    if len(rows.time_text[order[0]]) == 10:
        # A first time stamp without a clock makes the peer read every one as a date.
        time_ms = np.floor_divide(time_ms, _DAY_MS) * _DAY_MS
    return PeerTable(
        time_ms=time_ms,
        lat=through_text(rows.lat)[order],
        lon=through_text(rows.lon)[order],
        role=role,
        wakes=wakes,
        values={name: _column(rows.frame, name)[order][wakes] for name in dict.fromkeys(columns)},
    )


def _text_order(text: npt.NDArray[np.str_], time_ms: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Sort by text, ties in file order. Texts of one length sort as their times do, and numbers sort
    faster.
    """
    lengths = np.char.str_len(text)
    return np.argsort(time_ms if np.all(lengths == lengths[0]) else text, kind="stable")


def _peer_roles(study: Study) -> npt.NDArray[np.int8]:
    """Give each row's role; a numeric code never equals its own value where R prints it with a blank before
    or a nought behind.
    """
    role, frame = study.rows.role, study.rows.frame
    if "kind" not in frame or frame["kind"].dtype.kind not in "iuf":
        return role
    codes = frame["kind"].to_numpy()
    printed = np.array(category_text(codes), dtype=object)
    alike = printed == np.array([f"{code:.15g}" for code in codes.tolist()], dtype=object)
    return np.where(alike | (role == OTHER), role, OTHER).astype(np.int8)


def _column(frame: pd.DataFrame, name: str) -> Floats:
    if name not in frame.columns:
        raise UsageError(
            f"no column {name!r} to match on or control for; the table has {', '.join(frame.columns)}"
        )
    cells = frame[name]
    if cells.dtype.kind not in "iuf":
        raise UsageError(
            f"column {name!r} holds {cells.dtype}; matching and controls need numbers: code it first"
        )
    values = cells.to_numpy(np.float64, na_value=np.nan, copy=True)
    known = np.isfinite(values)
    wakes = frame["role"].isin([TREATMENT, CONTROL]).to_numpy()
    if count := int((wakes & ~known).sum()):
        raise UsageError(
            f"column {name!r} is empty at {count} treatment or control rows; mwa 0.5.0 needs a number at "
            "each: "
            "fill them or leave these rows out"
        )
    # R prints whole numbers in full as long as they fit its 32 bits.
    if cells.dtype.kind == "f" or np.abs(values[known]).max(initial=0) > _LARGEST_INTEGER:
        values[known] = through_text(values[known])
    return values


# The kernel's categories: what is counted around a wake.
DEPENDENT, TREATED, COMPARED = OUTCOME, TREATMENT, CONTROL
