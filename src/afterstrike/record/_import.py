"""One import: read, stage, check, compare with what is there, and write in one transaction.

Which row wins, when a row is already in the record (first rule that applies):

1. A partial layout (a year-only or thin file) never overwrites a row that another layout brought: it would
   erase columns it does not have. A whole layout always overwrites a partial one.
2. An older release never overwrites a newer one. A file whose release is not stated does not overwrite
   a row whose release is stated. Both are counted unchanged, and the report says so: undo the newer import
   first if the older values are wanted.
3. Otherwise the file that is added later wins, and `log` shows each column before and after.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from afterstrike.record._import_report import ImportReport
from afterstrike.record._read_raw import drop_raw, read_raw
from afterstrike.record._schema import COLUMNS
from afterstrike.record._sniff import identifier
from afterstrike.record._staging import (
    RANK_WHOLE,
    Source,
    code,
    describe,
    place,
    publisher_json,
    publisher_rows,
    stage,
)
from afterstrike.record._store import count_rows, transaction
from afterstrike.record.layouts import detect, named

if TYPE_CHECKING:
    import duckdb

    from afterstrike.record.layouts._layout import LayoutOptions

__all__ = ["Progress", "import_file", "release_key"]

Progress = Callable[[str], None]

NAMES = tuple(column.name for column in COLUMNS)
# what is compared: not who wrote the row last, nor the release alone (a row that stays the same in a
# newer release is stamped with it, but is not an update)
COMPARED = tuple(name for name in NAMES if name not in ("event_id", "import_id", "dataset_version"))


def import_file(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    layout_name: str | None,
    options: LayoutOptions,
    progress: Progress,
    *,
    shown: str | None = None,
) -> ImportReport:
    """Add one file to an open record; see `Record.add`. `shown` stands for the file in the log."""
    import duckdb

    started = time.perf_counter()
    try:
        progress("reading")
        raw = read_raw(con, path)
        raw = replace(raw, path=shown) if shown else raw
        layout = named(layout_name) if layout_name else detect(str(path), raw.columns, options)
        source = describe(raw, layout, options, path)
        progress("checking")
        stage(con, source, options)
        progress("placing")
        # what the reader left open stays open
        placed = () if getattr(layout, "is_placed", False) else place(con, options)
        code(con, layout)
        progress("comparing")
        _decide(con, source)
        progress("writing")
        with transaction(con):
            report = _write(con, source, placed, started)
    finally:
        with suppress(duckdb.FatalException):  # after a fault of the disk the connection is of no more use
            _drop_temporary(con)
    return report


def _drop_temporary(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what the import staged, so that nothing of it outlives the import."""
    con.execute("DROP VIEW IF EXISTS temp.staged_by_layout")
    drop_raw(con)
    made = {
        row[0] for row in con.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
    }
    for table in made:
        con.execute(f"DROP TABLE IF EXISTS temp.{identifier(table)}")


CHUNK = 100_000  # rows whose whole values are joined at once


def release_key(version: str | None) -> tuple[int, ...] | None:
    """Turn a release into numbers that can be put in order: 25.1 -> (25, 1), 2023-03-30 -> (2023, 3, 30).

    Parameters
    ----------
    version : str or None
        A release as the publisher writes it.

    Returns
    -------
    tuple of int or None
        None where it holds no number.

    Examples
    --------
    >>> release_key("v25.0.3") < release_key("25.1")
    True
    """
    numbers = tuple(int(part) for part in re.findall(r"\d+", version or ""))
    return numbers or None


def _is_older(new: str | None, old: str | None) -> bool:
    """Say whether a release may not overwrite another: it is older, or not stated where the other is."""
    new_key, old_key = release_key(new), release_key(old)
    if old_key is None:
        return False
    return new_key is None or new_key < old_key


