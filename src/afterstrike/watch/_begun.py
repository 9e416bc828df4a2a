"""Remembers which item is being read, so that one that ends the process is not met by every process after it.

An article may end the process that reads it: by the memory it takes, or because someone ends what seems to hang.
Nothing of that process can tell so afterwards, so the item is named in a file before it is begun.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from afterstrike.watch._article import Done

__all__ = ["Begun"]

_MOST_ENDS = 3


class Begun:
    """The note, beside the record, of the item that is being read.

    Parameters
    ----------
    record : Path
        The record that is watched into; the caller holds its lock.
    """

    def __init__(self, record: Path) -> None:
        self._file = record.with_name(record.name + ".watch.reading")
        self._left: list[Any] = []
        self._times = 0
        with suppress(OSError, ValueError, TypeError, KeyError):
            found = json.loads(self._file.read_text(encoding="utf-8"))
            self._left, self._times = list(found["item"]), int(found["times"])

    def batches(self, work: Sequence[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
        """Give the items in batches; one that a process ended at comes last and alone, after all else is stored."""
        late = [row for row in work if _name(row) == self._left]
        rest = [row for row in work if _name(row) != self._left]
        if not late:
            self._left = []  # it is due no more
        yield from (rest[start : start + size] for start in range(0, len(rest), size))
        if late:
            yield late

    def begin(self, row: Mapping[str, Any]) -> Done | None:
        """Note that an item is begun; where reading it has ended three processes, say what becomes of it instead."""
        item = _name(row)
        was_left = item == self._left
        times = self._times if was_left else 0
        if was_left:
            self._left = []
        if times >= _MOST_ENDS:
            self.end()
            what = "same" if row["state"] == "read" else "unreadable"
            return Done(row, what, f"the watch ended {times} times while this was read; it is left unread")  # type: ignore[arg-type]
        if self._left:
            return None  # the note is kept until the item it names has had its turn
        with suppress(OSError):
            self._file.write_text(json.dumps({"item": item, "times": times + 1}), encoding="utf-8")
        return None

    def end(self) -> None:
        """Note that an item was read, whatever became of it."""
        if not self._left:
            with suppress(OSError):
                self._file.unlink(missing_ok=True)


def _name(row: Mapping[str, Any]) -> list[Any]:
    return [row["source"], row["item_key"], row["version"]]
