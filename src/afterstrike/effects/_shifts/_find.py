"""Find shifts one by one: test, date, divide, test again; the rate of false alarms is that of the first test.

The statistic is the self-normalised step of Shao and Zhang (2010), over the nested windows of Zhao, Jiang and Shao
(2022), so that a second shift does not hide the first. It needs no estimate of the noise. What it would be without a
shift is drawn: noise of this very series, with its skewness and an upper limit of its correlation, goes through the
same steps (season taken out, windows, all dates). So a short or skewed record has its own critical value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from ._noise import Noise, noise_of, segments, without_season

__all__ = ["UPPER", "Found", "Shift", "Signal", "find_shifts"]

Floats = npt.NDArray[np.float64]

SHORTEST_SHARE = 0.15
SHORTEST = 5
UPPER = 1.28
"""Standard errors added to the correlation of the noise: its upper 90 % limit. See docs/shifts.md."""
_RIDGE = 1e-4
_REDRAWS = 400
# Redraws that reach the observed value before a test may end early, and how many are drawn at a time.
_ENOUGH, _BATCH = 20, 100


@dataclass(frozen=True, eq=False)
class Signal:
    """A series to look for shifts in.

    Parameters
    ----------
    values
        Shape (periods, d): what is measured in each period that is known.
    weights
        Shape (periods,): the variance of a value is proportional to 1 / weight.
    at
        Which period of the calendar each is.
    season
        Waves of the season, shape (periods, waves).
    kind
        `count` for counts that are Poisson or more dispersed, else `mean`.
    """

    values: Floats
    weights: Floats
    at: npt.NDArray[np.int64]
    season: Floats
    kind: Literal["count", "mean"]

    @property
    def shortest(self) -> int:
        """The fewest periods between two shifts."""
        return max(SHORTEST, math.ceil(SHORTEST_SHARE * len(self.weights)))


@dataclass(frozen=True)
class Shift:
    """One shift: `step` is the first period after it, `low` and `high` what the step may be, as positions."""

    step: int
    low: int
    high: int
    p_value: float


@dataclass(frozen=True, eq=False)
class Found:
    """All shifts of a signal in order of time, and what was learnt on the way.

    Parameters
    ----------
    p_value
        Of the test that found nothing further: of the first test where there is no shift.
    correlation
        Of the noise from period to period, as used.
    signal
        The signal with the season taken out.
    """

    shifts: tuple[Shift, ...]
    p_value: float
    correlation: float
    signal: Signal


def find_shifts(
    signal: Signal, *, size: float, redraws: int, most: int, rng: np.random.Generator, coverage: float = 0.95
) -> Found:
    """Find the shifts of a signal.

    Parameters
    ----------
    size
        The chance of any shift where there is none.
    redraws
        Series drawn for each test at most.
    most
        No more shifts than this are looked for.
    coverage
        Of the interval of each date.
    """
    steps: list[int] = []
    p_values: dict[int, float] = {}
    while True:
        clean = deseasoned(signal, steps)
        candidate = _candidate(clean, steps)
        # Noise is what is left beside one step more: else a shift would pass for dependence, and so hide itself.
        apart = steps if candidate is None else sorted([*steps, candidate])
        beside = deseasoned(signal, apart)
        noise = noise_of(beside.values, beside.weights, apart, upper=UPPER)
        if candidate is None or len(steps) >= most:
            p_value = math.nan
            break
        p_value = _p_value(clean, steps, noise, size, redraws, rng)
        if p_value > size:
            break
        steps.append(candidate)
        p_values[candidate] = p_value
    steps, p_values = _refined(clean, steps, p_values)
    shifts = [_dated(clean, steps, i, p_values[step], coverage, rng) for i, step in enumerate(steps)]
    return Found(tuple(shifts), p_value, noise.correlation, clean)


def deseasoned(signal: Signal, steps: Sequence[int]) -> Signal:
    """Take the season out: as a factor of counts, which become counts for a like time; else by subtraction."""
    if not signal.season.shape[1]:
        return signal
    if signal.kind == "mean":
        return replace(signal, values=without_season(signal.values, signal.weights, steps, signal.season))
    factor = _seasonal_factor(signal, steps)
    return replace(signal, values=signal.values / factor[:, None], weights=signal.weights * factor)


def _seasonal_factor(signal: Signal, steps: Sequence[int]) -> Floats:
    """Fit counts by segment means times a season, as Poisson by scoring; give the season with mean one."""
    parts = segments(steps, len(signal.weights))
    counts, waves = signal.values[:, 0], signal.season
    effect = np.zeros(waves.shape[1])
    design = np.hstack([np.stack([_member(part, len(counts)) for part in parts], axis=1), waves])
    for _ in range(50):
        factor = np.exp(waves @ effect)
        mean = np.empty(len(counts))
        for part in parts:
            mean[part] = factor[part] * max(counts[part].sum(), 0.5) / factor[part].sum()
        slope = design.T @ (counts - mean)
        change = np.linalg.lstsq((design * mean[:, None]).T @ design, slope, rcond=1e-10)[0][len(parts) :]
        # A season of more than a factor of e in one step is a fit running away.
        change *= min(1.0, 1.0 / max(np.abs(change).max(), 1e-12))
        effect = effect + change
        if np.abs(change).max() < 1e-8:
            break
    factor = np.exp(np.clip(waves @ effect, -3, 3))
    scaled: Floats = factor / factor.mean()
    return scaled


def _member(part: slice, length: int) -> Floats:
    inside = np.zeros(length)
    inside[part] = 1.0
    return inside


def gains(
    signal_kind: str, values: Floats, weights: Floats, shortest: int
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Give for each possible step how much better two means fit than one; shape (..., steps).

    Half the log likelihood ratio of Poisson counts, or of a mean with variances as between neighbours.
    """
    n = len(weights)
    steps = np.arange(shortest, n - shortest + 1)
    clock = np.cumsum(weights)
    total = np.cumsum(weights[:, None] * values, axis=-2)
    left, right = clock[steps - 1], clock[-1] - clock[steps - 1]
    before = total[..., steps - 1, :]
    after = total[..., -1:, :] - before
    if signal_kind == "count":
        return steps, _loglog(before, left) + _loglog(after, right)
    apart = before / left[:, None] - after / right[:, None]
    pair = 2 / (1 / weights[1:] + 1 / weights[:-1])
    spread = (np.diff(values, axis=-2) ** 2 * pair[:, None]).mean(axis=-2, keepdims=True) / 2
    scaled = (apart**2 / np.maximum(spread, 1e-12)).sum(axis=-1)
    return steps, scaled * (left * right / clock[-1]) / 2


