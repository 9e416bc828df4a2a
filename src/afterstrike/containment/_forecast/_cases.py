"""Reference classes: past periods of equal length in which something happened, did not, or is not known to have."""

from __future__ import annotations

import calendar
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import EstimateRefused, SourceError, UsageError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "STRIKE_MEASURES",
    "Case",
    "ReferenceClass",
    "reference_class",
    "reference_from_figures",
    "years_with_strikes",
]

STRIKE_MEASURES = ("air_strikes", "weapons_released", "targets_struck", "munitions_employed")
_YES = {"yes", "y", "true", "1", "1.0"}
_NO = {"no", "n", "false", "0", "0.0"}
_MISSING = {"", "missing", "na", "nan", "none", "null", "unknown", "<na>", "nat"}
_COLUMNS = "period (or start and end), outcome (yes, no or empty), source"


@dataclass(frozen=True)
class Case:
    """One period of a class: first and last day, what happened (None: not known), and who says so."""

    start: date
    end: date
    outcome: bool | None
    source: str

    @property
    def name(self) -> str:
        """The year or month where the period is one, else both days."""
        if (self.start.month, self.start.day, self.end.month, self.end.day) == (1, 1, 12, 31):
            if self.start.year == self.end.year:
                return str(self.start.year)
        elif self.start.day == 1 and self.end == _month_end(self.start):
            return f"{self.start:%Y-%m}"
        return f"{self.start} to {self.end}"


@dataclass(frozen=True)
class ReferenceClass:
    """Past periods that a question is held against.

    Attributes
    ----------
    words
        What the periods have in common, for a reader.
    cases
        In order of time; of about equal length, none over another.
    note
        How they were chosen, where that leans one way.
    """

    words: str
    cases: tuple[Case, ...]
    note: str = ""

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.cases, key=lambda case: case.start))
        object.__setattr__(self, "cases", ordered)
        for one, after in itertools.pairwise(ordered):
            if after.start <= one.end:
                raise UsageError(
                    f"the periods {one.name} and {after.name} overlap; a class takes each day once, so give one row a period"
                )
        lengths = [(case.end - case.start).days + 1 for case in ordered]
        if lengths and max(lengths) > 1.2 * min(lengths):
            raise UsageError(
                f"the class has periods of {min(lengths)} to {max(lengths)} days; allowed periods of one length, as years "
                "or months"
            )

    @property
    def yes(self) -> int:
        """Periods in which it happened."""
        return sum(case.outcome is True for case in self.cases)

    @property
    def no(self) -> int:
        """Periods in which it did not."""
        return sum(case.outcome is False for case in self.cases)

    @property
    def missing(self) -> tuple[Case, ...]:
        """Periods of which nothing is known. They are in no count: missing is not no."""
        return tuple(case for case in self.cases if case.outcome is None)

    @cached_property
    def period_days(self) -> float:
        """The mean length of a period."""
        return sum((case.end - case.start).days + 1 for case in self.cases) / max(len(self.cases), 1)

    @property
    def unit(self) -> str:
        """What one period is called."""
        days = self.period_days
        return "year" if 360 <= days <= 370 else "month" if 28 <= days <= 31 else f"period of {days:.0f} days"

    def count_words(self) -> str:
        """Give the count, as in `1 in 7 years`."""
        known = self.yes + self.no
        plural = self.unit if known == 1 else self.unit.replace("period", "periods", 1)
        return f"{self.yes} in {known} {plural if known == 1 or 'period' in plural else plural + 's'}"

    def known_by(self, day: date) -> tuple[ReferenceClass, tuple[Case, ...]]:
        """Give the class of periods that had ended by a day, and those left out.

        A period under way can show that something happened but not that it did not.
        """
        kept = tuple(case for case in self.cases if case.end <= day)
        out = tuple(case for case in self.cases if case.end > day)
        return ReferenceClass(self.words, kept, self.note), out

    def to_frame(self) -> pd.DataFrame:
        """One row a period: `start, end, outcome` (yes, no or missing), `source`."""
        import pandas as pd

        return pd.DataFrame(self.to_dict()["cases"], columns=["start", "end", "outcome", "source"])

    def to_dict(self) -> dict[str, Any]:
        """Give the class as plain values."""
        words = {True: "yes", False: "no", None: "missing"}
        cases = [
            {"start": case.start.isoformat(), "end": case.end.isoformat(), "outcome": words[case.outcome],
             "source": case.source}
            for case in self.cases
        ]  # fmt: skip
        return {"words": self.words, "note": self.note, "cases": cases}


