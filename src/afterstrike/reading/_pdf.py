"""Gets the text out of a PDF; Arabic, which PDF keeps in drawing order, is put in reading order or refused."""

from __future__ import annotations

import io
import re
import unicodedata

from afterstrike.errors import ReadingError

__all__ = ["pdf_text", "reading_order"]

_MAX_PAGES = 200
_ARABIC = re.compile("[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufefc]")
_LETTERS = re.compile(r"[^\W\d_]")
# words that any Arabic text of some length holds; in drawing order they are written backwards
_COMMON = frozenset(
    [
        "من",
        "في",
        "على",
        "إلى",
        "أن",
        "إن",
        "عن",
        "التي",
        "الذي",
        "كان",
        "قال",
        "هذا",
        "مع",
        "بعد",
        "كما",
        "ما",
        "لا",
        "أو",
        "وقال",
        "وأضاف",
        "خلال",
    ]
)
_LEAST = 0.02  # of the words of a text; news has three times as many
_SWAPPED = str.maketrans("()[]{}«»<>", ")(][}{»«><")
_OPEN, _CLOSED = "([{«", ")]}»"


def pdf_text(body: bytes) -> str:
    """Get the text of a PDF.

    Raises
    ------
    ReadingError
        It is damaged, encrypted or scanned, or its Arabic letters cannot be put in order.
    """
    import logging

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    text = _extract(body)
    if sum(c.isalnum() for c in text) < 20:
        raise ReadingError(
            "the PDF holds no text (scanned pages?); run text recognition first, or give the text"
        )
    if len(_ARABIC.findall(text)) <= 0.4 * len(_LETTERS.findall(text)):
        return text
    # the layout analysis orders boxes for scripts that run from the left; for Arabic, from top to bottom
    return reading_order(_extract(body, boxes_flow=None))


def _extract(body: bytes, boxes_flow: float | None = 0.5) -> str:
    from pdfminer.high_level import extract_text
    from pdfminer.layout import LAParams
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfparser import PDFSyntaxError

    try:
        return str(
            extract_text(io.BytesIO(body), maxpages=_MAX_PAGES, laparams=LAParams(boxes_flow=boxes_flow))
        )
    except (PDFPasswordIncorrect, PDFEncryptionError):
        raise ReadingError("the PDF is encrypted; remove its password, or give the text") from None
    except PDFSyntaxError:
        raise ReadingError("the PDF is damaged or cut short; get it again, or give the text") from None
    except RecursionError:
        raise ReadingError("the PDF is damaged (it refers to itself); give the text") from None
    except Exception as error:
        raise ReadingError(f"the PDF cannot be read ({type(error).__name__}); give the text") from None


def reading_order(text: str) -> str:
    """Put Arabic that stands in drawing order, or in presentation forms, into reading order.

    Both orders are tried and the one in which common words are spelt forwards is taken.

    Parameters
    ----------
    text : str
        Lines as they are drawn, from left to right.

    Returns
    -------
    str
        Plain letters in reading order.

    Raises
    ------
    ReadingError
        In neither order are there enough common words: fonts without a map to letters, for one.

    Examples
    --------
    >>> reading_order("ﺮﻤﻟا ﻲﻓ لزﺎﻨﻣ ﻰﻠﻋ ﺔﻳﺮﻘﻟا ﻦﻣ فﺮﻃ ﻲﻓ ﻒﺼﻗ")
    'قصف في طرف من القرية على منازل في المر'
    """
    kept = unicodedata.normalize("NFKC", text)
    turned = "\n".join(map(_turned, text.split("\n")))
    best = max((turned, kept), key=_commonness)
    if _commonness(best) < _LEAST:
        raise ReadingError(
            "the PDF is Arabic and its letters cannot be put in reading order (too few common words in either "
            "direction); give the text or the web page"
        )
    return best


def _commonness(text: str) -> float:
    words = re.findall(r"[^\W\d_]+", text)
    return sum(word in _COMMON for word in words) / max(len(words), 1)


def _turned(line: str) -> str:
    """Turn one line: numbers and Latin words keep their direction, brackets are mirrored, marks join their letter."""
    if not _ARABIC.search(line):
        return line
    from bidi import get_display

    made = unicodedata.normalize("NFKC", str(get_display(line, base_dir="R")))
    first = next((c for c in made if c in _OPEN + _CLOSED), "")
    if first and first in _CLOSED:
        made = made.translate(_SWAPPED)
    # a short vowel is drawn on its own and pushes the next letter away
    return re.sub(r"(?<=[\u064e-\u0652]) (?=[\u0621-\u064a])", "", made)
