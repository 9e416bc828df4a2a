"""The verbs of `afterstrike fetch`: what they print where, what they write, and with which status they end."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from afterstrike.cli import VERBS, main
from afterstrike.cli.fetch import fetch as fetch_group
from afterstrike.sources.publishers import PUBLISHERS
from afterstrike.sources.publishers._tables import columns_of

TEST_SERVER = Path(__file__).resolve().parents[1] / "sources" / "_server.py"


@pytest.fixture
def server() -> Iterator[Any]:
    spec = importlib.util.spec_from_file_location("afterstrike_cli_test_server", TEST_SERVER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    made = module.Server()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (
        "AFTERSTRIKE_RECORD",
        "UCDP_ACCESS_TOKEN",
        "ACLED_TOKEN",
        "ACLED_USERNAME",
        "ACLED_PASSWORD",
    ):
        monkeypatch.delenv(name, raising=False)


def _candidate(count: int = 2) -> bytes:
    needed, known = columns_of("ged")
    names = [*sorted(needed), *sorted(known - needed)]
    lines = [",".join(names)]
    for number in range(count):
        row = dict.fromkeys(names, "") | {
            "id": str(number), "type_of_violence": "1", "side_a": "Government of Syria", "side_b": "IS",
            "latitude": "35.1", "longitude": "38.2", "date_start": "2026-08-01", "date_end": "2026-08-01", "best": "1",
            "low": "1", "high": "2", "country": "Syria", "country_id": "652", "date_prec": "1", "where_prec": "1",
        }  # fmt: skip
        lines.append(",".join(row.values()))
    return ("\n".join(lines) + "\n").encode()


def _serve_candidate(server: Any) -> list[str]:
    server.routes["/downloads/candidateged/GEDEvent_v26_0_8.csv"] = _candidate()
    return [
        "fetch",
        "ged-candidate",
        "--version",
        "26.0.8",
        "--base-url",
        server.base + "/",
        "--interval",
        "0",
    ]


def test_every_publisher_has_a_verb_with_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(fetch_group.commands) == {*PUBLISHERS, "log", "warc"}
    for name in PUBLISHERS:
        assert main(["fetch", name, "--help"]) == 0
        shown = capsys.readouterr().out
        for option in ("--dry-run", "--json", "--base-url", "--record", "--interval", "-o"):
            assert option in shown, (name, option)
    assert "fetch" in VERBS


def test_the_next_command_is_the_exact_one(server: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*_serve_candidate(server), "--country", "SYR", "--record", "my record.duckdb"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == "Licence: CC BY 4.0"
    assert lines[1].startswith("Cite: Uppsala Conflict Data Program")
    assert lines[-2] == "Written: afterstrike-data/GEDEvent_v26_0_8-SYR.csv, 2 rows"
    assert err == ""
    words = shlex.split(lines[-1].removeprefix("Next: afterstrike "))
    assert main(words) == 0
    assert "2 added" in capsys.readouterr().out
    assert Path("my record.archive/fetches.sqlite").is_file()
    assert main(["fetch", "log", "--record", "my record.duckdb"]) == 0
    assert "candidateged/GEDEvent_v26_0_8.csv  licence: CC BY 4.0" in capsys.readouterr().out


def test_json_names_files_terms_and_the_next_command(server: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*_serve_candidate(server), "--json", "-o", "here"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["files"] == ["here/GEDEvent_v26_0_8.csv"]
    assert (answer["rows"], answer["licence"]) == (2, "CC BY 4.0")
    assert answer["next"] == "afterstrike record add here/GEDEvent_v26_0_8.csv --record events.duckdb"


def test_a_mirror_in_the_environment(
    server: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = _serve_candidate(server)
    monkeypatch.setenv("AFTERSTRIKE_GED_CANDIDATE_BASE", server.base)
    assert main([one for one in command if one not in ("--base-url", server.base + "/")]) == 0
    assert server.count("/downloads/candidateged/GEDEvent_v26_0_8.csv") == 1


def test_a_second_time_it_asks_whether_something_changed(
    server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    command = _serve_candidate(server)
    name = "/downloads/candidateged/GEDEvent_v26_0_8.csv"
    body = server.routes[name]

    def route(reply: Any, asked: Any) -> None:
        if asked.headers.get("if-none-match") == '"1"':
            reply.send(status=304)
        else:
            reply.send(body, ETag='"1"')

    server.routes[name] = route
    assert main(command) == main(command) == 0
    assert server.count(name) == 2
    assert main(["fetch", "log", "--json"]) == 0
    shown = capsys.readouterr().out
    assert len(json.loads(shown[shown.index("[\n") :])) == 1


@pytest.mark.parametrize("name", PUBLISHERS)
def test_a_dry_run_asks_nobody_and_writes_nothing(
    name: str, server: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    base = ["--base-url", server.base, "--dry-run"]
    more = [f"{server.base}/x?key=geheim"] if name in ("url", "feed") else []
    more += ["--country", "SYR"] if name not in ("url", "feed") else []
    assert main(["fetch", name, *more, *base]) == 0
    out = capsys.readouterr().out
    assert "Would ask:" in out and server.base in out
    assert main(["fetch", name, *more, *base, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["would_ask"]
    assert server.asked == []
    assert list(tmp_path.iterdir()) == []
    assert "geheim" not in out


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["gdelt", "--from", "2024-02-01", "--to", "2024-01-01"], "is after --to"),
        (["boundaries"], "give --country"),
        (["geonames", "--country", "Atlantis"], "country 'Atlantis' is not known"),
        (["airwars", "--country", "XXX", "--dry-run"], "country 'XXX' is not known"),
        (["log", "--record", "typo.duckdb"], "there is no record typo.duckdb and no archive typo.archive"),
        (["warc", "x.warc.gz", "--record", "typo.duckdb"], "there is no record typo.duckdb"),
        (["ged", "--version", "../x"], "is no release of UCDP GED"),
        (["acled", "--country", "SYR"], "set ACLED_USERNAME"),
        (["url", "ftp://example.org/a"], "kind that is not fetched"),
        (["url", "http://169.254.169.254/latest/"], "lies in a private network"),
        (["feed", "http://192.168.1.1/feed"], "set AFTERSTRIKE_ALLOW_PRIVATE=192.168.1.1:80"),
    ],
)
def test_what_is_refused_in_one_line(
    command: list[str], words: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["fetch", *command]) == 2
    out, err = capsys.readouterr()
    assert (words in err, err.count("\n"), out) == (True, 1, "")
    assert not any(path.is_file() and path.suffix == ".csv" for path in tmp_path.rglob("*"))


def test_an_outage_leaves_the_earlier_file(server: Any, capsys: pytest.CaptureFixture[str]) -> None:
    command = _serve_candidate(server)
    assert main(command) == 0
    earlier = Path("afterstrike-data/GEDEvent_v26_0_8.csv").read_bytes()
    server.routes["/downloads/candidateged/GEDEvent_v26_0_8.csv"] = lambda reply, asked: reply.send(
        b"no", 404
    )
    assert main(command) == 2
    assert "answered 404" in capsys.readouterr().err
    assert Path("afterstrike-data/GEDEvent_v26_0_8.csv").read_bytes() == earlier


def test_log_and_warc(server: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "log"]) == 0
    assert "holds nothing" in capsys.readouterr().err
    assert not Path("afterstrike-data").exists()
    server.routes["/report"] = b"Two boats sank."
    assert main(["fetch", "url", f"{server.base}/report", "--interval", "0"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Next: afterstrike read afterstrike-data/report"
    assert main(["fetch", "warc", "all.warc.gz"]) == 0
    assert capsys.readouterr().out == "all.warc.gz: 1 retrievals\n"
    assert b"Two boats sank." in gzip.decompress(Path("all.warc.gz").read_bytes())


def test_an_empty_archive_is_said_and_a_warc_has_the_usual_rights(
    server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "warc", "all.warc.gz"]) == 0
    assert "The archive holds nothing;" in capsys.readouterr().err
    server.routes["/report"] = b"Two boats sank."
    before = os.umask(0o027)
    try:
        assert main(["fetch", "url", f"{server.base}/report", "--interval", "0"]) == 0
        assert main(["fetch", "warc", "all.warc.gz"]) == 0
        assert capsys.readouterr().err == ""
        assert main(["fetch", "warc", "none.warc.gz", "--address", "https://example.org/"]) == 0
    finally:
        os.umask(before)
    assert "holds nothing of https://example.org/" in capsys.readouterr().err
    for path in ("all.warc.gz", "afterstrike-data/report"):
        assert Path(path).stat().st_mode & 0o777 == 0o640


def test_looking_makes_no_folders(server: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    Path("x.duckdb").touch()
    assert main(["fetch", "log", "--record", "x.duckdb", "-o", "a/b"]) == 0
    assert "The archive holds nothing" in capsys.readouterr().err
    assert main(["fetch", "log", "-o", "a/b"]) == 0
    more = ["--record", "y/x.duckdb", "-o", "a/b", "--dry-run"]
    assert main(["fetch", "airwars", "--country", "Gaza Strip", "--base-url", server.base, *more]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["x.duckdb"]
    assert server.asked == []


def test_a_killed_fetch_is_gone_on_with(server: Any, tmp_path: Path) -> None:
    body = _candidate(4000)
    half = len(body) // 2

    def route(reply: Any, asked: Any) -> None:
        start = int(asked.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        if start:
            span = f"bytes {start}-{len(body) - 1}/{len(body)}"
            reply.head(206, len(body) - start, ETag='"1"', Content_Range=span)
            reply.write(body[start:])
        else:
            reply.head(200, len(body), ETag='"1"')
            reply.write(body[:half])
            time.sleep(20)

    server.routes["/downloads/candidateged/GEDEvent_v26_0_8.csv"] = route
    words = ["fetch", "ged-candidate", "--version", "26.0.8", "--base-url", server.base, "--interval", "0"]
    process = subprocess.Popen([sys.executable, "-m", "afterstrike", *words], cwd=tmp_path)
    parts = tmp_path / "afterstrike-data" / "archive" / "parts"
    deadline = time.monotonic() + 20
    while not any(one.stat().st_size >= half // 2 for one in parts.glob("*.part")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert not list((tmp_path / "afterstrike-data").glob("*.csv"))
    assert main(words) == 0
    assert server.asked[-1].headers["range"].startswith("bytes=")
    assert (tmp_path / "afterstrike-data" / "GEDEvent_v26_0_8.csv").read_bytes() == body.replace(
        b"\n", b"\r\n"
    )
    assert not list((tmp_path / "afterstrike-data").glob(".*"))
