"""Events as a table in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

__all__ = ["print_events"]

# what a terminal can show of a row; --json and export give every column
SHOWN = (
    "event_id",
    "date_start",
    "kind",
    "initiator",
    "place",
    "adm0",
    "geo_precision",
    "fatalities_best",
    "dataset",
)
# a date or a country cut short says nothing; names and ids may lose their ends
UNCUT = ("date_start", "adm0", "geo_precision", "fatalities_best")


def print_events(rows: Sequence[dict[str, Any]]) -> None:
    """Print rows as a table, as wide as the terminal allows; into a pipe nothing is cut off."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in SHOWN:
        least = max(len(str(row[name] or "")) for row in rows) if name in UNCUT else None
        table.add_column(name, overflow="ellipsis", no_wrap=True, min_width=least)
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in SHOWN))
    width = None if sys.stdout.isatty() else 10_000
    Console(width=width, markup=False, highlight=False).print(table)
