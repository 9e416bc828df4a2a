"""The simulator again in plain NumPy: slow, short, and independent of the compiled kernel's draws.

All members go through a step together. Counts come from SciPy's inverse distribution functions at the same
uniform numbers, so that the two must give the same persons; the tests hold them to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from . import _streams as streams
from ._kernel import Geography
from ._streams import DAYS_A_MONTH, DAYS_A_YEAR
from ._twin_chance import PlainChance

__all__ = ["run_plain"]

Array = np.ndarray[Any, Any]


def _ratio(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole > 0)


def run_plain(
    seed: Any, first: int, state: Any, parameters: Any, g: Geography, levers: Any, period_of: Array, days: float,
    outputs: Any, imbalance: Array, chance: PlainChance | None = None,
) -> None:  # fmt: skip
    """Do what `_kernel.run_members` does, with the same arguments; `chance` draws the counts, if given."""
    world, zones, systems, camps = state
    p, zone, custody, camp, seam = parameters
    zone_out, custody_out, camp_out = outputs
    chance = chance or PlainChance(int(seed), first, p.size)
    persons = _persons(state)
    for step, period in enumerate(period_of):
        chance.step = step
        lever_zone, lever_custody, lever_camp, coordination, transfers, forced = (
            part[step] for part in levers
        )
        _exposures(zones, seam, coordination, g)
        _everywhere(world, p, int(forced), days, chance)
        for z in range(zone.shape[1]):
            now, lever, out = zones[:, z], lever_zone[z], zone_out[:, period, z]
            _violence(z, now, world, p, zone[:, z], lever, out, days, chance)
            _leave_and_join(z, now, world, p, lever, out, systems, int(g.capture_to[z]), days, chance)
        fighters = zones["fighters"].sum(axis=1)
        world["detained"] = systems["detained"].sum(axis=1)
        for j in range(custody.shape[1]):
            out = custody_out[:, period, j]
            _custody_exits(
                j, systems, world, custody[:, j], lever_custody[j], transfers[j], out, days, chance
            )
            _break(j, systems[:, j], world, p, custody[:, j], lever_custody[j], fighters, out, days, chance)
            _escapees(
                j,
                int(g.system_zone[j]),
                systems[:, j],
                zones,
                world,
                p,
                out,
                zone_out[:, period],
                days,
                chance,
            )
        custody_out[:, period]["handed_in"] += systems["captured"]
        custody_out[:, period]["transferred_in"] += systems["arriving"]
        systems["detained"] += systems["captured"] + systems["arriving"]
        systems["captured"] = systems["arriving"] = 0
        for c in range(camp.shape[1]):
            place = (c, int(g.camp_zone[c]))
            _camp(
                place,
                camps["people"][:, c],
                world,
                zones,
                p,
                camp[:, c],
                lever_camp[c],
                camp_out[:, period, c],
                days,
                chance,
            )
        for z in range(zone.shape[1]):
            _remember(zones[:, z], world, p, lever_zone[z]["command"], days)
        imbalance[:] = np.maximum(imbalance, np.abs(_persons(state) - persons))
        _stocks(state, g, zone_out[:, period], custody_out[:, period], camp_out[:, period])


def _exposures(zones: Array, seam: Array, override: Array, g: Geography) -> None:
    zones["exposure"] = 0.0
    for e in range(seam.shape[1]):
        joint = seam["coordination"][:, e] if np.isnan(override[e]) else override[e]
        apart = seam["seam_weight"][:, e] * (1.0 - joint)
        zones["exposure"][:, g.seam_from[e]] += apart
        zones["exposure"][:, g.seam_to[e]] += apart


def _everywhere(world: Array, p: Array, forced: int, days: float, chance: PlainChance) -> None:
    u = chance.uniform(streams.CAMPAIGN)
    ends = 1.0 - u < -np.expm1(-days / (p["campaign_months"] * DAYS_A_MONTH))
    starts = u < -np.expm1(-p["campaign_starts_per_year"] * days / DAYS_A_YEAR)
    drawn = np.where(world["campaign"] == 1, ~ends, starts)
    world["campaign"] = drawn if forced < 0 else forced
    world["drift"] += p["drift_sd"] * np.sqrt(days) * special.ndtri(chance.uniform(streams.DRIFT))
    events = chance.poisson(p["casualty_events_per_year"] * days / DAYS_A_YEAR, streams.CASUALTY)
    world["casualty_memory"] += events * p["casualty_response"]
    world["casualty_due"] = world["casualty_memory"] * (1.0 - world["kept_casualty"])
    world["casualty_memory"] -= world["casualty_due"]


def _violence(
    z: int, now: Array, world: Array, p: Array, zp: Array, lever: Any, out: Array, days: float, chance: PlainChance
) -> None:  # fmt: skip
    answer = p["reactive_targets"] * now["answered"] * days + world["casualty_due"] * now["strike_share"]
    steady = days * zp["targets_per_month"] / DAYS_A_MONTH * lever["strikes"]
    hits = chance.poisson(steady + answer * lever["reactive"], streams.STRIKES, z)
    strength = np.where(now["force"] >= 0, now["force"] / np.maximum(now["force_start"], 1), 1.0)
    missions = chance.poisson(
        days * zp["missions_per_month"] / DAYS_A_MONTH * lever["missions"] * strength, streams.MISSIONS, z
    )
    now["log_grievance"] = np.log1p(now["grievance"])
    level = p["attacks_per_fighter"] * zp["attack_factor"] * (1.0 - p["branching_ratio"]) * now["fighters"]
    level = level * now["materiel"] ** p["materiel_exponent"] * now["command"] ** p["command_exponent"]
    level = level * np.exp(
        p["seam_effect"] * now["exposure"]
        + world["drift"]
        + p["strike_effect"] * np.expm1(-now["suppression"])
        + p["grievance_effect"] * now["log_grievance"]
        - now["change_start"]
    )
    attacks = chance.negative_binomial(days * level + now["excited"], p["variance_ratio"], streams.ATTACKS, z)
    lethal = chance.binomial(attacks, p["lethal_share"], streams.LETHAL, z)
    deaths = np.zeros(attacks.shape, np.int64)
    fall = 1.0 - p["size_exponent"]
    for one in range(int(lethal.max(initial=0))):
        u = chance.uniform(streams.SIZES, z, one)
        size = np.minimum(
            (1.0 - u * (1.0 - world["size_end"])) ** (1.0 / fall), np.floor(p["size_cutoff"])
        ).astype(np.int64)
        deaths += np.where(one < lethal, size, 0)
    lost = np.minimum(
        chance.binomial(deaths, p["force_loss_share"], streams.FORCE, z), np.maximum(now["force"], 0)
    )
    now["force"] -= lost
    world["dead"] += lost
    harmed = chance.negative_binomial(
        hits * p["civilian_deaths_per_target"], p["civilian_variance_ratio"], streams.CIVILIANS, z
    )
    now["hits"], now["done"], now["attacks"], now["harmed"] = hits, missions, attacks, harmed
    for name, count in (
        ("targets_hit", hits),
        ("missions", missions),
        ("attacks", attacks),
        ("attack_deaths", deaths),
        ("civilian_deaths", harmed),
    ):
        out[name] += count


def _leave_and_join(
    z: int, now: Array, world: Array, p: Array, lever: Any, out: Array, systems: Array, capture_to: int, days: float,
    chance: PlainChance,
) -> None:  # fmt: skip
    fighters = now["fighters"].copy()
    reach = np.where(fighters > 0, (fighters / now["fighters_usual"]) ** p["mission_exponent"], 0.0)
    by_mission = _ratio(
        p["removed_per_mission"]
        * reach
        * now["done"]
        * np.exp(-p["seam_reach"] * (now["exposure"] - now["exposure_start"])),
        fighters,
    )
    by_strike = _ratio(p["removed_per_target"] * now["hits"], fighters)
    killed = by_mission * (1.0 - p["captured_share"])
    captured = by_mission * p["captured_share"]
    leaving = p["demobilised"] * days
    hazard = killed + captured + by_strike + leaving
    left = chance.binomial(fighters, -np.expm1(-hazard), streams.EXITS, z)
    dead_1 = chance.binomial(left, _ratio(by_strike, hazard), streams.EXIT_1, z)
    dead_2 = chance.binomial(
        left - dead_1, killed / np.maximum(hazard - by_strike, 1e-300), streams.EXIT_2, z
    )
    rest = left - dead_1 - dead_2
    taken = chance.binomial(rest, captured / np.maximum(captured + leaving, 1e-300), streams.EXIT_3, z)
    world["dead"] += dead_1 + dead_2
    world["left"] += rest - taken
    if capture_to >= 0:
        systems["captured"][:, capture_to] += taken
    else:
        world["left"] += taken
    drawn = p["recruited_per_sympathiser"] + p["recruited_per_fighter"] * fighters / np.maximum(
        now["sympathisers"] + p["recruitment_half_saturation"], 1.0
    )
    drawn = drawn * np.exp(p["grievance_recruitment"] * now["log_grievance"])
    recruits = chance.binomial(now["sympathisers"], -np.expm1(-drawn * days), streams.RECRUITS, z)
    arrived = chance.poisson(np.full(fighters.shape, lever["inflow"] * days), streams.INFLOW, z)
    now["sympathisers"] -= recruits
    now["fighters"] += recruits + arrived - left
    world["entered"] += arrived
    for name, count in (
        ("killed_by_strikes", dead_1),
        ("killed_by_missions", dead_2),
        ("captured", taken),
        ("demobilised_count", rest - taken),
        ("recruited", recruits),
        ("arrived", arrived),
    ):
        out[name] += count


def _custody_exits(
    j: int, systems: Array, world: Array, jp: Array, lever: Any, moves: Array, out: Array, days: float, chance: PlainChance
) -> None:  # fmt: skip
    detained = systems["detained"][:, j].copy()
    home_rate = _ratio(np.full(detained.shape, lever["repatriation"]), detained)
    free_rate = (
        _ratio(np.full(detained.shape, lever["adjudication"]), detained)
        + jp["releases_per_year"] / DAYS_A_YEAR
    )
    dying = jp["custody_deaths_per_year"] / DAYS_A_YEAR
    moved = _ratio(np.full(detained.shape, moves.sum()), detained)
    hazard = home_rate + free_rate + dying + moved
    left = chance.binomial(detained, -np.expm1(-hazard * days), streams.CUSTODY, j)
    transferred = chance.binomial(left, _ratio(moved, hazard), streams.CUSTODY_1, j)
    rest = left - transferred
    home = chance.binomial(rest, home_rate / np.maximum(hazard - moved, 1e-300), streams.CUSTODY_2, j)
    free = chance.binomial(
        rest - home, free_rate / np.maximum(free_rate + dying, 1e-300), streams.CUSTODY_3, j
    )
    systems["detained"][:, j] -= left
    world["left"] += home + free
    world["dead"] += rest - home - free
    for name, count in (
        ("transferred_out", transferred),
        ("repatriated", home),
        ("released", free),
        ("custody_deaths", rest - home - free),
    ):
        out[name] += count
    targets = np.flatnonzero(moves > 0.0)
    open_share, waiting = moves.sum(), transferred.copy()
    for to in targets:
        part = chance.binomial(
            waiting, np.array(min(moves[to] / open_share, 1.0)), streams.TRANSFERS, j, int(to) * 512
        )
        open_share -= moves[to]
        waiting -= part
        systems["arriving"][:, to] += part
    if targets.size:
        systems["arriving"][:, targets[-1]] += waiting


def _break(
    j: int, now: Array, world: Array, p: Array, jp: Array, lever: Any, fighters: Array, out: Array, days: float,
    chance: PlainChance,
) -> None:  # fmt: skip
    hazard = jp["break_attempts_per_year"] / DAYS_A_YEAR
    campaign = (
        p["campaign_attempts_per_year"] / DAYS_A_YEAR * now["detained"] / np.maximum(world["detained"], 1)
    )
    hazard = hazard + np.where(world["campaign"] == 1, campaign, 0.0)
    hazard = hazard * (fighters / world["fighters_usual"]) ** p["break_fighters_exponent"]
    hazard = hazard * (now["detained"] / now["detained_usual"]) ** p["break_detained_exponent"]
    hazard = hazard * np.exp(-p["guard_effect"] * (lever["guard"] - 1.0))
    hazard = hazard * np.where(lever["handover"] > 0.0, p["handover_multiplier"], 1.0)
    attempt = (chance.uniform(streams.BREAK, j) < -np.expm1(-hazard * days)) & (now["detained"] > 0)
    success = attempt & (chance.uniform(streams.SUCCESS, j) < p["break_success"])
    logit = special.logit(p["break_share"])
    logit = logit + p["break_share_spread"] * special.ndtri(chance.uniform(streams.SHARE, j))
    gross = np.minimum(1.0, special.expit(logit) / np.maximum(1.0 - p["recaptured_share"], 1e-9))
    gone = np.where(success, np.floor(gross * now["detained"] + 0.5), 0.0).astype(np.int64)
    now["detained"] -= gone
    now["escaped"] += gone
    out["break_attempts"] += attempt
    out["breaks"] += success
    out["escapes"] += gone


def _escapees(
    j: int, zone: int, now: Array, zones: Array, world: Array, p: Array, out: Array, zone_out: Array, days: float,
    chance: PlainChance,
) -> None:  # fmt: skip
    ended = chance.binomial(now["escaped"], -np.expm1(-days / p["escape_days"]), streams.ESCAPED, j)
    back = chance.binomial(ended, p["recaptured_share"], streams.ESCAPED_1, j)
    joined = chance.binomial(ended - back, p["rejoin_share"], streams.ESCAPED_2, j) if zone >= 0 else 0 * back
    now["escaped"] -= ended
    now["detained"] += back
    world["left"] += ended - back - joined
    out["recaptured"] += back
    if zone >= 0:
        zones["fighters"][:, zone] += joined
        zone_out["returned_escapees"][:, zone] += joined


def _camp(
    place: tuple[int, int], people: Array, world: Array, zones: Array, p: Array, cp: Array, lever: Any, out: Array,
    days: float, chance: PlainChance,
) -> None:  # fmt: skip
    c, zone = place
    births = chance.poisson(
        people.sum(axis=1) * cp["camp_births_per_year"] / DAYS_A_YEAR * days, streams.CAMP_BIRTHS, c
    )
    returning = cp["camp_returns_per_year"] * lever["returns"] / DAYS_A_YEAR
    dying = cp["camp_deaths_per_year"] / DAYS_A_YEAR
    before = people.copy()
    for group in range(3):
        ageing = (0.0, 1.0 / (12.0 * DAYS_A_YEAR), 1.0 / (6.0 * DAYS_A_YEAR))[group]
        leaving = p["camp_recruitment"] * lever["exposure"] if group == 2 and zone >= 0 else 0.0 * dying
        hazard = returning + dying + ageing + leaving
        at = 3 * c + group
        ended = chance.binomial(before[:, group], -np.expm1(-hazard * days), streams.CAMP_EXITS, at)
        back = chance.binomial(ended, _ratio(returning, hazard), streams.CAMP_1, at)
        died = chance.binomial(
            ended - back, dying / np.maximum(hazard - returning, 1e-300), streams.CAMP_2, at
        )
        rest = ended - back - died
        aged = chance.binomial(rest, ageing / np.maximum(ageing + leaving, 1e-300), streams.CAMP_3, at)
        people[:, group] -= ended
        people[:, 0 if group == 2 else 2] += aged
        world["left"] += back
        world["dead"] += died
        if zone >= 0:
            zones["fighters"][:, zone] += rest - aged
        out["camp_returns"] += back
        out["camp_deaths"] += died
        out["camp_departures"] += rest - aged
    people[:, 1] += births
    world["entered"] += births
    out["camp_births"] += births


def _remember(now: Array, world: Array, p: Array, command_lost: float, days: float) -> None:
    hits = now["hits"]
    now["suppression"] = now["suppression"] * world["kept_suppression"] + hits * p["lull_per_target"]
    now["grievance"] = now["grievance"] * world["kept_grievance"] + now["harmed"]
    for name in ("materiel", "command"):
        rebuilt = 1.0 - (1.0 - now[name]) * world[f"kept_{name}"]
        now[name] = rebuilt * (1.0 - p[f"{name}_loss"]) ** hits
    now["command"] *= 1.0 - command_lost
    kept = world["kept_excitation"]
    now["excited"] = now["excited"] * kept + p["branching_ratio"] * (1.0 - kept) * now["attacks"]
    now["answered"] = (
        now["answered"] * world["kept_week"] + (1.0 - world["kept_week"]) * now["attacks"] / days
    )


def _persons(state: Any) -> Array:
    world, zones, systems, camps = state
    count: Array = world["dead"] + world["left"] - world["entered"]
    count = count + (zones["fighters"] + zones["sympathisers"] + np.maximum(zones["force"], 0)).sum(axis=1)
    count = count + (systems["detained"] + systems["escaped"]).sum(axis=1)
    return np.asarray(count + camps["people"].sum(axis=(1, 2)))


def _stocks(state: Any, g: Geography, zone_out: Array, custody_out: Array, camp_out: Array) -> None:
    _, zones, systems, camps = state
    zone_out["fighters"] = zones["fighters"]
    zone_out["sympathisers_left"] = zones["sympathisers"]
    zone_out["partner_force_left"] = zones["force"]
    zone_out["escaped_at_large"] = 0
    custody_out["detained_now"] = systems["detained"]
    for j, zone in enumerate(g.system_zone):
        if zone >= 0:
            zone_out["escaped_at_large"][:, zone] += systems["escaped"][:, j]
    camp_out["camp_now"] = camps["people"].sum(axis=2)
