"""Fighters and violence in one zone, one step.

The compiled kernel is `_kernel.py`; this part and its plain twin use the same equations, written in README.md.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np

from . import _streams as streams
from ._draws import binomial, negative_binomial, poisson, power_law, uniform
from ._streams import DAYS_A_MONTH, DAYS_A_YEAR, at

__all__ = ["campaign_next", "leave_and_join", "remember", "violence"]

Array = np.ndarray[Any, Any]


@nb.njit(nogil=True)
def campaign_next(on: int, forced: int, p: Any, days: float, key: Any, base: Any) -> int:
    if forced >= 0:
        return forced
    u = uniform(key, at(base, streams.CAMPAIGN, 0))
    if on == 1:
        # one scale for both, so that chance that begins a campaign is not chance that ends it
        return 0 if 1.0 - u < -math.expm1(-days / (p.campaign_months * DAYS_A_MONTH)) else 1
    return 1 if u < -math.expm1(-p.campaign_starts_per_year * days / DAYS_A_YEAR) else 0


@nb.njit(nogil=True)
def violence(
    z: int, now: Any, world: Any, p: Any, zp: Any, lever: Any, out: Any, days: float, key: Any, base: Any
) -> None:
    """Strikes, missions, attacks and their dead in one zone; what they leave behind stands in `now`."""
    answer = p.reactive_targets * now.answered * days + world.casualty_due * now.strike_share
    hits = poisson(
        days * zp.targets_per_month / DAYS_A_MONTH * lever.strikes + answer * lever.reactive,
        key,
        at(base, streams.STRIKES, z),
    )
    strength = 1.0
    if now.force >= 0:
        strength = now.force / max(now.force_start, 1)
    missions = poisson(
        days * zp.missions_per_month / DAYS_A_MONTH * lever.missions * strength,
        key,
        at(base, streams.MISSIONS, z),
    )
    level = p.attacks_per_fighter * zp.attack_factor * (1.0 - p.branching_ratio) * now.fighters
    if level > 0.0:
        if now.materiel < 1.0:
            level *= now.materiel**p.materiel_exponent
        if now.command < 1.0:
            level *= now.command**p.command_exponent
        change = p.seam_effect * now.exposure + world.drift
        if now.suppression > 0.0:
            change += p.strike_effect * math.expm1(-now.suppression)
        if now.grievance > 0.0:
            change += p.grievance_effect * math.log1p(now.grievance)
        level *= math.exp(change)
    attacks = negative_binomial(
        days * level + now.excited, p.variance_ratio, key, at(base, streams.ATTACKS, z)
    )
    deaths = 0
    lethal = binomial(attacks, p.lethal_share, key, at(base, streams.LETHAL, z))
    for one in range(lethal):
        deaths += power_law(
            uniform(key, at(base, streams.SIZES, z) + np.uint64(one)), p.size_exponent, p.size_cutoff
        )
    if now.force > 0:
        lost = min(binomial(deaths, p.force_loss_share, key, at(base, streams.FORCE, z)), now.force)
        now.force -= lost
        world.dead += lost
    harmed = negative_binomial(
        hits * p.civilian_deaths_per_target, p.civilian_variance_ratio, key, at(base, streams.CIVILIANS, z)
    )
    now.hits = hits
    now.done = missions
    now.attacks = attacks
    now.harmed = harmed
    out.targets_hit += hits
    out.missions += missions
    out.attacks += attacks
    out.attack_deaths += deaths
    out.civilian_deaths += harmed


@nb.njit(nogil=True)
def leave_and_join(
    z: int, now: Any, world: Any, p: Any, lever: Any, out: Any, systems: Array, capture_to: int, days: float, key: Any,
    base: Any,
) -> None:  # fmt: skip
    """Fighters of one zone who leave by one of four ways, and those who come."""
    fighters = now.fighters
    if fighters > 0:
        reach = 1.0
        if p.mission_exponent != 0.0:
            reach = (fighters / max(now.fighters_start, 1)) ** p.mission_exponent
        by_mission = (
            p.removed_per_mission * reach * now.done * math.exp(-p.seam_reach * now.exposure) / fighters
        )
        by_strike = p.removed_per_target * now.hits / fighters
        killed = by_mission * (1.0 - p.captured_share)
        captured = by_mission * p.captured_share if capture_to >= 0 else 0.0
        hazard = killed + captured + by_strike + p.demobilised * days
        left = binomial(fighters, -math.expm1(-hazard), key, at(base, streams.EXITS, z))
        if left > 0:
            dead_1 = binomial(left, by_strike / hazard, key, at(base, streams.EXIT_1, z))
            dead_2 = binomial(
                left - dead_1, killed / max(hazard - by_strike, 1e-300), key, at(base, streams.EXIT_2, z)
            )
            rest = left - dead_1 - dead_2
            taken = binomial(
                rest,
                captured / max(captured + p.demobilised * days, 1e-300),
                key,
                at(base, streams.EXIT_3, z),
            )
            now.fighters -= left
            world.dead += dead_1 + dead_2
            world.left += rest - taken
            if taken > 0:
                systems[capture_to].captured += taken
            out.killed_by_strikes += dead_1
            out.killed_by_missions += dead_2
            out.captured += taken
            out.demobilised_count += rest - taken
    drawn = p.recruited_per_sympathiser + p.recruited_per_fighter * fighters / max(
        now.sympathisers + p.recruitment_half_saturation, 1.0
    )
    if now.grievance > 0.0 and p.grievance_recruitment != 0.0:
        drawn *= math.exp(p.grievance_recruitment * math.log1p(now.grievance))
    recruits = binomial(now.sympathisers, -math.expm1(-drawn * days), key, at(base, streams.RECRUITS, z))
    now.sympathisers -= recruits
    arrived = poisson(lever.inflow * days, key, at(base, streams.INFLOW, z))
    now.fighters += recruits + arrived
    world.entered += arrived
    out.recruited += recruits
    out.arrived += arrived


@nb.njit(nogil=True)
def remember(now: Any, world: Any, p: Any, command_lost: float, days: float) -> None:
    """Memories at the end of a step: what was done today works from tomorrow on."""
    now.suppression = now.suppression * world.kept_suppression + now.hits * p.lull_per_target
    now.grievance = now.grievance * world.kept_grievance + now.harmed
    now.materiel = 1.0 - (1.0 - now.materiel) * world.kept_materiel
    now.command = 1.0 - (1.0 - now.command) * world.kept_command
    if now.hits > 0:
        now.materiel *= (1.0 - p.materiel_loss) ** now.hits
        now.command *= (1.0 - p.command_loss) ** now.hits
    if command_lost > 0.0:
        now.command *= 1.0 - command_lost
    kept = world.kept_excitation
    now.excited = now.excited * kept + p.branching_ratio * (1.0 - kept) * now.attacks
    now.answered = now.answered * world.kept_week + (1.0 - world.kept_week) * now.attacks / days
