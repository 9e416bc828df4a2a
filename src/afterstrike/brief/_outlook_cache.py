"""Runs already made of the same world: kept as JSON, so that a second brief need not run the model again."""

from __future__ import annotations

import hashlib
import json
import os
import types
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from ._outlook_model import Outlook

if TYPE_CHECKING:
    from ..containment import World
    from ._outlook_run import RunSettings

__all__ = ["kept_or_run"]

# Raised when the same world would be run or told otherwise.
_FORM = 1
# What an answer is made by and from: code and tables.
_READ = (".py", ".toml", ".csv")


def kept_or_run(world: World, settings: RunSettings, make: Callable[[], Outlook]) -> Outlook:
    """Give the run of a world from the cache, else make it and keep it.

    The key is the world's hash, the settings, the package's version, the model's code and its tables. A file that
    cannot be read, as one cut short, is made again; a folder that cannot be written is no reason to fail.
    """
    from ..sources._cache_dir import cache_dir

    path = cache_dir() / f"outlook-{_key(world, settings)[:32]}.json"
    try:
        kept: Outlook = _given_back(Outlook, json.loads(path.read_text(encoding="utf-8")))
        return kept
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    made = make()
    try:
        waiting = path.with_name(f"{path.name}.{os.getpid()}")
        waiting.write_text(json.dumps(asdict(made), allow_nan=False), encoding="utf-8")
        Path(waiting).replace(path)
    except OSError:
        pass
    return made


def _key(world: World, settings: RunSettings) -> str:
    from .. import __version__, containment
    from ..record import shipped

    digest = hashlib.sha256(json.dumps([_FORM, __version__, world.sha256, settings]).encode())
    for package in (containment, shipped):
        folder = Path(str(package.__file__)).parent
        for path in sorted(folder.rglob("*")):
            if path.suffix in _READ:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _given_back(hint: Any, value: Any) -> Any:
    """Give back what JSON made lists and tables of, by the annotations of the classes."""
    if isinstance(hint, types.UnionType):
        one = next(part for part in get_args(hint) if part is not type(None))
        return None if value is None else _given_back(one, value)
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{name: _given_back(hints[name], part) for name, part in value.items()})  # type: ignore[operator]
    if get_origin(hint) is tuple:
        return tuple(_given_back(get_args(hint)[0], part) for part in value)
    return value
