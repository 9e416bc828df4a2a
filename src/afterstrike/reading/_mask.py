"""Leaves out of a text what may be a private person's name."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["ARABIC_MARK", "LATIN_MARK", "Masked", "mask_names"]

LATIN_MARK = "[name left out]"
ARABIC_MARK = "[اسم محذوف]"

Span = tuple[int, int]
Finder = Callable[[str], tuple[list[Span], int]]

_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")
# A name taken out can show that its neighbour is one ("X, Y"). The finders chain within one pass, so two or three
# passes settle every real text; a text made to need more ends here, and a second call may still find something.
_MOST_PASSES = 12


@dataclass(frozen=True)
class Masked:
    """A text without names.

    Attributes
    ----------
    text : str
        The text, with a mark where a name stood.
    left_out : int
        How many names were left out by this call.
    spans : tuple of (int, int)
        The spans that were given, in their order, where they lie in `text`. An end inside a name moves out to
        the end of the mark.
    """

    text: str
    left_out: int
    spans: tuple[Span, ...] = ()


def mask_names(text: str, *, spans: Sequence[Span] = ()) -> Masked:
    """Leave out of a text what may be a private person's name.

    A name becomes ``[name left out]``, in Arabic script ``[اسم محذوف]``; every other character stays. The
    same becomes of mail addresses, @handles, and the hashtags and paths of web addresses that hold an unknown word. Places,
    armies, groups, states, organisations, buildings, months, weekdays and nationalities are kept. Where it is
    not clear that capitalised words are something else, they are left out: officials, authors and unknown places
    can be lost. A text that was masked before comes back as it is.

    Parameters
    ----------
    text : str
        Any text; English and Arabic are understood, also mixed.
    spans : sequence of (int, int)
        Spans of `text` to be kept track of, in characters, end exclusive. An end beyond the text counts as its
        end, an end before its start as the start.

    Returns
    -------
    Masked
        The text without names, how many names were left out, and the spans moved.

    Notes
    -----
    **This cannot promise that no name remains.** It knows shapes and lists, not people. Not found are: a family
    name alone that nothing marks as one; a name in lower case, also beside a word of harm; one of words that are
    all common English ones, unless it has an age or is who was killed or hurt; in a text mainly in Arabic a name
    that begins with no common given name and stands behind no title, kinship or age; a name that is also a
    place's, where words place it; a person whose name an organisation, a street or a building bears; names in
    other scripts without capitals, such as Hebrew or Chinese, that stand beside no name left out and no word of
    harm; and whatever else in a text tells who somebody was, such as an office, an address or a kinship. Keep
    what must not be seen out of reach; do not rest on this alone.

    Examples
    --------
    >>> mask_names("Witnesses in Raqqa said Zaid Qarmuti, 34, died.").text
    'Witnesses in Raqqa said [name left out], 34, died.'
    >>> masked = mask_names("The boy Zaid fled to Homs.", spans=[(21, 25)])
    >>> masked.text[slice(*masked.spans[0])], masked.left_out
    ('Homs', 1)
    """
    starts = [min(max(a, 0), len(text)) for a, _ in spans]
    moved = [(a, min(max(a, b), len(text))) for a, (_, b) in zip(starts, spans, strict=True)]
    count = 0
    first, late = _finders(text)
    for _ in range(_MOST_PASSES):
        is_settled = True
        for finder in (*first, *late):
            for _ in range(_MOST_PASSES):
                names, found = finder(text)
                if not names:
                    break
                text, moved = _replace(text, names, moved)
                count += found
                # what is found beside a name can show a name in Latin script in its turn
                is_settled = is_settled and finder not in late
        if is_settled:
            break
    return Masked(text, count, tuple(moved))


def _finders(text: str) -> tuple[list[Finder], list[Finder]]:
    """Give the finders that a text needs, and those that come last because they look at the marks."""
    from afterstrike.reading._mask_english import find_names
    from afterstrike.reading._mask_links import find_links
    from afterstrike.reading._mask_scripts import find_foreign, has_foreign
    from afterstrike.reading.arabic._mask import find_names as find_arabic_names
    from afterstrike.reading.arabic._mask import find_runs

    is_arabic = _ARABIC.search(text) is not None
    first: list[Finder] = [find_links, find_names, *([find_arabic_names] if is_arabic else [])]
    late: list[Finder] = [*([find_runs] if is_arabic else []), *([find_foreign] if has_foreign(text) else [])]
    return first, late


def _replace(text: str, names: list[Span], spans: list[Span]) -> tuple[str, list[Span]]:
    pieces: list[str] = []
    starts: list[int] = []  # of the names, in the old text
    stops: list[int] = []
    new: list[Span] = []  # of the marks, in the new text
    at = length = 0
    for a, b in names:
        mark = ARABIC_MARK if _ARABIC.search(text, a, b) else LATIN_MARK
        pieces += (text[at:a], mark)
        length += a - at
        new.append((length, length + len(mark)))
        length += len(mark)
        starts.append(a)
        stops.append(b)
        at = b
    pieces.append(text[at:])

    def start(place: int) -> int:
        n = bisect_right(stops, place)  # the first name that ends behind the place
        if n < len(starts) and starts[n] < place:
            return new[n][0]
        return place + (new[n - 1][1] - stops[n - 1] if n else 0)

    def stop(place: int) -> int:
        n = bisect_left(starts, place)  # the first name that starts at the place or behind
        if n and stops[n - 1] > place:
            return new[n - 1][1]
        return place + (new[n - 1][1] - stops[n - 1] if n else 0)

    return "".join(pieces), [(start(a), max(start(a), stop(b))) for a, b in spans]
