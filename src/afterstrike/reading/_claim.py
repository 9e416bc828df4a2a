"""What reading writes down: claims, each with the exact span it stands on.

Offsets are code points into `Ledger.text`, end exclusive, so `text[start:end] == quote` always holds.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from afterstrike.reading._event import Event

__all__ = [
    "AttributionKind",
    "ClaimKind",
    "Hedging",
    "SourceKind",
    "ATTRIBUTION_KINDS",
    "CLAIM_KINDS",
    "HEDGINGS",
    "SOURCE_KINDS",
    "ActorMention",
    "AttributionMention",
    "Claim",
    "DateMention",
    "Ledger",
    "PlaceMention",
    "Quantity",
]

ClaimKind = Literal["figure", "event", "forecast", "causal", "opinion"]
"""figure: a number about the world. event: something happened. forecast: something will happen.
causal: one thing brings about another. opinion: a judgement no record can settle."""

SourceKind = Literal["author", "official", "media", "organisation", "person", "anonymous"]
"""author: the article itself says so and names nobody. anonymous: a source without a name."""

AttributionKind = Literal["says", "believes", "feels", "intends", "demands", "perceives"]
"""What somebody does with what is attributed to them. Only "says" is a statement: what is believed, feared, planned or
asked for may come from nobody's mouth, and none of it says that the thing is so."""

Hedging = Literal["stated", "reported", "approximate", "likely", "possible", "doubted", "denied"]
"""From flat assertion to denial; the strongest hedge in the span wins over a weaker one."""

CLAIM_KINDS: tuple[str, ...] = get_args(ClaimKind)
SOURCE_KINDS: tuple[str, ...] = get_args(SourceKind)
HEDGINGS: tuple[str, ...] = get_args(Hedging)
ATTRIBUTION_KINDS: tuple[str, ...] = get_args(AttributionKind)


@dataclass(frozen=True)
class Quantity:
    """A number in the text. `low <= value <= high`; a bound that the text leaves open is None."""

    text: str
    start: int
    end: int
    value: float | None
    low: float | None
    high: float | None
    unit: str  # what one of them is: "troops", "targets", "tons", "USD", "years", "people", ...
    about: str  # the noun phrase counted, as in the text: "US troops", "detained ISIS fighters"
    approx: bool  # "around", "nearly", "some"
    figure_of_speech: bool = False  # "million-dollar bombs": a number nobody means as a number
    cumulative: bool = False  # a running total ("since 2014", "so far")


@dataclass(frozen=True)
class PlaceMention:
    """A place named in the text, with the gazetteer's answer. Unresolved keeps lat and lon None."""

    text: str
    start: int
    end: int
    name: str | None = None
    lat: float | None = None
    lon: float | None = None
    geo_precision: int | None = None  # 1 exact .. 7 unknown within the country or wider
    adm0: str | None = None
    adm1: str | None = None
    gazetteer: str | None = None
    gazetteer_id: str | None = None


@dataclass(frozen=True)
class DateMention:
    """A date or clock time in the text, resolved against the publication date where it is relative."""

    text: str
    start: int
    end: int
    date_start: str | None = None  # ISO date; None where it cannot be resolved (no publication date)
    date_end: str | None = None
    date_precision: int | None = None  # 1 day, 2 within 2-6 days, 3 week, 4 month, 5 year or wider
    time: str | None = None  # "02:00"
    relative: bool = False
    assumption: str | None = None  # "assuming publication on 2026-01-20"


@dataclass(frozen=True)
class ActorMention:
    """A group or institution named in the text, with its canonical name from the actor table."""

    text: str
    start: int
    end: int
    name: str | None = None


@dataclass(frozen=True)
class AttributionMention:
    """Somebody who says, believes, feels, intends, demands or perceives something, wherever the text has it."""

    kind: AttributionKind
    source: str  # canonical name or words of the text; "a person" for a private person
    source_kind: SourceKind
    start: int  # of the words that name the source
    end: int
    cue: str
    cue_start: int
    cue_end: int


@dataclass(frozen=True)
class Claim:
    """One statement of a report, with its span, who says it and how surely."""

    id: str
    start: int
    end: int
    quote: str
    kind: ClaimKind
    source: str | None
    source_kind: SourceKind
    hedging: Hedging
    quantities: tuple[Quantity, ...] = ()
    places: tuple[PlaceMention, ...] = ()
    dates: tuple[DateMention, ...] = ()
    actors: tuple[ActorMention, ...] = ()
    in_headline: bool = False
    source_span: tuple[int, int] | None = None
    cue: str | None = None  # the words that hedge or attribute
    attribution_kind: AttributionKind | None = None  # what the source does; None where nobody is named
    relayed_by: tuple[ActorMention, ...] = ()  # "Sputnik, citing CENTCOM": of CENTCOM, relayed by Sputnik

    @property
    def is_wish(self) -> bool:
        """Whether the source only fears, hopes, plans or asks for it: then nobody says that it is so."""
        return self.attribution_kind in ("feels", "intends", "demands")

    def to_dict(self) -> dict[str, Any]:
        """Give the claim as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Ledger:
    """All claims of one report, with the text they point into."""

    text: str
    claims: tuple[Claim, ...]
    title: str | None = None
    title_span: tuple[int, int] | None = None
    published: str | None = None  # ISO date, None when not known
    published_from: str | None = None  # "given by the user" | "page metadata" | None
    language: str = "en"
    media_type: str = "text/plain"
    encoding: str | None = None
    furniture: tuple[tuple[int, int], ...] = field(default=())  # spans left out as page furniture
    notes: tuple[str, ...] = ()  # what could not be read and why
    places: tuple[PlaceMention, ...] = ()  # all places named, in claims or not
    events: tuple[Event, ...] = ()  # what the report says happened

    def to_dict(self) -> dict[str, Any]:
        """Give the ledger as plain JSON values."""
        return asdict(self)
