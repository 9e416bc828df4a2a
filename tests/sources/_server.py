"""A server on this machine that answers as the test says, also wrongly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

__all__ = ["Asked", "Server"]


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str  # without the query
    query: dict[str, str]
    headers: dict[str, str]  # names in small letters
    form: dict[str, str] = field(default_factory=dict)
    target: str = ""


Answer = Callable[["Reply", Asked], None]


class Reply:
    """What a route answers with."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self.handler = handler

    def send(self, body: bytes = b"", status: int = 200, **headers: str) -> None:
        """Send a whole answer; `ETag`-like names are written with `_` for `-`."""
        self.head(status, len(body), **headers)
        self.write(body)

    def head(self, status: int = 200, length: int | None = None, **headers: str) -> None:
        """Send status and headers only."""
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        if length is not None:
            self.handler.send_header("Content-Length", str(length))
        self.handler.end_headers()

    def write(self, body: bytes) -> None:
        """Send bytes of the body."""
        self.handler.wfile.write(body)
        self.handler.wfile.flush()

    def cut(self) -> None:
        """End the connection, whatever was promised."""
        self.handler.wfile.flush()
        self.handler.close_connection = True


class Server:
    """Routes are functions or bytes; every request is noted in `asked`."""

    def __init__(self) -> None:
        self.routes: dict[str, Answer | bytes] = {}
        self.asked: list[Asked] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None: ...

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = Asked(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query, keep_blank_values=True)),
                    {k.lower(): v for k, v in self.headers.items()},
                    target=self.path,
                )
                length = int(self.headers.get("content-length") or 0)
                if length:
                    asked.form = dict(parse_qsl(self.rfile.read(length).decode()))
                outer.asked.append(asked)
                route = outer.routes.get(parts.path)
                reply = Reply(self)
                try:
                    if route is None:
                        reply.send(b"no such page", 404)
                    elif isinstance(route, bytes):
                        reply.send(route)
                    else:
                        route(reply, asked)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_POST = do_GET

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None: ...

        self._httpd = Quiet(("127.0.0.1", 0), Handler)
        self.port = self._httpd.server_address[1]
        self.host = f"127.0.0.1:{self.port}"
        self.base = f"http://{self.host}"
        threading.Thread(target=self._httpd.serve_forever, args=(0.05,), daemon=True).start()

    def count(self, path: str) -> int:
        """Say how often a path was asked for."""
        return sum(one.path == path for one in self.asked)

    def close(self) -> None:
        """Stop."""
        self._httpd.shutdown()
        self._httpd.server_close()
