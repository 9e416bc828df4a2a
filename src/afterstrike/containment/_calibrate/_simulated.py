"""Calibration by simulation: members of an ensemble weighed by how near they come to dated later figures.

A member's weight is the chance that a publisher would write the figure, given the member's own state: the figure is
rounded, or "more than", or a range. The weighted members are then a sample of the posterior, exactly, however few.
`regression_adjusted` is for statistics that are known without such an error: approximate Bayesian computation with local
linear regression.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np

from ...errors import EstimateRefused, UsageError

__all__ = ["FEWEST_EFFECTIVE", "StockTarget", "Weighed", "regression_adjusted", "resampled", "weigh"]

Array = np.ndarray[Any, Any]

FEWEST_EFFECTIVE = 100.0
"""Effective members below which nothing is said."""
_TAIL = 1.6448536269514722
# "More than 42,000" is read as up to this much more.
_MORE_THAN = 1.15


@dataclass(frozen=True)
class StockTarget:
    """A dated figure of a state that the simulator has too.

    Parameters
    ----------
    output
        A stock of the simulator.
    places
        Places it is added up over; empty: all.
    day
        Its day.
    value, low, high
        What is stated.
    approx
        `exact`, `about`, `over` ("more than"), `under`.
    spread
        Sd of the log of what is stated about the true state: rounding, counting, the days between.
    figure, source
        Its id, and who says so.
    """

    output: str
    places: tuple[str, ...]
    day: date
    value: float | None
    low: float | None
    high: float | None
    approx: Literal["exact", "about", "over", "under"]
    spread: float
    figure: str = ""
    source: str = ""

    def log_chance(self, state: Array) -> Array:
        """Give the log of the chance of the statement, up to a constant, by state."""
        logs = np.log(np.maximum(np.asarray(state, float), 0.5))
        bottom, top = self._span()
        below, above = np.minimum(logs - bottom, 0.0), np.maximum(logs - top, 0.0)
        return np.asarray(-0.5 * ((below + above) / self._sd()) ** 2)

    def _span(self) -> tuple[float, float]:
        """Give the logs between which all states make the statement alike."""
        if self.value is None and self.low is not None and self.high is not None:
            middle = (np.log(self.low) + np.log(self.high)) / 2
            return float(middle), float(middle)
        value = float(self.value if self.value is not None else self.low or self.high or np.nan)
        if self.approx == "over":
            return float(np.log(value)), float(np.log(value * _MORE_THAN))
        if self.approx == "under":
            return float(np.log(value / _MORE_THAN)), float(np.log(value))
        return float(np.log(value)), float(np.log(value))

    def _sd(self) -> float:
        if self.value is None and self.low is not None and self.high is not None:
            # A stated range is read as one of 90 %.
            return max(float(np.log(self.high / self.low)) / (2 * _TAIL), self.spread)
        return self.spread

    def words(self) -> str:
        """Say it in a few words."""
        stated = {"over": "more than ", "under": "fewer than ", "about": "about "}.get(self.approx, "")
        number = f"{self.value:,.0f}" if self.value is not None else f"{self.low:,.0f} to {self.high:,.0f}"
        return f"{self.output} on {self.day.isoformat()}: {stated}{number}"


@dataclass(frozen=True, eq=False)
class Weighed:
    """Members and their weights.

    Parameters
    ----------
    weights
        Sum to one.
    effective
        Effective number of members.
    targets
        What they were weighed by.
    simulated
        State of each member by target, (members, targets).
    """

    weights: Array = field(repr=False)
    effective: float
    targets: tuple[StockTarget, ...]
    simulated: Array = field(repr=False)


def weigh(simulated: Array, targets: Sequence[StockTarget]) -> Weighed:
    """Weigh members by dated figures.

    Parameters
    ----------
    simulated
        State of each member by target, (members, targets).
    targets
        The figures.

    Raises
    ------
    EstimateRefused
        Fewer than 100 effective members: the figures and the world hardly meet, or there are too few members.
    """
    states = np.asarray(simulated, float)
    if states.ndim != 2 or states.shape[1] != len(targets) or not targets:
        raise UsageError(
            f"simulated has shape {states.shape}; allowed (members, {len(targets)}), at least one figure"
        )
    logs = np.sum([target.log_chance(states[:, k]) for k, target in enumerate(targets)], axis=0)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    effective = 1.0 / float((weights**2).sum())
    if effective < FEWEST_EFFECTIVE or not np.isfinite(effective):
        worst = max(range(len(targets)), key=lambda k: -float(targets[k].log_chance(states[:, k]).mean()))
        raise EstimateRefused(
            f"{effective:.0f} effective members of {len(states):,}; {FEWEST_EFFECTIVE:.0f} are needed. Hardest to meet is "
            f"{targets[worst].words()}: use more members, or mend the world's range behind it"
        )
    return Weighed(weights, effective, tuple(targets), states)


def resampled(weighed: Weighed, rng: np.random.Generator, n: int | None = None) -> Array:
    """Give the numbers of members drawn by weight, evenly (systematic)."""
    size = n or len(weighed.weights)
    at = (np.arange(size) + rng.random()) / size
    chosen = np.searchsorted(np.cumsum(weighed.weights), at)
    return rng.permutation(np.minimum(chosen, len(weighed.weights) - 1))


def regression_adjusted(
    parameters: Mapping[str, Array],
    statistics: Array,
    observed: Array,
    *,
    keep: float = 0.1,
    positive: bool = True,
) -> tuple[dict[str, Array], Array, float]:
    """Give the posterior of parameters from statistics known without error (Beaumont, Zhang and Balding 2002).

    Members nearest to what was observed are kept, weighed by distance (Epanechnikov), and their parameters moved along a
    weighted linear regression on the statistics to where these are as observed.

    Parameters
    ----------
    parameters
        By name, (members,).
    statistics
        (members, statistics); each is divided by its median absolute deviation.
    observed
        (statistics,).
    keep
        Share of members kept.
    positive
        Parameters are above 0 and move on the log scale.

    Returns
    -------
    parameters, weights, effective
        Of those kept; the effective number.

    Raises
    ------
    EstimateRefused
        Fewer than 100 effective members.

    References
    ----------
    Beaumont, Zhang and Balding 2002, Genetics 162, DOI 10.1093/genetics/162.4.2025.
    """
    table, seen = np.atleast_2d(np.asarray(statistics, float)), np.asarray(observed, float)
    if not 0 < keep <= 1 or table.shape[1] != len(seen):
        raise UsageError(
            f"keep={keep}, statistics {table.shape}, observed {seen.shape}; allowed 0 < keep <= 1, one column each"
        )
    middle = np.median(table, axis=0)
    scale = np.median(np.abs(table - middle), axis=0)
    scale = np.where(scale > 0, scale, np.maximum(table.std(axis=0), 1e-12))
    away = (table - seen) / scale
    distance = np.sqrt((away**2).sum(axis=1))
    edge = max(float(np.quantile(distance, keep)), 1e-12)
    near = distance <= edge
    weights = np.maximum(1 - (distance[near] / (edge * (1 + 1e-9))) ** 2, 1e-12)
    weights /= weights.sum()
    effective = 1.0 / float((weights**2).sum())
    if effective < FEWEST_EFFECTIVE:
        raise EstimateRefused(
            f"{effective:.0f} effective members; {FEWEST_EFFECTIVE:.0f} are needed: simulate more"
        )
    columns = np.column_stack([np.ones(int(near.sum())), away[near]])
    root = np.sqrt(weights)[:, None]
    found = {}
    for name, values in parameters.items():
        kept = np.asarray(values, float)[near]
        response = np.log(kept) if positive else kept
        told, *_ = np.linalg.lstsq(root * columns, root[:, 0] * response, rcond=None)
        moved = response - away[near] @ told[1:]
        found[name] = np.exp(moved) if positive else moved
    return found, weights, effective
