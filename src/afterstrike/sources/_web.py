"""Gets web addresses: politely, in bounded time and space, and from the public internet only."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterstrike.errors import FetchError, SourceError
from afterstrike.sources._address import checked_private, redact
from afterstrike.sources._archive import Archive, Fetch, digest_of
from afterstrike.sources._open import MAX_BYTES, Fetched
from afterstrike.sources._partial import open_partial
from afterstrike.sources._retry import backoff_seconds
from afterstrike.sources._unpack import MAX_RATIO

if TYPE_CHECKING:
    from afterstrike.sources._exchange import Answer, Exchange
    from afterstrike.sources._partial import Partial

__all__ = ["Got", "WebFetcher"]

MAX_ARCHIVED_BYTES = 8_000_000_000
USER_AGENT = "afterstrike (fetches public documents a person asked for)"

Progress = Callable[[int, int | None], None]


def utcnow() -> datetime:
    """Give the time, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Got:
    """What one address gave."""

    fetch: Fetch | None  # the row in the archive; None without one
    status: int  # 304 where the server says that nothing changed
    is_unchanged: bool  # 304, or the same bytes as the retrieval before
    is_new: bool  # these bytes were not in the archive before
    path: Path | None  # the bytes in the archive; None without one
    address: str  # as asked, without keys
    final_address: str  # after redirects, without keys
    headers: dict[str, str]  # names in small letters, without cookies and keys
    sha256: str
    size: int
    _body: bytes | None = field(default=None, repr=False)

    def bytes(self, max_bytes: int = MAX_BYTES) -> bytes:
        """Give the bytes; more than `max_bytes` is a SourceError, so read `path` as a stream then."""
        if self._body is not None:
            return self._body
        assert self.path is not None
        with self.path.open("rb") as stream:
            body = stream.read(max_bytes + 1)
        if len(body) > max_bytes:
            raise SourceError(
                f"{self.address} gave more than {max_bytes / 1e6:g} MB; read the file in pieces"
            )
        return body


