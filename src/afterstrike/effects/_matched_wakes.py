"""Matched wakes: what followed treatment.

Against matched comparison rows, over all windows of days and km at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ..errors import EstimateRefused, UsageError
from ._design import WakeDesign
from ._result import EffectResult
from ._study import CONTROL, TREATMENT, Study

if TYPE_CHECKING:
    import pandas as pd

    from ._mwa._run import PeerRun

__all__ = [
    "TimeUnit",
    "check_groups",
    "check_windows",
    "count_wakes",
    "matched_wakes",
    "provenance",
    "refuse_if_too_short",
]

TimeUnit = Literal["day", "hour", "minute", "second"]
WakeConvention = Literal["mwa-0.5", "afterstrike"]

_PLAIN = WakeDesign()


def matched_wakes(
    study: Study,
    *,
    days: int | Sequence[int],
    km: float | Sequence[float],
    time_unit: TimeUnit = "day",
    design: WakeDesign = _PLAIN,
    convention: WakeConvention = "afterstrike",
    seed: int = 0,
) -> EffectResult:
    """Estimate what followed treatment rather than control, in every window of time and distance.

    The estimand of `afterstrike` is `RR_H = (attacks on days 1..H within R of struck place-days) / (attacks
    expected there without the strike)`, sums first, over the strike place-days there were; `estimate` is the
    difference of the two a strike place-day. Later strikes are part of what follows.

    The estimand of `mwa-0.5` is, among matched wakes of one window, the mean difference in recorded outcome
    events after treatment rather than control, given the number before:
    `post = a + b pre + (controls) + effect * treatment`.

    Parameters
    ----------
    study
        Treatment, control and outcome rows.
    days
        Window lengths, whole numbers of `time_unit`; `mwa-0.5` takes them from 2.
    km
        Radii in km, positive.
    time_unit
        `day`, `hour`, `minute` or `second`.
    design
        What to match on and how to compare.
    convention
        `afterstrike`: comparison place-days drawn where and when strikes were likely, given the past (control
        rows of the study, where there are any, take their place); intervals that allow for wakes that
        intersect; whole days only. The result has `.lull()`. `mwa-0.5`: the numbers of the R package mwa
        0.5.0, its quirks included.
    seed
        For what is drawn at random; `mwa-0.5` draws nothing.

    Returns
    -------
    EffectResult
        One row a window, `days` outermost. `.detail("wakes")`, `"cutpoints"`, `"coefficients"` and
        `"overlap"` hold what is behind it.

    Raises
    ------
    UsageError
        An option is not one of these, or a named column cannot be used.
    EstimateRefused
        No control rows, fewer than two treatment rows, or windows longer than the data.

    Assumes
    -------
    Within bins of the matched variables, chance decides which wakes are treatment; wakes do not touch one
    another.

    References
    ----------
    Schutte and Donnay (2014), Matched wake analysis, Political Geography 41,
    doi:10.1016/j.polgeo.2014.03.001.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> n = 600
    >>> events = pd.DataFrame({
    ...     "kind": rng.choice(["strike", "show_of_force", "attack"], n, p=[0.1, 0.2, 0.7]),
    ...     "date_start": pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
    ...     "lat": rng.normal(35, 0.1, n), "lon": rng.normal(40, 0.1, n)})
    >>> study = Study.from_frame(events, treatment="strike", control="show_of_force", outcome="attack")
    >>> matched_wakes(study, days=(7, 14), km=(10, 25), convention="mwa-0.5")
    EffectResult(4 of 4 windows estimated, 3 checks)
    """
    if convention not in get_args(WakeConvention):
        raise UsageError(
            f"convention={convention!r}; allowed {', '.join(map(repr, get_args(WakeConvention)))}"
        )
    lengths, radii = check_windows(study, days, km, time_unit)
    if convention == "afterstrike":
        from ._wakes._as_result import wake_result

        return wake_result(study, days=lengths, km=radii, time_unit=time_unit, design=design, seed=seed)
    check_groups(study, design)
    from ._mwa._frames import ASSUMPTIONS, checks, detail_tables, estimates_frame

    run = _run(study, lengths, radii, time_unit, design)
    table = estimates_frame(run)
    return EffectResult(
        table=table,
        estimand=(
            "mean difference in recorded outcome events after a treatment rather than a control row, among "
            "matched "
            f"wakes, by window of {time_unit}s and km; convention mwa-0.5"
        ),
        assumptions=ASSUMPTIONS,
        checks=checks(run, table),
        provenance=provenance(study, lengths, radii, time_unit, design, convention, seed),
        details=detail_tables(run),
        time_unit=time_unit,
    )


def count_wakes(
    study: Study,
    *,
    days: int | Sequence[int],
    km: float | Sequence[float],
    time_unit: TimeUnit = "day",
    design: WakeDesign = _PLAIN,
    convention: Literal["mwa-0.5"],
) -> pd.DataFrame:
    """Count what happened around each treatment and control row, without estimating anything.

    Parameters
    ----------
    study, days, km, time_unit, design, convention
        As in `matched_wakes`. One treatment, or no control, is enough.

    Returns
    -------
    pandas.DataFrame
        One row for each wake and window: `position` (order by time, from 1), `days`, `km`, `treated`, counts
        of outcome rows before and after, their trend before, and rows of the same and the other role (`so_`,
        `mo_`).

    Raises
    ------
    UsageError, EstimateRefused
        As in `matched_wakes`.
    """
    if convention != "mwa-0.5":
        raise UsageError(f"convention={convention!r}; allowed 'mwa-0.5': the other draws its own wakes")
    lengths, radii = check_windows(study, days, km, time_unit)
    from ._mwa._frames import wakes_frame

    return wakes_frame(_run(study, lengths, radii, time_unit, design))


def _run(study: Study, lengths: list[int], radii: list[float], time_unit: str, design: WakeDesign) -> PeerRun:
    from ._mwa._run import run_mwa

    run = run_mwa(study, lengths=lengths, radii_km=radii, time_unit=time_unit, design=design)
    refuse_if_too_short(study, run.counts.complete, lengths, time_unit)
    return run


def refuse_if_too_short(
    study: Study, complete: npt.NDArray[np.bool_], lengths: list[int], time_unit: str
) -> None:
    """Refuse where no wake has enough of the table around it for any window."""
    if not complete.any():
        span = _span(study)
        raise EstimateRefused(
            f"windows of {', '.join(map(str, lengths))} {time_unit}s are longer than the data: rows span "
            f"{span}, and "
            "no treatment or control row has the first and the last row of the table further away than a "
            "window; "
            "use shorter windows or a longer period"
        )


def check_windows(study: Study, days: Any, km: Any, time_unit: str) -> tuple[list[int], list[float]]:
    """Read the windows asked for."""
    if not isinstance(study, Study):
        raise UsageError(f"got {type(study).__name__}; allowed a Study: make one with Study.from_frame(...)")
    if time_unit not in get_args(TimeUnit):
        raise UsageError(f"time_unit={time_unit!r}; allowed {', '.join(get_args(TimeUnit))}")
    lengths, radii = _numbers(days, "days"), _numbers(km, "km")
    if any(length != int(length) or length < 1 for length in lengths):
        raise UsageError(f"days={days!r}; allowed whole numbers of {time_unit}s from 1 (mwa-0.5: from 2)")
    if any(radius <= 0 for radius in radii):
        raise UsageError(f"km={km!r}; allowed positive numbers of km")
    return [int(length) for length in lengths], radii


def _numbers(given: Any, name: str) -> list[float]:
    values: list[Any] = [given] if np.isscalar(given) else list(given)
    if any(isinstance(v, bool | str) or not math.isfinite(v) for v in values) or not values:
        raise UsageError(f"{name}={given!r}; allowed one or more finite numbers")
    return list(dict.fromkeys(float(value) for value in values))


def check_groups(study: Study, design: WakeDesign) -> None:
    """Refuse a study with which the convention mwa-0.5 has nothing to compare, and a choice it has not."""
    if design.ring_km is not None:
        raise UsageError("ring_km: the convention mwa-0.5 has no ring; leave it out, or use 'afterstrike'")
    role = study.rows.role
    treated, control = int((role == TREATMENT).sum()), int((role == CONTROL).sum())
    if not control:
        raise EstimateRefused(
            "the study has no control rows, and the convention mwa-0.5 draws none: "
            "name them, for example control='show_of_force'"
        )
    if treated < 2:
        raise EstimateRefused(
            f"{treated} treatment row: nothing about its spread can be known from one; use count_wakes() to "
            "see what "
            "happened around it"
        )


def _span(study: Study) -> str:
    times = study.rows.time_ms
    return " to ".join(
        str(np.datetime64(int(ms), "ms").astype("datetime64[m]")).replace("T", " ")
        for ms in (times.min(), times.max())
    )


def provenance(
    study: Study,
    lengths: list[int],
    radii: list[float],
    time_unit: str,
    design: WakeDesign,
    convention: str,
    seed: int,
    **further: Any,
) -> dict[str, Any]:
    """Give the input's hash, the version, the time and every choice."""
    from datetime import UTC, datetime

    from .. import __version__

    return {
        "input_sha256": study.fingerprint(),
        "study_sha256": study.declaration_sha256(),
        "specifications_run": len(lengths) * len(radii),
        "version": __version__,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": seed,
        "parameters": {
            "days": lengths,
            "km": radii,
            "time_unit": time_unit,
            "convention": convention,
            **design.parameters(),
            **further,
        },
        "exclusions": dict(study.exclusions),
        "duplicates": dict(study.duplicates),
    }
