"""Leave one region out: does one part of the region carry the estimate?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .._result import CheckResult
from ._hac import hac, overlap_kernel
from ._leads import SIZE
from ._maxt import correlation, max_t
from ._place_days import Floats, Ints
from ._radius import Radius
from ._rows import normal_p, normal_quantile

__all__ = ["parts_of_region", "regions_check"]

_MOST_PARTS, _FEWEST_IN_PART = 6, 10


def parts_of_region(struck_at: Floats, at: Floats) -> Ints:
    """Cut a region into up to six parts round clusters of struck place-days; give the part of each place.

    Parts of fewer than ten struck place-days are joined to the part whose middle is nearest.
    """
    from scipy.cluster.vq import kmeans2

    def unit(places: Floats) -> Floats:
        phi, lam = np.radians(places[:, 0]), np.radians(places[:, 1])
        return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])

    points = unit(struck_at)
    different = len(np.unique(np.round(struck_at, 3), axis=0))
    many = min(_MOST_PARTS, different, len(points) // _FEWEST_IN_PART)
    if many < 2:
        return np.zeros(len(at), np.int64)
    middle, label = kmeans2(points, many, minit="++", rng=np.random.default_rng(0), missing="warn")
    kept = np.flatnonzero(np.bincount(label, minlength=many) >= _FEWEST_IN_PART)
    if len(kept) < 2:
        return np.zeros(len(at), np.int64)
    far = ((unit(at)[:, None] - middle[kept][None]) ** 2).sum(axis=2)
    return np.asarray(far.argmin(axis=1), np.int64)


def regions_check(radii: Mapping[float, Radius], *, level: float) -> CheckResult:
    """Test that no part of the region has a ratio of its own that moves the estimate.

    Each part is taken out in turn, to first order: by the influences of its struck and comparison place-days
    on the log ratio. Failed where the largest shift passes the joint 5% critical value of shifts under one
    common ratio (max-t over parts, Bonferroni over radii); passed where it does not and no shift exceeds one
    standard error of the estimate; else None.
    """
    import pandas as pd

    lines: list[dict[str, Any]] = []
    is_apart, is_steady = False, True
    z = normal_quantile((1 + level) / 2)
    for km, radius in radii.items():
        found = _shifts(radius)
        if found is None:
            continue
        shift, error, critical, counts = found
        value, covariance = radius.part("log_ratio")
        base, spread = float(value[-1]), math.sqrt(float(covariance[-1, -1]))
        is_apart = is_apart or bool((np.abs(shift) > max_score(critical, len(radii)) * error).any())
        is_steady = is_steady and bool((np.abs(shift) <= spread).all())
        for number, count in enumerate(counts):
            middle = base + float(shift[number])
            lines.append(
                {"km": km, "days": radius.plan.days[-1], "part": number + 1, "struck_left_out": int(count),
                 "rate_ratio": math.exp(middle), "low": math.exp(middle - z * spread),
                 "high": math.exp(middle + z * spread),
                 "p_shift": normal_p(float(shift[number] / error[number])) if error[number] > 0 else math.nan}
            )  # fmt: skip
    passed: bool | None = None
    if lines:
        passed = False if is_apart else True if is_steady else None
    if lines:
        ratios = [line["rate_ratio"] for line in lines]
        said = (
            f"Without one part of the region at a time ({len(lines)} parts, clusters of struck place-days), "
            f"the ratio of the longest window is {min(ratios):.2f} to {max(ratios):.2f}."
        )
    else:
        said = "Too few struck place-days, or too close together, to leave a part of the region out."
    return CheckResult("leave one region out", passed, pd.DataFrame(lines), said)


def max_score(correlations: Floats, n_radii: int) -> float:
    """Give the joint critical value of the shifts."""
    return max_t(correlations, level=1 - SIZE / n_radii, seed=0)


def _shifts(radius: Radius) -> tuple[Floats, Floats, Floats, Ints] | None:
    """Give the shift of the log ratio without each part, its error under one ratio, correlations, counts;
    None where the ratio is not known or no part can be left out.
    """
    draw = radius.draws[0]
    n = len(draw.matched.struck)
    influence = draw.parts[:, radius.where["log_ratio"]][:, -1]
    value, covariance = radius.part("log_ratio")
    known = np.isfinite(influence).all() and math.isfinite(value[-1]) and covariance[-1, -1] > 0
    if n < 2 * _FEWEST_IN_PART or not known:
        return None
    label = parts_of_region(draw.at[:n], draw.at)
    counts = np.bincount(label[:n], minlength=int(label.max()) + 1)
    if len(counts) < 2:
        return None
    # Without a part, each place-day that stays counts n / (n - n_part) times as much.
    scale = n / np.maximum(n - counts, 1)
    inside = (label[:, None] == np.arange(len(counts))) * influence[:, None]
    shift = -scale * inside.sum(axis=0)
    kernel = overlap_kernel(draw.day, draw.at, km=radius.plan.km, days=float(radius.plan.horizon))
    joint = hac(inside, kernel, n_struck=n) * np.outer(scale, scale)
    error = np.sqrt(np.maximum(np.diag(joint), 0.0))
    return shift, error, correlation(joint), np.asarray(counts, np.int64)