class WebFetcher:
    """Gets http(s) addresses into an archive.

    Connections go to public addresses only: of every host, at every redirect, the address that is connected
    to is the one that was checked. Temporary faults are tried again after a growing wait or after the time
    the server asks for; a cut download goes on where it stopped, also in a later process; what did not change
    since the last time is not sent again. Cookies are never kept, proxies of the environment never used.

    Parameters
    ----------
    archive : Archive, optional
        Where bytes are kept. Without one they are held in memory, at most 20 MB.
    allow_private : collection of str
        `host:port` entries in private networks that a person named, e.g. "127.0.0.1:8123". They count for
        the address asked for and for redirects among them, never for a redirect that comes from outside.
    timeout_seconds : float
        Longest wait for a connection or the next bytes. A whole answer may take four times that, and a second
        more for every `min_bytes_per_second` that came.
    retries : int
        Further attempts after a temporary fault.
    max_redirects : int
        Redirects that are followed.
    min_interval_seconds : float
        Least time between two requests to one host.
    max_bytes : int, optional
        Most bytes of one answer, packed or unpacked; 8 GB with an archive, else 20 MB.
    max_ratio : float
        Most that unpacking may swell an answer.
    max_retry_after_seconds : float
        Longest that a server's Retry-After is waited for; a longer one ends in FetchError.
    min_bytes_per_second : float
        A server that sends less for long is given up.
    user_agent : str
        What we say we are.
    seed : int, optional
        Seed of the chance part of waits.
    clock, sleep, now : callable
        Seconds of a clock that never goes back, a wait, and the time of day with zone: for tests and
        simulated time. Time limits of a connection are always real.

    Examples
    --------
    >>> WebFetcher().get("http://169.254.169.254/latest/meta-data/")
    Traceback (most recent call last):
    ...
    afterstrike.errors.FetchError: 169.254.169.254 lies in a private network and is not fetched; ...
    """

    def __init__(
        self,
        archive: Archive | None = None,
        *,
        allow_private: Collection[str] = (),
        timeout_seconds: float = 15.0,
        retries: int = 4,
        max_redirects: int = 5,
        min_interval_seconds: float = 1.0,
        max_bytes: int | None = None,
        max_ratio: float = MAX_RATIO,
        max_retry_after_seconds: float = 300.0,
        min_bytes_per_second: float = 10_000.0,
        user_agent: str = USER_AGENT,
        seed: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = utcnow,
    ) -> None:
        self.archive = archive
        self.allow_private = checked_private(allow_private)
        self.timeout_seconds = timeout_seconds
        self.retries = retries
        self.max_redirects = max_redirects
        self.min_interval_seconds = min_interval_seconds
        self.max_bytes = max_bytes or (MAX_BYTES if archive is None else MAX_ARCHIVED_BYTES)
        self.max_ratio = max_ratio
        self.max_retry_after_seconds = max_retry_after_seconds
        self.min_bytes_per_second = min_bytes_per_second
        self.user_agent = user_agent
        self.now = now
        self._rng = random.Random(seed)
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}  # host -> earliest time of the next request
        self._exchange: Exchange | None = None

    def get(
        self,
        address: str,
        *,
        conditional: bool = True,
        max_bytes: int | None = None,
        headers: Mapping[str, str] | None = None,
        progress: Progress | None = None,
        licence: str | None = None,
        citation: str | None = None,
        md5: str | None = None,
    ) -> Got:
        """Get an address and archive what it gives.

        Parameters
        ----------
        address : str
            Begins with http:// or https://.
        conditional : bool
            Ask only for what changed since the last retrieval in the archive. An address with a key in it is
            always asked for whole, because the archive does not know the key.
        max_bytes : int, optional
            Another limit for this answer.
        headers : mapping, optional
            Sent along, e.g. a key; never stored, and not sent on to another host after a redirect.
        progress : callable, optional
            Called with bytes so far and bytes in all (None where the server does not say).
        licence, citation : str, optional
            Stored with the bytes.
        md5 : str, optional
            The checksum the publisher gives; bytes with another are not kept.

        Returns
        -------
        Got
            What came.

        Raises
        ------
        FetchError
            It cannot be got; `status`, `is_temporary` and `is_gone` say how it failed.
        SourceError
            What came is damaged, too large, or packed so that it swells.
        """
        shown = redact(address)
        is_secret = shown != address.partition("#")[0]
        earlier = self._earlier(address) if self.archive is not None else None
        sent = dict(headers or {})
        if conditional and earlier is not None and not is_secret:
            sent |= _conditions(earlier)
        folder = self.archive.folder / "parts" if self.archive is not None else None
        with open_partial(folder, None if is_secret else shown) as partial:
            answer = self._attempts(address, sent, partial, max_bytes or self.max_bytes, progress, md5)
            if answer.status == 304 and earlier is not None and self.archive is not None:
                return Got(
                    earlier, 304, True, False, self.archive.path(earlier.sha256), shown,
                    redact(answer.address), earlier.headers, earlier.sha256, earlier.size,
                )  # fmt: skip
            try:
                return self._keep(shown, answer, earlier, licence, citation)
            finally:
                if answer.path != partial.path:  # unpacked beside it
                    answer.path.unlink(missing_ok=True)

    def fetch(self, address: str, *, max_bytes: int) -> Fetched:
        """Get an address as `open_source` asks for it."""
        got = self.get(address, max_bytes=max_bytes)
        status = 200 if got.status == 304 else got.status
        return Fetched(got.bytes(max_bytes), got.final_address, status, got.headers.get("content-type"))

    def post_form(self, address: str, form: Mapping[str, str]) -> dict[str, Any]:
        """Send a form and give the JSON object that comes back: for asking a token, so nothing is kept.

        Raises
        ------
        FetchError
            The server refuses, redirects, or answers with something else.
        """
        return self.exchange.post_form(address, form, self._pace)

    def close(self) -> None:
        """Close the connections that are kept open."""
        if self._exchange is not None:
            self._exchange.close()
            self._exchange = None

    def __enter__(self) -> WebFetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def exchange(self) -> Exchange:
        """What speaks HTTP; made at the first use, because httpx takes 0.2 s to import."""
        with self._lock:
            if self._exchange is None:
                from afterstrike.sources._exchange import Exchange

                self._exchange = Exchange(
                    allow_private=self.allow_private,
                    timeout_seconds=self.timeout_seconds,
                    max_redirects=self.max_redirects,
                    min_bytes_per_second=self.min_bytes_per_second,
                    user_agent=self.user_agent,
                )
            return self._exchange

    def _earlier(self, address: str) -> Fetch | None:
        """Give the last retrieval whose bytes are still there."""
        assert self.archive is not None
        found = self.archive.latest(address)
        return found if found is not None and self.archive.holds(found.sha256) else None

    def _attempts(
        self,
        address: str,
        headers: dict[str, str],
        partial: Partial,
        max_bytes: int,
        progress: Progress | None,
        md5: str | None,
    ) -> Answer:
        """Ask until an answer is whole, or it is clear that none will be."""
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self.exchange.get(address, headers, partial, max_bytes, progress, self._pace)
                if answer.status != 304:
                    answer = self.exchange.unpack(answer, partial, max_bytes, self.max_ratio)
                    _check_md5(redact(address), answer, partial, md5)
                return answer
            except FetchError as problem:
                if not problem.is_temporary or attempt > self.retries:
                    raise
                self._sleep(self._wait(problem, attempt))

    def _wait(self, problem: FetchError, attempt: int) -> float:
        """Say how long to wait; a server that asks for too long is not asked again now."""
        asked = problem.retry_after_seconds
        if asked is not None and asked > self.max_retry_after_seconds:
            raise problem
        with self._lock:
            ours = backoff_seconds(attempt, self._rng)
        return ours if asked is None else max(asked, ours)

    def _pace(self, host: str) -> None:
        """Wait until this host may be asked again."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next.get(host, now))
            self._next[host] = start + self.min_interval_seconds
        if start > now:
            self._sleep(start - now)

    def _keep(
        self, shown: str, answer: Answer, earlier: Fetch | None, licence: str | None, citation: str | None
    ) -> Got:
        """Archive an answer, or hold it in memory where there is no archive."""
        final = redact(answer.address)
        if self.archive is None:
            body = answer.path.read_bytes()
            sha256, size = digest_of(answer.path)
            return Got(
                None, answer.status, False, True, None, shown, final, answer.headers, sha256, size, body
            )
        sha256, size = digest_of(answer.path)
        is_new = not self.archive.holds(sha256)
        fetch = self.archive.put(
            answer.path,
            address=shown,
            final_address=final,
            status=answer.status,
            headers=answer.headers,
            retrieved_at=self.now().isoformat(timespec="seconds"),
            licence=licence,
            citation=citation,
            digest=(sha256, size),
        )
        is_unchanged = earlier is not None and earlier.sha256 == sha256
        path = self.archive.path(sha256)
        return Got(
            fetch, fetch.status, is_unchanged, is_new, path, shown, final, fetch.headers, sha256, fetch.size
        )


def _conditions(earlier: Fetch) -> dict[str, str]:
    """Give the headers that ask only for what changed since a retrieval."""
    pairs = (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since"))
    return {asked: earlier.headers[had] for had, asked in pairs if had in earlier.headers}


def _check_md5(shown: str, answer: Answer, partial: Partial, md5: str | None) -> None:
    """Drop bytes that are not what the publisher says they are; a second try may bring the right ones."""
    if md5 is None:
        return
    found, _ = digest_of(answer.path, "md5")
    if found != md5.strip().lower():
        if answer.path != partial.path:
            answer.path.unlink(missing_ok=True)
        partial.drop()
        raise FetchError(
            f"{shown} gave bytes with MD5 {found}, its publisher says {md5}; they are not kept; try again later",
            status=answer.status,
            is_temporary=True,
        )
