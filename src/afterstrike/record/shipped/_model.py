"""What the shipped tables hold: figures, areas, measures, dated facts, series."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

NEAR_CHARACTERS = 60  # how far from a quantity a word still speaks of it, as measures.toml says

Approximation = Literal["exact", "about", "over", "under"]
MeasureKind = Literal["stock", "flow"]
FactRole = Literal["overtakes", "anchor"]


@dataclass(frozen=True)
class Figure:
    """One number that one publication gives for one measure, area and period. Missing stays None."""

    figure_id: str
    measure: str
    area: str
    period_start: date
    period_end: date
    value: float | None
    low: float | None
    high: float | None
    unit: str
    approx: Approximation  # over: "more than"; under: "nearly", "fewer than"
    source: str  # the publication
    origin: str  # who states the number in the first place
    source_url: str | None
    note: str | None


@dataclass(frozen=True)
class Area:
    """A place figures are stated for, with the words of a text that speak of it."""

    code: str
    label: str
    terms: tuple[re.Pattern[str], ...]
    towns: tuple[re.Pattern[str], ...]  # they speak of the area, but a number there is of a part
    part_of: str | None = None


@dataclass(frozen=True)
class Measure:
    """What a figure counts, which words speak of it, and how far numbers may differ and still agree."""

    id: str
    label: str
    kind: MeasureKind
    unit: str
    counts: str
    areas: tuple[str, ...]
    phrase_terms: tuple[re.Pattern[str], ...]
    terms: tuple[re.Pattern[str], ...]
    not_terms: tuple[re.Pattern[str], ...]
    tolerance: float
    tolerance_reason: str
    stands_for_days: int | None  # stocks only
    closest_to: tuple[re.Pattern[str], ...]
    unlike: str | None
    comparable_with: tuple[str, ...]
    place: Literal["area", "none", "own"] = (
        "area"  # none: what is counted has no place; own: its terms name it
    )

    def speaks_of(self, phrase: str, sentence: str, start: int | None = None) -> bool:
        """Say whether a quantity counts this measure.

        Parameters
        ----------
        phrase : str
            The quantity's own words, number and noun ("900 US troops").
        sentence : str
            The sentence it stands in.
        start : int, optional
            Where the phrase begins in the sentence; looked up when not given.
        """
        if not all(term.search(phrase) for term in self.phrase_terms):
            return False
        at = sentence.find(phrase) if start is None else start
        whole = f"{phrase} {sentence}"
        if not all(term.search(whole) for term in self.terms):
            return False
        near = whole
        if at >= 0:
            near = sentence[max(0, at - NEAR_CHARACTERS) : at + len(phrase) + NEAR_CHARACTERS]
        return not any(term.search(near) for term in self.not_terms)


@dataclass(frozen=True)
class Fact:
    """Something that happened on a day: it overtakes words still in use, or anchors "seven years ago"."""

    fact_id: str
    role: FactRole
    until: date | None  # last day it may be applied to; None where it still holds
    date: date
    area: str
    phrases: tuple[re.Pattern[str], ...]
    not_phrases: re.Pattern[str] | None  # words nearby that show the writer knows ("the former ...")
    before: str | None
    after: str | None
    statement: str
    source: str
    source_url: str | None
    note: str | None

    def mentions(self, text: str) -> Iterator[re.Match[str]]:
        """Yield each place where the text uses one of the phrases and no excusing word stands near it."""
        for phrase in self.phrases:
            for match in phrase.finditer(text):
                near = text[max(0, match.start() - NEAR_CHARACTERS) : match.end() + NEAR_CHARACTERS]
                if self.not_phrases is None or not self.not_phrases.search(near):
                    yield match


SeriesRow = dict[str, str | int | float | bool | None]


@dataclass(frozen=True)
class Series:
    """A time series computed from open data, with what must be said when it is shown."""

    name: str
    title: str
    rows: tuple[SeriesRow, ...]
    unit: str
    source: str
    licence: str
    citation: str
    first: date
    last: date
    measure: str | None
    notes: tuple[str, ...]
