"""Reads a file of reports into a record: each report once, what it tells, and the incidents anew."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from afterstrike.errors import RecordError, SourceError
from afterstrike.reading._batch import read_batch, read_lines
from afterstrike.record._import_report import ImportReport
from afterstrike.record._store import transaction
from afterstrike.record.incidents._tables import has_reports, make_tables
from afterstrike.record.incidents._told import (
    day_keys,
    division_keys,
    of_address,
    place_keys,
    place_words,
    report_words,
)

if TYPE_CHECKING:
    import duckdb

    from afterstrike.reading.gazetteer import Gazetteer

_LOOKED_AT = 20  # lines; a table of another kind has no good one among them

__all__ = ["add_reports", "check_undo", "forget_reports", "holds_reports", "store_reports"]


def holds_reports(path: Path) -> bool:
    """Say whether a file is JSON Lines of reports: its first good line has `text` and no event columns."""
    try:
        good = (record for record in islice(read_lines(path), _LOOKED_AT) if "error" not in record)
        first = next(good, None)
    except (SourceError, UnicodeError):
        return False
    if not first:
        return False
    return not {"kind", "lat", "latitude", "date_start", "event_date"} & set(first)


@dataclass
class _Counts:
    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    events: int = 0


def add_reports(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    *,
    gazetteer: Gazetteer | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> ImportReport:
    """Read reports and store what they tell; the incidents are built anew.

    The text is not stored. A report met again with the same text changes nothing; with another text its
    events are replaced. One file is one transaction.

    Parameters
    ----------
    con : DuckDBPyConnection
        An open record.
    path : Path
        JSON Lines of `{id, text, lang?, published?, url? or outlet?}`. Where `published` is left out, a day in the
        path of `url` stands in for it.
    gazetteer : Gazetteer, optional
        What resolves place names.
    progress : callable
        Called with one word at each stage.

    Returns
    -------
    ImportReport
        Counts of reports; the notes say how many events they tell and what the incidents came to.
    """
    progress("reading")
    make_tables(con)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    stored = store_reports(con, _read(path, gazetteer), name=str(path), digest=digest)
    progress("comparing")
    from afterstrike.record.incidents._build import build_incidents

    return replace(stored, notes=(*stored.notes, build_incidents(con).summary()))


def store_reports(
    con: duckdb.DuckDBPyConnection,
    read: Iterable[tuple[dict[str, Any], dict[str, Any]]],
    *,
    name: str,
    digest: str,
    paths: Mapping[str, str] | None = None,
    retracted: Collection[str] = (),
) -> ImportReport:
    """Store reports that were read, as one import in one transaction; the incidents are left as they are.

    Parameters
    ----------
    con : DuckDBPyConnection
        An open record.
    read : iterable of (record, line)
        Each report as it came (`id`, `text`, `line`, ...) with what `read_batch` made of it.
    name, digest : str
        What the log names as the file of this import, and its hash.
    paths : mapping of str to str, optional
        Where the text of a report is to be found, by id; `name` where it is left out.
    retracted : collection of str
        Reports whose source took them back: they count for nothing from now on and stay in the log.

    Returns
    -------
    ImportReport
        Counts of reports. Undoing the import puts back what it replaced and what it took out.

    Raises
    ------
    SourceError
        There is nothing to store.
    """
    from afterstrike import __version__

    started = time.perf_counter()
    row = con.execute("SELECT coalesce(max(number), 0) + 1 FROM imports").fetchone()
    number = int(row[0]) if row else 1
    import_id = f"import-{number}"
    known = {
        row[0]: row[1:]
        for row in con.execute(
            "SELECT report_id, text_sha256, lang, CAST(published AS VARCHAR), outlet FROM reports "
            "WHERE superseded_by IS NULL"
        ).fetchall()
    }
    counts = _Counts()
    rejected: list[tuple[str, int, str]] = []
    texts: dict[str, str] = {}
    with transaction(con):
        for record, line in read:
            place = record["line"]
            counts.read += 1
            if line.get("error"):
                counts.rejected += 1
                rejected.append((import_id, place, str(line["error"])))
                continue
            text = str(record["text"])
            if texts.setdefault(str(record["id"]), text) != text:
                counts.rejected += 1
                why = f"id {str(record['id'])[:60]!r} stands on an earlier line with another text; give each report its own id"
                rejected.append((import_id, place, why))
                continue
            _store(con, import_id, (paths or {}).get(str(record["id"]), name), record, line, known, counts)
        con.executemany("INSERT INTO rejected VALUES (?, ?, ?, NULL)", rejected) if rejected else None
        for report_id in sorted(set(retracted) & set(known)):
            _supersede(con, import_id, report_id)
            counts.read += 1
            counts.updated += 1
        if counts.read == 0:
            raise SourceError(f"{name} holds no reports; a line is an object with `text`")
        con.execute(
            "INSERT INTO imports VALUES (?, ?, now()::TIMESTAMP, NULL, ?, ?, 'reports', 'reports', NULL, 'utf-8', "
            "?, ?, ?, ?, ?, 0, ?, ?, ?)",
            [import_id, number, name, digest, counts.read, counts.added, counts.updated, counts.unchanged,
             counts.rejected, round(time.perf_counter() - started, 3), f"{counts.events:,} events told",
             f"afterstrike {__version__}"],
        )  # fmt: skip
    return ImportReport(
        import_id, name, digest, "reports", "reports", None, counts.read, counts.added, counts.updated,
        counts.unchanged, counts.rejected, 0, round(time.perf_counter() - started, 3),
        (f"{counts.events:,} events are told by the reports added or changed.",),
    )  # fmt: skip


def _read(path: Path, gazetteer: Gazetteer | None) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Give each record with what was read of it, one at a time."""
    for record in read_lines(path):
        if record["id"] == f"{path.name}:{record['line']}" and "text" in record:
            # the place of a line says nothing of the report: another file of that name holds others
            record["id"] = (
                "text-" + hashlib.sha256(record["text"].encode("utf-8", "replace")).hexdigest()[:16]
            )
        if not record.get("published"):
            day, _ = of_address(record.get("url"))
            record["published"] = day.isoformat() if day else None
        line = next(iter(read_batch([record], gazetteer=gazetteer, candidates=False)))
        yield record, line


