"""Swap the labels treatment and control among wakes, and match and estimate again, in every window.

What a wake has around it does not depend on labels, apart from how many neighbours are of its own role.
Pairs of wakes are listed once; each swap counts over that list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .._design import WakeDesign
from .._pairs import Points, count_pairs
from .._study import Study
from ._count import KM_PER_DEGREE, UNIT_MS, WakeCounts
from ._estimate import WindowEstimate
from ._run import compared_on, count_run, estimate_matched, match_window
from ._table import PeerTable

__all__ = ["EarlierWakes", "SwapPlan", "earlier_wakes", "plan_swaps"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Wakes that one pass of the kernel can tell apart: its categories are of eight bits.
_AT_ONCE = 100


@dataclass(frozen=True)
class EarlierWakes:
    """Who lies in whose window before: pairs of wakes with the smallest window that holds them.

    Parameters
    ----------
    cell
        Of each pair: (wake, rank of the length, rank of the radius) as one number.
    neighbour
        Of each pair: the earlier wake.
    shape
        Wakes, lengths, radii.
    at_length, at_radius
        Rank of each window's length and radius.
    """

    cell: Ints
    neighbour: Ints
    shape: tuple[int, int, int]
    at_length: Ints
    at_radius: Ints

    def treated(self, labels: Bools) -> Ints:
        """Count the treated wakes in each wake's windows before; shape (wakes, lengths, radii)."""
        size = int(np.prod(self.shape))
        first = np.bincount(self.cell[labels[self.neighbour]], minlength=size).reshape(self.shape)
        within = np.cumsum(np.cumsum(first, axis=1), axis=2)
        return within[:, self.at_length][:, :, self.at_radius]


def earlier_wakes(
    table: PeerTable, lengths: Sequence[int], radii_km: Sequence[float], unit_ms: int
) -> EarlierWakes:
    """List the pairs with the kernel that counts, so that edges and ties fall as they do there."""
    reach, at_length = np.unique(np.asarray(lengths), return_inverse=True)
    radii, at_radius = np.unique(np.asarray(radii_km, np.float64), return_inverse=True)
    edges = [1 - (int(length) + 1) * unit_ms for length in reach[::-1]] + [1]
    wakes = _points(table, np.arange(len(table.wakes)))
    shape = (len(table.wakes), len(reach), len(radii))
    cells, neighbours = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for start in range(0, shape[0], _AT_ONCE):
        some = np.arange(start, min(start + _AT_ONCE, shape[0]))
        met = count_pairs(
            wakes,
            _points(table, some),
            np.arange(len(some), dtype=np.int8),
            lag_edges_ms=edges,
            radii_km=radii.tolist(),
            n_categories=len(some),
            km_per_degree=KM_PER_DEGREE,
            earlier_wins_ties=True,
        )
        # Bins run towards the wake; ranks of lengths run away from it.
        wake, length, radius, which = np.nonzero(met[:, ::-1])
        cells.append(np.ravel_multi_index((wake, length, radius), shape))
        neighbours.append(some[which])
    return EarlierWakes(np.concatenate(cells), np.concatenate(neighbours), shape, at_length, at_radius)


def _points(table: PeerTable, which: Ints) -> Points:
    at = table.wakes[which]
    return Points(table.time_ms[at], table.lat[at], table.lon[at], at)


@dataclass(frozen=True)
class SwapPlan:
    """All that a swap needs, made once.

    Parameters
    ----------
    table, counts, design
        As in a run; `counts` has the labels there were.
    windows
        Positions of (length, radius), lengths outermost.
    earlier
        Who lies before whom; None where nothing depends on it.
    """

    table: PeerTable
    counts: WakeCounts
    design: WakeDesign
    windows: tuple[tuple[int, int], ...]
    earlier: EarlierWakes | None

    def labels(self, seed: int, repeat: int) -> Bools:
        """Give the labels of one repeat: as many treated as there are."""
        swapped: Bools = np.random.default_rng([seed, 17, repeat]).permutation(self.counts.treated)
        return swapped

    def observed(self) -> list[WindowEstimate]:
        """Give what each window shows under the labels there were."""
        return [self._estimate(self.counts, at) for at in self.windows]

    def _estimate(self, counts: WakeCounts, at: tuple[int, int]) -> WindowEstimate:
        return estimate_matched(counts, match_window(self.table, counts, self.design, at), self.design, at)

    def swap(self, labels: Bools) -> tuple[Floats, Floats]:
        """Give estimate and t of each window under other labels; not a number where there is no estimate."""
        counts = replace(self.counts, treated=labels)
        if self.earlier is not None:
            treated = self.earlier.treated(labels)
            control = self.counts.so_pre + self.counts.mo_pre - treated
            own = labels[:, None, None]
            counts = replace(
                counts, so_pre=np.where(own, treated, control), mo_pre=np.where(own, control, treated)
            )
        found = [self._estimate(counts, at) for at in self.windows]
        estimates = np.array([window.estimate for window in found])
        with np.errstate(divide="ignore", invalid="ignore"):
            return estimates, estimates / np.array([window.std_error for window in found])


def plan_swaps(
    study: Study, *, lengths: Sequence[int], radii_km: Sequence[float], time_unit: str, design: WakeDesign
) -> SwapPlan:
    """Count once, and list the pairs of wakes where matching or controls look at them."""
    unit_ms = UNIT_MS[time_unit]
    table, counts = count_run(study, lengths=lengths, radii_km=radii_km, unit_ms=unit_ms, design=design)
    looked_at = {"SO_pre", "MO_pre"} & set(compared_on(design))
    return SwapPlan(
        table,
        counts,
        design,
        tuple((t, s) for t in range(len(lengths)) for s in range(len(radii_km))),
        earlier_wakes(table, lengths, radii_km, unit_ms) if looked_at else None,
    )
