"""A verdict for every claim of an article, with its rule, its tolerance and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from afterstrike.brief._clock import ClockFinding, clock_findings
from afterstrike.brief._context import is_wished
from afterstrike.brief._event_check import EventRecord, judge_event
from afterstrike.brief._fact_check import TermFinding, judge_span, term_findings
from afterstrike.brief._figure import fact_evidence
from afterstrike.brief._model import Check, Evidence, Verdict
from afterstrike.brief._past import Comparison, comparisons, judge_comparison
from afterstrike.brief._period import when_in
from afterstrike.brief._series_check import judge_series
from afterstrike.brief._tables import table
from afterstrike.brief._target import target_of
from afterstrike.brief._verdict import judge
from afterstrike.brief._weigh import Outcome
from afterstrike.brief._words import parse_day, sentence_at
from afterstrike.reading._claim import Claim, Ledger, Quantity
from afterstrike.record.shipped import Figure
from afterstrike.record.shipped import figures as shipped_figures

__all__ = ["check_claims"]

# A claim with several numbers is as good as its weakest; what speaks against it comes first.
_WEAKEST_FIRST: tuple[Verdict, ...] = (
    "contradicted", "outdated", "contested", "not_in_record",
    "outside_record", "not_checkable", "same_source", "supported",
)  # fmt: skip
_NO_ESTIMATE = (
    "The evidence held here cannot tell: no estimate of this effect has been made from it. "
    "No estimate is made for this strike."
)
_NO_FORECAST = "Written as a forecast: nothing held here can tell. No estimate is made for this strike."


def check_claims(
    ledger: Ledger,
    *,
    record: EventRecord | None = None,
    extra_figures: Sequence[Figure | str | Path] = (),
) -> list[Check]:
    """Hold every claim of an article against the shipped figures, the facts and, if given, an event record.

    Parameters
    ----------
    ledger : Ledger
        What `afterstrike.reading.read_document` gives. Without a publication date much cannot be told.
    record : EventRecord, optional
        An open record (`afterstrike.record.open_record`); without it single events are outside the record.
    extra_figures : sequence of Figure or path, optional
        More figures, or tables with the columns of the shipped one.

    Returns
    -------
    list of Check
        One for each claim, in the order of the ledger.

    Raises
    ------
    SourceError
        When an extra table cannot be read.

    Examples
    --------
    >>> from afterstrike.reading._claim import Ledger
    >>> check_claims(Ledger("", ()))
    []
    """
    own = [f for f in extra_figures if isinstance(f, Figure)]
    paths = [f for f in extra_figures if not isinstance(f, Figure)]
    held = [*shipped_figures(extra=paths), *own]
    clocks, terms, beside = clock_findings(ledger), term_findings(ledger), comparisons(ledger, held)
    return [_check(ledger, c, record, held, clocks, terms, beside) for c in ledger.claims]


def _check(
    ledger: Ledger,
    claim: Claim,
    record: EventRecord | None,
    held: Sequence[Figure],
    clocks: Sequence[ClockFinding],
    terms: Sequence[TermFinding],
    beside: Sequence[Comparison],
) -> Check:
    mine = [t for t in terms if claim.id in t.claims]
    if claim.kind in ("causal", "forecast"):
        return _effect_check(claim, mine)
    mine_clocks = [c for c in clocks if claim.id in c.claims]
    outcomes: list[Outcome] = []
    unread: list[Quantity] = []
    if claim.kind != "opinion":
        for quantity in claim.quantities:
            if is_wished(ledger, claim, quantity):
                continue
            one = _judge_quantity(ledger, claim, quantity, held)
            if one is not None:
                outcomes.append(one)
            elif not quantity.figure_of_speech and not _part_of_a_date(ledger, quantity):
                unread.append(quantity)
    numbers = claim.quantities or (None,)
    if claim.kind != "opinion" and all(is_wished(ledger, claim, number) for number in numbers):
        return _finish(claim, _with_clock(_with_terms(None, mine, ()), mine_clocks) or _WISH)
    if claim.kind != "opinion" and (one := judge_comparison(claim, beside)) is not None:
        outcomes.append(one)
    found = _combine(claim, outcomes, unread)
    found = _with_terms(found, mine, outcomes)
    if found is None and claim.kind != "opinion" and _asks_for_event(claim, unread):
        found = judge_event(ledger, claim, record)
    found = _with_clock(found, mine_clocks)
    return _finish(claim, found or _nothing(claim, unread))


def _judge_quantity(
    ledger: Ledger, claim: Claim, quantity: Quantity, held: Sequence[Figure]
) -> Outcome | None:
    span = judge_span(ledger, quantity)
    if span is not None:
        return span
    target = target_of(ledger, claim, quantity)
    found = judge(target, held) if target is not None else None
    decided = found is not None and found.verdict not in ("outside_record", "not_checkable")
    weekly = None if decided else judge_series(ledger, claim, quantity)
    return weekly if weekly is not None and (found is None or weekly.verdict != "outside_record") else found


def _part_of_a_date(ledger: Ledger, quantity: Quantity) -> bool:
    """The 3 of "between 3 and 12 February" counts nothing."""
    left, right = sentence_at(ledger.text, quantity.start, quantity.end)
    spans = [w.span for w in when_in(ledger.text[left:right], parse_day(ledger.published))]
    return any(a <= quantity.start - left < b for a, b in spans)


def _combine(claim: Claim, outcomes: Sequence[Outcome], unread: Sequence[Quantity]) -> Outcome | None:
    if not outcomes:
        return None
    worst = min(outcomes, key=lambda o: _WEAKEST_FIRST.index(o.verdict))
    others = [o for o in outcomes if o is not worst and o.sentence != worst.sentence]
    sentence = " ".join([worst.sentence, *(f"Beside it: {o.sentence}" for o in others[:2])])
    plain = set(table("cues")["other_units"])
    left = [q.text for q in unread if q.unit not in plain][:3]
    if left:
        sentence += f" Not covered by anything held here: {', '.join(f'“{t}”' for t in left)}."
    evidence = (*worst.evidence, *(e for o in others for e in o.evidence))
    return replace(worst, sentence=sentence, evidence=_unique(evidence))


def _unique(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(evidence))


def _with_terms(
    found: Outcome | None, terms: Sequence[TermFinding], outcomes: Sequence[Outcome]
) -> Outcome | None:
    """A name or number overtaken by a dated fact is outdated, unless a later figure bears it out."""
    if not terms:
        return found
    if found is not None and found.verdict in ("contradicted", "contested"):
        return replace(found, evidence=_unique([*found.evidence, *(fact_evidence(t.fact) for t in terms)]))
    newest = max(terms, key=lambda t: t.fact.date)
    if found is not None and found.verdict in ("supported", "same_source") and _borne_out(found, newest):
        return found
    # The fact that speaks of the number itself leads; the others follow once each.
    facts = list(dict.fromkeys(t.fact.fact_id for t in terms))
    lead = [next(t for t in terms if t.fact.fact_id == f) for f in facts]
    sentence = " ".join(t.sentence for t in lead[:3])
    if found is not None:
        sentence = f"{sentence} Beside it: {found.sentence}"
    return Outcome(
        "outdated",
        sentence,
        "a dated fact before publication had overtaken it",
        found.tolerance if found is not None else None,
        lead[0].assumption,
        _unique([*(fact_evidence(t.fact) for t in lead), *(found.evidence if found is not None else ())]),
    )


def _borne_out(found: Outcome, term: TermFinding) -> bool:
    """A figure dated after the fact that gives the very number the article gives."""
    numbers = {float(n.replace(",", "")) for n in _numbers(term.text)}
    return any(
        e.kind == "figure" and e.date_end and e.date_end > term.fact.date.isoformat() and e.value in numbers
        for e in found.evidence
    )


def _numbers(text: str) -> list[str]:
    import re

    return re.findall(r"\d[\d,]*(?:\.\d+)?", text)


def _with_clock(found: Outcome | None, clocks: Sequence[ClockFinding]) -> Outcome | None:
    if not clocks:
        return found
    conflicts = [c for c in clocks if not c.fits]
    evidence = tuple(c.evidence for c in clocks)
    if not conflicts:
        return replace(found, evidence=_unique([*found.evidence, *evidence])) if found is not None else None
    first = conflicts[0]
    tail = (
        f" Beside it: {found.sentence}" if found is not None else " The event itself is not judged by this."
    )
    return Outcome(
        "contradicted",
        first.sentence + tail,
        "clock times by time-zone arithmetic",
        first.tolerance,
        first.assumption,
        _unique([*evidence, *(found.evidence if found is not None else ())]),
    )


def _effect_check(claim: Claim, terms: Sequence[TermFinding]) -> Check:
    sentence = _NO_FORECAST if claim.kind == "forecast" else _NO_ESTIMATE
    if terms:
        sentence = f"{sentence} {terms[0].sentence}"
    return Check(
        claim.id,
        "cannot_tell",
        sentence,
        rule="no effect estimate is held" if claim.kind == "causal" else "no forecast is held",
        assumption=terms[0].assumption if terms else None,
        evidence=tuple(fact_evidence(t.fact) for t in terms[:1]),
    )


def _asks_for_event(claim: Claim, unread: Sequence[Quantity]) -> bool:
    return claim.kind == "event" or bool(unread)


_WISH = Outcome(
    "not_checkable",
    "This is what somebody fears, plans or asks for; nobody says that it is so.",
    "fears, plans and demands are not checked",
)


def _nothing(claim: Claim, unread: Sequence[Quantity]) -> Outcome:
    plain = set(table("cues")["other_units"]) - {"tons", "tonnes", "USD", "dollars", "percent"}
    counted = [q for q in unread if q.unit not in plain]
    if claim.kind == "opinion":
        return Outcome(
            "opinion", "A judgement; no figure or record can settle it.", "opinions are not checked"
        )
    if counted:
        what = ", ".join(f"“{q.text}{'' if q.about in q.text else ' ' + q.about}”" for q in counted[:3])
        return Outcome(
            "outside_record",
            f"No figure held here counts {what}, so nothing here supports or contradicts it.",
            "no measure covers this",
        )
    if claim.quantities and all(q.figure_of_speech for q in claim.quantities):
        return Outcome(
            "not_checkable", "The number is a figure of speech.", "figures of speech are not checked"
        )
    return Outcome(
        "not_checkable", "Nothing here that a figure, a fact or a record could settle.", "nothing to look up"
    )


def _finish(claim: Claim, outcome: Outcome) -> Check:
    return Check(
        claim.id, outcome.verdict, " ".join(outcome.sentence.split()), outcome.rule, outcome.tolerance,
        outcome.assumption, outcome.evidence,
    )  # fmt: skip
