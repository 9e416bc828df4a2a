"""Getting addresses: what is asked, what is kept, what is tried again, what is refused."""

from __future__ import annotations

import gzip
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from afterstrike.errors import FetchError, SourceError
from afterstrike.sources import Archive, HttpFetcher, WebFetcher, open_source

Make = Callable[..., WebFetcher]
BODY = bytes(range(256)) * 400


def test_bytes_are_archived_with_their_origin(server: Any, fetcher: Make, archive: Archive) -> None:
    server.routes["/a"] = lambda reply, asked: reply.send(BODY, Content_Type="text/csv", ETag='"1"')
    got = fetcher().get(f"{server.base}/a", licence="CC BY 4.0", citation="Somebody")
    assert got.bytes() == BODY == archive.bytes(got.sha256)
    assert got.sha256 == hashlib.sha256(BODY).hexdigest()
    assert (got.status, got.is_new, got.is_unchanged, got.size) == (200, True, False, len(BODY))
    assert got.path == archive.path(got.sha256)
    (row,) = archive.fetches()
    assert row == got.fetch
    assert (row.licence, row.citation, row.headers["content-type"]) == ("CC BY 4.0", "Somebody", "text/csv")
    assert row.retrieved_at.endswith("+00:00")
    assert list((archive.folder / "parts").iterdir()) == []


def test_without_an_archive_bytes_are_in_memory(server: Any, fetcher: Make) -> None:
    server.routes["/a"] = BODY
    got = fetcher(archive=None).get(f"{server.base}/a")
    assert (got.fetch, got.path, got.bytes()) == (None, None, BODY)


def test_what_did_not_change_is_not_sent_again(server: Any, fetcher: Make, archive: Archive) -> None:
    def route(reply: Any, asked: Any) -> None:
        if asked.headers.get("if-none-match") == '"1"':
            assert asked.headers["if-modified-since"] == "Thu, 01 Jan 2026 00:00:00 GMT"
            reply.send(status=304)
        else:
            reply.send(BODY, ETag='"1"', Last_Modified="Thu, 01 Jan 2026 00:00:00 GMT")

    server.routes["/a"] = route
    first = fetcher().get(f"{server.base}/a")
    second = fetcher().get(f"{server.base}/a")
    assert (second.status, second.is_unchanged, second.is_new) == (304, True, False)
    assert second.bytes() == BODY
    assert second.fetch == first.fetch
    assert fetcher().get(f"{server.base}/a", conditional=False).status == 200
    # where the bytes are gone, a 304 would be of no use
    archive.path(first.sha256).unlink()
    assert fetcher().get(f"{server.base}/a").status == 200


def test_the_same_bytes_again_are_unchanged(server: Any, fetcher: Make, archive: Archive) -> None:
    server.routes["/a"] = b"one"
    fetcher().get(f"{server.base}/a")
    again = fetcher().get(f"{server.base}/a")
    server.routes["/a"] = b"two"
    changed = fetcher().get(f"{server.base}/a")
    server.routes["/b"] = b"two"
    elsewhere = fetcher().get(f"{server.base}/b")
    found = [(one.is_unchanged, one.is_new) for one in (again, changed, elsewhere)]
    assert found == [(True, False), (False, True), (False, False)]
    assert [one.size for one in archive.fetches(f"{server.base}/a")] == [3, 3, 3]
    assert archive.latest(f"{server.base}/a").sha256 == changed.sha256  # type: ignore[union-attr]


def test_a_304_that_was_not_asked_for_is_refused(server: Any, fetcher: Make, archive: Archive) -> None:
    server.routes["/a"] = lambda reply, asked: reply.send(status=304)
    with pytest.raises(FetchError, match="answered 304"):
        fetcher().get(f"{server.base}/a")
    assert archive.fetches() == []


