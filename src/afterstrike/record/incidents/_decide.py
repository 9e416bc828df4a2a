"""What an analyst decides about incidents: merge, split, grade. Decisions are logged and outlive imports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from afterstrike.errors import RecordError, UsageError
from afterstrike.record._store import records, transaction
from afterstrike.record.incidents._tables import has_reports, make_tables

if TYPE_CHECKING:
    import duckdb

__all__ = ["GRADES", "decide", "decisions", "members_of", "withdraw"]

GRADES = ("confirmed", "fair", "weak", "contested", "discounted")
"""As civilian-harm monitors grade. Confirmed by a side that took part; fair: two or more sources agree; weak:
one source; contested: sources name other sides, or one denies; discounted: the sources say that nobody was
harmed."""


def members_of(con: duckdb.DuckDBPyConnection, incident_id: str) -> list[str]:
    """Give what is told of an incident, by the ids of the tellings."""
    if not has_reports(con):
        raise RecordError(
            "this record holds no reports; add some with `afterstrike record add reports.jsonl`"
        )
    rows = con.execute(
        "SELECT told_id FROM incident_members WHERE incident_id = ? ORDER BY told_id", [incident_id]
    ).fetchall()
    if not rows:
        some = con.execute("SELECT incident_id FROM incidents ORDER BY incident_id LIMIT 3").fetchall()
        shown = ", ".join(row[0] for row in some) or "none"
        raise RecordError(
            f"incident {incident_id!r} is not in this record (it has, among others: {shown}); "
            "`afterstrike incidents show` lists them"
        )
    return [row[0] for row in rows]


def decide(
    con: duckdb.DuckDBPyConnection,
    verb: Literal["merge", "split", "grade"],
    incidents: Sequence[str],
    *,
    tellings: Sequence[str] = (),
    grade: str | None = None,
    reason: str | None = None,
) -> int:
    """Log a decision. It holds for the tellings themselves, so it outlives imports and builds.

    Parameters
    ----------
    con : DuckDBPyConnection
        An open record.
    verb : "merge", "split" or "grade"
        merge: all tellings of `incidents` are one. split: `tellings` are no part of the one incident.
        grade: the incident has this grade whatever its sources.
    incidents : sequence of str
        Two or more for merge, one for split and grade.
    tellings : sequence of str
        For split.
    grade : str
        For grade; one of GRADES.
    reason : str, optional
        Why, in the analyst's words.

    Returns
    -------
    int
        The number of the decision; `withdraw` takes it back.

    Raises
    ------
    RecordError, UsageError
        An incident or telling is not there, or a grade is not allowed.
    """
    members = [members_of(con, one) for one in dict.fromkeys(incidents)]
    apart: list[str] = []
    if verb == "merge" and len(members) < 2:
        raise UsageError("merge takes two or more incidents; `afterstrike incidents show` lists them")
    if verb == "split":
        inside = members[0]
        unknown = [one for one in tellings if one not in inside]
        if unknown or not tellings or len(set(tellings)) == len(inside):
            raise UsageError(
                f"split takes some, not all, of what is told of {incidents[0]}: {', '.join(inside)}; "
                f"got {', '.join(tellings) or 'none'}"
            )
        apart = [one for one in inside if one not in tellings]
        members = [list(dict.fromkeys(tellings))]
    if verb == "grade" and grade not in GRADES:
        raise UsageError(f"grade {grade!r} is not allowed; allowed: {', '.join(GRADES)}")
    make_tables(con)
    told = [one for group in members for one in group]
    with transaction(con):
        row = con.execute("SELECT coalesce(max(number), 0) + 1 FROM incident_decisions").fetchone()
        number = int(row[0]) if row else 1
        con.execute(
            "INSERT INTO incident_decisions VALUES (?, now()::TIMESTAMP, ?, ?, ?, ?, ?, NULL)",
            [number, verb, told, apart, grade, reason],
        )
    return number


def withdraw(con: duckdb.DuckDBPyConnection, number: int) -> None:
    """Take a decision back; it stays in the log as withdrawn."""
    found = (
        records(con, "SELECT withdrawn_at FROM incident_decisions WHERE number = ?", [number])
        if has_reports(con)
        else []
    )
    if not found:
        raise RecordError(
            f"decision {number} is not in this record; `afterstrike incidents decisions` lists them"
        )
    if found[0]["withdrawn_at"] is not None:
        raise RecordError(f"decision {number} was withdrawn before")
    con.execute("UPDATE incident_decisions SET withdrawn_at = now()::TIMESTAMP WHERE number = ?", [number])


def decisions(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Give every decision, in order, withdrawn ones too."""
    if not has_reports(con):
        return []
    return records(con, "SELECT * FROM incident_decisions ORDER BY number")
