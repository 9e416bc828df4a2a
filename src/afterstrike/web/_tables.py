"""Which tables a record has: those of watching are there only where something was watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["has_table"]


def has_table(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Say whether a record has a table of this name."""
    return bool(con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [name]).fetchone())
