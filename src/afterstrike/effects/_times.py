"""Dates and times of a user's table, as UTC milliseconds; what has no day is found, not guessed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Times", "read_times"]

_NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Times:
    """Times of a column, row by row.

    Parameters
    ----------
    ms
        Milliseconds since 1970, UTC; meaningless where `missing`.
    text
        The times as the table wrote them, where all are `YYYY-MM-DD` with or without `HH:MM:SS`; else our own
        `YYYY-MM-DD HH:MM:SS` in UTC.
    missing
        No date, or none that can be read.
    coarse
        A year or a month without a day.
    zoned
        How many had a time zone and were moved to UTC.
    """

    ms: npt.NDArray[np.int64]
    text: npt.NDArray[np.str_]
    missing: npt.NDArray[np.bool_]
    coarse: npt.NDArray[np.bool_]
    zoned: int


def read_times(values: pd.Series[Any], *, fallback: pd.Series[Any] | None = None) -> Times:
    """Read a column of dates or times, which may have no rows; `fallback` serves the rows where it is empty."""
    if not len(values):
        nothing = np.zeros(0, bool)
        return Times(np.zeros(0, np.int64), np.zeros(0, np.str_), nothing, nothing.copy(), 0)
    if fallback is not None:
        values = values.astype(object).where(values.notna(), fallback.astype(object))
    if values.dtype.kind == "M":
        return _from_datetimes(values)
    texts = _texts(values)
    quick = _from_plain_text(texts)
    return quick if quick is not None else _from_any_text(texts)


def _texts(values: pd.Series[Any]) -> npt.NDArray[np.str_]:
    if values.dtype.kind == "f":
        # A column of years with a gap in it arrives as 2016.0.
        return np.array(["" if value != value else f"{value:g}" for value in values.tolist()], dtype=np.str_)
    cells = zip(values.tolist(), values.isna().tolist(), strict=True)
    return np.array(["" if missing else str(cell).strip() for cell, missing in cells], dtype=np.str_)


def _from_datetimes(values: pd.Series[Any]) -> Times:
    zoned = getattr(values.dtype, "tz", None) is not None
    plain = values.dt.tz_convert("UTC").dt.tz_localize(None) if zoned else values
    moments = plain.to_numpy().astype("datetime64[ms]")
    missing = np.isnat(moments)
    return Times(
        ms=moments.astype(np.int64),
        text=_our_text(moments),
        missing=missing,
        coarse=np.zeros(len(moments), bool),
        zoned=int((~missing).sum()) if zoned else 0,
    )


def _our_text(moments: npt.NDArray[np.datetime64]) -> npt.NDArray[np.str_]:
    return np.char.replace(np.datetime_as_string(moments, unit="s"), "T", " ")


def _from_plain_text(texts: npt.NDArray[np.str_]) -> Times | None:
    """Read texts that are all dates or all dates with seconds, without zones; None where one of them is
    not.
    """
    if not len(texts):
        return None
    lengths = np.char.str_len(texts)
    if not (np.all(lengths == 10) or np.all(lengths == 19)):
        return None
    letters = np.ascontiguousarray(texts).view(np.uint32).reshape(len(texts), -1)
    shape = "0000-00-00 00:00:00"[: int(lengths[0])]
    for position, sign in enumerate(shape):
        column = letters[:, position]
        if not np.all((column >= 48) & (column <= 57) if sign == "0" else column == ord(sign)):
            return None
    try:
        moments = texts.astype("datetime64[ms]")
    except ValueError:
        return None
    nothing = np.zeros(len(texts), bool)
    return Times(moments.astype(np.int64), texts, nothing, nothing.copy(), 0)


def _from_any_text(texts: npt.NDArray[np.str_]) -> Times:
    import pandas as pd

    column = pd.Series(texts, dtype=object).str.strip()
    empty = column.isin(["", "NA", "NaN", "NaT", "nan", "None", "<NA>"])
    coarse = column.str.fullmatch(r"\d{1,4}|\d{4}-\d{2}|\d{4}(-\d{2})?-00") & ~empty
    zone = column.str.contains(r"(?:[Zz]|[+-]\d{2}:?\d{2}|UTC|GMT)$") & column.str.contains(":")
    parsed = pd.to_datetime(column.mask(empty | coarse), format="ISO8601", utc=True, errors="coerce")
    moments = parsed.dt.tz_localize(None).to_numpy().astype("datetime64[ms]")
    missing = np.isnat(moments) & ~coarse.to_numpy(bool)
    plain = column.str.fullmatch(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?")
    ours = _our_text(moments)
    text = column.to_numpy(np.str_) if bool((plain | empty | coarse).all()) else ours
    return Times(
        ms=np.where(np.isnat(moments), _NEVER, moments.astype(np.int64)),
        text=text,
        missing=missing,
        coarse=coarse.to_numpy(bool),
        zoned=int((zone & ~empty).sum()),
    )
