"""The daily step, compiled. Every draw is a hash of (seed, stream, place, day, k) put through an inverse CDF.

Because no draw depends on how many were made before it, two runs of one seed share all noise: where an
intensity is unchanged the count is unchanged, and where it falls the events that go are the last ones of that
place and day.
"""

# mypy: disable-error-code="untyped-decorator,no-any-return"
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Fixed", "State", "names", "reported_flags", "run_days", "stream_key", "twin_sums", "uniforms"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Counts = NDArray[np.int32]

ATTACK, STRIKE, REPORT, STRIKE_REPORT, EPISODE, GAP, CLOCK, COARSE, DEATHS, NAME, MORE, POLICY = range(12)
MOST = 500.0  # expected attacks at one place and day: beyond it the inverse CDF from zero loses its digits


class Fixed(NamedTuple):
    """All that does not depend on the draws. Tables by day are (rows, places); row 0 starts the burn-in."""

    first: int  # row of the first recorded day: no strikes before it
    attack_key: np.uint64
    strike_key: np.uint64
    report_key: np.uint64
    base: Floats  # background attacks per place-day
    strike_base: Floats  # strikes per place-day, before reaction and crowding
    report_base: Floats  # chance that an attack is recorded, before the fall
    near: Ints  # neighbours of place p, nearest first: near[start[p]:start[p + 1]]
    start: Ints
    km: Floats
    log_factor: Floats  # of one strike alone, by lag
    reach_km: float
    ring_km: float
    ring_share: float  # 0: nothing is displaced
    floor: float
    ceiling: float
    branching: float
    memory: float  # share of excitation kept from one day to the next
    spread_km: float
    reaction: float
    react_km: float
    react_days: int
    usual: Floats  # recorded attacks within react_km in react_days, in the long run
    crowding: float
    window_km: float  # windows intersect within this distance ..
    window_days: int  # .. and this many days
    fall: float
    fall_km: float
    fall_days: int


class State(NamedTuple):
    """What a run writes, all of shape (rows, places)."""

    attacks: Counts
    recorded: Counts
    planned: Counts  # strikes as drawn
    strikes: Counts  # strikes as carried out: a toggled one is planned but not carried out
    attack_rate: Floats
    strike_rate: Floats
    report_chance: Floats
    excitation: Floats


@njit(cache=True, inline="always")
def _mix(x: np.uint64) -> np.uint64:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True, inline="always")
def _bits(key: np.uint64, place: int, day: int, k: int) -> np.uint64:
    step = np.uint64(0x9E3779B97F4A7C15)
    h = _mix(key + step * np.uint64(place + 1))
    h = _mix(h + step * np.uint64(day + 1))
    return _mix(h + step * np.uint64(k + 1))


@njit(cache=True, inline="always")
def _uniform(key: np.uint64, place: int, day: int, k: int) -> float:
    return (np.float64(_bits(key, place, day, k) >> np.uint64(11)) + 0.5) * 1.1102230246251565e-16


@njit(cache=True)
def _stream_bits(seed: int, stream: int) -> np.uint64:
    return _bits(_mix(np.uint64(seed)), stream, 0, 0)


def stream_key(seed: int, stream: int) -> np.uint64:
    """Give the key of one stream of draws."""
    return np.uint64(_stream_bits(seed, stream))  # compiled code hands back a plain int, which would overflow


@njit(cache=True)
def uniforms(key: np.uint64, place: Ints, day: Ints, k: Ints) -> Floats:
    """Give the draws of many (place, day, k), in (0, 1)."""
    out = np.empty(place.size)
    for i in range(place.size):
        out[i] = _uniform(key, place[i], day[i], k[i])
    return out


@njit(cache=True)
def names(key: np.uint64, place: Ints, day: Ints, k: Ints) -> NDArray[np.uint64]:
    """Give 64 bits for each (place, day, k), from which neither place nor day can be read."""
    out = np.empty(place.size, dtype=np.uint64)
    for i in range(place.size):
        out[i] = _bits(key, place[i], day[i], k[i])
    return out


@njit(cache=True)
def reported_flags(key: np.uint64, chance: Floats, place: Ints, day: Ints, k: Ints) -> NDArray[np.bool_]:
    """Say of each attack whether it is recorded; `chance` has shape (rows, places)."""
    out = np.empty(place.size, dtype=np.bool_)
    for i in range(place.size):
        out[i] = _uniform(key, place[i], day[i], k[i]) < chance[day[i], place[i]]
    return out


