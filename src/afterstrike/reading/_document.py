"""From the bytes of a document to its text: plain text, Markdown, HTML and PDF."""

from __future__ import annotations

import re
from dataclasses import dataclass

from afterstrike.errors import ReadingError
from afterstrike.reading._furniture import stands_in

__all__ = ["MAX_BYTES", "Document", "language_of", "note_on", "open_document"]

MAX_BYTES = 20_000_000
"""Largest document that is read."""

_BINARY = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"II*\x00": "a TIFF image",
    b"MM\x00*": "a TIFF image",
    b"RIFF": "a RIFF media file",
    b"PK\x03\x04": "a ZIP archive (or an Office file)",
    b"PK\x05\x06": "an empty ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"PAR1": "a Parquet table",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"SQLite format 3": "an SQLite database",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"ID3": "an MP3 file",
    b"\xfd7zXZ": "an xz archive",
    b"(\xb5/\xfd": "a zstd archive",
    b"Rar!": "a RAR archive",
    b"{\\rtf": "an RTF file",
}
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|article|div|p|meta|h[1-6]|table|span|script)\b", re.I)
_MARKDOWN = re.compile(r"^(?:#{1,6} \S|```|> \S|\[[^\]\n]{1,200}\]\([^)\n]{1,500}\)|---\n)", re.M)
_FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        "the of and to in a is that for on with as by at from are was were it be this has have not an or but "
        "they their which will",
    )
)


@dataclass(frozen=True)
class Document:
    """The text of a document and what its page says about itself."""

    text: str
    media_type: str  # text/plain, text/markdown, text/html or application/pdf
    encoding: str | None
    language: str  # "en", "ar", or "und" where it is neither
    title: str | None = None
    published: str | None = None  # ISO date from the page's metadata
    notes: tuple[str, ...] = ()


def open_document(body: bytes, *, media_type: str | None = None) -> Document:
    """Get the text out of a document's bytes.

    Parameters
    ----------
    body : bytes
        The document as it was got.
    media_type : str, optional
        What the sender says it is. It decides only between plain text, Markdown and HTML where the content
        leaves that open; images, archives and PDF are known by their first bytes.

    Returns
    -------
    Document
        Plain text and Markdown: the decoded text unchanged, line ends included. HTML and PDF: the extracted
        text.

    Raises
    ------
    ReadingError
        No text can be read: empty, over 20 MB, an image or archive, a scanned or encrypted PDF, an Arabic PDF
        whose letters cannot be put in order, a page without an article.

    Examples
    --------
    >>> open_document("Two strikes near Taiz.".encode("utf-16")).text
    'Two strikes near Taiz.'
    """
    if not body.strip(b"\x00 \t\r\n"):
        raise ReadingError("the document is empty; give one with text")
    if len(body) > MAX_BYTES:
        raise ReadingError(
            f"the document has {len(body) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read; "
            "cut out the article and give that"
        )
    if body.lstrip()[:5] == b"%PDF-" or b"%PDF-" in body[:1024]:
        from afterstrike.reading._pdf import pdf_text

        return _document(pdf_text(body), "application/pdf", None)
    for magic, what in _BINARY.items():
        if body.startswith(magic) and (len(magic) > 3 or _has_control_bytes(body)):
            raise ReadingError(f"the document is {what}, not text; give plain text, Markdown, HTML or PDF")
    text, encoding = _decode(body)
    declared = (media_type or "").split(";")[0].strip().lower()
    tags = len(_HTML.findall(text[:20_000]))
    begins = text.lstrip()[:200].lower()
    if begins.startswith(("<!doctype html", "<html")) or tags >= 3 or ("html" in declared and tags):
        return _html(text, encoding)
    is_markdown = declared == "text/markdown" or len(_MARKDOWN.findall(text[:20_000])) >= 2
    kind = "text/markdown" if is_markdown else "text/plain"
    return _document(text, kind, encoding)


def _document(
    text: str,
    media_type: str,
    encoding: str | None,
    *,
    title: str | None = None,
    published: str | None = None,
) -> Document:
    if not any(c.isalnum() for c in text):
        raise ReadingError("the document holds no letters or digits; give one with text")
    language = language_of(text)
    return Document(text, media_type, encoding, language, title, published, note_on(language))