def _loglog(total: Floats, time: Floats) -> Floats:
    some = np.maximum(total[..., 0], 0.0)
    return some * np.log(np.maximum(some, 1e-12) / time)


def _candidate(signal: Signal, steps: Sequence[int]) -> int | None:
    """Give the step that would improve the fit most, None where no stretch is long enough to be divided."""
    best: tuple[float, int] | None = None
    for part in segments(steps, len(signal.weights)):
        if part.stop - part.start < 2 * signal.shortest:
            continue
        at, gain = gains(signal.kind, signal.values[part], signal.weights[part], signal.shortest)
        base = 0.0
        if signal.kind == "count":
            weights = signal.weights[part]
            base = float(_loglog((weights[:, None] * signal.values[part]).sum(0), weights.sum()))
        k = int(gain.argmax())
        if best is None or gain[k] - base > best[0]:
            best = float(gain[k] - base), int(at[k]) + part.start
    return None if best is None else best[1]


def _p_value(
    signal: Signal, steps: Sequence[int], noise: Noise, size: float, redraws: int, rng: np.random.Generator
) -> float:
    """Say how often noise alone gives as large a statistic in any of the stretches.

    Besag and Clifford (1991): once so many redraws have reached the observed value that the answer can only be no,
    the rest are not drawn. The p-value is valid as it stands, and the answer that of all redraws.
    """
    weights = signal.weights
    parts = [part for part in segments(steps, len(weights)) if part.stop - part.start >= 2 * signal.shortest]
    observed = max(float(_largest(signal, signal.values[None, part], part)[0]) for part in parts)
    enough = max(_ENOUGH, math.floor(size * (redraws + 1)) + 1)
    reached = made = 0
    while made < redraws:
        count = min(_BATCH, redraws - made)
        drawn = noise.draw(count, len(weights), rng) / np.sqrt(weights)[:, None]
        drawn = without_season(drawn, weights, steps, signal.season)
        null = np.max([_largest(signal, drawn[:, part], part) for part in parts], axis=0)
        running = reached + np.cumsum(null >= observed * (1 - 1e-9))
        if running[-1] >= enough:
            return enough / (made + int(np.searchsorted(running, enough)) + 1)
        reached, made = int(running[-1]), made + count
    return (reached + 1) / (redraws + 1)


