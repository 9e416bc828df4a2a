"""Sensitivity: how far an unmeasured cause of strikes could move a difference between policies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...errors import UsageError
from ._regions import Area, outcome_totals, peer_totals
from ._space import Convention, EventPoints, SpaceTime, check_convention
from ._weights import PolicyWeights

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["hidden_bias_bounds"]

Floats = npt.NDArray[np.float64]


def hidden_bias_bounds(
    space: SpaceTime,
    outcome: Floats | EventPoints,
    area: Area,
    one: PolicyWeights,
    two: PolicyWeights,
    *,
    gammas: Sequence[float],
    below: tuple[PolicyWeights, PolicyWeights] | None = None,
    convention: Convention = "afterstrike",
) -> pd.DataFrame:
    r"""Bound a difference between policies when each period's propensity may be wrong by a factor.

    An unmeasured cause multiplies each weight by :math:`\rho_t`. If the propensity of one period may be off
    by gamma either way, the weight of M periods may be off by :math:`\gamma^M`: :math:`\rho_t \in
    [\gamma^{-M}, \gamma^M]`. The bounds are those of :math:`\sum_t \rho_t w_{jt} Y_t / \sum_t \rho_t
    w_{jt}`, for each policy by itself (`low`, `high`), and with one :math:`\rho` for both policies
    (`zero_attainable`).

    Parameters
    ----------
    space, outcome, one, two
        As in `compare_policies`.
    area
        Where outcomes are summed.
    gammas
        Factors from 1, for one period.
    below
        Weights of the two policies under the fraction, where they differ from those above it:
        `geocausal-0.4` takes there the weights of the strikes in the area, `policy_weights(..., area=area)`.
    convention
        `geocausal-0.4`: the factor is gamma whatever the lag, and outcomes are images.

    Returns
    -------
    pandas.DataFrame
        One row a gamma: `gamma`, `factor` (largest :math:`\rho`), `low`, `high`, `zero_attainable`, and
        `robust_gamma`, the largest gamma tried up to which zero cannot be attained (NaN: none).
    """
    import pandas as pd

    peer = check_convention(convention)
    tried = sorted(float(gamma) for gamma in gammas)
    if not tried or tried[0] < 1 or not np.isfinite(tried).all():
        raise UsageError(f"gammas={list(gammas)!r}; allowed one or more numbers from 1")
    if peer:
        if isinstance(outcome, EventPoints):
            raise UsageError("convention='geocausal-0.4' takes images: outcome=smooth_events(...)")
        totals = peer_totals(space, outcome, Area(area.name, area.mask), averaged=True)[one.outcome_period]
    else:
        totals = outcome_totals(space, outcome, [area])[one.outcome_period, 0]
    periods = 1 if peer or one.span == "first_period" else one.lag
    under = (one, two) if below is None else below
    parts = [(w.shares * totals, d.shares) for w, d in zip((one, two), under, strict=True)]
    rows = []
    for gamma in tried:
        factor = gamma**periods
        (low_1, high_1), (low_2, high_2) = (_ratio_bounds(above, shares, factor) for above, shares in parts)
        zero = _zero_attainable(parts[0], parts[1], factor)
        bounds = {"low": low_2 - high_1, "high": high_2 - low_1}
        rows.append({"gamma": gamma, "factor": factor, **bounds, "zero_attainable": zero})
    table = pd.DataFrame(rows)
    free = ~np.logical_or.accumulate(table["zero_attainable"].to_numpy(bool))
    return table.assign(robust_gamma=max((g for g, f in zip(tried, free, strict=True) if f), default=np.nan))


def _ratio_bounds(above: Floats, below: Floats, factor: float) -> tuple[float, float]:
    """Give the least and greatest ratio of sums; the extreme rho takes two values, split by the periods'
    ratio.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        order = np.argsort(np.where(below > 0, above / below, 0.0), kind="stable")
    first_d, first_a = (np.append(0.0, np.cumsum(part[order])) for part in (below, above))
    rest_d, rest_a = first_d[-1] - first_d, first_a[-1] - first_a
    high = (first_a / factor + rest_a * factor) / (first_d / factor + rest_d * factor)
    low = (first_a * factor + rest_a / factor) / (first_d * factor + rest_d / factor)
    return float(low.min()), float(high.max())


def _zero_attainable(one: tuple[Floats, Floats], two: tuple[Floats, Floats], factor: float) -> bool:
    """Say whether one rho makes both ratios equal.

    The set of rho is connected, so zero is attained if and only if the difference can reach the other sign.
    For a given ratio of the first policy that is a linear programme in rho.
    """
    from scipy.optimize import linprog, minimize_scalar

    now = float(two[0].sum() / two[1].sum() - one[0].sum() / one[1].sum())
    if now == 0 or factor == 1:
        return now == 0
    sign = -1.0 if now < 0 else 1.0
    box = [(1 / factor, factor)] * len(one[0])

    def nearest(ratio: float) -> float:
        """Give the least of sign times the second policy's excess over `ratio`, where the first has that
        ratio.
        """
        fixed = (one[0] - ratio * one[1])[None]
        made = linprog(sign * (two[0] - ratio * two[1]), A_eq=fixed, b_eq=[0.0], bounds=box, method="highs")
        return float(made.fun) if made.success else np.inf

    ratios = np.linspace(*_ratio_bounds(*one, factor), 17)
    found = [nearest(ratio) for ratio in ratios]
    if min(found) <= 0:
        return True
    best = int(np.argmin(found))
    ends = ratios[max(best - 1, 0)], ratios[min(best + 1, len(ratios) - 1)]
    return float(minimize_scalar(nearest, bounds=ends, method="bounded").fun) <= 1e-9
