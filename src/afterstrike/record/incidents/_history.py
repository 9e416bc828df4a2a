"""What became of each incident from build to build, so that a reader can be told what is new and what changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from afterstrike.record._store import records
from afterstrike.record.incidents._tables import has_history

if TYPE_CHECKING:
    import duckdb

__all__ = ["incident_changes", "keep_changes", "last_states"]

_BOUNDS = [
    f"{name}_{bound}" for name in ("fatalities", "civilian_fatalities") for bound in ("low", "best", "high")
]
_COUNTS = ("strikes", "targets", "reports", "injured_low", "injured_high", *_BOUNDS)
_SHOWN = ("kind", "place", "adm0", "date_start", "date_end", "initiator", "grade", "grade_reason", *_COUNTS)


def keep_changes(
    con: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, Any]], import_id: str | None
) -> int:
    """Write down how the incidents of this build differ from those of the last.

    Parameters
    ----------
    con : DuckDBPyConnection
        A record open for writing, inside the transaction of the build.
    rows : sequence of mapping
        The event rows of the incidents, as `incident_row` makes them.
    import_id : str, optional
        The import that wrote them.

    Returns
    -------
    int
        How many incidents are new, changed or gone.
    """
    before = last_states(con)
    after = {str(row["incident_id"]): _state(row) for row in rows}
    found = [
        (one, _change(before.get(one), after.get(one)), _json(before.get(one)), _json(after.get(one)))
        for one in sorted(before.keys() | after.keys())
        if before.get(one) != after.get(one)
    ]
    if found:
        con.executemany(
            "INSERT INTO incident_changes VALUES (?, now()::TIMESTAMP, ?, ?, ?, ?)",
            [(one, import_id, change, old, new) for one, change, old, new in found],
        )
    return len(found)


def last_states(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Give what each incident was after the last build; those that are gone are not among them."""
    if not has_history(con):
        return {}
    rows = con.execute(
        'SELECT incident_id, "after" FROM incident_changes '
        "QUALIFY row_number() OVER (PARTITION BY incident_id ORDER BY changed_at DESC, rowid DESC) = 1"
    ).fetchall()
    return {one: json.loads(state) for one, state in rows if state is not None}


def incident_changes(
    con: duckdb.DuckDBPyConnection,
    *,
    incident_id: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> list[dict[str, Any]]:
    """Give the changes of incidents, oldest first.

    Parameters
    ----------
    con : DuckDBPyConnection
        An open record.
    incident_id : str, optional
        Of one incident.
    since, until : str, optional
        Days or times in UTC, YYYY-MM-DD or YYYY-MM-DD HH:MM:SS; from `since` and before `until`.

    Returns
    -------
    list of dict
        incident_id, changed_at, import_id, change (added, changed or removed), before and after (each the
        incident's grade, day, place, initiator and counts; None where there was none).
    """
    if not has_history(con):
        return []
    found = records(
        con,
        "SELECT * FROM incident_changes WHERE ($one IS NULL OR incident_id = $one) "
        "AND ($since IS NULL OR changed_at >= CAST($since AS TIMESTAMP)) "
        "AND ($until IS NULL OR changed_at < CAST($until AS TIMESTAMP)) ORDER BY changed_at, incident_id",
        {"one": incident_id, "since": since, "until": until},
    )
    for row in found:
        for side in ("before", "after"):
            row[side] = json.loads(row[side]) if row[side] else None
    return found


def _state(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a reader is told of an incident, as it comes back from JSON."""
    state = {name: row.get(name) for name in _SHOWN}
    # the same ids, whatever the order in which the reports came
    state["told_ids"] = sorted(one["told_id"] for one in row["tellings"])
    read: dict[str, Any] = json.loads(json.dumps(state, default=str))
    return read


def _change(before: object, after: object) -> str:
    return "added" if before is None else "removed" if after is None else "changed"


def _json(state: dict[str, Any] | None) -> str | None:
    return None if state is None else json.dumps(state, ensure_ascii=False, sort_keys=True)
