"""Fitting a Hawkes model, and what can be read from a fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from ._data import Floats, HawkesData, Lag, hawkes_data
from ._model import Kernel, Model, check_kernel
from ._search import first_guess, guard_rails, maximise

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NO_EXCITATION", "HawkesFit", "fit_data", "fit_hawkes"]

# Below this no excitation can be told from none, and the memory means nothing.
NO_EXCITATION = 1e-4


@dataclass(frozen=True, eq=False)
class HawkesFit:
    """A fitted Hawkes model.

    Parameters
    ----------
    log_likelihood
        At the maximum; times in days.
    estimate, covariance
        Of the parameters in `names`, without bounds; the covariance is the inverse of the observed
        information. Rows of parameters that could not be estimated are NaN.
    names
        Log rates and other coefficients of the log baseline, then the log branching ratio, then the log rate
        of decay (`exponential`) or the slope of the shares (`power`).
    has_excitation
        False where the likelihood is highest without excitation: then the kernel has no standard errors.
    """

    log_likelihood: float
    estimate: Floats
    covariance: Floats = field(repr=False)
    names: tuple[str, ...]
    has_excitation: bool
    model: Model = field(repr=False)

    @property
    def data(self) -> HawkesData:
        """What was fitted to."""
        return self.model.data

    @property
    def branching_ratio(self) -> float:
        """Events that one event brings about directly, on average; the share of events that are excited."""
        return float(np.exp(self.estimate[-2])) if self.has_excitation else 0.0

    @property
    def memory_days(self) -> float:
        """Mean lag from an event to those it excites, in days; NaN without excitation."""
        if not self.has_excitation:
            return math.nan
        weight, rate = self.model.parts(self.estimate)
        return float((weight / rate).sum() / weight.sum())

    @property
    def mean_rate(self) -> float:
        """Baseline events a day, averaged over the exposure."""
        base = np.exp(self.model.log_base(self.estimate))
        return float(base @ self.data.width / self.data.width.sum())

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Give one row a parameter: name, estimate, std_error, low, high."""
        import pandas as pd
        from scipy.special import ndtri

        error = np.sqrt(np.diag(self.covariance))
        z = float(ndtri((1 + level) / 2))
        return pd.DataFrame(
            {
                "parameter": self.names,
                "estimate": self.estimate,
                "std_error": error,
                "low": self.estimate - z * error,
                "high": self.estimate + z * error,
            }
        )

    def branching_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Give the interval of the branching ratio by profile likelihood.

        Parameters
        ----------
        level
            Between 0 and 1.

        Returns
        -------
        tuple
            Low (0 where no excitation fits as well) and high.

        Raises
        ------
        EstimateRefused
            The search for an end of the interval did not arrive.
        """
        from scipy.special import chdtri

        allowed = float(chdtri(1, 1 - level)) / 2
        return _profile(self, -allowed, -1), _profile(self, -allowed, 1)

    def robust_covariance(self, block_days: int = 30, *, shared: bool = False) -> Floats:
        """Give the covariance of the estimate from scores summed over stretches of days (a sandwich).

        It holds where the baseline moves otherwise than fitted, or attacks come in batches, as long as that
        lasts for less than a stretch; with few stretches it is too small.

        Parameters
        ----------
        block_days
            Length of the stretches, from 1. As long as effects are looked for is sensible.
        shared
            Sum over all zones: holds also where something moves several zones at once. Otherwise each zone's
            stretches are taken as independent of those of other zones.

        Returns
        -------
        array
            Shape (parameters, parameters); NaN where `covariance` is.

        Raises
        ------
        UsageError
            Not a whole number from 1.
        """
        from ._robust import sandwich

        if isinstance(block_days, bool) or not (isinstance(block_days, int) and block_days >= 1):
            raise UsageError(f"block_days={block_days!r}; allowed a whole number of days from 1")
        return sandwich(self.model, self.estimate, self.covariance, days=block_days, shared=shared)

    def residuals(self) -> Floats:
        """Give the time-rescaled gaps between events: independent unit exponentials where the model holds.

        Returns
        -------
        array
            One an event, in order of zone, stretch and time.
        """
        from ._residuals import rescaled_gaps

        return rescaled_gaps(self)


def fit_hawkes(
    times: npt.ArrayLike,
    duration: float,
    *,
    zones: Sequence[Any] | None = None,
    strikes: npt.ArrayLike | None = None,
    strike_zones: Sequence[Any] | None = None,
    lags: Sequence[Lag] = ((0, 0), (1, 7), (8, 14), (15, 30)),
    drift_days: float | None = None,
    cycles: Sequence[float] = (),
    gaps: Sequence[tuple[float, float]] = (),
    kernel: Kernel = "exponential",
    rates: Sequence[float] = (1.0, 0.4, 0.16, 0.064, 0.0256, 0.01),
    longest_memory_days: float | None = None,
) -> HawkesFit:
    """Fit an intensity in which events excite events, and strikes multiply the baseline.

    `intensity(t) = exp(zone + drift(t) + sum over struck days of effect[lag]) + sum over earlier events of
    kernel(age)`. Effects have either sign and the intensity stays positive. Events excite in their own zone,
    strikes act in their own zone; kernel and effects are shared by all zones.

    Parameters
    ----------
    times
        Days from the start of the record, any order, no two alike in a zone; see `spread_ties`.
    duration
        Days of the record. Nothing before its start is known, or excites.
    zones
        The zone of each event, or None for one.
    strikes, strike_zones
        Days, and the zone of each. Strikes of one day in a zone are one. Those in zones without events are
        left out and counted in `data.left_out`.
    lags
        First and last day after a strike of each step of its effect; (0, 0) is the day of the strike. Negative
        days come before it.
    drift_days
        Distance between the knots of a natural cubic spline of the log baseline, or None for a constant.
    cycles
        Periods in days of cycles of the log baseline, such as 7 and 365.25: sums of sines.
    gaps
        Stretches without recording, as pairs of days: no exposure, and no excitation across them. A gap holds the
        moment it begins with and not the one it ends with; events in it are left out and counted.
    kernel
        `exponential`, or `power`: a sum of exponentials at `rates`, whose shares are a power of the rate.
    rates
        Per day, of the kernel `power`.
    longest_memory_days
        Bound of the mean lag of the exponential kernel. Over longer lags excitation cannot be told from a
        baseline that drifts. The kernel `power` does not use it: there the lowest of `rates` bounds the lags.

    Returns
    -------
    HawkesFit

    Raises
    ------
    UsageError
        An option is not one of these, times are missing or outside the record, or two events share a time.
    EstimateRefused
        Too few events, effects of strikes that have no finite estimate, or a search for the highest likelihood
        that does not arrive.

    Examples
    --------
    >>> from afterstrike.effects import simulate_hawkes
    >>> times = simulate_hawkes(2000.0, rate=0.5, branching_ratio=0.4, memory_days=5.0, seed=1)
    >>> fit = fit_hawkes(times, 2000.0)
    >>> low, high = fit.branching_interval()
    >>> low < 0.4 < high
    True
    """
    fixed = np.sort(np.asarray(rates, np.float64))[::-1]
    check_kernel(kernel, fixed)
    has_strikes = strikes is not None and len(np.atleast_1d(np.asarray(strikes))) > 0
    data = hawkes_data(
        times, duration, zones=zones, strikes=strikes, strike_zones=strike_zones,
        lags=tuple(lags) if has_strikes else (), drift_days=drift_days, cycles=cycles, gaps=gaps,
    )  # fmt: skip
    if longest_memory_days is not None and not 0 < longest_memory_days < math.inf:
        raise UsageError(f"longest_memory_days={longest_memory_days!r}; allowed a positive number, or None")
    return fit_data(data, kernel=kernel, rates=fixed, longest=longest_memory_days)


def fit_data(
    data: HawkesData,
    *,
    kernel: Kernel,
    rates: Floats,
    longest: float | None = None,
    start: Floats | None = None,
) -> HawkesFit:
    """Fit to data that were checked.

    `longest` bounds the mean lag of the exponential kernel, days; `start` is the estimate of a fit like this one.
    """
    model = Model(data, kernel, rates, longest)
    q, value = maximise(model, first_guess(model) if start is None else start)
    has_excitation = math.exp(q[-2]) > NO_EXCITATION
    # At the longest lag allowed there is no slope to be zero: the rest is estimated given that lag.
    is_inside = kernel == "power" or q[-1] > guard_rails(model)[-1][0] + 1e-3
    covariance = _inverse(-model.hessian(q), has_excitation, has_excitation and is_inside)
    return HawkesFit(value, q, covariance, model.names, has_excitation, model)


def _inverse(information: Floats, with_ratio: bool, with_shape: bool) -> Floats:
    """Give the covariance; where little is excited its lag is not known, and the rest is told given the lag."""
    for ratio, shape in ((with_ratio, with_shape), (with_ratio, False), (False, False)):
        free = np.r_[np.ones(len(information) - 2, bool), ratio, shape]
        kept = np.ix_(free, free)
        try:
            np.linalg.cholesky(information[kept])
        except np.linalg.LinAlgError:
            continue
        covariance = np.full(information.shape, math.nan)
        covariance[kept] = np.linalg.inv(information[kept])
        return covariance
    raise EstimateRefused(_FLAT)


_FLAT = (
    "the likelihood has no single highest point: too few events for so many parameters; use fewer lags, a "
    "constant baseline, or a longer record"
)


def _profile(fit: HawkesFit, drop: float, side: int) -> float:
    """Give the branching ratio, below or above the estimate, at which the likelihood has fallen by `drop`."""
    from scipy.optimize import brentq

    def left(n: float) -> float:
        if n == fit.branching_ratio:
            return -drop  # known; a search that is held at it may end below
        # Not from the last point looked at: near n = 0 the shape of the kernel wanders off, and stays away.
        start = fit.estimate if fit.has_excitation else first_guess(fit.model, (max(n, 1e-7),))
        return maximise(fit.model, start, fixed_n=n)[1] - fit.log_likelihood - drop

    n = fit.branching_ratio
    if side < 0:
        if n == 0 or left(0.0) >= 0:
            return 0.0
        return float(brentq(left, 0.0, n, xtol=5e-4))
    step = max(0.02, 2 * _spread(fit) * n)
    high = n + step
    while left(high) > 0:
        step *= 2
        high = n + step
        if high > math.exp(1.5):
            return math.inf
    return float(brentq(left, n, high, xtol=5e-4))


def _spread(fit: HawkesFit) -> float:
    found = fit.covariance[-2, -2]
    return math.sqrt(found) if found > 0 else 0.1
