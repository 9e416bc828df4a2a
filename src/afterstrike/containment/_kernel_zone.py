"""Fighters and violence in one zone, one step.

The compiled kernel is `_kernel.py`; this part and its plain twin use the same equations, written in README.md.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np

from . import _streams as streams
from ._draws import binomial, leavers, negative_binomial, poisson, power_law, uniform
from ._streams import DAYS_A_MONTH, DAYS_A_YEAR, at

__all__ = ["campaign_next", "leave_and_join", "remember", "violence"]

Array = np.ndarray[Any, Any]


@nb.njit(nogil=True, error_model="numpy")
def campaign_next(on: int, forced: int, p: Any, days: float, key: Any, base: Any) -> int:
    """Whether a campaign of break attempts is on in this step."""
    if forced >= 0:
        return forced
    u = uniform(key, at(base, streams.CAMPAIGN, 0))
    if on == 1:
        # one scale for both, so that chance that begins a campaign is not chance that ends it
        return 0 if 1.0 - u < -math.expm1(-days / (p.campaign_months * DAYS_A_MONTH)) else 1
    starts = p.campaign_starts_per_year * days / DAYS_A_YEAR
    return 1 if u < starts and u < -math.expm1(-starts) else 0


@nb.njit(nogil=True, error_model="numpy")
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
    if now.grievance > 0.0:
        now.log_grievance = math.log1p(now.grievance)
    if level > 0.0:
        change = p.seam_effect * now.exposure + world.drift + p.grievance_effect * now.log_grievance
        if now.materiel < 1.0:
            change += p.materiel_exponent * math.log(now.materiel)
        if now.command < 1.0:
            change += p.command_exponent * math.log(now.command)
        if now.suppression > 0.0:
            change += p.strike_effect * math.expm1(-now.suppression)
        level *= math.exp(change - now.change_start)
    attacks = negative_binomial(
        days * level + now.excited, p.variance_ratio, world.log_ratio, key, at(base, streams.ATTACKS, z)
    )
    deaths = 0
    lethal = binomial(attacks, p.lethal_share, key, at(base, streams.LETHAL, z))
    for one in range(lethal):
        deaths += power_law(
            uniform(key, at(base, streams.SIZES, z) + np.uint64(one)),
            p.size_exponent,
            p.size_cutoff,
            world.size_end,
        )
    if now.force > 0:
        lost = min(binomial(deaths, p.force_loss_share, key, at(base, streams.FORCE, z)), now.force)
        now.force -= lost
        world.dead += lost
    harmed = 0
    if hits > 0:
        ratio = p.civilian_variance_ratio
        mean = hits * p.civilian_deaths_per_target
        harmed = negative_binomial(mean, ratio, math.log(ratio), key, at(base, streams.CIVILIANS, z))
    now.hits = hits
    now.done = missions
    now.attacks = attacks
    now.harmed = harmed
    out.targets_hit += hits
    out.missions += missions
    out.attacks += attacks
    out.attack_deaths += deaths
    out.civilian_deaths += harmed


@nb.njit(nogil=True, error_model="numpy")
def leave_and_join(
    z: int, now: Any, world: Any, p: Any, lever: Any, out: Any, systems: Array, capture_to: int, days: float, key: Any,
    base: Any,
) -> None:  # fmt: skip
    """Fighters of one zone who leave by one of four ways, and those who come."""
    fighters = now.fighters
    if fighters > 0:
        by_mission = 0.0
        if now.done > 0:
            by_mission = p.removed_per_mission * now.done / fighters
            if p.mission_exponent != 0.0:
                by_mission *= (fighters / now.fighters_usual) ** p.mission_exponent
            if now.exposure != now.exposure_start:
                by_mission *= math.exp(-p.seam_reach * (now.exposure - now.exposure_start))
        by_strike = p.removed_per_target * now.hits / fighters
        killed = by_mission * (1.0 - p.captured_share)
        captured = by_mission * p.captured_share
        hazard = killed + captured + by_strike + p.demobilised * days
        left = leavers(fighters, hazard, key, at(base, streams.EXITS, z))
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
            if taken > 0 and capture_to >= 0:
                systems[capture_to].captured += taken
            else:
                world.left += taken  # held by nobody the world names
            out.killed_by_strikes += dead_1
            out.killed_by_missions += dead_2
            out.captured += taken
            out.demobilised_count += rest - taken
    drawn = p.recruited_per_sympathiser + p.recruited_per_fighter * fighters / max(
        now.sympathisers + p.recruitment_half_saturation, 1.0
    )
    if p.grievance_recruitment != 0.0:
        drawn *= math.exp(p.grievance_recruitment * now.log_grievance)
    recruits = leavers(now.sympathisers, drawn * days, key, at(base, streams.RECRUITS, z))
    now.sympathisers -= recruits
    arrived = poisson(lever.inflow * days, key, at(base, streams.INFLOW, z))
    now.fighters += recruits + arrived
    world.entered += arrived
    out.recruited += recruits
    out.arrived += arrived


@nb.njit(nogil=True, error_model="numpy")
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
