"""Propensity: how likely each period's strikes were where they fell, given what was known before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._result import CheckResult
from ._density import log_density
from ._fit import fit_pixels, fit_quadrature
from ._quadrature import values_at
from ._space import Convention, EventPoints, SpaceTime, check_convention, need_events
from ._surfaces import Surface

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Propensity", "PropensityModel", "dispersion_test", "fit_propensity", "negative_binomial_size"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
PropensityModel = Literal["poisson", "negative_binomial"]
# Size of the test of dispersion.
_TEST_SIZE = 0.05
# Stretches of periods a fold.
_STRETCHES = 4


@dataclass(frozen=True, eq=False)
class Propensity:
    """A fitted propensity of strikes; made by `fit_propensity`.

    Parameters
    ----------
    space, surfaces, strikes
        What it was fitted to.
    model
        `poisson` or `negative_binomial`.
    coefficients, covariance
        Of the intercept and each surface, for log intensity per km2 and period.
    expected
        Expected strikes of each period, shape (n_periods,).
    n_strikes
        Strikes of each period.
    sum_log
        Sum of the log intensity over each period's strikes, 0 where there are none.
    size
        Size of the negative binomial (variance = mean + mean^2 / size); infinite for Poisson.
    dispersion
        Test of the Poisson variance of the strikes a period.
    convention, ridge, folds
        As fitted.
    by_period
        Where it is cross-fitted, the coefficients each period is evaluated with, shape (n_periods, terms).
    """

    space: SpaceTime
    surfaces: tuple[Surface, ...] = field(repr=False)
    strikes: EventPoints
    model: PropensityModel
    coefficients: Floats
    covariance: Floats = field(repr=False)
    expected: Floats = field(repr=False)
    n_strikes: Ints = field(repr=False)
    sum_log: Floats = field(repr=False)
    size: float
    dispersion: CheckResult
    convention: Convention
    ridge: float = 0.0
    folds: int = 0
    by_period: Floats | None = field(default=None, repr=False)

    @property
    def log_density(self) -> Floats:
        """Log density of each period's strikes, shape (n_periods,)."""
        return log_density(self.n_strikes, self.expected, self.sum_log, self.size)

    def to_frame(self) -> pd.DataFrame:
        """Give one row a term: coefficient, standard error and z."""
        import pandas as pd

        error = np.sqrt(np.diag(self.covariance))
        names = ["intercept", *(surface.name for surface in self.surfaces)]
        columns = {"term": names, "coefficient": self.coefficients, "std_error": error}
        return pd.DataFrame({**columns, "z": self.coefficients / error})

    def intensity(self, period: int) -> Floats:
        """Give expected strikes per km2 in one period, shape (rows, columns), NaN outside the window."""
        image = np.full(self.space.shape, np.nan)
        image[self.space.inside] = np.exp(self.log_inside(period, period + 1)[0])
        return image

    def log_inside(self, first: int, last: int) -> Floats:
        """Give the log intensity at the pixels inside in the periods first to last - 1."""
        b = self.coefficients[None] if self.by_period is None else self.by_period[first:last]
        return _log_inside(self.space, self.surfaces, b, first, last)

    def on(self, space: SpaceTime, strikes: EventPoints, surfaces: Sequence[Surface]) -> Propensity:
        """Give the same coefficients on other periods: what earlier strikes would have led one to expect.

        With `scaled_strikes` it makes an adaptive policy: strikes drawn as in an earlier stretch of time,
        given what was known in this one.

        Parameters
        ----------
        space, strikes
            The other periods, their strikes.
        surfaces
            The same covariates there, in the same order.
        """
        names = [surface.name for surface in surfaces]
        if names != [surface.name for surface in self.surfaces]:
            raise UsageError(
                f"surfaces {', '.join(names) or 'none'}; allowed "
                f"{', '.join(surface.name for surface in self.surfaces) or 'none'}, in this order"
            )
        for surface in surfaces:
            surface.check(space)
        strikes = strikes.within(space.n_periods)
        fitted = self.coefficients, self.covariance
        return _evaluated(space, tuple(surfaces), strikes, self.model, fitted, self.convention, self.size)

    def refitted(self, times: Floats) -> Propensity:
        """Fit again with each period counted so many times, and evaluate on all periods.

        Parameters
        ----------
        times
            One number from 0 a period, as of a bootstrap that draws periods.
        """
        if self.convention != "afterstrike":
            raise UsageError("only a propensity of convention='afterstrike' can be fitted again")
        return _fitted(
            self.space,
            self.strikes,
            self.surfaces,
            self.model,
            ridge=self.ridge,
            folds=self.folds,
            times=times,
        )

    def log_at(self, points: EventPoints) -> Floats:
        """Give the log intensity at events, each read in its pixel, moved inside if needed."""
        where = points.x_km, points.y_km, points.period
        values = values_at(self.space, self.surfaces, *where)
        if self.by_period is None:
            return np.asarray(self.coefficients[0] + values @ self.coefficients[1:])
        b = self.by_period[points.period]
        return np.asarray(b[:, 0] + (values * b[:, 1:]).sum(axis=1))


