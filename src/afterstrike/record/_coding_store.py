"""Codes that stand in a record: code its rows anew, remember the rule chosen, take codes made by a person."""

from __future__ import annotations

import csv
import hashlib
import io
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from afterstrike.errors import UsageError
from afterstrike.record._coding_rule import CodingRule, load_rule, parse_rule
from afterstrike.record._import_report import ImportReport
from afterstrike.record._schema import EVENT_KINDS
from afterstrike.record._store import records, transaction

if TYPE_CHECKING:
    import duckdb

__all__ = ["overlay_codes", "recode", "standing_rules"]

LAYOUT = "coding"  # what stands under layout in the log
CODES = ("kind", "initiator", "coded_by", "coding_evidence", "confidence")
CONFIDENCES = ("low", "moderate", "high")


def standing_rules(con: duckdb.DuckDBPyConnection) -> tuple[CodingRule, Sequence[str]]:
    """Give the rule last chosen for this record and not undone, and the hand codes laid over it since."""
    has_meta = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name IN ('meta', 'imports') AND NOT temporary"
    ).fetchone()
    rule, hand = load_rule("ged-words"), list[str]()
    if not has_meta or has_meta[0] < 2:
        return rule, hand
    found = con.execute(
        f"SELECT m.name, m.value, i.path FROM imports i JOIN meta m ON m.name IN ('rule:' || i.import_id, "
        f"'codes:' || i.import_id) WHERE i.layout = '{LAYOUT}' AND i.undone_at IS NULL ORDER BY i.number"
    ).fetchall()
    for name, text, path in found:
        if name.startswith("rule:"):
            rule, hand = parse_rule(text, path), []
        else:
            hand.append(text)
    return rule, hand


def recode(con: duckdb.DuckDBPyConnection, rule: str | Path) -> ImportReport:
    """Code the rows of a record anew, in one transaction that stands in the log and can be undone.

    Parameters
    ----------
    con : DuckDBPyConnection
        The record's connection, open for writing.
    rule : str or Path
        "ged-words", "none", a TOML rule file, or a CSV of codes (event_id, kind, initiator, and if wanted
        confidence, coding_evidence, coded_by) made by a person.

    Returns
    -------
    ImportReport
        read: rows whose layout leaves coding to a rule (of a CSV: its rows); updated, unchanged, rejected.

    Raises
    ------
    UsageError
        Where the rule is not known or its file is of another form; the record is as before.
    """
    from afterstrike.record import _code

    started = time.perf_counter()
    by_hand = Path(rule).suffix.lower() == ".csv"
    text = _read_codes(Path(rule)) if by_hand else load_rule(rule).text
    try:
        unknown: list[tuple[str, str]] = []
        if by_hand:
            read, unknown = _stage_hand_codes(con, text)
        else:
            _code.code_rows(con, _select_coded(), load_rule(rule))
            read = int(records(con, "SELECT count(*) AS n FROM code_codes")[0]["n"])
        with transaction(con):
            report = _write(con, str(rule), text, by_hand, read, unknown, started)
    finally:
        _code.drop_tables(con)
    return report


def _select_coded() -> str:
    """SQL of the rows that a rule codes, with their kind as the publisher's type of violence has it."""
    from afterstrike.record.layouts import all_layouts

    coded = [name for name, layout in all_layouts().items() if getattr(layout, "coding", False)]
    names = ", ".join(f"'{name}'" for name in coded) or "''"
    return (
        "SELECT e.event_id AS key, e.* REPLACE (CASE WHEN e.side_b IS NOT DISTINCT FROM 'Civilians' OR "
        "coalesce(TRY_CAST(json_extract_string(p.publisher, '$.type_of_violence') AS DOUBLE) = 3, false) "
        "THEN 'violence_against_civilians' ELSE 'clash' END AS kind) FROM events e "
        "JOIN publisher_columns p USING (event_id) "
        f"JOIN imports i ON i.import_id = p.import_id AND i.layout IN ({names})"
    )


def _read_codes(path: Path) -> str:
    """Read a CSV of codes and check every line of it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"codes {path} cannot be read as UTF-8 text: {problem}") from None
    reader = csv.DictReader(io.StringIO(text))
    missing = {"event_id", "kind", "initiator"} - set(reader.fieldnames or ())
    if missing:
        raise UsageError(
            f"codes {path} lack {', '.join(sorted(missing))}; needed: event_id, kind, initiator; "
            "allowed besides: confidence, coding_evidence, coded_by"
        )
    seen: set[str] = set()
    for number, row in enumerate(reader, 2):
        if row["kind"] not in EVENT_KINDS:
            raise UsageError(
                f"codes {path} line {number}: kind {row['kind']!r}; allowed: {', '.join(EVENT_KINDS)}"
            )
        if row.get("confidence") and row["confidence"] not in CONFIDENCES:
            raise UsageError(
                f"codes {path} line {number}: confidence {row['confidence']!r}; "
                f"allowed: {', '.join(CONFIDENCES)}"
            )
        if row["event_id"] in seen:
            raise UsageError(
                f"codes {path} line {number}: event_id {row['event_id']!r} stands twice; keep one"
            )
        seen.add(row["event_id"])
    return text


def _hand_table(con: duckdb.DuckDBPyConnection, text: str, table: str) -> None:
    """Make a temporary table of the codes of a CSV that was checked before."""
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} (event_id VARCHAR, {', '.join(f'{c} VARCHAR' for c in CODES)})"
    )
    rows = [
        (row["event_id"], row["kind"], row["initiator"] or None, row.get("coded_by") or "a person",
         row.get("coding_evidence") or None, row.get("confidence") or None)
        for row in csv.DictReader(io.StringIO(text))
    ]  # fmt: skip
    for start in range(0, len(rows), 1000):
        part = rows[start : start + 1000]
        con.execute(f"INSERT INTO {table} VALUES {', '.join(['(?, ?, ?, ?, ?, ?)'] * len(part))}",
                    [value for row in part for value in row])  # fmt: skip


def overlay_codes(con: duckdb.DuckDBPyConnection, staged: str, text: str) -> None:
    """Lay a person's codes over the rows of a table that has `event_id`."""
    _hand_table(con, text, "code_hand")
    con.execute(
        f"UPDATE {staged} SET {', '.join(f'{name} = h.{name}' for name in CODES)} FROM code_hand h "
        f"WHERE h.event_id = {staged}.event_id"
    )
    con.execute("DROP TABLE code_hand")


