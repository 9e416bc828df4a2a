"""Integrate over half-life, drift, variance ratio and self-excitation: weighted points, and draws from them.

Each of these has a normal score that is standard normal before the data. Points come from a t distribution about
the peak in score space, which is fitted again to its own weighted points (adaptive multiple importance sampling);
weights use the mixture of all rounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import EstimateRefused
from ._series_model import HYPER, Hyper, SeriesPrior
from ._series_peak import Peak, Problem, bent, climb

__all__ = ["Mixture", "integrate"]

Array = np.ndarray[Any, Any]

_ROUNDS, _MOST_ROUNDS, _POINTS, _FREEDOM = 3, 10, 128, 5.0
_FEWEST, _ENOUGH, _SHAPING = 20.0, 80.0, 30.0


@dataclass(frozen=True, eq=False)
class Mixture:
    """The posterior as a weighted mixture of normals.

    Parameters
    ----------
    hyper, peaks, weights
        One of each a point, weights sum to one; points of negligible weight are left out.
    log_evidence
        Log of the probability of the counts.
    effective
        Effective number of points.
    """

    hyper: tuple[Hyper, ...]
    peaks: tuple[Peak, ...]
    weights: Array
    log_evidence: float
    effective: float

    def moments(self, position: int) -> tuple[Array, Array]:
        """Give mean and sd of one coefficient by point."""
        mean = np.array([peak.coefficients[position] for peak in self.peaks])
        return mean, np.sqrt([peak.covariance[position, position] for peak in self.peaks])

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
        """Draw parameters: (n, HYPER), coefficients (n, k), walk (n, weeks)."""
        from scipy.linalg import lapack

        edges = np.cumsum(self.weights)
        at = np.minimum(
            np.searchsorted(edges, (np.arange(n) + rng.random()) / n * edges[-1]), len(self.weights) - 1
        )
        at = rng.permutation(at)
        weeks, k = len(self.peaks[0].walk), len(self.peaks[0].coefficients)
        coefficients, walk = np.empty((n, k)), np.empty((n, weeks))
        values = np.array([[getattr(self.hyper[point], name) for name in HYPER] for point in at])
        for point in np.unique(at):
            peak, rows = self.peaks[point], np.flatnonzero(at == point)
            root = np.linalg.cholesky((peak.covariance + peak.covariance.T) / 2)
            moved = rng.standard_normal((len(rows), k)) @ root.T
            coefficients[rows] = peak.coefficients + moved
            factor, side, _ = lapack.dpttrf(peak.precision, peak.off)
            # The walk given the coefficients: L D L' with L unit bidiagonal, solved upwards.
            band = np.vstack([np.append(0.0, side), np.ones(weeks)])
            noise = rng.standard_normal((weeks, len(rows))) / np.sqrt(factor)[:, None]
            free, _ = lapack.dtbtrs(band, noise, uplo="U", trans="N", diag="U")
            pulled, _ = lapack.dpttrs(factor, side, peak.border @ moved.T)
            walk[rows] = (peak.walk[:, None] + free - pulled).T
        return values, coefficients, walk


class _Density:
    """Log posterior density of the scores, each peak found from the last one."""

    def __init__(self, problem: Problem, prior: SeriesPrior) -> None:
        self.problem, self.prior = problem, prior
        self.start: tuple[Array, Array] | None = None
        self.best = -np.inf

    def __call__(self, z: Array, *, mended: bool = False) -> tuple[float, Hyper, Peak | None]:
        hyper = self.prior.hyper(z)
        peak = climb(self.problem, hyper, self.start)
        if peak is None or not np.isfinite(peak.log_evidence):
            return -np.inf, hyper, None
        value = peak.log_evidence - 0.5 * float(z @ z)
        if value > self.best:
            self.best, self.start = value, (peak.walk, peak.coefficients)
        if mended:
            peak = bent(self.problem, hyper, peak)
            value = peak.log_evidence - 0.5 * float(z @ z)
        return value, hyper, peak


def _peak_of(density: _Density) -> tuple[Array, Array]:
    """Find the peak in score space and the covariance about it."""
    from scipy.optimize import minimize

    d = len(HYPER)

    def loss(z: Array) -> float:
        return -max(density(z)[0], -1e10)

    # Scores are standard normal before the data: 0 is a start that cannot be far off in all.
    best = minimize(
        loss, np.zeros(d), method="L-BFGS-B", bounds=[(-3.5, 3.5)] * d,
        options={"maxiter": 25, "eps": 1e-3, "ftol": 1e-6},
    )  # fmt: skip
    step = 0.15
    moves = step * np.eye(d)
    centre, up, down = best.fun, [loss(best.x + m) for m in moves], [loss(best.x - m) for m in moves]
    bend = np.empty((d, d))
    for i in range(d):
        bend[i, i] = (up[i] - 2 * centre + down[i]) / step**2
        for j in range(i):
            both = loss(best.x + moves[i] + moves[j])
            bend[i, j] = bend[j, i] = (both - up[i] - up[j] + centre) / step**2
    values, axes = np.linalg.eigh(np.where(np.isfinite(bend), bend, 0.0))
    return best.x, (axes / np.clip(values, 0.5, 1e4)) @ axes.T


def _log_t(z: Array, centre: Array, spread: Array) -> Array:
    root = np.linalg.cholesky(spread)
    off = np.linalg.solve(root, (z - centre).T)
    d = len(centre)
    tail = -0.5 * (_FREEDOM + d) * np.log1p((off**2).sum(axis=0) / _FREEDOM)
    from scipy.special import gammaln

    norm = gammaln((_FREEDOM + d) / 2) - gammaln(_FREEDOM / 2) - 0.5 * d * np.log(_FREEDOM * np.pi)
    return np.asarray(tail + norm - np.log(np.diag(root)).sum())


def integrate(problem: Problem, prior: SeriesPrior, *, seed: int, points: int = _POINTS) -> Mixture:
    """Give the posterior.

    Raises
    ------
    EstimateRefused
        The points do not settle: fewer than 20 effective ones.
    """
    from scipy.special import logsumexp

    rng = np.random.default_rng(seed)
    density = _Density(problem, prior)
    centre, spread = _peak_of(density)
    scores, values = np.empty((0, len(HYPER))), np.empty(0)
    hypers: list[Hyper] = []
    peaks: list[Peak | None] = []
    proposals, effective, total = [], 0.0, -np.inf
    for turn in range(_MOST_ROUNDS):
        proposals.append((centre, spread))
        new = _points(centre, spread, points, rng)
        found = [density(z, mended=True) for z in new]
        scores = np.vstack([scores, new])
        values = np.append(values, [one[0] for one in found])
        hypers += [one[1] for one in found]
        peaks += [one[2] for one in found]
        among = logsumexp([_log_t(scores, *one) for one in proposals], axis=0) - np.log(len(proposals))
        log_weight = values - 0.5 * len(HYPER) * np.log(2 * np.pi) - among
        total = float(logsumexp(log_weight))
        if not np.isfinite(total):
            break
        weight = np.exp(log_weight - total)
        effective = 1.0 / float((weight**2).sum())
        flat = _flattened(log_weight)
        centre = flat @ scores
        away = scores - centre
        # A little wider than it is: tails that are missed cannot be weighted back.
        spread = 1.2 * (flat[:, None] * away).T @ away + 0.01 * np.eye(len(HYPER))
        if turn + 1 >= _ROUNDS and effective >= _ENOUGH:
            break
    if not np.isfinite(total) or effective < _FEWEST:
        raise EstimateRefused(
            f"the fit of the weekly series did not settle ({effective:.0f} effective points, {_FEWEST:.0f} needed); "
            "use a longer series, or one with fewer gaps"
        )
    kept = np.flatnonzero(weight > 1e-6 * weight.max())
    share = weight[kept] / weight[kept].sum()
    return Mixture(
        tuple(hypers[k] for k in kept), tuple(peak for k in kept if (peak := peaks[k]) is not None), share,
        total - float(np.log(len(scores))), effective,
    )  # fmt: skip


def _flattened(log_weight: Array) -> Array:
    """Give weights to shape the next points by: raised to a power below one until enough points speak."""
    power = 1.0
    for _ in range(30):
        weight = np.exp(power * (log_weight - log_weight.max()))
        weight /= weight.sum()
        if 1.0 / float((weight**2).sum()) >= _SHAPING:
            break
        power *= 0.8
    return np.asarray(weight)


def _points(centre: Array, spread: Array, n: int, rng: np.random.Generator) -> Array:
    from scipy.special import ndtri
    from scipy.stats import chi2, qmc

    d = len(centre)
    even = np.clip(qmc.Sobol(d + 1, rng=rng).random(n), 1e-6, 1 - 1e-6)
    scale = np.sqrt(_FREEDOM / chi2.ppf(even[:, d], _FREEDOM))
    moved = (ndtri(even[:, :d]) * scale[:, None]) @ np.linalg.cholesky(spread).T
    return np.asarray(np.clip(centre + moved, -5.0, 5.0))
