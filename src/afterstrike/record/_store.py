"""The file a record lives in: open it, make it, refuse what is no record, and its tables."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterstrike.errors import RecordBusy, RecordError
from afterstrike.record._schema import SCHEMA_VERSION, create_sql

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "connect",
    "count_rows",
    "create",
    "first_line",
    "holds_nothing",
    "records",
    "storage_faults",
    "transaction",
]

# What one connection may hold in memory before it spills to disk; keeps a million rows below 2 GB in all.
MEMORY_LIMIT = "1000MB"

TABLES: tuple[str, ...] = (
    create_sql("events"),
    # the publisher's own row but for withheld columns; layout_rank says how rich its layout was.
    # zstd at once: finding out which lighter compression suits long texts took longer than compressing them
    "CREATE TABLE publisher_columns (event_id VARCHAR NOT NULL, import_id VARCHAR NOT NULL, "
    "row_number BIGINT, layout_rank INTEGER, publisher VARCHAR USING COMPRESSION zstd)",
    "CREATE TABLE datasets (dataset VARCHAR NOT NULL, dataset_version VARCHAR, title VARCHAR, "
    "licence VARCHAR NOT NULL, citation VARCHAR, is_sample BOOLEAN NOT NULL, import_id VARCHAR NOT NULL)",
    "CREATE TABLE imports (import_id VARCHAR NOT NULL PRIMARY KEY, number INTEGER NOT NULL, "
    "started_at TIMESTAMP NOT NULL, undone_at TIMESTAMP, path VARCHAR, sha256 VARCHAR, layout VARCHAR, "
    "dataset VARCHAR, dataset_version VARCHAR, encoding VARCHAR, rows_read BIGINT, added BIGINT, "
    "updated BIGINT, "
    "unchanged BIGINT, rejected BIGINT, repaired BIGINT, seconds DOUBLE, notes VARCHAR, software VARCHAR)",
    "CREATE TABLE rejected (import_id VARCHAR NOT NULL, row_number BIGINT, reason VARCHAR NOT NULL, "
    "original VARCHAR)",
    "CREATE TABLE repairs (import_id VARCHAR NOT NULL, event_id VARCHAR NOT NULL, row_number BIGINT, "
    "repairs VARCHAR NOT NULL)",
    # change: added | updated | restamped (same row seen in a newer release); changed is empty for added
    "CREATE TABLE changes (import_id VARCHAR NOT NULL, event_id VARCHAR NOT NULL, change VARCHAR NOT NULL, "
    'changed STRUCT("column" VARCHAR, "before" VARCHAR, "after" VARCHAR)[], '
    "publisher_before STRUCT(import_id VARCHAR, row_number BIGINT, layout_rank INTEGER, publisher VARCHAR))",
    "CREATE TABLE meta (name VARCHAR NOT NULL PRIMARY KEY, value VARCHAR)",
)


def connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Open the file of a record that exists.

    Parameters
    ----------
    path : Path
        The file.
    read_only : bool
        Several readers may have a record open at once; one writer excludes everyone else.

    Returns
    -------
    DuckDBPyConnection
        A connection whose memory is bounded.

    Raises
    ------
    RecordError
        Where the file is in use (RecordBusy), is no record, or was written under another schema.
    """
    import duckdb

    try:
        con = duckdb.connect(str(path), read_only=read_only)
    except duckdb.Error as problem:
        is_busy = _LOCK.search(str(problem)) or _OTHER_MODE in str(problem)
        raise (RecordBusy if is_busy else RecordError)(_explain(path, str(problem))) from None
    try:
        _check_schema(con, path)
        spill = path.with_name(path.name + ".tmp")
        if not read_only and spill.is_dir():
            shutil.rmtree(
                spill, ignore_errors=True
            )  # left by a process that was killed: we hold the lock now
        con.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        con.execute("SET enable_progress_bar = false")
        con.execute("SET TimeZone = 'UTC'")
    except BaseException:
        con.close()
        raise
    return con


_LOCK = re.compile(r"held in (\S+) \(PID (\d+)\)")
_OTHER_MODE = "different configuration"


