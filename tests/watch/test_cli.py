"""The command: each thing is said once, and a wrong word is answered with the right one."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from afterstrike.cli.watch import watch

FILE = "sources:\n  - {name: north, feed: 'http://127.0.0.1:9/rss'}\nplaces: [Raqqa, Syria, Xqzzyvakh]\n"


def config(tmp_path: Path) -> Path:
    file = tmp_path / "w.yaml"
    file.write_text(FILE, encoding="utf-8")
    return file


def test_a_command_that_is_none_is_answered_with_the_nearest(tmp_path: Path) -> None:
    done = CliRunner().invoke(watch, ["runn", str(config(tmp_path))])
    assert done.exit_code == 2 and "no such command 'runn'; did you mean run?" in done.output


def test_check_says_what_each_place_was_taken_for_and_the_unknown_first(tmp_path: Path) -> None:
    done = CliRunner().invoke(watch, ["check", str(config(tmp_path))])
    lines = done.output.splitlines()
    assert done.exit_code == 0 and "'Xqzzyvakh' is not known" in lines[0]
    assert "1 source, about" in done.output and "Place Syria: the country" in done.output
    assert "Place Raqqa: " in done.output and "Place Xqzzyvakh" not in done.output


def test_once_says_its_summary_once_and_the_failing_source_beside_it(tmp_path: Path) -> None:
    done = CliRunner().invoke(watch, [str(config(tmp_path)), "--once"])
    assert done.exit_code == 0 and done.output.count("sources: 1 ") == 1
    assert done.output.count("north: refused: ") == 1 and "asked again at" in done.output
