"""The article's own forecasts as yes/no questions with a rule and a date, or why none can be made of one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

from ..errors import EstimateRefused, UsageError
from ..reading._claim import Claim, DateMention, Ledger
from ._tables import countries, table
from ._words import parse_day

if TYPE_CHECKING:
    from ..containment import YesNo

__all__ = ["ScorableForecast", "scorable_forecasts", "scorable_of_claim"]

LATE_DAYS = 30
"""Reports come late: a question is resolved so long after its last day."""


@dataclass(frozen=True)
class ScorableForecast:
    """A forecast of an article, as a question that can be scored, or with why it cannot.

    Attributes
    ----------
    claim_id, quote
        The claim and its words.
    reason
        Why it cannot be scored; empty where it can, and then the fields below are set.
    text, counts, area
        The question, the rule, and the country's name.
    opens, starts, ends, resolves
        Day of the article; first and last day on which the event counts; the day from which it can be resolved.
    says
        What the article says comes: yes or no.
    stated
        The probability of yes that the article states in numbers; None where it states none.
    ours
        Our probability with its class, where the record ships one; else None, with `no_class` why.
    note
        What of the forecast the question leaves out.
    """

    claim_id: str
    quote: str
    reason: str = ""
    text: str = ""
    counts: str = ""
    area: str = ""
    opens: date | None = None
    starts: date | None = None
    ends: date | None = None
    resolves: date | None = None
    says: Literal["yes", "no"] = "yes"
    stated: float | None = None
    ours: YesNo | None = None
    no_class: str = ""
    note: str = ""

    @property
    def is_scorable(self) -> bool:
        """True where a question could be made."""
        return not self.reason


def scorable_forecasts(ledger: Ledger) -> tuple[ScorableForecast, ...]:
    """Give every forecast of an article as a question, or with why it is none.

    Parameters
    ----------
    ledger
        The article as read. Its day of publication is the day the questions are asked.

    Returns
    -------
    tuple of ScorableForecast
        In the order of the text; a claim with two years gives two.

    Examples
    --------
    >>> from afterstrike.reading import read_document
    >>> text = "Damascus, Syria. US strikes on ISIS in Syria will continue in 2027, officials said."
    >>> found = scorable_forecasts(read_document(text, published="2026-02-14"))
    >>> found[0].text
    'Is there an announced air strike by the striking power in Syria between 2027-01-01 and 2027-12-31?'
    """
    found: list[ScorableForecast] = []
    where = _country(ledger)
    for claim in ledger.claims:
        if claim.kind == "forecast":
            found += scorable_of_claim(
                claim, published=ledger.published, language=ledger.language, default_area=where
            )
    return tuple(found)


def _country(ledger: Ledger) -> str | None:
    """Give the country that most claims name, of equals the one where events happened; without any, the one named most.

    Claims, not words: an article names the capital that strikes many times in few statements.
    """
    claims = Counter(
        code for claim in ledger.claims for code in {place.adm0 for place in claim.places} if code
    )
    events = Counter(event.adm0 for event in ledger.events if event.adm0)
    named = Counter(place.adm0 for place in ledger.places if place.adm0)
    counts = claims or events or named
    return max(counts, key=lambda code: (counts[code], events[code], named[code])) if counts else None


def scorable_of_claim(
    claim: Claim, *, published: str | None, language: str = "en", default_area: str | None = None
) -> list[ScorableForecast]:
    """Make a question of one claim for each date it names, or say why none can be made.

    Parameters
    ----------
    claim
        A claim of kind `forecast`.
    published
        ISO day of the article; without it no date can be held against it.
    language
        Of the article; the rules read English.
    default_area
        ISO 3166 code of the article's country, where the claim names no place.

    Returns
    -------
    list of ScorableForecast
    """
    rules = table("scorable")
    none = ScorableForecast(claim.id, " ".join(claim.quote.split()))
    opens = parse_day(published)
    if reason := _unfit(claim, language, rules):
        return [replace(none, reason=reason)]
    outcome = _outcome(claim.quote, rules)
    if isinstance(outcome, str):
        return [replace(none, reason=outcome)]
    if opens is None:
        reason = "The article has no date, so what it says of the time ahead has none either."
        return [replace(none, reason=reason)]
    ahead = [one for one in claim.dates if one.date_end and date.fromisoformat(one.date_end) > opens]
    if not ahead:
        over = any(one.date_end for one in claim.dates)
        reason = (
            "The date it names was over on the day of the article."
            if over
            else "No date is given by which it could be judged."
        )
        return [replace(none, reason=reason)]
    area = next((place.adm0 for place in claim.places if place.adm0), default_area)
    if area is None or area not in countries():
        return [replace(none, reason="It names no country in which the event would count.")]
    return [_question(none, claim, one, outcome, area, opens, rules) for one in ahead]


def _unfit(claim: Claim, language: str, rules: dict[str, Any]) -> str:
    """Say why a claim's wording can be held against nobody; empty where it can."""
    if language != "en":
        return "Its language is not read well enough to put a question from it."
    if claim.hedging in ("denied", "doubted"):
        return "The article reports it only to doubt it."
    if claim.is_wish:
        return "The article tells what somebody fears, plans or asks for; nobody states it as coming."
    if re.search(rules["conditional"], claim.quote, re.IGNORECASE):
        return "It holds only on a condition, or only perhaps: nothing that comes could prove it wrong."
    if re.search(rules["ending"], claim.quote, re.IGNORECASE):
        return "It says that something ends; whether it has is known only from what does not follow."
    return ""


