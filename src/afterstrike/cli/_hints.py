"""What to say where a selection of rows is empty."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

__all__ = ["empty_hint"]

_COLUMNS = {"initiator": ("initiator",), "side": ("side_a", "side_b"), "adm0": ("adm0",), "adm1": ("adm1",),
            "dataset": ("dataset",)}  # fmt: skip
_MOST = 6


def empty_hint(record: Any, filters: dict[str, Any]) -> str:
    """Say why no event was selected, as far as a single filter explains it.

    Parameters
    ----------
    record
        The open record.
    filters
        The options of the command, as `Record.rows` takes them.

    Returns
    -------
    str
        One line. A filter whose value no row holds is named, with the nearest values that rows do hold.
    """
    for name, columns in _COLUMNS.items():
        for value in filters.get(name) or ():
            held = _held(record, columns)
            if value not in held:
                return f"No event fits: no row has {name} '{value}'; {_nearest(value, held)}"
    return "No event fits all filters together; take one away, or see `afterstrike record summary`"


def _held(record: Any, columns: Sequence[str]) -> list[str]:
    """Give the values of these columns, the most frequent first."""
    each = " UNION ALL ".join(f"SELECT {column} AS value FROM events" for column in columns)
    sql = f"SELECT value FROM ({each}) WHERE value IS NOT NULL GROUP BY value ORDER BY count(*) DESC, value"
    return [str(value) for (value,) in record.connection.execute(sql).fetchall()]


def _nearest(value: str, held: Sequence[str]) -> str:
    if not held:
        return "no row states any"
    folded = {one.casefold(): one for one in reversed(held)}
    part = value.casefold()
    near = [one for one in held if part in one.casefold() or one.casefold() in part][:_MOST]
    near = near or [folded[name] for name in difflib.get_close_matches(part, folded, n=3, cutoff=0.6)]
    if near:
        return f"near to it: {', '.join(near)}"
    more = f" and {len(held) - _MOST:,} more" if len(held) > _MOST else ""
    return f"rows have: {', '.join(held[:_MOST])}{more}"
