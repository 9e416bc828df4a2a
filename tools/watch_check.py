"""Holds a record that was watched into against the press it watched: each item once, each incident traceable."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

import duckdb

from afterstrike.errors import AfterstrikeError
from afterstrike.record import open_record
from afterstrike.sources import Archive
from afterstrike.watch import WatchConfig, archived_text
from watch_press import Item, Press
from watch_server import Server

LATEST = (
    "(FROM watch_items QUALIFY row_number() OVER (PARTITION BY source, item_key ORDER BY version DESC) = 1)"
)


def check_run(config: WatchConfig, press: Press, server: Server) -> tuple[dict[str, Any], list[str]]:
    """Give figures of a run, and everything that is not as it should be."""
    faults: list[str] = []
    archive = Archive(config.archive, read_only=True)
    with open_record(config.record, read_only=True) as record:
        con = record.connection
        rows = {(r["source"], r["item_key"]): r for r in _dicts(con, f"FROM {LATEST}")}
        figures: dict[str, Any] = _items(press, server, rows, archive, faults)
        _versions(con, faults)
        figures |= _reports(con, rows, faults)
        figures |= _incidents(con, archive, faults)
        _tables(con, faults)
        figures |= _news(con, config, server, faults)
    return figures, faults


def _dicts(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    done = con.execute(sql)
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


def _items(press: Press, server: Server, rows: dict[tuple[str, str], dict[str, Any]], archive: Archive,
           faults: list[str]) -> dict[str, Any]:  # fmt: skip
    """Every item that was published has one latest row, in the state its truth asks for."""
    states: Counter[str] = Counter()
    groups: dict[str, list[str]] = {}
    published = {}
    for item in press.items:
        published[f"outlet-{item.outlet}", server.key(item)] = item
    for at, item in published.items():
        row = rows.get(at)
        if row is None and (item.outlet, item.number) not in server.listed:
            continue  # it was gone again before its outlet could be had
        if row is None:
            faults.append(f"lost: {at} ({item.expect}, {sorted(item.tags)})")
            continue
        states[row["state"]] += 1
        if item.group:
            groups.setdefault(item.group, []).append(row["state"])
        elif row["state"] != item.expect:
            faults.append(f"{at} is {row['state']}, not {item.expect} ({sorted(item.tags)}): {row['reason']}")
        if row["state"] == "read":
            _text(at, item, row, archive, faults)
    for name, found in groups.items():
        if sorted(found) != ["duplicate"] * (len(found) - 1) + ["read"]:
            faults.append(f"copies {name} are {found}")
    faults += [f"never published: {at}" for at in rows.keys() - published.keys()]
    listed = sum(at in rows or (item.outlet, item.number) in server.listed for at, item in published.items())
    return {"items published": listed, **{f"items {state}": n for state, n in sorted(states.items())}}


def _text(at: tuple[str, str], item: Item, row: dict[str, Any], archive: Archive, faults: list[str]) -> None:
    """The text that was read is the last one the page had."""
    if row["sha256"] is None:
        faults.append(f"{at} leads nowhere")
        return
    is_words = row["sha256"] == row["words_sha256"]
    if is_words != (item.is_missing or item.is_forbidden):
        faults.append(
            f"{at} was read from {'the feed' if is_words else 'the page'}: {row['reason']} ({sorted(item.tags)})"
        )
    elif not is_words and "copy_edited" not in item.tags and not item.group:
        text = archived_text(archive, row["sha256"])
        if item.versions[-1].token not in text:
            faults.append(
                f"{at} was not followed to its last version ({sorted(item.tags)}, version {row['version']})"
            )


def _versions(con: duckdb.DuckDBPyConnection, faults: list[str]) -> None:
    bad = con.execute(
        "SELECT source, item_key FROM watch_items GROUP BY ALL HAVING max(version) <> count(*) OR min(version) <> 1"
    ).fetchall()
    faults += [f"versions of {one} have a gap" for one in bad]


def _reports(
    con: duckdb.DuckDBPyConnection, rows: dict[tuple[str, str], dict[str, Any]], faults: list[str]
) -> dict[str, Any]:
    """The reports that count are the items that are read, each once."""
    current = [
        r[0] for r in con.execute("SELECT report_id FROM reports WHERE superseded_by IS NULL").fetchall()
    ]
    read = [row["report_id"] for row in rows.values() if row["state"] == "read"]
    for name, found in (("report", current), ("item", read)):
        faults += [f"{name} {one} stands {n} times" for one, n in Counter(found).items() if n > 1]
    faults += [f"read without a report: {one}" for one in set(read) - set(current)]
    faults += [f"a report without an item that is read: {one}" for one in set(current) - set(read)]
    return {"reports": len(current)}


def _incidents(con: duckdb.DuckDBPyConnection, archive: Archive, faults: list[str]) -> dict[str, Any]:
    """Every incident leads to reports, every report to archived bytes whose text is the one that was read."""
    told = _dicts(
        con,
        "SELECT m.incident_id, t.told_id, t.event, r.report_id, r.text_sha256, r.superseded_by, w.sha256, w.state "
        "FROM incident_members m LEFT JOIN report_events t USING (told_id) "
        "LEFT JOIN reports r ON r.report_id = t.report_id AND r.import_id = t.import_id "
        f"LEFT JOIN {LATEST} w ON w.report_id = r.report_id AND w.state = 'read' WHERE r.superseded_by IS NULL",
    )
    texts: dict[str, str] = {}
    for row in told:
        if row["sha256"] is None or row["report_id"] is None:
            faults.append(f"{row['incident_id']} rests on {row['told_id']}, which leads nowhere")
            continue
        try:
            text = texts.get(row["sha256"]) or archived_text(archive, row["sha256"])
        except AfterstrikeError as problem:
            faults.append(f"{row['told_id']}: {problem}")
            continue
        texts[row["sha256"]] = text
        if hashlib.sha256(text.encode()).hexdigest() != row["text_sha256"]:
            faults.append(f"{row['told_id']}: the archived text is not the one that was read")
        spans = json.loads(row["event"])["spans"].get("statement", [])
        if not spans or not all(0 <= a < b <= len(text) for a, b in spans):
            faults.append(f"{row['told_id']}: its words are not in the text")
    members = {row["incident_id"] for row in told}
    all_ids = {r[0] for r in con.execute("SELECT incident_id FROM incidents").fetchall()}
    faults += [f"{one} rests on nothing" for one in all_ids - members]
    return {"incidents": len(all_ids), "tellings": len(told)}


def _tables(con: duckdb.DuckDBPyConnection, faults: list[str]) -> None:
    """The record's own promises: counts add up, rows of incidents are events, nothing is left half done."""
    no_incident = "ANTI JOIN incidents i ON e.event_id = 'incidents:' || i.incident_id"
    current = "FROM report_events t JOIN reports r USING (report_id, import_id)"
    for what, sql in {
        "imports that do not add up": "FROM imports WHERE rows_read <> added + updated + unchanged + rejected",
        "incidents without an event": "FROM incidents i ANTI JOIN events e ON e.event_id = 'incidents:' || i.incident_id",
        "events of incidents that are none": f"FROM events e {no_incident} WHERE dataset = 'incidents'",
        "tellings without a report": "FROM report_events t ANTI JOIN reports r USING (report_id, import_id)",
        "tellings that are in no incident": f"{current} ANTI JOIN incident_members m USING (told_id) WHERE r.superseded_by "
        "IS NULL AND (t.event->>'date_start' IS NOT NULL OR t.event->>'place' IS NOT NULL)",
        "marks of incidents out of date": "FROM watch_marks WHERE name = 'incidents_stale'",
    }.items():
        (count,) = con.execute(f"SELECT count(*) {sql}").fetchone() or (0,)
        if count:
            faults.append(f"{count} {what}")


