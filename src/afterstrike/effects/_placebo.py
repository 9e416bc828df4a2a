"""Placebo labels: what matched wakes would show had treatment and control been swapped at random."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ..errors import UsageError
from ._design import WakeDesign
from ._matched_wakes import TimeUnit, check_groups, check_windows, provenance, refuse_if_too_short
from ._parallel import in_parallel
from ._result import CheckResult
from ._study import Study

if TYPE_CHECKING:
    import pandas as pd

    from ._mwa._labels import SwapPlan

__all__ = ["LabelPlacebo", "check_options", "placebo_labels"]

Floats = npt.NDArray[np.float64]
_PLAIN = WakeDesign()
# Repeats that a worker does before it reports back.
_CHUNK = 25


@dataclass(frozen=True)
class LabelPlacebo:
    """Estimates under labels swapped at random, beside those under the labels there were.

    Parameters
    ----------
    table
        One row a window: `days`, `km`, `estimate`, `t`, `p_value` (of the regression), `placebo_mean`,
        `placebo_sd`, `placebo_low`, `placebo_high` (2.5 and 97.5 per cent of the placebo estimates),
        `n_placebos` (swaps with an estimate), `p_placebo`, `p_adjusted`, `reason`.
    estimates, t
        Shape (repeats, windows); not a number where a swap has no estimate.
    estimand
        What is tested, in words.
    assumptions
        What must hold for the p-values to be exact.
    provenance
        Input hash, package version, parameters, seed, time.
    time_unit
        The unit of `days`.
    """

    table: pd.DataFrame = field(repr=False)
    estimates: Floats = field(repr=False)
    t: Floats = field(repr=False)
    estimand: str
    assumptions: str
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)
    time_unit: str = "day"

    def to_frame(self) -> pd.DataFrame:
        """Give one row a window."""
        return self.table.copy()

    def draws(self) -> pd.DataFrame:
        """Give the placebo distribution: one row a swap and window, with `repeat`, `days`, `km`, `estimate`,
        `t`.
        """
        import pandas as pd

        repeats, windows = self.estimates.shape
        return pd.DataFrame(
            {
                "repeat": np.repeat(np.arange(repeats), windows),
                "days": np.tile(self.table["days"].to_numpy(), repeats),
                "km": np.tile(self.table["km"].to_numpy(), repeats),
                "estimate": self.estimates.ravel(),
                "t": self.t.ravel(),
            }
        )

    def summary(self) -> str:
        """Say how unusual the estimates are among those of swapped labels."""
        return "\n".join(
            [
                f"Tested: {self.estimand}",
                *self._findings(),
                f"For these p-values to be exact: {self.assumptions}",
            ]
        )

    def _findings(self) -> list[str]:
        known = self.table[self.table["estimate"].notna()]
        if not len(known):
            return [f"Cannot tell: none of {len(self.table)} windows can be estimated."]
        least = known.sort_values("p_placebo", kind="stable").iloc[0]
        below = int((known["p_value"] <= 0.05).sum())
        swapped = int((known["p_placebo"] <= 0.05).sum())
        adjusted = int((known["p_adjusted"] <= 0.05).sum())
        return [
            f"{len(self.estimates)} swaps, {len(known)} of {len(self.table)} windows with an estimate. "
            f"Smallest p over swaps {least['p_placebo']:.2g}, in the window of {least['days']:g} "
            f"{self.time_unit}s and {least['km']:g} km; allowing for all windows "
            f"{known['p_adjusted'].min():.2g}.",
            f"{below} windows have p <= 0.05 by the regression, {swapped} by the swaps, {adjusted} by the "
            "swaps allowing for all windows.",
        ]

    def check(self) -> CheckResult:
        """Give the same as a check of an `EffectResult`; it neither passes nor fails, for it tests the effect
        and no threat to it.
        """
        return CheckResult("placebo labels", None, self.to_frame(), " ".join(self._findings()))

    def __repr__(self) -> str:
        known = int(self.table["estimate"].notna().sum())
        return f"LabelPlacebo({len(self.estimates)} swaps, {known} of {len(self.table)} windows estimated)"


def placebo_labels(
    study: Study,
    *,
    days: int | Sequence[int],
    km: float | Sequence[float],
    time_unit: TimeUnit = "day",
    design: WakeDesign = _PLAIN,
    convention: Literal["mwa-0.5"] = "mwa-0.5",
    repeats: int = 1000,
    seed: int = 0,
    jobs: int = 1,
) -> LabelPlacebo:
    """Test matched wakes by swapping the labels treatment and control among wakes.

    Each swap draws which wakes are called treatment, as many as there are, and repeats matching and
    estimation in every window. With `t_w` the estimate of window w over its standard error, and R swaps,
    `p_placebo = (1 + #{|t*_w| >= |t_w|}) / (1 + R)` and
    `p_adjusted = (1 + #{max_v |t*_v| >= |t_w|}) / (1 + R)`, the maximum taken over all windows. A swap
    without an estimate counts as one of t = 0.

    Parameters
    ----------
    study, days, km, time_unit, design
        As in `matched_wakes`.
    convention
        `mwa-0.5` only: the convention `afterstrike` draws its own comparison and has checks of its own.
    repeats
        Number of swaps, from 1. The smallest p-value there can be is 1 / (1 + repeats).
    seed
        Repeat r draws from a stream of its own, made of seed and r: more repeats add to fewer, and the number
        of jobs changes nothing.
    jobs
        Processes, from 1; each runs one Numba thread.

    Returns
    -------
    LabelPlacebo
        One row a window, `days` outermost; `.draws()` has the placebo distribution.

    Raises
    ------
    UsageError
        An option is not one of these.
    EstimateRefused
        As in `matched_wakes`.

    Assumes
    -------
    Labels are exchangeable: without an effect, any wakes could as well have been treatment. Where treatment
    follows what is matched on, this holds within bins at best, and a small p-value may come from there. What
    lies around a wake is kept as it is, later wakes included.

    References
    ----------
    Westfall and Young (1993), Resampling-Based Multiple Testing, ISBN 978-0-471-55761-6, for the maximum;
    Phipson and Smyth (2010), doi:10.2202/1544-6115.1585, for the one that is added.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> n = 600
    >>> events = pd.DataFrame({
    ...     "kind": rng.choice(["strike", "show_of_force", "attack"], n, p=[0.1, 0.2, 0.7]),
    ...     "date_start": pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
    ...     "lat": rng.normal(35, 0.1, n), "lon": rng.normal(40, 0.1, n)})
    >>> study = Study.from_frame(events, treatment="strike", control="show_of_force", outcome="attack")
    >>> placebo_labels(study, days=(7, 14), km=(10, 25), repeats=20)
    LabelPlacebo(20 swaps, 4 of 4 windows estimated)
    """
    check_options(convention, repeats=repeats, seed=seed, jobs=jobs)
    lengths, radii = check_windows(study, days, km, time_unit)
    check_groups(study, design)
    from ._mwa._labels import plan_swaps

    plan = plan_swaps(study, lengths=lengths, radii_km=radii, time_unit=time_unit, design=design)
    refuse_if_too_short(study, plan.counts.complete, lengths, time_unit)
    drawn = _draw(plan, repeats, seed, jobs)
    return LabelPlacebo(
        table=_table(plan, lengths, radii, drawn[:, 0], drawn[:, 1]),
        estimates=drawn[:, 0],
        t=drawn[:, 1],
        estimand=(
            "whether what followed treatment rather than control, among matched wakes, differs from what "
            f"swaps of the two labels give, by window of {time_unit}s and km; convention mwa-0.5"
        ),
        assumptions=(
            "without an effect any of the wakes could as well have been treatment; where treatment follows "
            "what is matched on, a small p-value may come from there."
        ),
        provenance=provenance(study, lengths, radii, time_unit, design, convention, seed, repeats=repeats),
        time_unit=time_unit,
    )


def check_options(convention: str, *, repeats: int, seed: int = 0, jobs: int = 1) -> None:
    """Refuse what `placebo_labels` does not take, before anything is computed."""
    if convention != "mwa-0.5":
        raise UsageError(
            f"placebo labels with convention={convention!r}; allowed 'mwa-0.5': the other draws its own "
            "comparison, whose rows have no label that could be swapped"
        )
    for name, value, least in (("repeats", repeats, 1), ("jobs", jobs, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise UsageError(f"{name}={value!r}; allowed whole numbers from {least}")


def _draw(plan: SwapPlan, repeats: int, seed: int, jobs: int) -> Floats:
    """Give estimates and t of every swap; shape (repeats, 2, windows)."""
    chunks = [range(start, min(start + _CHUNK, repeats)) for start in range(0, repeats, _CHUNK)]
    return np.concatenate(in_parallel(partial(_some, plan, seed), chunks, jobs=jobs))


def _some(plan: SwapPlan, seed: int, repeats: range) -> Floats:
    return np.array([plan.swap(plan.labels(seed, repeat)) for repeat in repeats])


def _table(
    plan: SwapPlan, lengths: Sequence[int], radii: Sequence[float], estimates: Floats, ts: Floats
) -> pd.DataFrame:
    import pandas as pd

    found = plan.observed()
    own = np.array([_t(window.estimate, window.std_error) for window in found])
    size = np.where(np.isnan(ts), 0.0, np.abs(ts))
    largest = size.max(axis=1)
    rows = []
    for w, (window, (days, km)) in enumerate(
        zip(found, [(length, radius) for length in lengths for radius in radii], strict=True)
    ):
        known = estimates[~np.isnan(estimates[:, w]), w]
        low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (math.nan, math.nan)
        rows.append(
            {
                "days": days,
                "km": km,
                "estimate": window.estimate,
                "t": own[w],
                "p_value": window.p_value,
                "placebo_mean": float(known.mean()) if len(known) else math.nan,
                "placebo_sd": float(known.std(ddof=1)) if len(known) > 1 else math.nan,
                "placebo_low": float(low),
                "placebo_high": float(high),
                "n_placebos": len(known),
                "p_placebo": _share(size[:, w], own[w]),
                "p_adjusted": _share(largest, own[w]),
                "reason": window.reason,
            }
        )
    return pd.DataFrame(rows)


def _t(estimate: float, std_error: float) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.float64(estimate) / std_error)


def _share(placebo: Floats, own: float) -> float:
    """Give (1 + swaps at least as large) / (1 + swaps)."""
    if math.isnan(own):
        return math.nan
    # Counts are few-valued, so other labels often give the same t, but for rounding.
    as_large = np.count_nonzero(placebo >= abs(own) * (1 - 1e-9))
    return float((1 + as_large) / (1 + len(placebo)))
