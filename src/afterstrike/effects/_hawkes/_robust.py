"""Standard errors that do not take the model at its word: sandwiches of scores by day.

Under the model the score of one day says nothing about that of the next. Where the baseline moves otherwise
than fitted, or attacks come in batches, scores of days near one another go together; they are summed over all
stretches of some days (Newey and West 1987). Within a zone that leaves out what moves several zones at once; over
all zones together (Driscoll and Kraay 1998) it does not, but fewer stretches are left to learn from. Neither is
taken alone: see `widest`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._data import Floats, HawkesData, Ints
from ._kernel import daily_integrals, event_slopes
from ._model import Model

__all__ = ["daily_scores", "sandwich", "widest"]


def daily_scores(model: Model, q: Floats) -> tuple[Any, Floats, Ints, Ints]:
    """Give the score by zone and day.

    Returns
    -------
    tuple
        Of the baseline, a sparse array (bins, parameters - 2); of the kernel (bins, 2); zone and whole day of each
        bin.
    """
    from scipy.sparse import csr_array

    data = model.data
    edges, first_edge = _edges(data)
    base = np.exp(model.log_base(q))
    weight, rate = model.parts(q)
    share, by_weight, by_rate = event_slopes(data.time, data.bounds, data.cell, base, weight, rate)
    count = np.diff(first_edge) - 1
    inner = np.delete(np.arange(len(edges)), first_edge[1:] - 1)  # every edge but the last of its sequence
    low, high = edges[inner], edges[inner + 1]
    sequence = np.repeat(np.arange(len(count)), count)
    # Cells are whole sequences or days, and so are bins.
    cell_edges = data.first_cell[:-1][sequence]
    daily = len(data.width) > len(data.begin)
    cell = np.arange(len(inner)) if daily else cell_edges
    event_bin = np.empty(len(data.time), np.int64)
    first_bin = np.concatenate([[0], np.cumsum(count)])
    for s in range(len(count)):
        own = slice(data.bounds[s], data.bounds[s + 1])
        place = np.searchsorted(edges[first_edge[s] : first_edge[s + 1]], data.time[own], "right") - 1
        event_bin[own] = first_bin[s] + np.clip(place, 0, count[s] - 1)
    pull = np.bincount(event_bin, share, len(inner)) - base[cell] * (high - low)
    of_base = csr_array(data.columns[cell] * pull[:, None])
    up_weight, up_rate = daily_integrals(data.time, data.bounds, edges, first_edge, weight, rate)
    upto = model.by_shape(up_weight, up_rate, q)
    slopes = model.by_shape(by_weight, by_rate, q)
    summed = np.column_stack([np.bincount(event_bin, slopes[:, k], len(inner)) for k in (0, 1)])
    of_kernel: Floats = summed - (upto[inner + 1] - upto[inner])
    return of_base, of_kernel, data.sequence_zone[sequence], np.floor(low).astype(np.int64)


def _edges(data: HawkesData) -> tuple[Floats, Ints]:
    parts = [
        np.concatenate([[low], np.arange(np.floor(low) + 1, high), [high]])
        for low, high in zip(data.begin, data.end, strict=True)
    ]
    return np.concatenate(parts), np.concatenate([[0], np.cumsum([len(part) for part in parts])])


def sandwich(model: Model, q: Floats, covariance: Floats, *, days: int, shared: bool = False) -> Floats:
    """Give the covariance of the estimate from scores summed over stretches of some days.

    Parameters
    ----------
    model, q, covariance
        Model, estimate, and its covariance from the information; rows of NaN stay so.
    days
        Length of the stretches: all are taken, whatever day they begin on.
    shared
        Sum over all zones, so that what moves several zones at once counts once; otherwise zone by zone.
    """
    from scipy.sparse import csr_array

    of_base, of_kernel, zone, day = daily_scores(model, q)
    if shared:
        zone = np.zeros_like(zone)
    size, span = len(q), int(day.max()) + 1
    meat = np.zeros((size, size))
    n_days = 0
    for number in np.unique(zone):
        rows = np.flatnonzero(zone == number)
        on_day = csr_array((np.ones(len(rows)), (day[rows], np.arange(len(rows)))), shape=(span, len(rows)))
        own = np.column_stack([(on_day @ of_base[rows]).toarray(), on_day @ of_kernel[rows]])
        active = np.flatnonzero(np.abs(own).sum(axis=0) > 0)
        total = np.cumsum(np.pad(own[:, active], ((days, days), (0, 0))), axis=0)
        stretch = total[days:] - total[:-days]
        meat[np.ix_(active, active)] += stretch.T @ stretch / days
        n_days += len(np.unique(day[rows]))
    count = n_days / days
    known = np.flatnonzero(np.isfinite(np.diag(covariance)))
    found = np.full((size, size), np.nan)
    bread = covariance[np.ix_(known, known)]
    found[np.ix_(known, known)] = bread @ meat[np.ix_(known, known)] @ bread * count / max(count - 1, 1.0)
    return found


def widest(first: Floats, *others: Floats) -> Floats:
    """Give the covariance with the correlations of the first, and of each variance the largest there is."""
    with np.errstate(invalid="ignore", divide="ignore"):
        largest = np.fmax.reduce([np.diag(one) for one in (first, *others)])
        scale = np.sqrt(np.fmax(largest / np.diag(first), 1.0))
    found: Floats = first * np.outer(scale, scale)
    return found
