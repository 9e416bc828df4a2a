"""Stands before every page: who may ask, by which name, how much may be sent, and what browsers are told."""

from __future__ import annotations

import asyncio
import ipaddress
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import AfterstrikeError
from ._problem import Problem, problem_of
from ._session import Session, cookie_of, is_token, session_of
from ._settings import is_loopback
from ._visit import Web

__all__ = ["CSP", "SANDBOX_CSP", "Guard"]

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "worker-src blob:; font-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# For a page made elsewhere, as a brief is: its own script and style run, in an origin of its own that can neither
# read our cookies nor ask us or anyone else for anything.
SANDBOX_CSP = (
    "sandbox allow-scripts allow-popups; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; form-action 'none'; frame-ancestors 'self'; base-uri 'none'"
)
_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    # no other site learns where a visitor came from; our own forms need their Origin, which no-referrer hides
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-cache, private",
}
MAX_ADDRESS = 8000  # characters of path and query
MAX_FORM = 200_000  # bytes of a form without a file
BODY_SECONDS = 30.0
_OPEN_TO_ALL = ("/healthz", "/healthz.json", "/login", "/login.json")

Refuse = Callable[[Problem, Scope], ASGIApp]


class Guard:
    """Middleware around the whole app; the only place where a request is let in.

    Parameters
    ----------
    app : ASGIApp
        The pages.
    web : Web
        What the pages share, with the settings: hosts, token and limits.
    refuse : callable
        Gives the answer to a refused request, as JSON or as a page.
    """

    def __init__(self, app: ASGIApp, web: Web, refuse: Refuse) -> None:
        self._app, self._settings, self._refuse, self.web = app, web.settings, refuse, web
        settings = web.settings
        self._names = {name.lower() for name in settings.allowed_hosts}
        if not is_loopback(settings.host):
            self._names.add(settings.host.lower())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer it here."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        headers = Headers(scope=scope)
        session = session_of(self._settings, headers)
        scope.setdefault("state", {})["session"] = session
        if headers.get("x-forwarded-proto") == "https":
            # said by a proxy, or made up; it makes the cookie stricter and addresses begin with https, no more
            scope["scheme"] = "https"
        scope["app"] = self  # has Starlette raise what it would else answer itself

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._finish(MutableHeaders(scope=message), scope, headers)
            await send(message)

        app: ASGIApp
        try:
            self._check_address(scope)
            self._check_host(headers)
            if scope["method"] not in ("GET", "HEAD"):
                check_origin(headers)
            app = self._admit(scope, headers, session)
        except Problem as problem:
            app = self._refuse(problem, scope)
        try:
            await app(scope, _Limited(receive, self._limit(scope), headers), send_on)
        except (AfterstrikeError, HTTPException) as problem:
            if not status:
                await self._refuse(_as_problem(problem, scope), scope)(scope, receive, send_on)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            if status:
                raise
            defect = Problem(500, "a defect of ours", "", "report it with the address; the log has more")
            await self._refuse(defect, scope)(scope, receive, send_on)
        finally:
            _log(scope, status, time.perf_counter() - started)

    def _check_address(self, scope: Scope) -> None:
        raw = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
        if len(raw) + len(scope["query_string"]) > MAX_ADDRESS:
            raise Problem(
                414, "an address that is too long", f"{MAX_ADDRESS} characters", "choose fewer values"
            )
        # an event's id is the publisher's own and names no file
        steps = [] if scope["path"].startswith("/events/") else scope["path"].split("/")
        if "\x00" in scope["path"] or "\\" in scope["path"] or ".." in steps:
            raise Problem(404, "no such page", "", "go to /record")

    def _check_host(self, headers: Headers) -> None:
        """Refuse a name that is not ours: another site's name may be made to lead here (DNS rebinding)."""
        given = headers.getlist("host")
        name = _host_name(given[0]) if len(given) == 1 else ""
        if not name or not (is_loopback(name) or name in self._names or self._is_address(name)):
            shown = ", ".join(given)[:80]
            raise Problem(421, f"the host {shown!r}", "the names this server was started for",
                          "start it with --allow-host NAME to be reached by that name")  # fmt: skip

    def _is_address(self, name: str) -> bool:
        """Take any number as a host where others may come: rebinding needs a name, and a token is asked for."""
        if is_loopback(self._settings.host):
            return False
        with suppress(ValueError):
            ipaddress.ip_address(name.strip("[]"))
            return True
        return False

    def _admit(self, scope: Scope, headers: Headers, session: Session) -> ASGIApp:
        if self._settings.token is None:
            return self._app
        path = scope["path"]
        if path == "/" and scope["method"] == "GET" and b"token=" in scope["query_string"]:
            given = parse_qs(scope["query_string"].decode("ascii", "replace")).get("token", [""])[0]
            if not is_token(self._settings, given):
                raise Problem(
                    401, "a token that is not right", "", "ask whoever runs this server for its token"
                )
            scope["state"] |= {
                "session": replace(session, is_admitted=True, is_new=True),
                "has_shown_token": True,
            }
            return self._app
        if session.is_admitted or path in _OPEN_TO_ALL or path.startswith("/static/"):
            return self._app
        raise Problem(401, "no token", "", "open /login, or send the header Authorization: Bearer TOKEN")

    def _limit(self, scope: Scope) -> int:
        is_upload = scope["path"] == "/briefs" and scope["method"] == "POST"
        return MAX_FORM + (self._settings.max_upload_bytes if is_upload else 0)

    def _finish(self, out: MutableHeaders, scope: Scope, headers: Headers) -> None:
        """Write what every answer carries, and the cookie of a session that has just begun."""
        for name, value in _HEADERS.items():
            out.setdefault(name, value)
        session: Session = scope["state"]["session"]
        is_page = out.get("content-type", "").startswith("text/html")
        has_shown = scope["state"].get("has_shown_token", False)
        if has_shown or (session.is_new and not session.is_bearer and is_page):
            is_https = scope.get("scheme") == "https"
            is_in = session.is_admitted and self._settings.token is not None
            cookie = cookie_of(
                self._settings, session, headers.get("host", ""), is_admitted=is_in, is_https=is_https
            )
            out.append("set-cookie", cookie)