def _outcome(quote: str, rules: dict[str, Any]) -> dict[str, Any] | str:
    """Give the outcome that can be counted, or say why there is none."""
    for rule in rules["outcomes"].values():
        words = all(re.search(rule[name], quote, re.IGNORECASE) for name in ("words", "needs"))
        if words and not re.search(rule["not"], quote, re.IGNORECASE):
            if re.search(rules["measured"], quote, re.IGNORECASE):
                return "It speaks of more or less, against a count that it does not name."
            return dict(rule)
    return "It names no outcome that can be counted: no strike, break from custody or withdrawal."


def _question(
    none: ScorableForecast,
    claim: Claim,
    mention: DateMention,
    outcome: dict[str, Any],
    adm0: str,
    opens: date,
    rules: dict[str, Any],
) -> ScorableForecast:
    starts, ends = _period(claim, mention, opens, rules)
    if ends < starts:
        return replace(none, reason="The period it names was over on the day of the article.")
    area = countries()[adm0].names[0]
    words = {"area": area, "start": starts.isoformat(), "end": ends.isoformat()}
    chance = re.search(rules["chance"], claim.quote, re.IGNORECASE)
    stated = float(chance[1]) / 100 if chance and float(chance[1]) <= 100 else None
    is_no = re.search(rules["negation"], claim.quote, re.IGNORECASE) is not None
    found = replace(
        none,
        text=outcome["text"].format(**words),
        counts=outcome["counts"].format(**words),
        area=area,
        opens=opens,
        starts=starts,
        ends=ends,
        resolves=ends + timedelta(days=LATE_DAYS),
        says="no" if is_no else "yes",
        stated=None if stated is None else 1 - stated if is_no else stated,
        note=" ".join(
            rules[f"{name}_note"]
            for name in ("open_end", "without")
            if re.search(rules[name], claim.quote, re.IGNORECASE)
        ),
    )
    ours, why = _ours(found, adm0, outcome["measures"])
    return replace(found, ours=ours, no_class=why)


def _period(claim: Claim, mention: DateMention, opens: date, rules: dict[str, Any]) -> tuple[date, date]:
    """Give the days on which the event counts; "by June" begins with the article's day."""
    assert mention.date_end is not None
    ends = date.fromisoformat(mention.date_end)
    starts = date.fromisoformat(mention.date_start) if mention.date_start else opens
    ahead = claim.quote[: max(0, mention.start - claim.start)]
    if re.search(rules["before"], ahead, re.IGNORECASE) and not mention.text.casefold().startswith("end"):
        ends = starts - timedelta(days=1)
    if re.search(rules["until"], ahead, re.IGNORECASE):
        starts = opens
    return max(starts, opens), ends


def _ours(found: ScorableForecast, adm0: str, measures: Sequence[str]) -> tuple[YesNo | None, str]:
    """Give our probability from the shipped figures of that country, or why there is none."""
    from ..containment import reference_from_figures, yes_no

    if not measures:
        return None, "No reference class is shipped for it; bring past years as a table."
    assert found.opens and found.starts and found.ends and found.resolves
    try:
        reference = reference_from_figures([adm0], as_of=found.opens, measures=measures)
        made = yes_no(
            found.text, area=[found.area], counts=found.counts, opens=found.opens, starts=found.starts, ends=found.ends,
            resolves=found.resolves, reference=reference,
        )  # fmt: skip
    except (EstimateRefused, UsageError):
        return None, f"No shipped figure speaks of a past year in {found.area}."
    return made, ""
