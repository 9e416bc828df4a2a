"""All designs beside each other, as the templates take it: one table an estimand, a figure, words."""

from __future__ import annotations

import math
from typing import Any

from ._followed_model import BesidePart, BesideRow
from ._pictures import chart_view

__all__ = ["beside_view"]


def beside_view(part: BesidePart, checks: list[dict[str, str]]) -> dict[str, Any]:
    """Give words, figure and tables of the comparison."""
    tables: dict[str, list[tuple[str, ...]]] = {}
    for row in part.rows:
        tables.setdefault(row.estimand_words, []).append(_cells(row))
    return {
        "said": part.said,
        "chart": _chart(part),
        "tables": [{"title": title, "rows": rows} for title, rows in tables.items()],
        "checks": checks,
        "failed": sum(check["verdict"] == "failed" for check in checks),
    }


def _cells(row: BesideRow) -> tuple[str, ...]:
    form = f"{row.design}{f', {row.form}' if row.form else ''}"
    if row.value is None or row.reason:
        return form, str(row.days), "not estimated", "", row.reason
    ratio = row.measure == "rate ratio"
    width = ".2f" if ratio else "+.3g"
    ends = "no interval" if row.low is None else f"{row.low:{width}} to {row.high:{width}}"
    value = f"{row.value:{width}} ({ends})" + ("" if ratio else f" {row.measure}")
    quiet = ""
    if row.quiet_days is not None and row.quiet_days_low is not None:
        quiet = f"{row.quiet_days:.1f} ({row.quiet_days_low:.1f} to {row.quiet_days_high:.1f})"
    return form, str(row.days), value, quiet, "; ".join([row.answer.replace("_", " "), *row.points])


def _chart(part: BesidePart) -> dict[str, Any] | None:
    from ..effects._beside._figure import beside_figure
    from ..effects._beside._standing import Standing

    def number(value: float | None) -> float:
        return math.nan if value is None else value

    standings = tuple(
        Standing(
            row.estimand, row.design, row.form, row.role, row.measure, row.days, math.nan, number(row.value),
            number(row.low), number(row.high), points=row.points, reason=row.reason, is_main=row.is_main,
        )
        for row in part.rows
    )  # fmt: skip
    if all(row.answer == "not estimated" or row.measure != "rate ratio" for row in standings):
        return None
    return chart_view(beside_figure(standings), beside_figure(standings, narrow=True))
