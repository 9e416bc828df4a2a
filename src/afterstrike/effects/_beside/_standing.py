"""Where one design stands on one study: its number, its interval, and what stands against a word on its sign."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .._result import CheckResult
from .._wakes._words import percent

__all__ = ["ESTIMANDS", "Answer", "Role", "Standing", "open_points_of", "refused", "unchanged"]

Answer = Literal["fewer", "more", "cannot tell", "not estimated"]
Role = Literal["design", "comparator", "bad example"]

# What is compared with what: only rows of one estimand share a table. The full words are each result's own.
ESTIMANDS: dict[str, str] = {
    "discs": "Around each strike: days 1 to H within R of a struck place-day, against the same without that strike",
    "zone-days": "In a zone: days 1 to H after a struck day, against none that day, other strikes as they were",
    "zone-weeks": "In a zone: the weeks after a struck week, against none that week, other strikes as they were",
    "policy": "In the whole region: a tenth more expected strikes on each of the days before, against as many as observed",
    "stacked": "At struck places: weeks after a first strike, against unstruck places, as the change since the week before",
    "matched panel": "At struck places: weeks after a strike, against places with the same past treatment, as the change",
    "campaign": "In the whole region: the time since the first strike, or a declared campaign, against the series before "
    "carried on",
    "before and after": "Around each strike: as many days after as before, against nothing",
}


HOLDS_NONE = "the interval holds no change"
HOLDS_NONE_JOINTLY = "the interval that serves all windows at once holds no change"


@dataclass(frozen=True)
class Standing:
    """One row of the comparison.

    Parameters
    ----------
    estimand
        Key of `ESTIMANDS`.
    design, form
        The estimator, and which of its forms (a baseline, a lag); the form that was declared main has `is_main`.
    role
        `design`; `comparator`, which reviewers ask for and which conditions on what it should not; or
        `bad example`, kept to be seen failing.
    measure
        `rate ratio`, whose unchanged value is 1, or a difference, whose unchanged value is 0.
    value, low, high, level
        Estimate and interval; NaN with a `reason`.
    low_joint, high_joint
        The interval that holds for all windows of the design at once, where it has one.
    quiet_days, quiet_days_low, quiet_days_high
        `H * (1 - ratio)` where the design gives it.
    smallest_fall
        Smallest true fall, as a share, found with 80% power; NaN where not known.
    n_treated
        Treated units compared.
    points
        What stands between the row and a word about its sign.
    reason
        Why there is no estimate.
    """

    estimand: str
    design: str
    form: str
    role: Role
    measure: str
    days: float
    km: float
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    level: float = 0.95
    low_joint: float = math.nan
    high_joint: float = math.nan
    quiet_days: float = math.nan
    quiet_days_low: float = math.nan
    quiet_days_high: float = math.nan
    smallest_fall: float = math.nan
    n_treated: float = math.nan
    points: tuple[str, ...] = ()
    reason: str = ""
    is_main: bool = True

    @property
    def none(self) -> float:
        """The value of no change."""
        return unchanged(self.measure)

    @property
    def holds_none(self) -> bool:
        """Whether the interval that decides holds no change; an interval that is not there holds everything."""
        low, high = deciding((self.low_joint, self.high_joint), (self.low, self.high))
        return not (high < self.none or low > self.none)

    @property
    def answer(self) -> Answer:
        """The word this row carries: a sign only where nothing stands against it."""
        if self.reason or math.isnan(self.value):
            return "not estimated"
        if self.points:
            return "cannot tell"
        return "fewer" if self.value < self.none else "more"

    def sentence(self) -> str:
        """Say the row in one sentence, the same for either sign."""
        name = f"{self.design}{f', {self.form}' if self.form else ''}"
        if self.answer == "not estimated":
            return f"{name}: not estimated ({self.reason})."
        if self.measure != "rate ratio":
            text = f"{name}: {self.value:+.3g} {self.measure}"
            ends = f"{self.low:+.3g} to {self.high:+.3g}"
            told = f"anything from {ends} fits these data"
        else:
            same = percent(self.value) == "0%"
            text = f"{name}: recorded attacks {'as expected' if same else percent(self.value) + ' than expected'}"
        if math.isnan(self.low):
            return f"{text}, no interval. Cannot tell: {'; '.join(self.points)}."
        if self.measure == "rate ratio":
            ends = f"{percent(self.low)} to {percent(self.high)}"
            fewer, more = percent(self.low, "fewer", "more"), percent(self.high, "fewer", "more")
            told = f"anything from {fewer} to {more} fits these data"
        text += f" ({ends})"
        if self.low <= self.none <= self.high:
            return f"{text}. Cannot tell: {told}."
        if self.points:
            return f"{text}. Cannot tell, because {'; '.join(self.points)}."
        return f"{text}. No check with a test stands against it."


def unchanged(measure: str) -> float:
    """Give the value of no change of a measure."""
    return 1.0 if measure == "rate ratio" else 0.0


def deciding(joint: tuple[float, float], own: tuple[float, float]) -> tuple[float, float]:
    """Give the interval that decides on a sign: the one for all windows at once where there is one."""
    return joint if math.isfinite(joint[0]) and math.isfinite(joint[1]) else own


def open_points_of(row: Mapping[str, Any], checks: Sequence[CheckResult], none: float) -> tuple[str, ...]:
    """Say what stands between a row and a word on its sign: its interval, or a check that failed."""
    points = []
    joint = tuple(row.get(f"{end}_joint", math.nan) for end in ("low", "high"))
    low, high = deciding(joint, (row["low"], row["high"]))
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        points.append("there is no interval")
    elif low <= none <= high:
        points.append(HOLDS_NONE if (low, high) == (row["low"], row["high"]) else HOLDS_NONE_JOINTLY)
    points += [f'the check "{check.check_name}" failed' for check in checks if check.passed is False]
    return tuple(points)


def refused(
    estimand: str,
    design: str,
    role: Role,
    reason: str,
    *,
    measure: str = "rate ratio",
    days: float,
    km: float,
) -> Standing:
    """Give the row of a design that this record cannot carry."""
    return Standing(estimand, design, "", role, measure, days, km, reason=reason.rstrip("."))
