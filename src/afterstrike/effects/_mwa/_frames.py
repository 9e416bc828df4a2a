"""A run by the peer's convention, as tables and as a result."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .._result import COLUMNS, CheckResult

if TYPE_CHECKING:
    import pandas as pd

    from ._run import PeerRun, Window

__all__ = ["ASSUMPTIONS", "checks", "detail_tables", "estimates_frame", "wakes_frame"]

LEVEL = 0.95
ASSUMPTIONS = (
    "within bins of the matched variables it is chance which wakes are treatment and which control; "
    "and wakes do not touch one another, although their windows may. The convention mwa-0.5 takes standard "
    "errors as "
    "if wakes were independent and does not correct for the number of windows."
)


def estimates_frame(run: PeerRun) -> pd.DataFrame:
    """Give the columns of `EffectResult.to_frame()`, one row a window."""
    import pandas as pd

    rows = []
    for window in run.windows:
        found = window.estimate
        half = _half_width(found.std_error, found.degrees_of_freedom)
        values: dict[str, Any] = {
            "days": window.days,
            "km": window.km,
            "estimate": found.estimate,
            "std_error": found.std_error,
            "p_value": found.p_value,
            "low": found.estimate - half,
            "high": found.estimate + half,
            "level": LEVEL,
            "unit": "outcome events per wake",
            "adj_r2": found.adj_r2,
            "intercept": found.intercept,
            "intercept_p": found.intercept_p,
            "n_treated": window.n_before[1],
            "n_control": window.n_before[0],
            "n_treated_matched": window.n_after[1],
            "n_control_matched": window.n_after[0],
            "l1_before": window.imbalance_before[0],
            "l1_after": window.imbalance_after[0],
            "common_support_before": window.imbalance_before[1],
            "common_support_after": window.imbalance_after[1],
            **{name: window.overlap[name] for name in ("so_pre", "so_post", "mo_pre", "mo_post")},
            "reason": found.reason,
        }
        rows.append([values[name] for name in COLUMNS])
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _half_width(std_error: float, degrees_of_freedom: float) -> float:
    from scipy.special import stdtrit

    if math.isnan(std_error) or math.isnan(degrees_of_freedom):
        return math.nan
    return float(std_error * stdtrit(degrees_of_freedom, 0.5 + LEVEL / 2))


def detail_tables(run: PeerRun) -> dict[str, Callable[[], pd.DataFrame]]:
    """Give the further tables of a run by name, made only when asked for."""
    return {
        "wakes": lambda: wakes_frame(run),
        "cutpoints": lambda: _cutpoints(run),
        "coefficients": lambda: _coefficients(run),
        "overlap": lambda: _overlap(run),
    }


def _by_radius(run: PeerRun) -> Sequence[Window]:
    """Give the windows as the peer lists wakes: radius outermost."""
    return sorted(run.windows, key=lambda window: run.radii_km.index(window.km))


def wakes_frame(run: PeerRun) -> pd.DataFrame:
    """Give one row for each wake and window: counts, matched values, whether matched and with what weight.

    `position` counts the rows in the peer's order from 1 (its `eventID`).
    """
    import pandas as pd

    counts, table = run.counts, run.table
    parts = []
    for window in _by_radius(run):
        at, t, s = window.wakes, run.lengths.index(window.days), run.radii_km.index(window.km)
        parts.append(
            pd.DataFrame(
                {
                    "position": table.wakes[at] + 1,
                    "days": window.days,
                    "km": window.km,
                    "treated": counts.treated[at],
                    "outcome_pre": counts.dependent_pre[at, t, s],
                    "trend": counts.dependent_trend[at, t, s],
                    "so_pre": counts.so_pre[at, t, s],
                    "mo_pre": counts.mo_pre[at, t, s],
                    "outcome_post": counts.dependent_post[at, t, s],
                    "so_post": counts.so_post[at, t, s],
                    "mo_post": counts.mo_post[at, t, s],
                    "matched": window.matching.matched,
                    "weight": window.matching.weights,
                    **{name: values[at] for name, values in table.values.items()},
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _cutpoints(run: PeerRun) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (window.days, window.km, name, number, float(point))
        for window in _by_radius(run)
        for name, points in window.cutpoints.items()
        for number, point in enumerate(points)
    ]
    return pd.DataFrame(rows, columns=["days", "km", "variable", "number", "cutpoint"])


def _coefficients(run: PeerRun) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (window.days, window.km, name, coefficient, p_value)
        for window in run.windows
        for name, (coefficient, p_value) in window.estimate.controls.items()
    ]
    return pd.DataFrame(rows, columns=["days", "km", "variable", "coefficient", "p_value"])


def _overlap(run: PeerRun) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([{"days": w.days, "km": w.km, **w.overlap} for w in run.windows])


def checks(run: PeerRun, table: pd.DataFrame) -> tuple[CheckResult, ...]:
    """Give what the peer's own diagnostics say. None is a test with a size, so none passes or fails."""
    overlap = _overlap(run)
    worst = overlap[["so", "mo"]].to_numpy(float)
    most = float(np.nanmax(worst)) if np.isfinite(worst).any() else math.nan
    balance = table[["days", "km", "l1_before", "l1_after", "common_support_before", "common_support_after"]]
    worse = int((table["l1_after"] > table["l1_before"]).sum())
    known = table["p_value"].dropna()
    least = float(known.min()) if len(known) else math.nan
    looks = "no window has a p-value"
    if len(known):
        looks = (
            f"smallest p {least:.2g} of {len(known)}; times their number {min(1.0, least * len(known)):.2g}"
        )
    return (
        CheckResult(
            "overlapping wakes", None, overlap, f"up to {most:.0%} of wakes overlap another of their window."
        ),
        CheckResult(
            "balance", None, balance, f"imbalance (L1) grew by matching in {worse} of {len(table)} windows."
        ),
        CheckResult("many windows", None, table[["days", "km", "p_value"]], looks + "."),
    )
