"""The digest: made once for each time it is due, written as a page and as JSON, then handed to who sends it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from afterstrike.record._store import records, transaction
from afterstrike.watch._config import WatchConfig

if TYPE_CHECKING:
    import duckdb

__all__ = ["due_until", "make_digest"]


def due_until(con: duckdb.DuckDBPyConnection, config: WatchConfig, now: datetime) -> datetime | None:
    """Give the time for which a digest is due and not made, None where there is none.

    Times that passed while no watch ran are not made up for one by one: one digest tells all since the last.
    """
    if config.digest is None:
        return None
    slot = _naive(now).replace(hour=0, minute=0, second=0, microsecond=0)
    slot += timedelta(minutes=config.digest.at_minutes)
    if slot > _naive(now):
        slot -= timedelta(days=1)
    row = con.execute(
        "SELECT max(until), (SELECT min(first_seen) FROM watch_sources) FROM watch_digests"
    ).fetchone()
    last, began = row if row else (None, None)
    if began is None or slot <= began or (last is not None and last >= slot):
        return None
    return slot


def make_digest(con: duckdb.DuckDBPyConnection, config: WatchConfig, until: datetime, now: datetime) -> str:
    """Write a digest and note it, so that it is made once; killed on the way, it is made again under the same name.

    Parameters
    ----------
    con : DuckDBPyConnection
        A record open for writing.
    config : WatchConfig
        Its `digest`.
    until : datetime
        The time it was due, UTC.
    now : datetime
        When it is made.

    Returns
    -------
    str
        The name of its page.

    Raises
    ------
    BriefError
        The folder cannot be written to.
    """
    from afterstrike.brief._save import save_all
    from afterstrike.watch._digest_page import digest_page
    from afterstrike.watch._digest_view import collect

    assert config.digest is not None
    last = records(
        con, "SELECT number, made_at, changes_seen FROM watch_digests ORDER BY number DESC LIMIT 1"
    )
    number = last[0]["number"] + 1 if last else 1
    began = con.execute("SELECT min(first_seen) FROM watch_sources").fetchone()
    since = last[0]["made_at"] if last else began[0] if began and began[0] else _naive(now)
    told = last[0]["changes_seen"] if last else 0
    made = collect(con, config, number=number, since=since, now=_naive(now), told=told)
    name = f"digest-{until:%Y-%m-%d-%H%M}"
    page = digest_page(made).encode("utf-8", "replace")
    twin = json.dumps(made, ensure_ascii=False, indent=1, default=str).encode("utf-8", "replace")
    save_all(config.digest.folder, {f"{name}.html": page, f"{name}.json": twin})
    with transaction(con):
        con.execute(
            "INSERT INTO watch_digests VALUES (?, ?, ?, ?, ?, ?, ?)",
            [number, _naive(now), since, until, name, hashlib.sha256(page).hexdigest(), made["changes_seen"]],
        )
        for channel, is_wanted in (("webhook", config.digest.webhook), ("smtp", config.digest.smtp)):
            if is_wanted:
                con.execute(
                    "INSERT INTO watch_deliveries VALUES (?, ?, 'waiting', 0, ?, NULL)",
                    [number, channel, _naive(now)],
                )
    return f"{name}.html"


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
