"""Finds the people a sentence counts: "three women", "a boy", "dozens of civilians", "a father and his
sons".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from afterstrike.reading._noun import counted_behind
from afterstrike.reading._quantity import find_quantities
from afterstrike.reading._vocabulary import phrase_pattern, vocabulary

__all__ = ["People", "Who", "event_words", "find_people", "who_of", "combine"]

Who = Literal["civilian", "combatant", "security", "unknown"]
"""unknown: the words do not say. Nobody is taken for a civilian because nothing else is said."""


@dataclass(frozen=True)
class People:
    """A number of people; `start` and `end` are the words that count them, `stop` ends the noun phrase."""

    start: int
    end: int
    stop: int
    value: float | None
    low: float | None
    high: float | None
    approx: bool
    who: Who
    is_vague: bool = False  # no number: "several", "others"
    is_definite: bool = False  # "the boy": mostly somebody named before
    is_other: bool = False  # "five others": not among those counted before
    is_general: bool = False  # "people", "civilians", "members": words behind it may say which

    @property
    def is_one(self) -> bool:
        """Say whether it is a single person without a number: "a boy"."""
        return self.value == 1


@cache
def event_words() -> dict[str, Any]:
    """Give the word lists of `events.toml`, read once."""
    return tomllib.loads(files("afterstrike.reading").joinpath("events.toml").read_text(encoding="utf-8"))


@cache
def _sets() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    words = event_words()["harm"]
    return frozenset(words["civilian"]), frozenset(words["combatant"]), frozenset(words["neutral"])


def who_of(phrase: str) -> Who:
    """Say of whom a noun phrase speaks, by its words; a fighter's word outweighs a civilian's.

    Examples
    --------
    >>> who_of("civilian members of the family"), who_of("armed men"), who_of("people")
    ('civilian', 'combatant', 'unknown')
    """
    civilian, combatant, _ = _sets()
    words = re.findall(r"[a-z]+(?:-[a-z]+)?", phrase.lower())
    if "civilian" in words or "civilians" in words:
        return "civilian"
    # "the wife of a commander", "members of the family of a fighter": the head of the phrase decides
    head = phrase.lower().split(" of ")[0]
    for part in (head, phrase.lower()):
        inside = re.findall(r"[a-z]+(?:-[a-z]+)?", part)
        if any(word in combatant for word in inside):
            return "combatant"
        if any(word in civilian for word in inside):
            return "civilian"
        if any(word in _security() for word in inside):
            return "security"
    return "unknown"


@cache
def _security() -> frozenset[str]:
    return frozenset(event_words()["harm"]["security"])


def _who_behind(text: str, phrase: str, a: int, b: int) -> Who:
    """Say of whom a count speaks; an armed group's name with it says so too: "12 Islamic State members", "two Houthis"."""
    who = who_of(phrase)
    if who != "unknown" or not re.search(r"[A-Z]", text[a : b + _NAMED_WITHIN]):
        return who
    from afterstrike.reading._actor import actor_kind, find_actors

    for actor in find_actors(text, a, min(len(text), b + _NAMED_WITHIN)):
        is_with = actor.start <= max(b, a + 1)
        if is_with and actor.name and actor_kind(actor.name) in ("insurgent", "militia"):
            return "combatant"
    return who


