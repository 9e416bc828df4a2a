"""What the audit of dependencies says."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

GOOD = {"name": "a", "version": "1.0", "vulns": []}
BAD = {"name": "b", "version": "2.0", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


@pytest.fixture
def audit() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "tools/audit.py"
    spec = importlib.util.spec_from_file_location("audit", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("dependencies", "strict", "status", "words"),
    [
        ([GOOD], True, 0, "1 packages looked up, 0 with known vulnerabilities\n"),
        ([GOOD, BAD], False, 1, "b 2.0: CVE-1; mended in 2.1"),
        ([UNKNOWN], False, 0, "0 packages looked up, 0 with known vulnerabilities; 1 could not be looked up"),
        ([UNKNOWN], True, 1, "1 could not be looked up"),
        (None, False, 0, "not audited"),
        (None, True, 1, "not audited"),
    ],
)
def test_status_and_words(
    audit: ModuleType, monkeypatch: Any, capsys: Any, dependencies: Any, strict: bool, status: int, words: str
) -> None:
    printed = "Traceback" if dependencies is None else json.dumps({"dependencies": dependencies})
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=printed))
    assert audit.main(["--strict"] if strict else []) == status
    assert words in capsys.readouterr().out
