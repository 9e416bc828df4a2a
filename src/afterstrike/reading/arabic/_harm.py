"""Finds counts of people harmed in Arabic: who stands behind "مقتل" and "أصيب", and what "قتلى" counts."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from afterstrike.reading._harm import Harm, Outcome
from afterstrike.reading._people import Who
from afterstrike.reading.arabic._fold import Phrases, Token, fold_words, tokens, words
from afterstrike.reading.arabic._people import Counted, find_counted

__all__ = ["find_harms"]


@cache
def _triggers() -> Phrases:
    harm = words()["harm"]
    return Phrases(
        {outcome: harm[outcome] for outcome in ("killed", "injured", "detained", "missing", "displaced")}
    )


@cache
def _phrases(name: str) -> Phrases:
    return Phrases({name: words()["harm"][name]})


# behind these a plural without a number is a report of some: "سقوط جرحى"
_OCCUR = frozenset(
    fold_words(w)
    for w in (
        "سقوط",
        "وقوع",
        "بسقوط",
        "بوقوع",
        "خلف",
        "خلفت",
        "خلفا",
        "أوقع",
        "أوقعت",
        "وأوقعا",
        "تسجيل",
        "وجود",
        "عن",
        "أسفر",
        "إلى",
    )
)
_VERBS = frozenset(
    fold_words(w)
    for w in ("قتل", "قتلت", "قتلوا", "قتلا", "أصيب", "أصيبت", "أصيبوا", "أصيبا", "جرح", "جرحت", "جرحوا", "استشهد",
              "استشهدت", "استشهدوا", "قضى", "قضوا", "قضت", "توفي", "توفيت", "اعتقل", "نزح", "نزحت", "نزحوا", "لقوا", "لقي")
)  # fmt: skip
# words that do not part a verb from whom it speaks of
_GAP_TOKENS = 9
_STOP = frozenset(
    fold_words(w)
    for w in ("جراء", "إثر", "نتيجة", "أن", "إن", "بأن", "حيث", "التي", "الذي", "الذين", "خلال", "بعد", "قبل", "استهدف",
              "استهدفت", "وقال", "وقالت", "قال", "وأضاف", "وأفاد", "بقصف", "بغارة", "بانفجار", "برصاص", "باستهداف")
)  # fmt: skip
_BREAK = re.compile(r"[.;:!?\n]")


def find_harms(
    folded: str, start: int = 0, end: int | None = None, *, skip: tuple[tuple[int, int], ...] = ()
) -> tuple[Harm, ...]:
    """Find counts of people harmed in a sentence of folded text; see `afterstrike.reading._harm.Harm`.

    Examples
    --------
    >>> from afterstrike.reading.arabic._fold import fold
    >>> text = fold("قُتل مدني وأصيب 6 آخرون بينهم طفلان").text
    >>> [(h.outcome, h.value, h.is_part) for h in find_harms(text)]
    [('killed', 1.0, False), ('injured', 6.0, False), ('injured', 2.0, True)]
    """
    stop = len(folded) if end is None else end
    row = tokens(folded, start, stop)
    dated = frozenset(n for n, t in enumerate(row) if any(a < t.end and t.start < b for a, b in skip))
    return tuple(_Finder(folded, row, dated).find())


class _Finder:
    def __init__(self, folded: str, row: list[Token], dated: frozenset[int]) -> None:
        self._text = folded
        self._row = row
        self._counted = find_counted(row, dated)
        self._used: set[int] = set()
        self._marks = _triggers().find(row)
        self._parts = [a for a, _, _ in _phrases("parts").find(row, exact=True)]
        self._totals = [(row[a].start, row[b - 1].end) for a, b, _ in _phrases("cumulative").find(row)]

    def find(self) -> list[Harm]:
        found: list[Harm] = []
        nobody = _phrases("none").find(self._row)
        for a, b, _ in nobody:
            if not any(x <= a < y for x, y, _ in _phrases("not_known").find(self._row)):
                found += [self._none(a, b, outcome) for outcome in ("killed", "injured")]
        number = 0
        while number < len(self._marks):
            first, last, outcome = self._marks[number]
            # "قتل وجرح": both at once
            if number + 1 < len(self._marks):
                second = self._marks[number + 1]
                pair = {outcome, second[2]} == {"killed", "injured"} and self._row[last].is_joined
                # "أن مدنياً قتل وجرح اثنان": the first verb has its own in front
                own = any(
                    c.last == first and c.first not in self._used and c.unit == "people"
                    for c in self._counted
                )
                if second[0] == last and pair and not (own and self._is_verb(first)):
                    outcome, last = "killed_or_injured", second[1]
                    number += 1
            if not any(a <= first < b for a, b, _ in nobody):
                found += self._of(first, last, outcome, number)
            number += 1
        for a, b, _ in nobody:
            self._used |= set(range(a, b + 3))  # what is not known or was not is none of those harmed
        found += self._by_noun()
        found = _others_like_those(sorted(found, key=lambda harm: harm.start), self._others())
        return sorted(found, key=lambda harm: (harm.start, harm.is_part))

    def _none(self, a: int, b: int, outcome: str) -> Harm:
        span = (self._row[a].start, self._row[b - 1].end)
        return Harm(*span, outcome, 0.0, 0.0, 0.0, "unknown", is_none=True, trigger=span)  # type: ignore[arg-type]

    def _others(self) -> frozenset[int]:
        return frozenset(self._row[c.first].start for c in self._counted if c.is_other)

    def _between(self, a: int, b: int) -> str:
        """Give the folded text between the end of one token and the start of another."""
        return self._text[self._row[a].end : self._row[b].start] if a < b else ""

    def _of(self, first: int, last: int, outcome: str, number: int) -> list[Harm]:
        row = self._row
        following = self._marks[number + 1][0] if number + 1 < len(self._marks) else len(row)
        is_verb = self._is_verb(first)
        behind = next(
            (
                c
                for c in self._counted
                if c.first >= last and c.first not in self._used and c.unit in ("people", "")
            ),
            None,
        )
        if behind is not None and behind.first < following and self._reaches(last, behind.first):
            group, parts = self._chain(behind, following)
            group = self._drop_next(group, following)
            if group:
                return self._harms(group, parts, outcome, first)
        if is_verb:
            before = next(
                (
                    c
                    for c in reversed(self._counted)
                    if c.last <= first and c.first not in self._used and c.unit in ("people", "")
                ),
                None,
            )
            if (
                before is not None
                and first - before.last <= 2
                and not _BREAK.search(self._between(before.last - 1, first))
            ):
                group = self._chain_back(before)
                return self._harms(group, [], outcome, first)
        return []

    def _is_verb(self, first: int) -> bool:
        return any(stem in _VERBS for stem in self._row[first].stems)

    def _reaches(self, last: int, first: int) -> bool:
        """Say whether a verb reaches a count: few words between, none that opens another clause."""
        if first - last > _GAP_TOKENS or _BREAK.search(self._between(last - 1, first)):
            return False
        gap = self._row[last:first]
        return not any(t.text in _STOP or t.stems[-1] in _STOP for t in gap)

    def _chain(self, head: Counted, following: int) -> tuple[list[Counted], list[Counted]]:
        """Give the counts joined to the first by "and", and behind "بينهم" those that are a part of them."""
        group: list[Counted] = [head]
        parts: list[Counted] = []
        part_from = next((p for p in self._parts if p >= head.last), None)
        for other in self._counted:
            if other.first < head.last or other.first >= following or other.unit not in ("people", ""):
                continue
            between = self._between((parts or group)[-1].last - 1, other.first)
            gap = other.first - (parts or group)[-1].last
            if _BREAK.search(between) or gap > 8:
                break
            if part_from is not None and part_from <= other.first:
                if other.first - part_from <= 12:
                    parts.append(other)
                continue
            # joined: "رجل وامرأة", "3 مدنيين وطفل"; a unit-less number only beside people
            if (
                (self._row[other.first].is_joined and gap == 0)
                or (
                    self._row[other.first].is_joined
                    and gap <= 6
                    and not other.is_bare
                    and not other.is_single
                )
                or (self._row[other.first - 1].text == "و" and gap == 1)
            ):
                group.append(other)
            else:
                break
        return group, parts

    def _drop_next(self, group: list[Counted], following: int) -> list[Counted]:
        """Leave to the next verb the people right in front of it, where it has none behind."""
        return [c for c in group if c.last <= following or c.first < following]

    def _chain_back(self, tail: Counted) -> list[Counted]:
        group = [tail]
        for other in reversed(self._counted):
            if other.last > group[0].first or other.unit not in ("people", ""):
                continue
            if (
                other.last == group[0].first
                and self._row[group[0].first].is_joined
                and other.first not in self._used
            ):
                group.insert(0, other)
            else:
                break
        return group

    def _by_noun(self) -> list[Harm]:
        """Take counts whose own noun names the harm: "20 قتيلاً", "سقوط جرحى"."""
        found = []
        for counted in self._counted:
            if counted.first in self._used or not counted.noun:
                continue
            first = counted.first
            before = self._row[first - 1].text if first else ""
            if counted.is_bare and not (first == 0 or before in _OCCUR or self._is_joined_to_used(counted)):
                continue
            if (
                counted.is_single
                and before not in _OCCUR
                and not self._is_joined_to_used(counted)
                and first > 0
            ):
                continue
            part_from = next((p for p in self._parts if p >= counted.last), None)
            parts = [
                c for c in self._counted
                if part_from is not None and part_from < c.first <= part_from + 6 and part_from - counted.last <= 3
                and c.first not in self._used and not c.noun
            ]  # fmt: skip
            also = [
                c for c in self._counted
                if not c.unit and counted.last < c.first <= counted.last + 8 and self._row[c.first].is_joined
                and not _BREAK.search(self._between(counted.last - 1, c.first)) and c.who != "unknown"
            ]  # fmt: skip
            found += self._harms([counted, *also[:1]], parts, counted.noun, first)
        return found

    def _is_joined_to_used(self, counted: Counted) -> bool:
        return self._row[counted.first].is_joined and any(
            c.last == counted.first and c.first in self._used for c in self._counted
        )

    def _harms(self, group: list[Counted], parts: list[Counted], outcome: str, first: int) -> list[Harm]:
        row = self._row
        self._used |= {c.first for c in (*group, *parts)}
        mark = (row[first].start, row[first].end)
        # a noun of harm says more than the verb in front: "سقوط 3 قتلى", "إصابة"
        named = {c.noun for c in group if c.noun}
        result: Outcome = outcome if outcome == "killed_or_injured" or len(named) != 1 else named.pop()  # type: ignore[assignment]
        found = []
        for members in _side_by_side(group):
            who: Who = members[0].who
            value, low, high = _sum(members)
            a = min(row[c.first].start for c in members)
            b = max(row[c.last - 1].end for c in members)
            kept: Who = who
            if (
                kept == "unknown"
                and parts
                and all(p.who == "civilian" for p in parts)
                and _all_of(row, parts)
            ):
                kept = "civilian"
            total = any(
                abs(x - a) < 90 and not _BREAK.search(self._text[min(x, a) : max(x, a)])
                for x, _ in self._totals
            )
            found.append(
                Harm(
                    a,
                    b,
                    result,
                    value,
                    low,
                    high,
                    kept,
                    any(c.approx for c in members),
                    False,
                    total,
                    trigger=mark,
                )
            )
        for counted in parts:
            a, b = row[counted.first].start, row[counted.last - 1].end
            found.append(
                Harm(
                    a,
                    b,
                    result,
                    counted.value,
                    counted.low,
                    counted.high,
                    counted.who,
                    counted.approx,
                    True,
                    trigger=mark,
                )
            )
        return found


def _side_by_side(group: list[Counted]) -> list[list[Counted]]:
    """Part the counts of one verb into sums: what is joined at once and is not of both sides of a fight."""
    made: list[list[Counted]] = []
    for counted in group:
        last = made[-1][-1] if made else None
        fights = {c.who for c in (*made[-1], counted)} if made else set()
        if (
            last is not None
            and counted.first - last.last <= 1
            and not (len(fights) > 1 and "combatant" in fights)
        ):
            made[-1].append(counted)
        else:
            made.append([counted])
    return [
        sorted(members, key=lambda c: c.who != "civilian") if len(members) > 1 else members
        for members in made
    ]


def _others_like_those(found: list[Harm], others: frozenset[int]) -> list[Harm]:
    """Take "others" for people of the kind that was harmed before them."""
    made: list[Harm] = []
    for harm in found:
        before = next((h for h in reversed(made) if not h.is_part and not h.is_none), None)
        if harm.start in others and harm.who == "unknown" and before is not None:
            harm = replace(harm, who=before.who)
        made.append(harm)
    return made


def _all_of(row: list[Token], parts: list[Counted]) -> bool:
    before = row[max(0, parts[0].first - 2) : parts[0].first]
    return any(t.stems[-1] in ("معظمهم", "غالبيتهم", "اغلبهم", "جلهم", "جميعهم", "كلهم") for t in before)


def _sum(members: list[Counted]) -> tuple[float | None, float | None, float | None]:
    values = [c.value for c in members]
    lows = [c.low for c in members]
    highs = [c.high for c in members]
    value = sum(v for v in values if v is not None) if all(v is not None for v in values) else None
    low = sum(v for v in lows if v is not None) if any(v is not None for v in lows) else None
    high = sum(v for v in highs if v is not None) if all(v is not None for v in highs) else None
    return value, low, high
