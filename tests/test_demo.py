"""One command brings up record, watch and web app, and Ctrl-C ends all three."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest


@pytest.mark.slow
def test_the_demo_watches_and_serves_until_it_is_stopped(root: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "tools/demo.py",
        "--folder",
        str(tmp_path / "demo"),
        "--port",
        "0",
        "--no-open",
    ]
    log = (tmp_path / "log").open("w")
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=log, text=True) as demo:
        try:
            assert demo.stdout is not None
            address = demo.stdout.readline().split()[2]
            until = time.monotonic() + 90
            found: list[dict[str, object]] = []
            while len(found) < 6 and time.monotonic() < until:
                time.sleep(0.5)
                found = httpx.get(f"{address}incidents.json", trust_env=False).json()["incidents"]
            assert {one["grade"] for one in found} >= {"fair", "weak", "contested"}, found
            market = next(one for one in found if one["grade"] == "fair" and one["kind"] == "strike")
            told = httpx.get(f"{address}incidents/{market['incident_id']}.json", trust_env=False).json()
            assert {one["lang"] for one in told["tellings"]} == {"en", "ar"}
            assert all(one["quotes"] and one["archive"] for one in told["tellings"])
            for page in ("effects", "briefs"):
                assert httpx.get(f"{address}{page}.json", trust_env=False).json()["total"] >= 1
        finally:
            demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0, (tmp_path / "log").read_text()
