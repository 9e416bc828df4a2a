"""Say what a file is from its content, in one bounded pass: hash, kind, encoding, delimiter, header."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from afterstrike.errors import SourceError

__all__ = ["Sniffed", "Table", "read_header", "sniff", "write_utf8"]

CHUNK = 1 << 20
MAX_LINE = 4 << 20  # the widest line of a known event file is below 0.2 MB
SAMPLE = 1 << 18
TABLES = (
    "CSV, TSV, Parquet, JSON lines, a JSON array of objects or GeoJSON (each also as .gz, Parquet excepted)"
)

# first bytes -> what to tell the user about a file that is no table
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive (or an .xlsx workbook); unpack it, or save the sheet as CSV"),
    (b"%PDF", "a PDF document; export its table as CSV"),
    (b"SQLite format 3", "a SQLite database; export the table as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Office document; save the sheet as CSV"),
    (b"BZh", "bzip2 compressed; unpack it"),
    (b"\xfd7zXZ", "xz compressed; unpack it"),
    (b"\x28\xb5\x2f\xfd", "zstd compressed; unpack it"),
    (b"RDX", "an R data file; write it as CSV or Parquet from R"),
    (b"ARROW1", "an Arrow file; write it as Parquet"),
)


@dataclass(frozen=True)
class Sniffed:
    """What one pass over a file tells: its hash, its kind, and for text the encoding."""

    sha256: str
    kind: Literal["parquet", "csv", "json"]
    encoding: str = ""
    gzipped: bool = False
    sample: str = ""


@dataclass(frozen=True)
class Table:
    """How a delimited text is laid out."""

    delimiter: str
    columns: tuple[str, ...]
    skip: int  # blank lines above the header


def sniff(path: Path) -> Sniffed:
    """Read a file once and say what it is, or raise SourceError in one line.

    Parameters
    ----------
    path : Path
        Any file.

    Returns
    -------
    Sniffed
        Hash of the bytes as they are, kind, encoding, a decoded sample from the start.

    Raises
    ------
    SourceError
        Where the file is missing, empty, a folder, binary, cut off, or one endless line.
    """
    head = _first_bytes(path)
    if head.startswith(b"PAR1"):
        return Sniffed(_check_parquet(path), "parquet")
    for magic, what in MAGIC:
        if head.startswith(magic):
            raise SourceError(f"{path} is {what}. Allowed: {TABLES}")
    gzipped = head.startswith(b"\x1f\x8b")
    try:
        return _sniff_text(path, gzipped)
    except (OSError, EOFError) as problem:
        if gzipped:
            raise SourceError(
                f"{path} is a damaged or cut-off .gz file ({problem}); fetch it again"
            ) from None
        raise SourceError(f"{path} cannot be read: {problem}") from None


def _first_bytes(path: Path) -> bytes:
    """Give the first bytes of a file that is there, is a file and is not empty."""
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a folder; name the files in it, e.g. {path}/*.csv")
        if not path.exists():
            raise SourceError(f"{path} does not exist; check the name")
        if not path.is_file():
            raise SourceError(f"{path} is not a regular file; save its content to a file first")
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as problem:
        raise SourceError(f"{path} cannot be opened: {problem.strerror or problem}") from None
    if not head:
        raise SourceError(f"{path} is empty (0 bytes); fetch it again")
    return head


def _check_parquet(path: Path) -> str:
    """Hash a Parquet file and check that its end is there."""
    digest = hashlib.sha256()
    tail = b""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            tail = (tail + chunk)[-4:]
    if tail != b"PAR1" or path.stat().st_size < 12:
        raise SourceError(
            f"{path} is a Parquet file that has been cut off (its end is missing); fetch it again"
        )
    return digest.hexdigest()


def _chunks(path: Path, gzipped: bool) -> Iterator[tuple[bytes, bytes]]:
    """Give (bytes on disk, bytes of the text) chunk by chunk; the first is for the hash."""
    if not gzipped:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk, chunk
        return
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk, b""
    with gzip.open(path, "rb") as stream:
        while chunk := stream.read(CHUNK):
            yield b"", chunk


def _sniff_text(path: Path, gzipped: bool) -> Sniffed:
    """Hash and decode a text file, refusing what is no text and what has no line breaks."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, first, odd_lines, run, wide = True, b"", b"", 0, False
    for on_disk, text in _chunks(path, gzipped):
        digest.update(on_disk)
        if not text:
            continue
        if not first:
            first = text
            _refuse_binary(path, first[:4096])
            wide = _wide_codec(first) is not None
            is_utf8 = not wide
        if not _looks_json(first):
            run = _longest_open_line(path, text, run)
        if is_utf8:
            try:
                decoder.decode(text)
            except UnicodeDecodeError:
                is_utf8 = False
        if not is_utf8 and not wide and len(odd_lines) < SAMPLE:
            # lines of plain ASCII say nothing about an encoding
            odd_lines += b"\n".join(line for line in text.splitlines() if not line.isascii())
    if not first:
        raise SourceError(f"{path} unpacks to nothing; fetch it again")
    encoding = _encoding(first, odd_lines[:SAMPLE], is_utf8)
    sample = codecs.getincrementaldecoder(encoding)("replace").decode(first[:SAMPLE]).lstrip("\ufeff")
    kind: Literal["csv", "json"] = "json" if _looks_json(sample.encode()) else "csv"
    return Sniffed(digest.hexdigest(), kind, encoding, gzipped, sample)


