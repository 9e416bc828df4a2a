"""Shows incidents: what is told of each, by whom, with the conflicting values side by side."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from afterstrike.record._store import records
from afterstrike.record.incidents._decide import members_of
from afterstrike.record.incidents._history import last_states
from afterstrike.record.incidents._tables import has_reports

if TYPE_CHECKING:
    import duckdb

__all__ = ["incidents_of"]


def incidents_of(
    con: duckdb.DuckDBPyConnection, incident_id: str | None = None, *, grade: str | None = None
) -> list[dict[str, Any]]:
    """Give the incidents of a record, or one of them.

    Parameters
    ----------
    con : DuckDBPyConnection
        An open record.
    incident_id : str, optional
        One incident.
    grade : str, optional
        Only incidents of this grade.

    Returns
    -------
    list of dict
        In order of day. `tellings` has one entry a report: file, hash, spans of the sentences, and its
        own values.
        `links` says why the tellings were taken for one event.
    """
    if not has_reports(con):
        return []
    if incident_id is not None:
        members_of(con, incident_id)  # says what there is, where the id is wrong
    found = records(
        con,
        "SELECT i.incident_id, i.grade, i.reason, i.graded_by, i.links, e.* EXCLUDE (event_id, import_id) "
        "FROM incidents i LEFT JOIN events e ON e.event_id = 'incidents:' || i.incident_id "
        "WHERE ($one IS NULL OR i.incident_id = $one) AND ($grade IS NULL OR i.grade = $grade) "
        "ORDER BY e.date_start NULLS LAST, i.incident_id",
        {"one": incident_id, "grade": grade},
    )
    told = records(
        con,
        "SELECT m.incident_id, e.told_id, e.event, r.report_id, r.path, r.text_sha256, r.lang, r.published, r.outlet "
        "FROM incident_members m JOIN report_events e USING (told_id) JOIN reports r USING (report_id, import_id) "
        "WHERE r.superseded_by IS NULL ORDER BY e.told_id",
    )
    by_incident: dict[str, list[dict[str, Any]]] = {}
    for row in told:
        event = json.loads(row.pop("event"))
        row["statements"] = event.get("spans", {}).get("statement", [])
        names = [
            "kind",
            "date_start",
            "place",
            "lat",
            "lon",
            "initiator",
            "source",
            "hedging",
            "fatalities_low",
            "fatalities_high",
            "civilian_fatalities_low",
            "civilian_fatalities_high",
            "civilian_status",
            "injured_low",
            "injured_high",
        ]
        row |= {name: event.get(name) for name in names}
        by_incident.setdefault(row.pop("incident_id"), []).append(row)
    states = last_states(con)
    for row in found:
        if row["dataset"] is None:  # the import refused its row, and `rejected` says why
            row |= {name: value for name, value in states.get(row["incident_id"], {}).items() if name in row}
        row["links"] = json.loads(row["links"] or "{}")
        row["tellings"] = by_incident.get(row["incident_id"], [])
    return found
