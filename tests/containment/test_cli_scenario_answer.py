"""`afterstrike scenario answer`."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from afterstrike.cli import main

SMALL = ["scenario", "answer", "--until", "2026-06-30", "--members", "20", "--drivers", "0"]


def test_answers_are_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Words on standard output, three files that agree."""
    assert main([*SMALL, "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "Do strikes buy a lull?" in said and "as of 13 February 2026" in said
    told = json.loads((tmp_path / "out/answers.json").read_text())
    table = pd.read_csv(tmp_path / "out/answers.csv")
    assert [one["key"] for one in told["answers"]] == list(dict.fromkeys(table["key"]))
    assert (tmp_path / "out/answers.md").read_text().strip() == said.strip()


def test_json_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing else stands there."""
    assert main([*SMALL, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["world"] == "feb2026"


@pytest.mark.parametrize(
    "extra",
    [["--world", "nowhere"], ["--until", "1999-01-01"], ["--members", "21"], ["--costs", "absent.toml"]],
)
def test_bad_input_is_told(extra: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2 and words."""
    assert main([*SMALL, *extra]) == 2
    assert "allowed" in (said := capsys.readouterr().err) or "shipped are" in said or "absent.toml" in said
