"""Has the tempo changed? An exact conditional test of the last days against the days before them.

Counts of a day are taken as independent, with one mean in the window and one in the baseline. Given the sum of
both, the count of the window is then binomial where days are Poisson (Przyborowski and Wilenski 1940), and
beta-binomial where they are negative binomial with a known dispersion. The dispersion is not known: the upper 90 %
limit of the baseline's is taken, for a plain estimate is too small half of the time and the tails pay for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Direction", "Tempo", "alarm_level", "dispersion_of", "tail_chances", "tempo_of"]

Direction = Literal["rise", "drop"]

_DAYS_A_YEAR = 365.25
_DIRECTIONS = 2
_SURE = 0.9
"""How surely the true dispersion lies below the one that is used."""


@dataclass(frozen=True)
class Tempo:
    """The last days against the days before them."""

    count: int  # in the window
    expected: float  # in the window, at the baseline's rate
    chance_of_rise: float  # of a count this high or higher, were the tempo the same
    chance_of_drop: float  # of a count this low or lower
    dispersion: float  # variance over mean of a day's count, as used; 1 is Poisson
    window_days: int
    baseline_days: int

    def alarm(self, level: float) -> tuple[Direction, float] | None:
        """Give the direction and its chance where that is at most `level`."""
        if self.chance_of_rise <= level:
            return "rise", self.chance_of_rise
        if self.chance_of_drop <= level:
            return "drop", self.chance_of_drop
        return None


def alarm_level(false_alarms_per_year: float, series: int) -> float:
    """Give the chance at which one test raises an alarm.

    Parameters
    ----------
    false_alarms_per_year : float
        How many may be expected in a year over all series together, where nothing changes.
    series : int
        How many series are tested, each once a day in both directions.

    Returns
    -------
    float
        The number allowed, shared out over all tests of a year. Expected numbers add up whether or not the tests
        depend on each other, so this holds for series that share events.

    Examples
    --------
    >>> round(alarm_level(2, 9), 6)
    0.000304
    """
    return min(0.5, false_alarms_per_year / (_DAYS_A_YEAR * _DIRECTIONS * max(series, 1)))


def dispersion_of(mean: Any, variance: Any, days: int) -> Any:
    """Give the upper limit of variance over mean that is used; never below 1. Arrays go through."""
    import numpy as np
    from scipy import stats

    ratio = np.divide(variance, mean, out=np.zeros_like(np.asarray(mean, float)), where=np.asarray(mean) > 0)
    return np.maximum(1.0, ratio * (days - 1) / stats.chi2.ppf(1 - _SURE, days - 1))


def tail_chances(
    count: Any, baseline: Any, window_days: int, baseline_days: int, dispersion: Any
) -> tuple[Any, Any]:
    """Give the chances of a window count as high or higher, and as low or lower, given the sum of both.

    Parameters
    ----------
    count, baseline : int or array
        Events in the window and in the baseline.
    window_days, baseline_days : int
        Their lengths.
    dispersion : float or array
        Variance over mean of a day's count, 1 or more.

    Returns
    -------
    tuple of array
        `P(X >= count)` and `P(X <= count)`.

    References
    ----------
    Przyborowski J, Wilenski H (1940), Homogeneity of results in testing samples from Poisson series. Biometrika
    31(3-4):313-323, doi:10.1093/biomet/31.3-4.313.
    """
    import numpy as np
    from scipy import stats

    x, y, spread = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(v, float)) for v in (count, baseline, dispersion))
    )
    total, share = x + y, window_days / (window_days + baseline_days)
    high, low = stats.binom.sf(x - 1, total, share), stats.binom.cdf(x, total, share)
    over = (spread > 1 + 1e-9) & (y > 0)
    if over.any():
        # a sum of k negative binomial days of size r has size k * r; r is the baseline's own
        size = (y[over] / baseline_days) / (spread[over] - 1)
        shape = total[over], window_days * size, baseline_days * size
        high[over], low[over] = stats.betabinom.sf(x[over] - 1, *shape), stats.betabinom.cdf(x[over], *shape)
    return high, low


def tempo_of(window: Sequence[int], baseline: Sequence[int]) -> Tempo:
    """Hold the last days against the days before.

    Parameters
    ----------
    window, baseline : sequence of int
        Counts of days; days that are not known are left out of both, never taken for zero.

    Returns
    -------
    Tempo
        Counts, chances and the dispersion used.

    Examples
    --------
    >>> quiet = [1, 0, 2, 1, 1, 0, 1] * 8
    >>> tempo_of([1, 1, 0, 1, 2, 0, 1], quiet).alarm(0.001) is None
    True
    >>> tempo_of([6, 4, 5, 7, 3, 5, 6], quiet).alarm(0.001)[0]
    'rise'
    """
    import numpy as np

    k, days = len(window), len(baseline)
    before = np.asarray(baseline, float)
    spread = float(dispersion_of(before.mean(), before.var(ddof=1), days))
    high, low = tail_chances(sum(window), sum(baseline), k, days, spread)
    return Tempo(sum(window), float(before.mean() * k), float(high[0]), float(low[0]), spread, k, days)
