"""What the series designs give back: tables, words, figures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._result import COLUMNS, EffectResult
from .._wakes._words import percent

if TYPE_CHECKING:
    from ...charts import Chart

__all__ = ["RATIO_COLUMNS", "SeriesResult", "ratio_row", "ratio_sentence"]

RATIO_COLUMNS = (
    "observed",
    "expected",
    "rate_ratio",
    "rate_ratio_low",
    "rate_ratio_high",
    "rate_ratio_low_joint",
    "rate_ratio_high_joint",
    "quiet_days",
    "quiet_days_low",
    "quiet_days_high",
    "smallest_fall",
    "smallest_rise",
)
# A two-sided test of size 5% finds a change of this many standard errors with 80% power.
POWER = 2.802


@dataclass(frozen=True, repr=False)
class SeriesResult(EffectResult):
    """An `EffectResult` of a series design. `to_frame()` has further columns.

    Parameters
    ----------
    opening
        Sentences before the finding: civilian harm where strikes are the treatment, then power.
    said
        The finding, a sentence a horizon.
    extra
        Further sentences.
    name
        What a table of several results calls this one.

    Notes
    -----
    One row a horizon: `observed, expected, rate_ratio` with its interval, `_joint` for all horizons at once,
    `quiet_days = days * (1 - rate_ratio)`, and `smallest_fall, smallest_rise`, the smallest changes that a
    two-sided test of size 5% finds with 80% power.
    """

    opening: tuple[str, ...] = field(default=())
    said: tuple[str, ...] = field(default=())
    extra: tuple[str, ...] = field(default=())
    name: str = "series"
    drawn: tuple[Chart, ...] = field(default=())

    def findings(self) -> list[str]:
        """Give the sentences that stand before the checks."""
        lines = [*self.opening, *self.said, f"Estimand: {self.estimand}", *self.extra]
        return [*lines, f"To read this as an effect one must believe: {self.assumptions}"]

    @property
    def page_title(self) -> str:
        """Heading of a page on this result."""
        return "Recorded attacks along time, against what was expected"

    def plot(self) -> Chart:
        """Give the first figure. Nothing is shown or saved."""
        return self.drawn[0]

    def figures(self) -> tuple[Chart, ...]:
        """Give all figures."""
        return self.drawn

    def __repr__(self) -> str:
        known = self.table[self.table["rate_ratio"].notna()]
        if not len(known):
            return f"SeriesResult({self.name}: {self.table['reason'].iloc[0]})"
        row = known.iloc[-1]
        low, high = row["rate_ratio_low"], row["rate_ratio_high"]
        return (
            f"SeriesResult({self.name}, RR_{row['days']:g}={row['rate_ratio']:.2f} ({low:.2f} to {high:.2f}))"
        )


def ratio_row(
    days: int, observed: float, log_ratio: float, error: float, *, z: float, joint: float, level: float,
    n_treated: int, unit: str, p_value: float,
) -> dict[str, Any]:  # fmt: skip
    """Give a row of the table from a log ratio and its standard error; counts are per treated unit."""
    row: dict[str, Any] = dict.fromkeys((*COLUMNS, *RATIO_COLUMNS), math.nan)
    each = observed / n_treated
    ratio, low, high = (math.exp(log_ratio + side * z * error) for side in (0, -1, 1))
    return row | {
        "days": days, "level": level, "unit": unit, "n_treated": n_treated, "reason": "", "p_value": p_value,
        "estimate": each * (1 - 1 / ratio), "low": each * (1 - 1 / low), "high": each * (1 - 1 / high),
        "std_error": each / ratio * error, "observed": each, "expected": each / ratio,
        "rate_ratio": ratio, "rate_ratio_low": low, "rate_ratio_high": high,
        "rate_ratio_low_joint": math.exp(log_ratio - joint * error),
        "rate_ratio_high_joint": math.exp(log_ratio + joint * error),
        "quiet_days": days * (1 - ratio), "quiet_days_low": days * (1 - high), "quiet_days_high": days * (1 - low),
        "smallest_fall": 1 - math.exp(-POWER * error), "smallest_rise": math.exp(POWER * error) - 1,
    }  # fmt: skip


def refused_row(days: int, level: float, n_treated: int, unit: str, reason: str) -> dict[str, Any]:
    """Give a row that says why there is no estimate."""
    row: dict[str, Any] = dict.fromkeys((*COLUMNS, *RATIO_COLUMNS), math.nan)
    return row | {"days": days, "level": level, "unit": unit, "n_treated": n_treated, "reason": reason}


def ratio_sentence(row: Any, where: str, what: str = "recorded attacks") -> str:
    """Say a row; where its interval holds no change, say what it cannot tell apart."""
    if math.isnan(row["rate_ratio"]):
        return f"Cannot tell what followed {where}: {row['reason']}."
    said = percent(row["rate_ratio"])
    told = "as many as expected" if said == "0%" else f"{said} than expected"
    low, high = row["rate_ratio_low"], row["rate_ratio_high"]
    text = f"{where[0].upper()}{where[1:]}, {what} were {told} ({percent(low)} to {percent(high)})."
    if low <= 1 <= high:
        fewer, more = percent(low, "fewer", "more"), percent(high, "fewer", "more")
        text += f" Cannot tell: anything from {fewer} to {more} fits these data."
    return text
