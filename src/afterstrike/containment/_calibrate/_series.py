"""Weekly recorded attacks, by source, and strikes: what the likelihood takes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import EstimateRefused, SourceError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from ...effects import Study

__all__ = ["WeeklySeries"]

Array = np.ndarray[Any, Any]

_FEWEST_WEEKS, _FEWEST_ATTACKS = 52, 20
_LEAST_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class WeeklySeries:
    """Recorded attacks and strikes by week.

    Parameters
    ----------
    starts
        First day of each week, seven days apart.
    attacks
        Recorded attacks by source and week, whole numbers; NaN is missing, never zero.
    strikes
        Strikes or targets by week, of at least 0. All weeks must be known: the memory runs through them.
    sources
        Name of each source of attacks.
    origin
        Where it is from, in words.
    exclusions
        What was left out, by reason.
    notes
        What must be said with it.

    Raises
    ------
    UsageError
        Shapes that do not fit, weeks that are not seven days apart, a count below zero or broken, unknown strikes.
    EstimateRefused
        Fewer than 52 weeks or 20 attacks, or no strike.

    Examples
    --------
    >>> import pandas as pd
    >>> weeks = pd.date_range("2016-01-04", periods=60, freq="7D")
    >>> table = pd.DataFrame({"week": weeks, "attacks": [3, 1, 4] * 20, "strikes": [0, 2] * 30})
    >>> WeeklySeries.from_frame(table)
    WeeklySeries(60 weeks from 2016-01-04, 160 attacks, 60 strikes, sources: recorded)
    """

    starts: Array
    attacks: Array
    strikes: Array
    sources: tuple[str, ...] = ("recorded",)
    origin: str = ""
    exclusions: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        attacks = np.atleast_2d(np.asarray(self.attacks, float))
        starts, strikes = np.asarray(self.starts, "datetime64[D]"), np.asarray(self.strikes, float)
        object.__setattr__(self, "attacks", attacks)
        object.__setattr__(self, "starts", starts)
        object.__setattr__(self, "strikes", strikes)
        weeks = len(starts)
        if attacks.shape != (len(self.sources), weeks) or strikes.shape != (weeks,):
            raise UsageError(
                f"attacks {attacks.shape} and strikes {strikes.shape}; allowed ({len(self.sources)}, {weeks}) and "
                f"({weeks},): sources by weeks, and weeks"
            )
        if weeks > 1 and not (np.diff(starts).astype(int) == 7).all():
            raise UsageError(
                "weeks that are not seven days apart; put one row a week, without gaps in the dates"
            )
        _check_counts("attacks", attacks, whole=True)
        _check_counts("strikes", strikes, whole=False)
        if unknown := int(np.isnan(strikes).sum()):
            raise UsageError(
                f"strikes unknown in {unknown} of {weeks} weeks; the memory of strikes runs through every week: cut the "
                "series, or write 0 where a source says there was none"
            )
        self._check_enough(weeks)

    def _check_enough(self, weeks: int) -> None:
        if weeks < _FEWEST_WEEKS:
            raise EstimateRefused(f"{weeks} weeks; at least {_FEWEST_WEEKS} are needed: use a longer series")
        total = float(np.nansum(self.attacks[0]))
        if total < _FEWEST_ATTACKS:
            raise EstimateRefused(
                f"{total:g} recorded attacks in all; at least {_FEWEST_ATTACKS} are needed: use a longer series"
            )
        if not (self.strikes > 0).any():
            raise EstimateRefused("no strike in the series; nothing can be said of what followed one")

    @property
    def last_day(self) -> np.datetime64:
        """Last day of the last week."""
        return np.datetime64(self.starts[-1] + np.timedelta64(6, "D"))

    @property
    def sha256(self) -> str:
        """Hash of the numbers."""
        parts = (self.starts.astype("int64"), self.attacks, self.strikes)
        return hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()

    @classmethod
    def from_frame(
        cls, frame: pd.DataFrame, *, strikes: str | None = None, origin: str = "a table"
    ) -> WeeklySeries:
        """Make a series from a table with a row a week.

        Parameters
        ----------
        frame
            Columns `week` (its first day), `strikes` (or `targets`), and `attacks`, or one column `attacks_NAME` a
            source. An empty cell is missing. Weeks without a row are missing too.
        strikes
            A shipped series of strikes for tables without a column of them: `us_strikes_weekly` or
            `dutch_strikes_weekly`, all countries.
        origin
            Where it is from, in words.

        Raises
        ------
        UsageError, EstimateRefused
            A column is missing or holds what is no date or number, or as in the class.
        """
        import pandas as pd

        names = [str(name) for name in frame.columns]
        counted = [name for name in names if name == "attacks" or name.startswith("attacks_")]
        if "week" not in names or not counted:
            raise UsageError(
                f"columns {', '.join(names)}; needed are week, attacks (or attacks_NAME for each source), and strikes"
            )
        day = pd.to_datetime(frame["week"], errors="coerce", format="ISO8601")
        if bad := int(day.isna().sum()):
            raise UsageError(f"{bad} cells of week are no date; write them as 2016-01-04")
        if bad := int(day.duplicated().sum()):
            raise UsageError(f"{bad} weeks stand twice; put one row a week")
        full = pd.date_range(day.min(), day.max(), freq="7D")
        if bad := int((~day.isin(full)).sum()):
            raise UsageError(f"{bad} weeks do not start on the weekday of the first; put one row a week")
        held = frame.assign(week=day).set_index("week")
        given = _strikes_of(held, strikes, full)
        attacks = np.array([_numbers(held[name].reindex(full), name) for name in counted])
        sources = tuple("recorded" if name == "attacks" else name[8:] for name in counted)
        notes = (f"strikes: shipped series {strikes}",) if strikes else ()
        return cls(full.to_numpy("datetime64[D]"), attacks, given, sources, origin, notes=notes)

    @classmethod
    def from_csv(cls, path: str | Path, *, strikes: str | None = None) -> WeeklySeries:
        """Make a series from a CSV file, as `from_frame` does.

        Raises
        ------
        SourceError
            The file cannot be read.
        """
        import pandas as pd

        try:
            frame = pd.read_csv(path)
        except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as problem:
            raise SourceError(
                f"{path} cannot be read as CSV ({problem}); give a table with a row a week"
            ) from None
        return cls.from_frame(frame, strikes=strikes, origin=Path(path).name)

    @classmethod
    def from_study(
        cls,
        study: Study,
        *,
        sources: str | None = None,
        gaps: Sequence[Any] = (),
        origin: str = "a table of events",
    ) -> WeeklySeries:
        """Count a study by week: recorded outcome rows, and strike place-days (as in docs/series.md).

        Parameters
        ----------
        study
            Strikes as treatment, attacks as outcome.
        sources
            A column that says who reported a row: sources with a tenth of the rows each are counted apart.
        gaps
            Stretches without recording, `(first day, last day)`: missing, not zero.
        origin
            Where it is from, in words.

        Raises
        ------
        UsageError, EstimateRefused
            As in the class, or there is no such column.
        """
        from ...effects._series._counts import count_zones

        counts = count_zones(study, zones=None, by="week", gaps=gaps)
        attacks = counts.attacks
        names: tuple[str, ...] = ("recorded",)
        left_out = dict(counts.exclusions)
        if sources is not None:
            attacks, names, other = _by_source(study, sources, counts.first_day, attacks.shape[1])
            if other:
                left_out[f"outcome: {sources} with under a tenth of the rows, or not stated"] = other
        missing = np.broadcast_to(counts.missing[0], attacks.shape)
        return cls(
            counts.starts, np.where(missing, np.nan, attacks), counts.strikes[0], names, origin, left_out,
            ("strikes are place-days: all strikes of a day within 25 km of one another are one",),
        )  # fmt: skip

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        *,
        treatment: str,
        outcome: str,
        columns: Mapping[str, str] | None = None,
        region: str | None = None,
        period: tuple[str, str] | None = None,
        sources: str | None = None,
        gaps: Sequence[Any] = (),
    ) -> WeeklySeries:
        """Count a record or file of events by week, as `from_study` does.

        Parameters
        ----------
        path, treatment, outcome, columns, region, period
            As in `series_from_file`.
        sources, gaps
            As in `from_study`.
        """
        from ...effects._event_file import read_event_file
        from ...effects._files import study_from_file

        source = read_event_file(path, columns=columns, needed=[sources] if sources else [])
        study = study_from_file(
            source, treatment=treatment, outcome=outcome, columns=columns, region=region, period=period
        )
        found = cls.from_study(study, sources=sources, gaps=gaps, origin=source.name)
        return replace(found, exclusions={**study.exclusions, **found.exclusions})

    def __repr__(self) -> str:
        return (
            f"WeeklySeries({len(self.starts)} weeks from {self.starts[0]}, {np.nansum(self.attacks[0]):g} attacks, "
            f"{self.strikes.sum():g} strikes, sources: {', '.join(self.sources)})"
        )


def _check_counts(name: str, values: Array, *, whole: bool) -> None:
    known = values[~np.isnan(values)]
    if not np.isfinite(known).all() or (known < 0).any():
        raise UsageError(
            f"{name}: a number below 0 or infinite; allowed counts from 0, or nothing where missing"
        )
    if whole and (known != np.round(known)).any():
        raise UsageError(f"{name}: a broken number; allowed whole counts, or nothing where missing")


def _numbers(values: pd.Series[Any], name: str) -> Array:
    import pandas as pd

    read = pd.to_numeric(values, errors="coerce")
    if bad := int((read.isna() & values.notna()).sum()):
        raise UsageError(f"{bad} cells of {name} are no number; leave a missing count empty")
    return read.to_numpy(float, na_value=np.nan)


def _strikes_of(held: pd.DataFrame, name: str | None, weeks: pd.DatetimeIndex) -> Array:
    import pandas as pd

    column = next((one for one in ("strikes", "targets") if one in held.columns), None)
    if (column is None) == (name is None):
        raise UsageError(
            "give strikes once: a column strikes (or targets) of the table, or strikes= with a shipped series"
        )
    if column is not None:
        return _numbers(held[column].reindex(weeks), column)
    from ...record.shipped import series

    rows = pd.DataFrame(series(str(name)).rows)
    if "strikes" not in rows.columns:
        raise UsageError(
            f"strikes={name!r} holds no strikes; allowed us_strikes_weekly, dutch_strikes_weekly"
        )
    whole = rows.groupby(pd.to_datetime(rows["week"]))["strikes"].sum(min_count=1)
    return _numbers(whole.reindex(weeks), "strikes")


def _by_source(study: Study, column: str, first_day: int, weeks: int) -> tuple[Array, tuple[str, ...], int]:
    from ...effects._zones import DAY_MS

    if column not in study.outcome.columns:
        raise UsageError(f"sources={column!r}; allowed a column of the outcome rows")
    named = study.outcome[column].astype("string").str.strip()
    share = named.value_counts(normalize=True)
    kept = [str(name) for name, part in share.items() if part >= _LEAST_SHARE and name]
    if not kept:
        raise UsageError(f"sources={column!r}: no source has a tenth of the rows; leave it out")
    week = (study.outcome["time_ms"].to_numpy(np.int64) // DAY_MS - first_day) // 7
    inside = (week >= 0) & (week < weeks)
    table = np.array(
        [
            np.bincount(week[inside & (named == name).to_numpy(bool, na_value=False)], minlength=weeks)
            for name in kept
        ]
    )
    return table.astype(float), tuple(kept), int(len(named) - named.isin(kept).sum())
