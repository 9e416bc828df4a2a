"""How much room the record leaves for a lasting cause that moves strikes and attacks and is not in it.

Such a cause makes counts of one zone swing together over weeks. Of a factor with relative variance v, products
of residuals up to a week apart have mean v times the product of the fitted rates. Measured once for attacks
and once for strikes, in fits without past attacks (which would take up part of the swing), the two variances
say how far one cause could pull: the log ratio behind a strike moves by the covariance of the two swings, which
is at most sqrt(v_attacks * v_strikes). Season and slow trend take up some of a swing, and products of days apart
see less of it than those of one day, so this is a scale and not a strict bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .._result import CheckResult
from ._columns import Columns, block_sums
from ._model import SeriesFit, fit_shrunk

__all__ = ["Room", "hidden_check", "hidden_room"]

Floats = npt.NDArray[np.float64]
# Days between two counts: shorter than an episode of either lasts, so that its swing is still there.
_DAYS = (1, 7)
_BLOCK_DAYS = 28
SIZE = 0.05
_Z = 1.645
# A pull of less than this on the log ratio is none to speak of.
_MARGIN = 0.05


@dataclass(frozen=True, eq=False)
class Room:
    """Relative variances of lasting swings of attacks and of strikes, each with its standard error."""

    attacks: tuple[float, float]
    strikes: tuple[float, float]

    @property
    def pull(self) -> float:
        """Move of the log ratio behind one strike by one cause of both swings, from the estimates."""
        return math.sqrt(max(self.attacks[0], 0.0) * max(self.strikes[0], 0.0))

    @property
    def pull_high(self) -> float:
        """The same from the upper ends of one-sided 95% intervals."""
        one, two = (max(value + _Z * error, 0.0) for value, error in (self.attacks, self.strikes))
        return math.sqrt(one * two)


def hidden_room(fit: SeriesFit, policy: Columns) -> Room:
    """Measure lasting swings; `policy` holds the columns of the strike equation."""
    attacks = _swing(fit.counts.attacks, fit.columns, fit.model.used, fit.counts.step)
    strikes = _swing(fit.counts.strikes, policy, policy.usable, fit.counts.step, strikes_too=True)
    return Room(attacks, strikes)


def _swing(
    table: Floats, made: Columns, usable: npt.NDArray[np.bool_], step: int, *, strikes_too: bool = False
) -> tuple[float, float]:
    """Give the relative variance of lasting swings and its standard error from blocks of four weeks."""
    dropped = {*range(made.past.start, made.past.stop)}
    if strikes_too:
        dropped |= {*range(made.lags.start, made.lags.stop)}
    kept = [column for column in range(made.common.shape[2]) if column not in dropped]
    fewer = replace(made, common=made.common[:, :, kept], names=tuple(made.names[k] for k in kept))
    alive = usable & ((table * usable).sum(axis=1) > 0)[:, None]
    model, _ = fit_shrunk(table, fewer, alive)
    away = np.where(model.used, table - model.mean, 0.0)
    mean = np.where(model.used, model.mean, 0.0)
    near, far = max(_DAYS[0] // step, 1), _DAYS[1] // step
    earlier, usual = (np.nan_to_num(block_sums(part, [(near, far)])[:, :, 0]) for part in (away, mean))
    pairs = mean * usual
    # Each zone's residuals sum to zero, which draws their products down by one part in its expected count.
    lost = pairs / np.maximum(mean.sum(axis=1, keepdims=True), 1e-9)
    top, bottom = (away * earlier + lost).sum(axis=0), pairs.sum(axis=0)
    if bottom.sum() <= 0:
        return math.nan, math.nan
    value = float(top.sum() / bottom.sum())
    size = max(_BLOCK_DAYS // step, 1)
    edges = np.arange(0, len(top), size)
    part = np.add.reduceat(top - value * bottom, edges)
    return value, float(math.sqrt((part**2).sum()) / bottom.sum())


def hidden_check(room: Room | None, reason: str) -> CheckResult:
    """Fail where both attacks and strikes show lasting swings that the model has no name for."""
    import pandas as pd

    name = "room for a hidden cause"
    if room is None or not all(map(math.isfinite, (*room.attacks, *room.strikes))):
        return CheckResult(name, None, pd.DataFrame(), f"Cannot be looked at: {reason or 'too few counts'}.")
    table = pd.DataFrame([
        {"what": what, "relative_variance": value, "std_error": error}
        for what, (value, error) in (("attacks", room.attacks), ("strikes", room.strikes))
    ])  # fmt: skip
    attacks, strikes = (value > _Z * error for value, error in (room.attacks, room.strikes))
    # Strikes that are spaced apart swing less than chance, and hide what moves them: so attacks must be calm as well.
    passed = False if attacks and strikes else (True if room.pull_high < _MARGIN and not attacks else None)
    swings = [f"{math.sqrt(max(value, 0.0)):.2f}" for value, _ in (room.attacks, room.strikes)]
    text = (
        f"Swings lasting a week or more that season and slow trend leave: {swings[0]} of the rate of attacks, "
        f"{swings[1]} of that of strikes (standard deviations; each tested above zero at 5%, failed where both are). "
        f"One cause behind both could multiply or divide the ratio behind a strike by about {math.exp(room.pull):.2f} "
        f"({math.exp(room.pull_high):.2f} at the upper ends); passed below {math.exp(_MARGIN):.2f} "
        "where attacks do not swing by themselves. Reaction to "
        "recorded attacks is part of the second, and attacks setting off others part of the first."
    )
    return CheckResult(name, passed, table, text)
