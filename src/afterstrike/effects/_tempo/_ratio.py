"""A ratio of two rates of counts that scatter more than Poisson and depend on their neighbours."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused
from .._shifts._noise import noise_of
from ._dated import Dated

__all__ = ["FEWEST_WEEKS", "Scatter", "ratio_of", "scatter_of"]

Floats = npt.NDArray[np.float64]

FEWEST_WEEKS = 12
"""Whole covered weeks in all from which the scatter of counts can be learnt."""
# Stretches in which the rate is taken for steady while scatter is learnt: slow changes are no scatter.
_STRETCH_WEEKS = 26
_UPPER = 1.28
# Ratios are not looked for further than so many powers of e from the estimate.
_FURTHEST = 10.0


@dataclass(frozen=True)
class Scatter:
    """How weekly counts scatter around a steady rate.

    Parameters
    ----------
    excess
        Variance of a week beyond Poisson, as a share of the squared mean (the alpha of a negative binomial).
    correlation
        From one week to the next, as used: an upper 90% limit of it, since a plain estimate is too small half of
        the time.
    weeks
        Weeks it was learnt from.
    """

    excess: float
    correlation: float
    weeks: int

    def inflation(self, weeks: float) -> float:
        """Give how much dependence widens the variance of a sum of so many weeks."""
        n = max(round(weeks), 1)
        lags = np.arange(1, n)
        return float(1 + 2 * ((1 - lags / n) * self.correlation**lags).sum())

    def dispersion(self, mean: float, weeks: float) -> float:
        """Give the variance of a count over so many weeks of that weekly mean, divided by its mean."""
        return (1 + self.excess * mean) * self.inflation(weeks)


def scatter_of(dated: Dated, spans: Sequence[tuple[int, int]]) -> Scatter:
    """Learn the scatter from whole weeks of the record, each stretch around its own mean.

    Parameters
    ----------
    dated
        The record.
    spans
        Periods whose rates are compared: no stretch reaches across their ends.

    Raises
    ------
    EstimateRefused
        There are fewer than `FEWEST_WEEKS` covered weeks in stretches of two or more.
    """
    parts = [weeks for low, high in _stretches(dated, spans) if len(weeks := _weeks(dated, low, high)) > 1]
    total = sum(len(part) for part in parts)
    if total < FEWEST_WEEKS:
        raise EstimateRefused(
            f"{total} whole weeks that the source covers; how counts scatter needs at least {FEWEST_WEEKS}: give a "
            "longer record"
        )
    values = np.concatenate(parts)[:, None]
    steps = np.cumsum([len(part) for part in parts])[:-1].tolist()
    correlation = noise_of(values, np.ones(total), steps, upper=_UPPER).correlation
    bare = Scatter(0.0, correlation, total)
    beyond = scale = 0.0
    for part in parts:
        n, mean = len(part), float(part.mean())
        # A mean that is fitted to dependent counts takes more than one of them away.
        free = max(n - bare.inflation(n), 0.5)
        beyond += float(((part - mean) ** 2).sum()) - free * mean
        scale += free * mean**2
    return Scatter(max(beyond / scale, 0.0) if scale > 0 else 0.0, correlation, total)


def _stretches(dated: Dated, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Cut the record at the ends of the spans, and what is longer than half a year into halves of years."""
    longest = max(_STRETCH_WEEKS * 7 // dated.days, 1)
    edges = sorted({0, len(dated.counts), *(edge for span in spans for edge in span)})
    found = []
    for low, high in itertools.pairwise(edges):
        pieces = max(math.ceil((high - low) / longest), 1)
        cuts = np.linspace(low, high, pieces + 1).round().astype(int).tolist()
        found += list(itertools.pairwise(cuts))
    return found


def _weeks(dated: Dated, low: int, high: int) -> Floats:
    """Sum periods to weeks, without weeks that are not wholly covered; longer periods stay as they are."""
    size = max(7 // dated.days, 1)
    n = (high - low) // size
    counts = dated.counts[low : low + n * size].reshape(n, size).sum(axis=1)
    found: Floats = counts[dated.known[low : low + n * size].reshape(n, size).all(axis=1)]
    return found


def ratio_of(
    one: tuple[float, float], other: tuple[float, float], scatter: Scatter, chance: float
) -> tuple[float, float, float]:
    """Give the ratio of two rates with its interval.

    The interval holds every ratio that the counts do not reject. Under a ratio, each count is divided by the
    dispersion it would have, so that it is worth as many independent events as it varies like; given their sum, the
    share of one of two Poisson counts is binomial, and its exact test is taken. It holds at zero events too, where no
    variance of a logarithm does.

    Parameters
    ----------
    one, other
        Events and weeks of the two times.
    chance
        Chance that the interval leaves the ratio out.
    """
    (events, weeks), (before, length) = one, other
    ratio = events / weeks / (before / length) if before > 0 else math.nan
    inverse = _highest(other, one, scatter, chance)
    return ratio, 1 / inverse if inverse > 0 else math.inf, _highest(one, other, scatter, chance)


def _highest(one: tuple[float, float], other: tuple[float, float], scatter: Scatter, chance: float) -> float:
    """Give the highest ratio of one rate to the other that is not rejected; infinite where none is."""
    from scipy.optimize import brentq

    if not other[0]:
        return math.inf
    estimate = max(one[0], 0.5) / one[1] / (other[0] / other[1])

    def excess(logarithm: float) -> float:
        return _limit(math.exp(logarithm), one, other, scatter, chance) - logarithm

    low, high = math.log(estimate) - 10, math.log(estimate) + 0.1
    while excess(high) > 0:
        high += 1.0
        if high > math.log(estimate) + _FURTHEST:
            return math.inf
    return math.exp(brentq(excess, low, high, xtol=1e-6))


def _limit(
    ratio: float, one: tuple[float, float], other: tuple[float, float], scatter: Scatter, chance: float
) -> float:
    """Give the logarithm of the upper limit of a ratio, with the dispersion that both counts have under this one."""
    from scipy.stats import beta

    (events, weeks), (before, length) = one, other
    rate = (events + before) / (ratio * weeks + length)
    spread, spread_before = scatter.dispersion(ratio * rate, weeks), scatter.dispersion(rate, length)
    share = float(beta.ppf(1 - chance / 2, events / spread + 1, before / spread_before))
    if share >= 1:
        return math.inf
    return math.log(share / (1 - share) * (length / spread_before) / (weeks / spread))
