"""What a number of an article is a statement of: measure, area and time, each as sure as the words allow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import inf

from afterstrike.brief._context import Context, context_of, cue, disowned, inherited_measures
from afterstrike.brief._part import other_actor
from afterstrike.brief._period import When
from afterstrike.brief._setting import area_of, names_area, names_elsewhere, spoken_of, whens_of
from afterstrike.brief._tables import table
from afterstrike.brief._words import parse_day, sentence_at
from afterstrike.reading._claim import Claim, Ledger, PlaceMention, Quantity
from afterstrike.record.shipped import Measure, matching_measures

__all__ = [
    "Target",
    "claim_interval",
    "other_numbers",
    "segment_of",
    "target_of",
    "words_of_quantity",
]


@dataclass(frozen=True)
class Target:
    """One quantity with what it is a statement of."""

    claim: Claim
    quantity: Quantity
    sentence: str
    segment: str  # the part of the sentence that is nearest to this quantity
    measures: tuple[Measure, ...]
    area: str | None
    area_sure: bool
    whens: tuple[When, ...]
    when_sure: bool
    published: date | None
    reasons: tuple[str, ...] = field(default=())  # why this number may not be contradicted
    before: str = ""  # the words just before the number
    area_named: bool = False  # the number's own sentence names some area
    countries: frozenset[str] = frozenset()  # countries of the shipped areas the article speaks of
    words: str = ""  # the number with the noun it counts
    read: str = ""  # its sentence, with those before where what is counted was taken from them
    taken: tuple[str, ...] = ()  # what was taken from the sentences before, in words
    doubts: tuple[str, ...] = ()  # why it may not be contradicted although measure, area and time fit
    disowned: str | None = None  # how the text itself parts with the number: "denies it"
    places: tuple[PlaceMention, ...] = ()  # all places of the article

    @property
    def value(self) -> float:
        """The number the claim names."""
        q = self.quantity
        named = next((x for x in (q.value, q.low, q.high) if x is not None), 0.0)
        return float(named)

    @property
    def interval(self) -> tuple[float, float]:
        """The lowest and highest number the claim allows."""
        return claim_interval(self.quantity, self.before)


_BOUND_BEFORE = re.compile(
    r"\b(up to|as many as|(?:no |not )?more than|over|at least|(?:no |not )?(?:fewer|less) than)\s+$",
    re.IGNORECASE,
)


def claim_interval(quantity: Quantity, before: str = "") -> tuple[float, float]:
    """Give lowest and highest number a quantity allows; an open side is 0 or infinite.

    Examples
    --------
    >>> claim_interval(Quantity("more than 70", 0, 12, 70.0, 70.0, None, "targets", "targets", False))
    (70.0, inf)
    """
    value = quantity.value
    low, high = quantity.low, quantity.high
    bound = _BOUND_BEFORE.search(before)
    words = f"{bound.group() if bound else ''}{quantity.text}"
    if value is None and low is None and high is None:
        return 0.0, inf
    if re.match(
        r"\W*(more than|over|at least|upwards of|in excess of|(?:no|not) (?:fewer|less) than|above)\b",
        words,
        re.I,
    ):
        named = low if low is not None else value
        return (named if named is not None else 0.0), inf
    if re.match(r"\W*(up to|as many as)\b", words, re.I):
        # "as many as 300" speaks of about 300 at most; half of it is no longer what is meant.
        named = high if high is not None else value
        return (0.5 * named, named) if named is not None else (0.0, inf)
    if re.match(r"\W*(fewer than|less than|under|at most|no more than|not more than|below)\b", words, re.I):
        named = high if high is not None else value if value is not None else low
        return 0.0, (named if named is not None else inf)
    if low is None and high is None and value is not None:
        return value, value
    return (low if low is not None else 0.0), (high if high is not None else inf)


def words_of_quantity(ledger: Ledger, quantity: Quantity, left: int, right: int) -> str:
    """Give a number with the noun it counts; without one of its own, the noun of the number before it."""
    about = quantity.about or ("" if quantity.unit else _inherited(ledger, left, right, quantity))
    return quantity.text if about in quantity.text else f"{quantity.text} {about}"


_COMPARED = re.compile(
    r",?\s*\b(?:(?:up|down)\s+(?:\w+ly\s+)?from|compared\s+(?:with|to)|versus|(?:more|fewer|less|higher|lower)\s+than)\b",
    re.IGNORECASE,
)


def segment_of(sentence: str, start: int, end: int, others: list[tuple[int, int]]) -> tuple[int, int]:
    """Give the stretch around a number up to its neighbours in the sentence."""
    left = max([b for a, b in others if b <= start], default=0)
    right = min([a for a, b in others if a >= end], default=len(sentence))
    # A list gives each number its own words up to the comma or "and" before the next number.
    if right < len(sentence):
        cut = list(re.finditer(r"[,;]\s|\band\b", sentence[end:right]))
        right = end + cut[-1].start() if cut else right
    if left > 0:
        cut = list(re.finditer(r"[,;]\s|\band\b", sentence[left:start]))
        left = left + cut[-1].end() if cut else left
    # What the number is compared with belongs to another number: "26 in February, up from 16 in January".
    compared = _COMPARED.search(sentence, end, right)
    return left, compared.start() if compared else right


def target_of(ledger: Ledger, claim: Claim, quantity: Quantity) -> Target | None:
    """Say what a quantity is a statement of; None where no shipped measure counts it.

    Parameters
    ----------
    ledger : Ledger
        The article, for the words around the claim.
    claim : Claim
        The claim the quantity belongs to.
    quantity : Quantity
        The number.
    """
    if quantity.figure_of_speech or quantity.unit in table("cues")["other_units"]:
        return None
    if quantity.value is None and quantity.low is None and quantity.high is None:
        return None
    left, right = sentence_at(ledger.text, quantity.start, quantity.end)
    sentence = ledger.text[left:right]
    start, end = quantity.start - left, quantity.end - left
    others = other_numbers(ledger, left, right, quantity)
    words = words_of_quantity(ledger, quantity, left, right)
    context = context_of(ledger, left, right)
    measures, read = matching_measures(words, sentence, start), sentence
    taken: list[str] = []
    if not measures and (measures := inherited_measures(words, sentence, start, context)):
        read = f"{context.text} {sentence}"
        taken.append("what is counted")
    if not measures:
        return None
    seg = segment_of(sentence, start, end, others)
    segment = sentence[seg[0] : seg[1]]
    area = area_of(ledger, sentence, segment, context)
    time = whens_of(ledger, sentence, segment, left, seg[0], context)
    around = sentence[max(0, start - 45) : start], sentence[end : end + 45]
    reasons = _reasons(_clause(segment, start - seg[0]), *around)
    if taken and context.before and cue("part_above").search(context.before[0][1]):
        reasons = (*reasons, "the sentence before speaks of a part")
    # What follows behind a comma is said of some of those counted: "73,000 people, half of them children".
    if taken and cue("part_here").search(sentence[:end] + re.split(r"[,;]", sentence[end:])[0]):
        reasons = (*reasons, "the number may be one of a part")
    taken += [one.taken for one in (area, time) if one.taken]
    return Target(
        claim, quantity, sentence, segment, measures, area.area, area.sure, time.whens, time.sure,
        parse_day(ledger.published), reasons, sentence[max(0, start - 25) : start],
        names_area(sentence) or names_elsewhere(sentence, set()), spoken_of(ledger.text), words,
        read, tuple(taken), _doubts(ledger, claim, measures, context, sentence, taken, area.area),
        "denies it" if claim.hedging == "denied" else disowned(sentence, sentence[:start], context.after),
        tuple(p for c in ledger.claims for p in c.places),
    )  # fmt: skip


_RELATIVE_CLAUSE = re.compile(r",\s+(?:where|which|who|whose|whom|while|whereas)\b", re.IGNORECASE)


def _clause(segment: str, at: int) -> str:
    """Leave out what is said of the number's noun afterwards: "..., where courts will decide"."""
    cut = _RELATIVE_CLAUSE.search(segment, max(0, at))
    return segment[: cut.start()] if cut else segment


