"""Kill the importing process at random moments: the record is as before, or complete."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from afterstrike.record import open_record

ROWS = 4000
CHILD = """
import sys
from afterstrike.record import open_record
with open_record(sys.argv[1]) as record:
    record.add(sys.argv[2], progress=lambda stage: print(stage, flush=True))
print("done", flush=True)
"""


def start(record: Path, file: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(record), str(file)], stdout=subprocess.PIPE, text=True
    )


def read_until(child: subprocess.Popen[str], stage: str) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if line.strip() == stage:
            return
    raise AssertionError(f"the import never reached {stage!r}")


def state(path: Path) -> tuple[int, int]:
    """Open the record, check that its tables agree with each other, give its events and imports."""
    with open_record(path) as record:
        con = record.connection

        def one(sql: str) -> int:
            return con.execute(sql).fetchall()[0][0]

        events = one("SELECT count(*) FROM events")
        assert events == one("SELECT count(DISTINCT event_id) FROM publisher_columns")
        assert events == one("SELECT count(*) FROM changes WHERE change = 'added'")
        assert events == one("SELECT coalesce(sum(added), 0) FROM imports")
        assert one("SELECT count(*) FROM rejected") == one("SELECT coalesce(sum(rejected), 0) FROM imports")
        assert events % (ROWS - 1) == 0, "half an import"
        return events, one("SELECT count(*) FROM imports")


def test_killed_at_any_moment_the_record_is_as_before_or_complete(tmp_path, write_ged):
    record = tmp_path / "r.duckdb"

    def write(number: int) -> Path:
        rows = [
            {"id": number * 100_000 + i, "source_article": f"agency report {i} " * 20} for i in range(ROWS)
        ]
        rows[5]["latitude"] = 4239  # one rejected row, so that this table takes part as well
        return write_ged(rows, f"f{number}.csv")

    child = start(record, write(0))
    started = time.perf_counter()
    read_until(child, "writing")
    before_writing = time.perf_counter() - started
    read_until(child, "done")
    whole = time.perf_counter() - started
    child.wait()
    expected = state(record)
    assert expected == (ROWS - 1, 1)
    chance = random.Random(20170301)
    outcomes = set()
    for number in range(1, 13):
        child = start(record, write(number))
        if number % 2:  # near the commit, where it matters most
            read_until(child, "writing")
            time.sleep(chance.uniform(0, 1.3 * (whole - before_writing)))
        else:
            time.sleep(chance.uniform(0, whole))
        child.send_signal(signal.SIGKILL)
        child.wait()
        found = state(record)
        complete = (expected[0] + ROWS - 1, expected[1] + 1)
        assert found in (expected, complete)
        outcomes.add(found == complete)
        expected = found
        assert not list(tmp_path.glob("*.tmp/*")), "what the killed process spilled was not cleared"
    assert False in outcomes  # at least one kill came in time to matter
    with open_record(record) as opened:  # and the record still works
        assert opened.add(tmp_path / "f12.csv").read == ROWS


def test_killed_while_the_record_is_made_nothing_stands_under_its_name(tmp_path, write_ged):
    file = write_ged([{}, {"latitude": 4239}])
    chance = random.Random(7)
    for number in range(3):
        record = tmp_path / f"n{number}.duckdb"
        child = start(record, file)
        time.sleep(chance.uniform(0.1, 0.6))
        child.send_signal(signal.SIGKILL)
        child.wait()
        if record.exists():
            with open_record(record) as opened:
                assert opened.summary().events in (0, 1)
