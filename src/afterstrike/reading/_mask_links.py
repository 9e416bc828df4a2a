"""Finds what may be names in hashtags, @handles, mail addresses and the paths of web addresses."""

from __future__ import annotations

import re
from urllib.parse import unquote

from afterstrike.reading._mask_words import key_of, sort_of

__all__ = ["find_links"]

_MARK = r"\[name left out\]|\[اسم محذوف\]"
_END = r"[\s<>\"“”«»]"
_LINK = re.compile(
    rf"(?P<mail>(?<![\w.+%'-])[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+)"
    rf"|(?P<host>(?:(?<!\w)\w+://|www\.)(?:(?!{_MARK})[^/?#\s<>\"“”«»])+)(?P<path>[/?#](?:(?!{_MARK}|{_END}).)*)?"
    rf"|(?P<bare>(?<![\w.@/-])(?:[\w-]+\.)+[A-Za-z]{{2,}}(?=/))(?P<tail>/(?:(?!{_MARK}|{_END}).)*)"
    r"|(?P<handle>(?<![\w@./])@\w[\w.]*\w)"
    r"|(?P<tag>(?<![\w&/#])[#\uff03]\w+(?:-\w+)*)"
)
_TRAILING = ".,;:!?'’)]}…"
_PIECE = re.compile(r"[A-Z]?[a-z'’]+|[A-Z]+(?![a-z])|[^\W\d_a-zA-Z]+")
_NO_NAME = frozenset(
    ["www", "com", "org", "net", "html", "htm", "php", "asp", "aspx", "pdf", "jpg", "jpeg", "png", "gif", "mp4", "amp", "news",
     "rss", "xml", "json", "csv", "index", "utm", "source", "medium", "campaign", "twitter", "facebook", "telegram", "id"]
)  # fmt: skip


def find_links(text: str) -> tuple[list[tuple[int, int]], int]:
    """Give the spans of what may hold a name, in text order, and how many they are.

    Of a web address the host stays. Tags and paths of words that are all known ones stay whole.

    Examples
    --------
    >>> text = "#Syria #ZorvanQarmuti, https://example.org/2017/zorvan-qarmuti and @zorvan"
    >>> [text[a:b] for a, b in find_links(text)[0]]
    ['#ZorvanQarmuti', '2017/zorvan-qarmuti', '@zorvan']
    """
    if not any(mark in text for mark in "@#\uff03/") and "www." not in text.lower():
        return [], 0
    spans: list[tuple[int, int]] = []
    for match in _LINK.finditer(text):
        a, b = match.span()
        if match["host"] or match["bare"]:
            a, b = match.span("path" if match["host"] else "tail")
            a += 1  # the stroke stays
        if a <= 0 and b <= 0:
            continue  # a host alone
        b = a + len(text[a:b].rstrip(_TRAILING))
        is_sure = match["mail"] or match["handle"]
        if a < b and (is_sure or _may_name(unquote(text[a:b]))):
            spans.append((a, b))
    return spans, len(spans)


def _may_name(text: str) -> bool:
    """Say whether a word of a tag or path is none that is known: "ZorvanQarmuti", but not "SyriaStrikes"."""
    from afterstrike.reading.gazetteer import default_gazetteer

    places = default_gazetteer()
    pieces = [piece for piece in _PIECE.findall(text) if len(piece) > 2]
    if pieces and places.contains_name(" ".join(pieces)):
        return False  # "#Deir_ez_Zor"
    return any(not (_is_known(key_of(one)) or places.contains_name(one)) for one in pieces)


def _is_known(key: str) -> bool:
    return key in _NO_NAME or sort_of(key) not in ("name", "given")
