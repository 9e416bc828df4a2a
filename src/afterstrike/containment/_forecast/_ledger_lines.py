"""Lines of a ledger: each names the hash of the one before, so that a changed line is noticed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal, get_args

import orjson

from ...errors import RecordError, SourceError, UsageError

__all__ = ["FIRST", "Entry", "EntryKind", "append_entry", "read_entries"]

EntryKind = Literal["question", "forecast", "outcome", "correction"]
FIRST = "0" * 64
_FIELDS = {"number", "kind", "at", "previous", "body", "hash"}
_ADVICE = "nothing was written; take the file from a copy that you trust"


@dataclass(frozen=True)
class Entry:
    """One line: its number from 1, kind, time (UTC), body, the hash of the line before, and its own."""

    number: int
    kind: EntryKind
    at: datetime
    previous: str
    body: Mapping[str, Any]
    hash: str

    @property
    def id(self) -> str:
        """The first twelve hex digits of the hash."""
        return self.hash[:12]

    def to_line(self) -> bytes:
        """Give the line as it stands in the file, with its end."""
        return _line(self._content() | {"hash": self.hash})

    def _content(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "kind": self.kind,
            "at": self.at.isoformat(timespec="seconds"),
            "previous": self.previous,
            "body": dict(self.body),
        }


def _line(content: Mapping[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _made(kind: EntryKind, body: Mapping[str, Any], at: datetime, before: Entry | None) -> Entry:
    """Make the entry that follows another; its body is what JSON makes of the one given."""
    try:
        plain = orjson.loads(orjson.dumps(body))
    except (TypeError, orjson.JSONDecodeError) as problem:
        raise UsageError(f"this cannot be kept as JSON ({problem}); give plain text and numbers") from None
    number, previous = (1, FIRST) if before is None else (before.number + 1, before.hash)
    entry = Entry(number, kind, at, previous, plain, "")
    return Entry(number, kind, at, previous, plain, hashlib.sha256(_line(entry._content())).hexdigest())


def read_entries(path: Path, *, head: str | None = None) -> list[Entry]:
    """Read and check every line.

    Parameters
    ----------
    path
        The ledger.
    head
        A hash noted earlier (at least 12 digits): the ledger must still hold that line. A chain alone does not show
        that its last lines were taken away, nor that all were written anew.

    Raises
    ------
    SourceError
        The file cannot be read, a line is cut off or changed, or the noted line is gone.
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise SourceError(
            f"{path} cannot be read ({problem.strerror or problem}); `afterstrike forecast issue` begins a ledger"
        ) from None
    found = parse_entries(content, path.name)
    if head is not None and (len(head) < 12 or not any(one.hash.startswith(head) for one in found)):
        raise SourceError(
            f"{path.name}: no line has the hash {head} (at least 12 digits); lines were taken away or written anew, {_ADVICE}"
        )
    return found


def parse_entries(content: bytes, name: str) -> list[Entry]:
    """Check every line of a ledger's content; see `read_entries`."""
    *lines, rest = content.split(b"\n")
    found: list[Entry] = []
    for number, line in enumerate(lines, 1):
        found.append(_checked(line, f"{name} line {number}", found[-1] if found else None))
    if rest:
        raise SourceError(
            f"{name} line {len(lines) + 1} is cut off after {len(rest)} bytes, perhaps by a full disk; {_ADVICE}, or take that "
            "part line away: it was never finished"
        )
    return found


def _checked(line: bytes, where: str, before: Entry | None) -> Entry:
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError as problem:
        raise SourceError(f"{where} is no JSON ({problem}); {_ADVICE}") from None
    if not isinstance(told, dict) or set(told) != _FIELDS or not isinstance(told["body"], dict):
        raise SourceError(f"{where} is no line of a ledger: it takes {', '.join(sorted(_FIELDS))}; {_ADVICE}")
    if told["kind"] not in get_args(EntryKind):
        raise SourceError(
            f"{where}: kind {told['kind']!r}; known are {', '.join(get_args(EntryKind))}; {_ADVICE}"
        )
    try:
        at = datetime.fromisoformat(told["at"])
    except (TypeError, ValueError):
        raise SourceError(f"{where}: at {told['at']!r} is no time; {_ADVICE}") from None
    entry = Entry(told["number"], told["kind"], at, told["previous"], told["body"], told["hash"])
    same = _made(entry.kind, entry.body, at, before)
    if (entry.previous, entry.number) != (same.previous, same.number):
        raise SourceError(
            f"{where} does not follow the line before it: a line was changed, moved, put in or taken away; {_ADVICE}"
        )
    if line + b"\n" != same.to_line():
        raise SourceError(f"{where} was changed after it was written: its hash does not fit; {_ADVICE}")
    if before is not None and at < before.at:
        raise SourceError(f"{where} is dated before the line above it; {_ADVICE}")
    return entry


def append_entry(
    path: Path,
    make: Callable[[list[Entry], datetime], tuple[EntryKind, Mapping[str, Any]] | Entry],
    now: datetime | None,
) -> Entry:
    """Add one line, made from those there are, while no other process writes; the file is else left as it is.

    `make` gives the kind and body of the line to add, or a line there is where nothing is to be added.
    """
    at = (now or datetime.now(UTC)).replace(microsecond=0)
    if at.tzinfo is None:
        raise UsageError(f"now={at.isoformat()} has no time zone; give it one, as UTC")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file, _alone(file):
            file.seek(0)
            entries = parse_entries(file.read(), path.name)
            if entries and at < entries[-1].at:
                raise RecordError(
                    f"the clock says {at.isoformat()}, before the last line of {path.name} ({entries[-1].at.isoformat()}); "
                    "set the clock right"
                )
            made = make(entries, at)
            if isinstance(made, Entry):
                return made
            kind, body = made
            entry = _made(kind, body, at.astimezone(UTC), entries[-1] if entries else None)
            _write(file, entry.to_line())
            return entry
    except OSError as problem:
        raise RecordError(
            f"{path} cannot be written ({problem.strerror or problem}); a ledger needs a folder you may write to"
        ) from None


def _write(file: IO[bytes], line: bytes) -> None:
    size = file.seek(0, os.SEEK_END)
    try:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    except OSError:
        os.ftruncate(file.fileno(), size)  # no half line is left behind
        raise


@contextmanager
def _alone(file: IO[bytes]) -> Iterator[None]:
    """Hold the file while the block runs; a lock that ends with the process."""
    try:
        import fcntl
    except (
        ImportError
    ):  # pragma: no cover - Windows has no flock; two writers at once are noticed by the chain
        yield
        return
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
