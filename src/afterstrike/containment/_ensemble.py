"""`Ensemble`: what a run gives, month by month, members first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from ._layout import CAMP_OUTPUTS, CUSTODY_OUTPUTS, STOCK_OUTPUTS, ZONE_OUTPUTS

if TYPE_CHECKING:
    import pandas as pd

    from ._scenario import Scenario
    from ._world import World

__all__ = ["OUTPUTS", "Ensemble", "quantile_columns"]

Array = np.ndarray[Any, Any]

OUTPUTS = (*ZONE_OUTPUTS, *CUSTODY_OUTPUTS, *CAMP_OUTPUTS)
"""All outputs by name; those in `STOCK_OUTPUTS` are a state at the end of a month, the others counts within it."""


UNTOLD = frozenset({"recruited", "demobilised_count", "break_attempts", "breaks"})
"""Outputs that no table tells unasked."""


@dataclass(frozen=True)
class Ensemble:
    """Members of one world under one scenario.

    Attributes
    ----------
    world, scenario
        What was run; every table and figure says so.
    start, periods
        First day, and the last day of each month; a part of a month at either end is told with its neighbour.
    draws
        The numbers each member drew, by name, shape (members,).
    zone, custody, camp
        Whole numbers, shape (members, months, places, outputs), last axis as in `_layout`.
    imbalance
        Persons not accounted for on the worst step of each member: 0, or the model is wrong.
    """

    world: World
    scenario: Scenario
    start: date
    periods: tuple[date, ...]
    draws: Mapping[str, Array] = field(repr=False)
    seed: int
    step_days: float
    zone: Array = field(repr=False)
    custody: Array = field(repr=False)
    camp: Array = field(repr=False)
    imbalance: Array = field(repr=False)

    def __repr__(self) -> str:
        return (
            f"Ensemble({self.world.name!r} as of {self.world.as_of}, {self.scenario.name!r}, {self.members} members, "
            f"{self.start} to {self.periods[-1]})"
        )

    @property
    def members(self) -> int:
        """Number of members."""
        return int(self.imbalance.size)

    def places(self, output: str) -> tuple[str, ...]:
        """The places an output is counted in, by id."""
        return self._part(output)[1]

    def series(self, output: str, *, place: str | None = None) -> Array:
        """An output month by month, shape (members, months).

        Parameters
        ----------
        output
            One of `OUTPUTS`.
        place
            Id of a zone, custody system or camp; None adds all up. Partner forces a world does not count are
            missing: nan.

        Raises
        ------
        UsageError
            No such output, or no such place for it.
        """
        array, places, column = self._part(output)
        if place is not None and place not in places:
            raise UsageError(
                f"place={place!r} for {output!r}; allowed {', '.join(places) or 'none in this world'}"
            )
        chosen = array[..., column] if place is None else array[:, :, [places.index(place)], column]
        if output == "partner_force_left":
            counted = np.where(chosen < 0, np.nan, chosen.astype(float))
            return np.asarray(counted.sum(axis=2))
        return np.asarray(chosen.sum(axis=2, dtype=np.int64))

    def total(
        self, output: str, *, place: str | None = None, start: date | None = None, until: date | None = None
    ) -> Array:
        """A count added up over the months that end in `start`..`until`, or a stock at the end; shape (members,)."""
        series = self.series(output, place=place)
        chosen = [
            k
            for k, end in enumerate(self.periods)
            if (start is None or end >= start) and (until is None or end <= until)
        ]
        if not chosen:
            raise UsageError(
                f"start={start}, until={until} holds no month's end of this run; allowed {self.periods[0]} to "
                f"{self.periods[-1]}"
            )
        return series[:, chosen[-1]] if output in STOCK_OUTPUTS else series[:, chosen].sum(axis=1)

    def to_frame(self, *, levels: Sequence[float] = (0.5, 0.8, 0.95)) -> pd.DataFrame:
        """One row an output, place and month: mean, median and the middle `levels` of the members.

        Place `all` adds up all places of an output. `UNTOLD` outputs are left out: recruitment and demobilisation are
        not told apart by any data, and breaks are too few for a number a month.
        """
        import pandas as pd

        rows = []
        for output in (name for name in OUTPUTS if name not in UNTOLD):
            places = self.places(output)
            for place in (None, *places) if len(places) > 1 else (None,) if places else ():
                columns = quantile_columns(self.series(output, place=place), levels)
                for k, end in enumerate(self.periods):
                    numbers = {name: values[k] for name, values in columns.items()}
                    rows.append({"output": output, "place": place or "all", "period_end": end, **numbers})
        frame = pd.DataFrame(rows)
        kind = frame["output"].map(lambda name: "stock" if name in STOCK_OUTPUTS else "count")
        frame.insert(1, "kind", kind)
        frame.insert(0, "scenario", self.scenario.name)
        frame.insert(0, "world", self.world.name)
        return frame

    def members_frame(self, outputs: Sequence[str] | None = None) -> pd.DataFrame:
        """The draws behind every quantile: one row a member and month, one column an output added over places."""
        import pandas as pd

        told = (name for name in OUTPUTS if self.places(name) and name not in UNTOLD)
        names = tuple(outputs) if outputs is not None else tuple(told)
        member = np.repeat(np.arange(self.members), len(self.periods))
        end = np.tile(np.array(self.periods, dtype="datetime64[D]"), self.members)
        columns = {name: self.series(name).ravel() for name in names}
        return pd.DataFrame({"member": member, "period_end": end, **columns})

    def _part(self, output: str) -> tuple[Array, tuple[str, ...], int]:
        parts = (
            (ZONE_OUTPUTS, self.zone, self.world.zones),
            (CUSTODY_OUTPUTS, self.custody, self.world.systems),
            (CAMP_OUTPUTS, self.camp, self.world.camps),
        )
        for names, array, places in parts:
            if output in names:
                return array, tuple(place.id for place in places), names.index(output)
        raise UsageError(f"output={output!r}; allowed {', '.join(OUTPUTS)}")


def quantile_columns(series: Array, levels: Sequence[float]) -> dict[str, Array]:
    """Mean, median and middle ranges over members, by column name: `low_80, high_80` for 0.8.

    Parameters
    ----------
    series
        Shape (members, months).
    levels
        Shares of members between low and high, inside (0, 1).
    """
    if any(not 0.0 < level < 1.0 for level in levels):
        raise UsageError(f"levels={tuple(levels)}; allowed shares between 0 and 1, as (0.5, 0.8, 0.95)")
    columns: dict[str, Array] = {"mean": series.mean(axis=0), "median": np.median(series, axis=0)}
    for level in levels:
        name = f"{100 * level:g}"
        columns[f"low_{name}"] = np.quantile(series, (1.0 - level) / 2.0, axis=0)
        columns[f"high_{name}"] = np.quantile(series, (1.0 + level) / 2.0, axis=0)
    return columns
