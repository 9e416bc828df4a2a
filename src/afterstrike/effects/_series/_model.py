"""A fitted distributed-lag model with all that horizons, lags and checks need of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused
from ._columns import TREND_SPREAD, Block, Columns, Season, Trend, series_columns
from ._counts import ZoneCounts
from ._errors import by_time, reach
from ._negbin import CountModel, fit_counts
from ._path import Wakes, horizon_weights, log_ratios, totals, wakes_of

__all__ = ["SeriesFit", "fit_series", "fit_shrunk"]

Floats = npt.NDArray[np.float64]
_STEP = 1e-5
# Zones' own trends: how often their spread is set anew, the change that ends it, and the least spread.
_SPREADS, _SETTLED, _LEAST = 8, 0.05, 0.02


@dataclass(frozen=True, eq=False)
class SeriesFit:
    """A fit and its horizons.

    Parameters
    ----------
    counts, columns, model
        What was fitted.
    covariance
        Of the shared coefficients, robust in time and between zones.
    together
        Over how many periods scores may hang together.
    wakes
        Struck zones and periods that can be followed.
    days
        Horizons.
    observed, expected
        Attacks recorded, and expected without, summed over wakes, for each horizon.
    log_ratio
        Their log ratio.
    log_ratio_covariance
        By the delta method; each variance is the larger of the robust one and that of the model.
    trend_spread
        Standard deviation of zones' own slow trends, in log rates; NaN without.
    """

    counts: ZoneCounts
    columns: Columns
    model: CountModel
    covariance: Floats
    together: int
    wakes: Wakes
    days: tuple[int, ...]
    observed: Floats
    expected: Floats
    log_ratio: Floats
    log_ratio_covariance: Floats
    trend_spread: float
    slope: Floats = field(repr=False)

    @property
    def std_error(self) -> Floats:
        """Of the log ratios."""
        return np.sqrt(np.maximum(np.diag(self.log_ratio_covariance), 0.0))

    def lag_effects(self) -> tuple[Floats, Floats]:
        """Give log rate ratios of one strike place-day by lag, and their covariance."""
        at = self.columns.lags
        robust, plain = self.covariance[at, at], self.model.bread[at, at]
        return self.model.shared[at], larger(robust, plain)

    def ratios_at(self, shared: Floats, wakes: Wakes | None = None) -> Floats:
        """Give the log ratios of all horizons for other coefficients, and other wakes if wanted."""
        return _log_ratios(shared, self.columns, wakes or self.wakes, self._weights())[2]

    def _weights(self) -> list[Floats]:
        return [horizon_weights(days, self.counts.step) for days in self.days]


def fit_series(
    counts: ZoneCounts,
    *,
    days: tuple[int, ...],
    blocks: Sequence[Block],
    season: Season,
    trend: Trend,
    trend_days: float,
    extra: Floats | None = None,
    extra_names: tuple[str, ...] = (),
) -> SeriesFit:
    """Fit the model and follow the struck zones and periods.

    Raises
    ------
    EstimateRefused
        No zone has attacks where the columns are known, or a column cannot be told apart.
    """
    made = series_columns(
        counts, blocks=blocks, season=season, trend=trend, trend_days=trend_days, extra=extra,
        extra_names=extra_names,
    )  # fmt: skip
    alive = (counts.attacks * made.usable).sum(axis=1) > 0
    if not alive.any():
        raise EstimateRefused(
            f"no attack is left in the {counts.by}s that can be fitted; lags and past attacks take the first "
            f"{made.blocks[-1][1]} {counts.by}s: use a longer period or fewer lags"
        )
    usable = made.usable & alive[:, None]
    model, spread = fit_shrunk(counts.attacks, made, usable)
    together = reach(counts.attacks.shape[1], made.blocks[-1][1])
    own = model.own.shape[1] - 1
    covariance = by_time(model.bread, model.score, together, len(made.names) + own)
    weights = [horizon_weights(length, counts.step) for length in days]
    wakes = wakes_of(counts, back=made.windows[-1][1], ahead=max(len(weight) for weight in weights))
    observed, expected, ratio = _log_ratios(model.shared, made, wakes, weights)
    slope = np.zeros((len(days), len(model.shared)))
    for column in (*range(made.past.start, made.past.stop), *range(made.lags.start, made.lags.stop)):
        moved = model.shared.copy()
        moved[column] += _STEP
        slope[:, column] = (_log_ratios(moved, made, wakes, weights)[2] - ratio) / _STEP
    return SeriesFit(
        counts, made, model, covariance, together, wakes, days, observed, expected, ratio,
        larger(slope @ covariance @ slope.T, slope @ model.bread @ slope.T), spread, slope,
    )  # fmt: skip


def fit_shrunk(attacks: Floats, made: Columns, usable: npt.NDArray[np.bool_]) -> tuple[CountModel, float]:
    """Fit with zones' own trends held near zero as strongly as the counts ask for.

    The spread is where the trends' size agrees with how well they are known (MacKay's rule for the evidence).
    """
    alive = np.flatnonzero(usable.any(axis=1))
    common, used, counts = made.common[alive], usable[alive], attacks[alive]
    model = fit_counts(counts, common, made.local, used, penalty=made.penalty, names=made.names)
    slow = made.local.shape[1] - 1
    if not slow:
        return _spread_out(model, alive, attacks), math.nan
    spread = TREND_SPREAD
    for _ in range(_SPREADS):
        precision = slow / spread**2
        known = float((1 - precision * model.own_variance[:, 1:]).sum())
        new = math.sqrt(slow * float((model.own[:, 1:] ** 2).sum()) / max(known, 1e-6))
        new = min(max(new, _LEAST), 3.0)
        settled = abs(math.log(new / spread)) < _SETTLED
        spread = new
        penalty = np.r_[0.0, np.full(slow, slow / spread**2)]
        model = fit_counts(counts, common, made.local, used, penalty=penalty, names=made.names, start=model)
        if settled or spread == _LEAST:
            break
    return _spread_out(model, alive, attacks), spread


def _spread_out(model: CountModel, alive: npt.NDArray[np.int64], attacks: Floats) -> CountModel:
    """Give a fit of some zones the rows of all, zeros where a zone was not fitted."""
    if len(alive) == len(attacks):
        return model

    def wide(part: npt.NDArray[Any]) -> Any:
        out = np.zeros((len(attacks), *part.shape[1:]), part.dtype)
        out[alive] = part
        return out

    return CountModel(
        model.shared, wide(model.own), model.dispersion, wide(model.mean), model.bread, wide(model.score),
        wide(model.used), wide(model.own_variance), wide(model.by_zone),
    )  # fmt: skip


def larger(robust: Floats, plain: Floats) -> Floats:
    """Give the robust covariance, with each variance raised to that of the model where it is smaller."""
    one, two = np.diag(robust), np.diag(plain)
    raise_by = np.sqrt(np.maximum(two, one) / np.maximum(one, 1e-300))
    return np.asarray(robust * np.outer(raise_by, raise_by))


def _log_ratios(
    shared: Floats, made: Columns, wakes: Wakes, weights: Sequence[Floats]
) -> tuple[Floats, Floats, Floats]:
    ratios = log_ratios(wakes, shared[made.past], shared[made.lags], made.windows, made.blocks)
    observed, expected = totals(wakes, ratios, weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        return observed, expected, np.log(observed) - np.log(expected)