def note_on(language: str) -> tuple[str, ...]:
    """Give what a reader must be told where a language is not read."""
    return (
        ("The text is neither English nor Arabic: no claims are taken from it.",) if language == "und" else ()
    )


def language_of(text: str) -> str:
    """Tell English from Arabic and from anything else by script and by common English words.

    Examples
    --------
    >>> language_of("The camp was hit."), language_of("قصف المخيم"), language_of("Лагерь обстреляли ночью")
    ('en', 'ar', 'und')
    """
    sample = text[:50_000]
    arabic = sum(
        "\u0600" <= c <= "\u06ff" or "\u0750" <= c <= "\u077f" or "\ufb50" <= c <= "\ufefc" for c in sample
    )
    latin = sum(c.isalpha() and c < "\u0250" for c in sample)
    letters = sum(c.isalpha() for c in sample)
    if letters == 0:
        return "en"
    if arabic > 0.4 * letters:
        return "ar"
    if latin < 0.5 * letters:
        return "und"
    words = re.findall(r"[a-z]+", sample.lower())
    common = sum(word in _FUNCTION_WORDS for word in words)
    # English news prose has a share of about 0.3; German, French and Spanish stay below 0.06
    return "und" if len(words) >= 60 and common < 0.08 * len(words) else "en"


def _has_control_bytes(body: bytes) -> bool:
    head = body[:4096]
    return sum(b < 9 or 13 < b < 27 or 27 < b < 32 for b in head) > 0.02 * len(head)


def _decode(body: bytes) -> tuple[str, str]:
    """Decode by byte order mark, then UTF-8, then by what the bytes look like."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            try:
                return body.decode(name), name
            except UnicodeDecodeError:
                break
    try:
        plain_text = body.decode("utf-8")
        if _is_text(plain_text):
            return plain_text, "utf-8"
    except UnicodeDecodeError:
        pass
    from charset_normalizer import from_bytes  # 40 ms to import; most documents are UTF-8

    best = from_bytes(body[:200_000]).best()
    guesses = [best.encoding] if best else []
    if body.count(0) > len(body) // 4:
        guesses.append("utf-16-le")
    for guess in guesses:
        text = body.decode(guess, errors="replace")
        if _is_text(text):
            return text, guess
    raise ReadingError(
        "the document is not text in any known encoding (binary data?); "
        "give plain text, Markdown, HTML or PDF"
    )


def _is_text(text: str) -> bool:
    head = text[:20_000]
    odd = sum(
        (c < " " and c not in "\t\n\r\x0b\x0c") or c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for c in head
    )
    return odd <= 0.01 * len(head)


def _html(text: str, encoding: str) -> Document:
    """Take the article out of a page. The page's own code is never run and never becomes text."""
    import logging

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    from trafilatura import bare_extraction
    from trafilatura.metadata import extract_metadata

    cleaned = re.sub(r"<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)", " ", text, flags=re.I | re.S)
    # dates and titles also stand in a script of type ld+json, so metadata are read from the page as it came
    try:
        found = bare_extraction(cleaned, with_metadata=False, include_comments=False, include_tables=True)
        # a date is taken where the page states one, never guessed from its text
        about = extract_metadata(
            text, date_config={"extensive_search": False, "original_date": True}, extensive=False
        )
    except Exception as error:
        raise ReadingError(
            f"the page cannot be taken apart ({type(error).__name__}); save it as plain text"
        ) from None
    body = (getattr(found, "text", None) or "").strip()
    if not body:
        raise ReadingError("the page holds no article text; save the article as plain text and give that")
    title = _one_line(getattr(about, "title", None))
    published = getattr(about, "date", None)
    if title and title not in body[:2000] and not stands_in(title, body[:3000]):
        body = f"{title}\n\n{body}"
    body = body.replace("\r\n", "\n")
    day = published if isinstance(published, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", published) else None
    return _document(body, "text/html", encoding, title=title, published=day)


def _one_line(text: object) -> str | None:
    return (" ".join(text.split()) or None) if isinstance(text, str) else None
