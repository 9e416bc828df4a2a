"""Counts on exposure with effects of zone and period: fit, and errors that leave out one zone at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = [
    "CountPanel",
    "Fit",
    "Model",
    "NoFit",
    "fit_counts",
    "leave_zones_out",
    "residualise",
    "without_empty",
]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Model = Literal["poisson", "negative_binomial"]

_STEPS = 60
_TOLERANCE = 1e-9
# Added to the diagonal so that what zone and period effects leave open has one solution; none of the residuals
# or coefficients depends on it to this precision.
_RIDGE = 1e-10


class NoFit(Exception):
    """The iteration found no coefficients."""


@dataclass(frozen=True, eq=False)
class CountPanel:
    """Counts and exposures by zone and period.

    Parameters
    ----------
    counts
        Shape (zones, periods).
    exposure
        Shape (columns, zones, periods); anything where not `known`.
    known
        Which zone-periods take part.
    """

    counts: Floats
    exposure: Floats
    known: Mask

    def of(self, zones: Mask) -> CountPanel:
        """Give the panel of some zones."""
        return replace(self, known=self.known & zones[:, None])


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients of the exposures, per unit.

    Parameters
    ----------
    beta
        Shape (columns,).
    mean
        Fitted counts, shape (zones, periods); 0 where nothing is known.
    weight
        Weights of the last step of least squares.
    within
        Exposures without what zone and period effects explain, shape (columns, zones, periods).
    dispersion
        alpha of the negative binomial; 0 for Poisson.
    """

    beta: Floats
    mean: Floats
    weight: Floats
    within: Floats
    dispersion: float

    @property
    def information(self) -> Floats:
        """Weighted squares of the exposures within, shape (columns, columns)."""
        found: Floats = np.einsum("kzt,zt,lzt->kl", self.within, self.weight, self.within)
        return found


def without_empty(panel: CountPanel) -> CountPanel:
    """Leave out zones and periods without one recorded attack: they say nothing on a ratio."""
    known = panel.known.copy()
    while True:
        seen = np.where(known, panel.counts, 0)
        kept = known & (seen.sum(axis=1) > 0)[:, None] & (seen.sum(axis=0) > 0)[None, :]
        if (kept == known).all():
            return replace(panel, known=kept)
        known = kept


def residualise(values: Floats, weight: Floats) -> Floats:
    """Take out of each column what zone and period effects explain, by weighted least squares.

    Parameters
    ----------
    values
        Shape (columns, zones, periods).
    weight
        Shape (zones, periods), 0 where nothing is known.

    Examples
    --------
    >>> additive = np.add.outer(np.arange(3.0), np.arange(4.0))[None]
    >>> bool(np.abs(residualise(additive, np.ones((3, 4)))).max() < 1e-8)
    True
    """
    by_zone, by_period = weight.sum(axis=1), weight.sum(axis=0)
    inverse = np.divide(1.0, by_period, out=np.zeros_like(by_period), where=by_period > 0)
    share = weight * inverse
    left = np.diag(by_zone) - share @ weight.T
    left[np.diag_indices_from(left)] += _RIDGE * max(float(by_zone.mean()), 1e-300) + (by_zone == 0)
    pulled = values * weight
    right = pulled.sum(axis=2) - pulled.sum(axis=1) @ share.T
    zone = np.linalg.solve(left, right.T).T
    period = (pulled.sum(axis=1) - zone @ weight) * inverse
    left_over: Floats = values - zone[:, :, None] - period[:, None, :]
    return left_over


def fit_counts(panel: CountPanel, model: Model = "poisson", start: Fit | None = None) -> Fit:
    """Fit log mean = zone + period + beta * exposure.

    With Poisson means the coefficient needs no Poisson counts, only that the mean is right, and effects of zone
    and period do not bias it; errors come from `leave_zones_out`.

    Raises
    ------
    NoFit
        An exposure is explained by zone and period effects, or the iteration does not settle.
    """
    panel = without_empty(panel)
    if not panel.known.any():
        raise NoFit("no zone-period with exposure and attacks is left")
    if model == "poisson":
        return _weighted(panel, 0.0, start)
    dispersion = start.dispersion if start is not None else 0.0
    found = _weighted(panel, dispersion, start)
    for _ in range(_STEPS):
        before, dispersion = dispersion, _dispersion(panel, found.mean)
        found = _weighted(panel, dispersion, found)
        if abs(dispersion - before) <= 1e-6 * max(dispersion, 1e-3):
            return found
    raise NoFit("the dispersion does not settle")


