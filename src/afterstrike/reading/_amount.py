"""Reads the bounds of a number, and amounts of money."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from afterstrike.reading._claim import Quantity
from afterstrike.reading._noun import counted_behind
from afterstrike.reading._number import Number
from afterstrike.reading._vocabulary import phrase_pattern, vocabulary

__all__ = ["CURRENCY", "DURATIONS", "MONEY_LEFT", "bounds", "is_about", "read_money"]

CURRENCY = {"$": "USD", "€": "EUR", "£": "GBP"}
MONEY_LEFT = re.compile(r"(?:(?:US|A|C|AU|CA)?(?P<sign>[$€£])|\b(?P<code>USD|EUR|GBP))\s?$")
_MONEY_RIGHT = re.compile(
    r"[\s-]*(?:US\s+|U\.S\.\s+)?(?P<word>dollars?|cents?|euros?|pounds\s+sterling)\b", re.I
)
_ADJECTIVAL_MONEY = re.compile(r"-(?P<word>dollar|cent|euro|pound)\b", re.I)
_MORE = re.compile(r"\s*(?:\+|or\s+more\b|plus\b(?!\s+\w+\s+others))", re.I)
_OR_SO = re.compile(r"\s+or\s+so\b", re.I)
DURATIONS = frozenset(
    {"years", "months", "weeks", "days", "nights", "hours", "minutes", "decades", "seconds"}
)
# "the fire spread over 13,000 sq m": a way of lying, no bound
_EXTENT = re.compile(
    r"\b(?:spread|spreads|spreading|stretch(?:ed|es|ing)?|scattered|extend(?:ed|s|ing)?|distributed|strewn)"
    r"\s+over\s$",
    re.I,
)


@dataclass(frozen=True)
class _Patterns:
    low: re.Pattern[str]
    high: re.Pattern[str]
    approx: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    words = vocabulary().quantities

    def left(name: str) -> re.Pattern[str]:
        return re.compile(
            rf"(?:(?<!\w){phrase_pattern(words[name])})\s*(?:the\s+|a\s+|an\s+)?(?:US|U\.S\.)?[$€£]?\s?$",
            re.I,
        )

    return _Patterns(left("low_before"), left("high_before"), left("approx_before"))


def is_about(before: str) -> bool:
    """Say whether the words in front make a number an approximate one."""
    return bool(_patterns().approx.search(before))


def bounds(
    number: Number, before: str, after: str, unit: str
) -> tuple[float | None, float | None, float | None, bool]:
    """Give value, low, high and whether the number is only about right, from the words around it."""
    patterns = _patterns()
    value = number.value
    if value is None:
        return None, number.low, None, True
    is_approx = bool(patterns.approx.search(before)) or bool(_OR_SO.match(after))
    # "over three years" is a span of time, not more than three
    is_span = unit in DURATIONS and re.search(r"\b(?:over|above|under|below)\s$", before, re.I)
    is_span = is_span or _EXTENT.search(before)
    if not is_span and (patterns.low.search(before) or _MORE.match(after)):
        return value, value, None, is_approx
    if not is_span and patterns.high.search(before):
        return value, None, value, is_approx
    if is_approx:
        return value, None, None, True
    return value, value, value, False


def read_money(simple: str, number: Number, before: str, after: str) -> Quantity | None:
    """Read an amount of money, and tell a real one from a manner of speaking.

    "million-dollar bombs" and "ten-cent solution" are adjectives made of a bare round number word: nobody
    counts with them. "a $3 million missile" and "a two-million-dollar drone" are prices.
    """
    words = vocabulary().quantities
    sign = MONEY_LEFT.search(before)
    adjective = _ADJECTIVAL_MONEY.match(after)
    noun = adjective or _MONEY_RIGHT.match(after)
    if not sign and not noun:
        return None
    end = number.end + noun.end() if noun else number.end
    counted = counted_behind(simple, end)
    value, low, high, approx = bounds(number, before[: sign.start()] if sign else before, after, "USD")
    if sign:
        start = number.start - (len(before) - sign.start())
        unit = CURRENCY.get(sign["sign"] or "", sign["code"] or "USD")
        return Quantity("", start, end, value, low, high, unit, counted.about, approx)
    word = noun["word"].lower() if noun else ""
    unit = "GBP" if word.startswith("pound") else words["units"].get(word, "USD")
    if word == "pound":
        return None  # a weight: "a 500-pound bomb"
    if word.startswith("cent"):
        value, low, high = (x / 100 if x is not None else None for x in (value, low, high))
    is_figure = (
        bool(adjective)
        and number.is_word
        and len(re.findall(r"(?!a\b|an\b)\b[a-z]+", simple[number.start : number.end], re.I)) == 1
    )
    return Quantity("", number.start, end, value, low, high, unit, counted.about, approx, is_figure)