_NAMED_WITHIN = 30  # characters behind a number in which a group's name belongs to it
_GENERAL = re.compile(
    r"\b(?:people|persons?|civilians?|members?|victims?|individuals?|relatives|others|palestinians?|syrians?|iraqis?|"
    r"citizens?|residents?|martyrs|bodies)\b",
    re.I,
)
_SINGULAR_ENDS = re.compile(r"(?:ss|us|is|[^s])$")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    words = event_words()["harm"]
    nouns = {*words["civilian"], *words["combatant"], *words["security"], *words["neutral"]}
    irregular = vocabulary().quantities["irregular_plurals"]
    not_one = {
        "elderly", "staff", "aid", "humanitarian", "trade", "displaced", "armed", "personnel", "army", "forces",
        "militia", "dead", "killed", "injured", "wounded", "missing", "other", "figure", "body", "family", "loss",
        "crew", "police", "couple",
    }  # fmt: skip
    singular = {w for w in nouns if _SINGULAR_ENDS.search(w) and w not in irregular and w not in not_one}
    plural = {
        w for w in nouns if w not in singular and w not in ("", "armed", "aid", "humanitarian", "trade")
    }
    plural = (plural | {"others"}) - {
        "family", "body", "couple", "loss", "figure", "death", "army", "elderly", "killed", "injured", "wounded", "missing",
        "dead", "displaced",
    }  # fmt: skip
    modifier = r"(?:[\w'’.-]+\s+){0,4}?"
    return {
        "one": re.compile(
            rf"(?<![\w-])(?P<det>an?|another|his|her|their|its|the)\s+(?P<mods>{modifier})"
            rf"(?P<noun>{phrase_pattern(singular)})\b(?!['’]|-[a-z]|\s+(?-i:[A-Z]))",
            re.I,
        ),
        "many": re.compile(
            rf"(?<![\w-])(?P<count>{phrase_pattern(words['plural_words'])})\s+(?P<mods>(?:[\w'’-]+\s+){{0,3}}?)"
            rf"(?P<noun>{phrase_pattern(plural)})\b(?!['’])",
            re.I,
        ),
        "bare": re.compile(rf"(?<![\w-])(?P<noun>{phrase_pattern(plural)})\b(?!['’])", re.I),
        "family": re.compile(
            r"\bfamily\s+of\s+(?P<n>\w+)\b|\b(?P<couple>(?:an?|the)\s+(?:\w+\s+){0,2}couple)\b"
            r"|\b(?P<n2>\w+)-(?:member|person)\s+family\b",
            re.I,
        ),
    }


def _is_people(unit: str, about: str) -> bool:
    civilian, combatant, neutral = _sets()
    known = civilian | combatant | neutral | _security()
    if unit in ("people", "deaths"):
        return True
    words = re.findall(r"[a-z]+(?:-[a-z]+)?", f"{unit} {about}".lower())
    return any(word in known for word in unit.lower().split()) or bool(
        words and words[0] in known and unit in ("", "members")
    )


def find_people(
    text: str, start: int, end: int, *, skip: Iterable[tuple[int, int]] = ()
) -> tuple[People, ...]:
    """Find counts of people in a span; offsets point into `text`.

    Examples
    --------
    >>> text = "a father and his four sons were killed, others injured"
    >>> [(text[p.start:p.end], p.value, p.low, p.who) for p in find_people(text, 0, len(text))]
    [('a father', 1.0, 1.0, 'civilian'), ('four sons', 4.0, 4.0, 'civilian'), ('others', None, 2.0, 'unknown')]
    """
    simple = text[start:end]
    found: list[People] = []
    taken = bytearray(len(simple) + 1)

    def free(a: int, b: int) -> bool:
        return not any(taken[a:b])

    for quantity in find_quantities(text, start, end, skip=skip, labels=False):
        a, b = quantity.start - start, quantity.end - start
        counted = counted_behind(simple, b)
        if not _is_people(quantity.unit, quantity.about) or quantity.figure_of_speech:
            continue
        low, high = quantity.low, quantity.high
        value = quantity.value
        if value is not None and (value != int(value) or value > 2_000_000):
            continue
        stop = _phrase_end(simple, b, counted.about) if counted.unit else b
        behind = simple[b : b + 12].lower()
        is_general = bool(_GENERAL.search(simple[a:stop]))
        is_other = bool(re.match(r"\s+(?:others|other|more|additional|further)\b", behind))
        taken[a:stop] = b"\x01" * (stop - a)
        end = b if _HARMED.match(simple, b) or not counted.unit else max(b, counted.end)
        who = _who_behind(text, quantity.about or quantity.unit, start + b, start + stop)
        found.append(
            People(start + a, start + end, start + stop, value, low, high, quantity.approx,
                   who, is_other=is_other, is_general=is_general)
        )  # fmt: skip
    patterns = _patterns()
    for match in patterns["family"].finditer(simple):
        n = 2.0 if match["couple"] else _value(match["n"] or match["n2"])
        if n and free(*match.span()):
            a, b = match.span()
            taken[a:b] = b"\x01" * (b - a)
            found.append(People(start + a, start + b, start + b, n, n, n, False, "civilian"))
    for match in patterns["one"].finditer(simple):
        if not free(*match.span()) or _is_broken(match["mods"]):
            continue
        a, b = match.span()
        taken[a:b] = b"\x01" * (b - a)
        who = who_of(f"{match['mods']}{match['noun']}")
        is_definite = match["det"].lower() == "the"
        is_other = match["det"].lower() == "another"
        found.append(
            People(start + a, start + b, start + b, 1.0, 1.0, 1.0, False, who, False, is_definite, is_other)
        )
    for name in ("many", "bare"):
        for match in patterns[name].finditer(simple):
            a, b = match.span()
            if not free(a, b) or (name == "many" and _is_broken(match["mods"])):
                continue
            taken[a:b] = b"\x01" * (b - a)
            if _NO_COUNT.search(simple[max(0, a - 8) : a]):
                continue  # "denied that any civilians were killed"
            is_other = "other" in match.group().lower()
            who = who_of(match.group())
            found.append(
                People(start + a, start + b, start + b, None, 2.0, None, True, who, True, False, is_other)
            )
    return _ranges(simple, start, sorted(found, key=lambda people: people.start))


