"""The distributed-lag series: counts by zone and week or day, strikes by lag, the lull as one ratio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from ... import __version__
from ...errors import EstimateRefused, UsageError
from .._panel._result import provenance
from .._panel._stacked import check_level
from .._panel._weeks import whole
from .._result import COLUMNS
from .._study import Study
from .._wakes._lull_make import harm_of
from .._wakes._maxt import correlation, max_t
from .._wakes._words import civilian_harm
from ._checks import (
    autocorrelation_check,
    dispersion_check,
    few_zones_check,
    lead_check,
    leave_one_out_check,
    silence_check,
    trend_check,
)
from ._columns import Season, Trend, check_blocks
from ._counts import By, Gap, check_by, count_zones
from ._hidden import Room, hidden_check, hidden_room
from ._lag_figure import lag_figure
from ._lag_tables import (
    coefficient_table,
    drawn_series,
    estimand_of,
    fitted_table,
    lag_table,
    left_out,
    more_words,
    policy_table,
    power_of,
    zone_words,
)
from ._model import SeriesFit, fit_series
from ._policy import Leads, Policy, fit_policy, lead_effects, policy_columns, sensitivity
from ._reporting import reporting_check
from ._result import RATIO_COLUMNS, SeriesResult, ratio_row, ratio_sentence, refused_row

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_days", "check_trend", "distributed_lag"]

# Fewer struck zone-periods, or expected attacks behind them, carry no interval.
_FEWEST_WAKES, _FEWEST_ATTACKS = 10, 10.0
_ASSUMES = (
    "given the zone, season, slow trend, recorded attacks of the four weeks before and other strikes, nothing "
    "moves both a zone's strikes and its attacks; one zone's strikes do not move another's attacks; strikes' "
    "effects multiply and are alike in all zones; recording does not change with strikes."
)


def distributed_lag(
    study: Study,
    *,
    zones: str | float | None,
    by: By = "week",
    lags: Sequence[Any] | None = None,
    days: int | Sequence[int] = (7, 14, 30),
    season: Season = "auto",
    trend: Trend = "zone",
    trend_days: float | None = 180,
    gaps: Sequence[Gap] = (),
    level: float = 0.95,
    seed: int = 0,
) -> SeriesResult:
    """Estimate what followed strikes along time, from counts by zone and week or day.

    Recorded attacks of zone z in period t are negative binomial with log rate = zone + its slow trend + season
    + log(1 + recorded attacks) of the week before, the one before, and the two before that + strike
    place-days by lag. Strikes answer to attacks; the past attacks stand for that. The horizon ratio is
    RR_H = (sum of recorded attacks on days 1..H after struck zone-periods) / (sum expected there had that
    zone's strikes of that period alone not been). The period of the strikes itself is apart: it holds attacks
    that called for them. What is expected without the strike is carried forward period by period, so the echo
    of a strike through later past attacks is in it; later strikes stay as they were.

    Parameters
    ----------
    study
        What is compared; its control rows play no part.
    zones
        A column that names the zone (`"adm2"`), a side of cells in km, or None: one zone.
    by
        `"week"` or `"day"`. With weeks, days are counted from the end of the strikes' week: the first of them
        lie up to a week after the strike. With days, from the strike's day.
    lags
        Periods back with an effect of their own: (1, 2, 3), or pairs as ((1, 3), (4, 7)); by itself as far as
        the longest horizon and a week more.
    days
        Horizons H, 1 to 365 days.
    season
        `"auto"`: yearly waves where the record spans 1.5 years, and the day of the week; `"year"`; `"none"`.
    trend, trend_days
        Slow trend with a knot every `trend_days` (28 to 3650): `"zone"` a common one and zones' own, held near
        it as strongly as the counts ask for; `"common"`; `"none"` (or `trend_days=None`). The others are shown
        in the checks.
    gaps
        (first day, last day), or (zone, first day, last day): nothing was recorded then. Missing, not zero.
    level, seed
        Of the intervals, 0.5 to 0.999; of the draws behind the simultaneous band.

    Returns
    -------
    SeriesResult
        A row a horizon. `detail("lags")`: effects by lag with a band for all at once; `"sensitivity"`: how
        strong a hidden common cause would have to be; `"policy"`: how strikes answer to attacks;
        `"coefficients"`; `"fitted"`: counts and fit by zone and period.

    Raises
    ------
    UsageError
        An option that is not allowed.
    EstimateRefused
        The rows cannot carry a series: too short, no attack or strike left, lags that cannot be told apart.

    Notes
    -----
    Standard errors sum scores over zones (they may move together) and weigh them over time (Newey and West
    1987, https://doi.org/10.2307/1913610; Driscoll and Kraay 1998, https://doi.org/10.1162/003465398557825),
    never below those of the model. Lagged effects in time series of counts: Gasparrini, Armstrong, Kenward
    2010, https://doi.org/10.1002/sim.3940.

    Examples
    --------
    >>> from afterstrike.effects.theatres import Theatre, simulate_theatre
    >>> theatre = simulate_theatre(Theatre.preset("lull", overlap=None).with_strikes(rate_factor=1.0), seed=1)
    >>> study = Study.from_frame(theatre.events, treatment="strike", outcome="attack")
    >>> distributed_lag(study, zones="adm2", by="day", days=14)
    SeriesResult(distributed lag, RR_14=0.84 (0.80 to 0.88))
    """
    check_level(level)
    check_by(by)
    horizons = check_days(days)
    trend, spacing = check_trend(trend, trend_days)
    counts = count_zones(study, zones=zones, by=by, gaps=gaps)
    blocks = check_blocks(lags, counts.step, max(horizons))
    fit = fit_series(counts, days=horizons, blocks=blocks, season=season, trend=trend, trend_days=spacing)
    fits = {trend: fit} | _other_fits(fit, trend, season, spacing)
    policy, leads, room, reason = _policy(fit, season, spacing)
    table = _table(fit, level, seed)
    found = lag_table(fit, level, seed)
    where = f"{'a week with strikes' if by == 'week' else 'strikes'}, in {zone_words(fit)}"
    said = tuple(
        ratio_sentence(row, f"in the {row['days']:g} days after {where}") for row in table.to_dict("records")
    )
    checks = (
        lead_check(leads, policy, reason),
        hidden_check(room, reason),
        trend_check(fits, trend, level),
        autocorrelation_check(
            fit.model.residual(counts.attacks), by, (1, 2, 4) if by == "week" else (1, 7, 14, 28)
        ),
        dispersion_check(fit),
        few_zones_check(fit),
        leave_one_out_check(fit, level),
        silence_check(fit),
        reporting_check(study, fit, zones=zones, level=level),
    )
    asked = {
        "estimator": "distributed_lag", "convention": "distributed lag",
        "zones": zones, "by": by, "lags": [list(block) for block in blocks],
        "days": list(horizons), "season": season, "trend": trend, "trend_days": trend_days,
        "gaps": [list(gap) for gap in gaps], "level": level,
    }  # fmt: skip
    return SeriesResult(
        table=table,
        estimand=estimand_of(fit),
        assumptions=_ASSUMES,
        checks=checks,
        provenance=provenance(study, asked, seed)
        | {"version": __version__, "exclusions": dict(study.exclusions) | left_out(fit)},
        details={
            "lags": found.copy,
            "sensitivity": lambda: sensitivity(fit, leads, level),
            "policy": lambda: policy_table(policy, leads, reason, level),
            "coefficients": lambda: coefficient_table(fit),
            "fitted": lambda: fitted_table(fit),
        },
        opening=(civilian_harm(harm_of(study)), power_of(table)),
        said=said,
        extra=tuple(more_words(fit, policy, leads, level)),
        name="distributed lag",
        drawn=(lag_figure(found, level, said[-1], by), drawn_series(fit)),
    )


def check_days(days: int | Sequence[int], most: int = 365) -> tuple[int, ...]:
    """Read horizons, up to `most` days."""
    given = [days] if isinstance(days, int | np.integer) else list(days)
    if not given:
        raise UsageError(f"days is empty; allowed one or more whole numbers from 1 to {most}")
    return tuple(sorted({whole("days", value, 1, most) for value in given}))


def check_trend(trend: Trend, trend_days: float | None) -> tuple[Trend, float]:
    """Read the slow trend and its spacing."""
    if trend not in get_args(Trend):
        raise UsageError(f"trend={trend!r}; allowed {', '.join(map(repr, get_args(Trend)))}")
    if trend_days is None:
        return "none", 180.0
    if (
        isinstance(trend_days, bool)
        or not isinstance(trend_days, int | float)
        or not 28 <= trend_days <= 3650
    ):
        raise UsageError(f"trend_days={trend_days!r}; allowed 28 to 3650 days, or None for no slow trend")
    return trend, float(trend_days)


def _other_fits(fit: SeriesFit, trend: Trend, season: Season, spacing: float) -> dict[Trend, SeriesFit]:
    """Fit the same counts with the other slow trends, as far as they can be fitted."""
    found: dict[Trend, SeriesFit] = {}
    for name in get_args(Trend):
        # With one zone its own trend and the common one are the same columns.
        if name == trend or (name == "zone" and len(fit.counts.zones) == 1):
            continue
        try:
            found[name] = fit_series(
                fit.counts,
                days=fit.days,
                blocks=fit.columns.blocks,
                season=season,
                trend=name,
                trend_days=spacing,
            )
        except EstimateRefused:
            continue
    return found


def _policy(
    fit: SeriesFit, season: Season, spacing: float
) -> tuple[Policy | None, Leads | None, Room | None, str]:
    """Fit the strike equation, the leads and the room for a hidden cause, as far as the strikes carry them."""
    policy = leads = room = None
    try:
        policy = fit_policy(fit.counts, season=season, trend="common", trend_days=spacing)
        room = hidden_room(fit, policy_columns(fit.counts, season, "common", spacing))
        leads = lead_effects(fit, policy)
    except EstimateRefused as refusal:
        return policy, leads, room, str(refusal)
    return policy, leads, room, ""


def _reason(fit: SeriesFit, k: int) -> str:
    if len(fit.wakes.zone) < _FEWEST_WAKES:
        why = f" ({fit.wakes.left_out} more pass the ends of the record)" if fit.wakes.left_out else ""
        return (
            f"{len(fit.wakes.zone)} struck zone-{fit.counts.by}s can be followed{why}; an interval needs "
            f"{_FEWEST_WAKES}"
        )
    if not fit.expected[k] >= _FEWEST_ATTACKS or fit.observed[k] == 0:
        return (
            f"{fit.observed[k]:.0f} attacks recorded and {fit.expected[k]:.1f} expected behind strikes; a ratio "
            f"needs {_FEWEST_ATTACKS:.0f} expected and one recorded"
        )
    return ""


def _table(fit: SeriesFit, level: float, seed: int) -> pd.DataFrame:
    import pandas as pd
    from scipy.special import ndtr, ndtri

    z = float(ndtri((1 + level) / 2))
    joint = max(max_t(correlation(fit.log_ratio_covariance), level=level, seed=seed), z)
    unit = f"recorded outcome events per struck zone-{fit.counts.by}"
    rows = []
    for k, days in enumerate(fit.days):
        if reason := _reason(fit, k):
            rows.append(refused_row(days, level, len(fit.wakes.zone), unit, reason))
            continue
        value, error = float(fit.log_ratio[k]), float(fit.std_error[k])
        rows.append(ratio_row(
            days, float(fit.observed[k]), value, error, z=z, joint=joint, level=level,
            n_treated=len(fit.wakes.zone), unit=unit, p_value=2 * float(ndtr(-abs(value) / error)),
        ))  # fmt: skip
    return pd.DataFrame(rows)[[*COLUMNS[:-1], *RATIO_COLUMNS, "reason"]]
