"""Set a strike rule's rate and crowding so that the wanted number and overlap are met on average."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np

from afterstrike.errors import UsageError

from ._run import run_theatre
from ._theatre import Effect, Reporting, Theatre
from ._world import Floats, Ints

__all__ = ["calibrate", "overlap_share"]

PILOT_SEEDS = tuple(range(9_000_001, 9_000_006))


def overlap_share(struck: Ints, apart_km: Floats, spec: Theatre) -> float:
    """Give the share of struck place-days (row, place) whose window intersects another's; NaN without any."""
    if len(struck) == 0:
        return math.nan
    rule = spec.strikes
    hit = np.zeros(len(struck), dtype=bool)
    last = np.searchsorted(struck[:, 0], struck[:, 0] + rule.overlap_days - 1, side="right")
    for i, (row_end, (_, place)) in enumerate(zip(last, struck, strict=True)):
        close = apart_km[place, struck[i + 1 : row_end, 1]] <= 2 * rule.overlap_km
        hit[i] |= bool(close.any())
        hit[i + 1 : row_end] |= close
    return float(hit.mean())


def calibrate(spec: Theatre) -> Theatre:
    """Give the theatre with `rate_factor` set, and `crowding` where an `overlap` is wanted; unchanged where
    set.

    Five pilot runs with fixed seeds stand for all seeds, so the calibrated rule does not depend on the data.
    """
    if spec.strikes.rate_factor is not None:
        return spec
    if spec.strikes.rule == "reactive":
        return _calibrated(spec)
    # These strikes answer to no attack, so one calibration serves all effects and all reporting.
    alike = replace(spec, effect=Effect(), reporting=Reporting(), attacks_per_day=0.0, excitation=0.0)
    return replace(spec, strikes=_calibrated(alike).strikes)


@lru_cache(maxsize=64)
def _calibrated(spec: Theatre) -> Theatre:
    if spec.strikes.place_days == 0:
        return spec.with_strikes(rate_factor=0.0)
    overlap = spec.strikes.overlap
    if overlap is None:
        return _with_rate(spec, spec.strikes.crowding)[0]
    low, high, best = -8.0, 4.0, spec
    gap, middle, factor = math.inf, 0.0, 1.0
    for _ in range(9):
        trial, got, factor, is_met = _with_rate(spec, math.exp(middle), factor)
        if is_met and abs(got - overlap) < gap:
            best, gap = trial, abs(got - overlap)
        if gap < 0.005:
            break
        # Where campaigns run away and the number cannot be held, crowding is too high whatever the overlap.
        low, high = (middle, high) if got < overlap and is_met else (low, middle)
        middle = (low + high) / 2
    if gap > 0.05:
        raise UsageError(
            f"StrikeRule(overlap={overlap!r}) cannot be reached with place_days={spec.strikes.place_days} "
            "(nearest: "
            f"off by {gap:.2f}); change place_days, overlap_km, overlap_days, days or the region"
        )
    return best


def _with_rate(spec: Theatre, crowding: float, factor: float = 1.0) -> tuple[Theatre, float, float, bool]:
    """Find the rate factor that meets `place_days`; give theatre, overlap in pilots, factor, whether met."""
    target = spec.strikes.place_days
    trial = spec
    few, many = 0.0, math.inf  # factors that gave too few strikes, too many
    for step in range(12):
        trial = spec.with_strikes(crowding=crowding, rate_factor=factor)
        runs = [run_theatre(trial, seed) for seed in PILOT_SEEDS]
        mean = float(np.mean([len(run.struck) for run in runs]))
        if step == 11 or abs(mean - target) <= 0.02 * target:
            break
        few, many = (max(few, factor), many) if mean < target else (few, min(many, factor))
        factor *= min(max((target + 0.5) / (mean + 0.5), 0.2), 5.0)
        if not few < factor < many:  # strikes that feed on their own surge answer steeply: halve the bracket
            factor = math.sqrt(few * many)
    is_met = abs(mean - target) <= 0.1 * target + 1
    if not is_met and crowding == 1.0:
        raise UsageError(
            f"StrikeRule(place_days={target}) cannot be reached ({mean:.0f} in pilot runs); lower "
            "place_days or raise "
            "places or days"
        )
    overlap = float(np.nanmean([run.overlap for run in runs])) if mean > 0 else 0.0
    return trial, overlap, factor, is_met
