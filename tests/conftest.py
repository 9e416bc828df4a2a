"""Fixtures every test folder shares."""

from __future__ import annotations

import os

# Two workers with two threads each for small matrices stand in each other's way.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared test data; tests that need it skip where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the shared test data is not beside this repository (../shared)")
    return SHARED


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's own folder."""
    return ROOT


# not of the session: while Playwright runs no test of the same process can run an event loop of its own
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium; where it is absent tests skip, or fail where AFTERSTRIKE_BROWSER_TESTS=required."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        say = pytest.fail if os.environ.get("AFTERSTRIKE_BROWSER_TESTS") == "required" else pytest.skip
        say("chromium is not installed (make browser)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as run:
        one = run.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield one
        one.close()
