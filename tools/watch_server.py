"""Serves a made-up press on 127.0.0.1 as it stands at a simulated hour, with its faults."""

from __future__ import annotations

import hashlib
import html
import mmap
import struct
import threading
import time
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from watch_press import BEGIN, Item, Outlet, Press

_LISTED = 60  # items a feed shows
_HANG_SECONDS = 30.0


class SimClock:
    """Simulated seconds since BEGIN in eight bytes of a file that processes share; only sleeping moves it."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(struct.pack("d", 0.0))
        self._file = path.open("r+b")
        self._map = mmap.mmap(self._file.fileno(), 8)

    @property
    def seconds(self) -> float:
        return struct.unpack("d", self._map[:8])[0]

    @property
    def hour(self) -> float:
        return self.seconds / 3600

    def sleep(self, seconds: float) -> None:
        self._map[:8] = struct.pack("d", self.seconds + max(0.0, seconds))

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.seconds)


class _QuietServer(ThreadingHTTPServer):
    """Says nothing where a watch was killed in the middle of a request."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Server:
    """Several hosts, each a port, that share the outlets out among them."""

    def __init__(self, press: Press, clock: SimClock, *, hosts: int = 6) -> None:
        self.press, self.clock, self.hosts = press, clock, hosts
        self.requests: list[tuple[float, int, str]] = []
        self.listed: set[tuple[int, int]] = set()  # items that a whole answer has listed
        self.posted: list[dict[str, str]] = []
        self.is_refusing_posts = False
        self.closing = threading.Event()
        self.servers = [_QuietServer(("127.0.0.1", 0), _handler(self, n)) for n in range(hosts)]
        for server in self.servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self.closing.set()
        for server in self.servers:
            server.shutdown()
            server.server_close()

    @property
    def ports(self) -> list[int]:
        return [server.server_address[1] for server in self.servers]

    def base(self, outlet: int) -> str:
        return f"http://127.0.0.1:{self.ports[outlet % self.hosts]}/o{outlet}"

    def feed(self, outlet: Outlet) -> str:
        return f"{self.base(outlet.number)}/{'closed/' if outlet.is_forbidden else ''}feed"

    def page(self, item: Item) -> str:
        """Give the address of an item's page; copies of a page lead to the first with tracking in the address."""
        if item.link:
            other = next(i for i in self.press.outlets[item.link[0]].items if i.number == item.link[1])
            return f"{self.page(other)}?utm_source=o{item.outlet}&utm_medium=rss#top"
        folder = "closed" if item.is_forbidden else "a"
        return f"{self.base(item.outlet)}/{folder}/{item.number}"

    def key(self, item: Item) -> str:
        """Give the key that a watch takes from the feed."""
        if self.press.outlets[item.outlet].form == "list":
            return self.page(item).removeprefix("http://")
        return f"tag:o{item.outlet}:{item.number}"

    def answer(self, path: str) -> tuple[int, bytes, str, str | None]:
        """Give status, body, content type and fault of an outlet's page or feed at this hour."""
        hour = self.clock.hour
        parts = path.partition("?")[0].strip("/").split("/")
        if parts == ["robots.txt"]:
            rules = "".join(f"Disallow: /o{o.number}/closed/\n" for o in self.press.outlets)
            return 200, f"User-agent: *\nCrawl-delay: 2\n{rules}".encode(), "text/plain", None
        try:
            outlet = self.press.outlets[int(parts[0].removeprefix("o"))]
        except (ValueError, IndexError):
            return 404, b"not here", "text/plain", None
        fault = outlet.fault(hour)
        if parts[-1] == "feed":
            return 200, self._feed(outlet, hour, fault), _TYPES[outlet.form], fault
        item = next(
            (i for i in outlet.items if not i.link and str(i.number) == parts[-1] and i.hour <= hour), None
        )
        if item is None or item.is_missing:
            return 404, b"not here", "text/plain", fault
        if item.gone is not None and item.gone <= hour:
            return 410, b"gone", "text/plain", fault
        return 200, _page(item.at(hour), outlet), "text/html; charset=utf-8", fault

    def _feed(self, outlet: Outlet, hour: float, fault: str | None) -> bytes:
        listed = [i for i in outlet.items if i.hour <= hour and not (i.gone is not None and i.gone <= hour)][
            -_LISTED:
        ][::-1]
        if fault in (None, "malformed"):
            self.listed |= {(i.outlet, i.number) for i in listed}
        if outlet.form == "list":
            links = "".join(
                f'<li><a href="{self.page(i)}">{html.escape(i.at(hour).headline)}</a></li>' for i in listed
            )
            home = f"<li><a href='/o{outlet.number}/'>home</a></li>"
            return f"<!doctype html><html><body><h1>News</h1><ul>{links}{home}</ul></body></html>".encode()
        body = (_atom if outlet.form == "atom" else _rss)(self, outlet, listed, hour)
        if fault == "truncated":
            body = body[: int(len(body) * 0.6)]
        return (
            body.replace("</title>", " & <b></title>", 3).encode() if fault == "malformed" else body.encode()
        )


