"""Incidents: the list with civilian harm first, and one incident with its sources, quotes, rivals and decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import orjson
from starlette.responses import Response

from ..record._in_words import civilian_status_of
from ..record._schema import EVENT_KINDS
from . import _schemas as schemas
from ._archived import Copy, archived_copy, describe_copy, quotes_of, raw_copy
from ._page import File, Page
from ._parameter import choice, day, flag, text, whole
from ._problem import Problem
from ._record_pages import about_record
from ._snapshot import Snapshot
from ._tables import has_table
from ._visit import Visit

__all__ = ["FILES", "INCIDENT_ID", "PAGES", "all_incidents"]

PAGE_SIZE = 50
GRADES = ("confirmed", "fair", "weak", "contested", "discounted")
# What sources may say differently, side by side.
RIVALS = ("kind", "date_start", "place", "initiator", "fatalities_low", "fatalities_high", "civilian_fatalities_low",
          "civilian_fatalities_high", "injured_low", "injured_high", "civilian_status")  # fmt: skip


def all_incidents(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Give every incident of a copy of the record; read once."""

    def read() -> list[dict[str, Any]]:
        from ..record.incidents import incidents_of

        found = incidents_of(snapshot.cursor())
        for one in found:
            one["is_harm"] = is_harm(one)
            one["civilian_status"] = civilian_status_of(one["tellings"])
            for row in (one, *one["tellings"]):
                if row["place"] and row["adm0"] is None and row["lat"] is None:
                    row["place"] = None  # what no gazetteer knows may be no place but a person
            one["reports"] = len({told["report_id"] for told in one["tellings"]})
        return found

    return snapshot.once("incidents", read)


def is_harm(incident: Mapping[str, Any]) -> bool:
    """Say whether civilian harm is told of, as the record's own filter `civilian_harm` does."""
    counts = [incident.get(f"civilian_fatalities_{bound}") for bound in ("low", "best", "high")]
    return incident.get("kind") == "violence_against_civilians" or any(
        n is not None and n > 0 for n in counts
    )


def _order(incident: Mapping[str, Any]) -> tuple[Any, ...]:
    """Put civilian harm first, then the latest day, those without a day last."""
    start = incident.get("date_start")
    ordinal = start.toordinal() if isinstance(start, dt.date) else 0
    return (not incident["is_harm"], -ordinal, incident["incident_id"])


