"""Take one import back: delete what it added, put back what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterstrike.errors import RecordError
from afterstrike.record._schema import COLUMNS
from afterstrike.record._store import records, transaction

if TYPE_CHECKING:
    import duckdb

__all__ = ["undo_import"]

NAMES = tuple(column.name for column in COLUMNS)


def undo_import(
    con: duckdb.DuckDBPyConnection, import_id: str, *, is_rebuilt: bool = False
) -> dict[str, int]:
    """Take one import back; see `Record.undo`.

    `is_rebuilt` is for rows that are written anew at once: what a person coded since is laid over those too,
    so it is no reason to refuse.
    """
    found = records(con, "SELECT number, undone_at FROM imports WHERE import_id = ?", [import_id])
    if not found:
        known = ", ".join(
            row["import_id"] for row in records(con, "SELECT import_id FROM imports ORDER BY number")
        )
        raise RecordError(f"import {import_id!r} is not in this record; its imports: {known or 'none'}")
    if found[0]["undone_at"] is not None:
        raise RecordError(f"import {import_id} was undone before; add the file again to have its rows back")
    later = records(
        con,
        "SELECT i.import_id, count(*) AS rows FROM changes mine JOIN changes later USING (event_id) "
        "JOIN imports i ON i.import_id = later.import_id "
        "WHERE mine.import_id = ? AND i.number > ? AND i.undone_at IS NULL GROUP BY i.import_id, i.number "
        "ORDER BY i.number DESC",
        [import_id, found[0]["number"]],
    )
    if later and not is_rebuilt:
        names = ", ".join(row["import_id"] for row in later)
        raise RecordError(
            f"import {import_id} cannot be undone: {names} later wrote {later[0]['rows']:,} of the "
            "same rows; "
            f"undo {later[0]['import_id']} first"
        )
    counts = records(
        con, "SELECT change, count(*) AS n FROM changes WHERE import_id = ? GROUP BY change", [import_id]
    )
    with transaction(con):
        _revert(con, import_id)
    done = {row["change"]: int(row["n"]) for row in counts}
    return {"deleted": done.get("added", 0), "restored": done.get("updated", 0)}


def _revert(con: duckdb.DuckDBPyConnection, import_id: str) -> None:
    """Delete what the import added and put back what it changed; runs inside one transaction."""
    given = {"import_id": import_id}
    mine = "(SELECT event_id FROM changes WHERE import_id = $import_id AND change = 'added')"
    con.execute(f"DELETE FROM events WHERE event_id IN {mine}", given)
    con.execute(f"DELETE FROM publisher_columns WHERE event_id IN {mine}", given)

    def before(name: str, sql_type: str) -> str:
        found = f"list_filter(c.changed, lambda x: x.\"column\" = '{name}')"
        value = f"CAST({found}[1].before AS {sql_type})"
        return f"CASE WHEN len({found}) > 0 THEN {value} ELSE e.{name} END AS {name}"

    values = ", ".join(before(c.name, c.sql_type) for c in COLUMNS)
    con.execute(
        f"CREATE TEMP TABLE restored AS SELECT {values} FROM events e JOIN changes c USING (event_id) "
        "WHERE c.import_id = $import_id AND c.change <> 'added'",
        given,
    )
    con.execute("DELETE FROM events WHERE event_id IN (SELECT event_id FROM restored)")
    con.execute(f"INSERT INTO events ({', '.join(NAMES)}) SELECT {', '.join(NAMES)} FROM restored")
    con.execute("DROP TABLE restored")
    updated = "FROM changes WHERE import_id = $import_id AND change = 'updated'"
    con.execute(f"DELETE FROM publisher_columns WHERE event_id IN (SELECT event_id {updated})", given)
    con.execute(
        "INSERT INTO publisher_columns SELECT event_id, publisher_before.import_id, "
        "publisher_before.row_number, "
        f"publisher_before.layout_rank, publisher_before.publisher {updated}",
        given,
    )
    for table in ("rejected", "repairs"):
        con.execute(f"DELETE FROM {table} WHERE import_id = $import_id", given)
    con.execute(
        "DELETE FROM datasets WHERE import_id = $import_id AND NOT EXISTS (SELECT 1 FROM events e "
        "WHERE e.dataset = datasets.dataset "
        "AND e.dataset_version IS NOT DISTINCT FROM datasets.dataset_version)",
        given,
    )
    con.execute("UPDATE imports SET undone_at = now()::TIMESTAMP WHERE import_id = $import_id", given)
