"""Finds quantities: a number, its bounds, what it counts, and whether anybody means it as a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from afterstrike.reading._amount import CURRENCY, DURATIONS, MONEY_LEFT, bounds, is_about, read_money
from afterstrike.reading._claim import Quantity
from afterstrike.reading._counted import counted_around
from afterstrike.reading._country import plain
from afterstrike.reading._noun import Counted, counted_behind, unit_of_label
from afterstrike.reading._number import Number, find_numbers
from afterstrike.reading._vocabulary import phrase_pattern, vocabulary

__all__ = ["find_quantities"]

# A sentence (at most 1,500 characters) with more numbers than this is a table or a code, not a statement.
_TABLE_NUMBERS = 40


@dataclass(frozen=True)
class _Patterns:
    label: re.Pattern[str]
    name: re.Pattern[str]


_ORDINAL_LEFT = re.compile(
    r"(?:\b(?:aged?|No\.?|nos?\.|number|chapter|section|paragraph|page|part)\s*|[#№§]\s?)$", re.I
)
_AGE_LEFT = re.compile(r"[A-Z][\w.'-]+,\s$")  # "Firstname Lastname, 23, of"
_AGE_RIGHT = re.compile(r"[\s-]*(?:years?|months?)[\s-]*olds?\b|-year-old", re.I)
# "+254 20 272 1100", "Tel: 555 0142", "call 0800-220-555"
_PHONE_LEFT = re.compile(
    r"(?:\+\d[\d\s().-]{0,20}|(?:\d+-){2}|\b0\d{2,5}\s|\b(?:tel|telephone|phone|fax|call|whatsapp|hotline|mobile)\b(?:\s+(?:toll[\s-]free|free|us|on|at)){0,3}[\s.:]*[+(]?[\d\s().-]*)$",
    re.I,
)
_PHONE_RIGHT = re.compile(r"(?:-\d{3,4}){1,3}\b|\s\d{3}\s\d{4}\b")
# "rose from 1,240 to 1,711 incidents": two numbers at two times, no range
_CHANGE = re.compile(
    r"\b(?:rose|rise|rises|risen|grew|grown|increas\w+|fell|fallen|drop\w*|declin\w+|decreas\w+|climb\w+|jump\w+|"
    r"shr[aiu]nk|reduc\w+|cut|up|down|went|surg\w+|soar\w+|doubl\w+|tripl\w+|halv\w+|expand\w+|swell\w*|"
    r"rais\w+|lower\w+|revis\w+|chang\w+|plung\w+|plummet\w+)\b[^.;:]{0,80}\bfrom\s+(?:\w+\s+){0,3}[$€£]?$",
    re.I,
)
# what is a part of a period or of a game, not a share of things counted
_PART_LEFT = re.compile(
    r"\b(?:first|second|third|fourth|1st|2nd|3rd|4th|latter|last|final|opening|closing|early|late|other|top|bottom)"
    r"[\s-]$",
    re.I,
)
_MONTHS = phrase_pattern(k.capitalize() for k in vocabulary().dates["months"] if len(k) > 3)
_PERIOD_RIGHT = re.compile(
    rf"(?:\s+of)?\s+(?:(?:the|this|that|last|next|each|every|a|an|its|their|fiscal|financial|calendar|whole|current|previous|"
    rf"past|early|late)\s+)*(?:(?i:year|month|week|day|night|decade|century|season|hour)(?![\w'-])|"
    rf"{_MONTHS}\b(?!\s+[a-z]+s\b)|(?:1[89]|20)\d\d(?![\d,]|\s+[a-z]+s\b))"
)
_PERCENT = re.compile(r"\s?(?:%|percent\b|per\s+cent\b|percentage\s+points?\b)", re.I)
_RANGE = re.compile(r"\s*(?:-|–|—|\bto\b|\band\b|\bor\b)\s*(?:an?\s+)?[$€£]?$")
_RATIO = re.compile(r"[\s-](?:to|in|out\s+of)[\s-]$")
_CALIBRE = re.compile(r"[\s-]?(?:mm|cm|calib(?:er|re)|MHz|GHz|kHz|°)\b", re.I)
_CUMULATIVE = re.compile(
    r"\b(?:(?:has|have|had)\b.{1,120}\bsince\s|since\s+(?:[A-Z]\w+\s+)?\d{4}\b|so\s+far|to\s+date|cumulative(?:ly)?|in\s+total\s+since|"
    r"brings?\s+the\s+(?:total|toll|number)|bringing\s+the\s+(?:total|toll|number))\b",
    re.I,
)
_IDIOM = re.compile(
    r"^(?:a|one)?\s*(?:hundred|thousand|million|billion|dozen)s?\s+(?:cuts|reasons|ways|times|words|miles\s+away|questions)\b",
    re.I,
)


@cache
def _patterns() -> _Patterns:
    words = vocabulary().quantities

    # only a bound may stand between a label and its number: "Targets hit: at least 14 places"
    bound = phrase_pattern([*words["low_before"], *words["high_before"], *words["approx_before"]])
    label = re.compile(rf"(?:^|[\n•])\s*(?P<label>[A-Z][^:\n.;!?0-9]{{1,40}}):\s*(?i:{bound}\s+)?[$€£]?$")
    name = re.compile(rf"\b(?:{phrase_pattern(words['label_words'])}|[A-Z][\w'-]*[a-z])\s$")
    return _Patterns(label, name)


def find_quantities(
    text: str,
    start: int = 0,
    end: int | None = None,
    *,
    skip: Iterable[tuple[int, int]] = (),
    labels: bool = True,
) -> list[Quantity]:
    """Find the quantities in a span.

    Parameters
    ----------
    text : str
        The whole text; offsets point into it.
    start, end : int
        The span to look in; the whole text when left out.
    skip : iterable of (int, int)
        Spans whose digits are no quantities, such as dates and clock times.
    labels : bool
        Whether words before a colon are the label of a list item; in a headline they are not.

    Returns
    -------
    list of Quantity
        In text order. How the bounds are set:

        ===================  ======  ======  ======  =======
        words                value   low     high    approx
        ===================  ======  ======  ======  =======
        14                   14      14      14      False
        about 14             14      None    None    True
        at least 14          14      14      None    False
        more than 14         14      14      None    False
        up to 14             14      None    14      False
        fewer than 14        14      None    14      False
        between 5 and 10     None    5       10      False
        dozens               None    24      None    True
        ===================  ======  ======  ======  =======

        `unit` is "" where the text does not say what is counted; such a number is kept only where a bound, a
        scale or a label shows that it is a count. Model numbers (F-15E), named numbers
        (Tower 22), years, ordinals, ages, calibres and list numbers are no quantities.

    Examples
    --------
    >>> found = find_quantities("at least 30 armed men in two boats")
    >>> [(q.text, q.low, q.high, q.unit) for q in found]
    [('30', 30.0, None, 'men'), ('two', 2.0, 2.0, 'boats')]
    """
    stop = len(text) if end is None else end
    simple = plain(text[start:stop])
    masked = bytearray(len(simple))
    for a, b in skip:
        a, b = max(0, a - start), min(len(simple), b - start)
        masked[a:b] = b"\x01" * max(0, b - a)
    numbers = [n for n in find_numbers(simple) if not any(masked[n.start : n.end])]
    if len(numbers) > _TABLE_NUMBERS:
        return []
    is_cumulative = _CUMULATIVE.search(simple) is not None
    found = [
        replace(
            made,
            text=text[start + made.start : start + made.end],
            start=start + made.start,
            end=start + made.end,
            cumulative=is_cumulative
            and made.unit not in (*DURATIONS, "percent")
            and not made.figure_of_speech,
        )
        for made in _walk(simple, numbers, labels=labels)
    ]
    return _paired_contrast(found)


def _walk(simple: str, numbers: list[Number], *, labels: bool) -> Iterator[Quantity]:
    """Judge the numbers in order; two that make a range or a ratio are one quantity."""
    at = 0
    last_unit = ""
    while at < len(numbers):
        number = numbers[at]
        partner = numbers[at + 1] if at + 1 < len(numbers) else None
        between = simple[number.end : partner.start] if partner else ""
        made: Quantity | None = None
        used = 1
        if partner and len(between) <= 12:
            made = _ratio(simple, number, partner, between) or _range(simple, number, partner, between)
            used = 2 if made else 1
        made = made or _single(simple, number, last_unit, labels=labels)
        if made and partner and not made.unit and re.fullmatch(r"\s*to\s*", between):
            other = _single(simple, partner, "", labels=labels)  # "rose from 1,240 to 1,711 incidents"
            made = replace(made, unit=other.unit, about=other.about) if other else made
        if made:
            last_unit = made.unit if made.unit not in ("", "percent", "ratio") else last_unit
            yield made
        at += used


def _single(simple: str, number: Number, last_unit: str, *, labels: bool = True) -> Quantity | None:
    before = simple[max(0, number.start - 60) : number.start]
    after = simple[number.end : number.end + 160]
    if number.percent:
        if _PART_LEFT.search(before) or _PERIOD_RIGHT.match(after):
            return None  # "the first half of 2023", "a quarter of the year": a period
        counted = counted_behind(simple, number.end)
        value, low, high, approx = bounds(number, before, after, "percent")
        is_bare = low == high == value  # a fraction in words is a round one
        low, high = (None, None) if is_bare else (low, high)
        about = counted.about
        return Quantity("", number.start, number.end, value, low, high, "percent", about, approx or is_bare)
    money = read_money(simple, number, before, after)
    if money:
        return money
    is_code = re.match(r"0\d", simple[number.start : number.end]) is not None
    if is_code or _is_no_count(number, before, after):
        return None
    percent = _PERCENT.match(after)
    if percent:
        counted = counted_behind(simple, number.end + percent.end())
        counted = Counted("percent", counted.about, number.end + percent.end())
    else:
        counted = counted_behind(simple, number.end, is_one=number.value == 1)
        if not counted.unit and not counted.is_hyphenated:
            counted = counted_around(simple, number.start, number.end, last_unit)
    if not counted.unit and (number.is_word or _is_named(before)):
        return None
    if _is_named(before) and (not counted.is_sure or _has_label(before)):
        return None
    if (
        number.value == 1
        and number.is_word
        and (
            not counted.is_sure
            or re.search(r"\b(?:no|any|every|each|this|that|the|only|some|which|another)[\s-]$", before, re.I)
        )
    ):
        return None
    if counted.is_hyphenated and not counted.unit:
        return None
    label = _patterns().label.search(simple[max(0, number.start - 110) : number.start])
    about = counted.about
    unit = counted.unit
    if not labels and unit in vocabulary().quantities["parts_of_a_text"]:
        return None  # "Five lessons from the war"
    if label and labels:
        unit = unit or unit_of_label(label["label"])
        about = f"{label['label']}: {about}" if about else label["label"]
    is_idiom = number.is_word and bool(_IDIOM.match(simple[number.start : number.start + 40]))
    value, low, high, approx = bounds(number, before, after, unit)
    written = simple[number.start : number.end]
    is_plain = not (label and labels) and low == high and re.fullmatch(r"\d{1,3}|\d{4,}|\d+\.\d+", written)
    if not unit and is_plain:
        return None  # an age, a score, a house number: nothing says what is counted
    end = counted.end if percent else number.end
    return Quantity("", number.start, end, value, low, high, unit, about, approx, is_idiom)


def _is_no_count(number: Number, before: str, after: str) -> bool:
    """Say whether the number is an age, an ordinal, a calibre, a list number or part of a compound name."""
    if _ORDINAL_LEFT.search(before) or _AGE_RIGHT.match(after) or _CALIBRE.match(after):
        return True
    if before.endswith("(") and after.startswith(")"):
        return True  # "(34)": an age or a footnote
    if not number.is_word and (_PHONE_LEFT.search(before) or _PHONE_RIGHT.match(after)):
        return True
    if number.value is not None and number.value < 120 and _AGE_LEFT.search(before):
        return re.match(r",|\.|;|\)|\s+of\s+[A-Z]|\s*$", after) is not None
    if before.endswith("[") or re.match(r"\.\d|\s?[:/]\s?\d", after):
        return True
    if re.match(r"-[A-Z]", after) or (not number.is_word and re.match(r"[A-Z]", after)):
        return True
    return number.is_word and number.value == 0 and after.startswith("-")


def _is_named(before: str) -> bool:
    """Say whether a name stands right before the number: "Tower 22", "Resolution 2254"."""
    match = _patterns().name.search(before)
    if not match:
        return False
    head = before[: match.start()].rstrip()
    word = match.group().strip()
    is_first = not head or head[-1] in '.!?:•"('
    return word in vocabulary().quantities["label_words"] or not is_first


def _has_label(before: str) -> bool:
    last = before.rstrip().rsplit(" ", 1)[-1].strip("(\"'")
    return last in vocabulary().quantities["label_words"]


def _paired_contrast(found: list[Quantity]) -> list[Quantity]:
    """Mark every worded price of a sentence that holds a figure of speech ("X bombs on Y tents")."""
    if sum(q.figure_of_speech for q in found) == 0:
        return found
    return [
        replace(q, figure_of_speech=True)
        if q.unit in ("USD", "EUR", "GBP") and not re.search(r"\d", q.text)
        else q
        for q in found
    ]


def _range(simple: str, number: Number, partner: Number, between: str) -> Quantity | None:
    """Read "5 to 10", "10-15" and "between 5 and 10"; "seven and nine" alone are two numbers."""
    if not _RANGE.fullmatch(between) or number.value is None or partner.value is None:
        return None
    before = simple[max(0, number.start - 40) : number.start]
    word = between.strip(" $€£").split(" ")[0].lower()
    if word == "and" and not re.search(
        r"\b(?:between|from)\s+(?:about\s+|around\s+|some\s+)?[$€£]?$", before, re.I
    ):
        return None
    if word == "to" and _CHANGE.search(simple[max(0, number.start - 160) : number.start]):
        return None
    low, high = number.value, partner.value
    scaled = re.search(
        r"(hundred|thousand|million|billion|bn|m|k)$", simple[partner.start : partner.end], re.I
    )
    own = re.search(r"(hundred|thousand|million|billion|bn|m|k)$", simple[number.start : number.end], re.I)
    if scaled and not own and low < high:
        table = vocabulary().numbers
        factor = table["scales"].get(scaled[1].lower()) or table["suffixes"].get(scaled[1].lower()) or 1
        low = low * factor if low * factor <= high else low
    if low > high or _is_no_count(number, before, ""):
        return None
    one = _single(simple, partner, "")
    if one is None or not (one.unit or one.about):
        return None
    sign = MONEY_LEFT.search(before)
    start = number.start - (len(before) - sign.start()) if sign else number.start
    unit = CURRENCY.get(sign["sign"] or "", sign["code"] or one.unit) if sign else one.unit
    is_approx = is_about(before)
    return Quantity("", start, max(one.end, partner.end), None, low, high, unit, one.about, is_approx)


def _ratio(simple: str, number: Number, partner: Number, between: str) -> Quantity | None:
    """Read "one in five" as a percentage and "three-to-one" as a ratio."""
    if not _RATIO.fullmatch(between) or not number.value or not partner.value:
        return None
    word = between.strip(" -").split()[0]
    if word == "in" or word == "out":
        after = simple[partner.end : partner.end + 20]
        if number.value > partner.value or partner.value > 1000 or not re.match(r"\s+[a-z]", after):
            return None
        if word == "in" and not (number.is_word and partner.is_word):
            return None
        share = round(100 * number.value / partner.value, 1)
        counted = counted_behind(simple, partner.end)
        return Quantity("", number.start, partner.end, share, None, None, "percent", counted.about, True)
    if not between.startswith("-"):
        return None
    ratio = round(number.value / partner.value, 3)
    return Quantity("", number.start, partner.end, ratio, ratio, ratio, "ratio", "", False)
