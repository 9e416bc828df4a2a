"""Covariate surfaces: distance to places and lines, what happened before, a user's raster, a daily series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import UsageError
from ._smooth import smooth_events
from ._space import Convention, EventPoints, SpaceTime, check_convention
from ._spline import natural_spline

__all__ = ["Surface", "distance_surface", "prior_events_surface", "raster_surface", "spline_surfaces"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Surface:
    """A covariate over space, time or both.

    Parameters
    ----------
    name
        What a table of coefficients calls it.
    values
        Shape (rows, columns), the same in every period; (n_periods, rows, columns); or (n_periods,), the same
        everywhere. Values outside the window are not used.
    trim
        The peer's distance maps lose border rows and columns without any pixel inside; True keeps that.
    """

    name: str
    values: Floats = field(repr=False)
    trim: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", np.asarray(self.values, np.float64))

    def check(self, space: SpaceTime) -> None:
        """Refuse values that do not fit the grid or are missing inside the window."""
        rows, columns = space.shape
        allowed = ((rows, columns), (space.n_periods, rows, columns), (space.n_periods,))
        if self.values.shape not in allowed:
            shapes = ", ".join(map(str, allowed))
            raise UsageError(f"surface {self.name!r} has shape {self.values.shape}; allowed {shapes}")
        used = self.values if self.values.ndim == 1 else self.values[..., space.inside]
        if not np.isfinite(used).all():
            raise UsageError(
                f"surface {self.name!r} holds {int((~np.isfinite(used)).sum())} values inside the window "
                "that are not finite; fill them, or shrink the window"
            )

    def inside_at(self, space: SpaceTime, first: int, last: int) -> Floats:
        """Give the values at the pixels inside in the periods first to last - 1, as `inside` shapes them."""
        if self.values.ndim == 1:
            return self.values[first:last, None]
        if self.values.ndim == 2:
            return self.inside(space)
        return np.asarray(self.values[first:last][:, space.inside])

    def inside(self, space: SpaceTime) -> Floats:
        """Give the values at the pixels inside: shape (1, n), (n_periods, n), or (n_periods, 1)."""
        if self.values.ndim == 1:
            return self.values[:, None]
        return np.atleast_2d(self.values[..., space.inside])


def distance_surface(
    space: SpaceTime,
    places: Any,
    *,
    in_km: bool = False,
    name: str = "distance_km",
    convention: Convention = "afterstrike",
) -> Surface:
    """Give the distance of each pixel centre to the nearest of some places, km on the plane.

    Parameters
    ----------
    space
        Window and grid.
    places
        Positions of shape (n, 2) or (2,), longitude and latitude, and lines as a list of such arrays, each
        of at least two positions; or a shapely geometry.
    in_km
        `places` are x and y on the plane of `space` instead of degrees.
    name
        Name of the covariate.
    convention
        `geocausal-0.4`: border rows and columns without a pixel inside are treated as cut off.

    Returns
    -------
    Surface
        Shape (rows, columns); NaN outside the window.
    """
    import shapely

    trim = check_convention(convention)
    geometry = _places(places)
    if not in_km:
        divided = shapely.segmentize(geometry, 0.1)
        geometry = shapely.transform(divided, lambda xy: np.column_stack(space.to_km(xy[:, 0], xy[:, 1])))
    x, y = np.meshgrid(space.x_km, space.y_km)
    points = shapely.get_parts(geometry)
    if all(part.geom_type == "Point" for part in points):
        distance = np.full(space.shape, np.inf)
        for part in points:
            distance = np.minimum(distance, np.sqrt((x - part.x) ** 2 + (y - part.y) ** 2))
    else:
        shapely.prepare(geometry)
        distance = shapely.distance(geometry, shapely.points(x, y))
    return Surface(name, np.where(space.inside, distance, np.nan), trim)


def _places(places: Any) -> Any:
    import shapely
    from shapely.geometry.base import BaseGeometry

    if isinstance(places, BaseGeometry):
        return places
    try:
        if isinstance(places, Sequence) and places and np.ndim(places[0]) == 2:
            return shapely.GeometryCollection(
                [shapely.LineString(np.asarray(line, float)) for line in places]
            )
        positions = np.atleast_2d(np.asarray(places, np.float64))
    except (TypeError, ValueError):
        positions = np.zeros((0, 0))
    if (
        positions.ndim != 2
        or positions.shape[1:] != (2,)
        or not len(positions)
        or not np.isfinite(positions).all()
    ):
        raise UsageError(
            "places hold no positions; allowed an array of shape (n, 2), a list of lines of shape (n, 2), "
            "or a shapely geometry"
        )
    return shapely.MultiPoint(positions)


def raster_surface(
    space: SpaceTime,
    values: npt.ArrayLike,
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    *,
    name: str,
    in_km: bool = False,
) -> Surface:
    """Read a raster of one's own at the pixel centres, each from its nearest cell.

    Parameters
    ----------
    space
        Window and grid.
    values
        Shape (n_lat, n_lon), or (n_periods, n_lat, n_lon).
    lon, lat
        Centres of the raster's columns and rows in degrees, each rising or falling.
    name
        Name of the covariate.
    in_km
        `lon` and `lat` are x and y on the plane of `space`.

    Raises
    ------
    UsageError
        Shapes do not agree, or a pixel inside the window lies more than a cell outside the raster.

    Examples
    --------
    >>> space = SpaceTime.over((40, 34, 42, 36), shape=8, n_periods=1)
    >>> lon, lat = np.linspace(39.9, 42.1, 23), np.linspace(36.1, 33.9, 23)
    >>> read = raster_surface(space, lat[:, None] * np.ones(23), lon, lat, name="latitude")
    >>> bool(read.values[0, 4] < read.values[7, 4])
    True
    """
    raster, axes = np.asarray(values, np.float64), [np.asarray(axis, np.float64) for axis in (lat, lon)]
    if raster.ndim not in (2, 3) or raster.shape[-2:] != (len(axes[0]), len(axes[1])):
        raise UsageError(
            f"raster {name!r} has shape {raster.shape}, lat {axes[0].shape}, lon {axes[1].shape}; "
            "allowed (n_lat, n_lon) or (n_periods, n_lat, n_lon)"
        )
    x, y = np.meshgrid(space.x_km, space.y_km)
    across, up = (x, y) if in_km else space.to_degrees(x, y)
    index = []
    for axis, at in zip(axes, (up, across), strict=True):
        order = np.argsort(axis)
        rising = axis[order]
        if len(axis) < 2 or not (np.diff(rising) > 0).all():
            raise UsageError(f"raster {name!r}: lon and lat must each hold two or more different numbers")
        nearest = np.abs(np.searchsorted((rising[1:] + rising[:-1]) / 2, at))
        gap = np.abs(rising[nearest] - at)[space.inside].max()
        if gap > np.diff(rising).max():
            raise UsageError(
                f"raster {name!r} does not cover the window: a pixel is {gap:g} away from its cells"
            )
        index.append(order[nearest])
    found = raster[..., index[0], index[1]]
    return Surface(name, np.where(space.inside, found, np.nan))


def prior_events_surface(
    space: SpaceTime,
    points: EventPoints,
    *,
    periods: int | tuple[int, int],
    bandwidth_km: float,
    name: str,
    log: bool = True,
) -> Surface:
    """Give what happened before each period: smoothed events of the periods before it.

    Parameters
    ----------
    space
        Window, grid and periods.
    points
        Events; negative periods are the history before the first one (see `SpaceTime.points`).
    periods
        How many periods back, the one just before being 1; or `(first, last)`, both counted.
    bandwidth_km
        Standard deviation of the smoothing kernel.
    name
        Name of the covariate.
    log
        Give log(1 + x / mean x) rather than x, so that a few very busy days do not rule the fit.

    Returns
    -------
    Surface
        Shape (n_periods, rows, columns). Periods whose history lies before the events given see less of it.
    """
    first, last = (1, periods) if isinstance(periods, int) else periods
    if not 1 <= first <= last:
        raise UsageError(
            f"periods={periods!r}; allowed whole numbers from 1, (first, last) with first <= last"
        )
    history = space.__class__(space.window, space.shape, space.n_periods + last, space.period_days)
    shifted = EventPoints(points.x_km, points.y_km, points.period + last)
    daily = _daily(history, shifted, bandwidth_km)
    total = np.concatenate([np.zeros((1, *daily.shape[1:])), np.cumsum(daily, axis=0)])
    # Period t of the study is t + last here; its history runs from t to t + last - first, both counted.
    now = np.arange(space.n_periods)
    values = np.maximum(total[now + last - first + 1] - total[now], 0.0)
    mean = float(values[..., space.inside].mean())
    if log and mean > 0:
        values = np.log1p(values / mean)
    values[..., ~space.inside] = np.nan
    return Surface(name, values)


def _daily(space: SpaceTime, points: EventPoints, bandwidth_km: float) -> Floats:
    """Smooth each period's events, corrected at the edge event by event."""
    if not (np.isfinite(bandwidth_km) and bandwidth_km > 0):
        raise UsageError(f"bandwidth_km={bandwidth_km!r}; allowed a number of km above 0")
    daily = smooth_events(space, points.within(space.n_periods), bandwidth_km=bandwidth_km)
    return np.nan_to_num(daily, nan=0.0)


