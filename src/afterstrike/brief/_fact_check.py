"""Dated facts: names and roles they have overtaken, and spans of years counted from them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from afterstrike.brief._context import context_of, cue, disowned
from afterstrike.brief._figure import fact_evidence
from afterstrike.brief._model import Evidence
from afterstrike.brief._period import when_in
from afterstrike.brief._weigh import Outcome
from afterstrike.brief._words import day, parse_day, sentence_at, span
from afterstrike.reading._claim import Ledger, Quantity
from afterstrike.record.shipped import Fact, areas, facts

__all__ = ["TermFinding", "judge_span", "term_findings"]

_UNIT_DAYS = {"year": 365.25, "month": 30.44, "week": 7.0, "day": 1.0, "decade": 3652.5}
_SPAN_WORDS = re.compile(
    r"\b(ago|later|since|after|earlier|on from|have passed|has passed|past)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class TermFinding:
    """Words of an article that a dated fact had overtaken before publication."""

    start: int
    end: int
    text: str
    fact: Fact
    claims: tuple[str, ...]
    sentence: str
    assumption: str


def term_findings(ledger: Ledger) -> list[TermFinding]:
    """Find the names and roles that a dated fact had overtaken when the article was published.

    Parameters
    ----------
    ledger : Ledger
        The article; without a publication date nothing can be out of date.

    Returns
    -------
    list of TermFinding
        In order of their place in the text.
    """
    published = parse_day(ledger.published)
    if published is None:
        return []
    found: list[TermFinding] = []
    for fact in facts(as_of=published, role="overtakes"):
        if fact.date >= published:
            continue
        for match in fact.mentions(ledger.text):
            left, right = sentence_at(ledger.text, match.start(), match.end())
            sentence = ledger.text[left:right]
            around = f"{context_of(ledger, left, right).text} {sentence}"
            if not _speaks_of_area(ledger, around, fact) or _about_the_past(
                sentence, match.start() - left, match.end() - left, fact, published
            ):
                continue
            if _denied_number(ledger, match, left, right):
                continue
            claims = tuple(c.id for c in ledger.claims if c.start < match.end() and c.end > match.start())
            if not claims:
                claims = tuple(c.id for c in ledger.claims if c.start < right and c.end > left)[:1]
            found.append(
                TermFinding(
                    match.start(),
                    match.end(),
                    match.group(),
                    fact,
                    claims,
                    f"“{match.group()}” had been overtaken by {day(fact.date)}: {fact.statement}",
                    f"assuming publication on {published.isoformat()}",
                )
            )
    return sorted(found, key=lambda f: (f.start, f.fact.date))


def _denied_number(ledger: Ledger, match: re.Match[str], left: int, right: int) -> bool:
    """A number the text itself denies is no claim that could be out of date; a name stays one."""
    if not re.search(r"\d", match.group()):
        return False
    text = ledger.text
    if any(c.hedging == "denied" and c.start < match.end() and c.end > match.start() for c in ledger.claims):
        return True
    after = context_of(ledger, left, right).after
    return disowned(text[left:right], text[left : match.start()], after) is not None


def _countries_of(fact: Fact) -> set[str]:
    return {part.split("-")[0] for part in fact.area.split("+")}


def _speaks_of_area(ledger: Ledger, sentence: str, fact: Fact) -> bool:
    """The same words may stand for another country: sentence or article must be about this one."""
    mine = [a for a in areas().values() if {p.split("-")[0] for p in a.code.split("+")} & _countries_of(fact)]
    if any(t.search(sentence) for a in mine for t in (*a.terms, *a.towns)):
        return True
    here = sum(len(t.findall(ledger.text[:20000])) for a in mine if not a.part_of for t in a.terms)
    elsewhere: dict[str, int] = {}
    for claim in ledger.claims:
        for place in claim.places:
            if place.adm0 and place.adm0 not in _countries_of(fact) | {"USA"}:
                elsewhere[place.adm0] = elsewhere.get(place.adm0, 0) + 1
    return here >= 2 and here > max(elsewhere.values(), default=0)


_ADJECTIVE = re.compile(
    r"\b(?:for|of|the|a|an|with|and|or|those|these|many|some|its|their)\s+\w+ed\b", re.IGNORECASE
)


def _about_the_past(sentence: str, start: int, end: int, fact: Fact, published: date) -> bool:
    """The writer knows: the sentence names the change, an earlier date, or speaks in the past tense."""
    if cue("about_the_past").search(sentence):
        return True
    whens = when_in(sentence, published)
    if any(w.end < fact.date or (w.kind == "since" and w.start < fact.date) for w in whens):
        return True
    # "regime-controlled areas": what hangs on the name by a hyphen is no verb of the sentence.
    after = re.sub(r"\w*-\w+|^\w+", " ", re.split(r"[,;:.]", sentence[end : end + 60])[0])
    after = _ADJECTIVE.sub(" ", after)
    # Where the parts of a phrase stand in any order, its verb may stand between them.
    inside = re.sub(r"\w*-\w+|\b\w+ed by\b|\b(?:held|kept|run) by\b", " ", sentence[start:end])
    if cue("past_verb").search(_ADJECTIVE.sub(" ", inside)):
        return True
    verb = re.search(r"\b(is|are|has|have|does|do|remains?|still|will|can|continues?|now|currently)\b", after)
    past = cue("past_verb").search(after)
    return past is not None and (verb is None or past.start() < verb.start())


def judge_span(ledger: Ledger, quantity: Quantity) -> Outcome | None:
    """Count "seven years ago" from the dated fact the sentence names, and show the sum.

    Parameters
    ----------
    ledger : Ledger
        The article; its publication date is where the span ends.
    quantity : Quantity
        A number of years, months, weeks, days or decades.
    """
    unit = quantity.unit.lower().rstrip("s")
    published = parse_day(ledger.published)
    if unit not in _UNIT_DAYS or quantity.value is None or quantity.figure_of_speech:
        return None
    left, right = sentence_at(ledger.text, quantity.start, quantity.end)
    sentence = ledger.text[left:right]
    near = ledger.text[max(left, quantity.start - 25) : min(right, quantity.end + 25)]
    if not _SPAN_WORDS.search(near):
        return None
    anchors = [
        f for f in facts(role="anchor")
        if next(f.mentions(sentence), None) is not None and (published is None or f.date <= published)
    ]  # fmt: skip
    if len(anchors) != 1:
        return None
    fact = anchors[0]
    named_text = _named(quantity)
    if published is None:
        return Outcome(
            "not_checkable",
            f"{fact.statement} Whether that is “{named_text}” depends on the publication date, "
            "which is not known.",
            "span of time from a dated fact",
            evidence=(fact_evidence(fact),),
        )
    return _count(quantity, fact, published, unit, sentence)


def _named(quantity: Quantity) -> str:
    """The span as written: "seven years"."""
    return quantity.text if quantity.unit.rstrip("s") in quantity.text else f"{quantity.text} {quantity.unit}"


def _count(quantity: Quantity, fact: Fact, published: date, unit: str, sentence: str) -> Outcome:
    passed = (published - fact.date).days / _UNIT_DAYS[unit]
    named, named_text = float(quantity.value or 0), _named(quantity)
    # People round up and down: one unit and a tenth either way is still the same statement.
    slack = max(1.0, 0.1 * named)
    open_low = re.match(r"\W*(more than|over|at least)\b", quantity.text, re.IGNORECASE) is not None
    fits = passed >= named - 0.25 if open_low else abs(passed - named) <= slack
    sum_text = f"{published.isoformat()} minus {fact.date.isoformat()} = {span(fact.date, published)}"
    evidence = (
        fact_evidence(fact),
        Evidence(
            "arithmetic",
            f"{sum_text}.",
            source=fact.source,
            source_url=fact.source_url,
            date_start=fact.date.isoformat(),
            date_end=published.isoformat(),
            value=round(passed, 2),
            unit=f"{unit}s",
        ),
    )
    tolerance = "one unit either way, for rounding"
    assumption = f"assuming publication on {published.isoformat()}"
    if fits:
        text = (
            f"{fact.statement} {sum_text}: consistent with “{named_text}” within rounding. "
            "One origin is held here."
        )
        return Outcome("same_source", text, "span of time from a dated fact", tolerance, assumption, evidence)
    counted = re.search(
        r"\b(war|fighting|unrest|crisis|conflict|presence|occupation)\b", sentence, re.IGNORECASE
    )
    other = _fitting_anchor(fact, published, named, slack, unit)
    if counted or other or abs(passed - named) <= 2 * slack:
        meant = f"another start may be meant: {other.statement}" if other else "another start may be meant."
        text = f"{fact.statement} {sum_text}, which is not “{named_text}”; {meant}"
        return Outcome(
            "not_in_record", text, "span of time from a dated fact", tolerance, assumption, evidence
        )
    text = f"{fact.statement} {sum_text}, not “{named_text}”."
    return Outcome("contradicted", text, "span of time from a dated fact", tolerance, assumption, evidence)


def _fitting_anchor(fact: Fact, published: date, named: float, slack: float, unit: str) -> Fact | None:
    """Give another dated fact of the same area from which the span would be right, if there is one."""
    for other in facts(role="anchor"):
        near = set(other.area.split("+")) & set(fact.area.split("+"))
        if other.fact_id == fact.fact_id or not near or other.date > published:
            continue
        if abs((published - other.date).days / _UNIT_DAYS[unit] - named) <= slack:
            return other
    return None
