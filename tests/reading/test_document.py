"""Bytes become text: encodings, HTML, PDF, and what is refused."""

from __future__ import annotations

import pytest

from afterstrike.errors import ReadingError, UsageError
from afterstrike.reading import read_document
from afterstrike.reading._document import language_of, open_document
from afterstrike.sources import RawDocument


def make_pdf(lines: list[str], *, arabic: bool = False, encrypt: str | None = None) -> bytes:
    """Write the smallest PDF that shows lines; Arabic letters go through a ToUnicode table."""
    if arabic:
        letters = sorted({c for line in lines for c in line})
        codes = {c: n + 33 for n, c in enumerate(letters)}
        rows = "\n".join(f"<{codes[c]:02x}> <{ord(c):04x}>" for c in letters)
        table = (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n1 begincodespacerange\n<00> <ff>\n"
            f"endcodespacerange\n{len(letters)} beginbfchar\n{rows}\nendbfchar\nendcmap end end"
        )
        drawn = ["<" + "".join(f"{codes[c]:02x}" for c in line) + "> Tj T*" for line in lines]
    else:
        table = ""
        drawn = [f"({line}) Tj T*" for line in lines]
    page = "BT /F1 12 Tf 14 TL 72 720 Td\n" + "\n".join(drawn) + "\nET"
    unicode = " /ToUnicode 6 0 R" if arabic else ""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(page)} >>\nstream\n{page}\nendstream",
        f"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica{unicode} >>",
    ]
    if arabic:
        objects.append(f"<< /Length {len(table)} >>\nstream\n{table}\nendstream")
    if encrypt:
        objects.append(encrypt)
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    body += "".join(f"{place:010d} 00000 n \n" for place in places)
    lock = f" /Encrypt {len(objects)} 0 R /ID [<00> <00>]" if encrypt else ""
    body += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R{lock} >>\nstartxref\n{start}\n%%EOF"
    return body.encode("latin-1")


def test_a_pdf_gives_its_text() -> None:
    ledger = read_document(make_pdf(["A raid near Kismayo killed nine fighters.", "Two boats sank."]))
    assert ledger.media_type == "application/pdf"
    assert [q.unit for c in ledger.claims for q in c.quantities] == ["fighters", "boats"]


LOCK = f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{'ab' * 32}> /U <{'cd' * 32}> >>"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (make_pdf(["قصف الطيران مخيما شرق المدينة", "وقتل عشرة مدنيين"], arabic=True), "the PDF is Arabic"),
        (make_pdf([""]), "scanned pages"),
        (
            make_pdf(["Nine fighters died."], encrypt=LOCK),
            "encrypted",
        ),
        (make_pdf(["Nine fighters died."])[:200], "PDF"),
        (b"", "empty"),
        (b" \r\n\x00", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "PNG image"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 64, "JPEG image"),
        (b"PK\x03\x04" + b"\x00" * 64, "ZIP archive"),
        (b"PAR1" + b"\x00" * 64, "Parquet"),
        (bytes(range(256)) * 40, "not text"),
        (b"x" * 20_000_001, "at most 20 MB"),
        (b"<html><body><script>let a = 1</script></body></html>", "no article text"),
        (b"--- *** ---", "no letters"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_line(body: bytes, words: str) -> None:
    with pytest.raises(ReadingError, match=words) as caught:
        read_document(body)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_encodings(encoding: str) -> None:
    text = "The café “Ümit” was hit – 12 people fled the town on Monday, the owners said."
    if encoding == "cp1252":
        text = text.replace("Ü", "U")
    document = open_document(text.encode(encoding))
    assert document.text == text
    assert document.encoding


def test_decoded_text_is_unchanged() -> None:
    text = "Heading\r\n\r\n  Twelve men fled.\r\nTwo\u00a0boats sank.\t\r\n"
    ledger = read_document(text.encode())
    assert ledger.text == text
    assert [text[c.start : c.end] for c in ledger.claims] == ["Twelve men fled.", "Two\u00a0boats sank."]


PAGE = """<!doctype html><html><head><title>Raid near Kismayo kills nine | Example Post</title>
<meta property="og:title" content="Raid near Kismayo kills nine">
<meta property="article:published_time" content="2023-06-05T08:00:00Z">
<script>var x = "40 people killed by script";</script></head><body>
<nav><a href="/">Home</a> <a href="/w">World</a></nav>
<article><h1>Raid near Kismayo kills nine</h1>
<p>A raid near Kismayo in southern Somalia killed nine fighters on Sunday, the army said in a statement.</p>
<p>Residents said that two children were wounded when a shell hit a house in the north of the town.</p>
<p>The strikes will continue, a minister said, until aid can reach 12,000 displaced families there.</p>
<script>document.write("99 dead")</script></article>
<footer>Copyright 2023 Example Post. We use cookies.</footer></body></html>"""


def test_a_page_gives_its_article_title_and_date() -> None:
    ledger = read_document(PAGE.encode())
    assert (ledger.media_type, ledger.published, ledger.published_from) == (
        "text/html",
        "2023-06-05",
        "page metadata",
    )
    assert ledger.title == "Raid near Kismayo kills nine"
    assert [c.in_headline for c in ledger.claims].count(True) == 1
    for words in ("script", "99 dead", "Home", "cookies", "<"):
        assert words not in ledger.text
    days = [d.date_start for c in ledger.claims for d in c.dates]
    assert days == ["2023-06-04"]


def test_a_date_given_by_the_user_goes_before_the_pages() -> None:
    ledger = read_document(PAGE.encode(), published="2023-06-12")
    assert (ledger.published, ledger.published_from) == ("2023-06-12", "given by the user")


def test_a_page_without_a_date_gets_none() -> None:
    stated = '<meta property="article:published_time" content="2023-06-05T08:00:00Z">'
    assert stated in PAGE
    page = PAGE.replace(stated, "").replace("on Sunday", "on Sunday, 4 June 2023")
    assert read_document(page.encode()).published is None


@pytest.mark.parametrize("day", ["20 January", "2026-13-01", "2026-1-1", ""])
def test_a_publication_date_that_is_none(day: str) -> None:
    with pytest.raises(UsageError, match="YYYY-MM-DD"):
        read_document("Twelve men fled.", published=day)


def test_other_languages_give_a_note_and_no_claims() -> None:
    for text, language in [
        ("В результате удара погибли 12 человек", "und"),
        ("Bei dem Angriff auf das Lager wurden zwölf Menschen getötet, wie die Polizei sagte. " * 6, "und"),
    ]:
        ledger = read_document(text)
        assert (ledger.language, ledger.claims) == (language, ())
        assert len(ledger.notes) == 1


def test_language() -> None:
    assert language_of("The camp in قرية was hit by two shells.") == "en"
    assert language_of("12") == "en"


def test_a_raw_document_is_read_like_its_bytes() -> None:
    raw = RawDocument(b"Twelve men fled.", "a.txt", None, "", "2026-01-20T00:00:00+00:00", "text/plain")
    assert read_document(raw) == read_document(b"Twelve men fled.")
