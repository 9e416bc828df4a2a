"""A world in which nothing happens, to which a test adds the one flow it is about."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from afterstrike.containment import _layout as layout
from afterstrike.containment._ensemble import Ensemble
from afterstrike.containment._layout import Levers
from afterstrike.containment._simulate import simulate
from afterstrike.containment._world import Place, World

FIRST = date(2030, 1, 1)

STILL = {
    **dict.fromkeys(layout.MODEL_PARAMETERS, 0.0),
    **dict.fromkeys(
        (
            "variance_ratio",
            "civilian_variance_ratio",
            "excitation_days",
            "lull_halflife",
            "grievance_halflife",
        ),
        1.0,
    ),
    **dict.fromkeys(
        ("materiel_halflife", "command_halflife", "casualty_response_halflife", "escape_days"), 30.0
    ),
    **dict.fromkeys(("handover_multiplier", "campaign_months", "size_cutoff"), 1.0),
    "size_exponent": 2.5,
    "break_share": 0.05,
}


def still_world(zones: int = 1, systems: int = 1, camps: int = 0) -> World:
    """Zones in a row with a seam between neighbours; systems and camps stand in the first."""
    ids = [f"z{k}" for k in range(zones)]
    return World(
        name="still",
        title="nothing happens",
        as_of=date(2029, 12, 31),
        note="",
        zones=tuple(Place(one, one) for one in ids),
        systems=tuple(Place(f"s{k}", f"s{k}", "z0") for k in range(systems)),
        camps=tuple(Place(f"c{k}", f"c{k}", "z0") for k in range(camps)),
        seams=tuple(itertools.pairwise(ids)),
        numbers={},
        own=frozenset(),
        events=(),
        sha256="",
    )


def numbers_of(world: World, members: int, **changes: float | np.ndarray) -> dict[str, np.ndarray]:
    """The draws of a still world with some numbers set; `detained` sets it at every system, and so on."""
    drawn = {name: np.full(members, value) for name, value in STILL.items()}
    drawn["fighters"] = np.full(members, 0.0)
    scopes = (
        (layout.ZONE_PARAMETERS, [place.id for place in world.zones]),
        (layout.CUSTODY_PARAMETERS, [place.id for place in world.systems]),
        (layout.CAMP_PARAMETERS, [place.id for place in world.camps]),
        (layout.SEAM_PARAMETERS, ["/".join(seam) for seam in world.seams]),
    )
    ones = ("fighters_share", "attack_factor")
    for names, places in scopes:
        for name in names:
            value = changes.pop(name, np.nan if name == "partner_force" else float(name in ones))
            for place in places:
                drawn[f"{name}.{place}"] = np.broadcast_to(np.asarray(value, dtype=float), (members,))
    for name, value in changes.items():
        name = name.replace("__", ".")
        assert name in drawn, name
        drawn[name] = np.broadcast_to(np.asarray(value, dtype=float), (members,))
    return drawn


class Lever:
    """A scenario made of arrays: `set_levers` changes the neutral ones in place."""

    name = "test"
    title = ""

    def __init__(self, set_levers: Callable[[Levers], None] | None = None) -> None:
        self.set_levers = set_levers

    def levers(self, world: World, start: date, steps: int, step_days: float) -> Levers:
        made = Levers.neutral(
            steps,
            zones=len(world.zones),
            systems=len(world.systems),
            camps=len(world.camps),
            seams=len(world.seams),
        )
        if self.set_levers is not None:
            self.set_levers(made)
        return made


def run_still(
    *,
    days: int = 365,
    members: int = 2000,
    zones: int = 1,
    systems: int = 1,
    camps: int = 0,
    seed: int = 0,
    step_days: float = 1.0,
    levers: Callable[[Levers], None] | None = None,
    engine: Any = "compiled",
    jobs: int = 1,
    **changes: float | np.ndarray,
) -> Ensemble:
    """Run a still world with some numbers set."""
    world = still_world(zones, systems, camps)
    return simulate(
        world,
        Lever(levers),  # type: ignore[arg-type]
        start=FIRST,
        until=date.fromordinal(FIRST.toordinal() + days - 1),
        draws=numbers_of(world, members, **changes),
        seed=seed,
        step_days=step_days,
        engine=engine,
        jobs=jobs,
    )


@pytest.fixture
def still() -> SimpleNamespace:
    """The makers of this module."""
    return SimpleNamespace(world=still_world, numbers=numbers_of, run=run_still, first=FIRST, lever=Lever)
