"""The compiled half of the Hawkes model: one pass over the events, one exponential per event and rate.

Kept apart because importing Numba takes time.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

__all__ = ["compensators", "daily_integrals", "event_slopes", "score"]


@njit(cache=True)
def _aged_by(gap: float, held: Any, aged: Any, weight: Any, rate: Any) -> float:
    """Let a gap pass: change the sums over earlier events in place, the last of them now among these, and give what
    they excite.
    """
    excited = 0.0
    for k in range(len(rate)):
        fade = math.exp(-rate[k] * gap)
        more = held[k] + 1.0
        aged[k] = fade * (aged[k] + gap * more)
        held[k] = fade * more
        excited += weight[k] * rate[k] * held[k]
    return excited


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
    total, product = 0.0, 1.0  # one logarithm for many factors
    for s in range(len(bounds) - 1):
        held[:] = 0.0
        aged[:] = 0.0
        last = 0.0
        for i in range(bounds[s], bounds[s + 1]):
            gap = time[i] - last
            intensity = base[cell[i]]
            if i > bounds[s]:
                intensity += _aged_by(gap, held, aged, weight, rate)
            if not 1e-200 < intensity < 1e200:
                return -np.inf
            product *= intensity
            if not 1e-100 < product < 1e100:
                total += math.log(product)
                product = 1.0
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
    return total + math.log(product)


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


@njit(cache=True)
def event_slopes(time: Any, bounds: Any, cell: Any, base: Any, weight: Any, rate: Any) -> Any:
    """Give of each event the baseline's share of the intensity, and the derivatives of the log intensity by
    weight and by rate.
    """
    n_rates = len(rate)
    share = np.empty(len(time))
    by_weight, by_rate = np.empty((len(time), n_rates)), np.empty((len(time), n_rates))
    held, aged = np.empty(n_rates), np.empty(n_rates)
    for s in range(len(bounds) - 1):
        held[:] = 0.0
        aged[:] = 0.0
        last = 0.0
        for i in range(bounds[s], bounds[s + 1]):
            gap = time[i] - last
            intensity = base[cell[i]]
            if i > bounds[s]:
                intensity += _aged_by(gap, held, aged, weight, rate)
            share[i] = base[cell[i]] / intensity
            for k in range(n_rates):
                by_weight[i, k] = rate[k] * held[k] / intensity
                by_rate[i, k] = weight[k] * (held[k] - rate[k] * aged[k]) / intensity
            last = time[i]
    return share, by_weight, by_rate


@njit(cache=True)
def daily_integrals(time: Any, bounds: Any, edge: Any, first_edge: Any, weight: Any, rate: Any) -> Any:
    """Give the derivatives, by weight and by rate, of the integral of the excitation up to each edge.

    Edges of sequence s are `edge[first_edge[s]:first_edge[s + 1]]`, ascending.
    """
    n_rates = len(rate)
    by_weight, by_rate = np.zeros((len(edge), n_rates)), np.zeros((len(edge), n_rates))
    held, aged = np.empty(n_rates), np.empty(n_rates)
    for s in range(len(bounds) - 1):
        held[:] = 0.0
        aged[:] = 0.0
        at = bounds[s]
        last = edge[first_edge[s]]
        for e in range(first_edge[s], first_edge[s + 1]):
            while at < bounds[s + 1] and time[at] <= edge[e]:
                for k in range(n_rates):
                    fade = math.exp(-rate[k] * (time[at] - last))
                    aged[k] = fade * (aged[k] + (time[at] - last) * held[k])
                    held[k] = fade * held[k] + 1.0
                last = time[at]
                at += 1
            for k in range(n_rates):
                fade = math.exp(-rate[k] * (edge[e] - last))
                aged[k] = fade * (aged[k] + (edge[e] - last) * held[k])
                held[k] = fade * held[k]
                by_weight[e, k] = (at - bounds[s]) - held[k]
                by_rate[e, k] = weight[k] * aged[k]
            last = edge[e]
    return by_weight, by_rate
