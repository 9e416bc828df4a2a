"""What a digest says, as plain values: they are its JSON, and its page is made from them.

No headline is in it: a headline of harm names the dead. A report is outlet, day and link.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from afterstrike.record._in_words import civilian_status_of, counts_in_words, span
from afterstrike.record._store import records
from afterstrike.watch._config import WatchConfig
from afterstrike.watch._quote import Quotes
from afterstrike.watch._series import Area, is_harm

if TYPE_CHECKING:
    import duckdb

__all__ = ["collect"]

_MOST_CARDS = 150  # of one section; the page says how many there are
_MOST_ROWS = 300
_COUNTS = (("civilian_fatalities", "civilians killed"), ("fatalities", "killed"), ("injured", "injured"))
_SAID = {
    "grade": "grade", "kind": "kind", "place": "place", "date_start": "day", "initiator": "begun by", "reports": "reports",
}  # fmt: skip


def collect(
    con: duckdb.DuckDBPyConnection,
    config: WatchConfig,
    *,
    number: int,
    since: datetime,
    now: datetime,
    told: int,
) -> dict[str, Any]:
    """Gather what happened since the last digest.

    Parameters
    ----------
    con : DuckDBPyConnection
        An open record.
    config : WatchConfig
        Places of interest and alarms.
    number : int
        Of this digest.
    since, now : datetime
        When the last was made, and when this is; UTC.
    told : int
        Rows of `incident_changes` that earlier digests told.

    Returns
    -------
    dict
        Plain values. Incidents that are new, changed and contested, with every telling; what sources corrected or
        took back; what could not be read; how the sources do; alarms of tempo.
    """
    from afterstrike.sources import Archive

    changes = records(con, "SELECT * FROM incident_changes ORDER BY rowid OFFSET ?", [told])
    before, after = _ends(changes)
    cards = _cards(con, config, set(after), Quotes(Archive(config.archive, read_only=True)))
    new = [cards[one] for one in after if before[one] is None and after[one] and one in cards]
    changed = [
        {**cards[one], "differences": _differences(before[one], after[one])}
        for one in after
        if before[one] and after[one] and one in cards
    ]
    changed = [card for card in changed if card["differences"]]
    touched = [*new, *changed]
    sources = _sources(con, since)
    tested = config.alarms
    return {
        "digest": number,
        "since": since,
        "made_at": now,
        "changes_seen": told + len(changes),
        "record": config.record.name,
        "harm": _first([card for card in new if card["is_harm"]]),
        "new": _first([card for card in new if not card["is_harm"]]),
        "changed": _first(changed),
        "contested": _first([card for card in touched if card["rivals"]]),
        "removed": [_gone(one, before[one]) for one in after if before[one] and after[one] is None],
        "corrections": _corrections(con, since),
        "unread": _unread(con, since),
        "waiting": _count(con, "state = 'waiting'"),
        "sources": sources,
        "totals": _totals(con, since),
        "alarms": _alarms(con, config, since),
        "tempo": {
            "false_alarms_per_year": tested.false_alarms_per_year,
            "window_days": tested.window_days,
            "baseline_days": tested.baseline_days,
            **_tempo(con, config, now),
        },
    }


def _ends(changes: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give what each incident was before its first change and after its last."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for row in changes:
        before.setdefault(row["incident_id"], json.loads(row["before"]) if row["before"] else None)
        after[row["incident_id"]] = json.loads(row["after"]) if row["after"] else None
    _same_under_another_id(before, after)
    return before, after


def _same_under_another_id(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Join an incident that is gone with a new one of the same tellings.

    Its id comes from its first telling; where that is taken back the incident goes on under another.
    """
    gone = [one for one in after if before[one] and after[one] is None]
    for new in [one for one in after if before[one] is None and after[one]]:
        told = set(after[new]["told_ids"])
        shared = {one: len(told & set(before[one]["told_ids"])) for one in gone}
        most = max(shared, key=lambda one: (shared[one], one), default=None)
        if most is not None and shared[most]:
            before[new] = before[most]
            gone.remove(most)
            del before[most], after[most]


def _first(cards: list[dict[str, Any]]) -> dict[str, Any]:
    """Put the weightiest first and say how many there are."""
    cards = sorted(
        cards,
        key=lambda c: (
            not c["is_of_interest"],
            not c["is_harm"],
            -(c["most_killed"] or 0),
            str(c["date"]),
            c["incident_id"],
        ),
    )
    return {"shown": cards[:_MOST_CARDS], "n": len(cards)}


