"""Items: one identity however an address is written, notices told from news, feeds in any state."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.errors import SourceError
from afterstrike.watch import SourceConfig
from afterstrike.watch._item import clean_address, identity_of, notice_in, plain_words, text_key
from afterstrike.watch._listing import items_in

FEED = SourceConfig("north", "feed", "https://north.example/rss")


@pytest.fixture
def alarm_clock() -> Iterator[None]:
    """End a test that would run for minutes."""

    def too_long(*_: object) -> None:
        raise AssertionError("still running after 20 seconds")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>x</title>{''.join(items)}</channel></rss>".encode()


@pytest.mark.parametrize(
    "other",
    [
        "http://www.north.example/a/b?id=3&x=1", "https://north.example/a/b/?x=1&id=3",
        "https://NORTH.example:443/a/b?id=3&x=1&utm_source=rss&utm_medium=feed&fbclid=abc#top",
    ],
)  # fmt: skip
def test_one_page_has_one_identity(other: str) -> None:
    assert identity_of(other) == identity_of("https://north.example/a/b?id=3&x=1")


@pytest.mark.parametrize("other", ["https://north.example/a/b?id=4", "https://south.example/a/b?id=3&x=1",
                                   "https://north.example:8443/a/b?id=3&x=1", "https://north.example/A/b?id=3"])  # fmt: skip
def test_other_pages_have_others(other: str) -> None:
    assert identity_of(other) != identity_of("https://north.example/a/b?id=3&x=1")


@pytest.mark.parametrize(
    "bad", ["javascript:alert(1)", "file:///etc/passwd", "https://[::1", "", "mailto:a@b.c"]
)
def test_what_is_no_web_address_is_none(bad: str) -> None:
    assert clean_address(bad) is None


@pytest.mark.parametrize("bad", ["javascript:alert(1)", "file:///etc/passwd", "https://[::1", "mailto:a@b.c"])
def test_what_is_no_web_address_is_none_beside_any_page(bad: str) -> None:
    assert clean_address(bad, "https://a.example/") is None


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=80))
def test_no_address_breaks_anything(text: str) -> None:
    clean_address(text, "https://a.example/b")
    identity_of(text)
    plain_words(text)
    notice_in(text)


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("Retraction: strike on the mill", "retraction"),
        ("This article has been withdrawn because it could not be confirmed.", "retraction"),
        ("We retract this report.", "retraction"),
        ("تم سحب هذا الخبر", "retraction"),
        ("سحب خبر الغارة", "retraction"),
        ("Correction: the strike was on Monday", "correction"),
        ("An earlier version of this story misstated the day.", "correction"),
        ("تصحيح: وقعت الغارة يوم الاثنين", "correction"),
        ("Troops withdrew from the town and the checkpoint was removed.", None),
        ("The post was removed by soldiers who retracted behind the river.", None),
        ("The correction of the border took years.", None),
        ("قوات الجيش بدأت سحب آلياتها من المدينة", None),
        ("أعلن المجلس تصحيح أسعار الخبز", None),
    ],
)
def test_notices_are_told_from_news(text: str, notice: str | None) -> None:
    assert notice_in(text) == notice


def test_texts_of_the_same_words_have_one_key_and_short_ones_none() -> None:
    assert text_key(range(9)) == text_key(reversed(range(9))) != text_key(range(10))
    assert text_key(range(7)) is None


def test_what_a_feed_holds_is_taken_as_plain_words() -> None:
    body = rss(
        "<item><link>/a?utm_source=rss</link><title>Two &amp;amp; three</title><description>&lt;p&gt;One.&lt;/p&gt;"
        "&lt;script&gt;alert(1)&lt;/script&gt;&lt;a href='/b'&gt;more&lt;/a&gt;</description>"
        "<pubDate>Mon, 02 Mar 2026 09:00:00 +0300</pubDate></item>"
    )
    (item,) = items_in(FEED, body, FEED.address, {}).items
    assert (item.key, item.address, item.published) == (
        "north.example/a",
        "https://north.example/a",
        "2026-03-02T06:00:00",
    )
    assert (
        "alert" not in item.words
        and item.words.endswith("One.\nmore")
        and item.refers == ("north.example/b",)
    )


def test_an_item_listed_twice_is_one_and_one_without_anything_is_none() -> None:
    one = "<item><guid isPermaLink='false'>7</guid><title>a</title></item>"
    assert [i.key for i in items_in(FEED, rss(one, one, "<item></item>"), FEED.address, {}).items] == ["7"]


def test_a_feed_cut_off_gives_its_whole_items_only() -> None:
    body = rss(
        *(f"<item><guid isPermaLink='false'>{n}</guid><title>Item {n}</title></item>" for n in range(9))
    )
    listing = items_in(FEED, body[: body.index(b"Item 5") + 4], FEED.address, {})
    assert [item.words for item in listing.items] == [f"Item {n}" for n in range(5)]
    assert not listing.is_whole and "cut off" in str(listing.detail)


def test_entities_of_a_feed_open_no_file_and_do_not_swell() -> None:
    body = (
        b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY f SYSTEM 'file:///etc/passwd'>"
        b"<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]>"
        b"<rss version='2.0'><channel><item><guid>7</guid><title>&f;&c;</title></item></channel></rss>"
    )
    try:
        items = items_in(FEED, body, FEED.address, {}).items
    except SourceError:
        return
    assert all("root:" not in item.words and len(item.words) < 2000 for item in items)


@pytest.mark.parametrize("body", [b"", b"<html><body>hello</body></html>", b"\x00\xff" * 50, b"{}"])
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError, match="no feed"):
        items_in(FEED, body, FEED.address, {})


@pytest.mark.parametrize("name", ["feed.xml", "http://127.0.0.1:9/feed.xml"])
def test_a_body_that_is_a_file_name_or_an_address_opens_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "feed.xml").write_bytes(
        rss("<item><guid>7</guid><title>a file of this machine</title></item>")
    )
    monkeypatch.chdir(tmp_path)
    for body in (name, str(tmp_path / "feed.xml")):
        with pytest.raises(SourceError, match="no feed"):
            items_in(FEED, body.encode(), FEED.address, {})


@pytest.mark.parametrize("hostile", ["<!--", "<a ", "</a ", "<![CDATA[", "<script>", "&#", "<a x='"])
def test_hostile_markup_takes_no_longer_than_its_length(hostile: str, alarm_clock: None) -> None:
    assert "three raids" in plain_words("<p>three raids</p>" + hostile * 60_000)[0]
    body = rss(
        f"<item><guid>7</guid><description><![CDATA[three raids{hostile * 60_000}]]></description></item>"
    )
    assert len(items_in(FEED, body, FEED.address, {}).items) == 1


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>five &lt; six</p> and 5 < 6", "five < six\nand 5 < 6"),
        ("<p>raids</p><!-- never ended, killed", "raids"),
        ("<p>raids</p><a href='x", "raids"),
        ("<p>raids</p><script>x < 3", "raids"),
        ("<p>raids &amp; shelling &amp", "raids & shelling &"),
    ],
)
def test_markup_cut_off_keeps_its_words(markup: str, words: str) -> None:
    assert plain_words(markup)[0] == words


def test_items_beyond_the_most_that_are_taken_are_said() -> None:
    body = rss(
        *(f"<item><guid isPermaLink='false'>{n}</guid><title>Item {n}</title></item>" for n in range(2001))
    )
    listing = items_in(FEED, body, FEED.address, {})
    assert len(listing.items) == 2000 and not listing.is_whole and "2,001 items" in str(listing.detail)
    source = SourceConfig("list", "list", "https://north.example/latest", links="/a/")
    page = "".join(f"<a href='/a/{n}'>x</a>" for n in range(2001)).encode()
    listing = items_in(source, page, source.address, {})
    assert len(listing.items) == 2000 and not listing.is_whole and "2,001 items" in str(listing.detail)


def test_a_feed_too_large_to_be_one_is_refused() -> None:
    with pytest.raises(SourceError, match="more than the 5 MB"):
        items_in(FEED, rss(" " * 5_000_001), FEED.address, {})


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_items_or_refused(body: bytes) -> None:
    for source in (FEED, SourceConfig("list", "list", "https://north.example/latest")):
        with suppress(SourceError):
            items_in(source, body, source.address, {})
