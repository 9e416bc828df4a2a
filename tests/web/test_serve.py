"""The command: it says where it listens, serves, stops when it is told to, and refuses what it cannot do."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from afterstrike.cli import main

TOKEN = "a token long enough to be hard to guess"


@contextmanager
def served(*arguments: str, **environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "afterstrike", "serve", *arguments, "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1], process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def get(address: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(
        address, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as problem:
        return problem.code, problem.read().decode()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_on_loopback_and_stops_when_told_to(made_record: Path, stop: signal.Signals) -> None:
    with served(str(made_record)) as (address, process):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
        assert get(f"{address}record.json?adm1=secret-search")[0] == 200
        assert get(address)[0] == 200
        process.send_signal(stop)
        out, err = process.communicate(timeout=20)
    assert process.returncode in (0, 130, -stop), err
    assert out == "" and "Traceback" not in err
    assert "GET /record.json 200" in err and "secret-search" not in err


def test_other_hosts_need_the_token_that_is_printed_once(made_record: Path) -> None:
    with served(str(made_record), "--host", "0.0.0.0") as (address, process):
        assert process.stderr is not None
        token = process.stderr.readline().rpartition(" ")[2].strip()
        local = address.replace("0.0.0.0", "127.0.0.1")
        assert len(token) >= 24 and get(f"{local}record.json")[0] == 401
        assert get(f"{local}record.json", authorization=f"Bearer {token}")[0] == 200
        process.send_signal(signal.SIGINT)
        assert token not in process.communicate(timeout=20)[1].replace(f"?token={token}", "", 1)


def test_a_token_from_the_environment_is_not_printed(made_record: Path) -> None:
    with served(str(made_record), "--read-only", AFTERSTRIKE_TOKEN=TOKEN) as (address, process):
        assert get(f"{address}record.json")[0] == 401
        assert get(f"{address}record.json", authorization=f"Bearer {TOKEN}")[0] == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert TOKEN not in out + err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no record"),
        (["none.duckdb"], "is no file"),
        (["RECORD", "--host", "203.0.113.77"], "cannot be listened on"),
        (["RECORD", "--token", "short", "--host", "0.0.0.0"], "can be guessed"),
        (["RECORD", "--host", "no host"], "cannot be listened on"),
    ],
)
def test_what_cannot_be_served_is_refused(
    arguments: list[str],
    words: str,
    made_record: Path,
    tmp_path: Path,
    capsys: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AFTERSTRIKE_RECORD", raising=False)
    given = [str(made_record) if one == "RECORD" else one for one in arguments]
    assert main(["serve", *given, "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert words in said and "Traceback" not in said and said.count("\n") == 1


def test_a_port_that_is_taken_is_refused(made_record: Path, capsys: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["serve", str(made_record), "--port", str(taken.getsockname()[1])]) == 2
    assert "--port" in capsys.readouterr().err


def test_help_imports_no_server(tmp_path: Path) -> None:
    code = (
        "import sys; from afterstrike.cli import main; main(['serve', '--help']); "
        "print([m for m in sys.modules if 'starlette' in m or 'duckdb' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--allow-host" in done.stdout and done.stdout.rstrip().endswith("[]")


def test_public_names_are_exported() -> None:
    import afterstrike.web

    assert sorted(afterstrike.web.__all__) == ["Settings", "create_app", "serve"]
    for name in afterstrike.web.__all__:
        assert getattr(afterstrike.web, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = afterstrike.web.nothing


def test_what_is_no_record_is_refused_at_once(tmp_path: Path) -> None:
    file = tmp_path / "watch.yaml"
    file.write_text("sources: []")
    command = [sys.executable, "-m", "afterstrike", "serve", str(file), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and "is no record" in done.stderr
