"""Finds what may be names in scripts without capitals, in a text of another script."""

from __future__ import annotations

import re

__all__ = ["find_foreign", "has_foreign"]

# Hebrew, Syriac, Thaana, N'Ko, the scripts of South and East Asia, Georgian, Ethiopic, Chinese, Japanese, Korean
_LETTER = (
    "[\u0590-\u05ff\u0700-\u074f\u0780-\u085f\u0900-\u109f\u10d0-\u10ff\u1100-\u139f\u1400-\u1c7f\u2d30-\u2ddf"
    "\u3005-\u3007\u3021-\u312f\u3400-\u9fff\ua000-\ua63f\ua840-\uab2f\uabc0-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_RUN = rf"{_LETTER}++(?:[ \u00a0·・.'’־\-\u200b-\u200f]{{1,2}}{_LETTER}++){{0,5}}"
_MARK = r"(?:\[name left out\]|\[اسم محذوف\])"
_HARMED = (
    r"\s+(?:(?:was|were|is|are|has|have|had)\s+(?:been\s+|also\s+)?)?(?:killed|wounded|injured|died|dead|murdered|"
    r"martyred|shot|arrested|detained|said|told|buried|missing)\b|\s*[,(]\s*(?:aged?\s+)?\d{1,3}\b"
)
_FOREIGN = re.compile(
    rf"{_MARK}[^\S\n]{{0,3}}[,/|(\[–—:\-\"“]{{0,3}}[^\S\n]{{0,3}}(?P<behind>{_RUN})"
    + rf"|(?<!{_LETTER})(?P<before>{_RUN})(?=[^\S\n]{{0,3}}[,/|()–—:\-\"”]{{0,3}}[^\S\n]{{0,3}}{_MARK}|{_HARMED})"
)
_ONE = re.compile(_LETTER)


def has_foreign(text: str) -> bool:
    """Say whether a text has letters of these scripts."""
    return not text.isascii() and _ONE.search(text) is not None


def find_foreign(text: str) -> tuple[list[tuple[int, int]], int]:
    """Give the spans of runs that stand beside a name left out or before a word of harm, and how many they are.

    Examples
    --------
    >>> text = "[name left out] (צורבן קדש) was there"
    >>> [text[a:b] for a, b in find_foreign(text)[0]]
    ['צורבן קדש']
    """
    spans = [m.span("behind" if m["behind"] else "before") for m in _FOREIGN.finditer(text)]
    return spans, len(spans)
