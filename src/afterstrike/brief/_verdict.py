"""The verdict on one number: figures of its own measure, area and time, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from afterstrike.brief._compare import answers
from afterstrike.brief._figure import area_label, evidence_of, said_by, when_of, words_of
from afterstrike.brief._target import Target, cue
from afterstrike.brief._weigh import Outcome, agreement, conflict, floor_of, weigh, written
from afterstrike.brief._words import day, joined, period, span
from afterstrike.record.shipped import Figure, Measure, areas

__all__ = ["Outcome", "judge"]

COMPANION_DAYS = 62  # figures this close to the latest one speak of the same time
NEWS_DAYS = 7  # news without a date is taken to be of the week before publication
RUNNING_DAYS = 120  # how long a running total may stand for a later day


def judge(target: Target, figures: Sequence[Figure]) -> Outcome | None:
    """Give the verdict on a quantity from all measures that may count it.

    Parameters
    ----------
    target : Target
        The quantity with its measures, area and time.
    figures : sequence of Figure
        All figures there are; those dated after publication are left out here.

    Returns
    -------
    Outcome or None
        None where no measure counts this quantity.
    """
    found = [one for m in target.measures if (one := _judge_measure(target, m, figures)) is not None]
    if not found:
        return None
    order = ["supported", "same_source", "contested", "outdated", "contradicted", "not_in_record"]
    # Where two measures could be meant, a contradiction by one of them alone proves nothing.
    decided = [o for o in found if o.verdict in order]
    if len(decided) > 1 and len({o.verdict for o in decided}) > 1:
        found = [
            o if o.verdict != "contradicted" else _abstain(o, "another measure may be meant") for o in found
        ]
    ranked = sorted(found, key=lambda o: order.index(o.verdict) if o.verdict in order else len(order))
    return ranked[0]


def _abstain(outcome: Outcome, why: str) -> Outcome:
    return replace(
        outcome,
        verdict="not_in_record",
        sentence=f"This number is not found in the figures held here, and they cannot rule it out: {why}.",
    )


def _judge_measure(target: Target, measure: Measure, figures: Sequence[Figure]) -> Outcome | None:
    target = _settled(target, measure)
    if target.area is None:
        if len(measure.areas) > 1 or not any(t.search(target.sentence) for t in measure.terms):
            return None
        return _no_area(target, measure, figures)
    target = _narrowed(target, measure, figures)
    if target.area not in measure.areas:
        return _other_area(target, measure, figures)
    if target.reasons:
        return Outcome(
            "not_checkable",
            f"The figures held here count {measure.label} as a level; {target.reasons[0]}, which "
            "they do not state.",
            rule="a change, part, plan or rate is not a level",
            measure=measure.id,
        )
    held = [f for f in figures if f.measure == measure.id and f.area == target.area]
    known = [f for f in held if target.published is None or f.period_end <= target.published]
    if not known:
        return _outside(target, measure, held, "none of them dates from before publication")
    return _stock(target, measure, known) if measure.kind == "stock" else _flow(target, measure, known)


def _settled(target: Target, measure: Measure) -> Target:
    """Where the number's own sentence names no area, a measure held for one area alone is meant for that one.

    Only if the article speaks of that area; and such a number is never contradicted.
    """
    known = areas()
    if target.area in known and len(measure.areas) == 1 and known[target.area].part_of == measure.areas[0]:
        # "al-Hol in north-east Syria": the figure's one place lies in the part that is named.
        return replace(target, area=measure.areas[0], area_sure=False)
    if target.area_sure or target.area_named or len(measure.areas) != 1 or not target.countries:
        return target
    own = set(measure.areas[0].split("-")[0].split("+"))
    return replace(target, area=measure.areas[0]) if target.countries & own else target


def _other_area(target: Target, measure: Measure, figures: Sequence[Figure]) -> Outcome:
    """No figure for the area itself; those of the country it lies in stand beside the claim."""
    parent = areas()[target.area].part_of if target.area in areas() else None
    near = [
        f
        for f in figures
        if f.measure == measure.id
        and f.area == parent
        and (target.published is None or f.period_end <= target.published)
    ]
    beside = sorted(near, key=lambda f: f.period_end)[-2:]
    shown = joined(f"{words_of(f)} {when_of(f, measure)}" for f in beside)
    tail = f" For {area_label(parent or '')} as a whole, at other times: {shown}." if shown else ""
    return Outcome(
        "outside_record",
        f"No figure for {measure.label} is held here for {area_label(target.area or '')}; "
        f"what is held is for {'; '.join(area_label(a) for a in measure.areas)}.{tail}",
        rule="no figure for this area",
        evidence=tuple(
            evidence_of(f, measure, "another area: beside the claim, not against it") for f in beside
        ),
        measure=measure.id,
    )


def _narrowed(target: Target, measure: Measure, figures: Sequence[Figure]) -> Target:
    """Where a sentence names two countries ("from Syria to Iraq") and figures exist for one only, "
    "take that one."""
    if target.area is None or "+" not in target.area or target.area in measure.areas:
        return target
    held = {f.area for f in figures if f.measure == measure.id} & set(target.area.split("+"))
    return replace(target, area=held.pop()) if len(held) == 1 else target


