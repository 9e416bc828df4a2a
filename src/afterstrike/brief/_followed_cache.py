"""Studies already made of the same record: kept as JSON, so that a second brief need not run them again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ._followed_model import (
    BesidePart,
    BesideRow,
    CheckRow,
    CurveRow,
    FollowedStudy,
    PolicyCell,
    PolicyPart,
    PolicyRow,
    ShiftPanel,
    ShiftPart,
    ShiftRow,
    WindowRow,
)
from ._study_choice import Choice

__all__ = ["key_of", "kept_or_made"]

# Raised when the same choice and rows would be estimated otherwise.
_FORM = 4


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
    policy, beside, shifts = kept.pop("policy"), kept.pop("beside"), kept.pop("shifts")
    values = _values(kept, {"windows": WindowRow, "checks": CheckRow, "curve": CurveRow})
    return FollowedStudy(
        **values,
        policy=None if policy is None else _policy(policy),
        beside=None
        if beside is None
        else BesidePart(**_values(beside, {"rows": BesideRow, "checks": CheckRow})),
        shifts=None if shifts is None else _shifts(shifts),
    )


def _policy(kept: dict[str, Any]) -> PolicyPart:
    return PolicyPart(**_values(kept, {"rows": PolicyRow, "checks": CheckRow, "cells": PolicyCell}))


def _shifts(kept: dict[str, Any]) -> ShiftPart:
    return ShiftPart(**_values(kept, {"rows": ShiftRow, "checks": CheckRow, "panels": ShiftPanel}))


def _values(kept: dict[str, Any], rows: dict[str, Any]) -> dict[str, Any]:
    """Give back what JSON made lists of: tuples, and rows of their classes."""
    return {
        name: tuple(rows[name](**_values(row, {})) for row in value) if name in rows else _tuples(value)
        for name, value in kept.items()
    }


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value
