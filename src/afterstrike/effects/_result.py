"""What an estimator gives back.

A table, a summary in words, a figure, the estimand, the checks, the provenance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from ..charts import Chart

__all__ = ["COLUMNS", "CheckResult", "EffectResult"]

# The columns of `EffectResult.to_frame()`, in order: one row a window.
COLUMNS = (
    "days",
    "km",
    "estimate",
    "std_error",
    "p_value",
    "low",
    "high",
    "level",
    "unit",
    "adj_r2",
    "intercept",
    "intercept_p",
    "n_treated",
    "n_control",
    "n_treated_matched",
    "n_control_matched",
    "l1_before",
    "l1_after",
    "common_support_before",
    "common_support_after",
    "so_pre",
    "so_post",
    "mo_pre",
    "mo_post",
    "reason",
)


@dataclass(frozen=True)
class CheckResult:
    """One threat to an estimate, looked at.

    Parameters
    ----------
    check_name
        What was looked at.
    passed
        True or False where a test with a stated size decided; None where the check only informs.
    table
        The numbers behind it.
    text
        What they say, in a sentence or two.
    """

    check_name: str
    passed: bool | None
    table: pd.DataFrame = field(repr=False)
    text: str

    @property
    def verdict(self) -> str:
        """`passed` in a word or two."""
        return {True: "passed", False: "failed", None: "cannot tell or no test"}[self.passed]

    def line(self) -> str:
        """Give the check in a line of a summary."""
        return f"- {self.verdict}: {self.check_name}. {self.text}"


@dataclass(frozen=True)
class EffectResult:
    """Estimates of what followed treatment, with what must be known to read them.

    Parameters
    ----------
    table
        One row a window; columns as in `COLUMNS`.
    estimand
        What is estimated, in words: contrast, population, days, km.
    assumptions
        What must be believed for the estimate to be an effect.
    checks
        Threats looked at.
    provenance
        Input hash, package version, parameters, seed, time.
    details
        Further tables by name, made when asked for; see `detail`.
    time_unit
        The unit of the column `days`: day, hour, minute or second.
    """

    table: pd.DataFrame = field(repr=False)
    estimand: str
    assumptions: str = ""
    checks: tuple[CheckResult, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)
    details: Mapping[str, Callable[[], pd.DataFrame]] = field(default_factory=dict, repr=False)
    time_unit: str = "day"

    def to_frame(self) -> pd.DataFrame:
        """Give one row a window, with the columns in `COLUMNS`; a window without an estimate says why in
        `reason`.
        """
        return self.table.copy()

    def detail(self, name: str) -> pd.DataFrame:
        """Give one of the further tables.

        Raises
        ------
        UsageError
            There is no such table; the message lists those there are.
        """
        if name not in self.details:
            raise UsageError(
                f"detail {name!r}; allowed {', '.join(self.details) or 'none for this estimator'}"
            )
        return self.details[name]()

    def summary(self) -> str:
        """Say in a few sentences what was estimated, what was found, what must be believed, and what each
        check says.
        """
        return "\n".join([*self.findings(), *(check.line() for check in self.checks)])

    def findings(self) -> list[str]:
        """Give the sentences of the summary that stand before the checks."""
        known = self.table[self.table["estimate"].notna()]
        total = len(self.table)
        lines = [f"Estimand: {self.estimand}"]
        if not len(known):
            reasons = self.table["reason"].value_counts()
            told = "; ".join(f"{why} ({count} windows)" for why, count in reasons.items())
            lines.append(f"Cannot tell: none of {total} windows can be estimated. {told}.")
        else:
            widest = known.iloc[-1]
            lines.append(f"{len(known)} of {total} windows can be estimated. {self._sentence(widest)}")
            below = int((known["p_value"] <= 0.05).sum())
            lines.append(
                f"{below} of {len(known)} windows have p <= 0.05; about {0.05 * len(known):.1f} would by "
                "chance alone."
            )
        if self.assumptions:
            lines.append(f"To read this as an effect one must believe: {self.assumptions}")
        return lines

    def _sentence(self, row: pd.Series[Any]) -> str:
        size = float(row["estimate"])
        direction = "more" if size > 0 else "fewer"
        span = f"{row['days']:g} {self.time_unit}{'' if row['days'] == 1 else 's'}"
        interval = ""
        if not math.isnan(row["low"]):
            ends = f"{row['low']:.2f} to {row['high']:.2f}"
            interval = f" ({row['level']:.0%} interval {ends}, p = {row['p_value']:.2g})"
        return (
            f"In the {span} after, within {row['km']:g} km, a treated wake had {abs(size):.2f} {direction} "
            "recorded "
            f"outcome events than a comparison wake{interval}."
        )

    @property
    def page_title(self) -> str:
        """Heading of a page on this result."""
        return "What followed treatment, by window of time and distance"

    def plot(self) -> Chart:
        """Draw estimates and intervals against window length, one panel a radius. Nothing is shown or
        saved.
        """
        from ._figure import windows_figure

        return windows_figure(self.table, self.time_unit, self.estimand)

    def figures(self) -> tuple[Chart, ...]:
        """Give the figures of a page on this result; the first is that of `plot()`."""
        return (self.plot(),)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the tables of a page on this result, by title."""
        return {"All windows": self.to_frame()}

    def text_table(self) -> str:
        """Give the table for a terminal where it is another than that of windows; else nothing."""
        return ""

    def further_tables(self) -> dict[str, pd.DataFrame]:
        """Give tables that are written beside the main one, by name."""
        return {}

    def __repr__(self) -> str:
        known = int(self.table["estimate"].notna().sum())
        return f"EffectResult({known} of {len(self.table)} windows estimated, {len(self.checks)} checks)"
