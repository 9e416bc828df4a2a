"""What is read from outside, whatever stands in it: waits, lists, feeds, addresses."""

from __future__ import annotations

import gzip
import io
import json
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.errors import SourceError
from afterstrike.sources import is_public, parse_feed, redact
from afterstrike.sources._address import safe_headers
from afterstrike.sources._retry import backoff_seconds, retry_after_seconds
from afterstrike.sources._unpack import gunzip
from afterstrike.sources.publishers._gdelt import read_file_list

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.integers(0, 10**9))
def test_retry_after_as_seconds_and_as_date(seconds: int) -> None:
    assert retry_after_seconds(str(seconds), NOW) == seconds
    when = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after_seconds(f" {when} ", NOW) == seconds


@given(st.text())
def test_retry_after_of_any_text(text: str) -> None:
    found = retry_after_seconds(text, NOW)
    assert found is None or found >= 0


def test_retry_after_in_the_past_and_absent() -> None:
    assert retry_after_seconds("Thu, 01 Jan 2015 00:00:00 GMT", NOW) == 0
    assert retry_after_seconds(None, NOW) is None


@given(st.integers(1, 10**6), st.integers())
def test_waits_stay_within_their_bounds(attempt: int, seed: int) -> None:
    wait = backoff_seconds(attempt, random.Random(seed))
    assert 0.5 <= wait <= 60


@given(st.lists(st.text()))
def test_file_lists_of_any_text(lines: list[str]) -> None:
    assert all(one.size >= 0 for one in read_file_list(lines))


@given(st.datetimes(datetime(2015, 2, 18), datetime(2100, 1, 1)), st.integers(0, 10**12))
def test_file_lists_keep_size_sum_and_time(moment: datetime, size: int) -> None:
    moment = moment.replace(microsecond=0)
    line = f"{size} {'AB' * 16} http://h/gdeltv2/{moment:%Y%m%d%H%M%S}.export.CSV.zip\r\n"
    (found,) = read_file_list([line, line.replace("export", "gkg"), "20159999999999.export.CSV.zip"])
    assert (found.size, found.md5, found.moment) == (size, "ab" * 16, moment.replace(tzinfo=UTC))


@given(st.binary())
@settings(deadline=None, max_examples=60)
def test_feeds_of_any_bytes(body: bytes) -> None:
    try:
        parse_feed(body, "https://example.org/feed")
    except SourceError as problem:
        assert "\n" not in str(problem)


TEXT = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Co", "Cn")), max_size=30)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
@settings(deadline=None, max_examples=60)
def test_feeds_give_their_items_once_each(pairs: list[tuple[str, str]]) -> None:
    from xml.sax.saxutils import escape

    items = "".join(f"<item><guid>{escape(k)}</guid><title>{escape(t)}</title></item>" for k, t in pairs)
    feed = parse_feed(
        f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), "https://example.org/f"
    )
    keys = [one.key for one in feed.items]
    assert len(keys) == len(set(keys)) <= len(pairs)
    for item in feed.items:
        json.dumps(item.__dict__)
        assert item.title is None or "\n" not in item.title


def test_a_feed_opens_nothing_and_swells_to_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("geheim")
    outside = f"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file://{secret}">]>
        <rss version="2.0"><channel><item><guid>1</guid><title>a &x; b</title></item></channel></rss>"""
    assert "geheim" not in repr(parse_feed(outside.encode(), "https://example.org/"))
    other = tmp_path / "other.xml"
    other.write_text("<rss version='2.0'><channel><item><guid>geheim</guid></item></channel></rss>")
    with pytest.raises(SourceError):  # a body that is the name of a feed's file
        parse_feed(str(other).encode(), "https://example.org/")
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "lol">{levels}]>
        <rss version="2.0"><channel><item><guid>1</guid><title>&l9;</title></item></channel></rss>"""
    assert len(repr(parse_feed(bomb.encode(), "https://example.org/"))) < 10_000


