"""Fixtures every test folder shares."""

from __future__ import annotations

from pathlib import Path

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
