"""Log density of a pattern of strikes whose number is Poisson or negative binomial."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

__all__ = ["log_density", "log_mean_square"]

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


def log_mean_square(expected: Floats, wished: Floats, ratio: Floats, size: float) -> Floats:
    r"""Give the log of the mean square of a policy's weight, period by period, were the propensity true.

    With intensities e and h, :math:`E[(f_h / f_e)^2] = \exp(\int h^2 / e - 2 \int h + \int e)` for Poisson
    numbers. For negative binomial ones of one size the sum over counts is again such a series; it is infinite
    where the series does not end.

    Parameters
    ----------
    expected, wished
        Integrals of e and of h.
    ratio
        Integral of h^2 / e.
    size
        Size of the negative binomial of both; infinite for Poisson.
    """
    if math.isinf(size):
        return ratio - 2 * wished + expected
    one, two = expected / (expected + size), wished / (wished + size)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = two**2 / one * (ratio * expected / wished**2)
        square = size * (2 * np.log1p(-two) - np.log1p(-one) - np.log1p(-np.minimum(growth, 1.0)))
    found: Floats = np.where(growth < 1, square, np.inf)
    return found
