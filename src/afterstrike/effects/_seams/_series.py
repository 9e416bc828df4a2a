"""One zone: a series along time. It shows how far the answer hangs on what else changed, and claims no contrast."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused
from .._result import CheckResult
from ._estimate import Spread, bounded_exp
from ._panel import SeamPanel

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ONE_ZONE_REASON", "series_check", "series_ratios", "series_spread"]

Floats = npt.NDArray[np.float64]
ONE_ZONE_REASON = "one zone: borders cannot be told from whatever else changed over time"
_TRENDS = (
    "no trend",
    "straight trend",
    "bent trend",
    "trend bent three times",
    "change from period to period",
)
_FEWEST = 20


def series_spread(panel: SeamPanel) -> Spread:
    """Measure how the exposure of one zone varies; here periods without an attack take part."""
    known = np.isfinite(panel.exposure[0])
    x, n = panel.exposure[0][known], int(known.sum())
    low, high = np.quantile(x, [0.25, 0.75]) if n else (0.0, 0.0)
    deviation = float(x.std()) if n else 0.0
    return Spread(deviation, float(high - low), 0.0, 1, n, n, int(panel.counts[0][known].sum()))


def series_ratios(panel: SeamPanel, deviation: float) -> pd.DataFrame:
    """Give the ratio for a contrast of exposure under trends that take more and more of what changes slowly.

    Poisson regression on exposure and powers of time; standard errors allow for residuals that go together over
    n^(1/3) periods (Newey and West 1987, doi:10.2307/1913610). The last row compares the change from each period
    to the next.

    Raises
    ------
    EstimateRefused
        Fewer than 20 periods with known exposure, or an exposure that does not vary.
    """
    import pandas as pd

    known = np.isfinite(panel.exposure[0])
    y, x = panel.counts[0][known], panel.exposure[0][known]
    if len(y) < _FEWEST or deviation <= 1e-9:
        raise EstimateRefused(
            f"one zone with {len(y)} periods of known exposure, standard deviation {deviation:.3g}; even a series "
            f"needs {_FEWEST} periods and an exposure that varies"
        )
    time = np.linspace(-1, 1, len(known))[known]
    rows: list[dict[str, Any]] = []
    for degree, name in zip((0, 1, 2, 4), _TRENDS[:-1], strict=True):
        design = np.column_stack([x / deviation, *(time**power for power in range(degree + 1))])
        rows.append({"trend": name, **_poisson(design, y)})
    steps = np.flatnonzero(np.diff(np.flatnonzero(known)) == 1)
    design = np.column_stack([(x[steps + 1] - x[steps]) / deviation, np.ones(len(steps))])
    rows.append(
        {"trend": _TRENDS[-1], **_changes(design, np.log(y[steps + 1] + 0.5) - np.log(y[steps] + 0.5))}
    )
    return pd.DataFrame(rows)


def series_check(ratios: pd.DataFrame) -> CheckResult:
    """Say whether the sign hangs on the trend; it fails where intervals of two trends lie on both sides of 1."""
    fewer, more = (ratios["high"] < 1).any(), (ratios["low"] > 1).any()
    told = ", ".join(
        f"{row.trend}: {row.ratio:.2f} ({row.low:.2f} to {row.high:.2f})" for row in ratios.itertuples()
    )
    text = f"Ratio by how time is taken out. {told}. "
    text += (
        "The sign hangs on the trend."
        if fewer and more
        else "Agreement would not make it a contrast: there is no other zone to compare with."
    )
    return CheckResult("trend", False if fewer and more else None, ratios, text)


def _poisson(design: Floats, y: Floats) -> dict[str, float]:
    """Fit a Poisson mean; ratio of the first column with a 95% interval."""
    mean = np.maximum(y, 0.5)
    beta = np.full(design.shape[1], np.inf)
    for _ in range(100):
        working = np.log(mean) + (y - mean) / mean
        root = np.sqrt(mean)
        new = np.linalg.lstsq(design * root[:, None], working * root, rcond=None)[0]
        mean = np.exp(np.clip(design @ new, -30, 30))
        if np.abs(new - beta).max() < 1e-10 * max(1.0, float(np.abs(new).max())):
            break
        beta = new
    bread = np.linalg.pinv((design * mean[:, None]).T @ design)
    return _interval(float(new[0]), _newey_west(design * (y - mean)[:, None], bread))


def _changes(design: Floats, y: Floats) -> dict[str, float]:
    beta = np.linalg.lstsq(design, y, rcond=None)[0]
    bread = np.linalg.pinv(design.T @ design)
    return _interval(float(beta[0]), _newey_west(design * (y - design @ beta)[:, None], bread))


def _newey_west(score: Floats, bread: npt.NDArray[Any]) -> float:
    """Give the standard error of the first coefficient."""
    n, reach = len(score), math.ceil(len(score) ** (1 / 3))
    meat = score.T @ score
    for lag in range(1, reach + 1):
        part = score[lag:].T @ score[:-lag]
        meat += (1 - lag / (reach + 1)) * (part + part.T)
    return math.sqrt(max(float((bread @ meat @ bread)[0, 0]) * n / max(n - len(bread), 1), 0.0))


def _interval(value: float, error: float) -> dict[str, float]:
    half = 1.959964 * error
    return {"ratio": bounded_exp(value), "low": bounded_exp(value - half), "high": bounded_exp(value + half)}