def _largest(signal: Signal, many: Floats, part: slice) -> Floats:
    from ._scan import scan_many

    weights = signal.weights[part]
    # Scaled first: the running sums of large numbers would lose the small differences between them.
    centred = many - (many * weights[:, None]).sum(axis=-2, keepdims=True) / weights.sum()
    scale = np.sqrt((centred**2 * weights[:, None]).mean(axis=-2, keepdims=True))
    centred = np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 1e-12)
    ridge = np.full(many.shape[-1], _RIDGE)
    found: Floats = scan_many(np.ascontiguousarray(centred), weights, signal.shortest, ridge)
    return found


def _refined(
    signal: Signal, steps: Sequence[int], p_values: dict[int, float]
) -> tuple[list[int], dict[int, float]]:
    """Date each shift again between its neighbours: it was first dated while others were not known."""
    ordered = sorted(steps)
    kept = {}
    for i, step in enumerate(ordered):
        low = ordered[i - 1] if i else 0
        high = ordered[i + 1] if i + 1 < len(ordered) else len(signal.weights)
        at, gain = gains(
            signal.kind, signal.values[low:high], signal.weights[low:high], _margin(signal, low, high)
        )
        ordered[i] = int(at[gain.argmax()]) + low
        kept[ordered[i]] = p_values[step]
    return ordered, kept


def _margin(signal: Signal, low: int, high: int) -> int:
    """Give how near to its neighbours a date may lie: nearer than where it was tested, else that edge is the date."""
    return max(1, min(signal.shortest // 3, (high - low) // 8))


def _dated(
    signal: Signal,
    steps: Sequence[int],
    which: int,
    p_value: float,
    coverage: float,
    rng: np.random.Generator,
) -> Shift:
    """Give the dates that fit nearly as well as the best: as nearly as the true date does in series drawn like it."""
    low = steps[which - 1] if which else 0
    high = steps[which + 1] if which + 1 < len(steps) else len(signal.weights)
    step, margin = steps[which] - low, _margin(signal, low, high)
    values, weights = signal.values[low:high], signal.weights[low:high]
    at, gain = gains(signal.kind, values, weights, margin)
    noise = noise_of(values, weights, [step], upper=UPPER)
    drawn = noise.draw(_REDRAWS, len(weights), rng) / np.sqrt(weights)[:, None]
    for part in (slice(0, step), slice(step, len(weights))):
        mean = np.average(values[part], axis=0, weights=weights[part])
        deviation = np.sqrt(((values[part] - mean) ** 2 * weights[part, None]).mean(axis=0))
        drawn[:, part] = mean + drawn[:, part] * deviation
    if signal.kind == "count":
        drawn = np.maximum(drawn, 0.0)
    _, again = gains(signal.kind, drawn, weights, margin)
    short = again.max(axis=1) - again[:, int(np.flatnonzero(at == step)[0])]
    near = at[gain >= gain.max() - np.quantile(short, coverage) - 1e-9]
    return Shift(steps[which], int(near.min()) + low, int(near.max()) + low, p_value)