def fit_propensity(
    space: SpaceTime,
    strikes: EventPoints,
    surfaces: Sequence[Surface],
    *,
    model: PropensityModel = "poisson",
    ridge: float = 0.0,
    folds: int = 0,
    convention: Convention = "afterstrike",
) -> Propensity:
    r"""Fit how strikes fall, as a point process whose log intensity is linear in the covariates.

    :math:`\log \lambda_t(s) = \beta_0 + \beta' z_t(s)`, one set of coefficients for all periods.

    Parameters
    ----------
    space
        Window, grid and periods.
    strikes
        The strikes; those before the first period are not used.
    surfaces
        Covariates; each known before the period it stands for.
    model
        `poisson`, or `negative_binomial`: the number of strikes of a period has variance mean + mean^2 /
        size, and their places are as under Poisson. The size is fitted after the coefficients, by maximum
        likelihood.
    ridge
        From 0: shrinks the coefficients of covariates in standard units, as many covariates or splines need.
    folds
        0: one fit for all periods. From 2: cross-fitted, each stretch of periods evaluated with coefficients
        of the others, so that a flexible propensity does not fit the strikes it then weights.
    convention
        `afterstrike`: the exact likelihood on the grid, so the expected strikes add up to the strikes.
        `geocausal-0.4`: the quadrature of Berman and Turner with one dummy a tile, and quasi-Poisson errors.

    Returns
    -------
    Propensity
        Errors of the coefficients are robust to overdispersion between periods under `afterstrike`.

    Raises
    ------
    EstimateRefused
        No strikes, or covariates that are linear combinations of one another.
    UsageError
        A surface does not fit the grid; a model or convention is not allowed.

    References
    ----------
    Papadogeorgou, G., Imai, K., Lyall, J. and Li, F. (2022). Causal inference with spatio-temporal data:
    estimating the effects of airstrikes on insurgent violence in Iraq. JRSS-B 84, 1969-1999.
    doi:10.1111/rssb.12548
    Baddeley, A. and Turner, R. (2000). Practical maximum pseudolikelihood for spatial point patterns.
    Australian and New Zealand Journal of Statistics 42, 283-322. doi:10.1111/1467-842X.00128

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> space = SpaceTime.from_km((0, 0, 100, 100), shape=20, n_periods=50)
    >>> near = np.exp(-space.x_km / 50) * np.ones((20, 1))
    >>> x = rng.choice(space.x_km, 100, p=near[0] / near[0].sum())
    >>> strikes = space.points_km(x, rng.uniform(0, 100, 100), rng.integers(0, 50, 100))
    >>> fitted = fit_propensity(space, strikes, [Surface("x_km", space.x_km * np.ones((20, 1)))])
    >>> float(round(fitted.expected.sum(), 6)), bool(-0.03 < fitted.coefficients[1] < -0.01)
    (100.0, True)
    """
    peer = check_convention(convention)
    if model not in get_args(PropensityModel):
        raise UsageError(f"model={model!r}; allowed {', '.join(map(repr, get_args(PropensityModel)))}")
    if peer and (model != "poisson" or ridge or folds):
        raise UsageError("convention='geocausal-0.4' knows only model='poisson', without ridge or folds")
    _check_flexible(space, ridge, folds)
    strikes = strikes.within(space.n_periods)
    need_events(strikes, "strikes")
    for surface in surfaces:
        surface.check(space)
    surfaces = tuple(surfaces)
    if peer:
        return _evaluated(
            space, surfaces, strikes, model, fit_quadrature(space, strikes, surfaces), convention
        )
    return _fitted(space, strikes, surfaces, model, ridge=ridge, folds=folds)


