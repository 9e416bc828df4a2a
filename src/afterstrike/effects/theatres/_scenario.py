"""Strike scenarios of a simulated theatre: intensities from which strikes are drawn instead of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from afterstrike.errors import UsageError

from ._calibrate import PILOT_SEEDS
from ._run import SimulatedTheatre, run_theatre
from ._theatre import Theatre
from ._world import Floats, distances_km

__all__ = [
    "MOST_STRIKES",
    "StrikeScenario",
    "long_run_strikes",
    "need_number",
    "need_theatre",
    "relocated",
    "responding",
    "scaled",
    "strike_intensity",
]

MOST_STRIKES = 20.0  # expected strikes at one place and day; the compiled step draws no more


@dataclass(frozen=True, eq=False)
class StrikeScenario:
    """An intensity of strikes for a simulated theatre (a stochastic intervention).

    Parameters
    ----------
    name
        What tables call it.
    expected
        Expected strikes a day at each place, shape (places,), 0 to 20 each. Numbers are Poisson, independent
        between places and days.
    factor
        None: strikes are drawn from `expected` on every day. A number: from the theatre's own strike rate of
        that day, which answers to what came before, times this number; `expected` is then the long-run mean.

    Raises
    ------
    UsageError
        Not one row of finite numbers from 0 to 20, or a factor outside 0 to 1000.

    Examples
    --------
    >>> StrikeScenario("one place", [0.0, 1.5]).per_day
    1.5
    """

    name: str
    expected: Floats = field(repr=False)
    factor: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise UsageError(f"StrikeScenario(name={self.name!r}): allowed is a word; change name")
        try:
            expected = np.array(self.expected, dtype=np.float64)
        except (TypeError, ValueError):
            expected = np.empty((0, 0))
        # NaN fails both comparisons.
        if expected.ndim != 1 or not ((expected >= 0) & (expected <= MOST_STRIKES)).all():
            raise UsageError(
                f"StrikeScenario({self.name!r}): allowed are expected strikes a day from 0 to "
                f"{MOST_STRIKES:g}, one number a place; change expected or the scale"
            )
        if self.factor is not None:
            need_number("StrikeScenario(factor", self.factor, 0.0, 1000.0)
        expected.setflags(write=False)
        object.__setattr__(self, "expected", expected)

    @property
    def per_day(self) -> float:
        """Expected strikes a day in the whole region."""
        return float(self.expected.sum())


def need_number(name: str, got: object, low: float, high: float) -> None:
    """Refuse what is no number from low to high; `name` is a bare name or `function(name`."""
    if isinstance(got, bool) or not isinstance(got, int | float | np.number) or not low <= got <= high:
        opened = "(" in name
        raise UsageError(
            f"{name}={got!r}{')' * opened}: allowed is a number from {low:g} to {high:g}; "
            f"change {name.split('(')[-1]}"
        )


def need_theatre(function: str, theatre: object) -> None:
    """Refuse what is no simulated theatre."""
    if not isinstance(theatre, SimulatedTheatre):
        raise UsageError(
            f"{function}({type(theatre).__name__}): allowed is a SimulatedTheatre; pass the result of "
            "simulate_theatre"
        )


def strike_intensity(theatre: SimulatedTheatre) -> Floats:
    """Give the theatre's true strike intensity, given all that came before: the propensity of its strikes.

    Parameters
    ----------
    theatre
        A simulated theatre.

    Returns
    -------
    numpy.ndarray
        Expected strikes, shape (days, places); row i is day `start + i`, columns are the places of
        `theatre.world`. With N strikes at places p and intensity e, the log density of a day's strikes is
        `sum(N * log(e) - e)` up to a constant. Where strikes crowd or keep apart (`crowding` other than 1) a
        place's intensity also depends on strikes of that day at places before it in the table; the sum still
        holds.

    Examples
    --------
    >>> from afterstrike.effects.theatres import policy_theatre, simulate_theatre
    >>> theatre = simulate_theatre(policy_theatre("null", strikes_per_day=2, days=30), seed=1)
    >>> strike_intensity(theatre).sum(axis=1).round(9).tolist()[:2]
    [2.0, 2.0]
    """
    need_theatre("strike_intensity", theatre)
    return np.minimum(theatre.state.strike_rate[theatre.fixed.first :], MOST_STRIKES)


def long_run_strikes(theatre: SimulatedTheatre) -> Floats:
    """Give the theatre's own long-run strike density: mean expected strikes a day at each place.

    The mean runs over all days of five pilot runs with fixed seeds, so it is the same for all seeds of one
    theatre and does not look at the run that is analysed. Shape (places,).
    """
    need_theatre("long_run_strikes", theatre)
    return _long_run(theatre.spec).copy()


@lru_cache(maxsize=32)
def _long_run(spec: Theatre) -> Floats:
    means = [strike_intensity(run_theatre(spec, seed)).mean(axis=0) for seed in PILOT_SEEDS]
    return np.asarray(np.mean(means, axis=0))


def scaled(theatre: SimulatedTheatre, c: float, *, name: str | None = None) -> StrikeScenario:
    r"""Strike where the theatre does in the long run, with c times the number: :math:`h = c\, g`.

    g is `long_run_strikes`; the scenario does not answer to attacks, also where the theatre's own strikes do.

    Parameters
    ----------
    theatre
        A simulated theatre.
    c
        Factor, 0 to 1000.
    name
        As given, or made from c.

    Raises
    ------
    UsageError
        No simulated theatre; c not allowed, or so large that over 20 strikes a day are expected at one place.

    Examples
    --------
    >>> from afterstrike.effects.theatres import policy_theatre, simulate_theatre
    >>> theatre = simulate_theatre(policy_theatre("null", strikes_per_day=2, days=30), seed=1)
    >>> round(scaled(theatre, 1.5).per_day, 9)
    3.0
    """
    need_theatre("scaled", theatre)
    need_number("scaled(c", c, 0.0, 1000.0)
    return StrikeScenario(name or f"{c:g} times the long run", c * _long_run(theatre.spec))


def relocated(
    theatre: SimulatedTheatre,
    c: float,
    *,
    towards: Sequence[float] | Floats,
    halving_km: float = 50.0,
    name: str | None = None,
) -> StrikeScenario:
    r"""Strike elsewhere with c times the long-run number: :math:`h = c\, G\, g p / \sum g p`, G the sum of g.

    Parameters
    ----------
    theatre, c, name
        As in `scaled`.
    towards
        A point (lat, lon): the weight p of a place halves every `halving_km` from it. Or the weights
        themselves, one a place, at least 0; for a theatre of two places this reading comes first.
    halving_km
        1 to 2000 km.

    Raises
    ------
    UsageError
        As in `scaled`; a point or weights that are not allowed, or weights of 0 wherever strikes fall.
    """
    need_theatre("relocated", theatre)
    need_number("relocated(c", c, 0.0, 1000.0)
    need_number("relocated(halving_km", halving_km, 1.0, 2000.0)
    places = theatre.world.lat.size
    try:
        weights = np.asarray(towards, dtype=np.float64)
    except (TypeError, ValueError):
        weights = np.empty((0, 0))
    is_point = weights.shape == (2,) and places != 2
    if is_point and (np.abs(weights) <= (90, 360)).all():
        km = distances_km(weights[:1], weights[1:], theatre.world.lat, theatre.world.lon)[0]
        # Nearest place 1: far from all places the weights would otherwise all be 0.
        weights = 0.5 ** ((km - km.min()) / halving_km)
    elif is_point or weights.shape != (places,) or not (np.isfinite(weights) & (weights >= 0)).all():
        raise UsageError(
            f"relocated(towards={_short(towards)}): allowed is a point (lat, lon) or {places} weights from "
            "0; change towards"
        )
    own = _long_run(theatre.spec)
    product = own * weights
    if product.sum() <= 0:
        raise UsageError("relocated(towards=...): all weight lies where no strike falls; change towards")
    expected = product * (c * own.sum() / product.sum())
    return StrikeScenario(name or f"{c:g} times the long run, relocated", expected)


def responding(theatre: SimulatedTheatre, factor: float, *, name: str | None = None) -> StrikeScenario:
    """Strike by the theatre's own rule with so many times its rate, which answers to what came before.

    Factor 1 is what the theatre does. Where strikes are reactive this overlaps best with what was done.

    Parameters
    ----------
    theatre, name
        As in `scaled`.
    factor
        0 to 1000, times the theatre's strike rate of each day.

    Raises
    ------
    UsageError
        As in `scaled`.
    """
    need_theatre("responding", theatre)
    need_number("responding(factor", factor, 0.0, 1000.0)
    own = _long_run(theatre.spec)
    return StrikeScenario(name or f"{factor:g} times its own rate", factor * own, factor=float(factor))


def _short(value: object) -> str:
    """Write a value in one short line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
