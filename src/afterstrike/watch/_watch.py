"""The loop of a watch: ask the sources, read what is new, bring it into the record; safe to stop at any moment.

The record is open only while something is written. A round is: ask the sources that are due (network), store what
they list (one transaction), then batch by batch get and read articles (network) and store them (one transaction a
batch), build the incidents anew, and see to alarms and digest. Whatever a killed process had not stored is done
again by the next, from the archive where it got that far.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from afterstrike.errors import RecordBusy, RecordError
from afterstrike.watch._config import SourceConfig, WatchConfig
from afterstrike.watch._keep import STALE, Kept, keep_batch
from afterstrike.watch._lock import only_watch

if TYPE_CHECKING:
    import duckdb

    from afterstrike.reading.gazetteer import Gazetteer
    from afterstrike.sources import Archive, WebFetcher
    from afterstrike.watch._robots import Robots

__all__ = ["Round", "Watch", "watch_once"]

_BATCH = 40  # articles a transaction
_READER_SECONDS = 60.0  # how long a reader of the record is waited for
_SLEEP_SECONDS = 900.0  # the longest sleep between two rounds: alarms and digest fall due too
_PROBLEM_SECONDS = 60.0
_BUILD_SHARE = 4.0  # how many times as long as it took is waited before the incidents are built again
_JITTER = 0.1


@dataclass
class Round:
    """What one round did."""

    at: str
    polls: dict[str, int] = field(default_factory=dict)  # outcome -> sources
    kept: Kept = field(default_factory=Kept)
    waiting: int = 0  # items that are due and were left for the next round
    alarms: int = 0
    digest: str | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def is_idle(self) -> bool:
        """Say whether there was nothing to do."""
        return not self.polls and self.kept == Kept() and not self.digest

    def summary(self) -> str:
        """Say it in a line."""
        polls = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.polls.items())) or "none due"
        kept = (
            ", ".join(f"{count} {name}" for name, count in vars(self.kept).items() if count)
            or "nothing to read"
        )
        more = f"; {self.waiting} wait" if self.waiting else ""
        more += f"; {self.alarms} alarms" if self.alarms else ""
        more += f"; digest {self.digest}" if self.digest else ""
        count = len(self.problems)
        more += f"; {count} problem{'s' * (count > 1)}" if count else ""
        return f"{self.at[:19]} sources: {polls}; items: {kept}{more}"


def utcnow() -> datetime:
    """Give the time, with its zone."""
    return datetime.now(UTC)


class Watch:
    """Watches the sources of a configuration into a record.

    Parameters
    ----------
    config : WatchConfig
        From `load_watch`.
    now, sleep, clock : callable, optional
        The time of day with zone, a wait in seconds, and seconds of a clock that never goes back: for simulated time.
    log : callable, optional
        Takes one line a problem, and of `run` one line a round.
    seed : int, optional
        Of the chance in the intervals.
    timeout_seconds, min_interval_seconds : float
        Of the network: the longest wait for an answer, and the least time between two requests to one host.
    round_seconds : float
        The least time from one round to the next, so that what falls due within it is one transaction.

    Examples
    --------
    >>> watch = Watch(load_watch("watch.yaml"))  # doctest: +SKIP
    >>> watch.run()  # doctest: +SKIP
    """

    def __init__(
        self,
        config: WatchConfig,
        *,
        now: Callable[[], datetime] = utcnow,
        sleep: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        log: Callable[[str], None] = lambda line: None,
        seed: int | None = None,
        timeout_seconds: float = 15.0,
        min_interval_seconds: float = 1.0,
        round_seconds: float = 300.0,
    ) -> None:
        self.config, self.log = config, log
        self._now, self._clock = now, clock
        self._stopped = threading.Event()
        self._sleep = sleep or self._doze
        self._rng = random.Random(seed)
        self._timeout, self._interval, self._least = timeout_seconds, min_interval_seconds, round_seconds
        self._sources = {source.name: source for source in config.sources}
        self._gazetteer: Gazetteer | None = None
        self._is_once = False
        self._built_at, self._build_seconds = 0.0, 0.0
        self._parts: tuple[Archive, WebFetcher, Robots] | None = None

    def run(self) -> None:
        """Watch until `stop` is called; rounds follow each other as sources fall due.

        Raises
        ------
        RecordError
            Another watch holds the record, or it cannot be written.
        """
        self._is_once = False
        with self._held():
            while not self._stopped.is_set():
                done = self._round_or_problem()
                if done.waiting == 0 and not self._stopped.is_set():
                    self._sleep(self._seconds_to_next())

    def once(self) -> list[Round]:
        """Do everything that is due now, and give what was done.

        Raises
        ------
        RecordError
            Another watch holds the record, or it cannot be written.
        """
        rounds = []
        self._is_once = True
        with self._held():
            while not self._stopped.is_set():
                rounds.append(self.round())
                if rounds[-1].waiting == 0:
                    break
        return rounds

    def stop(self) -> None:
        """End soon: what is being stored is stored, nothing new is begun. May be called from a signal handler."""
        self._stopped.set()

    def round(self) -> Round:
        """Do one round; the caller holds the lock (`run` and `once` do)."""
        archive, web, robots = self._network()
        done = Round(self._stamp())
        self._ask(web, robots, archive, done)
        self._read(web, robots, archive, done)
        self._tell(done)
        for problem in done.problems:
            self.log(problem)
        if not self._is_once:  # else the caller gets what was done
            self.log(done.summary())
        return done

    @contextmanager
    def record(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the record, waiting a minute for those who read it."""
        from afterstrike.record._store import connect, create, storage_faults

        path = self.config.record
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            create(path)
        ends = time.monotonic() + _READER_SECONDS
        while True:
            try:
                con = connect(path, read_only=read_only)
                break
            except RecordBusy:
                if time.monotonic() > ends or self._stopped.is_set():
                    raise
                time.sleep(0.1)
        try:
            with storage_faults(path):
                yield con
        finally:
            con.close()

    @contextmanager
    def _held(self) -> Iterator[None]:
        self.config.record.parent.mkdir(parents=True, exist_ok=True)
        with only_watch(self.config.record) as was_left:
            if was_left:
                self.log("An earlier watch of this record did not end by itself; going on where it stopped.")
            try:
                yield
            finally:
                if self._parts:
                    self._parts[1].close()

    def _round_or_problem(self) -> Round:
        """Do a round; a record that cannot be written just now is no reason to end."""
        try:
            return self.round()
        except RecordError as problem:
            self.log(f"RecordError: {problem}; trying again in a minute")
            self._sleep(_PROBLEM_SECONDS)
            return Round(self._stamp(), problems=[str(problem)])

    def _network(self) -> tuple[Archive, WebFetcher, Robots]:
        if self._parts is None:
            from afterstrike.sources import Archive, WebFetcher
            from afterstrike.sources._address import allowed_by_environment
            from afterstrike.watch._robots import AGENT, Robots

            archive = Archive(self.config.archive)
            contact = f"; {self.config.contact}" if self.config.contact else ""
            web = WebFetcher(
                archive, allow_private={*self.config.allow_private, *allowed_by_environment()},
                timeout_seconds=self._timeout, retries=1, min_interval_seconds=self._interval,
                max_bytes=20_000_000, max_retry_after_seconds=10.0,
                user_agent=f"{AGENT} (follows public reports for a newsroom{contact})",
                clock=self._clock, sleep=self._sleep, now=self._now,
            )  # fmt: skip
            self._parts = archive, web, Robots(web, now=self._now, sleep=self._sleep)
        return self._parts

    def _ask(self, web: WebFetcher, robots: Robots, archive: Archive, done: Round) -> None:
        """Ask the sources that are due, then store what all of them list."""
        from dataclasses import replace

        from afterstrike.watch._discover import discover, next_due
        from afterstrike.watch._due import due_sources
        from afterstrike.watch._poll import Poll, keep_words, poll_source

        with self.record() as con:
            plan = due_sources(con, self.config, self._stamp())
        polls: list[Poll] = []
        due: dict[str, str] = {}
        for name, state in plan.items():
            if self._stopped.is_set():
                break
            source = self._sources[name]
            poll = poll_source(source, state, web, robots, self._stamp())
            if poll is None:
                continue
            if poll.listing:
                fresh = [
                    item for item in poll.listing.items if state["prints"].get(item.key) != item.fingerprint
                ]
                words = {item.key: keep_words(archive, source, item, poll.at) for item in fresh}
                poll = replace(poll, words={key: sha for key, sha in words.items() if sha})
            polls.append(poll)
            failures = 0 if poll.outcome in ("new", "unchanged") else state["failures"] + 1
            jitter = self._rng.uniform(-_JITTER, _JITTER)
            when = next_due(source.every_minutes, failures, self._now(), jitter, poll.retry_after_seconds)
            due[name] = when.replace(tzinfo=None).isoformat()
            if failures:
                done.problems.append(
                    f"{name}: {poll.outcome}: {poll.detail}; asked again at {when:%Y-%m-%d %H:%M} UTC"
                )
            done.polls[poll.outcome] = done.polls.get(poll.outcome, 0) + 1
        if polls:
            with self.record() as con:
                discover(con, polls, self._stamp(), due)

    def _read(self, web: WebFetcher, robots: Robots, archive: Archive, done: Round) -> None:
        """Get and read what is due, batch by batch."""
        from afterstrike.reading.gazetteer import default_gazetteer
        from afterstrike.watch._article import read_item
        from afterstrike.watch._begun import Begun

        work, _ = self._work()
        if work and self._gazetteer is None:
            self._gazetteer = default_gazetteer()
        begun = Begun(self.config.record)
        for rows in begun.batches(work, _BATCH):
            batch = []
            for row in rows:
                if self._stopped.is_set():
                    break
                if (fatal := begun.begin(row)) is not None:
                    batch.append(fatal)
                    continue
                source = self._sources[row["source"]]
                batch.append(
                    read_item(row, source, web, robots, archive, self._gazetteer, self.config.languages)
                )
                begun.end()
            if batch:
                with self.record() as con:
                    done.kept += keep_batch(con, batch, self._stamp(), self.config.recheck_hours)
        if work:
            done.waiting = sum(map(len, self._work()))  # copies of what changed wait anew

    def _work(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        from afterstrike.watch._due import due_items

        with self.record(read_only=True) as con:
            return due_items(con, self._sources, self._stamp())

    def _build(self, *, is_due: bool = True) -> None:
        """Build the incidents anew where reports were stored since the last build, by this process or another.

        In a large record a build takes long. Where nothing is `is_due`, such as a digest, it waits until building
        takes no more than a fifth of the time.
        """
        from_last = time.monotonic() - self._built_at
        if not is_due and from_last < _BUILD_SHARE * self._build_seconds:
            return
        from afterstrike.record._store import transaction
        from afterstrike.record.incidents import build_incidents
        from afterstrike.watch._tables import has_watch

        if not self.config.record.exists():
            return
        with self.record(read_only=True) as con:
            if not has_watch(con) or not con.execute("FROM watch_marks WHERE name = ?", [STALE]).fetchone():
                return
        started = time.monotonic()
        with self.record() as con, transaction(con):
            build_incidents(con)
            con.execute("DELETE FROM watch_marks WHERE name = ?", [STALE])
        self._built_at = time.monotonic()
        self._build_seconds = self._built_at - started

    def _tell(self, done: Round) -> None:
        """Build the incidents; raise alarms and send the digest, where they are due."""
        from afterstrike.watch._news import tell

        tell(self, done)

    def build(self, done: Round, *, is_due: bool) -> None:
        """Bring the incidents up to date, now or when it is worth its time."""
        self._build(is_due=is_due or (self._is_once and done.waiting == 0))

    def _seconds_to_next(self) -> float:
        from afterstrike.watch._due import next_due_at

        with self.record(read_only=True) as con:
            due = next_due_at(con)
        now = self._now().replace(tzinfo=None)
        wait = (due - now) if due else timedelta(seconds=_SLEEP_SECONDS)
        return min(max(wait.total_seconds(), self._least), max(_SLEEP_SECONDS, self._least))

    def now(self) -> datetime:
        """Give the time, UTC."""
        return self._now().astimezone(UTC)

    def _stamp(self) -> str:
        return self.now().replace(tzinfo=None).isoformat(timespec="seconds")

    def _doze(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    @property
    def sources(self) -> dict[str, SourceConfig]:
        """Give the sources by name."""
        return self._sources


def watch_once(config: WatchConfig, **options: Any) -> list[Round]:
    """Do everything that is due now; for cron.

    `config` is what `load_watch` gives, `options` are those of `Watch`.

    Returns
    -------
    list of Round
        What was done. Sources that cannot be reached are counted in `polls`; they are no error.

    Raises
    ------
    RecordError
        Another watch holds the record, or it cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> source = SourceConfig("north", "feed", "http://127.0.0.1:9/rss")  # an address that answers nobody
    >>> with TemporaryDirectory() as folder:
    ...     config = WatchConfig(Path(folder, "w.duckdb"), Path(folder, "w.archive"), (source,))
    ...     [done.polls for done in watch_once(config)]
    [{'refused': 1}]
    """
    return Watch(config, **options).once()
