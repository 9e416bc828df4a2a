"""`afterstrike watch`: init, check, run --once, and ending on a signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from afterstrike.cli import main

TEXT = "An airstrike hit the market of Raqqa in Syria on Monday and killed nine civilians, medics said."
FEED = f"""<rss version="2.0"><channel><title>x</title><item><guid isPermaLink="false">1</guid><title>News</title>
<description>{TEXT}</description><pubDate>Mon, 02 Mar 2026 09:00:00 GMT</pubDate></item></channel></rss>"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = FEED.encode() if self.path == "/rss" else b"none"
        self.send_response(200 if self.path == "/rss" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def file(tmp_path: Path) -> Any:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    path = tmp_path / "watch.yaml"
    path.write_text(
        f"record: r.duckdb\nallow_private: ['127.0.0.1:{port}']\nplaces: [Syria, Nowhereville]\n"
        f"sources:\n  - {{name: north, feed: 'http://127.0.0.1:{port}/rss', outlet: North}}\n"
    )
    yield path
    server.shutdown()
    server.server_close()


def test_init_writes_a_file_that_check_takes_and_never_writes_over_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "watch.yaml"
    assert main(["watch", "init", str(path)]) == 0
    assert main(["watch", "check", str(path)]) == 0
    assert "3 sources" in capsys.readouterr().out
    path.write_text("mine")
    assert main(["watch", "init", str(path)]) == 2
    assert path.read_text() == "mine" and "left as it is" in capsys.readouterr().err


def test_check_says_what_a_file_comes_to(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "check", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["places_not_known"] == ["Nowhereville"] and "civilian harm in Syria" in found["series"]
    assert main(["watch", "check", str(file)]) == 0
    assert "counts for nothing" in capsys.readouterr().err


def test_once_reads_what_is_due_and_a_source_that_is_down_is_no_failure(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(file.read_text() + "  - {name: south, feed: 'http://127.0.0.1:9/rss'}\n")
    assert main(["watch", str(file), "--once", "--json"]) == 0
    rounds = json.loads(capsys.readouterr().out)
    assert rounds[0]["kept"]["read"] == 1 and sum(rounds[0]["polls"].values()) == 2
    assert main(["incidents", "show", "--record", str(file.with_name("r.duckdb")), "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one["civilian_fatalities_low"] == 9
    assert main(["watch", str(file), "--once"]) == 0
    assert "none due" in capsys.readouterr().out


def test_a_bad_file_and_a_record_held_by_another_watch_exit_2(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from afterstrike.watch._lock import only_watch

    with only_watch(file.with_name("r.duckdb")):
        assert main(["watch", str(file), "--once"]) == 2
    assert "watched already by process" in capsys.readouterr().err
    file.write_text("sources: 3")
    assert main(["watch", str(file), "--once"]) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(file: Path, number: int) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "afterstrike", "watch", str(file)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    assert child.stderr is not None
    assert "1 read" in child.stderr.readline()
    child.send_signal(number)
    assert child.wait(30) == 0
    assert "Ending" in child.stderr.read()
    assert file.with_name("r.duckdb.watch.lock").read_text() == ""
