"""Phrases of dated facts whose parts may stand in any order inside one clause."""

from __future__ import annotations

from itertools import permutations

__all__ = ["any_order"]

BETWEEN = r"[^.;:?!\n]{0,40}?"  # words that may stand between two parts
MARK = " & "
ALTERNATIVE = " || "


def any_order(phrases: str) -> str:
    """Write alternatives whose parts are joined by " & " as one expression that takes them in any order.

    Parameters
    ----------
    phrases : str
        Regular expressions. " || " parts alternatives, " & " the parts of one.

    Examples
    --------
    >>> import re
    >>> pattern = re.compile(any_order("prisons? & SDF & runs?"))
    >>> [bool(pattern.search(t)) for t in ("prisons that the SDF run", "the SDF run prisons", "SDF prisons")]
    [True, True, False]
    """
    written = []
    for alternative in phrases.split(ALTERNATIVE):
        parts = [f"(?:{part})" for part in alternative.split(MARK)]
        orders = permutations(parts) if len(parts) > 1 else [parts]
        written += [BETWEEN.join(order) for order in orders]
    return "|".join(written)
