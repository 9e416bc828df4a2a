"""Panels of counts: a long table `unit, time, value` read into units x times, with nothing filled in."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...errors import EstimateRefused, SourceError, UsageError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Panel", "Step", "read_panel"]

Step = Literal["number", "month", "week"]
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_CELLS = 50_000_000
_EPOCH_MONDAY = dt.date(1970, 1, 5).toordinal()


@dataclass(frozen=True)
class Panel:
    """Counts by unit and time.

    Parameters
    ----------
    units
        Names as given, in ascending order.
    first
        Number of the first time: a month counted from year 0, a week from 1970, or the whole number given.
    values : array, shape (units, times)
        Counts; NaN where nothing is said.
    step
        "month", "week", or "number" (whole numbers as given, a step of 1 apart).
    weekday
        Weekday (0 = Monday) weeks begin with.
    day
        Day of the month months are dated with; 0: they are written YYYY-MM.
    """

    units: tuple[Any, ...]
    first: int
    values: NDArray[np.float64] = field(repr=False)
    step: Step
    weekday: int = 0
    day: int = 0

    @property
    def last(self) -> int:
        """Number of the last time."""
        return int(self.first + self.values.shape[1] - 1)

    @property
    def per_year(self) -> int:
        """Steps in a year: 12 for months and plain numbers (taken for months), 52 for weeks."""
        return 52 if self.step == "week" else 12

    def label(self, number: int) -> Any:
        """Give a time as it was given: a whole number, `YYYY-MM` or a date `YYYY-MM-DD`."""
        if self.step == "number":
            return int(number)
        if self.step == "week":
            return dt.date.fromordinal(_EPOCH_MONDAY + 7 * int(number) + self.weekday).isoformat()
        year, month = divmod(int(number), 12)
        return f"{year:04d}-{month + 1:02d}" + (f"-{self.day:02d}" if self.day else "")

    def number(self, time: Any, what: str = "time") -> int:
        """Give the number of a time: a whole number, `YYYY-MM` or a date, as the panel's step wants it.

        A date stands for the month or week that holds it.
        """
        found, step, _, _ = _numbers([time], what)
        if (step == "number") != (self.step == "number"):
            raise UsageError(
                f"{what} {time!r} is not written as the panel's times are ({self.label(self.first)!r})"
            )
        if self.step != "week":
            return int(found[0])
        if _MONTH.match(str(time).strip()):
            raise UsageError(
                f"{what} {time!r} is a month and the panel counts by week; give a day, YYYY-MM-DD"
            )
        return (_date(time, what).toordinal() - _EPOCH_MONDAY - self.weekday) // 7

    def until(self, origin: int) -> Panel:
        """Give what was known at the time numbered `origin`: no later time, and no unit that has none before."""
        values = self.values[:, : max(origin - self.first + 1, 0)]
        seen = np.asarray(~np.isnan(values).all(axis=1))
        kept = tuple(unit for unit, is_seen in zip(self.units, seen.tolist(), strict=True) if is_seen)
        return replace(self, units=kept, values=values[seen])

    def at(self, units: tuple[Any, ...], times: tuple[Any, ...]) -> NDArray[np.float64]:
        """Give the values of these units and times (as labels); NaN where the panel says nothing."""
        found = np.full((len(units), len(times)), np.nan)
        places = {unit: at for at, unit in enumerate(self.units)}
        rows = [places.get(unit, -1) for unit in units]
        for column, time in enumerate(times):
            at = self.number(time) - self.first
            if 0 <= at < self.values.shape[1]:
                for row, place in enumerate(rows):
                    if place >= 0:
                        found[row, column] = self.values[place, at]
        return found


def read_panel(
    table: pd.DataFrame | str | Path, *, unit: str = "unit", time: str = "time", value: str = "value"
) -> Panel:
    """Read a long table of counts, one row a unit and time.

    Rows a table lacks, and rows without a value, stay missing: they are never taken for zero.

    Parameters
    ----------
    table
        A table, or the path of a CSV or Parquet file.
    unit, time, value
        Names of the columns. Times are whole numbers (months counted on), `YYYY-MM`, or dates: one a month, or one
        a week on one weekday.

    Returns
    -------
    Panel

    Raises
    ------
    SourceError
        The file cannot be read.
    UsageError
        A column is not there, a time cannot be read, a unit and time stands twice, a value is below zero or no whole number.

    Example
    -------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"unit": ["a", "a", "b"], "time": ["2024-01", "2024-03", "2024-03"], "value": [4, 0, 7]})
    >>> read_panel(rows).values.tolist()
    [[4.0, nan, 0.0], [nan, nan, 7.0]]
    """
    import pandas as pd

    frame = table if isinstance(table, pd.DataFrame) else _load(Path(table))
    names = {"unit": unit, "time": time, "value": value}
    absent = [f"{name!r} ({what})" for what, name in names.items() if name not in frame.columns]
    if absent:
        raise UsageError(
            f"no column {' and no column '.join(absent)}; the table has {', '.join(map(str, frame.columns))}. "
            "Say which columns to read with --unit, --time and --value"
        )
    rows = frame[[unit, time, value]].set_axis(["unit", "time", "value"], axis=1)
    unnamed = rows[["unit", "time"]].isna().any(axis=1)
    if unnamed.any():
        at = int(np.argmax(unnamed.to_numpy()))
        raise UsageError(
            f"{int(unnamed.sum())} rows name no {unit} or no {time} (first: row {at + 1}); every row needs both"
        )
    if rows.empty:
        raise UsageError("the table has no rows; give one row a unit and time")
    numbers, step, weekday, day = _numbers(rows["time"].tolist(), time)
    _refuse_twice(rows, numbers, unit, time)
    counts = _counts(rows, unit, time, value)
    codes, units = pd.factorize(rows["unit"], sort=True)
    first, last = int(numbers.min()), int(numbers.max())
    if len(units) * (last - first + 1) > _CELLS:
        raise UsageError(
            f"{len(units):,} units x {last - first + 1:,} times from {rows['time'].min()!r} to {rows['time'].max()!r} "
            f"are more than {_CELLS:,} cells; look for a time that is written wrongly, or give fewer units"
        )
    values = np.full((len(units), last - first + 1), np.nan)
    values[codes, numbers - first] = counts
    if step == "number" and last > first and not np.isin(np.diff(np.unique(numbers)), 1).any():
        raise UsageError(
            f"no two of the times follow each other by 1 (first: {first}); number the times on, or give dates"
        )
    return Panel(tuple(_plain(one) for one in units), first, values, step, weekday, day)


def _plain(unit: Any) -> Any:
    return unit.item() if isinstance(unit, np.generic) else unit


def _load(path: Path) -> pd.DataFrame:
    """Read a CSV or Parquet file as it stands."""
    import duckdb
    import pandas as pd

    if not path.is_file():
        raise SourceError(
            f"{path} is not a file; give a CSV or Parquet file with the columns unit, time and value"
        )
    try:
        with path.open("rb") as file:
            is_parquet = file.read(4) == b"PAR1"
        if is_parquet:
            with duckdb.connect() as con:
                return con.execute("SELECT * FROM read_parquet(?)", [str(path)]).df()
        return pd.read_csv(path)
    except (OSError, ValueError, duckdb.Error, pd.errors.ParserError) as problem:
        raise SourceError(
            f"{path} cannot be read ({str(problem).splitlines()[0]}); give a CSV or Parquet file"
        ) from None


def _numbers(times: list[Any], name: str) -> tuple[NDArray[np.int64], Step, int, int]:
    """Give times as whole numbers, and what a step is: a number, a month or a week."""
    first = times[0]
    if isinstance(first, (dt.date, np.datetime64)):
        return _dates([_date(one, name) for one in times], name)
    if isinstance(first, (int, float, np.integer, np.floating)) and not isinstance(first, bool):
        return _whole(times, name), "number", 0, 0
    texts = [str(one).strip() for one in times]
    if all(text.lstrip("-").isdigit() for text in texts):
        return _whole([int(text) for text in texts], name), "number", 0, 0
    months = [_MONTH.match(text) for text in texts]
    if all(months):
        found = np.array([int(one[1]) * 12 + int(one[2]) - 1 for one in months if one], np.int64)
        wrong = [text for text, one in zip(texts, months, strict=True) if one and not 1 <= int(one[2]) <= 12]
        if wrong:
            raise UsageError(f"{name} {wrong[0]!r} is no month; months run from 01 to 12")
        return found, "month", 0, 0
    return _dates([_date(text, name) for text in texts], name)


def _whole(times: list[Any], name: str) -> NDArray[np.int64]:
    try:
        values = np.array(times, float)
    except (TypeError, ValueError):
        odd = next(one for one in times if not isinstance(one, (int, float, np.integer, np.floating)))
        raise UsageError(f"{name} {odd!r} stands among whole numbers; write all times alike") from None
    if not (np.isfinite(values) & (values == np.round(values)) & (np.abs(values) < 1e9)).all():
        at = int(np.argmin(np.isfinite(values) & (values == np.round(values)) & (np.abs(values) < 1e9)))
        raise UsageError(f"{name} {times[at]!r} is not a whole number; give whole numbers, YYYY-MM or dates")
    return values.astype(np.int64)


def _date(time: Any, name: str) -> dt.date:
    if isinstance(time, dt.datetime):
        return time.date()
    if isinstance(time, dt.date):
        return time
    text = str(time)
    try:
        return dt.datetime.fromisoformat(text).date() if len(text) > 10 else dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{name} {time!r} cannot be read; give whole numbers, months as YYYY-MM or dates as YYYY-MM-DD, all alike"
        ) from None


def _dates(days: list[dt.date], name: str) -> tuple[NDArray[np.int64], Step, int, int]:
    """Tell months from weeks: a date a month on one day of it, or dates on one weekday."""
    if len({day.day for day in days}) == 1:
        return np.array([day.year * 12 + day.month - 1 for day in days], np.int64), "month", 0, days[0].day
    weekdays = {day.weekday() for day in days}
    if len(weekdays) == 1:
        weekday = weekdays.pop()
        numbers = [(day.toordinal() - _EPOCH_MONDAY - weekday) // 7 for day in days]
        return np.array(numbers, np.int64), "week", weekday, 0
    raise UsageError(
        f"the dates of {name} are neither one a month on one day of it, nor one a week on one weekday (first: "
        f"{days[0]}); add the counts up by month or week first"
    )


def _refuse_twice(rows: pd.DataFrame, numbers: NDArray[np.int64], unit: str, time: str) -> None:
    twice = rows.assign(time=numbers).duplicated(["unit", "time"]).to_numpy()
    if twice.any():
        at = rows.iloc[int(np.argmax(twice))]
        raise UsageError(
            f"{int(twice.sum())} rows stand twice (first: {unit} {at['unit']!r}, {time} {at['time']!r}); give one row a "
            f"{unit} and {time}: add the counts up, or leave out what is counted twice"
        )


def _counts(rows: pd.DataFrame, unit: str, time: str, value: str) -> NDArray[np.float64]:
    import pandas as pd

    counts = pd.to_numeric(rows["value"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    unread = (
        np.isnan(counts) & rows["value"].notna().to_numpy() & (rows["value"].astype(str) != "").to_numpy()
    )
    for wrong, what in (
        (unread, "no number"),
        (np.isinf(counts), "infinite"),
        (counts < 0, "below zero"),
        (counts != np.round(counts), "no whole number"),
    ):
        wrong = wrong & ~np.isnan(counts) if what != "no number" else wrong
        if wrong.any():
            at = rows.iloc[int(np.argmax(wrong))]
            raise UsageError(
                f"{int(wrong.sum())} values of {value} are {what} (first: {at['value']!r}, {unit} {at['unit']!r}, {time} "
                f"{at['time']!r}); counts are whole numbers from 0, and empty where nothing is known"
            )
    if np.isnan(counts).all():
        raise EstimateRefused(f"no row has a {value}: there is nothing to forecast from")
    return counts
