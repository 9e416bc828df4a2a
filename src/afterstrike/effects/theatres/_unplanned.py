"""The true effect of a struck place-day against the same place-day with no strike planned.

The contrast `"strike"` of `truth` cancels a strike but leaves it in the plan, so strikes that keep apart from
it, or crowd round it, do so in both worlds. Here it was never planned: later strikes answer to its absence as
well. Where strikes neither keep apart nor crowd (`crowding=1`), the two are equal. A comparison with
place-days that had no strike sees this one only: in any record, planned and carried out are the same.
"""

from __future__ import annotations

import numpy as np

from . import _simulate as kernel
from ._run import NO_TOGGLES, SimulatedTheatre, copy_state
from ._truth import TwinTruth, check_truth, units_of

__all__ = ["truth_unplanned"]


def truth_unplanned(
    theatre: SimulatedTheatre,
    *,
    horizon_days: int,
    radius_km: float,
    ring_km: float | None = None,
    merge_km: float = 0.0,
) -> TwinTruth:
    """Give the true effect of each struck place-day against none planned there that day.

    Parameters
    ----------
    theatre
        A simulated theatre.
    horizon_days, radius_km
        H and R; attacks on days 1..H within R are compared.
    ring_km
        Outer radius of the ring in which more attacks nearby are counted; twice R where None.
    merge_km
        As in `truth`: strikes of one day within this many km of a middle one are one place-day.

    Returns
    -------
    TwinTruth
        As `truth(..., contrast="strike")` gives it, with the other world changed.

    Raises
    ------
    UsageError
        As in `truth`.
    """
    ring = 2 * radius_km if ring_km is None else ring_km
    check_truth(theatre, horizon_days, radius_km, ring, "strike", "attacks", merge_km, 1)
    fixed, state, twin = theatre.fixed, theatre.state, copy_state(theatre.state)
    last = fixed.base.shape[0] - 1
    kept = units_of(theatre, theatre.struck, merge_km, last_row=last - horizon_days)
    strikes, sizes, km, n_left_out = kept
    ends = np.cumsum(sizes)
    rates = fixed.strike_base.copy()
    without = fixed._replace(strike_base=rates)
    sums = np.zeros((len(sizes), 2, 2, 2, horizon_days))
    for number, (begin, end) in enumerate(zip(ends - sizes, ends, strict=True)):
        row, places = strikes[begin, 0], strikes[begin:end, 1]
        stop = row + horizon_days + 1
        rates[row, places] = 0.0
        kernel.run_days(without, twin, row, stop, NO_TOGGLES, 0)
        rates[row, places] = fixed.strike_base[row, places]
        zones = (km[number] <= radius_km, (km[number] > radius_km) & (km[number] <= ring))
        for world, run in enumerate((state, twin)):
            for zone, inside in enumerate(zones):
                sums[number, world, zone, 0] = run.attack_rate[row + 1 : stop, inside].sum(axis=1)
                sums[number, world, zone, 1] = run.attacks[row + 1 : stop, inside].sum(axis=1)
        for name in state._fields:
            getattr(twin, name)[row:stop] = getattr(state, name)[row:stop]
    return TwinTruth(
        contrast="strike",
        measure="attacks",
        horizon_days=horizon_days,
        radius_km=float(radius_km),
        ring_km=float(ring),
        merge_km=float(merge_km),
        n_strikes=len(sizes),
        n_left_out=n_left_out,
        sums=sums,
    )
