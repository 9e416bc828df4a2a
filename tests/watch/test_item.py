"""Items: one identity however an address is written, notices told from news, feeds in any state."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.errors import SourceError
from afterstrike.watch import SourceConfig
from afterstrike.watch._item import clean_address, identity_of, notice_in, plain_words, text_key
from afterstrike.watch._listing import items_in

FEED = SourceConfig("north", "feed", "https://north.example/rss")


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
    assert clean_address(bad) is None or clean_address(bad, "https://a.example/") is None


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


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_items_or_refused(body: bytes) -> None:
    for source in (FEED, SourceConfig("list", "list", "https://north.example/latest")):
        with suppress(SourceError):
            items_in(source, body, source.address, {})