def incidents_data(visit: Visit) -> dict[str, Any]:
    """Give the incidents that pass the filters, civilian harm first, with counts that add up."""
    snapshot = visit.web.store.current()
    everything = all_incidents(snapshot)
    chosen = sorted((one for one in everything if _passes(one, visit.values)), key=_order)
    page = visit.values["page"]
    shown = chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    grades = {grade: sum(one["grade"] == grade for one in chosen) for grade in GRADES}
    return {
        "filters": {k: v for k, v in visit.values.items() if v not in (None, (), False) and k != "page"},
        "counts": {"shown": len(chosen), "total": len(everything), "harm": sum(one["is_harm"] for one in chosen),
                   "without_place": sum(one["lat"] is None for one in chosen),
                   "without_day": sum(one["date_start"] is None for one in chosen)},
        "grades": grades,
        "page": page,
        "pages": max(1, -(-len(chosen) // PAGE_SIZE)),
        "incidents": [_line(one) for one in shown],
        "record": about_record(visit, snapshot),
    }  # fmt: skip


def _passes(one: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    if asked["grade"] and one["grade"] not in asked["grade"]:
        return False
    if asked["kind"] and one["kind"] not in asked["kind"]:
        return False
    if asked["harm"] and not one["is_harm"]:
        return False
    if asked["place"]:
        wanted = asked["place"].casefold()
        if not any(wanted in str(one[name] or "").casefold() for name in ("place", "adm0", "adm1")):
            return False
    if asked["from"] and not (one["date_end"] and one["date_end"] >= asked["from"]):
        return False
    return not asked["to"] or bool(one["date_start"] and one["date_start"] <= asked["to"])


_LINE = ("incident_id", "grade", "reason", "graded_by", "kind", "date_start", "date_end", "date_precision", "place",
         "adm0", "adm1", "lat", "lon", "geo_precision", "initiator", "hedging", "fatalities_low", "fatalities_best",
         "fatalities_high", "civilian_fatalities_low", "civilian_fatalities_best", "civilian_fatalities_high",
         "injured_low", "injured_high", "civilian_status", "is_harm", "reports")  # fmt: skip


def _line(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one.get(name) for name in _LINE}


def incident_data(visit: Visit) -> dict[str, Any]:
    """Give one incident: what each source says, with its words where they can be shown, and where sources differ."""
    snapshot = visit.web.store.current()
    incident_id = visit.values["incident_id"]
    found = next((one for one in all_incidents(snapshot) if one["incident_id"] == incident_id), None)
    if found is None:
        raise Problem(404, f"no incident {incident_id[:60]!r}", "", _what_became_of(snapshot, incident_id))
    copies = _copies(snapshot, [told["report_id"] for told in found["tellings"]])
    tellings = [_telling(visit, told, copies.get(told["report_id"])) for told in found["tellings"]]
    told_ids = {told["told_id"] for told in found["tellings"]}
    decisions = [one for one in _decisions(snapshot) if told_ids & set(one["told_ids"])]
    return {
        "incident": _line(found)
        | {name: found.get(name) for name in ("side_a", "side_b", "weapon", "strikes", "targets")},
        "event_id": f"incidents:{incident_id}",
        "tellings": tellings,
        "rivals": _rivals(tellings),
        "links": [{"pair": pair, "reasons": reasons} for pair, reasons in found["links"].items()],
        "decisions": decisions,
        "history": _history(snapshot, incident_id),
        "grades": list(GRADES),
        "record": about_record(visit, snapshot),
    }


def _telling(visit: Visit, told: Mapping[str, Any], copy: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give what one report says, with the quote from the archived copy."""
    sha256 = copy["sha256"] if copy else None
    quotes, why_not = quotes_of(visit.settings.archive_folder, sha256, told["text_sha256"], told)
    return {
        **{
            name: told[name]
            for name in ("told_id", "report_id", "lang", "published", "outlet", "source", "hedging")
        },
        **{name: told.get(name) for name in (*RIVALS, "lat", "lon")},
        "file": PurePath(str(told["path"])).name,
        "text_sha256": told["text_sha256"],
        "statements": told["statements"],
        "quotes": quotes,
        "no_quote": why_not,
        "address": copy["address"] if copy else _address(told["report_id"]),
        "title": copy["title"] if copy else None,
        "state": copy["state"] if copy else None,
        "version": copy["version"] if copy else None,
        "archive": f"/archive/{copy['sha256']}" if copy and copy["sha256"] else None,
    }


def _address(report_id: str) -> str | None:
    return report_id if report_id.startswith(("https://", "http://")) else None


def _what_became_of(snapshot: Snapshot, incident_id: str) -> str:
    """Say where what an incident told is told now: a link of yesterday is no dead end."""
    last = next((row for row in reversed(_history(snapshot, incident_id)) if row["before"]), None)
    if last is None:
        return "see /incidents for all there are"
    told = set(last["before"].get("told_ids", ()))
    now = [
        one["incident_id"]
        for one in all_incidents(snapshot)
        if told & {t["told_id"] for t in one["tellings"]}
    ]
    when = str(last["changed_at"])[:16]
    if not now:
        return f"it is no longer built since {when}: its reports were taken back or taken out; see /changes"
    return f"since {when} what it told is part of /incidents/{now[0]}"


def _rivals(tellings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give each value that sources tell differently, with who tells what; silence is no rival."""
    found = []
    for name in RIVALS:
        values: dict[str, dict[str, Any]] = {}
        for told in tellings:
            if told[name] is not None:
                # one place has many spellings: a coordinate says which place is meant
                key = _spot(told) if name == "place" else str(told[name])
                entry = values.setdefault(key, {"value": told[name], "told_by": []})
                entry["told_by"].append(told["told_id"])
        if len(values) > 1:
            found.append({"name": name, "values": list(values.values())})
    return found


def _spot(told: Mapping[str, Any]) -> str:
    return f"{told['lat']:.2f} {told['lon']:.2f}" if told["lat"] is not None else str(told["place"])


def _copies(snapshot: Snapshot, report_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Give for each report the newest archived copy that a watch read it from."""
    con = snapshot.cursor()
    if not has_table(con, "watch_items"):
        return {}
    from ..record._store import records

    marks = ", ".join("?" * len(report_ids))
    rows = records(
        con,
        "SELECT report_id, address, title, sha256, state, version FROM watch_items "
        f"WHERE report_id IN ({marks}) ORDER BY version, last_seen",
        list(report_ids),
    )
    return {row["report_id"]: row for row in rows}


def _decisions(snapshot: Snapshot) -> list[dict[str, Any]]:
    def read() -> list[dict[str, Any]]:
        from ..record.incidents import decisions

        return decisions(snapshot.cursor())

    return snapshot.once("decisions", read)


def _history(snapshot: Snapshot, incident_id: str) -> list[dict[str, Any]]:
    """Give what changed in an incident, oldest first, where the record keeps it."""
    con = snapshot.cursor()
    if not has_table(con, "incident_changes"):
        return []
    from ..record._store import records

    rows = records(
        con,
        "SELECT changed_at, import_id, change, before, after FROM incident_changes WHERE incident_id = ? "
        "ORDER BY changed_at LIMIT 500",
        [incident_id],
    )
    for row in rows:
        row["before"], row["after"] = _json(row["before"]), _json(row["after"])
    return rows


def _json(raw: str | None) -> Any:
    try:
        return orjson.loads(raw) if raw else None
    except orjson.JSONDecodeError:
        return {"text": raw}


def archive_data(visit: Visit) -> dict[str, Any]:
    """Give an archived copy as plain text, with where and when it was got."""
    copy: Copy = archived_copy(visit.settings.archive_folder, visit.values["sha256"])
    return describe_copy(visit.settings.archive_folder, copy)


def _raw(visit: Visit) -> Response:
    """Send the archived bytes as a download that no browser opens as a page."""
    sha256 = visit.values["sha256"]
    body = raw_copy(visit.settings.archive_folder, sha256)
    headers = {"content-disposition": f'attachment; filename="{sha256[:16]}.bin"',
               "content-security-policy": "sandbox; default-src 'none'"}  # fmt: skip
    return Response(body, headers=headers, media_type="application/octet-stream")


INCIDENT_ID = text("incident_id", "Id of the incident.", longest=100)
SHA256 = text("sha256", "SHA-256 of the archived bytes, 64 digits.", longest=64)
FILTERS = (
    choice("grade", GRADES, "Grade; any of those given.", is_many=True),
    choice("kind", EVENT_KINDS, "Kind; any of those given.", is_many=True),
    day("from", "First day, inclusive."),
    day("to", "Last day, inclusive."),
    text("place", "Part of the name of the place, division or country."),
    flag("harm", "Only civilian harm."),
    whole("page", f"Page of {PAGE_SIZE}.", 1, 1_000_000, default=1),
)
PAGES = (
    Page("/incidents", "Incidents", "Incidents told by reports, civilian harm first.", incidents_data, "incidents.html.j2",
         schemas.INCIDENTS, query=FILTERS),
    Page("/incidents/{incident_id}", "Incident", "One incident: its sources side by side, quotes, rival numbers, decisions.",
         incident_data, "incident.html.j2", schemas.INCIDENT, in_path=(INCIDENT_ID,)),
    Page("/archive/{sha256}", "Archived copy", "The text of an archived page, when and where it was got.", archive_data,
         "archive.html.j2", schemas.ARCHIVE, in_path=(SHA256,)),
)  # fmt: skip
FILES = (
    File(
        "/archive/{sha256}/raw",
        "The archived bytes, as a download.",
        _raw,
        "application/octet-stream",
        in_path=(SHA256,),
    ),
)
