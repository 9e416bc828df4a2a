"""Run a theatre: tables for the compiled step, and the simulated theatre itself."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from afterstrike.errors import UsageError

from . import _simulate as kernel
from ._simulate import Fixed, State
from ._theatre import CEILING, FLOOR, Theatre
from ._world import Floats, Ints, World, build_world, distances_km

if TYPE_CHECKING:
    import pandas as pd

    from ._truth import Contrast, TwinTruth

__all__ = ["SimulatedTheatre", "run_theatre", "simulate_theatre"]

NO_TOGGLES = np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class SimulatedTheatre:
    """One run of a theatre: the recorded events, everything that happened, and the truth by twin runs.

    `events` is what a researcher would have; `complete` holds every event with its true day and place and
    whether it was recorded. Rows are ordered by `date_start`, then `event_id`.
    """

    spec: Theatre
    seed: int
    world: World
    fixed: Fixed
    state: State

    def __repr__(self) -> str:
        strikes = int((self.state.strikes > 0).sum())
        attacks = int(self.state.attacks[self.fixed.first :].sum())
        return (
            f"SimulatedTheatre({self.spec.effect.kind}, {self.spec.strikes.rule}, seed={self.seed}: "
            f"{attacks} attacks, {strikes} struck place-days)"
        )

    @cached_property
    def events(self) -> pd.DataFrame:
        """The recorded events in the event table's columns, dates and places as coarse as they are known."""
        from ._report import recorded_events

        return recorded_events(self)

    @cached_property
    def complete(self) -> pd.DataFrame:
        """Every event as it was: `event_id, kind, date, place_index, lat, lon, is_recorded`."""
        from ._report import complete_events

        return complete_events(self)

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """Districts and days from which no attack is recorded: `adm2, date_start, date_end`."""
        from ._report import reporting_gaps

        return reporting_gaps(self)

    @cached_property
    def struck(self) -> Ints:
        """Struck place-days as (row, place) of the state's tables, in time order."""
        return np.argwhere(self.state.strikes > 0).astype(np.int64)

    @cached_property
    def overlap(self) -> float:
        """Share of struck place-days whose window intersects another's, by the strike rule's km and days."""
        from ._calibrate import overlap_share

        return overlap_share(self.struck, self.world.apart_km, self.spec)

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """Hash of the spec, the spec, the seed, the package version and the time of the run."""
        return {
            "input_hash": spec_hash(self.spec),
            "parameters": self.spec.to_dict(),
            "seed": self.seed,
            "package_version": _version(),
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def truth(self, *, horizon_days: int, radius_km: float, contrast: Contrast = "strike") -> TwinTruth:
        """Give the true effect by twin runs; `truth` of this folder has all options."""
        from ._truth import truth

        return truth(self, horizon_days=horizon_days, radius_km=radius_km, contrast=contrast)


def simulate_theatre(spec: Theatre | None = None, *, seed: int) -> SimulatedTheatre:
    """Simulate strikes and attacks day by day.

    Parameters
    ----------
    spec
        The theatre; `Theatre()` (no effect, random strikes) where None. A strike rule with `rate_factor=None`
        is calibrated first, once per process for each spec.
    seed
        0 to 2**63 - 1. One seed gives the same events on every machine of the same library versions.

    Raises
    ------
    UsageError
        A seed or region that is not allowed; more than 500 attacks expected at one place and day.

    Examples
    --------
    >>> theatre = simulate_theatre(Theatre(days=60, places=50), seed=1)
    >>> set(theatre.events["kind"]) == {"strike", "attack"}
    True
    """
    from ._calibrate import calibrate

    spec = Theatre() if spec is None else spec
    if not isinstance(spec, Theatre):
        raise UsageError(f"simulate_theatre({type(spec).__name__}): allowed is a Theatre(...); pass one")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**63:
        raise UsageError(f"seed={seed!r}: allowed is a whole number from 0 to 2**63 - 1; change seed")
    return run_theatre(calibrate(spec), int(seed))


def run_theatre(spec: Theatre, seed: int) -> SimulatedTheatre:
    """Run a theatre whose strike rule is calibrated."""
    world = build_world(spec)
    fixed = _tables(spec, world, seed)
    state = empty_state(fixed.base.shape)
    run_all(fixed, state)
    return SimulatedTheatre(spec, seed, world, fixed, state)


def run_all(fixed: Fixed, state: State) -> None:
    """Run all days from the burn-in on, or say which number to lower."""
    if not kernel.run_days(fixed, state, 0, fixed.base.shape[0], NO_TOGGLES, 0):
        raise UsageError(
            f"more than {kernel.MOST:g} attacks expected at one place and day: the theatre is too dense; "
            "lower "
            "attacks_per_day, excitation or attacks_factor, or raise places"
        )


def empty_state(shape: tuple[int, ...]) -> State:
    """Give a state of zeros."""
    kinds = (*(np.int32,) * 4, *(np.float64,) * 4)
    return State._make(np.zeros(shape, dtype=kind) for kind in kinds)


def copy_state(state: State) -> State:
    """Give a copy that a twin run may overwrite."""
    return State._make(table.copy() for table in state)


def _neighbours(apart_km: Floats, most_km: float) -> tuple[Ints, Ints, Floats]:
    """List each place's neighbours within `most_km`, nearest first: indices, starts, distances."""
    order = np.argsort(apart_km, axis=1, kind="stable")
    km = np.take_along_axis(apart_km, order, axis=1)
    keep = km <= most_km
    start = np.concatenate([[0], np.cumsum(keep.sum(axis=1))]).astype(np.int64)
    return order[keep].astype(np.int64), start, km[keep]


@lru_cache(maxsize=8)
def _neighbours_of(key: Theatre, most_km: float) -> tuple[Ints, Ints, Floats]:
    return _neighbours(build_world(key).apart_km, most_km)


def _tables(spec: Theatre, world: World, seed: int) -> Fixed:
    """Build the tables of one run."""
    effect, rule, reporting = spec.effect, spec.strikes, spec.reporting
    first = 30 + (math.ceil(5 * spec.excitation_days) if spec.excitation > 0 else 0)
    rows = first + spec.days
    attacks_bump, strikes_bump = _episodes(spec, world, seed, rows)
    cycle = _cycle(spec, first, rows)[:, None]
    heads = world.share**rule.place_exponent
    strikes = heads / heads.sum() * (rule.place_days / spec.days)
    rate_factor = 1.0 if rule.rate_factor is None else rule.rate_factor
    ring_km = effect.ring_km if effect.kind == "displacement" else 0.0
    most = max(
        effect.radius_km, ring_km, spec.excitation_km, rule.react_km, 2 * rule.overlap_km, reporting.fall_km
    )
    still = Theatre(
        region=spec.region,
        side_km=spec.side_km,
        places=spec.places,
        towns=spec.towns,
        world_seed=spec.world_seed,
        days=30,
    )
    near, start, km = _neighbours_of(still, most)
    around = world.apart_km <= rule.react_km
    return Fixed(
        first=first,
        attack_key=kernel.stream_key(seed, kernel.ATTACK),
        strike_key=kernel.stream_key(seed, kernel.STRIKE),
        report_key=kernel.stream_key(seed, kernel.REPORT),
        base=spec.attacks_per_day * (1 - spec.excitation) * world.share * cycle * attacks_bump,
        strike_base=rate_factor * strikes * strikes_bump,
        report_base=_report_base(spec, world, seed, first, rows),
        near=near,
        start=start,
        km=km,
        log_factor=np.log(effect.profile()),
        reach_km=float(effect.radius_km),
        ring_km=float(ring_km),
        ring_share=float(effect.ring_share) if ring_km > 0 else 0.0,
        floor=FLOOR,
        ceiling=CEILING,
        branching=float(spec.excitation),
        memory=1.0 - 1.0 / spec.excitation_days,
        spread_km=float(spec.excitation_km),
        reaction=float(rule.reaction) if rule.rule == "reactive" else 0.0,
        react_km=float(rule.react_km),
        react_days=rule.react_days,
        usual=rule.react_days * spec.attacks_per_day * reporting.attacks_share * (around @ world.share),
        crowding=float(rule.crowding),
        window_km=2.0 * rule.overlap_km,
        window_days=rule.overlap_days - 1,
        fall=float(reporting.fall),
        fall_km=float(reporting.fall_km),
        fall_days=reporting.fall_days,
    )


def _cycle(spec: Theatre, first: int, rows: int) -> Floats:
    """Give the weekly and the yearly cycle, each of mean 1 over whole cycles."""
    zero = date.fromisoformat(spec.start).toordinal() - first
    day = zero + np.arange(rows)
    week = 1 + spec.weekly * np.cos(2 * np.pi * (day % 7) / 7)
    year = 1 + spec.season * np.cos(2 * np.pi * day / 365.25)
    return np.asarray(week * year)


def _episodes(spec: Theatre, world: World, seed: int, rows: int) -> tuple[Floats, Floats]:
    """Give the factors of hidden episodes on attacks and on strikes, shape (rows, places)."""
    part = spec.confounder
    margin = abs(part.lead_days)  # strikes' bells are read from rows before or after those of attacks
    height = np.zeros((rows + 2 * margin, spec.places))
    number = np.arange(part.episodes)
    key = kernel.stream_key(seed, kernel.EPISODE)
    draws = [kernel.uniforms(key, number, number * 0, number * 0 + k) for k in range(3)]
    for begin, here, there in zip(*draws, strict=True):
        row = math.floor(begin * (len(height) + part.days)) - part.days
        days = np.arange(max(row, 0), min(row + part.days, len(height)))
        if days.size == 0:
            continue
        bell = np.sin(np.pi * (days - row + 0.5) / part.days) ** 2
        a, b = (int(world.towns[math.floor(u * world.towns.size)]) for u in (here, there))
        if part.km_per_day > 0 and a != b:
            share = np.minimum((days - row) * part.km_per_day / max(world.apart_km[a, b], 1.0), 1.0)
            lat = world.lat[a] + share * (world.lat[b] - world.lat[a])
            lon = world.lon[a] + share * (world.lon[b] - world.lon[a])
            km = distances_km(lat, lon, world.lat, world.lon)
        else:
            km = world.apart_km[a][None, :]
        height[days] += bell[:, None] * np.exp(-0.5 * (km / (part.km / 2)) ** 2)
    np.minimum(height, 1.0, out=height)
    attacks = height[margin : margin + rows]
    strikes = height[margin + part.lead_days : margin + part.lead_days + rows]
    return 1 + (part.attacks_factor - 1) * attacks, 1 + (part.strikes_factor - 1) * strikes


def gap_blocks(spec: Theatre, world: World, seed: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Say which (block of gap_days, district) are silent."""
    blocks = math.ceil(spec.days / spec.reporting.gap_days)
    districts = len(world.district_at)
    block, district = (a.ravel().astype(np.int64) for a in np.indices((blocks, districts)))
    u = kernel.uniforms(kernel.stream_key(seed, kernel.GAP), district, block, block * 0)
    return np.asarray((u < spec.reporting.gap_share).reshape(blocks, districts))


def _report_base(spec: Theatre, world: World, seed: int, first: int, rows: int) -> Floats:
    chance = np.full((rows, spec.places), float(spec.reporting.attacks_share))
    if spec.reporting.gap_share > 0:
        silent = gap_blocks(spec, world, seed)
        block = np.arange(spec.days) // spec.reporting.gap_days
        chance[first:][silent[block][:, world.district]] = 0.0
    return chance


def spec_hash(spec: Theatre) -> str:
    """Give the SHA-256 of the spec, written as JSON with sorted keys."""
    return hashlib.sha256(json.dumps(spec.to_dict(), sort_keys=True).encode()).hexdigest()


def _version() -> str:
    try:
        return version("afterstrike")
    except PackageNotFoundError:
        return "unknown"
