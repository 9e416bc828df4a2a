"""From the bytes of a source to its items: a feed's entries, a page's links, or the page itself."""

from __future__ import annotations

import hashlib
import io
import re
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from afterstrike.errors import ReadingError, SourceError
from afterstrike.watch._config import SourceConfig
from afterstrike.watch._item import Item, clean_address, identity_of, notice_in, plain_words

__all__ = ["Listing", "items_in"]

_MOST_ITEMS = 2000
_MOST_WORDS = 100_000  # characters of one entry, markup included
_MOST_BYTES = 5_000_000  # of a feed or a list
_ENDS = re.compile(rb"</(?:rss|feed|rdf:RDF|channel)\s*>", re.I)


@dataclass(frozen=True)
class Listing:
    """What a source lists now."""

    items: tuple[Item, ...]
    detail: str | None = None  # what was wrong with it, though it could be read
    is_whole: bool = True  # an item that is absent is really gone


def items_in(source: SourceConfig, body: bytes, address: str, headers: Mapping[str, str]) -> Listing:
    """Give the items of a source.

    Parameters
    ----------
    source : SourceConfig
        Says what the bytes are: a feed, a list of links, or one page.
    body : bytes
        As they came.
    address : str
        Where from, after redirects; relative links are taken from there.
    headers : mapping of str to str
        The answer's, names in lower case.

    Returns
    -------
    Listing
        Each item once.

    Raises
    ------
    SourceError
        The bytes are no feed, or a list without links.

    Examples
    --------
    >>> item = b"<item><guid isPermaLink='false'>7</guid><title>Two raids</title></item>"
    >>> body = b"<rss version='2.0'><channel>" + item + b"</channel></rss>"
    >>> source = SourceConfig("north", "feed", "https://north.example/rss")
    >>> [(item.key, item.words) for item in items_in(source, body, source.address, {}).items]
    [('7', 'Two raids')]
    """
    if source.kind == "page":
        whole = hashlib.sha256(body).hexdigest()
        return Listing((Item("page", clean_address(source.address), None, whole),))
    if len(body) > _MOST_BYTES:
        raise SourceError(
            f"{source.address} has {len(body) / 1e6:.1f} MB, more than the {_MOST_BYTES / 1e6:g} MB that are read of a "
            f"{source.kind}; give a shorter one"
        )
    if source.kind == "list":
        return _links(source, body, address)
    return _entries(body, address, headers)


def _links(source: SourceConfig, body: bytes, address: str) -> Listing:
    from afterstrike.reading._document import _decode

    try:
        text, _ = _decode(body)
    except ReadingError:
        raise SourceError(
            f"{source.address} is no page with links (binary data?); give the page that lists articles"
        ) from None
    _, hrefs = plain_words(text)
    pattern = re.compile(source.links) if source.links else None
    own = identity_of(source.address)
    found: dict[str, Item] = {}
    for href in hrefs:
        whole = clean_address(href, address)
        key = identity_of(whole)
        if whole is None or key is None or key in (own, identity_of(address)):
            continue
        same_host = key.split("/")[0] == (identity_of(address) or "").split("/")[0]
        # without a pattern: pages of the same host that lie deeper than a section's front page
        wanted = bool(pattern.search(whole)) if pattern else same_host and _is_deep(key)
        if wanted:
            found.setdefault(key, Item(key, whole, None, ""))
    if not found:
        raise SourceError(
            f"{source.address} lists no article; give `links`, a regular expression their addresses match"
        )
    return _first(tuple(found.values()), len(found), None, is_whole=True)


def _first(items: tuple[Item, ...], count: int, detail: str | None, *, is_whole: bool) -> Listing:
    """Give no more items than are taken from one source, and say where there are more."""
    if count > _MOST_ITEMS:
        more = f"it lists {count:,} items; the first {_MOST_ITEMS:,} are taken and the others are not"
        return Listing(items[:_MOST_ITEMS], "; ".join(filter(None, (detail, more))), is_whole=False)
    return Listing(items, detail, is_whole=is_whole)


def _is_deep(identity: str) -> bool:
    path = identity.partition("/")[2]
    return path.count("/") >= 1 or bool(re.search(r"\d{3,}|-\w+-\w+-", path))


def _entries(body: bytes, address: str, headers: Mapping[str, str]) -> Listing:
    import feedparser

    given = {"content-type": headers.get("content-type", "application/xml"), "content-location": address}
    try:
        # a stream, because feedparser opens what looks like a file name or an address; nothing is sanitized by it,
        # because only plain words are taken and its way of doing so takes minutes on hostile markup
        parsed = feedparser.parse(
            io.BytesIO(body), response_headers=given, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as problem:  # feedparser promises never to raise; hostile bytes have proved it wrong
        raise SourceError(
            f"{address} cannot be taken apart ({type(problem).__name__}); is it a feed?"
        ) from None
    entries = list(parsed.entries)
    is_cut = not _ENDS.search(body[-2000:])
    if not entries and not parsed.get("version"):
        raise SourceError(
            f"{address} is no feed (no RSS or Atom in it); give the feed's own address, or `list:`"
        )
    if parsed.bozo and is_cut and entries:
        entries = entries[:-1]  # its end is missing: half an item is none
    found: dict[str, Item] = {}
    for entry in entries[:_MOST_ITEMS]:
        item = _entry(entry, address)
        if item is not None:
            found.setdefault(item.key, item)
    detail = None
    if parsed.bozo:
        detail = f"malformed: {' '.join(str(parsed.get('bozo_exception')).split())[:160]}"
        if is_cut:
            detail += "; cut off, the last item is left until it is whole"
    return _first(tuple(found.values()), len(entries), detail, is_whole=not is_cut)


def _entry(entry: Mapping[str, Any], base: str) -> Item | None:
    link = clean_address(str(entry.get("link") or ""), base) if entry.get("link") else None
    title, _ = plain_words(str(entry.get("title") or "")[:_MOST_WORDS])
    contents = [str(one.get("value") or "") for one in entry.get("content") or ()]
    markup = max([*contents, str(entry.get("summary") or "")], key=len)[:_MOST_WORDS]
    summary, links = plain_words(markup)
    words = (
        title
        if not summary or (summary.startswith(title) and title == summary)
        else f"{title}\n\n{summary}".strip()
    )
    guid = str(entry.get("id") or "").strip()
    key = (identity_of(guid) if guid.startswith(("http://", "https://")) else guid) or identity_of(link)
    if not key and not words:
        return None
    if not key:
        key = "words:" + hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:24]
    identities = (identity_of(clean_address(one, base)) for one in links)
    refers = tuple(dict.fromkeys(one for one in identities if one and one != identity_of(link)))
    return Item(key[:500], link, _when(entry), words, notice_in(f"{title}\n{summary}"), refers[:20])


def _when(entry: Mapping[str, Any]) -> str | None:
    for name in ("published_parsed", "updated_parsed", "created_parsed"):
        parts = entry.get(name)
        if parts:
            try:
                moment = datetime.fromtimestamp(timegm(parts), UTC)
            except (ValueError, OverflowError, OSError, TypeError):
                continue
            if 1990 <= moment.year <= 2200:
                return moment.replace(tzinfo=None).isoformat(timespec="seconds")
    return None
