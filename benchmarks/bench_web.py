"""Measure `afterstrike serve` under twenty readers: the answers of /record.json and /record/map.json.

    python benchmarks/bench_web.py [--events 20000 100000] [--readers 20] [--seconds 20] [--no-write]

Starts the real server on a free port of this machine, with a made record, and asks over loopback from a process of its
own; server and readers share the machine's cores. Readers ask, wait for the whole answer, and ask again at once.
"varied": each question is asked once, so no answer is known already; "repeated": twenty questions over and over.
Prints a Markdown table and writes benchmarks/results/web.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import duckdb
import psutil

from afterstrike.record import EVENT_KINDS, open_record

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks/results/web.json"
BAR_MS = 150.0
SEED = 7
COUNTRIES = ("SYR", "IRQ", "YEM", "SOM", "MLI")

# Each random number is a hash of (row, salt): the record is the same on every machine. Events cluster around 400 towns,
# as events do; some have no place, no day, or only a month.
MADE = """
SELECT 'made:' || i AS event_id, kinds[1 + (u(1) * 7.99)::INT % 8] AS kind,
  CASE WHEN u(2) < 0.01 THEN NULL ELSE day END AS date_start,
  CASE WHEN u(2) < 0.01 THEN NULL ELSE day + (u(3) * u(3) * 6)::INT END AS date_end,
  CASE WHEN u(2) < 0.01 THEN NULL WHEN u(2) < 0.08 THEN 4 ELSE 1 + (u(4) * 2.4)::INT END AS date_precision,
  1 + (pow(u(5), 3) * 6.4)::INT AS geo_precision,
  CASE WHEN u(6) < 0.05 THEN NULL ELSE round(12 + 24 * v(town, 1) + (u(7) - 0.5) * 0.6, 3) END AS lat,
  CASE WHEN u(6) < 0.05 THEN NULL ELSE round(36 + 14 * v(town, 2) + (u(8) - 0.5) * 0.6, 3) END AS lon,
  'Town ' || town || ' quarter ' || (u(9) * 12)::INT AS place, countries[1 + town % 5] AS adm0,
  'Province ' || town % 60 AS adm1, 'Group ' || (u(10) * 39)::INT AS side_a, 'Group ' || 40 + (u(11) * 39)::INT AS side_b,
  CASE WHEN u(12) < 0.6 THEN 'Group ' || (u(10) * 39)::INT END AS initiator,
  CASE WHEN u(13) < 0.7 THEN (u(14) * u(14) * 20)::INT END AS deaths,
  'words of a source about what was seen in town ' || town || ', of the usual length of such words' AS source_text
FROM (SELECT i, (pow(u(0), 2) * 400)::INT AS town,
    DATE '2012-01-01' + (u(15) * 4700)::INT AS day FROM range(1, {rows} + 1) t(i)),
  (SELECT {kinds} AS kinds, {countries} AS countries)