def reference_class(table: pd.DataFrame | str | Path, *, words: str, note: str = "") -> ReferenceClass:
    """Make a class from a table with one row a period.

    Parameters
    ----------
    table
        A frame, or a CSV file. Columns: `period` (`2019`, `2019-05` or `2019-01-01/2019-06-30`), or `start` and `end`;
        `outcome` (yes, no, or empty where it is not known); `source` (needed where the outcome is known).
    words
        What the periods have in common, as "years since 2014 in Iraq or Syria".
    note
        How they were chosen, where that leans one way.

    Returns
    -------
    ReferenceClass

    Raises
    ------
    SourceError
        The file cannot be read.
    UsageError
        A column is missing, a row is not as it must be, or periods overlap or differ in length.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"period": ["2019", "2020", "2021"], "outcome": ["no", "", "yes"], "source": ["A", "", "B"]}
    >>> reference_class(pd.DataFrame(rows), words="prisons of one kind").count_words()
    '1 in 2 years'
    """
    import pandas as pd

    if isinstance(table, str | Path):
        try:
            frame = pd.read_csv(table, dtype=str, keep_default_na=False)
        except (OSError, ValueError) as problem:
            reason = getattr(problem, "strerror", None) or problem
            raise SourceError(f"{table} cannot be read as CSV ({reason}); it takes {_COLUMNS}") from None
    else:
        frame = table
    dated = {"period"} <= set(frame.columns) or {"start", "end"} <= set(frame.columns)
    if not dated or not {"outcome", "source"} <= set(frame.columns):
        raise UsageError(f"the class has columns {', '.join(map(str, frame.columns))}; it takes {_COLUMNS}")
    if not words.strip():
        raise UsageError("words are empty; say what the periods of the class have in common")
    return ReferenceClass(words.strip(), tuple(_cases(frame)), note)


def _cases(frame: pd.DataFrame) -> Iterator[Case]:
    import pandas as pd

    for number, row in enumerate(frame.to_dict("records"), 1):
        where = f"row {number} of the class"
        if "period" in row:
            start, end = _period(_text(row["period"]), where)
        else:
            start, end = (_day(_text(row[name]), where) for name in ("start", "end"))
        if end < start:
            raise UsageError(f"{where}: the period ends on {end}, before it starts on {start}")
        told = "" if pd.isna(row["outcome"]) else _text(row["outcome"]).casefold()
        source = "" if pd.isna(row["source"]) else _text(row["source"])
        if told not in _YES | _NO | _MISSING:
            raise UsageError(f"{where}: outcome {told!r}; allowed yes, no, or nothing where it is not known")
        outcome = True if told in _YES else False if told in _NO else None
        if outcome is not None and not source:
            raise UsageError(
                f"{where}: {told!r} without a source; say who states it, or leave the outcome empty"
            )
        yield Case(start, end, outcome, source)


def _text(value: Any) -> str:
    return str(value).strip().removesuffix(" 00:00:00")


def _period(text: str, where: str) -> tuple[date, date]:
    if re.fullmatch(r"\d{4}(\.0)?", text):
        return date(int(text[:4]), 1, 1), date(int(text[:4]), 12, 31)
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        first = date(int(text[:4]), int(text[5:]), 1)
        return first, _month_end(first)
    first_text, slash, last_text = text.partition("/")
    if not slash:
        raise UsageError(f"{where}: period {text!r}; allowed 2019, 2019-05 or 2019-01-01/2019-06-30")
    return _day(first_text, where), _day(last_text, where)


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{where}: date {text!r}; write it as YYYY-MM-DD") from None


