"""Policies: other ways in which strikes might have fallen, each a distribution over places and numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import numpy.typing as npt

from ...errors import UsageError
from ._density import log_density
from ._lookup import bilinear, nearest_valid
from ._propensity import Propensity
from ._space import Convention, EventPoints, SpaceTime, check_convention

__all__ = [
    "Policy",
    "policy_of_intensity",
    "power_density",
    "relocated_strikes",
    "scaled_density",
    "scaled_strikes",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Policy:
    """A stochastic intervention: strikes drawn from an intensity of one's choice.

    Parameters
    ----------
    name
        What tables call it.
    expected
        Expected strikes of each period, shape (n_periods,).
    n_strikes
        Strikes that were observed in each period.
    sum_log
        Sum of the policy's log intensity over the observed strikes of each period.
    size
        Size of the negative binomial of the number; infinite for Poisson.
    n_unread
        Strikes that fell where the policy's intensity could not be read and were left out of `sum_log`
        (`geocausal-0.4` only).
    image
        The intensity, shape (rows, columns), where it is the same in every period.
    image_at
        A function from a period to its intensity, where it moves.
    factor, propensity
        The multiple of a propensity, and that propensity, where the policy is one.
    """

    name: str
    expected: Floats = field(repr=False)
    n_strikes: Ints = field(repr=False)
    sum_log: Floats = field(repr=False)
    size: float = math.inf
    n_unread: int = 0
    image: Floats | None = field(default=None, repr=False)
    image_at: Callable[[int], Floats] | None = field(default=None, repr=False)
    factor: float | None = None
    propensity: Propensity | None = field(default=None, repr=False)

    def multiple_of(self, propensity: Propensity) -> float | None:
        """Give the factor where the policy is a multiple of this very propensity, else None.

        A policy scaled from another one, as from earlier strikes, has places and days of its own.
        """
        return self.factor if self.propensity is propensity else None

    @property
    def log_density(self) -> Floats:
        """Log density of each period's observed strikes under the policy, shape (n_periods,)."""
        return log_density(self.n_strikes, self.expected, self.sum_log, self.size)


def scaled_strikes(propensity: Propensity, factor: float, *, name: str | None = None) -> Policy:
    """Make the policy under which strikes come as before, but so many times as many are expected.

    Factor 1 is what was done. This is the policy with the best overlap, and the only one that adapts to the
    history of each period as the strikes did.

    Parameters
    ----------
    propensity
        The fitted propensity; the number keeps its model.
    factor
        Above 0.
    name
        As given, or made from the factor.
    """
    if not (isinstance(factor, int | float) and math.isfinite(factor) and factor > 0):
        raise UsageError(f"factor={factor!r}; allowed a number above 0 (1: as observed)")
    return Policy(
        name or ("as observed" if factor == 1 else f"{factor:g} times as observed"),
        propensity.expected * factor,
        propensity.n_strikes,
        propensity.sum_log + propensity.n_strikes * math.log(factor),
        propensity.size,
        image_at=partial(_times, propensity, float(factor)),
        factor=float(factor),
        propensity=propensity,
    )


def _times(propensity: Propensity, factor: float, period: int) -> Floats:
    return np.asarray(factor * propensity.intensity(period))


def scaled_density(
    space: SpaceTime,
    strikes: EventPoints,
    density: Floats,
    expected: float,
    *,
    size: float = math.inf,
    name: str | None = None,
    convention: Convention = "afterstrike",
) -> Policy:
    r"""Make the policy of a constant expected number a period, placed by a density: :math:`h(s) = c g(s)`.

    Parameters
    ----------
    space, strikes
        Grid and periods; the observed strikes.
    density
        The density g, shape (rows, columns), as from `base_density`.
    expected
        The expected number c a period.
    size
        Size of the negative binomial of the number.
    convention
        How the density is read at a strike. `afterstrike`: in its pixel, moved inside the window if needed.
        `geocausal-0.4`: between the four pixel centres, and the strike is dropped where one is outside.

    Raises
    ------
    UsageError
        The density is negative somewhere, or does not fit the grid.
    """
    if not (np.isfinite(expected) and expected > 0):
        raise UsageError(f"expected={expected!r}; allowed a number of strikes a period above 0")
    image = _scaled(space, density, expected)
    return policy_of_intensity(
        space, strikes, image, size=size, name=name or f"{expected:g} strikes a period", convention=convention
    )


