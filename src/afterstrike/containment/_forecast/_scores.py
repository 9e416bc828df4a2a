"""Scores of draws against what came: CRPS, interval, ignorance, logarithmic, Brier; PIT and coverage.

Every function takes `draws` of shape (..., m) and `observed` of shape (...), and gives one score a row: shape (...).
A missing observed value (NaN) has a missing score. Lower is better for all scores.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import UsageError

__all__ = [
    "IGN_EDGES",
    "brier",
    "coverage",
    "crps",
    "crps_log1p",
    "ign",
    "log_score",
    "mis",
    "pit",
    "sorted_draws",
]

IGN_EDGES = (0.0, 0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5)
"""Left edges of the bins in which the VIEWS challenge counts draws for its ignorance score."""

Floats = NDArray[np.float64]


def crps(draws: ArrayLike, observed: ArrayLike, *, is_sorted: bool = False) -> Floats:
    """Give the continuous ranked probability score of draws, in the unit of the value.

    With x_(1) <= ... <= x_(m): mean |x - y| - sum (2i - m - 1) x_(i) / m^2, the score of the draws' own step
    function (the plain estimator, not the "fair" one).

    Parameters
    ----------
    draws : array_like, shape (..., m)
        Draws, in any order.
    observed : array_like, shape (...)
        What came. NaN where it is not known: the score is then NaN.
    is_sorted
        True where each row of draws ascends already. Taken at its word.

    Returns
    -------
    numpy.ndarray, shape (...)

    Raises
    ------
    UsageError
        Shapes do not fit, or a draw is missing or infinite.

    Example
    -------
    >>> crps([[0, 1, 2, 5]], [1]).tolist()
    [0.5]
    """
    from ._score_kernel import crps_of_counts, crps_of_sorted

    rows, truth, shape = _rows(
        draws, observed, checked=False
    )  # a lost draw shows in the score; a pass is saved
    found = np.empty(len(rows))
    if is_sorted:
        crps_of_sorted(rows, truth, found)
    elif not crps_of_counts(rows, truth, found):
        crps_of_sorted(np.sort(rows, axis=1), truth, found)
    _refuse_lost(found, truth)
    return found.reshape(shape)


def crps_log1p(draws: ArrayLike, observed: ArrayLike, *, is_sorted: bool = False) -> Floats:
    """Give the CRPS of log(1 + draws) against log(1 + observed): a factor counts, not a number of deaths.

    Parameters and errors are those of `crps`; values below zero are refused.

    Example
    -------
    >>> crps_log1p([[0, 1, 2, 5]], [1]).round(4).tolist()
    [0.188]
    """
    rows, truth, shape = _rows(draws, observed)
    ordered = rows if is_sorted else sorted_draws(rows)
    _refuse_negative(ordered, truth)
    return crps(np.log1p(ordered, dtype=np.float64), np.log1p(truth), is_sorted=True).reshape(shape)


def mis(draws: ArrayLike, observed: ArrayLike, *, level: float = 0.9, is_sorted: bool = False) -> Floats:
    """Give the interval score of the central interval at `level`: its width, and 2 / (1 - level) a unit outside it.

    Ends are the draws' quantiles with linear interpolation, as `numpy.quantile` gives them.

    Example
    -------
    >>> mis([[0, 1, 2, 5]], [9]).round(3).tolist()
    [93.4]
    """
    rows, truth, shape = _rows(draws, observed)
    low, high = _interval(rows, level, is_sorted)
    penalty = 2 / (1 - level)
    return (high - low + penalty * (np.maximum(low - truth, 0) + np.maximum(truth - high, 0))).reshape(shape)


def coverage(
    draws: ArrayLike, observed: ArrayLike, *, level: float = 0.9, is_sorted: bool = False
) -> NDArray[np.float64]:
    """Give 1 where the central interval at `level` holds what came, 0 where not; its mean is the coverage.

    Both ends belong to the interval, so counts are covered a little more often than `level` says.

    Example
    -------
    >>> coverage([[0, 1, 2, 5], [0, 0, 0, 0]], [5, 0], level=0.5).tolist()
    [0.0, 1.0]
    """
    rows, truth, shape = _rows(draws, observed)
    low, high = _interval(rows, level, is_sorted)
    held = ((truth >= low) & (truth <= high)).astype(float)
    return np.where(np.isnan(truth), np.nan, held).reshape(shape)


def ign(draws: ArrayLike, observed: ArrayLike, *, resample: Literal["none", "views"] = "none") -> Floats:
    """Give the ignorance score: -log2 of the share of the bin that holds what came, one pseudo-draw added to each.

    Parameters
    ----------
    draws, observed
        As in `crps`; values of 0 and more.
    resample
        "none": draws are counted as they are. "views": as the VIEWS challenge's programme does, other numbers of
        draws than 1,000 are first brought to 1,000 by a Fourier method, which flatters small sets of draws.

    Example
    -------
    >>> ign([[0, 0, 1, 7]], [0]).round(4).tolist()
    [2.3219]
    """
    if resample not in ("none", "views"):
        raise UsageError(f"resample={resample!r}: give 'none' or 'views'")
    rows, truth, shape = _rows(draws, observed)
    _refuse_negative(rows, truth)
    if resample == "views" and rows.shape[1] != 1000:
        from scipy.signal import resample as bring_to

        rows = np.maximum(bring_to(rows, 1000, axis=1), 0)
    edges = np.asarray(IGN_EDGES)
    place = np.digitize(truth, edges) - 1
    ends = np.append(edges, np.inf)
    inside = (rows >= ends[place][:, None]) & (rows < ends[np.minimum(place + 1, len(edges))][:, None])
    share = (inside.sum(axis=1) + 1) / (rows.shape[1] + len(edges))
    return np.where(np.isnan(truth), np.nan, -np.log2(share)).reshape(shape)


def log_score(draws: ArrayLike, observed: ArrayLike) -> Floats:
    """Give -ln of the probability of the count that came, in nats.

    A thousand draws say little of one exact large count. So counts up to 10 stand alone, larger ones share bins
    a fifth wide within which all counts are alike, and one pseudo-draw from 1 / ((y + 1)(y + 2)) is added: what no
    draw foresaw costs much, but not everything.

    Example
    -------
    >>> log_score([[0, 0, 1, 7]], [0]).round(4).tolist()
    [0.6931]
    """
    rows, truth, shape = _rows(draws, observed)
    _refuse_negative(rows, truth)
    edges = _log_edges(max(float(np.max(rows, initial=0)), float(np.nanmax(truth, initial=0))))
    place = np.digitize(truth, edges) - 1
    place = np.where(np.isnan(truth), 0, place)
    low, high = edges[place], edges[place + 1]
    inside = ((rows >= low[:, None]) & (rows < high[:, None])).sum(axis=1)
    pseudo = 1 / (low + 1) - 1 / (high + 1)  # the sum of 1 / ((y + 1)(y + 2)) over the bin's counts
    probability = (inside + pseudo) / (rows.shape[1] + 1) / (high - low)
    return np.where(np.isnan(truth), np.nan, -np.log(probability)).reshape(shape)


def brier(probability: ArrayLike, happened: ArrayLike) -> Floats:
    """Give (probability - happened)^2 for yes/no questions; `happened` is 0, 1 or NaN (not known yet).

    Example
    -------
    >>> brier([0.8, 0.8], [1, 0]).round(2).tolist()
    [0.04, 0.64]
    """
    said, came = np.asarray(probability, float), np.asarray(happened, float)
    if said.shape != came.shape:
        raise UsageError(
            f"{said.shape} probabilities and {came.shape} outcomes: give one outcome a probability"
        )
    if not ((said >= 0) & (said <= 1)).all():
        raise UsageError("a probability lies outside 0 to 1, or is missing; give numbers from 0 to 1")
    if not np.isin(came[~np.isnan(came)], (0, 1)).all():
        raise UsageError("an outcome is neither 0 nor 1; give 1 (happened), 0 (did not) or NaN (not known)")
    return np.asarray((said - came) ** 2)


def pit(draws: ArrayLike, observed: ArrayLike, *, seed: int = 0) -> Floats:
    """Give the place of what came among the draws, from 0 to 1; even between 0 and 1 where the forecast is right.

    Counts tie: the place is then drawn evenly among the ties (randomised PIT).

    Example
    -------
    >>> place = pit([[1, 2, 3, 4]], [9])
    >>> bool(0.8 <= place[0] <= 1)
    True
    """
    rows, truth, shape = _rows(draws, observed)
    below = (rows < truth[:, None]).sum(axis=1)
    ties = (rows == truth[:, None]).sum(axis=1)
    chance = np.random.default_rng(seed).random(len(rows))
    place = (below + chance * (ties + 1)) / (rows.shape[1] + 1)
    return np.where(np.isnan(truth), np.nan, place).reshape(shape)


def sorted_draws(draws: NDArray[Any]) -> Floats:
    """Give draws as floats, each row ascending along the last axis."""
    from ._score_kernel import sort_counts

    rows = draws.reshape(-1, draws.shape[-1])
    found = np.empty(rows.shape)
    if not sort_counts(rows, found):
        found = np.sort(rows.astype(float), axis=1)
    return found.reshape(draws.shape)


def _interval(rows: NDArray[Any], level: float, is_sorted: bool) -> tuple[Floats, Floats]:
    if not 0 < level < 1:
        raise UsageError(f"level={level!r}: give a share between 0 and 1, as 0.9")
    ordered = rows if is_sorted else sorted_draws(rows)
    return _quantile(ordered, (1 - level) / 2), _quantile(ordered, (1 + level) / 2)


def _quantile(ordered: NDArray[Any], share: float) -> Floats:
    """Give `numpy.quantile` of rows that ascend already, without ordering them again."""
    at = share * (ordered.shape[1] - 1)
    below = min(int(at), ordered.shape[1] - 1)
    above = min(below + 1, ordered.shape[1] - 1)
    low, high = ordered[:, below].astype(float), ordered[:, above].astype(float)
    return np.asarray(low + (high - low) * (at - below))


def _log_edges(top: float) -> Floats:
    edges = list(range(12))
    while edges[-1] <= top:
        edges.append(int(np.ceil(edges[-1] * 1.2)))
    return np.asarray(edges, float)


def _rows(
    draws: ArrayLike, observed: ArrayLike, *, checked: bool = True
) -> tuple[NDArray[Any], Floats, tuple[int, ...]]:
    """Give draws as rows, what came as one float a row, and the shape the scores are to have."""
    values, truth = np.asarray(draws), np.asarray(observed, dtype=float)
    if values.dtype.kind not in "iuf":
        raise UsageError(f"draws are of type {values.dtype}; give numbers")
    if values.ndim < 1 or values.shape[-1] == 0 or values.shape[:-1] != truth.shape:
        raise UsageError(
            f"draws of shape {values.shape} and observed of shape {truth.shape}: give observed one value for each "
            "set of draws, with the draws along the last axis of draws"
        )
    rows = np.ascontiguousarray(values.reshape(-1, values.shape[-1]))
    if checked and rows.dtype.kind == "f":
        _refuse_lost(rows.sum(axis=1), np.zeros(len(rows)))
    return rows, np.ascontiguousarray(truth.reshape(-1)), truth.shape


def _refuse_negative(rows: NDArray[Any], truth: Floats) -> None:
    if np.min(rows, initial=0) < 0 or np.nanmin(truth, initial=0) < 0:
        raise UsageError("a draw or an observed value is below zero; counts are 0 or more")


def _refuse_lost(found: NDArray[Any], truth: Floats) -> None:
    lost = ~np.isfinite(found) & ~np.isnan(truth)
    if lost.any():
        at = int(np.argmax(lost))
        raise UsageError(
            f"{int(lost.sum())} sets of draws hold a missing or infinite value (first: number {at}); a forecast "
            "says something for every draw, so leave such sets out of what is scored"
        )
