"""A number for a period against the shipped weekly series: weeks shared out by days, edges kept as bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from afterstrike.brief._figure import family_of
from afterstrike.brief._model import Evidence
from afterstrike.brief._period import When, when_in
from afterstrike.brief._tables import countries, phrase_pattern, table
from afterstrike.brief._target import (
    claim_interval,
    cue,
    other_numbers,
    part_of_whole,
    segment_of,
    words_of_quantity,
)
from afterstrike.brief._weigh import Outcome
from afterstrike.brief._words import number, parse_day, period, sentence_at
from afterstrike.reading._claim import Claim, Ledger, Quantity
from afterstrike.record.shipped import Series, series

__all__ = ["judge_series"]

SHORTEST_DAYS = 21  # a shorter period has too few whole weeks to be held against weekly sums


@dataclass(frozen=True)
class _Sum:
    """A weekly series over a period: shared out by days, whole weeks only, and every week touched."""

    shared: float
    inner: float
    outer: float
    weeks: int
    incomplete: int


def _sum(found: Series, column: str, when: When, keep: dict[str, str]) -> _Sum:
    shared = inner = outer = 0.0
    weeks: set[date] = set()
    incomplete: set[date] = set()
    for row in found.rows:
        monday = parse_day(str(row["week"]))
        if monday is None or any(row.get(k) != v for k, v in keep.items() if v):
            continue
        sunday = monday + timedelta(days=6)
        overlap = (min(sunday, when.end) - max(monday, when.start)).days + 1
        # A release follows the strike by a day or so: a week that only touches the edge counts as touched.
        if overlap <= -2:
            continue
        amount = float(row.get(column) or 0)
        outer += amount
        if overlap <= 0:
            continue
        weeks.add(monday)
        shared += amount * overlap / 7
        inner += amount if overlap == 7 else 0.0
        if row.get("complete") is False and overlap == 7:
            incomplete.add(monday)
    return _Sum(shared, inner, outer, len(weeks), len(incomplete))


def judge_series(ledger: Ledger, claim: Claim, quantity: Quantity) -> Outcome | None:
    """Hold a count over a period against the weekly series of the same measure.

    Parameters
    ----------
    ledger : Ledger
        The article.
    claim : Claim
        The claim the quantity belongs to.
    quantity : Quantity
        The number.

    Returns
    -------
    Outcome or None
        None where no series counts this, or the sentence names no single period or area.
    """
    if quantity.figure_of_speech or quantity.unit in table("cues")["other_units"] or quantity.value is None:
        return None
    left, right = sentence_at(ledger.text, quantity.start, quantity.end)
    sentence = ledger.text[left:right]
    start = quantity.start - left
    close = sentence[max(0, start - 45) : quantity.end - left + 45]
    words = words_of_quantity(ledger, quantity, left, right)
    own = segment_of(sentence, start, quantity.end - left, other_numbers(ledger, left, right, quantity))
    mentions = [d for c in ledger.claims for d in c.dates if left <= d.start and d.end <= right]
    whens = when_in(sentence, parse_day(ledger.published), mentions, left)
    if len(whens) != 1 or whens[0].kind != "period":
        return None
    for count in table("series")["count"]:
        if not _speaks_of(count, words, sentence, close):
            continue
        found = series(count["series"])
        keep = _place(found, sentence[own[0] : own[1]]) or _place(found, sentence)
        if keep is None:
            continue
        return _judge(claim, quantity, sentence, count, found, whens[0], keep)
    return None


def _speaks_of(count: dict[str, Any], words: str, sentence: str, close: str) -> bool:
    def met(pattern: str, text: str) -> bool:
        return re.search(pattern, text, re.IGNORECASE) is not None

    return (
        met(count["phrase"], words)
        and all(met(t, sentence) for t in count["terms"])
        and not met(count["not_terms"], sentence)
        and not cue("rate").search(close)
        and not cue("plan").search(close)
    )


def _place(found: Series, sentence: str) -> dict[str, str] | None:
    """Give the country, and division, a sentence names among those of the series; None where unclear."""
    codes = {str(r["adm0"]) for r in found.rows if r.get("adm0")}
    known = {c: countries()[c] for c in codes if c in countries()}
    named = {c for c, one in known.items() if phrase_pattern((*one.names, *one.demonyms)).search(sentence)}
    if len(named) > 1:
        return {} if named == codes else None
    divisions = {str(r["adm1"]) for r in found.rows if r.get("adm1")}
    hit = set()
    for name in divisions:
        short = re.sub(r"\s+(Governorate|Province)$", "", name)
        bare = re.sub(r"^(Al|Ar|As|Ash|Ad|An)[- ]", "", short)
        # Raqqa and Raqqah, Deir ez-Zor and Deir ez Zor are one.
        loose = [re.sub(r"(?<=a)h$", "h?", re.escape(n)).replace("\\ ", "[- ]") for n in (short, bare)]
        pattern = rf"\b(?:{loose[0]}|(?:(?:al|ar|as|ash|ad|an)[- ])?{loose[1]})\b"
        if re.search(pattern, sentence, re.IGNORECASE):
            hit.add(name)
    if len(hit) > 1:
        return None
    adm0 = named.pop() if named else (next(iter(codes)) if len(codes) == 1 else "")
    if not adm0:
        return None
    return {"adm0": adm0, "adm1": hit.pop()} if hit else {"adm0": adm0}


def _during(when: When) -> str:
    words = period(when.start, when.end)
    return f"from {words}" if " to " in words else f"in {words}"


def _judge(
    claim: Claim,
    quantity: Quantity,
    sentence: str,
    count: dict[str, Any],
    found: Series,
    when: When,
    keep: dict[str, str],
) -> Outcome | None:
    covered = period(found.first, found.last + timedelta(days=6))
    where = keep.get("adm1") or (countries()[keep["adm0"]].names[0] if keep else "Iraq and Syria together")
    if when.start < found.first - timedelta(days=6) or when.end > found.last + timedelta(days=6):
        return Outcome(
            "outside_record",
            f"The weekly series held here ({found.title}) covers {covered}, not "
            f"{period(when.start, when.end)}.",
            rule="period outside the series",
            assumption=when.assumption,
        )
    sums = _sum(found, count["column"], when, keep)
    if when.days < SHORTEST_DAYS or sums.outer == 0:
        return None
    tolerance = float(count["tolerance"])
    low, high = claim_interval(quantity, sentence[: max(0, sentence.find(quantity.text))])
    named = float(quantity.value or 0)
    evidence = Evidence(
        kind="series",
        text=f"About {number(round(sums.shared))} {count['label']}, {where}, {_during(when)}: "
        f"weekly sums shared out by days; between {number(sums.inner)} (whole weeks only) and "
        f"{number(sums.outer)} (every week touched).",
        source=found.source,
        licence=found.licence,
        date_start=when.start.isoformat(),
        date_end=when.end.isoformat(),
        value=round(sums.shared, 1),
        low=sums.inner,
        high=sums.outer,
        unit=found.unit,
        note=found.notes[0] if found.notes else None,
    )
    written = (
        f"within {tolerance:.0%} of the weekly sums shared out by days; "
        "against it only outside every week touched"
    )
    agrees = abs(named - sums.shared) <= tolerance * sums.shared and low <= sums.outer and high >= sums.inner
    own = claim.source and family_of(claim.source) == family_of(count["origin"])
    if agrees:
        who = "the one who is quoted" if own else "a single origin"
        return Outcome(
            "same_source", f"{evidence.text} This agrees, but it comes from {who} ({count['origin']}).",
            "weekly sums agree", written, when.assumption, (evidence,),
        )  # fmt: skip
    about = " ".join((*keep.values(), count["label"]))
    part = part_of_whole(claim, sentence, quantity.text, keep.get("adm0"), about)
    outside = high < sums.inner * (1 - tolerance) or low > sums.outer * (1 + tolerance)
    unsure = (
        sums.incomplete * 3 > sums.weeks
        or not count["complete"]
        or (quantity.approx and _close(named, sums))
        or part
    )
    if outside and not unsure and claim.hedging != "denied":
        return Outcome(
            "contradicted",
            f"The article gives {number(named)}; the same count for the same area and period is: "
            f"{evidence.text}",
            "same count, area and period, outside the weekly bounds and the tolerance",
            written, when.assumption, (evidence,),
        )  # fmt: skip
    incomplete = "too many weeks are incomplete" if count["complete"] else "its weeks are not marked complete"
    why = part or (incomplete if unsure else "weeks do not end with months")
    return Outcome(
        "not_in_record",
        f"This number is not found in the series, and the series cannot rule it out ({why}). {evidence.text} "
        "That is not evidence that it is wrong.",
        "weekly sums cannot decide", written, when.assumption, (evidence,),
    )  # fmt: skip


def _close(named: float, sums: _Sum) -> bool:
    return sums.inner * 0.6 <= named <= sums.outer * 1.4
