"""A newsroom on this machine in one command: a record, a watch of a sample press, and the web app.

    python tools/demo.py [--folder out/demo] [--port 8000] [--no-open] [--keep]

The record holds the simulated theatre that ships (places in the ocean, so that nobody takes it for real); the press is
`demo_press.toml`, invented too, served on a loopback port. The watch polls it each minute: a minute in, one report is
corrected and another taken back, and the incidents, their grades and the change log follow; a digest is written after
two minutes. Ctrl-C ends all of it.
"""

from __future__ import annotations

import argparse
import html
import shutil
import sys
import threading
import time
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PRESS = Path(__file__).with_name("demo_press.toml")
SAMPLES = ("desert-strikes", "layla-ala-al-badiya")


class Press:
    """Serves the feeds and pages of the sample outlets on a loopback port."""

    def __init__(self) -> None:
        told = tomllib.loads(PRESS.read_text(encoding="utf-8"))
        self.outlets: dict[str, dict[str, str]] = {one["name"]: one for one in told["outlet"]}
        self._items: list[dict[str, Any]] = told["item"]
        self._began = time.monotonic()
        press = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = press.answer(self.path)
                self.send_response(200 if found else 404)
                kind, body = found or ("text/plain; charset=utf-8", "no such page")
                raw = body.encode("utf-8")
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                """Say nothing: the watch says what it asked for."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def now(self, outlet: str) -> dict[str, dict[str, Any]]:
        """Give the items an outlet shows by now, each in its last version."""
        elapsed = time.monotonic() - self._began
        mine = [one for one in self._items if one["outlet"] == outlet and one.get("after", 0) <= elapsed]
        return {one["id"]: one for one in mine}

    def answer(self, path: str) -> tuple[str, str] | None:
        """Give media type and body of a path; None where there is nothing."""
        outlet, _, name = path.strip("/").partition("/")
        if path == "/robots.txt":
            return "text/plain", "User-agent: *\nAllow: /\n"
        if outlet not in self.outlets:
            return None
        items = self.now(outlet)
        if name == "feed.xml":
            return "application/rss+xml; charset=utf-8", self._feed(outlet, items)
        item = items.get(name.removesuffix(".html"))
        return ("text/html; charset=utf-8", self._page(outlet, item)) if item else None

    def _feed(self, outlet: str, items: dict[str, dict[str, Any]]) -> str:
        entries = "".join(
            f"<item><guid isPermaLink='false'>{outlet}-{key}</guid><title>{html.escape(one['title'])}</title>"
            f"<link>http://{self.host}/{outlet}/{key}.html</link><pubDate>{_stamp(one['published'])}</pubDate>"
            f"<description>{html.escape(one['text'].strip().splitlines()[0])}</description></item>"
            for key, one in items.items()
        )
        title = html.escape(self.outlets[outlet]["title"])
        return (
            f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{title}</title>"
            f"<link>http://{self.host}/{outlet}/</link><description>A sample</description>{entries}</channel></rss>"
        )

    def _page(self, outlet: str, item: dict[str, Any]) -> str:
        lang = self.outlets[outlet]["lang"]
        body = "".join(f"<p>{html.escape(part)}</p>" for part in item["text"].strip().split("\n\n"))
        return (
            f"<!doctype html><html lang='{lang}' dir='{'rtl' if lang == 'ar' else 'ltr'}'><head><meta charset='utf-8'>"
            f"<title>{html.escape(item['title'])}</title>"
            f"<meta property='article:published_time' content='{item['published']}T09:00:00Z'></head>"
            f"<body><article><h1>{html.escape(item['title'])}</h1>{body}</article></body></html>"
        )


def _stamp(day: str) -> str:
    return format_datetime(datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC))


def prepare(folder: Path) -> Path:
    """Make record, briefs and one effect where they are not there yet; give the record."""
    from afterstrike.brief import build_brief, open_sample
    from afterstrike.effects import Study, matched_wakes, save_effect
    from afterstrike.record import LayoutOptions, load_mapping, open_record
    from afterstrike.record.shipped import simulated_path

    folder.mkdir(parents=True, exist_ok=True)
    record = folder / "demo.duckdb"
    if not record.exists():
        path = simulated_path()
        with open_record(record) as opened:
            mapping = load_mapping(path.with_suffix(".mapping.toml"))
            say(opened.add(path, layout="mapping", options=LayoutOptions(mapping=mapping)).summary())
    effect = folder / "demo.effects" / "simulated-strikes"
    if not effect.exists():
        say("Estimating what simulated strikes were followed by")
        with open_record(record, read_only=True) as opened:
            study = Study(treatment=opened.events(kind="strike"), outcome=opened.events(kind="attack"))
        effect.mkdir(parents=True)
        save_effect(matched_wakes(study, days=(7, 14, 30), km=(25,)), effect)
    for name in SAMPLES:
        brief = folder / "demo.briefs" / name
        if not brief.exists():
            say(f"Making the brief of the sample article {name}")
            sample = open_sample(name)
            brief.mkdir(parents=True)
            build_brief(sample.path, published=sample.published, title=sample.title).save(brief)
    return record


def watch(record: Path, press: Press) -> Any:
    """Give a watch of the press that writes into the record."""
    import yaml

    from afterstrike.watch import Watch, load_watch

    sources = [
        {"name": name, "feed": f"http://{press.host}/{name}/feed.xml", "lang": one["lang"], "outlet": one["title"],
         "every": "5m", "licence": "invented for afterstrike"}
        for name, one in press.outlets.items()
    ]  # fmt: skip
    told = {"record": record.name, "sources": sources, "allow_private": [press.host], "places": ["Deir ez-Zor", "Palmyra"],
            "digest": {"folder": "digests", "at": f"{datetime.now(UTC) + timedelta(minutes=2):%H:%M}"}}  # fmt: skip
    config = record.with_name("watch.yaml")
    config.write_text(
        "# every source is asked each minute in the demo, which no file may say\n"
        + yaml.safe_dump(told, allow_unicode=True, sort_keys=False),
        encoding="utf-8",
    )
    loaded = load_watch(config)
    # a real site is asked every five minutes at most; this one is our own
    loaded = replace(loaded, sources=tuple(replace(source, every_minutes=1) for source in loaded.sources))
    return Watch(loaded, log=say, min_interval_seconds=0.02, round_seconds=5)


def say(line: str) -> None:
    """Write a line of progress."""
    print(line, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare, watch and serve until Ctrl-C."""
    import webbrowser

    from afterstrike.web import Settings, serve

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "out" / "demo")
    parser.add_argument("--port", type=int, default=8000, help="0 takes any that is free")
    parser.add_argument("--no-open", action="store_true", help="do not open the browser")
    parser.add_argument("--keep", action="store_true", help="go on with what the last demo left, not anew")
    given = parser.parse_args(arguments)
    if not given.keep:
        shutil.rmtree(given.folder, ignore_errors=True)
    record = prepare(given.folder)
    press = Press()
    watching = watch(record, press)
    thread = threading.Thread(target=watching.run)
    thread.start()

    def started(address: str) -> None:
        print(f"The newsroom: {address}  (Ctrl-C ends it)", flush=True)
        if not given.no_open:
            webbrowser.open(address)

    try:
        serve(Settings(record), port=given.port, started=started)
    finally:
        watching.stop()
        thread.join(30)
        press.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
