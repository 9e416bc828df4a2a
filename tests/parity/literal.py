"""The rules of mwa 0.5.0 written out slowly, row by row, from a description of them and not from our code.

Nothing here is shared with `afterstrike`: loops instead of histograms, tuples instead of keys, LAPACK instead
of own reflections. It serves only to disagree.
"""

from __future__ import annotations

import bisect
import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from scipy import stats

UNIT_MS = {"day": 86_400_000, "hour": 3_600_000, "minute": 60_000, "second": 1_000}
# Below this share of the response's own size the rest of a fit is rounding: whether the peer sees a perfect
# fit there is decided by the last bits of its linear algebra.
NOTHING_LEFT = 1e-16


@dataclass
class Settings:
    """What a run is asked for, in the peer's own terms."""

    treatment: Any
    control: Any
    dependent: Any
    days: tuple[int, ...]
    km: tuple[float, ...]
    unit: str = "day"
    match_on: tuple[str, ...] = ()
    cutpoints: dict[str, list[float]] = field(default_factory=dict)
    tcm: bool = False
    delete_sutva: bool = False
    controls: tuple[str, ...] = ()
    model: str = "lagged"
    weighted: bool = True


def column_text(values: list[float]) -> list[str]:
    """Print a numeric column with seven digits and common decimals, missing cells as NA, to one width."""
    known = [value for value in values if not math.isnan(value)]
    digits, powers = [], []
    for value in known:
        mantissa, exponent = f"{abs(value):.6e}".split("e")
        digits.append(max(1, len(mantissa.replace(".", "").rstrip("0"))))
        powers.append(int(exponent))
    decimals = max([0, *(d - p - 1 for d, p in zip(digits, powers, strict=True))])
    mantissas = max([1, *digits]) - 1
    fixed = [f"{value:.{decimals}f}" for value in known]
    scientific = [f"{value:.{mantissas}e}" for value in known]
    chosen = iter(fixed if widest(fixed) <= widest(scientific) else scientific)
    texts = ["NA" if math.isnan(value) else next(chosen) for value in values]
    return [text.rjust(widest(texts)) for text in texts]


def widest(texts: list[str]) -> int:
    return max(map(len, texts), default=0)


def seen(values: list[float], whole: bool) -> list[float]:
    """Give a column as the counter sees it; whole-number columns are not rounded."""
    return list(values) if whole else [float(text.replace("NA", "nan")) for text in column_text(values)]


def is_integer(column: Any) -> bool:
    """Say whether R reads a column as integers: whole numbers of 32 bits."""
    return column.dtype.kind == "i" and bool(column.abs().max() < 2**31)


def is_kind(codes: list[Any], wanted: Any) -> list[bool]:
    """Compare category codes as text; those of a numeric column are padded to one width first."""
    if isinstance(wanted, str):
        return [code == wanted for code in codes]
    return [text == f"{wanted:.15g}" for text in column_text([float(code) for code in codes])]


def distance_km(a: float, b: float, turn: float) -> float:
    """Give the great-circle distance of latitudes a and b and a longitude difference, all in degrees."""
    a, b, turn = (x * 0.017453292519943295 for x in (a, b, turn))
    east = math.cos(b) * math.sin(turn)
    north = math.cos(a) * math.sin(b) - math.sin(a) * math.cos(b) * math.cos(turn)
    along = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(turn)
    return math.atan2(math.sqrt(east * east + north * north), along) * 57.29577951308232 * 111.111


