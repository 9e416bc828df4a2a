"""Threats to a seam contrast: what comes later, what went before, other zones' borders, reporting, coarse rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .._result import CheckResult
from .._wakes._reporting import commonest_source
from ._estimate import Estimate, bounded_exp, count_panel, estimate, t_quantile, worth_of
from ._fit import CountPanel, Fit, Model, NoFit, fit_counts, residualise, without_empty
from ._panel import SeamPanel

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["all_checks"]

Floats = npt.NDArray[np.float64]
# Periods ahead and back that leads and the check for reverse cause look at: about four weeks, two months.
_SPAN = {"week": 4, "month": 2}
# Ratios for one standard deviation of exposure within this are called alike; so is a change of exposure of less
# than this many standard deviations for one standard deviation of earlier attacks.
_ALIKE, _ALIKE_MOVE = math.log(1.15), 0.1
_SIZE = 0.05
# Share of placebos that leave out no change at 5%. Draws share one record, so the share varies more than that of
# independent tests: in simulated panels with nothing wrong one in twenty passed 16% with 8 zones, 12% with 14, 10%
# with 30 (`tools/measure_seams.py` counts the false alarms).
_FEW, _TOO_MANY = 0.10, 0.15


def all_checks(
    panel: SeamPanel, found: Estimate, *, by: str, deviation: float, model: Model, placebos: int, seed: int
) -> Iterator[CheckResult]:
    """Give every check of a contrast; `deviation` is the size of contrast they speak of."""
    span = _SPAN[by]
    yield _leads(panel, model, span, by, deviation)
    yield _reverse(panel, found.fit, span, by)
    if placebos:
        yield _placebo(panel, found, model, placebos, seed)
    yield _reporting(panel, found, model, deviation)
    yield _coarse(panel, model, deviation)
    yield _other_model(panel, found, model, deviation)


def _verdict(value: float, error: float, freedom: float, margin: float) -> bool | None:
    """Judge a value that should be zero: failed where shown not to be (5%), passed where shown within the margin
    (two one-sided tests, 5% each), else neither.
    """
    if not (math.isfinite(value) and error > 0):
        return None
    if abs(value) > t_quantile(1 - _SIZE / 2, freedom) * error:
        return False
    return True if abs(value) + t_quantile(1 - _SIZE, freedom) * error < margin else None


def ahead_of(exposure: Floats, span: int) -> Floats:
    """Give the mean exposure of the next `span` periods less that of the present; NaN where one is not known."""
    n = exposure.shape[1]
    ahead = np.full(exposure.shape, np.nan)
    if n > span:
        later = np.stack([exposure[:, k : n - span + k] for k in range(1, span + 1)])
        ahead[:, : n - span] = later.mean(axis=0) - exposure[:, : n - span]
    return ahead


def _leads(panel: SeamPanel, model: Model, span: int, by: str, deviation: float) -> CheckResult:
    import pandas as pd

    name = "leads"
    ahead = ahead_of(panel.exposure, span)
    try:
        found = estimate(count_panel(panel, np.stack([ahead, panel.exposure])), model)
    except NoFit as problem:
        return CheckResult(name, None, pd.DataFrame(), f"Cannot be tested: {problem}.")
    value, error = deviation * float(found.beta[0]), deviation * found.error()
    passed = _verdict(value, error, found.effective_zones, _ALIKE)
    low, high = (deviation * end for end in found.interval(1 - _SIZE))
    table = pd.DataFrame([{"periods_ahead": span, "log_ratio": value, "std_error": error,
                           "p_value": found.p_value()}])  # fmt: skip
    text = (
        f"Exposure of the next {span} {by}s, at the same exposure now: ratio {bounded_exp(value):.2f} "
        f"({bounded_exp(low):.2f} to {bounded_exp(high):.2f}). What is yet to come should not go with present attacks"
        + ("; it does: attacks and borders move together for another reason." if passed is False else ".")
    )
    return CheckResult(name, passed, table, text)


def _reverse(panel: SeamPanel, fit: Fit, span: int, by: str) -> CheckResult:
    """Ask whether attacks beyond expectation in the periods before go with a change of exposure after."""
    import pandas as pd

    name = "reverse cause"
    used = without_empty(count_panel(panel))
    excess = np.where(used.known, panel.counts - fit.mean, np.nan)
    n = excess.shape[1]
    past, expected = np.full(excess.shape, np.nan), np.where(used.known, fit.mean, np.nan)
    for at in range(span - 1, n):
        window = slice(at - span + 1, at + 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            past[:, at] = excess[:, window].sum(axis=1) / np.sqrt(expected[:, window].sum(axis=1))
    after = ahead_of(panel.exposure, span)
    known = np.isfinite(past) & np.isfinite(after) & np.isfinite(panel.exposure)
    if known.any(axis=1).sum() < 3:
        return CheckResult(
            name, None, pd.DataFrame(), f"Cannot be tested: fewer than {2 * span} {by}s in a row."
        )
    size = float(np.std(past[known])) or 1.0
    spread = float(np.std(panel.exposure[known] - _zone_means(panel.exposure, known)[known])) or 1.0
    value, error, freedom = _linear(
        np.nan_to_num(after) / spread, np.stack([past / size, panel.exposure / spread]), known
    )
    if not (math.isfinite(value) and error > 0):
        return CheckResult(name, None, pd.DataFrame(), "Cannot be tested: too few changes of exposure.")
    passed = _verdict(value, error, freedom, _ALIKE_MOVE)
    half = t_quantile(1 - _SIZE / 2, freedom) * error
    table = pd.DataFrame([{"periods": span, "change": value, "std_error": error}])
    text = (
        f"After {span} {by}s with one standard deviation more attacks than the model expects, exposure over the "
        f"next {span} {by}s moved by {value:+.2f} of its standard deviations ({value - half:+.2f} to "
        f"{value + half:+.2f})"
        + ("; attacks go before borders: the contrast may run the other way." if passed is False else ".")
    )
    return CheckResult(name, passed, table, text)


def _zone_means(values: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    n = np.maximum(known.sum(axis=1, keepdims=True), 1)
    means = np.where(known, values, 0.0).sum(axis=1, keepdims=True) / n
    return np.broadcast_to(means, values.shape)


def _linear(y: Floats, x: Floats, known: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
    """Regress y on the columns of x with effects of zone and period; the first coefficient, its error by leaving
    out one zone at a time, and degrees of freedom.
    """
    columns = np.concatenate([np.nan_to_num(x), y[None]])

    def first(mask: npt.NDArray[np.bool_]) -> tuple[float, Floats]:
        values = residualise(np.where(mask, columns, 0.0), mask.astype(float))
        flat = np.where(mask, values, 0.0).reshape(len(values), -1)
        others = np.linalg.lstsq(flat[1:-1].T, flat[[0, -1]].T, rcond=None)[0]
        own, left = (flat[[0, -1]].T - flat[1:-1].T @ others).T
        size = float(own @ own)
        slope = float(own @ left) / size if size > 0 else math.nan
        return slope, (own**2).reshape(mask.shape).sum(axis=1)

    value, information = first(known)
    zones = np.flatnonzero(known.any(axis=1))
    moved = []
    for zone in zones:
        kept = known.copy()
        kept[zone] = False
        moved.append(first(kept)[0] - value)
    g = len(zones)
    if not np.isfinite([value, *moved]).all():
        return math.nan, math.nan, 1.0
    return value, math.sqrt((g - 1) / g * float(np.square(moved).sum())), float(worth_of(information))


def quick_t(panel: CountPanel, fit: Fit) -> float:
    """Give the t of the first coefficient with an error by leaving out zones in one step, without fitting again."""
    score = np.einsum("kzt,zt->zk", fit.within, np.where(fit.weight > 0, panel.counts - fit.mean, 0.0))
    parts = np.einsum("kzt,zt,lzt->zkl", fit.within, fit.weight, fit.within)
    used = np.flatnonzero(parts[:, 0, 0] > 0)
    whole = fit.information
    moved = np.array([np.linalg.lstsq(whole - parts[z], score[z], rcond=None)[0] for z in used])
    g = len(used)
    error = math.sqrt((g - 1) / g * float((moved[:, 0] ** 2).sum()))
    return float(fit.beta[0]) / error if error > 0 else math.nan


def _placebo(panel: SeamPanel, found: Estimate, model: Model, placebos: int, seed: int) -> CheckResult:
    import pandas as pd

    name = "placebo: paths of exposure given to other zones"
    rng = np.random.default_rng([seed, 11])
    zones = np.flatnonzero(without_empty(count_panel(panel)).known.any(axis=1))
    # Poisson throughout: the question is how errors spread, and it is the same for either model.
    base = without_empty(count_panel(panel))
    own = quick_t(base, fit_counts(base))
    drawn = []
    for _ in range(placebos):
        moved = panel.exposure.copy()
        moved[zones] = panel.exposure[rng.permutation(zones)]
        trial = without_empty(count_panel(panel, moved[None]))
        try:
            drawn.append(quick_t(trial, fit_counts(trial)))
        except NoFit:
            continue
    t = np.array([one for one in drawn if math.isfinite(one)])
    if len(t) < 50:
        return CheckResult(name, None, pd.DataFrame({"t": t}), f"Only {len(t)} placebos could be fitted.")
    critical = t_quantile(1 - _SIZE / 2, found.effective_zones)
    hits = int((np.abs(t) > critical).sum())
    share = hits / len(t)
    p = (1 + int((np.abs(t) >= abs(own)).sum())) / (len(t) + 1)
    passed = False if share > _TOO_MANY else True if share <= _FEW else None
    text = (
        f"With borders of other zones, {hits} of {len(t)} draws ({share:.0%}) leave out no change at 5%; "
        f"{p:.0%} of draws are as far from no change as the record."
        + (" Errors are too small for how attacks go together here." if passed is False else "")
    )
    return CheckResult(name, passed, pd.DataFrame({"t": t}), text)


def _reporting(panel: SeamPanel, found: Estimate, model: Model, deviation: float) -> CheckResult:
    import pandas as pd

    name = "reporting by source"
    source = commonest_source(panel.events)
    if source is None:
        text = (
            "No column says who reported a row, or no source has between a tenth and nine tenths of them: whether "
            "borders draw reporters rather than attacks cannot be compared."
        )
        return CheckResult(name, None, pd.DataFrame(), text)
    column, commonest, group = source
    panels = [count_panel(panel, counts=panel.counts_of(group == k)) for k in (0, 1)]
    try:
        fits = [fit_counts(one, model) for one in panels]
        gap = float(fits[0].beta[0] - fits[1].beta[0])
        moved = []
        zones = np.flatnonzero(without_empty(count_panel(panel)).known.any(axis=1))
        for zone in zones:
            kept = np.ones(len(panel.zones), bool)
            kept[zone] = False
            again = [fit_counts(one.of(kept), model, fit) for one, fit in zip(panels, fits, strict=True)]
            moved.append(float(again[0].beta[0] - again[1].beta[0]) - gap)
    except NoFit as problem:
        return CheckResult(name, None, pd.DataFrame(), f"Cannot be compared: {problem}.")
    g = len(zones)
    error = deviation * math.sqrt((g - 1) / g * float(np.square(moved).sum()))
    passed = _verdict(deviation * gap, error, found.effective_zones, _ALIKE)
    ratios = [bounded_exp(deviation * float(fit.beta[0])) for fit in fits]
    table = pd.DataFrame({"source": [commonest, "all others"], "ratio": ratios})
    text = (
        f"Ratio by attacks of {commonest} ({column}) {ratios[0]:.2f}, by those of all other sources {ratios[1]:.2f} "
        f"(log difference {deviation * gap:+.2f}, standard error {error:.2f}). What all sources miss alike is not "
        "seen."
    )
    return CheckResult(name, passed, table, text)


def _coarse(panel: SeamPanel, model: Model, deviation: float) -> CheckResult:
    """Compare with the rows whose place and date are known well."""
    import pandas as pd

    name, events = "coarse rows", panel.events
    fine, unstated = np.ones(len(events), bool), np.zeros(len(events), bool)
    for column, most in (("geo_precision", 2), ("date_precision", 2)):
        if column in events:
            fine &= (events[column] <= most).fillna(False).to_numpy(bool)
            unstated |= events[column].isna().to_numpy(bool)
    if fine.all():
        told = (
            "No row is stated to be coarser"
            if {"geo_precision", "date_precision"} & set(events)
            else "Not stated"
        )
        return CheckResult(name, None, pd.DataFrame(), f"{told}: nothing to compare.")
    n = int((~fine).sum())
    said = f" ({int(unstated.sum()):,} of them do not state it)" if unstated.any() else ""
    try:
        found = estimate(count_panel(panel, counts=panel.counts_of(fine)), model)
    except NoFit as problem:
        return CheckResult(name, None, pd.DataFrame(), f"Without {n:,} coarse rows: {problem}.")
    low, high = found.interval(1 - _SIZE)
    ratio = [bounded_exp(deviation * value) for value in (float(found.beta[0]), low, high)]
    table = pd.DataFrame([{"rows": "fine", "n": int(fine.sum()), "ratio": ratio[0], "low": ratio[1],
                           "high": ratio[2]}])  # fmt: skip
    text = (
        f"Without the {n:,} of {len(events):,} rows coarser than about 25 km or six days{said}: ratio {ratio[0]:.2f} "
        f"({ratio[1]:.2f} to {ratio[2]:.2f})."
    )
    return CheckResult(name, None, table, text)


def _other_model(panel: SeamPanel, found: Estimate, model: Model, deviation: float) -> CheckResult:
    import pandas as pd

    other: Model = "negative_binomial" if model == "poisson" else "poisson"
    name = f"model: {other.replace('_', ' ')}"
    try:
        fit = fit_counts(count_panel(panel), other)
    except NoFit as problem:
        return CheckResult(name, None, pd.DataFrame(), f"No fit: {problem}.")
    ratios: list[dict[str, Any]] = [
        {"model": model, "ratio": bounded_exp(deviation * float(found.beta[0]))},
        {"model": other, "ratio": bounded_exp(deviation * float(fit.beta[0]))},
    ]
    used = without_empty(count_panel(panel))
    mean = found.fit.mean[used.known]
    spread = float((((used.counts[used.known] - mean) ** 2) / np.maximum(mean, 1e-9)).mean())
    text = (
        f"Ratio {ratios[1]['ratio']:.2f} instead of {ratios[0]['ratio']:.2f}; squared residuals are {spread:.1f} "
        "times what Poisson counts would have, which the errors allow for."
    )
    return CheckResult(name, None, pd.DataFrame(ratios), text)