def relocated_strikes(
    space: SpaceTime,
    strikes: EventPoints,
    density: Floats,
    expected: float,
    power: Floats,
    *,
    size: float = math.inf,
    name: str | None = None,
    convention: Convention = "afterstrike",
) -> Policy:
    r"""Make the policy of a constant expected number in other places: :math:`h = c g p / \int g p`.

    Parameters
    ----------
    space, strikes, density, expected, size, convention
        As in `scaled_density`.
    power
        The weight p of each place, shape (rows, columns), at least 0, as from `power_density`.
    """
    image = space.require_km("power", power) * space.require_km("density", density)
    return scaled_density(
        space, strikes, image, expected, size=size, name=name or f"{expected:g} strikes, relocated",
        convention=convention,
    )  # fmt: skip


def power_density(space: SpaceTime, parts: Sequence[tuple[Floats, float]]) -> Floats:
    """Give the product of surfaces to given powers, scaled to a density over the window.

    Parameters
    ----------
    space
        Window and grid.
    parts
        Pairs of a surface of shape (rows, columns), above 0, and its power; power 0 leaves it out.
    """
    if not parts:
        raise UsageError("parts is empty; allowed one or more pairs (surface, power)")
    product = np.ones(space.shape)
    for surface, power in parts:
        product = product * space.require_km("surface", surface) ** power
    return _scaled(space, product, 1.0)


def policy_of_intensity(
    space: SpaceTime,
    strikes: EventPoints,
    intensity: Floats | Callable[[int], Floats],
    *,
    size: float = math.inf,
    name: str = "custom",
    convention: Convention = "afterstrike",
) -> Policy:
    """Make a policy from an intensity of one's own.

    Parameters
    ----------
    space, strikes, size, convention
        As in `scaled_density`.
    intensity
        Expected strikes per km2 and period: an image (rows, columns) for all periods, a stack
        (n_periods, rows, columns), or a function from the number of a period to its image, which may look at
        anything known before that period.
    name
        What tables call it.

    Examples
    --------
    >>> space = SpaceTime.from_km((0, 0, 10, 10), shape=10, n_periods=3)
    >>> strikes = space.points_km([1.0, 2.0], [1.0, 2.0], [0, 2])
    >>> policy = policy_of_intensity(space, strikes, lambda period: np.full((10, 10), 0.01 * (period + 1)))
    >>> policy.expected.round(6).tolist()
    [1.0, 2.0, 3.0]
    """
    peer = check_convention(convention)
    strikes = strikes.within(space.n_periods)
    sum_log, expected = np.zeros(space.n_periods), np.zeros(space.n_periods)
    unread = 0
    still = not callable(intensity) and np.ndim(intensity) == 2
    row, column = nearest_valid(space, space.inside, strikes.x_km, strikes.y_km)

    def at_period(t: int) -> Floats:
        given = intensity(t) if callable(intensity) else intensity if still else intensity[t]
        return _image(space, given, peer)

    for t in range(1 if still else space.n_periods):
        image = at_period(t)
        expected[slice(None) if still else t] = image[space.inside].sum() * space.pixel_km2
        at = np.arange(len(strikes)) if still else np.flatnonzero(strikes.period == t)
        if peer:
            read = np.abs(bilinear(space, image, strikes.x_km[at], strikes.y_km[at]))
        else:
            read = image[row[at], column[at]]
        known = np.isfinite(read)
        unread += int((~known).sum())
        with np.errstate(divide="ignore"):
            logs = np.where(known, np.log(np.where(known, read, 1.0)), 0.0)
        sum_log += np.bincount(strikes.period[at], logs, minlength=space.n_periods)
    counts = strikes.per_period(space.n_periods)
    if still:
        return Policy(name, expected, counts, sum_log, size, unread, image)
    return Policy(name, expected, counts, sum_log, size, unread, None, at_period)


def _image(space: SpaceTime, image: Floats, peer: bool) -> Floats:
    values = space.require_km("intensity", image)
    if values.ndim != 2:
        raise UsageError(f"an intensity has shape {values.shape}; allowed {space.shape}")
    known = values[space.inside]
    if not np.isfinite(known).all() or (not peer and (known < 0).any()):
        raise UsageError("an intensity is negative or not finite inside the window; allowed numbers from 0")
    return np.where(space.inside, values, np.nan)


def _scaled(space: SpaceTime, image: Floats, total: float) -> Floats:
    values = space.require_km("density", image)
    known = values[space.inside]
    if not np.isfinite(known).all() or known.sum() <= 0:
        raise UsageError("a density is not finite, or 0 everywhere, inside the window")
    return np.where(space.inside, values * (total / (known.sum() * space.pixel_km2)), np.nan)
