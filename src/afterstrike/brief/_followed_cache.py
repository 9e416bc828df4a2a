"""Studies already made of the same record: kept as JSON, so that a second brief need not run them again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ._followed_model import CheckRow, CurveRow, FollowedStudy, WindowRow
from ._study_choice import Choice

__all__ = ["key_of", "kept_or_made"]

# Raised when the same choice and rows would be estimated otherwise.
_FORM = 1


def key_of(choice: Choice, record_sha256: str | None) -> str | None:
    """Name a study by its record, its choice and the package; None where the record has no hash."""
    if record_sha256 is None:
        return None
    from .. import __version__

    parts = json.dumps([_FORM, __version__, record_sha256, asdict(choice)], ensure_ascii=True)
    return hashlib.sha256(parts.encode()).hexdigest()


def kept_or_made(key: str | None, make: Callable[[], FollowedStudy]) -> FollowedStudy:
    """Give the study of this key from the cache, else make it and keep it.

    A file that cannot be read, as one cut short, is made again; a folder that cannot be written is no reason
    to fail.
    """
    if key is None:
        return make()
    from ..sources._cache_dir import cache_dir

    path = cache_dir() / f"study-{key[:32]}.json"
    try:
        return _study(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    made = make()
    try:
        waiting = path.with_name(f"{path.name}.{os.getpid()}")
        waiting.write_text(json.dumps(asdict(made), allow_nan=False), encoding="utf-8")
        Path(waiting).replace(path)
    except OSError:
        pass
    return made


def _study(kept: dict[str, Any]) -> FollowedStudy:
    rows = {"windows": WindowRow, "checks": CheckRow, "curve": CurveRow}
    parts = {name: tuple(kind(**row) for row in kept.pop(name)) for name, kind in rows.items()}
    trial = tuple((str(part), str(value)) for part, value in kept.pop("trial"))
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
    }
    values |= parts | {"trial": trial}
    return FollowedStudy(**values)
