"""Stores what was read: reports, what they tell, and what became of each item, in one transaction a batch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from afterstrike.record._store import records, transaction
from afterstrike.watch._article import Done
from afterstrike.watch._discover import insert_item, latest_items, update_item
from afterstrike.watch._item import report_id_of, text_key

if TYPE_CHECKING:
    import duckdb

__all__ = ["STALE", "Kept", "keep_batch"]

STALE = "incidents_stale"
"""The mark that reports were stored since the incidents were last built."""

_SAME_TEXT_DAYS = 3
"""Texts of the same words that were published further apart are two reports: some are written to a pattern."""


@dataclass
class Kept:
    """What a batch came to, in items."""

    read: int = 0
    duplicate: int = 0
    unreadable: int = 0
    retracted: int = 0
    unchanged: int = 0
    later: int = 0

    def __add__(self, other: Kept) -> Kept:
        return Kept(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))


@dataclass
class _Batch:
    con: duckdb.DuckDBPyConnection
    now: str
    recheck_hours: tuple[int, ...]
    texts: dict[str, list[dict[str, Any]]]  # read items by the key of their text
    pairs: list[tuple[dict[str, Any], dict[str, Any]]]
    paths: dict[str, str]
    retracted: set[str]
    kept: Kept


def keep_batch(
    con: duckdb.DuckDBPyConnection, done: Sequence[Done], now: str, recheck_hours: tuple[int, ...]
) -> Kept:
    """Store a batch, as a whole or not at all; the incidents are marked as out of date.

    Parameters
    ----------
    con : DuckDBPyConnection
        A record open for writing.
    done : sequence of Done
        What became of each item.
    now : str
        UTC.
    recheck_hours : tuple of int
        How old an item is when its page is looked at again.

    Returns
    -------
    Kept
        Items by what became of them.
    """
    from afterstrike.record.incidents import store_reports

    with transaction(con):
        texts: dict[str, list[dict[str, Any]]] = {}
        for row in latest_items(con, "state = 'read' AND text_key IS NOT NULL"):
            texts.setdefault(row["text_key"], []).append(row)
        batch = _Batch(con, now, recheck_hours, texts, [], {}, set(), Kept())
        for one in done:
            _HOW[one.what](batch, one)
        stored = (
            records(con, "SELECT report_id FROM reports WHERE superseded_by IS NULL")
            if batch.retracted
            else ()
        )
        batch.retracted &= {row["report_id"] for row in stored}
        if batch.pairs or batch.retracted:
            shas = sorted(f"{record['id']} {batch.paths[record['id']]}" for record, _ in batch.pairs)
            digest = hashlib.sha256("\n".join([*shas, *sorted(batch.retracted)]).encode()).hexdigest()
            store_reports(
                con,
                batch.pairs,
                name=f"watch {now}",
                digest=digest,
                paths=batch.paths,
                retracted=batch.retracted,
            )
            con.execute("INSERT OR REPLACE INTO watch_marks VALUES (?, 'yes')", [STALE])
    return batch.kept


def _read(batch: _Batch, one: Done) -> None:
    from afterstrike.record.incidents._told import word_hashes

    assert one.record is not None and one.line is not None
    if one.notice == "retraction":
        _end(
            batch,
            one,
            "retracted",
            one.reason or "the source says that it takes this back",
            sha256=one.sha256,
            by_page=one.is_of_page,
        )
        return
    row, own = one.row, report_id_of(one.row["source"], one.row["item_key"])
    key = text_key(word_hashes(one.record["text"]))
    twin = next((other for other in batch.texts.get(key or "", ()) if _is_twin(row, other)), None)
    if twin is not None:
        batch.kept.duplicate += 1
        if row["version"] > 1 or row["state"] == "read":
            batch.retracted.add(own)  # what it told before counts no more; what it tells now another tells
        _put(batch, one, "duplicate", f"the same text as an item of {twin['source']}", report_id=twin["report_id"],
             sha256=one.sha256, check_at=None, notice=one.notice, text_key=None)  # fmt: skip
        _let_go(batch, own)
        return
    batch.kept.read += 1
    record = {**one.record, "id": own, "line": len(batch.pairs) + 1}
    batch.pairs.append((record, one.line))
    batch.paths[own] = row["address"] or f"archive:{one.sha256}"
    batch.retracted.discard(own)
    reason = one.reason if one.line["events"] else "; ".join(filter(None, (one.reason, "tells of no event")))
    stored = _put(batch, one, "read", reason, report_id=own, sha256=one.sha256, text_key=key, notice=one.notice,
                  **_next_check(batch, row, 0))  # fmt: skip
    if stored["version"] > 1:
        _let_go(batch, own)  # copies of the old text tell it on their own
    if key:
        batch.texts.setdefault(key, []).append(stored)


def _is_twin(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if (row["source"], row["item_key"]) == (other["source"], other["item_key"]):
        return False
    days = [_moment(one["published"] or one["first_seen"]) for one in (row, other)]
    return abs(days[0] - days[1]) <= timedelta(days=_SAME_TEXT_DAYS)


def _same(batch: _Batch, one: Done) -> None:
    batch.kept.unchanged += 1
    if one.row["notice"] == "retraction" and one.row["state"] == "read":
        _end(
            batch, one, "retracted", "a later notice of the source takes this back", sha256=one.row["sha256"]
        )
        return
    changes = _next_check(batch, one.row, one.row["checks"] + 1)
    update_item(batch.con, one.row, changes)


def _later(batch: _Batch, one: Done) -> None:
    batch.kept.later += 1
    if one.row["notice"] == "retraction" and one.row["state"] == "read":
        _end(
            batch, one, "retracted", "a later notice of the source takes this back", sha256=one.row["sha256"]
        )
        return
    wait = timedelta(minutes=10 * 3 ** min(one.row["tries"], 4))
    tries = one.row["tries"] + 1
    changes: dict[str, Any] = {"tries": tries, "check_at": _plus(batch.now, wait)}
    if one.row["state"] == "waiting":
        changes["reason"] = f"tried {tries} times: {one.reason}" if tries > 1 else one.reason
    update_item(batch.con, one.row, changes)


def _long_wait(batch: _Batch, one: Done) -> None:
    batch.kept.later += 1
    update_item(batch.con, one.row, {"check_at": _plus(batch.now, timedelta(minutes=1))})


def _gone(batch: _Batch, one: Done) -> None:
    reason = one.reason or "the page is gone"
    _end(batch, one, "retracted", reason, sha256=one.row["sha256"], by_page=True)


def _unreadable(batch: _Batch, one: Done) -> None:
    own = report_id_of(one.row["source"], one.row["item_key"])
    batch.kept.unreadable += 1
    if one.row["version"] > 1:
        batch.retracted.add(own)
    _put(batch, one, "unreadable", one.reason, sha256=one.sha256, check_at=None)
    _let_go(batch, own, pages=True)


def _end(
    batch: _Batch, one: Done, state: str, reason: str, *, sha256: str | None, by_page: bool = False
) -> None:
    """Take an item's report out: the page itself took it back, or the source whose item it is."""
    own = report_id_of(one.row["source"], one.row["item_key"])
    batch.kept.retracted += 1
    batch.retracted.add(own)
    batch.pairs[:] = [pair for pair in batch.pairs if pair[0]["id"] != own]
    _put(batch, one, state, reason, sha256=sha256, check_at=None, notice="retraction", text_key=None)
    if by_page:
        batch.con.execute(
            "UPDATE watch_items SET state = 'retracted', check_at = NULL, reason = reason || '; ' || ? "
            "WHERE report_id = ? AND state = 'duplicate' AND reason LIKE 'the same page%'",
            [reason, own],
        )
    else:
        # a source takes back what it says itself, not what another that lists the same page says
        batch.con.execute(
            "UPDATE watch_items SET state = 'retracted', check_at = NULL, reason = reason || '; ' || ? "
            "WHERE report_id = ? AND state = 'duplicate' AND source = ? AND reason LIKE 'the same page%'",
            [reason, own, one.row["source"]],
        )
        _let_go(batch, own, pages=True)
    _let_go(batch, own)


