"""The log-likelihood of a Hawkes model and its gradient, on parameters without bounds.

Parameters, in order: the coefficients of the log baseline, the log of the branching ratio n, and one that
shapes the kernel: the log of its rate (`exponential`), or the slope of the log shares of n on the log rates
(`power`: a sum of exponentials at fixed, log-spaced rates; the lower the slope, the heavier the tail).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from ...errors import UsageError
from ._data import Floats, HawkesData
from ._kernel import event_slopes, score

__all__ = ["Kernel", "Model", "check_kernel"]

Kernel = Literal["exponential", "power"]
_SMALL = 20_000


def check_kernel(kernel: str, rates: Floats) -> None:
    """Refuse a kernel that is not known, or rates that make none."""
    if kernel not in ("exponential", "power"):
        raise UsageError(f"kernel={kernel!r}; allowed 'exponential', 'power'")
    if kernel == "power" and not (len(rates) >= 2 and (rates > 0).all() and np.isfinite(rates).all()):
        raise UsageError(f"rates={rates.tolist()!r}; allowed two or more positive numbers, per day")


@dataclass(frozen=True, eq=False)
class Model:
    """A likelihood: data and kernel."""

    data: HawkesData
    kernel: Kernel
    rates: Floats
    longest: float | None = None

    @cached_property
    def _columns(self) -> tuple[Any, Any]:
        """The columns and their transpose; a small table is quicker as a plain array."""
        columns = self.data.columns
        if columns.shape[0] * columns.shape[1] <= _SMALL:
            columns = columns.toarray()
            return columns, columns.T
        return columns, columns.T.tocsr()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        shape = "log rate of decay" if self.kernel == "exponential" else "slope of shares"
        return (*self.data.names, "log branching ratio", shape)

    def parts(self, q: Floats) -> tuple[Floats, Floats]:
        """Give the kernel as weights, which sum to n, and rates per day."""
        n = np.exp(q[-2])
        if self.kernel == "exponential":
            return np.array([n]), np.array([np.exp(q[-1])])
        return n * _shares(q[-1], self.rates), self.rates

    def log_base(self, q: Floats) -> Floats:
        """Give the log baseline of each cell, events a day."""
        found: Floats = np.asarray(self._columns[0] @ q[:-2])
        return found

    def value(self, q: Floats) -> tuple[float, Floats]:
        """Give the log-likelihood and its gradient."""
        data = self.data
        with np.errstate(over="ignore"):
            base = np.exp(self.log_base(q))
        expected = data.width * base
        if not np.isfinite(expected).all():
            return -np.inf, np.zeros(len(q))
        weight, rate = self.parts(q)
        pull, d_weight, d_rate = np.empty(len(base)), np.empty(len(rate)), np.empty(len(rate))
        found = score(data.time, data.bounds, data.end, data.cell, base, weight, rate, pull, d_weight, d_rate)
        total = found - expected.sum()
        if not np.isfinite(total):
            return -np.inf, np.zeros(len(q))
        gradient = np.empty(len(q))
        gradient[:-2] = self._columns[1] @ (pull - expected)
        gradient[-2:] = self.by_shape(d_weight[None], d_rate[None], q)[0]
        return float(total), gradient

    def by_shape(self, by_weight: Floats, by_rate: Floats, q: Floats) -> Floats:
        """Turn derivatives by weights and rates, shape (n, rates), into those by the last two parameters."""
        weight, rate = self.parts(q)
        if self.kernel == "exponential":
            return np.column_stack([by_weight @ weight, by_rate @ rate])
        logs = np.log(rate)
        return np.column_stack(
            [by_weight @ weight, (by_weight * weight) @ (logs - _shares(q[-1], rate) @ logs)]
        )

    def gram(self, weight: Floats) -> Floats:
        """Give the sum over cells of weight times the outer product of the columns."""
        columns, turned = self._columns
        found = turned @ (columns * weight[:, None])
        return found if isinstance(found, np.ndarray) else np.asarray(found.toarray())

    def hessian(self, q: Floats, step: float = 1e-4) -> Floats:
        """Give the second derivatives: of the baseline as they are, of the kernel as central differences of the
        gradient.
        """
        data = self.data
        base = np.exp(self.log_base(q))
        share, _, _ = event_slopes(data.time, data.bounds, data.cell, base, *self.parts(q))
        bend = np.bincount(data.cell, share * (1 - share), len(base)) - data.width * base
        found = np.empty((len(q), len(q)))
        found[:-2, :-2] = self.gram(bend)
        for k in (len(q) - 2, len(q) - 1):
            move = np.zeros(len(q))
            move[k] = step
            found[k] = (self.value(q + move)[1] - self.value(q - move)[1]) / (2 * step)
            found[:-2, k] = found[k, :-2]
        found[-2, -1] = found[-1, -2] = (found[-2, -1] + found[-1, -2]) / 2
        return found


def _shares(slope: float, rates: Floats) -> Floats:
    logs = slope * np.log(rates)
    raw = np.exp(logs - logs.max())
    found: Floats = raw / raw.sum()
    return found