def _cards(
    con: duckdb.DuckDBPyConnection, config: WatchConfig, wanted: set[str], quotes: Quotes
) -> dict[str, dict[str, Any]]:
    areas = [area for area in map(Area.named, config.places) if area.is_known]
    rows = records(
        con,
        "SELECT i.incident_id, i.grade, i.reason, i.graded_by, e.* EXCLUDE (event_id, import_id) FROM incidents i "
        "JOIN events e ON e.event_id = 'incidents:' || i.incident_id "
        "WHERE i.incident_id IN (SELECT unnest(?::VARCHAR[]))",
        [sorted(wanted)],
    )
    told = records(
        con,
        "SELECT m.incident_id, t.told_id, t.event, r.report_id, r.text_sha256, r.lang, r.published, r.outlet, r.path, "
        "w.sha256, w.address, w.source AS followed FROM incident_members m JOIN report_events t USING (told_id) "
        "JOIN reports r USING (report_id, import_id) LEFT JOIN (SELECT * FROM watch_items WHERE state = 'read' "
        "QUALIFY row_number() OVER (PARTITION BY report_id ORDER BY version DESC) = 1) w USING (report_id) "
        "WHERE r.superseded_by IS NULL AND m.incident_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY r.published, t.told_id",
        [sorted(wanted)],
    )
    by_incident: dict[str, list[dict[str, Any]]] = {}
    for row in told:
        by_incident.setdefault(row["incident_id"], []).append(_telling(row, quotes))
    return {row["incident_id"]: _card(row, by_incident.get(row["incident_id"], []), areas) for row in rows}


def _telling(row: Mapping[str, Any], quotes: Quotes) -> dict[str, Any]:
    event = json.loads(row["event"])
    return {
        "told_id": row["told_id"],
        "report_id": row["report_id"],
        "outlet": row["outlet"] or row["followed"] or row["path"],
        "said_by": event.get("source"),
        "hedging": event.get("hedging"),
        "initiator": event.get("initiator"),
        "counts": counts_in_words(event),
        "civilian_status": event.get("civilian_status"),
        "killed": [event.get("fatalities_low"), event.get("fatalities_high")],
        "quote": quotes.of(row["sha256"], row["text_sha256"], event),
        "lang": row["lang"],
        "published": row["published"],
        "address": row["address"],
        "sha256": row["sha256"],
        "text_sha256": row["text_sha256"],
    }


def _card(row: Mapping[str, Any], tellings: list[dict[str, Any]], areas: Sequence[Area]) -> dict[str, Any]:
    most = [
        row[f"{name}_{bound}"]
        for name in ("civilian_fatalities", "fatalities")
        for bound in ("high", "best", "low")
    ]
    return {
        "incident_id": row["incident_id"],
        "kind": row["kind"],
        "date": row["date_start"],
        "date_end": row["date_end"] if row["date_end"] != row["date_start"] else None,
        "date_precision": row["date_precision"],
        "place": row["place"],
        "adm0": row["adm0"],
        "geo_precision": row["geo_precision"],
        "initiator": row["initiator"],
        "counts": counts_in_words({**row, "civilian_status": civilian_status_of(tellings)}),
        "most_killed": next((one for one in most if one is not None), None),
        "grade": row["grade"],
        "reason": row["reason"],
        "is_harm": is_harm(row),
        "is_of_interest": any(area.holds(row) for area in areas),
        "tellings": tellings,
        "rivals": _rivals(row["grade"], tellings),
    }


