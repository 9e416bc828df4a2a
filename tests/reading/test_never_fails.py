"""Any text is read without an error, and every span points at what it quotes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterstrike.errors import AfterstrikeError
from afterstrike.reading import Ledger, find_attributions, read_document
from afterstrike.sources import MAX_BYTES

PIECES = st.sampled_from(
    [*Path(__file__).with_name("pieces.txt").read_text(encoding="utf-8").split("\n"), "\n", "\n\n", "\r\n"]
)
ARABIC = st.sampled_from(
    [
        *Path(__file__).with_name("arabic_pieces.txt").read_text(encoding="utf-8").split("\n"),
        "\n",
        "\n\n",
        ". ",
        "، ",
    ]
)
BOTH = st.lists(PIECES | ARABIC, max_size=40).map(" ".join)
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
        assert (claim.attribution_kind is None) == (claim.source is None)
    for one in find_attributions(ledger):
        assert text[one.cue_start : one.cue_end] == one.cue and one.cue
        assert 0 <= one.start < one.end <= len(text) and one.source
    for place in ledger.places:
        assert text[place.start : place.end] == place.text and place.text
    for event in ledger.events:
        for found in event.spans.values():
            assert all(0 <= a < b <= len(text) for a, b in found)
        for name in ("fatalities", "civilian_fatalities", "injured"):
            low, high = getattr(event, f"{name}_low"), getattr(event, f"{name}_high")
            assert low is None or high is None or low <= high
        for count in event.counts:
            assert 0 <= count.start < count.end <= len(text)
    for a, b in ledger.furniture:
        assert 0 <= a < b <= len(text)
        for claim in ledger.claims:
            assert claim.end <= a or claim.start >= b, "a claim from furniture"


@SLOW
@given(
    st.lists(ARABIC, max_size=40).map(" ".join),
    st.sampled_from([None, "2026-01-20", "0001-01-01", "9999-12-31"]),
)
def test_arabic_of_hostile_pieces(text: str, published: str | None) -> None:
    try:
        ledger = read_document(text, published=published, language="ar")
    except AfterstrikeError:
        assert not any(c.isalnum() for c in text)
        return
    assert ledger.text == text
    check_spans(ledger)


@SLOW
@given(BOTH, st.sampled_from(["en", "ar", None]))
def test_both_scripts_in_one_text(text: str, language: str | None) -> None:
    try:
        check_spans(read_document(text, published="2026-01-20", language=language))
    except AfterstrikeError:
        assert not any(c.isalnum() for c in text)


@SLOW
@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=300), st.sampled_from(["en", "ar"]))
def test_any_characters_in_either_language(text: str, language: str) -> None:
    with suppress(AfterstrikeError):
        check_spans(read_document(text, language=language))


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
