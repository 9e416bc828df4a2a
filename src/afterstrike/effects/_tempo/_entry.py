"""A recorded rate against the past of its own record: the public function."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import EstimateRefused, UsageError
from ._dated import Dated, dated_of
from ._ratio import Scatter, ratio_of, scatter_of

if TYPE_CHECKING:
    import pandas as pd

    from .._study import Study
    from ._result import TempoResult

__all__ = ["tempo_against_past"]

Span = tuple[int, int]

_COVERED = 0.9
"""A window of which less than this share is covered is not ranked."""
_ESTIMAND = (
    "recorded events a week in the window, divided by recorded events a week in the time it is set against; and the "
    "place of the window's rate among those of earlier windows of equal length"
)
_ASSUMPTIONS = (
    "the underlying rate is steady within each of the two times, counts scatter around it as they do elsewhere in the "
    "record, and reporting was alike in both. A rate of records, not of what happened."
)


def tempo_against_past(
    events_or_series: pd.DataFrame | pd.Series[Any] | Study,
    *,
    window: str | tuple[str, str],
    reference: str | tuple[str, str],
    period: tuple[str, str] | None = None,
    gaps: Sequence[tuple[str, str]] = (),
    level: float = 0.95,
    columns: Mapping[str, str] | None = None,
) -> TempoResult:
    """Set a recorded rate against a named past time, and against all earlier windows of equal length.

    Parameters
    ----------
    events_or_series
        One row an event, with a time; a `Study`, whose outcome rows are taken; or a Series of counts indexed by the
        first day of equal periods (days or weeks), missing where not known.
    window
        The time in question: a year (`"2018"`), `"2018-01-01/2018-03-31"`, or `(first day, last day)`, inclusive.
    reference
        The past time it is set against, likewise. It shares no day with the window.
    period
        `(first day, last day)` of the record; from the first to the last event where None, or a study's own.
    gaps
        `(first day, last day)` of spans in which the source has no data: missing, not zero.
    level
        Of the intervals, from 0.5 up to but not including 1.
    columns
        Which column is `time`, where its name is not a usual one.

    Returns
    -------
    TempoResult
        One row a comparison: the time named; the same days of the year, where a year is named and the window is
        shorter; the closest earlier window by rate, which has no interval as it was chosen for being close. With
        `observed`, `expected` (events in the window, and what the rate of the other time gives for it), `rate_ratio`
        with `rate_ratio_low` and `rate_ratio_high`, and `reason` where there is none. `detail("windows")` lists all
        windows of that length, `detail("years")` the calendar years.

    Raises
    ------
    UsageError
        An option is not allowed, the times share days, or the record is not one.
    EstimateRefused
        A time lies outside the record or is covered by less than 90%, or the record is too short to learn how counts
        scatter.

    Notes
    -----
    Counts of attacks vary more than Poisson counts and depend on their neighbours. Excess variance and correlation are
    learnt from whole weeks of the record around the mean of each half year, correlation as its upper 90% limit; each
    count is divided by its dispersion, and the ratio has the exact interval of [1]_ for what is left.

    References
    ----------
    .. [1] Przyborowski J, Wilenski H (1940), Homogeneity of results in testing samples from Poisson series.
       Biometrika 31:313-323, doi:10.1093/biomet/31.3-4.313.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> days = pd.date_range("2017-01-01", "2018-06-30")
    >>> rate = np.where(days < "2018-04-01", 2.0, 1.0)
    >>> counts = pd.Series(np.random.default_rng(1).poisson(rate), index=days)
    >>> found = tempo_against_past(counts, window="2018-04-01/2018-06-30", reference="2017")
    >>> row = found.to_frame().iloc[0]
    >>> f"{row.rate_ratio:.2f} ({row.rate_ratio_low:.2f} to {row.rate_ratio_high:.2f})"
    '0.46 (0.35 to 0.60)'
    """
    from ._checks import tempo_checks
    from ._result import TempoResult

    if isinstance(level, bool) or not isinstance(level, int | float) or not 0.5 <= level < 1:
        raise UsageError(f"level={level!r}; allowed 0.5 up to but not including 1")
    now, then = _span("window", window), _span("reference", reference)
    if now[0] <= then[1] and then[0] <= now[1]:
        raise UsageError(
            f"window {_told(now)} and reference {_told(then)} share days; a rate cannot be set against itself: give "
            "times apart"
        )
    dated = dated_of(events_or_series, columns=columns, period=period, gaps=gaps)
    here, there = (_inside(dated, name, span) for name, span in (("window", now), ("reference", then)))
    scatter = scatter_of(dated, [here, there])
    others = {_name(reference, then): there}
    if (same := _same_days(dated, here, now, then)) is not None:
        others[f"{then[0].astype('datetime64[Y]')}, same days of the year"] = same
    windows = _windows(dated, here)
    rows = [_row(dated, name, here, span, scatter, level) for name, span in others.items()]
    if (closest := _closest(dated, windows, here)) is not None:
        rows.append(_row(dated, "closest earlier window", here, closest, None, level))
    import pandas as pd

    parameters = {
        "window": _told(now), "reference": _told(then), "level": level,
        "gaps": [list(pair) for pair in gaps], "convention": "tempo",
    }  # fmt: skip
    return TempoResult(
        table=pd.DataFrame(rows),
        estimand=_ESTIMAND,
        assumptions=_ASSUMPTIONS,
        checks=tempo_checks(dated, here, there, now, then, scatter),
        provenance=_provenance(dated, parameters),
        details={"windows": lambda: windows, "years": lambda: _years(dated, here)},
        dated=dated,
        window=here,
        reference=there,
    )


def _span(option: str, asked: Any) -> tuple[np.datetime64, np.datetime64]:
    """Read a year, A/B or a pair of days."""
    try:
        if isinstance(asked, str) and len(asked) == 4 and asked.isdecimal():
            ends: Any = f"{asked}-01-01", f"{asked}-12-31"
        else:
            ends = asked.split("/") if isinstance(asked, str) else asked
        first, last = (np.datetime64(date.fromisoformat(str(day)), "D") for day in ends)
    except (TypeError, ValueError):
        raise UsageError(
            f"{option}={asked!r}; allowed a year as '2017', '2018-01-01/2018-03-31', or (first day, last day)"
        ) from None
    if last < first:
        raise UsageError(f"{option}={asked!r}: the last day is before the first; give (first day, last day)")
    return first, last


def _told(span: tuple[np.datetime64, np.datetime64]) -> str:
    return f"{span[0]}/{span[1]}"


def _name(asked: Any, span: tuple[np.datetime64, np.datetime64]) -> str:
    return asked if isinstance(asked, str) and "/" not in asked else f"{span[0]} to {span[1]}"


def _inside(dated: Dated, name: str, span: tuple[np.datetime64, np.datetime64]) -> Span:
    """Give the whole periods of a time; refuse one that the record does not cover."""
    low, high = dated.whole(*span)
    asked = int((span[1] - span[0]).astype(int)) + 1
    known = dated.total(low, high)[1] if high > low else 0
    # Of a series of weeks, the ends of a time may lie inside a week.
    if known < _COVERED * max(asked - 2 * (dated.days - 1), dated.days):
        ends = f"{dated.day(0)} to {dated.day(len(dated.counts)) - np.timedelta64(1, 'D')}"
        raise EstimateRefused(
            f"{name} {_told(span)}: the record covers {known} of its {asked} days (it runs from {ends}); needed are "
            f"{_COVERED:.0%}: give another time, or a record that covers it"
        )
    return low, high


def _same_days(
    dated: Dated,
    here: Span,
    now: tuple[np.datetime64, np.datetime64],
    then: tuple[np.datetime64, np.datetime64],
) -> Span | None:
    """Give the days of the reference year that the window has in its own, where both are so."""
    year = then[0].astype("datetime64[Y]")
    whole = then == (year.astype("datetime64[D]"), (year + 1).astype("datetime64[D]") - 1)
    if not whole or now[0].astype("datetime64[Y]") != now[1].astype("datetime64[Y]"):
        return None
    back = now[0].astype("datetime64[Y]").astype(int) - year.astype(int)
    ends = []
    for day in now:
        one = _day(day)
        leap = (one.month, one.day) == (2, 29)
        ends.append(np.datetime64(one.replace(year=one.year - int(back), day=28 if leap else one.day), "D"))
    low, high = dated.whole(ends[0], ends[1])
    known = dated.total(low, high)[1] if high > low else 0
    if now[1] - now[0] >= np.timedelta64(360, "D") or known < _COVERED * dated.days * (here[1] - here[0] - 1):
        return None
    return low, high


def _windows(dated: Dated, here: Span) -> pd.DataFrame:
    """List all windows of the same length that are covered well enough, with their rates."""
    import pandas as pd

    length = here[1] - here[0]
    known = np.concatenate([[0], np.cumsum(dated.known)])
    sums = np.concatenate([[0.0], np.cumsum(np.where(dated.known, dated.counts, 0.0))])
    low = np.arange(len(dated.counts) - length + 1)
    covered = known[low + length] - known[low]
    low, covered = low[covered >= _COVERED * length], covered[covered >= _COVERED * length]
    events = sums[low + length] - sums[low]
    first = dated.first + low * np.timedelta64(dated.days, "D")
    return pd.DataFrame(
        {
            "first": first,
            "last": first + np.timedelta64(length * dated.days - 1, "D"),
            "events": events,
            "days": covered * dated.days,
            "events_a_week": events / (covered * dated.days) * 7,
            "is_earlier": low + length <= here[0],
        }
    )


def _closest(dated: Dated, windows: pd.DataFrame, here: Span) -> Span | None:
    """Give the earlier window whose rate is nearest; of several the latest."""
    earlier = windows[windows["is_earlier"]]
    if not len(earlier):
        return None
    events, days = dated.total(*here)
    gap = (earlier["events_a_week"] - events / days * 7).abs()
    row = earlier[gap <= gap.min() + 1e-9].iloc[-1]
    return dated.whole(np.datetime64(row["first"], "D"), np.datetime64(row["last"], "D"))


def _row(
    dated: Dated, name: str, here: Span, there: Span, scatter: Scatter | None, level: float
) -> dict[str, Any]:
    (events, days), (before, length) = dated.total(*here), dated.total(*there)
    row: dict[str, Any] = {
        "reference": name,
        "first": _day(dated.day(there[0])),
        "last": _day(dated.day(there[1]) - np.timedelta64(1, "D")),
        "days": length,
        "events": before,
        "events_a_week": before / length * 7,
        "window_first": _day(dated.day(here[0])),
        "window_last": _day(dated.day(here[1]) - np.timedelta64(1, "D")),
        "window_days": days,
        "window_events_a_week": events / days * 7,
        "observed": events,
        "expected": before / length * days,
        "rate_ratio": events / days / (before / length) if before else math.nan,
        "rate_ratio_low": math.nan,
        "rate_ratio_high": math.nan,
        "level": level,
        "correlation": math.nan if scatter is None else scatter.correlation,
        "excess_variance": math.nan if scatter is None else scatter.excess,
        "reason": "",
    }
    if scatter is None:
        return row | {"reason": "chosen for being close, so it has no interval"}
    if not events and not before:
        return row | {"reason": "no event in either time"}
    _, low, high = ratio_of((events, days / 7), (before, length / 7), scatter, 1 - level)
    return row | {"rate_ratio_low": low, "rate_ratio_high": high}


def _years(dated: Dated, here: Span) -> pd.DataFrame:
    """List the calendar years of the record, as far as each is covered."""
    import pandas as pd

    last = dated.day(len(dated.counts)) - np.timedelta64(1, "D")
    rows = []
    for year in range(dated.first.astype(object).year, last.astype(object).year + 1):
        low, high = dated.whole(np.datetime64(f"{year}-01-01"), np.datetime64(f"{year}-12-31"))
        events, days = dated.total(low, high) if high > low else (0.0, 0)
        if days:
            rows.append({"year": year, "events": events, "days": days, "events_a_week": events / days * 7})
    return pd.DataFrame(rows)


def _day(moment: np.datetime64) -> date:
    return date.fromisoformat(str(moment.astype("datetime64[D]")))


def _provenance(dated: Dated, parameters: Mapping[str, Any]) -> dict[str, Any]:
    from ... import __version__

    digest = hashlib.sha256(str(dated.first).encode())
    digest.update(dated.counts.tobytes() + dated.known.tobytes())
    return {
        "input_sha256": digest.hexdigest(),
        "version": __version__,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": None,
        "parameters": dict(parameters),
        "exclusions": dict(dated.exclusions),
    }
