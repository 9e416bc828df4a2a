"""The tables beside the events that hold reports, what each tells, and what an analyst decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["has_history", "has_reports", "make_tables"]

# A report's text is not kept: it may name victims, and it is its publisher's. Its hash and the spans lead
# back to the sentence in the file it came from; `words` are hashes of its words, enough to compare two
# reports.
_TABLES = (
    # an older text of a report is kept, marked by the import that brought the newer one, so that undo has it back
    "CREATE TABLE IF NOT EXISTS reports (report_id VARCHAR NOT NULL, import_id VARCHAR NOT NULL, superseded_by VARCHAR, "
    "path VARCHAR, text_sha256 VARCHAR NOT NULL, lang VARCHAR, published DATE, outlet VARCHAR, words INTEGER[], "
    "software VARCHAR, PRIMARY KEY (report_id, import_id))",
    "CREATE TABLE IF NOT EXISTS report_events (told_id VARCHAR NOT NULL, report_id VARCHAR NOT NULL, "
    "import_id VARCHAR NOT NULL, number INTEGER NOT NULL, event VARCHAR NOT NULL, PRIMARY KEY (told_id, import_id))",
    "CREATE TABLE IF NOT EXISTS incident_members (incident_id VARCHAR NOT NULL, told_id VARCHAR NOT NULL)",
    "CREATE TABLE IF NOT EXISTS incidents (incident_id VARCHAR NOT NULL PRIMARY KEY, grade VARCHAR NOT NULL, "
    "reason VARCHAR NOT NULL, graded_by VARCHAR NOT NULL, links VARCHAR)",
    "CREATE TABLE IF NOT EXISTS incident_decisions (number INTEGER NOT NULL PRIMARY KEY, decided_at TIMESTAMP "
    "NOT NULL, verb VARCHAR NOT NULL, told_ids VARCHAR[] NOT NULL, apart_from VARCHAR[], grade VARCHAR, "
    "reason VARCHAR, withdrawn_at TIMESTAMP)",
    "CREATE TABLE IF NOT EXISTS incident_changes (incident_id VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL, "
    'import_id VARCHAR, change VARCHAR NOT NULL, "before" VARCHAR, "after" VARCHAR)',
)  # fmt: skip


def make_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables where a record has none yet."""
    for statement in _TABLES:
        con.execute(statement)


def has_reports(con: duckdb.DuckDBPyConnection) -> bool:
    """Say whether a record has ever held reports."""
    return _has(con, "reports")


def has_history(con: duckdb.DuckDBPyConnection) -> bool:
    """Say whether a record keeps what became of its incidents; those of older versions do from their next build on."""
    return _has(con, "incident_changes")


def _has(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    return bool(con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [table]).fetchone())