def _after(times: int, fault: Callable[[Any], None]) -> Callable[[Any, Any], None]:
    left = [times]

    def route(reply: Any, asked: Any) -> None:
        left[0] -= 1
        if left[0] >= 0:
            fault(reply)
        else:
            reply.send(BODY)

    return route


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_fault_that_passes_is_tried_again(
    server: Any, fetcher: Make, waits: list[float], status: int
) -> None:
    server.routes["/a"] = _after(2, lambda reply: reply.send(b"no", status))
    assert fetcher().get(f"{server.base}/a").bytes() == BODY
    assert len(waits) == 2
    assert 0.5 <= waits[0] <= 1.0 <= waits[1] <= 2.0


def test_chance_in_the_waits_comes_from_the_seed(server: Any, fetcher: Make, waits: list[float]) -> None:
    found = []
    for seed in (1, 1, 2):
        waits.clear()
        server.routes["/a"] = _after(2, lambda reply: reply.send(b"no", 500))
        fetcher(seed=seed).get(f"{server.base}/a")
        found.append(list(waits))
    assert found[0] == found[1] != found[2]


def test_a_fault_that_stays_is_an_outage(server: Any, fetcher: Make, waits: list[float]) -> None:
    server.routes["/a"] = lambda reply, asked: reply.send(b"no", 500)
    with pytest.raises(FetchError, match="answered 500") as caught:
        fetcher(retries=3).get(f"{server.base}/a")
    assert (caught.value.status, caught.value.is_temporary, caught.value.is_gone) == (500, True, False)
    assert (server.count("/a"), len(waits)) == (4, 3)


@pytest.mark.parametrize(("status", "is_gone"), [(404, True), (410, True), (403, False), (401, False)])
def test_what_is_refused_is_not_asked_for_again(
    server: Any, fetcher: Make, status: int, is_gone: bool
) -> None:
    server.routes["/a"] = lambda reply, asked: reply.send(b"no", status)
    with pytest.raises(FetchError) as caught:
        fetcher().get(f"{server.base}/a")
    assert (caught.value.status, caught.value.is_temporary, caught.value.is_gone) == (status, False, is_gone)
    assert server.count("/a") == 1


def test_retry_after_is_honoured(server: Any, fetcher: Make, waits: list[float]) -> None:
    server.routes["/a"] = _after(1, lambda reply: reply.send(b"", 429, Retry_After="7"))
    fetcher().get(f"{server.base}/a")
    assert waits == [7.0]
    waits.clear()
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    server.routes["/a"] = _after(1, lambda reply: reply.send(b"", 503, Retry_After=when))
    fetcher().get(f"{server.base}/a")
    assert 90 < waits[0] <= 100


def test_a_retry_after_that_is_too_long_ends_it(server: Any, fetcher: Make, waits: list[float]) -> None:
    server.routes["/a"] = lambda reply, asked: reply.send(b"", 429, Retry_After="301")
    with pytest.raises(FetchError, match="asks to wait 301 s") as caught:
        fetcher().get(f"{server.base}/a")
    assert (caught.value.retry_after_seconds, caught.value.is_temporary) == (301.0, True)
    assert (waits, server.count("/a")) == ([], 1)


def test_one_host_is_not_asked_too_often(server: Any, archive: Archive) -> None:
    server.routes["/a"] = BODY
    clock, waits = [100.0], []

    def sleep(seconds: float) -> None:
        waits.append(round(seconds, 6))
        clock[0] += seconds

    web = WebFetcher(
        archive, allow_private=[server.host], min_interval_seconds=2.0, clock=lambda: clock[0], sleep=sleep
    )
    web.get(f"{server.base}/a")
    web.get(f"{server.base}/a")
    clock[0] += 1.5
    web.get(f"{server.base}/a")
    clock[0] += 60
    web.get(f"{server.base}/a")
    assert waits == [2.0, 0.5]


