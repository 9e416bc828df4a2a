"""Whether a panel can carry a contrast, and the coefficient with its error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused
from ._fit import CountPanel, Fit, Model, NoFit, fit_counts, leave_zones_out, residualise, without_empty
from ._panel import SeamPanel

__all__ = [
    "FEWEST_EFFECTIVE",
    "FEWEST_ZONES",
    "Estimate",
    "Spread",
    "bounded_exp",
    "count_panel",
    "estimate",
    "refuse_thin",
    "spread_of",
    "t_quantile",
    "worth_of",
]

Floats = npt.NDArray[np.float64]
# From so many zones on, whose information is worth so many equal ones, intervals covered their level in simulated
# panels (benchmarks/results/seams_recovery.md).
FEWEST_ZONES, FEWEST_EFFECTIVE = 8, 3.0
# Exposure hardly varies where zone and period effects leave less than this share of its spread.
_LEAST_LEFT = 0.02


@dataclass(frozen=True)
class Spread:
    """How the exposure varies over the zone-periods used.

    Parameters
    ----------
    deviation, quartiles
        Standard deviation and interquartile range of the exposure around each zone's own mean.
    left
        Share of that standard deviation that effects of period leave.
    n_zones, n_periods, n_cells, recorded
        Zones, periods and zone-periods that take part, and the attacks recorded there.
    """

    deviation: float
    quartiles: float
    left: float
    n_zones: int
    n_periods: int
    n_cells: int
    recorded: int


@dataclass(frozen=True, eq=False)
class Estimate:
    """Coefficients per unit of exposure.

    Parameters
    ----------
    beta, covariance
        One a column.
    freedom
        Of Student's t, one a column: how many zones of equal information the column's information is worth
        (Satterthwaite: a sum over zones whose terms weigh as the zones' information).
    fit
        The fit itself.
    """

    beta: Floats
    covariance: Floats
    freedom: Floats
    fit: Fit

    @property
    def effective_zones(self) -> float:
        """How many equal zones the first column's information is worth."""
        return float(self.freedom[0])

    def error(self, column: int = 0) -> float:
        """Give a standard error."""
        return math.sqrt(max(float(self.covariance[column, column]), 0.0))

    def interval(self, level: float, column: int = 0) -> tuple[float, float]:
        """Give both ends of the interval of a coefficient."""
        half = t_quantile((1 + level) / 2, float(self.freedom[column])) * self.error(column)
        return float(self.beta[column]) - half, float(self.beta[column]) + half

    def p_value(self, column: int = 0) -> float:
        """Give the two-sided p-value of a coefficient of zero."""
        error = self.error(column)
        if not error > 0:
            return math.nan
        from scipy.special import stdtr

        return float(2 * stdtr(float(self.freedom[column]), -abs(float(self.beta[column])) / error))


def count_panel(panel: SeamPanel, exposure: Floats | None = None, counts: Floats | None = None) -> CountPanel:
    """Give the arrays of a fit; `exposure` may have several columns."""
    columns = panel.exposure[None] if exposure is None else exposure
    known = np.isfinite(columns).all(axis=0)
    return CountPanel(panel.counts if counts is None else counts, np.nan_to_num(columns), np.asarray(known))


def spread_of(panel: CountPanel) -> Spread:
    """Measure how the exposure varies over the zone-periods that take part."""
    used = without_empty(panel)
    known = used.known
    weight = known.astype(float)
    x = np.where(known, used.exposure[0], 0.0)
    mean = x.sum(axis=1) / np.maximum(weight.sum(axis=1), 1)
    around = (x - mean[:, None])[known]
    if not len(around):
        return Spread(0.0, 0.0, 0.0, 0, 0, 0, 0)
    deviation = float(np.sqrt((around**2).mean()))
    left = residualise(x[None], weight)[0][known]
    low, high = np.quantile(around, [0.25, 0.75])
    return Spread(
        deviation=deviation,
        quartiles=float(high - low),
        left=float(np.sqrt((left**2).mean()) / deviation) if deviation > 0 else 0.0,
        n_zones=int(known.any(axis=1).sum()),
        n_periods=int(known.any(axis=0).sum()),
        n_cells=int(known.sum()),
        recorded=int(used.counts[known].sum()),
    )


def refuse_thin(spread: Spread, unit: str) -> None:
    """Refuse a panel that no error could be honest for.

    Raises
    ------
    EstimateRefused
        Too few zones, or an exposure that hardly varies within them.
    """
    if spread.n_zones < FEWEST_ZONES:
        raise EstimateRefused(
            f"{spread.n_zones} zones with recorded attacks and known exposure; a contrast between zones needs "
            f"{FEWEST_ZONES}: use smaller zones or a longer period"
        )
    if spread.deviation <= 1e-9 or spread.left < _LEAST_LEFT:
        how = (
            f"moves alike in all zones ({spread.left:.1%} of its spread is left)"
            if spread.deviation > 1e-9
            else "hardly varies within zones"
        )
        raise EstimateRefused(
            f"exposure {how}: standard deviation within zones {spread.deviation:.3g} {unit}; what a zone always "
            "has, or all have in one period, cannot be told from zone and period"
        )


def estimate(panel: CountPanel, model: Model) -> Estimate:
    """Fit, and leave out one zone at a time.

    Raises
    ------
    NoFit
        See `fit_counts`; or one zone alone carries the exposure.
    """
    fit = fit_counts(panel, model)
    covariance, _ = leave_zones_out(panel, model, fit)
    if not np.isfinite(covariance).all():
        raise NoFit("the exposure varies in one zone alone")
    by_zone = np.einsum("zt,kzt->kz", fit.weight, fit.within**2)
    return Estimate(fit.beta, covariance, worth_of(by_zone), fit)


def worth_of(information: Floats) -> Floats:
    """Give how many equal parts each row of information is worth: squared sum over sum of squares.

    Examples
    --------
    >>> worth_of(np.array([[1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 0.0, 0.0]])).tolist()
    [4.0, 1.0]
    """
    found: Floats = information.sum(axis=-1) ** 2 / (information**2).sum(axis=-1)
    return found


def bounded_exp(value: float) -> float:
    """Give e^value, at most e^700 and at least e^-700: a ratio of a contrast far beyond the record stays a number."""
    return math.exp(min(max(value, -700.0), 700.0))


def t_quantile(p: float, freedom: float) -> float:
    """Give the quantile of Student's t; degrees of freedom need not be whole."""
    from scipy.special import stdtrit

    return float(stdtrit(max(freedom, 1.0), p))
