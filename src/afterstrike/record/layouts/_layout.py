"""What a layout is: one file format of one publisher, turned into rows of the event table.

A layout never writes to the record. It is handed a DuckDB connection in which the file stands as a table
`raw` (the publisher's columns, unchanged, plus `row_number` counted from 1), and makes a table or view
with one row for each row of `raw`: `row_number`, any of the event table's columns (missing ones become
NULL), `reject_reason` (NULL where the row is good) and `repairs` (what was mended, with the original
values; NULL where nothing was). The store does the rest: shared checks, comparison, transaction, log.

A layout may also have, each left out where its default holds:

- `withheld(columns, options)`: the publisher's columns that may name private persons. They are read by
  `stage` only and never stored: not in the publisher's row, not in rejected rows, not in exports. The import
  report names them. Default: none.
- `rows_share_events = True`: several rows may be one event; all of them are staged alike. Default: a second
  row of an id is a copy or is rejected.
- `citation_of(options)`, `dataset_of(columns)`, `version_in_name(name)`: where the file or the user says it.
- `is_placed = True`: places are resolved already; one without a coordinate is left open, not asked for again.
- `rank(columns)`, `is_sample(columns)`, `latest_date`, `coding`: a partial file, a sample, the last day
  allowed, whether the coding rule sets kind and initiator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import duckdb

__all__ = ["Layout", "LayoutOptions"]


@dataclass(frozen=True)
class LayoutOptions:
    """What a user may say about a file beside its path."""

    dataset: str | None = None
    dataset_version: str | None = None
    mapping: Mapping[str, object] = field(default_factory=dict)  # for the generic layout
    gazetteers: Sequence[str] = ()  # extra places files
    companions: Sequence[str] = ()  # files beside this one that explain it, e.g. a columns.csv


class Layout(Protocol):
    """One publisher's file format."""

    name: str  # what --as takes, e.g. "ucdp-ged"
    title: str  # "UCDP Georeferenced Event Dataset"
    dataset: str  # default short name of the data set
    licence: str
    citation: str

    def matches(self, columns: Sequence[str]) -> bool:
        """Say whether a file with these columns is of this layout."""
        ...

    def stage(self, con: duckdb.DuckDBPyConnection, raw: str, staged: str, options: LayoutOptions) -> None:
        """Create the temporary table or view `staged` from the table `raw`."""
        ...