def _store(
    con: duckdb.DuckDBPyConnection,
    import_id: str,
    path: str,
    record: dict[str, Any],
    line: dict[str, Any],
    known: dict[str, tuple[str | None, ...]],
    counts: _Counts,
) -> None:
    from afterstrike import __version__

    report_id, text = str(record["id"]), str(record["text"])
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    outlet = _outlet(record)
    told = (digest, line["lang"], line["published"], outlet)
    if known.get(report_id) == told:
        counts.unchanged += 1
        return
    if report_id in known:
        counts.updated += 1
        _supersede(con, import_id, report_id)
    else:
        counts.added += 1
    known[report_id] = told
    con.execute(
        "INSERT INTO reports VALUES (?, ?, NULL, ?, ?, ?, ?, ?, ?, ?)",
        [report_id, import_id, path, digest, line["lang"], line["published"], outlet,
         report_words(text, of_address(record.get("url"))[1]), f"afterstrike {__version__}"],
    )  # fmt: skip
    of_report = {
        "report_places": sorted(place_keys(line["places"])),
        "report_days": sorted(day_keys(line["claims"])),
        "report_names": sorted(place_words(line["places"])),
        "report_divisions": sorted(division_keys(line["places"])),
    }
    for number, event in zip(_numbers(con, report_id, line["events"]), line["events"], strict=True):
        counts.events += 1
        kept = {**event, **of_report}
        con.execute(
            "INSERT INTO report_events VALUES (?, ?, ?, ?, ?)",
            [f"{report_id}#{number}", report_id, import_id, number, json.dumps(kept, ensure_ascii=False)],
        )


def _supersede(con: duckdb.DuckDBPyConnection, import_id: str, report_id: str) -> None:
    con.execute(
        "UPDATE reports SET superseded_by = ? WHERE report_id = ? AND superseded_by IS NULL",
        [import_id, report_id],
    )


