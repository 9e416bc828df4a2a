"""From a world's draws to the structured arrays the simulator reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from . import _layout as layout
from ._kernel import Geography
from ._state import State, stocks

if TYPE_CHECKING:
    from ._world import World

__all__ = ["Packed", "geography_of", "pack", "structured"]

Array = np.ndarray[Any, Any]

MOST_PLACES = 20
"""Most zones, systems, camps or seams in one world: each has its own streams of chance."""


@dataclass(frozen=True)
class Packed:
    """Parameters and stocks of all members, first axis members."""

    parameters: tuple[Array, Array, Array, Array, Array]
    state: State

    @property
    def members(self) -> int:
        return int(self.parameters[0].size)

    def part(self, first: int, last: int) -> Packed:
        """The members from `first` up to `last`; their state is a copy, to be run."""
        rows = slice(first, last)
        model, zone, custody, camp, seam = (array[rows] for array in self.parameters)
        world, place, system, people = (array[rows].copy() for array in self.state)
        return Packed(parameters=(model, zone, custody, camp, seam), state=(world, place, system, people))


def structured(array: Array, names: Sequence[str]) -> Array:
    """A view with the last axis as named fields."""
    kind = np.dtype([(name, array.dtype) for name in names])
    return np.ascontiguousarray(array).view(kind)[..., 0]


def _table(draws: Mapping[str, Array], names: Sequence[str], places: Sequence[str], members: int) -> Array:
    array = np.empty((members, len(places), len(names)))
    for p, place in enumerate(places):
        for k, name in enumerate(names):
            array[:, p, k] = draws.get(f"{name}.{place}", np.nan)
    return structured(array, names)


def geography_of(world: World) -> Geography:
    """Zone numbers of seams, systems and camps; the captured go to the first system of their zone, else to the first."""
    zones = [place.id for place in world.zones]

    def of(zone: str) -> int:
        return zones.index(zone) if zone in zones else -1

    system_zone = np.array([of(place.zone) for place in world.systems], dtype=np.int64)
    capture_to = np.full(len(zones), 0 if len(world.systems) else -1, dtype=np.int64)
    for z in range(len(zones)):
        own = np.flatnonzero(system_zone == z)
        if own.size:
            capture_to[z] = own[0]
    return Geography(
        seam_from=np.array([of(a) for a, _ in world.seams], dtype=np.int64),
        seam_to=np.array([of(b) for _, b in world.seams], dtype=np.int64),
        system_zone=system_zone,
        camp_zone=np.array([of(place.zone) for place in world.camps], dtype=np.int64),
        capture_to=capture_to,
    )


def pack(world: World, draws: Mapping[str, Array], *, step_days: float = 1.0) -> Packed:
    """Lay out the draws of a world for the simulator.

    Raises
    ------
    UsageError
        A number is missing, not finite or out of bounds, or a world has too many places.
    """
    zones = [place.id for place in world.zones]
    systems = [place.id for place in world.systems]
    camps = [place.id for place in world.camps]
    seams = ["/".join(seam) for seam in world.seams]
    for what, places in (("zones", zones), ("custody systems", systems), ("camps", camps), ("seams", seams)):
        if len(places) > MOST_PLACES:
            raise UsageError(f"world {world.name!r} has {len(places)} {what}; allowed up to {MOST_PLACES}")
    if "fighters" not in draws:
        raise UsageError("draws have no 'fighters'; draw them with world.draw(members, seed=...)")
    members = len(draws["fighters"])
    model = np.empty((members, len(layout.MODEL_PARAMETERS)))
    for k, name in enumerate(layout.MODEL_PARAMETERS):
        model[:, k] = draws.get(name, np.nan)
    parameters = (
        structured(model, layout.MODEL_PARAMETERS),
        _table(draws, layout.ZONE_PARAMETERS, zones, members),
        _table(draws, layout.CUSTODY_PARAMETERS, systems, members),
        _table(draws, layout.CAMP_PARAMETERS, camps, members),
        _table(draws, layout.SEAM_PARAMETERS, seams, members),
    )
    _check(parameters, (("",), zones, systems, camps, seams))
    return Packed(parameters=parameters, state=_state(draws, parameters, geography_of(world), step_days))


def _check(parameters: tuple[Array, ...], places: Sequence[Sequence[str]]) -> None:
    """Every number is there and can be used: chance in bounds, lengths of time above zero."""
    for array, at in zip(parameters, places, strict=True):
        for name in array.dtype.names or ():
            values = array[name]
            if name == "partner_force":
                values = np.where(np.isnan(values), 0.0, values)
            bad = ~np.isfinite(values)
            if not _may_be_negative(name):
                bad |= values < 0.0
            if name in _ABOVE_ZERO:
                bad |= values <= 0.0
            if name in _CHANCES or name.endswith("_share"):
                bad |= values > 1.0
            bad |= (name == "branching_ratio") & (values >= 1.0)
            bad |= (name in ("variance_ratio", "civilian_variance_ratio", "size_cutoff")) & (values < 1.0)
            bad |= (name == "size_exponent") & (values <= 1.0)
            if bad.any():
                row = np.argwhere(bad)[0]
                place = f".{at[row[1]]}" if values.ndim == 2 else ""
                raise UsageError(
                    f"{name}{place} is {values[tuple(row)]:.4g} in member {row[0]}; the simulator needs a finite "
                    "number within the bounds of `afterstrike world show`; mend the world, or the draws given"
                )


_ABOVE_ZERO = (
    *("excitation_days", "lull_halflife", "grievance_halflife", "materiel_halflife", "command_halflife"),
    *("casualty_response_halflife", "campaign_months", "escape_days", "handover_multiplier"),
    "break_share",
)
_CHANCES = ("break_success", "coordination", "materiel_loss", "command_loss", "break_share")


def _may_be_negative(name: str) -> bool:
    return name.endswith(("_effect", "_exponent", "_reach", "_recruitment")) and name != "camp_recruitment"


def _state(draws: Mapping[str, Array], parameters: tuple[Array, ...], g: Geography, days: float) -> State:
    _, zone, _, camp, seam = parameters
    fighters = np.rint(np.asarray(draws["fighters"], dtype=float)).astype(np.int64)
    people = np.rint(camp["camp_population"]).astype(np.int64)
    young = np.rint(people * camp["camp_under12_share"]).astype(np.int64)
    older = np.minimum(np.rint(people * camp["camp_12to17_share"]).astype(np.int64), people - young)
    by_age = np.stack([people - young - older, young, older], axis=-1)
    exposure = np.zeros(zone.shape)
    for e in range(seam.shape[1]):
        apart = seam["seam_weight"][:, e] * (1.0 - seam["coordination"][:, e])
        exposure[:, g.seam_from[e]] += apart
        exposure[:, g.seam_to[e]] += apart
    by_zone = _split(fighters, zone["fighters_share"])
    # relative rates: one on average over fighters, so that the rate on record is that of all zones together
    usual = (zone["attack_factor"] * by_zone).sum(axis=1) / np.maximum(by_zone.sum(axis=1), 1)
    zone["attack_factor"] = zone["attack_factor"] / np.where(usual > 0.0, usual, 1.0)[:, None]
    return stocks(parameters, by_zone, by_age, exposure, days)


def _split(total: Array, shares: Array) -> Array:
    """Whole persons by zone that add up to the total: largest remainders first."""
    weight = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-300)
    exact = weight * total[:, None]
    whole = np.floor(exact).astype(np.int64)
    missing = total - whole.sum(axis=1)
    order = np.argsort(np.argsort(-(exact - whole), axis=1, kind="stable"), axis=1)
    split: Array = whole + (order < missing[:, None])
    return split