def _news(
    con: duckdb.DuckDBPyConnection, config: WatchConfig, server: Server, faults: list[str]
) -> dict[str, Any]:
    """Digests were made for each day, sent once as far as can be known, and no page of a closed folder was asked for."""
    digests = _dicts(con, "FROM watch_digests ORDER BY number")
    keys = Counter(post.get("idempotency-key", "") for post in server.posted)
    sent = _dicts(con, "FROM watch_deliveries")
    assert config.digest is not None
    for row in digests:
        page = config.digest.folder / f"{row['file']}.html"
        if not page.is_file() or hashlib.sha256(page.read_bytes()).hexdigest() != row["sha256"]:
            faults.append(f"digest {row['number']} is not in its folder as it was made")
    if len({row["until"] for row in digests}) != len(digests):
        faults.append("two digests of one time")
    faults += [f"delivery {row}" for row in sent if row["state"] != "sent"]
    if len(keys) != len(digests):
        faults.append(f"{len(keys)} digests arrived, {len(digests)} were made")
    asked = [path for _, _, path in server.requests if "/closed/" in path]
    faults += [f"asked for what robots.txt forbids: {path}" for path in asked[:3]]
    (alarms,) = con.execute("SELECT count(*) FROM watch_alarms").fetchone() or (0,)
    (polls,) = con.execute("SELECT count(*) FROM watch_polls").fetchone() or (0,)
    (trouble,) = con.execute(
        "SELECT count(*) FROM watch_polls WHERE outcome NOT IN ('new', 'unchanged')"
    ).fetchone() or (0,)
    return {
        "polls": polls, "polls that met a fault": trouble, "requests": len(server.requests), "digests": len(digests),
        "digests arrived": len(server.posted), "alarms": alarms,
    }  # fmt: skip
