"""Strikes of one day near one another are one struck place-day, for estimators and for the truth alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["arc_km", "merge_strikes", "strike_units"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def arc_km(one: Floats, two: Floats) -> Floats:
    """Give great-circle distances in km; the last axis holds degrees of latitude and longitude."""
    a, b = np.radians(one), np.radians(two)
    half = np.sin((a[..., 0] - b[..., 0]) / 2) ** 2
    half = half + np.cos(a[..., 0]) * np.cos(b[..., 0]) * np.sin((a[..., 1] - b[..., 1]) / 2) ** 2
    return np.asarray(2 * 6371.0088 * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


def strike_units(day: Ints, at: Floats, km: float) -> tuple[Ints, Ints]:
    """Join strikes of one day within `km` of the strike with most others near it, then go on with the rest.

    Returns the unit of each strike, and the strike at the middle of each unit. The order of the strikes does
    not matter, save for which of two at one place is the middle.
    """
    label = np.empty(len(day), np.int64)
    heads: list[np.int64] = []
    for when in np.unique(day):
        which = np.flatnonzero(day == when)
        which = which[np.lexsort((at[which, 1], at[which, 0]))]
        here = at[which]
        near = arc_km(here[:, None], here[None]) <= km
        left = np.ones(len(here), bool)
        while left.any():
            reach = np.where(left, (near & left).sum(axis=1), -1)
            head = int(reach.argmax())
            taken = near[head] & left
            label[which[taken]] = len(heads)
            heads.append(which[head])
            left &= ~taken
    return label, np.array(heads, np.int64)


def merge_strikes(day: Ints, at: Floats, km: float) -> tuple[Ints, Floats, Ints]:
    """Make each unit of `strike_units` one place-day.

    Returns the days, the places and how many strikes each place-day holds, in order of day, latitude,
    longitude.
    """
    label, heads = strike_units(day, at, km)
    when, where = day[heads].astype(np.int64), at[heads].reshape(-1, 2)
    order = np.lexsort((where[:, 1], where[:, 0], when))
    return when[order], where[order], np.bincount(label, minlength=len(heads))[order]
