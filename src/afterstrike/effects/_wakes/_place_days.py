"""Place-days: strikes of one day near one another made one, and what was counted around each place-day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .._pairs import Points, count_pairs
from .._strike_units import arc_km, merge_strikes
from .._study import OUTCOME, TREATMENT, Study

__all__ = [
    "ATTACK",
    "CHECK_BIN",
    "DAY_MS",
    "LEADS",
    "MEASURED_FROM",
    "PRE_BINS",
    "REGRESSED",
    "STRIKE",
    "Counted",
    "Days",
    "Events",
    "arc_km",
    "half_of",
    "merge_strikes",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Days = tuple[int, int]

DAY_MS = 86_400_000
# Attacks are counted in two halves, of even and of odd weeks: see `Counted.usual`.
ATTACK, STRIKE = 0, 2
_KINDS = 3
_WEEK = 7
# Days before a place-day on which wakes are matched; the fourth is left for the pre-trend check.
PRE_BINS: tuple[Days, ...] = ((-7, -1), (-14, -8), (-28, -15))
CHECK_BIN: Days = (-56, -29)
# The weeks of the fourth, one by one: leads.
LEADS: tuple[Days, ...] = ((-35, -29), (-42, -36), (-49, -43), (-56, -50))
# The usual level enters an estimate twice, each time from another half of the weeks.
MEASURED_FROM, REGRESSED = 0, 1
_PRE_EDGES = (-56, -49, -42, -35, -28, -14, -7, -3, 0)
# Rows summed at a time: small enough to stay in the cache.
_CHUNK = 512


@dataclass(frozen=True)
class Events:
    """Attacks and strikes by whole UTC day, and the days the record covers (both ends included)."""

    attack_day: Ints
    attack_at: Floats
    strike_day: Ints
    strike_at: Floats
    first_day: int
    last_day: int

    @classmethod
    def of(
        cls, study: Study, *, day: Ints | None = None, lat: Floats | None = None, lon: Floats | None = None
    ) -> Events:
        """Take a study's rows; sorted, so that the order of its tables cannot matter.

        `day`, `lat` and `lon`, one a row, stand in for the study's own. Days drawn past the ends of the study
        period are put on its last or first day.
        """
        rows = study.rows
        own = rows.time_ms // DAY_MS
        lat, lon = rows.lat if lat is None else lat, rows.lon if lon is None else lon
        at = np.column_stack([lat, np.mod(lon + 180, 360) - 180])
        if study.period is not None:
            first, last = (int(np.datetime64(str(end), "D").astype(np.int64)) for end in study.period)
        else:
            first, last = int(own.min()), int(own.max())
        day = own if day is None else np.clip(day, first, last)
        picked = {}
        for role in (OUTCOME, TREATMENT):
            mask = rows.role == role
            order = np.lexsort((at[mask, 1], at[mask, 0], day[mask]))
            picked[role] = (day[mask][order], at[mask][order])
        return cls(*picked[OUTCOME], *picked[TREATMENT], first, last)

    @property
    def n_days(self) -> int:
        """Days of the study period."""
        return self.last_day - self.first_day + 1

    def daily_attacks(self) -> Floats:
        """Give attacks of the whole region by day of the study period."""
        counts = np.bincount(self.attack_day - self.first_day, minlength=self.n_days)
        return counts.astype(np.float64)


def half_of(day: Ints) -> Ints:
    """Give 0 for days of even weeks since 1970, 1 for odd ones."""
    return np.asarray(day // _WEEK % 2)


def _running(counts: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Sum counts (place-days, bins, rings, kinds) over the bins and rings up to each edge and radius."""
    n, bins, rings, kinds = counts.shape
    total = np.zeros((n, bins + 1, rings, kinds), np.int32)
    for start in range(0, n, _CHUNK):
        part = total[start : start + _CHUNK]
        np.cumsum(counts[start : start + _CHUNK], axis=1, out=part[:, 1:])
        for ring in range(1, rings):
            part[:, :, ring] += part[:, :, ring - 1]
    return total


