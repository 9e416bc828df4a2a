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
        Of the log baseline, shape (cells, names).
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
    columns: Floats
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
    [0.25, 3.51, 3.95]
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
    gaps: Sequence[tuple[float, float]] = (),
) -> HawkesData:
    """Check and arrange; see `fit_hawkes` for the parameters."""
    time, zone = _checked(times, duration, zones, "event")
    strike, strike_zone = _checked(() if strikes is None else strikes, duration, strike_zones, "strike")
    if (zones is None) != (strike_zones is None) and len(strike):
        raise UsageError("zones and strike_zones go together: give both, or neither")
    _check_options(lags, drift_days, duration)
    stretches = _stretches(duration, gaps)
    inside = _inside(time, stretches)
    left_out: dict[str, int] = {"event: in a declared gap": int((~inside).sum())}
    time = time[inside]
    labels: tuple[str, ...]
    labels, of_zone = ("all",), np.zeros(len(time), np.int64)
    if zones is not None:
        kept = np.asarray(zone, np.str_)[inside]
        found, of_zone = np.unique(kept, return_inverse=True)
        labels = tuple(found.tolist())
    away = np.array([label not in labels for label in strike_zone or ["all"] * len(strike)], bool)
    left_out["strike: in a zone without events"] = int(away.sum())
    if len(time) < FEWEST_EVENTS:
        raise EstimateRefused(
            f"{len(time)} events; a Hawkes model needs at least {FEWEST_EVENTS}: widen period or region"
        )
    struck = np.zeros((len(labels), int(np.ceil(duration)) if lags else 0), bool)
    if lags:
        at = [labels.index(label) for label in strike_zone if label in labels] or [0] * len(strike)
        struck[at, np.minimum(strike[~away].astype(int), struck.shape[1] - 1)] = True
    return _arranged(
        time, of_zone, duration, labels, stretches, struck, tuple(lags), drift_days,
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


def _check_options(lags: Sequence[Lag], drift_days: float | None, duration: float) -> None:
    for first, last in lags:
        if not (isinstance(first, int) and isinstance(last, int) and first <= last):
            raise UsageError(f"lag {(first, last)!r}; allowed two whole days, the first not after the last")
    if drift_days is not None and not 0 < drift_days <= duration:
        raise UsageError(
            f"drift_days={drift_days!r}; allowed up to the length of the record, {duration:g} days, or None"
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


def _inside(time: Floats, stretches: list[tuple[float, float]]) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(time), bool)
    for low, high in stretches:
        found |= (time >= low) & (time <= high)
    return found


def _arranged(
    time: Floats,
    zone: Ints,
    duration: float,
    labels: tuple[str, ...],
    stretches: list[tuple[float, float]],
    struck: npt.NDArray[np.bool_],
    lags: tuple[Lag, ...],
    drift_days: float | None,
    left_out: dict[str, int],
) -> HawkesData:
    by_day = bool(lags) or drift_days is not None
    times, cells, starts, widths, zone_of_cell = [], [], [], [], []
    bounds, first_cell, begin, end, sequence_zone = [0], [0], [], [], []
    for number in range(len(labels)):
        own = np.sort(time[zone == number])
        for low, high in stretches:
            # An event on the edge of a gap belongs to the earlier stretch only.
            here = own[(own > low if low > 0 else own >= low) & (own <= high)]
            if tied := int((np.diff(here) == 0).sum()):
                raise UsageError(
                    f"{tied} events share a time with another of their zone, and which excited which is not "
                    "known; use spread_ties() to move them within their day, and say so"
                )
            days = np.arange(np.floor(low) + 1, high) if by_day else np.empty(0)
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
    columns, names = _columns(start, width, of_zone, duration, labels, struck, lags, drift_days)
    data = HawkesData(
        np.concatenate(times), np.concatenate(cells).astype(np.int64), np.array(bounds), np.array(first_cell),
        np.array(begin), np.array(end), start, width, columns, names, labels, np.array(sequence_zone),
        struck, lags, left_out,
    )  # fmt: skip
    _check_columns(data)
    return data


def _columns(
    start: Floats,
    width: Floats,
    of_zone: Ints,
    duration: float,
    labels: tuple[str, ...],
    struck: npt.NDArray[np.bool_],
    lags: tuple[Lag, ...],
    drift_days: float | None,
) -> tuple[Floats, tuple[str, ...]]:
    parts: list[Floats] = [np.eye(len(labels))[of_zone]]
    names = [f"log rate, {label}" for label in labels]
    if drift_days is not None:
        count = max(int(duration / drift_days) - 1, 0)
        knots = np.linspace(0, duration, count + 2)[1:-1]
        bent = natural_spline(start + width / 2, knots, (0.0, float(duration)))
        parts.append((bent - bent.mean(axis=0)) / bent.std(axis=0))
        names += [f"drift {k + 1}" for k in range(bent.shape[1])]
    if lags:
        day = np.floor(start).astype(int)
        sums = np.pad(np.cumsum(struck, axis=1), ((0, 0), (1, 0)))
        last = struck.shape[1]
        for low, high in lags:
            upto, before = np.clip(day - low + 1, 0, last), np.clip(day - high, 0, last)
            parts.append((sums[of_zone, upto] - sums[of_zone, before])[:, None].astype(np.float64))
            names.append(f"strike, days {low} to {high}")
    return np.column_stack(parts), tuple(names)


def _check_columns(data: HawkesData) -> None:
    """Refuse strike columns whose effect has no finite estimate."""
    for number, (low, high) in enumerate(data.lags):
        column = data.columns[:, data.columns.shape[1] - len(data.lags) + number]
        if not (column > 0).any():
            raise EstimateRefused(
                f"no day of the record lies {low} to {high} days from a strike; use other lags"
            )
        if not (column[data.cell] > 0).any():
            raise EstimateRefused(
                f"no events {low} to {high} days from a strike: their effect has no finite estimate; use wider "
                "lags"
            )
    if data.lags and np.linalg.matrix_rank(data.columns) < data.columns.shape[1]:
        raise EstimateRefused(
            "the effect of strikes cannot be told from the baseline: as many strikes lie behind every day; use "
            "fewer lags, a longer record, or zones without strikes"
        )
