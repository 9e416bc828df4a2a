"""What the section "What may come next, from stated assumptions" holds; plain values, as in `brief.json`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "FanMonth",
    "Outlook",
    "OutlookAnswer",
    "OutlookAssumed",
    "OutlookCase",
    "OutlookClaimed",
    "OutlookEvent",
    "OutlookNumber",
    "OutlookPicture",
    "OutlookQuestion",
    "OutlookScenario",
    "OutlookSource",
    "Raised",
    "SpreadPart",
]


@dataclass(frozen=True)
class Raised:
    """A sentence of the article that raises a question; `claim` is None where it is in no claim."""

    claim: str | None
    quote: str


@dataclass(frozen=True)
class OutlookSource:
    """A publication; the address is empty where none is known."""

    name: str
    url: str


@dataclass(frozen=True)
class OutlookNumber:
    """One number of an answer, and what it rests on: data, literature, assumption, or several of them."""

    what: str
    unit: str
    median: float | None
    low: float | None
    high: float | None
    level: float | None
    basis: str


@dataclass(frozen=True)
class OutlookAnswer:
    """One question the article raises, answered from a run, or why it cannot be."""

    key: str
    question: str
    standing: str
    kind: str
    text: str
    numbers: tuple[OutlookNumber, ...]
    sources: tuple[OutlookSource, ...]
    raised: tuple[Raised, ...]


@dataclass(frozen=True)
class OutlookCase:
    """A place the article names where it expects something of attacks, and whose attacks are on record there."""

    name: str
    said: str
    follows: str
    sources: tuple[OutlookSource, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True)
class OutlookEvent:
    """What has happened since the world's day and is in none of its numbers."""

    date: str
    what: str
    source: OutlookSource


@dataclass(frozen=True)
class OutlookClaimed:
    """A claim that the article shares with an older picture, beside what was published."""

    what: str
    claimed: str
    published: tuple[str, ...]
    note: str
    claims: tuple[str, ...]


@dataclass(frozen=True)
class OutlookPicture:
    """The older world whose claims the article makes."""

    world: str
    as_of: str
    note: str
    rows: tuple[OutlookClaimed, ...]


@dataclass(frozen=True)
class OutlookQuestion:
    """A forecast of the article as a yes/no question that can be scored, or `reason` why it cannot.

    `probability`, `low` and `high` are ours, by the reference class in `basis`; None where no class ships (`no_class`).
    """

    claim: str
    quote: str
    reason: str
    text: str
    counts: str
    starts: str
    ends: str
    resolves: str
    says: str
    stated: float | None
    probability: float | None
    low: float | None
    high: float | None
    level: float | None
    basis: str
    no_class: str
    note: str


@dataclass(frozen=True)
class OutlookScenario:
    """A scenario that answers were read from, with what it takes for granted."""

    name: str
    title: str
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class OutlookAssumed:
    """One number of the world that no data test."""

    name: str
    low: float
    high: float
    unit: str
    note: str


@dataclass(frozen=True)
class FanMonth:
    """Attacks a month in the runs, at the middle of a month: median and bands."""

    day: str
    median: float
    low_50: float
    high_50: float
    low_80: float
    high_80: float
    low_95: float
    high_95: float


@dataclass(frozen=True)
class SpreadPart:
    """What part one group of numbers has in the spread of one output; `first`: what it makes by itself."""

    output: str
    group: str
    first: float
    first_low: float
    first_high: float
    total: float
    total_low: float
    total_high: float


@dataclass(frozen=True)
class Outlook:
    """The section: which world was run, what it answers, and what of it is assumed."""

    world: str
    title: str
    as_of: str
    group: str
    areas: tuple[str, ...]
    world_sha256: str
    numbers: int
    assumed: int
    start: str
    until: str
    members: int
    draws: int
    seed: int
    events: tuple[OutlookEvent, ...]
    answers: tuple[OutlookAnswer, ...]
    scenarios: tuple[OutlookScenario, ...]
    assumptions: tuple[OutlookAssumed, ...]
    fan: tuple[FanMonth, ...]
    spread: tuple[SpreadPart, ...]
    cases: tuple[OutlookCase, ...] = ()
    picture: OutlookPicture | None = None
    questions: tuple[OutlookQuestion, ...] = ()