def _resumable(body: bytes, cut_at: list[int], etags: list[str]) -> Callable[[Any, Any], None]:
    """Serve a body with ranges, cutting the connection at the given places, one a request."""
    turn = [0]

    def route(reply: Any, asked: Any) -> None:
        etag = etags[min(turn[0], len(etags) - 1)]
        stop = cut_at[turn[0]] if turn[0] < len(cut_at) else len(body)
        turn[0] += 1
        start = 0
        if "range" in asked.headers and asked.headers.get("if-range") == etag:
            start = int(asked.headers["range"].removeprefix("bytes=").rstrip("-"))
            reply.head(
                206,
                len(body) - start,
                ETag=etag,
                Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}",
            )
        else:
            reply.head(200, len(body), ETag=etag)
        reply.write(body[start:stop])
        reply.cut()

    return route


def test_a_cut_download_goes_on_where_it_stopped(server: Any, fetcher: Make) -> None:
    body = os.urandom(300_000)
    server.routes["/a"] = _resumable(body, [100_000, 200_000], ['"1"'])
    assert fetcher().get(f"{server.base}/a").bytes() == body
    starts = [one.headers.get("range") for one in server.asked]
    assert starts == [None, "bytes=100000-", "bytes=200000-"]
    assert [one.headers.get("if-range") for one in server.asked] == [None, '"1"', '"1"']


def test_a_document_that_changed_meanwhile_is_fetched_anew(server: Any, fetcher: Make) -> None:
    body = os.urandom(300_000)
    server.routes["/a"] = _resumable(body, [100_000], ['"1"', '"2"'])
    assert fetcher().get(f"{server.base}/a").bytes() == body


_CHANGED = ("Mon, 02 Mar 2026 10:00:00 GMT", "Mon, 02 Mar 2026 10:00:07 GMT")


@pytest.mark.parametrize(
    ("first", "then", "was"),
    [
        ({"ETag": '"1"'}, {"ETag": '"2"'}, 200_000),
        ({"Last_Modified": _CHANGED[0]}, {"Last_Modified": _CHANGED[1]}, 200_000),
        ({"ETag": '"1"', "Last_Modified": _CHANGED[0]}, {"Last_Modified": _CHANGED[1]}, 200_000),
        ({"ETag": '"1"'}, {}, 190_000),
    ],
)
def test_a_server_that_goes_on_with_another_document_is_found_out(
    server: Any, fetcher: Make, first: dict[str, str], then: dict[str, str], was: int
) -> None:
    body = os.urandom(200_000)

    def route(reply: Any, asked: Any) -> None:
        if len(server.asked) == 1:
            reply.head(200, was, **first)
            reply.write(b"x" * 50_000)
            reply.cut()
        elif "range" in asked.headers:  # does not look at If-Range
            reply.head(206, 150_000, Content_Range="bytes 50000-199999/200000", **then)
            reply.write(body[50_000:])
        else:
            reply.send(body, **then)

    server.routes["/a"] = route
    with fetcher(retries=0) as one, pytest.raises(FetchError):
        one.get(f"{server.base}/a")
    assert fetcher().get(f"{server.base}/a").bytes() == body  # what was kept is read again from the disk


@pytest.mark.parametrize("etag", ["", 'W/"1"'])
def test_without_a_strong_validator_nothing_is_gone_on_with(server: Any, fetcher: Make, etag: str) -> None:
    def route(reply: Any, asked: Any) -> None:
        assert "range" not in asked.headers
        reply.head(200, len(BODY), **({"ETag": etag} if etag else {}))
        reply.write(BODY if len(server.asked) > 1 else BODY[:5000])
        reply.cut()

    server.routes["/a"] = route
    assert fetcher().get(f"{server.base}/a").bytes() == BODY


def test_a_later_fetcher_goes_on_with_the_part(server: Any, fetcher: Make, archive: Archive) -> None:
    body = os.urandom(300_000)
    server.routes["/a"] = _resumable(body, [120_000], ['"1"'])
    with pytest.raises(FetchError) as caught:
        fetcher(retries=0).get(f"{server.base}/a")
    assert caught.value.is_temporary
    assert archive.fetches() == []
    assert fetcher(retries=0).get(f"{server.base}/a").bytes() == body
    assert server.asked[1].headers["range"] == "bytes=120000-"


