"""Opening a file, standard input and addresses of a server on this machine."""

from __future__ import annotations

import hashlib
import io
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from afterstrike.errors import SourceError
from afterstrike.sources import Fetched, HttpFetcher, open_source

PAGE = b"<html><p>Two boats sank.</p></html>"


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        if self.path == "/page":
            self._answer(200, PAGE)
        elif self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/page")
            self.end_headers()
        elif self.path == "/loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
            self.end_headers()
        elif self.path == "/hang":
            time.sleep(3)
        elif self.path == "/drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
        elif self.path == "/huge":
            self.send_response(200)
            self.end_headers()
            for _ in range(200):
                self.wfile.write(b"x" * 10_000)
        elif self.path == "/empty":
            self._answer(200, b"")
        else:
            self._answer(int(self.path.strip("/")), b"no")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    _Handler.handle_one_request = _quiet(_Handler.handle_one_request)  # type: ignore[method-assign]
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()


def _quiet(method: object) -> object:
    def run(self: BaseHTTPRequestHandler) -> None:
        try:
            method(self)  # type: ignore[operator]
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    return run


def test_a_page_keeps_its_bytes_address_and_type(server: str) -> None:
    raw = open_source(f"{server}/page")
    assert raw.bytes == PAGE
    assert raw.sha256 == hashlib.sha256(PAGE).hexdigest()
    assert (raw.name, raw.address, raw.status) == ("page", f"{server}/page", 200)
    assert raw.media_type == "text/html; charset=utf-8"
    assert raw.retrieved_at.endswith("+00:00")


def test_a_redirect_is_followed_and_the_final_address_kept(server: str) -> None:
    assert open_source(f"{server}/moved").address == f"{server}/page"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/404", "answered 404"),
        ("/500", "answered 500"),
        ("/loop", "redirected more than"),
        ("/hang", "did not answer within 0.5 s"),
        ("/drip", "was still sending after 2 s"),
        ("/huge", "larger than 1 MB"),
        ("/empty", "is empty"),
    ],
)
def test_each_fault_is_one_clear_line(server: str, path: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        open_source(f"{server}{path}", fetcher=HttpFetcher(timeout_seconds=0.5), max_bytes=1_000_000)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x", "http://", "https://[::1", "http://exa mple/"])
def test_an_address_that_cannot_be_reached(address: str) -> None:
    with pytest.raises(SourceError) as caught:
        open_source(address, fetcher=HttpFetcher(timeout_seconds=0.5))
    assert "\n" not in str(caught.value)


def test_a_fetcher_can_be_replaced() -> None:
    class Recorded:
        def fetch(self, address: str, *, max_bytes: int) -> Fetched:
            return Fetched(b"recorded " + address.encode(), address, 200, "text/plain")

    raw = open_source("https://example.org/a/b?x=1", fetcher=Recorded())
    assert raw.bytes == b"recorded https://example.org/a/b?x=1"
    assert raw.name == "b"


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(b"Two boats\r\nsank.")
    raw = open_source(path)
    assert (raw.bytes, raw.name, raw.address, raw.status) == (b"Two boats\r\nsank.", "report.txt", None, None)
    assert open_source(str(path)).sha256 == raw.sha256


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Two boats sank.")))
    assert open_source("-").bytes == b"Two boats sank."
    assert open_source.__doc__


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "large").write_bytes(b"x" * 2000)
    for where, words in [
        (tmp_path / "absent", "does not exist"),
        (tmp_path, "is a folder"),
        (tmp_path / "empty", "is empty"),
        ("ftp://example.org/a", "not opened"),
        ("a\x00b", "cannot be opened"),
    ]:
        with pytest.raises(SourceError, match=words):
            open_source(where)
    with pytest.raises(SourceError, match=r"larger than 0\.001 MB"):
        open_source(tmp_path / "large", max_bytes=1000)
