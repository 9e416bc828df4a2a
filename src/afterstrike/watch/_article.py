"""Gets the article of an item and reads it; where it cannot be had, the feed's own words, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from afterstrike.errors import AfterstrikeError, FetchError, ReadingError, SourceError
from afterstrike.watch._config import SourceConfig
from afterstrike.watch._item import Notice, notice_in
from afterstrike.watch._poll import defect
from afterstrike.watch._robots import LongWait, Robots
from afterstrike.watch._text import archived_document

if TYPE_CHECKING:
    from afterstrike.reading._document import Document
    from afterstrike.reading.gazetteer import Gazetteer
    from afterstrike.sources import Archive, WebFetcher

__all__ = ["Done", "read_item"]

MOST_TRIES = 3
_MOST_BYTES = 20_000_000
_PLAIN = 0.6  # an article with fewer characters than this share of the feed's words is not the article


@dataclass(frozen=True)
class Done:
    """What became of one item in one round."""

    row: Mapping[str, Any]  # of watch_items, with `text_sha256` of its report
    what: Literal["read", "same", "gone", "later", "long_wait", "unreadable"]
    reason: str | None = None
    sha256: str | None = None
    record: dict[str, Any] | None = None  # as for `record add`
    line: dict[str, Any] | None = None  # what was read of it
    notice: Notice | None = None
    is_of_page: bool = False  # the notice stands on the page itself, not in a source's list


@dataclass(frozen=True)
class _Text:
    document: Document
    sha256: str
    reason: str | None = None


def read_item(
    row: Mapping[str, Any],
    source: SourceConfig,
    web: WebFetcher,
    robots: Robots,
    archive: Archive,
    gazetteer: Gazetteer | None,
    languages: tuple[str, ...],
) -> Done:
    """Get an item's article, once, and read it.

    Parameters
    ----------
    row : mapping
        The item's latest row; `state` "waiting" for one that is new or changed, "read" for one whose page is
        looked at again.
    source : SourceConfig
        Where it stands.
    languages : tuple of str
        What is read; a text in another language is accounted for and left unread.

    Returns
    -------
    Done
        Never raises for what a source does.
    """
    try:
        return _read_item(row, source, web, robots, archive, gazetteer, languages)
    except Exception as problem:
        what: Literal["same", "unreadable"] = "same" if row["state"] == "read" else "unreadable"
        return Done(row, what, defect(problem))


def _read_item(
    row: Mapping[str, Any],
    source: SourceConfig,
    web: WebFetcher,
    robots: Robots,
    archive: Archive,
    gazetteer: Gazetteer | None,
    languages: tuple[str, ...],
) -> Done:
    again = row["state"] == "read"
    try:
        found = _page(row, web, robots, archive, source)
    except LongWait as wait:
        return Done(row, "long_wait", str(wait))
    except FetchError as problem:
        was_page = row["sha256"] and row["sha256"] != row["words_sha256"]
        if problem.is_gone and was_page and (again or row["version"] > 1):
            return Done(row, "gone", f"the page is gone ({problem.status})")
        if problem.is_temporary and (again or row["tries"] + 1 < MOST_TRIES):
            return Done(row, "later", _short(problem))
        found = _words(row, archive, _short(problem))
    except (SourceError, ReadingError) as problem:
        if getattr(problem, "is_temporary", False) and (again or row["tries"] + 1 < MOST_TRIES):
            return Done(row, "later", _short(problem))
        found = _words(row, archive, _short(problem))
    except AfterstrikeError as problem:
        found = _words(row, archive, _short(problem))
    if isinstance(found, str):
        return Done(row, "same" if again else "unreadable", found)
    return _read(row, source, found, gazetteer, languages)


def _page(
    row: Mapping[str, Any], web: WebFetcher, robots: Robots, archive: Archive, source: SourceConfig
) -> _Text | str:
    address = row["address"]
    if source.kind == "page" and row["state"] == "waiting":
        return _Text(archived_document(archive, row["sha256"]), row["sha256"])
    if not address:
        return _words(row, archive, "the feed gives no address of an article")
    if _is_private(address, web) and not _is_private(source.address, web):
        return _words(
            row, archive, "a source from outside may not point at a private address that is allowed"
        )
    if not robots.allows(address):
        return _words(row, archive, "robots.txt of the site forbids the article")
    robots.wait(address)
    got = web.get(address, max_bytes=_MOST_BYTES, licence=source.licence, citation=source.citation)
    if _is_private(got.final_address, web) and not _is_private(source.address, web):
        return _words(row, archive, "a source from outside may not lead to a private address that is allowed")
    if row["state"] == "read" and got.sha256 == row["sha256"]:
        return "unchanged"
    document = archived_document(archive, got.sha256)
    words = _words(row, archive, "the page holds less than the feed's own words")
    if isinstance(words, _Text) and len(document.text) < _PLAIN * len(words.document.text):
        return words  # a consent page, a login, a player
    return _Text(document, got.sha256)


def _is_private(address: str, web: WebFetcher) -> bool:
    """Say whether an address is one of those that only `allow_private` opens."""
    from afterstrike.sources._address import origin

    _, host, port = origin(address)
    return f"{host}:{port}" in web.allow_private


def _words(row: Mapping[str, Any], archive: Archive, reason: str) -> _Text | str:
    """Give the feed's own words of an item, or say why there is nothing to read."""
    if row["words_sha256"]:
        try:
            document = archived_document(archive, row["words_sha256"])
        except (SourceError, ReadingError) as problem:
            return f"{reason}; the feed's own words cannot be read ({_short(problem)})"
        return _Text(document, row["words_sha256"], f"read from the feed's own words: {reason}")
    return f"{reason}; the feed gives no words of its own"


def _read(
    row: Mapping[str, Any],
    source: SourceConfig,
    found: _Text,
    gazetteer: Gazetteer | None,
    languages: tuple[str, ...],
) -> Done:
    from afterstrike.reading._batch import read_batch

    again, document = row["state"] == "read", found.document
    text = document.text
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    if again and digest == row["text_sha256"]:
        return Done(row, "same", sha256=found.sha256)
    own = notice_in(text)
    is_of_page = own is not None and found.sha256 != row["words_sha256"]
    notice = own or row["notice"]
    language = document.language
    if language not in languages and notice != "retraction":
        why = f"its language is none of {', '.join(languages)}"
        return Done(row, "same" if again else "unreadable", why, found.sha256)
    published = row["published"].date().isoformat() if row["published"] else document.published
    record = {
        "id": row["report_id"],
        "text": text,
        "lang": language,
        "published": published,
        "title": document.title,
        "outlet": source.outlet or _host(row["address"]) or source.name,
        "line": 0,
    }
    line = next(iter(read_batch([record], gazetteer=gazetteer, candidates=False)))
    if line.get("error"):
        return Done(row, "same" if again else "unreadable", str(line["error"]), found.sha256)
    return Done(row, "read", found.reason, found.sha256, record, line, notice, is_of_page)


def _host(address: str | None) -> str | None:
    host = urlsplit(address).hostname if address else None
    return host.removeprefix("www.") if host else None


def _short(problem: object) -> str:
    return " ".join(str(problem).split())[:300]
