"""Connections that reach only public addresses: the name is resolved once, every address of it is checked,
and the connection goes to an address that was checked. So a name cannot change its address between the
check and the connection. TLS and the Host header still carry the name.

Proxies of the environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY) are not used: a proxy resolves names itself,
and nothing could be checked here.
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore
import httpx

from afterstrike.errors import FetchError
from afterstrike.sources._address import is_public

__all__ = ["Guard", "Transport"]

# httpcore's debug log writes out the headers of answers, cookies with them
logging.getLogger("httpcore").setLevel(logging.INFO)


class Guard(httpcore.NetworkBackend):
    """Opens connections for httpcore, to public addresses and to those a person named."""

    def __init__(self, allow_private: frozenset[str]) -> None:
        self.allow_private = allow_private
        self._thread = threading.local()
        self._sync = httpcore.SyncBackend()

    @property
    def deadline(self) -> float:
        """When this thread's request must have ended, on `time.monotonic`."""
        return float(getattr(self._thread, "deadline", float("inf")))

    @deadline.setter
    def deadline(self, value: float) -> None:
        self._thread.deadline = value

    def left(self, timeout: float | None) -> float:
        """Give the shorter of a time-out and the time that is left; raise where none is left."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.PoolTimeout("overall deadline")
        return left if timeout is None else min(timeout, left)

    def checked(self, host: str, port: int, *, allowed: bool | None = None) -> list[str]:
        """Give the addresses of a host, or raise FetchError where one of them is private."""
        if allowed is None:
            allowed = f"{host}:{port}".lower() in self.allow_private
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as problem:
            reason = getattr(problem, "strerror", None) or "it is no host name"
            raise FetchError(
                f"{host} cannot be reached ({reason}); check the address and the connection",
                is_temporary=isinstance(problem, OSError),
            ) from None
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        private = [one for one in addresses if not is_public(one)]
        if private and not allowed:
            shown = host if host == private[0] else f"{host} ({private[0]})"
            raise FetchError(
                f"{shown} lies in a private network and is not fetched; "
                f"where you know the server, set AFTERSTRIKE_ALLOW_PRIVATE={host}:{port}"
            )
        return addresses

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to one of the checked addresses of a host."""
        problem: Exception | None = None
        for address in self.checked(host, port):
            try:
                stream = self._sync.connect_tcp(
                    address, port, self.left(timeout), local_address, socket_options
                )
                return _Stream(stream, self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as one:
                problem = one
        raise problem or httpcore.ConnectError("no address")


class _Stream(httpcore.NetworkStream):
    """A connection that ends when the request's time is up, however slowly bytes come."""

    def __init__(self, stream: httpcore.NetworkStream, guard: Guard) -> None:
        self._stream, self._guard = stream, guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._guard.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._guard.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._guard.left(timeout))
        return _Stream(stream, self._guard)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Body(httpx.SyncByteStream):
    """The body of an answer as httpx takes it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()


class Transport(httpx.BaseTransport):
    """Sends one request and follows nothing: no redirects, no cookies, no proxies, no retries.

    Errors of the connection come as httpcore's own; a refused address as FetchError.
    """

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=True),
            max_connections=20,
            max_keepalive_connections=5,
            keepalive_expiry=5.0,
            network_backend=guard,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()
