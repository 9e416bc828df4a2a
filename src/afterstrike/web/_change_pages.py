"""What changed in the record between two days, and where its data come from and how its sources fare."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson

from ..record._store import records
from . import _schemas as schemas
from ._page import Page
from ._parameter import day, text, whole
from ._problem import Problem
from ._record_pages import about_record
from ._tables import has_table
from ._visit import Visit

__all__ = ["PAGES"]

PAGE_SIZE = 200
DEFAULT_DAYS = 30
_REBUILD = (
    "incidents"  # layout of the import that writes the incidents anew; what changed in them stands by itself
)


def changes_data(visit: Visit) -> dict[str, Any]:
    """Give what imports, decisions and rebuilds changed between two days, both inclusive."""
    snapshot = visit.web.store.current()
    first, last = _span(visit, snapshot.as_of)
    con = snapshot.cursor()
    end = last + dt.timedelta(days=1) if last < dt.date.max else last
    span = {"first": first, "end": end}
    imports = records(
        con,
        "SELECT import_id, number, started_at, undone_at, path, layout, dataset, dataset_version, rows_read, added, updated, "
        "unchanged, rejected, repaired, notes, "
        "(started_at >= $first AND started_at < $end) AS is_made, "
        "(undone_at >= $first AND undone_at < $end) AS is_undone FROM imports "
        "WHERE (started_at >= $first AND started_at < $end) OR (undone_at >= $first AND undone_at < $end) ORDER BY number",
        span,
    )
    for row in imports:
        row["is_made"], row["is_undone"] = bool(row["is_made"]), bool(row["is_undone"])
        row["is_rebuild"] = row["layout"] == _REBUILD
        row["file"] = str(row.pop("path") or "").replace("\\", "/").rpartition("/")[2]
        row["notes"] = row["notes"].split("\n") if row["notes"] else []
    by_column = _columns(
        con, [row["import_id"] for row in imports if row["is_made"] and not row["is_rebuild"]]
    )
    for row in imports:
        row["columns_changed"] = by_column.get(row["import_id"], [])
    rows, pages, counts = _rows(con, imports, visit.values["import"], visit.values["page"])
    return {
        "from": first,
        "to": last,
        "imports": imports,
        "counts": counts,
        "import": visit.values["import"],
        "page": visit.values["page"],
        "pages": pages,
        "rows": rows,
        "incidents": _incident_changes(con, span),
        "decisions": _decided(con, span),
        "record": about_record(visit, snapshot),
    }


def _span(visit: Visit, as_of: str) -> tuple[dt.date, dt.date]:
    """Give the days asked for; by default the thirty up to the copy's own."""
    last = visit.values["to"] or max(visit.values["from"] or dt.date.min, dt.date.fromisoformat(as_of[:10]))
    first = visit.values["from"] or (last - dt.timedelta(days=min(DEFAULT_DAYS, (last - dt.date.min).days)))
    if last < first:
        raise Problem(
            400, f"to={last} before from={first}", "to on or after from", "give the earlier day as from"
        )
    return first, last


