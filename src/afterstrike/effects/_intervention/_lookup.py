"""Read an image at places: the pixel a place lies in, the nearest one with a value, or between pixels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ._space import SpaceTime

__all__ = ["bilinear", "inside_pixels", "nearest_valid", "quantile7"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def nearest_valid(
    space: SpaceTime, valid: Mask, x_km: Floats, y_km: Floats, *, trim: bool = False
) -> tuple[Ints, Ints]:
    """Give row and column of each place's pixel, moved to the nearest valid one where it is not valid.

    With `trim`, rows and columns at the border without any valid pixel do not exist, as in the peer's
    distance maps. The step of these maps is short by a last bit, so places half-way between pixels go to
    the higher one.
    """
    row, column = space.pixel_of(x_km, y_km, ties_up=trim)
    rows, columns = np.nonzero(valid)
    if trim:
        row = np.clip(row, rows.min(), rows.max())
        column = np.clip(column, columns.min(), columns.max())
    lost = np.flatnonzero(~valid[row, column])
    if len(lost):
        from scipy.spatial import cKDTree

        tree = cKDTree(np.column_stack([space.x_km[columns], space.y_km[rows]]))
        _, nearest = tree.query(np.column_stack([x_km[lost], y_km[lost]]))
        row[lost], column[lost] = rows[nearest], columns[nearest]
    return row, column


def inside_pixels(space: SpaceTime, x_km: Floats, y_km: Floats) -> Ints:
    """Give the number of each place's pixel among the pixels inside the window, moved inside where needed."""
    row, column = nearest_valid(space, space.inside, x_km, y_km)
    number = np.cumsum(space.inside.ravel()) - 1
    found: Ints = number[row * space.shape[1] + column]
    return found


def bilinear(space: SpaceTime, image: Floats, x_km: Floats, y_km: Floats) -> Floats:
    """Read between the four pixel centres around each place; missing where one of them is."""
    width, height = space.step_km
    across, up = (x_km - space.x_km[0]) / width, (y_km - space.y_km[0]) / height
    column = np.clip(np.floor(across), 0, space.shape[1] - 2).astype(np.int64)
    row = np.clip(np.floor(up), 0, space.shape[0] - 2).astype(np.int64)
    u, v = across - column, up - row
    south = (1 - u) * image[row, column] + u * image[row, column + 1]
    north = (1 - u) * image[row + 1, column] + u * image[row + 1, column + 1]
    found: Floats = (1 - v) * south + v * north
    return found


def quantile7(values: Floats, probability: npt.ArrayLike) -> Floats:
    """Give quantiles by linear interpolation (R's type 7), to the last bit as R computes them."""
    ordered = np.sort(values)
    at = 1 + (len(ordered) - 1) * np.asarray(probability, np.float64)
    low, high = np.floor(at).astype(np.int64), np.ceil(at).astype(np.int64)
    a, b, share = ordered[low - 1], ordered[high - 1], at - low
    found: Floats = np.where((at > low) & (a != b), (1 - share) * a + share * b, a)
    return found
