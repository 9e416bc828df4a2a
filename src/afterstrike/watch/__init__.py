"""Following sources: polled politely, archived, read, brought into incidents, told in a digest."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from afterstrike.watch._config import (
        AlarmConfig,
        DigestConfig,
        SmtpConfig,
        SourceConfig,
        WatchConfig,
        load_watch,
    )
    from afterstrike.watch._tempo import Tempo, tempo_of
    from afterstrike.watch._text import archived_text
    from afterstrike.watch._watch import Round, Watch, watch_once

__all__ = [
    "AlarmConfig", "DigestConfig", "Round", "SmtpConfig", "SourceConfig", "Tempo", "Watch", "WatchConfig", "archived_text",
    "load_watch", "tempo_of", "watch_once",
]  # fmt: skip

_HOME = {
    "AlarmConfig": "_config",
    "DigestConfig": "_config",
    "SmtpConfig": "_config",
    "SourceConfig": "_config",
    "WatchConfig": "_config",
    "load_watch": "_config",
    "Tempo": "_tempo",
    "tempo_of": "_tempo",
    "archived_text": "_text",
    "Round": "_watch",
    "Watch": "_watch",
    "watch_once": "_watch",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
