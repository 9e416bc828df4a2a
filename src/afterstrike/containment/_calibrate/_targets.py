"""The dated figures a world is calibrated to, read from targets.toml and the shipped figures."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import SourceError
from ._counts import CountPart, CountPosterior, count_posterior, pace_posterior
from ._simulated import StockTarget

if TYPE_CHECKING:
    from ...record.shipped import Figure
    from .._world import World

__all__ = ["Targets", "read_targets"]

Array = np.ndarray[Any, Any]

_NEAREST_DAYS = 1500  # an older count says little of a world's day


@dataclass(frozen=True)
class Targets:
    """What a world is calibrated to.

    Parameters
    ----------
    counts
        Posteriors in closed form, by parameter (a camp's: by full name), with the middle day of each count.
    stocks
        Later states the simulator must come near to.
    """

    counts: Mapping[str, tuple[CountPosterior, date]] = field(default_factory=dict)
    stocks: tuple[StockTarget, ...] = ()

    @property
    def figures(self) -> tuple[str, ...]:
        """Give the ids of the shipped figures used."""
        counted = [part.figure for posterior, _ in self.counts.values() for part in posterior.parts]
        return tuple(dict.fromkeys(name for name in (*counted, *(one.figure for one in self.stocks)) if name))

    def without(self, *, counts: bool = False, stocks: bool = False) -> Targets:
        """Give the same without one part."""
        return Targets({} if counts else self.counts, () if stocks else self.stocks)


def read_targets(world: World, *, path: str | Path | None = None) -> Targets:
    """Give the figures that bear on a world: counts that ended by its day, states after it that it may run to.

    Parameters
    ----------
    world
        The world.
    path
        A file written as the package's targets.toml; None: that.

    Raises
    ------
    SourceError
        The file cannot be read, a row lacks something, or it names a figure that is not shipped.
    """
    file = Path(path) if path is not None else Path(__file__).with_name("targets.toml")
    table = _table(file)
    try:
        return _read(table, world)
    except (KeyError, TypeError, ValueError, IndexError) as problem:
        raise SourceError(
            f"{file.name}: a row lacks {problem} or holds the wrong kind there; write it as the package's targets.toml"
        ) from None


def _read(table: Mapping[str, Any], world: World) -> Targets:
    counts: dict[str, tuple[CountPosterior, date]] = {}
    for row in table.get("count", []):
        found = _count(row, world.as_of)
        # Of several for one number the first, which is the latest, is taken.
        if found is not None:
            for name in _full_names(row["parameter"], world):
                counts.setdefault(name, found)
    stocks = [_stock(row) for row in table.get("stock", [])]
    return Targets(counts, tuple(one for one in stocks if _bears(one, world)))


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise SourceError(
            f"{path} cannot be read ({problem.strerror}); give a TOML file of figures"
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise SourceError(f"{path} is no TOML ({problem}); see the package's targets.toml") from None


def _figure(name: str) -> Figure:
    from ...record.shipped import figures

    known = {one.figure_id: one for one in figures()}
    if name not in known:
        raise SourceError(f"targets name the figure {name!r}; allowed are ids of the shipped figures")
    return known[name]


def _full_names(parameter: str, world: World) -> Sequence[str]:
    from .._parameters import parameters

    if parameter not in parameters() or parameters()[parameter].scope == "world":
        return [parameter]
    # Al-Hol's pace stands for the camps of the north-east; a world without such a camp has no use for it.
    return [name for name in world.numbers if name.partition(".")[0] == parameter and "al_hol" in name]


def _count(row: Mapping[str, Any], as_of: date) -> tuple[CountPosterior, date] | None:
    before = (float(row["before"][0]), float(row["before"][1]))
    if row["form"] == "pace":
        stretches, last = [], None
        for part in row["part"]:
            one, two = _figure(part["figure"]), _figure(part["to"])
            if two.period_end > as_of:
                continue
            years = (two.period_end - one.period_end).days / 365.25
            stretches.append((_value(one), _value(two), years, str(part["what"])))
            last = two.period_end
        if last is None:
            return None
        found = pace_posterior(row["parameter"], stretches, before=before)
        ends = {str(part["what"]): str(part["to"]) for part in row["part"]}
        named = tuple(replace(part, figure=ends[part.what.rpartition(":")[0]]) for part in found.parts)
        return replace(found, parts=named, note=row.get("note", "")), last
    age = (as_of - row["until"]).days
    # A statement a few days after a world's day speaks of the time before it.
    if not -7 <= age <= _NEAREST_DAYS:
        return None
    parts = [
        CountPart(
            float(part["events"]), float(part["exposure"]), part["what"], _figure(part["figure"]).figure_id
        )
        for part in row["part"]
    ]
    figure = _figure(row["figure"])
    middle = figure.period_start + (figure.period_end - figure.period_start) / 2
    found = count_posterior(row["parameter"], parts, form=row["form"], before=before)
    return replace(found, note=row.get("note", "")), middle


def _value(figure: Figure) -> float:
    known = [one for one in (figure.value, figure.low, figure.high) if one is not None]
    return float(known[0])


def _stock(row: Mapping[str, Any]) -> StockTarget:
    figure = _figure(row["figure"])
    return StockTarget(
        row["output"], tuple(row["places"]), figure.period_end, figure.value, figure.low if figure.value is None else None,
        figure.high if figure.value is None else None, figure.approx, float(row["spread"]), figure.figure_id,
        figure.source,
    )  # fmt: skip


def _bears(target: StockTarget, world: World) -> bool:
    here = {place.id for group in (world.zones, world.systems, world.camps) for place in group}
    return 60 <= (target.day - world.as_of).days <= _NEAREST_DAYS and set(target.places) <= here
