"""What does not add up inside an article, each thing said once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from afterstrike.brief._clock import clock_findings
from afterstrike.brief._fact_check import term_findings
from afterstrike.brief._figure import fact_evidence
from afterstrike.brief._flag_totals import TIME_UNITS, same_unit, totals_flags
from afterstrike.brief._model import FLAG_KINDS, SEVERITIES, Check, Evidence, Flag, Severity
from afterstrike.brief._tables import table
from afterstrike.brief._words import joined, number, parse_day
from afterstrike.reading._claim import Claim, DateMention, Ledger, Quantity
from afterstrike.reading._vocabulary import vocabulary

__all__ = ["flag_article"]

_BODY_SHARE = 0.25  # a figure in the first quarter of the article carries it


def flag_article(ledger: Ledger, checks: Sequence[Check]) -> list[Flag]:
    """List what does not add up inside the article: the gravest first, equal ones as one.

    Parameters
    ----------
    ledger : Ledger
        The article.
    checks : sequence of Check
        What `check_claims` gave for it.

    Returns
    -------
    list of Flag

    Examples
    --------
    >>> from afterstrike.reading._claim import Ledger
    >>> flag_article(Ledger("", ()), [])
    []
    """
    rules: tuple[Callable[[Ledger], Iterable[Flag]], ...] = (
        _headline_only,
        _missing_event_date,
        _clock,
        totals_flags,
        _outdated_terms,
        _unsourced,
        _undated_forecasts,
        _single_source,
        _figures_of_speech,
    )
    found = [flag for rule in rules for flag in rule(ledger)]
    found += _unlike(checks)
    found += _unlike_inside(ledger)
    return _ordered(found)


def _ordered(flags: Sequence[Flag]) -> list[Flag]:
    merged: dict[tuple[str, str], Flag] = {}
    for flag in flags:
        key = (flag.kind, flag.what)
        if key in merged:
            claims = tuple(dict.fromkeys((*merged[key].claims, *flag.claims)))
            merged[key] = replace(merged[key], claims=claims)
        else:
            merged[key] = flag
    return sorted(merged.values(), key=lambda f: (SEVERITIES.index(f.severity), FLAG_KINDS.index(f.kind)))


def _real(claim: Claim) -> list[Quantity]:
    """Quantities that say how much of something, no spans of time and no figures of speech."""
    return [
        q
        for q in claim.quantities
        if not q.figure_of_speech and q.unit not in TIME_UNITS and q.value is not None
    ]


def _label(q: Quantity) -> str:
    """The number with what it counts, short enough for a line."""
    return f"{q.text} {q.unit}" if q.unit and q.unit.rstrip("s") not in q.text.lower() else q.text


def _headline_only(ledger: Ledger) -> Iterable[Flag]:
    body = [q for c in ledger.claims if not c.in_headline for q in c.quantities]
    # The number may stand in the body where no claim was read; the bare text is asked as well.
    text = "".join(ledger.text[a:b] for a, b in _body_spans(ledger))
    for claim in ledger.claims:
        if not claim.in_headline:
            continue
        for q in _real(claim):
            again = any(_same(q, other) for other in body)
            written = re.search(rf"(?<![\d.,]){re.escape(number(float(q.value or 0)))}(?![\d.,]*\d)", text)
            if again or (written and _unit_near(text, written.end(), q)) or _spelled(text, q):
                continue
            yield Flag(
                "headline_only", "high" if (q.value or 0) >= 10 else "medium", (claim.id,),
                f"“{_label(q)}” stands in the headline; the body of the article never gives this "
                "figure or says where it is from.",
                (Evidence("article", claim.quote.strip(), note="headline"),),
            )  # fmt: skip


def _same(q: Quantity, other: Quantity) -> bool:
    if q.value is None or other.value is None:
        return False
    close = abs(q.value - other.value) <= 0.05 * abs(q.value)
    return close and same_unit(q.unit, other.unit)


def _spelled(text: str, q: Quantity) -> bool:
    """Say whether a small number stands in the body as a word."""
    words = [word for word, value in vocabulary().numbers["small"].items() if 0 < value == q.value]
    return any(re.search(rf"\b{word}\b", text, re.IGNORECASE) for word in words)


def _unit_near(text: str, at: int, q: Quantity) -> bool:
    unit = q.unit.rstrip("s").lower()
    return not unit or unit in text[at : at + 60].lower()


def _body_spans(ledger: Ledger) -> list[tuple[int, int]]:
    """The text without headline and page furniture."""
    out = list(ledger.furniture)
    out += [(c.start, c.end) for c in ledger.claims if c.in_headline]
    if ledger.title_span:
        out.append(ledger.title_span)
    spans, at = [], 0
    for start, end in sorted(out):
        if start > at:
            spans.append((at, start))
        at = max(at, end)
    spans.append((at, len(ledger.text)))
    title = (ledger.title or "").strip()
    return [s for s in spans if not title or title not in ledger.text[s[0] : s[1]]] or spans


def _missing_event_date(ledger: Ledger) -> Iterable[Flag]:
    """The event reported has no calendar date printed: only 'this morning', or nothing at all."""
    pattern = re.compile(table("flags")["event"], re.IGNORECASE)
    events = [
        c for c in ledger.claims
        if (c.kind == "event" or (c.kind == "figure" and _real(c)))
        and pattern.search(c.quote)
        and not c.in_headline
    ]  # fmt: skip
    if not events:
        return
    early = events[: max(3, len(events) // 3)]
    published = parse_day(ledger.published)
    relative = re.compile(table("flags")["relative_day"], re.IGNORECASE)
    vague = [c for c in early if relative.search(c.quote) or any(d.time for d in c.dates)]
    opening = relative.search(ledger.text[: max(400, len(ledger.text) // 8)])
    if not vague and opening is None:
        # An article about no single event needs no date of one.
        return
    first = vague[0].start if vague else 0
    for claim in events:
        days = [parse_day(d.date_start) for d in claim.dates if _is_printed_day(d)]
        # A day printed further down is the event's only if it is not long before publication.
        if days and (
            claim.start <= first
            or published is None
            or any(d is not None and abs((published - d).days) <= 10 for d in days)
        ):
            return
    words = [m.group() for c in vague if (m := relative.search(c.quote))] or [
        opening.group() if opening else ""
    ]
    said = f"only “{words[0]}”" if words[0] else "only a clock time"
    assumed = (
        f"; assuming publication on {published.isoformat()}"
        if published
        else ", and the date of publication is not known"
    )
    yield Flag(
        "missing_event_date", _weight(ledger, words[0]), tuple(c.id for c in (vague or early)[:3]),
        f"The article prints no date for the event it reports, {said}{assumed}.",
        (Evidence("article", (vague or early)[0].quote.strip()),),
    )  # fmt: skip


_DAY_AND_MONTH = re.compile(
    r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2}\b"
    r"|\b\d{1,2}(st|nd|rd|th)?\s+(of\s+)?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)


def _is_printed_day(mention: DateMention) -> bool:
    """A calendar day in the text itself, not one that publication has to supply."""
    if _DAY_AND_MONTH.search(mention.text):
        return True
    return not mention.relative and mention.date_start is not None and (mention.date_precision or 9) <= 2


def _weight(ledger: Ledger, word: str) -> Severity:
    """A page that carries its date dates "on Friday" well enough; a text that does not leaves it open."""
    if ledger.published and ledger.published_from == "page metadata":
        return "low"
    return "medium" if re.search(r"day$", word, re.IGNORECASE) and word.lower() != "today" else "high"


def _clock(ledger: Ledger) -> Iterable[Flag]:
    for finding in clock_findings(ledger):
        if not finding.fits:
            yield Flag("clock_conflict", "medium", finding.claims, finding.sentence, (finding.evidence,))


def _outdated_terms(ledger: Ledger) -> Iterable[Flag]:
    by_fact: dict[str, list[int]] = {}
    found = term_findings(ledger)
    for index, term in enumerate(found):
        by_fact.setdefault(term.fact.fact_id, []).append(index)
    for indexes in by_fact.values():
        terms = [found[i] for i in indexes]
        words = joined(f"“{' '.join(w.split())}”" for w in {t.text.lower(): t.text for t in terms}.values())
        claims = tuple(dict.fromkeys(c for t in terms for c in t.claims))
        verb = "are" if len({t.text.lower() for t in terms}) > 1 else "is"
        yield Flag(
            "outdated_term", "high" if len(terms) > 1 else "medium", claims,
            f"{words} {verb} out of date ({terms[0].assumption}). {terms[0].fact.statement}",
            (fact_evidence(terms[0].fact),),
        )  # fmt: skip


def _unsourced(ledger: Ledger) -> Iterable[Flag]:
    """Figures for which nobody is named; those that carry the article weigh more."""
    by_severity: dict[str, list[tuple[Claim, Quantity]]] = {"high": [], "medium": [], "low": []}
    seen: set[tuple[float | None, str]] = set()
    told = [c for c in ledger.claims if c.source_kind != "author" and not c.is_wish]
    sourced = {(q.value, q.unit) for c in told for q in c.quantities}
    for claim in ledger.claims:
        if claim.kind != "figure" or claim.source_kind != "author" or claim.source:
            continue
        for q in _real(claim):
            key = (q.value, q.unit)
            # "one" and "two" without a noun are seldom figures anybody could source.
            if (
                key in seen
                or key in sourced
                or ((not q.unit or not claim.in_headline) and (q.value or 0) < 10)
            ):
                continue
            seen.add(key)
            central = claim.in_headline or claim.start < _BODY_SHARE * len(ledger.text)
            grade = "high" if claim.in_headline else "medium" if central or (q.value or 0) >= 100 else "low"
            by_severity[grade].append((claim, q))
    for severity, found in by_severity.items():
        if not found:
            continue
        words = joined(f"“{_label(q)}”" for _, q in found[:6]) + (" and others" if len(found) > 6 else "")
        claims = tuple(dict.fromkeys(c.id for c, _ in found))
        yield Flag(
            "unsourced_figure", _severity(severity), claims,
            f"Nobody is named as the source of {words}.",
            tuple(Evidence("article", c.quote.strip()) for c, _ in found[:3]),
        )  # fmt: skip


def _severity(word: str) -> Severity:
    return "high" if word == "high" else "medium" if word == "medium" else "low"


def _undated_forecasts(ledger: Ledger) -> Iterable[Flag]:
    horizon = re.compile(table("flags")["horizon"], re.IGNORECASE)
    conditional = re.compile(table("flags")["conditional"], re.IGNORECASE)
    open_ones = [
        c for c in ledger.claims
        if c.kind == "forecast" and not conditional.search(c.quote) and not horizon.search(c.quote)
        and not any(d.date_end for d in c.dates)
    ]  # fmt: skip
    if open_ones:
        quotes = joined(f"“{_short(c.quote)}”" for c in open_ones[:3])
        yield Flag(
            "undated_forecast", "medium", tuple(c.id for c in open_ones),
            f"No date is given by which this could be judged: {quotes}.",
            tuple(Evidence("article", c.quote.strip()) for c in open_ones[:3]),
        )  # fmt: skip


def _short(text: str, size: int = 110) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= size else flat[: size - 1].rsplit(" ", 1)[0] + " …"


def _single_source(ledger: Ledger) -> Iterable[Flag]:
    """The event rests on one named source only."""
    pattern = re.compile(table("flags")["event"], re.IGNORECASE)
    sources: dict[str, list[str]] = {}
    for c in ledger.claims:
        if (
            c.source
            and c.source_kind != "author"
            and not c.is_wish
            and c.kind in ("event", "figure")
            and pattern.search(c.quote)
        ):
            sources.setdefault(c.source, []).append(c.id)
    others = {c.source for c in ledger.claims if c.source and c.source_kind != "author"}
    if len(sources) == 1 and len(others) == 1:
        source, claims = next(iter(sources.items()))
        if len(claims) >= 2:
            yield Flag(
                "single_source", "low", tuple(claims),
                f"What happened rests on one source, {source}; nobody else is named for it.",
            )  # fmt: skip


def _figures_of_speech(ledger: Ledger) -> Iterable[Flag]:
    found = [(c, q) for c in ledger.claims for q in c.quantities if q.figure_of_speech]
    if found:
        words = joined(f"“{q.text}”" for _, q in found)
        yield Flag(
            "figure_of_speech", "low", tuple(dict.fromkeys(c.id for c, _ in found)),
            f"{words}: not meant as a number, and not checked as one.",
        )  # fmt: skip


def _unlike(checks: Sequence[Check]) -> Iterable[Flag]:
    for check in checks:
        if check.rule == "comparison with an earlier time, beside the closest sourced measure":
            yield Flag(
                "unlike_measures", "medium", (check.claim_id,),
                f"The comparison cannot be made with like for like: {check.sentence}", check.evidence,
            )  # fmt: skip


def _unlike_inside(ledger: Ledger) -> Iterable[Flag]:
    """A sentence that compares two counts which count different things."""
    words = [(w["name"], re.compile(w["pattern"], re.IGNORECASE)) for w in table("flags")["measure_word"]]
    compare = re.compile(
        r"\b(compared (with|to)|up from|down from|versus|against the|than the)\b", re.IGNORECASE
    )
    for claim in ledger.claims:
        at = compare.search(claim.quote)
        if claim.kind != "figure" or at is None:
            continue
        before = {n for n, p in words if p.search(claim.quote[: at.start()])}
        after = {n for n, p in words if p.search(claim.quote[at.end() :])}
        if before and after and not before & after and len(_real(claim)) > 1:
            yield Flag(
                "unlike_measures", "medium", (claim.id,),
                f"{joined(sorted(before))} are compared with {joined(sorted(after))}, which are "
                "not the same count.",
                (Evidence("article", claim.quote.strip()),),
            )  # fmt: skip
