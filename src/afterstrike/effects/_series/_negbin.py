"""Negative binomial regression of counts by zone and period: Newton's method, effects of zones swept out.

The log rate is `local @ own[zone] + common @ shared`: columns that each zone has coefficients of its own for
(a constant, and slow trends held near zero by a penalty), and columns whose coefficients all zones share. The
Hessian is then block by block, and its inverse needs one small block a zone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused

__all__ = ["CountModel", "fit_counts", "inverse"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_STEPS, _ROUNDS, _TOLERANCE = 60, 8, 1e-9
# A coefficient this large says that a column tells the counts apart from zero: no finite estimate.
_LARGEST = 30.0
_LEAST_DISPERSION = 1e-5


@dataclass(frozen=True, eq=False)
class CountModel:
    """A fitted model.

    Parameters
    ----------
    shared, own
        Coefficients, shape (columns,) and (zones, local columns).
    dispersion
        Variance is `mean + dispersion * mean**2`; 0 is Poisson.
    mean
        Fitted means, shape (zones, periods).
    bread
        Inverse of the Hessian of the shared coefficients, zones' own swept out.
    score
        Scores of the shared coefficients by zone and period, zones' own swept out; 0 where not used.
    used
        Zones and periods that were fitted.
    own_variance
        Of zones' own coefficients given the shared ones, shape (zones, local columns).
    by_zone
        Each zone's part of the Hessian of the shared coefficients.
    """

    shared: Floats
    own: Floats
    dispersion: float
    mean: Floats
    bread: Floats
    score: Floats
    used: Bools
    own_variance: Floats
    by_zone: Floats

    def residual(self, counts: Floats) -> Floats:
        """Give Pearson residuals, NaN where not used."""
        spread = np.sqrt(self.mean + self.dispersion * self.mean**2)
        return np.where(self.used, (counts - self.mean) / np.maximum(spread, 1e-12), np.nan)


def fit_counts(
    counts: Floats,
    common: Floats,
    local: Floats,
    used: Bools,
    *,
    penalty: Floats | None = None,
    names: tuple[str, ...] = (),
    start: CountModel | None = None,
) -> CountModel:
    """Fit the model.

    Parameters
    ----------
    counts, used
        Shape (zones, periods). Each zone has a count above zero among those used.
    common
        Columns with shared coefficients, shape (zones, periods, columns).
    local
        Columns with coefficients by zone, shape (periods, local columns); the first is 1.
    penalty
        Added to the Hessian of each zone's own coefficients, shape (local columns,).
    names
        Of the columns, for errors.
    start
        A fit of the same columns to begin from.

    Raises
    ------
    EstimateRefused
        A column cannot be told apart from the others, or has no finite coefficient.
    """
    ridge = np.zeros(local.shape[1]) if penalty is None else penalty
    weight_used = used.astype(np.float64)
    if start is not None:
        return _finish(counts, common, local, used, ridge, start.own, start.shared, start.dispersion, names)
    level = (counts * weight_used).sum(axis=1) / np.maximum(weight_used.sum(axis=1), 1.0)
    own = np.zeros((len(counts), local.shape[1]))
    own[:, 0] = np.log(np.maximum(level, 1e-6))
    return _finish(counts, common, local, used, ridge, own, np.zeros(common.shape[2]), 0.1, names)


def _finish(
    counts: Floats, common: Floats, local: Floats, used: Bools, ridge: Floats, own: Floats, shared: Floats,
    dispersion: float, names: tuple[str, ...],
) -> CountModel:  # fmt: skip
    """Climb in turn in the coefficients and the dispersion, then take what inference needs."""
    weight = used.astype(np.float64)
    for _ in range(_ROUNDS):
        own, shared, mean = _newton(counts, common, local, weight, ridge, own, shared, dispersion, names)
        new = _dispersion(counts[used], mean[used])
        settled = abs(new - dispersion) < 1e-3 * (0.01 + new)
        dispersion = new
        if settled:
            break
    own, shared, mean = _newton(counts, common, local, weight, ridge, own, shared, dispersion, names)
    tilt = 1 + dispersion * mean
    curve = weight * mean * (1 + dispersion * counts) / tilt**2
    block, cross = _blocks(common, local, curve, ridge)
    swept = np.linalg.solve(block, cross)
    score = (weight * (counts - mean) / tilt)[:, :, None] * (
        common - np.einsum("tk,zkp->ztp", local, swept, optimize=True)
    )
    by_zone = np.swapaxes(common, 1, 2) @ (common * curve[:, :, None])
    by_zone -= np.swapaxes(cross, 1, 2) @ swept
    return CountModel(
        shared, own, dispersion, mean, inverse(by_zone.sum(axis=0), names), score, used,
        np.diagonal(np.linalg.inv(block), axis1=1, axis2=2).copy(), by_zone,
    )  # fmt: skip


def _mean(common: Floats, local: Floats, own: Floats, shared: Floats) -> Floats:
    return np.asarray(np.exp(np.clip(own @ local.T + common @ shared, -30.0, 15.0)))


def _newton(
    counts: Floats, common: Floats, local: Floats, weight: Floats, ridge: Floats, own: Floats,
    shared: Floats, dispersion: float, names: tuple[str, ...],
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Climb to the coefficients for a given dispersion: the log likelihood is concave, so steps are halved."""

    def value(own: Floats, mean: Floats) -> float:
        inside = weight > 0
        return _loglik(counts[inside], mean[inside], dispersion) - 0.5 * float((own**2 * ridge).sum())

    mean = _mean(common, local, own, shared)
    now = value(own, mean)
    for _ in range(_STEPS):
        hessian, gradient, swept = _schur(counts, common, local, weight, ridge, own, mean, dispersion, shared)
        step = _solve(hessian, gradient[0], names)
        own_step = gradient[1] - swept @ step
        gain = float(gradient[0] @ step) + float((gradient[2] * own_step).sum())
        size = 1.0
        for _halving in range(30):
            new_own, new_shared = own + size * own_step, shared + size * step
            new_mean = _mean(common, local, new_own, new_shared)
            found = value(new_own, new_mean)
            if found >= now - 1e-10 * abs(now):
                break
            size /= 2
        own, shared, mean = new_own, new_shared, new_mean
        done = abs(found - now) < _TOLERANCE * (1 + abs(now)) and abs(gain) < 1e-6 * (1 + abs(now))
        now = found
        if done:
            break
    if len(shared) and float(np.abs(shared).max()) > _LARGEST:
        bad = names[int(np.abs(shared).argmax())] if names else "a column"
        raise EstimateRefused(f"{bad} has no finite coefficient: no attacks at all where it is not zero")
    return own, shared, mean


