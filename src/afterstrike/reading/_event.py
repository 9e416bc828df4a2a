"""What reading makes of a report's statements: events, each attribute with the words it stands on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, Literal, get_args

from afterstrike.reading._claim import ActorMention, DateMention, Hedging, PlaceMention, SourceKind
from afterstrike.reading._harm import Harm, Outcome
from afterstrike.reading._mask import ARABIC_MARK, LATIN_MARK, mask_names
from afterstrike.reading._people import Who

__all__ = ["READ_KINDS", "CivilianStatus", "Count", "Event", "Mark", "ReadKind", "Statement"]

ReadKind = Literal[
    "strike", "attack", "clash", "violence_against_civilians", "prison_break", "detention", "displacement"
]
"""The kinds of event that text can give; they are kinds of the event table."""

READ_KINDS: tuple[str, ...] = get_args(ReadKind)
# Which kind decides where a statement's words name several: the rarer and plainer first.
KIND_ORDER = (
    "prison_break",
    "strike",
    "clash",
    "attack",
    "violence_against_civilians",
    "detention",
    "displacement",
)

CivilianStatus = Literal["stated", "presumed"]
"""On what a civilian count stands: the words, or the rule that in doubt people are civilians."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Mark:
    """Words that name something, with what they name: a kind of event, a weapon, a type of target."""

    label: str
    start: int
    end: int
    count: float | None = None


@dataclass(frozen=True)
class Statement:
    """One sentence, taken apart: what events are made of."""

    start: int
    end: int
    marks: tuple[Mark, ...] = ()  # kinds of event, by their words
    weapons: tuple[Mark, ...] = ()
    harms: tuple[Harm, ...] = ()
    strikes: Mark | None = None  # how many strikes
    targets: tuple[Mark, ...] = ()  # what was hit, by type
    places: tuple[PlaceMention, ...] = ()
    dates: tuple[DateMention, ...] = ()
    actors: tuple[ActorMention, ...] = ()
    initiator: ActorMention | None = None
    victim: ActorMention | None = None
    source: str | None = None
    source_kind: SourceKind = "author"
    source_span: Span | None = None
    hedging: Hedging = "stated"
    in_headline: bool = False
    is_background: bool = False  # told of another time: "in 2019", "last year", "أرشيفية"
    opens_another: bool = False  # "separately", "في سياق متصل"
    is_ahead: bool = False  # a forecast, a wish or a condition: nothing that happened
    is_unknown_actor: bool = False  # "مجهولون", "unidentified gunmen"
    initiator_hedging: Hedging = "stated"  # how surely the initiator is said to have done it

    @property
    def said_by(self) -> str | None:
        """Who says it, as an event shows it: people keep their names to themselves, the span leads to them.

        Those who speak of an event are often bereaved, and their name is the victim's too.
        """
        return shown_source(self.source, self.source_kind) if self.source else None


@lru_cache(maxsize=4096)
def shown_source(source: str, kind: SourceKind) -> str:
    """Give a source without a private person's name, of which "relatives of" a person may hold one too.

    Examples
    --------
    >>> shown_source("Orvil Teskan", "person"), shown_source("Relatives of Orvil Teskan", "anonymous")
    ('a person', 'Relatives of [name left out]')
    """
    if kind == "person":
        return "a person"
    if kind != "anonymous":
        return source
    masked = mask_names(source)
    # what follows may be more of the name: masking finds its beginning more surely than its end
    marks = [masked.text.find(mark) + len(mark) for mark in (LATIN_MARK, ARABIC_MARK) if mark in masked.text]
    return masked.text[: min(marks)] if marks else masked.text


@dataclass(frozen=True)
class Count:
    """One source's count for an event, kept beside those of others."""

    outcome: Outcome
    who: Who
    value: float | None
    low: float | None
    high: float | None
    source: str | None
    start: int
    end: int
    is_part: bool = False
    cumulative: bool = False


@dataclass(frozen=True)
class Event:
    """Something that happened, as one report has it. What the report does not state is None, never zero.

    `fatalities_*` count everybody killed; `civilian_fatalities_*` people whom the words call civilians, or,
    where `civilian_status` is "presumed", of whom they say nothing (see `civilian_status` in `_casualties`).
    `best` is the count the report gives first, `low` and `high` its bounds, widened by the counts it gives
    from other sources; all counts stand in `counts`. Spans are code points into the text, end exclusive.
    """

    kind: ReadKind
    date_start: str | None = None
    date_end: str | None = None
    date_precision: int | None = None
    time: str | None = None
    place: str | None = None
    lat: float | None = None
    lon: float | None = None
    geo_precision: int | None = None
    adm0: str | None = None
    adm1: str | None = None
    side_a: str | None = None
    side_b: str | None = None
    initiator: str | None = None
    initiator_hedging: Hedging | None = None
    strikes: int | None = None
    targets: int | None = None
    target_types: dict[str, int] = field(default_factory=dict)
    fatalities_low: int | None = None
    fatalities_best: int | None = None
    fatalities_high: int | None = None
    civilian_fatalities_low: int | None = None
    civilian_fatalities_best: int | None = None
    civilian_fatalities_high: int | None = None
    civilian_status: CivilianStatus | None = None
    injured_low: int | None = None
    injured_high: int | None = None
    detained_low: int | None = None
    detained_high: int | None = None
    displaced_low: int | None = None
    displaced_high: int | None = None
    weapon: str | None = None
    hedging: Hedging = "stated"
    source: str | None = None
    source_kind: SourceKind = "author"
    in_headline: bool = False
    counts: tuple[Count, ...] = ()
    spans: dict[str, list[Span]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give the event as plain JSON values."""
        return asdict(self)
