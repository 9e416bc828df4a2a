"""The naive before and after: the bad example."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._pairs import EARTH_KM_PER_DEGREE, Points, count_pairs
from .._result import COLUMNS, CheckResult
from .._study import OUTCOME, TREATMENT, Study
from ._result import EXTRA_COLUMNS, ComparatorResult, provenance, t_p, t_quantile
from ._stacked import check_level
from ._weeks import DAY_MS, whole

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["naive_before_after"]

Ints = npt.NDArray[np.int64]
LABEL = (
    "Bad example, kept for comparison: a naive before and after. It is shown to fail when strikes answer to "
    "attacks: they come when attacks run high, and attacks then fall by themselves."
)


def naive_before_after(
    study: Study, *, days: int | Sequence[int] = (7, 14), km: float | None = None, level: float = 0.95
) -> ComparatorResult:
    """Compare the days after strikes with as many days before: a bad example, kept to show how it fails.

    It has no comparison group. Its assumption is that nothing but the strike would have changed recorded
    attacks from the days before to the days after. Strikes that answer to a burst of attacks break it: with
    no effect at all it then finds a lull (regression to the mean). Its interval takes strikes as independent,
    which those near each other are not. Methods that answer to this: matched wakes (Schutte and Donnay 2014,
    https://doi.org/10.1016/j.polgeo.2014.03.001), matching in panels (Imai, Kim, Wang 2023,
    https://doi.org/10.1111/ajps.12685), stacked event studies (Cengiz et al. 2019,
    https://doi.org/10.1093/qje/qjz014).

    Parameters
    ----------
    study
        What is compared; its control rows play no part here.
    days
        Days before, and after, the strike's day, 1 to 365; day 0 is left out.
    km
        Radius around the strike, above 0 up to 2000; the study's radius where None, 25 without one. Strikes
        of one day within this distance are one.
    level
        Of the intervals, 0.5 to 0.999.

    Returns
    -------
    ComparatorResult
        One row a number of days, in recorded outcome rows per strike place-day. `checks` looks at whether
        attacks rose before the strikes.

    Raises
    ------
    UsageError
        An option that is not allowed.
    EstimateRefused
        Fewer than two strike place-days have all their days inside the period.

    Examples
    --------
    >>> from afterstrike.effects.theatres import Theatre, simulate_theatre
    >>> nothing = simulate_theatre(Theatre.preset("null", strikes="reactive"), seed=1).events
    >>> study = Study.from_frame(nothing, treatment="strike", outcome="attack")
    >>> bool(naive_before_after(study, days=7).to_frame()["high"].iloc[0] < 0)
    True
    """
    lengths = sorted({whole("days", value, 1, 365) for value in np.atleast_1d(np.asarray(days)).tolist()})
    radius = km if km is not None else (study.radius_km or 25.0)
    if isinstance(radius, bool) or not isinstance(radius, int | float) or not 0 < radius <= 2000:
        raise UsageError(f"km={radius!r}; allowed a number of km above 0 and up to 2000")
    check_level(level)
    rows = study.rows
    day = rows.time_ms // DAY_MS
    struck = _merged(day, rows.lat, rows.lon, np.flatnonzero(rows.role == TREATMENT), float(radius))
    table, check = _table(study, day, struck, lengths, float(radius), level)
    return ComparatorResult(
        table=table,
        estimand=(
            f"recorded outcome events within {radius:g} km of strike place-days, in the days after less "
            "those in as many days before; no comparison group"
        ),
        assumptions=(
            "nothing but the strike changes recorded attacks from before to after. That is not to be "
            "believed where strikes answer to attacks."
        ),
        checks=(check,),
        provenance=provenance(
            study, {"estimator": "naive_before_after", "days": lengths, "km": float(radius), "level": level}
        ),
        label=LABEL,
    )


def _merged(day: Ints, lat: Any, lon: Any, struck: Ints, km: float) -> Ints:
    """Keep one strike row of each day and place: the first in order of day and place within `km`."""
    order = struck[np.lexsort((lon[struck], lat[struck], day[struck]))]
    phi, lam = np.radians(lat), np.radians(lon)
    xyz = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    reach = 2 * math.sin(min(math.radians(km / EARTH_KM_PER_DEGREE), math.pi) / 2)
    kept: list[int] = []
    today: list[int] = []
    for row in order.tolist():
        if today and day[today[0]] != day[row]:
            today = []
        if not today or (np.linalg.norm(xyz[today] - xyz[row], axis=1) > reach).all():
            today.append(row)
            kept.append(row)
    return np.array(kept, np.int64)


def _table(
    study: Study, day: Ints, struck: Ints, lengths: list[int], km: float, level: float
) -> tuple[pd.DataFrame, CheckResult]:
    import pandas as pd

    first, last = int(day.min()), int(day.max())
    if study.period is not None:
        first, last = (int(np.datetime64(str(end), "D").astype(np.int64)) for end in study.period)
    rows, check = [], CheckResult("Before the strikes", None, pd.DataFrame(), "cannot be looked at here.")
    for length in lengths:
        inside = struck[(day[struck] - length >= first) & (day[struck] + length <= last)]
        row: dict[str, Any] = dict.fromkeys((*COLUMNS, *EXTRA_COLUMNS), math.nan)
        row |= {
            "days": length,
            "km": km,
            "level": level,
            "unit": "recorded outcome events per strike place-day",
        }
        row |= {"role": "before and after", "n_treated": len(struck), "n_treated_matched": len(inside)}
        row |= {"n_control": 0, "n_control_matched": 0, "reason": ""}
        if len(inside) < 2:
            row["reason"] = (
                f"{len(inside)} strike place-days have {length} days before and after inside the period"
            )
        else:
            earlier, before, after = _counts(study, day, inside, length, km)
            row |= _compared(before, after, level)
            check = _rise(earlier, before, inside, day, length, first)
        rows.append(row)
    if all(row["reason"] for row in rows):
        raise EstimateRefused(
            f"{rows[0]['reason']}; at least 2 are needed: use fewer days or a longer period"
        )
    return pd.DataFrame(rows)[[*COLUMNS[:-1], *EXTRA_COLUMNS, "reason"]], check


def _counts(study: Study, day: Ints, struck: Ints, length: int, km: float) -> npt.NDArray[np.float64]:
    """Count outcome rows in the days before the days before, in the days before, and in the days after."""
    rows = study.rows
    wakes = Points(
        day[struck] * DAY_MS, rows.lat[struck], rows.lon[struck], np.full(len(struck), -1, np.int64)
    )
    events = Points(day * DAY_MS, rows.lat, rows.lon, np.arange(len(day), dtype=np.int64))
    edges = [DAY_MS * lag for lag in (-2 * length, -length, 0, 1, length + 1)]
    category = np.where(rows.role == OUTCOME, 0, -1).astype(np.int8)
    counted = count_pairs(wakes, events, category, lag_edges_ms=edges, radii_km=[km], n_categories=1)
    return counted[:, [0, 1, 3], 0, 0].T.astype(np.float64)


def _compared(
    before: npt.NDArray[np.float64], after: npt.NDArray[np.float64], level: float
) -> dict[str, Any]:
    change, n = after - before, len(after)
    value, error = float(change.mean()), float(change.std(ddof=1)) / math.sqrt(n)
    z, x, y = t_quantile((1 + level) / 2, n - 1), float(after.mean()), float(before.mean())
    found = {"estimate": value, "std_error": error, "low": value - z * error, "high": value + z * error}
    found |= {"p_value": t_p(value / error, n - 1) if error > 0 else math.nan, "observed": x, "expected": y}
    if x > 0 and y > 0:
        spread = float(np.sqrt(((after / x - before / y) ** 2).sum()) / n)
        found |= {"rate_ratio": x / y}
        found |= {
            "rate_ratio_low": x / y * math.exp(-z * spread),
            "rate_ratio_high": x / y * math.exp(z * spread),
        }
    return found


def _rise(
    earlier: npt.NDArray[np.float64],
    before: npt.NDArray[np.float64],
    struck: Ints,
    day: Ints,
    length: int,
    first: int,
) -> CheckResult:
    """Test whether attacks had changed before the strikes, which no strike can have caused."""
    import pandas as pd

    name = "Before the strikes"
    on_record = day[struck] - 2 * length >= first
    change = (before - earlier)[on_record]
    n = len(change)
    if n < 2 or change.std() == 0:
        return CheckResult(
            name, None, pd.DataFrame(), "cannot be looked at: too few strikes, or no variation."
        )
    value, error = float(change.mean()), float(change.std(ddof=1)) / math.sqrt(n)
    p = t_p(value / error, n - 1)
    table = pd.DataFrame(
        {"days": [length], "estimate": [value], "std_error": [error], "p_value": [p], "n": [n]}
    )
    text = (
        f"{abs(value):.2f} {'more' if value > 0 else 'fewer'} events in the {length} days before strikes "
        f"than in the {length} days before those (p = {p:.2g}). "
    )
    text += (
        "Attacks had already changed before the strikes: the assumption fails."
        if p < 0.05
        else "No change shown; that does not make the comparison sound."
    )
    return CheckResult(name, p >= 0.05, table, text)
