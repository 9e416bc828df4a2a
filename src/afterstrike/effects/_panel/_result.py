"""Results of the comparators: rows by relative week, a figure by week, words that say what they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .._result import COLUMNS, EffectResult
from .._study import Study

if TYPE_CHECKING:
    import pandas as pd

    from ...charts import Chart

__all__ = [
    "EXTRA_COLUMNS",
    "ComparatorResult",
    "Estimates",
    "provenance",
    "result_table",
    "t_quantile",
    "wald",
]

Floats = npt.NDArray[np.float64]

EXTRA_COLUMNS = (
    "role",
    "week_first",
    "week_last",
    "observed",
    "expected",
    "rate_ratio",
    "rate_ratio_low",
    "rate_ratio_high",
)
UNIT = "recorded outcome events per treated place-week"
# Below this many treated places an error clustered by place is known to be too small.
FEWEST_PLACES = 10


@dataclass(frozen=True, repr=False)
class ComparatorResult(EffectResult):
    """An `EffectResult` of a comparator. `to_frame()` has further columns.

    Parameters
    ----------
    label
        What this comparator is, and why it is no more than that.
    extra
        Further sentences of the summary.

    Notes
    -----
    `role` says what a row is: `lead`, `matched` (a week matched on), `reference`, `strike week` (holds days
    before and after the strike), `after`, `after, mean` (all weeks after), or `before and after`.
    `week_first` and `week_last` count weeks from the strike week. `observed` and `expected` are means over
    treated place-weeks; `rate_ratio` is their ratio, taken after the sums.
    """

    label: str = ""
    extra: tuple[str, ...] = field(default=())

    def summary(self) -> str:
        """Say what this comparator is, what it found, and what must be believed."""
        lines = [self.label, f"Estimand: {self.estimand}", self._finding(), *self.extra]
        lines.append(f"To read this as an effect one must believe: {self.assumptions}")
        lines += [f"{check.check_name}: {check.text}" for check in self.checks]
        return "\n".join(lines)

    def _finding(self) -> str:
        row = self.table.iloc[-1]
        if math.isnan(row["estimate"]):
            return f"Cannot tell: {row['reason']}."
        size = float(row["estimate"])
        when = (
            f"In the {row['days']:g} days after, within {row['km']:g} km of a strike,"
            if row["role"] == "before and after"
            else f"In weeks {row['week_first']:g} to {row['week_last']:g} after a strike week, where it was,"
        )
        than = "than before" if row["role"] == "before and after" else "than expected"
        text = f"{when} {abs(size):.2f} {'more' if size > 0 else 'fewer'} events were recorded {than}"
        text += f" ({_unit(row)}; observed {row['observed']:.2f})"
        if math.isnan(row["low"]):
            return f"{text}; no interval: {row['reason']}."
        ends = f"{row['low']:+.2f} to {row['high']:+.2f}"
        text += f"; {row['level']:.0%} interval {ends}, p = {row['p_value']:.2g}."
        if row["low"] <= 0 <= row["high"]:
            text += f" Cannot tell: anything from {ends} fits these data."
        return text

    def plot(self) -> Chart:
        """Draw estimates and intervals by week from the strike week. Nothing is shown or saved."""
        from ._figure import weeks_figure

        return weeks_figure(self.table, self.estimand)


def _unit(row: pd.Series[Any]) -> str:
    return str(row["unit"]).removeprefix("recorded outcome events ")


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates of several relative weeks together.

    Parameters
    ----------
    roles, spans
        What each is, and its first and last week from the strike week.
    value, covariance
        Differences in outcome rows per treated place-week, and their covariance over places.
    observed
        Mean outcome of the treated place-weeks.
    log_ratio_error
        Standard error of log(observed / expected), NaN where the ratio cannot be estimated.
    n_places
        Treated places, the number of clusters that count.
    """

    roles: Sequence[str]
    spans: Sequence[tuple[int, int]]
    value: Floats
    covariance: Floats
    observed: Floats
    log_ratio_error: Floats
    n_places: int


