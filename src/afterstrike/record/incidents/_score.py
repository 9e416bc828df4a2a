"""Scores whether two reports tell of one event, with the reasons in words.

The score is a sum of what speaks for and against, near zero where nothing does: a page that was saved wrong, or holds
no event, is no evidence either way. Each weight is a round number set by hand, about half of the natural logarithm of
how many times as often its finding holds for two reports of one event as for two reports of others of the same week
(the weights of record linkage after Fellegi and Sunter 1969, halved because the findings lean on each other). They
were measured, not fitted (docs/reading.md).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from afterstrike.reading.gazetteer._names import folded
from afterstrike.reading.gazetteer._rank import distance_km
from afterstrike.record.incidents._told import Told

__all__ = [
    "SAME",
    "Pair",
    "Rarity",
    "best_pair",
    "pair_score",
    "rarity",
    "report_score",
    "telling_score",
    "why_barred",
]

SAME = 3.0
"""The least score of two reports taken for one event."""

_HIT = frozenset({"strike", "attack", "violence_against_civilians"})
_RARE = 3.0  # a word in fewer than one report of twenty is rare: log(20) is 3
_FAR_DAYS = 2  # reports of one event are published within so many days of each other


@dataclass(frozen=True)
class Pair:
    """The score of two reports and why; `is_barred` where they cannot be one event whatever else agrees."""

    score: float
    reasons: tuple[str, ...]
    is_barred: bool = False


class Rarity(dict[Any, float]):
    """How rare each key is among reports: log((n + 1) / (reports with it + 1/2)); 0 for a key none of them has.

    What is asked of the same set again and again, once for each pair it is in, is worked out once.
    """

    def __init__(self, reports: int, counts: Mapping[Any, int]) -> None:
        super().__init__({key: math.log((reports + 1) / (count + 0.5)) for key, count in counts.items()})
        # in a record too small for one in twenty: nearer to once than to everywhere, on the scale of logarithms
        self.rare_from = min(_RARE, 0.5 * math.log((reports + 1) / 1.5)) if reports else 0.0
        self._lengths: dict[frozenset[Any], float] = {}
        self._rare: dict[frozenset[Any], frozenset[Any]] = {}

    def __missing__(self, key: Any) -> float:
        return 0.0

    def length(self, keys: frozenset[Any]) -> float:
        """Give the length of a set of keys as a vector, each as long as it is rare."""
        if keys not in self._lengths:
            self._lengths[keys] = math.sqrt(sum(self[key] ** 2 for key in keys))
        return self._lengths[keys]

    def rare(self, keys: frozenset[Any]) -> frozenset[Any]:
        """Give the keys that are rarer than `rare_from`."""
        if keys not in self._rare:
            self._rare[keys] = frozenset(key for key in keys if self[key] > self.rare_from)
        return self._rare[keys]

    def excess(self, keys: Iterable[Any]) -> float:
        """Give by how much rare keys are rarer than `rare_from`, added up."""
        return sum(self[key] - self.rare_from for key in keys)


def rarity(reports: Iterable[Iterable[Any]]) -> Rarity:
    """Give how rare each key is among reports.

    Examples
    --------
    >>> found = rarity([["a", "b"], ["a"]])
    >>> found["b"] > found["a"], found["c"], found.rare(frozenset("ab"))
    (True, 0.0, frozenset({'b'}))
    """
    rows = [set(keys) for keys in reports]
    return Rarity(len(rows), Counter(key for keys in rows for key in keys))


def report_score(
    a: Told, b: Told, word_rarity: Rarity, place_rarity: Mapping[str, float]
) -> tuple[float, tuple[str, ...]]:
    """Score what two reports have in common as wholes: words, places, days, sides, day of publication.

    Parameters
    ----------
    a, b : Told
        A telling of each; which one makes no difference.
    word_rarity, place_rarity : Rarity
        As for `pair_score`.

    Returns
    -------
    (float, tuple of str)
        The score, and the reasons in words.
    """
    alike = _likeness(a.words, b.words, word_rarity)
    rare = word_rarity.rare(a.words) & word_rarity.rare(b.words)
    score = 4.0 * alike + 0.8 * math.log1p(word_rarity.excess(rare))
    reasons = [f"words alike by {alike:.2f}"]
    # a name of a village that one report tells as a place, and the other has among its words
    named = word_rarity.excess((a.names | b.names) & rare)
    score += 1.5 * math.log1p(named)
    if a.places and b.places:
        same = a.places & b.places
        if same:
            lengths = _weighted(a.places, place_rarity) * _weighted(b.places, place_rarity)
            score += 3.5 * _weighted(same, place_rarity) / (1e-3 + math.sqrt(lengths))
            reasons.append(f"{len(same)} places in common")
        elif named:
            reasons.append("words of a place name in common")
        else:
            score -= 0.8
            reasons.append("no place in common")
    if a.divisions and b.divisions and not a.divisions & b.divisions:
        score -= 0.4
        reasons.append("no governorate in common")
    score += _of_days(a, b, reasons)
    is_full = False
    for one, other, what in ((a.sides, b.sides, "side"), (a.weapons, b.weapons, "weapon")):
        if one and other:
            is_full = True
            if not one & other:
                score -= 0.5
                reasons.append(f"no {what} in common")
    if is_full:
        # two whole reports of strikes: had they told of one, more of it would stand in both
        score -= 0.8
    return score, tuple(reasons)


def _of_days(a: Told, b: Told, reasons: list[str]) -> float:
    """Score the days that two reports name, their weekdays, and how far apart they were published."""
    score = 0.0
    named = [
        ({d for d in one.days if d[0].isdigit()}, {d for d in one.days if not d[0].isdigit()})
        for one in (a, b)
    ]
    for ours, theirs, gain, loss in zip(*named, (0.4, 0.5), (0.7, 1.3), strict=True):
        if ours and theirs:
            score += gain if ours & theirs else -loss
    if a.days and b.days:
        reasons.append("a day in common" if a.days & b.days else "no day in common")
    if a.published and b.published:
        apart = abs((a.published - b.published).days)
        if apart > _FAR_DAYS:
            score -= 2.5
            reasons.append(f"published {apart} days apart")
    return score


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
    common = report_score(a, b, word_rarity, place_rarity)
    barred = why_barred(a.event, b.event)
    # a bar may rest on a place or day that was read wrongly: for sorting pairs it weighs, for joining it forbids
    return Pair(round(common[0] - 1.0, 3), (barred,), True) if barred else telling_score(a, b, common)


def telling_score(a: Told, b: Told, common: tuple[float, tuple[str, ...]]) -> Pair:
    """Score two tellings that nothing bars from being one event: what their reports have in common, and their own.

    `common` is what `report_score` says of the two reports.
    """
    score, found = common[0], list(common[1])
    for name, words in (("fatalities", "killed"), ("injured", "injured")):
        same = _same_count(a.event, b.event, name)
        if same is not None:
            score += (0.5 if name == "fatalities" else 0.3) * (1 if same else -1)
            found.append(f"{words}: {'counts that fit' if same else 'counts that differ'}")
    score += _nearness(a.event, b.event, found)
    return Pair(round(score, 3), tuple(found))


def _likeness(a: frozenset[int], b: frozenset[int], weight: Rarity) -> float:
    """Give the cosine of two sets of words, each weighted by its rarity."""
    lengths = weight.length(a) * weight.length(b)
    return sum([weight[w] ** 2 for w in a & b]) / lengths if lengths else 0.0


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
    if str(b["date_start"]) < str(a["date_start"]):
        a, b = b, a
    return max(0, _ordinal(str(b["date_start"])) - _ordinal(str(a.get("date_end") or a["date_start"])))


@lru_cache(maxsize=4096)
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


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
        score += 1.5
        reasons.append("the same place" if km < 1 else f"{km:.0f} km apart")
    elif a.get("place") and b.get("place"):
        is_same = folded(a["place"]) == folded(b["place"])
        score += 1.5 if is_same else -0.4
        reasons.append("the same place name" if is_same else "other place names")
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
