"""From archived bytes to the text that was read, the same each time; quotes are cut from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afterstrike.reading._document import Document
    from afterstrike.sources import Archive

__all__ = ["archived_document", "archived_text"]


def archived_document(archive: Archive, sha256: str) -> Document:
    """Take the text out of archived bytes; what they are is told from the bytes alone.

    Raises
    ------
    SourceError, ReadingError
        No such bytes are archived, or they hold no text.
    """
    from afterstrike.reading._document import MAX_BYTES
    from afterstrike.reading._limited import limited_document

    return limited_document(archive.bytes(sha256, max_bytes=MAX_BYTES))


def archived_text(archive: Archive, sha256: str) -> str:
    """Give the text of archived bytes as a watch read it.

    Parameters
    ----------
    archive : Archive
        The archive beside the record.
    sha256 : str
        `watch_items.sha256` of the item.

    Returns
    -------
    str
        The text. Where its SHA-256 is `reports.text_sha256`, the offsets of that report's events are code points
        of it. Another version of the extraction may give another text; then no quote can be shown.

    Raises
    ------
    SourceError, ReadingError
        No such bytes are archived, or they hold no text.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from afterstrike.sources import Archive
    >>> with TemporaryDirectory() as folder:
    ...     archive = Archive(Path(folder))
    ...     kept = archive.put(b"Two raids hit Homs.", address="https://a.example/", final_address="https://a.example/",
    ...                        status=200, headers={}, retrieved_at="2026-01-01T00:00:00+00:00")
    ...     archived_text(archive, kept.sha256)
    'Two raids hit Homs.'
    """
    return archived_document(archive, sha256).text
