"""From a file of events to the comparison in one call: what `afterstrike lull` runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._from_file import estimate_from_file, zone_column

if TYPE_CHECKING:
    from ._result import LullComparison

__all__ = ["lull_from_file"]


def lull_from_file(
    path: str | Path,
    *,
    treatment: str,
    outcome: str,
    control: str | None = None,
    days: int,
    km: float,
    columns: Mapping[str, str] | None = None,
    region: str | None = None,
    period: tuple[str, str] | None = None,
    zones: str | float | None = "auto",
    progress: Callable[[str], None] = lambda stage: None,
    **options: Any,
) -> LullComparison:
    """Run every design on a file of events, as `lull` does on a `Study`.

    Parameters
    ----------
    path, treatment, outcome, control, columns, region, period
        As in `wakes_from_file`.
    days, km
        The horizon and radius declared.
    zones, options
        As in `lull`.

    Returns
    -------
    LullComparison

    Raises
    ------
    SourceError, RecordError
        The file cannot be read.
    UsageError
        An option is not allowed, or a column is missing.
    EstimateRefused
        The rows make no study.

    Examples
    --------
    >>> import tempfile
    >>> from afterstrike.effects.theatres import Theatre, simulate_theatre
    >>> events = simulate_theatre(Theatre.preset("null", strikes="random"), seed=1).events
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     events.to_csv(f"{folder}/theatre.csv", index=False)
    ...     beside = lull_from_file(f"{folder}/theatre.csv", treatment="strike", outcome="attack", days=7,
    ...                             km=25, designs=("naive before and after",))
    >>> beside.standings[0].design
    'naive before and after'
    """
    from ._entry import lull

    needed = [] if zones == "auto" else zone_column(zones)
    return estimate_from_file(
        path, lambda study: lull(study, zones=zones, progress=progress, **options), treatment=treatment,
        outcome=outcome, control=control, columns=columns, region=region, period=period, horizon_days=days,
        radius_km=km, needed=needed, progress=progress,
    )  # fmt: skip
