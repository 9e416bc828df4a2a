from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from afterstrike.brief import samples
from afterstrike.cli import main

ARTICLE = "There are currently 900 US troops in Syria, officials said on 3 May 2019.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "My story.txt").write_text(ARTICLE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AFTERSTRIKE_RECORD", raising=False)
    return tmp_path


def test_files_go_below_brief_by_default(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["brief", "My story.txt"]) == 0
    assert sorted(p.name for p in (folder / "brief" / "my-story").iterdir()) == ["brief.html", "brief.json"]
    assert str(Path("brief/my-story/brief.html")) in capsys.readouterr().out


def test_json_prints_the_twin_and_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["brief", "My story.txt", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["claims"]
    assert not (folder / "brief").exists()


def test_quiet_prints_only_the_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["brief", "My story.txt", "-o", "out", "--quiet"]) == 0
    assert capsys.readouterr().out.split() == ["out/brief.html", "out/brief.json"]


def test_sample(folder: Path) -> None:
    assert main(["brief", "--sample", samples()[0].name, "-o", "out", "--quiet"]) == 0
    assert (folder / "out" / "brief.html").stat().st_size > 20_000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give one article"),
        (["a.txt", "--sample", "x"], "give one article"),
        (["absent.txt"], "absent.txt"),
        (["My story.txt", "--published", "tomorrow"], "YYYY-MM-DD"),
        (["My story.txt", "--record", "absent.duckdb"], "absent.duckdb"),
        (["My story.txt", "--record", "My story.txt"], "My story.txt"),
        (["My story.txt", "-o", "My story.txt"], "cannot be written"),
        (["--sample", "nothing"], samples()[0].name),
    ],
)
def test_wrong_input_is_one_line_and_status_2(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["brief", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert [p.name for p in folder.iterdir()] == ["My story.txt"]


def test_record_of_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERSTRIKE_RECORD", "absent.duckdb")
    assert main(["brief", "My story.txt"]) == 2


def test_a_future_date_warns_on_stderr(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["brief", "My story.txt", "--published", "2999-01-01", "--quiet"]) == 0
    assert "Warning: the publication date 2999-01-01 lies in the future" in capsys.readouterr().err


def test_help_names_every_sample(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["brief", "--help"]) == 0
    told = re.sub(r"(?<=\w-)\s+", "", " ".join(capsys.readouterr().out.split()))  # names may be wrapped
    assert all(sample.name in told for sample in samples())
    # An example that does not run is worse than none.
    named = re.findall(r"--sample ([a-z][\w-]+)", told)
    assert named and set(named) <= {sample.name for sample in samples()}
