"""Weights of the periods under a policy, and how many periods they are worth."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from ._density import log_mean_square
from ._lookup import bilinear, quantile7
from ._policies import Policy
from ._propensity import Propensity
from ._regions import Area
from ._space import Convention, check_convention, contains

__all__ = ["LEAST_EFFECTIVE", "PolicyWeights", "Span", "expected_effective_sample", "policy_weights"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Span = Literal["every_period", "first_period"]
# Below this effective sample an estimate has no interval.
LEAST_EFFECTIVE = 30.0
# A weight at the quantile itself is not changed by truncation, whatever its last digit.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class PolicyWeights:
    """Weights of the periods under one policy; made by `policy_weights`.

    Parameters
    ----------
    policy
        Its name.
    lag
        Periods from the first one under the policy to the outcome.
    log_weights
        Log of each weight after truncation, shape (n,).
    outcome_period
        The period whose outcome each weight belongs to, shape (n,).
    truncation
        Quantile above which weights were set to it, None: none.
    truncated_at
        That quantile, infinite without truncation.
    n_truncated
        How many weights it changed.
    expected_sample
        How many equally weighted periods the weights are worth by the propensity and the policy themselves:
        n over the mean of E[w^2]. The weights at hand miss rare large ones, so their own number can be far
        too high.
    period_ratios
        Log ratio of the policy's to the observed density in every period, shape (n_periods,).
    span
        In which periods the policy holds.
    same_period
        The outcome is that of the policy's last period.
    """

    policy: str
    lag: int
    log_weights: Floats = field(repr=False)
    outcome_period: Ints = field(repr=False)
    truncation: float | None
    truncated_at: float
    n_truncated: int
    expected_sample: float
    period_ratios: Floats = field(repr=False)
    span: Span = "every_period"
    same_period: bool = False

    @property
    def weights(self) -> Floats:
        """The weights; they may be too large for a number, `shares` never are."""
        with np.errstate(over="ignore"):
            return np.exp(self.log_weights)

    @property
    def shares(self) -> Floats:
        """The weights divided by their sum (Hajek)."""
        raised = np.exp(self.log_weights - self.log_weights.max())
        found: Floats = raised / raised.sum()
        return found

    @property
    def mean_weight(self) -> float:
        """Their mean; 1 is expected where the propensity is right."""
        return float(self.weights.mean())

    @property
    def effective_sample(self) -> float:
        """How many equally weighted periods they are worth: 1 / sum of squared shares (Kish)."""
        return float(1 / (self.shares**2).sum())

    @property
    def usable_sample(self) -> float:
        """The smaller of `effective_sample` and `expected_sample`; below 30 an estimate has no interval."""
        if math.isnan(self.expected_sample):
            return self.effective_sample
        return min(self.effective_sample, self.expected_sample)

    def __repr__(self) -> str:
        return (
            f"PolicyWeights({self.policy!r}, lag {self.lag}, {len(self.log_weights)} periods, "
            f"usable sample {self.usable_sample:.1f})"
        )


def policy_weights(
    propensity: Propensity,
    policy: Policy,
    *,
    lag: int,
    truncation: float | None = None,
    same_period: bool = False,
    span: Span = "every_period",
    area: Area | None = None,
    convention: Convention = "afterstrike",
) -> PolicyWeights:
    r"""Weight the periods so that they stand for what the policy would have done over the last `lag` periods.

    :math:`w_t = \prod_{j=t-M+1}^{t} h_j(S_j) / e_j(S_j)`, the ratio of the density of the observed strikes
    under the policy and under the propensity; paired with the outcome of period t + 1.

    Parameters
    ----------
    propensity, policy
        As fitted; as wished for.
    lag
        M, periods under the policy.
    truncation
        None: no weight is changed. A quantile such as 0.95: larger weights are set to it, which trades bias
        for variance and is reported.
    same_period
        Pair with the outcome of period t instead of t + 1.
    span
        `every_period`: the policy holds in all M periods. `first_period`: only in the first of them, later
        strikes as observed; the weights are then those of one period whatever the lag, and a curve by lag can
        be drawn.
    area
        `geocausal-0.4` only: weights of the strikes in this area, with both intensities read between pixel
        centres, as the peer takes them below the fraction of its sensitivity bounds.
    convention
        `geocausal-0.4`: the quantile is taken before the last weight, which has no outcome, is dropped; 1
        means no truncation, and None, the peer's default, makes every weight missing.

    Raises
    ------
    UsageError
        The lag, truncation or span is not allowed.
    EstimateRefused
        The policy gives no chance to what was done in any period.
    """
    peer = check_convention(convention)
    n = propensity.space.n_periods
    ahead = 0 if same_period else 1
    if isinstance(lag, bool) or int(lag) != lag or not 1 <= lag <= n - ahead - 1:
        raise UsageError(f"lag={lag!r}; allowed whole numbers of periods from 1 to {n - ahead - 1}")
    if truncation is not None and not (0.5 <= truncation <= 1):
        raise UsageError(
            f"truncation={truncation!r}; allowed None (no weight is changed) or a quantile 0.5 to 1"
        )
    if span not in get_args(Span):
        raise UsageError(f"span={span!r}; allowed {', '.join(map(repr, get_args(Span)))}")
    if len(policy.expected) != n:
        raise UsageError(
            f"the policy has {len(policy.expected)} periods and the propensity {n}; make both anew"
        )
    if area is not None and not peer:
        raise UsageError("area is only for convention='geocausal-0.4'; leave it out")
    ratio = (
        policy.log_density - propensity.log_density if area is None else _area_ratio(propensity, policy, area)
    )
    running = np.lib.stride_tricks.sliding_window_view(ratio, int(lag))
    raw = running.sum(axis=1) if span == "every_period" else running[:, 0].copy()
    if peer and truncation is None:
        # The peer's own default, a missing level, makes every weight missing.
        raw = np.full_like(raw, np.nan)
    paired = raw if same_period or peer else raw[:-1]
    if paired.max() == -math.inf:
        raise EstimateRefused(
            f"the policy {policy.name!r} gives no chance to the strikes of any run of {lag} periods: it "
            "must allow what was done"
        )
    cut, log_weights = math.inf, paired
    if truncation is not None:
        cut, log_weights = _truncated(paired, truncation)
    kept = log_weights if same_period or not peer else log_weights[:-1]
    first = int(lag) - 1 + ahead
    length = 1 if span == "first_period" else int(lag)
    expected = math.nan if peer else _expected_sample(propensity, policy, len(kept), length)
    return PolicyWeights(
        policy.name,
        int(lag),
        kept,
        np.arange(first, first + len(kept)),
        truncation,
        cut,
        int((paired[: len(kept)] > log_weights[: len(kept)] + _ROUNDING).sum()),
        expected,
        ratio,
        span,
        same_period,
    )


def _area_ratio(propensity: Propensity, policy: Policy, area: Area) -> Floats:
    """Give the log ratios of the densities of the strikes in an area, both read between pixel centres."""
    space, strikes = propensity.space, propensity.strikes
    if policy.image is None:
        raise UsageError(f"the policy {policy.name!r} moves with time; area allows only one that does not")
    row, column = space.pixel_of(strikes.x_km, strikes.y_km)
    within = area.mask[row, column]
    if area.geometry is not None:
        within = contains(area.geometry, strikes.x_km, strikes.y_km)
    ratio = np.zeros(space.n_periods)
    for t in range(space.n_periods):
        at = np.flatnonzero(within & (strikes.period == t))
        observed = propensity.intensity(t)
        ratio[t] = (observed[area.mask].sum() - policy.image[area.mask].sum()) * space.pixel_km2
        for image, sign in ((policy.image, 1), (observed, -1)):
            logs = np.log(np.abs(bilinear(space, image, strikes.x_km[at], strikes.y_km[at])))
            ratio[t] += sign * np.nansum(logs)
    return ratio


def _truncated(log_weights: Floats, level: float) -> tuple[float, Floats]:
    """Set weights above their quantile to it; the quantile is taken on weights, not on their logs."""
    top = float(log_weights.max())
    shift = top if top > 600 else 0.0
    scaled = np.exp(log_weights - shift)
    cut = float(quantile7(scaled, level))
    with np.errstate(divide="ignore", over="ignore"):
        return float(np.exp(np.log(cut) + shift)), np.where(scaled > cut, np.log(cut) + shift, log_weights)


def expected_effective_sample(
    *, n_periods: int, strikes_per_period: float, factor: float, lag: int, size: float = math.inf
) -> float:
    r"""Say, before anything is fitted, how many periods a change of scale leaves at best.

    With a Poisson number of strikes of mean :math:`\lambda`, the weights of `factor` times as many strikes
    leave :math:`N \exp(-M \lambda (c-1)^2)` of N periods. Changing places too leaves fewer. With a negative
    binomial number the mean square of the ratio is summed over counts.

    Parameters
    ----------
    n_periods
        N.
    strikes_per_period
        Mean strikes a period.
    factor
        c, above 0.
    lag
        M.
    size
        Size of the negative binomial; infinite for Poisson.

    Examples
    --------
    >>> round(expected_effective_sample(n_periods=499, strikes_per_period=4.9, factor=2, lag=1), 1)
    3.7
    >>> round(expected_effective_sample(n_periods=499, strikes_per_period=4.9, factor=1.1, lag=3), 1)
    430.8
    """
    for name, value in (("n_periods", n_periods), ("factor", factor), ("lag", lag), ("size", size)):
        if not value > 0:
            raise UsageError(f"{name}={value!r}; allowed numbers above 0")
    if not (math.isfinite(strikes_per_period) and strikes_per_period >= 0):
        raise UsageError(f"strikes_per_period={strikes_per_period!r}; allowed a number from 0")
    if strikes_per_period == 0:
        return float(n_periods)
    one = np.array([strikes_per_period])
    log_square = float(log_mean_square(one, factor * one, factor**2 * one, size)[0])
    return float(n_periods * math.exp(-lag * log_square))


def weakest(*weights: PolicyWeights) -> float:
    """Give the smallest usable sample of several policies."""
    return min(one.usable_sample for one in weights)


def _expected_sample(propensity: Propensity, policy: Policy, runs: int, length: int) -> float:
    """Give how many of the runs of periods the policy leaves, were the propensity true; NaN if unknown."""
    space = propensity.space
    factor = policy.multiple_of(propensity)
    if factor is not None:
        ratio = factor**2 * propensity.expected
    elif policy.image is not None or policy.image_at is not None:
        ratio = np.empty(space.n_periods)
        for t in range(space.n_periods):
            image = policy.image if policy.image is not None else policy.image_at(t)  # type: ignore[misc]
            observed = np.exp(propensity.log_inside(t, t + 1)[0])
            with np.errstate(over="ignore", divide="ignore"):
                ratio[t] = (image[space.inside] ** 2 / observed).sum() * space.pixel_km2
    else:
        return math.nan
    square = log_mean_square(propensity.expected, policy.expected, ratio, propensity.size, policy.size)
    square = np.where(np.isnan(square), np.inf, square)
    if length > 1:
        square = np.lib.stride_tricks.sliding_window_view(square, length).sum(axis=1)
    square = square[:runs]
    top = float(square.max())
    if math.isinf(top):
        return 0.0
    return float(runs * math.exp(-top - math.log(float(np.exp(square - top).mean()))))
