"""The compiled half of the Hawkes model: one pass over the events, one exponential per event and rate.

Kept apart because importing Numba takes time.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

__all__ = ["compensators", "score"]


@njit(cache=True)
def score(
    time: Any,
    bounds: Any,
    end: Any,
    cell: Any,
    base: Any,
    weight: Any,
    rate: Any,
    pull: Any,
    d_weight: Any,
    d_rate: Any,
) -> float:
    """Give the log-likelihood without the baseline's own integral, and fill its derivatives.

    `pull` (cells) gets the sum over events of baseline / intensity; `d_weight` and `d_rate` (rates) get the
    derivatives of the whole log-likelihood. Events are in order of sequence and time.
    """
    n_rates = len(rate)
    held = np.empty(n_rates)  # sum of exp(-rate * age) over earlier events of the sequence
    aged = np.empty(n_rates)  # sum of age * exp(-rate * age)
    pull[:] = 0.0
    d_weight[:] = 0.0
    d_rate[:] = 0.0
    total = 0.0
    for s in range(len(bounds) - 1):
        held[:] = 0.0
        aged[:] = 0.0
        last = 0.0
        for i in range(bounds[s], bounds[s + 1]):
            gap = time[i] - last
            intensity = base[cell[i]]
            if i > bounds[s]:
                for k in range(n_rates):
                    fade = math.exp(-rate[k] * gap)
                    more = held[k] + 1.0
                    aged[k] = fade * (aged[k] + gap * more)
                    held[k] = fade * more
                    intensity += weight[k] * rate[k] * held[k]
            if not intensity > 0.0:
                return -np.inf
            total += math.log(intensity)
            share = 1.0 / intensity
            pull[cell[i]] += base[cell[i]] * share
            for k in range(n_rates):
                d_weight[k] += rate[k] * held[k] * share
                d_rate[k] += weight[k] * (held[k] - rate[k] * aged[k]) * share
            last = time[i]
        count = bounds[s + 1] - bounds[s]
        if count:
            gap = end[s] - last
            for k in range(n_rates):
                fade = math.exp(-rate[k] * gap)
                left = fade * (held[k] + 1.0)
                total -= weight[k] * (count - left)
                d_weight[k] -= count - left
                d_rate[k] -= weight[k] * fade * (aged[k] + gap * (held[k] + 1.0))
    return total


@njit(cache=True)
def compensators(
    time: Any, bounds: Any, cell: Any, base: Any, cell_start: Any, width: Any, first_cell: Any, kernel: Any
) -> Any:
    """Give the integral of the intensity from the start of an event's sequence to the event."""
    weight, rate = kernel
    found = np.empty(len(time))
    held = np.empty(len(rate))
    for s in range(len(bounds) - 1):
        held[:] = 0.0
        before = 0.0
        at = first_cell[s]
        for i in range(bounds[s], bounds[s + 1]):
            while at < cell[i]:
                before += base[at] * width[at]
                at += 1
            value = before + base[at] * (time[i] - cell_start[at])
            if i > bounds[s]:
                gap = time[i] - time[i - 1]
                for k in range(len(rate)):
                    held[k] = math.exp(-rate[k] * gap) * (held[k] + 1.0)
                    value += weight[k] * (i - bounds[s] - held[k])
            found[i] = value
    return found
