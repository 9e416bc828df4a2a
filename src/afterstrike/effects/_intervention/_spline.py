"""Natural cubic splines: columns that are straight beyond the outer knots."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["natural_spline"]

Floats = npt.NDArray[np.float64]


def natural_spline(values: Floats, knots: Floats, ends: tuple[float, float]) -> Floats:
    """Give the columns of a natural cubic spline without its constant, shape (n, knots + 1).

    They are the columns R's ns() makes: the B-splines without the first one, turned so that their second
    derivatives vanish at both ends.

    Parameters
    ----------
    values
        Shape (n,), between the ends.
    knots
        Inner knots.
    ends
        Outer knots.
    """
    from scipy.interpolate import BSpline

    every = np.sort(np.concatenate([np.repeat(ends, 4), knots]))
    unit = np.eye(len(every) - 4)
    made = BSpline(every, unit, 3)
    bent = made.derivative(2)(np.asarray(ends))[:, 1:]
    turn, _ = np.linalg.qr(bent.T, mode="complete")
    found: Floats = (made(values)[:, 1:] @ turn)[:, 2:]
    return found
