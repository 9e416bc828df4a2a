"""The true effect of strikes in a simulated theatre, by runs that share all draws and differ in one thing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from afterstrike.errors import UsageError

from .._strike_units import strike_units
from . import _simulate as kernel
from ._run import SimulatedTheatre, copy_state, empty_state, run_all
from ._world import Floats, Ints, distances_km

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Contrast", "TwinTruth", "pooled_truth", "truth"]

Contrast = Literal["strike", "effect_off", "one_more"]
Measure = Literal["attacks", "recorded"]
ESTIMANDS: dict[str, str] = {
    "strike": (
        "each strike place-day carried out against not carried out, all else as it would have followed: "
        "later "
        "strikes answer to the attacks each world records, so the total effect through them is included"
    ),
    "effect_off": (
        "the theatre as it was against the same theatre whose strikes change nothing, in the wakes of the "
        "strikes as "
        "they were; later strikes of the second world answer to its own attacks"
    ),
    "one_more": (
        "one strike place-day more, its day and place drawn from the theatre's own strike rates where there "
        "was no "
        "strike, against none; later strikes answer to the attacks each world records"
    ),
}


@dataclass(frozen=True, eq=False)
class TwinTruth:
    """True sums behind strikes, and the numbers made of them (sums first, then the ratio).

    `sums` has shape (strike place-days, 2 worlds: with the strike, without; 2 zones: disc, ring; 2: expected,
    counted; horizon_days). Expected sums add up intensities and carry less noise than counts; both are true
    to the estimand.
    """

    contrast: Contrast
    measure: Measure
    horizon_days: int
    radius_km: float
    ring_km: float
    merge_km: float
    n_strikes: int
    n_left_out: int
    sums: Floats

    def __repr__(self) -> str:
        return (
            f"TwinTruth({self.contrast}, {self.measure}, RR_{self.horizon_days}={self.rate_ratio:.4f} within "
            f"{self.radius_km:g} km, quiet_days={self.quiet_days:.2f}, n_strikes={self.n_strikes})"
        )

    def _total(self, world: int, zone: int, how: int = 0) -> float:
        return float(self.sums[:, world, zone, how].sum())

    @property
    def estimand(self) -> str:
        """The contrast in words."""
        what = "recorded attacks" if self.measure == "recorded" else "attacks, recorded or not"
        where = f"on days 1 to {self.horizon_days} within {self.radius_km:g} km"
        return f"{what} {where}: {ESTIMANDS[self.contrast]}"

    @property
    def observed(self) -> float:
        """Expected attacks behind the strikes, summed over strike place-days."""
        return self._total(0, 0)

    @property
    def counterfactual(self) -> float:
        """Expected attacks in the same wakes without, summed over strike place-days."""
        return self._total(1, 0)

    @property
    def rate_ratio(self) -> float:
        """RR_H: `observed / counterfactual`; NaN where nothing was expected."""
        return _ratio(self.observed, self.counterfactual)

    @property
    def rate_ratio_counted(self) -> float:
        """RR_H from counted instead of expected attacks: unbiased sums, more noise."""
        return _ratio(self._total(0, 0, 1), self._total(1, 0, 1))

    @property
    def quiet_days(self) -> float:
        """`H * (1 - RR_H)` per strike place-day; negative: extra days' worth of attacks."""
        return self.horizon_days * (1 - self.rate_ratio)

    @property
    def averted(self) -> float:
        """Attacks fewer within radius_km, per strike place-day (negative: more)."""
        return (self.counterfactual - self.observed) / self.n_strikes if self.n_strikes else math.nan

    @property
    def more_nearby(self) -> float:
        """Attacks more between radius_km and ring_km, per strike place-day (negative: fewer)."""
        return (self._total(0, 1) - self._total(1, 1)) / self.n_strikes if self.n_strikes else math.nan

    def to_frame(self) -> pd.DataFrame:
        """Give one row per day since the strike: sums in disc and ring, with and without, and their ratio."""
        import pandas as pd

        by_day = self.sums.sum(axis=0)[:, :, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = by_day[0, 0] / by_day[1, 0]
        return pd.DataFrame(
            {
                "days_since": np.arange(1, self.horizon_days + 1),
                "observed": by_day[0, 0],
                "counterfactual": by_day[1, 0],
                "rate_ratio": ratio,
                "ring_observed": by_day[0, 1],
                "ring_counterfactual": by_day[1, 1],
            }
        )


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else math.nan


def truth(
    theatre: SimulatedTheatre,
    *,
    horizon_days: int,
    radius_km: float,
    ring_km: float | None = None,
    contrast: Contrast = "strike",
    measure: Measure = "attacks",
    merge_km: float = 0.0,
    draws: int = 300,
) -> TwinTruth:
    """Give the true effect of a theatre's strikes on attacks behind them.

    RR_H = (sum of attacks on days 1..H within R of strike place-days) / (the same sum in the twin run).

    Parameters
    ----------
    theatre
        A simulated theatre.
    horizon_days, radius_km
        H (1 to the period's days) and R (0 to 2000 km), declared by the caller. Day 0 is left out.
    ring_km
        Outer radius of the ring in which more attacks nearby are counted; twice R where None.
    contrast
        `"strike"`: each strike place-day is taken away in turn. `"effect_off"`: all strikes stay, none has an
        effect (on attacks or on reporting). `"one_more"`: `draws` single strikes are added, drawn from the
        strike rates.
    measure
        `"attacks"` (what happened) or `"recorded"` (what the record holds, before dates and places are made
        coarse).
    merge_km
        Strikes of one day within this many km (0 to 2000) of the one with most others near are one strike
        place-day, as in matched wakes: taken away together, with its wake round that one. 0 keeps every place
        apart.
    draws
        Number of added strikes for `"one_more"` (1 to 10,000); their places and days follow the seed.

    Returns
    -------
    TwinTruth
        Strike place-days whose days 1..H leave the period are left out and counted.

    Raises
    ------
    UsageError
        A horizon, radius, ring, contrast or measure that is not allowed.

    Examples
    --------
    >>> from afterstrike.effects.theatres import Theatre, simulate_theatre
    >>> theatre = simulate_theatre(Theatre.preset("null", overlap=None), seed=1)
    >>> truth(theatre, horizon_days=14, radius_km=25).rate_ratio
    1.0
    """
    ring = 2 * radius_km if ring_km is None else ring_km
    check_truth(theatre, horizon_days, radius_km, ring, contrast, measure, merge_km, draws)
    last = theatre.fixed.base.shape[0] - 1
    strikes = _added(theatre, draws) if contrast == "one_more" else theatre.struck
    merge = 0.0 if contrast == "one_more" else merge_km
    kept, sizes, km, n_left_out = units_of(theatre, strikes, merge, last_row=last - horizon_days)
    unit = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    zones = np.array([radius_km, ring], dtype=np.float64)
    if contrast == "effect_off":
        twin, toggle_to = _without_effect(theatre), -1
    else:
        twin, toggle_to = copy_state(theatre.state), int(contrast == "one_more")
    sums = kernel.twin_sums(
        theatre.fixed, theatre.state, twin, kept, unit, km, toggle_to, horizon_days, zones
    )
    if contrast == "one_more":
        sums = sums[:, ::-1]
    picked = [1, 0] if measure == "attacks" else [3, 2]
    return TwinTruth(
        contrast=contrast,
        measure=measure,
        horizon_days=horizon_days,
        radius_km=float(radius_km),
        ring_km=float(ring),
        merge_km=float(merge_km),
        n_strikes=len(sizes),
        n_left_out=n_left_out,
        sums=np.ascontiguousarray(sums[:, :, :, picked]),
    )


def pooled_truth(truths: Sequence[TwinTruth]) -> TwinTruth:
    """Pool the truths of several seeds of one theatre: sums over all strikes first, then the ratio."""
    if not truths:
        raise UsageError("pooled_truth([]): allowed is at least one truth; pass some")
    one = truths[0]
    for other in truths:
        for name in ("contrast", "measure", "horizon_days", "radius_km", "ring_km", "merge_km"):
            if getattr(other, name) != getattr(one, name):
                raise UsageError(
                    f"pooled_truth: {name} is {getattr(one, name)!r} and {getattr(other, name)!r}; only "
                    "equal "
                    "estimands are pooled; pass truths of one estimand"
                )
    return replace(
        one,
        n_strikes=sum(t.n_strikes for t in truths),
        n_left_out=sum(t.n_left_out for t in truths),
        sums=np.concatenate([t.sums for t in truths]),
    )


def check_truth(
    theatre: object,
    horizon_days: object,
    radius_km: object,
    ring_km: object,
    contrast: object,
    measure: object,
    merge_km: object,
    draws: object,
) -> None:
    if not isinstance(theatre, SimulatedTheatre):
        raise UsageError(
            f"truth({type(theatre).__name__}): allowed is a SimulatedTheatre; pass the result of "
            "simulate_theatre"
        )
    for name, got, low, high in (
        ("horizon_days", horizon_days, 1, theatre.spec.days - 1),
        ("draws", draws, 1, 10_000),
    ):
        if isinstance(got, bool) or not isinstance(got, int | np.integer) or not low <= got <= high:
            raise UsageError(f"{name}={got!r}: allowed is a whole number from {low} to {high}; change {name}")
    for name, got in (("radius_km", radius_km), ("ring_km", ring_km), ("merge_km", merge_km)):
        if isinstance(got, bool) or not isinstance(got, int | float) or not 0 <= got <= 2000:
            raise UsageError(f"{name}={got!r}: allowed is a number of km from 0 to 2000; change {name}")
    if float(ring_km) < float(radius_km):  # type: ignore[arg-type]
        raise UsageError(
            f"ring_km={ring_km!r}: allowed is at least radius_km={radius_km!r}; change one of them"
        )
    for name, got, words in (
        ("contrast", contrast, get_args(Contrast)),
        ("measure", measure, get_args(Measure)),
    ):
        if got not in words:
            raise UsageError(f"{name}={got!r}: allowed is one of {', '.join(words)}; change {name}")


def units_of(
    theatre: SimulatedTheatre, strikes: Ints, merge_km: float, *, last_row: int
) -> tuple[Ints, Ints, Floats, int]:
    """Give strikes (row, place) up to a row, unit by unit, the size of each unit, the distance of every place
    from each unit's middle, and how many units lie after that row.
    """
    world = theatre.world
    if merge_km == 0:
        label = heads = np.arange(len(strikes), dtype=np.int64)
    else:
        at = np.column_stack([world.lat, world.lon])
        label, heads = strike_units(strikes[:, 0], at[strikes[:, 1]], merge_km)
    order = np.argsort(label, kind="stable")
    order = order[strikes[order, 0] <= last_row]
    kept, sizes = np.unique(label[order], return_counts=True)
    middle = strikes[heads[kept], 1]
    km = distances_km(world.lat[middle], world.lon[middle], world.lat, world.lon)
    return strikes[order], sizes, km, len(heads) - len(kept)


def _without_effect(theatre: SimulatedTheatre) -> kernel.State:
    """Run the same theatre with the same draws, whose strikes change neither attacks nor reporting."""
    fixed = theatre.fixed._replace(
        log_factor=np.zeros_like(theatre.fixed.log_factor), ring_share=0.0, fall=0.0
    )
    state = empty_state(fixed.base.shape)
    run_all(fixed, state)
    return state


def _added(theatre: SimulatedTheatre, draws: int) -> Ints:
    """Draw place-days without a strike in proportion to the strike rate there, with repeats."""
    rate = np.where(theatre.state.strikes > 0, 0.0, theatre.state.strike_rate)
    total = np.cumsum(rate)
    if total[-1] <= 0:
        return np.empty((0, 2), dtype=np.int64)
    number = np.arange(draws)
    u = kernel.uniforms(kernel.stream_key(theatre.seed, kernel.MORE), number, number * 0, number * 0)
    picked = np.searchsorted(total, u * total[-1], side="right")
    return np.column_stack(np.unravel_index(picked, rate.shape)).astype(np.int64)
