"""How a stochastic intervention is estimated: grid, covariates, propensity, truncation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from ...errors import UsageError
from ._propensity import PropensityModel
from ._surfaces import Surface
from ._weights import Span

__all__ = ["InterventionDesign"]

Outcome = Literal["counts", "smoothed"]


@dataclass(frozen=True, kw_only=True)
class InterventionDesign:
    """Choose how policies are weighted and outcomes summed.

    Parameters
    ----------
    shape
        Rows and columns of the grid, where no `SpaceTime` is given.
    surfaces
        Covariates of one's own, known before the periods they stand for; see `distance_surface`, `Surface`.
    history_days
        Spans of days before each day whose strikes and attacks, smoothed, are covariates: `(7, 30)` means
        days 1 to 7 and 8 to 30 before. The first days of the study serve as history only. Empty: none.
    history_km
        Standard deviation of the kernel that smooths them.
    trend_columns
        Columns of a natural spline of time in the propensity, 0 to 10: how many strikes a day changes slowly.
    model, ridge, folds
        Of the number of strikes a day, and how the propensity is fitted; see `fit_propensity`.
    truncation
        Quantile above which weights are set to it; None: no weight is changed. See `policy_weights`.
    span
        `every_period` or `first_period`; see `policy_weights`.
    outcome
        `counts`: events in each area as they are. `smoothed`: images of adaptive smoothing, which move events
        across borders; what `geocausal-0.4` takes.
    level
        Of the intervals.

    Raises
    ------
    UsageError
        A value is not one of these.

    Examples
    --------
    >>> InterventionDesign(history_days=(7,), model="poisson").history_spans()
    [(1, 7)]
    >>> InterventionDesign().history_spans()
    [(1, 7), (8, 30)]
    """

    shape: int | tuple[int, int] = (64, 64)
    surfaces: Sequence[Surface] = field(default=(), repr=False)
    history_days: Sequence[int] = (7, 30)
    history_km: float = 50.0
    trend_columns: int = 3
    model: PropensityModel = "negative_binomial"
    ridge: float = 0.0
    folds: int = 0
    truncation: float | None = None
    span: Span = "every_period"
    outcome: Outcome = "counts"
    level: float = 0.95

    def __post_init__(self) -> None:
        for name, allowed in (("model", PropensityModel), ("span", Span), ("outcome", Outcome)):
            if getattr(self, name) not in get_args(allowed):
                told = ", ".join(map(repr, get_args(allowed)))
                raise UsageError(f"{name}={getattr(self, name)!r}; allowed {told}")
        days = list(self.history_days)
        if any(isinstance(day, bool) or int(day) != day or day < 1 for day in days) or days != sorted(
            set(days)
        ):
            raise UsageError(
                f"history_days={self.history_days!r}; allowed rising whole numbers of days from 1"
            )
        if not 0 <= self.trend_columns <= 10:
            raise UsageError(f"trend_columns={self.trend_columns!r}; allowed 0 to 10")
        if not 0.5 <= self.level < 1:
            raise UsageError(f"level={self.level!r}; allowed 0.5 to below 1")

    def history_spans(self) -> list[tuple[int, int]]:
        """Give first and last day before, span by span."""
        days = [int(day) for day in self.history_days]
        return [(first + 1, last) for first, last in zip([0, *days][: len(days)], days, strict=True)]

    def parameters(self) -> dict[str, Any]:
        """Give the choices as plain values, for the provenance."""
        return {
            "shape": self.shape, "surfaces": [surface.name for surface in self.surfaces],
            "history_days": list(self.history_days), "history_km": self.history_km,
            "trend_columns": self.trend_columns, "model": self.model, "ridge": self.ridge,
            "folds": self.folds, "truncation": self.truncation,
            "span": self.span, "outcome": self.outcome, "level": self.level,
        }  # fmt: skip
