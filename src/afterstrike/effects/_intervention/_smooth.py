"""Smoothing events into densities and intensities, with correction at the edge of the window.

A product Gaussian kernel is separable, so a smoothed image is a product of three small matrices: exact
where a Fourier transform leaves rounding noise, and faster. One bandwidth an event costs no more than one
for all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from ._lookup import nearest_valid, quantile7
from ._space import Convention, EventPoints, SpaceTime, check_convention, need_events

__all__ = ["adaptive_bandwidths", "base_density", "scott_bandwidth", "smooth_events"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# The peer's pilot density is always made on this grid.
_PEER_PILOT = (128, 128)
# Abramson: no event's bandwidth is more than so many times the mean one.
_MOST_WIDENED = 5.0


def scott_bandwidth(points: EventPoints) -> tuple[float, float]:
    """Give Scott's bandwidth along x and y, km: standard deviation times n to the power -1/6.

    Raises
    ------
    EstimateRefused
        Fewer than two events, or all at one x or y.
    """
    if len(points) < 2:
        raise EstimateRefused(f"{len(points)} events: a bandwidth needs at least two; give bandwidth_km=...")
    shrink = len(points) ** (-1 / 6)
    found = tuple(float(axis.std(ddof=1) * shrink) for axis in (points.x_km, points.y_km))
    if min(found) <= 0:
        raise EstimateRefused(
            "all events lie on one line, so no bandwidth can be read off; give bandwidth_km=..."
        )
    return found[0], found[1]


def base_density(
    space: SpaceTime,
    points: EventPoints,
    *,
    bandwidth_km: float | tuple[float, float] | None = None,
) -> Floats:
    r"""Estimate where events fall, as a density over the window.

    :math:`g(u) \propto \sum_i K_h(u - x_i) / \int_W K_h(u - v) dv`, scaled so that it integrates to 1.

    Parameters
    ----------
    space
        Window and grid.
    points
        Events, of any period.
    bandwidth_km
        Standard deviation of the Gaussian kernel along x and y, or one for both. None: `scott_bandwidth`.

    Returns
    -------
    ndarray, shape (rows, columns)
        Per km2; NaN outside the window.

    Raises
    ------
    EstimateRefused
        No events, or none from which a bandwidth can be read.
    """
    need_events(points, "events")
    density = _pilot(space, points, _pair(bandwidth_km) if bandwidth_km else scott_bandwidth(points))
    density /= float(density[space.inside].sum()) * space.pixel_km2
    return density


def adaptive_bandwidths(
    space: SpaceTime, points: EventPoints, *, convention: Convention = "afterstrike"
) -> Floats:
    r"""Give every event its own bandwidth, wide where events are few (Abramson's square-root law).

    :math:`h_i = h_0 \min(f(x_i)^{-1/2} / \gamma, 5)` with a pilot density f, gamma the geometric mean of
    :math:`f^{-1/2}` over the events, and :math:`h_0` the mean of the two Scott bandwidths.

    Parameters
    ----------
    space, points
        Window and grid; events of all periods together.
    convention
        `afterstrike`: the pilot is made on the grid of `space`. `geocausal-0.4`: always on 128 x 128 pixels.

    Returns
    -------
    ndarray, shape (n,)
        Km.

    References
    ----------
    Abramson, I. S. (1982). On bandwidth variation in kernel estimates: a square root
    law. Annals of Statistics 10, 1217-1223. doi:10.1214/aos/1176345986
    """
    need_events(points, "events")
    scott = scott_bandwidth(points)
    grid = space.with_shape(_PEER_PILOT) if check_convention(convention) else space
    pilot = _pilot(grid, points, scott)
    known = pilot[grid.inside]
    known[known <= 0] = known[known > 0].min()
    pilot[grid.inside] = known / (known.sum() * grid.pixel_km2)
    density = pilot[nearest_valid(grid, grid.inside, points.x_km, points.y_km)]
    gamma = np.exp(np.mean(np.log(density))) ** -0.5
    widened: Floats = sum(scott) / 2 * np.minimum(density**-0.5 / gamma, _MOST_WIDENED)
    return widened


def smooth_events(
    space: SpaceTime,
    points: EventPoints,
    *,
    bandwidth_km: float | tuple[float, float] | npt.ArrayLike | None = None,
    convention: Convention = "afterstrike",
) -> Floats:
    r"""Smooth the events of each period into an intensity.

    :math:`Y_t(u) = \sum_i K_{h_i}(u - x_i) / \int_W K_{h_i}(v - x_i) dv`: every event counts as one inside
    the window, so an image sums to the number of its events.

    Parameters
    ----------
    space
        Window, grid and periods.
    points
        Events; those before the first period are not smoothed.
    bandwidth_km
        One number, one each for x and y, or one for each event. None: `adaptive_bandwidths`.
    convention
        `afterstrike`: each event keeps its own bandwidth, and an event in a pixel whose centre is outside is
        moved to the nearest pixel inside. `geocausal-0.4`: the events of a period are put into
        floor(sqrt(n)) groups of like bandwidth, which share one.

    Returns
    -------
    ndarray, shape (n_periods, rows, columns)
        Events per km2 and period; NaN outside the window, 0 inside in a period without events.
    """
    peer = check_convention(convention)
    width, height = _bandwidths(space, points, bandwidth_km, convention)
    row, column = nearest_valid(space, space.inside, points.x_km, points.y_km)
    spot = space.pixel_of(points.x_km, points.y_km) if peer else (row, column)
    if len(points) and np.ptp(width) == 0 and np.ptp(height) == 0:
        return _alike(space, points, (float(width[0]), float(height[0])), (row, column), spot)
    grouped = peer and np.array_equal(width, height)
    images = np.zeros((space.n_periods, *space.shape))
    inside = space.inside.astype(np.float64)
    for period, members in _by_period(points, space.n_periods):
        wide, high = width[members], height[members]
        if grouped:
            wide = high = _group_bandwidths(wide)
        across, up = _profiles(space, wide, high, column[members], row[members])
        weight = 1 / ((up @ inside) * across).sum(axis=1)
        if peer:
            across, up = _profiles(space, wide, high, spot[1][members], spot[0][members])
        images[period] = (up * weight[:, None]).T @ across
    images /= space.pixel_km2
    images[:, ~space.inside] = np.nan
    return images


def _alike(
    space: SpaceTime,
    points: EventPoints,
    bandwidth: tuple[float, float],
    inside: tuple[Ints, Ints],
    spot: tuple[Ints, Ints],
) -> Floats:
    """Smooth events of one bandwidth, all periods at once: weight at the pixel inside, count at the spot."""
    weight = 1 / smooth_counts(space, space.inside * space.pixel_km2, bandwidth)[inside]
    now = (points.period >= 0) & (points.period < space.n_periods)
    counts = np.zeros((space.n_periods, *space.shape))
    np.add.at(counts, (points.period[now], spot[0][now], spot[1][now]), weight[now])
    images = smooth_counts(space, counts, bandwidth)
    images[:, ~space.inside] = np.nan
    return images


def _bandwidths(
    space: SpaceTime, points: EventPoints, given: object, convention: Convention
) -> tuple[Floats, Floats]:
    """Give one bandwidth along x and one along y for each event."""
    n = len(points)
    if given is None:
        own = adaptive_bandwidths(space, points, convention=convention) if n else np.zeros(0)
        return own, own
    values = np.atleast_1d(np.asarray(given, np.float64))
    if values.shape == (n,) and n != 2:
        both = values, values
    elif values.shape in ((1,), (2,)):
        both = np.full(n, values[0]), np.full(n, values[-1])
    else:
        raise UsageError(f"bandwidth_km has shape {values.shape}; allowed one, two, or {n} numbers of km")
    if not (np.isfinite(values) & (values > 0)).all():
        raise UsageError("bandwidth_km holds numbers that are not positive; allowed km above 0")
    return both


def _by_period(points: EventPoints, n_periods: int) -> list[tuple[int, Ints]]:
    """Give the events of each period that has any, in their order."""
    order = np.argsort(points.period, kind="stable")
    edges = np.searchsorted(points.period[order], np.arange(n_periods + 1))
    return [(t, order[a:b]) for t, (a, b) in enumerate(pairwise(edges)) if b > a]


def _group_bandwidths(bandwidth: Floats) -> Floats:
    """Replace the bandwidths of one period by those of floor(sqrt(n)) quantile groups, as the peer does."""
    groups = max(1, math.isqrt(len(bandwidth)))
    edges = np.append(np.arange(groups) * (1 / groups), 1.0)
    cut = quantile7(bandwidth, edges)
    middle = quantile7(bandwidth, (edges[1:] + edges[:-1]) / 2)
    found: Floats = middle[np.clip(np.searchsorted(cut, bandwidth, side="right") - 1, 0, groups - 1)]
    return found


def _profiles(space: SpaceTime, wide: Floats, high: Floats, column: Ints, row: Ints) -> tuple[Floats, Floats]:
    """Give each event's kernel along x and along y, each normalised over the doubled grid."""
    found = []
    for bandwidth, place, step, n in zip(
        (wide, high), (column, row), space.step_km, space.shape[::-1], strict=True
    ):
        different, which = np.unique(bandwidth, return_inverse=True)
        offsets = np.arange(-(n - 1), n + 1)
        kernel = np.exp(-0.5 * (offsets * step / different[:, None]) ** 2)
        kernel /= kernel.sum(axis=1, keepdims=True)
        found.append(kernel[which[:, None], np.arange(n) - place[:, None] + n - 1])
    return found[0], found[1]


def kernel_matrix(bandwidth: float, step: float, n: int) -> Floats:
    """Give the kernel between any two pixels of an axis, shape (n, n)."""
    offsets = np.arange(-(n - 1), n + 1)
    kernel = np.exp(-0.5 * (offsets * step / bandwidth) ** 2)
    found: Floats = (kernel / kernel.sum())[np.arange(n)[:, None] - np.arange(n) + n - 1]
    return found


def _pilot(space: SpaceTime, points: EventPoints, bandwidth: tuple[float, float]) -> Floats:
    """Smooth all events at once, divided by the kernel's mass inside the window at each pixel."""
    counts = np.zeros(space.shape)
    np.add.at(counts, space.pixel_of(points.x_km, points.y_km), 1.0)
    return smooth_counts(space, counts, bandwidth) / _mass(space, bandwidth)


def smooth_counts(space: SpaceTime, counts: npt.NDArray[Any], bandwidth: tuple[float, float]) -> Floats:
    """Smooth images of counts, shape (..., rows, columns), into intensities, without correction."""
    across = kernel_matrix(bandwidth[0], space.step_km[0], space.shape[1])
    up = kernel_matrix(bandwidth[1], space.step_km[1], space.shape[0])
    found: Floats = up @ counts @ across.T / space.pixel_km2
    return found


def _mass(space: SpaceTime, bandwidth: tuple[float, float]) -> Floats:
    """Give the share of the kernel inside the window; NaN outside the window."""
    mass = smooth_counts(space, space.inside * space.pixel_km2, bandwidth)
    mass[~space.inside] = np.nan
    return mass


def _pair(bandwidth: float | Sequence[float]) -> tuple[float, float]:
    values = np.atleast_1d(np.asarray(bandwidth, np.float64))
    if values.shape not in ((1,), (2,)) or not (np.isfinite(values) & (values > 0)).all():
        raise UsageError(f"bandwidth_km={bandwidth!r}; allowed one or two numbers of km above 0")
    return float(values[0]), float(values[-1])
