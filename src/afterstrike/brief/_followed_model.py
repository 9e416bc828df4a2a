"""What the section "What earlier strikes were followed by" holds; plain values, as in `brief.json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Answer", "CheckRow", "CurveRow", "Followed", "FollowedStudy", "WindowRow"]

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


@dataclass(frozen=True)
class Followed:
    """The section: what was run and found, or what is missing to run anything."""

    said: str
    missing: tuple[str, ...]
    specifications: int
    seed: int
    studies: tuple[FollowedStudy, ...]
