"""Documents that would be read for hours, or fill the memory, are given up; others are read as always."""

from __future__ import annotations

import subprocess
import zlib
from typing import Any

import pytest

from afterstrike.errors import ReadingError
from afterstrike.reading._document import open_document
from afterstrike.reading._limited import limited_document


def pdf(page: bytes) -> bytes:
    """One page with the given drawing operations, packed."""
    packed = zlib.compress(page, 9)
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>endobj\n4 0 obj<</Length " + str(len(packed)).encode()
        + b"/Filter/FlateDecode>>stream\n" + packed + b"\nendstream endobj\n"
        b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n"
    )  # fmt: skip


def test_a_pdf_and_a_large_page_are_read_as_without_limits() -> None:
    for body in (
        pdf(b"BT /F1 12 Tf 72 720 Td (Two strikes near the town of Taiz.) Tj ET\n"),
        b"<html><head><title>Strikes</title></head><body><article><p>Two strikes near Taiz.</p></article>"
        b"<!--" + b"x" * 200_000 + b"--></body></html>",
    ):
        assert limited_document(body) == open_document(body)


def test_a_small_page_needs_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any, **__: Any) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "run", none)
    assert limited_document(b"Two strikes near Taiz.").language == "en"


def test_a_small_pdf_that_would_be_read_for_minutes_is_given_up() -> None:
    body = pdf(b"BT /F1 12 Tf (A strike) Tj ET\n" * 20_000)
    assert len(body) < 3_000
    with pytest.raises(ReadingError, match="longer than 2 seconds"):
        limited_document(body, seconds=2)


def test_a_pdf_that_swells_is_given_up() -> None:
    drawn = b"BT /F1 12 Tf 72 720 Td (Two strikes near the town of Taiz.) Tj ET\n"
    with pytest.raises(ReadingError, match="Memory"):
        limited_document(pdf(drawn + b" " * 150_000_000), megabytes=200)


def test_what_is_no_document_is_refused_with_the_reason_of_the_reader() -> None:
    with pytest.raises(ReadingError, match=r"damaged|cannot be read|no text"):
        limited_document(b"%PDF-1.4 nothing")
