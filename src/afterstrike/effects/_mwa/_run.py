"""Matched wake analysis as mwa 0.5.0 computes it, over all windows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...errors import UsageError
from .._design import WakeDesign
from .._study import Study
from ._cem import Matching, automatic_cutpoints, bins_of, match, strata_of
from ._count import UNIT_MS, WakeCounts, count_wakes
from ._estimate import WindowEstimate, estimate_window
from ._imbalance import imbalance
from ._table import PeerTable, peer_table
from ._text import round_half_even

__all__ = [
    "MatchedWakes",
    "PeerRun",
    "Window",
    "compared_on",
    "count_run",
    "estimate_matched",
    "match_window",
    "run_mwa",
]

Floats = npt.NDArray[np.float64]
_COUNTED = ("dependent_trend", "SO_pre", "MO_pre")


@dataclass(frozen=True)
class Window:
    """What one window of one length and radius gave; the wakes are positions in `PeerTable.wakes`."""

    days: int
    km: float
    wakes: npt.NDArray[np.int64]
    matching: Matching
    cutpoints: dict[str, Floats]
    n_before: tuple[int, int]
    n_after: tuple[int, int]
    imbalance_before: tuple[float, float]
    imbalance_after: tuple[float, float]
    overlap: dict[str, float]
    estimate: WindowEstimate


@dataclass(frozen=True)
class PeerRun:
    """All windows, and the counts behind them."""

    table: PeerTable
    counts: WakeCounts
    lengths: tuple[int, ...]
    radii_km: tuple[float, ...]
    windows: tuple[Window, ...]


def run_mwa(
    study: Study, *, lengths: Sequence[int], radii_km: Sequence[float], time_unit: str, design: WakeDesign
) -> PeerRun:
    """Count, match, diagnose and estimate in every window, lengths outermost."""
    table, counts = count_run(
        study, lengths=lengths, radii_km=radii_km, unit_ms=UNIT_MS[time_unit], design=design
    )
    windows = tuple(
        _window(table, counts, design, at=(t, s), length=length, radius=radius)
        for t, length in enumerate(lengths)
        for s, radius in enumerate(radii_km)
    )
    return PeerRun(table, counts, tuple(lengths), tuple(radii_km), windows)


def count_run(
    study: Study, *, lengths: Sequence[int], radii_km: Sequence[float], unit_ms: int, design: WakeDesign
) -> tuple[PeerTable, WakeCounts]:
    """Check the design against the table, and count."""
    if design.model == "difference" and design.controls:
        raise UsageError(
            "model='difference' with controls: mwa 0.5.0 stops there ('object is not a matrix'); "
            "drop the controls, or use model='lagged'"
        )
    unknown = [name for name in design.cutpoints or {} if name not in _matched_on(design)]
    if unknown:
        raise UsageError(
            f"cutpoints for the variable {unknown[0]!r}, which is not matched on; "
            f"allowed {', '.join(_matched_on(design))}"
        )
    columns = [name for name in (*design.match_on, *design.controls) if name not in _COUNTED]
    table = peer_table(study, columns)
    return table, count_wakes(table, lengths, radii_km, unit_ms)


def compared_on(design: WakeDesign) -> list[str]:
    """Give what the imbalance is measured on: also the controls, which the peer leaves out of the
    matching.
    """
    overlap = ("SO_pre", "MO_pre") if design.match_overlap else ()
    return list(dict.fromkeys([*design.match_on, *design.controls, "dependent_trend", *overlap]))


def _matched_on(design: WakeDesign) -> list[str]:
    return [name for name in compared_on(design) if name not in design.controls]


@dataclass(frozen=True)
class MatchedWakes:
    """The wakes of one window (positions in `PeerTable.wakes`), their variables, and who is matched."""

    wakes: npt.NDArray[np.int64]
    variables: dict[str, Floats]
    matching: Matching
    cutpoints: dict[str, Floats]


def match_window(
    table: PeerTable, counts: WakeCounts, design: WakeDesign, at: tuple[int, int]
) -> MatchedWakes:
    """Match the wakes of the window at (length, radius)."""
    t, s = at
    keep = counts.complete[:, t]
    if design.drop_overlaps:
        keep = keep & (counts.so_pre[:, t, s] == 0) & (counts.mo_pre[:, t, s] == 0)
    wakes = np.flatnonzero(keep)
    variables = {
        **{name: values[wakes] for name, values in table.values.items()},
        "dependent_trend": counts.dependent_trend[wakes, t, s],
        "SO_pre": counts.so_pre[wakes, t, s].astype(np.float64),
        "MO_pre": counts.mo_pre[wakes, t, s].astype(np.float64),
    }
    matching, cutpoints = _match(
        {name: variables[name] for name in _matched_on(design)}, counts.treated[wakes], design.cutpoints or {}
    )
    return MatchedWakes(wakes, variables, matching, cutpoints)


def _window(
    table: PeerTable,
    counts: WakeCounts,
    design: WakeDesign,
    *,
    at: tuple[int, int],
    length: int,
    radius: float,
) -> Window:
    found = match_window(table, counts, design, at)
    on, treated = found.matching.matched, counts.treated[found.wakes]
    variables = [found.variables[name] for name in compared_on(design)]
    after = treated[on]
    return Window(
        days=length,
        km=radius,
        wakes=found.wakes,
        matching=found.matching,
        cutpoints=found.cutpoints,
        n_before=(int((~treated).sum()), int(treated.sum())),
        n_after=(int((~after).sum()), int(after.sum())),
        imbalance_before=imbalance(variables, treated),
        imbalance_after=imbalance([values[on] for values in variables], after),
        overlap=_overlap(counts, found.wakes, at),
        estimate=estimate_matched(counts, found, design, at),
    )


def _match(
    variables: Mapping[str, Floats],
    treated: npt.NDArray[np.bool_],
    given: Mapping[str, Sequence[float]],
) -> tuple[Matching, dict[str, Floats]]:
    if not len(treated):
        return Matching(np.zeros(0, bool), np.zeros(0)), {}
    cutpoints = {
        name: np.sort(np.asarray(given[name], np.float64)) if name in given else automatic_cutpoints(values)
        for name, values in variables.items()
    }
    binned = [bins_of(values, cutpoints[name]) for name, values in variables.items()]
    strata, total = strata_of(binned, [len(points) for points in cutpoints.values()], len(treated))
    return match(strata, total, treated), cutpoints


def _overlap(counts: WakeCounts, wakes: npt.NDArray[np.int64], at: tuple[int, int]) -> dict[str, float]:
    """Give the shares of all wakes of a window that overlap another of the same or the other role; 3
    decimals.
    """
    shares: dict[str, float] = {}
    for name, pre, post in (("so", counts.so_pre, counts.so_post), ("mo", counts.mo_pre, counts.mo_post)):
        before, behind = pre[wakes, at[0], at[1]] > 0, post[wakes, at[0], at[1]] > 0
        for key, met in ((f"{name}_pre", before), (f"{name}_post", behind), (name, before | behind)):
            shares[key] = round_half_even(int(met.sum()) / len(met), 3) if len(met) else math.nan
    return shares


def estimate_matched(
    counts: WakeCounts, found: MatchedWakes, design: WakeDesign, at: tuple[int, int]
) -> WindowEstimate:
    """Estimate from the matched wakes of the window at (length, radius)."""
    if not counts.complete[:, at[0]].any():
        return WindowEstimate(
            reason="no treatment or control row has the first and last row of the table "
            "further away than this window"
        )
    on = found.matching.matched
    wakes = found.wakes[on]
    use_weights = design.model == "att" or (design.weighted and design.model != "negative_binomial")
    return estimate_window(
        counts.dependent_post[wakes, at[0], at[1]],
        counts.dependent_pre[wakes, at[0], at[1]],
        counts.treated[wakes],
        found.matching.weights[on] if use_weights else None,
        [(name, found.variables[name][on]) for name in design.controls],
        model=design.model,
    )
