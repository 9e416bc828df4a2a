"""Archived pages: their bytes, their text, and the exact words a claim rests on, always as plain text."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import AfterstrikeError
from ._problem import Problem

if TYPE_CHECKING:
    from ..reading import Masked

__all__ = ["Copy", "archived_copy", "describe_copy", "quotes_of", "raw_copy"]

MAX_BYTES = 20_000_000
MAX_SHOWN = 400_000  # characters of a text that a page shows
CONTEXT = 160  # characters shown before and behind a quote
_ARABIC = re.compile("[\u0600-\u06ff]")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Copy:
    """One archived page: what it says and how it was got."""

    sha256: str
    size: int
    text: str | None
    why_no_text: str | None
    fetches: tuple[dict[str, Any], ...]


def _object(folder: Path, sha256: str) -> Path:
    """Give where the bytes of a hash lie. Only a hash is ever put into a path."""
    if not _SHA256.fullmatch(sha256):
        raise Problem(
            404, f"{sha256[:80]!r}", "the 64 hexadecimal digits of a SHA-256", "follow a link of an incident"
        )
    return folder / "objects" / sha256[:2] / sha256


def raw_copy(folder: Path, sha256: str) -> bytes:
    """Give archived bytes, after checking that they are those of the hash.

    Raises
    ------
    Problem
        404, where there are none; 409, where they are not what they were.
    """
    path = _object(folder, sha256)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Problem(
                413, "an archived copy of more than 20 MB", "", f"it lies in the archive as {sha256}"
            )
        body = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise Problem(
            404, f"no archived copy {sha256[:16]}…", "", "it was never kept, or the archive was moved"
        ) from None
    except OSError as problem:
        raise Problem(
            404, f"an archived copy that cannot be read ({problem.strerror})", "", "look at the archive"
        ) from None
    if hashlib.sha256(body).hexdigest() != sha256:
        raise Problem(
            409,
            f"the archived copy {sha256[:16]}… is not what it was",
            "",
            "restore the archive from a backup",
        )
    return body


@lru_cache(maxsize=64)
def _text(folder: Path, sha256: str) -> tuple[int, str | None, str | None]:
    """Extract the text of archived bytes as it was extracted when they were read."""
    from ..reading._limited import limited_document

    body = raw_copy(folder, sha256)
    try:
        return len(body), limited_document(body).text, None
    except AfterstrikeError as problem:
        return len(body), None, str(problem)


def archived_copy(folder: Path, sha256: str) -> Copy:
    """Give an archived page with its text and the times it was got."""
    size, text, why_not = _text(folder, sha256)
    return Copy(sha256, size, text, why_not, tuple(_fetches(folder, sha256)))


def _fetches(folder: Path, sha256: str) -> list[dict[str, Any]]:
    """Give when and where the bytes were got; nothing where the archive's list cannot be read."""
    path = folder / "fetches.sqlite"
    if not path.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2)) as con:
            con.row_factory = sqlite3.Row
            rows = con.execute("SELECT * FROM fetches WHERE sha256 = ? LIMIT 100", [sha256]).fetchall()
    except sqlite3.Error:
        return []
    names = ("address", "final_address", "status", "retrieved_at", "licence", "citation")
    return [{name: dict(row).get(name) for name in names} for row in rows]


def describe_copy(folder: Path, copy: Copy) -> dict[str, Any]:
    """Give an archived page as the twin says it, without the names of people; the bytes have all."""
    text, why_not = copy.text, copy.why_no_text
    masked = _masked(folder, copy.sha256) if text is not None and not is_arabic(text) else None
    if text is not None and masked is None:
        why_not = (
            "names of people cannot be left out of Arabic text surely enough for it to be shown; the original and the "
            "bytes have it"
        )
    return {
        "sha256": copy.sha256,
        "size": copy.size,
        "fetches": list(copy.fetches),
        "text": None if masked is None else masked.text[:MAX_SHOWN],
        "names_left_out": None if masked is None else masked.left_out,
        "is_cut": masked is not None and len(masked.text) > MAX_SHOWN,
        "text_sha256": None if text is None else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
        "why_no_text": why_not,
        "raw": f"/archive/{copy.sha256}/raw",
    }


