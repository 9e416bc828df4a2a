"""The pooled model: a mixture whose weights are what would have scored best at past origins.

For windows that ended before the origin, every part (see `_pooled_parts`) is made as it would have been made then.
The CRPS of a mixture is a convex quadratic function of its weights, so the best weights are found exactly, for three
groups of units: quiet (nothing in the last year), low and high. In each past window the CRPS and the log1p-CRPS of the
mixture are divided by those of the last 12 values; what is minimised is a mean of these ratios that leans to the worst
ones (a log-mean-exp), so that weights which lose badly in some window are not bought by gains in others. Later windows
count more, and weights are held towards even ones.

The constants below were chosen on the windows 2003 to 2017 of the VIEWS history (by rolling origin) and are the same for
every panel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import EstimateRefused
from ._pooled_kernel import distances
from ._pooled_parts import NAMES, Memory, build_memory, parts_at

__all__ = ["GROUPS", "learn", "pooled"]

Floats = NDArray[np.float64]
Progress = Callable[[str], None]

GROUPS = ("quiet", "low", "high")
WINDOWS = 16
"""Past windows learned from, at most, a year apart."""
_HIGH = 25.0
"""Mean a month over the last year from which a unit is in the high group."""
_COUNT = 60
_RIDGE = 0.02
_LEAN = 40.0
_WINDOW_HALF_LIFE = 5.0


def pooled(
    values: Floats,
    horizons: Sequence[int],
    draws: int,
    year: int,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> tuple[Floats, dict[str, Any]]:
    """Give draws (units, horizons, draws) and the settings learned, from counts up to the origin."""
    memory = build_memory(values, year)
    weights, used = learn(memory, horizons, year, progress)
    made = parts_at(memory, values.shape[1] - 1, horizons, draws)
    group = _groups(memory, values.shape[1] - 1, year)
    found = np.empty((len(values), len(horizons), draws))
    for row in range(len(values)):
        takes = _shares(weights[group[row]], draws)
        for column in range(len(horizons)):
            place = 0
            for k, take in enumerate(takes):
                if take:
                    chosen = _every(made[row, column, k], take, rng)
                    found[row, column, place : place + take] = chosen
                    place += take
    settings = {
        "windows_learned_from": used,
        "weights": {
            name: {part: round(float(w), 4) for part, w in zip(NAMES, weights[g], strict=True) if w >= 5e-5}
            for g, name in enumerate(GROUPS)
        },
    }
    return found, settings


def learn(
    memory: Memory, horizons: Sequence[int], year: int, progress: Progress | None = None
) -> tuple[Floats, int]:
    """Give the weights (groups, parts) that would have scored best in past windows, and how many windows there were."""
    length = memory.values.shape[1]
    last = length - 1 - max(horizons)
    origins = [last - year * k for k in range(WINDOWS) if last - year * k >= 2 * year - 1]
    if not origins:
        raise EstimateRefused(
            f"{length} steps are known; the pooled model needs {2 * year + max(horizons)} or more (two years, and "
            "one stretch as long as the farthest horizon to learn from); give a baseline, as --model last12"
        )
    sums = [_Sums(len(GROUPS), len(NAMES)) for _ in range(2)]
    for number, origin in enumerate(origins):
        if progress:
            progress(f"learning from past window {number + 1} of {len(origins)}")
        made = parts_at(memory, origin, horizons, _COUNT)
        truth = memory.values[:, [origin + one for one in horizons]]
        groups = np.repeat(_groups(memory, origin, year), len(horizons))
        rows, flat = made.reshape(-1, len(NAMES), _COUNT), truth.reshape(-1)
        groups = np.where(np.isnan(flat), -1, groups)
        changes: tuple[Callable[[Floats], Floats], ...] = (_same, np.log1p)
        for scale, change in enumerate(changes):
            sums[scale].add(np.ascontiguousarray(change(rows)), change(np.nan_to_num(flat)), groups)
    return np.stack([_best(sums, g) for g in range(len(GROUPS))]), len(origins)


class _Sums:
    """Distances added up by window, group and part."""

    def __init__(self, groups: int, parts: int) -> None:
        self.shape = (groups, parts)
        self.to_truth: list[Floats] = []
        self.between: list[Floats] = []

    def add(self, rows: Floats, truth: Floats, groups: NDArray[np.int64]) -> None:
        to_truth, between = np.zeros(self.shape), np.zeros((*self.shape, self.shape[1]))
        distances(rows, truth, groups, to_truth, between)
        self.to_truth.append(to_truth)
        self.between.append(between)


def _best(sums: Sequence[_Sums], group: int) -> Floats:
    """Find the weights, none below zero and all together one, that minimise the criterion for one group."""
    parts = len(NAMES)
    usual = NAMES.index("last12")
    scales = []
    for one in sums:
        near = np.stack([t[group] for t in one.to_truth])
        apart = np.stack([b[group] for b in one.between])
        base = near[:, usual] - apart[:, usual, usual] / 2
        base = np.maximum(base, 0.1 * base.mean())  # a window in which nothing happened says little of ratios
        if base.mean() > 0:
            scales.append((near / base[:, None], apart / base[:, None, None]))
    return _minimise(scales, parts) if scales else np.full(parts, 1 / parts)


def _minimise(scales: Sequence[tuple[Floats, Floats]], parts: int) -> Floats:
    """Minimise the sum over scales of log-mean-exp of the windows' ratios, plus the ridge, over the simplex."""
    from scipy.optimize import minimize

    even = np.full(parts, 1 / parts)
    age = np.arange(len(scales[0][0]))  # windows run from the latest back
    share = 0.5 ** (age / _WINDOW_HALF_LIFE)
    share /= share.sum()

    def value(w: Floats) -> tuple[float, Floats]:
        off = w - even
        total, slope = _RIDGE * parts * float(off @ off), 2 * _RIDGE * parts * off
        for near, apart in scales:
            pull = apart @ w
            ratio = near @ w - pull @ w / 2
            most = ratio.max()
            lean = share * np.exp(_LEAN * (ratio - most))
            total += float(most + np.log(lean.sum()) / _LEAN)
            slope = slope + lean / lean.sum() @ (near - pull)
        return total, slope

    found = minimize(
        value, even, jac=True, method="SLSQP", bounds=[(0, 1)] * parts,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(parts)},
        options={"maxiter": 500, "ftol": 1e-10},
    )  # fmt: skip
    weights = np.maximum(found.x, 0)
    return np.asarray(weights / weights.sum())


def _groups(memory: Memory, origin: int, year: int) -> NDArray[np.int64]:
    recent = memory.values[:, max(origin + 1 - year, 0) : origin + 1]
    known = np.maximum((~np.isnan(recent)).sum(axis=1), 1)
    mean = np.nansum(recent, axis=1) / known
    return np.where(mean == 0, 0, np.where(mean * memory.months < _HIGH, 1, 2)).astype(np.int64)


def _same(values: Floats) -> Floats:
    return values


def _shares(weights: Floats, draws: int) -> NDArray[np.int64]:
    """Give how many of the draws each part has: the largest remainders get one more."""
    exact = weights * draws
    counts = np.floor(exact).astype(np.int64)
    more = np.argsort(counts - exact, kind="stable")[: draws - counts.sum()]
    counts[more] += 1
    return counts


def _every(ordered: Floats, take: int, rng: np.random.Generator) -> Floats:
    """Give `take` of ascending draws, evenly spaced from a start left to chance."""
    places = ((np.arange(take) + rng.random()) * len(ordered) / take).astype(np.int64)
    return ordered[np.minimum(places, len(ordered) - 1)]
