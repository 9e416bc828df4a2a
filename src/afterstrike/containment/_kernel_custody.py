"""Custody, breaks, escapees and camps, one step.

The compiled kernel is `_kernel.py`; this part and its plain twin use the same equations, written in README.md.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np

from . import _streams as streams
from ._draws import binomial, leavers, poisson, standard_normal, uniform
from ._streams import DAYS_A_YEAR, at

__all__ = ["break_attempt", "camp_step", "custody_exits", "escapees"]

Array = np.ndarray[Any, Any]


@nb.njit(nogil=True, error_model="numpy")
def custody_exits(
    j: int, systems: Array, world: Any, jp: Any, lever: Any, transfers: Array, step: int, out: Any, days: float,
    key: Any, base: Any,
) -> None:  # fmt: skip
    """Who leaves one custody system by transfer, return home, release or death; one multinomial."""
    detained = systems[j].detained
    if detained <= 0:
        return
    going_home = lever.repatriation / detained
    released = lever.adjudication / detained + jp.releases_per_year / DAYS_A_YEAR
    dying = jp.custody_deaths_per_year / DAYS_A_YEAR
    moves = 0.0
    for to in range(systems.size):
        moves += transfers[step, j, to]
    moved = moves / detained
    hazard = going_home + released + dying + moved
    left = leavers(detained, hazard * days, key, at(base, streams.CUSTODY, j))
    if left == 0:
        return
    systems[j].detained -= left
    transferred = binomial(left, moved / hazard, key, at(base, streams.CUSTODY_1, j))
    rest = left - transferred
    home = binomial(rest, going_home / max(hazard - moved, 1e-300), key, at(base, streams.CUSTODY_2, j))
    free = binomial(
        rest - home, released / max(released + dying, 1e-300), key, at(base, streams.CUSTODY_3, j)
    )
    world.left += home + free
    world.dead += rest - home - free
    out.transferred_out += transferred
    out.repatriated += home
    out.released += free
    out.custody_deaths += rest - home - free
    if transferred > 0:
        _send(j, systems, transfers, step, moves, transferred, key, base)


@nb.njit(nogil=True, error_model="numpy")
def _send(
    j: int, systems: Array, transfers: Array, step: int, moves: float, transferred: int, key: Any, base: Any
) -> None:
    """Share the transferred out over the systems they go to."""
    last = j
    for to in range(systems.size):
        if transfers[step, j, to] > 0.0:
            share = min(transfers[step, j, to] / moves, 1.0)
            part = binomial(transferred, share, key, at(base, streams.TRANSFERS, j) + np.uint64(to * 512))
            moves -= transfers[step, j, to]
            transferred -= part
            systems[to].arriving += part
            last = to
    # what rounding of the shares left over
    systems[last].arriving += transferred


@nb.njit(nogil=True, error_model="numpy")
def break_attempt(
    j: int,
    now: Any,
    world: Any,
    p: Any,
    jp: Any,
    lever: Any,
    fighters: int,
    out: Any,
    days: float,
    key: Any,
    base: Any,
) -> None:
    """A break attempt in one custody system, and those who leave by it."""
    if now.detained <= 0:
        return
    u = uniform(key, at(base, streams.BREAK, j))
    hazard = jp.break_attempts_per_year / DAYS_A_YEAR
    if world.campaign == 1:
        # a campaign's attempts are those of the whole world, shared out by who is held where
        hazard += p.campaign_attempts_per_year / DAYS_A_YEAR * now.detained / max(world.detained, 1)
    if lever.handover > 0.0:
        hazard *= p.handover_multiplier
    if lever.guard != 1.0:
        hazard *= math.exp(-p.guard_effect * (lever.guard - 1.0))
    group = fighters / world.fighters_usual
    held = now.detained / now.detained_usual
    # a ratio to a power from 0 to 1 is at most the larger of it and 1: most days end here, without a power
    mild = 0.0 <= p.break_fighters_exponent <= 1.0 and 0.0 <= p.break_detained_exponent <= 1.0
    if mild and u >= hazard * days * max(group, 1.0) * max(held, 1.0):
        return
    hazard *= group**p.break_fighters_exponent * held**p.break_detained_exponent
    if u >= -math.expm1(-hazard * days):
        return
    out.break_attempts += 1
    if uniform(key, at(base, streams.SUCCESS, j)) >= p.break_success:
        return
    logit = math.log(p.break_share / (1.0 - p.break_share))
    logit += p.break_share_spread * standard_normal(uniform(key, at(base, streams.SHARE, j)))
    # the share is net of recapture: more leave at first
    gross = min(1.0, 1.0 / (1.0 + math.exp(-logit)) / max(1.0 - p.recaptured_share, 1e-9))
    gone = math.floor(gross * now.detained + 0.5)
    now.detained -= gone
    now.escaped += gone
    out.breaks += 1
    out.escapes += gone


@nb.njit(nogil=True, error_model="numpy")
def escapees(
    j: int, zone: int, now: Any, zones: Array, world: Any, p: Any, out: Any, zone_out: Array, period: int, days: float,
    key: Any, base: Any,
) -> None:  # fmt: skip
    """Escapees who are recaptured, rejoin the group, or leave it."""
    if now.escaped <= 0:
        return
    ended = leavers(now.escaped, days / p.escape_days, key, at(base, streams.ESCAPED, j))
    if ended == 0:
        return
    back = binomial(ended, p.recaptured_share, key, at(base, streams.ESCAPED_1, j))
    joined = binomial(ended - back, p.rejoin_share, key, at(base, streams.ESCAPED_2, j)) if zone >= 0 else 0
    now.escaped -= ended
    now.detained += back
    world.left += ended - back - joined
    out.recaptured += back
    if joined > 0:
        zones[zone].fighters += joined
        zone_out[period, zone].returned_escapees += joined


@nb.njit(nogil=True, error_model="numpy")
def camp_step(
    c: int, zone: int, people: Array, world: Any, zones: Array, p: Any, cp: Any, lever: Any, out: Any, days: float,
    key: Any, base: Any,
) -> None:  # fmt: skip
    """One camp: returns, deaths, ageing, departures and births. Classes: adults, under 12, 12 to 17."""
    births = poisson(
        people.sum() * cp.camp_births_per_year / DAYS_A_YEAR * days, key, at(base, streams.CAMP_BIRTHS, c)
    )
    returning = cp.camp_returns_per_year * lever.returns / DAYS_A_YEAR
    dying = cp.camp_deaths_per_year / DAYS_A_YEAR
    for group in (0, 2, 1):  # in this order nobody ages twice in a step
        ageing = (0.0, 1.0 / (12.0 * DAYS_A_YEAR), 1.0 / (6.0 * DAYS_A_YEAR))[group]
        leaving = p.camp_recruitment * lever.exposure if group == 2 and zone >= 0 else 0.0
        hazard = returning + dying + ageing + leaving
        place = 3 * c + group
        ended = leavers(people[group], hazard * days, key, at(base, streams.CAMP_EXITS, place))
        if ended == 0:
            continue
        people[group] -= ended
        returned = binomial(ended, returning / hazard, key, at(base, streams.CAMP_1, place))
        died = binomial(
            ended - returned, dying / max(hazard - returning, 1e-300), key, at(base, streams.CAMP_2, place)
        )
        rest = ended - returned - died
        aged = binomial(rest, ageing / max(ageing + leaving, 1e-300), key, at(base, streams.CAMP_3, place))
        people[0 if group == 2 else 2] += aged
        world.left += returned
        world.dead += died
        if rest > aged:
            zones[zone].fighters += rest - aged
        out.camp_returns += returned
        out.camp_deaths += died
        out.camp_departures += rest - aged
    people[1] += births
    world.entered += births
    out.camp_births += births
