"""What a report tells, in the form in which two reports are compared: its words, places, days and sides."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import unquote, urlsplit

from afterstrike.reading.arabic._fold import fold_words, tokens
from afterstrike.reading.gazetteer._names import bare

__all__ = [
    "Told", "day_keys", "division_keys", "of_address", "place_keys", "place_words", "report_words", "sides_and_weapons",
    "told_of", "word_hashes",
]  # fmt: skip

_BUCKETS = 1 << 24
_MOST_WORDS = 600
_ARABIC = re.compile("[\u0600-\u06ff]")
_TOWN = 3  # the coarsest `geo_precision` of a place that tells one event from another
_WEEKDAY = re.compile(
    "اثنين|ثلاثاء|اربعاء|خميس|جمعه|سبت|احد|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
_DAY_IN_PATH = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?=[/-]|$)")
_LEAST_HEADLINE = 3  # words; a shorter part of an address is a section or a number


@dataclass(frozen=True)
class Told:
    """An event as one report tells it, and what of the report helps to compare it.

    All but `told_id` and `event` are of the whole report, and the same for each of its tellings.
    """

    told_id: str
    report_id: str
    event: Mapping[str, Any]
    words: frozenset[int]
    published: date | None = None
    outlet: str | None = None
    places: frozenset[str] = field(default=frozenset())  # every place the report names, as keys
    days: frozenset[str] = field(default=frozenset())  # every day the report names
    names: frozenset[int] = field(default=frozenset())  # hashes of the words of those places
    divisions: frozenset[str] = field(default=frozenset())  # the governorates of all its places
    sides: frozenset[str] = field(default=frozenset())  # every side that struck, by any of its events
    weapons: frozenset[str] = field(default=frozenset())


def told_of(report_id: str, line: Mapping[str, Any], text: str, *, url: str | None = None) -> list[Told]:
    """Make what a line of `afterstrike read` tells: one for each event, for measuring without a record."""
    published, headline = of_address(url)
    if line.get("published"):
        published = date.fromisoformat(line["published"][:10])
    events = line["events"] or [{"kind": None}]
    sides, weapons = sides_and_weapons(events)
    words = frozenset(report_words(text, headline))
    keys = place_keys(line["places"]), day_keys(line["claims"]), place_words(line["places"])
    divisions = division_keys(line["places"])
    return [
        Told(f"{report_id}#{n}", report_id, event, words, published, None, *keys, divisions, sides, weapons)
        for n, event in enumerate(events)
    ]


def word_hashes(text: str) -> list[int]:
    """Give hashes of the distinct words of a text, without the particles Arabic prefixes; at most 600.

    Examples
    --------
    >>> word_hashes("The raid hit Homs") == word_hashes("homs HIT raid the")
    True
    """
    if len(_ARABIC.findall(text[:2000])) > 0.3 * len(text[:2000]):
        found = (token.stems[-1] for token in tokens(fold_words(text[:20_000])))
    else:
        found = (word for word in re.findall(r"[^\W_]+", text[:20_000].casefold()))
    return sorted({zlib.crc32(word.encode()) % _BUCKETS for word in found})[:_MOST_WORDS]


def report_words(text: str, headline: str = "") -> list[int]:
    """Give hashes of the words of a report and of the headline its address states; at most 600."""
    return sorted({*word_hashes(text), *word_hashes(headline)})[:_MOST_WORDS]


def of_address(url: Any) -> tuple[date | None, str]:
    """Give the day and the headline that the address of a page states, where it states them.

    Many outlets write both into the path; a page that was archived late or wrongly has them still.

    Examples
    --------
    >>> of_address("https://news.example/2022/11/06/shelling-near-the-old-mill-of-taiz/")
    (datetime.date(2022, 11, 6), 'shelling near the old mill of taiz')
    >>> of_address("https://news.example/?p=17")
    (None, '')
    """
    try:
        path = unquote(unquote(urlsplit(url).path)) if isinstance(url, str) else ""
    except ValueError:
        return None, ""
    day = None
    for found in _DAY_IN_PATH.finditer(path):
        try:
            day = date(*map(int, found.groups()))
        except ValueError:
            continue
    parts = [re.findall(r"[^\W\d_]+", re.sub(r"\.\w{3,5}$", "", part)) for part in path.split("/")]
    longest = max(parts, key=len, default=[])
    return day, " ".join(longest) if len(longest) >= _LEAST_HEADLINE else ""


def sides_and_weapons(events: Iterable[Mapping[str, Any]]) -> tuple[frozenset[str], frozenset[str]]:
    """Give the sides that struck and the weapons they used, over the events of a report."""
    told = list(events)
    return (
        frozenset(str(event["initiator"]) for event in told if event.get("initiator")),
        frozenset(str(event["weapon"]) for event in told if event.get("weapon")),
    )


def _towns(places: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [p for p in places if (p.get("geo_precision") or _TOWN) <= _TOWN]


def place_keys(places: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Give a key for each place that is a town or smaller: its gazetteer row, or its name as it is written."""
    return frozenset(
        str(p["gazetteer_id"]) if p.get("gazetteer_id") else bare(p["surface"]) for p in _towns(places)
    )


def place_words(places: Iterable[Mapping[str, Any]]) -> frozenset[int]:
    """Give hashes of the words in names of towns and smaller places.

    A village that no gazetteer knows may be read a word too long in one report and missed in another; its words
    still stand in both.
    """
    return frozenset(word for p in _towns(places) for word in word_hashes(p["surface"]))


def division_keys(places: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Give the first-order divisions that places lie in, or are."""
    return frozenset(str(p["adm1"]) for p in places if p.get("adm1"))


def day_keys(claims: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Give the days a report names, and the weekdays, which hold without a publication date."""
    found = set()
    for claim in claims:
        for day in claim["dates"]:
            if day.get("date_start") and (day.get("date_precision") or 9) == 1:
                found.add(day["date_start"])
            name = _WEEKDAY.search(fold_words(day["text"]).casefold())
            if name:
                found.add(name.group())
    return frozenset(found)
