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

__all__ = ["PeerRun", "Window", "run_mwa"]

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
    counts = count_wakes(table, lengths, radii_km, UNIT_MS[time_unit])
    windows = tuple(
        _window(table, counts, design, at=(t, s), length=length, radius=radius)
        for t, length in enumerate(lengths)
        for s, radius in enumerate(radii_km)
    )
    return PeerRun(table, counts, tuple(lengths), tuple(radii_km), windows)


def _compared_on(design: WakeDesign) -> list[str]:
    """Give what the imbalance is measured on: also the controls, which the peer leaves out of the
    matching.
    """
    overlap = ("SO_pre", "MO_pre") if design.match_overlap else ()
    return list(dict.fromkeys([*design.match_on, *design.controls, "dependent_trend", *overlap]))


def _matched_on(design: WakeDesign) -> list[str]:
    return [name for name in _compared_on(design) if name not in design.controls]


def _window(
    table: PeerTable,
    counts: WakeCounts,
    design: WakeDesign,
    *,
    at: tuple[int, int],
    length: int,
    radius: float,
) -> Window:
    t, s = at
    keep = counts.complete[:, t]
    if design.drop_overlaps:
        keep = keep & (counts.so_pre[:, t, s] == 0) & (counts.mo_pre[:, t, s] == 0)
    wakes = np.flatnonzero(keep)
    treated = counts.treated[wakes]
    known = {
        **{name: values[wakes] for name, values in table.values.items()},
        "dependent_trend": counts.dependent_trend[wakes, t, s],
        "SO_pre": counts.so_pre[wakes, t, s].astype(np.float64),
        "MO_pre": counts.mo_pre[wakes, t, s].astype(np.float64),
    }
    matching, cutpoints = _match(
        {name: known[name] for name in _matched_on(design)}, treated, design.cutpoints or {}
    )
    variables = [known[name] for name in _compared_on(design)]
    on = matching.matched
    after = treated[on]
    return Window(
        days=length,
        km=radius,
        wakes=wakes,
        matching=matching,
        cutpoints=cutpoints,
        n_before=(int((~treated).sum()), int(treated.sum())),
        n_after=(int((~after).sum()), int(after.sum())),
        imbalance_before=imbalance(variables, treated),
        imbalance_after=imbalance([values[on] for values in variables], after),
        overlap=_overlap(counts, wakes, at),
        estimate=_estimate(
            counts, wakes[on], at, matching.weights[on], design, {n: known[n][on] for n in design.controls}
        ),
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


def _estimate(
    counts: WakeCounts,
    wakes: npt.NDArray[np.int64],
    at: tuple[int, int],
    weights: Floats,
    design: WakeDesign,
    controls: Mapping[str, Floats],
) -> WindowEstimate:
    if not counts.complete[:, at[0]].any():
        return WindowEstimate(
            reason="no treatment or control row has the first and last row of the table "
            "further away than this window"
        )
    use_weights = design.model == "att" or (design.weighted and design.model != "negative_binomial")
    return estimate_window(
        counts.dependent_post[wakes, at[0], at[1]],
        counts.dependent_pre[wakes, at[0], at[1]],
        counts.treated[wakes],
        weights if use_weights else None,
        list(controls.items()),
        model=design.model,
    )
