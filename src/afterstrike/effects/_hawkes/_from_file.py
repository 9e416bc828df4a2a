"""From a file of events to mutual excitation in one call: what the command line runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._from_file import estimate_from_file, zone_column

if TYPE_CHECKING:
    from ._result import ExcitationResult

__all__ = ["excitation_from_file"]


def excitation_from_file(
    path: str | Path,
    *,
    treatment: str,
    outcome: str,
    columns: Mapping[str, str] | None = None,
    region: str | None = None,
    period: tuple[str, str] | None = None,
    zones: str | float | None = None,
    progress: Callable[[str], None] = lambda stage: None,
    **options: Any,
) -> ExcitationResult:
    """Estimate mutual excitation from a file of events, as `mutual_excitation` does from a `Study`.

    Parameters
    ----------
    path
        A record (`.duckdb`), CSV, TSV, Parquet, JSON lines or GeoJSON.
    treatment, outcome
        A kind, or conditions as in `"kind=strike;initiator=US-led coalition"`.
    columns
        Which column is `time`, `lat`, `lon` and `kind`, where the names are not the usual ones.
    region
        A country code (needs the column `adm0`), `"west,south,east,north"`, or a GeoJSON file of areas.
    period
        First and last day, both inclusive.
    progress
        Called with a word at each stage.
    zones, options
        As in `mutual_excitation`.

    Returns
    -------
    ExcitationResult
        Rows whose date has no day are left out and counted in `.provenance["exclusions"]`.

    Raises
    ------
    SourceError, RecordError
        The file cannot be read.
    UsageError
        An option is not allowed, or a column is missing.
    EstimateRefused
        The rows cannot carry the estimate.

    Examples
    --------
    >>> import tempfile
    >>> from afterstrike.effects.theatres import Theatre, simulate_theatre
    >>> events = simulate_theatre(Theatre.preset("null", strikes="random"), seed=1).events
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     events.to_csv(f"{folder}/theatre.csv", index=False)
    ...     excitation_from_file(f"{folder}/theatre.csv", treatment="strike", outcome="attack", days=(14,))
    ExcitationResult(2 of 2 windows estimated, 9 checks)
    """
    from ._entry import mutual_excitation

    return estimate_from_file(
        path, lambda study: mutual_excitation(study, zones=zones, **options), treatment=treatment, outcome=outcome,
        columns=columns, region=region, period=period, needed=zone_column(zones), progress=progress,
    )  # fmt: skip
