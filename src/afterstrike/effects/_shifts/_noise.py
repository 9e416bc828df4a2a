"""What a record looks like in which nothing shifted: its own noise, with its dependence, drawn again."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Noise", "noise_of", "segments", "without_season"]

Floats = npt.NDArray[np.float64]

_STRONGEST = 0.9
# Periods drawn before the first that is kept, so that the first depends on a past like all others.
_WARM_UP = 40


@dataclass(frozen=True)
class Noise:
    """Noise of unit variance a period and part, in order of time.

    Parameters
    ----------
    correlation
        From one period to the next, as used: an upper limit of it.
    innovations
        What is new in each period, shape (periods, d).
    """

    correlation: float
    innovations: Floats

    def draw(self, count: int, length: int, rng: np.random.Generator) -> Floats:
        """Give `count` series, shape (count, length, d): innovations drawn again, dependence put back."""
        warm = _WARM_UP if self.correlation else 0
        drawn: Floats = self.innovations[rng.integers(0, len(self.innovations), (count, length + warm))]
        for t in range(1, length + warm) if self.correlation else ():
            drawn[:, t] += self.correlation * drawn[:, t - 1]
        return drawn[:, warm:] * math.sqrt(1 - self.correlation**2)


def segments(steps: Sequence[int], length: int) -> list[slice]:
    """Give the stretches between steps; a step is the first period of what comes after it."""
    edges = [0, *sorted(steps), length]
    return [slice(a, b) for a, b in itertools.pairwise(edges)]


def noise_of(values: Floats, weights: Floats, steps: Sequence[int], *, upper: float) -> Noise:
    """Estimate the noise around means between steps.

    Parameters
    ----------
    values, weights
        Shape (periods, d) and (periods,); the variance of a value is proportional to 1 / weight.
    steps
        Where the mean may change; what is estimated does not take these changes for dependence.
    upper
        How many standard errors are added to the correlation. A plain estimate is too small half of the time, and
        the rate of false alarms pays for it.
    """
    parts = []
    for part in segments(steps, len(values)):
        rest = values[part] - np.average(values[part], axis=0, weights=weights[part])
        rest = rest * np.sqrt(weights[part])[:, None]
        deviation = rest.std(axis=0)
        parts.append(np.divide(rest, deviation, out=np.zeros_like(rest), where=deviation > 1e-12))
    error = np.concatenate(parts)
    n, squares = len(error), float((error**2).sum())
    if squares <= 0:
        return Noise(0.0, error)
    plain = float((error[1:] * error[:-1]).sum()) / squares
    # A mean that is fitted pulls neighbours apart: about (1 + 4 rho) / n for each mean (Marriott and Pope 1954).
    plain += len(parts) * (1 + 3 * max(plain, 0.0)) / n
    plain += upper * math.sqrt(max(1 - plain**2, 0.1) / (n * error.shape[1]))
    correlation = min(max(plain, 0.0), _STRONGEST)
    fresh = error[1:] - correlation * error[:-1]
    fresh = fresh - fresh.mean(axis=0)
    scale = fresh.std(axis=0)
    return Noise(correlation, np.divide(fresh, scale, out=np.zeros_like(fresh), where=scale > 1e-12))


def without_season(values: Floats, weights: Floats, steps: Sequence[int], season: Floats) -> Floats:
    """Take a season out of values, fitted together with the means between steps.

    Parameters
    ----------
    values
        Shape (..., periods, d).
    season
        Waves of the season, shape (periods, waves); with none the values come back as they are.
    """
    if not season.shape[1]:
        return values
    means = np.zeros((len(weights), len(steps) + 1))
    for column, part in enumerate(segments(steps, len(weights))):
        means[part, column] = 1.0
    design = np.hstack([means, season])
    root = np.sqrt(weights)[:, None]
    solver = np.linalg.pinv(design * root)[means.shape[1] :] * root[:, 0]
    fitted: Floats = season @ (solver @ values)
    return values - fitted
