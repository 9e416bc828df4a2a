"""The result of a seam contrast: ratio for a contrast of exposure, in a table, words and figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._result import COLUMNS, EffectResult
from .._wakes._words import percent
from ._estimate import Estimate, Spread, bounded_exp, t_quantile

if TYPE_CHECKING:
    import pandas as pd

    from ...charts import Chart

__all__ = ["EXTRA_COLUMNS", "SeamResult", "contrast_table"]

EXTRA_COLUMNS = (
    "contrast", "contrast_size", "observed", "expected", "rate_ratio", "rate_ratio_low", "rate_ratio_high",
    "smallest_fall", "smallest_rise", "n_zones", "n_effective_zones", "n_periods", "n_recorded",
)  # fmt: skip
_WHAT_IT_IS = "This is an association after adjustment, not an effect; it names no place, and none should be read off it."
_WHAT_A_SERIES_IS = (
    "A series of one zone cannot tell borders from anything else that changed in the same weeks: offensives, strikes, "
    "who reports."
)
CONTRASTS = ("one standard deviation within zones", "interquartile range within zones", "one unit")


@dataclass(frozen=True, repr=False)
class SeamResult(EffectResult):
    """An `EffectResult` of seams; `to_frame()` has further columns (`contrast`, `rate_ratio`, ...).

    Parameters
    ----------
    unit
        Of the exposure.
    period_word
        `week` or `month`.
    notes
        What a reader must know of how the exposure was made.

    Notes
    -----
    `observed` is the mean number of recorded attacks in a zone-period, `expected` what the model expects there
    with exposure lower by `contrast_size`; `estimate` is their difference. `km` is missing: a seam has no radius.
    """

    unit: str = ""
    period_word: str = "week"
    notes: tuple[str, ...] = field(default=())

    @property
    def page_title(self) -> str:
        """Heading of a page on this result."""
        return "Recorded attacks by exposure to borders between control zones"

    def findings(self) -> list[str]:
        """Say what could have been shown, what was found, and what must be believed."""
        row = self.table.iloc[0].to_dict()
        lines = [_power(row, self.unit), f"Estimand: {self.estimand}"]
        lines += [_sentence(row, self.unit) for row in self.table.iloc[:2].to_dict("records")]
        lines.append(_WHAT_IT_IS if row["n_zones"] > 1 else _WHAT_A_SERIES_IS)
        lines += self.notes
        lines.append(f"To read this as an effect one must believe: {self.assumptions}")
        return [line for line in lines if line]

    def text_table(self) -> str:
        """Give the contrasts that could be estimated as lines for a terminal; empty where none could."""
        rows = [row for row in self.table.to_dict("records") if not row["reason"]]
        return "\n".join(
            f"{row['contrast']} ({row['contrast_size']:.3g} {self.unit}): ratio {row['rate_ratio']:.2f} "
            f"({row['level']:.0%} {row['rate_ratio_low']:.2f} to {row['rate_ratio_high']:.2f}), "
            f"p = {row['p_value']:.2g}"
            for row in rows
        )

    def plot(self) -> Chart:
        """Draw the rate by fifth of exposure within zones. Nothing is shown or saved."""
        from ._figure import fifths_figure

        return fifths_figure(self.detail("fifths"), self.estimand, self.unit)

    def figures(self) -> tuple[Chart, ...]:
        """Give the rate by fifth of exposure, and exposure along time in each zone."""
        from ._figure import paths_figure

        return self.plot(), paths_figure(self.detail("panel"), self.unit)

    def __repr__(self) -> str:
        known = int(self.table["estimate"].notna().sum())
        told = f"{known} of {len(self.table)} contrasts estimated, {len(self.checks)} checks"
        return f"SeamResult({told})"


def contrast_table(
    spread: Spread, found: Estimate | None, *, level: float, days: float, unit: str, reason: str = ""
) -> pd.DataFrame:
    """Give one row a contrast; without an estimate each says why."""
    import pandas as pd

    sizes = dict(zip(CONTRASTS, (spread.deviation, spread.quartiles, 1.0), strict=True))
    rows = []
    for contrast, size in sizes.items():
        row: dict[str, Any] = dict.fromkeys((*COLUMNS, *EXTRA_COLUMNS), math.nan)
        row |= {
            "days": days, "level": level, "unit": unit, "contrast": contrast, "contrast_size": size,
            "n_zones": spread.n_zones, "n_periods": spread.n_periods, "n_recorded": spread.recorded,
            "reason": reason or ("" if size > 0 else "the quartiles of exposure are the same"),
            "observed": spread.recorded / max(spread.n_cells, 1),
        }  # fmt: skip
        if found is not None and not row["reason"]:
            row |= _estimated(found, size, level, row["observed"])
        rows.append(row)
    return pd.DataFrame(rows)[[*COLUMNS[:-1], *EXTRA_COLUMNS, "reason"]]


def _estimated(found: Estimate, size: float, level: float, observed: float) -> Mapping[str, float]:
    low, high = found.interval(level)
    ratio = bounded_exp(size * float(found.beta[0]))
    least = (
        size
        * found.error()
        * (t_quantile((1 + level) / 2, found.effective_zones) + t_quantile(0.8, found.effective_zones))
    )
    ends = [observed * (1 - bounded_exp(-size * end)) for end in (low, high)]
    return {
        "estimate": observed * (1 - 1 / ratio), "low": ends[0], "high": ends[1],
        "std_error": observed / ratio * size * found.error(), "p_value": found.p_value(),
        "expected": observed / ratio, "rate_ratio": ratio, "rate_ratio_low": bounded_exp(size * low),
        "rate_ratio_high": bounded_exp(size * high), "smallest_fall": 1 - bounded_exp(-least),
        "smallest_rise": bounded_exp(least) - 1, "n_effective_zones": found.effective_zones,
    }  # fmt: skip


def _power(row: dict[Any, Any], unit: str) -> str:
    if math.isnan(row["smallest_fall"]):
        return ""
    return (
        f"Smallest change this panel could show (80% power) for {row['contrast_size']:.3g} {unit}, "
        f"{row['contrast']}: {100 * row['smallest_fall']:.0f}% fewer or {100 * row['smallest_rise']:.0f}% more "
        "recorded attacks."
    )


def _sentence(row: dict[Any, Any], unit: str) -> str:
    if row["reason"]:
        return f"Cannot tell ({row['contrast']}): {row['reason']}."
    said = percent(row["rate_ratio"])
    low, high = percent(row["rate_ratio_low"]), percent(row["rate_ratio_high"])
    text = (
        f"With {row['contrast_size']:.3g} {unit} more ({row['contrast']}), recorded attacks were "
        f"{'as many as expected' if said == '0%' else f'{said} than expected'} ({low} to {high}), over "
        f"{row['n_zones']:g} zones, by information worth {row['n_effective_zones']:.1f} equal ones."
    )
    if row["rate_ratio_low"] <= 1 <= row["rate_ratio_high"]:
        fewer, more = (percent(row[f"rate_ratio_{end}"], "fewer", "more") for end in ("low", "high"))
        text += f" Cannot tell: anything from {fewer} to {more} fits these data."
    return text
