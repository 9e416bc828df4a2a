"""`calibrate`: a world's ranges held against a weekly series, dated counts and dated later states."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import UsageError
from .._draws import uniforms
from ._calibration import Calibration, Evidence
from ._rate import fighters_that_count, spread_of_totals
from ._series_model import HYPER, SeriesPrior
from ._targets import Targets, read_targets

if TYPE_CHECKING:
    import pandas as pd

    from .._world import World
    from ._series import WeeklySeries
    from ._series_fit import SeriesFit
    from ._simulated import StockTarget, Weighed

__all__ = ["calibrate", "prior_of_world"]

Array = np.ndarray[Any, Any]
Progress = Callable[[str], None]

RATE = "attacks_per_day"
GROWTH = "net_growth_per_year"
DIP = "quiet_days"
_SERIES_IS_OF_THE_DAY = (
    180  # days between a series' end and a world's day within which its level is the world's
)
_MOST_MEMBERS, _FEWEST_MEMBERS = 100_000, 500


def calibrate(
    world: World | str,
    *,
    series: WeeklySeries | pd.DataFrame | None = None,
    targets: Targets | str | Path | None = None,
    members: int = 4000,
    seed: int = 0,
    lag_weeks: int = 1,
    lull_per_target: float | None = None,
    jobs: int = 1,
    progress: Progress = lambda stage: None,
) -> Calibration:
    """Hold a world's ranges against data: what each number was before, what it is after, and whether data speak of it.

    Three sources, in this order, each starting from what the one before left. A weekly series of recorded attacks and
    strikes, by its likelihood (`fit_series`): strike effect, half-life, drift, variance ratio, self-excitation. Dated
    counts, in closed form: removal a mission and a target, the share captured, attacks a day, the pace of a camp. Dated
    states after the world's day, by simulation: members of an ensemble are weighted by how near they come. All else keeps
    its range, and says so.

    Parameters
    ----------
    world
        A shipped world's name, a file, or a `World`.
    series
        Recorded attacks and strikes by week (`WeeklySeries`, or a table as `WeeklySeries.from_frame` takes); None: none.
    targets
        Dated figures: `Targets`, a file written as the package's targets.toml, or None for the shipped ones that bear on
        this world.
    members
        Draws, 500 to 100,000. Later states need some thousand.
    seed
        Of all draws.
    lag_weeks, lull_per_target
        As in `fit_series`.
    jobs
        Threads of the simulation.
    progress
        Called with a word at each stage.

    Returns
    -------
    Calibration
        `to_frame()` a row a number, `draws(members)` for `simulate`, `checks`, `plot()`, `summary()`, `save(folder)`.

    Raises
    ------
    UsageError
        An argument is out of bounds.
    EstimateRefused
        The series cannot carry a fit, or too few members come near the later states.

    Assumes
    -------
    The three sources are independent given the numbers. For the series see `fit_series`; what it says of strikes is an
    association after adjustment, not an effect.

    Examples
    --------
    >>> found = calibrate("feb2026", members=500)
    >>> table = found.to_frame().set_index("name")
    >>> bool(table.loc["recruited_per_fighter", "identified"]), table.loc["strike_effect", "basis"]
    (False, 'prior only')
    """
    from .._world import load_world

    if isinstance(members, bool) or not _FEWEST_MEMBERS <= members <= _MOST_MEMBERS:
        raise UsageError(f"members={members!r}; allowed {_FEWEST_MEMBERS} to {_MOST_MEMBERS:,}")
    known = load_world(world)
    figures = targets if isinstance(targets, Targets) else read_targets(known, path=targets)
    prior = known.draw(members, seed=seed)
    state = _State(known, seed, dict(prior), dict(prior))
    state.prior[RATE] = prior["attacks_per_fighter"] * fighters_that_count(known, prior)
    fit = None
    if series is not None:
        progress("fitting the weekly series")
        fit = _from_series(state, _as_series(series), lag_weeks, lull_per_target)
    progress("reading dated counts")
    _from_counts(state, figures)
    _put_rate(state)
    weighed = None
    if figures.stocks:
        progress("simulating up to later states")
        weighed = _from_stocks(state, figures.stocks, jobs)
    progress("checking")
    checks = (*(fit.checks() if fit else ()), *state.checks(weighed))
    return Calibration(
        world=known, prior=state.prior, posterior=state.after, evidence=state.evidence, fit=fit, weighed=weighed,
        checks=checks, members=members, seed=seed, figures_used=figures.figures,
    )  # fmt: skip


@dataclass(eq=False)
class _State:
    """What is known so far: draws before, draws after, and on what each rests."""

    world: World
    seed: int
    prior: dict[str, Array]
    after: dict[str, Array]
    evidence: dict[str, Evidence] = field(default_factory=dict)

    def put(self, name: str, values: Array, basis: str, why: str, *, before: Array | None = None) -> None:
        """Set the draws of one number, and what it started from where that is not the world's range."""
        self.after[name] = np.asarray(values, float)
        self.evidence[name] = Evidence(basis, why)
        if before is not None:
            self.prior[name] = np.asarray(before, float)

    def uniforms(self, name: str) -> Array:
        """Give one stream of chance of this number's own."""
        return np.asarray(uniforms(self.seed, len(self.after["fighters"]), f"calibrate:{name}"))

    def checks(self, weighed: Weighed | None) -> tuple[Any, ...]:
        from ._stock_check import stock_checks

        return () if weighed is None else stock_checks(weighed, seed=self.seed)


