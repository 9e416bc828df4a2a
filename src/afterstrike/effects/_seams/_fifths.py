"""The rate by fifth of a zone's own exposure: does it rise step by step, or hang on a few periods?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ._estimate import bounded_exp, count_panel, estimate
from ._fit import Model, NoFit
from ._panel import SeamPanel

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["fifths_of", "rate_by_fifth"]

Floats = npt.NDArray[np.float64]
COLUMNS = ("fifth", "rate_ratio", "low", "high", "n_zone_periods", "reason")


def fifths_of(exposure: Floats) -> Floats:
    """Give the fifth of each period among those of its own zone, 1 to 5; equal exposures share the lowest they
    reach; NaN where unknown, and in zones where the exposure never changes.

    Examples
    --------
    >>> fifths_of(np.array([[0.0, 1.0, 2.0, 3.0, 4.0], [7.0, 7.0, 7.0, 7.0, 7.0]])).tolist()
    [[1.0, 2.0, 3.0, 4.0, 5.0], [nan, nan, nan, nan, nan]]
    """
    found = np.full(exposure.shape, np.nan)
    for row, path in enumerate(exposure):
        known = np.isfinite(path)
        values = np.sort(path[known])
        if not len(values) or values[-1] - values[0] <= 1e-12:
            continue
        # Share of the zone's periods with less exposure than this one.
        below = np.searchsorted(values, path[known], side="left") / len(values)
        found[row, known] = 1 + np.minimum(np.floor(5 * below + 1e-9), 4)
    return found


def rate_by_fifth(panel: SeamPanel, model: Model, level: float) -> pd.DataFrame:
    """Give the ratio of each fifth to the lowest, with intervals one by one."""
    import pandas as pd

    fifth = fifths_of(panel.exposure)
    there = sorted(set(fifth[np.isfinite(fifth)].astype(int).tolist()))
    if len(there) < 2:
        return pd.DataFrame([(1, math.nan, math.nan, math.nan, 0, "no zone has two levels")], columns=COLUMNS)
    counts = {k: int((fifth == k).sum()) for k in there}
    first, *others = there
    rows = [(first, 1.0, math.nan, math.nan, counts[first], "the fifth all others are compared with")]
    dummies = np.stack([np.where(np.isfinite(fifth), fifth == k, np.nan) for k in others])
    try:
        found = estimate(count_panel(panel, dummies), model)
    except NoFit as problem:
        rows += [(k, math.nan, math.nan, math.nan, counts[k], str(problem)) for k in others]
        return pd.DataFrame(rows, columns=COLUMNS)
    for number, k in enumerate(others):
        low, high = found.interval(level, number)
        ends = (bounded_exp(end) for end in (float(found.beta[number]), low, high))
        rows.append((k, *ends, counts[k], ""))
    return pd.DataFrame(rows, columns=COLUMNS)
