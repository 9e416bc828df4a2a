"""Region, grid and time axis of an analysis over space, in one frozen object."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from ._window import Projection, check_degrees, geometry_of, projected

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["Convention", "EventPoints", "SpaceTime", "check_convention"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Convention = Literal["afterstrike", "geocausal-0.4"]


def check_convention(convention: str) -> bool:
    """Say whether the peer's convention is asked for; refuse what is neither."""
    if convention not in get_args(Convention):
        raise UsageError(f"convention={convention!r}; allowed {', '.join(map(repr, get_args(Convention)))}")
    return convention == "geocausal-0.4"


@dataclass(frozen=True, eq=False)
class EventPoints:
    """Events on the plane of a `SpaceTime`, each in a period.

    Parameters
    ----------
    x_km, y_km
        Position, shape (n,).
    period
        Number of the period, from 0; negative ones lie before the first and serve as history only.
    n_outside
        Events that were left out because they lie outside the window.
    n_other_time
        Events that were left out because they lie outside the periods.
    """

    x_km: Floats
    y_km: Floats
    period: Ints
    n_outside: int = 0
    n_other_time: int = 0

    def __post_init__(self) -> None:
        shapes = {np.shape(self.x_km), np.shape(self.y_km), np.shape(self.period)}
        if len(shapes) != 1 or len(shapes.pop()) != 1:
            raise UsageError("x_km, y_km and period have different lengths; allowed three of shape (n,)")
        for name, kind in (("x_km", np.float64), ("y_km", np.float64), ("period", np.int64)):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=kind))
        if not (np.isfinite(self.x_km).all() and np.isfinite(self.y_km).all()):
            raise UsageError("positions hold numbers that are not finite; leave out rows without a place")

    def __len__(self) -> int:
        return len(self.x_km)

    def per_period(self, n_periods: int) -> Ints:
        """Give the number of events of each period, shape (n_periods,); history is not counted."""
        now = self.period[(self.period >= 0) & (self.period < n_periods)]
        return np.bincount(now, minlength=n_periods).astype(np.int64)

    def within(self, n_periods: int) -> EventPoints:
        """Give the events of the periods 0 to n_periods - 1, without the history."""
        keep = (self.period >= 0) & (self.period < n_periods)
        return self if keep.all() else EventPoints(self.x_km[keep], self.y_km[keep], self.period[keep])

    def __repr__(self) -> str:
        return f"EventPoints({len(self)} events, {self.n_outside} left out as outside the window)"