def _explain(path: Path, problem: str) -> str:
    """Turn DuckDB's complaint about a file into ours."""
    lock = _LOCK.search(problem)
    if lock:
        program = Path(lock.group(1)).name
        return (
            f"{path} is in use by process {lock.group(2)} ({program}); wait until it is done. "
            "Where both sides only read, open it read-only on both"
        )
    if _OTHER_MODE in problem:
        return f"{path} is open in this process in another mode; close it first, or open both read-only"
    if "not a valid DuckDB" in problem or "Serialization" in problem:
        return (
            f"{path} is no record (not a DuckDB file, or cut off); name another file, or move this one away"
        )
    if "Permission denied" in problem:
        return f"{path} may not be written here; open it read-only, or copy it to a folder of yours"
    return f"{path} cannot be opened as a record: {first_line(problem)}"


def first_line(problem: object) -> str:
    """Give the first line of a complaint of DuckDB's, where what went wrong stands."""
    return (str(problem).strip() or "no reason given").splitlines()[0][:300]


def _check_schema(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Refuse a DuckDB file that is no record, or one of another schema version."""
    import duckdb

    try:
        row = con.execute("SELECT value FROM meta WHERE name = 'schema_version'").fetchone()
    except duckdb.CatalogException:
        row = None
    except duckdb.BinderException:
        row = None
    if row is None:
        raise RecordError(f"{path} is no afterstrike record, though DuckDB can open it; name another file")
    if row[0] != str(SCHEMA_VERSION):
        raise RecordError(
            f"{path} was written under schema {row[0]}, this version reads schema {SCHEMA_VERSION}; "
            "export it with the version that wrote it and add the export here"
        )


def create(path: Path) -> None:
    """Make an empty record, all at once: killed on the way, nothing of it stands under its name.

    Parameters
    ----------
    path : Path
        A file that does not exist, or that is empty.

    Raises
    ------
    RecordError
        Where the folder does not exist or cannot be written.
    """
    import duckdb

    from afterstrike import __version__

    if not path.parent.is_dir():
        raise RecordError(f"the folder {path.parent} does not exist; make it first")
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with duckdb.connect(str(fresh)) as con:
            for statement in TABLES:
                con.execute(statement)
            con.execute(
                "INSERT INTO meta VALUES ('schema_version', ?), ('made_by', ?)",
                [str(SCHEMA_VERSION), f"afterstrike {__version__}"],
            )
            con.execute("CHECKPOINT")  # closing would pass over a disk that is full
        fresh.replace(path)
    except (duckdb.Error, OSError) as problem:
        raise RecordError(f"a record cannot be made at {path}: {first_line(problem)}") from None
    finally:
        for left in (fresh, fresh.with_name(fresh.name + ".wal")):
            with suppress(OSError):
                left.unlink(missing_ok=True)


_OPEN: set[int] = set()  # connections inside a transaction


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Do what the block does as a whole or not at all; inside another such block it is part of that one."""
    import duckdb

    if id(con) in _OPEN:
        yield
        return
    con.execute("BEGIN TRANSACTION")
    _OPEN.add(id(con))
    try:
        yield
        con.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # a commit that failed has already ended the transaction
            con.execute("ROLLBACK")
        raise
    finally:
        _OPEN.discard(id(con))


@contextmanager
def storage_faults(path: Path) -> Iterator[None]:
    """Turn a disk that is full or cannot be written into a RecordError."""
    import duckdb

    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException,
            duckdb.TransactionException) as problem:  # fmt: skip
        raise RecordError(
            f"{path} could not be written and is as it was before ({first_line(problem)}); "
            "make room on the disk and for memory, or name a record in another folder"
        ) from None


def holds_nothing(con: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Say whether no import was stored. A connection that a full disk broke is closed and the file asked."""
    import duckdb

    try:
        return count_rows(con, "imports") == 0
    except duckdb.Error:
        con.close()
        with connect(path, read_only=False) as again:
            return count_rows(again, "imports") == 0


def records(con: duckdb.DuckDBPyConnection, sql: str, parameters: object = None) -> list[dict[str, Any]]:
    """Run a query and give its rows as dicts.

    Parameters
    ----------
    con : DuckDBPyConnection
        The connection.
    sql : str
        One SELECT.
    parameters : list or dict, optional
        Its parameters.

    Returns
    -------
    list of dict
        One a row, keys are the column names.
    """
    done = con.execute(sql, parameters) if parameters else con.execute(sql)
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


def count_rows(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Count the rows of a table or a bracketed query."""
    return int(records(con, f"SELECT count(*) AS n FROM {table}")[0]["n"])
