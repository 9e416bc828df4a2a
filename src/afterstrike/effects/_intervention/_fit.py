"""Maximum likelihood of a log-linear intensity: on the pixels, or on the peer's quadrature."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

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
# Numbers of a design made at once: few enough to stay near the processor.
_CHUNK = 100_000
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


@dataclass(frozen=True, eq=False)
class _Pixels:
    """The covariates at the pixels inside, centred and scaled so that Newton's steps are well scaled.

    Parameters
    ----------
    columns
        One array a surface, of shape (1, pixels), (periods, pixels) or (periods, 1).
    middle, spread
        Mean and standard deviation of each, before scaling.
    n_pixels, n_periods, pixel_km2
        Of the grid.
    """

    columns: list[Floats]
    middle: Floats
    spread: Floats
    n_pixels: int
    n_periods: int
    pixel_km2: float

    def designs(self) -> Iterator[tuple[int, Floats, float]]:
        """Give first period, design of shape (periods, pixels, terms) and what a pixel stands for, in chunks.

        Where nothing moves, one period stands for all.
        """
        n_terms = len(self.columns) + 1
        periods = 1 if self.still else self.n_periods
        exposure = self.pixel_km2 * (self.n_periods if self.still else 1)
        each = max(1, _CHUNK // (self.n_pixels * n_terms))
        for first in range(0, periods, each):
            last = min(first + each, periods)
            design = np.empty((last - first, self.n_pixels, n_terms))
            design[:, :, 0] = 1
            for k, values in enumerate(self.columns, 1):
                design[:, :, k] = values if len(values) == 1 else values[first:last]
            yield first, design, exposure

    @property
    def still(self) -> bool:
        """Whether no covariate moves with time."""
        return all(len(values) == 1 for values in self.columns)

    def at(self, pixel: Ints, period: Ints) -> Floats:
        """Give the design at pixels and periods, shape (n, terms)."""
        found = np.ones((len(pixel), len(self.columns) + 1))
        for k, values in enumerate(self.columns, 1):
            row = period if len(values) > 1 else np.zeros_like(period)
            found[:, k] = values[row, pixel if values.shape[1] > 1 else np.zeros_like(pixel)]
        return found


def _pixels(space: SpaceTime, surfaces: Sequence[Surface]) -> _Pixels:
    columns, middle, spread = [], [], []
    for surface in surfaces:
        values = surface.inside(space)
        mean, deviation = float(values.mean()), float(values.std())
        if deviation <= 1e-12 * max(1.0, float(np.abs(values).max())):
            raise EstimateRefused(f"surface {surface.name!r} is the same everywhere; leave it out")
        columns.append((values - mean) / deviation)
        middle.append(mean)
        spread.append(deviation)
    n_pixels = int(space.inside.sum())
    return _Pixels(columns, np.array(middle), np.array(spread), n_pixels, space.n_periods, space.pixel_km2)


def fit_pixels(
    space: SpaceTime,
    strikes: EventPoints,
    surfaces: Sequence[Surface],
    *,
    times: Floats | None = None,
    ridge: float = 0.0,
) -> tuple[Floats, Floats]:
    """Fit the exact likelihood on the grid; errors are robust to dependence within a period.

    `times`, one a period, says how often each period counts, as in a bootstrap of periods; errors then hold
    for periods that each count once. `ridge` times half the squared coefficients of covariates in standard
    units is taken from the log likelihood.
    """
    pixels = _pixels(space, surfaces)
    at = pixels.at(inside_pixels(space, strikes.x_km, strikes.y_km), strikes.period)
    each = np.ones(space.n_periods) if times is None else times
    counted = each[strikes.period]
    shrunk = np.full(len(surfaces) + 1, ridge)
    shrunk[0] = 0.0
    total = counted @ at

    def parts(b: Floats) -> tuple[float, Floats, Floats]:
        value = float(total @ b - shrunk @ b**2 / 2)
        score, information = total - shrunk * b, np.diag(shrunk)
        for first, design, exposure in pixels.designs():
            flat = design.reshape(-1, len(b))
            often = each.mean() if pixels.still else each[first : first + len(design)].repeat(pixels.n_pixels)
            mean = exposure * often * np.exp(flat @ b)
            weighted = flat * mean[:, None]
            value -= float(mean.sum())
            score -= weighted.sum(axis=0)
            information += weighted.T @ flat
        return value, score, information

    if not counted.sum() > 0:
        raise EstimateRefused("no strikes in the periods that are fitted; use fewer folds or more days")
    start = np.zeros(len(total))
    start[0] = np.log(counted.sum() / (each.sum() * pixels.n_pixels * space.pixel_km2))
    b, inverse = _newton(parts, start)
    scores = _period_scores(pixels, at, strikes.period, b)
    robust = inverse @ (scores.T @ scores) @ inverse
    back = np.diag(np.append(1.0, 1 / pixels.spread))
    back[0, 1:] = -pixels.middle / pixels.spread
    return back @ b, back @ robust @ back.T


def _period_scores(pixels: _Pixels, at: Floats, period: Ints, b: Floats) -> Floats:
    """Give each period's part of the score at the fit, shape (n_periods, terms)."""
    scores = np.column_stack(
        [np.bincount(period, column, minlength=pixels.n_periods) for column in at.T]
    ).astype(np.float64)
    for first, design, exposure in pixels.designs():
        part = np.einsum("tp,tpk->tk", exposure * np.exp(design @ b), design)
        if pixels.still:
            scores -= part / pixels.n_periods
        else:
            scores[first : first + len(part)] -= part
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
