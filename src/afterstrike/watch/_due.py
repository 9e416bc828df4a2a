"""What is due: sources to be asked, items to be read or looked at again, and when the next of either is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from afterstrike.record._store import records, transaction
from afterstrike.watch._config import WatchConfig
from afterstrike.watch._discover import LATEST
from afterstrike.watch._tables import make_watch_tables, note_sources

if TYPE_CHECKING:
    import duckdb

__all__ = ["due_items", "due_sources", "next_due_at"]

_MOST_OF_A_SITE = 60
"""Articles a round and site; the rest waits for the next, so that no site holds up all others."""

Row = dict[str, Any]


def due_sources(con: duckdb.DuckDBPyConnection, config: WatchConfig, now: str) -> dict[str, Row]:
    """Bring the table of sources up to the configuration and give the state of each that is due.

    Returns
    -------
    dict
        By name: its row of `watch_state`, and `prints`, the fingerprint of each of its items by key.
    """
    names = {source.name for source in config.sources}
    with transaction(con):
        make_watch_tables(con)
        note_sources(con, config.sources, now)
        rows = records(con, "SELECT * FROM watch_state WHERE next_due IS NULL OR next_due <= ?", [now])
        known = records(
            con,
            "SELECT source, item_key, max_by(fingerprint, version) AS fingerprint FROM watch_items GROUP BY ALL",
        )
    prints: dict[str, dict[str, str]] = {}
    for row in known:
        prints.setdefault(row["source"], {})[row["item_key"]] = row["fingerprint"]
    return {
        row["source"]: {**row, "prints": prints.get(row["source"], {})}
        for row in rows
        if row["source"] in names
    }


def due_items(
    con: duckdb.DuckDBPyConnection, names: Collection[str], now: str
) -> tuple[list[Row], list[Row]]:
    """Give the items that are due, fairly over the sites, and those that are left for the next round."""
    rows = records(
        con,
        f"SELECT i.*, r.text_sha256 FROM {LATEST} i LEFT JOIN reports r ON r.report_id = i.report_id "
        "AND r.superseded_by IS NULL WHERE i.state IN ('waiting', 'read') AND i.check_at <= ? "
        "ORDER BY i.state DESC, i.check_at, i.first_seen, i.source, i.item_key",
        [now],
    )
    work: list[Row] = []
    left: list[Row] = []
    of_site: dict[str, int] = {}
    for row in rows:
        if row["source"] not in names:
            continue
        site = urlsplit(row["address"] or "").netloc
        of_site[site] = of_site.get(site, 0) + 1
        (work if of_site[site] <= _MOST_OF_A_SITE else left).append(row)
    return work, left


def next_due_at(con: duckdb.DuckDBPyConnection) -> datetime | None:
    """Give when the next source or item of the configuration falls due, UTC; None where none does."""
    row = con.execute(
        "SELECT min(due) FROM (SELECT source, next_due AS due FROM watch_state UNION ALL "
        f"SELECT source, check_at FROM {LATEST} WHERE state IN ('waiting', 'read')) d "
        "JOIN watch_sources w ON w.name = d.source WHERE w.removed_at IS NULL"
    ).fetchone()
    return row[0] if row else None
