"""Brings the tellings of a record together into incidents, grades them, and writes one event row for each."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterstrike.record._store import records, transaction
from afterstrike.record.incidents._decide import decisions
from afterstrike.record.incidents._grade import grade_of
from afterstrike.record.incidents._history import keep_changes
from afterstrike.record.incidents._row import incident_row
from afterstrike.record.incidents._score import (
    SAME,
    Pair,
    Rarity,
    rarity,
    report_score,
    telling_score,
    why_barred,
)
from afterstrike.record.incidents._tables import has_reports, make_tables
from afterstrike.record.incidents._told import Told, sides_and_weapons

if TYPE_CHECKING:
    import duckdb

__all__ = ["Built", "build_incidents"]

_FAR_DAYS = 3  # a telling without a day is compared with those published within so many days of its report


@dataclass(frozen=True)
class Built:
    """What a build came to."""

    reports: int
    tellings: int
    incidents: int
    is_changed: bool
    import_id: str | None
    left_out: int = 0  # tellings that name neither a day nor a place

    def summary(self) -> str:
        """Say it in a sentence."""
        changed = (
            "as before"
            if not self.is_changed
            else f"written as {self.import_id}"
            if self.import_id
            else "none left"
        )
        told = f"{self.tellings:,} tellings in {self.reports:,} reports are {self.incidents:,} incidents ({changed})"
        left = f"; {self.left_out:,} name neither a day nor a place and are left out" if self.left_out else ""
        return f"{told}{left}."


def build_incidents(con: duckdb.DuckDBPyConnection) -> Built:
    """Build the incidents of a record anew from all its reports and the analyst's decisions.

    Tellings are compared where their days and places allow (blocking), scored in pairs, and joined from the
    best pair down as long as no two of one incident are barred from being one. The rows of the last build are
    taken back and the new ones added, each as an import of its own, so that the log shows both; where nothing
    changed nothing is written.

    Returns
    -------
    Built
        Counts, and the import that wrote the rows.
    """
    if not has_reports(con):
        return Built(0, 0, 0, False, None)
    make_tables(con)
    found = _tellings(con)
    # what has neither day nor place can be held against nothing
    told = [one for one in found if one.event.get("date_start") or one.event.get("place")]
    made = decisions(con)
    held = [d for d in made if d["withdrawn_at"] is None]
    groups, links = _group(told, held)
    rows, kept = [], []
    for incident_id, group in zip(_ids(con, groups, held), groups, strict=True):
        grade, reason, by = grade_of(group, held)
        rows.append(incident_row(incident_id, group, grade, reason))
        inside = {t.told_id for t in group}
        why = {f"{a} = {b}": list(pair.reasons) for (a, b), pair in links.items() if a in inside}
        kept.append((incident_id, [t.told_id for t in group], grade, reason, by, why))
    with transaction(con):
        is_changed, import_id = _write(con, rows, kept)
    count = con.execute("SELECT count(*) FROM reports WHERE superseded_by IS NULL").fetchone()
    reports = int(count[0]) if count else 0
    return Built(reports, len(told), len(groups), is_changed, import_id, len(found) - len(told))


def _ids(
    con: duckdb.DuckDBPyConnection, groups: Sequence[Sequence[Told]], decided: Sequence[dict[str, Any]]
) -> list[str]:
    """Give each incident the id under which most of it was told before, so that what comes in or is taken back later
    changes no address; a new one takes the hash of its first telling.
    """
    before = {row["told_id"]: row["incident_id"] for row in records(con, "SELECT * FROM incident_members")}
    split_off = {one for d in decided if d["verb"] == "split" for one in d["told_ids"]}
    shares: list[tuple[float, str, int]] = []
    for number, group in enumerate(groups):
        held = Counter(before[t.told_id] for t in group if t.told_id in before)
        # of two equal parts the one that a person split off goes
        less = 0.5 if any(t.told_id in split_off for t in group) else 0.0
        shares += [(less - count, incident_id, number) for incident_id, count in held.items()]
    found: dict[int, str] = {}
    for _, incident_id, number in sorted(shares):
        if number not in found and incident_id not in found.values():
            found[number] = incident_id
    taken = set(found.values())
    for number, group in enumerate(groups):
        salt = 0
        while number not in found:
            first = min(t.told_id for t in group) + (f" {salt}" if salt else "")
            made = "incident-" + hashlib.sha256(first.encode()).hexdigest()[:10]
            if made not in taken:
                found[number] = made
                taken.add(made)
            salt += 1
    return [found[number] for number in range(len(groups))]


def _tellings(con: duckdb.DuckDBPyConnection) -> list[Told]:
    found = records(
        con,
        "SELECT e.told_id, e.report_id, e.event, r.words, r.published, r.outlet FROM report_events e "
        "JOIN reports r USING (report_id, import_id) WHERE r.superseded_by IS NULL ORDER BY e.told_id",
    )
    events: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        row["event"] = json.loads(row["event"])
        events[row["report_id"]].append(row["event"])
    struck = {report_id: sides_and_weapons(told) for report_id, told in events.items()}
    told = []
    for row in found:
        event = row["event"]
        told.append(
            Told(
                row["told_id"],
                row["report_id"],
                event,
                frozenset(row["words"] or ()),
                row["published"],
                row["outlet"],
                frozenset(event.pop("report_places", ())),
                frozenset(event.pop("report_days", ())),
                frozenset(event.pop("report_names", ())),
                frozenset(event.pop("report_divisions", ())),
                *struck[row["report_id"]],
            )
        )
    return told


def _group(
    told: Sequence[Told], held: Sequence[dict[str, Any]]
) -> tuple[list[list[Told]], dict[tuple[str, str], Pair]]:
    """Join tellings into incidents; decisions first, then pairs by score."""
    by_id = {t.told_id: n for n, t in enumerate(told)}
    apart = _apart(told, held, by_id)
    parent = list(range(len(told)))
    members = {n: [n] for n in parent}

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    def join(a: int, b: int) -> None:
        a, b = root(a), root(b)
        if a != b:
            parent[b] = a
            members[a] += members.pop(b)

    # a later decision outweighs an earlier one
    for decision in held:
        if decision["verb"] == "merge":
            known = [by_id[one] for one in decision["told_ids"] if one in by_id]
            for one in known[1:]:
                if not any(
                    (min(x, y), max(x, y)) in apart
                    for x in members[root(known[0])]
                    for y in members[root(one)]
                ):
                    join(known[0], one)
    words = rarity({t.report_id: t.words for t in told}.values())
    places = rarity({t.report_id: t.places for t in told}.values())
    scored = _scored(told, apart, words, places)
    links: dict[tuple[str, str], Pair] = {}
    for _, a, b, pair in sorted(scored, key=lambda row: (-row[0], row[1], row[2])):
        first, second = members[root(a)], members[root(b)]
        if root(a) == root(b):
            continue
        if any(
            # also pairs that were never scored: a chain of days is no single event
            (min(x, y), max(x, y)) in apart
            or _is_one_report(told[x], told[y])
            or why_barred(told[x].event, told[y].event)
            for x in first
            for y in second
        ):
            continue
        links[told[a].told_id, told[b].told_id] = pair
        join(a, b)
    groups = [[told[n] for n in sorted(group)] for group in members.values()]
    return sorted(groups, key=lambda group: group[0].told_id), links


def _scored(
    told: Sequence[Told], apart: set[tuple[int, int]], words: Rarity, places: Rarity
) -> list[tuple[float, int, int, Pair]]:
    """Score the pairs worth it, and give those that may be one event."""
    found: list[tuple[float, int, int, Pair]] = []
    common: dict[tuple[str, str], tuple[float, tuple[str, ...]]] = {}
    of_report = ""
    for a, b in _candidates(told):
        one, other = told[a], told[b]
        if (a, b) in apart or why_barred(one.event, other.event):
            continue
        if (
            one.report_id != of_report
        ):  # pairs come in the order of the first: what is known of others is done with
            of_report = one.report_id
            common.clear()
        key = (one.report_id, other.report_id)
        if key not in common:
            common[key] = report_score(one, other, words, places)
        pair = telling_score(one, other, common[key])
        if pair.score >= SAME:
            found.append((pair.score, a, b, pair))
    return found


def _is_one_report(a: Told, b: Told) -> bool:
    """Say whether two tellings are of one report, which told them apart itself."""
    return a.report_id == b.report_id


def _apart(
    told: Sequence[Told], held: Sequence[dict[str, Any]], by_id: dict[str, int]
) -> set[tuple[int, int]]:
    apart: set[tuple[int, int]] = set()
    for decision in held:
        if decision["verb"] == "split":
            for one in decision["told_ids"]:
                for other in decision["apart_from"] or ():
                    if one in by_id and other in by_id:
                        a, b = by_id[one], by_id[other]
                        apart.add((min(a, b), max(a, b)))
        elif decision["verb"] == "merge":
            inside = {by_id[one] for one in decision["told_ids"] if one in by_id}
            apart -= {(a, b) for a, b in apart if a in inside and b in inside}
    return apart


def _candidates(told: Sequence[Told]) -> list[tuple[int, int]]:
    """Give the pairs worth scoring: told of the same days, or, without a day, published near each other."""
    blocks: dict[int, list[int]] = defaultdict(list)
    undated: list[int] = []
    for n, one in enumerate(told):
        day = _day(one)
        if day is None:
            undated.append(n)
        else:
            for shift in (0, 1):
                blocks[day.toordinal() + shift].append(n)
    pairs = {(min(a, b), max(a, b)) for block in blocks.values() for a in block for b in block if a != b}
    # without a day: those that name a place in common, published near each other
    by_place: dict[str, list[int]] = defaultdict(list)
    for n, one in enumerate(told):
        for place in one.places:
            by_place[place].append(n)
    for a in undated:
        for b in {b for place in told[a].places for b in by_place[place]} - {a}:
            first, second = told[a].published, told[b].published or _day(told[b])
            if first is None or second is None or abs((first - second).days) <= _FAR_DAYS:
                pairs.add((min(a, b), max(a, b)))
    return sorted(p for p in pairs if told[p[0]].report_id != told[p[1]].report_id)


def _day(one: Told) -> date | None:
    start = one.event.get("date_start")
    if not start or (one.event.get("date_precision") or 9) > 2:
        return None
    return date.fromisoformat(start)


def _write(
    con: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]], kept: list[tuple[Any, ...]]
) -> tuple[bool, str | None]:
    from afterstrike.record._import import import_file
    from afterstrike.record._undo import undo_import
    from afterstrike.record.layouts._layout import LayoutOptions

    body = "".join(json.dumps(row, ensure_ascii=False, sort_keys=True, default=str) + "\n" for row in rows)
    last = records(
        con,
        "SELECT import_id, sha256 FROM imports WHERE layout = 'incidents' AND undone_at IS NULL ORDER BY number DESC LIMIT 1",
    )
    digest = hashlib.sha256(body.encode()).hexdigest()
    is_same = bool(last) and last[0]["sha256"] == digest
    import_id = last[0]["import_id"] if last else None
    if not is_same:
        if last:
            undo_import(con, last[0]["import_id"], is_rebuilt=True)
            import_id = None
        if rows:
            with tempfile.TemporaryDirectory(prefix="afterstrike-") as folder:
                file = Path(folder) / "incidents.jsonl"
                file.write_text(body, encoding="utf-8")
                report = import_file(
                    con,
                    file,
                    "incidents",
                    LayoutOptions(),
                    lambda stage: None,
                    shown="incidents of this record",
                )
            import_id = report.import_id
    keep_changes(con, rows, import_id)
    con.execute("DELETE FROM incidents")
    con.execute("DELETE FROM incident_members")
    if kept:
        con.executemany(
            "INSERT INTO incidents VALUES (?, ?, ?, ?, ?)",
            [(one, *judged, json.dumps(why, ensure_ascii=False)) for one, _, *judged, why in kept],
        )
        con.executemany(
            "INSERT INTO incident_members VALUES (?, ?)",
            [(one, told_id) for one, told_ids, *_ in kept for told_id in told_ids],
        )
    return not is_same, import_id
