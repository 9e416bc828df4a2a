"""Effect modification: how the difference between two policies varies with a surface."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from ._contrast import peer_stabilizer
from ._lookup import nearest_valid, quantile7
from ._space import Convention, EventPoints, SpaceTime, check_convention
from ._spline import natural_spline
from ._surfaces import Surface
from ._weights import LEAST_EFFECTIVE, PolicyWeights, weakest

__all__ = ["Modification", "effect_modification"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
_CURVE_POINTS = 20


@dataclass(frozen=True, eq=False)
class Modification:
    """How the difference between two policies varies with a surface; made by `effect_modification`.

    Parameters
    ----------
    modifier
        Name of the surface.
    coefficients, covariance
        Of the constant and the spline's columns.
    knots
        Inner knots of the spline, at equal shares of the pixels.
    at, curve, variance
        Values of the modifier, the difference there, and its variance, which is missing where an effective
        sample is below 30.
    total
        Sum of the curve over the pixels, a mean over periods where the modifier moves: the difference in the
        whole window.
    statistic, p_value
        Chi-squared test that the curve is flat, missing where the covariance cannot be inverted.
    unit
        Of curve and coefficients.
    reason
        Why there is no variance, empty where there is.
    """

    modifier: str
    coefficients: Floats
    covariance: Floats = field(repr=False)
    knots: Floats
    at: Floats = field(repr=False)
    curve: Floats = field(repr=False)
    variance: Floats = field(repr=False)
    total: float
    statistic: float
    p_value: float
    unit: str
    reason: str = ""


def effect_modification(
    space: SpaceTime,
    outcome: EventPoints,
    modifier: Surface,
    one: PolicyWeights,
    two: PolicyWeights,
    *,
    columns: int = 3,
    convention: Convention = "afterstrike",
) -> Modification:
    r"""Estimate how the difference between two policies varies with a surface.

    Weighted mean counts of each pixel, second policy minus first, are projected on a natural cubic spline
    of the modifier: :math:`b = \sum_t (s_{2t} - s_{1t}) (X'X)^{-1} X' Y_t` with shares s of the weights.

    Parameters
    ----------
    space
        Window, grid and periods.
    outcome
        Events, counted in pixels.
    modifier
        A surface of shape (rows, columns), or (n_periods, rows, columns), of which each outcome takes that of
        the first period under the policy: not caused by the strikes that the policies are about.
    one, two
        Weights of the two policies, as for `compare_policies`.
    columns
        Columns of the spline beside the constant, 1 (a line) to 8.
    convention
        `afterstrike`: events per km2 and period; the covariance is that of a ratio. `geocausal-0.4`: events
        per pixel, the modifier stretched over the grid where border columns were cut off, and the peer's
        bound.

    Returns
    -------
    Modification
        It describes where the difference was larger, not why.

    Raises
    ------
    UsageError
        The modifier does not fit the grid, or has too few different values for the spline.
    """
    peer = check_convention(convention)
    moves = modifier.values.ndim == 3
    if modifier.values.shape not in (space.shape, (space.n_periods, *space.shape)):
        raise UsageError(
            f"modifier has shape {modifier.values.shape}; allowed {space.shape}, or "
            f"{(space.n_periods, *space.shape)} where it moves with time"
        )
    if not 1 <= columns <= 8:
        raise UsageError(f"columns={columns!r}; allowed 1 to 8")
    # The pair of an outcome takes the modifier of the first period under the policy.
    first = one.outcome_period - one.outcome_period[0] if moves else np.zeros(1, np.int64)
    images = modifier.values[first] if moves else modifier.values[None]
    used, values, reference = _modifier_values(space, modifier, images, peer)
    if len(np.unique(reference)) < columns + 2:
        raise UsageError(f"modifier {modifier.name!r} has too few different values for {columns} columns")
    knots = quantile7(reference, np.arange(1, columns) / columns)
    ends = float(reference.min()), float(reference.max())
    designs = [_design(row, knots, ends) for row in values]
    counts = _pixel_counts(space, outcome, used, moved=not peer)
    if not peer:
        counts = counts / space.pixel_km2
    if any(np.linalg.matrix_rank(design) < design.shape[1] for design in designs):
        raise EstimateRefused(f"the spline of {modifier.name!r} has dependent columns; use fewer columns")
    outcomes = counts[one.outcome_period]
    if moves:
        fitted = np.stack([np.linalg.pinv(x) @ row for x, row in zip(designs, outcomes, strict=True)])
    else:
        fitted = outcomes @ np.linalg.pinv(designs[0]).T
    b_one, b_two = one.shares @ fitted, two.shares @ fitted
    make = _peer_covariance if peer else _covariance
    covariance = make(fitted, one, two, b_one, b_two)
    weak = not peer and weakest(one, two) < LEAST_EFFECTIVE
    if weak:
        covariance = np.full_like(covariance, np.nan)
    b = b_two - b_one
    statistic, p_value = _flatness(b[1:], covariance[1:, 1:])
    at = np.linspace(ends[0], ends[1], _CURVE_POINTS)
    lines = _design(at, knots, ends)
    area = 1.0 if peer else space.pixel_km2
    spread = np.einsum("ij,jk,ik->i", lines, covariance, lines)
    return Modification(
        modifier.name, b, covariance, knots, at, lines @ b, spread,
        float(np.mean([(x @ b).sum() for x in designs]) * area), statistic, p_value,
        "events a period and pixel" if peer else "events a period and km2",
        f"effective sample {weakest(one, two):.1f}, below {LEAST_EFFECTIVE:g}" if weak else "",
    )  # fmt: skip


def _design(values: Floats, knots: Floats, ends: tuple[float, float]) -> Floats:
    return np.column_stack([np.ones(len(values)), natural_spline(values, knots, ends)])


def _modifier_values(
    space: SpaceTime, modifier: Surface, images: Floats, peer: bool
) -> tuple[Mask, Floats, Floats]:
    """Give the pixels used, the modifier there (a row a period), and the values the spline is built on."""
    images = np.where(space.inside, images, np.nan)
    if peer and modifier.trim:
        rows, columns = np.nonzero(space.inside)
        cut = images[:, rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        index = []
        for n, held in zip(space.shape, cut.shape[1:], strict=True):
            # The smaller map is laid over the whole grid, each pixel taking the nearest of its own.
            at = 1 + ((np.arange(n) + 0.5) * held / n - 0.5)
            index.append(np.clip(np.round(at) - 1, 0, held - 1).astype(np.int64))
        images = cut[:, index[0][:, None], index[1]]
    used = space.inside & np.isfinite(images).all(axis=0)
    if not used.any():
        raise UsageError(f"modifier {modifier.name!r} has no value inside the window")
    return used, images[:, used], images[np.isfinite(images)]


def _pixel_counts(space: SpaceTime, outcome: EventPoints, used: Mask, *, moved: bool) -> Floats:
    events = outcome.within(space.n_periods)
    if moved:
        row, column = nearest_valid(space, used, events.x_km, events.y_km)
    else:
        row, column = space.pixel_of(events.x_km, events.y_km)
    counts = np.zeros((space.n_periods, *space.shape))
    np.add.at(counts, (events.period, row, column), 1.0)
    found: Floats = counts[:, used]
    return found


def _covariance(
    fitted: Floats, one: PolicyWeights, two: PolicyWeights, b_one: Floats, b_two: Floats
) -> Floats:
    """Give the covariance of a difference of ratios, with Bartlett weights over neighbouring periods."""
    parts = two.shares[:, None] * (fitted - b_two) - one.shares[:, None] * (fitted - b_one)
    width = one.lag + int(len(parts) ** (1 / 3))
    total = parts.T @ parts
    for gap in range(1, min(width, len(parts) - 1) + 1):
        cross = parts[gap:].T @ parts[:-gap]
        total = total + (1 - gap / (width + 1)) * (cross + cross.T)
    return total


def _peer_covariance(
    fitted: Floats, one: PolicyWeights, two: PolicyWeights, b_one: Floats, b_two: Floats
) -> Floats:
    n, k = fitted.shape
    stack = np.column_stack(
        [fitted * (w.weights / w.mean_weight)[:, None] for w in (one, two)] + [one.weights, two.weights]
    )
    joined = np.column_stack(
        [-np.eye(k), np.eye(k), b_one / peer_stabilizer(one), -b_two / peer_stabilizer(two)]
    )
    found: Floats = joined @ (stack.T @ stack / n) @ joined.T / n
    return found


def _flatness(slopes: Floats, covariance: Floats) -> tuple[float, float]:
    from scipy.stats import chi2

    if not np.isfinite(covariance).all() or np.linalg.cond(covariance) > 1e14:
        return math.nan, math.nan
    statistic = float(slopes @ np.linalg.solve(covariance, slopes))
    return statistic, float(chi2.sf(statistic, len(slopes)))