def quotes_of(
    folder: Path, sha256: str | None, text_sha256: str, event: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], str | None]:
    """Give the words of a report at its spans, with a little before and behind, and without the names of people.

    Parameters
    ----------
    folder : Path
        The archive.
    sha256 : str or None
        Of the archived bytes; None where nothing was archived.
    text_sha256 : str
        Of the text the spans were counted in. Where the archived text is another, nothing is quoted: the
        words would be the wrong ones.
    event : mapping
        What was read of it: `spans`, by name, each of the first character and the one behind the last.

    Returns
    -------
    tuple
        The quotes, and why there are none. A quote has `pieces` of text, each with `is_quote`; `spans` say where
        in the text as it was read its words lie, from `start` to `end`.
    """
    if sha256 is None:
        return [], "the report was added from a file and its text is not kept; no copy is in the archive"
    try:
        _, text, why_not = _text(folder, sha256)
    except Problem as problem:
        return [], problem.got
    if text is None:
        return [], why_not
    if hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() != text_sha256:
        return [], "the archived copy now gives another text than the one that was read"
    spans = event["spans"].get("statement", [])
    kept = sorted((start, end) for start, end in spans if 0 <= start < end <= len(text))
    if not kept:
        return [], "its words have no place in the text"
    if is_arabic(text):
        return _arabic_quote(text, kept, event)
    return [_quote(block, text, _masked(folder, sha256, tuple(kept))) for block in _blocks(kept)], None


def is_arabic(text: str) -> bool:
    """Say whether a text is Arabic for a good part. Names look like any other word there, so that they cannot be left
    out as surely as where they have capitals: of such a text only words that are known to be no names are shown.
    """
    return len(_ARABIC.findall(text)) > 0.2 * sum(map(str.isalpha, text))


def _arabic_quote(
    text: str, spans: Sequence[tuple[int, int]], event: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], str | None]:
    from ..watch._quote import words_of

    words = words_of(text, event)
    if words is None:
        return [], "no words of its Arabic are known to hold no name"
    pieces = [{"text": words, "is_quote": True}]
    where = {"start": spans[0][0], "end": spans[-1][1], "spans": [list(span) for span in spans]}
    return [{**where, "pieces": pieces}], None


@lru_cache(maxsize=64)
def _masked(folder: Path, sha256: str, spans: tuple[tuple[int, int], ...] = ()) -> Masked:
    """Leave the names of people out of an archived text; what is shown may not name the dead."""
    from ..reading import mask_names

    return mask_names(
        _text(folder, sha256)[1] or "",
        spans=[*spans, *((max(0, a - CONTEXT), b + CONTEXT) for a, b in spans)],
    )


def _blocks(spans: Sequence[tuple[int, int]]) -> list[list[tuple[int, tuple[int, int]]]]:
    """Put quotes together whose surroundings meet: one piece of text is shown once."""
    found: list[list[tuple[int, tuple[int, int]]]] = []
    for number, span in enumerate(spans):
        if found and span[0] - found[-1][-1][1][1] <= 2 * CONTEXT:
            found[-1].append((number, span))
        else:
            found.append([(number, span)])
    return found


def _quote(block: Sequence[tuple[int, tuple[int, int]]], text: str, masked: Masked) -> dict[str, Any]:
    """Give one piece of the masked text, with the quotes in it marked."""
    count = len(masked.spans) // 2
    first, last = block[0][0], block[-1][0]
    at, end = masked.spans[count + first][0], masked.spans[count + last][1]
    pieces: list[dict[str, Any]] = []
    for number, _ in block:
        a, b = masked.spans[number]
        pieces += [
            {"text": masked.text[at:a], "is_quote": False},
            {"text": masked.text[a:b], "is_quote": True},
        ]
        at = b
    pieces.append({"text": masked.text[at:end], "is_quote": False})
    return {
        "start": block[0][1][0],
        "end": block[-1][1][1],
        "spans": [list(span) for _, span in block],
        "pieces": [piece for piece in pieces if piece["text"]],
    }
