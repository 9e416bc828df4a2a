"""Recorded attacks by exposure to borders between parties: a contrast within zones and periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from ...errors import EstimateRefused, UsageError
from .._panel._stacked import check_level
from .._panel._weeks import whole
from .._result import CheckResult
from .._standard import Selector
from .._study import Study
from ._checks import all_checks
from ._estimate import FEWEST_EFFECTIVE, Estimate, count_panel, estimate, refuse_thin, spread_of
from ._exposure import SeamExposure
from ._fifths import rate_by_fifth
from ._fit import Model, NoFit, without_empty
from ._panel import By, SeamPanel, make_panel
from ._result import SeamResult, contrast_table
from ._series import ONE_ZONE_REASON, series_check, series_ratios, series_spread

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["seam_contrast"]

_ASSUMPTIONS = (
    "nothing that changes within a zone over time, other than what all zones share, moves both borders and attacks "
    "(an offensive does both); attacks do not move borders within the period; a border counts in the zone it runs "
    "through and not beyond; maps draw borders as well in all zones and periods; recording does not change with "
    "exposure; the log rate rises by the same step for each step of exposure."
)


def seam_contrast(
    events: Study | pd.DataFrame,
    exposure: SeamExposure,
    *,
    outcome: Selector | None = None,
    zones: str | None = None,
    by: By = "week",
    period: tuple[str, str] | None = None,
    model: Model = "poisson",
    level: float = 0.95,
    placebos: int = 199,
    columns: Mapping[str, str] | None = None,
    seed: int = 0,
) -> SeamResult:
    r"""Estimate how recorded attacks go with a zone's exposure to borders between parties.

    Estimand: the ratio of recorded attacks in a zone-period for one contrast of exposure more, from changes
    within zones that not all zones share: :math:`\log E[y_{zt}] = a_z + d_t + \beta\,\Omega_z(t)`.

    Assumes: nothing else that changes within a zone moves both borders and attacks; attacks do not move borders
    within the period; borders do not act beyond their zone; maps and recording do not change with exposure.
    Front lines move because of attacks and both because of offensives, so this is an association after adjustment.
    It is of the zones as a whole: no result by place is given, and none may be read off it.

    Parameters
    ----------
    events
        A `Study`, whose outcome rows are counted (strikes play no part here), or a table of events.
    exposure
        What `seam_exposure` or `share_exposure` gave.
    outcome
        Which rows of a table are counted, as in `Study.from_frame`; None: all.
    zones
        Column of the events that names the zone; None: events are placed by their coordinates.
    by
        Periods: `week` (from the first day with exposure, or of the period) or `month` of the calendar.
    period
        First and last day, both inclusive; None: the study's, else all days with exposure. Only whole weeks
        and months of a declared period count.
    model
        `poisson` (any variance, as errors come from leaving out zones) or `negative_binomial`.
    level
        Of the intervals, 0.5 to 0.999.
    placebos
        Times that paths of exposure are given to other zones, 0 to 9999.
    columns
        Where a table keeps `time`, `lat`, `lon` and `kind`.
    seed
        Of the placebos.

    Returns
    -------
    SeamResult
        One row a contrast: one standard deviation of exposure within zones, its interquartile range, one unit.
        Details: `fifths`, `panel` (by zone and month), `study`, and of one zone `series`. With one zone no contrast
        is estimated and `reason` says why.

    Raises
    ------
    UsageError
        An option or column is not allowed.
    EstimateRefused
        2 to 7 zones, an exposure that hardly varies within zones, no attack, or fewer than three periods.

    Notes
    -----
    The errors are a jackknife of zones with Student's t: attacks of one zone may go together in any way along
    time; zones are taken as independent beyond what all share in a period.

    References
    ----------
    MacKinnon, J. G., Nielsen, M. O., Webb, M. D. (2023). Fast and reliable jackknife and bootstrap methods for
    cluster-robust inference. Journal of Applied Econometrics 38, 671-694. doi:10.1002/jae.2969

    Examples
    --------
    >>> import numpy as np, pandas as pd, shapely
    >>> from afterstrike.effects import seam_exposure
    >>> rng, weeks = np.random.default_rng(1), pd.date_range("2018-01-01", periods=52, freq="7D")
    >>> zones = pd.DataFrame({"zone": list("abcdefghij"), "geometry": [
    ...     shapely.box(40 + k / 2, 34, 40.5 + k / 2, 35) for k in range(10)]})
    >>> front = 34 + rng.uniform(-1, 1, (10, 52)).cumsum(axis=1) / 4 % 1.5  # north of 35: no border in the zone
    >>> held = [(party, week, shapely.box(west, south, west + 0.5, north))
    ...         for k in range(10) for t, week in enumerate(weeks) for west in [40 + k / 2]
    ...         for party, south, north in [("A", 33, front[k, t]), ("B", front[k, t], 36)]]
    >>> control = pd.DataFrame(held, columns=["party", "date", "geometry"])
    >>> exposure = seam_exposure(control, zones=zones, dates=weeks)
    >>> k, t = rng.integers(0, 10, 2000), rng.integers(0, 364, 2000)
    >>> events = pd.DataFrame({"date": weeks[0] + pd.to_timedelta(t, unit="D"), "lat": 34.5, "lon": 40.25 + k / 2})
    >>> seam_contrast(events, exposure, placebos=0)
    SeamResult(3 of 3 contrasts estimated, 5 checks)
    """
    check_level(level)
    if model not in get_args(Model):
        raise UsageError(f"model={model!r}; allowed {', '.join(map(repr, get_args(Model)))}")
    whole("placebos", placebos, 0, 9999)
    if not isinstance(exposure, SeamExposure):
        raise UsageError(
            f"exposure of type {type(exposure).__name__}; allowed what seam_exposure or share_exposure gave"
        )
    panel = make_panel(events, exposure, outcome=outcome, zones=zones, by=by, period=period, columns=columns)
    spread = spread_of(count_panel(panel))
    parameters = {
        "convention": "afterstrike", "estimator": "seam_contrast", "by": by, "zones": zones, "model": model,
        "level": level, "placebos": placebos, "period": period, "exposure": dict(exposure.parameters),
    }  # fmt: skip
    panel = replace(panel, exclusions=dict(panel.exclusions) | _left_out(panel))
    if len(exposure.zones) == 1:
        return _one_zone(panel, exposure, by, level, _provenance(events, exposure, panel, parameters, seed))
    refuse_thin(spread, exposure.unit)
    try:
        found = estimate(count_panel(panel), model)
    except NoFit as problem:
        raise EstimateRefused(
            f"no estimate: {problem}; use another measure of exposure or more zones"
        ) from None
    reason = ""
    if found.effective_zones < FEWEST_EFFECTIVE:
        reason = (
            f"exposure moves mostly in few zones: information worth {found.effective_zones:.1f} equal ones, an "
            f"interval needs {FEWEST_EFFECTIVE:g}"
        )
    table = contrast_table(
        spread, None if reason else found, level=level, days=float(panel.lengths.mean()),
        unit=f"recorded attacks in a zone-{by}", reason=reason,
    )  # fmt: skip
    checks = tuple(
        all_checks(panel, found, by=by, deviation=spread.deviation, model=model, placebos=placebos, seed=seed)
    )
    return _result(panel, exposure, table, checks, found, by, model, level,
                   _provenance(events, exposure, panel, parameters, seed))  # fmt: skip


def _result(
    panel: SeamPanel, exposure: SeamExposure, table: pd.DataFrame, checks: tuple[CheckResult, ...],
    found: Estimate, by: By, model: Model, level: float, provenance: dict[str, Any],
) -> SeamResult:  # fmt: skip
    row = table.iloc[0]
    return SeamResult(
        table=table,
        estimand=(
            f"ratio of recorded attacks in a zone-{by} for one contrast more of {exposure.words}; from changes within "
            f"{row['n_zones']:g} zones over {row['n_periods']:g} {by}s that not all zones share"
        ),
        assumptions=_ASSUMPTIONS,
        checks=checks,
        provenance=provenance,
        details={
            "fifths": lambda: rate_by_fifth(panel, model, level),
            "panel": panel.monthly,
            "study": lambda: _study(panel, exposure, by),
        },
        unit=exposure.unit,
        period_word=by,
        notes=_notes(exposure, panel),
    )


def _one_zone(
    panel: SeamPanel, exposure: SeamExposure, by: By, level: float, provenance: dict[str, Any]
) -> SeamResult:
    """Give a series of one zone its words, and no contrast."""
    spread = series_spread(panel)
    ratios = series_ratios(panel, spread.deviation)
    return SeamResult(
        table=contrast_table(
            spread, None, level=level, days=float(panel.lengths.mean()), unit=f"recorded attacks in a {by}",
            reason=ONE_ZONE_REASON,
        ),
        estimand=(
            f"none: a series of one zone, {spread.n_periods} {by}s with {spread.recorded:,} recorded attacks and known "
            f"{exposure.words}"
        ),
        assumptions="that nothing else changed as exposure did. One zone has no comparison that could show it.",
        checks=(series_check(ratios),),
        provenance=provenance,
        details={
            "series": ratios.copy,
            "panel": panel.monthly,
            "fifths": lambda: _no_fifths(),
            "study": lambda: _study(panel, exposure, by),
        },
        unit=exposure.unit,
        period_word=by,
        notes=_notes(exposure, panel),
    )  # fmt: skip


def _no_fifths() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        [{"fifth": 1, "rate_ratio": np.nan, "low": np.nan, "high": np.nan, "n_zone_periods": 0,
          "reason": ONE_ZONE_REASON}]
    )  # fmt: skip


def _left_out(panel: SeamPanel) -> dict[str, int]:
    """Name zones and count periods that say nothing on a ratio."""
    known = np.isfinite(panel.exposure)
    used = without_empty(count_panel(panel)).known
    quiet = [z for z, k, u in zip(panel.zones, known, used, strict=True) if k.any() and not u.any()]
    unknown = [z for z, k in zip(panel.zones, known, strict=True) if not k.any()]
    gone = known.any(axis=0) & ~used.any(axis=0) & (len(panel.zones) > 1)
    found = {
        f"zones without a recorded attack ({_some(quiet)})": len(quiet),
        f"zones without a known exposure ({_some(unknown)})": len(unknown),
        "periods without a recorded attack anywhere": int(gone.sum()),
        "zone-periods without a known exposure": int((~known).sum()),
        "outcome: in a zone-period without a known exposure": int(panel.counts[~known].sum()),
    }
    return {why: n for why, n in found.items() if n}


def _some(names: list[str]) -> str:
    return ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")


def _notes(exposure: SeamExposure, panel: SeamPanel) -> tuple[str, ...]:
    told = []
    if exposure.counts:
        listed = "; ".join(f"{why}: {n:,}" for why, n in exposure.counts.items())
        told.append(f"How the exposure was made. {listed}.")
    if panel.exclusions:
        listed = "; ".join(f"{why} ({n:,})" for why, n in panel.exclusions.items())
        told.append(f"Rows left out: {listed}.")
    return tuple(told)


def _study(panel: SeamPanel, exposure: SeamExposure, by: By) -> pd.DataFrame:
    import pandas as pd

    last = panel.starts[-1] + np.timedelta64(int(panel.lengths[-1]) - 1, "D")
    listed: list[tuple[str, object]] = [
        ("outcome", int(panel.counts.sum())),
        ("exposure", exposure.words),
        ("zones", ", ".join(panel.zones)),
        ("period", f"{panel.starts[0]} to {last}, {len(panel.starts)} {by}s"),
        *((f"exposure: {name}", str(value)) for name, value in exposure.parameters.items()),
        *((f"left out: {why}", n) for why, n in panel.exclusions.items()),
    ]
    return pd.DataFrame(listed, columns=["part", "value"])


def _provenance(
    events: Study | pd.DataFrame,
    exposure: SeamExposure,
    panel: SeamPanel,
    parameters: dict[str, Any],
    seed: int,
) -> dict[str, Any]:
    import hashlib
    from datetime import UTC, datetime

    from ... import __version__

    digest = hashlib.sha256(exposure.fingerprint().encode())
    for part in (panel.counts, np.nan_to_num(panel.exposure, nan=-1.0), panel.starts.astype(np.int64)):
        digest.update(np.ascontiguousarray(part).tobytes())
    return {
        "input_sha256": events.fingerprint() if isinstance(events, Study) else digest.hexdigest(),
        "panel_sha256": digest.hexdigest(),
        "exposure_sha256": exposure.fingerprint(),
        "version": __version__,
        "parameters": parameters,
        "seed": seed,
        "exclusions": dict(panel.exclusions),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
