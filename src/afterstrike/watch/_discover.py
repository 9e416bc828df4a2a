"""Writes down what the sources list: new and changed items wait to be read, none is lost or taken twice.

All of one round's polls are one transaction, so that a process killed at any moment has either stored a source's
answer with all its items, or will read that answer again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from afterstrike.record._store import records, transaction
from afterstrike.watch._item import Item, identity_of, report_id_of
from afterstrike.watch._poll import Poll

if TYPE_CHECKING:
    import duckdb

__all__ = ["LATEST", "discover", "latest_items"]

LATEST = (
    "(FROM watch_items QUALIFY row_number() OVER (PARTITION BY source, item_key ORDER BY version DESC) = 1)"
)
_MOST_BACKOFF = timedelta(hours=6)


def latest_items(
    con: duckdb.DuckDBPyConnection, where: str = "true", values: object = None
) -> list[dict[str, Any]]:
    """Give the latest row of each item."""
    return records(con, f"SELECT * FROM {LATEST} WHERE {where} ORDER BY first_seen, source, item_key", values)


@dataclass
class _Known:
    """Items by source and key, and who has which page."""

    rows: dict[tuple[str, str], dict[str, Any]]
    owners: dict[str, dict[str, Any]]

    @classmethod
    def load(cls, con: duckdb.DuckDBPyConnection) -> _Known:
        rows = latest_items(con)
        owners: dict[str, dict[str, Any]] = {}
        # who tells a page counts before who took it back
        for row in sorted(rows, key=lambda row: row["state"] == "retracted"):
            if row["identity"] and row["state"] in ("read", "waiting", "retracted"):
                owners.setdefault(row["identity"], row)
        return cls({(row["source"], row["item_key"]): row for row in rows}, owners)


def discover(con: duckdb.DuckDBPyConnection, polls: Sequence[Poll], now: str, due: Mapping[str, str]) -> None:
    """Store what polls brought, in one transaction.

    Parameters
    ----------
    con : DuckDBPyConnection
        A record open for writing.
    polls : sequence of Poll
        Of one round.
    now : str
        UTC.
    due : mapping of str to str
        When each source is to be asked next, by its name.
    """
    with transaction(con):
        known = _Known.load(con)
        for poll in polls:
            new, changed = _store_items(con, poll, known, now) if poll.listing else (0, 0)
            outcome = "unchanged" if poll.outcome == "new" and not (new or changed) else poll.outcome
            con.execute(
                "INSERT INTO watch_polls VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [poll.source.name, poll.at, outcome, poll.status, new, changed, poll.detail, poll.seconds],
            )
            is_good = poll.outcome in ("new", "unchanged")
            con.execute(
                "UPDATE watch_state SET body_sha256 = CASE WHEN $good THEN $sha ELSE body_sha256 END, "
                "next_due = $due, failures = CASE WHEN $good THEN 0 ELSE failures + 1 END, "
                "last_good = CASE WHEN $good THEN $at::TIMESTAMP ELSE last_good END WHERE source = $name",
                {"good": is_good, "sha": poll.sha256, "due": due[poll.source.name], "at": poll.at,
                 "name": poll.source.name},
            )  # fmt: skip


def _store_items(con: duckdb.DuckDBPyConnection, poll: Poll, known: _Known, now: str) -> tuple[int, int]:
    assert poll.listing is not None
    source, new, changed, seen = poll.source, 0, 0, []
    # what takes back or corrects comes after what it speaks of, in whatever order the source lists them
    for item in sorted(poll.listing.items, key=lambda item: item.notice is not None):
        row = known.rows.get((source.name, item.key))
        if row is None:
            _add(con, poll, item, known, now)
            new += 1
        elif item.fingerprint != row["fingerprint"]:
            _change(con, poll, item, row, known, now)
            changed += 1
        seen.append(item.key)
    if poll.listing.is_whole:
        _missing(con, poll, set(seen), known, now)
    con.execute(
        "UPDATE watch_items SET last_seen = ? WHERE source = ? AND item_key IN (SELECT unnest(?::VARCHAR[]))",
        [now, source.name, seen],
    )
    return new, changed


def _add(con: duckdb.DuckDBPyConnection, poll: Poll, item: Item, known: _Known, now: str) -> None:
    name, identity = poll.source.name, identity_of(item.address)
    row: dict[str, Any] = {
        "source": name, "item_key": item.key, "address": item.address, "title": None,
        "published": _sane(item.published, now), "first_seen": now, "last_seen": now,
        "sha256": poll.sha256 if poll.source.kind == "page" else None,
        "report_id": report_id_of(name, item.key), "state": "waiting", "reason": None, "version": 1,
        "identity": identity, "fingerprint": item.fingerprint, "words_sha256": poll.words.get(item.key),
        "text_key": None, "tries": 0, "check_at": now, "checks": 0, "notice": item.notice, "changed_at": now,
    }  # fmt: skip
    owner = known.owners.get(identity) if identity else None
    if item.notice == "retraction":
        taken = [known.owners[one] for one in item.refers if one in known.owners]
        mine = [one for one in taken if one["source"] == name and one["state"] in ("read", "waiting")]
        for one in mine:
            _look_again(con, one, now, notice="retraction")
        if mine:
            row |= {"state": "retracted", "check_at": None,
                    "reason": "a notice that takes back another item of this source"}  # fmt: skip
    elif item.notice == "correction":
        for one in (known.owners[r] for r in item.refers if r in known.owners):
            if one["source"] == name and one["state"] == "read":
                _look_again(con, one, now)
    if owner and row["state"] == "waiting":
        row |= _second(owner, name)
    _insert(con, row)
    known.rows[name, item.key] = row
    if identity and row["state"] == "waiting":
        known.owners.setdefault(identity, row)


def _second(owner: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Say what a second item of one page is: no second report."""
    own = owner["source"] == name
    if owner["state"] == "retracted":
        if own or not (owner["reason"] or "").startswith("the page is gone"):
            return {}  # the source puts the page out anew, or another took back what it said itself
        return {
            "state": "retracted",
            "check_at": None,
            "reason": f"the same page as an item of {owner['source']}: {owner['reason']}",
        }
    what = "another item of this source" if own else f"an item of {owner['source']}"
    return {
        "state": "duplicate", "report_id": owner["report_id"], "check_at": None, "reason": f"the same page as {what}",
    }  # fmt: skip


