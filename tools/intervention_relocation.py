"""Policies that relocate each day's expected strikes, along distance to Baghdad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from afterstrike.effects import (
    Policy,
    Propensity,
    Surface,
    compare_policies,
    fit_propensity,
    policy_of_intensity,
    policy_weights,
    scaled_strikes,
)
from intervention_words import side

if TYPE_CHECKING:
    import pandas as pd

# Relocated by exp(-km / tilt) and its inverse.
TILTS_KM = (500, 2500, 5000)


class ReadOnce(Propensity):
    """A fitted propensity whose surfaces are read once: policies that move ask for every day in turn."""

    @cached_property
    def every(self) -> Any:
        return super().log_inside(0, self.space.n_periods)

    def log_inside(self, first: int, last: int) -> Any:
        return self.every[first:last]


def read_once(propensity: Propensity) -> ReadOnce:
    return ReadOnce(**{one.name: getattr(propensity, one.name) for one in fields(propensity)})


def places_that_drift(propensity: Propensity, km: Surface) -> Propensity:
    """Fit again with distance to Baghdad times each column of the slow trend."""
    place = np.where(propensity.space.inside, km.values, 0.0) / 100
    moving = [
        Surface(f"km to Baghdad / 100 x {one.name}", one.values[:, None, None] * place)
        for one in propensity.surfaces
        if one.values.ndim == 1
    ]
    surfaces = [*propensity.surfaces, *moving]
    return fit_propensity(propensity.space, propensity.strikes, surfaces, model=propensity.model)


def tilted(propensity: ReadOnce, km: Surface, sign: int, tilt_km: float) -> Policy:
    """Relocate each day's expected strikes by exp(sign * km / tilt_km), their number as fitted."""
    name = f"{'nearer to' if sign < 0 else 'farther from'} Baghdad, {tilt_km:g} km"
    space = propensity.space
    was = np.exp(propensity.every)
    new = was * np.exp(sign * km.values[space.inside] / tilt_km)
    stack = np.full((space.n_periods, *space.shape), np.nan)
    stack[:, space.inside] = new * (was.sum(axis=1) / new.sum(axis=1))[:, None]
    return policy_of_intensity(space, propensity.strikes, stack, size=propensity.size, name=name)


def relocated(
    fitted: ReadOnce, attacks: Any, areas: Sequence[Any], lags: Sequence[int], km: Surface, near_km: float
) -> tuple[pd.DataFrame, dict[tuple[str, int], Any], str]:
    """Compare every relocation with what was done; also give the weights and where strikes are expected."""
    import pandas as pd

    space = fitted.space
    near = (km.values < near_km)[space.inside]
    was = np.exp(fitted.every)
    parts, shares, kept = [], [f"as observed {was[:, near].sum() / was.sum():.1%}"], {}
    one = scaled_strikes(fitted, 1.0)
    for tilt_km in TILTS_KM:
        for sign in (-1, 1):
            policy = tilted(fitted, km, sign, tilt_km)
            for lag in lags:
                weights = kept[policy.name, lag] = policy_weights(fitted, policy, lag=lag)
                first = policy_weights(fitted, one, lag=lag)
                parts.append(compare_policies(space, attacks, areas, first, weights))
            assert policy.image_at is not None
            images = np.stack([policy.image_at(t)[space.inside] for t in range(space.n_periods)])
            shares.append(f"{policy.name} {images[:, near].sum() / images.sum():.1%}")
    told = f"Expected strikes below {near_km:g} km: {', '.join(shares)}."
    return pd.concat(parts, ignore_index=True), kept, told


def relocation_words(tables: Mapping[str, pd.DataFrame], checks: Mapping[str, Sequence[Any]]) -> str:
    """Say whether relocation has a sign: the same rows firm under every propensity, and no check failed."""
    firm = {}
    for label, table in tables.items():
        kinds = zip(table["policy_2"], table["lag"], table["joint_low"], table["joint_high"], strict=True)
        firm[label] = {
            (policy, lag, side(low, high)) for policy, lag, low, high in kinds if "only" in side(low, high)
        }
    failed = [
        f'the check "{check.check_name}" failed ({label})'
        for label, made in checks.items()
        for check in made
        if check.passed is False
    ]
    shared = set.intersection(*firm.values())
    counts = "; ".join(f"{label}: {len(rows)} rows" for label, rows in firm.items())
    head = (
        f"Rows whose interval for all rows at once leaves out zero: {counts}; {len(shared)} in both alike. "
    )
    points = failed + ([] if shared else ["no row has a sign under both propensities"])
    if points:
        return f"{head}**This record cannot answer** what relocation would have done: {'; '.join(points)}."
    named = "; ".join(f"{policy}, lag {lag}: {kind}" for policy, lag, kind in sorted(shared))
    return f"{head}These are {named}; what must be believed stays above."