_AND_UP_TO = re.compile(
    r"\b(?:at\s+least|no\s+fewer\s+than)\s+(?P<n>\w+)\s+(?:and|but|or)\s+(?:possibly\s+)?(?:up\s+to|as\s+many\s+as)\s+$",
    re.I,
)


def _ranges(simple: str, start: int, found: list[People]) -> tuple[People, ...]:
    """Read "at least 15 and up to 25 civilians" as one count."""
    made: list[People] = []
    for people in found:
        match = _AND_UP_TO.search(simple[: people.start - start])
        low = _value(match["n"]) if match else None
        if low is not None and people.value is not None and low <= people.value:
            while made and match and made[-1].start >= start + match.start():
                made.pop()
            people = replace(people, value=None, low=low, high=people.value)
        made.append(people)
    return tuple(made)


# words of harm that may head a count: "12 dead" is a number with its verb
_HARMED = re.compile(
    r"\s*(?:people\s+)?(?:dead|deaths?|killed|wounded|injured|injuries|missing|displaced|detained|casualt\w+|fatalit\w+)\b",
    re.I,
)


def _phrase_end(simple: str, at: int, about: str) -> int:
    """Give where a counted noun phrase ends; a word of harm at its head is left to the verb."""
    harmed = _HARMED.match(simple, at)
    if harmed:
        return at
    behind = re.match(r"\s*(?:other\s+|more\s+)?(?:of\s+)?(?:(?:the|his|her|their|its)\s+)?", simple[at:])
    begin = at + (behind.end() if behind else 0)
    words = r"\s+".join(map(re.escape, about.split()))
    match = re.compile(words).match(simple, begin) if words else None
    stop = match.end() if match else begin
    while stop > at and simple[stop - 1] == " ":
        stop -= 1
    return stop


_NO_COUNT = re.compile(r"\b(?:any|no|few|without)\s$", re.I)


def _value(word: str) -> float | None:
    if word.isdecimal():
        return float(word)
    value = vocabulary().numbers["small"].get(word.lower())
    return float(value) if value else None


def _is_broken(mods: str) -> bool:
    """Say whether the words between a determiner and a noun are no modifiers: a verb, a preposition."""
    stop = vocabulary().quantities["stop"]
    words = mods.lower().split()
    return any(word in stop and word not in ("and",) for word in words) or any("," in word for word in words)


def combine(group: Sequence[People]) -> tuple[float | None, float | None, float | None, bool]:
    """Add up counts that stand side by side: value, low, high, and whether it is only about right."""
    # "at least 11 members, and up to 30 civilians": the second bounds the first from above
    if len(group) == 2:
        first, second = group
        if first.low is not None and first.high is None and second.high is not None and second.low is None:
            return None, first.low, second.high, False
    values = [p.value for p in group]
    if len(group) == 1:
        return group[0].value, group[0].low, group[0].high, group[0].approx
    lows = [p.low if p.low is not None else (None if p.high is not None else p.value) for p in group]
    highs = [p.high if p.high is not None else (None if p.low is not None else p.value) for p in group]
    is_exact = all(v is not None for v in values)
    value = sum(v for v in values if v is not None) if is_exact else None
    low = sum(v for v in lows if v is not None) if any(v is not None for v in lows) else None
    high = sum(v for v in highs if v is not None) if all(v is not None for v in highs) else None
    return value, low, high, any(p.approx for p in group)
