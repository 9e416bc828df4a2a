"""Time-rescaled residuals: unit exponential and independent where the model holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._data import Floats
from ._kernel import compensators

if TYPE_CHECKING:
    from ._fit import HawkesFit

__all__ = ["exponential_test", "independence_test", "longest_quiet", "rescaled_gaps", "rescaled_tails"]

_LAGS = 5


def rescaled_gaps(fit: HawkesFit) -> Floats:
    """Give the integral of the fitted intensity from event to event, each sequence from its start."""
    data = fit.data
    base = np.exp(fit.model.log_base(fit.estimate))
    upto = compensators(
        data.time, data.bounds, data.cell, base, data.cell_start, data.width, data.first_cell,
        fit.model.parts(fit.estimate),
    )  # fmt: skip
    gaps: Floats = np.diff(upto, prepend=0.0)
    firsts = data.bounds[:-1][np.diff(data.bounds) > 0]
    gaps[firsts] = upto[firsts]
    return gaps


def rescaled_tails(fit: HawkesFit) -> Floats:
    """Give the integral of the fitted intensity from the last event of each sequence to its end.

    Gaps that the end cuts short: too small for a test of their distribution, but a stop in recording that lasts
    until the end shows nowhere else. Of a sequence without events it is the whole integral.
    """
    data, model = fit.data, fit.model
    base = np.exp(model.log_base(fit.estimate))
    weight, rate = model.parts(fit.estimate)
    found = np.empty(len(data.begin))
    for s, (begin, end) in enumerate(zip(data.begin, data.end, strict=True)):
        own = data.time[data.bounds[s] : data.bounds[s + 1]]
        last = own[-1] if len(own) else begin
        cells = slice(data.first_cell[s], data.first_cell[s + 1])
        width = data.width[cells]
        left = np.clip(data.cell_start[cells] + width - last, 0.0, width)
        held = np.exp(-np.outer(last - own, rate)).sum(axis=0)
        found[s] = base[cells] @ left - weight * held @ np.expm1(-rate * (end - last))
    return found


def exponential_test(gaps: Floats) -> tuple[float, float]:
    """Give the Kolmogorov-Smirnov distance of the gaps from a unit exponential, and its p-value.

    The parameters were fitted to the same events, so the p-value is larger than it should be: few sound models
    fail, and small faults may pass.
    """
    from scipy.stats import kstest

    found = kstest(gaps, "expon")
    return float(found.statistic), float(found.pvalue)


def independence_test(gaps: Floats) -> tuple[float, float]:
    """Give the Ljung-Box statistic of the gaps' ranks over five lags, and its p-value."""
    from scipy.special import chdtrc

    n = len(gaps)
    u = np.argsort(np.argsort(gaps)) / n
    u = u - u.mean()
    power = float(u @ u)
    at = [float(u[k:] @ u[:-k]) / power for k in range(1, _LAGS + 1)]
    q = n * (n + 2) * sum(r * r / (n - k) for k, r in enumerate(at, 1))
    return q, float(chdtrc(_LAGS, q))


def longest_quiet(gaps: Floats) -> tuple[int, float]:
    """Give the position of the longest rescaled gap, and the chance of one as long in so many.

    Tails may be among the gaps: they are shorter than whole ones, so that the chance errs upwards.
    """
    at = int(gaps.argmax())
    return at, float(-np.expm1(len(gaps) * np.log1p(-np.exp(-gaps[at]))))
