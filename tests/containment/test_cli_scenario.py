"""`afterstrike scenario`: what a person types, and what comes back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from afterstrike.cli import main
from afterstrike.containment import scenarios

QUICK = ("--members", "50", "--until", "2026-04-30", "--drivers", "0", "--jobs", "1")


def test_run_prints_words_and_writes_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(
        ["scenario", "run", "strikes_only", "repatriate", "--world", "feb2026", *QUICK, "-o", str(tmp_path)]
    )
    out, err = capsys.readouterr()
    assert status == 0
    assert "Run on world feb2026, as of 13 February 2026" in out and "repatriate against strikes_only" in out
    assert {"summary.md", "scenarios.html", "result.json", "draws.parquet", "decision-table.png"} <= {
        path.name for path in tmp_path.iterdir()
    }
    assert err.count("wrote ") == len(list(tmp_path.iterdir()))


def test_json_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "run", "all", *QUICK, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["world"]["name"] == "feb2026" and told["comparison"] == []
    assert told["provenance"]["members"] == 50 and told["provenance"]["scenarios"]["all"]["changes"]


def test_set_adds_lines_and_a_file_is_a_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'name = "own"\ntitle = "Own"\nnote = "A note."\nchanges = ["start strikes x 0"]\nassumptions = ["A."]\n',
        encoding="utf-8",
    )
    assert main(["scenario", "run", str(path), *QUICK, "--set", "start reactive x 0", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["provenance"]["scenarios"].values()
    assert one == {
        "source": "own.toml",
        "sha256": one["sha256"],
        "changes": ["start strikes x 0", "start reactive x 0"],
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "repatriat"], "did you mean repatriate"),
        (["run", "strikes_only", "--set", "start strike x 0"], "did you mean strikes?"),
        (["run", "strikes_only", "--set", "start guard = 1", "--set", "start guard = 2"], "different values"),
        (["run", "strikes_only", "--world", "feb2062"], "feb2026"),
        (["run", "strikes_only", "--drivers", "100"], "powers of two"),
        (["run", "strikes_only", "--members", "52"], "multiples of 10"),
        (["run", "strikes_only", "--until", "2020-01-01"], "allowed days after that"),
        (["run", "strikes_only", "--costs", "nowhere.toml"], "cannot be read"),
        (["run", "feb2026", "--world", "mid2024"], "did you mean al_hol_roj"),
        (["show", "nothing"], "allowed strikes_only"),
    ],
)
def test_bad_input_is_told_in_a_line_with_status_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scenario", *arguments]) == 2
    err = capsys.readouterr().err
    assert words in err and "Traceback" not in err and "defect" not in err


def test_list_and_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "list"]) == 0
    listed = capsys.readouterr().out
    assert [line.split()[0] for line in listed.splitlines()] == list(scenarios())
    for name in scenarios():
        assert main(["scenario", "show", name]) == 0
        out = capsys.readouterr().out
        assert out.startswith(f"{name}: ") and "Takes for granted:" in out
    assert main(["scenario", "show", "repatriate", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changes"] == ["start repatriation = 50", "start returns x 3"]
    assert main(["scenario", "list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(scenarios())


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from afterstrike.cli import main; main(['scenario', 'run', '--help']); "
        "print([name for name in ('numpy', 'pandas', 'numba', 'scipy', 'duckdb') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "--world" in done.stdout
