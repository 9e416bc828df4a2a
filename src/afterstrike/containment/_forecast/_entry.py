"""The way in: a panel and an origin in, a forecast out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import EstimateRefused, UsageError
from ._baselines import BASELINES
from ._forecast import Forecast
from ._panel import Panel, read_panel

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MODELS", "forecast"]

MODELS = ("pooled", *BASELINES)
"""Names `model=` takes."""

Progress = Callable[[str], None]


def forecast(
    panel: pd.DataFrame | str | Path | Panel,
    *,
    origin: Any = None,
    horizons: Iterable[int] = range(3, 15),
    draws: int = 1000,
    seed: int = 0,
    model: str = "pooled",
    unit: str = "unit",
    time: str = "time",
    value: str = "value",
    vintage: str = "not stated",
    progress: Progress | None = None,
) -> Forecast:
    """Forecast counts of every unit of a panel, with draws.

    Parameters
    ----------
    panel
        A long table (or the path of a CSV or Parquet file), one row a unit and time; see `read_panel`.
    origin
        The last time that may be looked at, written as the panel's times are; the last one, if not given.
    horizons
        Steps after the origin to forecast, each 1 or more.
    draws
        Draws for each unit and horizon, 2 to 100,000. `last12` always gives 12.
    seed
        Chance.
    model
        A name in `MODELS`.
    unit, time, value
        Names of the panel's columns.
    vintage
        What the counts are and when they were taken, in the caller's words; kept with the forecast.
    progress
        Called with a line at each stage.

    Returns
    -------
    Forecast

    Raises
    ------
    UsageError
        An origin outside the panel, a horizon that overlaps it, an unknown model, or a panel that cannot be read.
    EstimateRefused
        Too little is known before the origin.

    Notes
    -----
    Only rows up to and including the origin are looked at. Units with nothing known in the year up to the origin
    are left out and named.

    Example
    -------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"unit": "a", "time": range(24), "value": [0, 3] * 12})
    >>> found = forecast(rows, origin=23, horizons=[1], model="last12")
    >>> found.draws.shape, found.draws.mean().item()
    ((1, 1, 12), 1.5)
    """
    table = panel if isinstance(panel, Panel) else read_panel(panel, unit=unit, time=time, value=value)
    steps = _check(horizons, draws, model)
    at = table.last if origin is None else table.number(origin, "origin")
    if not table.first <= at <= table.last:
        raise UsageError(
            f"origin {origin!r} lies outside the panel, which runs from {table.label(table.first)} to "
            f"{table.label(table.last)}; give a time within it"
        )
    known, notes = _known(table.until(at), table.label(at))
    rng = np.random.default_rng(seed)
    settings: dict[str, Any] = {}
    if model == "pooled":
        from ._pooled import pooled

        found, settings = pooled(known.values, steps, draws, known.per_year, rng, progress)
    else:
        found = BASELINES[model](known.values, steps, draws, known.per_year, rng)
    return Forecast(
        units=known.units,
        horizons=steps,
        times=tuple(known.label(at + step) for step in steps),
        draws=found,
        origin=known.label(at),
        model=model,
        vintage=vintage,
        history=known,
        notes=notes,
        provenance=_provenance(known, model, seed, settings),
    )


def _check(horizons: Iterable[int], draws: int, model: str) -> tuple[int, ...]:
    if model not in MODELS:
        raise UsageError(f"model {model!r} is not known; give one of {', '.join(MODELS)}")
    steps = tuple(horizons)
    if not steps or any(isinstance(one, bool) or int(one) != one for one in steps):
        raise UsageError(f"horizons {steps!r}: give whole numbers of steps after the origin, as range(3, 15)")
    if min(steps) < 1:
        raise UsageError(
            f"horizon {min(steps)} overlaps the origin: what is up to it is known, not forecast; give horizons from 1"
        )
    if len(set(steps)) < len(steps) or max(steps) > 520:
        raise UsageError(f"horizons {steps!r}: give each once, and none above 520")
    if not 2 <= draws <= 100_000:
        raise UsageError(f"draws={draws!r}: give 2 to 100,000")
    return tuple(sorted(int(one) for one in steps))


def _known(panel: Panel, origin: Any) -> tuple[Panel, tuple[str, ...]]:
    """Leave out units with nothing known in the last year, and say so."""
    year = panel.per_year
    if panel.values.shape[1] < year:
        raise EstimateRefused(
            f"the panel has {panel.values.shape[1]} steps up to {origin}; a forecast needs {year} or more, a year of them"
        )
    recent = np.asarray(~np.isnan(panel.values[:, -12:]).all(axis=1))
    if not recent.any():
        raise EstimateRefused(f"no unit has a value in the 12 steps up to {origin}; give an earlier origin")
    gone = [str(unit) for unit, is_there in zip(panel.units, recent.tolist(), strict=True) if not is_there]
    kept = replace(
        panel,
        units=tuple(unit for unit, is_there in zip(panel.units, recent.tolist(), strict=True) if is_there),
        values=panel.values[recent],
    )
    notes = []
    if gone:
        notes.append(
            f"Left out, nothing known in the 12 steps up to the origin: {', '.join(gone[:10])}"
            f"{f' and {len(gone) - 10} more' if len(gone) > 10 else ''}."
        )
    lost = int(np.isnan(kept.values[:, -year:]).sum())
    if not np.nansum(kept.values):
        notes.append("Every known value is zero: no onset was ever seen here, and its chance cannot be told.")
    if lost:
        notes.append(f"{lost:,} values of the last year are missing; they were not taken for zero.")
    return kept, tuple(notes)


def _provenance(panel: Panel, model: str, seed: int, settings: dict[str, Any]) -> dict[str, Any]:
    from afterstrike import __version__

    digest = hashlib.sha256(repr((panel.units, panel.first, panel.step)).encode())
    digest.update(np.ascontiguousarray(panel.values).tobytes())
    return {
        "model": model,
        "seed": seed,
        "settings": settings,
        "panel_sha256": digest.hexdigest(),
        "afterstrike_version": __version__,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
