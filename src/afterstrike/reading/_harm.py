"""Finds counts of people harmed: killed, injured, missing, detained, displaced, and who they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from afterstrike.reading._country import plain
from afterstrike.reading._harm_words import (
    ALONG,
    AMONG,
    BE,
    CUMULATIVE,
    GAP_FORWARD,
    JOIN,
    NAMES_AFTER,
    NAMES_BEFORE,
    NONE,
    OF_THEM,
    OPEN_END,
    OUTCOMES,
    PARTS,
    STOP_FORWARD,
    VERB,
    Outcome,
    triggers,
    whom_none_names,
)
from afterstrike.reading._people import People, Who, combine, find_people

__all__ = ["OUTCOMES", "Harm", "Outcome", "Trigger", "find_harms", "is_cumulative"]


@dataclass(frozen=True)
class Harm:
    """A count of people harmed, with the words that count them: `text[start:end]`.

    `low <= value <= high`; a bound that the text leaves open is None. `is_part` counts some of another count
    ("including two children"); `cumulative` is a running total, not this event's; `is_none` says that nobody
    was harmed, which a text may state and silence never does.
    """

    start: int
    end: int
    outcome: Outcome
    value: float | None
    low: float | None
    high: float | None
    who: Who
    approx: bool = False
    is_part: bool = False
    cumulative: bool = False
    is_none: bool = False
    is_named: bool = False  # people given by name: counted, and the words kept are the verb, not the names
    is_definite: bool = False  # "the boy": mostly somebody counted before
    trigger: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Trigger:
    """A word of harm: `form` says on which side the harmed stand."""

    start: int
    end: int
    outcome: Outcome
    form: Literal["passive", "active", "subject", "nominal"]


_TO_TOTAL = re.compile(r"\b(?:bringing|raising|taking|pushing|lifting)\b")


def is_cumulative(simple: str) -> bool:
    """Say whether a sentence gives a running total: "since 2014", "bringing the toll to"."""
    return bool(CUMULATIVE.search(simple))


def find_harms(
    text: str, start: int = 0, end: int | None = None, *, skip: Iterable[tuple[int, int]] = ()
) -> tuple[Harm, ...]:
    """Find counts of people harmed in a sentence.

    Parameters
    ----------
    text : str
        The whole text; offsets point into it.
    start, end : int
        The sentence; the whole text when left out.
    skip : iterable of (int, int)
        Spans whose digits are no counts, such as dates.

    Returns
    -------
    tuple of Harm
        In text order. Counts joined by "and" are added up ("two men and a boy were killed": 3).

    Examples
    --------
    >>> harms = find_harms("The strike killed six people, including two children, and injured others.")
    >>> [(h.outcome, h.low, h.who, h.is_part) for h in harms]
    [('killed', 6.0, 'unknown', False), ('killed', 2.0, 'civilian', True), ('injured', 2.0, 'unknown', False)]
    """
    stop = len(text) if end is None else end
    simple = plain(text[start:stop])
    pattern, table = triggers()
    words = [(m, table[" ".join(m.group().lower().split())]) for m in pattern.finditer(simple)]
    if not words:
        return ()
    people = tuple(
        replace(p, start=p.start - start, end=p.end - start, stop=p.stop - start)
        for p in find_people(plain(text), start, stop, skip=skip)
    )
    marks = [Trigger(m.start(), m.end(), outcome, form) for m, (outcome, form) in words]  # type: ignore[arg-type]
    harms = _Finder(simple, people, marks).find()
    total, new = is_cumulative(simple), _TO_TOTAL.search(simple)
    own = new.start() if new else 0  # what stands before "bringing the toll to" is the event's own count
    return tuple(
        Harm(start + h.start, start + h.end, h.outcome, h.value, h.low, h.high, h.who, h.approx, h.is_part,
             total and h.start >= own and not h.is_none, h.is_none, h.is_named, h.is_definite,
             (start + h.trigger[0], start + h.trigger[1]))
        for h in harms
    )  # fmt: skip


class _Finder:
    """Walks the words of harm of one sentence and gives each the people that stand by it."""

    def __init__(self, simple: str, people: tuple[People, ...], triggers: list[Trigger]) -> None:
        self._simple = simple
        self._people = people
        self._triggers = triggers
        self._used: set[int] = set()

    def find(self) -> list[Harm]:
        found: list[Harm] = []
        at = 0
        while at < len(self._triggers):
            trigger = self._triggers[at]
            following = self._triggers[at + 1] if at + 1 < len(self._triggers) else None
            outcome: Outcome = trigger.outcome
            end = trigger.end
            if following and re.fullmatch(
                r"\s*(?:and|or|/|and/or|,)\s*", self._simple[trigger.end : following.start]
            ):
                pair = {trigger.outcome, following.outcome}
                if pair == {"killed", "injured"}:
                    outcome, end = "killed_or_injured", following.end
                    at += 1
            found += self._of(Trigger(trigger.start, end, outcome, trigger.form))
            at += 1
        return sorted(found, key=lambda harm: harm.start)

    def _of(self, trigger: Trigger) -> list[Harm]:
        simple = self._simple
        before = simple[max(0, trigger.start - 70) : trigger.start]
        is_passive = trigger.form == "subject" or (
            trigger.form == "passive" and BE.search(before) is not None
        )
        clause = self._clause_start(trigger)
        none = NONE.search(simple, clause, trigger.end + 40)
        if none and none.start() <= trigger.end + 15:
            who = None if OPEN_END.match(simple, none.end()) else whom_none_names(none[0])
            both: tuple[Outcome, ...] = ("killed", "injured")
            outcomes = both if trigger.outcome == "killed_or_injured" else (trigger.outcome,)
            span = (trigger.start, trigger.end)
            return [
                Harm(*none.span(), one, 0.0, 0.0, 0.0, who, is_none=True, trigger=span)
                for one in outcomes
                if who
            ]
        if trigger.form in ("active", "nominal"):
            return self._forward(trigger)
        if trigger.form == "passive" and not is_passive:
            ahead = self._next_people(trigger.end)
            beside = self._last_people(clause, trigger.start)
            near = beside and re.fullmatch(
                r"\s*(?:reportedly|allegedly|also|confirmed|people)?\s*", simple[beside.stop : trigger.start]
            )
            if near and (
                ahead is None or (beside and not beside.is_vague and not self._is_object(ahead, trigger))
            ):
                return self._backward(trigger, clause)
            made = self._forward(trigger)
            return made or (self._backward(trigger, clause) if near else [])
        return self._backward(trigger, clause) or (
            self._forward(trigger) if trigger.form == "passive" else []
        )

    def _is_object(self, ahead: People, trigger: Trigger) -> bool:
        return bool(GAP_FORWARD.match(self._simple[trigger.end : ahead.start]))

    def _clause_start(self, trigger: Trigger) -> int:
        """Give where the words begin that may name whom a trigger speaks of."""
        starts = [m.end() for m in re.finditer(r"[;!?]\s|\.\s", self._simple[: trigger.start])]
        ends = [t.end for t in self._triggers if t.end <= trigger.start]
        return max([0, *starts, *ends])

    def _next_people(self, at: int) -> People | None:
        return next((p for p in self._people if p.start >= at), None)

    def _last_people(self, begin: int, at: int) -> People | None:
        return next((p for p in reversed(self._people) if begin <= p.start and p.stop <= at), None)

    def _forward(self, trigger: Trigger) -> list[Harm]:
        first = self._next_people(trigger.end)
        simple = self._simple
        gap = simple[trigger.end : first.start] if first else ""
        if first is None or not GAP_FORWARD.match(gap):
            names = NAMES_AFTER.match(simple[trigger.end : trigger.end + 200])
            if names and trigger.outcome in ("killed", "injured") and trigger.form in ("active", "passive"):
                return [self._named(names["names"], trigger, "unknown")]
            return []
        stop = min((t.start for t in self._triggers if t.start >= trigger.end), default=len(simple))
        hold = STOP_FORWARD.search(simple, first.stop, stop)
        stop = min(stop, hold.start() if hold and not _is_age(simple, hold.start()) else stop)
        inside = [p for p in self._people if first.start <= p.start < stop]
        # ", and five others wounded": those belong to the next word of harm
        following = next((t for t in self._triggers if t.start >= stop), None)
        if inside and following and following.form in ("passive", "subject") and following.start == stop:
            gap = simple[inside[-1].stop : following.start]
            if len(inside) > 1 and (gap.strip() in ("", "people") or BE.search(gap)):
                inside = self._without_next(inside)
        main, parts = self._split(inside, first.start)
        return self._harms(main, parts, trigger)

    def _without_next(self, inside: list[People]) -> list[People]:
        """Leave to the next word of harm those who stand right in front of it: ", and five others wounded"."""
        number = len(inside) - 1
        while number > 1:
            between = self._simple[inside[number - 1].stop : inside[number].start]
            if "," in between or not JOIN.match(between):
                break
            number -= 1
        return inside[:number]

    def _backward(self, trigger: Trigger, clause: int) -> list[Harm]:
        simple = self._simple
        inside = [p for p in self._people if clause <= p.start and p.stop <= trigger.start]
        inside = [p for p in inside if p.start not in self._used]
        tail = self._along(trigger)
        if not inside:
            return self._with_names(self._names_before(trigger, clause), tail, trigger)
        inside = self._spoken_of(inside)
        gap = simple[inside[-1].stop : trigger.start]
        if len(gap) > 160 or re.search(r"[;!?]|\.\s", gap):
            return self._harms(tail, [], trigger) if tail else []
        main, parts = self._split(inside, inside[0].start)
        if AMONG.search(gap):
            main, parts = (
                [],
                [*main, *parts],
            )  # "five farmers were among the dead": some of a count told before
        if main and all(p.is_definite for p in main):
            names = self._names_before(trigger, clause)
            if names:
                return self._with_names(names, tail, trigger)
        return self._harms([*main, *tail], parts, trigger)

    def _spoken_of(self, inside: list[People]) -> list[People]:
        """Leave out people in front of the last relative clause or object: the verb is not of them."""
        whole = len(inside)
        for number in range(1, len(inside)):
            if PARTS.search(_flat(self._simple[inside[number - 1].stop : inside[number].start])):
                whole = number  # what follows are some of those in front
                break
        cut = 0
        for number in range(whole - 1, 0, -1):
            between = _flat(self._simple[inside[number - 1].stop : inside[number].start])
            is_list = inside[number - 1].is_general and between.lstrip().startswith(",")
            if (VERB.search(between) or not JOIN.match(between)) and not is_list:
                cut = number
                break
        return inside[cut:]

    def _with_names(self, names: list[Harm], tail: list[People], trigger: Trigger) -> list[Harm]:
        """Add those harmed "alongside" somebody who is given by name."""
        others = self._harms(tail, [], trigger)
        if not (names and others) or others[0].who == "combatant":
            return [*names, *others]
        one, first = names[0], others[0]
        return [
            replace(
                first,
                value=first.value + (one.value or 0) if first.value is not None else None,
                low=first.low + (one.value or 0) if first.low is not None else None,
                high=first.high + (one.value or 0) if first.high is not None else None,
            ),
            *others[1:],
        ]

    def _along(self, trigger: Trigger) -> list[People]:
        """Give who was harmed "alongside" those in front: "X was killed, with two of her sons"."""
        match = ALONG.match(self._simple[trigger.end : trigger.end + 30])
        if not match:
            return []
        at = trigger.end + match.end()
        first = self._next_people(at)
        gap = self._simple[at : first.start] if first else ""
        if first is None or not GAP_FORWARD.match(gap if not gap or gap.endswith(" ") else gap + " "):
            return []
        group = [first]
        for other in self._people:
            if other.start >= group[-1].stop and JOIN.match(self._simple[group[-1].stop : other.start]):
                between = self._simple[group[-1].stop : other.start]
                if VERB.search(between) or PARTS.search(between):
                    break
                group.append(other)
        return group

    def _split(self, inside: list[People], begin: int) -> tuple[list[People], list[People]]:
        """Tell counts of all from counts of some of them."""
        main: list[People] = []
        parts: list[People] = []
        for people in inside:
            between = _flat(self._simple[main[-1].stop if main else begin : people.start])
            of_them = OF_THEM.match(self._simple, people.end)
            if main and (PARTS.search(between) or parts or of_them):
                parts.append(people)
            elif main and not JOIN.match(between):
                break
            elif main and people.is_vague and not people.is_other and "," in between and "and" not in between:
                parts.append(people)
            else:
                main.append(people)
        # "two people, a husband and wife,": those behind a general word that make it up
        if len(main) > 1 and main[0].is_general and main[0].value:
            rest = main[1:]
            comma = self._simple[main[0].stop : rest[0].start].lstrip().startswith((",", "-", "–", "("))
            counted = sum(p.value or 0 for p in rest)
            if comma and not any(p.is_other for p in rest) and counted <= main[0].value:
                return main[:1], [*rest, *parts]
        return main, parts

    def _names_before(self, trigger: Trigger, clause: int) -> list[Harm]:
        if trigger.outcome not in ("killed", "injured", "missing"):
            return []
        head = self._simple[clause : trigger.start]
        be = BE.search(head)
        names = NAMES_BEFORE.search(head[: be.start()] if be else head)
        return [self._named(names["names"], trigger, "unknown")] if names else []

    def _named(self, names: str, trigger: Trigger, who: Who) -> Harm:
        count = float(
            len([n for n in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", names) if re.search(r"[A-Z]", n)])
        )
        return Harm(
            trigger.start, trigger.end, trigger.outcome, count, count, count, who, is_named=True,
            trigger=(trigger.start, trigger.end),
        )  # fmt: skip

    def _harms(self, main: list[People], parts: list[People], trigger: Trigger) -> list[Harm]:
        whos = {p.who for p in main if not p.is_other} or {p.who for p in main}
        kinds: dict[Who, list[People]] = {}
        for people in main:
            who = people.who
            if people.is_other and who == "unknown" and len(whos) == 1:
                who = next(iter(whos))
            kinds.setdefault(who, []).append(people)
        if len(kinds) > 1 and "combatant" not in kinds:
            kinds = {"unknown": main} if all(p.who != "civilian" for p in main) else {"civilian": main}
        mark = (trigger.start, trigger.end)
        found: list[Harm] = []
        for who, group in kinds.items():
            value, low, high, approx = combine(group)
            found.append(
                Harm(group[0].start, group[-1].end, trigger.outcome, value, low, high, who, approx,
                     is_definite=all(p.is_definite for p in group), trigger=mark)
            )  # fmt: skip
        for people in parts:
            value, low, high, approx = combine([people])
            found.append(
                Harm(people.start, people.end, trigger.outcome, value, low, high, people.who, approx,
                     is_part=True, trigger=mark)
            )  # fmt: skip
        self._used |= {p.start for p in main}
        return found


def _flat(words: str) -> str:
    """Give words with what stands in brackets blanked, so that ages and numerals do not part a list."""
    return re.sub(r"\([^()]*\)", "", words)


def _is_age(simple: str, at: int) -> bool:
    return bool(re.match(r"\.\s?\d", simple[at : at + 3]))
