"""All scores of a forecast, one row a unit and time, their means, and what chance does to a mean."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import EstimateRefused, UsageError
from ._scores import brier, coverage, crps, crps_log1p, ign, log_score, mis, pit, sorted_draws

if TYPE_CHECKING:
    import pandas as pd

    from ._forecast import Forecast

__all__ = ["Interval", "Scores", "block_bootstrap", "score"]

LEVELS = (0.5, 0.8, 0.9, 0.95)
MEANS = (
    "crps",
    "crps_log1p",
    "ign",
    "mis",
    "log_score",
    "brier",
    *(f"covered_{100 * at:.0f}" for at in LEVELS),
)


@dataclass(frozen=True)
class Interval:
    """A mean, or a ratio of sums, with the interval that drawing whole blocks again gives it.

    Parameters
    ----------
    estimate, low, high
        The number and its interval.
    level
        Share of the repeats inside the interval.
    blocks
        How many blocks were drawn from.
    """

    estimate: float
    low: float
    high: float
    level: float
    blocks: int


@dataclass(frozen=True)
class Scores:
    """Scores by unit and time.

    Parameters
    ----------
    table
        One row a unit and time: `unit, time, observed`, then one column a score.
    model
        The model scored, where it is known.
    """

    table: pd.DataFrame = field(repr=False)
    model: str = ""

    def to_frame(self) -> pd.DataFrame:
        """Give one row a unit and time.

        Returns
        -------
        pandas.DataFrame
            `unit, time, observed, crps, crps_log1p, ign, mis, log_score, brier, pit, covered_50 ... covered_95`. `mis` is
            that of the 90% interval, `brier` that of "any at all" (more than zero). Where what came is not known,
            scores are missing.
        """
        return self.table.copy()

    def means(self, where: ArrayLike | None = None) -> dict[str, float]:
        """Give the mean of every score over the rows known, or over those `where` is true, and their number `n`."""
        rows = self.table if where is None else self.table[np.asarray(where, bool)]
        rows = rows[rows["observed"].notna()]
        found = {name: float(rows[name].mean()) if len(rows) else float("nan") for name in MEANS}
        return {"n": float(len(rows)), **found}

    def summary(self) -> str:
        """Say the means in one paragraph."""
        mean = self.means()
        if not mean["n"]:
            return "Nothing scored yet: what came is not known for any row."
        covered = ", ".join(f"{mean[f'covered_{100 * at:.0f}']:.0%} of the {at:.0%} ranges" for at in LEVELS)
        return (
            f"{self.model + ': ' if self.model else ''}{mean['n']:,.0f} rows. Mean CRPS {mean['crps']:.4g}, on the "
            f"log(1 + y) scale {mean['crps_log1p']:.4g}; IGN {mean['ign']:.3g} bits; interval score {mean['mis']:.4g}. "
            f"What came lay in {covered}."
        )


def score(forecast: Forecast | ArrayLike, observed: pd.DataFrame | ArrayLike, *, seed: int = 0) -> Scores:
    """Score draws against what came.

    Parameters
    ----------
    forecast
        A `Forecast`, or draws of shape (..., m).
    observed
        For a forecast: a table with the columns `unit, time, value` (rows it lacks are missing), or values of shape
        (units, horizons). For draws: values of shape (...).
    seed
        Chance that breaks ties in the PIT.

    Returns
    -------
    Scores

    Raises
    ------
    UsageError
        Shapes do not fit, a unit and time stands twice, or a value is no count.

    Example
    -------
    >>> found = score([[0, 1, 2, 5], [0, 0, 0, 1]], [1, 0])
    >>> found.to_frame()[["observed", "crps"]].values.tolist()
    [[1.0, 0.5], [0.0, 0.0625]]
    """
    import pandas as pd

    from ._forecast import Forecast

    if isinstance(forecast, Forecast):
        index, model = forecast.index(), forecast.model
        draws: NDArray[Any] = forecast.draws
        truth = _matched(forecast, observed) if hasattr(observed, "columns") else np.asarray(observed, float)
    else:
        draws, truth, model = np.asarray(forecast), np.asarray(observed, float), ""
        index = pd.DataFrame({"unit": np.arange(truth.size), "time": ""})
    if draws.shape[:-1] != truth.shape:
        raise UsageError(
            f"draws of shape {draws.shape} and observed of shape {truth.shape}: give one value for each set of draws"
        )
    ordered = sorted_draws(draws).reshape(-1, draws.shape[-1])
    flat = truth.reshape(-1)
    table = index.assign(
        observed=flat,
        crps=crps(ordered, flat, is_sorted=True),
        crps_log1p=crps_log1p(ordered, flat, is_sorted=True),
        ign=ign(ordered, flat),
        mis=mis(ordered, flat, is_sorted=True),
        log_score=log_score(ordered, flat),
        brier=brier((ordered > 0).mean(axis=1), np.where(np.isnan(flat), np.nan, flat > 0)),
        pit=pit(ordered, flat, seed=seed),
        **{f"covered_{100 * at:.0f}": coverage(ordered, flat, level=at, is_sorted=True) for at in LEVELS},
    )
    return Scores(table, model)


def block_bootstrap(
    differences: ArrayLike,
    blocks: Sequence[Hashable] | NDArray[Any],
    *,
    over: ArrayLike | None = None,
    repeats: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Give the mean of paired differences, with the interval from drawing whole blocks again.

    Rows of one block (a country, say) go together, so what is alike within it is not taken for many proofs.

    Parameters
    ----------
    differences : array_like, shape (n,)
        Score of one forecast less that of another, row by row. NaN rows are left out.
    blocks : sequence, length n
        The block of each row.
    over : array_like, shape (n,), optional
        Where given, the ratio sum(differences) / sum(over) is estimated: with `over` the scores of the other
        forecast, minus the result is the skill.
    repeats
        How many times the blocks are drawn.
    level
        Share of the repeats inside the interval.

    Returns
    -------
    Interval

    Raises
    ------
    EstimateRefused
        Fewer than two blocks.

    Example
    -------
    >>> found = block_bootstrap([-1, -2, -1, -3], ["a", "a", "b", "b"])
    >>> (found.estimate, found.low, found.high)
    (-1.75, -2.0, -1.5)
    """
    import pandas as pd

    values = np.asarray(differences, float)
    names = np.asarray(blocks)
    below = np.ones_like(values) if over is None else np.asarray(over, float)
    if values.ndim != 1 or not values.shape == names.shape == below.shape:
        raise UsageError(
            f"{values.shape} differences, {names.shape} blocks and {below.shape} to divide by: give lists of one length"
        )
    if not 0 < level < 1 or repeats < 1:
        raise UsageError(
            f"level={level!r}, repeats={repeats!r}: give a level between 0 and 1 and 1 repeat or more"
        )
    known = ~(np.isnan(values) | np.isnan(below))
    codes, found = pd.factorize(names[known])
    count = len(found)
    if count < 2:
        raise EstimateRefused(f"{count} block(s): chance between blocks cannot be told from fewer than two")
    top = np.bincount(codes, values[known], minlength=count)
    bottom = np.bincount(codes, below[known], minlength=count)
    if bottom.sum() == 0:
        raise EstimateRefused("the scores to divide by add up to zero: there is no ratio")
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=repeats)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = (drawn @ top) / (drawn @ bottom)
    low, high = np.nanquantile(ratios, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(top.sum() / bottom.sum()), float(low), float(high), level, count)


def _matched(forecast: Forecast, observed: Any) -> NDArray[np.float64]:
    """Give what a table says of each unit and time of a forecast; NaN where it says nothing."""
    from ._panel import read_panel

    panel = read_panel(observed)
    return panel.at(forecast.units, forecast.times)
