"""Where documents come from: a file, standard input or a web address, as bytes with their hash."""

from __future__ import annotations

from afterstrike.sources._open import (
    MAX_BYTES,
    Fetched,
    Fetcher,
    HttpFetcher,
    RawDocument,
    open_source,
)

__all__ = ["MAX_BYTES", "Fetched", "Fetcher", "HttpFetcher", "RawDocument", "open_source"]