def _check_flexible(space: SpaceTime, ridge: float, folds: int) -> None:
    if isinstance(ridge, bool) or not isinstance(ridge, int | float) or not 0 <= ridge < math.inf:
        raise UsageError(f"ridge={ridge!r}; allowed a number from 0")
    most = space.n_periods // (2 * _STRETCHES)
    if isinstance(folds, bool) or not isinstance(folds, int) or folds not in (0, *range(2, most + 1)):
        raise UsageError(
            f"folds={folds!r}; allowed 0 (one fit) or 2 to {most} with {space.n_periods} periods"
        )


def _fitted(
    space: SpaceTime,
    strikes: EventPoints,
    surfaces: tuple[Surface, ...],
    model: PropensityModel,
    *,
    ridge: float,
    folds: int,
    times: Floats | None = None,
) -> Propensity:
    """Fit by the exact likelihood, once or by folds, and evaluate on all periods."""
    whole = fit_pixels(space, strikes, surfaces, times=times, ridge=ridge)
    by_period = None
    if folds:
        # Several short stretches a fold: each is evaluated by fits from before and after it.
        fold = np.arange(space.n_periods) * folds * _STRETCHES // space.n_periods % folds
        by_period = np.empty((space.n_periods, len(surfaces) + 1))
        for part in range(folds):
            kept = (fold != part) * (1.0 if times is None else times)
            by_period[fold == part] = fit_pixels(space, strikes, surfaces, times=kept, ridge=ridge)[0]
    draft = _evaluated(space, surfaces, strikes, model, whole, "afterstrike", math.inf, by_period=by_period)
    draft = replace(draft, ridge=float(ridge), folds=folds)
    if model == "poisson":
        return draft
    return replace(draft, size=negative_binomial_size(draft.n_strikes, draft.expected, times=times))


def _evaluated(
    space: SpaceTime,
    surfaces: tuple[Surface, ...],
    strikes: EventPoints,
    model: PropensityModel,
    fitted: tuple[Floats, Floats],
    convention: Convention,
    size: float = math.inf,
    *,
    by_period: Floats | None = None,
) -> Propensity:
    """Evaluate coefficients on periods."""
    counts = strikes.per_period(space.n_periods)
    if by_period is None:
        expected = _expected(space, surfaces, fitted[0])
    else:
        logs = (_log_inside(space, surfaces, b[None], t, t + 1) for t, b in enumerate(by_period))
        expected = np.array([np.exp(log).sum() for log in logs]) * space.pixel_km2
    draft = Propensity(
        space, surfaces, strikes, model, *fitted, expected, counts, np.zeros(space.n_periods), size,
        dispersion_test(counts, expected), convention, by_period=by_period,
    )  # fmt: skip
    at = draft.log_at(strikes)
    sum_log = np.bincount(strikes.period, at, minlength=space.n_periods).astype(np.float64)
    return replace(draft, sum_log=sum_log)


def _log_inside(space: SpaceTime, surfaces: tuple[Surface, ...], b: Floats, first: int, last: int) -> Floats:
    """Give the log intensity at the pixels inside, with coefficients (1 or a row a period, terms)."""
    total = np.zeros((last - first, int(space.inside.sum()))) + b[:, :1]
    for surface, slope in zip(surfaces, b.T[1:], strict=True):
        total += slope[:, None] * surface.inside_at(space, first, last)
    return total


