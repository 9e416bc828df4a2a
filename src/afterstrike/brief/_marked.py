"""The article's text cut into pieces, so that a page can mark claims without changing a letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..reading._claim import Claim, Ledger

__all__ = ["Line", "Piece", "marked_lines"]


@dataclass(frozen=True)
class Piece:
    """A stretch of text with the claims that cover it, shortest claim first."""

    text: str
    claims: tuple[str, ...] = ()
    first: bool = False  # the innermost claim begins here: the one stop of the Tab key for it


@dataclass(frozen=True)
class Line:
    """One line of the article."""

    pieces: tuple[Piece, ...]
    furniture: bool = False
    title: bool = False


def _cuts(start: int, end: int, claims: Sequence[Claim]) -> list[int]:
    inner = {p for c in claims for p in (c.start, c.end) if start < p < end}
    return [start, *sorted(inner), end]


def marked_lines(ledger: Ledger) -> list[Line]:
    """Cut the article into lines and pieces.

    Parameters
    ----------
    ledger
        The claims and the text they point into. Claims may overlap.

    Returns
    -------
    list of Line
        Joined with line breaks, the pieces give the text's non-blank lines unchanged.

    Examples
    --------
    >>> claim = Claim("c1", 0, 9, "14 camps.", "figure", None, "author", "stated")
    >>> [p.text for p in marked_lines(Ledger("14 camps. Then quiet.", (claim,)))[0].pieces]
    ['14 camps.', ' Then quiet.']
    """
    seen: set[str] = set()
    lines: list[Line] = []
    waiting = sorted(ledger.claims, key=lambda c: c.start, reverse=True)
    near: list[Claim] = []
    start = 0
    for raw in ledger.text.split("\n"):
        end = start + len(raw)
        # Claims of one line only: a long text with many claims must not be walked through for each line.
        near = [c for c in near if c.end > start]
        while waiting and waiting[-1].start < end:
            near.append(waiting.pop())
        if raw.strip():
            pieces = []
            cuts = _cuts(start, end, near)
            for a, b in pairwise(cuts):
                over = sorted(
                    (c for c in near if c.start < b and c.end > a), key=lambda c: (c.end - c.start, c.id)
                )
                ids = tuple(c.id for c in over)
                pieces.append(Piece(ledger.text[a:b], ids, bool(ids) and ids[0] not in seen))
                seen.update(ids[:1])
            lines.append(
                Line(tuple(pieces), _inside(start, end, ledger.furniture), _is_title(start, end, ledger))
            )
        start = end + 1
    return lines


def _inside(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(a <= start and end <= b for a, b in spans)


def _is_title(start: int, end: int, ledger: Ledger) -> bool:
    return ledger.title_span is not None and start <= ledger.title_span[0] and ledger.title_span[1] <= end
