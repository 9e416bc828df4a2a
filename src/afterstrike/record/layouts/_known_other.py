"""Name a table that holds no events, so that a refusal can say what it is instead."""

from __future__ import annotations

from collections.abc import Sequence

from afterstrike.record.layouts._staging import fold, read_table

__all__ = ["name_other"]


def name_other(columns: Sequence[str]) -> str | None:
    """Say in a few words what a table without events is, from its column names.

    Parameters
    ----------
    columns
        The file's column names; case, order and punctuation do not matter.

    Returns
    -------
    str or None
        What it is, and what it may be used for where that is known; None where it is not recognised.

    Examples
    --------
    >>> name_other(["name", "lat", "lon", "district"])
    'a list of places, not events: use it with --gazetteer'
    >>> name_other(["colour", "taste"]) is None
    True
    """
    folded = {fold(c) for c in columns}
    for row in read_table("known_other"):
        needed = {fold(c) for c in row["columns"].split("|")}
        without = {fold(c) for c in row["without"].split("|") if c}
        if needed <= folded and not without & folded:
            return row["what"]
    return None
