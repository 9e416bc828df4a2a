"""Threats to a distributed-lag estimate, looked at one by one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused
from .._result import CheckResult
from ._errors import by_zone
from ._negbin import inverse

if TYPE_CHECKING:
    from ._model import SeriesFit
    from ._policy import Leads, Policy

__all__ = [
    "autocorrelation_check",
    "dispersion_check",
    "few_zones_check",
    "lead_check",
    "leave_one_out_check",
    "WITHIN",
    "silence_check",
    "trend_check",
    "within",
]

Floats = npt.NDArray[np.float64]
SIZE = 0.05
_NO_EFFECT = "if it moves strikes too, the ratio is not an effect"
# Residuals alike: correlations within this of zero.
_MARGIN = 0.1
FEWEST_ZONES = 10
# A silence this unlikely at the usual rate is taken for a hole in the record, not for peace.
_UNLIKELY = 1e-6


def autocorrelation_check(
    residual: Floats, by: str, lags: tuple[int, ...], consequence: str = _NO_EFFECT
) -> CheckResult:
    """Test whether residuals of one zone hang together in time; `residual` has shape (zones, periods).

    Zones may move together within a period in any way.
    """
    import pandas as pd

    known = np.isfinite(residual)
    centred = np.where(known, residual - np.nanmean(residual), 0.0)
    rows: list[dict[str, Any]] = []
    for lag in lags:
        pair = known[:, lag:] & known[:, :-lag]
        product = np.where(pair, centred[:, lag:] * centred[:, :-lag], 0.0)
        n, periods = int(pair.sum()), int(pair.any(axis=0).sum())
        if n < 20 or periods < 2 or not product.any():
            continue
        size = float((centred[known] ** 2).mean())
        mean = float(product.sum()) / n
        # What moves all zones at once moves their products at once: one part a period, not one a zone and period.
        away = (product - mean * pair).sum(axis=0)
        rows.append({
            "lag": lag, "correlation": mean / size,
            "std_error": math.sqrt(periods / (periods - 1) * float(away @ away)) / n / size,
        })  # fmt: skip
    name = "residuals in time"
    table = pd.DataFrame(rows)
    if not len(table):
        return CheckResult(name, None, table, "Too few residuals.")
    worst = max(rows, key=lambda row: abs(row["correlation"]))
    passed = _alike(table["correlation"].to_numpy(), table["std_error"].to_numpy())
    told = ", ".join(f"{row['correlation']:+.2f} ({row['lag']} {by}{'s' * (row['lag'] > 1)})" for row in rows)
    text = (
        f"Correlation of residuals with those earlier in the same series: {told}; alike means within {_MARGIN:g} "
        f"of zero at every lag, tested at 5%."
    )
    if passed is False:
        text += (
            f" Something that lasts {worst['lag']} {by}{'s' * (worst['lag'] > 1)} or more and is not in the model "
            f"moves these counts; {consequence}."
        )
    return CheckResult(name, passed, table, text)


def _alike(value: Floats, error: Floats) -> bool | None:
    """Failed where one leaves out zero for all together and the margin; passed where all lie inside."""
    from scipy.special import ndtri

    z_all, z_one = float(ndtri(1 - SIZE / 2 / len(value))), float(ndtri(1 - SIZE))
    if bool((np.abs(value) + z_one * error < _MARGIN).all()):
        return True
    if bool((np.abs(value) > z_all * error).any()):
        return False
    return None


def dispersion_check(fit: SeriesFit) -> CheckResult:
    """Say how far counts spread beyond Poisson, and how many zones spread otherwise than the model."""
    import pandas as pd

    residual = fit.model.residual(fit.counts.attacks)
    n = np.isfinite(residual).sum(axis=1)
    seen = n > 20
    ratio = np.nansum(residual[seen] ** 2, axis=1) / n[seen]
    # The spread of a mean of squares, from the squares themselves.
    error = np.nanstd(residual[seen] ** 2, axis=1) / np.sqrt(n[seen])
    table = pd.DataFrame({
        "zone": np.array(fit.counts.zones)[seen], "pearson_ratio": ratio, "std_error": error,
    })  # fmt: skip
    z = 3.5
    off = int((np.abs(ratio - 1) > z * np.maximum(error, 1e-9)).sum())
    text = (
        f"Variance is the mean plus {fit.model.dispersion:.3g} times its square. The Pearson ratio is "
        f"{np.nansum(residual**2) / n.sum():.2f} over all; {off} of {int(seen.sum())} zones spread otherwise "
        f"than one dispersion for all says (beyond {z} standard errors)."
    )
    return CheckResult("dispersion", None, table, text)


def few_zones_check(fit: SeriesFit) -> CheckResult:
    """Say how many zones carry the estimate, and what errors clustered by zone would be."""
    import pandas as pd

    struck = len(np.unique(fit.wakes.zone))
    clustered = fit.slope @ by_zone(fit.model.bread, fit.model.score) @ fit.slope.T
    error = np.sqrt(np.maximum(np.diag(clustered), 0.0))
    table = pd.DataFrame({"days": fit.days, "std_error": fit.std_error, "clustered_by_zone": error})
    zones = len(fit.counts.zones)
    text = (
        f"{zones} zones, {struck} of them struck. Errors allow zones to move together and over "
        f"{fit.together} {fit.counts.by}s"
    )
    if struck < FEWEST_ZONES:
        text += (
            f"; with fewer than {FEWEST_ZONES} struck zones errors clustered by zone cannot be trusted and "
            "are not used. The estimate leans on time alone: what else changed in these zones then is in it."
        )
        return CheckResult("few zones", None, table, text)
    ratio = error[-1] / fit.std_error[-1]
    text += f"; clustered by zone they would be {ratio:.2f} times as large at the longest horizon."
    return CheckResult("few zones", None, table, text)


def leave_one_out_check(fit: SeriesFit, level: float) -> CheckResult:
    """Leave out one zone at a time, by one Newton step from the fit of all."""
    import pandas as pd
    from scipy.special import ndtri

    name = "leave one zone out"
    hessian = fit.model.by_zone.sum(axis=0)
    struck = np.unique(fit.wakes.zone)
    if len(struck) < 3:
        return CheckResult(name, None, pd.DataFrame(), f"{len(struck)} struck zones: none can be left out.")
    wakes = fit.wakes
    rows, alone = [], []
    for zone in struck:
        try:
            others = inverse(hessian - fit.model.by_zone[zone], fit.columns.names)
        except EstimateRefused:
            # Without this zone a column says nothing: the estimate of all stands, and hangs on it.
            alone.append(fit.counts.zones[zone])
            continue
        shared = fit.model.shared - others @ fit.model.score[zone].sum(axis=0)
        kept = wakes.only(wakes.zone != zone)
        ratio = fit.ratios_at(shared, kept)[-1]
        rows.append({"zone": fit.counts.zones[zone], "rate_ratio": math.exp(ratio)})
    table = pd.DataFrame(rows, columns=["zone", "rate_ratio"])
    if not len(rows) or not np.isfinite([fit.log_ratio[-1], *np.log(table["rate_ratio"])]).all():
        return CheckResult(
            name, None, table, "Cannot be looked at: no ratio is left where a zone is left out."
        )
    half = float(ndtri((1 + level) / 2)) * float(fit.std_error[-1])
    away = float(np.abs(np.log(table["rate_ratio"]) - fit.log_ratio[-1]).max())
    low, high = table["rate_ratio"].min(), table["rate_ratio"].max()
    text = (
        f"Without one struck zone at a time ({len(table)}), the ratio over {fit.days[-1]} days is {low:.2f} to "
        f"{high:.2f}; passed where none moves it by more than half the width of the interval ({half:.2f} in "
        "logs). One Newton step each, not a full fit."
    )
    if alone:
        text += f" Without {', '.join(alone)} the lags cannot be told apart: the estimate hangs on that."
    passed = False if away > half else None if alone else True
    return CheckResult(name, passed, table, text)


WITHIN = (
    "Passed where others lie inside the interval of the declared one, failed where one does not and its own leaves out the "
    "declared one"
)


def within(apart: float, half: float, other_half: float) -> bool | None:
    """Say whether another estimate of the same lies in the interval of the declared one.

    None where it does not, but is known so badly that its own interval holds the declared one.
    """
    return True if apart <= half else False if apart > other_half else None


def trend_check(fits: Mapping[Any, SeriesFit], main: str, level: float) -> CheckResult:
    """Set the estimate with other slow trends beside it."""
    import pandas as pd
    from scipy.special import ndtri

    z = float(ndtri((1 + level) / 2))
    rows = [
        {"trend": name, "days": days, "rate_ratio": math.exp(value), "rate_ratio_low": math.exp(value - z * error),
         "rate_ratio_high": math.exp(value + z * error)}
        for name, fit in fits.items()
        for days, value, error in zip(fit.days, fit.log_ratio, fit.std_error, strict=True)
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    own = fits[main]
    found = [
        within(abs(fit.log_ratio[-1] - own.log_ratio[-1]), z * own.std_error[-1], z * fit.std_error[-1])
        for name, fit in fits.items()
        if name != main
    ]
    last = table[table["days"] == own.days[-1]]
    told = "; ".join(
        f"{row.trend}: {row.rate_ratio:.2f} ({row.rate_ratio_low:.2f} to {row.rate_ratio_high:.2f})"
        for row in last.itertuples()
    )
    text = (
        f"Ratio over {own.days[-1]} days by slow trend: {told}. {WITHIN}: the answer then hangs on what is taken for "
        "drift."
    )
    if "zone" in fits and math.isfinite(fits["zone"].trend_spread):
        text += f" Zones' own trends spread by {fits['zone'].trend_spread:.2f} in log rates."
    name = "slow trend, with and without"
    if not found:
        return CheckResult(name, None, table, "Cannot be looked at: no other slow trend can be fitted.")
    if not all(math.isfinite(fit.log_ratio[-1]) for fit in fits.values()):
        return CheckResult(
            name, None, table, "Cannot be looked at: nothing recorded or expected behind strikes."
        )
    passed = False if False in found else None if None in found else True
    return CheckResult(name, passed, table, text)


def lead_check(leads: Leads | None, policy: Policy | None, reason: str) -> CheckResult:
    """Test that strikes to come, beyond what recorded attacks explain, move no attack before them."""
    import pandas as pd

    name = "strikes to come"
    if leads is None or policy is None:
        return CheckResult(name, None, pd.DataFrame(), f"Cannot be looked at: {reason}.")
    error = np.sqrt(np.maximum(np.diag(leads.covariance), 0.0))
    table = pd.DataFrame({
        "weeks_ahead": leads.weeks, "rate_ratio": np.exp(leads.effect), "std_error": error,
        "is_tested": [week in leads.tested for week in leads.weeks], "p_value": leads.p_value,
    })  # fmt: skip
    shift, shift_error = leads.hidden
    missed = math.exp(2.8 * shift_error)
    passed = leads.p_value >= SIZE
    text = (
        f"Attacks two to four weeks before strikes that recorded attacks do not explain: {math.exp(shift):.2f} "
        f"times the model's rate, tested at 5% (p = {leads.p_value:.2g})."
    )
    if passed:
        text += f" One of {missed:.2f} would be seen with 80% power. A cause that strikes run ahead of is not seen."
    else:
        text += " Something outside the record moved both: read no effect into the ratio."
    return CheckResult(name, passed, table, text)


def silence_check(fit: SeriesFit) -> CheckResult:
    """Look for stretches without any recorded attack that the fitted rates make next to impossible."""
    import pandas as pd

    used, counts = fit.model.used, fit.counts
    mean, dispersion = fit.model.mean, fit.model.dispersion
    log_none = -mean if dispersion == 0 else -np.log1p(dispersion * mean) / dispersion
    silent = ((counts.attacks == 0) | ~used).all(axis=0) & used.any(axis=0)
    chance = np.where(used, log_none, 0.0).sum(axis=0)
    edges = np.flatnonzero(np.diff(np.r_[0, silent.astype(int), 0]))
    rows = [
        {
            "first_day": str(counts.starts[one]),
            "periods": int(two - one),
            "log_chance": float(chance[one:two].sum()),
        }
        for one, two in edges.reshape(-1, 2)
    ]
    table = pd.DataFrame(rows)
    found = table[table["log_chance"] < math.log(_UNLIKELY)] if len(table) else table
    if not len(found):
        said = (
            f"No stretch without a recorded attack anywhere is less likely than {_UNLIKELY:g} under the fit."
        )
        return CheckResult("silence in the record", True, table, said)
    told = ", ".join(f"from {row.first_day}, {row.periods} {counts.by}s" for row in found.itertuples())
    said = (
        f"Silence that the fitted rates make less likely than {_UNLIKELY:g}: {told}. It counts as no attacks; "
        "if nothing was recorded then, give it as gaps."
    )
    return CheckResult("silence in the record", False, table, said)
