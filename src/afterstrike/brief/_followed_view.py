"""The section "What earlier strikes were followed by", as the templates take it."""

from __future__ import annotations

from typing import Any

from ._followed_beside_view import beside_view
from ._followed_model import (
    CheckRow,
    CurveRow,
    Followed,
    FollowedStudy,
    PolicyPart,
    PolicyRow,
    ShiftPart,
    WindowRow,
)
from ._pictures import NARROW_PX, chart_view

__all__ = ["followed_view"]

SHIFTS_PX = 600
_SIGNS = {"passed": "✓", "failed": "✕"}


def followed_view(followed: Followed) -> dict[str, Any]:
    """Give the section: words, tables, and one drawing a study for each width of page."""
    return {
        "said": followed.said,
        "missing": followed.missing,
        "studies": [
            {**_study(number, study), "shifts": _shifts_once(followed.studies, number)}
            for number, study in enumerate(followed.studies, start=1)
        ],
    }


def _shifts_once(studies: tuple[FollowedStudy, ...], number: int) -> dict[str, Any] | None:
    """Give the shifts of a study's attacks; studies of the same attacks have the same, told with the first."""
    part = studies[number - 1].shifts
    if part is None:
        return None
    first = next(place for place, study in enumerate(studies, start=1) if study.shifts == part)
    return _shifts(part) if first == number else {"same_as": first}


def _study(number: int, study: FollowedStudy) -> dict[str, Any]:
    return {
        "id": f"study-{number}",
        "title": study.title,
        "why": study.why,
        "harm": study.civilian_harm,
        "power": study.power,
        "finding": study.finding,
        "quiet": study.quiet,
        "open_points": study.open_points if study.answer == "cannot_tell" else (),
        "believe": study.believe,
        "transport": study.transport,
        "chart": _chart(study),
        "windows": [_window(row) for row in study.windows if not row.reason],
        "left_out": [f"{row.days} days, {row.km:g} km: {row.reason}" for row in study.windows if row.reason],
        "checks": _checks(study.checks),
        "failed": sum(check.passed is False for check in study.checks),
        "trial": (*study.trial, *(("co-treatments known", said) for said in study.co_treatments)),
        "curve": [_curve(row) for row in study.curve],
        "policy": None if study.policy is None else _policy(study.policy),
        "beside": None if study.beside is None else beside_view(study.beside, _checks(study.beside.checks)),
    }


def _checks(checks: tuple[CheckRow, ...]) -> list[dict[str, str]]:
    return [
        {"name": check.name, "verdict": check.verdict, "sign": _SIGNS.get(check.verdict, "?"),
         "text": check.text}
        for check in checks
    ]  # fmt: skip


def _shifts(part: ShiftPart) -> dict[str, Any]:
    """Give the sentences, the chart, and the numbers behind them."""
    from ..effects._shifts._figure import shifts_figure

    words = " ".join(row.sentence for row in part.rows)
    wide, narrow = (
        (shifts_figure(part.panels, words, width=width) for width in (SHIFTS_PX, NARROW_PX - 60))
        if part.panels
        else (None, None)
    )
    return {
        "same_as": None,
        "finding": part.finding,
        "sentences": [row.sentence for row in part.rows],
        "chart": None if wide is None else chart_view(wide, narrow),
        "title": f"Recorded attacks by {part.actor or 'a party the record does not name'}, {part.country}",
        "estimand": part.estimand,
        "believe": part.believe,
        "size": f"{part.size:.0%}",
        "coverage": f"{1 - part.size:.0%}",
        "rows": [
            (row.series, row.date, f"{row.low} to {row.high}", _ends(row.before, row.after),
             f"{row.change:.3g} {row.change_unit}", f"{row.p_adjusted:.2g}")
            for row in part.rows
            if row.date is not None and row.change is not None and row.p_adjusted is not None
        ],
        "checks": _checks(part.checks),
    }  # fmt: skip


def _ends(before: float | None, after: float | None) -> str:
    return "" if before is None or after is None else f"{before:.3g} to {after:.3g}"