def spline_surfaces(space: SpaceTime, surface: Surface, *, columns: int = 3) -> list[Surface]:
    """Give the columns of a natural cubic spline of a covariate, for a propensity that need not be linear in
    it.

    Parameters
    ----------
    space
        Window, grid and periods.
    surface
        The covariate.
    columns
        1 to 10; inner knots lie at its quantiles inside the window.

    Raises
    ------
    UsageError
        Columns are not allowed, or the covariate has too few values for the knots.
    """
    if isinstance(columns, bool) or not isinstance(columns, int) or not 1 <= columns <= 10:
        raise UsageError(f"columns={columns!r}; allowed whole numbers from 1 to 10")
    surface.check(space)
    used = surface.values if surface.values.ndim == 1 else surface.values[..., space.inside]
    ends = float(used.min()), float(used.max())
    knots = np.quantile(used, np.arange(1, columns) / columns)
    if ends[0] == ends[1] or len(np.unique([*knots, *ends])) < columns + 1:
        raise UsageError(
            f"surface {surface.name!r} has too few different values for {columns} columns; use fewer"
        )
    # Outside the window values are not used, and may be anything.
    values = np.clip(np.nan_to_num(surface.values, nan=ends[0]), *ends)
    made = natural_spline(values.ravel(), knots, ends)
    return [
        Surface(f"{surface.name} {k + 1}", column.reshape(values.shape), surface.trim)
        for k, column in enumerate(made.T)
    ]
