"""Events, exposure and baseline columns of a Hawkes model, checked and in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import EstimateRefused, UsageError
from .._intervention._spline import natural_spline

__all__ = ["FEWEST_EVENTS", "HawkesData", "Lag", "hawkes_data", "spread_ties"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Lag = tuple[int, int]

FEWEST_EVENTS = 20


@dataclass(frozen=True, eq=False)
class HawkesData:
    """What a likelihood is made of. A sequence is a stretch of one zone without a gap.

    Parameters
    ----------
    time, cell
        Of each event, in order of sequence and time: days from the start, and the cell it lies in.
    bounds, first_cell
        First event and first cell of each sequence, and one past the last.
    begin, end
        Days, of each sequence.
    cell_start, width
        Days, of each cell; the baseline is constant within a cell.
    columns, names
        Of the log baseline, a sparse array of shape (cells, names): zones, drift, cycles, strikes.
    zones, sequence_zone
        Labels, and the number of the label of each sequence.
    struck
        Struck days, shape (zones, days); empty without strikes.
    lags
        First and last day after a strike of each strike column, in order.
    left_out
        What was left out and how much of it.
    """

    time: Floats
    cell: Ints
    bounds: Ints
    first_cell: Ints
    begin: Floats
    end: Floats
    cell_start: Floats
    width: Floats
    columns: Any
    names: tuple[str, ...]
    zones: tuple[str, ...]
    sequence_zone: Ints
    struck: npt.NDArray[np.bool_]
    lags: tuple[Lag, ...]
    left_out: dict[str, int]

    @property
    def exposure_days(self) -> float:
        """Days looked at, summed over zones."""
        return float(self.width.sum())


def spread_ties(times: npt.ArrayLike, *, seed: int = 0) -> Floats:
    """Move events that share a time to random times within their day.

    Parameters
    ----------
    times
        Days, any order, shape (n,).
    seed
        For the draws.

    Returns
    -------
    array, shape (n,)
        In the order given; times that occur once are unchanged.

    Examples
    --------
    >>> spread_ties([0.25, 3.0, 3.0], seed=1).round(2).tolist()
    [0.25, 3.95, 3.14]
    """
    given = np.asarray(times, np.float64)
    _, which, counts = np.unique(given, return_inverse=True, return_counts=True)
    tied = counts[which] > 1
    drawn = np.floor(given) + np.random.default_rng(seed).random(len(given))
    return np.where(tied, drawn, given)


def hawkes_data(
    times: npt.ArrayLike,
    duration: float,
    *,
    zones: Sequence[Any] | None = None,
    strikes: npt.ArrayLike | None = None,
    strike_zones: Sequence[Any] | None = None,
    lags: Sequence[Lag] = (),
    drift_days: float | None = None,
    cycles: Sequence[float] = (),
    gaps: Sequence[tuple[float, float]] = (),
) -> HawkesData:
    """Check and arrange; see `fit_hawkes` for the parameters."""
    time, zone = _checked(times, duration, zones, "event")
    strike, strike_zone = _checked(() if strikes is None else strikes, duration, strike_zones, "strike")
    if (zones is None) != (strike_zones is None) and len(strike):
        raise UsageError("zones and strike_zones go together: give both, or neither")
    _check_options(lags, drift_days, cycles, duration)
    stretches = _stretches(duration, gaps)
    inside = _stretch_of(time, stretches, duration) >= 0
    left_out: dict[str, int] = {"event: in a declared gap": int((~inside).sum())}
    time = time[inside]
    labels: tuple[str, ...]
    labels, of_zone = ("all",), np.zeros(len(time), np.int64)
    if zones is not None:
        kept = np.asarray(zone, np.str_)[inside]
        found, of_zone = np.unique(kept, return_inverse=True)
        labels = tuple(found.tolist())
    number = {label: position for position, label in enumerate(labels)}
    at = np.array([number.get(label, -1) for label in strike_zone], np.int64)
    if strike_zones is None:
        at = np.zeros(len(strike), np.int64)
    left_out["strike: in a zone without events"] = int((at < 0).sum())
    if len(time) < FEWEST_EVENTS:
        raise EstimateRefused(
            f"{len(time)} events; a Hawkes model needs at least {FEWEST_EVENTS}: widen period or region"
        )
    struck = np.zeros((len(labels), int(np.ceil(duration)) if lags else 0), bool)
    if lags:
        struck[at[at >= 0], np.minimum(strike[at >= 0].astype(int), struck.shape[1] - 1)] = True
    made = _Baseline(duration, labels, struck, tuple(lags), drift_days, tuple(cycles))
    return _arranged(
        time, of_zone, made, stretches,
        {why: count for why, count in left_out.items() if count},
    )  # fmt: skip


def _checked(
    values: npt.ArrayLike, duration: float, zones: Sequence[Any] | None, what: str
) -> tuple[Floats, list[str]]:
    if not (np.isfinite(duration) and duration > 0):
        raise UsageError(f"duration={duration!r}; allowed a positive number of days")
    found = np.atleast_1d(np.asarray(values, np.float64))
    if found.ndim != 1:
        raise UsageError(f"{what} times of shape {found.shape}; allowed one dimension")
    if bad := int((~np.isfinite(found)).sum()):
        raise UsageError(f"{bad} {what} times are missing or infinite; leave them out, and count them")
    if len(found) and not (found.min() >= 0 and found.max() <= duration):
        raise UsageError(
            f"{what} times from {found.min():g} to {found.max():g}; allowed 0 to the duration, {duration:g} "
            "days"
        )
    if zones is not None and len(zones) != len(found):
        raise UsageError(f"{len(zones)} zones for {len(found)} {what} times; give one for each")
    return found, [str(zone) for zone in zones] if zones is not None else []


def _check_options(
    lags: Sequence[Lag], drift_days: float | None, cycles: Sequence[float], duration: float
) -> None:
    for first, last in lags:
        if not (isinstance(first, int) and isinstance(last, int) and first <= last):
            raise UsageError(f"lag {(first, last)!r}; allowed two whole days, the first not after the last")
    if drift_days is not None and not 0 < drift_days <= duration:
        raise UsageError(
            f"drift_days={drift_days!r}; allowed up to the length of the record, {duration:g} days, or None"
        )
    for period in cycles:
        if not 2 <= period <= duration:
            raise UsageError(
                f"cycle of {period!r} days; allowed 2 to the length of the record, {duration:g} days"
            )


def _stretches(duration: float, gaps: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Give what is left of the record between the gaps."""
    found, at = [], 0.0
    for low, high in sorted(gaps):
        if not 0 <= low < high <= duration:
            raise UsageError(
                f"gap {(low, high)!r}; allowed two days from 0 to {duration:g}, the first before the second"
            )
        if low > at:
            found.append((at, float(low)))
        at = max(at, float(high))
    if at < duration:
        found.append((at, float(duration)))
    if not found:
        raise EstimateRefused("the declared gaps leave nothing of the record")
    return found


