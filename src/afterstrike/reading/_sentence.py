"""Cuts a text into blocks (headings, bullets, paragraphs) and blocks into sentences, offsets kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from afterstrike.reading._country import plain
from afterstrike.reading._vocabulary import vocabulary

__all__ = ["MAX_SENTENCE", "Block", "Span", "blocks", "is_heading_like", "sentences"]

Span = tuple[int, int]

MAX_SENTENCE = 1500
"""A sentence is cut after so many characters, so that text without full stops stays readable and fast."""

_LINE = re.compile(r"[^\r\n\u2028\u2029\x0b\x0c\x85]+")
_MARK = re.compile(
    r"[ \t\u00a0]*(?:(?P<heading>\#{1,6}|Subject:(?=[ \t]+[A-Z]))[ \t]+"
    r"|(?:>[ \t]?)*(?:(?P<bullet>[•◦▪‣●○■–—*+-]|\d{1,2}[.)])[ \t]+)?)"
    r"(?:\*{1,3}(?=[^\s*])|_{1,3}(?=[^\s_]))?(?=\S|$)"
)
_MAIL_HEADER = re.compile(r"(?:From|To|Cc|Bcc|Sent|Date|Subject|Reply-To):\s")
_TAIL = re.compile(r"[\s*_#]*$")
_END = re.compile(r"[.!?…]+[\"')\]*_]*(?=\s|$)|[.!?…][\"')\]]*(?=[A-Z\"])(?<=[\"')\]])")
_WORD = re.compile(r"[^\W\d_][\w'’.-]*")


@dataclass(frozen=True)
class Block:
    """One heading, bullet or paragraph; start and end leave out its marks and outer space."""

    start: int
    end: int
    kind: Literal["heading", "bullet", "paragraph"]


@dataclass(frozen=True)
class _Line:
    start: int
    end: int
    mark: str  # "", "heading" or "bullet"
    gap: bool  # an empty line stands before it


def _lines(text: str) -> list[_Line]:
    found: list[_Line] = []
    last_end = 0
    for match in _LINE.finditer(text):
        mark = _MARK.match(text, match.start(), match.end())
        start = mark.end() if mark else match.start()
        tail = _TAIL.search(text, max(start, match.end() - 60), match.end())
        end = tail.start() if tail else match.end()
        kind = ""
        if mark and mark.group("heading"):
            kind = "heading"
        elif mark and mark.group("bullet"):
            kind = "bullet"
        if start < end:
            between = text[last_end : match.start()]
            gap = between.replace("\r\n", "\n").count("\n") + between.replace("\r\n", "").count("\r") > 1
            found.append(_Line(start, end, kind, gap or "\x0c" in between))
            last_end = match.end()
    return found


def is_heading_like(line: str) -> bool:
    """Say whether a line has the shape of a heading: short, no full stop at its end, most words in capitals.

    Examples
    --------
    >>> is_heading_like("The Vacuum in the Desert"), is_heading_like("They fled north at dawn")
    (True, False)
    """
    line = line.strip()
    if not line or len(line) > 160 or line[-1] in ".!;,…":
        return False
    words = [w for w in _WORD.findall(line[:200]) if len(w) > 3]
    if not words:
        return len(line) <= 40
    return bool(sum(w[0].isupper() for w in words) >= 0.7 * len(words))


def _is_hard_wrapped(text: str, lines: list[_Line]) -> bool:
    """Say whether line ends are only the typist's: a good share of lines goes on in lower case."""
    pairs = [(a, b) for a, b in pairwise(lines) if not b.gap and not b.mark]
    broken = sum(text[b.start].islower() and text[a.end - 1] not in ".!?:" for a, b in pairs)
    return broken >= 2 and broken / len(pairs) >= 0.3


