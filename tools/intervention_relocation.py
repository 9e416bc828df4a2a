"""Policies that relocate each day's expected strikes, along distance to Baghdad."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from afterstrike.effects import Policy, Propensity, policy_of_intensity


class ReadOnce(Propensity):
    """A fitted propensity whose surfaces are read once: policies that move ask for every day in turn."""

    @cached_property
    def every(self) -> Any:
        return super().log_inside(0, self.space.n_periods)

    def log_inside(self, first: int, last: int) -> Any:
        return self.every[first:last]


def tilted(propensity: ReadOnce, sign: int, tilt_km: float) -> Policy:
    """Relocate each day's expected strikes by exp(sign * km / tilt_km), their number as fitted."""
    name = f"{'nearer to' if sign < 0 else 'farther from'} Baghdad, {tilt_km:g} km"
    space = propensity.space
    inside = space.inside
    km = next(one for one in propensity.surfaces if one.name == "km to Baghdad").values[inside]
    was = np.exp(propensity.every)
    new = was * np.exp(sign * km / tilt_km)
    stack = np.full((space.n_periods, *space.shape), np.nan)
    stack[:, inside] = new * (was.sum(axis=1) / new.sum(axis=1))[:, None]
    return policy_of_intensity(space, propensity.strikes, stack, size=propensity.size, name=name)