def _stretch_of(time: Floats, stretches: list[tuple[float, float]], duration: float) -> Ints:
    """Give the number of the stretch each time lies in, -1 in a gap.

    Stretches and gaps hold the moment they begin with and not the one they end with, but for the end of the record.
    """
    low, high = np.array(stretches).T
    number = np.searchsorted(low, time, "right") - 1
    is_inside = (number >= 0) & ((time < high[number]) | ((time == duration) & (high[number] == duration)))
    return np.where(is_inside, number, -1)


@dataclass(frozen=True)
class _Baseline:
    """What the log baseline is made of."""

    duration: float
    labels: tuple[str, ...]
    struck: npt.NDArray[np.bool_]
    lags: tuple[Lag, ...]
    drift_days: float | None
    cycles: tuple[float, ...]

    @property
    def by_day(self) -> bool:
        """Whether the baseline moves from day to day."""
        return bool(self.lags or self.cycles) or self.drift_days is not None

    def columns(self, start: Floats, width: Floats, of_zone: Ints) -> tuple[Any, tuple[str, ...]]:
        """Give the columns of all cells."""
        from scipy.sparse import csr_array, hstack

        cells, middle = np.arange(len(start)), start + width / 2
        shape = (len(start), len(self.labels))
        parts: list[Any] = [csr_array((np.ones(len(start)), (cells, of_zone)), shape=shape)]
        names = [f"log rate, {label}" for label in self.labels]
        if self.drift_days is not None:
            count = max(int(self.duration / self.drift_days) - 1, 0)
            knots = np.linspace(0, self.duration, count + 2)[1:-1]
            bent = natural_spline(middle, knots, (0.0, float(self.duration)))
            parts.append((bent - bent.mean(axis=0)) / bent.std(axis=0))
            names += [f"drift {k + 1}" for k in range(bent.shape[1])]
        for period in self.cycles:
            turns = 2 * np.pi * np.outer(middle / period, np.arange(1, _harmonics(period) + 1))
            parts.append(np.hstack([np.cos(turns), np.sin(turns)]))
            heads = [f"cycle of {period:g} days, {wave}" for wave in ("cos", "sin")]
            names += [f"{head} {k + 1}" for head in heads for k in range(turns.shape[1])]
        if self.lags:
            day, last = np.floor(start).astype(int), self.struck.shape[1]
            sums = np.pad(np.cumsum(self.struck, axis=1), ((0, 0), (1, 0)))
            for low, high in self.lags:
                upto, before = np.clip(day - low + 1, 0, last), np.clip(day - high, 0, last)
                parts.append((sums[of_zone, upto] - sums[of_zone, before])[:, None].astype(np.float64))
                names.append(f"strike, days {low} to {high}")
        if len(parts) == 1:
            return parts[0], tuple(names)
        return csr_array(hstack([csr_array(part) for part in parts])), tuple(names)


