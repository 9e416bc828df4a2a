"""The parts the pooled model mixes. Each is a forecast by itself, and none has a setting chosen by hand per panel.

`own`      a unit's own past values, recent ones more likely, at several half-lives;
`spread`   the same, moved by a random factor as wide as such factors were in all units at that horizon;
`alike`    what came after the past moments, of any unit, that were most like this one, scaled to its level;
`last12`, `zero`  two of the baselines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["HALF_LIVES", "NAMES", "Memory", "build_memory", "parts_at"]

Floats = NDArray[np.float64]

HALF_LIVES = (2.0, 5.0, 12.0, 40.0)
"""Half-lives of the own past, in months (a week is 12/52 of one)."""
NEIGHBOURS = (60, 300, 1500)
"""How many past moments `alike` draws from."""
NAMES = (
    *(f"own_{half:g}" for half in HALF_LIVES),
    *(f"spread_{half:g}" for half in HALF_LIVES),
    *(f"alike_{count}" for count in NEIGHBOURS),
    "last12",
    "zero",
)
_FEATURE_LIVES = (2.0, 6.0, 24.0, 96.0)
_FLOOR = 0.05


@dataclass(frozen=True)
class Memory:
    """What is read off the panel once: values, and levels (recency-weighted means) of every unit at every time.

    No level at a time looks past it, so the same memory serves every earlier origin.
    """

    values: Floats
    levels: Floats
    """(half-lives, units, times)"""
    features: Floats
    """(units, times, features)"""
    months: float
    """Steps in a month."""


def build_memory(values: Floats, per_year: int) -> Memory:
    """Read levels and features off values (units, times); missing values are passed over."""
    months = per_year / 12
    levels = np.stack([_level(values, half * months) for half in _FEATURE_LIVES])
    chance = np.random.default_rng(20).random(
        values.shape
    )  # among moments that are quite alike, none is preferred
    features = np.concatenate([np.log(levels + _FLOOR), 0.2 * chance[None]]).transpose(1, 2, 0)
    return Memory(values, levels, np.ascontiguousarray(features), months)


def parts_at(memory: Memory, origin: int, horizons: Sequence[int], count: int) -> Floats:
    """Give every part's draws at an origin (a column of the values), ascending: (units, horizons, parts, count)."""
    units = len(memory.values)
    found = np.zeros((units, len(horizons), len(NAMES), count))
    past = memory.values[:, : origin + 1]
    shares = (np.arange(count) + 0.5) / count
    widths = _widths(memory, origin, horizons)
    order = np.random.default_rng(7).permutation(count)
    noise = _normal_quantiles(count)[order]
    for k, half in enumerate(HALF_LIVES):
        own = _own(past, half * memory.months, shares)
        found[:, :, k] = own[:, None]
        moved = np.floor(own[:, None] * np.exp(widths[None, :, None] * noise) + 0.5)
        found[:, :, len(HALF_LIVES) + k] = np.sort(moved, axis=2)
    at = 2 * len(HALF_LIVES)
    alike = _alike(memory, origin, horizons, max(NEIGHBOURS))
    for k, near in enumerate(NEIGHBOURS):
        found[:, :, at + k] = _spaced(alike[:, :, :near], shares)
    last = np.sort(np.stack([np.resize(row, 12) for row in _known_rows(past[:, -12:])]), axis=1)
    found[:, :, at + len(NEIGHBOURS)] = _spaced(last, shares)[:, None]
    return found


def _known_rows(values: Floats) -> list[Floats]:
    rows = [row[~np.isnan(row)] for row in values]
    return [row if len(row) else np.zeros(1) for row in rows]


def _level(values: Floats, half_life: float) -> Floats:
    """Give each time's recency-weighted mean of the values up to it; 0 before the first."""
    keep = 0.5 ** (1 / half_life)
    top, weight = np.zeros(len(values)), np.zeros(len(values))
    found = np.zeros(values.shape)
    for t in range(values.shape[1]):
        now = values[:, t]
        known = ~np.isnan(now)
        top = top * keep + np.where(known, now, 0)
        weight = weight * keep + known
        found[:, t] = top / np.where(weight > 0, weight, 1)
    return found


def _own(past: Floats, half_life: float, shares: Floats) -> Floats:
    """Give evenly spaced draws from own past values, weights halving every `half_life` steps."""
    steps = min(past.shape[1], int(8 * half_life) + 12)
    recent = past[:, -steps:]
    weights = np.where(np.isnan(recent), 0, 0.5 ** (np.arange(steps)[::-1] / half_life))
    order = np.argsort(np.where(np.isnan(recent), np.inf, recent), axis=1)
    values = np.take_along_axis(recent, order, axis=1)
    reached = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    total = np.where(reached[:, -1:] > 0, reached[:, -1:], 1)
    found = np.zeros((len(past), len(shares)))
    for row in range(len(past)):
        if reached[row, -1] > 0:
            place = np.searchsorted(reached[row] / total[row], shares, side="left")
            found[row] = values[row, np.minimum(place, steps - 1)]
    return found


def _widths(memory: Memory, origin: int, horizons: Sequence[int]) -> Floats:
    """Give, by horizon, how far log(1 + value) lay from log(1 + level) in all units so far: a robust deviation."""
    level = memory.levels[0]
    found = []
    for ahead in horizons:
        before = level[:, : origin + 1 - ahead]
        after = memory.values[:, ahead : origin + 1]
        chosen = (before >= 1) & ~np.isnan(after)
        if chosen.sum() < 20:
            found.append(0.5)
            continue
        off = np.log1p(after[chosen]) - np.log1p(before[chosen])
        low, high = np.quantile(off, [0.25, 0.75])
        found.append(float(high - low) / 1.349)
    return np.array(found)


def _alike(memory: Memory, origin: int, horizons: Sequence[int], count: int) -> Floats:
    """Give what came after the `count` past moments most like each unit's present, nearest first.

    A moment is alike by its levels over months, half a year, two and eight years, on the log scale. What came is
    multiplied by the ratio of the levels, one added to both.
    """
    from scipy.spatial import cKDTree

    units = len(memory.values)
    last = origin - max(horizons)
    start = min(int(24 * memory.months), max(last, 0))
    times = np.arange(start, last + 1)
    if len(times) == 0:
        return np.zeros((units, len(horizons), 1))
    points = memory.features[:, start : last + 1].reshape(-1, memory.features.shape[2])
    near = min(count, len(points))
    _, places = cKDTree(points).query(memory.features[:, origin], k=near)
    places = places.reshape(units, near)
    unit, time = places // len(times), start + places % len(times)
    level = memory.levels[0] + 1
    ratio = level[:, origin][:, None] / level[unit, time]
    found = np.empty((units, len(horizons), near))
    for column, ahead in enumerate(horizons):
        came = memory.values[unit, time + ahead]
        came = np.where(np.isnan(came), memory.levels[0][unit, time], came)
        found[:, column] = np.floor(came * ratio + 0.5)
    return found


def _spaced(draws: Floats, shares: Floats) -> Floats:
    """Give evenly spaced draws of sets of draws, along the last axis, ascending."""
    ordered = np.sort(draws, axis=-1)
    places = np.minimum((shares * draws.shape[-1]).astype(int), draws.shape[-1] - 1)
    return np.asarray(ordered[..., places])


def _normal_quantiles(count: int) -> Floats:
    from scipy.stats import norm

    return np.asarray(norm.ppf((np.arange(count) + 0.5) / count))
