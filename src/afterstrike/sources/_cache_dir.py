"""Where afterstrike keeps what it can always make or fetch again."""

from __future__ import annotations

import os
import sys
import tempfile
from functools import cache
from pathlib import Path

__all__ = ["cache_dir"]


def cache_dir() -> Path:
    """Give the folder for cached files, made if it is absent.

    Returns
    -------
    Path
        `AFTERSTRIKE_CACHE_DIR` where it is set; otherwise the platform's own place: `XDG_CACHE_HOME` or
        `~/.cache` on Linux, `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on Windows, each with a folder
        `afterstrike`. Where that folder cannot be written, a temporary folder, with one line on stderr.

    Examples
    --------
    >>> cache_dir().is_dir()
    True
    """
    return _usable(str(_wanted()))


def _wanted() -> Path:
    """Name the folder by setting and platform, without touching the disk."""
    given = os.environ.get("AFTERSTRIKE_CACHE_DIR")
    if given:
        return Path(given)
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        root = "~/Library/Caches"
    else:
        # The XDG specification says that a relative path is to be ignored.
        xdg = os.environ.get("XDG_CACHE_HOME", "")
        root = xdg if xdg.startswith("/") else "~/.cache"
    return Path(os.path.expanduser(root)) / "afterstrike"  # noqa: PTH111 - keeps '~' where no home is known


@cache
def _usable(folder: str) -> Path:
    """Give the folder if a file can be written there, else a temporary one (said once a process)."""
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        fallback = Path(tempfile.mkdtemp(prefix="afterstrike-cache-"))
        print(
            f"afterstrike: cannot write the cache folder {path} ({error.strerror or error}); "
            f"using {fallback} for this run. Set AFTERSTRIKE_CACHE_DIR to a folder you can write.",
            file=sys.stderr,
        )
        return fallback
    return path
