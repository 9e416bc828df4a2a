"""The tables a watch keeps in the record, beside the reports they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from afterstrike.watch._config import SourceConfig

__all__ = ["has_watch", "make_watch_tables", "note_sources"]

_TABLES = (
    "CREATE TABLE IF NOT EXISTS watch_sources (name VARCHAR PRIMARY KEY, kind VARCHAR, address VARCHAR, lang VARCHAR, "
    "outlet VARCHAR, licence VARCHAR, citation VARCHAR, every_minutes INTEGER, first_seen TIMESTAMP, removed_at TIMESTAMP)",
    # outcome: new | unchanged | outage | refused | gone | unreadable
    'CREATE TABLE IF NOT EXISTS watch_polls (source VARCHAR, "at" TIMESTAMP, outcome VARCHAR, status INTEGER, '
    "new_items INTEGER, changed_items INTEGER, detail VARCHAR, seconds DOUBLE)",
    # One row a version of an item; the latest counts. state: waiting | read | duplicate | unreadable | retracted.
    # sha256 names the archived bytes the text comes from, words_sha256 the feed's own words of it. Headlines are
    # not kept: they may hold a victim's name.
    "CREATE TABLE IF NOT EXISTS watch_items (source VARCHAR NOT NULL, item_key VARCHAR NOT NULL, address VARCHAR, "
    "title VARCHAR, published TIMESTAMP, first_seen TIMESTAMP, last_seen TIMESTAMP, sha256 VARCHAR, report_id VARCHAR, "
    "state VARCHAR, reason VARCHAR, version INTEGER NOT NULL, identity VARCHAR, fingerprint VARCHAR, "
    "words_sha256 VARCHAR, text_key VARCHAR, tries INTEGER, check_at TIMESTAMP, checks INTEGER, notice VARCHAR, "
    "changed_at TIMESTAMP, PRIMARY KEY (source, item_key, version))",
    "CREATE TABLE IF NOT EXISTS watch_state (source VARCHAR PRIMARY KEY, body_sha256 VARCHAR, next_due TIMESTAMP, "
    "failures INTEGER, last_good TIMESTAMP)",
    'CREATE TABLE IF NOT EXISTS watch_alarms (series VARCHAR, "at" TIMESTAMP, day DATE, count INTEGER, expected DOUBLE, '
    "p_value DOUBLE, direction VARCHAR, false_alarms_per_year DOUBLE, words VARCHAR)",
    # changes_seen: rows of incident_changes that this digest and those before it have told
    "CREATE TABLE IF NOT EXISTS watch_digests (number INTEGER PRIMARY KEY, made_at TIMESTAMP, since TIMESTAMP, "
    "until TIMESTAMP, file VARCHAR, sha256 VARCHAR, changes_seen BIGINT)",
    # state: waiting | sending | sent | given_up
    "CREATE TABLE IF NOT EXISTS watch_deliveries (digest INTEGER, channel VARCHAR, state VARCHAR, tries INTEGER, "
    '"at" TIMESTAMP, detail VARCHAR, PRIMARY KEY (digest, channel))',
    "CREATE TABLE IF NOT EXISTS watch_marks (name VARCHAR PRIMARY KEY, value VARCHAR)",
)


def make_watch_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables where a record has none yet."""
    from afterstrike.record.incidents._tables import make_tables

    make_tables(con)
    for statement in _TABLES:
        con.execute(statement)


def has_watch(con: duckdb.DuckDBPyConnection) -> bool:
    """Say whether a record has ever been watched into."""
    return bool(con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'watch_items'").fetchone())


def note_sources(con: duckdb.DuckDBPyConnection, sources: tuple[SourceConfig, ...], now: str) -> None:
    """Bring the table of sources up to the configuration; a source that is gone from it is kept, marked removed."""
    known = {row[0] for row in con.execute("SELECT name FROM watch_sources").fetchall()}
    for one in sources:
        values = [one.kind, one.address, one.lang, one.outlet, one.licence, one.citation, one.every_minutes]
        if one.name in known:
            con.execute(
                "UPDATE watch_sources SET kind = ?, address = ?, lang = ?, outlet = ?, licence = ?, citation = ?, "
                "every_minutes = ?, removed_at = NULL WHERE name = ?",
                [*values, one.name],
            )
        else:
            con.execute(
                "INSERT INTO watch_sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)", [one.name, *values, now]
            )
            con.execute("INSERT INTO watch_state VALUES (?, NULL, NULL, 0, NULL)", [one.name])
    for name in known - {one.name for one in sources}:
        con.execute(
            "UPDATE watch_sources SET removed_at = coalesce(removed_at, ?::TIMESTAMP) WHERE name = ?",
            [now, name],
        )
