"""The words a reader meets: verdicts, flags, kinds and hedges, and the sentences made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ..reading._claim import Ledger
from ._model import VERDICTS, Check, Flag

__all__ = [
    "ATTRIBUTION_WORDS",
    "CHECKED",
    "FLAG_TITLES",
    "HEDGE_WORDS",
    "KIND_WORDS",
    "SOURCE_WORDS",
    "VERDICT_WORDS",
    "VerdictWords",
    "has_evidence",
    "is_held",
    "plural",
    "summary_sentences",
    "verdict_counts",
]


@dataclass(frozen=True)
class VerdictWords:
    """How a verdict is shown: its word, a sign that needs no colour, a tone for the colour, its meaning."""

    word: str
    sign: str
    tone: str  # "good" | "bad" | "warn" | "plain"
    meaning: str


# In the order a reader should meet them: first what speaks against the article.
_TABLE = (
    (
        "contradicted",
        "Contradicted",
        "✕",
        "bad",
        "same measure, area and period, outside the written tolerance",
    ),
    ("outdated", "Outdated", "↺", "warn", "true once, overtaken by a dated source before publication"),
    (
        "not_consistent_with",
        "Not consistent with the evidence",
        "≠",
        "warn",
        "the evidence at hand points the other way",
    ),
    ("contested", "Contested", "⇄", "warn", "a named party disputes it, on stated evidence"),
    ("supported", "Supported", "✓", "good", "two independent origins agree within the tolerance"),
    ("same_source", "Single origin", "◐", "plain", "only the claimant's own source, or one origin, says it"),
    (
        "consistent_with",
        "Consistent with the evidence",
        "≈",
        "plain",
        "the evidence at hand does not speak against it",
    ),
    ("cannot_tell", "Cannot tell", "?", "plain", "the evidence at hand fits it and fits its opposite"),
    (
        "not_in_record",
        "Not in the record",
        "○",
        "plain",
        "looked for and not found; that is not evidence that it did not happen",
    ),
    (
        "outside_record",
        "Outside the record",
        "–",
        "plain",
        "nothing here covers this measure, area or period",
    ),
    ("not_checkable", "Not checkable", "·", "plain", "no number, date or place that could be checked"),
    ("opinion", "Opinion", "“", "plain", "a judgement no record can settle"),
)
VERDICT_WORDS: dict[str, VerdictWords] = {row[0]: VerdictWords(*row[1:]) for row in _TABLE}
assert set(VERDICT_WORDS) == set(VERDICTS)

# Verdicts that rest on something held against the claim.
CHECKED = tuple(v for v in VERDICT_WORDS if v not in ("outside_record", "not_checkable", "opinion"))

FLAG_TITLES: dict[str, str] = {
    "headline_only": "A figure only the headline has",
    "unsourced_figure": "A figure nobody is named for",
    "missing_event_date": "The event has no date",
    "clock_conflict": "Clock times held against each other",
    "totals_conflict": "Numbers that do not add up",
    "undated_forecast": "A forecast without a date",
    "figure_of_speech": "A number not meant as a number",
    "outdated_term": "A name that had been overtaken",
    "unlike_measures": "Two measures that are not alike",
    "single_source": "One source only",
}

KIND_WORDS = {
    "figure": "figure",
    "event": "event",
    "forecast": "forecast",
    "causal": "cause and effect",
    "opinion": "opinion",
}
SOURCE_WORDS = {
    "author": "the article itself",
    "official": "official",
    "media": "media",
    "organisation": "organisation",
    "person": "person",
    "anonymous": "unnamed source",
}
ATTRIBUTION_WORDS = {
    "believes": "who believes it",
    "feels": "who fears or hopes it",
    "intends": "who plans, wants or supports it",
    "demands": "who asks for it",
    "perceives": "who saw, heard or noticed it",
}
HEDGE_WORDS = {
    "stated": "stated flatly",
    "reported": "reported",
    "approximate": "approximate",
    "likely": "said to be likely",
    "possible": "said to be possible",
    "doubted": "doubted",
    "denied": "denied",
}
_IN_A_SENTENCE = {
    "same_source": "with a single origin",
    "not_in_record": "not found in the record",
    "consistent_with": "consistent with the evidence",
    "not_consistent_with": "not consistent with the evidence",
    "cannot_tell": "where the evidence cannot tell",
    "outside_record": "outside what the sources here cover",
    "not_checkable": "with nothing that could be checked",
}


def has_evidence(check: Check) -> bool:
    """Say whether a check shows evidence that deserves to be read, rather than finding nothing."""
    return check.verdict in CHECKED and bool(check.evidence)


def is_held(check: Check) -> bool:
    """Say whether the evidence of a check decided something: where it cannot tell, nothing was held."""
    return has_evidence(check) and check.verdict != "cannot_tell"


def plural(n: int, one: str, many: str | None = None) -> str:
    """Give a count with its noun.

    Examples
    --------
    >>> plural(1, "claim"), plural(1200, "claim")
    ('1 claim', '1,200 claims')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def verdict_counts(checks: Sequence[Check]) -> list[tuple[str, int]]:
    """Give each verdict that occurs with its count, in the order of `VERDICT_WORDS`."""
    counts: Counter[str] = Counter(check.verdict for check in checks)
    return [(verdict, counts[verdict]) for verdict in VERDICT_WORDS if counts[verdict]]


def _listed(counts: Sequence[tuple[str, int]]) -> str:
    parts = [
        plural(n, "opinion") if verdict == "opinion" else f"{n} {_IN_A_SENTENCE.get(verdict, verdict)}"
        for verdict, n in counts
    ]
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def summary_sentences(ledger: Ledger, checks: Sequence[Check], flags: Sequence[Flag]) -> list[str]:
    """Say in plain sentences what was found, for the head of the page and for the terminal.

    Returns
    -------
    list of str
        How many claims there are and how many could be held against something; the verdicts; the flags.
    """
    total = len(ledger.claims)
    if not total:
        return [
            "No claim was found in this text: no figure, event, forecast or statement of cause and effect."
        ]
    held = verdict_counts([check for check in checks if is_held(check)])
    rest = verdict_counts([check for check in checks if not is_held(check)])
    sentences = [
        f"The article makes {plural(total, 'claim')}; {sum(n for _, n in held) or 'none'} could be held "
        "against a dated source or a record."
    ]
    if held:
        sentences.append(f"Of these: {_listed(held)}.")
    if rest:
        sentences.append(f"The rest: {_listed(rest)}.")
    if flags:
        high = sum(flag.severity == "high" for flag in flags)
        weight = f", {high} of them serious" if high else ""
        things = plural(len(flags), "thing needs", "things need")
        sentences.append(f"Inside the article itself {things} a second look{weight}.")
    return sentences
