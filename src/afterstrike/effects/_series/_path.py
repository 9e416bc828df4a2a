"""What would have been recorded without one zone's strikes of one period, its other strikes as they were.

The fitted model gives a strike a direct effect by lag, and attacks an echo through the counts of past
attacks. Without the strike the expected count of a later period is the recorded one divided by the strike's
whole effect there; those expected counts stand in for the recorded ones in the past attacks of the periods
after, and so on, period by period, to the horizon. A period without a recorded attack stays at none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ._columns import Block
from ._counts import ZoneCounts

__all__ = ["Wakes", "horizon_weights", "log_ratios", "totals", "wakes_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Wakes:
    """Zones and periods with strikes whose horizon lies in the record.

    Parameters
    ----------
    zone, period, strikes
        Which, and how many strike place-days.
    recorded
        Attacks, shape (wakes, back + 1 + ahead): `back` periods before, the period itself, `ahead` after.
    back, ahead
        As above.
    left_out
        Struck zones and periods whose horizon, or the periods before, leave the record.
    """

    zone: Ints
    period: Ints
    strikes: Floats
    recorded: Floats
    back: int
    ahead: int
    left_out: int

    def only(self, kept: npt.NDArray[np.bool_]) -> Wakes:
        """Give some of them."""
        return Wakes(
            self.zone[kept], self.period[kept], self.strikes[kept], self.recorded[kept], self.back, self.ahead,
            self.left_out,
        )  # fmt: skip


def wakes_of(counts: ZoneCounts, *, back: int, ahead: int) -> Wakes:
    """Find the struck zones and periods that can be followed."""
    zone, period = np.nonzero(counts.strikes)
    n = counts.attacks.shape[1]
    inside = (period >= back) & (period + ahead < n)
    at = np.arange(-back, ahead + 1)
    where = np.clip(period[:, None] + at, 0, n - 1)
    inside &= ~counts.missing[zone[:, None], where].any(axis=1)
    kept_zone, kept_period = zone[inside], period[inside]
    return Wakes(
        kept_zone.astype(np.int64), kept_period.astype(np.int64), counts.strikes[kept_zone, kept_period],
        counts.attacks[kept_zone[:, None], where[inside]], back, ahead, int((~inside).sum()),
    )  # fmt: skip


def horizon_weights(days: int, step: int) -> Floats:
    """Give the share of each period after that a horizon holds: 30 days are four weeks and two sevenths."""
    return np.clip((days - step * np.arange(-(-days // step))) / step, 0.0, 1.0)


def log_ratios(
    wakes: Wakes, past: Floats, lags: Floats, windows: Sequence[Block], blocks: Sequence[Block]
) -> Floats:
    """Give the log of (with / without) for each wake and period after, shape (wakes, ahead)."""
    direct = np.zeros(wakes.ahead + 1)
    for effect, (near, far) in zip(lags, blocks, strict=True):
        direct[near : far + 1] = effect
    out = np.zeros((len(wakes.zone), wakes.ahead))
    without = wakes.recorded.copy()
    for ahead in range(1, wakes.ahead + 1):
        now = wakes.back + ahead
        effect = direct[ahead] * wakes.strikes
        for weight, (near, far) in zip(past, windows, strict=True):
            if near < ahead:
                span = slice(now - far, now - near + 1)
                echo = np.log1p(wakes.recorded[:, span].sum(axis=1)) - np.log1p(without[:, span].sum(axis=1))
                effect = effect + weight * echo
        out[:, ahead - 1] = effect
        without[:, now] = wakes.recorded[:, now] * np.exp(-np.clip(effect, -8.0, 8.0))
    return out


def totals(wakes: Wakes, ratios: Floats, weights: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Give recorded attacks and those expected without, summed over wakes, for each horizon."""
    ahead = wakes.recorded[:, wakes.back + 1 :]
    without = ahead * np.exp(-np.clip(ratios, -8.0, 8.0))
    observed = np.array([(ahead[:, : len(w)] @ w).sum() for w in weights])
    expected = np.array([(without[:, : len(w)] @ w).sum() for w in weights])
    return observed, expected