def _decide(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Make the table `decided`: what is to be done with each row."""
    con.execute("CREATE TEMP TABLE releases (new VARCHAR, old VARCHAR, older BOOLEAN)")
    pairs = con.execute(
        "SELECT DISTINCT s.dataset_version, e.dataset_version FROM staged s JOIN events e USING (event_id)"
    ).fetchall()
    for new, old in pairs:
        con.execute("INSERT INTO releases VALUES (?, ?, ?)", [new, old, _is_older(new, old)])
    con.execute(
        "CREATE TEMP TABLE decided AS SELECT s.row_number, s.event_id, CASE "
        "WHEN s.reject_reason IS NOT NULL THEN 'rejected' "
        "WHEN c.row_number IS NOT NULL THEN 'copy' "
        "ELSE 'added' END AS action FROM staged s LEFT JOIN copies c ON c.row_number = s.row_number "
        "WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.event_id = s.event_id) "
        "OR s.reject_reason IS NOT NULL OR c.row_number IS NOT NULL"
    )
    if not pairs:
        return
    _hash_both_sides(con, source)
    partial = source.rank < RANK_WHOLE
    poorer = f"e.layout_rank {'<>' if partial else '>'} {source.rank}"
    differs = "(e.row_hash <> s.row_hash OR e.publisher_hash <> s.publisher_hash)"
    con.execute(
        "INSERT INTO decided SELECT s.row_number, s.event_id, CASE "
        f"WHEN {poorer} THEN 'poorer' "
        f"WHEN e.layout_rank = {source.rank} AND v.older AND {differs} THEN 'older' "
        f"WHEN {differs} THEN 'updated' "
        "WHEN e.dataset_version IS DISTINCT FROM s.dataset_version AND NOT v.older THEN 'restamped' "
        "ELSE 'unchanged' END AS action "
        "FROM new_hashes s JOIN old_hashes e USING (event_id) "
        "JOIN releases v ON v.new IS NOT DISTINCT FROM s.dataset_version "
        "AND v.old IS NOT DISTINCT FROM e.dataset_version"
    )


def _hash_both_sides(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Make `new_hashes` and `old_hashes`: rows that may meet, each as two 64-bit hashes.

    The hashes are written down before anything is joined: a join of whole rows, or of rows that are hashed
    on the way, does not fit in memory where a million rows meet a million.
    """
    row_hash = f"hash({', '.join(COMPARED)}) AS row_hash"
    steps = {
        "new_rows": f"SELECT row_number, event_id, dataset_version, {row_hash} FROM staged "
        "WHERE reject_reason IS NULL AND row_number NOT IN (SELECT row_number FROM copies)",
        "new_publisher": "SELECT row_number, hash(publisher) AS publisher_hash "
        f"FROM {publisher_rows(source)}",
        "new_hashes": "SELECT * FROM new_rows JOIN new_publisher USING (row_number)",
        "old_rows": f"SELECT event_id, dataset_version, {row_hash} FROM events",
        "old_publisher": "SELECT event_id, layout_rank, hash(publisher) AS publisher_hash "
        "FROM publisher_columns",
        "old_hashes": "SELECT * FROM old_rows JOIN old_publisher USING (event_id)",
    }
    for table, query in steps.items():
        con.execute(f"CREATE TEMP TABLE {table} AS {query}")


def _write(
    con: duckdb.DuckDBPyConnection, source: Source, placed: tuple[str, ...], started: float
) -> ImportReport:
    """Write everything the import changes; runs inside one transaction."""
    row = con.execute("SELECT coalesce(max(number), 0) + 1 FROM imports").fetchone()
    number = int(row[0]) if row else 1
    import_id = f"import-{number}"
    actions = {str(action): int(n) for action, n in con.execute(
        "SELECT action, count(*) FROM decided GROUP BY action").fetchall()}  # fmt: skip
    _write_changes(con, source, import_id)
    _write_events(con, source, import_id)
    _write_rejected(con, source, import_id)
    repaired = con.execute("SELECT count(*) FROM repairs WHERE import_id = ?", [import_id]).fetchone()
    found = con.execute(
        "SELECT any_value(dataset), max(dataset_version) FROM staged WHERE reject_reason IS NULL"
    ).fetchone() or (None, None)
    report = ImportReport(
        import_id=import_id,
        path=source.raw.path,
        sha256=source.raw.sha256,
        layout=source.layout.name,
        dataset=found[0] or source.dataset,
        dataset_version=found[1] or source.version,
        read=source.raw.rows + source.raw.ragged,
        added=actions.get("added", 0),
        updated=actions.get("updated", 0),
        unchanged=sum(actions.get(name, 0) for name in ("unchanged", "copy", "restamped", "older", "poorer")),
        rejected=actions.get("rejected", 0) + source.raw.ragged,
        repaired=int(repaired[0]) if repaired else 0,
        seconds=0.0,
        notes=(*_notes(source, actions), *placed),
    )
    report = replace(report, seconds=round(time.perf_counter() - started, 3))
    _write_import(con, report, number, source)
    return report


def _write_changes(con: duckdb.DuckDBPyConnection, source: Source, import_id: str) -> None:
    """Log what changes, with all that is needed to undo it."""
    con.execute(
        "INSERT INTO changes SELECT ?, event_id, 'added', NULL, NULL FROM decided WHERE action = 'added'",
        [import_id],
    )
    if not count_rows(con, "(SELECT 1 FROM decided WHERE action IN ('updated', 'restamped'))"):
        return
    names = [name for name in NAMES if name not in ("event_id", "import_id")]
    changed = ", ".join(
        f"CASE WHEN e.{name} IS DISTINCT FROM s.{name} THEN {{'column': '{name}', 'before': "
        f"e.{name}::VARCHAR, "
        f"'after': s.{name}::VARCHAR}} END"
        for name in names
    )
    # the import that wrote the row before is part of what undo restores
    mine = "{'column': 'import_id', 'before': e.import_id, 'after': $import_id}"
    for first in range(1, source.raw.rows + 1, CHUNK):  # whole rows are joined here, so not all at once
        con.execute(
            f"INSERT INTO changes SELECT $import_id, d.event_id, d.action, "
            f"list_filter([{changed}, {mine}], lambda x: x IS NOT NULL), CASE WHEN d.action = 'updated' THEN "
            "{'import_id': p.import_id, 'row_number': p.row_number, 'layout_rank': p.layout_rank, "
            "'publisher': p.publisher} END "
            "FROM decided d JOIN events e USING (event_id) JOIN staged s ON s.row_number = d.row_number "
            "JOIN publisher_columns p ON p.event_id = d.event_id WHERE d.action IN ('updated', 'restamped') "
            "AND d.row_number BETWEEN $first AND $first + $many - 1",
            {"import_id": import_id, "first": first, "many": CHUNK},
        )


def _write_events(con: duckdb.DuckDBPyConnection, source: Source, import_id: str) -> None:
    """Write added and updated rows, the publisher's rows, repairs and the data sets."""
    con.execute(
        "UPDATE events SET dataset_version = s.dataset_version, import_id = ? FROM decided d, staged s "
        "WHERE d.action = 'restamped' AND d.event_id = events.event_id AND s.row_number = d.row_number",
        [import_id],
    )
    for table in ("events", "publisher_columns"):
        con.execute(
            f"DELETE FROM {table} WHERE event_id IN (SELECT event_id FROM decided WHERE action = 'updated')"
        )
    columns = ", ".join("$import_id" if name == "import_id" else f"s.{name}" for name in NAMES)
    written = "d.action IN ('added', 'updated')"
    join = f"JOIN decided d ON d.row_number = s.row_number WHERE {written}"
    given = {"import_id": import_id}
    con.execute(f"INSERT INTO events ({', '.join(NAMES)}) SELECT {columns} FROM staged s {join}", given)
    con.execute(
        f"INSERT INTO publisher_columns SELECT d.event_id, $import_id, r.row_number, {source.rank}, "
        f"r.publisher FROM {publisher_rows(source)} r JOIN decided d ON d.row_number = r.row_number "
        f"WHERE {written}",
        given,
    )
    con.execute(
        f"INSERT INTO repairs SELECT $import_id, s.event_id, s.row_number, s.repairs FROM staged s {join} "
        "AND s.repairs IS NOT NULL",
        given,
    )
    con.execute(
        "INSERT INTO datasets SELECT DISTINCT dataset, dataset_version, $title, licence, $citation, "
        "$is_sample, "
        "$import_id FROM events WHERE import_id = $import_id AND NOT EXISTS (SELECT 1 FROM datasets k "
        "WHERE k.dataset = events.dataset AND k.dataset_version IS NOT DISTINCT FROM events.dataset_version)",
        {
            "title": source.layout.title,
            "citation": source.citation,
            "is_sample": source.is_sample,
            "import_id": import_id,
        },
    )


def _write_rejected(con: duckdb.DuckDBPyConnection, source: Source, import_id: str) -> None:
    """Keep rejected rows with the reason and the publisher's values."""
    con.execute(
        f"INSERT INTO rejected SELECT ?, s.row_number, s.reject_reason, {publisher_json(source.raw)} "
        "FROM staged s JOIN raw r ON r.row_number = s.row_number WHERE s.reject_reason IS NOT NULL "
        "ORDER BY s.row_number",
        [import_id],
    )
    # a line that does not fit its columns cannot be kept without those that are withheld
    line = "original" if not source.withheld else "NULL"
    con.execute(f"INSERT INTO rejected SELECT ?, row_number, reason, {line} FROM raw_rejected", [import_id])


def _notes(source: Source, actions: dict[str, int]) -> tuple[str, ...]:
    """Say what a reader of the counts alone would miss."""
    notes = []
    if actions.get("poorer"):
        notes.append(
            f"{actions['poorer']:,} rows were left as they are: the record holds them from another "
            "layout of the "
            "same data, and this one lacks columns it would erase."
        )
    if actions.get("older"):
        notes.append(
            f"{actions['older']:,} rows differ but were left as they are: the record holds them from a "
            "newer release, "
            "or this file's release is not stated (say it with --version). Undo the newer import to go back."
        )
    if actions.get("restamped"):
        notes.append(f"{actions['restamped']:,} rows are the same in this release and now carry its number.")
    if actions.get("copy"):
        what = "exact copies of an earlier row"
        if getattr(source.layout, "rows_share_events", False):
            what = "further rows of an event that an earlier row brought"
        notes.append(f"{actions['copy']:,} rows are {what} of this file.")
    if source.withheld:
        notes.append(
            f"{len(source.withheld):,} columns are not stored, because they may name private persons: "
            f"{', '.join(source.withheld)}."
        )
        if source.raw.ragged:
            notes.append(
                f"{source.raw.ragged:,} lines of another width were rejected without their text, "
                "for the same reason."
            )
    if source.is_sample:
        notes.append("This file is a sample of its data set: its rows must not be summed.")
    if source.raw.encoding not in ("", "utf-8", "utf-8-sig"):
        notes.append(f"The text is not UTF-8; it was read as {source.raw.encoding}.")
    return tuple(notes)


def _write_import(con: duckdb.DuckDBPyConnection, report: ImportReport, number: int, source: Source) -> None:
    """Write the import's own line."""
    from afterstrike import __version__

    con.execute(
        "INSERT INTO imports VALUES (?, ?, now()::TIMESTAMP, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, ?)",
        [report.import_id, number, report.path, report.sha256, report.layout, report.dataset,
         report.dataset_version, source.raw.encoding, report.read, report.added, report.updated,
         report.unchanged, report.rejected, report.repaired, report.seconds,
         "\n".join(report.notes) or None, f"afterstrike {__version__}"],
    )  # fmt: skip