def _schur(
    counts: Floats, common: Floats, local: Floats, weight: Floats, ridge: Floats, own: Floats,
    mean: Floats, dispersion: float, shared: Floats,
) -> tuple[Floats, tuple[Floats, Floats, Floats], Floats]:  # fmt: skip
    """Give the Hessian of the shared coefficients with zones' own swept out, gradients, and what was swept.

    The gradients are that of the shared coefficients (swept), the step of zones' own without the shared, and
    the plain gradient of zones' own.
    """
    tilt = 1 + dispersion * mean
    curve = weight * mean * (1 + dispersion * counts) / tilt**2
    slope = weight * (counts - mean) / tilt
    block, cross = _blocks(common, local, curve, ridge)
    flat = common.reshape(counts.size, common.shape[2])
    whole = flat.T @ (flat * curve.reshape(-1, 1))
    own_gradient = slope @ local - ridge * own
    swept = np.asarray(np.linalg.solve(block, cross), np.float64)
    alone = np.asarray(np.linalg.solve(block, own_gradient[:, :, None])[:, :, 0], np.float64)
    hessian = whole - _rows(cross).T @ _rows(swept)
    gradient = flat.T @ slope.ravel() - _rows(cross).T @ alone.ravel()
    return hessian, (gradient, alone, own_gradient), swept


def _blocks(common: Floats, local: Floats, curve: Floats, ridge: Floats) -> tuple[Floats, Floats]:
    """Give the Hessian of zones' own coefficients, and between them and the shared ones."""
    weighted = np.swapaxes(local[None] * curve[:, :, None], 1, 2)
    return weighted @ local + np.eye(len(ridge)) * (ridge + 1e-10), weighted @ common


def _rows(part: Floats) -> Floats:
    return part.reshape(part.shape[0] * part.shape[1], part.shape[2])


def _solve(hessian: Floats, gradient: Floats, names: tuple[str, ...]) -> Floats:
    if not len(gradient):
        return gradient
    return np.asarray(inverse(hessian, names) @ gradient)


def inverse(hessian: Floats, names: tuple[str, ...]) -> Floats:
    """Invert after scaling to a unit diagonal; name a column that the others make up."""
    if not len(hessian):
        return hessian
    spread = np.sqrt(np.maximum(np.diag(hessian), 0.0))
    bad = np.flatnonzero(spread < 1e-7)
    if not len(bad):
        scaled = hessian / np.outer(spread, spread)
        value, vector = np.linalg.eigh(scaled)
        if value[0] > 1e-9:
            return np.asarray((vector / value) @ vector.T / np.outer(spread, spread))
        bad = np.array([int(np.abs(vector[:, 0]).argmax())])
    what = names[int(bad[0])] if names else f"column {int(bad[0])}"
    raise EstimateRefused(
        f"{what} cannot be told apart from the other columns; use a longer period, fewer lags, or fewer zones"
    )


def _dispersion(counts: Floats, mean: Floats) -> float:
    """Give the dispersion of highest likelihood; 0 where the counts spread no more than Poisson counts."""
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    value, times = np.unique(counts, return_counts=True)
    log_mean = np.log(mean)

    def loss(log_dispersion: float) -> float:
        dispersion, size = math.exp(log_dispersion), math.exp(-log_dispersion)
        tilt = np.log1p(dispersion * mean)
        rising = float(times @ (gammaln(value + size) - gammaln(size)))
        return -(rising + float(counts @ (log_dispersion + log_mean)) - float((size + counts) @ tilt))

    found = minimize_scalar(
        loss, bounds=(math.log(_LEAST_DISPERSION), math.log(50.0)), method="bounded", options={"xatol": 1e-4}
    )
    return 0.0 if found.x < math.log(3 * _LEAST_DISPERSION) else float(math.exp(found.x))


def _loglik(counts: Floats, mean: Floats, dispersion: float) -> float:
    """Give the log likelihood up to terms of the counts and the dispersion alone."""
    if dispersion == 0.0:
        return float((counts * np.log(mean) - mean).sum())
    tilt = np.log1p(dispersion * mean)
    return float((counts * (np.log(mean) - tilt) - tilt / dispersion).sum())