def _no_area(target: Target, measure: Measure, figures: Sequence[Figure]) -> Outcome:
    return Outcome(
        "not_checkable",
        f"The sentence does not say clearly for which country this number is meant; {measure.label} "
        f"are held here for {joined(area_label(a) for a in measure.areas)}.",
        rule="no area stated",
        measure=measure.id,
    )


def _outside(target: Target, measure: Measure, near: Sequence[Figure], why: str) -> Outcome:
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


# ------------------------------------------------------------------ numbers as of a day


def _stock(target: Target, measure: Measure, known: list[Figure]) -> Outcome:
    stands = timedelta(days=measure.stands_for_days or 120)
    when = target.whens[0] if len(target.whens) == 1 else None
    assumption = None
    if when is not None and when.kind != "since":
        first, last, assumption = when.start, when.end, when.assumption
        if target.published and last > target.published:
            last = target.published
    elif target.whens or cue("undated_past").search(target.segment):
        return _undated(target, measure, known, "the sentence speaks of another time or of several")
    elif target.published is None:
        return _undated(target, measure, known, "the article's date is not known")
    else:
        first = last = target.published
        assumption = f"assuming publication on {last.isoformat()}"
    present = when is None or (target.published is not None and (target.published - last).days <= 31)
    # A month or a year holds its own figures; for a single day those of the weeks before speak of it too.
    inside = [f for f in known if first <= f.period_end <= last] if (last - first).days >= 27 else []
    before = [f for f in known if f.period_end <= last]
    if not before:
        return replace(_outside(target, measure, known, "the earliest is later"), assumption=assumption)
    latest = max(before, key=lambda f: f.period_end)
    stale = _superseded(target, measure, before, latest) if present else None
    if stale is not None:
        return replace(stale, assumption=assumption)
    fresh = inside or [
        f for f in before if f.period_end >= latest.period_end - timedelta(days=COMPANION_DAYS)
    ]
    if not inside and last - latest.period_end > stands:
        age = span(latest.period_end, last)
        why = f"the latest is {age} older, and such a figure stands for {stands.days} days at most"
        return replace(_outside(target, measure, before, why), assumption=assumption)
    around = [f for f in known if abs((f.period_end - last).days) <= stands.days]
    outcome = weigh(target, measure, fresh, around)
    age_note = (
        ""
        if inside or latest.period_end == last
        else f" The latest figure is {span(latest.period_end, last)} older than the claim."
    )
    return replace(outcome, assumption=assumption, sentence=outcome.sentence + age_note)


def _undated(target: Target, measure: Measure, known: list[Figure], why: str) -> Outcome:
    latest = sorted(known, key=lambda f: f.period_end)[-1:]
    return Outcome(
        "not_checkable",
        f"It cannot be told for which day this number is meant: {why}.",
        rule="no day stated",
        evidence=tuple(evidence_of(f, measure, "beside the claim, not against it") for f in latest),
        measure=measure.id,
    )


def _superseded(target: Target, measure: Measure, before: list[Figure], latest: Figure) -> Outcome | None:
    """An old number repeated: an earlier figure fits, and later ones before publication do not."""
    recent = [f for f in before if f.period_end >= latest.period_end - timedelta(days=COMPANION_DAYS)]
    if any(answers(target.interval, target.value, f, measure.tolerance) == "agrees" for f in recent):
        return None
    older = [f for f in before if f not in recent and f.period_end < latest.period_end]
    fits = [f for f in older if answers(target.interval, target.value, f, measure.tolerance) == "agrees"]
    if not fits or conflict(recent, measure):
        return None
    last_fit = max(fits, key=lambda f: f.period_end)
    after = sorted((f for f in before if f.period_end > last_fit.period_end), key=lambda f: f.period_end)
    if not any(answers(target.interval, target.value, f, measure.tolerance) == "differs" for f in after):
        return None
    shown = [last_fit, after[0], latest] if after[0] is not latest else [last_fit, latest]
    return Outcome(
        "outdated",
        f"This was the figure {when_of(last_fit, measure)} ({words_of(last_fit)}, {said_by(last_fit)}); "
        f"by {day(latest.period_end)} it was {words_of(latest)} ({said_by(latest)}).",
        rule="an earlier figure fits, a later one before publication does not",
        tolerance=written(measure),
        evidence=tuple(evidence_of(f, measure) for f in shown),
        measure=measure.id,
    )


# ------------------------------------------------------------------ numbers over a period


def _flow(target: Target, measure: Measure, known: list[Figure]) -> Outcome:
    when = target.whens[0] if len(target.whens) == 1 else None
    if when is not None and when.kind == "period":
        same = [f for f in known if _same_period(f, when.start, when.end)]
        if same:
            return replace(weigh(target, measure, same, same), assumption=when.assumption)
        running = [
            f for f in _running(known) if abs((f.period_start - when.start).days) <= 62 and when.days > 62
        ]
        if running:
            return _total(target, measure, running, when.end, when.assumption)
        return replace(
            _outside(target, measure, known, f"none is for {period(when.start, when.end)}"),
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
            _outside(target, measure, running, "the earliest total is later"), assumption=assumption
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
        return replace(_outside(target, measure, before, why), assumption=assumption)
    return replace(weigh(target, measure, [newest], latest), assumption=assumption)
