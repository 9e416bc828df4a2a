"""Scenarios beside each other: paired differences, and in what share of prior draws their order flips."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from ._scenario_outputs import Output, band, draw_groups, outputs_named

if TYPE_CHECKING:
    import pandas as pd

    from ..charts import Chart
    from ._ensemble import Ensemble
    from ._world import World

__all__ = ["FEWEST_DRAWS", "FLIPS_ALLOWED", "Comparison", "compare", "levels_of"]

Array = np.ndarray[Any, Any]

FLIPS_ALLOWED = 0.20
"""No order is told where it flips in more than this share of prior draws."""
FEWEST_DRAWS = 30
"""Nor where fewer draws than this tell the scenarios apart."""


@dataclass(frozen=True)
class Comparison:
    """Scenarios run with the same draws and the same chance, against each other.

    Parameters
    ----------
    table
        One row an output and a pair of scenarios: paired difference `scenario` minus `against` (mean, median,
        50, 80 and 95 % bands over members), and over prior draws `flips` with its 95 % interval,
        `flips_half`, `draws`, `draws_that_differ`, `order` (`fewer`, `more`, `same`, `not known`) and
        `reason` where it is not known.
    levels
        One row an output and scenario: its own mean, median and bands.
    world, names
        The world run, and the scenarios in their order; the first is the one that others are held against.
    repeats
        Runs of each prior draw.
    """

    table: pd.DataFrame = field(repr=False)
    levels: pd.DataFrame = field(repr=False)
    world: World = field(repr=False)
    names: tuple[str, ...]
    repeats: int
    titles: Mapping[str, str] = field(default_factory=dict, repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Give one row an output and pair of scenarios; columns as in `table`."""
        return self.table.copy()

    def summary(self) -> str:
        """Say each comparison with the first scenario in a sentence, without an order where it is not known."""
        from ._words import comparison_lines

        return "\n".join(comparison_lines(self))

    def plot(self) -> Chart:
        """Draw the decision table: outputs by scenario, with paired differences."""
        from ._figure_table import decision_table

        return decision_table(self)


def compare(
    ensembles: Sequence[Ensemble] | Mapping[str, Ensemble],
    *,
    outputs: Sequence[str] | None = None,
    further: Mapping[str, Output] | None = None,
) -> Comparison:
    """Compare scenarios member by member.

    The estimand is the difference in a total of the run between two scenarios under the same prior draw and
    the same chance (common random numbers). The share of flips is the share of prior draws, among those in
    which the draw's mean over its repeats differs at all, that put two scenarios in the other order than most
    draws do.

    Parameters
    ----------
    ensembles
        Two or more, of one world, with the same draws, seed, members and days; the first is the one that the
        others are held against.
    outputs
        Names in `OUTPUTS`; all if not given.
    further
        Outputs beyond these, by name (costs, for example).

    Returns
    -------
    Comparison

    Raises
    ------
    UsageError
        Fewer than two ensembles, or ensembles that are no pairs: the message says in what they differ.

    Notes
    -----
    With few repeats, chance within a draw still makes some of the flips, and the share is too high. `flips_half`
    is the share had each draw been run half as often: where `flips` is clearly lower, more repeats may lower it
    further. Where large differences are rare (a break), a draw's few runs may all miss them; so no order is told
    that the average over all draws does not bear out.
    """
    import pandas as pd

    given = list(ensembles.values() if isinstance(ensembles, Mapping) else ensembles)
    _check_pairs(given)
    names = [ensemble.scenario.name for ensemble in given]
    groups = draw_groups(given[0])
    repeats = np.bincount(groups)
    rows = []
    chosen = [*outputs_named(outputs), *(further or {}).values()]
    for output in chosen:
        values = [np.asarray(output.of(ensemble), dtype=float) for ensemble in given]
        for i, j in combinations(range(len(given)), 2):
            row = {"output": output.name, "scenario": names[j], "against": names[i], "unit": output.unit}
            difference = values[j] - values[i]
            rows.append(row | band(difference) | _order(difference, groups, repeats))
    return Comparison(
        table=pd.DataFrame(rows),
        levels=levels_of(given, chosen),
        world=given[0].world,
        names=tuple(names),
        repeats=int(repeats.min()),
        titles={output.name: output.title for output in chosen},
    )


