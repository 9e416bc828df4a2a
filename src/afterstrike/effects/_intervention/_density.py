"""Log density of a pattern of strikes whose number is Poisson or negative binomial."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

__all__ = ["log_density"]

Floats = npt.NDArray[np.float64]


def log_density(n: npt.NDArray[np.int64], expected: Floats, sum_log: Floats, size: float) -> Floats:
    """Give the log density of each period's strikes, against a Poisson process of rate 1, up to a constant.

    Parameters
    ----------
    n
        Strikes of each period.
    expected
        Expected strikes.
    sum_log
        Sum of the log intensity over the strikes.
    size
        Size of the negative binomial; infinite for Poisson, where this is `sum_log - expected`.
    """
    if math.isinf(size):
        return sum_log - expected
    from scipy.special import gammaln

    with np.errstate(divide="ignore", invalid="ignore"):
        # Places given the number, times the number's probability; n! belongs to the places in any order.
        found: Floats = (
            sum_log
            + gammaln(n + size)
            - gammaln(size)
            + size * np.log(size / (size + expected))
            - n * np.log(size + expected)
        )
    return found