def _change(
    con: duckdb.DuckDBPyConnection, poll: Poll, item: Item, row: dict[str, Any], known: _Known, now: str
) -> None:
    """Take what a source changed in an item: another version of it waits to be read."""
    fresh = {
        "fingerprint": item.fingerprint, "words_sha256": poll.words.get(item.key) or row["words_sha256"],
        "notice": item.notice, "last_seen": now,
    }  # fmt: skip
    if poll.source.kind == "page":
        fresh["sha256"] = poll.sha256
    if row["state"] == "duplicate" and "page" in (row["reason"] or ""):
        owner = known.owners.get(row["identity"] or "")
        if owner and owner["state"] == "read":
            _look_again(con, owner, now)
        _update(con, row, fresh)  # the one that is followed is the other
    elif row["state"] == "waiting":
        _update(con, row, {**fresh, "check_at": now})
    else:
        again = {**row, **fresh, "version": row["version"] + 1, "state": "waiting", "reason": None, "tries": 0,
                 "check_at": now, "checks": 0, "changed_at": now, "first_seen": row["first_seen"],
                 "report_id": report_id_of(row["source"], row["item_key"])}  # fmt: skip
        _insert(con, again)
        row.update(again)
        return
    row.update(fresh)


def _missing(con: duckdb.DuckDBPyConnection, poll: Poll, seen: set[str], known: _Known, now: str) -> None:
    """Look again at pages that left a list in which older ones still stand."""
    rows = [row for (name, _), row in known.rows.items() if name == poll.source.name]
    last = max((row["last_seen"] for row in rows if row["item_key"] not in seen), default=None)
    oldest = min((_age(row) for row in rows if row["item_key"] in seen), default=None)
    if last is None or oldest is None or poll.source.kind == "page":
        return
    for row in rows:
        was_there = row["last_seen"] == last and row["item_key"] not in seen
        if was_there and row["state"] == "read" and _age(row) > oldest:
            _look_again(con, row, now)


def _age(row: Mapping[str, Any]) -> datetime:
    return _moment(row["published"] or row["first_seen"])


def _moment(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _look_again(
    con: duckdb.DuckDBPyConnection, row: Mapping[str, Any], now: str, *, notice: str | None = None
) -> None:
    changes: dict[str, Any] = {"check_at": now}
    if notice:
        changes["notice"] = notice
    _update(con, row, changes)


def _sane(published: str | None, now: str) -> str | None:
    """Leave out a date of publication that lies in the future: it is a fault of the feed."""
    if published is None:
        return None
    return published if _moment(published) <= _moment(now) + timedelta(days=1) else None


def _insert(con: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> None:
    names = ", ".join(row)
    con.execute(f"INSERT INTO watch_items ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def _update(con: duckdb.DuckDBPyConnection, row: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    sets = ", ".join(f"{name} = ?" for name in changes)
    con.execute(
        f"UPDATE watch_items SET {sets} WHERE source = ? AND item_key = ? AND version = ?",
        [*changes.values(), row["source"], row["item_key"], row["version"]],
    )


insert_item, update_item = _insert, _update
"""For the module that stores what was read."""


def next_due(
    every_minutes: int, failures: int, now: datetime, jitter: float, asked_seconds: float | None
) -> datetime:
    """Say when a source is asked next: its interval, longer after failures, never sooner than it asked for.

    Examples
    --------
    >>> now = datetime(2026, 1, 1)
    >>> next_due(30, 0, now, 0.0, None) - now, next_due(30, 2, now, 0.0, None) - now
    (datetime.timedelta(seconds=1800), datetime.timedelta(seconds=7200))
    """
    wait = timedelta(minutes=every_minutes) * (1 + jitter)
    longest = max(_MOST_BACKOFF, wait)
    wait = min(wait * 2.0 ** min(failures, 10), longest)
    return now + max(wait, timedelta(seconds=min(asked_seconds or 0, 7 * 86_400)))
