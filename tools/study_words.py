"""Words and tables of the page of real studies: the same for either sign."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def first_paragraph(lull: Any, row: Any, points: Sequence[str]) -> str:
    days = f"{lull.days} days within {lull.km:g} km"
    parts = []
    if not row["reason"]:
        parts.append(
            f"With 80% power this record could show {lull.smallest_fall:.0%} fewer or "
            f"{lull.smallest_rise:.0%} more recorded attacks in {days}."
        )
    parts.append(lull.sentence())
    if not row["reason"]:
        whose = "per struck place-day" if lull.is_per_strike else "behind these strikes together"
        parts.append(
            f"In quiet days, second: {lull.quiet_days:.1f} of {lull.days} ({lull.quiet_days_low:.1f} to "
            f"{lull.quiet_days_high:.1f}), {whose}; below zero means extra days' worth of attacks."
        )
    parts.append(
        f"{lull.n_place_days} struck place-days were compared; "
        f"{lull.isolated_share:.0%} of wakes meet no other."
    )
    if not lull.is_per_strike:
        parts.append("So nothing is said about a single strike.")
    if points:
        parts.append(f"**This record cannot answer** whether attacks changed: {'; '.join(points)}.")
    else:
        parts.append("No point stated here stands against the sign; what must be believed stays below.")
    return " ".join(parts)


def sign_words(ratio: float, low: float, high: float, points: Sequence[str]) -> str:
    if not math.isfinite(ratio):
        return "There is no ratio here, so no sign to compare."
    if low <= 1 <= high:
        return "The interval holds both signs, so this neither repeats nor contradicts a published sign."
    side = "above" if ratio > 1 else "below"
    open_still = (
        ", but with the points above open that is no finding to set beside a published sign" if points else ""
    )
    return f"The ratio and its own interval lie {side} one{open_still}."


def windows_table(table: pd.DataFrame) -> list[str]:
    head = ("days", "km", "detectable (80% power): fewer, more", "rate ratio (95%)", "all windows at once",
            "quiet days", "lagged, attacks", "difference, attacks", "struck", "no record",
            "isolated")  # fmt: skip
    rows = ["", f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for row in table.to_dict("records"):
        start = f"| {row['days']:g} | {row['km']:g} "
        tail = f"| {row['n_treated']:g} | {row['n_left_out']:g} | {row['isolated_share']:.0%} |"
        if row["reason"]:
            rows.append(f"{start}| | {row['reason']} | | | | {tail}")
            continue
        rows.append(
            f"{start}| {row['smallest_fall']:.0%}, {row['smallest_rise']:.0%} | {span(row, 'rate_ratio')} "
            f"| {row['rate_ratio_low_joint']:.2f} to {row['rate_ratio_high_joint']:.2f} "
            f"| {span(row, 'quiet_days', '.1f')} | {span(row, 'lagged')} "
            f"| {span(row, 'difference')} {tail}"
        )
    return [
        *rows,
        "",
        "No record: strike place-days left out, as the 56 days before or the days after pass the period.",
        "",
    ]


def span(row: Mapping[Any, Any], name: str, form: str = ".2f") -> str:
    return f"{row[name]:{form}} ({row[f'{name}_low']:{form}} to {row[f'{name}_high']:{form}})"


def told(passed: bool | None) -> str:
    return {True: "passed", False: "failed", None: "cannot tell or no test"}[passed]


def fold(text: str) -> str:
    return " ".join(text.split())
