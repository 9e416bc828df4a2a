"""Text out of a PDF; Arabic in the order it is read, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from afterstrike.errors import ReadingError
from afterstrike.reading import read_document
from afterstrike.reading._pdf import reading_order

LINES = (
    "وقعت الغارة على مخيم في ريف إدلب عند الساعة 8:30 مساءً، وأصيب 12 شخصاً",
    "قال مراسلنا إن ثلاثة (3) من المصابين نقلوا إلى مشفى في المدينة",
    "أضافت CENTCOM أن 35 هدفاً من أصل 90 أصيبت في 10 كانون الثاني 2026",
)


def drawn(line: str) -> str:
    """Give a line as it is drawn from left to right: turned round, numbers and Latin words kept."""
    from bidi import get_display

    return str(get_display(line, base_dir="R"))


def test_drawing_order_is_turned_and_reading_order_kept() -> None:
    text = "\n".join(LINES)
    assert reading_order("\n".join(map(drawn, LINES))) == text
    assert reading_order(text) == text


def test_letters_that_make_no_words_are_refused() -> None:
    with pytest.raises(ReadingError, match="give the text or the web page"):
        reading_order("ضصثق فغعه خحجد شسيب لاتن مكطذ ءؤرى ةوزظ " * 10)


@pytest.fixture(scope="module")
def page_of(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> object:
    def make(title: str, lines: tuple[str, ...]) -> bytes:
        body = "".join(f"<p>{line}</p>" for line in lines)
        page = browser.new_page()
        page.set_content(f'<html lang="ar" dir="rtl"><body><h1>{title}</h1>{body}</body></html>')
        path = Path(tmp_path_factory.mktemp("pdf")) / "a.pdf"
        page.pdf(path=str(path))
        return path.read_bytes()

    return make


@pytest.mark.browser
def test_an_arabic_pdf_of_a_browser_is_read_like_its_text(page_of: object) -> None:
    title = "غارة على مخيم في ريف إدلب السورية"
    body = page_of(title, LINES)  # type: ignore[operator]
    ledger = read_document(body, published="2026-01-11")
    assert ledger.language == "ar" and ledger.media_type == "application/pdf"
    words = ledger.text.split()
    assert words.index("غارة") < words.index("وقعت") < words.index("مراسلنا") < words.index("CENTCOM")
    plain = read_document("\n\n".join((title, *LINES)), published="2026-01-11")

    def values(of: object) -> list[tuple[object, ...]]:
        return [(c.kind, *(q.value for q in c.quantities)) for c in of.claims]  # type: ignore[attr-defined]

    assert values(ledger) == values(plain)
    assert [e.injured_low for e in ledger.events if e.injured_low] == [12]
