"""The peer's estimates: one regression for each window, on the matched wakes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ._leastsquares import fit_line, t_two_sided

__all__ = ["WindowEstimate", "estimate_window"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class WindowEstimate:
    """The regression of one window; NaN, and a reason, where the peer gives NA.

    Parameters
    ----------
    controls
        By control variable: coefficient and p-value.
    reason
        Empty where there is an estimate.
    """

    estimate: float = math.nan
    std_error: float = math.nan
    p_value: float = math.nan
    degrees_of_freedom: float = math.nan
    adj_r2: float = math.nan
    intercept: float = math.nan
    intercept_p: float = math.nan
    controls: dict[str, tuple[float, float]] = field(default_factory=dict)
    reason: str = ""


def estimate_window(
    post: npt.NDArray[np.int64],
    pre: npt.NDArray[np.int64],
    treated: npt.NDArray[np.bool_],
    weights: Floats | None,
    controls: Sequence[tuple[str, Floats]],
    *,
    model: str,
) -> WindowEstimate:
    """Estimate one window from its matched wakes.

    Parameters
    ----------
    post, pre
        Outcome counts.
    treated
        True for treatment.
    weights
        Matching weights, or None for none.
    controls
        Names and values of further regressors.
    model
        `lagged`: post on pre, controls and treatment. `difference`: post minus pre on treatment. `att`: as
        lagged, without an adjusted R2. `negative_binomial`: as lagged, by maximum likelihood with an identity
        link.
    """
    if not treated.any() or treated.all():
        return WindowEstimate(reason="no treatment wake has a matching control wake")
    ones, effect = np.ones(len(post)), treated.astype(np.float64)
    columns = (
        [effect] if model == "difference" else [pre.astype(np.float64), *(v for _, v in controls), effect]
    )
    names = (
        ["treatment"] if model == "difference" else ["dependent_pre", *(n for n, _ in controls), "treatment"]
    )
    design = np.column_stack([ones, *columns])
    response = (post - pre if model == "difference" else post).astype(np.float64)
    if model == "negative_binomial":
        return _count_model(design, response, controls)
    fit = fit_line(design, response, weights)
    if not fit.full_rank:
        return WindowEstimate(reason=_why_not(design, names))
    with np.errstate(divide="ignore", invalid="ignore"):
        p_values = [t_two_sided(float(t), fit.degrees_of_freedom) for t in fit.coefficients / fit.std_errors]
    if math.isnan(p_values[-1]):
        if fit.degrees_of_freedom < 1:
            return WindowEstimate(reason=f"{len(post)} matched wakes for {len(names) + 1} coefficients")
        return WindowEstimate(reason="the fit is exact: no variance is left for a standard error")
    return WindowEstimate(
        estimate=float(fit.coefficients[-1]),
        std_error=float(fit.std_errors[-1]),
        p_value=p_values[-1],
        degrees_of_freedom=fit.degrees_of_freedom,
        adj_r2=math.nan if model == "att" else fit.adj_r2,
        intercept=float(fit.coefficients[0]),
        intercept_p=p_values[0],
        controls={n: (float(fit.coefficients[i]), p_values[i]) for i, (n, _) in enumerate(controls, 2)},
    )


def _why_not(design: Floats, names: Sequence[str]) -> str:
    """Say which coefficient cannot be told apart."""
    if design.shape[0] < design.shape[1]:
        return f"{design.shape[0]} matched wakes for {design.shape[1]} coefficients"
    for name, values in zip(names, design.T[1:], strict=True):
        if np.ptp(values) == 0:
            return f"{name} is the same at all matched wakes"
    return f"one of {', '.join(names)} follows from the others at the matched wakes"


def _count_model(design: Floats, response: Floats, controls: Sequence[tuple[str, Floats]]) -> WindowEstimate:
    from ._negbin import fit_negative_binomial

    if not fit_line(design, response).full_rank:
        return WindowEstimate(
            reason="a coefficient cannot be told apart from the others at the matched wakes"
        )
    fit = fit_negative_binomial(design, response)
    if fit.reason:
        return WindowEstimate(reason=fit.reason)
    return WindowEstimate(
        estimate=float(fit.coefficients[-1]),
        std_error=float(fit.std_errors[-1]),
        p_value=float(fit.p_values[-1]),
        intercept=float(fit.coefficients[0]),
        intercept_p=float(fit.p_values[0]),
        controls={
            n: (float(fit.coefficients[i]), float(fit.p_values[i])) for i, (n, _) in enumerate(controls, 2)
        },
    )
