"""A number of a world: a range with its source, and the distribution fitted to it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np

__all__ = ["DISTRIBUTIONS", "KINDS", "Array", "Distribution", "Kind", "Quantity"]

Array = np.ndarray[Any, Any]
Distribution = Literal["fixed", "uniform", "normal", "lognormal", "logit_normal"]
Kind = Literal["D", "L", "S"]

DISTRIBUTIONS: tuple[Distribution, ...] = ("fixed", "uniform", "normal", "lognormal", "logit_normal")
KINDS: dict[Kind, str] = {
    "D": "estimable from data",
    "L": "from literature or published statements",
    "S": "scenario assumption",
}
TAIL = 0.05  # low and high leave this much outside, each


@dataclass(frozen=True)
class Quantity:
    """A number known as a range, with where it is from.

    Attributes
    ----------
    name : str
        Name of the parameter, with its place where it has one: "lull_halflife", "detained.ne_syria",
        "seam_weight.ne_syria/central_desert".
    low, high : float
        The 90 % range: the 5 % and the 95 % point. Equal where the distribution is "fixed".
    median : float or None
        The 50 % point where it is stated. It need not be the one that low and high alone would give: then each
        half of the distribution has its own width (on the log scale for "lognormal", the logit scale for
        "logit_normal").
    distribution : {"fixed", "uniform", "normal", "lognormal", "logit_normal"}
        Its shape between and beyond the points.
    unit : str
        As parameters.toml gives it.
    kind : {"D", "L", "S"}
        D estimable from data, L from literature or published statements, S scenario assumption.
    source, source_url : str
        Who states it, and where; the address is "" where none is known.
    as_of : date or None
        The day it speaks of.
    note : str
        What to know before it is used.
    figure : str
        Id of the shipped figure it rests on; "" where none.
    claimed_by_article : bool
        True where it repeats an article's claim and is no datum.
    minimum, maximum : float
        Values outside are impossible and never drawn.

    Examples
    --------
    >>> memory = Quantity("lull_halflife", 5, 60, None, "lognormal", "days", "L", "invented")
    >>> [round(float(x), 1) for x in memory.quantile(np.array([0.05, 0.5, 0.95]))]
    [5.0, 17.3, 60.0]
    """

    name: str
    low: float
    high: float
    median: float | None
    distribution: Distribution
    unit: str
    kind: Kind
    source: str
    source_url: str = ""
    as_of: date | None = None
    note: str = ""
    figure: str = ""
    claimed_by_article: bool = False
    minimum: float = -math.inf
    maximum: float = math.inf

    @property
    def is_assumption(self) -> bool:
        """True where no data and no publication stand behind the number, or only an article's claim."""
        return self.kind == "S" or self.claimed_by_article

    @property
    def middle(self) -> float:
        """The 50 % point of the fitted distribution: the stated median where there is one."""
        return float(self.quantile(np.array([0.5]))[0])

    def quantile(self, u: Array) -> Array:
        """Give the values that the fractions u of the distribution lie below.

        Parameters
        ----------
        u : array of float
            Strictly between 0 and 1.

        Returns
        -------
        array of float
            Of the same shape; increasing in u; `low` at 0.05 and `high` at 0.95. Where a tail would pass the
            minimum or maximum, that tail alone is drawn together until it does not: the points at 0.05 and 0.95
            and all between stay.
        """
        u = np.asarray(u, dtype=float)
        if self.distribution == "fixed":
            return np.full(u.shape, float(self.low))
        there, back = _SCALES[self.distribution]
        low, high = there(self.low), there(self.high)
        centre = (low + high) / 2 if self.median is None else there(self.median)
        score, share = _shape(self.distribution)
        u = self._within(u, low, high, centre, there, share)
        z = score(u)  # -1 at 5 %, 0 at 50 %, 1 at 95 %
        values = back(centre + np.where(z < 0, z * (centre - low), z * (high - centre)))
        return np.clip(values, self.minimum, self.maximum)  # of rounding at the bounds

    def _within(
        self,
        u: Array,
        low: float,
        high: float,
        centre: float,
        there: Callable[[float], float],
        share: Callable[[float], float],
    ) -> Array:
        """Move fractions of a tail inwards, so that none falls beyond the minimum or maximum."""
        bottom, top = there(self.minimum), there(self.maximum)
        if bottom > -math.inf and centre > low:
            cut = min(share((bottom - centre) / (centre - low)), TAIL)
            u = np.where(u < TAIL, cut + (TAIL - cut) * u / TAIL, u)
        if top < math.inf and high > centre:
            cut = max(share((top - centre) / (high - centre)), 1 - TAIL)
            u = np.where(u > 1 - TAIL, cut - (cut - 1 + TAIL) * (1 - u) / TAIL, u)
        return u


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def _logit(value: float) -> float:
    if value <= 0:
        return -math.inf
    return math.inf if value >= 1 else math.log(value / (1 - value))


def _expit(value: Array) -> Array:
    from scipy.special import expit

    found: Array = expit(value)
    return found


def _same(value: Any) -> Any:
    return value


_SCALES: dict[str, tuple[Callable[[float], float], Callable[[Array], Array]]] = {
    "uniform": (_same, _same),
    "normal": (_same, _same),
    "lognormal": (_log, np.exp),
    "logit_normal": (_logit, _expit),
}


def _shape(distribution: str) -> tuple[Callable[[Array], Array], Callable[[float], float]]:
    """Give the standard score of a fraction, scaled so that 5 % is -1 and 95 % is 1, and the fraction of a score."""
    if distribution == "uniform":
        half = 0.5 - TAIL
        return (lambda u: (u - 0.5) / half), (lambda z: min(max(0.5 + half * z, 0.0), 1.0))
    from scipy.special import ndtr, ndtri

    unit = float(ndtri(1 - TAIL))
    return (lambda u: ndtri(u) / unit), (lambda z: float(ndtr(unit * z)))
