"""All horizons at one radius: draw, match, compare, K times over, and pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ._hac import hac, overlap_kernel, pool_draws
from ._match import Matched, match_wakes, variables
from ._outcome import adjusters, difference, lagged, usual_level
from ._place_days import CHECK_BIN, LEADS, PRE_BINS, STRIKE, Counted, Events, Floats, Ints, merge_strikes
from ._risk_set import RiskSet, fit_intensity, sample_pool, untreated

__all__ = ["Plan", "Radius", "compare", "estimate_radius", "on_record", "overlaps", "prepare"]

_DRAWN_PER_STRIKE, _FEWEST_DRAWN = 10, 1000
_CHECKED = (CHECK_BIN, *LEADS)
_POOL_PER_DRAW, _SMALLEST_POOL, _LARGEST_POOL = 10, 10_000, 60_000


@dataclass(frozen=True)
class Plan:
    """What is made once at one radius: struck place-days, their counts, pool and intensity."""

    km: float
    days: tuple[int, ...]
    horizon: int
    events: Events
    risk: RiskSet
    ring_km: float
    strikes_in: Ints
    n_place_days: int
    n_without_record: int
    given: tuple[Ints, Floats] | None

    @property
    def is_given(self) -> bool:
        """Control rows of the study are the comparison."""
        return self.given is not None


@dataclass(frozen=True)
class Draw:
    """Estimates of one draw and the influences of its place-days."""

    values: Floats
    parts: Floats
    day: Ints
    at: Floats
    matched: Matched
    adj_r2: Floats
    intercept: Floats
    n_drawn: int


@dataclass(frozen=True)
class Radius:
    """Pooled estimates at one radius.

    `values` and `covariance` run over the columns named by `where`: `lagged`, `difference`, `struck`,
    `expected`, `log_ratio` (an entry for each horizon), `ring_struck`, `ring_expected` (likewise),
    `check_struck`, `check_expected` (the pre-window kept for checks, then its weeks, nearest first),
    `daily_struck`, `daily_expected` (one a day).
    """

    plan: Plan
    values: Floats
    covariance: Floats
    between_share: Floats
    where: dict[str, slice]
    draws: tuple[Draw, ...]

    def part(self, name: str) -> tuple[Floats, Floats]:
        """Give values and covariance of the columns of one name."""
        at = self.where[name]
        return self.values[at], self.covariance[at, at]

    def joint(self, *names: str) -> tuple[Floats, Floats]:
        """Give values and joint covariance of several names, one after another."""
        index = np.concatenate([np.arange(len(self.values))[self.where[name]] for name in names])
        return self.values[index], self.covariance[np.ix_(index, index)]


def on_record(day: Ints, events: Events, horizon: int) -> npt.NDArray[np.bool_]:
    """Say which place-days have all the days they need, before and after, within the study period."""
    before = max(-CHECK_BIN[0], horizon)
    return (day >= events.first_day + before) & (day <= events.last_day - horizon)


def prepare(
    events: Events,
    *,
    km: float,
    days: Sequence[int],
    horizon: int,
    rng: np.random.Generator,
    ring_km: float | None = None,
    given: tuple[Ints, Floats] | None = None,
) -> Plan:
    """Merge strikes, keep those whose days before and after are on record, make the pool, fit the intensity.

    `given` holds days and places of the study's own control rows; without them the pool is drawn.
    """
    day, at, strikes_in = merge_strikes(events.strike_day, events.strike_at, km)
    whole = on_record(day, events, horizon)
    ring_km = ring_km or 2 * km
    radii = (km / 2, km, 2 * km, ring_km)
    struck = Counted.around(day[whole], at[whole], events, radii_km=radii, horizon=horizon, days=days)
    if given is None:
        size = int(np.clip(_drawn_size(len(struck)) * _POOL_PER_DRAW, _SMALLEST_POOL, _LARGEST_POOL))
        before = max(-CHECK_BIN[0], horizon)
        pool_day, pool_at = sample_pool(
            events, size, rng, first_day=events.first_day + before, last_day=events.last_day - horizon
        )
    else:
        pool_day, pool_at, _ = merge_strikes(*given, km)
        kept = on_record(pool_day, events, horizon)
        pool_day, pool_at = pool_day[kept], pool_at[kept]
    pool = Counted.around(pool_day, pool_at, events, radii_km=radii, horizon=horizon, days=days)
    pool = pool.take(untreated(pool, km))
    risk = fit_intensity(struck, pool, events, km, horizon=horizon)
    left_out = int(len(day) - whole.sum())
    return Plan(
        km,
        tuple(days),
        horizon,
        events,
        risk,
        ring_km,
        strikes_in[whole],
        len(day),
        left_out,
        given,
    )


def _drawn_size(n_struck: int) -> int:
    return max(_DRAWN_PER_STRIKE * n_struck, _FEWEST_DRAWN)


def estimate_radius(plan: Plan, *, draws: int, rng: np.random.Generator, uniform: bool = False) -> Radius:
    """Draw the comparison `draws` times, match and compare each time, and pool."""
    risk = plan.risk
    stretched = {"km": plan.km, "days": float(plan.horizon)}
    made: list[Draw] = []
    covariances = []
    # Control rows of the study are what they are; only place-days that are drawn can be drawn again.
    for _ in range(1 if plan.is_given else draws):
        drawn = (
            np.arange(len(risk.pool))
            if plan.is_given
            else risk.draw(_drawn_size(len(risk.struck)), rng, uniform=uniform)
        )
        draw = compare(plan, risk.struck, risk.log_struck, drawn, uniform=uniform)
        kernel = overlap_kernel(draw.day, draw.at, **stretched)
        covariances.append(hac(draw.parts, kernel, n_struck=len(draw.matched.struck)))
        made.append(draw)
    values, covariance, share = pool_draws(np.array([draw.values for draw in made]), np.array(covariances))
    return Radius(plan, values, covariance, share, columns(plan), tuple(made))


def columns(plan: Plan) -> dict[str, slice]:
    """Say where the columns of each name stand."""
    many, daily = len(plan.days), plan.horizon
    sizes = {
        "lagged": many,
        "difference": many,
        "struck": many,
        "expected": many,
        "log_ratio": many,
        "ring_struck": many,
        "ring_expected": many,
        "check_struck": len(_CHECKED),
        "check_expected": len(_CHECKED),
        "daily_struck": daily,
        "daily_expected": daily,
    }
    ends = np.cumsum(list(sizes.values())).tolist()
    return {name: slice(end - size, end) for (name, size), end in zip(sizes.items(), ends, strict=True)}


def compare(plan: Plan, struck: Counted, log_struck: Floats, drawn: Ints, *, uniform: bool = False) -> Draw:
    """Match struck place-days with the drawn ones and compare what followed, all days at once."""
    km, horizon, risk = plan.km, plan.horizon, plan.risk
    unique, times = np.unique(drawn, return_counts=True)
    pool = risk.pool.take(unique)
    matched = match_wakes(
        variables(struck, km, log_struck),
        variables(pool, km, risk.log_pool[unique]),
        times.astype(np.float64),
        with_intensity=not uniform,
    )
    used = np.flatnonzero(matched.weight > 0)
    weight = matched.weight[used]
    groups = (struck.take(matched.struck), pool.take(used))
    after = [_after(group, plan) for group in groups]
    spans = np.concatenate([plan.days, np.ones(horizon)])
    usual = [usual_level(group, km, horizon=horizon) * spans for group in groups]
    inside = lagged(*_designs(groups, plan, uniform=uniform), weight, *after, *_unless(uniform, usual))
    ring_y = [_sums(group, plan, plan.ring_km) - _sums(group, plan, km) for group in groups]
    usual = [
        usual_level(group, plan.ring_km, horizon=horizon, within_km=km) * np.array(plan.days)
        for group in groups
    ]
    ring = lagged(
        *_designs(groups, plan, ring_km=plan.ring_km, uniform=uniform),
        weight,
        *ring_y,
        *_unless(uniform, usual),
    )
    check_y = [np.column_stack([group.between(a, b, km) for a, b in _CHECKED]) for group in groups]
    length = np.array([b - a + 1 for a, b in _CHECKED], np.float64)
    usual = [usual_level(group, km, horizon=horizon, checking=True) * length for group in groups]
    check = lagged(
        *_designs(groups, plan, checking=True, uniform=uniform), weight, *check_y, *_unless(uniform, usual)
    )
    change = [
        _sums(group, plan, km) - np.column_stack([group.between(-h, -1, km) for h in plan.days])
        for group in groups
    ]
    did, did_part = difference(weight, *change)
    many = slice(0, len(plan.days))
    ratio, ratio_part = inside.log_ratio()
    daily = slice(len(plan.days), None)
    values = [
        inside.effect[many], did, inside.struck[many], inside.expected[many], ratio[many],
        ring.struck, ring.expected, check.struck, check.expected,
        inside.struck[daily], inside.expected[daily],
    ]  # fmt: skip
    parts = [
        inside.effect_part[:, many], did_part, inside.struck_part[:, many], inside.expected_part[:, many],
        ratio_part[:, many], ring.struck_part, ring.expected_part, check.struck_part, check.expected_part,
        inside.struck_part[:, daily], inside.expected_part[:, daily],
    ]  # fmt: skip
    return Draw(
        np.concatenate(values),
        np.hstack(parts),
        np.concatenate([group.day for group in groups]),
        np.vstack([group.at for group in groups]),
        matched,
        inside.adj_r2[many],
        inside.intercept[many],
        len(used),
    )


def _designs(
    groups: tuple[Counted, Counted],
    plan: Plan,
    *,
    ring_km: float | None = None,
    checking: bool = False,
    uniform: bool = False,
) -> tuple[Floats, Floats]:
    def one(group: Counted) -> Floats:
        if uniform:
            before = [group.between(a, b, ring_km or plan.km) for a, b in PRE_BINS]
            return np.column_stack([np.ones(len(group)), *before])
        return adjusters(
            group, plan.events, plan.km, horizon=plan.horizon, ring_km=ring_km, checking=checking
        )

    return one(groups[0]), one(groups[1])


def _unless(uniform: bool, usual: list[Floats]) -> list[Floats]:
    """Measure from the usual level, except in the naive form, which knows none."""
    return [] if uniform else usual


def _sums(group: Counted, plan: Plan, km: float) -> Floats:
    return np.column_stack([group.between(1, h, km) for h in plan.days])


def _after(group: Counted, plan: Plan) -> Floats:
    """Give attacks in each window of days, then on each single day."""
    return np.hstack([_sums(group, plan, plan.km), group.daily(plan.horizon, plan.km)])


def overlaps(counted: Counted, plan: Plan, which: npt.NDArray[np.int64], horizon: int) -> tuple[float, float]:
    """Give the shares of place-days with other strikes within the radius, in the days before and after."""
    part = counted.take(which)
    before = part.between(-horizon, -1, plan.km, STRIKE) > 0
    after = part.between(1, horizon, plan.km, STRIKE) > 0
    return float(before.mean()), float(after.mean())
