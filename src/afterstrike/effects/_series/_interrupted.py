"""The interrupted series: a dated campaign against the trend and season of the time before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from ... import __version__
from ...errors import EstimateRefused, UsageError
from .._panel._result import provenance, t_p, t_quantile
from .._panel._stacked import check_level
from .._result import COLUMNS
from .._study import Study
from .._wakes._lull_make import harm_of_rows
from .._wakes._words import civilian_harm
from .._zones import DAY_MS
from ._before import FEWEST_BEFORE, Before, changes_table, fit_before, placebo_starts
from ._checks import autocorrelation_check
from ._counts import By, Gap, check_by, day_number, day_text
from ._interrupted_checks import missing_check, placebo_check, trend_check
from ._lag import check_days
from ._lag_figure import series_figure
from ._plain import PlainCounts, plain_counts
from ._result import RATIO_COLUMNS, SeriesResult, ratio_row, ratio_sentence, refused_row

if TYPE_CHECKING:
    import pandas as pd

    from ...charts import Chart

__all__ = ["interrupted_series"]

Line = Literal["line", "none"]
_FEWEST_EXPECTED = 10.0
_MOST_DAYS = 3650
# Nothing is drawn at random.
_NO_SEED = "not used"
_WIDENED = "the interval is widened for it, but a swing can be taken for the campaign"


@dataclass(frozen=True)
class _Asked:
    start: int
    end: int
    season: str
    trend: Line


def interrupted_series(
    data: Study | pd.Series[Any] | pd.DataFrame,
    *,
    start: str,
    end: str | None = None,
    days: int | Sequence[int] | None = None,
    by: By = "week",
    season: Literal["auto", "year", "none"] = "auto",
    trend: Line = "line",
    gaps: Sequence[Gap] = (),
    placebos: int = 200,
    level: float = 0.95,
    what: str = "recorded attacks",
) -> SeriesResult:
    """Compare a dated campaign with what the time before it leads one to expect.

    Counts before `start` are negative binomial with a log-linear trend and yearly waves; carried forward they
    are the counterfactual. RR = (sum of counts from start to the horizon) / (sum expected). Level and slope
    changes come from one fit of before and campaign. Everything else that changed at the date, known or not, is
    in the ratio: there is no comparison group.

    Parameters
    ----------
    data
        A study (its outcome rows, all zones together), a pandas Series of counts by date, or a table with
        `date` (first day of a day, week or month) and `count`. Periods absent or NaN are missing, not zero.
    start, end
        First and last day of the campaign; `end` None: the end of the record. Periods that hold days before and
        after `start` are left out.
    days
        Horizons from `start`, 1 to 3650 days; the whole campaign by itself is always given.
    by
        Periods of a study: `"week"` or `"day"`. A table keeps its own.
    season
        Yearly waves: `"auto"` where two years lie before `start`; `"year"`; `"none"`.
    trend
        `"line"` before `start`, carried forward; `"none"`. The other is shown in the checks.
    gaps
        (first day, last day) in which nothing was recorded.
    placebos
        Dates before `start` tried as starts, at most (0 to 2000): the same contrast over as many periods.
    level
        Of the intervals, 0.5 to 0.999.
    what
        What is counted, for the words.

    Returns
    -------
    SeriesResult
        A row a horizon, the whole campaign last. `detail("changes")`: level and slope; `"placebos"`: the
        contrast at other dates; `"fitted"`: counts and counterfactual.

    Raises
    ------
    UsageError
        A date, table or option that is not allowed.
    EstimateRefused
        Too little before `start` (90 days, 26 weeks, 18 months), or nothing in the campaign.

    Notes
    -----
    Bernal, Cummins, Gasparrini 2017, https://doi.org/10.1093/ije/dyw098. The interval holds the error of the
    counterfactual (Newey and West) and the spread of the counts themselves, widened where residuals hang
    together.

    Examples
    --------
    >>> import pandas as pd
    >>> weeks = pd.date_range("2016-01-04", periods=100, freq="7D")
    >>> counts = pd.Series(np.random.default_rng(1).poisson(np.where(np.arange(100) < 70, 20, 12)), index=weeks)
    >>> interrupted_series(counts, start="2017-05-08", season="none")
    SeriesResult(interrupted series, RR_210=0.63 (0.53 to 0.76))
    """
    check_level(level)
    check_by(by)
    asked = _checked(start, end, season, trend, placebos)
    counts = plain_counts(data, by=by, gaps=gaps)
    asked = _within(asked, counts)
    horizons = _horizons(days, asked)
    fit = fit_before(counts, start=asked.start, season=asked.season, trend=asked.trend)
    table = _table(fit, asked, horizons, level, what)
    others = placebo_starts(
        counts,
        asked.start,
        asked.end,
        season=asked.season,
        trend=asked.trend,
        most=placebos,
        has_season=fit.has_season,
    )
    whole = _ratio(fit, asked.start, asked.end)
    other = fit_before(
        counts, start=asked.start, season=asked.season, trend="none" if trend == "line" else "line"
    )
    campaign = f"from {day_text(asked.start)} to {day_text(asked.end)}"
    changes = changes_table(
        counts, asked.start, asked.end, season=asked.season, trend=asked.trend, level=level
    )
    lags = (1, 2, 4) if counts.step != 1 else (1, 7, 14)
    said = [
        ratio_sentence(row, f"in the {row['days']:g} days from {day_text(asked.start)}", what)
        for row in table.to_dict("records")
    ]
    return SeriesResult(
        table=table,
        estimand=(
            f"{what} {campaign}, all together, against those expected had the "
            f"{'trend and ' * (trend == 'line')}season of the time before gone on; one series, no comparison group"
        ),
        assumptions=(
            "without the campaign counts would have gone on as the trend and season before say; nothing else that "
            "moves attacks or their recording changed then. What else changed at that date is not known from a "
            "series."
        ),
        checks=(
            placebo_check(others, whole),
            trend_check(fit, other, asked.start, asked.end, level, trend),
            autocorrelation_check(fit.residual[None, :], counts.by, lags, _WIDENED),
            missing_check(counts, asked.start),
        ),
        provenance=_provenance(data, counts, asked, by, placebos, level),
        details={"changes": changes.copy, "placebos": others.copy, "fitted": lambda: _fitted(fit, counts)},
        opening=(_harm(data, asked), _power(table)),
        said=tuple(said),
        extra=(*filter(None, [_counted_words(counts, asked)]), *_extra(fit, changes, others)),
        name="interrupted series",
        drawn=(_drawn(fit, counts, asked, said[-1]),),
    )


def _checked(start: str, end: str | None, season: str, trend: str, placebos: int) -> _Asked:
    if season not in ("auto", "year", "none"):
        raise UsageError(f"season={season!r}; allowed 'auto', 'year', 'none'")
    if trend not in get_args(Line):
        raise UsageError(f"trend={trend!r}; allowed 'line', 'none'")
    if isinstance(placebos, bool) or not isinstance(placebos, int) or not 0 <= placebos <= 2000:
        raise UsageError(f"placebos={placebos!r}; allowed a whole number from 0 to 2000")
    for name, day in (("start", start), ("end", end)):
        if isinstance(day, str) and len(day) < 10:
            raise UsageError(f"{name}={day!r}; allowed a date as '2016-07-01'")
    first = day_number("start", start)
    last = day_number("end", end) if end is not None else 10**7
    if last < first:
        raise UsageError(f"end={end!r} lies before start={start!r}; turn them round")
    return _Asked(first, last, season, trend)  # type: ignore[arg-type]


def _within(asked: _Asked, counts: PlainCounts) -> _Asked:
    """Hold the campaign inside the record, and refuse one the record does not reach."""
    ends = int(counts.end[-1])
    if ends < asked.start:
        raise EstimateRefused(f"the record ends {day_text(ends)}, before the start {day_text(asked.start)}")
    if asked.end < 10**7 and asked.end > ends + counts.step:
        raise UsageError(
            f"end={day_text(asked.end)!r} lies after the record, which ends {day_text(ends)}; leave it out, or give a "
            "day on record"
        )
    last = min(asked.end, ends)
    known = np.isfinite(counts.count)
    before = known & (counts.end < asked.start)
    needed = FEWEST_BEFORE[counts.step]
    if before.sum() < needed or not np.nansum(counts.count[before]) > 0:
        raise EstimateRefused(
            f"{int(before.sum())} {counts.by}s with a count before {day_text(asked.start)}; a trend needs {needed}, "
            "with a count above zero among them"
        )
    if not (known & counts.between(asked.start, last)).any():
        raise EstimateRefused(
            f"no {counts.by} with a count lies between {day_text(asked.start)} and {day_text(last)}; the record "
            f"ends {day_text(int(counts.end[-1]))}"
        )
    return _Asked(asked.start, last, asked.season, asked.trend)


def _horizons(days: int | Sequence[int] | None, asked: _Asked) -> list[int]:
    longest = asked.end - asked.start + 1
    given = [] if days is None else [*check_days(days, _MOST_DAYS)]
    return [*(length for length in given if length < longest), longest]


def _ratio(fit: Before, first: int, last: int) -> tuple[float, float, float, float]:
    """Give counts recorded and expected, the log ratio and its standard error."""
    return fit.compare(fit.counts.between(first, last))


def _table(fit: Before, asked: _Asked, horizons: list[int], level: float, what: str) -> pd.DataFrame:
    import pandas as pd

    z = t_quantile((1 + level) / 2, fit.df)
    # A bound for all horizons at once, whatever their correlation (Sidak).
    joint = t_quantile((1 + level ** (1 / len(horizons))) / 2, fit.df)
    unit = f"{what} in all"
    rows = []
    for days in horizons:
        observed, expected, value, error = _ratio(fit, asked.start, asked.start + days - 1)
        if not expected >= _FEWEST_EXPECTED or observed == 0:
            why = f"{observed:.0f} recorded and {expected:.1f} expected; a ratio needs 10 expected, one recorded"
            rows.append(refused_row(days, level, 1, unit, why))
            continue
        rows.append(ratio_row(
            days, observed, value, error, z=z, joint=joint, level=level, n_treated=1, unit=unit,
            p_value=t_p(value / error, fit.df),
        ))  # fmt: skip
        # Quiet days are of the days that were counted.
        _, _, counted = _counted(fit.counts, asked.start, asked.start + days - 1)
        for name in ("quiet_days", "quiet_days_low", "quiet_days_high"):
            rows[-1][name] *= counted / days
    return pd.DataFrame(rows)[[*COLUMNS[:-1], *RATIO_COLUMNS, "reason"]]


def _counted(counts: PlainCounts, first: int, last: int) -> tuple[int, int, int]:
    """Give the first and last day of the whole periods in some days, and how many days have a count."""
    inside = counts.between(first, last) & np.isfinite(counts.count)
    if not inside.any():
        return first, last, 0
    days = int((counts.end[inside] - counts.start[inside] + 1).sum())
    return int(counts.start[inside][0]), int(counts.end[inside][-1]), days


def _counted_words(counts: PlainCounts, asked: _Asked) -> str:
    """Say which days were counted, where they are not those asked for."""
    first, last, days = _counted(counts, asked.start, asked.end)
    asked_for = asked.end - asked.start + 1
    if days == asked_for:
        return ""
    return (
        f"Counted are whole {counts.by}s with a record: {days} of the {asked_for} days from {day_text(asked.start)} to "
        f"{day_text(asked.end)}, from {day_text(first)} to {day_text(last)}; quiet days are of those."
    )


def _power(table: pd.DataFrame) -> str:
    known = table[table["rate_ratio"].notna()]
    if not len(known):
        return f"Nothing can be shown: {table['reason'].iloc[-1]}."
    row = known.iloc[-1]
    return (
        f"Smallest change this record could show (80% power): {100 * row['smallest_fall']:.0f}% fewer or "
        f"{100 * row['smallest_rise']:.0f}% more in {row['days']:g} days."
    )


def _harm(data: Any, asked: _Asked) -> str:
    if not isinstance(data, Study):
        return "Civilian deaths in this campaign: not in a series of counts. That is missing, not zero."
    day = data.treatment["time_ms"].to_numpy(np.int64) // DAY_MS
    return civilian_harm(harm_of_rows(data.treatment[(day >= asked.start) & (day <= asked.end)]))


def _extra(fit: Before, changes: pd.DataFrame, others: pd.DataFrame) -> tuple[str, ...]:
    told = "; ".join(
        f"{row.what} times {row.ratio:.2f} ({row.low:.2f} to {row.high:.2f})" for row in changes.itertuples()
    )
    lines = [f"At the start: {told}."] if told else []
    if not fit.has_season:
        lines.append("No season in the model: too little lies before the start, or none was asked for.")
    if not len(others):
        lines.append("No other date could be tried as a start.")
    return tuple(lines)


def _provenance(
    data: Any, counts: PlainCounts, asked: _Asked, by: str, placebos: int, level: float
) -> dict[str, Any]:
    options = {
        "estimator": "interrupted_series", "convention": "interrupted series",
        "start": day_text(asked.start), "end": day_text(asked.end), "by": by,
        "season": asked.season, "trend": asked.trend, "placebos": placebos, "level": level,
    }  # fmt: skip
    if isinstance(data, Study):
        made = provenance(data, options)
        return made | {"version": __version__, "seed": _NO_SEED, "exclusions": dict(data.exclusions)}
    import hashlib
    from datetime import UTC, datetime

    digest = hashlib.sha256(counts.start.tobytes() + counts.count.tobytes()).hexdigest()
    return {
        "input_sha256": digest, "package_version": __version__, "version": __version__, "parameters": options,
        "seed": _NO_SEED,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip


def _fitted(fit: Before, counts: PlainCounts) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({
        "start": counts.start.astype("datetime64[D]"), "count": counts.count, "expected": fit.mean,
    })  # fmt: skip


def _drawn(fit: Before, counts: PlainCounts, asked: _Asked, said: str) -> Chart:
    inside = (counts.end < asked.start) | counts.between(asked.start, asked.end)
    recorded = np.where(inside, counts.count, np.nan)
    before = counts.end < asked.start
    return series_figure(
        counts.start.astype("datetime64[D]"), recorded, np.where(before, fit.mean, np.nan),
        np.where(before | ~inside, np.nan, fit.mean), by=counts.by,
        title=f"Counts a {counts.by}, the fit before {day_text(asked.start)}, and the fit carried on. {said}",
        caption=(
            f"Points: recorded; line: fitted before {day_text(asked.start)} (dotted rule); dashed: the same trend "
            "and season carried on."
        ),
        marks=(day_text(asked.start),),
    )  # fmt: skip
