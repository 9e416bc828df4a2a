"""Redraw events within what the record knows of their day and place, and estimate again."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from ...charts._map import RADIUS_KM
from .._parallel import in_parallel
from .._result import CheckResult
from .._study import OUTCOME, TREATMENT, Study
from ._place_days import DAY_MS, Events, Floats, Ints
from ._radius import Radius, estimate_radius, prepare
from ._rows import normal_quantile

__all__ = ["Slack", "redraw_check", "slack_of"]

# Radius in km of what a geo_precision allows: the discs that maps draw, an exact place being a point. 5 and
# coarser say too little to redraw within, and such rows stay where they are.
_KM = {**RADIUS_KM, 1: 0.0}
# Days a date_precision allows after the first, where the row has no last day.
_DAYS = {1: 0, 2: 5, 3: 6, 4: 30}


class Slack:
    """How far each row of a study may move: days after `time_ms`, km round its place, and what is unknown."""

    def __init__(self, days: Ints, km: Floats, stated: bool, unbounded: int) -> None:
        self.days, self.km, self.stated, self.unbounded = days, km, stated, unbounded

    @property
    def n_coarse(self) -> int:
        """Rows that may move."""
        return int(((self.days > 0) | (self.km > 0)).sum())


def slack_of(study: Study) -> Slack:
    """Read from `date_start`, `date_end`, `date_precision` and `geo_precision` how far each row may move."""
    import pandas as pd

    rows = study.rows
    frame, counted = rows.frame, np.isin(rows.role, (OUTCOME, TREATMENT))
    days, km = np.zeros(len(frame), np.int64), np.zeros(len(frame))
    stated = False
    if "date_end" in frame:
        stated = True
        last = pd.to_datetime(frame["date_end"], errors="coerce", utc=True).dt.tz_localize(None)
        known = last.notna().to_numpy()
        ms = last.to_numpy().astype("datetime64[ms]").astype(np.int64)
        days[known] = np.maximum(ms[known] // DAY_MS - rows.time_ms[known] // DAY_MS, 0)
    if "date_precision" in frame:
        stated = True
        code = pd.to_numeric(frame["date_precision"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
        for precision, length in _DAYS.items():
            days[(code == precision) & (days == 0)] = length
    unbounded = 0
    if "geo_precision" in frame:
        stated = True
        code = pd.to_numeric(frame["geo_precision"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
        for precision, reach in _KM.items():
            km[code == precision] = reach
        unbounded = int(((code > max(_KM)) & counted).sum())
    days[~counted], km[~counted] = 0, 0.0
    return Slack(days, km, stated, unbounded)


def redraw_check(
    study: Study, radius: Radius, *, repeats: int, seed: int, level: float, jobs: int = 1
) -> CheckResult:
    """Estimate again with each coarse row at a day and place drawn evenly from those its precision allows.

    Failed where the estimate's interval leaves out no change and the interval that holds the spread between
    redraws does not, or where more than a fifth of redraws have the other sign with an interval that leaves
    out no change; passed where neither; None where no row may move.
    """
    import pandas as pd

    slack = slack_of(study)
    if not slack.n_coarse:
        said = (
            "Every row that is counted is known to the day and to a point."
            if slack.stated
            else "The table does not say how precisely days and places are known; none was redrawn."
        )
        return CheckResult("redraws within precision", None, pd.DataFrame(), said)
    made = np.array(in_parallel(partial(_once, study, radius, slack, seed), range(repeats), jobs=jobs))
    known = made[np.isfinite(made).all(axis=1)]
    value, covariance = radius.part("log_ratio")
    estimate, own, z = float(value[-1]), float(covariance[-1, -1]), normal_quantile((1 + level) / 2)
    if len(known) < 3:
        return CheckResult("redraws within precision", None, pd.DataFrame(), "No redraw could be estimated.")
    middle = float(known[:, 0].mean())
    total = float((known[:, 1] ** 2).mean() + (1 + 1 / len(known)) * known[:, 0].var(ddof=1))
    low, high = (math.exp(middle + side * z * math.sqrt(total)) for side in (-1, 1))
    is_clear = abs(estimate) > z * math.sqrt(own)
    other = float(((known[:, 0] * estimate < 0) & (np.abs(known[:, 0]) > z * known[:, 1])).mean())
    lost = is_clear and low <= 1 <= high
    rows = len(study.rows.frame)
    line: dict[str, Any] = {
        "km": radius.plan.km, "days": radius.plan.days[-1], "redraws": len(known),
        "rows_that_move": slack.n_coarse, "rows_left_where_they_are": slack.unbounded,
        "rate_ratio": math.exp(middle), "low": low, "high": high, "share_other_sign": other,
    }  # fmt: skip
    text = (
        f"{slack.n_coarse} of {rows} rows are known less well than to the day and point. With each drawn "
        f"anew within its stated precision, {len(known)} times: ratio {math.exp(middle):.2f} ({low:.2f} to "
        f"{high:.2f}, the spread between redraws included)."
    )
    if slack.unbounded:
        text += f" {slack.unbounded} rows are coarser than a province and stayed where the record puts them."
    return CheckResult("redraws within precision", not (lost or other > 0.2), pd.DataFrame([line]), text)


def _once(study: Study, radius: Radius, slack: Slack, seed: int, repeat: int) -> tuple[float, float]:
    plan, rng = radius.plan, np.random.default_rng([seed, 17, repeat])
    rows = study.rows
    n = len(rows.lat)
    day = rows.time_ms // DAY_MS + rng.integers(0, slack.days + 1)
    away = slack.km * np.sqrt(rng.random(n))
    turn = rng.uniform(0, 2 * np.pi, n)
    lat = np.clip(rows.lat + away * np.cos(turn) / 111.195, -90, 90)
    lon = rows.lon + away * np.sin(turn) / (111.195 * np.maximum(np.cos(np.radians(rows.lat)), 0.01))
    events = Events.of(study, day=day, lat=lat, lon=lon)
    again = prepare(
        events, km=plan.km, days=plan.days, horizon=plan.horizon, rng=rng, ring_km=plan.ring_km,
        given=plan.given,
    )  # fmt: skip
    if len(again.risk.struck) < 2 or len(again.risk.pool) < 2:
        return math.nan, math.nan
    made = estimate_radius(again, draws=2, rng=rng)
    value, covariance = made.part("log_ratio")
    return float(value[-1]), math.sqrt(max(float(covariance[-1, -1]), 0.0))
