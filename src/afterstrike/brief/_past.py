"""Comparisons with an earlier time: the closest sourced measure then, and the latest before publication."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from afterstrike.brief._context import cue
from afterstrike.brief._figure import evidence_of, middle_of, when_of, words_of
from afterstrike.brief._model import Evidence
from afterstrike.brief._weigh import Outcome
from afterstrike.brief._words import joined, number, parse_day, sentence_at
from afterstrike.reading._claim import Claim, Ledger
from afterstrike.record.shipped import Figure, Measure, closest_measures, measures

__all__ = ["Comparison", "comparisons", "judge_comparison", "years_compared"]

_YEAR = re.compile(r"\b(19[89]\d|20\d\d)\b")


@dataclass(frozen=True)
class Comparison:
    """One comparison of now with a year, for which only a neighbouring measure is held."""

    start: int
    end: int
    text: str
    year: int
    claims: tuple[str, ...]
    sentence: str
    evidence: tuple[Evidence, ...]
    unlike: str
    assumption: str


def _months(figure: Figure) -> float:
    return max(((figure.period_end - figure.period_start).days + 1) / 30.44, 1 / 30.44)


def _that_year(year: int, measure: Measure, figures: Sequence[Figure], published: date) -> list[Figure]:
    """Figures inside the year compared with: the whole year first, else its parts."""
    inside = [
        f for f in figures
        if f.measure == measure.id
        and f.period_start.year == f.period_end.year == year
        and f.period_end <= published
    ]  # fmt: skip
    return sorted(inside, key=lambda f: -_months(f))


def _latest(measure: Measure, figures: Sequence[Figure], published: date, after: date) -> list[Figure]:
    """The latest figures of the measure, or of those that may stand beside it, of the last year."""
    ids = (measure.id, *measure.comparable_with)
    near = [f for f in figures if f.measure in ids and after < f.period_end <= published]
    recent = [f for f in near if (published - f.period_end).days <= 366]
    chosen = recent or sorted(near, key=lambda f: f.period_end)[-2:]
    return sorted(chosen, key=lambda f: f.period_end)


def comparisons(ledger: Ledger, figures: Sequence[Figure]) -> list[Comparison]:
    """Set each comparison with an earlier year beside the closest sourced numbers of both times.

    Parameters
    ----------
    ledger : Ledger
        The article; without a publication date the later side is not known and nothing is compared.
    figures : sequence of Figure
        All figures there are.
    """
    published = parse_day(ledger.published)
    if published is None:
        return []
    found = []
    for where, year, left, sentence in years_compared(ledger, published):
        one = _beside(ledger, sentence, left, where, year, figures, published)
        if one is not None:
            found.append(one)
    return found


def years_compared(ledger: Ledger, published: date) -> Iterator[tuple[tuple[int, int], int, int, str]]:
    """Find each comparison with an earlier year: its span, the year, where its sentence begins, the sentence."""
    for match in cue("comparison").finditer(ledger.text):
        left, right = sentence_at(ledger.text, match.start(), match.end())
        stated = _YEAR.search(ledger.text, match.end(), min(right, match.end() + 40))
        if stated is not None and int(stated.group()) < published.year:
            yield (match.start(), stated.end()), int(stated.group()), left, ledger.text[left:right]


def _beside(
    ledger: Ledger,
    sentence: str,
    left: int,
    where: tuple[int, int],
    year: int,
    figures: Sequence[Figure],
    published: date,
) -> Comparison | None:
    for measure, phrase in closest_measures(sentence):
        then = _that_year(year, measure, figures, published)
        now = _latest(measure, figures, published, date(year, 12, 31))
        if not then or not now:
            continue
        begin = min(where[0], left + phrase.start())
        text = " ".join(ledger.text[begin : where[1]].split())
        claims = tuple(c.id for c in ledger.claims if c.start < where[1] and c.end > begin)
        notes = [measure.unlike or ""]
        notes += [measures()[f.measure].unlike or "" for f in now if f.measure != measure.id]
        unlike = joined(n for n in notes if n)
        return Comparison(
            begin, where[1], text, year, claims,
            _sentence(text, measure, then, now, published),
            tuple(
                evidence_of(f, measures()[f.measure], measures()[f.measure].unlike)
                for f in (*then[:1], *now[-4:])
            ),
            unlike,
            f"assuming publication on {published.isoformat()}",
        )  # fmt: skip
    return None


def _sentence(text: str, measure: Measure, then: list[Figure], now: list[Figure], published: date) -> str:
    first = then[0]
    rate_then = middle_of(first) / _months(first)
    shown = now[-4:]
    said = joined(
        f"{words_of(f)} {measures()[f.measure].label} {when_of(f, measures()[f.measure])}" for f in shown
    )
    total = sum(middle_of(f) for f in _distinct(shown))
    begin = min(f.period_start for f in shown)
    months = (published.year - begin.year) * 12 + published.month - begin.month + 1
    rate_now = total / months
    times = rate_then / rate_now if rate_now > 0 else 0.0
    ratio = f", about {times:,.0f} to 1" if times >= 1.5 else ""
    return (
        f"No count of what the article compares (“{text}”) is held here. The closest sourced measure: "
        f"{words_of(first)} {measure.label} {when_of(first, measure)} ({number(round(rate_then))} "
        f"a month), against {said}"
        f" (together {number(round(total))} or more announced, {number(round(rate_now))} a month "
        f"over the {months} "
        f"calendar month{'' if months == 1 else 's'} to publication){ratio}. "
        f"Note: {measure.unlike or 'the two sides are not the same measure'}."
    )


def _distinct(figures: Sequence[Figure]) -> list[Figure]:
    """Leave out figures whose period lies inside a longer one of the same measure: none counts twice."""
    return [
        f for f in figures
        if not any(
            g is not f and g.measure == f.measure
            and g.period_start <= f.period_start and f.period_end <= g.period_end
            and (g.period_end - g.period_start) > (f.period_end - f.period_start)
            for g in figures
        )
    ]  # fmt: skip


def judge_comparison(claim: Claim, found: Sequence[Comparison]) -> Outcome | None:
    """Give the outcome for a claim that holds a comparison: set beside, never decided.

    Two unlike measures cannot settle a comparison, so the verdict is that nothing here covers it.
    """
    mine = next((c for c in found if claim.id in c.claims), None)
    if mine is None:
        return None
    return Outcome(
        "outside_record",
        mine.sentence,
        "comparison with an earlier time, beside the closest sourced measure",
        f"none: {mine.unlike}" if mine.unlike else "none: the measures are not the same",
        mine.assumption,
        mine.evidence,
    )
