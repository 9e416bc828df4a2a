"""One request and its answer, written to a file: redirects, resuming, and what can go wrong."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpcore
import httpx

from afterstrike.errors import FetchError, SourceError
from afterstrike.sources._address import origin, redact, safe_headers
from afterstrike.sources._network import Guard, Transport
from afterstrike.sources._partial import Partial
from afterstrike.sources._retry import TEMPORARY, retry_after_seconds
from afterstrike.sources._unpack import gunzip

__all__ = ["Answer", "Exchange"]

_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_TOKEN_ANSWER = 100_000
Pace = Callable[[str], None]
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Answer:
    """An answer whose body stands in a file."""

    status: int
    address: str  # the final one, with whatever secrets it carries
    headers: dict[str, str]
    path: Path


class Exchange:
    """Speaks HTTP through a transport that reaches public addresses only."""

    def __init__(
        self,
        *,
        allow_private: frozenset[str],
        timeout_seconds: float,
        max_redirects: int,
        min_bytes_per_second: float,
        user_agent: str,
    ) -> None:
        self._guard = Guard(allow_private)
        self._transport = Transport(self._guard)
        self._timeout = timeout_seconds
        self._max_redirects = max_redirects
        self._rate = min_bytes_per_second
        self._agent = user_agent

    def get(
        self,
        address: str,
        headers: Mapping[str, str],
        partial: Partial,
        max_bytes: int,
        progress: Progress | None,
        pace: Pace,
    ) -> Answer:
        """Get an address into the partial file, once; a fault that may pass is a temporary FetchError."""
        shown = redact(address)
        sent = dict(headers)
        if partial.size and partial.validator is None:
            partial.drop()
        elif partial.size:
            # the rest of what we have; a conditional request as well would be answered for the whole
            sent = {k: v for k, v in sent.items() if k not in ("If-None-Match", "If-Modified-Since")}
            sent["Range"] = f"bytes={partial.size}-"
            sent["If-Range"] = str(partial.validator)
        is_conditional = not {"If-None-Match", "If-Modified-Since"}.isdisjoint(sent)
        start = time.monotonic()
        self._guard.deadline = start + 4 * self._timeout
        try:
            final, answer = self._follow(address, sent, pace)
            try:
                return self._receive(
                    shown, final, answer, partial, max_bytes, progress, start, is_conditional
                )
            finally:
                answer.close()
        except httpcore.TimeoutException:
            raise self._too_slow(shown, start) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError, httpx.StreamError) as problem:
            reason = " ".join(redact_text(str(problem)).split()) or type(problem).__name__
            raise FetchError(
                f"{shown} cannot be reached ({reason}); check the address and the connection, "
                "or save the page and give its file",
                is_temporary=not isinstance(
                    problem, (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol)
                ),
            ) from None

    def unpack(self, answer: Answer, partial: Partial, max_bytes: int, max_ratio: float) -> Answer:
        """Undo the gzip of an answer; bytes without it are left as they are."""
        encoding = answer.headers.get("content-encoding", "").strip().lower()
        if encoding in ("", "identity"):
            return answer
        shown = redact(answer.address)
        if encoding not in ("gzip", "x-gzip"):
            partial.drop()
            raise SourceError(f"{shown} came packed as {encoding!r}; allowed: gzip, or nothing")
        plain = answer.path.with_suffix(".plain.part")
        try:
            with answer.path.open("rb") as source, plain.open("wb") as target:
                gunzip(source, target, what=shown, max_bytes=max_bytes, max_ratio=max_ratio)
        except BaseException:
            plain.unlink(missing_ok=True)
            partial.drop()
            raise
        return replace(answer, path=plain)

    def post_form(self, address: str, form: Mapping[str, str], pace: Pace) -> dict[str, Any]:
        """Send a form, read a small JSON object; no redirect is followed and nothing is written."""
        shown = redact(address)
        _, host, _ = origin(address)
        pace(host)
        start = time.monotonic()
        self._guard.deadline = start + 4 * self._timeout
        body = b""
        try:
            answer = self._send("POST", address, {}, data=form)
            try:
                for part in answer.iter_raw():
                    body += part
                    if len(body) > _MAX_TOKEN_ANSWER:
                        raise FetchError(f"{shown} answered with far more than a token; check the address")
            finally:
                answer.close()
        except httpcore.TimeoutException:
            raise self._too_slow(shown, start) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError, httpx.InvalidURL) as problem:
            raise FetchError(
                f"{shown} cannot be reached ({type(problem).__name__}); check the connection",
                is_temporary=True,
            ) from None
        if answer.status_code != 200:
            # the answer may repeat what was sent, so none of it is shown
            raise FetchError(
                f"{shown} answered {answer.status_code} to the sign-in; check the user name and password",
                status=answer.status_code,
                is_temporary=answer.status_code in TEMPORARY,
            )
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise FetchError(
                f"{shown} answered to the sign-in with something else than JSON; check the address"
            )
        return found

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _follow(self, address: str, headers: Mapping[str, str], pace: Pace) -> tuple[str, httpx.Response]:
        """Send a GET and follow its redirects; give the final address and the open answer."""
        current, sent = address, dict(headers)
        came_from_outside = False
        for _ in range(self._max_redirects + 1):
            here = origin(current)
            named = f"{here[1]}:{here[2]}" in self._guard.allow_private
            if named and came_from_outside:
                # a connection from before may still be open, so the guard alone would not see this
                self._guard.checked(here[1], here[2], allowed=False)
            came_from_outside = came_from_outside or not named
            pace(here[1])
            answer = self._send("GET", current, sent)
            place = answer.headers.get("location")
            if answer.status_code not in _REDIRECTS or place is None:
                return current, answer
            answer.close()
            current = self._next_hop(current, place)
            if origin(current) != here:
                # keys are for the host they were given for
                kept = ("range", "if-range", "if-none-match", "if-modified-since", "accept")
                sent = {k: v for k, v in sent.items() if k.lower() in kept}
        raise FetchError(
            f"{redact(address)} redirected more than {self._max_redirects} times; give the final address"
        )

    def _next_hop(self, current: str, place: str) -> str:
        try:
            return urljoin(current, place)
        except ValueError:
            raise FetchError(f"{redact(current)} redirects to something that is no address") from None

    def _send(
        self, method: str, address: str, headers: Mapping[str, str], data: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send one request; user name and password in the address go into a header of this request only."""
        timeout = httpx.Timeout(self._timeout).as_dict()
        common = {"User-Agent": self._agent, "Accept-Encoding": "gzip", "Accept": "*/*"}
        try:
            url = httpx.URL(address)
            if url.userinfo:
                raise FetchError(
                    f"{redact(address)} was given with a user name and password in it; "
                    "addresses with a sign-in are not fetched: save the page and give its file"
                )
            request = httpx.Request(
                method,
                url,
                headers={**common, **headers},
                data=dict(data) if data is not None else None,
                extensions={"timeout": timeout},
            )
        except (httpx.InvalidURL, UnicodeError, ValueError, TypeError) as problem:
            raise FetchError(
                f"{redact(address)} cannot be reached ({redact_text(str(problem))}); check the address"
            ) from None
        return self._transport.handle_request(request)

    def _receive(
        self,
        shown: str,
        final: str,
        answer: httpx.Response,
        partial: Partial,
        max_bytes: int,
        progress: Progress | None,
        start: float,
        is_conditional: bool,
    ) -> Answer:
        """Write the body of an answer to the partial file."""
        headers = safe_headers(dict(answer.headers.items()))
        status = answer.status_code
        had = partial.size
        if status == 304 and is_conditional:
            return Answer(304, final, headers, partial.path)
        if status == 206 and had and _fits(headers, partial):
            pass
        elif status == 200:
            partial.begin(headers)
        elif status in (206, 416):
            partial.drop()
            raise FetchError(
                f"{shown} could not go on where it stopped; it is fetched from the start", status=status,
                is_temporary=True,
            )  # fmt: skip
        else:
            raise self._refused(shown, answer)
        whole = _whole_size(headers, status, had)
        if whole is not None and whole > max_bytes:
            partial.drop()
            raise SourceError(_too_large(shown, max_bytes))
        self._write(shown, answer, partial, max_bytes, whole, progress, start)
        partial.stream.flush()
        if whole is not None and partial.size != whole:
            raise FetchError(
                f"{shown} gave {partial.size:,} of {whole:,} bytes; try again later", is_temporary=True
            )
        return Answer(200, final, headers, partial.path)

    def _write(
        self,
        shown: str,
        answer: httpx.Response,
        partial: Partial,
        max_bytes: int,
        whole: int | None,
        progress: Progress | None,
        start: float,
    ) -> None:
        size, began = partial.size, partial.size
        try:
            for part in answer.iter_raw():
                size += len(part)
                if size > max_bytes:
                    partial.drop()
                    raise SourceError(_too_large(shown, max_bytes))
                partial.stream.write(part)
                self._guard.deadline = start + 4 * self._timeout + (size - began) / self._rate
                if progress is not None:
                    progress(size, whole)
        finally:
            partial.stream.flush()

    def _refused(self, shown: str, answer: httpx.Response) -> FetchError:
        """Say what an answer of another status than 200 means."""
        status = answer.status_code
        after = retry_after_seconds(answer.headers.get("retry-after"), datetime.now(UTC))
        wait = f"; it asks to wait {after:,.0f} s" if after is not None else ""
        return FetchError(
            f"{shown} answered {status} {answer.reason_phrase}".rstrip()
            + f"{wait}; a page is needed (status 200); "
            + ("try again later" if status in TEMPORARY else "save the page and give its file"),
            status=status,
            is_temporary=status in TEMPORARY,
            retry_after_seconds=after,
        )

    def _too_slow(self, shown: str, start: float) -> FetchError:
        now = time.monotonic()
        if now >= self._guard.deadline:
            return FetchError(
                f"{shown} was still sending after {now - start:.0f} s; save the page and give its file",
                is_temporary=True,
            )
        return FetchError(
            f"{shown} did not answer within {self._timeout:g} s; "
            "try again, or save the page and give its file",
            is_temporary=True,
        )


def redact_text(text: str) -> str:
    """Take keys out of the addresses in a message of a library."""
    return re.sub(r"https?://\S+", lambda found: redact(found[0]), text)


def _fits(headers: Mapping[str, str], partial: Partial) -> bool:
    """Say whether a 206 answer is the rest of the very bytes that we have."""
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", headers.get("content-range", "").strip())
    if found is None or int(found[1]) != partial.size:
        return False
    told = (headers.get("etag"), headers.get("last-modified"), found[3] if found[3] != "*" else None)
    kept = (partial.etag, partial.last_modified, str(partial.total) if partial.total is not None else None)
    # not every server looks at If-Range; what either side does not state tells nothing
    return all(new is None or old is None or new == old for new, old in zip(told, kept, strict=True))


def _whole_size(headers: Mapping[str, str], status: int, had: int) -> int | None:
    """Give the size of the whole as the server states it."""
    if status == 206:
        total = headers.get("content-range", "").rpartition("/")[2].strip()
        return int(total) if total.isdecimal() else None
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdecimal() else None


def _too_large(shown: str, max_bytes: int) -> str:
    return f"{shown} is larger than {max_bytes / 1e6:g} MB, the most that is read; give a smaller part of it"
