"""The comparison as a result: one table an estimand, words on agreement, the specification curve."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from .._result import EffectResult
from ._agreement import agreement
from ._standing import ESTIMANDS, Standing

if TYPE_CHECKING:
    import pandas as pd

    from ...charts import Chart

__all__ = ["LullComparison", "comparison_table"]


def comparison_table(standings: tuple[Standing, ...]) -> pd.DataFrame:
    """Give one row a standing, in the order of the estimands."""
    import pandas as pd

    rows = []
    for row in sorted(standings, key=lambda one: list(ESTIMANDS).index(one.estimand)):
        told = asdict(row)
        told["points"] = "; ".join(row.points)
        rows.append({**told, "answer": row.answer})
    frame = pd.DataFrame(rows)
    last = ["points", "reason"]
    return frame[[name for name in frame.columns if name not in last] + last]


@dataclass(frozen=True, repr=False)
class LullComparison(EffectResult):
    """All designs beside each other. `to_frame()` has one row a design, form and horizon.

    Parameters
    ----------
    standings
        The rows, as objects.
    results
        By design, what it gave in full; a design that the record could not carry is not in it.
    specifications
        One row a specification that was run, the main ones among them; empty where the curve was not asked for.
    harm
        What the record states of civilian deaths in the strikes.

    Notes
    -----
    Only rows with the same `estimand` may be compared as numbers. `tables()` gives one table for each.
    """

    standings: tuple[Standing, ...] = ()
    results: Mapping[str, EffectResult] = field(default_factory=dict)
    specifications: pd.DataFrame | None = None
    harm: str = ""
    notes: tuple[str, ...] = ()

    @property
    def page_title(self) -> str:
        """Heading of a page on this result."""
        return "What followed strikes, by every design this record can carry"

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give one table for each estimand, by its words."""
        frame = self.to_frame()
        return {
            ESTIMANDS[str(key)]: part.drop(columns="estimand").reset_index(drop=True)
            for key, part in frame.groupby("estimand", sort=False)
        }

    def agreement(self) -> list[str]:
        """Say where the designs agree, where not, and what could be why."""
        return agreement(self.standings)

    def findings(self) -> list[str]:
        """Say civilian harm first, then what could have been found, what was, and what the designs say together."""
        lines = [self.harm, *self.notes, _power(self.standings)]
        lines += self.agreement()
        lines += [row.sentence() for row in self.standings if row.is_main and row.role == "design"]
        lines += self._curve_words()
        lines += [
            f"To read {name} as an effect one must believe: {result.assumptions}"
            for name, result in self.results.items()
            if any(row.design == name and row.role == "design" for row in self.standings)
        ]
        return [line for line in lines if line]

    def _curve_words(self) -> list[str]:
        if self.specifications is None:
            return [f"Specifications run on these data: {self.provenance.get('specifications_run', 0):,}."]
        frame = self.specifications
        known = frame[frame["low"].notna()]
        lines = [
            f"Specifications run on these data: {self.provenance.get('specifications_run', 0):,}, "
            f"{len(known):,} of them on the curve with an interval, {len(frame) - len(known):,} without."
        ]
        for design, part in known.groupby("design", sort=False):
            below, above = int((part["high"] < 1).sum()), int((part["low"] > 1).sum())
            middle = part["rate_ratio"].median()
            lines.append(
                f"{design}: of {len(part)} specifications {below} have an interval below no change, {above} one above "
                f"it; the middle ratio is {middle:.2f}. By chance alone some do."
            )
        return lines

    def text_table(self) -> str:
        """Give one table for each estimand, for a terminal."""
        from .._save import aligned

        parts = []
        for title, frame in self.tables().items():
            rows = [_cells(row) for row in frame.to_dict("records") if not row["reason"]]
            if rows:
                parts.append(f"{title}\n{aligned(list(_HEADS), rows)}")
        return "\n\n".join(parts)

    def further_tables(self) -> dict[str, pd.DataFrame]:
        """Give the specification curve as a table of its own."""
        return {} if self.specifications is None else {"specifications": self.specifications}

    def plot(self) -> Chart:
        """Draw the main rows that are ratios, one panel an estimand. Nothing is shown or saved."""
        from ._figure import beside_figure

        return beside_figure(self.standings)

    def figures(self) -> tuple[Chart, ...]:
        """Give that figure, and the specification curve where it was run."""
        from ._figure import curve_figure

        curve = None if self.specifications is None else curve_figure(self.specifications)
        return (self.plot(), curve) if curve is not None else (self.plot(),)

    def __repr__(self) -> str:
        main = [row for row in self.standings if row.is_main]
        known = sum(row.answer != "not estimated" for row in main)
        return f"LullComparison({known} of {len(main)} designs estimated, {len(self.checks)} checks)"


_HEADS = ("design", "form", "days", "value", "interval", "all windows at once", "quiet days", "answer")


def _cells(row: Mapping[Any, Any]) -> list[str]:
    ratio = row["measure"] == "rate ratio"
    width = ".2f" if ratio else "+.3g"

    def span(low: float, high: float, form: str) -> str:
        return "" if math.isnan(low) else f"{low:{form}} to {high:{form}}"

    quiet = ""
    if math.isfinite(row["quiet_days"]):
        ends = span(row["quiet_days_low"], row["quiet_days_high"], ".1f")
        quiet = f"{row['quiet_days']:.1f} ({ends})"
    return [
        row["design"], row["form"], f"{row['days']:g}",
        f"{row['value']:{width}}" + ("" if ratio else f" {row['measure']}"), span(row["low"], row["high"], width),
        span(row["low_joint"], row["high_joint"], width), quiet, row["answer"],
    ]  # fmt: skip


def _power(standings: tuple[Standing, ...]) -> str:
    told = [
        f"{row.design} {100 * row.smallest_fall:.0f}%"
        for row in standings
        if row.is_main and row.role == "design" and math.isfinite(row.smallest_fall)
    ]
    return (
        f"Smallest fall each design could show in this record (80% power): {', '.join(told)}." if told else ""
    )
