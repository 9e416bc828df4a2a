"""What a number of an article is a statement of: measure, area and time, each as sure as the words allow."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from math import inf

from afterstrike.brief._period import When, when_in
from afterstrike.brief._tables import countries, phrase_pattern, table
from afterstrike.brief._words import parse_day, sentence_at
from afterstrike.reading._claim import Claim, Ledger, Quantity
from afterstrike.record.shipped import Measure, areas, matching_measures

__all__ = ["Target", "claim_interval", "cue", "target_of"]


def cue(name: str) -> re.Pattern[str]:
    """Give one pattern of the cue table."""
    return _compiled(table("cues")[name])


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


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

    @property
    def value(self) -> float:
        """The number the claim names."""
        q = self.quantity
        named = next((x for x in (q.value, q.low, q.high) if x is not None), 0.0)
        return float(named)

    @property
    def interval(self) -> tuple[float, float]:
        """The lowest and highest number the claim allows."""
        return claim_interval(self.quantity, self.sentence)


_MORE = re.compile(
    r"\b(more than|over|at least|upwards of|in excess of|no fewer than|above|exceed\w*|topp\w*)\s*$", re.I
)
_LESS = re.compile(
    r"\b(fewer than|less than|under|up to|at most|no more than|as many as|below|nearly|almost)\s*$", re.I
)


def claim_interval(quantity: Quantity, sentence: str = "") -> tuple[float, float]:
    """Give lowest and highest number a quantity allows; an open side is 0 or infinite.

    Examples
    --------
    >>> claim_interval(Quantity("more than 70", 0, 12, 70.0, 70.0, None, "targets", "targets", False))
    (70.0, inf)
    """
    value = quantity.value
    low, high = quantity.low, quantity.high
    words = quantity.text
    if value is None and low is None and high is None:
        return 0.0, inf
    if re.match(r"\W*(more than|over|at least|upwards of|in excess of|no fewer than|above)\b", words, re.I):
        named = low if low is not None else value
        return (named if named is not None else 0.0), inf
    if re.match(r"\W*(fewer than|less than|under|up to|at most|no more than|below)\b", words, re.I):
        named = high if high is not None else value
        return 0.0, (named if named is not None else inf)
    if low is None and high is None and value is not None:
        return value, value
    return (low if low is not None else 0.0), (high if high is not None else inf)


def _segment(sentence: str, start: int, end: int, others: list[tuple[int, int]]) -> tuple[int, int]:
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
    return left, right


def _area_in(text: str) -> str | None:
    """Give the one area a stretch of text names; None where it names none or several."""
    found = {code for code, area in areas().items() if any(t.search(text) for t in area.terms)}
    if "IRQ+SYR" in found or {"IRQ", "SYR"} <= found:
        return "IRQ+SYR"
    for code in list(found):
        parent = areas()[code].part_of
        if parent:
            found.discard(parent)
    return found.pop() if len(found) == 1 else None


def _names_elsewhere(text: str, adm0s: set[str]) -> bool:
    """Say whether a stretch names a country, as a place, outside the given ones."""
    for adm0, country in countries().items():
        if adm0 in adm0s or adm0 == "USA":
            continue
        if phrase_pattern((*country.names, *country.capitals), ignore_case=False).search(text):
            return True
    return False


def _scene(ledger: Ledger) -> str | None:
    """Give the area code most of the article's places lie in."""
    counts: dict[str, int] = {}
    for code, area in areas().items():
        if area.part_of or "+" in code:
            continue
        counts[code] = sum(len(t.findall(ledger.text[:20000])) for t in area.terms)
    total = sum(counts.values())
    top = max(counts, key=lambda c: counts[c], default=None)
    return top if top and counts[top] * 4 >= total * 3 and counts[top] > 0 else None


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
    words = quantity.text if quantity.about in quantity.text else f"{quantity.text} {quantity.about}"
    measures = matching_measures(words, sentence, start)
    if not measures:
        return None
    others = _other_numbers(ledger, left, right, quantity)
    seg = _segment(sentence, start, end, others)
    segment = sentence[seg[0] : seg[1]]
    area, area_sure = _area(ledger, sentence, segment, measures)
    whens, when_sure = _whens(ledger, claim, sentence, segment, left, seg[0], bool(others))
    reasons = _reasons(
        sentence, segment, sentence[max(0, start - 45) : start], sentence[end : end + 20], claim
    )
    return Target(
        claim, quantity, sentence, segment, measures, area, area_sure, whens, when_sure,
        parse_day(ledger.published), reasons,
    )  # fmt: skip


def _other_numbers(ledger: Ledger, left: int, right: int, own: Quantity) -> list[tuple[int, int]]:
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


def _area(
    ledger: Ledger, sentence: str, segment: str, measures: tuple[Measure, ...]
) -> tuple[str | None, bool]:
    for text in (segment, sentence):
        area = _area_in(text)
        if area:
            inside = {part.split("-")[0] for part in area.split("+")}
            return area, not _names_elsewhere(text, inside)
    if any(any(t.search(sentence) for t in a.terms) for a in areas().values()):
        return None, False  # several areas, none of them this number's for sure
    if _names_elsewhere(sentence, set()):
        return None, False
    scene = _scene(ledger)
    return scene, False


def _whens(
    ledger: Ledger, claim: Claim, sentence: str, segment: str, left: int, seg_left: int, many: bool
) -> tuple[tuple[When, ...], bool]:
    published = parse_day(ledger.published)
    right = left + len(sentence)
    mentions = [d for c in ledger.claims for d in c.dates if left <= d.start and d.end <= right]
    near = when_in(segment, published, mentions, left + seg_left)
    if near:
        return tuple(near), len(near) == 1
    whole = when_in(sentence, published, mentions, left)
    return tuple(whole), len(whole) == 1


def _reasons(sentence: str, segment: str, before: str, after: str, claim: Claim) -> tuple[str, ...]:
    found = []
    if cue("change_before").search(before) or cue("change_after").search(after):
        found.append("the number is a change, not a level")
    if cue("part_before").search(before):
        found.append("the number is a part of a larger one")
    if cue("plan").search(segment):
        found.append("the number is a plan or a supposition")
    if cue("rate").search(segment):
        found.append("the number is a rate or an average")
    if claim.hedging == "denied":
        found.append("the statement is a denial")
    return tuple(found)
