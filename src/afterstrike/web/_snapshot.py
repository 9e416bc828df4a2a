"""A copy of the record that is served while others write the record itself."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import RecordError
from ._index import Index
from ._problem import Problem

if TYPE_CHECKING:
    import duckdb

    from ..record import Record

__all__ = ["Snapshot", "SnapshotStore"]

T = TypeVar("T")
POLL_SECONDS = 1.0
_PREFIX = "afterstrike-serve-"
MEMORY_LIMIT = "500MB"  # of the copy's connection; the events themselves are in the index


@dataclass
class Snapshot:
    """The record as it was at one moment: a private file, open for reading, and its events in memory."""

    version: int
    as_of: str  # UTC, to the second
    path: Path
    connection: duckdb.DuckDBPyConnection = field(repr=False)
    index: Index = field(repr=False)
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Give a connection of one's own to the copy; a connection serves one thread at a time."""
        return self.connection.cursor()

    def once(self, key: str, make: Callable[[], T]) -> T:
        """Give what `make` gives, made at most once for this copy."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
            kept: T = self._kept[key]
            return kept


def _discard(connection: Any, folder: Path) -> None:
    with suppress(Exception):  # at the end of the process DuckDB may be gone before its connection
        connection.close()
    shutil.rmtree(folder, ignore_errors=True)


class SnapshotStore:
    """Keeps the newest readable copy of a record.

    Nothing here holds the record's file: it is opened only while it is copied, in one process at a time. While a
    writer has it, the last copy is served on, and `trouble` says why.
    """

    def __init__(self, record: Path, *, write_seconds: float = 20.0) -> None:
        self.record = record
        self.trouble: str | None = None
        self._write_seconds = write_seconds
        self._folder: Path | None = None  # of the copies; made with the first
        self._current: Snapshot | None = None
        self._signature: tuple[int, ...] | None = None
        self._lock = threading.RLock()  # one thread at a time has the record's file open
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._versions = 0

    def current(self) -> Snapshot:
        """Give the newest copy.

        Raises
        ------
        Problem
            503, where the record could not be read even once.
        """
        found = self._current
        if found is None:
            self.refresh()
            found = self._current
        if found is None:
            raise Problem(
                503, self.trouble or f"{self.record.name} cannot be read", "", "try again in a few seconds"
            )
        return found

    def refresh(self) -> bool:
        """Take a new copy where the record changed and can be read; say whether there is a new one."""
        with self._lock:
            try:
                signature = _signature(self.record)
                if signature == self._signature and self._current is not None:
                    self.trouble = None
                    return False
                self._current, self._signature = self._copy(signature), signature
            except (
                Exception
            ) as problem:  # a damaged file may raise anything; what is served goes on being served
                self.trouble = _said(problem, self.record)
                return False
            self.trouble = None
            return True

    def _copy(self, signature: tuple[int, ...]) -> Snapshot:
        from ..record._store import connect

        if self._folder is None:
            _remove_left(Path(tempfile.gettempdir()))
            self._folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        folder = Path(tempfile.mkdtemp(prefix="copy-", dir=self._folder))
        copy = folder / self.record.name
        connection = None
        try:
            # While we have it open for reading no writer can begin, so what is copied is whole.
            with connect(self.record, read_only=True):
                wal = _wal(self.record)
                if wal.exists():
                    shutil.copyfile(wal, _wal(copy))
                shutil.copyfile(self.record, copy)
            if _signature(self.record) != signature:
                raise RecordError(f"{self.record.name} changed while it was copied; it is copied again")
            connection = connect(copy, read_only=True)
            connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
            as_of = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            made = Snapshot(self._versions + 1, as_of, copy, connection, Index.of(connection))
        except BaseException:
            if connection is not None:
                connection.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._versions += 1
        weakref.finalize(made, _discard, connection, folder)
        return made

    @contextmanager
    def writing(self) -> Iterator[Record]:
        """Open the record itself for a change, waiting while another process has it; then take a new copy.

        Raises
        ------
        Problem
            503, where the record stayed in use.
        """
        from ..record import open_record

        until = time.monotonic() + self._write_seconds
        with self._lock:
            while True:
                try:
                    record = open_record(self.record) if self.record.exists() else None
                    break
                except RecordError as problem:
                    if "in use" not in str(problem):
                        raise
                    if time.monotonic() > until:
                        raise Problem(503, str(problem), "", "try again; nothing was changed") from None
                time.sleep(0.1)
            if record is None:
                raise Problem(
                    503, f"{self.record.name} is gone", "", "put the record back; nothing was changed"
                )
            with record:
                yield record
            self.refresh()

    def start(self) -> None:
        """Look for changes of the record once a second, in a thread of its own."""
        self.refresh()
        self._stop.clear()
        self._thread = threading.Thread(target=self._watch, name="afterstrike-record", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            self.refresh()

    def stop(self) -> None:
        """Stop looking and remove the copies."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None
        with self._lock:
            if self._current is not None:
                with suppress(Exception):
                    self._current.connection.close()
            self._current = None
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def _remove_left(folder: Path) -> None:
    """Remove the copies of servers that were killed: nobody else would, and a record may be confidential."""
    for left in folder.glob(f"{_PREFIX}*-*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if (
            not pid.isdigit()
            or left.is_symlink()
            or (hasattr(os, "getuid") and left.lstat().st_uid != os.getuid())
        ):
            continue
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            shutil.rmtree(left, ignore_errors=True)
        except (OSError, OverflowError):
            continue


def _wal(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _signature(path: Path) -> tuple[int, ...]:
    """Give what is different after every write: times, sizes and the file itself, also of the write-ahead log."""
    about = path.stat()
    found: tuple[int, ...] = (about.st_mtime_ns, about.st_size, about.st_ino)
    with suppress(FileNotFoundError):
        log = _wal(path).stat()
        found += (log.st_mtime_ns, log.st_size, log.st_ino)
    return found


def _said(problem: Exception, record: Path) -> str:
    if isinstance(problem, FileNotFoundError):
        return f"{record.name} does not exist"
    # visitors learn the record's name, not where it lies on the machine
    return str(problem).replace(str(record), record.name)
