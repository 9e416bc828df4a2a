"""Finds what a number counts: the noun behind it, its modifiers and its complement."""

from __future__ import annotations

import re
from dataclasses import dataclass

from afterstrike.reading._actor import canonical_actor
from afterstrike.reading._vocabulary import vocabulary

__all__ = ["Counted", "counted_behind", "unit_of_label"]

_WORD = re.compile(r"\s*(?P<open>[\"'(]?)(?P<word>[^\W\d_][\w'./-]*[\w]|[^\W\d_]|[A-Z]\w?-\d+\w*)")
_HYPHEN = re.compile(r"-(?P<word>[a-z]+)(?P<more>(?:-[a-z]+)*)", re.I)
# Between the number and what it counts: the numeral again, "(17)", or a calibre or weight, "107mm"
_BETWEEN = re.compile(
    r"\s*\(\d[\d,]*\)|\s+\d[\d,.]*[\s-]?(?:mm|cm|m|km|kg|lbs?|pounds?|tons?|tonnes?|inch|feet|foot|metres?|meters?)\b"
    r"(?=\s+[^\W\d])",
    re.I,
)
_AREA = re.compile(
    r"(?:\s+(?P<kind>sq|square|cubic|nautical|metric|short|long)\.?\s+|\s?(?=k?m[²³2]))"
    r"(?P<of>k?m(?:[²³2])?|kms|kilomet(?:re|er)s?|met(?:re|er)s?|miles?|feet|foot|yards?|tons?|tonnes?)\b[²³]?",
    re.I,
)
_MAX_WORDS = 12
_PARTICIPLES = frozenset(
    {"dead", "killed", "wounded", "injured", "missing", "displaced", "detained", "others"}
)


@dataclass(frozen=True)
class Counted:
    """What is counted; `is_sure` where the noun is a known one or plainly a plural."""

    unit: str
    about: str
    end: int
    is_sure: bool = False
    is_hyphenated: bool = False


def _unit(noun: str) -> tuple[str, bool]:
    """Give the unit for a noun, and whether it is one for sure: a known unit or a plural."""
    words = vocabulary().quantities
    folded = noun.lower().removesuffix("'s").removesuffix("'")
    if folded in words["units"]:
        return str(words["units"][folded]), True
    if folded in words["irregular_plurals"]:
        return folded, True
    if folded in words["singular_counts"]:
        return _plural(folded), True
    if _is_plural(noun):
        return folded, True
    return folded, False


def _plural(noun: str) -> str:
    irregular = {
        "person": "people",
        "man": "men",
        "woman": "women",
        "child": "children",
        "policeman": "policemen",
    }
    if noun in irregular:
        return irregular[noun]
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def _is_plural(noun: str) -> bool:
    folded = noun.lower()
    if noun[0].isupper() and folded.endswith("s") and canonical_actor(noun):
        return False  # "Hamas" is one
    if folded in vocabulary().quantities["not_heads"] or (noun.isupper() and len(noun) > 1):
        return False
    if folded in vocabulary().quantities["irregular_plurals"]:
        return True
    return len(folded) > 3 and folded.endswith("s") and not folded.endswith(("ss", "us", "is", "'s"))