def _doubts(
    ledger: Ledger,
    claim: Claim,
    measures: tuple[Measure, ...],
    context: Context,
    sentence: str,
    taken: Sequence[str],
    area: str | None,
) -> tuple[str, ...]:
    """Say why a number that rests on the sentences before may not be contradicted."""
    whole = f"{context.text} {sentence}"
    found = []
    if taken and len(measures) > 1 and "what is counted" in taken:
        found.append("more than one measure may be meant")
    if taken and claim.hedging not in ("stated", "reported", "approximate"):
        found.append("it is hedged, and stands on the sentences before")
    if taken and (cue("rumour").search(context.text) or cue("plan_above").search(context.text)):
        found.append("the sentences before speak of a plan or a rumour")
    if cue("pronoun").search(sentence) and not cue("own_actor").search(sentence):
        other = other_actor(context.text, area)
        found += [f"the sentences before speak of {other}"] if other else []
    unnamed = not cue("islamic_state").search(whole) and re.search(r"\bthe group\b", whole, re.IGNORECASE)
    if unnamed and cue("other_groups").search(ledger.text):
        found.append("“the group” may be another one")
    return tuple(found)


def other_numbers(ledger: Ledger, left: int, right: int, own: Quantity) -> list[tuple[int, int]]:
    """Give the places of the sentence's other counts."""
    plain = set(table("cues")["other_units"])
    return sorted(
        {
            (q.start - left, q.end - left)
            for c in ledger.claims
            for q in c.quantities
            if left <= q.start
            and q.end <= right
            and (q.end <= own.start or q.start >= own.end)
            and q.unit not in plain
        }
    )


def _inherited(ledger: Ledger, left: int, right: int, own: Quantity) -> str:
    """What "3,440 in February" counts: the noun of the number before it in the sentence."""
    earlier = [
        q for c in ledger.claims for q in c.quantities if left <= q.start and q.end <= own.start and q.about
    ]
    plain = table("cues")["other_units"]
    named = [q for q in earlier if q.unit not in plain]
    return max(named, key=lambda q: q.start).about if named else ""


def _reasons(clause: str, before: str, after: str) -> tuple[str, ...]:
    found = []
    if cue("change_before").search(before) or cue("change_after").search(after[:20]):
        found.append("the number is a change, not a level")
    if cue("part_before").search(before) or cue("part_after").search(after):
        found.append("the number is a part of a larger one")
    if cue("plan").search(clause):
        found.append("the number is a plan or a supposition")
    if cue("rate").search(f"{before}#{after}"):
        found.append("the number is a rate or an average")
    return tuple(found)
