"""Lines of a ledger found by their ids, read with their corrections, and held against the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from ...errors import RecordError, UsageError
from ._ledger_lines import Entry, EntryKind

__all__ = ["current", "day_of", "find_entry", "in_time", "needs_source", "not_before"]


def current(entries: Sequence[Entry], entry: Entry) -> dict[str, Any]:
    """Give what an entry says after its corrections, in the order in which they came."""
    told = dict(entry.body)
    for one in entries:
        if one.kind == "correction" and one.body["corrects"] == entry.id:
            if entry.kind == "question":
                told["question"] = told["question"] | one.body["changes"]
            else:
                told |= one.body["changes"]
    return told


def find_entry(entries: Sequence[Entry], identifier: str, kinds: Sequence[EntryKind], name: str) -> Entry:
    """Find a line by the first digits of its hash, or of the key of its question (its first issue then)."""
    mine = [entry for entry in entries if entry.kind in kinds]
    found = [
        entry
        for entry in mine
        if len(identifier) >= 4
        and (
            entry.hash.startswith(identifier)
            or (entry.kind == "question" and entry.body["key"].startswith(identifier))
        )
    ]
    same = {entry.body["key"] if entry.kind == "question" else entry.id for entry in found}
    if len(same) == 1:
        return found[0]
    held = ", ".join(entry.id for entry in mine[-6:]) or "none"
    what = "fits several lines" if found else "is no id here"
    raise UsageError(f"{name}: {identifier!r} {what} (at least 4 digits); the latest are {held}")


def needs_source(source: str) -> None:
    """Refuse an outcome of which nobody is said to state it."""
    if not source.strip():
        raise UsageError("source is empty; an outcome says who states it")


def day_of(name: str, given: date | str) -> date:
    """Give a day that may be written YYYY-MM-DD."""
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise UsageError(f"{name}={given!r}; write the day as YYYY-MM-DD") from None


def in_time(at: datetime, last: date, opens: date | None) -> None:
    """Refuse what is over, and what is asked on a day to come."""
    if at.date() > last:
        raise RecordError(
            f"today is {at.date()}, after {last}; what is over is no forecast and cannot be issued"
        )
    if opens is not None and opens > at.date():
        raise RecordError(f"today is {at.date()}, and the question opens on {opens}; issue it from then on")


def not_before(at: datetime, resolves: date, identifier: str) -> None:
    """Refuse an outcome before its day."""
    if at.date() < resolves:
        raise RecordError(
            f"today is {at.date()}; {identifier} resolves on {resolves}, and no outcome is taken before that day"
        )
