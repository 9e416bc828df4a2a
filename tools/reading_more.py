"""More tasks that reading is measured on: the Arabic gold, pairs of reports, attributions, one whole
article.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from afterstrike.reading import Ledger, read_document
from afterstrike.reading._actor import canonical_actor, find_actors
from afterstrike.reading._attribution import attribute
from afterstrike.reading._batch import read_batch
from afterstrike.reading._claim import AttributionMention
from afterstrike.reading._held import attributions_of
from afterstrike.reading._sentence import sentences
from afterstrike.reading.arabic._actor import find_actors as find_arabic_actors
from afterstrike.reading.arabic._fold import fold, fold_words, tokens
from reading_tasks import DATA, rows

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)+)"')
ARTICLE = DATA.parents[1] / "articles" / "caliphate-ghost.txt"


def gold() -> tuple[Counter[str], Counter[str]]:
    """Read the Arabic excerpts coded by hand: for each field, how many items there are and how many are
    found.
    """
    have: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for row in rows("arabic_hand_gold/dev"):
        ledger = read_document(row["text"], published=row["anchor_date"], language="ar")
        counts = [c for e in ledger.events for c in e.counts]
        coded = row["gold"]

        def found(outcome: str, item: dict[str, Any]) -> bool:
            for c in counts:  # noqa: B023
                if c.outcome == outcome and not c.cumulative:
                    if item["value"] is not None and c.value == item["value"]:
                        return True
                    if item["value"] is None and c.value is None:
                        return True
            return False

        for field, outcome in (
            ("killed", "killed"),
            ("injured", "injured"),
            ("combined", "killed_or_injured"),
        ):
            for item in coded.get(field, []):
                have[field] += 1
                right[field] += found(outcome, item)
            if field != "combined" and not coded.get(field):
                # nothing coded: a number read would be one too many
                have[f"no {field}"] += 1
                right[f"no {field}"] += not any(c.outcome == outcome and not c.cumulative for c in counts)
        for item in coded.get("cumulative", []):
            have["running totals"] += 1
            right["running totals"] += not any(c.value == item["value"] and not c.cumulative for c in counts)
        quantities = [q for c in ledger.claims for q in c.quantities]
        for item in coded.get("other_quantities", []):
            have["other counts"] += 1
            right["other counts"] += any(q.value == item["value"] for q in quantities)
        names = [fold_words(p.text) for p in ledger.places]
        for place in coded.get("places", []):
            have["places"] += 1
            right["places"] += any(n in fold_words(place) for n in names if len(n) > 2)
        days = {d.date_start for c in ledger.claims for d in c.dates} | {e.date_start for e in ledger.events}
        for item in coded.get("dates", []):
            have["dates"] += 1
            want = date.fromisoformat(item["norm"][:10])
            right["dates"] += any(d and abs((date.fromisoformat(d) - want).days) <= 1 for d in days)
        folded = fold(row["text"])
        said = {fold_words(m.text) for m in find_arabic_actors(folded, tokens(folded.text))}
        for actor in coded.get("actor", []):
            have["actors"] += 1
            right["actors"] += any(a in fold_words(actor) or fold_words(actor) in a for a in said)
        sources = {fold_words(c.source or "") for c in ledger.claims} | {c.source for c in ledger.claims}
        for item in coded.get("attribution", []):
            have["sources"] += 1
            name = item["source"].split("(")[0].strip()
            known = canonical_actor(name)
            right["sources"] += any(
                s
                and (
                    s in fold_words(name) or fold_words(name) in s or s == known or f"({s})" in item["source"]
                )
                for s in sources
            )
    return have, right


class ScoredPair(NamedTuple):
    """Two reports: whether they are coded as one incident, and what the score makes of them."""

    is_same: bool
    score: float
    both_name_place: bool
    is_linked: bool  # at or over the score that incidents are joined from, and not barred
    is_round_up: bool  # one of the two tells of three events or more


def pairs(half: str, language: str = "ar", *, by_address: bool = False) -> list[ScoredPair]:
    """Score pairs of reports: of one coded incident, or of two that are coded within seven days.

    `by_address` adds what a line of reports may state beside the text: the day of publication, and the day and
    headline in the page's address. What was coded is no input; it says which pairs there are, and which are the same.
    """
    from afterstrike.record.incidents._score import SAME, best_pair, rarity
    from afterstrike.record.incidents._told import of_address, told_of

    coded = [row for row in rows(f"airwars_source_excerpts/{half}") if row["lang"] == language]
    records = []
    for row in coded:
        day = of_address(row["url"])[0]
        published = (row["published"] or "")[:10] or (day.isoformat() if day else None)
        one = {"id": row["source_id"], "text": row["excerpt"], "lang": language}
        records.append(one | ({"published": published} if by_address else {}))
    told = [
        told_of(row["source_id"], line, row["excerpt"], url=row["url"] if by_address else None)
        for row, line in zip(coded, read_batch(records, candidates=False), strict=True)
    ]
    words, places = rarity(t[0].words for t in told), rarity(t[0].places for t in told)
    days = [date.fromisoformat(row["coded"]["date"]) for row in coded]
    found = []
    for a, b in itertools.combinations(range(len(coded)), 2):
        first, second = coded[a], coded[b]
        is_same = bool(set(first["airwars_ids"]) & set(second["airwars_ids"]))
        if is_same or abs((days[a] - days[b]).days) <= 7:
            pair = best_pair(told[a], told[b], words, places)
            is_linked = pair.score >= SAME and not pair.is_barred
            both = bool(first["place_in_text"] and second["place_in_text"])
            found.append(
                ScoredPair(is_same, pair.score, both, is_linked, max(len(told[a]), len(told[b])) >= 3)
            )
    return found


def auc(found: Sequence[ScoredPair]) -> float:
    """Give the share of pairs of a pair of one and a pair of two incidents in which the first scores higher."""
    import numpy as np
    from scipy.stats import rankdata

    truth = np.array([pair.is_same for pair in found])
    ranks = rankdata([pair.score for pair in found])
    ones, others = int(truth.sum()), int((~truth).sum())
    return float((ranks[truth].sum() - ones * (ones + 1) / 2) / (ones * others))


def linked(found: Sequence[ScoredPair]) -> tuple[int, int, int]:
    """Count the pairs that are linked and coded as one incident, those that are linked, and those coded as one."""
    both = sum(pair.is_linked and pair.is_same for pair in found)
    return both, sum(pair.is_linked for pair in found), sum(pair.is_same for pair in found)


def polnear(half: str) -> dict[str, Counter[str]]:
    """Find the source of each coded cue in its sentence; a span that overlaps a coded one counts as found.

    "as a claim takes it" is the one source `attribute` gives a sentence, whichever cue is coded: what a claim carries.
    "statements only" and "all kinds" take, of the attributions found in the sentence, the one whose cue stands nearest to
    the coded cue; where the coded cue was missed that is another's, and most often wrong.
    """
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("as a claim takes it", "statements only", "all kinds")
    }
    for row in rows(f"polnear_attribution/{half}"):
        if not row["source"] or not row["cue"]:
            continue
        text, at = row["text"], row["cue"][0][0]
        for a, b in sentences(text):
            if not a <= at < b:
                continue
            actors = tuple(find_actors(text, a, b))
            found = attributions_of(text, a, b, actors)
            spans = {
                "as a claim takes it": attribute(text, a, b, actors=actors).span,
                "statements only": _nearest([one for one in found if one.kind == "says"], row["cue"]),
                "all kinds": _nearest(found, row["cue"]),
            }
            for name, span in spans.items():
                counts[name]["coded"] += 1
                counts[name]["given"] += span is not None
                counts[name]["overlap"] += bool(
                    span and any(span[0] < y and x < span[1] for x, y in row["source"])
                )
    return counts


def _nearest(found: Sequence[AttributionMention], cue: list[list[int]]) -> tuple[int, int] | None:
    if not found:
        return None
    one = min(found, key=lambda f: min(max(0, x - f.cue_end, f.cue_start - y) for x, y in cue))
    return one.start, one.end


SURENESS = ("as fact", "claimed", "in doubt")


def sureness(coded: str) -> set[str]:
    """Give the classes of a coded confidence: as fact, claimed (by the organisation), or in doubt.

    In doubt are suspected, accused, possible and acquitted ones, in whoever's words; alternatives give several.
    """
    words = coded.split(":")[0].upper()
    found = {"as fact"} if "REPORTED AS FACT" in words else set()
    found |= {"claimed"} if "CLAIMED" in words else set()
    return found | (
        {"in doubt"} if any(w in words for w in ("SUSPECTED", "POSSIBLE", "ACQUITTED")) else set()
    )


def perpetrators(half: str) -> Counter[str]:
    """Read MUC-4 texts: how surely the organisation behind a coded incident is named, by the reader's claims.

    Of the claims that name it, the first one inside the words of an event counts, else the first. It is
    "claimed" where the organisation is the source, "in doubt" where the claim is hedged, else "as fact".
    """
    count: Counter[str] = Counter()
    for row in rows(f"muc4/{half}"):
        coded = [c for t in row["templates"] for c in t.get("perp_organization_confidence") or []]
        ledger = read_document(row["text"]) if coded else None
        for one in coded:
            names = [name.replace("\\", "").strip('"').casefold() for name in _QUOTED.findall(one)]
            classes = sureness(one)
            if ledger is None or not names or not classes:
                continue
            given = _named(ledger, names)
            count["coded"] += 1
            count["answered"] += given is not None
            count["right"] += given in classes
            if len(classes) == 1:  # by class only where it is one
                (only,) = classes
                count[f"coded {only}"] += 1
                count[f"right {only}"] += given == only
    return count


def _named(ledger: Ledger, names: list[str]) -> str | None:
    """Give how surely the first claim that has one of these names says so, or None where no claim has one."""

    def has(words: str | None) -> bool:
        flat = " ".join((words or "").casefold().split())
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", flat) for name in names)

    spans = [span for event in ledger.events for group in event.spans.values() for span in group]
    claims = [claim for claim in ledger.claims if has(claim.quote) or has(claim.source)]
    claims.sort(key=lambda claim: not any(claim.start <= a and b <= claim.end for a, b in spans))
    if not claims:
        return None
    if has(claims[0].source):
        return "claimed"
    return "in doubt" if claims[0].hedging in ("likely", "possible", "doubted", "denied") else "as fact"