_CHILD = """
import sys
from pathlib import Path
from afterstrike.sources import Archive, WebFetcher
web = WebFetcher(Archive(Path(sys.argv[1])), allow_private=[sys.argv[2]], min_interval_seconds=0)
print(web.get(f"http://{sys.argv[2]}/a").sha256)
"""


def _child(archive: Archive, host: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _CHILD, str(archive.folder), host]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def test_a_killed_download_is_gone_on_with(server: Any, fetcher: Make, archive: Archive) -> None:
    body = os.urandom(400_000)

    def route(reply: Any, asked: Any) -> None:
        if "range" in asked.headers:
            start = int(asked.headers["range"].removeprefix("bytes=").rstrip("-"))
            reply.head(206, len(body) - start, ETag='"1"', Content_Range=f"bytes {start}-399999/400000")
            reply.write(body[start:])
        else:
            reply.head(200, len(body), ETag='"1"')
            reply.write(body[:300_000])
            time.sleep(20)

    server.routes["/a"] = route
    process = _child(archive, server.host)
    parts = archive.folder / "parts"
    deadline = time.monotonic() + 20
    while not any(one.stat().st_size >= 200_000 for one in parts.glob("*.part")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert archive.fetches() == []
    got = fetcher().get(f"{server.base}/a")
    assert got.bytes() == body
    assert int(server.asked[-1].headers["range"].removeprefix("bytes=").rstrip("-")) >= 200_000
    assert list(parts.iterdir()) == []


def test_two_processes_may_fetch_one_address(server: Any, archive: Archive) -> None:
    body = os.urandom(300_000)

    def route(reply: Any, asked: Any) -> None:
        reply.head(200, len(body), ETag='"1"')
        for start in range(0, len(body), 30_000):
            reply.write(body[start : start + 30_000])
            time.sleep(0.05)

    server.routes["/a"] = route
    processes = [_child(archive, server.host) for _ in range(2)]
    printed = {process.communicate(timeout=30)[0].decode().strip() for process in processes}
    assert printed == {hashlib.sha256(body).hexdigest()}
    assert [one.sha256 for one in archive.fetches()] == list(printed) * 2
    assert archive.bytes(printed.pop()) == body


def test_a_checksum_of_the_publisher_is_held(server: Any, fetcher: Make, archive: Archive) -> None:
    right = hashlib.md5(BODY).hexdigest()
    server.routes["/a"] = _after(1, lambda reply: reply.send(BODY[:-1] + b"?", ETag='"1"'))
    assert fetcher().get(f"{server.base}/a", md5=right.upper()).bytes() == BODY
    server.routes["/b"] = b"something else"
    with pytest.raises(FetchError, match=f"its publisher says {right}"):
        fetcher().get(f"{server.base}/b", md5=right)
    assert archive.fetches(f"{server.base}/b") == []


def test_gzip_is_undone(server: Any, fetcher: Make) -> None:
    packed = gzip.compress(BODY[:50_000]) + gzip.compress(BODY[50_000:]) + b"\0" * 20
    server.routes["/a"] = lambda reply, asked: reply.send(packed, Content_Encoding="gzip", ETag='"1"')
    got = fetcher().get(f"{server.base}/a")
    assert got.bytes() == BODY
    assert server.asked[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("body", "encoding", "words"),
    [
        (gzip.compress(b"\0" * 60_000_000), "gzip", "refused as a bomb"),
        (gzip.compress(b"\0" * 9_000_000), "gzip", "unpacks to more than 5 MB"),
        (gzip.compress(BODY)[:-9], "gzip", "cut-off gzip"),
        (b"<html>", "gzip", "damaged gzip"),
        (BODY, "br", "packed as 'br'"),
        (b"x" * 5_000_001, "identity", "larger than 5 MB"),
    ],
    ids=["bomb", "too much", "cut off", "no gzip", "brotli", "large"],
)
def test_what_swells_or_is_damaged_is_refused(
    server: Any, fetcher: Make, archive: Archive, body: bytes, encoding: str, words: str
) -> None:
    server.routes["/a"] = lambda reply, asked: reply.send(body, Content_Encoding=encoding, ETag='"1"')
    limit = None if "bomb" in words else 5_000_000
    with pytest.raises(SourceError, match=words):
        fetcher().get(f"{server.base}/a", max_bytes=limit)
    assert archive.fetches() == []
    assert list((archive.folder / "parts").iterdir()) == []


def test_an_endless_answer_ends_at_the_limit(server: Any, fetcher: Make) -> None:
    def route(reply: Any, asked: Any) -> None:
        reply.head(200)
        while True:
            reply.write(b"x" * 100_000)

    server.routes["/a"] = route
    with pytest.raises(SourceError, match="larger than 1 MB"):
        fetcher().get(f"{server.base}/a", max_bytes=1_000_000)


@pytest.mark.parametrize("where", ["body", "headers"])
def test_a_server_that_drips_is_given_up(server: Any, fetcher: Make, where: str) -> None:
    def route(reply: Any, asked: Any) -> None:
        if where == "body":
            reply.head(200, 1000)
        for _ in range(100):
            reply.write(b"x")
            time.sleep(0.05)

    server.routes["/a"] = route
    with pytest.raises(FetchError, match="still sending after 1 s") as caught:
        fetcher(timeout_seconds=0.25, retries=0).get(f"{server.base}/a")
    assert caught.value.is_temporary


def test_redirects_are_followed_and_their_loops_end(server: Any, fetcher: Make) -> None:
    server.routes["/a"] = lambda reply, asked: reply.send(status=301, Location="b?token=5#top")
    server.routes["/b"] = BODY
    got = fetcher().get(f"{server.base}/a")
    assert (got.bytes(), got.final_address) == (BODY, f"{server.base}/b")
    server.routes["/loop"] = lambda reply, asked: reply.send(status=302, Location="/loop")
    with pytest.raises(FetchError, match="redirected more than 5 times"):
        fetcher().get(f"{server.base}/loop")
    assert server.count("/loop") == 6


def test_a_key_is_not_sent_on_to_another_host(server: Any, fetcher: Make) -> None:
    other = type(server)()
    try:
        other.routes["/b"] = BODY
        server.routes["/a"] = lambda reply, asked: reply.send(status=302, Location=f"{other.base}/b")
        web = fetcher(allow_private=(server.host, other.host))
        web.get(f"{server.base}/a", headers={"Authorization": "Bearer secret", "X-Key": "secret"})
        assert server.asked[0].headers["authorization"] == "Bearer secret"
        assert "secret" not in str(other.asked[0].headers)
    finally:
        other.close()


PRIVATE = [
    "http://127.0.0.1:{port}/a", "http://localhost:{port}/a", "http://0.0.0.0:{port}/a",
    "http://[::1]:{port}/a", "http://[::ffff:127.0.0.1]:{port}/a", "http://2130706433:{port}/a",
    "http://0x7f.1:{port}/a", "http://127.1:{port}/a", "http://169.254.169.254/latest/", "http://10.0.0.1/",
    "http://192.168.1.1/", "http://172.16.0.1/", "http://100.64.0.1/", "http://224.0.0.1/",
    "http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
    "http://[::127.0.0.1]/", "http://168.63.129.16/", "http://255.255.255.255/", "http://198.18.0.1/",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(server: Any, fetcher: Make, address: str) -> None:
    server.routes["/a"] = BODY
    with pytest.raises(FetchError, match="lies in a private network") as caught:
        fetcher(allow_private=()).get(address.format(port=server.port))
    assert not caught.value.is_temporary
    assert server.asked == []


@pytest.mark.parametrize("address", PRIVATE)
def test_redirects_to_private_addresses_are_refused(server: Any, fetcher: Make, address: str) -> None:
    inside = type(server)()
    try:
        inside.routes["/a"] = b"inside"
        place = address.format(port=inside.port)
        server.routes["/go"] = lambda reply, asked: reply.send(status=302, Location=place)
        with pytest.raises(FetchError, match="lies in a private network"):
            fetcher().get(f"{server.base}/go")
        assert inside.asked == []
    finally:
        inside.close()


def _resolver(monkeypatch: pytest.MonkeyPatch, table: dict[str, list[list[str]]]) -> list[str]:
    """Replace the resolver: each name has a list of answers, one a question."""
    real, asked = socket.getaddrinfo, []

    def resolve(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        if host not in table:
            return real(host, port, *rest, **named)
        asked.append(host)
        answers = table[host]
        ips = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ips]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_a_name_of_a_private_address_is_refused(
    server: Any, fetcher: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    _resolver(
        monkeypatch, {"inside.example": [["127.0.0.1"]], "both.example": [["93.184.215.14", "10.0.0.1"]]}
    )
    for name in ("inside.example", "both.example"):
        with pytest.raises(FetchError, match="lies in a private network"):
            fetcher().get(f"http://{name}:{server.port}/a")
    with pytest.raises(FetchError, match="lies in a private network"):
        open_source(f"http://inside.example:{server.port}/a")
    assert server.asked == []


def test_a_name_is_resolved_once_so_it_cannot_change(
    server: Any, fetcher: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    # public when checked, private a moment later: the connection goes to what was checked
    asked = _resolver(monkeypatch, {"turns.example": [["1.1.1.1"], ["127.0.0.1"]]})
    connected: list[str] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        connected.append(address[0])
        raise OSError("no route in a test")

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(FetchError, match="cannot be reached"):
        fetcher(retries=0).get(f"http://turns.example:{server.port}/a")
    assert (asked, connected) == (["turns.example"], ["1.1.1.1"])


def test_a_named_private_server_is_not_reached_from_outside(
    server: Any, fetcher: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    # "outside" stands for a public server: it is reached, and is not among those a person named
    from afterstrike.sources import _network

    monkeypatch.setattr(_network, "is_public", lambda ip: ip == "127.0.0.1" and _outside[0])
    _outside = [True]
    outside = type(server)()
    try:
        outside.routes["/go"] = lambda reply, asked: (
            _outside.__setitem__(0, False),
            reply.send(status=302, Location=f"{server.base}/a"),
        )
        server.routes["/a"] = BODY
        web = fetcher()
        assert web.get(f"{server.base}/a").status == 200  # a connection to it is open now
        with pytest.raises(FetchError, match="lies in a private network"):
            web.get(f"{outside.base}/go")
        assert server.count("/a") == 1
    finally:
        outside.close()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ftp://example.org/a", "kind that is not fetched"),
        ("file:///etc/passwd", "kind that is not fetched"),
        ("http://me:geheim@127.0.0.1/a", "user name and password"),
        ("http:///a", "names no host"),
        ("http://a:99999/", "no web address"),
        ("http://[::1", "no web address"),
        ("http://exa mple/", "cannot be reached"),
    ],
)
def test_addresses_that_are_none(fetcher: Make, address: str, words: str) -> None:
    with pytest.raises(FetchError, match=words) as caught:
        fetcher().get(address)
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("place", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://[::1", "//"])
def test_redirects_to_other_kinds_are_refused(server: Any, fetcher: Make, place: str) -> None:
    server.routes["/go"] = lambda reply, asked: reply.send(status=302, Location=place)
    with pytest.raises(FetchError):
        fetcher().get(f"{server.base}/go")


def test_proxies_of_the_environment_are_not_used(
    server: Any, fetcher: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.routes["/a"] = BODY
    assert fetcher().get(f"{server.base}/a").bytes() == BODY


def test_cookies_are_neither_kept_nor_sent(server: Any, fetcher: Make) -> None:
    server.routes["/a"] = lambda reply, asked: reply.send(BODY, Set_Cookie="id=geheim")
    web = fetcher()
    got = web.get(f"{server.base}/a")
    web.get(f"{server.base}/a")
    assert "set-cookie" not in got.headers
    assert "cookie" not in server.asked[1].headers


def test_keys_stand_in_no_file_and_no_message(
    server: Any, fetcher: Make, archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    secrets = ("geheimnis1", "geheimnis2", "geheimnis3", "geheimnis4")
    server.routes["/a"] = lambda reply, asked: reply.send(
        BODY, Set_Cookie="s=geheimnis3", X_Api_Key="geheimnis2", Link="</b?access_token=geheimnis1>; rel=next"
    )
    server.routes["/no"] = lambda reply, asked: reply.send(b"geheimnis1", 403)
    query = "key=geheimnis1&email=geheimnis4&page=2&api_key=geheimnis1&X-Amz-Signature=geheimnis1"
    got = fetcher().get(f"{server.base}/a?{query}", headers={"Authorization": "Bearer geheimnis2"})
    assert server.asked[0].query["key"] == "geheimnis1"
    assert got.address == f"{server.base}/a?page=2"
    with pytest.raises(FetchError) as refused:
        fetcher().get(f"{server.base}/no?{query}")
    with pytest.raises(FetchError) as unreachable:
        WebFetcher(retries=0, allow_private=["127.0.0.1:9"]).get(f"http://127.0.0.1:9/?{query}")
    warc = archive.folder / "all.warc"
    archive.export_warc(warc)
    said = " ".join((str(refused.value), str(unreachable.value), repr(got), caplog.text))
    files = [one for one in archive.folder.rglob("*") if one.is_file()]
    assert len(files) >= 3
    for secret in secrets:
        assert secret not in said
        for path in files:
            raw = path.read_bytes()
            assert secret.encode() not in raw, path
            if path == warc:
                assert secret.encode() not in gzip.decompress(raw)


def test_an_address_with_a_key_is_always_asked_for_whole(server: Any, fetcher: Make) -> None:
    server.routes["/a"] = lambda reply, asked: reply.send(asked.query["key"].encode(), ETag='"1"')
    assert fetcher().get(f"{server.base}/a?key=one").bytes() == b"one"
    assert fetcher().get(f"{server.base}/a?key=two").bytes() == b"two"
    assert "if-none-match" not in server.asked[1].headers


def test_progress_is_told(server: Any, fetcher: Make) -> None:
    server.routes["/a"] = BODY
    told: list[tuple[int, int | None]] = []
    fetcher().get(f"{server.base}/a", progress=lambda done, whole: told.append((done, whole)))
    assert told[-1] == (len(BODY), len(BODY))


def test_a_typed_loopback_address_is_allowed_and_only_that(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = type(server)()
    try:
        other.routes["/b"] = b"inside"
        server.routes["/a"] = BODY
        server.routes["/go"] = lambda reply, asked: reply.send(status=302, Location=f"{other.base}/b")
        assert open_source(f"{server.base}/a").bytes == BODY
        assert open_source(f"http://localhost:{server.port}/a").bytes == BODY
        with pytest.raises(FetchError, match="private network"):
            open_source(f"{server.base}/go", fetcher=HttpFetcher(timeout_seconds=1))
        monkeypatch.setenv("AFTERSTRIKE_ALLOW_PRIVATE", other.host)
        assert open_source(f"{server.base}/go").bytes == b"inside"
    finally:
        other.close()


_STREAM = """
import resource, sys
from pathlib import Path
from afterstrike.sources import Archive, WebFetcher
web = WebFetcher(Archive(Path(sys.argv[1])), allow_private=[sys.argv[2]], min_interval_seconds=0)
web.get(f"http://{sys.argv[2]}/small")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
got = web.get(f"http://{sys.argv[2]}/large")
print(got.size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_two_gigabytes_in_constant_memory(server: Any, archive: Archive) -> None:
    size, piece = 2_000_000_000, b"0123456789abcdef" * 62_500

    def route(reply: Any, asked: Any) -> None:
        reply.head(200, size)
        for _ in range(size // len(piece)):
            reply.write(piece)

    server.routes["/large"], server.routes["/small"] = route, BODY
    command = [sys.executable, "-c", _STREAM, str(archive.folder), server.host]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    got, grown_kb = (int(one) for one in done.stdout.split())
    assert got == size
    assert grown_kb < 30_000
    Path(archive.path(archive.fetches()[-1].sha256)).unlink()
