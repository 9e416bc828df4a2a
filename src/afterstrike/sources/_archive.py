"""The archive: raw bytes as they came, kept once, with where, when and under which terms."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from afterstrike.errors import SourceError
from afterstrike.sources._address import redact, safe_headers
from afterstrike.sources._open import MAX_BYTES

__all__ = ["Archive", "Fetch", "archive_of"]

_CHUNK = 1 << 20
Raw = bytes  # inside the class the name `bytes` is a method
_WAIT_SECONDS = 30.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS fetches (
    number INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL, final_address TEXT NOT NULL,
    status INTEGER NOT NULL, headers TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
    retrieved_at TEXT NOT NULL, licence TEXT, citation TEXT
);
CREATE INDEX IF NOT EXISTS fetches_address ON fetches (address, number);
CREATE INDEX IF NOT EXISTS fetches_sha256 ON fetches (sha256);
"""
_COLUMNS = "number, address, final_address, status, headers, sha256, size, retrieved_at, licence, citation"


@dataclass(frozen=True)
class Fetch:
    """One retrieval of one address. Keys, cookies and passwords are in none of its fields."""

    number: int  # counts up, in the order of storing
    address: str
    final_address: str  # after redirects
    status: int
    headers: dict[str, str]  # names in small letters
    sha256: str
    size: int  # bytes
    retrieved_at: str  # UTC, ISO 8601
    licence: str | None = None
    citation: str | None = None


