"""From a rate of attacks to attacks per fighter: only their product shows in data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .._world import World

__all__ = ["fighters_that_count", "spread_of_totals"]

Array = np.ndarray[Any, Any]


def fighters_that_count(world: World, draws: Mapping[str, Array]) -> Array:
    """Give what attacks_per_fighter is multiplied by on a world's first day: fighters by zone, zones' own rates, seams.

    Strikes, materiel and command are at rest on that day and change nothing.
    """
    exposure = {zone.id: np.zeros_like(draws["fighters"]) for zone in world.zones}
    for one, two in world.seams:
        apart = draws[f"seam_weight.{one}/{two}"] * (1.0 - draws[f"coordination.{one}/{two}"])
        exposure[one] = exposure[one] + apart
        exposure[two] = exposure[two] + apart
    parts = [
        draws[f"fighters_share.{zone.id}"] * draws[f"attack_factor.{zone.id}"]
        * np.exp(draws["seam_effect"] * exposure[zone.id])
        for zone in world.zones
    ]  # fmt: skip
    return np.asarray(draws["fighters"] * np.sum(parts, axis=0))


def spread_of_totals(draws: Mapping[str, Array]) -> float:
    """Give variance over mean of long totals of attacks, by the world's middle draw: bunching and self-excitation."""
    ratio = draws["variance_ratio"] / (1.0 - draws["branching_ratio"]) ** 2
    return max(float(np.median(ratio)), 1.0)
