"""The record in a browser: pages with a JSON twin each, served on this machine; `afterstrike serve` runs it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._app import create_app
    from ._serve import serve
    from ._settings import Settings

__all__ = ["Settings", "create_app", "serve"]

_HOME = {"Settings": "_settings", "create_app": "_app", "serve": "_serve"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: Starlette and DuckDB take their time."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