"""


def make_record(path: Path, rows: int) -> None:
    """Write a record of so many made events."""
    import re

    sql = MADE.format(rows=rows, kinds=list(EVENT_KINDS), countries=list(COUNTRIES))
    sql = re.sub(r"\bu\((\d+)\)", rf"((hash({SEED}, i, \1) % 1000003) / 1000003.0)", sql)
    sql = re.sub(r"\bv\((\w+), (\d+)\)", rf"((hash({SEED}, \1, \2, 99) % 1000003) / 1000003.0)", sql)
    names = (
        "event_id, kind, date_start, date_end, date_precision, geo_precision, lat, lon, place, adm0, adm1, side_a, side_b, "
        "initiator, source_text"
    )
    with open_record(path) as record:
        record.connection.execute(
            f"INSERT INTO events ({names}, fatalities_low, fatalities_best, fatalities_high, civilian_fatalities_best, "
            "civilian_fatalities_high, dataset, dataset_version, licence, import_id) "
            f"SELECT {names}, deaths, deaths, deaths + 1, deaths // 2, deaths // 2, 'made', '1', 'none', 'import-1' "
            f"FROM ({sql})"
        )
        record.connection.execute(
            "INSERT INTO imports (import_id, number, started_at, rows_read, added) "
            "VALUES ('import-1', 1, now()::TIMESTAMP, ?, ?)",
            [rows, rows],
        )
        record.connection.execute(
            "INSERT INTO datasets VALUES ('made', '1', 'Made events', 'none', 'made here', false, 'import-1')"
        )


def question(rng: random.Random, path: str) -> str:
    """Give one selection as a reader might choose it: zero to four filters, a page, a zoom."""
    asked: dict[str, object] = {}
    if rng.random() < 0.5:
        asked["kind"] = rng.sample(EVENT_KINDS, rng.randint(1, 3))
    if rng.random() < 0.6:
        first = rng.randint(0, 4500)
        asked["from"] = str(_day(first))
        asked["to"] = str(_day(first + rng.randint(7, 1500)))
    if rng.random() < 0.25:
        asked["adm0"] = rng.sample(COUNTRIES, 2)
    if rng.random() < 0.2:
        asked["initiator"] = [f"Group {rng.randint(0, 39)}" for _ in range(3)]
    if rng.random() < 0.35:
        west, south = rng.uniform(36, 46), rng.uniform(12, 32)
        asked["bbox"] = (
            f"{west:.3f},{south:.3f},{west + rng.uniform(1, 8):.3f},{south + rng.uniform(1, 8):.3f}"
        )
    if rng.random() < 0.15:
        asked["precision"] = rng.randint(1, 5)
    if rng.random() < 0.1:
        asked["harm"] = 1
    if path.endswith("map.json"):
        asked["zoom"] = round(rng.uniform(2, 11), 3)
    else:
        asked["page"] = rng.randint(1, 3)
        asked["sort"] = rng.choice(("-date", "date", "-fatalities", "place"))
    return f"{path}?{urlencode(asked, doseq=True)}"


def _day(number: int) -> object:
    import datetime as dt

    return dt.date(2012, 1, 1) + dt.timedelta(days=number)


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, host: str
) -> tuple[int, bytes]:
    writer.write(f"GET {address} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length:")[2].partition("\r\n")[0])
    return int(head[9:12]), await reader.readexactly(length)


async def _read(host: str, port: int, addresses: list[str], readers: int, seconds: float) -> list[float]:
    """Have readers ask for the addresses in turn; give the time of each answer in ms."""
    left, times = iter(addresses), []
    until = time.perf_counter() + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection(host, port, limit=1 << 24)
        for address in left:
            started = time.perf_counter()
            if started > until:
                break
            status, body = await _ask(reader, writer, address, f"{host}:{port}")
            times.append((time.perf_counter() - started) * 1000)
            if status != 200 or body[:1] != b"{":
                raise SystemExit(f"{address} answered {status}: {body[:200]!r}")
        writer.close()

    await asyncio.gather(*(one() for _ in range(readers)))
    return times


def readers_main(address: str, readers: int, seconds: float, mode: str) -> None:
    """Run the readers and print their times; called in a process of its own."""
    parts = urlsplit(address)
    rng = random.Random(SEED)
    paths = ("/record.json", "/record/map.json")
    if mode == "repeated":
        pool = [question(rng, paths[n % 2]) for n in range(20)]
        addresses = [rng.choice(pool) for _ in range(200_000)]
    else:
        addresses = [question(rng, paths[n % 2] if mode == "varied" else mode) for n in range(30_000)]
    print(json.dumps(asyncio.run(_read(str(parts.hostname), parts.port or 80, addresses, readers, seconds))))


def serve(path: Path) -> tuple[subprocess.Popen[str], str]:
    """Start the real server on a free port; give its process and address."""
    command = [sys.executable, "-m", "afterstrike", "serve", str(path), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    return server, server.stdout.readline().split()[-1]


def bench(rows: int, folder: Path, readers: int, seconds: float) -> list[dict[str, object]]:
    """Serve a record of so many events and have it read."""
    path = folder / f"made_{rows}.duckdb"
    make_record(path, rows)
    started = time.perf_counter()
    server, address = serve(path)
    up = time.perf_counter() - started
    process = psutil.Process(server.pid)
    results = []
    try:
        for mode in ("varied", "/record.json", "/record/map.json", "repeated"):
            command = [
                sys.executable,
                __file__,
                "--read",
                address,
                "--readers",
                str(readers),
                "--seconds",
                str(seconds),
                "--mode",
                mode,
            ]
            before, machine_before, began = process.cpu_times(), _busy(), time.perf_counter()
            readers_before = os.times().children_user + os.times().children_system
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(done.stderr or done.stdout)
            after, took = process.cpu_times(), time.perf_counter() - began
            readers_cpu = os.times().children_user + os.times().children_system - readers_before
            times = sorted(json.loads(done.stdout))
            if len(times) < 100:
                raise SystemExit(f"only {len(times)} answers; give more --seconds")
            cpu = after.user + after.system - before.user - before.system
            others = max(0.0, _busy() - machine_before - cpu - readers_cpu) / took
            results.append(
                {
                    "events": rows, "mode": mode, "readers": readers, "answers": len(times),
                    "answers_a_second": round(len(times) / seconds, 1), "p50_ms": _share(times, 0.50),
                    "p95_ms": _share(times, 0.95), "p99_ms": _share(times, 0.99), "most_ms": round(times[-1], 1),
                    "server_cpu_ms_an_answer": round(cpu / len(times) * 1000, 2),
                    "rss_mb": round(process.memory_info().rss / 1e6), "seconds_until_up": round(up, 2), "bar_p95_ms": BAR_MS,
                    "cores_used_by_others": round(others, 2),
                }
            )  # fmt: skip
    finally:
        server.terminate()
        server.wait(timeout=20)
    return results


def _busy() -> float:
    """Give the seconds of all cores together that anything has used."""
    found = psutil.cpu_times()
    return float(found.user + found.nice + found.system + getattr(found, "steal", 0.0))


def _share(times: list[float], share: float) -> float:
    return round(times[min(len(times) - 1, int(share * len(times)))], 1)


def machine() -> str:
    """Describe the machine and versions."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f"load average {os.getloadavg()[0]:.1f} at the start"
    return f"{platform.machine()}, {cores} cores ({load}), Python {platform.python_version()}, DuckDB {duckdb.__version__}"


def main() -> None:
    """Measure, print the table, keep the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--no-write", action="store_true")
    parser.add_argument("--read", help=argparse.SUPPRESS)
    parser.add_argument("--mode", default="varied", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        readers_main(arguments.read, arguments.readers, arguments.seconds, arguments.mode)
        return
    where = machine()
    results = []
    with tempfile.TemporaryDirectory(prefix="afterstrike-bench-") as name:
        for rows in arguments.events:
            results += bench(rows, Path(name), arguments.readers, arguments.seconds)
    print(f"{where}\n")
    print(
        "| events | asked | answers | a second | p50 ms | p95 ms (bar) | p99 ms | server CPU ms | RSS MB | cores others used |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for row in results:
        print(
            f"| {row['events']:,} | {row['mode']} | {row['answers']:,} | {row['answers_a_second']} | {row['p50_ms']} "
            f"| {row['p95_ms']} (< {BAR_MS:g}) | {row['p99_ms']} | {row['server_cpu_ms_an_answer']} | {row['rss_mb']} "
            f"| {row['cores_used_by_others']} |"
        )
    if not arguments.no_write:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps({"machine": where, "results": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
