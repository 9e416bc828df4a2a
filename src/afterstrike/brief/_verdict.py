"""The verdict on one number: figures of its own measure, area and time, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from afterstrike.brief._compare import answers
from afterstrike.brief._context import cue
from afterstrike.brief._figure import (
    area_label,
    evidence_of,
    family_of,
    interval_of,
    middle_of,
    said_by,
    when_of,
    words_of,
)
from afterstrike.brief._flow import judge_flow, outside
from afterstrike.brief._target import Target
from afterstrike.brief._weigh import Outcome, conflict, weigh, written
from afterstrike.brief._words import day, joined, span
from afterstrike.record.shipped import Figure, Measure, areas

__all__ = ["Outcome", "judge"]

COMPANION_DAYS = 62  # figures this close to the latest one speak of the same time


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
    if target.doubts:
        open_ones = ("contradicted", "outdated")
        found = [_abstain(o, target.doubts[0]) if o.verdict in open_ones else o for o in found]
    # Where two measures could be meant, a contradiction by one of them alone proves nothing.
    decided = [o for o in found if o.verdict in order]
    if len(decided) > 1 and len({o.verdict for o in decided}) > 1:
        found = [
            o if o.verdict != "contradicted" else _abstain(o, "another measure may be meant") for o in found
        ]
    ranked = sorted(found, key=lambda o: order.index(o.verdict) if o.verdict in order else len(order))
    return _disowned(target, _with_taken(target, ranked[0]))


def _with_taken(target: Target, outcome: Outcome) -> Outcome:
    """Say what the number's own sentence does not hold and was taken from those before."""
    if not target.taken or outcome.verdict == "not_checkable":
        return outcome
    return replace(
        outcome, sentence=f"{outcome.sentence} Taken from the sentences before: {joined(target.taken)}."
    )


def _disowned(target: Target, outcome: Outcome) -> Outcome:
    """A number the text itself denies is not its claim; what is held is said all the same."""
    if target.disowned is None or outcome.verdict in ("not_checkable", "outside_record"):
        return outcome
    held = joined(e.text.rstrip(".") for e in outcome.evidence[:2])
    return replace(
        outcome,
        verdict="not_checkable",
        sentence=f"The article does not give this number as its own: it {target.disowned}. "
        f"What is held here: {held}.",
        rule="a number the article itself denies",
    )


def _abstain(outcome: Outcome, why: str) -> Outcome:
    return replace(
        outcome,
        verdict="not_in_record",
        sentence=f"This number is not found in the figures held here, and they cannot rule it out: {why}.",
    )


def _judge_measure(target: Target, measure: Measure, figures: Sequence[Figure]) -> Outcome | None:
    target = _settled(target, measure)
    if target.area is None:
        if len(measure.areas) > 1 or not any(t.search(target.read) for t in measure.terms):
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
        return outside(target, measure, held, "none of them dates from before publication")
    return _stock(target, measure, known) if measure.kind == "stock" else judge_flow(target, measure, known)


def _settled(target: Target, measure: Measure) -> Target:
    """Where the number's own sentence names no area, a measure held for one area alone is meant for that one.

    Only if the article speaks of that area; and such a number is never contradicted.
    """
    known = areas()
    if measure.place == "none":
        # What is counted has no place: the countries a sentence names are not where the number is meant for.
        return replace(target, area=measure.areas[0], area_sure=True)
    if measure.place == "own" and target.area is None and not target.area_named:
        return replace(target, area=measure.areas[0], area_sure=False)
    if target.area in known and len(measure.areas) == 1 and known[target.area].part_of == measure.areas[0]:
        # "al-Hol in north-east Syria": the figure's one place lies in the part that is named.
        named = area_label(target.area) in measure.label
        return replace(target, area=measure.areas[0], area_sure=target.area_sure and named)
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
    if target.area is None:
        return target
    held = {f.area for f in figures if f.measure == measure.id}
    if measure.place == "own" and target.area in measure.areas and target.area not in held and len(held) == 1:
        # Those moved from Syria to Iraq are one number, whichever end of the way is named.
        return replace(target, area=held.pop())
    if "+" not in target.area or target.area in measure.areas:
        return target
    held &= set(target.area.split("+"))
    return replace(target, area=held.pop()) if len(held) == 1 else target


def _no_area(target: Target, measure: Measure, figures: Sequence[Figure]) -> Outcome:
    return Outcome(
        "not_checkable",
        f"The sentence does not say clearly for which country this number is meant; {measure.label} "
        f"are held here for {joined(area_label(a) for a in measure.areas)}.",
        rule="no area stated",
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
        return replace(outside(target, measure, known, "the earliest is later"), assumption=assumption)
    latest = max(before, key=lambda f: f.period_end)
    stale = _superseded(target, measure, before, latest) if present else None
    if stale is not None:
        return replace(stale, assumption=assumption)
    fresh = _standing(inside, measure) or _standing(_recent(before, latest), measure)
    if not inside and last - latest.period_end > stands:
        age = span(latest.period_end, last)
        why = f"the latest is {age} older, and such a figure stands for {stands.days} days at most"
        return replace(outside(target, measure, before, why), assumption=assumption)
    around = [f for f in known if abs((f.period_end - last).days) <= stands.days]
    outcome = weigh(target, measure, fresh, around)
    age_note = (
        ""
        if inside or latest.period_end == last
        else f" The latest figure is {span(latest.period_end, last)} older than the claim."
    )
    return replace(outcome, assumption=assumption, sentence=outcome.sentence + age_note)


def _recent(before: Sequence[Figure], latest: Figure) -> list[Figure]:
    return [f for f in before if f.period_end >= latest.period_end - timedelta(days=COMPANION_DAYS)]


def _standing(figures: Sequence[Figure], measure: Measure) -> list[Figure]:
    """Leave out what its own origin has since replaced by another number."""
    return [
        f for f in figures
        if not any(
            g.period_end > f.period_end
            and family_of(g.origin) == family_of(f.origin)
            and answers(interval_of(f), middle_of(f), g, measure.tolerance) == "differs"
            for g in figures
        )
    ]  # fmt: skip


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
    recent = _standing(_recent(before, latest), measure)
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
