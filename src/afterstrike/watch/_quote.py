"""The words of a report that a number stands on, cut from its archived text; no name of a person among them.

A sentence about the dead often names them. So no sentence is quoted: only the words that the reader took place, day,
means and numbers from, with a gap between them, and any other name in the words of harm is left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from afterstrike.errors import AfterstrikeError

if TYPE_CHECKING:
    from afterstrike.sources import Archive

__all__ = ["Quotes", "words_of"]

_PIECES = ("strikes", "weapon", "place", "date", "fatalities", "civilian_fatalities", "injured")
_HARM = frozenset({"fatalities", "civilian_fatalities", "injured"})
_MOST_WORDS = 5  # of one piece of harm; a number and whom it counts need no more, and a name follows them
_ARABIC = re.compile("[\u0600-\u06ff]")
_CAPITAL = re.compile(r"(?<!\w)[A-Z][\w'’-]+")


class Quotes:
    """Cuts quotes from the archive; a text is taken out of its bytes once.

    Parameters
    ----------
    archive : Archive
        Where the bytes lie.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._texts: dict[str, str | None] = {}

    def of(self, sha256: str | None, text_sha256: str, event: Mapping[str, Any]) -> str | None:
        """Give the words an event stands on; None where the text can no longer be had as it was read."""
        text = self._text(sha256, text_sha256) if sha256 else None
        if text is None:
            return None
        return words_of(text, event)

    def _text(self, sha256: str, text_sha256: str) -> str | None:
        from afterstrike.watch._text import archived_text

        if sha256 not in self._texts:
            try:
                self._texts[sha256] = archived_text(self._archive, sha256)
            except AfterstrikeError:
                self._texts[sha256] = None
        text = self._texts[sha256]
        if text is None or hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() != text_sha256:
            return None
        return text


def words_of(text: str, event: Mapping[str, Any]) -> str | None:
    """Give the words of a text that an event stands on, with gaps between them and no name of a person.

    Parameters
    ----------
    text : str
        The report as it was read.
    event : mapping
        An event of it, with `spans` in `text` and `adm0`.

    Returns
    -------
    str or None
        None where the event has no such words.
    """
    spans = event.get("spans") or {}
    found: dict[tuple[int, int], str] = {}
    for name in _PIECES:
        for start, end in spans.get(name, [])[:1]:
            if name == "place" and event.get("adm0") is None:
                continue  # what no gazetteer knows may be no place
            found.setdefault((start, end), name)
    pieces = [
        _nameless(text, start, end) if name in _HARM else " ".join(text[start:end].split())
        for (start, end), name in sorted(_outer(list(found.items())))
    ]
    return " … ".join(filter(None, pieces)) or None


@cache
def _arabic_words() -> frozenset[str]:
    """Give the words that may be shown: those the reader knows for numbers, people and harm."""
    from afterstrike.reading.arabic._fold import fold_words, words

    lists = [entry for part in ("numbers", "people", "harm") for entry in words()[part].values()]
    return frozenset(word for entry in lists for phrase in entry for word in fold_words(phrase).split())


def _arabic_nameless(piece: str) -> str:
    """Arabic has no capitals, so that a name looks like any word: only known words are shown."""
    from afterstrike.reading.arabic._fold import fold_words, tokens

    shown: list[str] = []
    for word in piece.split():
        found = tokens(fold_words(word))
        is_known = bool(found) and all(one.is_number or set(one.stems) & _arabic_words() for one in found)
        if is_known or shown[-1:] != ["[…]"]:
            shown.append(word if is_known else "[…]")
    return " ".join(shown[: 2 * _MOST_WORDS])


def _outer(found: Sequence[tuple[tuple[int, int], str]]) -> list[tuple[tuple[int, int], str]]:
    """Leave out pieces that lie inside others."""
    return [
        (span, name)
        for span, name in found
        if not any(other != span and other[0] <= span[0] and span[1] <= other[1] for other, _ in found)
    ]


def _nameless(text: str, start: int, end: int) -> str:
    """Give words of harm without the names in them: capitals that are no country's, Arabic that is no word of
    numbers, people or harm, and what is long.
    """
    from afterstrike.reading._country import country_words

    if _ARABIC.search(text[start:end]):
        return _arabic_nameless(text[start:end])
    known = {word.start for word in country_words(text, start, end)}

    def mask(match: re.Match[str]) -> str:
        at = start + match.start()
        begins = at == 0 or bool(re.search(r"(?:^|[.!?\n]\s*[\"“(]?)$", text[max(0, at - 4) : at]))
        return match[0] if at in known or begins else "[…]"

    words = _CAPITAL.sub(mask, text[start:end]).split()
    return " ".join(words[:_MOST_WORDS]) + (" …" if len(words) > _MOST_WORDS else "")