def _harmonics(period: float) -> int:
    """Three waves tell all days of a week apart; two bend a year enough."""
    return 3 if 6 < period <= 30 else 1 if period <= 6 else 2


def _arranged(
    time: Floats,
    zone: Ints,
    made: _Baseline,
    stretches: list[tuple[float, float]],
    left_out: dict[str, int],
) -> HawkesData:
    times, cells, starts, widths, zone_of_cell = [], [], [], [], []
    bounds, first_cell, begin, end, sequence_zone = [0], [0], [], [], []
    for number in range(len(made.labels)):
        own = np.sort(time[zone == number])
        stretch = _stretch_of(own, stretches, made.duration)
        for place, (low, high) in enumerate(stretches):
            here = own[stretch == place]
            if tied := int((np.diff(here) == 0).sum()):
                raise UsageError(
                    f"{tied} events share a time with another of their zone, and which excited which is not "
                    "known; use spread_ties() to move them within their day, and say so"
                )
            days = np.arange(np.floor(low) + 1, high) if made.by_day else np.empty(0)
            edges = np.concatenate([[low], days, [high]])
            times.append(here)
            cells.append(
                first_cell[-1] + np.clip(np.searchsorted(edges, here, "right") - 1, 0, len(edges) - 2)
            )
            starts.append(edges[:-1])
            widths.append(np.diff(edges))
            zone_of_cell.append(np.full(len(edges) - 1, number))
            bounds.append(bounds[-1] + len(here))
            first_cell.append(first_cell[-1] + len(edges) - 1)
            begin.append(low)
            end.append(high)
            sequence_zone.append(number)
    start, width, of_zone = np.concatenate(starts), np.concatenate(widths), np.concatenate(zone_of_cell)
    columns, names = made.columns(start, width, of_zone)
    data = HawkesData(
        np.concatenate(times), np.concatenate(cells).astype(np.int64), np.array(bounds), np.array(first_cell),
        np.array(begin), np.array(end), start, width, columns, names, made.labels, np.array(sequence_zone),
        made.struck, made.lags, left_out,
    )  # fmt: skip
    _check_columns(data)
    return data


def _check_columns(data: HawkesData) -> None:
    """Refuse strike columns whose effect has no finite estimate."""
    first = len(data.names) - len(data.lags)
    for number, (low, high) in enumerate(data.lags):
        column = data.columns[:, [first + number]].toarray()[:, 0]
        if not (column > 0).any():
            raise EstimateRefused(
                f"no day of the record lies {low} to {high} days from a strike; use other lags"
            )
        if not (column[data.cell] > 0).any():
            raise EstimateRefused(
                f"no events {low} to {high} days from a strike: their effect has no finite estimate; use wider "
                "lags"
            )
    if not data.lags:
        return
    gram = (data.columns.T @ data.columns).toarray()
    size = np.sqrt(np.diag(gram))
    if np.linalg.eigvalsh(gram / np.outer(size, size))[0] < 1e-9:
        raise EstimateRefused(
            "the effect of strikes cannot be told from the baseline: as many strikes lie behind every day; use "
            "fewer lags, a longer record, or zones without strikes"
        )
