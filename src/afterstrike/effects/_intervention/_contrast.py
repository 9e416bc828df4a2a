"""Two policies compared: weighted outcomes, their difference, variance and interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...errors import UsageError
from ._lookup import quantile7
from ._power import shift_shown
from ._regions import Area, outcome_totals, peer_totals
from ._space import Convention, EventPoints, SpaceTime, check_convention
from ._weights import LEAST_EFFECTIVE, PolicyWeights, weakest

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CONTRAST_COLUMNS",
    "bartlett_freedom",
    "bartlett_variance",
    "compare_policies",
    "mean_surface",
    "peer_stabilizer",
]

Floats = npt.NDArray[np.float64]
CONTRAST_COLUMNS = (
    "policy_1", "policy_2", "lag", "area", "mean_1", "mean_2", "ipw_1", "ipw_2", "estimate", "std_error",
    "low", "high", "level", "p_value", "freedom", "smallest_change", "n_periods",
    "effective_sample_1", "effective_sample_2",
    "expected_sample_1", "expected_sample_2", "mean_weight_1", "mean_weight_2", "truncation",
    "n_truncated_1", "n_truncated_2", "variance_1", "variance_2", "reason",
)  # fmt: skip
# The peer's multipliers.
_PEER_LEVELS = {0.95: 1.96, 0.9: 1.645}


@dataclass(frozen=True)
class _Values:
    """Estimates in every area, each of shape (areas,)."""

    means: tuple[Floats, Floats]
    variances: tuple[Floats, Floats]
    variance: Floats


def compare_policies(
    space: SpaceTime,
    outcome: Floats | EventPoints,
    areas: Sequence[Area],
    one: PolicyWeights,
    two: PolicyWeights,
    *,
    level: float = 0.95,
    convention: Convention = "afterstrike",
) -> pd.DataFrame:
    r"""Compare the outcomes expected under two policies, in every area.

    :math:`N_j(B) = \sum_t w_{jt} Y_t(B) / \sum_t w_{jt}` (Hajek), and the estimate is
    :math:`N_2(B) - N_1(B)`: outcome events a period in B under the second policy minus under the first.

    Parameters
    ----------
    space
        Window, grid and periods.
    outcome
        Events, which are counted in each area, or images as from `smooth_events` (`geocausal-0.4`: images
        only).
    areas
        Where outcomes are summed; see `distance_areas`, `areas_of`.
    one, two
        Weights under the two policies, of the same lag and periods.
    level
        Of the interval.
    convention
        `afterstrike`: the variance is that of a ratio, with Bartlett weights over lag + n^(1/3) periods, its
        degrees of freedom are those that the weights leave, and there is no interval where an effective
        sample is below 30. `geocausal-0.4`: the peer's variance bound, its sums over distance bands, and an
        interval whatever the effective sample.

    Returns
    -------
    pandas.DataFrame
        One row an area: `mean_1`, `mean_2` (Hajek), `ipw_1`, `ipw_2` (weights divided by the number of
        periods), `estimate`, `std_error`, `low`, `high`, `freedom` (of t; infinite for the peer's normal),
        `smallest_change` (what would be shown with 80% power), the effective samples, the share of truncated
        weights, and `reason` where there is no interval.

    Raises
    ------
    UsageError
        The two weights belong to different lags or periods.

    Assumes
    -------
    The propensity holds every cause of strikes that also causes the outcome; every pattern of strikes the
    policies could draw could have happened.

    References
    ----------
    Papadogeorgou, G., Imai, K., Lyall, J. and Li, F. (2022). Causal inference with spatio-temporal data:
    estimating the effects of airstrikes on insurgent violence in Iraq. JRSS-B 84, 1969-1999.
    doi:10.1111/rssb.12548
    Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components. Biometrics
    Bulletin 2, 110-114. doi:10.2307/3002019
    """
    import pandas as pd

    peer = check_convention(convention)
    if one.lag != two.lag or not np.array_equal(one.outcome_period, two.outcome_period):
        raise UsageError(
            f"weights of lags {one.lag} and {two.lag} or of different periods; allowed equal ones"
        )
    if not 0.5 <= level < 1:
        raise UsageError(f"level={level!r}; allowed 0.5 to below 1")
    if not areas:
        raise UsageError("areas is empty; allowed at least one, see distance_areas and areas_of")
    values = (
        _peer_values(space, outcome, areas, one, two) if peer else _values(space, outcome, areas, one, two)
    )
    weak = weakest(one, two) < LEAST_EFFECTIVE and not peer
    estimate = values.means[1] - values.means[0]
    error = np.sqrt(values.variance)
    freedom = math.inf if peer else freedom_of(one.shares, two.shares, _width(one), weakest(one, two))
    factor, p_value = _multiplier(level, peer, freedom, estimate, error)
    smallest = error * shift_shown(factor, freedom)
    if weak:
        smallest = np.full(len(areas), np.nan)
        error, p_value = np.full(len(areas), np.nan), np.full(len(areas), np.nan)
    reason = f"effective sample {weakest(one, two):.1f}, below {LEAST_EFFECTIVE:g}" if weak else ""
    table = {
        "policy_1": one.policy, "policy_2": two.policy, "lag": one.lag, "area": [area.name for area in areas],
        "mean_1": values.means[0], "mean_2": values.means[1],
        "ipw_1": values.means[0] * one.mean_weight, "ipw_2": values.means[1] * two.mean_weight,
        "estimate": estimate, "std_error": error, "low": estimate - factor * error,
        "high": estimate + factor * error, "level": level, "p_value": p_value,
        "freedom": freedom, "smallest_change": smallest,
        "n_periods": len(one.log_weights),
        "effective_sample_1": one.effective_sample, "effective_sample_2": two.effective_sample,
        "expected_sample_1": one.expected_sample, "expected_sample_2": two.expected_sample,
        "mean_weight_1": one.mean_weight, "mean_weight_2": two.mean_weight,
        "truncation": math.nan if one.truncation is None else one.truncation,
        "n_truncated_1": one.n_truncated, "n_truncated_2": two.n_truncated,
        "variance_1": values.variances[0], "variance_2": values.variances[1], "reason": reason,
    }  # fmt: skip
    return pd.DataFrame(table)[list(CONTRAST_COLUMNS)]


def mean_surface(outcome: Floats, weights: PolicyWeights) -> Floats:
    """Give the weighted mean of outcome images (Hajek), shape (rows, columns)."""
    return np.tensordot(weights.shares, outcome[weights.outcome_period], 1)


def _width(weights: PolicyWeights) -> int:
    return weights.lag + int(len(weights.log_weights) ** (1 / 3))


def freedom_of(one: Floats, two: Floats, width: int, effective: float) -> float:
    """Give the degrees of freedom of a contrast's variance: what its weights leave, at most the effective
    sample less one.
    """
    return max(min(bartlett_freedom(two - one, width), effective - 1), 1.0)


def _multiplier(
    level: float, peer: bool, freedom: float, estimate: Floats, error: Floats
) -> tuple[float, Floats]:
    from scipy.stats import norm
    from scipy.stats import t as student

    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.abs(estimate / error)
    if peer:
        return _PEER_LEVELS.get(level, float(norm.ppf((1 + level) / 2))), 2 * norm.sf(ratio)
    return float(student.ppf((1 + level) / 2, freedom)), 2 * student.sf(ratio, freedom)


def _values(
    space: SpaceTime,
    outcome: Floats | EventPoints,
    areas: Sequence[Area],
    one: PolicyWeights,
    two: PolicyWeights,
) -> _Values:
    totals = outcome_totals(space, outcome, areas)[one.outcome_period]
    means = (one.shares @ totals, two.shares @ totals)
    parts: list[Floats] = [
        w.shares[:, None] * (totals - mean) for w, mean in zip((one, two), means, strict=True)
    ]
    width = _width(one)
    return _Values(
        means,
        (bartlett_variance(parts[0], width), bartlett_variance(parts[1], width)),
        bartlett_variance(parts[1] - parts[0], width),
    )


def bartlett_variance(parts: Floats, width: int) -> Floats:
    """Sum products of parts up to `width` periods apart, with Bartlett weights."""
    total = (parts**2).sum(axis=0)
    for gap in range(1, min(width, len(parts) - 1) + 1):
        total = total + 2 * (1 - gap / (width + 1)) * (parts[gap:] * parts[:-gap]).sum(axis=0)
    found: Floats = np.maximum(total, 0.0)
    return found


def bartlett_freedom(scale: Floats, width: int) -> float:
    r"""Give the degrees of freedom of a Bartlett variance of parts with the given scales (Satterthwaite).

    :math:`(\sum_t d_t^2)^2 / \sum_{st} K_{st}^2 d_s^2 d_t^2`, with K the Bartlett weights and d the scales: a
    variance that rests on a few heavily weighted periods and their neighbours is known no better than by so
    many squares. Infinite where all scales are 0.
    """
    square = scale**2
    total = float(square @ square)
    for gap in range(1, min(width, len(square) - 1) + 1):
        total += 2 * (1 - gap / (width + 1)) ** 2 * float(square[gap:] @ square[:-gap])
    return float(square.sum()) ** 2 / total if total > 0 else math.inf


def _peer_values(
    space: SpaceTime,
    outcome: Floats | EventPoints,
    areas: Sequence[Area],
    one: PolicyWeights,
    two: PolicyWeights,
) -> _Values:
    """Give the peer's estimates and variance bounds."""
    if isinstance(outcome, EventPoints):
        raise UsageError("convention='geocausal-0.4' takes images: outcome=smooth_events(...)")
    if space.shape[0] != space.shape[1]:
        raise UsageError(
            f"a grid of {space.shape[0]} x {space.shape[1]} with convention='geocausal-0.4': the peer cuts "
            "it anew into a square and its totals are wrong; use a square shape, or convention='afterstrike'"
        )
    images = space.require_km("outcome", outcome)[one.outcome_period]
    n = len(images)
    surfaces = np.stack([np.tensordot(w.weights / n, images, 1) / w.mean_weight for w in (one, two)])
    found = np.stack([peer_totals(space, surfaces, area, averaged=True) for area in areas], axis=-1)
    daily = np.stack([peer_totals(space, images, area, averaged=False) for area in areas], axis=-1)
    parts = []
    for weights in (one, two):
        weight = weights.weights[:, None]
        value = weight * daily / weights.mean_weight
        parts.append(value - value.mean(axis=0) * weight / peer_stabilizer(weights))
    squares = [(part**2).sum(axis=0) / n**2 for part in (parts[0], parts[1], parts[1] - parts[0])]
    return _Values((found[0], found[1]), (squares[0], squares[1]), squares[2])


def peer_stabilizer(weights: PolicyWeights) -> float:
    """Give the peer's stand-in for the mean weight: mean truncated ratio of one period, to the power lag."""
    ratio = np.exp(weights.period_ratios)
    if weights.truncation is not None:
        ratio = np.minimum(ratio, quantile7(ratio, weights.truncation))
    return float(ratio.mean()) ** weights.lag
