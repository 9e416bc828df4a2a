"""Weighing figures of one measure, area and time against a claim: agreement, conflict, difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from afterstrike.brief._compare import answers, exactly
from afterstrike.brief._figure import (
    area_label,
    evidence_of,
    family_names,
    family_of,
    interval_of,
    middle_of,
    said_by,
    when_of,
    words_of,
)
from afterstrike.brief._model import Evidence, Verdict
from afterstrike.brief._part import part_of_whole
from afterstrike.brief._target import Target
from afterstrike.brief._words import joined, number
from afterstrike.reading._claim import Claim
from afterstrike.record.shipped import Figure, Measure

__all__ = ["Outcome", "agreement", "conflict", "floor_of", "weigh", "written"]


ANOTHER_SIZE = 12  # a slip of the pen is ten times too much; more than that is more likely another count


@dataclass(frozen=True)
class Outcome:
    """A verdict on one quantity, before quantities of a claim are brought together."""

    verdict: Verdict
    sentence: str
    rule: str
    tolerance: str | None = None
    assumption: str | None = None
    evidence: tuple[Evidence, ...] = ()
    measure: str | None = None


def written(measure: Measure) -> str:
    if measure.tolerance == 0:
        return f"the number must be equal. {measure.tolerance_reason}"
    return f"within {measure.tolerance:.0%} of the figure. {measure.tolerance_reason}"


def floor_of(figure: Figure) -> float:
    """Give the lowest number a running total allows."""
    return interval_of(figure)[0] or interval_of(figure)[1]


def conflict(figures: Sequence[Figure], measure: Measure) -> list[tuple[Figure, Figure]]:
    """Pairs of independent sources that cannot both be right within the tolerance."""
    out = []
    for i, one in enumerate(figures):
        for other in figures[i + 1 :]:
            if family_of(one.origin) == family_of(other.origin):
                continue
            if answers(interval_of(one), middle_of(one), other, measure.tolerance) == "differs":
                out.append((one, other))
    return out


def agreement(target: Target, measure: Measure, agreeing: Sequence[Figure]) -> Outcome:
    own = family_of(target.claim.source) if target.claim.source else None
    families = {family_of(f.origin) for f in agreeing} - {own}
    said = joined(f"{words_of(f)} {when_of(f, measure)} ({said_by(f)})" for f in _one_each(agreeing))
    verdict: Literal["supported", "same_source"] = "supported" if len(families) > 1 else "same_source"
    near = all(exactly(target.value, f) for f in agreeing)
    how = "The figures agree" if near else "This lies within the tolerance of the figures"
    if verdict == "supported":
        sentence = f"{how}, and they come from two or more independent sources: {said}."
    elif not families:
        sentence = f"{how}, but they come from the one who is quoted: {said}."
    else:
        sentence = f"{how}, but only one origin is held here: {said}."
    return Outcome(
        verdict,
        sentence,
        rule="two independent origins agree" if verdict == "supported" else "a single origin agrees",
        tolerance=written(measure),
        evidence=tuple(evidence_of(f, measure) for f in agreeing),
        measure=measure.id,
    )


def _one_each(figures: Sequence[Figure]) -> list[Figure]:
    seen: dict[tuple[str, str], Figure] = {}
    for f in figures:
        seen.setdefault((family_of(f.origin), words_of(f)), f)
    return list(seen.values())[:4]


def weigh(target: Target, measure: Measure, same: Sequence[Figure], around: Sequence[Figure]) -> Outcome:
    """Weigh figures of one measure, area and time against the claim."""
    sorted_into: dict[str, list[Figure]] = {"agrees": [], "allows": [], "differs": []}
    for f in same:
        sorted_into[answers(target.interval, target.value, f, measure.tolerance)].append(f)
    agrees, differs = sorted_into["agrees"], sorted_into["differs"]
    clash = conflict(same, measure)
    if clash and (differs or not agrees):
        said = joined(f"{words_of(f)} ({said_by(f)})" for f in _one_each(same))
        return Outcome(
            "contested",
            f"The sources do not agree with each other: {said}. "
            + ("The number given is one side's." if agrees else "None of them gives this number."),
            rule="sources of one measure, area and time differ by more than the tolerance",
            tolerance=written(measure),
            evidence=tuple(evidence_of(f, measure) for f in same),
            measure=measure.id,
        )
    if agrees:
        return agreement(target, measure, agrees)
    if differs and not sorted_into["allows"]:
        return _difference(target, measure, differs, around)
    return _silent(target, measure, same, "the figure is an open bound that this number does not break")


def _silent(target: Target, measure: Measure, same: Sequence[Figure], why: str) -> Outcome:
    said = joined(f"{words_of(f)} {when_of(f, measure)} ({said_by(f)})" for f in _one_each(same))
    return Outcome(
        "not_in_record",
        f"This number is not found in the figures held here, which give {said}. They do not rule "
        f"it out: {why}. "
        "That is not evidence that it is wrong.",
        rule="not found, not ruled out",
        tolerance=written(measure),
        evidence=tuple(evidence_of(f, measure) for f in same),
        measure=measure.id,
    )


def _difference(
    target: Target, measure: Measure, differs: Sequence[Figure], around: Sequence[Figure]
) -> Outcome:
    """A contradiction, unless something leaves a doubt that it is the same thing at the same time."""
    # An open bound ("more than 9,000") stands here for the number it names, not for everything above it.
    named = [x for f in around for x in (middle_of(f), f.low, f.high) if x is not None]
    between = min(named) * (1 - measure.tolerance) <= target.value <= max(named) * (1 + measure.tolerance)
    known = " ".join(
        [measure.label, measure.counts, *(t.pattern for t in measure.terms), *(_told(f) for f in differs)]
    )
    places = target.places if target.read != target.sentence else target.claim.places
    part = part_of_whole(places, target.read, target.words, target.area, known)
    doubts = [part] if part else []
    doubts += target.doubts
    if target.taken and not 1 / ANOTHER_SIZE < target.value / max(middle_of(differs[0]), 1e-9) < ANOTHER_SIZE:
        doubts.append("it is of another order of size, so something else may be counted")
    if not target.area_sure:
        doubts.append("the sentence does not name the country itself")
    if not target.when_sure and target.whens:
        doubts.append("the sentence names several dates")
    if between and measure.kind == "stock":
        doubts.append("it lies between figures of the time around it")
    if exactly(target.value, differs[0]) or (
        target.quantity.approx and _near(target, differs, 2 * measure.tolerance)
    ):
        doubts.append("it is given as approximate and is not far off")
    if any("weak" in (f.note or "").lower() or "probably" in (f.note or "").lower() for f in differs):
        doubts.append("the figure itself is marked as weak")
    if doubts:
        return _silent(target, measure, differs, doubts[0])
    said = joined(f"{words_of(f)} {when_of(f, measure)} ({said_by(f)})" for f in _one_each(differs))
    if _speaks_for_itself(target.claim, differs):
        return Outcome(
            "contested",
            f"{target.claim.source}, as quoted, gives {number(target.value)}; "
            "for the same measure, area and time "
            f"another source gives {said}. One word stands against another.",
            rule="the source quoted and one independent source differ by more than the tolerance",
            tolerance=written(measure),
            evidence=tuple(evidence_of(f, measure) for f in differs),
            measure=measure.id,
        )
    return Outcome(
        "contradicted",
        f"The article gives {number(target.value)}; the figures for the same measure, area and "
        f"time give {said}.",
        rule="same measure, area and time, outside the tolerance, sources do not conflict",
        tolerance=written(measure),
        evidence=tuple(evidence_of(f, measure) for f in differs),
        measure=measure.id,
    )


def _speaks_for_itself(claim: Claim, differs: Sequence[Figure]) -> bool:
    """A named source with a count of its own is not contradicted by a single other source.

    Who only believes a number has no count of its own.
    """
    if claim.attribution_kind not in (None, "says"):
        return False
    if not claim.source or claim.source_kind not in ("organisation", "media", "official", "person"):
        return False
    own = family_of(claim.source)
    # "officials" or "the air force" without a country may be anybody's, the figure's own among them.
    if claim.source_kind == "official" and not own.startswith("government of") and own not in family_names():
        return False
    families = {family_of(f.origin) for f in differs}
    return own not in families and len(families) == 1


def _told(figure: Figure) -> str:
    return f"{figure.note or ''} {area_label(figure.area)}"


def _near(target: Target, figures: Sequence[Figure], tolerance: float) -> bool:
    return any(answers(target.interval, target.value, f, tolerance) != "differs" for f in figures)
