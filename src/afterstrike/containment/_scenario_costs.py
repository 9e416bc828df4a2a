"""What a run costs, from unit costs that somebody has sourced; without them nothing is computed."""

from __future__ import annotations

import math
import tomllib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from ._scenario_grammar import nearest
from ._scenario_outputs import Output, draw_groups

if TYPE_CHECKING:
    from ._ensemble import Ensemble

__all__ = ["NO_COSTS", "UNIT_COSTS", "Costs", "UnitCost", "load_costs"]

Array = np.ndarray[Any, Any]
NO_COSTS = "Costs: no sourced cost inputs: not computed."

UNIT_COSTS = {
    "strike": "for each target hit",
    "presence": "for each day of the months with any strike or mission",
    "custody": "for each person and day detained",
    "repatriation": "for each person taken home from custody",
    "items_per_target": "items of the group destroyed for each target hit (a count, no price)",
    "replacement": "for the group to replace one such item",
}
"""What a file of costs may give, each a range."""
_NO_PRICE = {"items_per_target"}


@dataclass(frozen=True)
class UnitCost:
    """A range with its source; `price_year` is None for what is no price."""

    name: str
    low: float
    high: float
    price_year: int | None
    source: str
    source_url: str = ""


@dataclass(frozen=True)
class Costs:
    """Unit costs, all in one currency and one price year."""

    currency: str
    price_year: int
    units: dict[str, UnitCost]
    source: str

    def outputs(self) -> dict[str, Output]:
        """Give the outputs that these units allow, by name, for `compare(..., further=...)`."""
        parts: dict[str, Callable[[Ensemble], Array]] = {
            "strike": lambda ensemble: ensemble.total("targets_hit"),
            "presence": _days_present,
            "custody": _person_days,
            "repatriation": lambda ensemble: ensemble.total("repatriated"),
        }
        found: dict[str, Output] = {}
        for name, count in parts.items():
            if name in self.units:
                title = f"cost of {name}, {self.currency} of {self.price_year}"
                found[f"cost_{name}"] = Output(
                    f"cost_{name}",
                    title,
                    self._cost(name, count),
                    f"{self.currency} of {self.price_year}",
                    (name,),
                )
        return found

    def _cost(self, name: str, count: Callable[[Ensemble], Array]) -> Callable[[Ensemble], Array]:
        return lambda ensemble: count(ensemble) * self._drawn(name, ensemble)

    def _drawn(self, name: str, ensemble: Ensemble) -> Array:
        """Draw a unit cost once for each prior draw: the same in every scenario, so differences are policy."""
        groups, unit = draw_groups(ensemble), self.units[name]
        rng = np.random.default_rng([ensemble.seed, zlib.crc32(name.encode())])
        drawn: Array = rng.uniform(unit.low, unit.high, int(groups.max()) + 1)[groups]
        return drawn

    def break_even(self) -> tuple[float, float] | None:
        """Give the range of the replacement cost of an item at which a strike costs what it destroys.

        The cost of a target hit over the items destroyed with it; None where either is not given. Above it the
        strike costs less than what the group loses.
        """
        if "strike" not in self.units or "items_per_target" not in self.units:
            return None
        strike, items = self.units["strike"], self.units["items_per_target"]
        return strike.low / items.high, strike.high / items.low

    def lines(self) -> list[str]:
        """Say what the costs rest on, and the break-even where it can be told."""
        units = "; ".join(
            f"{unit.name} {unit.low:,g} to {unit.high:,g} ({unit.source})" for unit in self.units.values()
        )
        told = [f"Costs in {self.currency} of {self.price_year}, from {self.source}: {units}."]
        found = self.break_even()
        if found is None:
            told.append(
                "Break-even replacement cost: not computed; it takes `strike` and `items_per_target`."
            )
            return told
        told.append(
            f"Break-even replacement cost of an item: {found[0]:,.0f} to {found[1]:,.0f} {self.currency}; a strike "
            "costs more than it destroys where an item costs the group less."
        )
        if "replacement" in self.units:
            own = self.units["replacement"]
            told.append(
                f"The group's own cost of an item, as the file has it: {own.low:,g} to {own.high:,g}."
            )
        return told


def _days_present(ensemble: Ensemble) -> Array:
    """Days of the months in which there was any strike or mission: who leaves is no longer paid for."""
    ends = np.array([ensemble.start.toordinal() - 1, *(end.toordinal() for end in ensemble.periods)])
    active = (ensemble.series("targets_hit") + ensemble.series("missions")) > 0
    present: Array = (active * np.diff(ends)).sum(axis=1).astype(float)
    return present


def _person_days(ensemble: Ensemble) -> Array:
    """Give person-days in custody: the state at the end of each period, for the days of the period."""
    ends = [ensemble.start.toordinal() - 1, *(day.toordinal() for day in ensemble.periods)]
    found: Array = ensemble.series("detained_now") @ np.diff(ends).astype(float)
    return found


def load_costs(path: str | Path) -> Costs:
    """Read a file of unit costs.

    Parameters
    ----------
    path
        A TOML file: `currency`, and for each of `UNIT_COSTS` that is known a table `[strike]` with `low`,
        `high`, `price_year` and `source` (and `source_url`).

    Raises
    ------
    UsageError
        The file is wrong, or its prices are not all of one year: everything, in one message.
    """
    path = Path(path)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{path} cannot be read: {problem}") from None
    except tomllib.TOMLDecodeError as problem:
        raise UsageError(f"{path} is no TOML file: {problem}") from None
    currency = raw.pop("currency", None)
    faults = [] if isinstance(currency, str) and currency else ['currency is missing; write currency = "USD"']
    if not raw:
        faults.append(f"no unit cost; allowed {', '.join(UNIT_COSTS)}")
    units = {name: _unit(name, row, faults) for name, row in raw.items()}
    years = {unit.price_year for unit in units.values() if unit and unit.price_year is not None}
    if len(years) > 1:
        each = ", ".join(
            f"{unit.name} {unit.price_year}" for unit in units.values() if unit and unit.price_year
        )
        faults.append(
            f"prices are of different years ({each}); convert them to one, nothing is added up across years"
        )
    if not years and not faults:
        faults.append("no price: items_per_target alone costs nothing")
    if faults:
        raise UsageError(f"{path.name}: " + "; ".join(faults))
    return Costs(str(currency), years.pop() or 0, {n: unit for n, unit in units.items() if unit}, path.name)


def _unit(name: str, row: Any, faults: list[str]) -> UnitCost | None:
    if name not in UNIT_COSTS:
        faults.append(f"[{name}]: {nearest(name, list(UNIT_COSTS))}")
        return None
    if not isinstance(row, dict):
        faults.append(f"{name} is {row!r}; write a table [{name}] with low, high, price_year, source")
        return None
    low, high = (_number(row.get(end)) for end in ("low", "high"))
    if not 0 < low <= high < math.inf:
        faults.append(
            f"[{name}]: low={row.get('low')!r}, high={row.get('high')!r}; allowed numbers above 0, low not above high"
        )
        return None
    if not isinstance(row.get("source"), str) or not row["source"].strip():
        faults.append(f"[{name}]: source is missing; a cost without one is not used")
    year = row.get("price_year")
    if name not in _NO_PRICE and not (isinstance(year, int) and 1990 <= year <= 2100):
        faults.append(f"[{name}]: price_year={year!r}; allowed a year, as 2024")
        year = None
    year = None if name in _NO_PRICE else year
    return UnitCost(name, low, high, year, str(row.get("source", "")), str(row.get("source_url", "")))


def _number(value: Any) -> float:
    """Give a number as it is, and nan for what is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
