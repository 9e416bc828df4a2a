"""Finds the people an Arabic sentence counts: numbers, duals, singular nouns that mean one, bare plurals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from afterstrike.reading._people import Who
from afterstrike.reading.arabic._fold import Phrases, Token, fold_words, words
from afterstrike.reading.arabic._number import bounds_of, number_at

__all__ = ["Counted", "find_counted", "units"]


@dataclass(frozen=True)
class Counted:
    """A count in tokens `first` to `last` (end exclusive): of people where `unit` is "people"."""

    first: int
    last: int
    value: float | None
    low: float | None
    high: float | None
    approx: bool
    unit: str
    who: Who = "unknown"
    noun: str = ""  # the outcome that the noun itself names: "killed" for "قتلى", "injured" for "جرحى"
    is_vague: bool = False  # no number: "عدد من المدنيين"
    is_bare: bool = False  # a plural without a number: "جرحى"
    is_other: bool = False  # "آخرين": besides those counted before
    is_single: bool = False  # a singular noun that means one


@cache
def _nouns(number: str) -> Phrases:
    people = words()["people"]
    table = {who: list(people[f"{who}_{number}"]) for who in ("civilian", "combatant", "neutral")}
    if number == "two":
        for who, forms in table.items():
            forms += [
                dual for word in people[f"{who}_one"] if " " not in word for dual in _duals(fold_words(word))
            ]
    return Phrases(table)


def _duals(word: str) -> list[str]:
    """Give the dual of a singular noun in the nominative; the other cases may be plurals and stand in the
    list.
    """
    if len(word) < 3 or word.endswith(("ا", "ته", "تها", "ها")):
        return []
    return [word[:-1] + "تان", word[:-1] + "تين"] if word.endswith("ه") else [word + "ان"]


@cache
def _outcome_nouns() -> Phrases:
    harm = words()["harm"]
    return Phrases(
        {
            "killed": harm["killed_nouns"], "injured": harm["injured_nouns"], "detained": harm["detained_nouns"],
            "missing": harm["missing_nouns"], "displaced": harm["displaced_nouns"],
        }
    )  # fmt: skip


@cache
def _both() -> Phrases:
    return Phrases({"killed_or_injured": words()["harm"]["both"]})


@cache
def units() -> Phrases:
    """Give the phrases of what else is counted, labelled by unit."""
    return Phrases(words()["counted"])


@cache
def _parts() -> Phrases:
    return Phrases({"part": words()["harm"]["parts"]})


@cache
def _others() -> frozenset[str]:
    return frozenset({"اخرون", "اخرين", "اخر", "اخري", "اخران", "اخريات"})


@cache
def _ages() -> tuple[Phrases, Phrases]:
    harm = words()["harm"]
    return Phrases({"age": harm["age_before"]}), Phrases({"age": harm["age_after"]})


_WHO: dict[str, Who] = {"civilian": "civilian", "combatant": "combatant", "neutral": "unknown"}
# "خمسة من عناصر", "10 جرحى في صفوف القوات": whose they are stands behind
_OF = frozenset({"من", "صفوف", "بصفوف", "في", "افراد"})
_REACH = 6


def find_counted(row: list[Token], skip: frozenset[int] = frozenset()) -> list[Counted]:
    """Find every count of a sentence, in order; `skip` are tokens of dates and clock times.

    Examples
    --------
    >>> from afterstrike.reading.arabic._fold import fold, tokens
    >>> row = tokens(fold("مقتل طفلين وخمسة من عناصر الحرس و16 غارة").text)
    >>> [(c.value, c.unit, c.who) for c in find_counted(row)]
    [(2.0, 'people', 'civilian'), (5.0, 'people', 'combatant'), (16.0, 'strikes', 'unknown')]
    """
    found: list[Counted] = []
    place = 0
    while place < len(row):
        made = None if place in skip else _counted_at(row, place, skip)
        if made is None:
            place += 1
        else:
            found.append(made)
            place = max(made.last, place + 1)
    return found


def _counted_at(row: list[Token], place: int, skip: frozenset[int]) -> Counted | None:
    amount = number_at(row, place)
    if amount is not None:
        return _numbered(row, place, skip)
    both = _both().at(row, place)
    if both:
        return Counted(
            place,
            place + both[0],
            None,
            2.0,
            None,
            True,
            "people",
            noun="killed_or_injured",
            is_vague=True,
            is_bare=True,
        )
    for number, value in (("two", 2.0), ("one", 1.0)):
        hit = _nouns(number).at(row, place)
        if hit:
            last = place + hit[0]
            is_other = row[place].stems[-1] in _others() or (last < len(row) and row[last].text in _others())
            if (
                number == "one"
                and last < len(row)
                and row[last].text in ("اثنين", "اثنان", "اثنتين", "اثنتان")
            ):
                value, last = 2.0, last + 1
            elif last < len(row) and row[last].text in ("واحد", "واحده"):
                last += 1
            noun = _outcome_nouns().at(row, place)
            return Counted(
                place, last, value, value, value, False, "people", _who(row, last, _WHO[hit[1]]),
                noun=noun[1] if noun else "", is_other=is_other, is_single=number == "one",
            )  # fmt: skip
    hit = _nouns("many").at(row, place)
    if hit:
        last = place + hit[0]
        if last < len(row) and row[last].text in ("اثنين", "اثنان", "اثنتين", "اثنتان"):
            return Counted(place, last + 1, 2.0, 2.0, 2.0, False, "people", _WHO[hit[1]])
        noun = _outcome_nouns().at(row, place)
        return Counted(
            place, last, None, 2.0, None, True, "people", _who(row, last, _WHO[hit[1]]),
            noun=noun[1] if noun else "", is_vague=True, is_bare=True, is_other=row[place].stems[-1] in _others(),
        )  # fmt: skip
    dual = units().at(row, place)
    if (
        dual
        and row[place + dual[0] - 1].text.endswith(("ان", "ين", "تين", "تان"))
        and dual[1] not in ("percent",)
    ):
        word = row[place].stems[-1]
        if word.endswith(("تان", "تين")) or word in ("هجومان", "هجومين", "صاروخان", "صاروخين"):
            return Counted(place, place + dual[0], 2.0, 2.0, 2.0, False, dual[1])
    return None


def _numbered(row: list[Token], place: int, skip: frozenset[int]) -> Counted | None:
    amount = number_at(row, place)
    if amount is None:
        return None
    behind = place + amount.size
    # "محور الفوج 46": a number right behind its noun names one thing; "الساعة 8" is a time
    at = behind
    while at < len(row) and at < behind + 2 and row[at].text in ("من", "نحو", "على", "الاقل"):
        at += 1
    if at >= len(row) or at in skip:
        return None
    before, after = _ages()
    aged = any(before.at(row, place - n) for n in (1, 2, 3) if place - n >= 0)
    if aged or (
        after.at(row, behind)
        and amount.value is not None
        and amount.value < 120
        and _is_age(row, place, behind)
    ):
        return None
    bounded, approx = bounds_of(row, place, behind, amount)
    for number in ("many", "one"):
        hit = _nouns(number).at(row, at)
        if hit:
            last = at + hit[0]
            who = _who(row, last, _WHO[hit[1]])
            noun = _outcome_nouns().at(row, at)
            both, behind_noun = _both().at(row, at), _both().at(row, last) if last < len(row) else None
            if both or behind_noun:
                last = at + both[0] if both else last + (behind_noun or (0, ""))[0]
                label = "killed_or_injured"
            else:
                label = noun[1] if noun else ""
            return Counted(
                place, last, bounded.value, bounded.low, bounded.high, approx, "people", who, label,
                is_vague=amount.is_vague, is_other=row[at].stems[-1] in _others(),
            )  # fmt: skip
    hit = units().at(row, at)
    if hit:
        return Counted(
            place,
            at + hit[0],
            bounded.value,
            bounded.low,
            bounded.high,
            approx,
            hit[1],
            is_vague=amount.is_vague,
        )
    # a bare number: what it counts stands in front ("وأصيب 4") or behind ("ستة في صفوف القوات")
    who = _who(row, behind, "unknown")
    return Counted(
        place, behind, bounded.value, bounded.low, bounded.high, approx, "", who, is_vague=amount.is_vague
    )


def _is_age(row: list[Token], place: int, behind: int) -> bool:
    """Say whether a number of years is an age: in brackets behind a name, or with an age's words."""
    return row[behind].text in ("عاما", "سنه", "سنوات", "اعوام", "ربيعا", "عام", "اشهر", "شهرا", "سنين")


def _who(row: list[Token], last: int, who: Who) -> Who:
    """Look behind a count for whose people they are: "من عناصر", "في صفوف المدنيين", "مدنيين"."""
    if who != "unknown":
        return who
    if _parts().at(row, last) if last < len(row) else False:
        return who
    at = last
    stop = min(len(row), last + _REACH)
    while at < stop:
        token = row[at]
        if at == last:
            for number in ("many", "one"):
                hit = _nouns(number).at(row, at, exact=True)
                if hit and not token.is_joined and hit[1] != "neutral":
                    return _WHO[hit[1]]
        if token.text not in _OF and at == last:
            return who
        for number in ("many", "one"):
            hit = _nouns(number).at(row, at)
            if hit and hit[1] != "neutral":
                return _WHO[hit[1]]
        if token.text in (
            "القوات",
            "قوات",
            "الجيش",
            "الفصائل",
            "هييه",
            "النظام",
            "المسلحين",
            "الشرطه",
            "قسد",
        ):
            return "combatant"
        if token.is_joined and at > last:
            return who
        at += 1
    return who
