"""What the section "What earlier strikes were followed by" holds; plain values, as in `brief.json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..effects._shifts._panel import ShiftPanel

__all__ = [
    "Answer",
    "BesidePart",
    "BesideRow",
    "CheckRow",
    "CurveRow",
    "Followed",
    "FollowedStudy",
    "PolicyCell",
    "PolicyPart",
    "PolicyRow",
    "ShiftPanel",
    "ShiftPart",
    "ShiftRow",
    "WindowRow",
]

Answer = Literal["fewer", "more", "cannot_tell", "not_estimated"]


@dataclass(frozen=True)
class WindowRow:
    """One window of one study."""

    days: int
    km: float
    rate_ratio: float | None
    low: float | None
    high: float | None
    low_joint: float | None
    high_joint: float | None
    quiet_days: float | None
    quiet_days_low: float | None
    quiet_days_high: float | None
    attacks_difference: float | None
    attacks_low: float | None
    attacks_high: float | None
    smallest_fall: float | None
    smallest_rise: float | None
    n_struck: int
    n_left_out: int
    reason: str


@dataclass(frozen=True)
class CheckRow:
    """One threat looked at."""

    name: str
    passed: bool | None
    verdict: str
    text: str


@dataclass(frozen=True)
class CurveRow:
    """The fitted rate ratio on one day since the strike, its band for all days at once, placebo strikes."""

    day: int
    rate_ratio: float
    low: float
    high: float
    placebo_low: float | None
    placebo_high: float | None


@dataclass(frozen=True)
class PolicyRow:
    """More strikes rather than as many, over so many days: difference in attacks a day in the country."""

    lag: int
    estimate: float
    low: float | None
    high: float | None
    smallest_change: float | None
    daily: float
    effective_sample: float | None
    reason: str


@dataclass(frozen=True)
class PolicyCell:
    """The same difference in one cell of a coarse grid; its border as rings of longitude and latitude."""

    cell: str
    lat: float
    lon: float
    n_outcomes: int
    estimate: float | None
    low: float | None
    high: float | None
    is_shown: bool
    rings: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True)
class PolicyPart:
    """More strikes rather than as many: what was found, or why nothing could be."""

    finding: str
    estimand: str
    believe: str
    factor: float
    policies: tuple[str, str]
    level: float
    rows: tuple[PolicyRow, ...]
    cells_lag: int | None
    cells_level: float | None
    cells: tuple[PolicyCell, ...]
    checks: tuple[CheckRow, ...]


@dataclass(frozen=True)
class BesideRow:
    """One design on the study, in one form and horizon; only rows of one estimand may be compared as numbers."""

    estimand: str
    estimand_words: str
    design: str
    form: str
    role: Literal["design", "comparator", "bad example"]
    measure: str
    days: int
    value: float | None
    low: float | None
    high: float | None
    low_joint: float | None
    high_joint: float | None
    quiet_days: float | None
    quiet_days_low: float | None
    quiet_days_high: float | None
    answer: Answer
    points: tuple[str, ...]
    reason: str
    is_main: bool


@dataclass(frozen=True)
class BesidePart:
    """All designs that the record can carry beside each other, and where they agree, in words."""

    said: tuple[str, ...]
    rows: tuple[BesideRow, ...]
    checks: tuple[CheckRow, ...]
    specifications: int


@dataclass(frozen=True)
class ShiftRow:
    """One dated shift of one series of attacks, or a series without one and why."""

    series: str
    date: str | None
    low: str | None
    high: str | None
    before: float | None
    after: float | None
    change: float | None
    change_unit: str
    unit: str
    p_adjusted: float | None
    n_periods: int
    n_events: int
    tested_from: str | None
    tested_to: str | None
    reason: str
    sentence: str


@dataclass(frozen=True)
class ShiftPart:
    """Whether a study's attacks shifted in tempo, place or lethality: what was found, or why nothing could be."""

    finding: str
    estimand: str
    believe: str
    actor: str
    country: str
    source: str
    period: tuple[str, str]
    size: float
    rows: tuple[ShiftRow, ...]
    panels: tuple[ShiftPanel, ...]
    checks: tuple[CheckRow, ...]


@dataclass(frozen=True)
class FollowedStudy:
    """One study of the record, as declared, with what was found and what stands against it."""

    title: str
    why: str
    trial: tuple[tuple[str, str], ...]
    co_treatments: tuple[str, ...]
    civilian_harm: str
    power: str
    finding: str
    quiet: str
    answer: Answer
    open_points: tuple[str, ...]
    believe: str
    transport: str
    windows: tuple[WindowRow, ...]
    checks: tuple[CheckRow, ...]
    curve: tuple[CurveRow, ...]
    level: float = 0.95
    policy: PolicyPart | None = None
    beside: BesidePart | None = None
    shifts: ShiftPart | None = None


@dataclass(frozen=True)
class Followed:
    """The section: what was run and found, or what is missing to run anything."""

    said: str
    missing: tuple[str, ...]
    specifications: int
    seed: int
    studies: tuple[FollowedStudy, ...]