def test_atom_with_other_addresses() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>T</title><rights>CC BY</rights>
        <entry><id>1</id><title>One</title><link href="javascript:alert(1)"/><updated>2026-01-02T03:04:05Z</updated>
        <summary type="html">&lt;script&gt;x&lt;/script&gt;&lt;p&gt;Two  boats&lt;/p&gt;</summary></entry>
        <entry><id>1</id><title>Again</title></entry><entry></entry></feed>"""
    feed = parse_feed(body, "https://example.org/f")
    (item,) = feed.items
    assert (item.address, item.updated, item.summary, item.lang) == (
        None, "2026-01-02T03:04:05+00:00", "Two boats", "en",
    )  # fmt: skip
    assert feed.rights == "CC BY"


@given(st.text())
def test_redacting_twice_is_redacting_once(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://u:p@h/a?b=1#c", "https://h/a?b=1"),
        (
            "https://h/?API_KEY=x&apikey=x&access-token=x&email=x&pwd=x&client_secret=x&sig=x&n=1",
            "https://h/?n=1",
        ),
        ("https://h/?X-Amz-Credential=x&X-Amz-Security-Token=x&a=1", "https://h/?a=1"),
        ("https://h/?%6bey=x&a=1", "https://h/?a=1"),
        (
            "https://h/?clientSecret=x&userPassword=x&userEmail=x&secretKey=x&accessKeyId=x&pass=x&auth=x&e-mail=x"
            "&AWSAccessKeyId=x&sessionId=x&clientsecret=x&n=1",
            "https://h/?n=1",
        ),
        ("https://h/?a=1;token=x;b=2&c=3;pass=x", "https://h/?a=1;b=2&c=3"),
        ("https://h/?token=x;b=2", "https://h/?b=2"),
        ("https://h/list;jsessionid=5/x;v=1?q=a;b", "https://h/list/x;v=1?q=a;b"),
        ("https://h/?bypass=1&author=2&compassKind=3", "https://h/?bypass=1&author=2&compassKind=3"),
        ("https://h/?monkey=1&keyword=2&page=3", "https://h/?monkey=1&keyword=2&page=3"),
    ],
)
def test_what_of_an_address_is_written_down(address: str, kept: str) -> None:
    assert redact(address) == kept


def test_headers_that_are_kept() -> None:
    given_headers = {
        "X-Auth-Token": "x",
        "COOKIE": "x",
        "Content-Type": "a",
        "Location": "https://h/?token=x",
    }
    assert safe_headers(given_headers) == {"content-type": "a", "location": "https://h/"}


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize(
    "ip", ["192.0.0.1", "192.0.0.170", "192.88.99.1", "198.19.255.1", "3fff::1", "3fff:fff::1", "5f00::1", "100::1",
           "64:ff9b:1::808:808", "2001:db8::1", "::ffff:192.0.0.8"]
)  # fmt: skip
def test_blocks_for_special_purposes_are_not_public(ip: str) -> None:
    assert not is_public(ip)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="224.0.0.0/3"))
def test_private_addresses_in_every_dress(ip: object) -> None:
    assert not is_public(str(ip))
    for dress in ("::ffff:{}", "64:ff9b::{}", "::{}"):
        assert not is_public(dress.format(ip))


@given(st.lists(st.binary(max_size=5000), min_size=1, max_size=4), st.integers(1, 4))
def test_gzip_of_any_bytes(parts: list[bytes], _: int) -> None:
    source, target = io.BytesIO(b"".join(gzip.compress(part) for part in parts)), io.BytesIO()
    written = gunzip(source, target, what="x", max_bytes=10**6, max_ratio=100)
    assert target.getvalue() == b"".join(parts)
    assert written == len(target.getvalue())


@given(st.binary(min_size=1, max_size=300))
def test_no_gzip(body: bytes) -> None:
    with pytest.raises(SourceError):
        gunzip(io.BytesIO(b"\x00" + body), io.BytesIO(), what="x", max_bytes=10**6, max_ratio=100)
