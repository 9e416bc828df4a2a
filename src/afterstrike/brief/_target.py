"""What a number of an article is a statement of: measure, area and time, each as sure as the words allow."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from math import inf

from afterstrike.brief._figure import area_label
from afterstrike.brief._period import When, when_in
from afterstrike.brief._tables import countries, phrase_pattern, table
from afterstrike.brief._words import parse_day, sentence_at
from afterstrike.reading._claim import Claim, Ledger, Quantity
from afterstrike.record.shipped import Measure, areas, matching_measures

__all__ = [
    "Target",
    "claim_interval",
    "cue",
    "other_numbers",
    "part_of_whole",
    "segment_of",
    "target_of",
    "words_of_quantity",
]


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
    before: str = ""  # the words just before the number
    area_named: bool = False  # the number's own sentence names some area
    countries: frozenset[str] = frozenset()  # countries of the shipped areas the article speaks of
    words: str = ""  # the number with the noun it counts

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
    r"\b(up to|as many as|more than|over|at least|fewer than|less than)\s+$", re.IGNORECASE
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
    if re.match(r"\W*(more than|over|at least|upwards of|in excess of|no fewer than|above)\b", words, re.I):
        named = low if low is not None else value
        return (named if named is not None else 0.0), inf
    if re.match(r"\W*(up to|as many as)\b", words, re.I):
        # "as many as 300" speaks of about 300 at most; half of it is no longer what is meant.
        named = high if high is not None else value
        return (0.5 * named, named) if named is not None else (0.0, inf)
    if re.match(r"\W*(fewer than|less than|under|at most|no more than|below)\b", words, re.I):
        named = high if high is not None else value
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
    others = other_numbers(ledger, left, right, quantity)
    words = words_of_quantity(ledger, quantity, left, right)
    measures = matching_measures(words, sentence, start)
    if not measures:
        return None
    seg = segment_of(sentence, start, end, others)
    segment = sentence[seg[0] : seg[1]]
    area, area_sure = _area(ledger, sentence, segment, measures)
    whens, when_sure = _whens(ledger, claim, sentence, segment, left, seg[0], bool(others))
    reasons = _reasons(segment, sentence[max(0, start - 45) : start], sentence[end : end + 45], claim)
    named = any(t.search(sentence) for a in areas().values() for t in a.terms)
    return Target(
        claim, quantity, sentence, segment, measures, area, area_sure, whens, when_sure,
        parse_day(ledger.published), reasons, sentence[max(0, start - 25) : start],
        named or _names_elsewhere(sentence, set()), _spoken_of(ledger.text), words,
    )  # fmt: skip


_FORCE = r"\s+(?:jets?|aircraft|war ?planes|planes|air ?force|army|military|troops|forces|helicopters)\b"


def part_of_whole(claim: Claim, sentence: str, words: str, area: str | None, known: str) -> str | None:
    """Say why a number may be one of a part only, so that the whole cannot contradict it.

    Parameters
    ----------
    claim : Claim
        For the places it names.
    sentence, words : str
        The sentence, and the number with its noun.
    area : str or None
        The area of the figures.
    known : str
        What the figure itself is about: places named there are the figure's own.
    """
    inside = {part.split("-")[0] for part in (area or "").split("+")}
    for place in claim.places:
        fine = (place.geo_precision or 9) <= 4 or place.adm1
        if fine and place.text in sentence and not re.search(re.escape(place.text), known, re.IGNORECASE):
            whole = area_label(area) if area else "a whole country"
            return f"the sentence speaks of {place.text}, the figure of {whole}"
    if cue("part_of_force").search(sentence):
        return "the sentence may speak of a part of the force or of the operation"
    if cue("part_of_people").search(words):
        return "the number may be that of a part of the people counted"
    for adm0, country in countries().items():
        if adm0 != "USA" and country.demonyms:
            # "Iraqi jets" in Iraq are a part too; "Iraqi prisons" are only a place.
            pattern = phrase_pattern(tuple(country.demonyms), ignore_case=False).pattern
            found = re.search(f"(?:{pattern}){_FORCE if adm0 in inside else ''}", sentence)
            if found and not re.search(re.escape(found.group()), known, re.IGNORECASE):
                return f"the sentence may speak of the {found.group()} part only"
    return None


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
    years = re.findall(r"\b(?:19|20)\d\d\b", sentence[:seg_left])
    near = when_in(segment, published, mentions, left + seg_left, int(years[-1]) if years else None)
    if near:
        return tuple(near), len(near) == 1
    whole = when_in(sentence, published, mentions, left)
    return tuple(whole), len(whole) == 1


def _inherited(ledger: Ledger, left: int, right: int, own: Quantity) -> str:
    """What "3,440 in February" counts: the noun of the number before it in the sentence."""
    earlier = [
        q for c in ledger.claims for q in c.quantities if left <= q.start and q.end <= own.start and q.about
    ]
    plain = table("cues")["other_units"]
    named = [q for q in earlier if q.unit not in plain]
    return max(named, key=lambda q: q.start).about if named else ""


@lru_cache(maxsize=8)
def _spoken_of(text: str) -> frozenset[str]:
    """Countries of the shipped areas that an article names at all."""
    found = [a for a in areas().values() if any(t.search(text[:20000]) for t in a.terms)]
    return frozenset(part.split("-")[0] for a in found for part in a.code.split("+"))


def _reasons(segment: str, before: str, after: str, claim: Claim) -> tuple[str, ...]:
    found = []
    if cue("change_before").search(before) or cue("change_after").search(after[:20]):
        found.append("the number is a change, not a level")
    if cue("part_before").search(before):
        found.append("the number is a part of a larger one")
    if cue("plan").search(segment):
        found.append("the number is a plan or a supposition")
    if cue("rate").search(f"{before}#{after}"):
        found.append("the number is a rate or an average")
    if claim.hedging == "denied":
        found.append("the statement is a denial")
    return tuple(found)
