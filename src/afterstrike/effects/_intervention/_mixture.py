"""One bandwidth for all events: the common spread of a Gaussian mixture of round clusters."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from ._space import EventPoints

__all__ = ["common_bandwidth"]

Floats = npt.NDArray[np.float64]
_MOST_STEPS = 500
_SMALLEST_GAIN = 1e-7
# Above this the mixture is fitted to a seeded part of the events; the spread hardly changes.
_MOST_EVENTS = 20_000


def common_bandwidth(points: EventPoints, *, most_clusters: int = 9, starts: int = 3, seed: int = 0) -> float:
    r"""Give the common standard deviation of round clusters, km.

    Fits Gaussian mixtures of 1 to `most_clusters` components with one variance in all directions and
    components (the model EII of mclust), takes the number with the best BIC, and gives its standard
    deviation: a bandwidth for `smooth_events` about as wide as the clusters of the events.

    Parameters
    ----------
    points
        Events of all periods.
    most_clusters
        Largest number of components tried.
    starts
        Seeded starts (k-means++) for each number; the best likelihood counts. mclust starts from a
        hierarchical clustering instead, so its number can differ where the likelihood has several peaks; to
        repeat a run of the peer, hand its number to `smooth_events`.
    seed
        Of the starts.

    References
    ----------
    Fraley, C. and Raftery, A. E. (2002). Model-based clustering, discriminant
    analysis, and density estimation. Journal of the American Statistical Association 97, 611-631.
    doi:10.1198/016214502760047131
    """
    if not 1 <= most_clusters <= 50 or starts < 1:
        raise UsageError(f"most_clusters={most_clusters!r}, starts={starts!r}; allowed 1 to 50, and from 1")
    places = np.column_stack([points.x_km, points.y_km])
    rng = np.random.default_rng(seed)
    if len(places) > _MOST_EVENTS:
        places = places[rng.choice(len(places), _MOST_EVENTS, replace=False)]
    n = len(places)
    different = len(np.unique(places, axis=0)) if n else 0
    if different < 3:
        raise EstimateRefused(f"events at {different} places: no spread can be fitted; give bandwidth_km=...")
    best = (-math.inf, 0.0)
    for clusters in range(1, min(most_clusters, different - 1) + 1):
        tried = (_fit(places, _start(places, clusters, rng)) for _ in range(starts if clusters > 1 else 1))
        likelihood, variance = max(tried)
        # Means, shares and one variance.
        bic = 2 * likelihood - (3 * clusters) * math.log(n)
        best = max(best, (bic, variance))
    return math.sqrt(best[1])


def _start(places: Floats, clusters: int, rng: np.random.Generator) -> Floats:
    """Choose starting means far from one another (k-means++)."""
    means: Floats = places[rng.integers(len(places))][None]
    for _ in range(clusters - 1):
        far = _squares(places, means).min(axis=1)
        means = np.vstack([means, places[rng.choice(len(places), p=far / far.sum())]])
    return means


def _squares(places: Floats, means: Floats) -> Floats:
    return np.asarray(((places[:, None, :] - means) ** 2).sum(axis=2), np.float64)


def _fit(places: Floats, means: Floats) -> tuple[float, float]:
    """Climb by expectation and maximisation; give the log likelihood and the variance."""
    n, clusters = len(places), len(means)
    square = _squares(places, means)
    variance = float(square.min(axis=1).mean() / 2)
    share = np.full(clusters, 1 / clusters)
    before = -math.inf
    for _ in range(_MOST_STEPS):
        log = np.log(share) - np.log(2 * math.pi * variance) - square / (2 * variance)
        top = log.max(axis=1, keepdims=True)
        each = np.exp(log - top)
        total = each.sum(axis=1, keepdims=True)
        likelihood = float((np.log(total) + top).sum())
        member = each / total
        held = np.maximum(member.sum(axis=0), 1e-12)
        share = held / n
        means = member.T @ places / held[:, None]
        square = _squares(places, means)
        variance = max(float((member * square).sum() / (2 * n)), 1e-9)
        if likelihood - before < _SMALLEST_GAIN * abs(likelihood):
            break
        before = likelihood
    return likelihood, variance
