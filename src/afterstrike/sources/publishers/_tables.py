"""Tables as publishers send them: checked, cut to what was asked for, and written whole or not at all."""

from __future__ import annotations

import contextlib
import csv
import glob
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

from afterstrike.errors import LayoutError, SourceError
from afterstrike.sources._mode import give_usual_mode
from afterstrike.sources._web import Got

__all__ = [
    "JoinedTable",
    "check_columns",
    "columns_of",
    "copy_whole",
    "filter_csv",
    "json_of",
    "refuse_page",
    "whole_file",
]

csv.field_size_limit(1 << 24)  # texts of sources pass the default of 128 kB


@contextmanager
def whole_file(path: Path, *, binary: bool = False) -> Iterator[IO[Any]]:
    """Write a file so that it is there whole or not at all; an earlier one stays until then."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as problem:
        raise SourceError(
            f"{path} cannot be written ({problem.strerror or problem}); give another folder with -o"
        ) from None
    part = Path(name)
    try:
        stream: IO[Any] = (
            os.fdopen(handle, "wb") if binary else os.fdopen(handle, "w", encoding="utf-8", newline="")
        )
        with stream:
            yield stream
        give_usual_mode(part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _sweep(path: Path) -> None:
    """Delete what killed runs left of this file a day ago and more."""
    for part in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with contextlib.suppress(OSError):
            if part.stat().st_mtime < time.time() - 86400:
                part.unlink()


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all."""
    import shutil

    with source.open("rb") as stream, whole_file(target, binary=True) as out:
        shutil.copyfileobj(stream, out, 1 << 20)


def kept(got: Got) -> str:
    """Say where the bytes as they came are, for a message."""
    return f"the bytes as they came are kept as {got.sha256}, see `afterstrike fetch log`"


def head_of(got: Got, size: int = 4096) -> bytes:
    """Give the first bytes of an answer."""
    if got.path is None:
        return got.bytes()[:size]
    with got.path.open("rb") as stream:
        return stream.read(size)


def refuse_page(got: Got, wanted: str, hint: str = "check the address in a browser") -> None:
    """Raise SourceError where a web page came in place of data: a sign-in, a notice, an error."""
    head = head_of(got).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head:
        raise SourceError(f"{got.address} gave nothing where {wanted} was expected; {hint}")
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        raise SourceError(
            f"{got.address} gave a web page where {wanted} was expected (a sign-in or a notice?); {hint}; "
            + kept(got)
        )


def json_of(got: Got, wanted: str, hint: str = "check the address in a browser") -> Any:
    """Read an answer as JSON."""
    refuse_page(got, wanted, hint)
    try:
        return json.loads(got.bytes(200_000_000))
    except ValueError as problem:
        raise SourceError(
            f"{got.address} gave no JSON where {wanted} was expected ({problem}); {hint}; {kept(got)}"
        ) from None


@cache
def columns_of(publisher: str) -> tuple[frozenset[str], frozenset[str]]:
    """Give the columns a publisher's table must have, and all that it is known to have."""
    text = files(__package__).joinpath("columns.csv").read_text(encoding="utf-8")
    row = next(one for one in csv.DictReader(text.splitlines()) if one["publisher"] == publisher)
    needed = frozenset(row["needed"].split("|"))
    return needed, needed | frozenset(row["others"].split("|"))


def check_columns(
    found: Iterable[str], needed: Iterable[str], known: Iterable[str], *, what: str, got: Got
) -> None:
    """Raise LayoutError where columns that are needed are missing; new columns are named beside them."""
    have = {name.strip().lower() for name in found}
    missing = sorted(set(needed) - have)
    if not missing:
        return
    new = sorted(have - set(known))
    told = f"; new columns: {', '.join(new[:12])}" + (" and more" if len(new) > 12 else "") if new else ""
    raise LayoutError(
        f"{what} has changed its columns: missing {', '.join(missing)}{told}. Nothing was written; {kept(got)}. "
        "Say with `afterstrike record add --mapping` which column is what, or wait for a newer afterstrike"
    )


class JoinedTable:
    """Pages of rows in one CSV file; the columns are those of the first row."""

    def __init__(self, stream: IO[str], what: str) -> None:
        self.rows = 0
        self._stream, self._what = stream, what
        self._columns: list[str] = []
        self._writer: Any = None

    def add(self, rows: Sequence[Mapping[str, object]], got: Got) -> None:
        """Write the rows of a page."""
        for row in rows:
            if self._writer is None:
                self._columns = list(row)
                self._writer = csv.writer(self._stream)
                self._writer.writerow(self._columns)
            if len(row) != len(self._columns) or not all(name in row for name in self._columns):
                missing = ", ".join(sorted(set(self._columns) - set(row))) or "none"
                new = ", ".join(sorted(set(row) - set(self._columns))) or "none"
                raise LayoutError(
                    f"{self._what} changed its columns between pages: missing {missing}; new {new}. "
                    f"Nothing was written; {kept(got)}. Try again later"
                )
            self._writer.writerow([_cell(row[name]) for name in self._columns])
            self.rows += 1


def _cell(value: object) -> object:
    """Write nested values as JSON; what is missing stays empty."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def filter_csv(
    source: Path,
    target: IO[str],
    *,
    keep: Callable[[dict[str, str]], bool],
    check: Callable[[Sequence[str]], None],
    what: str,
) -> int:
    """Copy those rows of a CSV file that are asked for.

    Parameters
    ----------
    source, target
        The file, and a text stream.
    keep : callable
        Says of a row, by column in small letters, whether it is kept.
    check : callable
        Gets the header and raises where it is not as it should be.
    what : str
        Only for messages.

    Returns
    -------
    int
        Rows written.
    """
    rows = 0
    try:
        with source.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            header = next(reader, [])
            check(header)
            names = [name.strip().lower() for name in header]
            writer = csv.writer(target)
            writer.writerow(header)
            for row in reader:
                if keep(dict(zip(names, row, strict=False))):
                    writer.writerow(row)
                    rows += 1
    except (UnicodeDecodeError, csv.Error) as problem:
        raise SourceError(f"{what} is no CSV file that can be read ({problem}); fetch it again") from None
    return rows


def within(start: str, end: str, date_from: date | None, date_to: date | None) -> bool:
    """Say whether days written as ISO dates touch a period; a row without a day is kept only without one."""
    first, last = start[:10], (end or start)[:10]
    if date_from is not None and not last >= date_from.isoformat():
        return False
    return date_to is None or (bool(first) and first <= date_to.isoformat())