def counted_behind(simple: str, at: int, *, is_one: bool = False) -> Counted:
    """Read the noun phrase behind a number.

    The first plural noun is the head ("US troops", "specific locations"); a run of plural nouns ends with
    its last. A phrase without a plural is headed by its last word only where that word is a known unit.

    Parameters
    ----------
    simple : str
        Plain text.
    at : int
        Where the number ends.
    is_one : bool
        The number is one, so the noun is in the singular.

    Returns
    -------
    Counted
        An empty unit where no noun follows.

    Examples
    --------
    >>> c = counted_behind("900 US troops effectively holding", 3)
    >>> c.unit, c.about
    ('troops', 'US troops')
    """
    hyphen = _HYPHEN.match(simple, at)
    if hyphen:
        return _hyphenated(simple, hyphen)
    area = _AREA.match(simple, at)
    if area:
        unit = _area_unit((area["kind"] or "square").lower(), area["of"].lower())
        end = _complement(simple, area.end())
        return Counted(unit, " ".join(simple[area.start() : end].split()), area.end(), True)
    between = _BETWEEN.match(simple, at)
    at = _skip_of(simple, between.end() if between else at)
    words = vocabulary().quantities
    # "one of the men" counts men; "one planner likes" counts no likes
    is_partitive = is_one and re.search(r"\bof\s+(?:\w+\s+)?$", simple[max(0, at - 12) : at]) is not None
    phrase, head = _noun_phrase(simple, at, is_one=is_one and not is_partitive)
    if not phrase:
        return Counted("", "", at)
    if head < 0:
        weak = [n for n, match in enumerate(phrase) if match["word"].lower() in _PARTICIPLES]
        if weak:
            del phrase[weak[0] + 1 :]
        unit, is_sure = _unit(phrase[-1]["word"])
        if not is_sure:
            return Counted("", "", at)
        head = len(phrase) - 1
    unit, is_sure = _unit(phrase[head]["word"])
    first, last = phrase[0].start("word"), phrase[head].end()
    joined = _AND_PLURAL.match(simple, last)
    is_pair = joined and _is_plural(joined["noun"]) and joined["noun"] not in _PARTICIPLES
    if joined and is_pair and unit not in words["duration"] and simple[last - 1].isalpha():
        # "12 women and children": neither of the two is counted alone
        people = vocabulary().quantities["sorts_of_people"]
        are_people = unit in people and joined["noun"] in people
        unit = "people" if are_people else f"{unit} and {joined['noun']}"
        return Counted(unit, " ".join(simple[first : joined.end()].split()), last, is_sure)
    end = _complement(simple, last)
    return Counted(unit, " ".join(simple[first:end].split()), last, is_sure)


def _area_unit(kind: str, of: str) -> str:
    """Give the unit for a measured area, volume or sea distance, and for metric tons, which are tonnes."""
    if kind == "metric":
        return "tonnes"
    if kind in ("short", "long"):
        return "tons"
    base = vocabulary().quantities["units"].get(of.rstrip("²³2"), of.rstrip("²³2"))
    return f"{kind} {base}" if kind in ("cubic", "nautical") else f"sq {base}"


def _noun_phrase(simple: str, at: int, *, is_one: bool) -> tuple[list[re.Match[str]], int]:
    """Collect the words of a noun phrase, and the index of its head (-1 where none stands)."""
    words, numbers = vocabulary().quantities, vocabulary().numbers
    phrase: list[re.Match[str]] = []
    head = -1
    is_weak = False
    place = at
    while len(phrase) < 7:
        match = _WORD.match(simple, place)
        if not match or match["open"] == "(" or (phrase and match["open"]):
            break
        word = match["word"]
        folded = word.lower()
        if folded in numbers["small"] or folded in numbers["scales"]:
            break
        if is_one and _is_plural(word):
            break
        if folded == "and" and phrase and head < 0 and _joins_names(simple, phrase[-1], match):
            place = match.end()
            continue
        if folded in words["stop"] or (phrase and folded.endswith("ly") and len(folded) > 4):
            break
        if head >= 0 and not _is_plural(word):
            if not is_weak:
                break
            head = -1  # "detained fighters": the participle was a modifier
        if phrase and _is_verb_after(phrase, word, head):
            break
        phrase.append(match)
        place = match.end()
        if _unit(word)[1] and (_is_plural(word) or folded in words["units"] or is_one):
            head = len(phrase) - 1
            is_weak = folded in _PARTICIPLES
        if simple[place : place + 1] in ',;:.!?)"' and simple[place : place + 1]:
            break
    return phrase, head


def _joins_names(simple: str, before: re.Match[str], joint: re.Match[str]) -> bool:
    """Say whether "and" joins two names that modify one noun: "Hamas and Islamic Jihad militants"."""
    after = _WORD.match(simple, joint.end())
    if after and before["word"][0].isupper() and after["word"][0].isupper():
        return True
    # "75 rocket and grenade launchers"
    tail = re.match(r"\s+[a-z]+\s+(?P<head>[a-z]+)", simple[joint.end() :])
    return bool(
        tail
        and not _unit(before["word"])[0].startswith(before["word"] + " ")
        and _is_plural(tail["head"])
        and not _is_plural(before["word"])
        and before["word"].lower() not in _PARTICIPLES
    )


