"""The compiled simulator: one member of an ensemble after the other, step by step, in whole persons.

`_twin.py` does the same with NumPy over all members at once, and tests hold the two equal. Parameters, levers,
states and outputs are structured arrays with the names of `_layout.py` and `_state.py`. README.md has the
equations.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any, NamedTuple

import numba as nb
import numpy as np

from . import _streams as streams
from ._draws import member_key, poisson, standard_normal, uniform
from ._kernel_custody import break_attempt, camp_step, custody_exits, escapees
from ._kernel_zone import campaign_next, leave_and_join, remember, violence
from ._streams import DAYS_A_YEAR, STREAMS, at

__all__ = ["Geography", "run_members"]

Array = np.ndarray[Any, Any]


class Geography(NamedTuple):
    """What borders on what: zone numbers, -1 for outside all zones."""

    seam_from: Array
    seam_to: Array
    system_zone: Array
    camp_zone: Array
    capture_to: Array  # the custody system that takes a zone's captured; -1: none, nobody is captured


@nb.njit(nogil=True, error_model="numpy")
def _exposures(
    zones: Array, seam: Array, coordination: Array, step: int, seam_from: Array, seam_to: Array
) -> None:
    for z in range(zones.size):
        zones[z].exposure = 0.0
    for e in range(seam.size):
        joint = seam[e].coordination if math.isnan(coordination[step, e]) else coordination[step, e]
        apart = seam[e].seam_weight * (1.0 - joint)
        zones[seam_from[e]].exposure += apart
        zones[seam_to[e]].exposure += apart


@nb.njit(nogil=True, error_model="numpy")
def _chances_of_the_world(world: Any, p: Any, forced: int, days: float, key: Any, base: Any) -> None:
    """What happens everywhere at once: the campaign, the drift, and casualties that are answered."""
    world.campaign = campaign_next(world.campaign, forced, p, days, key, base)
    if p.drift_sd > 0.0:
        normal = standard_normal(uniform(key, at(base, streams.DRIFT, 0)))
        world.drift += p.drift_sd * math.sqrt(days) * normal
    if p.casualty_events_per_year > 0.0:
        events = poisson(p.casualty_events_per_year * days / DAYS_A_YEAR, key, at(base, streams.CASUALTY, 0))
        world.casualty_memory += events * p.casualty_response
    world.casualty_due = world.casualty_memory * (1.0 - world.kept_casualty)
    world.casualty_memory -= world.casualty_due


@nb.njit(nogil=True, error_model="numpy")
def _persons(world: Any, zones: Array, systems: Array, camps: Array) -> int:
    """Everyone the model knows of, less those who entered: the same number on every step."""
    count: int = world.dead + world.left - world.entered
    for z in range(zones.size):
        count += zones[z].fighters + zones[z].sympathisers + max(zones[z].force, 0)
    for j in range(systems.size):
        count += systems[j].detained + systems[j].escaped
    for c in range(camps.size):
        count += camps[c].people.sum()
    return count


@nb.njit(nogil=True, error_model="numpy")
def _write_stocks(
    zones: Array, systems: Array, camps: Array, system_zone: Array, zone_out: Array, custody_out: Array, camp_out: Array
) -> None:  # fmt: skip
    for z in range(zones.size):
        zone_out[z].fighters = zones[z].fighters
        zone_out[z].sympathisers_left = zones[z].sympathisers
        zone_out[z].partner_force_left = zones[z].force
        zone_out[z].escaped_at_large = 0
    for j in range(systems.size):
        custody_out[j].detained_now = systems[j].detained
        if system_zone[j] >= 0:
            zone_out[system_zone[j]].escaped_at_large += systems[j].escaped
    for c in range(camps.size):
        camp_out[c].camp_now = camps[c].people.sum()


@nb.njit(nogil=True, error_model="numpy")
def _custody_step(
    world: Any, zones: Array, systems: Array, p: Any, custody: Array, lever: Array, transfers: Array,
    system_zone: Array, zone_out: Array, out: Array, step: int, period: int, days: float, key: Any, base: Any,
) -> None:  # fmt: skip
    fighters = 0
    for z in range(zones.size):
        fighters += zones[z].fighters
    world.detained = 0
    for j in range(systems.size):
        world.detained += systems[j].detained
    for j in range(systems.size):
        now, may, count = systems[j], lever[step, j], out[period, j]
        custody_exits(j, systems, world, custody[j], may, transfers, step, count, days, key, base)
        break_attempt(j, now, world, p, custody[j], may, fighters, count, days, key, base)
        escapees(j, system_zone[j], now, zones, world, p, count, zone_out, period, days, key, base)
    for j in range(systems.size):
        out[period, j].handed_in += systems[j].captured
        out[period, j].transferred_in += systems[j].arriving
        systems[j].detained += systems[j].captured + systems[j].arriving
        systems[j].captured = 0
        systems[j].arriving = 0


@nb.njit(nogil=True, error_model="numpy")
def _run_one(
    world: Any, zones: Array, systems: Array, camps: Array, p: Any, zone: Array, custody: Array, camp: Array,
    seam: Array, g: Any, levers: Any, period_of: Array, days: float, key: Any, zone_out: Array,
    custody_out: Array, camp_out: Array,
) -> int:  # fmt: skip
    """Run one member; gives the largest number of persons unaccounted for on any step."""
    lever_zone, lever_custody, lever_camp, coordination, transfers, forced = levers
    worst = 0
    persons = _persons(world, zones, systems, camps)
    for step in range(period_of.size):
        base = np.uint64(step) * np.uint64(STREAMS) * np.uint64(streams.PIECES)
        period = period_of[step]
        if step == 0 or seam.size > 0:
            _exposures(zones, seam, coordination, step, g.seam_from, g.seam_to)
        _chances_of_the_world(world, p, forced[step], days, key, base)
        for z in range(zone.size):
            now, lever, out = zones[z], lever_zone[step, z], zone_out[period, z]
            violence(z, now, world, p, zone[z], lever, out, days, key, base)
            leave_and_join(z, now, world, p, lever, out, systems, g.capture_to[z], days, key, base)
        _custody_step(
            world, zones, systems, p, custody, lever_custody, transfers, g.system_zone, zone_out, custody_out,
            step, period, days, key, base,
        )  # fmt: skip
        for c in range(camp.size):
            camp_step(
                c, g.camp_zone[c], camps[c].people, world, zones, p, camp[c], lever_camp[step, c],
                camp_out[period, c], days, key, base,
            )  # fmt: skip
        for z in range(zone.size):
            remember(zones[z], world, p, lever_zone[step, z].command, days)
        worst = max(worst, abs(_persons(world, zones, systems, camps) - persons))
        if step + 1 == period_of.size or period_of[step + 1] != period:
            _write_stocks(
                zones, systems, camps, g.system_zone, zone_out[period], custody_out[period], camp_out[period]
            )
    return worst


def _sources() -> str:
    """Changes with any part of the kernel: Numba keeps compiled code by the file of the function alone."""
    parts = ("_draws.py", "_streams.py", "_kernel_zone.py", "_kernel_custody.py", "_kernel.py")
    folder = Path(__file__).parent
    return hashlib.sha256(b"".join((folder / part).read_bytes() for part in parts)).hexdigest()


def _compiled(sources: str) -> Any:
    @nb.njit(cache=True, nogil=True, error_model="numpy")
    def run_members(
        seed: Any, first: int, state: Any, parameters: Any, g: Any, levers: Any, period_of: Array, days: float,
        outputs: Any, imbalance: Array,
    ) -> None:  # fmt: skip
        """Run members one after the other, in place in `state`, `outputs` and `imbalance`.

        Parameters
        ----------
        seed, first
            With the number of a member, `first` for the first row, they are the key of its chance.
        state, parameters, outputs
            Arrays with members first: (world, zone, system, camp), (model, zone, custody, camp, seam), (zone,
            custody, camp).
        levers
            (zone, custody, camp, coordination, transfers, campaign), steps first.
        period_of
            The period each step belongs to.
        days
            Length of a step.
        imbalance
            Persons unaccounted for on the worst step, one a member.
        """
        sources  # noqa: B018, part of the key of the kept code
        worlds, zones, systems, camps = state
        model, zone, custody, camp, seam = parameters
        zone_out, custody_out, camp_out = outputs
        for m in range(model.size):
            key = np.uint64(member_key(np.uint64(seed), np.uint64(first + m)))
            imbalance[m] = _run_one(
                worlds[m], zones[m], systems[m], camps[m], model[m], zone[m], custody[m], camp[m], seam[m], g,
                levers, period_of, days, key, zone_out[m], custody_out[m], camp_out[m],
            )  # fmt: skip

    return run_members


run_members = _compiled(_sources())