def _let_go(batch: _Batch, report_id: str, *, pages: bool = False) -> None:
    """Let copies of a text that is no more what it was be read on their own."""
    batch.con.execute(
        "UPDATE watch_items SET state = 'waiting', tries = 0, check_at = ?, reason = NULL "
        "WHERE report_id = ? AND state = 'duplicate' AND (? OR reason LIKE 'the same text%')",
        [batch.now, report_id, pages],
    )


def _put(batch: _Batch, one: Done, state: str, reason: str | None, **changes: Any) -> dict[str, Any]:
    """Write what became of a version; what was read before and is read anew becomes a further version."""
    row = {key: value for key, value in one.row.items() if key != "text_sha256"}
    changes = {"state": state, "reason": reason, "tries": 0, "changed_at": batch.now, **changes}
    if row["state"] == "waiting":
        changes["report_id"] = changes.get("report_id", report_id_of(row["source"], row["item_key"]))
        update_item(batch.con, row, changes)
        return {**row, **changes}
    fresh = {**row, **changes, "version": row["version"] + 1}
    update_item(batch.con, row, {"check_at": None})
    insert_item(batch.con, fresh)
    return fresh


def _next_check(batch: _Batch, row: Mapping[str, Any], checks: int) -> dict[str, Any]:
    """Say when a page is looked at again, counted from when this version came."""
    since = _moment(row["changed_at"]) if row["state"] == "waiting" or checks else _moment(batch.now)
    hours = [h for h in batch.recheck_hours if since + timedelta(hours=h) > _moment(batch.now)]
    check_at = (since + timedelta(hours=hours[0])).isoformat() if hours and row["address"] else None
    return {"check_at": check_at, "checks": checks}


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _plus(now: str, wait: timedelta) -> str:
    return (_moment(now) + wait).isoformat()


_HOW = {
    "read": _read,
    "same": _same,
    "later": _later,
    "long_wait": _long_wait,
    "gone": _gone,
    "unreadable": _unreadable,
}
