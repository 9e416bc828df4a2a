"""Read the sentences of a US Central Command strike release: how many strikes and targets, which places.

Number words, not digits, carry the counts ("two strikes destroyed six vehicles and an oil pump jack").
What is not stated is None: a list with one uncounted item ("struck ISIL fighters") has no total.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from afterstrike.reading._vocabulary import vocabulary

__all__ = ["ReleaseText", "number_word", "read_release", "strike_count", "target_count"]

_WORDS = {word: int(value) for word, value in vocabulary().numbers["small"].items()}
_UNITS = [word for word, value in _WORDS.items() if value < 20]  # in order, from zero
_TENS = [word for word, value in _WORDS.items() if value >= 20]
_SINGLE = ("a", "an", "another", "one")
_ORDINALS = "first|second|third|fourth|fifth|sixth|final"

_NUMBER = (
    rf"\d{{1,3}}(?:,\d{{3}})+|\d+|{'|'.join(_UNITS)}"
    rf"|(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_UNITS[1:10])}))?"
)
_COUNT = rf"(?:{_NUMBER}|an?|another)"
# "17 airstrikes", "an airstrike", "a U.S. airstrike", "a third airstrike", "one additional airstrike"
_STRIKES = re.compile(
    rf"\b(?P<count>{_COUNT})\s+(?:(?:additional|more|other|separate|U\.?S\.?|coalition|{_ORDINALS})\s+)*"
    r"(?:air\s?-?)?strikes?\b",
    re.IGNORECASE,
)
# What stands behind the sentences of a release and counts nothing.
_TAIL = re.compile(
    r"A strike, as defined|To conduct these (?:air)?strikes|All (?:other|aircraft)\b"
    r"|The President authori[sz]ed|(?:Air ?s|S)trike assessments are|Additionally on [A-Z][a-z]+\.? \d+",
)
_PLACE = re.compile(
    r"\b(?:[Nn]ear|[Ii]n the vicinity of|(?:[Nn]orth|[Ss]outh)?(?:[Ee]ast|[Ww]est)? of|\bof|\b[Ii]n)"
    r"\s+(?:the\s+)?(?P<name>(?:(?:[Aa][lrdstz]|[Aa]sh|[Aa]bu)[ -])?[A-Z][\w'’ʼ`]*"
    r"(?:[ -](?:(?:[Aa][lrz]|ad|as)\b|[A-Z][\w'’ʼ`]*))*)"
)
_SEGMENT = re.compile(r"(?:^|[.;]\s+|\s)[-v]?\s*(?=(?:Near|In)\s+[A-Za-z])")

_VERBS = (
    "struck|destroyed|engaged|damaged|suppressed|degraded|cratered|targeted|disabled|hit|neutralized|severed|"
    "destroying|damaging|striking|engaging|suppressing"
)
_DENIED = re.compile(r"\bdenied (?:ISIL|ISIS|Daesh) access to (?:key )?terrain", re.IGNORECASE)
_PEOPLE = re.compile(r"\b(?:wounded|killed)\b[^,;.]*", re.IGNORECASE)
_TOKEN = re.compile(
    rf"(?P<verb>\b(?:{_VERBS})\b)|(?P<count>\b{_COUNT}\b)|(?P<cut>[,;.])|(?P<word>[^\s,;.]+)", re.IGNORECASE
)
_OWN = (
    "isil",
    "isis",
    "daesh",
    "is",
    "isil-held",
    "isil-occupied",
    "isil-controlled",
    "multiple",
    "several",
    "numerous",
)
_SKIP = ("and", "also", "or", "then", "successfully", "a", "plus", "separate", "to", "while")


def number_word(text: str) -> int | None:
    """Give the value of a number word or figure up to 99 in words; 'a', 'an' and 'another' are 1.

    Examples
    --------
    >>> number_word("seventeen"), number_word("twenty-one"), number_word("an"), number_word("1,200")
    (17, 21, 1, 1200)
    >>> number_word("several") is None
    True
    """
    word = text.strip().casefold().replace(",", "")
    if word.isdecimal():
        return int(word)
    if word in _SINGLE:
        return 1
    if word in _WORDS:
        return _WORDS[word]
    parts = re.split(r"[- ]", word)
    if len(parts) == 2 and parts[0] in _TENS and 0 < _WORDS.get(parts[1], 0) < 10:
        return _WORDS[parts[0]] + _WORDS[parts[1]]
    return None


def _body(text: str) -> str:
    """The sentences that report strikes, without the standing paragraphs behind them."""
    cut = _TAIL.search(text)
    return text[: cut.start()] if cut else text


def strike_count(text: str) -> int | None:
    """Add up the strikes that the words state; None where they state none.

    Examples
    --------
    >>> strike_count("Near Hit, three airstrikes destroyed a vehicle. Another airstrike struck a bunker.")
    4
    >>> strike_count("Those airstrikes also suppressed a position.") is None
    True
    """
    counts = [number_word(m["count"]) for m in _STRIKES.finditer(_body(text))]
    stated = [c for c in counts if c is not None]
    return sum(stated) if stated else None


def target_count(description: str) -> int | None:
    """Add up the targets that a description counts; None where it leaves one of them uncounted.

    Examples
    --------
    >>> target_count("strike destroyed six oil tanker trucks and an oil pump jack.")
    7
    >>> target_count("strikes struck ISIL fighters and destroyed a vehicle.") is None
    True
    """
    text = re.sub(r"\([^)]*\)", " ", _STRIKES.sub(" ", _body(description)))
    text = _PEOPLE.sub(" ", _DENIED.sub(" ", text))
    total, seen = 0, False
    begins = False  # the next word opens an item of the list
    after = ""
    for token in _TOKEN.finditer(text):
        word = token[0].casefold()
        if token["verb"]:
            begins, after, seen = True, "verb", True
        elif not seen:
            continue
        elif token["cut"]:
            begins, after = word != ".", "cut"
        elif token["count"]:
            total += number_word(word) or 0
            begins = False
        elif word == "and":
            begins, after = True, "and"
        elif begins and word not in _SKIP:
            # behind a verb every item needs a count; behind "and" only the enemy's name opens an item,
            # since "command and control node" is one thing
            if after == "verb" or word in _OWN:
                return None
            begins = False
    return total or None


@dataclass(frozen=True)
class ReleaseText:
    """What one row of a release says."""

    strikes: int | None
    targets: int | None
    places: tuple[str, ...]  # in the order of the text, as spelled there
    countries: tuple[str, ...]  # alpha-3, of "In Iraq", "Dayr az Zawr, Syria"
    other_places: bool  # the line goes on to another place than the row's own


def _places(text: str) -> tuple[str, ...]:
    named = [m["name"].strip() for m in _PLACE.finditer(text)]
    skip = {"Iraq", "Syria", "Mount", "U", "US", "Near", "Kurdish", "Iraqi", "Syrian", "Coalition"}
    return tuple(
        dict.fromkeys(n for n in named if n not in skip and not n.startswith(("ISIL", "ISIS", "U.S")))
    )


def _segments(text: str) -> list[str]:
    cuts = [m.start() for m in _SEGMENT.finditer(text)]
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True) if text[a:b].strip(" -v.")]


def read_release(line: str, location: str | None, description: str | None) -> ReleaseText:
    """Read one row's line.

    Parameters
    ----------
    line : str
        The sentence or paragraph of the release.
    location : str or None
        The row's own place; None or a country where the row stands for a whole paragraph.
    description : str or None
        The row's own part of the line without place and number.

    Returns
    -------
    ReleaseText
        Counts of the row's own part where a place is given, of the whole paragraph where not.

    Examples
    --------
    >>> read = read_release("- Near Hit, two strikes struck a tunnel.", "Hit", "strikes struck a tunnel.")
    >>> read.strikes, read.targets, read.places
    (2, 1, ('Hit',))
    """
    body = _body(line)
    countries = tuple(
        dict.fromkeys(
            {"iraq": "IRQ", "syria": "SYR"}[m.casefold()] for m in re.findall(r"\b(Iraq|Syria)\b", body)
        )
    )
    if location and location.casefold() not in ("iraq", "syria"):
        pieces = [s for s in _segments(body) if strike_count(s) is not None]
        own = [s for s in pieces if location.casefold() in s.casefold()]
        part = own[0] if len(own) == 1 else body
        targets = target_count(description if description and part is body else part)
        others = len(pieces) > len(own) > 0
        return ReleaseText(strike_count(part), targets, _places(part), countries, others)
    return ReleaseText(strike_count(body), target_count(body), _places(body), countries, False)
