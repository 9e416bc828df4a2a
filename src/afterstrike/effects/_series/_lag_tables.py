"""Tables, words and figures of the distributed-lag series."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .._wakes._maxt import correlation, max_t
from ._lag_figure import series_figure
from ._model import SeriesFit
from ._policy import Leads, Policy, sensitivity

if TYPE_CHECKING:
    import pandas as pd

    from ...charts import Chart

__all__ = [
    "coefficient_table",
    "drawn_series",
    "estimand_of",
    "fitted_table",
    "lag_table",
    "left_out",
    "more_words",
    "policy_table",
    "power_of",
    "zone_words",
]


def lag_table(fit: SeriesFit, level: float, seed: int) -> pd.DataFrame:
    """Give the direct effect of one strike place-day by lag, with a band for all lags at once."""
    import pandas as pd
    from scipy.special import ndtri

    value, covariance = fit.lag_effects()
    error = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    z = float(ndtri((1 + level) / 2))
    joint = max(max_t(correlation(covariance), level=level, seed=seed), z)
    step = fit.counts.step
    # A lag that hardly any strike reaches is known to within nothing: its upper end may be beyond any number.
    with np.errstate(over="ignore"):
        ends = {name: np.exp(value + side * error) for name, side in (
            ("low", -z), ("high", z), ("low_joint", -joint), ("high_joint", joint))}  # fmt: skip
    return pd.DataFrame({
        "first_day": [(near - 1) * step + 1 for near, _ in fit.columns.blocks],
        "last_day": [far * step for _, far in fit.columns.blocks],
        "rate_ratio": np.exp(value), "std_error": error, **ends,
    })  # fmt: skip


def power_of(table: pd.DataFrame) -> str:
    """Say the smallest change each horizon could have shown."""
    known = table[table["rate_ratio"].notna()]
    if not len(known):
        return "Nothing can be shown: " + str(table["reason"].iloc[-1]) + "."
    told = "; ".join(
        f"{100 * row['smallest_fall']:.0f}% fewer or {100 * row['smallest_rise']:.0f}% more in {row['days']:g} days"
        for row in known.to_dict("records")
    )
    return f"Smallest change this record could show (80% power): {told}."


def zone_words(fit: SeriesFit) -> str:
    """Say where."""
    return "the whole region" if len(fit.counts.zones) == 1 else f"their zone ({fit.counts.words})"


def estimand_of(fit: SeriesFit) -> str:
    """Say what is estimated."""
    by = fit.counts.by
    return (
        f"recorded attacks of a zone ({fit.counts.words}) on days 1 to H after {'the end of ' * (by == 'week')}a "
        f"{by} in which it was struck, against those expected had its strikes of that {by} alone not been, other "
        f"strikes as they were; the {by} itself is apart; summed over struck zone-{by}s, then the ratio"
    )


def more_words(fit: SeriesFit, policy: Policy | None, leads: Leads | None, level: float) -> list[str]:
    """Say how many strikes carry it, how strikes answer to attacks, and what hidden cause would do."""
    from scipy.special import ndtri

    z, by = float(ndtri((1 + level) / 2)), fit.counts.by
    shared = (
        np.mean([_others(fit, k) for k in range(len(fit.wakes.zone))]) if len(fit.wakes.zone) else math.nan
    )
    lines = [
        f"{len(fit.wakes.zone)} struck zone-{by}s in {len(np.unique(fit.wakes.zone))} of {len(fit.counts.zones)} zones "
        f"({fit.wakes.left_out} left out: their days pass the record); {100 * shared:.0f}% of them have another of "
        f"the same zone within {fit.days[-1]} days. Numbers of different strikes do not add up."
    ]
    if policy is not None:
        value, error = policy.reaction
        low, mid, high = (math.exp(value + side * z * error) for side in (-1, 0, 1))
        lines.append(
            f"Strikes answer to attacks: {mid:.2f} times as many ({low:.2f} to {high:.2f}) where recorded attacks "
            "of the week before are twice as many."
        )
    row = sensitivity(fit, leads, level).iloc[-1]
    if math.isfinite(row["each_for_estimate"]):
        lines.append(
            f"A hidden cause could give the ratio over {row['days']:g} days by itself if one standard deviation of it "
            f"made both strikes and attacks {row['each_for_estimate']:.2f} times as likely "
            f"({row['each_for_interval']:.2f} for the end of the interval; 1: nothing hidden is needed)."
        )
    return lines


def _others(fit: SeriesFit, k: int) -> bool:
    same = fit.wakes.zone == fit.wakes.zone[k]
    apart = np.abs(fit.wakes.period - fit.wakes.period[k])
    return bool((same & (apart > 0) & (apart * fit.counts.step <= fit.days[-1])).any())


def left_out(fit: SeriesFit) -> dict[str, int]:
    """Count what was left out of the series."""
    found = dict(fit.counts.exclusions)
    dead = int((~fit.model.used.any(axis=1)).sum())
    if dead:
        found["zones without an attack in the fitted periods"] = dead
    return found


def policy_table(policy: Policy | None, leads: Leads | None, reason: str, level: float) -> pd.DataFrame:
    """Give the strike equation and the lead effects as ratios."""
    import pandas as pd
    from scipy.special import ndtri

    if policy is None:
        return pd.DataFrame({"reason": [reason]})
    z = float(ndtri((1 + level) / 2))
    rows = [("reaction to a doubling of attacks in the week before", *policy.reaction)]
    error = np.sqrt(np.maximum(np.diag(policy.covariance), 0.0))
    rows += list(zip(policy.names, policy.coefficients.tolist(), error.tolist(), strict=True))
    if leads is not None:
        spread = np.sqrt(np.maximum(np.diag(leads.covariance), 0.0))
        rows += [(f"attacks {week} weeks before a surprise", float(value), float(own))
                 for week, value, own in zip(leads.weeks, leads.effect, spread, strict=True)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["part", "log_ratio", "std_error"])
    return frame.assign(
        ratio=np.exp(frame["log_ratio"]), low=np.exp(frame["log_ratio"] - z * frame["std_error"]),
        high=np.exp(frame["log_ratio"] + z * frame["std_error"]), reason=reason,
    )  # fmt: skip


def coefficient_table(fit: SeriesFit) -> pd.DataFrame:
    """Give the shared coefficients."""
    import pandas as pd

    error = np.sqrt(np.maximum(np.diag(fit.covariance), 0.0))
    return pd.DataFrame({"column": fit.columns.names, "coefficient": fit.model.shared, "std_error": error})


def fitted_table(fit: SeriesFit) -> pd.DataFrame:
    """Give counts and fit by zone and period."""
    import pandas as pd

    zones, n = fit.counts.attacks.shape
    used = fit.model.used.ravel()
    return pd.DataFrame({
        "zone": np.repeat(np.array(fit.counts.zones), n), "start": np.tile(fit.counts.starts, zones),
        "attacks": np.where(fit.counts.missing, np.nan, fit.counts.attacks).ravel(),
        "strikes": fit.counts.strikes.ravel(), "fitted": np.where(used, fit.model.mean.ravel(), np.nan),
    })  # fmt: skip


def drawn_series(fit: SeriesFit) -> Chart:
    """Draw all zones together: recorded and fitted."""
    counts, used = fit.counts, fit.model.used
    any_used = used.any(axis=0)
    recorded = np.where(counts.missing.any(axis=0), np.nan, counts.attacks.sum(axis=0))
    fitted = np.where(any_used, (fit.model.mean * used).sum(axis=0), np.nan)
    title = f"Recorded attacks a {counts.by} in all zones, and the fitted rate."
    return series_figure(
        counts.starts, recorded, fitted, np.full(len(fitted), np.nan), by=counts.by, title=title,
        caption=f"Points: recorded, all {len(counts.zones)} zones together; line: fitted.",
    )  # fmt: skip
