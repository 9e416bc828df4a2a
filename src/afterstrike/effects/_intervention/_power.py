"""How likely a difference is to be shown by an interval of Student's t."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

__all__ = ["chance_shown", "shift_shown"]

Floats = npt.NDArray[np.float64]
# Beyond these degrees of freedom t is normal to the last digit shown.
_NORMAL = 1e6
_FAR = 5.0


def chance_shown(edge: Floats, freedom: Floats, shift: Floats) -> Floats:
    """Give the chance that |t| exceeds `edge`, the true difference being `shift` standard errors.

    Missing where a number is missing.
    """
    from scipy.stats import chi2, nct

    freedom = np.minimum(freedom, _NORMAL)
    above, below = nct.sf(edge, freedom, shift), nct.cdf(-edge, freedom, shift)
    with np.errstate(invalid="ignore"):
        # The noncentral t is not computed far out. There the lower tail is nothing, and what decides the
        # upper one is how large the standard error comes out.
        out = shift > _FAR
        below = np.where(np.isnan(below) & out, 0.0, below)
        above = np.where(np.isnan(above) & out, chi2.cdf(freedom * (shift / edge) ** 2, freedom), above)
    return np.asarray(above + below)


def shift_shown(edge: float, freedom: float, *, chance: float = 0.8) -> float:
    """Give the true difference, in standard errors, that is shown with the given chance."""
    from scipy.optimize import brentq

    if not (math.isfinite(edge) and freedom >= 1):
        return math.nan
    one = np.array([1.0])

    def gap(shift: float) -> float:
        return float(chance_shown(edge * one, freedom * one, shift * one)[0]) - chance

    return float(brentq(gap, 0.0, 50 * edge, xtol=1e-6))
