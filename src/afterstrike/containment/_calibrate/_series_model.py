"""The model of weekly recorded attacks behind strikes: what is known before the data, and the columns.

Week t of source s: negative binomial with mean share[s] * m[t] and variance ratio * mean, as the simulator has it
by day (sums of such counts are such counts).

    m[t]     = ((1 - n) exp(eta[t]) + n E[t]) / (1 - n w)
    eta[t]   = u[t] + season - b x[t],   u a random walk of sd drift_sd * sqrt(7) a week
    x[t]     = 1 - exp(-L[t]),           L the memory of strikes of earlier weeks, halved in `halflife` days
    E[t]     = attacks that those recorded in earlier weeks set off in week t if each set off one in all
    w        = share of what an attack sets off that falls into its own week

A walk beside self-excitation: without it n is inflated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import UsageError

__all__ = [
    "HYPER",
    "Hyper",
    "SeriesPrior",
    "excitation_carry",
    "memory",
    "own_week",
    "season_columns",
    "suppression",
    "unit_memory",
]

Array = np.ndarray[Any, Any]
Quantile = Callable[[Array], Array]

DAYS = 7.0
HYPER = ("lull_halflife", "drift_sd", "variance_ratio", "branching_ratio", "excitation_days")
"""Parameters that are integrated over numerically; all others are normal given them."""


@dataclass(frozen=True)
class Hyper:
    """One value of each of `HYPER`."""

    lull_halflife: float
    drift_sd: float
    variance_ratio: float
    branching_ratio: float
    excitation_days: float


def _lognormal(low: float, high: float) -> Quantile:
    from scipy.special import ndtri

    middle, spread = math.log(low * high) / 2, math.log(high / low) / (2 * 1.6448536269514722)
    return lambda u: np.exp(middle + spread * ndtri(u))


def _half_normal(scale: float) -> Quantile:
    from scipy.special import ndtri

    return lambda u: scale * ndtri((1 + np.asarray(u)) / 2)


def _beta(a: float, b: float) -> Quantile:
    from scipy.special import betaincinv

    return lambda u: np.asarray(betaincinv(a, b, u))


def _shifted(least: float, quantile: Quantile) -> Quantile:
    return lambda u: least + quantile(u)


def _standard() -> dict[str, Quantile]:
    return {
        "lull_halflife": _lognormal(5, 60),
        "drift_sd": _half_normal(0.04),
        "variance_ratio": _shifted(1.0, _lognormal(0.1, 3.0)),
        # Mean 0.40, 90 % within 0.19 to 0.62: the range of published fits.
        "branching_ratio": _beta(5.0, 7.5),
        "excitation_days": _lognormal(7, 42),
    }


@dataclass(frozen=True, eq=False)
class SeriesPrior:
    """What is known before the data.

    Parameters
    ----------
    quantiles
        By name of `HYPER`, the quantile function of its prior. Those not given: half-life lognormal, 5 to 60 days
        (90 %); drift half normal, 0.04 per square root of a day; variance ratio 1 + lognormal, 0.1 to 3; branching
        ratio Beta, mean 0.4; its memory lognormal, 7 to 42 days.
    strike_effect
        Mean and sd of b on the log rate at full suppression; positive b: fewer attacks behind strikes. Centred at zero.
    level
        Mean and sd of the log of weekly recorded attacks at the start; None: the log of the first year's mean, sd 1.
    season_sd
        Of each yearly wave's coefficients.
    share_sd
        Of the log of another source's share against the first.

    Raises
    ------
    UsageError
        A name is none of `HYPER`, or a spread is not above zero.
    """

    quantiles: Mapping[str, Quantile] = field(default_factory=dict)
    strike_effect: tuple[float, float] = (0.0, 0.35)
    level: tuple[float, float] | None = None
    season_sd: float = 0.3
    share_sd: float = 0.7

    def __post_init__(self) -> None:
        if unknown := set(self.quantiles) - set(HYPER):
            raise UsageError(f"quantiles for {', '.join(sorted(unknown))}; allowed {', '.join(HYPER)}")
        spreads = (self.strike_effect[1], self.season_sd, self.share_sd, *(self.level or (0, 1))[1:])
        if min(spreads) <= 0:
            raise UsageError("a prior with a spread of zero or less; allowed above 0")
        object.__setattr__(self, "quantiles", {**_standard(), **self.quantiles})

    def hyper(self, z: Array) -> Hyper:
        """Give the parameters at normal scores; each score is standard normal before the data."""
        from scipy.special import ndtr

        chance = np.clip(ndtr(np.asarray(z, float)), 1e-9, 1 - 1e-9)
        values = [float(self.quantiles[name](chance[k])) for k, name in enumerate(HYPER)]
        return Hyper(values[0], max(values[1], 1e-5), max(values[2], 1.001), min(values[3], 0.98), values[4])


def memory(strikes: Array, halflife: float, lag: int) -> Array:
    """Give the memory of strikes in the middle of each week, in strikes, of those at least `lag` weeks before.

    A strike lies in the middle of its week on average.
    """
    from scipy.signal import lfilter

    keep = 2.0 ** (-DAYS / halflife)
    held = lfilter([1.0], [1.0, -keep], strikes)
    found = np.zeros(len(strikes))
    found[lag:] = held[:-lag] * keep**lag
    return found


def unit_memory(strikes: Array, halflife: float) -> float:
    """Give the memory that one strike adds, by the normalisation: the middle struck week leaves half suppression.

    The data know b and L by their product only. Of the memory just behind each struck week, earlier strikes
    included, the median is set to ln 2, so that x = 1 - exp(-L) is one half there, at the prior's middle half-life.
    """
    held = memory(np.append(strikes, 0.0), halflife, 1)[1:] * 2.0 ** (DAYS / halflife)
    behind = held[strikes > 0]
    return math.log(2.0) / float(np.median(behind)) if len(behind) else 0.0


def suppression(strikes: Array, halflife: float, unit: float, lag: int) -> Array:
    """Give x = 1 - exp(-L) by week."""
    return np.asarray(-np.expm1(-unit * memory(strikes, halflife, lag)))


def own_week(days: float) -> float:
    """Give the share of what an attack sets off that falls into its own week."""
    rho = math.exp(-1.0 / days)
    return 1.0 - (1.0 - rho**7) / (7.0 * (1.0 - rho))


def excitation_carry(counts: Array, days: float) -> Array:
    """Give what the attacks of earlier weeks set off in each week, if each set off one in all."""
    from scipy.signal import lfilter

    rho = math.exp(-1.0 / days)
    state = lfilter([1.0 - rho**7], [1.0, -(rho**7)], counts / 7.0)
    found = np.zeros(len(counts))
    found[1:] = state[:-1] * (1.0 - rho**7) / (1.0 - rho)
    return found


def season_columns(weeks: int, harmonics: int, first_day: int = 0) -> Array:
    """Give sine and cosine of the yearly waves, shape (weeks, 2 * harmonics)."""
    angle = 2 * np.pi * (first_day + DAYS * np.arange(weeks)) / 365.25
    waves = [part(k * angle) for k in range(1, harmonics + 1) for part in (np.sin, np.cos)]
    return np.column_stack(waves) if waves else np.zeros((weeks, 0))
