"""`simulate`: a dated world under one scenario, many members."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..effects._parallel import in_parallel
from ..errors import UsageError
from . import _layout as layout
from ._ensemble import Ensemble
from ._layout import Levers
from ._pack import Packed, geography_of, pack, structured

if TYPE_CHECKING:
    from ._scenario import Scenario
    from ._world import World

__all__ = ["simulate"]

Array = np.ndarray[Any, Any]

DEFAULT_UNTIL = date(2028, 12, 31)
MOST_MEMBERS = 1_000_000
LONGEST_DAYS = 3660
SHORTEST_DAYS = 28
"""No output is below a zone and a month."""
CHUNK = 250
"""Members a task: small enough for progress to move, large enough that handing tasks out costs nothing."""


def simulate(
    world: World | str,
    scenario: Scenario | str = "strikes_only",
    *,
    start: date | str | None = None,
    until: date | str | None = None,
    members: int = 2000,
    seed: int = 0,
    step_days: float = 1.0,
    draws: Mapping[str, Array] | None = None,
    engine: Literal["compiled", "plain"] = "compiled",
    jobs: int = -1,
    cluster: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Ensemble:
    """Run a dated world under a scenario, once for each member.

    Every member draws the world's numbers from their ranges and its own chance. What comes out follows from those
    ranges and the model's equations: it is a scenario, not a forecast. Persons are whole and none is lost: what
    is in the stocks, dead or gone is at every step what there was at the start and came in.

    Parameters
    ----------
    world
        A shipped world's name, a file, or a `World`.
    scenario
        A preset's name, a file, or a `Scenario`.
    start, until
        First and last day, as dates or ISO text. Default: the day after the world's `as_of`, to 31 December 2028.
        At least 28 days, at most ten years. A later start finds the stocks of the world's day.
    members
        Ensemble members, 1 to 1,000,000.
    seed
        The same seed, member, day and stream have the same chance in every world and scenario, and for any number
        of processors: paired differences are the scenario's.
    step_days
        Length of a step in days: 1, or a whole fraction of it.
    draws
        The world's numbers by name, shape (members,), as a calibration gives them; default `world.draw(members,
        seed=seed)`. Then `members` is their length.
    engine
        `"plain"` runs the NumPy twin: the same persons, tens of times slower, to check the compiled one by.
    jobs
        Threads on this machine, -1 for all processors. The result does not depend on it.
    cluster
        Address of a Dask scheduler; then `jobs` does not count.
    progress
        Called with (members done, members in all).

    Returns
    -------
    Ensemble
        Monthly counts and stocks, members first.

    Raises
    ------
    UsageError
        An argument is out of bounds, or a number of the world cannot be used.

    Example
    -------
    >>> run = simulate("feb2026", "strikes_only", until="2026-06-30", members=50)
    >>> run.series("attacks").shape, int(run.imbalance.max())
    ((50, 4), 0)
    """
    from ._scenario import load_scenario
    from ._world import load_world

    known = load_world(world)
    chosen = load_scenario(scenario) if isinstance(scenario, str) else scenario
    first = _day(start, "start") if start is not None else known.as_of + timedelta(days=1)
    last = _day(until, "until") if until is not None else DEFAULT_UNTIL
    per_day = _steps_a_day(step_days)
    days = (last - first).days + 1
    if first <= known.as_of:
        raise UsageError(
            f"start={first}; allowed a day after {known.as_of}, the day that {known.name} describes"
        )
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        raise UsageError(
            f"start={first}, until={last}: {days} days; allowed {SHORTEST_DAYS} to {LONGEST_DAYS}. A world's run begins the "
            f"day after its as_of ({known.as_of}) unless start says otherwise"
        )
    _whole(seed, "seed", 0, 2**63 - 1)
    if draws is None:
        _whole(members, "members", 1, MOST_MEMBERS)
        draws = known.draw(members, seed=seed)
    if engine not in ("compiled", "plain"):
        raise UsageError(f"engine={engine!r}; allowed 'compiled' or 'plain'")
    packed = pack(known, draws, step_days=1.0 / per_day)
    ends, period_of = months(first, last, per_day)
    levers = chosen.levers(known, first, days * per_day, 1.0 / per_day)
    tasks = [
        _Task(
            packed.part(row, row + CHUNK),
            row,
            known,
            levers,
            period_of,
            len(ends),
            1.0 / per_day,
            seed,
            engine,
        )
        for row in range(0, packed.members, CHUNK)
    ]
    made = _run(tasks, packed.members, jobs, cluster, progress)
    zone, custody, camp, imbalance = (np.concatenate(parts) for parts in zip(*made, strict=True))
    return Ensemble(
        world=known,
        scenario=chosen,
        start=first,
        periods=ends,
        draws={name: np.asarray(values) for name, values in draws.items()},
        seed=seed,
        step_days=1.0 / per_day,
        zone=zone,
        custody=custody,
        camp=camp,
        imbalance=imbalance,
    )


@dataclass(frozen=True)
class _Task:
    packed: Packed
    first: int
    world: World
    levers: Levers
    period_of: Array
    periods: int
    days: float
    seed: int
    engine: str


def _run(
    tasks: list[_Task],
    members: int,
    jobs: int,
    cluster: str | None,
    progress: Callable[[int, int], None] | None,
) -> list[tuple[Array, Array, Array, Array]]:
    done = 0

    def one(task: _Task) -> tuple[Array, Array, Array, Array]:
        nonlocal done
        result = run_task(task)
        done += task.packed.members
        if progress is not None:
            progress(min(done, members), members)
        return result

    if cluster is not None:
        return in_parallel(run_task, tasks, cluster=cluster)
    return in_parallel(one, tasks, jobs=jobs, threads=True)


def run_task(task: _Task) -> tuple[Array, Array, Array, Array]:
    """Run some members: counts by zone, custody system and camp, and the persons unaccounted for."""
    from ._kernel import run_members
    from ._twin import run_plain

    members = task.packed.members
    world = task.world
    shapes = (
        (len(world.zones), layout.ZONE_OUTPUTS),
        (len(world.systems), layout.CUSTODY_OUTPUTS),
        (len(world.camps), layout.CAMP_OUTPUTS),
    )
    zone, custody, camp = (
        np.zeros((members, task.periods, places, len(names)), np.int32) for places, names in shapes
    )
    imbalance = np.zeros(members, np.int64)
    run = run_plain if task.engine == "plain" else run_members
    run(
        np.uint64(task.seed),
        task.first,
        task.packed.state,
        task.packed.parameters,
        geography_of(world),
        lever_arrays(task.levers),
        task.period_of,
        task.days,
        tuple(
            structured(array, names) for array, (_, names) in zip((zone, custody, camp), shapes, strict=True)
        ),
        imbalance,
    )
    return zone, custody, camp, imbalance


def lever_arrays(levers: Levers) -> tuple[Array, ...]:
    """Levers as the kernel reads them."""
    return (
        structured(levers.zone, layout.ZONE_LEVERS),
        structured(levers.custody, layout.CUSTODY_LEVERS),
        structured(levers.camp, layout.CAMP_LEVERS),
        np.ascontiguousarray(levers.coordination),
        np.ascontiguousarray(levers.transfers),
        np.ascontiguousarray(levers.campaign),
    )


def months(first: date, last: date, steps_a_day: int = 1) -> tuple[tuple[date, ...], Array]:
    """Last day of each month of the run, and the month each step belongs to.

    A part of a month at either end, shorter than 28 days, is told with its neighbour: nothing is told of days.
    """
    days = [first + timedelta(days=day) for day in range((last - first).days + 1)]
    numbers = np.array([day.year * 12 + day.month for day in days])
    period = (numbers - numbers[0]).astype(np.int64)
    if period[-1] > 0 and (period == 0).sum() < SHORTEST_DAYS:
        period = np.maximum(period, 1) - 1
    if period[-1] > 0 and (period == period[-1]).sum() < SHORTEST_DAYS:
        period = np.minimum(period, period[-1] - 1)
    ends = tuple(days[np.flatnonzero(period == k)[-1]] for k in range(int(period[-1]) + 1))
    return ends, np.repeat(period, steps_a_day)


def _steps_a_day(step_days: float) -> int:
    if not isinstance(step_days, int | float) or not 0.01 <= step_days <= 1.0:
        raise UsageError(
            f"step_days={step_days!r}; allowed 1, or a whole fraction of a day down to 0.01, as 0.5"
        )
    per_day = round(1.0 / step_days)
    if not math.isclose(per_day * step_days, 1.0, rel_tol=1e-9):
        raise UsageError(
            f"step_days={step_days!r} does not divide a day; allowed 1, 0.5, 0.25, 0.1 and the like"
        )
    return per_day


def _whole(value: int, name: str, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
        raise UsageError(f"{name}={value!r}; allowed whole numbers from {low} to {high}")


def _day(value: date | str, name: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise UsageError(f"{name}={value!r}; allowed a date, as '2027-12-31'") from None
