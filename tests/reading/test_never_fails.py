"""Any text is read without an error, and every span points at what it quotes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterstrike.errors import AfterstrikeError
from afterstrike.reading import Ledger, read_document
from afterstrike.sources import MAX_BYTES

PIECES = st.sampled_from(
    [*Path(__file__).with_name("pieces.txt").read_text(encoding="utf-8").split("\n"), "\n", "\n\n", "\r\n"]
)
ARTICLES = st.lists(PIECES, max_size=40).map(" ".join)
SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check_spans(ledger: Ledger) -> None:
    text = ledger.text
    assert [claim.id for claim in ledger.claims] == [f"c{n}" for n in range(1, len(ledger.claims) + 1)]
    starts = [claim.start for claim in ledger.claims]
    assert starts == sorted(starts)
    for claim in ledger.claims:
        assert text[claim.start : claim.end] == claim.quote
        assert claim.quote.strip() == claim.quote and claim.quote
        for mention in (*claim.quantities, *claim.places, *claim.dates, *claim.actors):
            assert text[mention.start : mention.end] == mention.text
            assert mention.text
            assert claim.start <= mention.start < mention.end <= claim.end
        for q in claim.quantities:
            bounds = [x for x in (q.low, q.value, q.high) if x is not None]
            assert bounds and bounds == sorted(bounds)
        for d in claim.dates:
            assert (d.date_start is None) == (d.date_end is None) == (d.date_precision is None)
            if d.date_start and d.date_end:
                assert d.date_start <= d.date_end
        if claim.source_span:
            assert text[slice(*claim.source_span)].strip()
    for a, b in ledger.furniture:
        assert 0 <= a < b <= len(text)
        for claim in ledger.claims:
            assert claim.end <= a or claim.start >= b, "a claim from furniture"


@SLOW
@given(ARTICLES, st.sampled_from([None, "2026-01-20", "0001-01-01", "9999-12-31"]))
def test_articles_of_hostile_pieces(text: str, published: str | None) -> None:
    try:
        ledger = read_document(text, published=published)
    except AfterstrikeError:
        assert not any(c.isalnum() for c in text)
        return
    assert ledger.text == text
    check_spans(ledger)


@SLOW
@given(st.text(max_size=600))
def test_any_text(text: str) -> None:
    try:
        ledger = read_document(text, published="2024-02-29")
    except AfterstrikeError as error:
        assert "\n" not in str(error)
        return
    check_spans(ledger)


@SLOW
@given(st.binary(max_size=600))
def test_any_bytes(body: bytes) -> None:
    try:
        ledger = read_document(body)
    except AfterstrikeError as error:
        assert "\n" not in str(error)
        return
    check_spans(ledger)


TAGS = st.sampled_from(
    ["<p>", "</p>", "<html>", "<script>", "</script>", "12 men fled", "<", "&amp;", "<h1>"]
)


@SLOW
@given(st.lists(TAGS | st.text(max_size=8), max_size=12).map("".join))
def test_any_markup(page: str) -> None:
    try:
        ledger = read_document(("<html><body>" + page).encode("utf-8", "replace"))
    except AfterstrikeError:
        return
    check_spans(ledger)


def test_size_limit_is_the_same_for_opening_and_reading() -> None:
    from afterstrike.reading._document import MAX_BYTES as readable

    assert readable == MAX_BYTES
