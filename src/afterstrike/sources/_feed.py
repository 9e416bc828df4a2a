"""Reads RSS and Atom feeds with feedparser, from bytes only: nothing a feed says makes us open anything."""

from __future__ import annotations

import io
import re
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from afterstrike.errors import SourceError
from afterstrike.sources._address import redact

__all__ = ["Feed", "FeedItem", "parse_feed"]

_MOST_ITEMS = 10_000
_MOST_LETTERS = 2_000


@dataclass(frozen=True)
class FeedItem:
    """One item of a feed. What the feed does not state is None."""

    key: str  # the item's own id, else its address, else its title: what tells it from others
    address: str | None  # http or https only
    title: str | None
    published: str | None  # UTC, ISO 8601
    updated: str | None  # UTC, ISO 8601
    summary: str | None  # without tags, at most 2,000 letters
    lang: str | None


@dataclass(frozen=True)
class Feed:
    """A feed with its items, in the order of the feed."""

    title: str | None
    rights: str | None
    lang: str | None
    items: tuple[FeedItem, ...]
    faults: tuple[str, ...]  # what was wrong with it, where it could be read all the same


def parse_feed(body: bytes, address: str, media_type: str | None = None) -> Feed:
    """Read a feed.

    Parameters
    ----------
    body : bytes
        RSS or Atom.
    address : str
        Where it came from; relative addresses in it are completed with this.
    media_type : str, optional
        As the server said; it may state the encoding.

    Returns
    -------
    Feed
        Each key once: of two items with one key, the first.

    Raises
    ------
    SourceError
        It is no feed.

    Examples
    --------
    >>> body = b"<rss><channel><title>News</title><item><title>One</title><link>/a</link></item></channel></rss>"
    >>> parse_feed(body, "https://example.org/feed").items[0].address
    'https://example.org/a'
    """
    import feedparser

    headers = {"content-type": media_type} if media_type else {}
    try:
        # a stream, because feedparser opens what looks like a file name or an address
        parsed = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=True)
    except Exception as problem:  # feedparser and expat fail in many ways on broken bytes
        raise SourceError(
            f"{redact(address)} is no feed that can be read ({type(problem).__name__})"
        ) from None
    if not parsed.entries and not parsed.get("version"):
        raise SourceError(
            f"{redact(address)} is no RSS or Atom feed; look for the feed's address on the page"
        )
    lang = _text(parsed.feed.get("language"))
    items: dict[str, FeedItem] = {}
    for entry in parsed.entries[:_MOST_ITEMS]:
        item = _item(entry, address, lang)
        if item is not None:
            items.setdefault(item.key, item)
    faults = []
    if parsed.get("bozo") and not _is_harmless(parsed.get("bozo_exception")):
        reason = " ".join(str(parsed.get("bozo_exception")).split())[:120]
        faults.append(f"the feed is not well formed ({reason}); items may be missing")
    if len(parsed.entries) > _MOST_ITEMS:
        faults.append(f"the feed has {len(parsed.entries):,} items; the first {_MOST_ITEMS:,} were read")
    rights = _text(parsed.feed.get("rights"))
    return Feed(_text(parsed.feed.get("title")), rights, lang, tuple(items.values()), tuple(faults))


def _item(entry: Any, address: str, lang: str | None) -> FeedItem | None:
    link = _text(entry.get("link"))
    place = _web_address(urljoin_or_none(address, link)) if link else None
    title = _text(entry.get("title"))
    key = _text(entry.get("id")) or place or title
    if key is None:
        return None
    own = entry.get("title_detail") or {}
    return FeedItem(
        key=key,
        address=place,
        title=title,
        published=_moment(entry.get("published_parsed")),
        # asked for by `in`, because feedparser gives the time of publication in its place
        updated=_moment(entry.get("updated_parsed")) if "updated_parsed" in entry else None,
        summary=_text(entry.get("summary")),
        lang=_text(own.get("language")) or lang,
    )


def urljoin_or_none(base: str, place: str) -> str | None:
    """Complete a relative address; None for what is none."""
    try:
        return urljoin(base, place)
    except ValueError:
        return None


def _web_address(text: str | None) -> str | None:
    return text if text is not None and text.lower().startswith(("http://", "https://")) else None


def _text(value: object) -> str | None:
    """Give plain text on one line; tags are taken out, nothing is None."""
    if not isinstance(value, str):
        return None
    plain = " ".join(re.sub(r"<[^>]*>", " ", value).split())[:_MOST_LETTERS]
    return plain or None


def _moment(value: object) -> str | None:
    """Write feedparser's time, which is UTC, as ISO 8601."""
    try:
        return datetime.fromtimestamp(timegm(value), UTC).isoformat()  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _is_harmless(problem: object) -> bool:
    """Say whether feedparser only complains about how the encoding or media type was stated."""
    return type(problem).__name__ in ("CharacterEncodingOverride", "NonXMLContentType")