def _month_end(first: date) -> date:
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def years_with_strikes(areas: Sequence[str], as_of: date | None = None) -> dict[int, str]:
    """Years in which shipped figures tell of strikes in these countries, with the source; "" where no figure speaks.

    A figure speaks of a year where its period lies inside it. A year of which none speaks is missing, not quiet. A
    figure of several countries together speaks of these only where all of them are among these.

    Parameters
    ----------
    areas
        Area codes, as `SYR`.
    as_of
        Leave out what was not over by this day: figures of later periods, and the year under way, of which a yes could
        be known but never a no.
    """
    return {year: source for year, (_, source) in _told_years(areas, STRIKE_MEASURES, as_of).items()}


def _told_years(
    areas: Sequence[str], measures: Sequence[str], as_of: date | None
) -> dict[int, tuple[bool | None, str]]:
    """For each year from the first told of to the last: yes, no, or not known, and the source."""
    from ...record import shipped

    yes: dict[int, str] = {}
    no: dict[int, str] = {}
    for figure in shipped.figures(as_of=as_of):
        year = figure.period_start.year
        inside = year == figure.period_end.year and set(figure.area.split("+")) <= set(areas)
        if figure.measure not in measures or not inside:
            continue
        if as_of is not None and date(year, 12, 31) > as_of:
            continue
        if figure.value or figure.low:
            yes.setdefault(year, figure.source)
        elif figure.value == 0 and (figure.period_end - figure.period_start) >= timedelta(days=364):
            no.setdefault(year, figure.source)
    if not yes:
        return {}
    told = {year: (True, source) for year, source in yes.items()}
    told |= {year: (False, source) for year, source in no.items() if year not in yes}
    nothing: tuple[bool | None, str] = (None, "")
    return {year: told.get(year, nothing) for year in range(min(told), max(told) + 1)}


def reference_from_figures(
    areas: Sequence[str], *, as_of: date, measures: Sequence[str] = STRIKE_MEASURES
) -> ReferenceClass:
    """Make a class of years from the figures the record ships.

    Parameters
    ----------
    areas
        Area codes, as `SYR`; a figure of several together counts where all are among these.
    as_of
        Only what was over by this day.
    measures
        Which figures tell of the event: names of `afterstrike.record.shipped.measures()`.

    Returns
    -------
    ReferenceClass
        Yes where a figure above zero lies inside a year, no where a figure of the whole year is zero, else missing.

    Raises
    ------
    UsageError
        There is no such measure or area.
    EstimateRefused
        No figure speaks of any year.

    Examples
    --------
    >>> found = reference_from_figures(["SYR", "IRQ"], as_of=date(2026, 2, 13))
    >>> found.yes >= 5 and found.no == 0
    True
    """
    from ...record import shipped

    for kind, given, allowed in (
        ("measure", measures, shipped.measures()),
        ("area", areas, shipped.areas()),
    ):
        for one in given:
            if one not in allowed:
                raise UsageError(f"got the {kind} {one!r}; allowed are {', '.join(allowed)}")
    years = _told_years(areas, measures, as_of)
    if not years:
        raise EstimateRefused(
            f"no shipped figure tells of {', '.join(measures)} in {' or '.join(areas) or 'no area'} in a year that was over "
            f"by {as_of}; bring a table of past years with `table`"
        )
    labels = " or ".join(shipped.areas()[one].label for one in areas)
    cases = tuple(
        Case(date(year, 1, 1), date(year, 12, 31), outcome, source)
        for year, (outcome, source) in years.items()
    )
    return ReferenceClass(
        f"years in which a figure tells of {', '.join(measures).replace('_', ' ')} in {labels}",
        cases,
        "Figures are collected because something happened, so the class leans to yes.",
    )
