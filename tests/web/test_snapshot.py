"""The record is served while others write it: nothing of ours holds it, and what is shown says as of when."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from afterstrike.record import LayoutOptions, open_record
from afterstrike.web import Settings
from afterstrike.web._problem import Problem
from afterstrike.web._snapshot import SnapshotStore

from .conftest import MAPPING, Visitor, made_rows, mark_of, visit, write_rows


def add_rows(record_path: Path, count: int, folder: Path) -> None:
    """Add rows that the record does not have yet."""
    rows = [row | {"source_id": f"new-{row['source_id']}"} for row in made_rows(count, seed=9)]
    with open_record(record_path) as record:
        record.add(write_rows(folder / "more.csv", rows), options=LayoutOptions(mapping=MAPPING))


def shown(visitor: Visitor) -> int:
    found: int = visitor.get("/record.json").json()["counts"]["total"]
    return found


# a process that opens the record for writing, says so, and keeps it
HOLDER = """
import sys, time
from afterstrike.record import open_record
record = open_record(sys.argv[1])
record.connection.execute("UPDATE events SET place = 'Held' WHERE place = 'Raqqa'")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def hold(record_path: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDER, str(record_path), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_a_change_of_the_record_is_shown_and_the_old_copy_removed(record_path: Path, tmp_path: Path) -> None:
    with visit(Settings(record_path)) as client:
        store: SnapshotStore = client.app.web.store  # type: ignore[attr-defined]
        before, first = shown(client), store.current().path
        add_rows(record_path, 7, tmp_path)
        assert store.refresh() and not store.refresh()
        answer = client.get("/record.json").json()
        assert answer["counts"]["total"] == before + 7
        assert answer["record"]["version"] == 2 and answer["record"]["trouble"] is None
        assert not first.exists() and store.current().path.exists()
        folder = store.current().path.parent.parent
    assert not folder.exists()


def test_the_server_looks_for_changes_by_itself(record_path: Path, tmp_path: Path) -> None:
    with visit(Settings(record_path)) as client:
        before = shown(client)
        add_rows(record_path, 3, tmp_path)
        until = time.monotonic() + 20
        while shown(client) == before and time.monotonic() < until:
            time.sleep(0.05)
        assert shown(client) == before + 3


def test_while_another_process_writes_the_last_copy_is_served_and_says_so(record_path: Path) -> None:
    with visit(Settings(record_path, write_seconds=0.3)) as client:
        store: SnapshotStore = client.app.web.store  # type: ignore[attr-defined]
        before = client.get("/record.json").json()
        holder = hold(record_path, 60)
        try:
            os.utime(record_path)
            assert not store.refresh()
            during = client.get("/record.json").json()
            assert during["rows"] == before["rows"] and during["as_of"] == before["as_of"]
            assert (
                "in use" in during["record"]["trouble"]
                and str(record_path.parent) not in during["record"]["trouble"]
            )
            assert "could not be read yet" in client.get("/record").text
            # a decision waits, then says that nothing was changed
            incident = client.get("/incidents.json").json()["incidents"][0]["incident_id"]
            form = {"csrf": mark_of(client), "grade": "fair", "reason": "x"}
            refused = client.post(
                f"/incidents/{incident}/grade", data=form, headers={"accept": "application/json"}
            )
            assert refused.status_code == 503 and "nothing was changed" in refused.json()["error"]["do"]
        finally:
            holder.kill()
            holder.wait()
        store.refresh()
        after = client.get("/record.json").json()
        assert after["record"]["trouble"] is None


def test_a_writer_killed_in_the_middle_leaves_a_record_that_is_served(record_path: Path) -> None:
    """What it had finished stands in the write-ahead log, which is copied too."""
    with visit(Settings(record_path)) as client:
        assert client.get("/record.json?adm0=SYR").json()["counts"]["shown"] > 0
        holder = hold(record_path, 60)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        assert record_path.with_name(record_path.name + ".wal").exists()
        client.app.web.store.refresh()  # type: ignore[attr-defined]
        rows = [
            row
            for page in range(1, 6)
            for row in client.get("/record.json", params={"page": page}).json()["rows"]
        ]
        places = {row["place"] for row in rows}
        assert "Held" in places and "Raqqa" not in places
        event = next(row["event_id"] for row in rows if row["place"] == "Held")
        assert client.get(f"/events/{event}.json").json()["event"]["place"] == "Held"


def test_a_decision_waits_for_a_writer_that_ends(record_path: Path) -> None:
    with visit(Settings(record_path)) as client:
        incident = client.get("/incidents.json").json()["incidents"][0]["incident_id"]
        form = {"csrf": mark_of(client), "grade": "confirmed", "reason": "waited"}
        holder = hold(record_path, 1.0)
        done = client.post(f"/incidents/{incident}/grade", data=form, headers={"accept": "application/json"})
        assert holder.wait() == 0 and done.status_code == 200
        assert client.get(f"/incidents/{incident}.json").json()["incident"]["reason"] == "waited"


def test_nothing_of_ours_keeps_a_writer_out(record_path: Path, tmp_path: Path) -> None:
    """Readers ask all the time while rows are added from another process, in this one and as a decision."""
    with visit(Settings(record_path)) as client:
        before, problems, stop = shown(client), [], threading.Event()

        def look() -> None:
            while not stop.is_set():
                answer = client.get("/record.json").json()
                if answer["counts"]["shown"] != sum(n for _, n in answer["facets"]["kind"]):
                    problems.append(answer["counts"])

        threads = [threading.Thread(target=look) for _ in range(2)]
        for thread in threads:
            thread.start()
        code = (
            "import sys, time\nfrom afterstrike.record import open_record\nfrom afterstrike.errors import RecordError\n"
            "for n in range(5):\n"
            "  for attempt in range(200):\n"
            "    try: record = open_record(sys.argv[1])\n"
            "    except RecordError: time.sleep(0.05); continue\n"
            "    break\n"
            '  with record: record.connection.execute("INSERT INTO events BY NAME '
            "(SELECT * REPLACE ('late:' || ? AS event_id) "
            'FROM events LIMIT 1)", [n])\n'
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(record_path)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        stop.set()
        for thread in threads:
            thread.join()
        client.app.web.store.refresh()  # type: ignore[attr-defined]
        assert done.returncode == 0, done.stderr
        assert shown(client) == before + 5 and not problems


def test_a_record_that_cannot_be_read_yet_is_503_and_healthz_says_so(tmp_path: Path) -> None:
    path = tmp_path / "later.duckdb"
    with visit(Settings(path)) as client:
        answer = client.get("/record.json")
        assert answer.status_code == 503 and answer.headers["retry-after"] == "5"
        assert str(tmp_path) not in answer.text and "later.duckdb" in answer.text
        assert client.get("/healthz.json").json()["state"] == "waiting for the record"
        path.write_bytes(b"no record at all")
        assert client.get("/record.json").status_code == 503
        path.unlink()
        with open_record(path) as record:
            record.add(
                write_rows(tmp_path / "rows.csv", made_rows(5)), options=LayoutOptions(mapping=MAPPING)
            )
        assert shown(client) == 5


def test_a_record_that_goes_away_is_served_on(record_path: Path) -> None:
    with visit(Settings(record_path)) as client:
        before = shown(client)
        record_path.unlink()
        client.app.web.store.refresh()  # type: ignore[attr-defined]
        answer = client.get("/record.json").json()
        assert answer["counts"]["total"] == before and "does not exist" in answer["record"]["trouble"]
        form = {"csrf": mark_of(client), "incident": ["a", "b"], "reason": "x"}
        assert client.post("/incidents/merge", data=form).status_code in (404, 503)
        assert not record_path.exists()


def test_a_record_without_events_is_served(tmp_path: Path) -> None:
    path = tmp_path / "empty.duckdb"
    record: Any = open_record(path)
    record._is_new = False  # else it would be removed again
    record.close()
    with visit(Settings(path)) as client:
        for address in ("/record", "/incidents", "/effects", "/sources", "/changes", "/briefs"):
            assert client.get(address).status_code == 200, address
        answer = client.get("/record.json").json()
        assert answer["counts"]["shown"] == 0 and answer["series"]["weeks"] == [] and answer["rows"] == []
        drawn = client.get("/record/map.json").json()
        assert drawn["points"] == [] and drawn["drawn"] == 0
        for ending in ("csv", "geojson", "parquet"):
            assert client.get(f"/record/download.{ending}").status_code == 200


def test_the_store_alone_says_why_it_has_nothing(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "none.duckdb")
    with pytest.raises(Problem, match="does not exist"):
        store.current()
    store.stop()


def test_an_app_that_was_stopped_may_be_started_again(record_path: Path) -> None:
    client = visit(Settings(record_path))
    with client:
        before = shown(client)
    with client:
        assert shown(client) == before


def test_copies_of_a_server_that_was_killed_are_removed_by_the_next(
    record_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, living = (
        tmp_path / f"afterstrike-serve-{gone.pid}-x",
        tmp_path / f"afterstrike-serve-{os.getppid()}-x",
    )
    for folder in (left, living):
        folder.mkdir()
        (folder / "copy.duckdb").write_text("x")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = SnapshotStore(record_path)
    assert not list(tmp_path.glob(f"afterstrike-serve-{os.getpid()}-*")), "a copy before there is a visitor"
    store.current()
    assert not left.exists() and living.exists() and store.current().path.is_relative_to(tmp_path)
    store.stop()
    assert not list(tmp_path.glob(f"afterstrike-serve-{os.getpid()}-*"))


def test_any_fault_of_the_record_is_said_and_the_last_copy_served_on(
    record_path: Path, monkeypatch: Any
) -> None:

    store = SnapshotStore(record_path)
    first = store.current()
    os.utime(record_path, (1, 1))
    monkeypatch.setattr(SnapshotStore, "_copy", lambda *_: 1 / 0)
    assert store.refresh() is False and "division" in str(store.trouble)
    assert store.current() is first
    monkeypatch.undo()
    assert store.refresh() is True and store.trouble is None
