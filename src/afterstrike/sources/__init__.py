"""Where documents come from: a file, standard input or a web address, as bytes with their hash."""

from __future__ import annotations

from afterstrike.sources._address import is_public, redact, typed_private
from afterstrike.sources._archive import Archive, Fetch, archive_of
from afterstrike.sources._feed import Feed, FeedItem, parse_feed
from afterstrike.sources._open import (
    MAX_BYTES,
    Fetched,
    Fetcher,
    HttpFetcher,
    RawDocument,
    open_source,
)
from afterstrike.sources._web import Got, WebFetcher

__all__ = [
    "MAX_BYTES",
    "Archive",
    "Feed",
    "FeedItem",
    "Fetch",
    "Fetched",
    "Fetcher",
    "Got",
    "HttpFetcher",
    "RawDocument",
    "WebFetcher",
    "archive_of",
    "is_public",
    "open_source",
    "parse_feed",
    "redact",
    "typed_private",
]