def _rivals(grade: str, tellings: Sequence[Mapping[str, Any]]) -> str | None:
    """Say what the tellings are at odds about; None where they are not."""
    sides = sorted({one["initiator"] for one in tellings if one["initiator"]})
    if len(sides) > 1:
        return f"who began it: {', '.join(sides)}"
    if any(one["hedging"] == "denied" for one in tellings) and grade == "contested":
        return "whether it happened"
    ranges = [one["killed"] for one in tellings if one["killed"] != [None, None]]
    highs = [high for _, high in ranges if high is not None]
    lows = [low for low, _ in ranges if low is not None]
    if highs and lows and max(lows) > min(highs):
        return f"how many were killed: from {min(highs)} to {max(lows)}"
    return "the sources" if grade == "contested" else None


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give what a reader would call a change, with what was and what is."""
    found = [
        {"what": words, "before": before.get(name), "after": after.get(name)}
        for name, words in _SAID.items()
        if before.get(name) != after.get(name)
    ]
    for name, words in _COUNTS:
        was, is_now = (_in_words_of(one, name) for one in (before, after))
        if was != is_now:
            found.append({"what": words, "before": was, "after": is_now})
    return found


def _in_words_of(state: Mapping[str, Any], name: str) -> str | None:
    low, high = state.get(f"{name}_low"), state.get(f"{name}_high")
    return None if (low, high) == (None, None) else span(low, high)


def _gone(incident_id: str, before: Mapping[str, Any]) -> dict[str, Any]:
    reports = sorted({one.rpartition("#")[0] for one in before.get("told_ids", ())})
    return {
        "incident_id": incident_id, "kind": before.get("kind"), "place": before.get("place"),
        "date": before.get("date_start"), "grade": before.get("grade"), "reports": reports,
    }  # fmt: skip


def _corrections(con: duckdb.DuckDBPyConnection, since: datetime) -> list[dict[str, Any]]:
    """Give what sources changed, corrected or took back."""
    return records(
        con,
        'SELECT i.source, s.outlet, i.address, i.published, i.changed_at AS "at", i.version, i.report_id, i.sha256, i.reason, '
        "CASE WHEN i.state = 'retracted' THEN 'taken back' WHEN i.notice = 'correction' THEN 'corrected' ELSE 'changed' END "
        "AS what, (SELECT w.sha256 FROM watch_items w WHERE w.source = i.source AND w.item_key = i.item_key "
        "AND w.version = i.version - 1) AS sha256_before FROM watch_items i JOIN watch_sources s ON s.name = i.source "
        "WHERE i.changed_at >= ? AND (i.state = 'retracted' OR (i.state = 'read' AND "
        "(i.version > 1 OR i.notice = 'correction'))) "
        f"ORDER BY what DESC, i.changed_at LIMIT {_MOST_ROWS}",
        [since],
    )


def _unread(con: duckdb.DuckDBPyConnection, since: datetime) -> list[dict[str, Any]]:
    return records(
        con,
        "SELECT i.source, s.outlet, i.address, i.published, i.reason, i.state, i.report_id FROM watch_items i "
        "JOIN watch_sources s ON s.name = i.source WHERE i.changed_at >= ? AND (i.state = 'unreadable' "
        "OR (i.state = 'read' AND i.reason LIKE 'read from the feed%') OR (i.state = 'waiting' AND i.tries > 0)) "
        f"ORDER BY i.state DESC, i.source, i.first_seen LIMIT {_MOST_ROWS}",
        [since],
    )


def _count(con: duckdb.DuckDBPyConnection, where: str) -> int:
    row = con.execute(f"SELECT count(*) FROM watch_items WHERE {where}").fetchone()
    return int(row[0]) if row else 0


def _totals(con: duckdb.DuckDBPyConnection, since: datetime) -> dict[str, int]:
    rows = con.execute(
        "SELECT state, count(*) FROM (FROM watch_items WHERE changed_at >= ? "
        "QUALIFY row_number() OVER (PARTITION BY source, item_key ORDER BY version DESC) = 1) GROUP BY state ORDER BY state",
        [since],
    ).fetchall()
    return {str(state): int(count) for state, count in rows}


def _sources(con: duckdb.DuckDBPyConnection, since: datetime) -> list[dict[str, Any]]:
    """Give how each source did since the last digest, the ailing first."""
    rows = records(
        con,
        "SELECT s.name, s.kind, s.outlet, s.address, s.lang, s.licence, s.citation, s.removed_at, t.last_good, t.failures, "
        "count(p.\"at\") AS polls, count(p.\"at\") FILTER (p.outcome IN ('new', 'unchanged')) AS good, "
        "coalesce(sum(p.new_items), 0)::INTEGER AS new_items, coalesce(sum(p.changed_items), 0)::INTEGER AS changed_items, "
        'max_by(p.outcome, p."at") AS last_outcome, max_by(p.detail, p."at") AS detail '
        "FROM watch_sources s LEFT JOIN watch_state t ON t.source = s.name "
        'LEFT JOIN watch_polls p ON p.source = s.name AND p."at" >= ? GROUP BY ALL ORDER BY s.name',
        [since],
    )
    return sorted(rows, key=lambda row: (row["good"] == row["polls"] and row["polls"] > 0, row["name"]))


def _alarms(con: duckdb.DuckDBPyConnection, config: WatchConfig, since: datetime) -> list[dict[str, Any]]:
    from datetime import timedelta

    from afterstrike.watch._series import first_reports, series_of

    rows = records(con, 'SELECT * FROM watch_alarms WHERE "at" >= ? ORDER BY p_value', [since])
    if rows:
        series = {one.name: one for one in series_of(config)}
        found = first_reports(con)
    for row in rows:
        opens = row["day"] - timedelta(days=config.alarms.window_days - 1)
        first: dict[str, Any] = {}
        for one in found:
            if row["series"] in series and series[row["series"]].holds(one):
                first[one["incident_id"]] = min(first.get(one["incident_id"], one["day"]), one["day"])
        row["incidents"] = sorted(one for one, day in first.items() if opens <= day <= row["day"])
    return rows


def _tempo(con: duckdb.DuckDBPyConnection, config: WatchConfig, now: datetime) -> dict[str, Any]:
    """Say how many series were tested and why others were not."""
    from datetime import timedelta

    from afterstrike.watch._series import tempo_of_series

    tested = tempo_of_series(con, config, now.date() - timedelta(days=1))
    reasons = sorted({one.why_not for one in tested if one.why_not})
    left_out = sorted({day.isoformat() for one in tested for day in one.left_out})
    return {
        "series": len(tested), "tested": sum(one.tempo is not None for one in tested), "why_not": reasons,
        "days_left_out": left_out,
    }  # fmt: skip
