"""A small press on 127.0.0.1, a clock that a test moves, and a watch on both."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from afterstrike.watch import DigestConfig, SourceConfig, Watch, WatchConfig

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from watch_press import Item, Outlet, Press, Version
from watch_server import Server, SimClock

HIT = "An airstrike hit the market of Raqqa in Syria on Monday and killed nine civilians, medics said."
HIT_AR = "قُتل تسعة مدنيين بغارة جوية على سوق في مدينة الرقة السورية، الاثنين، بحسب مصدر طبي."
MORE = "Roads around the town were closed for several hours and traffic was led through the hills."


def version(
    text: str, *more: str, hour: float = 0.0, head: str = "News of the day", silent: bool = False
) -> Version:
    """A text of an item; its last line makes it unlike others."""
    return Version(hour, head, [text, MORE, *more], more[-1] if more else text, silent)


class Town:
    """A press of a few outlets with what a test needs to watch it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.press = Press(
            [Outlet(0, "en", "rss", 60), Outlet(1, "en", "rss", 60), Outlet(2, "ar", "atom", 60)], 1000.0
        )
        self.clock = SimClock(folder / "clock")
        self.server = Server(self.press, self.clock, hosts=2)
        self.config = WatchConfig(
            folder / "r.duckdb",
            folder / "r.archive",
            tuple(
                SourceConfig(f"outlet-{o.number}", "feed", self.server.feed(o), o.lang, f"Outlet {o.number}", 60)
                for o in self.press.outlets
            ),
            recheck_hours=(2, 6),
            allow_private=tuple(f"127.0.0.1:{port}" for port in self.server.ports),
        )  # fmt: skip

    def add(self, outlet: int, *versions: Version, **truth: Any) -> Item:
        items = self.press.outlets[outlet].items
        item = Item(outlet, len(items), versions[0].hour, list(versions), **truth)
        items.append(item)
        return item

    def watch(self, **changes: Any) -> Watch:
        options = {k: changes.pop(k) for k in ("timeout_seconds",) if k in changes}
        config = replace(self.config, **changes)
        return Watch(
            config,
            now=self.clock.now,
            sleep=self.clock.sleep,
            clock=lambda: self.clock.seconds,
            seed=1,
            **options,
        )

    def pass_hours(self, hours: float) -> None:
        self.clock.sleep(hours * 3600)

    def rows(self, sql: str, values: Any = None) -> list[tuple[Any, ...]]:
        with self.watch().record(read_only=True) as con:
            return con.execute(sql, values).fetchall() if values else con.execute(sql).fetchall()

    def states(self) -> dict[str, tuple[str, int]]:
        """State and version of each item."""
        found = self.rows("SELECT item_key, source, state, version FROM watch_items ORDER BY version")
        return {
            f"{source[7:]}/{key.rpartition(':')[2]}": (state, number) for key, source, state, number in found
        }

    def incidents(self) -> list[dict[str, Any]]:
        from afterstrike.record import open_record

        with open_record(self.config.record, read_only=True) as record:
            return record.incidents()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Three outlets, nothing published yet."""
    made = Town(tmp_path)
    yield made
    made.server.close()


@pytest.fixture
def digest(town: Town) -> DigestConfig:
    """A digest at six, to the server's hook."""
    return DigestConfig(town.folder / "digests", "06:00", f"{town.server.base(0)}/hook")


Make = Callable[..., Version]
