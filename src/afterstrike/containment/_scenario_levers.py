"""From lines to the arrays of the model: places, dates and limits are checked first, all faults at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from ._layout import CAMP_LEVERS, CUSTODY_LEVERS, ZONE_LEVERS, Levers
from ._scenario_grammar import LEVERS, MOST_MOVED_A_DAY, Change, nearest, outside

if TYPE_CHECKING:
    from ._world import World

__all__ = ["check_changes", "levers_of", "warnings_of"]

Array = np.ndarray[Any, Any]
Span = tuple[int, int]
_KINDS = {
    "zone": "zones",
    "system": "custody systems",
    "pair": "custody systems",
    "camp": "camps",
    "seam": "seams",
}


def _places(world: World, kind: str) -> list[str]:
    """Give the ids a lever of this kind may name."""
    if kind == "seam":
        return [f"{a}/{b}" for a, b in world.seams]
    found = {"zone": world.zones, "system": world.systems, "pair": world.systems, "camp": world.camps}
    return [place.id for place in found.get(kind, ())]


def _index(world: World, kind: str, place: str) -> int | None:
    """Give the number of a place; a seam may be named from either side."""
    known = _places(world, kind)
    if kind == "seam" and place not in known:
        place = "/".join(reversed(place.split("/")))
    return known.index(place) if place in known else None


def _span(change: Change, start: date, days: int) -> Span:
    """Give the days of the run on which a change holds, the second one past the last.

    A loss of command is of one day where the line names no last day: it is a shock, not a state.
    """
    first = (change.first.on(start) - start).days
    if change.last is not None:
        return first, min((change.last.on(start) - start).days + 1, days)
    return first, first + 1 if change.lever == "command" else days


def _targets(change: Change, world: World) -> list[tuple[int, ...]]:
    """Give the cells a change acts on: of places, or of pairs of them."""
    kind = LEVERS[change.lever].kind
    if kind == "world":
        return [()]
    if kind == "pair":
        pair = [_index(world, kind, place) for place in (change.place, change.towards)]
        return [tuple(int(i) for i in pair if i is not None)]
    if not change.place:
        return [(i,) for i in range(len(_places(world, kind)))]
    at = _index(world, kind, change.place)
    return [] if at is None else [(at,)]


def check_changes(changes: Sequence[Change], world: World, start: date, days: int) -> list[str]:
    """Give everything that is wrong with changes in a run of `days` days of a world; empty: nothing."""
    faults: list[str] = []
    sound: list[Change] = []
    end = start + timedelta(days=days - 1)
    for change in changes:
        wrong = _wrong_places(change, world) + _wrong_days(change, start, end)
        faults += [f"{change.text!r}: {words}" for words in wrong]
        if not wrong:
            sound.append(change)
    faults += _contradictions(sound, world, start, days)
    return faults or _values_outside(sound, world, start, days)


def _wrong_places(change: Change, world: World) -> list[str]:
    kind = LEVERS[change.lever].kind
    if kind == "world":
        return []
    known, named = _places(world, kind), [name for name in (change.place, change.towards) if name]
    return [
        f"{change.lever} acts on {_KINDS[kind]}, and the world {world.name} has none named {name!r}; "
        f"{nearest(name, known)}"
        for name in named
        if _index(world, kind, name) is None
    ]


def _wrong_days(change: Change, start: date, end: date) -> list[str]:
    first = change.first.on(start)
    last = change.last.on(start) if change.last is not None else None
    run = f"the run goes from {start} to {end}"
    if last is not None and last < first:
        return [f"it ends on {last}, before it begins on {first}"]
    if first > end:
        return [f"it begins on {first}, after the run has ended: {run}"]
    if last is not None and last < start:
        return [f"it ends on {last}, before the run begins: {run}"]
    if first < start:
        return [f"it begins on {first}, before the run does: {run}; write start"]
    return []


def _contradictions(changes: Sequence[Change], world: World, start: date, days: int) -> list[str]:
    """Two lines that set one lever of one place on one day to different values; neither can win."""
    faults: list[str] = []
    setting = [change for change in changes if change.op == "="]
    for i, one in enumerate(setting):
        for other in setting[i + 1 :]:
            if one.lever != other.lever or one.value == other.value or bool(one.place) != bool(other.place):
                continue
            a, b = _span(one, start, days), _span(other, start, days)
            shared = set(_targets(one, world)) & set(_targets(other, world))
            first, last = max(a[0], b[0]), min(a[1], b[1]) - 1
            if shared and first <= last:
                faults.append(
                    f"{one.text!r} and {other.text!r} set {one.lever} to different values from "
                    f"{start + timedelta(days=first)} to {start + timedelta(days=last)}; give the earlier line "
                    "a last day, or add with +"
                )
    for change in changes:
        if change.op != "x" or LEVERS[change.lever].neutral != 0:
            continue
        if not any(c.lever == change.lever and c.op in ("=", "+") for c in changes):
            faults.append(
                f"{change.text!r}: {change.lever} is 0 unless a line sets it, and 0 times anything is 0"
            )
    return faults


def _daily(name: str, shape: tuple[int, ...], changes: Sequence[Change], world: World, start: date) -> Array:
    """Give a lever day by day: what is set (a line for a place goes before one for all), times what multiplies,
    plus what adds. The order of the lines does not matter."""
    days = shape[0]
    base, times, plus = np.full(shape, float(LEVERS[name].neutral)), np.ones(shape), np.zeros(shape)
    mine = [change for change in changes if change.lever == name]
    for change in sorted(mine, key=lambda change: bool(change.place)):
        first, past = _span(change, start, days)
        for target in _targets(change, world):
            cell: Any = (slice(first, past), *target)
            if change.op == "=":
                base[cell] = change.value
            elif change.op == "x":
                times[cell] *= change.value
            else:
                plus[cell] += change.value if change.op == "+" else -change.value
    return base if math.isnan(LEVERS[name].neutral) or name == "campaign" else base * times + plus


def _shape(name: str, world: World, days: int) -> tuple[int, ...]:
    kind = LEVERS[name].kind
    count = len(_places(world, kind))
    return {"world": (days,), "pair": (days, count, count)}.get(kind, (days, count))


def _values_outside(changes: Sequence[Change], world: World, start: date, days: int) -> list[str]:
    """Lines that are each allowed may together leave the limits."""
    faults = []
    for name in dict.fromkeys(change.lever for change in changes):
        daily = _daily(name, _shape(name, world, days), changes, world, start)
        lever = LEVERS[name]
        beyond = daily[(daily < lever.low - 1e-9) | (daily > lever.high + 1e-9)]
        if beyond.size:
            worst = max(beyond.tolist(), key=lambda value: max(value - lever.high, lever.low - value))
            texts = "; ".join(repr(change.text) for change in changes if change.lever == name)
            faults.append(f"{texts}: {outside(name, worst)}")
    return faults


def levers_of(
    name: str, changes: Sequence[Change], world: World, start: date, steps: int, step_days: float
) -> Levers:
    """Give the arrays of the model for changes of a scenario `name`; see `Scenario.levers`."""
    if steps < 1 or not step_days > 0:
        raise UsageError(
            f"steps={steps}, step_days={step_days}; allowed at least one step, longer than no time"
        )
    # 1e-9: three steps of a third of a day are one day, not one and a little.
    days = max(1, math.ceil(steps * step_days - 1e-9))
    if faults := check_changes(changes, world, start, days):
        raise UsageError(f"scenario {name}: " + "; ".join(faults))
    made = Levers.neutral(
        steps,
        zones=len(world.zones),
        systems=len(world.systems),
        camps=len(world.camps),
        seams=len(world.seams),
    )
    # A step takes the day its middle lies in.
    of_step = np.minimum(((np.arange(steps) + 0.5) * step_days).astype(int), days - 1)
    for lever in dict.fromkeys(change.lever for change in changes):
        daily = _daily(lever, _shape(lever, world, days), changes, world, start)
        if lever == "command":
            made.zone[:, :, ZONE_LEVERS.index(lever)] = _once_a_day(daily, steps, step_days)
            continue
        values = daily[of_step]
        if lever in ZONE_LEVERS:
            made.zone[:, :, ZONE_LEVERS.index(lever)] = values
        elif lever in CUSTODY_LEVERS:
            made.custody[:, :, CUSTODY_LEVERS.index(lever)] = values
        elif lever in CAMP_LEVERS:
            made.camp[:, :, CAMP_LEVERS.index(lever)] = values
        elif lever == "coordination":
            made.coordination[:] = values
        elif lever == "transfer":
            made.transfers[:] = values
        else:
            made.campaign[:] = values
    return made


def _once_a_day(daily: Array, steps: int, step_days: float) -> Array:
    """Give the loss a step: each day's loss falls in the step its beginning lies in, and losses compound."""
    kept = np.ones((steps, daily.shape[1]))
    for day, losses in enumerate(daily):
        kept[min(int(day / step_days + 1e-9), steps - 1)] *= 1 - losses
    return 1 - kept


def warnings_of(changes: Sequence[Change], world: World, start: date, days: int) -> list[str]:
    """Give what is allowed but should be said.

    Lines that find nothing to act on, and more persons moved a day, all places together, than on record.
    """
    told = []
    for change in changes:
        kind = LEVERS[change.lever].kind
        if kind != "world" and not change.place and not _places(world, kind):
            told.append(f"{change.text!r} does nothing: the world {world.name} has no {_KINDS[kind]}")
    for lever in ("repatriation", "adjudication", "transfer"):
        if not any(change.lever == lever for change in changes):
            continue
        daily = _daily(lever, _shape(lever, world, days), changes, world, start)
        most = daily.reshape(days, -1).sum(axis=1).max()
        if most > MOST_MOVED_A_DAY:
            told.append(f"{lever}: up to {most:g} persons a day over all places together; {_MOST_ON_RECORD}")
    return told


_MOST_ON_RECORD = "the most on record is about 248 a day, by air, over 23 days of early 2026"
