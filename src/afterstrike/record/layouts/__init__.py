"""The event layouts known here, one file each; the first that matches a file's columns reads it."""

from __future__ import annotations

import csv
import importlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from afterstrike.errors import LayoutError, UsageError

if TYPE_CHECKING:
    from afterstrike.record.layouts._layout import Layout, LayoutOptions

__all__ = ["MODULES", "all_layouts", "detect", "known_columns", "named"]

# In the order of trial: from the most particular columns to the most general.
MODULES: tuple[str, ...] = (
    "ged", "centcom", "dutch", "airwars", "tbij", "sigacts", "geocausal", "mwa", "acled",
    "gdelt", "incidents", "mapping",
)  # fmt: skip


@cache
def all_layouts() -> Mapping[str, Layout]:
    """Give every known layout by its name, in the order in which they are tried."""
    found: dict[str, Layout] = {}
    for module in MODULES:
        layout: Layout = importlib.import_module(f"{__name__}._{module}").LAYOUT
        found[layout.name] = layout
    return found


def named(name: str) -> Layout:
    """Give the layout of that name.

    Parameters
    ----------
    name : str
        What `--as` takes.

    Returns
    -------
    Layout
        The layout.

    Raises
    ------
    UsageError
        Where no layout has that name.

    Examples
    --------
    >>> named("ucdp-ged").title
    'UCDP Georeferenced Event Dataset'
    """
    layouts = all_layouts()
    if name not in layouts:
        raise UsageError(f"layout {name!r} is not known; allowed: {', '.join(layouts)}")
    return layouts[name]


@cache
def known_columns() -> Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]:
    """Give for each layout its variants, each with the columns by which a file is known to be of it."""
    text = files(__name__).joinpath("known_columns.csv").read_text(encoding="utf-8")
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for row in csv.DictReader(text.splitlines()):
        columns = tuple(name for name in row["columns"].split("|") if name)
        found.setdefault(row["layout"], []).append((row["variant"], columns))
    return found


def detect(path: str, columns: Sequence[str], options: LayoutOptions) -> Layout:
    """Give the first layout whose columns a file has.

    Parameters
    ----------
    path : str
        Only for the message.
    columns : sequence of str
        The file's column names.
    options : LayoutOptions
        A mapping given here means the generic layout.

    Returns
    -------
    Layout
        The layout that reads the file.

    Raises
    ------
    LayoutError
        Where no layout matches; the message names the columns and what to do.
    """
    layouts = all_layouts()
    if options.mapping:
        return named("mapping")
    for layout in layouts.values():
        if layout.matches(columns):
            return layout
    from afterstrike.record.layouts._known_other import name_other

    shown = ", ".join(columns[:8]) + (f" and {len(columns) - 8} more" if len(columns) > 8 else "")
    what = name_other(columns)
    named_so = f"is {what} (its columns: {shown})" if what else f"is a table of columns {shown}"
    raise LayoutError(
        f"{path} {named_so}; it is of no event layout known here. Known: {', '.join(layouts)}. "
        "Use --as NAME, or say with --mapping FILE which column is what"
    )
