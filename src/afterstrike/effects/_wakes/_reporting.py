"""Did sources change how much they report: shares of sources among attacks, behind strikes and elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .._pairs import Points, count_pairs
from .._result import CheckResult
from ._hac import hac, overlap_kernel
from ._leads import SIZE
from ._place_days import DAY_MS, Floats, Ints
from ._radius import Radius
from ._rows import normal_p, normal_quantile

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SHARE_MARGIN", "commonest_source", "reporting_check"]

_NAME = "reporting by source"
# Columns that may say who reported a row, the first with more than one source is taken.
_COLUMNS = ("source", "source_name", "source_office", "dataset")
# The commonest source, and all others together, must each have this share of attacks of a known source.
_LEAST_SHARE = 0.1
# Shares that change by no more than this are alike.
SHARE_MARGIN = 0.1


def reporting_check(outcome: pd.DataFrame, radii: Mapping[float, Radius]) -> CheckResult:
    """Test whether the share of the commonest source changes behind strikes as it does elsewhere.

    The share among attacks within R on days 1 to H less that on days -H to -1, behind strikes minus in the
    comparison, at the largest radius. A fall in what one source reports moves it; a fall in what all report
    alike does not, and nothing in one record could show that.

    Parameters
    ----------
    outcome
        The study's outcome rows, with the columns of the table they came from.
    radii
        As estimated.

    Returns
    -------
    CheckResult
        Failed where the interval of the change leaves out zero (two-sided, 5%); passed where it lies within
        10 percentage points of zero (two one-sided tests, 5% each); None where there is one source only.
    """
    import pandas as pd

    source = commonest_source(outcome)
    if source is None or not radii:
        said = (
            "No column says who reported a row, or no source has between a tenth and nine tenths of them: "
            "reporting cannot be compared."
        )
        return CheckResult(_NAME, None, pd.DataFrame(), said)
    column, name, group = source
    radius = radii[max(radii)]
    change, error, shares = _change(outcome, group, radius)
    if not (math.isfinite(change) and error > 0):
        return CheckResult(_NAME, None, pd.DataFrame(), "Too few attacks with a source near strikes.")
    z, z_one = normal_quantile(1 - SIZE / 2), normal_quantile(1 - SIZE)
    passed = None
    if abs(change) > z * error:
        passed = False
    elif abs(change) + z_one * error < SHARE_MARGIN:
        passed = True
    table = pd.DataFrame(
        [{"column": column, "source": name, **shares, "change": change, "std_error": error,
          "p_value": normal_p(change / error)}]
    )  # fmt: skip
    text = (
        f"Share of {name} ({column}) among attacks within {radius.plan.km:g} km, {radius.plan.horizon} days "
        f"after against before: {shares['struck_after']:.0%} against {shares['struck_before']:.0%} behind "
        f"strikes, {shares['compared_after']:.0%} against {shares['compared_before']:.0%} in the comparison; "
        f"change {change:+.3f} (standard error {error:.3f}), alike means within {SHARE_MARGIN:g}. A fall that all "
        "sources share is not seen."
    )
    return CheckResult(_NAME, passed, table, text)


def commonest_source(outcome: pd.DataFrame) -> tuple[str, str, npt.NDArray[np.int8]] | None:
    """Give the column, its commonest source, and for each row 0 where it is of it, 1 where of another, -1
    where its source is not known; None where no column has two sources to compare.
    """
    for column in _COLUMNS:
        if column not in outcome.columns:
            continue
        share = outcome[column].value_counts(normalize=True)
        if len(share) > 1 and _LEAST_SHARE <= share.iloc[0] <= 1 - _LEAST_SHARE:
            first = share.index[0]
            known = outcome[column].notna().to_numpy(bool)
            other = (outcome[column] != first).fillna(True).to_numpy(bool)
            return column, str(first), np.where(known, other, -1).astype(np.int8)
    return None


def _change(
    outcome: pd.DataFrame, group: npt.NDArray[np.int8], radius: Radius
) -> tuple[float, float, dict[str, float]]:
    """Give the change, its standard error, and the four shares, with the comparison of the first draw."""
    draw, plan = radius.draws[0], radius.plan
    n = len(draw.matched.struck)
    before, after = _counts(outcome, group, draw.day, draw.at, plan.km, plan.horizon)
    weight = np.concatenate([np.ones(n), draw.matched.weight[draw.matched.weight > 0]])
    struck = np.arange(len(weight)) < n
    shares, part = {}, np.zeros(len(weight))
    change = 0.0
    for name, mask, sign in (("struck", struck, 1.0), ("compared", ~struck, -1.0)):
        for when, counts, way in (("after", after, 1.0), ("before", before, -1.0)):
            own = np.where(mask, weight, 0.0)
            total = float(own @ counts.sum(axis=1))
            share = float(own @ counts[:, 0]) / total if total > 0 else math.nan
            shares[f"{name}_{when}"] = share
            change += sign * way * share
            # Of a ratio of sums.
            part += sign * way * own * (counts[:, 0] - share * counts.sum(axis=1)) / max(total, 1e-12)
    kernel = overlap_kernel(draw.day, draw.at, km=plan.km, days=2.0 * plan.horizon)
    error = math.sqrt(max(float(hac(part[:, None], kernel, n_struck=n)[0, 0]), 0.0))
    return change, error, shares


def _counts(
    outcome: pd.DataFrame, group: npt.NDArray[np.int8], day: Ints, at: Floats, km: float, horizon: int
) -> tuple[Floats, Floats]:
    """Count attacks of the first source and of others before and after each place-day, shape (n, 2)."""
    when = outcome["time_ms"].to_numpy(np.int64) // DAY_MS * DAY_MS
    lat, lon = outcome["lat"].to_numpy(np.float64), outcome["lon"].to_numpy(np.float64)
    order = np.argsort(when, kind="stable")
    counts = count_pairs(
        Points(day * DAY_MS, at[:, 0].copy(), at[:, 1].copy(), np.full(len(day), -1, np.int64)),
        Points(when[order], lat[order], np.mod(lon[order] + 180, 360) - 180, np.arange(len(order))),
        group[order],
        lag_edges_ms=[-horizon * DAY_MS, 0, DAY_MS, (horizon + 1) * DAY_MS],
        radii_km=(km,),
        n_categories=2,
    )
    return counts[:, 0, 0].astype(np.float64), counts[:, 2, 0].astype(np.float64)