def _wide_codec(first: bytes) -> str | None:
    """Name the UTF-16 a text is in: by its mark, or as only so it is text; else None."""
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = first[:4096]
    if b"\0" not in head:
        return None
    for codec in ("utf-16-le", "utf-16-be"):
        text = codecs.getincrementaldecoder(codec)("replace").decode(head)
        plain = sum(
            letter in "\t\r\n"
            or " " <= letter < "\u0250"
            or "\u0400" <= letter < "\u0700"
            or "‐" <= letter < "‰"
            for letter in text
        )
        if plain > 0.95 * len(text):
            return codec
    return None


def _refuse_binary(path: Path, head: bytes) -> None:
    """Raise SourceError where the first bytes hold what no text holds."""
    if _wide_codec(head):
        return
    control = sum(1 for byte in head if byte < 9 or 13 < byte < 32)
    if control > 0.02 * len(head) or b"\0" in head:
        raise SourceError(f"{path} is binary and of no kind known here. Allowed: {TABLES}")


def _looks_json(first: bytes) -> bool:
    """Say whether text starts as JSON does."""
    return first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _longest_open_line(path: Path, text: bytes, run: int) -> int:
    """Give the length of the line still open at the end of this chunk; refuse an endless one."""
    last = max(text.rfind(b"\n"), text.rfind(b"\r"))
    run = run + len(text) if last < 0 else len(text) - last - 1
    if run > MAX_LINE:
        raise SourceError(
            f"{path} has a line longer than {MAX_LINE >> 20} MB; a table has one event a line. "
            "Check that it is the file you meant"
        )
    return run


def _encoding(first: bytes, odd_lines: bytes, is_utf8: bool) -> str:
    """Name the encoding: marks first, then UTF-8 if all of it decodes, else the likeliest code page."""
    wide = _wide_codec(first)
    if wide:
        return wide
    if is_utf8:
        return "utf-8-sig" if first.startswith(codecs.BOM_UTF8) else "utf-8"
    from charset_normalizer import from_bytes

    # the code pages that event files of this field are written in; near relatives only add wrong guesses
    pages = ["cp1252", "cp1256", "cp1251"]
    best = from_bytes(odd_lines or first[:SAMPLE], cp_isolation=pages).best()
    return best.encoding if best is not None else "cp1252"


def write_utf8(path: Path, sniffed: Sniffed, target: Path) -> None:
    """Write a text file again as plain UTF-8 without compression, in bounded memory."""
    # a few bytes that the code page lacks must not lose the whole file; they become U+FFFD, visibly
    decoder = codecs.getincrementaldecoder(sniffed.encoding)("replace")
    with target.open("w", encoding="utf-8", newline="") as out:
        for _, text in _chunks(path, sniffed.gzipped):
            out.write(decoder.decode(text))
        out.write(decoder.decode(b"", final=True))


def read_header(path: Path, sample: str) -> Table:
    """Find delimiter and column names of a delimited text.

    Parameters
    ----------
    path : Path
        Only for the message.
    sample : str
        The decoded start of the file.

    Returns
    -------
    Table
        The delimiter under which most lines have the same number of fields, and the names.

    Raises
    ------
    SourceError
        Where no delimiter gives a table, or the header stands alone.
    """
    lines = sample.splitlines(keepends=True)
    skip = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    if skip == len(lines):
        raise SourceError(f"{path} holds only blank lines; fetch it again")
    body = "".join(lines[skip:])
    if len(sample) >= SAMPLE and len(lines) > skip + 2:
        body = "".join(lines[skip:-1])  # the last line of a sample is cut off
    best: tuple[float, int, str, list[list[str]]] = (0.0, 0, "", [])
    for delimiter in ",;\t|":
        rows = _parse(body, delimiter)
        if not rows or len(rows[0]) < 2:
            continue
        width, _ = Counter(len(row) for row in rows).most_common(1)[0]
        share = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        if width == len(rows[0]) + 1:  # R writes row names without a name for their column
            share = sum(len(row) == width for row in rows) / len(rows)
        if (share, len(rows[0])) > best[:2]:
            best = (share, len(rows[0]), delimiter, rows)
    share, _, delimiter, rows = best
    if not rows or (share < 0.5 and len(rows) > 2):
        first = " ".join(lines[skip].split())[:60]
        raise SourceError(f"{path} is text but no table (it starts {first!r}). Allowed: {TABLES}")
    if len(rows) == 1:
        raise SourceError(f"{path} has a header but no rows; fetch it again")
    return Table(delimiter, _names(rows), skip)


def _parse(body: str, delimiter: str) -> list[list[str]]:
    """Parse a sample with one delimiter; an unreadable one gives no rows."""
    try:
        rows = [row for row in csv.reader(io.StringIO(body, newline=""), delimiter=delimiter) if row]
    except csv.Error:
        return []
    return rows


def _names(rows: list[list[str]]) -> tuple[str, ...]:
    """Give each column a name of its own: the publisher's, `column2` for a blank, `name_1` for a repeat."""
    header = list(rows[0])
    if len(rows) > 1 and Counter(len(row) for row in rows[1:]).most_common(1)[0][0] == len(header) + 1:
        header = ["row_names", *header]
    names: list[str] = []
    taken = {"row_number"}  # ours
    for position, name in enumerate(header):
        base = name.replace("\ufeff", "").strip() or f"column{position}"
        unique, repeat = base, 0
        while unique.lower() in taken:
            repeat += 1
            unique = f"{base}_{repeat}"
        taken.add(unique.lower())
        names.append(unique)
    return tuple(names)


def literal(text: str | os.PathLike[str]) -> str:
    """Quote text for SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Quote a column name for SQL."""
    return '"' + name.replace('"', '""') + '"'