_AND_PLURAL = re.compile(
    r"\s+and\s+(?P<noun>[a-z]+)(?=\s*(?:[.,;:)\"]|$|\s(?:were|was|are|have|had|at|in|on|from|into|to|over|of|with|among|near|that|who|as|by|when|since|after|before|said|say)\b))"
)


def _is_verb_after(phrase: list[re.Match[str]], word: str, head: int) -> bool:
    """Say whether a word behind a plural is its verb: "14 soldiers killed", "three jets bombed"."""
    if head < 0:
        return False
    return word.lower().endswith(("ed", "ing")) or word.lower() in vocabulary().kinds["event_verbs"]


def _skip_of(simple: str, at: int) -> int:
    match = re.compile(r"\s+of\s+(?:the\s+|its\s+|their\s+|his\s+|those\s+|these\s+|our\s+)?", re.I).match(
        simple, at
    )
    if match:
        return match.end()
    more = re.compile(
        r"\s*(?:\+|plus\b|or\s+more\b|or\s+so\b|(?:more|other|further|additional|new|such)\b)(?=\s)", re.I
    ).match(simple, at)
    return more.end() if more else at


def _hyphenated(simple: str, hyphen: re.Match[str]) -> Counted:
    """Read "40-ton bomb", "7,000-strong force"; other compounds ("two-state", "five-star") count nothing."""
    words = vocabulary().quantities
    unit = words["units"].get(hyphen["word"].lower())
    if unit is None or hyphen["more"] == "-old":
        return Counted("", "", hyphen.end(), is_hyphenated=True)
    about: list[str] = []
    place = hyphen.end()
    while len(about) < 4:
        match = _WORD.match(simple, place)
        if not match or match["open"] or match["word"].lower() in words["stop"]:
            break
        about.append(match["word"])
        place = match.end()
        if _is_plural(match["word"]) or simple[place : place + 1] in (",", ".", ";", ":"):
            break
    return Counted(str(unit), " ".join(about), hyphen.end(), True, True)


def _is_time(folded: str) -> bool:
    dates = vocabulary().dates
    return (
        folded in dates["weekdays"]
        or folded in dates["months"]
        or folded in ("overnight", "today", "yesterday")
    )


def unit_of_label(label: str) -> str:
    """Give what the label of a list item counts: "Fighters killed: 12" counts fighters.

    Examples
    --------
    >>> unit_of_label("Fighters killed"), unit_of_label("Strikes this year"), unit_of_label("Killed")
    ('fighters', 'strikes', 'people')
    """
    words = re.findall(r"[^\W\d_]+", label)
    for word in words:
        if _is_plural(word) and word.lower() not in _PARTICIPLES:
            return _unit(word)[0]
    return "people" if any(word.lower() in _PARTICIPLES for word in words) else ""


def _complement(simple: str, at: int) -> int:
    """Follow "in SDF-controlled prisons", "of ordnance" to the end of the phrase; no comma, no verb."""
    words = vocabulary().quantities
    place, end = at, at
    first = _WORD.match(simple, at)
    if (
        not first
        or first["word"].lower() not in words["joins"]
        or first["word"].lower() in ("the", "a", "an")
    ):
        return at
    last = re.search(r"[a-z]+$", simple[:at])
    if last and last.group() in words["duration"] and first["word"].lower() == "to":
        return at  # "16 hours to put out"
    is_filled = False
    for _ in range(_MAX_WORDS):
        match = _WORD.match(simple, place)
        if not match or match["open"]:
            break
        folded = match["word"].lower()
        if folded in words["joins"] and not re.match(
            r"\s+this\s+(?:year|month|week|morning)\b", simple[place : place + 14]
        ):
            place = match.end()
            continue
        if folded in words["stop"] or folded in vocabulary().kinds["verbs"] or _is_time(folded):
            break
        if is_filled and (folded.endswith("ly") or (folded.endswith(("ed", "ing")) and "-" not in folded)):
            break
        place = end = match.end()
        is_filled = True
        if (
            simple[place : place + 1] in (",", ".", ";", ":", "!", "?", ")", '"')
            and simple[place : place + 1]
        ):
            break
    return end
