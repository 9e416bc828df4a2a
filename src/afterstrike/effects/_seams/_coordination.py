"""How far two parties coordinate along their border, by day: a user's table of assumptions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import UsageError
from ._borders import Pair
from ._days import OPEN_END, day_numbers, is_missing, text_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Coordination", "read_coordination"]

_NEEDED = ("party_1", "party_2", "coordination")


@dataclass(frozen=True, eq=False)
class Coordination:
    """Stretches of days with a stated coordination, by pair of parties.

    Parameters
    ----------
    stretches
        By pair in order of name: first day, last day (inclusive), value from 0 (hostile) to 1 (as one).
    """

    stretches: dict[Pair, list[tuple[int, int, float]]]

    def of(self, pair: Pair, day: int) -> float | None:
        """Give what is stated for a pair on a day; None where nothing is."""
        return next((k for first, last, k in self.stretches.get(pair, []) if first <= day <= last), None)


def read_coordination(table: pd.DataFrame | None, parties: Collection[str]) -> Coordination:
    """Read a table with `party_1`, `party_2`, `coordination` and, if wanted, `valid_from` and `valid_to`.

    Raises
    ------
    UsageError
        A column or day is missing, a value is outside 0 to 1, a party holds nothing in the areas of control, or
        two rows state different values for one pair and day.
    """
    if table is None:
        return Coordination({})
    if not hasattr(table, "columns") or any(name not in table.columns for name in _NEEDED):
        raise UsageError(
            f"coordination has {', '.join(map(str, getattr(table, 'columns', []))) or 'no columns'}; needed "
            f"{', '.join(_NEEDED)}, and if wanted valid_from, valid_to"
        )
    first, last = _edges(table, "valid_from", -OPEN_END), _edges(table, "valid_to", OPEN_END)
    stretches: dict[Pair, list[tuple[int, int, float]]] = {}
    rows = zip(*(table[name].tolist() for name in _NEEDED), first, last, strict=True)
    for number, (first_name, second_name, value, start, end) in enumerate(rows):
        one, two = text_of(first_name), text_of(second_name)
        for party in (one, two):
            if party not in parties:
                raise UsageError(
                    f"coordination, row {number + 1}: party {party!r} holds no area of control; allowed "
                    f"{', '.join(sorted(parties))}"
                )
        if not isinstance(value, int | float | np.number) or not 0 <= value <= 1 or one == two or end < start:
            raise UsageError(
                f"coordination, row {number + 1}: {one!r} and {two!r}, {value!r}; allowed two parties, a number "
                "from 0 (hostile) to 1 (as one), and valid_from no later than valid_to"
            )
        pair = (one, two) if one < two else (two, one)
        for start_2, end_2, value_2 in stretches.get(pair, []):
            if start <= end_2 and start_2 <= end and value != value_2:
                raise UsageError(
                    f"coordination, row {number + 1}: {one!r} and {two!r} have {value_2:g} and {value:g} on the "
                    "same days; state one"
                )
        stretches.setdefault(pair, []).append((start, end, float(value)))
    return Coordination(stretches)


def _edges(table: pd.DataFrame, name: str, without: int) -> list[int]:
    """Read one end of the rows' days; an empty cell is open."""
    if name not in table.columns:
        return [without] * len(table)
    cells: list[Any] = table[name].tolist()
    empty = np.array([is_missing(cell) for cell in cells], bool)
    found = np.full(len(cells), without, np.int64)
    if not empty.all():
        stated = [str(cell) for cell, is_empty in zip(cells, empty, strict=True) if not is_empty]
        found[~empty] = day_numbers(stated, f"coordination {name}")
    return [int(day) for day in found]