def _stage_hand_codes(con: duckdb.DuckDBPyConnection, text: str) -> tuple[int, list[tuple[str, str]]]:
    """Make `code_codes` from a person's codes; give the count read and the ids the record does not hold."""
    _hand_table(con, text, "code_hand")
    con.execute("CREATE OR REPLACE TEMP TABLE code_codes AS SELECT h.event_id AS key, h.* EXCLUDE (event_id) "
                "FROM code_hand h SEMI JOIN events e USING (event_id)")  # fmt: skip
    unknown = con.execute(
        "SELECT event_id, to_json(h)::VARCHAR FROM code_hand h ANTI JOIN events e USING (event_id) ORDER BY 1"
    ).fetchall()
    read = int(records(con, "SELECT count(*) AS n FROM code_hand")[0]["n"])
    con.execute("DROP TABLE code_hand")
    return read, unknown


def _write(
    con: duckdb.DuckDBPyConnection,
    rule: str,
    text: str,
    by_hand: bool,
    read: int,
    unknown: list[tuple[str, str]],
    started: float,
) -> ImportReport:
    """Write changed codes with what undo needs; runs inside one transaction."""
    from afterstrike import __version__

    number = int(records(con, "SELECT coalesce(max(number), 0) + 1 AS n FROM imports")[0]["n"])
    import_id = f"import-{number}"
    differs = " OR ".join(f"e.{name} IS DISTINCT FROM c.{name}" for name in CODES)
    changed = ", ".join(
        f"CASE WHEN e.{name} IS DISTINCT FROM c.{name} THEN {{'column': '{name}', "
        f"'before': e.{name}::VARCHAR, 'after': c.{name}::VARCHAR}} END"
        for name in CODES
    )
    mine = "{'column': 'import_id', 'before': e.import_id, 'after': $import_id}"
    con.execute(
        f"INSERT INTO changes SELECT $import_id, e.event_id, 'updated', list_filter([{changed}, {mine}], "
        "lambda x: x IS NOT NULL), {'import_id': p.import_id, 'row_number': p.row_number, "
        "'layout_rank': p.layout_rank, 'publisher': p.publisher} FROM events e "
        "JOIN code_codes c ON c.key = e.event_id JOIN publisher_columns p ON p.event_id = e.event_id "
        f"WHERE {differs}",
        {"import_id": import_id},
    )
    con.execute(
        f"UPDATE events SET {', '.join(f'{name} = c.{name}' for name in CODES)}, import_id = $import_id "
        "FROM code_codes c WHERE c.key = events.event_id AND events.event_id IN "
        "(SELECT event_id FROM changes WHERE import_id = $import_id)",
        {"import_id": import_id},
    )
    updated = int(records(con, "SELECT count(*) AS n FROM changes WHERE import_id = ?", [import_id])[0]["n"])
    for event_id, original in unknown:
        con.execute("INSERT INTO rejected VALUES (?, NULL, ?, ?)",
                    [import_id, f"event_id '{event_id}' is not in this record", original])  # fmt: skip
    con.execute("INSERT INTO meta VALUES (?, ?)", [f"{'codes' if by_hand else 'rule'}:{import_id}", text])
    report = ImportReport(
        import_id=import_id, path=rule, sha256=hashlib.sha256(text.encode()).hexdigest(), layout=LAYOUT,
        dataset="codes" if by_hand else "all coded rows", dataset_version=None, read=read, added=0,
        updated=updated, unchanged=read - updated - len(unknown), rejected=len(unknown), repaired=0,
        seconds=0.0,
    )  # fmt: skip
    report = replace(report, seconds=round(time.perf_counter() - started, 3))
    con.execute(
        "INSERT INTO imports VALUES (?, ?, now()::TIMESTAMP, NULL, ?, ?, ?, ?, NULL, NULL, "
        "?, 0, ?, ?, ?, 0, ?, NULL, ?)",
        [import_id, number, rule, report.sha256, LAYOUT, report.dataset, read, updated, report.unchanged,
         report.rejected, report.seconds, f"afterstrike {__version__}"],
    )  # fmt: skip
    return report