_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml; charset=utf-8",
    "list": "text/html; charset=utf-8",
}


def _summary(server: Server, item: Item, hour: float) -> str:
    version = item.at(hour, silent=False)
    words = "".join(f"<p>{html.escape(line)}</p>" for line in (version.body[0], version.body[-1]))
    if item.refers:
        other = next(i for i in server.press.outlets[item.refers[0]].items if i.number == item.refers[1])
        words += f'<p><a href="{server.page(other)}">the report</a></p>'
    return html.escape(words)


def _rss(server: Server, outlet: Outlet, items: list[Item], hour: float) -> str:
    rows = []
    for item in items:
        version = item.at(hour, silent=False)
        words = (
            ""
            if item.is_bare
            else f"<title>{html.escape(version.headline)}</title><description>{_summary(server, item, hour)}</description>"
        )
        when = format_datetime(BEGIN + timedelta(hours=item.hour))
        rows.append(
            f'<item><guid isPermaLink="false">tag:o{outlet.number}:{item.number}</guid>'
            f"<link>{html.escape(server.page(item))}</link>{words}<pubDate>{when}</pubDate></item>"
        )
    head = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Outlet {outlet.number}</title>'
    return f"{head}{''.join(rows)}</channel></rss>"


def _atom(server: Server, outlet: Outlet, items: list[Item], hour: float) -> str:
    rows = []
    for item in items:
        version = item.at(hour, silent=False)
        words = (
            ""
            if item.is_bare
            else f'<title>{html.escape(version.headline)}</title><summary type="html">{_summary(server, item, hour)}</summary>'
        )
        when = (BEGIN + timedelta(hours=item.hour)).isoformat()
        rows.append(
            f'<entry><id>tag:o{outlet.number}:{item.number}</id><link href="{html.escape(server.page(item))}"/>'
            f"{words}<published>{when}</published><updated>{when}</updated></entry>"
        )
    head = '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
    return f"{head}<title>Outlet {outlet.number}</title>{''.join(rows)}</feed>"


def _page(version: Any, outlet: Outlet) -> bytes:
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in version.body)
    way = ' dir="rtl"' if outlet.lang == "ar" else ""
    title = html.escape(version.headline)
    return (
        f'<!doctype html><html lang="{outlet.lang}"{way}><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><nav><a href='/'>Home</a></nav><main><article><h1>{title}</h1>{lines}</article></main>"
        "<footer>Contact</footer></body></html>"
    ).encode()


def _handler(server: Server, host: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            server.requests.append((server.clock.seconds, host, self.path))
            status, body, kind, fault = server.answer(self.path)
            if fault == "timeout":
                server.closing.wait(_HANG_SECONDS)
                self.close_connection = True
                return
            if fault in ("500", "503"):
                status, body, kind = int(fault), b"trouble", "text/plain"
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if status == 200 and self.headers.get("If-None-Match") == tag:
                self.send_response(304)
                self.send_header("ETag", tag)
                self.end_headers()
                return
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body) + (500 if fault == "cut" else 0)))
            if status == 200:
                self.send_header("ETag", tag)
            if status == 503:
                self.send_header("Retry-After", "1200")
            self.end_headers()
            self.wfile.write(body)
            if fault == "cut":
                self.close_connection = True

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status = 503 if server.is_refusing_posts else 204
            if status == 204:
                server.posted.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    return Handler


def wait_for(condition: Any, seconds: float) -> bool:
    """Wait in real time until something holds."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition():
            return True
        time.sleep(0.01)
    return bool(condition())
