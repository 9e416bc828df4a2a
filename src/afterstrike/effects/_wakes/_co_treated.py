"""Who else struck: strikes by others around struck and comparison place-days."""

from __future__ import annotations

import numpy as np

from ._place_days import Floats, Ints, arc_km
from ._radius import Radius

__all__ = ["shares_struck_by_others"]

_COMPARED = 2000


def shares_struck_by_others(
    radius: Radius, day: Ints, at: Floats, *, days: int, seed: int
) -> tuple[float, float]:
    """Give the shares of struck and of comparison place-days with a strike by others near and soon.

    Near is within the radius; soon is from the day itself to `days` after. `day` and `at` (latitude,
    longitude) are those strikes. The comparison is drawn as the estimate draws it.
    """
    risk, rng = radius.plan.risk, np.random.default_rng(seed)
    pool = risk.pool if radius.plan.is_given else risk.pool.take(risk.draw(_COMPARED, rng))
    order = np.argsort(day, kind="stable")
    day, at = day[order], at[order]
    shares = []
    for group in (risk.struck, pool):
        first, last = np.searchsorted(day, group.day), np.searchsorted(day, group.day + days, side="right")
        hits = [
            bool((arc_km(place[None], at[a:b]) <= radius.plan.km).any())
            for place, a, b in zip(group.at, first, last, strict=True)
        ]
        shares.append(float(np.mean(hits)) if hits else float("nan"))
    return shares[0], shares[1]
