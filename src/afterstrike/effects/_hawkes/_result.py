"""The result of `mutual_excitation`: rows by baseline and horizon, words, a figure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._result import COLUMNS, EffectResult
from .._wakes._words import percent
from ._effects import few_struck

if TYPE_CHECKING:
    import pandas as pd

    from ...charts import Chart
    from ._effects import Added
    from ._fit import HawkesFit

__all__ = ["EXTRA_COLUMNS", "ExcitationResult", "effect_rows"]

EXTRA_COLUMNS = (
    "baseline",
    "observed",
    "expected",
    "direct",
    "rate_ratio",
    "rate_ratio_low",
    "rate_ratio_high",
    "rate_ratio_low_joint",
    "rate_ratio_high_joint",
    "std_error_model",
    "rate_ratio_low_model",
    "rate_ratio_high_model",
    "quiet_days",
    "quiet_days_low",
    "quiet_days_high",
    "smallest_fall",
    "branching_ratio",
)
UNIT = "recorded outcome events per struck day, offspring included"
# Of the standard error, from no effect to one shown four times in five.
_POWER = 0.8416


@dataclass(frozen=True, repr=False)
class ExcitationResult(EffectResult):
    """An `EffectResult` of a Hawkes model. `to_frame()` has further columns.

    Parameters
    ----------
    fits
        By baseline, `constant` and `drift`: the `HawkesFit`.
    harm
        What the record states of civilian deaths in the strikes.

    Notes
    -----
    `estimate` is what a struck day added on days 1 to H, offspring included; `direct` the same without
    offspring. `observed` events less `estimate` are `expected` without that strike, and `rate_ratio` is
    observed / expected. Errors are robust; columns ending in `_model` have those of the model. Columns
    ending in `_joint` hold for all horizons of a baseline at once.
    """

    fits: Mapping[str, HawkesFit] = field(default_factory=dict)
    harm: str = ""

    def findings(self) -> list[str]:
        """Say the findings, with the baseline constant and drifting, after what could have been found."""
        lines = [self.harm, f"Estimand: {self.estimand}."]
        known = self.table[self.table["rate_ratio"].notna() & (self.table["baseline"] == "drift")]
        if len(known):
            told = ", ".join(
                f"{100 * row['smallest_fall']:.0f}% over {row['days']:g} days" for _, row in known.iterrows()
            )
            lines.append(f"Smallest falls this record could show (80% power): {told}.")
            lines.append("Intervals below hold for all horizons of a baseline at once.")
        lines += [self._sentence(row) for _, row in self.table.iterrows()]
        lines.append(f"To read this as an effect one must believe: {self.assumptions}")
        return [line for line in lines if line]

    def _sentence(self, row: pd.Series[Any]) -> str:
        head = f"In the {row['days']:g} days after a struck day ({row['baseline']} baseline)"
        if math.isnan(row["rate_ratio"]):
            return f"Cannot tell what followed: {head[0].lower()}{head[1:]}, {row['reason']}."
        low, high = percent(row["rate_ratio_low_joint"]), percent(row["rate_ratio_high_joint"])
        told = percent(row["rate_ratio"])
        told = "as many as expected" if told == "0%" else f"{told} than expected"
        text = f"{head}, recorded attacks were {told} without that strike ({low} to {high})."
        if not _sign(row):
            return f"{text} Cannot tell: {_range(row)} fits these data."
        others = self.table[(self.table["days"] == row["days"]) & (self.table["baseline"] != row["baseline"])]
        for _, other in others.iterrows():
            if _sign(other) != _sign(row):
                said = other["reason"] or f"{_range(other)} fits there"
                return f"{text} Cannot tell, because the {other['baseline']} baseline does not agree: {said}."
        failed = [f'the check "{check.check_name}" failed' for check in self.checks if check.passed is False]
        return f"{text} Cannot tell, because {'; '.join(failed)}." if failed else text

    @property
    def page_title(self) -> str:
        """Heading of a page on this result."""
        return "What followed strikes, where attacks excite attacks"

    def plot(self) -> Chart:
        """Draw rate ratios by horizon, with the baseline constant and drifting. Nothing is shown or saved."""
        from ._figure import ratio_figure

        return ratio_figure(self.table, self.estimand)

    def __repr__(self) -> str:
        known = int(self.table["estimate"].notna().sum())
        return f"ExcitationResult({known} of {len(self.table)} windows estimated, {len(self.checks)} checks)"


def _sign(row: pd.Series[Any]) -> int:
    """Give 1 or -1 where the joint interval lies above or below 1, otherwise 0."""
    return int(row["rate_ratio_low_joint"] > 1) - int(row["rate_ratio_high_joint"] < 1)


def _range(row: pd.Series[Any]) -> str:
    fewer, more = (percent(row[f"rate_ratio_{end}_joint"], "fewer", "more") for end in ("low", "high"))
    return f"anything from {fewer} to {more}"


def effect_rows(
    fit: HawkesFit, found: Added, *, baseline: str, n_strikes: int, level: float, seed: int
) -> list[dict[str, Any]]:
    """Give the rows of one baseline."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    from .._wakes._maxt import correlation, max_t

    z = float(ndtri((1 + level) / 2))
    joint = max(z, max_t(correlation(found.log_covariance), level=level, seed=seed))
    rows = []
    for k, days in enumerate(found.days):
        row: dict[str, Any] = dict.fromkeys((*COLUMNS, *EXTRA_COLUMNS), math.nan)
        row |= {"days": days, "level": level, "unit": UNIT, "reason": "", "baseline": baseline}
        row |= {"n_treated": int(found.n_struck[k]), "branching_ratio": fit.branching_ratio}
        observed, total = float(found.observed[k]), float(found.total[k])
        error = math.sqrt(max(float(found.covariance[k, k]), 0.0))
        row["observed"] = observed
        row["reason"] = _reason(row["n_treated"], n_strikes, days, observed, observed - total, error)
        rows.append(row)
        if row["reason"]:
            continue
        expected = observed - total
        ratio = observed / expected
        spread, spread_model = (
            math.sqrt(max(float(one[k, k]), 0.0))
            for one in (found.log_covariance, found.log_model_covariance)
        )
        row["std_error_model"] = math.sqrt(max(float(found.model_covariance[k, k]), 0.0))
        row |= {
            "estimate": total, "std_error": error, "low": total - z * error, "high": total + z * error,
            "p_value": float(2 * ndtr(-abs(total / error))), "direct": float(found.direct[k]),
            "expected": expected, "rate_ratio": ratio, "smallest_fall": -math.expm1(-(z + _POWER) * spread),
        }  # fmt: skip
        for name, width in (("", z * spread), ("_joint", joint * spread), ("_model", z * spread_model)):
            row[f"rate_ratio_low{name}"] = ratio * float(np.exp(-width))
            row[f"rate_ratio_high{name}"] = ratio * float(np.exp(width))
        row["quiet_days"] = days * (1 - ratio)
        row["quiet_days_low"] = days * (1 - row["rate_ratio_high"])
        row["quiet_days_high"] = days * (1 - row["rate_ratio_low"])
    return rows


def _reason(n_struck: int, n_strikes: int, days: int, observed: float, expected: float, error: float) -> str:
    if few := few_struck(n_struck, n_strikes, days):
        return few
    if not (math.isfinite(error) and error > 0):
        return "the data do not bound the effect: its standard error is not known"
    if not observed > 0:
        return "nothing was recorded on these days: a ratio of nought has no interval"
    if not expected > 0:
        return "no events would be expected without the strike: a ratio to nothing is no number"
    return ""
