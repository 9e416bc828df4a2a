"""What a watch is told to do: the values of its YAML file, checked by hand so that an error names its line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

__all__ = [
    "AlarmConfig",
    "DigestConfig",
    "SmtpConfig",
    "SourceConfig",
    "SourceKind",
    "WatchConfig",
    "load_watch",
]

SourceKind = Literal["feed", "page", "list"]
"""feed: RSS or Atom. list: a page whose links lead to articles. page: one page that is itself the report."""


@dataclass(frozen=True)
class SourceConfig:
    """One source that is watched."""

    name: str
    kind: SourceKind
    address: str
    lang: str | None = None
    outlet: str | None = None
    every_minutes: int = 30
    licence: str | None = None
    citation: str | None = None
    links: str | None = None  # of a list: a regular expression that an article's address matches


@dataclass(frozen=True)
class AlarmConfig:
    """When a change of tempo is worth an alarm."""

    false_alarms_per_year: float = 2.0
    window_days: int = 7
    baseline_days: int = 56
    kinds: tuple[str, ...] = ("civilian_harm", "strike", "attack")


@dataclass(frozen=True)
class SmtpConfig:
    """A mail server that takes the digest. The password comes from AFTERSTRIKE_SMTP_PASSWORD alone."""

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None


@dataclass(frozen=True)
class DigestConfig:
    """When the digest is made, and where it goes."""

    folder: Path
    at: str = "06:00"  # UTC
    webhook: str | None = None
    smtp: SmtpConfig | None = None

    @property
    def at_minutes(self) -> int:
        """Give the minute of the day (UTC) the digest is due."""
        hours, minutes = self.at.split(":")
        return 60 * int(hours) + int(minutes)


@dataclass(frozen=True)
class WatchConfig:
    """Everything a watch is told; see docs/watch.md."""

    record: Path
    archive: Path
    sources: tuple[SourceConfig, ...]
    languages: tuple[str, ...] = ("en", "ar")
    places: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    alarms: AlarmConfig = field(default_factory=AlarmConfig)
    digest: DigestConfig | None = None
    recheck_hours: tuple[int, ...] = (6, 24, 72)
    allow_private: tuple[str, ...] = ()
    contact: str | None = None


def load_watch(path: str | Path) -> WatchConfig:
    """Read the file of a watch.

    Parameters
    ----------
    path : str or Path
        A YAML file; `afterstrike watch init` writes one with comments. Paths in it are taken from its folder.

    Returns
    -------
    WatchConfig
        What it says, checked.

    Raises
    ------
    UsageError
        The file cannot be read, is no YAML, or says what is not allowed. All faults are named at once, each with
        its line, what is allowed and the nearest known key.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "watch.yaml")
    ...     _ = file.write_text("sources: [{name: north, feed: 'https://north.example/rss', every: 2h}]")
    ...     load_watch(file).sources[0].every_minutes
    120
    """
    from afterstrike.watch._config_read import read_config

    return read_config(Path(path))
