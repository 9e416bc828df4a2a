"""Comparison place-days: drawn where and when a strike was as likely, from an intensity fitted to the past.

The intensity is the odds that a place-day is struck, given attacks and strikes on earlier days, the place's
usual level and the calendar. Nothing after the place-day enters it, so later strikes stay part of what
follows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ._place_days import REGRESSED, STRIKE, Counted, Events, Floats, Ints

__all__ = ["RiskSet", "fit_intensity", "history", "sample_pool"]

_LAGS = ((-3, -1), (-7, -4), (-14, -8), (-28, -15))
_FOLDS, _BLOCKS = 5, 20
_RIDGE = 2.0


@dataclass(frozen=True)
class RiskSet:
    """Struck place-days and the pool of place-days not struck, with the fitted log intensity of both.

    Parameters
    ----------
    struck, pool
        Place-days with their counts.
    log_struck, log_pool
        Logarithm of the fitted intensity, up to one constant.
    """

    struck: Counted
    pool: Counted
    log_struck: Floats
    log_pool: Floats

    def draw(self, size: int, rng: np.random.Generator, *, uniform: bool = False) -> Ints:
        """Draw `size` place-days of the pool, with repeats, in proportion to intensity (or all alike)."""
        if uniform:
            return rng.integers(0, len(self.pool), size)
        weight = np.exp(self.log_pool - self.log_pool.max())
        picked: Ints = rng.choice(len(weight), size, p=weight / weight.sum())
        return picked

    def effective_share(self) -> float:
        """Give the share of the pool that unequal chances leave: (sum of w)^2 / sum of w^2 / n."""
        weight = np.exp(self.log_pool - self.log_pool.max())
        return float(weight.sum() ** 2 / (weight @ weight) / len(weight))


def sample_pool(
    events: Events, size: int, rng: np.random.Generator, *, first_day: int, last_day: int
) -> tuple[Ints, Floats]:
    """Draw place-days evenly over the days and over the places where anything was ever recorded.

    Places are those of strikes and attacks, rounded to a hundredth of a degree. Places of strikes alone
    would choose place-days by strikes that came later.
    """
    at = np.vstack([events.strike_at, events.attack_at])
    _, first = np.unique(np.round(at, 2), axis=0, return_index=True)
    places = np.unique(at[first], axis=0)
    day = rng.integers(first_day, last_day + 1, size)
    where = places[rng.integers(0, len(places), size)]
    order = np.lexsort((where[:, 1], where[:, 0], day))
    return day[order], where[order]


def history(counted: Counted, events: Events, km: float, *, horizon: int) -> Floats:
    """Give what the intensity may depend on, one row a place-day; nothing of the days after."""
    columns: list[Floats] = []
    # The half of the weeks that outcomes are measured from stays out: an intensity that knew its errors would
    # choose place-days by them, and their outcomes would then seem to lie above what is usual there.
    usual = {
        radius: counted.usual(radius, horizon=horizon, half=REGRESSED) for radius in (km / 2, km, 2 * km)
    }
    floor = 0.5 / counted.n_days
    columns.extend(np.log(level + floor) for level in usual.values())
    for radius, level in usual.items():
        for first, last in _LAGS:
            expected = level * (last - first + 1)
            columns.append(_log_ratio(counted.between(first, last, radius), expected))
        week = _log_ratio(counted.between(-7, -1, radius), 7 * level)
        columns.extend([week, week**2] if radius == km else [week])
    for radius in (km, 2 * km):
        columns.append(np.log(counted.usual(radius, STRIKE, horizon=horizon) + floor))
        for first, last in ((-7, -1), (-14, -8), (-28, -15)):
            earlier = counted.between(first, last, radius, STRIKE)
            columns.append(np.log1p(earlier))
            if radius == 2 * km:
                columns.append((earlier > 0).astype(np.float64))
    columns.extend(calendar(counted.day, events))
    columns.append(regional(counted.day, events))
    return np.column_stack(columns)


def _log_ratio(count: Floats, expected: Floats) -> Floats:
    return np.asarray(np.log((count + 0.5) / (expected + 0.5)))


def calendar(day: Ints, events: Events) -> list[Floats]:
    """Give trend and, in records of a year or more, season."""
    through = 2 * (day - events.first_day) / max(events.n_days - 1, 1) - 1.0
    columns = [through, through**2]
    if events.n_days >= 365:
        turn = 2 * np.pi * day / 365.25
        columns += [np.sin(turn), np.cos(turn)]
    return columns


def regional(day: Ints, events: Events) -> Floats:
    """Give the logarithm of attacks in the whole region in the 28 days before, against the usual."""
    running = np.concatenate([[0.0], np.cumsum(events.daily_attacks())])
    stop = np.clip(day - events.first_day, 0, events.n_days)
    start = np.maximum(stop - 28, 0)
    expected = running[-1] / events.n_days * (stop - start)
    return _log_ratio(running[stop] - running[start], expected)


def fit_intensity(struck: Counted, pool: Counted, events: Events, km: float, *, horizon: int) -> RiskSet:
    """Fit the intensity by ridge logistic regression, each stretch of time by the others (cross-fitting)."""
    x = np.vstack([history(part, events, km, horizon=horizon) for part in (struck, pool)])
    y = np.repeat([1.0, 0.0], [len(struck), len(pool)])
    x = (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    # Standard scores beyond 4 are single odd place-days; they shall not steer the fit.
    x = np.column_stack([np.ones(len(x)), np.clip(x, -4, 4)])
    day = np.concatenate([struck.day, pool.day])
    fold = ((day - events.first_day) * _BLOCKS // events.n_days) % _FOLDS
    score = np.empty(len(y))
    start = logistic(x, y, ridge=_RIDGE)
    for part in range(_FOLDS):
        held = fold == part
        if held.any():
            score[held] = x[held] @ logistic(x[~held], y[~held], ridge=_RIDGE, start=start)
    return RiskSet(struck, pool, score[: len(struck)], score[len(struck) :])


def logistic(x: Floats, y: Floats, *, ridge: float, start: Floats | None = None) -> Floats:
    """Fit a logistic regression by Newton's method; the first column, the constant, is not shrunk."""
    penalty = np.full(x.shape[1], ridge)
    penalty[0] = 1e-6
    share = np.clip(y.mean(), 1e-6, 1 - 1e-6)
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(share / (1 - share))
    beta = beta if start is None else start.copy()
    value = -np.inf
    for _ in range(50):
        eta = np.clip(x @ beta, -30, 30)
        p = 1 / (1 + np.exp(-eta))
        now = float(y @ eta - np.logaddexp(0, eta).sum() - penalty @ beta**2 / 2)
        if abs(now - value) < 1e-8 * (1 + abs(now)):
            break
        value = now
        gradient = x.T @ (y - p) - penalty * beta
        curvature = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        beta = beta + step * min(1.0, 5.0 / np.abs(step).max())
    return beta


def untreated(counted: Counted, km: float) -> npt.NDArray[np.bool_]:
    """Say which place-days have no strike that day within `km`."""
    return np.asarray(counted.between(0, 0, km, STRIKE) == 0)
