"""A download that is under way: a file that a later run can go on with, after a cut or a kill."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

with contextlib.suppress(ImportError):  # Windows has none
    import fcntl

__all__ = ["Partial", "open_partial"]

_STALE_SECONDS = 7 * 86400


class Partial:
    """Bytes got so far, and by which validator the server can tell that the rest still fits."""

    def __init__(self, path: Path, stream: BinaryIO, about: Path | None) -> None:
        self.path = path
        self.stream = stream
        self._about = about
        self.etag: str | None = None
        self.last_modified: str | None = None
        self.total: int | None = None  # bytes of the whole as the first answer stated them
        self._load()

    @property
    def size(self) -> int:
        """Bytes got so far."""
        return self.stream.seek(0, os.SEEK_END)

    @property
    def validator(self) -> str | None:
        """What goes into If-Range: a strong ETag, else the date of change; None means start anew."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.last_modified

    def begin(self, headers: Mapping[str, str]) -> None:
        """Start anew, with the validators and the size of this answer."""
        self.stream.seek(0)
        self.stream.truncate()
        self.etag, self.last_modified = headers.get("etag"), headers.get("last-modified")
        length = headers.get("content-length", "")
        self.total = int(length) if length.isascii() and length.isdecimal() else None
        if self._about is not None:
            told = {"etag": self.etag, "last_modified": self.last_modified, "total": self.total}
            text = json.dumps(told)
            # written before the first byte: a kill leaves bytes with the right validators, or none
            self._about.write_text(text, encoding="utf-8")

    def drop(self) -> None:
        """Forget all that was got."""
        self.begin({})

    def finish(self) -> None:
        """Close; what is worth going on with stays, the rest is deleted."""
        keep = self._about is not None and self.path.exists() and self.size and self.validator
        if not keep:
            self.path.unlink(missing_ok=True)
            if self._about is not None:
                self._about.unlink(missing_ok=True)
        self.stream.close()

    def _load(self) -> None:
        """Take up what an earlier run left; bytes without validators are worth nothing."""
        if self._about is None or not self.size:
            return
        try:
            told = json.loads(self._about.read_text(encoding="utf-8"))
            self.etag, self.last_modified = told["etag"], told["last_modified"]
            self.total = told.get("total")  # files of an earlier version have none
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self.etag = self.last_modified = self.total = None
        if self.validator is None:
            self.drop()


@contextmanager
def open_partial(folder: Path | None, address: str | None) -> Iterator[Partial]:
    """Open the partial file of an address, alone.

    Parameters
    ----------
    folder : pathlib.Path or None
        Where partial files lie; None is the system's folder for temporary files.
    address : str or None
        The address without keys; None where a later run must not go on with it.

    Yields
    ------
    Partial
        The file an earlier run left. Where another process has it open, a new one of our own.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
    shared = _open_alone(folder, address) if folder is not None and address is not None else None
    partial = shared or _open_new(folder)
    try:
        yield partial
    finally:
        partial.finish()


def _open_alone(folder: Path, address: str) -> Partial | None:
    """Open the shared file of an address under a lock that ends with the process; None where it is taken."""
    if os.name != "posix":
        return None  # without a lock that ends with its process, no run may go on with another's file
    name = hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
    path = folder / f"{name}.part"
    for _ in range(5):
        stream = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            stream.close()
            return None
        try:
            if os.fstat(stream.fileno()).st_ino == path.stat().st_ino:
                return Partial(path, stream, folder / f"{name}.json")
        except FileNotFoundError:
            pass
        stream.close()  # another process finished and moved the file between our two steps
    return None


def _open_new(folder: Path | None) -> Partial:
    handle, name = tempfile.mkstemp(dir=folder, prefix="own-", suffix=".part")
    return Partial(Path(name), os.fdopen(handle, "r+b"), None)


def _sweep(folder: Path) -> None:
    """Delete what nobody has gone on with for a week."""
    limit = time.time() - _STALE_SECONDS
    for path in folder.iterdir():
        try:
            if path.stat().st_mtime < limit:
                path.unlink()
        except OSError:
            continue
