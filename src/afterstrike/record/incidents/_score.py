"""Scores whether two reports tell of one event, with the reasons in words.

The score is a sum of what speaks for and against, in round weights set by hand: they say how much more often
a finding holds for two reports of one event than for two of others. It was measured, not fitted
(docs/reading.md).
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from afterstrike.reading.arabic._fold import fold_words, tokens
from afterstrike.reading.gazetteer._names import bare
from afterstrike.reading.gazetteer._rank import distance_km

__all__ = ["SAME", "Pair", "Rarity", "Told", "pair_score", "rarity", "told_of", "word_hashes"]

SAME = 3.0
"""The least score of two reports taken for one event."""

_BUCKETS = 1 << 24
_MOST_WORDS = 600
_HIT = frozenset({"strike", "attack", "violence_against_civilians"})
_ARABIC = re.compile("[\u0600-\u06ff]")
_RARE = 10  # reports; a word in no more of them than this is rare


@dataclass(frozen=True)
class Told:
    """An event as one report tells it, and what of the report helps to compare it."""

    told_id: str
    report_id: str
    event: Mapping[str, Any]
    words: frozenset[int]
    published: date | None = None
    outlet: str | None = None
    places: frozenset[str] = field(default=frozenset())  # every place the report names, as keys
    days: frozenset[str] = field(default=frozenset())  # every day the report names


@dataclass(frozen=True)
class Pair:
    """The score of two reports and why; `is_barred` where they cannot be one event whatever else agrees."""

    score: float
    reasons: tuple[str, ...]
    is_barred: bool = False


def word_hashes(text: str) -> list[int]:
    """Give hashes of the distinct words of a text, without the particles Arabic prefixes; at most 600.

    Examples
    --------
    >>> word_hashes("The raid hit Homs") == word_hashes("homs HIT raid the")
    True
    """
    if len(_ARABIC.findall(text[:2000])) > 0.3 * len(text[:2000]):
        found = (token.stems[-1] for token in tokens(fold_words(text[:20_000])))
    else:
        found = (word for word in re.findall(r"[^\W_]+", text[:20_000].casefold()))
    return sorted({zlib.crc32(word.encode()) % _BUCKETS for word in found})[:_MOST_WORDS]


class Rarity(dict[Any, float]):
    """How rare each key is among reports: log((n + 1) / (reports with it + 1/2)); `rare_from` is where rare begins."""

    rare_from: float = math.inf


def rarity(reports: Iterable[Iterable[Any]]) -> Rarity:
    """Give how rare each key is among reports.

    Examples
    --------
    >>> found = rarity([["a", "b"], ["a"]])
    >>> found["b"] > found["a"], found.rare_from
    (True, inf)
    """
    rows = [set(keys) for keys in reports]
    seen = Counter(key for keys in rows for key in keys)
    made = Rarity({key: math.log((len(rows) + 1) / (count + 0.5)) for key, count in seen.items()})
    if len(rows) > 4 * _RARE:  # among few reports every word is rare, so none counts as such
        made.rare_from = math.log((len(rows) + 1) / (_RARE + 0.5))
    return made


def told_of(report_id: str, line: Mapping[str, Any], text: str) -> list[Told]:
    """Make what a line of `afterstrike read` tells: one for each event, for measuring without a record."""
    words = frozenset(word_hashes(text))
    places, days = place_keys(line["places"]), day_keys(line["claims"])
    events = line["events"] or [{"kind": None}]
    return [
        Told(f"{report_id}#{n}", report_id, event, words, None, None, places, days)
        for n, event in enumerate(events)
    ]


def place_keys(places: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Give a key for each place that is a town or smaller: its gazetteer row, or its name as it is written."""
    return frozenset(
        str(p["gazetteer_id"]) if p.get("gazetteer_id") else bare(p["surface"])
        for p in places
        if (p.get("geo_precision") or 3) <= 3
    )