def _numbers(con: duckdb.DuckDBPyConnection, report_id: str, events: Sequence[dict[str, Any]]) -> list[int]:
    """Number the events of a report; one that an older text told keeps its number there.

    Decisions are made on numbered events, so that the number must go with the event and not with the line it
    stands in: same kind, place and day. What no older text told takes a number never used before.
    """
    rows = con.execute(
        "SELECT number, event FROM report_events WHERE report_id = ? ORDER BY rowid", [report_id]
    ).fetchall()
    decided = con.execute("SELECT told_ids FROM incident_decisions").fetchall()
    held = {int(t.rpartition("#")[2]) for (ids,) in decided for t in ids if t.rpartition("#")[0] == report_id}
    older: dict[tuple[Any, ...], list[int]] = {}
    for number, event in rows:
        known = older.setdefault(_key(json.loads(event)), [])
        known += [number] if number not in known else []
    following = max([-1, *held, *(number for number, _ in rows)]) + 1
    numbers: list[int] = []
    for event in events:
        again = [n for n in older.get(_key(event), ()) if n not in numbers]
        numbers.append(again[0] if again else following)
        following += 0 if again else 1
    return numbers


def _key(event: dict[str, Any]) -> tuple[Any, ...]:
    return event.get("kind"), event.get("place"), event.get("date_start")


def check_undo(con: duckdb.DuckDBPyConnection, import_id: str) -> None:
    """Refuse to take back incidents alone, or reports while a later import holds newer texts of them."""
    if not has_reports(con):
        return
    built = con.execute(
        "SELECT 1 FROM imports WHERE import_id = ? AND layout = 'incidents' AND undone_at IS NULL",
        [import_id],
    )
    if built.fetchone():
        raise RecordError(
            f"import {import_id} cannot be undone: it is what the reports of this record come to, and would be built again; "
            "undo the import that brought the reports, or decide with `afterstrike incidents merge, split or grade`"
        )
    later = con.execute(
        "SELECT superseded_by, count(*) FROM reports WHERE import_id = ? AND superseded_by IS NOT NULL GROUP BY 1 ORDER BY 1",
        [import_id],
    ).fetchall()
    if later:
        names = ", ".join(str(row[0]) for row in later)
        raise RecordError(
            f"import {import_id} cannot be undone: {names} later brought newer texts of the same reports; undo that first"
        )


def forget_reports(con: duckdb.DuckDBPyConnection, import_id: str) -> dict[str, int]:
    """Take out the reports that an undone import brought, put back those it replaced, build the incidents anew.

    Returns
    -------
    dict
        `deleted` and `restored`, in reports; both 0 for an import of something else.
    """
    from afterstrike.record.incidents._build import build_incidents

    if not has_reports(con):
        return {"deleted": 0, "restored": 0}
    mine = _count(con, "import_id = ?", import_id)
    replaced = _count(con, "superseded_by = ?", import_id)
    renewed = _count(
        con,
        "import_id = $1 AND report_id IN (SELECT report_id FROM reports WHERE superseded_by = $1)",
        import_id,
    )
    if mine or replaced:
        with transaction(con):
            con.execute("DELETE FROM report_events WHERE import_id = ?", [import_id])
            con.execute("DELETE FROM reports WHERE import_id = ?", [import_id])
            con.execute("UPDATE reports SET superseded_by = NULL WHERE superseded_by = ?", [import_id])
        build_incidents(con)
    return {"deleted": mine - renewed, "restored": replaced}


def _count(con: duckdb.DuckDBPyConnection, where: str, import_id: str) -> int:
    row = con.execute(f"SELECT count(*) FROM reports WHERE {where}", [import_id]).fetchone()
    return int(row[0]) if row else 0


def _outlet(record: dict[str, Any]) -> str | None:
    """Give who published a report: what the record says, or the host of its address."""
    for name in ("outlet", "publisher", "outlet_domain", "source"):
        if isinstance(record.get(name), str) and record[name].strip():
            return str(record[name]).strip()
    url = record.get("url")
    try:
        host = urlsplit(url).hostname if isinstance(url, str) else None
    except ValueError:
        host = None
    return host.removeprefix("www.") if host else None
