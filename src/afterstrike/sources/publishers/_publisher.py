"""What a publisher's module takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from afterstrike.sources._web import WebFetcher

__all__ = ["Delivery", "Publisher", "Request", "Tell"]

Tell = Callable[[str, int, int | None], None]
"""Called with what is being got, how much of it is there, and how much there is (None: not known)."""


@dataclass(frozen=True)
class Request:
    """What is asked of a publisher; each takes the parts that it understands."""

    countries: tuple[str, ...] = ()  # ISO 3166 alpha-3, or names
    date_from: date | None = None  # inclusive
    date_to: date | None = None  # inclusive
    version: str | None = None  # release, as the publisher writes it; None is the newest
    level: int = 1  # of divisions
    address: str | None = None  # for `url` and `feed`
    everything: bool = False  # do not narrow by kind of event
    base: str | None = None  # in place of the publisher's own server: a mirror, or a test


@dataclass(frozen=True)
class Delivery:
    """What a publisher gave: files that the rest of afterstrike reads as they are."""

    files: tuple[Path, ...]
    rows: int | None  # events, places or items in the files; None where they are not counted
    licence: str
    citation: str
    next_command: str  # with FILE for the first file and RECORD for the record
    notes: tuple[str, ...] = ()


class Publisher(Protocol):
    """One publisher."""

    @property
    def name(self) -> str:
        """What `afterstrike fetch` takes."""
        ...

    @property
    def title(self) -> str:
        """Full name."""
        ...

    @property
    def licence(self) -> str:
        """Terms, as far as the publisher states them."""
        ...

    @property
    def citation(self) -> str:
        """How to cite it."""
        ...

    @property
    def environment(self) -> tuple[str, ...]:
        """Variables that hold keys."""
        ...

    def plan(self, request: Request) -> list[str]:
        """Say which addresses would be asked, without asking; raise UsageError for what is not allowed."""
        ...

    def fetch(self, request: Request, web: WebFetcher, folder: Path, tell: Tell) -> Delivery:
        """Get it into a folder."""
        ...
