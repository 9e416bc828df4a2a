"""What a site allows: its robots.txt, kept for a day, and how long to wait between two requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from afterstrike.errors import SourceError

if TYPE_CHECKING:
    from afterstrike.sources import WebFetcher

__all__ = ["AGENT", "LongWait", "Robots"]

AGENT = "afterstrike"
"""The name a robots.txt speaks to."""

_KEPT = timedelta(hours=24)
_TRIED_AGAIN = timedelta(minutes=30)
_MOST_BYTES = 500_000  # RFC 9309 asks for at least 500 KiB
_LONGEST_WAIT = 60.0  # seconds; what must wait longer is left for a later round


class LongWait(Exception):
    """The site asks for a longer wait than a round takes; nothing is wrong."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the site asks to wait {seconds:.0f} s between requests; left for a later round")
        self.seconds = seconds


class Robots:
    """Asks each site once a day what it allows, as RFC 9309 says.

    Parameters
    ----------
    web : WebFetcher
        Gets robots.txt; it is archived as everything else.
    now : callable
        The time, with a time zone.
    sleep : callable
        Waits so many seconds.
    """

    def __init__(
        self, web: WebFetcher, *, now: Callable[[], datetime], sleep: Callable[[float], None]
    ) -> None:
        self._web, self._now, self._sleep = web, now, sleep
        self._rules: dict[str, tuple[datetime, Any]] = {}
        self._next: dict[str, datetime] = {}

    def allows(self, address: str) -> bool:
        """Say whether an address may be got.

        Raises
        ------
        SourceError
            robots.txt itself cannot be had just now (a time-out, 5xx); until it can, nothing is got.
        """
        rules = self._rules_of(_site(address))
        return rules is None or bool(rules.can_fetch(address, AGENT))

    def wait(self, address: str) -> None:
        """Wait as long as the site's crawl-delay asks since the last call for the same site.

        Raises
        ------
        LongWait
            It asks for more than a minute.
        """
        site = _site(address)
        rules = self._rules_of(site)
        delay = float((rules.crawl_delay(AGENT) if rules is not None else None) or 0)
        rest = (self._next.get(site, self._now()) - self._now()).total_seconds()
        if rest > _LONGEST_WAIT:
            raise LongWait(rest)
        if rest > 0:
            self._sleep(rest)
        self._next[site] = self._now() + timedelta(seconds=min(delay, 86_400.0))

    def _rules_of(self, site: str) -> Any:
        kept = self._rules.get(site)
        if kept and kept[0] > self._now():
            if isinstance(kept[1], SourceError):
                raise kept[1]
            return kept[1]
        try:
            rules = self._read(f"{site}/robots.txt")
        except SourceError as problem:
            if not _is_temporary(problem):
                rules = None  # 404 and the like: the site sets no rules
            elif kept and not isinstance(kept[1], SourceError):
                rules = kept[1]
            else:
                said = SourceError(
                    f"robots.txt of {site} cannot be had ({problem}); nothing is got from there until it can"
                )
                said.is_temporary = True  # type: ignore[attr-defined]
                self._rules[site] = (self._now() + _TRIED_AGAIN, said)
                raise said from None
        self._rules[site] = (self._now() + _KEPT, rules)
        return rules

    def _read(self, address: str) -> Any:
        from protego import Protego

        archive = self._web.archive
        last = archive.latest(address) if archive is not None else None
        if last and archive and last.status == 200:
            age = self._now() - datetime.fromisoformat(last.retrieved_at).astimezone(UTC)
            if timedelta(0) <= age < _KEPT:  # a run for every cron call need not ask each time
                return Protego.parse(archive.bytes(last.sha256).decode("utf-8", "replace"))
        got = self._web.get(address, max_bytes=_MOST_BYTES)
        return Protego.parse(got.bytes().decode("utf-8", "replace"))


def _site(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _is_temporary(problem: SourceError) -> bool:
    return bool(getattr(problem, "is_temporary", False))
