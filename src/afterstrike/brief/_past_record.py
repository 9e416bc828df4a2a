"""Comparisons with an earlier year, set beside the record's own counts of both times."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

from ..errors import EstimateRefused, UsageError
from ..reading._claim import Ledger
from ._followed_shifts import source_name
from ._model import Check, Evidence
from ._past import years_compared
from ._shift_words import shift_cue
from ._study_choice import choose_studies
from ._words import parse_day

if TYPE_CHECKING:
    from ..effects import TempoResult

__all__ = ["WINDOW_DAYS", "beside_record"]

WINDOW_DAYS = 90
"""The present of an article: so many days up to its publication. Declared, the same for every article."""
_FEWEST_DAYS = 28

Kind = Literal["strike", "attack"]


def beside_record(record: Any, ledger: Ledger, checks: Sequence[Check]) -> list[Check]:
    """Add the record's own rate, then and now, to checks of claims that compare now with an earlier year.

    The rule. The claim holds a comparison with a year, as "reminiscent of 2017". What is compared are strikes or
    attacks, by the nearest word before it. Whose: the parties of the studies this record carries for this article,
    those that the claim names if it names any. Now is the 90 days up to publication, fewer (28 at least) where the
    year named ends within them. The record must cover both times; else the check is given back as it is. No verdict
    changes: a rate of records beside a phrase settles nothing.
    """
    published = parse_day(ledger.published)
    if published is None:
        return list(checks)
    told: dict[str, list[tuple[str, Evidence]]] = {}
    for (start, end), year, left, sentence in years_compared(ledger, published):
        kind = _kind(sentence[: start - left])
        claims = [claim for claim in ledger.claims if claim.start < end and claim.end > start]
        if kind is None or not claims:
            continue
        named = {mention.name for claim in claims for mention in claim.actors}
        found = list(_compared(record, ledger, kind, year, published, named))
        for claim in claims:
            told.setdefault(claim.id, []).extend(found)
    return [_with(check, told.get(check.claim_id, [])) for check in checks]


def _with(check: Check, found: Sequence[tuple[str, Evidence]]) -> Check:
    unique = dict(found)
    if not unique:
        return check
    return replace(
        check,
        sentence=" ".join([check.sentence, *unique, "These are rates of records, not of what happened."]),
        evidence=(*check.evidence, *unique.values()),
    )


def _kind(before: str) -> Kind | None:
    """Say what a comparison is about: the nearest word before it decides."""
    found: list[tuple[int, Kind]] = [
        (match.end(), "strike") for match in shift_cue("of_strikes").finditer(before)
    ]
    found += [(match.end(), "attack") for match in shift_cue("of_attacks").finditer(before)]
    return max(found)[1] if found else None


def _compared(
    record: Any, ledger: Ledger, kind: Kind, year: int, published: date, named: set[str | None]
) -> Iterator[tuple[str, Evidence]]:
    choices, _ = choose_studies(record, ledger)
    asked = dict.fromkeys(
        (one.striker, one.strike_dataset, one.adm0, one.country, one.strikers)
        if kind == "strike"
        else (one.attacker, one.attack_dataset, one.adm0, one.country, one.attackers)
        for one in choices
    )
    mine = [one for one in asked if one[0] in named] or list(asked)
    for party, dataset, adm0, country, words in mine:
        rows = record.events(
            kind=kind,
            initiator=party or None,
            adm0=adm0 or None,
            dataset=dataset,
            date_to=published.isoformat(),
        )
        spans = [
            (str(row["first_date"])[:10], str(row["last_date"])[:10])
            for row in record.datasets()
            if row["dataset"] == dataset and row["first_date"] and row["last_date"]
        ]
        if not spans or not len(rows):
            continue
        period = min(a for a, _ in spans), min(max(b for _, b in spans), published.isoformat())
        # Just after the year named, the present is shorter: no day stands on both sides.
        start = max(published - timedelta(days=WINDOW_DAYS - 1), date(year + 1, 1, 1))
        if (published - start).days + 1 < _FEWEST_DAYS:
            continue
        window = start.isoformat(), published.isoformat()
        from ..effects import tempo_against_past

        try:
            result = tempo_against_past(rows, window=window, reference=str(year), period=period)
        except (EstimateRefused, UsageError):
            continue
        what = f"recorded {kind}s by {words}, {country}"
        yield _told(result, what, source_name(record, dataset))


def _told(result: TempoResult, what: str, source: str) -> tuple[str, Evidence]:
    from ..effects._tempo._result import against_sentence

    rows = result.to_frame().to_dict("records")
    first, *others = rows
    closest = [row for row in others if row["reason"]]
    said = " ".join(
        [
            f"In the record itself ({source}), {what}: {first['observed']:,.0f} from {first['window_first']} to "
            f"{first['window_last']}, {first['window_events_a_week']:.3g} a week.",
            *(against_sentence(row) for row in (first, *closest[-1:])),
        ]
    )
    evidence = Evidence(
        "series",
        f"{what[:1].upper()}{what[1:]}, {first['window_first']} to {first['window_last']}: {against_sentence(first)}",
        source=source,
        date_start=str(first["first"]),
        date_end=str(first["window_last"]),
        value=_number(first["rate_ratio"]),
        low=_number(first["rate_ratio_low"]),
        high=_number(first["rate_ratio_high"]),
        unit="ratio of recorded rates, now to then",
        note=" ".join([*(against_sentence(row) for row in others if not row["reason"]), result.standing()]),
    )
    return said, evidence


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
