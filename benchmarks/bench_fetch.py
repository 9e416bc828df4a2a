"""Measure a large download: the fetcher into its archive beside plain httpx into a file, in the same run.

    python benchmarks/bench_fetch.py [--megabytes 500] [--repeats 3] [--no-write]

A server in a process of its own sends the bytes over the loopback; each download runs in a fresh process, so that
its peak memory is its own. The fetcher also checks addresses, hashes, forces to the disk and logs. Prints a
Markdown table and writes benchmarks/results/fetch.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks/results/fetch.json"

SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
size, piece = int(sys.argv[1]), bytes(range(256)) * 4096
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): ...
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        for start in range(0, size, len(piece)):
            self.wfile.write(piece[:min(len(piece), size - start)])
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"""

MEASURE = """
import json, resource, sys, time
from pathlib import Path
address, folder = sys.argv[1], Path(sys.argv[2])
{before}
loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
{work}
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({{"seconds": seconds, "peak_mb": peak / 1024, "grown_mb": (peak - loaded) / 1024}}))
"""

PLAIN = MEASURE.format(
    before="import httpx",
    work="""
with httpx.stream("GET", address) as answer, (folder / "plain").open("wb") as out:
    for part in answer.iter_raw():
        out.write(part)
""",
)
FETCHER = MEASURE.format(
    before="""
from afterstrike.sources import Archive, WebFetcher
web = WebFetcher(Archive(folder), allow_private=[address.split("/")[2]])
web.exchange
""",
    work="web.get(address)",
)


def run(code: str, address: str) -> dict[str, float]:
    """Download once in a fresh process, into a fresh folder."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code, address, folder], capture_output=True, text=True, check=True
        )
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    size = options.megabytes * 1_000_000
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(size)], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = f"http://127.0.0.1:{server.stdout.readline().strip()}/file"
        runs: dict[str, list[dict[str, float]]] = {"plain httpx": [], "fetcher and archive": []}
        for _ in range(options.repeats):
            runs["plain httpx"].append(run(PLAIN, address))
            runs["fetcher and archive"].append(run(FETCHER, address))
    finally:
        server.terminate()
        server.wait()
    rows = {
        name: {
            "megabytes_per_second": round(
                statistics.median(options.megabytes / one["seconds"] for one in found)
            ),
            "peak_mb": round(max(one["peak_mb"] for one in found), 1),
            "grown_mb": round(max(one["grown_mb"] for one in found), 1),
        }
        for name, found in runs.items()
    }
    pairs = zip(runs["fetcher and archive"], runs["plain httpx"], strict=True)
    ratio = statistics.median(ours["seconds"] / plain["seconds"] for ours, plain in pairs)
    print(
        f"| {options.megabytes} MB over the loopback | MB/s (median) | peak MB | grown while downloading, MB |"
    )
    print("|---|---|---|---|")
    for name, row in rows.items():
        print(f"| {name} | {row['megabytes_per_second']} | {row['peak_mb']} | {row['grown_mb']} |")
    print(
        f"\nThe fetcher takes {ratio:.2f} times as long as plain httpx (median of {options.repeats} pairs)."
    )
    if not options.no_write:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
        written = {
            "megabytes": options.megabytes,
            "repeats": options.repeats,
            "ratio_of_times": round(ratio, 2),
        }
        RESULTS.write_text(json.dumps({**written, "rows": rows, "machine": machine}, indent=1) + "\n")


if __name__ == "__main__":
    main()
