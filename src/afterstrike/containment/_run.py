"""Run scenarios on one world, with the same draws and the same chance, and hold them against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import EstimateRefused, UsageError
from ._compare import Comparison, compare, levels_of
from ._drivers import Drivers, drivers, wrong_n
from ._scenario import Scenario, load_scenario
from ._scenario_costs import NO_COSTS, Costs, load_costs
from ._scenario_outputs import OUTPUTS, Output

if TYPE_CHECKING:
    import pandas as pd

    from ..charts import Chart
    from ._ensemble import Ensemble
    from ._world import World

__all__ = ["REPEATS", "ScenarioResult", "run_scenarios"]

Array = np.ndarray[Any, Any]

REPEATS = 10
"""Runs of each prior draw, so that chance within a draw is told apart from the draw."""
_DRIVER_OUTPUTS = ("attacks", "attack_deaths", "net_escapes")


@dataclass(frozen=True)
class ScenarioResult:
    """What scenarios gave on one world.

    Parameters
    ----------
    world
        The world run.
    ensembles
        One a scenario, by name, in the order asked for.
    levels
        One row an output and scenario: mean, median and bands.
    comparison
        Paired differences; None where one scenario was run.
    drivers
        What the spread comes from; None where it was not asked for.
    costs
        Unit costs given; None: nothing was computed of costs.
    warnings
        What a scenario does beyond anything on record.
    today
        The day of the run, from which the world's age is counted.
    provenance
        World, scenarios, seed, members, versions, time.
    """

    world: World
    ensembles: Mapping[str, Ensemble] = field(repr=False)
    levels: pd.DataFrame = field(repr=False)
    comparison: Comparison | None = field(repr=False)
    drivers: Drivers | None = field(repr=False)
    costs: Costs | None = field(repr=False)
    warnings: tuple[str, ...] = ()
    today: date = field(default_factory=date.today)
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def titles(self) -> dict[str, str]:
        """What each output is, in words."""
        known = {name: output.title for name, output in OUTPUTS.items()}
        return known | {name: output.title for name, output in _further(self.costs).items()}

    @property
    def cost_lines(self) -> list[str]:
        """What is said of costs."""
        return [NO_COSTS] if self.costs is None else self.costs.lines()

    def to_frame(self) -> pd.DataFrame:
        """Give one row an output and scenario.

        Returns
        -------
        pandas.DataFrame
            `world, world_as_of, output, scenario, unit, mean, median, low_50, ... high_95`, and against the first scenario
            `difference_median, difference_low_80, difference_high_80, flips, order, reason` (missing in the rows
            of the first scenario itself).
        """
        frame = self.levels.copy()
        frame.insert(0, "world", self.world.name)
        frame.insert(1, "world_as_of", self.world.as_of)
        if self.comparison is None:
            return frame
        pairs = self.comparison.table
        pairs = pairs[pairs["against"] == self.comparison.names[0]]
        kept = ["median", "low_80", "high_80"]
        pairs = pairs[["output", "scenario", *kept, "flips", "order", "reason"]]
        pairs = pairs.rename(columns={name: f"difference_{name}" for name in kept})
        return frame.merge(pairs, on=["output", "scenario"], how="left")

    def summary(self) -> str:
        """Say what was run, what follows, what is not known, and what was taken for granted."""
        from ._words import summary_lines

        return "\n".join(summary_lines(self))

    def plot(
        self, output: str = "attacks", *, past: pd.DataFrame | None = None, past_title: str = "recorded"
    ) -> Chart:
        """Draw the fan chart of an output; see `fan_chart` for what may be drawn and what `past` takes."""
        from ._figure import fan_chart

        return fan_chart(self.ensembles, output, past=past, past_title=past_title, today=self.today)

    def figures(self) -> dict[str, Chart]:
        """Give every figure of a run, by the name of its files."""
        from ._figure import fan_chart
        from ._figure_drivers import sobol_bars, tornado_chart
        from ._figure_table import decision_table

        made: dict[str, Chart] = {}
        if self.comparison is not None:
            counts = {name: len(one.scenario.changes) for name, one in self.ensembles.items()}
            made["decision-table"] = decision_table(
                self.comparison, assumptions=counts, spread=self._spread(), today=self.today
            )
        shown = ["attacks"]
        shown += ["net_escapes", "detained_now"] if self.world.systems else []
        shown += ["camp_returns"] if self.world.camps else []
        for output in shown:
            made[f"fan-{output.replace('_', '-')}"] = fan_chart(self.ensembles, output, today=self.today)
        first = next(iter(self.ensembles.values()))
        for output in ("attacks", "net_escapes"):
            try:
                made[f"tornado-{output.replace('_', '-')}"] = tornado_chart(first, output, today=self.today)
            except EstimateRefused:
                continue  # the summary's numbers stand without it; a small run has too few draws
        if self.drivers is not None:
            made["drivers"] = sobol_bars(self.drivers, today=self.today)
        return made

    def _spread(self) -> str:
        """Say which share of the spread in attacks the assumptions have a part in, where it was computed."""
        from ._drivers import ASSUMED

        if self.drivers is None:
            return ""
        frame = self.drivers.table
        own = frame[(frame["group"] == ASSUMED) & (frame["output"] == "attacks") & (frame["reason"] == "")]
        if not len(own):
            return ""
        share = min(max(float(own["total"].iloc[0]), 0.0), 1.0)
        return f"The world's assumptions [S] have a part in {100 * share:.0f} % of the spread in attacks (log scale)."

    def save(self, folder: str | Path) -> list[Path]:
        """Write tables, figures, draws, one page to read and the summary; see docs/scenarios.md for the names.

        Raises
        ------
        UsageError
            The folder cannot be written to; then no file in it is replaced.
        """
        from ._save import save_scenarios

        return save_scenarios(self, folder)

    def __repr__(self) -> str:
        return f"ScenarioResult({self.world.name!r}, {', '.join(self.ensembles)})"


def _percent(say: Callable[[str], None], name: str) -> Callable[[int, int], None]:
    return lambda done, total: say(f"{name} {100 * done // max(total, 1)} %")


def _further(costs: Costs | None) -> dict[str, Output]:
    return {} if costs is None else costs.outputs()


def run_scenarios(
    presets: Sequence[str | Path | Scenario] | str | Scenario,
    *,
    world: str | Path | World = "feb2026",
    until: date | str | None = None,
    members: int = 2000,
    repeats: int = REPEATS,
    seed: int = 0,
    changes: Sequence[str] = (),
    costs: str | Path | Costs | None = None,
    drivers_n: int = 0,
    draws: Mapping[str, Array] | None = None,
    jobs: int = -1,
    cluster: str | None = None,
    today: date | None = None,
    progress: Callable[[str], None] | None = None,
) -> ScenarioResult:
    """Run scenarios on a world and compare them.

    Parameters
    ----------
    presets
        Names of shipped scenarios, paths of files, or `Scenario` objects; the others are held against the first.
    world
        Name of a shipped world, path of a file, or a `World`.
    until
        Last day; the end of 2028 if not given.
    members
        Runs of each scenario, a multiple of `repeats`.
    repeats
        Runs of each prior draw, at least 1; with 1, chance within a draw counts as a flip of it.
    seed
        Of the draws and of chance.
    changes
        Further lines, added to every scenario.
    costs
        A file of unit costs (see `load_costs`); without it nothing is computed of costs.
    drivers_n
        Base draws of the decomposition of the spread, a power of two from 64; 0: none.
    draws
        The world's numbers by name after a calibration, members // repeats of each; the world's own ranges if not
        given. The decomposition of the spread is of the world's own ranges either way.
    jobs, cluster
        Processors of this machine to use (-1: all), or the address of a Dask scheduler instead.
    today
        The day from which the world's age is counted; today if not given.
    progress
        Called with a word or two at each stage.

    Returns
    -------
    ScenarioResult

    Raises
    ------
    UsageError
        A scenario, a world, a day or a number is not allowed: before anything is run.

    Assumes
    -------
    Everything the world and the scenarios state. What comes out follows from that, and is no forecast.

    Examples
    --------
    >>> result = run_scenarios(["strikes_only", "repatriate"], until="2026-06-30", members=100)
    >>> list(result.ensembles)
    ['strikes_only', 'repatriate']
    """
    from ._simulate import simulate
    from ._world import load_world

    say = progress or (lambda stage: None)
    known = load_world(world)
    listed = [presets] if isinstance(presets, str | Path | Scenario) else list(presets)
    chosen = [load_scenario(one).with_changes(changes) for one in listed]
    last = _checked(chosen, known, until, members, repeats, drivers_n)
    money = load_costs(costs) if isinstance(costs, str | Path) else costs
    repeated = _repeated(known, draws, members, repeats, seed)
    ensembles: dict[str, Ensemble] = {}
    for scenario in chosen:
        ensembles[scenario.name] = simulate(
            known, scenario, until=last, members=members, seed=seed, draws=repeated, jobs=jobs, cluster=cluster,
            progress=_percent(say, scenario.name),
        )  # fmt: skip
    say("comparing")
    further = _further(money)
    given = list(ensembles.values())
    comparison = compare(given, further=further) if len(given) > 1 else None
    levels = comparison.levels if comparison else levels_of(given, [*OUTPUTS.values(), *further.values()])
    spread = None
    if drivers_n:
        spread = drivers(
            known, chosen[0], outputs=_DRIVER_OUTPUTS, n=drivers_n, until=last, seed=seed, jobs=jobs, cluster=cluster,
            progress=_percent(say, "what drives the spread"),
        )  # fmt: skip
    start, days = given[0].start, (last - given[0].start).days + 1
    return ScenarioResult(
        world=known,
        ensembles=ensembles,
        levels=levels,
        comparison=comparison,
        drivers=spread,
        costs=money,
        warnings=tuple(f"{one.name}: {told}" for one in chosen for told in one.warnings(known, start, days)),
        today=today or date.today(),
        provenance=_provenance(known, chosen, members, repeats, seed, start, last)
        | {"draws": "the world's own ranges" if draws is None else "given"},
    )


def _repeated(
    world: World, draws: Mapping[str, Array] | None, members: int, repeats: int, seed: int
) -> dict[str, Array]:
    """Give the numbers of each member: every draw as often as it is run."""
    count = members // repeats
    drawn = world.draw(count, seed=seed) if draws is None else draws
    if any(len(one) != count for one in drawn.values()):
        raise UsageError(f"draws are not {count:,} of each number, which is members // repeats")
    return {name: np.repeat(one, repeats) for name, one in drawn.items()}


DEFAULT_UNTIL = date(2028, 12, 31)


def _checked(
    chosen: Sequence[Scenario],
    world: World,
    until: date | str | None,
    members: int,
    repeats: int,
    drivers_n: int,
) -> date:
    """Refuse what is not allowed before anything is run, all faults at once; give the last day."""
    faults: list[str] = []
    if not chosen:
        faults.append("no scenario; give at least one, as strikes_only")
    names = [one.name for one in chosen]
    faults += [f"scenario {name} is given twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if isinstance(repeats, bool) or not isinstance(repeats, int) or repeats < 1:
        raise UsageError(f"repeats={repeats!r}; allowed whole numbers from 1")
    if isinstance(members, bool) or not isinstance(members, int) or members < repeats or members % repeats:
        faults.append(
            f"members={members!r}; allowed multiples of {repeats}, the runs of each prior draw, as 2000"
        )
    if drivers_n and (refused := wrong_n(drivers_n)):
        faults.append(f"what drives the spread: {refused}, or 0 for none")
    start = world.as_of + timedelta(days=1)
    try:
        last = DEFAULT_UNTIL if until is None else date.fromisoformat(str(until))
    except ValueError:
        raise UsageError(f"until={until!r} is no day; write it as 2027-12-31") from None
    days = (last - start).days + 1
    if days < 1:
        raise UsageError(f"until={last}; the world {world.name} is of {world.as_of}: allowed days after that")
    for one in chosen:
        wrong = one.faults(world, start, days)
        hint = (
            f" (its lines name places of the world {' or '.join(one.worlds)})" if one.worlds and wrong else ""
        )
        faults += [f"scenario {one.name}{hint}: {fault}" for fault in wrong]
    if faults:
        raise UsageError("; ".join(faults))
    return last


def _provenance(
    world: World, chosen: Sequence[Scenario], members: int, repeats: int, seed: int, start: date, last: date
) -> dict[str, Any]:
    from .. import __version__

    return {
        "world": world.name,
        "world_as_of": world.as_of.isoformat(),
        "world_sha256": world.sha256,
        "scenarios": {
            one.name: {"source": one.source, "sha256": one.sha256, "changes": list(one.lines)}
            for one in chosen
        },
        "members": members,
        "repeats": repeats,
        "seed": seed,
        "start": start.isoformat(),
        "until": last.isoformat(),
        "version": __version__,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