class Archive:
    """Raw bytes kept once, named by their SHA-256, with a log of every retrieval.

    The folder holds `objects/<first two hex digits>/<sha256>` and `fetches.sqlite`. Bytes are written under
    another name, forced to the disk and then renamed, and the log row comes last: a process that is killed
    leaves either a whole retrieval or none. Several processes may use one archive at the same time.

    Parameters
    ----------
    folder : pathlib.Path
        Made where it is absent.
    read_only : bool
        Nothing is made or changed; an absent folder is an empty archive.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     archive = Archive(Path(folder))
    ...     fetch = archive.put(b"Two boats sank.", address="https://example.org/a?key=1",
    ...         final_address="https://example.org/a", status=200, headers={"ETag": "1"},
    ...         retrieved_at="2026-01-01T00:00:00+00:00")
    ...     fetch.address, archive.bytes(fetch.sha256)
    ('https://example.org/a', b'Two boats sank.')
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder = Path(folder)
        self.read_only = read_only
        if read_only:
            return
        try:
            (self.folder / "objects").mkdir(parents=True, exist_ok=True)
            with self._connection() as connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as problem:
            raise SourceError(
                f"{self.folder} cannot be used as an archive ({problem}); give a folder that can be written"
            ) from None

    def put(
        self,
        body: Raw | Path,
        *,
        address: str,
        final_address: str,
        status: int,
        headers: Mapping[str, str],
        retrieved_at: str,
        licence: str | None = None,
        citation: str | None = None,
        digest: tuple[str, int] | None = None,
    ) -> Fetch:
        """Store the bytes of one retrieval, where they are not there yet, and log it.

        Parameters
        ----------
        body : bytes or pathlib.Path
            The bytes, or a file of them. A file inside the archive's folder is moved, any other is copied.
        address, final_address : str
            What was asked for, and what answered after redirects. Stored without keys and passwords.
        status : int
            HTTP status.
        headers : mapping
            Headers of the answer. Cookies and keys are left out.
        retrieved_at : str
            UTC, ISO 8601.
        licence, citation : str, optional
            The publisher's terms and how to cite it.
        digest : tuple, optional
            SHA-256 and size of the file, from `digest_of`, where they were computed already.

        Returns
        -------
        Fetch
            The row of the log.

        Raises
        ------
        SourceError
            The archive was opened to read only, or cannot be written.
        """
        if self.read_only:
            raise SourceError(f"{self.folder} was opened to read only; open the archive for writing")
        kept = json.dumps(safe_headers(headers), ensure_ascii=False)
        try:
            sha256, size = self._store(body, digest)
            row = (redact(address), redact(final_address), status, kept, sha256, size, retrieved_at, licence,
                   citation)  # fmt: skip
            with self._connection() as connection, connection:
                number = connection.execute(
                    f"INSERT INTO fetches ({_COLUMNS[8:]}) VALUES (?,?,?,?,?,?,?,?,?)", row
                ).lastrowid
        except (OSError, sqlite3.Error) as problem:
            raise SourceError(
                f"{self.folder} cannot be written ({problem}); nothing was logged; free space or give another "
                "folder and try again"
            ) from None
        return _fetch((number, *row))

    def open(self, sha256: str) -> BinaryIO:
        """Open stored bytes.

        Raises
        ------
        SourceError
            No bytes of that hash are here.
        """
        path = self.path(sha256)
        try:
            return path.open("rb")
        except OSError:
            raise SourceError(
                f"{self.folder} holds no bytes with SHA-256 {sha256}; `afterstrike fetch log` lists what it holds"
            ) from None

    def bytes(self, sha256: str, max_bytes: int = MAX_BYTES) -> Raw:
        """Read stored bytes and check them against their hash.

        Raises
        ------
        SourceError
            They are absent, larger than `max_bytes`, or no longer what was stored.
        """
        with self.open(sha256) as stream:
            body = stream.read(max_bytes + 1)
        if len(body) > max_bytes:
            raise SourceError(f"object {sha256} is larger than {max_bytes / 1e6:g} MB; open it as a stream")
        if hashlib.sha256(body).hexdigest() != sha256:
            raise SourceError(f"object {sha256} in {self.folder} was changed or damaged; fetch it again")
        return body

    def path(self, sha256: str) -> Path:
        """Give where the bytes of a hash lie or would lie; anything but 64 hex digits is refused."""
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
            raise SourceError(f"{sha256!r} is no SHA-256; give 64 hexadecimal digits in small letters")
        return self.folder / "objects" / sha256[:2] / sha256

    def latest(self, address: str) -> Fetch | None:
        """Give the last retrieval of an address, None where there is none."""
        found = self._rows("WHERE address = ? ORDER BY number DESC LIMIT 1", redact(address))
        return found[0] if found else None

    def fetches(self, address: str | None = None) -> list[Fetch]:
        """List retrievals, of one address or of all, the oldest first."""
        if address is None:
            return self._rows("ORDER BY number")
        return self._rows("WHERE address = ? ORDER BY number", redact(address))

    def holds(self, sha256: str) -> bool:
        """Say whether the bytes of a hash are here."""
        return self.path(sha256).is_file()

    def export_warc(self, path: Path, *, address: str | None = None) -> int:
        """Write retrievals to a WARC file (ISO 28500), gzip per record.

        Parameters
        ----------
        path : pathlib.Path
            The file, e.g. `strikes.warc.gz`; replaced only when all is written.
        address : str, optional
            Only this address.

        Returns
        -------
        int
            Retrievals written: bytes that were got twice stand there once and are referred to.
        """
        from afterstrike.sources._warc import write_warc

        return write_warc(self, Path(path), self.fetches(address))

    def _store(self, body: Raw | Path, digest: tuple[str, int] | None) -> tuple[str, int]:
        """Put bytes under their hash; give hash and size."""
        if isinstance(body, Path):
            sha256, size = digest or digest_of(body)
            target = self.path(sha256)
            if target.exists():
                return sha256, size
            target.parent.mkdir(parents=True, exist_ok=True)
            if body.resolve().is_relative_to(self.folder.resolve()):
                with body.open("rb+") as stream:
                    os.fsync(stream.fileno())
                body.replace(target)
                _sync_folder(target.parent)
                return sha256, size
            with body.open("rb") as stream:
                _write(target, stream)
            return sha256, size
        sha256 = hashlib.sha256(body).hexdigest()
        target = self.path(sha256)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, body)
        return sha256, len(body)

    def _rows(self, where: str, *values: str) -> list[Fetch]:
        if not (self.folder / "fetches.sqlite").exists():
            return []
        try:
            with self._connection() as connection:
                return [
                    _fetch(row)
                    for row in connection.execute(f"SELECT {_COLUMNS} FROM fetches {where}", values)
                ]
        except sqlite3.Error as problem:
            raise SourceError(
                f"{self.folder / 'fetches.sqlite'} cannot be read ({problem}); "
                "put it back from a copy, or begin a new archive folder"
            ) from None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Open the log for one use; so threads and processes need not know of each other."""
        path = (self.folder / "fetches.sqlite").resolve()
        if self.read_only:
            connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=_WAIT_SECONDS)
        else:
            connection = sqlite3.connect(path, timeout=_WAIT_SECONDS)
        with closing(connection):
            yield connection


def archive_of(record: Path) -> Path:
    """Give the archive folder of a record: `x.archive` beside `x.duckdb`.

    Examples
    --------
    >>> archive_of(Path("data/syria.duckdb")).as_posix()
    'data/syria.archive'
    """
    return record.with_suffix(".archive")


def digest_of(path: Path, algorithm: str = "sha256") -> tuple[str, int]:
    """Give hash and size of a file, read in pieces."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, algorithm)
        return digest.hexdigest(), stream.tell()


def _fetch(row: tuple[object, ...]) -> Fetch:
    fields = list(row)
    fields[4] = json.loads(str(fields[4]))
    return Fetch(*fields)  # type: ignore[arg-type]


def _write(target: Path, body: bytes | BinaryIO) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            if isinstance(body, bytes):
                out.write(body)
            else:
                shutil.copyfileobj(body, out, _CHUNK)
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Force a rename to the disk; where a system cannot do that for a folder, the file itself is safe."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