def blocks(text: str) -> list[Block]:
    """Cut a text into headings, bullets and paragraphs.

    An empty line, a mark (`#`, a bullet, `1.`) and a line in the shape of a heading begin a new block.
    Lines of a hard-wrapped text are joined; elsewhere a line is a block unless it plainly goes on in lower
    case.

    Examples
    --------
    >>> [(b.kind, "Numbers:\\n\\n  - two camps\\n  - one road"[b.start:b.end]) for b in blocks(
    ...     "Numbers:\\n\\n  - two camps\\n  - one road")]
    [('heading', 'Numbers:'), ('bullet', 'two camps'), ('bullet', 'one road')]
    """
    lines = _lines(text)
    is_wrapped = _is_hard_wrapped(text, lines)
    widths = sorted(line.end - line.start for line in lines)
    usual = widths[int(len(widths) * 0.9)] if widths else 0
    found: list[Block] = []
    group: list[_Line] = []
    for line in lines:
        if group and _goes_on(text, group, line, is_wrapped=is_wrapped, usual=usual):
            group.append(line)
        else:
            if group:
                found.append(_close(text, group))
            group = [line]
    if group:
        found.append(_close(text, group))
    return found


def _goes_on(text: str, group: list[_Line], line: _Line, *, is_wrapped: bool, usual: int) -> bool:
    last = group[-1]
    if line.gap or line.mark or last.mark == "heading" or _MAIL_HEADER.match(text, line.start):
        return False
    ends = text[last.end - 1] in '.!?:"”'
    if text[line.start].islower() and not ends:
        return True
    if not is_wrapped:
        return False
    if len(group) == 1 and is_heading_like(text[last.start : last.end]) and last.mark != "bullet":
        return False
    return last.end - last.start >= 0.6 * usual


def _close(text: str, group: list[_Line]) -> Block:
    start, end = group[0].start, group[-1].end
    if group[0].mark == "bullet":
        return Block(start, end, "bullet")
    body = text[start:end]
    is_label = body.endswith(":") and len(body) <= 60
    if group[0].mark == "heading" or is_heading_like(body) or is_label:
        return Block(start, end, "heading")
    return Block(start, end, "paragraph")


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Cut a span into sentences and give their offsets, outer space left out.

    Full stops of abbreviations ("U.S.", "Gen.", "a.m."), initials and decimals do not end a sentence.
    Quotes and brackets that close behind a full stop stay with it.

    Examples
    --------
    >>> text = "It fell at 2 a.m. near Taiz. The U.S. Navy fired 1.5 tons."
    >>> [text[a:b] for a, b in sentences(text)]
    ['It fell at 2 a.m. near Taiz.', 'The U.S. Navy fired 1.5 tons.']
    """
    stop = len(text) if end is None else end
    simple = plain(text[start:stop])
    ends = (match for match in _END.finditer(simple) if match.end() < len(simple))
    cuts = [match.end() for match in ends if _ends_sentence(simple, match)]
    found: list[Span] = []
    at = 0
    for cut in [*cuts, len(simple)]:
        while at < cut:
            piece_end = cut
            if cut - at > MAX_SENTENCE:
                space = simple.rfind(" ", at + 1, at + MAX_SENTENCE)
                piece_end = space if space > at else at + MAX_SENTENCE
            a, b = at, piece_end
            while a < b and simple[a].isspace():
                a += 1
            while b > a and simple[b - 1].isspace():
                b -= 1
            if a < b:
                found.append((start + a, start + b))
            at = piece_end
    return found


def _ends_sentence(simple: str, match: re.Match[str]) -> bool:
    head = simple[max(0, match.start() - 25) : match.start()]
    after = simple[match.end() : match.end() + 40].lstrip()
    if not after:
        return True
    if match.group()[0] in "!?" and len(match.group()) == 1:
        return not after[0].islower()
    if after[0].islower():
        return False
    if match.group() != ".":
        return True
    word = head.rsplit(" ", 1)[-1].lstrip("(\"'[")
    names = vocabulary().abbreviations
    if word in names.never_end:
        return False
    if word.lower() in ("no", "nos") and after[0].isdigit():
        return False
    if re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]", word):  # U.S  a.m  U.N
        next_word = re.match(r"[A-Za-z']+", after)
        return bool(next_word and next_word.group() in names.sentence_openers)
    # a single capital is an initial, unless it is the pronoun
    return not (len(word) == 1 and word.isupper() and word != "I")
