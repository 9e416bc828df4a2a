"""Finds names of words that are all known ones, where they are who was harmed: "Will Hope and Mark Young died"."""

from __future__ import annotations

import re
from itertools import chain

from afterstrike.reading._mask_row import Row
from afterstrike.reading._vocabulary import vocabulary

__all__ = ["SIBLINGS", "find_harmed"]

SIBLINGS = frozenset(["brothers", "sisters", "siblings", "twins", "cousins"])
_HARM = r"(?:killed|wounded|injured|murdered|martyred|beheaded|executed|buried|found dead|shot dead)"
# in small letters only: in a headline "Hope Village Killed" is no sign
_BEHIND = re.compile(
    rf"\s+(?:(?:both|also|later|then)\s+)?(?:(?:was|were|is|are|(?:has|have|had) been)\s+(?:both\s+|also\s+)?{_HARM}"
    r"|died|perished|succumbed|is dead|are dead)\b"
    r"|\s*[,(]\s*(?:aged?\s+)?\d{1,3}\s*(?:[,)]|\s(?:and|who|was|were)\b)"
)
_DATED = re.compile(
    r"(?:\b(?:in|on|of|since|by|until|till|from|to|last|this|next|late|early|mid|every)|\d)[\s-]+$", re.I
)
_QUOTE_BEFORE = re.compile(
    r"\b(?:killed|wounded|injured|murdered|martyred|dead|victims?|martyrs?)\b"
    r"(?:\s+(?:was|were|is|are|as|named|called|a|the|child|boy|girl|man|woman))*[\s:,]*[\"“”‘']$",
    re.I,
)
_QUOTE_BEHIND = re.compile(rf"[,.]?[\"“”’']\s+(?:(?:was|were|is|are)\s+(?:also\s+)?{_HARM}|died|perished)\b")
_INSIDE = ("name", "given", "weak", "common", "place")


def find_harmed(row: Row) -> list[tuple[int, int]]:
    """Give the words, from and to, of names that only their place in the sentence tells."""
    found: list[tuple[int, int]] = []
    next_start = -1  # of the name found last, which lies behind
    for a, b in reversed(_pairs(row)):
        is_listed = b == next_start or (b + 1 == next_start and row._words[b].key in ("and", "or"))
        is_listed = is_listed and (b == next_start or row._words[b].gap in (" ", ","))
        if _BEHIND.match(row._simple, row._words[b - 1].end) or is_listed:
            found.append((a, b))
            next_start = a
    return [*found, *_objects(row), *_quoted(row)]


def _objects(row: Row) -> list[tuple[int, int]]:
    """Give those behind the verb, and those listed with them: "killed Will Hope and Mark Young"."""
    found: list[tuple[int, int]] = []
    words, last_end = row._words, -1
    for a, b in _pairs(row):
        if words[a].sort == "place":
            continue
        is_harmed = a > 0 and words[a].gap == " " and words[a - 1].key in row._lists.harmed
        is_listed = a - 1 == last_end and words[a - 1].key in ("and", "or")
        if is_harmed or is_listed or (a == last_end and words[a].gap == ","):
            found.append((a, b))
            last_end = b
    return found


def _pairs(row: Row) -> list[tuple[int, int]]:
    """Give the stretches of two or three capitalised words that may be a name of known words."""
    words, dates = row._words, _dates()
    pairs = []
    n = 0
    while n < len(words):
        first = n
        n += 1
        if not _is_inside(row, first):
            continue
        while n < len(words) and _is_inside(row, n) and words[n].gap == " " and not row._is_owner(n - 1):
            n += 1
        is_cut_off = n < len(words) and words[n].gap == " " and words[n].sort not in ("low", "cut")
        if n - first in (2, 3) and not words[first].is_shouted and not is_cut_off:
            before = row._simple[max(0, words[first].start - 12) : words[first].start]
            is_dated = words[first].key in dates and _DATED.search(before)
            if not is_dated and _may_be_name(row, first, n):
                pairs.append((first, n))
    return pairs


def _is_inside(row: Row, n: int) -> bool:
    word = row._words[n]
    is_name_too = word.key in _dates() or word.key in row._lists.weak_given or word.key == "will"
    return word.sort in _INSIDE or (is_name_too and word.sort == "cut" and row._simple[word.start].isupper())


def _may_be_name(row: Row, a: int, b: int) -> bool:
    from afterstrike.reading.gazetteer import default_gazetteer

    words, places = row._words, default_gazetteer()
    texts = [row._simple[w.start : w.end] for w in words[a:b]]
    if places.contains_name(" ".join(texts)):
        return False
    if words[a].sort == "weak" or words[a].key == "will":
        return True
    if words[a].key in _dates():
        return words[a + 1].key in _dates() or words[a + 1].sort in ("name", "given", "weak")
    # two places side by side, neither behind "in": "Jordan Chad, 12"
    return b - a == 2 and not row._is_located(a) and all(places.contains_name(text) for text in texts)


def _quoted(row: Row) -> list[tuple[int, int]]:
    """Give single words in quotation marks that were harmed: 'among those killed was "Zorvan"'."""
    text, found = row._simple, []
    for n, word in enumerate(row._words):
        if word.sort not in ("name", "given", "weak") or row._is_known_place(n):
            continue
        if text[word.start - 1 : word.start] not in ('"', "“", "”", "‘", "'") or word.start == 0:
            continue
        is_whole = re.match(r"[,.]?[\"“”’']", text[word.end : word.end + 2])
        before = text[max(0, word.start - 60) : word.start]
        if is_whole and (_QUOTE_BEHIND.match(text, word.end) or _QUOTE_BEFORE.search(before)):
            found.append((n, n + 1))
    return found


def _dates() -> frozenset[str]:
    dates = vocabulary().dates
    return frozenset(chain(dates["months"], dates["weekdays"]))
