"""The section "What earlier strikes were followed by", as the templates take it."""

from __future__ import annotations

from typing import Any

from ._followed_model import CurveRow, Followed, FollowedStudy, WindowRow
from ._pictures import NARROW_PX, chart_view

__all__ = ["followed_view"]

_SIGNS = {"passed": "✓", "failed": "✕"}


def followed_view(followed: Followed) -> dict[str, Any]:
    """Give the section: words, tables, and one drawing a study for each width of page."""
    return {
        "said": followed.said,
        "missing": followed.missing,
        "studies": [_study(number, study) for number, study in enumerate(followed.studies, start=1)],
    }


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
        "checks": [
            {"name": check.name, "verdict": check.verdict, "sign": _SIGNS.get(check.verdict, "?"),
             "text": check.text}
            for check in study.checks
        ],
        "failed": sum(check.passed is False for check in study.checks),
        "trial": (*study.trial, *(("co-treatments known", said) for said in study.co_treatments)),
        "curve": [_curve(row) for row in study.curve],
    }  # fmt: skip


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