@dataclass(frozen=True, eq=False)
class SpaceTime:
    """Hold window, projection, grid and periods together.

    Make one with `SpaceTime.over` (degrees) or `SpaceTime.from_km`.

    Parameters
    ----------
    window
        The region, a shapely polygon or multipolygon in km.
    shape
        Rows and columns of the grid over the window's bounding box. A pixel belongs to the window when its
        centre does. Row 0 is the southernmost, column 0 the westernmost.
    n_periods
        Number of periods.
    period_days
        Length of a period in days.
    start
        First day, None where periods are only numbered.
    crs
        Coordinate system of the plane, None where only km are known.

    Examples
    --------
    >>> space = SpaceTime.over((38.8, 29.1, 48.6, 37.4), shape=(40, 50), start="2006-01-01", n_periods=60)
    >>> space
    SpaceTime(40 x 50 pixels, 19.1 x 23.3 km, 60 periods of 1 day from 2006-01-01)
    >>> days = ["2006-01-02", "2006-02-01", "2006-02-01"]
    >>> events = space.points([44.4, 44.4, 10.0], [33.3, 33.3, 33.3], days)
    >>> events
    EventPoints(2 events, 1 left out as outside the window)
    >>> events.period.tolist()
    [1, 31]
    """

    window: BaseGeometry = field(repr=False)
    shape: tuple[int, int]
    n_periods: int
    period_days: int = 1
    start: str | None = None
    crs: str | None = None

    def __post_init__(self) -> None:
        rows, columns = (int(n) for n in self.shape)
        if min(rows, columns) < 2 or max(rows, columns) > 4096:
            raise UsageError(f"shape={self.shape!r}; allowed (rows, columns), each 2 to 4096")
        if self.n_periods < 1 or self.period_days < 1:
            raise UsageError(
                f"n_periods={self.n_periods!r}, period_days={self.period_days!r}; "
                "allowed whole numbers from 1"
            )
        object.__setattr__(self, "shape", (rows, columns))
        if not self.inside.any():
            raise UsageError(f"no pixel centre of {rows} x {columns} lies in the window; use a finer grid")

    @classmethod
    def over(
        cls,
        region: Any,
        *,
        shape: int | tuple[int, int],
        n_periods: int,
        start: str | None = None,
        period_days: int = 1,
        crs: str | None = None,
    ) -> SpaceTime:
        """Make one for a region in degrees.

        Parameters
        ----------
        region
            A GeoJSON file or mapping with polygons (holes are kept), a box `(west, south, east, north)`, a
            country code of the shipped outline (coarse), one ring of shape (n, 2), or a shapely polygon.
        shape
            Rows and columns, or one number for both.
        n_periods, start, period_days
            The time axis.
        crs
            A projected coordinate system as pyproj takes it. None: equal-area, centred on the region.

        Raises
        ------
        UsageError, SourceError
            The region, the grid or the coordinate system is not allowed; the message says what is.
        """
        geometry = geometry_of(region)
        check_degrees(geometry)
        west, south, east, north = geometry.bounds
        crs = crs or Projection.centred((west + east) / 2, (south + north) / 2)
        return cls(projected(geometry, Projection(crs)), _pair(shape), n_periods, period_days, start, crs)

    @classmethod
    def from_km(
        cls,
        region: Any,
        *,
        shape: int | tuple[int, int],
        n_periods: int,
        start: str | None = None,
        period_days: int = 1,
        crs: str | None = None,
    ) -> SpaceTime:
        """Make one for a region already on a plane in km; arguments as in `SpaceTime.over`.

        `crs` is only needed to project further places; its unit is turned into km.
        """
        if crs is not None:
            Projection(crs)
        return cls(geometry_of(region), _pair(shape), n_periods, period_days, start, crs)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Lowest x, lowest y, highest x, highest y of the window, km."""
        west, south, east, north = self.window.bounds
        return float(west), float(south), float(east), float(north)

    @property
    def step_km(self) -> tuple[float, float]:
        """Width and height of a pixel."""
        west, south, east, north = self.bounds
        return (east - west) / self.shape[1], (north - south) / self.shape[0]

    @property
    def pixel_km2(self) -> float:
        """Area of a pixel."""
        return self.step_km[0] * self.step_km[1]

    @cached_property
    def x_km(self) -> Floats:
        """Pixel centres from west to east, shape (columns,)."""
        return np.asarray(self.bounds[0] + (np.arange(self.shape[1]) + 0.5) * self.step_km[0], np.float64)

    @cached_property
    def y_km(self) -> Floats:
        """Pixel centres from south to north, shape (rows,)."""
        return np.asarray(self.bounds[1] + (np.arange(self.shape[0]) + 0.5) * self.step_km[1], np.float64)

    @cached_property
    def inside(self) -> Mask:
        """Which pixel centres lie in the window, shape (rows, columns)."""
        return self.in_window(*np.meshgrid(self.x_km, self.y_km))

    def in_window(self, x_km: npt.ArrayLike, y_km: npt.ArrayLike) -> Mask:
        """Say which positions lie in the window."""
        return contains(self.window, x_km, y_km)

    def with_shape(self, shape: tuple[int, int]) -> SpaceTime:
        """Give the same window and periods on another grid."""
        return SpaceTime(self.window, shape, self.n_periods, self.period_days, self.start, self.crs)

    @cached_property
    def _projection(self) -> Projection:
        if self.crs is None:
            raise UsageError("this SpaceTime knows no crs, so degrees cannot be projected; give crs=...")
        return Projection(self.crs)

    def to_km(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Project degrees (WGS84) to the plane."""
        return self._projection.to_km(lon, lat)

    def to_degrees(self, x_km: npt.ArrayLike, y_km: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Give longitude and latitude of positions on the plane."""
        return self._projection.to_degrees(x_km, y_km)

    def period_of(self, times: Any) -> Ints:
        """Give the number of the period of each time; before the first it is negative."""
        if self.start is None:
            raise UsageError(
                "this SpaceTime knows no start, so dates have no period; give start='2006-01-01'"
            )
        try:
            days = np.asarray(times, "datetime64[D]").astype(np.int64)
            first = int(np.datetime64(self.start, "D").astype(np.int64))
        except (ValueError, TypeError) as problem:
            raise UsageError(f"a date cannot be read ({problem}); allowed as 2006-01-31") from None
        return np.floor_divide(days - first, self.period_days)

    def points(
        self,
        lon: npt.ArrayLike,
        lat: npt.ArrayLike,
        times: Any,
        *,
        history_periods: int = 0,
        convention: Convention = "afterstrike",
    ) -> EventPoints:
        """Project events and give each its period.

        Parameters
        ----------
        lon, lat
            Degrees, WGS84, shape (n,).
        times
            Dates (anything NumPy reads as days).
        history_periods
            Keep this many periods before the first one, as history.
        convention
            `afterstrike`: events outside the window are left out and counted. `geocausal-0.4`: they are kept,
            as the peer keeps them.
        """
        x, y = self.to_km(lon, lat)
        return self.points_km(
            x, y, self.period_of(times), history_periods=history_periods, convention=convention
        )

    def points_km(
        self,
        x_km: npt.ArrayLike,
        y_km: npt.ArrayLike,
        period: npt.ArrayLike,
        *,
        history_periods: int = 0,
        convention: Convention = "afterstrike",
    ) -> EventPoints:
        """Give events already in km, numbered by period from 0; see `points`."""
        peer = check_convention(convention)
        every = EventPoints(np.asarray(x_km, float), np.asarray(y_km, float), np.asarray(period, np.int64))
        in_time = (every.period >= -history_periods) & (every.period < self.n_periods)
        inside = np.ones(len(every), bool) if peer else self.in_window(every.x_km, every.y_km)
        keep = in_time & inside
        return EventPoints(
            every.x_km[keep],
            every.y_km[keep],
            every.period[keep],
            n_outside=int((in_time & ~inside).sum()),
            n_other_time=int((~in_time).sum()),
        )

    def pixel_of(self, x_km: Floats, y_km: Floats, *, ties_up: bool = False) -> tuple[Ints, Ints]:
        """Give row and column of the pixel each position lies in; positions outside go to the border.

        A position half-way between two centres, up to rounding, goes to the even one-based number, as R's
        round() does, or with `ties_up` always to the higher.
        """
        found = []
        for value, centres, step, n in zip(
            (y_km, x_km), (self.y_km, self.x_km), self.step_km[::-1], self.shape, strict=True
        ):
            at = (value - centres[0]) / step
            index = np.floor(at + 0.5 + 1e-9) if ties_up else np.round(1 + at) - 1
            found.append(np.clip(index, 0, n - 1).astype(np.int64))
        return found[0], found[1]

    def require_km(self, name: str, image: npt.ArrayLike) -> Floats:
        """Check that an image has this grid's rows and columns."""
        values = np.asarray(image, np.float64)
        if values.shape[-2:] != self.shape:
            raise UsageError(
                f"{name} has shape {values.shape}; allowed (..., {self.shape[0]}, {self.shape[1]})"
            )
        return values

    def __repr__(self) -> str:
        rows, columns = self.shape
        days = f"{self.period_days} day{'' if self.period_days == 1 else 's'}"
        since = f" from {self.start}" if self.start else ""
        width, height = self.step_km
        return (
            f"SpaceTime({rows} x {columns} pixels, {width:.1f} x {height:.1f} km, "
            f"{self.n_periods} periods of {days}{since})"
        )


def contains(geometry: BaseGeometry, x_km: npt.ArrayLike, y_km: npt.ArrayLike) -> Mask:
    """Say which positions lie in a geometry or on its border."""
    import shapely

    shapely.prepare(geometry)
    found: Mask = shapely.intersects_xy(geometry, np.asarray(x_km, float), np.asarray(y_km, float))
    return found


def need_events(points: EventPoints, what: str) -> None:
    """Refuse an empty pattern."""
    if not len(points):
        raise EstimateRefused(
            f"there are no {what} in the window and periods ({points.n_outside} outside the window, "
            f"{points.n_other_time} in other periods); check region, crs and dates"
        )


def _pair(shape: Any) -> tuple[int, int]:
    pair = (shape, shape) if np.isscalar(shape) else tuple(shape)
    if len(pair) != 2 or any(isinstance(n, str | bool) or not math.isfinite(n) or n != int(n) for n in pair):
        raise UsageError(f"shape={shape!r}; allowed (rows, columns) or one whole number")
    return int(pair[0]), int(pair[1])