def _weighted(panel: CountPanel, dispersion: float, start: Fit | None) -> Fit:
    """Iterate weighted least squares."""
    known, counts = panel.known, np.where(panel.known, panel.counts, 0.0)
    exposure = np.where(known, panel.exposure, 0.0)
    mean = _first(counts, known) if start is None else np.where(known, np.maximum(start.mean, 1e-8), 0.0)
    beta = np.full(len(exposure), np.inf)
    for _ in range(_STEPS):
        safe = np.where(known, mean, 1.0)
        weight = np.where(known, mean / (1 + dispersion * mean), 0.0)
        working = np.where(known, np.log(safe) + (counts - mean) / safe, 0.0)
        within = residualise(np.concatenate([exposure, working[None]]), weight)
        x, z = within[:-1], within[-1]
        information = np.einsum("kzt,zt,lzt->kl", x, weight, x)
        total = np.einsum("kzt,zt,kzt->k", exposure, weight, exposure)
        size = np.sqrt(np.diag(information))
        if (size**2 <= 1e-8 * np.maximum(total, 1e-300)).any():
            raise NoFit("effects of zone and period explain the exposure")
        if np.linalg.eigvalsh(information / np.outer(size, size))[0] < 1e-8:
            raise NoFit("exposures that go together cannot be told apart")
        new = np.linalg.solve(information, np.einsum("kzt,zt,zt->k", x, weight, z))
        left = np.where(known, z - np.tensordot(new, x, axes=1), 0.0)
        # A step of more than e^5 in one go is the first steps' overshoot, not news.
        step = np.clip(np.where(known, working - left - np.log(safe), 0.0), -5.0, 5.0)
        mean = np.where(known, safe * np.exp(step), 0.0)
        moved = float(np.abs(np.where(weight > 1e-9, step, 0.0)).max(initial=0.0))
        if np.abs(new - beta).max() <= _TOLERANCE * max(1.0, float(np.abs(new).max())) and moved < 1e-6:
            return Fit(new, mean, weight, x, dispersion)
        beta = new
    raise NoFit("the iteration does not settle")


def _first(counts: Floats, known: Mask) -> Floats:
    """Give means of zone times period, to start from."""
    mean = np.where(known, 1.0, 0.0)
    for _ in range(5):
        for axis in (1, 0):
            got, want = mean.sum(axis=axis, keepdims=True), counts.sum(axis=axis, keepdims=True)
            mean = mean * np.divide(want, got, out=np.ones_like(got), where=got > 0)
    return np.where(known, np.maximum(mean, 1e-6), 0.0)


def _dispersion(panel: CountPanel, mean: Floats) -> float:
    """Give alpha by maximum likelihood at given means."""
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    y, mu = panel.counts[panel.known], mean[panel.known]

    def loss(log_alpha: float) -> float:
        alpha = math.exp(log_alpha)
        size = 1 / alpha
        value = gammaln(y + size) - gammaln(size) - (y + size) * np.log1p(alpha * mu) + y * log_alpha
        return -float(value.sum())

    found = minimize_scalar(loss, bounds=(-12.0, 4.0), method="bounded", options={"xatol": 1e-7})
    return math.exp(float(found.x))


def leave_zones_out(panel: CountPanel, model: Model, fit: Fit) -> tuple[Floats, int]:
    """Give the covariance of the coefficients by leaving out one zone at a time, and how many could be.

    (G - 1) / G times the sum of squared changes (the jackknife CV3 of MacKinnon, Nielsen and Webb 2023,
    doi:10.1002/jae.2969): it lets attacks of a zone go together in any way along time, and leans to the wide
    side where few zones carry the exposure.
    """
    zones = np.flatnonzero(without_empty(panel).known.any(axis=1))
    changes = []
    for zone in zones:
        kept = np.ones(len(panel.counts), bool)
        kept[zone] = False
        try:
            changes.append(fit_counts(panel.of(kept), model, fit).beta - fit.beta)
        except NoFit:
            # The exposure varies in this zone alone; without it there is nothing to estimate.
            return np.full((len(fit.beta), len(fit.beta)), np.inf), len(changes)
    moved = np.array(changes)
    return (len(zones) - 1) / len(zones) * moved.T @ moved, len(zones)
