"""Counts of all members at once by SciPy, at the uniform numbers of the compiled kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from ._draws import GAMMA, LARGEST_MEAN
from ._streams import PIECES, PLACES, STREAMS

__all__ = ["PlainChance"]

Array = np.ndarray[Any, Any]


class PlainChance:
    """Uniforms and counts of all members at one step: the numbers of `_draws.py`, by SciPy's inverses."""

    def __init__(self, seed: int, first: int, members: int) -> None:
        rows = np.arange(first, first + members, dtype=np.uint64)
        with np.errstate(over="ignore"):
            start = _mixed(np.array([seed], dtype=np.uint64) + GAMMA)
            self.keys = _mixed(start + (rows + np.uint64(1)) * GAMMA)
        self.step = 0

    def uniform(self, stream: int, place: int = 0, piece: int = 0) -> Array:
        counter = (self.step * STREAMS + place * PLACES + stream) * PIECES + piece + 1
        with np.errstate(over="ignore"):
            word = _mixed(self.keys + np.array([counter % 2**64], dtype=np.uint64) * GAMMA)
        return np.asarray(((word >> np.uint64(11)).astype(float) + 0.5) * 2.0**-53)

    def poisson(self, mean: Array, stream: int, place: int = 0) -> Array:
        mean = np.maximum(mean, 0.0)
        pieces = np.maximum(np.ceil(mean / LARGEST_MEAN), 1.0)
        count = np.zeros(mean.shape, np.int64)
        for piece in range(int(pieces.max())):
            drawn = _whole(stats.poisson.ppf(self.uniform(stream, place, piece), mean / pieces))
            count += np.where((piece < pieces) & (mean > 0.0), drawn, 0)
        return count

    def negative_binomial(self, mean: Array, ratio: Array, stream: int, place: int = 0) -> Array:
        plain = self.poisson(np.where(ratio <= 1.0 + 1e-9, mean, 0.0), stream, place)
        mean = np.where(ratio <= 1.0 + 1e-9, 0.0, mean)
        pieces = np.maximum(np.ceil(mean / LARGEST_MEAN), 1.0)
        size = np.where(mean > 0.0, mean / pieces / np.maximum(ratio - 1.0, 1e-9), 1.0)
        for piece in range(int(pieces.max())):
            drawn = _whole(stats.nbinom.ppf(self.uniform(stream, place, piece), size, 1.0 / ratio))
            plain += np.where((piece < pieces) & (mean > 0.0), drawn, 0)
        return plain

    def binomial(self, trials: Array, share: Array, stream: int, place: int = 0, piece: int = 0) -> Array:
        trials = np.maximum(trials, 0)
        share = np.clip(np.broadcast_to(share, trials.shape), 0.0, 1.0)
        rare = np.minimum(share, 1.0 - share)
        pieces = np.maximum(np.ceil(trials * rare / LARGEST_MEAN), 1.0).astype(np.int64)
        count = np.zeros(trials.shape, np.int64)
        for k in range(int(pieces.max(initial=1))):
            part = trials // pieces + (k < trials - trials // pieces * pieces)
            u = self.uniform(stream, place, piece + k)
            low = _whole(stats.binom.ppf(np.where(share <= 0.5, u, 1.0 - u), part, rare))
            count += np.where(k < pieces, np.where(share <= 0.5, low, part - low), 0)
        return np.asarray(np.where(share >= 1.0, trials, count))


def _mixed(value: Array) -> Array:
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Array = value ^ (value >> np.uint64(31))
    return mixed


def _whole(values: Array) -> Array:
    return np.nan_to_num(values, nan=0.0).astype(np.int64)
