"""The columns of a series model: past attacks, strikes by lag, season, slow trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ...errors import UsageError
from .._intervention._spline import natural_spline
from ._counts import ZoneCounts

__all__ = [
    "Columns",
    "Season",
    "Trend",
    "block_sums",
    "check_blocks",
    "default_blocks",
    "own_trend",
    "past_windows",
    "season_columns",
    "series_columns",
    "trend_columns",
]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Season = Literal["auto", "year", "none"]
Trend = Literal["zone", "common", "none"]
Block = tuple[int, int]
YEAR = 365.25
# Zones' own slow trends: log rates leave the common trend by about this much (standard deviation).
TREND_SPREAD = 0.5
_YEARS_FOR_SEASON = 1.5


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns of a model, with where each kind stands.

    Parameters
    ----------
    common
        Shape (zones, periods, columns).
    local
        Shape (periods, local columns).
    penalty
        Of the local columns.
    names
        Of the common columns.
    past, lags
        Where the past attacks and the strikes by lag stand.
    windows, blocks
        First and last period back, of past attacks and of strikes.
    usable
        Zones and periods all of whose columns are known.
    """

    common: Floats = field(repr=False)
    local: Floats = field(repr=False)
    penalty: Floats = field(repr=False)
    names: tuple[str, ...]
    past: slice
    lags: slice
    windows: tuple[Block, ...]
    blocks: tuple[Block, ...]
    usable: Bools = field(repr=False)


