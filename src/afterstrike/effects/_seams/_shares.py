"""Exposure where only shares of the ground are known: how much control is split up, by zone and day."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, SourceError, UsageError
from .._times import read_times
from .._zones import DAY_MS
from ._days import text_of
from ._exposure import SeamExposure, _date

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ONE_ZONE", "Remainder", "share_exposure"]

Floats = npt.NDArray[np.float64]
Remainder = Literal["rescale", "missing"]
ONE_ZONE = "whole region"


def share_exposure(
    shares: Any,
    *,
    date: str = "date",
    zone: str | None = None,
    parties: Sequence[str] | None = None,
    total: float = 100.0,
    tolerance: float = 1.0,
    remainder: Remainder = "rescale",
    carry_forward_days: int = 0,
    time_zone: str = "UTC",
) -> SeamExposure:
    r"""Measure how split control is in each zone, from shares of its ground: :math:`1 - \sum_p s_p^2`.

    The chance that two places drawn by chance from the zone are held by different parties: 0 where one holds
    all. It knows no border: two halves along one line count as much as two halves that interlock.

    Parameters
    ----------
    shares
        A table with one row a zone and day and one column a party, or a CSV file of it (`,` or `;`, decimal
        point or comma).
    date
        Column of days; milliseconds since 1970 are read too.
    zone
        Column of zones; None: all rows are one zone, which gives a series along time and no contrast.
    parties
        Columns of shares; None: all others.
    total
        What the shares of a whole zone sum to: 100 for per cent, 1 for fractions.
    tolerance
        How far a sum may be from `total` before the row is counted as falling short or over, in its unit.
    remainder
        Rows that fall short: `rescale` (the ground that is not stated is split as the rest; counted), or
        `missing`. Rows that sum to more are missing always.
    carry_forward_days
        Days without a row take the last row up to so many days old, 0 to 366; counted.
    time_zone
        Of the days, where the column holds moments (local midnight is the evening before in UTC).

    Returns
    -------
    SeamExposure
        Without outlines: events are placed by a column of zones.

    Raises
    ------
    SourceError
        The file cannot be read as a table.
    UsageError
        An option or column is not allowed.
    EstimateRefused
        No row has a day and all its shares.

    Examples
    --------
    >>> import pandas as pd
    >>> shares = pd.DataFrame({"date": ["2018-01-01", "2018-01-08"], "A": [100.0, 40.0], "B": [0.0, 50.0]})
    >>> found = share_exposure(shares)
    >>> found.to_frame()["exposure"].round(3).tolist()
    [0.0, 0.494]
    >>> found.counts
    {'rows: shares sum to less than 99 (lowest 90; rescaled)': 1}
    """
    _check(total, tolerance, remainder, carry_forward_days)
    table = _table(shares)
    named = _columns(table, date, zone, parties)
    counts: dict[str, int] = {}
    day, no_day = _days(table[date], time_zone, counts)
    place = table[zone].map(text_of, na_action=None).tolist() if zone else [ONE_ZONE] * len(table)
    values = np.column_stack([_numbers(table[name]) for name in named])
    exposure, reason = _fragmentation(values, total, tolerance, remainder, counts)
    unplaced = np.array([not name for name in place], bool)
    for why, bad in (("rows: no day", no_day), ("rows: no zone", unplaced & ~no_day)):
        if bad.any():
            counts[why] = int(bad.sum())
    kept = np.flatnonzero(~no_day & ~unplaced)
    rows: dict[tuple[str, int], tuple[float, str]] = {}
    for k in kept:
        key = (place[k], int(day[k]))
        if key in rows:
            raise UsageError(
                f"shares: zone {key[0]!r} has two rows for {_date(key[1]):%Y-%m-%d}; allowed one a zone and day"
                + ("" if zone else ": name the column of zones with zone=")
            )
        rows[key] = (float(exposure[k]), reason[k])
    if not any(math.isfinite(value) for value, _ in rows.values()):
        raise EstimateRefused(
            f"shares: none of {len(table)} rows has a day and every share; left out: "
            + ("; ".join(f"{why} ({n})" for why, n in counts.items()) or "none")
        )
    filled = _carried(rows, int(carry_forward_days), counts)
    import pandas as pd

    nothing = pd.DataFrame(columns=["zone", "date", "party_1", "party_2", "km", "coordination", "exposure"])
    return SeamExposure(
        table=pd.DataFrame(filled).sort_values(["zone", "date"], ignore_index=True),
        pairs=nothing,
        unit="points of fragmentation (0 to 1)",
        words="fragmentation of control, 1 - sum of squared shares (who holds how much, not where parties meet)",
        counts=counts,
        parameters={
            "measure": "fragmentation", "parties": named, "total": total, "tolerance": tolerance,
            "remainder": remainder, "carry_forward_days": int(carry_forward_days), "time_zone": time_zone,
        },
    )  # fmt: skip


def _fragmentation(
    values: Floats, total: float, tolerance: float, remainder: Remainder, counts: dict[str, int]
) -> tuple[Floats, list[str]]:
    """Give the exposure of each row, NaN with a reason where it has none."""
    sums = values.sum(axis=1)
    reason = np.full(len(values), "", object)
    bad = ((values < 0) | (values > total + tolerance)).any(axis=1)
    unstated = np.isnan(values).any(axis=1)
    short, over = sums < total - tolerance, sums > total + tolerance
    reason[unstated] = "a share is not stated"
    reason[bad] = f"a share outside 0 to {total:g}"
    reason[over & ~bad] = f"shares sum to more than {total + tolerance:g}"
    reason[(sums <= 0) & ~bad & ~unstated] = "shares sum to nothing"
    for why in dict.fromkeys(reason[reason != ""].tolist()):
        counts[f"rows: missing, {why}"] = int((reason == why).sum())
    short &= reason == ""
    if short.any():
        done = "rescaled" if remainder == "rescale" else "missing"
        why = f"rows: shares sum to less than {total - tolerance:g} (lowest {sums[short].min():g}; {done})"
        counts[why] = int(short.sum())
        if remainder == "missing":
            reason[short] = f"shares sum to less than {total - tolerance:g}"
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 1 - ((values / sums[:, None]) ** 2).sum(axis=1)
    found[reason != ""] = math.nan
    return found, reason.tolist()


def _carried(
    rows: Mapping[tuple[str, int], tuple[float, str]], limit: int, counts: dict[str, int]
) -> list[dict[str, Any]]:
    filled: list[dict[str, Any]] = []
    n_carried = 0
    ordered = sorted(rows)
    for number, (zone, day) in enumerate(ordered):
        value, why = rows[zone, day]
        following = ordered[number + 1] if number + 1 < len(ordered) else ("", 0)
        until = following[1] - 1 if following[0] == zone else day + limit
        for ahead in range(min(until - day, limit) + 1 if math.isfinite(value) else 1):
            n_carried += ahead > 0
            filled.append({"zone": zone, "date": _date(day + ahead), "exposure": value, "km": math.nan,
                           "covered_share": math.nan, "days_carried": ahead, "reason": why})  # fmt: skip
    if n_carried:
        counts["zone-days: carried forward from an earlier row"] = n_carried
    return filled


def _table(shares: Any) -> pd.DataFrame:
    import pandas as pd

    if isinstance(shares, pd.DataFrame):
        return shares.reset_index(drop=True)
    if not isinstance(shares, str | Path):
        raise UsageError(f"shares of type {type(shares).__name__}; allowed a table or a CSV file")
    path = Path(shares)
    if not path.is_file():
        raise UsageError(f"shares={str(path)!r} is no file; allowed a CSV file of shares")
    try:
        text = path.read_text(encoding="utf-8-sig")
        dialect = csv.Sniffer().sniff(text[:4000], delimiters=";,\t")
        found = pd.read_csv(io.StringIO(text), sep=dialect.delimiter, dtype=str, skipinitialspace=True)
    except (OSError, ValueError, csv.Error) as problem:
        raise SourceError(
            f"{path.name} cannot be read as a table ({problem}); allowed CSV with a line of column names"
        ) from None
    if not len(found):
        raise SourceError(f"{path.name} holds no row; allowed CSV with one row a zone and day")
    return found


def _columns(table: pd.DataFrame, date: str, zone: str | None, parties: Sequence[str] | None) -> list[str]:
    there = [str(name) for name in table.columns]
    rest = [name for name in there if name not in (date, zone)]
    named = list(parties) if parties is not None else rest
    for name in (date, *([zone] if zone else []), *named):
        if name not in there:
            raise UsageError(f"shares: no column {name!r}; the table has {', '.join(there)}")
    if len(named) < 2 or len(set(named)) != len(named) or date in named or zone in named:
        raise UsageError(f"shares: parties {named}; allowed two or more columns of shares, each named once")
    return named


def _numbers(column: pd.Series[Any]) -> Floats:
    """Read shares; a decimal comma is one. What is no number refuses the column, what is empty is missing."""
    import pandas as pd

    if column.dtype.kind in "iuf":
        return column.to_numpy(np.float64, na_value=np.nan)
    text = column.where(column.notna(), "").astype(str).str.strip().str.replace(",", ".", regex=False)
    found = pd.to_numeric(text, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    bad = text[np.isnan(found) & ~text.isin(["", "NA", "NaN", "nan"]).to_numpy(bool)]
    if len(bad):
        raise UsageError(
            f"shares: column {column.name!r} holds {bad.iloc[0]!r}; allowed numbers. Name the columns of "
            "parties, and a column of zones, where the table has others"
        )
    return found


def _days(
    column: pd.Series[Any], time_zone: str, counts: dict[str, int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Read days in a time zone, and say which rows have none."""
    import pandas as pd

    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"time_zone={time_zone!r}; allowed a name such as 'UTC' or 'Asia/Damascus'"
        ) from None
    number = pd.to_numeric(column, errors="coerce")
    epoch = (number.abs() > 1e10).to_numpy(bool) if column.dtype.kind != "M" else np.zeros(len(column), bool)
    if epoch.any():
        moments = pd.to_datetime(number.where(epoch), unit="ms", utc=True).dt.tz_convert(zone)
        shown = moments.dt.strftime("%Y-%m-%d")
        if odd := int((moments.dt.strftime("%H%M")[epoch] != "0000").sum()):
            counts[f"rows: moments that are no midnight in {time_zone} (day taken as it falls there)"] = odd
        column = column.astype(object).where(~epoch, shown)
    times = read_times(column)
    return times.ms // DAY_MS, times.missing | times.coarse


def _check(total: float, tolerance: float, remainder: str, carry: float) -> None:
    if remainder not in get_args(Remainder):
        raise UsageError(f"remainder={remainder!r}; allowed {', '.join(map(repr, get_args(Remainder)))}")
    for name, value, low, high in (
        ("total", total, 1e-9, 1e9), ("tolerance", tolerance, 0, total / 2), ("carry_forward_days", carry, 0, 366)
    ):  # fmt: skip
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise UsageError(f"{name}={value!r}; allowed a number from {low:g} to {high:g}")
