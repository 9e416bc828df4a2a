"""What followed strikes against what followed comparison place-days: lagged outcome, and
difference-in-differences.

Both are linear in what was counted, so each comes with the exact influence of every place-day; sums, ratios,
curves and their joint covariance are made of these.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._place_days import CHECK_BIN, MEASURED_FROM, PRE_BINS, REGRESSED, STRIKE, Counted, Events, Floats
from ._risk_set import calendar, regional

__all__ = ["Means", "adjusters", "difference", "lagged", "usual_level"]


@dataclass(frozen=True)
class Means:
    """Mean outcomes behind strikes, and what was expected there without, one entry an outcome.

    `struck_part` and `expected_part` are influences, shape (struck + drawn place-days, outcomes): they add
    up to the error of the mean each belongs to.
    """

    struck: Floats
    expected: Floats
    struck_part: Floats
    expected_part: Floats
    adj_r2: Floats
    intercept: Floats

    @property
    def effect(self) -> Floats:
        """Struck minus expected."""
        return self.struck - self.expected

    @property
    def effect_part(self) -> Floats:
        """Influences on `effect`."""
        return self.struck_part - self.expected_part

    def log_ratio(self) -> tuple[Floats, Floats]:
        """Give log(struck / expected) and its influences; NaN where one of them is not positive."""
        ok = (self.struck > 0) & (self.expected > 0)
        above, below = np.where(ok, self.struck, np.nan), np.where(ok, self.expected, np.nan)
        return np.log(above / below), self.struck_part / above - self.expected_part / below


def adjusters(
    counted: Counted,
    events: Events,
    km: float,
    *,
    horizon: int,
    ring_km: float | None = None,
    checking: bool = False,
) -> Floats:
    """Give the regressors of the lagged-outcome form, in attacks a day.

    Level near the place over the year, in each pre-bin, wider around, and how calendar, region and earlier
    strikes scale that level. With `ring_km` the levels of the ring are added. `checking` takes the
    pre-window kept for the check out of the usual level.
    """
    before = CHECK_BIN[0] if checking else PRE_BINS[-1][0]

    def usual(radius: float) -> Floats:
        return counted.usual(radius, horizon=horizon, half=REGRESSED, before=before)

    level = usual(km)
    columns = [np.ones(len(counted)), level]
    columns += [counted.between(a, b, km) / (b - a + 1) for a, b in PRE_BINS]
    columns.append(counted.between(-3, -1, km) / 3)
    wide = ring_km or 2 * km
    columns += [usual(wide), counted.between(-7, -1, wide) / 7, counted.between(-28, -8, wide) / 21]
    scale = [*calendar(counted.day, events), regional(counted.day, events)]
    for first, last in ((-3, -1), (-7, -4), (-14, -8), (-28, -15)):
        scale.append(counted.between(first, last, km, STRIKE))
        scale.append(counted.between(first, last, 2 * km, STRIKE))
    # Usual levels include what strikes did to them, more so where strikes are many.
    scale += [counted.usual(radius, STRIKE, horizon=horizon, before=before) for radius in (km, 2 * km)]
    return np.column_stack([*columns, *(level * part for part in scale)])


def usual_level(
    counted: Counted, km: float, *, horizon: int, within_km: float | None = None, checking: bool = False
) -> Floats:
    """Give the level that outcomes are measured from, in attacks a day; beyond `within_km` where that is
    given.

    It comes from the other half of the weeks than the level in `adjusters`. Measuring from it, rather than
    giving it a coefficient, keeps the comparison within places: a coefficient below 1 would pull places
    towards one another, and strikers know a place's level better than a record does.
    """
    before = CHECK_BIN[0] if checking else PRE_BINS[-1][0]
    level = counted.usual(km, horizon=horizon, half=MEASURED_FROM, before=before)
    if within_km is not None:
        level = level - counted.usual(within_km, horizon=horizon, half=MEASURED_FROM, before=before)
    return level[:, None]


def lagged(
    x: Floats,
    x_drawn: Floats,
    weight: Floats,
    y: Floats,
    y_drawn: Floats,
    usual: Floats | float = 0.0,
    usual_drawn: Floats | float = 0.0,
) -> Means:
    """Regress outcomes on what was before among the comparison, predict for the struck: the mean expected
    there.

    Fitting the comparison alone lets the effect differ from strike to strike; its mean is over the strikes
    there were. `usual` and `usual_drawn` are what the outcomes are measured from.
    """
    scale = np.sqrt(weight @ x_drawn**2 / weight.sum())
    usable = scale > 0
    x, x_drawn = x[:, usable] / scale[usable], x_drawn[:, usable] / scale[usable]
    n = len(x)
    gram = (x_drawn * weight[:, None]).T @ x_drawn
    inverse = np.linalg.pinv(gram, rcond=1e-9, hermitian=True)
    beta = inverse @ ((x_drawn * weight[:, None]).T @ (y_drawn - usual_drawn))
    fitted = usual + x @ beta
    residual = y_drawn - usual_drawn - x_drawn @ beta
    pull = weight * (x_drawn @ (inverse @ x.mean(axis=0)))
    struck, expected = y.mean(axis=0), fitted.mean(axis=0)
    # Residuals of fitted place-days are too small by their leverage.
    leverage = np.clip(weight * np.einsum("ij,jk,ik->i", x_drawn, inverse, x_drawn), 0, 0.9)
    expected_part = np.vstack([np.zeros_like(y), (pull / (1 - leverage))[:, None] * residual])
    # The strikes there were are the population: their expected levels differ, and that is no error. What is
    # left is how far each outcome lies from its own expectation times the common ratio.
    with np.errstate(divide="ignore", invalid="ignore"):
        common = np.where(expected > 0, struck / expected, 1.0)
    struck_part = np.vstack([(y - common * fitted) / n, np.zeros_like(y_drawn)])
    mean = weight @ y_drawn / weight.sum()
    total = weight @ (y_drawn - mean) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = 1 - (weight @ residual**2) / total
    used, rank = int((weight > 0).sum()), int(np.linalg.matrix_rank(gram, hermitian=True))
    adj = 1 - (1 - r2) * (used - 1) / max(used - rank, 1)
    return Means(struck, expected, struck_part, expected_part, adj, (beta / scale[usable][:, None])[0])


def difference(weight: Floats, change: Floats, change_drawn: Floats) -> tuple[Floats, Floats]:
    """Give the mean change behind strikes minus that of the comparison, and its influences."""
    n, whole = len(change), weight.sum()
    ours, theirs = change.mean(axis=0), weight @ change_drawn / whole
    part = np.vstack([(change - ours) / n, -(weight / whole)[:, None] * (change_drawn - theirs)])
    return ours - theirs, part
