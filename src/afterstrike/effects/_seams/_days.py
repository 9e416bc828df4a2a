"""Days of a table or a file, as numbers since 1970."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import UsageError
from .._times import read_times
from .._zones import DAY_MS

__all__ = ["OPEN_END", "day_numbers", "is_missing", "read_days", "text_of"]

Ints = npt.NDArray[np.int64]
# The last day of what has no stated end.
OPEN_END = 10**6


def is_missing(value: Any) -> bool:
    """Say whether a cell holds nothing: None, NaN, NaT, NA or blank text.

    Examples
    --------
    >>> [is_missing(value) for value in (None, float("nan"), " ", 0, "A")]
    [True, True, True, False, False]
    """
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT:
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def text_of(value: Any) -> str:
    """Give a cell as text without blanks around it, empty where it holds nothing."""
    return "" if is_missing(value) else str(value).strip()


def day_numbers(values: Any, what: str) -> Ints:
    """Read days as numbers since 1970.

    Raises
    ------
    UsageError
        One cannot be read, or has no day.
    """
    import pandas as pd

    if isinstance(values, str):
        raise UsageError(f"{what}={values!r}; allowed a sequence of days, as ['2018-01-01', '2018-01-08']")
    try:
        column = pd.Series(list(values))
    except TypeError:
        raise UsageError(f"{what} of type {type(values).__name__}; allowed a sequence of days") from None
    if not len(column):
        raise UsageError(f"{what} is empty; allowed one or more days, as ['2018-01-01', '2018-01-08']")
    times = read_times(column)
    bad = times.missing | times.coarse
    if bad.any():
        first = column[int(np.flatnonzero(bad)[0])]
        raise UsageError(f"{what}: {int(bad.sum())} of {len(column)} are no days (first: {first!r}); "
                         "allowed as 2018-01-31")  # fmt: skip
    return times.ms // DAY_MS


def read_days(values: list[Any]) -> list[int | None]:
    """Read days, None where there is none; numbers above ten thousand million are milliseconds since 1970."""
    import pandas as pd

    cells = [
        pd.Timestamp(int(v), unit="ms") if isinstance(v, int | float) and v == v and abs(v) > 1e10 else v
        for v in values
    ]
    times = read_times(pd.Series([text_of(cell) for cell in cells], dtype=object))
    bad = times.missing | times.coarse
    return [None if b else int(ms // DAY_MS) for b, ms in zip(bad, times.ms, strict=True)]