def prior_of_world(world: World) -> SeriesPrior:
    """Give what a world knows of the parameters of a series."""
    numbers = world.numbers
    effect = numbers["strike_effect"]
    centre = (effect.low + effect.high) / 2
    spread = (effect.high - effect.low) / (2 * 1.6448536269514722)
    if spread <= 0:
        raise UsageError("strike_effect is fixed in this world; a series cannot change it: give it a range")
    return SeriesPrior(
        quantiles={name: numbers[name].quantile for name in HYPER}, strike_effect=(centre, spread)
    )


def _as_series(given: Any) -> WeeklySeries:
    from ._series import WeeklySeries

    return given if isinstance(given, WeeklySeries) else WeeklySeries.from_frame(given)


def _from_series(state: _State, series: WeeklySeries, lag_weeks: int, unit: float | None) -> SeriesFit:
    from ._series_fit import fit_series

    fit = fit_series(
        series, prior=prior_of_world(state.world), lag_weeks=lag_weeks, lull_per_target=unit, seed=state.seed
    )
    members = len(state.after["fighters"])
    draws = fit.draws(members)
    gap = (state.world.as_of - series.last_day.astype(object)).days
    told = f"{len(series.starts)} weeks from {series.starts[0]}, {series.origin}"
    if abs(gap) > _SERIES_IS_OF_THE_DAY:
        told += f", {abs(gap):,} days {'before' if gap > 0 else 'after'} the world's day and carried over as it is"
    for name in HYPER:
        state.put(name, draws.parameter(name), "series", told)
    state.put(
        "strike_effect", draws.strike_effect, "series", f"association after adjustment, not an effect; {told}"
    )
    fixed = (
        "given" if unit is not None else "set so that half suppression stands behind the middle struck week"
    )
    state.put(
        "lull_per_target", np.full(members, fit.unit), "series",
        f"known only by its product with strike_effect; {fixed}, and the effect is read with it",
    )  # fmt: skip
    # Before the data: half-life and effect as the world has them, the memory as it is read here.
    before = dataclasses.replace(
        draws, strike_effect=state.prior["strike_effect"],
        hyper=np.column_stack([state.prior[name] for name in HYPER]),
    )  # fmt: skip
    state.put(DIP, fit.quiet_days(draws), "series",
              f"days' worth of attacks missing behind a middle struck week; negative: extra; {told}",
              before=fit.quiet_days(before))  # fmt: skip
    if -31 <= gap <= _SERIES_IS_OF_THE_DAY:
        state.put(RATE, fit.rate_at_end(draws), "series", f"level of the last eight weeks; {told}")
    return fit


