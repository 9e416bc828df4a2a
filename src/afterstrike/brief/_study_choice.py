"""Which studies of a record a brief runs: chosen by a written rule before anything is estimated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..reading._claim import Ledger
from ._effect_words import phrases
from ._record_view import country_name, named_countries

__all__ = ["Choice", "choose_studies"]

# Rows known to the week's part and to about 25 km; coarser ones say too little for windows of days and km.
COARSEST_DATE, COARSEST_PLACE = 2, 2
MOST_STUDIES = 2
UNNAMED = "a party the record does not name"


@dataclass(frozen=True)
class Choice:
    """One study to run: whose strikes, whose attacks, where, when, from which data sets, and why these.

    `striker`, `attacker` or `adm0` is empty where the data set names no party, or no country, at all.
    """

    striker: str
    attacker: str
    adm0: str
    country: str
    strike_dataset: str
    attack_dataset: str
    period: tuple[str, str]
    why: str

    @property
    def strikers(self) -> str:
        """Who struck, in words."""
        return self.striker or UNNAMED

    @property
    def attackers(self) -> str:
        """Who attacked, in words."""
        return self.attacker or UNNAMED


@dataclass(frozen=True)
class _Group:
    """Usable rows of one kind, country, data set and initiator."""

    kind: str
    adm0: str
    dataset: str
    initiator: str
    rows: int


def choose_studies(record: Any, ledger: Ledger) -> tuple[list[Choice], list[str]]:
    """Choose at most two studies, and say what is missing where there is none.

    The rule. Country: those the article names, by how often; else the one with most strikes on record.
    Strikes: by the parties the article names where it speaks of strikes, most named first, else by those it
    names anywhere; else by the party with most strikes there.
    Attacks: by the party the article names most, else by the one with most attacks there; never the party
    that struck. Of each the one data set with most usable rows, so that no event counts twice. Period: the
    days both data sets cover there, up to the article's publication. Nothing is estimated before the choice,
    and nothing chosen after.
    """
    groups = _groups(record)
    strikes = [g for g in groups if g.kind == "strike"]
    attacks = [g for g in groups if g.kind == "attack"]
    if not strikes or not attacks:
        return [], _missing(record, bool(strikes), bool(attacks))
    named, striking = _named(ledger, only_strikes=False), _named(ledger, only_strikes=True)
    choices: list[Choice] = []
    reasons: list[str] = []
    for adm0 in _countries(strikes, ledger):
        here = _choices_in(record, adm0, strikes, attacks, (striking, named), ledger.published, reasons)
        choices += here[: MOST_STUDIES - len(choices)]
        if len(choices) == MOST_STUDIES:
            break
    return choices, ([] if choices else list(dict.fromkeys(reasons)))


def _groups(record: Any) -> list[_Group]:
    samples = [str(d["dataset"]) for d in record.datasets() if d.get("is_sample")]
    sql = """
        SELECT kind, coalesce(adm0, ''), dataset, coalesce(initiator, ''), count(*) AS n FROM events
        WHERE kind IN ('strike', 'attack')
          AND lat IS NOT NULL AND date_start IS NOT NULL
          AND coalesce(date_precision, 1) <= ? AND coalesce(geo_precision, 1) <= ?
        GROUP BY ALL ORDER BY n DESC, 1, 2, 3, 4
    """
    rows = record.connection.execute(sql, [COARSEST_DATE, COARSEST_PLACE]).fetchall()
    groups = [_Group(*row) for row in rows if row[2] not in samples]
    # Rows without a party or country count only where their data set never states one.
    naming = {(g.dataset, g.kind) for g in groups if g.initiator}
    placing = {(g.dataset, g.kind) for g in groups if g.adm0}
    return [
        g
        for g in groups
        if (g.initiator or (g.dataset, g.kind) not in naming)
        and (g.adm0 or (g.dataset, g.kind) not in placing)
    ]


def _countries(strikes: Sequence[_Group], ledger: Ledger) -> list[str]:
    known = Counter[str]()
    for group in strikes:
        known[group.adm0] += group.rows
    named = [code for code in named_countries(ledger) if code in known]
    return named or [code for code, _ in known.most_common(1)]


def _choices_in(
    record: Any,
    adm0: str,
    strikes: Sequence[_Group],
    attacks: Sequence[_Group],
    mentions: tuple[Counter[str], Counter[str]],
    published: str | None,
    reasons: list[str],
) -> list[Choice]:
    country = country_name(adm0) if adm0 else "the area of the record"
    striking, named = mentions
    by_striker = _best(g for g in strikes if g.adm0 == adm0)
    found: list[Choice] = []
    for striker in _order(by_striker, striking if striking.keys() & by_striker.keys() else named):
        others = {
            name: g
            for name, g in _best(g for g in attacks if g.adm0 == adm0).items()
            if name != striker or not name
        }
        if not others:
            reasons.append(
                f"no attack in {country} by a party other than {striker or UNNAMED} is on record with its "
                "day and place"
            )
            continue
        attacker = _order(others, named)[0]
        one, two = by_striker[striker], others[attacker]
        span = _both_cover(record, adm0, one.dataset, two.dataset, published)
        if span is None:
            reasons.append(
                f"{one.dataset} and {two.dataset} share no day in {country} before the article: strikes and "
                "attacks of the same time are needed"
            )
            continue
        said = "the article names it" if named[striker] else "it has most strikes there on record"
        said_too = "the article names it" if named[attacker] else "it has most attacks there on record"
        found.append(
            Choice(
                striker, attacker, adm0, country, one.dataset, two.dataset, span,
                f"strikes by {striker or UNNAMED} ({said}), attacks by {attacker or UNNAMED} ({said_too}), "
                f"in {country}, on the days both data sets cover",
            )
        )  # fmt: skip
    return found


def _best(groups: Any) -> dict[str, _Group]:
    """Give for each initiator the data set with most usable rows; groups come most first."""
    best: dict[str, _Group] = {}
    for group in groups:
        best.setdefault(group.initiator, group)
    return best


def _order(best: dict[str, _Group], named: Counter[str]) -> list[str]:
    """Give the parties the article names, most named first, else the one with most rows."""
    mentioned = sorted((name for name in best if named[name]), key=lambda name: (-named[name], name))
    return mentioned or list(best)[:1]


def _named(ledger: Ledger, *, only_strikes: bool) -> Counter[str]:
    """Count how often claims name each party: all claims, or those that speak of strikes."""
    words = phrases("strikes")
    return Counter(
        mention.name
        for claim in ledger.claims
        if not only_strikes or words.search(claim.quote)
        for mention in claim.actors
        if mention.name is not None
    )


def _both_cover(record: Any, adm0: str, one: str, two: str, published: str | None) -> tuple[str, str] | None:
    """Give the days both data sets cover, none after the article: what followed later is not earlier."""
    sql = "SELECT min(date_start), max(date_end) FROM events WHERE ? IN ('', adm0) AND dataset = ?"
    spans = [record.connection.execute(sql, [adm0, name]).fetchone() for name in (one, two)]
    if any(value is None for span in spans for value in span):
        return None
    first = max(str(a)[:10] for a, _ in spans)
    last = min([str(b)[:10] for _, b in spans] + ([published] if published else []))
    return (first, last) if first <= last else None


def _missing(record: Any, has_strikes: bool, has_attacks: bool) -> list[str]:
    """Say what a record would need that has no usable strikes or attacks."""
    said = []
    for kind, there, what in (
        ("strike", has_strikes, "strikes"),
        ("attack", has_attacks, "attacks"),
    ):
        if there:
            continue
        sql = "SELECT count(*) FROM events WHERE kind = ?"
        total = record.connection.execute(sql, [kind]).fetchone()[0]
        have = (
            f"{total:,} rows are {what}, but none states its day within a few days and its place within "
            "about 25 km"
            if total
            else f"no row of the record is coded as one of {what}"
        )
        said.append(f"{have}; needed are {what} with who, day and place")
    return said
