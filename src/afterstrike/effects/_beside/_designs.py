"""The designs: how each is run on a study as declared, and which of its rows stand in the comparison."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...errors import EstimateRefused, UsageError
from .._result import EffectResult
from .._study import Study
from ._setting import FACTOR, GRID, POLICY_LAGS, Setting
from ._standing import Role, Standing, open_points_of, refused

__all__ = ["DESIGNS", "Design", "rows_of", "run_design"]

_NO_GAPS = "days in declared gaps count here as days without attacks"

Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Design:
    """One design of the comparison.

    Parameters
    ----------
    name, role
        What a reader sees.
    estimand
        Key of `ESTIMANDS`.
    run
        Gives the result for a study and setting.
    read
        Gives the rows of a result.
    choices
        The declared choices it depends on, by name: each combination of their alternatives is a run of the curve.
    takes_gaps
        Whether days without recording are missing to it; else they count as days without attacks, and it says so.
    windows
        Those of which one run serves all alternatives, since an estimate does not depend on which others are run.
    horizon
        Days of its declared row, from a setting.
    """

    name: str
    role: Role
    estimand: str
    run: Callable[[Study, Setting], EffectResult]
    read: Callable[[EffectResult, Setting, Design], list[Standing]]
    choices: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    takes_gaps: bool = False
    horizon: Callable[[Setting], int] = lambda setting: setting.days


def run_design(design: Design, study: Study, setting: Setting) -> tuple[EffectResult | None, list[Standing]]:
    """Run one design; what the record cannot carry is a row that says why.

    A choice that is not allowed is no fault of the record: it raises, and `check_setting` finds it before any run.
    """
    try:
        result = design.run(study, setting)
    except EstimateRefused as problem:
        row = refused(
            design.estimand,
            design.name,
            design.role,
            str(problem),
            days=design.horizon(setting),
            km=setting.km,
        )
        return None, [row]
    return result, rows_of(design, result, setting)


def rows_of(design: Design, result: EffectResult, setting: Setting) -> list[Standing]:
    """Read the rows of a result; a design that cannot leave declared gaps out gives no word on a sign."""
    rows = design.read(result, setting, design)
    if not setting.gaps or design.takes_gaps:
        return rows
    return [row if row.reason else replace(row, points=(*row.points, _NO_GAPS)) for row in rows]


def _standing(
    design: Design,
    row: Row,
    *,
    form: str = "",
    points: Iterable[str] = (),
    is_main: bool = True,
    **changed: Any,
) -> Standing:
    """Read a row of any table that gives a rate ratio."""
    told: dict[str, Any] = {
        "value": row.get("rate_ratio"),
        "low": row.get("rate_ratio_low"),
        "high": row.get("rate_ratio_high"),
        "low_joint": row.get("rate_ratio_low_joint"),
        "high_joint": row.get("rate_ratio_high_joint"),
        "quiet_days": row.get("quiet_days"),
        "quiet_days_low": row.get("quiet_days_low"),
        "quiet_days_high": row.get("quiet_days_high"),
        "smallest_fall": row.get("smallest_fall"),
        "n_treated": row.get("n_treated"),
        "level": row.get("level"),
        "days": row.get("days"),
        "km": row.get("km"),
    } | changed
    numbers = {name: math.nan if value is None else float(value) for name, value in told.items()}
    for end in ("", "_joint"):
        # Nothing recorded behind any strike gives a ratio of 0 and an error of 0: ends that meet are no interval.
        if numbers[f"low{end}"] == numbers[f"high{end}"]:
            numbers |= {f"low{end}": math.nan, f"high{end}": math.nan}
    reason = str(row["reason"] or "")
    if not reason and math.isnan(numbers["value"]):
        reason = "no ratio to what was expected could be estimated"
    return Standing(
        design.estimand, design.name, form, design.role, "rate ratio",
        points=() if reason else tuple(points), reason=reason, is_main=is_main, **numbers,
    )  # fmt: skip


def _rows(result: EffectResult) -> list[dict[Any, Any]]:
    return result.to_frame().to_dict("records")


# -- matched wakes --------------------------------------------------------------------------------------------
def _run_wakes(study: Study, setting: Setting) -> EffectResult:
    from .._matched_wakes import matched_wakes

    result: Any = matched_wakes(study, days=setting.lengths, km=setting.km, seed=setting.seed)
    repeats = setting.with_checks
    if repeats is None:
        # There must be something to take back.
        main = next(row for row in _rows(result) if _is_declared(row, setting))
        repeats = (
            not main["reason"] and not main["rate_ratio_low_joint"] <= 1 <= main["rate_ratio_high_joint"]
        )
    if repeats:
        result = result.with_checks(km=setting.km, placebos=60, bootstrap=40, redraws=8, jobs=2)
    return result  # type: ignore[no-any-return]


def _is_declared(row: Row, setting: Setting) -> bool:
    return bool(row["days"] == setting.days and row["km"] == setting.km)


def _read_wakes(result: EffectResult, setting: Setting, design: Design) -> list[Standing]:
    from .._wakes._open_points import open_points

    return [
        _standing(design, row, points=open_points(row, result.checks), is_main=_is_declared(row, setting))
        for row in _rows(result)
    ]


# -- excitation and series ------------------------------------------------------------------------------------
def _run_excitation(study: Study, setting: Setting) -> EffectResult:
    from .. import mutual_excitation

    return mutual_excitation(
        study, days=setting.lengths, zones=setting.zones, gaps=setting.gaps, kernel=setting.kernel,
        drift_days=setting.trend_days, seed=setting.seed,
    )  # fmt: skip


def _run_lags(by: Any) -> Callable[[Study, Setting], EffectResult]:
    def run(study: Study, setting: Setting) -> EffectResult:
        from .. import distributed_lag

        return distributed_lag(
            study, zones=setting.zones, by=by, days=setting.lengths if by == "day" else setting.whole_weeks(setting.lengths),
            trend_days=setting.trend_days, gaps=setting.gaps, seed=setting.seed,
        )  # fmt: skip

    return run


def _read_horizons(result: EffectResult, setting: Setting, design: Design) -> list[Standing]:
    """Read a result with one row a horizon."""
    return [
        _standing(
            design, row, points=(*open_points_of(_bounds(row), result.checks, 1.0), *_room(result)),
            is_main=row["days"] == design.horizon(setting), km=math.nan,
        )
        for row in _rows(result)
    ]  # fmt: skip


def _room(result: EffectResult) -> list[str]:
    """Say where a hidden cause of both strikes and attacks is neither seen nor ruled out."""
    open_checks = [c for c in result.checks if c.check_name == "room for a hidden cause" and c.passed is None]
    return ["attacks swing beside the model, and a hidden cause is not ruled out"] if open_checks else []


def _bounds(row: Row) -> dict[str, Any]:
    ends = [f"{end}{joint}" for end in ("low", "high") for joint in ("", "_joint")]
    return {end: row.get(f"rate_ratio_{end}", math.nan) for end in ends}


def _read_excitation(result: EffectResult, setting: Setting, design: Design) -> list[Standing]:
    """Read both baselines; the drifting one was declared main, and a sign needs both."""
    rows = _rows(result)
    found = []
    for row in rows:
        points = (
            *open_points_of(_bounds(row), result.checks, 1.0),
            *_other_form(row, [other for other in rows if other["days"] == row["days"]], "baseline"),
        )
        is_main = row["baseline"] == "drift" and row["days"] == setting.days
        found.append(
            _standing(
                design, row, form=f"{row['baseline']} baseline", points=points, is_main=is_main, km=math.nan
            )
        )
    return found


def _other_form(row: Row, rows: list[dict[Any, Any]], column: str) -> list[str]:
    """Say where the form that was fitted beside this one takes its sign back, or could not be estimated."""
    points = []
    for other in rows:
        if other[column] == row[column]:
            continue
        if other["reason"]:
            points.append(f"the form {other[column]} could not be estimated: {other['reason']}")
            continue
        low, high = other["rate_ratio_low_joint"], other["rate_ratio_high_joint"]
        if not (high < 1 and row["rate_ratio"] < 1) and not (low > 1 and row["rate_ratio"] > 1):
            points.append(f"the interval of the form {other[column]} holds no change or the other sign")
    return points


def _first_strike(study: Study) -> str:
    return str(np.datetime64(int(study.treatment["time_ms"].min()), "ms").astype("datetime64[D]"))


def _run_campaign(study: Study, setting: Setting) -> EffectResult:
    from .. import interrupted_series

    first, last = setting.campaign or (_first_strike(study), None)
    return interrupted_series(study, start=first, end=last, gaps=setting.gaps)


def _read_campaign(result: EffectResult, setting: Setting, design: Design) -> list[Standing]:
    row = _rows(result)[-1]
    points = open_points_of(_bounds(row), result.checks, 1.0)
    return [_standing(design, row, points=points, km=math.nan)]


# -- policies -------------------------------------------------------------------------------------------------
def _run_policy(study: Study, setting: Setting) -> EffectResult:
    from .._intervention._choices import InterventionDesign
    from .._intervention._entry import stochastic_intervention
    from .._intervention._prepare import space_of

    design = InterventionDesign(shape=GRID)
    try:
        space = space_of(study, design, window=_window(study))
    except UsageError as problem:
        # The window was made here, of the study's: that it cannot be drawn is no option that was given wrongly.
        raise EstimateRefused(f"no window can be made of the region of this study: {problem}") from None
    return stochastic_intervention(
        study, policies=(1.0, FACTOR), lags=POLICY_LAGS, space=space, design=design
    )


def _window(study: Study) -> tuple[float, float, float, float]:
    """Give the box of a study, east of its west end, or else the box of its rows."""
    if isinstance(study.region, tuple):
        west, south, east, north = study.region
        return west, south, east if east > west else east + 360, north
    lat, lon = study.rows.lat, study.rows.lon
    return (
        max(float(lon.min()) - 0.1, -180.0), max(float(lat.min()) - 0.1, -90.0),
        float(lon.max()) + 0.1, min(float(lat.max()) + 0.1, 90.0),
    )  # fmt: skip


def _read_policy(result: EffectResult, setting: Setting, design: Design) -> list[Standing]:
    """Give every lag; main is the longest with an interval, whatever it says."""
    rows = _rows(result)
    with_interval = [row["lag"] for row in rows if math.isfinite(row["low"])]
    main = max(with_interval) if with_interval else rows[-1]["lag"]
    found = []
    for row in rows:
        reason = str(row["reason"] or "")
        points = () if reason else open_points_of(row, result.checks, 0.0)
        value, low, high = (math.nan if reason else float(row[name]) for name in ("estimate", "low", "high"))
        found.append(
            Standing(
                design.estimand, design.name, "1 day before" if row["lag"] == 1 else f"{row['lag']} days before",
                design.role, "recorded attacks a day", float(row["lag"]), math.nan, value, low, high,
                level=float(row["level"]), points=points, reason=reason, is_main=row["lag"] == main,
            )
        )  # fmt: skip
    return found


# -- comparators ----------------------------------------------------------------------------------------------
def _run_stacked(study: Study, setting: Setting) -> EffectResult:
    from .._panel._stacked import stacked_event_study

    return stacked_event_study(study, cell_km=setting.cell_km)


def _run_matched_panel(study: Study, setting: Setting) -> EffectResult:
    from .._panel._match import panel_match

    return panel_match(study, cell_km=setting.cell_km)


def _run_naive(study: Study, setting: Setting) -> EffectResult:
    from .._panel._naive import naive_before_after

    return naive_before_after(study, days=setting.days, km=setting.km)


def _read_last(result: EffectResult, setting: Setting, design: Design) -> list[Standing]:
    row = _rows(result)[-1]
    points = open_points_of(_bounds(row), result.checks, 1.0)
    if design.role == "bad example":
        # Whatever its interval says, it can carry no word on a sign.
        points = ("there is no comparison group", *points)
    return [_standing(design, row, points=points)]


DESIGNS: tuple[Design, ...] = (
    Design("matched wakes", "design", "discs", _run_wakes, _read_wakes, ("days", "km", "seed")),
    Design("mutual excitation", "design", "zone-days", _run_excitation,
           _read_excitation, ("zones", "trend_days", "kernel"), ("days",), True),
    # The longest horizon decides how many lags are fitted, and which strikes can be followed: days are a choice here.
    Design("distributed lags by day", "design", "zone-days", _run_lags("day"),
           _read_horizons, ("days", "zones", "trend_days"), (), True),
    Design("distributed lags by week", "design", "zone-weeks", _run_lags("week"),
           _read_horizons, ("days", "zones", "trend_days"), (), True,
           lambda setting: max(setting.whole_weeks((setting.days,)))),
    Design("stochastic intervention", "design", "policy", _run_policy, _read_policy),
    Design("interrupted series", "design", "campaign", _run_campaign, _read_campaign, (), (), True),
    Design("stacked event study", "comparator", "stacked", _run_stacked, _read_last, ("km",)),
    Design("matched panel", "comparator", "matched panel", _run_matched_panel, _read_last, ("km",)),
    Design("naive before and after", "bad example", "before and after", _run_naive, _read_last, ("days", "km")),
)  # fmt: skip