@dataclass(frozen=True)
class Counted:
    """Place-days and the attacks and strikes around each, by days since and km.

    Parameters
    ----------
    day, at
        Days since 1970; latitude and longitude.
    radii_km
        Ascending; those that can be asked for.
    edges
        Edges of the bins of days since the place-day.
    total
        Running sums over bins and rings; shape (place-days, edges, radii, 3): attacks of even and of odd
        weeks, strikes.
    long_run
        Events within each radius over the whole study period; shape (place-days, radii, 3).
    first_day, n_days
        First day and length of the study period.
    """

    day: Ints
    at: Floats
    radii_km: tuple[float, ...]
    edges: tuple[int, ...]
    total: npt.NDArray[np.int32]
    long_run: Floats
    first_day: int
    n_days: int

    @classmethod
    def around(
        cls,
        day: Ints,
        at: Floats,
        events: Events,
        *,
        radii_km: Sequence[float],
        horizon: int,
        days: Sequence[int] = (),
    ) -> Counted:
        """Count in one pass over the pairs. Days after are kept one by one, up to `horizon`; before the
        place-day, spans of `days` and of `horizon` can be asked for beside the pre-bins.
        """
        radii = tuple(sorted({float(radius) for radius in radii_km}))
        edges = tuple(sorted({-horizon, *(-h for h in days), *_PRE_EDGES, *range(horizon + 2)}))
        when = np.concatenate([events.attack_day, events.strike_day])
        where = np.vstack([events.attack_at, events.strike_at])
        kind = np.concatenate([half_of(events.attack_day), np.full(len(events.strike_day), STRIKE)]).astype(
            np.int8
        )
        rank = np.arange(len(when))
        all_events = Points(when * DAY_MS, where[:, 0].copy(), where[:, 1].copy(), rank)
        alone = np.full(len(day), -1, np.int64)
        counts = count_pairs(
            Points(day * DAY_MS, at[:, 0].copy(), at[:, 1].copy(), alone),
            all_events,
            kind,
            lag_edges_ms=[edge * DAY_MS for edge in edges],
            radii_km=radii,
            n_categories=_KINDS,
        )
        total = _running(counts)
        places, back = np.unique(at, axis=0, return_inverse=True)
        middle = np.full(len(places), events.first_day * DAY_MS)
        ever = count_pairs(
            Points(middle, places[:, 0].copy(), places[:, 1].copy(), np.full(len(places), -1, np.int64)),
            all_events,
            kind,
            lag_edges_ms=[0, events.n_days * DAY_MS],
            radii_km=radii,
            n_categories=_KINDS,
        )
        long_run = np.cumsum(ever[:, 0], axis=1)[back.ravel()].astype(np.float64)
        return cls(day, at, radii, edges, total, long_run, events.first_day, events.n_days)

    def __len__(self) -> int:
        return len(self.day)

    def between(self, first: int, last: int, km: float, kind: int = ATTACK) -> Floats:
        """Count events on days first..last since the place-day (negative: before) within `km`."""
        ring = self.radii_km.index(float(km))
        start, stop = self.edges.index(first), self.edges.index(last + 1)
        kinds = slice(0, STRIKE) if kind == ATTACK else slice(kind, kind + 1)
        part = self.total[:, stop, ring, kinds] - self.total[:, start, ring, kinds]
        return np.asarray(part.sum(axis=1), np.float64)

    def daily(self, last: int, km: float) -> Floats:
        """Count attacks on each of days 1..last after, within `km`; shape (place-days, last)."""
        ring, start = self.radii_km.index(float(km)), self.edges.index(1)
        attacks = self.total[:, start : start + last + 1, ring, :STRIKE].sum(axis=2)
        return np.asarray(np.diff(attacks, axis=1), np.float64)

    def usual(
        self,
        km: float,
        kind: int = ATTACK,
        *,
        horizon: int,
        half: int | None = None,
        before: int = PRE_BINS[-1][0],
    ) -> Floats:
        """Give events a day within `km`, over the study period without the days near the place-day.

        Left out are days `before` to `horizon`: those on which wakes are matched and those that are the
        outcome, so that neither is on both sides of a comparison. `half` takes even (0) or odd (1) weeks
        only. The two halves have errors of their own: with one on each side of a regression, an error in the
        usual level cannot pass for a relation between attacks before and after.
        """
        ring = self.radii_km.index(float(km))
        start, stop = self.edges.index(before), self.edges.index(horizon + 1)
        kinds = [kind] if kind == STRIKE else [0, 1] if half is None else [half]
        ever = self.long_run[:, ring, kinds].sum(axis=1)
        near = (self.total[:, stop, ring][:, kinds] - self.total[:, start, ring][:, kinds]).sum(axis=1)
        if half is None:
            outside = np.full(len(self), float(self.n_days - (horizon - before + 1)))
        else:
            week = half_of(np.arange(self.first_day - 400, self.first_day + self.n_days + 400)) == half
            running = np.concatenate([[0], np.cumsum(week)])
            at = self.day - (self.first_day - 400)
            whole = running[400 + self.n_days] - running[400]
            outside = (whole - (running[at + horizon + 1] - running[at + before])).astype(np.float64)
        return np.asarray(np.maximum(ever - near, 0.0) / np.maximum(outside, 1.0))

    def take(self, which: Ints | npt.NDArray[np.bool_]) -> Counted:
        """Give some of the place-days."""
        return replace(
            self,
            day=self.day[which],
            at=self.at[which],
            total=self.total[which],
            long_run=self.long_run[which],
        )
