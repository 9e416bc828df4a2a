"""Opens one document: a file, standard input or an http(s) address."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from afterstrike.errors import SourceError

__all__ = ["MAX_BYTES", "Fetched", "Fetcher", "HttpFetcher", "RawDocument", "open_source"]

MAX_BYTES = 20_000_000
"""Largest document that is opened. An article is a few kilobytes; a scanned report a few megabytes."""


@dataclass(frozen=True)
class RawDocument:
    """The bytes of one document as they were got, with where and when, and their SHA-256."""

    bytes: bytes = field(repr=False)
    name: str  # file name, "stdin", or the last part of the address
    address: str | None  # the final web address, None for files and standard input
    sha256: str
    retrieved_at: str  # UTC, ISO 8601, to the second
    media_type: str | None = None  # as the server said; reading decides by content
    status: int | None = None  # HTTP status, None for files


@dataclass(frozen=True)
class Fetched:
    """What a `Fetcher` gives back for one address."""

    body: bytes
    address: str
    status: int
    media_type: str | None = None


class Fetcher(Protocol):
    """Anything that can get an address: the seam a test or an archive replaces."""

    def fetch(self, address: str, *, max_bytes: int) -> Fetched:
        """Get an address, or raise SourceError with one line that says why not."""
        ...


@dataclass(frozen=True)
class HttpFetcher:
    """Gets one address that a person typed, without an archive: `WebFetcher` with short patience.

    Parameters
    ----------
    timeout_seconds : float
        Longest wait for a connection or for the next bytes; the whole answer may take four times that.
    max_redirects : int
        Redirects that are followed before the address is given up.
    """

    timeout_seconds: float = 15.0
    max_redirects: int = 5

    def fetch(self, address: str, *, max_bytes: int) -> Fetched:
        """Get an address, or raise SourceError with one line that says why not.

        An address on this machine is allowed where the person typed it as such; a redirect from elsewhere to
        a private address is not.
        """
        from afterstrike.sources._address import typed_private
        from afterstrike.sources._web import WebFetcher

        with WebFetcher(
            allow_private=typed_private(address),
            timeout_seconds=self.timeout_seconds,
            max_redirects=self.max_redirects,
            retries=1,
            min_interval_seconds=0.0,
            max_bytes=max_bytes,
        ) as web:
            return web.fetch(address, max_bytes=max_bytes)


def open_source(
    where: str | Path, *, fetcher: Fetcher | None = None, max_bytes: int = MAX_BYTES
) -> RawDocument:
    """Open one document and keep its bytes, hash and origin.

    Parameters
    ----------
    where : str or pathlib.Path
        A file, `-` for standard input, or an address that begins with http:// or https://.
    fetcher : Fetcher, optional
        What gets web addresses; `HttpFetcher()` when left out.
    max_bytes : int
        Largest document in bytes; the default is 20 MB.

    Returns
    -------
    RawDocument
        The bytes unchanged. Nothing is decoded here.

    Raises
    ------
    SourceError
        The file or address cannot be opened, is empty, or is over the limit.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "note.txt").write_text("Two strikes near the river.")
    ...     raw = open_source(Path(folder, "note.txt"))
    >>> raw.name, len(raw.bytes), raw.sha256[:8]
    ('note.txt', 27, '2affe2f4')
    """
    text = str(where)
    if isinstance(where, str) and text.lower().startswith(("http://", "https://")):
        got = (fetcher or HttpFetcher()).fetch(text, max_bytes=max_bytes)
        if len(got.body) > max_bytes:
            raise SourceError(_too_large(text, max_bytes))
        name = got.address.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1] or text
        return _keep(got.body, name, text, address=got.address, media_type=got.media_type, status=got.status)
    if text == "-":
        return _keep(_read(sys.stdin.buffer, "standard input", max_bytes), "stdin", "standard input")
    if isinstance(where, str) and "://" in text[:20]:
        raise SourceError(
            f"{text} is an address of a kind that is not opened; allowed: a file, '-', http:// or https://"
        )
    path = Path(where)
    try:
        if path.is_dir():
            raise SourceError(f"{text} is a folder; give one file, '-' for standard input, or a web address")
        with path.open("rb") as stream:
            body = _read(stream, text, max_bytes)
    except FileNotFoundError:
        raise SourceError(
            f"{text} does not exist; give a file, '-' for standard input, or a web address"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{text} cannot be opened ({reason}); give a file that can be read") from None
    return _keep(body, path.name, text)


def _read(stream: BinaryIO, what: str, max_bytes: int) -> bytes:
    body = stream.read(max_bytes + 1)
    if len(body) > max_bytes:
        raise SourceError(_too_large(what, max_bytes))
    return body


def _too_large(what: str, max_bytes: int) -> str:
    limit = f"{max_bytes / 1e6:g} MB"
    return f"{what} is larger than {limit}, the most that is read; cut out the article and give that"


def _keep(
    body: bytes,
    name: str,
    what: str,
    *,
    address: str | None = None,
    media_type: str | None = None,
    status: int | None = None,
) -> RawDocument:
    if not body:
        raise SourceError(f"{what} is empty (0 bytes); give a document with text")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return RawDocument(body, name, address, hashlib.sha256(body).hexdigest(), now, media_type, status)
