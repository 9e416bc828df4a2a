"""Reads numbers in digits and in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from afterstrike.reading._vocabulary import phrase_pattern, vocabulary

__all__ = ["Number", "find_numbers", "word_number"]


@dataclass(frozen=True)
class Number:
    """One number in the text, with its value; vague words ("dozens") have a low bound only."""

    start: int
    end: int
    value: float | None
    low: float | None
    is_word: bool
    percent: bool = False


def _behind(small: dict[str, float], least: float) -> str:
    """Give look-behinds for the tens, which a unit may follow ("twenty-three")."""
    return "|".join(rf"(?<={word})" for word, value in small.items() if value >= least)


@cache
def _pattern() -> re.Pattern[str]:
    words = vocabulary().numbers
    small = phrase_pattern(words["small"])
    scale = phrase_pattern(words["scales"]) + "s?"
    vague = phrase_pattern(words["vague"])
    fraction = phrase_pattern(words["fractions"])
    piece = rf"(?:{small}|{scale})"
    # "and" joins only behind a hundred or more ("nine hundred and five") and before a half; "six and eight"
    # are two numbers, as are two words of which the first is no ten ("two five")
    units = phrase_pattern(w for w, value in words["small"].items() if 0 < value < 10)
    big = "".join(rf"(?<={word})|(?<={word}s)|" for word in words["scales"] if word not in ("dozen", "score"))
    between = (
        rf"[\s-]+(?={scale})|(?:{_behind(words['small'], 20)})[\s-]+(?={units}\b)|"
        rf"(?:{big[:-1]})[\s-]+(?:and[\s-]+)?|\s+and\s+a\s+half\s+(?={scale})"
    )
    return re.compile(
        rf"""(?ix)
        (?P<digits>(?<![\w.,/])(?<![^\W\d]-)(?<!\d:)(?:
            \d{{1,3}}(?:,\d{{3}}(?!\d))+|\d{{1,3}}(?:[\u00a0\u202f ]\d{{3}}(?![\d-]))+|
            \d{{1,15}})(?:\.\d{{1,6}})?
            (?:(?P<suffix>(?-i:[kmKM]|bn|mn|mln|BN|tn))(?![\w])
              |[ -](?P<scale>hundred|thousand|million|billion|trillion|dozen|bn|mn)(?=s?\b))?
            (?![\d/°])(?!(?:st|nd|rd|th)\b)(?!\w)(?!:\d))
        |(?P<fraction>\b{fraction}(?=\s))
        |(?P<vague>\b{vague}\b(?!-))
        |(?P<words>\b(?:(?<!\w-)|(?<=-to-))(?:(?:a|half\s+a|half\s+an?)\s+(?={phrase_pattern(words["scales"])}\b(?!s)))?{piece}
            (?:(?:{between}){piece}){{0,8}}\b(?!'))
        """
    )


def word_number(words: str) -> float | None:
    """Give the value of a number written in words, or None.

    Examples
    --------
    >>> word_number("two and a half thousand"), word_number("nine hundred and five"), word_number("a dozen")
    (2500.0, 905.0, 12.0)
    """
    table = vocabulary().numbers
    total, current, seen = 0.0, 0.0, False
    has_half = False
    pieces = re.findall(r"[a-z]+", words.lower())
    for number, piece in enumerate(pieces):
        if piece in ("and", "a", "an"):
            continue
        if piece == "half":
            has_half, seen = True, True
            if number == 0:
                current = 0.0
            continue
        if piece in table["small"]:
            current += table["small"][piece]
            seen = True
            continue
        scale = table["scales"].get(piece) or table["scales"].get(piece.removesuffix("s"))
        if scale is None:
            return None
        seen = True
        if has_half:
            current += 0.5
            has_half = False
        factor = current or 1
        if scale >= 1000:
            total += factor * scale
            current = 0.0
        else:
            current = factor * scale
    return total + current if seen else None


def find_numbers(simple: str) -> list[Number]:
    """Find every number in plain text; whether it counts something is decided by the caller.

    Examples
    --------
    >>> [n.value for n in find_numbers("1,000 men, 1.5m dollars, two dozen F-16s, MQ-9 and 2nd")]
    [1000.0, 1500000.0, 24.0]
    """
    table = vocabulary().numbers
    found: list[Number] = []
    for match in _pattern().finditer(simple):
        a, b = match.span()
        if match["digits"]:
            body = re.match(r"[\d,\u00a0 ]+(?:\.\d+)?", match["digits"])
            value = float(re.sub(r"[,\u00a0 ]", "", body.group())) if body else 0.0
            scale = (match["scale"] or match["suffix"] or "").lower()
            factor = table["scales"].get(scale) or table["suffixes"].get(scale) or 1
            found.append(Number(a, b, round(value * factor, 6), None, False))
        elif match["fraction"]:
            value = table["fractions"][" ".join(match["fraction"].lower().split())]
            found.append(Number(a, b, value, None, True, percent=True))
        elif match["vague"]:
            low = table["vague"][" ".join(match["vague"].lower().split())]
            found.append(Number(a, b, None, low, True))
        else:
            words_value = word_number(match["words"])
            if words_value is not None:
                found.append(Number(a, b, words_value, None, True))
    return found
