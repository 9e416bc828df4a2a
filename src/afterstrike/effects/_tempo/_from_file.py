"""A rate against the past from a file of events in one call: what the command line runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._from_file import outcome_of_file, with_file
from ._entry import tempo_against_past

if TYPE_CHECKING:
    from ._result import TempoResult

__all__ = ["tempo_from_file"]


def tempo_from_file(
    path: str | Path,
    *,
    outcome: str,
    window: str | tuple[str, str],
    reference: str | tuple[str, str],
    columns: Mapping[str, str] | None = None,
    region: str | None = None,
    progress: Callable[[str], None] | None = None,
    **options: Any,
) -> TempoResult:
    """Set a rate of a record against its past, as `tempo_against_past` does from a table.

    Parameters
    ----------
    path
        A record (`.duckdb`), CSV, TSV, Parquet, JSON lines or GeoJSON.
    outcome
        Which rows: a kind, or conditions as in `"kind=attack;initiator=IS"`.
    window, reference
        As in `tempo_against_past`.
    columns
        Which column is `time`, `lat`, `lon` and `kind`, where the names are not the usual ones.
    region
        A country code (needs the column `adm0`), `"west,south,east,north"`, or a GeoJSON file of areas.
    progress
        Called with a word at each stage.
    options
        Any other option of `tempo_against_past`.

    Returns
    -------
    TempoResult

    Raises
    ------
    SourceError, RecordError
        The file cannot be read.
    UsageError, EstimateRefused
        See `tempo_against_past`.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, pandas as pd
    >>> day = np.datetime64("2017-01-01") + np.arange(500).repeat(2)
    >>> table = pd.DataFrame({"kind": "attack", "date": day})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table.to_csv(f"{folder}/events.csv", index=False)
    ...     found = tempo_from_file(f"{folder}/events.csv", outcome="attack", window="2018-01-01/2018-03-31",
    ...                             reference="2017")
    >>> float(found.to_frame()["rate_ratio"][0])
    1.0
    """
    reached = progress or (lambda stage: None)
    reached("reading")
    chosen, source, left_out = outcome_of_file(path, outcome=outcome, columns=columns, region=region)
    reached("comparing")
    result = tempo_against_past(chosen, window=window, reference=reference, columns=columns, **options)
    return with_file(
        result,
        source,
        exclusions={**left_out, **result.provenance["exclusions"]},
        parameters={**result.provenance["parameters"], "outcome": outcome, "region": region},
    )