def _columns(con: Any, import_ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Count for each import the rows it changed by column, in one pass over the changes."""
    if not import_ids:
        return {}
    marks = ", ".join("?" * len(import_ids))
    found: dict[str, list[dict[str, Any]]] = {}
    for row in records(
        con,
        'SELECT import_id, x."column" AS "column", count(*) AS rows FROM (SELECT import_id, unnest(changed) AS x FROM changes '
        f"WHERE change = 'updated' AND import_id IN ({marks})) WHERE x.\"column\" <> 'import_id' "
        'GROUP BY ALL ORDER BY rows DESC, "column"',
        import_ids,
    ):
        found.setdefault(row.pop("import_id"), []).append(row)
    return found


def _rows(
    con: Any, imports: list[dict[str, Any]], only: str | None, page: int
) -> tuple[list[dict[str, Any]], int, dict[str, int]]:
    """Give a page of the event rows that were added, updated or taken away, and how many of each there are."""
    made = [
        r["import_id"]
        for r in imports
        if r["is_made"] and not r["is_rebuild"] and only in (None, r["import_id"])
    ]
    undone = [
        r["import_id"]
        for r in imports
        if r["is_undone"] and not r["is_rebuild"] and only in (None, r["import_id"])
    ]
    given = {"made": made, "undone": undone}
    # an import that was undone took its rows away again, and gave back what it had changed
    union = (
        "SELECT import_id, event_id, change, changed, false AS by_undo FROM changes "
        "WHERE list_contains($made, import_id) AND change IN ('added', 'updated') UNION ALL "
        "SELECT import_id, event_id, CASE change WHEN 'added' THEN 'removed' ELSE 'restored' END, changed, true FROM changes "
        "WHERE list_contains($undone, import_id) AND change IN ('added', 'updated')"
    )
    kinds = ("added", "updated", "removed", "restored")
    tally = {
        row["change"]: int(row["n"])
        for row in records(con, f"SELECT change, count(*) AS n FROM ({union}) GROUP BY ALL", given)
    }
    counts = {kind: tally.get(kind, 0) for kind in kinds}
    counts["rows"] = sum(counts.values())
    pages = max(1, -(-counts["rows"] // PAGE_SIZE))
    offset = (page - 1) * PAGE_SIZE
    rows = records(
        con,
        f"SELECT u.*, i.number FROM ({union}) u JOIN imports i USING (import_id) "
        f"ORDER BY i.number, by_undo, u.change, u.event_id LIMIT {PAGE_SIZE} OFFSET {offset}",
        given,
    )
    for row in rows:
        changed = [one for one in row["changed"] or [] if one["column"] != "import_id"]
        if row["by_undo"]:
            changed = [
                {"column": one["column"], "before": one["after"], "after": one["before"]} for one in changed
            ]
        row["changed"] = changed
    return rows, pages, counts


def _incident_changes(con: Any, span: dict[str, Any]) -> dict[str, Any]:
    """Give what changed in incidents, where the record keeps it."""
    if not has_table(con, "incident_changes"):
        return {"is_kept": False, "counts": {}, "changes": []}
    where = "FROM incident_changes WHERE changed_at >= $first AND changed_at < $end"
    counts = {
        row["change"]: int(row["n"])
        for row in records(con, f"SELECT change, count(*) AS n {where} GROUP BY ALL", span)
    }
    rows = records(
        con,
        f"SELECT incident_id, changed_at, import_id, change, before, after {where} "
        f"ORDER BY changed_at DESC, incident_id LIMIT {PAGE_SIZE}",
        span,
    )
    for row in rows:
        row["before"], row["after"] = (
            orjson.loads(row[name]) if row[name] else None for name in ("before", "after")
        )
    return {"is_kept": True, "counts": counts, "changes": rows}


def _decided(con: Any, span: dict[str, Any]) -> list[dict[str, Any]]:
    if not has_table(con, "incident_decisions"):
        return []
    return records(
        con,
        "SELECT * FROM incident_decisions WHERE (decided_at >= $first AND decided_at < $end) "
        "OR (withdrawn_at >= $first AND withdrawn_at < $end) ORDER BY number",
        span,
    )


def sources_data(visit: Visit) -> dict[str, Any]:
    """Give the data sets with licence and citation, and the watched sources with how they fare."""
    snapshot = visit.web.store.current()
    con = snapshot.cursor()
    has_watch = all(has_table(con, f"watch_{name}") for name in ("sources", "polls", "items"))
    return {
        "datasets": snapshot.index.datasets,
        "is_watched": has_watch,
        "sources": _watched(con) if has_watch else [],
        "alarms": _alarms(con),
        "unreadable": _unreadable(con) if has_watch else [],
        "record": about_record(visit, snapshot),
    }


def _watched(con: Any) -> list[dict[str, Any]]:
    found = records(
        con,
        "SELECT s.name, s.kind, s.address, s.lang, s.outlet, s.licence, s.citation, s.every_minutes, s.first_seen, "
        "s.removed_at, p.last_poll, p.last_outcome, p.last_status, p.last_detail, p.last_good, coalesce(p.polls, 0) AS polls, "
        'coalesce(p.outages, 0) AS outages FROM watch_sources s LEFT JOIN (SELECT source, max(w."at") AS last_poll, '
        'arg_max(outcome, w."at") AS last_outcome, arg_max(status, w."at") AS last_status, '
        "arg_max(detail, w.\"at\") AS last_detail, max(w.\"at\") FILTER (outcome IN ('new', 'unchanged')) AS last_good, "
        "count(*) AS polls, "
        "count(*) FILTER (outcome NOT IN ('new', 'unchanged')) AS outages FROM watch_polls w GROUP BY source) p "
        "ON p.source = s.name ORDER BY s.removed_at IS NOT NULL, s.name",
    )
    states: dict[str, dict[str, int]] = {}
    for row in records(
        con, "SELECT source, state, count(*) AS n FROM watch_items GROUP BY ALL ORDER BY state"
    ):
        states.setdefault(row["source"], {})[row["state"] or "not stated"] = int(row["n"])
    for row in found:
        row["items"] = states.get(row["name"], {})
    return found


def _unreadable(con: Any) -> list[dict[str, Any]]:
    return records(
        con,
        "SELECT source, address, title, state, reason, last_seen FROM watch_items WHERE state IN ('unreadable', 'retracted') "
        f"ORDER BY last_seen DESC, source, address LIMIT {PAGE_SIZE}",
    )


def _alarms(con: Any) -> list[dict[str, Any]]:
    if not has_table(con, "watch_alarms"):
        return []
    return records(con, 'SELECT * FROM watch_alarms ORDER BY "at" DESC, series LIMIT 100')


PAGES = (
    Page("/sources", "Sources", "Data sets with licence and citation; watched sources and how they fare.", sources_data,
         "sources.html.j2", schemas.SOURCES),
    Page("/changes", "Changes", "What changed in the record between two days, column by column.", changes_data,
         "changes.html.j2", schemas.CHANGES,
         query=(day("from", "First day, inclusive; by default 30 days before the last."), day("to", "Last day, inclusive."),
                text("import", "Only the rows of this import."),
                whole("page", f"Page of {PAGE_SIZE} rows.", 1, 1_000_000, default=1))),
)  # fmt: skip
