"""A series of a shift study as plain values: enough to draw it, small enough to keep as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._result import ShiftResult

__all__ = ["ShiftPanel", "panels_of"]

_TITLES = {
    "tempo": "Recorded events a {by}",
    "centre": "Middle of the places: km along its move",
    "spread": "Typical km from the middle",
    "lethality": "Typical recorded deaths an event",
}


@dataclass(frozen=True)
class ShiftPanel:
    """One series with its levels and dated shifts.

    Parameters
    ----------
    series
        `tempo`, `centre`, `spread` or `lethality`.
    title
        What its values are.
    first, days
        First day of the first period (ISO) and days in each.
    values
        One a period, in the unit of the title; None where there is no data, which is not zero.
    levels
        First period, period after the last, level: one a stretch between shifts.
    shifts
        Earliest, likeliest and latest first period after each shift.
    """

    series: str
    title: str
    first: str
    days: int
    values: tuple[float | None, ...]
    levels: tuple[tuple[int, int, float], ...]
    shifts: tuple[tuple[int, int, int], ...]

    def day(self, period: int) -> date:
        """Give the first day of a period."""
        return date.fromisoformat(self.first) + timedelta(days=self.days * period)


def panels_of(result: ShiftResult) -> tuple[ShiftPanel, ...]:
    """Give the series of a result that could be tested, in order."""
    from ._noise import segments
    from ._result import levels_of, shown_as
    from ._series import DAYS

    if result.calendar is None:
        return ()
    made = []
    for name, found in result.found.items():
        at = found.signal.at
        values, levels = shown_as(name, found.signal.values, levels_of(found))
        by_period: list[float | None] = [None] * len(result.calendar.starts)
        for period, value in zip(at.tolist(), values, strict=True):
            by_period[period] = round(value, 4)
        parts = segments([shift.step for shift in found.shifts], len(at))
        made.append(
            ShiftPanel(
                series=name,
                title=_TITLES[name].format(by=result.calendar.by),
                first=str(result.calendar.starts[0]),
                days=DAYS[result.calendar.by],
                values=tuple(by_period),
                levels=tuple(
                    (int(at[part.start]), int(at[part.stop - 1]) + 1, round(level, 4))
                    for part, level in zip(parts, levels, strict=True)
                ),
                shifts=_periods(at.tolist(), [(one.low, one.step, one.high) for one in found.shifts]),
            )
        )
    return tuple(made)


def _periods(at: Sequence[int], shifts: Sequence[tuple[int, int, int]]) -> tuple[tuple[int, int, int], ...]:
    return tuple((at[low], at[step], at[high]) for low, step, high in shifts)
