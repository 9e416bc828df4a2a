"""Shifts from a file of events in one call: what the command line runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import UsageError
from .._from_file import outcome_of_file, with_file
from ._entry import DEATHS, change_points

if TYPE_CHECKING:
    from ._result import ShiftResult

__all__ = ["shifts_from_file"]


def shifts_from_file(
    path: str | Path,
    *,
    outcome: str,
    columns: Mapping[str, str] | None = None,
    region: str | None = None,
    progress: Callable[[str], None] | None = None,
    **options: Any,
) -> ShiftResult:
    """Find the shifts of a record, as `change_points` does from a table.

    Parameters
    ----------
    path
        A record (`.duckdb`), CSV, TSV, Parquet, JSON lines or GeoJSON.
    outcome
        Which rows: a kind, or conditions as in `"kind=attack;initiator=IS"`.
    columns
        Which column is `time`, `lat`, `lon` and `kind`, where the names are not the usual ones.
    region
        A country code (needs the column `adm0`), `"west,south,east,north"`, or a GeoJSON file of areas.
    progress
        Called with a word at each stage.
    options
        Any other option of `change_points`.

    Returns
    -------
    ShiftResult

    Raises
    ------
    SourceError, RecordError
        The file cannot be read.
    UsageError, EstimateRefused
        See `change_points`.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np, pandas as pd
    >>> day = np.datetime64("2016-01-04") + np.arange(280).repeat(np.arange(280) // 140 * 2 + 1)
    >>> table = pd.DataFrame({"kind": "attack", "date": day, "lat": 35.0, "lon": 40.0})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table.to_csv(f"{folder}/events.csv", index=False)
    ...     found = shifts_from_file(f"{folder}/events.csv", outcome="attack", series=["tempo"])
    >>> str(found.to_frame()["date"][0])
    '2016-05-23'
    """
    reached = progress or (lambda stage: None)
    reached("reading")
    chosen, source, left_out = outcome_of_file(path, outcome=outcome, columns=columns, region=region)
    deaths = options.get("deaths", DEATHS)
    if deaths != DEATHS and deaths not in chosen.columns:
        raise UsageError(
            f"deaths={deaths!r}: no such column; the table has {', '.join(map(str, chosen.columns))}"
        )
    reached("testing")
    result = change_points(chosen, columns=columns, **options)
    return with_file(
        result,
        source,
        exclusions={**left_out, **result.provenance["exclusions"]},
        parameters={**result.provenance["parameters"], "outcome": outcome, "region": region},
    )