def result_table(estimates: Estimates, *, km: float, level: float, counts: Mapping[str, int]) -> pd.DataFrame:
    """Give the table of a result, one row a relative week."""
    import pandas as pd

    rows = []
    z = t_quantile((1 + level) / 2, estimates.n_places - 1)
    for k, (role, (first, last)) in enumerate(zip(estimates.roles, estimates.spans, strict=True)):
        row: dict[str, Any] = dict.fromkeys((*COLUMNS, *EXTRA_COLUMNS), math.nan)
        row |= {"days": 7 * (last - first + 1), "km": km, "level": level, "unit": UNIT, "role": role}
        row |= {"week_first": first, "week_last": last, "reason": "", **counts}
        row["observed"] = float(estimates.observed[k])
        if role == "reference":
            row["reason"] = "the week all others are compared with"
        else:
            row |= _estimated(estimates, k, z)
        rows.append(row)
    return pd.DataFrame(rows)[[*COLUMNS[:-1], *EXTRA_COLUMNS, "reason"]]


def _estimated(estimates: Estimates, k: int, z: float) -> dict[str, Any]:
    value, observed = float(estimates.value[k]), float(estimates.observed[k])
    found: dict[str, Any] = {"estimate": value, "expected": observed - value}
    if estimates.n_places < FEWEST_PLACES:
        why = f"{estimates.n_places} treated places; an error clustered by place needs {FEWEST_PLACES}"
        return found | {"reason": why}
    error = math.sqrt(max(float(estimates.covariance[k, k]), 0.0))
    found |= {"std_error": error, "low": value - z * error, "high": value + z * error}
    found["p_value"] = t_p(value / error, estimates.n_places - 1) if error > 0 else math.nan
    # A ratio to what may be nothing is no number.
    if observed > 0 and observed - (value + z * error) > 0 and math.isfinite(estimates.log_ratio_error[k]):
        ratio, spread = observed / (observed - value), float(estimates.log_ratio_error[k])
        found |= {
            "rate_ratio": ratio,
            "rate_ratio_low": ratio * math.exp(-z * spread),
            "rate_ratio_high": ratio * math.exp(z * spread),
        }
    return found


def t_quantile(p: float, df: int) -> float:
    """Give the quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(max(df, 1), p))


def t_p(t: float, df: int) -> float:
    """Give the two-sided p-value of a t statistic."""
    from scipy.special import stdtr

    return float(2 * stdtr(max(df, 1), -abs(t)))


def wald(value: Floats, covariance: Floats, n_places: int) -> tuple[float, float, int]:
    """Test that all values are zero: F statistic, p-value, and how many directions could be tested."""
    from scipy.special import fdtrc

    if not len(value) or n_places < FEWEST_PLACES or not np.isfinite(covariance).all():
        return math.nan, math.nan, 0
    roots, axes = np.linalg.eigh(covariance)
    # Directions without variance (weeks that always move together) cannot be tested and are left out.
    kept = roots > max(roots.max(), 0.0) * 1e-10
    q, df = int(kept.sum()), n_places - int(kept.sum())
    if q == 0 or df < 1:
        return math.nan, math.nan, 0
    # Hotelling's correction: a covariance estimated from few places makes the plain statistic too large.
    f = float(((axes[:, kept].T @ value) ** 2 / roots[kept]).sum()) / q * df / (n_places - 1)
    return f, float(fdtrc(q, df, f)), q


def provenance(study: Study, parameters: Mapping[str, Any], seed: int | None = None) -> dict[str, Any]:
    """Give what is needed to make a result again."""
    from datetime import UTC, datetime

    from ... import __version__

    return {
        "input_sha256": study.fingerprint(),
        "package_version": __version__,
        "parameters": dict(parameters),
        "seed": seed,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
