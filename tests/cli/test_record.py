"""The verbs of `afterstrike record`: what they print where, and with which status they end."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from afterstrike.cli import VERBS, main
from afterstrike.cli.record import record as record_group

HEADER = [
    "id",
    "type_of_violence",
    "side_a",
    "side_b",
    "where_prec",
    "where_coordinates",
    "latitude",
    "longitude",
    "country",
    "date_prec",
    "date_start",
    "date_end",
    "best",
    "low",
    "high",
]
ROW = [
    1,
    3,
    "Sea People",
    "Civilians",
    1,
    "Quay town",
    35.5,
    38.5,
    "Syria",
    1,
    "2017-03-01",
    "2017-03-01",
    3,
    3,
    4,
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ged.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([HEADER, ROW, [2, *ROW[1:]], [3, *ROW[1:6], 4239, *ROW[7:]]])
    return path


@pytest.fixture
def added(tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> str:
    path = str(tmp_path / "r.duckdb")
    assert main(["record", "add", str(file), "--record", path]) == 0
    assert "3 rows read = 2 added + 0 updated + 0 unchanged + 1 rejected" in capsys.readouterr().out
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["record", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_add_as_json_and_record_from_the_environment(tmp_path, file, capsys, monkeypatch):
    monkeypatch.setenv("AFTERSTRIKE_RECORD", str(tmp_path / "env.duckdb"))
    status, out, err = run(capsys, "add", str(file), "--version", "25.1", "--json")
    report = json.loads(out)
    assert (status, err) == (0, "")
    assert (report["added"], report["rejected"], report["dataset_version"]) == (2, 1, "25.1")
    assert json.loads(run(capsys, "summary", "--json")[1])["events"] == 2


def test_summary_list_rejected_log(added, capsys):
    assert "2 events" in run(capsys, "summary", "--record", added)[1]
    rows = json.loads(
        run(capsys, "list", "--record", added, "--adm0", "SYR", "--from", "2017-01-01", "--json")[1]
    )
    assert [row["event_id"] for row in rows] == ["ucdp-ged:1", "ucdp-ged:2"]
    _, out, err = run(capsys, "list", "--record", added, "--bbox", "38,35,39,36", "--limit", "1")
    assert "Quay town" in out and "ucdp-ged:2" not in out
    assert "first 1 rows" in err
    assert "latitude 4239" in run(capsys, "rejected", "--record", added)[1]
    assert (
        json.loads(run(capsys, "rejected", "import-1", "--record", added, "--json")[1])[0]["row_number"] == 3
    )
    assert "import-1" in run(capsys, "log", "--record", added)[1]
    assert json.loads(run(capsys, "log", "import-1", "--record", added, "--json")[1])[0]["changes"] == []


def test_log_of_one_import_shows_columns_before_and_after(added, tmp_path, capsys):
    newer = tmp_path / "new.csv"
    with newer.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([HEADER, [1, *ROW[1:12], 4, 3, 4]])
    assert run(capsys, "add", str(newer), "--record", added)[0] == 0
    assert "ucdp-ged:1  fatalities_best: 3 -> 4" in run(capsys, "log", "import-2", "--record", added)[1]
    status, _, err = run(capsys, "undo", "import-1", "--record", added)
    assert status == 2 and "undo import-2 first" in err


def test_undo_and_recode(added, capsys):
    assert json.loads(run(capsys, "recode", "none", "--record", added, "--json")[1])["read"] == 2
    assert run(capsys, "undo", "import-2", "--record", added)[0] == 0
    status, out, _ = run(capsys, "undo", "import-1", "--record", added)
    assert (status, out) == (0, "import-1 undone: 2 rows deleted, 0 put back as they were\n")
    assert json.loads(run(capsys, "list", "--record", added, "--json")[1]) == []


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--adm0", "Syria", "no row has adm0 'Syria'; near to it: SYR"),
        ("--side", "sea people", "near to it: Sea People"),
        ("--side", "Sea Peeple", "near to it: Sea People"),
        ("--dataset", "nope", "rows have: ucdp-ged"),
        ("--from", "2030-01-01", "No event fits all filters together"),
    ],
)
def test_an_empty_selection_says_why(added, tmp_path, capsys, option, value, said):
    status, out, err = run(capsys, "list", "--record", added, option, value)
    assert (status, out) == (0, "")
    assert said in err
    _, out, err = run(capsys, "export", str(tmp_path / "none.csv"), "--record", added, option, value)
    assert "0 rows" in out and said in err
    assert run(capsys, "list", "--record", added)[2] == ""


def test_a_box_round_the_world_is_noted(added, capsys):
    err = run(capsys, "list", "--record", added, "--bbox", "39,35,38,36")[2]
    assert "180th meridian" in err
    assert "180th" not in run(capsys, "list", "--record", added, "--bbox", "38,35,39,36")[2]


def test_nothing_is_cut_off_in_a_pipe(tmp_path, capsys):
    long = "Quay " * 60 + "town"
    path = tmp_path / "long.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([HEADER, [*ROW[:5], long, *ROW[6:]]])
    record = str(tmp_path / "long.duckdb")
    assert run(capsys, "add", str(path), "--record", record)[0] == 0
    assert long in run(capsys, "list", "--record", record)[1]


def test_export(added, tmp_path, capsys):
    target = tmp_path / "out.geojson"
    assert (
        run(capsys, "export", str(target), "--record", added, "--side", "Civilians")[1]
        == f"{target}: 2 rows\n"
    )
    assert len(json.loads(target.read_text())["features"]) == 2


def test_layouts_lists_every_known_layout(capsys):
    names = {entry["name"] for entry in json.loads(run(capsys, "layouts", "--json")[1])}
    assert {"ucdp-ged", "centcom", "airwars", "acled", "mapping"} <= names
    text = run(capsys, "layouts")[1]
    assert all(name in text for name in names)


def test_own_table_by_a_mapping(tmp_path, capsys):
    (tmp_path / "own.csv").write_text("day;what;y;x\n2017-03-01;raid;35.5;38.5\n2017-03-02;raid;35.6;38.5\n")
    (tmp_path / "m.toml").write_text(
        '[columns]\ndate_start = "day"\nlat = "y"\nlon = "x"\n[constants]\nkind = "strike"\n'
    )
    path = str(tmp_path / "r.duckdb")
    status, out, err = run(capsys, "add", str(tmp_path / "own.csv"), "--record", path, "--dataset", "mine",
                           "--mapping", str(tmp_path / "m.toml"), "--json")  # fmt: skip
    assert status == 0, err
    assert json.loads(out)["added"] == 2
    assert (
        json.loads(run(capsys, "summary", "--record", path, "--json")[1])["datasets"][0]["dataset"] == "mine"
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.csv", None, "does not exist"),
        ("empty.csv", b"", "is empty"),
        ("binary.csv", bytes(range(256)) * 20, "binary"),
        ("other.csv", b"colour,taste\nred,sweet\nblue,sour\n", "colour, taste"),
    ],
)
def test_file_faults_end_with_2_in_one_line_and_write_nothing(tmp_path, capsys, name, content, said):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    status, out, err = run(capsys, "add", str(path), "--record", str(tmp_path / "new.duckdb"))
    assert (status, out) == (2, "")
    assert said in err and err.count("\n") == 1
    assert not list(tmp_path.glob("*new.duckdb*"))


def test_one_bad_file_among_several_does_not_keep_the_others_out(tmp_path, file, capsys):
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    second = tmp_path / "second.csv"
    with second.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([HEADER, [9, *ROW[1:]]])
    path = str(tmp_path / "r.duckdb")
    status, out, err = run(capsys, "add", str(file), str(empty), str(second), "--record", path, "--json")
    assert status == 2
    assert [json.loads(line)["added"] for line in out.splitlines()] == [2, 1]
    first, last = err.splitlines()
    assert first.startswith("SourceError: ") and "empty.csv is empty" in first
    assert "1 of 3 files refused, see above; the other 2 were added" in last
    assert json.loads(run(capsys, "summary", "--record", path, "--json")[1])["events"] == 3


def test_progress_is_shown_on_a_terminal_only(tmp_path, file):
    pty = pytest.importorskip("pty")
    command = [sys.executable, "-m", "afterstrike", "record", "add", str(file), "--record"]
    leader, follower = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    done = subprocess.Popen(
        [*command, str(tmp_path / "a.duckdb")], stderr=follower, stdout=subprocess.PIPE, env=environment
    )
    os.close(follower)
    shown = b""
    try:
        while chunk := os.read(leader, 4096):
            shown += chunk
    except OSError:  # Linux says so that the other end has gone
        pass
    assert b"3 rows read" in done.communicate()[0] and done.returncode == 0
    assert b"ged.csv: " in shown
    plain = subprocess.run([*command, str(tmp_path / "b.duckdb")], capture_output=True, check=True)
    assert plain.stderr == b""


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["add"],
        ["add", "x.csv"],
        ["add", "x.csv", "--record", "nowhere/at/all.duckdb"],
        ["summary", "--record", "absent.duckdb"],
        ["undo", "import-1", "--record", "absent.duckdb"],
        ["list", "--record", "absent.duckdb", "--limit", "0"],
    ],
)
def test_wrong_usage_ends_with_2(tmp_path, capsys, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AFTERSTRIKE_RECORD", raising=False)
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err and "Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_wrong_filter_ends_with_2(added, capsys):
    for arguments in (["--kind", "war"], ["--bbox", "here"], ["--from", "May"]):
        status, out, err = run(capsys, "list", "--record", added, *arguments)
        assert ((status, out) == (2, "") and "allowed" in err) or "write" in err


def test_defect_of_ours_ends_with_1_without_traceback(added, capsys, monkeypatch):
    import afterstrike.record

    def broken(*arguments: object, **more: object) -> None:
        raise RuntimeError("first line\nsecond line")

    monkeypatch.setattr(afterstrike.record, "open_record", broken, raising=False)
    status, _, err = run(capsys, "summary", "--record", added)
    assert status == 1
    assert (
        "defect of afterstrike" in err and "RuntimeError: first line." in err and "AFTERSTRIKE_DEBUG=1" in err
    )
    assert "Traceback" not in err
    monkeypatch.setenv("AFTERSTRIKE_DEBUG", "1")
    assert "Traceback" in run(capsys, "summary", "--record", added)[2]


def test_help_of_every_verb(capsys):
    for verb in VERBS:
        assert main([verb, "--help"]) == 0
    for name, command in record_group.commands.items():
        assert command.help, name
        assert main(["record", name, "--help"]) == 0
    capsys.readouterr()
    assert main(["record", "--help"]) == 0
    assert "..." not in capsys.readouterr().out.replace("[ARGS]...", ""), (
        "the one-line help of a verb is cut off"
    )


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from afterstrike.cli import main; main(['--help']); "
        "print([m for m in ('duckdb', 'pandas', 'numpy', 'rich', 'afterstrike.record') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")


def test_reader_that_goes_away_is_no_fault(added):
    command = ["record", "list", "--record", added, "--json"]
    code = f"import sys; from afterstrike.cli import main; sys.exit(main({command!r}))"
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as closed:
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=closed, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