def trend(bins: list[int]) -> float:
    """Give the trend from the counts of bins 0 to T."""
    length = len(bins) - 1
    if length % 2 == 0:
        return float(sum(bins[: length // 2]) - sum(bins[length // 2 :]))
    s = (length + 1) // 2
    q = s // (s - 1)
    near, far = (lambda m: sum(bins[:m])), (lambda m: sum(bins[m:]))
    return 0.5 * ((near(s) - q * far(s)) + (q * near(s - 1) - far(s - 1)))


def milliseconds(texts: list[str]) -> list[int]:
    """Read the sorted times; a first one of 10 characters makes all of them dates."""
    size, shape = (10, "%Y-%m-%d") if len(texts[0]) == 10 else (19, "%Y-%m-%d %H:%M:%S")
    moments = [datetime.strptime(text[:size], shape) for text in texts]
    return [int((moment - datetime(1970, 1, 1)).total_seconds()) * 1000 for moment in moments]


@dataclass
class Table:
    """The sorted rows: times, places, which rows are of which kind, and the numeric columns."""

    ms: list[int]
    lat: list[float]
    lon: list[float]
    treated: list[bool]
    control: list[bool]
    dependent: list[bool]
    values: dict[str, list[float]]


def table_of(frame: Any, asked: Settings) -> Table:
    order = sorted(range(len(frame)), key=lambda i: frame["timestamp"].iloc[i])
    rows = frame.iloc[order]
    columns = [*asked.match_on, *asked.controls]
    codes = rows["type"].tolist()
    return Table(
        ms=milliseconds(rows["timestamp"].tolist()),
        lat=seen(rows["lat"].astype(float).tolist(), False),
        lon=seen(rows["lon"].astype(float).tolist(), False),
        treated=is_kind(codes, asked.treatment),
        control=is_kind(codes, asked.control),
        dependent=is_kind(codes, asked.dependent),
        values={name: seen(rows[name].tolist(), is_integer(rows[name])) for name in columns},
    )


def count(table: Table, wake: int, length: int, km: float, unit_ms: int) -> dict[str, Any] | None:
    """Count around one wake in one window; None where the table does not reach far enough."""
    own, last = table.ms[wake], len(table.ms) - 1
    if (own - table.ms[0]) // unit_ms <= length or (table.ms[last] - own) // unit_ms <= length:
        return None
    same, other = table.treated, table.control
    if not table.treated[wake]:
        same, other = other, same
    bins = [0] * (length + 1)
    row: dict[str, Any] = {"position": wake + 1, "days": length, "km": km, "treated": table.treated[wake]}
    row |= dict.fromkeys(("outcome_post", "so_pre", "so_post", "mo_pre", "mo_post"), 0)
    for j in range(last + 1):
        before = j < wake
        elapsed = own - table.ms[j] if before else table.ms[j] - own
        k = elapsed // unit_ms
        if j == wake or k > length or (not before and k < 1):
            continue
        if distance_km(table.lat[wake], table.lat[j], table.lon[j] - table.lon[wake]) > km:
            continue
        side = "pre" if before else "post"
        row[f"so_{side}"] += same[j]
        row[f"mo_{side}"] += other[j]
        if table.dependent[j] and before:
            bins[k] += 1
        elif table.dependent[j]:
            row["outcome_post"] += 1
    row["outcome_pre"] = sum(bins)
    row["trend"] = trend(bins)
    row |= {name: values[wake] for name, values in table.values.items()}
    return row


def bin_of(value: float, breaks: list[float]) -> int | None:
    """Give the bin (a, b], the first closed; None outside the breaks."""
    if len(breaks) == 1:
        return 0 if value == breaks[0] else None
    if value == breaks[0]:
        return 0
    at = bisect.bisect_left(breaks, value)
    return at - 1 if 0 < at < len(breaks) else None


def sturges(values: list[float]) -> list[float]:
    low, high = min(values), max(values)
    if low == high:
        return [low]
    m = max(2, math.ceil(math.log2(len(values)) + 1))
    step = (high - low) / (m - 1)
    return [*(low + i * step for i in range(m - 1)), high]


PEER_NAMES = {"dependent_trend": "trend", "SO_pre": "so_pre", "MO_pre": "mo_pre"}


def match(rows: list[dict[str, Any]], asked: Settings) -> list[float]:
    """Give each wake's weight, 0 where it is not matched."""
    names = [name for name in asked.match_on if name not in asked.controls]
    names += ["dependent_trend", *(("SO_pre", "MO_pre") if asked.tcm else ())]
    strata = []
    columns = []
    for name in names:
        values = [float(row[PEER_NAMES.get(name, name)]) for row in rows]
        breaks = sorted(asked.cutpoints[name]) if name in asked.cutpoints else sturges(values)
        columns.append([bin_of(value, breaks) for value in values])
    strata = list(zip(*columns, strict=True))
    of_treated = Counter(s for s, row in zip(strata, rows, strict=True) if row["treated"])
    of_control = Counter(s for s, row in zip(strata, rows, strict=True) if not row["treated"])
    both = set(of_treated) & set(of_control)
    total_treated, total_control = sum(of_treated[s] for s in both), sum(of_control[s] for s in both)
    weights = []
    for s, row in zip(strata, rows, strict=True):
        if s not in both:
            weights.append(0.0)
        elif row["treated"]:
            weights.append(1.0)
        else:
            weights.append(of_treated[s] / of_control[s] * total_control / total_treated)
    return weights


def regress(rows: list[dict[str, Any]], weights: list[float], asked: Settings) -> dict[str, float] | None:
    """Give the window's regression, None for NA; `exact` says that only rounding is left over."""
    treated = np.array([float(row["treated"]) for row in rows])
    if not rows or treated.min() == treated.max():
        return None
    pre = np.array([float(row["outcome_pre"]) for row in rows])
    y = np.array([float(row["outcome_post"]) for row in rows])
    controls = [np.array([float(row[name]) for row in rows]) for name in asked.controls]
    columns = [np.ones(len(rows)), pre, *controls, treated]
    if asked.model == "difference":
        columns, y = [np.ones(len(rows)), treated], y - pre
    w = np.array(weights if asked.weighted or asked.model == "att" else [1.0] * len(rows))
    design, target = np.column_stack(columns) * np.sqrt(w)[:, None], y * np.sqrt(w)
    n, p = design.shape
    if n <= p:
        return None
    for j in range(1, p):
        fitted = design[:, :j] @ np.linalg.lstsq(design[:, :j], design[:, j], rcond=None)[0]
        if np.linalg.norm(design[:, j] - fitted) <= 1e-7 * np.linalg.norm(design[:, j]):
            return None
    # Columns of one length: digits get lost between columns of very different size.
    size = np.linalg.norm(design, axis=0)
    design = design / size
    coefficients = np.linalg.lstsq(design, target, rcond=None)[0]
    rest = target - design @ coefficients
    rss = float(rest @ rest)
    with np.errstate(all="ignore"):
        inverse = np.linalg.inv(np.linalg.qr(design)[1])
        errors = np.sqrt((inverse**2).sum(axis=1) * rss / (n - p))
        p_values = 2 * stats.t.sf(np.abs(coefficients / errors), n - p)
        centre = float((w * y).sum() / w.sum())
        spread = float((w * (y - centre) ** 2).sum())
        adj_r2 = 1 - (rss / (n - p)) / (np.float64(spread) / (n - 1))
    return {
        "estimate": float(coefficients[-1] / size[-1]),
        "p_value": float(p_values[-1]),
        "intercept": float(coefficients[0] / size[0]),
        "intercept_p": float(p_values[0]),
        "adj_r2": math.nan if asked.model == "att" else float(adj_r2),
        "exact": float(rss <= NOTHING_LEFT * max(1.0, float(target @ target))),
        "flat": float(spread <= NOTHING_LEFT * max(1.0, float(target @ target))),
        **{f"control:{name}": float(coefficients[i] / size[i]) for i, name in enumerate(asked.controls, 2)},
    }


def pretty(low: float, high: float, intervals: int) -> list[float]:
    """Give round breaks over low to high: steps of 1, 2, 5 or 10 times a power of ten, leaning to wide."""
    cell = (high - low) / intervals
    base = 10.0 ** math.floor(math.log10(cell))
    unit = base
    if 2 * base - cell < 1.5 * (cell - unit):
        unit = 2 * base
        if 5 * base - cell < 2.75 * (cell - unit):
            unit = 5 * base
            if 10 * base - cell < 1.5 * (cell - unit):
                unit = 10 * base
    first, last = math.floor(low / unit + 1e-10), math.ceil(high / unit - 1e-10)
    # R hands on the ends and the number of steps, and spaces the points anew.
    start, stop = min(first * unit, low), max(last * unit, high)
    step = (stop - start) / (last - first)
    points = [*(start + i * step for i in range(last - first)), stop]
    return [0.0 if abs(point) < 1e-14 * step else point for point in points]


def imbalance(rows: list[dict[str, Any]], asked: Settings) -> tuple[float, float] | None:
    """Give L1 and the per cent of cells with both groups, not rounded; None where a group is empty."""
    groups = [bool(row["treated"]) for row in rows]
    if len(set(groups)) < 2:
        return None
    names = [*dict.fromkeys([*asked.match_on, *asked.controls])]
    names += ["dependent_trend", *(("SO_pre", "MO_pre") if asked.tcm else ())]
    columns = []
    for name in names:
        values = [float(row[PEER_NAMES.get(name, name)]) for row in rows]
        n, low, high = len(values), min(values), max(values)
        if low == high:
            columns.append([0] * n)
            continue
        mean = math.fsum(values) / n
        h = 3.5 * math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1)) * n ** (-1 / 3)
        breaks = pretty(low, high, max(1, math.ceil((high - low) / h)))
        columns.append([bin_of(value, breaks) for value in values])
    cells = list(zip(*columns, strict=True))
    treated = Counter(c for c, group in zip(cells, groups, strict=True) if group)
    control = Counter(c for c, group in zip(cells, groups, strict=True) if not group)
    all_cells = set(cells)
    n_treated, n_control = sum(treated.values()), sum(control.values())
    distance = 0.5 * math.fsum(abs(treated[c] / n_treated - control[c] / n_control) for c in all_cells)
    return distance, 100 * len(set(treated) & set(control)) / len(all_cells)


@dataclass
class Window:
    """All that the peer says of one window."""

    days: int
    km: float
    rows: list[dict[str, Any]]
    weights: list[float]
    estimate: dict[str, float] | None
    before: tuple[float, float] | None
    after: tuple[float, float] | None
    overlap: dict[str, float]


def run(frame: Any, asked: Settings) -> list[Window]:
    """Run every window, lengths outermost."""
    table = table_of(frame, asked)
    wakes = [i for i in range(len(table.ms)) if table.treated[i] or table.control[i]]
    windows = []
    for length in asked.days:
        for km in asked.km:
            counted = [count(table, i, length, km, UNIT_MS[asked.unit]) for i in wakes]
            rows = [row for row in counted if row is not None]
            if asked.delete_sutva:
                rows = [row for row in rows if row["so_pre"] == 0 and row["mo_pre"] == 0]
            weights = match(rows, asked) if rows else []
            kept = [(row, w) for row, w in zip(rows, weights, strict=True) if w > 0]
            chosen, own = [row for row, _ in kept], [w for _, w in kept]
            shares = {}
            for name in ("so", "mo"):
                before, behind = ([row[f"{name}_{side}"] > 0 for row in rows] for side in ("pre", "post"))
                either = [a or b for a, b in zip(before, behind, strict=True)]
                for key, met in ((f"{name}_pre", before), (f"{name}_post", behind), (name, either)):
                    shares[key] = sum(met) / len(met) if met else math.nan
            windows.append(
                Window(
                    length,
                    km,
                    rows,
                    weights,
                    regress(chosen, own, asked),
                    imbalance(rows, asked),
                    imbalance(chosen, asked),
                    shares,
                )
            )
    return windows
