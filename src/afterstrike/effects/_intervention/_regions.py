"""Where outcomes are summed: distance bands, polygons, masks; and the outcome of each period in each of
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import UsageError
from ._lookup import nearest_valid
from ._space import EventPoints, SpaceTime, contains
from ._surfaces import Surface
from ._window import geometry_of, projected

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["Area", "areas_of", "blocks_of", "distance_areas", "outcome_totals", "peer_totals"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Area:
    """A part of the window in which outcomes are summed.

    Parameters
    ----------
    name
        What tables call it.
    mask
        Its pixels, shape (rows, columns).
    geometry
        Its outline in km, None where only pixels are known.
    peer_mask
        The peer's mask of a distance band, with border rows and columns cut off; None for other areas.
    """

    name: str
    mask: Mask = field(repr=False)
    geometry: BaseGeometry | None = field(default=None, repr=False)
    peer_mask: Mask | None = field(default=None, repr=False)


def distance_areas(
    space: SpaceTime, distance: Surface, below_km: Sequence[float], *, whole: bool = True
) -> list[Area]:
    """Give the pixels closer than each of some distances, and the whole window last.

    Parameters
    ----------
    space
        Window and grid.
    distance
        A surface of shape (rows, columns) in km, as from `distance_surface`.
    below_km
        Distances; a pixel counts where its own is below.
    whole
        Add the whole window. A distance map made under `geocausal-0.4` adds instead the pixels closer than
        the farthest one, as the peer does.
    """
    if distance.values.shape != space.shape:
        raise UsageError(f"the distance has shape {distance.values.shape}; allowed {space.shape}")
    values = np.where(space.inside, distance.values, np.inf)
    rows, columns = np.nonzero(space.inside)
    cut = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    found = [
        Area(f"below {km:g} km", values < km, None, (values < km)[cut] if distance.trim else None)
        for km in below_km
    ]
    if whole and distance.trim:
        most = values[space.inside].max()
        found.append(Area("below the farthest", values < most, None, (values < most)[cut]))
    elif whole:
        found.append(Area("whole window", space.inside.copy(), space.window))
    return found


def areas_of(space: SpaceTime, regions: Mapping[str, Any], *, in_km: bool = False) -> list[Area]:
    """Give areas from polygons, boxes or masks.

    Parameters
    ----------
    space
        Window and grid.
    regions
        By name: anything `SpaceTime.over` takes as a region, or a mask of shape (rows, columns). Parts
        outside the window do not count.
    in_km
        Polygons are in km on the plane of `space` instead of degrees.
    """
    found = []
    x, y = np.meshgrid(space.x_km, space.y_km)
    for name, region in regions.items():
        if isinstance(region, np.ndarray) and region.dtype == bool:
            if region.shape != space.shape:
                raise UsageError(f"area {name!r} has shape {region.shape}; allowed {space.shape}")
            area = Area(name, region & space.inside)
        else:
            geometry = geometry_of(region)
            geometry = geometry if in_km else projected(geometry, space._projection)
            area = Area(name, contains(geometry, x, y) & space.inside, geometry)
        if not area.mask.any():
            raise UsageError(
                f"area {name!r} holds no pixel centre of the window; use a larger one or a finer grid"
            )
        found.append(area)
    return found


def blocks_of(space: SpaceTime, cells: int) -> list[Area]:
    """Cut the window into blocks; those that hold no pixel centre of it are left out."""
    from shapely import box

    west, south, east, north = space.bounds
    x, y = np.linspace(west, east, cells + 1), np.linspace(south, north, cells + 1)
    centre_x, centre_y = np.meshgrid(space.x_km, space.y_km)
    found = []
    for row in range(cells):
        for column in range(cells):
            part = box(x[column], y[row], x[column + 1], y[row + 1]).intersection(space.window)
            if part.area <= 0:
                continue
            mask = contains(part, centre_x, centre_y) & space.inside
            if mask.any():
                found.append(Area(f"row {row + 1}, column {column + 1}", mask, part))
    return found


def outcome_totals(space: SpaceTime, outcome: Floats | EventPoints, areas: Sequence[Area]) -> Floats:
    """Give the outcome of each period in each area, shape (n_periods, areas).

    Parameters
    ----------
    space
        Window, grid and periods.
    outcome
        Events, which are counted by where they lie (in an area known by its pixels: by the pixel), or images
        (n_periods, rows, columns) per km2, which are summed over the area's pixels.
    areas
        Where.
    """
    if isinstance(outcome, EventPoints):
        return _counted(space, outcome.within(space.n_periods), areas)
    images = space.require_km("outcome", outcome)
    if images.shape[0] != space.n_periods or images.ndim != 3:
        raise UsageError(f"outcome has shape {images.shape}; allowed ({space.n_periods}, rows, columns)")
    masks = np.stack([area.mask[space.inside] for area in areas], axis=1).astype(np.float64)
    found: Floats = images[:, space.inside] @ masks * space.pixel_km2
    return found


def _counted(space: SpaceTime, events: EventPoints, areas: Sequence[Area]) -> Floats:
    row, column = nearest_valid(space, space.inside, events.x_km, events.y_km)
    totals = np.zeros((space.n_periods, len(areas)))
    for k, area in enumerate(areas):
        if area.geometry is None:
            within = area.mask[row, column]
        else:
            within = contains(area.geometry, events.x_km, events.y_km)
        totals[:, k] = np.bincount(events.period[within], minlength=space.n_periods)
    return totals


def peer_totals(space: SpaceTime, images: Floats, area: Area, *, averaged: bool) -> Floats:
    """Sum images over an area as the peer does; shape of the images without the last two.

    A distance band's mask is laid over the whole frame, so that it is stretched where border columns were
    cut off. If every pixel centre of the mask falls on a pixel with a value, the images' pixels whose
    nearest mask pixel is on are summed; else the mask's own pixels. Ties between pixels are decided by the
    last bit of the grid step, which differs between averaged images and those of single periods.
    """
    if area.peer_mask is None:
        return np.asarray(images[..., area.mask].sum(axis=-1) * space.pixel_km2)
    mask = area.peer_mask
    west, south, east, north = space.bounds
    edges = ((south, north, space.shape[0], mask.shape[0]), (west, east, space.shape[1], mask.shape[1]))
    to_image, to_mask = [], []
    for low, high, n, n_mask in edges:
        image_at, mask_at = _centres(low, high, n), _centres(low, high, n_mask)
        step = (high - low) / n if averaged else image_at[1] - image_at[0]
        to_image.append(_nearest(mask_at, image_at[0], step, n))
        to_mask.append(_nearest(image_at, mask_at[0], (high - low) / n_mask, n_mask))
    at = to_image[0][:, None], to_image[1]
    if space.inside[at][mask].all():
        stretched = mask[to_mask[0][:, None], to_mask[1]] & space.inside
        return np.asarray(images[..., stretched].sum(axis=-1) * space.pixel_km2)
    own_km2 = (east - west) / mask.shape[1] * ((north - south) / mask.shape[0])
    kept = mask & space.inside[at]
    return np.asarray(images[..., at[0], at[1]][..., kept].sum(axis=-1) * own_km2)


def _centres(low: float, high: float, n: int) -> Floats:
    """Give pixel centres to the last bit as R's seq() does."""
    step = (high - low) / n
    first, last = low + step / 2, high - step / 2
    return np.append(first + np.arange(n - 1) * ((last - first) / (n - 1)), last)


def _nearest(at: Floats, first: float, step: float, n: int) -> npt.NDArray[np.int64]:
    return np.clip(np.round(1 + (at - first) / step) - 1, 0, n - 1).astype(np.int64)
