"""Maximum likelihood of a log-linear intensity: on the pixels, or on the peer's quadrature."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused
from ._lookup import inside_pixels
from ._quadrature import quadrature, values_at
from ._space import EventPoints, SpaceTime
from ._surfaces import Surface

__all__ = ["fit_pixels", "fit_quadrature", "reweighted_fit"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# Numbers of a design held at once.
_CHUNK = 4_000_000
_MOST_STEPS = 60
_SMALLEST_STEP = 1e-11
_WORST_CONDITION = 1e14
_GLM_EPSILON = 1e-8
_DEPENDENT = (
    "the propensity cannot be fitted: covariates are linear combinations of one another, or separate strikes "
    "from no strikes completely; leave one out"
)


def fit_quadrature(
    space: SpaceTime, strikes: EventPoints, surfaces: Sequence[Surface]
) -> tuple[Floats, Floats]:
    """Fit on the peer's quadrature; errors are quasi-Poisson."""
    places = quadrature(space, strikes)
    values = values_at(space, surfaces, places.x_km, places.y_km, places.period)
    design = np.column_stack([np.ones(len(values)), values])
    response = np.where(places.is_strike, 1 / places.weight, 0.0)
    return reweighted_fit(design, response, places.weight)


def reweighted_fit(design: Floats, response: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Fit a quasi-Poisson model with log link by the steps, start and stop of R's glm().

    R stops once the deviance changes by less than 1e-8 and takes the errors from the step before the last,
    which shows in the ninth digit of the coefficients and the fifth of their errors.

    Returns
    -------
    tuple
        Coefficients; covariance with the dispersion of Pearson's residuals.
    """
    mean = np.where(response == 0, 0.1, response)
    log_mean, before = np.log(mean), np.inf
    for _ in range(_MOST_STEPS):
        used = weight * mean
        root = np.sqrt(used)
        target = log_mean + (response - mean) / mean
        b, _, rank, _ = np.linalg.lstsq(design * root[:, None], target * root, rcond=1e-12)
        if rank < design.shape[1] or not np.isfinite(b).all():
            raise EstimateRefused(_DEPENDENT)
        log_mean = design @ b
        mean = np.exp(log_mean)
        ratio = np.where(response > 0, response, 1.0) / mean
        deviance = 2 * float(
            weight @ (response * np.log(np.where(response > 0, ratio, 1.0)) - response + mean)
        )
        if abs(deviance - before) < _GLM_EPSILON * (abs(deviance) + 0.1):
            residual = (response - mean) / mean
            dispersion = float(used @ residual**2) / (len(mean) - len(b))
            spread = np.linalg.inv((design * used[:, None]).T @ design) * dispersion
            return np.asarray(b, np.float64), np.asarray(spread, np.float64)
        before = deviance
    raise EstimateRefused(_DEPENDENT)


def fit_pixels(space: SpaceTime, strikes: EventPoints, surfaces: Sequence[Surface]) -> tuple[Floats, Floats]:
    """Fit the exact likelihood on the grid; errors are robust to dependence within a period."""
    at = inside_pixels(space, strikes.x_km, strikes.y_km)
    values = np.empty((len(at), len(surfaces) + 1))
    values[:, 0] = 1
    for k, surface in enumerate(surfaces, 1):
        image = surface.inside(space)
        row = strikes.period if len(image) > 1 else np.zeros(len(at), np.int64)
        values[:, k] = image[row, at if image.shape[1] > 1 else np.zeros(len(at), np.int64)]
    middle, spread = _scales(space, surfaces)
    scaled = values.copy()
    scaled[:, 1:] = (values[:, 1:] - middle) / spread
    total = scaled.sum(axis=0)

    def parts(b: Floats) -> tuple[float, Floats, Floats]:
        value, score, information = float(total @ b), total.copy(), np.zeros((len(b), len(b)))
        for design, exposure in _designs(space, surfaces, middle, spread):
            mean = exposure * np.exp(design @ b)
            value -= float(mean.sum())
            score -= np.einsum("tp,tpk->k", mean, design)
            information += _gram(design, mean)
        return value, score, information

    start = np.zeros(scaled.shape[1])
    start[0] = np.log(len(at) / (space.n_periods * space.inside.sum() * space.pixel_km2))
    b, inverse = _newton(parts, start)
    scores = _period_scores(space, strikes, surfaces, scaled, b, (middle, spread))
    robust = inverse @ (scores.T @ scores) @ inverse
    back = np.diag(np.append(1.0, 1 / spread))
    back[0, 1:] = -middle / spread
    return back @ b, back @ robust @ back.T


def _gram(design: Floats, mean: Floats) -> Floats:
    flat = design.reshape(-1, design.shape[-1])
    found: Floats = (flat * mean.reshape(-1, 1)).T @ flat
    return found


def _scales(space: SpaceTime, surfaces: Sequence[Surface]) -> tuple[Floats, Floats]:
    """Give mean and standard deviation of each covariate, so that Newton's steps are well scaled."""
    inside = [surface.inside(space) for surface in surfaces]
    middle = np.array([values.mean() for values in inside])
    spread = np.array([values.std() for values in inside])
    for surface, one in zip(surfaces, spread, strict=True):
        if one <= 1e-12 * max(1.0, float(np.abs(surface.inside(space)).max())):
            raise EstimateRefused(f"surface {surface.name!r} is the same everywhere; leave it out")
    return middle, spread


def _designs(
    space: SpaceTime, surfaces: Sequence[Surface], middle: Floats, spread: Floats
) -> Iterator[tuple[Floats, float]]:
    """Give the design, shape (periods, pixels, terms), in chunks, and what each pixel stands for."""
    inside = [surface.inside(space) for surface in surfaces]
    n_pixels, n_terms = int(space.inside.sum()), len(surfaces) + 1
    still = all(len(values) == 1 for values in inside)
    periods = 1 if still else space.n_periods
    exposure = space.pixel_km2 * (space.n_periods if still else 1)
    each = max(1, _CHUNK // (n_pixels * n_terms))
    for first in range(0, periods, each):
        last = min(first + each, periods)
        design = np.ones((last - first, n_pixels, n_terms))
        for k, values in enumerate(inside):
            design[:, :, k + 1] = ((values if len(values) == 1 else values[first:last]) - middle[k]) / spread[
                k
            ]
        yield design, exposure


def _period_scores(
    space: SpaceTime,
    strikes: EventPoints,
    surfaces: Sequence[Surface],
    values: Floats,
    b: Floats,
    scales: tuple[Floats, Floats],
) -> Floats:
    """Give each period's part of the score at the fit, shape (n_periods, terms)."""
    scores: Floats = np.column_stack(
        [np.bincount(strikes.period, values[:, k], minlength=space.n_periods) for k in range(values.shape[1])]
    )
    first = 0
    for design, exposure in _designs(space, surfaces, *scales):
        mean = exposure * np.exp(design @ b)
        part = np.einsum("tp,tpk->tk", mean, design)
        if len(part) == 1 and exposure > space.pixel_km2:
            return np.asarray(scores - part / space.n_periods, np.float64)
        scores[first : first + len(part)] -= part
        first += len(part)
    return scores


def _newton(parts: Callable[[Floats], tuple[float, Floats, Floats]], start: Floats) -> tuple[Floats, Floats]:
    """Climb a concave likelihood; steps are halved while they do not climb."""
    b = start
    value, score, information = parts(b)
    for _ in range(_MOST_STEPS):
        try:
            step = np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            step = np.full(len(b), np.nan)
        if not np.isfinite(step).all() or np.linalg.cond(information) > _WORST_CONDITION:
            break
        for _ in range(30):
            trial = b + step
            with np.errstate(over="ignore", invalid="ignore"):
                found = parts(trial)
            if np.isfinite(found[0]) and found[0] >= value - 1e-9 * abs(value):
                break
            step = step / 2
        b, (value, score, information) = trial, found
        if np.abs(step).max() <= _SMALLEST_STEP * max(1.0, float(np.abs(b).max())):
            return b, np.asarray(np.linalg.inv(information), np.float64)
    raise EstimateRefused(_DEPENDENT)