def default_blocks(step: int, longest_days: int) -> tuple[Block, ...]:
    """Give lags that cover the longest horizon and a week more."""
    if step == 7:
        return tuple((week, week) for week in range(1, -(-longest_days // 7) + 2))
    edges = [0, 3, 7, *range(14, longest_days + 13, 7)]
    return tuple((one + 1, two) for one, two in pairwise(edges))


def check_blocks(lags: Sequence[Any] | None, step: int, longest_days: int) -> tuple[Block, ...]:
    """Read lags: numbers or (first, last) pairs of periods, in order, without holes, as far as the horizon."""
    if lags is None:
        return default_blocks(step, longest_days)
    allowed = "periods back, as (1, 2, 3) or ((1, 3), (4, 7)), in order and without holes from 1"
    found: list[Block] = []
    for lag in lags:
        pair = tuple(lag) if isinstance(lag, list | tuple) else (lag, lag)
        whole = all(isinstance(end, int | np.integer) and not isinstance(end, bool) for end in pair)
        if len(pair) != 2 or not whole or pair[0] != (found[-1][1] + 1 if found else 1) or pair[1] < pair[0]:
            raise UsageError(f"lags={lags!r}; allowed {allowed}")
        found.append((int(pair[0]), int(pair[1])))
    if not found or found[-1][1] > 400 or found[-1][1] * step < longest_days - step + 1:
        raise UsageError(
            f"lags={lags!r} do not reach {longest_days} days (or pass 400 periods); allowed {allowed}"
        )
    return tuple(found)


def past_windows(step: int) -> tuple[Block, ...]:
    """Give the windows of past attacks: a week, the week before, and the two before that."""
    return ((1, 1), (2, 2), (3, 4)) if step == 7 else ((1, 7), (8, 14), (15, 28))


def block_sums(table: Floats, blocks: Sequence[Block]) -> Floats:
    """Give sums over periods back (negative: ahead), shape (zones, periods, blocks).

    NaN where they leave the table or meet a NaN.
    """
    n = table.shape[1]
    unknown = np.isnan(table)
    total, holes = (
        np.concatenate([np.zeros((len(table), 1)), np.cumsum(part, axis=1)], axis=1)
        for part in (np.where(unknown, 0.0, table), unknown)
    )
    out = np.full((*table.shape, len(blocks)), np.nan)
    for k, (near, far) in enumerate(blocks):
        at = np.arange(n)
        begin, end = at - far, at - near + 1
        inside = (begin >= 0) & (end <= n)
        one, two = begin[inside], end[inside]
        out[:, inside, k] = np.where(holes[:, two] > holes[:, one], np.nan, total[:, two] - total[:, one])
    return out


def season_columns(counts: ZoneCounts, season: Season) -> tuple[Floats, tuple[str, ...]]:
    """Give yearly waves (two a year) and, for days, the day of the week; shape (periods, columns)."""
    if season not in get_args(Season):
        raise UsageError(f"season={season!r}; allowed {', '.join(map(repr, get_args(Season)))}")
    n = counts.attacks.shape[1]
    day = counts.first_day + counts.step * np.arange(n) + (counts.step - 1) / 2
    parts: list[Floats] = []
    names: list[str] = []
    if season == "year" or (season == "auto" and n * counts.step >= _YEARS_FOR_SEASON * YEAR):
        for wave in (1, 2):
            turn = 2 * np.pi * wave * day / YEAR
            parts += [np.cos(turn), np.sin(turn)]
            names += [f"yearly wave {wave}, cosine", f"yearly wave {wave}, sine"]
    if counts.step == 1 and season != "none":
        weekday = (counts.first_day + np.arange(n)) % 7
        parts += [(weekday == k) - 1 / 7 for k in range(1, 7)]
        names += [f"day of the week {k}" for k in range(1, 7)]
    return (np.column_stack(parts) if parts else np.empty((n, 0))), tuple(names)


def trend_columns(n: int, step: int, trend_days: float) -> Floats:
    """Give a natural spline in time with a knot about every `trend_days`, each column of mean 0 and spread 1."""
    pieces = max(round(n * step / trend_days), 1)
    at = np.linspace(0.0, 1.0, n)
    made = natural_spline(at, np.linspace(0, 1, pieces + 1)[1:-1], (0.0, 1.0))
    made = made - made.mean(axis=0)
    # Orthogonal columns: the penalty of zones' own trends then does not depend on the splines' basis.
    turned, _ = np.linalg.qr(made)
    return np.asarray(turned * np.sqrt(n))


def own_trend(n: int, step: int, trend: Trend, trend_days: float) -> tuple[Floats, Floats]:
    """Give the local columns (1, and zones' own slow trends) and their penalty."""
    constant = np.ones((n, 1))
    if trend != "zone":
        return constant, np.zeros(1)
    slow = trend_columns(n, step, trend_days)
    return np.hstack([constant, slow]), np.r_[0.0, np.full(slow.shape[1], slow.shape[1] / TREND_SPREAD**2)]


def series_columns(
    counts: ZoneCounts,
    *,
    blocks: Sequence[Block],
    season: Season,
    trend: Trend,
    trend_days: float,
    extra: Floats | None = None,
    extra_names: tuple[str, ...] = (),
) -> Columns:
    """Put the columns of the outcome model together; `extra` has shape (zones, periods, columns)."""
    zones, n = counts.attacks.shape
    windows = past_windows(counts.step)
    known = np.where(counts.missing, np.nan, counts.attacks)
    past = np.log1p(block_sums(known, windows))
    lags = block_sums(counts.strikes, blocks)
    waves, wave_names = season_columns(counts, season)
    slow = np.empty((n, 0)) if trend == "none" else trend_columns(n, counts.step, trend_days)
    shared = np.hstack([waves, slow])
    parts = [past, lags, np.broadcast_to(shared, (zones, n, shared.shape[1]))]
    names = [
        *(f"attacks {_span(window, counts.by)} back" for window in windows),
        *(f"strikes {_span(block, counts.by)} back" for block in blocks),
        *wave_names,
        *(f"slow trend {k + 1}" for k in range(slow.shape[1])),
    ]
    if extra is not None:
        parts.append(extra)
        names += extra_names
    common = np.concatenate(parts, axis=2)
    usable = np.isfinite(common).all(axis=2) & ~counts.missing
    local, penalty = own_trend(n, counts.step, trend, trend_days)
    m = len(windows)
    return Columns(
        np.where(usable[:, :, None], common, 0.0), local, penalty, tuple(names), slice(0, m),
        slice(m, m + len(blocks)), windows, tuple(blocks), usable,
    )  # fmt: skip


def _span(block: Block, by: str) -> str:
    near, far = block
    return f"{near} {by}{'s' * (near > 1)}" if near == far else f"{near} to {far} {by}s"
