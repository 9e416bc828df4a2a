"""One watch a record: a lock that dies with its process, however it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from afterstrike.errors import RecordError

__all__ = ["only_watch"]


@contextmanager
def only_watch(record: Path) -> Iterator[bool]:
    """Hold the lock of a record's watch while the block runs.

    Parameters
    ----------
    record : Path
        The record; the lock is a file beside it with the process id in it.

    Returns
    -------
    context manager of bool
        True where an earlier watch left its lock behind (it was killed).

    Raises
    ------
    RecordError
        Another watch holds it; the message names its process.
    """
    path = record.with_name(record.name + ".watch.lock")
    try:
        file = path.open("a+", encoding="utf-8")
    except OSError as problem:
        raise RecordError(
            f"{path} cannot be written ({problem.strerror or problem}); a watch needs a folder it may write to"
        ) from None
    with file:
        file.seek(0)
        left = file.read(100).strip()
        if not _take(file):
            raise RecordError(
                f"{record} is watched already by process {left or 'unknown'}; stop that one first, or name another record"
            )
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield bool(left)
        finally:
            file.seek(0)
            file.truncate()  # the file stays: removing it could remove the lock of the next
            with suppress(OSError):
                file.flush()


def _take(file: IO[str]) -> bool:
    """Lock a file where nobody holds it; the system lets go of it when this process ends."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - Windows
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
