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


def log_mean_square(
    expected: Floats, wished: Floats, ratio: Floats, size: float, wished_size: float | None = None
) -> Floats:
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
    size, wished_size
        Sizes of the negative binomials of e and of h; infinite for Poisson. None: that of e.
    """
    if wished_size is not None and wished_size != size:
        return _summed(expected, wished, ratio, size, wished_size)
    if math.isinf(size):
        return ratio - 2 * wished + expected
    one, two = expected / (expected + size), wished / (wished + size)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = two**2 / one * (ratio * expected / wished**2)
        square = size * (2 * np.log1p(-two) - np.log1p(-one) - np.log1p(-np.minimum(growth, 1.0)))
    found: Floats = np.where(growth < 1, square, np.inf)
    return found


def _summed(expected: Floats, wished: Floats, ratio: Floats, size: float, wished_size: float) -> Floats:
    """Sum over counts where the two laws of the number differ; infinite where the sum does not end."""
    from scipy.special import gammaln, logsumexp

    places = np.log(ratio * expected / wished**2)[:, None]
    if not math.isinf(wished_size):
        # The tails fall by a constant factor each; a Poisson number under the propensity falls faster.
        one = np.zeros_like(expected) if math.isinf(size) else expected / (expected + size)
        two = wished / (wished + wished_size)
        with np.errstate(divide="ignore"):
            ends = two**2 / one * np.exp(places[:, 0]) < 1
    else:
        ends = np.ones(len(expected), bool)
    most = int(20 * max(float(wished.max()), float(expected.max()), 1.0) + 400)
    n = np.arange(most)[None]
    zero = np.zeros((1, most))
    # Terms that both laws share cancel once; the other copy of n! belongs to the number's probability.
    logs = [
        log_density(n, mean[:, None], zero + n * np.log(mean[:, None]), law) - gammaln(n + 1)
        for mean, law in ((expected, size), (wished, wished_size))
    ]
    with np.errstate(invalid="ignore"):
        total = logsumexp(2 * logs[1] - logs[0] + n * places, axis=1)
    found: Floats = np.where(ends, total, np.inf)
    return found