def _as_problem(error: AfterstrikeError | HTTPException, scope: Scope) -> Problem:
    if isinstance(error, AfterstrikeError):
        return problem_of(error)
    if error.status_code == 405:
        got = f"{scope['method']} {scope['path'][:80]}"
        return Problem(405, got, (error.headers or {}).get("Allow", ""), "see /openapi.json")
    if error.status_code == 404:
        return Problem(404, f"no page {scope['path'][:80]!r}", "", "go to /record")
    return Problem(error.status_code, str(error.detail)[:200])


def check_origin(headers: Headers) -> None:
    """Refuse what another site had a visitor's browser send.

    Raises
    ------
    Problem
        403, where the browser says that the request comes from elsewhere.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    is_ours = origin is None or (
        urlsplit(origin).netloc.lower() == headers.get("host", "").lower() and origin != "null"
    )
    if not is_ours or site not in (None, "same-origin", "none"):
        raise Problem(
            403, f"a request sent from {(origin or site or '')[:80]!r}", "our own pages", "use the form here"
        )


def _host_name(host: str) -> str:
    """Give the name without the port, lower case; '' where it is none."""
    try:
        found = urlsplit(f"//{host}")
        _ = found.port
    except ValueError:
        return ""
    if found.username is not None or found.path or found.query or found.fragment:
        return ""
    return (found.hostname or "").lower()


class _Limited:
    """Reads the body of a request up to a limit, while it comes in, and for a limited time."""

    def __init__(self, receive: Receive, limit: int, headers: Headers) -> None:
        self._receive, self._limit, self._read = receive, limit, 0
        stated = headers.get("content-length", "0")
        self._stated = int(stated) if stated.isascii() and stated.isdigit() else 0
        self._is_done = False

    async def __call__(self) -> Message:
        if self._is_done:
            return await self._receive()  # only to learn that the visitor has gone
        if self._stated > self._limit:
            raise self._too_large()
        try:
            message = await asyncio.wait_for(self._receive(), BODY_SECONDS)
        except TimeoutError:
            raise Problem(
                408, "a body that did not come in time", f"{BODY_SECONDS:g} s", "send it again"
            ) from None
        self._read += len(message.get("body", b""))
        if self._read > self._limit:
            raise self._too_large()
        self._is_done = not message.get("more_body", False)
        return message

    def _too_large(self) -> Problem:
        return Problem(
            413, "more than may be sent", f"{self._limit / 1e6:g} MB", "send less; cut out the article"
        )


def _log(scope: Scope, status: int, seconds: float) -> None:
    """Write one line; the query may hold a token or what someone looks for, so it is left out."""
    if scope["path"].startswith(("/static/", "/vendor/")) or not scope["state"].get("is_logged", True):
        return
    path = scope["path"].encode("ascii", "backslashreplace").decode()
    path = "".join(c if c.isprintable() else "?" for c in path)[:200]
    print(f"{scope['method']} {path} {status} {seconds * 1000:.0f} ms", file=sys.stderr)
