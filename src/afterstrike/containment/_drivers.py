"""What drives the spread of a run: Sobol indices by group of numbers, with chance as a group of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..errors import EstimateRefused, UsageError
from ._scenario_outputs import outputs_named

if TYPE_CHECKING:
    import pandas as pd

    from ..charts import Chart
    from ._ensemble import Ensemble
    from ._scenario import Scenario
    from ._world import World

__all__ = [
    "ASSUMED",
    "CHANCE",
    "Drivers",
    "drivers",
    "grouped_draws",
    "groups_of",
    "sobol_by_group",
    "wrong_n",
]

Array = np.ndarray[Any, Any]

CHANCE = "chance"
"""The group of the dice: what differs between two runs of the same numbers."""
ASSUMED = "assumptions"
"""All numbers marked [S], whatever their group: it overlaps the groups, and is told apart from them."""
_DEFAULT_OUTPUTS = ("attacks", "attack_deaths", "net_escapes")


@dataclass(frozen=True)
class Drivers:
    """Shares of the spread of outputs, by group of numbers.

    Parameters
    ----------
    table
        One row an output and group: `first` (share of the variance that this group makes by itself) and
        `total` (with all that it makes together with others), each with `_low` and `_high` (bootstrap),
        `assumed` (share of the group's numbers that are assumptions) and `reason` where nothing could be told.
        The group `assumptions` is of all numbers marked [S]: it lies across the others.
    scale
        `log`: of the logarithm of one plus the count; `count`: of the count itself.
    world, scenario
        What was run.
    n
        Base draws; the model was run n * (groups + 2) times.
    """

    table: pd.DataFrame = field(repr=False)
    scale: str
    world: World = field(repr=False)
    scenario: str
    n: int

    def to_frame(self) -> pd.DataFrame:
        """Give one row an output and group; columns as in `table`."""
        return self.table.copy()

    def summary(self) -> str:
        """Say for each output which groups make most of the spread."""
        from ._words import driver_lines

        return "\n".join(driver_lines(self))

    def plot(self) -> Chart:
        """Draw bars with intervals, one panel an output."""
        from ._figure_drivers import sobol_bars

        return sobol_bars(self)


def sobol_by_group(
    f_a: Array,
    f_b: Array,
    f_ab: Array,
    groups: Sequence[str],
    *,
    level: float = 0.9,
    resamples: int = 500,
    seed: int = 0,
) -> pd.DataFrame:
    """Give first- and total-order indices of groups from the values of a function.

    Saltelli et al. (2010) for the first order, Jansen for the total, by `scipy.stats.sobol_indices`: what is
    swapped between the two samples is a whole group of inputs, so the index is the group's.

    Parameters
    ----------
    f_a, f_b
        Values at two independent samples, shape (n,).
    f_ab
        Values at the first sample with one group taken from the second, shape (groups, n).
    groups
        Names of the groups.
    level
        Of the bootstrap intervals, 0 to 1.
    resamples, seed
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        One row a group: `group, first, first_low, first_high, total, total_low, total_high`.

    Raises
    ------
    EstimateRefused
        The values do not vary, so there is no spread to share out.

    References
    ----------
    Saltelli et al. (2010), doi:10.1016/j.cpc.2009.09.018.

    Examples
    --------
    >>> x = np.random.default_rng(0).uniform(size=(2, 2, 1024))  # sample, input, row
    >>> f = lambda first, second: 2 * first + second
    >>> swapped = np.stack([f(x[1, 0], x[0, 1]), f(x[0, 0], x[1, 1])])
    >>> table = sobol_by_group(f(*x[0]), f(*x[1]), swapped, ["first", "second"])
    >>> [bool(low < share < high) for low, share, high in zip(table.first_low, (0.8, 0.2), table.first_high)]
    [True, True]
    """
    import pandas as pd
    from scipy.stats import sobol_indices

    a, b, ab = (np.asarray(values, dtype=float) for values in (f_a, f_b, f_ab))
    both = np.concatenate([a, b])
    spread = both.std()
    if not spread > 0:
        raise EstimateRefused("the output is the same in every run, so there is no spread to share out")
    # The estimator's own noise grows with the distance of the mean from zero; indices do not move with it.
    a, b, ab = ((values - both.mean()) / spread for values in (a, b, ab))
    found = sobol_indices(func={"f_A": a[None], "f_B": b[None], "f_AB": ab[:, None, :]}, n=len(a))
    rng = np.random.default_rng(seed)
    again = np.array([_indices(a[i], b[i], ab[:, i]) for i in rng.integers(0, len(a), (resamples, len(a)))])
    low, high = np.nanquantile(again, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return pd.DataFrame(
        {
            "group": list(groups),
            "first": found.first_order.reshape(-1),
            "first_low": low[0],
            "first_high": high[0],
            "total": found.total_order.reshape(-1),
            "total_low": low[1],
            "total_high": high[1],
        }
    )


def _indices(a: Array, b: Array, ab: Array) -> tuple[Array, Array]:
    """The same estimators on a resample: what `sobol_indices` computes, without its checks."""
    variance = np.concatenate([a, b]).var()
    if not variance > 0:
        return np.full(len(ab), np.nan), np.full(len(ab), np.nan)
    first = np.mean(b * (ab - a), axis=1) / variance
    return first, 0.5 * np.mean((a - ab) ** 2, axis=1) / variance


def grouped_draws(
    a: Mapping[str, Array], b: Mapping[str, Array], group_of: Mapping[str, str], group: str
) -> dict[str, Array]:
    """Give the draws of `a` with every number of one group taken from `b`."""
    return {name: b[name] if group_of[name] == group else values for name, values in a.items()}


def drivers(
    world: World | str,
    scenario: Scenario | str = "strikes_only",
    *,
    outputs: Sequence[str] = _DEFAULT_OUTPUTS,
    n: int = 512,
    until: date | str | None = None,
    seed: int = 0,
    scale: Literal["log", "count"] = "log",
    level: float = 0.9,
    jobs: int = -1,
    cluster: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Drivers:
    """Share out the spread of a run's totals over groups of numbers, and over chance.

    Parameters
    ----------
    world, scenario, until, seed, jobs, cluster
        As in `simulate`.
    outputs
        Names in `OUTPUTS`.
    n
        Base draws, a power of two from 64; the model is run n * (groups + 2) times.
    scale
        `log` shares out the spread of log(1 + total), so that a few runs with very many escapes do not
        decide alone; `count` that of the total itself.
    level
        Of the intervals, 0 to 1.
    progress
        Called with runs done and runs in all.

    Returns
    -------
    Drivers

    Raises
    ------
    UsageError
        `n` is no power of two, or an output is not known.

    Assumes
    -------
    The numbers of a world are independent of each other, and each range is as wide as the world says. A group
    whose range is too narrow looks harmless.
    """
    import pandas as pd

    from ._scenario import load_scenario
    from ._simulate import simulate
    from ._world import load_world

    if wrong := wrong_n(n):
        raise UsageError(wrong)
    if scale not in ("log", "count"):
        raise UsageError(f"scale={scale!r}; allowed log, count")
    chosen, known, policy = outputs_named(outputs), load_world(world), load_scenario(scenario)
    group_of = groups_of(known)
    kinds = {name: ASSUMED if _is_assumed(known, name) else "" for name in group_of}
    groups = list(dict.fromkeys(group_of.values()))
    names = [*groups, CHANCE, ASSUMED]
    # Streams of the seed's own: neither sample is the one that forecasts of this seed use.
    first, second = (known.draw(n, seed=_other(seed, which)) for which in ("A", "B"))
    dice, other_dice = _other(seed, "dice"), _other(seed, "other dice")
    runs = [(first, dice), (second, other_dice)]
    runs += [(grouped_draws(first, second, group_of, name), dice) for name in groups]
    runs += [(first, other_dice), (grouped_draws(first, second, kinds, ASSUMED), dice)]

    found: list[list[Array]] = []
    for done, (draws, chance) in enumerate(runs):
        if progress is not None:
            progress(done * n, len(runs) * n)
        one: Ensemble = simulate(
            known, policy, until=until, members=n, seed=chance, draws=draws, jobs=jobs, cluster=cluster
        )
        found.append([np.asarray(output.of(one), dtype=float) for output in chosen])
    values: Array = np.array(found)
    if scale == "log":
        values = np.log1p(np.maximum(values, 0))
    assumed = _assumed(known, group_of)
    tables = []
    for k, output in enumerate(chosen):
        try:
            table = sobol_by_group(
                values[0, k], values[1, k], values[2:, k], names, level=level, seed=seed
            ).assign(reason="")
        except EstimateRefused as problem:
            table = pd.DataFrame({"group": names}).assign(reason=str(problem))
        table.insert(0, "output", output.name)
        tables.append(table.assign(assumed=[assumed.get(name, np.nan) for name in names]))
    return Drivers(pd.concat(tables, ignore_index=True), scale, known, policy.name, n)


def wrong_n(n: int) -> str:
    """Say what is wrong with a number of base draws; empty where nothing is."""
    if isinstance(n, bool) or not isinstance(n, int) or n < 64 or n & (n - 1):
        return f"n={n!r} base draws; allowed powers of two from 64, as 512"
    return ""


def _other(seed: int, which: str) -> int:
    """Give a seed of its own for each use, the same every time."""
    return int(np.random.SeedSequence([seed, *which.encode()]).generate_state(1)[0])


def groups_of(world: World) -> dict[str, str]:
    """Give the group of each number the model draws, by its full name."""
    from ._parameters import parameters
    from ._world import full_names

    known = parameters()
    return {name: known[name.partition(".")[0]].group for name in full_names(world)}


def _assumed(world: World, group_of: Mapping[str, str]) -> dict[str, float]:
    """Give for each group the share of its numbers that are assumptions."""
    found: dict[str, float] = {ASSUMED: 1.0}
    for group in dict.fromkeys(group_of.values()):
        mine = [n for name, n in world.numbers.items() if group_of.get(name) == group]
        found[group] = sum(n.is_assumption for n in mine) / len(mine) if mine else float("nan")
    return found


def _is_assumed(world: World, name: str) -> bool:
    number = world.numbers.get(name)
    return number is not None and number.is_assumption
