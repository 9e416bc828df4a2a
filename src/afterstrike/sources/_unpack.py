"""Unpacks gzip and zip in bounded space: what unpacks to far more than it weighs is refused."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from afterstrike.errors import SourceError

__all__ = ["MAX_RATIO", "gunzip", "unzip_member"]

MAX_RATIO = 100.0
"""Most that unpacked bytes may outnumber packed ones. Event tables pack 4 to 30 times; bombs 1000 times."""

_FREE = 10_000_000  # bytes below which the ratio is not asked: a short page of blanks harms nobody
_CHUNK = 1 << 18


def gunzip(source: BinaryIO, target: BinaryIO, *, what: str, max_bytes: int, max_ratio: float) -> int:
    """Unpack a gzip stream.

    Parameters
    ----------
    source, target : binary files
        Read from where it stands, written at the end.
    what : str
        Only for messages.
    max_bytes : int
        Most bytes that may come out.
    max_ratio : float
        Most bytes that may come out for one that went in, above 10 MB.

    Returns
    -------
    int
        Bytes written.

    Raises
    ------
    SourceError
        A limit is passed, or the stream is damaged or cut off.
    """
    unpacker = zlib.decompressobj(wbits=31)
    read = written = 0
    fresh = True
    while packed := source.read(_CHUNK):
        read += len(packed)
        while packed:
            if unpacker.eof:
                # gzip streams may follow each other; zeros at the end are padding
                if not packed.strip(b"\0"):
                    break
                unpacker, fresh = zlib.decompressobj(wbits=31), True
            try:
                plain = unpacker.decompress(packed, _CHUNK)
            except zlib.error as problem:
                raise SourceError(f"{what} is damaged gzip ({problem}); fetch it again") from None
            fresh = False
            packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            written += len(plain)
            _check(what, read, written, max_bytes, max_ratio)
            target.write(plain)
            if not plain and not packed:
                break
    if fresh or not unpacker.eof:
        raise SourceError(f"{what} is cut-off gzip; fetch it again")
    return written


def unzip_member(
    source: Path,
    target: Path,
    *,
    choose: Callable[[str], bool],
    what: str,
    max_bytes: int,
    max_ratio: float = MAX_RATIO,
) -> str:
    """Unpack one member of a zip file to a file whose name we choose.

    Parameters
    ----------
    source, target : pathlib.Path
        The zip file, and where the member goes.
    choose : callable
        Says of a member's name whether it is the one; exactly one must be.
    what : str
        Only for messages.
    max_bytes, max_ratio
        As in `gunzip`; counted while unpacking, whatever the zip file says of itself.

    Returns
    -------
    str
        The member's name.

    Raises
    ------
    SourceError
        It is no zip file, has no or several such members, is damaged, locked, or passes a limit.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            names = [one for one in archive.infolist() if not one.is_dir() and choose(one.filename)]
            if len(names) != 1:
                held = ", ".join(archive.namelist()[:6]) or "nothing"
                raise SourceError(f"{what} should hold one table and holds {len(names)} (members: {held})")
            member = names[0]
            written = 0
            with archive.open(member) as stream, target.open("wb") as out:
                while plain := stream.read(_CHUNK):
                    written += len(plain)
                    _check(what, member.compress_size, written, max_bytes, max_ratio)
                    out.write(plain)
            return member.filename
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as problem:
        reason = " ".join(str(problem).split())
        raise SourceError(f"{what} is no zip file that can be unpacked ({reason}); fetch it again") from None


def _check(what: str, packed: int, plain: int, max_bytes: int, max_ratio: float) -> None:
    if plain > max_bytes:
        raise SourceError(
            f"{what} unpacks to more than {max_bytes / 1e6:g} MB, the most that is kept; refused"
        )
    if plain > _FREE and plain > max_ratio * max(packed, 1):
        raise SourceError(
            f"{what} unpacks to more than {max_ratio:g} times its size, as no table does; refused as a bomb"
        )
