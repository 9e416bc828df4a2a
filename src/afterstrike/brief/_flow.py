"""The verdict on a number over a period: the same period, or the latest running total, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from afterstrike.brief._compare import answers
from afterstrike.brief._context import cue
from afterstrike.brief._figure import area_label, evidence_of, said_by, when_of, words_of
from afterstrike.brief._period import When
from afterstrike.brief._target import Target
from afterstrike.brief._weigh import Outcome, agreement, conflict, floor_of, weigh, written
from afterstrike.brief._words import day, joined, period
from afterstrike.record.shipped import Figure, Measure

__all__ = ["judge_flow", "outside"]

NEWS_DAYS = 7  # news without a date is taken to be of the week before publication
RUNNING_DAYS = 120  # how long a running total may stand for a later day


def outside(target: Target, measure: Measure, near: Sequence[Figure], why: str) -> Outcome:
    """Say that no figure covers the date or period, with the nearest ones beside it."""
    anchor = target.whens[0].end if target.whens else target.published or date.today()
    known = [f for f in near if target.published is None or f.period_end <= target.published]
    closest = sorted(known, key=lambda f: abs((f.period_end - anchor).days))[:2]
    shown = joined(f"{words_of(f)} {when_of(f, measure)}" for f in closest)
    tail = f" Nearest, for other dates: {shown}." if shown else ""
    return Outcome(
        "outside_record",
        f"No figure for {measure.label} in {area_label(target.area or '')} covers this date or "
        f"period: {why}.{tail}",
        rule="no figure for this period",
        evidence=tuple(
            evidence_of(f, measure, "another date: beside the claim, not against it") for f in closest
        ),
        measure=measure.id,
    )


def judge_flow(target: Target, measure: Measure, known: list[Figure]) -> Outcome:
    """Hold a number over a period against the figures of the same period, or against running totals."""
    when = target.whens[0] if len(target.whens) == 1 else None
    if when is not None and when.kind == "period":
        same = _closest([f for f in known if _same_period(f, when.start, when.end)], known, when)
        if same:
            return replace(weigh(target, measure, same, same), assumption=when.assumption)
        running = [
            f for f in _running(known) if abs((f.period_start - when.start).days) <= 62 and when.days > 62
        ]
        if running:
            return _total(target, measure, running, when.end, when.assumption)
        return replace(
            outside(target, measure, known, f"none is for {period(when.start, when.end)}"),
            assumption=when.assumption,
        )
    running = _running(known)
    if when is not None and when.kind == "since":
        running = [
            f for f in running
            if when.start <= f.period_start <= when.start + timedelta(days=366)
            or abs((f.period_start - when.start).days) <= 31
        ]  # fmt: skip
    total = (
        when is not None or target.quantity.cumulative or cue("in_total").search(target.segment) is not None
    )
    if running and total and not (when is None and target.whens):
        ref = when.end if when is not None else target.published
        if ref is not None:
            assumed = when.assumption if when is not None else f"assuming publication on {ref.isoformat()}"
            return _total(target, measure, running, ref, assumed)
    if not target.whens and target.published is not None:
        recent = _just_before(target, measure, known)
        if recent is not None:
            return recent
    return _undated_flow(target, measure, known)


def _undated_flow(target: Target, measure: Measure, known: list[Figure]) -> Outcome:
    why = "names several dates" if target.whens else "names no period"
    anchor = target.published or max(f.period_end for f in known)
    closest = sorted(known, key=lambda f: abs((f.period_end - anchor).days))[:2]
    shown = joined(f"{words_of(f)} {when_of(f, measure)}" for f in closest)
    return Outcome(
        "not_checkable",
        f"The sentence {why} for this count of {measure.label}, so no figure can be held against it. "
        f"Nearest in time: {shown}.",
        rule="no period stated",
        evidence=tuple(evidence_of(f, measure, "beside the claim, not against it") for f in closest),
        measure=measure.id,
    )


def _same_period(figure: Figure, start: date, end: date) -> bool:
    length = max((end - start).days + 1, (figure.period_end - figure.period_start).days + 1)
    slack = 1 if length <= 10 else 3
    return abs((figure.period_start - start).days) <= slack and abs((figure.period_end - end).days) <= slack


def _closest(same: list[Figure], known: list[Figure], when: When) -> list[Figure]:
    """Of the running totals that end within the slack, those of the day itself; two days on it has grown."""

    def off(f: Figure) -> int:
        return abs((f.period_start - when.start).days) + abs((f.period_end - when.end).days)

    running = [f for f in _running(known) if f in same]
    nearest = min((off(f) for f in running), default=0)
    return [f for f in same if f not in running or off(f) == nearest]


def _running(known: list[Figure]) -> list[Figure]:
    """Figures that count from one fixed day on: several ends, one start, or longer than a year."""
    starts: dict[date, set[date]] = {}
    for f in known:
        starts.setdefault(f.period_start, set()).add(f.period_end)
    calendar = {f.figure_id for f in known if f.period_start.day == 1 and f.period_start.month == 1}
    return [
        f for f in known
        if f.figure_id not in calendar
        and (len(starts[f.period_start]) > 1 or (f.period_end - f.period_start).days > 366)
    ]  # fmt: skip


def _just_before(target: Target, measure: Measure, known: list[Figure]) -> Outcome | None:
    """News without a date: a figure of the days before publication may support it, never contradict it."""
    published = target.published or date.today()
    near = [
        f for f in known
        if 0 <= (published - f.period_end).days <= NEWS_DAYS and (f.period_end - f.period_start).days <= 10
    ]  # fmt: skip
    agreeing = [f for f in near if answers(target.interval, target.value, f, measure.tolerance) == "agrees"]
    if not agreeing:
        return None
    outcome = agreement(target, measure, agreeing)
    note = f"assuming publication on {published.isoformat()} and that the event of the days before is meant"
    return replace(outcome, assumption=note)


def _total(
    target: Target, measure: Measure, running: list[Figure], ref: date, assumption: str | None
) -> Outcome:
    """Hold a running total against the latest one on or before its day, with room for growth since."""
    before = [f for f in running if f.period_end <= ref + timedelta(days=1)]
    if not before:
        return replace(
            outside(target, measure, running, "the earliest total is later"), assumption=assumption
        )
    latest_end = max(f.period_end for f in before)
    latest = [f for f in before if f.period_end >= latest_end - timedelta(days=1)]
    results = [answers(target.interval, target.value, f, measure.tolerance) for f in latest]
    if "agrees" in results or conflict(latest, measure):
        return replace(weigh(target, measure, latest, latest), assumption=assumption)
    newest = max(latest, key=lambda f: f.period_end)
    age = (ref - newest.period_end).days
    older = [f for f in before if f not in latest]
    fits = [f for f in older if answers(target.interval, target.value, f, measure.tolerance) == "agrees"]
    if fits and target.value < min(floor_of(f) for f in latest):
        last_fit = max(fits, key=lambda f: f.period_end)
        return Outcome(
            "outdated",
            f"This was the running total to {day(last_fit.period_end)} ({words_of(last_fit)}, "
            f"{said_by(last_fit)}); "
            f"by {day(newest.period_end)} it was {words_of(newest)} ({said_by(newest)}).",
            rule="an earlier running total fits, a later one before publication does not",
            tolerance=written(measure),
            assumption=assumption,
            evidence=tuple(evidence_of(f, measure) for f in (last_fit, newest)),
            measure=measure.id,
        )
    # A total can only grow; three times its average growth is more than any campaign's quiet end needs.
    days = max(1, (newest.period_end - newest.period_start).days)
    room = floor_of(newest) * (1 + 3 * max(0, age) / days) * (1 + measure.tolerance)
    below = target.interval[1] < floor_of(newest) * (1 - measure.tolerance)
    if not below and (age > RUNNING_DAYS or target.interval[0] <= room):
        why = f"the latest total is {age} days older and may have grown"
        return replace(outside(target, measure, before, why), assumption=assumption)
    return replace(weigh(target, measure, [newest], latest), assumption=assumption)
