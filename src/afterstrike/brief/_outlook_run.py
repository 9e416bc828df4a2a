"""A world's run as the brief keeps it: every answer, the bands of attacks, the spread, what is assumed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ._outlook_model import (
    FanMonth,
    Outlook,
    OutlookAnswer,
    OutlookAssumed,
    OutlookEvent,
    OutlookNumber,
    OutlookScenario,
    OutlookSource,
    SpreadPart,
)

if TYPE_CHECKING:
    from ..containment import World
    from ..containment._questions import Answer, Answers

__all__ = ["RunSettings", "run_world"]

RunSettings = tuple[int, int, int, int]
"""Members, repeats of a prior draw among them, base draws of the spread, seed."""


def run_world(world: World, settings: RunSettings, progress: Callable[[str], None]) -> Outlook:
    """Answer all questions from a world; which of them an article raises is seen to later.

    Parameters
    ----------
    world
        The world to run.
    settings
        How many runs.
    progress
        Called with a word or two at each stage.
    """
    from ..containment._questions import answer_questions

    members, repeats, drivers_n, seed = settings
    found = answer_questions(
        world,
        members=members,
        repeats=repeats,
        drivers_n=drivers_n,
        seed=seed,
        progress=lambda stage: progress(f"what may come next: {stage.replace('_', ' ')}"),
    )
    base = found.runs.base
    assumed = [number for number in world.numbers.values() if number.is_assumption]
    return Outlook(
        world=world.name,
        title=world.title,
        as_of=world.as_of.isoformat(),
        group=world.group,
        areas=world.areas,
        world_sha256=world.sha256,
        numbers=len(world.numbers),
        assumed=len(assumed),
        start=base.start.isoformat(),
        until=base.periods[-1].isoformat(),
        members=members,
        draws=members // repeats,
        seed=seed,
        events=tuple(
            OutlookEvent(event.date.isoformat(), event.what, OutlookSource(event.source, event.source_url))
            for event in world.events
            if event.date > world.as_of
        ),
        answers=tuple(_answer(world, answer) for answer in found.answers),
        scenarios=tuple(
            OutlookScenario(name, one.scenario.title, tuple(one.scenario.assumptions))
            for name, one in found.runs.ensembles.items()
        ),
        assumptions=tuple(
            OutlookAssumed(one.name, float(one.low), float(one.high), one.unit, one.note) for one in assumed
        ),
        fan=_fan(found),
        spread=_spread(found),
    )


def _answer(world: World, answer: Answer) -> OutlookAnswer:
    return OutlookAnswer(
        key=answer.key,
        question=answer.question,
        standing=answer.standing,
        kind=answer.kind,
        text=answer.text,
        numbers=tuple(
            OutlookNumber(
                one.what, one.unit, _number(one.median), _number(one.low), _number(one.high),
                _number(one.level), one.basis,
            )
            for one in answer.figures
        ),
        sources=_linked(world, answer.sources),
        raised=(),
    )  # fmt: skip


def _number(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _linked(world: World, names: Iterable[str]) -> tuple[OutlookSource, ...]:
    """Give each publication with every address under which the world, or else a shipped figure of strikes in its countries,
    cites it."""
    from ..containment._forecast._cases import STRIKE_MEASURES
    from ..record import shipped

    known: dict[str, dict[str, None]] = {}
    for number in world.numbers.values():
        known.setdefault(number.source, {})[number.source_url or ""] = None
    for event in world.events:
        known.setdefault(event.source, {})[event.source_url] = None
    cited = dict(known)
    for figure in shipped.figures():
        is_used = figure.measure in STRIKE_MEASURES and set(figure.area.split("+")) & set(world.areas)
        if figure.source not in cited and is_used:
            known.setdefault(figure.source, {})[figure.source_url or ""] = None
    return tuple(
        OutlookSource(name, url) for name in dict.fromkeys(names) for url in known.get(name, {"": None})
    )


def _fan(found: Answers) -> tuple[FanMonth, ...]:
    from ..containment._figure import fan_rows

    return tuple(FanMonth(**row) for row in fan_rows(found.runs.base, "attacks", "rate"))


def _spread(found: Answers) -> tuple[SpreadPart, ...]:
    if found.runs.drivers is None:
        return ()
    names = ("output", "group", "first", "first_low", "first_high", "total", "total_low", "total_high")
    rows = [row for row in found.runs.drivers.table.to_dict("records") if not row["reason"]]
    return tuple(SpreadPart(**{name: row[name] for name in names}) for row in rows)