@njit(cache=True)
def _poisson(mean: float, u: float) -> int:
    """Invert the Poisson distribution: monotone in the mean for a given u."""
    if mean <= 0.0:
        return 0
    weight = np.exp(-mean)
    total = weight
    count = 0
    while u > total and count < 2000:
        count += 1
        weight *= mean / count
        total += weight
    return count


@njit(cache=True)
def _background(f: Fixed, s: State, day: int, rate: Floats, scratch: Floats) -> None:
    """Set `rate` to the background after earlier strikes: factors inside, displaced attacks in rings."""
    places = f.base.shape[1]
    last = f.log_factor.size - 1
    total = scratch
    total[:] = 0.0
    touched = False
    for d in range(max(day - last, f.first), day):
        gain = f.log_factor[day - d]
        if gain == 0.0:
            continue
        for q in range(places):
            if s.strikes[d, q] > 0:
                touched = True
                for j in range(f.start[q], f.start[q + 1]):
                    if f.km[j] > f.reach_km:
                        break
                    total[f.near[j]] += gain
    for p in range(places):
        rate[p] = f.base[day, p]
        if touched and total[p] != 0.0:
            rate[p] *= min(max(np.exp(total[p]), f.floor), f.ceiling)
    if not touched or f.ring_share == 0.0:
        return
    for d in range(max(day - last, f.first), day):
        gain = f.log_factor[day - d]
        if gain == 0.0:
            continue
        for q in range(places):
            if s.strikes[d, q] > 0:
                _displace(f, day, q, gain, total, rate)


@njit(cache=True)
def _displace(f: Fixed, day: int, q: int, gain: float, total: Floats, rate: Floats) -> None:
    """Add the share of attacks that the strike at q averts to its ring, as the background lies there."""
    averted, ring = 0.0, 0.0
    for j in range(f.start[q], f.start[q + 1]):
        p = f.near[j]
        if f.km[j] <= f.reach_km:
            factor = min(max(np.exp(total[p]), f.floor), f.ceiling)
            averted += f.base[day, p] * (1.0 - factor) * gain / total[p]
        elif f.km[j] <= f.ring_km:
            ring += f.base[day, p]
        else:
            break
    if ring == 0.0:
        return
    for j in range(f.start[q], f.start[q + 1]):
        if f.km[j] > f.ring_km:
            break
        if f.km[j] > f.reach_km:
            rate[f.near[j]] += f.ring_share * averted * f.base[day, f.near[j]] / ring


@njit(cache=True)
def _excite(f: Fixed, s: State, day: int) -> None:
    """Carry over what is left of the excitation of the day before, and add that of its attacks."""
    for p in range(f.base.shape[1]):
        s.excitation[day, p] = f.memory * s.excitation[day - 1, p]
    for q in range(f.base.shape[1]):
        if s.attacks[day - 1, q] > 0:
            around = 0
            for j in range(f.start[q], f.start[q + 1]):
                if f.km[j] > f.spread_km:
                    break
                around += 1
            each = f.branching * (1.0 - f.memory) * s.attacks[day - 1, q] / around
            for j in range(f.start[q], f.start[q] + around):
                s.excitation[day, f.near[j]] += each


@njit(cache=True)
def _chances(f: Fixed, s: State, day: int) -> None:
    """Set the chance that an attack of this day is recorded."""
    s.report_chance[day] = f.report_base[day]
    if f.fall == 0.0:
        return
    for q in range(f.base.shape[1]):
        for d in range(max(day - f.fall_days, f.first), day):
            if s.strikes[d, q] > 0:
                for j in range(f.start[q], f.start[q + 1]):
                    if f.km[j] > f.fall_km:
                        break
                    p = f.near[j]
                    s.report_chance[day, p] = f.report_base[day, p] * (1.0 - f.fall)
                break


@njit(cache=True)
def _strike(f: Fixed, s: State, day: int, blocked: Ints, scratch: Floats) -> None:
    """Draw the day's strikes from earlier days; `blocked` holds the last day of a window nearby."""
    places = f.base.shape[1]
    if f.reaction > 0.0:
        scratch[:] = 0.0
        for q in range(places):
            seen = 0
            for d in range(max(day - f.react_days, 0), day):
                seen += s.recorded[d, q]
            if seen > 0:
                for j in range(f.start[q], f.start[q + 1]):
                    if f.km[j] > f.react_km:
                        break
                    scratch[f.near[j]] += seen
    for p in range(places):
        rate = f.strike_base[day, p]
        if f.reaction > 0.0:
            ratio = (scratch[p] + 0.2) / (f.usual[p] + 0.2)
            rate *= 1.0 - f.reaction + f.reaction * min(ratio * ratio, 50.0)
        if blocked[p] >= day:
            rate *= f.crowding
        s.strike_rate[day, p] = rate
        u = _uniform(f.strike_key, p, day, 0)
        count = 0 if u < 1.0 - rate else _poisson(min(rate, 20.0), u)
        s.planned[day, p] = count
        s.strikes[day, p] = count
        if count > 0:
            for j in range(f.start[p], f.start[p + 1]):
                if f.km[j] > f.window_km:
                    break
                blocked[f.near[j]] = day + f.window_days


