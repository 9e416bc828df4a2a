"""Asks one source what it lists, politely, and says how it went."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from afterstrike.errors import FetchError, SourceError
from afterstrike.watch._config import SourceConfig
from afterstrike.watch._item import Item, report_id_of
from afterstrike.watch._listing import Listing, items_in
from afterstrike.watch._robots import LongWait, Robots

if TYPE_CHECKING:
    from afterstrike.sources import Archive, WebFetcher

__all__ = ["Outcome", "Poll", "defect", "keep_words", "poll_source"]

Outcome = Literal["new", "unchanged", "outage", "refused", "gone", "unreadable"]


@dataclass(frozen=True)
class Poll:
    """How asking one source went."""

    source: SourceConfig
    at: str  # UTC
    outcome: Outcome
    status: int | None = None
    listing: Listing | None = None  # None where nothing is to be taken from it
    sha256: str | None = None  # of the bytes
    detail: str | None = None
    seconds: float = 0.0
    retry_after_seconds: float | None = None
    words: Mapping[str, str] = field(default_factory=dict)  # archived words of new and changed items, by key


def poll_source(
    source: SourceConfig, state: Mapping[str, Any], web: WebFetcher, robots: Robots, at: str
) -> Poll | None:
    """Ask a source what it lists.

    Parameters
    ----------
    source : SourceConfig
        Whom to ask.
    state : mapping
        `body_sha256`, the bytes whose items stand in the record already. An answer of "unchanged" counts only
        against these: bytes that were archived and never stored are read now.
    web, robots
        The way to the network.
    at : str
        Now, UTC.

    Returns
    -------
    Poll or None
        None where the site asks to be left alone for longer than a round takes.
    """
    started = time.perf_counter()

    def ended(outcome: Outcome, **more: Any) -> Poll:
        return Poll(source, at, outcome, seconds=round(time.perf_counter() - started, 3), **more)

    try:
        if not robots.allows(source.address):
            return ended(
                "refused", detail="robots.txt of the site forbids this address; nothing is got from it"
            )
        robots.wait(source.address)
        got = web.get(source.address, licence=source.licence, citation=source.citation)
    except LongWait:
        return None
    except FetchError as problem:
        outcome: Outcome = "outage" if problem.is_temporary else "gone" if problem.is_gone else "refused"
        return ended(
            outcome,
            status=problem.status,
            detail=str(problem),
            retry_after_seconds=problem.retry_after_seconds,
        )
    except SourceError as problem:
        return ended(
            "outage" if getattr(problem, "is_temporary", False) else "unreadable", detail=str(problem)
        )
    except Exception as problem:
        return ended("unreadable", detail=defect(problem))
    if got.sha256 == state["body_sha256"]:
        return ended("unchanged", status=got.status, sha256=got.sha256)
    try:
        listing = items_in(source, got.bytes(), got.final_address, got.headers)
    except SourceError as problem:
        return ended("unreadable", status=got.status, detail=str(problem))
    except Exception as problem:
        return ended("unreadable", status=got.status, detail=defect(problem))
    return ended("new", status=got.status, listing=listing, sha256=got.sha256, detail=listing.detail)


def defect(problem: Exception) -> str:
    """Say what went wrong where nothing should: one source or report must not end the watch of all others."""
    words = " ".join(str(problem).split())[:200]
    return f"a defect of afterstrike ({type(problem).__name__}: {words}); please report it with the address"


def keep_words(archive: Archive, source: SourceConfig, item: Item, at: str) -> str | None:
    """Archive an item's words as the feed gives them, so that they lead back like an article does."""
    if not item.words.strip() or source.kind == "page":
        return None
    kept = archive.put(
        item.words.encode("utf-8", "replace"),
        # no web address: an address of its own, that no conditional request can meet
        address=f"urn:afterstrike:words:{report_id_of(source.name, item.key)}",
        final_address=source.address,
        status=200,
        headers={"content-type": "text/plain; charset=utf-8"},
        retrieved_at=datetime.fromisoformat(at).replace(tzinfo=UTC).isoformat(timespec="seconds"),
        licence=source.licence,
        citation=source.citation,
    )
    return kept.sha256