def day_keys(claims: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Give the days a report names, and the weekdays, which hold without a publication date."""
    found = set()
    for claim in claims:
        for day in claim["dates"]:
            if day.get("date_start") and (day.get("date_precision") or 9) == 1:
                found.add(day["date_start"])
            name = _WEEKDAY.search(fold_words(day["text"]).casefold())
            if name:
                found.add(name.group())
    return frozenset(found)


_WEEKDAY = re.compile(
    "اثنين|ثلاثاء|اربعاء|خميس|جمعه|سبت|احد|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)


def pair_score(a: Told, b: Told, word_rarity: Rarity, place_rarity: Mapping[str, float]) -> Pair:
    """Score two reports' tellings.

    Parameters
    ----------
    a, b : Told
        From two reports.
    word_rarity, place_rarity : Rarity
        How rare each word and place is among the reports at hand (see `rarity`).

    Returns
    -------
    Pair
        `score` at least `SAME` where they are taken for one event.
    """
    reasons: list[str] = []
    barred = why_barred(a.event, b.event)
    if barred:
        return Pair(0.0, (barred,), True)
    alike = _likeness(a.words, b.words, word_rarity)
    score = 6.0 * alike
    reasons.append(f"words alike by {alike:.2f}")
    rare_from = word_rarity.rare_from
    rare = sum(x for x in (word_rarity.get(w, 0.0) for w in a.words & b.words) if x >= rare_from)
    score += 0.3 * math.log1p(rare)
    shared = a.places & b.places
    if a.places and b.places:
        weight = _weighted(shared, place_rarity) / (
            1e-3 + math.sqrt(_weighted(a.places, place_rarity) * _weighted(b.places, place_rarity))
        )
        score += 3.0 * weight
        reasons.append(f"{len(shared)} places in common" if shared else "no place in common")
    if a.days and b.days:
        score += 0.8 if a.days & b.days else -0.8
        reasons.append("a day in common" if a.days & b.days else "no day in common")
    for name, words in (("fatalities", "killed"), ("injured", "injured")):
        same = _same_count(a.event, b.event, name)
        if same is not None:
            score += (0.5 if name == "fatalities" else 0.3) * (1 if same else -1)
            reasons.append(f"{words}: {'counts that fit' if same else 'counts that differ'}")
    if a.event.get("initiator") and b.event.get("initiator"):
        same = a.event["initiator"] == b.event["initiator"]
        score += 0.3 if same else -0.3
        reasons.append("the same side named" if same else "other sides named")
    score += _nearness(a.event, b.event, reasons)
    return Pair(round(score, 3), tuple(reasons))


def _likeness(a: frozenset[int], b: frozenset[int], weight: Mapping[int, float]) -> float:
    """Give the cosine of two sets of words, each weighted by its rarity."""
    both = sum(weight.get(w, 0.0) ** 2 for w in a & b)
    if not both:
        return 0.0
    return both / math.sqrt(sum(weight.get(w, 0.0) ** 2 for w in a) * sum(weight.get(w, 0.0) ** 2 for w in b))


def _weighted(keys: Iterable[str], weight: Mapping[str, float]) -> float:
    return sum(max(weight.get(key, 0.0), 0.1) for key in keys)


def why_barred(a: Mapping[str, Any], b: Mapping[str, Any]) -> str:
    """Say why two tellings cannot be one event: another kind, days apart, another place."""
    kinds = {a.get("kind"), b.get("kind")}
    if None not in kinds and len(kinds) == 2 and not kinds <= _HIT and "clash" not in kinds:
        return f"other kinds: {' and '.join(sorted(map(str, kinds)))}"
    gap = _days_apart(a, b)
    if gap is not None and gap > 1:
        return f"{gap} days apart"
    km = _km_apart(a, b)
    if km is not None and km > _reach(a, b):
        return f"{km:.0f} km apart"
    return ""


def _days_apart(a: Mapping[str, Any], b: Mapping[str, Any]) -> int | None:
    if not (a.get("date_start") and b.get("date_start")):
        return None
    if (a.get("date_precision") or 9) > 2 or (b.get("date_precision") or 9) > 2:
        return None
    first, second = sorted([a, b], key=lambda e: str(e["date_start"]))
    end = str(first.get("date_end") or first["date_start"])
    return max(0, (date.fromisoformat(str(second["date_start"])) - date.fromisoformat(end)).days)


def _km_apart(a: Mapping[str, Any], b: Mapping[str, Any]) -> float | None:
    if None in (a.get("lat"), a.get("lon"), b.get("lat"), b.get("lon")):
        return None
    return distance_km(a["lat"], a["lon"], b["lat"], b["lon"])


def _reach(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    """Give the kilometres that two positions of their precision may lie apart and still be one place."""
    coarse = max(a.get("geo_precision") or 1, b.get("geo_precision") or 1)
    return {1: 10.0, 2: 30.0, 3: 40.0, 4: 150.0, 5: 200.0}.get(coarse, math.inf)


def _nearness(a: Mapping[str, Any], b: Mapping[str, Any], reasons: list[str]) -> float:
    gap, km = _days_apart(a, b), _km_apart(a, b)
    score = 0.0
    if gap is not None:
        score += 0.6 if gap == 0 else 0.0
        reasons.append("the same day" if gap == 0 else "a day apart")
    if km is not None and max(a.get("geo_precision") or 1, b.get("geo_precision") or 1) <= 3:
        score += 1.0
        reasons.append("the same place" if km < 1 else f"{km:.0f} km apart")
    elif a.get("place") and b.get("place") and bare(a["place"]) == bare(b["place"]):
        score += 1.0
        reasons.append("the same place name")
    return score


def _same_count(a: Mapping[str, Any], b: Mapping[str, Any], name: str) -> bool | None:
    """Say whether two ranges of a count meet; None where one of the two gives none."""
    ranges = []
    for event in (a, b):
        low, high = event.get(f"{name}_low"), event.get(f"{name}_high")
        if low is None and high is None:
            return None
        ranges.append((low if low is not None else 0, high if high is not None else math.inf))
    (low, high), (begin, end) = ranges
    if math.inf in (high, end) and 2 in (low, begin):
        return None  # "several": says nothing about the other number
    return bool(low <= end and begin <= high)


def best_pair(
    a: Sequence[Told], b: Sequence[Told], word_rarity: Rarity, place_rarity: Mapping[str, float]
) -> Pair:
    """Give the best score among the tellings of two reports."""
    pairs = [pair_score(x, y, word_rarity, place_rarity) for x in a for y in b]
    return max(pairs, key=lambda pair: (not pair.is_barred, pair.score))