def levels_of(ensembles: Sequence[Ensemble], outputs: Sequence[Output]) -> pd.DataFrame:
    """Give one row an output and scenario: its mean, median and bands over members."""
    import pandas as pd

    return pd.DataFrame(
        {"output": output.name, "scenario": one.scenario.name, "unit": output.unit}
        | band(np.asarray(output.of(one), dtype=float))
        for output in outputs
        for one in ensembles
    )


def _check_pairs(ensembles: Sequence[Ensemble]) -> None:
    if len(ensembles) < 2:
        raise UsageError(
            f"{len(ensembles)} ensembles; a comparison needs at least two, the first as the baseline"
        )
    names = [ensemble.scenario.name for ensemble in ensembles]
    if len(set(names)) < len(names):
        raise UsageError(f"scenarios {', '.join(names)}: a name occurs twice; give each its own")
    first = ensembles[0]
    for other in ensembles[1:]:
        differ = [
            what
            for what, one, two in (
                ("world", first.world.sha256, other.world.sha256),
                ("seed", first.seed, other.seed),
                ("first day", first.start, other.start),
                ("last day", first.periods[-1], other.periods[-1]),
                ("days in a step", first.step_days, other.step_days),
                ("names of the draws", sorted(first.draws), sorted(other.draws)),
            )
            if one != two
        ]
        if not differ and not all(
            np.array_equal(first.draws[name], other.draws[name], equal_nan=True) for name in first.draws
        ):
            differ = ["prior draws"]
        if differ:
            raise UsageError(
                f"{first.scenario.name} and {other.scenario.name} differ in {', '.join(differ)}: their difference "
                "would not be one of policy; run both with the same world, seed, members and days"
            )


def _order(difference: Array, groups: Array, repeats: Array) -> dict[str, Any]:
    """Give the order that most prior draws show, and the share of them that show the other one."""
    means = np.bincount(groups, weights=difference) / repeats
    # Sums of whole numbers, and of products with a share: what is below a millionth is rounding.
    fewer, more = int((means < -1e-6).sum()), int((means > 1e-6).sum())
    differ = fewer + more
    found: dict[str, Any] = {
        "draws": len(means),
        "draws_that_differ": differ,
        "flips": min(fewer, more) / differ if differ else math.nan,
        "flips_half": _flips_of_half(difference, groups, repeats),
    }
    found["flips_low"], found["flips_high"] = _wilson(min(fewer, more), differ)
    order = "more" if more > fewer else "fewer"
    reason = _reason(found, means, order)
    if not differ:
        order = "same"
    return found | {"order": "not known" if reason else order, "reason": reason}


def _reason(found: dict[str, Any], means: Array, order: str) -> str:
    """Say why no order may be told; empty where it may."""
    differ = found["draws_that_differ"]
    if not differ:
        return ""
    if found["flips"] > FLIPS_ALLOWED:
        return f"it flips in {100 * found['flips']:.0f} % of draws"
    if differ < FEWEST_DRAWS:
        return f"only {differ} of {found['draws']} prior draws tell the two apart"
    # Where a large difference is rare, a draw's few runs seldom show it, and its sign is that of the small ones.
    if (means.mean() > 0) != (order == "more"):
        return "most draws point one way and the average the other"
    return ""


def _wilson(count: int, total: int) -> tuple[float, float]:
    """Give the 95 % interval of a share (Wilson); nan where there is none."""
    if not total:
        return math.nan, math.nan
    from scipy.stats import binomtest

    interval = binomtest(count, total).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def _flips_of_half(difference: Array, groups: Array, repeats: Array) -> float:
    """Give the share of flips had each draw been run half as often; nan where it was run once."""
    if repeats.min() < 2 or repeats.min() != repeats.max():
        return math.nan
    by_draw = difference[np.argsort(groups, kind="stable")].reshape(len(repeats), -1)
    means = by_draw[:, : by_draw.shape[1] // 2].mean(axis=1)
    fewer, more = int((means < -1e-6).sum()), int((means > 1e-6).sum())
    return min(fewer, more) / (fewer + more) if fewer + more else math.nan