def _expected(space: SpaceTime, surfaces: tuple[Surface, ...], coefficients: Floats) -> Floats:
    """Sum the intensity over the pixels inside, period by period."""
    pairs = list(zip(surfaces, coefficients[1:], strict=True))
    moving = [(surface, slope) for surface, slope in pairs if surface.values.ndim == 3]
    base = np.full(int(space.inside.sum()), coefficients[0])
    daily = np.zeros(space.n_periods)
    for surface, slope in pairs:
        if surface.values.ndim == 2:
            base = base + slope * surface.inside(space)[0]
        elif surface.values.ndim == 1:
            daily = daily + slope * surface.values
    if not moving:
        found: Floats = np.exp(base).sum() * space.pixel_km2 * np.exp(daily)
        return found
    totals = np.empty(space.n_periods)
    for t in range(space.n_periods):
        log = base + daily[t]
        for surface, slope in moving:
            log = log + slope * surface.values[t][space.inside]
        totals[t] = np.exp(log).sum() * space.pixel_km2
    return totals


def dispersion_test(counts: Ints, expected: Floats) -> CheckResult:
    """Test whether the strikes a period vary as Poisson counts do.

    Regresses ((n - mu)^2 - n) / mu on mu without intercept; under Poisson the slope is 0 (one-sided test).

    References
    ----------
    Cameron, A. C. and Trivedi, P. K. (1990). Regression-based tests for overdispersion in the Poisson model.
    Journal of Econometrics 46, 347-364. doi:10.1016/0304-4076(90)90014-K
    """
    import pandas as pd
    from scipy.stats import t as student

    response = ((counts - expected) ** 2 - counts) / expected
    slope = float(response @ expected / (expected @ expected))
    left = response - slope * expected
    freedom = max(len(counts) - 1, 1)
    error = math.sqrt(float(left @ left) / freedom / float(expected @ expected))
    p_value = float(student.sf(slope / error, freedom)) if error > 0 else 1.0
    mean, variance = float(counts.mean()), float(counts.var(ddof=1)) if len(counts) > 1 else math.nan
    pearson = float(((counts - expected) ** 2 / expected).sum() / freedom)
    row = {
        "periods": len(counts), "without_strike": int((counts == 0).sum()), "mean": mean,
        "variance": variance, "pearson_ratio": pearson, "extra_variance_slope": slope, "p_value": p_value,
    }  # fmt: skip
    passed = p_value > _TEST_SIZE
    text = (
        f"strikes a period: mean {mean:.2f}, variance {variance:.2f}, {row['without_strike']} of "
        f"{len(counts)} periods without one; "
        + (
            "no sign of more variance than Poisson"
            if passed
            else "more variance than Poisson, so model='negative_binomial' fits better"
        )
        + f" (test of size {_TEST_SIZE:g}, p = {p_value:.2g})."
    )
    return CheckResult("dispersion of strikes", passed, pd.DataFrame([row]), text)


def negative_binomial_size(counts: Ints, expected: Floats, *, times: Floats | None = None) -> float:
    """Fit the size given the means; infinite where the counts vary no more than Poisson ones. `times` says
    how often each counts.
    """
    from scipy.optimize import minimize_scalar

    zero = np.zeros(len(counts))
    each = np.ones(len(counts)) if times is None else times

    def objective(log_size: float) -> float:
        # What a sum of logs would add does not depend on the size.
        return -float(each @ log_density(counts, expected, zero, math.exp(log_size)))

    found = minimize_scalar(objective, bounds=(-6.0, 12.0), method="bounded", options={"xatol": 1e-8})
    if not found.success:
        raise EstimateRefused("the size of the negative binomial cannot be fitted; use model='poisson'")
    return math.inf if found.x > 11.0 else math.exp(float(found.x))
