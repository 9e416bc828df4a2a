"""What happened to a record: its imports, what each changed, what each rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterstrike.errors import RecordError
from afterstrike.record._store import records

if TYPE_CHECKING:
    import duckdb

__all__ = ["log_of", "rejected_of"]

SHOWN = 1000  # changed rows listed for one import; the counts by column are always of all rows


def log_of(con: duckdb.DuckDBPyConnection, import_id: str | None) -> list[dict[str, Any]]:
    """Give the imports, newest last; for one import also what it changed, column by column."""
    imports = records(con, "SELECT * FROM imports ORDER BY number")
    for row in imports:
        row["notes"] = row["notes"].split("\n") if row["notes"] else []
        row["columns_changed"] = _columns_changed(con, row["import_id"]) if row["updated"] else []
    if import_id is None:
        return imports
    chosen = [row for row in imports if row["import_id"] == import_id]
    if not chosen:
        known = ", ".join(row["import_id"] for row in imports)
        raise RecordError(f"import {import_id!r} is not in this record; its imports: {known or 'none'}")
    chosen[0]["changes"] = _changes(con, import_id)
    return chosen


def _columns_changed(con: duckdb.DuckDBPyConnection, import_id: str) -> list[dict[str, Any]]:
    """Count the updated rows by the column that changed."""
    return records(
        con,
        'SELECT x."column" AS "column", count(*) AS rows FROM (SELECT unnest(changed) AS x FROM changes '
        "WHERE import_id = ? AND change = 'updated') WHERE x.\"column\" <> 'import_id' "
        'GROUP BY ALL ORDER BY rows DESC, "column"',
        [import_id],
    )


def _changes(con: duckdb.DuckDBPyConnection, import_id: str) -> list[dict[str, Any]]:
    """Give each updated row with its columns before and after."""
    found = records(
        con,
        "SELECT c.event_id, c.changed, c.publisher_before.publisher IS DISTINCT FROM p.publisher AS "
        "row_differs "
        "FROM changes c LEFT JOIN publisher_columns p USING (event_id) "
        f"WHERE c.import_id = ? AND c.change = 'updated' ORDER BY c.event_id LIMIT {SHOWN}",
        [import_id],
    )
    for row in found:
        row["changed"] = [entry for entry in row["changed"] or [] if entry["column"] != "import_id"]
        if not row["changed"] and row["row_differs"]:
            # only columns that the event table does not carry are different
            row["changed"] = [{"column": "publisher's own columns", "before": None, "after": None}]
        del row["row_differs"]
    return found


def rejected_of(con: duckdb.DuckDBPyConnection, import_id: str | None) -> list[dict[str, Any]]:
    """Give the rejected rows with reason and original values."""
    where, values = ("import_id = ?", [import_id]) if import_id else ("true", [])
    return records(
        con,
        f"SELECT import_id, row_number, reason, original FROM rejected WHERE {where} "
        "ORDER BY import_id, row_number NULLS LAST",
        values,
    )