def _from_counts(state: _State, figures: Targets) -> None:
    for name, (posterior, day) in figures.counts.items():
        if name in state.evidence:
            continue
        u = state.uniforms(name)
        if name == RATE:
            _rate_from_count(state, posterior, day, u)
            continue
        if name not in state.after:
            continue
        number = state.world.numbers[name]
        values = np.clip(posterior.quantile(u), number.minimum, number.maximum)
        state.put(name, values, "counts", posterior.words(), before=posterior.prior_quantile(u))


def _rate_from_count(state: _State, counted: Any, day: date, u: Array) -> None:
    """Carry the rate of a count to the world's day: totals spread more than by chance, and the rate drifts since."""
    from scipy.special import ndtri

    from ._counts import count_posterior

    wider = count_posterior(
        RATE, counted.parts, form="rate", before=counted.before, spread_ratio=spread_of_totals(state.after)
    )
    wider = dataclasses.replace(wider, note=counted.note)
    days = max((state.world.as_of - day).days, 0)
    drift = state.after["drift_sd"] * math.sqrt(days) * ndtri(state.uniforms("drift since the count"))
    told = f"{wider.words()}; carried {days} days to the world's day with its drift"
    state.put(RATE, wider.quantile(u) * np.exp(drift), "counts", told, before=wider.prior_quantile(u))


def _put_rate(state: _State) -> None:
    """Give attacks_per_fighter the draws that make the rate, fighters as they are."""
    if RATE not in state.evidence:
        state.after[RATE] = state.prior[RATE]
        return
    number = state.world.numbers["attacks_per_fighter"]
    values = state.after[RATE] / fighters_that_count(state.world, state.after)
    basis = state.evidence[RATE].basis
    state.put(
        "attacks_per_fighter", np.clip(values, max(number.minimum, 1e-12), number.maximum), basis,
        "only attacks_per_day, its product with fighters, shows in data",
    )  # fmt: skip


def _from_stocks(state: _State, stocks: tuple[StockTarget, ...], jobs: int) -> Weighed:
    """Weigh the members by later states, and draw them anew by weight: all numbers together."""
    from .._simulate import simulate
    from ._simulated import resampled, weigh

    last = max(target.day for target in stocks)
    run = simulate(
        state.world, "strikes_only", until=last, draws=_of_model(state), seed=state.seed, jobs=jobs
    )
    ends = np.array([end.toordinal() for end in run.periods])
    columns = []
    for target in stocks:
        at = int(np.argmin(np.abs(ends - target.day.toordinal())))
        places: tuple[str | None, ...] = target.places or (None,)
        columns.append(np.sum([run.series(target.output, place=place)[:, at] for place in places], axis=0))
    years = (ends[-1] - run.start.toordinal()) / 365.25
    final = np.maximum(run.series("fighters")[:, -1], 1)
    growth = np.log(final / np.maximum(np.round(state.after["fighters"]), 1)) / years
    weighed = weigh(np.column_stack(columns), stocks)
    chosen = resampled(weighed, np.random.default_rng([state.seed, 3]))
    state.after[GROWTH] = state.prior[GROWTH] = growth
    told = f"{len(stocks)} dated later states, {stocks[0].day:%B %Y} to {last:%B %Y}"
    for name, values in list(state.after.items()):
        state.after[name] = values[chosen]
        if name not in state.evidence and (name == GROWTH or _moved(values, weighed.weights)):
            state.evidence[name] = Evidence("simulated", told)
    return weighed


def _of_model(state: _State) -> Mapping[str, Array]:
    return {name: values for name, values in state.after.items() if name not in (RATE, GROWTH, DIP)}


def _moved(values: Array, weights: Array) -> bool:
    """Say whether weighting moves a number's middle or spread by more than chance: three errors, or 0.15 of its sd."""
    spread = float(np.std(values))
    if not spread > 0:
        return False
    mean = float(weights @ values)
    after = math.sqrt(max(float(weights @ (values - mean) ** 2), 0.0))
    least = max(0.15, 3.0 * math.sqrt(float((weights**2).sum())))
    return abs(mean - float(np.mean(values))) > least * spread or after < (1 - least) * spread
