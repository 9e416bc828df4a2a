"""A loopback server and a fetcher that does not wait."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from afterstrike.sources import Archive, WebFetcher


def _server_module() -> Any:
    path = Path(__file__).with_name("_server.py")
    spec = importlib.util.spec_from_file_location("afterstrike_test_server", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def server() -> Iterator[Any]:
    """A server on 127.0.0.1 with routes to fill in."""
    made = _server_module().Server()
    yield made
    made.close()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture
def waits() -> list[float]:
    """The waits that a fetcher would have made."""
    return []


@pytest.fixture
def fetcher(server: Any, archive: Archive, waits: list[float]) -> Callable[..., WebFetcher]:
    """Make a fetcher that may reach the server and notes its waits in place of waiting."""

    def make(**options: Any) -> WebFetcher:
        given = {
            "allow_private": (server.host,),
            "timeout_seconds": 2.0,
            "min_interval_seconds": 0.0,
            "seed": 0,
            "sleep": waits.append,
        } | options
        return WebFetcher(given.pop("archive", archive), **given)

    return make