def _policy(part: PolicyPart) -> dict[str, Any]:
    """Give the paragraph, the curve by days, the map, and the numbers behind them."""
    import pandas as pd

    from ..effects._intervention._policy_figure import policies_figure
    from ..effects._intervention._policy_map import cells_figure

    curve = cells = None
    if part.rows:
        one, two = part.policies
        area = "Whole country"
        table = pd.DataFrame(
            [
                {"lag": row.lag, "area": area, "policy_1": one, "policy_2": two, "estimate": row.estimate,
                 "low": row.low, "high": row.high}
                for row in part.rows
            ]
        ).astype({"low": float, "high": float})  # fmt: skip
        wide, narrow = (policies_figure(table, "day", part.finding, width=width) for width in (440, 210))
        curve = chart_view(wide, narrow)
    if part.cells:
        table = pd.DataFrame(
            [
                {"lat": cell.lat, "lon": cell.lon, "estimate": cell.estimate, "low": cell.low,
                 "is_shown": cell.is_shown, "level": part.cells_level, "outline": _outline(cell.rings)}
                for cell in part.cells
            ]
        ).astype({"estimate": float, "low": float})  # fmt: skip
        title = f"{part.factor:g} times the strikes on each of {part.cells_lag} days"
        wide, narrow = (
            cells_figure(table, title=title, unit="day", width=width) for width in (440, NARROW_PX)
        )
        cells = chart_view(wide, narrow)
    return {
        "finding": part.finding,
        "estimand": part.estimand,
        "believe": part.believe,
        "curve": curve,
        "cells": cells,
        "cells_lag": part.cells_lag,
        "rows": [
            (str(row.lag), f"{row.daily:.2f}", _difference(row),
             "unknown" if row.effective_sample is None else f"{row.effective_sample:.0f}")
            for row in part.rows
        ],
        "places": [
            (cell.cell, f"{cell.n_outcomes:,}", "too few" if cell.estimate is None else
             _span(cell.estimate, cell.low, cell.high, "+.2f"))
            for cell in part.cells
        ],
        "checks": _checks(part.checks),
        "failed": sum(check.passed is False for check in part.checks),
    }  # fmt: skip


def _difference(row: PolicyRow) -> str:
    if row.low is None:
        return f"{row.estimate:+.2f}, no interval: {row.reason}"
    return _span(row.estimate, row.low, row.high, "+.2f")


def _outline(rings: tuple[tuple[tuple[float, float], ...], ...]) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": [[list(map(list, ring))] for ring in rings]}


def _chart(study: FollowedStudy) -> dict[str, Any] | None:
    if not study.curve:
        return None
    from ..effects._wakes._figure import curve_figure

    main = study.windows[-1]
    rows = [
        {
            "days_since": float(row.day),
            "rate_ratio": row.rate_ratio,
            "low": row.low,
            "high": row.high,
            **(
                {"placebo_low": row.placebo_low, "placebo_high": row.placebo_high}
                if row.placebo_low is not None and row.placebo_high is not None
                else {}
            ),
        }
        for row in study.curve
    ]
    wide, narrow = (
        curve_figure(
            rows,
            km=main.km,
            finding=study.finding,
            level=study.level,
            n_place_days=main.n_struck,
            width=width,
        )
        for width in (520, NARROW_PX - 70)
    )
    return chart_view(wide, narrow)


def _window(row: WindowRow) -> tuple[str, ...]:
    return (
        f"{row.days}", f"{row.km:g}", f"{row.n_struck:,}", _span(row.rate_ratio, row.low, row.high, ".2f"),
        _span(None, row.low_joint, row.high_joint, ".2f"),
        _span(row.quiet_days, row.quiet_days_low, row.quiet_days_high, ".1f"),
        _span(row.attacks_difference, row.attacks_low, row.attacks_high, ".2f"),
    )  # fmt: skip


def _span(value: float | None, low: float | None, high: float | None, form: str) -> str:
    if low is None or high is None:
        return "not estimable"
    ends = f"{low:{form}} to {high:{form}}"
    return ends if value is None else f"{value:{form}} ({ends})"


def _curve(row: CurveRow) -> tuple[str, str, str]:
    return str(row.day), f"{row.rate_ratio:.2f}", f"{row.low:.2f} to {row.high:.2f}"