@njit(cache=True)
def run_days(f: Fixed, s: State, begin: int, end: int, toggles: Ints, toggle_to: int) -> bool:
    """Run rows begin..end-1 on what `s` holds before. `toggles` (row, place) are set to `toggle_to`.

    Returns False where more than `MOST` attacks were expected at one place and day.
    """
    places = f.base.shape[1]
    rate, scratch = np.empty(places), np.empty(places)
    blocked = np.full(places, -1, dtype=np.int64)
    if f.crowding != 1.0:
        for d in range(max(begin - f.window_days, f.first), begin):
            for q in range(places):
                if s.planned[d, q] > 0:
                    for j in range(f.start[q], f.start[q + 1]):
                        if f.km[j] > f.window_km:
                            break
                        blocked[f.near[j]] = d + f.window_days
    for day in range(begin, end):
        _background(f, s, day, rate, scratch)
        if f.branching > 0.0 and day > 0:
            _excite(f, s, day)
        _chances(f, s, day)
        for p in range(places):
            mean = rate[p] + s.excitation[day, p]
            if mean > MOST:
                return False
            s.attack_rate[day, p] = mean
            u = _uniform(f.attack_key, p, day, 0)
            count = 0 if u < 1.0 - mean else _poisson(mean, u)
            s.attacks[day, p] = count
            chance = s.report_chance[day, p]
            seen = count
            if chance < 1.0:
                seen = 0
                for k in range(count):
                    seen += _uniform(f.report_key, p, day, k) < chance
            s.recorded[day, p] = seen
        if day >= f.first:
            _strike(f, s, day, blocked, scratch)
            for i in range(toggles.shape[0]):
                if toggles[i, 0] == day:
                    s.strikes[day, toggles[i, 1]] = toggle_to
    return True


@njit(cache=True)
def _add(s: State, day: int, lag: int, km: Floats, radius: float, ring: float, out: Floats) -> None:
    """Add one day's attacks in disc (out[0]) and ring (out[1]): counted, expected, recorded, its mean."""
    for p in range(km.size):
        if km[p] <= ring:
            zone = 0 if km[p] <= radius else 1
            rate = s.attack_rate[day, p]
            out[zone, 0, lag] += s.attacks[day, p]
            out[zone, 1, lag] += rate
            out[zone, 2, lag] += s.recorded[day, p]
            out[zone, 3, lag] += rate * s.report_chance[day, p]


@njit(cache=True)
def twin_sums(
    f: Fixed,
    s: State,
    twin: State,
    strikes: Ints,
    unit: Ints,
    km: Floats,
    toggle_to: int,
    days: int,
    ring: Floats,
) -> Floats:
    """Run a twin of `s` for each unit of struck place-days with it toggled; later strikes respond.

    Unit i is `strikes[unit[i]:unit[i + 1]]`, pairs (row, place) of one row; `km[i]` is how far each place is
    from it.

    `twin` must equal `s` and is put back after each. `toggle_to` below 0 compares with `twin` as it is,
    without toggling. `ring` is (radius_km, outer km). Returns shape (strikes, 2 worlds: as is, twin; 2 zones;
    4; days).
    """
    units = unit.size - 1
    out = np.zeros((units, 2, 2, 4, days))
    for i in range(units):
        row = strikes[unit[i], 0]
        if toggle_to >= 0:
            run_days(f, twin, row, row + days + 1, strikes[unit[i] : unit[i + 1]], toggle_to)
        for lag in range(days):
            day = row + 1 + lag
            _add(s, day, lag, km[i], ring[0], ring[1], out[i, 0])
            _add(twin, day, lag, km[i], ring[0], ring[1], out[i, 1])
        if toggle_to >= 0:
            for d in range(row, row + days + 1):
                twin.attacks[d] = s.attacks[d]
                twin.recorded[d] = s.recorded[d]
                twin.planned[d] = s.planned[d]
                twin.strikes[d] = s.strikes[d]
                twin.attack_rate[d] = s.attack_rate[d]
                twin.strike_rate[d] = s.strike_rate[d]
                twin.report_chance[d] = s.report_chance[d]
                twin.excitation[d] = s.excitation[d]
    return out
