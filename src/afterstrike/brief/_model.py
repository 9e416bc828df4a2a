"""What a brief holds beside the ledger: evidence, checks and flags."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

__all__ = ["EVIDENCE_KINDS", "FLAG_KINDS", "SEVERITIES", "VERDICTS", "Check", "Evidence", "Flag", "Verdict"]

Verdict = Literal[
    "supported",  # two independent origins agree within the tolerance
    "same_source",  # only the claimant's own source, or a single origin, says it
    "contradicted",  # same measure, area and period, outside the written tolerance
    "outdated",  # true once; superseded by a dated source before publication
    "contested",  # a named party disputes it, on stated evidence
    "not_in_record",  # looked for where it should be, and not found; that is not evidence of absence
    "outside_record",  # nothing here covers this measure, area or period
    "not_checkable",  # no number, date or place that could be checked
    "opinion",
    "consistent_with",  # causal and forecast claims, and claims that activity rose or fell
    "not_consistent_with",  # the same
    "cannot_tell",  # the same
]
VERDICTS: tuple[str, ...] = get_args(Verdict)

EvidenceKind = Literal["figure", "series", "event", "fact", "arithmetic", "article"]
EVIDENCE_KINDS: tuple[str, ...] = get_args(EvidenceKind)

FlagKind = Literal[
    "headline_only",  # a figure in the headline that the body never repeats
    "unsourced_figure",  # a figure nobody is named for
    "missing_event_date",  # the event reported has no date
    "clock_conflict",  # clock times, or a clock time and what is said of it, do not fit
    "totals_conflict",  # parts and total, or two statements of one number, differ
    "undated_forecast",  # a forecast that names no date by which it could be judged
    "figure_of_speech",  # a number nobody means as a number
    "outdated_term",  # a name or role that a dated fact had overtaken
    "unlike_measures",  # a comparison whose two sides are not the same measure
    "single_source",  # the event rests on one named source only
]
FLAG_KINDS: tuple[str, ...] = get_args(FlagKind)

Severity = Literal["high", "medium", "low"]
SEVERITIES: tuple[str, ...] = get_args(Severity)


@dataclass(frozen=True)
class Evidence:
    """One thing a verdict or flag rests on: a dated figure, rows of a record, a fact, a sum shown in full."""

    kind: EvidenceKind
    text: str  # one plain sentence
    source: str | None = None
    source_url: str | None = None
    licence: str | None = None
    date_start: str | None = None
    date_end: str | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    rows: tuple[str, ...] = ()  # event ids or figure ids
    note: str | None = None


@dataclass(frozen=True)
class Check:
    """The verdict on one claim, in words, with the rule and tolerance that gave it."""

    claim_id: str
    verdict: Verdict
    sentence: str
    rule: str | None = None
    tolerance: str | None = None
    assumption: str | None = None  # "assuming publication on 2026-01-20"
    evidence: tuple[Evidence, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the check as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Flag:
    """Something inside the article that does not add up."""

    kind: FlagKind
    severity: Severity
    claims: tuple[str, ...]
    what: str
    evidence: tuple[Evidence, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the flag as plain JSON values."""
        return asdict(self)
