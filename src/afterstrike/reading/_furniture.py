"""Tells the page's furniture (share buttons, reading times, credits, link lists) from the report itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from afterstrike.reading._country import plain
from afterstrike.reading._sentence import Block, Span, is_heading_like
from afterstrike.reading._vocabulary import vocabulary

__all__ = ["Page", "sort_page", "stands_in"]


@dataclass(frozen=True)
class Page:
    """Which blocks are the headline, which the body, and which spans are furniture."""

    title: str | None
    title_span: Span | None
    body: tuple[Block, ...]
    furniture: tuple[Span, ...]


_PATTERNS = re.compile(
    r"""(?ix)
    ^(?:
      (?:est(?:imated)?\.?\s+)?(?:reading\s+time:?\s*)?\d{1,3}\s*-?\s*min(?:ute)?s?\.?(?:\s+read(?:ing)?(?:\s+time)?)?
    | \d[\d,.]*\s*[km]?\s+(?:views|shares|comments|likes|followers|readers)
    | by\s+(?-i:[A-Z])[^.!?]{1,80}
    | (?:by|from)\s+(?:(?:our|a|an|the|its|own|staff|special|foreign|chief|news|defen[cs]e|diplomatic
        |security|\w+ern)\s+){0,4}
        (?:correspondents?|reporters?|writers?|editors?|staff|newsroom|desk|agenc(?:y|ies))\b
        (?!.*\b(?:was|were|is|are|has|have|had|said|says)\b).{0,80}
    | (?-i:[A-Z])[\w'.-]*(?:\s+(?-i:[A-Z])[\w'.-]+){1,3}
        \s*[|,]\s*(?:staff\s+)?(?:reporter|correspondent|editor|writer|analyst|contributor)\b.{0,60}
    | .{0,120}(?:/\s*(?:reuters|afp|ap|getty\s+images|epa|anadolu|dpa)\b|\bgetty\s+images\b
        |\(\s*(?:photo|image|credit)\b.*\))\.?\)?
    | (?:©|\(c\)|copyright)\s.{0,160}
    | .{0,80}\ball\s+rights\s+reserved\b.{0,80}
    | (?:last\s+)?(?:updated?|modified|published|posted)\b\s*(?:on|at|:)?.{0,60}\d.{0,40}
    | (?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?
        (?:\d{1,2}\s+[a-z]{3,9}\.?,?\s+\d{4}|[a-z]{3,9}\.?\s+\d{1,2},?\s+\d{4}|\d{4}-\d{2}-\d{2}
        |\d{1,2}[/.]\d{1,2}[/.]\d{4})
      (?:[\s,|·at-]+\d{1,2}[:.]\d{2}.{0,20})?(?:\s*[|·]\s*.{0,60})?
    | (?:[\w'&-]+(?:\s[\w'&-]+){0,3}\s*[>»›|·/]\s*){2,}[\w'&-]+.{0,80}
    | (?:https?://|www\.)\S+
    | \[\^?\d{1,3}\]:?\s.{0,230}
    | (?:from|to|cc|bcc|sent|reply-to|date):\s.{0,120}
    | (?:(?:best|kind|warm)\s+)?regards\b.{0,60}
    | (?:yours\s+)?(?:sincerely|faithfully)\b.{0,60}
    | signed\b[,:].{0,60}
    | dear\s+(?-i:[A-Za-z])[^.]{1,40},
    | (?:tel|telephone|phone|fax|mobile|contact|press\s+contact|media\s+contact)\b\s*[.:].{0,120}
    | for\s+(?:more|further|media|press)\s+(?:information|details|enquiries|inquiries|queries)\b.{0,160}
    | (?:to\s+)?unsubscribe\b.{0,120}
    | [\w.+-]+@[\w-]+\.\S+
    | @\w+
    | (?:page\s+)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?
    | [^\w]*
    | (?:this|our)\s+(?:web)?site\s+uses\s+cookies.*
    | we\s+(?:and\s+our\s+partners\s+)?use\s+cookies.*
    )$"""
)
# "BEIRUT, Jan 20 (Wire) - ", "KHARKIV, Ukraine (Agency) — ", "(WIRE) - ", "Lima, 5 Jan 90 (RADIO) -- [Text] "
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DATELINE = re.compile(
    rf"(?:[^\W\d_a-z]{{2}}[^\W\d_a-z'.\- ]{{1,40}}(?:,\s*[^\W\d_a-z][\w.' ]{{2,30}}){{0,2}}"
    rf"(?:,?\s+(?:{_MONTH}\s+\d{{1,2}}|\d{{1,2}}\s+{_MONTH})(?:,?\s*\d{{2,4}})?)?"
    r"\s*(?:\([^)\n]{2,40}\))?|\([A-Z][^)\n]{1,30}\)|[^\W\d_a-z][^.!?\n]{2,60}\([^)\n]{2,40}\)(?=\s*--))"
    r"\s*(?:—|–|--|\s-)\s*(?:\[[^\]\n]{2,20}\]\s*)*(?=[\w\"'“‘])"
)
_LEAST_WORDS = 4  # a headline of fewer words is a part of too many sentences
_MOST_ADDED = 8  # words: the outlet's name, a date, a time, ", officials say"
_HEAD_BLOCKS = 30
_SET_OFF = re.compile(r"\s[|»·–—-]\s|\d[/.:]\d")
_VERB = re.compile(r"[a-z]{2,}(?:ed|es|ing)$")


@cache
def _starts() -> tuple[str, ...]:
    return tuple(vocabulary().furniture["starts"])


def _is_known(line: str) -> bool:
    """Say whether a block has the words or the shape of page furniture."""
    simple = " ".join(plain(line[:400]).split())
    folded = simple.casefold()
    words = vocabulary().furniture
    if folded.strip(" :.·|-–—>»*_#") in words["lines"] or folded in words["lines"]:
        return True
    if len(simple) <= 240 and folded.startswith(_starts()):
        return True
    return len(simple) <= 240 and _PATTERNS.match(simple) is not None


def _has_verb(line: str) -> bool:
    words = re.findall(r"[a-z']+", plain(line[:300]).lower())
    kinds = vocabulary().kinds
    return any(w in kinds["verbs"] or w in kinds["event_verbs"] or _VERB.match(w) for w in words)


def _same(a: str, b: str) -> bool:
    def key(line: str) -> str:
        return re.sub(r"\W+", " ", plain(line)).strip().casefold()

    return key(a) == key(b) and bool(key(a))


def _words(line: str) -> list[str]:
    return re.findall(r"\w+", plain(line).casefold())


def _holds(longer: list[str], shorter: list[str]) -> bool:
    """Say whether one headline is the other with a few words more, such as the outlet's name."""
    more = len(longer) - len(shorter)
    if len(shorter) < _LEAST_WORDS or not 0 <= more <= _MOST_ADDED:
        return False
    return any(longer[at : at + len(shorter)] == shorter for at in range(more + 1))


def _is_title_of(line: str, headline: str) -> bool:
    """Say whether a line is the headline with the outlet's name, a date or a page number set off from it."""
    if len(line) > 300 or not _SET_OFF.search(plain(line)) or line.rstrip()[-1:] in ".!;":
        return False
    return _holds(_words(line), _words(headline))


def _find_headline(
    text: str, page_blocks: list[Block], title: str | None, head: int | None
) -> tuple[int, int] | None:
    """Find the text's own headline, which the page's title has with an outlet's name added or cut short.

    Gives its first and last block: a long headline may be cut into lines that look like headings each.
    """
    # a title that stands in the text without an outlet's name is the headline already
    if not title or (head is not None and not _SET_OFF.search(plain(title))):
        return None
    words = _words(title)
    without_outlet = _words(re.split(r"\s[|»·–—-]\s(?!.*\s[|»·–—-]\s)", plain(title))[0])
    first_blocks = page_blocks[:_HEAD_BLOCKS]
    for number in range(len(first_blocks)):
        for last in (number + 2, number + 1, number):
            group = first_blocks[number : last + 1]
            if len(group) <= last - number or (head is not None and number <= head <= last):
                continue
            if last > number and any(block.kind != "heading" for block in group):
                continue
            line = text[group[0].start : group[-1].end]
            if len(line) > 300 or group[0].kind == "bullet" or line.rstrip()[-1:] in ".!;,":
                continue
            own = _words(line)
            is_more = last == number and (_holds(own, words) or _holds(own, without_outlet))
            if own != words and (_holds(words, own) or is_more):
                # of two titles the one without an outlet set off from it
                return None if _is_title_of(line, title) else (number, last)
    return None


def stands_in(title: str, text: str) -> bool:
    """Say whether a line of a text is the page's title, give or take the outlet's name.

    Examples
    --------
    >>> stands_in("Two boats sunk near Taiz | The Example", "Two boats sunk near Taiz\\nThe boats ...")
    True
    """
    words = _words(title)
    lines = ((line, _words(line)) for line in text.splitlines() if len(line) <= 300)
    return any(
        (_holds(words, found) or _holds(found, words))
        for line, found in lines
        if line.rstrip()[-1:] not in ".!;,"
    )


def _label(line: str) -> str:
    return " ".join(plain(line).split()).strip(" :.·|-–—>»*_#").casefold()


def sort_page(text: str, page_blocks: list[Block], title: str | None = None) -> Page:
    """Find the headline and set furniture apart from the body.

    Parameters
    ----------
    text : str
        The whole text.
    page_blocks : list of Block
        Its blocks, in order.
    title : str, optional
        The headline where it is known. Left out, it is the first block that has the shape of one.

    Returns
    -------
    Page
        A headline that stands twice is the headline once; the other is furniture. Known words and shapes are
        furniture everywhere; short lines without a verb or a number are furniture above the first paragraph;
        a heading such as "Related" makes furniture of all below it up to the next heading.
    """
    head = _find_title(text, page_blocks, title)
    known = title or (text[page_blocks[head].start : page_blocks[head].end] if head is not None else None)
    page_title = known
    found = _find_headline(text, page_blocks, known, head)
    if found is not None:
        head, last = found
        whole = Block(page_blocks[head].start, page_blocks[last].end, page_blocks[head].kind)
        page_blocks = [*page_blocks[:head], whole, *page_blocks[last + 1 :]]
        known = text[whole.start : whole.end]
    body: list[Block] = []
    furniture: list[Span] = []
    is_dead_section = False
    has_body_begun = False
    sections = vocabulary().furniture["sections"]
    for number, block in enumerate(page_blocks):
        line = text[block.start : block.end]
        if number == head:
            continue
        is_title = known and len(line) < 400 and (_same(line, known) or _same(line, page_title or known))
        # the page's title at the head or foot of a printed page, with the outlet's name or the date
        if is_title or (known and _is_title_of(line, known)):
            furniture.append((block.start, block.end))
            continue
        is_section = len(line) <= 60 and _label(line) in sections and not line.rstrip().endswith(".")
        if is_section:
            is_dead_section = True
        elif is_dead_section and _ends_section(text, page_blocks, number):
            is_dead_section = False
        is_short = len(line) <= 40 and not _has_verb(line) and not re.search(r"\d", line)
        is_above = not has_body_begun and is_short and line.rstrip()[-1:] not in ".!?"
        if is_dead_section or is_section or _is_known(line) or (is_above and len(line.split()) <= 4):
            furniture.append((block.start, block.end))
            continue
        if block.kind != "heading" and len(line) > 80:
            has_body_begun = True
        body.append(block)
    body = _without_dateline(text, body, furniture)
    span = (page_blocks[head].start, page_blocks[head].end) if head is not None else None
    return Page(known, span, tuple(body), tuple(furniture))


def _ends_section(text: str, page_blocks: list[Block], number: int) -> bool:
    """Say whether a block below "Related stories" is the report again: a long paragraph or a heading of one.

    A linked report's headline may look like a heading; it has a number, or no paragraph stands below it.
    """
    block = page_blocks[number]
    line = text[block.start : block.end]
    if block.kind == "paragraph":
        return len(line) > 200
    if block.kind != "heading":
        return False
    is_marked = text[max(0, block.start - 3) : block.start].rstrip(" ").endswith("#")
    if is_marked or len(line.split()) < 4:
        return True
    below = page_blocks[number + 1] if number + 1 < len(page_blocks) else None
    if below is None or below.kind != "paragraph" or re.search(r"\d", line):
        return False
    return text[below.start : below.end].rstrip()[-1] in '.!?"”:'


def _without_dateline(text: str, body: list[Block], furniture: list[Span]) -> list[Block]:
    """Set the dateline of the first paragraphs apart: where a report was written is not where it happened."""
    seen = 0
    for number, block in enumerate(body):
        if block.kind != "paragraph":
            continue
        seen += 1
        match = _DATELINE.match(text, block.start, min(block.end, block.start + 140))
        if match and match.end() < block.end:
            furniture.append((block.start, match.end()))
            return [*body[:number], Block(match.end(), block.end, block.kind), *body[number + 1 :]]
        if seen == 3:
            break
    return body


def _find_title(text: str, page_blocks: list[Block], title: str | None) -> int | None:
    if title:
        for number, block in enumerate(page_blocks[:60]):
            if block.end - block.start < 400 and _same(text[block.start : block.end], title):
                return number
        return None
    first: int | None = None
    for number, block in enumerate(page_blocks[:12]):
        line = text[block.start : block.end]
        if block.kind == "bullet" or _is_known(line) or len(line) > 200:
            if block.kind == "paragraph" and len(line) > 120:
                break
            continue
        is_bare = line.rstrip()[-1] not in ".!;,:…"
        if is_bare and len(line.split()) >= 4 and number + 1 < len(page_blocks):
            first = number
            break
        if is_bare and block.kind == "heading" and first is None and len(line.split()) >= 2 and number == 0:
            first = number if is_heading_like(line) else None
            break
    return first
