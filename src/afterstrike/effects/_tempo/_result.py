"""A rate against the past as a result: a table with one row a comparison, words, a figure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._result import EffectResult
from ._dated import Dated

if TYPE_CHECKING:
    from ...charts import Chart

__all__ = ["TempoResult", "against_sentence"]


@dataclass(frozen=True, repr=False)
class TempoResult(EffectResult):
    """An `EffectResult` of rates.

    Parameters
    ----------
    dated
        The record by period.
    window, reference
        First period of each time and the one after its last.
    """

    dated: Dated | None = field(default=None, repr=False)
    window: tuple[int, int] = (0, 0)
    reference: tuple[int, int] = (0, 0)

    def findings(self) -> list[str]:
        """Say what the rate is, what it is against each time, and where it stands among earlier windows."""
        rows = self.table.to_dict("records")
        first = rows[0]
        lines = [
            f"Estimand: {self.estimand}.",
            f"{first['observed']:,.0f} recorded events from {first['window_first']} to {first['window_last']}: "
            f"{first['window_events_a_week']:.3g} a week.",
            *(against_sentence(row) for row in rows),
            self.standing(),
        ]
        lines.append(
            f"To read this as a difference in the events themselves one must believe: {self.assumptions}"
        )
        return lines

    def standing(self) -> str:
        """Say where the window's rate stands among earlier windows of equal length."""
        windows = self.detail("windows")
        earlier = windows[windows["is_earlier"]]
        days = int(self.table["window_days"].iloc[0])
        if not len(earlier):
            return f"The record holds no earlier window of {days} days to rank it among."
        rate = float(self.table["window_events_a_week"].iloc[0])
        above = int((earlier["events_a_week"] >= rate - 1e-9).sum())
        higher = int((earlier["events_a_week"] > rate + 1e-9).sum())
        span = (earlier["last"].max() - earlier["first"].min()).days + 1
        apart = max(int(span // max(days, 1)), 1)
        return (
            f"Among {len(earlier):,} earlier windows of that length it ranks {higher + 1:,}; {above / len(earlier):.0%} had "
            f"as high a rate or higher. Windows overlap: about {apart} of them share no day, so this is a place in a "
            "ranking, not a test."
        )

    @property
    def page_title(self) -> str:
        """Heading of a page on this result."""
        return "A recorded rate against the past of its record"

    def plot(self) -> Chart:
        """Draw the record by week with both times marked and their rates. Nothing is saved."""
        from ._figure import tempo_figure

        return tempo_figure(self)

    def text_table(self) -> str:
        """Give the comparisons as a table for a terminal."""
        from .._save import aligned, shown

        rows = [row for row in self.to_frame().to_dict("records") if not row["reason"]]
        if not rows:
            return ""
        heads = ["against", "from", "to", "events a week", "observed", "expected", "rate ratio",
                 f"{rows[0]['level']:.0%}"]  # fmt: skip
        cells = [
            [
                row["reference"], str(row["first"]), str(row["last"]), shown(row["events_a_week"]),
                f"{row['observed']:g}", f"{row['expected']:.1f}", f"{row['rate_ratio']:.2f}",
                f"{row['rate_ratio_low']:.2f} to {row['rate_ratio_high']:.2f}",
            ]
            for row in rows
        ]  # fmt: skip
        return aligned(heads, cells)

    def __repr__(self) -> str:
        row = self.table.iloc[0]
        return f"TempoResult({row['window_events_a_week']:.3g} a week, {row['rate_ratio']:.2f} of {row['reference']})"


def against_sentence(row: Mapping[Any, Any]) -> str:
    """Say what one comparison found."""
    when = f"{row['first']} to {row['last']}, {row['events']:,.0f} events, {row['events_a_week']:.3g} a week"
    if row["reference"] == "closest earlier window":
        return f"The closest measure is that of {when}: the earlier window of equal length whose rate is nearest."
    head = f"Against {row['reference']} ({when})"
    if row["reason"]:
        return f"{head}: cannot tell, {row['reason']}."
    low, high, ratio = row["rate_ratio_low"], row["rate_ratio_high"], row["rate_ratio"]
    ends = f"{_change(low)} to {_change(high)}"
    if low <= 1 <= high:
        return f"{head}: cannot tell; anything from {ends} fits these data (rate ratio {_number(ratio)})."
    return (
        f"{head}: recorded events were {_change(ratio)} (rate ratio {_number(ratio)}, {row['level']:.0%} interval "
        f"{_number(low)} to {_number(high)})."
    )


def _number(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "without limit"


def _change(ratio: float) -> str:
    if not math.isfinite(ratio):
        return "any number more"
    if ratio > 2:
        return f"{ratio:.3g} times as many"
    return f"{abs(ratio - 1):.0%} {'fewer' if ratio < 1 else 'more'}"
